// SPDX-License-Identifier: GPL-2.0-only
/**
 * Every counterexample that conform() finds, and what is said of it. The schedules are kept in
 * counterexamples.json, which is made of conform's answer: VFSHOOK_PIN=1 npx ava
 * harness/conform/counterexamples.test.ts makes it anew (some minutes).
 *
 * For each: the schedule leads to what it says; each claim of its conclusion is re-derived by
 * rederive.fixture.ts from the machine itself; none is false. So that this shows something, claims
 * are falsified field by field, and that must be found.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { Pool } from '../engine/pool.ts';
import { loadArtifact } from '../kts/artifact.ts';
import {
	type Counterexample,
	cellsOf,
	configurationOf,
	counterexampleFile,
	counterexampleOf,
	formatAll,
	readAll,
} from '../testing/counterexamples.ts';
import { prepare } from './check.ts';
import { PROFILES } from './config.ts';
import { conform } from './conform.ts';
import { closes, faultsIn, holds, leadsTo, oddities } from './rederive.fixture.ts';
import { type ClaimData, Rerun, type Told } from './rerun.fixture.ts';
import { findTests, projectRoot, readTest } from './scenarios.ts';
import { reportOf } from './tell.fixture.ts';
import type { ConformJobs } from './worker.ts';

const artifact = await loadArtifact(projectRoot());
/** The columns of the table. */
const PROPOSED = ['proposed', 'proposed-shared'];
/** So many of the needed cells of these columns may say what is wrong and not why. */
const NEUTRAL_MOST = 5;

if (process.env.VFSHOOK_PIN === '1')
	test.serial('the counterexamples are made anew', async (t) => {
		t.timeout(3_600_000);
		const pool = new Pool<ConformJobs>({ worker: new URL('worker.ts', import.meta.url) });
		try {
			const profiles = PROFILES.map((p) => p.name);
			const { columns } = await conform({ profiles, pool });
			const cells = columns.flatMap(cellsOf);
			const all = await Promise.all(cells.map((cell) => counterexampleOf(pool, cell)));
			for (const one of all)
				if (one.kind === 'needed') t.is(one.schedule.length, one.steps ?? 0, nameOf(one));
			writeFileSync(counterexampleFile(), formatAll(all));
			t.true(all.length > 0);
		} finally {
			await pool.close();
		}
	});

interface Report extends Told {
	cause: string;
	story: string[];
}
const nameOf = (row: Counterexample): string =>
	[row.profile, row.symbol && `without ${row.without}`, row.test].filter(Boolean).join(', ');

/** The locks of a circle, if the order of locks is what is wrong. */
const circleOf = ({ property, message }: Counterexample): string[] | undefined =>
	property === 'LOCKDEP' && message.includes(' -> ')
		? message.slice(message.lastIndexOf(': ') + 2).split(' -> ')
		: undefined;

/** Steps that a story must tell of, and does not: deaths, fencing, and the one that goes wrong. */
function untold(run: Rerun, story: readonly string[]): string[] {
	const told = new Set<number>();
	for (const [, from, to = from] of story.join(' ').matchAll(/\bsteps? (\d+)(?: to (\d+))?/g))
		for (const n of run.steps(Number(from), Number(to))) told.add(n);
	const wanted = new Map([[run.end, 'the last step']]);
	for (const n of run.steps(1, run.end))
		for (const { event } of run.taken[n - 1].events)
			if (event === 'death' || event === 'fenced') wanted.set(n, event);
	return [...wanted].filter(([n]) => !told.has(n)).map(([n, what]) => `${what}: step ${n}`);
}

/** What is said, by the name of the counterexample: the planted faults use it again. */
const reports = new Map<string, { row: Counterexample; told: Report }>();
const seen = { claims: 0, cells: 0 };
const neutral: string[] = [];

for (const { name: profile } of PROFILES)
	test.serial(`${profile}: no claim of any conclusion is false`, (t) => {
		const rows = readAll().filter((row) => row.profile === profile);
		t.true(rows.length > 0);
		for (const row of rows) {
			const told: Report = JSON.parse(reportOf(artifact, row));
			const { machine, program } = prepare(
				artifact,
				readTest(findTests(row.test)[0]),
				configurationOf(row),
			);
			const run = new Rerun(machine, program, told);
			const circle = circleOf(row);
			if (circle) t.true(closes(run, circle), `${nameOf(row)}: ${row.message}`);
			else t.true(leadsTo(run).includes(row.property), `${nameOf(row)}: ${leadsTo(run)}`);
			t.deepEqual(faultsIn(run), [], `${nameOf(row)}: ${told.conclusion}`);
			t.true(told.claims.length > 0, nameOf(row));
			t.deepEqual(untold(run, told.story), [], `${nameOf(row)}: not in the story`);
			seen.claims += told.claims.length;
			seen.cells++;
			const counts = row.kind === 'needed' && PROPOSED.includes(profile);
			if (counts && told.cause === 'neutral') neutral.push(nameOf(row));
			reports.set(nameOf(row), { row, told });
		}
	});

test.serial('few of the needed cells of the proposed columns are told without a cause', (t) => {
	const cells = readAll().filter((r) => r.kind === 'needed' && PROPOSED.includes(r.profile));
	t.log(`${seen.cells} counterexamples, ${seen.claims} claims; of ${cells.length} needed cells`);
	t.log(`neutral: ${neutral.length > 0 ? neutral.join('; ') : 'none'}`);
	t.true(neutral.length <= NEUTRAL_MOST, neutral.join('; '));
});

test('the rows of the README say what is kept of their cells', (t) => {
	const readme = readFileSync(path.join(projectRoot(), 'README.md'), 'utf8');
	const cells = readAll().filter((row) => PROPOSED.includes(row.profile));
	const textOf = (symbol: string, profile: string): string | undefined => {
		const row = cells.find((c) => c.profile === profile && c.symbol === symbol);
		if (!row) return undefined;
		const [number] = row.test.split('-');
		return row.kind === 'needed'
			? `needed: ${number}, ${row.schedule.length} steps`
			: `no: ${number}`;
	};
	let found = 0;
	for (const line of readme.split('\n')) {
		const [, hook, symbol, ...columns] = line.split(/ {2,}/);
		if (!/^H\d+[a-z]?$/.test(hook ?? '') || columns.length !== PROPOSED.length) continue;
		for (const [i, profile] of PROPOSED.entries()) {
			const expected = textOf(symbol, profile);
			const says = columns[i];
			t.is(/^(needed|no):/.test(says) ? says : undefined, expected, `${symbol}, ${profile}`);
			if (expected) found++;
		}
	}
	t.true(found > 0, 'the README has rows of the table');
});

// ---- planted faults --------------------------------------------------------------------------

/** Another value of a field: what a wrong analysis might have said. */
function falsified(claim: ClaimData, field: string): ClaimData[] {
	const value = claim[field];
	const to = (other: unknown): ClaimData => ({ ...claim, [field]: other });
	if (typeof value === 'number') return [to(value + 1), to(value - 1), to(value + 100)];
	if (typeof value === 'boolean') return [to(!value)];
	if (typeof value === 'string') return [to(`${value}x`), to('')];
	if (Array.isArray(value)) return [to([...value, 'P9', 9])];
	if (typeof value !== 'object' || value === null) return [];
	return Object.keys(value).flatMap((key) =>
		falsified(value as ClaimData, key).map((other) => to(other)),
	);
}

/** Fields that are words for what another field says, and are compared elsewhere. */
const WORDS = ['kind', 'lock'];
const EACH = 6;

test.serial('a claim with one field made false is found, for each field', (t) => {
	t.true(reports.size > 0);
	const caught = new Map<string, number>();
	const tried = new Map<string, number>();
	for (const { row, told } of reports.values()) {
		const fresh = told.claims.filter((c) =>
			Object.keys(c).some((field) => (tried.get(`${c.kind}.${field}`) ?? 0) < EACH),
		);
		if (fresh.length === 0) continue;
		const { machine, program } = prepare(
			artifact,
			readTest(findTests(row.test)[0]),
			configurationOf(row),
		);
		const run = new Rerun(machine, program, told);
		for (const claim of fresh)
			for (const field of Object.keys(claim)) {
				const key = `${claim.kind}.${field}`;
				if (WORDS.includes(field) || (tried.get(key) ?? 0) >= EACH) continue;
				tried.set(key, (tried.get(key) ?? 0) + 1);
				const found = falsified(claim, field).filter((c) => !holds(run, c));
				if (found.length > 0) caught.set(key, (caught.get(key) ?? 0) + 1);
			}
	}
	for (const key of tried.keys()) t.true((caught.get(key) ?? 0) > 0, `${key}: never found`);
	t.log(
		`${tried.size} fields of ${new Set([...tried.keys()].map((k) => k.split('.')[0])).size} kinds`,
	);
});

test('a sentence with a step that is none, or that no claim is about, is found', (t) => {
	const told = { claims: [], schedule: [[0, 0]] as const, later: [] };
	const said = (conclusion: string) => oddities({ ...told, conclusion } as unknown as Told);
	t.deepEqual(said('P0 was here'), []);
	for (const text of ['in step 0', 'step 7', 'on node -1', 'the lock on undefined', 'step 1'])
		t.not(said(text).length, 0, text);
});

test('the claims are re-derived without anything of the report', (t) => {
	const sources = ['rederive.fixture.ts', 'rerun.fixture.ts'];
	const text = sources.map((f) => readFileSync(new URL(f, import.meta.url), 'utf8')).join('');
	const imports = [...text.matchAll(/from '([^']+)'/g)].map(([, from]) => from);
	t.true(imports.length > 0);
	t.deepEqual(
		imports.filter((from) => from.includes('report') || from.includes('tell')),
		[],
	);
});
