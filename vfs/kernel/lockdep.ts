// SPDX-License-Identifier: GPL-2.0-only
/**
 * kernel/lockdep.c of 2.6.18: the validator of locking. Each function that takes a lock says so,
 * before it waits for it and when it has it.
 *
 * Differs: classes are given, not found; of what was taken before what only the arcs are kept,
 * beside the state (lock_order() of the prelude): the harness looks for circles in them when the
 * exploration is over. Interrupts take no locks here, so that their states are left out.
 */
import { ASSERT, type bool, type int, lock_order, self } from '../../harness/kts/prelude.ts';
import { held_locks, in_order, NESTING, SPIN_LOCKS } from '../include/linux/lockdep.ts';

/**
 * lock_acquire - a lock is going to be taken
 * @lock_class: LOCK_*
 *
 * Notes that it comes after all that this task holds. Called before the wait for the lock, so that
 * a deadlock does not hide its own cause.
 *
 * Context: any.
 */
export function lock_acquire(lock_class: int): void {
	ASSERT('LOCKDEP', lock_class !== 0, 'a lock that was not initialised: it has no class');
	const held = held_locks[self()];
	const nested = in_order[self()] !== 0 && (held & lock_class & NESTING) !== 0;
	lock_order(held, nested ? lock_class << 1 : lock_class);
}

/**
 * lock_in_order - locks that are taken from here on come after those of their class that are held
 * @on: false: no more
 *
 * Who takes several locks of one class in an order that all keep closes no circle: the second one
 * counts as one of a class of its own, as with mutex_lock_nested() of 2.6.18.
 *
 * Context: any.
 */
export function lock_in_order(on: bool): void {
	in_order[self()] = on ? 1 : 0;
}

/**
 * lock_acquired - a lock was taken
 * @lock_class: LOCK_*
 *
 * Context: any. Alone, without lock_acquire(), where the lock was free and nothing was waited for.
 */
export function lock_acquired(lock_class: int): void {
	const held = held_locks[self()];
	let bit = lock_class;
	if (held & bit && bit & NESTING) bit = bit << 1;
	ASSERT('LOCKDEP', !(held & bit), 'possible recursive locking detected');
	held_locks[self()] = held | bit;
}

/**
 * lock_release - a lock is given back, or handed to another task
 * @lock_class: LOCK_*
 *
 * Context: any.
 */
export function lock_release(lock_class: int): void {
	const held = held_locks[self()];
	const nested = lock_class & NESTING ? lock_class << 1 : 0;
	const bit = held & nested ? nested : lock_class;
	ASSERT('LOCKDEP', (held & bit) !== 0, 'bad unlock balance detected: not held by this task');
	held_locks[self()] = held & ~bit;
}

/**
 * in_atomic - may this task not sleep, as it holds a spin lock?
 *
 * Return: true: it may not.
 * Context: any.
 */
export function in_atomic(): bool {
	return (held_locks[self()] & SPIN_LOCKS) !== 0;
}

/**
 * might_sleep - the caller may sleep
 *
 * Called by every function that does, whether it has to this time or not.
 *
 * Context: no spin lock held.
 */
export function might_sleep(): void {
	ASSERT('LOCKDEP', !in_atomic(), 'scheduling while atomic');
}

/**
 * lockdep_sys_exit - a task goes back to user mode, ends, or has nothing to do
 *
 * Context: no lock held.
 */
export function lockdep_sys_exit(): void {
	ASSERT('LOCKDEP', held_locks[self()] === 0, 'lock held when returning to user space');
}
