// SPDX-License-Identifier: GPL-2.0-only
/**
 * kernel/exit.c of 2.4.22: the end of a task. Left out: everything but its address space and its
 * open files; nobody waits for it.
 */
import type { int, Sleeps } from '../../harness/kts/prelude.ts';
import { fput } from '../fs/open.ts';
import { tlb_entry_clear } from '../include/asm/tlb.ts';
import { NR_FDS, NR_VPAGES } from '../include/linux/bounds.ts';
import type { files_struct } from '../include/linux/fs.ts';
import { current, type task_struct } from '../include/linux/sched.ts';
import { mmput } from './fork.ts';

/**
 * close_files - close every descriptor of a process that has ended
 * @files: its descriptors
 *
 * Context: process. Takes no lock, as no other task has them.
 *
 * Differs:
 *   - xchg: nobody else has them
 *   filp_close -> fput: nothing to flush, no locks on files
 */
function close_files(files: files_struct): void {
	for (let fd = 0; fd < NR_FDS; fd++) {
		const file = files.fd[fd];
		files.fd[fd] = null;
		if (file) fput(file);
	}
}

/**
 * put_files_struct - a task no more uses these descriptors
 * @files: the descriptors
 *
 * Context: process. Takes no lock.
 *
 * Differs:
 *   - free_fd_array, free_fdset x2, kmem_cache_free: the table is as large as it gets, and stays
 */
export function put_files_struct(files: files_struct): void {
	files.count--;
	if (files.count === 0) close_files(files);
}

/**
 * __exit_files - a task that ends lets go of its descriptors
 * @tsk: the task
 *
 * Context: process. Takes no lock.
 *
 * Differs:
 *   - task_lock, task_unlock: nobody else looks at tsk->files
 *   + return: the other way round in C
 */
function __exit_files(tsk: task_struct): void {
	const files = tsk.files;
	if (!files) return;
	tsk.files = null;
	put_files_struct(files);
}

/**
 * __exit_mm - a task that ends lets go of its address space
 * @tsk: the task
 *
 * Its processor goes on with another page table, or idles: what it remembers of this one is gone.
 *
 * Context: process, no locks. May sleep.
 *
 * Differs:
 *   - mm_release: no vfork
 *   - task_lock, task_unlock: nobody else looks at tsk->mm
 *   - enter_lazy_tlb: the processor is not used again, its TLB is emptied
 *   + return: the other way round in C
 */
function* __exit_mm(tsk: task_struct): Sleeps {
	const mm = tsk.mm;
	if (!mm) return;
	tsk.mm = null;
	for (let i = 0; i < NR_VPAGES; i++) tlb_entry_clear(tsk.cpu!.tlb[i]);
	yield* mmput(mm);
}

/**
 * do_exit - the end of a task
 *
 * The address space goes first, then the files.
 *
 * Context: process, no locks. May sleep.
 *
 * Differs:
 *   - del_timer_sync, sem_exit, exit_namespace, exit_sighand, exit_thread: not there
 *   - __exit_fs, disassociate_ctty, put_exec_domain, __MOD_DEC_USE_COUNT: not there
 *   - exit_notify: nobody waits for a task
 *   - in_interrupt: a program calls
 */
function* do_exit(): Sleeps {
	const tsk = current();
	yield* __exit_mm(tsk);
	__exit_files(tsk);
}

/**
 * sys_exit - the system call
 * @error_code: not used
 *
 * Return: 0, which nobody sees.
 * Context: process, no locks. May sleep.
 */
export function* sys_exit(error_code: int): Sleeps<int> {
	yield* do_exit();
	return 0;
}
