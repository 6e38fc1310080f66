// SPDX-License-Identifier: GPL-2.0-only
/**
 * What `vfshook conform` prints, for any width from 60 columns on: the table of the changes, what
 * suffices, what goes wrong without each, and the bounds of all that.
 *
 * Interface: conformPage
 */

import type { KconfigKind, KconfigSymbol } from '../../vfs/Kconfig.ts';
import {
	type BoundRow,
	cellOf,
	numbered,
	type StatesSummary,
	valuesOf,
} from '../conform/bounds-table.ts';
import type { Cell } from '../conform/cells.ts';
import { symbols } from '../conform/config.ts';
import type { Column, Conformance } from '../conform/conform.ts';
import { classics, suite, testId } from '../conform/scenarios.ts';
import type { SetsTold } from '../conform/sets.ts';
import { unknownText } from '../kts/machine/unknown.ts';
import { folded, gridRow, pad } from '../report/layout.ts';
import { inversionsText } from './check.ts';
import { count, seconds } from './output.ts';

/** The three kinds of changes, in the order of the table. */
const KINDS: Record<KconfigKind, string> = {
	interface: 'interface: hooks that a file system fills or calls',
	repair: 'repair: faults of the old kernel that a cluster meets first',
	duty: 'duty: what the file system must do for the hooks to mean anything',
};

export function conformPage(result: Conformance, width: number): string {
	const page = new Page(result, width);
	return `${page.lines().join('\n')}\n`;
}

/** H9 before H10, H16a before H16b; what has another letter last. */
function byHook(a: KconfigSymbol, b: KconfigSymbol): number {
	const parts = ({ hook }: KconfigSymbol) => {
		const [, letter, digits, rest] = /^([A-Z]+)(\d*)(.*)$/.exec(hook) ?? ['', hook, '', ''];
		return { letter, number: Number(digits), rest };
	};
	const [x, y] = [parts(a), parts(b)];
	const order = (p: string, q: string) => (p < q ? -1 : p > q ? 1 : 0);
	const letters = Number(x.letter !== 'H') - Number(y.letter !== 'H');
	return letters || x.number - y.number || order(x.rest, y.rest) || order(a.name, b.name);
}

let names: string[] | undefined;

/** The shortest name that finds the test: its number, and more if several tests share it. */
function shortId(id: string): string {
	names ??= [...suite(), ...classics()].map(testId);
	const words = id.split('-');
	for (let n = 1; n < words.length; n++) {
		const short = words.slice(0, n).join('-');
		const found = names?.filter((name) => name === short || name.startsWith(`${short}-`));
		if (found && found.length <= 1) return short;
	}
	return id;
}

function cellText(cell: Cell): string {
	switch (cell.kind) {
		case 'needed':
			return `needed: ${shortId(cell.test)}, ${cell.steps} steps`;
		case 'not needed':
			return 'not needed';
		case 'instead':
			return `instead of ${cell.of}`;
		case 'fails instead':
			return `no: ${shortId(cell.test)}`;
		case 'only with':
			return `only with ${cell.of.join(', ')}: ${shortId(cell.test)}`;
		case 'incomplete':
			return `incomplete: ${shortId(cell.test)}`;
		case 'not loadable':
			return `not loadable: ${cell.name}`;
		case 'off':
			return 'not in this set';
		case 'mode':
			return 'on (what it is about)';
		case 'open':
			return '?';
	}
}

const modeOf = ({ shared }: Column): string => (shared ? 'with state B' : 'exclusive-only');

/** Blanks between two columns of the table. */
const GAP = 2;
/** If cells would be narrower, they are put below the name of the change. */
const CELL_LEAST = 20;
/** Width of the text of most cells. */
const CELL_USUAL = 22;
/** Least width for the title of a change. */
const TITLE_LEAST = 32;
const INDENT = 6;

interface Grid {
	widths: number[];
	/** the name of a change has a line of its own */
	stacked: boolean;
	titled: boolean;
}

class Page {
	readonly #out: string[] = [];

	constructor(
		readonly result: Conformance,
		readonly width: number,
	) {}

	lines(): string[] {
		const { columns, subset, interrupted, checks, most } = this.result;
		if (interrupted)
			this.#say(
				`INTERRUPTED after ${count(checks)} of at most ${count(most)} checks: the page shows what is known so far; "?" means not known yet`,
				'',
			);
		if (subset) {
			const only = `a subset: ${some(subset.length, 'test')} of ${this.result.of}: ${subset.join(', ')}; everything below holds for these only`;
			this.#say(only, '');
		}
		const changes = this.#changes();
		if (changes) this.#say(`changed for this run: ${changes}`, '');
		this.#table();
		for (const column of columns) this.#verdict(column);
		this.#harm();
		this.#bounds();
		this.#totals();
		return this.#out;
	}

	/** Texts, folded, with a hanging indent; '' is an empty line. */
	#say(text: string, ...more: string[]): void {
		for (const t of [text, ...more]) {
			const indent = t.length - t.trimStart().length;
			this.#out.push(...folded(t, this.width, indent, 2));
		}
	}

	#changes(): string {
		const { choice, limits } = this.result;
		return [
			...(choice.with ?? []).map((s) => `with ${s}`),
			...(choice.without ?? []).map((s) => `without ${s}`),
			...(choice.set ?? []),
			...(limits.maxStates ? [`at most ${count(limits.maxStates)} states a check`] : []),
			...(limits.maxMemory ? [`at most ${count(limits.maxMemory / 1e6)} MB a check`] : []),
			...(limits.maxSeconds ? [`at most ${limits.maxSeconds} s a check`] : []),
		].join(', ');
	}

	// ---- the table ---------------------------------------------------------------------------

	#table(): void {
		const { columns } = this.result;
		// If a set does not suffice, no symbol is left out of it: there is no table.
		if (columns.every((c) => Object.values(c.cells).every((cell) => cell.kind === 'off'))) return;
		const grid = this.#grid();
		this.#row(
			grid,
			['', 'change'],
			columns.map((c) => c.profile),
			'what it is',
		);
		this.#row(grid, ['', ''], columns.map(modeOf), '');
		for (const [kind, heading] of Object.entries(KINDS)) {
			this.#say('', heading);
			for (const s of symbols.filter((one) => one.kind === kind).sort(byHook)) {
				const cells = columns.map((c) => cellText(c.cells[s.name]));
				this.#row(grid, [s.hook, s.name], cells, s.title);
			}
		}
		this.#say('');
	}

	#grid(): Grid {
		const { columns } = this.result;
		const longest = (list: string[]) => Math.max(...list.map((s) => s.length));
		const names = [longest(symbols.map((s) => s.hook)), longest(symbols.map((s) => s.name))];
		const texts = columns.flatMap((c) => [
			c.profile,
			modeOf(c),
			...symbols.map((s) => cellText(c.cells[s.name])),
		]);
		const natural = longest(texts);
		const n = columns.length;
		const used = (cell: number) => names[0] + names[1] + GAP + n * (cell + GAP);
		const widths = (cell: number) => [...names, ...columns.map(() => cell)];
		for (const cell of [natural, Math.min(natural, CELL_USUAL)]) {
			const left = this.width - used(cell) - GAP;
			if (left >= TITLE_LEAST)
				return { widths: [...widths(cell), left], stacked: false, titled: true };
		}
		const cell = Math.floor((this.width - used(0)) / n);
		if (cell >= CELL_LEAST)
			return { widths: widths(Math.min(cell, natural)), stacked: false, titled: false };
		const below = Math.floor((this.width - INDENT - GAP * (n - 1)) / n);
		return { widths: columns.map(() => below), stacked: true, titled: false };
	}

	#row(grid: Grid, names: [string, string], cells: string[], title: string): void {
		const { widths, stacked, titled } = grid;
		if (!stacked) {
			const row = [...names, ...cells, ...(titled ? [title] : [])];
			this.#out.push(...gridRow(row, widths));
			return;
		}
		if (names[1]) this.#out.push(`${pad(names[0], INDENT)}${names[1]}`);
		this.#out.push(...gridRow(cells, widths).map((line) => ' '.repeat(INDENT) + line));
	}

	// ---- what suffices -----------------------------------------------------------------------

	#verdict(c: Column): void {
		const { subset } = this.result;
		const of = `${c.reports.length} ${subset ? 'tests' : 'scenarios'}`;
		const name = `${c.profile} (${modeOf(c)})`;
		const only = subset
			? ` on ${subset.length === 1 ? 'this test' : `these ${some(subset.length, 'test')}`} only`
			: '';
		if (!c.finished) {
			const known = `${c.verified} verified, ${c.violated} violated, ${c.vacuous} vacuous`;
			const bad = c.unexpected.length > 0 ? `; not as expected: ${c.unexpected.join(', ')}` : '';
			this.#say(`${name}: not finished: so far ${known} with all of its changes on${bad}`, '');
			return;
		}
		if (c.unexpected.length > 0)
			this.#say(`${name}: NOT SUFFICIENT${only}: not as expected: ${c.unexpected.join(', ')}`);
		if (c.incomplete.length > 0)
			this.#say(
				`${name}: INCOMPLETE: of ${of} ${c.incomplete.length} reached a limit: ${c.incomplete.join(', ')}`,
			);
		if (!c.sufficient && c.unexpected.length === 0 && c.incomplete.length === 0)
			this.#say(`${name}: NOT SUFFICIENT, as expected: ${c.violated} of ${of} violated`);
		if (c.sufficient) this.#suffices(c, `${name}: sufficient${only}`, of);
		this.#say('');
	}

	#suffices(c: Column, name: string, of: string): void {
		const about = c.vacuous > 0 ? `, ${c.vacuous} vacuous (what they test cannot happen here)` : '';
		this.#say(`${name}: ${c.verified} of ${of} verified${about}`);
		const whys = [...new Set(c.outside.map(({ why }) => why))];
		for (const why of whys) {
			const ids = c.outside.filter((o) => o.why === why).map(({ id }) => shortId(id));
			const are = ids.length > 1 ? 'are' : 'is';
			this.#say(`  outside of this answer: ${ids.join(', ')} ${are} violated: ${why}`);
		}
		for (const symbol of c.notLoadable) {
			const cell = c.cells[symbol];
			if (cell.kind === 'not loadable')
				this.#say(
					`  not loadable without ${symbol}, so whether it is needed was not tried: ${unknownText(cell)}`,
				);
		}
		const seen = new Map(
			c.reports.flatMap((r) => (r.inversions ?? []).map((i) => [JSON.stringify(i), i] as const)),
		);
		if (seen.size > 0) this.#say(`  ${inversionsText([...seen.values()])}`);
		if (c.minimal.length > 0) this.#sets(c);
		if (c.undecided.length > 0)
			this.#say(`  not known for ${some(c.undecided.length, 'smaller set')}: a limit was reached`);
	}

	#sets(c: Column): void {
		const { minimal, told } = c;
		const many = minimal.length === 1 ? 'the smallest set' : `the ${minimal.length} smallest sets`;
		this.#say(
			`  ${many} that suffice${minimal.length === 1 ? 's' : ''}, of ${some(minimal[0].length, 'change')}${minimal.length === 1 ? '' : ' each'}:`,
		);
		const base = this.#before(c);
		if (base) {
			const more = told.common.filter((s) => !base.told.common.includes(s));
			this.#say(`    those of ${base.profile}, and`, `      ${more.join(' ')}`);
			return;
		}
		for (const choice of told.choices ?? []) this.#say(`    ${choice.join(' or ')}`);
		this.#say(told.choices ? '    and all of' : '    all of', `      ${told.common.join(' ')}`);
		for (const line of differencesOf(told, minimal[0])) this.#say(`    ${line}`);
	}

	/** An earlier column with the same sets, except for changes common to all sets of this one. */
	#before(c: Column): Column | undefined {
		const { columns } = this.result;
		const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
		return columns
			.slice(0, columns.indexOf(c))
			.find(
				({ told, minimal }) =>
					minimal.length > 0 &&
					same(told.choices, c.told.choices) &&
					same(told.differences, c.told.differences) &&
					told.common.every((s) => c.told.common.includes(s)),
			);
	}

	// ---- harm, bounds, totals ----------------------------------------------------------------

	/** For each needed change, what a program notices without it. */
	#harm(): void {
		const lines = [...symbols].sort(byKind).flatMap(({ name }) => {
			const cells = this.result.columns.map((c) => c.cells[name]);
			const cell = cells.find((one) => one.kind === 'needed');
			return cell?.kind === 'needed' ? [`  ${name}: ${cell.harm}`] : [];
		});
		if (lines.length > 0) this.#say('what goes wrong without:', ...lines, '');
	}

	#bounds(): void {
		const { bounds, columns, subset } = this.result;
		const what = subset ? 'tests' : 'scenarios';
		const values = valuesOf(bounds);
		const label = Math.max(...bounds.map((row) => row.label.length)) + 2;
		const line = (name: string, cells: string[]) =>
			`${pad(name, label)}${cells.map((c) => c.padStart(4)).join('')}`.trimEnd();
		const wide = label + 4 * values.length > this.width;
		this.#say(`bounds: how many ${what} have so many of each`);
		if (!wide) this.#out.push(line('', values.map(String)));
		for (const row of numbered(bounds)) {
			if (wide) this.#say(`  ${row.label}: ${listed(row)}`);
			else
				this.#out.push(
					line(
						`  ${row.label}`,
						values.map((v) => cellOf(row, v)),
					),
				);
		}
		for (const row of bounds.filter((r) => !numbered(bounds).includes(r)))
			this.#say(`  ${row.label}: ${listed(row)}`);
		for (const c of columns)
			if (c.states) this.#say(`  states, ${c.profile}: ${statesText(c.states)}`);
		this.#say(
			`"not needed" and "sufficient" mean within these; the largest numbers do not meet in one ${subset ? 'test' : 'scenario'}`,
			'',
		);
	}

	#totals(): void {
		const { checks, same, states, transitions, seconds: waited, reductions } = this.result;
		const answered =
			same > 0 ? ` (${count(same)} answered by another check of the same machine)` : '';
		if (reductions.length > 0) this.#say(`reduced: ${reductions.join(', ')}`);
		this.#say(
			`${count(checks)} checks${answered}, ${count(states)} states, ${count(transitions)} transitions, ${seconds(waited)}`,
			'look closer: npx vfshook check S01 --without TRUNCATE_COUNT; npx vfshook list symbols; npx vfshook --help; docs/README.md',
		);
	}
}

const some = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`;

function byKind(a: KconfigSymbol, b: KconfigSymbol): number {
	const order = Object.keys(KINDS);
	return order.indexOf(a.kind) - order.indexOf(b.kind) || byHook(a, b);
}

/** If the sets are not all combinations of some choices: how each differs from the first. */
function differencesOf({ common, differences = [] }: SetsTold, first: readonly string[]): string[] {
	if (differences.length === 0) return [];
	const rest = first.filter((s) => !common.includes(s));
	return [
		`and one of: ${rest.join(' ')}`,
		...differences.map(
			({ has, lacks }) => `or that with ${has.join(' ')} instead of ${lacks.join(' ')}`,
		),
	];
}

const listed = ({ at }: BoundRow): string =>
	at.map(({ as, tests }) => `${as}: ${tests}`).join(', ');

function statesText({ median, largest, total }: StatesSummary): string {
	return `median ${count(median)}, largest ${count(largest.states)} (${largest.id}), together ${count(total)}`;
}
