// SPDX-License-Identifier: GPL-2.0-only
/** The machine: kernels, file system and world, as the executors see them. */

import { ogfs_glockd } from '../../ogfs/fs/daemon.ts';
import { ogfs_glock_init } from '../../ogfs/fs/glock.ts';
import {
	ogfs_inode_glops,
	ogfs_meta_glops,
	ogfs_nondisk_glops,
	ogfs_rgrp_glops,
} from '../../ogfs/fs/glops.ts';
import { ogfs_greedyd } from '../../ogfs/fs/greedy.ts';
import {
	ogfs_dinodes,
	type ogfs_glock,
	ogfs_glock_find,
	ogfs_rgrps,
	ogfs_sbs,
} from '../../ogfs/fs/incore.ts';
import { ogfs_aops } from '../../ogfs/fs/ops_address.ts';
import { ogfs_dir_fops, ogfs_file_fops } from '../../ogfs/fs/ops_file.ts';
import { ogfs_dir_iops, ogfs_file_iops } from '../../ogfs/fs/ops_inode.ts';
import { ogfs_recoverd } from '../../ogfs/fs/recovery.ts';
import { lm_init, lm_is_on_node, lm_server } from '../../ogfs/locking/lockmodule.ts';
import { ext2_file_inode_operations, ext2_file_operations } from '../../vfs/fs/ext2/file.ts';
import { ext2_aops } from '../../vfs/fs/ext2/inode.ts';
import {
	DEATHS,
	DIRS,
	DROPLOCKS,
	FIRST_META_LOCK,
	FIRST_NONDISK_LOCK,
	FIRST_RGRP_LOCK,
	GREEDY,
	KSWAPD,
	KSWAPD_NODES,
	LOCAL_FS,
	NR_FILE_PAGES,
	NR_FILES,
	NR_GLOCKD,
	NR_JOURNALS,
	NR_LOCKS,
	NR_NODES,
	NR_NONDISK,
	NR_PROCS,
	NR_RGRP_BLOCKS,
	NR_RGRPS,
	NR_SWAP,
	PAGE_WORDS,
	RECLAIM,
	TRUNCATES,
} from '../../vfs/include/linux/bounds.ts';
import { type inode, S_ISDIR } from '../../vfs/include/linux/fs.ts';
import {
	LOCK_i_alloc_sem,
	LOCK_i_rw_mutex,
	LOCK_i_sem,
	LOCK_i_sem_dir,
	LOCK_i_shared,
	LOCK_mmap_sem,
	LOCK_page_table,
	LOCK_pagemap_lru,
} from '../../vfs/include/linux/lockdep.ts';
import { nodes } from '../../vfs/include/linux/node.ts';
import { init_MUTEX, init_rwsem } from '../../vfs/include/linux/rwsem.ts';
import { cpus, files_structs, mms, tasks } from '../../vfs/include/linux/sched.ts';
import { spin_lock_init } from '../../vfs/include/linux/spinlock.ts';
import { inode_trace, page_trace } from '../../vfs/include/linux/trace.ts';
import { swap_aops } from '../../vfs/mm/swap_state.ts';
import { kswapd } from '../../vfs/mm/vmscan.ts';
import {
	ASSERT,
	type bool,
	type int,
	type node_nr,
	type proc_nr,
	rom,
	type rom_nr,
	spawn,
} from '../kts/prelude.ts';
import { coherence_trace } from './coherence.ts';
import { cluster_manager, mishap } from './death.ts';
import { disk_server } from './disk.ts';
import {
	FILE_DATA,
	FILE_SIZE,
	FILE_WORDS,
	PROC_ENTRY,
	PROC_MM,
	PROC_NODE,
	PROC_WORDS,
	ROM_FILES,
	ROM_PROCS,
} from './isa.ts';
import { losses_init, losses_trace } from './losses.ts';
import { lm_pressure } from './pressure.ts';
import { user_procs } from './program.ts';
import { coherence } from './promises.ts';
import { setup, world } from './setup.ts';
import { disk } from './storage.ts';
import { user_process } from './user.ts';

export * from '../properties/index.ts';

function file_entry(i: int): rom_nr {
	return rom(ROM_FILES) + i * FILE_WORDS;
}
function proc_entry(p: proc_nr): rom_nr {
	return rom(ROM_PROCS) + p * PROC_WORDS;
}

/** Gives a page of a file the first free block. */
function init_block(i: int, k: int): void {
	let block = 0;
	while (ogfs_rgrps[0].rg_used & (1 << block)) block++;
	ASSERT('LIMIT', block < NR_RGRP_BLOCKS, 'the files have more pages than the disk has blocks');
	ogfs_rgrps[0].rg_used |= 1 << block;
	ogfs_dinodes[i].di_map[k] = block;
	for (let w = 0; w < PAGE_WORDS; w++)
		disk.sector[block * PAGE_WORDS + w] =
			coherence.latest[(i * NR_FILE_PAGES + k) * PAGE_WORDS + w];
}

/** A file on the disk. */
function init_file(i: int): void {
	const size = rom(file_entry(i) + FILE_SIZE);
	const data = rom(file_entry(i) + FILE_DATA);
	ogfs_dinodes[i].di_size = size;
	if (TRUNCATES) coherence.size[i] = size;
	if (TRUNCATES) ogfs_dinodes[i].di_blocks = (1 << ((size + 4095) >> 12)) - 1;
	if (DIRS & (1 << i)) {
		ogfs_dinodes[i].di_entries = rom(data);
		coherence.entries[i] = rom(data);
	}
	for (let k = 0; k < NR_FILE_PAGES; k++) {
		for (let w = 0; w < PAGE_WORDS; w++) {
			const value = k * 4096 < size ? rom(data + k * PAGE_WORDS + w) : 0;
			coherence.latest[(i * NR_FILE_PAGES + k) * PAGE_WORDS + w] = value;
			if (NR_RGRP_BLOCKS === 0) disk.sector[(i * NR_FILE_PAGES + k) * PAGE_WORDS + w] = value;
		}
		if (NR_RGRP_BLOCKS > 0 && k * 4096 < size) init_block(i, k);
	}
}

/** The operations of an inode: of the cluster file system, or with LOCAL_FS of a local one. */
function init_inode(inode: inode, gl: ogfs_glock): void {
	if (LOCAL_FS) {
		inode.i_op = ext2_file_inode_operations;
		inode.i_fop = ext2_file_operations;
		inode.i_data.a_ops = ext2_aops;
		inode.i_size = ogfs_dinodes[inode.i_ino].di_size;
		inode.i_blocks = ogfs_dinodes[inode.i_ino].di_blocks;
		return;
	}
	inode.i_op = ogfs_file_iops;
	inode.i_fop = ogfs_file_fops;
	if (DIRS && S_ISDIR(inode)) {
		inode.i_op = ogfs_dir_iops;
		inode.i_fop = ogfs_dir_fops;
	}
	inode.i_data.a_ops = ogfs_aops;
	ogfs_glock_init(gl, inode.i_node, inode.i_ino, ogfs_inode_glops);
	gl.gl_inode = inode;
}

/** The locks of a node that are not of a file. */
function init_locks(n: node_nr): void {
	for (let i = FIRST_RGRP_LOCK; NR_RGRPS > 0 && i < FIRST_META_LOCK; i++)
		ogfs_glock_init(ogfs_glock_find(n, i), n, i, ogfs_rgrp_glops);
	for (let i = FIRST_META_LOCK; NR_JOURNALS > 0 && i < FIRST_NONDISK_LOCK; i++)
		ogfs_glock_init(ogfs_glock_find(n, i), n, i, ogfs_meta_glops);
	for (let i = FIRST_NONDISK_LOCK; NR_NONDISK > 0 && i < NR_LOCKS; i++)
		ogfs_glock_init(ogfs_glock_find(n, i), n, i, ogfs_nondisk_glops);
}

/** A kernel, with the file system mounted. */
function init_node(n: node_nr): void {
	nodes[n].id = n;
	spin_lock_init(nodes[n].pagemap_lru_lock, LOCK_pagemap_lru);
	if (NR_SWAP > 0) nodes[n].swapper_space[0].a_ops = swap_aops;
	for (let i = 0; i < NR_FILES; i++) {
		const inode = nodes[n].inodes[i];
		inode.i_ino = i;
		inode.i_node = n;
		inode.i_data.host = inode;
		init_inode(inode, ogfs_sbs[n].sd_inodes[i].i_gl);
		init_MUTEX(inode.i_sem, DIRS && S_ISDIR(inode) ? LOCK_i_sem_dir : LOCK_i_sem);
		init_rwsem(inode.i_alloc_sem, LOCK_i_alloc_sem);
		if (RECLAIM > 0) init_rwsem(ogfs_sbs[n].sd_inodes[i].i_rw_mutex, LOCK_i_rw_mutex);
		spin_lock_init(inode.i_data.i_shared_lock, LOCK_i_shared);
	}
	if (NR_LOCKS > NR_FILES) init_locks(n);
}

/**
 * A program: task p. It has a processor; programs that share an address space share descriptors.
 */
function init_proc(p: proc_nr): void {
	const owner = rom(proc_entry(p) + PROC_MM);
	tasks[p].node = nodes[rom(proc_entry(p) + PROC_NODE)];
	tasks[p].mm = mms[owner];
	tasks[p].files = files_structs[owner];
	tasks[p].cpu = cpus[p];
	cpus[p].mm = mms[owner];
	mms[owner].mm_users++;
	files_structs[owner].count++;
	init_rwsem(mms[owner].mmap_sem, LOCK_mmap_sem);
	spin_lock_init(mms[owner].page_table_lock, LOCK_page_table);
	user_procs[p].pc = rom(proc_entry(p) + PROC_ENTRY);
	spawn('user', rom(proc_entry(p) + PROC_NODE), user_process, p);
}

/** Called once by the executor: contents of the machine, and its tasks, numbered as made. */
export function init(): void {
	page_trace.ops = coherence_trace;
	lm_init();
	for (let i = 0; i < NR_FILES; i++) init_file(i);
	if (DEATHS > 0) {
		inode_trace.ops = losses_trace;
		losses_init();
	}
	for (let n = 0; n < NR_NODES; n++) init_node(n);
	for (let p = 0; p < NR_PROCS; p++) init_proc(p);
	for (let n = 0; n < NR_NODES; n++) {
		tasks[spawn('glockd', n, ogfs_glockd, n)].node = nodes[n];
		tasks[spawn('disk', n, disk_server, n)].node = nodes[n];
		const lm = spawn('lm', -1, lm_server, n);
		if (lm_is_on_node()) tasks[lm].node = nodes[n];
	}
	spawn('setup', -1, setup);
	for (let n = 0; KSWAPD > 0 && n < KSWAPD_NODES; n++)
		tasks[spawn('kswapd', n, kswapd, n)].node = nodes[n];
	for (let n = 0; NR_GLOCKD > 1 && n < NR_NODES; n++)
		tasks[spawn('glockd2', n, ogfs_glockd, n)].node = nodes[n];
	for (let n = 0; GREEDY && n < NR_NODES; n++)
		tasks[spawn('greedy', n, ogfs_greedyd, n)].node = nodes[n];
	for (let n = 0; DROPLOCKS > 0 && n < NR_NODES; n++) spawn('pressure', -1, lm_pressure, n);
	if (DEATHS > 0) {
		spawn('mishap', -1, mishap);
		spawn('cluster', -1, cluster_manager);
		for (let n = 0; n < NR_NODES; n++)
			tasks[spawn('recoverd', n, ogfs_recoverd, n)].node = nodes[n];
	}
}

export function booted(): bool {
	return world.booted;
}

/** All programs have ended. */
export function finished(): bool {
	for (let p = 0; p < NR_PROCS; p++) if (!user_procs[p].ended) return false;
	return true;
}
