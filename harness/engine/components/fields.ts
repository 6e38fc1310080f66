// SPDX-License-Identifier: GPL-2.0-only
/** Where the contents of each part are in a packed state. No field is across two words. */

const FIRST_WORDS = 2;
/** Contents of a part are numbers below 2^MOST_BITS. */
const MOST_BITS = 28;

export class Fields {
	readonly width: number;
	/** by part */
	readonly word: Int32Array;
	readonly shift: Int32Array;
	readonly mask: Int32Array;

	/** Of so many parts; `least`: the bits that each needs. */
	constructor(
		parts: number,
		least: readonly number[] = new Array<number>(parts).fill(1),
		width = FIRST_WORDS,
	) {
		const placed = placedIn(width, least) ?? placedIn(width + 1, least);
		if (!placed) throw new Error('fields of a state do not fit');
		this.width = placed.width;
		this.word = Int32Array.from(placed.word);
		this.shift = new Int32Array(parts);
		this.mask = new Int32Array(parts);
		for (let w = 0; w < this.width; w++) this.#share(w, least);
	}

	/** Shares a word out among its fields: what is left goes to all of them. */
	#share(w: number, least: readonly number[]): void {
		const here = [...this.word.keys()].filter((p) => this.word[p] === w);
		const bits = here.map((p) => least[p]);
		let left = 32 - bits.reduce((sum, n) => sum + n, 0);
		while (left > 0 && bits.some((n) => n < MOST_BITS))
			for (let i = 0; i < here.length && left > 0; i++)
				if (bits[i] < MOST_BITS) {
					bits[i]++;
					left--;
				}
		let shift = 0;
		for (const [i, p] of here.entries()) {
			this.shift[p] = shift;
			this.mask[p] = (1 << bits[i]) - 1;
			shift += bits[i];
		}
	}

	/** Fields for parts of so many contents, and then some. */
	widened(sizes: readonly number[]): Fields {
		const least = sizes.map((size) => 32 - Math.clz32(size));
		return new Fields(sizes.length, least, this.width);
	}

	fit(state: Int32Array): boolean {
		const { mask } = this;
		for (let p = 0; p < mask.length; p++) if ((state[p] & ~mask[p]) !== 0) return false;
		return true;
	}

	/** False if it does not fit. */
	pack(state: Int32Array, to: Int32Array, at: number): boolean {
		if (!this.fit(state)) return false;
		const { word, shift } = this;
		for (let w = 0; w < this.width; w++) to[at + w] = 0;
		for (let p = 0; p < word.length; p++) to[at + word[p]] |= state[p] << shift[p];
		return true;
	}

	unpack(from: Int32Array, at: number, state: Int32Array): void {
		const { word, shift, mask } = this;
		for (let p = 0; p < word.length; p++) state[p] = (from[at + word[p]] >>> shift[p]) & mask[p];
	}

	/** Bits of one part, where they are in its word. */
	bits(part: number, bits: number): number {
		return bits << this.shift[part];
	}
}

/** The widest first, each where most is left. */
function placedIn(
	width: number,
	bits: readonly number[],
): { width: number; word: number[] } | undefined {
	const left = new Array<number>(width).fill(32);
	const word = new Array<number>(bits.length).fill(0);
	const order = [...bits.keys()].sort((a, b) => bits[b] - bits[a]);
	for (const p of order) {
		const w = left.indexOf(Math.max(...left));
		if (left[w] < bits[p]) return undefined;
		left[w] -= bits[p];
		word[p] = w;
	}
	return { width, word };
}
