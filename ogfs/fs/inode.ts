// SPDX-License-Identifier: GPL-2.0-only
/**
 * The inode of a file on the disk (GFS1: src/gfs/inode.c, gfs_ondisk.h): its size, and where its
 * blocks are. OpenGFS's own names could not be read.
 */
import { type bool, cover, type Sleeps } from '../../harness/kts/prelude.ts';
import { PAGE_MASK, PAGE_SIZE } from '../../vfs/include/asm/page.ts';
import {
	DIRS,
	JDATA_FILES,
	NR_FILE_PAGES,
	NR_LOGS,
	NR_RGRP_BLOCKS,
	TRUNCATES,
} from '../../vfs/include/linux/bounds.ts';
import type { inode } from '../../vfs/include/linux/fs.ts';
import { page_trace } from '../../vfs/include/linux/trace.ts';
import { unmap_mapping_range } from '../../vfs/kernel/ksyms.ts';
import { ogfs_dinodes, ogfs_sbs } from './incore.ts';

/**
 * ogfs_is_jdata - are the data of a file journaled, as its metadata are?
 * @inode: the file
 *
 * Return: true: they are (JDATA_FILES).
 * Context: any.
 */
export function ogfs_is_jdata(inode: inode): bool {
	return JDATA_FILES > 0 && (JDATA_FILES & (1 << inode.i_ino)) !== 0;
}

/**
 * ogfs_truncate_cows - private copies behind an end that another node has set
 * @inode: the file
 *
 * CONFIG_OGFS_TRUNCATE_COWS: as the truncate of a node does with its own. The size changes after
 * it: a fault that comes in between waits for the glock. If the file has grown again meanwhile, the
 * copies stay, since nothing tells that it was shorter.
 *
 * Context: the glock is held for the first time, GLF_LOCK set. Takes i_shared_lock, and under it
 * each page_table_lock.
 */
export function* ogfs_truncate_cows(inode: inode): Sleeps {
	const size = ogfs_dinodes[inode.i_ino].di_size;
	if (size >= inode.i_size) return;
	cover('inode_go_lock: the file is shorter');
	yield* unmap_mapping_range(inode.i_data, (size + PAGE_SIZE - 1) & PAGE_MASK, 0, true);
	if (page_trace.ops) page_trace.ops.cut_found(inode, size);
}

/**
 * ogfs_copyin_dinode - read the inode from the disk
 * @inode: the file
 *
 * Context: the glock is held for the first time, GLF_LOCK set.
 */
export function ogfs_copyin_dinode(inode: inode): void {
	const di = ogfs_dinodes[inode.i_ino];
	inode.i_size = di.di_size;
	if (DIRS) inode.i_entries = di.di_entries;
	if (TRUNCATES) inode.i_blocks = di.di_blocks;
	if (NR_RGRP_BLOCKS > 0) for (let k = 0; k < NR_FILE_PAGES; k++) inode.i_map[k] = di.di_map[k];
	if (!NR_LOGS) return;
	const ip = ogfs_sbs[inode.i_node].sd_inodes[inode.i_ino];
	ip.i_di.lr_size = di.di_size;
	ip.i_di.lr_blocks = di.di_blocks;
	ip.i_di.lr_generation = di.di_generation;
}

/**
 * ogfs_dinode_out - write the inode to the disk
 * @inode: the file
 *
 * Context: the glock is EXCLUSIVE on this node.
 */
export function ogfs_dinode_out(inode: inode): void {
	const di = ogfs_dinodes[inode.i_ino];
	di.di_size = inode.i_size;
	if (DIRS) di.di_entries = inode.i_entries;
	if (TRUNCATES) di.di_blocks = inode.i_blocks;
	if (NR_RGRP_BLOCKS > 0) for (let k = 0; k < NR_FILE_PAGES; k++) di.di_map[k] = inode.i_map[k];
}
