// SPDX-License-Identifier: GPL-2.0-only
/**
 * An estimate of the number of all states, from the number of states at each depth.
 *
 * With interleavings of tasks these numbers grow and shrink like a bell: their logarithm is roughly
 * a parabola. One is fitted to the last half of the levels, and the area under it ahead is the rest
 * of the states. This is only a guess, and worthless while the curve still bends upwards or changes
 * from level to level: there is an estimate only while the last few levels agree.
 */

/** Least number of levels for an estimate. */
const FEWEST = 12;
/** So many estimates in a row must agree within a factor. */
const AGREEING = 10;
const FACTOR = 1.3;
/** No estimate if more than so many times the known states are ahead. */
const MOST_AHEAD = 20;

export class LevelEstimate {
	/** states at each depth, from 0 on, the initial state included */
	readonly sizes: number[] = [];

	/** All states of the next depth are known. */
	level(size: number): void {
		this.sizes.push(size);
	}

	/** States in all, about; undefined: nothing can be said. */
	total(): number | undefined {
		const levels = this.sizes.length;
		if (levels < AGREEING) return undefined;
		const guesses: number[] = [];
		for (let n = levels - AGREEING + 1; n <= levels; n++) {
			const guess = this.#guess(n);
			if (guess === undefined) return undefined;
			guesses.push(guess);
		}
		const agree = Math.max(...guesses) <= FACTOR * Math.min(...guesses);
		return agree ? guesses[guesses.length - 1] : undefined;
	}

	/** Judged by the first n levels. */
	#guess(n: number): number | undefined {
		if (n < FEWEST) return undefined;
		const sizes = this.sizes.slice(0, n);
		const found = sizes.reduce((sum, size) => sum + size, 0);
		const [a, b, c] = parabola(sizes.slice(-Math.max(FEWEST, n >> 1)).map(Math.log));
		if (!(c < 0)) return undefined;
		let total = found;
		for (let x = 1; ; x++) {
			const size = Math.exp(a + b * x + c * x * x);
			// also once it falls, as it finally does: c is negative
			if (size < 1 && b + 2 * c * x < 0) return total;
			total += size;
			if (!(total < MOST_AHEAD * found) || x > MOST_AHEAD * n) return undefined;
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
