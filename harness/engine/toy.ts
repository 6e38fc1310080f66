// SPDX-License-Identifier: GPL-2.0-only
/**
 * Small machines written by hand, to test and measure the engine without the lowering.
 */
import {
	BLOCKED,
	DONE,
	type Frame,
	IDLE,
	type Machine,
	type Region,
	type TaskInfo,
	type TrapSite,
	Violation,
} from './machine.ts';
import { random } from './random.ts';

export interface ToyTask {
	name: string;
	node?: number;
	ready(mem: Int32Array): number;
	step(write: Write, mem: Int32Array, choice: number): void;
}
export type Write = (address: number, value: number) => void;

export interface Toy {
	/** name, node, length; laid out one after the other */
	regions: [name: string, node: number, length: number][];
	tasks: ToyTask[];
	initial?: number[];
	check?(mem: Int32Array): void;
	finished?(mem: Int32Array): boolean;
}

export function violate(property: string, message: string): never {
	const trap: TrapSite = { property, message, function: 'toy', file: 'toy.ts', line: 1 };
	throw new Violation(trap);
}

export function toyMachine(toy: Toy, journalSize = 4096): Machine {
	const regions: Region[] = [];
	let words = 1;
	for (const [name, node, length] of toy.regions) {
		regions.push({ name, node, start: words, length });
		words += length;
	}
	const mem = new Int32Array(words);
	const journalAddress = new Int32Array(journalSize);
	const journalOld = new Int32Array(journalSize);
	const journalNew = new Int32Array(journalSize);
	let journal = 0;
	const write: Write = (address, value) => {
		journalAddress[journal] = address;
		journalOld[journal] = mem[address];
		journalNew[journal++] = value;
		mem[address] = value;
	};
	const tasks = toy.tasks.map(
		(t): TaskInfo => ({ name: t.name, node: t.node ?? -1, function: t.name, base: 0, size: 0 }),
	);
	const finished = toy.finished ?? ((m: Int32Array) => toy.tasks.every((t) => t.ready(m) === DONE));
	return {
		words,
		mem,
		tasks,
		regions,
		structs: {},
		globals: {},
		constants: {},
		operations: [],
		config: {},
		reset() {
			mem.fill(0);
			mem.set(toy.initial ?? [], 1);
			journal = 0;
		},
		ready: (t) => toy.tasks[t].ready(mem),
		step: (t, choice) => toy.tasks[t].step(write, mem, choice),
		check: () => toy.check?.(mem),
		hasPredicates: toy.check !== undefined,
		finished: () => finished(mem),
		journalAddress,
		journalOld,
		journalNew,
		journalLength: () => journal,
		undo() {
			while (journal > 0) mem[journalAddress[--journal]] = journalOld[journal];
		},
		forget() {
			journal = 0;
		},
		write,
		marks: () => [],
		save() {},
		restore() {},
		setLogging() {},
		takeLog: () => [],
		stack: (t): Frame[] => [
			{ function: tasks[t].name, file: 'toy.ts', line: 1, kind: 'wait', locals: [] },
		],
		aside: (run) => run(),
		sites: [],
		siteOf: () => -1,
		locate() {
			throw new Error('a toy has no paths');
		},
		read: (path) => mem[Number(path)],
		nameOf: (pointer) => (pointer === 0 ? 'null' : String(pointer)),
	};
}

/**
 * Dining philosophers. Each takes its left fork, then its right one, eats, puts both back, `meals`
 * times over. A polite last philosopher takes the right one first: without it they deadlock.
 */
export function philosophers(n: number, meals = 1, polite = false): Toy {
	const fork = (i: number) => 1 + (i % n);
	const at = (i: number) => 1 + n + 2 * i; // where, meals eaten
	return {
		regions: [
			...Array.from({ length: n }, (_, i): [string, number, number] => [`fork${i}`, -1, 1]),
			...Array.from({ length: n }, (_, i): [string, number, number] => [`philosopher${i}`, i, 2]),
		],
		tasks: Array.from({ length: n }, (_, i) => {
			const swap = polite && i === n - 1;
			const first = fork(swap ? i + 1 : i);
			const second = fork(swap ? i : i + 1);
			return {
				name: `philosopher${i}`,
				node: i,
				ready(m) {
					if (m[at(i) + 1] === meals) return DONE;
					if (m[at(i)] === 0) return m[first] === 0 ? 1 : BLOCKED;
					if (m[at(i)] === 1) return m[second] === 0 ? 1 : BLOCKED;
					return 1;
				},
				step(write, m) {
					const where = m[at(i)];
					write(at(i), (where + 1) % 4);
					if (where === 0) write(first, i + 1);
					else if (where === 1) write(second, i + 1);
					else if (where === 3) {
						write(first, 0);
						write(second, 0);
						write(at(i) + 1, m[at(i) + 1] + 1);
					}
				},
			};
		}),
	};
}

/** Peterson's lock for two tasks, `rounds` times each; `broken` leaves out giving way. */
export function peterson(rounds: number, broken = false): Toy {
	const TURN = 3;
	const at = (i: number) => 4 + 2 * i;
	return {
		regions: [
			['flags', -1, 3],
			['task0', 0, 2],
			['task1', 1, 2],
		],
		tasks: [0, 1].map((i) => ({
			name: `task${i}`,
			node: i,
			ready(m) {
				if (m[at(i) + 1] === rounds) return DONE;
				if (m[at(i)] !== 2) return 1;
				return m[1 + (1 - i)] === 0 || m[TURN] === i ? 1 : BLOCKED;
			},
			step(write, m) {
				const where = m[at(i)];
				write(at(i), (where + 1) % 4);
				if (where === 0) write(1 + i, 1);
				else if (where === 1) write(TURN, broken ? i : 1 - i);
				else if (where === 3) {
					write(1 + i, 0);
					write(at(i) + 1, m[at(i) + 1] + 1);
				}
			},
		})),
		check(m) {
			if (m[at(0)] === 3 && m[at(1)] === 3) violate('I1', 'both are in');
		},
	};
}

/** n counters that count to `top` independently: (top + 1)^n states, one way to each level. */
export function counters(n: number, top: number): Toy {
	return {
		regions: Array.from({ length: n }, (_, i): [string, number, number] => [`counter${i}`, i, 1]),
		tasks: Array.from({ length: n }, (_, i) => ({
			name: `counter${i}`,
			node: i,
			ready: (m) => (m[1 + i] === top ? DONE : 1),
			step: (write, m) => write(1 + i, m[1 + i] + 1),
		})),
	};
}

/**
 * A machine made up at random: tasks run random little programs over random regions, block on
 * random words, have choices, write words several times in a step and write what was there
 * before.
 */
export function randomToy(seed: number): Toy {
	const pick = random(seed);
	const regions: [string, number, number][] = Array.from({ length: 1 + pick(7) }, (_, i) => [
		`region${i}`,
		pick(3) - 1,
		1 + pick(pick(4) === 0 ? 40 : 5),
	]);
	const words = regions.reduce((sum, r) => sum + r[2], 0);
	const somewhere = () => 1 + pick(Math.min(words, 9)) + pick(Math.max(1, words - 9));
	const modulus = 2 + pick(3);
	const tasks = Array.from({ length: 1 + pick(4) }, (_, t): ToyTask => {
		const program = Array.from({ length: 1 + pick(4) }, () => ({
			guard: pick(3) > 0 ? somewhere() : 0,
			choices: pick(5) === 0 ? 2 + pick(2) : 1,
			writes: Array.from({ length: pick(5) }, () => ({
				to: somewhere(),
				from: somewhere(),
				add: pick(3),
			})),
		}));
		const pc = somewhere();
		const end = pick(3) === 0 ? IDLE : pick(2) === 0 ? DONE : 1;
		return {
			name: `task${t}`,
			ready(m) {
				const op = program[Math.abs(m[pc]) % program.length];
				if (op.guard === 0) return op.choices;
				if (m[op.guard] === 0) return op.choices;
				return end === 1 ? BLOCKED : end;
			},
			step(write, m, choice) {
				const op = program[Math.abs(m[pc]) % program.length];
				for (const w of op.writes) write(w.to, (m[w.from] + w.add + choice) % modulus);
				if (op.writes.length % 2 === 0) write(pc, (m[pc] + 1) % modulus);
			},
		};
	});
	const bad = somewhere();
	const watched = pick(3) === 0;
	return {
		regions,
		tasks,
		check(m) {
			if (watched && m[bad] === modulus - 1 && m[1] !== 0) violate('I2', 'the watched word');
		},
		finished: (m) => m[1 + ((bad * 7) % words)] === 0,
	};
}
