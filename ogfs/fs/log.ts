// SPDX-License-Identifier: GPL-2.0-only
/**
 * The journal (GFS1: src/gfs/log.c, lops.c): what is to be changed of an inode on the disk is
 * written to the node's journal first, as a whole, and in place after that. OpenGFS's own names
 * could not be read; GFS1's are used.
 *
 * Differs from GFS1: a journal holds one record of each inode, the newest, so that it never wraps
 * and transactions need no space; the record of an inode is its transaction. It is written when it
 * is flushed, and not by a daemon before. A write of metadata takes effect in one step: it is
 * there, or not. Left out: metadata other than the inode's size and blocks, unlinked inodes and
 * quotas in the log, the lock of transactions (trans glock), which every transaction takes shared.
 */
import {
	type bool,
	cover,
	event,
	type int,
	preempt,
	printk,
	type Sleeps,
} from '../../harness/kts/prelude.ts';
import { TRUNCATES } from '../../vfs/include/linux/bounds.ts';
import { EVENT_INODE_LOGGED, EVENT_INODE_WRITTEN } from '../../vfs/include/linux/events.ts';
import type { inode } from '../../vfs/include/linux/fs.ts';
import { inode_trace } from '../../vfs/include/linux/trace.ts';
import { might_sleep } from '../../vfs/kernel/ksyms.ts';
import {
	ogfs_dinodes,
	type ogfs_glock,
	ogfs_journals,
	type ogfs_log_record,
	ogfs_sbs,
} from './incore.ts';

/** Has the inode changed since it was read, or logged? */
function inode_is_new(inode: inode, di: ogfs_log_record): bool {
	return inode.i_size !== di.lr_size || (TRUNCATES > 0 && inode.i_blocks !== di.lr_blocks);
}

/**
 * ogfs_log_flush_glock - write what has changed of an inode to the journal
 * @gl: its glock, exclusive
 *
 * Context: no spin lock held. Sleeps if there is anything to write.
 */
export function* ogfs_log_flush_glock(gl: ogfs_glock): Sleeps {
	might_sleep();
	const inode = gl.gl_inode!;
	const ip = ogfs_sbs[inode.i_node].sd_inodes[inode.i_ino];
	if (!inode_is_new(inode, ip.i_di)) return;
	yield* preempt();
	const lr = ogfs_journals[inode.i_node].j_records[inode.i_ino];
	ip.i_di.lr_size = inode.i_size;
	if (TRUNCATES) ip.i_di.lr_blocks = inode.i_blocks;
	ip.i_di.lr_generation++;
	ip.i_logged = true;
	lr.lr_size = ip.i_di.lr_size;
	lr.lr_blocks = ip.i_di.lr_blocks;
	lr.lr_generation = ip.i_di.lr_generation;
	cover('log: flushed');
	printk('log: node %d, file %d has %d bytes', inode.i_node, inode.i_ino, lr.lr_size);
	event(EVENT_INODE_LOGGED, inode.i_ino, lr.lr_size, inode.i_node);
	inode_trace.ops!.committed(inode);
}

/**
 * ogfs_sync_buf - write what is in the log of an inode in place, and wait
 * @gl: its glock, exclusive, its log flushed
 *
 * Context: no spin lock held. Sleeps if there is anything to write.
 */
export function* ogfs_sync_buf(gl: ogfs_glock): Sleeps {
	might_sleep();
	const inode = gl.gl_inode!;
	const ip = ogfs_sbs[inode.i_node].sd_inodes[inode.i_ino];
	if (!ip.i_logged) return;
	yield* preempt();
	ip.i_logged = false;
	ogfs_replay_record(inode.i_ino, ip.i_di);
}

/**
 * ogfs_replay_record - an inode on the disk becomes what a journal has of it
 * @ino: number of the file
 * @lr: the record
 *
 * Context: the glock of the file held exclusively, or its holder dead. Does not sleep.
 */
export function ogfs_replay_record(ino: int, lr: ogfs_log_record): void {
	const di = ogfs_dinodes[ino];
	di.di_size = lr.lr_size;
	if (TRUNCATES) di.di_blocks = lr.lr_blocks;
	di.di_generation = lr.lr_generation;
	printk('disk: file %d has %d bytes', ino, di.di_size);
	event(EVENT_INODE_WRITTEN, ino, di.di_size);
}
