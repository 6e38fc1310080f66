// SPDX-License-Identifier: GPL-2.0-only
/**
 * mm/slab.c of 2.4.22: kmem_cache_alloc(..., SLAB_KERNEL), as far as it may sleep and may fail.
 */
import { kmem_cache_alloc, type Sleeps } from '../../harness/kts/prelude.ts';
import { FAIL_ALLOC } from '../include/linux/bounds.ts';
import type { vm_area_struct } from '../include/linux/mm.ts';
import { this_node } from '../include/linux/sched.ts';
import { might_sleep } from '../kernel/lockdep.ts';
import { should_failslab } from './failslab.ts';

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
	return kmem_cache_alloc(this_node().vm_area_cachep);
}
