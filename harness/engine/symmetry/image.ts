// SPDX-License-Identifier: GPL-2.0-only
/**
 * The image as a group sees it: what each word names at the moment, and what the image becomes
 * under an element, word by word.
 */
import { type Machine, NAMES, type Names } from '../machine.ts';
import { type Action, actionOf, type Element } from './group.ts';

/** By address, what is in each word now: stacks are told by their frames. */
class Contents {
	readonly of: Uint8Array;
	readonly #mem: Int32Array;
	readonly #names: Names;
	readonly #base: Int32Array;
	readonly #end: Int32Array;
	/** the site that `of` is right for, at the start of each frame; 0 elsewhere */
	readonly #siteAt: Int32Array;

	constructor({ mem, tasks, words }: Machine, names: Names) {
		this.#mem = mem;
		this.#names = names;
		this.of = new Uint8Array(words);
		this.of.set(names.content);
		this.#base = Int32Array.from(tasks, (t) => t.base);
		this.#end = Int32Array.from(tasks, (t) => t.base + t.size);
		for (const [t, base] of this.#base.entries()) this.of.fill(NAMES.PLAIN, base, this.#end[t]);
		this.#siteAt = new Int32Array(words);
	}

	/** To be called when the image has changed. */
	update(): void {
		const mem = this.#mem;
		const { frames, isCall } = this.#names;
		const siteAt = this.#siteAt;
		for (let t = 0; t < this.#base.length; t++) {
			const end = this.#end[t];
			for (let fp = this.#base[t]; fp < end; ) {
				const site = mem[fp];
				if (site !== siteAt[fp]) {
					this.#rebuild(fp, end);
					break;
				}
				// a task that has ended, or a leaf's frame
				if (site <= 0 || isCall[site] === 0) break;
				fp += frames[site].length + 1;
			}
		}
	}

	#rebuild(from: number, end: number): void {
		const { frames, isCall } = this.#names;
		this.of.fill(NAMES.PLAIN, from, end);
		this.#siteAt.fill(0, from, end);
		for (let fp = from; fp < end; ) {
			const site = this.#mem[fp];
			this.#siteAt[fp] = site;
			if (site <= 0) return;
			this.of.set(frames[site], fp + 1);
			if (isCall[site] === 0) return;
			fp += frames[site].length + 1;
		}
	}
}

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

	/** `plain`: addresses of words that name nothing here, whatever their type says. */
	constructor(machine: Machine, elements: readonly Element[], plain: readonly number[]) {
		const { names } = machine;
		if (!names) throw new Error('a machine without names has no symmetry');
		if (machine.journalAddress.length < 2 * machine.words)
			throw new Error(`the journal of ${machine.journalAddress.length} words is too small`);
		this.#machine = machine;
		this.#mem = machine.mem;
		this.#contents = new Contents(machine, names);
		for (const a of plain) this.#contents.of[a] = NAMES.PLAIN;
		this.actions = elements.map((e) => actionOf(machine, e));
		this.#order = this.#orderOf();
		this.#moved = new Int32Array(this.#order.length);
		this.#left = new Int32Array(this.actions.length);
	}

	/**
	 * Words that change, and that some element moves or may rename. First the values, which may
	 * tell elements apart that do the same to all else; then the stacks, which differ between
	 * most tasks.
	 */
	#orderOf(): Int32Array {
		const { regions, tasks } = this.#machine;
		const content = this.#contents.of;
		const stack = new Uint8Array(content.length);
		for (const t of tasks) stack.fill(1, t.base, t.base + t.size);
		const rank = (a: number): number => {
			if (stack[a]) return 1;
			return content[a] === NAMES.VALUE ? 0 : 2;
		};
		const isMoved = (a: number) => this.actions.some(({ to }) => to[a] !== a);
		const changing = regions.flatMap(({ start, length }) =>
			Array.from({ length }, (_, i) => start + i),
		);
		const depth = new Int32Array(content.length);
		for (const t of tasks) for (let i = 0; i < t.size; i++) depth[t.base + i] = i;
		return Int32Array.from(
			changing
				.filter((a) => stack[a] || content[a] !== NAMES.PLAIN || isMoved(a))
				.sort((a, b) => rank(a) - rank(b) || depth[a] - depth[b] || a - b),
		);
	}

	/** The word at an address under an element. contents must be up to date. */
	#word({ from, tables }: Action, address: number): number {
		const source = from[address];
		const v = this.#mem[source];
		const table = tables[this.#contents.of[source]];
		return v >>> 0 < table.length ? table[v] : v;
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
		this.#contents.update();
		const action = this.actions[element];
		const order = this.#order;
		const moved = this.#moved;
		const mem = this.#mem;
		for (let k = 0; k < order.length; k++) moved[k] = this.#word(action, order[k]);
		for (let k = 0; k < order.length; k++)
			if (moved[k] !== mem[order[k]]) this.#machine.write(order[k], moved[k]);
	}

	/** The first address at which the image differs from what it becomes under an element, or -1. */
	difference(element: number): number {
		this.#contents.update();
		const action = this.actions[element];
		for (let a = 0; a < this.#mem.length; a++) if (this.#word(action, a) !== this.#mem[a]) return a;
		return -1;
	}
}
