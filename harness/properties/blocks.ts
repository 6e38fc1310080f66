// SPDX-License-Identifier: GPL-2.0-only
/**
 * Blocks of the disk that files share (NR_RGRP_BLOCKS): the owner of each, on the disk in every
 * state, and in the cluster at the end.
 */

import { ogfs_dinodes, ogfs_glock_find, ogfs_rgrps, ogfs_sbs } from '../../ogfs/fs/incore.ts';
import { LM_ST_EXCLUSIVE } from '../../ogfs/locking/lm_interface.ts';
import {
	DEATHS,
	FIRST_RGRP_LOCK,
	NR_FILE_PAGES,
	NR_FILES,
	NR_NODES,
	NR_RGRP_BLOCKS,
} from '../../vfs/include/linux/bounds.ts';
import { nodes } from '../../vfs/include/linux/node.ts';
import { ASSERT, type bool, cover, type int } from '../kts/prelude.ts';

/** How many pages of files have this block, by the inodes on the disk. */
function owners_on_disk(block: int): int {
	let n = 0;
	for (let i = 0; i < NR_FILES; i++)
		for (let k = 0; k < NR_FILE_PAGES; k++)
			if (ogfs_dinodes[i].di_blocks & (1 << k) && ogfs_dinodes[i].di_map[k] === block) n++;
	return n;
}

/** In every state: on the disk no block is in two files. */
export function check_blocks(): void {
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

/** When all programs have ended: a block is free if and only if no file has it. */
export function check_block_leaks(): void {
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
