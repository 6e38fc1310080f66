// SPDX-License-Identifier: GPL-2.0-only
/**
 * The oracle knows the classic shapes, and the compiled programs do on a flat memory what the
 * oracle says that the text means: on the shapes, on hundreds of random programs, and on what
 * random programs do not have (loops, errors, signals).
 */
import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { compile } from '../litmus/compile.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { summarize } from '../litmus/report.ts';
import { interpret } from './interpret.ts';
import { oracle } from './oracle.ts';
import { randomLitmus } from './random.ts';

const folder = new URL('../scenarios/classic/', import.meta.url);

/** States of each shape under sequential consistency; those of plain shapes are herd7's. */
const STATES: Record<string, number> = {
	'2+2W': 3,
	'2+2W+pwrites': 3,
	CoRR: 3,
	'CoRR+load+pread': 3,
	'CoRR+pread+load': 3,
	CoRW: 3,
	CoWR: 3,
	'CoWR+pwrite+load': 3,
	CoWW: 1,
	IRIW: 15,
	'IRIW+preads': 15,
	ISA2: 7,
	LB: 3,
	'LB+preads+stores': 3,
	MP: 3,
	'MP+mmap': 3,
	'MP+one-node': 3,
	'MP+pwrites+loads': 3,
	'MP+pwrites+preads': 3,
	'MP+stores+preads': 3,
	'MP+wait': 1,
	R: 3,
	S: 3,
	SB: 3,
	'SB+files': 3,
	'SB+pwrite+load': 3,
	'SB+store+pread': 3,
	'SB+threads': 3,
	WRC: 7,
};

test('the classic shapes', (t) => {
	const found: Record<string, number> = {};
	for (const name of readdirSync(folder)) {
		const parsed = parseLitmus(readFileSync(new URL(name, folder), 'utf8'), name);
		const states = oracle(parsed);
		const { observation } = summarize(parsed, { states, complete: true, seconds: 0 });
		t.is(observation, 'Never', name);
		t.deepEqual(interpret(compile(parsed)).finals, states, name);
		found[parsed.name] = states.length;
	}
	t.deepEqual(found, STATES);
});

test('oracle and bytecode agree on random programs', (t) => {
	let [cleared, uncleared] = [0, 0];
	for (let seed = 1; seed <= 300; seed++) {
		const text = randomLitmus(seed);
		const parsed = parseLitmus(text, `random-${seed}`);
		const expected = oracle(parsed);
		const bare = interpret(compile(parsed, { clear: false }));
		const clean = interpret(compile(parsed));
		t.deepEqual(bare.finals, expected, text);
		t.deepEqual(clean.finals, expected, text);
		t.true(clean.states <= bare.states, text);
		cleared += clean.states;
		uncleared += bare.states;
	}
	t.true(cleared < uncleared, 'clearing dead registers makes states the same');
});

test('random programs are the same for the same seed, and of every kind', (t) => {
	const texts = Array.from({ length: 300 }, (_, seed) => randomLitmus(seed));
	t.is(randomLitmus(7), texts[7]);
	t.is(new Set(texts).size, texts.length);
	for (const part of [
		'pread(',
		'pwrite(',
		'mmap(',
		'READ_ONCE',
		'P3(',
		' on ',
		' shares ',
		'if (',
	]) {
		const number = texts.filter((text) => text.includes(part)).length;
		t.true(number >= 15 && number <= 295, `${number} with ${part}`);
	}
	const plain = randomLitmus(3, { calls: false, maps: false, placed: false, branches: false });
	t.notRegex(plain, /pread|pwrite|mmap|file| on |shares|if/);
});

/** The final states, from the oracle and from the bytecode. */
function finals(init: string, processes: string[], asked: string): number[][] {
	const bodies = processes.map((body, index) => `P${index}${body}`).join('\n');
	const parsed = parseLitmus(`C t\n{ ${init} }\n${bodies}\nlocations [${asked}]\nexists (true)\n`);
	const states = oracle(parsed);
	return JSON.stringify(interpret(compile(parsed)).finals) === JSON.stringify(states)
		? states
		: [[-999]];
}

test('loops end when what they wait for happens', (t) => {
	const ping =
		'(int *x, int *y) { int n; while (n < 2) { *x = n + 1; while (*y != n + 1) ; n++; } }';
	const pong =
		'(int *x, int *y) { int n; while (n < 2) { while (*x != n + 1) ; *y = n + 1; n++; } }';
	t.deepEqual(finals('', [ping, pong], '0:n; 1:n; x; y;'), [[2, 2, 2, 2]]);
	const retry =
		'(int *x) { int r; while (1) { r = *x; if (r == 0) continue; if (r > 1) break; return; } r = 9; }';
	t.deepEqual(finals('', [retry, '(int *x) { *x = 1; *x = 2; }'], '0:r;'), [[1], [9]]);
	t.deepEqual(finals('', ['(int *x) { while (*x == 0) ; }'], 'x;'), [], 'never ends');
});

test('expressions have the values that C gives them', (t) => {
	const cases: [string, number][] = [
		['1 + 2 * 3 - 8 / 3 % 2', 7],
		['-7 / 2', -3],
		['-7 % 4', -3],
		['2147483647 + a', -2147483648],
		['-2147483648', -2147483648],
		['65536 * 65537 * a', 65536],
		['1 << 31', -2147483648],
		['5 << b', 5],
		['-8 >> 1', -4],
		['~5 & 0xff ^ 3 | 256', 505],
		['(a > 0) + (a >= 1) + (a < 2) + (a <= 0) + (a != 1) + (a == 1)', 4],
		['!a + !!a', 1],
		['a && b', 0],
		['b || a', 1],
		['a ? b ? 1 : 2 : 3', 2],
		['a && (b || !b) ? +a : -a', 1],
		['010 + 0x10', 24],
		['sizeof(int) * PAGE_SIZE', 16384],
		['x == y', 0],
		['x + 0 == x', 1],
		['x != NULL && NULL == 0', 1],
	];
	for (const [text, value] of cases) {
		const body = `(int *x, int *y) { int a = 1; int b; int r = ${text}; }`;
		t.deepEqual(finals('', [body], '0:r;'), [[value]], text);
	}
	const assigned = '(int *x) { int a = 5; a -= 2; a <<= 3; a |= 1; ++a; a--; *x = 3; *x *= a; }';
	t.deepEqual(finals('', [assigned], '0:a; x;'), [[25, 75]]);
});

test('pointers move by ints, to the starts of pages', (t) => {
	const body = `(file f) {
		int *p = mmap(NULL, 3 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
		int i = 1; int *q = p + 1024;
		p[2048] = 7; *(q - 1024) = 5; *(p + i * 1024) += 6; q = q + i * 1024;
		int r = *q; q -= 1024; int s = q[1024 * -i]; int ok = q == 1024 + p; }`;
	t.deepEqual(finals('file f[3] = {1, 2, 3};', [body], '0:r; 0:s; 0:ok; f[0]; f[1]; f[2];'), [
		[1, 7, 5, 5, 8, 7],
	]);
});

test('calls fail as they do in C', (t) => {
	const body = (text: string) => [`(file f) { int r; int e; ${text} }`];
	const one = (text: string) => finals('file f[1] = {4};', body(text), '0:r; 0:e;');
	const [EBADF, EACCES, EINVAL, ENOMEM] = [9, 13, 22, 12];
	t.deepEqual(one('r = close(f); r = close(f); e = errno;'), [[EBADF, -1]]);
	t.deepEqual(one('pread(f, &r, sizeof(int), 0); e = pread(f, &r, sizeof(int), 4096);'), [[0, 4]]);
	t.deepEqual(one('r = pread(f, &e, 4, -4096); e = errno;'), [[EINVAL, -1]]);
	t.deepEqual(one('r = pwrite(99, &(int){1}, 4, 0); e = errno;'), [[EBADF, -1]]);
	const open = 'int d = open("f", O_RDONLY);';
	t.deepEqual(one(`${open} r = pwrite(d, &(int){1}, 4, 0); e = errno;`), [[EBADF, -1]]);
	const map = (prot: string) =>
		`${open} int *p = mmap(NULL, 4096, ${prot}, MAP_SHARED, d, 0); r = p == MAP_FAILED; e = errno;`;
	t.deepEqual(one(map('PROT_READ')), [[0, 0]]);
	t.deepEqual(one(map('PROT_READ | PROT_WRITE')), [[EACCES, 1]]);
	t.deepEqual(one('int *p; r = msync(p, 4096, MS_SYNC); e = errno;'), [[ENOMEM, -1]]);
	t.deepEqual(one('int *p; r = munmap(p, 0); e = errno;'), [[EINVAL, -1]]);
});

test('a page has several ints, and a file ends between two of them', (t) => {
	const final = (init: string, body: string) =>
		oracle(parseLitmus(`C t\n{ ${init} }\nP0(file f)\n{ ${body} }\nexists (0:r=0 /\\ 0:e=0)`));
	const map = 'int *p = mmap(NULL, 8192, 3, MAP_SHARED, f, 0); int r; int e;';
	const two = 'file f[2]; int x in f[0][1023] = 7; int y in f[1] = 8;';
	t.deepEqual(final(two, `${map} r = p[1023]; e = p[1024];`), [[8, 7]]);
	t.deepEqual(final(two, `${map} e = pread(f, p, 8, 4092); r = p[1];`), [[8, 8]]);
	t.deepEqual(final(two, `${map} ftruncate(f, 4092); ftruncate(f, 8192); r = p[1023];`), [[0, 0]]);
	t.deepEqual(final('file f[1];', `${map} ftruncate(f, 4); p[1] = 3; ftruncate(f, 8); r = p[1];`), [
		[0, 0],
	]);
	t.deepEqual(final(two, `${map} ftruncate(f, 4096); e = pread(f, p, 8, 4092); r = *p;`), [[4, 7]]);
	t.deepEqual(final(two, `${map} p[0] = 1; p[1] = 2; e = pwrite(f, p, 8, 4092); r = p[1024];`), [
		[8, 2],
	]);
});

test('accesses to nothing end a process', (t) => {
	const end = (text: string) =>
		finals(
			'file f[1] = {4};',
			[`(int *x, file f) { int r = 1; ${text} r = 2; }`],
			'0:r; 0:signal; x;',
		);
	const [SIGBUS, SIGFPE, SIGSEGV] = [7, 8, 11];
	t.deepEqual(end('int *p; *p = 1;'), [[1, SIGSEGV, 0]]);
	t.deepEqual(end('*x = 1; munmap(x, 4096); r = *x;'), [[1, SIGSEGV, 1]]);
	const map = (length: number, prot: string, type: string, fd: string) =>
		`int *p = mmap(NULL, ${length}, ${prot}, ${type}, ${fd}, 0);`;
	t.deepEqual(end(`${map(8192, 'PROT_READ', 'MAP_SHARED', 'f')} r = p[1024];`), [[1, SIGBUS, 0]]);
	t.deepEqual(end(`${map(4096, 'PROT_READ', 'MAP_SHARED', 'f')} *p = 1;`), [[1, SIGSEGV, 0]]);
	t.deepEqual(end('r = 3; r = r / *x;'), [[3, SIGFPE, 0]]);
	const anonymous = map(4096, 'PROT_READ | PROT_WRITE', 'MAP_PRIVATE | MAP_ANONYMOUS', '-1');
	t.deepEqual(end(`${anonymous} *p = 5; *x = *p;`), [[2, 0, 5]]);
	const privately = map(4096, 'PROT_READ | PROT_WRITE', 'MAP_PRIVATE', 'f');
	t.deepEqual(end(`${privately} *p = 5; pread(f, &r, 4, 0); *x = *p + r;`), [[2, 0, 9]]);
});

test('files grow, and have holes', (t) => {
	const body = `(file f) { int a = -1; int b; int c;
		pwrite(f, &(int){7}, sizeof(int), 4096);
		b = pread(f, &a, sizeof(int), 0); c = pread(f, &c, sizeof(int), 8192); }`;
	t.deepEqual(finals('file f[0];', [body], '0:a; 0:b; 0:c; f[0]; f[1];'), [[0, 4, 0, 0, 7]]);
});

test('threads have one address space, processes of one node do not', (t) => {
	const maps = `(file f, int *go) { int *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); *p = 6; close(f); *go = 1; }`;
	// The pages of the variable and of the mapping are neighbours.
	const looks = `(file f, int *go) { while (*go == 0) ; int *p = go + 1024; int r;
		int n = pread(f, &r, sizeof(int), 0); int e = errno; r = *p; }`;
	const asked = '1:n; 1:e; 1:r; 1:signal;';
	const init = 'file f[1]; P1 on 0;';
	t.deepEqual(finals('file f[1]; P1 shares P0;', [maps, looks], asked), [[9, -1, 6, 0]]);
	t.deepEqual(finals(init, [maps, looks], asked), [[0, 4, 0, 11]]);
});
