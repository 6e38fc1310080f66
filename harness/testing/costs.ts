// SPDX-License-Identifier: GPL-2.0-only
/**
 * What a complete run costs: how often something is done on the way from the initial state to one
 * in which all has ended. Counters that were part of the state would make it infinite. So the
 * states are explored without them, each step is given its costs, and the way is looked for in the
 * graph: the cheapest one; the dearest one, which does not exist if a state can be come back to at
 * a cost; and the mean, if each task that can step is equally likely to be next.
 *
 * For small machines: the graph is kept as it is, and steps are made with the log on.
 */
import { Budget } from '../engine/budget.ts';
import { FlatStore } from '../engine/flat.ts';
import { isEvent, type Machine } from '../engine/machine.ts';
import { kindFor } from '../engine/search.ts';
import { StateStore } from '../engine/store.ts';
import type { VisitedSet } from '../engine/visited.ts';

/** One kind of thing that is counted: a step costs as many as it logs lines that are such. */
export interface Counter {
	name: string;
	counts(line: string): boolean;
}

export interface Cost {
	least: number;
	/** Infinity: there is no bound */
	most: number;
	mean: number;
}

interface Graph {
	states: number;
	/** by state, and one more: where its steps begin */
	first: number[];
	to: number[];
	/** by counter, by step */
	costs: number[][];
	/** all programs have ended, and nothing can step */
	final: boolean[];
}

/** Thrown for a machine with too many states, or with runs that do not come to an end. */
export class NoCosts extends Error {
	constructor(reason: string) {
		super(reason);
		this.name = 'NoCosts';
	}
}

/** The costs of the complete runs of a machine, by counter. */
export function costsOfRuns(
	machine: Machine,
	counters: readonly Counter[],
	maxStates = 100_000,
): Cost[] {
	const graph = graphOf(machine, counters, maxStates);
	const order = new Components(graph);
	return counters.map((_, c) => ({
		least: least(graph, graph.costs[c]),
		most: order.most(graph.costs[c]),
		mean: order.mean(graph.costs[c]),
	}));
}

function graphOf(machine: Machine, counters: readonly Counter[], maxStates: number): Graph {
	machine.reset();
	machine.forget();
	const budget = new Budget();
	const store: VisitedSet =
		kindFor(machine) === 'flat'
			? new FlatStore(machine, { budget })
			: new StateStore(machine, { budget });
	const graph: Graph = { states: 0, first: [], to: [], costs: counters.map(() => []), final: [] };
	machine.setLogging(true);
	try {
		for (let s = 0; s < store.count; s++) {
			if (store.count > maxStates) throw new NoCosts(`more than ${maxStates} states`);
			store.load(s);
			graph.first.push(graph.to.length);
			for (let t = 0; t < machine.tasks.length; t++) {
				const choices = machine.ready(t);
				for (let choice = 0; choice < choices; choice++) {
					machine.step(t, choice);
					const lines = machine.takeLog();
					counters.forEach(({ counts }, c) => {
						graph.costs[c].push(lines.filter((l) => !isEvent(l) && counts(l.text)).length);
					});
					graph.to.push(store.put());
					store.rollback();
				}
			}
			graph.final.push(graph.first[s] === graph.to.length);
			if (graph.final[s] && !machine.finished()) throw new NoCosts('a deadlock');
		}
	} finally {
		machine.setLogging(false);
	}
	graph.states = store.count;
	graph.first.push(graph.to.length);
	return graph;
}

/** Dijkstra's algorithm, with a list of states for each distance. */
function least(graph: Graph, costs: readonly number[]): number {
	const reached = new Uint8Array(graph.states);
	const at: number[][] = [[0]];
	for (let distance = 0; distance < at.length; distance++) {
		// What is come to without cost is appended to the list while it is gone through.
		for (const s of at[distance] ?? []) {
			if (reached[s]) continue;
			reached[s] = 1;
			if (graph.final[s]) return distance;
			for (let e = graph.first[s]; e < graph.first[s + 1]; e++) {
				const further = distance + costs[e];
				at[further] ??= [];
				at[further].push(graph.to[e]);
			}
		}
	}
	return Number.POSITIVE_INFINITY;
}

/** How far the mean may be off; and after how many rounds it is given up. */
const PRECISION = 1e-7;
const MOST_ROUNDS = 100_000;

/** Strongly connected components, each after those that can be come to from it. */
class Components {
	readonly #graph: Graph;
	readonly #of: Int32Array;
	/** states, component by component */
	readonly #order: number[] = [];

	constructor(graph: Graph) {
		this.#graph = graph;
		this.#of = new Int32Array(graph.states).fill(-1);
		this.#tarjan();
		this.#mustEnd();
	}

	/** What is gone round can then be gone round again, and still come to an end. */
	#mustEnd(): void {
		const { first, to, final } = this.#graph;
		const ends = new Set<number>();
		for (const s of this.#order) {
			const targets = to.slice(first[s], first[s + 1]);
			if (final[s] || targets.some((t) => ends.has(this.#of[t]))) ends.add(this.#of[s]);
		}
		if (this.#order.some((s) => !ends.has(this.#of[s]))) throw new NoCosts('a livelock');
	}

	#tarjan(): void {
		const { states, first, to } = this.#graph;
		const index = new Int32Array(states);
		const low = new Int32Array(states);
		const next = Int32Array.from(first.slice(0, states));
		const open: number[] = [];
		const way: number[] = [];
		let visits = 0;
		let components = 0;
		const enter = (s: number) => {
			index[s] = low[s] = ++visits;
			open.push(s);
			way.push(s);
		};
		enter(0);
		while (way.length > 0) {
			const s = way[way.length - 1];
			if (next[s] < first[s + 1]) {
				const t = to[next[s]++];
				if (index[t] === 0) enter(t);
				else if (this.#of[t] < 0) low[s] = Math.min(low[s], index[t]);
				continue;
			}
			way.pop();
			if (way.length > 0) low[way[way.length - 1]] = Math.min(low[way[way.length - 1]], low[s]);
			if (low[s] !== index[s]) continue;
			let t: number;
			do {
				t = open.pop() as number;
				this.#of[t] = components;
				this.#order.push(t);
			} while (t !== s);
			components++;
		}
	}

	/** The dearest way to the end, from the end backwards. */
	most(costs: readonly number[]): number {
		const { first, to } = this.#graph;
		const most = new Float64Array(this.#graph.states);
		for (let i = 0; i < this.#order.length; ) {
			const component = this.#of[this.#order[i]];
			let dearest = 0;
			let j = i;
			for (; j < this.#order.length && this.#of[this.#order[j]] === component; j++) {
				const s = this.#order[j];
				for (let e = first[s]; e < first[s + 1]; e++) {
					if (this.#of[to[e]] === component) {
						if (costs[e] > 0) return Number.POSITIVE_INFINITY;
					} else dearest = Math.max(dearest, costs[e] + most[to[e]]);
				}
			}
			for (; i < j; i++) most[this.#order[i]] = dearest;
		}
		return most[0];
	}

	/** The mean is what is expected of the steps of a state: solved from the end backwards. */
	mean(costs: readonly number[]): number {
		const { first, to } = this.#graph;
		const mean = new Float64Array(this.#graph.states);
		for (let i = 0; i < this.#order.length; ) {
			const component = this.#of[this.#order[i]];
			let j = i;
			while (j < this.#order.length && this.#of[this.#order[j]] === component) j++;
			for (let round = 0, change = 1; change > PRECISION; round++) {
				if (round === MOST_ROUNDS) return Number.NaN;
				change = 0;
				for (let k = i; k < j; k++) {
					const s = this.#order[k];
					const steps = first[s + 1] - first[s];
					if (steps === 0) continue;
					let sum = 0;
					for (let e = first[s]; e < first[s + 1]; e++) sum += costs[e] + mean[to[e]];
					change = Math.max(change, Math.abs(sum / steps - mean[s]));
					mean[s] = sum / steps;
				}
			}
			i = j;
		}
		return mean[0];
	}
}
