// SPDX-License-Identifier: GPL-2.0-only
/**
 * OpenGFS as the machine sees it: its table of cluster_fs.ts. OpenGFS's own: a kernel has modules,
 * and mkfs, for this.
 */
import {
	ASSERT,
	type bool,
	cover,
	type int,
	type node_nr,
	reset_struct,
	spawn,
	type value_t,
} from '../harness/kts/prelude.ts';
import {
	DIRS,
	DROPLOCKS,
	FIRST_META_LOCK,
	FIRST_NONDISK_LOCK,
	FIRST_RGRP_LOCK,
	GREEDY,
	NR_GLOCKD,
	NR_JOURNALS,
	NR_LOCKS,
	NR_NODES,
	NR_NONDISK,
	NR_RGRP_BLOCKS,
	NR_RGRPS,
	RECLAIM,
	TRUNCATES,
} from '../vfs/include/linux/bounds.ts';
import type { cluster_fs_operations } from '../vfs/include/linux/cluster_fs.ts';
import { type inode, S_ISDIR } from '../vfs/include/linux/fs.ts';
import { LOCK_i_rw_mutex } from '../vfs/include/linux/lockdep.ts';
import { nodes } from '../vfs/include/linux/node.ts';
import { init_rwsem } from '../vfs/include/linux/rwsem.ts';
import { tasks } from '../vfs/include/linux/sched.ts';
import { ogfs_check_blocks, ogfs_check_end, ogfs_check_node_end, ogfs_recovers } from './checks.ts';
import { ogfs_glockd } from './fs/daemon.ts';
import { handle_callback, ogfs_glock_init } from './fs/glock.ts';
import {
	ogfs_inode_glops,
	ogfs_meta_glops,
	ogfs_nondisk_glops,
	ogfs_rgrp_glops,
} from './fs/glops.ts';
import { ogfs_greedies, ogfs_greedyd } from './fs/greedy.ts';
import {
	GLF_CONVERT,
	GLF_DEMOTE,
	GLF_LOCK,
	ogfs_dinodes,
	ogfs_glock_find,
	ogfs_journals,
	type ogfs_log_record,
	ogfs_rgrps,
	ogfs_sbs,
} from './fs/incore.ts';
import { ogfs_aops } from './fs/ops_address.ts';
import { ogfs_dir_fops, ogfs_file_fops } from './fs/ops_file.ts';
import { ogfs_dir_iops, ogfs_file_iops } from './fs/ops_inode.ts';
import { ogfs_recoverd } from './fs/recovery.ts';
import { CONFIG_OGFS_FENCING } from './Kconfig.ts';
import { LM_ST_EXCLUSIVE, LM_ST_UNLOCKED } from './locking/lm_interface.ts';
import {
	lm_drop_locks,
	lm_init,
	lm_is_on_node,
	lm_node_died,
	lm_node_stops,
	lm_quiet,
	lm_server,
} from './locking/lockmodule.ts';

/**
 * ogfs_format_file - a file is on the disk
 * @ino: its number
 * @size: in bytes
 * @entries: DIRS: of a directory, a bit for each file that it has an entry of
 *
 * Context: the set-up.
 */
function ogfs_format_file(ino: int, size: int, entries: value_t): void {
	ogfs_dinodes[ino].di_size = size;
	if (TRUNCATES) ogfs_dinodes[ino].di_blocks = (1 << ((size + 4095) >> 12)) - 1;
	if (DIRS & (1 << ino)) ogfs_dinodes[ino].di_entries = entries;
}

/**
 * ogfs_format_page - the first free block is a page's
 * @ino: the file
 * @index: the page
 *
 * Context: the set-up.
 */
function ogfs_format_page(ino: int, index: int): void {
	let block = 0;
	while (ogfs_rgrps[0].rg_used & (1 << block)) block++;
	ASSERT('LIMIT', block < NR_RGRP_BLOCKS, 'the files have more pages than the disk has blocks');
	ogfs_rgrps[0].rg_used |= 1 << block;
	ogfs_dinodes[ino].di_map[index] = block;
}

/**
 * ogfs_read_inode - the operations of an inode, and its glock
 * @inode: the inode
 *
 * Context: the set-up.
 */
function ogfs_read_inode(inode: inode): void {
	inode.i_op = ogfs_file_iops;
	inode.i_fop = ogfs_file_fops;
	if (DIRS && S_ISDIR(inode)) {
		inode.i_op = ogfs_dir_iops;
		inode.i_fop = ogfs_dir_fops;
	}
	inode.i_data.a_ops = ogfs_aops;
	const ip = ogfs_sbs[inode.i_node].sd_inodes[inode.i_ino];
	ogfs_glock_init(ip.i_gl, inode.i_node, inode.i_ino, ogfs_inode_glops);
	ip.i_gl.gl_inode = inode;
	if (RECLAIM > 0) init_rwsem(ip.i_rw_mutex, LOCK_i_rw_mutex);
}

/**
 * ogfs_mount - the glocks of a node that are of no file
 * @node: the node
 *
 * Context: the set-up.
 */
function ogfs_mount(node: node_nr): void {
	for (let i = FIRST_RGRP_LOCK; NR_RGRPS > 0 && i < FIRST_META_LOCK; i++)
		ogfs_glock_init(ogfs_glock_find(node, i), node, i, ogfs_rgrp_glops);
	for (let i = FIRST_META_LOCK; NR_JOURNALS > 0 && i < FIRST_NONDISK_LOCK; i++)
		ogfs_glock_init(ogfs_glock_find(node, i), node, i, ogfs_meta_glops);
	for (let i = FIRST_NONDISK_LOCK; NR_NONDISK > 0 && i < NR_LOCKS; i++)
		ogfs_glock_init(ogfs_glock_find(node, i), node, i, ogfs_nondisk_glops);
}

/**
 * ogfs_spawn_daemons - the daemon of the mail
 * @node: the node
 *
 * Context: the set-up.
 */
function ogfs_spawn_daemons(node: node_nr): void {
	tasks[spawn('glockd', node, ogfs_glockd, node)].node = nodes[node];
}

/**
 * ogfs_spawn_server - the lock manager's end of a node's connection
 * @node: the node
 *
 * Context: the set-up.
 */
function ogfs_spawn_server(node: node_nr): void {
	const lm = spawn('lm', -1, lm_server, node);
	if (lm_is_on_node()) tasks[lm].node = nodes[node];
}

/**
 * ogfs_spawn_helpers - second daemons (NR_GLOCKD) and timers (GREEDY)
 *
 * Context: the set-up.
 */
function ogfs_spawn_helpers(): void {
	for (let n = 0; NR_GLOCKD > 1 && n < NR_NODES; n++)
		tasks[spawn('glockd2', n, ogfs_glockd, n)].node = nodes[n];
	for (let n = 0; GREEDY && n < NR_NODES; n++)
		tasks[spawn('greedy', n, ogfs_greedyd, n)].node = nodes[n];
}

/**
 * ogfs_spawn_recovery - the daemon that replays journals
 * @node: the node
 *
 * Context: the set-up.
 */
function ogfs_spawn_recovery(node: node_nr): void {
	tasks[spawn('recoverd', node, ogfs_recoverd, node)].node = nodes[node];
}

/**
 * ogfs_right - what a node has of a file
 * @node: the node
 * @ino: the file
 *
 * Return: LM_ST_*, which are the numbers of CL_*.
 * Context: any.
 */
function ogfs_right(node: node_nr, ino: int): int {
	return ogfs_sbs[node].sd_inodes[ino].i_gl.gl_state;
}

/**
 * ogfs_right_changes - is the glock of a file between two states?
 * @node: the node
 * @ino: the file
 *
 * Return: true: it is.
 * Context: any.
 */
function ogfs_right_changes(node: node_nr, ino: int): bool {
	return (ogfs_sbs[node].sd_inodes[ino].i_gl.gl_flags & GLF_LOCK) !== 0;
}

/**
 * ogfs_give_up - another node wants all glocks, as it were
 * @node: the node
 *
 * Context: a program, at the end of its set-up.
 */
function ogfs_give_up(node: node_nr): void {
	for (let i = 0; i < NR_LOCKS; i++) {
		const gl = ogfs_glock_find(node, i);
		if (gl.gl_state !== LM_ST_UNLOCKED) handle_callback(gl, LM_ST_UNLOCKED);
	}
}

/**
 * ogfs_quiet - no node has a lock, and no message is in transit
 *
 * Return: true: so it is.
 * Context: a predicate of the set-up.
 */
function ogfs_quiet(): bool {
	if (!lm_quiet()) return false;
	for (let n = 0; n < NR_NODES; n++)
		for (let i = 0; i < NR_LOCKS; i++) if (ogfs_glock_find(n, i).gl_flags !== 0) return false;
	return true;
}

/**
 * ogfs_idle - does no glock of a node change its state?
 * @node: the node
 *
 * Return: true: none does.
 * Context: any.
 */
function ogfs_idle(node: node_nr): bool {
	for (let i = 0; i < NR_LOCKS; i++) if (ogfs_glock_find(node, i).gl_flags & GLF_LOCK) return false;
	return true;
}

/**
 * ogfs_disk_size - the size of a file by its inode on the disk
 * @ino: the file
 *
 * Return: bytes.
 * Context: any.
 */
function ogfs_disk_size(ino: int): int {
	return ogfs_dinodes[ino].di_size;
}

/**
 * ogfs_disk_blocks - which pages of a file have a block, by its inode on the disk
 * @ino: the file
 *
 * Return: TRUNCATES: a bit for each page.
 * Context: any.
 */
function ogfs_disk_blocks(ino: int): int {
	return ogfs_dinodes[ino].di_blocks;
}

/**
 * ogfs_disk_block - the block of a page (NR_RGRP_BLOCKS)
 * @ino: the file
 * @index: the page
 *
 * Return: its number.
 * Context: any.
 */
function ogfs_disk_block(ino: int, index: int): int {
	return ogfs_dinodes[ino].di_map[index];
}

/** The record of a file in the journals that is newer than the inode in place, or null. */
function newest(ino: int): ogfs_log_record | null {
	let found: ogfs_log_record | null = null;
	let generation = ogfs_dinodes[ino].di_generation;
	for (let n = 0; n < NR_NODES; n++) {
		const lr = ogfs_journals[n].j_records[ino];
		if (lr.lr_generation <= generation) continue;
		generation = lr.lr_generation;
		found = lr;
	}
	return found;
}

/**
 * ogfs_committed_size - the size of a file in the newest inode, in place or in a journal
 * @ino: the file
 *
 * Return: bytes.
 * Context: any.
 */
function ogfs_committed_size(ino: int): int {
	const lr = newest(ino);
	return lr ? lr.lr_size : ogfs_dinodes[ino].di_size;
}

/**
 * ogfs_committed_blocks - which pages of a file have a block, in the newest inode
 * @ino: the file
 *
 * Return: a bit for each page.
 * Context: any.
 */
function ogfs_committed_blocks(ino: int): int {
	const lr = newest(ino);
	return lr ? lr.lr_blocks : ogfs_dinodes[ino].di_blocks;
}

/** Must another node give up a lock that this one asks for? */
function revokes(node: node_nr, number: int): bool {
	if (ogfs_glock_find(node, number).gl_req_gh === null) return false;
	for (let m = 0; m < NR_NODES; m++)
		if (m !== node && ogfs_glock_find(m, number).gl_flags & GLF_DEMOTE) return true;
	return false;
}

/** Does another node wait for a lock that this one has alone? */
function won(node: node_nr, number: int): bool {
	if (ogfs_glock_find(node, number).gl_state !== LM_ST_EXCLUSIVE) return false;
	for (let m = 0; m < NR_NODES; m++)
		if (m !== node && ogfs_glock_find(m, number).gl_req_gh) return true;
	return false;
}

/**
 * ogfs_cover_death - mark what a node was doing when it died
 * @node: the node
 *
 * Context: any.
 */
function ogfs_cover_death(node: node_nr): void {
	for (let i = 0; i < FIRST_META_LOCK; i++) {
		const gl = ogfs_glock_find(node, i);
		if (revokes(node, i)) cover('death: of the revoker');
		if (gl.gl_flags & GLF_DEMOTE) cover('death: of the revoked');
		if (won(node, i)) cover('death: of the holder of a wanted lock');
		const had = gl.gl_state !== LM_ST_UNLOCKED || (gl.gl_flags & GLF_CONVERT) !== 0;
		if (gl.gl_req_gh && had) cover('death: during an upgrade');
	}
	for (let i = FIRST_META_LOCK; i < NR_LOCKS; i++)
		if (ogfs_glock_find(node, i).gl_holders) cover('death: during a journal replay');
}

/**
 * ogfs_node_stops - the memory of a node is gone, and its connection
 * @node: the node
 *
 * Context: any.
 */
function ogfs_node_stops(node: node_nr): void {
	lm_node_stops(node);
	if (GREEDY) reset_struct(ogfs_greedies[node]);
	reset_struct(ogfs_sbs[node]);
}

/**
 * ogfs_fences - is a node fenced before its locks are released?
 *
 * Return: true with CONFIG_OGFS_FENCING.
 * Context: any.
 */
function ogfs_fences(): bool {
	return CONFIG_OGFS_FENCING !== 0;
}

export const ogfs_cluster_fs: cluster_fs_operations = {
	init: lm_init,
	format_file: ogfs_format_file,
	format_page: NR_RGRP_BLOCKS > 0 ? ogfs_format_page : null,
	read_inode: ogfs_read_inode,
	mount: ogfs_mount,
	spawn_daemons: ogfs_spawn_daemons,
	spawn_server: ogfs_spawn_server,
	spawn_helpers: ogfs_spawn_helpers,
	spawn_recovery: ogfs_spawn_recovery,
	right: ogfs_right,
	right_changes: ogfs_right_changes,
	give_up: ogfs_give_up,
	quiet: ogfs_quiet,
	idle: ogfs_idle,
	drop_locks: DROPLOCKS > 0 ? lm_drop_locks : null,
	disk_size: ogfs_disk_size,
	disk_blocks: ogfs_disk_blocks,
	disk_block: NR_RGRP_BLOCKS > 0 ? ogfs_disk_block : null,
	committed_size: ogfs_committed_size,
	committed_blocks: ogfs_committed_blocks,
	cover_death: ogfs_cover_death,
	node_stops: ogfs_node_stops,
	node_died: lm_node_died,
	fences: ogfs_fences,
	recovers: ogfs_recovers,
	check_state: NR_RGRP_BLOCKS > 0 ? ogfs_check_blocks : null,
	check_node_end: ogfs_check_node_end,
	check_end: NR_RGRP_BLOCKS > 0 ? ogfs_check_end : null,
};
