// SPDX-License-Identifier: GPL-2.0-only
/**
 * The reductions against the plain search, on the tests of the suite and on classic shapes: the
 * same verdicts, the same final states, and the same of what programs see. Daily every second test
 * of the suite; VFSHOOK_LONG=1 takes all, the larger ones, and every profile.
 */
import test, { type ExecutionContext } from 'ava';
import { explore } from '../engine/explorer.ts';
import { auditAll, orbitOf, reductionsOf } from '../engine/reduction.ts';
import { replaySchedule } from '../engine/trace.ts';
import { loadArtifact } from '../kts/artifact.ts';
import type { Test } from '../litmus/ast.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { daily, LONG } from '../testing/daily.ts';
import { finalPage } from '../world/observe.ts';
import { check, prepare } from './check.ts';
import { configure, PROFILES, UsageError } from './config.ts';
import { runLitmus } from './litmus.ts';
import { statesOf } from './pins.ts';
import { needTracking, REDUCTIONS, reducedBy, reductionsNamed } from './reductions.ts';
import { observingAll } from './refine.ts';
import { classics, projectRoot, readTest, suite, testId } from './scenarios.ts';

const artifact = await loadArtifact(projectRoot());
const names = REDUCTIONS.map(({ name }) => name);
/** Local steps are rare in kernels, and take long to look for: see the test of their own. */
const CHOICES = [['symmetry'], ['slots'], ['symmetry', 'slots']];
const MAX_STATES = LONG ? 1_000_000 : 20_000;
/**
 * Of the tests of the suite and the classic shapes: what has more states is left for VFSHOOK_LONG,
 * and so are the words of programs that no program sees.
 */
const SMALL = 3000;
const DAILY = LONG ? {} : { maxStates: SMALL, words: false };

/** Three nodes, a store each. */
const three = (values: readonly number[]): Test =>
	parseLitmus(`C three-${values.join('-')}
{ int x = 0; P0 on 0; P1 on 1; P2 on 2; }
P0(int *x) { WRITE_ONCE(*x, ${values[0]}); }
P1(int *x) { WRITE_ONCE(*x, ${values[1]}); }
P2(int *x) { WRITE_ONCE(*x, ${values[2]}); }
exists (x=1)
`);

/** Two nodes with two threads each, and a condition that tells the programs apart. */
const pairs = parseLitmus(`C pairs
{ int x = 0; P0 on 0; P1 on 0; P1 shares P0; P2 on 1; P3 on 1; P3 shares P2; }
P0(int *x) { WRITE_ONCE(*x, 1); }
P1(int *x) { int r0 = READ_ONCE(*x); }
P2(int *x) { WRITE_ONCE(*x, 2); }
P3(int *x) { int r0 = READ_ONCE(*x); }
~exists (3:r0=1 /\\ 1:r0=0)
`);

/** What keeps slots from being interchangeable when a broken kernel has done its harm. */
const FREED = /a pointer leads to a free one/;

/** Is there anything to reduce? */
const applies = (one: Test, profile: string, list: readonly string[]): boolean => {
	if (!list.includes('symmetry')) return true;
	const { machine, program } = prepare(artifact, one, configure({ profile }));
	return reductionsOf(reducedBy(machine, program, ['symmetry']))[0] !== 'no symmetry';
};

/** What all programs and files hold in each final state; undefined: there are too many states. */
function finalStates(one: Test, profile: string, list: readonly string[]): string[] | undefined {
	const configuration = configure({ profile });
	const { machine, program } = prepare(
		artifact,
		one,
		configuration,
		{ CHECK_DATA: 0 },
		needTracking(list),
	);
	const reduced = reducedBy(machine, program, list);
	const found = new Set<string>();
	const { address, field } = machine.locate('user_procs');
	const pages = program.files.flatMap((file, f) =>
		Array.from({ length: file.pages }, (_, page) => ({ f, page })),
	);
	const visit = () => {
		const programs = machine.mem.subarray(address, address + field.size);
		const files = pages.map(({ f, page }) => finalPage(machine, f, page));
		found.add(`${programs.join()};${files}`);
	};
	const asked = { predicates: false, stopAtFirst: false, maxStates: MAX_STATES };
	const result = explore(reduced, { ...asked, onTerminal: () => orbitOf(reduced, visit) });
	if (result.reason) return undefined;
	const wrong = auditAll(reduced);
	if (wrong) throw new Error(wrong);
	return [...found].sort();
}

/**
 * Checked, and run with all that programs see at their end observed. `words`: also all that is left
 * of the programs in the machine.
 */
async function same(
	t: ExecutionContext,
	one: Test,
	profile: string,
	{ choices = CHOICES, maxStates = MAX_STATES, words = true } = {},
): Promise<void> {
	const configuration = configure({ profile });
	const limits = { maxStates };
	const plain = await check(artifact, { test: one, configuration, limits });
	if (plain.verdict === 'incomplete') return;
	const observed = observingAll(one);
	const seen = (await runLitmus(artifact, observed, configuration, limits)).summary;
	const ends = words ? finalStates(one, profile, []) : undefined;
	for (const reductions of choices.filter((list) => applies(one, profile, list))) {
		const less = { ...limits, reductions };
		const report = await check(artifact, { test: one, configuration, limits: less });
		const what = `${one.name}, ${profile}, ${reductions}`;
		t.is(report.verdict, plain.verdict, what);
		if (plain.verdict !== 'violated') {
			t.deepEqual(report.unreached, plain.unreached, what);
			t.deepEqual(report.exercised, plain.exercised, what);
			t.true(report.states <= plain.states, what);
		}
		const found = report.violation;
		if (found) {
			const { machine } = prepare(artifact, one, configuration);
			const last = [...replaySchedule(machine, found.schedule)].at(-1);
			if (found.property !== 'COND') t.is(last?.violation?.property, found.property, what);
			t.is(last?.step, found.schedule.length, what);
		}
		if (found && !reductions.includes('local'))
			t.is(found.schedule.length, plain.violation!.schedule.length, what);
		if (!seen.complete) continue;
		const { summary, result } = await runLitmus(artifact, observed, configuration, less);
		if (plain.verdict === 'violated' && FREED.test(result?.detail ?? '')) continue;
		t.true(summary.complete, what);
		t.deepEqual(summary.states, seen.states, what);
		if (ends) t.deepEqual(finalStates(one, profile, reductions), ends, what);
	}
}

for (const { name: profile } of PROFILES) {
	if (!LONG && profile !== 'proposed-shared') continue;
	const alive = suite().filter((f) => !readTest(f).header.dies);
	const files = alive.filter((f) => LONG || statesOf(f, profile) <= SMALL);
	for (const file of daily('reductions', files, 2))
		test(`${testId(file)}, ${profile}: the same with and without each reduction`, async (t) => {
			t.timeout(300_000);
			await same(t, readTest(file), profile, DAILY);
			t.pass();
		});
	test(`classic shapes, ${profile}: the same with and without each reduction`, async (t) => {
		t.timeout(300_000);
		for (const file of classics()) await same(t, readTest(file), profile, DAILY);
		t.pass();
	});
}

test('symmetric tests: the same, in a state of each orbit', async (t) => {
	t.timeout(300_000);
	for (const one of [three([1, 2, 3]), three([1, 1, 2]), pairs]) await same(t, one, 'proposed');
});

test('all reductions at once, local steps among them', async (t) => {
	t.timeout(300_000);
	const choices = [['local'], names];
	await same(t, three([1, 2, 3]), 'proposed', { choices });
	await same(t, readTest(suite()[0]), 'proposed-shared', { choices });
});

test('three symmetric nodes shrink by nearly six', async (t) => {
	const configuration = configure({});
	for (const [one, plain, reduced] of [
		[three([1, 2, 3]), 17511, 3001],
		[three([1, 1, 1]), 17214, 2968],
	] as const) {
		const without = await check(artifact, { test: one, configuration });
		const limits = { reductions: ['symmetry'] };
		const report = await check(artifact, { test: one, configuration, limits });
		t.deepEqual([without.states, report.states], [plain, reduced]);
		t.deepEqual(report.reductions, ['symmetry of order 6']);
	}
});

test('a condition that one state of an orbit contradicts: a way to that one', async (t) => {
	const one = parseLitmus(`C last
{ int x = 0; P0 on 0; P1 on 1; P2 on 2; }
P0(int *x) { WRITE_ONCE(*x, 1); }
P1(int *x) { WRITE_ONCE(*x, 2); }
P2(int *x) { WRITE_ONCE(*x, 3); }
~exists (x=3)
`);
	const configuration = configure({});
	for (const reductions of CHOICES) {
		const report = await check(artifact, { test: one, configuration, limits: { reductions } });
		t.is(report.verdict, 'violated');
		t.is(report.violation?.property, 'COND');
		t.regex(report.violation?.message ?? '', /x\]=3;/);
	}
});

test('names of reductions, and what they do not go with', async (t) => {
	t.deepEqual(reductionsNamed('all'), names);
	t.deepEqual(reductionsNamed('symmetry,symmetry'), ['symmetry']);
	t.throws(() => reductionsNamed('symetry'), { instanceOf: UsageError, message: /symmetry'/ });
	const request = { test: pairs, configuration: configure({}) };
	const reductions = ['symmetry'];
	await t.throwsAsync(check(artifact, { ...request, limits: { walks: 1, reductions } }), {
		message: /random walks/,
	});
	await t.throwsAsync(check(artifact, { ...request, progress: true, limits: { reductions } }), {
		message: /not --reduce symmetry/,
	});
});
