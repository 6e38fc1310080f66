// SPDX-License-Identifier: GPL-2.0-only
/**
 * mm/memory.c of 2.4.22: page faults, copy on write, unmapping.
 *
 * Differs throughout: one flat page table (see asm/pgtable.ts), so zap_pmd_range() and the
 * allocation of page tables are folded away; without swap (NR_SWAP) a pte is none or present.
 */

import {
	type bool,
	choose,
	cover,
	event,
	type int,
	preempt,
	printk,
	type Sleeps,
} from '../../harness/kts/prelude.ts';
import type { mmu_gather_t } from '../include/asm/mmu_gather.ts';
import { PAGE_MASK, PAGE_SHIFT, PAGE_SIZE } from '../include/asm/page.ts';
import {
	_PAGE_DIRTY,
	_PAGE_RW,
	pgoff_to_pte,
	pte_clear,
	pte_file,
	pte_none,
	pte_present,
	pte_same,
	type pte_t,
	pte_to_pgoff,
	pte_write,
	set_pte,
} from '../include/asm/pgtable.ts';
import { i_size_store, smp_wmb, truncate_count_store } from '../include/asm/system.ts';
import {
	flush_tlb_page,
	pte_index,
	tlb_finish_mmu,
	tlb_gather_mmu,
	tlb_remove_page,
} from '../include/asm/tlb.ts';
import { READ } from '../include/linux/blkdev.ts';
import {
	MAPPED_BUFFERS,
	MLOCK,
	NR_FILE_PAGES,
	NR_SWAP,
	PAGE_WORDS,
	REMAP_FILE_PAGES,
	STORE_BUFFERS,
	ZAP_RESCHED,
} from '../include/linux/bounds.ts';
import { EFAULT, EFBIG, ENOMEM } from '../include/linux/errno.ts';
import {
	EVENT_ANONYMOUS,
	EVENT_FAULT_RETRIED,
	EVENT_MKWRITE,
	EVENT_NOPAGE,
	EVENT_PRIVATE_COPY,
	EVENT_SIZE_EARLY,
	EVENT_SWAP_IN,
	EVENT_UNMAP,
	EVENT_UNMAP_DONE,
} from '../include/linux/events.ts';
import {
	type address_space,
	I_SIZE_EARLY,
	type inode,
	truncate_count_is,
	truncate_count_put,
	truncate_count_read,
} from '../include/linux/fs.ts';
import { copy_user_highpage, memclear_highpage_flush } from '../include/linux/highmem.ts';
import type { kiobuf } from '../include/linux/iobuf.ts';
import { LOCK_page_table_nested } from '../include/linux/lockdep.ts';
import {
	GFP_HIGHUSER,
	type mm_struct,
	NOPAGE_OOM,
	type page,
	page_cache_get,
	TryLockPage,
	UnlockPage,
	VM_FAULT_MAJOR,
	VM_FAULT_MINOR,
	VM_FAULT_OOM,
	VM_FAULT_SIGBUS,
	VM_LOCKED,
	VM_MAYREAD,
	VM_MAYWRITE,
	VM_READ,
	VM_SHARED,
	VM_WRITE,
	type vm_area_struct,
} from '../include/linux/mm.ts';
import { down_read, down_read_trylock, up_read } from '../include/linux/rwsem.ts';
import { current, this_node } from '../include/linux/sched.ts';
import {
	spin_lock,
	spin_lock_nested,
	spin_unlock,
	spin_unlock_nested,
	spin_while_gathering,
} from '../include/linux/spinlock.ts';
import { PageSwapCache, pte_swap, pte_to_swp_entry } from '../include/linux/swap.ts';
import { page_trace } from '../include/linux/trace.ts';
import {
	CONFIG_DIO_WAIT,
	CONFIG_DIRTY_AFTER_FLUSH,
	CONFIG_EVEN_COWS,
	CONFIG_I_MMAP_NONLINEAR,
	CONFIG_MAYBE_MKWRITE,
	CONFIG_NOFAULT_COPY,
	CONFIG_NOPAGE_LOCKED,
	CONFIG_NOPAGEDONE,
	CONFIG_PAGE_MKWRITE,
	CONFIG_PAGECACHE_ISIZE_EXTENDED,
	CONFIG_SET_ACCESS_FLAGS,
	CONFIG_SMP,
	CONFIG_SWAP_RECHECK,
	CONFIG_TRUNCATE_COUNT,
	CONFIG_TRUNCATE_UNMAP_TWICE,
	CONFIG_TRUNCATE_WMB,
	CONFIG_VM_DO_NO_PAGE,
} from '../Kconfig.ts';
import { lock_page, set_page_dirty, truncate_inode_pages } from './filemap.ts';
import { linear_page_index } from './fremap.ts';
import { find_vma } from './mmap.ts';
import { alloc_page, page_cache_release } from './page_alloc.ts';
import {
	free_page_and_swap_cache,
	lookup_swap_cache,
	read_swap_cache_async,
	SWAP_UNUSED,
} from './swap_state.ts';
import {
	can_share_swap_page,
	free_swap_and_cache,
	remove_exclusive_swap_page,
	swap_duplicate,
	swap_free,
	vm_swap_full,
} from './swapfile.ts';

/**
 * __free_pte - let go of the page of a pte that was taken out of a page table
 * @page: the page that it mapped
 * @flags: its bits; the dirty bit moves to the page
 *
 * Differs:
 *   - return: the caller has the page and the bits
 *
 * Context: page_table_lock held.
 */
export function __free_pte(page: page, flags: int): void {
	if (flags & _PAGE_DIRTY) set_page_dirty(page);
	free_page_and_swap_cache(page);
}

/**
 * copy_cow_page - copy a page for who stores to it first
 * @from: the page
 * @to: the copy
 * @address: of the fault, bytes
 *
 * Differs:
 *   - ZERO_PAGE, return: there is no page of zeros that all share
 *
 * Context: no page_table_lock: others store to the page meanwhile.
 */
function* copy_cow_page(from: page, to: page, address: int): Sleeps {
	yield* copy_user_highpage(to, from, address);
}

/**
 * copy_page_range - copy the ptes of a mapping to a new address space
 * @dst: the new one
 * @src: the old one
 * @vma: the mapping in the new one
 *
 * A page of a private mapping that may be written to becomes read-only in both, so that whoever
 * stores first gets a copy. The ptes of a shared mapping are clean in the new one.
 *
 * Return: 0.
 * Context: page_table_lock of @dst held; takes that of @src.
 *
 * Differs:
 *   - return: there is memory for page tables
 *   ptep_set_wrprotect -> set_pte: the same step
 *   + pte_to_swp_entry, set_pte x2: a pte with a swap entry has no page to go with it
 *   - spin_unlock page_table_lock: C has it for each page table and at the end
 */
export function* copy_page_range(dst: mm_struct, src: mm_struct, vma: vm_area_struct): Sleeps<int> {
	const cow = (vma.vm_flags & (VM_SHARED | VM_MAYWRITE)) === VM_MAYWRITE;
	yield* spin_lock_nested(src.page_table_lock, LOCK_page_table_nested);
	for (let address = vma.vm_start; address < vma.vm_end; address += PAGE_SIZE) {
		const src_pte = src.pgd[pte_index(address)];
		if (pte_none(src_pte)) continue;
		if (pte_file(src_pte)) {
			set_pte(dst.pgd[pte_index(address)], null, src_pte.flags);
			continue;
		}
		if (pte_swap(src_pte)) {
			swap_duplicate(pte_to_swp_entry(src_pte));
			set_pte(dst.pgd[pte_index(address)], null, src_pte.flags);
			continue;
		}
		const ptepage = src_pte.page!;
		if (cow && pte_write(src_pte)) set_pte(src_pte, ptepage, src_pte.flags & ~_PAGE_RW);
		let pte = src_pte.flags;
		if (vma.vm_flags & VM_SHARED) pte &= ~_PAGE_DIRTY;
		page_cache_get(ptepage);
		dst.rss++;
		set_pte(dst.pgd[pte_index(address)], ptepage, pte);
		cover('fork: a pte is copied');
	}
	spin_unlock_nested(src.page_table_lock, LOCK_page_table_nested);
	return 0;
}

/**
 * zap_pte_range - take the ptes of a range of addresses out
 * @tlb: where they are gathered
 * @fast: from tlb_gather_mmu()
 * @mm: the address space
 * @address: first byte
 * @size: bytes
 * @check_mapping: CONFIG_EVEN_COWS: only pages of this file (zap_details of 2.6.9); null: all
 *
 * A page that has left its file is not of the file: it stays mapped.
 *
 * Differs:
 *   - return: there is a page table
 *   + pte_to_swp_entry: a conversion
 *   + pte_clear: of a pte that says which page of the file belongs there, 2.6
 *
 * Return: how many there were.
 * Context: page_table_lock held.
 */
function* zap_pte_range(
	tlb: mmu_gather_t,
	fast: bool,
	mm: mm_struct,
	address: int,
	size: int,
	check_mapping: address_space | null,
): Sleeps<int> {
	let freed = 0;
	for (let offset = 0; offset < size; offset += PAGE_SIZE) {
		const ptep = mm.pgd[pte_index(address + offset)];
		if (pte_none(ptep)) continue;
		if (CONFIG_EVEN_COWS && check_mapping) {
			if (!pte_present(ptep) || ptep.page!.mapping !== check_mapping) {
				if (pte_swap(ptep)) cover('zap: swap entry left alone');
				else cover('zap: private copy left alone');
				continue;
			}
		}
		if (pte_file(ptep)) {
			pte_clear(ptep);
			continue;
		}
		if (pte_swap(ptep)) {
			free_swap_and_cache(pte_to_swp_entry(ptep));
			pte_clear(ptep);
			continue;
		}
		freed++;
		yield* tlb_remove_page(tlb, fast, ptep);
	}
	return freed;
}

/**
 * zap_page_range - unmap a range of addresses
 * @mm: the address space, any process's
 * @address: first byte
 * @size: bytes
 *
 * Differs:
 *   = zap_pmd_range: one flat page table
 *
 * Context: takes page_table_lock once for the whole range. Does not sleep.
 */
export function* zap_page_range(mm: mm_struct, address: int, size: int): Sleeps {
	yield* zap_details_range(mm, address, size, null);
}

/**
 * zap_details_range - unmap a range of addresses, or what in it is of a file
 * @mm: the address space, any process's
 * @address: first byte
 * @size: bytes
 * @check_mapping: as in zap_pte_range()
 *
 * Not in 2.4.22: zap_page_range() of 2.6.9 has its zap_details argument. With ZAP_RESCHED it lets
 * page_table_lock go after each block, here a page, as unmap_vmas() of 2.6.0 does when the
 * processor is wanted: others run then, on one processor too
 * (on SMP they get in at the spin_lock() that follows). The lock of the share lists is a
 * semaphore there: waiting is the same.
 *
 * A node has one mmu_gather, where the kernel has one for each processor. Without
 * CONFIG_DIRTY_AFTER_FLUSH another task may come in while ptes are in it; if that task unmaps as
 * well, it waits.
 *
 * Context: takes page_table_lock, once for the whole range. Does not sleep, but with ZAP_RESCHED.
 * Source: none: the body of zap_page_range(), with the argument that it has in 2.6.9
 */
function* zap_details_range(
	mm: mm_struct,
	address: int,
	size: int,
	check_mapping: address_space | null,
): Sleeps {
	const block = ZAP_RESCHED ? PAGE_SIZE : size;
	for (let offset = 0; offset < size; offset += block) {
		if (offset > 0) {
			cover('zap: page_table_lock dropped');
			if (!CONFIG_SMP) yield* preempt();
		}
		yield* spin_lock(mm.page_table_lock);
		const start = address + offset;
		const tlb = this_node().mmu_gather;
		if (!CONFIG_DIRTY_AFTER_FLUSH) yield* spin_while_gathering(tlb);
		const fast = tlb_gather_mmu(mm);
		const freed = yield* zap_pte_range(tlb, fast, mm, start, block, check_mapping);
		yield* tlb_finish_mmu(tlb, fast, mm, start, start + block);
		if (mm.rss > freed) mm.rss -= freed;
		else mm.rss = 0;
		spin_unlock(mm.page_table_lock);
	}
}

/**
 * follow_page - the page that an address maps now
 * @mm: the address space
 * @address: the address
 * @write: it is going to be written to: the pte must be writable, and dirty already
 *
 * Return: the page, not referenced, or null: it must be faulted in first.
 * Context: page_table_lock held.
 *
 * Differs:
 *   + return: one return more
 */
function follow_page(mm: mm_struct, address: int, write: bool): page | null {
	const pte = mm.pgd[pte_index(address)];
	if (!pte_present(pte)) return null;
	if (!write || (pte_write(pte) && pte.flags & _PAGE_DIRTY)) return pte.page;
	return null;
}

/**
 * get_user_pages - fault pages of an address space in, and hold them
 * @mm: the address space, any process's
 * @start: first byte
 * @len: pages
 * @write: they are going to be written to
 * @force: what the mapping may become counts, not what it is (VM_MAYWRITE)
 * @pages: receives the pages, referenced; null: they are only to be there
 *
 * page_table_lock is let go for each fault, and the page looked for again. When the page is
 * referenced and the lock is let go, the pte may be taken away at any time: the page is then one
 * that no process sees any more. With CONFIG_DIO_WAIT the file counts such pages, and a revoke
 * waits until there is none.
 *
 * With CONFIG_NOFAULT_COPY, and faults disabled, a page that is not there is not faulted in. With
 * CONFIG_MAYBE_MKWRITE a forced write to a mapping that may not be written to looks, after its
 * fault, for any page at all: the pte never becomes writable.
 *
 * Return: how many pages; -EFAULT or -ENOMEM when there is not even one.
 * Context: mmap_sem held for reading. May sleep.
 *
 * Differs:
 *   find_extend_vma -> find_vma: stacks do not grow
 *   - get_page_map: every page is memory
 *   ~ handle_mm_fault: C goes on in the inner loop with the lock, the port begins it anew
 *   - spin_unlock page_table_lock, spin_lock page_table_lock, return x3: of that inner loop, and
 *       of a failure behind the first page
 *   - page_cache_release: of pages that are no memory
 *   + return x2: C goes to the end
 */
export function* get_user_pages(
	mm: mm_struct,
	start: int,
	len: int,
	write: bool,
	force: bool,
	pages: kiobuf | null,
): Sleeps<int> {
	let flags = write ? VM_WRITE | VM_MAYWRITE : VM_READ | VM_MAYREAD;
	flags &= force ? VM_MAYREAD | VM_MAYWRITE : VM_READ | VM_WRITE;
	for (let i = 0; i < len; i++) {
		const address = start + (i << PAGE_SHIFT);
		const vma = find_vma(mm, address);
		if (!vma || vma.vm_start > address || !(flags & vma.vm_flags)) return i > 0 ? i : -EFAULT;
		let lookup_write = write;
		for (;;) {
			yield* spin_lock(mm.page_table_lock);
			const map = follow_page(mm, address, lookup_write);
			if (map) {
				if (pages) pin_page(pages, i, map, (vma.vm_flags & VM_SHARED) !== 0);
				spin_unlock(mm.page_table_lock);
				break;
			}
			spin_unlock(mm.page_table_lock);
			if (pagefaults_disabled()) {
				cover('get_user_pages: not mapped, faults disabled');
				return i > 0 ? i : -EFAULT;
			}
			cover('get_user_pages: page faulted in');
			const status = yield* handle_mm_fault(mm, vma, address, write);
			if (status === VM_FAULT_SIGBUS) return i > 0 ? i : -EFAULT;
			if (status === VM_FAULT_OOM) return i > 0 ? i : -ENOMEM;
			if (CONFIG_MAYBE_MKWRITE) lookup_write = write && !force;
		}
	}
	return len;
}

/**
 * Notes a page in a kiobuf, and takes a reference. Context: page_table_lock held.
 *
 * Source: none: part of get_user_pages()
 */
function pin_page(iobuf: kiobuf, i: int, page: page, shared: bool): void {
	iobuf.maplist[i] = page;
	iobuf.shared = shared;
	page_cache_get(page);
	if (CONFIG_DIO_WAIT && page.mapping && page.mapping.host) {
		iobuf.pinned[i] = page.mapping;
		page.mapping.nr_pinned++;
	}
}

/**
 * May the running task not fault now? (CONFIG_NOFAULT_COPY)
 *
 * Source: none: in_atomic() of 2.6, FOLL_NOFAULT of later kernels
 */
function pagefaults_disabled(): bool {
	return CONFIG_NOFAULT_COPY !== 0 && MAPPED_BUFFERS !== 0 && current().pagefault_disabled > 0;
}

/**
 * map_user_kiobuf - fault a piece of the running task's memory in, and hold it
 * @rw: READ: a device will write to it; WRITE: a device will read it
 * @iobuf: receives the pages
 * @va: first byte, the start of a page
 * @len: bytes
 *
 * Return: 0, -EFAULT or -ENOMEM.
 * Context: takes mmap_sem for reading. May sleep.
 *
 * Differs:
 *   - expand_kiobuf: a kiobuf is as large as it gets
 *   - unmap_kiobuf: when get_user_pages() fails there is not even one page
 *   - return x2, dprintk x3: a kiobuf that is not in use, for one page
 *   + down_read_trylock mmap_sem, return: CONFIG_NOFAULT_COPY
 */
export function* map_user_kiobuf(rw: int, iobuf: kiobuf, va: int, len: int): Sleeps<int> {
	const mm = current().mm!;
	const pgcount = (len + PAGE_SIZE - 1) >> PAGE_SHIFT;
	if (!pagefaults_disabled()) yield* down_read(mm.mmap_sem);
	else if (!down_read_trylock(mm.mmap_sem)) return -EFAULT;
	const err = yield* get_user_pages(mm, va, pgcount, rw === READ, false, iobuf);
	up_read(mm.mmap_sem);
	if (err < 0) return err;
	iobuf.nr_pages = err;
	iobuf.va = va;
	iobuf.mm = mm;
	return 0;
}

/**
 * mark_dirty_kiobuf - a device has written to the pages of a kiobuf
 * @iobuf: the kiobuf
 *
 * Their ptes may be gone, and with them the dirty bits.
 *
 * Differs: all pages, as no transfer is cut short.
 *
 * Context: no locks. Does not sleep.
 */
export function mark_dirty_kiobuf(iobuf: kiobuf): void {
	for (let i = 0; i < iobuf.nr_pages; i++) set_page_dirty(iobuf.maplist[i]!);
}

/**
 * unmap_kiobuf - let go of the pages of a kiobuf
 * @iobuf: the kiobuf
 *
 * Differs:
 *   - UnlockPage: kiobufs are never locked here
 *
 * Context: no locks. Does not sleep.
 */
export function unmap_kiobuf(iobuf: kiobuf): void {
	for (let i = 0; i < iobuf.nr_pages; i++) {
		page_cache_release(iobuf.maplist[i]!);
		iobuf.maplist[i] = null;
		const pinned = iobuf.pinned[i];
		if (!CONFIG_DIO_WAIT || !pinned) continue;
		pinned.nr_pinned--;
		iobuf.pinned[i] = null;
	}
	iobuf.nr_pages = 0;
}

/**
 * establish_pte - replace a present pte
 * @vma: whose pte it is
 * @address: what it maps
 * @page_table: the pte
 * @page: the new page
 * @entry: the new bits
 *
 * Context: page_table_lock held.
 */
function establish_pte(
	vma: vm_area_struct,
	address: int,
	page_table: pte_t,
	page: page,
	entry: int,
): void {
	set_pte(page_table, page, entry);
	flush_tlb_page(vma, address);
}

/**
 * maybe_mkwrite - make the pte of a write fault writable
 * @pte: its bits
 * @vma: where
 *
 * CONFIG_MAYBE_MKWRITE: only in a mapping that may be written to. A fault that ptrace() forces may
 * be in another.
 *
 * Differs:
 *   + return: one return more
 *
 * Return: the bits.
 * Context: any.
 * Source: mm/memory.c, 2.6.9
 */
function maybe_mkwrite(pte: int, vma: vm_area_struct): int {
	if (CONFIG_MAYBE_MKWRITE && !(vma.vm_flags & VM_WRITE)) return pte;
	return pte | _PAGE_RW;
}

/**
 * break_cow - map the private copy of a page
 * @vma: where
 * @new_page: the copy
 * @address: of the fault
 * @page_table: the pte
 *
 * Differs:
 *   pte_mkwrite -> maybe_mkwrite: with CONFIG_MAYBE_MKWRITE it asks the mapping
 *
 * Context: page_table_lock held.
 */
function break_cow(vma: vm_area_struct, new_page: page, address: int, page_table: pte_t): void {
	const entry = maybe_mkwrite(vma.vm_page_prot | _PAGE_DIRTY, vma);
	printk('break_cow: %p is a private copy of %p', new_page, page_table.page);
	event(EVENT_PRIVATE_COPY, new_page, page_table.page);
	establish_pte(vma, address, page_table, new_page, entry);
}

/**
 * do_shared_write - CONFIG_PAGE_MKWRITE: let a store into a page of a shared mapping
 * @mm: the address space
 * @vma: a shared mapping
 * @address: of the fault
 * @page_table: the pte, present and read-only
 *
 * Not in 2.4.22, whose do_wp_page() never looks at VM_SHARED. The pte is compared again after the
 * file system was asked, since it sleeps; with CONFIG_TRUNCATE_COUNT so is the counter, since a
 * downgrade that write-protects a read-only pte leaves it as it was.
 *
 * Return: as do_wp_page().
 * Context: as do_wp_page().
 * Source: none: CONFIG_PAGE_MKWRITE, a part of do_wp_page() as mainline has it
 */
function* do_shared_write(
	mm: mm_struct,
	vma: vm_area_struct,
	address: int,
	page_table: pte_t,
): Sleeps<int> {
	const old_page = page_table.page!;
	const pte = page_table.flags;
	let same = true;

	if (vma.vm_ops && vma.vm_ops.page_mkwrite) {
		const mapping = vma.vm_file!.f_inode!.i_data;
		let sequence = 0;
		page_cache_get(old_page);
		if (CONFIG_TRUNCATE_COUNT) sequence = truncate_count_read(mapping.truncate_count);
		spin_unlock(mm.page_table_lock);

		const status = yield* vma.vm_ops.page_mkwrite(vma, old_page);
		event(EVENT_MKWRITE, old_page, status);

		if (status === 0) yield* spin_lock(mm.page_table_lock);
		same = status === 0 && pte_same(page_table, old_page, pte);
		if (CONFIG_TRUNCATE_COUNT) {
			same = same && truncate_count_is(mapping.truncate_count, sequence);
			truncate_count_put(mapping.truncate_count, sequence);
		}
		if (CONFIG_NOPAGE_LOCKED && status === 0 && !same) UnlockPage(old_page);
		page_cache_release(old_page);
		if (status !== 0)
			return nopage_done(vma, address, status > 0 ? VM_FAULT_MINOR : VM_FAULT_SIGBUS);
	}
	if (same) {
		cover('do_wp_page: shared page made writable');
		establish_pte(vma, address, page_table, old_page, pte | _PAGE_RW | _PAGE_DIRTY);
		if (CONFIG_NOPAGE_LOCKED && vma.vm_ops && vma.vm_ops.page_mkwrite) UnlockPage(old_page);
	}
	spin_unlock(mm.page_table_lock);
	if (vma.vm_ops && vma.vm_ops.page_mkwrite) return nopage_done(vma, address, VM_FAULT_MINOR);
	return VM_FAULT_MINOR;
}

/**
 * do_wp_page - a write to a pte that is present and read-only
 * @mm: the address space
 * @vma: where
 * @address: of the fault
 * @page_table: the pte
 *
 * Differs:
 *   - spin_unlock page_table_lock, return: of the check for a pte that maps no memory
 *   pte_mkwrite -> maybe_mkwrite: with CONFIG_MAYBE_MKWRITE it asks the mapping
 *   ~ maybe_mkwrite: behind the dirty mark
 *
 * Return: VM_FAULT_MINOR or VM_FAULT_OOM; with CONFIG_PAGE_MKWRITE also VM_FAULT_SIGBUS.
 * Context: page_table_lock held on entry, not on return. May sleep.
 */
export function* do_wp_page(
	mm: mm_struct,
	vma: vm_area_struct,
	address: int,
	page_table: pte_t,
): Sleeps<int> {
	if (CONFIG_PAGE_MKWRITE && vma.vm_flags & VM_SHARED && vma.vm_flags & VM_WRITE)
		return yield* do_shared_write(mm, vma, address, page_table);

	const old_page = page_table.page!;
	const pte = page_table.flags;
	if (!TryLockPage(old_page)) {
		const reuse = can_share_swap_page(old_page);
		UnlockPage(old_page);
		if (reuse) {
			const entry = maybe_mkwrite(pte | _PAGE_DIRTY, vma);
			establish_pte(vma, address, page_table, old_page, entry);
			spin_unlock(mm.page_table_lock);
			return VM_FAULT_MINOR;
		}
	}

	page_cache_get(old_page);
	spin_unlock(mm.page_table_lock);

	const new_page = yield* alloc_page(GFP_HIGHUSER);
	if (new_page === null) {
		page_cache_release(old_page);
		return VM_FAULT_OOM;
	}
	yield* copy_cow_page(old_page, new_page, address);

	yield* spin_lock(mm.page_table_lock);
	let unused: page = new_page;
	if (pte_same(page_table, old_page, pte)) {
		cover('do_wp_page: private copy');
		break_cow(vma, new_page, address, page_table);
		unused = old_page;
	}
	spin_unlock(mm.page_table_lock);
	page_cache_release(unused);
	page_cache_release(old_page);
	return VM_FAULT_MINOR;
}

/**
 * zap_nonlinear - unmap pages of a file from a mapping that is not linear
 * @vma: the mapping
 * @hba: first page of the file
 * @hlen: pages; 0: to the end
 * @check_mapping: as in zap_pte_range()
 *
 * zap_page_range() of 2.6.9 with zap_details.nonlinear_vma: every pte is looked at, and one that
 * maps another page than its address says keeps the number of that page.
 *
 * Context: i_shared_lock held; takes page_table_lock. Does not sleep.
 * Source: none: zap_page_range() of 2.6.9 for a mapping that is not linear
 */
function* zap_nonlinear(
	vma: vm_area_struct,
	hba: int,
	hlen: int,
	check_mapping: address_space | null,
): Sleeps {
	const mm = vma.vm_mm!;
	yield* spin_lock(mm.page_table_lock);
	const tlb = this_node().mmu_gather;
	if (!CONFIG_DIRTY_AFTER_FLUSH) yield* spin_while_gathering(tlb);
	const fast = tlb_gather_mmu(mm);
	let freed = 0;
	for (let address = vma.vm_start; address < vma.vm_end; address += PAGE_SIZE) {
		const ptep = mm.pgd[pte_index(address)];
		if (!pte_present(ptep)) continue;
		const index = ptep.page!.index;
		if (check_mapping && ptep.page!.mapping !== check_mapping) continue;
		if (index < hba || (hlen !== 0 && index >= hba + hlen)) continue;
		freed++;
		yield* tlb_remove_page(tlb, fast, ptep);
		if (index === linear_page_index(vma, address)) continue;
		cover('zap: a pte keeps the number of its page');
		set_pte(ptep, null, pgoff_to_pte(index));
	}
	yield* tlb_finish_mmu(tlb, fast, mm, vma.vm_start, vma.vm_end);
	if (mm.rss > freed) mm.rss -= freed;
	else mm.rss = 0;
	spin_unlock(mm.page_table_lock);
}

/**
 * The same for all such mappings of a file; without CONFIG_I_MMAP_NONLINEAR there are none.
 *
 * Source: none: part of unmap_mapping_range() of 2.6.9
 */
function* zap_nonlinear_list(
	mapping: address_space,
	hba: int,
	hlen: int,
	check_mapping: address_space | null,
): Sleeps {
	if (!REMAP_FILE_PAGES || !CONFIG_I_MMAP_NONLINEAR) return;
	for (let vma = mapping.i_mmap_nonlinear; vma; vma = vma.vm_next_share)
		yield* zap_nonlinear(vma, hba, hlen, check_mapping);
}

/**
 * vmtruncate_list - unmap the part of a file behind an offset from a list of its mappings
 * @first: the list, linked by vm_next_share
 * @pgoff: first page of the file to unmap
 *
 * Context: i_shared_lock held.
 */
function* vmtruncate_list(first: vm_area_struct | null, pgoff: int): Sleeps {
	for (let mpnt = first; mpnt; mpnt = mpnt.vm_next_share) {
		const mm = mpnt.vm_mm!;
		let start = mpnt.vm_start;
		let len = mpnt.vm_end - start;

		if (MLOCK && mpnt.vm_flags & VM_LOCKED) cover('vmtruncate_list: locked memory unmapped');
		if (mpnt.vm_pgoff >= pgoff) {
			yield* zap_page_range(mm, start, len);
			continue;
		}
		len = len >> PAGE_SHIFT;
		const diff = pgoff - mpnt.vm_pgoff;
		if (diff >= len) continue;
		start += diff << PAGE_SHIFT;
		len = (len - diff) << PAGE_SHIFT;
		yield* zap_page_range(mm, start, len);
	}
}

/**
 * pagecache_isize_extended - a file is about to grow: what is behind its end becomes zero
 * @inode: the file
 * @to: the new end, bytes; or where a write begins that lies behind the end
 *
 * CONFIG_PAGECACHE_ISIZE_EXTENDED. The page may be mapped, and it may be under way to the disk or
 * from it, which has zeros there. The caller sets i_size in the same step: the kernel does so
 * first, and who looks in between sees what was stored there.
 *
 * Context: i_sem held. Does not sleep.
 * Source: none: mm/truncate.c, 6.13
 */
export function pagecache_isize_extended(inode: inode, to: int): void {
	const offset = inode.i_size & ~PAGE_MASK;
	if (!offset || to <= inode.i_size) return;
	const page = inode.i_data.pages[inode.i_size >> PAGE_SHIFT];
	if (!page) return;
	cover('pagecache_isize_extended');
	memclear_highpage_flush(page, offset, PAGE_SIZE - offset);
}

/**
 * vmtruncate - set the size of a file, and let go of what is behind its end
 * @inode: the file
 * @offset: the new size in bytes
 *
 * i_size first: a fault that looks at it from then on finds the end of the file. One that looked
 * before may have a page in hand, and maps it after it was unmapped here, and after it was
 * dropped: this is the window that CONFIG_TRUNCATE_COUNT was made for.
 *
 * Differs:
 *   - send_sig: there is no limit on the size of files but that of the file system
 *   - return: one way out for a size that is too large
 *   + pagecache_isize_extended: CONFIG_PAGECACHE_ISIZE_EXTENDED
 *
 * Return: 0 or -EFBIG.
 * Context: i_sem held. Takes i_shared_lock, under it each page_table_lock. May sleep.
 */
export function* vmtruncate(inode: inode, offset: int): Sleeps<int> {
	const mapping = inode.i_data;
	if (inode.i_size < offset) {
		if (offset > NR_FILE_PAGES << PAGE_SHIFT) return -EFBIG;
		if (PAGE_WORDS > 1 && CONFIG_PAGECACHE_ISIZE_EXTENDED) pagecache_isize_extended(inode, offset);
		inode.i_size = offset;
		if (page_trace.ops) page_trace.ops.truncated(inode, offset);
	} else {
		if (page_trace.ops) page_trace.ops.truncating(inode, offset);
		if (STORE_BUFFERS) yield* i_size_store(inode, offset);
		else inode.i_size = offset;
		yield* spin_lock(mapping.i_shared_lock);
		if (CONFIG_TRUNCATE_WMB) smp_wmb();
		if (CONFIG_TRUNCATE_COUNT) yield* truncate_count_store(mapping.truncate_count, inode.i_ino);
		const pgoff = (offset + PAGE_SIZE - 1) >> PAGE_SHIFT;
		event(EVENT_UNMAP, inode.i_ino, true);
		yield* vmtruncate_list(mapping.i_mmap, pgoff);
		yield* vmtruncate_list(mapping.i_mmap_shared, pgoff);
		yield* zap_nonlinear_list(mapping, pgoff, 0, null);
		event(EVENT_UNMAP_DONE);
		spin_unlock(mapping.i_shared_lock);
		yield* truncate_inode_pages(mapping, offset);
		if (CONFIG_TRUNCATE_UNMAP_TWICE)
			yield* unmap_mapping_range(mapping, pgoff << PAGE_SHIFT, 0, true);
		cover('vmtruncate: shrunk');
	}
	if (inode.i_op) yield* inode.i_op.truncate(inode);
	if (page_trace.ops) page_trace.ops.truncated(inode, offset);
	return 0;
}

/**
 * invalidate_mmap_range_list - unmap a range of a file from a list of its mappings
 * @first: the list, linked by vm_next_share
 * @hba: first page of the file
 * @hlen: pages; 0: to the end
 * @check_mapping: as in zap_pte_range()
 *
 * 2.6.0; in 2.6.9 unmap_mapping_range_list().
 *
 * Context: i_shared_lock held. Does not sleep.
 * Source: mm/memory.c, 2.6.0
 */
export function* invalidate_mmap_range_list(
	first: vm_area_struct | null,
	hba: int,
	hlen: int,
	check_mapping: address_space | null,
): Sleeps {
	for (let vma = first; vma; vma = vma.vm_next_share) {
		if (MLOCK && vma.vm_flags & VM_LOCKED) cover('vmtruncate_list: locked memory unmapped');
		const vba = vma.vm_pgoff;
		const vea = vba + ((vma.vm_end - vma.vm_start) >> PAGE_SHIFT);
		const zba = hba > vba ? hba : vba;
		const zea = hlen !== 0 && hba + hlen < vea ? hba + hlen : vea;
		if (zba >= zea) continue;
		const start = vma.vm_start + ((zba - vba) << PAGE_SHIFT);
		yield* zap_details_range(vma.vm_mm!, start, (zea - zba) << PAGE_SHIFT, check_mapping);
	}
}

/**
 * invalidate_mmap_range - unmap a range of a file from every page table of this node
 * @mapping: the file
 * @holebegin: first byte
 * @holelen: bytes; 0: to the end
 *
 * 2.6.0 (CONFIG_INVALIDATE_MMAP_RANGE), with the lock of 2.4.22. Private copies of pages are
 * unmapped as well, and lost: unmap_mapping_range() can leave them.
 *
 * Context: takes i_shared_lock, and under it each page_table_lock. Does not sleep.
 * Source: mm/memory.c, 2.6.0
 */
export function* invalidate_mmap_range(
	mapping: address_space,
	holebegin: int,
	holelen: int,
): Sleeps {
	yield* unmap_mapping_range(mapping, holebegin, holelen, true);
}

/**
 * unmap_mapping_range - unmap a range of a file from every page table of this node
 * @mapping: the file
 * @holebegin: first byte
 * @holelen: bytes; 0: to the end
 * @even_cows: private copies of its pages as well: the file has been cut. False: they stay, be
 *	they in memory or in swap; so does, by mistake, a page that has left the cache
 *
 * 2.6.9 (CONFIG_EVEN_COWS), with the lists and the lock of 2.4.22.
 *
 * Differs:
 *   spin_lock i_mmap_lock -> spin_lock i_shared_lock: the lock of 2.4.22
 *   spin_unlock i_mmap_lock -> spin_unlock i_shared_lock: the lock of 2.4.22
 *   - prio_tree_empty, unmap_mapping_range_list, zap_page_range: two lists and no tree
 *   + invalidate_mmap_range_list x2: two lists and no tree
 *   + spin_lock page_table_lock, spin_unlock page_table_lock, tlb_gather_mmu, tlb_finish_mmu,
 *       tlb_remove_page, pte_present, set_pte: zap_page_range() of 2.6.9 for mappings that are not
 *       linear
 *
 * Context: takes i_shared_lock, and under it each page_table_lock. Does not sleep.
 * Source: mm/memory.c, 2.6.9
 */
export function* unmap_mapping_range(
	mapping: address_space,
	holebegin: int,
	holelen: int,
	even_cows: bool,
): Sleeps {
	const hba = holebegin >> PAGE_SHIFT;
	const hlen = (holelen + PAGE_SIZE - 1) >> PAGE_SHIFT;
	const check_mapping = even_cows ? null : mapping;
	yield* spin_lock(mapping.i_shared_lock);
	if (CONFIG_TRUNCATE_COUNT)
		yield* truncate_count_store(mapping.truncate_count, mapping.host!.i_ino);
	yield* invalidate_mmap_range_list(mapping.i_mmap, hba, hlen, check_mapping);
	yield* invalidate_mmap_range_list(mapping.i_mmap_shared, hba, hlen, check_mapping);
	yield* zap_nonlinear_list(mapping, hba, hlen, check_mapping);
	spin_unlock(mapping.i_shared_lock);
}

/**
 * wrprotect_page_range - write-protect the ptes of a mapping
 * @vma: the mapping
 *
 * The dirty bits move to the pages, each after the flush: a page that is marked first could be
 * written out and marked clean while a processor still stores through its TLB. set_pte() stands
 * for an atomic exchange. Private copies keep their dirty bits.
 *
 * Context: takes page_table_lock. Does not sleep.
 * Source: none: CONFIG_WRPROTECT_MAPPING_RANGE, proposed
 */
function* wrprotect_page_range(vma: vm_area_struct): Sleeps {
	const mm = vma.vm_mm!;
	yield* spin_lock(mm.page_table_lock);
	for (let address = vma.vm_start; address < vma.vm_end; address += PAGE_SIZE) {
		const ptep = mm.pgd[pte_index(address)];
		if (!pte_present(ptep) || !ptep.page!.mapping) continue;
		const flags = ptep.flags;
		set_pte(ptep, ptep.page, flags & ~(_PAGE_RW | _PAGE_DIRTY));
		flush_tlb_page(vma, address);
		if (flags & _PAGE_DIRTY) set_page_dirty(ptep.page!);
	}
	spin_unlock(mm.page_table_lock);
}

/**
 * wrprotect_mapping_range - write-protect a file in every page table of this node
 * @mapping: the file
 *
 * CONFIG_WRPROTECT_MAPPING_RANGE; not in 2.4.22. Counts as a change for a fault under way, as an
 * unmap does: the fault may be about to install a writable pte.
 *
 * Context: takes i_shared_lock, and under it each page_table_lock. Does not sleep.
 * Source: none: CONFIG_WRPROTECT_MAPPING_RANGE, proposed
 */
export function* wrprotect_mapping_range(mapping: address_space): Sleeps {
	yield* spin_lock(mapping.i_shared_lock);
	if (CONFIG_TRUNCATE_COUNT)
		yield* truncate_count_store(mapping.truncate_count, mapping.host!.i_ino);
	for (let mpnt = mapping.i_mmap_shared; mpnt; mpnt = mpnt.vm_next_share)
		yield* wrprotect_page_range(mpnt);
	if (REMAP_FILE_PAGES && CONFIG_I_MMAP_NONLINEAR)
		for (let mpnt = mapping.i_mmap_nonlinear; mpnt; mpnt = mpnt.vm_next_share)
			yield* wrprotect_page_range(mpnt);
	spin_unlock(mapping.i_shared_lock);
}

/**
 * do_swap_page - an access to a page that is in swap
 * @mm: the address space
 * @vma: where
 * @address: of the fault
 * @page_table: the pte, which holds a swap entry
 * @orig_pte: its bits
 * @write_access: the access is a store
 *
 * The page is mapped writable only if no other process can see it: else the store comes again, to
 * do_wp_page().
 *
 * A pte that is as it was does not say that its slot is: in between the page may have come back,
 * and gone out to the same slot again. CONFIG_SWAP_RECHECK looks whether the page that was locked
 * is that of the slot, and begins again if it is not, or if the slot was not used in between.
 *
 * Differs:
 *   - swapin_readahead: the neighbours of a slot are not read with it
 *   + pte_to_swp_entry: a conversion; C is given the entry
 *   pte_mkwrite -> maybe_mkwrite: with CONFIG_MAYBE_MKWRITE it asks the mapping
 *   ~ maybe_mkwrite: behind the dirty mark
 *
 * Return: VM_FAULT_MINOR, VM_FAULT_MAJOR when it was read, or VM_FAULT_OOM.
 * Context: page_table_lock held on entry, not on return. May sleep.
 */
function* do_swap_page(
	mm: mm_struct,
	vma: vm_area_struct,
	address: int,
	page_table: pte_t,
	orig_pte: int,
	write_access: bool,
): Sleeps<int> {
	const entry = pte_to_swp_entry(page_table);
	let ret = VM_FAULT_MINOR;
	spin_unlock(mm.page_table_lock);
	let page = yield* lookup_swap_cache(entry);
	if (page === null) {
		page = yield* read_swap_cache_async(entry);
		if (CONFIG_SWAP_RECHECK && page === SWAP_UNUSED) return VM_FAULT_MINOR;
		if (page === null) {
			yield* spin_lock(mm.page_table_lock);
			const retval = pte_same(page_table, null, orig_pte) ? VM_FAULT_OOM : VM_FAULT_MINOR;
			spin_unlock(mm.page_table_lock);
			return retval;
		}
		ret = VM_FAULT_MAJOR;
	}
	yield* lock_page(page);
	if (CONFIG_SWAP_RECHECK && !(PageSwapCache(page, this_node()) && page.index === entry)) {
		cover('do_swap_page: the page has another slot');
		UnlockPage(page);
		page_cache_release(page);
		return VM_FAULT_MINOR;
	}

	yield* spin_lock(mm.page_table_lock);
	if (!pte_same(page_table, null, orig_pte)) {
		spin_unlock(mm.page_table_lock);
		UnlockPage(page);
		page_cache_release(page);
		return VM_FAULT_MINOR;
	}
	swap_free(entry);
	if (vm_swap_full()) remove_exclusive_swap_page(page);
	else cover('do_swap_page: swap is not full');

	cover('do_swap_page: page back from swap');
	printk('do_swap_page: pte of %d maps %p', address, page);
	event(EVENT_SWAP_IN, address, page);
	mm.rss++;
	let pte = vma.vm_page_prot;
	if (write_access && can_share_swap_page(page)) pte = maybe_mkwrite(pte | _PAGE_DIRTY, vma);
	UnlockPage(page);
	set_pte(page_table, page, pte);
	spin_unlock(mm.page_table_lock);
	return ret;
}

/**
 * do_anonymous_page - the first access to a page of memory that no file is behind
 * @mm: the address space
 * @vma: where
 * @page_table: the pte, none
 * @write_access: the access is a store
 * @addr: of the fault
 *
 * Differs: a read gets a page of its own instead of the one page of zeros; no program can tell.
 *   - ZERO_PAGE: a read gets a page of its own
 *   pte_mkwrite -> maybe_mkwrite: with CONFIG_MAYBE_MKWRITE it asks the mapping
 *
 * Return: VM_FAULT_MINOR or VM_FAULT_OOM.
 * Context: page_table_lock held on entry, not on return. May sleep.
 */
function* do_anonymous_page(
	mm: mm_struct,
	vma: vm_area_struct,
	page_table: pte_t,
	write_access: bool,
	addr: int,
): Sleeps<int> {
	spin_unlock(mm.page_table_lock);
	const page = yield* alloc_page(GFP_HIGHUSER);
	if (page === null) return VM_FAULT_OOM;
	yield* spin_lock(mm.page_table_lock);
	if (!pte_none(page_table)) {
		page_cache_release(page);
		spin_unlock(mm.page_table_lock);
		return VM_FAULT_MINOR;
	}
	mm.rss++;
	printk('do_anonymous_page: %p at %d', page, addr);
	event(EVENT_ANONYMOUS, addr, page);
	set_pte(
		page_table,
		page,
		write_access
			? maybe_mkwrite(vma.vm_page_prot | _PAGE_DIRTY, vma)
			: vma.vm_page_prot & ~_PAGE_RW,
	);
	spin_unlock(mm.page_table_lock);
	return VM_FAULT_MINOR;
}

/**
 * nopage_done - CONFIG_NOPAGEDONE: tell the file system that a fault is over
 * @vma: where
 * @address: of the fault
 * @status: what do_no_page() returns
 *
 * Return: @status.
 * Context: as the caller: no page_table_lock.
 * Source: none: CONFIG_NOPAGEDONE
 */
function nopage_done(vma: vm_area_struct, address: int, status: int): int {
	if (CONFIG_NOPAGEDONE && vma.vm_ops!.nopagedone) vma.vm_ops!.nopagedone(vma, address, status);
	return status;
}

/**
 * early_cow - copy the page of a private mapping at the first store
 * @new_page: the file's page, referenced; the reference is given back
 * @address: of the fault
 *
 * Return: the copy, or null when there is no memory.
 * Context: may sleep.
 * Source: none: part of do_no_page()
 */
function* early_cow(new_page: page, address: int): Sleeps<page | null> {
	const page = yield* alloc_page(GFP_HIGHUSER);
	if (page) yield* copy_user_highpage(page, new_page, address);
	if (page) event(EVENT_PRIVATE_COPY, page, new_page);
	cover('do_no_page: early copy');
	page_cache_release(new_page);
	return page;
}

/**
 * i_size_load_early - what a processor may do without a barrier between two loads
 * @inode: the file
 *
 * CONFIG_TRUNCATE_BARRIERS off: the load of i_size, in ->nopage, may be carried out before that of
 * truncate_count, here, if nothing between them keeps the processor from it.
 *
 * Source: none: CONFIG_TRUNCATE_BARRIERS
 */
function* i_size_load_early(inode: inode): Sleeps {
	const early = yield* choose(2);
	if (!early) return;
	cover('do_no_page: i_size loaded early');
	printk('i_size of file %d is loaded before truncate_count: %d', inode.i_ino, inode.i_size);
	event(EVENT_SIZE_EARLY, inode.i_ino, inode.i_size);
	current().i_size_early = inode.i_size + 1;
	yield* preempt();
}

/**
 * do_no_page - the first access to a page of a mapped file
 * @mm: the address space
 * @vma: where
 * @address: of the fault
 * @write_access: the access is a store
 * @page_table: the pte, none
 *
 * Between the return of ->nopage and the second spin_lock() nothing protects the page that
 * ->nopage returned: this is the window that CONFIG_TRUNCATE_COUNT, CONFIG_NOPAGEDONE,
 * CONFIG_VM_DO_NO_PAGE and CONFIG_NOPAGE_LOCKED close. The counter is read before ->nopage is
 * called, and again under page_table_lock.
 *
 * CONFIG_NOPAGE_LOCKED: the page is unlocked for ->page_mkwrite, which may wait for locks that are
 * taken before that of a page, and returns it locked (VM_FAULT_LOCKED, 2.6.30), or says that it has
 * left the file (VM_FAULT_NOPAGE). Before 2.6.30 the VM locked it again and looked itself; in
 * between it could be written out.
 *
 * Differs:
 *   - page_cache_release x2: early_cow() gives the reference back once, for both ways
 *   pte_mkwrite -> maybe_mkwrite: with CONFIG_MAYBE_MKWRITE it asks the mapping
 *
 * Return: VM_FAULT_*.
 * Context: page_table_lock held on entry, not on return. May sleep.
 */
export function* do_no_page(
	mm: mm_struct,
	vma: vm_area_struct,
	address: int,
	write_access: bool,
	page_table: pte_t,
): Sleeps<int> {
	if (!vma.vm_ops) return yield* do_anonymous_page(mm, vma, page_table, write_access, address);
	spin_unlock(mm.page_table_lock);

	const mapping = vma.vm_file!.f_inode!.i_data;
	for (;;) {
		let sequence = 0;
		if (I_SIZE_EARLY) yield* i_size_load_early(mapping.host!);
		if (CONFIG_TRUNCATE_COUNT) sequence = truncate_count_read(mapping.truncate_count);

		let new_page = yield* vma.vm_ops.nopage(vma, address & PAGE_MASK, 0);
		event(EVENT_NOPAGE, address, new_page);

		if (new_page === null || new_page === NOPAGE_OOM) {
			if (CONFIG_TRUNCATE_COUNT) truncate_count_put(mapping.truncate_count, sequence);
			return nopage_done(vma, address, new_page === null ? VM_FAULT_SIGBUS : VM_FAULT_OOM);
		}
		const locked = CONFIG_NOPAGE_LOCKED ? new_page : null;
		if (write_access && !(vma.vm_flags & VM_SHARED)) {
			new_page = yield* early_cow(new_page, address);
			if (new_page === null) {
				if (CONFIG_NOPAGE_LOCKED) UnlockPage(locked!);
				if (CONFIG_TRUNCATE_COUNT) truncate_count_put(mapping.truncate_count, sequence);
				return nopage_done(vma, address, VM_FAULT_OOM);
			}
		} else if (CONFIG_PAGE_MKWRITE && write_access && vma.vm_ops.page_mkwrite) {
			if (CONFIG_NOPAGE_LOCKED) UnlockPage(new_page);
			const status = yield* vma.vm_ops.page_mkwrite(vma, new_page);
			event(EVENT_MKWRITE, new_page, status);
			if (status !== 0) {
				page_cache_release(new_page);
				if (CONFIG_TRUNCATE_COUNT) truncate_count_put(mapping.truncate_count, sequence);
				return nopage_done(vma, address, status > 0 ? VM_FAULT_MINOR : VM_FAULT_SIGBUS);
			}
		}

		yield* spin_lock(mm.page_table_lock);
		if (CONFIG_TRUNCATE_COUNT) {
			const changed = !truncate_count_is(mapping.truncate_count, sequence);
			truncate_count_put(mapping.truncate_count, sequence);
			if (changed) {
				cover('do_no_page: truncate_count changed');
				printk('do_no_page: truncate_count changed, %p let go', new_page);
				event(EVENT_FAULT_RETRIED, address, new_page);
				spin_unlock(mm.page_table_lock);
				if (CONFIG_NOPAGE_LOCKED) UnlockPage(locked!);
				page_cache_release(new_page);
				nopage_done(vma, address, VM_FAULT_MINOR);
				continue;
			}
		}
		if (!pte_none(page_table)) {
			if (CONFIG_NOPAGE_LOCKED) UnlockPage(locked!);
			page_cache_release(new_page);
			spin_unlock(mm.page_table_lock);
			return nopage_done(vma, address, VM_FAULT_MINOR);
		}
		mm.rss++;
		let entry = vma.vm_page_prot;
		if (write_access) entry = maybe_mkwrite(entry | _PAGE_DIRTY, vma);
		set_pte(page_table, new_page, entry);
		printk('do_no_page: pte of %d maps %p', address, new_page);
		spin_unlock(mm.page_table_lock);
		if (CONFIG_NOPAGE_LOCKED) UnlockPage(locked!);
		return nopage_done(vma, address, VM_FAULT_MAJOR);
	}
}

/**
 * do_file_page - a fault on a pte that says which page of the file belongs there
 * @mm: the address space
 * @vma: where
 * @address: of the fault
 * @write_access: the access is a store
 * @page_table: the pte
 *
 * 2.6.
 *
 * Return: VM_FAULT_*.
 * Context: page_table_lock held on entry, not on return. May sleep.
 *
 * Differs:
 * Source: mm/memory.c, 2.6.0 to 2.6.9
 */
function* do_file_page(
	mm: mm_struct,
	vma: vm_area_struct,
	address: int,
	write_access: bool,
	page_table: pte_t,
): Sleeps<int> {
	const ops = vma.vm_ops!;
	if (!ops.populate || (write_access && !(vma.vm_flags & VM_SHARED))) {
		pte_clear(page_table);
		return yield* do_no_page(mm, vma, address, write_access, page_table);
	}
	const pgoff = pte_to_pgoff(page_table);
	spin_unlock(mm.page_table_lock);
	cover('do_file_page');
	const at = address & PAGE_MASK;
	const err = yield* ops.populate(vma, at, PAGE_SIZE, vma.vm_page_prot, pgoff, false);
	if (err === -ENOMEM) return VM_FAULT_OOM;
	return err ? VM_FAULT_SIGBUS : VM_FAULT_MAJOR;
}

/**
 * handle_pte_fault - what kind of fault is it?
 * @mm: the address space
 * @vma: where
 * @address: of the fault
 * @write_access: the access is a store
 * @pte: the pte
 *
 * A present pte is read here and written by establish_pte(). In the kernel that sets the accessed
 * bit, which is left out; that it writes is not. SMP: the processor of a sibling may set the
 * dirty bit in between, unless CONFIG_SET_ACCESS_FLAGS.
 *
 * Differs:
 *   + do_file_page: 2.6
 *
 * Return: VM_FAULT_*.
 * Context: page_table_lock held on entry, not on return. May sleep.
 */
function* handle_pte_fault(
	mm: mm_struct,
	vma: vm_area_struct,
	address: int,
	write_access: bool,
	pte: pte_t,
): Sleeps<int> {
	if (!pte_present(pte)) {
		if (REMAP_FILE_PAGES && pte_file(pte))
			return yield* do_file_page(mm, vma, address, write_access, pte);
		if (NR_SWAP === 0 || pte_none(pte)) {
			if (CONFIG_VM_DO_NO_PAGE && vma.vm_ops && vma.vm_ops.do_no_page)
				return yield* vma.vm_ops.do_no_page(mm, vma, address, write_access, pte);
			return yield* do_no_page(mm, vma, address, write_access, pte);
		}
		return yield* do_swap_page(mm, vma, address, pte, pte.flags, write_access);
	}
	let entry = pte.flags;
	if (write_access) {
		if (!pte_write(pte)) {
			if (CONFIG_VM_DO_NO_PAGE && vma.vm_ops && vma.vm_ops.do_wp_page)
				return yield* vma.vm_ops.do_wp_page(mm, vma, address, pte);
			return yield* do_wp_page(mm, vma, address, pte);
		}
		entry |= _PAGE_DIRTY;
	}
	if (CONFIG_SET_ACCESS_FLAGS && !write_access) {
		spin_unlock(mm.page_table_lock);
		return VM_FAULT_MINOR;
	}
	const page = pte.page!;
	if (CONFIG_SMP) yield* preempt();
	establish_pte(vma, address, pte, page, entry);
	spin_unlock(mm.page_table_lock);
	return VM_FAULT_MINOR;
}

/**
 * handle_mm_fault - make an address accessible
 * @mm: the address space
 * @vma: the mapping that the address is in
 * @address: the address
 * @write_access: for a store
 *
 * Differs:
 *   - return, spin_unlock page_table_lock: there is memory for page tables
 *
 * Return: VM_FAULT_*. There is no "try again": a fault that did nothing returns success, and the
 * instruction faults again.
 * Context: mmap_sem held for reading. May sleep.
 */
export function* handle_mm_fault(
	mm: mm_struct,
	vma: vm_area_struct,
	address: int,
	write_access: bool,
): Sleeps<int> {
	yield* spin_lock(mm.page_table_lock);
	const pte = mm.pgd[pte_index(address)];
	return yield* handle_pte_fault(mm, vma, address, write_access, pte);
}

/**
 * make_pages_present - fault a part of a mapping in
 * @addr: first byte
 * @end: behind the last byte, in the same mapping
 *
 * Return: 0, or -1 when not all of it could be.
 * Context: mmap_sem held. May sleep.
 */
export function* make_pages_present(addr: int, end: int): Sleeps<int> {
	const mm = current().mm!;
	const vma = find_vma(mm, addr)!;
	const write = (vma.vm_flags & VM_WRITE) !== 0;
	const len = (end - addr + PAGE_SIZE - 1) >> PAGE_SHIFT;
	const ret = yield* get_user_pages(mm, addr, len, write, false, null);
	return ret === len ? 0 : -1;
}
