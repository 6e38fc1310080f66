// SPDX-License-Identifier: GPL-2.0-only
/**
 * What must hold of OpenGFS alone: blocks of the disk that files share (NR_RGRP_BLOCKS) have one
 * owner each, on the disk in every state, and in the cluster at the end; and what may be left of
 * glocks when all programs have ended. OpenGFS's own.
 */
import {
	ASSERT,
	type bool,
	cover,
	type int,
	kmem_cache_slot,
	type node_nr,
} from '../harness/kts/prelude.ts';
import {
	DEATHS,
	FIRST_META_LOCK,
	FIRST_RGRP_LOCK,
	NR_FILE_PAGES,
	NR_FILES,
	NR_LOCKS,
	NR_LOGS,
	NR_NODES,
	NR_RGRP_BLOCKS,
	NR_TASKS,
} from '../vfs/include/linux/bounds.ts';
import { nodes } from '../vfs/include/linux/node.ts';
import { NR_HOLDERS, ogfs_dinodes, ogfs_glock_find, ogfs_rgrps, ogfs_sbs } from './fs/incore.ts';
import { LM_ST_EXCLUSIVE } from './locking/lm_interface.ts';

/** How many pages of files have this block, by the inodes on the disk. */
function owners_on_disk(block: int): int {
	let n = 0;
	for (let i = 0; i < NR_FILES; i++)
		for (let k = 0; k < NR_FILE_PAGES; k++)
			if (ogfs_dinodes[i].di_blocks & (1 << k) && ogfs_dinodes[i].di_map[k] === block) n++;
	return n;
}

/**
 * ogfs_check_blocks - in every state: on the disk no block is in two files
 *
 * Context: any.
 */
export function ogfs_check_blocks(): void {
	for (let block = 0; block < NR_RGRP_BLOCKS; block++) {
		if (owners_on_disk(block) > 0) cover('property: BLOCK');
		ASSERT('BLOCK', owners_on_disk(block) <= 1, 'on the disk a block belongs to two files');
	}
}

/** The node that has a lock exclusively; -1: none, the disk is right. */
function keeper(lock: int): int {
	for (let n = 0; n < NR_NODES; n++)
		if (ogfs_glock_find(n, lock).gl_state === LM_ST_EXCLUSIVE) return n;
	return -1;
}

/** Has this page of a file this block? */
function has_block(i: int, k: int, block: int): bool {
	const n = keeper(i);
	if (n < 0)
		return (ogfs_dinodes[i].di_blocks & (1 << k)) !== 0 && ogfs_dinodes[i].di_map[k] === block;
	const inode = nodes[n].inodes[i];
	return (inode.i_blocks & (1 << k)) !== 0 && inode.i_map[k] === block;
}

/**
 * ogfs_check_end - when all programs have ended: a block is free if and only if no file has it
 *
 * Context: any.
 */
export function ogfs_check_end(): void {
	if (DEATHS > 0) return;
	const n = keeper(FIRST_RGRP_LOCK);
	const used = n < 0 ? ogfs_rgrps[0].rg_used : ogfs_sbs[n].sd_rgrps[0].rd_used;
	for (let block = 0; block < NR_RGRP_BLOCKS; block++) {
		let owners = 0;
		for (let i = 0; i < NR_FILES; i++)
			for (let k = 0; k < NR_FILE_PAGES; k++) if (has_block(i, k, block)) owners++;
		const taken = used & (1 << block) ? 1 : 0;
		ASSERT('LEAK', owners === taken, 'a block is free and in a file, or not free and in none');
	}
}

/**
 * ogfs_recovers - does a node recover another one?
 * @node: the node
 *
 * Return: true: it does. Recovery goes on after the end of all programs.
 * Context: any.
 */
export function ogfs_recovers(node: node_nr): bool {
	for (let i = FIRST_META_LOCK; i < FIRST_META_LOCK + NR_LOGS; i++) {
		const gl = ogfs_glock_find(node, i);
		if (gl.gl_holders || gl.gl_waiters2) return true;
	}
	return false;
}

/**
 * ogfs_check_node_end - when all programs have ended, no task of a node holds or awaits a glock
 * @node: the node, which is alive
 *
 * Context: any.
 */
export function ogfs_check_node_end(node: node_nr): void {
	for (let i = 0; i < NR_LOCKS && !ogfs_recovers(node); i++) {
		const gl = ogfs_glock_find(node, i);
		ASSERT('LEAK', gl.gl_holders === null, 'a glock is held after the end of all programs');
		ASSERT('LEAK', gl.gl_waiters2 === null, 'a glock has waiters after the end of all programs');
	}
	for (let i = 0; i < NR_HOLDERS; i++) {
		const gh = kmem_cache_slot(ogfs_sbs[node].sd_holder_cachep, i);
		if (NR_LOGS > 0 && gh && gh.gh_owner >= NR_TASKS - NR_LOGS) continue; // of recoverd
		ASSERT('LEAK', gh === null, 'a holder of a glock is left');
	}
}
