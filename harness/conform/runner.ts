// SPDX-License-Identifier: GPL-2.0-only
/**
 * Checks of a suite on many configurations. Each is made once, each machine is explored once. The
 * largest number of checks is known from the start, and only falls: each question reserves the
 * checks that it may need (a share), and gives back those that it did not.
 *
 * Interface: Runner Share Turns Entry HowFar entriesOf Stopped
 */
import type { Artifact } from '../engine/machine.ts';
import type { Pool } from '../engine/pool.ts';
import { type Unknown, unknownOf } from '../kts/machine/unknown.ts';
import type { Test } from '../litmus/ast.ts';
import { type CheckReport, ingredients, type Limits } from './check.ts';
import type { Configuration } from './config.ts';
import { Once, type SharedRequest } from './same.ts';
import type { CheckJob, ConformJobs } from './worker.ts';

export interface RunnerOptions {
	pool: Pool<ConformJobs>;
	/** names of REDUCTIONS */
	reductions?: readonly string[];
	/** of each check */
	limits?: Pick<Limits, 'maxStates' | 'maxMemory' | 'maxSeconds'>;
	/** after each check */
	onCheck?: (how: HowFar, report: CheckReport) => void;
	/** check a machine again for each configuration that makes it: slow, to test the reuse */
	each?: boolean;
}

export interface HowFar {
	done: number;
	/** largest number of checks, including those that are done: it only falls */
	most: number;
	/** how many more there most likely are */
	likely: number;
}

/** A test of the suite, with what its header says of need. */
export interface Entry {
	file: string;
	test: Test;
	id: string;
	needs: Set<string>;
	/** symbols that decide only whether its programs end */
	progressNeeds: Set<string>;
	/** symbols that decide it in any profile, and whether only with progress */
	decides: Map<string, { progress: boolean }>;
	/** its `Result:` by profile */
	expected: Map<string, string>;
	/** why its verdict does not count, if it does not */
	outside?: string;
	/** larger ones are run last */
	size: number;
}

export function entriesOf(tests: ReadonlyMap<string, Test>, profile: string): Entry[] {
	return [...tests].map(([file, test]) => {
		const { header } = test;
		const needs = header.needs.filter((n) => n.profile === '*' || n.profile === profile);
		const named = (progress: boolean) =>
			new Set(needs.filter((n) => !!n.progress === progress).flatMap((n) => n.groups.flat()));
		return {
			file,
			test,
			id: test.name,
			needs: named(false),
			progressNeeds: named(true),
			decides: new Map(
				header.needs.flatMap((n) => n.groups.flat().map((s) => [s, { progress: !!n.progress }])),
			),
			expected: new Map(Object.entries(header.results)),
			outside: header.outside,
			size: test.processes.length,
		};
	});
}

/** Thrown by a check that is requested after stop(). */
export class Stopped extends Error {}

/** How many checks a question may still need, and how many it most likely does. */
export class Share {
	#left = 0;
	#likely = 0;

	constructor(
		readonly runner: Runner,
		most: number,
		likely = most,
	) {
		this.#set(most, likely);
	}
	/** One of them is answered. */
	take(): void {
		if (this.#left > 0) this.#set(this.#left - 1, Math.max(this.#likely - 1, 1));
	}
	/** The question is answered. */
	end(): void {
		this.#set(0, 0);
	}
	#set(left: number, likely: number): void {
		const most = Math.min(left, likely);
		this.runner.open += left - this.#left;
		this.runner.likely += most - this.#likely;
		this.#left = left;
		this.#likely = most;
	}
}

/** Milliseconds before signals and messages are handled again. */
const TURN_MS = 20;

/** Turns, one after the other; signals and messages are handled in between. */
export class Turns {
	#since = performance.now();
	#last: Promise<void> = Promise.resolve();

	/**
	 * Resolves when it is the caller's turn. The caller's work up to its next `await` is done before
	 * the next turn begins: it waits for the promise first, the next turn second.
	 */
	next(): Promise<void> {
		this.#last = this.#last.then(() => this.#breathe());
		return this.#last;
	}

	async #breathe(): Promise<void> {
		if (performance.now() - this.#since <= TURN_MS) return;
		await new Promise((resolve) => setImmediate(resolve));
		this.#since = performance.now();
	}
}

type Asked = SharedRequest & { entry: Entry };

export class Runner {
	done = 0;
	/** checks that may still be needed, and that most likely are: of all shares */
	open = 0;
	likely = 0;
	/** of those that are done, how many were answered by another check of the same machine */
	same = 0;
	states = 0;
	transitions = 0;
	cpuSeconds = 0;
	stopped = false;
	/** by test: number of states on the configuration that was run first */
	readonly statesOf = new Map<string, number>();
	readonly #reports = new Map<string, Promise<CheckReport>>();
	readonly #once: Once<Asked>;
	readonly #artifact: Artifact;
	readonly #features = new WeakMap<Test, string>();
	/** Comparing machines takes time in this thread, and hundreds are requested at once. */
	readonly #turns = new Turns();

	constructor(
		readonly options: RunnerOptions,
		artifact: Artifact,
	) {
		this.#once = new Once<Asked>(artifact, (asked) => this.#make(asked));
		this.#artifact = artifact;
	}

	/** Exports that the file system uses and a configuration lacks, on the machine of any test. */
	unknownIn(list: readonly Entry[], configuration: Configuration): Unknown | undefined {
		for (const features of new Set(list.map(({ test }) => this.#featuresOf(test)))) {
			const [first] = unknownOf(this.#artifact, features, configuration.symbols);
			if (first) return first;
		}
		return undefined;
	}

	/** Bounds and features of a test; many tests have the same. */
	#featuresOf(test: Test): string {
		const nothing = { profile: '', symbols: {}, bounds: {} };
		const found = this.#features.get(test) ?? JSON.stringify(ingredients(test, nothing).config);
		this.#features.set(test, found);
		return found;
	}

	/** Checks a test on a configuration; repeated requests share one check. */
	async check(
		share: Share,
		entry: Entry,
		configuration: Configuration,
		progress = false,
	): Promise<CheckReport> {
		const key = JSON.stringify([entry.file, configuration, progress]);
		const known = this.#reports.get(key);
		if (known) {
			const report = await known;
			share.take();
			return report;
		}
		const made = this.#check(entry, configuration, progress);
		this.#reports.set(key, made);
		const report = await made;
		this.done++;
		share.take();
		const { done, open, likely } = this;
		this.options.onCheck?.({ done, most: done + open, likely }, report);
		return report;
	}

	async #check(
		entry: Entry,
		configuration: Configuration,
		progress: boolean,
	): Promise<CheckReport> {
		const { options } = this;
		// Whether programs end is a question about the whole graph.
		const reduced = progress ? {} : { reductions: options.reductions };
		const limits = { ...options.limits, ...reduced };
		await this.#turns.next();
		if (this.stopped) throw new Stopped();
		const { test } = entry;
		const asked = { entry, test, configuration, limits, progress };
		const report = await (options.each ? this.#make(asked) : this.#once.check(asked));
		if (report.sameAs) this.same++;
		if (!this.statesOf.has(entry.id)) this.statesOf.set(entry.id, report.states);
		return report;
	}

	async #make({ entry, configuration, limits, progress }: Asked): Promise<CheckReport> {
		const job: CheckJob = { file: entry.file, configuration, limits, progress };
		const report = await this.options.pool.submit('check', job, { name: entry.id });
		this.states += report.states;
		this.transitions += report.transitions;
		this.cpuSeconds += report.seconds;
		return report;
	}
}
