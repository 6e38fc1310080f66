// SPDX-License-Identifier: GPL-2.0-only
/**
 * include/linux/swap.h of 2.4.22: a swap area, and the entries that ptes hold when their page is
 * there. With NR_SWAP=0 there is no swap.
 *
 * Differs: one area a node. An entry is a number from 1 on, as slot 0 holds the header of a swap
 * area; 0 is none.
 */
import { type bool, type int, ints } from '../../../harness/kts/prelude.ts';
import { pte_file, pte_present, type pte_t } from '../asm/pgtable.ts';
import { NR_SWAP } from './bounds.ts';
import type { page } from './mm.ts';
import type { node } from './node.ts';

/** A swap area: how many users each slot has; entry e is swap_map[e - 1]. */
export class swap_info_struct {
	readonly swap_map = ints(NR_SWAP);
}

/**
 * swp_entry_to_pte - the bits of a pte whose page is in swap
 * @entry: the swap entry, from 1 on
 *
 * Return: the bits.
 * Context: any.
 * Source: include/asm-i386/pgtable.h
 */
export function swp_entry_to_pte(entry: int): int {
	return entry << 8;
}

/**
 * pte_to_swp_entry - the swap entry of a pte
 * @pte: the pte, neither none nor present
 *
 * Return: the entry.
 * Context: any.
 * Source: include/asm-i386/pgtable.h
 */
export function pte_to_swp_entry(pte: pte_t): int {
	return pte.flags >> 8;
}

/**
 * pte_swap - is the page of this pte in swap?
 * @pte: the pte
 *
 * Return: true: the pte holds a swap entry.
 * Context: as pte_none().
 * Source: none: what is neither none nor present
 */
export function pte_swap(pte: pte_t): bool {
	if (NR_SWAP === 0 || pte_file(pte)) return false;
	return pte.page === null && pte.flags !== 0 && !pte_present(pte);
}

/**
 * PageSwapCache - is this page in the swap cache?
 * @page: the page
 * @nd: the kernel whose page it is
 *
 * Return: true: it is.
 * Context: any; unless the caller has locked the page, the answer may be old.
 * Source: include/linux/mm.h
 */
export function PageSwapCache(page: page, nd: node): bool {
	return NR_SWAP > 0 && page.mapping === nd.swapper_space[0];
}
