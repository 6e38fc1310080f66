// SPDX-License-Identifier: GPL-2.0-only
/** fs/iobuf.c of 2.4.22: kiobufs. Left out: vectors of them, their buffer heads. */
import {
	kmem_cache_alloc,
	kmem_cache_free,
	type Sleeps,
	wait_event,
} from '../../harness/kts/prelude.ts';
import type { kiobuf } from '../include/linux/iobuf.ts';
import { this_node } from '../include/linux/sched.ts';
import { might_sleep } from '../kernel/lockdep.ts';

/**
 * end_kio_request - the disk is done with a part of a kiobuf
 * @kiobuf: the kiobuf
 *
 * Differs:
 *   - ->end_io: nobody sets one
 *
 * Context: an interrupt: the step of the disk. Does not sleep.
 */
export function end_kio_request(kiobuf: kiobuf): void {
	kiobuf.io_count--;
}

/**
 * alloc_kiovec - a kiobuf
 *
 * Differs: the one that an open file has for itself (f_iobuf) is not kept.
 *   - kiobuf_init, alloc_kiobuf_bhs: a struct of a pool
 *   - kmem_cache_free, free_kiovec, return: one kiobuf, which needs nothing else
 *
 * Return: the kiobuf, or null when there is no memory.
 * Context: process. Does not sleep: C might.
 */
export function alloc_kiovec(): kiobuf | null {
	return kmem_cache_alloc(this_node().kiobuf_cachep);
}

/**
 * free_kiovec - give a kiobuf back
 * @iobuf: the kiobuf, which holds no pages
 *
 * Differs:
 *   - unlock_kiovec, kfree, free_kiobuf_bhs: never locked, no buffers
 *
 * Context: process. Does not sleep.
 */
export function free_kiovec(iobuf: kiobuf): void {
	kmem_cache_free(this_node().kiobuf_cachep, iobuf);
}

/**
 * kiobuf_wait_for_io - wait until the disk is done with a kiobuf
 * @kiobuf: the kiobuf
 *
 * Differs:
 *   - add_wait_queue, set_task_state, run_task_queue, remove_wait_queue: one wait
 *   - DECLARE_WAITQUEUE, return: one wait
 *
 * Context: may sleep.
 */
export function* kiobuf_wait_for_io(kiobuf: kiobuf): Sleeps {
	might_sleep();
	if (kiobuf.io_count > 0) yield* wait_event(() => kiobuf.io_count === 0);
}
