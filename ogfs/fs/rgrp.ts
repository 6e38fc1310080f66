// SPDX-License-Identifier: GPL-2.0-only
/**
 * Blocks of the disk, and which of them are free (GFS1: src/gfs/rgrp.c). OpenGFS's own names could
 * not be read; GFS1's are used.
 *
 * Differs from GFS1: there is one resource group, and in it blocks of data only, so that a
 * reservation is of one group and one block, and no group is looked for. Left out: quota, the lock
 * of the index of resource groups, clumps of metadata, goals (the first free block is taken).
 */
import { BUG_ON, type bool, cover, type int, printk } from '../../harness/kts/prelude.ts';
import { NR_RGRP_BLOCKS } from '../../vfs/include/linux/bounds.ts';
import { ENOSPC } from '../../vfs/include/linux/errno.ts';
import type { inode } from '../../vfs/include/linux/fs.ts';
import { ogfs_rgrps } from './incore.ts';

/** Has the resource group a block that is free? */
function try_rgrp_fit(): bool {
	return ogfs_rgrps[0].rg_used !== (1 << NR_RGRP_BLOCKS) - 1;
}

/**
 * ogfs_inplace_reserve - make sure that a file can be given a block
 * @inode: the file
 *
 * Return: 0, with the resource group locked, or -ENOSPC.
 * Context: the file's glock held exclusively.
 */
export function ogfs_inplace_reserve(inode: inode): int {
	if (try_rgrp_fit()) return 0;
	cover('rgrp: no block is free');
	printk('ogfs_inplace_reserve: file %d, no block is free', inode.i_ino);
	return -ENOSPC;
}

/** Takes a free block. */
function blkalloc_internal(): int {
	let block = 0;
	while (block < NR_RGRP_BLOCKS && ogfs_rgrps[0].rg_used & (1 << block)) block++;
	BUG_ON(block === NR_RGRP_BLOCKS, 'blkalloc_internal: no block where one was reserved');
	ogfs_rgrps[0].rg_used |= 1 << block;
	return block;
}

/** Gives a block back. */
function blkfree_internal(block: int): void {
	BUG_ON(!(ogfs_rgrps[0].rg_used & (1 << block)), 'blkfree_internal: the block is free');
	ogfs_rgrps[0].rg_used &= ~(1 << block);
}

/**
 * ogfs_blkalloc - give a file a block
 * @inode: the file, for which a block is reserved
 *
 * Return: the number of the block.
 * Context: the resource group locked.
 */
export function ogfs_blkalloc(inode: inode): int {
	const block = blkalloc_internal();
	cover('rgrp: a block is given to a file');
	printk('ogfs_blkalloc: file %d is given block %d', inode.i_ino, block);
	return block;
}

/**
 * ogfs_blkfree - take a block from a file
 * @inode: the file
 * @block: its number
 *
 * Context: the resource group locked.
 */
export function ogfs_blkfree(inode: inode, block: int): void {
	printk('ogfs_blkfree: file %d gives block %d back', inode.i_ino, block);
	blkfree_internal(block);
}
