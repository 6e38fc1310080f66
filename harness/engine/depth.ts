// SPDX-License-Identifier: GPL-2.0-only
/**
 * Depth-first search: the path to the current state is kept, six bytes a step; there are no links.
 * A step into a new state leaves mem as it is, and stepping back writes only the differences.
 */
import { type Budget, grown, WordList } from './budget.ts';
import type { CheckpointReader, CheckpointWriter } from './checkpoint.ts';
import { Violation } from './machine.ts';
import { attempt, MAX_CHOICES, type Step, tooManyChoices, violationOf } from './result.ts';
import { Search } from './search.ts';

/** The states on the path, each with the step that was taken from it. */
class Way {
	readonly states: WordList;
	#steps: Uint16Array;

	constructor(readonly budget: Budget) {
		this.states = new WordList(budget);
		this.#steps = budget.halves(64);
	}
	get depth(): number {
		return this.states.length;
	}
	/** Leaves `state` by a step of a task. */
	push(state: number, task: number, choice: number): void {
		const n = this.states.length;
		if (n === this.#steps.length) {
			const longer = this.budget.halves(grown(n));
			longer.set(this.#steps);
			this.budget.release(this.#steps);
			this.#steps = longer;
		}
		this.states.push(state);
		this.#steps[n] = (task << 8) | choice;
	}
	/** The last state; task() and choice() are the step that left it. */
	pop(): number {
		return this.states.words[--this.states.length];
	}
	/** Valid right after pop(), and for all steps on the path. */
	step(i: number): number {
		return this.#steps[i];
	}
	/** Writes the first `depth` steps. */
	save(to: CheckpointWriter, depth: number): void {
		this.states.save(to, depth);
		to.array(this.#steps.subarray(0, depth));
	}
	restore(from: CheckpointReader): void {
		this.states.restore(from);
		this.budget.release(this.#steps);
		this.#steps = this.budget.halves(Math.max(64, this.depth));
		from.array(this.#steps.subarray(0, this.depth));
	}
	toSteps(): Step[] {
		return Array.from({ length: this.depth }, (_, i) => {
			const step = this.#steps[i];
			return [step >>> 8, step & 0xff];
		});
	}
}

export class DepthFirst extends Search {
	#way!: Way;
	#state = 0;
	/** the next step to try in the current state */
	#task = 0;
	#choice = 0;
	#stepped = false;
	/** the same at the last settle(), and the length of the path */
	#settled = { state: 0, task: 0, choice: 0, stepped: false, depth: 0 };

	protected begin(expand: boolean): void {
		if (this.options.visited === 'compact')
			throw new Error('depth-first search needs states, which hash compaction does not keep');
		if (this.options.livelock || this.options.goals)
			throw new Error('livelock and starvation need breadth-first search');
		this.#way = new Way(this.budget);
		if (!expand) this.done = true;
	}

	protected queue(): number {
		return this.#way.depth;
	}

	protected settle(): void {
		super.settle();
		this.#settled = {
			state: this.#state,
			task: this.#task,
			choice: this.#choice,
			stepped: this.#stepped,
			depth: this.#way.depth,
		};
	}
	protected save(to: CheckpointWriter): void {
		const { state, task, choice, stepped, depth } = this.#settled;
		for (const n of [state, task, choice, Number(stepped)]) to.number(n);
		this.#way.save(to, depth);
	}
	protected restore(from: CheckpointReader): void {
		this.#state = from.number(0, this.known - 1);
		this.#task = from.number(0, this.machine.tasks.length);
		this.#choice = from.number(0, MAX_CHOICES);
		this.#stepped = from.number(0, 1) === 1;
		this.#way.restore(from);
		this.#mustLead(from);
		this.store.load(this.#state);
	}
	/** Takes the path from state 0, and checks the states on it. */
	#mustLead(from: CheckpointReader): void {
		const { machine, store } = this;
		const states = this.#way.states.words;
		const { depth } = this.#way;
		from.must((depth === 0 ? this.#state : states[0]) === 0, 'where its way begins');
		from.must(depth <= this.depth, 'its depth');
		for (const [i, [task, choice]] of this.#way.toSteps().entries()) {
			const to = i + 1 < depth ? states[i + 1] : this.#state;
			from.must(to > states[i] && to < this.known, 'the states on its way');
			const possible = task < machine.tasks.length && choice < machine.ready(task);
			from.must(possible, 'a step of its way, which cannot be taken');
			from.must(!attempt(() => machine.step(task, choice), i), 'a step of its way, which is wrong');
			const reached = machine.mem.slice();
			machine.undo();
			store.load(to);
			const there = reached.every((word, a) => machine.mem[a] === word);
			from.must(there, 'where a step of its way leads');
		}
	}

	protected search(): void {
		while (!this.look()) {
			// One step further: the path has another end.
			this.settle();
			if (this.#forward()) continue;
			if (this.done) return;
			if (!this.#stepped) this.end(this.#way.depth);
			if (this.#way.depth === 0) this.done = true;
			else this.#back();
		}
	}

	/**
	 * Tries the steps that are left; true when one led to a new state, which is then the current
	 * one.
	 */
	#forward(): boolean {
		const { machine, store } = this;
		const tasks = machine.tasks.length;
		for (; this.#task < tasks; this.#task++, this.#choice = 0) {
			const t = this.#task;
			const choices = machine.ready(t);
			if (choices <= 0) continue;
			if (choices > MAX_CHOICES) tooManyChoices(machine, t, choices);
			this.#stepped = true;
			while (this.#choice < choices) {
				const c = this.#choice++;
				this.transitions++;
				try {
					machine.step(t, c);
				} catch (e) {
					if (this.#violated(e, t, c)) return false;
					continue;
				}
				const state = store.put();
				if (state === this.known && this.#found(state, t, c)) return true;
				if (this.done) return false;
				store.rollback();
			}
		}
		return false;
	}

	#violated(e: unknown, t: number, c: number): boolean {
		if (!(e instanceof Violation)) throw e;
		this.store.rollback();
		const depth = this.#way.depth + 1;
		return this.report(violationOf(e, depth), () => [...this.way(), [t, c]]);
	}

	/** A new state is in mem. True if the search goes on from it. */
	#found(state: number, t: number, c: number): boolean {
		if (state >= this.maxStates) {
			this.stop('states');
			return false;
		}
		this.known++;
		const depth = this.#way.depth + 1;
		if (depth > this.depth) this.depth = depth;
		const bad = this.checkNew(depth);
		if (bad) {
			this.report(bad, () => [...this.way(), [t, c]]);
			return false;
		}
		this.store.commit();
		this.#way.push(this.#state, t, c);
		this.#state = state;
		this.#task = 0;
		this.#choice = 0;
		this.#stepped = false;
		return true;
	}

	#back(): void {
		this.#state = this.#way.pop();
		const step = this.#way.step(this.#way.depth);
		this.#task = step >>> 8;
		this.#choice = (step & 0xff) + 1;
		this.#stepped = true;
		this.store.load(this.#state);
	}

	protected way(): Step[] {
		return this.#way.toSteps();
	}
}
