// SPDX-License-Identifier: GPL-2.0-only
/**
 * Where each state of a breadth-first search was found from, in two bits a state.
 *
 * States are expanded in the order of their ids, and the states that an expansion finds get the
 * next ids: the search is a list of a 1 for each expansion, followed by a 0 for each state that
 * it found. A state's parent is the number of ones before its zero. Which step led there is not
 * kept: expanding the parent once more tells.
 */
import { BitList, type Budget } from './budget.ts';
import type { CheckpointReader, CheckpointWriter } from './checkpoint.ts';

export class ParentLinks {
	readonly #bits: BitList;
	#expanded = 0;
	/** the initial state was not found from anywhere */
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
		if (this.#bits.length !== this.#expanded + this.#found) from.damaged();
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
