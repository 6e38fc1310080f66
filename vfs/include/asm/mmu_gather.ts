// SPDX-License-Identifier: GPL-2.0-only
/**
 * The mmu_gather_t of include/asm-generic/tlb.h, 2.4.22: ptes taken out of a page table and not
 * yet freed. One for each processor there; one for each node here, since it is filled and emptied
 * within one step.
 */
import { type int, ints, ptrs } from '../../../harness/kts/prelude.ts';
import { NR_VPAGES } from '../linux/bounds.ts';
import type { page } from '../linux/mm.ts';

export class mmu_gather_t {
	nr: int = 0;
	readonly pages = ptrs<page>(NR_VPAGES);
	readonly flags = ints(NR_VPAGES);
}
