// SPDX-License-Identifier: GPL-2.0-only
/**
 * mm/slab.c of 2.4.22: kmem_cache_alloc(..., SLAB_KERNEL), as far as it may sleep and may fail.
 */
import { type int, kmem_cache_alloc, type Sleeps } from '../../harness/kts/prelude.ts';
import { FAIL_ALLOC, RECLAIM } from '../include/linux/bounds.ts';
import { GFP_KERNEL, type vm_area_struct } from '../include/linux/mm.ts';
import { this_node } from '../include/linux/sched.ts';
import { might_sleep } from '../kernel/lockdep.ts';
import { should_failslab } from './failslab.ts';
import { __alloc_pages } from './page_alloc.ts';

/**
 * vm_area_alloc - a vm_area_struct
 *
 * Return: the struct, fresh, or null.
 * Context: may sleep; lets nobody in unless it may fail by choice: what a mapping is made of is
 * the caller's own, and its address space is locked.
 * Source: none: kmem_cache_alloc() of vm_area_cachep
 */
export function* vm_area_alloc(): Sleeps<vm_area_struct | null> {
	might_sleep();
	if (FAIL_ALLOC > 0 && (yield* should_failslab())) return null;
	if (RECLAIM > 0) yield* __alloc_pages(GFP_KERNEL);
	return kmem_cache_alloc(this_node().vm_area_cachep);
}

/**
 * kmalloc - memory for a small thing
 * @flags: GFP_*: whether a file system may be called to have some freed
 *
 * Differs:
 *   - __kmem_cache_alloc: nothing is handed out: there is always some, but it may have to be freed
 *       first
 *
 * Context: may sleep, and without RECLAIM lets no other task run.
 */
export function* kmalloc(flags: int): Sleeps {
	might_sleep();
	if (RECLAIM > 0) yield* __alloc_pages(flags);
}
