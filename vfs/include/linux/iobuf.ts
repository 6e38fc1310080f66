// SPDX-License-Identifier: GPL-2.0-only
/**
 * include/linux/iobuf.h of 2.4.22: a kiobuf, the pages of a piece of user memory that a device
 * reads or writes.
 *
 * Differs: it has room for one page, as that is what a read or a write moves; it is allocated
 * anew for each use.
 */
import { type bool, type int, ptrs } from '../../../harness/kts/prelude.ts';
import type { address_space } from './fs.ts';
import type { mm_struct, page } from './mm.ts';

export const KIO_STATIC_PAGES: int = 1;

export class kiobuf {
	/** pages that are pinned */
	nr_pages: int = 0;
	readonly maplist = ptrs<page>(KIO_STATIC_PAGES);
	/** CONFIG_DIO_WAIT: for each page the file that counts it, or null */
	readonly pinned = ptrs<address_space>(KIO_STATIC_PAGES);
	/** for the properties only: the pages were found in a mapping that is VM_SHARED */
	shared: bool = false;
	/** for the properties only: where the pages were found, and in which address space */
	va: int = 0;
	mm: mm_struct | null = null;
	/** requests under way */
	io_count: int = 0;
}
