// SPDX-License-Identifier: GPL-2.0-only
/**
 * The memory of an exploration: every typed array of the store and of the search is taken from one
 * budget, so that its figure is exact and a limit is met before an allocation can fail.
 */

/** What a store ran into. The search ends there, with the figures that it has so far. */
export class LimitReached extends Error {
	constructor(
		readonly limit: 'memory' | 'ids',
		message: string,
	) {
		super(message);
		this.name = 'LimitReached';
	}
}

type Words = Int32Array | Uint8Array | Uint16Array;

export class Budget {
	/** bytes allocated now */
	used = 0;
	/** the most that was ever allocated, the copies made while growing included */
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

	/** A longer copy of `old`; both are there while the copy is made, and both are counted. */
	longer(old: Int32Array, length: number): Int32Array {
		const copy = this.words(length);
		copy.set(old);
		this.release(old);
		return copy;
	}

	release(array: Words): void {
		this.used -= array.byteLength;
	}

	#allocate<T extends Words>(bytes: number, make: () => T): T {
		if (this.used + bytes > this.limit)
			throw new LimitReached(
				'memory',
				`${bytes} bytes more than the ${this.used} in use pass the limit of ${this.limit}`,
			);
		let array: T;
		try {
			array = make();
		} catch (e) {
			if (e instanceof RangeError)
				throw new LimitReached('memory', `allocating ${bytes} bytes failed: ${e.message}`);
			throw e;
		}
		this.used += bytes;
		if (this.used > this.peak) this.peak = this.used;
		return array;
	}
}

/**
 * How long an array of `length` entries becomes when it is full: doubling at first, then by a
 * quarter.
 */
export function grown(length: number): number {
	return length < 1 << 18 ? length * 2 : length + (length >>> 2);
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
}
