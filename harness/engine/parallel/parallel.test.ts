// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { explore } from '../explorer.ts';
import type { ExploreOptions } from '../options.ts';
import { JobError, Pool, WorkerDied } from '../pool.ts';
import type { Result, Step } from '../result.ts';
import { counters, toyMachine } from '../toy.ts';
import { exploreParallel, type ParallelOptions } from './explore.ts';
import { type Case, type FixtureJobs, subjectOf } from './parallel.fixture.ts';
import { searchMemory } from './stores.ts';

const worker = new URL('./parallel.fixture.ts', import.meta.url);
/** by size, for all tests that leave them in order */
const pools = [0, 1, 2, 3].map((size) => new Pool<FixtureJobs>({ worker, size }));

interface Options extends ParallelOptions {
	workers?: number;
	pool?: Pool<FixtureJobs>;
}

/** With workers from the first state on, all of them at every level. */
function parallel(c: Case, { workers = 2, pool = pools[workers], ...options }: Options = {}) {
	const source = { pool, job: 'explore', argument: c };
	return exploreParallel(subjectOf(c), source, { trialStates: 1, aloneBelow: 0, ...options });
}
function alone(c: Case, options: ExploreOptions = {}): Result {
	const { machine, checkTerminal } = subjectOf(c);
	return explore(machine, { checkTerminal, ...options });
}
/** What must be the same whoever explores. */
const figures = ({ verdict, states, transitions, depth, terminals, byProperty }: Result) => ({
	...{ verdict, states, transitions, depth, terminals, byProperty },
});

const KINDS = ['flat', 'tree'] as const;
/** Tables that grow all the time, and chunks that do not last. */
const TINY = { bits: 2, chunk: 3 };

const COMPLETE: Case[] = [
	{ toy: 'counters', parameters: [5, 6] },
	{ toy: 'philosophers', parameters: [6, 1, 1] },
	{ toy: 'peterson', parameters: [40] },
	{ toy: 'ring', parameters: [4, 2] },
	// the fields of a flat store become wider and wider
	{ toy: 'combination', parameters: [15, 3, 7] },
];
for (const c of COMPLETE)
	for (const visited of KINDS)
		test.serial(`the same figures whoever explores: ${c.toy}, ${visited}`, async (t) => {
			const expected = alone(c);
			t.is(expected.verdict, 'complete');
			for (const workers of [1, 2, 3])
				for (const store of [undefined, TINY]) {
					const found = await parallel(c, { workers, store, visited });
					t.deepEqual(figures(found), figures(expected), `${workers} workers`);
					t.is(found.trace, undefined);
				}
			const mixed = await parallel(c, { aloneBelow: 60, workers: 3, visited });
			t.deepEqual(figures(mixed), figures(expected));
		});

test.serial('equal hashes only make it slow', async (t) => {
	const c: Case = { toy: 'ring', parameters: [3, 1] };
	for (const visited of KINDS) {
		const found = await parallel(c, { store: { ...TINY, badHash: true }, visited });
		t.deepEqual(figures(found), figures(alone(c)));
	}
});

test.serial('machines made up at random, all violations counted', async (t) => {
	let violated = 0;
	for (let seed = 1; seed <= 120; seed++) {
		const c: Case = { toy: 'random', parameters: [seed] };
		const options = { stopAtFirst: false, maxStates: 3000 };
		const expected = alone(c, options);
		if (expected.reason) continue;
		const visited = KINDS[seed % 2];
		const all = { ...options, store: TINY, workers: 1 + (seed % 3), visited };
		const found = await parallel(c, all);
		t.deepEqual(figures(found), figures(expected), `seed ${seed}`);
		t.is(found.violations, expected.violations);
		if (expected.violation?.property !== 'I9') t.is(found.trace?.length, expected.trace?.length);
		if (found.violation) violated++;
	}
	t.true(violated > 5, `only ${violated} were violated`);
});

/** Takes the steps of a trace; true if they lead to what is said to be wrong. */
function leadsThere(c: Case, { trace = [], violation }: Result): boolean {
	const { machine, checkTerminal } = subjectOf(c);
	machine.reset();
	try {
		for (const [task, choice] of trace) {
			if (machine.ready(task) <= choice) return false;
			machine.step(task, choice);
		}
		machine.check();
	} catch (e) {
		return (e as { property?: string }).property === violation?.property;
	}
	if (machine.tasks.some((_, task) => machine.ready(task) > 0)) return false;
	const property = machine.finished() ? checkTerminal?.(machine)?.property : 'I9';
	return property !== undefined && property === violation?.property;
}

const VIOLATED: Case[] = [
	{ toy: 'philosophers', parameters: [6, 1] },
	{ toy: 'peterson', parameters: [40, 1] },
	{ toy: 'trap', parameters: [4, 9, 12, 0] },
	{ toy: 'trap', parameters: [4, 9, 12, 1] },
	{ toy: 'counters', parameters: [4, 5], wrong: 5 },
];
for (const c of VIOLATED)
	test.serial(
		`the same violation each time, in the fewest steps: ${JSON.stringify(c)}`,
		async (t) => {
			const expected = alone(c);
			t.is(expected.verdict, 'violated');
			const seen = new Set<string>();
			for (const workers of [1, 2, 3, 2, 2]) {
				const visited = KINDS[seen.size % 2];
				const found = await parallel(c, { workers, store: TINY, visited });
				t.is(found.trace?.length, expected.trace?.length);
				t.is(found.violation?.step, found.trace?.length);
				t.true(leadsThere(c, found), `${workers} workers`);
				seen.add(JSON.stringify([figures(found), found.violation, found.violations]));
			}
			t.is(seen.size, 1, [...seen].join('\n'));
		},
	);

test.serial('what terminal states gather comes back', async (t) => {
	for (const trialStates of [1, 100_000]) {
		const c: Case = { toy: 'ring', parameters: [3, 1], gather: true };
		const subject = subjectOf(c);
		explore(subject.machine, { onTerminal: subject.onTerminal });
		const { gathered } = await parallel(c, { trialStates });
		t.deepEqual((gathered as string[][]).flat().sort(), [subject.gathered?.()].flat().sort());
	}
});

test.serial('what is small is explored without workers', async (t) => {
	const c: Case = { toy: 'counters', parameters: [3, 3] };
	const pool = new Pool<FixtureJobs>({ worker: new URL('./not-there.ts', import.meta.url) });
	const found = await parallel(c, { pool, trialStates: undefined });
	t.deepEqual(figures(found), figures(alone(c)));
	await t.throwsAsync(parallel(c, { pool }), { instanceOf: WorkerDied });
});

for (const visited of KINDS)
	test.serial(`at a limit it is incomplete, not more: ${visited}`, async (t) => {
		const c: Case = { toy: 'counters', parameters: [6, 9] };
		const end = async (options: Options) => {
			const { verdict, reason, states, bytesPerState } = await parallel(c, { visited, ...options });
			t.deepEqual([verdict, reason], ['incomplete', reason]);
			return { reason, states, bytes: states * bytesPerState };
		};
		const states = await end({ maxStates: 5000, aloneBelow: 50 });
		t.like(states, { reason: 'states', states: 5000 });
		const memory = await end({ maxMemory: 2_000_000, workers: 3 });
		t.true(memory.reason === 'memory' && memory.bytes <= 2_000_000 && memory.states > 10_000);
		t.like(await end({ maxMemory: 20_000 }), { reason: 'memory' });
		t.like(await end({ store: { maxIds: 3000 } }), { reason: 'ids' });
		c.parameters = [8, 20];
		t.like(await end({ maxSeconds: 1 }), { reason: 'seconds' });
		const signal = { aborted: false };
		setTimeout(() => (signal.aborted = true), 500);
		t.like(await end({ signal }), { reason: 'signal' });
	});

test.serial('exactly as many states as are allowed are no limit', async (t) => {
	const c: Case = { toy: 'counters', parameters: [4, 5] };
	const all = await parallel(c, { maxStates: 6 ** 4 });
	t.deepEqual([all.verdict, all.states, all.reason], ['complete', 6 ** 4, undefined]);
	const less = await parallel(c, { maxStates: 6 ** 4 - 1 });
	t.deepEqual([less.verdict, less.states, less.reason], ['incomplete', 6 ** 4 - 1, 'states']);
});

test.serial('progress is told', async (t) => {
	const seen: number[] = [];
	const signal = { aborted: false };
	await parallel(
		{ toy: 'counters', parameters: [8, 20] },
		{
			signal,
			onProgress: ({ states, queue, depth, bytes, transitions }) => {
				t.true(queue >= 0 && depth >= 0 && bytes > 0 && transitions >= 0);
				seen.push(states);
				signal.aborted = (seen.at(-1) ?? 0) > (seen.at(-2) ?? states);
			},
		},
	);
	t.true(signal.aborted);
});

const big = { toy: 'counters', parameters: [6, 9] } as const;
for (const aloneBelow of [0, Number.POSITIVE_INFINITY]) {
	const how = aloneBelow === 0 ? 'while all work' : 'while one works alone';
	test.serial(`a worker that ends is an error: ${how}`, async (t) => {
		const c: Case = { ...big, parameters: [6, 9], fault: { steps: 50_000, kind: 'exit' } };
		const e = await t.throwsAsync(
			parallel(c, { aloneBelow, pool: new Pool({ worker, size: 2 }) }),
			{ instanceOf: WorkerDied },
		);
		t.regex(e?.message ?? '', /^worker [12] of 2: its worker died: it ended with code 7$/);
	});

	test.serial(`a machine that throws is an error: ${how}`, async (t) => {
		const c: Case = { ...big, parameters: [6, 9], fault: { steps: 50_000, kind: 'throw' } };
		const e = await t.throwsAsync(
			parallel(c, { aloneBelow, pool: new Pool({ worker, size: 2 }) }),
			{ instanceOf: JobError },
		);
		t.regex(e?.message ?? '', /^worker [12] of 2: a machine that throws$/);
	});
}

for (const kind of KINDS)
	test.serial(`equal states have one id, however many find them at once: ${kind}`, async (t) => {
		const top = 400;
		const memory = searchMemory(2, 2 ** 30, toyMachine(counters(2, top)), { kind });
		const found = await Promise.all(
			[0, 1].map((worker) => pools[2].submit('hammer', { memory, worker, kind, top })),
		);
		t.deepEqual(found[0].ids, found[1].ids);
		t.is(new Set(found[0].ids).size, top * top);
		t.is(found[0].count + found[1].count, top * top);
		t.true(found[0].count > 0 && found[1].count > 0);
	});

for (const [kind, message] of [
	['other machine', /has another initial state/],
	['other steps', /differs from the others/],
] as const)
	test.serial(`machines that are not alike are an error: ${kind}`, async (t) => {
		const c: Case = { ...big, parameters: [6, 9], fault: { steps: 0, kind } };
		const pool = new Pool<FixtureJobs>({ worker, size: 2 });
		await t.throwsAsync(parallel(c, { pool }), { message });
	});

test.serial('reductions and hash compaction are refused', async (t) => {
	const c: Case = { toy: 'counters', parameters: [2, 2] };
	const inner = subjectOf(c).machine;
	const machine = { ...inner, inner, expand: (way: Step[]) => way };
	const source = { pool: pools[2], job: 'explore', argument: c };
	await t.throwsAsync(exploreParallel({ machine }, source), { message: /reductions/ });
	await t.throwsAsync(parallel(c, { visited: 'compact' }), { message: /compaction/ });
});
