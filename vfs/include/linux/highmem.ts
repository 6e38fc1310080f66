// SPDX-License-Identifier: GPL-2.0-only
/**
 * include/linux/highmem.h of 2.4.22: what the kernel does to the contents of pages.
 *
 * Differs: all memory is mapped, so kmap() and kunmap() are left out. A page has the ints of
 * asm/page.ts. The processors of others store while a copy runs: it is cut before each int but the
 * first (SMP), so that it may hold an old int beside a new one. Zeros are stored in one step.
 */
import { type int, preempt, type Sleeps } from '../../../harness/kts/prelude.ts';
import { CONFIG_SMP } from '../../Kconfig.ts';
import { PAGE_SIZE, page_word_offset } from '../asm/page.ts';
import { PAGE_WORDS } from './bounds.ts';
import type { page } from './mm.ts';

/**
 * copy_user_highpage - copy a page
 * @to: the copy
 * @from: the original
 * @vaddr: the address that it will be mapped at, bytes; not used
 *
 * Differs:
 *   - copy_user_page: written out
 *
 * Context: any; others may store to the original meanwhile, and on SMP they do.
 */
export function* copy_user_highpage(to: page, from: page, vaddr: int): Sleeps {
	to.data[0] = from.data[0];
	for (let w = 1; w < PAGE_WORDS; w++) {
		if (CONFIG_SMP) yield* preempt();
		to.data[w] = from.data[w];
	}
}

/**
 * memclear_highpage_flush - zero a part of a page
 * @page: the page
 * @offset: first byte of it
 * @size: bytes
 *
 * Differs:
 *   - out_of_line_bug: the callers are known
 *
 * Context: any. Does not sleep.
 */
export function memclear_highpage_flush(page: page, offset: int, size: int): void {
	for (let w = 0; w < PAGE_WORDS; w++) {
		const at = page_word_offset(w);
		if (at >= offset && at < offset + size) page.data[w] = 0;
	}
}

/**
 * clear_highpage - zero a page
 * @page: the page
 *
 * Differs:
 *   clear_page -> memclear_highpage_flush: the whole of it
 *
 * Context: any. Does not sleep.
 */
export function clear_highpage(page: page): void {
	memclear_highpage_flush(page, 0, PAGE_SIZE);
}
