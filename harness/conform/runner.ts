// SPDX-License-Identifier: GPL-2.0-only
/**
 * Checks of a suite on many configurations: each asked for once, each machine explored once, and
 * how many there can still be. That number is known from the start, and only falls: each question
 * takes the checks that it may need at most (a share), and gives back what it did not.
 *
 * Interface: Runner Share Entry entriesOf Stopped
 */
import type { Artifact } from '../engine/machine.ts';
import type { Pool } from '../engine/pool.ts';
import { type Unknown, unknownOf } from '../kts/machine/unknown.ts';
import type { Test } from '../litmus/ast.ts';
import { type CheckReport, ingredients, type Limits } from './check.ts';
import type { Configuration } from './config.ts';
import { Once, type SharedRequest } from './same.ts';
import { readTest } from './scenarios.ts';
import type { CheckJob, ConformJobs } from './worker.ts';

export interface RunnerOptions {
	pool: Pool<ConformJobs>;
	/** names of REDUCTIONS */
	reductions?: readonly string[];
	/** of each check */
	limits?: Pick<Limits, 'maxStates' | 'maxMemory' | 'maxSeconds'>;
	/** after each check: how many are done, and how many there are at most */
	onCheck?: (done: number, most: number, report: CheckReport) => void;
	/** check a machine again for each configuration that makes it: slow, and for those who doubt */
	each?: boolean;
}

/** A test of the suite, with what its header says of need. */
export interface Entry {
	file: string;
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

export function entriesOf(files: readonly string[], profile: string): Entry[] {
	return files.map((file) => {
		const test = readTest(file);
		const { header } = test;
		const needs = header.needs.filter((n) => n.profile === '*' || n.profile === profile);
		const named = (progress: boolean) =>
			new Set(needs.filter((n) => !!n.progress === progress).flatMap((n) => n.groups.flat()));
		return {
			file,
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

/** How many checks a question may still need. */
export class Share {
	constructor(
		readonly runner: Runner,
		private left: number,
	) {
		runner.open += left;
	}
	/** One of them is answered. */
	take(): void {
		if (this.left === 0) return;
		this.left--;
		this.runner.open--;
	}
	/** The question is answered. */
	end(): void {
		this.runner.open -= this.left;
		this.left = 0;
	}
}

type Asked = SharedRequest & { entry: Entry };

/** The thread is kept for so long, in milliseconds, before signals and messages are heard. */
const TURN_MS = 20;

export class Runner {
	done = 0;
	/** checks that may still be needed: of all shares */
	open = 0;
	/** of those that are done, how many another one has answered: they are of the same machine */
	same = 0;
	states = 0;
	transitions = 0;
	cpuSeconds = 0;
	stopped = false;
	/** by test, on whatever configuration it was run first: how large it is, about */
	readonly statesOf = new Map<string, number>();
	readonly #reports = new Map<string, Promise<CheckReport>>();
	readonly #tests = new Map<string, Test>();
	readonly #once: Once<Asked>;
	readonly #artifact: Artifact;
	readonly #features = new Map<string, string>();
	#since = performance.now();
	#pause?: Promise<void>;

	constructor(
		readonly options: RunnerOptions,
		artifact: Artifact,
	) {
		this.#once = new Once<Asked>(artifact, (asked) => this.#make(asked));
		this.#artifact = artifact;
	}

	/** What the file system uses and a configuration does not have, on the machine of any test. */
	unknownIn(list: readonly Entry[], configuration: Configuration): Unknown | undefined {
		for (const features of new Set(list.map(({ file }) => this.#featuresOf(file)))) {
			const [first] = unknownOf(this.#artifact, features, configuration.symbols);
			if (first) return first;
		}
		return undefined;
	}

	/** Bounds and features of a test; many tests have the same. */
	#featuresOf(file: string): string {
		const nothing = { profile: '', symbols: {}, bounds: {} };
		const found =
			this.#features.get(file) ?? JSON.stringify(ingredients(this.#test(file), nothing).config);
		this.#features.set(file, found);
		return found;
	}

	#test(file: string): Test {
		const test = this.#tests.get(file) ?? readTest(file);
		this.#tests.set(file, test);
		return test;
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
		this.options.onCheck?.(this.done, this.done + this.open, report);
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
		const test = this.#test(entry.file);
		await this.#turn();
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

	/**
	 * Which machines are the same takes time in this thread, and hundreds of checks are asked for at
	 * once: in between, signals are heard and workers get work.
	 */
	async #turn(): Promise<void> {
		while (performance.now() - this.#since > TURN_MS) {
			if (this.stopped) throw new Stopped();
			this.#pause ??= new Promise((resolve) =>
				setImmediate(() => {
					this.#pause = undefined;
					this.#since = performance.now();
					resolve();
				}),
			);
			await this.#pause;
		}
		if (this.stopped) throw new Stopped();
	}
}
