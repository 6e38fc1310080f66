// SPDX-License-Identifier: GPL-2.0-only
/**
 * include/asm-i386/page.h of 2.4.22: the size of a page. And which ints of a page there are: the
 * first ones, and PAGE_TAIL at the end, so that two pages can be touched by one write.
 */
import type { int } from '../../../harness/kts/prelude.ts';
import { PAGE_TAIL, PAGE_WORDS } from '../linux/bounds.ts';

export const PAGE_SHIFT: int = 12;
export const PAGE_SIZE: int = 4096;
export const PAGE_MASK: int = -4096;

/**
 * PAGE_ALIGN - round up to whole pages
 * @addr: bytes
 *
 * Return: the number of bytes, a multiple of PAGE_SIZE.
 * Context: any.
 */
export function PAGE_ALIGN(addr: int): int {
	return (addr + PAGE_SIZE - 1) & PAGE_MASK;
}

/**
 * page_word - which of the ints that a page has lies at an address?
 * @address: bytes, of memory or into a file
 *
 * Return: its number, or -1: there is none.
 * Context: any. With PAGE_WORDS=1 the callers do not ask but for the check.
 * Source: none: a page of the machine has PAGE_WORDS ints
 */
export function page_word(address: int): int {
	const offset = address & ~PAGE_MASK;
	if (offset & 3) return -1;
	if (offset >> 2 < PAGE_WORDS - PAGE_TAIL) return offset >> 2;
	const from_end = (PAGE_SIZE - offset) >> 2;
	return from_end <= PAGE_TAIL ? PAGE_WORDS - from_end : -1;
}

/**
 * page_word_offset - where in a page is an int?
 * @w: its number, from 0 on
 *
 * Return: bytes from the start of the page.
 * Context: any.
 * Source: none: see page_word()
 */
export function page_word_offset(w: int): int {
	return w < PAGE_WORDS - PAGE_TAIL ? w << 2 : PAGE_SIZE - ((PAGE_WORDS - w) << 2);
}
