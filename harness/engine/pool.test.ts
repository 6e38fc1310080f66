// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { build } from 'esbuild';
import type { FixtureJobs } from './pool.fixture.ts';
import { JobError, Pool, WorkerDied } from './pool.ts';

const worker = new URL('./pool.fixture.ts', import.meta.url);
const pool = (size = 2) => new Pool<FixtureJobs>({ worker, size });

test('results come in the order of the arguments, whichever is ready first', async (t) => {
	const p = pool(3);
	const list = [60, 1, 30, 5, 1, 20].map((ms, i) => ({ ms, value: `v${i}` }));
	const ended: number[] = [];
	const seen: string[] = [];
	const values = await p.map('slow', list, {
		onResult: (i) => ended.push(i),
		onProgress: (i, v) => seen.push(`${i} ${v}`),
	});
	t.deepEqual(values, ['v0', 'v1', 'v2', 'v3', 'v4', 'v5']);
	t.deepEqual([...ended].sort(), [0, 1, 2, 3, 4, 5]);
	t.deepEqual(
		[...seen].sort(),
		list.flatMap((_, i) => [`${i} begun`, `${i} done`]),
	);
	t.deepEqual(await p.map('square', [1, 2, 3]), [1, 4, 9]);
	t.deepEqual(await p.map('square', []), []);
	await p.close();
});

test('a job that throws: which one, and what', async (t) => {
	const p = pool();
	const e = await t.throwsAsync(p.submit('fail', 'too bad', { name: 'S01' }), {
		instanceOf: JobError,
		message: 'S01: too bad',
	});
	t.is(e?.remote.name, 'TypeError');
	t.regex(e?.remote.stack ?? '', /pool\.fixture/);
	t.is(await p.submit('square', 3), 9);
	await p.close();
});

test('of several failures the first in order is told, and what has not begun is dropped', async (t) => {
	const p = pool(2);
	const other = p.submit('slow', { ms: 50, value: 'other' });
	await t.throwsAsync(
		p.map(
			'fail',
			Array.from({ length: 50 }, (_, i) => `no ${i}`),
			{ name: (_, i) => `job ${i}` },
		),
		{ message: 'job 0: no 0' },
	);
	t.is(await other, 'other');
	await p.close();
});

test('a worker that dies takes only its job with it', async (t) => {
	const p = pool(2);
	const settled = await Promise.allSettled([
		p.submit('exit', 3, { name: 'leaver' }),
		p.submit('throwLater', undefined, { name: 'thrower' }),
		p.submit('unreadable', undefined),
		...[1, 2, 3, 4, 5].map((n) => p.submit('square', n)),
	]);
	const [exit, thrown, unreadable, ...rest] = settled.map((s) =>
		s.status === 'fulfilled' ? s.value : s.reason,
	);
	t.true(exit instanceof WorkerDied);
	t.is(exit.message, 'leaver: its worker died: it ended with code 3');
	t.true(thrown instanceof WorkerDied);
	t.is(thrown.message, 'thrower: its worker died: out of the blue');
	t.true(unreadable instanceof JobError);
	t.deepEqual(rest, [1, 4, 9, 16, 25]);
	await p.close();
});

test('a worker that cannot be started is no job that hangs', async (t) => {
	for (const file of ['./no-such.ts', './no-such.js', './toy.ts']) {
		const p = new Pool<FixtureJobs>({ worker: new URL(file, import.meta.url), size: 1 });
		await t.throwsAsync(p.submit('square', 1), { instanceOf: WorkerDied }, file);
		await p.close();
	}
});

test('stop() ends explorations under way', async (t) => {
	const p = pool(2);
	const jobs = p.map('count', Array(3).fill({ n: 8, top: 40 }));
	setTimeout(() => p.stop(), 600);
	for (const r of await jobs) t.is(r.reason, 'signal');
	await p.close();
});

test('close() leaves no job without an answer', async (t) => {
	const p = pool(1);
	const jobs = [1, 2, 3].map(() => p.submit('slow', { ms: 60_000, value: '' }));
	const settled = Promise.allSettled(jobs);
	await p.close();
	for (const s of await settled) t.is(s.status, 'rejected');
	await t.throwsAsync(p.submit('square', 1), { message: /closed/ });
});

test('an argument that is not plain data is refused', async (t) => {
	const p = pool(1);
	const f = (() => 1) as unknown as number;
	await t.throwsAsync(p.submit('square', f), { message: /not plain data/ });
	t.is(await p.submit('square', 2), 4);
	await p.close();
});

test('a bundled worker', async (t) => {
	const folder = await mkdtemp(path.join(tmpdir(), 'vfshook-'));
	t.teardown(() => rm(folder, { recursive: true }));
	const outfile = path.join(folder, 'worker.js');
	await build({
		entryPoints: [new URL('./pool.fixture.ts', import.meta.url).pathname],
		outfile: outfile.replace(/js$/, 'mjs'),
		bundle: true,
		platform: 'node',
		format: 'esm',
	});
	const url = pathToFileURL(outfile.replace(/js$/, 'mjs'));
	const p = new Pool<FixtureJobs>({ worker: url, size: 2 });
	t.deepEqual(await p.map('count', [{ n: 2, top: 3 }]), [
		{ states: 16, verdict: 'complete', reason: undefined },
	]);
	await p.close();
});
