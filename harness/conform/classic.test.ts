// SPDX-License-Identifier: GPL-2.0-only
/**
 * The final states of the machine against an independent enumerator of sequentially consistent
 * executions (harness/testing/oracle.ts): the classic shapes, and 100 random programs of loads,
 * stores, pread and pwrite, in both modes. VFSHOOK_LONG=1 explores the largest shapes to their
 * end.
 */
import test from 'ava';
import { loadArtifact } from '../kts/artifact.ts';
import type { Test } from '../litmus/ast.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { LONG } from '../testing/daily.ts';
import { oracle } from '../testing/oracle.ts';
import { randomLitmus } from '../testing/random.ts';
import { configure } from './config.ts';
import { runLitmus } from './litmus.ts';
import { classics, projectRoot, readTest, testId } from './scenarios.ts';

const artifact = await loadArtifact(projectRoot());
const MODES = ['proposed', 'proposed-shared'];

interface Outcome {
	complete: boolean;
	found: string[];
	/** the most states that a search of this test was allowed to have */
	allowed: string[];
}

async function outcome(t: Test, profile: string, maxStates: number): Promise<Outcome> {
	const { summary } = await runLitmus(artifact, t, configure({ profile }), { maxStates });
	return {
		complete: summary.complete,
		found: summary.states.map((s) => Object.values(s).join()),
		allowed: oracle(t).map((s) => s.join()),
	};
}

/** Three and four processes: too large for every day. */
const isLarge = (id: string): boolean => /^(IRIW|ISA2|WRC)/.test(id);

for (const file of classics())
	for (const profile of MODES)
		test(`${testId(file)}, ${profile}: the sequentially consistent final states`, async (t) => {
			const large = isLarge(testId(file)) && !LONG;
			const { complete, found, allowed } = await outcome(
				readTest(file),
				profile,
				large ? 10_000 : 5e8,
			);
			if (complete) t.deepEqual(found, allowed);
			else {
				t.true(large, 'a small test is explored wholly');
				for (const state of found) t.true(allowed.includes(state), state);
			}
		});

/** Programs of these sizes, in turn. */
const SIZES = [
	{ accesses: 4, processes: 2, pages: 2 },
	{ accesses: 3, processes: 3, pages: 2 },
	{ accesses: 5, processes: 2, pages: 1 },
	{ accesses: 4, processes: 2, pages: 3, maps: false },
];
const PROGRAMS = LONG ? 1000 : 100;
const MAX_STATES = 10_000;

for (const profile of MODES)
	test(`${PROGRAMS} random programs, ${profile}: exactly the sequentially consistent states`, async (t) => {
		t.timeout(300_000);
		let done = 0;
		for (let seed = 1; done < PROGRAMS; seed++) {
			const text = randomLitmus(seed, SIZES[seed % SIZES.length]);
			const { complete, found, allowed } = await outcome(parseLitmus(text), profile, MAX_STATES);
			if (!complete) continue;
			t.deepEqual(found, allowed, `seed ${seed}\n${text}`);
			done++;
		}
	});

test('a broken machine is noticed: without TRUNCATE_COUNT some final state is not allowed', async (t) => {
	const text = `C lost
{ int x = 0; }
P0(int *x) { int r0 = READ_ONCE(*x); WRITE_ONCE(*x, 1); }
P1(int *x) { int r0 = READ_ONCE(*x); }
exists (x=0)
`;
	const one = parseLitmus(text);
	const configuration = configure({ without: ['TRUNCATE_COUNT'] });
	const { summary } = await runLitmus(artifact, one, configuration);
	t.is(summary.observation, 'Sometimes');
	t.false(oracle(one).some((s) => s.at(-1) === 0));
});
