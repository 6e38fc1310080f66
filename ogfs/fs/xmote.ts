// SPDX-License-Identifier: GPL-2.0-only
/**
 * The transitions of a glock that sleep: what is done before the lock module is told, and when it
 * has answered (GFS1: part of src/gfs/glock.c; OpenGFS's own names could not be read).
 */
import { cover, event, type int, type Sleeps } from '../../harness/kts/prelude.ts';
import { GREEDY, NR_GLOCKD, NR_LOCKS, READPAGE_LOCKS } from '../../vfs/include/linux/bounds.ts';
import { EVENT_REVOKE } from '../../vfs/include/linux/events.ts';
import { CONFIG_NOPAGE_LOCKED } from '../../vfs/Kconfig.ts';
import { lock_acquired, lock_release, might_sleep } from '../../vfs/kernel/ksyms.ts';
import {
	CONFIG_OGFS_BLOCK_FAULTS_FIRST,
	CONFIG_OGFS_DEFERRED,
	CONFIG_OGFS_DEMOTE_IN_TASK,
	CONFIG_OGFS_DROP_BEFORE_UNLOCK,
	CONFIG_OGFS_TAGGED_WRITEOUT,
} from '../Kconfig.ts';
import {
	LM_CONVERSION_DEMOTES,
	LM_DROPS_LATER,
	LM_ST_DEFERRED,
	LM_ST_EXCLUSIVE,
	LM_ST_SHARED,
	LM_ST_UNLOCKED,
} from '../locking/lm_interface.ts';
import { lm_lock, lm_unlock } from '../locking/lockmodule.ts';
import {
	demote_ready,
	demoted_enough,
	INTERRUPTIBLE,
	ogfs_glock_dq,
	request,
	request_canceled,
	run_queue,
	state_change,
} from './glock.ts';
import { ogfs_glock_revoked } from './greedy.ts';
import {
	DIO_DATA,
	DIO_METADATA,
	DIO_TAGGED,
	GLF_CONVERT,
	GLF_DEMOTE,
	GLF_DENIED,
	GLF_DROP,
	GLF_LOCK,
	GLF_UNMAPPED,
	GLF_XMOTE,
	HIF_CANCELED,
	type ogfs_glock,
	ogfs_glock_find,
	type ogfs_holder,
	ogfs_lock_class,
} from './incore.ts';

/** Who looks at the cache without the lock must not find it after the lock was given up. */
export const DROP_FIRST: int = READPAGE_LOCKS && CONFIG_OGFS_DROP_BEFORE_UNLOCK ? 1 : 0;

/** Marks that a lock is about to go down while another of the node is on its way. */
function cover_overlap(gl: ogfs_glock): void {
	const busy = GLF_DEMOTE | GLF_LOCK;
	for (let i = 0; i < NR_LOCKS; i++) {
		const other = ogfs_glock_find(gl.gl_node, i);
		if (other !== gl && (other.gl_flags & busy) === busy && !other.gl_req_gh)
			cover('revoke: another one is under way on the node');
	}
}

/**
 * rq_demote - bring a glock down to what another node leaves us
 * @gl: the glock, GLF_DEMOTE set, not busy, nobody holds it
 *
 * With CONFIG_OGFS_BLOCK_FAULTS_FIRST off go_callback does something first, before GLF_LOCK is
 * set, and the daemon comes back for the rest.
 *
 * Context: the daemon, or ogfs_glock_dq_uninit(). Sleeps.
 */
export function* rq_demote(gl: ogfs_glock): Sleeps {
	const target = gl.gl_demote_state;
	if (demoted_enough(gl.gl_state, target)) {
		state_change(gl, gl.gl_state);
		run_queue(gl);
		return;
	}
	if (
		!CONFIG_OGFS_BLOCK_FAULTS_FIRST &&
		!(gl.gl_flags & GLF_UNMAPPED) &&
		gl.gl_ops!.go_callback !== null
	) {
		yield* gl.gl_ops!.go_callback(gl, target);
		if (gl.gl_flags & GLF_UNMAPPED) return;
	}
	if (NR_GLOCKD > 1) cover_overlap(gl);
	gl.gl_flags |= GLF_LOCK;
	event(EVENT_REVOKE, gl.gl_number, target);
	lock_acquired(ogfs_lock_class(gl));
	if (GREEDY) ogfs_glock_revoked(gl);
	if (target === LM_ST_UNLOCKED || gl.gl_state !== LM_ST_EXCLUSIVE)
		yield* gl.gl_ops!.go_drop_th(gl);
	else yield* gl.gl_ops!.go_xmote_th(gl, target, 0);
	if (LM_DROPS_LATER) {
		lock_release(ogfs_lock_class(gl));
		return;
	}
	gl.gl_flags &= ~(GLF_LOCK | GLF_UNMAPPED);
	lock_release(ogfs_lock_class(gl));
	run_queue(gl);
}

/**
 * ogfs_glock_dq_uninit - end of the use of a glock, by a task that may sleep
 * @gl: the glock
 * @gh: from ogfs_glock_nq(); freed
 *
 * CONFIG_OGFS_DEMOTE_IN_TASK: if another node wants the lock, and this was the last holder, the
 * task brings the lock down, with all other locks that it has: mmap_sem in a fault, i_sem in a
 * write, the lock of a file when it lets that of a resource group go. The daemon cannot be first,
 * since the task does not sleep in between. GFS1: gfs_glock_dq() of src/gfs/glock.c, which calls
 * run_queue().
 *
 * Context: process. May sleep.
 */
export function* ogfs_glock_dq_uninit(gl: ogfs_glock, gh: ogfs_holder): Sleeps {
	ogfs_glock_dq(gl, gh);
	if (!CONFIG_OGFS_DEMOTE_IN_TASK) return;
	might_sleep();
	if (demote_ready(gl)) yield* rq_demote(gl);
}

/**
 * ogfs_glock_xmote_th - ask the lock module for another state
 * @gl: the glock, GLF_LOCK set, nobody holds it, not UNLOCKED
 * @state: LM_ST_*
 * @flags: LM_FLAG_*
 *
 * A module that may take away what there is (LM_CONVERSION_DEMOTES) does so without a word. So
 * everything has been done that is done when the lock is given up, but that the cache stays: it
 * may be good in the end. From then on the node counts as having nothing. Before DEFERRED the
 * cache is dropped, where GFS1 does it after the answer: nobody can tell, since GLF_LOCK is set.
 * CONFIG_OGFS_TAGGED_WRITEOUT: on the way to SHARED clean pages are passed over.
 *
 * Context: the daemon. May sleep.
 */
export function* ogfs_glock_xmote_th(gl: ogfs_glock, state: int, flags: int): Sleeps {
	const tagged = CONFIG_OGFS_TAGGED_WRITEOUT && state === LM_ST_SHARED ? DIO_TAGGED : 0;
	if (gl.gl_state === LM_ST_EXCLUSIVE || CONFIG_NOPAGE_LOCKED) {
		if (gl.gl_ops!.go_sync !== null)
			yield* gl.gl_ops!.go_sync(gl, DIO_METADATA | DIO_DATA | tagged);
	}
	if (CONFIG_OGFS_DEFERRED && state === LM_ST_DEFERRED && gl.gl_ops!.go_inval !== null)
		yield* gl.gl_ops!.go_inval(gl, DIO_DATA);
	if (gl.gl_req_gh) {
		if (LM_CONVERSION_DEMOTES && READPAGE_LOCKS && gl.gl_ops!.go_inval !== null)
			yield* gl.gl_ops!.go_inval(gl, DIO_METADATA | DIO_DATA);
		request(gl, state, flags);
		if (LM_CONVERSION_DEMOTES) {
			gl.gl_state = LM_ST_UNLOCKED;
			gl.gl_flags |= GLF_CONVERT;
		}
		return;
	}
	lm_lock(gl.gl_node, gl.gl_number, gl.gl_state, state, flags);
	state_change(gl, state);
	if (LM_DROPS_LATER) gl.gl_flags |= GLF_DROP;
}

/**
 * ogfs_glock_drop_th - give a lock up
 * @gl: the glock, GLF_LOCK set, nobody holds it
 *
 * Context: the daemon. May sleep.
 */
export function* ogfs_glock_drop_th(gl: ogfs_glock): Sleeps {
	if (gl.gl_state === LM_ST_EXCLUSIVE || CONFIG_NOPAGE_LOCKED) {
		if (gl.gl_ops!.go_sync !== null) yield* gl.gl_ops!.go_sync(gl, DIO_METADATA | DIO_DATA);
	}
	if (DROP_FIRST && gl.gl_ops!.go_inval !== null)
		yield* gl.gl_ops!.go_inval(gl, DIO_METADATA | DIO_DATA);
	lm_unlock(gl.gl_node, gl.gl_number);
	state_change(gl, LM_ST_UNLOCKED);
	if (LM_DROPS_LATER) {
		gl.gl_flags |= GLF_DROP;
		return;
	}
	if (!DROP_FIRST && gl.gl_ops!.go_inval !== null)
		yield* gl.gl_ops!.go_inval(gl, DIO_METADATA | DIO_DATA);
	if (gl.gl_ops!.go_drop_bh !== null) gl.gl_ops!.go_drop_bh(gl);
}

/**
 * rq_denied - an upgrade was denied: drop the shared lock, then request the exclusive one
 * @gl: the glock, shared, GLF_LOCK set
 *
 * "Invalidate all page table entries for this inode and drop the shared lock, then request the
 * exclusive lock." All that is given up is clean, so whoever is next finds the file whole.
 *
 * Context: the daemon. Sleeps.
 */
export function* rq_denied(gl: ogfs_glock): Sleeps {
	cover('upgrade: dropped and requested again');
	gl.gl_flags &= ~(GLF_DENIED | GLF_UNMAPPED);
	lock_acquired(ogfs_lock_class(gl));
	if (GREEDY) ogfs_glock_revoked(gl);
	yield* gl.gl_ops!.go_drop_th(gl);
	lock_release(ogfs_lock_class(gl));
	if (INTERRUPTIBLE && gl.gl_req_gh!.gh_iflags & HIF_CANCELED) request_canceled(gl);
	else request(gl, gl.gl_req_gh!.gh_state, gl.gl_req_gh!.gh_flags);
}

/**
 * rq_xmote - a request that needs work before it is made
 * @gl: the glock, GLF_LOCK set, not UNLOCKED
 *
 * Context: the daemon. Sleeps.
 */
export function* rq_xmote(gl: ogfs_glock): Sleeps {
	const gh = gl.gl_req_gh!;
	gl.gl_flags &= ~GLF_XMOTE;
	lock_acquired(ogfs_lock_class(gl));
	yield* gl.gl_ops!.go_xmote_th(gl, gh.gh_state, gh.gh_flags);
	lock_release(ogfs_lock_class(gl));
}
