// SPDX-License-Identifier: GPL-2.0-only
/**
 * Steps are fine enough: with a cut wherever another processor could come in (harness/kts/cuts.ts)
 * the verdicts are the same. VFSHOOK_LONG=1: of all tests, in every profile, that can be finished;
 * else of a few small ones, which VFSHOOK_SEED chooses.
 */
import test from 'ava';
import { random } from '../engine/random.ts';
import { buildMutant, loadArtifact, loadCutArtifact } from '../kts/artifact.ts';
import { cutSources, SECTIONS } from '../kts/cuts.ts';
import { LONG } from '../testing/daily.ts';
import { PROFILES } from './config.ts';
import { compareWithCuts } from './cuts.fixture.ts';
import { statesOf } from './pins.ts';
import { findTests, projectRoot, readTest, suite, testId } from './scenarios.ts';

const root = projectRoot();
const base = await loadArtifact(root);
const cut = await loadCutArtifact(root);
const seed = Number(process.env.VFSHOOK_SEED ?? 1);
const MAX_STATES = LONG ? 2_000_000 : 200_000;
/** How many, and how many states they have without the cuts. */
const FEW = 4;
const SMALL = 300;

function chosen(): [file: string, profile: string][] {
	const pairs = suite().flatMap((file) =>
		PROFILES.map(({ name }): [string, string] => [file, name]),
	);
	if (LONG) return pairs;
	const small = pairs.filter(([file, profile]) => statesOf(file, profile) < SMALL);
	const below = random(seed);
	return Array.from({ length: FEW }, () => small.splice(below(small.length), 1)[0]);
}

for (const [file, profile] of chosen())
	test.serial(`${testId(file)}, ${profile}: the same with all cuts`, async (t) => {
		const compared = await compareWithCuts({ base, cut }, readTest(file), { profile }, MAX_STATES);
		const { same, base: before, cuts } = compared;
		if (same === undefined) t.log(`not finished: ${before.verdict}, ${cuts.verdict}`);
		if (!LONG) t.not(same, undefined);
		t.not(same, false, `${before.verdict}, with cuts ${cuts.verdict}: ${cuts.found?.message}`);
	});

test.serial('an access that is no single one any more is found', async (t) => {
	const { tlb_remove_page: _, ...others } = SECTIONS;
	const torn = await buildMutant(root, cutSources(root, others));
	const file = findTests('S02')[0];
	const artifacts = { base, cut: torn };
	const compared = await compareWithCuts(artifacts, readTest(file), {}, 1_000_000);
	t.is(compared.same, false);
	t.is(compared.cuts.found?.property, 'DATA');
});

test.serial('a TLB drops entries in it, and in no other build', async (t) => {
	const { base: before, cuts } = await compareWithCuts(
		{ base, cut },
		readTest(findTests('S75')[0]),
		{},
		MAX_STATES,
	);
	t.true(cuts.marks.includes('tlb: an entry is dropped'));
	t.false(before.marks.includes('tlb: an entry is dropped'));
});
