// SPDX-License-Identifier: GPL-2.0-only
/**
 * kernel/ptrace.c of 2.4.22: one process reads and writes the memory of another.
 *
 * Differs: SIGSTOP is not modelled. A process that is traced stops where that would stop it:
 * at its return to user mode. Left out: who may trace whom.
 */
import {
	cover,
	event,
	type int,
	kmem_cache_alloc,
	kmem_cache_free,
	preempt,
	printk,
	type Sleeps,
	type value_t,
	wait_event,
} from '../../harness/kts/prelude.ts';
import { PAGE_MASK, page_word } from '../include/asm/page.ts';
import { PAGE_WORDS } from '../include/linux/bounds.ts';
import { EPERM } from '../include/linux/errno.ts';
import { EVENT_POKE } from '../include/linux/events.ts';
import { down_read, up_read } from '../include/linux/rwsem.ts';
import { type task_struct, this_node } from '../include/linux/sched.ts';
import { page_trace } from '../include/linux/trace.ts';
import { CONFIG_SMP } from '../Kconfig.ts';
import { set_page_dirty } from '../mm/filemap.ts';
import { get_user_pages, unmap_kiobuf } from '../mm/memory.ts';
import { mmput } from './fork.ts';
import { might_sleep } from './lockdep.ts';

/**
 * ptrace_attach - stop a process
 * @task: the process
 *
 * Differs: waits until it has stopped, as the tracer does with waitpid(). SIGSTOP takes effect
 * when the process is in user mode, or comes back to it.
 *   - task_lock, task_unlock x2, cap_issubset, is_dumpable: everybody may
 *   - write_lock tasklist_lock, write_unlock tasklist_lock, REMOVE_LINKS, SET_LINKS: no parents
 *   - send_sig, return: the stop is a flag
 *
 * Return: 0 or -EPERM: it is traced already.
 * Context: may sleep.
 */
export function* ptrace_attach(task: task_struct): Sleeps<int> {
	if (task.ptrace) return -EPERM;
	task.ptrace = true;
	might_sleep();
	yield* wait_event(() => task.user_mode);
	return 0;
}

/**
 * ptrace_detach - let a process go on
 * @task: the process, traced
 *
 * Differs:
 *   - return, ptrace_disable: it is traced, and has no debug registers
 *   - write_lock tasklist_lock, write_unlock tasklist_lock, REMOVE_LINKS, SET_LINKS: no parents
 *
 * Context: process; the other one goes on in a later step. Does not sleep.
 */
export function ptrace_detach(task: task_struct): void {
	task.ptrace = false;
}

/**
 * access_process_vm - write an int into the memory of another process
 * @tsk: the process
 * @addr: where
 * @data: the int
 *
 * What the mapping forbids does not count, only what it may become. The page is held while it is
 * written to, and page_table_lock is not: it may have left the file, and the mapping, by then.
 *
 * Differs: writes only, and one int.
 *   - task_lock, task_unlock: the address space is looked up and held in one step
 *   + kmem_cache_alloc, kmem_cache_free: of the kiobuf in which the page is noted
 *   put_page -> unmap_kiobuf: the same for a kiobuf
 *
 * Return: bytes written: 4 or 0.
 * Context: takes mmap_sem of the other process for reading. May sleep.
 */
export function* access_process_vm(tsk: task_struct, addr: int, data: value_t): Sleeps<int> {
	const mm = tsk.mm;
	if (mm === null) return 0;
	const iobuf = kmem_cache_alloc(this_node().kiobuf_cachep)!;
	let copied = 0;
	mm.mm_users++;
	yield* down_read(mm.mmap_sem);
	const ret = yield* get_user_pages(mm, addr & PAGE_MASK, 1, true, true, iobuf);
	if (ret > 0) {
		iobuf.nr_pages = ret;
		if (CONFIG_SMP) yield* preempt();
		const page = iobuf.maplist[0]!;
		cover('access_process_vm: page written');
		printk('access_process_vm: %p := %d', page, data);
		event(EVENT_POKE, addr, page, PAGE_WORDS > 1 ? page_word(addr) : 0, data);
		page.data[PAGE_WORDS > 1 ? page_word(addr) : 0] = data;
		if (page_trace.ops) page_trace.ops.poked(mm, addr, page, data);
		set_page_dirty(page);
		unmap_kiobuf(iobuf);
		copied = 4;
	}
	up_read(mm.mmap_sem);
	yield* mmput(mm);
	kmem_cache_free(this_node().kiobuf_cachep, iobuf);
	return copied;
}
