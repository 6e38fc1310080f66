// SPDX-License-Identifier: GPL-2.0-only
/**
 * Breadth-first search: states in the order of their ids, so that every trace is a shortest one.
 */
import { WordList } from './budget.ts';
import { type CheckpointReader, type CheckpointWriter, isList } from './checkpoint.ts';
import { LevelEstimate } from './estimate.ts';
import { ParentLinks } from './links.ts';
import { Violation } from './machine.ts';
import { fairComponent } from './progress/fair.ts';
import { stuckState } from './progress/finish.ts';
import { NOWHERE, StateGraph } from './progress/graph.ts';
import { cycleFault, cycleIn, type Goal, LIVELOCK, starvation } from './progress/lasso.ts';
import { reductionsOf } from './reduction.ts';
import { MAX_CHOICES, type Step, tooManyChoices, violationOf } from './result.ts';
import { Search } from './search.ts';
import { BATCH, type BatchedSet, isBatched } from './visited.ts';

export class BreadthFirst extends Search {
	#links!: ParentLinks;
	/** states that violate a property, in order: they are not expanded */
	#bad!: WordList;
	#badSeen = 0;
	#graph?: StateGraph;
	/** the store, if it looks states up in batches */
	#batched?: BatchedSet;
	/** the state that each of a batch was found from */
	readonly #parents = new Int32Array(BATCH);
	/** the links have the expansions of all states before it */
	#linked = 0;
	/** the state that is expanded next; all before it have been */
	#next = 0;
	/** ids below it belong to the levels up to #level */
	#levelEnd = 1;
	#level = 0;
	readonly #estimate = new LevelEstimate();
	/** the same at the last settle() */
	#settled = { next: 0, levelEnd: 1, level: 0 };

	protected begin(expand: boolean): void {
		this.#links = new ParentLinks(this.budget);
		this.#bad = new WordList(this.budget);
		const { livelock, goals, visited } = this.options;
		if (visited === 'compact' && (livelock || goals))
			throw new Error('the search for cycles needs states, which hash compaction does not keep');
		const reductions = reductionsOf(this.machine);
		if (goals && reductions.length > 0)
			throw new Error(
				`fair cycles are not looked for with reductions (${reductions.join(', ')}): ` +
					'their steps are not those of the tasks',
			);
		if (livelock || goals) this.#graph = new StateGraph(this.budget, goals !== undefined);
		else if (isBatched(this.store)) this.#batched = this.store;
		if (!expand) this.#bad.push(0);
		this.#estimate.level(1);
	}

	protected queue(): number {
		return this.known - this.#next;
	}
	protected expected(): number | undefined {
		const total = this.#estimate.total();
		return total && Math.max(total, this.known);
	}

	protected settle(): void {
		if (!this.#lookUp()) return;
		this.#link(this.#next - 1);
		this.#graph?.settle();
		super.settle();
		this.store.release?.(this.#next);
		this.#settled = { next: this.#next, level: this.#level, levelEnd: this.#levelEnd };
	}

	protected save(to: CheckpointWriter, known: number): void {
		const { next, level, levelEnd } = this.#settled;
		for (const n of [next, level, levelEnd]) to.number(n);
		to.json(this.#estimate.sizes.slice(1, level + 1));
		this.#links.save(to, next, known);
		this.#bad.save(to, this.#badBelow(known));
		this.#graph?.save(to);
	}
	protected restore(from: CheckpointReader): void {
		this.#next = from.number(0, this.known);
		this.#level = from.number();
		this.#levelEnd = from.number(0, this.known);
		const sizes = from.json();
		this.#links.restore(from);
		this.#mustBeLevels(from, sizes);
		this.#linked = this.#next;
		this.#bad.restore(from);
		const { words, length } = this.#bad;
		for (let i = 0; i < length; i++)
			from.must(words[i] > (words[i - 1] ?? -1) && words[i] < this.known, 'states that are bad');
		this.#badSeen = this.#badBelow(this.#next);
		this.#graph?.restore(from, this.#next, this.known, this.machine.tasks.length);
	}
	/** Levels, depth and counts all follow from the links. */
	#mustBeLevels(from: CheckpointReader, json: unknown): void {
		const { sizes, end, depth, expanded, found } = this.#links.levels();
		from.must(expanded === this.#next && found === this.known, 'the number of states');
		from.must(this.#level === sizes.length - 1 && this.#levelEnd === end, 'its level');
		from.must(this.depth === depth, 'its depth');
		from.must(isList(json, sizes.length - 1, 0, this.known), 'the size of a level');
		for (const [i, size] of json.entries()) {
			from.must(size === sizes[i + 1], 'the size of a level');
			this.#estimate.level(size);
		}
	}
	/** How many of the bad states were found before a state was. */
	#badBelow(state: number): number {
		let n = this.#bad.length;
		while (n > 0 && this.#bad.words[n - 1] >= state) n--;
		return n;
	}

	protected search(): void {
		while (this.#next < this.known || this.#moreFound()) {
			if (this.look()) return;
			if (this.#next === this.#levelEnd) {
				if (!this.#lookUp()) return;
				this.#level++;
				this.#estimate.level(this.known - this.#levelEnd);
				this.#levelEnd = this.known;
			}
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
		if (this.done) return;
		this.done = true;
	}

	/** Tells the links that all states before s are expanded, and that s is next. */
	#link(s: number): void {
		for (; this.#linked <= s; this.#linked++) this.#links.expand();
	}

	/** True if the search must end. */
	#expand(): boolean {
		const { machine, store } = this;
		const graph = this.#graph;
		const batched = this.#batched;
		const tasks = machine.tasks.length;
		let stepped = false;
		graph?.state(machine.finished());
		const skips = machine.nextReady !== undefined;
		for (let t = 0; t < tasks; t++) {
			if (skips) t = machine.nextReady!(t);
			if (t === tasks) break;
			const choices = machine.ready(t);
			if (choices <= 0) continue;
			if (choices > MAX_CHOICES) tooManyChoices(machine, t, choices);
			stepped = true;
			for (let c = 0; c < choices; c++) {
				try {
					machine.step(t, c);
				} catch (e) {
					if (this.#violated(e, t, c)) return true;
					continue;
				}
				if (batched) {
					if (batched.later()) store.rollback();
					else if (!this.#again(batched, t, c)) return true;
					this.#parents[batched.pending - 1] = this.#next;
					if (batched.pending === BATCH && !this.#lookUp()) return true;
					continue;
				}
				this.transitions++;
				const state = store.put();
				if (state === this.known && this.#found(state, t, c)) return true;
				if (graph) graph.edge(state, t);
				store.rollback();
			}
		}
		if (!stepped && this.#lookUp()) this.end(this.#level);
		return this.done;
	}

	/** The new state does not fit the fields: they become wider. */
	#again(batched: BatchedSet, t: number, c: number): boolean {
		batched.rollback();
		if (!this.#lookUp()) return false;
		this.machine.step(t, c);
		batched.later();
		batched.rollback();
		return true;
	}

	/** Looks the batch up, if there is one. False if the search must end. */
	#lookUp(): boolean {
		const batched = this.#batched;
		if (!batched || batched.pending === 0) return !this.done;
		const { checksStates, maxStates } = this;
		const n = batched.warm(this.known);
		const { transitions } = this;
		for (let k = batched.skip(0); k < n; k = batched.skip(k + 1)) {
			const state = batched.take(k);
			this.transitions = transitions + k + 1;
			if (state !== this.known) continue;
			if (state >= maxStates) {
				this.stop('states');
				return false;
			}
			this.known++;
			this.#link(this.#parents[k]);
			this.#links.child();
			this.depth = this.#level + 1;
			if (!checksStates) continue;
			batched.load(state);
			const bad = this.checkNew(this.depth);
			if (!bad) continue;
			this.#bad.push(state);
			if (this.report(bad, () => this.#wayTo(state, state))) return false;
		}
		this.transitions = transitions + n;
		if (checksStates) batched.load(this.#next);
		return true;
	}

	#moreFound(): boolean {
		return this.#lookUp() && this.#next < this.known;
	}

	#violated(e: unknown, t: number, c: number): boolean {
		if (!(e instanceof Violation)) throw e;
		this.store.rollback();
		if (!this.#lookUp()) return true;
		this.transitions++;
		this.#graph?.edge(NOWHERE, t);
		return this.report(violationOf(e, this.#level + 1), () => [...this.way(), [t, c]]);
	}

	/** A new state is in mem. True if the search must end. */
	#found(state: number, t: number, c: number): boolean {
		if (state >= this.maxStates) {
			this.store.rollback();
			this.stop('states');
			return true;
		}
		this.known++;
		this.#link(this.#next);
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
		this.#link(this.#next);
		return this.#wayTo(this.#next, this.#next);
	}

	/** The steps to a state; mem is in `here` before and after. */
	#wayTo(state: number, here: number): Step[] {
		const { machine, store } = this;
		const steps: Step[] = [];
		store.load(0);
		for (const next of this.#links.path(state).slice(1)) {
			const step = this.#stepTo(next);
			machine.step(...step);
			store.put();
			store.commit();
			steps.push(step);
		}
		store.load(here);
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

	/** True if the search must end. */
	#findStuck(graph: StateGraph): boolean {
		const stuck = stuckState(graph);
		if (stuck < 0) return false;
		return this.report({ property: 'I10', message: LIVELOCK, step: 0 }, () =>
			this.#wayTo(stuck, stuck),
		);
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
		const fault = cycleFault(machine, cycle.steps, starved);
		if (fault) throw new Error(`a fair cycle that was found is none: ${fault}`);
		const stem = this.#wayTo(cycle.state, cycle.state);
		const message = starvation(starved);
		this.report({ property: 'STARVE', message, step: 0, cycleFrom: stem.length }, () => [
			...stem,
			...cycle.steps,
		]);
	}
}
