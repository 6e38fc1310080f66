// SPDX-License-Identifier: GPL-2.0-only
/**
 * The whole suite: is the set of changes sufficient, is each of them needed, which are the
 * smallest sets that suffice?
 *
 * For a profile, every test is run with all its symbols on: that is sufficiency. Then with one
 * symbol off, the tests that its header says decide it first, until one is violated: that is
 * need, and the test is the evidence. Where the header says so, that is asked with progress.
 * Symbols that are alternatives are put in each other's place. At last all that was not needed is
 * switched off at once, and the suite is run again. Configurations that make the same machine of
 * a test are one check: same.ts.
 */
import type { Artifact } from '../engine/machine.ts';
import type { Pool } from '../engine/pool.ts';
import { loadArtifact } from '../kts/artifact.ts';
import type { Test } from '../litmus/ast.ts';
import type { CheckReport } from './check.ts';
import { type Configuration, configure, profileOf, symbols } from './config.ts';
import { Once, type SharedRequest } from './same.ts';
import { projectRoot, readTest, suite, testId } from './scenarios.ts';
import { isAsExpected } from './verdict.ts';
import type { CheckJob, ConformJobs } from './worker.ts';

export type Cell =
	/** without it a test is violated: which, after how many steps, what breaks, what a program sees */
	| { kind: 'needed'; test: string; steps: number; property: string; harm: string }
	/** every test is as before without it */
	| { kind: 'not needed' }
	/** in the place of another symbol: every test is as with that one */
	| { kind: 'instead'; of: string }
	| { kind: 'fails instead'; of: string; test: string; property: string }
	| { kind: 'incomplete'; test: string; reason: string }
	/** not part of this profile */
	| { kind: 'off' }
	/** what the profile is about: it is there to be faster, and is no change to be judged */
	| { kind: 'mode' };

export interface Column {
	profile: string;
	title: string;
	/** every test is as its header expects, and none is violated but those that are outside */
	sufficient: boolean;
	/** tests that are not as expected */
	unexpected: string[];
	verified: number;
	vacuous: number;
	violated: number;
	/** tests that are violated, as expected, and no part of the answer */
	outside: { id: string; why: string }[];
	cells: Record<string, Cell>;
	/** the smallest sets: with these on and all else off the suite is as expected */
	minimal: string[][];
	reports: CheckReport[];
}

export interface Conformance {
	columns: Column[];
	/** names of the reductions that were asked for */
	reductions: readonly string[];
	checks: number;
	/** so many of them were answered by another one: their configurations make the same machine */
	same: number;
	states: number;
	transitions: number;
	/** of all jobs added up, and as waited for */
	cpuSeconds: number;
	seconds: number;
}

/** What a profile enables rather than needs. */
const MODES = ['OGFS_SHARED'];

export interface ConformOptions {
	profiles: readonly string[];
	pool: Pool<ConformJobs>;
	/** names of REDUCTIONS */
	reductions?: readonly string[];
	/** after each check: how many are done, how many are known of */
	onCheck?: (done: number, known: number, report: CheckReport) => void;
	/** check a machine again for each configuration that makes it: slow, and for those who doubt */
	each?: boolean;
}

/** A test of the suite, with what its header says of need. */
interface Entry {
	file: string;
	id: string;
	needs: Set<string>;
	/** symbols that decide only whether its programs come to an end */
	progressNeeds: Set<string>;
	/** its `Result:` by profile */
	expected: Map<string, string>;
	/** why its verdict is no part of the answer, if it is not */
	outside?: string;
	/** larger ones are run last */
	size: number;
}

type Asked = SharedRequest & { entry: Entry };

class Runner {
	done = 0;
	known = 0;
	/** of those that are done, how many another one has answered: they are of the same machine */
	same = 0;
	states = 0;
	transitions = 0;
	cpuSeconds = 0;
	/** by test, on whatever configuration it was run first: how large it is, about */
	readonly statesOf = new Map<string, number>();
	readonly #reports = new Map<string, Promise<CheckReport>>();
	readonly #tests = new Map<string, Test>();
	readonly #once: Once<Asked>;

	constructor(
		readonly options: ConformOptions,
		artifact: Artifact,
	) {
		this.#once = new Once<Asked>(artifact, (asked) => this.#make(asked));
	}

	/** Checks a test on a configuration, once however often it is asked for. */
	check(entry: Entry, configuration: Configuration, progress = false): Promise<CheckReport> {
		const key = JSON.stringify([entry.file, configuration, progress]);
		const made = this.#reports.get(key) ?? this.#check(entry, configuration, progress);
		this.#reports.set(key, made);
		return made;
	}

	async #check(
		entry: Entry,
		configuration: Configuration,
		progress: boolean,
	): Promise<CheckReport> {
		// Whether programs come to an end is asked of the whole graph.
		const limits = progress ? {} : { reductions: this.options.reductions };
		const { options } = this;
		this.known++;
		const test = this.#tests.get(entry.file) ?? readTest(entry.file);
		this.#tests.set(entry.file, test);
		const asked = { entry, test, configuration, limits, progress };
		const report = await (options.each ? this.#make(asked) : this.#once.check(asked));
		this.done++;
		if (report.sameAs) this.same++;
		if (!this.statesOf.has(entry.id)) this.statesOf.set(entry.id, report.states);
		this.options.onCheck?.(this.done, this.known, report);
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

function entries(profile: string): Entry[] {
	return suite().map((file) => {
		const test = readTest(file);
		const needs = test.header.needs.filter((n) => n.profile === '*' || n.profile === profile);
		const named = (progress: boolean) =>
			new Set(needs.filter((n) => !!n.progress === progress).flatMap((n) => n.groups.flat()));
		return {
			file,
			id: testId(file),
			needs: named(false),
			progressNeeds: named(true),
			expected: new Map(Object.entries(test.header.results)),
			outside: test.header.outside,
			size: test.processes.length,
		};
	});
}

function asExpected(report: CheckReport): boolean {
	return isAsExpected(report, report.expected);
}

/** The largest first: nobody waits for them at the end. */
function bySize(runner: Runner, list: readonly Entry[]): Entry[] {
	const states = (e: Entry) => runner.statesOf.get(e.id) ?? 0;
	return [...list].sort((a, b) => states(b) - states(a) || b.size - a.size);
}

/** Whether a test is not as it should be; better than expected is as it should be. */
function isUnexpected(report: CheckReport): boolean {
	return !asExpected(report) && report.verdict !== 'vacuous' && report.verdict !== 'verified';
}

/** Runs tests side by side; the first of the list that is not as expected. Undefined: all are. */
async function firstUnexpected(
	runner: Runner,
	list: readonly Entry[],
	configuration: Configuration,
): Promise<CheckReport | undefined> {
	const check = (entry: Entry) => runner.check(entry, configuration);
	await Promise.all(bySize(runner, list).map(check));
	return (await Promise.all(list.map(check))).find(isUnexpected);
}

/** If so many tests are as expected without a change, all most likely are. */
const FEW = 32;

/**
 * What goes wrong when a symbol is not as it was, by the tests that it decides and then by the
 * others, small ones first. The first few come one after the other, as one of them may say it.
 */
async function firstHarm(
	runner: Runner,
	list: readonly Entry[],
	configuration: Configuration,
	symbol: string,
): Promise<CheckReport | undefined> {
	const rank = (e: Entry) => (e.needs.has(symbol) ? 0 : 100) + e.size;
	const inOrder = [...list].sort((a, b) => rank(a) - rank(b));
	for (const entry of inOrder.slice(0, FEW)) {
		const report = await runner.check(entry, configuration);
		if (isUnexpected(report)) return report;
	}
	return await firstUnexpected(runner, inOrder.slice(FEW), configuration);
}

/** The cell of a symbol that the profile has on: what happens without it. */
async function need(
	runner: Runner,
	list: readonly Entry[],
	profile: string,
	symbol: string,
): Promise<Cell> {
	if (MODES.includes(symbol)) return { kind: 'mode' };
	const configuration = configure({ profile, without: [symbol] });
	let wrong = await firstHarm(runner, list, configuration, symbol);
	for (const entry of list) {
		if (wrong || !entry.progressNeeds.has(symbol)) continue;
		const report = await runner.check(entry, configuration, true);
		if (report.verdict !== 'verified') wrong = report;
	}
	if (!wrong) return { kind: 'not needed' };
	if (wrong.verdict !== 'violated')
		return { kind: 'incomplete', test: wrong.id, reason: wrong.reason ?? '' };
	return {
		kind: 'needed',
		test: wrong.id,
		steps: (wrong.harm ?? wrong.violation)?.schedule.length ?? 0,
		property: wrong.violation?.property ?? '',
		harm: (wrong.harm ?? wrong.violation)?.message ?? '',
	};
}

/** The cell of a symbol that the profile has off: can it replace one that is on? */
async function instead(
	runner: Runner,
	list: readonly Entry[],
	profile: string,
	symbol: string,
): Promise<Cell> {
	const on = profileOf(profile).on;
	const other = symbols
		.find((s) => s.name === symbol)
		?.alternatives?.find((name) => on.includes(name));
	if (!other) return { kind: 'off' };
	const configuration = configure({ profile, without: [other], with: [symbol] });
	const wrong = await firstHarm(runner, list, configuration, symbol);
	if (!wrong) return { kind: 'instead', of: other };
	if (wrong.verdict !== 'violated')
		return { kind: 'incomplete', test: wrong.id, reason: wrong.reason ?? '' };
	return {
		kind: 'fails instead',
		of: other,
		test: wrong.id,
		property: wrong.violation?.property ?? '',
	};
}

/** All that is needed and nothing else, once with each alternative: which of these sets suffice? */
async function minimalSets(
	runner: Runner,
	list: readonly Entry[],
	profile: string,
	cells: Record<string, Cell>,
): Promise<string[][]> {
	const kept = profileOf(profile).on.filter((s) =>
		['needed', 'mode', 'incomplete'].includes(cells[s].kind),
	);
	const swaps = Object.entries(cells).flatMap(([symbol, cell]) =>
		cell.kind === 'instead' ? [kept.map((s) => (s === cell.of ? symbol : s))] : [],
	);
	const sets = await Promise.all(
		[kept, ...swaps].map(async (set) => {
			const configuration = configure({
				profile,
				with: set,
				without: symbols.map((s) => s.name).filter((name) => !set.includes(name)),
			});
			const wrong = await firstUnexpected(runner, list, configuration);
			return wrong ? undefined : set;
		}),
	);
	return sets.filter((set) => set !== undefined);
}

/** The cells of a profile whose own tests fail: there is nothing to leave out. */
function noCells(): [string, Cell][] {
	return symbols.map((s) => [s.name, { kind: 'off' }]);
}

async function column(runner: Runner, profile: string): Promise<Column> {
	const list = entries(profile);
	const base = configure({ profile });
	const on = profileOf(profile).on;
	const expectsViolations = list.some((e) => !e.outside && e.expected.get(profile) === 'violated');
	const why = new Map(list.map((e) => [e.id, e.outside]));
	const [reports, found] = await Promise.all([
		Promise.all(bySize(runner, list).map((entry) => runner.check(entry, base))),
		expectsViolations
			? noCells()
			: Promise.all(
					symbols.map(async ({ name }): Promise<[string, Cell]> => {
						const cell = on.includes(name)
							? await need(runner, list, profile, name)
							: await instead(runner, list, profile, name);
						return [name, cell];
					}),
				),
	]);
	const cells = Object.fromEntries(found);
	const of = (verdict: string) => reports.filter((r) => r.verdict === verdict).length;
	const unexpected = reports.filter((r) => !asExpected(r)).map((r) => r.id);
	const outside = reports.filter((r) => r.verdict === 'violated' && why.get(r.id));
	const sufficient = unexpected.length === 0 && of('violated') === outside.length;
	return {
		profile,
		title: profileOf(profile).title,
		sufficient,
		unexpected,
		verified: of('verified'),
		vacuous: of('vacuous'),
		violated: of('violated'),
		outside: outside.map(({ id }) => ({ id, why: why.get(id) ?? '' })),
		cells,
		minimal: sufficient ? await minimalSets(runner, list, profile, cells) : [],
		reports: [...reports].sort((a, b) => (a.id < b.id ? -1 : 1)),
	};
}

export async function conform(options: ConformOptions): Promise<Conformance> {
	const begun = performance.now();
	const runner = new Runner(options, await loadArtifact(projectRoot()));
	const columns = await Promise.all(options.profiles.map((p) => column(runner, p)));
	return {
		columns,
		reductions: options.reductions ?? [],
		checks: runner.done,
		same: runner.same,
		states: runner.states,
		transitions: runner.transitions,
		cpuSeconds: runner.cpuSeconds,
		seconds: (performance.now() - begun) / 1000,
	};
}
