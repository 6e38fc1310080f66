// SPDX-License-Identifier: GPL-2.0-only
/**
 * What a lock module and the glock layer say to each other (GFS1: src/harness/lm_interface.h).
 * Names and values are GFS1's; OpenGFS's own could not be read. Left out: lock value blocks and
 * plocks.
 */
import { config, type int, type node_nr, type Sleeps } from '../../harness/kts/prelude.ts';

/**
 * Which module a machine has: the central lock manager of the mail, memexp, nolock, dlm. Chosen
 * when the machine is made; the others are then no part of it.
 */
export const LOCK_MODULE: int = config('LOCK_MODULE', 0);
export const LM_CENTRAL: int = 0;
export const LM_MEMEXP: int = 1;
export const LM_NOLOCK: int = 2;
export const LM_DLM: int = 3;

/** lm_unlock(), and lm_lock() when it gives less, do not answer at once */
export const LM_DROPS_LATER: int = LOCK_MODULE === LM_DLM ? 1 : 0;
/** what a node has may be taken away when it asks for more, and it is told only afterwards */
export const LM_CONVERSION_DEMOTES: int = LOCK_MODULE === LM_DLM ? 1 : 0;

/** Lock types: with a number, the name of a lock. */
export const LM_TYPE_NONDISK: int = 1;
export const LM_TYPE_INODE: int = 2;
export const LM_TYPE_RGRP: int = 3;
export const LM_TYPE_META: int = 4;

/** States: nothing, not even a cache; alone, may cache dirty data. */
export const LM_ST_UNLOCKED: int = 0;
export const LM_ST_EXCLUSIVE: int = 1;
/** with others that are in it, without a cache: direct I/O */
export const LM_ST_DEFERRED: int = 2;
/** with others that are in it, with a cache that is clean */
export const LM_ST_SHARED: int = 3;

/** What a request may ask for besides: do not wait; the same, and tell the holders once. */
export const LM_FLAG_TRY: int = 0x1;
export const LM_FLAG_TRY_1CB: int = 0x2;
/** serve it while a dead node is recovered: it is the recovery's */
export const LM_FLAG_NOEXP: int = 0x4;
/** DEFERRED will do for SHARED, and SHARED for DEFERRED */
export const LM_FLAG_ANY: int = 0x8;
/** before all who wait */
export const LM_FLAG_PRIORITY: int = 0x10;

/** The word that answers a request: the state that the node has now, and more. */
export const LM_OUT_ST_MASK: int = 0x3;
/** the node has not been without the lock since it asked: what it caches is good */
export const LM_OUT_CACHEABLE: int = 0x4;
/** the request was taken back, or refused: the state is what it was */
export const LM_OUT_CANCELED: int = 0x8;
/** the answer is a message to come: LM_CB_ASYNC */
export const LM_OUT_ASYNC: int = 0x80;

/** Messages for the file system: another node needs the lock so, or */
export const LM_CB_NEED_E: int = 257;
export const LM_CB_NEED_D: int = 258;
export const LM_CB_NEED_S: int = 259;
/** a node has died: replay its journal */
export const LM_CB_NEED_RECOVERY: int = 260;
/** the result of a recovery: it is done, or another node is at it */
export const LM_RD_GAVEUP: int = 308;
export const LM_RD_SUCCESS: int = 309;
/** the module is short of memory: give up what is idle */
export const LM_CB_DROPLOCKS: int = 261;
/** a request is answered: lm_message_result() */
export const LM_CB_ASYNC: int = 262;

/**
 * A lock module: what it does when the glock layer, the network, or the cluster manager calls. Each
 * module has one table of these; lockmodule.ts says which one a machine has. What is null is not
 * done, or is done alike for all that do it.
 */
export interface lm_lockops {
	/** asks for another state: LM_ST_* with LM_OUT_*, or LM_OUT_ASYNC */
	lock: (node: node_nr, lock: int, cur_state: int, req_state: int, flags: int) => int;
	/** gives a lock up: LM_ST_UNLOCKED, or LM_OUT_ASYNC */
	unlock: (node: node_nr, lock: int) => int;
	/** takes back what is asked for; null: all is answered at once */
	cancel: ((node: node_nr, lock: int) => void) | null;
	/** a message reaches its node: what it is to the file system; null: what it was sent as */
	receive: ((node: node_nr, lock: int, cb: int) => int) | null;
	/** calls a node about a lock, LM_CB_*; null: no node is ever called */
	callback: ((node: node_nr, cb: int, lock: int) => void) | null;

	/** the other end takes the oldest message of a node */
	serve: ((node: node_nr) => void) | null;
	/** there is no other end: a task of the module on each node */
	client: ((node: node_nr) => Sleeps) | null;

	/** a node dies, and with it what the module has in its memory; null: that is nothing */
	node_stops: ((node: node_nr) => void) | null;
	/** the cluster knows that a node died; null: its locks stay its own until they are released */
	node_died: ((node: node_nr) => void) | null;
	/** what a dead node had is anybody's */
	release: ((node: node_nr) => void) | null;
	/** each node that waits checks whether it can be served now */
	retry: (() => void) | null;
	/** the journals of all who died have been replayed */
	recovered: (() => void) | null;
}
