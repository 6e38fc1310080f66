// SPDX-License-Identifier: GPL-2.0-only
/**
 * A distributed lock manager, as a lock module (GFS1: src/dlm/lock.c, src/dlm/thread.c, over the
 * rules of dlm-kernel: src/locking.c). Each lock has a master, which knows three groups: those that
 * have it, in whatever mode (NL: nothing, but known); those that have it and wait for another mode;
 * those that wait and are not known yet.
 *
 * A node gives a lock up by converting it to NL, and converts it from NL when it wants it again. So
 * all requests but the first are conversions, and those queue fairly (QUECVT): each waits until it
 * is the first. One that is in the way of the first is served at once, or both would wait for ever.
 *
 * Two that have the lock and both ask for what the other's excludes wait for each other. With
 * CONFIG_OGFS_CONVERT they ask with CONVDEADLK: the one that comes later is served, and those that
 * waited lose what they had, to NL. They are not told until they are granted what they asked for,
 * then without LM_OUT_CACHEABLE. So a node that asks must not use what it has from then on.
 *
 * When a node dies, all nodes stop asking (DFL_BLOCK_LOCKS): only NL and what recovery needs
 * (LM_FLAG_NOEXP) is passed on. Then the DLM forgets what the dead node had, and whoever waited is
 * granted it; but his module gives what is granted now back, and asks again when the journals have
 * been replayed (LFL_REREQUEST).
 *
 * Differs: the master is a place of its own, and no node, so that all nodes talk to it by messages
 * and none is served at once; deadlocks between locks are not looked for (dlm-kernel does by
 * time-outs); lm_cancel() takes any request back, where lock_dlm only does those that a recovery
 * holds up. What only gives up is passed on and kept during a recovery, if it is not NL either: it
 * would be granted whoever has died. All nodes begin to ask again in one step: one that came later
 * would only take longer.
 */
import {
	type bool,
	cover,
	event,
	type int,
	ints,
	type node_nr,
	printk,
	structs,
} from '../../harness/kts/prelude.ts';
import { NR_LOCKS, NR_LOGS, NR_NODES } from '../../vfs/include/linux/bounds.ts';
import { EVENT_LM_GRANTED, EVENT_LM_TAKEN } from '../../vfs/include/linux/events.ts';
import { CONFIG_OGFS_CONVERT, CONFIG_OGFS_RECOVERY_GATE } from '../Kconfig.ts';
import {
	LM_ALIVE,
	lm_answer,
	lm_callback,
	lm_conflict,
	lm_dequeue,
	lm_goes_down,
	lm_insert,
	type lm_lock_t,
	lm_locks,
	lm_members,
	lm_need,
	lm_queued,
	lm_send,
	lm_shift,
	lm_target,
	to_node,
	to_server,
} from './connection.ts';
import {
	LM_CB_ASYNC,
	LM_CB_NEED_RECOVERY,
	LM_FLAG_NOEXP,
	LM_FLAG_PRIORITY,
	LM_FLAG_TRY,
	LM_FLAG_TRY_1CB,
	LM_OUT_ASYNC,
	LM_OUT_CACHEABLE,
	LM_OUT_CANCELED,
	LM_OUT_ST_MASK,
	LM_ST_EXCLUSIVE,
	LM_ST_UNLOCKED,
	type lm_lockops,
} from './lm_interface.ts';

/** What a node asks for. */
const DLM_REQUEST: int = 1;
const DLM_CANCEL: int = 4;

/** lm_lock_t.upgrade: the request of a node that is not known yet, */
const WAITS: int = 0;
/** or a conversion: from NL; from above; from above, and the DLM has taken that away. */
const CONVERTS_NL: int = 1;
const CONVERTS: int = 2;
const DEMOTED: int = 3;

/** Locks whose requests a recovery can hold up: none if no node dies. */
const HELD_UP: int = NR_LOGS > 0 ? NR_LOCKS : 0;

/** What the module on a node knows of its locks. */
class dlm_node {
	/** a request is under way (LFL_WAIT_COMPLETE) */
	readonly wait = ints(NR_LOCKS);
	/** a node has died and was not recovered yet (DFL_BLOCK_LOCKS) */
	blocked: bool = false;
	/** 1 + LM_ST_* that is asked for, what the node had, and LM_FLAG_*; 0: nothing is asked for */
	readonly req = ints(HELD_UP);
	readonly cur = ints(HELD_UP);
	readonly flags = ints(HELD_UP);
	/** the request waits here until the recovery is done (LFL_DLIST) */
	readonly delayed = ints(HELD_UP);
	/** what was granted is being given back, to be asked for again (LFL_REREQUEST) */
	readonly again = ints(HELD_UP);
}
export const dlm_nodes = structs(dlm_node, NR_NODES);

/** What the master knows of a lock besides. */
class dlm_resource {
	/** nodes that it knows, if only in NL */
	readonly known = ints(NR_NODES);
}
export const dlm_resources = structs(dlm_resource, NR_LOCKS);

/** The DLM's number of a mode: NL, CW, PR, EX; higher ones exclude more. */
function make_mode(state: int): int {
	return state === LM_ST_EXCLUSIVE ? 5 : state;
}

/** The highest mode that a node was called for, from what it was to go down to. */
function highbast(called: int): int {
	return called === 1 + LM_ST_UNLOCKED ? 5 : called - 1;
}

/* ---- the node's side ---- */

/** A request goes to the master. */
function submit(node: node_nr, lock: int, state: int, flags: int): void {
	dlm_nodes[node].wait[lock] = 1;
	lm_send(to_server[node], DLM_REQUEST, lock, state, flags);
}

/** Is what a node asks for held up by a recovery? */
function held_up(node: node_nr, lock: int): bool {
	const dn = dlm_nodes[node];
	const req = dn.req[lock] - 1;
	if (!dn.blocked || dn.flags[lock] & LM_FLAG_NOEXP || req === LM_ST_UNLOCKED) return false;
	return !lm_goes_down(dn.cur[lock], req);
}

/** A request waits until the recovery is done. */
function queue_delayed(node: node_nr, lock: int): void {
	cover('dlm: a request is held up by a recovery');
	dlm_nodes[node].delayed[lock] = 1;
	dlm_nodes[node].wait[lock] = 0;
}

/** Nothing is asked for any more. */
function request_ends(node: node_nr, lock: int): void {
	const dn = dlm_nodes[node];
	dn.req[lock] = 0;
	dn.cur[lock] = 0;
	dn.flags[lock] = 0;
	dn.delayed[lock] = 0;
}

/**
 * lm_dlm_lock - ask for another mode
 * @node: this node
 * @lock: the lock
 * @cur_state: LM_ST_* that the node has
 * @req_state: LM_ST_* that it asks for
 * @flags: LM_FLAG_*; ANY is not looked at, as in lock_dlm
 *
 * Return: LM_OUT_ASYNC.
 * Context: any. Does not sleep.
 */
export function lm_dlm_lock(
	node: node_nr,
	lock: int,
	cur_state: int,
	req_state: int,
	flags: int,
): int {
	if (NR_LOGS > 0) {
		dlm_nodes[node].req[lock] = 1 + req_state;
		dlm_nodes[node].cur[lock] = cur_state;
		dlm_nodes[node].flags[lock] = flags;
		if (held_up(node, lock)) {
			queue_delayed(node, lock);
			return LM_OUT_ASYNC;
		}
	}
	submit(node, lock, req_state, flags);
	return LM_OUT_ASYNC;
}

/**
 * lm_dlm_unlock - give a lock up: a conversion to NL
 * @node: this node
 * @lock: the lock
 *
 * Return: LM_OUT_ASYNC.
 * Context: any. Does not sleep.
 */
export function lm_dlm_unlock(node: node_nr, lock: int): int {
	return lm_dlm_lock(node, lock, 0, LM_ST_UNLOCKED, 0);
}

/**
 * lm_dlm_cancel - take a request back that was not answered yet
 * @node: this node
 * @lock: the lock
 *
 * Context: any. Does not sleep.
 */
export function lm_dlm_cancel(node: node_nr, lock: int): void {
	if (NR_LOGS > 0 && dlm_nodes[node].delayed[lock]) {
		cover('dlm: a request that is held up is canceled');
		lm_answer(node, lock, dlm_nodes[node].cur[lock] | LM_OUT_CANCELED);
		dlm_nodes[node].delayed[lock] = 0;
		return;
	}
	lm_send(to_server[node], DLM_CANCEL, lock, 0, 0);
}

/**
 * A request is answered. True: the glock layer is not told, since what was granted may be so only
 * because the locks of a dead node were cleared: it is given back, and asked for again.
 */
function process_complete(node: node_nr, lock: int, result: int): bool {
	const dn = dlm_nodes[node];
	const req = dn.req[lock] - 1;
	if (dn.again[lock]) {
		dn.again[lock] = 0;
		dn.cur[lock] = LM_ST_UNLOCKED;
		if (held_up(node, lock)) queue_delayed(node, lock);
		else submit(node, lock, req, dn.flags[lock]);
		return true;
	}
	if (!(result & LM_OUT_CANCELED) && (result & LM_OUT_ST_MASK) === req && held_up(node, lock)) {
		cover('dlm: a grant during a recovery is given back');
		dn.again[lock] = 1;
		submit(node, lock, LM_ST_UNLOCKED, 0);
		return true;
	}
	request_ends(node, lock);
	return false;
}

/**
 * lm_dlm_receive - a message of the master has come to a node
 * @node: the node
 * @lock: which lock it is about
 * @cb: LM_CB_*
 *
 * "Give it up" is not passed on while a request is under way: often it is about what the node had
 * before. If it is still wanted then, the master says so again.
 *
 * Return: what the glock layer is told: LM_CB_*, or 0: nothing.
 * Context: the daemon. Does not sleep.
 */
export function lm_dlm_receive(node: node_nr, lock: int, cb: int): int {
	if (NR_LOGS > 0 && cb === LM_CB_NEED_RECOVERY) return cb;
	if (cb === LM_CB_ASYNC) {
		dlm_nodes[node].wait[lock] = 0;
		if (NR_LOGS > 0 && process_complete(node, lock, to_node[node].state[0])) return 0;
		return cb;
	}
	return dlm_nodes[node].wait[lock] ? 0 : cb;
}

/* ---- the master ---- */

/** Is a node on the convert queue? */
function converting(l: lm_lock_t, node: node_nr): bool {
	const i = lm_queued(l, node);
	return i >= 0 && l.upgrade[i] !== WAITS;
}

/** Those on the convert queue, which come before those that wait. */
function conversions(l: lm_lock_t): int {
	let n = 0;
	while (n < l.waiting && l.upgrade[n] !== WAITS) n++;
	return n;
}

/**
 * Does what a node asks for conflict with what another has? Of those on the convert queue, or of
 * those that are not.
 */
function queue_conflict(l: lm_lock_t, node: node_nr, state: int, queue: bool): bool {
	for (let n = 0; n < NR_NODES; n++)
		if (n !== node && converting(l, n) === queue && lm_conflict(l.held[n], state)) return true;
	return false;
}

/** Would a conversion, at the end of the queue, keep one ahead of it from being granted? */
function queuecvt_deadlock_detect(l: lm_lock_t, node: node_nr): bool {
	for (let i = 0; i < l.waiting && l.upgrade[i] !== WAITS && l.node[i] !== node; i++)
		if (lm_conflict(l.held[node], l.state[i])) return true;
	return false;
}

/**
 * Do a conversion to @state and one on the queue wait for each other? Then all those on the queue
 * lose what they have.
 */
function conversion_deadlock(l: lm_lock_t, lock: int, node: node_nr, state: int): bool {
	let found = false;
	for (let i = 0; i < l.waiting && l.upgrade[i] !== WAITS; i++) {
		const other = l.node[i];
		if (other === node || !lm_conflict(l.held[other], state)) continue;
		if (!lm_conflict(l.held[node], l.state[i])) continue;
		found = true;
		l.held[other] = LM_ST_UNLOCKED;
		l.upgrade[i] = DEMOTED;
		cover('dlm: a converter is demoted');
		printk('lm: file %d taken away from node %d, which converts', lock, other);
		event(EVENT_LM_TAKEN, lock, other);
	}
	return found;
}

/**
 * Can a request be granted? @kind: one of those above; @first: it is the first of the convert
 * queue, or would be.
 */
function can_be_granted(
	lock: int,
	node: node_nr,
	state: int,
	kind: int,
	flags: int,
	first: bool,
): bool {
	const l = lm_locks[lock];
	if (lm_goes_down(l.held[node], state) || state === LM_ST_UNLOCKED || state === l.held[node])
		return true;
	if (queue_conflict(l, node, state, false)) return false;
	if (!queue_conflict(l, node, state, true)) {
		if (kind === WAITS || flags & LM_FLAG_PRIORITY) return true;
		return first || queuecvt_deadlock_detect(l, node);
	}
	return CONFIG_OGFS_CONVERT !== 0 && conversion_deadlock(l, lock, node, state);
}

/** Grants a request: the node is told, and whether what it caches is good. */
function grant_lock(lock: int, node: node_nr, state: int, kind: int): void {
	const l = lm_locks[lock];
	const kept = kind === CONVERTS && state !== LM_ST_UNLOCKED;
	l.held[node] = state;
	l.called[node] = 0;
	dlm_resources[lock].known[node] = 1;
	printk('lm: file %d granted to node %d, %{LM_ST}', lock, node, state);
	event(EVENT_LM_GRANTED, lock, node, state);
	lm_answer(node, lock, state | (kept ? LM_OUT_CACHEABLE : 0));
}

/** Tells those that have a lock that a node waits for @state; @all: converters as well. */
function send_blocking_asts(lock: int, node: node_nr, state: int, all: bool): void {
	const l = lm_locks[lock];
	for (let n = 0; n < NR_NODES; n++) {
		if (n === node || (!all && converting(l, n)) || !lm_conflict(l.held[n], state)) continue;
		if (highbast(l.called[n]) >= make_mode(state)) continue;
		l.called[n] = 1 + lm_target(state);
		lm_send(to_node[n], lm_need(state), lock, 0, 0);
	}
}

/** Something was given up: grants what can be granted now, and tells those who are in the way. */
function grant_pending_locks(lock: int): void {
	const l = lm_locks[lock];
	let high = LM_ST_UNLOCKED;
	let i = 0;
	while (i < l.waiting) {
		const node = l.node[i];
		const state = l.state[i];
		if (can_be_granted(lock, node, state, l.upgrade[i], l.flags[i], i === 0)) {
			const kind = l.upgrade[i];
			lm_dequeue(l, i);
			grant_lock(lock, node, state, kind);
		} else {
			if (make_mode(state) > make_mode(high)) high = state;
			i++;
		}
	}
	if (high !== LM_ST_UNLOCKED) send_blocking_asts(lock, -1, high, false);
}

/** A node asks for a mode. */
function dlm_request(lock: int, node: node_nr, state: int, flags: int): void {
	const l = lm_locks[lock];
	const held = l.held[node];
	let kind = dlm_resources[lock].known[node] ? CONVERTS_NL : WAITS;
	if (held !== LM_ST_UNLOCKED) kind = CONVERTS;
	const conv = conversions(l);
	if (can_be_granted(lock, node, state, kind, flags, conv === 0)) {
		grant_lock(lock, node, state, kind);
		grant_pending_locks(lock);
		return;
	}
	if (flags & (LM_FLAG_TRY | LM_FLAG_TRY_1CB)) {
		cover('dlm: a try failed');
		lm_answer(node, lock, held);
		if (flags & LM_FLAG_TRY_1CB) send_blocking_asts(lock, node, state, true);
		return;
	}
	let at = kind === WAITS ? l.waiting : conv;
	if (kind !== WAITS && flags & LM_FLAG_PRIORITY) at = 0;
	lm_insert(l, at, node, state, kind, flags);
	send_blocking_asts(lock, node, state, false);
}

/** A node takes its request back: it has again what it had, if that was not taken away. */
function cancel_request(lock: int, node: node_nr): void {
	const l = lm_locks[lock];
	const i = lm_queued(l, node);
	// It is answered already, and the answer under way.
	if (i < 0) return;
	cover('dlm: request canceled');
	lm_dequeue(l, i);
	lm_answer(node, lock, l.held[node] | LM_OUT_CANCELED);
	grant_pending_locks(lock);
}

/**
 * lm_dlm_serve - a message of a node has come to the master
 * @node: whose
 *
 * It is taken and answered in one step.
 *
 * Context: the master's end of the connection. Does not sleep.
 */
export function lm_dlm_serve(node: node_nr): void {
	const q = to_server[node];
	const op = q.op[0];
	const lock = q.lock[0];
	const state = q.state[0];
	const flags = q.flags[0];
	lm_shift(q);
	if (op === DLM_CANCEL) cancel_request(lock, node);
	else dlm_request(lock, node, state, flags);
}

/**
 * lm_dlm_stop - a node has died: there are no requests until it is recovered
 * @node: the node
 *
 * All services stop on all nodes before the DLM begins to recover, so that this is one step.
 *
 * Context: the cluster manager. Does not sleep.
 */
export function lm_dlm_stop(node: node_nr): void {
	for (let n = 0; n < NR_NODES; n++)
		dlm_nodes[n].blocked = CONFIG_OGFS_RECOVERY_GATE !== 0 && lm_members[n] === LM_ALIVE;
	for (let i = 0; i < NR_LOCKS; i++) {
		dlm_nodes[node].wait[i] = 0;
		dlm_nodes[node].again[i] = 0;
		request_ends(node, i);
	}
}

/**
 * lm_dlm_finish - the journals of all who died have been replayed
 *
 * What was held up is asked for.
 *
 * Context: the cluster manager. Does not sleep.
 */
export function lm_dlm_finish(): void {
	for (let n = 0; n < NR_NODES; n++) {
		const dn = dlm_nodes[n];
		if (!dn.blocked) continue;
		dn.blocked = false;
		for (let i = 0; i < NR_LOCKS; i++) {
			if (!dn.delayed[i]) continue;
			dn.delayed[i] = 0;
			submit(n, i, dn.req[i] - 1, dn.flags[i]);
		}
	}
}

/**
 * lm_dlm_release - the DLM forgets what a dead node had
 * @node: the node, its connection shut
 *
 * Context: the cluster manager. Does not sleep.
 */
export function lm_dlm_release(node: node_nr): void {
	for (let i = 0; i < NR_LOCKS; i++) {
		if (lm_locks[i].held[node] !== LM_ST_UNLOCKED) cover('recovery: a lock is released');
		lm_locks[i].held[node] = LM_ST_UNLOCKED;
		lm_locks[i].called[node] = 0;
		dlm_resources[i].known[node] = 0;
		grant_pending_locks(i);
	}
}

/**
 * lm_dlm_died - a node is dead: the module stops, and the DLM recovers
 * @node: the node, its connection shut
 *
 * Context: the cluster manager. Does not sleep.
 */
export function lm_dlm_died(node: node_nr): void {
	lm_dlm_stop(node);
	lm_dlm_release(node);
}

/** A master for each lock, and a module on each node that follows a recovery. */
export const lm_dlm_ops: lm_lockops = {
	lock: lm_dlm_lock,
	unlock: lm_dlm_unlock,
	cancel: lm_dlm_cancel,
	receive: lm_dlm_receive,
	callback: lm_callback,
	serve: lm_dlm_serve,
	client: null,
	node_stops: null,
	node_died: lm_dlm_died,
	release: null,
	retry: null,
	recovered: lm_dlm_finish,
};
