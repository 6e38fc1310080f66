// SPDX-License-Identifier: GPL-2.0-only
/**
 * The glock daemon of the mail: takes the lock module's messages, and does the transitions that
 * sleep. OpenGFS's own names could not be read.
 *
 * Differs from GFS1: there gfs_glockd() (src/gfs/daemon.c) only gives up idle locks. The threads of
 * the lock module take the messages (gfs_glock_cb() of src/gfs/glock.c), and bring down what no
 * task has; the rest is done by the tasks that ask for a lock or let it go.
 */
import {
	BUG_ON,
	type bool,
	cover,
	event,
	type int,
	type node_nr,
	type Sleeps,
	wait_choose_idle,
	wait_idle,
} from '../../harness/kts/prelude.ts';
import {
	DROPLOCKS,
	GLOCK_RECLAIM,
	GREEDY,
	NR_LOCKS,
	NR_LOGS,
} from '../../vfs/include/linux/bounds.ts';
import { EVENT_GLOCK_IDLE, EVENT_RECOVERY_WANTED } from '../../vfs/include/linux/events.ts';
import { lock_acquired, lock_release, lockdep_sys_exit } from '../../vfs/kernel/ksyms.ts';
import { CONFIG_OGFS_IDLE_UNMAP } from '../Kconfig.ts';
import {
	LM_CB_ASYNC,
	LM_CB_DROPLOCKS,
	LM_CB_NEED_D,
	LM_CB_NEED_E,
	LM_CB_NEED_RECOVERY,
	LM_CB_NEED_S,
	LM_CONVERSION_DEMOTES,
	LM_DROPS_LATER,
	LM_OUT_CACHEABLE,
	LM_OUT_ST_MASK,
	LM_ST_DEFERRED,
	LM_ST_SHARED,
	LM_ST_UNLOCKED,
} from '../locking/lm_interface.ts';
import {
	lm_message,
	lm_message_lock,
	lm_message_result,
	lm_pending,
	lm_receive,
} from '../locking/lockmodule.ts';
import { demote_ready, handle_callback, run_queue, xmote_bh } from './glock.ts';
import { ogfs_glock_revoked } from './greedy.ts';
import {
	DIO_DATA,
	DIO_METADATA,
	GLF_CONVERT,
	GLF_DEMOTE,
	GLF_DENIED,
	GLF_DROP,
	GLF_LOCK,
	GLF_UNMAPPED,
	GLF_XMOTE,
	type ogfs_glock,
	ogfs_glock_find,
	ogfs_lock_class,
	ogfs_sbs,
} from './incore.ts';
import { DROP_FIRST, rq_demote, rq_denied, rq_xmote } from './xmote.ts';

/**
 * drop_bh - the lock module has taken what was given up, all or some of it
 * @gl: the glock, GLF_LOCK and GLF_DROP set
 * @result: LM_ST_* that is left, with LM_OUT_*
 *
 * Context: the daemon. Sleeps.
 */
function* drop_bh(gl: ogfs_glock, result: int): Sleeps {
	BUG_ON((result & LM_OUT_ST_MASK) !== gl.gl_state, 'the lock module has left something else');
	lock_acquired(ogfs_lock_class(gl));
	if (!DROP_FIRST && !(result & LM_OUT_CACHEABLE) && gl.gl_ops!.go_inval !== null)
		yield* gl.gl_ops!.go_inval(gl, DIO_METADATA | DIO_DATA);
	if (gl.gl_state === LM_ST_UNLOCKED && gl.gl_ops!.go_drop_bh !== null) gl.gl_ops!.go_drop_bh(gl);
	gl.gl_flags &= ~(GLF_DROP | GLF_LOCK | GLF_UNMAPPED);
	lock_release(ogfs_lock_class(gl));
	run_queue(gl);
}

/**
 * convert_bh - a conversion is answered: unless the node kept what it had, its cache may be stale
 * @gl: the glock, GLF_LOCK and GLF_CONVERT set
 * @result: LM_ST_* that there is now, with LM_OUT_*
 *
 * Context: the daemon, before xmote_bh(). Sleeps.
 */
function* convert_bh(gl: ogfs_glock, result: int): Sleeps {
	gl.gl_flags &= ~GLF_CONVERT;
	if (result & LM_OUT_CACHEABLE) {
		cover('conversion: the cache is good');
		gl.gl_state = LM_ST_SHARED;
		return;
	}
	cover('conversion: demoted, the cache is dropped');
	if (GREEDY) ogfs_glock_revoked(gl);
	if (gl.gl_ops!.go_inval === null) return;
	lock_acquired(ogfs_lock_class(gl));
	yield* gl.gl_ops!.go_inval(gl, DIO_METADATA | DIO_DATA);
	lock_release(ogfs_lock_class(gl));
}

/** One message from the lock module; @result is the word in it. */
function ogfs_glock_cb(gl: ogfs_glock, cb: int, result: int): void {
	switch (cb) {
		case LM_CB_NEED_E:
			handle_callback(gl, LM_ST_UNLOCKED);
			break;
		case LM_CB_NEED_S:
			handle_callback(gl, LM_ST_SHARED);
			break;
		case LM_CB_NEED_D:
			handle_callback(gl, LM_ST_DEFERRED);
			break;
		case LM_CB_ASYNC:
			xmote_bh(gl, result);
			break;
	}
}

/** Is there work for the daemon in this glock? */
function glock_has_work(gl: ogfs_glock): bool {
	return (gl.gl_flags & (GLF_DENIED | GLF_XMOTE)) !== 0 || demote_ready(gl);
}

/** Is there work for the daemon in any glock of this node? */
function glockd_has_work(node: node_nr): bool {
	if (lm_pending(node)) return true;
	for (let i = 0; i < NR_LOCKS; i++) if (glock_has_work(ogfs_glock_find(node, i))) return true;
	return false;
}

/**
 * is_idle - may this glock be given up without a request?
 * @gl: the glock
 *
 * GFS1 asks go_demote_ok() when it was not used for a while (scan_glock, gfs_reclaim_glock).
 *
 * Return: true: no task holds it.
 * Context: any. Does not sleep.
 */
function is_idle(gl: ogfs_glock): bool {
	if (gl.gl_state === LM_ST_UNLOCKED || gl.gl_holders) return false;
	if (gl.gl_flags & (GLF_LOCK | GLF_DEMOTE)) return false;
	return gl.gl_ops!.go_demote_ok === null || gl.gl_ops!.go_demote_ok(gl);
}

/**
 * clear_glock - give up an idle lock: the lock module is short of memory
 * @gl: the glock
 *
 * Nobody is asked whether it may be (go_demote_ok). One that a task waits for, and has been asked
 * for, is left alone, as in GFS1 (trylock_on_glock).
 *
 * Context: the daemon. Does not sleep.
 */
function clear_glock(gl: ogfs_glock): void {
	if (gl.gl_state === LM_ST_UNLOCKED) return;
	if (gl.gl_flags & GLF_LOCK || gl.gl_holders) {
		cover('droplocks: in use');
		return;
	}
	cover('droplocks: an idle lock');
	event(EVENT_GLOCK_IDLE, gl.gl_number, true);
	handle_callback(gl, LM_ST_UNLOCKED);
	if (!CONFIG_OGFS_IDLE_UNMAP) gl.gl_flags |= GLF_UNMAPPED;
}

/**
 * ogfs_gl_hash_clear - LM_CB_DROPLOCKS: give up all idle locks
 * @node: whose
 *
 * Context: the daemon. Does not sleep.
 */
function ogfs_gl_hash_clear(node: node_nr): void {
	for (let i = 0; i < NR_LOCKS; i++) clear_glock(ogfs_glock_find(node, i));
}

/** How many glocks of this node may be given up now without a request. */
function reclaim_choices(node: node_nr): int {
	let n = 0;
	if (ogfs_sbs[node].sd_reclaimed === GLOCK_RECLAIM) return 0;
	for (let i = 0; i < NR_LOCKS; i++) if (is_idle(ogfs_glock_find(node, i))) n++;
	return n;
}

/**
 * reclaim_glock - give up an idle lock
 * @node: whose
 * @which: the which-th of those that are idle
 *
 * As if another node wanted it. Without CONFIG_OGFS_IDLE_UNMAP it counts as unmapped.
 *
 * Context: the daemon. Does not sleep.
 */
function reclaim_glock(node: node_nr, which: int): void {
	let left = which;
	for (let i = 0; i < NR_LOCKS; i++) {
		const gl = ogfs_glock_find(node, i);
		if (!is_idle(gl)) continue;
		if (left-- > 0) continue;
		cover('reclaim: an idle lock');
		ogfs_sbs[node].sd_reclaimed++;
		event(EVENT_GLOCK_IDLE, gl.gl_number, false);
		handle_callback(gl, LM_ST_UNLOCKED);
		if (!CONFIG_OGFS_IDLE_UNMAP) gl.gl_flags |= GLF_UNMAPPED;
		return;
	}
}

/**
 * ogfs_glockd - the "local daemon" of the mail
 * @node: whose
 *
 * Context: a task of its own, which idles when there is nothing to do. Sleeps.
 */
export function* ogfs_glockd(node: node_nr): Sleeps {
	for (;;) {
		lockdep_sys_exit();
		if (GLOCK_RECLAIM > 0) {
			const n = yield* wait_choose_idle(
				() => reclaim_choices(node) + (glockd_has_work(node) ? 1 : 0),
			);
			if (n < reclaim_choices(node)) {
				reclaim_glock(node, n);
				continue;
			}
		} else {
			yield* wait_idle(() => glockd_has_work(node));
		}
		if (lm_pending(node)) {
			if (NR_LOGS > 0 && lm_message(node) === LM_CB_NEED_RECOVERY) {
				event(EVENT_RECOVERY_WANTED, lm_message_lock(node));
				ogfs_sbs[node].sd_dirty_j |= 1 << lm_message_lock(node);
				lm_receive(node);
				continue;
			}
			if (DROPLOCKS > 0 && lm_message(node) === LM_CB_DROPLOCKS) {
				lm_receive(node);
				ogfs_gl_hash_clear(node);
				continue;
			}
			const gl = ogfs_glock_find(node, lm_message_lock(node));
			const result = lm_message_result(node);
			const cb = lm_receive(node);
			if (LM_DROPS_LATER && cb === LM_CB_ASYNC && gl.gl_flags & GLF_DROP) {
				yield* drop_bh(gl, result);
				continue;
			}
			if (LM_CONVERSION_DEMOTES && cb === LM_CB_ASYNC && gl.gl_flags & GLF_CONVERT)
				yield* convert_bh(gl, result);
			ogfs_glock_cb(gl, cb, result);
			continue;
		}
		for (let i = 0; i < NR_LOCKS; i++) {
			const gl = ogfs_glock_find(node, i);
			if (gl.gl_flags & GLF_DENIED) yield* rq_denied(gl);
			else if (gl.gl_flags & GLF_XMOTE) yield* rq_xmote(gl);
			else if (demote_ready(gl)) yield* rq_demote(gl);
		}
	}
}
