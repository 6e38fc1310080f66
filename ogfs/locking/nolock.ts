// SPDX-License-Identifier: GPL-2.0-only
/**
 * The lock module of one node alone (GFS1: src/nolock/main.c): everything is granted at once, and
 * nobody ever calls.
 */
import { BUG_ON, type int, type node_nr } from '../../harness/kts/prelude.ts';
import { NR_NODES } from '../../vfs/include/linux/bounds.ts';
import { lm_locks } from './connection.ts';
import { LM_OUT_CACHEABLE, LM_ST_UNLOCKED, type lm_lockops } from './lm_interface.ts';

/**
 * lm_nolock_lock - have another state
 * @node: this node
 * @lock: the lock
 * @_cur_state: LM_ST_* that it has: no node is in the way of any
 * @req_state: LM_ST_* that it asks for
 *
 * Return: the state, and that what is cached is good.
 * Context: any. Does not sleep.
 */
export function lm_nolock_lock(node: node_nr, lock: int, _cur_state: int, req_state: int): int {
	BUG_ON(NR_NODES > 1, 'nolock is for one node');
	lm_locks[lock].held[node] = req_state;
	return req_state | LM_OUT_CACHEABLE;
}

/**
 * lm_nolock_unlock - give a lock up
 * @node: this node
 * @lock: the lock
 *
 * Return: LM_ST_UNLOCKED.
 * Context: any. Does not sleep.
 */
export function lm_nolock_unlock(node: node_nr, lock: int): int {
	lm_locks[lock].held[node] = LM_ST_UNLOCKED;
	return LM_ST_UNLOCKED;
}

/** There is no other node: nothing to serve, and no node to die. */
export const lm_nolock_ops: lm_lockops = {
	lock: lm_nolock_lock,
	unlock: lm_nolock_unlock,
	cancel: null,
	receive: null,
	callback: null,
	serve: null,
	client: null,
	node_stops: null,
	node_died: null,
	release: null,
	retry: null,
	recovered: null,
};
