// SPDX-License-Identifier: GPL-2.0-only
/**
 * include/asm-i386/uaccess.h and arch/i386/lib/usercopy.c of 2.4.22: copies between a page of a
 * file and the memory of a process, int by int.
 *
 * The memory of the process is task_struct.ubuf, one int, which is in no mapping and never faults;
 * or, with task_struct.uaddr, an address in a mapping: then the copy is made through the
 * processor's translation, as an access of the program is. A fault goes through do_page_fault() in
 * kernel mode, so that it takes mmap_sem, and whatever ->nopage takes; when the access cannot be
 * made the fixup ends the copy.
 *
 * A copy of an int is two accesses: what is loaded is stored in a step of its own (SMP).
 */
import {
	ASSERT,
	type bool,
	cover,
	event,
	type int,
	preempt,
	printk,
	type Sleeps,
	type value_t,
} from '../../../harness/kts/prelude.ts';
import { do_page_fault, mmu_error_code, mmu_translate } from '../../arch/i386/mm/fault.ts';
import { CONFIG_NOFAULT_COPY, CONFIG_SMP } from '../../Kconfig.ts';
import { MAPPED_BUFFERS, PAGE_WORDS, TLB_EVICT } from '../linux/bounds.ts';
import { EFAULT } from '../linux/errno.ts';
import {
	EVENT_COPY_FAILED,
	EVENT_FAULT,
	EVENT_GET_USER,
	EVENT_PUT_USER,
	EVENT_READ,
	EVENT_WRITE,
} from '../linux/events.ts';
import type { page } from '../linux/mm.ts';
import { current } from '../linux/sched.ts';
import { page_trace } from '../linux/trace.ts';
import { PAGE_SHIFT, page_word } from './page.ts';
import { tlb_evict } from './tlb.ts';

/** Where the kernel begins; addresses are unsigned. TASK_SIZE is the end of what is modelled. */
const PAGE_OFFSET: int = 0xc0000000;

/**
 * access_ok - is the buffer of the running system call below the kernel?
 *
 * Differs: the buffer is task_struct.uaddr, and ends before the addresses do.
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
 * The translation of an address in the buffer, as the processor makes it; null: a fault.
 *
 * Source: none: the processor
 */
function translate(address: int, write: bool): page | null {
	const page = mmu_translate(current().cpu!, address, write);
	if (page) ASSERT('LIMIT', page_word(address) >= 0, 'a buffer inside a page is not modelled');
	return page;
}

/**
 * Which int of a page lies at an address, or so far into a file?
 *
 * Source: none: see page_word()
 */
function word_at(address: int): int {
	if (PAGE_WORDS === 1) return 0;
	const w = page_word(address);
	ASSERT('LIMIT', w >= 0, 'a read or a write of an int of a page that is not modelled');
	return w;
}

/**
 * The exception: false when the access can be tried again, true when the fixup ends it.
 *
 * Source: none: the exception, and the table of fixups
 */
function* fault(address: int, write: bool): Sleeps<bool> {
	cover('copy: faults');
	printk('page fault in the kernel: page %d', address >> PAGE_SHIFT);
	event(EVENT_FAULT, address, write, true);
	const code = mmu_error_code(current().cpu!, address, write);
	if ((yield* do_page_fault(address, code)) !== 0) {
		printk('fixup: the copy ends');
		event(EVENT_COPY_FAILED);
		return true;
	}
	if (TLB_EVICT) yield* tlb_evict(current().cpu!);
	else yield* preempt();
	return false;
}

/**
 * __get_user - load from the buffer, for the sake of the fault
 * @address: in the buffer, if that is in a mapping
 *
 * Differs:
 *   ! assembler
 *
 * Return: 0 or -EFAULT.
 * Context: may sleep; takes mmap_sem for reading if it faults.
 */
export function* __get_user(address: int): Sleeps<int> {
	if (!in_mapping()) return 0;
	const at = PAGE_WORDS > 1 ? address : current().uaddr;
	while (!translate(at, false)) if (yield* fault(at, false)) return -EFAULT;
	return 0;
}

/**
 * put_user - store an int into the buffer
 * @x: the int
 * @address: in the buffer, if that is in a mapping
 *
 * Differs:
 *   ! assembler
 *
 * Return: 0 or -EFAULT.
 * Context: may sleep; takes mmap_sem for reading if it faults.
 */
export function* put_user(x: value_t, address: int): Sleeps<int> {
	const task = current();
	if (!in_mapping()) {
		task.ubuf = x;
		return 0;
	}
	if (!access_ok()) return -EFAULT;
	for (;;) {
		const at = PAGE_WORDS > 1 ? address : task.uaddr;
		const to = translate(at, true);
		if (to) {
			to.data[word_at(at)] = x;
			printk('put_user: page %d of memory := %d in %p', at >> PAGE_SHIFT, x, to);
			event(EVENT_PUT_USER, at, to, word_at(at), x);
			if (page_trace.ops) page_trace.ops.user_store(task.mm!, at, to, x);
			return 0;
		}
		if (yield* fault(at, true)) return -EFAULT;
	}
}

/**
 * __copy_to_user - copy from a page of a file to the user
 * @address: in the buffer, if that is in a mapping
 * @from: the page, referenced
 * @offset: first byte in the page
 * @n: bytes
 *
 * A store that faults is made again together with its load: it is one instruction. On SMP others
 * get in between two ints, as they do within each.
 *
 * Differs:
 *   ! assembler
 *
 * Return: bytes that were not copied.
 * Context: may sleep; takes mmap_sem for reading if it faults.
 */
export function* __copy_to_user(address: int, from: page, offset: int, n: int): Sleeps<int> {
	const task = current();
	let done = 0;
	for (;;) {
		const w = word_at(offset + done);
		const value = from.data[w];
		printk('read: page %d is %d', from.index, value);
		event(EVENT_READ, from, from.index, w, value);
		if (page_trace.ops) page_trace.ops.copied_out(from.was!, from.index, w, value);
		if (!in_mapping()) {
			task.ubuf = value;
			return 0;
		}
		if (CONFIG_SMP) yield* preempt();
		const at = PAGE_WORDS > 1 ? address + done : task.uaddr;
		const to = translate(at, true);
		if (to) {
			to.data[word_at(at)] = value;
			printk('read: page %d of memory := %d in %p', at >> PAGE_SHIFT, value, to);
			event(EVENT_PUT_USER, at, to, word_at(at), value);
			if (page_trace.ops) page_trace.ops.user_store(task.mm!, at, to, value);
			if (PAGE_WORDS === 1) return 0;
			done += 4;
			if (done >= n) return 0;
			if (CONFIG_SMP) yield* preempt();
		} else if (yield* fault(at, true)) return n - done;
	}
}

/**
 * __copy_from_user - copy from the user to a page of a file
 * @to: the page, locked, in the page cache
 * @offset: first byte in the page
 * @address: in the buffer, if that is in a mapping
 * @n: bytes
 *
 * When the copy fails the rest of the page's part is set to zero, as there; not with faults
 * disabled (CONFIG_NOFAULT_COPY), where the caller tries again. On SMP others get in between two
 * ints, as they do within each.
 *
 * Differs:
 *   ! assembler
 *
 * Return: bytes that were not copied.
 * Context: may sleep; takes mmap_sem for reading if it faults.
 */
export function* __copy_from_user(to: page, offset: int, address: int, n: int): Sleeps<int> {
	const task = current();
	if (!in_mapping()) {
		store_int(to, offset, task.ubuf);
		return 0;
	}
	let done = 0;
	for (;;) {
		const at = PAGE_WORDS > 1 ? address + done : task.uaddr;
		const from = translate(at, false);
		if (from) {
			const value = from.data[word_at(at)];
			printk('write: page %d of memory is %d in %p', at >> PAGE_SHIFT, value, from);
			event(EVENT_GET_USER, at, from, word_at(at), value);
			if (page_trace.ops) page_trace.ops.user_load(task.mm!, at, from, value);
			if (CONFIG_SMP) yield* preempt();
			store_int(to, offset + done, value);
			if (PAGE_WORDS === 1) return 0;
			done += 4;
			if (done >= n) return 0;
			if (CONFIG_SMP) yield* preempt();
		} else if (yield* fault(at, false)) {
			if (CONFIG_NOFAULT_COPY && task.pagefault_disabled > 0) return n - done;
			cover('copy: failed, the page has zeros');
			for (let zero = done; zero < n; zero += 4) store_int(to, offset + zero, 0);
			return n - done;
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
 * @size: bytes that are left of the buffer
 *
 * fault_in_pages_readable() of 2.6.
 *
 * Return: 0, or -EFAULT: not even the first int of it can be read.
 * Context: no locks. May sleep.
 * Source: none: CONFIG_NOFAULT_COPY
 */
export function* fault_in_readable(size: int): Sleeps<int> {
	const address = current().uaddr;
	if (yield* __get_user(address)) return -EFAULT;
	if (PAGE_WORDS > 1 && (address + size - 1) >> PAGE_SHIFT !== address >> PAGE_SHIFT)
		yield* __get_user(address + size - 4);
	return 0;
}

/**
 * fault_in_safe_writeable - CONFIG_NOFAULT_COPY: make the next copy to the buffer likely to succeed
 * @size: bytes that are left of the buffer
 *
 * Stores nothing, unlike fault_in_pages_writeable() of 2.6: the buffer may be a page of a file,
 * and others look at it.
 *
 * Return: 0, or -EFAULT: not even the first int of it can be written to.
 * Context: no locks. May sleep.
 * Source: none: CONFIG_NOFAULT_COPY
 */
export function* fault_in_safe_writeable(size: int): Sleeps<int> {
	if (!in_mapping()) return 0;
	const address = current().uaddr;
	while (!translate(address, true)) if (yield* fault(address, true)) return -EFAULT;
	if (PAGE_WORDS === 1) return 0;
	const last = address + size - 4;
	if (last >> PAGE_SHIFT !== address >> PAGE_SHIFT)
		while (!translate(last, true)) if (yield* fault(last, true)) break;
	return 0;
}

/**
 * Stores an int into a page of a file.
 *
 * Source: none: the store of a copy, and a tracepoint
 */
function store_int(page: page, offset: int, value: value_t): void {
	const w = word_at(offset);
	page.data[w] = value;
	printk('write: page %d := %d', page.index, value);
	event(EVENT_WRITE, page, page.index, w, value);
	if (page_trace.ops) page_trace.ops.copied_in(page.was!, page.index, w, value);
}
