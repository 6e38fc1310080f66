// SPDX-License-Identifier: GPL-2.0-only
/** The smallest image under a group, and the element that makes it. */
import { type Machine, NAMES } from '../machine.ts';
import type { Contents } from './contents.ts';
import type { Action } from './group.ts';
import { comparisonOrder } from './order.ts';
import type { Slots } from './slots.ts';

export class Image {
	readonly actions: readonly Action[];
	/** of pools, if they are interchangeable */
	readonly slots?: Slots;
	readonly #machine: Machine;
	readonly #mem: Int32Array;
	readonly #contents: Contents;
	/** addresses that an element may change */
	readonly #changing: Int32Array;
	/** addresses to compare, outside of slots; first those that distinguish elements soonest */
	readonly #order: Int32Array;
	/** by element: its tables, with pointers to slots without order */
	readonly #tables: readonly (readonly Int32Array[])[];
	readonly #moved: Int32Array;
	/** elements that are still candidates */
	readonly #left: Int32Array;

	/** In the state in mem, `contents` says what is in its words. Leaves the machine reset. */
	constructor(machine: Machine, actions: readonly Action[], contents: Contents, slots?: Slots) {
		if (machine.journalAddress.length < 3 * machine.words)
			throw new Error(`the journal of ${machine.journalAddress.length} words is too small`);
		this.#machine = machine;
		this.#mem = machine.mem;
		this.#contents = contents;
		this.actions = actions;
		if (slots && slots.count > 0) this.slots = slots;
		this.#changing = changedBy(machine, actions, contents);
		const isCompared = (a: number) => !this.slots?.contain(a);
		this.#tables = actions.map(({ to, tables }) =>
			tables.map((table, content) =>
				content === NAMES.POINTER && this.slots
					? table.map((_, a) => to[this.slots!.orderless(a)])
					: table,
			),
		);
		const compared = this.#changing.filter(isCompared);
		this.#order = comparisonOrder(machine, actions, this.#tables, contents, compared);
		this.#moved = new Int32Array(this.#changing.length);
		this.#left = new Int32Array(actions.length);
	}

	/**
	 * Makes the image the smallest of its orbit, the same for all of the orbit. `stepped`: it was
	 * smallest before the journalled writes.
	 */
	settle(stepped = false): void {
		const { slots } = this;
		if (this.actions.length > 1) this.rename(this.#choose());
		if (!slots || (stepped && !slots.touched())) return;
		slots.number(this.actions[0]);
		slots.settle();
	}

	/** The element under which the image is smallest, compared word by word; of several the first. */
	#choose(): number {
		this.#contents.update();
		const { actions } = this;
		const mem = this.#mem;
		const content = this.#contents.of;
		const tablesOf = this.#tables;
		const left = this.#left;
		const order = this.#order;
		let count = actions.length;
		for (let i = 0; i < count; i++) left[i] = i;
		for (let k = 0; k < order.length && count > 1; k++) {
			const address = order[k];
			let least = 0;
			let kept = 0;
			for (let i = 0; i < count; i++) {
				const source = actions[left[i]].from[address];
				let v = mem[source];
				const table = tablesOf[left[i]][content[source]];
				if (v >>> 0 < table.length) v = table[v];
				if (kept === 0 || v < least) {
					least = v;
					left[0] = left[i];
					kept = 1;
				} else if (v === least) left[kept++] = left[i];
			}
			count = kept;
		}
		return count > 1 && this.slots ? this.#chooseBySlots(this.slots, count) : left[0];
	}

	/** Chooses among the elements that are left, which differ in slots only. */
	#chooseBySlots(slots: Slots, count: number): number {
		let best = this.#left[0];
		let least = slots.key(this.actions[best]);
		for (let i = 1; i < count; i++) {
			const key = slots.key(this.actions[this.#left[i]]);
			const at = key.findIndex((word, k) => word !== least[k]);
			if (at < 0 || key[at] > least[at]) continue;
			best = this.#left[i];
			least = key;
		}
		return best;
	}

	/** Applies an element to the image, by journalled writes. */
	rename(element: number): void {
		if (element === 0) return;
		const contents = this.#contents;
		contents.update();
		const action = this.actions[element];
		const changing = this.#changing;
		const moved = this.#moved;
		const mem = this.#mem;
		for (let k = 0; k < changing.length; k++) moved[k] = contents.under(action, changing[k]);
		for (let k = 0; k < changing.length; k++)
			if (moved[k] !== mem[changing[k]]) this.#machine.write(changing[k], moved[k]);
	}
}

/** Words that change, and that some element moves or may rename. */
function changedBy(
	{ regions, tasks, words }: Machine,
	actions: readonly Action[],
	contents: Contents,
): Int32Array {
	const named = contents.of.map((content) => (content === NAMES.PLAIN ? 0 : 1));
	for (const { base, size } of tasks) named.fill(1, base, base + size);
	const changing = new Uint8Array(words);
	for (const { start, length } of regions) changing.fill(1, start, start + length);
	const isMoved = (a: number) => actions.some(({ to }) => to[a] !== a);
	return Int32Array.from({ length: words }, (_, a) => a).filter(
		(a) => changing[a] && (named[a] || isMoved(a)),
	);
}
