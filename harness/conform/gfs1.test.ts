// SPDX-License-Identifier: GPL-2.0-only
/**
 * What GFS1 does otherwise than the file system of the mail: symbols that are in no profile. Each
 * shows something that is not there without it.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { buildMutant, loadArtifact } from '../kts/artifact.ts';
import type { Property } from '../kts/prelude.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { type CheckReport, check } from './check.ts';
import { type Choice, configure } from './config.ts';
import { refine } from './refine.ts';
import { findTests, projectRoot, readTest } from './scenarios.ts';

const artifact = await loadArtifact(projectRoot());

function run(name: string, choice: Choice): Promise<CheckReport> {
	const configuration = configure(choice);
	return check(artifact, { test: readTest(findTests(name)[0]), configuration });
}

function runText(text: string, choice: Choice): Promise<CheckReport> {
	return check(artifact, { test: parseLitmus(text), configuration: configure(choice) });
}

/** What goes wrong, and after how many steps; undefined: nothing does. */
const wrong = ({ verdict, violation }: CheckReport): [Property, number] | undefined | string => {
	if (verdict === 'verified') return undefined;
	return violation ? [violation.property, violation.schedule.length] : verdict;
};

// ---- OGFS_LOCAL_EXCL ------------------------------------------------------------------------

const LOCAL_EXCL = ['OGFS_LOCAL_EXCL'];

test('S140: tasks of one node that exclude each other deadlock in the copy of a write', async (t) => {
	const copies = { without: ['NOFAULT_COPY'] };
	t.is((await run('S140', copies)).violation?.property, 'LOCKDEP');
	t.deepEqual(wrong(await run('S140', { ...copies, with: LOCAL_EXCL })), ['I9', 7]);
	t.is(wrong(await run('S140', { with: LOCAL_EXCL })), undefined);
});

/** S85 without the other node. */
const TRUNCATE_AND_WRITE = `C truncate-and-write
{ file f = {5}; P0 on 0; P1 on 0; }
P0(file f) { int n = pwrite(f, &(int){7}, sizeof(int), 0); }
P1(file f) { int n = ftruncate(f, 0); }
~exists (~0:n=4 \\/ ~1:n=0)
`;

test('S85 on one node: a deadlock when a write and a truncate exclude each other', async (t) => {
	const nested = { without: ['GENERIC_FILE_WRITE_NOLOCK'] };
	t.is((await runText(TRUNCATE_AND_WRITE, nested)).violation?.property, 'LOCKDEP');
	const both = { ...nested, with: LOCAL_EXCL };
	t.is((await runText(TRUNCATE_AND_WRITE, both)).violation?.property, 'I9');
	t.is(wrong(await runText(TRUNCATE_AND_WRITE, { with: LOCAL_EXCL })), undefined);
});

/** A read, or a load, and what it must not show beside a truncate on its node. */
const BESIDE_A_CUT: Record<string, string> = {
	'a read that fails': `file f) { int r0 = 9; int n = pread(f, &r0, sizeof(int), 0); }
~exists (~1:n=0 /\\ ~1:n=4)`,
	'a read of zeros that were cut': `file f) { int r0 = 9; int n = pread(f, &r0, sizeof(int), 0); }
~exists (1:n=4 /\\ ~1:r0=5)`,
	'a load of zeros that were cut': `int *x) { int r0 = 9; r0 = READ_ONCE(*x); }
~exists (1:r0=0 /\\ 1:signal=0)`,
};

for (const [what, reader] of Object.entries(BESIDE_A_CUT))
	test(`beside a truncate of the same node, with OGFS_LOCAL_EXCL: never ${what}`, async (t) => {
		const text = `C beside-a-cut
{ file f = {5}; int x in f[0]; P0 on 0; P1 on 0; }
P0(file f) { int n = ftruncate(f, 0); }
P1(${reader}
`;
		// The reads and faults of 2.4.22, with as much of the rest as a cluster needs.
		const unmaps = ['INVALIDATE_MMAP_RANGE', 'TRUNCATE_COUNT', 'TRUNCATE_BARRIERS'];
		const choice = { profile: 'linux-2.4.22', with: unmaps };
		t.is((await runText(text, choice)).violation?.property, 'COND');
		const alone = { ...choice, with: [...unmaps, ...LOCAL_EXCL] };
		t.is(wrong(await runText(text, alone)), undefined);
	});

/** The node has the file exclusively, the task has it shared, and the copy of the read stores. */
const READ_INTO_ITSELF = `C read-into-itself
{ file f = {1}; int x in f[0]; }
P0(file f, int *x) {
	int n = pwrite(f, &(int){7}, sizeof(int), 0);
	n = pread(f, x, sizeof(int), 0);
}
~exists (~0:n=4)
`;

test('a task that shares the lock cannot join itself exclusively', async (t) => {
	const copies = { profile: 'proposed-shared', without: ['NOFAULT_COPY'] };
	t.is((await runText(READ_INTO_ITSELF, copies)).violation?.property, 'LOCKDEP');
	t.deepEqual(wrong(await runText(READ_INTO_ITSELF, { ...copies, with: LOCAL_EXCL })), ['BUG', 13]);
});

test('a task that has the lock exclusively joins itself, and no other task comes in', async (t) => {
	const walked = { without: ['NOFAULT_COPY'], with: ['OGFS_WALK_VM', ...LOCAL_EXCL] };
	for (const name of ['S42-read', 'S42-write', 'S47'])
		t.is(wrong(await run(name, { with: LOCAL_EXCL })), undefined, name);
	t.is(wrong(await run('S43-two', walked)), undefined);
});

// ---- OGFS_DEMOTE_IN_TASK --------------------------------------------------------------------

const IN_TASK = ['OGFS_DEMOTE_IN_TASK'];

test('S141: who has a page locked cannot bring the lock of its file down', async (t) => {
	const report = await run('S141', { profile: 'mainline', with: IN_TASK });
	t.deepEqual(wrong(report), ['I9', 20]);
	t.regex(report.violation?.message ?? '', /user\/0 waits in lock_page/);
	for (const profile of ['proposed', 'proposed-shared'])
		t.is(wrong(await run('S141', { profile, with: IN_TASK })), undefined, profile);
	const counted = { without: ['NOPAGE_LOCKED'], with: ['TRUNCATE_COUNT', ...IN_TASK] };
	t.is(wrong(await run('S141', { profile: 'mainline', ...counted })), undefined);
});

/** What a task takes while it brings a lock down, and has still. */
for (const [name, arcs] of [
	['S85', ['i_sem -> page']],
	['S88-one', ['i_sem -> i_shared']],
	['S104', ['i_sem -> i_shared', 'i_sem -> page', 'i_sem_dir -> i_shared']],
] as const)
	test(`${name}: lockdep sees ${arcs.join(', ')}, in a task that brings a lock down`, async (t) => {
		const daemon = await run(name, {});
		const task = await run(name, { with: IN_TASK });
		t.is(wrong(task), undefined);
		const more = task.locks.filter((arc) => !daemon.locks.includes(arc));
		t.deepEqual([...more].sort(), [...arcs]);
	});

// ---- OGFS_DENIED_TO_TAIL --------------------------------------------------------------------

const TO_TAIL = { profile: 'proposed-shared', with: ['OGFS_DENIED_TO_TAIL'] };

test('S15: a denied upgrade that is queued again is as right as one that keeps its place', async (t) => {
	const report = await run('S15-double', TO_TAIL);
	t.is(report.violation, undefined);
	// The mark of the other way, which it does not go.
	t.deepEqual(report.unreached, ['upgrade: dropped and requested again']);
	const both = [configure({ profile: 'proposed-shared' }), configure(TO_TAIL)] as const;
	const s15 = readTest(findTests('S15-double')[0]);
	t.is((await refine(artifact, s15, { configurations: both })).verdict, 'equal');
});

for (const name of ['S90', 'S91'])
	test(`${name}: no store is overtaken more often when a denied upgrade is queued again`, async (t) => {
		t.is(wrong(await run(name, TO_TAIL)), undefined);
	});

test('S142: memexp has to call a node whose upgrade it denies', async (t) => {
	const file = 'ogfs/locking/memexp.ts';
	const root = projectRoot();
	const text = readFileSync(path.join(root, file), 'utf8');
	const calls = 'if (!CONFIG_OGFS_DENIED_TO_TAIL) return;';
	t.is(text.split(calls).length, 2);
	const mute = await buildMutant(root, { [file]: text.replace(calls, 'return;') });
	const asked = readTest(findTests('S142')[0]);
	const progress = (machine: typeof artifact) =>
		check(machine, { test: asked, configuration: configure(TO_TAIL), progress: true });
	t.is(wrong(await progress(artifact)), undefined);
	t.is((await progress(mute)).violation?.property, 'I10');
});

// ---- NR_GLOCKD ------------------------------------------------------------------------------

for (const name of ['S40', 'S106'])
	test(`${name}: two daemons of a node, for a resource group and its files`, async (t) => {
		const one = readTest(findTests(name)[0]);
		const bounds = { ...one.header.bounds, NR_GLOCKD: 2 };
		const two = { ...one, header: { ...one.header, bounds } };
		t.is(wrong(await check(artifact, { test: two, configuration: configure({}) })), undefined);
	});

// ---- the lock that ->readpage and ->prepare_write need ----------------------------------------

test('a page that is read, or made ready for a write, without the lock is a BUG', async (t) => {
	const root = projectRoot();
	const early: [file: string, from: string, to: string][] = [
		[
			'ogfs/fs/ops_vm.ts',
			'	let page = yield* filemap_nopage(area, address, unused);\n	while',
			'	ogfs_glock_dq(gl, gh!);\n	let page = yield* filemap_nopage(area, address, unused);\n	while',
		],
		[
			'ogfs/fs/ops_file.ts',
			'			if (state === LM_ST_EXCLUSIVE) ogfs_trans_begin();\n',
			'			yield* walk_vm_done(gl, buffer_gl);\n',
		],
	];
	const changed: Record<string, string> = {};
	for (const [file, from, to] of early) {
		const text = readFileSync(path.join(root, file), 'utf8');
		t.is(text.split(from).length, 2, file);
		changed[file] = text.replace(from, to);
	}
	const mutant = await buildMutant(root, changed);
	for (const name of ['S141', 'S88-one']) {
		const asked = readTest(findTests(name)[0]);
		const { violation } = await check(mutant, { test: asked, configuration: configure({}) });
		t.is(violation?.property, 'BUG', name);
		t.regex(violation?.message ?? '', /without the lock/, name);
	}
});
