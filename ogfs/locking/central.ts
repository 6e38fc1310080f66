// SPDX-License-Identifier: GPL-2.0-only
/**
 * The central lock manager of the mail, as a lock module: a server that knows who holds what, and
 * a connection to each node. Messages are never lost, take any time, and stay in order on each
 * connection and direction. OpenGFS's own module of that time, memexp, keeps its state in a
 * central store instead; what a node can observe of it is the same: requests, grants, callbacks.
 *
 * One lock per file. Requests are served in the order in which they arrive. An upgrade (shared to
 * exclusive) is denied when the lock must be taken away from its holder to serve an earlier
 * request: "attempt to upgrade ... If this fails (because another node is also trying to upgrade
 * ...)".
 *
 * On the node's side lm_lock(), lm_upgrade() and lm_unlock() send; the glock daemon takes what
 * comes from lm_receive().
 */
import {
	BUG_ON,
	type bool,
	cover,
	type int,
	ints,
	type node_nr,
	printk,
	type Sleeps,
	structs,
	wait_idle,
} from '../../harness/kts/prelude.ts';
import { NR_FILES, NR_NODES } from '../../vfs/include/linux/bounds.ts';
import {
	LM_CB_DENIED,
	LM_CB_NEED_E,
	LM_CB_NEED_S,
	LM_ST_EXCLUSIVE,
	LM_ST_SHARED,
	LM_ST_UNLOCKED,
} from './lm_interface.ts';

/** What a node asks for. */
const REQ_LOCK: int = 1;
const REQ_UPGRADE: int = 2;
/** The node has given the lock up, down to the state of the message. */
const REQ_UNLOCK: int = 3;

/**
 * Messages that can be under way on one connection: a lock has at most two each way, and one more
 * when the lock is given up without being asked for (the end of the set-up) while a callback is
 * under way.
 */
const LM_QUEUE: int = 2 * NR_FILES + 1;

/** Messages under way in one direction, oldest first. */
class lm_queue {
	nr: int = 0;
	readonly op = ints(LM_QUEUE);
	readonly lock = ints(LM_QUEUE);
	readonly state = ints(LM_QUEUE);
}

/** lm_lock_t.called of a node whose upgrade was denied: it gives its lock up. */
const CALLED_DENIED: int = 9;

/** Requests that can wait for one lock: each node has one at most. */
const LM_WAITING: int = NR_NODES;
/** A number that is no node's. */
const NOBODY: int = -1;

/** What the server knows of one lock. */
class lm_lock_t {
	/** the state that each node has, until it says that it gave it up */
	readonly held = ints(NR_NODES);
	/** 1 + the state that each node was asked to go down to; CALLED_DENIED: it goes down by itself */
	readonly called = ints(NR_NODES);
	/** requests that wait, oldest first: node (NOBODY behind the last), state, upgrade or not */
	waiting: int = 0;
	readonly node = ints<node_nr>(LM_WAITING);
	readonly state = ints(LM_WAITING);
	readonly upgrade = ints(LM_WAITING);
}

export const lm_locks = structs(lm_lock_t, NR_FILES);
export const to_server = structs(lm_queue, NR_NODES);
export const to_node = structs(lm_queue, NR_NODES);

/** Puts a message into the queue of a node. */
function lm_send(q: lm_queue, op: int, lock: int, state: int): void {
	BUG_ON(q.nr === LM_QUEUE, 'too many messages under way');
	q.op[q.nr] = op;
	q.lock[q.nr] = lock;
	q.state[q.nr] = state;
	q.nr++;
}

/** Takes the oldest message off a queue. */
function lm_shift(q: lm_queue): void {
	q.nr--;
	for (let i = 0; i < q.nr; i++) {
		q.op[i] = q.op[i + 1];
		q.lock[i] = q.lock[i + 1];
		q.state[i] = q.state[i + 1];
	}
	q.op[q.nr] = 0;
	q.lock[q.nr] = 0;
	q.state[q.nr] = 0;
}

/* ---- the node's side ---- */

/**
 * lm_lock - ask for a lock that this node does not hold
 * @node: this node
 * @lock: number of the file
 * @state: LM_ST_EXCLUSIVE or LM_ST_SHARED
 *
 * Context: process or daemon; the answer comes in a later step. Does not sleep.
 */
export function lm_lock(node: node_nr, lock: int, state: int): void {
	printk('lm_lock: file %d, request %{LM_ST}', lock, state);
	lm_send(to_server[node], REQ_LOCK, lock, state);
}

/**
 * lm_upgrade - ask for exclusive, holding shared
 * @node: this node
 * @lock: number of the file
 *
 * Context: as lm_lock().
 */
export function lm_upgrade(node: node_nr, lock: int): void {
	printk('lm_upgrade: file %d, SHARED to EXCLUSIVE', lock);
	lm_send(to_server[node], REQ_UPGRADE, lock, LM_ST_EXCLUSIVE);
}

/**
 * lm_unlock - give a lock up: the acknowledgement of a callback
 * @node: this node
 * @lock: number of the file
 * @state: what is left: LM_ST_UNLOCKED or LM_ST_SHARED
 *
 * Context: as lm_lock().
 */
export function lm_unlock(node: node_nr, lock: int, state: int): void {
	printk('lm_unlock: file %d, down to %{LM_ST}', lock, state);
	lm_send(to_server[node], REQ_UNLOCK, lock, state);
}

/**
 * lm_pending - is there a message for a node?
 * @node: the node
 *
 * Return: true: there is.
 * Context: the condition of the daemon's wait.
 */
export function lm_pending(node: node_nr): bool {
	return to_node[node].nr > 0;
}

/**
 * lm_message_lock - which file the oldest message for a node is about
 * @node: the node, for which there is one
 *
 * Return: number of the file.
 * Context: the daemon.
 */
export function lm_message_lock(node: node_nr): int {
	return to_node[node].lock[0];
}
/**
 * lm_receive - take the oldest message for a node off its queue
 * @node: the node, for which there is one
 *
 * Return: LM_CB_*.
 * Context: the daemon. Does not sleep.
 */
export function lm_receive(node: node_nr): int {
	const cb = to_node[node].op[0];
	lm_shift(to_node[node]);
	return cb;
}

/* ---- the server ---- */

/** Do these states of one lock on two nodes exclude each other? */
function conflict(held: int, state: int): bool {
	if (held === LM_ST_UNLOCKED) return false;
	return held === LM_ST_EXCLUSIVE || state === LM_ST_EXCLUSIVE;
}

/** Takes request @i off the waiting list of a lock. */
function lm_dequeue(l: lm_lock_t, i: int): void {
	l.waiting--;
	for (let k = i; k < l.waiting; k++) {
		l.node[k] = l.node[k + 1];
		l.state[k] = l.state[k + 1];
		l.upgrade[k] = l.upgrade[k + 1];
	}
	l.node[l.waiting] = NOBODY;
	l.state[l.waiting] = 0;
	l.upgrade[l.waiting] = 0;
}

/**
 * Denies the upgrade that a node waits for, if it does; it will then give its lock up by itself.
 */
function lm_deny(lock: int, node: node_nr): bool {
	const l = lm_locks[lock];
	for (let i = 0; i < l.waiting; i++) {
		if (l.node[i] !== node || !l.upgrade[i]) continue;
		lm_dequeue(l, i);
		l.called[node] = CALLED_DENIED;
		cover('lock manager: upgrade denied');
		for (let n = 0; n < NR_NODES; n++)
			if (n !== node && l.called[n] === CALLED_DENIED)
				cover('lock manager: both upgrades denied, a third node is served');
		printk('lm: upgrade of node %d denied', node);
		lm_send(to_node[node], LM_CB_DENIED, lock, 0);
		return true;
	}
	return false;
}

/**
 * Makes every node whose lock is in the way of a request give it up. True: somebody is in the
 * way.
 */
function lm_call(lock: int, node: node_nr, state: int): bool {
	const l = lm_locks[lock];
	const target = state === LM_ST_EXCLUSIVE ? LM_ST_UNLOCKED : LM_ST_SHARED;
	let blocked = false;
	for (let n = 0; n < NR_NODES; n++) {
		if (n === node || !conflict(l.held[n], state)) continue;
		blocked = true;
		if (target === LM_ST_UNLOCKED && lm_deny(lock, n)) continue;
		if (l.called[n] === CALLED_DENIED) continue;
		if (l.called[n] === 1 + LM_ST_UNLOCKED || l.called[n] === 1 + target) continue;
		l.called[n] = 1 + target;
		lm_send(to_node[n], state === LM_ST_EXCLUSIVE ? LM_CB_NEED_E : LM_CB_NEED_S, lock, 0);
	}
	return blocked;
}

/** Grants what can be granted, and calls for what is in the way of the oldest request. */
function lm_serve(lock: int): void {
	const l = lm_locks[lock];
	while (l.waiting > 0) {
		const node = l.node[0];
		const state = l.state[0];
		if (lm_call(lock, node, state)) return;
		lm_dequeue(l, 0);
		l.held[node] = state;
		printk('lm: file %d granted to node %d, %{LM_ST}', lock, node, state);
		lm_send(to_node[node], state, lock, 0);
	}
}

/** One message from a node. */
function lm_handle(node: node_nr, op: int, lock: int, state: int): void {
	const l = lm_locks[lock];
	if (op === REQ_UNLOCK) {
		BUG_ON(l.held[node] === LM_ST_UNLOCKED, 'unlock of a lock that is not held');
		l.held[node] = state;
		l.called[node] = 0;
	} else {
		const i = l.waiting;
		BUG_ON(i === LM_WAITING, 'a node asks twice for the same lock');
		BUG_ON(op === REQ_UPGRADE && l.held[node] !== LM_ST_SHARED, 'upgrade of what is not shared');
		l.node[i] = node;
		l.state[i] = state;
		l.upgrade[i] = op === REQ_UPGRADE ? 1 : 0;
		l.waiting++;
	}
	lm_serve(lock);
}

/**
 * lm_server - the lock manager's end of one connection
 * @node: to whom
 *
 * A message is taken and answered in one step.
 *
 * Context: a task of its own, which idles when there is nothing to do. Sleeps.
 */
export function* lm_server(node: node_nr): Sleeps {
	const q = to_server[node];
	for (;;) {
		yield* wait_idle(() => q.nr > 0);
		const op = q.op[0];
		const lock = q.lock[0];
		const state = q.state[0];
		lm_shift(q);
		lm_handle(node, op, lock, state);
	}
}

/**
 * lm_init - begin with no locks
 *
 * Context: before the first step.
 */
export function lm_init(): void {
	for (let i = 0; i < NR_FILES; i++)
		for (let k = 0; k < LM_WAITING; k++) lm_locks[i].node[k] = NOBODY;
}

/**
 * lm_quiet - is no message under way, and no request waiting?
 *
 * Return: true: none is.
 * Context: a predicate of the set-up.
 */
export function lm_quiet(): bool {
	for (let n = 0; n < NR_NODES; n++) {
		if (to_server[n].nr > 0 || to_node[n].nr > 0) return false;
		for (let i = 0; i < NR_FILES; i++) if (lm_locks[i].held[n] !== LM_ST_UNLOCKED) return false;
	}
	return true;
}
