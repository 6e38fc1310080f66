// SPDX-License-Identifier: GPL-2.0-only
/** herd7's block, character for character. */
import test from 'ava';
import { asExpected } from './expectation.ts';
import { parseLitmus } from './parser.ts';
import { type Outcome, printReport, summarize } from './report.ts';

const SB = `C SB
(* Result: Never linux-2.4.22=Sometimes proposed=DEADLOCK *)
{}
P0(int *x, int *y) { WRITE_ONCE(*x, 1); int r0 = READ_ONCE(*y); }
P1(int *x, int *y) { WRITE_ONCE(*y, 1); int r0 = READ_ONCE(*x); }
exists (0:r0=0 /\\ 1:r0=0)
`;

function report(text: string, outcome: Partial<Outcome>): string {
	const parsed = parseLitmus(text);
	return printReport(
		parsed,
		summarize(parsed, { states: [], complete: true, seconds: 0, ...outcome }),
	);
}

test('exists, which nothing satisfies', (t) => {
	const states = [
		[1, 1],
		[0, 1],
		[1, 0],
		[0, 1],
	];
	t.is(
		report(SB, { states, seconds: 0.014 }),
		`Test SB Allowed
States 3
0:r0=0; 1:r0=1;
0:r0=1; 1:r0=0;
0:r0=1; 1:r0=1;
No
Witnesses
Positive: 0 Negative: 3
Condition exists (0:r0=0 /\\ 1:r0=0)
Observation SB Never 0 3
Time SB 0.01
Hash=15ce859d197750ddbc776fe630649a4d
`,
	);
});

test('~exists, which something violates: witnesses change sides', (t) => {
	const text = SB.replace('exists', '~exists');
	const block = report(text, {
		states: [
			[0, 0],
			[1, 1],
			[1, 0],
		],
	}).split('\n');
	t.deepEqual(block.slice(0, 9), [
		'Test SB Forbidden',
		'States 3',
		'0:r0=0; 1:r0=0;',
		'0:r0=1; 1:r0=0;',
		'0:r0=1; 1:r0=1;',
		'No',
		'Witnesses',
		'Positive: 2 Negative: 1',
		'Condition ~exists (0:r0=0 /\\ 1:r0=0)',
	]);
	t.is(block[9], 'Observation SB Sometimes 1 2');
});

test('forall, locations, variables, pages, errors and signals', (t) => {
	const text = `C all
{ file f[2]; int x = 0; }
P0(int *x, file f) { int r10; int r2; close(f); close(f); }
locations [f[1]; x; 0:r10; 0:r2; 0:signal; 0:errno;]
forall (0:errno=EBADF)
`;
	const block = report(text, {
		states: [
			[9, 0, -2, 0, 3, 4],
			[9, 10, -2, 11, 3, 4],
			[9, 2, -2, 7, 3, 4],
		],
	});
	t.is(
		block.slice(0, block.indexOf('Hash')),
		`Test all Required
States 3
0:errno=EBADF; 0:r2=0; 0:r10=-2; 0:signal=0; [x]=3; f[1]=4;
0:errno=EBADF; 0:r2=2; 0:r10=-2; 0:signal=SIGBUS; [x]=3; f[1]=4;
0:errno=EBADF; 0:r2=10; 0:r10=-2; 0:signal=SIGSEGV; [x]=3; f[1]=4;
Ok
Witnesses
Positive: 3 Negative: 0
Condition forall (0:errno=EBADF)
Observation all Always 3 0
Time all 0.00
`,
	);
});

test('no final state at all', (t) => {
	const block = report(SB, { flags: ['deadlock'] });
	t.regex(
		block,
		/^Test SB Allowed\nStates 0\nNo\nWitnesses\nPositive: 0 Negative: 0\nFlag deadlock\n/,
	);
	t.regex(block, /\nObservation SB Never 0 0\n/);
});

test('a search that was cut off knows less', (t) => {
	const cut: Partial<Outcome> = { complete: false, unexplored: 12, limit: 'maxStates' };
	const none = report(SB, { ...cut, states: [[1, 1]] }).split('\n');
	t.is(none[0], 'Warning: SB: 12 states not explored (maxStates), outcomes may be missing');
	t.is(none[4], 'Undef');
	t.is(none[8], 'Observation SB Undef 0 1');
	const witness = report(SB, {
		...cut,
		states: [
			[0, 0],
			[1, 1],
		],
	});
	t.regex(witness, /\nOk\n/, 'what was seen was seen');
	t.regex(witness, /\nObservation SB Sometimes 1 1\n/);
	t.regex(report(SB.replace('exists', '~exists'), { ...cut, states: [[0, 0]] }), /\nNo\n/);
	t.regex(report(SB.replace('exists', 'forall'), { ...cut, states: [[0, 1]] }), /\nNo\n/);
	t.regex(report(SB.replace('exists', 'forall'), { ...cut, states: [[0, 0]] }), /\nUndef\n/);
});

test('as JSON', (t) => {
	const parsed = parseLitmus(SB);
	const summary = summarize(parsed, { states: [[1, 0]], complete: true, seconds: 1 });
	t.deepEqual(JSON.parse(JSON.stringify(summary)), {
		name: 'SB',
		kind: 'Allowed',
		states: [{ '0:r0': 1, '1:r0': 0 }],
		verdict: 'No',
		witnesses: { positive: 0, negative: 1 },
		flags: [],
		condition: 'exists (0:r0=0 /\\ 1:r0=0)',
		observation: 'Never',
		positive: 0,
		negative: 1,
		complete: true,
		seconds: 1,
		hash: '15ce859d197750ddbc776fe630649a4d',
	});
});

test('held against the header', (t) => {
	const parsed = parseLitmus(SB);
	const of = (states: number[][], complete = true) =>
		summarize(parsed, { states, complete, seconds: 0 });
	t.true(asExpected(parsed, of([[1, 1]]), 'mainline'), 'the result for all');
	t.false(asExpected(parsed, of([[0, 0]]), 'mainline'));
	t.true(
		asExpected(
			parsed,
			of([
				[0, 0],
				[1, 1],
			]),
			'linux-2.4.22',
		),
		'the result of the profile',
	);
	t.true(asExpected(parsed, of([]), 'proposed'));
	t.is(asExpected(parsed, of([[1, 1]], false), 'mainline'), undefined, 'not known');
	t.is(asExpected(parseLitmus(SB.replace(/\(\* Result.*/, '')), of([]), 'mainline'), undefined);
});
