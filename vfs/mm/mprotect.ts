// SPDX-License-Identifier: GPL-2.0-only
/**
 * mm/mprotect.c of 2.4.22: changing the rights of a range of addresses.
 *
 * Differs: one flat page table (see asm/pgtable.ts), so change_pmd_range() is folded away. Left
 * out: accounting, ->open of the new mappings.
 *   - ->open x4: no file system here has one
 */
import {
	BUG_ON,
	type bool,
	cover,
	type int,
	kmem_cache_free,
	preempt,
	type Sleeps,
} from '../../harness/kts/prelude.ts';
import { PAGE_ALIGN, PAGE_MASK, PAGE_SHIFT, PAGE_SIZE } from '../include/asm/page.ts';
import { pte_modify, pte_present, set_pte } from '../include/asm/pgtable.ts';
import { flush_tlb_range, pte_index } from '../include/asm/tlb.ts';
import { EACCES, EINVAL, ENOMEM } from '../include/linux/errno.ts';
import { get_file } from '../include/linux/fs.ts';
import {
	__vma_unlink,
	can_vma_merge,
	type mm_struct,
	PROT_EXEC,
	PROT_READ,
	PROT_WRITE,
	VM_SHARED,
	type vm_area_struct,
} from '../include/linux/mm.ts';
import { down_write, up_write } from '../include/linux/rwsem.ts';
import { current, this_node } from '../include/linux/sched.ts';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.ts';
import { CONFIG_SMP } from '../Kconfig.ts';
import {
	__insert_vm_struct,
	cut_under_lock,
	cut_unlocked,
	find_vma_prev,
	lock_vma_mappings,
	unlock_vma_mappings,
	vma_copy,
	vma_page_prot,
} from './mmap.ts';
import { vm_area_alloc } from './slab.ts';

/**
 * change_pte_range - give the ptes of a range of addresses new rights
 * @mm: the address space
 * @address: first byte
 * @size: bytes
 * @newprot: the rights; the dirty bits stay
 *
 * The kernel clears each pte by an atomic exchange before it writes it anew, so that no dirty bit
 * is lost; a processor that comes in between faults, waits for mmap_sem, and tries again.
 *
 * Context: page_table_lock held.
 *
 * Differs:
 *   - ptep_get_and_clear: one step with the set_pte()
 *   - return: there is a page table
 *   + pte_modify: on bits
 */
function change_pte_range(mm: mm_struct, address: int, size: int, newprot: int): void {
	for (let offset = 0; offset < size; offset += PAGE_SIZE) {
		const pte = mm.pgd[pte_index(address + offset)];
		if (pte_present(pte)) set_pte(pte, pte.page, pte_modify(pte.flags, newprot));
	}
}

/**
 * change_protection - give what is mapped in a range of addresses new rights
 * @start: first byte
 * @end: behind the last byte
 * @newprot: the rights
 *
 * The file system is not asked, not even when ptes become writable.
 *
 * Context: mmap_sem held for writing. Takes page_table_lock. SMP: others get in before the TLBs
 * are flushed, which is after page_table_lock was let go.
 *
 * Differs:
 *   change_pmd_range -> change_pte_range: one flat page table
 */
function* change_protection(start: int, end: int, newprot: int): Sleeps {
	const mm = current().mm!;
	BUG_ON(start >= end, 'change_protection of nothing');
	yield* spin_lock(mm.page_table_lock);
	change_pte_range(mm, start, end - start, newprot);
	spin_unlock(mm.page_table_lock);
	if (CONFIG_SMP) yield* preempt();
	flush_tlb_range(mm, start, end);
}

/**
 * Can this mapping become a part of the one before it? Only memory of one's own is merged.
 *
 * Source: none: can_vma_merge() as this file asks it
 */
function joins(prev: vm_area_struct | null, vma: vm_area_struct, newflags: int): bool {
	if (!prev || prev.vm_end !== vma.vm_start || !can_vma_merge(prev, newflags)) return false;
	return !vma.vm_file && !(vma.vm_flags & VM_SHARED);
}

/**
 * mprotect_fixup_all - new rights for a whole mapping
 * @vma: the mapping
 * @prev: the mapping before it, or null
 * @newflags: VM_*
 * @prot: vm_page_prot
 *
 * Return: the mapping that now holds the addresses.
 * Context: mmap_sem held for writing. Takes page_table_lock.
 */
function* mprotect_fixup_all(
	vma: vm_area_struct,
	prev: vm_area_struct | null,
	newflags: int,
	prot: int,
): Sleeps<vm_area_struct> {
	const mm = vma.vm_mm!;
	if (joins(prev, vma, newflags)) {
		yield* spin_lock(mm.page_table_lock);
		prev!.vm_end = vma.vm_end;
		__vma_unlink(mm, vma, prev!);
		spin_unlock(mm.page_table_lock);
		kmem_cache_free(this_node().vm_area_cachep, vma);
		return prev!;
	}
	yield* spin_lock(mm.page_table_lock);
	vma.vm_flags = newflags;
	vma.vm_page_prot = prot;
	spin_unlock(mm.page_table_lock);
	return vma;
}

/**
 * mprotect_fixup_start - new rights for the lower part of a mapping
 * @vma: the mapping; the upper part stays with it
 * @prev: the mapping before it, or null
 * @end: behind the last byte of the lower part
 * @newflags: VM_*
 * @prot: vm_page_prot
 *
 * vm_start changes under i_shared_lock, vm_pgoff before it is taken: who walks the share list for
 * a part of the file in between takes the mapping for one of other pages (S73). With
 * CONFIG_VM_PGOFF_UNDER_SHARE_LOCK both change under it.
 *
 * Return: 0 or -ENOMEM.
 * Context: mmap_sem held for writing. Takes i_shared_lock, under it page_table_lock.
 */
function* mprotect_fixup_start(
	vma: vm_area_struct,
	prev: vm_area_struct | null,
	end: int,
	newflags: int,
	prot: int,
): Sleeps<int> {
	const mm = vma.vm_mm!;
	if (joins(prev, vma, newflags)) {
		yield* spin_lock(mm.page_table_lock);
		prev!.vm_end = end;
		vma.vm_start = end;
		spin_unlock(mm.page_table_lock);
		return 0;
	}
	const n = yield* vm_area_alloc();
	if (n === null) return -ENOMEM;
	vma_copy(n, vma);
	n.vm_end = end;
	n.vm_flags = newflags;
	n.vm_page_prot = prot;
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
 * mprotect_fixup_end - new rights for the upper part of a mapping
 * @vma: the mapping; the lower part stays with it
 * @start: first byte of the upper part
 * @newflags: VM_*
 * @prot: vm_page_prot
 *
 * Return: the new mapping, or null when there is no memory.
 * Context: mmap_sem held for writing. Takes i_shared_lock, under it page_table_lock.
 */
function* mprotect_fixup_end(
	vma: vm_area_struct,
	start: int,
	newflags: int,
	prot: int,
): Sleeps<vm_area_struct | null> {
	const mm = vma.vm_mm!;
	const n = yield* vm_area_alloc();
	if (n === null) return null;
	vma_copy(n, vma);
	n.vm_start = start;
	n.vm_pgoff += (start - vma.vm_start) >> PAGE_SHIFT;
	n.vm_flags = newflags;
	n.vm_page_prot = prot;
	if (n.vm_file) get_file(n.vm_file);
	cut_unlocked(vma, vma.vm_start, start);
	yield* lock_vma_mappings(vma);
	yield* spin_lock(mm.page_table_lock);
	cut_under_lock(vma, vma.vm_start, start);
	__insert_vm_struct(mm, n);
	spin_unlock(mm.page_table_lock);
	unlock_vma_mappings(vma);
	return n;
}

/**
 * mprotect_fixup_middle - new rights for the middle of a mapping
 * @vma: the mapping; the middle stays with it
 * @start: first byte of the middle
 * @end: behind its last byte
 * @newflags: VM_*
 * @prot: vm_page_prot
 *
 * Return: the mapping above, or null when there is no memory.
 * Context: mmap_sem held for writing. Takes i_shared_lock, under it page_table_lock.
 */
function* mprotect_fixup_middle(
	vma: vm_area_struct,
	start: int,
	end: int,
	newflags: int,
	prot: int,
): Sleeps<vm_area_struct | null> {
	const mm = vma.vm_mm!;
	const left = yield* vm_area_alloc();
	if (left === null) return null;
	const right = yield* vm_area_alloc();
	if (right === null) {
		kmem_cache_free(this_node().vm_area_cachep, left);
		return null;
	}
	vma_copy(left, vma);
	vma_copy(right, vma);
	left.vm_end = start;
	right.vm_start = end;
	right.vm_pgoff += (end - vma.vm_start) >> PAGE_SHIFT;
	if (vma.vm_file) vma.vm_file.f_count += 2;
	vma.vm_page_prot = prot;
	cut_unlocked(vma, start, end);
	yield* lock_vma_mappings(vma);
	yield* spin_lock(mm.page_table_lock);
	cut_under_lock(vma, start, end);
	vma.vm_flags = newflags;
	__insert_vm_struct(mm, left);
	__insert_vm_struct(mm, right);
	spin_unlock(mm.page_table_lock);
	unlock_vma_mappings(vma);
	return right;
}

/**
 * mprotect_fixup - new rights for a part of a mapping, or all of it
 * @vma: the mapping
 * @prev: the mapping before it, or null
 * @start: first byte
 * @end: behind the last byte, in the mapping
 * @newflags: VM_*
 *
 * With CONFIG_SHARED_PROT_RO a shared mapping whose file system wants to be asked does not get
 * writable ptes here either: the first store will fault.
 *
 * Differs:
 *   + return: one return more
 *
 * Return: the last mapping of what was changed, null when there is no memory. (The kernel's
 * function returns the error, and this through a pointer.)
 * Context: mmap_sem held for writing. May sleep.
 */
function* mprotect_fixup(
	vma: vm_area_struct,
	prev: vm_area_struct | null,
	start: int,
	end: int,
	newflags: int,
): Sleeps<vm_area_struct | null> {
	if (newflags === vma.vm_flags) return vma;
	const newprot = vma_page_prot(vma, newflags);
	let last: vm_area_struct | null = vma;
	if (start === vma.vm_start) {
		if (end === vma.vm_end) {
			last = yield* mprotect_fixup_all(vma, prev, newflags, newprot);
		} else {
			cover('mprotect: a part of a mapping');
			const error = yield* mprotect_fixup_start(vma, prev, end, newflags, newprot);
			if (error) return null;
		}
	} else {
		cover('mprotect: a part of a mapping');
		if (end === vma.vm_end) last = yield* mprotect_fixup_end(vma, start, newflags, newprot);
		else last = yield* mprotect_fixup_middle(vma, start, end, newflags, newprot);
		if (last === null) return null;
	}
	yield* change_protection(start, end, newprot);
	return last;
}

/**
 * sys_mprotect - the system call
 * @start: first byte, the start of a page
 * @length: bytes
 * @prot: PROT_*
 *
 * What was changed before an error stays changed.
 *
 * Return: 0; -EINVAL; -ENOMEM: a part of the range is not mapped, or there is no memory; -EACCES:
 * the mapping may not have these rights, which is decided when it is made.
 * Context: process; takes mmap_sem for writing. May sleep.
 */
export function* sys_mprotect(start: int, length: int, prot: int): Sleeps<int> {
	const mm = current().mm!;
	const rights = PROT_READ | PROT_WRITE | PROT_EXEC;
	if (start & ~PAGE_MASK) return -EINVAL;
	const end = start + PAGE_ALIGN(length);
	if (end < start || prot & ~rights) return -EINVAL;
	if (end === start) return 0;

	yield* down_write(mm.mmap_sem);
	const error = yield* do_mprotect(mm, start, end, prot);
	up_write(mm.mmap_sem);
	return error;
}

/**
 * do_mprotect - the part of sys_mprotect() under mmap_sem
 * @mm: the address space
 * @start: first byte
 * @end: behind the last byte
 * @prot: PROT_*
 *
 * Return: as sys_mprotect().
 * Context: mmap_sem held for writing. May sleep.
 * Source: none: part of sys_mprotect()
 */
function* do_mprotect(mm: mm_struct, start: int, end: int, prot: int): Sleeps<int> {
	let prev = find_vma_prev(mm, start);
	let vma = prev ? prev.vm_next : mm.mmap;
	let nstart = start;
	if (!vma || vma.vm_start > start) return -ENOMEM;
	let next: vm_area_struct | null = null;
	for (;;) {
		const newflags = prot | (vma.vm_flags & ~(PROT_READ | PROT_WRITE | PROT_EXEC));
		if (newflags & ~(newflags >> 4) & 0xf) return -EACCES;
		if (vma.vm_end > end) {
			const left = yield* mprotect_fixup(vma, prev, nstart, end, newflags);
			return left === null ? -ENOMEM : 0;
		}
		const tmp: int = vma.vm_end;
		next = vma.vm_next;
		prev = yield* mprotect_fixup(vma, prev, nstart, tmp, newflags);
		if (prev === null) return -ENOMEM;
		if (tmp === end) break;
		nstart = tmp;
		vma = next;
		if (!vma || vma.vm_start !== nstart) return -ENOMEM;
	}
	if (next && prev.vm_end === next.vm_start && can_vma_merge(next, prev.vm_flags)) {
		if (prev.vm_file || prev.vm_flags & VM_SHARED) return 0;
		yield* spin_lock(mm.page_table_lock);
		prev.vm_end = next.vm_end;
		__vma_unlink(mm, next, prev);
		spin_unlock(mm.page_table_lock);
		kmem_cache_free(this_node().vm_area_cachep, next);
	}
	return 0;
}
