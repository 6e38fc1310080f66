// SPDX-License-Identifier: GPL-2.0-only
/**
 * include/linux/pagemap.h of 2.4.22: the wait for a page that is locked. The rest of that header
 * stands with struct page, or where it is used.
 */
import { event, type Sleeps, wait_event } from '../../../harness/kts/prelude.ts';
import { lock_acquire, might_sleep } from '../../kernel/lockdep.ts';
import { EVENT_LOCK, EVENT_WAITED } from './events.ts';
import { LOCK_page } from './lockdep.ts';
import { PageLocked, type page } from './mm.ts';

/**
 * wait_on_page - wait until a page is unlocked
 * @page: the page, referenced
 *
 * Differs:
 *   - page_waitqueue, DECLARE_WAITQUEUE, add_wait_queue, remove_wait_queue, set_task_state,
 *       __set_task_state, sync_page: a wait, where C has a queue
 *
 * Context: may sleep.
 * Source: mm/filemap.c, as ___wait_on_page
 */
export function* wait_on_page(page: page): Sleeps {
	might_sleep();
	lock_acquire(LOCK_page);
	event(EVENT_LOCK, page);
	if (PageLocked(page)) yield* wait_event(() => !PageLocked(page));
	event(EVENT_WAITED, page);
}
