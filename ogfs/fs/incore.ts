// SPDX-License-Identifier: GPL-2.0-only
/**
 * The file system's structures in memory (GFS1: src/gfs/incore.h). OpenGFS's own names could not
 * be read anywhere; those of its cousin GFS1 are used, with the prefix ogfs_.
 */
import { type int, ints, kmem_cache, structs, type task_nr } from '../../harness/kts/prelude.ts';
import {
	NR_BLOCK_MAP,
	NR_FILES,
	NR_NODES,
	NR_PROCS,
	NR_RGRP_BLOCKS,
} from '../../vfs/include/linux/bounds.ts';
import type { inode } from '../../vfs/include/linux/fs.ts';
import { this_node } from '../../vfs/include/linux/sched.ts';
import { CONFIG_OGFS_WALK_VM } from '../Kconfig.ts';
import { LM_ST_UNLOCKED } from '../locking/lm_interface.ts';

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

/** gh_iflags: the holder has the lock */
export const HIF_HOLDER: int = 0x1;

/** One use of a glock by a task: waiting for it, or holding it. */
export class ogfs_holder {
	gh_next: ogfs_holder | null = null;
	/** the task; -1: the slot is free */
	gh_owner: task_nr = -1;
	/** LM_ST_* that it needs */
	gh_state: int = 0;
	gh_iflags: int = 0;
}

/**
 * A lock of the cluster, as one node sees it. It is kept (cached) when nobody holds it any more.
 */
export class ogfs_glock {
	/** number of the file */
	gl_number: int = 0;
	/** LM_ST_* that this node has; UNLOCKED while it cannot know (GLF_CONVERT) */
	gl_state: int = LM_ST_UNLOCKED;
	gl_flags: int = 0;
	/** with GLF_DEMOTE: LM_ST_* to go down to */
	gl_demote_state: int = 0;
	/** tasks that have it */
	gl_holders: ogfs_holder | null = null;
	/** tasks that wait for it, oldest first */
	gl_waiters: ogfs_holder | null = null;
	gl_inode: inode | null = null;
}

export class ogfs_inode {
	readonly i_gl = new ogfs_glock();
}

/** The file system on one node. */
export class ogfs_sbd {
	readonly sd_inodes = structs(ogfs_inode, NR_FILES);
	/**
	 * holders: a task has at most two at a time (nopage's, and page_mkwrite's within it), and with
	 * CONFIG_OGFS_WALK_VM those of its file and of its buffer
	 */
	readonly sd_holder_cachep = kmem_cache(ogfs_holder, (2 + 2 * CONFIG_OGFS_WALK_VM) * NR_PROCS);
}

/** A resource group as a node that has its lock sees it. */
export class ogfs_rgrpd {
	/** a bit for each block that belongs to a file */
	rd_used: int = 0;
}

export const ogfs_sbs = structs(ogfs_sbd, NR_NODES);

/** What is on the disk besides the data: sizes of files, in bytes, and where they have holes. */
export class ogfs_dinode {
	di_size: int = 0;
	/** TRUNCATES: a bit for each page that has a block */
	di_blocks: int = 0;
	/** NR_RGRP_BLOCKS: of each page that has a block its number */
	readonly di_map = ints(NR_BLOCK_MAP);
}
export const ogfs_dinodes = structs(ogfs_dinode, NR_FILES);

/** A resource group on the disk: which of its blocks belong to files. */
export class ogfs_rgrp {
	/** a bit for each block */
	rg_used: int = 0;
}
export const ogfs_rgrps = structs(ogfs_rgrp, NR_RGRP_BLOCKS > 0 ? 1 : 0);

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
