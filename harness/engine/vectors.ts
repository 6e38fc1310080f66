// SPDX-License-Identifier: GPL-2.0-only
/**
 * A set of vectors of one length. They stand one after the other in the order in which they were
 * put in, so that a vector's place is its id. A slot of the hash table is an id and, beside it,
 * as much of the vector's hash as fits: vectors are rarely looked at in vain.
 */
import { type Budget, grown, LimitReached } from './budget.ts';
import type { CheckpointReader, CheckpointWriter } from './checkpoint.ts';
import { MAX_IDS, slotsFrom } from './tables.ts';

/** Code for vectors of one length, without loops. */
export interface VectorCode {
	copy(from: Int32Array, at: number, to: Int32Array, there: number): void;
	same(a: Int32Array, i: number, b: Int32Array, j: number): boolean;
	/** 32 bits, each of which depends on all words */
	hash(words: Int32Array, at: number): number;
}

/** Longer ones are gone through by loops: the engine does not optimise functions of any size. */
const UNROLLED = 24;
const made = new Map<number, VectorCode>();

export function vectorCode(width: number): VectorCode {
	let code = made.get(width);
	if (!code) made.set(width, (code = make(width)));
	return code;
}

function make(width: number): VectorCode {
	const unrolled = width <= UNROLLED;
	const each = (f: (k: number | string) => string): string =>
		unrolled
			? Array.from({ length: width }, (_, k) => f(k)).join('')
			: `for(let k=0;k<${width};k++){${f('k')}}`;
	const text = `'use strict';
function copy(a,i,b,j){${each((k) => `b[j+${k}]=a[i+${k}];`)}}
function same(a,i,b,j){${each((k) => `if(a[i+${k}]!==b[j+${k}])return false;`)}return true;}
function hash(a,i){let h=0x9747b28c|0;
${each((k) => `h=Math.imul(h^a[i+${k}],0xcc9e2d51);h^=h>>>15;`)}
h=Math.imul(h^h>>>16,0x85ebca6b);h^=h>>>13;h=Math.imul(h,0xc2b2ae35);return h^h>>>16;}
return {copy,same,hash};`;
	return new Function(text)() as VectorCode;
}

/** Up to here a set grows faster: memory is no matter yet, putting all in once more is. */
const FEW = 1 << 19;

export interface VectorSetOptions {
	/** 2^bits slots to start with */
	bits?: number;
	maxIds?: number;
	/** for tests: all hashes are equal */
	badHash?: boolean;
}

export class VectorSet {
	count = 0;
	/** vector k is at k * width */
	words: Int32Array;
	code: VectorCode;
	#slots: Int32Array;
	readonly #maxIds: number;
	readonly #badHash: boolean;
	/** ids until something has to grow */
	#room = 0;
	/** keeps the engine from leaving out reads that only warm the cache */
	touched = 0;

	constructor(
		readonly budget: Budget,
		public width: number,
		{ bits = 12, maxIds = MAX_IDS, badHash = false }: VectorSetOptions = {},
	) {
		this.#maxIds = maxIds;
		this.#badHash = badHash;
		this.code = vectorCode(width);
		this.#slots = budget.words(1 << bits);
		this.words = budget.words(width << bits);
	}

	hash(words: Int32Array, at: number): number {
		return this.#badHash ? 0 : this.code.hash(words, at);
	}

	/** The id of a vector whose hash is h: the `count` from before the call if it is new. */
	put(vector: Int32Array, at: number, h: number): number {
		if (this.count === this.#room) this.#grow(1);
		const slots = this.#slots;
		const mask = slots.length - 1;
		const { words, width, code } = this;
		let i = h & mask;
		for (let e = slots[i]; e !== 0; e = slots[i]) {
			if (((e ^ h) & ~mask) === 0) {
				const k = (e & mask) - 1;
				if (code.same(words, k * width, vector, at)) return k;
			}
			i = (i + 1) & mask;
		}
		const k = this.count;
		code.copy(vector, at, words, k * width);
		slots[i] = (h & ~mask) | (k + 1);
		this.count = k + 1;
		return k;
	}

	/**
	 * Reads what putting n vectors with these hashes will read. One put after the other waits
	 * for memory twice, for the slot and for the vector that it names; here the waits overlap.
	 */
	warm(hashes: Int32Array, n: number): void {
		if (this.count + n > this.#room) this.#grow(n);
		const slots = this.#slots;
		const mask = slots.length - 1;
		const { words, width } = this;
		let touched = 0;
		for (let k = 0; k < n; k++) touched ^= slots[hashes[k] & mask];
		for (let k = 0; k < n; k++) {
			const e = slots[hashes[k] & mask];
			if (e !== 0 && ((e ^ hashes[k]) & ~mask) === 0) touched ^= words[((e & mask) - 1) * width];
		}
		this.touched = touched;
	}

	/** Makes room for n more vectors if there can be so many; for one in any case. */
	#grow(n: number): void {
		const { budget, count, width } = this;
		if (count >= this.#maxIds)
			throw new LimitReached('ids', `the set of states has used all of its ${this.#maxIds} ids`);
		const wanted = Math.min(count + n, this.#maxIds);
		const load = (): number => this.#slots.length - (this.#slots.length >>> 2);
		while (wanted > load()) this.#rehash(this.#slots.length * (count < FEW ? 4 : 2));
		const { length } = this.words;
		if (wanted * width > length)
			this.words = budget.longer(this.words, Math.max(grown(length), wanted * width));
		this.#room = Math.min(load(), Math.floor(this.words.length / width), this.#maxIds);
	}

	#rehash(length: number): void {
		const old = this.#slots;
		const slots = length === old.length ? old : this.budget.longer(old, length);
		slots.fill(0);
		const mask = length - 1;
		for (let k = 0; k < this.count; k++) {
			const h = this.hash(this.words, k * this.width);
			let i = h & mask;
			while (slots[i] !== 0) i = (i + 1) & mask;
			slots[i] = (h & ~mask) | (k + 1);
		}
		this.#slots = slots;
	}

	/** Makes room for the vectors that there are to become longer. */
	reserve(width: number): void {
		if (this.count * width > this.words.length)
			this.words = this.budget.longer(this.words, grown(this.count * width));
	}

	/**
	 * The same states in longer vectors, for which there is room: `rewrite(words, k)` changes
	 * vector k, from the last one on.
	 */
	widen(width: number, rewrite: (words: Int32Array, k: number) => void): void {
		for (let k = this.count - 1; k >= 0; k--) rewrite(this.words, k);
		this.width = width;
		this.code = vectorCode(width);
		this.#rehash(this.#slots.length);
		this.#room = Math.min(this.#room, Math.floor(this.words.length / width));
	}

	save(to: CheckpointWriter): void {
		to.number(this.count);
		to.number(this.#slots.length);
		to.array(this.words.subarray(0, this.count * this.width));
	}
	restore(from: CheckpointReader, width: number): void {
		this.count = from.number(1, this.#maxIds);
		const slots = slotsFrom(from, this.#slots.length, this.count);
		this.words = from.words(this.budget, this.words);
		if (this.count * width > this.words.length) from.damaged();
		this.width = width;
		this.code = vectorCode(width);
		this.#rehash(slots);
		this.#room = this.count;
	}
}
