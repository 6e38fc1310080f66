// SPDX-License-Identifier: GPL-2.0-only
/**
 * include/linux/rwsem.h and include/asm/semaphore.h of 2.4.22. A writer that waits bars later
 * readers, as in the kernel's rw semaphores; among writers the order is free.
 *
 * Taking one ends a step only when it has to wait. Nothing ever looks whether a semaphore is held
 * except to take it, and what any task does in a step before it takes one does not depend on what
 * another did in the same place; so a task that would get in just before can as well get in
 * before the step. (A page lock is different: wait_on_page() and TryLockPage() look at it.)
 */
import {
	BUG_ON,
	type bool,
	event,
	type int,
	type Sleeps,
	wait_event,
} from '../../../harness/kts/prelude.ts';
import { lock_acquire, lock_acquired, lock_release, might_sleep } from '../../kernel/lockdep.ts';
import { EVENT_LOCK, EVENT_LOCKED, EVENT_UNLOCKED } from './events.ts';

export class rw_semaphore {
	/** readers inside, or -1: a writer */
	activity: int = 0;
	/** writers that wait */
	waiting: int = 0;
	/** LOCK_* */
	dep_map: int = 0;
}

/**
 * init_rwsem - a new rw semaphore
 * @sem: the semaphore, not held
 * @dep_map: LOCK_*
 *
 * Differs:
 *   - spin_lock_init: counters alone
 *
 * Context: no other task has it.
 * Source: include/asm-i386/rwsem.h
 */
export function init_rwsem(sem: rw_semaphore, dep_map: int): void {
	sem.dep_map = dep_map;
}

/**
 * down_read - take a rw semaphore for reading
 * @sem: the semaphore
 *
 * Differs:
 *   ! a wait, where C has assembler and lib/rwsem.c: who waits first is served first there
 *
 * Context: may sleep.
 */
export function* down_read(sem: rw_semaphore): Sleeps {
	might_sleep();
	lock_acquire(sem.dep_map);
	event(EVENT_LOCK, sem);
	if (sem.activity < 0 || sem.waiting > 0)
		yield* wait_event(() => sem.activity >= 0 && sem.waiting === 0);
	sem.activity++;
	event(EVENT_LOCKED, sem);
	lock_acquired(sem.dep_map);
}

/**
 * down_read_trylock - take a rw semaphore for reading, unless it has to be waited for
 * @sem: the semaphore
 *
 * Differs:
 *   ! as down_read()
 *
 * Return: true: it is taken.
 * Context: any. Does not sleep.
 * Source: include/linux/rwsem.h, 2.6.9
 */
export function down_read_trylock(sem: rw_semaphore): bool {
	if (sem.activity < 0 || sem.waiting > 0) return false;
	sem.activity++;
	event(EVENT_LOCKED, sem);
	lock_acquired(sem.dep_map);
	return true;
}

/**
 * up_read - end of down_read()
 * @sem: the semaphore
 *
 * Differs:
 *   ! as down_read()
 *
 * Context: any; held for reading on entry, not on return. Does not sleep.
 */
export function up_read(sem: rw_semaphore): void {
	BUG_ON(sem.activity <= 0, 'up_read of a semaphore that is not held for reading');
	sem.activity--;
	event(EVENT_UNLOCKED, sem);
	lock_release(sem.dep_map);
}

/**
 * down_write - take a rw semaphore for writing
 * @sem: the semaphore
 *
 * Differs:
 *   ! as down_read(); among writers the order is free
 *
 * Context: may sleep.
 */
export function* down_write(sem: rw_semaphore): Sleeps {
	might_sleep();
	lock_acquire(sem.dep_map);
	event(EVENT_LOCK, sem);
	if (sem.activity !== 0) {
		sem.waiting++;
		yield* wait_event(() => sem.activity === 0);
		sem.waiting--;
	}
	sem.activity = -1;
	event(EVENT_LOCKED, sem);
	lock_acquired(sem.dep_map);
}

/**
 * up_write - end of down_write()
 * @sem: the semaphore
 *
 * Differs:
 *   ! as down_read()
 *
 * Context: any; held for writing on entry, not on return. Does not sleep.
 */
export function up_write(sem: rw_semaphore): void {
	BUG_ON(sem.activity !== -1, 'up_write of a semaphore that is not held for writing');
	sem.activity = 0;
	event(EVENT_UNLOCKED, sem);
	lock_release(sem.dep_map);
}

/** A counting semaphore, used as a mutex. */
export class semaphore {
	count: int = 1;
	/** LOCK_* */
	dep_map: int = 0;
}

/**
 * init_MUTEX - a new semaphore that one task at a time holds
 * @sem: the semaphore
 * @dep_map: LOCK_*
 *
 * Differs:
 *   - sema_init: a count
 *
 * Context: no other task has it.
 * Source: include/asm-i386/semaphore.h
 */
export function init_MUTEX(sem: semaphore, dep_map: int): void {
	sem.dep_map = dep_map;
}

/**
 * down - take a semaphore
 * @sem: the semaphore
 *
 * Differs:
 *   ! assembler, and a queue of those that wait
 *
 * Context: may sleep.
 * Source: include/asm-i386/semaphore.h
 */
export function* down(sem: semaphore): Sleeps {
	might_sleep();
	lock_acquire(sem.dep_map);
	event(EVENT_LOCK, sem);
	if (sem.count <= 0) yield* wait_event(() => sem.count > 0);
	sem.count--;
	event(EVENT_LOCKED, sem);
	lock_acquired(sem.dep_map);
}

/**
 * up - give a semaphore back
 * @sem: the semaphore
 *
 * Differs:
 *   ! assembler
 *
 * Context: any; held on entry, not on return. Does not sleep.
 * Source: include/asm-i386/semaphore.h
 */
export function up(sem: semaphore): void {
	sem.count++;
	event(EVENT_UNLOCKED, sem);
	BUG_ON(sem.count > 1, 'up of a mutex that is not held');
	lock_release(sem.dep_map);
}
