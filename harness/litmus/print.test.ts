// SPDX-License-Identifier: GPL-2.0-only
/** The printer is the parser's inverse, and the hash is of what a test says, not of how. */
import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { randomLitmus } from '../testing/random.ts';
import type { Test } from './ast.ts';
import { parseLitmus } from './parser.ts';
import { hashTest, PRINTED_MOST, printCondition, printExpression, printTest } from './print.ts';

const folder = new URL('../scenarios/classic/', import.meta.url);
const texts = [
	...readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8')),
	...Array.from({ length: 50 }, (_, seed) => randomLitmus(seed)),
];

/** Without places and source: what the test says. */
function meaning(test: Test): unknown {
	const omit = (key: string, value: unknown) =>
		key === 'at' || key === 'nameAt' || key === 'source' ? undefined : value;
	return JSON.parse(JSON.stringify({ ...test, header: undefined }, omit));
}

test('what is printed is the same test', (t) => {
	for (const text of texts) {
		const parsed = parseLitmus(text);
		const printed = printTest(parsed);
		const again = parseLitmus(printed);
		t.deepEqual(meaning(again), meaning(parsed));
		t.deepEqual(again.header, parsed.header);
		t.is(printTest(again), printed);
		t.is(hashTest(again), hashTest(parsed));
	}
});

test('comments in a header are comments again, wherever their lines go', (t) => {
	for (const comment of [
		'(* (* a\n*) b *)',
		'(* a\n * Source: (* x\n *) y\n *)',
		'(* (*\n * Result: Never\n * *) *)',
		'(* a (* b *) c *)',
		'(* a (*)*) *)',
	]) {
		const parsed = parseLitmus(`C t\n${comment}\n{}\nP0(int *x) {}\nexists (true)`);
		const again = parseLitmus(printTest(parsed));
		t.deepEqual(again.header, parsed.header, comment);
	}
});

test('a test that grows beyond the length of a file is still what it was', (t) => {
	const long = 60_000;
	for (const body of [';'.repeat(long), `${'{'.repeat(90)}${';'.repeat(long)}${'}'.repeat(90)}`]) {
		const text = `C t\n{}\nP0(int *x) {${body}}\nexists (true)`;
		const printed = printTest(parseLitmus(text));
		t.true(printed.length > 65536 && printed.length < PRINTED_MOST * text.length);
		t.throws(() => parseLitmus(printed), { message: /at most 65536/ });
		t.is(printTest(parseLitmus(printed, 'again', printed.length)), printed);
	}
});

function expression(text: string): string {
	const init = 'file f[2]; int y;';
	const body = `int r0, r1, r2; int *p; int q = ${text};`;
	const parsed = parseLitmus(
		`C t\n{ ${init} }\nP0(int *x, int *y, file f) { ${body} }\nexists (true)`,
	);
	const last = parsed.processes[0].body[2];
	return last.kind === 'declare' ? printExpression(last.declarators[0].init!) : '';
}

test('parentheses are printed where they are needed', (t) => {
	for (const text of [
		'r0 + r1 * r2',
		'(r0 + r1) * r2',
		'r0 - (r1 - r2)',
		'r0 - r1 - r2',
		'-(-r0)',
		'-2147483648',
		'!(r0 == r1) && r2 | r0 & r1',
		'(r0 ? r1 : r2) ? r0 : r1 ? r2 : 0',
		'*(p + 1024)',
		'p[1024]',
		'(p + 1024)[0]',
		'r0 << (r1 & 31)',
		'(r0 == r1) < (r2 < r0)',
		'pwrite(f, &(int){r0 + 1}, sizeof(int), 4096)',
	]) {
		t.is(expression(text), text);
	}
	t.is(expression('((r0))+(0x10)'), 'r0 + 16');
	t.is(expression('r0 - (-1)'), 'r0 - -1');
});

function condition(text: string): string {
	const parsed = parseLitmus(`C t\n{}\nP0(int *x, int *y) { int r0; }\n${text}`);
	return printCondition(parsed);
}

test('conditions are printed as herd7 prints them', (t) => {
	const cases: [string, string][] = [
		['exists x=1', 'exists ([x]=1)'],
		['~ exists (x=1 /\\ y=2)', '~exists ([x]=1 /\\ [y]=2)'],
		['forall (x=1 /\\ (y=2 \\/ 0:r0=0))', 'forall ([x]=1 /\\ ([y]=2 \\/ 0:r0=0))'],
		['exists (x=1 /\\ y=2 \\/ 0:r0=0)', 'exists ([x]=1 /\\ [y]=2 \\/ 0:r0=0)'],
		['exists (~(x=1))', 'exists (not ([x]=1))'],
		['exists (x != 1)', 'exists (not ([x]=1))'],
		['exists (x=1 => y=1)', 'exists ([x]=1 => [y]=1)'],
		['exists (0:r0=[x] /\\ true)', 'exists (0:r0=[x] /\\ true)'],
		['exists (0:errno==EBADF)', 'exists (0:errno=EBADF)'],
	];
	for (const [text, printed] of cases) {
		t.is(condition(text), printed);
		t.is(condition(printed), printed);
	}
});

test('the hash is that of what decides the outcome', (t) => {
	const text = 'C MP\n{}\nP0(int *x) { *x = 1; }\nexists (x=1)\n';
	const hash = hashTest(parseLitmus(text));
	t.is(hash, '50710a4b06343bdb91fed8278fafd9d2', 'changes only when the format does');
	const same = [
		'C other-name\n"Fre"\n(*\n * Result: Never\n *)\n{ }\nP0( int*x ){*x=0x1;}\nexists  x=1 (* ! *)',
		text.replace('*x = 1;', '/* now */ *x = 01; // one\n'),
	];
	for (const other of same) t.is(hashTest(parseLitmus(other)), hash);
	const different = [
		text.replace('= 1;', '= 2;'),
		text.replace('{}', '{ x = 1; }'),
		text.replace('exists', '~exists'),
		text.replace('exists', 'locations [x;] exists'),
		text.replace('*x = 1', 'WRITE_ONCE(*x, 1)'),
	];
	for (const other of different) t.not(hashTest(parseLitmus(other)), hash);
});
