// SPDX-License-Identifier: GPL-2.0-only
/**
 * The glock layer (GFS1: src/gfs/glock.c): who may use a file on this node, and how the node's
 * lock goes up and down.
 *
 * A glock that nobody holds keeps its state; another node's request brings it down (GLF_DEMOTE).
 * That waits until no task of this node holds it, and while it runs (GLF_LOCK) no task gets it:
 * this is "block new page faults for the file (by changing the state of the lock it owns)".
 *
 * Differs from GFS1: an upgrade leaves the ptes alone (they are read-only), where GFS1 takes them
 * out; gl_spin is not there, since nothing sleeps under it; a queued demotion is a flag and a
 * state instead of a holder at the head of the queue; the daemon does all transitions that may
 * sleep, where GFS1 does a promotion's in the context of whoever asked.
 */
import {
	BUG_ON,
	type bool,
	cover,
	type int,
	kmem_cache_alloc,
	kmem_cache_free,
	type node_nr,
	printk,
	type Sleeps,
	self,
	wait_event,
	wait_idle,
} from '../../harness/kts/prelude.ts';
import { NR_FILES, READPAGE_LOCKS } from '../../vfs/include/linux/bounds.ts';
import { LOCK_glock } from '../../vfs/include/linux/lockdep.ts';
import { CONFIG_NOPAGE_LOCKED } from '../../vfs/Kconfig.ts';
import {
	lock_acquire,
	lock_acquired,
	lock_release,
	lockdep_sys_exit,
	might_sleep,
} from '../../vfs/kernel/ksyms.ts';
import {
	CONFIG_OGFS_BLOCK_FAULTS_FIRST,
	CONFIG_OGFS_DROP_LAST,
	CONFIG_OGFS_REVOKE_ORDER,
} from '../Kconfig.ts';
import {
	LM_CB_ASYNC,
	LM_CB_NEED_D,
	LM_CB_NEED_E,
	LM_CB_NEED_S,
	LM_CONVERSION_DEMOTES,
	LM_DROPS_LATER,
	LM_GRANTS_AT_ONCE,
	LM_OUT_CACHEABLE,
	LM_OUT_CANCELED,
	LM_OUT_ST_MASK,
	LM_ST_DEFERRED,
	LM_ST_EXCLUSIVE,
	LM_ST_SHARED,
	LM_ST_UNLOCKED,
} from '../locking/lm_interface.ts';
import {
	lm_lock,
	lm_message_lock,
	lm_message_result,
	lm_pending,
	lm_receive,
	lm_unlock,
} from '../locking/lockmodule.ts';
import {
	inode_go_inval,
	inode_go_lock,
	inode_go_sync,
	inode_has_data,
	inode_is_dirty,
	ogfs_inval_pte,
	ogfs_wrprotect_pte,
} from './glops.ts';
import {
	GLF_CONVERT,
	GLF_DEMOTE,
	GLF_DENIED,
	GLF_DROP,
	GLF_LOCK,
	GLF_UNMAPPED,
	GLF_XMOTE,
	HIF_HOLDER,
	type ogfs_glock,
	type ogfs_holder,
	ogfs_sbs,
	this_sbd,
} from './incore.ts';

/** Is a lock in state @actual good enough for a task that needs @requested? */
function relaxed_state_ok(actual: int, requested: int): bool {
	return actual === requested || (actual === LM_ST_EXCLUSIVE && requested === LM_ST_SHARED);
}

/** Is a lock in state @actual low enough for another node that needs it down to @target? */
function demoted_enough(actual: int, target: int): bool {
	return actual === LM_ST_UNLOCKED || actual === target;
}

/** Gives the lock to the oldest waiter. */
function grant_first(gl: ogfs_glock): void {
	const gh = gl.gl_waiters!;
	gl.gl_waiters = gh.gh_next;
	gh.gh_next = gl.gl_holders;
	gl.gl_holders = gh;
	gh.gh_iflags |= HIF_HOLDER;
}

/**
 * rq_promote - let the oldest waiter have the lock, or ask the lock module for it
 * @gl: the glock, not busy
 *
 * Return: true when nothing more can be done now.
 */
function rq_promote(gl: ogfs_glock): bool {
	const gh = gl.gl_waiters!;
	if (relaxed_state_ok(gl.gl_state, gh.gh_state)) {
		grant_first(gl);
		return false;
	}
	if (gl.gl_holders) return true;
	gl.gl_flags |= GLF_LOCK;
	if (LM_CONVERSION_DEMOTES && gl.gl_state !== LM_ST_UNLOCKED) {
		gl.gl_flags |= GLF_XMOTE;
		return true;
	}
	const result = lm_lock(gl.gl_inode!.i_node, gl.gl_number, gl.gl_state, gh.gh_state, 0);
	if (LM_GRANTS_AT_ONCE) xmote_bh(gl, result);
	return true;
}

/**
 * run_queue - do what the glock's queue allows
 * @gl: the glock
 *
 * A demotion comes before all who wait here: it is the daemon's.
 */
function run_queue(gl: ogfs_glock): void {
	while (gl.gl_waiters && !(gl.gl_flags & GLF_LOCK)) {
		if (CONFIG_OGFS_BLOCK_FAULTS_FIRST && gl.gl_flags & GLF_DEMOTE) return;
		if (rq_promote(gl)) return;
	}
}

/**
 * ogfs_glock_is_locked_by_me - the holder that this task has of a glock
 * @gl: the glock
 *
 * Return: the holder, or null: the task holds no lock of it.
 * Context: process. Does not sleep.
 */
export function ogfs_glock_is_locked_by_me(gl: ogfs_glock): ogfs_holder | null {
	for (let gh = gl.gl_holders; gh; gh = gh.gh_next) if (gh.gh_owner === self()) return gh;
	return null;
}

/**
 * ogfs_glock_nq - take a glock
 * @gl: the glock
 * @state: LM_ST_* that is needed
 *
 * A task that has it already joins itself, without waiting, also when the lock is wanted
 * elsewhere; it must not ask for more than the node has.
 *
 * Return: the holder, to be given to ogfs_glock_dq().
 * Context: may sleep.
 */
export function* ogfs_glock_nq(gl: ogfs_glock, state: int): Sleeps<ogfs_holder> {
	might_sleep();
	const gh = kmem_cache_alloc(this_sbd().sd_holder_cachep)!;
	const mine = ogfs_glock_is_locked_by_me(gl);
	gh.gh_owner = self();
	gh.gh_state = state;
	if (mine) {
		BUG_ON(!relaxed_state_ok(gl.gl_state, state), 'a holder asks for more than its node has');
		gh.gh_next = gl.gl_holders;
		gl.gl_holders = gh;
		gh.gh_iflags |= HIF_HOLDER;
		return gh;
	}
	lock_acquire(LOCK_glock);
	if (gl.gl_waiters) {
		let last = gl.gl_waiters;
		while (last.gh_next) last = last.gh_next;
		last.gh_next = gh;
	} else {
		gl.gl_waiters = gh;
	}
	run_queue(gl);
	if (!(gh.gh_iflags & HIF_HOLDER)) {
		printk('ogfs_glock_nq: file %d, waits for %{LM_ST}', gl.gl_number, state);
		yield* wait_event(() => (gh.gh_iflags & HIF_HOLDER) !== 0);
	}
	lock_acquired(LOCK_glock);
	return gh;
}

/**
 * ogfs_glock_try - take a glock if the node has it, and nobody else wants it
 * @gl: the glock, of which this task has no holder
 * @state: LM_ST_* that is needed
 *
 * Differs from GFS1 (LM_FLAG_TRY): the lock module is not asked. One that is asked to try says no
 * as long as another node has the lock, and does not call it back.
 *
 * Return: the holder, to be given to ogfs_glock_dq(); null: not now.
 * Context: any. Does not sleep.
 */
export function ogfs_glock_try(gl: ogfs_glock, state: int): ogfs_holder | null {
	if (gl.gl_flags & (GLF_LOCK | GLF_DEMOTE) || gl.gl_waiters) return null;
	if (!relaxed_state_ok(gl.gl_state, state)) return null;
	const gh = kmem_cache_alloc(this_sbd().sd_holder_cachep)!;
	gh.gh_owner = self();
	gh.gh_state = state;
	gh.gh_next = gl.gl_holders;
	gl.gl_holders = gh;
	gh.gh_iflags |= HIF_HOLDER;
	lock_acquired(LOCK_glock);
	return gh;
}

/**
 * ogfs_glock_dq - end of the use of a glock
 * @gl: the glock
 * @gh: from ogfs_glock_nq(); freed
 *
 * The node keeps the lock.
 *
 * Context: process. Does not sleep.
 */
export function ogfs_glock_dq(gl: ogfs_glock, gh: ogfs_holder): void {
	let p = gl.gl_holders!;
	if (p === gh) {
		gl.gl_holders = gh.gh_next;
	} else {
		while (p.gh_next !== gh) p = p.gh_next!;
		p.gh_next = gh.gh_next;
	}
	kmem_cache_free(this_sbd().sd_holder_cachep, gh);
	if (!ogfs_glock_is_locked_by_me(gl)) lock_release(LOCK_glock);
	run_queue(gl);
}

/**
 * handle_callback - another node wants the lock
 * @gl: the glock
 * @state: what this node may keep
 *
 * Context: the daemon. Does not sleep.
 */
export function handle_callback(gl: ogfs_glock, state: int): void {
	printk('handle_callback: file %d, go down to %{LM_ST}', gl.gl_number, state);
	if (gl.gl_flags & GLF_DEMOTE && gl.gl_demote_state !== state) {
		gl.gl_demote_state = LM_ST_UNLOCKED;
		gl.gl_flags &= ~GLF_UNMAPPED;
	} else {
		gl.gl_demote_state = state;
	}
	gl.gl_flags |= GLF_DEMOTE;
}

/** The state of a glock has changed: a demotion that it satisfies is done. */
function state_change(gl: ogfs_glock, state: int): void {
	gl.gl_state = state;
	printk('glock: file %d is %{LM_ST} here', gl.gl_number, state);
	if (gl.gl_flags & GLF_DEMOTE && demoted_enough(state, gl.gl_demote_state)) {
		gl.gl_flags &= ~(GLF_DEMOTE | GLF_UNMAPPED);
		gl.gl_demote_state = 0;
	}
}

/**
 * drop_th - give the lock up, wholly or down to shared
 * @gl: the glock, GLF_LOCK set, nobody holds it
 * @target: LM_ST_UNLOCKED or LM_ST_SHARED
 * @unmapped: they were, before GLF_LOCK was set
 *
 * Unmap, write out, unlock, drop the cache, as GFS1. GLF_LOCK keeps everybody away from the cache
 * until it is dropped, so that the other node need not wait for it. The mail drops the cache
 * first and acknowledges last, and so must who has READPAGE_LOCKS: a fault then looks at the cache
 * without the lock.
 */
function* drop_th(gl: ogfs_glock, target: int, unmapped: bool): Sleeps {
	const was = gl.gl_state;
	yield* drop_work(gl, target, unmapped);
	if (was === LM_ST_SHARED) BUG_ON(inode_is_dirty(gl), 'a dirty page under a shared lock');
	if (target === LM_ST_UNLOCKED) cover('revoke: to UNLOCKED');
	else cover('revoke: to SHARED');
	if (READPAGE_LOCKS && target === LM_ST_UNLOCKED) yield* inode_go_inval(gl);
	if (target === LM_ST_UNLOCKED) lm_unlock(gl.gl_inode!.i_node, gl.gl_number);
	else lm_lock(gl.gl_inode!.i_node, gl.gl_number, was, target, 0);
	state_change(gl, target);
	if (LM_DROPS_LATER) gl.gl_flags |= GLF_DROP;
	else if (!READPAGE_LOCKS && target === LM_ST_UNLOCKED) yield* inode_go_inval(gl);
}

/** What comes before a node says that it has given up what it had, or some of it. */
function* drop_work(gl: ogfs_glock, target: int, unmapped: bool): Sleeps {
	const was = gl.gl_state;
	if (!CONFIG_OGFS_DROP_LAST && target === LM_ST_UNLOCKED) {
		if (was === LM_ST_EXCLUSIVE) yield* inode_go_sync(gl);
		yield* inode_go_inval(gl);
	}
	if (CONFIG_OGFS_REVOKE_ORDER && !unmapped) yield* unmap(gl, target);
	if (was === LM_ST_EXCLUSIVE || CONFIG_NOPAGE_LOCKED) yield* inode_go_sync(gl);
	if (!CONFIG_OGFS_REVOKE_ORDER && !unmapped) yield* unmap(gl, target);
}

/** Takes the ptes of a file out, or their right to write, before its lock goes down. */
function* unmap(gl: ogfs_glock, target: int): Sleeps {
	if (target === LM_ST_UNLOCKED) yield* ogfs_inval_pte(gl);
	else yield* ogfs_wrprotect_pte(gl);
}

/** May the daemon bring this glock down now? */
function demote_ready(gl: ogfs_glock): bool {
	return (gl.gl_flags & (GLF_DEMOTE | GLF_LOCK)) === GLF_DEMOTE && gl.gl_holders === null;
}

/**
 * rq_demote - bring a glock down to what another node leaves us
 * @gl: the glock, GLF_DEMOTE set, not busy, nobody holds it
 *
 * With CONFIG_OGFS_BLOCK_FAULTS_FIRST off the ptes are taken out before GLF_LOCK is set, and the
 * daemon comes back for the rest.
 */
function* rq_demote(gl: ogfs_glock): Sleeps {
	const target = gl.gl_demote_state;
	const unmapped = (gl.gl_flags & GLF_UNMAPPED) !== 0;
	if (demoted_enough(gl.gl_state, target)) {
		state_change(gl, gl.gl_state);
		run_queue(gl);
		return;
	}
	if (!CONFIG_OGFS_BLOCK_FAULTS_FIRST && CONFIG_OGFS_REVOKE_ORDER && !unmapped) {
		yield* unmap(gl, target);
		gl.gl_flags |= GLF_UNMAPPED;
		return;
	}
	gl.gl_flags |= GLF_LOCK;
	lock_acquired(LOCK_glock);
	yield* drop_th(gl, target, unmapped);
	if (LM_DROPS_LATER) {
		lock_release(LOCK_glock);
		return;
	}
	gl.gl_flags &= ~(GLF_LOCK | GLF_UNMAPPED);
	lock_release(LOCK_glock);
	run_queue(gl);
}

/**
 * rq_denied - an upgrade was denied: drop the shared lock, then request the exclusive one
 * @gl: the glock, shared, GLF_LOCK set
 *
 * "Invalidate all page table entries for this inode and drop the shared lock, then request the
 * exclusive lock." All that is given up is clean, so whoever is next finds the file whole.
 */
function* rq_denied(gl: ogfs_glock): Sleeps {
	cover('upgrade: dropped and requested again');
	gl.gl_flags &= ~GLF_DENIED;
	lock_acquired(LOCK_glock);
	yield* drop_th(gl, LM_ST_UNLOCKED, false);
	lock_release(LOCK_glock);
	lm_lock(gl.gl_inode!.i_node, gl.gl_number, LM_ST_UNLOCKED, LM_ST_EXCLUSIVE, 0);
}

/** The lock module has taken what was given up: @result is what is left. */
function* drop_bh(gl: ogfs_glock, result: int): Sleeps {
	BUG_ON((result & LM_OUT_ST_MASK) !== gl.gl_state, 'the lock module has left something else');
	lock_acquired(LOCK_glock);
	if (!READPAGE_LOCKS && !(result & LM_OUT_CACHEABLE)) yield* inode_go_inval(gl);
	gl.gl_flags &= ~(GLF_DROP | GLF_LOCK | GLF_UNMAPPED);
	lock_release(LOCK_glock);
	run_queue(gl);
}

/**
 * xmote_th - ask for more than there is, of a lock module that may take away what there is
 * @gl: the glock, not UNLOCKED, GLF_LOCK set, nobody holds it
 *
 * "Take away" comes without a word. So everything is done first that would be done if the lock was
 * given up, but that the cache stays: it may be good in the end. From then on the node counts as
 * having nothing. GFS1 takes the ptes out before every change of state.
 */
function* xmote_th(gl: ogfs_glock): Sleeps {
	const was = gl.gl_state;
	gl.gl_flags &= ~GLF_XMOTE;
	lock_acquired(LOCK_glock);
	yield* drop_work(gl, LM_ST_UNLOCKED, false);
	if (READPAGE_LOCKS) yield* inode_go_inval(gl);
	lock_release(LOCK_glock);
	lm_lock(gl.gl_inode!.i_node, gl.gl_number, was, gl.gl_waiters!.gh_state, 0);
	gl.gl_state = LM_ST_UNLOCKED;
	gl.gl_flags |= GLF_CONVERT;
}

/** A conversion is answered. Unless the node kept what it had, its cache may be out of date. */
function* convert_bh(gl: ogfs_glock, result: int): Sleeps {
	gl.gl_flags &= ~GLF_CONVERT;
	if (result & LM_OUT_CACHEABLE) {
		cover('conversion: the cache is good');
		gl.gl_state = LM_ST_SHARED;
		return;
	}
	cover('conversion: demoted, the cache is dropped');
	lock_acquired(LOCK_glock);
	yield* inode_go_inval(gl);
	lock_release(LOCK_glock);
}

/** What was asked of the lock module is answered: @result is the state that there is now. */
function xmote_bh(gl: ogfs_glock, result: int): void {
	const state = result & LM_OUT_ST_MASK;
	if (result & LM_OUT_CANCELED) {
		gl.gl_flags |= GLF_DENIED;
		return;
	}
	if (gl.gl_state === LM_ST_UNLOCKED) {
		BUG_ON(inode_has_data(gl), 'pages in the cache when a lock is granted');
		inode_go_lock(gl);
	}
	if (state === LM_ST_EXCLUSIVE && gl.gl_state === LM_ST_SHARED) cover('upgrade: granted');
	state_change(gl, state);
	gl.gl_flags &= ~GLF_LOCK;
	run_queue(gl);
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

/** Is there work for the daemon in any glock of this node? */
function glockd_has_work(node: node_nr): bool {
	if (lm_pending(node)) return true;
	for (let i = 0; i < NR_FILES; i++) {
		const gl = ogfs_sbs[node].sd_inodes[i].i_gl;
		if (gl.gl_flags & (GLF_DENIED | GLF_XMOTE) || demote_ready(gl)) return true;
	}
	return false;
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
		yield* wait_idle(() => glockd_has_work(node));
		if (lm_pending(node)) {
			const gl = ogfs_sbs[node].sd_inodes[lm_message_lock(node)].i_gl;
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
		for (let i = 0; i < NR_FILES; i++) {
			const gl = ogfs_sbs[node].sd_inodes[i].i_gl;
			if (gl.gl_flags & GLF_DENIED) yield* rq_denied(gl);
			else if (LM_CONVERSION_DEMOTES && gl.gl_flags & GLF_XMOTE) yield* xmote_th(gl);
			else if (demote_ready(gl)) yield* rq_demote(gl);
		}
	}
}
