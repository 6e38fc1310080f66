// SPDX-License-Identifier: GPL-2.0-only
/** A search that is cut short and resumed comes to what it would have come to at once. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { CHECKPOINT_FORMAT, CheckpointError, writeCheckpoint } from './checkpoint.ts';
import { type ExploreOptions, explore, type Result } from './explorer.ts';
import { DONE, type Machine } from './machine.ts';
import { random } from './random.ts';
import { reductionsOf } from './reduction.ts';
import { symmetric } from './symmetry/machine.ts';
import { nodeGenerators, queueingNodes } from './symmetry/toys.fixture.ts';
import { counters, peterson, philosophers, randomToy, toyMachine } from './toy.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'vfshook-'));
test.after.always(() => rmSync(dir, { recursive: true, force: true }));
let files = 0;
const newFile = (): string => path.join(dir, `${files++}.checkpoint`);

const about = { sources: 'abc', NR_NODES: 2 };
const ORDERS = ['bfs', 'dfs'] as const;
const KINDS = [
	{ order: 'bfs', visited: 'tree' },
	{ order: 'bfs', visited: 'flat' },
	{ order: 'bfs', visited: 'compact' },
	{ order: 'dfs', visited: 'tree' },
	{ order: 'dfs', visited: 'flat' },
] as const;

/** What must not depend on interruptions. */
function essence(result: Result): object {
	const { seconds, bytesPerState, checkpoint, resumed, ...rest } = result;
	return rest;
}

/** Explores in pieces, a new machine each, and says how many there were. */
function inPieces(
	machine: () => Machine,
	options: ExploreOptions,
	limits: ExploreOptions[],
): { result: Result; pieces: number } {
	const file = newFile();
	let resume: string | undefined;
	for (const [i, limit] of limits.entries()) {
		const checkpoint = { about, save: file, resume };
		const result = explore(machine(), { ...options, ...limit, checkpoint });
		if (!result.reason) return { result, pieces: i + 1 };
		if (!result.checkpoint) throw new Error('no checkpoint was left');
		if (result.checkpoint.error) throw new Error(result.checkpoint.error);
		if (result.checkpoint.states > result.states) throw new Error('more than there was');
		resume = file;
	}
	const result = explore(machine(), { ...options, checkpoint: { about, resume } });
	return { result, pieces: limits.length + 1 };
}

const upToSymmetry = (machine: Machine): Machine =>
	symmetric(machine, { generators: nodeGenerators(3) });

const MACHINES: [string, () => Machine][] = [
	['counters', () => toyMachine(counters(3, 12))],
	['philosophers that deadlock', () => toyMachine(philosophers(4, 2))],
	['polite philosophers', () => toyMachine(philosophers(4, 2, true))],
	["Peterson's lock", () => toyMachine(peterson(3))],
	["Peterson's lock, broken", () => toyMachine(peterson(4, true))],
	['symmetric nodes', () => upToSymmetry(queueingNodes(3, { rounds: 2 }))],
	...[1, 2, 3, 5, 8, 13, 21, 34, 55, 89].map((seed): [string, () => Machine] => [
		`random ${seed}`,
		() => toyMachine(randomToy(seed)),
	]),
];

for (const kind of KINDS)
	for (const [name, machine] of MACHINES)
		test(`${kind.order}, ${kind.visited}, ${name}: interrupted at many points, the same in the end`, (t) => {
			for (const stopAtFirst of [true, false]) {
				const options = { ...kind, stopAtFirst, maxMemory: 1 << 26 };
				const whole = explore(machine(), { ...options, maxStates: 4000 });
				const pick = random(whole.states);
				for (let round = 0; round < 4; round++) {
					const points = Array.from({ length: 1 + pick(4) }, () => 1 + pick(whole.states));
					points.sort((a, b) => a - b);
					const limits = points.map((maxStates) => ({ maxStates }));
					const { result, pieces } = inPieces(machine, options, [...limits, { maxStates: 4000 }]);
					t.deepEqual(essence(result), essence(whole), `${points}: ${pieces} pieces`);
				}
			}
		});

for (const [name, machine] of MACHINES) {
	if (reductionsOf(machine()).length > 0) continue;
	test(`livelock and starvation, ${name}: interrupted, the same in the end`, (t) => {
		const goals = machine().tasks.map((task, i) => ({
			name: task.name,
			reached: (m: Machine) => m.ready(i) === DONE,
		}));
		for (const stopAtFirst of [true, false])
			for (const asked of [{ livelock: true }, { goals }, { livelock: true, goals }]) {
				const options = { ...asked, stopAtFirst, maxMemory: 1 << 26, maxStates: 4000 };
				const whole = explore(machine(), options);
				const signals = Array.from({ length: 3 }, () => ({ signal: { aborted: true } }));
				const points = [0.3, 0.6].map((part) => ({
					maxStates: Math.max(1, Math.floor(whole.states * part)),
				}));
				for (const limits of [signals, points]) {
					const file = newFile();
					let resume: string | undefined;
					for (const limit of limits) {
						const checkpoint = { about, save: file, resume };
						const part = explore(machine(), { ...options, ...limit, checkpoint });
						if (part.checkpoint) resume = file;
					}
					const result = explore(machine(), { ...options, checkpoint: { about, resume } });
					t.deepEqual(essence(result), essence(whole));
				}
			}
	});
}

for (const order of ORDERS) {
	const machine = () => toyMachine(counters(4, 9));
	const visited = 'tree';
	const whole = explore(machine(), { order, visited });

	test(`${order}: interrupted by memory, by full tables, by a signal`, (t) => {
		const little = [20_000, 40_000, 60_000, 90_000].map((maxMemory) => ({ maxMemory }));
		const few = [50, 500, 2000, 5000].map((maxIds) => ({ store: { maxIds } }));
		for (const limits of [little, few]) {
			const { result, pieces } = inPieces(machine, { order, visited }, limits);
			t.is(pieces, 5);
			t.deepEqual(essence(result), essence(whole));
		}
		const signals = Array.from({ length: 12 }, () => ({ signal: { aborted: true } }));
		const { result, pieces } = inPieces(machine, { order, visited }, signals);
		t.is(pieces, 13);
		t.deepEqual(essence(result), essence(whole));
	});

	test(`${order}: one is left every so often, and only whole ones are seen`, (t) => {
		const file = newFile();
		let looks = 0;
		const signal = {
			get aborted() {
				if (looks++ > 0) t.false(readdirSync(dir).some((name) => name.endsWith('.part')));
				return false;
			},
		};
		const checkpoint = { about, save: file, everySeconds: 0 };
		const result = explore(machine(), { order, signal, checkpoint });
		t.deepEqual(essence(result), essence(whole));
		t.true((result.checkpoint?.states ?? 0) > whole.states / 2);
		const again = explore(machine(), { order, checkpoint: { about, resume: file } });
		t.deepEqual(essence(again), essence(whole));
		t.true(again.seconds > 0);
	});

	test(`${order}: what was spent before counts in the figures, not against the limit`, (t) => {
		const file = newFile();
		const big = () => toyMachine(counters(6, 30));
		const checkpoint = { about, save: file };
		const first = explore(big(), { order, maxSeconds: 0.2, checkpoint });
		t.is(first.reason, 'seconds');
		const options = { order, maxSeconds: 0.2, checkpoint: { ...checkpoint, resume: file } };
		const second = explore(big(), options);
		t.true(second.states > first.states);
		t.true(second.seconds >= 0.4);
	});
}

for (const kind of KINDS)
	test(`${kind.order}, ${kind.visited}: a little more memory each time`, (t) => {
		// fields become wider on the way, too
		const machine = () => toyMachine(counters(3, 20));
		const file = newFile();
		const whole = explore(machine(), kind);
		const need = whole.bytesPerState * whole.states;
		let pieces = 0;
		let resume: string | undefined;
		for (let maxMemory = 10_000; maxMemory < 2 * need; maxMemory += 3000) {
			const checkpoint = { about, save: file, resume };
			let result: Result;
			try {
				result = explore(machine(), { ...kind, maxMemory, checkpoint });
			} catch (e) {
				if (!(e instanceof CheckpointError)) throw e;
				t.regex(e.message, /more memory/);
				continue;
			}
			if (result.verdict === 'complete') {
				t.deepEqual(essence(result), essence(whole));
				break;
			}
			t.is(result.reason, 'memory');
			if (!result.checkpoint) continue;
			resume = file;
			pieces++;
		}
		t.true(pieces >= 4, `${pieces} pieces`);
		const result = explore(machine(), { ...kind, checkpoint: { about, resume } });
		t.deepEqual(essence(result), essence(whole));
	});

test('one that cannot be written is told and stops nothing; what was there is left', (t) => {
	const machine = () => toyMachine(counters(4, 9));
	const nowhere = path.join(dir, 'no such folder', 'file');
	const checkpoint = { about, save: nowhere, everySeconds: 0 };
	const result = explore(machine(), { checkpoint });
	t.is(result.verdict, 'complete');
	t.deepEqual(result.checkpoint, { file: nowhere, states: 0, error: 'ENOENT' });

	const file = newFile();
	writeFileSync(file, 'old');
	t.throws(() =>
		writeCheckpoint(file, (to) => {
			to.number(1);
			throw new Error('full');
		}),
	);
	t.is(readFileSync(file, 'utf8'), 'old');
	t.false(readdirSync(dir).some((name) => name.endsWith('.part')));
});

/** A checkpoint of the polite philosophers, and what resuming a file comes to. */
function example(
	order: 'bfs' | 'dfs' = 'bfs',
	visited: 'tree' | 'flat' = 'flat',
): { file: string; resume(over?: object): Result } {
	const file = newFile();
	const machine = () => toyMachine(philosophers(4, 2, true));
	explore(machine(), { order, visited, maxStates: 200, checkpoint: { about, save: file } });
	const resume = (over: ExploreOptions & { about?: typeof about } = {}) =>
		explore(machine(), {
			order,
			visited,
			...over,
			checkpoint: { about: over.about ?? about, resume: file },
		});
	return { file, resume };
}
const REFUSED = { instanceOf: CheckpointError };

test('of another search: refused, and what differs is told', (t) => {
	const { file, resume } = example();
	t.is(resume().verdict, 'complete');
	const others: [object, RegExp][] = [
		[{ about: { ...about, NR_NODES: 3 } }, /NR_NODES \(2 there, 3 here\)$/],
		[
			{ about: { sources: 'x' } },
			/sources \(abc there, x here\), NR_NODES \(2 there, nothing here/,
		],
		[{ order: 'dfs' }, /order \(bfs there, dfs here\)/],
		[{ livelock: true }, /livelock \(false there, true here\)/],
		[{ goals: [{ name: 'P0', reached: () => true }] }, /goals \(none there, P0 here\)/],
		[{ predicates: false }, /predicates \(true there, false here\)/],
		[{ stopAtFirst: false }, /stop at the first violation/],
	];
	for (const [over, message] of others) t.throws(() => resume(over), { ...REFUSED, message });
	const other = toyMachine({ ...philosophers(4, 2, true), initial: [0, 0, 0, 0, 2] });
	const checkpoint = { about, resume: file };
	t.throws(() => explore(other, { checkpoint }), { ...REFUSED, message: /in another state/ });
	t.throws(() => explore(toyMachine(counters(2, 2)), { checkpoint }), {
		...REFUSED,
		message: /words of the image/,
	});
});

test('damaged, cut off, or no checkpoint at all: refused', (t) => {
	for (const { order, visited } of KINDS) {
		if (visited === 'compact') continue;
		const { file, resume } = example(order, visited);
		const good = readFileSync(file);
		const refused = (bytes: Uint8Array, message: RegExp) => {
			writeFileSync(file, bytes);
			t.throws(() => resume(), { ...REFUSED, message });
		};
		for (let i = 25; i < good.length; i += 97) {
			const bad = Buffer.from(good);
			bad[i] ^= 1 << (i % 8);
			refused(bad, /damaged/);
			refused(good.subarray(0, i), /damaged|not a checkpoint/);
		}
		refused(Buffer.concat([good, Buffer.from('x')]), /damaged/);
		refused(Buffer.alloc(0), /not a checkpoint/);
		refused(Buffer.from('{"format": "vfshook-trace"}\n'.repeat(9)), /not a checkpoint/);
		const next = good.toString('latin1').replace(`t ${CHECKPOINT_FORMAT}\n`, 't 99\n');
		refused(Buffer.from(next, 'latin1'), /format 99/);
		writeFileSync(file, good);
		t.is(resume().verdict, 'complete');
		rmSync(file);
		t.throws(() => resume(), { ...REFUSED, message: /cannot be read \(ENOENT\)/ });
	}
	const folder = { about, resume: dir };
	t.throws(() => explore(toyMachine(counters(2, 2)), { checkpoint: folder }), REFUSED);
});

test('sizes that the file does not have are not believed, whatever the checksum says', (t) => {
	const { file, resume } = example('bfs', 'tree');
	const searched = {
		order: 'bfs',
		livelock: false,
		goals: 'none',
		reductions: 'none',
		'local steps': 'none',
		predicates: true,
	};
	const kept = { 'way of keeping states': 'tree' };
	const figures = { ms: 0, known: 1, transitions: 0, depth: 0, terminals: 0, violations: 0 };
	const rest = { 'stop at the first violation': true, 'words of the image': 13 };
	for (const size of [2 ** 31, 2 ** 40, 2 ** 53, -1, 0.5, Number.NaN]) {
		writeCheckpoint(file, (to) => {
			to.json({ ...about, ...searched, ...kept, ...rest });
			to.json(figures);
			to.number(size);
		});
		t.throws(() => resume(), { ...REFUSED, message: /damaged/ });
		writeCheckpoint(file, (to) => {
			to.json({ ...about, ...searched, ...kept, ...rest });
			to.json(figures);
			for (const n of [1, 13, size]) to.number(n);
		});
		t.throws(() => resume(), { ...REFUSED, message: /damaged|contradicts/ });
	}
});

/** With the checksum that its contents have. */
function summed(bytes: Buffer): Buffer {
	const contents = bytes.subarray(0, bytes.length - 32);
	return Buffer.concat([contents, createHash('sha256').update(contents).digest()]);
}

for (const { order, visited } of KINDS)
	test(`${order}, ${visited}: what contradicts itself is refused, whatever the checksum says`, (t) => {
		const file = newFile();
		const machine = () => toyMachine(philosophers(4, 2, true));
		const kind = { order, visited };
		const save = { about, save: file };
		explore(machine(), { ...kind, maxStates: 100, checkpoint: save });
		const good = readFileSync(file);
		const pick = random(order.length + visited.length);
		const resumed = { refused: 0, believed: 0 };
		for (let n = 0; n < 120; n++) {
			const bad = Buffer.from(good);
			const start = good.indexOf('\n') + 1;
			for (let k = 1 + pick(3); k > 0; k--) bad[start + pick(good.length - start)] ^= 1 << pick(8);
			writeFileSync(file, summed(bad));
			try {
				const checkpoint = { about, resume: file };
				const result = explore(machine(), { ...kind, maxStates: 5000, checkpoint });
				t.is(result.resumed, file);
				resumed.believed++;
			} catch (e) {
				if (!(e instanceof CheckpointError)) throw e;
				resumed.refused++;
			}
		}
		t.true(resumed.refused > 60, JSON.stringify(resumed));
	});

test('less memory than a checkpoint needs: refused, and it is kept', (t) => {
	const { file, resume } = example('bfs', 'tree');
	const before = readFileSync(file);
	t.throws(() => resume({ maxMemory: 13_000 }), { ...REFUSED, message: /more memory/ });
	t.deepEqual(readFileSync(file), before);
});

test('what a checkpoint cannot tell is not begun', (t) => {
	const checkpoint = { about, save: newFile() };
	const machine = toyMachine(counters(2, 2));
	t.throws(() => explore(machine, { checkpoint, onTerminal() {} }));
});
