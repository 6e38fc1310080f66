// SPDX-License-Identifier: GPL-2.0-only
/**
 * mm/swapfile.c of 2.4.22: the slots of the swap area, and who uses them.
 *
 * Differs: one swap area, from boot on. swaplock and the lock of the area are no locks here:
 * nothing sleeps under them, so what they protect is part of a step. Left out: clusters,
 * priorities, SWAP_MAP_MAX, swapon and swapoff.
 *   - spin_lock pagecache_lock x2, spin_unlock pagecache_lock x2: no lock here, see mm/filemap.ts
 *   - swap_info_put x4: of swap_info_get(), which takes no locks
 */
import { BUG_ON, type bool, cover, type int } from '../../harness/kts/prelude.ts';
import { NR_SWAP } from '../include/linux/bounds.ts';
import {
	PageLocked,
	PG_dirty,
	type page,
	page_cache_get,
	TryLockPage,
	UnlockPage,
} from '../include/linux/mm.ts';
import { this_node } from '../include/linux/sched.ts';
import { PageSwapCache, type swap_info_struct } from '../include/linux/swap.ts';
import { page_cache_release } from './page_alloc.ts';
import { __delete_from_swap_cache, delete_from_swap_cache } from './swap_state.ts';

/**
 * vm_swap_full - is more than half of the swap area in use?
 *
 * Return: true: it is.
 * Context: any.
 * Source: include/linux/swap.h
 */
export function vm_swap_full(): bool {
	const p = this_node().swap_info;
	let free = 0;
	for (let i = 0; i < NR_SWAP; i++) if (p.swap_map[i] === 0) free++;
	return free * 2 < NR_SWAP;
}

/**
 * scan_swap_map - take an unused slot
 * @si: the swap area
 *
 * Return: the entry, used once, or 0: the area is full.
 * Context: any.
 */
function scan_swap_map(si: swap_info_struct): int {
	for (let i = 0; i < NR_SWAP; i++)
		if (si.swap_map[i] === 0) {
			si.swap_map[i] = 1;
			return i + 1;
		}
	return 0;
}

/**
 * get_swap_page - take a slot of the swap area
 *
 * Return: the entry, used once, or 0: there is none.
 * Context: any.
 */
export function get_swap_page(): int {
	return scan_swap_map(this_node().swap_info);
}

/**
 * swap_info_get - the swap area of an entry that is in use
 * @entry: the entry
 *
 * Differs: the kernel logs an entry that is not used; here it is a bug.
 *
 * Return: the area.
 * Context: any.
 */
function swap_info_get(entry: int): swap_info_struct {
	const p = this_node().swap_info;
	BUG_ON(p.swap_map[entry - 1] === 0, 'swap_info_get: unused swap entry');
	return p;
}

/**
 * swap_entry_free - one use less of a slot
 * @p: the swap area
 * @entry: the entry
 *
 * Return: the uses that are left.
 * Context: any.
 */
function swap_entry_free(p: swap_info_struct, entry: int): int {
	p.swap_map[entry - 1]--;
	return p.swap_map[entry - 1];
}

/**
 * swap_free - end of a use of a swap entry
 * @entry: the entry
 *
 * Context: any.
 */
export function swap_free(entry: int): void {
	swap_entry_free(swap_info_get(entry), entry);
}

/**
 * exclusive_swap_page - do only the swap cache and the caller use this page?
 * @page: locked, in the swap cache
 *
 * Return: true: only these do.
 * Context: page lock held.
 */
function exclusive_swap_page(page: page): bool {
	const p = swap_info_get(page.index);
	return p.swap_map[page.index - 1] === 1 && page.count === 2;
}

/**
 * can_share_swap_page - may a store go to this page as it is?
 * @page: locked
 *
 * A page of the page cache has two references at least, and is none of the swap cache: never. A
 * page that has left its file has one, and becomes private memory.
 *
 * Differs: pages have no buffers, and none is reserved.
 *   + return: one return more
 *
 * Return: true when no other task uses it.
 * Context: page lock held.
 */
export function can_share_swap_page(page: page): bool {
	BUG_ON(!PageLocked(page), 'can_share_swap_page of a page that is not locked');
	switch (page.count) {
		case 2:
			if (!PageSwapCache(page, this_node())) return false;
			cover('can_share_swap_page: in the swap cache');
			return exclusive_swap_page(page);
		case 1:
			return true;
		default:
			return false;
	}
}

/**
 * remove_exclusive_swap_page - take a page out of the swap cache if no other task uses it
 * @page: locked
 *
 * It is dirty then, since its slot is given back.
 *
 * Differs:
 *   - block_flushpage: a page of swap has no buffer
 *
 * Return: true when it was taken out.
 * Context: page lock held; the caller has a reference.
 */
export function remove_exclusive_swap_page(page: page): bool {
	BUG_ON(!PageLocked(page), 'remove_exclusive_swap_page of a page that is not locked');
	if (!PageSwapCache(page, this_node())) return false;
	if (page.count !== 2) return false;
	const entry = page.index;
	const p = swap_info_get(entry);
	if (p.swap_map[entry - 1] !== 1) return false;
	__delete_from_swap_cache(page);
	page.flags |= PG_dirty;
	swap_free(entry);
	page_cache_release(page);
	return true;
}

/**
 * free_swap_and_cache - end of the use of a swap entry by a pte
 * @entry: the entry
 *
 * The page in the swap cache goes as well when no other task uses it.
 *
 * Differs:
 *   find_trylock_page -> TryLockPage: the swap cache is an array
 *   + return x3: the other way round in C
 *
 * Context: any; page_table_lock may be held.
 */
export function free_swap_and_cache(entry: int): void {
	const p = swap_info_get(entry);
	if (swap_entry_free(p, entry) !== 1) return;
	const page = this_node().swapper_space[0].pages[entry];
	if (page === null || TryLockPage(page)) return;
	page_cache_get(page);
	if (page.count === 2 || vm_swap_full()) {
		delete_from_swap_cache(page);
		page.flags |= PG_dirty;
	}
	UnlockPage(page);
	page_cache_release(page);
}

/**
 * swap_duplicate - one use more of a swap entry
 * @entry: the entry
 *
 * Return: false when it is not used any more.
 * Context: any.
 */
export function swap_duplicate(entry: int): bool {
	const p = this_node().swap_info;
	if (p.swap_map[entry - 1] === 0) return false;
	p.swap_map[entry - 1]++;
	return true;
}
