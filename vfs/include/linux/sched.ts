// SPDX-License-Identifier: GPL-2.0-only
/**
 * include/linux/sched.h of 2.4.22: the task, its address space and its processor.
 *
 * Differs: a user task has a processor of its own, for good; kernel tasks run on any other.
 */
import {
	type bool,
	type int,
	ints,
	self,
	structs,
	type value_t,
} from '../../../harness/kts/prelude.ts';
import { DIRS, NR_PROCS, NR_TASKS, NR_VPAGES, STORE_BUFFERS } from './bounds.ts';
import { files_struct, getdents_callback } from './fs.ts';
import { mm_struct, type page } from './mm.ts';
import type { node } from './node.ts';

/** One translation in a processor's TLB; page null: none. */
export class tlb_entry {
	page: page | null = null;
	write: bool = false;
	/** the dirty bit of the pte is known to be set: a store need not walk the page table */
	dirty: bool = false;
}

/** A processor, as far as it matters: whose page table it uses, and what it remembers of it. */
export class cpuinfo_x86 {
	mm: mm_struct | null = null;
	readonly tlb = structs(tlb_entry, NR_VPAGES);
}

export class task_struct {
	node: node | null = null;
	mm: mm_struct | null = null;
	files: files_struct | null = null;
	cpu: cpuinfo_x86 | null = null;
	/** without a barrier: one more than the i_size that the processor loaded already; 0: none */
	i_size_early: int = 0;
	/** STORE_BUFFERS: 1 + a file whose i_size is stored late, and it; 1 + one whose counter is */
	readonly late = ints(3 * STORE_BUFFERS);
	/** the user memory that a read or write of this task copies to or from: one int */
	ubuf: value_t = 0;
	/** another process traces it: it does not go on in user mode (tests that use ptrace) */
	ptrace: bool = false;
	/** it is in user mode, where it would be stopped (tests that use ptrace) */
	user_mode: bool = false;
	/** MAPPED_BUFFERS: the address of that memory; 0: it is ubuf, and in no mapping */
	uaddr: int = 0;
	/** DIRS: what getdents() fills; on its stack in C */
	readonly dirent = structs(getdents_callback, DIRS > 0 ? 1 : 0);
	/** CONFIG_NOFAULT_COPY: above 0, a fault in kernel mode is not handled */
	pagefault_disabled: int = 0;
	/** GREEDY: an access of user mode has faulted, and was not tried again yet */
	in_fault: bool = false;
	/** a signal that was sent to it and not taken yet; 0: none */
	sigpending: int = 0;
	/** RECLAIM: the file system has begun a transaction for it (which one, in C) */
	journal_info: bool = false;
}

/**
 * signal_pending - is there a signal for a task?
 * @p: the task
 *
 * Return: true: one that was not taken yet.
 * Context: any.
 */
export function signal_pending(p: task_struct): bool {
	return p.sigpending !== 0;
}

export const tasks = structs(task_struct, NR_TASKS);
export const mms = structs(mm_struct, NR_PROCS);
export const files_structs = structs(files_struct, NR_PROCS);
export const cpus = structs(cpuinfo_x86, NR_PROCS);

/**
 * current - the task whose step this is
 *
 * Return: the task.
 * Context: any.
 * Source: none: a macro that looks at the stack pointer (include/asm-i386/current.h)
 */
export function current(): task_struct {
	return tasks[self()];
}

/**
 * this_node - the kernel that the task runs on
 *
 * Return: the node: what is global in one kernel.
 * Context: any.
 * Source: none: in C there is one kernel
 */
export function this_node(): node {
	return current().node!;
}
