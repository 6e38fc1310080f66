// SPDX-License-Identifier: GPL-2.0-only
/** What each word of an image names at present, and its value under an element. */
import { type Machine, NAMES, type Names } from '../machine.ts';
import type { Action } from './group.ts';

/** By address, the kind of each word at present: in stacks it depends on the frames. */
export class Contents {
	readonly of: Uint8Array;
	readonly #mem: Int32Array;
	readonly #names: Names;
	readonly #base: Int32Array;
	readonly #end: Int32Array;
	/** the site that `of` is right for, at the start of each frame; 0 elsewhere */
	readonly #siteAt: Int32Array;

	/** `plain`: addresses of words that name nothing, whatever their type says. */
	constructor({ mem, tasks, words }: Machine, names: Names, plain: readonly number[]) {
		this.#mem = mem;
		this.#names = names;
		this.of = new Uint8Array(words);
		this.of.set(names.content);
		this.#base = Int32Array.from(tasks, (t) => t.base);
		this.#end = Int32Array.from(tasks, (t) => t.base + t.size);
		for (const [t, base] of this.#base.entries()) this.of.fill(NAMES.PLAIN, base, this.#end[t]);
		for (const a of plain) this.of[a] = NAMES.PLAIN;
		this.#siteAt = new Int32Array(words);
	}

	/** The word at an address under an element; after update(). */
	under({ from, tables }: Action, address: number): number {
		const source = from[address];
		const v = this.#mem[source];
		const table = tables[this.of[source]];
		return v >>> 0 < table.length ? table[v] : v;
	}

	/** Call it when the image has changed. */
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
