// SPDX-License-Identifier: GPL-2.0-only
/** arch/i386/kernel/ptrace.c of 2.4.22: the system call. Left out: all requests but POKEDATA. */
import type { int, Sleeps, value_t } from '../../../../harness/kts/prelude.ts';
import { NR_PROCS } from '../../../include/linux/bounds.ts';
import { EIO, ESRCH } from '../../../include/linux/errno.ts';
import { current, tasks } from '../../../include/linux/sched.ts';
import { access_process_vm, ptrace_attach, ptrace_detach } from '../../../kernel/ptrace.ts';

/**
 * sys_ptrace - the system call: attach, write an int into the process's memory, detach
 * @pid: number of the process
 * @addr: where
 * @data: the int
 *
 * Return: 0; -ESRCH: there is no such process on this node; -EPERM; -EIO: it cannot be written.
 * Context: process. May sleep.
 *
 * Differs: three requests in one, PTRACE_ATTACH, PTRACE_POKEDATA and PTRACE_DETACH; what comes
 * between them in a program (waitpid) is waited for.
 *   - read_lock tasklist_lock, read_unlock tasklist_lock, find_task_by_pid, get_task_struct,
 *       free_task_struct: tasks are there from the start, by number
 *   - ptrace_check_attach: three requests in one, so the process is stopped
 *   - getreg x2, putreg x2, get_stack_long x3, put_stack_long x3, get_fpregs, set_fpregs,
 *       get_fpxregs, set_fpxregs, load_empty_fpu x2, put_user x2, access_ok x6, __put_user,
 *       __get_user, access_process_vm, return: requests that are left out
 *   + return: of the attaching
 */
export function* sys_ptrace(pid: int, addr: int, data: value_t): Sleeps<int> {
	if (pid < 0 || pid >= NR_PROCS) return -ESRCH;
	const child = tasks[pid];
	if (child.node !== current().node || child === current()) return -ESRCH;
	const error = yield* ptrace_attach(child);
	if (error) return error;
	const copied = yield* access_process_vm(child, addr, data);
	ptrace_detach(child);
	return copied === 4 ? 0 : -EIO;
}
