// SPDX-License-Identifier: GPL-2.0-only
/**
 * kernel/fork.c of 2.4.22: a new process with a copy of the address space and of the descriptors.
 *
 * Differs: the task, its address space and its table of descriptors are there from the start, so
 * that allocating them never fails. Left out: everything else that a task has; threads are made
 * with the machine.
 */
import { ASSERT, type int, preempt, type Sleeps } from '../../harness/kts/prelude.ts';
import { flush_tlb_mm } from '../include/asm/tlb.ts';
import { MLOCK, NR_FDS } from '../include/linux/bounds.ts';
import { ENOMEM } from '../include/linux/errno.ts';
import { type files_struct, get_file } from '../include/linux/fs.ts';
import { type mm_struct, VM_LOCKED, VM_SHARED, type vm_area_struct } from '../include/linux/mm.ts';
import { down_write, up_write } from '../include/linux/rwsem.ts';
import { current, type task_struct } from '../include/linux/sched.ts';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.ts';
import { CONFIG_FORK_CHILD_AFTER_PARENT, CONFIG_SMP } from '../Kconfig.ts';
import { copy_page_range } from '../mm/memory.ts';
import { exit_mmap, set_share_first, share_first, vma_copy } from '../mm/mmap.ts';
import { vm_area_alloc } from '../mm/slab.ts';
import { put_files_struct } from './exit.ts';

/**
 * vma_link_beside - put a copied mapping on the share list that the original is on
 * @tmp: the copy
 * @mpnt: the original
 *
 * 2.4.22 puts it behind the original: a walk of the list comes to it last. 2.6.0 puts it before:
 * a walk that has passed the copy, while it is still empty, and has not come to the original yet,
 * lets its ptes be copied.
 *
 * Context: i_shared_lock held.
 * Source: none: part of dup_mmap(), with the order of 2.6.0
 */
function vma_link_beside(tmp: vm_area_struct, mpnt: vm_area_struct): void {
	if (CONFIG_FORK_CHILD_AFTER_PARENT) {
		tmp.vm_next_share = mpnt.vm_next_share;
		mpnt.vm_next_share = tmp;
		return;
	}
	let p = share_first(mpnt);
	tmp.vm_next_share = mpnt;
	if (p === mpnt) {
		set_share_first(mpnt, tmp);
		return;
	}
	while (p!.vm_next_share !== mpnt) p = p!.vm_next_share;
	p!.vm_next_share = tmp;
}

/**
 * dup_mmap - copy the mappings of the running task, and what is mapped there
 * @mm: the new address space, empty
 *
 * Each mapping is on the share list before its ptes are copied.
 *
 * Return: 0 or -ENOMEM; then @mm holds what was copied so far.
 * Context: mmap_sem of the running task held for writing. Takes i_shared_lock and lets it go, then
 * page_table_lock of @mm, under it that of the running task. Does not sleep. SMP: others get in
 * before the TLBs are flushed, which is under no lock.
 *
 * Differs:
 *   - build_mmap_rb: nothing on i386, no tree
 *   - spin_lock mmlist_lock, spin_unlock mmlist_lock: nobody walks the list of address spaces
 *   + vma_copy: an assignment of structs
 *   - ->open: no file system here has one
 */
function* dup_mmap(mm: mm_struct): Sleeps<int> {
	const oldmm = current().mm!;
	let prev: vm_area_struct | null = null;
	let retval = 0;
	mm.mmap = null;
	mm.rss = 0;
	if (MLOCK) mm.locked_vm = 0;
	for (let mpnt = oldmm.mmap; mpnt; mpnt = mpnt.vm_next) {
		ASSERT(
			'LIMIT',
			mpnt.vm_file !== null || !(mpnt.vm_flags & VM_SHARED),
			'fork with shared memory of no file is not modelled',
		);
		const tmp = yield* vm_area_alloc();
		retval = -ENOMEM;
		if (tmp === null) break;
		vma_copy(tmp, mpnt);
		if (MLOCK) tmp.vm_flags &= ~VM_LOCKED;
		tmp.vm_mm = mm;
		if (tmp.vm_file) {
			const mapping = tmp.vm_file.f_inode!.i_data;
			get_file(tmp.vm_file);
			yield* spin_lock(mapping.i_shared_lock);
			vma_link_beside(tmp, mpnt);
			spin_unlock(mapping.i_shared_lock);
		}
		yield* spin_lock(mm.page_table_lock);
		if (prev) prev.vm_next = tmp;
		else mm.mmap = tmp;
		prev = tmp;
		retval = yield* copy_page_range(mm, oldmm, tmp);
		spin_unlock(mm.page_table_lock);
		if (retval) break;
	}
	if (CONFIG_SMP) yield* preempt();
	flush_tlb_mm(oldmm);
	return retval;
}

/**
 * mmput - a task no more uses an address space
 * @mm: the address space
 *
 * Context: process, no locks. May sleep.
 *
 * Differs:
 *   - mmdrop: the struct stays
 *   - spin_unlock mmlist_lock: of atomic_dec_and_lock()
 */
export function* mmput(mm: mm_struct): Sleeps {
	mm.mm_users--;
	if (mm.mm_users === 0) yield* exit_mmap(mm);
}

/**
 * copy_mm - give a new task a copy of the running task's address space
 * @tsk: the new task
 *
 * Return: 0 or -ENOMEM.
 * Context: process, no locks; takes mmap_sem for writing. May sleep.
 *
 * Differs:
 *   - allocate_mm, init_new_context, copy_segments: the struct is there
 *   - mm_init, return x2: the struct is there
 */
function* copy_mm(tsk: task_struct): Sleeps<int> {
	const oldmm = current().mm!;
	const mm = tsk.mm!;
	mm.mm_users = 1;
	yield* down_write(oldmm.mmap_sem);
	const retval = yield* dup_mmap(mm);
	up_write(oldmm.mmap_sem);
	if (retval) yield* mmput(mm);
	return retval;
}

/**
 * copy_files - give a new task a copy of the running task's descriptors
 * @tsk: the new task
 *
 * Context: process. Takes no lock: in the kernel file_lock, under which nothing sleeps.
 *
 * Differs:
 *   - kmem_cache_alloc, expand_fdset, expand_fd_array: the table is there
 *   - count_open_files: it is copied as a whole
 *   - read_lock x2, write_lock x2: what they protect is part of a step
 *   - read_unlock x2, write_unlock x2, free_fdset x2, kmem_cache_free, return: of these
 */
function copy_files(tsk: task_struct): void {
	const oldf: files_struct = current().files!;
	const newf: files_struct = tsk.files!;
	newf.count = 1;
	for (let fd = 0; fd < NR_FDS; fd++) {
		const f = oldf.fd[fd];
		if (f) get_file(f);
		newf.fd[fd] = f;
	}
}

/**
 * do_fork - make a process
 * @tsk: the new task, which has never run
 *
 * Return: 0 (in the kernel the number of the process) or -ENOMEM.
 * Context: process, no locks. May sleep. The caller lets the new task run.
 *
 * Differs:
 *   - alloc_task_struct, free_task_struct, get_pid: the task is there
 *   - copy_fs, copy_sighand, copy_namespace, copy_thread: it has nothing else
 *   exit_files -> put_files_struct: what is given back when the mappings could not be copied
 *   - get_exec_domain, put_exec_domain, __MOD_INC_USE_COUNT, __MOD_DEC_USE_COUNT, copy_flags,
 *       init_waitqueue_head, init_completion, init_sigpending, init_timer, spin_lock_init x2,
 *       free_uid, exit_namespace, exit_sighand, exit_fs, exit_mm, return x2: it has nothing else
 *   - write_lock tasklist_lock, write_unlock tasklist_lock, SET_LINKS, hash_pid, send_sig,
 *       wait_for_completion: it is known, and no vfork
 */
export function* do_fork(tsk: task_struct): Sleeps<int> {
	tsk.sigpending = 0;
	copy_files(tsk);
	const error = yield* copy_mm(tsk);
	if (error) put_files_struct(tsk.files!);
	return error;
}
