// SPDX-License-Identifier: GPL-2.0-only
/** The image as a group sees it: which element makes it smallest, and what it is under that. */
import type { Machine } from '../machine.ts';
import type { Contents } from './contents.ts';
import type { Action } from './group.ts';
import { comparisonOrder } from './order.ts';

export class Image {
	readonly actions: readonly Action[];
	readonly #machine: Machine;
	readonly #mem: Int32Array;
	readonly #contents: Contents;
	/** addresses that an element may change, those first that tell elements apart soonest */
	readonly #order: Int32Array;
	readonly #moved: Int32Array;
	/** elements that are still in question */
	readonly #left: Int32Array;

	/** In the state in mem, `contents` says what is in its words. Leaves the machine reset. */
	constructor(machine: Machine, actions: readonly Action[], contents: Contents) {
		if (machine.journalAddress.length < 2 * machine.words)
			throw new Error(`the journal of ${machine.journalAddress.length} words is too small`);
		this.#machine = machine;
		this.#mem = machine.mem;
		this.#contents = contents;
		this.actions = actions;
		this.#order = comparisonOrder(machine, actions, contents);
		this.#moved = new Int32Array(this.#order.length);
		this.#left = new Int32Array(actions.length);
	}

	/**
	 * The element under which the image is smallest, compared word by word; of several the first.
	 * What the image becomes under it is the same for all images of an orbit.
	 */
	choose(): number {
		this.#contents.update();
		const { actions } = this;
		const mem = this.#mem;
		const content = this.#contents.of;
		const left = this.#left;
		const order = this.#order;
		let count = actions.length;
		for (let i = 0; i < count; i++) left[i] = i;
		for (let k = 0; k < order.length && count > 1; k++) {
			const address = order[k];
			let least = 0;
			let kept = 0;
			for (let i = 0; i < count; i++) {
				const { from, tables } = actions[left[i]];
				const source = from[address];
				let v = mem[source];
				const table = tables[content[source]];
				if (v >>> 0 < table.length) v = table[v];
				if (kept === 0 || v < least) {
					least = v;
					left[0] = left[i];
					kept = 1;
				} else if (v === least) left[kept++] = left[i];
			}
			count = kept;
		}
		return left[0];
	}

	/** Makes the image what it becomes under an element, by journalled writes. */
	apply(element: number): void {
		if (element === 0) return;
		const contents = this.#contents;
		contents.update();
		const action = this.actions[element];
		const order = this.#order;
		const moved = this.#moved;
		const mem = this.#mem;
		for (let k = 0; k < order.length; k++) moved[k] = contents.under(action, order[k]);
		for (let k = 0; k < order.length; k++)
			if (moved[k] !== mem[order[k]]) this.#machine.write(order[k], moved[k]);
	}
}
