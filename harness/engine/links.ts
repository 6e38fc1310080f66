// SPDX-License-Identifier: GPL-2.0-only
/**
 * Where each state of a breadth-first search was found from, in two bits a state.
 *
 * States are expanded in the order of their ids, and the states that an expansion finds get the
 * next ids: the search is a list of a 1 for each expansion, followed by a 0 for each state that
 * it found. A state's parent is the number of ones before its zero. The step is not kept: expanding
 * the parent once more finds it.
 */
import { BitList, type Budget } from './budget.ts';
import type { CheckpointReader, CheckpointWriter } from './checkpoint.ts';

/** What the links say of a search. */
export interface Levels {
	/** states of each level, up to that of the state that was expanded last */
	sizes: number[];
	/** states of these levels together */
	end: number;
	/** of the state found last */
	depth: number;
	expanded: number;
	found: number;
}

export class ParentLinks {
	readonly #bits: BitList;
	#expanded = 0;
	/** states found, without the initial state */
	#found = 0;

	constructor(budget: Budget) {
		this.#bits = new BitList(budget);
	}

	/** The next state is being expanded now. */
	expand(): void {
		this.#bits.push(true);
		this.#expanded++;
	}
	/** The expansion found the next state. */
	child(): void {
		this.#bits.push(false);
		this.#found++;
	}

	/** Writes what there was when so many states were expanded and found, the initial one included. */
	save(to: CheckpointWriter, expanded: number, found: number): void {
		to.number(expanded);
		to.number(found - 1);
		this.#bits.save(to, expanded + found - 1);
	}
	restore(from: CheckpointReader): void {
		this.#expanded = from.number();
		this.#found = from.number();
		this.#bits.restore(from);
		from.must(this.#bits.length === this.#expanded + this.#found, 'the number of links');
		let expanded = 0;
		for (let i = 0; i < this.#bits.length; i++)
			if (this.#bits.get(i)) expanded++;
			else from.must(expanded > 0, 'a state was found before any was expanded');
		from.must(expanded === this.#expanded, 'the number of states expanded');
		for (let i = 0, found = 1, next = 0; i < this.#bits.length; i++)
			if (!this.#bits.get(i)) found++;
			else from.must(next++ < found, 'a state was expanded before it was found');
	}

	/** How many states each level has, as far as it is known, from the initial state on. */
	levels(): Levels {
		const sizes = [1];
		let [end, found, next, depth] = [1, 1, 0, 0];
		for (let i = 0; i < this.#bits.length; i++) {
			if (!this.#bits.get(i)) {
				found++;
				depth = sizes.length;
			} else if (next++ === end) {
				sizes.push(found - end);
				end = found;
			}
		}
		return { sizes, end, depth, expanded: next, found };
	}

	/** The states on the way to `state`, from the initial state 0 to it. */
	path(state: number): number[] {
		const path = [state];
		let target = state;
		let expanded = this.#expanded;
		let found = this.#found;
		for (let i = this.#bits.length - 1; target > 0; i--) {
			if (this.#bits.get(i)) expanded--;
			else if (found-- === target) path.push((target = expanded - 1));
		}
		return path.reverse();
	}
}
