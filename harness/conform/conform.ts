// SPDX-License-Identifier: GPL-2.0-only
/**
 * The whole suite, or some of its tests: is the set of changes sufficient, is each of them needed,
 * which are the smallest sets that suffice?
 *
 * Sufficiency: every test is run with all symbols of the profile on. Need: each symbol is switched
 * off, and the tests run, first those whose headers name it, until one is violated; that test is
 * the evidence. If the header says so, this is checked with progress. If the file system uses an
 * export of the symbol, it cannot be loaded without the symbol: nothing is run, and need is not
 * known. Alternatives are put in each other's place. A symbol that is off, and useless without
 * others that are off, is checked with those. At last all symbols that were not needed are switched
 * off at once, with each combination of alternatives, and the suite is run again. Configurations
 * that make the same machine of a test are one check: same.ts.
 */
import type { Artifact } from '../engine/machine.ts';
import type { Test } from '../litmus/ast.ts';
import { artifactFor } from './artifacts.ts';
import {
	type BoundRow,
	boundsTable,
	type StatesSummary,
	summaryOfStates,
	type TestBounds,
} from './bounds-table.ts';
import {
	altered,
	asExpected,
	bySize,
	type Cell,
	firstUnexpected,
	ifLoadable,
	instead,
	isUnexpected,
	MODES,
	need,
	replaced,
} from './cells.ts';
import type { CheckReport } from './check.ts';
import { type Choice, type Configuration, configure, profileOf, symbols } from './config.ts';
import {
	type Entry,
	entriesOf,
	Runner,
	type RunnerOptions,
	Share,
	Stopped,
	Turns,
} from './runner.ts';
import { readTest, suite } from './scenarios.ts';
import { type Alternatives, combinations, type SetsTold, tellSets } from './sets.ts';

export interface Column {
	profile: string;
	title: string;
	/** nodes share a file read-only (state B); else every access takes it exclusively */
	shared: boolean;
	/** no test is violated, except those that are outside, and none reached a limit */
	sufficient: boolean;
	/** tests that are not as expected */
	unexpected: string[];
	/** tests that reached a limit */
	incomplete: string[];
	verified: number;
	vacuous: number;
	violated: number;
	/** tests that are violated, as expected, and do not count */
	outside: { id: string; why: string }[];
	cells: Record<string, Cell>;
	/** symbols that cannot be judged: those with a cell `not loadable` */
	notLoadable: string[];
	/** the smallest sets: with these on and all else off the suite is as expected */
	minimal: string[][];
	/** the same: what they have in common and where they differ */
	told: SetsTold;
	/** sets that are undecided: a check reached a limit */
	undecided: string[][];
	/** of the tests with the whole profile on */
	states?: StatesSummary;
	reports: CheckReport[];
	/** all of the above is known */
	finished: boolean;
}

export interface Conformance {
	columns: Column[];
	/** the tests, if they are not the whole suite: all results hold for these only */
	subset?: string[];
	/** how many the suite has */
	of: number;
	/** options besides the profile */
	choice: Pick<Choice, 'with' | 'without' | 'set'>;
	limits: NonNullable<RunnerOptions['limits']>;
	/** how large the machines are: how many tests at each size */
	bounds: BoundRow[];
	/** names of the reductions that were asked for */
	reductions: readonly string[];
	checks: number;
	/** most checks that there could have been; `checks` if it was not interrupted */
	most: number;
	/** so many of them were answered by another check, of the same machine */
	same: number;
	states: number;
	transitions: number;
	/** of all jobs added up, and as waited for */
	cpuSeconds: number;
	seconds: number;
	/** it ended early: open cells and unfinished columns are not known */
	interrupted?: true;
}

export interface ConformOptions extends RunnerOptions {
	profiles: readonly string[];
	/** instead of that of the project's own sources */
	artifact?: Artifact;
	/** files; the whole suite by default */
	tests?: readonly string[];
	choice?: Pick<Choice, 'with' | 'without' | 'set'>;
}

/** The alternatives of symbols that are on, by the tables. */
function alternativesOf(base: Configuration): Alternatives[] {
	const found = new Map<string, string[]>();
	for (const { name } of symbols) {
		const of = base.symbols[name] ? undefined : replaced(base, name);
		if (of) found.set(of, [...(found.get(of) ?? []), name]);
	}
	return [...found].map(([of, names]) => ({ of, instead: names }));
}

/** Which sets suffice, with only the needed symbols and each combination of alternatives? */
async function minimalSets(
	share: Share,
	list: readonly Entry[],
	base: Configuration,
	cells: Record<string, Cell>,
): Promise<{ minimal: string[][]; undecided: string[][] }> {
	const kept = symbols
		.map((s) => s.name)
		.filter((s) => base.symbols[s])
		.filter((s) => ['needed', 'mode', 'incomplete', 'not loadable'].includes(cells[s].kind));
	const does = ({ of, instead }: Alternatives) => ({
		of,
		instead: instead.filter((s) => cells[s].kind === 'instead'),
	});
	const alternatives = alternativesOf(base)
		.map(does)
		.filter(({ of, instead }) => kept.includes(of) && instead.length > 0);
	const only = (set: readonly string[]) => {
		const off = symbols.map((s) => s.name).filter((name) => !set.includes(name));
		return altered(base, set, off) as Configuration;
	};
	const sets = combinations(kept, alternatives).filter(
		(set) => !share.runner.unknownIn(list, only(set)),
	);
	const wrong = await Promise.all(sets.map((set) => firstUnexpected(share, list, only(set))));
	return {
		minimal: sets.filter((_, i) => !wrong[i]),
		undecided: sets.filter((_, i) => wrong[i]?.verdict === 'incomplete'),
	};
}

/** A column of which nothing is known yet. */
function emptyColumn(profile: string): Column {
	return {
		profile,
		title: profileOf(profile).title,
		shared: false,
		sufficient: false,
		unexpected: [],
		incomplete: [],
		verified: 0,
		vacuous: 0,
		violated: 0,
		outside: [],
		cells: Object.fromEntries(symbols.map((s) => [s.name, { kind: 'open' }])),
		notLoadable: [],
		minimal: [],
		told: { common: [] },
		undecided: [],
		reports: [],
		finished: false,
	};
}

/** The questions about a profile, and the checks that each may need. */
class Questions {
	readonly base: Configuration;
	readonly list: Entry[];
	readonly #suite: Share;
	readonly #cells: Map<string, Share>;
	readonly #sets: Share;
	/** the profile was changed, so the headers expect nothing of it */
	readonly #changed: boolean;

	constructor(
		readonly runner: Runner,
		readonly column: Column,
		tests: ReadonlyMap<string, Test>,
		choice: Choice,
	) {
		const { profile } = column;
		this.list = entriesOf(tests, profile);
		this.base = configure({ ...choice, profile });
		column.shared = this.base.symbols.OGFS_SHARED === 1;
		const n = this.list.length;
		this.#suite = new Share(runner, n);
		this.#cells = new Map(
			symbols.map(({ name }) => [name, new Share(runner, ...this.#most(name))]),
		);
		this.#sets = new Share(runner, n * combinations([], alternativesOf(this.base)).length);
		const { on } = profileOf(profile);
		this.#changed = symbols.some(({ name }) => !!this.base.symbols[name] !== on.includes(name));
	}

	/** How many checks the cell of a symbol may need, and how many it most likely does. */
	#most(symbol: string): [most: number, likely: number] {
		const { list, base } = this;
		if (MODES.includes(symbol)) return [0, 0];
		const decides = list.some((e) => e.needs.has(symbol));
		const progress = list.filter((e) => e.progressNeeds.has(symbol)).length;
		if (base.symbols[symbol]) return [list.length + progress, decides ? 1 : list.length];
		if (replaced(base, symbol)) return [list.length, list.length];
		const named = 2 * list.filter((e) => e.decides.has(symbol)).length;
		return [named, named];
	}

	async answer(): Promise<void> {
		const { list, column, base } = this;
		const expectsViolations = list.some(
			(e) => !e.outside && e.expected.get(column.profile) === 'violated',
		);
		// A profile that is not sufficient has no cells: nothing is left out of it.
		if (this.#changed) {
			await this.#reports();
			await this.#cellsOf(column.sufficient);
		} else await Promise.all([this.#reports(), this.#cellsOf(!expectsViolations)]);
		if (column.sufficient) {
			const { minimal, undecided } = await minimalSets(this.#sets, list, base, column.cells);
			Object.assign(column, { minimal, undecided, told: tellSets(minimal) });
		}
		this.#sets.end();
		column.finished = true;
	}

	async #reports(): Promise<void> {
		const { list, column, base, runner } = this;
		const { reports } = column;
		await Promise.all(
			bySize(runner, list).map(async (entry) => {
				reports.push(await runner.check(this.#suite, entry, base));
			}),
		);
		this.#suite.end();
		this.sum();
	}

	/** Sums up the reports so far. */
	sum(): void {
		sum(this.column, this.list, this.#changed);
	}

	async #cellsOf(asked: boolean): Promise<void> {
		const { list, column, base } = this;
		await Promise.all(
			symbols.map(async ({ name }) => {
				const share = this.#cells.get(name) as Share;
				const ask = base.symbols[name] ? need : instead;
				column.cells[name] = asked
					? await ifLoadable(ask(share, list, base, name))
					: { kind: 'off' };
				if (column.cells[name].kind === 'not loadable') column.notLoadable.push(name);
				share.end();
			}),
		);
	}
}

/** Sums up the reports of a column. */
function sum(column: Column, list: readonly Entry[], changed: boolean): void {
	const why = new Map(list.map((e) => [e.id, e.outside]));
	column.reports.sort((a, b) => (a.id < b.id ? -1 : 1));
	const { reports } = column;
	const of = (verdict: string) => reports.filter((r) => r.verdict === verdict);
	const outside = of('violated').filter((r) => why.get(r.id));
	const other = changed
		? of('violated').filter(isUnexpected)
		: reports.filter((r) => !asExpected(r));
	column.verified = of('verified').length;
	column.vacuous = of('vacuous').length;
	column.violated = of('violated').length;
	column.incomplete = of('incomplete').map((r) => r.id);
	column.unexpected = other.filter((r) => r.verdict !== 'incomplete').map((r) => r.id);
	column.outside = outside.map(({ id }) => ({ id, why: why.get(id) ?? '' }));
	column.states = summaryOfStates(reports.filter((r) => r.verdict !== 'incomplete'));
	column.sufficient =
		column.unexpected.length === 0 &&
		column.incomplete.length === 0 &&
		column.violated === outside.length;
}

/** A run in progress. */
export interface Conforming {
	result: Promise<Conformance>;
	/** what is known at the moment */
	soFar(): Conformance;
	/** starts no more checks; `result` never resolves */
	stop(): void;
}

export function startConform(options: ConformOptions): Conforming {
	const begun = performance.now();
	const whole = suite();
	const files = [...new Set(options.tests ?? whole)];
	const isWhole = files.length === whole.length && whole.every((file) => files.includes(file));
	const columns = options.profiles.map(emptyColumn);
	const { choice = {}, limits = {}, reductions = [] } = options;
	const tests = new Map<string, Test>();
	let runner: Runner | undefined;
	let questions: Questions[] = [];
	let stopped = false;
	const soFar = (): Conformance => ({
		columns,
		...(!isWhole && { subset: [...tests.values()].map(({ name }) => name) }),
		of: whole.length,
		choice,
		limits,
		bounds: boundsTable(sizes(columns, [...tests.values()])),
		reductions,
		checks: runner?.done ?? 0,
		most: (runner?.done ?? 0) + (runner?.open ?? 0),
		same: runner?.same ?? 0,
		states: runner?.states ?? 0,
		transitions: runner?.transitions ?? 0,
		cpuSeconds: runner?.cpuSeconds ?? 0,
		seconds: (performance.now() - begun) / 1000,
	});
	const run = async (): Promise<Conformance> => {
		const turns = new Turns();
		for (const file of files) {
			await turns.next();
			tests.set(file, readTest(file));
		}
		const artifact = options.artifact ?? (await artifactFor(configure(choice).bounds));
		await turns.next();
		if (stopped) throw new Stopped();
		const asked = new Runner(options, artifact);
		runner = asked;
		questions = columns.map((c) => new Questions(asked, c, tests, choice));
		await Promise.all(questions.map((q) => q.answer()));
		return soFar();
	};
	return {
		result: run(),
		soFar: () => {
			for (const q of questions) if (!q.column.finished) q.sum();
			return { ...soFar(), interrupted: true };
		},
		stop: () => {
			stopped = true;
			if (runner) runner.stopped = true;
		},
	};
}

/** Of the tests that were run with a whole profile on. */
function sizes(columns: readonly Column[], tests: readonly Test[]): TestBounds[] {
	const bounds = new Map(columns.flatMap((c) => c.reports.map((r) => [r.id, r.bounds])));
	return tests.flatMap(({ name, header }) => {
		const of = bounds.get(name);
		return of ? [{ id: name, bounds: of, progress: Object.keys(header.progress).length > 0 }] : [];
	});
}

export function conform(options: ConformOptions): Promise<Conformance> {
	return startConform(options).result;
}
