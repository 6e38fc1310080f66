// SPDX-License-Identifier: GPL-2.0-only
/**
 * A fair execution that repeats for ever, as steps: a closed walk in a fair component, in which
 * every task steps, or cannot step at some point.
 */
import { WordList } from '../budget.ts';
import type { Machine } from '../machine.ts';
import type { Step } from '../result.ts';
import { violationIn } from '../result.ts';
import { addTask, allTasks, type Component, hasTask, type TaskSet } from './fair.ts';
import { NOBODY, type StateGraph } from './graph.ts';

/** A goal that every execution must reach. Once reached, it must stay reached. */
export interface Goal {
	/** its name, for the message */
	name: string;
	reached(machine: Machine): boolean;
}

/** The message for a state from which no path leads to the end. */
export const LIVELOCK = 'livelock: from here on, no way leads to the end of all programs';

/** The message for a cycle on which these goals are never reached. */
export function starvation(goals: readonly Goal[]): string {
	const who = goals.map((goal) => goal.name).join(' and ');
	return `starvation: ${who} may go on for ever, though every task gets its turns`;
}

export interface Cycle {
	/** where it begins and ends */
	state: number;
	steps: Step[];
}

/**
 * Starts at the first state of the component, which is nearest to the initial one, goes on to the
 * nearest transition or state that serves a missing task, and so on, and then back.
 */
export function cycleIn(graph: StateGraph, component: Component, tasks: number): Cycle {
	return new Walk(graph, component, tasks).run();
}

class Walk {
	readonly #graph: StateGraph;
	readonly #offsets: Int32Array;
	/** the transition by which a state was first reached, -1: it was not */
	readonly #via: Int32Array;
	readonly #queue: WordList;
	/** tasks that are still missing */
	readonly #missing: TaskSet;
	readonly #edges: number[] = [];
	#here: number;

	constructor(
		graph: StateGraph,
		readonly component: Component,
		readonly tasks: number,
	) {
		this.#graph = graph;
		this.#offsets = graph.offsets();
		this.#via = graph.budget.words(graph.complete);
		this.#queue = new WordList(graph.budget);
		this.#missing = allTasks(tasks);
		this.#here = component.first;
	}

	run(): Cycle {
		const { component } = this;
		this.#servedIn(this.#here);
		while (this.#missing.low !== 0 || this.#missing.high !== 0)
			this.#go((edge, to) => hasTask(this.#missing, this.#graph.task(edge)) || this.#serves(to));
		// A task that can step in the first state was missing: the walk is not empty.
		if (this.#here !== component.first) this.#go((_, to) => to === component.first);
		return { state: component.first, steps: this.#edges.map((e) => this.#stepOf(e)) };
	}

	/** Goes on by a shortest path whose last transition is `wanted`. */
	#go(wanted: (edge: number, to: number) => boolean): void {
		const graph = this.#graph;
		const offsets = this.#offsets;
		const via = this.#via.fill(-1);
		const queue = this.#queue;
		queue.length = 0;
		queue.push(this.#here);
		for (let i = 0; i < queue.length; i++) {
			const s = queue.words[i];
			for (let e = offsets[s]; e < offsets[s + 1]; e++) {
				const to = graph.target(e);
				if (graph.task(e) === NOBODY || !this.component.has(to)) continue;
				if (wanted(e, to)) {
					this.#take(e, s);
					return;
				}
				if (to === this.#here || via[to] >= 0) continue;
				via[to] = e;
				queue.push(to);
			}
		}
		throw new Error('a fair component without a fair cycle');
	}

	/** Takes the path that was found: by `edge`, which leaves `from`. */
	#take(edge: number, from: number): void {
		const way = [edge];
		for (let s = from; s !== this.#here; s = this.#sourceOf(way.at(-1) as number))
			way.push(this.#via[s]);
		for (const e of way.reverse()) {
			const task = this.#graph.task(e);
			if (task < 32) this.#missing.low &= ~(1 << task);
			else this.#missing.high &= ~(1 << task);
			this.#edges.push(e);
			this.#here = this.#graph.target(e);
			this.#servedIn(this.#here);
		}
	}

	#enabled(state: number): TaskSet {
		const set = { low: 0, high: 0 };
		for (let e = this.#offsets[state]; e < this.#offsets[state + 1]; e++) {
			const task = this.#graph.task(e);
			if (task !== NOBODY) addTask(set, task);
		}
		return set;
	}

	/** Some task that is missing cannot step in the state. */
	#serves(state: number): boolean {
		const { low, high } = this.#enabled(state);
		return (this.#missing.low & ~low) !== 0 || (this.#missing.high & ~high) !== 0;
	}

	/** Tasks that cannot step in the state need not step. */
	#servedIn(state: number): void {
		const { low, high } = this.#enabled(state);
		this.#missing.low &= low;
		this.#missing.high &= high;
	}

	/** The state that a transition leaves. */
	#sourceOf(edge: number): number {
		const offsets = this.#offsets;
		let low = 0;
		let high = this.#graph.complete - 1;
		while (low < high) {
			const middle = (low + high + 1) >>> 1;
			if (offsets[middle] <= edge) low = middle;
			else high = middle - 1;
		}
		return low;
	}

	#stepOf(edge: number): Step {
		const task = this.#graph.task(edge);
		const begin = this.#offsets[this.#sourceOf(edge)];
		let choice = 0;
		while (edge - choice > begin && this.#graph.task(edge - choice - 1) === task) choice++;
		return [task, choice];
	}
}

/**
 * Takes the steps of a cycle on the machine, which is in its first state. Returns why it is not a
 * fair cycle without these goals, or undefined if it is one. Then mem is as before.
 */
export function cycleFault(
	machine: Machine,
	steps: readonly Step[],
	goals: readonly Goal[],
): string | undefined {
	const start = machine.mem.slice();
	const missing = new Set(machine.tasks.keys());
	for (let i = 0; ; i++) {
		for (const t of missing) if (machine.ready(t) <= 0) missing.delete(t);
		const done = goals.find((goal) => goal.reached(machine));
		if (done) return `${done.name} is done`;
		if (i === steps.length) break;
		const [task, choice] = steps[i];
		if (task >= machine.tasks.length || machine.ready(task) <= choice)
			return `step ${i} cannot be taken`;
		const violation = violationIn(() => machine.step(task, choice));
		machine.forget();
		if (violation) return `step ${i} violates ${violation.property}`;
		missing.delete(task);
	}
	if (steps.length === 0 || start.some((word, address) => machine.mem[address] !== word))
		return 'it does not close';
	for (const t of missing) return `${machine.tasks[t].name} could step all the while and does not`;
	return undefined;
}
