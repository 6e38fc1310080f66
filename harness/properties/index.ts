// SPDX-License-Identifier: GPL-2.0-only
/**
 * The state predicates: what must hold in every reachable state. I8 (data) is asserted in the steps
 * that load, store, read and write (harness/world/coherence.ts). The explorer checks I9 (no program
 * waits for ever): a state in which no task can step and a program has not ended.
 *
 * check_state() is called in every state; check_end() before it where finished() holds.
 */

import { _PAGE_DIRTY, pte_present, type pte_t, pte_write } from '../../vfs/include/asm/pgtable.ts';
import {
	NR_FILE_PAGES,
	NR_FILES,
	NR_NODES,
	NR_PROCS,
	NR_VPAGES,
	PAGE_WORDS,
	READPAGE_LOCKS,
} from '../../vfs/include/linux/bounds.ts';
import {
	CL_DEFERRED,
	CL_EXCLUSIVE,
	CL_NONE,
	CL_SHARED,
} from '../../vfs/include/linux/cluster_fs.ts';
import type { inode } from '../../vfs/include/linux/fs.ts';
import {
	BH_Dirty,
	Page_Uptodate,
	PageLocked,
	PG_dirty,
	type page,
} from '../../vfs/include/linux/mm.ts';
import { nodes } from '../../vfs/include/linux/node.ts';
import { cpus, type tlb_entry } from '../../vfs/include/linux/sched.ts';
import { ASSERT, type bool, cover, type int, type node_nr } from '../kts/prelude.ts';
import { is_dead } from '../world/death.ts';
import { cluster_fs } from '../world/fs.ts';
import { on_disk } from '../world/storage.ts';
import { check_counts, check_leaks } from './counts.ts';
import { about_cluster, about_node, about_proc } from './pieces.ts';

/** CL_*: what a node has of a file; one node alone has all. */
function right_to(n: node_nr, i: int): int {
	const ops = cluster_fs();
	return ops.right ? ops.right(n, i) : CL_EXCLUSIVE;
}

/** Is that changing? */
function is_changing(n: node_nr, i: int): bool {
	const ops = cluster_fs();
	return ops.right_changes ? ops.right_changes(n, i) : false;
}

/** May a node with this right map and cache pages? */
function may_cache(right: int): bool {
	return right !== CL_NONE && right !== CL_DEFERRED;
}

/** I1-I3 for a mapped page of @inode. */
function check_mapping_lock(inode: inode, write: bool, dirty: bool): void {
	const right = right_to(inode.i_node, inode.i_ino);
	cover('property: I2');
	ASSERT('I2', may_cache(right), 'a page of a file is mapped on a node without its lock');
	if (write) {
		cover('property: I1');
		ASSERT(
			'I1',
			right === CL_EXCLUSIVE,
			'a page of a file is writable on a node that does not have it exclusively',
		);
	}
	if (dirty) {
		cover('property: I3');
		ASSERT('I3', right === CL_EXCLUSIVE, 'a dirty pte without the exclusive lock');
	}
}

/** I1-I4 for one way to reach a page: a pte or a TLB entry that maps @page. */
function check_mapping(page: page, write: bool, dirty: bool): void {
	const inode = page.was;
	if (!inode) return;
	const ops = cluster_fs();
	if (ops.right) check_mapping_lock(inode, write, dirty);
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

/**
 * Does this node remember what is in the file? With READPAGE_LOCKS a page that is to be read is in
 * the cache before the lock is there.
 */
function has_data(inode: inode): bool {
	const mapping = inode.i_data;
	if (!READPAGE_LOCKS) return mapping.nrpages !== 0;
	for (let i = 0; i < NR_FILE_PAGES; i++) {
		const page = mapping.pages[i];
		if (page && Page_Uptodate(page)) return true;
	}
	return false;
}

/** I5: a node that has given up a lock keeps no page of the file. */
function check_unlocked(inode: inode): void {
	cover('property: I5');
	ASSERT('I5', !has_data(inode), 'pages are cached on a node that has given up the lock');
}

/** I3 for the page cache, and I6: a node that shares a file has what the disk has. */
function check_cached(inode: inode, right: int, index: int, page: page): void {
	if (page.flags & (PG_dirty | BH_Dirty)) {
		cover('property: I3');
		ASSERT('I3', right === CL_EXCLUSIVE, 'a dirty page without the exclusive lock');
	}
	if (right === CL_SHARED && Page_Uptodate(page) && !PageLocked(page)) {
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
	const right = right_to(n, i);
	if (!may_cache(right) && !is_changing(n, i)) check_unlocked(inode);
	for (let k = 0; k < NR_FILE_PAGES; k++) {
		const page = inode.i_data.pages[k];
		if (!page) continue;
		cover('cache: a page of a file');
		check_cached(inode, right, k, page);
	}
}

/** At most one node has a file exclusively, and then no other has it at all. */
function check_single_writer(i: int): void {
	let exclusive = 0;
	let shared = 0;
	for (let n = 0; n < NR_NODES; n++) {
		const right = right_to(n, i);
		if (right === CL_EXCLUSIVE) exclusive++;
		if (right === CL_SHARED || right === CL_DEFERRED) shared++;
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
	const ops = cluster_fs();
	for (let n = 0; n < NR_NODES; n++)
		if (ops.check_node_end && about_node(piece, n) && !is_dead(n)) ops.check_node_end(n);
	for (let n = 0; n < NR_NODES; n++) if (about_node(piece, n)) check_end_of_files(n);
	if (ops.check_end && about_cluster(piece)) ops.check_end();
	check_leaks(piece);
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
	const ops = cluster_fs();
	for (let i = 0; i < NR_FILES && ops.right; i++) {
		if (about_cluster(piece)) check_single_writer(i);
		for (let n = 0; n < NR_NODES; n++) if (about_node(piece, n) && !is_dead(n)) check_inode(n, i);
	}
	check_counts(piece);
	if (ops.check_state && about_cluster(piece)) ops.check_state();
}
