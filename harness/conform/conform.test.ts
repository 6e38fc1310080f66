// SPDX-License-Identifier: GPL-2.0-only
/** conform on one small test, end to end: cells, bounds of the run, limits, an early end. */
import test from 'ava';
import { Pool } from '../engine/pool.ts';
import { type Conformance, type ConformOptions, startConform } from './conform.ts';
import { findTests } from './scenarios.ts';
import type { ConformJobs } from './worker.ts';

const pool = new Pool<ConformJobs>({ worker: new URL('./worker.ts', import.meta.url), size: 1 });
test.after.always(() => pool.close());

const options: ConformOptions = { profiles: ['proposed'], tests: findTests('S23'), pool };

test.serial('a subset: cells, sets, and a bound that only falls', async (t) => {
	const most: number[] = [];
	// In this test TRUNCATE_BARRIERS does what it does, and is needed only without it.
	const choice = { without: ['NOPAGE_ISIZE'] };
	const onCheck = (how: { most: number }) => most.push(how.most);
	const result = await startConform({ ...options, choice, onCheck }).result;
	const [column] = result.columns;
	t.deepEqual(result.subset, ['S23-copy-behind-the-end']);
	t.true(column.sufficient);
	t.is(column.cells.TRUNCATE_COUNT.kind, 'needed');
	t.is(column.cells.OGFS_FENCING.kind, 'not needed');
	t.is(column.cells.NOPAGE_LOCKED.kind, 'fails instead');
	const { TRUNCATE_UNMAP_TWICE: twice, PAGE_MKWRITE } = column.cells;
	t.like(twice, { kind: 'only with', of: ['NOPAGE_LOCKED'], test: 'S23-copy-behind-the-end' });
	t.is(PAGE_MKWRITE.kind, 'off');
	t.true(column.minimal[0].includes('TRUNCATE_COUNT'));
	t.is(most.length, result.checks);
	t.true(most.every((n, i) => i === 0 || n <= most[i - 1]));
	t.true(most[0] > result.checks, 'it was a bound, not known before');
	t.is(result.most, result.checks);
	t.is(result.bounds.find((row) => row.name === 'LOCAL_FS')?.at[0].value, 1);
});

test.serial(
	'a limit: nothing is needed, not needed or sufficient by what was not seen',
	async (t) => {
		const result = await startConform({ ...options, limits: { maxStates: 20 } }).result;
		const [column] = result.columns;
		t.false(column.sufficient);
		t.deepEqual(column.incomplete, ['S23-copy-behind-the-end']);
		t.deepEqual(column.unexpected, []);
		t.deepEqual(column.minimal, []);
		const kinds = new Set(Object.values(column.cells).map((c) => c.kind));
		t.true(kinds.has('incomplete'));
		t.false(kinds.has('not needed') || kinds.has('instead'));
	},
);

test.serial('another set than that of the profile', async (t) => {
	const choice = { without: ['TRUNCATE_COUNT'], with: ['NOPAGE_LOCKED'] };
	const once = await startConform({ ...options, choice }).result;
	t.deepEqual(once.columns[0].unexpected, ['S23-copy-behind-the-end']);
	t.false(once.columns[0].sufficient);
	t.true(Object.values(once.columns[0].cells).every((c) => c.kind === 'off'));
	const both = { ...choice, with: [...choice.with, 'TRUNCATE_UNMAP_TWICE'] };
	const twice = await startConform({ ...options, choice: both }).result;
	t.true(twice.columns[0].sufficient);
	t.is(twice.columns[0].cells.TRUNCATE_UNMAP_TWICE.kind, 'needed');
});

test.serial('an early end: what is known, and that it is not all', async (t) => {
	let known: Conformance | undefined;
	const run = startConform({
		...options,
		onCheck: ({ done }) => {
			if (done < 3) return;
			run.stop();
			known ??= run.soFar();
		},
	});
	await t.throwsAsync(run.result);
	t.true(known?.interrupted);
	t.false(known?.columns[0].finished);
	const kinds = Object.values(known?.columns[0].cells ?? {}).map((c) => c.kind);
	t.true(kinds.includes('open'));
	t.true((known?.most ?? 0) > (known?.checks ?? 0));
});
