// SPDX-License-Identifier: GPL-2.0-only
/**
 * Which block of the disk a page of a file is (GFS1: src/gfs/bmap.c). OpenGFS's own names could not
 * be read; GFS1's are used.
 *
 * Differs from GFS1: the map is an array in the inode, without a tree of indirect blocks; no file
 * is stuffed into its inode; a block is a page. The lock of the map (i_rw_mutex, of May 2005) is
 * taken where memory may be short (RECLAIM): else nobody sleeps with it.
 */
import { type bool, cover, type int, type Sleeps } from '../../harness/kts/prelude.ts';
import { PAGE_SHIFT, PAGE_SIZE } from '../../vfs/include/asm/page.ts';
import { NR_FILE_PAGES, RECLAIM } from '../../vfs/include/linux/bounds.ts';
import { ENOSPC } from '../../vfs/include/linux/errno.ts';
import type { inode } from '../../vfs/include/linux/fs.ts';
import {
	down_read,
	down_write,
	type rw_semaphore,
	up_read,
	up_write,
} from '../../vfs/include/linux/rwsem.ts';
import { ogfs_sbs } from './incore.ts';
import { ogfs_blkalloc, ogfs_blkfree, ogfs_inplace_release, ogfs_rgrp_lock } from './rgrp.ts';
import { ogfs_trans_begin, ogfs_trans_end } from './trans.ts';
import { gmalloc } from './util.ts';

/** The lock of the map of a file. */
function rw_mutex(inode: inode): rw_semaphore {
	return ogfs_sbs[inode.i_node].sd_inodes[inode.i_ino].i_rw_mutex;
}

/** Looks for the block of a page of a file, and if it has none and is to be given one, takes it. */
function lookup_block(inode: inode, lblock: int, create: bool): int {
	if (inode.i_blocks & (1 << lblock) || !create) return 0;
	const block = ogfs_blkalloc(inode);
	if (block < 0) return -ENOSPC;
	inode.i_map[lblock] = block;
	inode.i_blocks |= 1 << lblock;
	return 0;
}

/**
 * ogfs_block_map - the block of a page of a file
 * @inode: the file
 * @lblock: which page
 * @create: if it has none, give it one, which is reserved
 *
 * The number is in i_map when it has one. The way there through the tree of blocks is noted in
 * memory that is allocated, with the map locked.
 *
 * Return: 0 or -ENOSPC.
 * Context: the glock of the file held, to create exclusively, with the resource group locked; or,
 * not to create, a page of the file locked that is dirty. To create, in a transaction. Takes
 * i_rw_mutex. May sleep.
 */
export function* ogfs_block_map(inode: inode, lblock: int, create: bool): Sleeps<int> {
	if (RECLAIM === 0) return lookup_block(inode, lblock, create);
	if (create) yield* down_write(rw_mutex(inode));
	else yield* down_read(rw_mutex(inode));
	yield* gmalloc();
	const error = lookup_block(inode, lblock, create);
	if (create) up_write(rw_mutex(inode));
	else up_read(rw_mutex(inode));
	return error;
}

/**
 * ogfs_block_find - the block of a page, for a task that frees memory
 * @inode: the file
 *
 * ogfs_block_map() without create, where what it allocates is there (PF_MEMALLOC).
 *
 * Context: a page of the file locked; in no transaction. Takes i_rw_mutex for reading. May sleep.
 */
export function* ogfs_block_find(inode: inode): Sleeps {
	yield* down_read(rw_mutex(inode));
	up_read(rw_mutex(inode));
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
	ogfs_trans_begin();
	if (RECLAIM > 0) {
		yield* down_write(rw_mutex(inode));
		yield* gmalloc();
	}
	for (let k = first; k < NR_FILE_PAGES; k++) {
		if (!(inode.i_blocks & (1 << k))) continue;
		ogfs_blkfree(inode, inode.i_map[k]);
		inode.i_blocks &= ~(1 << k);
		inode.i_map[k] = 0;
	}
	if (RECLAIM > 0) up_write(rw_mutex(inode));
	ogfs_trans_end();
	yield* ogfs_inplace_release(inode);
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
