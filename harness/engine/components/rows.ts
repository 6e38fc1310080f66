// SPDX-License-Identifier: GPL-2.0-only
/**
 * The rows of a component: what each of its tasks can do, by the contents of all parts that the
 * component may touch. A row is made when its contents are first seen; each result in it when it is
 * first asked for, by real code. What is asked for, and in which order, is the same as in a search
 * without tables: so are marks and lock orders.
 */
import type { Violation } from '../machine.ts';
import { mixed } from '../tables.ts';
import { longer } from './part.ts';

/** A result that is not known yet. */
export const UNKNOWN = -0x8000;
/** In Rows.fine: pieces of the state predicates that hold there. */
export const FINE = { STATE: 1, END: 2 } as const;

const FIRST_ROWS = 64;

export class Rows {
	count = 0;
	entries = 0;
	/** of row r, at r * parts.length: the contents of the parts */
	keys: Int32Array;
	/** of row r, at r * tasks: results of ready(), and the first entry of each task */
	ready: Int32Array;
	first: Int32Array;
	/** by row: bits of FINE */
	fine = new Uint8Array(FIRST_ROWS);
	/**
	 * Of entry e, at e * parts.length: contents after the step. The first word may also be UNKNOWN,
	 * or ~v: the step is violations[v].
	 */
	after: Int32Array;
	/** for the set of states: how the step changes a packed state, if `packed` says it is there */
	change: Int32Array = new Int32Array(0);
	packed = new Uint8Array(FIRST_ROWS);
	readonly violations: Violation[] = [];
	#slots = new Int32Array(2 * FIRST_ROWS);

	constructor(
		/** numbers of the parts, those of the component alone first */
		readonly parts: Int32Array,
		/** how many tasks the component has */
		readonly tasks: number,
	) {
		this.keys = new Int32Array(FIRST_ROWS * parts.length);
		this.ready = new Int32Array(FIRST_ROWS * tasks).fill(UNKNOWN);
		this.first = new Int32Array(FIRST_ROWS * tasks);
		this.after = new Int32Array(FIRST_ROWS * parts.length);
	}

	get bytes(): number {
		const words = [this.keys, this.ready, this.first, this.after, this.change, this.#slots];
		const bytes = this.fine.byteLength + this.packed.byteLength;
		return words.reduce((sum, { byteLength }) => sum + byteLength, bytes);
	}

	/** The row of a state. */
	find(state: Int32Array): number {
		const { parts, keys } = this;
		const n = parts.length;
		const slots = this.#slots;
		const mask = slots.length - 1;
		let i = this.#hash(state) & mask;
		for (let row = slots[i] - 1; row >= 0; row = slots[i] - 1) {
			const at = row * n;
			let k = 0;
			while (k < n && keys[at + k] === state[parts[k]]) k++;
			if (k === n) return row;
			i = (i + 1) & mask;
		}
		if (this.count === this.fine.length) {
			this.#grow();
			return this.find(state);
		}
		const row = this.count++;
		for (let k = 0; k < n; k++) keys[row * n + k] = state[parts[k]];
		slots[i] = row + 1;
		return row;
	}

	/** Room for the entries of a task's choices; returns the first. */
	reserve(choices: number): number {
		const first = this.entries;
		const n = this.parts.length;
		this.entries += choices;
		if (this.entries > this.packed.length) {
			const room = 2 * this.entries;
			const width = this.change.length / this.packed.length;
			this.after = longer(this.after, room * n);
			this.change = longer(this.change, room * width);
			const packed = new Uint8Array(room);
			packed.set(this.packed);
			this.packed = packed;
		}
		for (let e = first; e < this.entries; e++) this.after[e * n] = UNKNOWN;
		return first;
	}

	/** Packed states have so many words now, or other fields. */
	repack(width: number): void {
		this.change = new Int32Array(this.packed.length * width);
		this.packed.fill(0);
	}

	#hash(state: Int32Array): number {
		const { parts } = this;
		let h = 0;
		for (let k = 0; k < parts.length; k++) h = (Math.imul(h ^ state[parts[k]], 0x9e3779b1) + k) | 0;
		return mixed(h);
	}

	#grow(): void {
		const room = 2 * this.count;
		const n = this.parts.length;
		const before = this.ready.length;
		this.keys = longer(this.keys, room * n);
		this.ready = longer(this.ready, room * this.tasks);
		this.ready.fill(UNKNOWN, before);
		this.first = longer(this.first, room * this.tasks);
		const fine = new Uint8Array(room);
		fine.set(this.fine);
		this.fine = fine;
		this.#slots = new Int32Array(2 * room);
		const mask = this.#slots.length - 1;
		const state = new Int32Array(Math.max(...this.parts) + 1);
		for (let row = 0; row < this.count; row++) {
			for (let k = 0; k < n; k++) state[this.parts[k]] = this.keys[row * n + k];
			let i = this.#hash(state) & mask;
			while (this.#slots[i] !== 0) i = (i + 1) & mask;
			this.#slots[i] = row + 1;
		}
	}
}
