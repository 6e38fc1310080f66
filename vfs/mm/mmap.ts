// SPDX-License-Identifier: GPL-2.0-only
/**
 * mm/mmap.c of 2.4.22: making and removing mappings.
 *
 * Differs: the vma of a process hang on one list; share lists are singly linked, so unlinking
 * walks. Left out: MAP_FIXED (nothing is ever in the way), merging, partial unmapping, locked
 * memory, limits, brk, stacks.
 */
import {
	ASSERT,
	type bool,
	type int,
	kmem_cache_alloc,
	kmem_cache_free,
	type Sleeps,
} from '../../harness/kts/prelude.ts';
import { fget, fput } from '../fs/open.ts';
import { PAGE_ALIGN, PAGE_MASK, PAGE_SIZE } from '../include/asm/page.ts';
import { PAGE_COPY, PAGE_NONE, PAGE_READONLY, PAGE_SHARED } from '../include/asm/pgtable.ts';
import { NR_VPAGES } from '../include/linux/bounds.ts';
import { EACCES, EBADF, EINVAL, ENODEV, ENOMEM } from '../include/linux/errno.ts';
import { FMODE_READ, FMODE_WRITE, type file } from '../include/linux/fs.ts';
import {
	MAP_ANONYMOUS,
	MAP_PRIVATE,
	MAP_SHARED,
	MAP_TYPE,
	type mm_struct,
	VM_EXEC,
	VM_MAYEXEC,
	VM_MAYREAD,
	VM_MAYSHARE,
	VM_MAYWRITE,
	VM_READ,
	VM_SHARED,
	VM_WRITE,
	type vm_area_struct,
} from '../include/linux/mm.ts';
import { down_write, up_write } from '../include/linux/rwsem.ts';
import { current, this_node } from '../include/linux/sched.ts';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.ts';
import { CONFIG_MUNMAP_ZAP_FIRST, CONFIG_SHARED_PROT_RO } from '../Kconfig.ts';
import { zap_page_range } from './memory.ts';

/**
 * protection_map - the page protection of a mapping with these flags (an array in the kernel)
 * @vm_flags: VM_READ, VM_WRITE, VM_EXEC, VM_SHARED count
 *
 * Return: vm_page_prot. A shared writable mapping is writable from the start.
 */
function protection_map(vm_flags: int): int {
	if (!(vm_flags & (VM_READ | VM_WRITE | VM_EXEC))) return PAGE_NONE;
	if (!(vm_flags & VM_WRITE)) return PAGE_READONLY;
	return vm_flags & VM_SHARED ? PAGE_SHARED : PAGE_COPY;
}

/**
 * remove_shared_vm_struct - take a mapping off its file's share list
 * @vma: the mapping
 *
 * Context: takes i_shared_lock.
 */
function* remove_shared_vm_struct(vma: vm_area_struct): Sleeps {
	if (!vma.vm_file) return;
	const mapping = vma.vm_file.f_inode!.i_data;
	yield* spin_lock(mapping.i_shared_lock);
	const shared = (vma.vm_flags & VM_SHARED) !== 0;
	let p = shared ? mapping.i_mmap_shared : mapping.i_mmap;
	if (p === vma) {
		if (shared) mapping.i_mmap_shared = vma.vm_next_share;
		else mapping.i_mmap = vma.vm_next_share;
	} else {
		while (p!.vm_next_share !== vma) p = p!.vm_next_share;
		p!.vm_next_share = vma.vm_next_share;
	}
	vma.vm_next_share = null;
	spin_unlock(mapping.i_shared_lock);
}

/** The list part of __vma_link(): in order of address. */
function __vma_link_list(mm: mm_struct, vma: vm_area_struct): void {
	const first = mm.mmap;
	if (!first || first.vm_start > vma.vm_start) {
		vma.vm_next = first;
		mm.mmap = vma;
		return;
	}
	let prev = first;
	while (prev.vm_next && prev.vm_next.vm_start < vma.vm_start) prev = prev.vm_next;
	vma.vm_next = prev.vm_next;
	prev.vm_next = vma;
}

/**
 * __vma_link_file - put a mapping on its file's share list
 * @vma: the mapping
 *
 * Context: i_shared_lock held.
 */
function __vma_link_file(vma: vm_area_struct): void {
	if (!vma.vm_file) return;
	const mapping = vma.vm_file.f_inode!.i_data;
	if (vma.vm_flags & VM_SHARED) {
		vma.vm_next_share = mapping.i_mmap_shared;
		mapping.i_mmap_shared = vma;
	} else {
		vma.vm_next_share = mapping.i_mmap;
		mapping.i_mmap = vma;
	}
}

/**
 * vma_link - make a mapping visible: to its process, and to who walks its file's mappings
 * @mm: the address space
 * @vma: the mapping
 *
 * Context: mmap_sem held for writing. Takes i_shared_lock, under it page_table_lock.
 */
function* vma_link(mm: mm_struct, vma: vm_area_struct): Sleeps {
	if (vma.vm_file) yield* spin_lock(vma.vm_file.f_inode!.i_data.i_shared_lock);
	yield* spin_lock(mm.page_table_lock);
	__vma_link_list(mm, vma);
	__vma_link_file(vma);
	spin_unlock(mm.page_table_lock);
	if (vma.vm_file) spin_unlock(vma.vm_file.f_inode!.i_data.i_shared_lock);
}

/**
 * get_unmapped_area - the lowest free range of addresses
 * @mm: the address space
 * @len: bytes
 *
 * Return: the address, or -ENOMEM.
 */
function get_unmapped_area(mm: mm_struct, len: int): int {
	let addr = PAGE_SIZE;
	for (let vma = mm.mmap; vma; vma = vma.vm_next) {
		if (addr + len <= vma.vm_start) break;
		addr = vma.vm_end;
	}
	return addr + len > (NR_VPAGES + 1) * PAGE_SIZE ? -ENOMEM : addr;
}

/**
 * find_vma - the first mapping that ends behind an address
 * @mm: the address space
 * @addr: the address
 *
 * Return: the mapping (which may begin behind the address) or null.
 * Context: mmap_sem held.
 */
export function find_vma(mm: mm_struct, addr: int): vm_area_struct | null {
	for (let vma = mm.mmap; vma; vma = vma.vm_next) if (addr < vma.vm_end) return vma;
	return null;
}

/**
 * mmap_file_flags - may this file be mapped in this way, and what flags does that give?
 * @file: the file
 * @prot: PROT_*
 * @type: MAP_SHARED or MAP_PRIVATE
 * @vm_flags: flags so far
 *
 * A MAP_SHARED mapping of a file that is not open for writing is a private one that says MAYSHARE:
 * it will be on the private list.
 *
 * Return: the flags, or a negative error number.
 */
function mmap_file_flags(file: file, prot: int, type: int, vm_flags: int): int {
	let flags = vm_flags;
	if (type === MAP_SHARED) {
		if (prot & VM_WRITE && !(file.f_mode & FMODE_WRITE)) return -EACCES;
		flags |= VM_SHARED | VM_MAYSHARE;
		if (!(file.f_mode & FMODE_WRITE)) flags &= ~(VM_MAYWRITE | VM_SHARED);
	} else if (type !== MAP_PRIVATE) {
		return -EINVAL;
	}
	return file.f_mode & FMODE_READ ? flags : -EACCES;
}

/**
 * do_mmap_pgoff - make a mapping
 * @file: what to map, or null: memory of its own
 * @length: bytes
 * @prot: PROT_*
 * @flags: MAP_*
 * @pgoff: first page of the file
 *
 * Return: the address, or a negative error number.
 * Context: mmap_sem held for writing. May sleep; ->mmap is called before the mapping is on any
 * list.
 */
function* do_mmap_pgoff(
	file: file | null,
	length: int,
	prot: int,
	flags: int,
	pgoff: int,
): Sleeps<int> {
	const mm = current().mm!;
	if (file && !file.f_op) return -ENODEV;
	if (length === 0) return 0;
	const len = PAGE_ALIGN(length);
	if (len <= 0 || pgoff < 0) return -EINVAL;
	const addr = get_unmapped_area(mm, len);
	if (addr < 0) return addr;

	let vm_flags = (prot & (VM_READ | VM_WRITE | VM_EXEC)) | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
	const type = flags & MAP_TYPE;
	if (file) {
		vm_flags = mmap_file_flags(file, prot, type, vm_flags);
		if (vm_flags < 0) return vm_flags;
	} else {
		if (type !== MAP_PRIVATE && type !== MAP_SHARED) return -EINVAL;
		if (type === MAP_SHARED) vm_flags |= VM_SHARED | VM_MAYSHARE;
	}

	const vma = kmem_cache_alloc(this_node().vm_area_cachep);
	if (vma === null) return -ENOMEM;
	vma.vm_mm = mm;
	vma.vm_start = addr;
	vma.vm_end = addr + len;
	vma.vm_flags = vm_flags;
	vma.vm_page_prot = protection_map(vm_flags);
	vma.vm_pgoff = pgoff;
	if (file) {
		vma.vm_file = file;
		file.f_count++;
		const error = yield* file.f_op!.mmap(file, vma);
		if (error) {
			vma.vm_file = null;
			fput(file);
			kmem_cache_free(this_node().vm_area_cachep, vma);
			return error;
		}
	}
	if (CONFIG_SHARED_PROT_RO && vma.vm_ops && vma.vm_ops.page_mkwrite && vm_flags & VM_SHARED)
		vma.vm_page_prot = protection_map(vm_flags & ~VM_SHARED);
	yield* vma_link(mm, vma);
	return addr;
}

/**
 * sys_mmap2 - the system call (arch/i386/kernel/sys_i386.c)
 * @len: bytes
 * @prot: PROT_*
 * @flags: MAP_*
 * @fd: a descriptor; not looked at with MAP_ANONYMOUS
 * @pgoff: first page of the file
 *
 * Return: the address, or a negative error number.
 * Context: process; takes mmap_sem for writing. May sleep.
 */
export function* sys_mmap2(len: int, prot: int, flags: int, fd: int, pgoff: int): Sleeps<int> {
	const mm = current().mm!;
	const anonymous = (flags & MAP_ANONYMOUS) !== 0;
	const file = anonymous ? null : fget(fd);
	if (!anonymous && file === null) return -EBADF;
	yield* down_write(mm.mmap_sem);
	const addr = yield* do_mmap_pgoff(file, len, prot, flags, pgoff);
	up_write(mm.mmap_sem);
	if (file) fput(file);
	return addr;
}

/** Whole mappings only: is one cut by this range? */
function cuts_a_mapping(mm: mm_struct, addr: int, end: int): bool {
	for (let vma = mm.mmap; vma; vma = vma.vm_next) {
		if (vma.vm_start < addr && vma.vm_end > addr) return true;
		if (vma.vm_start < end && vma.vm_end > end) return true;
	}
	return false;
}

/** Takes the first mapping at or behind @addr off the list, if it begins before @end. */
function unlink_vma(mm: mm_struct, addr: int, end: int): vm_area_struct | null {
	let prev: vm_area_struct | null = null;
	let mpnt = mm.mmap;
	while (mpnt && mpnt.vm_end <= addr) {
		prev = mpnt;
		mpnt = mpnt.vm_next;
	}
	if (!mpnt || mpnt.vm_start >= end) return null;
	if (prev) prev.vm_next = mpnt.vm_next;
	else mm.mmap = mpnt.vm_next;
	mpnt.vm_next = null;
	return mpnt;
}

/**
 * unmap_fixup - the end of the mapping that do_munmap() took apart
 * @vma: off all lists, unmapped
 *
 * The whole-mapping case of the kernel's function.
 */
function unmap_fixup(vma: vm_area_struct): void {
	if (vma.vm_file) fput(vma.vm_file);
	kmem_cache_free(this_node().vm_area_cachep, vma);
}

/**
 * do_munmap - remove the mappings of a range of addresses
 * @mm: the address space
 * @addr: first byte
 * @length: bytes
 *
 * A mapping leaves the share list of its file before its ptes are taken out: in between, who walks
 * the list does not find them. CONFIG_MUNMAP_ZAP_FIRST takes them out before.
 *
 * Differs: detaches and unmaps one mapping after the other, where the kernel detaches all first;
 * mmap_sem is held for writing, so nobody can tell. The vma that the kernel allocates in advance
 * for a mapping cut in two is left out.
 *
 * Return: 0 or a negative error number.
 * Context: mmap_sem held for writing. May sleep.
 */
function* do_munmap(mm: mm_struct, addr: int, length: int): Sleeps<int> {
	const len = PAGE_ALIGN(length);
	if (addr & ~PAGE_MASK || addr < 0 || len <= 0) return -EINVAL;
	const end = addr + len;
	ASSERT('LIMIT', !cuts_a_mapping(mm, addr, end), 'munmap of a part of a mapping is not modelled');
	for (;;) {
		yield* spin_lock(mm.page_table_lock);
		const mpnt = unlink_vma(mm, addr, end);
		spin_unlock(mm.page_table_lock);
		if (!mpnt) return 0;
		if (CONFIG_MUNMAP_ZAP_FIRST)
			yield* zap_page_range(mm, mpnt.vm_start, mpnt.vm_end - mpnt.vm_start);
		yield* remove_shared_vm_struct(mpnt);
		if (!CONFIG_MUNMAP_ZAP_FIRST)
			yield* zap_page_range(mm, mpnt.vm_start, mpnt.vm_end - mpnt.vm_start);
		unmap_fixup(mpnt);
	}
}

/**
 * sys_munmap - the system call
 * @addr: first byte
 * @len: bytes
 *
 * Return: 0 or a negative error number.
 * Context: process; takes mmap_sem for writing. May sleep.
 */
export function* sys_munmap(addr: int, len: int): Sleeps<int> {
	const mm = current().mm!;
	yield* down_write(mm.mmap_sem);
	const ret = yield* do_munmap(mm, addr, len);
	up_write(mm.mmap_sem);
	return ret;
}
