// SPDX-License-Identifier: GPL-2.0-only
/**
 * mm/mmap.c of 2.4.22: making and removing mappings; split_vma() as 2.6 has it.
 *
 * Differs: the vma of a process hang on one list, without the tree and without a cache of the last
 * one found; share lists are singly linked, so unlinking walks; a mapping has no ->open and no
 * ->close, which no file system here would use. Left out: limits and accounting,
 * brk, stacks, page tables that become empty.
 *   - ->open, ->close x2: no file system here has one
 */
import {
	BUG_ON,
	type bool,
	cover,
	type int,
	kmem_cache_free,
	type Sleeps,
} from '../../harness/kts/prelude.ts';
import { fget, fput } from '../fs/open.ts';
import { PAGE_ALIGN, PAGE_MASK, PAGE_SHIFT, PAGE_SIZE } from '../include/asm/page.ts';
import { PAGE_COPY, PAGE_NONE, PAGE_READONLY, PAGE_SHARED } from '../include/asm/pgtable.ts';
import { TASK_SIZE } from '../include/asm/processor.ts';
import { flush_tlb_mm } from '../include/asm/tlb.ts';
import { MLOCK, MMAP_FIXED, REMAP_FILE_PAGES } from '../include/linux/bounds.ts';
import { EACCES, EBADF, EINVAL, ENODEV, ENOMEM } from '../include/linux/errno.ts';
import { FMODE_READ, FMODE_WRITE, type file, get_file } from '../include/linux/fs.ts';
import {
	__vma_unlink,
	can_vma_merge,
	MAP_ANONYMOUS,
	MAP_FIXED,
	MAP_LOCKED,
	MAP_PRIVATE,
	MAP_SHARED,
	MAP_TYPE,
	type mm_struct,
	PGOFF_AHEAD,
	VM_EXEC,
	VM_LOCKED,
	VM_MAYEXEC,
	VM_MAYREAD,
	VM_MAYSHARE,
	VM_MAYWRITE,
	VM_NONLINEAR,
	VM_READ,
	VM_SHARED,
	VM_WRITE,
	type vm_area_struct,
} from '../include/linux/mm.ts';
import { down_write, up_write } from '../include/linux/rwsem.ts';
import { current, this_node } from '../include/linux/sched.ts';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.ts';
import {
	CONFIG_MMAP_LOCKED,
	CONFIG_MUNMAP_ZAP_FIRST,
	CONFIG_SHARED_PROT_RO,
	CONFIG_SPLIT_UNDER_SHARE_LOCK,
} from '../Kconfig.ts';
import { make_pages_present, zap_page_range } from './memory.ts';
import { vm_area_alloc } from './slab.ts';

/**
 * protection_map - the page protection of a mapping with these flags (an array in the kernel)
 * @vm_flags: VM_READ, VM_WRITE, VM_EXEC, VM_SHARED count
 *
 * Return: vm_page_prot. A shared writable mapping is writable from the start.
 * Context: any.
 * Source: none: an array in C
 */
function protection_map(vm_flags: int): int {
	if (!(vm_flags & (VM_READ | VM_WRITE | VM_EXEC))) return PAGE_NONE;
	if (!(vm_flags & VM_WRITE)) return PAGE_READONLY;
	return vm_flags & VM_SHARED ? PAGE_SHARED : PAGE_COPY;
}

/**
 * vma_page_prot - the page protection of a mapping
 * @vma: the mapping, its operations known
 * @vm_flags: what its flags are or will be
 *
 * CONFIG_SHARED_PROT_RO: read-only for a shared mapping whose file system wants to be asked before
 * a page becomes writable.
 *
 * Return: vm_page_prot.
 * Context: mmap_sem held for writing.
 * Source: none: an element of protection_map[], and CONFIG_SHARED_PROT_RO
 */
export function vma_page_prot(vma: vm_area_struct, vm_flags: int): int {
	if (CONFIG_SHARED_PROT_RO && vma.vm_ops && vma.vm_ops.page_mkwrite)
		return protection_map(vm_flags & ~VM_SHARED);
	return protection_map(vm_flags);
}

/**
 * share_first - the first mapping of the share list that this one is on, or would be
 * @vma: the mapping, of a file
 *
 * The first mapping of the share list that this one is on, or would be.
 *
 * Return: the mapping, or null: the list is empty.
 * Context: i_shared_lock held.
 * Source: none: which list a mapping is on
 */
export function share_first(vma: vm_area_struct): vm_area_struct | null {
	const mapping = vma.vm_file!.f_inode!.i_data;
	if (REMAP_FILE_PAGES && vma.vm_flags & VM_NONLINEAR) return mapping.i_mmap_nonlinear;
	return vma.vm_flags & VM_SHARED ? mapping.i_mmap_shared : mapping.i_mmap;
}

/**
 * set_share_first - make a mapping the first of the share list that another is on, or would be
 * @vma: the other, of a file
 * @first: the mapping, or null
 *
 * Makes a mapping the first of the share list that @vma is on, or would be.
 *
 * Context: i_shared_lock held.
 * Source: none: as share_first()
 */
export function set_share_first(vma: vm_area_struct, first: vm_area_struct | null): void {
	const mapping = vma.vm_file!.f_inode!.i_data;
	if (REMAP_FILE_PAGES && vma.vm_flags & VM_NONLINEAR) mapping.i_mmap_nonlinear = first;
	else if (vma.vm_flags & VM_SHARED) mapping.i_mmap_shared = first;
	else mapping.i_mmap = first;
}

/**
 * __remove_shared_vm_struct - take a mapping off its file's share list
 * @vma: the mapping
 *
 * Differs:
 *   + return: the other way round in C
 *
 * Context: i_shared_lock held.
 */
function __remove_shared_vm_struct(vma: vm_area_struct): void {
	if (!vma.vm_file) return;
	let p = share_first(vma);
	if (p === vma) {
		set_share_first(vma, vma.vm_next_share);
	} else {
		while (p!.vm_next_share !== vma) p = p!.vm_next_share;
		p!.vm_next_share = vma.vm_next_share;
	}
	vma.vm_next_share = null;
}

/**
 * remove_shared_vm_struct - take a mapping off its file's share list
 * @vma: the mapping
 *
 * Context: takes i_shared_lock.
 */
function* remove_shared_vm_struct(vma: vm_area_struct): Sleeps {
	yield* lock_vma_mappings(vma);
	__remove_shared_vm_struct(vma);
	unlock_vma_mappings(vma);
}

/**
 * lock_vma_mappings - take the lock of the share list that a mapping is on
 * @vma: the mapping; one of no file is on none
 *
 * Context: takes i_shared_lock. Does not sleep.
 */
export function* lock_vma_mappings(vma: vm_area_struct): Sleeps {
	if (vma.vm_file) yield* spin_lock(vma.vm_file.f_inode!.i_data.i_shared_lock);
}

/**
 * unlock_vma_mappings - end of lock_vma_mappings()
 * @vma: the mapping
 *
 * Context: i_shared_lock held, not on return.
 */
export function unlock_vma_mappings(vma: vm_area_struct): void {
	if (vma.vm_file) spin_unlock(vma.vm_file.f_inode!.i_data.i_shared_lock);
}

/**
 * __vma_link_list - put a mapping into the list of its process, in order of address
 * @mm: the address space
 * @vma: the mapping
 *
 * Context: page_table_lock held.
 */
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
 * Differs:
 *   + return: the other way round in C
 *
 * Context: i_shared_lock held.
 */
function __vma_link_file(vma: vm_area_struct): void {
	if (!vma.vm_file) return;
	vma.vm_next_share = share_first(vma);
	set_share_first(vma, vma);
}

/**
 * vma_nonlinear - put a mapping on the list of those that are not linear (2.6)
 * @vma: a shared mapping
 *
 * Context: mmap_sem held for writing, i_shared_lock held.
 * Source: none: part of sys_remap_file_pages() of 2.6
 */
export function vma_nonlinear(vma: vm_area_struct): void {
	__remove_shared_vm_struct(vma);
	vma.vm_flags |= VM_NONLINEAR;
	__vma_link_file(vma);
}

/**
 * __vma_link - put a mapping into the list of its process and on its file's share list
 * @mm: the address space
 * @vma: the mapping
 *
 * Context: i_shared_lock and page_table_lock held.
 *
 * Differs:
 *   - __vma_link_rb: there is no tree
 */
function __vma_link(mm: mm_struct, vma: vm_area_struct): void {
	__vma_link_list(mm, vma);
	__vma_link_file(vma);
}

/**
 * vma_link - make a mapping visible: to its process, and to who walks its file's mappings
 * @mm: the address space
 * @vma: the mapping
 *
 * Context: mmap_sem held for writing. Takes i_shared_lock, under it page_table_lock.
 *
 * Differs:
 *   - validate_mm: empty without DEBUG_MM_RB
 */
function* vma_link(mm: mm_struct, vma: vm_area_struct): Sleeps {
	yield* lock_vma_mappings(vma);
	yield* spin_lock(mm.page_table_lock);
	__vma_link(mm, vma);
	spin_unlock(mm.page_table_lock);
	unlock_vma_mappings(vma);
}

/**
 * vma_merge - let a neighbour grow over a new range of memory of no file
 * @mm: the address space
 * @prev: the mapping before the range, or null
 * @addr: first byte of the range
 * @end: behind its last byte
 * @vm_flags: VM_* that it shall have
 *
 * Return: true when one has grown.
 * Context: mmap_sem held for writing. Takes page_table_lock.
 */
function* vma_merge(
	mm: mm_struct,
	prev: vm_area_struct | null,
	addr: int,
	end: int,
	vm_flags: int,
): Sleeps<bool> {
	const next = prev ? prev.vm_next : mm.mmap;
	if (prev && prev.vm_end === addr && can_vma_merge(prev, vm_flags)) {
		cover('mmap: merged');
		yield* spin_lock(mm.page_table_lock);
		prev.vm_end = end;
		if (next && end === next.vm_start && can_vma_merge(next, vm_flags)) {
			prev.vm_end = next.vm_end;
			__vma_unlink(mm, next, prev);
			spin_unlock(mm.page_table_lock);
			kmem_cache_free(this_node().vm_area_cachep, next);
			return true;
		}
		spin_unlock(mm.page_table_lock);
		return true;
	}
	if (!next || end !== next.vm_start || !can_vma_merge(next, vm_flags)) return false;
	yield* spin_lock(mm.page_table_lock);
	next.vm_start = addr;
	spin_unlock(mm.page_table_lock);
	return true;
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
 * Context: mmap_sem held for writing.
 * Source: none: part of do_mmap_pgoff()
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
 * A mapping with MAP_LOCKED has been made: its pages are counted, and brought in.
 *
 * Source: none: part of do_mmap_pgoff()
 */
function* locked_mapping(mm: mm_struct, addr: int, len: int): Sleeps {
	mm.locked_vm += len >> PAGE_SHIFT;
	yield* make_pages_present(addr, addr + len);
}

/**
 * do_mmap_pgoff - make a mapping
 * @file: what to map, or null: memory of its own
 * @address: where, or 0
 * @length: bytes
 * @prot: PROT_*
 * @flags: MAP_*
 * @pgoff: first page of the file
 *
 * Return: the address, or a negative error number.
 * Context: mmap_sem held for writing. May sleep; ->mmap is called before the mapping is on any
 * list.
 *
 * Differs:
 *   - find_vma_prepare x2: find_vma_prev(), there is no tree
 *   - deny_write_access: the system call takes MAP_DENYWRITE away
 *   - shmem_zero_setup: shared memory of no file has no file of its own
 *   - zap_page_range: no ->mmap maps a page
 *   - calc_vm_flags, IS_APPEND, return x5: flags are computed in another function
 *   + find_vma: as there is no tree
 *   + find_vma_prev: what find_vma_prepare() finds as well
 */
function* do_mmap_pgoff(
	file: file | null,
	address: int,
	length: int,
	prot: int,
	flags: int,
	pgoff: int,
): Sleeps<int> {
	const mm = current().mm!;
	if (file && (!file.f_op || !file.f_op.mmap)) return -ENODEV;
	if (length === 0) return address;
	const len = PAGE_ALIGN(length);
	if (len <= 0 || pgoff < 0) return -EINVAL;
	const addr = get_unmapped_area(mm, address, len, flags);
	if (addr & ~PAGE_MASK) return addr;

	let vm_flags = (prot & (VM_READ | VM_WRITE | VM_EXEC)) | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
	if (CONFIG_MMAP_LOCKED && MLOCK && flags & MAP_LOCKED) vm_flags |= VM_LOCKED;
	const type = flags & MAP_TYPE;
	if (file) {
		vm_flags = mmap_file_flags(file, prot, type, vm_flags);
		if (vm_flags < 0) return vm_flags;
	} else {
		if (type !== MAP_PRIVATE && type !== MAP_SHARED) return -EINVAL;
		if (type === MAP_SHARED) vm_flags |= VM_SHARED | VM_MAYSHARE;
	}

	if (MMAP_FIXED && flags & MAP_FIXED) {
		const old = find_vma(mm, addr);
		if (old && old.vm_start < addr + len) {
			cover('mmap: in the place of another');
			const error = yield* do_munmap(mm, addr, len);
			if (error) return -ENOMEM;
		}
	}
	if (!file && !(vm_flags & VM_SHARED) && mm.mmap) {
		const merged = yield* vma_merge(mm, find_vma_prev(mm, addr), addr, addr + len, vm_flags);
		if (merged) {
			if (MLOCK && vm_flags & VM_LOCKED) yield* locked_mapping(mm, addr, len);
			return addr;
		}
	}

	const vma = yield* vm_area_alloc();
	if (vma === null) return -ENOMEM;
	vma.vm_mm = mm;
	vma.vm_start = addr;
	vma.vm_end = addr + len;
	vma.vm_flags = vm_flags;
	vma.vm_pgoff = pgoff;
	if (file) {
		vma.vm_file = file;
		get_file(file);
		const error = yield* file.f_op!.mmap!(file, vma);
		if (error) {
			vma.vm_file = null;
			fput(file);
			kmem_cache_free(this_node().vm_area_cachep, vma);
			return error;
		}
	}
	vma.vm_page_prot = vma_page_prot(vma, vm_flags);
	yield* vma_link(mm, vma);
	if (MLOCK && vm_flags & VM_LOCKED) yield* locked_mapping(mm, addr, len);
	return addr;
}

/**
 * arch_get_unmapped_area - a free range of addresses
 * @mm: the address space
 * @address: where the caller would like it, or 0
 * @len: bytes
 *
 * Differs:
 *   - return x2, PAGE_ALIGN, find_vma: no hint for an address that is not fixed
 *
 * Return: that address when it is free, else the lowest one that is, or -ENOMEM.
 * Context: mmap_sem held.
 */
function arch_get_unmapped_area(mm: mm_struct, address: int, len: int): int {
	if (len > TASK_SIZE) return -ENOMEM;
	let addr = PAGE_ALIGN(address);
	if (addr) {
		const vma = find_vma(mm, addr);
		if (addr >= PAGE_SIZE && TASK_SIZE - len >= addr && (!vma || addr + len <= vma.vm_start))
			return addr;
	}
	addr = PAGE_SIZE;
	for (let vma = mm.mmap; vma; vma = vma.vm_next) {
		if (addr + len <= vma.vm_start) break;
		addr = vma.vm_end;
	}
	return addr + len > TASK_SIZE ? -ENOMEM : addr;
}

/**
 * get_unmapped_area - where a new mapping goes
 * @mm: the address space
 * @addr: where the caller would like it, or 0; with MAP_FIXED where it goes
 * @len: bytes
 * @flags: MAP_*
 *
 * Differs:
 *   - ->get_unmapped_area, return: no file system here has one
 *
 * Return: the address, or a negative error number.
 * Context: mmap_sem held.
 */
export function get_unmapped_area(mm: mm_struct, addr: int, len: int, flags: int): int {
	if (MMAP_FIXED && flags & MAP_FIXED) {
		if (addr < PAGE_SIZE || addr > TASK_SIZE - len) return -ENOMEM;
		return addr & ~PAGE_MASK ? -EINVAL : addr;
	}
	return arch_get_unmapped_area(mm, addr, len);
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
 * find_vma_prev - the mapping before the one that find_vma() finds
 * @mm: the address space
 * @addr: the address
 *
 * Return: the last mapping that ends at or before @addr, or null. (The kernel's function returns
 * the mapping behind it, and this one through a pointer.)
 * Context: mmap_sem held.
 */
export function find_vma_prev(mm: mm_struct, addr: int): vm_area_struct | null {
	let prev: vm_area_struct | null = null;
	for (let vma = mm.mmap; vma && vma.vm_end <= addr; vma = vma.vm_next) prev = vma;
	return prev;
}

/**
 * sys_mmap2 - the system call (arch/i386/kernel/sys_i386.c)
 * @addr: where, or 0
 * @len: bytes
 * @prot: PROT_*
 * @flags: MAP_*
 * @fd: a descriptor; not looked at with MAP_ANONYMOUS
 * @pgoff: first page of the file
 *
 * Differs:
 *   = do_mmap2: as on one machine
 *   + return: the other way round in C
 *
 * Return: the address, or a negative error number.
 * Context: process; takes mmap_sem for writing. May sleep.
 * Source: arch/i386/kernel/sys_i386.c
 */
export function* sys_mmap2(
	addr: int,
	len: int,
	prot: int,
	flags: int,
	fd: int,
	pgoff: int,
): Sleeps<int> {
	const mm = current().mm!;
	const anonymous = (flags & MAP_ANONYMOUS) !== 0;
	const file = anonymous ? null : fget(fd);
	if (!anonymous && file === null) return -EBADF;
	yield* down_write(mm.mmap_sem);
	const ret = yield* do_mmap_pgoff(file, addr, len, prot, flags, pgoff);
	up_write(mm.mmap_sem);
	if (file) fput(file);
	return ret;
}

/**
 * vma_copy - give a mapping the contents of another, but no place on any list
 * @to: the new mapping
 * @from: the other
 *
 * Makes a mapping a copy of another: the struct assignment of C. It is on no list.
 *
 * Context: mmap_sem held for writing.
 * Source: none: an assignment of structs
 */
export function vma_copy(to: vm_area_struct, from: vm_area_struct): void {
	to.vm_mm = from.vm_mm;
	to.vm_start = from.vm_start;
	to.vm_end = from.vm_end;
	to.vm_page_prot = from.vm_page_prot;
	to.vm_flags = from.vm_flags;
	to.vm_ops = from.vm_ops;
	to.vm_pgoff = from.vm_pgoff;
	to.vm_file = from.vm_file;
}

/**
 * unmap_fixup - what is left of a mapping that do_munmap() has unmapped a part of
 * @mm: the address space
 * @area: the mapping, off all lists
 * @addr: first byte that was unmapped
 * @len: bytes that were
 * @extra: a struct for a second remainder, or null
 *
 * Nothing is left, one end is, or both are. Only here do remainders come back to the share list.
 *
 * Return: @extra, or null when it was used.
 * Context: mmap_sem held for writing. Takes i_shared_lock, under it page_table_lock.
 */
function* unmap_fixup(
	mm: mm_struct,
	area: vm_area_struct,
	addr: int,
	len: int,
	extra: vm_area_struct | null,
): Sleeps<vm_area_struct | null> {
	const end = addr + len;
	if (MLOCK && area.vm_flags & VM_LOCKED) mm.locked_vm -= len >> PAGE_SHIFT;
	if (addr === area.vm_start && end === area.vm_end) {
		if (area.vm_file) fput(area.vm_file);
		kmem_cache_free(this_node().vm_area_cachep, area);
		return extra;
	}
	if (end === area.vm_end) {
		area.vm_end = addr;
		yield* lock_vma_mappings(area);
		yield* spin_lock(mm.page_table_lock);
	} else if (addr === area.vm_start) {
		area.vm_pgoff += (end - area.vm_start) >> PAGE_SHIFT;
		area.vm_start = end;
		yield* lock_vma_mappings(area);
		yield* spin_lock(mm.page_table_lock);
	} else {
		cover('munmap: a hole');
		const mpnt = extra!;
		extra = null;
		vma_copy(mpnt, area);
		mpnt.vm_start = end;
		mpnt.vm_pgoff = area.vm_pgoff + ((end - area.vm_start) >> PAGE_SHIFT);
		if (mpnt.vm_file) get_file(mpnt.vm_file);
		area.vm_end = addr;
		yield* lock_vma_mappings(area);
		yield* spin_lock(mm.page_table_lock);
		__insert_vm_struct(mm, mpnt);
	}
	__insert_vm_struct(mm, area);
	spin_unlock(mm.page_table_lock);
	unlock_vma_mappings(area);
	return extra;
}

/**
 * split_vma - cut a mapping in two, both of which stay on the share list
 * @mm: the address space
 * @vma: the mapping
 * @addr: where to cut
 * @new_below: the new one is the lower part
 *
 * mm/mmap.c of 2.6; 2.4.22 has no such function. CONFIG_SPLIT_UNDER_SHARE_LOCK off is the form of
 * 2.6.0-test1 to test8: the old mapping is cut before the lock is taken under which the new one
 * becomes visible.
 *
 * Differs:
 *   - return x2, vma_policy, mpol_copy, kmem_cache_free, vma_set_policy: no limits, no policies
 *   - vma_adjust x2: its body stands here
 *   + lock_vma_mappings, unlock_vma_mappings, spin_lock page_table_lock, spin_unlock
 *       page_table_lock, __insert_vm_struct: of vma_adjust(), with the locks of 2.4.22
 *
 * Return: 0 or -ENOMEM.
 * Context: mmap_sem held for writing. Takes i_shared_lock, under it page_table_lock.
 * Source: mm/mmap.c, 2.6.0 to 2.6.9
 */
function* split_vma(mm: mm_struct, vma: vm_area_struct, addr: int, new_below: bool): Sleeps<int> {
	const area = yield* vm_area_alloc();
	if (area === null) return -ENOMEM;
	vma_copy(area, vma);
	if (new_below) {
		area.vm_end = addr;
	} else {
		area.vm_start = addr;
		area.vm_pgoff += (addr - vma.vm_start) >> PAGE_SHIFT;
	}
	if (area.vm_file) get_file(area.vm_file);
	if (!CONFIG_SPLIT_UNDER_SHARE_LOCK) vma_cut(vma, addr, new_below);
	yield* lock_vma_mappings(vma);
	yield* spin_lock(mm.page_table_lock);
	if (CONFIG_SPLIT_UNDER_SHARE_LOCK) vma_cut(vma, addr, new_below);
	__insert_vm_struct(mm, area);
	spin_unlock(mm.page_table_lock);
	unlock_vma_mappings(vma);
	return 0;
}

/**
 * Shrinks a mapping to what is above @addr, or to what is below it.
 *
 * Source: none: part of split_vma()
 */
function vma_cut(vma: vm_area_struct, addr: int, above: bool): void {
	if (above) {
		vma.vm_pgoff += (addr - vma.vm_start) >> PAGE_SHIFT;
		vma.vm_start = addr;
	} else {
		vma.vm_end = addr;
	}
}

/**
 * cut_unlocked - what changes of a mapping that is cut before i_shared_lock is taken
 * @vma: the mapping
 * @start: its first byte from now on
 * @end: behind its last
 *
 * In 2.4.22 vm_pgoff; without CONFIG_SPLIT_UNDER_SHARE_LOCK everything.
 *
 * Context: mmap_sem held for writing.
 * Source: none: assignments that mm/mprotect.c and mm/mlock.c repeat
 */
export function cut_unlocked(vma: vm_area_struct, start: int, end: int): void {
	const pages = (start - vma.vm_start) >> PAGE_SHIFT;
	if (PGOFF_AHEAD) vma.vm_ahead[0] = pages;
	if (PGOFF_AHEAD || !CONFIG_SPLIT_UNDER_SHARE_LOCK) vma.vm_pgoff += pages;
	if (CONFIG_SPLIT_UNDER_SHARE_LOCK) return;
	vma.vm_start = start;
	vma.vm_end = end;
}

/**
 * cut_under_lock - what changes of a mapping that is cut while its second part becomes visible
 * @vma: the mapping
 * @start: its first byte from now on
 * @end: behind its last
 *
 * Context: mmap_sem held for writing, i_shared_lock, page_table_lock.
 * Source: none: as cut_unlocked()
 */
export function cut_under_lock(vma: vm_area_struct, start: int, end: int): void {
	if (!CONFIG_SPLIT_UNDER_SHARE_LOCK) return;
	if (PGOFF_AHEAD) vma.vm_ahead[0] = 0;
	else vma.vm_pgoff += (start - vma.vm_start) >> PAGE_SHIFT;
	vma.vm_start = start;
	vma.vm_end = end;
}

/**
 * detach_vmas - take the mappings that a range touches off the list of their process
 * @mm: the address space
 * @prev: the mapping before them, or null
 * @end: behind the last byte of the range
 *
 * The loop that do_munmap() of 2.4.22 has under page_table_lock. They stay on the share lists.
 *
 * Return: the mappings, last first.
 * Context: page_table_lock held.
 * Source: none: part of do_munmap()
 */
function detach_vmas(mm: mm_struct, prev: vm_area_struct | null, end: int): vm_area_struct | null {
	let free: vm_area_struct | null = null;
	let mpnt = prev ? prev.vm_next : mm.mmap;
	while (mpnt && mpnt.vm_start < end) {
		const next: vm_area_struct | null = mpnt.vm_next;
		mpnt.vm_next = free;
		free = mpnt;
		mpnt = next;
	}
	if (prev) prev.vm_next = mpnt;
	else mm.mmap = mpnt;
	return free;
}

/**
 * split_ends - CONFIG_MUNMAP_ZAP_FIRST: make the mappings of a range end where it does
 * @mm: the address space
 * @prev: the mapping before the first of the range, or null
 * @addr: first byte of the range
 * @end: behind the last
 *
 * As do_munmap() of 2.6.9: what is to stay becomes a mapping of its own, so that it never leaves
 * the share list.
 *
 * Return: 0 or -ENOMEM.
 * Context: mmap_sem held for writing.
 * Source: none: CONFIG_MUNMAP_ZAP_FIRST, part of do_munmap()
 */
function* split_ends(mm: mm_struct, prev: vm_area_struct | null, addr: int, end: int): Sleeps<int> {
	const mpnt = prev ? prev.vm_next! : mm.mmap!;
	if (addr > mpnt.vm_start) {
		const error = yield* split_vma(mm, mpnt, addr, false);
		if (error) return error;
	}
	const last = find_vma(mm, end);
	if (!last || last.vm_start >= end) return 0;
	return yield* split_vma(mm, last, end, true);
}

/**
 * do_munmap - remove the mappings of a range of addresses
 * @mm: the address space
 * @addr: first byte
 * @length: bytes
 *
 * A mapping leaves the share list of its file before its ptes are taken out, and what stays of it
 * comes back after: in between, who walks the list does not find them. CONFIG_MUNMAP_ZAP_FIRST
 * takes the ptes out before the mapping leaves the list, and cuts off what stays before that.
 *
 * Return: 0 or a negative error number.
 * Context: mmap_sem held for writing. May sleep.
 *
 * Differs:
 *   - validate_mm: there is no tree
 *   - free_pgtables: a page table is one array
 *   + split_ends: with CONFIG_MUNMAP_ZAP_FIRST
 *   + detach_vmas: the loop under page_table_lock, a function of its own
 *   - return x4: nothing is mapped: in find_vma_prev()
 */
export function* do_munmap(mm: mm_struct, addr: int, length: int): Sleeps<int> {
	const len = PAGE_ALIGN(length);
	if (addr & ~PAGE_MASK || addr < 0 || len <= 0 || addr + len < addr) return -EINVAL;
	let prev = find_vma_prev(mm, addr);
	const first = prev ? prev.vm_next : mm.mmap;
	if (!first || first.vm_start >= addr + len) return 0;
	if (addr > first.vm_start || addr + len < first.vm_end) cover('munmap: a part of a mapping');

	let extra: vm_area_struct | null = null;
	if (CONFIG_MUNMAP_ZAP_FIRST) {
		const error = yield* split_ends(mm, prev, addr, addr + len);
		if (error) return error;
		prev = find_vma_prev(mm, addr);
	} else {
		extra = yield* vm_area_alloc();
		if (extra === null) return -ENOMEM;
	}

	yield* spin_lock(mm.page_table_lock);
	let free = detach_vmas(mm, prev, addr + len);
	spin_unlock(mm.page_table_lock);

	while (free) {
		const mpnt: vm_area_struct = free;
		free = free.vm_next;
		mpnt.vm_next = null;
		const st = addr < mpnt.vm_start ? mpnt.vm_start : addr;
		const end = addr + len > mpnt.vm_end ? mpnt.vm_end : addr + len;

		if (CONFIG_MUNMAP_ZAP_FIRST) yield* zap_page_range(mm, st, end - st);
		yield* remove_shared_vm_struct(mpnt);
		if (!CONFIG_MUNMAP_ZAP_FIRST) yield* zap_page_range(mm, st, end - st);
		extra = yield* unmap_fixup(mm, mpnt, st, end - st, extra);
	}
	if (extra) kmem_cache_free(this_node().vm_area_cachep, extra);
	return 0;
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

/**
 * exit_mmap - remove all mappings of an address space that no task uses any more
 * @mm: the address space
 *
 * In the order of do_munmap(): off the share list, then the ptes; CONFIG_MUNMAP_ZAP_FIRST the other
 * way round.
 *
 * Context: no locks, not even mmap_sem: no task is left. May sleep.
 *
 * Differs:
 *   - release_segments: nothing here
 *   - clear_page_tables: a page table is one array
 */
export function* exit_mmap(mm: mm_struct): Sleeps {
	yield* spin_lock(mm.page_table_lock);
	let mpnt = mm.mmap;
	mm.mmap = null;
	mm.rss = 0;
	spin_unlock(mm.page_table_lock);
	if (MLOCK) mm.locked_vm = 0;
	cover('exit_mmap');

	while (mpnt) {
		const next: vm_area_struct | null = mpnt.vm_next;
		const start = mpnt.vm_start;
		const size = mpnt.vm_end - start;
		if (CONFIG_MUNMAP_ZAP_FIRST) yield* zap_page_range(mm, start, size);
		yield* remove_shared_vm_struct(mpnt);
		if (!CONFIG_MUNMAP_ZAP_FIRST) yield* zap_page_range(mm, start, size);
		if (mpnt.vm_file) fput(mpnt.vm_file);
		kmem_cache_free(this_node().vm_area_cachep, mpnt);
		mpnt = next;
	}
	flush_tlb_mm(mm);
}

/**
 * __insert_vm_struct - make a mapping visible
 * @mm: the address space
 * @vma: the mapping, where nothing else is
 *
 * Context: i_shared_lock and page_table_lock held.
 *
 * Differs:
 *   - find_vma_prepare, validate_mm: there is no tree
 *   + find_vma: of the assertion
 */
export function __insert_vm_struct(mm: mm_struct, vma: vm_area_struct): void {
	const found = find_vma(mm, vma.vm_start);
	BUG_ON(found !== null && found.vm_start < vma.vm_end, 'two mappings at one address');
	__vma_link(mm, vma);
}

/**
 * insert_vm_struct - make a mapping visible
 * @mm: the address space
 * @vma: the mapping, where nothing else is
 *
 * Context: mmap_sem held for writing. Takes i_shared_lock, under it page_table_lock.
 *
 * Differs:
 *   - find_vma_prepare, validate_mm: there is no tree
 *   + find_vma: of the assertion
 */
export function* insert_vm_struct(mm: mm_struct, vma: vm_area_struct): Sleeps {
	const found = find_vma(mm, vma.vm_start);
	BUG_ON(found !== null && found.vm_start < vma.vm_end, 'two mappings at one address');
	yield* vma_link(mm, vma);
}
