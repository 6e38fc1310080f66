// SPDX-License-Identifier: GPL-2.0-only
/**
 * What the lock modules have in common; OpenGFS's own could not be read: a connection to each
 * node, and what is known of each lock. Messages are never lost, take any time, and stay in order
 * on each connection and direction.
 */
import {
	BUG_ON,
	type bool,
	config,
	type int,
	ints,
	type node_nr,
	structs,
} from '../../harness/kts/prelude.ts';
import { DROPLOCKS, NR_LOCKS, NR_LOGS, NR_NODES, SIGNALS } from '../../vfs/include/linux/bounds.ts';
import { CONFIG_OGFS_UNINTERRUPTIBLE } from '../Kconfig.ts';
import {
	LM_CB_ASYNC,
	LM_CB_NEED_D,
	LM_CB_NEED_E,
	LM_CB_NEED_S,
	LM_DROPS_LATER,
	LM_FLAG_NOEXP,
	LM_ST_DEFERRED,
	LM_ST_EXCLUSIVE,
	LM_ST_UNLOCKED,
} from './lm_interface.ts';

/** 1: requests are taken back */
export const LM_CANCELS: int =
	SIGNALS && !CONFIG_OGFS_UNINTERRUPTIBLE ? 1 : config('LM_CANCELS', 0);
/**
 * Messages that can be under way on one connection: a lock has at most two each way, and one more
 * when the lock is given up without being asked for (the end of the set-up) while a callback is
 * under way; what is said of each node that died; what takes back the last request and the one
 * before; that the module is short of memory; with the dlm the callbacks for what a node had
 * before, which are not passed on.
 */
export const LM_QUEUE: int =
	2 * NR_LOCKS +
	1 +
	2 * NR_LOGS +
	DROPLOCKS +
	(LM_CANCELS ? 2 * NR_LOCKS : 0) +
	(LM_DROPS_LATER ? 4 * NR_LOCKS : 0);

/** Messages under way in one direction, oldest first. */
export class lm_queue {
	nr: int = 0;
	/** REQ_* of a module, or LM_CB_* */
	readonly op = ints(LM_QUEUE);
	readonly lock = ints(LM_QUEUE);
	/** what is asked for, or the word that answers */
	readonly state = ints(LM_QUEUE);
	/** LM_FLAG_* */
	readonly flags = ints(LM_QUEUE);
}

/** Requests that can wait for one lock: each node has one at most. */
export const LM_WAITING: int = NR_NODES;
/** A number that is no node's. */
export const NOBODY: int = -1;

/** What a module knows of one lock. */
export class lm_lock_t {
	/** the state that each node has, until it says that it gave it up */
	readonly held = ints(NR_NODES);
	/** 1 + the state that each node was asked to go down to; or a module's own value */
	readonly called = ints(NR_NODES);
	/** requests that wait, oldest first: node (NOBODY behind the last), state, upgrade or not */
	waiting: int = 0;
	readonly node = ints<node_nr>(LM_WAITING);
	readonly state = ints(LM_WAITING);
	readonly upgrade = ints(LM_WAITING);
	readonly flags = ints(LM_WAITING);
}

export const lm_locks = structs(lm_lock_t, NR_LOCKS);
export const to_server = structs(lm_queue, NR_NODES);
export const to_node = structs(lm_queue, NR_NODES);

/** A message to any module: the journal of a dead node was looked at, with LM_RD_*. */
export const REQ_RECOVERY_DONE: int = 99;

/** lm_members: a node lives; is dead and was not recovered; was. */
export const LM_ALIVE: int = 0;
export const LM_EXPIRED: int = 1;
export const LM_RECOVERED: int = 2;
/** NR_LOGS: what the module knows of each node */
export const lm_members = ints(NR_LOGS);

/**
 * lm_expired - is what a node has of a lock nothing to a request?
 * @node: the node that has the lock
 * @flags: LM_FLAG_* of the request
 *
 * Return: true: the node is dead, and the request is the recovery's.
 * Context: any.
 */
export function lm_expired(node: node_nr, flags: int): bool {
	if (!NR_LOGS) return false;
	return lm_members[node] !== LM_ALIVE && (flags & LM_FLAG_NOEXP) !== 0;
}

/**
 * lm_send - put a message into the queue of a node
 * @q: the queue
 * @op: REQ_*, or LM_CB_*
 * @lock: which lock it is about
 * @state: LM_ST_* that is asked for, or the word that answers
 * @flags: LM_FLAG_*
 *
 * Context: any. Does not sleep.
 */
export function lm_send(q: lm_queue, op: int, lock: int, state: int, flags: int): void {
	BUG_ON(q.nr === LM_QUEUE, 'too many messages under way');
	q.op[q.nr] = op;
	q.lock[q.nr] = lock;
	q.state[q.nr] = state;
	q.flags[q.nr] = flags;
	q.nr++;
}

/**
 * lm_shift - take the oldest message off a queue
 * @q: the queue, not empty
 *
 * Context: any. Does not sleep.
 */
export function lm_shift(q: lm_queue): void {
	q.nr--;
	for (let i = 0; i < q.nr; i++) {
		q.op[i] = q.op[i + 1];
		q.lock[i] = q.lock[i + 1];
		q.state[i] = q.state[i + 1];
		q.flags[i] = q.flags[i + 1];
	}
	q.op[q.nr] = 0;
	q.lock[q.nr] = 0;
	q.state[q.nr] = 0;
	q.flags[q.nr] = 0;
}

/**
 * lm_callback - call a node about a lock
 * @node: the node
 * @cb: LM_CB_*
 * @lock: the lock, or the journal, or NOBODY's
 *
 * Context: any. Does not sleep.
 */
export function lm_callback(node: node_nr, cb: int, lock: int): void {
	lm_send(to_node[node], cb, lock, 0, 0);
}

/**
 * lm_answer - tell a node what came of its request
 * @node: the node
 * @lock: the lock
 * @result: LM_ST_* that it has now, and LM_OUT_*
 *
 * Context: any. Does not sleep.
 */
export function lm_answer(node: node_nr, lock: int, result: int): void {
	lm_send(to_node[node], LM_CB_ASYNC, lock, result, 0);
}

/**
 * lm_conflict - do these states of one lock on two nodes exclude each other?
 * @held: LM_ST_* of the one
 * @state: LM_ST_* of the other
 *
 * Return: true: they do.
 * Context: any.
 */
export function lm_conflict(held: int, state: int): bool {
	if (held === LM_ST_UNLOCKED || state === LM_ST_UNLOCKED) return false;
	return held === LM_ST_EXCLUSIVE || held !== state;
}

/**
 * lm_target - the highest state that a node may keep
 * @state: LM_ST_* that another node needs
 *
 * Return: LM_ST_*.
 * Context: any.
 */
export function lm_target(state: int): int {
	return state === LM_ST_EXCLUSIVE ? LM_ST_UNLOCKED : state;
}

/**
 * lm_need - the callback that asks for a state
 * @state: LM_ST_* that another node needs
 *
 * Return: LM_CB_*.
 * Context: any.
 */
export function lm_need(state: int): int {
	if (state === LM_ST_EXCLUSIVE) return LM_CB_NEED_E;
	return state === LM_ST_DEFERRED ? LM_CB_NEED_D : LM_CB_NEED_S;
}

/**
 * lm_dequeue - take a request off the waiting list of a lock
 * @l: the lock
 * @i: which
 *
 * Context: any. Does not sleep.
 */
export function lm_dequeue(l: lm_lock_t, i: int): void {
	l.waiting--;
	for (let k = i; k < l.waiting; k++) {
		l.node[k] = l.node[k + 1];
		l.state[k] = l.state[k + 1];
		l.upgrade[k] = l.upgrade[k + 1];
		l.flags[k] = l.flags[k + 1];
	}
	l.node[l.waiting] = NOBODY;
	l.state[l.waiting] = 0;
	l.upgrade[l.waiting] = 0;
	l.flags[l.waiting] = 0;
}

/**
 * lm_insert - put a request into the waiting list of a lock
 * @l: the lock
 * @at: in front of which
 * @node: whose
 * @state: LM_ST_* that it asks for
 * @upgrade: what kind of request it is, to its module
 * @flags: LM_FLAG_*
 *
 * Context: any. Does not sleep.
 */
export function lm_insert(
	l: lm_lock_t,
	at: int,
	node: node_nr,
	state: int,
	upgrade: int,
	flags: int,
): void {
	BUG_ON(l.waiting === LM_WAITING, 'a node asks twice for the same lock');
	for (let k = l.waiting; k > at; k--) {
		l.node[k] = l.node[k - 1];
		l.state[k] = l.state[k - 1];
		l.upgrade[k] = l.upgrade[k - 1];
		l.flags[k] = l.flags[k - 1];
	}
	l.node[at] = node;
	l.state[at] = state;
	l.upgrade[at] = upgrade;
	l.flags[at] = flags;
	l.waiting++;
}

/**
 * lm_queued - where the request of a node waits
 * @l: the lock
 * @node: the node
 *
 * Return: its place; or -1: it has none.
 * Context: any.
 */
export function lm_queued(l: lm_lock_t, node: node_nr): int {
	for (let i = 0; i < l.waiting; i++) if (l.node[i] === node) return i;
	return -1;
}

/**
 * lm_goes_down - does a request only give up what its node has?
 * @cur_state: LM_ST_* that the node has
 * @req_state: LM_ST_* that it asks for
 *
 * Return: true: it can be served, whichever node has the lock.
 * Context: any.
 */
export function lm_goes_down(cur_state: int, req_state: int): bool {
	return cur_state === LM_ST_EXCLUSIVE && req_state !== LM_ST_EXCLUSIVE;
}
