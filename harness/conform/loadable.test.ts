// SPDX-License-Identifier: GPL-2.0-only
/**
 * A hook that is off is not there: file systems that use one all the same are refused, and the
 * table of need says so, and nothing else.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import type { Pool } from '../engine/pool.ts';
import { buildMutant, loadArtifact } from '../kts/artifact.ts';
import { UnknownSymbolError, unknownOf } from '../kts/machine/unknown.ts';
import type { Plan } from '../kts/plan.ts';
import { check, ingredients } from './check.ts';
import { configure, PROFILES, symbols } from './config.ts';
import { conform } from './conform.ts';
import { findTests, projectRoot, readTest, suite } from './scenarios.ts';
import type { CheckJob, ConformJobs } from './worker.ts';

const root = projectRoot();
const artifact = await loadArtifact(root);
const S01 = findTests('S01')[0];

/** The project's file system with its guards taken away: it takes every hook for granted. */
const GUARDS: [file: string, from: string, to: string][] = [
	['ogfs/fs/glops.ts', '	if (!CONFIG_INVALIDATE_MMAP_RANGE) return;\n', ''],
	['ogfs/fs/ops_vm.ts', 'CONFIG_PAGE_MKWRITE ? ogfs_page_mkwrite : null', 'ogfs_page_mkwrite'],
	[
		'ogfs/fs/glops.ts',
		'		if (CONFIG_DIO_WAIT) yield* wait_pinned(inode.i_data);\n',
		'		yield* wait_pinned(inode.i_data);\n',
	],
];

function planted(): Record<string, string> {
	const texts: Record<string, string> = {};
	for (const [file, from, to] of GUARDS) {
		const text = texts[file] ?? readFileSync(path.join(root, file), 'utf8');
		texts[file] = text.replaceAll(from, to);
	}
	return texts;
}

/** Line of the first occurrence. */
function lineOf(text: string, what: string): number {
	return text.slice(0, text.indexOf(what)).split('\n').length;
}

const texts = planted();
const careless = await buildMutant(root, texts);

const refusal = (options: Parameters<typeof configure>[0]) =>
	check(careless, { test: readTest(S01), configuration: configure(options), harm: false }).then(
		({ verdict }) => verdict as string,
		(e: unknown) => {
			if (e instanceof UnknownSymbolError) return e.message;
			throw e;
		},
	);

test('what is off is refused with its place, what is on runs', async (t) => {
	const { [GUARDS[0][0]]: glops, [GUARDS[1][0]]: ops_vm } = texts;
	const call = lineOf(glops, 'yield* unmap_mapping_range(');
	const on = { profile: 'proposed-shared' };
	t.is(await refusal(on), 'verified');
	const where = `ogfs/fs/glops.ts:${call}: unknown symbol unmap_mapping_range`;
	const without = (name: string) => refusal({ ...on, without: [name] });
	t.is(await without('INVALIDATE_MMAP_RANGE'), `${where} (INVALIDATE_MMAP_RANGE is off)`);
	t.is(
		await without('PAGE_MKWRITE'),
		`ogfs/fs/ops_vm.ts:${lineOf(ops_vm, '	page_mkwrite: ogfs_page_mkwrite,')}: unknown field page_mkwrite of vm_operations_struct (PAGE_MKWRITE is off)`,
	);
	t.regex(
		await without('DIO_WAIT'),
		/^ogfs\/fs\/glops\.ts:\d+: unknown field nr_pinned of address_space \(DIO_WAIT is off\)$/m,
	);
	// it does not call this one where the other is off, as the project's own does not
	t.is(await without('EVEN_COWS'), 'verified');
});

/** A pool of this process. */
const pool = {
	submit: (_: 'check', { file, configuration, limits, progress }: CheckJob) =>
		check(careless, { test: readTest(file), configuration, limits, progress }),
} as unknown as Pool<ConformJobs>;

test('the table says not loadable, and not that nothing is needed', async (t) => {
	const profiles = ['proposed'];
	const { columns } = await conform({ profiles, pool, artifact: careless, tests: [S01] });
	const [{ cells, notLoadable, minimal }] = columns;
	t.is(cells.INVALIDATE_MMAP_RANGE.kind, 'not loadable');
	t.is(cells.DIO_WAIT.kind, 'not loadable');
	t.is(cells.TRUNCATE_COUNT.kind, 'needed');
	t.is(cells.EVEN_COWS.kind, 'not needed');
	t.deepEqual(notLoadable.sort(), ['DIO_WAIT', 'INVALIDATE_MMAP_RANGE']);
	for (const set of minimal)
		t.true(set.includes('INVALIDATE_MMAP_RANGE') && set.includes('DIO_WAIT'));
});

test("the project's own file system can be loaded whatever is off", (t) => {
	const nothing = { profile: '', symbols: {}, bounds: {} };
	// tests in which much is asked of a file system
	const files = suite().filter((f) => /S(01|44|86|89|107)-/.test(f));
	const features = files.map((f) => JSON.stringify(ingredients(readTest(f), nothing).config));
	for (const profile of PROFILES.map((p) => p.name))
		for (const { name } of symbols.filter((s) => s.exports)) {
			const on = configure({ profile, without: [name] }).symbols;
			for (const of of features)
				t.deepEqual(unknownOf(artifact, of, on), [], `${profile} -${name}`);
		}
});

test('all that the symbols say they export is there', (t) => {
	const { structs, functions, dispatch } = artifact.meta as Plan;
	const known = new Set([
		...functions.filter((f) => f.file.startsWith('vfs/')).map((f) => f.name),
		...structs.flatMap((s) => s.fields.map((f) => `${s.name}.${f.name}`)),
		...Object.keys(dispatch).map((d) => d.split('$').slice(1).join('.')),
	]);
	for (const { name, exports = [] } of symbols)
		for (const what of exports) t.true(known.has(what), `${name}: ${what}`);
});
