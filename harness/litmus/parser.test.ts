// SPDX-License-Identifier: GPL-2.0-only
/**
 * The parser takes what herd7 takes and what docs/litmus.md promises, and answers everything else
 * with a LitmusError: never with another exception, never without a place.
 */
import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { build } from 'esbuild';
import fc from 'fast-check';
import { LitmusError } from './error.ts';
import { parseLitmus } from './parser.ts';
import { litmusGrammar } from './peggy-plugin.ts';
import { printTest } from './print.ts';

const folder = new URL('../scenarios/classic/', import.meta.url);
const classics = readdirSync(folder).map((name): [string, string] => [
	name,
	readFileSync(new URL(name, folder), 'utf8'),
]);

/** A little of everything. */
const EVERYTHING = `C everything
"Fre PodWR"
Orig=by hand
(*
 * Result: Never linux-2.4.22=Always
 *
 * What it asks.
 *
 * Needs: TRUNCATE_COUNT|NOPAGEDONE
 *)

{
	x = 1; int y; [z] = -1; int w in f[1] = 5;
	file f[2] = {0x10}; file g[0];
	P1 on 2; P2 shares P1; P3 child of P0;
	0:r1 = 3;
}

P0(int *x, volatile int *y, file f) // a comment (* that is one *)
{
	int r0, r1, *p = mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
	if (p == MAP_FAILED) { r0 = errno; return; } else p[1024] += 2;
	while (!(smp_load_acquire(x) > 1) && *y != -2147483648) { r1++; if (r1) break; else continue; }
	r0 = pread(f, &r1, sizeof(int), 4096) == 4 ? *(p + 1024) : 0;
	pwrite(f, &(int){r0 << 2}, 4, 0); /* another */
	msync(p, 4096, MS_SYNC);
	munmap(p, 8192);
	mprotect(p, 4096, PROT_READ);
	fork(P3);
	close(f);
	smp_mb();
}
P1(atomic_int *x) { atomic_store_explicit(x, 2, memory_order_relaxed); int fd = open("g", O_RDONLY); }
P2(int *w) { ; }
P3() { exit(0); }

locations [0:r1; [z]; f[1]]
~exists (0:r0=1 /\\ (x=2 \\/ not (0:errno=EBADF)) /\\ 1:signal!=SIGBUS) (* the end *)
`;

test('a little of everything is a test', (t) => {
	const parsed = parseLitmus(EVERYTHING, 'everything.litmus');
	t.is(parsed.name, 'everything');
	t.deepEqual(parsed.quotes, ['Fre PodWR']);
	t.deepEqual(parsed.info, [{ key: 'Orig', value: 'by hand' }]);
	t.is(parsed.processes.length, 4);
	t.is(parsed.init.length, 10);
	t.is(parsed.quantifier, '~exists');
	t.deepEqual(parsed.header.results, { '*': 'Never', 'linux-2.4.22': 'Always' });
	t.is(parsed.header.text, 'What it asks.');
});

test('the classic shapes are tests', (t) => {
	t.true(classics.length >= 13);
	for (const [name, text] of classics) {
		const parsed = parseLitmus(text, name);
		t.is(`${parsed.name}.litmus`, name);
		t.is(parsed.header.results['*'], 'Never');
		t.true(parsed.header.text.length > 40 && parsed.header.source.length === 1, name);
	}
});

test('tests as the kernel has them run unchanged', (t) => {
	const text = [
		'C MP+pooncerelease+poacquireonce\r\n\r\n(*\r\n * Result: Never\r\n *\r\n * Text.\r\n *)\r\n',
		'{}\r\n\r\nP0(int *buf, int *flag) // Producer\r\n{\r\n\tWRITE_ONCE(*buf, 1);\r\n',
		'\tsmp_store_release(flag, 1);\r\n}\r\n\r\nP1(int *buf, int *flag) // Consumer\r\n{\r\n',
		'\tint r0;\r\n\tint r1;\r\n\r\n\tr0 = smp_load_acquire(flag);\r\n\tr1 = READ_ONCE(*buf);\r\n',
		'}\r\n\r\nexists (1:r0=1 /\\ 1:r1=0) (* Bad outcome. *)\r\n',
	].join('');
	const parsed = parseLitmus(text);
	t.deepEqual(parsed.header.results, { '*': 'Never' });
	t.is(parsed.header.text, 'Text.');
	t.is(parsed.processes[1].params[0].name.name, 'buf');
});

/** The error, or undefined if it is a test. Anything else thrown is a mistake of the parser. */
function errorOf(text: string): LitmusError | undefined {
	try {
		parseLitmus(text, 't.litmus');
		return undefined;
	} catch (error) {
		if (!(error instanceof LitmusError)) throw error;
		return error;
	}
}

function wellFormed(error: LitmusError): boolean {
	const [first, line, caret] = error.message.split('\n');
	return (
		/^t\.litmus:\d+:\d+: error: \S/.test(first) &&
		/^ *\d+ \|/.test(line) &&
		/^ {6}\| +\^~*$/.test(caret) &&
		!/undefined|\[object|NaN/.test(error.message)
	);
}

test('a file that is cut off anywhere is an error, or complete', (t) => {
	for (const text of [EVERYTHING, ...classics.slice(0, 6).map(([, text]) => text)]) {
		// What follows the last parenthesis is white space and a comment.
		const end = text.replace(/\(\*[^*]*\*\)\s*$/, '').lastIndexOf(')');
		for (let length = 0; length < text.length; length++) {
			const error = errorOf(text.slice(0, length));
			if (length <= end) t.truthy(error, `${length} characters of ${text.slice(0, 30)}`);
			if (error !== undefined && !wellFormed(error)) t.fail(error.message);
		}
	}
});

test('a file that was changed anywhere is an error, or a test', (t) => {
	const texts = [EVERYTHING, ...classics.map(([, text]) => text)];
	const pieces = [
		'(',
		')',
		'{',
		'}',
		';',
		'*',
		'"',
		'/*',
		'(*',
		'*)',
		'99999999999',
		'x',
		'P0',
		'-',
	];
	const mutation = fc.record({
		text: fc.constantFrom(...texts),
		at: fc.nat(),
		remove: fc.nat(8),
		insert: fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 4 })),
	});
	fc.assert(
		fc.property(mutation, ({ text, at, remove, insert }) => {
			const from = at % text.length;
			const error = errorOf(text.slice(0, from) + insert + text.slice(from + remove));
			return error === undefined || wellFormed(error);
		}),
		{ numRuns: 1500, seed: 1 },
	);
	t.pass();
});

test('text that has nothing to do with it is an error', (t) => {
	fc.assert(
		fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
			const error = errorOf(text);
			return error !== undefined && wellFormed(error);
		}),
		{ numRuns: 300, seed: 1 },
	);
	t.pass();
});

test('what is too deep or too long is an error', (t) => {
	const body = (text: string) => `C t\n{}\nP0(int *x)\n{\n${text}\n}\nexists (x=1)\n`;
	for (const text of [
		body(`*x = ${'('.repeat(20000)}1${')'.repeat(20000)};`),
		body(`*x = ${'1 + '.repeat(10000)}1;`),
		body(`*x = ${'!'.repeat(20000)}1;`),
		body(`${'if (*x) '.repeat(5000)}*x = 1;`),
		body('{'.repeat(20000) + '}'.repeat(20000)),
		`C t\n${'(*'.repeat(20000)}`,
		`C t\n{}\nP0(int *x) {}\nexists ${'('.repeat(20000)}x=1${')'.repeat(20000)}`,
		`C t\n{}\nP0(int *x) {}\nexists ${'not '.repeat(10000)} x=1`,
		body('*x = 1;\n'.repeat(10000)),
	]) {
		const error = errorOf(text);
		t.truthy(error);
		t.true(wellFormed(error!), error!.message.slice(0, 300));
	}
});

test('the bundle has the same parser, ready made', async (t) => {
	const { outputFiles } = await build({
		stdin: {
			contents: `export { parse } from './grammar.ts';`,
			resolveDir: new URL('.', import.meta.url).pathname,
		},
		bundle: true,
		write: false,
		format: 'esm',
		platform: 'node',
		plugins: [litmusGrammar()],
		logLevel: 'silent',
	});
	const source = outputFiles[0].text;
	t.false(/from "peggy"|readFileSync/.test(source), 'needs neither peggy nor the grammar');
	const module = await import(`data:text/javascript;base64,${btoa(source)}`);
	const parsed = parseLitmus(EVERYTHING);
	t.is(module.parse(EVERYTHING).name, parsed.name);
	t.throws(() => module.parse('C t\n{'), { message: /end of input/ });
	t.true(printTest(parsed).startsWith('C everything\n'));
});
