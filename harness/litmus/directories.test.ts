// SPDX-License-Identifier: GPL-2.0-only
/** Directories: `dir d = {f};`, link() and getdents(). */
import test from 'ava';
import { oracle } from '../testing/oracle.ts';
import { compile } from './compile.ts';
import { parseLitmus } from './parser.ts';
import { printTest } from './print.ts';

function build(init: string, body = '', header = ''): string {
	const comment = header === '' ? '' : `(*\n * ${header}\n *)\n`;
	return `C t\n${comment}{ ${init} }\nP0(int *x) { ${body} *x = 1; }\nexists (x=1)\n`;
}

test('what is refused', (t) => {
	const cases: [string, string, string, string?][] = [
		['dir d = {x};', '', '"x" is no file: a directory has entries of files'],
		['file f; dir d = {f, f};', '', '"f" is in "d" twice'],
		['dir d;', '', 'the journal has no directories: not with "Dies:"', 'Dies: N0'],
		['dir d;', '', 'a local file system has no directories here', 'Bounds: LOCAL_FS=1'],
		['file f;', 'link("f", "f/f");', 'the init part has no directory "f"'],
		['file f; dir d;', 'link("f", d);', 'expected a name in a directory, such as "d/f" in quotes'],
		['file f; dir d;', 'link("f", "d");', 'expected the name of a directory, and of a file'],
		['file f; file g; dir d;', 'link("f", "d/g");', 'a file has one name in a directory: its own'],
		['dir d; int y in d[0];', '', '"d" has 0 pages, none is 0'],
	];
	for (const [init, body, reason, header] of cases) {
		const thrown = t.throws(() => parseLitmus(build(init, body, header), 't.litmus'));
		const [first] = (thrown?.message ?? '').split('\n');
		t.is(first.replace(/^t\.litmus:\d+:\d+: error: /, ''), reason);
	}
});

test('printed as it was read', (t) => {
	const text = build('file f; file g; dir d = {f, g}; dir e;', 'link("f", "e/f");');
	const printed = printTest(parseLitmus(text));
	t.is(printTest(parseLitmus(printed)), printed);
	t.regex(printed, /dir d = \{f, g\};\s+dir e;/);
});

test('which files are directories', (t) => {
	const { features } = compile(parseLitmus(build('file f; dir d = {f};')));
	t.is(features.DIRS, 4, 'behind the variables and f');
	t.false('DIRS' in compile(parseLitmus(build('file f;'))).features);
});

test('the oracle says that it has none', (t) => {
	const text = build('file f; dir d;', 'link("f", "d/f");');
	t.throws(() => oracle(parseLitmus(text)), { message: 'a flat memory does not know link()' });
});
