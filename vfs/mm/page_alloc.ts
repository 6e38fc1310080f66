// SPDX-License-Identifier: GPL-2.0-only
/**
 * mm/page_alloc.c of 2.4.22: page frames. Left out: zones, orders, reclaim.
 */
import {
	BUG_ON,
	kmem_cache_alloc,
	kmem_cache_free,
	preempt,
	type Sleeps,
} from '../../harness/kts/prelude.ts';
import { FAIL_ALLOC } from '../include/linux/bounds.ts';
import { LIST_NONE, PageLocked, type page } from '../include/linux/mm.ts';
import { this_node } from '../include/linux/sched.ts';
import { might_sleep } from '../kernel/lockdep.ts';
import { should_failslab } from './failslab.ts';

/**
 * alloc_page - a page frame
 *
 * Differs:
 *   ! one node, one size, no zones; may always have to wait
 *
 * Return: the page with one reference, or null when there is none.
 * Context: may sleep (the kernel may have to balance a zone first), so it always lets others in.
 * Source: include/linux/mm.h
 */
export function* alloc_page(): Sleeps<page | null> {
	might_sleep();
	yield* preempt();
	if (FAIL_ALLOC > 0 && (yield* should_failslab())) return null;
	const page = kmem_cache_alloc(this_node().page_cachep);
	if (page) page.count = 1;
	return page;
}

/**
 * page_cache_release - give a reference to a page back; the last one frees it
 * @page: the page
 *
 * Differs:
 *   ! __free_pages() of one page
 *
 * Context: any. Does not sleep.
 * Source: include/linux/pagemap.h
 */
export function page_cache_release(page: page): void {
	BUG_ON(page.count <= 0, 'page_cache_release: no reference left');
	page.count--;
	if (page.count > 0) return;
	BUG_ON(page.mapping !== null, 'page freed while in the page cache');
	BUG_ON(PageLocked(page), 'page freed while locked');
	BUG_ON(page.list !== LIST_NONE, 'page freed while on a list of its file');
	kmem_cache_free(this_node().page_cachep, page);
}
