// SPDX-License-Identifier: GPL-2.0-only
/**
 * kernel/signal.c of 2.4.22: one process sends a signal to another.
 *
 * Differs: of the signals that kill() sends there is one at a time: a second that ends the process
 * takes the place of one that it handles, and the others are lost. There are no masks, no groups
 * and no stops; that a signal is taken is the business of the return to user mode.
 */
import { cover, event, type int, printk } from '../../harness/kts/prelude.ts';
import { NR_PROCS } from '../include/linux/bounds.ts';
import { EINVAL, ESRCH, SIGKILL, SIGTERM, SIGUSR1 } from '../include/linux/errno.ts';
import { EVENT_SIGNAL_SENT } from '../include/linux/events.ts';
import { signal_pending, type task_struct, tasks, this_node } from '../include/linux/sched.ts';

/**
 * send_sig_info - send a signal to a task
 * @sig: SIGUSR1, SIGTERM or SIGKILL
 * @t: the task
 *
 * A task that waits interruptibly wakes up.
 *
 * Differs:
 *   - bad_signal, handle_stop_signal, ignored_signal, sigismember: everybody may, nothing is
 *       stopped, ignored or queued
 *   - spin_lock sigmask_lock, spin_unlock sigmask_lock: one store
 *   - deliver_signal: the waits look at sigpending themselves
 *   + signal_pending: one signal at a time
 *
 * Context: any.
 */
function send_sig_info(sig: int, t: task_struct): void {
	if (signal_pending(t) && t.sigpending !== SIGUSR1) return;
	t.sigpending = sig;
}

/**
 * sys_kill - the system call: send a signal to a process
 * @pid: number of the process
 * @sig: the signal
 *
 * Differs:
 *   kill_something_info -> send_sig_info: one process, that is known by its number
 *   + return x2: what kill_proc_info() and send_sig_info() refuse
 *
 * Return: 0; -ESRCH: there is no such process on this node; -EINVAL: it is no signal that can be
 * sent.
 * Context: process. Does not sleep.
 */
export function sys_kill(pid: int, sig: int): int {
	if (sig !== SIGUSR1 && sig !== SIGTERM && sig !== SIGKILL) return -EINVAL;
	if (pid < 0 || pid >= NR_PROCS || tasks[pid].node !== this_node()) return -ESRCH;
	cover('signal: sent');
	printk('kill: signal %d to P%d', sig, pid);
	event(EVENT_SIGNAL_SENT, sig, pid);
	send_sig_info(sig, tasks[pid]);
	return 0;
}
