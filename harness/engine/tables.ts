// SPDX-License-Identifier: GPL-2.0-only
/**
 * Interning: equal contents get equal ids, ids count up from 0, nothing is ever taken out.
 *
 * Both tables are open addressing with linear probing over one Int32Array of slots. An empty slot is 0;
 * otherwise its low bits hold id + 1 and the bits above them, which the slot number does not tell,
 * hold the rest of the hash: contents are looked at only when the whole hash is most likely the same.
 */
import { type Budget, grown, LimitReached } from './budget.ts';

/** Ids are at most 28 bits: what is made of them stays a small integer. */
export const MAX_IDS = 1 << 28;

function tooMany(maxIds: number): never {
	throw new LimitReached('ids', `a table of the store holds ${maxIds} entries, its limit`);
}
/** A slot array of `slots` entries is rehashed when it holds this many ids. */
const loadLimit = (slots: number): number => slots - Math.max(1, slots >>> 2);

/** Interned pairs of ids. */
export class PairTable {
	size = 0;
	/** pair k is at 2k and 2k + 1 */
	pairs: Int32Array;
	#slots: Int32Array;
	#mask: number;
	#room: number;

	constructor(
		readonly budget: Budget,
		readonly maxIds = MAX_IDS,
		bits = 6,
	) {
		const n = 1 << bits;
		this.#slots = budget.words(n);
		this.#mask = n - 1;
		this.pairs = budget.words(2 * loadLimit(n));
		this.#room = Math.min(loadLimit(n), maxIds);
	}

	intern(a: number, b: number): number {
		let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca77);
		h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
		h ^= h >>> 13;
		const slots = this.#slots;
		const mask = this.#mask;
		const pairs = this.pairs;
		let i = h & mask;
		for (let e = slots[i]; e !== 0; e = slots[i]) {
			if (((e ^ h) & ~mask) === 0) {
				const k = (e & mask) - 1;
				if (pairs[2 * k] === a && pairs[2 * k + 1] === b) return k;
			}
			i = (i + 1) & mask;
		}
		const k = this.size;
		if (k === this.#room) {
			this.#grow();
			return this.intern(a, b);
		}
		pairs[2 * k] = a;
		pairs[2 * k + 1] = b;
		slots[i] = (h & ~mask) | (k + 1);
		this.size = k + 1;
		return k;
	}

	#grow(): void {
		const { budget, size, maxIds } = this;
		if (size >= maxIds) tooMany(maxIds);
		if (size === loadLimit(this.#mask + 1)) {
			const slots = budget.words(2 * this.#slots.length);
			const mask = slots.length - 1;
			const pairs = this.pairs;
			for (let k = 0; k < size; k++) {
				let h = Math.imul(pairs[2 * k], 0x9e3779b1) ^ Math.imul(pairs[2 * k + 1], 0x85ebca77);
				h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
				h ^= h >>> 13;
				let i = h & mask;
				while (slots[i] !== 0) i = (i + 1) & mask;
				slots[i] = (h & ~mask) | (k + 1);
			}
			budget.release(this.#slots);
			this.#slots = slots;
			this.#mask = mask;
		}
		if (2 * size === this.pairs.length)
			this.pairs = budget.longer(this.pairs, 2 * Math.min(grown(size), maxIds));
		this.#room = Math.min(loadLimit(this.#slots.length), this.pairs.length >>> 1, maxIds);
	}
}

/**
 * Interned contents of the words start .. start + length - 1 of an array. The hash is linear in the
 * words (the sum of word * key, kept with each entry): what a step changes in it follows from the words
 * that the step wrote.
 */
export class VectorTable {
	size = 0;
	sums: Int32Array;
	/** vector k is at k * length */
	data: Int32Array;
	#slots: Int32Array;
	#mask: number;
	#room: number;

	constructor(
		readonly budget: Budget,
		readonly start: number,
		readonly length: number,
		readonly maxIds = MAX_IDS,
		bits = 4,
	) {
		const n = 1 << bits;
		this.#slots = budget.words(n);
		this.#mask = n - 1;
		this.#room = Math.min(loadLimit(n), maxIds);
		this.sums = budget.words(loadLimit(n));
		this.data = budget.words(loadLimit(n) * length);
	}

	/** The id of what `words` holds there now, whose linear hash is `sum`. */
	intern(words: Int32Array, sum: number): number {
		const { start, length, sums, data } = this;
		const slots = this.#slots;
		const mask = this.#mask;
		let h = Math.imul(sum ^ (sum >>> 15), 0x2c1b3c6d);
		h ^= h >>> 13;
		let i = h & mask;
		for (let e = slots[i]; e !== 0; e = slots[i]) {
			if (((e ^ h) & ~mask) === 0) {
				const k = (e & mask) - 1;
				if (sums[k] === sum) {
					const from = k * length;
					let j = 0;
					while (j < length && data[from + j] === words[start + j]) j++;
					if (j === length) return k;
				}
			}
			i = (i + 1) & mask;
		}
		const k = this.size;
		if (k === this.#room) {
			this.#grow();
			return this.intern(words, sum);
		}
		const to = k * length;
		for (let j = 0; j < length; j++) data[to + j] = words[start + j];
		sums[k] = sum;
		slots[i] = (h & ~mask) | (k + 1);
		this.size = k + 1;
		return k;
	}

	/** Writes vector k to `words`. */
	load(k: number, words: Int32Array): void {
		const { start, length, data } = this;
		const from = k * length;
		for (let j = 0; j < length; j++) words[start + j] = data[from + j];
	}

	#grow(): void {
		const { budget, size, maxIds } = this;
		if (size >= maxIds) tooMany(maxIds);
		if (size === loadLimit(this.#mask + 1)) {
			const slots = budget.words(2 * this.#slots.length);
			const mask = slots.length - 1;
			for (let k = 0; k < size; k++) {
				const sum = this.sums[k];
				let h = Math.imul(sum ^ (sum >>> 15), 0x2c1b3c6d);
				h ^= h >>> 13;
				let i = h & mask;
				while (slots[i] !== 0) i = (i + 1) & mask;
				slots[i] = (h & ~mask) | (k + 1);
			}
			budget.release(this.#slots);
			this.#slots = slots;
			this.#mask = mask;
		}
		if (size === this.sums.length) {
			const longer = Math.min(grown(size), maxIds);
			this.data = budget.longer(this.data, longer * this.length);
			this.sums = budget.longer(this.sums, longer);
		}
		this.#room = Math.min(loadLimit(this.#slots.length), this.sums.length, maxIds);
	}
}
