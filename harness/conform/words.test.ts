// SPDX-License-Identifier: GPL-2.0-only
/**
 * Pages of several ints, ends of files inside a page, and reads and writes of several ints: one
 * program alone, on each kernel, must end as it does on the flat memory of the oracle.
 */
import test from 'ava';
import { loadArtifact } from '../kts/artifact.ts';
import { compile } from '../litmus/compile.ts';
import { locationName, observedOf } from '../litmus/observe.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { interpret } from '../testing/interpret.ts';
import { oracle } from '../testing/oracle.ts';
import { configure, PROFILES } from './config.ts';
import { runLitmus } from './litmus.ts';
import { projectRoot } from './scenarios.ts';

const artifact = await loadArtifact(projectRoot());

const MAP = 'int *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);';
const COPY = 'int *c = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, f, 0);';
const BUFFER = 'int *b = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, g, 0);';

const CASES: Record<string, string> = {
	'loads and stores': `${MAP} p[1] = 4; a = p[1]; d = p[1023]; p[1024] = a; e = p[0];`,
	'a private copy has all ints of its page': `${COPY} a = c[1023]; c[0] = 9; d = c[1023]; e = c[1];`,
	'a read over the boundary of two pages': `${BUFFER} a = pread(f, b, 8, 4092); d = *b; e = b[1];`,
	'a read that the end of the file cuts short': `${BUFFER} ftruncate(f, 4096);
		a = pread(f, b, 8, 4092); d = b[0]; e = b[1];`,
	'a read behind the end': `${BUFFER} ftruncate(f, 4); a = pread(f, b, 8, 4); d = b[0]; e = b[1];`,
	'a write over the boundary': `${BUFFER} ${MAP} b[0] = 7; b[1] = 8; a = pwrite(f, b, 8, 4092);
		d = p[1023]; e = p[1024];`,
	'a write that makes the file longer': `${BUFFER} ftruncate(f, 4); b[1] = 8;
		a = pwrite(f, b, 8, 4); d = pread(f, &e, 4, 8);`,
	'a write behind the end leaves zeros': `ftruncate(f, 4); a = pwrite(f, &(int){8}, 4, 8);
		d = pread(f, &e, 4, 4);`,
	'what is cut off is 0 when it comes back': `${MAP} a = p[1023]; ftruncate(f, 4092);
		ftruncate(f, 4096); d = p[1023]; e = p[0];`,
	'a file that is cut, without a mapping': `ftruncate(f, 4092); ftruncate(f, 8192);
		a = pread(f, &d, 4, 4092); a = pread(f, &e, 4, 4096);`,
	'a load behind the last page': `${MAP} ftruncate(f, 4); a = p[0]; d = p[1024];`,
	'a copy of what is cut stays': `${COPY} c[1] = 3; ftruncate(f, 4); a = c[1]; d = c[0];`,
	'read and write move the position': `write(f, &(int){8}, 4); a = read(f, &d, 4);
		write(f, &(int){9}, 4); pread(f, &e, 4, 8);`,
	'several ints at the position': `${BUFFER} a = read(f, b, 8); d = b[1]; b[0] = 2;
		write(f, b, 8); pread(f, &e, 4, 8);`,
	'read to the end': 'ftruncate(f, 4); a = read(f, &d, 4); e = read(f, &d, 4);',
	'a buffer that ends at unmapped memory': `${BUFFER} munmap(b, 4096);
		a = pread(f, b, 8, 0); d = errno;`,
	'half a buffer': `${BUFFER} a = pread(f, b + 1023, 8, 0); d = b[1023];
		e = pread(f, b + 1023, 4, 4092);`,
};

for (const [name, body] of Object.entries(CASES)) {
	const text = `C t
{
	file f[2] = {5};
	int v in f[0][1023] = 6;
	file g[1] = {1};
}
P0(file f, file g)
{
	int a;
	int d;
	int e;
	${body}
}
locations [0:a; 0:d; 0:e; 0:signal; f[0]; f[0][1]; f[0][2]; v; f[1]; f[1][1];]
exists (true)
`;
	const parsed = parseLitmus(text, 't.litmus');

	test(`${name}: the oracle and the bytecode`, (t) => {
		t.deepEqual(interpret(compile(parsed)).finals, oracle(parsed));
	});

	for (const { name: profile } of PROFILES)
		for (const local of [0, 1])
			test(`${name}, ${profile}, ${local ? 'local' : 'cluster'}`, async (t) => {
				const bounds = { ...parsed.header.bounds, LOCAL_FS: local };
				const there = { ...parsed, header: { ...parsed.header, bounds } };
				const { summary } = await runLitmus(artifact, there, configure({ profile }));
				t.is(summary.warning, undefined);
				t.deepEqual(summary.flags, []);
				const names = observedOf(parsed).map((place) => locationName(parsed, place));
				const ends = summary.states.map((state) => names.map((place) => state[place]));
				t.deepEqual(ends, oracle(parsed));
			});
}
