// SPDX-License-Identifier: GPL-2.0-only
/**
 * System calls that change an address space, one program alone: what they return, what they leave
 * mapped, and which error numbers they give. In each case the last line of the program must hold.
 */
import test from 'ava';
import { loadArtifact } from '../kts/artifact.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { configure, PROFILES } from './config.ts';
import { runLitmus } from './litmus.ts';
import { projectRoot } from './scenarios.ts';

const artifact = await loadArtifact(projectRoot());

const RW = 'PROT_READ | PROT_WRITE';
const ANON = `MAP_PRIVATE | MAP_ANONYMOUS`;
const map = (pages: number, more = 'f, 0', flags = 'MAP_SHARED') =>
	`mmap(NULL, ${pages} * 4096, ${RW}, ${flags}, ${more})`;

interface Case {
	name: string;
	body: string;
	/** what holds in every final state */
	holds: string;
}

const CASES: Case[] = [
	{
		name: 'munmap of the middle leaves both ends',
		body: `int *p = ${map(3)}; int r0 = munmap(p + 1024, 4096); int r1 = *p; int r2 = p[2048];
			r0 = r0 + munmap(p + 1024, 4096);`,
		holds: '0:r0=0 /\\ 0:r1=5 /\\ 0:r2=7',
	},
	{
		name: 'munmap of the middle unmaps it',
		body: `int *p = ${map(3)}; munmap(p + 1024, 4096); int r1 = p[1024];`,
		holds: '0:signal=SIGSEGV',
	},
	{
		name: 'munmap across two mappings and a hole',
		body: `int *p = ${map(2)}; int *q = ${map(2)}; munmap(p + 1024, 2 * 4096);
			int r0 = *p; r0 += q[1024]; int r1 = munmap(p, 4 * 4096); r0 += *q;`,
		holds: '0:r0=11 /\\ 0:r1=0 /\\ 0:signal=SIGSEGV',
	},
	{
		name: 'munmap: what is no page, and nothing',
		body: `int *p = ${map(1)}; int r0 = munmap(p + 1, 4096); int r1 = errno; errno = 0;
			int r2 = munmap(p, 0); int r3 = errno;`,
		holds: '0:r0=-1 /\\ 0:r1=EINVAL /\\ 0:r2=-1 /\\ 0:r3=EINVAL',
	},
	{
		name: 'mmap takes the place that is free, and what it is told',
		body: `int *p = ${map(2)}; munmap(p, 4096); int *q = ${map(1)}; int r0 = p == q;
			int *s = mmap(p + 1024, 4096, ${RW}, ${ANON} | MAP_FIXED, -1, 0); int r1 = p[1024];`,
		holds: '0:r0=1 /\\ 0:r1=0',
	},
	{
		name: 'mmap with a hint that is taken, and one that is not free',
		body: `int *p = ${map(3)}; munmap(p + 1024, 2 * 4096);
			int *q = mmap(p + 2048, 4096, ${RW}, MAP_SHARED, f, 4096); int r0 = q == p + 2048;
			int *s = mmap(p, 4096, ${RW}, MAP_SHARED, f, 4096); int r1 = s == p + 1024; r0 += *s; r0 += *q;`,
		holds: '0:r0=13 /\\ 0:r1=1',
	},
	{
		name: 'mmap with MAP_FIXED inside a page, and beyond the address space',
		body: `int *p = mmap(NULL, 4096, ${RW}, MAP_SHARED, f, 0); int *q;
			q = mmap(p + 1, 4096, ${RW}, MAP_SHARED | MAP_FIXED, f, 0); int r0 = errno;
			q = mmap(p + 102400, 4096, ${RW}, MAP_SHARED | MAP_FIXED, f, 0); int r1 = errno;`,
		holds: '0:r0=EINVAL /\\ 0:r1=ENOMEM',
	},
	{
		name: 'mmap: rights that the descriptor has not got',
		body: `int fd = open("f", O_RDONLY); int *p; p = ${map(1, 'fd, 0')}; int r0 = errno;
			fd = open("f", O_WRONLY); p = ${map(1, 'fd, 0', 'MAP_PRIVATE')}; int r1 = errno;
			p = ${map(1, 'f, 0', '0')}; int r2 = errno; p = ${map(1, '9, 0')}; int r3 = errno;`,
		holds: '0:r0=EACCES /\\ 0:r1=EACCES /\\ 0:r2=EINVAL /\\ 0:r3=EBADF',
	},
	{
		name: 'memory of no file is merged with its neighbour: no vma is needed',
		body: `int *p = ${map(1, '-1, 0', ANON)}; int *q = ${map(1, '-1, 0', ANON)}; int r0 = 0;
			p = ${map(1, '-1, 0', ANON)}; *p = 4; *q = 5; r0 = *p; r0 += *q; munmap(q, 4096); r0 += *p;`,
		holds: '0:r0=13',
	},
	{
		name: 'mprotect of the middle, and back',
		body: `int *p = ${map(3)}; p[1024] = 9; int r0 = mprotect(p + 1024, 4096, PROT_READ);
			*p = 8; p[2048] = 8; int r1 = p[1024]; r0 += mprotect(p, 3 * 4096, ${RW}); p[1024] = 10;`,
		holds: '0:r0=0 /\\ 0:r1=9 /\\ f[1]=10 /\\ 0:signal=0',
	},
	{
		name: 'mprotect to PROT_NONE keeps the page',
		body: `int *p = mmap(NULL, 4096, ${RW}, MAP_PRIVATE, f, 0); *p = 9;
			int r0 = mprotect(p, 4096, PROT_NONE); r0 += mprotect(p, 4096, PROT_READ); int r1 = *p;
			mprotect(p, 4096, PROT_NONE); r0 += *p;`,
		holds: '0:r0=0 /\\ 0:r1=9 /\\ 0:signal=SIGSEGV /\\ f[0]=5',
	},
	{
		name: 'a store after mprotect to PROT_READ, at each end',
		body: `int *p = ${map(2)}; *p = 1; p[1024] = 1; mprotect(p, 4096, PROT_READ); p[1024] = 2;
			*p = 2;`,
		holds: '0:signal=SIGSEGV /\\ f[0]=1 /\\ f[1]=2',
	},
	{
		name: 'a private page that was made read-only and writable again is not copied twice',
		body: `int *p = mmap(NULL, 4096, ${RW}, MAP_PRIVATE, f, 0); *p = 9;
			mprotect(p, 4096, PROT_READ); mprotect(p, 4096, ${RW}); *p = *p + 1; int r0 = *p;`,
		holds: '0:r0=10 /\\ f[0]=5',
	},
	{
		name: 'mprotect: a hole, rights that there are not, rights that it may not have',
		body: `int fd = open("f", O_RDONLY);
			int *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
			mprotect(p, 4096, ${RW}); int r0 = errno; mprotect(p, 2 * 4096, PROT_READ); int r1 = errno;
			mprotect(p, 4096, 16); int r2 = errno; mprotect(p + 1, 4096, PROT_READ); int r3 = errno;
			errno = 0; int r4 = mprotect(p, 0, PROT_READ);`,
		holds: '0:r0=EACCES /\\ 0:r1=ENOMEM /\\ 0:r2=EINVAL /\\ 0:r3=EINVAL /\\ 0:r4=0',
	},
	{
		name: 'mremap grows in place, shrinks, and moves when it must',
		body: `int *p = ${map(1)}; int *q = mremap(p, 4096, 2 * 4096, 0); int r0 = q == p; r0 += q[1024];
			q = mremap(p, 2 * 4096, 4096, 0); int *s = ${map(1)};
			q = mremap(p, 4096, 2 * 4096, 0); int r1 = errno;
			q = mremap(p, 4096, 2 * 4096, MREMAP_MAYMOVE); int r2 = q != p; r2 += q[1024]; r0 += *p;`,
		holds: '0:r0=7 /\\ 0:r1=ENOMEM /\\ 0:r2=7 /\\ 0:signal=SIGSEGV',
	},
	{
		name: 'mremap of the middle of a mapping keeps what was stored',
		body: `int *p = mmap(NULL, 3 * 4096, ${RW}, MAP_PRIVATE, f, 0); p[1024] = 9;
			int *q = mremap(p + 1024, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, p + 3072);
			int r0 = *q; int r1 = *p; r1 += p[2048]; r1 += p[1024];`,
		holds: '0:r0=9 /\\ 0:r1=12 /\\ 0:signal=SIGSEGV /\\ f[1]=6',
	},
	{
		name: 'mremap: errors',
		body: `int *p = ${map(1)}; int *q; q = mremap(p + 1, 4096, 4096, 0); int r0 = errno;
			q = mremap(p, 4096, 4096, 8); int r1 = errno;
			q = mremap(p + 1024, 4096, 2 * 4096, 0); int r2 = errno;
			q = mremap(p, 4096, 4096, MREMAP_FIXED, p + 1024); int r3 = errno;
			q = mremap(p, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, p); int r4 = errno;`,
		holds: '0:r0=EINVAL /\\ 0:r1=EINVAL /\\ 0:r2=EFAULT /\\ 0:r3=EINVAL /\\ 0:r4=EINVAL',
	},
	{
		name: 'remap_file_pages: pages in another order, and what is stored there',
		body: `int *p = ${map(3)}; int r0 = remap_file_pages(p, 4096, 0, 2, 0);
			r0 += remap_file_pages(p + 2048, 4096, 0, 0, 0); int r1 = *p; r1 = 10 * r1 + p[1024];
			r1 = 10 * r1 + p[2048]; *p = 9; r0 += munmap(p, 4096); r0 += mprotect(p + 2048, 4096, PROT_READ);
			int r2 = p[2048];`,
		holds: '0:r0=0 /\\ 0:r1=765 /\\ 0:r2=5 /\\ f[0]=5 /\\ f[2]=9',
	},
	{
		name: 'remap_file_pages: what is not in the cache comes with the first access',
		body: `int *p = ${map(2)}; int r0 = remap_file_pages(p, 2 * 4096, 0, 1, MAP_NONBLOCK);
			int r1 = p[1024]; r1 = 10 * r1 + *p; *p = 8;`,
		holds: '0:r0=0 /\\ 0:r1=76 /\\ f[1]=8',
	},
	{
		name: 'remap_file_pages: errors',
		body: `int *p = ${map(2)}; int *q = ${map(1, 'f, 0', 'MAP_PRIVATE')};
			int r0 = remap_file_pages(p, 4096, 1, 1, 0); r0 += remap_file_pages(p, 3 * 4096, 0, 0, 0);
			r0 += remap_file_pages(q, 4096, 0, 1, 0); r0 += remap_file_pages(p, 4096, 0, 3, 0);
			r0 += remap_file_pages(p, 100, 0, 0, 0); int r1 = errno;
			r0 += remap_file_pages(p + 102400, 4096, 0, 0, 0); int r2 = *p;`,
		holds: '0:r0=-6 /\\ 0:r1=EINVAL /\\ 0:r2=5',
	},
	{
		name: 'msync: flags, holes, and what is no shared mapping',
		body: `int *p = ${map(2)}; *p = 9; munmap(p + 1024, 4096);
			int r0 = msync(p, 2 * 4096, MS_SYNC); int r1 = errno; r0 += msync(p, 4096, MS_ASYNC | MS_SYNC);
			int r2 = errno; r0 += msync(p, 4096, 16); int r3 = errno; r0 += msync(p + 1, 1, MS_SYNC);
			r0 += msync(p, 0, MS_SYNC); r0 += msync(p, 4096, MS_INVALIDATE);
			r0 += msync(p, 4096, MS_ASYNC); r0 += msync(p, 4095, 0);
			int *q = mmap(NULL, 4096, ${RW}, MAP_PRIVATE, f, 4096); *q = 3; r0 += msync(q, 4096, MS_SYNC);`,
		holds: '0:r0=-4 /\\ 0:r1=ENOMEM /\\ 0:r2=EINVAL /\\ 0:r3=EINVAL /\\ f[0]=9 /\\ f[1]=6',
	},
];

/** No vma is left: the call fails, and what there was is still there. */
const WITHOUT_MEMORY: { call: string; bounds: string }[] = [
	{ call: 'mprotect(p, 4096, PROT_READ)', bounds: 'NR_VMAS=1' },
	{ call: 'mprotect(p + 1024, 4096, PROT_READ)', bounds: 'NR_VMAS=2' },
	{ call: 'munmap(p + 1024, 4096)', bounds: 'NR_VMAS=1' },
];
for (const { call, bounds } of WITHOUT_MEMORY)
	for (const { name: profile } of PROFILES)
		test(`no memory: ${call}, ${bounds}, ${profile}`, async (t) => {
			const text = `C t\n(* Bounds: ${bounds} *)\n{ file f[3] = {5, 6, 7}; }
P0(file f)
{
	int *p = ${map(3)};
	int r0 = ${call};
	int r1 = errno;
	*p = 8; p[1024] = 9; p[2048] = 10;
}
forall (0:r0=-1 /\\ 0:r1=ENOMEM /\\ f[0]=8 /\\ f[1]=9 /\\ f[2]=10)
`;
			const configuration = configure({ profile });
			const { summary } = await runLitmus(artifact, parseLitmus(text, 't.litmus'), configuration);
			t.is(summary.warning, undefined);
			t.deepEqual(summary.flags, []);
			t.true(summary.negative === 0 && summary.positive > 0, JSON.stringify(summary.states));
		});

test('no memory: fork', async (t) => {
	const text = `C t
(* Bounds: NR_VMAS=1 *)
{ file f[1] = {5}; file g[1] = {6}; int x in f[0]; P1 child of P0; }
P0(int *x, file g)
{
	int *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, g, 0);
	int r0 = fork(P1);
	int r1 = errno;
	*x = 7;
	int r2 = *p;
}
P1() { exit(0); }
forall (0:r0=-1 /\\ 0:r1=ENOMEM /\\ 0:r2=6 /\\ f[0]=7)
`;
	const { summary } = await runLitmus(artifact, parseLitmus(text), configure({}));
	t.deepEqual(summary.flags, []);
	t.true(summary.negative === 0 && summary.positive > 0, JSON.stringify(summary.states));
});

// 2.4.22 reads a mapping that it has merged away; 2.6.9, and MREMAP_LINK_FIRST, look before.
for (const { name: profile } of PROFILES)
	for (const first of [true, false])
		test(`mremap merges the mapping itself, ${profile}, link first: ${first}`, async (t) => {
			const text = `C t
{ }
P0()
{
	int *p = ${map(3, '-1, 0', ANON)};
	p[2048] = 9;
	munmap(p + 1024, 4096);
	int *q = mremap(p + 2048, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, p + 1024);
	int r0 = *q;
	int r1 = p[2048];
}
forall (0:r0=9 /\\ 0:signal=SIGSEGV)
`;
			const change = { [first ? 'with' : 'without']: ['MREMAP_LINK_FIRST'] };
			const configuration = configure({ profile, ...change });
			const { summary } = await runLitmus(artifact, parseLitmus(text, 't.litmus'), configuration);
			if (!first) {
				t.deepEqual(summary.flags, ['BUG (1)']);
				return;
			}
			t.deepEqual(summary.flags, []);
			t.true(summary.negative === 0 && summary.positive > 0, JSON.stringify(summary.states));
		});

for (const { name, body, holds } of CASES)
	for (const { name: profile } of PROFILES)
		test(`${name}, ${profile}`, async (t) => {
			const text = `C t\n{ file f[3] = {5, 6, 7}; }\nP0(file f)\n{\n${body}\n}\nforall (${holds})\n`;
			const configuration = configure({ profile });
			const { summary } = await runLitmus(artifact, parseLitmus(text, 't.litmus'), configuration);
			t.is(summary.warning, undefined);
			t.deepEqual(summary.flags, []);
			t.true(summary.negative === 0 && summary.positive > 0, JSON.stringify(summary.states));
		});
