// SPDX-License-Identifier: GPL-2.0-only
/**
 * fs/buffer.c and drivers/block/ll_rw_blk.c of 2.4.22, as far as whole pages go: a page of a file
 * is a page of the disk at a fixed place. Left out: buffer heads (two of their
 * bits are with the flags of the page).
 */
import {
	ASSERT,
	BUG_ON,
	type bool,
	cover,
	event,
	type int,
	kmem_cache_alloc,
	kmem_cache_free,
	preempt,
	printk,
	type Sleeps,
	wait_event,
} from '../../harness/kts/prelude.ts';
import { PAGE_MASK, PAGE_SHIFT, PAGE_SIZE } from '../include/asm/page.ts';
import { READ, READ_BUFFER, type request, WRITE, WRITE_BUFFER } from '../include/linux/blkdev.ts';
import {
	NR_FILE_PAGES,
	NR_KIOBUFS,
	NR_RGRP_BLOCKS,
	PAGE_WORDS,
	TRUNCATES,
} from '../include/linux/bounds.ts';
import { EBADF, EIO, ENOMEM, ENOTBLK } from '../include/linux/errno.ts';
import { EVENT_WRITEOUT } from '../include/linux/events.ts';
import type { address_space, file, inode } from '../include/linux/fs.ts';
import { clear_highpage, memclear_highpage_flush } from '../include/linux/highmem.ts';
import type { kiobuf } from '../include/linux/iobuf.ts';
import { LOCK_page } from '../include/linux/lockdep.ts';
import {
	__GFP_IO,
	BH_Attached,
	BH_Dirty,
	BH_Lock,
	BH_New,
	BH_Uptodate,
	LIST_CLEAN,
	Page_Uptodate,
	PageDirty,
	PG_error,
	PG_uptodate,
	PG_writeback,
	type page,
	page_cache_get,
	UnlockPage,
} from '../include/linux/mm.ts';
import { down, up } from '../include/linux/rwsem.ts';
import { this_node } from '../include/linux/sched.ts';
import {
	CONFIG_DIRTY_BY_PAGE,
	CONFIG_PAGECACHE_TAGS,
	CONFIG_SMP,
	CONFIG_ZERO_NEW_BUFFERS,
} from '../Kconfig.ts';
import { lock_acquired, lock_release, might_sleep } from '../kernel/lockdep.ts';
import {
	__grab_cache_page,
	filemap_fdatasync,
	filemap_fdatawait,
	set_page_dirty,
} from '../mm/filemap.ts';
import { page_cache_release } from '../mm/page_alloc.ts';
import { end_kio_request, kiobuf_wait_for_io } from './iobuf.ts';
import { fget, fput } from './open.ts';

/**
 * sys_fsync - write a file to the disk
 * @fd: the descriptor
 *
 * Return: 0, -EBADF, or what went wrong.
 * Context: process; takes i_sem. May sleep.
 */
export function* sys_fsync(fd: int): Sleeps<int> {
	const file = fget(fd);
	if (file === null) return -EBADF;
	const inode = file.f_inode!;
	yield* down(inode.i_sem);
	let ret = yield* filemap_fdatasync(inode.i_data);
	const synced = yield* file.f_op!.fsync(file);
	if (synced && !ret) ret = synced;
	const waited = yield* filemap_fdatawait(inode.i_data);
	if (waited && !ret) ret = waited;
	up(inode.i_sem);
	fput(file);
	return ret;
}

/**
 * do_fdatasync - write the data of a file to the disk
 * @file: the file
 *
 * Differs:
 *   - return: every file has ->fsync
 *
 * Return: 0, or what went wrong.
 * Context: i_sem held. May sleep.
 */
function* do_fdatasync(file: file): Sleeps<int> {
	const inode = file.f_inode!;
	let ret = yield* filemap_fdatasync(inode.i_data);
	const synced = yield* file.f_op!.fsync(file);
	if (synced && !ret) ret = synced;
	const waited = yield* filemap_fdatawait(inode.i_data);
	if (waited && !ret) ret = waited;
	return ret;
}

/**
 * sys_fdatasync - write the data of a file to the disk
 * @fd: the descriptor
 *
 * Return: 0, -EBADF, or what went wrong.
 * Context: process; takes i_sem. May sleep.
 */
export function* sys_fdatasync(fd: int): Sleeps<int> {
	const file = fget(fd);
	if (file === null) return -EBADF;
	yield* down(file.f_inode!.i_sem);
	const ret = yield* do_fdatasync(file);
	up(file.f_inode!.i_sem);
	fput(file);
	return ret;
}

/**
 * generic_osync_inode - a write of a file opened with O_SYNC is done when it is on the disk
 * @inode: the inode
 *
 * With CONFIG_DIRTY_BY_PAGE the dirty pages are written.
 *
 * Differs: of fs/inode.c.
 *   - if error: there is one
 *   - fsync_inode_buffers, spin_lock inode_lock, spin_unlock inode_lock, write_inode_now,
 *       wait_on_inode: no inode is written
 *
 * Return: 0, or what went wrong.
 * Context: i_sem held. May sleep.
 * Source: fs/inode.c
 */
export function* generic_osync_inode(inode: inode): Sleeps<int> {
	if (!CONFIG_DIRTY_BY_PAGE) return yield* fsync_inode_data_buffers(inode);
	const err = yield* filemap_fdatasync(inode.i_data);
	const waited = yield* filemap_fdatawait(inode.i_data);
	return err ? err : waited;
}

/**
 * wait_on_buffer - wait until the buffer of a page is unlocked
 * @page: the page, referenced
 *
 * Differs:
 *   - __wait_on_buffer: a wait, where C has a queue
 *
 * Context: may sleep.
 * Source: include/linux/locks.h
 */
function* wait_on_buffer(page: page): Sleeps {
	might_sleep();
	yield* wait_event(() => !(page.flags & BH_Lock));
}

/**
 * lock_buffer - lock the buffer of a page
 * @page: the page, referenced
 *
 * Differs:
 *   - loop, __wait_on_buffer: a wait, which ends in the step that takes the lock
 *   + wait_on_buffer, set flags: of that step
 *
 * Context: may sleep. The disk unlocks the buffer, or who has locked it.
 * Source: include/linux/locks.h
 */
function* lock_buffer(page: page): Sleeps {
	yield* wait_on_buffer(page);
	page.flags |= BH_Lock;
}

/**
 * mark_buffer_dirty - what is in the buffer of a page is to go to the disk
 * @page: in the page cache
 *
 * The buffer, not the page, as in 2.4.22; with CONFIG_DIRTY_BY_PAGE the page, as in 2.6.
 *
 * Differs:
 *   ! of 2.4.22: atomic_set_buffer_dirty(), __mark_dirty() and buffer_insert_inode_data_queue(),
 *       which are called one after the other wherever this is
 *
 * Context: the page is locked. Does not sleep.
 * Source: fs/buffer.c
 */
function mark_buffer_dirty(page: page): void {
	if (CONFIG_DIRTY_BY_PAGE) set_page_dirty(page);
	else if (!(page.flags & BH_Dirty)) page.flags |= BH_Dirty | BH_Attached;
}

/**
 * write_buffer - write the buffer of a page if it is dirty, and if the disk has not got it
 * @page: referenced; locked or not
 *
 * Context: any. Does not sleep, and does not wait for the disk.
 * Source: none: ll_rw_block(WRITE), for one buffer
 */
function write_buffer(page: page): void {
	if (page.flags & BH_Lock || !(page.flags & BH_Dirty)) return;
	page.flags = (page.flags & ~BH_Dirty) | BH_Lock;
	printk('ll_rw_block: %p', page);
	event(EVENT_WRITEOUT, page);
	ll_rw_page(WRITE_BUFFER, page);
}

/**
 * The first page of a file, in file order, whose buffer is on i_dirty_data_buffers.
 *
 * Source: none: the end of a list
 */
function first_attached(inode: inode): page | null {
	for (let i = 0; i < NR_FILE_PAGES; i++) {
		const page = inode.i_data.pages[i];
		if (page && page.flags & BH_Attached) return page;
	}
	return null;
}

/**
 * fsync_inode_data_buffers - write the dirty buffers of a file, and wait for them
 * @inode: the file
 *
 * A buffer leaves the list of the inode before the wait for it: a second caller does not see it,
 * and does not wait.
 *
 * Differs: of include/linux/fs.h; fsync_buffers_list() of fs/buffer.c is its body.
 *   ! both lists go by page of the file: a page leaves it when the disk is done with its buffer
 *
 * Return: 0 or -EIO.
 * Context: may sleep.
 * Source: include/linux/fs.h
 */
export function* fsync_inode_data_buffers(inode: inode): Sleeps<int> {
	let err = 0;
	let tmp = 0;
	might_sleep();
	for (;;) {
		if (CONFIG_SMP) yield* preempt();
		const page = first_attached(inode);
		if (page === null) break;
		page.flags &= ~BH_Attached;
		if (!(page.flags & (BH_Dirty | BH_Lock))) continue;
		tmp |= 1 << page.index;
		if (!(page.flags & BH_Dirty)) continue;
		cover('fsync_inode_data_buffers: a dirty buffer');
		page_cache_get(page);
		yield* wait_on_buffer(page);
		write_buffer(page);
		page_cache_release(page);
	}
	for (let i = 0; i < NR_FILE_PAGES; i++) {
		const page = inode.i_data.pages[i];
		if (!page || !(tmp & (1 << i))) continue;
		page_cache_get(page);
		yield* wait_on_buffer(page);
		if (page.flags & PG_error) err = -EIO;
		page_cache_release(page);
	}
	return err;
}

/**
 * block_flushpage - forget the buffer of a page that is thrown away
 * @page: locked
 *
 * Waits for the disk, if it is at work on the buffer.
 *
 * Differs:
 *   ! discard_buffer() for the one buffer of a page that goes as a whole
 *
 * Context: may sleep.
 * Source: include/linux/fs.h
 */
export function* block_flushpage(page: page): Sleeps {
	page.flags &= ~BH_Dirty;
	yield* lock_buffer(page);
	page.flags &= ~(BH_Uptodate | BH_New | BH_Attached | BH_Lock);
}

/**
 * try_to_free_buffers - may a page of the page cache be freed, as far as its buffer goes?
 * @page: locked
 * @gfp_mask: GFP_*: with __GFP_IO a dirty buffer is written
 *
 * Differs:
 *   ! sync_page_buffers() writes a buffer when it meets it for the second time
 *
 * Return: false: the buffer is dirty, or the disk has it.
 * Context: any. Does not sleep.
 * Source: fs/buffer.c
 */
export function try_to_free_buffers(page: page, gfp_mask: int): bool {
	if (!(page.flags & (BH_Dirty | BH_Lock))) {
		page.flags &= ~BH_Attached;
		return true;
	}
	if (gfp_mask & __GFP_IO) {
		cover('try_to_free_buffers: a dirty buffer is written');
		write_buffer(page);
	}
	return false;
}

/**
 * brw_page - hand a page to the disk
 * @rw: READ, WRITE, READ_BUFFER or WRITE_BUFFER
 * @page: locked, and end_page_io() unlocks it: the lock is the disk's now; of a buffer BH_Lock is
 *	set, and the page lock is not looked at
 * @sector: page of the disk
 *
 * Differs:
 *   submit_bh -> kmem_cache_alloc: a request, which is put on the queue here
 *   - lock_buffer, set_buffer_async_io, PageLocked: no buffers
 *   + page_cache_get: the request has a reference
 *
 * Context: any; the disk takes the request in a later step. Does not sleep.
 */
export function brw_page(rw: int, page: page, sector: int): void {
	const queue = this_node().request_queue;
	const rq = kmem_cache_alloc(this_node().request_cachep)!;
	rq.cmd = rw;
	rq.sector = sector;
	rq.page = page;
	page_cache_get(page);
	queue.queue[queue.nr] = rq;
	queue.nr++;
	if (!(rw & READ_BUFFER)) lock_release(LOCK_page);
}

/**
 * A page of a file: its place on the disk goes by file and index, or is that of its block.
 *
 * Source: none: the place of a page of a file, which get_block() finds in C
 */
function ll_rw_page(cmd: int, page: page): void {
	const inode = page.mapping!.host!;
	let sector = inode.i_ino * NR_FILE_PAGES + page.index;
	if (NR_RGRP_BLOCKS > 0) sector = inode.i_map[page.index];
	brw_page(cmd, page, sector);
}

/**
 * end_page_io - the disk is done with a page
 * @rq: the request, off the queue
 * @uptodate: it went well
 *
 * As in the kernel, a page that had an error before does not become up to date by a read that went
 * well, until somebody clears PG_error.
 *
 * Context: as end_buffer_io_async(): an interrupt. Called by the disk in the step of the transfer.
 * Source: none: end_buffer_io_async(), for a page
 */
export function end_page_io(rq: request, uptodate: bool): void {
	const page = rq.page!;
	const cmd = rq.cmd;
	if (NR_KIOBUFS > 0 && rq.iobuf) {
		end_buffer_io_kiobuf(rq);
		return;
	}
	if (cmd === READ_BUFFER) {
		page.flags &= ~BH_Lock;
		if (uptodate) page.flags |= BH_Uptodate;
	} else if (cmd === WRITE_BUFFER) {
		page.flags &= ~BH_Lock;
		if (!uptodate) page.flags |= PG_error;
	} else {
		if (!CONFIG_DIRTY_BY_PAGE && cmd === WRITE) page.flags &= ~BH_Lock;
		if (CONFIG_PAGECACHE_TAGS && cmd === WRITE) page.flags &= ~PG_writeback;
		if (!uptodate) page.flags |= PG_error;
		if (cmd === READ && !(page.flags & PG_error)) page.flags |= PG_uptodate;
	}
	kmem_cache_free(this_node().request_cachep, rq);
	if (!(cmd & READ_BUFFER)) {
		lock_acquired(LOCK_page);
		UnlockPage(page);
	}
	page_cache_release(page);
}

/**
 * Has a page of a file a block on the disk? (What get_block() finds.)
 *
 * Source: none: what get_block() finds
 */
function buffer_mapped(page: page): bool {
	return (page.mapping!.host!.i_blocks & (1 << page.index)) !== 0;
}

/**
 * fill_hole - have a block for a page of a file
 * @inode: the file
 * @index: which page
 *
 * Return: 0, or what the file system's get_block() says of a hole: -ENOSPC.
 * Context: as the file system's get_block(). May sleep.
 * Source: none: a call of get_block() with its argument create
 */
function* fill_hole(inode: inode, index: int): Sleeps<int> {
	if (NR_RGRP_BLOCKS > 0) return yield* inode.i_data.a_ops!.get_block!(inode, index, true);
	inode.i_blocks |= 1 << index;
	return 0;
}

/**
 * free_blocks - give the blocks behind the end of a file back
 * @inode: the file; i_size is the new size, bytes
 *
 * They are holes from then on.
 *
 * Context: i_sem held. Does not sleep.
 * Source: none: stands for the freeing of blocks in a file system
 */
export function free_blocks(inode: inode): void {
	inode.i_blocks &= (1 << ((inode.i_size + PAGE_SIZE - 1) >> PAGE_SHIFT)) - 1;
}

/**
 * block_read_full_page - ->readpage
 * @page: locked
 *
 * A page that is a hole, or behind the end of the file, is full of zeros at once. A reader that
 * looked at i_size before the file was cut can still put such a page into the cache.
 *
 * Differs:
 *   ->get_block -> buffer_mapped: asked of the inode
 *   submit_bh -> brw_page: the page
 *   - buffer_mapped x3, buffer_uptodate x3, lock_buffer, set_buffer_async_io, end_buffer_io_async:
 *       one block
 *   + clear_highpage, SetPageUptodate, UnlockPage: a page without a block, and one whose block was
 *       read for a write, are done each by itself
 *
 * Return: 0.
 * Context: the page is unlocked when it has been read.
 */
export function block_read_full_page(page: page): int {
	const end = page.mapping!.host!.i_size;
	if (TRUNCATES && (!buffer_mapped(page) || page.index << PAGE_SHIFT >= end)) {
		clear_highpage(page);
		page.flags |= PG_uptodate;
		UnlockPage(page);
		return 0;
	}
	if (page.flags & BH_Uptodate) {
		page.flags |= PG_uptodate;
		UnlockPage(page);
		return 0;
	}
	ll_rw_page(READ, page);
	return 0;
}

/**
 * block_truncate_page - zero the end of the block that the end of a file lies in
 * @mapping: the file
 * @from: the end of it, bytes
 *
 * Who reads the block from the disk later, when the file has grown, finds zeros.
 *
 * Differs:
 *   grab_cache_page -> __grab_cache_page: its body
 *   ll_rw_block -> brw_page: the page
 *   __mark_dirty -> mark_buffer_dirty: which puts the buffer on the list of its inode as well
 *   - buffer_mapped x2, buffer_uptodate x3, ->get_block,
 *       buffer_insert_inode_data_queue, balance_dirty: one block
 *   + Page_Uptodate, memclear_highpage_flush, SetPageUptodate: the page is up to date with its one
 *       block
 *
 * Return: 0, -ENOMEM or -EIO.
 * Context: i_sem held. Takes the page lock. May sleep.
 */
export function* block_truncate_page(mapping: address_space, from: int): Sleeps<int> {
	const offset = from & ~PAGE_MASK;
	if (PAGE_WORDS === 1 || !offset) return 0;
	const page = yield* __grab_cache_page(mapping, from >> PAGE_SHIFT);
	if (page === null) return -ENOMEM;
	let err = 0;
	if (buffer_mapped(page)) {
		if (!Page_Uptodate(page) && !(page.flags & BH_Uptodate)) {
			might_sleep();
			page.flags |= BH_Lock;
			ll_rw_page(READ_BUFFER, page);
			yield* wait_on_buffer(page);
		}
		if (Page_Uptodate(page) || page.flags & BH_Uptodate) {
			cover('block_truncate_page');
			memclear_highpage_flush(page, offset, PAGE_SIZE - offset);
			page.flags = (page.flags & ~BH_Uptodate) | PG_uptodate;
			mark_buffer_dirty(page);
		} else {
			err = -EIO;
		}
	}
	UnlockPage(page);
	page_cache_release(page);
	return err;
}

/**
 * set_page_writeback - a page is being written: its tags say so
 * @page: locked, its dirty mark cleared; it may be marked again
 *
 * CONFIG_PAGECACHE_TAGS.
 *
 * Context: any. Does not sleep.
 * Source: none: test_set_page_writeback() of mm/page-writeback.c, 2.6.9
 */
function set_page_writeback(page: page): void {
	page.flags |= PG_writeback;
	if (!PageDirty(page)) page.list = LIST_CLEAN;
}

/**
 * block_write_full_page - ->writepage
 * @page: locked, in the page cache
 *
 * A hole gets its block, which is at a fixed place; where it is not (NR_RGRP_BLOCKS), the file
 * system must have given it one before. What lies behind the end of the file, in its last page,
 * becomes zero: in the page, which may be mapped, so that a store there may come between this and
 * the disk. Without CONFIG_DIRTY_BY_PAGE such a page is not written here: its buffer becomes dirty.
 *
 * Differs:
 *   - __block_write_full_page: its body for one block stands here
 *   - __block_prepare_write, ClearPageUptodate: the page is up to date
 *   __block_commit_write -> mark_buffer_dirty: one block
 *   + memclear_highpage_flush: a memset() in C
 *
 * Return: 0, or -EIO for a page behind the end of the file; with CONFIG_DIRTY_BY_PAGE 0 for it, as
 * in 2.6.9.
 * Context: the page is unlocked when it has been written. May sleep (lock_buffer).
 */
export function* block_write_full_page(page: page): Sleeps<int> {
	BUG_ON(page.mapping === null, 'block_write_full_page of a page that has left its file');
	const inode = page.mapping!.host!;
	if (TRUNCATES && page.index << PAGE_SHIFT >= inode.i_size) {
		UnlockPage(page);
		if (CONFIG_DIRTY_BY_PAGE) return 0;
		return -EIO;
	}
	if (TRUNCATES && !buffer_mapped(page)) {
		BUG_ON(NR_RGRP_BLOCKS > 0, 'block_write_full_page of a hole, for which no block is reserved');
		inode.i_blocks |= 1 << page.index;
	}
	const offset = inode.i_size & ~PAGE_MASK;
	if (PAGE_WORDS > 1 && TRUNCATES && offset && page.index === inode.i_size >> PAGE_SHIFT) {
		memclear_highpage_flush(page, offset, PAGE_SIZE - offset);
		if (!CONFIG_DIRTY_BY_PAGE) {
			cover('block_write_full_page: the last page, in part');
			mark_buffer_dirty(page);
			UnlockPage(page);
			return 0;
		}
	}
	printk('block_write_full_page: %p', page);
	event(EVENT_WRITEOUT, page);
	if (CONFIG_PAGECACHE_TAGS) set_page_writeback(page);
	if (!CONFIG_DIRTY_BY_PAGE) {
		yield* lock_buffer(page);
		page.flags &= ~BH_Dirty;
	}
	ll_rw_page(WRITE, page);
	return 0;
}

/**
 * block_prepare_write - ->prepare_write: the rest of the page must be right
 * @page: locked, in the page cache
 *
 * A write of an int covers a part of the page, so the page is read first unless it is up to date.
 * What is read is the buffer: the page is not up to date before commit_write(), so that a fault on
 * it in between waits for the page lock. A page for which there is no block is read again.
 *
 * Differs:
 *   = __block_prepare_write: its body stands here
 *   ll_rw_block -> brw_page: the page
 *   - if error: asked where it is made
 *   ~ ClearPageUptodate: there
 *   - buffer_mapped, buffer_new x2, buffer_uptodate x3, unmap_underlying_metadata,
 *       mark_buffer_dirty: one block
 *   + clear_highpage: a memset() in C
 *   - Page_Uptodate: one block, so once
 *
 * Return: 0, -EIO, or what get_block() says.
 * Context: may sleep (wait_on_buffer). The page stays locked.
 */
export function* block_prepare_write(page: page): Sleeps<int> {
	const hole = TRUNCATES !== 0 && !buffer_mapped(page);
	if (hole) {
		const err = yield* fill_hole(page.mapping!.host!, page.index);
		if (err) {
			page.flags &= ~PG_uptodate;
			return err;
		}
		if (CONFIG_ZERO_NEW_BUFFERS) page.flags |= BH_New;
	}
	if (Page_Uptodate(page)) return 0;
	if (hole) {
		clear_highpage(page);
		page.flags |= BH_Uptodate;
	}
	if (page.flags & BH_Uptodate) return 0;
	might_sleep();
	page.flags |= BH_Lock;
	ll_rw_page(READ_BUFFER, page);
	yield* wait_on_buffer(page);
	return page.flags & BH_Uptodate ? 0 : -EIO;
}

/**
 * generic_commit_write - ->commit_write
 * @file: the file
 * @page: locked, written to
 * @end: end of what was written, bytes into the file
 *
 * Differs:
 *   = __block_commit_write: its body stands here
 *   __mark_dirty -> mark_buffer_dirty: which puts the buffer on the list of its inode as well
 *   - buffer_uptodate, buffer_insert_inode_data_queue, balance_dirty, mark_inode_dirty: one block,
 *       and no inode that is written
 *   ~ SetPageUptodate: before that
 *
 * Return: 0.
 * Context: the page is locked, i_sem held. Does not sleep.
 */
export function generic_commit_write(file: file, page: page, end: int): int {
	page.flags &= ~(CONFIG_ZERO_NEW_BUFFERS ? BH_Uptodate | BH_New : BH_Uptodate);
	page.flags |= PG_uptodate;
	mark_buffer_dirty(page);
	if (end > file.f_inode!.i_size) file.f_inode!.i_size = end;
	return 0;
}

/**
 * page_zero_new_buffers - nothing was copied into a page that was prepared for a write
 * @page: locked
 *
 * CONFIG_ZERO_NEW_BUFFERS. If its block is new, the page, which is zeros, is to be written there.
 *
 * Differs:
 *   ! no buffers: the page is zero since block_prepare_write()
 *
 * Context: the page is locked. Does not sleep.
 * Source: fs/buffer.c, 2.6.24
 */
export function page_zero_new_buffers(page: page): void {
	if (!(page.flags & BH_New)) return;
	cover('write: a new block is zero');
	page.flags &= ~(BH_Uptodate | BH_New);
	page.flags |= PG_uptodate;
	mark_buffer_dirty(page);
}

/**
 * end_buffer_io_kiobuf - the disk is done with a page of a kiobuf
 * @rq: the request, off the queue
 *
 * A part of a direct transfer is done: the page is neither locked nor the page cache's.
 *
 * Differs:
 *   - mark_buffer_uptodate, unlock_buffer: no buffers
 *   + kmem_cache_free: of the request
 *
 * Context: an interrupt: the step of the disk. Does not sleep.
 */
function end_buffer_io_kiobuf(rq: request): void {
	const kiobuf = rq.iobuf!;
	kmem_cache_free(this_node().request_cachep, rq);
	end_kio_request(kiobuf);
}

/**
 * map_direct_blocks - look for the place of a direct transfer on the disk
 * @rw: READ or WRITE
 * @inode: the file
 * @iobuf: the user's memory
 * @blocknr: block of the file
 * @blocksize: bytes, a page
 *
 * Return: 0: there is one; else what the transfer returns.
 * Context: i_sem held, or with CONFIG_DIRECT_IO_NOLOCK a lock of the file system. Does not sleep.
 * Source: none: part of generic_direct_IO()
 */
function map_direct_blocks(
	rw: int,
	inode: inode,
	iobuf: kiobuf,
	blocknr: int,
	blocksize: int,
): int {
	ASSERT('LIMIT', NR_RGRP_BLOCKS === 0, 'direct I/O to blocks that move is not modelled');
	if (!TRUNCATES || inode.i_blocks & (1 << blocknr)) return 0;
	if (rw === READ) {
		clear_highpage(iobuf.maplist[0]!);
		return blocksize;
	}
	if (blocknr * blocksize < inode.i_size) return -ENOTBLK;
	inode.i_blocks |= 1 << blocknr;
	return 0;
}

/**
 * generic_direct_IO_nolock - ->direct_IO of a file system that keeps truncates away itself
 * @rw: READ or WRITE
 * @inode: the file
 * @iobuf: the user's memory
 * @blocknr: first block of the file
 * @blocksize: bytes, a page
 *
 * CONFIG_DIRECT_IO_NOLOCK. As generic_direct_IO(), but that it leaves i_sem alone.
 *
 * Return: bytes transferred; -ENOTBLK: a hole is to be filled, which the page cache is for.
 * Context: a lock of the file system that a truncate takes as well. May sleep.
 * Source: none: blockdev_direct_IO_no_locking() of 2.6.9
 */
export function* generic_direct_IO_nolock(
	rw: int,
	inode: inode,
	iobuf: kiobuf,
	blocknr: int,
	blocksize: int,
): Sleeps<int> {
	const done = map_direct_blocks(rw, inode, iobuf, blocknr, blocksize);
	if (done !== 0) return done;
	return yield* brw_kiovec(rw, iobuf, inode.i_ino * NR_FILE_PAGES + blocknr, blocksize);
}

/**
 * generic_direct_IO - ->direct_IO of a file system whose files are on a disk
 * @rw: READ or WRITE
 * @inode: the file
 * @iobuf: the user's memory
 * @blocknr: first block of the file
 * @blocksize: bytes, a page
 *
 * i_sem is let go for the transfer, unless the file becomes longer by it.
 *
 * Differs:
 *   - ->get_block, buffer_new, buffer_mapped x2, unmap_underlying_metadata: a page of a file has
 *       its place on the disk, or is a hole
 *   + clear_highpage: a hole is read here; C leaves it to brw_kiovec()
 *
 * Return: bytes transferred; -ENOTBLK: a hole is to be filled, which the page cache is for.
 * Context: i_sem held. May sleep.
 */
export function* generic_direct_IO(
	rw: int,
	inode: inode,
	iobuf: kiobuf,
	blocknr: int,
	blocksize: int,
): Sleeps<int> {
	const beyond_eof = blocknr * blocksize >= inode.i_size;
	const done = map_direct_blocks(rw, inode, iobuf, blocknr, blocksize);
	if (done !== 0) return done;
	if (!beyond_eof) up(inode.i_sem);
	const sector = inode.i_ino * NR_FILE_PAGES + blocknr;
	const retval = yield* brw_kiovec(rw, iobuf, sector, blocksize);
	if (!beyond_eof) yield* down(inode.i_sem);
	return retval;
}

/**
 * brw_kiovec - transfer between a disk and a user's memory, and wait for it
 * @rw: READ or WRITE
 * @iobuf: the user's memory
 * @sector: first page of the disk
 * @size: bytes of a page
 *
 * The pages are referenced, and nothing more: nobody who looks for a locked page, or a dirty one,
 * sees that the disk is at work on them.
 *
 * Differs:
 *   - wait_kio x2: the disk does not fail
 *   submit_bh -> kmem_cache_alloc: a request is put into the queue in place
 *   - set_bh_page, init_buffer, return x3: no buffers
 *   - kiobuf_wait_for_io: C waits in two places, for each part and at the end
 *
 * Return: bytes transferred.
 * Context: may sleep.
 */
export function* brw_kiovec(rw: int, iobuf: kiobuf, sector: int, size: int): Sleeps<int> {
	const queue = this_node().request_queue;
	for (let i = 0; i < iobuf.nr_pages; i++) {
		const rq = kmem_cache_alloc(this_node().request_cachep)!;
		rq.cmd = rw;
		rq.sector = sector + i;
		rq.page = iobuf.maplist[i];
		rq.iobuf = iobuf;
		iobuf.io_count++;
		queue.queue[queue.nr] = rq;
		queue.nr++;
	}
	cover('brw_kiovec: transfer to or from a user page');
	yield* kiobuf_wait_for_io(iobuf);
	return iobuf.nr_pages * size;
}
