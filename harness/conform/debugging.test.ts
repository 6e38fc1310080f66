// SPDX-License-Identifier: GPL-2.0-only
/**
 * The kernel's own debugging: a planted bug of each kind, and what is said about it.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { explore } from '../engine/explorer.ts';
import { buildMutant, loadArtifact } from '../kts/artifact.ts';
import type { Property } from '../kts/prelude.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { allocationSites, checkedIn } from '../testing/structure.ts';
import { check, prepare } from './check.ts';
import { configure, PROFILES } from './config.ts';
import { replayed } from './counterexample.fixture.ts';
import { findTests, projectRoot, readTest } from './scenarios.ts';

interface Plant {
	name: string;
	file: string;
	/** what stands there, once, and what is put in its place */
	changes: [from: string, to: string][];
	/** statements of the one program */
	body: string;
	/** what it gets, if not a mapped page */
	given?: 'file';
	/** LOCKDEP, if it is not said */
	property?: Property;
	message: RegExp;
	/** lines of the report, in this order, others between them */
	splat: RegExp[];
}

const LOAD = 'int r0 = READ_ONCE(*x);';
const MSYNC = 'WRITE_ONCE(*x, 1);\n\tint r0 = msync(x, 4096, MS_SYNC);';

const PLANTS: Plant[] = [
	{
		name: 'locks in the wrong order: no deadlock, with one program',
		file: 'vfs/mm/filemap.ts',
		changes: [
			[
				'	flush_tlb_range(mm, address, address + size);\n	spin_unlock(mm.page_table_lock);\n',
				'	yield* spin_lock(vma.vm_file!.f_inode!.i_data.i_shared_lock);\n	spin_unlock(vma.vm_file!.f_inode!.i_data.i_shared_lock);\n	spin_unlock(mm.page_table_lock);\n',
			],
		],
		body: MSYNC,
		message:
			/^possible circular locking dependency: (i_shared -> page_table|page_table -> i_shared)/,
		splat: [
			/possible circular locking dependency detected/,
			/is trying to acquire lock (i_shared|page_table)/,
			/but is already holding lock (i_shared|page_table)/,
			/-> #1 (i_shared|page_table), taken while/,
			/lock_acquire/,
			/-> #0 (i_shared|page_table), taken while/,
			/lock_acquire/,
		],
	},
	{
		name: 'i_sem taken under the glock, with all symbols on',
		file: 'ogfs/fs/ops_file.ts',
		changes: [
			[
				'		if (write_takes_i_sem(file)) yield* down(i_sem);\n		const buffer_gl = yield* walk_vm(gl, state, count - done);\n',
				'		const buffer_gl = yield* walk_vm(gl, state, count - done);\n		if (write_takes_i_sem(file)) yield* down(i_sem);\n',
			],
		],
		body: 'int r0 = ftruncate(f, 0);\n	int r1 = pwrite(f, &(int){7}, sizeof(int), 0);',
		given: 'file',
		message: /^possible circular locking dependency: (i_sem -> glock|glock -> i_sem)/,
		splat: [
			/possible circular locking dependency detected/,
			/-> #1 i_sem, taken while glock is held/,
			/ogfs_write/,
			/-> #0 glock, taken while i_sem is held/,
			/do_truncate/,
		],
	},
	{
		name: 'allocation with a spin lock held',
		file: 'vfs/mm/memory.ts',
		changes: [
			[
				'	spin_unlock(mm.page_table_lock);\n	const page = yield* alloc_page(GFP_HIGHUSER);\n	if (page === null) return VM_FAULT_OOM;\n	yield* spin_lock(mm.page_table_lock);\n	if (!pte_none(page_table)) {\n',
				'	const page = yield* alloc_page(GFP_HIGHUSER);\n	if (page === null) return VM_FAULT_OOM;\n	if (!pte_none(page_table)) {\n',
			],
		],
		body: 'int *p = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);\n\tWRITE_ONCE(*p, 1);',
		message: /^scheduling while atomic/,
		splat: [
			/scheduling while atomic: user.* in alloc_page\(\)/,
			/might_sleep/,
			/do_anonymous_page/,
		],
	},
	{
		name: 'a semaphore taken twice',
		file: 'vfs/mm/msync.ts',
		changes: [
			[
				'	yield* down_read(mm.mmap_sem);\n',
				'	yield* down_read(mm.mmap_sem);\n	yield* down_read(mm.mmap_sem);\n',
			],
		],
		body: MSYNC,
		message: /^possible recursive locking detected/,
		splat: [/possible recursive locking detected: user.* in down_read\(\)/, /sys_msync/],
	},
	{
		name: "somebody else's page lock let go",
		file: 'vfs/mm/filemap.ts',
		changes: [
			[
				'	yield* lock_page(page);\n	if (!page.mapping) {\n		UnlockPage(page);\n		return 1;\n',
				'	UnlockPage(page);\n	if (!page.mapping) {\n		UnlockPage(page);\n		return 1;\n',
			],
		],
		body: LOAD,
		message: /^bad unlock balance detected/,
		splat: [/bad unlock balance detected.*: user.* in UnlockPage\(\)/, /page_not_uptodate/],
	},
	{
		name: 'a lock kept on the way to user mode',
		file: 'vfs/mm/msync.ts',
		changes: [['	up_read(mm.mmap_sem);\n	return error;\n', '	return error;\n']],
		body: MSYNC,
		message: /^lock held when returning to user space/,
		splat: [/lock held when returning to user space: user.* in user_syscall\(\)/],
	},
	{
		name: 'a reference to a page that is not given back',
		file: 'vfs/mm/filemap.ts',
		changes: [
			[
				'		const error = yield* mapping.a_ops!.readpage(file, page);\n		page_cache_release(page);\n',
				'		const error = yield* mapping.a_ops!.readpage(file, page);\n',
			],
		],
		body: LOAD,
		property: 'LEAK',
		message: /^a page has more or fewer references than uses/,
		splat: [],
	},
	{
		name: 'a pte that rss does not know of',
		file: 'vfs/mm/memory.ts',
		changes: [["	mm.rss++;\n	printk('do_anonymous_page", "	printk('do_anonymous_page"]],
		body: 'int *p = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);\n\tWRITE_ONCE(*p, 1);',
		property: 'COUNT',
		message: /^rss is not the number of ptes/,
		splat: [],
	},
];

const root = projectRoot();

for (const { name, file, changes, body, given, property = 'LOCKDEP', message, splat } of PLANTS)
	test.serial(`reported: ${name}`, async (t) => {
		let text = readFileSync(path.join(root, file), 'utf8');
		for (const [from, to] of changes) {
			t.is(text.split(from).length, 2, `${file} has what is to be changed, once`);
			text = text.replace(from, () => to);
		}
		const mutant = await buildMutant(root, { [file]: text });
		const program = parseLitmus(
			given
				? `C planted\n{ file f = {5}; }\nP0(file f)\n{\n\t${body}\n}\nforall (true)\n`
				: `C planted\n{ int x = 0; }\nP0(int *x)\n{\n\t${body}\n}\nforall (true)\n`,
		);
		const configuration = configure({ profile: 'proposed' });
		const report = await check(mutant, { test: program, configuration, harm: false });
		t.is(report.verdict, 'violated');
		t.is(report.violation?.property, property);
		t.regex(report.violation?.message ?? '', message);
		t.true((report.violation?.schedule.length ?? 0) > 0, 'there is a way to it');
		t.deepEqual(replayed(mutant, program, report), report.violation);
		const lines = report.violation?.splat ?? [];
		let at = 0;
		for (const wanted of splat) {
			const found = lines.findIndex((line, i) => i >= at && wanted.test(line));
			t.true(found >= 0, `${wanted} in\n${lines.join('\n')}`);
			at = found + 1;
		}
	});

test.serial(
	'every allocation that can fail fails in some scenario, and does no harm',
	async (t) => {
		const artifact = await loadArtifact(root);
		const failed = new Set<string>();
		for (const { name: profile } of PROFILES)
			for (const id of ['S80', 'S81', 'S82', 'S83', 'S84']) {
				const { machine } = prepare(artifact, readTest(findTests(id)[0]), configure({ profile }));
				const { verdict, marks } = explore(machine);
				t.is(verdict, 'complete', `${id}, ${profile}`);
				for (const mark of marks) {
					const site = /^fault injection: (.*)$/.exec(mark)?.[1];
					if (site) failed.add(site);
				}
			}
		t.deepEqual([...failed].sort(), allocationSites(checkedIn()));
	},
);
