// SPDX-License-Identifier: GPL-2.0-only
/**
 * Which block of the disk a page of a file is (GFS1: src/gfs/bmap.c). OpenGFS's own names could not
 * be read; GFS1's are used.
 *
 * Differs from GFS1: the map is an array in the inode, without a tree of indirect blocks; no file
 * is stuffed into its inode; a block is a page.
 */
import { type bool, cover, type int, type Sleeps } from '../../harness/kts/prelude.ts';
import { PAGE_SHIFT, PAGE_SIZE } from '../../vfs/include/asm/page.ts';
import { NR_FILE_PAGES } from '../../vfs/include/linux/bounds.ts';
import { ENOSPC } from '../../vfs/include/linux/errno.ts';
import type { inode } from '../../vfs/include/linux/fs.ts';
import { ogfs_blkalloc, ogfs_blkfree, ogfs_inplace_release, ogfs_rgrp_lock } from './rgrp.ts';

/**
 * ogfs_block_map - the block of a page of a file
 * @inode: the file
 * @lblock: which page
 * @create: if it has none, give it one, which is reserved
 *
 * The number is in i_map when it has one.
 *
 * Return: 0 or -ENOSPC.
 * Context: the file's glock held, to create exclusively, with the resource group locked.
 */
export function ogfs_block_map(inode: inode, lblock: int, create: bool): int {
	if (inode.i_blocks & (1 << lblock) || !create) return 0;
	const block = ogfs_blkalloc(inode);
	if (block < 0) return -ENOSPC;
	inode.i_map[lblock] = block;
	inode.i_blocks |= 1 << lblock;
	return 0;
}

/**
 * ogfs_write_alloc_required - would a store to a page of a file fill a hole?
 * @inode: the file
 * @lblock: which page
 *
 * Return: true: it needs a block.
 * Context: the file's glock held.
 */
export function ogfs_write_alloc_required(inode: inode, lblock: int): bool {
	return lblock < NR_FILE_PAGES && !(inode.i_blocks & (1 << lblock));
}

/** Gives the blocks of a file from page @first on back. */
function* do_strip(inode: inode, first: int): Sleeps {
	yield* ogfs_rgrp_lock(inode);
	for (let k = first; k < NR_FILE_PAGES; k++) {
		if (!(inode.i_blocks & (1 << k))) continue;
		ogfs_blkfree(inode, inode.i_map[k]);
		inode.i_blocks &= ~(1 << k);
		inode.i_map[k] = 0;
	}
	ogfs_inplace_release(inode);
}

/** Gives what is behind the new end of a file back. */
function* ogfs_shrink(inode: inode, size: int): Sleeps {
	const first = (size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	if (inode.i_blocks >> first === 0) return;
	cover('rgrp: blocks of a file are given back');
	yield* do_strip(inode, first);
}

/**
 * ogfs_truncatei - the size of a file was set: have its blocks agree
 * @inode: the file
 * @size: the new size, bytes
 *
 * What is behind the old end when a file grows is a hole.
 *
 * Context: the file's glock held exclusively. May sleep.
 */
export function* ogfs_truncatei(inode: inode, size: int): Sleeps {
	yield* ogfs_shrink(inode, size);
}
