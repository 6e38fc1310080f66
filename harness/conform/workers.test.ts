// SPDX-License-Identifier: GPL-2.0-only
/** Scenarios explored by several workers: the same verdicts, counts, marks, lengths of traces. */
import test from 'ava';
import { exploreAsync } from '../engine/explorer.ts';
import { exploreParallel } from '../engine/parallel/explore.ts';
import { Pool } from '../engine/pool.ts';
import type { Result } from '../engine/result.ts';
import { loadArtifact } from '../kts/artifact.ts';
import { check, prepare, subjectOf } from './check.ts';
import { type Choice, configure, UsageError } from './config.ts';
import { findTests, projectRoot, readTest } from './scenarios.ts';
import type { ConformJobs } from './worker.ts';

const artifact = await loadArtifact(projectRoot());
const worker = new URL('./worker.ts', import.meta.url);
const pools = new Map([2, 3].map((size) => [size, new Pool<ConformJobs>({ worker, size })]));
test.after.always(() => Promise.all([...pools.values()].map((pool) => pool.close())));

const CASES: [name: string, choice: Choice][] = [
	['S01-classic-window', {}],
	['S01-classic-window', { without: ['TRUNCATE_COUNT', 'NOPAGEDONE', 'VM_DO_NO_PAGE'] }],
	['S15-double-upgrade', { profile: 'proposed-shared' }],
	['S13-store-to-private-copy', { profile: 'proposed-shared', without: ['PAGE_MKWRITE'] }],
	['SB', {}],
	['S17-downgrade', { profile: 'proposed-shared', set: ['SMP=0'] }],
];

for (const [name, choice] of CASES)
	test.serial(`workers on ${name} ${JSON.stringify(choice)}`, async (t) => {
		const request = { test: readTest(findTests(name)[0]), configuration: configure(choice) };
		const make = () => subjectOf(prepare(artifact, request.test, request.configuration), request);
		const options = { stopAtFirst: false };
		const { machine, checkTerminal } = make();
		const expected = await exploreAsync(machine, { ...options, checkTerminal });
		const { code, meta } = artifact;
		const argument = { artifact: { code, meta }, ...request };
		const figures = ({ verdict, states, transitions, depth, terminals, marks }: Result) => ({
			...{ verdict, states, transitions, depth, terminals, marks: [...marks].sort() },
		});
		for (const [size, pool] of pools) {
			const source = { pool, job: 'explore', argument };
			const all = { trialStates: 1, aloneBelow: 20 };
			const found = await exploreParallel(make(), source, { ...all, ...options });
			t.deepEqual(figures(found), figures(expected), `${size} workers`);
			t.deepEqual(found.byProperty, { ...expected.byProperty });
			t.is(found.trace?.length, expected.trace?.length);
			const first = await exploreParallel(make(), source, all);
			t.is(first.verdict, expected.verdict);
			t.is(first.trace?.length, expected.trace?.length);
		}
	});

test.serial('a check with workers, and what workers are not for', async (t) => {
	const request = {
		test: readTest(findTests('S15-vogt-race')[0]),
		configuration: configure({}),
	};
	const { seconds, bytesPerState, tables, ...expected } = await check(artifact, request);
	const pool = pools.get(2);
	const found = await check(artifact, { ...request, pool });
	t.true(found.states > 50_000);
	t.like(found, expected);
	for (const wrong of [{ progress: true }, { checkpoint: {} }, { limits: { walks: 1 } }])
		await t.throwsAsync(check(artifact, { ...request, ...wrong, pool }), {
			instanceOf: UsageError,
		});
});
