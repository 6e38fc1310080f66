// SPDX-License-Identifier: GPL-2.0-only
/**
 * mm/vmscan.c of 2.4.22: who takes ptes out of page tables, writes pages and frees them: the
 * pageout daemon, and tasks that allocate when memory is short.
 *
 * Differs throughout: which page is old enough is not modelled: there are no LRU lists, no
 * accessed bits and no priorities. The daemon may at any time (KSWAPD times on each node) take
 * any pte or any page of the page cache that it could do something with, and so may a task
 * that allocates (RECLAIM times in an execution): whatever is at the end
 * of the inactive list, whatever address the scan of an address space has come to. A pte that is
 * young and a page that is active are those that it does not take. Left out: zones, slabs, and the
 * caches of names and inodes.
 */
import {
	type bool,
	cover,
	event,
	type int,
	type node_nr,
	preempt,
	printk,
	type Sleeps,
	wait_choose,
	wait_choose_idle,
} from '../../harness/kts/prelude.ts';
import { try_to_free_buffers } from '../fs/buffer.ts';
import { PAGE_SHIFT } from '../include/asm/page.ts';
import {
	_PAGE_DIRTY,
	pte_clear,
	pte_present,
	type pte_t,
	set_pte,
} from '../include/asm/pgtable.ts';
import { flush_tlb_page, pte_index } from '../include/asm/tlb.ts';
import {
	KSWAPD,
	NR_FILE_PAGES,
	NR_FILES,
	NR_PROCS,
	NR_SWAP,
	NR_VPAGES,
	RECLAIM,
} from '../include/linux/bounds.ts';
import {
	EVENT_RECLAIM_FREE,
	EVENT_RECLAIM_WRITE,
	EVENT_SWAP_OUT,
} from '../include/linux/events.ts';
import type { address_space } from '../include/linux/fs.ts';
import {
	__GFP_FS,
	BH_Dirty,
	GFP_KSWAPD,
	type mm_struct,
	PageDirty,
	PageLocked,
	PG_dirty,
	PG_launder,
	PG_uptodate,
	type page,
	page_cache_get,
	TryLockPage,
	UnlockPage,
	VM_LOCKED,
	type vm_area_struct,
} from '../include/linux/mm.ts';
import { type node, nodes } from '../include/linux/node.ts';
import { wait_on_page } from '../include/linux/pagemap.ts';
import { mms, tasks, this_node } from '../include/linux/sched.ts';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.ts';
import { PageSwapCache, swp_entry_to_pte } from '../include/linux/swap.ts';
import { CONFIG_DIRTY_BY_PAGE, CONFIG_SMP } from '../Kconfig.ts';
import { mmput } from '../kernel/fork.ts';
import { lockdep_sys_exit, might_sleep } from '../kernel/lockdep.ts';
import { pagecache_step, remove_inode_page, set_page_dirty } from './filemap.ts';
import { find_vma } from './mmap.ts';
import { page_cache_release } from './page_alloc.ts';
import { __delete_from_swap_cache, add_to_swap_cache } from './swap_state.ts';
import { get_swap_page, swap_duplicate, swap_free } from './swapfile.ts';

/**
 * drop_pte - the end of try_to_swap_out() (labels set_swap_pte and drop_pte there)
 * @mm: the address space
 * @page_table: the pte, cleared
 * @page: the page that it mapped, locked
 * @entry: the swap entry that it is to hold, or 0
 *
 * Source: none: the end of try_to_swap_out()
 */
function drop_pte(mm: mm_struct, page_table: pte_t, page: page, entry: int): int {
	if (entry === 0) cover('try_to_swap_out: pte of a file page dropped');
	else cover('try_to_swap_out: private page to swap');
	printk('try_to_swap_out: pte of %p dropped, entry %d', page, entry);
	event(EVENT_SWAP_OUT, page, entry);
	if (entry !== 0) set_pte(page_table, null, swp_entry_to_pte(entry));
	mm.rss--;
	UnlockPage(page);
	const freeable = page.count <= 2 ? 1 : 0;
	page_cache_release(page);
	return freeable;
}

/**
 * try_to_swap_out - take a pte away
 * @mm: the address space
 * @vma: the mapping
 * @address: in bytes
 * @page_table: the pte, present
 * @page: the page that it maps
 *
 * The page of a file needs nothing but its dirty bit, which moves to the page after the flush. A
 * private page that is dirty goes into the swap cache, and the pte holds its swap entry; without
 * room in swap it stays.
 *
 * Differs:
 *   ptep_get_and_clear -> pte_clear: one step with the reading of the pte
 *
 * Return: 1 when the page may now be free for the cache to drop, 0 otherwise.
 * Context: page_table_lock held, mmap_sem not. Takes the page lock if it is free. Does not sleep.
 */
function try_to_swap_out(
	mm: mm_struct,
	vma: vm_area_struct,
	address: int,
	page_table: pte_t,
	page: page,
): int {
	if (vma.vm_flags & VM_LOCKED) {
		cover('try_to_swap_out: memory is locked');
		return 0;
	}
	if (TryLockPage(page)) return 0;
	const pte = page_table.flags;
	pte_clear(page_table);
	flush_tlb_page(vma, address);
	if (pte & _PAGE_DIRTY) set_page_dirty(page);

	if (PageSwapCache(page, this_node())) {
		cover('try_to_swap_out: page in the swap cache already');
		swap_duplicate(page.index);
		return drop_pte(mm, page_table, page, page.index);
	}
	if (page.mapping || !PageDirty(page)) return drop_pte(mm, page_table, page, 0);
	if (NR_SWAP > 0) {
		for (;;) {
			const entry = get_swap_page();
			if (entry === 0) break;
			if (add_to_swap_cache(page, entry) === 0) {
				page.flags |= PG_uptodate;
				set_page_dirty(page);
				return drop_pte(mm, page_table, page, entry);
			}
			swap_free(entry);
		}
	}
	set_pte(page_table, page, pte);
	UnlockPage(page);
	return 0;
}

/**
 * swap_out_vma - take ptes of a mapping away
 * @mm: the address space
 * @vma: the mapping
 * @address: where the scan begins
 *
 * Differs:
 *   = swap_out_pgd, swap_out_pmd: one flat page table, and one pte of it
 *   - return: of the scan
 *
 * Context: page_table_lock held. Does not sleep.
 */
function swap_out_vma(mm: mm_struct, vma: vm_area_struct, address: int): void {
	const page_table = mm.pgd[pte_index(address)];
	if (pte_present(page_table)) try_to_swap_out(mm, vma, address, page_table, page_table.page!);
}

/**
 * swap_out_mm - take ptes of an address space away
 * @mm: the address space
 * @address: where the scan has come to (mm->swap_address)
 *
 * The list of the vmas is looked at under page_table_lock alone.
 *
 * Differs: there is one pte in one mapping to take; mm->swap_address is handed in.
 *
 * Context: takes page_table_lock. Does not sleep.
 */
function* swap_out_mm(mm: mm_struct, address: int): Sleeps {
	yield* spin_lock(mm.page_table_lock);
	const vma = find_vma(mm, address);
	if (vma && address >= vma.vm_start) swap_out_vma(mm, vma, address);
	spin_unlock(mm.page_table_lock);
}

/**
 * swap_out - take ptes away
 * @mm: the address space that is next (swap_mm)
 * @address: where in it
 *
 * The use of the address space is counted, so that an unmap under way on another processor does
 * not take the short cut of mmu_gather.
 *
 * Differs:
 *   - spin_lock mmlist_lock, spin_unlock mmlist_lock x2, return: which address space is next is a
 *       choice of kswapd()
 *
 * Context: no locks. Sleeps only when the process has ended meanwhile: the address space ends here.
 */
function* swap_out(mm: mm_struct, address: int): Sleeps {
	mm.mm_users++;
	yield* swap_out_mm(mm, address);
	yield* mmput(mm);
}

/**
 * is_page_cache_freeable - does only the page cache use this page?
 * @page: the page
 *
 * Return: true: the page cache has the only reference.
 * Context: any; without pagecache_lock and the page lock the answer may be old.
 * Source: include/linux/mm.h
 */
function is_page_cache_freeable(page: page): bool {
	return page.count === 1;
}

/**
 * Has this page a buffer that is not on the disk?
 *
 * Source: none: page->buffers, as far as it matters to shrink_cache()
 */
function has_buffer(page: page): bool {
	return !CONFIG_DIRTY_BY_PAGE && (page.flags & BH_Dirty) !== 0;
}

/**
 * shrink_cache - write or free a page of the page cache that is not mapped
 * @mapping: where the page at the end of the inactive list belongs
 * @index: which page of it
 * @gfp_mask: GFP_*: without __GFP_FS nothing is written
 *
 * The dirty mark goes before ->writepage is called, and the page stays locked until the disk has
 * it.
 *
 * Differs: one page instead of a scan; swap_out(), which the scan calls when it meets too many
 * mapped pages, is another choice of kswapd().
 *   try_to_release_page -> try_to_free_buffers: there is one form
 *   + spin_unlock pagemap_lru_lock, return: as often as the branches end
 *   - page_cache_get, page_cache_release x3: the page is locked while its buffer is looked at
 *   + preempt: ->writepage of a file system sleeps before the page goes to the disk
 *   - spin_lock x7, spin_unlock x5: of the scan
 *   ~ PageLaunder: C comes by the count to a page that is being written, which has buffers
 *   - PageDirty, UnlockPage x2, swap_out: of a page that is mapped
 *   @ UnlockPage: the branch of a page with a buffer ends at once
 *   - __lru_cache_del x2: no lists by age
 *   ->writepage -> ->writepage_memalloc: by a task with PF_MEMALLOC
 *   __remove_inode_page -> remove_inode_page: no pagecache_lock
 *   + spin_unlock: at the end of each turn
 *   + is_page_cache_freeable, return x3, PageDirty: C looks at the count twice by hand, and for
 *       the dirty mark under pagecache_lock again
 *   ~ remove_inode_page: the branches stand the other way round
 *
 * Context: takes pagemap_lru_lock, under it the page lock if it is free; ->writepage may sleep,
 * and is called without pagemap_lru_lock.
 */
function* shrink_cache(mapping: address_space, index: int, gfp_mask: int): Sleeps {
	const lru_lock = this_node().pagemap_lru_lock;
	yield* spin_lock(lru_lock);
	const page = mapping.pages[index];
	const launder = RECLAIM > 0 && page !== null && (page.flags & PG_launder) !== 0;
	if (!page || (!launder && !has_buffer(page) && !is_page_cache_freeable(page))) {
		spin_unlock(lru_lock);
		return;
	}
	if (TryLockPage(page)) {
		if (launder && gfp_mask & __GFP_FS) {
			cover('shrink_cache: waits for a page that is being written');
			page_cache_get(page);
			spin_unlock(lru_lock);
			yield* wait_on_page(page);
			page_cache_release(page);
			return;
		}
		spin_unlock(lru_lock);
		return;
	}
	if (PageDirty(page) && is_page_cache_freeable(page) && page.mapping && gfp_mask & __GFP_FS) {
		cover('shrink_cache: writepage');
		printk('shrink_cache: writepage of %p', page);
		event(EVENT_RECLAIM_WRITE, page);
		page.flags &= ~PG_dirty;
		if (RECLAIM > 0) page.flags |= PG_launder;
		page_cache_get(page);
		spin_unlock(lru_lock);
		if (CONFIG_SMP) yield* preempt();
		yield* mapping.a_ops!.writepage_memalloc(page);
		page_cache_release(page);
		return;
	}
	if (!CONFIG_DIRTY_BY_PAGE && page.mapping && !try_to_free_buffers(page, gfp_mask)) {
		UnlockPage(page);
		spin_unlock(lru_lock);
		return;
	}
	yield* pagecache_step();
	if (!page.mapping || !is_page_cache_freeable(page) || PageDirty(page)) {
		if (!(gfp_mask & __GFP_FS)) cover('shrink_cache: dirty page, and no __GFP_FS');
		UnlockPage(page);
		spin_unlock(lru_lock);
		return;
	}
	cover('shrink_cache: page freed');
	printk('shrink_cache: %p freed', page);
	event(EVENT_RECLAIM_FREE, page);
	if (PageSwapCache(page, this_node())) {
		__delete_from_swap_cache(page);
		swap_free(page.index);
	} else {
		remove_inode_page(page);
	}
	UnlockPage(page);
	page_cache_release(page);
	spin_unlock(lru_lock);
}

/**
 * Is mms[p] an address space of this node?
 *
 * Source: none: the choice of kswapd()
 */
function mm_is_on(p: int, node: node): bool {
	return mms[p].mm_users > 0 && tasks[p].node === node;
}

/**
 * Could shrink_cache() do anything with this page of a cache, as it looks now?
 *
 * Source: none: the choice of kswapd()
 */
function reclaimable(mapping: address_space, index: int): bool {
	const page = mapping.pages[index];
	if (RECLAIM > 0 && page && page.flags & PG_launder) return true;
	return page !== null && (has_buffer(page) || is_page_cache_freeable(page)) && !PageLocked(page);
}

/**
 * How many ptes of a node kswapd() can choose among.
 *
 * Source: none: the choice of kswapd()
 */
function nr_ptes(node: node): int {
	let n = 0;
	for (let p = 0; p < NR_PROCS; p++)
		if (mm_is_on(p, node)) for (let v = 0; v < NR_VPAGES; v++) if (pte_present(mms[p].pgd[v])) n++;
	return n;
}

/**
 * Place @n of those: p * NR_VPAGES + v.
 *
 * Source: none: the choice of kswapd()
 */
function nth_pte(node: node, n: int): int {
	let left = n;
	for (let p = 0; p < NR_PROCS; p++)
		if (mm_is_on(p, node))
			for (let v = 0; v < NR_VPAGES; v++)
				if (pte_present(mms[p].pgd[v])) {
					if (left === 0) return p * NR_VPAGES + v;
					left--;
				}
	return -1;
}

/**
 * How many pages of a node kswapd() can choose among.
 *
 * Source: none: the choice of kswapd()
 */
function nr_pages(node: node): int {
	let n = 0;
	for (let i = 0; i < NR_FILES; i++)
		for (let k = 0; k < NR_FILE_PAGES; k++) if (reclaimable(node.inodes[i].i_data, k)) n++;
	for (let k = 1; k <= NR_SWAP; k++) if (reclaimable(node.swapper_space[0], k)) n++;
	return n;
}

/**
 * Place @n of those: i * NR_FILE_PAGES + k; of the swap cache NR_FILES * NR_FILE_PAGES + k.
 *
 * Source: none: the choice of kswapd()
 */
function nth_page(node: node, n: int): int {
	let left = n;
	for (let i = 0; i < NR_FILES; i++)
		for (let k = 0; k < NR_FILE_PAGES; k++)
			if (reclaimable(node.inodes[i].i_data, k)) {
				if (left === 0) return i * NR_FILE_PAGES + k;
				left--;
			}
	for (let k = 1; k <= NR_SWAP; k++)
		if (reclaimable(node.swapper_space[0], k)) {
			if (left === 0) return NR_FILES * NR_FILE_PAGES + k;
			left--;
		}
	return -1;
}

/**
 * shrink_caches - take one pte or one page away
 * @node: whose
 * @n: which of those that there are
 * @gfp_mask: GFP_*
 *
 * Differs:
 *   ! one pte or one page, where C has slabs, lists by age, and caches of names and inodes as well,
 *       and comes to ptes when shrink_cache() has met too many pages that are mapped
 *
 * Context: no spin lock held. May sleep.
 */
function* shrink_caches(node: node, n: int, gfp_mask: int): Sleeps {
	const ptes = nr_ptes(node);
	if (n < ptes) {
		const at = nth_pte(node, n);
		yield* swap_out(mms[at / NR_VPAGES], ((at % NR_VPAGES) + 1) << PAGE_SHIFT);
	} else {
		const at = nth_page(node, n - ptes);
		if (at >= NR_FILES * NR_FILE_PAGES)
			yield* shrink_cache(node.swapper_space[0], at - NR_FILES * NR_FILE_PAGES, gfp_mask);
		else yield* shrink_cache(node.inodes[at / NR_FILE_PAGES].i_data, at % NR_FILE_PAGES, gfp_mask);
	}
}

/** Allocations that found memory short (RECLAIM). */
class vmscan_attr {
	times: int = 0;
}
const vmscan = new vmscan_attr();

/**
 * reclaim_left - may memory be short once more?
 *
 * Return: true: it was not RECLAIM times.
 * Context: any.
 * Source: none: zone->free_pages, which __alloc_pages() looks at
 */
export function reclaim_left(): bool {
	return vmscan.times < RECLAIM;
}

/**
 * try_to_free_pages_zone - free memory for the task that allocates
 * @gfp_mask: GFP_*
 *
 * Whether memory is short, and what is taken, is one choice.
 *
 * Differs:
 *   ! one turn, or none, by choice; no task is killed
 *
 * Context: no spin lock held. May sleep.
 */
export function* try_to_free_pages_zone(gfp_mask: int): Sleeps {
	const node = this_node();
	might_sleep();
	const n = yield* wait_choose(() => 1 + nr_ptes(node) + nr_pages(node));
	if (n === 0) return;
	vmscan.times++;
	cover('direct reclaim');
	yield* shrink_caches(node, n - 1, gfp_mask);
}

/**
 * kswapd_balance - take one pte or one page away
 * @node: whose daemon this is
 * @n: which
 *
 * Differs: of the loops of kswapd_balance_pgdat() and try_to_free_pages_zone() there is one turn.
 *   ! one pte or one page, where C goes round all zones
 *
 * Context: no locks. May sleep.
 */
function* kswapd_balance(node: node_nr, n: int): Sleeps {
	yield* shrink_caches(nodes[node], n, GFP_KSWAPD);
}

/**
 * kswapd - the pageout daemon
 * @node: whose
 *
 * Differs: it is woken at any time when there is something that it could take.
 *   - DECLARE_WAITQUEUE, daemonize, strcpy, sigfillset, add_wait_queue, remove_wait_queue,
 *       kswapd_can_sleep, run_task_queue: the daemon may run at any time, and requests to the disk
 *       need no push
 *
 * Context: a task of its own; no locks. May sleep.
 */
export function* kswapd(node: node_nr): Sleeps {
	for (let pass = 0; pass < KSWAPD; pass++) {
		lockdep_sys_exit();
		const n = yield* wait_choose_idle(() => nr_ptes(nodes[node]) + nr_pages(nodes[node]));
		yield* kswapd_balance(node, n);
	}
}
