// SPDX-License-Identifier: GPL-2.0-only
/**
 * The cells of the table: the effect of leaving a symbol out, or of putting it in place of another.
 *
 * Interface: Cell need instead ifLoadable, and functions for the column
 */
import { UnknownSymbolError } from '../kts/machine/unknown.ts';
import type { CheckReport } from './check.ts';
import { type Configuration, isPossible, symbols } from './config.ts';
import type { Entry, Runner, Share } from './runner.ts';
import { isAsExpected } from './verdict.ts';

export type Cell =
	/** without it a test is violated: test, number of steps, property, and what a program sees */
	| { kind: 'needed'; test: string; steps: number; property: string; harm: string }
	/** every test is as before without it */
	| { kind: 'not needed' }
	/** in the place of another symbol: every test is as with that one */
	| { kind: 'instead'; of: string }
	| { kind: 'fails instead'; of: string; test: string; property: string }
	/**
	 * off, and useless without the symbols `of`; with them a test is violated without it, and not
	 * with it
	 */
	| { kind: 'only with'; of: string[]; test: string; steps: number; property: string }
	| { kind: 'incomplete'; test: string; reason: string }
	/** the file system uses an export that is missing then: nothing was run, need is not known */
	| { kind: 'not loadable'; name: string; off: string; file: string; line: number }
	/** not part of this profile */
	| { kind: 'off' }
	/** what the profile enables: it is for speed, and is not judged */
	| { kind: 'mode' }
	/** not known yet: the run was interrupted */
	| { kind: 'open' };

/** What a profile enables rather than needs. */
export const MODES = ['OGFS_SHARED'];

export function asExpected(report: CheckReport): boolean {
	return isAsExpected(report, report.expected);
}

/** The largest first, so that none runs alone at the end. */
export function bySize(runner: Runner, list: readonly Entry[]): Entry[] {
	const states = (e: Entry) => runner.statesOf.get(e.id) ?? 0;
	return [...list].sort((a, b) => states(b) - states(a) || b.size - a.size);
}

/** Is a test not as expected? Better than expected is as expected. */
export function isUnexpected(report: CheckReport): boolean {
	return !asExpected(report) && report.verdict !== 'vacuous' && report.verdict !== 'verified';
}

/** The first violated report; else the first incomplete one. */
function worst(reports: readonly CheckReport[]): CheckReport | undefined {
	const unexpected = reports.filter(isUnexpected);
	return unexpected.find((r) => r.verdict === 'violated') ?? unexpected[0];
}

/** Runs tests side by side; the first of the list that is not as expected. Undefined: all are. */
export async function firstUnexpected(
	share: Share,
	list: readonly Entry[],
	configuration: Configuration,
): Promise<CheckReport | undefined> {
	const { runner } = share;
	const reports = new Map<Entry, CheckReport>();
	await Promise.all(
		bySize(runner, list).map(async (entry) => {
			reports.set(entry, await runner.check(share, entry, configuration));
		}),
	);
	return worst(list.flatMap((entry) => reports.get(entry) ?? []));
}

/** If so many tests are as expected without a change, all most likely are. */
const FEW = 32;

/**
 * The first test that goes wrong when a symbol is changed: the tests that it decides, then the
 * others, small ones first. The first few run one after the other, as one of them may be enough.
 */
async function firstHarm(
	share: Share,
	list: readonly Entry[],
	configuration: Configuration,
	symbol: string,
): Promise<CheckReport | undefined> {
	const rank = (e: Entry) => (e.needs.has(symbol) ? 0 : 100) + e.size;
	const inOrder = [...list].sort((a, b) => rank(a) - rank(b));
	const unknown: CheckReport[] = [];
	for (const entry of inOrder.slice(0, FEW)) {
		const report = await share.runner.check(share, entry, configuration);
		if (!isUnexpected(report)) continue;
		if (report.verdict === 'violated') return report;
		unknown.push(report);
	}
	const later = await firstUnexpected(share, inOrder.slice(FEW), configuration);
	return worst([...unknown, ...(later ? [later] : [])]);
}

/** A configuration with some symbols switched; undefined: they exclude each other. */
export function altered(
	base: Configuration,
	on: readonly string[],
	off: readonly string[] = [],
): Configuration | undefined {
	const switched = { ...base.symbols };
	for (const name of off) switched[name] = 0;
	for (const name of on) switched[name] = 1;
	return isPossible(switched) ? { ...base, symbols: switched } : undefined;
}

const incompleteCell = ({ id, reason }: CheckReport): Cell => ({
	kind: 'incomplete',
	test: id,
	reason: reason ?? '',
});

/**
 * Throws UnknownSymbolError if the file system uses what `off` exports, even in a machine that no
 * check reaches: checks stop at the first violation.
 */
function refuseUnloadable(
	{ runner }: Share,
	list: readonly Entry[],
	configuration: Configuration,
	off: string,
): void {
	if (!symbols.find((s) => s.name === off)?.exports) return;
	const unknown = runner.unknownIn(list, configuration);
	if (unknown) throw new UnknownSymbolError([unknown]);
}

/** The cell, or `not loadable`. */
export async function ifLoadable(cell: Promise<Cell>): Promise<Cell> {
	try {
		return await cell;
	} catch (e) {
		if (!(e instanceof UnknownSymbolError)) throw e;
		return { kind: 'not loadable', ...e.unknown[0] };
	}
}

/** The cell of a symbol that the configuration has on: what happens without it. */
export async function need(
	share: Share,
	list: readonly Entry[],
	base: Configuration,
	symbol: string,
): Promise<Cell> {
	if (MODES.includes(symbol)) return { kind: 'mode' };
	const configuration = altered(base, [], [symbol]) as Configuration;
	refuseUnloadable(share, list, configuration, symbol);
	let wrong = await firstHarm(share, list, configuration, symbol);
	for (const entry of list) {
		if (wrong || !entry.progressNeeds.has(symbol)) continue;
		const report = await share.runner.check(share, entry, configuration, true);
		if (report.verdict !== 'verified') wrong = report;
	}
	if (!wrong) return { kind: 'not needed' };
	if (wrong.verdict !== 'violated') return incompleteCell(wrong);
	return {
		kind: 'needed',
		test: wrong.id,
		steps: (wrong.harm ?? wrong.violation)?.schedule.length ?? 0,
		property: wrong.violation?.property ?? '',
		harm: (wrong.harm ?? wrong.violation)?.message ?? '',
	};
}

/** The symbol that is on and that another one can replace. */
export function replaced(base: Configuration, symbol: string): string | undefined {
	const { alternatives = [] } = symbols.find((s) => s.name === symbol) ?? {};
	return alternatives.find((name) => base.symbols[name]);
}

/** The cell of a symbol that the configuration has off: can it replace one that is on? */
export async function instead(
	share: Share,
	list: readonly Entry[],
	base: Configuration,
	symbol: string,
): Promise<Cell> {
	const other = replaced(base, symbol);
	const configuration = other ? altered(base, [symbol], [other]) : undefined;
	if (!other || !configuration) return onlyWith(share, list, base, symbol);
	refuseUnloadable(share, list, configuration, other);
	const wrong = await firstHarm(share, list, configuration, symbol);
	if (!wrong) return { kind: 'instead', of: other };
	if (wrong.verdict !== 'violated') return incompleteCell(wrong);
	return {
		kind: 'fails instead',
		of: other,
		test: wrong.id,
		property: wrong.violation?.property ?? '',
	};
}

/** The symbols that a symbol requires, and those in turn, if they are off. */
function missing(base: Configuration, symbol: string): string[] {
	const found = new Set([symbol]);
	for (const name of found)
		for (const other of symbols.find((s) => s.name === name)?.depends ?? [])
			if (!base.symbols[other]) found.add(other);
	return [...found].slice(1);
}

/**
 * The cell of a symbol that is off and replaces none that is on. The symbols that it requires are
 * switched on, in place of those that they replace. Is a test that names the symbol violated then,
 * and not with the symbol?
 */
async function onlyWith(
	share: Share,
	list: readonly Entry[],
	base: Configuration,
	symbol: string,
): Promise<Cell> {
	const others = missing(base, symbol);
	if (others.length === 0 || MODES.includes(symbol)) return { kind: 'off' };
	const away = others.flatMap((name) => replaced(base, name) ?? []);
	const without = altered(base, others, away);
	const having = altered(base, [...others, symbol], away);
	if (!without || !having) return { kind: 'off' };
	for (const entry of list) {
		const decided = entry.decides.get(symbol);
		if (!decided) continue;
		const { runner } = share;
		const wrong = await runner.check(share, entry, without, decided.progress);
		if (wrong.verdict !== 'violated') continue;
		const right = await runner.check(share, entry, having, decided.progress);
		if (right.verdict !== 'verified' && right.verdict !== 'vacuous') continue;
		const steps = (wrong.harm ?? wrong.violation)?.schedule.length ?? 0;
		const property = wrong.violation?.property ?? '';
		const of = symbols.find((s) => s.name === symbol)?.depends ?? [];
		return {
			kind: 'only with',
			of: of.filter((name) => !base.symbols[name]),
			test: entry.id,
			steps,
			property,
		};
	}
	return { kind: 'off' };
}
