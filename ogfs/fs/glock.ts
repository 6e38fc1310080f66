// SPDX-License-Identifier: GPL-2.0-only
/**
 * The glock layer (GFS1: src/gfs/glock.c; OpenGFS's own names could not be read): who may use a
 * file on this node, and how the node's lock goes up and down.
 *
 * A glock that nobody holds keeps its state; another node's request brings it down (GLF_DEMOTE).
 * That waits until no task of this node holds it, and while it runs (GLF_LOCK) no task gets it:
 * this is "block new page faults for the file (by changing the state of the lock it owns)".
 *
 * Differs from GFS1: an upgrade leaves the ptes alone (they are read-only), where GFS1 takes them
 * out; gl_spin is not there, since nothing sleeps under it; a queued demotion is a flag and a
 * state instead of a holder at the head of the queue, since no more than one waits there (GFS1 has
 * that, and may have another in progress). The daemon does all transitions that may sleep. GFS1
 * does a promotion's in the task that asks for the lock, and a demotion's in the task that lets it
 * go last (CONFIG_OGFS_DEMOTE_IN_TASK), or in the thread of the lock module if no task has it.
 * gl_waiters1 is not there: those who wait for GLF_LOCK by itself are who lets a glock go, and it
 * is never set then (asserted), and who reclaims glocks, which only tries. Without
 * CONFIG_OGFS_LOCAL_EXCL holders of EXCLUSIVE on one node do not exclude each other: who needs that
 * asks for it (GL_LOCAL_EXCL). There is no GL_ASYNC and so no task that waits for one glock twice
 * (HIF_RECURSE). There is no lock of transactions. A request is taken back (lm_cancel) when a
 * signal comes; in GFS1 when who recovers a node waits behind it for the same lock
 * (handle_cancels), and here nobody but those wants that of a journal. A denied upgrade keeps its
 * place, and the node gives up what it has at once, as in the mail; GFS1 queues it again
 * (CONFIG_OGFS_DENIED_TO_TAIL).
 */
import {
	BUG_ON,
	type bool,
	cover,
	event,
	type int,
	kmem_cache_alloc,
	kmem_cache_free,
	type node_nr,
	preempt,
	printk,
	type Sleeps,
	self,
	wait_event,
} from '../../harness/kts/prelude.ts';
import { GREEDY, NR_LOGS, SIGNALS } from '../../vfs/include/linux/bounds.ts';
import {
	EVENT_GLOCK_INTERRUPTED,
	EVENT_GLOCK_STATE,
	EVENT_GLOCK_WAIT,
	EVENT_GLOCK_WANTED,
} from '../../vfs/include/linux/events.ts';
import { current, signal_pending } from '../../vfs/include/linux/sched.ts';
import { inode_trace } from '../../vfs/include/linux/trace.ts';
import { lock_acquire, lock_acquired, lock_release, might_sleep } from '../../vfs/kernel/ksyms.ts';
import {
	CONFIG_OGFS_BLOCK_FAULTS_FIRST,
	CONFIG_OGFS_DENIED_TO_TAIL,
	CONFIG_OGFS_FAULT_BLOCKS_SIGNALS,
	CONFIG_OGFS_LOCAL_EXCL,
	CONFIG_OGFS_UNINTERRUPTIBLE,
} from '../Kconfig.ts';
import {
	LM_CONVERSION_DEMOTES,
	LM_FLAG_ANY,
	LM_FLAG_NOEXP,
	LM_FLAG_PRIORITY,
	LM_FLAG_TRY,
	LM_FLAG_TRY_1CB,
	LM_OUT_ASYNC,
	LM_OUT_CANCELED,
	LM_OUT_ST_MASK,
	LM_ST_EXCLUSIVE,
	LM_ST_SHARED,
	LM_ST_UNLOCKED,
	LM_TYPE_INODE,
} from '../locking/lm_interface.ts';
import { lm_cancel, lm_lock } from '../locking/lockmodule.ts';
import { ogfs_glock_skip_demote, ogfs_glock_waits } from './greedy.ts';
import {
	GL_EXACT,
	GL_INTERRUPTIBLE,
	GL_LOCAL_EXCL,
	GL_NOCACHE,
	GLF_DEMOTE,
	GLF_DENIED,
	GLF_LOCK,
	GLF_UNMAPPED,
	GLF_XMOTE,
	GLOCK_RECURSION,
	GLR_CANCELED,
	GLR_DENIED,
	GLR_TRYFAILED,
	HIF_CANCELED,
	HIF_FIRST,
	HIF_HOLDER,
	type ogfs_glock,
	type ogfs_glock_operations,
	type ogfs_holder,
	ogfs_lock_class,
	ogfs_lock_type,
	this_sbd,
} from './incore.ts';
import { add_to_queue, grant, held_alone, remove_holder, unqueue } from './queue.ts';
import { cover_transition } from './transitions.ts';

/** Flags of a holder that are the lock module's. */
const LM_FLAGS: int =
	LM_FLAG_TRY | LM_FLAG_TRY_1CB | LM_FLAG_NOEXP | LM_FLAG_ANY | LM_FLAG_PRIORITY;

/** Does a signal end a wait for a lock? And the flags of a holder in a system call, in a fault. */
export const INTERRUPTIBLE: int = SIGNALS && !CONFIG_OGFS_UNINTERRUPTIBLE ? 1 : 0;
export const CALL_WAIT: int = INTERRUPTIBLE ? GL_INTERRUPTIBLE : 0;
export const FAULT_WAIT: int = CONFIG_OGFS_FAULT_BLOCKS_SIGNALS ? 0 : CALL_WAIT;

/** Is a lock in state @actual good enough for a task that needs @requested? */
function relaxed_state_ok(actual: int, requested: int, flags: int): bool {
	if (actual === requested) return true;
	if (flags & GL_EXACT) return false;
	if (actual === LM_ST_EXCLUSIVE && requested === LM_ST_SHARED) return true;
	return actual !== LM_ST_UNLOCKED && (flags & LM_FLAG_ANY) !== 0;
}

/**
 * demoted_enough - is a lock low enough for another node?
 * @actual: LM_ST_* that this node has
 * @target: LM_ST_* that it is to go down to
 *
 * Return: true: it is.
 * Context: any.
 */
export function demoted_enough(actual: int, target: int): bool {
	return actual === LM_ST_UNLOCKED || actual === target;
}

/**
 * ogfs_glock_init - a glock, as it is before anybody uses it
 * @gl: the glock
 * @node: whose
 * @number: its number: 0 to NR_LOCKS - 1
 * @glops: what its transitions do
 *
 * Context: the mount.
 */
export function ogfs_glock_init(
	gl: ogfs_glock,
	node: node_nr,
	number: int,
	glops: ogfs_glock_operations,
): void {
	gl.gl_node = node;
	gl.gl_number = number;
	gl.gl_type = ogfs_lock_type(number);
	gl.gl_ops = glops;
}

/**
 * local_excl - the flags of a holder (part of gfs_holder_init() in GFS1)
 * @state: LM_ST_* that it needs
 * @flags: LM_FLAG_* and GL_* that it asks for
 *
 * CONFIG_OGFS_LOCAL_EXCL: who needs the lock exclusively gets it alone, on its node as well.
 *
 * Return: @flags, with GL_LOCAL_EXCL if so.
 * Context: any.
 */
function local_excl(state: int, flags: int): int {
	if (CONFIG_OGFS_LOCAL_EXCL && state === LM_ST_EXCLUSIVE) return flags | GL_LOCAL_EXCL;
	return flags;
}

/**
 * rq_promote - let the oldest waiter have the lock, or ask the lock module for it
 * @gl: the glock, not busy
 *
 * The first holder is to call go_lock, and GLF_LOCK keeps others out until it has.
 *
 * Return: true when nothing more can be done now.
 */
function rq_promote(gl: ogfs_glock): bool {
	const gh = gl.gl_waiters2!;
	if (!relaxed_state_ok(gl.gl_state, gh.gh_state, gh.gh_flags)) {
		if (gl.gl_holders) return true;
		gl.gl_req_gh = gh;
		gl.gl_flags |= GLF_LOCK;
		if (!needs_work(gl, gh)) request(gl, gh.gh_state, gh.gh_flags);
		else gl.gl_flags |= GLF_XMOTE;
		return true;
	}
	if (gl.gl_holders) {
		if (gh.gh_flags & GL_LOCAL_EXCL || held_alone(gl)) return true;
	} else {
		gh.gh_iflags |= HIF_FIRST;
		gl.gl_flags |= GLF_LOCK;
	}
	grant(gl, gh);
	return false;
}

/**
 * request - ask the lock module for a state, for the waiter gl_req_gh
 * @gl: the glock, GLF_LOCK set
 * @state: LM_ST_*
 * @flags: of the waiter
 *
 * Context: any. Does not sleep.
 */
export function request(gl: ogfs_glock, state: int, flags: int): void {
	const result = lm_lock(gl.gl_node, gl.gl_number, gl.gl_state, state, flags & LM_FLAGS);
	if (result !== LM_OUT_ASYNC) xmote_bh(gl, result);
}

/**
 * Is there something to be done before the lock module is asked? An upgrade leaves the ptes and
 * the cache of a file as they are, but with a module that may take away what there is.
 */
function needs_work(gl: ogfs_glock, gh: ogfs_holder): bool {
	if (gl.gl_state === LM_ST_UNLOCKED) return false;
	if (LM_CONVERSION_DEMOTES || gl.gl_type !== LM_TYPE_INODE) return true;
	return gl.gl_state !== LM_ST_SHARED || gh.gh_state !== LM_ST_EXCLUSIVE;
}

/**
 * demote_ready - may the daemon bring this glock down now?
 * @gl: the glock
 *
 * Return: true: it may.
 * Context: any. Does not sleep.
 */
export function demote_ready(gl: ogfs_glock): bool {
	if ((gl.gl_flags & (GLF_DEMOTE | GLF_LOCK)) !== GLF_DEMOTE) return false;
	if (GREEDY && ogfs_glock_skip_demote(gl)) return false;
	return gl.gl_holders === null && gl.gl_priority === 0;
}

/**
 * run_queue - do what the glock's queue allows
 * @gl: the glock
 *
 * A demotion comes before all who wait here, but for those with LM_FLAG_PRIORITY that came after
 * it: it is the daemon's. While the glock is greedy a demotion waits, and others do not.
 *
 * Context: any. Does not sleep.
 */
export function run_queue(gl: ogfs_glock): void {
	while (gl.gl_waiters2 && !(gl.gl_flags & GLF_LOCK)) {
		if (CONFIG_OGFS_BLOCK_FAULTS_FIRST && gl.gl_flags & GLF_DEMOTE && gl.gl_priority === 0) {
			if (!GREEDY || !ogfs_glock_skip_demote(gl)) return;
		}
		if (rq_promote(gl)) return;
	}
}

/**
 * handle_callback - another node wants the lock
 * @gl: the glock
 * @state: what this node may keep
 *
 * Context: any. Does not sleep.
 */
export function handle_callback(gl: ogfs_glock, state: int): void {
	printk('handle_callback: lock %d, go down to %{LM_ST}', gl.gl_number, state);
	event(EVENT_GLOCK_WANTED, gl.gl_number, state);
	if (gl.gl_flags & GLF_DEMOTE && gl.gl_demote_state !== state) {
		gl.gl_demote_state = LM_ST_UNLOCKED;
		gl.gl_flags &= ~GLF_UNMAPPED;
	} else {
		gl.gl_demote_state = state;
	}
	gl.gl_flags |= GLF_DEMOTE;
}

/**
 * state_change - the state of a glock has changed: a demotion that it satisfies is done
 * @gl: the glock
 * @state: LM_ST_*
 *
 * Context: any. Does not sleep.
 */
export function state_change(gl: ogfs_glock, state: int): void {
	cover_transition(gl.gl_state, state);
	if (NR_LOGS > 0 && gl.gl_inode && gl.gl_state === LM_ST_EXCLUSIVE && state !== gl.gl_state)
		inode_trace.ops!.left(gl.gl_inode);
	gl.gl_state = state;
	printk('glock: lock %d is %{LM_ST} here', gl.gl_number, state);
	event(EVENT_GLOCK_STATE, gl.gl_number, state);
	if (gl.gl_flags & GLF_DEMOTE && demoted_enough(state, gl.gl_demote_state)) {
		gl.gl_flags &= ~(GLF_DEMOTE | GLF_UNMAPPED);
		gl.gl_demote_state = 0;
		gl.gl_priority = 0;
	}
}

/**
 * request_canceled - the lock module was asked for a waiter that does not want it any more
 * @gl: the glock, GLF_LOCK set, the request answered or not made
 *
 * What the node has still is given up: an upgrade that was taken back may have been denied before,
 * and then the lock module waits for that.
 *
 * Context: the daemon. Does not sleep. Part of xmote_bh() in GFS1.
 */
export function request_canceled(gl: ogfs_glock): void {
	const gh = gl.gl_req_gh!;
	cover('cancel: a request was taken back');
	gl.gl_req_gh = null;
	unqueue(gl, gh);
	gh.gh_error = GLR_CANCELED;
	gl.gl_flags &= ~GLF_LOCK;
	if (gl.gl_state !== LM_ST_UNLOCKED) handle_callback(gl, LM_ST_UNLOCKED);
	run_queue(gl);
}

/**
 * request_denied - CONFIG_OGFS_DENIED_TO_TAIL: the lock module has denied an upgrade
 * @gl: the glock, GLF_LOCK set
 *
 * The node goes on with what it has. The lock module has called it, or will, so that it gives that
 * up like any other lock: who shares it comes first.
 *
 * Context: the daemon. Does not sleep. Part of xmote_bh() in GFS1.
 */
function request_denied(gl: ogfs_glock): void {
	const gh = gl.gl_req_gh!;
	gl.gl_req_gh = null;
	unqueue(gl, gh);
	gh.gh_error = GLR_DENIED;
	gl.gl_flags &= ~GLF_LOCK;
	run_queue(gl);
}

/**
 * xmote_bh - the lock module has answered a request
 * @gl: the glock, GLF_LOCK set, nobody holds it
 * @result: LM_ST_* that this node has now, with LM_OUT_*
 *
 * Context: the daemon; with nolock, which answers at once, whoever asks: any. Does not sleep.
 */
export function xmote_bh(gl: ogfs_glock, result: int): void {
	const gh = gl.gl_req_gh!;
	if (INTERRUPTIBLE && result & LM_OUT_CANCELED && gh.gh_iflags & HIF_CANCELED) {
		state_change(gl, result & LM_OUT_ST_MASK);
		request_canceled(gl);
		return;
	}
	if (result & LM_OUT_CANCELED && !(gh.gh_flags & (LM_FLAG_TRY | LM_FLAG_TRY_1CB))) {
		if (CONFIG_OGFS_DENIED_TO_TAIL) request_denied(gl);
		else gl.gl_flags |= GLF_DENIED;
		return;
	}
	const state = result & LM_OUT_ST_MASK;
	if (state === LM_ST_EXCLUSIVE && gl.gl_state === LM_ST_SHARED) cover('upgrade: granted');
	state_change(gl, state);
	if (gl.gl_ops!.go_xmote_bh !== null) gl.gl_ops!.go_xmote_bh(gl);
	gl.gl_req_gh = null;
	if (relaxed_state_ok(gl.gl_state, gh.gh_state, gh.gh_flags)) {
		grant(gl, gh);
		gh.gh_iflags |= HIF_FIRST;
		return;
	}
	BUG_ON(!(gh.gh_flags & (LM_FLAG_TRY | LM_FLAG_TRY_1CB)), 'granted less than was asked for');
	unqueue(gl, gh);
	gh.gh_error = GLR_TRYFAILED;
	gl.gl_flags &= ~GLF_LOCK;
	run_queue(gl);
}

/**
 * glock_wait_interruptible - wait for a glock, or a signal
 * @gl: the glock
 * @gh: queued, GL_INTERRUPTIBLE
 *
 * When the signal comes, and the lock module has been asked for this holder, it is asked to forget
 * that (lm_cancel); it may answer as if it had not been. A cancel that overtakes its own request,
 * which the daemon is still to make, changes nothing.
 *
 * Context: may sleep. On return it is a holder, or gh_error is set and it is on no list.
 */
function* glock_wait_interruptible(gl: ogfs_glock, gh: ogfs_holder): Sleeps {
	const task = current();
	might_sleep();
	yield* wait_event(
		() => (gh.gh_iflags & HIF_HOLDER) !== 0 || gh.gh_error !== 0 || signal_pending(task),
	);
	if (gh.gh_iflags & HIF_HOLDER || gh.gh_error !== 0) return;
	printk('ogfs_glock_nq: lock %d, the wait ends by a signal', gl.gl_number);
	event(EVENT_GLOCK_INTERRUPTED, gl.gl_number);
	if (gl.gl_req_gh !== gh) {
		cover('cancel: a waiter leaves the queue');
		unqueue(gl, gh);
		gh.gh_error = GLR_CANCELED;
		run_queue(gl);
		return;
	}
	gh.gh_iflags |= HIF_CANCELED;
	lm_cancel(gl.gl_node, gl.gl_number);
	yield* wait_event(() => (gh.gh_iflags & HIF_HOLDER) !== 0 || gh.gh_error !== 0);
}

/**
 * glock_wait_internal - wait for a glock
 * @gl: the glock
 * @gh: queued
 *
 * The first holder calls go_lock, and lets others in after that.
 *
 * Return: 0, GLR_TRYFAILED, GLR_CANCELED, or a negative error number; then @gh is on no list.
 * Context: may sleep.
 */
function* glock_wait_internal(gl: ogfs_glock, gh: ogfs_holder): Sleeps<int> {
	might_sleep();
	if (gh.gh_flags & (LM_FLAG_TRY | LM_FLAG_TRY_1CB)) {
		if (gl.gl_req_gh !== gh && !(gh.gh_iflags & HIF_HOLDER)) {
			unqueue(gl, gh);
			run_queue(gl);
			return GLR_TRYFAILED;
		}
	}
	if (!(gh.gh_iflags & HIF_HOLDER)) {
		printk('ogfs_glock_nq: lock %d, waits for %{LM_ST}', gl.gl_number, gh.gh_state);
		event(EVENT_GLOCK_WAIT, gl.gl_number, gh.gh_state);
		if (GREEDY) ogfs_glock_waits();
		if (INTERRUPTIBLE && gh.gh_flags & GL_INTERRUPTIBLE) yield* glock_wait_interruptible(gl, gh);
		else yield* wait_event(() => (gh.gh_iflags & HIF_HOLDER) !== 0 || gh.gh_error !== 0);
	}
	if (gh.gh_error !== 0) return gh.gh_error;
	if (!(gh.gh_iflags & HIF_FIRST)) return 0;
	gh.gh_iflags &= ~HIF_FIRST;
	let error = 0;
	if (gl.gl_ops!.go_lock !== null) error = yield* gl.gl_ops!.go_lock(gl, gh.gh_flags);
	if (error !== 0) remove_holder(gl, gh);
	gl.gl_flags &= ~GLF_LOCK;
	run_queue(gl);
	return error;
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
 * ogfs_glock_nq_init - take a glock
 * @gl: the glock
 * @state: LM_ST_* that is needed
 * @flags: LM_FLAG_* and GL_*
 *
 * A task that has it already joins itself, without waiting, also when the lock is wanted
 * elsewhere (CONFIG_OGFS_RECURSION); it must not ask for more than the node has, nor with
 * CONFIG_OGFS_LOCAL_EXCL for more than it has itself.
 *
 * CONFIG_OGFS_DENIED_TO_TAIL: whose upgrade was denied is queued again, behind all others. In GFS1
 * it waits for a second before that; here, for as long as it takes.
 *
 * Return: the holder, to be given to ogfs_glock_dq(); null: it was not to be had at once
 *	(LM_FLAG_TRY), a signal came (GL_INTERRUPTIBLE), or go_lock failed.
 * Context: may sleep.
 */
export function* ogfs_glock_nq_init(
	gl: ogfs_glock,
	state: int,
	flags: int,
): Sleeps<ogfs_holder | null> {
	might_sleep();
	const gh = kmem_cache_alloc(this_sbd().sd_holder_cachep)!;
	BUG_ON(gh === null, 'more holders than NR_HOLDERS');
	const mine = ogfs_glock_is_locked_by_me(gl);
	gh.gh_owner = self();
	gh.gh_state = state;
	gh.gh_flags = local_excl(state, flags);
	if (GLOCK_RECURSION && mine) {
		const enough = relaxed_state_ok(gl.gl_state, state, flags);
		BUG_ON(!enough, 'a holder asks for more than its node has');
		if (CONFIG_OGFS_LOCAL_EXCL)
			BUG_ON(
				(gh.gh_flags & GL_LOCAL_EXCL) !== 0 && !held_alone(gl),
				'a holder asks for more than its task has',
			);
		gh.gh_next = gl.gl_holders;
		gl.gl_holders = gh;
		gh.gh_iflags |= HIF_HOLDER;
		return gh;
	}
	lock_acquire(ogfs_lock_class(gl));
	let error = 0;
	for (;;) {
		add_to_queue(gl, gh);
		run_queue(gl);
		error = yield* glock_wait_internal(gl, gh);
		if (!CONFIG_OGFS_DENIED_TO_TAIL || error !== GLR_DENIED) break;
		gh.gh_error = 0;
		yield* preempt();
	}
	if (error) {
		kmem_cache_free(this_sbd().sd_holder_cachep, gh);
		return null;
	}
	lock_acquired(ogfs_lock_class(gl));
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
	if (gl.gl_flags & (GLF_LOCK | GLF_DEMOTE) || gl.gl_waiters2) return null;
	if (!relaxed_state_ok(gl.gl_state, state, 0)) return null;
	const flags = local_excl(state, 0);
	if (CONFIG_OGFS_LOCAL_EXCL && gl.gl_holders && (flags || held_alone(gl))) return null;
	const gh = kmem_cache_alloc(this_sbd().sd_holder_cachep)!;
	gh.gh_owner = self();
	gh.gh_state = state;
	if (CONFIG_OGFS_LOCAL_EXCL) gh.gh_flags = flags;
	gh.gh_next = gl.gl_holders;
	gl.gl_holders = gh;
	gh.gh_iflags |= HIF_HOLDER;
	lock_acquired(ogfs_lock_class(gl));
	return gh;
}

/**
 * ogfs_glock_nq - take a glock, whatever it takes
 * @gl: the glock
 * @state: LM_ST_* that is needed
 *
 * Return: the holder, to be given to ogfs_glock_dq().
 * Context: may sleep.
 */
export function* ogfs_glock_nq(gl: ogfs_glock, state: int): Sleeps<ogfs_holder> {
	const gh = yield* ogfs_glock_nq_init(gl, state, 0);
	return gh!;
}

/**
 * ogfs_glock_dq - end of the use of a glock
 * @gl: the glock
 * @gh: from ogfs_glock_nq(); freed
 *
 * The node keeps the lock, unless GL_NOCACHE.
 *
 * Context: process. Does not sleep.
 */
export function ogfs_glock_dq(gl: ogfs_glock, gh: ogfs_holder): void {
	BUG_ON((gl.gl_flags & GLF_LOCK) !== 0, 'a holder lets go while the glock is busy');
	if (gh.gh_flags & GL_NOCACHE) handle_callback(gl, LM_ST_UNLOCKED);
	remove_holder(gl, gh);
	if (!gl.gl_holders && gl.gl_ops!.go_unlock !== null) gl.gl_ops!.go_unlock(gl, gh.gh_flags);
	kmem_cache_free(this_sbd().sd_holder_cachep, gh);
	if (!GLOCK_RECURSION || !ogfs_glock_is_locked_by_me(gl)) lock_release(ogfs_lock_class(gl));
	run_queue(gl);
}
