// SPDX-License-Identifier: GPL-2.0-only
/**
 * Greedy glocks (GFS1: parts of src/gfs/glock.c, glops.c and ops_vm.c, since September 2004;
 * OpenGFS's own names could not be read, and it may have had none).
 *
 * The file system has its lock only while a fault brings the page; the access itself is made
 * after that. If another node wants the file, the page may be taken away in between, and so on
 * for ever. So a fault makes the glock greedy: for a time demotions wait, while tasks of this
 * node get the lock as if no other node wanted it. Then what has been asked for is done, and only
 * then can the glock be greedy again.
 *
 * The time is a number of quanta (1/40 s in GFS1), at first 4, at most 10; 0 stands for a tick.
 * When it is over it is set anew: a quantum more if there was a fault within the last quantum,
 * else one less. So it measures how often the file faults, and not whether anything got done:
 * with one fault each time it shrinks to a tick, where the fault that began it is always
 * recent, grows to a quantum, and shrinks again.
 *
 * Time is modelled as follows. A tick may be over at any time. A quantum is longer than what a
 * task needs from the end of its fault to the end of the access, as long as it does not wait for
 * a lock of the file system again: also if the repeated access faults once more, since the pte
 * was read-only, or the pageout daemon took it. Nothing else is promised: not to a fault that
 * comes while the glock is greedy already, since what is left of the time may be nothing, nor
 * to a fault inside a system call. A fault other than the first may be recent or not.
 *
 * Differs from GFS1: when a glock that was made greedy shared has become exclusive, it is made
 * greedy anew. GFS1 takes the lock exclusively at once. With page_mkwrite the time runs while
 * the upgrade waits for another node, and would be over when it is granted, each time.
 *
 * Only tests that ask for it (GREEDY) have timers. To the others a demotion that waits for a
 * timer is a callback that is under way for longer: what is safe without timers is safe with
 * them.
 */
import {
	type bool,
	choose,
	cover,
	event,
	type int,
	type node_nr,
	printk,
	type Sleeps,
	self,
	structs,
	type task_nr,
	wait_choose_idle,
} from '../../harness/kts/prelude.ts';
import { GREEDY, GREEDY_TIME, NR_FILES, NR_NODES } from '../../vfs/include/linux/bounds.ts';
import { EVENT_GREEDY, EVENT_GREEDY_DONE } from '../../vfs/include/linux/events.ts';
import { tasks } from '../../vfs/include/linux/sched.ts';
import { page_trace } from '../../vfs/include/linux/trace.ts';
import { lockdep_sys_exit } from '../../vfs/kernel/ksyms.ts';
import { CONFIG_OGFS_GREEDY, CONFIG_OGFS_GREEDY_FLOOR } from '../Kconfig.ts';
import { GLF_DEMOTE, type ogfs_glock, ogfs_sbs } from './incore.ts';

/** gt_greedy_max, in quanta */
const GREEDY_MAX: int = 10;
/** the least, in quanta: a tick, as in GFS1, or a quantum */
const GREEDY_MIN: int = CONFIG_OGFS_GREEDY_FLOOR ? 1 : 0;
/** A number that is no task's. */
const NO_TASK: int = -1;

/** What GFS1 keeps of it in the glock, in the inode, and in a timer. */
export class ogfs_greedy {
	/** i_greedy: quanta; 0: a tick */
	time: int = GREEDY_TIME;
	/** GLF_GREEDY: it cannot be made greedy again yet */
	greedy: bool = false;
	/** GLF_SKIP_WAITERS2: demotions wait; the timer runs */
	skip: bool = false;
	/** with greedy: the state of the glock when the timer was started */
	state: int = 0;
	/** the task whose fault started it; NO_TASK: it waits for no task */
	task: task_nr = NO_TASK;
	/** there was another fault since */
	again: bool = false;
}
class greedy_files {
	readonly file = structs(ogfs_greedy, NR_FILES);
}
export const ogfs_greedies = structs(greedy_files, NR_NODES);

/** Of the glock of a file. */
function greedy_of(gl: ogfs_glock): ogfs_greedy {
	return ogfs_greedies[gl.gl_inode!.i_node].file[gl.gl_number];
}

/**
 * ogfs_glock_skip_demote - do demotions of a glock wait?
 * @gl: the glock
 *
 * Return: true: its time is not over.
 * Context: any.
 */
export function ogfs_glock_skip_demote(gl: ogfs_glock): bool {
	if (!GREEDY || !CONFIG_OGFS_GREEDY) return false;
	return gl.gl_inode !== null && greedy_of(gl).skip;
}

/**
 * pfault_be_greedy - a fault has its page: keep the lock for a time
 * @gl: the glock of the file, held by this task
 *
 * Also gfs_glock_be_greedy().
 *
 * Context: process, in ->nopage or ->page_mkwrite. Does not sleep.
 */
export function pfault_be_greedy(gl: ogfs_glock): void {
	if (!GREEDY || !CONFIG_OGFS_GREEDY) return;
	const g = greedy_of(gl);
	if (g.greedy && g.state === gl.gl_state) {
		g.again = true;
		return;
	}
	g.greedy = true;
	g.skip = true;
	g.state = gl.gl_state;
	g.task = tasks[self()].in_fault ? self() : NO_TASK;
	g.again = false;
	cover('greedy: a fault keeps the lock');
	printk('pfault_be_greedy: file %d, %d quanta', gl.gl_number, g.time);
	event(EVENT_GREEDY, gl.gl_number, g.time);
}

/**
 * ogfs_glock_waits - a task is about to wait for a glock: no timer runs on for it
 *
 * Context: process. Does not sleep.
 */
export function ogfs_glock_waits(): void {
	if (!GREEDY || !CONFIG_OGFS_GREEDY || tasks[self()].node === null) return;
	for (let i = 0; i < NR_FILES; i++) {
		const g = ogfs_greedies[tasks[self()].node!.id].file[i];
		if (g.task === self()) g.task = NO_TASK;
	}
}

/**
 * ogfs_glock_revoked - another node gets the lock, or the right to share it
 * @gl: the glock, GLF_LOCK set
 *
 * It can be made greedy again (rq_greedy of GFS1, which stands in the queue behind the demotion).
 *
 * Context: the daemon. Does not sleep.
 */
export function ogfs_glock_revoked(gl: ogfs_glock): void {
	if (!GREEDY || gl.gl_inode === null) return;
	page_trace.ops!.revoked(gl.gl_inode);
	if (CONFIG_OGFS_GREEDY) clear_greedy(greedy_of(gl));
}

/** It can be made greedy again. */
function clear_greedy(g: ogfs_greedy): void {
	g.greedy = false;
	g.skip = false;
	g.state = 0;
	g.task = NO_TASK;
	g.again = false;
}

/** May the time be over now? */
function expires(g: ogfs_greedy): bool {
	return g.skip && (g.time === 0 || g.task === NO_TASK || !tasks[g.task].in_fault);
}

/** How many glocks of a node there are whose time may be over. */
function nr_expiring(node: node_nr): int {
	let n = 0;
	for (let i = 0; i < NR_FILES; i++) if (expires(ogfs_greedies[node].file[i])) n++;
	return n;
}

/** The number of the file of one of them. */
function nth_expiring(node: node_nr, n: int): int {
	let left = n;
	for (let i = 0; i < NR_FILES; i++) {
		if (!expires(ogfs_greedies[node].file[i])) continue;
		if (left === 0) return i;
		left--;
	}
	return 0;
}

/**
 * inode_greedy - how long a file is greedy the next time
 * @g: of the file
 * @recent: the last fault was less than a quantum ago
 *
 * Context: the timer. Does not sleep.
 */
function inode_greedy(g: ogfs_greedy, recent: bool): void {
	if (recent && g.time < GREEDY_MAX) g.time++;
	else if (!recent && g.time > GREEDY_MIN) g.time--;
}

/**
 * greedy_work - the time of a glock is over
 * @node: whose
 * @i: number of the file
 *
 * What another node has asked for is the daemon's to do. If nobody has, the glock can be made
 * greedy again.
 *
 * Context: the timer. May sleep (which fault is recent is a choice).
 */
function* greedy_work(node: node_nr, i: int): Sleeps {
	const g = ogfs_greedies[node].file[i];
	const again = g.again;
	const state = g.state;
	let recent = g.time === 0;
	const wanted = (ogfs_sbs[node].sd_inodes[i].i_gl.gl_flags & GLF_DEMOTE) !== 0;
	printk('greedy_work: file %d', i);
	event(EVENT_GREEDY_DONE, i);
	clear_greedy(g);
	g.greedy = wanted;
	g.state = wanted ? state : 0;
	if (wanted) cover('greedy: the time is over, and another node waits');
	if (again && !recent) {
		const old = yield* choose(2);
		recent = old === 0;
	}
	inode_greedy(g, recent);
}

/**
 * ogfs_greedyd - the timers of a node (the work queue events/N of 2.6)
 * @node: whose
 *
 * Context: a task of its own, which idles when no time may be over. Sleeps.
 */
export function* ogfs_greedyd(node: node_nr): Sleeps {
	for (;;) {
		lockdep_sys_exit();
		const n = yield* wait_choose_idle(() => nr_expiring(node));
		yield* greedy_work(node, nth_expiring(node, n));
	}
}
