// SPDX-License-Identifier: GPL-2.0-only
/**
 * Nodes that die, and what the cluster does about it.
 *
 * A node may die before any step, as long as some program has not ended (`Dies:` of a test says
 * which nodes, and how many at most). Its tasks stop where they are and its memory is gone. What
 * it had sent to other nodes is still in transit. So are pages that it had handed to the disk: each
 * may be written later, in order, or never, until the node is fenced.
 *
 * The cluster manager notices at some later time. It fences the node off the disk, if the file
 * system says so, and tells the file system that the node is dead.
 */

import { WRITE } from '../../vfs/include/linux/blkdev.ts';
import {
	DEATHS,
	GREEDY,
	MORTAL,
	NR_FILE_PAGES,
	NR_FILES,
	NR_NODES,
	NR_PROCS,
	NR_REGS,
	NR_REQUESTS,
	NR_RGRP_BLOCKS,
	NR_TASKS,
	PAGE_WORDS,
} from '../../vfs/include/linux/bounds.ts';
import {
	EVENT_DEATH,
	EVENT_FENCED,
	EVENT_LATE_WRITE,
	EVENT_NODE_LOST,
} from '../../vfs/include/linux/events.ts';
import { held_locks } from '../../vfs/include/linux/lockdep.ts';
import type { page } from '../../vfs/include/linux/mm.ts';
import { nodes } from '../../vfs/include/linux/node.ts';
import { cpus, files_structs, mms, tasks } from '../../vfs/include/linux/sched.ts';
import {
	ASSERT,
	type bool,
	cover,
	end_task,
	event,
	type int,
	ints,
	type node_nr,
	printk,
	reset_struct,
	type Sleeps,
	structs,
	type value_t,
	wait_choose_idle,
} from '../kts/prelude.ts';
import { transfers } from './disk.ts';
import { syncing } from './durability.ts';
import { cluster_fs } from './fs.ts';
import { backed_up, forget_size, forget_stores } from './losses.ts';
import { access_lost } from './overtake.ts';
import { user_procs } from './program.ts';
import { coherence } from './promises.ts';
import { world } from './setup.ts';
import { disk } from './storage.ts';

/** The state of a node in the cluster. */
const ALIVE: int = 0;
const DEAD: int = 1;
const FENCED: int = 2;
const RELEASED: int = 3;

/** Most ints that a node can have handed to the disk. */
const LATE_WORDS: int = (NR_REQUESTS + (PAGE_WORDS > 1 ? 1 : 0)) * PAGE_WORDS;

/** A node as the rest of the cluster sees it. */
export class cluster_node {
	/** ALIVE, DEAD (not noticed yet), FENCED, RELEASED (other nodes may have its locks) */
	status: int = ALIVE;
	/** ints that a dead node had handed to the disk, oldest first: place on the disk, and value */
	late: int = 0;
	readonly sector = ints(LATE_WORDS);
	readonly data = ints<value_t>(LATE_WORDS);
}
export const cluster_nodes = structs(cluster_node, NR_NODES);

export class cluster_t {
	/** nodes that have died */
	deaths: int = 0;
}
export const cluster = new cluster_t();

/** Has this node died? */
export function is_dead(n: node_nr): bool {
	return DEATHS > 0 && cluster_nodes[n].status !== ALIVE;
}

/** May this node die now? Not during the set-up, and not after the end of all programs. */
function may_die(n: node_nr): bool {
	if (!(MORTAL & (1 << n)) || cluster.deaths === DEATHS || is_dead(n)) return false;
	if (!world.booted) return false;
	for (let p = 0; p < NR_PROCS; p++) if (!user_procs[p].ended) return true;
	return false;
}

/** Keeps a page that may still be written, from its int @first on. */
function keep_late_page(n: node_nr, page: page, sector: int, first: int): void {
	const node = cluster_nodes[n];
	for (let w = first; w < PAGE_WORDS; w++) {
		node.sector[node.late] = sector * PAGE_WORDS + w;
		node.data[node.late] = page.data[w];
		node.late++;
	}
	cover('death: with a write under way');
}

/** Keeps the unfinished writes of a dying node: they may still reach the disk. */
function keep_late_writes(n: node_nr): void {
	const q = nodes[n].request_queue;
	if (PAGE_WORDS > 1) {
		const tr = transfers[n];
		if (tr.page) {
			cover('death: with a page half written');
			keep_late_page(n, tr.page, tr.sector, tr.next);
		}
		reset_struct(tr);
	}
	for (let i = 0; i < q.nr; i++) {
		const rq = q.queue[i]!;
		if (!(rq.cmd & WRITE) || rq.sector >= NR_FILES * NR_FILE_PAGES) continue;
		ASSERT('LIMIT', rq.iobuf === null, 'a node that dies during a direct write is not modelled');
		keep_late_page(n, rq.page!, rq.sector, 0);
	}
}

/** Programs are not promised what this node has not written back. */
function forget_unwritten(n: node_nr): void {
	const node = cluster_nodes[n];
	for (let at = 0; at < NR_FILES * NR_FILE_PAGES * PAGE_WORDS; at++) {
		let late = false;
		for (let i = 0; i < node.late; i++) if (node.sector[i] === at) late = true;
		forget_stores(n, at, late);
	}
	for (let i = 0; i < NR_FILES; i++) forget_size(n, i);
}

/** Removes a program and its address space. It counts as ended. */
function forget_program(p: int): void {
	user_procs[p].ended = true;
	user_procs[p].lost = true;
	for (let r = 0; r < NR_REGS; r++) user_procs[p].regs[r] = 0;
	user_procs[p].signal = 0;
	user_procs[p].pc = 0;
	reset_struct(syncing[p]);
	if (GREEDY) access_lost(p);
	reset_struct(mms[p]);
	reset_struct(files_structs[p]);
	const mm = cpus[p].mm;
	reset_struct(cpus[p]);
	cpus[p].mm = mm;
}

/** A node dies. */
function die(n: node_nr): void {
	printk('node %d dies', n);
	event(EVENT_DEATH, n);
	cover('death');
	const ops = cluster_fs();
	if (ops.cover_death) ops.cover_death(n);
	ASSERT('LIMIT', !NR_RGRP_BLOCKS, 'resource groups are in no journal');
	cluster.deaths++;
	cluster_nodes[n].status = DEAD;
	keep_late_writes(n);
	forget_unwritten(n);
	for (let t = 0; t < NR_TASKS; t++) {
		if (tasks[t].node !== nodes[n]) continue;
		end_task(t);
		held_locks[t] = 0;
		reset_struct(tasks[t]);
		if (t < NR_PROCS) forget_program(t);
	}
	if (ops.node_stops) ops.node_stops(n);
	reset_struct(nodes[n]);
}

/** The oldest write of a dead node lands. */
function land(n: node_nr): void {
	const node = cluster_nodes[n];
	const sector = node.sector[0];
	const data = node.data[0];
	node.late--;
	for (let i = 0; i < node.late; i++) {
		node.sector[i] = node.sector[i + 1];
		node.data[i] = node.data[i + 1];
	}
	node.sector[node.late] = 0;
	node.data[node.late] = 0;
	printk('disk: page %d := %d, a late write of node %d', sector / PAGE_WORDS, data, n);
	event(EVENT_LATE_WRITE, sector / PAGE_WORDS, sector % PAGE_WORDS, data, n);
	cover('death: a late write lands');
	disk.sector[sector] = data;
	if (coherence.doubt[sector]) coherence.latest[sector] = data;
	backed_up(sector);
}

/** How many deaths and late writes are possible now. */
function mishaps(): int {
	let count = 0;
	for (let n = 0; n < NR_NODES; n++) if (may_die(n) || cluster_nodes[n].late > 0) count++;
	return count;
}

/**
 * mishap - nodes die, and their last writes reach the disk late
 */
export function* mishap(): Sleeps {
	for (;;) {
		let which = yield* wait_choose_idle(() => mishaps());
		for (let n = 0; n < NR_NODES && which >= 0; n++) {
			if (!may_die(n) && cluster_nodes[n].late === 0) continue;
			if (which > 0) which--;
			else {
				which = -1;
				if (may_die(n)) die(n);
				else land(n);
			}
		}
	}
}

/** From now on no write of a node reaches the disk. */
function fence(n: node_nr): void {
	const node = cluster_nodes[n];
	printk('node %d is fenced', n);
	event(EVENT_FENCED, n);
	if (node.late > 0) cover('fence: keeps a late write out');
	for (let i = 0; i < node.late; i++) {
		node.sector[i] = 0;
		node.data[i] = 0;
	}
	node.late = 0;
}

/** How many dead nodes the cluster manager has work for. */
function cleanups(): int {
	let count = 0;
	for (let n = 0; n < NR_NODES; n++) {
		const status = cluster_nodes[n].status;
		if (status !== ALIVE && status !== RELEASED) count++;
	}
	return count;
}

/** The next step of the cluster manager for a dead node. */
function clean_up(n: node_nr): void {
	const node = cluster_nodes[n];
	const ops = cluster_fs();
	if (node.status === DEAD && ops.fences && ops.fences()) {
		fence(n);
		node.status = FENCED;
		return;
	}
	event(EVENT_NODE_LOST, n);
	if (ops.node_died) ops.node_died(n);
	node.status = RELEASED;
}

/**
 * cluster_manager - fences dead nodes, and has their locks released
 *
 * It notices late: each of its steps may be taken at any time.
 */
export function* cluster_manager(): Sleeps {
	for (;;) {
		let which = yield* wait_choose_idle(() => cleanups());
		for (let n = 0; n < NR_NODES && which >= 0; n++) {
			const status = cluster_nodes[n].status;
			if (status === ALIVE || status === RELEASED) continue;
			if (which === 0) clean_up(n);
			which--;
		}
	}
}
