// SPDX-License-Identifier: GPL-2.0-only
/**
 * Traces: what check has found is written, read and replayed, for each property and each bound;
 * and a file that says anything else than the run is refused, with what differs.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { buildMutant, loadArtifact } from '../kts/artifact.ts';
import type { Property } from '../kts/prelude.ts';
import { MODULES } from '../litmus/header.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { check } from './check.ts';
import { type Choice, configure } from './config.ts';
import { readTrace, replayed, writtenTrace } from './counterexample.fixture.ts';
import { PROPERTIES } from './properties.ts';
import type { CheckRequest, Found } from './request.ts';
import { findTests, projectRoot, readTest } from './scenarios.ts';

const root = projectRoot();
const artifact = await loadArtifact(root);

const WITHOUT = ['TRUNCATE_COUNT'];

type Case = [id: string, choice: Choice, options?: Partial<CheckRequest>];

/**
 * A check that finds it. What is planted in the sources is found in mutation.test.ts and
 * debugging.test.ts, which replay it as well; a program that the machine does not model has no
 * trace.
 */
const FOUND: Record<Property, Case | 'below' | 'planted' | 'no trace'> = {
	I1: 'planted',
	I2: ['S01', { profile: 'linux-2.4.22' }, { harm: false }],
	I3: 'planted',
	I4: 'planted',
	I5: 'planted',
	I6: 'planted',
	I7: 'planted',
	DATA: ['S01', { without: WITHOUT }],
	I9: ['S86', { without: ['DIRECT_IO_NOLOCK'] }],
	I10: 'below',
	STARVE: ['S41', { without: ['OGFS_GREEDY'] }, { progress: true }],
	OVERTAKEN: ['S90', { without: ['OGFS_GREEDY'] }],
	LEAK: 'planted',
	SYNC: ['S105', { without: ['OGFS_FSYNC'] }],
	BLOCK: ['S40', { without: ['OGFS_DEPEND_SYNC'] }, { harm: false }],
	COND: 'below',
	BUG: 'planted',
	COUNT: 'planted',
	LOCKDEP: 'planted',
	LIMIT: 'no trace',
};

for (const [name, found] of Object.entries(FOUND)) {
	if (typeof found === 'string') continue;
	const [id, choice, options] = found;
	test(`${name} is replayed: ${id}`, async (t) => {
		const program = readTest(findTests(id)[0]);
		const configuration = configure(choice);
		const report = await check(artifact, { test: program, configuration, ...options });
		t.is((report.harm ?? report.violation)?.property, name as Property);
		t.is(replayed(artifact, program, report).property, name as Property);
	});
}

test('what is planted is planted in those tests', (t) => {
	const planted = ['mutation', 'debugging']
		.map((name) => readFileSync(new URL(`./${name}.test.ts`, import.meta.url), 'utf8'))
		.join('\n');
	const isPlanted = (name: string) =>
		new RegExp(`property(?:: | = )(?:\\[[^\\]]*)?'${name}'`).test(planted);
	for (const [name, found] of Object.entries(FOUND))
		if (found === 'planted') t.true(isPlanted(name), name);
	t.false(isPlanted('I99'));
});

test('each property is found somewhere, or cannot be', (t) => {
	t.deepEqual(Object.keys(FOUND).sort(), Object.keys(PROPERTIES).sort());
});

for (const set of [
	'NR_NODES=3',
	'SMP=0',
	'LOCK_MODULE=memexp',
	'LOCK_MODULE=dlm',
	'FAIL_ALLOC=1',
	'NR_FRAMES=9',
	'READ_ERRORS=1',
	'WRITE_ERRORS=1',
	'READAHEAD=1',
])
	test(`replayed with ${set}`, async (t) => {
		const program = readTest(findTests('S02')[0]);
		const configuration = configure({ without: ['INVALIDATE_MMAP_RANGE'], set: [set] });
		const report = await check(artifact, { test: program, configuration });
		const read = readTrace(artifact, writtenTrace(artifact, program, report));
		t.deepEqual(read.prepared?.bounds, report.bounds);
		const { message } = (report.harm ?? report.violation) as Found;
		t.is(replayed(artifact, program, report).message, message);
		const [name, value] = set.split('=');
		const { config } = JSON.parse(writtenTrace(artifact, program, report));
		t.is(config[name], MODULES.includes(value) ? MODULES.indexOf(value) : Number(value));
	});

const HEADER = `C bounds
(* Bounds: KSWAPD=1 NR_SWAP=1 RECLAIM=1 NR_FILE_PAGES=2 PAGE_WORDS=2 PAGE_TAIL=1 GREEDY=1 GREEDY_TIME=1 *)
{ int x = 0; }
P0(int *x)
{
	WRITE_ONCE(*x, 1);
}
~exists (x=1)
`;

test('bounds of the header are those of the machine', async (t) => {
	const program = parseLitmus(HEADER);
	const report = await check(artifact, { test: program, configuration: configure({}) });
	t.is(replayed(artifact, program, report).property, 'COND');
	const file = JSON.parse(writtenTrace(artifact, program, report));
	for (const name of Object.keys(program.header.bounds)) {
		const edited = { ...file, config: { ...file.config, [name]: 0 } };
		t.throws(() => readTrace(artifact, JSON.stringify(edited)), {
			message: new RegExp(`config.${name}: .*(expected|range)`),
		});
	}
});

test('the profile decides what a plain exists claims', async (t) => {
	const text = `C never
(* Result: linux-2.4.22=Never *)
{ int x = 0; }
P0(int *x)
{
	WRITE_ONCE(*x, 1);
}
exists (x=1)
`;
	const program = parseLitmus(text);
	const configuration = configure({ profile: 'linux-2.4.22' });
	const report = await check(artifact, { test: program, configuration, harm: false });
	t.is(replayed(artifact, program, report).property, 'COND');
	const other = { ...JSON.parse(writtenTrace(artifact, program, report)), profile: 'proposed' };
	t.throws(() => readTrace(artifact, JSON.stringify(other)), { message: /nothing wrong/ });
});

test('what a file says and the run does not is refused, and not printed', async (t) => {
	const program = readTest(findTests('S01')[0]);
	const configuration = configure({ without: WITHOUT });
	const report = await check(artifact, { test: program, configuration });
	const file = JSON.parse(writtenTrace(artifact, program, report));
	const { violation, config } = file;
	const evil = '\u001b[2J\u009b31m\u202e';
	const refused: [object, RegExp][] = [
		[{ violation: { ...violation, message: `all is well${evil}` } }, /violation\.message: the run/],
		[{ violation: { ...violation, file: 'vfs/mm/other.ts' } }, /violation\.file: the run/],
		[{ violation: { ...violation, line: 1 } }, /violation\.line: the run has \d+, the file 1/],
		[{ violation: { ...violation, function: 'f' } }, /violation\.function/],
		[
			{ violation: { ...violation, property: 'I9' } },
			/property: the run has "DATA", the file "I9"/,
		],
		[{ violation: { ...violation, property: evil } }, /expected the name of a property/],
		[{ hash: evil }, /hash: found in other sources/],
		[{ profile: evil }, /no profile is called/],
		[{ program: { ...file.program, id: evil } }, /program\.id: expected "S01/],
		[{ schedule: file.schedule.slice(0, -1) }, /nothing wrong after/],
		[{ config: { ...config, NR_PROCS: 3 } }, /config\.NR_PROCS: expected 2, .* found 3/],
		[{ config: { ...config, NR_NODES: 99 } }, /config\.NR_NODES: .*out of range/],
		[{ config: { ...config, NR_NODE: 2 } }, /config\.NR_NODE: neither a symbol nor a bound/],
		[{ config: { ...config, TRUNCATE_COUNT: 2 } }, /config\.TRUNCATE_COUNT: expected 0 or 1/],
		[{ config: { ...config, TRUNCATE_COUNT: undefined } }, /expected 0 or 1, found nothing/],
		[{ circle: [] }, /circle: goes with LOCKDEP/],
		[{ cycle_from: 1 }, /cycle_from: goes with STARVE/],
	];
	for (const [change, message] of refused) {
		const text = JSON.stringify({ ...file, ...change });
		const error = t.throws(() => readTrace(artifact, text), { message });
		t.regex(error?.message ?? '', /^[ -~]*$/, 'nothing but text');
	}
});

const MISSED = `C missed
{ int x = 0; P1 on 0; }
P0(int *x)
{
	WRITE_ONCE(*x, 1);
	WRITE_ONCE(*x, 0);
}
P1(int *x)
{
	int r0 = 0;
	while (r0 == 0)
		r0 = READ_ONCE(*x);
}
exists (1:r0=1)
`;

test('I10 is replayed, and looked at from where the steps lead to', async (t) => {
	const program = parseLitmus(MISSED);
	const request = { test: program, configuration: configure({}), canFinish: true };
	const report = await check(artifact, request);
	t.is(replayed(artifact, program, report).property, 'I10');
	const none = { ...JSON.parse(writtenTrace(artifact, program, report)), schedule: [] };
	t.throws(() => readTrace(artifact, JSON.stringify(none)), { message: /found one of \d+ steps/ });
});

const SETUP = 'harness/world/index.ts';

test('a set-up that breaks something has no steps, and is replayed', async (t) => {
	const text = readFileSync(path.join(root, SETUP), 'utf8');
	const from = 'export function init(): void {\n';
	t.is(text.split(from).length, 2);
	const trap = text.replace(from, `${from}	ASSERT('COUNT', NR_NODES > 9, 'planted');\n`);
	const planted = `${trap}import { ASSERT } from '../kts/prelude.ts';\n`;
	const mutant = await buildMutant(root, { [SETUP]: planted });
	const program = readTest(findTests('S01')[0]);
	const report = await check(mutant, { test: program, configuration: configure({}) });
	t.is(report.verdict, 'violated');
	t.is(report.violation?.property, 'COUNT');
	const found = replayed(mutant, program, report);
	t.deepEqual([found.message, found.schedule], ['planted', []]);
	const file = JSON.parse(writtenTrace(mutant, program, report));
	file.violation.message = 'another';
	t.throws(() => readTrace(mutant, JSON.stringify(file)), { message: /violation\.message/ });
});
