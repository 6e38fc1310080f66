// SPDX-License-Identifier: GPL-2.0-only
/** Toys whose nodes do the same: what the reduction by symmetry is tested on. */
import { DONE, type Machine, NAMES, type Names, type Renaming } from '../machine.ts';
import { random } from '../random.ts';
import { type Toy, type ToyTask, toyMachine, violate } from '../toy.ts';

/** A toy of `nodes` equal parts, a task each, after `shared` words that belong to no part. */
export interface SymmetricToy {
	nodes: number;
	/** NAMES of the shared words, which come first, and of the words of each node */
	shared: readonly number[];
	each: readonly number[];
	/** what the words hold at first; by default 0, and -1 where a node is named */
	initial?: { shared?: readonly number[]; each?: readonly number[] };
	task(node: number, at: (node: number, word: number) => number): Omit<ToyTask, 'name' | 'node'>;
	check?: Toy['check'];
	finished?: Toy['finished'];
}

export function symmetricToy(toy: SymmetricToy): Machine {
	const { nodes, shared, each } = toy;
	const at = (node: number, word: number) => 1 + shared.length + node * each.length + word;
	const numbers = Array.from({ length: nodes }, (_, n) => n);
	const first = (kinds: readonly number[], given?: readonly number[]) =>
		kinds.map((kind, i) => given?.[i] ?? (kind === NAMES.NODE ? -1 : 0));
	const machine = toyMachine({
		regions: [
			...(shared.length > 0 ? [['shared', -1, shared.length] as [string, number, number]] : []),
			...numbers.map((n): [string, number, number] => [`node[${n}]`, n, each.length]),
		],
		tasks: numbers.map((n) => ({ name: `task${n}`, node: n, ...toy.task(n, at) })),
		initial: [
			...first(shared, toy.initial?.shared),
			...numbers.flatMap(() => first(each, toy.initial?.each)),
		],
		check: toy.check,
		finished: toy.finished,
	});
	const { words } = machine;
	const nodeOf = new Int16Array(words).fill(-1);
	for (const n of numbers) nodeOf.fill(n, at(n, 0), at(n + 1, 0));
	const names: Names = {
		content: Uint8Array.from([0, ...shared, ...numbers.flatMap(() => each)]),
		frames: [],
		isCall: new Uint8Array(0),
		nodes,
		procs: 0,
		nodeOf,
		procOf: new Int16Array(words).fill(-1),
		wordMap: (renaming) =>
			Int32Array.from({ length: words }, (_, a) =>
				nodeOf[a] < 0 ? a : a + at(renaming.nodes[nodeOf[a]], 0) - at(nodeOf[a], 0),
			),
		taskMap: (renaming) => Int32Array.from(renaming.nodes),
	};
	return { ...machine, names };
}

/** Exchanges the first two nodes; brings each node to the place of the next. */
export function nodeGenerators(nodes: number): Renaming[] {
	const order = Array.from({ length: nodes }, (_, n) => n);
	const swap = [1, 0, ...order.slice(2)];
	return [
		{ nodes: swap, procs: [] },
		{ nodes: order.map((n) => (n + 1) % nodes), procs: [] },
	];
}

/** Nodes that count to `top` on their own. */
export function countingNodes(nodes: number, top: number): Machine {
	return symmetricToy({
		nodes,
		shared: [],
		each: [NAMES.PLAIN],
		task: (n, at) => ({
			ready: (m) => (m[at(n, 0)] === top ? DONE : 1),
			step: (write, m) => write(at(n, 0), m[at(n, 0)] + 1),
		}),
	});
}

export interface LockOptions {
	rounds?: number;
	/** what the queue says that it holds */
	queue?: number;
	/** the holder does not wait for its turn: two are in */
	broken?: boolean;
	/** the last node is let in before its turn */
	unfair?: boolean;
}

/**
 * Nodes that queue up for a lock: a queue of their numbers, and for each where it is (0 outside,
 * 1 in the queue, 2 in) and how often it was in.
 */
export function queueingNodes(nodes: number, options: LockOptions = {}): Machine {
	const { rounds = 1, queue = NAMES.NODE, broken = false, unfair = false } = options;
	const slots = Array.from({ length: nodes }, (_, i) => 1 + i);
	return symmetricToy({
		nodes,
		shared: slots.map(() => queue),
		each: [NAMES.PLAIN, NAMES.PLAIN],
		initial: { shared: slots.map(() => -1) },
		task: (n, at) => ({
			ready: (m) => {
				if (m[at(n, 1)] === rounds) return DONE;
				if (m[at(n, 0)] !== 1) return 1;
				return broken || (unfair && n === nodes - 1) || m[1] === n ? 1 : 0;
			},
			step(write, m) {
				const where = m[at(n, 0)];
				write(at(n, 0), (where + 1) % 3);
				if (where === 0) write(slots.find((a) => m[a] < 0) ?? 0, n);
				if (where !== 2) return;
				const left = slots.map((a) => m[a]).filter((x) => x >= 0 && x !== n);
				for (const [i, a] of slots.entries()) write(a, left[i] ?? -1);
				write(at(n, 1), m[at(n, 1)] + 1);
			},
		}),
		check(m) {
			const inside = slots.filter((_, n) => m[1 + nodes + 2 * n] === 2);
			if (inside.length > 1) violate('I1', 'two are in');
		},
	});
}

/** A task goes through the nodes in order, and others see how far it is: not symmetric. */
export function visitedInOrder(nodes: number): Machine {
	return symmetricToy({
		nodes,
		shared: [NAMES.PLAIN],
		each: [NAMES.PLAIN],
		task: (n, at) => ({
			ready: (m) => (m[at(n, 0)] === 1 ? DONE : m[1] === n ? 1 : 0),
			step(write, m) {
				write(1, m[1] + 1);
				write(at(n, 0), 1);
			},
		}),
	});
}

/** How many values, from 1 on, the nodes of a random toy choose from. */
export const TOY_VALUES = 2;

/**
 * Made up at random: every node runs one program over words of its own and shared ones, that name
 * nodes, hold values or neither.
 */
export function randomSymmetricToy(seed: number, nodes: number): Machine {
	const pick = random(seed);
	const kinds = [NAMES.PLAIN, NAMES.NODE, NAMES.VALUE];
	const some = (most: number) => Array.from({ length: 1 + pick(most) }, () => kinds[pick(3)]);
	const shared = [NAMES.NODE, ...some(2)];
	const each = [NAMES.PLAIN, NAMES.NODE, ...some(2)];
	type Place = { kind: number; of(n: number, m: Int32Array): number };
	const places: Place[] = [];
	const at = (node: number, word: number) => 1 + shared.length + node * each.length + word;
	for (const [i, kind] of shared.entries()) places.push({ kind, of: () => 1 + i });
	for (const [i, kind] of each.entries()) {
		if (i === 0) continue; // the program counter
		places.push({ kind, of: (n) => at(n, i) });
		// the same word of the node that the first shared word, or one of ours, names
		for (const via of [() => 1, (n: number) => at(n, 1)])
			places.push({ kind, of: (n, m) => at(m[via(n)] < 0 ? n : m[via(n)], i) });
	}
	const program = Array.from({ length: 2 + pick(3) }, () => {
		const to = places[pick(places.length)];
		const same = places.filter((p) => p.kind === to.kind);
		const from = same[pick(same.length)];
		const [how, constant] = [pick(4), pick(2)];
		const guard = pick(3) === 0 ? same[pick(same.length)] : undefined;
		const choices = how >= 2 && to.kind === NAMES.VALUE ? TOY_VALUES : 1;
		const value = (n: number, m: Int32Array, choice: number): number => {
			if (how < 2) return m[from.of(n, m)];
			if (to.kind === NAMES.NODE) return how === 2 ? n : -1;
			return to.kind === NAMES.VALUE ? 1 + choice : (m[from.of(n, m)] + constant) % 3;
		};
		return { to, value, guard, choices };
	});
	const rounds = 2;
	return symmetricToy({
		nodes,
		shared,
		each,
		task: (n) => ({
			ready(m) {
				const pc = m[at(n, 0)];
				if (pc === rounds * program.length) return DONE;
				const { guard, to, choices } = program[pc % program.length];
				return guard && m[guard.of(n, m)] !== m[to.of(n, m)] ? 0 : choices;
			},
			step(write, m, choice) {
				const pc = m[at(n, 0)];
				const { to, value } = program[pc % program.length];
				write(to.of(n, m), value(n, m, choice));
				write(at(n, 0), pc + 1);
			},
		}),
		check(m) {
			const ended = Array.from({ length: nodes }, (_, n) => m[at(n, 0)]);
			if (seed % 3 === 0 && m[1] >= 0 && ended[m[1]] > program.length + 1)
				violate('I2', 'the node that is named is far on');
		},
		finished: (m) => m[1] >= 0 || seed % 2 === 0,
	});
}
