// SPDX-License-Identifier: GPL-2.0-only
/** mm/msync.c (mm/filemap.c in 2.4.22): writing the stores of a mapping to the disk. */
import type { int, Sleeps } from '../../harness/kts/prelude.ts';
import { PAGE_ALIGN, PAGE_MASK } from '../include/asm/page.ts';
import { MLOCK } from '../include/linux/bounds.ts';
import { EBUSY, EINVAL, ENOMEM } from '../include/linux/errno.ts';
import {
	MS_ASYNC,
	MS_INVALIDATE,
	MS_SYNC,
	type mm_struct,
	VM_LOCKED,
	VM_SHARED,
	type vm_area_struct,
} from '../include/linux/mm.ts';
import { down, down_read, up, up_read } from '../include/linux/rwsem.ts';
import { current } from '../include/linux/sched.ts';
import { CONFIG_MSYNC_ASYNC_MARKS } from '../Kconfig.ts';
import { filemap_fdatasync, filemap_fdatawait, filemap_sync } from './filemap.ts';
import { find_vma } from './mmap.ts';

/**
 * msync_interval - write a part of one mapping
 * @vma: the mapping
 * @start: first byte
 * @end: behind the last byte
 * @flags: MS_*
 *
 * MS_ASYNC starts to write as well; with CONFIG_MSYNC_ASYNC_MARKS, as in 2.6, it does not.
 *
 * Differs:
 *   + return x3: the other way round in C
 *
 * Return: 0 or a negative error number.
 * Context: mmap_sem held for reading; takes i_sem. May sleep.
 */
function* msync_interval(vma: vm_area_struct, start: int, end: int, flags: int): Sleeps<int> {
	if (MLOCK && flags & MS_INVALIDATE && vma.vm_flags & VM_LOCKED) return -EBUSY;
	if (!vma.vm_file || !(vma.vm_flags & VM_SHARED)) return 0;
	yield* filemap_sync(vma, start, end - start);
	if (CONFIG_MSYNC_ASYNC_MARKS && flags & MS_ASYNC) return 0;
	if (!(flags & (MS_SYNC | MS_ASYNC))) return 0;

	const inode = vma.vm_file.f_inode!;
	yield* down(inode.i_sem);
	let ret = yield* filemap_fdatasync(inode.i_data);
	if (flags & MS_SYNC) {
		const synced = yield* vma.vm_file.f_op!.fsync(vma.vm_file);
		if (synced && !ret) ret = synced;
		const waited = yield* filemap_fdatawait(inode.i_data);
		if (waited && !ret) ret = waited;
	}
	up(inode.i_sem);
	return ret;
}

/**
 * msync_range - the part of sys_msync() under mmap_sem
 * @mm: the address space
 * @address: first byte
 * @length: bytes
 * @flags: MS_*
 *
 * Source: none: part of sys_msync()
 * Return: as sys_msync().
 * Context: mmap_sem held for reading. May sleep.
 */
function* msync_range(mm: mm_struct, address: int, length: int, flags: int): Sleeps<int> {
	let start = address;
	const end = start + PAGE_ALIGN(length);
	if (start & ~PAGE_MASK || end < start) return -EINVAL;
	if (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) return -EINVAL;
	if (flags & MS_ASYNC && flags & MS_SYNC) return -EINVAL;
	if (end === start) return 0;

	let unmapped = 0;
	let vma = find_vma(mm, start);
	for (;;) {
		if (!vma) return -ENOMEM;
		if (start < vma.vm_start) {
			unmapped = -ENOMEM;
			start = vma.vm_start;
		}
		if (end <= vma.vm_end) {
			if (start < end) {
				const error = yield* msync_interval(vma, start, end, flags);
				if (error) return error;
			}
			return unmapped;
		}
		const error = yield* msync_interval(vma, start, vma.vm_end, flags);
		if (error) return error;
		start = vma.vm_end;
		vma = vma.vm_next;
	}
}

/**
 * sys_msync - the system call
 * @address: first byte, the start of a page
 * @length: bytes
 * @flags: MS_*
 *
 * Return: 0, -EINVAL, -ENOMEM when a part of the range is not mapped, or what the write says.
 * Context: process; holds mmap_sem for reading. May sleep.
 *
 * Differs:
 *   + PAGE_ALIGN: arithmetic in C
 */
export function* sys_msync(address: int, length: int, flags: int): Sleeps<int> {
	const mm = current().mm!;
	yield* down_read(mm.mmap_sem);
	const error = yield* msync_range(mm, address, length, flags);
	up_read(mm.mmap_sem);
	return error;
}
