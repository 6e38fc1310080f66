// SPDX-License-Identifier: GPL-2.0-only
/**
 * mm/filemap.c of 2.4.22: the page cache, its readers and writers, and what faults call.
 *
 * Differs: pagecache_lock is not a lock here. Nothing sleeps or takes another lock under it, so
 * what it protects is one step; where the kernel takes it anew, pagecache_step() lets others in.
 * The three page lists are walked in file order. Left out: the LRU, buffers (a write
 * makes the page dirty, as in 2.6), limits.
 *   - spin_lock pagecache_lock x16, spin_unlock pagecache_lock x19: no lock here, see above
 *   - spin_lock pagemap_lru_lock, spin_unlock pagemap_lru_lock: no lists by age
 */

import {
	ASSERT,
	BUG_ON,
	type bool,
	cover,
	event,
	type int,
	preempt,
	printk,
	type Sleeps,
	wait_event,
} from '../../harness/kts/prelude.ts';
import {
	block_flushpage,
	fsync_inode_data_buffers,
	generic_osync_inode,
	page_zero_new_buffers,
	try_to_free_buffers,
} from '../fs/buffer.ts';
import { alloc_kiovec, free_kiovec } from '../fs/iobuf.ts';
import { mpage_writepages, wait_on_page_writeback_range } from '../fs/mpage.ts';
import { PAGE_MASK, PAGE_SHIFT, PAGE_SIZE, page_word } from '../include/asm/page.ts';
import { _PAGE_DIRTY, pte_present, type pte_t } from '../include/asm/pgtable.ts';
import { flush_tlb_page, flush_tlb_range, pte_index } from '../include/asm/tlb.ts';
import {
	__copy_from_user,
	__copy_to_user,
	__get_user,
	access_ok,
	pagefault_disable,
	pagefault_enable,
} from '../include/asm/uaccess.ts';
import { READ, WRITE } from '../include/linux/blkdev.ts';
import {
	DIRECT_IO,
	FILE_POS,
	NR_FILE_PAGES,
	NR_RGRP_BLOCKS,
	OPEN_FLAGS,
	PAGE_WORDS,
	READ_ERRORS,
	READAHEAD,
	TRUNCATES,
} from '../include/linux/bounds.ts';
import {
	EAGAIN,
	EFAULT,
	EFBIG,
	EINVAL,
	EIO,
	ENOEXEC,
	ENOMEM,
	ENOTBLK,
} from '../include/linux/errno.ts';
import {
	EVENT_LOCK,
	EVENT_LOCKED,
	EVENT_PASSED,
	EVENT_POPULATE,
	EVENT_STORE_LOST,
	EVENT_TRUNCATE_PAGE,
} from '../include/linux/events.ts';
import {
	AOP_TRUNCATED_PAGE,
	type address_space,
	type file,
	file_position,
	I_SIZE_EARLY,
	type inode,
	O_APPEND,
	O_DIRECT,
	O_SYNC,
	set_file_position,
	truncate_count_put,
	truncate_count_read,
} from '../include/linux/fs.ts';
import { memclear_highpage_flush } from '../include/linux/highmem.ts';
import { LOCK_page } from '../include/linux/lockdep.ts';
import {
	GFP_HIGHUSER,
	LIST_CLEAN,
	LIST_DIRTY,
	LIST_LOCKED,
	LIST_NONE,
	NOPAGE_OOM,
	Page_Uptodate,
	PageDirty,
	PageLocked,
	PG_dirty,
	PG_error,
	PG_locked,
	PG_uptodate,
	page,
	page_cache_get,
	TryLockPage,
	UnlockPage,
	VM_MAYWRITE,
	VM_SHARED,
	type vm_area_struct,
	type vm_operations_struct,
} from '../include/linux/mm.ts';
import { wait_on_page } from '../include/linux/pagemap.ts';
import { down, down_read, up, up_read } from '../include/linux/rwsem.ts';
import { current } from '../include/linux/sched.ts';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.ts';
import { page_trace } from '../include/linux/trace.ts';
import {
	CONFIG_AOP_TRUNCATED_PAGE,
	CONFIG_DIRECT_IO_NOLOCK,
	CONFIG_DIRTY_BY_PAGE,
	CONFIG_INVALIDATE_PAGES2_UNMAP,
	CONFIG_NOFAULT_COPY,
	CONFIG_NOPAGE_ISIZE,
	CONFIG_NOPAGE_LOCKED,
	CONFIG_PAGECACHE_ISIZE_EXTENDED,
	CONFIG_PAGECACHE_TAGS,
	CONFIG_READ_ISIZE,
	CONFIG_READPAGE_ISIZE,
	CONFIG_SMP,
	CONFIG_TRUNCATE_COUNT,
	CONFIG_TRUNCATE_KEEPS_UPTODATE,
	CONFIG_ZERO_NEW_BUFFERS,
} from '../Kconfig.ts';
import { lock_acquire, lock_acquired, might_sleep } from '../kernel/lockdep.ts';
import { install_file_pte, install_page } from './fremap.ts';
import {
	map_user_kiobuf,
	mark_dirty_kiobuf,
	pagecache_isize_extended,
	unmap_kiobuf,
	vmtruncate,
} from './memory.ts';
import { alloc_page, page_cache_release } from './page_alloc.ts';
import { launder_page, unmap_locked_page } from './truncate.ts';

/**
 * pagecache_step - where the kernel takes pagecache_lock: on SMP the others get in first
 *
 * Context: any. Does not sleep.
 * Source: none: spin_lock() of pagecache_lock
 */
export function* pagecache_step(): Sleeps {
	event(EVENT_PASSED);
	if (CONFIG_SMP) yield* preempt();
}

/**
 * __add_to_page_cache - put a page into the page cache
 * @page: new, one reference
 * @mapping: the file
 * @index: page of the file, not cached
 *
 * The page is locked from here on, and the cache has a reference of its own.
 *
 * Differs:
 *   + PageLocked x2: may be locked before, by the swap cache
 *
 * Context: any. Does not sleep.
 */
export function __add_to_page_cache(page: page, mapping: address_space, index: int): void {
	if (!PageLocked(page)) lock_acquired(LOCK_page);
	if (!PageLocked(page)) event(EVENT_LOCKED, page);
	page.flags = PG_locked;
	page.index = index;
	page.mapping = mapping;
	page.was = mapping.host;
	page.list = LIST_CLEAN;
	page_cache_get(page);
	mapping.pages[index] = page;
	mapping.nrpages++;
}

/**
 * remove_inode_page - take a page out of the page cache
 * @page: locked
 *
 * The cache's reference is the caller's to give back.
 *
 * Differs:
 *   - __remove_inode_page: its body stands here
 *
 * Context: page lock held. Does not sleep.
 */
export function remove_inode_page(page: page): void {
	const mapping = page.mapping!;
	BUG_ON(!PageLocked(page), 'remove_inode_page of a page that is not locked');
	page.list = LIST_NONE;
	mapping.pages[page.index] = null;
	mapping.nrpages--;
	page.mapping = null;
}

/**
 * set_page_dirty - a page has been written to
 * @page: any page; one that has left its file keeps the mark and nothing else happens
 *
 * Differs:
 *   + PageDirty, return, SetPageDirty: one test_and_set_bit() in C
 *   - mark_inode_dirty_pages: the inode is on no list
 *
 * Context: any.
 */
export function set_page_dirty(page: page): void {
	if (PageDirty(page)) return;
	page.flags |= PG_dirty;
	if (page.mapping) page.list = LIST_DIRTY;
	else if (page.was) printk('set_page_dirty: %p has left its file, what was stored is lost', page);
	if (!page.mapping && page.was) event(EVENT_STORE_LOST, page);
}

/**
 * invalidate_inode_pages - drop what can be dropped of a file
 * @inode: the file
 *
 * Skips pages that are dirty, locked, or used by anything but the cache (mapped, that is).
 *
 * Differs:
 *   - __lru_cache_del: no lists by age
 *   __remove_inode_page -> remove_inode_page: no pagecache_lock
 *
 * Context: any. Does not sleep.
 */
export function invalidate_inode_pages(inode: inode): void {
	for (let i = 0; i < NR_FILE_PAGES; i++) {
		const page = inode.i_data.pages[i];
		if (!page || page.list !== LIST_CLEAN || PageDirty(page)) continue;
		if (TryLockPage(page)) continue;
		if (!CONFIG_DIRTY_BY_PAGE && !try_to_free_buffers(page, 0)) {
			UnlockPage(page);
			continue;
		}
		if (page.count !== 1) {
			UnlockPage(page);
			continue;
		}
		remove_inode_page(page);
		UnlockPage(page);
		page_cache_release(page);
	}
}

/**
 * invalidate_this_page2 - drop a page, or make the next reader read it again
 * @page: locked
 *
 * Differs:
 *   - block_invalidate_page: as the next
 *   + block_flushpage: its one buffer goes
 *   - page_cache_get: of a page with buffers; it is locked
 *   + return: one return more
 *
 * Return: true when it was dropped.
 * Context: page lock held. Sleeps while the disk writes the buffer of the page.
 */
function* invalidate_this_page2(page: page): Sleeps<bool> {
	if (page.count === 1) {
		page_cache_get(page);
		yield* truncate_complete_page(page);
		return true;
	}
	if (!CONFIG_DIRTY_BY_PAGE) yield* block_flushpage(page);
	page.flags &= ~(PG_dirty | PG_uptodate);
	return false;
}

/**
 * invalidate_inode_pages2 - drop the pages of a file, dirty or not
 * @mapping: the file
 *
 * Pages that are mapped, or in use otherwise, stay, neither dirty nor up to date; with
 * CONFIG_INVALIDATE_PAGES2_UNMAP they are unmapped, and written if they are dirty.
 *
 * Differs: invalidate_list_pages2() is folded in, and the three lists are walked as one.
 *   = invalidate_list_pages2: once for the three lists
 *   ~ invalidate_this_page2, UnlockPage: the branch that waits stands first
 *   + page_cache_release: C has one for both ways
 *   + launder_page: CONFIG_INVALIDATE_PAGES2_UNMAP
 *
 * Context: may sleep.
 */
export function* invalidate_inode_pages2(mapping: address_space): Sleeps {
	let i = 0;
	yield* pagecache_step();
	while (i < NR_FILE_PAGES) {
		const page = mapping.pages[i];
		if (!page) {
			i++;
			continue;
		}
		if (TryLockPage(page)) {
			page_cache_get(page);
			yield* wait_on_page(page);
			page_cache_release(page);
			continue;
		}
		if (CONFIG_INVALIDATE_PAGES2_UNMAP) {
			const dirty = yield* launder_page(page);
			if (dirty) continue;
		}
		const dropped = yield* invalidate_this_page2(page);
		UnlockPage(page);
		if (dropped) {
			page_cache_release(page);
			yield* pagecache_step();
		}
		i++;
	}
}

/**
 * truncate_complete_page - throw a whole page of a file away
 * @page: locked, referenced by the caller; mapped or not, dirty or not
 *
 * A reader that has the page may still wait for it to be read, and takes one that is not up to date
 * for an error of the disk. With CONFIG_TRUNCATE_KEEPS_UPTODATE it stays up to date.
 *
 * Differs:
 *   do_flushpage -> block_flushpage: there is one form, and C asks it in a condition
 *
 * Context: page lock held. Sleeps while the disk writes the buffer of the page.
 */
export function* truncate_complete_page(page: page): Sleeps {
	if (!CONFIG_DIRTY_BY_PAGE) yield* block_flushpage(page);
	page.flags &= ~PG_dirty;
	if (!CONFIG_TRUNCATE_KEEPS_UPTODATE) page.flags &= ~PG_uptodate;
	remove_inode_page(page);
	page_cache_release(page);
}

/**
 * truncate_partial_page - throw the end of a page away
 * @page: locked, in the cache; mapped or not
 * @partial: bytes of it that stay
 *
 * Differs:
 *   - do_flushpage: the one buffer of the page stays
 *
 * Context: page lock held. Does not sleep.
 */
function truncate_partial_page(page: page, partial: int): void {
	cover('truncate_partial_page');
	memclear_highpage_flush(page, partial, PAGE_SIZE - partial);
}

/**
 * truncate_inode_pages - throw the pages of a file behind an offset away
 * @mapping: the file
 * @lstart: bytes
 *
 * Pages that are mapped go as well, and stay mapped. Of the page that the offset lies in the end
 * is zeroed, and stays mapped: what is stored there from then on is behind the end of the file.
 *
 * Differs:
 *   = truncate_list_pages: once for the three lists
 *   ~ wait_on_page: the branch that waits stands first
 *   + page_cache_release: C has one for both ways
 *
 * Context: may sleep.
 */
export function* truncate_inode_pages(mapping: address_space, lstart: int): Sleeps {
	const partial = lstart & ~PAGE_MASK;
	let i = lstart >> PAGE_SHIFT;
	if (PAGE_WORDS === 1) i = (lstart + PAGE_SIZE - 1) >> PAGE_SHIFT;
	yield* pagecache_step();
	while (i < NR_FILE_PAGES) {
		const page = mapping.pages[i];
		if (!page) {
			i++;
			continue;
		}
		page_cache_get(page);
		if (TryLockPage(page)) {
			yield* wait_on_page(page);
			page_cache_release(page);
			continue;
		}
		printk('truncate_inode_pages: %p', page);
		event(EVENT_TRUNCATE_PAGE, page);
		if (PAGE_WORDS > 1 && partial && i === lstart >> PAGE_SHIFT) {
			truncate_partial_page(page, partial);
		} else {
			if (CONFIG_NOPAGE_LOCKED) yield* unmap_locked_page(page);
			yield* truncate_complete_page(page);
		}
		UnlockPage(page);
		page_cache_release(page);
		yield* pagecache_step();
		i++;
	}
}

/**
 * The first page of a file, in file order, that is on one of its lists.
 *
 * Source: none: the end of a list
 */
function first_on_list(mapping: address_space, list: int): page | null {
	for (let i = 0; i < NR_FILE_PAGES; i++) {
		const page = mapping.pages[i];
		if (page && page.list === list) return page;
	}
	return null;
}

/**
 * filemap_fdatasync - start to write the dirty pages of a file
 * @mapping: the file
 *
 * Differs:
 *   + return: the loop ends in it
 *
 * Return: 0 or a negative error number.
 * Context: may sleep.
 */
export function* filemap_fdatasync(mapping: address_space): Sleeps<int> {
	if (CONFIG_PAGECACHE_TAGS) return yield* mpage_writepages(mapping);
	let ret = 0;
	for (;;) {
		yield* pagecache_step();
		const page = first_on_list(mapping, LIST_DIRTY);
		if (!page) return ret;
		page.list = LIST_LOCKED;
		if (!PageDirty(page)) continue;
		page_cache_get(page);
		yield* lock_page(page);
		if (PageDirty(page)) {
			page.flags &= ~PG_dirty;
			const err = yield* mapping.a_ops!.writepage(page);
			if (err && !ret) ret = err;
		} else {
			UnlockPage(page);
		}
		page_cache_release(page);
	}
}

/**
 * filemap_fdatawait - wait until what filemap_fdatasync() started is on the disk
 * @mapping: the file
 *
 * As in 2.4.22, a page leaves the locked list before the wait for it: a second waiter does not see
 * it, and does not wait.
 *
 * Differs:
 *   + return: the loop ends in it
 *   ___wait_on_page -> wait_on_page: it is locked, so both wait
 *
 * Return: 0 or -EIO.
 * Context: may sleep.
 */
export function* filemap_fdatawait(mapping: address_space): Sleeps<int> {
	if (CONFIG_PAGECACHE_TAGS) return yield* wait_on_page_writeback_range(mapping);
	let ret = 0;
	for (;;) {
		yield* pagecache_step();
		const page = first_on_list(mapping, LIST_LOCKED);
		if (!page) return ret;
		page.list = LIST_CLEAN;
		if (!PageLocked(page)) continue;
		page_cache_get(page);
		yield* wait_on_page(page);
		if (page.flags & PG_error) ret = -EIO;
		page_cache_release(page);
	}
}

/**
 * page_cache_read - start to read a page of a file into the page cache
 * @file: the file, or null
 * @mapping: its pages
 * @index: which
 *
 * Differs:
 *   - __find_page_nolock: an element of an array
 *   add_to_page_cache_unique -> __add_to_page_cache: the test stands before it
 *   ~ page_cache_release: the branch that gives up stands first
 *
 * With CONFIG_AOP_TRUNCATED_PAGE begins again when ->readpage has let the page go.
 *
 * Return: 0, also when somebody else was first; -ENOMEM; or what ->readpage says.
 * Context: may sleep.
 */
function* page_cache_read(file: file | null, mapping: address_space, index: int): Sleeps<int> {
	for (;;) {
		if (mapping.pages[index]) return 0;
		const page = yield* alloc_page(GFP_HIGHUSER);
		if (page === null) return -ENOMEM;
		if (mapping.pages[index]) {
			page_cache_release(page);
			return 0;
		}
		__add_to_page_cache(page, mapping, index);
		const error = yield* mapping.a_ops!.readpage(file, page);
		page_cache_release(page);
		if (!CONFIG_AOP_TRUNCATED_PAGE || error !== AOP_TRUNCATED_PAGE) return error;
	}
}

/**
 * lock_page - lock a page
 * @page: the page, referenced
 *
 * Differs:
 *   = __lock_page: its body stands here
 *   - page_waitqueue, DECLARE_WAITQUEUE, add_wait_queue_exclusive, remove_wait_queue,
 *       set_task_state, __set_task_state, sync_page, TryLockPage x2: a wait, where C has a queue
 *   + SetPageLocked: the wait and the lock are one step
 *
 * Context: may sleep.
 */
export function* lock_page(page: page): Sleeps {
	might_sleep();
	lock_acquire(LOCK_page);
	event(EVENT_LOCK, page);
	if (CONFIG_SMP || PageLocked(page)) yield* wait_event(() => !PageLocked(page));
	page.flags |= PG_locked;
	event(EVENT_LOCKED, page);
	lock_acquired(LOCK_page);
}

/**
 * generic_file_readahead - read ahead
 * @filp: the file
 * @inode: its inode
 * @page: the page that is wanted now, referenced
 *
 * Differs: one page, behind the one that is wanted, as often as it is not cached (READAHEAD);
 * the window that grows with sequential reads is left out.
 *   - get_max_readahead: one page
 *   - PageLocked: the window is left out
 *   + return: C is called when there is a page to read
 *
 * Context: may sleep. Does not wait for the page that it reads.
 */
function* generic_file_readahead(filp: file, inode: inode, page: page): Sleeps {
	const end_index = inode.i_size >> PAGE_SHIFT;
	if (page.index + 1 >= end_index) return;
	cover('generic_file_readahead: the next page');
	yield* page_cache_read(filp, inode.i_data, page.index + 1);
}

/**
 * in_this_page - how much of a page of a file there is to read
 * @inode: the file
 * @pos: offset in bytes
 *
 * Return: bytes from @pos to the end of its page, or to that of the file; 0: behind the end.
 * Context: any.
 * Source: none: part of do_generic_file_read()
 */
function in_this_page(inode: inode, pos: int): int {
	const size = inode.i_size;
	if (pos >= size) return 0;
	if (pos >> PAGE_SHIFT === size >> PAGE_SHIFT) return size - pos;
	return PAGE_SIZE - (pos & ~PAGE_MASK);
}

/**
 * do_generic_file_read - read from a file, through the page cache
 * @filp: the file
 * @count: bytes
 * @ppos: offset in bytes
 *
 * i_size is looked at for each page. The read ends at the end of the file as it was when the page
 * was looked for: a page that was cut off since, and is full of zeros, is read as if it were not.
 * CONFIG_READPAGE_ISIZE looks again when the reader has read the page itself, as 2.6.9 does,
 * CONFIG_READ_ISIZE whenever the page is up to date.
 *
 * A page that somebody else is reading is waited for by its lock; a page that left the file
 * meanwhile is looked for again, and so is one that somebody else put there first. A page that the
 * caller reads is waited for without the lock, and may have left the file by the time it is
 * copied.
 *
 * Differs: the position is kept by the caller.
 *   - get_max_readahead: left out
 *   + page_cache_release, file_read_actor: the short way for pages of one int
 *   - __find_page_nolock x2: an element of an array
 *   - Page_Uptodate, generic_file_readahead: C asks for a page that is up to date as well
 *   ->actor -> file_read_actor: there is one
 *   + return x4: C keeps the error and goes to the end
 *
 * Return: bytes read, or a negative error number.
 * Context: may sleep.
 */
function* do_generic_file_read(filp: file, count: int, ppos: int): Sleeps<int> {
	const inode = filp.f_inode!;
	const mapping = inode.i_data;
	let written = 0;
	let pos = ppos;

	for (;;) {
		let nr = in_this_page(inode, pos);
		if (nr === 0) return PAGE_WORDS > 1 ? written : 0;
		const index = pos >> PAGE_SHIFT;
		const offset = pos & ~PAGE_MASK;
		yield* pagecache_step();
		let page = mapping.pages[index];
		let readpage = false;
		if (!page) {
			const cached_page = yield* alloc_page(GFP_HIGHUSER);
			if (!cached_page) return PAGE_WORDS > 1 && written > 0 ? written : -ENOMEM;
			page = mapping.pages[index];
			if (page) {
				page_cache_release(cached_page);
			} else {
				__add_to_page_cache(cached_page, mapping, index);
				page = cached_page;
				readpage = true;
			}
		}
		if (!readpage) {
			page_cache_get(page);
			if (READAHEAD) yield* generic_file_readahead(filp, inode, page);
			if (!Page_Uptodate(page)) {
				yield* lock_page(page);
				if (!page.mapping) {
					UnlockPage(page);
					page_cache_release(page);
					continue;
				}
				readpage = !Page_Uptodate(page);
				if (!readpage) UnlockPage(page);
			}
		}
		if (readpage) {
			let error = yield* mapping.a_ops!.readpage(filp, page);
			if (CONFIG_AOP_TRUNCATED_PAGE && error === AOP_TRUNCATED_PAGE) {
				page_cache_release(page);
				continue;
			}
			if (!error && !Page_Uptodate(page)) {
				if (READAHEAD) yield* generic_file_readahead(filp, inode, page);
				yield* wait_on_page(page);
				if (!Page_Uptodate(page)) error = -EIO;
			}
			if (error) {
				page_cache_release(page);
				return PAGE_WORDS > 1 && written > 0 ? written : error;
			}
		}
		if (CONFIG_READ_ISIZE || (CONFIG_READPAGE_ISIZE && readpage)) {
			nr = in_this_page(inode, pos);
			if (nr === 0) {
				cover('read: cut off meanwhile');
				page_cache_release(page);
				return PAGE_WORDS > 1 ? written : 0;
			}
		}
		if (PAGE_WORDS === 1) {
			const ret = yield* file_read_actor(page, 0, 0, count);
			page_cache_release(page);
			return ret > 0 ? ret : -EFAULT;
		}
		const size = nr < count - written ? nr : count - written;
		const ret = yield* file_read_actor(page, written, offset, size);
		page_cache_release(page);
		written += ret;
		pos += ret;
		if (ret === nr && written < count) continue;
		return written > 0 ? written : -EFAULT;
	}
}

/**
 * generic_file_direct_IO - transfer between the disk and the running task's memory
 * @rw: READ or WRITE
 * @filp: the file
 * @buf: first byte of the memory
 * @count: bytes
 * @offset: bytes into the file
 *
 * What the page cache has of the file goes to the disk first. What ptes know to be dirty is not
 * in it: a program that maps a file and also opens it with O_DIRECT is on its own.
 *
 * Differs:
 *   do_call_directIO -> ->direct_IO: one of the two formats of the operation
 *   @ ->direct_IO: that format
 *   - have_mapping_directIO: every file system here has it
 *   + free_kiovec: C has one for both ways
 *
 * Return: bytes transferred; -EINVAL: no whole blocks; -EFAULT, -ENOMEM.
 * Context: i_sem and i_alloc_sem held, or with CONFIG_DIRECT_IO_NOLOCK a lock of the file system
 * that keeps truncates away. May sleep.
 */
function* generic_file_direct_IO(
	rw: int,
	filp: file,
	buf: int,
	count: int,
	offset: int,
): Sleeps<int> {
	const inode = filp.f_inode!;
	const mapping = inode.i_data;
	const size = inode.i_size;
	const iobuf = alloc_kiovec();
	if (iobuf === null) return -ENOMEM;
	if ((offset | count | buf) & ~PAGE_MASK || buf === 0 || !mapping.a_ops!.direct_IO) {
		free_kiovec(iobuf);
		return -EINVAL;
	}
	let iosize = count;
	if (rw === READ && offset + count > size) iosize = size - offset;

	let retval = yield* filemap_fdatasync(mapping);
	if (!CONFIG_DIRTY_BY_PAGE && retval === 0) retval = yield* fsync_inode_data_buffers(inode);
	if (retval === 0) retval = yield* filemap_fdatawait(mapping);
	if (retval === 0) retval = yield* map_user_kiobuf(rw, iobuf, buf, iosize);
	if (retval === 0) {
		retval = yield* mapping.a_ops!.direct_IO(rw, inode, iobuf, offset >> PAGE_SHIFT, PAGE_SIZE);
		if (rw === READ && retval > 0) mark_dirty_kiobuf(iobuf);
		unmap_kiobuf(iobuf);
	}
	free_kiovec(iobuf);
	return retval;
}

/**
 * file_read_actor - copy from a page of a file to the user
 * @page: the page, referenced; not locked
 * @written: bytes that are in the buffer already
 * @offset: first byte in the page
 * @size: bytes
 *
 * Differs: the buffer is that of the system call, and the caller keeps count.
 *
 * Return: bytes copied.
 * Context: may sleep; takes mmap_sem for reading if the copy faults.
 */
function* file_read_actor(page: page, written: int, offset: int, size: int): Sleeps<int> {
	const left = yield* __copy_to_user(current().uaddr + written, page, offset, size);
	return size - left;
}

/**
 * generic_file_read_nolock - a direct read by who keeps truncates away itself
 * @filp: the file, open with O_DIRECT
 * @count: bytes
 * @pos: offset in bytes
 *
 * CONFIG_DIRECT_IO_NOLOCK. What generic_file_read() does between its locks.
 *
 * Return: bytes read, or a negative error number.
 * Context: a lock of the file system that a truncate takes as well. May sleep.
 * Source: none: what a file system of 2.6.9 has with blockdev_direct_IO_no_locking()
 */
export function* generic_file_read_nolock(filp: file, count: int, pos: int): Sleeps<int> {
	if (count < 0) return -EINVAL;
	ASSERT('LIMIT', pos >= 0, 'a direct read at the position of the open file is not modelled');
	if (count === 0 || pos >= filp.f_inode!.i_size) return 0;
	return yield* generic_file_direct_IO(READ, filp, current().uaddr, count, pos);
}

/**
 * generic_file_read - ->read of a file that uses the page cache
 * @filp: the file
 * @count: bytes
 * @pos: offset in bytes
 *
 * Differs:
 *   + return x5, do_generic_file_read: the short way for a file without a position
 *
 * Return: bytes read, or a negative error number.
 * Context: may sleep.
 */
export function* generic_file_read(filp: file, count: int, pos: int): Sleeps<int> {
	if (count < 0) return -EINVAL;
	if (DIRECT_IO && filp.f_flags & O_DIRECT) {
		const inode = filp.f_inode!;
		let retval = 0;
		ASSERT('LIMIT', pos >= 0, 'a direct read at the position of the open file is not modelled');
		if (count === 0) return 0;
		yield* down_read(inode.i_alloc_sem);
		yield* down(inode.i_sem);
		if (pos < inode.i_size)
			retval = yield* generic_file_direct_IO(READ, filp, current().uaddr, count, pos);
		up(inode.i_sem);
		up_read(inode.i_alloc_sem);
		return retval;
	}
	if (!access_ok()) return -EFAULT;
	if (count === 0) return 0;
	if (!FILE_POS) return yield* do_generic_file_read(filp, count, pos);
	const start = file_position(filp, pos);
	const ret = yield* do_generic_file_read(filp, count, start);
	set_file_position(filp, pos, start + (ret > 0 ? ret : 0));
	return ret;
}

/**
 * The load of i_size in ->nopage: of now, or of a while ago (I_SIZE_EARLY).
 *
 * Source: none: a load, with what CONFIG_TRUNCATE_BARRIERS is about
 */
function i_size_load(inode: inode): int {
	if (!I_SIZE_EARLY || current().i_size_early === 0) return inode.i_size;
	const size = current().i_size_early - 1;
	current().i_size_early = 0;
	return size;
}

/**
 * lock_for_fault - lock a page that ->nopage is going to return
 * @page: a page of a file, referenced
 * @pgoff: which it was
 *
 * CONFIG_NOPAGE_LOCKED.
 *
 * Return: 0: it is locked, a page of the file, and not behind its end; 1: not, look again.
 * Context: may sleep.
 * Source: none: the end of filemap_fault() of 2.6.23
 */
function* lock_for_fault(page: page, pgoff: int): Sleeps<int> {
	yield* lock_page(page);
	const mapping = page.mapping;
	if (mapping && Page_Uptodate(page) && pgoff << PAGE_SHIFT < mapping.host!.i_size) return 0;
	UnlockPage(page);
	return 1;
}

/**
 * filemap_nopage - ->nopage of a file that uses the page cache
 * @area: the mapping
 * @address: page that is missing
 * @unused: not used, as in the kernel
 *
 * i_size is looked at again when a page was taken away that this had waited for, and not when it
 * had to be read: if the file was cut meanwhile, the page is one behind its end, full of zeros. It
 * is no matter to a process that traces the one whose memory it is. When ->readpage has let the
 * page go (CONFIG_AOP_TRUNCATED_PAGE) this begins again, and looks at i_size again as well.
 * CONFIG_NOPAGE_ISIZE looks at it whenever the page is up to date: without a wait in between that
 * is no later, for a processor that loads early (I_SIZE_EARLY), than the first time.
 * CONFIG_NOPAGE_LOCKED looks under the lock of the page.
 *
 * Differs:
 *   - nopage_sequential_readahead: left out
 *   read_cluster_nonblocking -> page_cache_read: one page, and with READAHEAD the next
 *   __find_get_page -> page_cache_get: the page hash is an array
 *   - VM_RandomReadHint, VM_SequentialReadHint: no madvise
 *   + return x2, ClearPageError: of the second attempt, which is the same function here
 *   - return x2, page_cache_release x2: given back in one place
 *   ~ page_cache_get: the branch without a page stands first
 *
 * Return: the page, up to date when it was looked at, referenced and not locked; null: beyond the
 * end of the file, or it cannot be read; NOPAGE_OOM.
 * Context: mmap_sem held for reading. May sleep.
 */
export function* filemap_nopage(
	area: vm_area_struct,
	address: int,
	unused: int,
): Sleeps<page | null> {
	const filp = area.vm_file!;
	const inode = filp.f_inode!;
	const mapping = inode.i_data;
	const pgoff = ((address - area.vm_start) >> PAGE_SHIFT) + area.vm_pgoff;

	for (;;) {
		let early = I_SIZE_EARLY && CONFIG_NOPAGE_ISIZE ? current().i_size_early : 0;
		const size = (i_size_load(inode) + PAGE_SIZE - 1) >> PAGE_SHIFT;
		if (pgoff >= size && area.vm_mm === current().mm) return null;

		for (;;) {
			yield* pagecache_step();
			if (mapping.pages[pgoff]) break;
			early = 0;
			const error = yield* page_cache_read(filp, mapping, pgoff);
			if (error < 0) return error === -ENOMEM ? NOPAGE_OOM : null;
			if (READAHEAD && pgoff + 1 < inode.i_size >> PAGE_SHIFT)
				yield* page_cache_read(filp, mapping, pgoff + 1);
		}
		const page = mapping.pages[pgoff]!;
		page_cache_get(page);
		let error = 0;
		if (!Page_Uptodate(page)) {
			early = 0;
			error = yield* page_not_uptodate(filp, page, false);
			if (error < 0) error = yield* page_not_uptodate(filp, page, true);
		}
		if (CONFIG_NOPAGE_LOCKED && !error) error = yield* lock_for_fault(page, pgoff);
		if (CONFIG_NOPAGE_ISIZE && !error && area.vm_mm === current().mm)
			error = pgoff << PAGE_SHIFT >= (early > 0 ? early - 1 : inode.i_size) ? 1 : 0;
		if (!error) return page;
		page_cache_release(page);
		if (error < 0) return null;
	}
}

/**
 * page_not_uptodate - an attempt to get a page up to date
 * @file: the file
 * @page: referenced
 * @again: it is the second, which clears the mark of the first
 *
 * Return: 0; -EIO; 1: the page has left the file; or AOP_TRUNCATED_PAGE.
 * Context: may sleep.
 * Source: none: part of filemap_nopage() and filemap_getpage()
 */
function* page_not_uptodate(file: file, page: page, again: bool): Sleeps<int> {
	yield* lock_page(page);
	if (!page.mapping) {
		UnlockPage(page);
		return 1;
	}
	if (Page_Uptodate(page)) {
		UnlockPage(page);
		return 0;
	}
	if (again) page.flags &= ~PG_error;
	const error = yield* page.mapping.a_ops!.readpage(file, page);
	if (CONFIG_AOP_TRUNCATED_PAGE && error === AOP_TRUNCATED_PAGE) return error;
	if (error) return -EIO;
	yield* wait_on_page(page);
	return Page_Uptodate(page) ? 0 : -EIO;
}

/**
 * filemap_sync_pte - collect the dirty bit of a pte
 * @ptep: the pte
 * @vma: the mapping that it is of
 * @address: what it maps
 *
 * The bit is cleared, the TLBs forget that it was set, and then the page is marked dirty. The pte
 * stays writable: the next store sets the bit again, without a fault.
 *
 * Context: page_table_lock held.
 *
 * Differs:
 *   - ptep_test_and_clear_dirty: in place, one step with the flush
 *   + return x2: the other way round in C
 */
function filemap_sync_pte(ptep: pte_t, vma: vm_area_struct, address: int): void {
	if (!pte_present(ptep) || !(ptep.flags & _PAGE_DIRTY)) return;
	cover('msync: a dirty bit is collected');
	ptep.flags &= ~_PAGE_DIRTY;
	flush_tlb_page(vma, address);
	set_page_dirty(ptep.page!);
}

/**
 * filemap_sync - collect the dirty bits of a range of addresses
 * @vma: a mapping of a file
 * @address: first byte
 * @size: bytes
 *
 * The ptes stay writable: the next store sets the dirty bit again, without a fault.
 *
 * Differs:
 *   = filemap_sync_pmd_range, filemap_sync_pte_range: one flat page table
 *
 * Context: takes page_table_lock. Does not sleep.
 */
export function* filemap_sync(vma: vm_area_struct, address: int, size: int): Sleeps {
	const mm = vma.vm_mm!;
	yield* spin_lock(mm.page_table_lock);
	for (let offset = 0; offset < size; offset += PAGE_SIZE) {
		filemap_sync_pte(mm.pgd[pte_index(address + offset)], vma, address + offset);
	}
	flush_tlb_range(mm, address, address + size);
	spin_unlock(mm.page_table_lock);
}

/**
 * filemap_getpage - a page of a file, for filemap_populate()
 * @file: the file
 * @pgoff: which page
 * @nonblock: only if it is in the cache
 *
 * 2.6: as filemap_nopage(), but that it does not look again for a page that has left the cache.
 *
 * Return: the page, referenced, or null.
 * Context: mmap_sem held. May sleep.
 *
 * Differs:
 *   find_get_page -> page_cache_get: the page hash is an array
 *   + return, ClearPageError: the two attempts are one function
 *   ~ page_cache_get: the branch without a page stands first
 * Source: mm/filemap.c, 2.6.0 to 2.6.9
 */
export function* filemap_getpage(file: file, pgoff: int, nonblock: bool): Sleeps<page | null> {
	const mapping = file.f_inode!.i_data;
	for (;;) {
		yield* pagecache_step();
		const page = mapping.pages[pgoff];
		if (!page) {
			if (nonblock) return null;
			const error = yield* page_cache_read(file, mapping, pgoff);
			if (error < 0) return null;
			continue;
		}
		page_cache_get(page);
		if (Page_Uptodate(page)) return page;
		let error = yield* page_not_uptodate(file, page, false);
		if (error < 0) error = yield* page_not_uptodate(file, page, true);
		if (!error) return page;
		page_cache_release(page);
		if (!CONFIG_AOP_TRUNCATED_PAGE || error !== AOP_TRUNCATED_PAGE) return null;
	}
}

/** What a getpage of populate_operations returns for a page behind the end of the file. */
export const POPULATE_BEHIND_END = new page();

/** How populate_pages() gets a page of a file. */
export interface populate_operations {
	/**
	 * page @pgoff of the file of a mapping, referenced; null: there is no memory, or with @nonblock it
	 * is not cached; POPULATE_BEHIND_END. May sleep; no lock is held when it returns
	 */
	getpage(vma: vm_area_struct, pgoff: int, nonblock: bool): Sleeps<page | null>;
}

/**
 * populate_getpage - getpage of filemap_populate()
 * @vma: the mapping
 * @pgoff: page of the file
 * @nonblock: only if it is in the cache
 *
 * Return: as populate_operations.getpage().
 * Context: mmap_sem held. May sleep.
 * Source: none: part of filemap_populate()
 */
export function* populate_getpage(
	vma: vm_area_struct,
	pgoff: int,
	nonblock: bool,
): Sleeps<page | null> {
	const inode = vma.vm_file!.f_inode!;
	if (pgoff >= (inode.i_size + PAGE_SIZE - 1) >> PAGE_SHIFT) return POPULATE_BEHIND_END;
	return yield* filemap_getpage(vma.vm_file!, pgoff, nonblock);
}

const filemap_populate_ops: populate_operations = { getpage: populate_getpage };

/**
 * populate_page - one turn of the loop of filemap_populate()
 * @vma: the mapping
 * @addr: where
 * @prot: the rights
 * @pgoff: page of the file
 * @nonblock: only what is in the cache
 * @sequence: the value of truncate_count before this was called
 * @ops: how to get the page
 *
 * Return: as install_page().
 * Context: mmap_sem held. May sleep.
 * Source: none: part of filemap_populate()
 */
function* populate_page(
	vma: vm_area_struct,
	addr: int,
	prot: int,
	pgoff: int,
	nonblock: bool,
	sequence: int,
	ops: populate_operations,
): Sleeps<int> {
	const page = yield* ops.getpage(vma, pgoff, nonblock);
	if (page === POPULATE_BEHIND_END) return -EINVAL;
	if (page === null && !nonblock) return -ENOMEM;
	if (page === null) return yield* install_file_pte(vma.vm_mm!, vma, addr, pgoff);
	event(EVENT_POPULATE, addr, page);
	const err = yield* install_page(vma.vm_mm!, vma, addr, page, prot, sequence);
	if (err) page_cache_release(page);
	return err;
}

/**
 * populate_pages - the loop of filemap_populate(), of any file system
 * @vma: the mapping
 * @addr: first byte
 * @len: bytes
 * @prot: the rights
 * @pgoff: first page of the file
 * @nonblock: only what is in the cache
 * @ops: how to get a page
 *
 * A file system that finds pages under a lock of its own brings a getpage that takes it. What was
 * mapped before an error stays mapped.
 *
 * Return: 0 or a negative error number.
 * Context: mmap_sem held. May sleep.
 * Source: none: part of filemap_populate()
 */
export function* populate_pages(
	vma: vm_area_struct,
	addr: int,
	len: int,
	prot: int,
	pgoff: int,
	nonblock: bool,
	ops: populate_operations,
): Sleeps<int> {
	const mapping = vma.vm_file!.f_inode!.i_data;
	for (let i = 0; i < len >> PAGE_SHIFT; ) {
		let sequence = 0;
		if (CONFIG_TRUNCATE_COUNT) sequence = truncate_count_read(mapping.truncate_count);
		const at = addr + (i << PAGE_SHIFT);
		const err = yield* populate_page(vma, at, prot, pgoff + i, nonblock, sequence, ops);
		if (CONFIG_TRUNCATE_COUNT) truncate_count_put(mapping.truncate_count, sequence);
		if (err === -EAGAIN) continue;
		if (err) return err;
		i++;
	}
	return 0;
}

/**
 * filemap_populate - ->populate of a file that uses the page cache
 * @vma: the mapping
 * @addr: first byte
 * @len: bytes
 * @prot: the rights
 * @pgoff: first page of the file
 * @nonblock: only what is in the cache
 *
 * 2.6. What was mapped before an error stays mapped.
 *
 * Return: 0 or a negative error number.
 * Context: mmap_sem held. May sleep.
 *
 * Differs:
 *   - force_page_cache_readahead: no readahead
 *   - filemap_getpage: in populate_pages()
 *   ~ install_file_pte: the page that is not there stands first
 *   - return x4: in populate_pages()
 *   + ->getpage: a file system may have a lock of its own to take
 * Source: mm/filemap.c, 2.6.0 to 2.6.9
 */
export function* filemap_populate(
	vma: vm_area_struct,
	addr: int,
	len: int,
	prot: int,
	pgoff: int,
	nonblock: bool,
): Sleeps<int> {
	return yield* populate_pages(vma, addr, len, prot, pgoff, nonblock, filemap_populate_ops);
}

export const generic_file_vm_ops: vm_operations_struct = {
	nopage: filemap_nopage,
	nopagedone: null,
	do_no_page: null,
	do_wp_page: null,
	populate: filemap_populate,
	page_mkwrite: null,
};

/**
 * generic_file_mmap - ->mmap of a file that uses the page cache
 * @file: the file
 * @vma: the new mapping, not on any list yet
 *
 * Return: 0 or a negative error number.
 * Context: mmap_sem held for writing. Does not sleep.
 */
export function* generic_file_mmap(file: file, vma: vm_area_struct): Sleeps<int> {
	const mapping = file.f_inode!.i_data;
	if (vma.vm_flags & VM_SHARED && vma.vm_flags & VM_MAYWRITE && !mapping.a_ops) return -EINVAL;
	if (!mapping.a_ops) return -ENOEXEC;
	vma.vm_ops = generic_file_vm_ops;
	return 0;
}

/**
 * __grab_cache_page - a page of a file, locked, in the page cache, whatever it contains
 * @mapping: the file
 * @index: which page
 *
 * Differs:
 *   = __find_lock_page: written out
 *   = __find_lock_page_helper: written out
 *   add_to_page_cache_unique -> __add_to_page_cache: the test stands before it
 *   + return x2: the loop ends in it
 *   - __find_page_nolock, TryLockPage: an element of an array; lock_page() tries first
 *   + page_cache_release: of a page that was not needed, which C keeps for the next attempt
 *
 * Return: the page, referenced and locked, or null when there is no memory.
 * Context: may sleep.
 */
export function* __grab_cache_page(mapping: address_space, index: int): Sleeps<page | null> {
	for (;;) {
		yield* pagecache_step();
		const found = mapping.pages[index];
		if (found) {
			page_cache_get(found);
			yield* lock_page(found);
			if (found.mapping === mapping) return found;
			UnlockPage(found);
			page_cache_release(found);
			continue;
		}
		const page = yield* alloc_page(GFP_HIGHUSER);
		if (page === null) return null;
		if (!mapping.pages[index]) {
			__add_to_page_cache(page, mapping, index);
			return page;
		}
		page_cache_release(page);
	}
}

/**
 * precheck_file_write - where does a write begin?
 * @file: the file
 * @inode: the same
 * @pos: where the caller wants it, bytes
 *
 * A file opened with O_APPEND is written behind its end. The end is looked at under i_sem; in a
 * cluster that is worth nothing without the lock of the file system, which must be held by then.
 *
 * Differs: the position is returned; no limit but that of the file system.
 *   - send_sig x3, S_ISBLK x3, is_read_only: no limits of a process, and no devices
 *
 * Return: the position, bytes, or -EFBIG.
 * Context: i_sem held. Does not sleep.
 */
function precheck_file_write(file: file, inode: inode, pos: int): int {
	let start = pos;
	if (OPEN_FLAGS && file.f_flags & O_APPEND) start = inode.i_size;
	ASSERT('LIMIT', page_word(start) >= 0, 'a write inside a page is not modelled');
	return start >> PAGE_SHIFT >= NR_FILE_PAGES ? -EFBIG : start;
}

/**
 * Do two places of a file lie in one page?
 *
 * Source: none: part of CONFIG_PAGECACHE_ISIZE_EXTENDED
 */
function one_page(pos: int, other: int): bool {
	return pos >> PAGE_SHIFT === other >> PAGE_SHIFT;
}

/**
 * write_pages - the loop of do_generic_file_write(): page by page
 * @file: the file
 * @count: bytes
 * @start: offset in bytes
 *
 * Return: bytes written, or a negative error number if there are none.
 * Context: as do_generic_file_write().
 * Source: none: part of do_generic_file_write()
 */
function* write_pages(file: file, count: int, start: int): Sleeps<int> {
	const inode = file.f_inode!;
	const mapping = inode.i_data;
	let written = 0;

	for (;;) {
		const pos = start + written;
		const offset = pos & ~PAGE_MASK;
		let bytes = count - written;
		if (PAGE_WORDS > 1 && bytes > PAGE_SIZE - offset) bytes = PAGE_SIZE - offset;
		const buf = current().uaddr + written;

		const unmapped = yield* __get_user(buf);
		if (PAGE_WORDS > 1 && (buf + bytes - 1) >> PAGE_SHIFT !== buf >> PAGE_SHIFT)
			yield* __get_user(buf + bytes - 4);
		const page = yield* __grab_cache_page(mapping, pos >> PAGE_SHIFT);
		if (page === null) return PAGE_WORDS > 1 && written > 0 ? written : -ENOMEM;
		let status = yield* mapping.a_ops!.prepare_write(file, page, offset, offset + bytes);
		if (status !== 0) {
			cover('write: not prepared');
			UnlockPage(page);
			page_cache_release(page);
			if ((READ_ERRORS || NR_RGRP_BLOCKS > 0) && pos + bytes > inode.i_size)
				yield* vmtruncate(inode, inode.i_size);
			return PAGE_WORDS > 1 && written > 0 ? written : status;
		}
		if (CONFIG_NOFAULT_COPY) pagefault_disable();
		const page_fault = yield* __copy_from_user(page, offset, buf, bytes);
		if (CONFIG_NOFAULT_COPY) {
			pagefault_enable();
			if (page_fault && (PAGE_WORDS === 1 || page_fault === bytes)) {
				if (CONFIG_ZERO_NEW_BUFFERS) page_zero_new_buffers(page);
				UnlockPage(page);
				page_cache_release(page);
				if (CONFIG_ZERO_NEW_BUFFERS && TRUNCATES && pos + bytes > inode.i_size)
					yield* vmtruncate(inode, inode.i_size);
				if (unmapped) return PAGE_WORDS > 1 && written > 0 ? written : -EFAULT;
				cover('write: short copy, page released');
				continue;
			}
			if (PAGE_WORDS > 1) bytes -= page_fault;
		}
		if (PAGE_WORDS > 1 && CONFIG_PAGECACHE_ISIZE_EXTENDED && one_page(pos, inode.i_size)) {
			const end = inode.i_size & ~PAGE_MASK;
			if (end < offset) cover('write: behind the end, in its page');
			if (end < offset) memclear_highpage_flush(page, end, offset - end);
		} else if (PAGE_WORDS > 1 && CONFIG_PAGECACHE_ISIZE_EXTENDED) {
			pagecache_isize_extended(inode, pos);
		}
		status = yield* mapping.a_ops!.commit_write(file, page, offset, offset + bytes);
		UnlockPage(page);
		page_cache_release(page);
		if (!CONFIG_NOFAULT_COPY && page_fault) status = -EFAULT;
		if (status !== 0) return PAGE_WORDS > 1 && written > 0 ? written : status;
		if (PAGE_WORDS === 1) return count;
		written += bytes;
		if (written === count || start + written >= NR_FILE_PAGES << PAGE_SHIFT) return written;
	}
}

/**
 * do_generic_file_write - write to a file through the page cache
 * @file: the file
 * @count: bytes
 * @ppos: offset in bytes, or F_POS: it is looked at, and moved, with i_sem held
 *
 * The buffer is touched before the page is locked, so that a buffer in the very page that is
 * written does not wait for that lock. That is all: whoever takes the pte away before the copy
 * makes the copy fault, with the page locked. What was prepared is committed even when the copy
 * failed, and holds zeros then.
 *
 * With CONFIG_NOFAULT_COPY the copy is made with faults disabled. What was copied is committed, and
 * the write goes on behind it. When nothing was, the page is let go, and the buffer touched again;
 * a caller that has disabled faults gets -EFAULT, lets its own locks go and comes again.
 *
 * With O_SYNC the file is on the disk then, unless the write ended in an error after a part.
 *
 * When ->prepare_write fails for what lies behind the end of the file, the file is cut to the size
 * that it has: blocks may have been given to it that it does not need.
 *
 * Differs: the loop is write_pages(). A page is let go before the next is locked, as there.
 *   - remove_suid, mark_inode_dirty_sync: owners and times
 *   - IS_SYNC: only files that were opened so
 *   - page_cache_release: C has it in another place for a short copy
 *
 * Return: bytes written, or a negative error number.
 * Context: i_sem held. Takes the page lock, and under it, if the copy faults, mmap_sem for
 * reading. May sleep.
 */
function* do_generic_file_write(file: file, count: int, ppos: int): Sleeps<int> {
	const start = precheck_file_write(file, file.f_inode!, file_position(file, ppos));
	if (start < 0) return start;
	const written = yield* write_pages(file, count, start);
	set_file_position(file, ppos, start + (written > 0 ? written : 0));
	const whole = written === count || start + written >= NR_FILE_PAGES << PAGE_SHIFT;
	if (OPEN_FLAGS && whole && file.f_flags & O_SYNC) {
		yield* generic_osync_inode(file.f_inode!);
		cover('write: O_SYNC');
	}
	return written;
}

/**
 * do_generic_direct_write - write to a file, past the page cache
 * @file: the file
 * @count: bytes
 * @pos: offset in bytes
 *
 * What the page cache has of the file is dropped behind the write.
 *
 * Differs:
 *   - precheck_file_write, remove_suid, mark_inode_dirty_sync, generic_osync_inode: no limits, no
 *     times
 *   - S_ISBLK, mark_inode_dirty: a file, whose size is written with the data
 *
 * Return: bytes written, or a negative error number.
 * Context: i_sem and i_alloc_sem held. May sleep.
 */
function* do_generic_direct_write(file: file, count: int, pos: int): Sleeps<int> {
	const inode = file.f_inode!;
	const written = yield* generic_file_direct_IO(WRITE, file, current().uaddr, count, pos);
	if (written > 0) {
		if (pos + written > inode.i_size) inode.i_size = pos + written;
		yield* invalidate_inode_pages2(inode.i_data);
	}
	if (page_trace.ops) page_trace.ops.direct_written(inode, pos, count);
	return written;
}

/**
 * write_and_sync - write through the page cache, and wait for the disk
 * @file: the file
 * @count: bytes
 * @pos: offset in bytes
 *
 * Return: bytes written, or a negative error number.
 * Context: i_sem held. May sleep.
 * Source: none: part of do_odirect_fallback()
 */
function* write_and_sync(file: file, count: int, pos: int): Sleeps<int> {
	const ret = yield* do_generic_file_write(file, count, pos);
	let err = 0;
	if (ret > 0) {
		err = yield* filemap_fdatasync(file.f_inode!.i_data);
		if (err === 0) err = yield* filemap_fdatawait(file.f_inode!.i_data);
	}
	return err < 0 ? err : ret;
}

/**
 * do_odirect_fallback - a direct write that would fill a hole goes through the page cache
 * @file: the file
 * @inode: the same
 * @count: bytes
 * @pos: offset in bytes
 *
 * Differs:
 *   do_fdatasync -> filemap_fdatasync: and the wait; there is no metadata
 *   + filemap_fdatawait: see above
 *
 * Return: bytes written, or a negative error number.
 * Context: takes i_sem. May sleep.
 */
function* do_odirect_fallback(file: file, inode: inode, count: int, pos: int): Sleeps<int> {
	yield* down(inode.i_sem);
	const ret = yield* write_and_sync(file, count, pos);
	up(inode.i_sem);
	return ret;
}

/**
 * generic_file_write_nolock - a write by who has i_sem already
 * @file: the file; open with O_DIRECT only with CONFIG_DIRECT_IO_NOLOCK
 * @count: bytes
 * @pos: offset in bytes
 *
 * CONFIG_GENERIC_FILE_WRITE_NOLOCK. A direct write that would fill a hole goes through the page
 * cache, without letting i_sem go.
 *
 * Differs:
 *   ! what is between the locks of generic_file_write() of 2.4.22
 *
 * Return: bytes written, or a negative error number.
 * Context: i_sem held. May sleep.
 * Source: mm/filemap.c, 2.6.9
 */
export function* generic_file_write_nolock(file: file, count: int, pos: int): Sleeps<int> {
	if (count < 0) return -EINVAL;
	if (!access_ok()) return -EFAULT;
	if (count === 0) return 0;
	if (CONFIG_DIRECT_IO_NOLOCK && DIRECT_IO && file.f_flags & O_DIRECT) {
		ASSERT('LIMIT', pos >= 0, 'a direct write at the position of the open file is not modelled');
		const written = yield* do_generic_direct_write(file, count, pos);
		if (written !== -ENOTBLK) return written;
		return yield* write_and_sync(file, count, pos);
	}
	return yield* do_generic_file_write(file, count, pos);
}

/**
 * generic_file_write - ->write of a file that uses the page cache
 * @file: the file
 * @count: bytes
 * @pos: offset in bytes
 *
 * Differs:
 *   + return x2: C goes to the end
 *
 * Return: bytes written, or a negative error number.
 * Context: takes i_sem. May sleep.
 */
export function* generic_file_write(file: file, count: int, pos: int): Sleeps<int> {
	const inode = file.f_inode!;
	if (count < 0) return -EINVAL;
	if (!access_ok()) return -EFAULT;
	if (count === 0) return 0;
	if (DIRECT_IO && file.f_flags & O_DIRECT) {
		ASSERT('LIMIT', pos >= 0, 'a direct write at the position of the open file is not modelled');
		yield* down_read(inode.i_alloc_sem);
		yield* down(inode.i_sem);
		let written = yield* do_generic_direct_write(file, count, pos);
		up(inode.i_sem);
		up_read(inode.i_alloc_sem);
		if (written === -ENOTBLK) written = yield* do_odirect_fallback(file, inode, count, pos);
		return written;
	}
	yield* down(inode.i_sem);
	const err = yield* do_generic_file_write(file, count, pos);
	up(inode.i_sem);
	return err;
}
