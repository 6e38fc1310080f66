// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { BitList, Budget, WordList } from './budget.ts';
import { LimitReached } from './limits.ts';
import { random } from './random.ts';
import { balanced, leavesOf, plainShape, shapeOf } from './shape.ts';
import { StateStore } from './store.ts';
import { HEADER, PairTable, VectorTable } from './tables.ts';
import { randomToy, toyMachine } from './toy.ts';

test('a pair gets the same id again, and another pair another one', (t) => {
	const table = new PairTable(new Budget(), undefined, 1);
	const pick = random(7);
	const ids = new Map<string, number>();
	for (let i = 0; i < 20000; i++) {
		const a = pick(100);
		const b = pick(100);
		const id = ids.get(`${a},${b}`) ?? ids.size;
		ids.set(`${a},${b}`, id);
		if (table.intern(a, b) !== id) t.fail(`(${a}, ${b}) is not ${id} at ${i}`);
	}
	t.is(table.size, ids.size);
	for (const [key, id] of ids) t.is(`${table.pairs[2 * id]},${table.pairs[2 * id + 1]}`, key);
});

test('pairs whose whole hash is equal are told apart', (t) => {
	// The hash depends on a * A ^ b * B alone; B's inverse gives each a the b that makes it 12345.
	const A = 0x9e3779b1;
	const B = 0x85ebca77;
	let inverse = 1;
	for (let i = 0; i < 5; i++) inverse = Math.imul(inverse, 2 - Math.imul(B, inverse));
	const table = new PairTable(new Budget(), undefined, 2);
	const partner = (a: number) => Math.imul(Math.imul(a, A) ^ 12345, inverse);
	for (let round = 0; round < 2; round++)
		for (let a = 0; a < 500; a++) t.is(table.intern(a, partner(a)), a);
});

test('vectors with the same linear hash are told apart, and those of different owners', (t) => {
	const words = new Int32Array(8);
	const table = new VectorTable(new Budget(), Int32Array.of(3, 3, 0), undefined, 1);
	const ids = new Map<string, number>();
	for (let round = 0; round < 2; round++)
		for (let i = 0; i < 600; i++) {
			const owner = i % 3;
			words[4] = i >>> 1;
			const key = `${owner} ${owner === 2 ? '' : words[4]}`;
			const id = table.intern(owner, words, 2, 0);
			t.is(id, ids.get(key) ?? id);
			ids.set(key, id);
		}
	t.is(new Set(ids.values()).size, ids.size);
	t.is(table.size, ids.size);
	const at = (ids.get('1 200') ?? 0) + HEADER;
	t.deepEqual([...table.data.slice(at, at + 3)], [0, 0, 200]);
});

test('a full table says so instead of handing out ids that wrap', (t) => {
	const pairs = new PairTable(new Budget(), 100, 3);
	for (let i = 0; i < 100; i++) pairs.intern(i, i);
	t.is(pairs.intern(99, 99), 99);
	const e = t.throws(() => pairs.intern(100, 0), { instanceOf: LimitReached });
	t.is(e?.limit, 'ids');
	t.is(pairs.intern(50, 50), 50);

	const words = new Int32Array(1);
	const vectors = new VectorTable(new Budget(), Int32Array.of(1), 301, 2);
	for (words[0] = 0; words[0] < 100; words[0]++) vectors.intern(0, words, 0, words[0]);
	const full = () => vectors.intern(0, words, 0, words[0]);
	t.is(t.throws(full, { instanceOf: LimitReached })?.limit, 'ids');
	words[0] = 7;
	t.is(vectors.intern(0, words, 0, 7), 21);
});

test('the budget counts what is allocated, while it grows too', (t) => {
	for (const megabytes of [1, 20, 50]) {
		const budget = new Budget(megabytes << 20);
		const table = new PairTable(budget, undefined, 4);
		const fill = () => {
			for (let i = table.size; ; i++) table.intern(i, 1);
		};
		t.is(t.throws(fill, { instanceOf: LimitReached })?.limit, 'memory');
		t.true(budget.peak <= budget.limit);
		t.true(budget.used > (megabytes > 1 ? 0.8 : 0.5) * budget.limit, `${budget.used}`);
		// What is in is still found.
		const { size } = table;
		for (let i = 0; i < size; i++) if (table.intern(i, 1) !== i) t.fail(`${i}`);
		t.throws(fill, { instanceOf: LimitReached });
		t.is(table.size, size);
	}
});

test('an array keeps its words when it grows, copied or in its place', (t) => {
	const budget = new Budget(1 << 26);
	const list = new WordList(budget);
	const bits = new BitList(budget);
	for (let i = 0; i < 3_000_000; i++) {
		list.push(i ^ 5);
		bits.push(i % 3 === 0);
	}
	let wrong = 0;
	for (let i = 0; i < 3_000_000; i++) {
		if (list.words[i] !== (i ^ 5)) wrong++;
		if (bits.get(i) !== (i % 3 === 0)) wrong++;
	}
	t.is(wrong, 0);
	t.true(list.words.subarray(list.length).every((w) => w === 0));
	t.true(budget.peak < 1.4 * 12_000_000);
});

test('an allocation that fails is the limit of memory', (t) => {
	const e = t.throws(() => new Budget().words(2 ** 40), { instanceOf: LimitReached });
	t.is(e?.limit, 'memory');
});

test('leaves cover every region word once, and nothing of another node', (t) => {
	for (let seed = 0; seed < 200; seed++) {
		const pick = random(seed + 1);
		const machine = toyMachine(randomToy(seed));
		const sizes = { want: 1 + pick(20), most: 1 + pick(20) };
		const leaves = leavesOf(machine.regions, sizes);
		const owner = new Map<number, number>();
		for (const l of leaves) {
			t.true(l.length <= sizes.most);
			for (let a = l.start; a < l.start + l.length; a++) {
				t.false(owner.has(a));
				owner.set(a, l.node);
			}
		}
		for (const r of machine.regions)
			for (let a = r.start; a < r.start + r.length; a++) t.is(owner.get(a), r.node);
	}
});

test('a shape that is no tree over the groups is refused', (t) => {
	const groups = [[{ node: 0, start: 1, length: 3 }], [{ node: 1, start: 4, length: 3 }]];
	t.deepEqual([...shapeOf(groups, [0, 1]).parent], [2, 2, -1]);
	t.throws(() => shapeOf(groups, [0, 0]));
	t.throws(() => shapeOf(groups, 0));
	t.throws(() => shapeOf([groups[0]], 0));
	t.throws(() => shapeOf(groups, [0, 2]));
	t.throws(() => shapeOf(Array(33).fill([]), balanced([...Array(33).keys()])));
	t.throws(() =>
		leavesOf([
			{ name: 'a', node: 0, start: 1, length: 3 },
			{ name: 'b', node: 1, start: 3, length: 3 },
		]),
	);
});

test('mem and store move together, over random steps, loads and commits', (t) => {
	for (let seed = 0; seed < 150; seed++) {
		const pick = random(seed + 99);
		const machine = toyMachine(randomToy(seed));
		machine.reset();
		const shape = plainShape(
			machine.regions,
			{ want: 1 + pick(6), most: 1 + pick(9) },
			1 + pick(5),
		);
		const store = new StateStore(machine, { shape, bits: 1, badHash: seed % 3 === 0 });
		const images = [[...machine.mem].join()];
		const ids = new Map([[images[0], 0]]);
		let here = 0;
		for (let i = 0; i < 300; i++) {
			const task = pick(machine.tasks.length);
			const choices = machine.ready(task);
			if (choices <= 0) {
				here = pick(store.count);
				store.load(here);
				t.is([...machine.mem].join(), images[here]);
				continue;
			}
			machine.step(task, pick(choices));
			const image = [...machine.mem].join();
			if (!ids.has(image)) {
				ids.set(image, images.length);
				images.push(image);
			}
			const state = store.put();
			if (state !== ids.get(image)) t.fail(`state ${state}, not ${ids.get(image)}`);
			if (pick(2) === 0) {
				store.commit();
				here = state;
			} else {
				store.rollback();
				if ([...machine.mem].join() !== images[here]) t.fail('rollback');
			}
			t.is(machine.journalLength(), 0);
		}
		t.is(store.count, images.length);
		t.is(store.bytes(), store.budget.used);
	}
});

test('a write outside the regions is a bug that is reported', (t) => {
	const machine = toyMachine({
		regions: [['a', 0, 2]],
		tasks: [{ name: 'x', ready: () => 1, step: (write) => write(0, 1) }],
	});
	machine.reset();
	const store = new StateStore(machine);
	machine.step(0, 0);
	t.throws(() => store.put(), { message: /word 0 was written but is in no region/ });
});
