// SPDX-License-Identifier: GPL-2.0-only
/**
 * Exhaustive exploration on several processors, with the same result as explore() of the same
 * machine: see exploreParallel().
 *
 * A worker's entry module offers the job, and makes the machine to explore:
 *
 *	export const jobs = { explore: exploreJob((n: number) => ({ machine: machineFor(n) })) };
 *	serve(jobs);
 */
import { leaveToCollector } from '../budget.ts';
import { exploreAsync } from '../explorer.ts';
import { LimitReached } from '../limits.ts';
import type { ExploreOptions } from '../options.ts';
import type { Jobs, Pool } from '../pool.ts';
import { isReduced } from '../reduction.ts';
import { type Progress, REPORT_MS, type Reason, type Result, type StopSignal } from '../result.ts';
import { defaultMemory, kindFor } from '../search.ts';
import { isBefore, type Report, Searcher, type SearchOptions, type Subject } from './searcher.ts';
import { type SearchMemory, type StoreOptions, searchMemory } from './stores.ts';
import { KNOWN, LEVEL, Team } from './team.ts';

export type { Subject } from './searcher.ts';

/** The workers make their machines from this. */
export interface MachineSource {
	/** all its workers explore, and it has nothing else to do meanwhile */
	pool: Pool<Jobs>;
	/** the name of the job that exploreJob() made */
	job: string;
	/** plain data */
	argument: unknown;
}

export interface ParallelOptions
	extends Pick<
		ExploreOptions,
		'maxStates' | 'maxMemory' | 'maxSeconds' | 'stopAtFirst' | 'shape' | 'predicates' | 'visited'
	> {
	onProgress?: (progress: Progress) => void;
	signal?: StopSignal;
	/** a machine with no more states is explored without workers */
	trialStates?: number;
	/** a level of fewer states is done by one worker alone */
	aloneBelow?: number;
	/** for tests: how the tables are made */
	store?: StoreOptions['tables'];
}

export interface ParallelResult extends Result {
	/** the data that each subject has gathered; null if it gathers none */
	gathered: unknown[];
}

/** The start of the workers takes as long as so many states. */
const TRIAL_STATES = 20_000;
/** A hand-over takes longer than so many states are worth. */
const ALONE_BELOW = 1000;
/** How often the limits of time and the signal are checked. */
const LOOK_MS = 50;

interface ExploreJob {
	argument: unknown;
	initial: Int32Array;
	memory: SearchMemory;
	worker: number;
	options: SearchOptions;
}

/** The job of a worker; `make` gets the argument of the MachineSource. */
export function exploreJob<T>(make: (argument: T) => Subject | Promise<Subject>) {
	return async ({ argument, initial, memory, worker, options }: ExploreJob): Promise<Report> =>
		new Searcher(await make(argument as T), memory, worker, options).run(initial);
}

/**
 * Explores breadth first with all workers of a pool, each of which makes its own machine.
 * `subject` is the same, made here: small ones are explored on it and no worker is started.
 *
 * With workers, a complete exploration has the same figures as one without. One that finds a
 * violation completes the level: `violations` and all other figures are those of whole levels, and
 * the same each time. Of the violations of the shortest length it reports the first by property,
 * message and place, with a shortest trace, which may be another one each time. One that meets a
 * limit goes on for a moment after it, and its figures say how far each worker came.
 *
 * Throws WorkerDied or JobError if a worker ends or throws; the others are ended, and the pool is
 * closed.
 */
export async function exploreParallel(
	subject: Subject,
	source: MachineSource,
	options: ParallelOptions = {},
): Promise<ParallelResult> {
	const { trialStates = TRIAL_STATES, aloneBelow, store, ...common } = options;
	const { machine, checkTerminal, onTerminal } = subject;
	const { pool, job: name, argument } = source;
	const workers = pool.size;
	// The accesses that its audit needs would be spread over the machines of all workers.
	if (isReduced(machine)) throw new Error('a machine with reductions is explored without workers');
	const kind = options.visited ?? kindFor(machine);
	if (kind === 'compact') throw new Error('hash compaction is done without workers');
	const maxStates = options.maxStates ?? Number.POSITIVE_INFINITY;
	const trial = await exploreAsync(machine, {
		...common,
		checkTerminal,
		onTerminal,
		maxStates: Math.min(trialStates, maxStates),
	});
	const atLimit = trial.reason === 'states' && trialStates < maxStates;
	const found = trial.verdict === 'violated' && options.stopAtFirst !== false;
	if (!atLimit || found) return { ...trial, gathered: [subject.gathered?.() ?? null] };
	machine.reset();
	machine.forget();
	const initial = machine.mem.slice();
	const search: SearchOptions = {
		maxStates,
		stopAtFirst: options.stopAtFirst ?? true,
		predicates: options.predicates ?? true,
		aloneBelow: aloneBelow ?? ALONE_BELOW,
		store: { kind, shape: options.shape, tables: store },
	};
	let memory: SearchMemory;
	try {
		memory = searchMemory(workers, options.maxMemory ?? defaultMemory(), machine, search.store);
	} catch (e) {
		if (e instanceof LimitReached) return { ...trial, reason: e.limit, gathered: [] };
		throw e;
	}
	const run = new Run(options, memory, trial.seconds);
	const jobs = Array.from({ length: workers }, (_, worker) => {
		const job: ExploreJob = { argument, initial, memory, worker, options: search };
		return pool.submit(name, job, { name: `worker ${worker + 1} of ${workers}` });
	});
	try {
		return run.result((await run.watch(Promise.all(jobs))) as Report[]);
	} catch (e) {
		// The others wait for the one that failed.
		await pool.close();
		throw e;
	}
}

/** The work of the thread that started the workers. */
class Run {
	readonly #team: Team;
	readonly #startedAt = performance.now();
	#reportedAt = 0;

	constructor(
		readonly options: ParallelOptions,
		memory: SearchMemory,
		/** before the workers were started */
		readonly spent: number,
	) {
		this.#team = new Team(memory.team);
	}

	/** Enforces the limits while the workers run. */
	async watch<T>(reports: Promise<T>): Promise<T> {
		const timer = setInterval(() => this.#look(), LOOK_MS);
		try {
			return await reports;
		} finally {
			clearInterval(timer);
			leaveToCollector(this.#team.bytes);
		}
	}

	#seconds(): number {
		return this.spent + (performance.now() - this.#startedAt) / 1000;
	}

	#look(): void {
		const { signal, maxSeconds, onProgress } = this.options;
		const team = this.#team;
		const seconds = this.#seconds();
		if (signal?.aborted) team.stop('signal');
		else if (maxSeconds !== undefined && seconds > maxSeconds) team.stop('seconds');
		const now = performance.now();
		if (!onProgress || now - this.#reportedAt < REPORT_MS) return;
		this.#reportedAt = now;
		onProgress({ ...this.#figures(), queue: this.#queue(), seconds, bytes: team.bytes });
	}

	#figures(): Pick<Result, 'states' | 'transitions' | 'depth'> {
		const team = this.#team;
		const states = team.total('states');
		const level = Math.max(0, team.control[LEVEL]);
		return {
			states: Math.min(states, this.options.maxStates ?? states),
			transitions: team.total('transitions'),
			depth: level + (states > team.control[KNOWN] ? 1 : 0),
		};
	}

	#queue(): number {
		return Math.max(0, this.#team.total('states') - this.#team.total('expanded'));
	}

	result(reports: readonly Report[]): ParallelResult {
		const team = this.#team;
		const reason: Reason | undefined = team.reason;
		const figures = this.#figures();
		const byProperty: Record<string, number> = {};
		for (const report of reports)
			for (const [property, n] of Object.entries(report.byProperty))
				byProperty[property] = (byProperty[property] ?? 0) + n;
		const best = reports
			.flatMap((r) => r.best ?? [])
			.reduce<Report['best']>((a, b) => (a && !isBefore(b.found, a.found) ? a : b), undefined);
		const sorted = Object.entries(byProperty).sort(([a], [b]) => (a < b ? -1 : 1));
		return {
			verdict: best ? 'violated' : reason ? 'incomplete' : 'complete',
			...(reason && { reason }),
			...figures,
			terminals: team.total('terminals'),
			seconds: this.#seconds(),
			bytesPerState: team.bytes / Math.max(1, figures.states),
			violations: team.total('violations'),
			byProperty: Object.fromEntries(sorted),
			...(best && { violation: best.found, trace: best.trace }),
			marks: [...new Set(reports.flatMap((r) => r.marks))].sort(),
			gathered: reports.map((r) => r.gathered ?? null),
		};
	}
}
