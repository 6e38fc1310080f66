// SPDX-License-Identifier: GPL-2.0-only
/** The machine: kernels, file system and world, as the executors see them. */

import {
	DEATHS,
	DIRS,
	DROPLOCKS,
	KSWAPD,
	KSWAPD_NODES,
	NR_FILE_PAGES,
	NR_FILES,
	NR_NODES,
	NR_PROCS,
	NR_RGRP_BLOCKS,
	NR_SWAP,
	PAGE_WORDS,
	TRUNCATES,
} from '../../vfs/include/linux/bounds.ts';
import { S_ISDIR } from '../../vfs/include/linux/fs.ts';
import {
	LOCK_i_alloc_sem,
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
import { cluster_fs } from './fs.ts';
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
import { disk, place_of } from './storage.ts';
import { user_process } from './user.ts';

export * from '../properties/index.ts';

function file_entry(i: int): rom_nr {
	return rom(ROM_FILES) + i * FILE_WORDS;
}
function proc_entry(p: proc_nr): rom_nr {
	return rom(ROM_PROCS) + p * PROC_WORDS;
}

/** Writes a page of a file to its block. */
function init_block(i: int, k: int): void {
	const ops = cluster_fs();
	if (ops.format_page) ops.format_page(i, k);
	const block = place_of(i, k);
	for (let w = 0; w < PAGE_WORDS; w++)
		disk.sector[block * PAGE_WORDS + w] =
			coherence.latest[(i * NR_FILE_PAGES + k) * PAGE_WORDS + w];
}

/** A file on the disk. */
function init_file(i: int): void {
	const size = rom(file_entry(i) + FILE_SIZE);
	const data = rom(file_entry(i) + FILE_DATA);
	cluster_fs().format_file(i, size, rom(data));
	if (TRUNCATES) coherence.size[i] = size;
	if (DIRS & (1 << i)) coherence.entries[i] = rom(data);
	for (let k = 0; k < NR_FILE_PAGES; k++) {
		for (let w = 0; w < PAGE_WORDS; w++) {
			const value = k * 4096 < size ? rom(data + k * PAGE_WORDS + w) : 0;
			coherence.latest[(i * NR_FILE_PAGES + k) * PAGE_WORDS + w] = value;
			if (NR_RGRP_BLOCKS === 0) disk.sector[(i * NR_FILE_PAGES + k) * PAGE_WORDS + w] = value;
		}
		if (NR_RGRP_BLOCKS > 0 && k * 4096 < size) init_block(i, k);
	}
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
		cluster_fs().read_inode(inode);
		init_MUTEX(inode.i_sem, DIRS && S_ISDIR(inode) ? LOCK_i_sem_dir : LOCK_i_sem);
		init_rwsem(inode.i_alloc_sem, LOCK_i_alloc_sem);
		spin_lock_init(inode.i_data.i_shared_lock, LOCK_i_shared);
	}
	const ops = cluster_fs();
	if (ops.mount) ops.mount(n);
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
	const ops = cluster_fs();
	if (ops.init) ops.init();
	for (let i = 0; i < NR_FILES; i++) init_file(i);
	if (DEATHS > 0) {
		inode_trace.ops = losses_trace;
		losses_init();
	}
	for (let n = 0; n < NR_NODES; n++) init_node(n);
	for (let p = 0; p < NR_PROCS; p++) init_proc(p);
	init_tasks();
}

/** All tasks but the programs. */
function init_tasks(): void {
	const ops = cluster_fs();
	for (let n = 0; n < NR_NODES; n++) {
		if (ops.spawn_daemons) ops.spawn_daemons(n);
		tasks[spawn('disk', n, disk_server, n)].node = nodes[n];
		if (ops.spawn_server) ops.spawn_server(n);
	}
	spawn('setup', -1, setup);
	for (let n = 0; KSWAPD > 0 && n < KSWAPD_NODES; n++)
		tasks[spawn('kswapd', n, kswapd, n)].node = nodes[n];
	if (ops.spawn_helpers) ops.spawn_helpers();
	for (let n = 0; DROPLOCKS > 0 && n < NR_NODES; n++) spawn('pressure', -1, lm_pressure, n);
	if (DEATHS === 0) return;
	spawn('mishap', -1, mishap);
	spawn('cluster', -1, cluster_manager);
	for (let n = 0; n < NR_NODES; n++) if (ops.spawn_recovery) ops.spawn_recovery(n);
}

export function booted(): bool {
	return world.booted;
}

/** All programs have ended. */
export function finished(): bool {
	for (let p = 0; p < NR_PROCS; p++) if (!user_procs[p].ended) return false;
	return true;
}
