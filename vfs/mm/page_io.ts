// SPDX-License-Identifier: GPL-2.0-only
/**
 * mm/page_io.c of 2.4.22: pages to and from the swap area. Left out: swap files, I/O without the
 * swap cache.
 */
import { BUG_ON, type int, printk } from '../../harness/kts/prelude.ts';
import { brw_page } from '../fs/buffer.ts';
import { READ } from '../include/linux/blkdev.ts';
import { NR_FILE_PAGES, NR_FILES } from '../include/linux/bounds.ts';
import { PageLocked, PG_uptodate, type page } from '../include/linux/mm.ts';
import { this_node } from '../include/linux/sched.ts';
import { PageSwapCache } from '../include/linux/swap.ts';

/**
 * rw_swap_page_base - hand a page to the disk
 * @rw: READ or WRITE
 * @entry: where it belongs
 * @page: locked
 *
 * Differs: the swap area is the part of the node's disk behind the files.
 *   - get_swaphandle_info, bmap: there is one area, on a disk
 *   - return: the disk is there
 *
 * Return: 1.
 * Context: does not wait.
 */
function rw_swap_page_base(rw: int, entry: int, page: page): int {
	if (rw === READ) page.flags &= ~PG_uptodate;
	brw_page(rw, page, NR_FILES * NR_FILE_PAGES + entry - 1);
	return 1;
}

/**
 * rw_swap_page - read or write a page of the swap cache
 * @rw: READ or WRITE
 * @page: locked; unlocked when the disk is done
 *
 * Differs:
 *   - UnlockPage: the disk is there
 *
 * Context: does not wait.
 */
export function rw_swap_page(rw: int, page: page): void {
	BUG_ON(!PageLocked(page), 'rw_swap_page of a page that is not locked');
	BUG_ON(!PageSwapCache(page, this_node()), 'rw_swap_page of a page outside of the swap cache');
	if (rw === READ) printk('rw_swap_page: %p is read, entry %d', page, page.index);
	else printk('rw_swap_page: %p is written, entry %d', page, page.index);
	rw_swap_page_base(rw, page.index, page);
}
