// SPDX-License-Identifier: GPL-2.0-only
/**
 * The central lock manager of the mail, as a lock module: a server that knows who holds what, and
 * a connection to each node. OpenGFS's own module of that time, memexp, keeps its state in a
 * central store instead (memexp.ts).
 *
 * Requests are served in the order in which they arrive. An upgrade (shared to exclusive) is
 * denied when the lock must be taken away from its holder to serve an earlier request: "attempt to
 * upgrade ... If this fails (because another node is also trying to upgrade ...)". What is given
 * up is given up at once: there is no answer to that.
 */
import {
	BUG_ON,
	type bool,
	cover,
	event,
	type int,
	type node_nr,
	printk,
} from '../../harness/kts/prelude.ts';
import { NR_LOCKS, NR_LOGS, NR_NODES } from '../../vfs/include/linux/bounds.ts';
import { EVENT_LM_DENIED, EVENT_LM_GRANTED } from '../../vfs/include/linux/events.ts';
import { CONFIG_OGFS_DENIED_TO_TAIL } from '../Kconfig.ts';
import {
	LM_ALIVE,
	lm_answer,
	lm_callback,
	lm_conflict,
	lm_dequeue,
	lm_expired,
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
	LM_FLAG_ANY,
	LM_FLAG_PRIORITY,
	LM_FLAG_TRY,
	LM_FLAG_TRY_1CB,
	LM_OUT_ASYNC,
	LM_OUT_CACHEABLE,
	LM_OUT_CANCELED,
	LM_ST_DEFERRED,
	LM_ST_EXCLUSIVE,
	LM_ST_SHARED,
	LM_ST_UNLOCKED,
	type lm_lockops,
} from './lm_interface.ts';

/** What a node asks for. */
const REQ_LOCK: int = 1;
const REQ_UPGRADE: int = 2;
/** The node has given the lock up, down to the state of the message. */
const REQ_UNLOCK: int = 3;
/** The node does not want any more what it asked for. */
const REQ_CANCEL: int = 4;

/** lm_lock_t.called of a node whose upgrade was denied: it gives its lock up. */
const CALLED_DENIED: int = 9;

/* ---- the node's side ---- */

/**
 * lm_central_lock - ask for another state
 * @node: this node
 * @lock: the lock
 * @cur_state: LM_ST_* that the node has
 * @req_state: LM_ST_* that it asks for
 * @flags: LM_FLAG_*
 *
 * Return: LM_OUT_ASYNC; or the new state, when it is less.
 * Context: any. Does not sleep.
 */
export function lm_central_lock(
	node: node_nr,
	lock: int,
	cur_state: int,
	req_state: int,
	flags: int,
): int {
	if (lm_goes_down(cur_state, req_state)) {
		lm_send(to_server[node], REQ_UNLOCK, lock, req_state, 0);
		return req_state | LM_OUT_CACHEABLE;
	}
	const op = cur_state === LM_ST_UNLOCKED ? REQ_LOCK : REQ_UPGRADE;
	lm_send(to_server[node], op, lock, req_state, flags);
	return LM_OUT_ASYNC;
}

/**
 * lm_central_unlock - give a lock up: the acknowledgement of a callback
 * @node: this node
 * @lock: the lock
 *
 * Return: LM_ST_UNLOCKED.
 * Context: any. Does not sleep.
 */
export function lm_central_unlock(node: node_nr, lock: int): int {
	lm_send(to_server[node], REQ_UNLOCK, lock, LM_ST_UNLOCKED, 0);
	return LM_ST_UNLOCKED;
}

/**
 * lm_central_cancel - take a request back that was not answered yet
 * @node: this node
 * @lock: the lock
 *
 * Context: any. Does not sleep.
 */
export function lm_central_cancel(node: node_nr, lock: int): void {
	lm_send(to_server[node], REQ_CANCEL, lock, 0, 0);
}

/* ---- the server ---- */

/**
 * Denies the upgrade that a node waits for, if it does; it will then give its lock up by itself, or
 * is called like any other (CONFIG_OGFS_DENIED_TO_TAIL).
 */
function lm_deny(lock: int, node: node_nr): bool {
	const l = lm_locks[lock];
	for (let i = 0; i < l.waiting; i++) {
		if (l.node[i] !== node || !l.upgrade[i]) continue;
		lm_dequeue(l, i);
		if (!CONFIG_OGFS_DENIED_TO_TAIL) l.called[node] = CALLED_DENIED;
		cover('lock manager: upgrade denied');
		for (let n = 0; n < NR_NODES; n++)
			if (n !== node && l.called[n] === CALLED_DENIED)
				cover('lock manager: both upgrades denied, a third node is served');
		printk('lm: upgrade of node %d denied', node);
		event(EVENT_LM_DENIED, lock, node);
		lm_answer(node, lock, l.held[node] | LM_OUT_CANCELED);
		return true;
	}
	return false;
}

/** Is another node in the way of a request? */
function lm_blocked(l: lm_lock_t, node: node_nr, state: int, flags: int): bool {
	for (let n = 0; n < NR_NODES; n++)
		if (n !== node && lm_conflict(l.held[n], state) && !lm_expired(n, flags)) return true;
	return false;
}

/**
 * Makes every node whose lock is in the way of a request give it up. True: somebody is in the
 * way.
 */
function lm_call(lock: int, node: node_nr, state: int, flags: int): bool {
	const l = lm_locks[lock];
	const target = lm_target(state);
	let blocked = false;
	for (let n = 0; n < NR_NODES; n++) {
		if (n === node || !lm_conflict(l.held[n], state)) continue;
		if (NR_LOGS > 0 && lm_expired(n, flags)) {
			cover('recovery: the lock of a dead node is passed over');
			continue;
		}
		blocked = true;
		if (NR_LOGS > 0 && lm_members[n] !== LM_ALIVE) continue;
		if (lm_deny(lock, n) && !CONFIG_OGFS_DENIED_TO_TAIL) continue;
		if (l.called[n] === CALLED_DENIED) continue;
		if (l.called[n] === 1 + LM_ST_UNLOCKED || l.called[n] === 1 + target) continue;
		l.called[n] = 1 + target;
		lm_send(to_node[n], lm_need(state), lock, 0, 0);
	}
	return blocked;
}

/** The state that a request is served with: with LM_FLAG_ANY either of the two that are shared. */
function lm_served_with(l: lm_lock_t, i: int): int {
	const state = l.state[i];
	if (!(l.flags[i] & LM_FLAG_ANY) || state === LM_ST_EXCLUSIVE) return state;
	const other = state === LM_ST_SHARED ? LM_ST_DEFERRED : LM_ST_SHARED;
	return lm_blocked(l, l.node[i], state, l.flags[i]) && !lm_blocked(l, l.node[i], other, l.flags[i])
		? other
		: state;
}

/** Grants what can be granted, and calls for what is in the way of the oldest request. */
function lm_serve(lock: int): void {
	const l = lm_locks[lock];
	while (l.waiting > 0) {
		const node = l.node[0];
		const state = lm_served_with(l, 0);
		if (lm_call(lock, node, state, l.flags[0])) return;
		lm_dequeue(l, 0);
		const kept = l.held[node] === LM_ST_UNLOCKED ? 0 : LM_OUT_CACHEABLE;
		l.held[node] = state;
		printk('lm: file %d granted to node %d, %{LM_ST}', lock, node, state);
		event(EVENT_LM_GRANTED, lock, node, state);
		lm_answer(node, lock, state | kept);
	}
}

/** A request that is not to wait, and would have to: the holders may be told, once. */
function lm_try_failed(lock: int, node: node_nr, state: int, flags: int): bool {
	const l = lm_locks[lock];
	if (!(flags & (LM_FLAG_TRY | LM_FLAG_TRY_1CB))) return false;
	if (l.waiting === 0 && !lm_blocked(l, node, state, flags)) return false;
	cover('lock manager: a try failed');
	if (flags & LM_FLAG_TRY_1CB && l.waiting === 0) lm_call(lock, node, state, flags);
	lm_answer(node, lock, l.held[node]);
	return true;
}

/** One message from a node. */
function lm_handle(node: node_nr, op: int, lock: int, state: int, flags: int): void {
	const l = lm_locks[lock];
	if (op === REQ_UNLOCK) {
		BUG_ON(l.held[node] === LM_ST_UNLOCKED, 'unlock of a lock that is not held');
		l.held[node] = state;
		l.called[node] = 0;
	} else if (op === REQ_CANCEL) {
		const i = lm_queued(l, node);
		// It is answered already, and the answer under way.
		if (i < 0) return;
		cover('lock manager: request canceled');
		lm_dequeue(l, i);
		lm_answer(node, lock, l.held[node] | LM_OUT_CANCELED);
	} else {
		BUG_ON(
			(op === REQ_UPGRADE) === (l.held[node] === LM_ST_UNLOCKED),
			'a node is wrong about what it holds',
		);
		if (lm_try_failed(lock, node, state, flags)) return;
		const at = flags & LM_FLAG_PRIORITY ? 0 : l.waiting;
		lm_insert(l, at, node, state, op === REQ_UPGRADE ? 1 : 0, flags);
	}
	lm_serve(lock);
}

/**
 * lm_central_serve - a message of a node has come
 * @node: whose
 *
 * It is taken and answered in one step.
 *
 * Context: the lock manager's end of the connection. Does not sleep.
 */
export function lm_central_serve(node: node_nr): void {
	const q = to_server[node];
	const op = q.op[0];
	const lock = q.lock[0];
	const state = q.state[0];
	const flags = q.flags[0];
	lm_shift(q);
	lm_handle(node, op, lock, state, flags);
}

/**
 * lm_central_release - what a dead node had is anybody's
 * @node: the node, its connection shut
 *
 * Context: the server, or the cluster manager. Does not sleep.
 */
export function lm_central_release(node: node_nr): void {
	for (let i = 0; i < NR_LOCKS; i++) {
		if (lm_locks[i].held[node] !== LM_ST_UNLOCKED) cover('recovery: a lock is released');
		lm_locks[i].held[node] = LM_ST_UNLOCKED;
		lm_locks[i].called[node] = 0;
		lm_serve(i);
	}
}

/**
 * lm_central_serve_all - another node may be the first to wait now
 *
 * Context: the cluster manager. Does not sleep.
 */
export function lm_central_serve_all(): void {
	for (let i = 0; i < NR_LOCKS; i++) lm_serve(i);
}

/** A server, and a connection to each node. */
export const lm_central_ops: lm_lockops = {
	lock: lm_central_lock,
	unlock: lm_central_unlock,
	cancel: lm_central_cancel,
	receive: null,
	callback: lm_callback,
	serve: lm_central_serve,
	client: null,
	node_stops: null,
	node_died: null,
	release: lm_central_release,
	retry: lm_central_serve_all,
	recovered: null,
};
