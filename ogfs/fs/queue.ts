// SPDX-License-Identifier: GPL-2.0-only
/**
 * Who waits for a glock and who has it: the lists (GFS1: src/gfs/glock.c). What they mean is in
 * glock.ts.
 */
import type { bool } from '../../harness/kts/prelude.ts';
import { LM_FLAG_PRIORITY } from '../locking/lm_interface.ts';
import {
	GL_LOCAL_EXCL,
	GLF_DEMOTE,
	HIF_HOLDER,
	type ogfs_glock,
	type ogfs_holder,
} from './incore.ts';

/**
 * unqueue - take a waiter off the queue
 * @gl: the glock
 * @gh: the waiter
 *
 * Context: any. Does not sleep.
 */
export function unqueue(gl: ogfs_glock, gh: ogfs_holder): void {
	let p = gl.gl_waiters2!;
	if (p === gh) {
		gl.gl_waiters2 = gh.gh_next;
		if (gl.gl_priority > 0) gl.gl_priority--;
	} else {
		while (p.gh_next !== gh) p = p.gh_next!;
		p.gh_next = gh.gh_next;
	}
	gh.gh_next = null;
}

/**
 * grant - give the lock to a waiter
 * @gl: the glock
 * @gh: the waiter
 *
 * Context: any. Does not sleep.
 */
export function grant(gl: ogfs_glock, gh: ogfs_holder): void {
	unqueue(gl, gh);
	gh.gh_next = gl.gl_holders;
	gl.gl_holders = gh;
	gh.gh_iflags |= HIF_HOLDER;
}

/**
 * held_alone - does a task have the glock for itself?
 * @gl: the glock
 *
 * A holder with which the task joined itself may be in front of that which says so.
 *
 * Return: true: no other task may have it.
 * Context: any. Does not sleep.
 */
export function held_alone(gl: ogfs_glock): bool {
	for (let gh = gl.gl_holders; gh; gh = gh.gh_next) if (gh.gh_flags & GL_LOCAL_EXCL) return true;
	return false;
}

/**
 * remove_holder - take a holder off the list
 * @gl: the glock
 * @gh: the holder
 *
 * Context: any. Does not sleep.
 */
export function remove_holder(gl: ogfs_glock, gh: ogfs_holder): void {
	let p = gl.gl_holders!;
	if (p === gh) {
		gl.gl_holders = gh.gh_next;
	} else {
		while (p.gh_next !== gh) p = p.gh_next!;
		p.gh_next = gh.gh_next;
	}
	gh.gh_next = null;
}

/**
 * add_to_queue - queue a holder
 * @gl: the glock
 * @gh: the holder
 *
 * Context: any. Does not sleep.
 */
export function add_to_queue(gl: ogfs_glock, gh: ogfs_holder): void {
	if (gh.gh_flags & LM_FLAG_PRIORITY) {
		if (gl.gl_flags & GLF_DEMOTE) gl.gl_priority++;
		gh.gh_next = gl.gl_waiters2;
		gl.gl_waiters2 = gh;
		return;
	}
	if (!gl.gl_waiters2) {
		gl.gl_waiters2 = gh;
		return;
	}
	let last = gl.gl_waiters2;
	while (last.gh_next) last = last.gh_next;
	last.gh_next = gh;
}
