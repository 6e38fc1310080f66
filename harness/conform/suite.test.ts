// SPDX-License-Identifier: GPL-2.0-only
/**
 * The suite against the facts: every test gives the verdict that its header expects of each
 * profile, has as many states as it had when it was last looked at, and needs the symbols that it
 * says it needs. Configurations that make the same machine of a test are explored once (same.ts).
 *
 * A changed count means that the machine has changed, or that a reduction loses states. To take
 * new counts over: VFSHOOK_PIN=1 npx ava harness/conform/suite.test.ts, and say in the commit
 * why. VFSHOOK_LONG=1 explores each on its own, and those with more than LARGE states too.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { transitions } from '../../ogfs/fs/transitions.ts';
import { explore } from '../engine/explorer.ts';
import type { LockArc } from '../engine/machine.ts';
import { loadArtifact } from '../kts/artifact.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { circleIn } from '../report/splat.ts';
import { LONG } from '../testing/daily.ts';
import { type CheckReport, check, ingredients, prepare } from './check.ts';
import { configure, PROFILES, profileOf } from './config.ts';
import { markOf } from './glock-page.ts';
import { arcOf, INVERSIONS, isCounted, isKnown, type Where } from './inversions.ts';
import { type Pins, pinFile, pinsOf } from './pins.ts';
import { Once, type SharedRequest } from './same.ts';
import { projectRoot, readTest, suite, testId } from './scenarios.ts';

const artifact = await loadArtifact(projectRoot());
/** what locks were taken while others were held, by machine, and whether that decided a verdict */
const locks: (Where & { arcs: LockArc[]; decided: boolean })[] = [];
/** transitions of glocks, over all tests */
const glocks = new Set<string>();
const renew = process.env.VFSHOOK_PIN === '1';
/** States, by the pinned count, from which on a kernel as it was is left to VFSHOOK_LONG. */
const LARGE = 20_000;
/** What is let off for an inversion is looked at each day, whatever its size. */
const letOff = new Set(INVERSIONS.flatMap((i) => i.causes.flatMap(({ exempt }) => exempt)));
const isLarge = (id: string, profile: string, pins: Pins): boolean =>
	!profile.startsWith('proposed') && pins[profile]?.[0] > LARGE && !letOff.has(id);

const explored = (request: SharedRequest): Promise<CheckReport> => check(artifact, request);
const once = new Once(artifact, explored);
const checkOnce = (request: SharedRequest): Promise<CheckReport> =>
	LONG ? explored(request) : once.check(request);

function pin(id: string, pins: Pins): void {
	const without = PROFILES.find(({ name }) => !pins[name]);
	if (without) throw new Error(`${id}, ${without.name}: no counts, as its verdict is not expected`);
	const lines = PROFILES.map(
		({ name }) => `\t${JSON.stringify(name)}: ${JSON.stringify(pins[name]).replaceAll(',', ', ')}`,
	);
	writeFileSync(pinFile(id), `{\n${lines.join(',\n')}\n}\n`);
}

const run = (
	file: string,
	options: Parameters<typeof configure>[0],
	harm = false,
	progress = false,
): Promise<CheckReport> => {
	const configuration = configure(options);
	return checkOnce({ test: readTest(file), configuration, harm, progress }).then((r) => {
		for (const transition of r.glocks ?? []) glocks.add(`glock: ${transition}`);
		// Another file system than that of the mail, and its orders of locks are known to be wrong (S52).
		if (readTest(file).header.bounds.WRITEPAGE_LOCKS) return r;
		const arcs = r.locks.map((arc) => ({ ...arcOf(arc), task: '', stack: [] }));
		const { config } = ingredients(readTest(file), configuration);
		locks.push({ test: r.id, config, arcs, decided: r.violation === undefined });
		return r;
	});
};

for (const file of suite()) {
	const id = testId(file);
	const pins = pinsOf(id);
	for (const { name: profile } of PROFILES) {
		if (isLarge(id, profile, pins) && !renew && !LONG) continue;
		test.serial(`${id}, ${profile}: verdict and state count`, async (t) => {
			const report = await run(file, { profile });
			t.truthy(report.expected, 'the header says what is expected');
			t.is(report.verdict as string, report.expected as string);
			const counts = [report.states, report.transitions, report.depth];
			if (renew) pins[profile] = counts;
			else t.deepEqual(counts, pins[profile], 'states, transitions, depth');
		});
	}
	if (renew) test.serial(`${id}: counts taken over`, (t) => t.notThrows(() => pin(id, pins)));
	// A deadlock that a death would end is none while one may come.
	if (readTest(file).header.dies)
		test.serial(`${id}, proposed: as expected when no node dies`, async (t) => {
			const one = readTest(file);
			const alive = { ...one, header: { ...one.header, dies: undefined, exercises: [] } };
			const report = await check(artifact, { test: alive, configuration: configure({}) });
			t.is(report.verdict, 'verified');
		});
	for (const [profile, expected] of Object.entries(readTest(file).header.progress))
		test(`${id}, ${profile}: verdict with progress`, async (t) => {
			const configuration = configure({ profile });
			const report = await check(artifact, { test: readTest(file), configuration, progress: true });
			t.is(report.verdict as string, expected);
			t.is(report.expected as string, expected);
		});
	for (const need of readTest(file).header.needs) {
		const profiles = need.profile === '*' ? ['proposed', 'proposed-shared'] : [need.profile];
		for (const profile of profiles)
			for (const group of need.groups) {
				const on = group.filter((s) => profileOf(profile).on.includes(s));
				// A symbol that is not part of the profile cannot be missed in it.
				if (on.length === 0) continue;
				const what = `${need.progress ? 'progress ' : ''}needs ${group.join(' or ')}`;
				test.serial(`${id}, ${profile}: ${what}`, async (t) => {
					const report = await run(file, { profile, without: group }, false, need.progress);
					t.is(report.verdict, 'violated');
				});
				for (const other of group)
					if (!on.includes(other))
						test.serial(`${id}, ${profile}: ${other} does as well`, async (t) => {
							const without = group.filter((s) => s !== other);
							const options = { profile, without, with: [other] };
							const report = await run(file, options, false, need.progress);
							t.is(report.verdict as string, report.expected as string);
						});
			}
	}
}

test.serial(
	'S01: with TRUNCATE_COUNT and faults blocked too late, violated: necessary, not sufficient',
	async (t) => {
		const [s01] = suite().filter((f) => testId(f).startsWith('S01-'));
		const without = ['OGFS_BLOCK_FAULTS_FIRST'];
		t.is((await run(s01, { profile: 'proposed', without })).verdict, 'violated');
	},
);

// No verdict of linux-2.4.22 depends on what it does right in these: without INVALIDATE_MMAP_RANGE
// every revoke leaves its ptes. With it, and with TRUNCATE_COUNT, since a fault may still map a
// page behind the unmap (S01), what is left to decide is the order in fork, mprotect, mremap and
// munmap.
for (const [number, symbol] of [
	['S24-', 'FORK_CHILD_AFTER_PARENT'],
	['S25-', 'MREMAP_LINK_FIRST'],
	['S26-', 'SPLIT_UNDER_SHARE_LOCK'],
	['S27-', 'MUNMAP_ZAP_FIRST'],
	['S28-', 'MUNMAP_ZAP_FIRST'],
	['S29-', 'MUNMAP_ZAP_FIRST'],
])
	for (const file of suite().filter((f) => testId(f).startsWith(number)))
		test.serial(`${testId(file)}: decided by ${symbol} in a 2.4.22 that can unmap`, async (t) => {
			const options = { profile: 'linux-2.4.22' };
			const unmap = ['INVALIDATE_MMAP_RANGE', 'TRUNCATE_COUNT'];
			const right = await run(file, { ...options, with: [...unmap, symbol] });
			t.is(right.verdict, 'verified');
			const wrong = await run(file, { ...options, with: unmap, without: [symbol] });
			t.is(wrong.verdict, 'violated');
			const uncounted = await run(file, { ...options, with: ['INVALIDATE_MMAP_RANGE', symbol] });
			t.is(uncounted.verdict, 'violated', 'without TRUNCATE_COUNT');
		});

test.serial(
	'glocks go from state to state as docs/glock.md says, and all that it says happens',
	(t) => {
		const seen = transitions.filter((e) => e.unseen === undefined).map(markOf);
		t.deepEqual([...glocks].sort(), seen.sort());
	},
);

test.serial('locks are taken in one order over the whole suite, but for known inversions', (t) => {
	const regular = locks.flatMap(({ arcs, ...where }) => arcs.filter((a) => !isKnown(a, where)));
	const circle = circleIn(regular) ?? [];
	t.deepEqual(
		circle.map((a) => `${a.held} -> ${a.taken}`),
		[],
	);
	for (const { held, taken, causes } of INVERSIONS)
		for (const { off, feature } of causes) {
			const what = `${held} -> ${taken}, ${off ?? feature}`;
			const arc = locks
				.filter(({ config }) => (off ? !config[off] : config[feature as string]))
				.flatMap(({ arcs }) => arcs)
				.find((a) => a.held === held && a.taken === taken);
			t.truthy(arc, `${what}: is seen`);
			if (arc) t.truthy(circleIn([...regular, arc]), `${what}: closes a circle`);
		}
});

test.serial('every test that is let off for an inversion would be LOCKDEP without that', (t) => {
	const causes = INVERSIONS.flatMap(({ held, taken, causes }) =>
		causes.flatMap(({ off, feature, exempt }) =>
			exempt.map((test) => ({ held, taken, cause: off ?? feature ?? '', off, test })),
		),
	);
	for (const { held, taken, cause, off, test } of causes) {
		const decides = locks.some((seen) => {
			const holds = off ? !seen.config[off] : seen.config[cause] > 0;
			if (seen.test !== test || !seen.decided || !holds) return false;
			const isIt = (a: LockArc) => a.held === held && a.taken === taken;
			return circleIn(seen.arcs, (a) => isIt(a) || isCounted(a, seen)) !== null;
		});
		t.true(decides, `${test}: ${held} -> ${taken}, ${cause}`);
	}
});

// What GFS1 did, and what it leaves open.
for (const [number, verdict] of Object.entries({
	'S42-failed-copy': 'violated', // the copy leaves zeros when it fails
	'S42-read-into-the-same-file': 'verified',
	'S42-write-from-the-same-page': 'violated', // the page lock
	'S43-two-files-two-nodes': 'verified',
	'S44-mmap-sem-and-glock': 'violated', // mmap_sem
	'S48-buffer-mapped-anew': 'violated', // it looks once
}))
	for (const profile of ['proposed', 'proposed-shared'])
		test.serial(`${number}, ${profile}: ${verdict} with OGFS_WALK_VM instead`, async (t) => {
			const file = suite().find((f) => testId(f) === number) as string;
			const walk = { profile, with: ['OGFS_WALK_VM'] };
			t.is((await run(file, { ...walk, without: ['NOFAULT_COPY'] })).verdict as string, verdict);
			t.is((await run(file, walk)).verdict, 'verified', 'with both');
		});

test.serial('S48 with OGFS_WALK_VM: two tasks that have looked wait for each other', async (t) => {
	const file = suite().find((f) => testId(f).startsWith('S48-')) as string;
	const report = await run(file, {
		profile: 'proposed',
		without: ['NOFAULT_COPY'],
		with: ['OGFS_WALK_VM'],
	});
	t.regex(report.violation?.message ?? '', /user\/0 waits in \w*glock.*user\/2 waits in \w*glock/);
});

test.serial('S47: where a copy faults with the lock held, a task joins itself', async (t) => {
	const [s47] = suite().filter((f) => testId(f).startsWith('S47-'));
	const report = await run(s47, { profile: 'proposed', without: ['NOFAULT_COPY'] });
	t.is(report.verdict, 'verified');
});

for (const module of ['central', 'memexp', 'dlm'])
	test.serial(`S92, ${module}: requests are taken back, and nothing is lost by it`, async (t) => {
		const s92 = readTest(suite().find((f) => testId(f).startsWith('S92-')) as string);
		const exercises = [
			'cancel: a request was taken back',
			'cancel: a waiter leaves the queue',
			'signal: a system call is interrupted',
		];
		const configuration = configure({
			profile: 'proposed',
			without: ['OGFS_UNINTERRUPTIBLE'],
			with: ['OGFS_FAULT_BLOCKS_SIGNALS'],
			set: [`LOCK_MODULE=${module}`],
		});
		const asked = { ...s92, header: { ...s92.header, exercises } };
		t.is((await check(artifact, { test: asked, configuration })).verdict, 'verified');
	});

test.serial('S92: with the waits of GFS1 no call ends by a signal', async (t) => {
	const file = suite().find((f) => testId(f).startsWith('S92-')) as string;
	const text = readFileSync(file, 'utf8').replace(
		/~exists[\s\S]*$/,
		'~exists (~0:r1=4 \\/ ~0:r2=4)\n',
	);
	const test = parseLitmus(text, file);
	const verdict = async (without: string[]) =>
		(await check(artifact, { test, configuration: configure({ profile: 'proposed', without }) }))
			.verdict;
	t.is(await verdict([]), 'verified');
	t.is(await verdict(['OGFS_UNINTERRUPTIBLE']), 'violated');
});

test.serial('S05: no counter helps, a locked page does', async (t) => {
	const [s05] = suite().filter((f) => testId(f).startsWith('S05-'));
	const withLock = await run(s05, { profile: 'proposed', with: ['NOPAGE_LOCKED'] });
	t.is(withLock.verdict, 'verified');
});

test.serial('S23: with a locked page in place of the counter, unmapping twice', async (t) => {
	const [s23] = suite().filter((f) => testId(f).startsWith('S23-'));
	const options = { profile: 'proposed', without: ['TRUNCATE_COUNT'] };
	const once = await run(s23, { ...options, with: ['NOPAGE_LOCKED'] });
	t.is(once.verdict, 'violated');
	const twice = await run(s23, { ...options, with: ['NOPAGE_LOCKED', 'TRUNCATE_UNMAP_TWICE'] });
	t.is(twice.verdict, 'verified');
});

test.serial(
	'the limit of states and of memory: incomplete, with what was found so far',
	async (t) => {
		const file = suite().find((f) => testId(f) === 'S15-vogt-race') as string;
		const configuration = configure({ profile: 'proposed-shared' });
		for (const limits of [{ maxStates: 1000 }, { maxMemory: 4 << 20 }]) {
			const report = await check(artifact, { test: readTest(file), configuration, limits });
			t.is(report.verdict, 'incomplete');
			t.truthy(report.reason);
			t.true(report.states > 100);
		}
	},
);

test.serial('too little memory, however states are kept: incomplete, and never a crash', (t) => {
	const file = suite().find((f) => testId(f) === 'S15-vogt-race') as string;
	const configuration = configure({ profile: 'proposed-shared' });
	const { machine } = prepare(artifact, readTest(file), configuration);
	for (const visited of ['tree', 'flat', 'compact'] as const) {
		const most: number[] = [];
		for (const maxMemory of [1, 1000, 100_000, 700_000, 1_500_000]) {
			const result = explore(machine, { visited, maxMemory });
			t.is(result.verdict, 'incomplete');
			t.is(result.reason, 'memory');
			t.true(result.bytesPerState * Math.max(1, result.states) <= maxMemory);
			most.push(result.states);
		}
		t.is(most[0], 0);
		t.true(most[4] > 2000, `${visited}: ${most}`);
	}
});

test.serial('an uncontended processor (SMP=0): the window of S01 is not there', async (t) => {
	const [s01] = suite().filter((f) => testId(f).startsWith('S01-'));
	const report = await run(s01, {
		profile: 'proposed',
		without: ['TRUNCATE_COUNT'],
		set: ['SMP=0'],
	});
	t.is(report.verdict, 'verified');
});
