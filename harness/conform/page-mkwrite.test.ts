// SPDX-License-Identifier: GPL-2.0-only
/**
 * The order of docs/findings/gfs2-page-mkwrite.md: a page is marked dirty before page_mkwrite lets
 * the lock of the file go, or after. Where a downgrade passes over clean pages, that decides.
 */
import test from 'ava';
import { loadArtifact } from '../kts/artifact.ts';
import type { Property } from '../kts/prelude.ts';
import { type CheckReport, check } from './check.ts';
import { configure } from './config.ts';
import { findTests, projectRoot, readTest } from './scenarios.ts';

const artifact = await loadArtifact(projectRoot());

function run(name: string, symbols: string[], without: string[] = []): Promise<CheckReport> {
	const configuration = configure({ profile: 'mainline', with: symbols, without });
	return check(artifact, { test: readTest(findTests(name)[0]), configuration });
}

/** The steps to the harm, with a downgrade that write-protects, and with one that unmaps. */
const AFTER: Record<string, [property: Property, wrprotect: number, unmap: number]> = {
	S120: ['DATA', 38, 76],
	S121: ['DATA', 34, 34],
	S17: ['DATA', 34, 34],
	S01: ['BUG', 35, 35],
	S12: ['DATA', 38, 76],
};

for (const [name, [property, ...steps]] of Object.entries(AFTER))
	for (const [i, without] of [[], ['WRPROTECT_MAPPING_RANGE']].entries()) {
		const how = without.length > 0 ? 'unmaps' : 'write-protects';
		test(`${name}, a downgrade that ${how}: the mark after the lock is violated`, async (t) => {
			const report = await run(name, ['OGFS_TAGGED_WRITEOUT'], without);
			t.is(report.verdict, 'violated');
			t.is(report.violation?.property, 'I3');
			t.is(report.harm?.property, property);
			t.is(report.harm?.schedule.length, steps[i]);
		});
		test(`${name}, a downgrade that ${how}: the mark before the lock is verified`, async (t) => {
			const both = ['OGFS_TAGGED_WRITEOUT', 'OGFS_MKWRITE_DIRTY_FIRST'];
			t.is((await run(name, both, without)).verdict, 'verified');
		});
	}

test('a write-out that locks every page hides the order', async (t) => {
	t.is((await run('S121', ['OGFS_MKWRITE_DIRTY_FIRST'])).states, (await run('S121', [])).states);
});
