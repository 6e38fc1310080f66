// SPDX-License-Identifier: GPL-2.0-only
/**
 * fs/mpage.c of 2.6.9, which 2.4.22 does not have, and the wait that goes with it: how the dirty
 * pages of a file are written, and waited for, by the tags of its tree of pages.
 *
 * CONFIG_PAGECACHE_TAGS. A page on LIST_DIRTY has the tag of dirty pages, one with PG_writeback
 * that of pages under I/O.
 */
import { type int, type Sleeps, wait_event } from '../../harness/kts/prelude.ts';
import { NR_FILE_PAGES } from '../include/linux/bounds.ts';
import { EIO } from '../include/linux/errno.ts';
import type { address_space } from '../include/linux/fs.ts';
import {
	LIST_DIRTY,
	PageDirty,
	PG_dirty,
	PG_error,
	PG_writeback,
	page_cache_get,
	UnlockPage,
} from '../include/linux/mm.ts';
import { might_sleep } from '../kernel/lockdep.ts';
import { lock_page, pagecache_step } from '../mm/filemap.ts';
import { page_cache_release } from '../mm/page_alloc.ts';

/**
 * mpage_writepages - start to write the dirty pages of a file
 * @mapping: the file
 *
 * The tag stays until the disk has the page: a second caller finds the page and waits for its lock.
 *
 * Differs:
 *   ! all of a file, one page at a time, for a caller that waits: no ranges, congestion and bios.
 *       A page under I/O is locked, as in 2.4.22, so there is no wait for PageWriteback
 *
 * Return: 0 or a negative error number.
 * Context: may sleep.
 * Source: fs/mpage.c, 2.6.9
 */
export function* mpage_writepages(mapping: address_space): Sleeps<int> {
	let ret = 0;
	for (let i = 0; i < NR_FILE_PAGES; i++) {
		yield* pagecache_step();
		const page = mapping.pages[i];
		if (!page || page.list !== LIST_DIRTY) continue;
		page_cache_get(page);
		yield* lock_page(page);
		if (page.mapping !== mapping || !PageDirty(page)) {
			UnlockPage(page);
		} else {
			page.flags &= ~PG_dirty;
			const err = yield* mapping.a_ops!.writepage(page);
			if (err && !ret) ret = err;
		}
		page_cache_release(page);
	}
	return ret;
}

/**
 * wait_on_page_writeback_range - wait until what is being written of a file is on the disk
 * @mapping: the file
 *
 * Also for what another task has begun to write.
 *
 * Differs:
 *   ! all of a file, one page at a time; without the errors that a mapping remembers
 *
 * Return: 0 or -EIO.
 * Context: may sleep.
 * Source: mm/filemap.c, 2.6.9
 */
export function* wait_on_page_writeback_range(mapping: address_space): Sleeps<int> {
	let ret = 0;
	might_sleep();
	for (let i = 0; i < NR_FILE_PAGES; i++) {
		yield* pagecache_step();
		const page = mapping.pages[i];
		if (!page || !(page.flags & PG_writeback)) continue;
		page_cache_get(page);
		yield* wait_event(() => !(page.flags & PG_writeback));
		if (page.flags & PG_error) ret = -EIO;
		page_cache_release(page);
	}
	return ret;
}
