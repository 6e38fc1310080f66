// SPDX-License-Identifier: GPL-2.0-only
/**
 * Infinite executions that are fair to every task, and in which a goal is nevertheless never
 * reached. An execution is weakly fair if every task steps infinitely often or is infinitely often
 * unable to step. The choices of a task need not be fair.
 *
 * The states that an infinite execution visits infinitely often are strongly connected. So consider
 * the strongly connected components of the states:
 *
 *	A component is fair if it has a transition, and each task has a transition inside or cannot step
 *	in some state of it. A cycle through all of these is a fair execution.
 *
 *	If a part of a component is fair, so is the component: the transition or the state that serves a
 *	task in the part is also in the whole. So if there is a fair execution, the component in which
 *	it stays is fair, and only components, the largest connected sets, must be checked. (Strong
 *	fairness is different: there a task that can step in the whole but not in the part matters.)
 *
 * This holds for the complete part of a graph too: a fair component there is an execution of the
 * machine, since the transitions of all expanded states are known.
 */
import { WordList } from '../budget.ts';
import { NOBODY, type StateGraph } from './graph.ts';

/** A strongly connected set of states. */
export interface Component {
	/** the one with the lowest id */
	first: number;
	has(state: number): boolean;
}

/** A set of up to 64 tasks. */
export interface TaskSet {
	low: number;
	high: number;
}

export function allTasks(count: number): TaskSet {
	const bits = (n: number) => (n >= 32 ? -1 : n <= 0 ? 0 : 2 ** n - 1);
	return { low: bits(count) | 0, high: bits(count - 32) | 0 };
}

export function hasTask(set: TaskSet, task: number): boolean {
	return ((task < 32 ? set.low : set.high) & (1 << task)) !== 0;
}

export function addTask(set: TaskSet, task: number): void {
	if (task < 32) set.low |= 1 << task;
	else set.high |= 1 << task;
}

/**
 * Of the fair components with `wanted(first)` the one with the lowest id; `tasks` is how many tasks
 * there are.
 */
export function fairComponent(
	graph: StateGraph,
	tasks: number,
	wanted: (first: number) => boolean,
): Component | undefined {
	return new Components(graph, tasks, wanted).run();
}

/**
 * Tarjan's algorithm in the form of Pearce (2016): one word a state, which is its number in the
 * order of visits while its component is open, and then that of the component. Those count down
 * from the number of states, and never meet.
 */
class Components {
	readonly #graph: StateGraph;
	readonly #offsets: Int32Array;
	readonly #number: Int32Array;
	/** states that were left, and whose component is not known yet */
	readonly #open: WordList;
	/** the path to the present state, and the next transition of each */
	readonly #way: WordList;
	readonly #edge: WordList;
	#visits = 1;
	#component: number;
	#best = -1;
	#bestNumber = 0;

	constructor(
		graph: StateGraph,
		readonly tasks: number,
		readonly wanted: (first: number) => boolean,
	) {
		const { budget, complete } = graph;
		this.#graph = graph;
		this.#offsets = graph.offsets();
		this.#number = budget.words(complete);
		this.#open = new WordList(budget);
		this.#way = new WordList(budget);
		this.#edge = new WordList(budget);
		this.#component = complete;
	}

	run(): Component | undefined {
		const { complete } = this.#graph;
		for (let s = 0; s < complete; s++) if (this.#number[s] === 0) this.#visit(s);
		if (this.#best < 0) return undefined;
		const number = this.#bestNumber;
		const numbers = this.#number;
		return { first: this.#best, has: (s) => s < complete && numbers[s] === number };
	}

	#visit(root: number): void {
		const graph = this.#graph;
		const { complete } = graph;
		const offsets = this.#offsets;
		const number = this.#number;
		const way = this.#way;
		const edge = this.#edge;
		const enter = (s: number) => {
			way.push(s);
			edge.push(offsets[s]);
			number[s] = this.#visits++;
		};
		enter(root);
		while (way.length > 0) {
			const top = way.length - 1;
			// Complemented once it is known to lead to a state that was entered before it.
			const word = way.words[top];
			const s = word < 0 ? ~word : word;
			const e = edge.words[top];
			if (e < offsets[s + 1]) {
				const to = graph.target(e);
				if (to < complete && number[to] === 0) {
					// This transition is visited again on the way back.
					enter(to);
					continue;
				}
				edge.words[top] = e + 1;
				if (to < complete && number[to] < number[s]) {
					number[s] = number[to];
					way.words[top] = ~s;
				}
				continue;
			}
			way.length--;
			edge.length--;
			if (word < 0) this.#open.push(s);
			else this.#close(s);
		}
	}

	/** All states of the component whose first state is `root` are known. */
	#close(root: number): void {
		const number = this.#number;
		const open = this.#open;
		const own = number[root];
		const end = open.length;
		let begin = end;
		while (begin > 0 && number[open.words[begin - 1]] >= own) begin--;
		const component = this.#component--;
		number[root] = component;
		for (let i = begin; i < end; i++) number[open.words[i]] = component;
		open.length = begin;
		this.#visits -= 1 + end - begin;
		let first = root;
		for (let i = begin; i < end; i++) first = Math.min(first, open.words[i]);
		if (this.#best >= 0 && first > this.#best) return;
		if (!this.#fair(root, begin, end) || !this.wanted(first)) return;
		this.#best = first;
		this.#bestNumber = component;
	}

	/** The component of `root` and the states in the list from `begin` to `end`, if it is fair. */
	#fair(root: number, begin: number, end: number): boolean {
		const graph = this.#graph;
		const offsets = this.#offsets;
		const number = this.#number;
		const component = number[root];
		const served = { low: 0, high: 0 };
		let cycle = false;
		for (let i = begin - 1; i < end; i++) {
			const s = i < begin ? root : this.#open.words[i];
			const enabled = { low: 0, high: 0 };
			for (let e = offsets[s]; e < offsets[s + 1]; e++) {
				const task = graph.task(e);
				if (task === NOBODY) continue;
				addTask(enabled, task);
				const to = graph.target(e);
				if (to >= graph.complete || number[to] !== component) continue;
				cycle = true;
				addTask(served, task);
			}
			served.low |= ~enabled.low;
			served.high |= ~enabled.high;
		}
		const all = allTasks(this.tasks);
		return cycle && (all.low & ~served.low) === 0 && (all.high & ~served.high) === 0;
	}
}
