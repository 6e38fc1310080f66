// SPDX-License-Identifier: GPL-2.0-only
/** A typing error in each field of a header is refused, with its place. */
import test from 'ava';
import { loadArtifact } from '../kts/artifact.ts';
import type { Test } from '../litmus/ast.ts';
import { LitmusError } from '../litmus/error.ts';
import { type FieldName, fieldNames } from '../litmus/fields.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { configure } from './config.ts';
import { prepare } from './prepare.ts';
import { projectRoot, readTest, suite } from './scenarios.ts';

const artifact = await loadArtifact(projectRoot());

function prepared(lines: string, init = 'int x = 0;', set: string[] = []): void {
	const text = `C t
(*
 * ${lines.split('\n').join('\n * ')}
 *)
{ ${init} }
P0(int *x)
{
	WRITE_ONCE(*x, 1);
}
P1(int *x)
{
	int r0 = READ_ONCE(*x);
}
exists (1:r0=1)
`;
	prepare(artifact, parseLitmus(text, 't.litmus'), configure({ set }));
}

/** Lines of a header; the place, as the first or the second line of it; what is said. */
const WRONG: Record<FieldName, [lines: string, at: string, message: RegExp][]> = {
	Result: [
		['Result: proposd=verified', '3:12', /unknown profile "proposd"[\s\S]*mean "proposed"/],
		['Result: verfied', '3:12', /mean "verified"/],
		['Reslut: verified', '3:4', /mean "Result"/],
		['result: verified', '3:4', /mean "Result"/],
	],
	Progress: [['Progress: linux-2.4=violated', '3:14', /unknown profile "linux-2.4"/]],
	Needs: [
		['Needs: TRUNCAT_COUNT', '3:11', /unknown configuration symbol[\s\S]*mean "TRUNCATE_COUNT"/],
		['Needs: TRUNCATE_COUNT|NOSUCH', '3:26', /unknown configuration symbol "NOSUCH"/],
		['Needs proposd: TRUNCATE_COUNT', '3:10', /unknown profile "proposd"/],
		['Needz proposed: TRUNCATE_COUNT', '3:4', /mean "Needs"/],
		['Needs: NR_NODES', '3:11', /unknown configuration symbol/],
	],
	ProgressNeeds: [
		['ProgressNeeds: NOSYM', '3:19', /unknown configuration symbol "NOSYM"/],
		['ProgressNeeds mainlin: OGFS_GREEDY', '3:18', /unknown profile "mainlin"/],
	],
	Exercises: [
		['Exercises: fault: write; revoke: to UNLOCKD', '3:29', /unknown coverage mark[\s\S]*UNLOCKED/],
		[
			'Exercises: fault: write;\n  property: DATUM',
			'4:6',
			/unknown coverage mark "property: DATUM"/,
		],
		['Exercises: fault injection: no_such_function', '3:15', /unknown coverage mark/],
	],
	Source: [['Sourc: the mail', '3:4', /mean "Source"/]],
	Bounds: [
		['Bounds: KSWAPDD=2', '3:12', /unknown bound KSWAPDD[\s\S]*mean "KSWAPD"/],
		['Bounds: FOO=1', '3:12', /unknown bound FOO[\s\S]*bounds: NR_NODES/],
		['Bounds: NR_NODES=0', '3:12', /out of range: 1 to 4/],
		['Bounds: NR_NODES=1', '3:12', /the test needs 2/],
		['Bounds: NR_NODES=64', '3:12', /out of range/],
		['Bounds: NR_FILE_PAGES=99', '3:12', /out of range: 1 to 8/],
		['Bounds: PAGE_WORDS=999999', '3:12', /out of range/],
		['Bounds: RECLAIM=99999999999', '3:12', /out of range/],
		['Bounds: SMP=9', '3:12', /out of range: 0 to 1/],
		['Bounds: NR_FRAMES=0', '3:12', /out of range/],
		['Bounds: NR_SWAP=-1', '3:12', /out of range/],
		['Bounds: LOCK_MODULE=7', '3:12', /set by "Module:"/],
		['Bounds: DEATHS=1', '3:12', /set by "Dies:"/],
		['Bounds: NR_PROCS=3', '3:12', /follows from the test/],
		['Bounds: NR_FDS=0', '3:12', /follows from the test/],
		['Bounds: TRUNCATE_COUNT=0', '3:12', /is a configuration symbol, and no bound/],
		['Bounds: KSWAPD=1 KSWAPD=2', '3:21', /a second value/],
		['Bounds: LOCAL_FS=1', '3:12', /of one node: the test has 2/],
		['Bounds: KSWAPD_NODES=1', '3:12', /means nothing without KSWAPD/],
		['Bounds: KSWAPD=1 KSWAPD_NODES=3', '3:21', /the test has 2 nodes/],
		['Bounds: PAGE_TAIL=1', '3:12', /means nothing without PAGE_WORDS/],
		['Bounds: PAGE_WORDS=2 PAGE_TAIL=3', '3:25', /a page has 2 ints/],
		['Bounds: GREEDY_TIME=2', '3:12', /means nothing without GREEDY or OVERTAKEN/],
		['Bounds: JDATA_FILES=2', '3:12', /the test has 1 files/],
	],
	Overtaken: [
		['Overtaken: 3', '3:15', /expected "<= NUMBER"/],
		['Overtaken: <= 1\nOvertaken: <= 2', '4:4', /a second "Overtaken:"/],
	],
	Dies: [
		['Dies: N3', '3:10', /there is no node 3: the test has 2/],
		['Dies: N7', '3:10', /expected a node/],
		['Dies: 3 of N0 N1', '3:10', /3 deaths of 2 nodes/],
		['Dies: 2 of N0 N0', '3:18', /a node dies once/],
		['Dies: N0\nDies: N1', '4:4', /a second "Dies:"/],
	],
	Module: [
		['Module: dml', '3:12', /unknown lock module "dml"[\s\S]*mean "dlm"/],
		['Module: dlm dlm', '3:16', /named twice/],
	],
	Outside: [
		['Outsid: it is', '3:4', /mean "Outside"/],
		['Outside: it is\nOutside: or not', '4:4', /a second "Outside:"/],
	],
};

for (const name of fieldNames)
	test(`${name}:`, (t) => {
		t.true(WRONG[name].length > 0);
		for (const [lines, at, message] of WRONG[name]) {
			const error = t.throws(() => prepared(lines), { instanceOf: LitmusError, message }, lines);
			t.is(`${error?.line}:${error?.column}`, at, lines);
		}
	});

test('a field beside others that is none is no sentence', (t) => {
	for (const lines of ['Expects: this\nResult: verified', 'Result: verified\nexpects: this'])
		t.throws(() => prepared(lines), { message: /unknown header field "[Ee]xpects"/ });
	t.notThrows(() => prepared('Can it? Note: it can.\n\nResult: verified\n\nAside: no field.'));
});

test('what is right is taken', (t) => {
	t.notThrows(() =>
		prepared(
			'Result: verified linux-2.4.22=violated\nNeeds proposed: TRUNCATE_COUNT|NOPAGEDONE\nExercises: property: DATA; fault: write;\n  fault injection: early_cow; lock: mmap_sem -> page_table\nDies: N0\nBounds: KSWAPD=1 NR_NODES=3',
		),
	);
	t.notThrows(() => prepared('Bounds: LOCAL_FS=1', 'int x = 0; P1 on 0;'));
	t.throws(() => prepared('Bounds: LOCAL_FS=1', 'int x = 0; P1 on 0;', ['NR_NODES=2']), {
		message: /one node/,
	});
});

const OTHER_NODE = (call: string, where: string) => `C t
{ int x = 0; ${where} }
P0(int *x)
{
	int r0 = ${call};
}
P1(int *x)
{
	int r1 = READ_ONCE(*x);
}
exists (1:r1=0)
`;

test('a process of another node can be neither killed nor traced', (t) => {
	for (const call of ['kill(P1, SIGTERM)', 'ptrace_poke(P1, x, 1)']) {
		const error = t.throws(() => parseLitmus(OTHER_NODE(call, '')), {
			message: /P1 is on node 1, and P0 on node 0[\s\S]*"P1 on 0;"/,
		}) as LitmusError;
		t.is(error.line, 5);
		t.notThrows(() => parseLitmus(OTHER_NODE(call, 'P1 on 0;')));
	}
});

/** Violated in a profile that is to suffice, and not said to be outside of the answer. */
const notAnswered = (one: Test): string[] =>
	['proposed', 'proposed-shared', 'mainline'].filter(
		(profile) => contradicted(one, profile) && one.header.outside === undefined,
	);
const contradicted = ({ header: { results } }: Test, profile: string): boolean =>
	(results[profile] ?? results['*']) === 'violated';

test('what a sufficient profile violates is said to be outside of the answer', (t) => {
	const tests = suite().map((file) => readTest(file));
	t.deepEqual(
		tests.filter((one) => notAnswered(one).length > 0).map(({ name }) => name),
		[],
	);
	const s146 = tests.find(({ name }) => name.startsWith('S146-')) as Test;
	const { outside, ...header } = s146.header;
	t.truthy(outside);
	t.deepEqual(notAnswered({ ...s146, header }), ['proposed', 'proposed-shared']);
});
