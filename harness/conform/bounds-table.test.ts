// SPDX-License-Identifier: GPL-2.0-only
/** The table of bounds counts every test once in each row, and says what the sizes are. */
import test from 'ava';
import { loadArtifact } from '../kts/artifact.ts';
import {
	boundsMarkdown,
	boundsOfSuite,
	boundsTable,
	cellOf,
	summaryOfStates,
	type TestBounds,
} from './bounds-table.ts';
import { check } from './check.ts';
import { configure } from './config.ts';
import { projectRoot, readTest, suite, testId } from './scenarios.ts';

const one = (id: string, bounds: Record<string, number>, progress = false): TestBounds => ({
	id,
	bounds: { NR_NODES: 2, NR_PROCS: 2, NR_FILES: 1, NR_FILE_PAGES: 1, PAGE_WORDS: 1, ...bounds },
	progress,
});

test('sizes are counted, not put together', (t) => {
	const rows = boundsTable([
		one('a', { NR_NODES: 3, DEATHS: 1 }),
		one('b', { NR_PROCS: 4, READ_ERRORS: 1, WRITE_ERRORS: 1 }, true),
		one('c', { LOCK_MODULE: 3, OVERTAKEN: 2 }),
	]);
	const at = (name: string) =>
		rows.find((r) => r.name === name)?.at.map(({ as, tests }) => `${as}: ${tests}`);
	t.deepEqual(at('NR_NODES'), ['2: 2', '3: 1']);
	t.deepEqual(at('NR_PROCS'), ['2: 2', '4: 1']);
	t.deepEqual(at('DEATHS'), ['0: 2', '1: 1']);
	t.deepEqual(at('DISK_ERRORS'), ['0: 2', '2: 1']);
	t.deepEqual(at('GREEDY'), ['0: 2', '1: 1']);
	t.deepEqual(at('PROGRESS'), ['0: 2', '1: 1']);
	t.deepEqual(at('LOCK_MODULE'), ['central: 2', 'dlm: 1']);
	const lines = boundsMarkdown(rows).split('\n');
	t.is(lines[0], '| scenarios with so many | 0 | 1 | 2 | 3 | 4 |');
	t.is(lines[2], '| nodes |  |  | 2 | 1 |  |');
	t.false(
		lines.some((line) => line.includes('lock module')),
		'a name is no number',
	);
});

test('the whole suite is in each row', (t) => {
	const tests = boundsOfSuite();
	t.is(tests.length, suite().length);
	for (const { name, at } of boundsTable(tests))
		t.is(
			at.reduce((sum, { tests: n }) => sum + n, 0),
			tests.length,
			name,
		);
	const nodes = boundsTable(tests).find((r) => r.name === 'NR_NODES');
	t.true(Number(nodes && cellOf(nodes, 3)) > 0, 'some have three nodes');
});

test('the file says the same of a test as a check of it', async (t) => {
	const file = suite().find((f) => testId(f) === 'S102-what-fsync-promised') as string;
	const artifact = await loadArtifact(projectRoot());
	const report = await check(artifact, { test: readTest(file), configuration: configure({}) });
	const { bounds } = boundsOfSuite().find(({ id }) => id === report.id) as TestBounds;
	t.deepEqual(bounds, report.bounds);
});

test('states: the middle one, the largest, all', (t) => {
	const of = [9, 1, 4, 6].map((states) => ({ id: `S${states}`, states }));
	t.deepEqual(summaryOfStates(of), { median: 5, largest: { id: 'S9', states: 9 }, total: 20 });
	t.is(summaryOfStates(of.slice(1))?.median, 4);
	t.is(summaryOfStates([]), undefined);
});
