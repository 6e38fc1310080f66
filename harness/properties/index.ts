// SPDX-License-Identifier: GPL-2.0-only
/**
 * The state predicates: what must hold in every reachable state. I8 (data) is asserted in the steps
 * that load, store, read and write (harness/world/coherence.ts). The explorer checks I9 (no program
 * waits for ever): a state in which no task can step and a program has not ended.
 *
 * check_state() is called in every state; check_end() before it where finished() holds.
 */

import { inode_has_data } from '../../ogfs/fs/glops.ts';
import {
	GLF_LOCK,
	type ogfs_glock,
	ogfs_glock_find,
	ogfs_glock_of,
	ogfs_sbs,
} from '../../ogfs/fs/incore.ts';
import {
	LM_ST_DEFERRED,
	LM_ST_EXCLUSIVE,
	LM_ST_SHARED,
	LM_ST_UNLOCKED,
} from '../../ogfs/locking/lm_interface.ts';
import { _PAGE_DIRTY, pte_present, type pte_t, pte_write } from '../../vfs/include/asm/pgtable.ts';
import {
	LOCAL_FS,
	NR_FILE_PAGES,
	NR_FILES,
	NR_LOCKS,
	NR_NODES,
	NR_PROCS,
	NR_RGRP_BLOCKS,
	NR_VPAGES,
	PAGE_WORDS,
} from '../../vfs/include/linux/bounds.ts';
import type { inode } from '../../vfs/include/linux/fs.ts';
import { Page_Uptodate, PageDirty, PageLocked, type page } from '../../vfs/include/linux/mm.ts';
import { nodes } from '../../vfs/include/linux/node.ts';
import { cpus, type tlb_entry } from '../../vfs/include/linux/sched.ts';
import { ASSERT, type bool, cover, type int } from '../kts/prelude.ts';
import { is_dead } from '../world/death.ts';
import { on_disk } from '../world/storage.ts';
import { check_block_leaks, check_blocks } from './blocks.ts';
import { check_counts, check_leaks, is_recovering } from './counts.ts';
import { about_cluster, about_node, about_proc } from './pieces.ts';

/** May a node map and cache pages in this state? */
function may_cache(state: int): bool {
	return state !== LM_ST_UNLOCKED && state !== LM_ST_DEFERRED;
}

/** I1-I3 for a mapped page of @inode. */
function check_mapping_lock(inode: inode, write: bool, dirty: bool): void {
	const gl = ogfs_glock_of(inode);
	cover('property: I2');
	ASSERT('I2', may_cache(gl.gl_state), 'a page of a file is mapped on a node without its lock');
	if (write) {
		cover('property: I1');
		ASSERT(
			'I1',
			gl.gl_state === LM_ST_EXCLUSIVE,
			'a page of a file is writable on a node that does not have it exclusively',
		);
	}
	if (dirty) {
		cover('property: I3');
		ASSERT('I3', gl.gl_state === LM_ST_EXCLUSIVE, 'a dirty pte without the exclusive lock');
	}
}

/** I1-I4 for one way to reach a page: a pte or a TLB entry that maps @page. */
function check_mapping(page: page, write: bool, dirty: bool): void {
	const inode = page.was;
	if (!inode) return;
	if (!LOCAL_FS) check_mapping_lock(inode, write, dirty);
	cover('property: I4');
	ASSERT('I4', page.mapping !== null, 'a page is mapped that has left its file');
}

/**
 * One processor: its page table and its TLB. A page table of threads is checked once for each.
 *
 * I4 comes last in check_mapping(): if a page is mapped where it must not be, the missing lock is
 * reported first.
 */
function check_cpu(p: int): void {
	const mm = cpus[p].mm!;
	for (let v = 0; v < NR_VPAGES; v++) {
		const pte: pte_t = mm.pgd[v];
		if (pte_present(pte)) check_mapping(pte.page!, pte_write(pte), (pte.flags & _PAGE_DIRTY) !== 0);
		const entry: tlb_entry = cpus[p].tlb[v];
		if (entry.page) check_mapping(entry.page, entry.write, false);
	}
}

/** I5: a node that has given up a lock keeps no page of the file. */
function check_unlocked(inode: inode): void {
	cover('property: I5');
	ASSERT('I5', !inode_has_data(inode), 'pages are cached on a node that has given up the lock');
}

/** I3 for the page cache, and I6: a node that shares a file has what the disk has. */
function check_cached(inode: inode, gl: ogfs_glock, index: int, page: page): void {
	if (PageDirty(page)) {
		cover('property: I3');
		ASSERT('I3', gl.gl_state === LM_ST_EXCLUSIVE, 'a dirty page without the exclusive lock');
	}
	if (gl.gl_state === LM_ST_SHARED && Page_Uptodate(page) && !PageLocked(page)) {
		cover('property: I6');
		for (let w = 0; w < PAGE_WORDS; w++)
			ASSERT(
				'I6',
				page.data[w] === on_disk(inode.i_ino, index, w),
				'a page in the cache of a node that shares the file differs from the disk',
			);
	}
}

/** One file on one node. */
function check_inode(n: int, i: int): void {
	const inode = nodes[n].inodes[i];
	const gl = ogfs_sbs[n].sd_inodes[i].i_gl;
	if (!may_cache(gl.gl_state) && !(gl.gl_flags & GLF_LOCK)) check_unlocked(inode);
	for (let k = 0; k < NR_FILE_PAGES; k++) {
		const page = inode.i_data.pages[k];
		if (!page) continue;
		cover('cache: a page of a file');
		check_cached(inode, gl, k, page);
	}
}

/** At most one node has a file exclusively, and then no other has it at all. */
function check_single_writer(i: int): void {
	let exclusive = 0;
	let shared = 0;
	for (let n = 0; n < NR_NODES; n++) {
		const state = ogfs_sbs[n].sd_inodes[i].i_gl.gl_state;
		if (state === LM_ST_EXCLUSIVE) exclusive++;
		if (state === LM_ST_SHARED || state === LM_ST_DEFERRED) shared++;
	}
	if (exclusive > 0) {
		cover('property: I1');
		ASSERT('I1', exclusive === 1 && shared === 0, 'two nodes have a file, one of them exclusively');
	}
}

/** When all programs have ended, no task holds or waits for a lock, and no fault is in progress. */
export function check_end(piece: int): void {
	for (let p = 0; p < NR_PROCS; p++)
		if (about_proc(piece, p))
			ASSERT(
				'LEAK',
				cpus[p].mm!.mmap_sem.activity === 0,
				'mmap_sem is held after the end of all programs',
			);
	for (let n = 0; n < NR_NODES; n++) if (about_node(piece, n)) check_end_of_locks(n);
	for (let n = 0; n < NR_NODES; n++) if (about_node(piece, n)) check_end_of_files(n);
	if (NR_RGRP_BLOCKS > 0 && about_cluster(piece)) check_block_leaks();
	check_leaks(piece);
}

function check_end_of_locks(n: int): void {
	for (let i = 0; i < NR_LOCKS && !is_dead(n) && !is_recovering(n); i++) {
		const gl = ogfs_glock_find(n, i);
		ASSERT('LEAK', gl.gl_holders === null, 'a glock is held after the end of all programs');
		ASSERT('LEAK', gl.gl_waiters2 === null, 'a glock has waiters after the end of all programs');
	}
}

function check_end_of_files(n: int): void {
	for (let i = 0; i < NR_FILES && !is_dead(n); i++) {
		const inode = nodes[n].inodes[i];
		ASSERT('LEAK', inode.i_sem.count === 1, 'i_sem is held after the end of all programs');
		for (let v = 0; v <= NR_PROCS; v++)
			ASSERT(
				'LEAK',
				inode.i_data.truncate_count.readers[v] === 0,
				'a value of truncate_count is held after the end of all programs',
			);
	}
}

/** What must hold in every state. */
export function check_state(piece: int): void {
	for (let p = 0; p < NR_PROCS; p++) if (about_proc(piece, p)) check_cpu(p);
	for (let i = 0; i < NR_FILES && !LOCAL_FS; i++) {
		if (about_cluster(piece)) check_single_writer(i);
		for (let n = 0; n < NR_NODES; n++) if (about_node(piece, n) && !is_dead(n)) check_inode(n, i);
	}
	check_counts(piece);
	if (NR_RGRP_BLOCKS > 0 && about_cluster(piece)) check_blocks();
}
