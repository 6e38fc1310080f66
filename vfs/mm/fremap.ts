// SPDX-License-Identifier: GPL-2.0-only
/**
 * mm/fremap.c of 2.6.0 and 2.6.9: mapping the pages of a file in another order. 2.4.22 has no such
 * system call; a machine has it when its test makes it (REMAP_FILE_PAGES).
 *
 * CONFIG_I_MMAP_NONLINEAR off is 2.6.0: install_page() takes whatever page it is given, and a
 * mapping that is no more linear stays on the list of those that are.
 */
import { ASSERT, cover, type int, printk, type Sleeps } from '../../harness/kts/prelude.ts';
import { PAGE_MASK, PAGE_SHIFT, PAGE_SIZE } from '../include/asm/page.ts';
import {
	_PAGE_DIRTY,
	pgoff_to_pte,
	pte_clear,
	pte_none,
	pte_present,
	type pte_t,
	set_pte,
} from '../include/asm/pgtable.ts';
import { flush_tlb_page, pte_index } from '../include/asm/tlb.ts';
import { KSWAPD } from '../include/linux/bounds.ts';
import { EAGAIN, EINVAL } from '../include/linux/errno.ts';
import { truncate_count_is } from '../include/linux/fs.ts';
import {
	MAP_NONBLOCK,
	type mm_struct,
	type page,
	VM_NONLINEAR,
	VM_SHARED,
	type vm_area_struct,
} from '../include/linux/mm.ts';
import { down_read, down_write, up_read, up_write } from '../include/linux/rwsem.ts';
import { current } from '../include/linux/sched.ts';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.ts';
import {
	CONFIG_I_MMAP_NONLINEAR,
	CONFIG_POPULATE_RECHECK,
	CONFIG_TRUNCATE_COUNT,
} from '../Kconfig.ts';
import { set_page_dirty } from './filemap.ts';
import { find_vma, lock_vma_mappings, unlock_vma_mappings, vma_nonlinear } from './mmap.ts';
import { page_cache_release } from './page_alloc.ts';

/**
 * zap_pte - take out what a pte maps, for another page to take its place
 * @mm: the address space
 * @vma: the mapping, shared
 * @addr: what it maps
 * @ptep: the pte
 *
 * Context: page_table_lock held.
 *
 * Differs:
 *   - page_remove_rmap: 2.4.22 has no reverse map
 *   - free_swap_and_cache: a shared mapping of a file has no pages in swap
 *   ptep_clear_flush -> flush_tlb_page: with pte_clear(), one step
 *   + return: one return more
 *   - pte_clear, pte_file: a pte that is not present is cleared by the same call
 *   + pte_clear: of ptep_clear_flush()
 */
function zap_pte(mm: mm_struct, vma: vm_area_struct, addr: int, ptep: pte_t): void {
	if (pte_none(ptep)) return;
	const page = ptep.page;
	const flags = ptep.flags;
	const present = pte_present(ptep);
	pte_clear(ptep);
	if (!present) return;
	flush_tlb_page(vma, addr);
	if (flags & _PAGE_DIRTY) set_page_dirty(page!);
	page_cache_release(page!);
	mm.rss--;
}

/**
 * install_page - map a page of a file at an address, in the place of what is there
 * @mm: the address space
 * @vma: the mapping
 * @addr: where
 * @page: the page, referenced: with success the reference is the pte's
 * @prot: its rights
 * @sequence: the value of truncate_count before the page was looked for
 *
 * CONFIG_I_MMAP_NONLINEAR: the page must still be of the file, as in 2.6.9. That suffices for a
 * truncate, which takes it out of the cache at once; a revoke has unmapped it long before, and
 * writes it in between. CONFIG_POPULATE_RECHECK: truncate_count must not have changed either.
 *
 * Return: 0; -EINVAL: the page has left the file; -EAGAIN: the file has been unmapped meanwhile.
 * Context: takes page_table_lock. Does not sleep.
 *
 * Differs:
 *   - page_add_file_rmap: 2.4.22 has no reverse map
 *   + truncate_count_is: see above
 */
export function* install_page(
	mm: mm_struct,
	vma: vm_area_struct,
	addr: int,
	page: page,
	prot: int,
	sequence: int,
): Sleeps<int> {
	const inode = vma.vm_file!.f_inode!;
	yield* spin_lock(mm.page_table_lock);
	if (CONFIG_POPULATE_RECHECK) {
		const mapping = inode.i_data;
		if (CONFIG_TRUNCATE_COUNT && !truncate_count_is(mapping.truncate_count, sequence)) {
			cover('install_page: truncate_count changed');
			spin_unlock(mm.page_table_lock);
			return -EAGAIN;
		}
	}
	if (CONFIG_I_MMAP_NONLINEAR) {
		const size = (inode.i_size + PAGE_SIZE - 1) >> PAGE_SHIFT;
		if (!page.mapping || page.index >= size) {
			spin_unlock(mm.page_table_lock);
			return -EINVAL;
		}
	}
	const pte = mm.pgd[pte_index(addr)];
	zap_pte(mm, vma, addr, pte);
	mm.rss++;
	set_pte(pte, page, prot);
	cover('install_page');
	printk('install_page: pte of %d maps %p', addr, page);
	spin_unlock(mm.page_table_lock);
	return 0;
}

/**
 * install_file_pte - note at an address which page of the file belongs there
 * @mm: the address space
 * @vma: the mapping
 * @addr: where
 * @pgoff: the page
 *
 * Return: 0.
 * Context: takes page_table_lock. Does not sleep.
 *
 * Differs:
 *   - spin_unlock page_table_lock, return: there is memory for page tables
 *   - pgoff_to_pte: arithmetic
 */
export function* install_file_pte(
	mm: mm_struct,
	vma: vm_area_struct,
	addr: int,
	pgoff: int,
): Sleeps<int> {
	yield* spin_lock(mm.page_table_lock);
	const pte = mm.pgd[pte_index(addr)];
	zap_pte(mm, vma, addr, pte);
	set_pte(pte, null, pgoff_to_pte(pgoff));
	spin_unlock(mm.page_table_lock);
	return 0;
}

/**
 * linear_page_index - the page of the file that belongs to an address of a linear mapping
 * @vma: the mapping
 * @address: the address
 *
 * Return: page of the file.
 * Context: mmap_sem held.
 * Source: include/linux/pagemap.h, 2.6.9
 */
export function linear_page_index(vma: vm_area_struct, address: int): int {
	return ((address - vma.vm_start) >> PAGE_SHIFT) + vma.vm_pgoff;
}

/**
 * sys_remap_file_pages - the system call
 * @first: first byte
 * @length: bytes
 * @prot: 0
 * @pgoff: first page of the file to map there
 * @flags: 0 or MAP_NONBLOCK: only what is in the cache
 *
 * The range must lie in one shared mapping. CONFIG_I_MMAP_NONLINEAR: a mapping that is no more
 * linear goes to a list of its own, whose walkers look at every pte.
 *
 * Return: 0 or a negative error number.
 * Context: process; takes mmap_sem, for writing if the mapping changes lists. May sleep.
 *
 * Differs:
 *   - flush_dcache_mmap_lock, flush_dcache_mmap_unlock: nothing on i386
 *   - vma_prio_tree_remove: from one list to the other
 *   - spin_lock i_mmap_lock, spin_unlock i_mmap_lock: lock_vma_mappings() takes i_shared_lock
 *   - vma_nonlinear_insert, linear_page_index: of may_remap() and vma_nonlinear()
 *   + lock_vma_mappings, unlock_vma_mappings, find_vma, __remove_shared_vm_struct, __vma_link_file:
 *       the lists of 2.4.22; the mapping is looked for again when the lock was let go
 *   ~ up_read mmap_sem: the branches stand the other way round
 */
export function* sys_remap_file_pages(
	first: int,
	length: int,
	prot: int,
	pgoff: int,
	flags: int,
): Sleeps<int> {
	const mm = current().mm!;
	const start = first & PAGE_MASK;
	const size = length & PAGE_MASK;
	if (prot || size <= 0 || start + size <= start || pgoff < 0) return -EINVAL;
	ASSERT('LIMIT', KSWAPD === 0, 'remap_file_pages beside the pageout daemon is not modelled');

	let has_write_lock = false;
	yield* down_read(mm.mmap_sem);
	let vma = may_remap(mm, start, size);
	const linear = vma === null || pgoff === linear_page_index(vma, start);
	if (CONFIG_I_MMAP_NONLINEAR && !linear && !(vma!.vm_flags & VM_NONLINEAR)) {
		up_read(mm.mmap_sem);
		yield* down_write(mm.mmap_sem);
		has_write_lock = true;
		vma = may_remap(mm, start, size);
		if (vma && pgoff !== linear_page_index(vma, start) && !(vma.vm_flags & VM_NONLINEAR)) {
			yield* lock_vma_mappings(vma);
			vma_nonlinear(vma);
			unlock_vma_mappings(vma);
		}
	}
	let err = -EINVAL;
	if (vma) {
		const nonblock = (flags & MAP_NONBLOCK) !== 0;
		err = yield* vma.vm_ops!.populate!(vma, start, size, vma.vm_page_prot, pgoff, nonblock);
	}
	if (has_write_lock) up_write(mm.mmap_sem);
	else up_read(mm.mmap_sem);
	return err;
}

/**
 * The mapping of a range that remap_file_pages may change, or null.
 *
 * Source: none: part of sys_remap_file_pages()
 */
function may_remap(mm: mm_struct, start: int, size: int): vm_area_struct | null {
	const vma = find_vma(mm, start);
	if (!vma || !(vma.vm_flags & VM_SHARED) || !vma.vm_ops || !vma.vm_ops.populate) return null;
	return start >= vma.vm_start && start + size <= vma.vm_end ? vma : null;
}
