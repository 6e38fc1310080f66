// SPDX-License-Identifier: GPL-2.0-only
/**
 * include/asm-generic/tlb.h and include/asm-i386/pgalloc.h (flush_tlb_*) of 2.4.22: taking ptes
 * out of a page table that other processors may be using.
 *
 * On SMP there are two ways. With more than one user of the address space the ptes are gathered
 * atomically, then all TLBs are flushed, then the pages are freed. With one user a short cut is
 * taken: the pte is read, cleared by a second access, and its page freed at once, before the
 * flush. CONFIG_TLB_FLUSH_SYNC takes the short cut away. A flush waits for every processor, in
 * both. 2.6 marks a page dirty when its pte is gathered, 2.4.22 when it is freed
 * (CONFIG_DIRTY_AFTER_FLUSH).
 */
import {
	type bool,
	choose,
	cover,
	type int,
	preempt,
	type Sleeps,
} from '../../../harness/kts/prelude.ts';
import { CONFIG_DIRTY_AFTER_FLUSH, CONFIG_SMP, CONFIG_TLB_FLUSH_SYNC } from '../../Kconfig.ts';
import { set_page_dirty } from '../../mm/filemap.ts';
import { __free_pte } from '../../mm/memory.ts';
import { NR_PROCS, NR_VPAGES } from '../linux/bounds.ts';
import type { mm_struct, vm_area_struct } from '../linux/mm.ts';
import { type cpuinfo_x86, cpus, type tlb_entry } from '../linux/sched.ts';
import type { mmu_gather_t } from './mmu_gather.ts';
import { PAGE_SHIFT } from './page.ts';
import { _PAGE_DIRTY, pte_clear, type pte_t } from './pgtable.ts';

/**
 * pte_index - the place of an address in pgd[] and in a TLB
 * @address: from PAGE_SIZE on; page 0 is never mapped
 *
 * Return: an index, from 0 on.
 * Context: any.
 * Source: none: the shift and mask of pgd_offset() and pte_offset(), for one flat table
 */
export function pte_index(address: int): int {
	return (address >> PAGE_SHIFT) - 1;
}

/**
 * tlb_entry_clear - make a processor forget one translation
 * @entry: the translation
 *
 * Context: part of a flush, or the processor's own doing.
 * Source: none: what the instruction invlpg does
 */
export function tlb_entry_clear(entry: tlb_entry): void {
	entry.page = null;
	entry.write = false;
	entry.dirty = false;
}

/**
 * tlb_evict - a processor drops one translation for want of room, or none
 * @cpu: the processor
 *
 * TLB_EVICT. It may do so at any time; a program can tell only by its next access.
 *
 * Context: before an access of a program, or of the kernel for it.
 * Source: none: the processor
 */
export function* tlb_evict(cpu: cpuinfo_x86): Sleeps {
	const dropped = yield* choose(1 + NR_VPAGES);
	if (dropped === 0) return;
	if (cpu.tlb[dropped - 1].page) cover('tlb: an entry is dropped');
	tlb_entry_clear(cpu.tlb[dropped - 1]);
}

/**
 * flush_tlb_range - drop what all processors remember of a range of addresses
 * @mm: the address space
 * @start: first byte; i386 does not look at it
 * @end: behind the last byte; i386 does not look at it
 *
 * Context: as flush_tlb_mm().
 */
export function flush_tlb_range(mm: mm_struct, start: int, end: int): void {
	flush_tlb_mm(mm);
}

/**
 * flush_tlb_page - drop what all processors remember of one page
 * @vma: the mapping that it is in
 * @address: in it
 *
 * Differs:
 *   ! interrupts to other processors, for which C waits
 *
 * Context: as flush_tlb_mm().
 * Source: arch/i386/kernel/smp.c
 */
export function flush_tlb_page(vma: vm_area_struct, address: int): void {
	for (let c = 0; c < NR_PROCS; c++)
		if (cpus[c].mm === vma.vm_mm) tlb_entry_clear(cpus[c].tlb[pte_index(address)]);
}

/**
 * flush_tlb_mm - drop what all processors remember of an address space
 * @mm: the address space
 *
 * Differs:
 *   ! as flush_tlb_page()
 *
 * Context: waits for the other processors to have done it (an interrupt to each, as
 * flush_tlb_others() does), so it is one step.
 * Source: arch/i386/kernel/smp.c
 */
export function flush_tlb_mm(mm: mm_struct): void {
	for (let c = 0; c < NR_PROCS; c++)
		if (cpus[c].mm === mm) for (let i = 0; i < NR_VPAGES; i++) tlb_entry_clear(cpus[c].tlb[i]);
}

/**
 * tlb_gather_mmu - begin to take ptes out of a page table
 * @mm: the address space, page_table_lock held
 *
 * Return: true: the short cut. The kernel keeps this in tlb->nr.
 * Context: page_table_lock held. Does not sleep.
 */
export function tlb_gather_mmu(mm: mm_struct): bool {
	return !CONFIG_TLB_FLUSH_SYNC && mm.mm_users === 1;
}

/**
 * tlb_remove_page - take one present pte out
 * @tlb: where gathered ptes go
 * @fast: from tlb_gather_mmu()
 * @ptep: the pte
 *
 * Differs:
 *   ptep_get_and_clear -> pte_clear: in the same step
 *   - tlb_finish_mmu: there is room for all ptes of an address space
 *   + return: C breaks out of the macro
 *
 * Without CONFIG_DIRTY_AFTER_FLUSH, as zap_pte_range() of 2.6 does, the page is marked dirty here,
 * and not when it is freed.
 *
 * Context: page_table_lock held. SMP with the short cut: the processor that uses this page table
 * may come in between the two accesses, and find a translation or set the dirty bit.
 */
export function* tlb_remove_page(tlb: mmu_gather_t, fast: bool, ptep: pte_t): Sleeps {
	const page = ptep.page!;
	const flags = ptep.flags;
	if (fast) {
		if (CONFIG_SMP) yield* preempt();
		pte_clear(ptep);
		__free_pte(page, flags);
		return;
	}
	pte_clear(ptep);
	if (!CONFIG_DIRTY_AFTER_FLUSH && flags & _PAGE_DIRTY) set_page_dirty(page);
	tlb.pages[tlb.nr] = page;
	tlb.flags[tlb.nr] = flags;
	tlb.nr++;
}

/**
 * gathered_dirty - may a processor still store to a page that is marked dirty already?
 * @tlb: the gathered ptes
 *
 * CONFIG_DIRTY_AFTER_FLUSH off. A processor that knows a pte to be dirty does not look at it again;
 * one that does not finds it gone, and faults.
 *
 * Return: true: it may, until the TLBs are flushed.
 * Context: page_table_lock held.
 * Source: none: part of tlb_finish_mmu()
 */
function gathered_dirty(tlb: mmu_gather_t): bool {
	for (let i = 0; i < tlb.nr; i++) if (tlb.flags[i] & _PAGE_DIRTY) return true;
	return false;
}

/**
 * tlb_finish_mmu - flush the TLBs and free what was gathered; nothing gathered, nothing flushed
 * @tlb: the gathered ptes
 * @fast: from tlb_gather_mmu(): nothing was gathered, the pages are freed already
 * @mm: the address space, page_table_lock held
 * @start: first byte
 * @end: behind the last byte
 *
 * Differs:
 *   - flush_tlb_range, return: C has the flush twice, for the short cut and for the other way
 *
 * Context: page_table_lock held on entry and on return. Does not sleep.
 */
export function* tlb_finish_mmu(
	tlb: mmu_gather_t,
	fast: bool,
	mm: mm_struct,
	start: int,
	end: int,
): Sleeps {
	if (fast && CONFIG_SMP) yield* preempt();
	if (!CONFIG_DIRTY_AFTER_FLUSH && CONFIG_SMP && gathered_dirty(tlb)) yield* preempt();
	if (fast || !CONFIG_SMP || tlb.nr > 0) flush_tlb_range(mm, start, end);
	for (let i = 0; i < tlb.nr; i++) {
		__free_pte(tlb.pages[i]!, CONFIG_DIRTY_AFTER_FLUSH ? tlb.flags[i] : 0);
		tlb.pages[i] = null;
		tlb.flags[i] = 0;
	}
	tlb.nr = 0;
}
