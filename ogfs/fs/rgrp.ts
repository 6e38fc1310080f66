// SPDX-License-Identifier: GPL-2.0-only
/**
 * Blocks of the disk, and which of them are free (GFS1: src/gfs/rgrp.c). OpenGFS's own names could
 * not be read; GFS1's are used.
 *
 * The bitmap of a resource group is read when its lock comes to the node, changed under the lock,
 * held exclusively by one task, and written before the lock goes. The inodes of the files that gave
 * blocks back are written before that (ogfs_depend_sync).
 *
 * Differs from GFS1: there is one resource group, and in it blocks of data only, so that a
 * reservation is of one group, and none is looked for; GFS1 first tries locks that it need not
 * wait for. Left out: quota, the lock of the index of resource groups, clumps of
 * metadata, goals (the first free block is taken).
 */
import {
	BUG_ON,
	type bool,
	cover,
	event,
	type int,
	type node_nr,
	printk,
	type Sleeps,
} from '../../harness/kts/prelude.ts';
import { FIRST_RGRP_LOCK, NR_FILES, NR_RGRP_BLOCKS } from '../../vfs/include/linux/bounds.ts';
import { ENOSPC } from '../../vfs/include/linux/errno.ts';
import {
	EVENT_BLOCK_FREED,
	EVENT_BLOCK_GIVEN,
	EVENT_NO_SPACE,
} from '../../vfs/include/linux/events.ts';
import type { inode } from '../../vfs/include/linux/fs.ts';
import { CONFIG_OGFS_DEPEND_SYNC } from '../Kconfig.ts';
import { LM_ST_EXCLUSIVE } from '../locking/lm_interface.ts';
import { ogfs_glock_is_locked_by_me, ogfs_glock_nq_init } from './glock.ts';
import {
	DIO_INVISIBLE,
	DIO_METADATA,
	GL_LOCAL_EXCL,
	type ogfs_glock,
	ogfs_glock_find,
	type ogfs_rgrpd,
	ogfs_rgrps,
	ogfs_sbs,
} from './incore.ts';
import { ogfs_glock_dq_uninit } from './xmote.ts';

/**
 * ogfs_rgrp_glock - the lock of the resource group
 * @node: whose
 *
 * Return: the glock.
 * Context: any.
 */
export function ogfs_rgrp_glock(node: node_nr): ogfs_glock {
	return ogfs_glock_find(node, FIRST_RGRP_LOCK);
}

/** The resource group as a node has it. */
function rgrpd(node: node_nr): ogfs_rgrpd {
	return ogfs_sbs[node].sd_rgrps[0];
}

/** Writes the inode of a file that gave blocks back, if this node has it to write. */
function* depend_sync_one(node: node_nr, ino: int): Sleeps {
	const gl = ogfs_glock_find(node, ino);
	if (gl.gl_state !== LM_ST_EXCLUSIVE || gl.gl_stale) return;
	cover('rgrp: an inode is written first');
	yield* gl.gl_ops!.go_sync!(gl, DIO_METADATA | DIO_INVISIBLE);
}

/**
 * ogfs_depend_add - blocks of a file are free from now on
 * @node: this node
 * @ino: number of the file
 *
 * GFS1 does so for blocks of metadata that its journal still has to write in place.
 *
 * Context: the resource group locked.
 */
function ogfs_depend_add(node: node_nr, ino: int): void {
	rgrpd(node).rd_depend |= 1 << ino;
}

/**
 * ogfs_depend_sync - write the inodes of the files that gave blocks back
 * @node: this node
 *
 * Whose inode on the disk still has a block must not lose it to another file. A node that has the
 * lock of such a file no more has written the inode.
 *
 * Context: the resource group locked, or the daemon while it takes the lock down. May sleep.
 */
export function* ogfs_depend_sync(node: node_nr): Sleeps {
	if (!CONFIG_OGFS_DEPEND_SYNC) return;
	for (let i = 0; i < NR_FILES; i++) {
		if (!(rgrpd(node).rd_depend & (1 << i))) continue;
		rgrpd(node).rd_depend &= ~(1 << i);
		yield* depend_sync_one(node, i);
	}
}

/**
 * ogfs_rgrp_read - read the bitmap
 * @node: this node
 *
 * Context: go_lock of the glock.
 */
export function ogfs_rgrp_read(node: node_nr): void {
	rgrpd(node).rd_used = ogfs_rgrps[0].rg_used;
}

/**
 * ogfs_rgrp_out - write the bitmap
 * @node: this node
 *
 * Context: the glock is EXCLUSIVE on this node.
 */
export function ogfs_rgrp_out(node: node_nr): void {
	ogfs_rgrps[0].rg_used = rgrpd(node).rd_used;
}

/**
 * ogfs_rgrp_forget - the lock has gone
 * @node: this node
 *
 * Context: go_inval of the glock.
 */
export function ogfs_rgrp_forget(node: node_nr): void {
	rgrpd(node).rd_used = 0;
	rgrpd(node).rd_depend = 0;
}

/** Has the resource group so many blocks that are free? */
function try_rgrp_fit(rgd: ogfs_rgrpd, requested: int): bool {
	let free = 0;
	for (let block = 0; block < NR_RGRP_BLOCKS; block++) if (!(rgd.rd_used & (1 << block))) free++;
	return free >= requested;
}

/** Locks the resource group for this task alone. */
function* get_local_rgrp(node: node_nr): Sleeps {
	yield* ogfs_glock_nq_init(ogfs_rgrp_glock(node), LM_ST_EXCLUSIVE, GL_LOCAL_EXCL);
}

/**
 * ogfs_inplace_reserve - make sure that a file can be given blocks
 * @inode: the file
 * @requested: how many
 *
 * Return: 0, with the resource group locked, or -ENOSPC.
 * Context: the file's glock held exclusively. May sleep.
 */
export function* ogfs_inplace_reserve(inode: inode, requested: int): Sleeps<int> {
	yield* get_local_rgrp(inode.i_node);
	if (!try_rgrp_fit(rgrpd(inode.i_node), requested)) {
		cover('rgrp: no block is free');
		printk('ogfs_inplace_reserve: file %d, no block is free', inode.i_ino);
		event(EVENT_NO_SPACE, inode.i_ino);
		yield* ogfs_inplace_release(inode);
		return -ENOSPC;
	}
	yield* ogfs_depend_sync(inode.i_node);
	return 0;
}

/**
 * ogfs_inplace_release - what was reserved has been taken, or is not needed
 * @inode: the file
 *
 * The node keeps the lock.
 *
 * Context: the resource group locked. May sleep.
 */
export function* ogfs_inplace_release(inode: inode): Sleeps {
	const gl = ogfs_rgrp_glock(inode.i_node);
	yield* ogfs_glock_dq_uninit(gl, ogfs_glock_is_locked_by_me(gl)!);
}

/**
 * ogfs_rgrp_lock - lock the resource group, to give blocks back
 * @inode: the file that has them
 *
 * Part of do_strip() in GFS1, which locks several groups in order.
 *
 * Context: the file's glock held exclusively. May sleep. To be followed by
 * ogfs_inplace_release().
 */
export function* ogfs_rgrp_lock(inode: inode): Sleeps {
	yield* get_local_rgrp(inode.i_node);
}

/** The first block that is free, which is taken; -1: none is. */
function blkalloc_internal(rgd: ogfs_rgrpd): int {
	let block = 0;
	while (block < NR_RGRP_BLOCKS && rgd.rd_used & (1 << block)) block++;
	if (block === NR_RGRP_BLOCKS) return -1;
	rgd.rd_used |= 1 << block;
	return block;
}

/** Gives a block back. */
function blkfree_internal(rgd: ogfs_rgrpd, block: int): void {
	BUG_ON(!(rgd.rd_used & (1 << block)), 'blkfree_internal: the block is free');
	rgd.rd_used &= ~(1 << block);
}

/** Is the resource group locked by this task? */
function check_locked(inode: inode): void {
	const gl = ogfs_rgrp_glock(inode.i_node);
	BUG_ON(ogfs_glock_is_locked_by_me(gl) === null, 'the resource group is not locked');
}

/**
 * ogfs_blkalloc - give a file a block
 * @inode: the file, for which a block is reserved
 *
 * Return: the number of the block; -1: who reserved it has used it up.
 * Context: the resource group locked.
 */
export function ogfs_blkalloc(inode: inode): int {
	check_locked(inode);
	const block = blkalloc_internal(rgrpd(inode.i_node));
	cover('rgrp: a block is given to a file');
	printk('ogfs_blkalloc: file %d is given block %d', inode.i_ino, block);
	event(EVENT_BLOCK_GIVEN, inode.i_ino, block);
	return block;
}

/**
 * ogfs_blkfree - take a block from a file
 * @inode: the file
 * @block: its number
 *
 * Context: the resource group locked.
 */
export function ogfs_blkfree(inode: inode, block: int): void {
	check_locked(inode);
	printk('ogfs_blkfree: file %d gives block %d back', inode.i_ino, block);
	event(EVENT_BLOCK_FREED, inode.i_ino, block);
	blkfree_internal(rgrpd(inode.i_node), block);
	ogfs_depend_add(inode.i_node, inode.i_ino);
}
