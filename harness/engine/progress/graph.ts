// SPDX-License-Identifier: GPL-2.0-only
/**
 * The transitions of a breadth-first search, kept for the questions that no single state answers:
 * a word each, and with tasks a byte more. States come in the order of their ids.
 */
import { BitList, type Budget, ByteList, WordList } from '../budget.ts';

/** The target of a step that was not followed: it violates something. */
export const NOWHERE = 0x7fffffff;
/** Of what is no step: a state without successors has a transition to itself. */
export const NOBODY = 255;

export class StateGraph {
	/** states whose transitions are all known: those before it */
	complete = 0;
	readonly #targets: WordList;
	readonly #tasks?: ByteList;
	readonly #finished: BitList;
	#states = 0;
	#degree = 0;
	#offsets?: Int32Array;

	/** `tasks`: fair cycles will be asked for. */
	constructor(
		readonly budget: Budget,
		tasks: boolean,
	) {
		this.#targets = new WordList(budget);
		this.#finished = new BitList(budget);
		if (tasks) this.#tasks = new ByteList(budget);
	}

	/** The transitions of the next state follow. */
	state(finished: boolean): void {
		this.#close();
		this.#finished.push(finished);
		this.#states++;
	}

	/** In the order of tasks, and of the choices of each. */
	edge(to: number, task: number): void {
		this.#targets.push(to);
		this.#tasks?.push(task);
		this.#degree++;
	}

	/** No more will follow. Of states from `complete` on, not all transitions are known. */
	seal(complete: number): void {
		this.#close();
		this.complete = complete;
	}

	/** All programs have ended in it. */
	finished(state: number): boolean {
		return this.#finished.get(state);
	}

	/** Each state's successors, the last one complemented; also of states that are not complete. */
	get targets(): WordList {
		return this.#targets;
	}
	/** How many states have successors in the list. */
	get states(): number {
		return this.#states;
	}

	/** Where the transitions of each complete state begin, and of the one after it. */
	offsets(): Int32Array {
		if (this.#offsets) return this.#offsets;
		const offsets = this.budget.words(this.complete + 1);
		const { words } = this.#targets;
		let at = 0;
		for (let s = 0; s < this.complete; s++) {
			offsets[s] = at;
			while (words[at++] >= 0);
		}
		offsets[this.complete] = at;
		this.#offsets = offsets;
		return offsets;
	}
	/** Where transition `edge` leads. */
	target(edge: number): number {
		const to = this.#targets.words[edge];
		return to < 0 ? ~to : to;
	}
	/** Who takes transition `edge`. */
	task(edge: number): number {
		return this.#tasks!.get(edge);
	}

	#close(): void {
		if (this.#states === 0) return;
		if (this.#degree === 0) this.edge(this.#states - 1, NOBODY);
		const { words, length } = this.#targets;
		words[length - 1] = ~words[length - 1];
		this.#degree = 0;
	}
}
