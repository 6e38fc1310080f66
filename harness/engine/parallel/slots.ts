// SPDX-License-Identifier: GPL-2.0-only
/**
 * The slots of a shared table: an id, and as much of the hash as fits; 0 is empty. All active
 * workers refill them together: each empties a part of them, and then puts in a part of the ids.
 */
import { loadLimit, moreSlots } from '../tables.ts';
import { SharedWords, type Team } from './team.ts';

/** Ids put in together, so that the waits for the memory of their slots overlap. */
const TOGETHER = 64;

/**
 * Writes the ids from `from` to `to` that are in use, at most TOGETHER, and their hashes; returns
 * how many there are.
 */
export type Gather = (from: number, to: number, ids: Int32Array, hashes: Int32Array) => number;

export class SharedSlots {
	view!: Int32Array;
	readonly #words: SharedWords;
	readonly #ids = new Int32Array(TOGETHER);
	readonly #hashes = new Int32Array(TOGETHER);
	/** keeps the engine from leaving out reads that only warm the cache */
	touched = 0;

	constructor(team: Team, buffer: SharedArrayBuffer) {
		this.#words = new SharedWords(team, buffer);
		this.renew();
	}

	renew(): void {
		this.#words.renew();
		this.view = this.#words.view;
	}

	/** Makes room for ids below `end`. True if they must be refilled. Throws LimitReached. */
	longer(end: number): boolean {
		const { length } = this.#words.view;
		let wanted = length;
		while (loadLimit(wanted) < end) wanted = moreSlots(wanted, end);
		if (wanted === length) return false;
		this.#words.longer(wanted);
		this.renew();
		return true;
	}

	/** Empties a part of the slots. */
	clear(part: number, parts: number): void {
		const { length } = this.view;
		this.view.fill(
			0,
			Math.floor((length * part) / parts),
			Math.floor((length * (part + 1)) / parts),
		);
	}

	/** When all parts are empty: puts in a part of the ids below `bound`. */
	fill(part: number, parts: number, bound: number, gather: Gather): void {
		const slots = this.view;
		const mask = slots.length - 1;
		const ids = this.#ids;
		const hashes = this.#hashes;
		const last = Math.floor((bound * (part + 1)) / parts);
		let touched = 0;
		for (let from = Math.floor((bound * part) / parts); from < last; from += TOGETHER) {
			const n = gather(from, Math.min(from + TOGETHER, last), ids, hashes);
			for (let j = 0; j < n; j++) touched ^= slots[hashes[j] & mask];
			for (let j = 0; j < n; j++) {
				const h = hashes[j];
				const e = (h & ~mask) | (ids[j] + 1);
				let i = h & mask;
				while (slots[i] !== 0 || Atomics.compareExchange(slots, i, 0, e) !== 0) i = (i + 1) & mask;
			}
		}
		this.touched = touched;
	}
}
