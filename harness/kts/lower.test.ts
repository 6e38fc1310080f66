// SPDX-License-Identifier: GPL-2.0-only
/**
 * What lowered code does: each form of the language, frames, liveness, traps; on both executors.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import type { Artifact, Machine } from '../engine/machine.ts';
import { BLOCKED, DONE, IDLE, isEvent, Violation } from '../engine/machine.ts';
import { agree } from '../testing/agree.ts';
import { buildArtifact } from './artifact.ts';
import { DirectMachine, DirectViolation } from './direct.ts';
import { instantiate, knownConfig } from './instantiate.ts';

const root = path.resolve(import.meta.dirname, '../..');
const FORMS = 'harness/kts/fixtures/forms.ts';
const COUNTER = 'harness/kts/fixtures/counter.ts';
const [TESTER, DISTURBER] = [0, 1];
let forms: Artifact;
let counter: Artifact;

test.before(async () => {
	forms = await buildArtifact(root, {}, [FORMS]);
	counter = await buildArtifact(root, {}, [COUNTER]);
});

/** Runs the tester alone, with choice `c` throughout. */
function run(number: number, argument: number, config = {}, c = 0): Machine {
	const m = instantiate(forms, { rom: [number, argument], config });
	while (m.ready(TESTER) > 0) m.step(TESTER, Math.min(c, m.ready(TESTER) - 1));
	return m;
}
const values = (m: Machine): number[] => [m.read('result.value'), m.read('result.other')];

/** The language's arithmetic, written with what JavaScript has for it. */
const i32 = (x: bigint): number => Number(BigInt.asIntN(32, x));

test('while', (t) => {
	t.deepEqual(values(run(0, 3)), [1 + 3 + 600, 0]);
	t.deepEqual(values(run(0, 9)), [1 + 3 + 4 + 1200, 0]);
});

test('do', (t) => {
	t.deepEqual(values(run(1, 3)), [11 + 13 + 3000, 0]);
	t.deepEqual(values(run(1, 4)), [11 + 13 + 14 + 6000, 0]);
});

test('for', (t) => {
	t.is(run(2, 4).read('result.value'), 4 + 6000 + 10);
	t.is(run(2, 1).read('result.value'), 3001);
});

test('switch', (t) => {
	t.deepEqual(values(run(3, 2)), [1 + 10 + 100 + 1 + 1000 + 40000, 60080]);
	t.deepEqual(values(run(3, 4)), [1 + 100 + 1 + 1000 + 30000, 60050]);
	t.deepEqual(values(run(3, 5)).at(1), 60070);
});

test('if, with suspensions in its condition', (t) => {
	t.is(run(4, 3).read('result.value'), 1 + 8 + 16 + 128 + 256 + 1024 + 2048);
	t.is(run(4, 1).read('result.value'), 2 + 4 + 32 + 64 + 128 + 2048);
	t.is(run(4, 4, { FANCY: 1 }).read('result.value'), 1 + 8 + 16 + 128 + 512 + 1024);
});

test('arithmetic wraps to 32 bits', (t) => {
	for (const n of [3, 77, -5, 2147483647]) {
		const m = run(5, n);
		const b = BigInt(n);
		t.is(m.read('result.list[0]'), i32(2147483647n + b));
		t.is(m.read('result.list[1]'), i32(BigInt(i32(b * 1000003n)) * 1000033n));
		t.is(m.read('result.list[2]'), i32(-30n - 3n + (b / 2n) * 100n + 15n));
		t.is(m.read('result.list[3]'), (n << 30) ^ (~n & 0xff) ^ (-n >> 1) ^ (n >>> 1));
		t.is(m.read('result.list[4]'), 2147483647);
		t.is(m.read('result.list[5]'), -2147483647 + 0);
		t.is(m.read('result.value'), i32(4n * b + 1n));
		t.is(m.read('result.other'), 36);
	}
});

test('pointers to embedded structs and array elements', (t) => {
	const m = run(6, 2);
	t.is(m.read('result.truth'), 1);
	t.is(m.nameOf(m.read('result.where')), 'items[2].in1');
	t.is(m.nameOf(m.read('result.pointers[0]')), 'items[2]');
	t.is(m.read('items[2].next.value'), 99);
	t.is(m.read('items[2].in1.flag'), 0);
	t.deepEqual(values(m), [7 + 99, 8]);
});

test('operations tables', (t) => {
	t.deepEqual(values(run(7, 3)), [2 + 4 + 300 + 90000, 15]);
	t.deepEqual(values(run(7, 2)), [2 + 4 + 200, 0]);
	t.is(run(7, 3).operations[0], 'null');
	const e = t.throws(() => run(7, 9), { instanceOf: Violation });
	t.is(e?.trap.message, 'null pointer');
});

test('pools', (t) => {
	const m = run(8, 1);
	t.is(m.read('result.truth'), 1);
	t.deepEqual(values(m), [800 + 3 + 1000, 7]);
	// a free slot holds what a fresh struct does
	t.is(m.read('pool[0].value'), 7);
	const e = t.throws(() => run(8, 9), { instanceOf: Violation });
	t.is(e?.trap.message, 'bad kmem_cache_free');
});

test('calls suspended at several depths, choices, waits', (t) => {
	const m = instantiate(forms, { rom: [9, 3] });
	const depths = new Set<number>();
	while (m.ready(TESTER) > 0) {
		depths.add(m.stack(TESTER).length);
		m.step(TESTER, m.ready(TESTER) - 1);
	}
	t.is(m.read('result.value'), 21 + 3 + 1 + 103);
	t.is(m.read('result.other'), 2 + 1 + TESTER);
	t.deepEqual([...depths], [1, 5, 2]);
	t.is(m.stack(TESTER).at(-1)?.kind, 'wait');
	for (let i = 0; i < 5; i++) m.step(DISTURBER, 0);
	t.is(m.ready(TESTER), 1);
	m.step(TESTER, 0);
	t.is(m.ready(TESTER), DONE);
	t.true(m.finished());
});

test('waits with a number of choices', (t) => {
	const m = instantiate(forms, { rom: [12, 2] });
	const noise = (n: number): void => {
		for (let i = 0; i < n; i++) m.step(DISTURBER, 0);
	};
	m.step(TESTER, 0);
	t.is(m.stack(TESTER).at(-1)?.kind, 'wait');
	const ready = [1, 1, 1, 1, 1, 1].map((n) => {
		noise(n);
		return m.ready(TESTER);
	});
	t.deepEqual(ready, [BLOCKED, BLOCKED, BLOCKED, 1, 2, 3]);
	m.step(TESTER, 2);
	t.is(m.read('result.value'), 2);
	t.is(m.stack(TESTER).at(-1)?.kind, 'idle');
	t.is(m.ready(TESTER), 4);
	m.forget();
	m.step(TESTER, 3);
	t.is(m.read('result.value'), 32);
	m.undo();
	m.step(TESTER, 0);
	t.deepEqual([m.read('result.value'), m.ready(TESTER)], [2, 1]);
	const idle = instantiate(forms, { rom: [12, 0] });
	idle.step(TESTER, 0);
	for (const _ of [1, 2]) idle.step(DISTURBER, 0);
	idle.step(TESTER, 0);
	t.is(idle.ready(TESTER), IDLE);
	t.true(knownTraps(8, 'negative number of choices') && knownTraps(9, 'null pointer'));
});
/** The wait traps: the task is ready, and its step says so. */
function knownTraps(n: number, message: string): boolean {
	const m = instantiate(forms, { rom: [12, n] });
	for (let i = 0; i < 12; i++) m.step(DISTURBER, 0);
	for (let i = 0; i < 3; i++) if (m.ready(TESTER) > 0) m.step(TESTER, 0);
	if (m.ready(TESTER) !== 1) return false;
	try {
		m.step(TESTER, 0);
		return false;
	} catch (e) {
		return e instanceof Violation && e.message === message;
	}
}

test('frames hold what is live and nothing else', (t) => {
	const m = instantiate(forms, { rom: [10, 3] });
	const locals = (): unknown =>
		m
			.stack(TESTER)
			.at(-1)
			?.locals.map((l) => l.name);
	const seen: unknown[] = [];
	while (m.ready(TESTER) > 0) {
		m.step(TESTER, 0);
		seen.push(locals());
	}
	t.deepEqual(seen, [['n', 'unneeded', 'mapped'], ['n', 'unneeded'], ['unneeded'], undefined]);
	// with FANCY the last value is overwritten before it is read
	const fancy = instantiate(forms, { rom: [10, 3], config: { FANCY: 1 } });
	for (let i = 0; i < 3; i++) fancy.step(TESTER, 0);
	t.deepEqual(fancy.stack(TESTER).at(-1)?.locals, []);
});

test('a stack is zero beyond its frames', (t) => {
	for (const number of [0, 1, 2, 3, 4, 9]) {
		const m = instantiate(forms, { rom: [number, 3] });
		const { base, size } = m.tasks[TESTER];
		while (m.ready(TESTER) > 0) {
			m.step(TESTER, 0);
			const used = m.stack(TESTER).reduce((n, f) => n + 1 + f.locals.length, 0);
			const rest = m.mem.subarray(base + Math.max(used, 1), base + size);
			// temporaries have no name and are not listed: at most two words of them
			t.true(rest.slice(2).every((w) => w === 0));
		}
		if (number !== 9) t.deepEqual([...m.mem.subarray(base, base + 2)], [-1, 0]);
	}
});

test('undo takes a step back, and one that was violated', (t) => {
	const m = instantiate(forms, { rom: [11, 5] });
	m.step(TESTER, 0);
	m.forget();
	const before = m.mem.slice();
	const e = t.throws(() => m.step(TESTER, 0), { instanceOf: Violation });
	t.is(e?.trap.function, 'test_traps');
	t.is(e?.trap.file, FORMS);
	m.undo();
	t.deepEqual(m.mem, before);
	m.step(DISTURBER, 0);
	t.true(m.journalLength() > 0);
	m.undo();
	t.deepEqual(m.mem, before);
	t.is(m.journalLength(), 0);
});

test('traps', (t) => {
	const messages = [
		'null pointer',
		'index out of bounds',
		'index out of bounds',
		'division by zero',
		'division by zero',
		'five',
		'rom() out of bounds',
		'choose() of nothing',
		'null pointer',
		'index out of bounds',
		'index out of bounds',
		'index out of bounds',
	];
	messages.forEach((message, n) => {
		const e = t.throws(() => run(11, n), { instanceOf: Violation });
		t.is(`${e?.property}: ${e?.message}`, `BUG: ${message}`, String(n));
	});
});

test('what the journal does not hold ends the run, and says which step it was', (t) => {
	t.is(run(13, 65_000).read('result.value'), 65_000);
	const message = /^a step of tester from test_much \(.*forms\.ts:\d+\) wrote 700\d\d words/;
	t.throws(() => run(13, 70_000), { instanceOf: Error, message });
	// what is violated afterwards could not be taken back
	t.throws(() => run(13, 70_001), { instanceOf: Error, message });
	const m = instantiate(forms, { rom: [0, 0] });
	const words = m.journalAddress.length;
	t.throws(
		() => {
			for (let i = 0; i <= words; i++) m.write(m.locate('result.value').address, i + 1);
		},
		{ message: /^a write after 65536 others/ },
	);
});

test('a violation of the direct executor names the TypeScript line', (t) => {
	const d = new DirectMachine(forms, { rom: [11, 0] });
	d.step(TESTER, 0);
	const e = t.throws(() => d.step(TESTER, 0), { instanceOf: DirectViolation });
	t.is(e?.message, 'null pointer');
	t.deepEqual(
		e?.frames.map((f) => f.function),
		['test_traps', 'tester'],
	);
	t.is(e?.trap.file, FORMS);
	const compiled = t.throws(() => run(11, 0), { instanceOf: Violation });
	t.is(e?.trap.line, compiled?.trap.line);
});

test('the executors agree on every form', (t) => {
	const configs: Record<string, number>[] = [{}, { FANCY: 1, SIZE: 5 }];
	for (const config of configs)
		for (let number = 0; number <= 12; number++)
			for (const n of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) {
				const options = { rom: [number, n], config };
				const m = instantiate(forms, options);
				t.notThrows(() => agree(m, new DirectMachine(forms, options), 3, n + 1), `${number} ${n}`);
			}
});

test('the executors agree on random schedules', (t) => {
	const configs: Record<string, number>[] = [{}, { RACY: 1 }, { NR_NODES: 1, NR_USERS: 3 }];
	for (const config of configs) {
		const options = { rom: [1], config };
		const m = instantiate(counter, options);
		const counts = agree(m, new DirectMachine(counter, options), 100, 5);
		t.is(counts.finished, 100);
		t.true(counts.steps > 1000);
	}
});

test('configuration', (t) => {
	t.deepEqual(knownConfig(forms), [
		{ name: 'SIZE', default: 4 },
		{ name: 'FANCY', default: 0 },
	]);
	const m = instantiate(forms, { rom: [0, 0], config: { SIZE: 6, FANCY: 1 } });
	t.deepEqual(m.config, { SIZE: 6, FANCY: 1 });
	t.is(m.constants.DOUBLE_SIZE, 13);
	t.is(m.constants.HEX, -1);
	t.is(m.globals.items.n, 6);
	t.throws(() => instantiate(forms, { config: { COLOUR: 1 } }), { message: /COLOUR.*FANCY SIZE/ });
});

test('regions cover what changes, and belong to nodes', (t) => {
	const m = instantiate(counter, { rom: [1] });
	const covered = new Set<number>();
	for (const r of m.regions)
		for (let a = r.start; a < r.start + r.length; a++) {
			t.false(covered.has(a));
			covered.add(a);
		}
	for (let n = 0; n < 500; n++) {
		const task = n % m.tasks.length;
		if (m.ready(task) > 0) m.step(task, n % m.ready(task));
	}
	for (let i = 0; i < m.journalLength(); i++) t.true(covered.has(m.journalAddress[i]));
	t.deepEqual([...new Set(m.regions.map((r) => r.node))], [-1, 0, 1]);
	t.true(m.regions.every((r) => r.length <= 24));
});

test('the boot runs before the initial state', (t) => {
	const m = instantiate(counter, { rom: [1] });
	t.is(m.read('the_world.up'), 4);
	const first = m.mem.slice();
	for (let n = 0; n < 4; n++) m.step(n === 2 ? 3 : n, 0);
	m.reset();
	t.deepEqual(m.mem, first);
	t.is(m.tasks[0].name, 'user/0');
	t.is(m.tasks[2].function, 'served');
});

test('the kernel log, text and events in order', (t) => {
	const m = instantiate(counter, { rom: [1] });
	m.setLogging(true);
	// the boot ended when the last user had started
	m.step(4, 1);
	const [line, said, ...more] = m.takeLog();
	if (isEvent(line) || !isEvent(said)) return t.fail('a line of printk(), then an event');
	t.is(line.text, 'user 3 wants REQ_DOUBLE from nodes[1].request_cachep[1]');
	t.is(line.file, COUNTER);
	t.deepEqual(said, {
		event: 'wanted',
		args: { user: 3, kind: 'DOUBLE', request: 'nodes[1].request_cachep[1]', late: true },
		file: COUNTER,
		line: line.line + 1,
		stack: ['user'],
	});
	t.deepEqual(more, []);
	t.deepEqual(m.takeLog(), []);
	t.deepEqual(m.marks(), []);
});

test('the arguments of an event are evaluated only while somebody listens', async (t) => {
	const source = readFileSync(path.join(root, COUNTER), 'utf8');
	const edited = source.replace(
		'event(EVENT_WANTED, id,',
		'event(EVENT_WANTED, nd.queue!.next!.next!.next!.next!.amount,',
	);
	t.not(edited, source);
	const made = await buildArtifact(root, { [COUNTER]: edited }, [COUNTER]);
	const one = instantiate(made, { rom: [1] });
	t.notThrows(() => one.step(4, 1), 'not evaluated');
	one.reset();
	one.setLogging(true);
	t.throws(() => one.step(4, 1), { message: 'null pointer' });
});

test('an event that the executors hand over differently is noticed', async (t) => {
	const source = readFileSync(path.join(root, COUNTER), 'utf8');
	const edited = source.replace('event(EVENT_WANTED, id,', 'event(EVENT_WANTED, id + 1,');
	const made = await buildArtifact(root, { [COUNTER]: edited }, [COUNTER]);
	const direct = new DirectMachine(counter, { rom: [1] });
	t.true(agree(instantiate(counter, { rom: [1] }), direct, 5).events > 0);
	t.throws(() => agree(instantiate(made, { rom: [1] }), direct, 5), {
		message: /the log: compiled wanted \{"user":\d/,
	});
});

test('a violation in init() is one', (t) => {
	t.throws(() => instantiate(forms), { instanceOf: Violation, message: 'rom() out of bounds' });
	t.throws(() => new DirectMachine(forms), { instanceOf: DirectViolation });
});
