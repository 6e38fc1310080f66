// SPDX-License-Identifier: GPL-2.0-only
/**
 * From which states can all programs still end? The transitions are kept, a word each, in the
 * order of a breadth-first search, and gone through backwards until nothing changes. Most lead to
 * higher ids, so a few passes do.
 */
import { BitList, type Budget, WordList } from './budget.ts';

export class FinishGraph {
	/** each state's successors, the last one complemented */
	readonly #edges: WordList;
	readonly #canFinish: BitList;
	#states = 0;
	#degree = 0;

	constructor(budget: Budget) {
		this.#edges = new WordList(budget);
		this.#canFinish = new BitList(budget);
	}

	/** The next state's successors follow. */
	state(finished: boolean): void {
		this.#close();
		this.#canFinish.push(finished);
		this.#states++;
	}
	edge(to: number): void {
		this.#edges.push(to);
		this.#degree++;
	}
	/** A step of this state was not followed: it is not to be reported. */
	unknown(): void {
		this.#canFinish.set(this.#states - 1);
	}

	/**
	 * The first state that cannot finish, -1 if all can. To be called when all states are
	 * expanded.
	 */
	stuck(): number {
		this.#close();
		const { words, length } = this.#edges;
		const can = this.#canFinish;
		for (let changed = true; changed; ) {
			changed = false;
			let state = this.#states;
			let known = true;
			for (let i = length - 1; i >= 0; i--) {
				let to = words[i];
				if (to < 0) {
					to = ~to;
					known = can.get(--state);
				}
				if (known || !can.get(to)) continue;
				can.set(state);
				known = changed = true;
			}
		}
		for (let s = 0; s < this.#states; s++) if (!can.get(s)) return s;
		return -1;
	}

	#close(): void {
		if (this.#states === 0) return;
		// A state without successors leads to itself.
		if (this.#degree === 0) this.#edges.push(this.#states - 1);
		const { words, length } = this.#edges;
		words[length - 1] = ~words[length - 1];
		this.#degree = 0;
	}
}
