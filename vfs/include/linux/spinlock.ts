// SPDX-License-Identifier: GPL-2.0-only
/**
 * include/linux/spinlock.h of 2.4.22. A spin lock is a flag; waiting for it is waiting, not
 * spinning. With CONFIG_SMP=0 the kernel is not preemptible and the lock is never contended, as
 * there.
 */
import { BUG_ON, event, type int, type Sleeps, wait_event } from '../../../harness/kts/prelude.ts';
import { CONFIG_SMP } from '../../Kconfig.ts';
import { lock_acquire, lock_acquired, lock_release } from '../../kernel/lockdep.ts';
import type { mmu_gather_t } from '../asm/mmu_gather.ts';
import { store_buffer_drain } from '../asm/system.ts';
import { STORE_BUFFERS } from './bounds.ts';
import { EVENT_LOCK, EVENT_LOCKED, EVENT_UNLOCKED } from './events.ts';
import type { spinlock_t } from './spinlock_types.ts';

/**
 * spin_lock_init - a new spin lock
 * @lock: the lock, not held
 * @dep_map: LOCK_*, a spin lock's
 *
 * Context: no other task has it.
 * Source: include/asm-i386/spinlock.h
 */
export function spin_lock_init(lock: spinlock_t, dep_map: int): void {
	lock.dep_map = dep_map;
}

/**
 * spin_lock - take a spin lock
 * @lock: the lock
 *
 * Differs:
 *   ! a loop of assembler that spins
 *
 * Context: SMP: the other processors get in before the lock is taken. Does not sleep.
 * Source: include/asm-i386/spinlock.h
 */
export function* spin_lock(lock: spinlock_t): Sleeps {
	lock_acquire(lock.dep_map);
	event(EVENT_LOCK, lock);
	if (CONFIG_SMP) yield* wait_event(() => !lock.locked);
	BUG_ON(lock.locked, 'spin_lock: lock held across a sleep');
	lock.locked = true;
	event(EVENT_LOCKED, lock);
	lock_acquired(lock.dep_map);
}

/**
 * spin_lock_nested - take a spin lock while holding another of the same class (2.6.18)
 * @lock: the lock
 * @dep_map: the class that the second one counts as
 *
 * 2.4.22 calls spin_lock(). Whoever does this says so, and in which order the two are taken.
 * Given back by spin_unlock_nested().
 *
 * Context: as spin_lock().
 * Source: none: as in later kernels, for lockdep
 */
export function* spin_lock_nested(lock: spinlock_t, dep_map: int): Sleeps {
	lock_acquire(dep_map);
	event(EVENT_LOCK, lock);
	if (CONFIG_SMP) yield* wait_event(() => !lock.locked);
	BUG_ON(lock.locked, 'spin_lock: lock held across a sleep');
	lock.locked = true;
	event(EVENT_LOCKED, lock);
	lock_acquired(dep_map);
}

/**
 * spin_unlock - release a spin lock
 * @lock: the lock, held
 *
 * Differs:
 *   ! assembler: one store
 *
 * Context: what follows in the caller belongs to the same step: nobody can tell the difference,
 * since a change that others see needs a lock, and taking one is a new step.
 * Source: include/asm-i386/spinlock.h
 */
export function spin_unlock(lock: spinlock_t): void {
	if (STORE_BUFFERS) store_buffer_drain();
	BUG_ON(!lock.locked, 'spin_unlock of a lock that is not held');
	lock.locked = false;
	event(EVENT_UNLOCKED, lock);
	lock_release(lock.dep_map);
}

/**
 * spin_unlock_nested - release a spin lock that was taken by spin_lock_nested()
 * @lock: the lock, held
 * @dep_map: as it was taken
 *
 * Context: as spin_unlock().
 * Source: none: as in later kernels, for lockdep
 */
export function spin_unlock_nested(lock: spinlock_t, dep_map: int): void {
	BUG_ON(!lock.locked, 'spin_unlock of a lock that is not held');
	lock.locked = false;
	event(EVENT_UNLOCKED, lock);
	lock_release(dep_map);
}

/**
 * spin_while_gathering - wait until another processor has flushed what it gathered
 * @tlb: where ptes are gathered
 *
 * CONFIG_DIRTY_AFTER_FLUSH off. In the kernel each processor gathers in a place of its own.
 *
 * Context: page_table_lock held, of another address space than that which is being unmapped.
 * Source: none: a node has one mmu_gather here
 */
export function* spin_while_gathering(tlb: mmu_gather_t): Sleeps {
	if (tlb.nr > 0) yield* wait_event(() => tlb.nr === 0);
}
