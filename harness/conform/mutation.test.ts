// SPDX-License-Identifier: GPL-2.0-only
/**
 * Seeded mutations: the sources with one thing wrong, lowered anew. Each must be caught by a test
 * of the suite, as the property that it breaks.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { buildMutant } from '../kts/artifact.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { check } from './check.ts';
import { configure } from './config.ts';
import { replayed } from './counterexample.fixture.ts';
import { REDUCTIONS } from './reductions.ts';
import { findTests, projectRoot, readTest } from './scenarios.ts';

/** The heart of a revoke, line by line as in inode_go_drop_th() and ogfs_glock_drop_th(). */
const UNMAP = '	if (CONFIG_OGFS_REVOKE_ORDER && !unmapped) yield* unmap(gl, LM_ST_UNLOCKED);\n';
const GO_SYNC =
	'	if (CONFIG_OGFS_REVOKE_ORDER || flags & DIO_INVISIBLE) yield* sync_inode(gl, flags);\n';
/** that of a lock that goes down to UNLOCKED, with the line behind it */
const SYNC =
	'	if (gl.gl_state === LM_ST_EXCLUSIVE || CONFIG_NOPAGE_LOCKED) {\n		if (gl.gl_ops!.go_sync !== null) yield* gl.gl_ops!.go_sync(gl, DIO_METADATA | DIO_DATA);\n	}\n	if (DROP_FIRST';
const UNLOCK = '	lm_unlock(gl.gl_node, gl.gl_number);\n';
const DROP = '		yield* gl.gl_ops!.go_drop_th(gl);\n	else yield*';

interface Mutation {
	name: string;
	file: string;
	/** what stands there, once, and what is put in its place */
	changes: [from: string, to: string][];
	profile: string;
	/** the test that catches it, and as what */
	caughtBy: string;
	property: string[];
	message?: RegExp;
}

const MUTATIONS: Mutation[] = [
	{
		name: 'glock dropped early: before the file was written out',
		file: 'ogfs/fs/xmote.ts',
		changes: [
			[UNLOCK, ''],
			[SYNC, UNLOCK + SYNC],
		],
		profile: 'proposed',
		caughtBy: 'S32',
		property: ['BUG', 'DATA', 'I1'],
	},
	{
		name: 'no flush: dirty pages are not written out',
		file: 'ogfs/fs/xmote.ts',
		changes: [[SYNC, '	if (DROP_FIRST']],
		profile: 'proposed',
		caughtBy: 'S02',
		property: ['I3'],
	},
	{
		name: 'semaphore leak: mmap_sem is not given back after a fault',
		file: 'vfs/arch/i386/mm/fault.ts',
		changes: [
			[
				'	const status = yield* handle_mm_fault(mm, vma, address, write);\n	up_read(mm.mmap_sem);\n',
				'	const status = yield* handle_mm_fault(mm, vma, address, write);\n',
			],
		],
		profile: 'proposed',
		caughtBy: 'munmap',
		property: ['LOCKDEP'],
	},
	{
		name: 'spin lock leak: i_shared_lock is kept after an unmap',
		file: 'vfs/mm/memory.ts',
		changes: [
			[
				'	yield* zap_nonlinear_list(mapping, hba, hlen, check_mapping);\n	spin_unlock(mapping.i_shared_lock);\n',
				'	yield* zap_nonlinear_list(mapping, hba, hlen, check_mapping);\n',
			],
		],
		profile: 'proposed',
		caughtBy: 'S04',
		property: ['LOCKDEP'],
	},
	{
		name: 'unmap after write-out',
		file: 'ogfs/fs/glops.ts',
		changes: [
			[UNMAP, ''],
			[GO_SYNC, `${GO_SYNC}	yield* unmap(gl, LM_ST_UNLOCKED);\n`],
		],
		profile: 'proposed',
		caughtBy: 'S32',
		property: ['I3'],
	},
	{
		name: 'missing TLB flush',
		file: 'vfs/include/asm/tlb.ts',
		changes: [
			[
				'	if (fast || !CONFIG_SMP || tlb.nr > 0) flush_tlb_range(mm, start, end);\n	for (let i = 0; i < tlb.nr; i++) {',
				'	for (let i = 0; i < tlb.nr; i++) {',
			],
		],
		profile: 'proposed',
		caughtBy: 'S02',
		property: ['I1', 'I2'],
	},
	{
		name: 'ack before drop: the lock is given back before the file is unmapped',
		file: 'ogfs/fs/xmote.ts',
		changes: [
			[UNLOCK, ''],
			[DROP, `{\n${UNLOCK}${DROP.replace('else', '}\n	else')}`],
		],
		profile: 'proposed',
		caughtBy: 'S01',
		property: ['I1', 'BUG'],
	},
	{
		name: 'cache kept: a denied upgrade goes on with what it had read',
		file: 'ogfs/fs/xmote.ts',
		changes: [
			[
				'	if (!DROP_FIRST && gl.gl_ops!.go_inval !== null)\n		yield* gl.gl_ops!.go_inval(gl, DIO_METADATA | DIO_DATA);\n',
				'',
			],
		],
		profile: 'proposed-shared',
		caughtBy: 'S15-double-upgrade',
		property: ['I5', 'I6', 'DATA'],
	},
	{
		name: 'msync clears dirty bits that the TLBs still believe to be set',
		file: 'vfs/mm/filemap.ts',
		changes: [
			['	flush_tlb_page(vma, address);\n', ''],
			['	flush_tlb_range(mm, address, address + size);\n', ''],
		],
		profile: 'proposed',
		caughtBy: 'S38',
		property: ['DATA', 'I3'],
	},
	{
		name: 'a downgrade marks the page dirty before it cleans the pte',
		file: 'vfs/mm/memory.ts',
		changes: [
			[
				'		const flags = ptep.flags;\n		set_pte(ptep, ptep.page, flags & ~(_PAGE_RW | _PAGE_DIRTY));\n',
				'		if (ptep.flags & _PAGE_DIRTY) set_page_dirty(ptep.page!);\n		yield* preempt();\n' +
					'		set_pte(ptep, ptep.page, ptep.flags & ~(_PAGE_RW | _PAGE_DIRTY));\n',
			],
			[
				'		flush_tlb_page(vma, address);\n		if (flags & _PAGE_DIRTY) set_page_dirty(ptep.page!);\n',
				'		flush_tlb_page(vma, address);\n',
			],
		],
		profile: 'proposed-shared',
		caughtBy: 'S37',
		property: ['I6', 'DATA'],
	},
	{
		name: 'the pageout daemon forgets the dirty bit of a pte',
		file: 'vfs/mm/vmscan.ts',
		changes: [['	if (pte & _PAGE_DIRTY) set_page_dirty(page);\n', '']],
		profile: 'proposed',
		caughtBy: 'S31',
		property: ['DATA', 'I3'],
	},
	{
		name: 'the pageout daemon does not flush the TLBs',
		file: 'vfs/mm/vmscan.ts',
		changes: [['	flush_tlb_page(vma, address);\n', '']],
		profile: 'proposed',
		caughtBy: 'S31',
		property: ['BUG', 'DATA', 'I1', 'I2', 'I4'],
	},
	{
		name: 'a store goes to a page of the swap cache whose slot another process has',
		file: 'vfs/mm/swapfile.ts',
		changes: [['p.swap_map[page.index - 1] === 1 && page.count === 2', 'page.count === 2']],
		profile: 'proposed',
		caughtBy: 'S72',
		property: ['COND', 'I7'],
	},
	{
		name: 'pte_same alone after page_mkwrite: the counter is not compared',
		file: 'vfs/mm/memory.ts',
		changes: [['			same = same && truncate_count_is(mapping.truncate_count, sequence);\n', '']],
		profile: 'proposed-shared',
		caughtBy: 'S12',
		property: ['DATA', 'I1', 'I3'],
	},
	{
		name: 'page_mkwrite does not look whether the page is still one of the file',
		file: 'ogfs/fs/ops_vm.ts',
		changes: [
			[
				'	yield* lock_page(page);\n	if (page.mapping) return 0;\n	UnlockPage(page);\n	return 1;\n',
				'	yield* lock_page(page);\n	return 0;\n',
			],
		],
		profile: 'mainline',
		caughtBy: 'S109-page-unlocked-for-mkwrite',
		property: ['I4', 'DATA'],
	},
	{
		name: 'page_mkwrite waits for the resource group with the page locked',
		file: 'ogfs/fs/ops_vm.ts',
		changes: [
			[
				'	let error = yield* ogfs_inplace_reserve(inode, 1);\n	if (error) return error;\n	ogfs_trans_begin();\n	if (CONFIG_NOPAGE_LOCKED) error = yield* lock_file_page(page);\n',
				'	let error = 0;\n	if (CONFIG_NOPAGE_LOCKED) error = yield* lock_file_page(page);\n	if (error) return error;\n	error = yield* ogfs_inplace_reserve(inode, 1);\n	if (error) return error;\n	ogfs_trans_begin();\n',
			],
		],
		profile: 'mainline',
		caughtBy: 'S109-page-lock-and-resource-group',
		property: ['I9'],
	},
	{
		name: 'use after free: the index of a page that was given back',
		file: 'vfs/mm/filemap.ts',
		changes: [
			[
				'		page_cache_release(page);\n		yield* pagecache_step();\n		i++;\n',
				'		page_cache_release(page);\n		yield* pagecache_step();\n		i = page.index + 1;\n',
			],
		],
		profile: 'proposed',
		caughtBy: 'S01',
		property: ['BUG'],
		message: /^use after free of page#0: read of \.index in truncate_inode_pages$/,
	},
	{
		name: 'memexp stores a lock that has changed since it was loaded',
		file: 'ogfs/locking/memexp.ts',
		changes: [
			[
				"		cover('memexp: the lock has changed since it was loaded');\n		return false;\n",
				"		cover('memexp: the lock has changed since it was loaded');\n",
			],
		],
		profile: 'proposed',
		caughtBy: 'S97',
		property: ['I1', 'DATA', 'BUG'],
	},
	{
		name: 'dlm: who was demoted is not told',
		file: 'ogfs/locking/dlm.ts',
		changes: [['		l.upgrade[i] = DEMOTED;\n', '']],
		profile: 'proposed-shared',
		caughtBy: 'S98',
		property: ['I6', 'DATA', 'COND'],
	},
	{
		name: 'dlm: a node keeps its ptes while it asks for more',
		file: 'ogfs/fs/glock.ts',
		changes: [
			[
				'	if (LM_CONVERSION_DEMOTES || gl.gl_type !== LM_TYPE_INODE) return true;\n',
				'	if (gl.gl_type !== LM_TYPE_INODE) return true;\n',
			],
		],
		profile: 'proposed-shared',
		caughtBy: 'S96',
		property: ['I1', 'DATA', 'I2'],
	},
	{
		name: 'recovery asks as anybody does: the one that died while it recovered has the journal',
		file: 'ogfs/fs/recovery.ts',
		changes: [['LM_FLAG_NOEXP | LM_FLAG_TRY |', '(LM_FLAG_NOEXP & 0) | LM_FLAG_TRY |']],
		profile: 'proposed',
		caughtBy: 'S101',
		property: ['I9'],
	},
];

const root = projectRoot();

/** A program that unmaps: it must not wait for ever. */
const MUNMAP = `C munmap
(* Result: proposed=verified *)
{ int x = 0; }
P0(int *x)
{
	int r0 = READ_ONCE(*x);
	int r1 = munmap(x, 4096);
}
forall (0:r1=0)
`;

for (const m of MUTATIONS) {
	test.serial(`caught: ${m.name}`, async (t) => {
		let text = readFileSync(path.join(root, m.file), 'utf8');
		for (const [from, to] of m.changes) {
			t.is(text.split(from).length, 2, `${m.file} has what is to be changed, once`);
			text = text.replace(from, () => to);
		}
		const mutant = await buildMutant(root, { [m.file]: text });
		const program =
			m.caughtBy === 'munmap' ? parseLitmus(MUNMAP) : readTest(findTests(m.caughtBy)[0]);
		const configuration = configure({ profile: m.profile });
		const report = await check(mutant, { test: program, configuration, harm: false });
		t.is(report.verdict, 'violated');
		t.true(m.property.includes(report.violation?.property ?? ''), report.violation?.property);
		if (m.message) t.regex(report.violation?.message ?? '', m.message);
		t.deepEqual(replayed(mutant, program, report), report.violation);
		// A death touches what no other step does: there is nothing to reduce.
		if (program.header.dies) return;
		const limits = { reductions: REDUCTIONS.map(({ name }) => name) };
		const reduced = await check(mutant, { test: program, configuration, harm: false, limits });
		t.is(reduced.verdict, 'violated', `with reductions: ${reduced.reason}`);
		const { property = '' } = reduced.violation ?? {};
		t.true(m.property.includes(property), `with reductions: ${property}`);
	});
}
