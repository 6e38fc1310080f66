// SPDX-License-Identifier: GPL-2.0-only
/**
 * The lock module of this machine, whichever it is (GFS1: src/harness/main.c, where modules are
 * registered by name). LOCK_MODULE is decided when the machine is made, so that a call leads
 * straight to the module, and nothing of the others is there.
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
import {
	lm_central_cancel,
	lm_central_init,
	lm_central_lock,
	lm_central_release,
	lm_central_serve,
	lm_central_serve_all,
	lm_central_unlock,
} from './central.ts';
import {
	LM_ALIVE,
	LM_EXPIRED,
	LM_RECOVERED,
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
import {
	lm_dlm_cancel,
	lm_dlm_finish,
	lm_dlm_lock,
	lm_dlm_receive,
	lm_dlm_release,
	lm_dlm_serve,
	lm_dlm_stop,
} from './dlm.ts';
import {
	LM_CB_DROPLOCKS,
	LM_CB_NEED_RECOVERY,
	LM_CENTRAL,
	LM_DLM,
	LM_MEMEXP,
	LM_NOLOCK,
	LM_RD_SUCCESS,
	LM_ST_UNLOCKED,
	LOCK_MODULE,
} from './lm_interface.ts';
import {
	lm_memexp_cancel,
	lm_memexp_lock,
	lm_memexp_release,
	lm_memexp_retry_all,
	lm_memexp_stops,
	lm_memexp_unlock,
	memexp_client,
} from './memexp.ts';
import { lm_nolock_lock, lm_nolock_unlock } from './nolock.ts';

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
	if (LOCK_MODULE === LM_NOLOCK) return lm_nolock_lock(node, lock, req_state);
	if (LOCK_MODULE === LM_DLM) return lm_dlm_lock(node, lock, cur_state, req_state, flags);
	if (LOCK_MODULE === LM_MEMEXP) return lm_memexp_lock(node, lock, cur_state, req_state, flags);
	return lm_central_lock(node, lock, cur_state, req_state, flags);
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
	if (LOCK_MODULE === LM_NOLOCK) return lm_nolock_unlock(node, lock);
	if (LOCK_MODULE === LM_DLM) return lm_dlm_lock(node, lock, 0, LM_ST_UNLOCKED, 0);
	if (LOCK_MODULE === LM_MEMEXP) return lm_memexp_unlock(node, lock);
	return lm_central_unlock(node, lock);
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
	if (LOCK_MODULE === LM_NOLOCK) return;
	if (LOCK_MODULE === LM_DLM) lm_dlm_cancel(node, lock);
	else if (LOCK_MODULE === LM_MEMEXP) lm_memexp_cancel(node, lock);
	else lm_central_cancel(node, lock);
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
	if (LOCK_MODULE === LM_DLM && about_lock) cb = lm_dlm_receive(node, to_node[node].lock[0], cb);
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
	if (LOCK_MODULE === LM_NOLOCK || (NR_LOGS > 0 && lm_members[node] !== LM_ALIVE)) return;
	printk('lm: node %d is to give up what is idle', node);
	event(EVENT_LM_DROPLOCKS, node);
	lm_send(to_node[node], LM_CB_DROPLOCKS, NOBODY, 0, 0);
}

/**
 * lm_server - the lock manager's end of one connection; of memexp, the module on one node
 * @node: to whom
 *
 * Context: a task of its own, which idles when there is nothing to do. Sleeps.
 */
export function* lm_server(node: node_nr): Sleeps {
	if (LOCK_MODULE === LM_MEMEXP) {
		yield* memexp_client(node);
		return;
	}
	for (;;) {
		yield* wait_idle(() => to_server[node].nr > 0);
		if (NR_LOGS > 0 && to_server[node].op[0] === REQ_RECOVERY_DONE) lm_recovered(node);
		else if (LOCK_MODULE === LM_DLM) lm_dlm_serve(node);
		else lm_central_serve(node);
	}
}

/** What a dead node had is anybody's. */
function lm_release_locks(node: node_nr): void {
	lm_members[node] = LM_RECOVERED;
	if (LOCK_MODULE === LM_CENTRAL) lm_central_release(node);
	else if (LOCK_MODULE === LM_MEMEXP) lm_memexp_release(node);
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
	if (LOCK_MODULE === LM_DLM && !lm_any_expired()) lm_dlm_finish();
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
	if (LOCK_MODULE !== LM_MEMEXP) return;
	lm_hang_up(node);
	lm_memexp_stops(node);
}

/**
 * lm_node_died - a node is dead, and fenced if it is to be
 * @node: the node
 *
 * Nothing comes from it any more, and it asks for nothing: what it had sent and was not received is
 * thrown away. Its locks stay its own until its journal is replayed (CONFIG_OGFS_RECOVERY_GATE);
 * off: they are anybody's at once. All who live are told to replay it, and the journals of all who
 * died before and were not recovered: whoever was at it may be the one that died now.
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
	if (LOCK_MODULE === LM_DLM) {
		lm_dlm_stop(node);
		lm_dlm_release(node);
	} else if (!CONFIG_OGFS_RECOVERY_GATE) lm_release_locks(node);
	else if (LOCK_MODULE === LM_CENTRAL) lm_central_serve_all();
	else lm_memexp_retry_all();
}

/**
 * lm_init - begin with no locks
 *
 * Context: before the first step.
 */
export function lm_init(): void {
	lm_central_init();
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
