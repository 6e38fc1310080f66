// SPDX-License-Identifier: GPL-2.0-only
/**
 * The part of one worker in a breadth-first search by several: it takes states of the level in
 * blocks, expands them on its own machine, and puts new states into the shared tables.
 *
 * The states of a level are those whose ids were reserved while the level before was expanded. A
 * word for each state has its parent. 0: the place is unused; negative: the state violates a
 * property and is not expanded.
 */
import { collectGarbage, leaveToCollector } from '../budget.ts';
import { type Machine, Violation } from '../machine.ts';
import type { Terminal } from '../options.ts';
import {
	attempt,
	checkLimits,
	deadlockIn,
	MAX_CHOICES,
	type Step,
	tooManyChoices,
	type ViolationFound,
	violationOf,
} from '../result.ts';
import { BATCH, type BatchedSet, isBatched, type VisitedSet } from '../visited.ts';
import { type SearchMemory, type SharedStore, type StoreOptions, sharedStore } from './stores.ts';
import { CURSOR, END, FROM, KNOWN, LEVEL, type Next, Stopped, Team } from './team.ts';

/** The subject of a worker's exploration, which the worker makes itself. */
export interface Subject {
	machine: Machine;
	/** Checks a terminal state, with the machine in it; the result is a violation. */
	checkTerminal?: (machine: Machine) => { property: string; message: string } | undefined;
	/** Each terminal state that this worker comes to. It must leave mem as it is. */
	onTerminal?: (machine: Machine, terminal: Terminal) => void;
	/** Plain data: what onTerminal() has gathered; called at the end. */
	gathered?: () => unknown;
}

/** Options that all workers of a search share. Plain data. */
export interface SearchOptions {
	/** Infinity: no limit */
	maxStates: number;
	stopAtFirst: boolean;
	predicates: boolean;
	/** a level of fewer states is done by one worker alone */
	aloneBelow: number;
	store: StoreOptions;
}

export interface Candidate {
	found: ViolationFound;
	trace: Step[];
}

/** The result of a worker. Plain data. */
export interface Report {
	/** the first of its violations by isBefore() */
	best?: Candidate;
	byProperty: Record<string, number>;
	marks: string[];
	gathered: unknown;
}

/** The order of violations, so that the reported one does not depend on timing. */
export function isBefore(a: ViolationFound, b: ViolationFound): boolean {
	const key = ({ step, property, message, trap }: ViolationFound) =>
		[step, property, message, trap?.file ?? '', trap?.line ?? 0] as const;
	const [x, y] = [key(a), key(b)];
	const i = x.findIndex((v, j) => v !== y[j]);
	return i >= 0 && x[i] < y[i];
}

/** States that are taken at a time, at most. */
const BLOCK = 256;
/** Ids of states that are reserved at a time, at most and at least. */
const CHUNK = 4096;
const SMALL_CHUNK = BATCH;

export class Searcher {
	readonly #team: Team;
	readonly #machine: Machine;
	readonly #checksStates: boolean;
	/** absent if the limits did not even allow the initial state */
	#shared?: SharedStore;
	#store!: VisitedSet;
	/** the store, if it looks states up in batches */
	#batched?: BatchedSet;
	/** the state that each of a batch was found from */
	readonly #sources = new Int32Array(BATCH);
	/** those of a batch that were new */
	readonly #fresh = new Int32Array(BATCH);

	#level = -1;
	#expanded = 0;
	#transitions = 0;
	#terminals = 0;
	#violations = 0;
	#best?: Candidate;
	readonly #byProperty: Record<string, number> = {};

	constructor(
		readonly subject: Subject,
		readonly memory: SearchMemory,
		/** counts from 0 */
		readonly worker: number,
		readonly options: SearchOptions,
	) {
		this.#machine = subject.machine;
		checkLimits(this.#machine);
		this.#team = new Team(memory.team, worker);
		this.#team.onLevelEnd = () => this.#nextLevel();
		this.#checksStates = options.predicates && this.#machine.hasPredicates;
	}

	/** Searches together with the other workers. `initial`: the image that all begin with. */
	run(initial: Int32Array): Report {
		const machine = this.#machine;
		const team = this.#team;
		collectGarbage();
		machine.setLogging(false);
		machine.reset();
		machine.forget();
		if (initial.length !== machine.words || initial.some((word, a) => word !== machine.mem[a]))
			throw new Error('the machine of a worker has another initial state');
		const regions = machine.regions.flatMap(({ node, start, length }) => [node, start, length]);
		team.mustBeAlike(0, [machine.tasks.length], regions);
		try {
			this.#begin();
			while (!team.done) this.#doLevel();
		} catch (e) {
			if (!(e instanceof Stopped)) throw e;
		}
		while (!team.done) this.#meet();
		leaveToCollector(team.bytes);
		return {
			best: this.#best,
			byProperty: this.#byProperty,
			marks: machine.marks(),
			gathered: this.subject.gathered?.(),
		};
	}

	#begin(): void {
		const team = this.#team;
		const { memory, worker } = this;
		this.#shared = sharedStore(this.#machine, team, memory, worker, this.options.store);
		const { store, places } = this.#shared;
		this.#store = store;
		if (isBatched(store)) this.#batched = store;
		team.publish(worker, 'bytes', store.bytes());
		// The initial state is its own parent.
		const first = store.put();
		this.#parents[first] = first;
		places.chunk = SMALL_CHUNK;
		this.#meet();
	}

	/** From where each state was found, by id. The view changes when the tables grow. */
	get #parents(): Int32Array {
		return (this.#shared as SharedStore).parents.view;
	}

	#meet(): void {
		this.#publish();
		this.#team.meet();
		const level = this.#team.control[LEVEL];
		if (this.#level === level || !this.#shared) return;
		this.#level = level;
		const { places } = this.#shared as SharedStore;
		// The next ids belong to the next level.
		places.abandon();
		const size = this.#team.control[END] - this.#team.control[FROM];
		places.chunk = Math.max(SMALL_CHUNK, Math.min(CHUNK, size >>> 6));
	}

	#publish(): void {
		const team = this.#team;
		const { worker } = this;
		team.publish(worker, 'states', this.#store?.count ?? 0);
		team.publish(worker, 'expanded', this.#expanded);
		team.publish(worker, 'transitions', this.#transitions);
		team.publish(worker, 'terminals', this.#terminals);
		team.publish(worker, 'violations', this.#violations);
	}

	/** Called when all workers have finished the level and stand still. */
	#nextLevel(): Next {
		const team = this.#team;
		const { control } = team;
		const { maxStates, stopAtFirst, aloneBelow } = this.options;
		const states = team.total('states');
		const size = states - control[KNOWN];
		if (states > maxStates) team.stop('states');
		if (size === 0 || team.reason) return 'done';
		control[KNOWN] = states;
		control[LEVEL]++;
		control[FROM] = control[CURSOR] = control[END];
		control[END] = (this.#shared as SharedStore).places.bound;
		if (stopAtFirst && team.total('violations') > 0) return 'done';
		return size < aloneBelow ? 'alone' : 'all';
	}

	/** Expands states of the level until none is left, then joins the meeting at its end. */
	#doLevel(): void {
		const team = this.#team;
		const { control } = team;
		const end = control[END];
		const share = (end - control[FROM]) >>> 3;
		const block = Math.max(1, Math.min(BLOCK, Math.floor(share / team.workers)));
		for (;;) {
			const from = Atomics.add(control, CURSOR, block);
			if (from >= end) break;
			const to = Math.min(from + block, end);
			for (let s = from; s < to; s++) {
				while (team.paused) {
					this.#meet();
					if (team.done) return;
				}
				if (this.#parents[s] > 0) this.#expand(s);
			}
			this.#lookUp();
			this.#publish();
			if (team.total('states') > this.options.maxStates) team.stop('states');
		}
		this.#meet();
	}

	#expand(s: number): void {
		const machine = this.#machine;
		const store = this.#store;
		const batched = this.#batched;
		const tasks = machine.tasks.length;
		let stepped = false;
		store.load(s);
		this.#expanded++;
		for (let t = 0; t < tasks; t++) {
			const choices = machine.ready(t);
			if (choices <= 0) continue;
			if (choices > MAX_CHOICES) tooManyChoices(machine, t, choices);
			stepped = true;
			for (let c = 0; c < choices; c++) {
				this.#transitions++;
				try {
					machine.step(t, c);
				} catch (e) {
					this.#violated(e, s, t, c);
					continue;
				}
				if (batched) {
					if (batched.later()) store.rollback();
					else this.#again(batched, s, t, c);
					this.#sources[batched.pending - 1] = s;
					if (batched.pending === BATCH) this.#lookUp(s);
					continue;
				}
				const known = store.count;
				const state = store.put();
				if (store.count !== known) this.#found(state, s, t, c);
				store.rollback();
			}
		}
		if (!stepped) this.#end(s);
	}

	/** The new state does not fit the fields: they become wider. */
	#again(batched: BatchedSet, s: number, t: number, c: number): void {
		batched.rollback();
		this.#lookUp(s);
		this.#machine.step(t, c);
		batched.later();
		batched.rollback();
	}

	/** Looks the batch up, if there is one. Mem is in `here` before and after, if that is said. */
	#lookUp(here?: number): void {
		const batched = this.#batched;
		if (!batched || batched.pending === 0) return;
		const n = batched.warm(batched.count);
		const parents = this.#parents;
		const fresh = this.#fresh;
		let found = 0;
		for (let k = batched.skip(0); k < n; k = batched.skip(k + 1)) {
			const known = batched.count;
			const state = batched.take(k);
			if (batched.count === known) continue;
			parents[state] = this.#sources[k];
			fresh[found++] = state;
		}
		if (!this.#checksStates) return;
		// Not before all have parents: the path to a state may let the tables grow.
		for (let k = 0; k < found; k++) this.#check(batched, fresh[k]);
		if (here !== undefined) batched.load(here);
	}

	#check(batched: BatchedSet, state: number): void {
		batched.load(state);
		const bad = this.#wrong();
		if (!bad) return;
		this.#report(bad, () => this.#way(state));
		this.#parents[state] *= -1;
	}

	#violated(e: unknown, s: number, t: number, c: number): void {
		if (!(e instanceof Violation)) throw e;
		this.#store.rollback();
		this.#lookUp(s);
		const found = violationOf(e, this.#level + 1);
		this.#report(found, () => [...this.#way(s), [t, c]]);
	}

	/** The violation of the new state in mem, if any. */
	#wrong(): ViolationFound | undefined {
		if (!this.#checksStates) return undefined;
		return attempt(() => this.#machine.check(), this.#level + 1);
	}

	/** A new state is in mem, found from s. */
	#found(state: number, s: number, t: number, c: number): void {
		this.#parents[state] = s;
		const bad = this.#wrong();
		if (!bad) return;
		this.#parents[state] = -s;
		this.#report(bad, () => {
			this.#store.rollback();
			const way: Step[] = [...this.#way(s), [t, c]];
			this.#machine.step(t, c);
			this.#store.put();
			return way;
		});
	}

	/** The state s, in mem, has no successor. */
	#end(s: number): void {
		const { checkTerminal, onTerminal } = this.subject;
		const machine = this.#machine;
		const way = () => this.#way(s);
		const step = this.#level;
		this.#lookUp(s);
		const wrong = deadlockIn(machine, step);
		if (wrong) {
			this.#report(wrong, way);
			return;
		}
		this.#terminals++;
		onTerminal?.(machine, { depth: step, trace: way });
		const bad = checkTerminal?.(machine);
		if (bad) this.#report({ ...bad, step }, way);
	}

	#report(found: ViolationFound, way: () => Step[]): void {
		this.#violations++;
		this.#byProperty[found.property] = (this.#byProperty[found.property] ?? 0) + 1;
		if (this.#best && !isBefore(found, this.#best.found)) return;
		this.#best = { found, trace: way() };
	}

	/** The steps to a state; mem is in it before and after. */
	#way(state: number): Step[] {
		const path = [state];
		const parents = this.#parents;
		for (let s = state; parents[s] !== s; path.push(s)) s = parents[s];
		path.reverse();
		const steps: Step[] = [];
		for (let i = 1; i < path.length; i++) {
			this.#store.load(path[i - 1]);
			steps.push(this.#stepTo(path[i]));
		}
		this.#store.load(state);
		return steps;
	}

	/**
	 * The first step that leads from the state in mem to `target`. The worker that found `target` has
	 * taken all steps up to that one before, so no new state is put.
	 */
	#stepTo(target: number): Step {
		const machine = this.#machine;
		const store = this.#store;
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
}
