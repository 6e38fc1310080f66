// SPDX-License-Identifier: GPL-2.0-only
/** include/asm-i386/page.h of 2.4.22: the size of a page. */
import type { int } from '../../../harness/kts/prelude.ts';

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
