// SPDX-License-Identifier: GPL-2.0-only
/**
 * mm/truncate.c, which 2.4.22 does not have: what symbols add to the truncates and invalidations
 * of mm/filemap.c, and the forms for ranges that were proposed.
 */
import { type bool, cover, type int, type Sleeps } from '../../harness/kts/prelude.ts';
import { PAGE_SHIFT, PAGE_SIZE } from '../include/asm/page.ts';
import { NR_FILE_PAGES } from '../include/linux/bounds.ts';
import type { address_space } from '../include/linux/fs.ts';
import { PageDirty, PG_dirty, type page, page_cache_get, UnlockPage } from '../include/linux/mm.ts';
import { wait_on_page } from '../include/linux/pagemap.ts';
import { lock_page, truncate_complete_page } from './filemap.ts';
import { unmap_mapping_range } from './memory.ts';
import { page_cache_release } from './page_alloc.ts';

/**
 * launder_page - unmap a page and, if it is dirty, write it
 * @page: locked, in the cache
 *
 * CONFIG_INVALIDATE_PAGES2_UNMAP.
 *
 * Return: false: it is clean, and locked. True: it was dirty, was written, and is not locked.
 * Context: may sleep.
 * Source: none: of invalidate_inode_pages2_range() of 2.6.20, where it is an operation as well
 */
export function* launder_page(page: page): Sleeps<bool> {
	const mapping = page.mapping!;
	page_cache_get(page);
	yield* unmap_locked_page(page);
	const dirty = PageDirty(page);
	if (dirty) {
		cover('invalidate_inode_pages2: dirty page written');
		page.flags &= ~PG_dirty;
		yield* mapping.a_ops!.writepage(page);
		yield* wait_on_page(page);
	}
	page_cache_release(page);
	return dirty;
}

/**
 * unmap_locked_page - unmap a page of a file that a fault may have mapped since the file was
 * @page: locked, in the cache, referenced by the caller
 *
 * CONFIG_NOPAGE_LOCKED, CONFIG_INVALIDATE_PAGES2_UNMAP. As long as the page is locked no fault maps
 * it. If only the cache and the caller have references, it is not mapped.
 *
 * Context: takes i_shared_lock, and under it each page_table_lock.
 * Source: none: what truncate_inode_pages_range() of 2.6.23 does if page_mapped()
 */
export function* unmap_locked_page(page: page): Sleeps {
	if (page.count <= 2) return;
	cover('unmap of a locked page');
	yield* unmap_mapping_range(page.mapping!, page.index << PAGE_SHIFT, PAGE_SIZE, false);
}

/**
 * last_of_range - the last page that lies wholly or partly in a range of a file
 * @holebegin: first byte
 * @holelen: bytes; 0: to the end of the file
 *
 * Return: page of the file.
 * Context: any.
 * Source: none: arithmetic of the range forms
 */
function last_of_range(holebegin: int, holelen: int): int {
	const end = (holebegin + holelen + PAGE_SIZE - 1) >> PAGE_SHIFT;
	return holelen === 0 || end > NR_FILE_PAGES ? NR_FILE_PAGES : end;
}

/**
 * evict_mapping_range - unmap a range of a file, and drop its pages
 * @mapping: the file
 * @holebegin: first byte, the start of a page
 * @holelen: bytes; 0: to the end
 *
 * CONFIG_EVICT_MAPPING_RANGE. Dirty pages go as well.
 *
 * Context: may sleep.
 * Source: none: CONFIG_EVICT_MAPPING_RANGE, proposed
 */
export function* evict_mapping_range(mapping: address_space, holebegin: int, holelen: int): Sleeps {
	cover('evict_mapping_range');
	yield* unmap_mapping_range(mapping, holebegin, holelen, false);
	for (let i = holebegin >> PAGE_SHIFT; i < last_of_range(holebegin, holelen); i++) {
		const page = mapping.pages[i];
		if (!page) continue;
		page_cache_get(page);
		yield* lock_page(page);
		if (page.mapping) yield* truncate_complete_page(page);
		UnlockPage(page);
		page_cache_release(page);
	}
}

/**
 * write_mapping_range - write the dirty pages of a range, and wait until they are on the disk
 * @mapping: the file
 * @holebegin: first byte
 * @holelen: bytes; 0: to the end
 *
 * CONFIG_WRITE_MAPPING_RANGE. Waits for pages that somebody else writes, too.
 *
 * Return: 0 or a negative error number.
 * Context: may sleep.
 * Source: none: CONFIG_WRITE_MAPPING_RANGE, proposed
 */
export function* write_mapping_range(
	mapping: address_space,
	holebegin: int,
	holelen: int,
): Sleeps<int> {
	let ret = 0;
	cover('write_mapping_range');
	for (let i = holebegin >> PAGE_SHIFT; i < last_of_range(holebegin, holelen); i++) {
		const page = mapping.pages[i];
		if (!page) continue;
		page_cache_get(page);
		yield* lock_page(page);
		if (page.mapping && PageDirty(page)) {
			page.flags &= ~PG_dirty;
			const err = yield* mapping.a_ops!.writepage(page);
			if (err && !ret) ret = err;
			yield* wait_on_page(page);
		} else {
			UnlockPage(page);
		}
		page_cache_release(page);
	}
	return ret;
}
