// SPDX-License-Identifier: GPL-2.0-only
/**
 * A machine of its own, to test lock modules. On each node a client takes the place of the glock
 * layer. It requests one lock in any way that is allowed, at any time, and gives it up when it is
 * called, and not before. The duties of a module are asserted here; besides, no client may wait for
 * ever.
 *
 * With DEATHS nodes die at any step. The other nodes are told, and replay the journal of the dead
 * node, whose lock they take as recovery.ts does. Until one of them has reported that, no node may
 * use what the dead node had.
 */
import {
	LM_CANCELS,
	lm_conflict,
	lm_locks,
	lm_queued,
	lm_target,
	to_node,
	to_server,
} from '../../ogfs/locking/connection.ts';
import { dlm_resources } from '../../ogfs/locking/dlm.ts';
import {
	LM_CB_ASYNC,
	LM_CB_NEED_D,
	LM_CB_NEED_E,
	LM_CB_NEED_RECOVERY,
	LM_CONVERSION_DEMOTES,
	LM_DLM,
	LM_FLAG_NOEXP,
	LM_FLAG_TRY,
	LM_FLAG_TRY_1CB,
	LM_MEMEXP,
	LM_OUT_ASYNC,
	LM_OUT_CACHEABLE,
	LM_OUT_CANCELED,
	LM_OUT_ST_MASK,
	LM_RD_GAVEUP,
	LM_RD_SUCCESS,
	LM_ST_DEFERRED,
	LM_ST_EXCLUSIVE,
	LM_ST_SHARED,
	LM_ST_UNLOCKED,
	LOCK_MODULE,
} from '../../ogfs/locking/lm_interface.ts';
import {
	lm_cancel,
	lm_init,
	lm_is_on_node,
	lm_lock,
	lm_message,
	lm_message_lock,
	lm_message_result,
	lm_node_died,
	lm_node_stops,
	lm_pending,
	lm_receive,
	lm_recovery_done,
	lm_server,
	lm_unlock,
} from '../../ogfs/locking/lockmodule.ts';
import { memexp_nodes } from '../../ogfs/locking/memexp.ts';
import {
	DEATHS,
	FIRST_META_LOCK,
	MORTAL,
	NR_LOGS,
	NR_NODES,
} from '../../vfs/include/linux/bounds.ts';
import {
	ASSERT,
	BUG_ON,
	type bool,
	config,
	cover,
	end_task,
	type int,
	type node_nr,
	preempt,
	printk,
	type Sleeps,
	spawn,
	structs,
	type task_nr,
	wait_choose_idle,
	wait_event,
	wait_idle,
} from '../kts/prelude.ts';

export * from '../../ogfs/locking/connection.ts';
export * from '../../ogfs/locking/dlm.ts';
export * from '../../ogfs/locking/memexp.ts';

/** requests of a client; 0: no limit, and only exclusive ones */
const LM_OPS: int = config('LM_OPS', 2);
/** 1: there is direct I/O as well */
const LM_DEFERRED: int = config('LM_DEFERRED', 0);
/** 1: they also try, without waiting */
const LM_TRIES: int = config('LM_TRIES', 0);
/** how often other nodes may be served while one waits; 0: not checked */
const LM_OVERTAKES: int = config('LM_OVERTAKES', 0);

/** 1: to the dlm no node is new */
const LM_KNOWN: int = config('LM_KNOWN', 0);

class lm_client {
	ops: int = LM_OPS;
	/** LM_ST_* that it has and uses */
	state: int = LM_ST_UNLOCKED;
	/** LM_ST_* that it had when it asked, and that it asks for; a request is in progress */
	had: int = LM_ST_UNLOCKED;
	want: int = LM_ST_UNLOCKED;
	flags: int = 0;
	busy: bool = false;
	/** the request was taken back */
	canceled: bool = false;
	/** it was called, and must go down to `called` - 1 */
	called: int = 0;
	/** another node may have written since this one last read */
	stale: bool = false;
	/** how often others were served while its request waited */
	overtaken: int = 0;
	/** LM_OPS is 0, and it has been served */
	served: bool = false;
}
export const lm_clients = structs(lm_client, NR_NODES);

/** The state of a node in the cluster. */
const ALIVE: int = 0;
const DEAD: int = 1;
const TOLD: int = 2;
const REPLAYED: int = 3;

/** DEATHS: a node that may die, and its recovery daemon. */
class lm_mortal {
	status: int = ALIVE;
	/** journals that it must replay, a bit for each */
	dirty: int = 0;
	/** it waits for the lock of a journal, or to give it up; the answer has come, and its word */
	waiting: bool = false;
	answer: int = 0;
	/** 1 + the journal that it replays */
	replays: int = 0;
	/** its tasks */
	client: task_nr = 0;
	lm: task_nr = 0;
	recoverd: task_nr = 0;
}
export const lm_mortals = structs(lm_mortal, NR_LOGS);
export class lm_cluster_t {
	deaths: int = 0;
}
export const lm_cluster = new lm_cluster_t();

/** Has this node died? */
function is_dead(n: node_nr): bool {
	return DEATHS > 0 && lm_mortals[n].status !== ALIVE;
}

/* ---- what a client can do next ---- */

/** Does the request of a client wait in the module? */
function waits(n: node_nr): bool {
	if (LOCK_MODULE === LM_MEMEXP) return memexp_nodes[n].locks[0].want !== 0;
	return lm_queued(lm_locks[0], n) >= 0;
}

/** Kinds of requests: exclusive, shared, deferred; each also as a try, and as one with a call. */
function requests(c: lm_client): int {
	if (c.busy || c.called !== 0 || (LM_OPS > 0 && c.ops === 0)) return 0;
	if (LM_OPS === 0) return c.state === LM_ST_EXCLUSIVE ? 0 : 1;
	return (LM_DEFERRED ? 3 : 2) * (LM_TRIES ? 3 : 1);
}

/** It takes a message, gives the lock up, makes a request, or takes one back. */
function choices(n: node_nr): int {
	const c = lm_clients[n];
	let ways = lm_pending(n) ? 1 : 0;
	if (c.called !== 0 && !c.busy) ways++;
	if (LM_CANCELS && c.busy && !c.canceled && c.want !== LM_ST_UNLOCKED) ways++;
	return ways + requests(c);
}

/* ---- what it does ---- */

/** A client has the lock in a state now; @kept: it had it in some state all the time. */
function has(n: node_nr, state: int, kept: bool): void {
	const c = lm_clients[n];
	// Direct I/O keeps nothing.
	const cached = c.had !== LM_ST_DEFERRED && state !== LM_ST_DEFERRED && state !== LM_ST_UNLOCKED;
	if (kept && cached) {
		cover('lm: what was cached is good');
		ASSERT('DATA', !c.stale, 'a node may keep cached data that another node has changed since');
	}
	c.state = state;
	if (state !== LM_ST_UNLOCKED) c.stale = false;
	for (let m = 0; m < NR_NODES; m++) {
		if (m === n) continue;
		const excluded = lm_conflict(lm_clients[m].state, state);
		if (is_dead(m))
			ASSERT('BUG', !excluded, 'what a dead node had is used before its journal is replayed');
		else ASSERT('I1', !excluded, 'two nodes have conflicting locks');
		const writes = state === LM_ST_EXCLUSIVE || state === LM_ST_DEFERRED;
		if (writes) lm_clients[m].stale = true;
	}
}

/** A node is served: nodes that wait count that. */
function overtakes(n: node_nr): void {
	lm_clients[n].overtaken = 0;
	for (let m = 0; m < NR_NODES; m++) {
		if (m === n || !waits(m)) continue;
		lm_clients[m].overtaken++;
		ASSERT(
			'OVERTAKEN',
			lm_clients[m].overtaken <= LM_OVERTAKES,
			'other nodes are served again and again while one waits',
		);
	}
}

/** The answer to a request. */
function answered(n: node_nr, result: int): void {
	const c = lm_clients[n];
	const state = result & LM_OUT_ST_MASK;
	const served = state === c.want && !(result & LM_OUT_CANCELED);
	BUG_ON(!c.busy, 'an answer without a request');
	if (result & LM_OUT_CANCELED) {
		cover('lm: canceled or refused');
		if (c.canceled) cover('lm: canceled');
		ASSERT(
			'BUG',
			state === c.had || state === LM_ST_UNLOCKED,
			'canceled, but the state has changed',
		);
	} else if (c.flags !== 0 && served) {
		cover('lm: a try succeeded');
	} else if (!served) {
		cover('lm: a try failed');
		ASSERT('BUG', c.flags !== 0, 'a request that may wait was not served');
		const gaveBack = LOCK_MODULE === LM_DLM && DEATHS > 0 && lm_cluster.deaths > 0;
		const lost = gaveBack && state === LM_ST_UNLOCKED;
		ASSERT('BUG', state === c.had || lost, 'a try that failed has changed the state');
	}
	has(n, state, served ? (result & LM_OUT_CACHEABLE) !== 0 : state === c.had);
	if (LM_OPS === 0 && served && state !== LM_ST_UNLOCKED) c.served = true;
	if (LM_OVERTAKES > 0 && served && state !== LM_ST_UNLOCKED) overtakes(n);
	// "Drop the shared lock, then request the exclusive one."
	if (result & LM_OUT_CANCELED && !c.canceled) c.called = 1 + LM_ST_UNLOCKED;
	if (state === LM_ST_UNLOCKED || c.called === 1 + state) c.called = 0;
	c.busy = false;
	c.canceled = false;
	c.had = LM_ST_UNLOCKED;
	c.want = LM_ST_UNLOCKED;
	c.flags = 0;
}

/** A request of a client. */
function ask(n: node_nr, state: int, flags: int): void {
	const c = lm_clients[n];
	c.had = c.state;
	c.want = state;
	c.flags = flags;
	c.busy = true;
	c.overtaken = 0;
	// A node that cannot know whether it still has the lock does not use it. Between SHARED and
	// DEFERRED, neither of which allows more, the module changes the state before the node knows.
	const more = c.had === LM_ST_SHARED && state === LM_ST_EXCLUSIVE;
	if (LM_CONVERSION_DEMOTES || !more) c.state = LM_ST_UNLOCKED;
	const result = lm_lock(n, 0, c.had, state, flags);
	if (!(result & LM_OUT_ASYNC)) answered(n, result);
}

/** It goes down to the state that it was called for. */
function give_up(n: node_nr): void {
	const c = lm_clients[n];
	const target = c.called - 1;
	const whole = target === LM_ST_UNLOCKED || c.state !== LM_ST_EXCLUSIVE;
	const was = c.state;
	cover('lm: called, and gives up');
	c.called = 0;
	c.had = was;
	c.want = whole ? LM_ST_UNLOCKED : target;
	c.state = c.want;
	c.busy = true;
	const result = whole ? lm_unlock(n, 0) : lm_lock(n, 0, was, target, 0);
	if (!(result & LM_OUT_ASYNC)) answered(n, result);
}

/** A message of the module. */
function message(n: node_nr): void {
	const c = lm_clients[n];
	const lock = lm_message_lock(n);
	if (DEATHS > 0 && lm_message(n) === LM_CB_NEED_RECOVERY) {
		lm_mortals[n].dirty |= 1 << lock;
		lm_receive(n);
		return;
	}
	const result = lm_message_result(n);
	const cb = lm_receive(n);
	if (DEATHS > 0 && lock !== 0) {
		if (cb !== LM_CB_ASYNC) return;
		lm_mortals[n].waiting = false;
		lm_mortals[n].answer = result;
		return;
	}
	if (cb === LM_CB_ASYNC) {
		answered(n, result);
		return;
	}
	if (cb === 0) return;
	let target = lm_target(LM_ST_SHARED);
	if (cb === LM_CB_NEED_E) target = LM_ST_UNLOCKED;
	if (cb === LM_CB_NEED_D) target = LM_ST_DEFERRED;
	if (!c.busy && (c.state === LM_ST_UNLOCKED || c.state === target)) return;
	if (c.called !== 0 && c.called !== 1 + target) target = LM_ST_UNLOCKED;
	c.called = 1 + target;
}

/** One of the requests that a client may make. */
function request(n: node_nr, i: int): void {
	const c = lm_clients[n];
	if (LM_OPS > 0) c.ops--;
	const kinds = LM_DEFERRED ? 3 : 2;
	const kind = i % kinds;
	let state = LM_ST_EXCLUSIVE;
	if (kind === 1) state = LM_ST_SHARED;
	if (kind === 2) state = LM_ST_DEFERRED;
	let flags = 0;
	if (i >= kinds) flags = i >= 2 * kinds ? LM_FLAG_TRY_1CB : LM_FLAG_TRY;
	if (c.state === state || c.state === LM_ST_EXCLUSIVE) return;
	ask(n, state, flags);
}

/**
 * client - the glock layer of a node, to its lock module
 * @n: the node
 */
function* client(n: node_nr): Sleeps {
	for (;;) {
		let i = yield* wait_choose_idle(() => choices(n));
		const c = lm_clients[n];
		if (lm_pending(n)) {
			if (i === 0) {
				message(n);
				continue;
			}
			i--;
		}
		if (c.called !== 0 && !c.busy) {
			if (i === 0) {
				give_up(n);
				continue;
			}
			i--;
		}
		if (LM_CANCELS && c.busy && !c.canceled && c.want !== LM_ST_UNLOCKED) {
			if (i === 0) {
				c.canceled = true;
				lm_cancel(n, 0);
				continue;
			}
			i--;
		}
		request(n, i);
	}
}

/* ---- nodes that die, and others that recover them ---- */

/** May this node die now? Not after the end. */
function may_die(n: node_nr): bool {
	if (!(MORTAL & (1 << n)) || lm_cluster.deaths === DEATHS || is_dead(n)) return false;
	return !finished();
}

/** Marks what a node was doing when it died. */
function cover_death(n: node_nr): void {
	const c = lm_clients[n];
	if (lm_mortals[n].replays > 0) cover('lm: the recovering node dies');
	else if (!c.busy && c.called !== 0) cover('lm: a called node dies');
	else if (!c.busy && c.state !== LM_ST_UNLOCKED) cover('lm: the holder dies');
	else if (c.busy && c.want === LM_ST_UNLOCKED) cover('lm: a releasing node dies');
	else if (c.busy && c.had !== LM_ST_UNLOCKED) cover('lm: a converting node dies');
	else if (c.busy) cover('lm: a waiting node dies');
}

/** A node dies: its tasks stop, and its memory is gone. No node may use its locks. */
function die(n: node_nr): void {
	const c = lm_clients[n];
	printk('node %d dies', n);
	cover_death(n);
	lm_cluster.deaths++;
	lm_mortals[n].status = DEAD;
	lm_mortals[n].dirty = 0;
	lm_mortals[n].waiting = false;
	lm_mortals[n].answer = 0;
	lm_mortals[n].replays = 0;
	c.ops = 0;
	c.had = 0;
	c.want = 0;
	c.flags = 0;
	c.busy = false;
	c.canceled = false;
	c.called = 0;
	c.stale = false;
	c.overtaken = 0;
	end_task(lm_mortals[n].client);
	if (lm_is_on_node()) end_task(lm_mortals[n].lm);
	end_task(lm_mortals[n].recoverd);
	lm_node_stops(n);
}

/** How many deaths are possible, and reports of deaths to the lock module. */
function mishaps(): int {
	let ways = 0;
	for (let n = 0; n < NR_NODES; n++) if (may_die(n) || lm_mortals[n].status === DEAD) ways++;
	return ways;
}

/**
 * mishap - nodes die, and the lock module is told, at some later time
 */
function* mishap(): Sleeps {
	for (;;) {
		let which = yield* wait_choose_idle(() => mishaps());
		for (let n = 0; n < NR_NODES && which >= 0; n++) {
			if (!may_die(n) && lm_mortals[n].status !== DEAD) continue;
			if (which > 0) {
				which--;
				continue;
			}
			which = -1;
			if (may_die(n)) {
				die(n);
			} else {
				lm_mortals[n].status = TOLD;
				lm_node_died(n);
			}
		}
	}
}

/** The journal of a dead node has been replayed: other nodes may have its locks. */
function replayed(n: node_nr, jid: int): void {
	ASSERT('BUG', lm_mortals[jid].status >= TOLD, 'the journal of a node that is not dead');
	for (let m = 0; m < NR_NODES; m++)
		if (m !== n && !is_dead(m))
			ASSERT('BUG', lm_mortals[m].replays !== 1 + jid, 'two nodes replay one journal');
	cover('lm: a journal is replayed');
	lm_mortals[jid].status = REPLAYED;
	lm_clients[jid].state = LM_ST_UNLOCKED;
}

/** The answer about the lock of a journal. */
function* wait_for(n: node_nr, result: int): Sleeps<int> {
	if (!(result & LM_OUT_ASYNC)) return result;
	lm_mortals[n].waiting = true;
	yield* wait_event(() => !lm_mortals[n].waiting);
	const answer = lm_mortals[n].answer;
	lm_mortals[n].answer = 0;
	return answer;
}

/**
 * recoverd - the recovery daemon of a node
 * @n: the node
 */
function* recoverd(n: node_nr): Sleeps {
	const m = lm_mortals[n];
	for (;;) {
		yield* wait_idle(() => m.dirty !== 0);
		let jid = 0;
		while (!(m.dirty & (1 << jid))) jid++;
		m.dirty &= ~(1 << jid);
		const lock = FIRST_META_LOCK + jid;
		const flags = LM_FLAG_TRY | LM_FLAG_NOEXP;
		const asked = lm_lock(n, lock, LM_ST_UNLOCKED, LM_ST_EXCLUSIVE, flags);
		const state = (yield* wait_for(n, asked)) & LM_OUT_ST_MASK;
		if (state !== LM_ST_EXCLUSIVE) {
			cover('lm: another node replays the journal');
			lm_recovery_done(n, jid, LM_RD_GAVEUP);
			continue;
		}
		m.replays = 1 + jid;
		yield* preempt();
		replayed(n, jid);
		lm_recovery_done(n, jid, LM_RD_SUCCESS);
		m.replays = 0;
		yield* wait_for(n, lm_unlock(n, lock));
	}
}

/** Has a living node work left for a dead one? */
function recovering(): bool {
	for (let n = 0; n < NR_NODES; n++) {
		if (lm_mortals[n].status === DEAD || lm_mortals[n].status === TOLD) return true;
		if (lm_mortals[n].dirty !== 0 || lm_mortals[n].waiting) return true;
	}
	return false;
}

/** No client has a request left, and all were answered. */
export function finished(): bool {
	if (DEATHS > 0 && recovering()) return false;
	for (let n = 0; n < NR_NODES; n++) {
		if (is_dead(n)) continue;
		if (LM_OPS > 0 && lm_clients[n].ops > 0) return false;
		if (lm_clients[n].busy || lm_clients[n].called !== 0) return false;
		if (to_server[n].nr > 0 || to_node[n].nr > 0) return false;
	}
	return true;
}

export function init(): void {
	lm_init();
	for (let n = 0; n < NR_NODES; n++) {
		if (LM_KNOWN) dlm_resources[0].known[n] = 1;
		const asks = spawn('client', n, client, n);
		const serves = spawn('lm', -1, lm_server, n);
		if (DEATHS > 0) {
			lm_mortals[n].client = asks;
			lm_mortals[n].lm = serves;
			lm_mortals[n].recoverd = spawn('recoverd', n, recoverd, n);
		}
	}
	if (DEATHS > 0) spawn('mishap', -1, mishap);
}
