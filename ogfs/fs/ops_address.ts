// SPDX-License-Identifier: GPL-2.0-only
/** Address space operations (GFS1: src/gfs/ops_address.c). */
import { BUG_ON, type bool, type int, type Sleeps } from '../../harness/kts/prelude.ts';
import { PAGE_SHIFT } from '../../vfs/include/asm/page.ts';
import { NR_RGRP_BLOCKS } from '../../vfs/include/linux/bounds.ts';
import type { address_space_operations, file, inode } from '../../vfs/include/linux/fs.ts';
import type { kiobuf } from '../../vfs/include/linux/iobuf.ts';
import type { page } from '../../vfs/include/linux/mm.ts';
import {
	block_prepare_write,
	block_read_full_page,
	block_write_full_page,
	generic_commit_write,
	generic_direct_IO,
} from '../../vfs/kernel/ksyms.ts';
import { LM_ST_EXCLUSIVE } from '../locking/lm_interface.ts';
import { ogfs_block_map, ogfs_write_alloc_required } from './bmap.ts';
import { ogfs_glock_of } from './incore.ts';

/**
 * ogfs_writepage - write a page; only a node that has the file exclusively has anything to write
 * @page: locked
 *
 * With resource groups whoever made the page dirty had it given a block: here it is too late to
 * look for one (get_block_noalloc() of GFS1).
 *
 * Return: 0.
 */
function* ogfs_writepage(page: page): Sleeps<int> {
	const gl = ogfs_glock_of(page.mapping!.host!);
	const inode = page.mapping!.host!;
	BUG_ON(gl.gl_state !== LM_ST_EXCLUSIVE, 'ogfs_writepage without the exclusive lock');
	if (NR_RGRP_BLOCKS > 0)
		BUG_ON(
			page.index << PAGE_SHIFT < inode.i_size && ogfs_write_alloc_required(inode, page.index),
			'ogfs_writepage: a hole, in which nobody can take a block now',
		);
	return block_write_full_page(page);
}

/**
 * ogfs_readpage - start to read a page
 * @file: not used
 * @page: locked
 *
 * Return: 0.
 */
function* ogfs_readpage(file: file | null, page: page): Sleeps<int> {
	return block_read_full_page(page);
}

/**
 * ogfs_prepare_write - make a page ready to be written to
 * @file: the file
 * @page: locked
 * @from: bytes into the page
 * @to: bytes into the page
 *
 * Return: 0.
 * Context: may sleep.
 */
function* ogfs_prepare_write(file: file, page: page, from: int, to: int): Sleeps<int> {
	return yield* block_prepare_write(page);
}

/**
 * ogfs_commit_write - a page has been written to
 * @file: the file
 * @page: locked
 * @from: bytes into the page
 * @to: bytes into the page
 *
 * Return: 0.
 */
function* ogfs_commit_write(file: file, page: page, from: int, to: int): Sleeps<int> {
	return generic_commit_write(file, page, (page.index << PAGE_SHIFT) + to);
}

/**
 * ogfs_direct_IO - transfer between the disk and a user's memory (GFS1: gfs_direct_IO)
 * @rw: READ or WRITE
 * @inode: the file
 * @iobuf: the user's memory
 * @blocknr: first block of the file
 * @blocksize: bytes
 *
 * Return: bytes transferred.
 * Context: the file's glock held. May sleep.
 */
function* ogfs_direct_IO(
	rw: int,
	inode: inode,
	iobuf: kiobuf,
	blocknr: int,
	blocksize: int,
): Sleeps<int> {
	return yield* generic_direct_IO(rw, inode, iobuf, blocknr, blocksize);
}

/**
 * ogfs_get_block - ->get_block: the block of a page
 * @inode: the file
 * @iblock: which page
 * @create: if it has none, give it one
 *
 * Return: 0.
 * Context: as ogfs_block_map().
 */
function ogfs_get_block(inode: inode, iblock: int, create: bool): int {
	return ogfs_block_map(inode, iblock, create);
}

export const ogfs_aops: address_space_operations = {
	writepage: ogfs_writepage,
	readpage: ogfs_readpage,
	prepare_write: ogfs_prepare_write,
	commit_write: ogfs_commit_write,
	direct_IO: ogfs_direct_IO,
	get_block: ogfs_get_block,
};
