// SPDX-License-Identifier: GPL-2.0-only
/**
 * The machine as a network of components: each node with its tasks, and one of the tasks that
 * belong to no node. All words that can change are in parts. A component may touch its own part,
 * and parts that it shares with others. Nothing of this is believed: see learner.ts.
 */
import type { Machine, Region } from '../machine.ts';
import { Part } from './part.ts';

/** How globals are divided, by name; the elements of other arrays belong to their nodes. */
export interface Division {
	/** arrays by node: what a node shares with the tasks that belong to no node */
	links: readonly string[];
	/** what only those tasks touch */
	cluster: readonly string[];
	/** Everything else that belongs to no node is shared by all nodes. */
}

export interface Component {
	/** `node 1` */
	name: string;
	tasks: number[];
	/** numbers of the parts that it may touch, its own first */
	parts: Int32Array;
}

export interface Partition {
	components: Component[];
	parts: Part[];
	/** by address: number of a part, or -1 of a word that does not change */
	partOf: Int16Array;
	/** by task */
	componentOf: Int32Array;
}

/** Why a machine has no components; undefined: it has. */
export function indivisible({ access, names, pieces, constants }: Machine): string | undefined {
	if (!access || !names || !pieces) return 'the machine does not record accesses';
	if (constants.NR_NODES < 2) return 'one node is one component';
	return undefined;
}

export function partitionOf(machine: Machine, division: Division): Partition {
	const nodes = machine.constants.NR_NODES;
	const names = machine.names!;
	const owner = ownersOf(machine, division, names.nodeOf);
	// own part of each node and of the cluster, links, and what all nodes share
	const words: number[][] = Array.from({ length: 2 * nodes + 2 }, () => []);
	const partOf = new Int16Array(machine.words).fill(-1);
	for (const { start, length } of machine.regions)
		for (let a = start; a < start + length; a++) {
			if (partOf[a] >= 0) continue;
			partOf[a] = owner[a];
			words[owner[a]].push(a);
		}
	const numbers = Array.from({ length: nodes }, (_, n) => n);
	const nameOf = (part: number): string => {
		if (part < nodes) return `node ${part}`;
		if (part === nodes) return 'the cluster';
		return part <= 2 * nodes ? `the link of node ${part - nodes - 1}` : 'what nodes share';
	};
	const componentOf = Int32Array.from(machine.tasks, ({ node }) => (node < 0 ? nodes : node));
	return {
		parts: words.map((list, part) => new Part(nameOf(part), Int32Array.from(list))),
		partOf,
		componentOf,
		components: Array.from({ length: nodes + 1 }, (_, c) => ({
			name: nameOf(c),
			tasks: [...componentOf.keys()].filter((t) => componentOf[t] === c),
			parts: Int32Array.from(
				c < nodes ? [c, nodes + 1 + c, 2 * nodes + 1] : [c, ...numbers.map((n) => nodes + 1 + n)],
			),
		})),
	};
}

/** By address: the part of a word, if it changes. */
function ownersOf(machine: Machine, division: Division, nodeOf: Int16Array): Int16Array {
	const nodes = machine.constants.NR_NODES;
	const shared = 2 * nodes + 1;
	const owner = Int16Array.from(nodeOf, (node) => (node < 0 ? shared : node));
	const each = (list: readonly string[], part: (a: number) => number): void => {
		for (const name of list) {
			const field = machine.globals[name];
			if (!field) continue;
			for (let a = field.offset; a < field.offset + field.size; a++) owner[a] = part(a);
		}
	};
	each(division.cluster, () => nodes);
	each(division.links, (a) => (nodeOf[a] < 0 ? nodes : nodes + 1 + nodeOf[a]));
	for (const { node, base, size } of machine.tasks)
		owner.fill(node < 0 ? nodes : node, base, base + size);
	return owner;
}

/** A word in messages. */
export function wordName({ regions }: Machine, address: number): string {
	const region = regions.find(({ start, length }: Region) => {
		return address >= start && address < start + length;
	});
	return region ? `word ${address - region.start} of ${region.name}` : `word ${address}`;
}
