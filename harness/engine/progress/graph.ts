// SPDX-License-Identifier: GPL-2.0-only
/**
 * The transitions of a breadth-first search, kept for properties of whole executions: a word each,
 * and with tasks a byte more. States come in the order of their ids.
 */
import { BitList, type Budget, ByteList, WordList } from '../budget.ts';
import type { CheckpointReader, CheckpointWriter } from '../checkpoint.ts';

/** The target of a step that was not followed, since it violates a property. */
export const NOWHERE = 0x7fffffff;
/** The task of a transition that is not a step: a state without successors leads to itself. */
export const NOBODY = 255;

export class StateGraph {
	/** states whose transitions are all known: those before it */
	complete = 0;
	readonly #targets: WordList;
	readonly #tasks?: ByteList;
	readonly #finished: BitList;
	#states = 0;
	/** transitions of the last state so far, -1 once it has no more */
	#degree = -1;
	/** sizes at the last settle() */
	#settled = { states: 0, edges: 0 };
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
		this.#degree = 0;
	}

	/** In the order of tasks, and of the choices of each. */
	edge(to: number, task: number): void {
		this.#targets.push(to);
		this.#tasks?.push(task);
		this.#degree++;
	}

	/** The last state has no more transitions. */
	settle(): void {
		this.#close();
		this.#settled = { states: this.#states, edges: this.#targets.length };
	}
	/** Writes what there was at the last settle(). */
	save(to: CheckpointWriter): void {
		const { states, edges } = this.#settled;
		this.#finished.save(to, states);
		this.#targets.save(to, edges);
		this.#tasks?.save(to, edges);
	}
	/** `expanded`: of the `known` states of the search, so many are expanded. */
	restore(from: CheckpointReader, expanded: number, known: number, tasks: number): void {
		this.#finished.restore(from);
		this.#targets.restore(from);
		this.#tasks?.restore(from);
		this.#states = this.#finished.length;
		from.must(this.#states === expanded, 'the number of states with transitions');
		let ends = 0;
		for (let i = 0; i < this.#targets.length; i++) {
			const to = this.target(i);
			from.must(to < known || to === NOWHERE, 'where a transition leads');
			if (this.#targets.words[i] < 0) ends++;
			const task = this.#tasks?.get(i) ?? NOBODY;
			from.must(task < tasks || task === NOBODY, 'the task of a transition');
		}
		from.must(ends === this.#states, 'the transitions of a state');
		from.must(
			this.#tasks === undefined || this.#tasks.length === this.#targets.length,
			'the tasks that step',
		);
		from.must(ends === 0 || this.#targets.words[this.#targets.length - 1] < 0, 'an end');
		this.settle();
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
	/** The task of transition `edge`. */
	task(edge: number): number {
		return this.#tasks!.get(edge);
	}

	#close(): void {
		if (this.#degree < 0) return;
		if (this.#degree === 0) this.edge(this.#states - 1, NOBODY);
		const { words, length } = this.#targets;
		words[length - 1] = ~words[length - 1];
		this.#degree = -1;
	}
}
