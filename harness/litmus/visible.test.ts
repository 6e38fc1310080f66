// SPDX-License-Identifier: GPL-2.0-only
/** Characters that move the cursor, or that are not seen: refused in a test, spelled elsewhere. */
import test from 'ava';
import { LitmusError } from './error.ts';
import { parseLitmus } from './parser.ts';
import { oneLine, visible } from './visible.ts';

function errorOf(text: string): string {
	try {
		parseLitmus(text, 't.litmus');
	} catch (error) {
		if (error instanceof LitmusError) return error.message;
		throw error;
	}
	return 'no error';
}

test('spelled as JSON spells them, so that a document stays one', (t) => {
	const said = 'a\u001b[2J\u009b\u202e\u2028\ud800\u{e0001}é\u{1f600}\t\n';
	const spelled = 'a\\u001b[2J\\u009b\\u202e\\u2028\\ud800\\udb40\\udc01é\u{1f600}';
	t.is(visible(said), `${spelled}\t\n`);
	t.is(oneLine(said), `${spelled}\\u0009\\u000a`);
	t.deepEqual(JSON.parse(visible(JSON.stringify(said))), said);
});

test('control characters, and those that are not seen', (t) => {
	for (const hidden of ['\u009b2J', '\u202e', '\u2028', '\u2066', '\u200b', '\ud800'])
		for (const text of [`C t${hidden}\n{}\n`, `C t\n(* a ${hidden} *)\n{}\n`]) {
			const message = errorOf(`${text}P0() {}\nexists (true)`);
			t.regex(message, /U\+[0-9A-F]{4}\): a test is text/);
			t.is(message, visible(message));
		}
	const text = 'C t\x1b[2J\n{}\nP0() {}\nexists (true)';
	t.is(
		errorOf(text).split('\n')[0],
		't.litmus:1:4: error: a control character (U+001B): a test is text',
	);
});
