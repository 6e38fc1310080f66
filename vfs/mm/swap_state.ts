// SPDX-License-Identifier: GPL-2.0-only
/**
 * mm/swap_state.c of 2.4.22: the swap cache, the pages that are in memory and have a slot of the
 * swap area.
 *
 * Differs: swapper_space belongs to a node, and is there when there is swap (NR_SWAP).
 *   - spin_lock pagecache_lock, spin_unlock pagecache_lock: no lock here, see mm/filemap.ts
 */
import { BUG_ON, type int, type Sleeps } from '../../harness/kts/prelude.ts';
import { READ, WRITE } from '../include/linux/blkdev.ts';
import { EEXIST, ENOENT } from '../include/linux/errno.ts';
import type { address_space_operations, file } from '../include/linux/fs.ts';
import {
	GFP_HIGHUSER,
	PageLocked,
	PG_dirty,
	page,
	page_cache_get,
	TryLockPage,
	UnlockPage,
} from '../include/linux/mm.ts';
import { this_node } from '../include/linux/sched.ts';
import { PageSwapCache } from '../include/linux/swap.ts';
import { CONFIG_SWAP_RECHECK } from '../Kconfig.ts';
import { __add_to_page_cache, pagecache_step, remove_inode_page } from './filemap.ts';
import { alloc_page, page_cache_release } from './page_alloc.ts';
import { rw_swap_page } from './page_io.ts';
import { remove_exclusive_swap_page, swap_duplicate, swap_free } from './swapfile.ts';

/**
 * swap_writepage - ->writepage of the swap cache
 * @page: locked
 *
 * A page that no pte needs any more is not written.
 *
 * Return: 0.
 * Context: does not wait.
 */
function* swap_writepage(page: page): Sleeps<int> {
	if (remove_exclusive_swap_page(page)) {
		UnlockPage(page);
		return 0;
	}
	rw_swap_page(WRITE, page);
	return 0;
}

/**
 * No member of the table in the kernel, which has no caller for it.
 *
 * Source: none: the table of C has no such member
 */
function* no_readpage(file: file | null, page: page): Sleeps<int> {
	BUG_ON(true, 'readpage of the swap cache');
	return 0;
}
/**
 * As no_readpage().
 *
 * Source: none: as no_readpage()
 */
function* no_write(file: file, page: page, from: int, to: int): Sleeps<int> {
	BUG_ON(true, 'write to the swap cache');
	return 0;
}

export const swap_aops: address_space_operations = {
	writepage: swap_writepage,
	writepage_memalloc: swap_writepage,
	readpage: no_readpage,
	prepare_write: no_write,
	commit_write: no_write,
	direct_IO: null,
	get_block: null,
};

/**
 * add_to_swap_cache - put a page into the swap cache
 * @page: new to it
 * @entry: its slot
 *
 * Differs:
 *   add_to_page_cache_unique -> __add_to_page_cache: the swap cache is an array
 *   ~ __add_to_page_cache: behind the test that C makes in it
 *   + return: of that test
 *
 * Return: 0, and the page is locked; -ENOENT: the slot is no longer used; -EEXIST: it has a
 * page.
 * Context: any.
 */
export function add_to_swap_cache(page: page, entry: int): int {
	const swapper_space = this_node().swapper_space[0];
	BUG_ON(page.mapping !== null, 'add_to_swap_cache of a page of a file');
	if (!swap_duplicate(entry)) return -ENOENT;
	if (swapper_space.pages[entry]) {
		swap_free(entry);
		return -EEXIST;
	}
	__add_to_page_cache(page, swapper_space, entry);
	return 0;
}

/**
 * __delete_from_swap_cache - take a page out of the swap cache
 * @page: locked, in the swap cache
 *
 * The cache's reference and its use of the slot are the caller's to give back.
 *
 * Differs:
 *   __remove_inode_page -> remove_inode_page: the same without pagecache_lock
 *
 * Context: page lock held. Does not sleep.
 */
export function __delete_from_swap_cache(page: page): void {
	BUG_ON(!PageLocked(page), '__delete_from_swap_cache of a page that is not locked');
	BUG_ON(!PageSwapCache(page, this_node()), '__delete_from_swap_cache of another page');
	page.flags &= ~PG_dirty;
	remove_inode_page(page);
}

/**
 * delete_from_swap_cache - take a page out of the swap cache, and give its slot back
 * @page: locked, in the swap cache; the caller has a reference
 *
 * Context: page lock held. Does not sleep.
 */
export function delete_from_swap_cache(page: page): void {
	const entry = page.index;
	__delete_from_swap_cache(page);
	swap_free(entry);
	page_cache_release(page);
}

/**
 * free_page_and_swap_cache - end of the use of a page by a pte
 * @page: the page
 *
 * Context: page_table_lock may be held, so the page lock is only tried.
 */
export function free_page_and_swap_cache(page: page): void {
	if (PageSwapCache(page, this_node()) && !TryLockPage(page)) {
		remove_exclusive_swap_page(page);
		UnlockPage(page);
	}
	page_cache_release(page);
}

/**
 * lookup_swap_cache - the page of a slot, if it is in memory
 * @entry: the slot
 *
 * Differs:
 *   find_get_page -> page_cache_get: the swap cache is an array
 *
 * Return: the page, referenced, or null.
 * Context: does not sleep.
 */
export function* lookup_swap_cache(entry: int): Sleeps<page | null> {
	yield* pagecache_step();
	const found = this_node().swapper_space[0].pages[entry];
	if (found) page_cache_get(found);
	return found;
}

/** What read_swap_cache_async() returns for a slot that is no longer used. */
export const SWAP_UNUSED = new page();

/**
 * read_swap_cache_async - the page of a slot; reads it if it is not in memory
 * @entry: the slot
 *
 * Differs:
 *   find_get_page -> lookup_swap_cache: the swap cache is an array
 *
 * Return: the page, referenced, locked while it is read; null: no memory, or the slot is not used
 * any more, which CONFIG_SWAP_RECHECK tells apart as SWAP_UNUSED.
 * Context: may sleep; does not wait for the disk.
 */
export function* read_swap_cache_async(entry: int): Sleeps<page | null> {
	let new_page: page | null = null;
	let found_page: page | null = null;
	let err = 0;
	do {
		found_page = yield* lookup_swap_cache(entry);
		if (found_page) break;
		if (new_page === null) {
			new_page = yield* alloc_page(GFP_HIGHUSER);
			if (new_page === null) break;
		}
		err = add_to_swap_cache(new_page, entry);
		if (err === 0) {
			rw_swap_page(READ, new_page);
			return new_page;
		}
	} while (err !== -ENOENT);
	if (new_page) page_cache_release(new_page);
	return CONFIG_SWAP_RECHECK && err === -ENOENT ? SWAP_UNUSED : found_page;
}
