// SPDX-License-Identifier: GPL-2.0-only
/**
 * include/linux/lockdep.h of 2.6.18, of which 2.4.22 has nothing: the classes of locks. It is part
 * of the machine, not of the kernel that is modelled: always on, seen by nobody, and no reason for
 * a state of its own, since what a task holds follows from where it is.
 *
 * A class is a bit. The harness names it after the constant here: LOCK_mmap_sem is mmap_sem.
 */
import { type int, ints } from '../../../harness/kts/prelude.ts';
import { NR_TASKS } from './bounds.ts';

export const LOCK_mmap_sem: int = 0x1;
export const LOCK_i_sem: int = 0x2;
/** a glock that the task holds; that the daemon takes down (GLF_LOCK) */
export const LOCK_glock: int = 0x4;
/** a second one, of another file */
export const LOCK_glock_nested: int = 0x8;
/** PG_locked, until it is handed to the disk */
export const LOCK_page: int = 0x10;
/** a second one, of another page */
export const LOCK_page_nested: int = 0x20;

export const LOCK_i_alloc_sem: int = 0x40;
/** glocks of resource groups, of journals, and of nothing on the disk */
export const LOCK_glock_rgrp: int = 0x80;
export const LOCK_glock_meta: int = 0x100;
export const LOCK_glock_nondisk: int = 0x200;
/** i_sem of a directory */
export const LOCK_i_sem_dir: int = 0x400;
/** of a file system: the map of the blocks of a file */
export const LOCK_i_rw_mutex: int = 0x800;

/** What follows are spin locks. */
export const LOCK_i_shared: int = 0x1000;
export const LOCK_page_table: int = 0x2000;
/** a second one, by spin_lock_nested() */
export const LOCK_page_table_nested: int = 0x4000;
export const LOCK_pagemap_lru: int = 0x10000;

/** All spin locks. A task that holds one must not sleep. */
export const SPIN_LOCKS: int = -4096;
/** Classes of which a task may hold two; the second is the bit above. */
export const NESTING: int = LOCK_glock | LOCK_page;

/** What each task holds: LOCK_* (held_locks in task_struct). */
export const held_locks = ints(NR_TASKS);
/** Tasks that take locks of one class in the order of the class: see lock_in_order(). */
export const in_order = ints(NR_TASKS);
