// SPDX-License-Identifier: GPL-2.0-only
/**
 * mm/page_alloc.c of 2.4.22: page frames. Left out: zones and orders.
 */
import {
	BUG_ON,
	event,
	type int,
	kmem_cache_alloc,
	kmem_cache_free,
	preempt,
	type Sleeps,
} from '../../harness/kts/prelude.ts';
import { FAIL_ALLOC, RECLAIM } from '../include/linux/bounds.ts';
import { EVENT_NO_MEMORY, EVENT_PASSED } from '../include/linux/events.ts';
import { __GFP_WAIT, LIST_NONE, PageLocked, type page } from '../include/linux/mm.ts';
import { this_node } from '../include/linux/sched.ts';
import { might_sleep } from '../kernel/lockdep.ts';
import { should_failslab } from './failslab.ts';
import { reclaim_left, try_to_free_pages_zone } from './vmscan.ts';

/**
 * balance_classzone - memory is short: have some freed
 * @gfp_mask: GFP_*
 *
 * In C the task is marked (PF_MEMALLOC), so that what it allocates meanwhile is taken from what is
 * left. Here all that is called and would allocate is ->writepage, which has a form of its own for
 * that (writepage_memalloc).
 *
 * Differs:
 *   - set_page_count, __free_pages_ok: no pages that are kept for this task, and no count of what
 *       was freed
 *
 * Context: as __alloc_pages().
 */
function* balance_classzone(gfp_mask: int): Sleeps {
	if (!(gfp_mask & __GFP_WAIT)) return;
	yield* try_to_free_pages_zone(gfp_mask);
}

/**
 * __alloc_pages - have memory free
 * @gfp_mask: GFP_*
 *
 * With RECLAIM memory may be short, so many times in an execution: then the task that needs some
 * frees it, with whatever it holds.
 *
 * Differs:
 *   - rmqueue x4, waitqueue_active, yield: when memory is short is a choice; no zones; the page is
 *       taken by the caller
 *
 * Context: no spin lock held. May sleep.
 */
export function* __alloc_pages(gfp_mask: int): Sleeps {
	if (!reclaim_left()) return;
	yield* balance_classzone(gfp_mask);
}

/**
 * alloc_page - a page frame
 * @gfp_mask: GFP_*
 *
 * Differs:
 *   alloc_pages -> kmem_cache_alloc: one node, one size
 *
 * Return: the page with one reference, or null when there is none.
 * Context: may sleep (the kernel may have to balance a zone first), so it always lets others in.
 * Source: include/linux/mm.h
 */
export function* alloc_page(gfp_mask: int): Sleeps<page | null> {
	might_sleep();
	event(EVENT_PASSED);
	yield* preempt();
	if (FAIL_ALLOC > 0 && (yield* should_failslab())) return null;
	if (RECLAIM > 0) yield* __alloc_pages(gfp_mask);
	const page = kmem_cache_alloc(this_node().page_cachep);
	if (page) page.count = 1;
	else event(EVENT_NO_MEMORY, 1);
	return page;
}

/**
 * page_cache_release - give a reference to a page back; the last one frees it
 * @page: the page
 *
 * Differs:
 *   __free_page -> kmem_cache_free: of one page, whose count is looked at here
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
