// SPDX-License-Identifier: GPL-2.0-only
/** Address space operations (GFS1: src/gfs/ops_address.c). */
import {
	BUG_ON,
	type bool,
	cover,
	type int,
	preempt,
	type Sleeps,
} from '../../harness/kts/prelude.ts';
import { PAGE_SHIFT } from '../../vfs/include/asm/page.ts';
import {
	NR_RGRP_BLOCKS,
	READPAGE_LOCKS,
	RECLAIM,
	WRITEPAGE_LOCKS,
} from '../../vfs/include/linux/bounds.ts';
import {
	AOP_TRUNCATED_PAGE,
	type address_space_operations,
	type file,
	type inode,
} from '../../vfs/include/linux/fs.ts';
import type { kiobuf } from '../../vfs/include/linux/iobuf.ts';
import { type page, UnlockPage } from '../../vfs/include/linux/mm.ts';
import { CONFIG_AOP_TRUNCATED_PAGE, CONFIG_DIRECT_IO_NOLOCK } from '../../vfs/Kconfig.ts';
import {
	block_prepare_write,
	block_read_full_page,
	block_write_full_page,
	generic_commit_write,
	generic_direct_IO,
	generic_direct_IO_nolock,
	set_page_dirty,
} from '../../vfs/kernel/ksyms.ts';
import { CONFIG_OGFS_READPAGE_WAIT } from '../Kconfig.ts';
import { LM_ST_EXCLUSIVE } from '../locking/lm_interface.ts';
import { ogfs_block_find, ogfs_block_map, ogfs_write_alloc_required } from './bmap.ts';
import {
	ogfs_glock_dq,
	ogfs_glock_is_locked_by_me,
	ogfs_glock_nq,
	ogfs_glock_try,
} from './glock.ts';
import { ogfs_glock_of, type ogfs_holder } from './incore.ts';
import { ogfs_read_state } from './ops_vm.ts';
import { current_transaction } from './trans.ts';
import { ogfs_glock_dq_uninit } from './xmote.ts';

/** What must be so when a page is written: this node has the file, and the page its block. */
function check_writepage(page: page): void {
	const inode = page.mapping!.host!;
	const gl = ogfs_glock_of(inode);
	BUG_ON(gl.gl_state !== LM_ST_EXCLUSIVE, 'ogfs_writepage without the exclusive lock');
	if (NR_RGRP_BLOCKS > 0)
		BUG_ON(
			page.index << PAGE_SHIFT < inode.i_size && ogfs_write_alloc_required(inode, page.index),
			'ogfs_writepage: a hole, in which nobody can take a block now',
		);
}

/**
 * check_locked - what is read or made ready to be written is so under the lock, taken by this task
 * @inode: the file
 *
 * GFS1 returns -ENOSYS where this stops the machine.
 *
 * Context: ->readpage, ->prepare_write.
 */
function check_locked(inode: inode): void {
	const mine = ogfs_glock_is_locked_by_me(ogfs_glock_of(inode));
	BUG_ON(mine === null, 'a page is read, or made ready for a write, without the lock');
}

/**
 * ogfs_writepage - write a page; only a node that has the file exclusively has anything to write
 * @page: locked
 *
 * With resource groups whoever made the page dirty had it given a block: here it is too late to
 * look for one (get_block_noalloc() of GFS1). Where memory may be short (RECLAIM), the buffers of
 * the page may have been freed, and the map is looked at to find its block.
 *
 * Return: 0.
 * Context: may sleep.
 */
function* ogfs_writepage(page: page): Sleeps<int> {
	check_writepage(page);
	if (RECLAIM > 0) yield* ogfs_get_block(page.mapping!.host!, page.index, false);
	return yield* block_write_full_page(page);
}

/**
 * ogfs_writepage_memalloc - the same, for a task that frees memory
 * @page: locked
 *
 * In a transaction the task may have the map of the blocks locked itself: the page is marked dirty
 * again, and somebody else will write it. (GFS1 has this since it has the lock of the map, for all
 * calls of ->writepage; only those of a task that frees memory come in a transaction.)
 *
 * With WRITEPAGE_LOCKS under the lock of the file, of which such a task knows nothing: a file
 * system that does not rely on it that a node with a dirty page has the file. (GFS1 and GFS2 rely
 * on it. OCFS2 notes that ->writepage is called while a lock is brought down, and must wait for no
 * lock of the cluster.) Such a task never brings the lock down itself: that would write pages from
 * within the writing of one.
 *
 * Return: 0.
 * Context: takes i_rw_mutex for reading, and with WRITEPAGE_LOCKS the glock. May sleep.
 */
function* ogfs_writepage_memalloc(page: page): Sleeps<int> {
	const inode = page.mapping!.host!;
	let gh: ogfs_holder | null = null;
	if (WRITEPAGE_LOCKS) {
		cover('writepage: takes the lock');
		gh = yield* ogfs_glock_nq(ogfs_glock_of(inode), LM_ST_EXCLUSIVE);
	}
	let error = 0;
	check_writepage(page);
	if (current_transaction()) {
		cover('writepage: in a transaction, the page stays dirty');
		set_page_dirty(page);
		UnlockPage(page);
	} else {
		if (RECLAIM > 0) yield* ogfs_block_find(inode);
		error = yield* block_write_full_page(page);
	}
	if (WRITEPAGE_LOCKS) ogfs_glock_dq(ogfs_glock_of(inode), gh!);
	return error;
}

/**
 * readpage_locks - take the glock, read the page, let the glock go
 * @page: locked
 *
 * READPAGE_LOCKS, of a task that has not got the glock: a fault in a mapping that cannot store into
 * the file. The page lock is taken already, and a revoke, which has the glock, waits for page
 * locks. So it tries with CONFIG_AOP_TRUNCATED_PAGE, and if it does not get the glock lets the page
 * go and has it looked for again; with CONFIG_OGFS_READPAGE_WAIT when the node has the glock. (GFS1
 * takes its lock before ->nopage. GFS2 of 2008 lets the page go always, and keeps the lock until it
 * is called again; OCFS2 tries, as here.)
 *
 * Return: 0 or AOP_TRUNCATED_PAGE.
 * Context: the page is unlocked on return, or by the disk. May sleep.
 */
function* readpage_locks(page: page): Sleeps<int> {
	const gl = ogfs_glock_of(page.mapping!.host!);
	let gh: ogfs_holder | null = null;
	if (CONFIG_AOP_TRUNCATED_PAGE) {
		gh = ogfs_glock_try(gl, ogfs_read_state());
		if (!gh) {
			cover('readpage: page unlocked');
			UnlockPage(page);
			if (CONFIG_OGFS_READPAGE_WAIT) {
				gh = yield* ogfs_glock_nq(gl, ogfs_read_state());
				yield* ogfs_glock_dq_uninit(gl, gh);
			} else {
				yield* preempt();
			}
			return AOP_TRUNCATED_PAGE;
		}
	} else {
		gh = yield* ogfs_glock_nq(gl, ogfs_read_state());
	}
	cover('readpage: the lock is taken under the page lock');
	const error = block_read_full_page(page);
	yield* ogfs_glock_dq_uninit(gl, gh);
	return error;
}

/**
 * ogfs_readpage - start to read a page
 * @file: not used
 * @page: locked
 *
 * Return: 0, or with READPAGE_LOCKS AOP_TRUNCATED_PAGE.
 * Context: the glock held, but with READPAGE_LOCKS. May sleep.
 */
function* ogfs_readpage(file: file | null, page: page): Sleeps<int> {
	if (READPAGE_LOCKS && !ogfs_glock_is_locked_by_me(ogfs_glock_of(page.mapping!.host!)))
		return yield* readpage_locks(page);
	check_locked(page.mapping!.host!);
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
 * Context: the glock held. May sleep.
 */
function* ogfs_prepare_write(file: file, page: page, from: int, to: int): Sleeps<int> {
	check_locked(page.mapping!.host!);
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
	if (CONFIG_DIRECT_IO_NOLOCK)
		return yield* generic_direct_IO_nolock(rw, inode, iobuf, blocknr, blocksize);
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
function* ogfs_get_block(inode: inode, iblock: int, create: bool): Sleeps<int> {
	return yield* ogfs_block_map(inode, iblock, create);
}

export const ogfs_aops: address_space_operations = {
	writepage: ogfs_writepage,
	writepage_memalloc: ogfs_writepage_memalloc,
	readpage: ogfs_readpage,
	prepare_write: ogfs_prepare_write,
	commit_write: ogfs_commit_write,
	direct_IO: ogfs_direct_IO,
	get_block: ogfs_get_block,
};
