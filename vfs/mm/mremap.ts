// SPDX-License-Identifier: GPL-2.0-only
/**
 * mm/mremap.c of 2.4.22: moving and resizing a mapping.
 *
 * Differs: one flat page table (see asm/pgtable.ts), so that there is always a pte to move to, and
 * a move never fails half way. Left out: limits and accounting.
 *   - ->open: no file system here has one
 */
import {
	type bool,
	cover,
	type int,
	kmem_cache_free,
	preempt,
	type Sleeps,
} from '../../harness/kts/prelude.ts';
import { PAGE_ALIGN, PAGE_MASK, PAGE_SHIFT, PAGE_SIZE } from '../include/asm/page.ts';
import { pte_clear, pte_none, set_pte } from '../include/asm/pgtable.ts';
import { TASK_SIZE } from '../include/asm/processor.ts';
import { flush_tlb_page, flush_tlb_range, pte_index } from '../include/asm/tlb.ts';
import { MLOCK } from '../include/linux/bounds.ts';
import { EFAULT, EINVAL, ENOMEM } from '../include/linux/errno.ts';
import { get_file } from '../include/linux/fs.ts';
import {
	__vma_unlink,
	can_vma_merge,
	MREMAP_FIXED,
	MREMAP_MAYMOVE,
	type mm_struct,
	VM_LOCKED,
	VM_SHARED,
	type vm_area_struct,
} from '../include/linux/mm.ts';
import { down_write, up_write } from '../include/linux/rwsem.ts';
import { current, this_node } from '../include/linux/sched.ts';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.ts';
import { CONFIG_MREMAP_LINK_FIRST, CONFIG_SMP } from '../Kconfig.ts';
import { make_pages_present } from './memory.ts';
import {
	do_munmap,
	find_vma,
	find_vma_prev,
	get_unmapped_area,
	insert_vm_struct,
	lock_vma_mappings,
	unlock_vma_mappings,
	vma_copy,
} from './mmap.ts';
import { vm_area_alloc } from './slab.ts';

/**
 * copy_one_pte - move a pte
 * @mm: the address space
 * @old_addr: from where
 * @new_addr: to where
 *
 * Context: page_table_lock held.
 *
 * Differs:
 *   - ptep_get_and_clear: pte_clear(), one step with the set_pte()
 *   + return: the other way round in C
 *   + pte_clear: of ptep_get_and_clear()
 */
function copy_one_pte(mm: mm_struct, old_addr: int, new_addr: int): void {
	const src = mm.pgd[pte_index(old_addr)];
	if (pte_none(src)) return;
	set_pte(mm.pgd[pte_index(new_addr)], src.page, src.flags);
	pte_clear(src);
	cover('mremap: a pte is moved');
}

/**
 * move_one_page - move the pte of a page
 * @vma: the old mapping
 * @old_addr: from where
 * @new_addr: to where
 *
 * CONFIG_MREMAP_LINK_FIRST: under the lock of the share list, so that no walk of it passes between
 * the old mapping and the new one; and the TLBs forget the old address here, as in 2.6.9.
 *
 * Context: takes page_table_lock; with CONFIG_MREMAP_LINK_FIRST under i_shared_lock.
 *
 * Differs:
 *   - get_one_pte, alloc_one_pte: one flat page table
 *   + lock_vma_mappings, unlock_vma_mappings: CONFIG_MREMAP_LINK_FIRST
 */
function* move_one_page(vma: vm_area_struct, old_addr: int, new_addr: int): Sleeps {
	const mm = vma.vm_mm!;
	if (CONFIG_MREMAP_LINK_FIRST) yield* lock_vma_mappings(vma);
	yield* spin_lock(mm.page_table_lock);
	copy_one_pte(mm, old_addr, new_addr);
	if (CONFIG_MREMAP_LINK_FIRST) flush_tlb_page(vma, old_addr);
	spin_unlock(mm.page_table_lock);
	if (CONFIG_MREMAP_LINK_FIRST) unlock_vma_mappings(vma);
}

/**
 * move_page_tables - move the ptes of a range of addresses, last page first
 * @vma: the old mapping
 * @new_addr: to where
 * @old_addr: from where
 * @len: bytes
 *
 * page_table_lock is taken for each page, and the TLBs forget the old addresses at the end.
 *
 * Context: mmap_sem held for writing. Takes page_table_lock. SMP: others get in before the flush.
 *
 * Differs:
 *   - zap_page_range: a move never fails
 *   - move_one_page, return: there is memory for page tables
 */
function* move_page_tables(vma: vm_area_struct, new_addr: int, old_addr: int, len: int): Sleeps {
	let offset = len;
	while (offset > 0) {
		offset -= PAGE_SIZE;
		yield* move_one_page(vma, old_addr + offset, new_addr + offset);
	}
	if (CONFIG_MREMAP_LINK_FIRST) return;
	if (CONFIG_SMP) yield* preempt();
	flush_tlb_range(vma.vm_mm!, old_addr, old_addr + len);
}

/**
 * Can memory of @vma be added to @neighbour? Only memory of one's own is merged.
 *
 * Source: none: can_vma_merge() as this file asks it
 */
function joins(neighbour: vm_area_struct, vma: vm_area_struct): bool {
	return can_vma_merge(neighbour, vma.vm_flags) && !vma.vm_file && !(vma.vm_flags & VM_SHARED);
}

/**
 * merge_moved - let a neighbour of the new range grow over it, as move_vma() does
 * @vma: the mapping that moves
 * @new_addr: first byte of the new range
 * @new_len: bytes
 *
 * Return: the neighbour, or null: it cannot.
 * Context: mmap_sem held for writing. Takes page_table_lock.
 * Source: none: part of move_vma()
 */
function* merge_moved(
	vma: vm_area_struct,
	new_addr: int,
	new_len: int,
): Sleeps<vm_area_struct | null> {
	const mm = vma.vm_mm!;
	const prev = find_vma_prev(mm, new_addr);
	const next = prev ? prev.vm_next : mm.mmap;
	if (prev && prev.vm_end === new_addr && joins(prev, vma)) {
		yield* spin_lock(mm.page_table_lock);
		prev.vm_end = new_addr + new_len;
		spin_unlock(mm.page_table_lock);
		if (next && prev.vm_end === next.vm_start && can_vma_merge(next, prev.vm_flags)) {
			yield* spin_lock(mm.page_table_lock);
			prev.vm_end = next.vm_end;
			__vma_unlink(mm, next, prev);
			spin_unlock(mm.page_table_lock);
			kmem_cache_free(this_node().vm_area_cachep, next);
		}
		return prev;
	}
	if (next && next.vm_start === new_addr + new_len && joins(next, vma)) {
		yield* spin_lock(mm.page_table_lock);
		next.vm_start = new_addr;
		spin_unlock(mm.page_table_lock);
		return next;
	}
	return null;
}

/**
 * move_vma - move a mapping, or a part of one
 * @vma: the mapping
 * @addr: first byte of what moves
 * @old_len: bytes
 * @new_len: bytes that it will have
 * @new_addr: to where
 *
 * The ptes move before the new mapping is on the share list of its file: in between, who walks the
 * list does not find them. CONFIG_MREMAP_LINK_FIRST makes the new mapping visible first.
 *
 * Memory of no file that moves down to right in front of where it is, and right behind a mapping
 * that it can be merged with, becomes a part of that one where it is, too: @vma is freed. 2.4.22
 * then reads its flags. 2.6.9 reads them first, and so does CONFIG_MREMAP_LINK_FIRST.
 *
 * Return: @new_addr or -ENOMEM.
 * Context: mmap_sem held for writing. May sleep.
 *
 * Differs:
 *   - find_vma: in merge_moved()
 *   + find_vma, move_page_tables: back to the old place, which C does in move_page_tables()
 *   - can_vma_merge, spin_lock page_table_lock, spin_unlock page_table_lock: joins() asks once for
 *       the case without a mapping before
 *   - return, kmem_cache_free: see merge_moved()
 */
function* move_vma(
	vma: vm_area_struct,
	addr: int,
	old_len: int,
	new_len: int,
	new_addr: int,
): Sleeps<int> {
	const mm = vma.vm_mm!;
	const vm_flags = CONFIG_MREMAP_LINK_FIRST ? vma.vm_flags : 0;
	const merged = yield* merge_moved(vma, new_addr, new_len);
	if (merged === null) {
		const new_vma = yield* vm_area_alloc();
		if (new_vma === null) return -ENOMEM;
		if (!CONFIG_MREMAP_LINK_FIRST) yield* move_page_tables(vma, new_addr, addr, old_len);
		vma_copy(new_vma, vma);
		new_vma.vm_start = new_addr;
		new_vma.vm_end = new_addr + new_len;
		new_vma.vm_pgoff += (addr - vma.vm_start) >> PAGE_SHIFT;
		if (new_vma.vm_file) get_file(new_vma.vm_file);
		yield* insert_vm_struct(mm, new_vma);
		if (CONFIG_MREMAP_LINK_FIRST) yield* move_page_tables(vma, new_addr, addr, old_len);
	} else {
		yield* move_page_tables(find_vma(mm, new_addr)!, new_addr, addr, old_len);
	}
	const vm_locked = (CONFIG_MREMAP_LINK_FIRST ? vm_flags : vma.vm_flags) & VM_LOCKED;
	yield* do_munmap(mm, addr, old_len);
	if (MLOCK && vm_locked) {
		mm.locked_vm += new_len >> PAGE_SHIFT;
		if (new_len > old_len) yield* make_pages_present(new_addr + old_len, new_addr + new_len);
	}
	return new_addr;
}

/**
 * do_mremap - move or resize a mapping
 * @addr: first byte, the start of a page
 * @old_length: bytes
 * @new_length: bytes that it will have
 * @flags: MREMAP_*
 * @to: with MREMAP_FIXED the new address; what is mapped there goes
 *
 * Return: the address, or a negative error number.
 * Context: mmap_sem held for writing. May sleep.
 */
function* do_mremap(addr: int, old_length: int, new_length: int, flags: int, to: int): Sleeps<int> {
	const mm = current().mm!;
	let new_addr = to;
	if (flags & ~(MREMAP_FIXED | MREMAP_MAYMOVE) || addr & ~PAGE_MASK) return -EINVAL;
	const old_len = PAGE_ALIGN(old_length);
	const new_len = PAGE_ALIGN(new_length);

	if (flags & MREMAP_FIXED) {
		if (new_addr & ~PAGE_MASK || !(flags & MREMAP_MAYMOVE)) return -EINVAL;
		if (new_len > TASK_SIZE || new_addr > TASK_SIZE - new_len) return -EINVAL;
		if (new_addr <= addr && new_addr + new_len > addr) return -EINVAL;
		if (addr <= new_addr && addr + old_len > new_addr) return -EINVAL;
		yield* do_munmap(mm, new_addr, new_len);
	}
	if (old_len >= new_len) {
		yield* do_munmap(mm, addr + new_len, old_len - new_len);
		if (!(flags & MREMAP_FIXED) || new_addr === addr) return addr;
	}

	const vma = find_vma(mm, addr);
	if (!vma || vma.vm_start > addr || old_len > vma.vm_end - addr) return -EFAULT;
	const stays = !(flags & MREMAP_FIXED && addr !== new_addr);
	const grows = old_len !== new_len || !(flags & MREMAP_MAYMOVE);
	if (old_len === vma.vm_end - addr && stays && grows) {
		const max_addr = vma.vm_next ? vma.vm_next.vm_start : TASK_SIZE;
		if (max_addr - addr >= new_len) {
			yield* spin_lock(mm.page_table_lock);
			vma.vm_end = addr + new_len;
			spin_unlock(mm.page_table_lock);
			if (MLOCK && vma.vm_flags & VM_LOCKED) {
				mm.locked_vm += (new_len - old_len) >> PAGE_SHIFT;
				yield* make_pages_present(addr + old_len, addr + new_len);
			}
			return addr;
		}
	}
	if (!(flags & MREMAP_MAYMOVE)) return -ENOMEM;
	if (!(flags & MREMAP_FIXED)) {
		new_addr = get_unmapped_area(mm, 0, new_len, 0);
		if (new_addr & ~PAGE_MASK) return new_addr;
	}
	return yield* move_vma(vma, addr, old_len, new_len, new_addr);
}

/**
 * sys_mremap - the system call
 * @addr: first byte, the start of a page
 * @old_len: bytes
 * @new_len: bytes that it will have
 * @flags: MREMAP_*
 * @new_addr: with MREMAP_FIXED the new address
 *
 * Return: the address, or a negative error number.
 * Context: process; takes mmap_sem for writing. May sleep.
 */
export function* sys_mremap(
	addr: int,
	old_len: int,
	new_len: int,
	flags: int,
	new_addr: int,
): Sleeps<int> {
	const mm = current().mm!;
	yield* down_write(mm.mmap_sem);
	const ret = yield* do_mremap(addr, old_len, new_len, flags, new_addr);
	up_write(mm.mmap_sem);
	return ret;
}
