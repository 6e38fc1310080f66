// SPDX-License-Identifier: GPL-2.0-only
/**
 * mm/mlock.c of 2.4.22: memory that the pageout daemon leaves alone.
 *
 * Differs: every process may, and there are no limits. Left out: mlockall.
 *   - ->open x4: no file system here has one
 */
import { cover, type int, kmem_cache_free, type Sleeps } from '../../harness/kts/prelude.ts';
import { PAGE_ALIGN, PAGE_MASK, PAGE_SHIFT } from '../include/asm/page.ts';
import { EAGAIN, EINVAL, ENOMEM } from '../include/linux/errno.ts';
import { get_file } from '../include/linux/fs.ts';
import { VM_LOCKED, type vm_area_struct } from '../include/linux/mm.ts';
import { down_write, up_write } from '../include/linux/rwsem.ts';
import { current, this_node } from '../include/linux/sched.ts';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.ts';
import { make_pages_present } from './memory.ts';
import {
	__insert_vm_struct,
	cut_under_lock,
	cut_unlocked,
	find_vma,
	lock_vma_mappings,
	unlock_vma_mappings,
	vma_copy,
} from './mmap.ts';
import { vm_area_alloc } from './slab.ts';

/**
 * mlock_fixup_all - new flags for a whole mapping
 * @vma: the mapping
 * @newflags: VM_*
 *
 * Return: 0.
 * Context: mmap_sem held for writing. Takes page_table_lock.
 */
function* mlock_fixup_all(vma: vm_area_struct, newflags: int): Sleeps<int> {
	yield* spin_lock(vma.vm_mm!.page_table_lock);
	vma.vm_flags = newflags;
	spin_unlock(vma.vm_mm!.page_table_lock);
	return 0;
}

/**
 * mlock_fixup_start - new flags for the lower part of a mapping
 * @vma: the mapping; the upper part stays with it
 * @end: behind the last byte of the lower part
 * @newflags: VM_*
 *
 * As in mprotect_fixup_start(), vm_pgoff changes before i_shared_lock is taken, and under it with
 * CONFIG_VM_PGOFF_UNDER_SHARE_LOCK.
 *
 * Return: 0 or -EAGAIN.
 * Context: mmap_sem held for writing. Takes i_shared_lock, under it page_table_lock.
 */
function* mlock_fixup_start(vma: vm_area_struct, end: int, newflags: int): Sleeps<int> {
	const mm = vma.vm_mm!;
	const n = yield* vm_area_alloc();
	if (n === null) return -EAGAIN;
	vma_copy(n, vma);
	n.vm_end = end;
	n.vm_flags = newflags;
	if (n.vm_file) get_file(n.vm_file);
	cut_unlocked(vma, end, vma.vm_end);
	yield* lock_vma_mappings(vma);
	yield* spin_lock(mm.page_table_lock);
	cut_under_lock(vma, end, vma.vm_end);
	__insert_vm_struct(mm, n);
	spin_unlock(mm.page_table_lock);
	unlock_vma_mappings(vma);
	return 0;
}

/**
 * mlock_fixup_end - new flags for the upper part of a mapping
 * @vma: the mapping; the lower part stays with it
 * @start: first byte of the upper part
 * @newflags: VM_*
 *
 * 2.4.22 moves vm_end under i_shared_lock; split_vma() of 2.6.0-test1 to test8, which is mlock's as
 * well, before it is taken (CONFIG_SPLIT_UNDER_SHARE_LOCK off).
 *
 * Return: 0 or -EAGAIN.
 * Context: mmap_sem held for writing. Takes i_shared_lock, under it page_table_lock.
 */
function* mlock_fixup_end(vma: vm_area_struct, start: int, newflags: int): Sleeps<int> {
	const mm = vma.vm_mm!;
	const n = yield* vm_area_alloc();
	if (n === null) return -EAGAIN;
	vma_copy(n, vma);
	n.vm_start = start;
	n.vm_pgoff += (start - vma.vm_start) >> PAGE_SHIFT;
	n.vm_flags = newflags;
	if (n.vm_file) get_file(n.vm_file);
	cut_unlocked(vma, vma.vm_start, start);
	yield* lock_vma_mappings(vma);
	yield* spin_lock(mm.page_table_lock);
	cut_under_lock(vma, vma.vm_start, start);
	__insert_vm_struct(mm, n);
	spin_unlock(mm.page_table_lock);
	unlock_vma_mappings(vma);
	return 0;
}

/**
 * mlock_fixup_middle - new flags for the middle of a mapping
 * @vma: the mapping; the middle stays with it
 * @start: first byte of the middle
 * @end: behind its last byte
 * @newflags: VM_*
 *
 * Return: 0 or -EAGAIN.
 * Context: mmap_sem held for writing. Takes i_shared_lock, under it page_table_lock.
 */
function* mlock_fixup_middle(
	vma: vm_area_struct,
	start: int,
	end: int,
	newflags: int,
): Sleeps<int> {
	const mm = vma.vm_mm!;
	const left = yield* vm_area_alloc();
	if (left === null) return -EAGAIN;
	const right = yield* vm_area_alloc();
	if (right === null) {
		kmem_cache_free(this_node().vm_area_cachep, left);
		return -EAGAIN;
	}
	vma_copy(left, vma);
	vma_copy(right, vma);
	left.vm_end = start;
	right.vm_start = end;
	right.vm_pgoff += (end - vma.vm_start) >> PAGE_SHIFT;
	vma.vm_flags = newflags;
	if (vma.vm_file) vma.vm_file.f_count += 2;
	cut_unlocked(vma, start, end);
	yield* lock_vma_mappings(vma);
	yield* spin_lock(mm.page_table_lock);
	cut_under_lock(vma, start, end);
	vma.vm_flags = newflags;
	__insert_vm_struct(mm, left);
	__insert_vm_struct(mm, right);
	spin_unlock(mm.page_table_lock);
	unlock_vma_mappings(vma);
	return 0;
}

/**
 * mlock_fixup - lock or unlock a part of a mapping, or all of it
 * @vma: the mapping
 * @start: first byte
 * @end: behind the last byte, in the mapping
 * @newflags: VM_*
 *
 * What is locked is faulted in; that it could not be is no error.
 *
 * Differs:
 *   + return: one return more
 *
 * Return: 0 or -EAGAIN.
 * Context: mmap_sem held for writing. May sleep.
 */
function* mlock_fixup(vma: vm_area_struct, start: int, end: int, newflags: int): Sleeps<int> {
	if (newflags === vma.vm_flags) return 0;
	let retval = 0;
	if (start === vma.vm_start) {
		if (end === vma.vm_end) {
			retval = yield* mlock_fixup_all(vma, newflags);
		} else {
			cover('mlock: a part of a mapping');
			retval = yield* mlock_fixup_start(vma, end, newflags);
		}
	} else {
		cover('mlock: a part of a mapping');
		if (end === vma.vm_end) retval = yield* mlock_fixup_end(vma, start, newflags);
		else retval = yield* mlock_fixup_middle(vma, start, end, newflags);
	}
	if (retval) return retval;
	let pages = (end - start) >> PAGE_SHIFT;
	if (newflags & VM_LOCKED) {
		pages = -pages;
		cover('mlock: pages made present');
		yield* make_pages_present(start, end);
	}
	vma.vm_mm!.locked_vm -= pages;
	return 0;
}

/**
 * do_mlock - lock or unlock a range of addresses
 * @start: first byte, the start of a page
 * @length: bytes, whole pages
 * @on: lock
 *
 * Differs:
 *   - return: no limits
 *   + return x3: the loop ends in it, in C it is left
 *
 * Return: 0 or a negative error number.
 * Context: mmap_sem held for writing. May sleep.
 */
function* do_mlock(start: int, length: int, on: int): Sleeps<int> {
	const end = start + PAGE_ALIGN(length);
	if (end < start) return -EINVAL;
	if (end === start) return 0;
	let vma = find_vma(current().mm!, start);
	if (!vma || vma.vm_start > start) return -ENOMEM;
	let nstart = start;
	for (;;) {
		const newflags = on ? vma.vm_flags | VM_LOCKED : vma.vm_flags & ~VM_LOCKED;
		if (vma.vm_end >= end) return yield* mlock_fixup(vma, nstart, end, newflags);
		const tmp: int = vma.vm_end;
		const next: vm_area_struct | null = vma.vm_next;
		const error = yield* mlock_fixup(vma, nstart, tmp, newflags);
		if (error) return error;
		nstart = tmp;
		vma = next;
		if (!vma || vma.vm_start !== nstart) return -ENOMEM;
	}
}

/**
 * sys_mlock - the system call
 * @start: first byte
 * @len: bytes
 *
 * Return: 0; -ENOMEM: a part of the range is not mapped; -EAGAIN: there is no memory.
 * Context: process; takes mmap_sem for writing. May sleep.
 */
export function* sys_mlock(start: int, len: int): Sleeps<int> {
	const mm = current().mm!;
	yield* down_write(mm.mmap_sem);
	const error = yield* do_mlock(start & PAGE_MASK, PAGE_ALIGN(len + (start & ~PAGE_MASK)), 1);
	up_write(mm.mmap_sem);
	return error;
}

/**
 * sys_munlock - the system call
 * @start: first byte
 * @len: bytes
 *
 * Return: as sys_mlock().
 * Context: process; takes mmap_sem for writing. May sleep.
 */
export function* sys_munlock(start: int, len: int): Sleeps<int> {
	const mm = current().mm!;
	yield* down_write(mm.mmap_sem);
	const ret = yield* do_mlock(start & PAGE_MASK, PAGE_ALIGN(len + (start & ~PAGE_MASK)), 0);
	up_write(mm.mmap_sem);
	return ret;
}
