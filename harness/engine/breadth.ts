// SPDX-License-Identifier: GPL-2.0-only
/**
 * Breadth-first search: states in the order of their ids, so that every trace is a shortest one.
 */
import { WordList } from './budget.ts';
import type { CheckpointReader, CheckpointWriter } from './checkpoint.ts';
import { ParentLinks } from './links.ts';
import { Violation } from './machine.ts';
import { fairComponent } from './progress/fair.ts';
import { stuckState } from './progress/finish.ts';
import { NOWHERE, StateGraph } from './progress/graph.ts';
import { cycleIn, type Goal, verifyCycle } from './progress/lasso.ts';
import { reductionsOf } from './reduction.ts';
import { MAX_CHOICES, type Step, tooManyChoices, violationOf } from './result.ts';
import { Search } from './search.ts';

export class BreadthFirst extends Search {
	#links!: ParentLinks;
	/** states that violate something, in order: not to be expanded */
	#bad!: WordList;
	#badSeen = 0;
	#graph?: StateGraph;
	/** the state to be expanded next; all before it are */
	#next = 0;
	/** ids below it belong to the levels up to #level */
	#levelEnd = 1;
	#level = 0;
	/** the same at the last settle() */
	#settled = { next: 0, levelEnd: 1, level: 0 };

	protected begin(expand: boolean): void {
		this.#links = new ParentLinks(this.budget);
		this.#bad = new WordList(this.budget);
		const { livelock, goals } = this.options;
		const reductions = reductionsOf(this.machine);
		if (goals && reductions.length > 0)
			throw new Error(
				`fair cycles are not looked for with reductions (${reductions.join(', ')}): ` +
					'their steps are not those of the tasks',
			);
		if (livelock || goals) this.#graph = new StateGraph(this.budget, goals !== undefined);
		if (!expand) this.#bad.push(0);
	}

	protected queue(): number {
		return this.known - this.#next;
	}

	protected settle(): void {
		super.settle();
		this.#settled = { next: this.#next, level: this.#level, levelEnd: this.#levelEnd };
	}

	protected save(to: CheckpointWriter, known: number): void {
		const { next, level, levelEnd } = this.#settled;
		for (const n of [next, level, levelEnd]) to.number(n);
		this.#links.save(to, next, known);
		this.#bad.save(to, this.#badBelow(known));
	}
	protected restore(from: CheckpointReader): void {
		this.#next = from.number(0, this.known);
		this.#level = from.number();
		this.#levelEnd = from.number(this.#next, this.known);
		this.#links.restore(from);
		this.#bad.restore(from);
		this.#badSeen = this.#badBelow(this.#next);
	}
	/** How many of the bad states were found before a state was. */
	#badBelow(state: number): number {
		let n = this.#bad.length;
		while (n > 0 && this.#bad.words[n - 1] >= state) n--;
		return n;
	}

	protected search(): void {
		while (this.#next < this.known) {
			if (this.look()) return;
			if (this.#next === this.#levelEnd) {
				this.#level++;
				this.#levelEnd = this.known;
			}
			this.#links.expand();
			const s = this.#next;
			if (this.#badSeen < this.#bad.length && this.#bad.words[this.#badSeen] === s) {
				this.#badSeen++;
				this.#graph?.state(true);
			} else {
				this.store.load(s);
				if (this.#expand()) return;
			}
			this.#next++;
		}
		this.done = true;
	}

	/** True if the search is to end. */
	#expand(): boolean {
		const { machine, store } = this;
		const graph = this.#graph;
		const tasks = machine.tasks.length;
		let stepped = false;
		graph?.state(machine.finished());
		for (let t = 0; t < tasks; t++) {
			const choices = machine.ready(t);
			if (choices <= 0) continue;
			if (choices > MAX_CHOICES) tooManyChoices(machine, t, choices);
			stepped = true;
			for (let c = 0; c < choices; c++) {
				this.transitions++;
				try {
					machine.step(t, c);
				} catch (e) {
					if (this.#violated(e, t, c)) return true;
					continue;
				}
				const state = store.put();
				if (state === this.known && this.#found(state, t, c)) return true;
				if (graph) graph.edge(state, t);
				store.rollback();
			}
		}
		if (!stepped) this.end(this.#level);
		return this.done;
	}

	#violated(e: unknown, t: number, c: number): boolean {
		if (!(e instanceof Violation)) throw e;
		this.store.rollback();
		this.#graph?.edge(NOWHERE, t);
		return this.report(violationOf(e, this.#level + 1), () => [...this.way(), [t, c]]);
	}

	/** A new state is in mem. True if the search is to end. */
	#found(state: number, t: number, c: number): boolean {
		if (state >= this.maxStates) {
			this.store.rollback();
			this.stop('states');
			return true;
		}
		this.known++;
		this.#links.child();
		this.depth = this.#level + 1;
		const bad = this.checkNew(this.depth);
		if (!bad) return false;
		this.#bad.push(state);
		return this.report(bad, () => {
			this.store.rollback();
			const way: Step[] = [...this.way(), [t, c]];
			this.machine.step(t, c);
			this.store.put();
			return way;
		});
	}

	protected way(): Step[] {
		return this.#wayTo(this.#next, this.#next);
	}

	/** The steps to a state; mem is in `here` before and after. */
	#wayTo(state: number, here: number): Step[] {
		const path = this.#links.path(state);
		const steps: Step[] = [];
		for (let i = 1; i < path.length; i++) {
			this.store.load(path[i - 1]);
			steps.push(this.#stepTo(path[i]));
		}
		this.store.load(here);
		return steps;
	}

	/** The first step that leads from the state in mem to `target`. */
	#stepTo(target: number): Step {
		const { machine, store } = this;
		for (let t = 0; t < machine.tasks.length; t++) {
			const choices = machine.ready(t);
			for (let c = 0; c < choices; c++) {
				let state = -1;
				try {
					machine.step(t, c);
					state = store.put();
				} catch (e) {
					if (!(e instanceof Violation)) throw e;
				}
				store.rollback();
				if (state === target) return [t, c];
			}
		}
		throw new Error(`no step leads to state ${target}: the machine is not deterministic`);
	}

	protected atEnd(): void {
		const graph = this.#graph;
		if (!graph) return;
		graph.seal(this.#next);
		if (this.options.livelock && this.#findStuck(graph)) return;
		if (this.options.goals) this.#findStarvation(graph, this.options.goals);
	}

	/** True if the search is to end. */
	#findStuck(graph: StateGraph): boolean {
		const stuck = stuckState(graph);
		if (stuck < 0) return false;
		const message = 'livelock: from here on, no way leads to the end of all programs';
		return this.report({ property: 'I10', message, step: 0 }, () => this.#wayTo(stuck, stuck));
	}

	#findStarvation(graph: StateGraph, goals: readonly Goal[]): void {
		const { machine, store } = this;
		const tasks = machine.tasks.length;
		const starvedIn = (state: number) => {
			store.load(state);
			return goals.filter((goal) => !goal.reached(machine));
		};
		const component = fairComponent(graph, tasks, (first) => starvedIn(first).length > 0);
		if (!component) return;
		const cycle = cycleIn(graph, component, tasks);
		const starved = starvedIn(cycle.state);
		verifyCycle(machine, store, cycle, starved);
		const stem = this.#wayTo(cycle.state, cycle.state);
		const message =
			`starvation: ${starved.map((goal) => goal.name).join(' and ')} ` +
			'may go on for ever without coming to an end, though every task gets its turns';
		this.report({ property: 'STARVE', message, step: 0, cycleFrom: stem.length }, () => [
			...stem,
			...cycle.steps,
		]);
	}
}
