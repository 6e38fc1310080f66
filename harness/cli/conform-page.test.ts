// SPDX-License-Identifier: GPL-2.0-only
/** The form of the page of `vfshook conform`, from a result that is made up. */
import test from 'ava';
import { boundsTable, summaryOfStates } from '../conform/bounds-table.ts';
import type { Cell } from '../conform/cells.ts';
import { symbols } from '../conform/config.ts';
import type { Column, Conformance } from '../conform/conform.ts';
import { tellSets } from '../conform/sets.ts';
import { conformPage } from './conform-page.ts';

const needed: Cell = {
	kind: 'needed',
	test: 'S42-write-from-the-same-page',
	steps: 120,
	property: 'I9',
	harm: 'deadlock: user/0 waits in glock_wait_internal (ogfs/fs/glock.ts:386), user/1 waits in down',
};
/** One of each kind of cell, the rest needed. */
const SOME: Record<string, Cell> = {
	NOPAGEDONE: { kind: 'fails instead', of: 'TRUNCATE_COUNT', test: 'S06-x', property: 'DATA' },
	WRITE_MAPPING_RANGE: { kind: 'instead', of: 'OGFS_SYNC_PAGES' },
	OGFS_FAULT_BLOCKS_SIGNALS: { kind: 'instead', of: 'OGFS_UNINTERRUPTIBLE' },
	AOP_TRUNCATED_PAGE: {
		kind: 'only with',
		of: ['NOPAGE_LOCKED'],
		test: 'S45-page-lock-and-glock',
		steps: 18,
		property: 'I9',
	},
	OGFS_READPAGE_WAIT: { kind: 'off' },
	OGFS_RECURSION: { kind: 'not needed' },
	OGFS_SHARED: { kind: 'mode' },
	OGFS_GREEDY: { kind: 'incomplete', test: 'S41-ping-pong', reason: 'a limit' },
	DIO_WAIT: {
		...{ kind: 'not loadable', name: 'unmap_mapping_range', off: 'DIO_WAIT' },
		...{ file: 'ogfs/fs/glops.ts', line: 89 },
	},
};
const COMMON = symbols.slice(0, 40).map((s) => s.name);
const sets = ['OGFS_SYNC_PAGES', 'WRITE_MAPPING_RANGE'].flatMap((a) =>
	['OGFS_UNINTERRUPTIBLE', 'OGFS_FAULT_BLOCKS_SIGNALS'].map((b) => [...COMMON, a, b]),
);

function column(profile: string, more: Partial<Column> = {}): Column {
	return {
		profile,
		title: '',
		shared: profile === 'proposed-shared',
		sufficient: true,
		unexpected: [],
		incomplete: [],
		verified: 109,
		vacuous: 10,
		violated: 1,
		outside: [{ id: 'S05-invalidate-without-blocking', why: 'a local file system '.repeat(9) }],
		cells: Object.fromEntries(symbols.map(({ name }) => [name, SOME[name] ?? needed])),
		notLoadable: ['DIO_WAIT'],
		minimal: sets,
		told: tellSets(sets),
		undecided: [],
		states: summaryOfStates([{ id: 'S15-vogt-race-in-calls', states: 123_456_789 }]),
		reports: [],
		finished: true,
		...more,
	};
}

function result(more: Partial<Conformance> = {}): Conformance {
	const bounds = { NR_NODES: 3, NR_PROCS: 4, NR_FILES: 2, NR_FILE_PAGES: 1, PAGE_WORDS: 1 };
	return {
		columns: [column('proposed'), column('proposed-shared')],
		of: 126,
		choice: {},
		limits: {},
		bounds: boundsTable([{ id: 'S', bounds, progress: false }]),
		reductions: [],
		checks: 2917,
		most: 2917,
		same: 1778,
		states: 16_651_870,
		transitions: 40_000_000,
		cpuSeconds: 240,
		seconds: 120,
		...more,
	};
}

const PAGES: Record<string, Conformance> = {
	whole: result(),
	'one column': result({ columns: [column('linux-2.6.9')] }),
	subset: result({ subset: ['S01-classic-window', 'S15-vogt-race-in-calls'] }),
	changed: result({ choice: { with: ['NOPAGE_LOCKED'], set: ['NR_NODES=3'] } }),
	interrupted: result({
		interrupted: true,
		columns: [
			column('proposed', {
				finished: false,
				cells: Object.fromEntries(symbols.map(({ name }) => [name, { kind: 'open' }])),
			}),
		],
	}),
	'not sufficient': result({
		columns: [
			column('proposed', { sufficient: false, unexpected: ['S15-vogt-race'], minimal: [] }),
			column('proposed-shared', { sufficient: false, incomplete: ['S15-vogt-race'] }),
		],
	}),
};

for (const [name, page] of Object.entries(PAGES))
	test(`${name}: no line is wider than the terminal`, (t) => {
		for (const width of [60, 61, 79, 80, 81, 100, 120, 132, 160, 200, 400])
			for (const line of conformPage(page, width).split('\n')) {
				if (line.length > width) t.fail(`${width}: ${line}`);
				if (line !== line.trimEnd()) t.fail(`${width}: blanks at the end of ${line}`);
			}
		t.pass();
	});

test('every symbol has a row, under its kind, by its number', (t) => {
	const lines = conformPage(result(), 80).split('\n');
	const table = lines.slice(
		0,
		lines.findIndex((line) => line.startsWith('proposed (')),
	);
	const names = table.flatMap((line) => /^(\S+) +([A-Z]\w+)/.exec(line)?.[2] ?? []);
	t.deepEqual([...names].sort(), symbols.map((s) => s.name).sort());
	t.true(names.indexOf('WRITE_MAPPING_RANGE') < names.indexOf('EVICT_MAPPING_RANGE'), 'H9, H10');
	const heading = (kind: string) => table.findIndex((line) => line.startsWith(`${kind}: `));
	const row = (name: string) =>
		table.findIndex((line) => !line.startsWith(' ') && line.split(/ +/)[1] === name);
	for (const { name, kind } of symbols) {
		t.true(row(name) > heading(kind), name);
		const next = { interface: 'repair', repair: 'duty', duty: undefined }[kind];
		if (next) t.true(row(name) < heading(next), name);
	}
	t.true(table.some((line) => /change +proposed +proposed-shared/.test(line)));
	t.true(table.some((line) => /^ +exclusive-only +with state B/.test(line)));
});

test('the form at 80 columns: rows, sets, bounds', (t) => {
	const page = conformPage(result(), 80);
	for (const line of [
		'H20   AOP_TRUNCATED_PAGE         only with               only with',
		'H20b  OGFS_READPAGE_WAIT         not in this set         not in this set',
		'    OGFS_SYNC_PAGES or WRITE_MAPPING_RANGE',
		'    OGFS_UNINTERRUPTIBLE or OGFS_FAULT_BLOCKS_SIGNALS',
		'  the 4 smallest sets that suffice, of 42 changes each:',
		'    those of proposed, and',
		'  nodes                                             1',
	])
		t.true(page.split('\n').includes(line), line);
	t.is(page.split('OGFS_SYNC_PAGES or').length, 2, 'told once');
	t.false(page.includes(symbols[0].title), 'no room for what it is');
	t.true(conformPage(result(), 200).includes(symbols[0].title), 'there is room');
});

test('what is not all combinations is told set by set', (t) => {
	const some = sets.slice(0, 3);
	const page = conformPage(
		result({ columns: [column('proposed', { minimal: some, told: tellSets(some) })] }),
		200,
	);
	t.regex(page, /or that with OGFS_FAULT_BLOCKS_SIGNALS instead of OGFS_UNINTERRUPTIBLE/);
	t.notRegex(page, /OGFS_SYNC_PAGES or/);
});

test('a subset, a change and an interruption are said', (t) => {
	t.regex(conformPage(PAGES.subset, 200), /sufficient on these 2 tests only: /);
	t.notRegex(conformPage(PAGES.whole, 200), /only: /);
	t.regex(conformPage(PAGES.changed, 200), /changed for this run: with NOPAGE_LOCKED, NR_NODES=3/);
	const cut = conformPage(PAGES.interrupted, 200);
	t.regex(cut, /^INTERRUPTED after /);
	t.notRegex(cut, /: sufficient/);
	t.regex(conformPage(PAGES['not sufficient'], 200), /INCOMPLETE: .* reached a limit: S15-vogt/);
});
