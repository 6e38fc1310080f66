// SPDX-License-Identifier: GPL-2.0-only
/**
 * include/asm-i386/uaccess.h and arch/i386/lib/usercopy.c of 2.4.22: copies between a page of a
 * file and the memory of a process, one int.
 *
 * The memory of the process is task_struct.ubuf, which is in no mapping and never faults; or, with
 * task_struct.uaddr, an address in a mapping: then the copy is made through the processor's
 * translation, as an access of the program is. A fault goes through do_page_fault() in kernel
 * mode, so that it takes mmap_sem, and whatever ->nopage takes; when the access cannot be made the
 * fixup ends the copy.
 *
 * A copy is two accesses: what is loaded is stored in a step of its own (SMP).
 */
import {
	ASSERT,
	type bool,
	cover,
	type int,
	preempt,
	printk,
	type Sleeps,
} from '../../../harness/kts/prelude.ts';
import { do_page_fault, mmu_error_code, mmu_translate } from '../../arch/i386/mm/fault.ts';
import { CONFIG_NOFAULT_COPY, CONFIG_SMP } from '../../Kconfig.ts';
import { MAPPED_BUFFERS } from '../linux/bounds.ts';
import { EFAULT } from '../linux/errno.ts';
import type { page } from '../linux/mm.ts';
import { current } from '../linux/sched.ts';
import { page_trace } from '../linux/trace.ts';
import { PAGE_MASK, PAGE_SHIFT } from './page.ts';

/** Where the kernel begins; addresses are unsigned. TASK_SIZE is the end of what is modelled. */
const PAGE_OFFSET: int = 0xc0000000;

/**
 * access_ok - is the buffer of the running system call below the kernel?
 *
 * Differs: the buffer is task_struct.uaddr; one int at the start of a page does not wrap around.
 *   ! a comparison
 *
 * Return: false: no part of it is the user's.
 * Context: any.
 */
export function access_ok(): bool {
	return !MAPPED_BUFFERS || current().uaddr >= 0 || current().uaddr < PAGE_OFFSET;
}

/**
 * Is the buffer of the running system call in a mapping, perhaps?
 *
 * Source: none: buffers are ints of the program, or in a mapping
 */
function in_mapping(): bool {
	return MAPPED_BUFFERS !== 0 && current().uaddr !== 0;
}

/**
 * The translation of the buffer's address, as the processor makes it; null: a fault.
 *
 * Source: none: the processor
 */
function translate(write: bool): page | null {
	const task = current();
	const page = mmu_translate(task.cpu!, task.uaddr, write);
	if (page) ASSERT('LIMIT', !(task.uaddr & ~PAGE_MASK), 'a buffer inside a page is not modelled');
	return page;
}

/**
 * The exception: false when the access can be tried again, true when the fixup ends it.
 *
 * Source: none: the exception, and the table of fixups
 */
function* fault(write: bool): Sleeps<bool> {
	const address = current().uaddr;
	cover('copy: faults');
	printk('page fault in the kernel: page %d', address >> PAGE_SHIFT);
	const code = mmu_error_code(current().cpu!, address, write);
	if ((yield* do_page_fault(address, code)) !== 0) {
		printk('fixup: the copy ends');
		return true;
	}
	yield* preempt();
	return false;
}

/**
 * __get_user - load from the buffer, for the sake of the fault
 *
 * Differs:
 *   ! assembler
 *
 * Return: 0 or -EFAULT.
 * Context: may sleep; takes mmap_sem for reading if it faults.
 */
export function* __get_user(): Sleeps<int> {
	if (!in_mapping()) return 0;
	while (!translate(false)) if (yield* fault(false)) return -EFAULT;
	return 0;
}

/**
 * __copy_to_user - copy from a page of a file to the user
 * @from: the page, referenced
 * @n: bytes
 *
 * A store that faults is made again together with its load: it is one instruction.
 *
 * Differs:
 *   ! assembler
 *
 * Return: bytes that were not copied.
 * Context: may sleep; takes mmap_sem for reading if it faults.
 */
export function* __copy_to_user(from: page, n: int): Sleeps<int> {
	const task = current();
	for (;;) {
		const value = from.data;
		printk('read: page %d is %d', from.index, value);
		if (page_trace.ops) page_trace.ops.copied_out(from.was!, from.index, value);
		if (!in_mapping()) {
			task.ubuf = value;
			return 0;
		}
		if (CONFIG_SMP) yield* preempt();
		const to = translate(true);
		if (to) {
			to.data = value;
			printk('read: page %d of memory := %d in %p', task.uaddr >> PAGE_SHIFT, value, to);
			if (page_trace.ops) page_trace.ops.user_store(task.mm!, task.uaddr, to, value);
			return 0;
		}
		if (yield* fault(true)) return n;
	}
}

/**
 * __copy_from_user - copy from the user to a page of a file
 * @to: the page, locked, in the page cache
 * @n: bytes
 *
 * When the copy fails the rest of the page's part is set to zero, as there; not with faults
 * disabled (CONFIG_NOFAULT_COPY), where the caller tries again.
 *
 * Differs:
 *   ! assembler
 *
 * Return: bytes that were not copied.
 * Context: may sleep; takes mmap_sem for reading if it faults.
 */
export function* __copy_from_user(to: page, n: int): Sleeps<int> {
	const task = current();
	if (!in_mapping()) {
		to.data = task.ubuf;
		written(to);
		return 0;
	}
	for (;;) {
		const from = translate(false);
		if (from) {
			const value = from.data;
			printk('write: page %d of memory is %d in %p', task.uaddr >> PAGE_SHIFT, value, from);
			if (page_trace.ops) page_trace.ops.user_load(task.mm!, task.uaddr, value);
			if (CONFIG_SMP) yield* preempt();
			to.data = value;
			written(to);
			return 0;
		}
		if (yield* fault(false)) {
			if (CONFIG_NOFAULT_COPY && task.pagefault_disabled > 0) return n;
			cover('copy: failed, the page has zeros');
			to.data = 0;
			written(to);
			return n;
		}
	}
}

/**
 * pagefault_disable - CONFIG_NOFAULT_COPY: from here on, copies end where they would fault
 *
 * Not in 2.4.22. In 2.6 kmap_atomic() does it, as it makes the context atomic.
 *
 * Context: any; nests.
 * Source: none: CONFIG_NOFAULT_COPY; 2.6 has it in kmap_atomic()
 */
export function pagefault_disable(): void {
	if (in_mapping()) current().pagefault_disabled++;
}

/**
 * pagefault_enable - end of pagefault_disable()
 *
 * Context: any.
 * Source: none: CONFIG_NOFAULT_COPY; 2.6 has it in kunmap_atomic()
 */
export function pagefault_enable(): void {
	if (in_mapping()) current().pagefault_disabled--;
}

/**
 * fault_in_readable - CONFIG_NOFAULT_COPY: make the next copy from the buffer likely to succeed
 *
 * fault_in_pages_readable() of 2.6.
 *
 * Return: 0, or -EFAULT: it cannot be read.
 * Context: no locks. May sleep.
 * Source: none: CONFIG_NOFAULT_COPY
 */
export function* fault_in_readable(): Sleeps<int> {
	return yield* __get_user();
}

/**
 * fault_in_safe_writeable - CONFIG_NOFAULT_COPY: make the next copy to the buffer likely to succeed
 *
 * Stores nothing, unlike fault_in_pages_writeable() of 2.6: the buffer may be a page of a file,
 * and others look at it.
 *
 * Return: 0, or -EFAULT: it cannot be written to.
 * Context: no locks. May sleep.
 * Source: none: CONFIG_NOFAULT_COPY
 */
export function* fault_in_safe_writeable(): Sleeps<int> {
	if (!in_mapping()) return 0;
	while (!translate(true)) if (yield* fault(true)) return -EFAULT;
	return 0;
}

/**
 * The contents of a page of a file have changed.
 *
 * Source: none: a tracepoint
 */
function written(page: page): void {
	printk('write: page %d := %d', page.index, page.data);
	if (page_trace.ops) page_trace.ops.copied_in(page.was!, page.index, page.data);
}
