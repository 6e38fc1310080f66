// SPDX-License-Identifier: GPL-2.0-only
/**
 * memexp, the cluster's lock module of OpenGFS in 2003. OpenGFS's own source could not be read;
 * this follows its document ogfs-memexp (6 August 2003): locks lie in a central storage that does
 * nothing but load and store. A node that wants a lock loads it, looks whether it can have it, puts
 * itself down as a holder and stores it; if it cannot, it tries again. Nodes ask each other over
 * the network to give locks up.
 *
 * The storage stores what it is given only if the lock is still what was loaded ("compare and
 * store"). Between the two anybody may come first; then all begins anew.
 *
 * Nodes are served in no order: one that looks at the right moment has the lock. One that cannot
 * have it asks those in the way, waits until the lock has changed (the back-off, of whatever
 * length), and looks again. The code of 2003 looked again at once, all the time; that differs in
 * load, and in nothing that a node can see.
 *
 * An upgrade that waits while another node asks for the lock is refused, as by the central lock
 * manager: the node drops its lock and asks again. Or two that upgrade would wait for each other.
 *
 * A node that dies stays a holder in the storage. Others know that it is dead, do not ask it, and
 * what recovery needs (LM_FLAG_NOEXP) passes it over; when its journal has been replayed, whoever
 * did that takes it out of each lock, one after the other. How OpenGFS did that could not be read.
 *
 * Differs: the network keeps one question for each node and lock, the strongest that was asked; a
 * node does not wait for the storage when it gives a lock up, but its module does.
 */
import {
	type bool,
	cover,
	event,
	type int,
	type node_nr,
	preempt,
	printk,
	reset_struct,
	type Sleeps,
	structs,
	wait_idle,
} from '../../harness/kts/prelude.ts';
import { NR_LOCKS, NR_LOGS, NR_NODES } from '../../vfs/include/linux/bounds.ts';
import { EVENT_LM_DENIED, EVENT_LM_GRANTED } from '../../vfs/include/linux/events.ts';
import { CONFIG_OGFS_DENIED_TO_TAIL } from '../Kconfig.ts';
import {
	LM_ALIVE,
	LM_RECOVERED,
	lm_answer,
	lm_callback,
	lm_conflict,
	lm_expired,
	lm_goes_down,
	lm_locks,
	lm_members,
	lm_send,
	lm_shift,
	lm_target,
	REQ_RECOVERY_DONE,
	to_node,
	to_server,
} from './connection.ts';
import {
	LM_CB_ASYNC,
	LM_CB_NEED_D,
	LM_CB_NEED_E,
	LM_CB_NEED_RECOVERY,
	LM_CB_NEED_S,
	LM_FLAG_TRY,
	LM_FLAG_TRY_1CB,
	LM_OUT_ASYNC,
	LM_OUT_CACHEABLE,
	LM_OUT_CANCELED,
	LM_RD_SUCCESS,
	LM_ST_DEFERRED,
	LM_ST_UNLOCKED,
	type lm_lockops,
} from './lm_interface.ts';

/** What the glock layer has asked its module for, in to_server[]. */
const MEMEXP_LOCK: int = 1;
const MEMEXP_UNLOCK: int = 3;
const MEMEXP_CANCEL: int = 4;

/** What the module on a node knows of one lock. lm_locks[].held is the storage. */
class memexp_lock {
	/** LM_ST_* that is being asked for; UNLOCKED: nothing is */
	want: int = 0;
	flags: int = 0;
	/** it has been loaded, and that is of use */
	loaded: bool = false;
	/** another node has stored the lock since it was loaded last */
	stale: bool = false;
}
class memexp_node {
	readonly locks = structs(memexp_lock, NR_LOCKS);
}
export const memexp_nodes = structs(memexp_node, NR_NODES);

/* ---- called by the glock layer ---- */

/**
 * lm_memexp_lock - ask for another state
 * @node: this node
 * @lock: the lock
 * @cur_state: LM_ST_* that the node has
 * @req_state: LM_ST_* that it asks for
 * @flags: LM_FLAG_*; PRIORITY and ANY mean nothing to a storage
 *
 * Return: LM_OUT_ASYNC; or the new state, when it is less.
 * Context: any. Does not sleep.
 */
export function lm_memexp_lock(
	node: node_nr,
	lock: int,
	cur_state: int,
	req_state: int,
	flags: int,
): int {
	if (lm_goes_down(cur_state, req_state)) {
		lm_send(to_server[node], MEMEXP_UNLOCK, lock, req_state, 0);
		return req_state | LM_OUT_CACHEABLE;
	}
	lm_send(to_server[node], MEMEXP_LOCK, lock, req_state, flags);
	return LM_OUT_ASYNC;
}

/**
 * lm_memexp_unlock - give a lock up
 * @node: this node
 * @lock: the lock
 *
 * Return: LM_ST_UNLOCKED.
 * Context: any. Does not sleep.
 */
export function lm_memexp_unlock(node: node_nr, lock: int): int {
	lm_send(to_server[node], MEMEXP_UNLOCK, lock, LM_ST_UNLOCKED, 0);
	return LM_ST_UNLOCKED;
}

/**
 * lm_memexp_cancel - take a request back that was not answered yet
 * @node: this node
 * @lock: the lock
 *
 * Context: any. Does not sleep.
 */
export function lm_memexp_cancel(node: node_nr, lock: int): void {
	lm_send(to_server[node], MEMEXP_CANCEL, lock, 0, 0);
}

/* ---- the storage ---- */

/**
 * Stores a lock with the node in @state, if nobody has stored it since the node loaded it: the
 * storage counts versions. True: it is stored, and what the others have loaded is old.
 */
function memexp_store(node: node_nr, lock: int, state: int): bool {
	if (memexp_nodes[node].locks[lock].stale) {
		cover('memexp: the lock has changed since it was loaded');
		return false;
	}
	lm_locks[lock].held[node] = state;
	memexp_stored(node, lock);
	return true;
}

/** A lock was stored: what the others have loaded is old. */
function memexp_stored(node: node_nr, lock: int): void {
	for (let n = 0; n < NR_NODES; n++) {
		const ml = memexp_nodes[n].locks[lock];
		if (n !== node && ml.loaded) ml.stale = true;
	}
}

/** Is another node in the way? Asked in the step that loads the lock. */
function memexp_blocked(node: node_nr, lock: int, state: int, flags: int): bool {
	for (let n = 0; n < NR_NODES; n++) {
		if (n === node || !lm_conflict(lm_locks[lock].held[n], state)) continue;
		if (!NR_LOGS || !lm_expired(n, flags)) return true;
		cover('recovery: the lock of a dead node is passed over');
	}
	return false;
}

/* ---- the network ---- */

/** Asks those who are in the way to give the lock up. */
function memexp_ask(node: node_nr, lock: int, state: int): void {
	const l = lm_locks[lock];
	for (let n = 0; n < NR_NODES; n++) {
		if (n === node || !lm_conflict(l.held[n], state)) continue;
		if (NR_LOGS > 0 && lm_members[n] !== LM_ALIVE) continue;
		const target = 1 + lm_target(state);
		// Two that want different things: it is to give up all.
		if (l.called[n] === 0 || l.called[n] === target) l.called[n] = target;
		else l.called[n] = 1 + LM_ST_UNLOCKED;
	}
}

/** The callback that brings a node down to @target. */
function memexp_need(target: int): int {
	if (target === LM_ST_UNLOCKED) return LM_CB_NEED_E;
	return target === LM_ST_DEFERRED ? LM_CB_NEED_D : LM_CB_NEED_S;
}

/** Tells the glock layer to go down, in one message as long as that has not been read. */
function memexp_tell(node: node_nr, lock: int, cb: int): void {
	const q = to_node[node];
	for (let i = 0; i < q.nr; i++) {
		if (q.lock[i] !== lock || q.op[i] === LM_CB_ASYNC) continue;
		if (NR_LOGS > 0 && q.op[i] === LM_CB_NEED_RECOVERY) continue;
		if (q.op[i] !== cb) q.op[i] = LM_CB_NEED_E;
		return;
	}
	lm_send(q, cb, lock, 0, 0);
}

/** A question of another node has come. */
function memexp_asked(node: node_nr, lock: int): void {
	const ml = memexp_nodes[node].locks[lock];
	const target = lm_locks[lock].called[node] - 1;
	const held = lm_locks[lock].held[node];
	lm_locks[lock].called[node] = 0;
	// It has given up enough already.
	if (held === LM_ST_UNLOCKED || held === target) return;
	if (ml.want !== 0) {
		cover('lock manager: upgrade denied');
		printk('lm: upgrade of node %d denied', node);
		event(EVENT_LM_DENIED, lock, node);
		memexp_end(node, lock, held | LM_OUT_CANCELED);
		if (!CONFIG_OGFS_DENIED_TO_TAIL) return;
	}
	memexp_tell(node, lock, memexp_need(target));
}

/* ---- the module's task ---- */

/** A request is answered. */
function memexp_end(node: node_nr, lock: int, result: int): void {
	const ml = memexp_nodes[node].locks[lock];
	ml.want = 0;
	ml.flags = 0;
	ml.loaded = false;
	ml.stale = false;
	lm_answer(node, lock, result);
}

/**
 * memexp_try - load a lock, look whether it can be had, store it
 * @node: whose module
 * @lock: the lock, that is wanted
 */
function* memexp_try(node: node_nr, lock: int): Sleeps {
	const ml = memexp_nodes[node].locks[lock];
	const state = ml.want;
	ml.loaded = true;
	ml.stale = false;
	const held = lm_locks[lock].held[node];
	if (memexp_blocked(node, lock, state, ml.flags)) {
		if (!(ml.flags & LM_FLAG_TRY)) memexp_ask(node, lock, state);
		if (!(ml.flags & (LM_FLAG_TRY | LM_FLAG_TRY_1CB))) return;
		cover('memexp: a try failed');
		memexp_end(node, lock, held);
		return;
	}
	yield* preempt();
	if (!memexp_store(node, lock, state)) return;
	printk('lm: file %d granted to node %d, %{LM_ST}', lock, node, state);
	event(EVENT_LM_GRANTED, lock, node, state);
	memexp_end(node, lock, state | (held === LM_ST_UNLOCKED ? 0 : LM_OUT_CACHEABLE));
}

/**
 * memexp_give_up - put a lower state down in the storage
 * @node: whose module
 * @lock: the lock
 * @state: LM_ST_* that is left
 */
function* memexp_give_up(node: node_nr, lock: int, state: int): Sleeps {
	const ml = memexp_nodes[node].locks[lock];
	do {
		ml.loaded = true;
		ml.stale = false;
		yield* preempt();
	} while (!memexp_store(node, lock, state));
	ml.loaded = false;
	ml.stale = false;
}

/**
 * memexp_recovered - the journal of a dead node was looked at, here
 * @node: whose module
 * @jid: the dead node
 * @result: LM_RD_*
 *
 * If it was replayed, the dead node is taken out of all locks; whoever dies over that leaves the
 * rest to the one that replays the journal, or looks at it, next.
 */
function* memexp_recovered(node: node_nr, jid: node_nr, result: int): Sleeps {
	if (result !== LM_RD_SUCCESS) return;
	for (let i = 0; i < NR_LOCKS; i++) {
		if (lm_locks[i].held[jid] === LM_ST_UNLOCKED) continue;
		yield* preempt();
		memexp_expel(jid, i);
	}
	lm_members[jid] = LM_RECOVERED;
}

/**
 * Takes a dead node out of a lock. Who has loaded the lock meanwhile loads it again; so would this
 * module, and there is nothing else that it could find then.
 */
function memexp_expel(dead: node_nr, lock: int): void {
	if (lm_locks[lock].held[dead] !== LM_ST_UNLOCKED) cover('recovery: a lock is released');
	lm_locks[lock].held[dead] = LM_ST_UNLOCKED;
	lm_locks[lock].called[dead] = 0;
	memexp_stored(dead, lock);
}

/**
 * lm_memexp_release - what a dead node had is anybody's
 * @node: the node
 *
 * Context: the cluster manager, without CONFIG_OGFS_RECOVERY_GATE. Does not sleep.
 */
export function lm_memexp_release(node: node_nr): void {
	for (let i = 0; i < NR_LOCKS; i++) memexp_expel(node, i);
}

/**
 * lm_memexp_retry_all - a node has died: all nodes that wait look again
 *
 * Context: the cluster manager. Does not sleep.
 */
export function lm_memexp_retry_all(): void {
	for (let i = 0; i < NR_LOCKS; i++) memexp_stored(-1, i);
}

/**
 * lm_memexp_stops - the module on a node that dies is gone
 * @node: the node
 *
 * What it was asked over the network is lost; what it asked is not.
 *
 * Context: the node's death. Does not sleep.
 */
export function lm_memexp_stops(node: node_nr): void {
	reset_struct(memexp_nodes[node]);
	for (let i = 0; i < NR_LOCKS; i++) lm_locks[i].called[node] = 0;
}

/** A request of the glock layer. */
function* memexp_request(node: node_nr): Sleeps {
	const q = to_server[node];
	const op = q.op[0];
	const lock = q.lock[0];
	const state = q.state[0];
	const flags = q.flags[0];
	lm_shift(q);
	if (NR_LOGS > 0 && op === REQ_RECOVERY_DONE) {
		yield* memexp_recovered(node, lock, state);
		return;
	}
	const ml = memexp_nodes[node].locks[lock];
	if (op === MEMEXP_UNLOCK) {
		yield* memexp_give_up(node, lock, state);
	} else if (op === MEMEXP_CANCEL) {
		// If nothing is wanted it is answered already, and the answer under way.
		if (ml.want === 0) return;
		cover('lock manager: request canceled');
		memexp_end(node, lock, lm_locks[lock].held[node] | LM_OUT_CANCELED);
	} else {
		ml.want = state;
		ml.flags = flags;
		yield* memexp_try(node, lock);
	}
}

/** Is a lock wanted, and another than when it was looked at? */
function memexp_retry(node: node_nr, lock: int): bool {
	return memexp_nodes[node].locks[lock].want !== 0 && memexp_nodes[node].locks[lock].stale;
}

/** Is there anything to do? */
function memexp_has_work(node: node_nr): bool {
	if (to_server[node].nr > 0) return true;
	for (let i = 0; i < NR_LOCKS; i++)
		if (lm_locks[i].called[node] !== 0 || memexp_retry(node, i)) return true;
	return false;
}

/**
 * memexp_client - the module's task on a node
 * @node: whose
 *
 * Context: a task of its own, which idles when there is nothing to do. Sleeps.
 */
export function* memexp_client(node: node_nr): Sleeps {
	for (;;) {
		yield* wait_idle(() => memexp_has_work(node));
		if (to_server[node].nr > 0) {
			yield* memexp_request(node);
			continue;
		}
		for (let i = 0; i < NR_LOCKS; i++) {
			if (lm_locks[i].called[node] !== 0) memexp_asked(node, i);
			if (memexp_retry(node, i)) yield* memexp_try(node, i);
		}
	}
}

/** A storage, and a task on each node that does the work. */
export const lm_memexp_ops: lm_lockops = {
	lock: lm_memexp_lock,
	unlock: lm_memexp_unlock,
	cancel: lm_memexp_cancel,
	receive: null,
	callback: lm_callback,
	serve: null,
	client: memexp_client,
	node_stops: lm_memexp_stops,
	node_died: null,
	release: lm_memexp_release,
	retry: lm_memexp_retry_all,
	recovered: null,
};
