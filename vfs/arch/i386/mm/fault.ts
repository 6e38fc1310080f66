// SPDX-License-Identifier: GPL-2.0-only
/**
 * arch/i386/mm/fault.c of 2.4.22, and above it the processor's own part of an access: TLB, page
 * table walk, dirty bit. Left out: the stack's growth, faults without a fixup, vm86.
 */
import { type bool, cover, type int, type Sleeps } from '../../../../harness/kts/prelude.ts';
import { PAGE_SIZE } from '../../../include/asm/page.ts';
import { _PAGE_DIRTY, pte_usable, pte_write } from '../../../include/asm/pgtable.ts';
import { pte_index, tlb_entry_clear } from '../../../include/asm/tlb.ts';
import { MAPPED_BUFFERS, NR_VPAGES } from '../../../include/linux/bounds.ts';
import { SIGBUS, SIGKILL, SIGSEGV } from '../../../include/linux/errno.ts';
import {
	type page,
	VM_EXEC,
	VM_FAULT_MAJOR,
	VM_FAULT_MINOR,
	VM_FAULT_SIGBUS,
	VM_READ,
	VM_WRITE,
} from '../../../include/linux/mm.ts';
import { down_read, up_read } from '../../../include/linux/rwsem.ts';
import { type cpuinfo_x86, current } from '../../../include/linux/sched.ts';
import { CONFIG_NOFAULT_COPY } from '../../../Kconfig.ts';
import { handle_mm_fault } from '../../../mm/memory.ts';
import { find_vma } from '../../../mm/mmap.ts';

/** Bits of a page fault's error code. */
export const PF_PROT: int = 1;
export const PF_WRITE: int = 2;
export const PF_USER: int = 4;

/**
 * mmu_translate - what the processor does with an address before it reads or writes memory
 * @cpu: the processor
 * @address: of the access
 * @write: the access is a store
 *
 * A translation in the TLB is used as it is, however old. A store through one that does not know
 * the dirty bit to be set walks the page table and sets it there, in one locked access, as i386
 * does.
 *
 * Return: the page, or null: the access faults.
 * Context: no kernel code runs; one step with the access that follows.
 * Source: none: the processor
 */
export function mmu_translate(cpu: cpuinfo_x86, address: int, write: bool): page | null {
	const index = pte_index(address);
	if (address < PAGE_SIZE || index >= NR_VPAGES) return null;
	const entry = cpu.tlb[index];
	if (entry.page && (!write || entry.dirty)) return entry.page;
	const pte = cpu.mm!.pgd[index];
	if (write && entry.page && !entry.write) {
		tlb_entry_clear(entry);
		return null;
	}
	if (!pte_usable(pte) || (write && !pte_write(pte))) {
		tlb_entry_clear(entry);
		return null;
	}
	if (write) pte.flags |= _PAGE_DIRTY;
	entry.page = pte.page;
	entry.write = pte_write(pte);
	entry.dirty = (pte.flags & _PAGE_DIRTY) !== 0 && entry.write;
	return entry.page;
}

/**
 * mmu_error_code - what a fault tells the kernel
 * @cpu: the processor
 * @address: of the access
 * @write: it was a store
 *
 * Return: PF_* bits but PF_USER, from the page table at the time of the fault.
 * Context: the processor, in the step in which the access faults.
 * Source: none: the processor
 */
export function mmu_error_code(cpu: cpuinfo_x86, address: int, write: bool): int {
	const index = pte_index(address);
	let code = write ? PF_WRITE : 0;
	if (address >= PAGE_SIZE && index < NR_VPAGES && pte_usable(cpu.mm!.pgd[index])) code |= PF_PROT;
	return code;
}

/**
 * force_sig_info - send a signal that is not to be blocked
 * @sig: SIG*
 *
 * Only for a fault in kernel mode: after one in user mode the caller of do_page_fault() ends the
 * program.
 *
 * Differs:
 *   - spin_lock sigmask_lock, spin_unlock sigmask_lock x2, sigdelset, recalc_sigpending: no signal
 *       is blocked
 *   - send_sig_info: the signal is noted; the caller of the system call ends the program
 *
 * Context: any.
 * Source: kernel/signal.c
 */
function force_sig_info(sig: int): void {
	current().sigpending = sig;
}

/**
 * do_page_fault - the page fault handler
 * @address: what was accessed (cr2)
 * @error_code: PF_* bits
 *
 * In kernel mode a fault that cannot be handled goes to the fixup of the instruction. A SIGBUS is
 * sent all the same, as there: a read() or write() whose buffer is behind the end of a mapped file
 * ends the program.
 *
 * With CONFIG_NOFAULT_COPY, and faults disabled, the fixup comes before mmap_sem is taken.
 *
 * Differs:
 *   - __pgd_offset, __va x3, set_pgd, set_pmd, pte_present: the kernel's own memory is always
 *       mapped
 *   - in_interrupt, do_invalid_op, search_exception_table, bust_spinlocks x2, die, do_exit x2: the
 *       copies to and from the user have a fixup, and no other kernel code faults
 *   - expand_stack: a stack that grows is left out
 *   - force_sig_info: in user mode the caller ends the program with the signal that is returned
 *   - yield: init is not asked to wait for memory
 *   - return x4: of the parts that are left out
 *   - up_read mmap_sem: in C the way out with a signal has its own
 *
 * Return: 0; or not 0: in user mode the signal that the access earns (the kernel sends it; here
 * the caller ends the program), in kernel mode that the fixup was taken.
 * Context: user mode: no locks. Kernel mode: whatever a copy to or from the user is made under.
 * May sleep; mmap_sem is held for reading all through.
 */
export function* do_page_fault(address: int, error_code: int): Sleeps<int> {
	const mm = current().mm!;
	let write = false;

	if (CONFIG_NOFAULT_COPY && MAPPED_BUFFERS && current().pagefault_disabled > 0) return SIGSEGV;
	yield* down_read(mm.mmap_sem);
	const vma = find_vma(mm, address);
	if (!vma || vma.vm_start > address) {
		up_read(mm.mmap_sem);
		return SIGSEGV;
	}
	let bad_area = false;
	switch (error_code & (PF_PROT | PF_WRITE)) {
		case PF_PROT | PF_WRITE:
		case PF_WRITE:
			bad_area = !(vma.vm_flags & VM_WRITE);
			write = true;
			break;
		case PF_PROT:
			bad_area = true;
			break;
		default:
			bad_area = !(vma.vm_flags & (VM_READ | VM_EXEC));
			break;
	}
	if (bad_area) {
		up_read(mm.mmap_sem);
		return SIGSEGV;
	}
	if (write) cover('fault: write');
	else cover('fault: read');
	const status = yield* handle_mm_fault(mm, vma, address, write);
	up_read(mm.mmap_sem);
	switch (status) {
		case VM_FAULT_MINOR:
		case VM_FAULT_MAJOR:
			return 0;
		case VM_FAULT_SIGBUS:
			if (MAPPED_BUFFERS && !(error_code & PF_USER)) force_sig_info(SIGBUS);
			return SIGBUS;
		default:
			return SIGKILL;
	}
}
