// SPDX-License-Identifier: GPL-2.0-only
/**
 * include/linux/spinlock.h of 2.4.22. A spin lock is a flag; waiting for it is waiting, not
 * spinning. With CONFIG_SMP=0 the kernel is not preemptible and the lock is never contended, as
 * there.
 */
import { BUG_ON, type bool, type Sleeps, wait_event } from '../../../harness/kts/prelude.ts';
import { CONFIG_SMP } from '../../Kconfig.ts';

export class spinlock_t {
	locked: bool = false;
}

/**
 * spin_lock - take a spin lock
 * @lock: the lock
 *
 * Context: SMP: the other processors get in before the lock is taken. Does not sleep.
 */
export function* spin_lock(lock: spinlock_t): Sleeps {
	if (CONFIG_SMP) yield* wait_event(() => !lock.locked);
	BUG_ON(lock.locked, 'spin_lock: lock held across a sleep');
	lock.locked = true;
}

/**
 * spin_unlock - let a spin lock go
 * @lock: the lock, held
 *
 * Context: what follows in the caller belongs to the same step: nobody can tell the difference,
 * since a change that others see needs a lock, and taking one is a new step.
 */
export function spin_unlock(lock: spinlock_t): void {
	BUG_ON(!lock.locked, 'spin_unlock of a lock that is not held');
	lock.locked = false;
}
