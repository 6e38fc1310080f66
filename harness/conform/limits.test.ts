// SPDX-License-Identifier: GPL-2.0-only
/** What a program may not do is a limit, and the verdict incomplete: never a silent result. */
import test from 'ava';
import { loadArtifact } from '../kts/artifact.ts';
import { DirectMachine } from '../kts/direct.ts';
import { compile } from '../litmus/compile.ts';
import { LitmusError } from '../litmus/error.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { agree } from '../testing/agree.ts';
import { Unmodelled } from '../testing/flat.ts';
import { interpret } from '../testing/interpret.ts';
import { oracle } from '../testing/oracle.ts';
import { LOCAL_LIMIT } from '../world/isa.ts';
import { check, prepare } from './check.ts';
import { configure } from './config.ts';
import { runLitmus } from './litmus.ts';
import { projectRoot } from './scenarios.ts';

const artifact = await loadArtifact(projectRoot());
const configuration = configure({});
const parsed = (body: string) =>
	parseLitmus(`C t\n{ int x = 0; int y = 32; }\nP0(int *x, int *y) { ${body} }\nexists (x=1)\n`);

const SHIFT = /^a shift by a number of bits that C does not define$/;
const STEPS = /^(in the set-up: )?a program takes more than 10000 steps of its own/;
const BAD: [title: string, body: string, reason: RegExp][] = [
	['a shift to the left by what was loaded', 'int s = *y; int r0 = 1 << s; *x = 1;', SHIFT],
	['a shift to the right by what was loaded', 'int s = *y; int r0 = -8 >> s; *x = 1;', SHIFT],
	['a shift by less than 0', 'int s = *y; s = s - 33; *x = 5 << s;', SHIFT],
	['a shift of what is in memory', 'int s = *y; *x <<= s;', SHIFT],
	[
		'a loop before the first access',
		'int i; while (i < 6000) { i++; if (i < 0) *x = 3; } *x = 1;',
		STEPS,
	],
	['a loop after an access', '*x = 1; int i; while (i < 6000) { i++; if (i < 0) *x = 3; }', STEPS],
	['a loop that never ends', '*x = 1; int i; while (1) { if (i == 1) *x = 2; }', STEPS],
];

for (const [title, body, reason] of BAD)
	test(`${title} is a limit`, async (t) => {
		const one = parsed(body);
		const report = await check(artifact, { test: one, configuration });
		t.is(report.verdict, 'incomplete');
		t.regex(report.reason ?? '', reason);
		t.is(report.violation, undefined);
		const { summary } = await runLitmus(artifact, one, configuration);
		t.false(summary.complete);
		t.is(summary.observation, 'Undef');
		t.throws(() => interpret(compile(one)), { instanceOf: Unmodelled });
		// the oracle counts rounds of loops
		if (reason === SHIFT || body.includes('while (1)'))
			t.throws(() => oracle(one), { instanceOf: Unmodelled });
	});

const CONSTANT: [body: string, count: string, bits: number][] = [
	['int r0 = 1 << 32;', '32', 32],
	['int r0 = -8 >> 40;', '40', 40],
	['int r0 = 5 << -1;', '-1', -1],
	['int r0 = 1 << 16 * 2;', '16 * 2', 32],
	['*x = *y << 99;', '99', 99],
	['int r0 = 0 && 1 << 32;', '32', 32],
	['int r0 = 1; r0 <<= 32;', '32', 32],
	['*x >>= 0 - 1;', '0 - 1', -1],
];
for (const [body, count, bits] of CONSTANT)
	test(`${body} is refused at its place`, (t) => {
		const error = t.throws(() => parsed(`${body} *x = 1;`), { instanceOf: LitmusError })!;
		const lines = error.message.split('\n');
		const what = `a shift by ${bits} bits: C does not define what it gives`;
		t.true(lines[0].endsWith(`error: ${what}`), lines[0]);
		t.is(lines[1].slice(lines[2].indexOf('^')).slice(0, count.length), count);
		t.is(
			lines[2].trim(),
			`|${' '.repeat(lines[2].indexOf('^') - lines[2].indexOf('|') - 1)}^${'~'.repeat(count.length - 1)}`,
		);
	});

const GOOD: [title: string, body: string][] = [
	['a shift by 31', 'int s = *y; s = s - 1; *x = 1 << s;'],
	['a loop that ends in time', 'int i; while (i < 900) { i++; if (i < 0) *x = 3; } *x = i;'],
];
for (const [title, body] of GOOD)
	test(`${title} has a value`, async (t) => {
		const one = parsed(body);
		const { summary } = await runLitmus(artifact, one, configuration);
		t.true(summary.complete);
		const states = oracle(one);
		t.deepEqual(
			summary.states.map((s) => Object.values(s)),
			states,
		);
		t.deepEqual(interpret(compile(one)).finals, states);
	});

test('both executors stop at the same place', (t) => {
	for (const [, body] of BAD.filter(([, , reason]) => reason === SHIFT)) {
		const { machine, program } = prepare(artifact, parsed(body), configuration);
		const options = { config: machine.config, rom: program.rom };
		t.notThrows(() => agree(machine, new DirectMachine(artifact, options), 20));
	}
});

test('the limit of steps is what the documents say', (t) => {
	t.is(LOCAL_LIMIT, 10_000);
});
