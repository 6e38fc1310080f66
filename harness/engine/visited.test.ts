// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { codecOf } from './codec.ts';
import { explore } from './explorer.ts';
import { FlatStore } from './flat.ts';
import type { ExploreOptions } from './options.ts';
import { addressesOf, Packing } from './packing.ts';
import { random } from './random.ts';
import { counters, philosophers, randomToy, type Toy, toyMachine, violate } from './toy.ts';
import { constantWords } from './words.ts';

const kinds = ['tree', 'flat', 'compact'] as const;

/**
 * What must not depend on how states are kept. At a limit the queue does: states are taken by the
 * batch, and a batch that was begun is not in it. Without a limit it is compared.
 */
function figures(toy: Toy, options: ExploreOptions) {
	const result = explore(toyMachine(toy), options);
	const { seconds, bytesPerState, omission, marks, queue, ...rest } = result;
	return options.maxStates === undefined ? { ...rest, queue } : rest;
}

test('the result does not depend on how states are kept', (t) => {
	for (let seed = 0; seed < 150; seed++)
		for (const stopAtFirst of [true, false])
			for (const maxStates of [undefined, 1 + (seed % 40)]) {
				const results = kinds.map((visited) =>
					figures(randomToy(seed), { visited, stopAtFirst, maxStates, store: { bits: 3 } }),
				);
				t.deepEqual(results[1], results[0], `seed ${seed}`);
				t.deepEqual(results[2], results[0], `seed ${seed}`);
			}
});

test('depth first too, and refused where states are not kept', (t) => {
	for (let seed = 0; seed < 60; seed++) {
		const [tree, flat] = (['tree', 'flat'] as const).map((visited) =>
			figures(randomToy(seed), { visited, order: 'dfs' }),
		);
		t.deepEqual(flat, tree, `seed ${seed}`);
	}
	t.throws(() => figures(counters(2, 2), { visited: 'compact', order: 'dfs' }), {
		message: /depth-first/,
	});
});

test('states whose hashes are equal are told apart', (t) => {
	const [tree, flat] = (['tree', 'flat'] as const).map((visited) =>
		figures(philosophers(4, 1, true), { visited, store: { badHash: true, bits: 4 } }),
	);
	t.deepEqual(flat, tree);
});

test('only hash compaction says how likely it is that a state was left out', (t) => {
	const omission = (visited: (typeof kinds)[number]) =>
		explore(toyMachine(counters(4, 9)), { visited }).omission;
	t.is(omission('tree'), undefined);
	t.is(omission('flat'), undefined);
	t.is(omission('compact'), (10_000 * 9_999) / 2 ** 65);
});

/** One task that gives a word whatever value comes next. */
const values = (list: number[]): Toy => ({
	regions: [
		['value', -1, 1],
		['other', -1, 2],
		['at', -1, 1],
	],
	tasks: [
		{
			name: 'writer',
			ready: (m) => (m[4] < list.length ? 1 : -2),
			step(write, m) {
				// beyond its field for a moment, and back
				write(2, 0x7fffffff);
				write(1, list[m[4]]);
				write(2, m[4] & 1);
				write(4, m[4] + 1);
			},
		},
	],
});

test('any value fits: fields become wider, and what was packed stays what it was', (t) => {
	const list = [0, 1, 5, -1, 200, -2147483648, 2147483647, -7, 1 << 30, 0];
	for (const visited of ['flat', 'compact'] as const) {
		const result = explore(toyMachine(values(list)), { visited });
		t.is(result.states, list.length + 1, visited);
		t.is(result.terminals, 1);
	}
	const machine = toyMachine(values(list));
	const store = new FlatStore(machine);
	const images = [machine.mem.slice()];
	for (let i = 0; i < list.length; i++) {
		machine.step(0, 0);
		t.is(store.put(), i + 1);
		store.commit();
		images.push(machine.mem.slice());
	}
	for (const i of [3, 0, 10, 5, 6, 1, 9, 2, 4, 7, 8]) {
		store.load(i);
		t.deepEqual(machine.mem, images[i], `state ${i}`);
	}
});

test('packing loses nothing, and takes about as few bits as the values need', (t) => {
	const image = new Int32Array(40);
	let packing = new Packing(Int32Array.from(image.keys()), { low: image, high: image });
	t.is(packing.width, 1);
	for (let seed = 1; seed < 50; seed++) {
		const pick = random(seed);
		for (let a = 0; a < 40; a++) image[a] = pick(2) === 0 ? pick(8) - 4 : 0;
		packing = packing.widened({ low: image, high: image });
		const packed = new Int32Array(packing.width);
		packing.pack(image, packed, 0);
		const back = packing.fields.bias.slice();
		packing.unpack(back, packed, 0);
		t.deepEqual(back, image);
	}
	t.true(packing.width <= 5, `${packing.width} words for 40 values of 3 bits`);
});

test('code that unpacks does what the packing says, whatever the fields and however many', (t) => {
	const widest = 1 << 30;
	for (const words of [5, 40, 200]) {
		const machine = toyMachine({ regions: [['words', -1, words]], tasks: [] });
		const { mem } = machine;
		const pick = random(words);
		const bits = Int32Array.from(mem, () => pick(33));
		const image = () => bits.map((n) => (n === 0 ? 0 : (pick(widest) * 4 + pick(4)) >> (32 - n)));
		const images = Array.from({ length: 20 }, image);
		let packing = new Packing(addressesOf(machine), { low: images[0], high: images[0] });
		for (const now of images) packing = packing.widened({ low: now, high: now });
		const base = constantWords(packing.width);
		const codec = codecOf(machine, packing, base);
		mem.set(images[0]);
		packing.pack(mem, base, 0);
		for (const now of images) {
			const packed = new Int32Array(packing.width);
			packing.pack(now, packed, 0);
			codec.load(packed, 0);
			for (const a of addressesOf(machine)) t.is(mem[a], now[a], `word ${a} of ${words}`);
			t.deepEqual(base, packed);
		}
	}
});

test('a word that is in no region must not change', (t) => {
	const toy = values([1, 2]);
	const machine = toyMachine(toy);
	const stray = { ...machine, regions: machine.regions.slice(0, 2) };
	for (const visited of kinds)
		t.throws(() => explore(stray, { visited }), { message: /word 4 was written/ }, visited);
});

test('a field that ends at the greatest number keeps values apart, however it is widened', (t) => {
	const most = 2 ** 31 - 1;
	const image = (a: number, b: number) => Int32Array.of(0, a, b);
	const narrow = new Packing(Int32Array.of(1, 2), {
		low: image(most - 2, 0),
		high: image(most, 3),
	});
	const wide = narrow.widened({ low: image(most - 7, 0), high: image(most, 3) });
	for (const packing of [narrow, wide])
		for (const a of [most, most - 1, -(2 ** 31), -1]) {
			const now = image(a, 1);
			const fitting = packing.fits({ low: now, high: now })
				? packing
				: packing.widened({ low: now, high: now });
			const packed = new Int32Array(fitting.width);
			fitting.pack(now, packed, 0);
			const back = fitting.fields.bias.slice();
			fitting.unpack(back, packed, 0);
			t.deepEqual(back.subarray(1), now.subarray(1));
		}
});

test('the way to a violation is looked for while other states of the batch wait', (t) => {
	// values that need wider fields turn up around the sizes at which the set looks ahead
	const value = (x: number, y: number, salt: number): number => {
		let v = Math.imul(x * 1000 + y + salt * 77777, 0x9e3779b1);
		v = Math.imul(v ^ (v >>> 15), 0x85ebca6b);
		return 1 << Math.min(Math.clz32(v & -v) ^ 31, 28);
	};
	const toy = (salt: number, at: number): Toy => ({
		regions: [['words', -1, 6]],
		tasks: [0, 1].map((k) => ({
			name: `t${k}`,
			ready: (m) => (m[1 + k] < 60 ? 1 : -2),
			step(write, m) {
				write(1 + k, m[1 + k] + 1);
				write(5, value(m[1], m[2], salt));
			},
		})),
		check(m) {
			if (m[1] + m[2] === 22 && m[1] === at) violate('I1', 'here');
		},
		finished: () => true,
	});
	for (let salt = 1; salt <= 6; salt++)
		for (const at of [0, 3, 6, 9, 16, 20]) {
			const [tree, flat, compact] = kinds.map((visited) =>
				figures(toy(salt, at), { visited, stopAtFirst: false }),
			);
			t.deepEqual(flat, tree, `${salt} ${at}`);
			t.deepEqual(compact, tree, `${salt} ${at}`);
		}
});
