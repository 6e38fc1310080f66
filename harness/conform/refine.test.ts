// SPDX-License-Identifier: GPL-2.0-only
/**
 * With and without the shared state programs see the same, and docs/refinement.md says what it
 * costs. After a change of the machine: VFSHOOK_PIN=1 npx ava harness/conform/refine.test.ts
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { loadArtifact } from '../kts/artifact.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { costsOfRuns, NoCosts } from '../testing/costs.ts';
import { daily, LONG } from '../testing/daily.ts';
import { COUNTERS, GAIN_MODES, gainOf, gainPage, PATTERNS } from '../testing/gain.ts';
import { prepare } from './check.ts';
import { configure } from './config.ts';
import { statesOf } from './pins.ts';
import { comparable, observingAll, refine } from './refine.ts';
import { projectRoot, readTest, testId } from './scenarios.ts';

const artifact = await loadArtifact(projectRoot());
/** VFSHOOK_LONG=1 compares all, of any size. */
const SMALL = 3000;
const MAX_STATES = LONG ? 5e8 : 3 * SMALL;
const compared = comparable().filter((file) => LONG || statesOf(file) <= SMALL);

for (const file of daily('refine', compared, 2))
	test.serial(`${testId(file)}: the same outcomes in both modes`, async (t) => {
		const r = await refine(artifact, readTest(file), { maxStates: MAX_STATES });
		t.deepEqual(r.only, [[], []]);
		if (r.verdict === 'incomplete') t.true(Math.max(...r.states) >= MAX_STATES);
		else t.true(r.common.length > 0);
	});

const STORES = parseLitmus(`C stores
{ int x = 0; }
P0(int *x) { int r0 = READ_ONCE(*x); WRITE_ONCE(*x, 1); }
P1(int *x) { int r0 = READ_ONCE(*x); WRITE_ONCE(*x, 2); int r1 = READ_ONCE(*x); }
exists (true)
`);

test.serial('a shared state with a hole in it has outcomes that are new', async (t) => {
	const right = configure({ profile: 'proposed' });
	for (const symbol of ['TRUNCATE_COUNT', 'PAGE_MKWRITE', 'OGFS_BLOCK_FAULTS_FIRST']) {
		const wrong = configure({ profile: 'proposed-shared', without: [symbol] });
		const r = await refine(artifact, STORES, { configurations: [right, wrong] });
		t.is(r.verdict, 'different', symbol);
		t.true(r.only[1].length > 0, symbol);
	}
});

test.serial(
	'what is missing in the shared state is found, and a deadlock is an outcome',
	async (t) => {
		const file = comparable().find((f) => testId(f) === 'S43-two-files-two-nodes') as string;
		const right = configure({ profile: 'proposed' });
		const wrong = configure({ profile: 'proposed-shared', without: ['NOFAULT_COPY'] });
		const r = await refine(artifact, readTest(file), { configurations: [right, wrong] });
		t.true(r.only[1].includes('deadlock'));
		const back = await refine(artifact, readTest(file), { configurations: [wrong, right] });
		t.deepEqual(back.only[0], r.only[1]);
	},
);

test.serial('too many states: nothing is said of what the other mode has not', async (t) => {
	const r = await refine(artifact, STORES, { maxStates: 500 });
	t.is(r.verdict, 'incomplete');
	t.deepEqual(r.only, [[], []]);
});

test('what is compared is all that a user sees', (t) => {
	const all = observingAll(
		parseLitmus(`C t
{ file f[2]; int x in f[0]; }
P0(int *x, int *y) { int *p = x; int r0 = *p; *y = r0; }
exists (0:r0=0)
`),
	);
	const names = all.locations.map((l) => (l.kind === 'page' ? `f${l.page.text}` : l.name.name));
	t.deepEqual(names, ['r0', 'errno', 'signal', 'y', 'f0', 'f1']);
});

test.serial('docs/refinement.md tells what runs cost', (t) => {
	const file = path.join(projectRoot(), 'docs/refinement.md');
	const gains = PATTERNS.map((pattern) => gainOf(artifact, pattern));
	const page = gainPage(gains);
	if (process.env.VFSHOOK_PIN === '1') writeFileSync(file, page);
	t.is(existsSync(file) ? readFileSync(file, 'utf8') : '', page);
	COUNTERS.forEach(({ name }, c) => {
		t.true(
			gains.some(({ costs }) => costs[0][c].least > 0),
			`${name}: the lines are still logged as they are looked for`,
		);
	});
	const cost = (pattern: string, mode: number) =>
		gains.find((g) => g.pattern === pattern)?.costs[mode][0];
	t.is(GAIN_MODES.length, 3);
	t.is(cost('read, read', 0)?.most, Number.POSITIVE_INFINITY, 'nodes that read disturb each other');
	t.is(cost('read, read', 1)?.most, 4, 'not with the shared state');
	t.deepEqual(cost('one node writes', 2), cost('one node writes', 0), 'nor does a store cost more');
});

test.serial('runs that need not come to an end have no costs', (t) => {
	const file = comparable().find((f) => testId(f) === 'S43-two-files-two-nodes') as string;
	const configuration = configure({ without: ['NOFAULT_COPY'] });
	const { machine } = prepare(artifact, readTest(file), configuration, { CHECK_DATA: 0 });
	t.throws(() => costsOfRuns(machine, COUNTERS), { instanceOf: NoCosts, message: 'a deadlock' });
	const { machine: large } = prepare(artifact, STORES, configure({}), { CHECK_DATA: 0 });
	t.throws(() => costsOfRuns(large, COUNTERS, 100), { message: 'more than 100 states' });
});
