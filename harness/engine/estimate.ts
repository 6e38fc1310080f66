// SPDX-License-Identifier: GPL-2.0-only
/**
 * How many states there will be in all, judged by how many there are at each depth.
 *
 * Interleavings of tasks add up to sizes that grow and shrink like a bell: their logarithm is a
 * parabola, more or less. One is laid through the last half of the levels, and what lies ahead
 * under it is what remains. That is no more than a guess, and worthless while the curve is still
 * bent upwards or changes from level to level: it is only told while the last few levels agree.
 */

/** Levels that are looked at, at the least. */
const FEWEST = 12;
/** So many estimates in a row have to agree within a factor. */
const AGREEING = 10;
const FACTOR = 1.3;
/** Who has seen so little of what there is knows nothing of it. */
const MOST_AHEAD = 20;

export class LevelEstimate {
	/** states at each depth, from 0 on, the initial state included */
	readonly sizes: number[] = [];
	#found = 0;
	/** of the last levels; undefined where there was none */
	readonly #recent: (number | undefined)[] = [];

	/** All states of the next depth are known. */
	level(size: number): void {
		this.sizes.push(size);
		this.#found += size;
		this.#recent.push(this.#guess());
		if (this.#recent.length > AGREEING) this.#recent.shift();
	}

	/** States in all, about; undefined: nothing can be said. */
	total(): number | undefined {
		if (this.#recent.length < AGREEING) return undefined;
		let low = Number.POSITIVE_INFINITY;
		let high = 0;
		for (const guess of this.#recent) {
			if (guess === undefined) return undefined;
			low = Math.min(low, guess);
			high = Math.max(high, guess);
		}
		return high <= FACTOR * low ? this.#recent.at(-1) : undefined;
	}

	#guess(): number | undefined {
		const { sizes } = this;
		const n = sizes.length;
		if (n < FEWEST) return undefined;
		const [a, b, c] = parabola(sizes.slice(-Math.max(FEWEST, n >> 1)).map(Math.log));
		if (!(c < 0)) return undefined;
		let total = this.#found;
		for (let x = 1; ; x++) {
			const size = Math.exp(a + b * x + c * x * x);
			// also once it falls: it does at last, c being negative
			if (size < 1 && b + 2 * c * x < 0) return total;
			total += size;
			if (!(total < MOST_AHEAD * this.#found) || x > MOST_AHEAD * n) return undefined;
		}
	}
}

/**
 * The a, b, c for which a + bx + cx² comes nearest to the values, the last of which is at x = 0
 * (least squares).
 */
function parabola(values: readonly number[]): [number, number, number] {
	const sums = new Float64Array(5);
	const moments = new Float64Array(3);
	for (const [i, y] of values.entries()) {
		const x = i - (values.length - 1);
		for (let p = 0; p < 5; p++) sums[p] += x ** p;
		for (let p = 0; p < 3; p++) moments[p] += x ** p * y;
	}
	const rows = [0, 1, 2].map((i) => [sums[i], sums[i + 1], sums[i + 2], moments[i]]);
	for (const [i, row] of rows.entries()) {
		for (const other of rows) {
			if (other === row) continue;
			const factor = other[i] / row[i];
			for (let j = i; j < 4; j++) other[j] -= factor * row[j];
		}
	}
	return [rows[0][3] / rows[0][0], rows[1][3] / rows[1][1], rows[2][3] / rows[2][2]];
}
