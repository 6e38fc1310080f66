// SPDX-License-Identifier: GPL-2.0-only
/**
 * Interning: equal contents get equal ids; entries are never removed.
 *
 * Both tables are open addressing with linear probing over one Int32Array of slots. An empty slot
 * is 0; otherwise its low bits hold id + 1, and the bits above as much of the hash as fits, so that
 * contents are rarely compared without need.
 */
import { type Budget, grown } from './budget.ts';
import type { CheckpointReader, CheckpointWriter } from './checkpoint.ts';
import { LimitReached } from './limits.ts';

/** Ids have at most 28 bits: what is computed from them stays a small integer. */
export const MAX_IDS = (1 << 28) - 1;
export const ID_BITS = (1 << 28) - 1;
export const TAG_BITS = ~ID_BITS;

export function tooMany(maxIds: number): LimitReached {
	return new LimitReached('ids', `a table of the store has used all of its ${maxIds} ids`);
}
/** Spare slots of a table that has just grown. */
const MOST_SPARE = 1024;
/**
 * How many slots there were, if that is possible: a power of two, with room for `size` ids and not
 * for many times as many. A table grows to eight times its slots at the most.
 */
export function slotsFrom(from: CheckpointReader, least: number, size: number): number {
	const slots = from.number(Math.max(least, size + 1), Math.max(least, 16 * size + MOST_SPARE));
	if (2 ** Math.round(Math.log2(slots)) !== slots) from.damaged();
	return slots;
}
/** The slots of a pair table are rehashed when they hold this many ids. */
export const loadLimit = (slots: number): number => slots - Math.max(1, slots >>> 2);

/**
 * How many slots a table of `count` entries gets next. A small table grows faster: rehashing costs
 * more than its memory.
 */
export const moreSlots = (slots: number, count: number): number =>
	slots * (count < 1 << 19 ? 8 : 2);

export function pairHash(a: number, b: number): number {
	const h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca77);
	return mixed(h);
}
export function mixed(h: number): number {
	const x = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
	return x ^ (x >>> 13);
}

const TWICE = 'a part of a state is there twice';

interface Saved {
	save(to: CheckpointWriter): void;
	restore(from: CheckpointReader): void;
}
/** The interface of the tables of a store, its own or shared with other threads. */
export interface Pairs extends Saved {
	/** entries that were new to the table when they were interned here */
	readonly size: number;
	/** pair k is at 2k and 2k + 1 */
	readonly pairs: Int32Array;
	intern(a: number, b: number): number;
}
export interface Vectors extends Saved {
	readonly size: number;
	/** vector k is at k: its linear hash, a word of the table, its words */
	readonly data: Int32Array;
	/** of each owner's vectors */
	readonly lengths: Int32Array;
	/** The id of the contents of `words` from `start` on, with the linear hash `sum`. */
	intern(owner: number, words: Int32Array, start: number, sum: number): number;
	/** All ids. */
	ids(): Iterable<number>;
}

/** Interned pairs of ids; their own ids count up from 0. */
export class PairTable implements Pairs {
	size = 0;
	/** pair k is at 2k and 2k + 1 */
	pairs: Int32Array;
	#slots: Int32Array;
	#mask: number;
	/** ids that the slots may hold */
	#load: number;
	/** ids until a table must grow */
	#room: number;

	constructor(
		readonly budget: Budget,
		readonly maxIds = MAX_IDS,
		bits = 6,
	) {
		const n = 1 << bits;
		this.#slots = budget.words(n);
		this.#mask = n - 1;
		this.#load = loadLimit(n);
		this.pairs = budget.words(2 * this.#load);
		this.#room = Math.min(this.#load, maxIds);
	}

	intern(a: number, b: number): number {
		const h = pairHash(a, b);
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
		if (size >= maxIds) throw tooMany(maxIds);
		if (size === this.#load) this.#moreSlots();
		if (2 * size === this.pairs.length)
			this.pairs = budget.longer(this.pairs, 2 * Math.min(grown(size), maxIds));
		this.#room = Math.min(this.#load, this.pairs.length >>> 1, maxIds);
	}

	save(to: CheckpointWriter): void {
		to.number(this.size);
		to.number(this.#slots.length);
		to.array(this.pairs.subarray(0, 2 * this.size));
	}
	restore(from: CheckpointReader): void {
		const first = this.pairs.slice(0, 2 * this.size);
		this.size = from.number(this.size, this.maxIds);
		const slots = slotsFrom(from, this.#slots.length, this.size);
		this.pairs = from.words(this.budget, this.pairs, 2 * this.size);
		if (!same(first, 0, this.pairs, 0, first.length)) from.misfit();
		this.#rehash(slots);
		this.#load = Math.max(this.#load, this.size);
		this.#room = Math.min(this.#load, this.pairs.length >>> 1, this.maxIds);
		for (let k = 0; k < this.size; k++)
			from.must(this.intern(this.pairs[2 * k], this.pairs[2 * k + 1]) === k, TWICE);
	}

	/** Doubles the slots. Without memory for that, the old slots are filled further. */
	#moreSlots(): void {
		const length = this.#slots.length;
		const most = length - (length >>> 4) - 1;
		try {
			this.#rehash(2 * length);
		} catch (e) {
			if (!(e instanceof LimitReached) || this.#load >= most) throw e;
			this.#load = most;
		}
	}

	#rehash(length: number): void {
		const slots = this.budget.longer(this.#slots, length).fill(0);
		const mask = slots.length - 1;
		const pairs = this.pairs;
		for (let k = 0; k < this.size; k++) {
			const h = pairHash(pairs[2 * k], pairs[2 * k + 1]);
			let i = h & mask;
			while (slots[i] !== 0) i = (i + 1) & mask;
			slots[i] = (h & ~mask) | (k + 1);
		}
		this.#slots = slots;
		this.#mask = mask;
		this.#load = loadLimit(slots.length);
	}
}

export function same(a: Int32Array, i: number, b: Int32Array, j: number, length: number): boolean {
	let n = length;
	for (; n >= 4; n -= 4, i += 4, j += 4) {
		if (a[i] !== b[j] || a[i + 1] !== b[j + 1]) return false;
		if (a[i + 2] !== b[j + 2] || a[i + 3] !== b[j + 3]) return false;
	}
	for (; n > 0; n--, i++, j++) if (a[i] !== b[j]) return false;
	return true;
}

/** Of a vector: its linear hash and its owner, then its words. */
export const HEADER = 2;

/**
 * Interned vectors of words, of several owners: contents are equal if their owners are. The
 * vectors of an owner have one length. An id is the position of the vector in `data`.
 *
 * The hash is linear in the words (the sum of word * key) and kept with each vector: a step changes
 * it by the words that the step wrote.
 */
export class VectorTable implements Vectors {
	size = 0;
	data: Int32Array;
	#end = 0;
	#slots: Int32Array;

	/** `lengths`: of each owner's vectors */
	constructor(
		readonly budget: Budget,
		readonly lengths: Int32Array,
		readonly maxIds = MAX_IDS,
		bits = 8,
	) {
		this.#slots = budget.words(1 << bits);
		this.data = budget.words(4 << bits);
	}

	/** The id of the contents of `words` from `start` on, with the linear hash `sum`. */
	intern(owner: number, words: Int32Array, start: number, sum: number): number {
		const length = this.lengths[owner];
		const data = this.data;
		const slots = this.#slots;
		const mask = slots.length - 1;
		const h = mixed(sum);
		let i = h & mask;
		for (let e = slots[i]; e !== 0; e = slots[i]) {
			const k = (e & ID_BITS) - 1;
			if (((e ^ h) & TAG_BITS) === 0 && data[k] === sum && data[k + 1] === owner) {
				if (same(data, k + HEADER, words, start, length)) return k;
			}
			i = (i + 1) & mask;
		}
		const k = this.#end;
		if (2 * this.size > mask || k + HEADER + length > data.length) {
			this.#grow(length);
			return this.intern(owner, words, start, sum);
		}
		data[k] = sum;
		data[k + 1] = owner;
		for (let j = 0; j < length; j++) data[k + HEADER + j] = words[start + j];
		this.#end = k + HEADER + length;
		slots[i] = (h & TAG_BITS) | (k + 1);
		this.size++;
		return k;
	}

	save(to: CheckpointWriter): void {
		to.number(this.size);
		to.number(this.#end);
		to.number(this.#slots.length);
		to.array(this.data.subarray(0, this.#end));
	}
	restore(from: CheckpointReader): void {
		const first = this.data.slice(0, this.#end);
		this.size = from.number(0, this.maxIds);
		this.#end = from.number(first.length, this.maxIds);
		const slots = slotsFrom(from, this.#slots.length, this.size);
		this.data = from.words(this.budget, this.data, this.#end);
		if (!same(first, 0, this.data, 0, first.length)) from.misfit();
		let size = 0;
		let end = 0;
		for (; end < this.#end; size++) {
			const owner = this.data[end + 1];
			from.must(owner >= 0 && owner < this.lengths.length, 'whose a part of a state is');
			end += HEADER + this.lengths[owner];
		}
		from.must(size === this.size && end === this.#end, 'the number of parts of states');
		this.#rehash(slots);
		for (const k of this.ids())
			from.must(this.intern(this.data[k + 1], this.data, k + HEADER, this.data[k]) === k, TWICE);
	}

	/** The positions of the vectors. */
	*ids(): Iterable<number> {
		for (let k = 0; k < this.#end; k += HEADER + this.lengths[this.data[k + 1]]) yield k;
	}

	#grow(length: number): void {
		const { budget, maxIds } = this;
		const end = this.#end + HEADER + length;
		if (end >= maxIds) throw tooMany(maxIds);
		if (2 * this.size >= this.#slots.length) this.#rehash(2 * this.#slots.length);
		if (end > this.data.length)
			this.data = budget.longer(
				this.data,
				Math.min(Math.max(grown(this.data.length), end), maxIds),
			);
	}

	#rehash(length: number): void {
		const slots = this.budget.longer(this.#slots, length).fill(0);
		const { data, lengths } = this;
		for (let k = 0; k < this.#end; k += HEADER + lengths[data[k + 1]]) {
			const h = mixed(data[k]);
			let i = h & (length - 1);
			while (slots[i] !== 0) i = (i + 1) & (length - 1);
			slots[i] = (h & TAG_BITS) | (k + 1);
		}
		this.#slots = slots;
	}
}
