// SPDX-License-Identifier: GPL-2.0-only
/**
 * What can happen: no kernel file. In the kernel these would be tracepoints (TRACE_EVENT of later
 * kernels). Each constant is a kind of event with its name and its arguments; event() takes one.
 * A trace is made from these, and not from the texts of printk().
 *
 * A page is a pointer: which file and index it is of, its struct says. A lock is a number among
 * all locks of the cluster (FIRST_RGRP_LOCK and on in bounds.ts say what it is of).
 */
import { event_kind } from '../../../harness/kts/prelude.ts';

// ---- programs -------------------------------------------------------------------------------

/** a fault begins; `kernel`: in a copy to or from the user */
export const EVENT_FAULT = event_kind(
	'fault',
	['address', 'address'],
	['write', 'bool'],
	['kernel', 'bool'],
);
export const EVENT_LOAD = event_kind(
	'load',
	['address', 'address'],
	['page', '*page'],
	['word', 'word'],
	['value', 'value'],
);
export const EVENT_STORE = event_kind(
	'store',
	['address', 'address'],
	['page', '*page'],
	['word', 'word'],
	['value', 'value'],
);
/** a copy within a system call loads from a mapping of the program, or stores to one */
export const EVENT_GET_USER = event_kind(
	'get_user',
	['address', 'address'],
	['page', '*page'],
	['word', 'word'],
	['value', 'value'],
);
export const EVENT_PUT_USER = event_kind(
	'put_user',
	['address', 'address'],
	['page', '*page'],
	['word', 'word'],
	['value', 'value'],
);
/** the copy ends there: the access cannot be made */
export const EVENT_COPY_FAILED = event_kind('copy_failed');
/** read() copies out of a page of a file; write() copies into one */
export const EVENT_READ = event_kind(
	'read',
	['page', '*page'],
	['index', 'index'],
	['word', 'word'],
	['value', 'value'],
);
export const EVENT_WRITE = event_kind(
	'write',
	['page', '*page'],
	['index', 'index'],
	['word', 'word'],
	['value', 'value'],
);
/** another process stores there (ptrace) */
export const EVENT_POKE = event_kind(
	'poke',
	['address', 'address'],
	['page', '*page'],
	['word', 'word'],
	['value', 'value'],
);
/** a system call begins, and has come to its end */
export const EVENT_SYSCALL = event_kind('syscall', ['call', 'SYS_*']);
export const EVENT_SYSCALL_DONE = event_kind('syscall_done', ['call', 'SYS_*'], ['result', 'int']);
/** fork() has made a program */
export const EVENT_FORK = event_kind('fork', ['process', 'proc']);
/** a signal is sent to a program; a program gets one (a fault's own, too) */
export const EVENT_SIGNAL_SENT = event_kind('signal_sent', ['signal', 'SIG*'], ['process', 'proc']);
export const EVENT_SIGNAL = event_kind('signal', ['signal', 'SIG*']);

// ---- faults, mappings, pages ----------------------------------------------------------------

/** ->nopage returns: no page is an error; ->page_mkwrite does: 0 lets the store in */
export const EVENT_NOPAGE = event_kind('nopage', ['address', 'address'], ['page', '*page']);
export const EVENT_MKWRITE = event_kind('mkwrite', ['page', '*page'], ['status', 'int']);
/** ->populate has a page for an address */
export const EVENT_POPULATE = event_kind('populate', ['address', 'address'], ['page', '*page']);
/** the file was unmapped meanwhile: the fault begins again */
export const EVENT_FAULT_RETRIED = event_kind(
	'fault_retried',
	['address', 'address'],
	['page', '*page'],
);
/** i_size is loaded before truncate_count */
export const EVENT_SIZE_EARLY = event_kind('size_early', ['file', 'file'], ['bytes', 'bytes']);
/** a private copy of a page is made, and mapped */
export const EVENT_PRIVATE_COPY = event_kind('private_copy', ['page', '*page'], ['of', '*page']);
/** ptes of a file are taken out from here on, and no more; `truncate`: since it is cut */
export const EVENT_UNMAP = event_kind('unmap', ['file', 'file'], ['truncate', 'bool']);
export const EVENT_UNMAP_DONE = event_kind('unmap_done');
/** the same, for those that are made read-only */
export const EVENT_PROTECT = event_kind('protect', ['file', 'file']);
export const EVENT_PROTECT_DONE = event_kind('protect_done');
/** a page that has left its file becomes dirty: what was stored is lost */
export const EVENT_STORE_LOST = event_kind('store_lost', ['page', '*page']);
/** a page of a file is cut off */
export const EVENT_TRUNCATE_PAGE = event_kind('truncate_page', ['page', '*page']);

// ---- memory ---------------------------------------------------------------------------------

export const EVENT_ANONYMOUS = event_kind('anonymous', ['address', 'address'], ['page', '*page']);
export const EVENT_SWAP_OUT = event_kind('swap_out', ['page', '*page'], ['slot', 'slot']);
export const EVENT_SWAP_IN = event_kind('swap_in', ['address', 'address'], ['page', '*page']);
/** memory is short: a page is written out, or freed */
export const EVENT_RECLAIM_WRITE = event_kind('reclaim_write', ['page', '*page']);
export const EVENT_RECLAIM_FREE = event_kind('reclaim_free', ['page', '*page']);
/** the function that is `depth` calls outside gets none */
export const EVENT_NO_MEMORY = event_kind('no_memory', ['depth', 'int']);

// ---- the disk -------------------------------------------------------------------------------

/** a page is handed to the disk's queue */
export const EVENT_WRITEOUT = event_kind('writeout', ['page', '*page']);
/** an int of a page gets to the disk, or from it; `direct`: past the page cache */
export const EVENT_DISK_WRITE = event_kind(
	'disk_write',
	['sector', 'sector'],
	['word', 'word'],
	['value', 'value'],
	['page', '*page'],
	['direct', 'bool'],
);
export const EVENT_DISK_READ = event_kind(
	'disk_read',
	['sector', 'sector'],
	['word', 'word'],
	['value', 'value'],
	['page', '*page'],
	['direct', 'bool'],
);
export const EVENT_DISK_ERROR = event_kind('disk_error', ['sector', 'sector'], ['write', 'bool']);
export const EVENT_SWAP_WRITE = event_kind('swap_write', ['slot', 'slot'], ['page', '*page']);
export const EVENT_SWAP_READ = event_kind('swap_read', ['slot', 'slot'], ['page', '*page']);
/** what a dead node had handed to the disk gets there */
export const EVENT_LATE_WRITE = event_kind(
	'late_write',
	['sector', 'sector'],
	['word', 'word'],
	['value', 'value'],
	['node', 'node'],
);

// ---- what is on the disk besides data ---------------------------------------------------------

/** an inode in the journal of a node; in its place */
export const EVENT_INODE_LOGGED = event_kind(
	'inode_logged',
	['file', 'file'],
	['bytes', 'bytes'],
	['journal', 'node'],
);
export const EVENT_INODE_WRITTEN = event_kind(
	'inode_written',
	['file', 'file'],
	['bytes', 'bytes'],
);
export const EVENT_BLOCK_GIVEN = event_kind('block_given', ['file', 'file'], ['block', 'int']);
export const EVENT_BLOCK_FREED = event_kind('block_freed', ['file', 'file'], ['block', 'int']);
export const EVENT_NO_SPACE = event_kind('no_space', ['file', 'file']);
/** a directory has an entry more */
export const EVENT_LINK = event_kind('link', ['directory', 'file'], ['file', 'file']);

// ---- locks of a kernel ------------------------------------------------------------------------

/** a task comes to a lock of its kernel (the page lock: of a page), has it, releases it */
export const EVENT_LOCK = event_kind('lock', ['lock', '*']);
export const EVENT_LOCKED = event_kind('locked', ['lock', '*']);
/** a wait for a lock is over, and it is not taken */
export const EVENT_WAITED = event_kind('waited', ['lock', '*']);
/** where a lock is taken that is held for no step (pagecache_lock): the others get in first */
export const EVENT_PASSED = event_kind('passed');
export const EVENT_UNLOCKED = event_kind('unlocked', ['lock', '*']);

// ---- locks of the cluster ---------------------------------------------------------------------

/** a task waits for the lock on its node; a signal ends that */
export const EVENT_GLOCK_WAIT = event_kind('glock_wait', ['lock', 'lock'], ['state', 'LM_ST_*']);
export const EVENT_GLOCK_INTERRUPTED = event_kind('glock_interrupted', ['lock', 'lock']);
/** the node has the lock in another state, or in the same again */
export const EVENT_GLOCK_STATE = event_kind('glock_state', ['lock', 'lock'], ['state', 'LM_ST_*']);
/** it is to go down: another node wants the lock; it is idle; the lock manager wants it back */
export const EVENT_GLOCK_WANTED = event_kind('glock_wanted', ['lock', 'lock'], ['to', 'LM_ST_*']);
export const EVENT_GLOCK_IDLE = event_kind('glock_idle', ['lock', 'lock'], ['manager', 'bool']);
/** it begins to go down: from here on no task of the node gets the lock */
export const EVENT_REVOKE = event_kind('revoke', ['lock', 'lock'], ['to', 'LM_ST_*']);
/** a fault keeps the lock for so long; the time is over */
export const EVENT_GREEDY = event_kind('greedy', ['lock', 'lock'], ['quanta', 'int']);
export const EVENT_GREEDY_DONE = event_kind('greedy_done', ['lock', 'lock']);
/** dirty pages of the file are written, from here on, and no more */
export const EVENT_SYNC = event_kind('sync', ['file', 'file']);
export const EVENT_SYNC_DONE = event_kind('sync_done');
/** waits for transfers that have hold of its pages */
export const EVENT_PINNED = event_kind('pinned', ['file', 'file'], ['pages', 'int']);
/** a node asks the lock manager for a lock, for more of it, or gives it up, wholly or in part */
export const EVENT_LM_ASK = event_kind('lm_ask', ['lock', 'lock'], ['state', 'LM_ST_*']);
export const EVENT_LM_UPGRADE = event_kind(
	'lm_upgrade',
	['lock', 'lock'],
	['from', 'LM_ST_*'],
	['to', 'LM_ST_*'],
);
export const EVENT_LM_UNLOCK = event_kind('lm_unlock', ['lock', 'lock'], ['to', 'LM_ST_*']);
export const EVENT_LM_CANCEL = event_kind('lm_cancel', ['lock', 'lock']);
/** what the lock manager does with that */
export const EVENT_LM_GRANTED = event_kind(
	'lm_granted',
	['lock', 'lock'],
	['node', 'node'],
	['state', 'LM_ST_*'],
);
export const EVENT_LM_DENIED = event_kind('lm_denied', ['lock', 'lock'], ['node', 'node']);
export const EVENT_LM_TAKEN = event_kind('lm_taken', ['lock', 'lock'], ['node', 'node']);
export const EVENT_LM_DROPLOCKS = event_kind('lm_droplocks', ['node', 'node']);

// ---- nodes that die ---------------------------------------------------------------------------

export const EVENT_DEATH = event_kind('death', ['node', 'node']);
export const EVENT_FENCED = event_kind('fenced', ['node', 'node']);
/** the lock manager knows of it */
export const EVENT_NODE_LOST = event_kind('node_lost', ['node', 'node']);
/** a node is told to recover the journal of a dead one */
export const EVENT_RECOVERY_WANTED = event_kind('recovery_wanted', ['journal', 'node']);
/** a node recovers the journal of a dead one: begins, empties it, tells how it went */
export const EVENT_RECOVERY = event_kind('recovery', ['journal', 'node']);
export const EVENT_JOURNAL_CLEAN = event_kind('journal_clean', ['journal', 'node']);
export const EVENT_RECOVERY_DONE = event_kind(
	'recovery_done',
	['journal', 'node'],
	['result', 'LM_RD_*'],
);

// ---- what users are promised ------------------------------------------------------------------

/** a store takes effect: from here on this must be read there */
export const EVENT_LATEST = event_kind(
	'latest',
	['file', 'file'],
	['index', 'index'],
	['word', 'word'],
	['value', 'value'],
);
/** a program has got this value there, where the latest is known */
export const EVENT_LOOKED = event_kind(
	'looked',
	['file', 'file'],
	['index', 'index'],
	['word', 'word'],
	['value', 'value'],
	['latest', 'value'],
);
