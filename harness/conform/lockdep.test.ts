// SPDX-License-Identifier: GPL-2.0-only
/** Circles of locks in tests: which are violations, which are let off, and what the pages say. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { loadArtifact } from '../kts/artifact.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { check } from './check.ts';
import { configure } from './config.ts';
import { INVERSIONS } from './inversions.ts';
import { answerOf } from './same.ts';
import { findTests, projectRoot, readTest } from './scenarios.ts';

const root = projectRoot();
const artifact = await loadArtifact(root);
const NOLOCK = 'GENERIC_FILE_WRITE_NOLOCK';
const page = readFileSync(path.join(root, 'docs/machine.md'), 'utf8');

/** The indented blocks of a page, without their indentation. */
const blocks = page
	.split(/\n(?! {4}|\n)/)
	.map((part) => /(?:^|\n)( {4}[\s\S]*)$/.exec(part)?.[1] ?? '')
	.map((block) => block.replace(/^ {4}/gm, '').trimEnd());
const blockWith = (text: string): string => blocks.find((b) => b.includes(text)) ?? '';

/** A write and a truncate of one file on one node: they never wait for each other. */
const LOCK_ORDER = blockWith('C lock-order');

test('the sample report of docs/machine.md is what the program prints', async (t) => {
	const asked = parseLitmus(LOCK_ORDER);
	const report = await check(artifact, {
		test: asked,
		configuration: configure({ without: [NOLOCK] }),
		harm: false,
	});
	t.is(report.verdict, 'violated');
	t.is(report.violation?.property, 'LOCKDEP');
	const sample = blockWith('possible circular locking dependency detected');
	t.is(sample, (report.violation?.splat ?? []).join('\n'));
});

for (const [options, verdict] of [
	[{ profile: 'linux-2.4.22' }, 'violated'],
	[{ profile: 'proposed' }, 'verified'],
	[{ profile: 'proposed-shared' }, 'verified'],
] as const)
	test(`lock-order, ${options.profile}: ${verdict}`, async (t) => {
		const configuration = configure(options);
		const report = await check(artifact, { test: parseLitmus(LOCK_ORDER), configuration });
		t.is(report.verdict, verdict);
		if (verdict === 'violated') t.is(report.violation?.property, 'LOCKDEP');
		t.is(report.inversions, undefined);
	});

test('an order that is not counted is reported; under another name the test is LOCKDEP', async (t) => {
	const [file] = findTests('S75');
	const configuration = configure({ profile: 'linux-2.4.22' });
	const known = await check(artifact, { test: readTest(file), configuration });
	t.is(known.verdict, 'verified');
	const inversion = { held: 'glock', taken: 'i_sem', until: NOLOCK, shown: 'S85' };
	t.deepEqual(known.inversions, [inversion]);
	const text = readFileSync(file, 'utf8').replace('C S75-fsync', 'C mine');
	const other = await check(artifact, { test: parseLitmus(text), configuration, harm: false });
	t.is(other.violation?.property, 'LOCKDEP');
	t.is(other.inversions, undefined);
});

test('with a symbol that takes an inversion away, it is counted', async (t) => {
	const asked = readTest(findTests('S75')[0]);
	const configuration = configure({ profile: 'linux-2.4.22' });
	const report = await check(artifact, { test: asked, configuration });
	t.truthy(answerOf(report, { test: asked, configuration }));
	const on = configure({ profile: 'linux-2.4.22', with: [NOLOCK] });
	t.is(answerOf(report, { test: asked, configuration: on }), undefined);
});

test('every test that an inversion names is there', (t) => {
	for (const { held, taken, causes } of INVERSIONS)
		for (const { exempt, shown } of causes)
			for (const name of [...exempt, shown])
				t.notThrows(() => findTests(name), `${held} -> ${taken}: ${name}`);
});
