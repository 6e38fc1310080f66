// SPDX-License-Identifier: GPL-2.0-only
/**
 * A question about a whole state that depends on few words of it, with its answers so far. Which
 * words these are is learned: they are all that the code ever read, and where it reads another one,
 * all answers are forgotten. The answer is the same where all of them are.
 */
import type { Machine } from '../machine.ts';
import { mixed } from '../tables.ts';
import type { Learner } from './learner.ts';
import { longer, Part } from './part.ts';

export class Views {
	/** by part: the words that were read */
	readonly #words: number[][];
	/** parts with such words, and what they have there: by contents, a number or -1 */
	#parts: number[] = [];
	#viewOf: Int32Array[] = [];
	#views: Part[] = [];
	#keys: Int32Array = new Int32Array(0);
	#answers: number[] = [];
	#slots = new Int32Array(64);
	readonly #key: Int32Array;
	readonly #note: Uint8Array;

	constructor(
		readonly inner: Machine,
		readonly learner: Learner,
		/** its accesses are noted */
		readonly ask: () => number,
	) {
		const { parts } = learner.partition;
		this.#words = parts.map(() => []);
		this.#key = new Int32Array(parts.length);
		this.#note = new Uint8Array(inner.words);
	}

	/** The answer for a state, if it is known. */
	find(state: Int32Array): number | undefined {
		const key = this.#key;
		const parts = this.#parts;
		let h = 0;
		for (let k = 0; k < parts.length; k++) {
			const contents = state[parts[k]];
			const known = this.#viewOf[k];
			let view = contents < known.length ? known[contents] : -1;
			if (view < 0) view = this.#view(k, contents);
			key[k] = view;
			h = (Math.imul(h ^ view, 0x9e3779b1) + k) | 0;
		}
		const mask = this.#slots.length - 1;
		const n = parts.length;
		for (let i = mixed(h) & mask; this.#slots[i] !== 0; i = (i + 1) & mask) {
			const answer = this.#slots[i] - 1;
			let k = 0;
			while (k < n && this.#keys[answer * n + k] === key[k]) k++;
			if (k === n) return this.#answers[answer];
		}
		return undefined;
	}

	/** Asks real code, with the state in the image inside; an error is thrown, and not kept. */
	learn(state: Int32Array): number {
		const note = this.#note.fill(0);
		const access = this.inner.access!;
		access.note = note;
		let answer = 0;
		try {
			answer = this.ask();
		} finally {
			access.note = null;
		}
		const { partOf } = this.learner.partition;
		let more = false;
		for (let a = 0; a < note.length; a++) {
			if (note[a] === 0 || partOf[a] < 0 || this.#words[partOf[a]].includes(a)) continue;
			this.#words[partOf[a]].push(a);
			more = true;
		}
		if (more) this.#begin();
		this.find(state);
		this.#keep(answer);
		return answer;
	}

	#begin(): void {
		this.#parts = [...this.#words.keys()].filter((p) => this.#words[p].length > 0);
		this.#viewOf = this.#parts.map(() => new Int32Array(0));
		this.#views = this.#parts.map((p) => new Part('', Int32Array.from(this.#words[p])));
		this.#keys = new Int32Array(0);
		this.#answers = [];
		this.#slots = new Int32Array(64);
	}

	#view(k: number, contents: number): number {
		const known = this.#viewOf[k];
		if (contents >= known.length) this.#viewOf[k] = longer(known, 2 * contents + 2, -1);
		if (known.length === 0) this.#viewOf[k].fill(-1);
		this.learner.load(this.#parts[k], contents);
		return (this.#viewOf[k][contents] = this.#views[k].intern(this.inner.mem));
	}

	/** The answer for the key that find() has left. */
	#keep(answer: number): void {
		const n = this.#parts.length;
		const id = this.#answers.push(answer) - 1;
		if ((id + 1) * n > this.#keys.length) this.#keys = longer(this.#keys, 2 * (id + 1) * n);
		this.#keys.set(this.#key.subarray(0, n), id * n);
		const full = 2 * id >= this.#slots.length;
		if (full) this.#slots = new Int32Array(2 * this.#slots.length);
		for (let known = full ? 0 : id; known <= id; known++) this.#enter(known);
	}
	#enter(id: number): void {
		const n = this.#parts.length;
		let h = 0;
		for (let k = 0; k < n; k++) h = (Math.imul(h ^ this.#keys[id * n + k], 0x9e3779b1) + k) | 0;
		const mask = this.#slots.length - 1;
		let i = mixed(h) & mask;
		while (this.#slots[i] !== 0) i = (i + 1) & mask;
		this.#slots[i] = id + 1;
	}
}
