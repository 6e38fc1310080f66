// SPDX-License-Identifier: GPL-2.0-only
/**
 * include/asm-i386/pgtable.h of 2.4.22. A pte is the page that it points to and its bits; the page
 * table of a process is one flat array of them (mm_struct.pgd), one pte per page of the modelled
 * address space, so pgd, pmd and the allocation of page tables are not there.
 *
 * A pte whose page is in swap has no page and holds the swap entry in its bits (linux/swap.ts).
 * Left out: _PAGE_ACCESSED (nothing here reads it).
 */
import type { bool, int } from '../../../harness/kts/prelude.ts';
import { REMAP_FILE_PAGES } from '../linux/bounds.ts';
import type { page } from '../linux/mm.ts';

export const _PAGE_PRESENT: int = 1;
export const _PAGE_RW: int = 2;
export const _PAGE_DIRTY: int = 0x40;
/** a pte that is not present: a page of the file belongs here, which is told */
export const _PAGE_FILE: int = 0x40;
/** the kernel knows a page here, the processor does not */
export const _PAGE_PROTNONE: int = 0x80;

/** What vm_page_prot may be. */
export const PAGE_NONE: int = _PAGE_PROTNONE;
export const PAGE_READONLY: int = _PAGE_PRESENT;
export const PAGE_COPY: int = _PAGE_PRESENT;
export const PAGE_SHARED: int = _PAGE_PRESENT | _PAGE_RW;

export class pte_t {
	page: page | null = null;
	flags: int = 0;
}

/**
 * pte_none - does this pte map nothing?
 * @pte: the pte
 *
 * Return: true: neither a page nor a swap entry.
 * Context: any; without page_table_lock the answer may be old.
 * Source: include/asm-i386/pgtable-2level.h
 */
export function pte_none(pte: pte_t): bool {
	return pte.page === null && pte.flags === 0;
}
/**
 * pte_present - does this pte map a page, even one that the processor may not use?
 * @pte: the pte
 *
 * Return: true: it does.
 * Context: as pte_none().
 */
export function pte_present(pte: pte_t): bool {
	return (pte.flags & (_PAGE_PRESENT | _PAGE_PROTNONE)) !== 0;
}
/**
 * pte_usable - may the processor use this pte?
 * @pte: the pte
 *
 * Return: true: it may.
 * Context: what the processor looks at, and no kernel code.
 * Source: none: the present bit as the processor sees it; pte_present() counts PROT_NONE as well
 */
export function pte_usable(pte: pte_t): bool {
	return (pte.flags & _PAGE_PRESENT) !== 0;
}
/**
 * pte_write - may the processor store through this pte?
 * @pte: the pte
 *
 * Return: true: it may.
 * Context: as pte_none().
 */
export function pte_write(pte: pte_t): bool {
	return (pte.flags & _PAGE_RW) !== 0;
}

/**
 * pte_modify - bits of a pte with other rights
 * @flags: the bits
 * @newprot: the rights
 *
 * Return: the new bits; what the processor has noted stays.
 * Context: any.
 */
export function pte_modify(flags: int, newprot: int): int {
	return (flags & _PAGE_DIRTY) | newprot;
}

/**
 * pgoff_to_pte - the bits of a pte that says which page of the file belongs there
 * @pgoff: page of the file
 *
 * Differs:
 *   ! other bits
 *
 * Return: the bits.
 * Context: any.
 * Source: include/asm-i386/pgtable-2level.h, 2.6.0 to 2.6.9
 */
export function pgoff_to_pte(pgoff: int): int {
	return (pgoff << 8) | _PAGE_FILE;
}
/**
 * pte_to_pgoff - the page of the file that a pte says belongs there
 * @pte: the pte, pte_file()
 *
 * Differs:
 *   ! other bits
 *
 * Return: the page of the file.
 * Context: page_table_lock held.
 * Source: include/asm-i386/pgtable-2level.h, 2.6.0 to 2.6.9
 */
export function pte_to_pgoff(pte: pte_t): int {
	return pte.flags >> 8;
}
/**
 * pte_file - does this pte, which is not present, say which page of the file belongs there?
 * @pte: the pte
 *
 * Return: true: it does.
 * Context: as pte_none().
 * Source: include/asm-i386/pgtable.h, 2.6.0 to 2.6.9
 */
export function pte_file(pte: pte_t): bool {
	return REMAP_FILE_PAGES > 0 && pte.page === null && (pte.flags & _PAGE_FILE) !== 0;
}

/**
 * set_pte - write a pte
 * @ptep: the pte
 * @page: what it maps
 * @flags: its bits
 *
 * Context: page_table_lock held.
 * Source: include/asm-i386/pgtable-2level.h
 */
export function set_pte(ptep: pte_t, page: page | null, flags: int): void {
	ptep.page = page;
	ptep.flags = flags;
}

/**
 * pte_clear - take a pte out
 * @ptep: the pte
 *
 * Context: page_table_lock held.
 */
export function pte_clear(ptep: pte_t): void {
	set_pte(ptep, null, 0);
}

/**
 * pte_same - is this pte what was read from it before?
 * @ptep: the pte
 * @page: the page that it mapped
 * @flags: the bits that it had
 *
 * Return: true: it is.
 * Context: page_table_lock held.
 * Source: include/asm-i386/pgtable-2level.h
 */
export function pte_same(ptep: pte_t, page: page | null, flags: int): bool {
	return ptep.page === page && ptep.flags === flags;
}
