// SPDX-License-Identifier: GPL-2.0-only
/**
 * The file system's structures in memory (GFS1: src/gfs/incore.h, glock.h). OpenGFS's own names
 * were not found in what is public; those of its cousin GFS1 are used, with the prefix ogfs_.
 */
import {
	type bool,
	type int,
	ints,
	kmem_cache,
	type node_nr,
	type Sleeps,
	structs,
	type task_nr,
} from '../../harness/kts/prelude.ts';
import {
	FIRST_META_LOCK,
	FIRST_NONDISK_LOCK,
	FIRST_RGRP_LOCK,
	KSWAPD,
	MAPPED_BUFFERS,
	NR_BLOCK_MAP,
	NR_FILES,
	NR_LOCKS,
	NR_LOGS,
	NR_NODES,
	NR_PROCS,
	NR_RGRPS,
	READPAGE_LOCKS,
	WRITEPAGE_LOCKS,
} from '../../vfs/include/linux/bounds.ts';
import type { inode } from '../../vfs/include/linux/fs.ts';
import {
	LOCK_glock,
	LOCK_glock_meta,
	LOCK_glock_nondisk,
	LOCK_glock_rgrp,
} from '../../vfs/include/linux/lockdep.ts';
import { rw_semaphore } from '../../vfs/include/linux/rwsem.ts';
import { this_node } from '../../vfs/include/linux/sched.ts';
import { CONFIG_NOPAGEDONE, CONFIG_VM_DO_NO_PAGE } from '../../vfs/Kconfig.ts';
import { CONFIG_OGFS_RECURSION, CONFIG_OGFS_WALK_VM } from '../Kconfig.ts';
import {
	LM_ST_UNLOCKED,
	LM_TYPE_INODE,
	LM_TYPE_META,
	LM_TYPE_NONDISK,
	LM_TYPE_RGRP,
} from '../locking/lm_interface.ts';

/** gl_flags: a change of state, or a request for one, is under way */
export const GLF_LOCK: int = 0x1;
/** another node wants the lock: go down to gl_demote_state */
export const GLF_DEMOTE: int = 0x2;
/** the upgrade that GLF_LOCK stands for was denied */
export const GLF_DENIED: int = 0x4;
/** without CONFIG_OGFS_BLOCK_FAULTS_FIRST: the ptes are out, GLF_LOCK comes next */
export const GLF_UNMAPPED: int = 0x8;
/** the request that GLF_LOCK stands for needs work first that sleeps: the daemon's */
export const GLF_XMOTE: int = 0x10;
/** the lock module has been told to take the lock, or some of it; that is not answered yet */
export const GLF_DROP: int = 0x20;
/** it has been asked for more, and may have taken away what there was: see gl_state */
export const GLF_CONVERT: int = 0x40;

/** gh_flags, besides LM_FLAG_*: no other task of the node may have it */
export const GL_LOCAL_EXCL: int = 0x20;
/** no other state will do, though it allows more */
export const GL_EXACT: int = 0x80;
/** a signal ends the wait for it */
export const GL_INTERRUPTIBLE: int = 0x200;
/** the glock is not kept when the holder has released it */
export const GL_NOCACHE: int = 0x400;

/** gh_iflags: the holder has the lock */
export const HIF_HOLDER: int = 0x1;
/** it is the first one, and is to call go_lock; GLF_LOCK is set until it has */
export const HIF_FIRST: int = 0x2;
/** it does not want the lock any more: the request is being taken back */
export const HIF_CANCELED: int = 0x4;

/** gh_error: the lock cannot be had at once; the request was taken back */
export const GLR_TRYFAILED: int = 1;
/** the holder was taken off the queue before it had the lock: a signal came */
export const GLR_CANCELED: int = 2;
/** CONFIG_OGFS_DENIED_TO_TAIL: its upgrade was denied (GLR_CANCELED as well in GFS1) */
export const GLR_DENIED: int = 3;

/** What go_sync and go_inval are about. */
export const DIO_METADATA: int = 0x1;
export const DIO_DATA: int = 0x2;
/** another task's glock needs it: this one goes on as it is */
export const DIO_INVISIBLE: int = 0x4;
/** only pages that are marked dirty: CONFIG_OGFS_TAGGED_WRITEOUT */
export const DIO_TAGGED: int = 0x8;

/** What the transitions of a type of glocks do. Members that sleep run in the daemon. */
export interface ogfs_glock_operations {
	/** before the lock module is asked for @state; calls ogfs_glock_xmote_th() */
	go_xmote_th(gl: ogfs_glock, state: int, flags: int): Sleeps;
	/** after it answered */
	go_xmote_bh: ((gl: ogfs_glock) => void) | null;
	/** before the lock is given up; calls ogfs_glock_drop_th() */
	go_drop_th(gl: ogfs_glock): Sleeps;
	/** after it was */
	go_drop_bh: ((gl: ogfs_glock) => void) | null;
	/** brings the disk up to date; @flags: DIO_* */
	go_sync: ((gl: ogfs_glock, flags: int) => Sleeps) | null;
	/** drops what is remembered under the lock; @flags: DIO_* */
	go_inval: ((gl: ogfs_glock, flags: int) => Sleeps) | null;
	/** may it be given up without a request? null: it may */
	go_demote_ok: ((gl: ogfs_glock) => bool) | null;
	/** the first holder has it, in that task; 0 or a negative error number */
	go_lock: ((gl: ogfs_glock, flags: int) => Sleeps<int>) | null;
	/** the last holder releases it */
	go_unlock: ((gl: ogfs_glock, flags: int) => void) | null;
	/** another node wants it, nothing has been done yet; null: nothing to do */
	go_callback: ((gl: ogfs_glock, state: int) => Sleeps) | null;
}

/** One use of a glock by a task: waiting for it, or holding it. */
export class ogfs_holder {
	gh_next: ogfs_holder | null = null;
	/** the task; -1: the slot is free */
	gh_owner: task_nr = -1;
	/** LM_ST_* that it needs */
	gh_state: int = 0;
	/** LM_FLAG_* and GL_* */
	gh_flags: int = 0;
	/** 0, GLR_*, or a negative error number of go_lock */
	gh_error: int = 0;
	gh_iflags: int = 0;
}

/**
 * A lock of the cluster, as one node sees it. It is kept (cached) when no task holds it any more.
 */
export class ogfs_glock {
	/** its name: the number, which is that of the file for LM_TYPE_INODE, and LM_TYPE_* */
	gl_number: int = 0;
	gl_type: int = LM_TYPE_INODE;
	gl_node: node_nr = 0;
	gl_ops: ogfs_glock_operations | null = null;
	/** LM_ST_* that this node has; UNLOCKED while it cannot know (GLF_CONVERT) */
	gl_state: int = LM_ST_UNLOCKED;
	gl_flags: int = 0;
	/** with GLF_DEMOTE: LM_ST_* to go down to */
	gl_demote_state: int = 0;
	/** with GLF_DEMOTE: waiters that are in front of the demotion (LM_FLAG_PRIORITY) */
	gl_priority: int = 0;
	/** tasks that have it */
	gl_holders: ogfs_holder | null = null;
	/** tasks that wait for it, oldest first */
	gl_waiters2: ogfs_holder | null = null;
	/** the waiter for whom the lock module was asked */
	gl_req_gh: ogfs_holder | null = null;
	/** what is in memory is not of this version: go_lock is to read it (gl_vn of GFS1, a count) */
	gl_stale: bool = true;
	/** LM_TYPE_INODE: the file */
	gl_inode: inode | null = null;
}

/** What a journal or a buffer has of an inode. */
export class ogfs_log_record {
	lr_size: int = 0;
	lr_blocks: int = 0;
	/** the inode's, once this is written in place; 0: there is no record */
	lr_generation: int = 0;
}

export class ogfs_inode {
	readonly i_gl = new ogfs_glock();
	/** RECLAIM: the map of its blocks is looked at, or changed */
	readonly i_rw_mutex = new rw_semaphore();
	/** NR_LOGS: the buffer of the dinode, as it was read, or logged last */
	readonly i_di = new ogfs_log_record();
	/** NR_LOGS: it is in the log, and not in place yet */
	i_logged: bool = false;
}

/**
 * CONFIG_OGFS_RECURSION where a task can come to ask for an inode's lock that it has: in a copy
 * whose buffer is in a mapping, in a fault that keeps the lock of ->nopage or takes it around
 * that, in ->readpage, or in an allocation that reclaims. Elsewhere nobody does: without this it
 * would wait for itself, which is a deadlock that a check finds.
 */
export const GLOCK_RECURSION: bool =
	CONFIG_OGFS_RECURSION !== 0 &&
	(MAPPED_BUFFERS !== 0 ||
		READPAGE_LOCKS !== 0 ||
		KSWAPD !== 0 ||
		WRITEPAGE_LOCKS !== 0 ||
		CONFIG_NOPAGEDONE !== 0 ||
		CONFIG_VM_DO_NO_PAGE !== 0);

/**
 * Holders of a node: a task has at most two of inodes at a time (nopage's, and page_mkwrite's
 * within it, or do_no_page's around it), in a system call whose copy faults that of the call as
 * well, with CONFIG_OGFS_WALK_VM those of its file and of its buffer, and one of each other lock;
 * who frees memory, with WRITEPAGE_LOCKS, that of the file whose page it writes.
 */
export const NR_HOLDERS: int =
	(2 + MAPPED_BUFFERS + 2 * CONFIG_OGFS_WALK_VM + NR_LOCKS - NR_FILES) * NR_PROCS +
	(NR_LOCKS - NR_FILES) +
	WRITEPAGE_LOCKS * (NR_PROCS + 2);

/** The file system on one node. */
export class ogfs_sbd {
	readonly sd_inodes = structs(ogfs_inode, NR_FILES);
	/** glocks that are of no inode: lock FIRST_RGRP_LOCK is the first */
	readonly sd_glocks = structs(ogfs_glock, NR_LOCKS - NR_FILES);
	readonly sd_rgrps = structs(ogfs_rgrpd, NR_RGRPS);
	/** GLOCK_RECLAIM: how often idle locks were given up */
	sd_reclaimed: int = 0;
	readonly sd_holder_cachep = kmem_cache(ogfs_holder, NR_HOLDERS);
	/** journals that are to be replayed, a bit for each (GFS1: sd_dirty_j, a list) */
	sd_dirty_j: int = 0;
}

/** A resource group as a node that has its lock sees it. */
export class ogfs_rgrpd {
	/** a bit for each block that belongs to a file */
	rd_used: int = 0;
	/** a bit for each file that gave blocks back since its inode was written for it */
	rd_depend: int = 0;
}

export const ogfs_sbs = structs(ogfs_sbd, NR_NODES);

/** What is on the disk besides the data: sizes of files, in bytes, and where they have holes. */
export class ogfs_dinode {
	di_size: int = 0;
	/** DIRS: of a directory, a bit for each file that it has an entry of */
	di_entries: int = 0;
	/** TRUNCATES: a bit for each page that has a block */
	di_blocks: int = 0;
	/** NR_LOGS: how often it was written (GFS1: mh_generation of the block that it is in) */
	di_generation: int = 0;
	/** NR_RGRP_BLOCKS: of each page that has a block its number */
	readonly di_map = ints(NR_BLOCK_MAP);
}
export const ogfs_dinodes = structs(ogfs_dinode, NR_FILES);

/** The journal of a node, on the disk. */
export class ogfs_journal {
	readonly j_records = structs(ogfs_log_record, NR_FILES);
}
export const ogfs_journals = structs(ogfs_journal, NR_LOGS);

/** A resource group on the disk: which of its blocks belong to files. */
export class ogfs_rgrp {
	/** a bit for each block */
	rg_used: int = 0;
}
export const ogfs_rgrps = structs(ogfs_rgrp, NR_RGRPS);

/**
 * this_sbd - the file system of the kernel that the task runs on
 *
 * Return: its superblock.
 * Context: any.
 */
export function this_sbd(): ogfs_sbd {
	return ogfs_sbs[this_node().id];
}

/**
 * ogfs_glock_of - the glock of a file
 * @inode: the file
 *
 * Return: the glock.
 * Context: any.
 */
export function ogfs_glock_of(inode: inode): ogfs_glock {
	return ogfs_sbs[inode.i_node].sd_inodes[inode.i_ino].i_gl;
}

/**
 * ogfs_glock_find - a glock by its number
 * @node: whose
 * @number: 0 to NR_LOCKS - 1
 *
 * Return: the glock.
 * Context: any.
 */
export function ogfs_glock_find(node: node_nr, number: int): ogfs_glock {
	if (NR_LOCKS > NR_FILES && number >= NR_FILES) return ogfs_sbs[node].sd_glocks[number - NR_FILES];
	return ogfs_sbs[node].sd_inodes[number].i_gl;
}

/**
 * ogfs_lock_type - what a lock is of
 * @number: 0 to NR_LOCKS - 1
 *
 * Return: LM_TYPE_*.
 * Context: any.
 */
export function ogfs_lock_type(number: int): int {
	if (number < FIRST_RGRP_LOCK) return LM_TYPE_INODE;
	if (number < FIRST_META_LOCK) return LM_TYPE_RGRP;
	return number < FIRST_NONDISK_LOCK ? LM_TYPE_META : LM_TYPE_NONDISK;
}

/**
 * ogfs_lock_class - the class of a glock for lockdep
 * @gl: the glock
 *
 * Return: LOCK_*.
 * Context: any.
 */
export function ogfs_lock_class(gl: ogfs_glock): int {
	if (NR_LOCKS === NR_FILES || gl.gl_type === LM_TYPE_INODE) return LOCK_glock;
	if (gl.gl_type === LM_TYPE_RGRP) return LOCK_glock_rgrp;
	return gl.gl_type === LM_TYPE_META ? LOCK_glock_meta : LOCK_glock_nondisk;
}
