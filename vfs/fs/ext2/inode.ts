// SPDX-License-Identifier: GPL-2.0-only
/**
 * fs/ext2/inode.c of 2.4.22, as far as the contents of files go. A page of a file is a block at a
 * fixed place of the disk, or a hole (inode.i_blocks).
 */
import type { int, Sleeps } from '../../../harness/kts/prelude.ts';
import { PAGE_SHIFT } from '../../include/asm/page.ts';
import type { address_space_operations, file, inode } from '../../include/linux/fs.ts';
import type { kiobuf } from '../../include/linux/iobuf.ts';
import type { page } from '../../include/linux/mm.ts';
import {
	block_prepare_write,
	block_read_full_page,
	block_truncate_page,
	block_write_full_page,
	free_blocks,
	generic_commit_write,
	generic_direct_IO,
} from '../buffer.ts';

/**
 * ext2_writepage - ->writepage
 * @page: locked
 *
 * Return: as block_write_full_page().
 * Context: the page is unlocked when it has been written.
 */
function* ext2_writepage(page: page): Sleeps<int> {
	return yield* block_write_full_page(page);
}

/**
 * ext2_readpage - ->readpage
 * @file: not used
 * @page: locked
 *
 * Return: 0.
 * Context: the page is unlocked when it has been read.
 */
function* ext2_readpage(file: file | null, page: page): Sleeps<int> {
	return block_read_full_page(page);
}

/**
 * ext2_prepare_write - ->prepare_write
 * @file: the file
 * @page: locked
 * @from: bytes into the page
 * @to: bytes into the page
 *
 * Return: 0.
 * Context: may sleep.
 */
function* ext2_prepare_write(file: file, page: page, from: int, to: int): Sleeps<int> {
	return yield* block_prepare_write(page);
}

/**
 * ext2_commit_write - ->commit_write, generic_commit_write() in the kernel's table
 * @file: the file
 * @page: locked
 * @from: bytes into the page
 * @to: bytes into the page
 *
 * Return: 0.
 * Context: the page is locked.
 * Source: none: C has generic_commit_write() in the table; the port's has other arguments
 */
function* ext2_commit_write(file: file, page: page, from: int, to: int): Sleeps<int> {
	return generic_commit_write(file, page, (page.index << PAGE_SHIFT) + to);
}

/**
 * ext2_direct_IO - ->direct_IO
 * @rw: READ or WRITE
 * @inode: the file
 * @iobuf: the user's memory
 * @blocknr: first block of the file
 * @blocksize: bytes
 *
 * Return: bytes transferred.
 * Context: i_sem held. May sleep.
 */
function* ext2_direct_IO(
	rw: int,
	inode: inode,
	iobuf: kiobuf,
	blocknr: int,
	blocksize: int,
): Sleeps<int> {
	return yield* generic_direct_IO(rw, inode, iobuf, blocknr, blocksize);
}

export const ext2_aops: address_space_operations = {
	writepage: ext2_writepage,
	writepage_memalloc: ext2_writepage,
	readpage: ext2_readpage,
	prepare_write: ext2_prepare_write,
	commit_write: ext2_commit_write,
	direct_IO: ext2_direct_IO,
	get_block: null,
};

/**
 * ext2_truncate - the file has been cut: free what is behind its end
 * @inode: the file
 *
 * Differs:
 *   - ext2_discard_prealloc, ext2_block_to_path, ext2_find_shared, ext2_free_data,
 *       ext2_free_branches x5, mark_inode_dirty x5, ext2_sync_inode: blocks are bits of the inode
 *   - EXT2_ADDR_PER_BLOCK, EXT2_BLOCK_SIZE_BITS, S_ISREG, S_ISDIR, S_ISLNK, IS_APPEND,
 *       IS_IMMUTABLE, return x4: it is a file that may be cut
 *   - mark_buffer_dirty_inode x2, brelse, IS_SYNC, fsync_inode_buffers: no indirect blocks
 *
 * Context: i_sem held. May sleep.
 */
export function* ext2_truncate(inode: inode): Sleeps {
	yield* block_truncate_page(inode.i_data, inode.i_size);
	free_blocks(inode);
}
