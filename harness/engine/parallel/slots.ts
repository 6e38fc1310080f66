// SPDX-License-Identifier: GPL-2.0-only
/**
 * The slots of a shared table: an id and beside it as much of the hash as fits; 0 is empty. They
 * are filled anew by all workers that are at work, a part of them each.
 */
import { loadLimit } from '../tables.ts';
import { SharedWords, type Team } from './team.ts';

export class SharedSlots {
	view!: Int32Array;
	readonly #words: SharedWords;
	/** pairs of id and hash that did not find room in the part that they belong to */
	#left: number[] = [];

	constructor(team: Team, buffer: SharedArrayBuffer) {
		this.#words = new SharedWords(team, buffer);
		this.renew();
	}

	renew(): void {
		this.#words.renew();
		this.view = this.#words.view;
	}

	/** Makes room for ids below `end`. True if they are to be filled anew. Throws LimitReached. */
	longer(end: number): boolean {
		const { length } = this.#words.view;
		let wanted = length;
		while (loadLimit(wanted) < end) wanted *= 2;
		if (wanted === length) return false;
		this.#words.longer(wanted);
		this.renew();
		return true;
	}

	/** Empties this part of the slots, and fills it with the ids below `bound` that belong there. */
	refill(
		part: number,
		parts: number,
		bound: number,
		used: (id: number) => boolean,
		hashOf: (id: number) => number,
	): void {
		const slots = this.view;
		const mask = slots.length - 1;
		const from = Math.floor((slots.length * part) / parts);
		const to = Math.floor((slots.length * (part + 1)) / parts);
		slots.fill(0, from, to);
		this.#left = [];
		for (let k = 1; k < bound; k++) {
			if (!used(k)) continue;
			const h = hashOf(k);
			let i = h & mask;
			if (i < from || i >= to) continue;
			while (i < to && slots[i] !== 0) i++;
			if (i < to) slots[i] = (h & ~mask) | (k + 1);
			else this.#left.push(k, h);
		}
	}

	/** When all parts are filled. */
	overflow(): void {
		const slots = this.view;
		const mask = slots.length - 1;
		for (let n = 0; n < this.#left.length; n += 2) {
			const [k, h] = [this.#left[n], this.#left[n + 1]];
			const e = (h & ~mask) | (k + 1);
			let i = h & mask;
			while (Atomics.compareExchange(slots, i, 0, e) !== 0) i = (i + 1) & mask;
		}
		this.#left = [];
	}
}
