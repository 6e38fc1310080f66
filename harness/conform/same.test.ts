// SPDX-License-Identifier: GPL-2.0-only
/**
 * Configurations that make the same machine have the same answer: those that are taken for the
 * same are checked apart, and compared in all that a report says.
 */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { loadArtifact } from '../kts/artifact.ts';
import { identityOf } from '../kts/identity.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { daily } from '../testing/daily.ts';
import { type CheckReport, check, ingredients, prepare } from './check.ts';
import { type Choice, configure, PROFILES, profileOf } from './config.ts';
import { statesOf } from './pins.ts';
import { answerOf, identityOfCheck, Once, type SharedRequest } from './same.ts';
import { findTests, projectRoot, readTest, suite, testId } from './scenarios.ts';

const artifact = await loadArtifact(projectRoot());
/** States of a test that is checked twice here. */
const SMALL = 600;

const requestOf = (file: string, choice: Choice): SharedRequest => ({
	test: readTest(file),
	configuration: configure(choice),
});
const identity = (file: string, choice: Choice): string =>
	identityOfCheck(artifact, requestOf(file, choice));

/** A report without what it was asked for, and how long it took. */
function found({ profile, config, seconds, sameAs, expected, ...rest }: CheckReport) {
	return rest;
}

const small = daily(
	'same',
	suite().filter((file) => statesOf(file) <= SMALL),
	2,
);
for (const [i, file] of small.entries())
	for (const [j, { name: profile }] of PROFILES.entries()) {
		const { on } = profileOf(profile);
		const base = requestOf(file, { profile });
		const own = identityOfCheck(artifact, base);
		// another symbol for each test, so that all have their turn
		const turned = on.map((_, k) => on[(k + 7 * i) % on.length]);
		const without = turned.find((symbol) => identity(file, { profile, without: [symbol] }) === own);
		if (!without || (i + j) % PROFILES.length > 0) continue;
		test.serial(
			`${testId(file)}, ${profile}: without ${without} it is the same machine`,
			async (t) => {
				const other = requestOf(file, { profile, without: [without] });
				const [with1, without1] = await Promise.all([base, other].map((r) => check(artifact, r)));
				t.deepEqual(found(without1), found(with1));
				const answer = answerOf(with1, other);
				t.deepEqual(answer && { ...answer, seconds: 0, sameAs: undefined }, {
					...without1,
					seconds: 0,
					sameAs: undefined,
				});
			},
		);
	}

test('a machine that is known by what was read of its configuration has the text of it', (t) => {
	for (const [i, file] of daily('same', suite(), 4).entries()) {
		const profile = PROFILES[i % PROFILES.length].name;
		const { on } = profileOf(profile);
		for (const choice of [
			{},
			{ without: [on[i % on.length]] },
			{ with: ['WRITE_MAPPING_RANGE'] },
		]) {
			const configuration = configure({ profile, ...choice });
			const { config, program } = ingredients(readTest(file), configuration);
			const options = { config, rom: program.rom };
			t.is(identityOf(artifact, options), identityOf(artifact, options, true));
		}
	}
});

test('what a check depends on is in its identity', (t) => {
	const [s01] = findTests('S01');
	const text = readFileSync(s01, 'utf8');
	const own = identity(s01, {});
	t.is(identity(s01, {}), own);
	t.is(identity(s01, { without: ['MREMAP_LINK_FIRST'] }), own);
	for (const choice of [
		{ without: ['TRUNCATE_COUNT'] },
		{ profile: 'proposed-shared' },
		{ set: ['SMP=0'] },
		{ set: ['NR_NODES=3'] },
		{ set: ['LOCK_MODULE=dlm'] },
	])
		t.not(identity(s01, choice), own, JSON.stringify(choice));
	const request = requestOf(s01, {});
	const changed = (from: string | RegExp, to: string): SharedRequest => {
		t.not(text.replace(from, to), text);
		return { ...request, test: parseLitmus(text.replace(from, to), request.test.source.file) };
	};
	for (const other of [
		{ ...request, harm: false },
		{ ...request, progress: true },
		{ ...request, canFinish: true },
		{ ...request, limits: { maxStates: 100 } },
		{ ...request, limits: { reductions: ['local'] } },
		changed(/WRITE_ONCE\(\*x, 1\)/, 'WRITE_ONCE(*x, 2)'),
		changed(/^(~exists|exists|forall)/m, 'forall'),
		changed(/Exercises:/, 'Exercises: another mark;'),
	])
		t.not(identityOfCheck(artifact, other), own);
	// the condition is a property where the header says Never
	const asks = changed(/^(~exists|exists|forall)/m, 'exists');
	const claims = changed(/^(~exists|exists|forall)/m, 'exists');
	claims.test.header.results = { '*': 'Never' };
	asks.test.header.results = { '*': 'verified' };
	t.not(identityOfCheck(artifact, claims), identityOfCheck(artifact, asks));
});

test('a program cannot look at a constant that symbols decide', (t) => {
	const [s01] = findTests('S01');
	const { machine } = prepare(artifact, readTest(s01), configure({}));
	const names = Object.keys(machine.constants);
	t.true(names.includes('NR_NODES') && names.includes('LM_ST_EXCLUSIVE'));
	t.deepEqual(
		names.filter((name) => name.startsWith('CONFIG_')),
		[],
	);
	for (const name of ['GLOCK_RECURSION', 'NR_HOLDERS']) t.false(names.includes(name), name);
});

test('a machine is checked once, also if it is asked for again before that has ended', async (t) => {
	const [s47] = findTests('S47');
	let made = 0;
	const once = new Once(artifact, async (request: SharedRequest) => {
		made++;
		return check(artifact, request);
	});
	const choices = ['MREMAP_LINK_FIRST', 'FORK_CHILD_AFTER_PARENT'].map((s) => ({ without: [s] }));
	const reports = await Promise.all(choices.map((c) => once.check(requestOf(s47, c))));
	t.is(made, 1);
	t.is(reports[0].sameAs, undefined);
	for (const [i, report] of reports.entries()) {
		t.is(report.config, reports[i].config);
		t.deepEqual(report.config, configure(choices[i]).symbols);
		t.deepEqual(found(report), found(reports[0]));
		if (i > 0) t.deepEqual(report.sameAs?.config, reports[0].config);
	}
});

test('an order of locks that only one of two configurations is known for: both are checked', async (t) => {
	const [s47] = findTests('S47');
	const whole = await check(artifact, requestOf(s47, {}));
	const taken = { ...whole, locks: [...whole.locks, 'glock -> mmap_sem'] };
	t.truthy(answerOf(whole, requestOf(s47, { without: ['NOFAULT_COPY'] })));
	t.is(answerOf(taken, requestOf(s47, { without: ['NOFAULT_COPY'] })), undefined);
	t.truthy(answerOf(taken, requestOf(s47, { without: ['MREMAP_LINK_FIRST'] })));
	const reports = [taken, { ...taken, config: configure({ without: ['NOFAULT_COPY'] }).symbols }];
	let made = 0;
	const once = new Once(artifact, async () => reports[made++]);
	for (const without of [[], ['NOFAULT_COPY'], [], ['NOFAULT_COPY']]) {
		const report = await once.check(requestOf(s47, { without }));
		t.deepEqual(report.config, configure({ without }).symbols);
	}
	t.is(made, 2);
});
