// SPDX-License-Identifier: GPL-2.0-only
/**
 * The memory of an exploration: every typed array of the store and of the search is taken from one
 * budget, so that its figure is exact and a limit is met before an allocation can fail.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { CheckpointReader, CheckpointWriter } from './checkpoint.ts';
import { LimitReached } from './limits.ts';

/** Bytes from which on an array is not copied when it becomes longer. */
const GROWS_IN_PLACE = 1 << 20;
/** Largest size of such an array: address space, not memory. */
const MOST_BYTES = 2 ** 32;

/** Its type is not in this version of TypeScript's library. */
export interface GrowableBuffer extends SharedArrayBuffer {
	readonly growable: boolean;
	readonly maxByteLength: number;
	grow(bytes: number): void;
}
function isGrowable(buffer: ArrayBufferLike): buffer is GrowableBuffer {
	return buffer instanceof SharedArrayBuffer && 'growable' in buffer && buffer.growable === true;
}

/** Bytes that growing arrays took since the last collectGarbage(). */
let grownBytes = 0;

/** So many bytes of growing arrays, made elsewhere, are unused now. */
export function leaveToCollector(bytes: number): void {
	grownBytes += bytes;
}

/**
 * The collector does not see the size of a growing array, and may keep it long after its search has
 * ended. So a new search starts a collection if there is much to collect.
 */
export function collectGarbage(): void {
	if (grownBytes < 1 << 26) return;
	grownBytes = 0;
	setFlagsFromString('--expose-gc');
	const collect: unknown = runInNewContext('gc');
	if (typeof collect === 'function') collect();
}

/**
 * A buffer that can grow in place: only shared ones do so without becoming slower. Throws
 * RangeError if there is no address space.
 */
export function growableBuffer(bytes: number): GrowableBuffer {
	const Growable = SharedArrayBuffer as unknown as new (
		bytes: number,
		options: { maxByteLength: number },
	) => GrowableBuffer;
	return new Growable(bytes, { maxByteLength: MOST_BYTES });
}

function growableWords(length: number): Int32Array {
	let buffer: SharedArrayBuffer;
	try {
		buffer = growableBuffer(length * 4);
	} catch {
		// It is copied each time.
		return new Int32Array(length);
	}
	return new Int32Array(buffer, 0, length);
}

type Words = Int32Array | Uint8Array | Uint16Array;

export class Budget {
	/** bytes allocated now */
	used = 0;
	/** the most that was ever allocated, including copies made while growing */
	peak = 0;

	constructor(readonly limit: number = Number.POSITIVE_INFINITY) {}

	words(length: number): Int32Array {
		return this.#allocate(length * 4, () => new Int32Array(length));
	}
	halves(length: number): Uint16Array {
		return this.#allocate(length * 2, () => new Uint16Array(length));
	}
	bytes(length: number): Uint8Array {
		return this.#allocate(length, () => new Uint8Array(length));
	}

	/**
	 * `old` with more words, zeros, at its end; do not use `old` after that. A small array is copied,
	 * and both count meanwhile; a large one grows in place.
	 */
	longer(old: Int32Array, length: number): Int32Array {
		const grown = this.#inPlace(old, length);
		if (grown) return grown;
		const copy = this.#larger(length);
		copy.set(old);
		this.release(old);
		return copy;
	}

	/** As many zeros, in place of `old`, which must not be used after that. */
	zeros(old: Int32Array, length: number): Int32Array {
		const grown = this.#inPlace(old, length);
		if (grown) return grown.fill(0);
		this.release(old);
		return this.#larger(length);
	}

	#inPlace(old: Int32Array, length: number): Int32Array | undefined {
		if (length === old.length) return old;
		const { buffer } = old;
		if (!isGrowable(buffer) || length * 4 > buffer.maxByteLength) return undefined;
		return this.#allocate(length * 4 - old.byteLength, () => {
			buffer.grow(length * 4);
			grownBytes += length * 4 - old.byteLength;
			return new Int32Array(buffer, 0, length);
		});
	}

	/** So many zeros; a large array can grow in place. */
	#larger(length: number): Int32Array {
		if (length * 4 < GROWS_IN_PLACE) return this.words(length);
		return this.#allocate(length * 4, () => growableWords(length));
	}

	/** So many bytes more are in use elsewhere. */
	charge(bytes: number): void {
		this.#mustHave(bytes);
		this.#use(bytes);
	}

	release(array: Words): void {
		this.used -= array.byteLength;
	}

	#allocate<T extends Words>(bytes: number, make: () => T): T {
		this.#mustHave(bytes);
		let array: T;
		try {
			array = make();
		} catch (e) {
			if (e instanceof RangeError)
				throw new LimitReached('memory', `allocating ${bytes} bytes failed: ${e.message}`);
			throw e;
		}
		this.#use(bytes);
		return array;
	}

	#mustHave(bytes: number): void {
		if (this.used + bytes > this.limit)
			throw new LimitReached(
				'memory',
				`${bytes} bytes more than the ${this.used} in use pass the limit of ${this.limit}`,
			);
	}
	#use(bytes: number): void {
		this.used += bytes;
		if (this.used > this.peak) this.peak = this.used;
	}
}

/** How long an array of `length` entries becomes when it is full. */
export function grown(length: number): number {
	return length < 1 << 18 ? length * 2 : length + (length >>> 3);
}

/** A list of ids or of anything that fits a word, growing within the budget. */
export class WordList {
	length = 0;
	words: Int32Array;

	constructor(
		readonly budget: Budget,
		size = 64,
	) {
		this.words = budget.words(size);
	}

	push(word: number): void {
		if (this.length === this.words.length)
			this.words = this.budget.longer(this.words, grown(this.length));
		this.words[this.length++] = word;
	}

	/** Writes the first `length` words. */
	save(to: CheckpointWriter, length = this.length): void {
		to.number(length);
		to.array(this.words.subarray(0, length));
	}
	restore(from: CheckpointReader): void {
		this.length = from.number();
		this.words = from.words(this.budget, this.words, this.length);
	}
}

/** A list of bits. */
export class BitList {
	length = 0;
	readonly #list: WordList;

	constructor(budget: Budget) {
		this.#list = new WordList(budget);
		this.#list.push(0);
	}

	push(bit: boolean): void {
		const n = this.length++;
		if ((n & 31) === 0 && n > 0) this.#list.push(0);
		if (bit) this.#list.words[n >>> 5] |= 1 << n;
	}
	get(i: number): boolean {
		return (this.#list.words[i >>> 5] & (1 << i)) !== 0;
	}
	set(i: number): void {
		this.#list.words[i >>> 5] |= 1 << i;
	}

	/** Writes the first `length` bits. */
	save(to: CheckpointWriter, length = this.length): void {
		to.number(length);
		this.#list.save(to, Math.max(1, (length + 31) >>> 5));
	}
	restore(from: CheckpointReader): void {
		this.length = from.number();
		this.#list.restore(from);
		if (this.#list.length !== Math.max(1, (this.length + 31) >>> 5)) from.damaged();
		// What was saved may have had more bits in its last word.
		const rest = this.length & 31;
		if (rest > 0) this.#list.words[this.#list.length - 1] &= (1 << rest) - 1;
	}
}

/** A list of numbers from 0 to 255. */
export class ByteList {
	length = 0;
	readonly #list: WordList;

	constructor(budget: Budget) {
		this.#list = new WordList(budget);
	}

	push(byte: number): void {
		const n = this.length++;
		if ((n & 3) === 0) this.#list.push(0);
		this.#list.words[n >>> 2] |= byte << ((n & 3) << 3);
	}
	get(i: number): number {
		return (this.#list.words[i >>> 2] >>> ((i & 3) << 3)) & 255;
	}

	/** Writes the first `length` of them. */
	save(to: CheckpointWriter, length = this.length): void {
		to.number(length);
		this.#list.save(to, (length + 3) >>> 2);
	}
	restore(from: CheckpointReader): void {
		this.length = from.number();
		this.#list.restore(from);
		if (this.#list.length !== (this.length + 3) >>> 2) from.damaged();
		// What was saved may have had more of them in its last word.
		const rest = (this.length & 3) << 3;
		if (rest > 0) this.#list.words[this.#list.length - 1] &= (1 << rest) - 1;
	}
}
