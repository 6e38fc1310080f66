// SPDX-License-Identifier: GPL-2.0-only
/** docs/litmus.md says what is there, and its examples are what it says. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { oracle } from '../testing/oracle.ts';
import { CALLS } from './calls.ts';
import { CONSTANTS, ERRNO_NAMES, POINTERS } from './constants.ts';
import { parseLitmus } from './parser.ts';
import { printReport, summarize } from './report.ts';

const text = readFileSync(new URL('../../docs/litmus.md', import.meta.url), 'utf8');
const blocks = [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, kind, code]) => ({
	kind,
	code,
}));

test('the first test, and what is printed for it', (t) => {
	const [first, printed] = blocks;
	const parsed = parseLitmus(first.code);
	const summary = summarize(parsed, { states: oracle(parsed), complete: true, seconds: 0.14 });
	t.is(printed.code, `$ vfshook litmus MP\n${printReport(parsed, summary)}`);
});

test('files, final states and header', (t) => {
	const [, , files, asked, header, error] = blocks;
	const whole = `C t\n${files.code}\nP1() {}\nP2() {}\n`;
	t.is(parseLitmus(`${whole}exists (true)`).init.length, 10);
	const condition = asked.code.replace('x; ', 'x; a; ');
	t.is(parseLitmus(whole + condition).locations.length, 4);
	const described = parseLitmus(`C t\n${header.code}\n{}\nP0() {}\nexists (true)`).header;
	t.deepEqual(Object.keys(described.results), ['proposed', 'linux-2.4.22']);
	t.deepEqual(described.source, ['P. McKenney, linux-kernel, June 2003']);
	const body = '\n\n\n\nP0(int *x)\n{\n\tint r0 = REED_ONCE(*x);\n}\nexists (true)'.slice(2);
	const thrown = t.throws(() => parseLitmus(`C t\n{}\n${body}`, 't.litmus'));
	t.is(`${thrown?.message}\n`, error.code);
});

test('every call and every constant', (t) => {
	const errors = new Set(ERRNO_NAMES.values());
	for (const name of [...CALLS.keys(), ...CONSTANTS.keys(), ...POINTERS.keys()]) {
		if (errors.has(name) || name === 'MAP_ANON' || name.endsWith('_explicit')) continue;
		t.regex(text, new RegExp(`\\b${name}\\b`), name);
	}
});
