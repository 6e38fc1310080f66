// SPDX-License-Identifier: GPL-2.0-only
/**
 * Component tables against the plain machine, on tests of the suite: the same states, transitions,
 * depth, ends, violations, shortest traces and marks. VFSHOOK_LONG=1 takes every test, profile and
 * size. Faults that are planted must be found: see the last tests. Each exploration with tables is
 * followed by its audit, as in every run.
 */
import test, { type ExecutionContext } from 'ava';
import { auditComponents } from '../engine/components/audit.ts';
import { exploreComponents } from '../engine/components/explore.ts';
import { type ComponentMachine, inComponents } from '../engine/components/machine.ts';
import type { Division } from '../engine/components/partition.ts';
import { type ExploreOptions, explore } from '../engine/explorer.ts';
import { EVERYTHING, type Machine } from '../engine/machine.ts';
import { delegate } from '../engine/reduction.ts';
import type { Result } from '../engine/result.ts';
import { loadArtifact } from '../kts/artifact.ts';
import type { Test } from '../litmus/ast.ts';
import { finalReader } from '../litmus/final.ts';
import { daily, LONG } from '../testing/daily.ts';
import { division } from '../world/division.ts';
import { finalPage } from '../world/observe.ts';
import { check } from './check.ts';
import { contradictionIn } from './condition.ts';
import { configure, PROFILES } from './config.ts';
import { runLitmus } from './litmus.ts';
import { type Prepared, prepare } from './prepare.ts';
import { classics, findTests, projectRoot, readTest, suite } from './scenarios.ts';
import { unfit } from './tables.ts';

const artifact = await loadArtifact(projectRoot());
/** Larger ones are for VFSHOOK_LONG. */
const MAX_STATES = LONG ? 3_000_000 : 1500;
/** One of so many tests of the suite. */
const STRIDE = 6;

const named = (name: string): Test => readTest(findTests(name)[0]);

interface Made {
	plain: Machine;
	tables: ComponentMachine;
	/** for each of them */
	plainOptions: ExploreOptions;
	options: ExploreOptions;
}

/** The machine of a test, without and with tables. */
function both(one: Test, profile: string, divided: Division = division): Made {
	const configuration = configure({ profile });
	const request = { test: one, configuration };
	const prepared = prepare(artifact, one, configuration);
	const tracked = prepare(artifact, one, configuration, {}, true);
	const optionsFor = (made: Prepared): ExploreOptions => ({
		maxStates: MAX_STATES,
		checkTerminal: contradictionIn(made, request) ?? undefined,
	});
	return {
		plain: prepared.machine,
		tables: inComponents(tracked.machine, divided),
		plainOptions: optionsFor(prepared),
		options: optionsFor(tracked),
	};
}

/** States are looked up in batches: where a search ends early, more steps were taken. */
const figures = ({ marks, queue: _, ...result }: Result) => {
	const { verdict, reason, states, transitions, depth, terminals } = result;
	const { violations, byProperty, violation, trace } = result;
	return {
		...{ verdict, reason, states, transitions, depth, terminals },
		...{ violations, byProperty, violation, trace },
		marks: verdict === 'complete' ? [...marks].sort() : [],
	};
};

/** False if tables do not fit the test. */
async function same(t: ExecutionContext, one: Test, profile: string): Promise<boolean> {
	const { plain, tables, options, plainOptions } = both(one, profile);
	if (unfit(plain) !== undefined) return false;
	const result = await exploreComponents(tables, plain, options, plainOptions);
	const what = `${one.name}, ${profile}, ${result.detail ?? ''}`;
	if (tables.learner.fault !== undefined) {
		t.is(result.reason, 'components', what);
		return false;
	}
	t.deepEqual(figures(result), figures(explore(plain, plainOptions)), what);
	return true;
}

for (const { name: profile } of PROFILES) {
	if (!LONG && profile !== 'proposed-shared') continue;
	test(`${profile}: the same with and without tables`, async (t) => {
		t.timeout(3_600_000);
		const files = daily('tables', [...suite(), ...classics()], STRIDE);
		let fitting = 0;
		for (const file of files) if (await same(t, readTest(file), profile)) fitting++;
		t.true(fitting >= files.length / 3, `they fit ${fitting} of ${files.length}`);
	});
}

test('a violation: the same shortest trace, and the same harm', async (t) => {
	const { plain, tables, options, plainOptions } = both(named('S01'), 'linux-2.4.22');
	for (const predicates of [true, false]) {
		const asked = { ...options, predicates };
		const result = await exploreComponents(tables, plain, asked, plainOptions);
		t.is(result.verdict, 'violated');
		t.deepEqual(figures(result), figures(explore(plain, { ...plainOptions, predicates })));
	}
});

test('every violation is counted', async (t) => {
	const { plain, tables, options, plainOptions } = both(named('S01'), 'linux-2.4.22');
	const asked = { stopAtFirst: false };
	const result = await exploreComponents(tables, plain, { ...options, ...asked }, plainOptions);
	t.deepEqual(figures(result), figures(explore(plain, { ...plainOptions, ...asked })));
	t.true(result.violations > 1);
});

test('a check says whether tables were used, and why not', async (t) => {
	const configuration = configure({ profile: 'proposed-shared' });
	const limits = { maxStates: 40_000 };
	const large = await check(artifact, { test: named('WRC'), configuration, limits });
	t.is(large.states, 40_000);
	t.true(large.tables !== undefined && 'rows' in large.tables && large.tables.rows > 100);
	const dead = await check(artifact, { test: named('S100'), configuration, limits });
	t.deepEqual(dead.tables, { not: 'the death of a node touches what no other step does' });
	const small = await check(artifact, { test: named('S02'), configuration });
	t.is(small.tables, undefined);
});

test('litmus: the same final states', async (t) => {
	const configuration = configure({ profile: 'proposed-shared' });
	const { summary, result } = await runLitmus(artifact, named('2+2W'), configuration);
	t.true((result?.states ?? 0) > 30_000);
	t.true(summary.complete);
	const read = new Set<string>();
	const prepared = prepare(artifact, named('2+2W'), configuration, { CHECK_DATA: 0 });
	const reader = finalReader(prepared.machine, prepared.program, finalPage);
	const onTerminal = () => void read.add(reader().join());
	const plain = explore(prepared.machine, { predicates: false, stopAtFirst: false, onTerminal });
	t.deepEqual([result?.states, result?.transitions], [plain.states, plain.transitions]);
	t.is(summary.states.length, read.size);
});

// ---- planted faults --------------------------------------------------------------------------

test('a component that touches a word of another ends the search', async (t) => {
	const wrong: Division = { ...division, links: ['to_server'] };
	const { plain, tables, options } = both(named('S02'), 'proposed-shared', wrong);
	const result = await exploreComponents(tables, plain, options);
	t.is(result.verdict, 'incomplete');
	t.is(result.reason, 'components');
	t.regex(result.detail ?? '', /^the cluster touches word \d+ of to_node\[\d\]/);
});

test('a word that another takes for a constant, and that changes, ends the search', async (t) => {
	const wrong: Division = { ...division, cluster: [...division.cluster, 'disk'] };
	const { plain, tables, options } = both(named('S02'), 'proposed-shared', wrong);
	const result = await exploreComponents(tables, plain, options);
	t.is(result.reason, 'components');
	t.regex(result.detail ?? '', /^node \d touches word \d+ of disk/);
});

test('a predicate of a node that reads another node ends the search', async (t) => {
	const configuration = configure({ profile: 'proposed-shared' });
	const { machine: plain } = prepare(artifact, named('S02'), configuration);
	const { machine } = prepare(artifact, named('S02'), configuration, {}, true);
	const pieces = { ...machine.pieces!, state: () => machine.pieces!.state(EVERYTHING) };
	const tables = inComponents({ ...delegate(machine), pieces }, division);
	const result = await exploreComponents(tables, plain, {});
	t.is(result.reason, 'components');
	t.regex(result.detail ?? '', /^node 0 touches word/);
});

test('the audit finds a row that is stale', async (t) => {
	const { plain, tables, options, plainOptions } = both(named('S02'), 'proposed-shared');
	const asked = { ...options, checkTerminal: undefined };
	t.is((await exploreComponents(tables, plain, asked, plainOptions)).verdict, 'complete');
	const rows = tables.rows[0];
	const n = rows.parts.length;
	for (let entry = 0; entry < rows.entries; entry++) {
		const before = rows.after[entry * n];
		if (before <= 0) continue;
		rows.after[entry * n] = before - 1;
		t.regex(auditComponents(tables, true, 5000) ?? 'nothing', /differ in/, `entry ${entry}`);
		rows.after[entry * n] = before;
		if (entry > 100) break;
	}
	t.is(auditComponents(tables, true, 5000), undefined);
});

test('rows that are wrong from the start make the search incomplete', async (t) => {
	const { plain, tables, options, plainOptions } = both(named('S02'), 'proposed-shared');
	const { learner } = tables;
	const step = learner.step.bind(learner);
	let left = 200;
	learner.step = (c, row, slot, choice) => {
		step(c, row, slot, choice);
		const rows = tables.rows[c];
		const at = (rows.first[row * rows.tasks + slot] + choice) * rows.parts.length;
		// a step that sends nothing
		if (left-- < 0 && rows.after[at] >= 0)
			rows.after[at + 1] = rows.keys[row * rows.parts.length + 1];
	};
	const result = await exploreComponents(tables, plain, options, plainOptions);
	t.is(result.verdict, 'incomplete');
	t.is(result.reason, 'components');
});
