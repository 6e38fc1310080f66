// SPDX-License-Identifier: GPL-2.0-only
/**
 * The lock module of this machine, whichever it is (GFS1: src/harness/main.c, where modules are
 * registered by name). LOCK_MODULE is decided when the machine is made: then only one table of
 * operations is named, a call leads straight to it, and nothing of the others is there.
 */
import {
	type bool,
	event,
	type int,
	type node_nr,
	printk,
	type Sleeps,
	wait_idle,
} from '../../harness/kts/prelude.ts';
import { DROPLOCKS, NR_LOCKS, NR_LOGS, NR_NODES } from '../../vfs/include/linux/bounds.ts';
import {
	EVENT_LM_ASK,
	EVENT_LM_CANCEL,
	EVENT_LM_DROPLOCKS,
	EVENT_LM_UNLOCK,
	EVENT_LM_UPGRADE,
	EVENT_RECOVERY_DONE,
} from '../../vfs/include/linux/events.ts';
import { CONFIG_OGFS_RECOVERY_GATE } from '../Kconfig.ts';
import { lm_central_ops } from './central.ts';
import {
	LM_ALIVE,
	LM_EXPIRED,
	LM_RECOVERED,
	LM_WAITING,
	lm_dequeue,
	lm_goes_down,
	lm_locks,
	lm_members,
	lm_queued,
	lm_send,
	lm_shift,
	NOBODY,
	REQ_RECOVERY_DONE,
	to_node,
	to_server,
} from './connection.ts';
import { lm_dlm_ops } from './dlm.ts';
import {
	LM_CB_DROPLOCKS,
	LM_CB_NEED_RECOVERY,
	LM_DLM,
	LM_MEMEXP,
	LM_NOLOCK,
	LM_RD_SUCCESS,
	LM_ST_UNLOCKED,
	LOCK_MODULE,
	type lm_lockops,
} from './lm_interface.ts';
import { lm_memexp_ops } from './memexp.ts';
import { lm_nolock_ops } from './nolock.ts';

/**
 * lm_module - the operations of the lock module
 *
 * Return: its table.
 * Context: any.
 */
export function lm_module(): lm_lockops {
	if (LOCK_MODULE === LM_NOLOCK) return lm_nolock_ops;
	if (LOCK_MODULE === LM_DLM) return lm_dlm_ops;
	if (LOCK_MODULE === LM_MEMEXP) return lm_memexp_ops;
	return lm_central_ops;
}

/** What a node asks for, to a reader of a trace. */
function lm_note_request(lock: int, cur_state: int, req_state: int): void {
	if (cur_state === LM_ST_UNLOCKED) {
		printk('lm_lock: file %d, request %{LM_ST}', lock, req_state);
		event(EVENT_LM_ASK, lock, req_state);
	} else if (lm_goes_down(cur_state, req_state)) {
		printk('lm_unlock: file %d, down to %{LM_ST}', lock, req_state);
		event(EVENT_LM_UNLOCK, lock, req_state);
	} else {
		printk('lm_upgrade: file %d, %{LM_ST} to %{LM_ST}', lock, cur_state, req_state);
		event(EVENT_LM_UPGRADE, lock, cur_state, req_state);
	}
}

/**
 * lm_lock - ask for another state of a lock
 * @node: this node
 * @lock: the lock
 * @cur_state: LM_ST_* that the node has
 * @req_state: LM_ST_* that it asks for
 * @flags: LM_FLAG_*
 *
 * A node asks for one state of a lock at a time.
 *
 * Return: LM_ST_* that the node has now, with LM_OUT_*; or LM_OUT_ASYNC: that comes as LM_CB_ASYNC.
 * Context: process or daemon. Does not sleep.
 */
export function lm_lock(node: node_nr, lock: int, cur_state: int, req_state: int, flags: int): int {
	lm_note_request(lock, cur_state, req_state);
	return lm_module().lock(node, lock, cur_state, req_state, flags);
}

/**
 * lm_unlock - give a lock up
 * @node: this node
 * @lock: the lock
 *
 * Return: LM_ST_UNLOCKED; or LM_OUT_ASYNC: that comes as LM_CB_ASYNC.
 * Context: as lm_lock().
 */
export function lm_unlock(node: node_nr, lock: int): int {
	printk('lm_unlock: file %d, down to %{LM_ST}', lock, LM_ST_UNLOCKED);
	event(EVENT_LM_UNLOCK, lock, LM_ST_UNLOCKED);
	return lm_module().unlock(node, lock);
}

/**
 * lm_cancel - take back what lm_lock() asked for
 * @node: this node
 * @lock: the lock, for which a request is under way
 *
 * The request is answered all the same: with LM_OUT_CANCELED, or as if nothing had been taken back.
 *
 * Context: as lm_lock().
 */
export function lm_cancel(node: node_nr, lock: int): void {
	printk('lm_cancel: file %d', lock);
	event(EVENT_LM_CANCEL, lock);
	const ops = lm_module();
	if (ops.cancel) ops.cancel(node, lock);
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
 * lm_message_lock - which lock the oldest message for a node is about
 * @node: the node, for which there is one
 *
 * Return: number of the lock.
 * Context: the daemon.
 */
export function lm_message_lock(node: node_nr): int {
	return to_node[node].lock[0];
}

/**
 * lm_message_result - the word in the oldest message for a node, which is an LM_CB_ASYNC
 * @node: the node, for which there is one
 *
 * Return: LM_ST_* that the node has now, with LM_OUT_*; 0 if the message is something else.
 * Context: the daemon.
 */
export function lm_message_result(node: node_nr): int {
	return to_node[node].state[0];
}

/**
 * lm_receive - take the oldest message for a node off its queue
 * @node: the node, for which there is one
 *
 * Return: LM_CB_*; or 0: it need not be known.
 * Context: the daemon. Does not sleep.
 */
export function lm_receive(node: node_nr): int {
	let cb = to_node[node].op[0];
	const about_lock = DROPLOCKS === 0 || cb !== LM_CB_DROPLOCKS;
	const ops = lm_module();
	if (ops.receive && about_lock) cb = ops.receive(node, to_node[node].lock[0], cb);
	lm_shift(to_node[node]);
	return cb;
}

/**
 * lm_drop_locks - the module is short of memory: it asks a node to give up what is idle
 * @node: the node
 *
 * The module of one node alone never is.
 *
 * Context: the lock manager's end of the connection; of memexp and dlm, the module on the node.
 */
export function lm_drop_locks(node: node_nr): void {
	const ops = lm_module();
	if (!ops.callback || (NR_LOGS > 0 && lm_members[node] !== LM_ALIVE)) return;
	printk('lm: node %d is to give up what is idle', node);
	event(EVENT_LM_DROPLOCKS, node);
	ops.callback(node, LM_CB_DROPLOCKS, NOBODY);
}

/**
 * lm_is_on_node - does the module work in a task of the node?
 *
 * Return: true: the task ends when the node dies; or it is the lock manager's.
 * Context: any.
 */
export function lm_is_on_node(): bool {
	const ops = lm_module();
	if (ops.client) return true;
	return false;
}

/**
 * lm_server - the lock manager's end of one connection; of memexp, the module on one node
 * @node: the node to tell
 *
 * Context: a task of its own, which idles when there is nothing to do. Sleeps.
 */
export function* lm_server(node: node_nr): Sleeps {
	const ops = lm_module();
	if (ops.client) {
		yield* ops.client(node);
		return;
	}
	for (;;) {
		yield* wait_idle(() => to_server[node].nr > 0);
		if (NR_LOGS > 0 && to_server[node].op[0] === REQ_RECOVERY_DONE) lm_recovered(node);
		else lm_module().serve!(node);
	}
}

/** What a dead node had is anybody's. */
function lm_release_locks(node: node_nr): void {
	lm_members[node] = LM_RECOVERED;
	const ops = lm_module();
	if (ops.release) ops.release(node);
}

/** Is there a dead node that was not recovered? */
function lm_any_expired(): bool {
	for (let n = 0; n < NR_NODES; n++) if (lm_members[n] === LM_EXPIRED) return true;
	return false;
}

/** A survivor has looked at the journal of a dead node. */
function lm_recovered(node: node_nr): void {
	const jid = to_server[node].lock[0];
	const result = to_server[node].state[0];
	lm_shift(to_server[node]);
	if (result !== LM_RD_SUCCESS) return;
	lm_release_locks(jid);
	const ops = lm_module();
	if (ops.recovered && !lm_any_expired()) ops.recovered();
}

/**
 * lm_message - what the oldest message for a node is
 * @node: the node, for which there is one
 *
 * Return: LM_CB_*.
 * Context: the daemon.
 */
export function lm_message(node: node_nr): int {
	return to_node[node].op[0];
}

/**
 * lm_recovery_done - the journal of a node that died was looked at
 * @node: this node
 * @jid: the node that died
 * @result: LM_RD_*
 *
 * Context: the recovery daemon. Does not sleep.
 */
export function lm_recovery_done(node: node_nr, jid: int, result: int): void {
	printk('lm_recovery_done: node %d, journal %d, %{LM_RD}', node, jid, result);
	event(EVENT_RECOVERY_DONE, jid, result);
	lm_send(to_server[node], REQ_RECOVERY_DONE, jid, result, 0);
}

/** Nothing is under way between a node and the lock manager any more. */
function lm_hang_up(node: node_nr): void {
	while (to_server[node].nr > 0) lm_shift(to_server[node]);
	while (to_node[node].nr > 0) lm_shift(to_node[node]);
}

/**
 * lm_node_stops - a node dies: what its module knows is gone
 * @node: the node
 *
 * Of a central lock manager's and the dlm's nothing is there but the connection, and what was sent
 * is under way still. What memexp was asked for is in the node's own memory.
 *
 * Context: the node's death. Does not sleep.
 */
export function lm_node_stops(node: node_nr): void {
	const ops = lm_module();
	if (!ops.node_stops) return;
	lm_hang_up(node);
	ops.node_stops(node);
}

/**
 * lm_node_died - a node is dead, and fenced if it is to be
 * @node: the node
 *
 * Nothing comes from it any more, and it asks for nothing: what it had sent and was not received is
 * thrown away. Its locks stay its own until its journal is replayed (CONFIG_OGFS_RECOVERY_GATE);
 * off: they are anybody's at once. All who live are told to replay it, and the journals of all who
 * died before and were not recovered: the node that was at it may be the one that died now.
 *
 * The dlm forgets the locks at once, and the gate is on each node (lm_dlm_stop).
 *
 * Context: the cluster manager. Does not sleep.
 */
export function lm_node_died(node: node_nr): void {
	lm_hang_up(node);
	for (let i = 0; i < NR_LOCKS; i++) {
		const at = lm_queued(lm_locks[i], node);
		if (at >= 0) lm_dequeue(lm_locks[i], at);
	}
	lm_members[node] = LM_EXPIRED;
	for (let n = 0; n < NR_NODES; n++) {
		if (lm_members[n] !== LM_ALIVE) continue;
		for (let d = 0; d < NR_NODES; d++)
			if (lm_members[d] === LM_EXPIRED) lm_send(to_node[n], LM_CB_NEED_RECOVERY, d, 0, 0);
	}
	const ops = lm_module();
	if (ops.node_died) ops.node_died(node);
	else if (!CONFIG_OGFS_RECOVERY_GATE) lm_release_locks(node);
	else if (ops.retry) ops.retry();
}

/**
 * lm_init - begin with no locks
 *
 * Context: before the first step.
 */
export function lm_init(): void {
	for (let i = 0; i < NR_LOCKS; i++)
		for (let k = 0; k < LM_WAITING; k++) lm_locks[i].node[k] = NOBODY;
}

/**
 * lm_quiet - is no message under way, and does no node have a lock?
 *
 * Return: true: none is.
 * Context: a predicate of the set-up.
 */
export function lm_quiet(): bool {
	for (let n = 0; n < NR_NODES; n++) {
		if (to_server[n].nr > 0 || to_node[n].nr > 0) return false;
		for (let i = 0; i < NR_LOCKS; i++) if (lm_locks[i].held[n] !== LM_ST_UNLOCKED) return false;
	}
	return true;
}
