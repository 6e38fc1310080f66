// SPDX-License-Identifier: GPL-2.0-only
/**
 * What users are promised, beside the kernels: the latest store to each page of each file, in one
 * order for the whole cluster. A store through a mapping and a write() count in the step in which
 * they change the page; a load and a read() must give that value in the step in which they look.
 *
 * Loads of a private mapping are not held to it: POSIX leaves open what they see.
 */

import { PAGE_SHIFT, PAGE_SIZE } from '../../vfs/include/asm/page.ts';
import { NR_FILE_PAGES, NR_FILES, TRUNCATES } from '../../vfs/include/linux/bounds.ts';
import type { inode } from '../../vfs/include/linux/fs.ts';
import {
	type mm_struct,
	type page,
	VM_MAYSHARE,
	VM_SHARED,
	type vm_area_struct,
} from '../../vfs/include/linux/mm.ts';
import type { page_trace_ops } from '../../vfs/include/linux/trace.ts';
import { find_vma } from '../../vfs/mm/mmap.ts';
import { ASSERT, type bool, config, cover, type int, ints, type value_t } from '../kts/prelude.ts';

/** 0: collect what programs see, right or wrong (`vfshook litmus`). */
export const CHECK_DATA: int = config('CHECK_DATA', 1);

export class coherence_t {
	/** the latest value of each page of each file */
	readonly latest = ints<value_t>(NR_FILES * NR_FILE_PAGES);
	/**
	 * TRUNCATES: for each file that is being cut, the first page that goes, and one; 0: none is. A
	 * page that goes may be seen with its value or without, and what is stored to it counts for
	 * nothing.
	 */
	readonly cut = ints(NR_FILES);
}
export const coherence = new coherence_t();

function place(inode: inode, index: int): int {
	return inode.i_ino * NR_FILE_PAGES + index;
}

/** Is this page of a file on its way out? */
function going(inode: inode, index: int): bool {
	if (!TRUNCATES) return false;
	const cut = coherence.cut[inode.i_ino];
	return cut !== 0 && index >= cut - 1;
}

function cut_begun(inode: inode, size: int): void {
	if (!TRUNCATES) return;
	coherence.cut[inode.i_ino] = ((size + PAGE_SIZE - 1) >> PAGE_SHIFT) + 1;
}

function cut_done(inode: inode, size: int): void {
	if (!TRUNCATES) return;
	coherence.cut[inode.i_ino] = 0;
	for (let k = (size + PAGE_SIZE - 1) >> PAGE_SHIFT; k < NR_FILE_PAGES; k++)
		coherence.latest[place(inode, k)] = 0;
}

function read_copied(inode: inode, index: int, value: value_t): void {
	if (!CHECK_DATA || going(inode, index)) return;
	cover('property: DATA');
	ASSERT(
		'DATA',
		value === coherence.latest[place(inode, index)],
		'read() returned an old value: the latest store to the file is another',
	);
}

function write_copied(inode: inode, index: int, value: value_t): void {
	if (!CHECK_DATA) return;
	coherence.latest[place(inode, index)] = value;
}

/** A store through the mapping, unless the page is a private copy. */
function poked(mm: mm_struct, address: int, page: page, value: value_t): void {
	if (page.was) user_stored(mm, address, page, value);
}

export const coherence_trace: page_trace_ops = {
	copied_out: read_copied,
	copied_in: write_copied,
	poked,
	truncating: cut_begun,
	truncated: cut_done,
};

function page_index(vma: vm_area_struct, address: int): int {
	return ((address - vma.vm_start) >> PAGE_SHIFT) + vma.vm_pgoff;
}

/** A program has loaded @value through its mapping. */
export function user_loaded(mm: mm_struct, address: int, value: value_t): void {
	if (!CHECK_DATA) return;
	const vma = find_vma(mm, address);
	if (!vma || vma.vm_start > address) return; // being unmapped, by a thread
	if (!vma.vm_file || !(vma.vm_flags & VM_MAYSHARE)) return;
	if (going(vma.vm_file.f_inode!, page_index(vma, address))) return;
	cover('property: DATA');
	ASSERT(
		'DATA',
		value === coherence.latest[place(vma.vm_file.f_inode!, page_index(vma, address))],
		'a load returned an old value: the latest store to the file is another',
	);
}

/** A program has stored @value through its mapping, into @page. */
export function user_stored(mm: mm_struct, address: int, page: page, value: value_t): void {
	if (!CHECK_DATA) return;
	const vma = find_vma(mm, address);
	if (!vma || vma.vm_start > address) {
		// being unmapped, by a thread: the store counts if it reaches a page of a file
		if (page.was && page.mapping) coherence.latest[place(page.was, page.index)] = value;
		return;
	}
	if (!vma.vm_file || !(vma.vm_flags & VM_SHARED)) return;
	const inode = vma.vm_file.f_inode!;
	if (going(inode, page_index(vma, address))) return;
	cover('property: DATA');
	ASSERT(
		'DATA',
		page.was === inode,
		'a store to a shared mapping went to a private copy of the page: the file does not change',
	);
	ASSERT(
		'DATA',
		page.mapping !== null,
		'a store went to a page that has left the file: it is lost',
	);
	coherence.latest[place(inode, page_index(vma, address))] = value;
}
