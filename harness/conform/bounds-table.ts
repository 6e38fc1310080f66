// SPDX-License-Identifier: GPL-2.0-only
/**
 * The sizes of the machines of a set of tests: how many tests have each size. No test has all of
 * the largest sizes, so a line of maxima would claim more than was checked.
 *
 * Interface: boundsTable boundsMarkdown boundsOfSuite boundsOf summaryOfStates TestBounds BoundRow
 */
import { compile } from '../litmus/compile.ts';
import { MODULES } from '../litmus/header.ts';
import { readTest, suite } from './scenarios.ts';

/** The size of one test. */
export interface TestBounds {
	id: string;
	/** of the machine: CheckReport.bounds, or Program.config */
	bounds: Readonly<Record<string, number>>;
	/** it also checks that its programs end */
	progress: boolean;
}

export interface BoundRow {
	/** the symbol of the size */
	name: string;
	/** what is counted */
	label: string;
	/** ascending; of LOCK_MODULE `as` is its name */
	at: { value: number; as: string; tests: number }[];
}

interface Size {
	name: string;
	label: string;
	of(test: TestBounds): number;
	as?(value: number): string;
}

const size = (name: string, label: string, otherwise = 0): Size => ({
	name,
	label,
	of: ({ bounds }) => bounds[name] ?? otherwise,
});

/** The rows, in the order of the table. */
const SIZES: readonly Size[] = [
	size('NR_NODES', 'nodes'),
	size('NR_PROCS', 'programs'),
	size('NR_FILES', 'files'),
	size('NR_FILE_PAGES', 'pages in the largest file'),
	size('PAGE_WORDS', 'ints in a page'),
	size('SMP', 'a switch at every lock (SMP)', 1),
	size('DEATHS', 'nodes that die'),
	size('RECLAIM', 'pages that a short allocation takes'),
	size('KSWAPD', 'pages that the pageout daemon takes'),
	size('FAIL_ALLOC', 'allocations that fail'),
	{
		name: 'DISK_ERRORS',
		label: 'reads or writes that fail',
		of: ({ bounds }) => (bounds.READ_ERRORS ?? 0) + (bounds.WRITE_ERRORS ?? 0),
	},
	{
		name: 'GREEDY',
		label: 'locks have timers',
		of: ({ bounds }) => (bounds.OVERTAKEN > 0 ? 1 : (bounds.GREEDY ?? 0)),
	},
	size('LOCAL_FS', 'local file system, no cluster'),
	{ name: 'PROGRESS', label: 'checked to come to an end', of: ({ progress }) => Number(progress) },
	{ ...size('LOCK_MODULE', 'lock module'), as: (value) => MODULES[value] },
];

/** A row for each size, even if no test uses it. */
export function boundsTable(tests: readonly TestBounds[]): BoundRow[] {
	return SIZES.map(({ name, label, of, as = String }) => {
		const counts = new Map<number, number>();
		for (const test of tests) counts.set(of(test), (counts.get(of(test)) ?? 0) + 1);
		const at = [...counts]
			.sort(([a], [b]) => a - b)
			.map(([value, n]) => ({ value, as: as(value), tests: n }));
		return { name, label, at };
	});
}

/** The rows as a Markdown table: a column for each number that occurs. */
export function boundsMarkdown(rows: readonly BoundRow[]): string {
	const values = valuesOf(rows);
	const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
	return [
		line(['scenarios with so many', ...values.map(String)]),
		line(['---', ...values.map(() => '---:')]),
		...numbered(rows).map((row) => line([row.label, ...values.map((v) => cellOf(row, v))])),
	].join('\n');
}

/** Those rows that count something; the others name something. */
export function numbered(rows: readonly BoundRow[]): BoundRow[] {
	return rows.filter(({ at }) => at.every(({ value, as }) => as === String(value)));
}

/** The numbers that occur in numbered rows. */
export function valuesOf(rows: readonly BoundRow[]): number[] {
	const all = numbered(rows).flatMap(({ at }) => at.map(({ value }) => value));
	return [...new Set(all)].sort((a, b) => a - b);
}

/** How many tests have that value; empty: none. */
export function cellOf({ at }: BoundRow, value: number): string {
	return String(at.find((a) => a.value === value)?.tests ?? '');
}

/** The bounds in the file of a test, before any option. */
export function boundsOf(file: string): TestBounds {
	const test = readTest(file);
	const progress = Object.keys(test.header.progress).length > 0;
	return { id: test.name, bounds: { SMP: 1, ...compile(test).config }, progress };
}

export function boundsOfSuite(): TestBounds[] {
	return suite().map(boundsOf);
}

export interface StatesSummary {
	median: number;
	largest: { id: string; states: number };
	total: number;
}

/** Of complete searches; undefined: there is none. */
export function summaryOfStates(
	of: readonly { id: string; states: number }[],
): StatesSummary | undefined {
	if (of.length === 0) return undefined;
	const sorted = [...of].sort((a, b) => a.states - b.states);
	const [low, high] = [(of.length - 1) >> 1, of.length >> 1].map((i) => sorted[i].states);
	const { id, states } = sorted[sorted.length - 1];
	return {
		median: Math.round((low + high) / 2),
		largest: { id, states },
		total: of.reduce((sum, r) => sum + r.states, 0),
	};
}
