// SPDX-License-Identifier: GPL-2.0-only
/** The common part of the searches: limits, counts, violations and paths to them. */
import { freemem } from 'node:os';
import { Budget, collectGarbage } from './budget.ts';
import {
	type About,
	CheckpointError,
	type CheckpointLeft,
	type CheckpointReader,
	type CheckpointWriter,
	fieldsOf,
	isList,
	isWhole,
	mustBeOf,
	readCheckpoint,
	writeCheckpoint,
} from './checkpoint.ts';
import { CompactStore } from './compact.ts';
import { isComponents } from './components/machine.ts';
import { codeOf } from './files.ts';
import { FlatStore } from './flat.ts';
import { LimitReached } from './limits.ts';
import { type Machine, Violation } from './machine.ts';
import type { ExploreOptions } from './options.ts';
import { placesOf, reductionsOf } from './reduction.ts';
import {
	attempt,
	canStep,
	checkLimits,
	deadlockIn,
	MAX_CHOICES,
	REPORT_MS,
	type Reason,
	type Result,
	type Step,
	type ViolationFound,
	violationOf,
} from './result.ts';
import { StateStore } from './store.ts';
import type { VisitedSet } from './visited.ts';
import { PATIENCE_MS, trusting } from './watch.ts';

export function defaultMemory(): number {
	return Math.floor((process.availableMemory?.() ?? freemem()) * 0.75);
}

/** Up to so many words that can change, a machine is small. */
const FLAT_WORDS = 256;

/** How the states of a machine are kept by default. */
export function kindFor({ regions }: Machine): 'flat' | 'tree' {
	return regions.reduce((n, r) => n + r.length, 0) <= FLAT_WORDS ? 'flat' : 'tree';
}

/** How many expansions pass between two looks at the clock. */
const EXPANSIONS_A_LOOK = 128;

/** What was found, apart from the states: plain JSON. */
interface Figures {
	known: number;
	transitions: number;
	depth: number;
	terminals: number;
	violations: number;
	byProperty: Record<string, number>;
	violation?: ViolationFound;
	trace?: Step[];
}

/** The results that a checkpoint keeps; of a violation, its name and its path. */
type Read = Pick<Figures, 'known' | 'transitions' | 'depth' | 'terminals'> & {
	ms: number;
	violations: number;
	byProperty: Record<string, number>;
	property: string;
	trace: Step[];
};

/** Reads them, and nothing else. */
function figuresIn(from: CheckpointReader): Read {
	const json = fieldsOf(from.json()) ?? {};
	const number = (name: string, low = 0): number => {
		const value = json[name];
		from.must(isWhole(value, low), name);
		return value;
	};
	const { ms, trace = [] } = json;
	from.must(typeof ms === 'number' && ms >= 0 && ms < Number.MAX_SAFE_INTEGER, 'its time');
	const byProperty = Object.entries(fieldsOf(json.byProperty) ?? {});
	const violations = number('violations');
	let sum = 0;
	for (const [name, n] of byProperty) {
		from.must(/^\w+$/.test(name) && isWhole(n, 1), 'the violations of a property');
		sum += n;
	}
	from.must(sum === violations, 'the number of violations');
	const steps: unknown[] = Array.isArray(trace) ? trace : [];
	for (const step of steps) from.must(isList(step, 2, 0, MAX_CHOICES), 'a step of its way');
	const known = number('known', 1);
	const transitions = number('transitions', known - 1);
	return {
		...{ ms, known, transitions, violations },
		depth: number('depth'),
		terminals: number('terminals'),
		byProperty: Object.fromEntries(byProperty) as Record<string, number>,
		property: String(fieldsOf(json.violation)?.property),
		trace: steps as Step[],
	};
}

/** The longest that a timer can be set for: 24 days. */
const MOST_MS = 2 ** 31 - 1;
/** How fast states are written, or put into a larger table, at the least. */
const STATES_A_MS = 500;

export abstract class Search {
	readonly budget: Budget;
	/** absent if the limits did not even allow the initial state */
	protected store!: VisitedSet;
	protected readonly maxStates: number;
	/**
	 * States found. The store may have more: a resumed search finds those again, in the same order.
	 */
	protected known = 0;
	/** new states are checked by the state predicates */
	protected readonly checksStates: boolean;
	protected transitions = 0;
	protected depth = 0;
	protected terminals = 0;
	protected done = false;

	readonly #maxMs: number;
	readonly #saveEveryMs: number;
	readonly #stopAtFirst: boolean;
	readonly #byProperty: Record<string, number> = {};
	#reason?: Reason;
	#violations = 0;
	#violation?: ViolationFound;
	#trace?: Step[];

	/** as of the last time between two expansions */
	#settled?: Figures;
	#left?: CheckpointLeft;
	#savedAt = performance.now();

	/** time spent in earlier calls of run(); in searches that this one resumes */
	#spentMs = 0;
	#spentBeforeMs = 0;
	#resumedAt = 0;
	#reportedAt = 0;
	#pauseAt = 0;
	#looks = 0;

	constructor(
		protected readonly machine: Machine,
		protected readonly options: ExploreOptions,
	) {
		checkLimits(machine);
		collectGarbage();
		this.budget = new Budget(options.maxMemory ?? defaultMemory());
		this.maxStates = options.maxStates ?? Number.POSITIVE_INFINITY;
		this.#maxMs = (options.maxSeconds ?? Number.POSITIVE_INFINITY) * 1000;
		this.#saveEveryMs = (options.checkpoint?.everySeconds ?? Number.POSITIVE_INFINITY) * 1000;
		this.#stopAtFirst = options.stopAtFirst ?? true;
		this.checksStates = (options.predicates ?? true) && machine.hasPredicates;
		if (options.checkpoint && options.onTerminal)
			throw new Error('onTerminal() would miss what a checkpoint has');
	}

	/**
	 * Makes what the search needs besides the store; state 0 is in mem. `expand` is false if that
	 * state violates a property.
	 */
	protected abstract begin(expand: boolean): void;
	/**
	 * Remembers the position of the search, between two expansions: a checkpoint has the state at
	 * that time.
	 */
	protected settle(): void {
		const { known, transitions, depth, terminals } = this;
		const found = { violations: this.#violations, byProperty: { ...this.#byProperty } };
		const first = { violation: this.#violation, trace: this.#trace };
		this.#settled = { known, transitions, depth, terminals, ...found, ...first };
	}
	/** Writes what begin() makes, as of the last settle(). */
	protected abstract save(to: CheckpointWriter, known: number): void;
	/** After begin(): reads it again. */
	protected abstract restore(from: CheckpointReader): void;
	/** Goes on until it is done or look() says true. */
	protected abstract search(): void;
	/** Checks that are possible only after the search has ended, by itself or at a limit. */
	protected atEnd(): void {}
	/** Estimated number of states; undefined: no estimate. */
	protected expected(): number | undefined {
		return undefined;
	}
	/** States found and not yet expanded. */
	protected abstract queue(): number;
	/** The steps to the state that is being expanded. May move mem, and puts it back. */
	protected abstract way(): Step[];

	/** Goes on for about so many milliseconds; true when the search has ended. */
	run(milliseconds = Number.POSITIVE_INFINITY): boolean {
		this.#resumedAt = performance.now();
		this.#pauseAt = this.#resumedAt + milliseconds;
		const file = this.options.checkpoint?.resume;
		try {
			if (!this.store && !this.done) this.#begin();
			if (file === undefined) this.#goOn();
			else trusting(file, this.#patience(milliseconds), () => this.#goOn());
		} catch (e) {
			if (!(e instanceof LimitReached)) throw e;
			this.stop(e.limit);
		}
		if (this.done && this.#reason) this.#leaveCheckpoint();
		this.#spentMs += performance.now() - this.#resumedAt;
		return this.done;
	}

	#goOn(): void {
		if (this.done) return;
		this.search();
		if (!this.done || !this.#asksOn()) return;
		const file = this.options.checkpoint?.resume;
		if (file !== undefined && !this.#reason && this.known !== this.store.count)
			throw new CheckpointError(`${file} does not fit: it has states that are not reached`);
		this.atEnd();
	}

	/** How long a part of a resumed search may take, including the time to write. */
	#patience(milliseconds: number): number {
		if (milliseconds !== Number.POSITIVE_INFINITY) return milliseconds + this.#patienceMs();
		if (this.#maxMs !== Number.POSITIVE_INFINITY) return this.#maxMs + this.#patienceMs();
		return MOST_MS;
	}
	/** More of them take longer to be written, and longer to be put into larger tables. */
	#patienceMs(): number {
		return PATIENCE_MS + (this.store?.count ?? 0) / STATES_A_MS;
	}

	result(): Result {
		const states = this.known;
		const reason = this.#reason;
		return {
			verdict: this.#violation ? 'violated' : reason ? 'incomplete' : 'complete',
			...(reason && { reason, queue: this.store ? this.queue() : 0 }),
			states,
			transitions: this.transitions,
			depth: this.depth,
			terminals: this.terminals,
			seconds: (this.#spentBeforeMs + this.#spentMs) / 1000,
			bytesPerState: this.budget.used / Math.max(1, states),
			violations: this.#violations,
			byProperty: { ...this.#byProperty },
			...(this.store?.omission && { omission: this.store.omission() }),
			...(this.#violation && { violation: this.#violation, trace: this.#trace }),
			marks: this.machine.marks(),
			...(this.#left && { checkpoint: this.#left }),
			...(this.options.checkpoint?.resume !== undefined && {
				resumed: this.options.checkpoint.resume,
			}),
		};
	}

	#begin(): void {
		const { machine, options, budget } = this;
		machine.setLogging(false);
		try {
			machine.reset();
		} catch (e) {
			if (!(e instanceof Violation)) throw e;
			this.#record(violationOf(e, 0), () => []);
			this.done = true;
			return;
		}
		machine.forget();
		const { shape, store, visited = kindFor(machine) } = options;
		if (isComponents(machine)) this.store = machine.storeFor(budget);
		else if (visited === 'tree') this.store = new StateStore(machine, { shape, budget, ...store });
		else if (visited === 'flat') this.store = new FlatStore(machine, { budget, ...store });
		else this.store = new CompactStore(machine, { budget, ...store });
		if (options.checkpoint?.resume !== undefined) {
			this.begin(true);
			readCheckpoint(options.checkpoint.resume, (from) => this.#restore(from));
		} else {
			this.known = 1;
			const bad = this.checkNew(0);
			this.begin(!bad);
			if (bad) this.report(bad, () => []);
		}
		if (!this.done) this.settle();
	}

	/** Neither stopped from outside nor by what was found. */
	#asksOn(): boolean {
		return this.#reason !== 'signal' && !(this.#violation && this.#stopAtFirst);
	}

	/** The subject of the search, which a resumed search must share. */
	#about(): About {
		const { order = 'bfs', livelock = false, goals = [], checkpoint } = this.options;
		return {
			...checkpoint?.about,
			order,
			livelock,
			goals: goals.map((goal) => goal.name).join(', ') || 'none',
			reductions: reductionsOf(this.machine).join(', ') || 'none',
			'local steps': placesOf(this.machine).join(' ') || 'none',
			predicates: this.options.predicates ?? true,
			'way of keeping states': this.options.visited ?? kindFor(this.machine),
			'stop at the first violation': this.#stopAtFirst,
			'words of the image': this.machine.words,
		};
	}

	/** Writes the checkpoint, if one was asked for. An error does not stop the search. */
	#leaveCheckpoint(): void {
		const file = this.options.checkpoint?.save;
		const settled = this.#settled;
		if (file === undefined || !settled) return;
		try {
			writeCheckpoint(file, (to) => {
				to.json(this.#about());
				const ms = this.#spentBeforeMs + this.#spentMs + performance.now() - this.#resumedAt;
				to.json({ ...settled, ms });
				this.machine.save(to);
				this.store.save(to);
				this.save(to, settled.known);
			});
			this.#left = { file, states: settled.known };
		} catch (e) {
			const error = codeOf(e);
			if (error === undefined) throw e;
			this.#left = { file, states: 0, ...this.#left, error };
		}
		this.#savedAt = performance.now();
	}

	#restore(from: CheckpointReader): void {
		mustBeOf(from.file, from.json(), this.#about());
		const { ms, violations, byProperty, trace, property, ...counts } = figuresIn(from);
		Object.assign(this, counts);
		Object.assign(this.#byProperty, byProperty);
		this.#violations = violations;
		from.must(violations === 0 || !this.#stopAtFirst, 'it goes on after what it stops at');
		if (violations > 0) {
			this.#trace = trace;
			this.#violation = this.#violationAfter(trace);
			from.must(this.#violation?.property === property, `its way to ${property}`);
		}
		this.#spentBeforeMs = ms;
		this.machine.restore(from);
		this.store.restore(from);
		from.must(this.known <= this.store.count, 'the number of states');
		this.restore(from);
	}

	/** The violation after steps from the initial state, which is in mem before and after. */
	#violationAfter(steps: readonly Step[]): ViolationFound | undefined {
		const { machine } = this;
		let found = this.checkNew(0);
		for (const [i, [task, choice]] of steps.entries()) {
			const possible = task < machine.tasks.length && choice < machine.ready(task);
			if (found || !possible) return this.#atStart();
			found = attempt(() => machine.step(task, choice), i + 1) ?? this.checkNew(i + 1);
			machine.forget();
		}
		const step = steps.length;
		if (!found && !canStep(machine)) {
			const final = () => this.options.checkTerminal?.(machine);
			const bad = deadlockIn(machine, step) ?? final();
			found = bad && { ...bad, step };
		}
		this.#atStart();
		return found;
	}
	#atStart(): undefined {
		this.machine.reset();
		this.machine.forget();
	}

	protected stop(reason: Reason): void {
		this.#reason ??= reason;
		this.done = true;
	}

	/** The violation of the new state in mem, if any. */
	protected checkNew(step: number): ViolationFound | undefined {
		return this.checksStates ? attempt(() => this.machine.check(), step) : undefined;
	}

	/** Counts a violation. True if the search must end. */
	protected report(found: ViolationFound, way: () => Step[]): boolean {
		this.#record(found, way);
		if (this.#stopAtFirst) this.done = true;
		return this.#stopAtFirst;
	}

	#record(found: ViolationFound, way: () => Step[]): void {
		this.#violations++;
		this.#byProperty[found.property] = (this.#byProperty[found.property] ?? 0) + 1;
		if (this.#violation) return;
		this.#trace = way();
		this.#violation = { ...found, step: this.#trace.length };
	}

	/** The state in mem has no successor. */
	protected end(depth: number): void {
		const wrong = deadlockIn(this.machine, depth);
		if (wrong) {
			this.report(wrong, () => this.way());
			return;
		}
		this.terminals++;
		const { machine, options } = this;
		options.onTerminal?.(machine, { depth, trace: () => this.way() });
		const bad = options.checkTerminal?.(machine);
		if (bad) this.report({ ...bad, step: depth }, () => this.way());
	}

	/** Call it with each expansion; true when search() must return. */
	protected look(): boolean {
		if (this.done) return true;
		if (++this.#looks < EXPANSIONS_A_LOOK) return false;
		this.#looks = 0;
		this.settle();
		if (this.done) return true;
		const now = performance.now();
		const { signal, onProgress } = this.options;
		if (signal?.aborted) this.stop('signal');
		else if (this.#spentMs + now - this.#resumedAt > this.#maxMs) this.stop('seconds');
		else if (now - this.#savedAt > this.#saveEveryMs) this.#leaveCheckpoint();
		if (onProgress && now - this.#reportedAt >= REPORT_MS) {
			this.#reportedAt = now;
			onProgress({
				states: this.known,
				transitions: this.transitions,
				queue: this.queue(),
				depth: this.depth,
				seconds: (this.#spentBeforeMs + this.#spentMs + now - this.#resumedAt) / 1000,
				bytes: this.budget.used,
				expected: this.expected(),
			});
		}
		return this.done || now >= this.#pauseAt;
	}
}
