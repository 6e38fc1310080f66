// SPDX-License-Identifier: GPL-2.0-only
/**
 * One worker's part of a breadth-first search by several: it takes states of the level by the
 * block, expands them on its own machine, and puts what it finds into the shared tables.
 *
 * The states of a level are those whose ids were reserved while the level before was expanded. A
 * word a state says from where it was found first: 0 means that the place is not used, a negative
 * one that the state violates something and is not to be expanded.
 */
import { Budget, collectGarbage, leaveToCollector } from '../budget.ts';
import { type Machine, Violation } from '../machine.ts';
import {
	checkLimits,
	deadlockIn,
	MAX_CHOICES,
	type Step,
	tooManyChoices,
	type ViolationFound,
	violationOf,
} from '../result.ts';
import type { Terminal } from '../search.ts';
import type { Shape } from '../shape.ts';
import { StateStore } from '../store.ts';
import {
	SharedPairTable,
	type SharedTableOptions,
	SharedVectorTable,
	type TableMemory,
	tableMemory,
} from './tables.ts';
import {
	CURSOR,
	END,
	FROM,
	KNOWN,
	LEVEL,
	type Next,
	SharedWords,
	Stopped,
	sharedWords,
	Team,
	type TeamMemory,
	teamMemory,
} from './team.ts';

/** What a worker explores, made by itself. */
export interface Subject {
	machine: Machine;
	/** What is wrong with a terminal state, with the machine in it: a violation of its own. */
	checkTerminal?: (machine: Machine) => { property: string; message: string } | undefined;
	/** Each terminal state that this worker comes to. It must leave mem as it is. */
	onTerminal?: (machine: Machine, terminal: Terminal) => void;
	/** Plain data: what onTerminal() has gathered, asked for at the end. */
	gathered?: () => unknown;
}

/** What all workers of a search do alike. Plain data. */
export interface SearchOptions {
	/** Infinity: no limit */
	maxStates: number;
	stopAtFirst: boolean;
	predicates: boolean;
	shape?: Shape;
	/** a level of fewer states is done by one worker alone */
	aloneBelow: number;
	/** for tests: small tables, equal hashes */
	store?: SharedTableOptions & { bits?: number; badHash?: boolean };
}

/** Everything that the workers share. */
export interface SearchMemory {
	team: TeamMemory;
	leaves: TableMemory;
	groups: TableMemory;
	pairs: TableMemory;
	states: TableMemory;
	parents: SharedArrayBuffer;
}

const TABLES = 4;

/** Throws LimitReached if there is not so much memory. */
export function searchMemory(
	workers: number,
	maxBytes: number,
	options: SearchOptions,
): SearchMemory {
	const bits = options.store?.bits ?? 12;
	const team = teamMemory(workers, TABLES, maxBytes);
	const [leaves, groups, pairs, states] = Array.from({ length: TABLES }, () => tableMemory(bits));
	const parents = sharedWords(2 << bits);
	const memory = { team, leaves, groups, pairs, states, parents };
	const all = [leaves, groups, pairs, states].flatMap((m) => [m.slots, m.entries]);
	const shared = new Team(team);
	shared.control[LEVEL] = -1;
	shared.control[END] = 1;
	shared.take([...all, parents].reduce((sum, b) => sum + b.byteLength, 0));
	return memory;
}

export interface Candidate {
	found: ViolationFound;
	trace: Step[];
}

/** What a worker hands back. Plain data. */
export interface Report {
	/** the first of its violations by isBefore() */
	best?: Candidate;
	byProperty: Record<string, number>;
	marks: string[];
	gathered: unknown;
}

/** The order of violations, so that the one that is told does not depend on timing. */
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
const SMALL_CHUNK = 32;

export class Searcher {
	readonly #team: Team;
	readonly #machine: Machine;
	readonly #states: SharedPairTable;
	readonly #parents: SharedWords;
	#store!: StateStore;

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
		this.#team = new Team(memory.team);
		this.#team.onLevelEnd = () => this.#nextLevel();
		this.#parents = new SharedWords(this.#team, memory.parents);
		const beside = this.#parents;
		this.#states = new SharedPairTable(this.#team, memory.states, { ...options.store, beside });
		this.#states.chunk = SMALL_CHUNK;
	}

	/** Searches together with the others. `initial` is the image that all begin with. */
	run(initial: Int32Array): Report {
		const machine = this.#machine;
		const team = this.#team;
		collectGarbage();
		machine.setLogging(false);
		machine.reset();
		machine.forget();
		if (initial.some((word, a) => word !== machine.mem[a]))
			throw new Error('the machine of a worker does not begin as the others do');
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
		const { memory, options } = this;
		const team = this.#team;
		const { maxIds, badHash, ...table } = options.store ?? {};
		const budget = new Budget();
		this.#store = new StateStore(this.#machine, {
			shape: options.shape,
			budget,
			badHash,
			tables: (lengths) => ({
				leaves: new SharedVectorTable(team, memory.leaves, lengths.leaves, { maxIds, ...table }),
				groups: new SharedVectorTable(team, memory.groups, lengths.groups, { maxIds, ...table }),
				pairs: new SharedPairTable(team, memory.pairs, { maxIds, ...table }),
				states: this.#states,
			}),
		});
		team.publish(this.worker, 'bytes', budget.used);
		// All begin with it, and one of them found it: it is its own parent.
		const first = this.#store.put();
		this.#parents.view[first] = first;
		this.#meet();
	}

	#meet(): void {
		this.#publish();
		this.#team.meet();
		const level = this.#team.control[LEVEL];
		if (this.#level === level) return;
		this.#level = level;
		// The next ids belong to the next level.
		this.#states.abandon();
		const size = this.#team.control[END] - this.#team.control[FROM];
		this.#states.chunk = Math.max(SMALL_CHUNK, Math.min(CHUNK, size >>> 6));
	}

	#publish(): void {
		const team = this.#team;
		const { worker } = this;
		team.publish(worker, 'states', this.#states.size);
		team.publish(worker, 'expanded', this.#expanded);
		team.publish(worker, 'transitions', this.#transitions);
		team.publish(worker, 'terminals', this.#terminals);
		team.publish(worker, 'violations', this.#violations);
	}

	/** Called when all have expanded what there is of the level, and stand still. */
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
		control[END] = this.#states.end;
		if (stopAtFirst && team.total('violations') > 0) return 'done';
		return size < aloneBelow ? 'alone' : 'all';
	}

	/** Expands states of the level until none is left, and comes to the meeting at its end. */
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
				if (this.#parents.view[s] > 0) this.#expand(s);
			}
			this.#publish();
			if (team.total('states') > this.options.maxStates) team.stop('states');
		}
		this.#meet();
	}

	#expand(s: number): void {
		const machine = this.#machine;
		const store = this.#store;
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
					if (!(e instanceof Violation)) throw e;
					store.rollback();
					const found = violationOf(e, this.#level + 1);
					this.#report(found, () => [...this.#way(s), [t, c]]);
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

	/** A new state is in mem, found from s. */
	#found(state: number, s: number, t: number, c: number): void {
		this.#parents.view[state] = s;
		if (!this.options.predicates) return;
		try {
			this.#machine.check();
		} catch (e) {
			if (!(e instanceof Violation)) throw e;
			this.#parents.view[state] = -s;
			this.#report(violationOf(e, this.#level + 1), () => {
				this.#store.rollback();
				const way: Step[] = [...this.#way(s), [t, c]];
				this.#machine.step(t, c);
				this.#store.put();
				return way;
			});
		}
	}

	/** The state s, in mem, has no successor. */
	#end(s: number): void {
		const { checkTerminal, onTerminal } = this.subject;
		const machine = this.#machine;
		const way = () => this.#way(s);
		const step = this.#level;
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
		const parents = this.#parents.view;
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
	 * The first step that leads from the state in mem to `target`. Its other steps up to that one
	 * were taken before, by the worker that found `target`: nothing new is put.
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
