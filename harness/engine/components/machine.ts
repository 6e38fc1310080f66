// SPDX-License-Identifier: GPL-2.0-only
/**
 * Component tables: a machine whose image has one word for each part of the image inside: the
 * number of its contents. Its steps are looked up in the rows of components (rows.ts), which real
 * code makes (learner.ts).
 *
 * It is exact. A step is a function of the task, the choice and the words that it reads; it reads
 * and writes nothing but the parts of its component, which is enforced. So these states and steps
 * are those of the machine inside, one to one and in the same order.
 */
import type { Budget } from '../budget.ts';
import { EVERYTHING, type Machine, type Region } from '../machine.ts';
import { delegate } from '../reduction.ts';
import type { VisitedSet } from '../visited.ts';
import { Learner } from './learner.ts';
import { type Division, type Partition, partitionOf } from './partition.ts';
import { FINE, Rows, UNKNOWN } from './rows.ts';
import { TupleStore } from './store.ts';
import { Views } from './views.ts';

export interface ComponentMachine extends Machine {
	readonly inner: Machine;
	readonly partition: Partition;
	readonly rows: readonly Rows[];
	readonly learner: Learner;
	/** after step(): the component, and the entry of its rows */
	component(): number;
	entry(): number;
	/** mem was changed from outside */
	moved(): void;
	/** Puts the state in mem into the image inside. */
	unpack(): void;
	/** The set of its states, and the last one that was made. */
	storeFor(budget: Budget): VisitedSet;
	store?: TupleStore;
	/** bytes of all tables */
	bytes(): number;
}

export function isComponents(machine: Machine): machine is ComponentMachine {
	return 'storeFor' in machine;
}

/** The machine in components. It must record accesses: see indivisible(). */
export function inComponents(inner: Machine, division: Division): ComponentMachine {
	const partition = partitionOf(inner, division);
	const { components, parts, componentOf } = partition;
	const rows = components.map((c) => new Rows(c.parts, c.tasks.length));
	const learner = new Learner(inner, partition, rows);
	const { pieces } = inner;
	const nodes = components.length - 1;
	const finished = new Views(inner, learner, () => (pieces!.finished() ? 1 : 0));
	const cluster = new Views(inner, learner, () => {
		pieces!.state(nodes);
		return 1;
	});
	const clusterEnd = new Views(inner, learner, () => {
		pieces!.end(nodes);
		return 1;
	});

	const mem = new Int32Array(parts.length);
	const slotOf = Int32Array.from(inner.tasks, (_, t) =>
		components[componentOf[t]].tasks.indexOf(t),
	);
	/** by component: its row in the state in mem, or -1 */
	const now = new Int32Array(components.length).fill(-1);
	let component = 0;
	let entry = 0;
	const journalAddress = new Int32Array(parts.length);
	const journalOld = new Int32Array(parts.length);
	const journalNew = new Int32Array(parts.length);
	let written = 0;

	const rowOf = (c: number): number => {
		const row = now[c];
		return row >= 0 ? row : (now[c] = rows[c].find(mem));
	};
	const unpack = (): void => {
		for (let p = 0; p < mem.length; p++) learner.load(p, mem[p]);
	};
	const moved = (): void => {
		for (let c = 0; c < now.length; c++) now[c] = -1;
	};
	const answer = (views: Views): number => {
		const known = views.find(mem);
		if (known !== undefined) return known;
		unpack();
		return views.learn(mem);
	};
	const isKnown = (c: number, bit: number): boolean => {
		const { fine } = learner.alone[c];
		const own = mem[c];
		if (own < fine.length && (fine[own] & bit) !== 0) return true;
		return (rows[c].fine[rowOf(c)] & bit) !== 0;
	};
	const allKnown = (bit: number): boolean => {
		for (let c = 0; c < nodes; c++) if (!isKnown(c, bit)) return false;
		return (bit === FINE.END ? clusterEnd : cluster).find(mem) !== undefined;
	};
	const learnPieces = (bit: number): void => {
		for (let c = 0; c < nodes; c++)
			if (!isKnown(c, bit) && !learner.holds(c, rowOf(c), bit))
				throw new Error('a piece of the state predicates fails where the whole does not');
		answer(bit === FINE.END ? clusterEnd : cluster);
	};

	const machine: ComponentMachine = {
		...delegate(inner),
		...{ inner, partition, rows, learner, unpack, moved },
		...{ words: mem.length, mem, journalAddress, journalOld, journalNew },
		names: undefined,
		access: undefined,
		pieces: undefined,
		regions: parts.map(({ name }, start): Region => ({ name, node: -1, start, length: 1 })),
		component: () => component,
		entry: () => entry,
		storeFor: (budget) => (machine.store = new TupleStore(machine, budget)),
		bytes() {
			const sizes = [...parts, ...rows].map(({ bytes }) => bytes);
			return sizes.reduce((sum, n) => sum + n, 0);
		},
		reset() {
			inner.reset();
			inner.forget();
			learner.forget();
			for (let p = 0; p < parts.length; p++) mem[p] = parts[p].intern(inner.mem);
			moved();
			written = 0;
		},
		ready(task) {
			const c = componentOf[task];
			const row = rowOf(c);
			const slot = slotOf[task];
			const known = rows[c].ready[row * rows[c].tasks + slot];
			return known === UNKNOWN ? learner.ready(c, row, slot) : known;
		},
		step(task, choice) {
			const c = componentOf[task];
			const row = rowOf(c);
			const table = rows[c];
			const own = table.parts;
			const n = own.length;
			const slot = slotOf[task];
			component = c;
			entry = table.first[row * table.tasks + slot] + choice;
			if (table.after[entry * n] === UNKNOWN) learner.step(c, row, slot, choice);
			const { after } = table;
			const at = entry * n;
			if (after[at] < 0) throw table.violations[~after[at]];
			for (let k = 0; k < n; k++) {
				const p = own[k];
				if (after[at + k] === mem[p]) continue;
				journalAddress[written] = p;
				journalOld[written] = mem[p];
				journalNew[written++] = mem[p] = after[at + k];
			}
		},
		check() {
			const ends = answer(finished) === 1;
			if ((!ends || allKnown(FINE.END)) && allKnown(FINE.STATE)) return;
			unpack();
			inner.check();
			if (ends) learnPieces(FINE.END);
			learnPieces(FINE.STATE);
		},
		finished: () => answer(finished) === 1,
		journalLength: () => written,
		undo() {
			while (written > 0) mem[journalAddress[--written]] = journalOld[written];
		},
		forget() {
			written = 0;
		},
		write() {
			throw new Error('nothing writes to a machine in components from outside');
		},
		save() {
			throw new Error('tables of components are not in checkpoints');
		},
		restore() {
			throw new Error('tables of components are not in checkpoints');
		},
		stack(task) {
			unpack();
			return inner.stack(task);
		},
		siteOf(task) {
			unpack();
			return inner.siteOf(task);
		},
		read(path) {
			unpack();
			return inner.read(path);
		},
	};
	return machine;
}
