// SPDX-License-Identifier: GPL-2.0-only
/**
 * Checks of a suite on many configurations: each asked for once, each machine explored once, and
 * how many there can still be. That number is known from the start, and only falls: each question
 * takes the checks that it may need at most (a share), and gives back what it did not.
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
	/** check a machine again for each configuration that makes it: slow, and for those who doubt */
	each?: boolean;
}

export interface HowFar {
	done: number;
	/** how many there are at most, those that are done included: it only falls */
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
	/** symbols that decide only whether its programs come to an end */
	progressNeeds: Set<string>;
	/** symbols that decide it in any profile, and whether only with progress */
	decides: Map<string, { progress: boolean }>;
	/** its `Result:` by profile */
	expected: Map<string, string>;
	/** why its verdict is no part of the answer, if it is not */
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

/** What a check that is asked for after stop() throws. */
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

/** The thread is kept for so long, in milliseconds, before signals and messages are heard. */
const TURN_MS = 20;

/** One after the other, and signals and messages in between. */
export class Turns {
	#since = performance.now();
	#last: Promise<void> = Promise.resolve();

	/**
	 * Is over when it is this one's turn: what the caller does then, up to its next `await`, is done
	 * before the next turn begins. (It waits for the promise first, and the next turn second.)
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
	/** of those that are done, how many another one has answered: they are of the same machine */
	same = 0;
	states = 0;
	transitions = 0;
	cpuSeconds = 0;
	stopped = false;
	/** by test, on whatever configuration it was run first: how large it is, about */
	readonly statesOf = new Map<string, number>();
	readonly #reports = new Map<string, Promise<CheckReport>>();
	readonly #once: Once<Asked>;
	readonly #artifact: Artifact;
	readonly #features = new WeakMap<Test, string>();
	/** Which machines are the same takes time in this thread, and hundreds are asked for at once. */
	readonly #turns = new Turns();

	constructor(
		readonly options: RunnerOptions,
		artifact: Artifact,
	) {
		this.#once = new Once<Asked>(artifact, (asked) => this.#make(asked));
		this.#artifact = artifact;
	}

	/** What the file system uses and a configuration does not have, on the machine of any test. */
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

	/** Checks a test on a configuration, once however often it is asked for. */
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
		// Whether programs come to an end is asked of the whole graph.
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
