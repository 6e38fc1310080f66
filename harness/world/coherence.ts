// SPDX-License-Identifier: GPL-2.0-only
/**
 * What programs are promised, outside the kernels: the latest store to each int of each file, in
 * one order for the whole cluster. A store through a mapping and a write() take effect in the step
 * in which they change the page; a load and a read() must return the latest value in their step.
 *
 * Loads of a private mapping are not checked: POSIX leaves open what they see. But a process must
 * find what it has stored through the mapping itself.
 */

import {
	PAGE_MASK,
	PAGE_SHIFT,
	PAGE_SIZE,
	page_word,
	page_word_offset,
} from '../../vfs/include/asm/page.ts';
import { pte_present } from '../../vfs/include/asm/pgtable.ts';
import { pte_index } from '../../vfs/include/asm/tlb.ts';
import { WRITE } from '../../vfs/include/linux/blkdev.ts';
import {
	DEATHS,
	DIRS,
	NR_FILE_PAGES,
	NR_PROCS,
	NR_VPAGES,
	PAGE_WORDS,
	REMAP_FILE_PAGES,
	TRUNCATES,
} from '../../vfs/include/linux/bounds.ts';
import { EVENT_LATEST, EVENT_LOOKED } from '../../vfs/include/linux/events.ts';
import type { inode } from '../../vfs/include/linux/fs.ts';
import type { kiobuf } from '../../vfs/include/linux/iobuf.ts';
import {
	type mm_struct,
	PGOFF_AHEAD,
	type page,
	VM_MAYSHARE,
	VM_SHARED,
	type vm_area_struct,
} from '../../vfs/include/linux/mm.ts';
import { mms, tasks, this_node } from '../../vfs/include/linux/sched.ts';
import type { page_trace_ops } from '../../vfs/include/linux/trace.ts';
import { find_vma } from '../../vfs/mm/mmap.ts';
import { ASSERT, type bool, cover, event, type int, type value_t } from '../kts/prelude.ts';
import { page_changed, page_written, pages_cut } from './durability.ts';
import { lock_revoked } from './overtake.ts';
import { CHECK_DATA, coherence, DIRECT_MEETS, PRIVATE_COPIES } from './promises.ts';

/** Where the latest value of an int of a page of a file is kept. */
function place(inode: inode, index: int, w: int): int {
	return (inode.i_ino * NR_FILE_PAGES + index) * PAGE_WORDS + w;
}

/** The int of a page at an address. One that is not modelled has been refused before. */
function word_at(address: int): int {
	return PAGE_WORDS > 1 ? page_word(address) : 0;
}

/** The latest value of a page. A program reads it, so it is settled. */
function load_of(at: int): value_t {
	if (DEATHS > 0) coherence.doubt[at] = 0;
	return coherence.latest[at];
}

/** May a program get @value there? */
function may_get(at: int, value: value_t): bool {
	if (DIRECT_MEETS && coherence.direct[at] > 0)
		return coherence.direct[at] > 1 || value === coherence.before[at] || value === load_of(at);
	return value === load_of(at);
}

/** For a trace: a program has got @value there. */
function looked_at(at: int, value: value_t): void {
	const index = at / PAGE_WORDS;
	event(
		EVENT_LOOKED,
		index / NR_FILE_PAGES,
		index % NR_FILE_PAGES,
		at % PAGE_WORDS,
		value,
		coherence.latest[at],
	);
}

/** The latest value of a page changes. */
function store_to(at: int, value: value_t): void {
	coherence.latest[at] = value;
	const page = at / PAGE_WORDS;
	page_changed(page / NR_FILE_PAGES, page % NR_FILE_PAGES);
	event(EVENT_LATEST, page / NR_FILE_PAGES, page % NR_FILE_PAGES, at % PAGE_WORDS, value);
	if (!DEATHS) return;
	coherence.writer[at] = 1 + this_node().id;
	coherence.doubt[at] = 0;
}

/** Where the private copies of an address space are kept. */
function copies_of(mm: mm_struct): int {
	let m = 0;
	while (mms[m] !== mm) m++;
	return m * NR_VPAGES;
}

/** The number of the page of an address, over all address spaces. */
function page_of(mm: mm_struct, address: int): int {
	return copies_of(mm) + pte_index(address);
}

/** Where the private copy at an address is kept. */
function copy_of(mm: mm_struct, address: int): int {
	return page_of(mm, address) * PAGE_WORDS + word_at(address);
}

/** A privately mapped page has the contents of the file again. */
function forget_copy(page: int): void {
	for (let w = 0; w < PAGE_WORDS; w++) {
		coherence.copied[page * PAGE_WORDS + w] = 0;
		coherence.copy[page * PAGE_WORDS + w] = 0;
	}
}

/** A system call has changed what is mapped at these addresses. */
export function mappings_changed(mm: mm_struct, address: int, length: int): void {
	if (!PRIVATE_COPIES && !REMAP_FILE_PAGES) return;
	for (let at = address & PAGE_MASK; at < address + length; at += PAGE_SIZE) {
		if (at < PAGE_SIZE || pte_index(at) >= NR_VPAGES) continue;
		if (PRIVATE_COPIES) forget_copy(page_of(mm, at));
		if (REMAP_FILE_PAGES) coherence.remapped[page_of(mm, at)] = 0;
	}
}

/** Do several programs use this address space? (mm_users also counts tasks that inspect it.) */
function has_threads(mm: mm_struct): bool {
	let n = 0;
	for (let p = 0; p < NR_PROCS; p++) if (tasks[p].mm === mm) n++;
	return n > 1;
}

/**
 * fork() has copied an address space, with its private copies. If threads of the parent may have
 * stored meanwhile, the child may or may not have their stores.
 */
export function address_space_copied(from: mm_struct, to: mm_struct): void {
	if (!PRIVATE_COPIES && !REMAP_FILE_PAGES) return;
	const old = copies_of(from);
	const fresh = copies_of(to);
	const threads = has_threads(from);
	for (let v = 0; v < NR_VPAGES; v++) {
		if (REMAP_FILE_PAGES) coherence.remapped[fresh + v] = coherence.remapped[old + v];
		if (!PRIVATE_COPIES || threads) continue;
		for (let w = 0; w < PAGE_WORDS; w++) {
			const to = (fresh + v) * PAGE_WORDS + w;
			const at = (old + v) * PAGE_WORDS + w;
			coherence.copied[to] = coherence.copied[at];
			coherence.copy[to] = coherence.copy[at];
		}
	}
}

/** remap_file_pages() has put pages of the file, from @pgoff on, at these addresses. */
export function pages_remapped(mm: mm_struct, address: int, length: int, pgoff: int): void {
	for (let i = 0; i < length >> PAGE_SHIFT; i++)
		coherence.remapped[page_of(mm, address + (i << PAGE_SHIFT))] = pgoff + i + 1;
}

/** A store to a private mapping: from now on it is the process's own. */
function private_stored(mm: mm_struct, address: int, value: value_t): void {
	const i = copy_of(mm, address);
	coherence.copied[i] = 1;
	coherence.copy[i] = value;
}

/** A load of a private mapping: what this address space stored there, if it did. */
function private_loaded(mm: mm_struct, address: int, value: value_t): void {
	const i = copy_of(mm, address);
	if (!coherence.copied[i]) return;
	cover('property: I7');
	ASSERT(
		'I7',
		value === coherence.copy[i],
		'what the process stored to its private copy of a page is gone',
	);
}

/**
 * The page of a file that an address maps must not be behind its end. A private copy may stay
 * until its node knows the end: another node may have cut the file.
 */
function check_end_of_file(inode: inode, index: int, own: bool): void {
	if (!TRUNCATES) return;
	ASSERT(
		'DATA',
		index << PAGE_SHIFT < (own ? inode.i_size : coherence.size[inode.i_ino]),
		'an access behind the end of the truncated file did not fault',
	);
}

/** Is a truncate in progress that cuts off this int of a page of a file? */
function going(inode: inode, index: int, w: int): bool {
	if (!TRUNCATES) return false;
	const cut = coherence.cut[inode.i_ino];
	return cut !== 0 && (index << PAGE_SHIFT) + page_word_offset(w) >= cut - 1;
}

/**
 * Is this int behind the end of the file, in its last page? Stores there are not tracked: they are
 * not written, and a load may or may not find them, until the file grows.
 */
function behind_end(inode: inode, index: int, w: int): bool {
	if (PAGE_WORDS === 1 || !TRUNCATES) return false;
	return (index << PAGE_SHIFT) + page_word_offset(w) >= coherence.size[inode.i_ino];
}

function cut_begun(inode: inode, size: int): void {
	if (!TRUNCATES) return;
	const first = (size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	coherence.cut[inode.i_ino] = size + 1;
	pages_cut(inode, size >> PAGE_SHIFT);
	copies_cut(inode, first);
}

/** Private copies of this node behind the end of the file have gone with what was there. */
function copies_cut(inode: inode, first: int): void {
	if (!PRIVATE_COPIES) return;
	for (let m = 0; m < NR_PROCS; m++)
		for (let vma = mms[m].mmap; vma; vma = vma.vm_next)
			if (vma.vm_file && vma.vm_file.f_inode === inode)
				for (let at = vma.vm_start; at < vma.vm_end; at += PAGE_SIZE)
					if (page_index(vma, at) >= first) forget_copy(page_of(mms[m], at));
}

function cut_found(inode: inode, size: int): void {
	copies_cut(inode, (size + PAGE_SIZE - 1) >> PAGE_SHIFT);
}

function cut_done(inode: inode, size: int): void {
	if (!TRUNCATES) return;
	coherence.cut[inode.i_ino] = 0;
	coherence.size[inode.i_ino] = size;
	for (let k = size >> PAGE_SHIFT; k < NR_FILE_PAGES; k++)
		for (let w = 0; w < PAGE_WORDS; w++)
			if ((k << PAGE_SHIFT) + page_word_offset(w) >= size) store_to(place(inode, k, w), 0);
}

function read_copied(inode: inode, index: int, w: int, value: value_t): void {
	if (!CHECK_DATA || going(inode, index, w) || behind_end(inode, index, w)) return;
	cover('property: DATA');
	looked_at(place(inode, index, w), value);
	ASSERT(
		'DATA',
		may_get(place(inode, index, w), value),
		'read() returned an old value: there is a later store to the file',
	);
}

function write_copied(inode: inode, index: int, w: int, value: value_t): void {
	if (!CHECK_DATA) return;
	store_to(place(inode, index, w), value);
	page_written(inode, index);
	const end = (index << PAGE_SHIFT) + page_word_offset(w) + 4;
	if (TRUNCATES && end > coherence.size[inode.i_ino]) coherence.size[inode.i_ino] = end;
}

/**
 * A store through the mapping, unless the page is a private copy. The tracer holds the copy, not
 * its place: if it is not mapped any more, or is being cut off, what is there later is left open.
 */
function poked(mm: mm_struct, address: int, page: page, value: value_t): void {
	if (page.was) {
		user_stored(mm, address, page, value);
	} else if (PRIVATE_COPIES) {
		const pte = mm.pgd[pte_index(address)];
		const vma = find_vma(mm, address);
		const file = vma && vma.vm_start <= address ? vma.vm_file : null;
		const cut = file !== null && going(file.f_inode!, page_index(vma!, address), word_at(address));
		if (pte_present(pte) && pte.page === page && !cut) private_stored(mm, address, value);
		else forget_copy(page_of(mm, address));
	}
}

function dir_read(dir: inode, entries: int): void {
	if (!DIRS || !CHECK_DATA) return;
	cover('property: DATA');
	ASSERT(
		'DATA',
		entries === coherence.entries[dir.i_ino],
		'getdents() returned old entries: there is a later link() to the directory',
	);
}

function dir_changed(dir: inode): void {
	if (DIRS) coherence.entries[dir.i_ino] = dir.i_entries;
}

export const coherence_trace: page_trace_ops = {
	copied_out: read_copied,
	copied_in: write_copied,
	poked,
	revoked: lock_revoked,
	truncating: cut_begun,
	truncated: cut_done,
	cut_found,
	direct_written,
	user_load: user_loaded,
	user_store: user_stored,
	dir_read,
	dir_changed,
};

/** The page of its file that an address must map. */
function page_index(vma: vm_area_struct, address: int): int {
	if (REMAP_FILE_PAGES) {
		const other = coherence.remapped[page_of(vma.vm_mm!, address)];
		if (other > 0) return other - 1;
	}
	const index = ((address - vma.vm_start) >> PAGE_SHIFT) + vma.vm_pgoff;
	return PGOFF_AHEAD ? index - vma.vm_ahead[0] : index;
}

/** Is a page that a mapping has a copy of the process's own? */
function is_copy(vma: vm_area_struct, page: page): bool {
	return !(vma.vm_flags & VM_SHARED) && !page.was;
}

/** A program has loaded @value through its mapping, from @page. */
export function user_loaded(mm: mm_struct, address: int, page: page, value: value_t): void {
	if (!CHECK_DATA) return;
	const vma = find_vma(mm, address);
	if (!vma || vma.vm_start > address) return; // being unmapped, by a thread
	if (!vma.vm_file) return;
	const inode = vma.vm_file.f_inode!;
	const w = word_at(address);
	if (going(inode, page_index(vma, address), w)) return;
	check_end_of_file(inode, page_index(vma, address), is_copy(vma, page));
	const copied = PRIVATE_COPIES > 0 && coherence.copied[copy_of(mm, address)] !== 0;
	if (copied) private_loaded(mm, address, value);
	if (copied || !(vma.vm_flags & VM_MAYSHARE)) return;
	if (behind_end(inode, page_index(vma, address), w)) return;
	cover('property: DATA');
	looked_at(place(inode, page_index(vma, address), w), value);
	ASSERT(
		'DATA',
		may_get(place(inode, page_index(vma, address), w), value),
		'a load returned an old value: there is a later store to the file',
	);
}

/** A program has stored @value through its mapping, into @page. */
export function user_stored(mm: mm_struct, address: int, page: page, value: value_t): void {
	if (!CHECK_DATA) return;
	const vma = find_vma(mm, address);
	const w = word_at(address);
	if (!vma || vma.vm_start > address) {
		// being unmapped, by a thread: the store counts if it reaches a page of a file
		if (page.was && page.mapping) store_to(place(page.was, page.index, w), value);
		return;
	}
	if (!vma.vm_file) return;
	const inode = vma.vm_file.f_inode!;
	if (going(inode, page_index(vma, address), w)) return;
	check_end_of_file(inode, page_index(vma, address), is_copy(vma, page));
	if (!(vma.vm_flags & VM_SHARED)) {
		if (PRIVATE_COPIES) private_stored(mm, address, value);
		return;
	}
	if (behind_end(inode, page_index(vma, address), w)) return;
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
	store_to(place(inode, page_index(vma, address), w), value);
}

/** The disk has carried out a direct write of an int of a file. */
function direct_write(at: int, value: value_t): void {
	if (DIRECT_MEETS) {
		coherence.direct[at]++;
		coherence.before[at] = coherence.latest[at];
	}
	store_to(at, value);
}

/** A direct write returns: what the page cache had of these pages is dropped. */
function direct_written(inode: inode, pos: int, count: int): void {
	if (!DIRECT_MEETS) return;
	const first = place(inode, pos >> PAGE_SHIFT, 0);
	for (let at = first; at < first + (count >> PAGE_SHIFT) * PAGE_WORDS; at++) {
		if (coherence.direct[at] > 0) coherence.direct[at]--;
		if (coherence.direct[at] === 0) coherence.before[at] = 0;
	}
}

/**
 * A disk has written to int @w of a user's page, or read it, for a read or a write of a file that
 * bypasses the page cache. @sector is the place of the file. If the user's page is one of a file
 * that is mapped shared, the transfer is a store to that file as well.
 */
export function user_page_transferred(
	cmd: int,
	sector: int,
	w: int,
	iobuf: kiobuf,
	page: page,
): void {
	if (!CHECK_DATA) return;
	const value = page.data[w];
	if (cmd === WRITE) {
		direct_write(sector * PAGE_WORDS + w, value);
		return;
	}
	cover('property: DATA');
	looked_at(sector * PAGE_WORDS + w, value);
	ASSERT(
		'DATA',
		may_get(sector * PAGE_WORDS + w, value),
		'read() returned an old value: there is a later store to the file',
	);
	if (!iobuf.shared || !page.was) {
		if (PRIVATE_COPIES) private_stored(iobuf.mm!, iobuf.va + page_word_offset(w), value);
		return;
	}
	ASSERT(
		'DATA',
		page.mapping !== null,
		'a read() went to a page that has left the file that it was mapped from: it is lost',
	);
	store_to(place(page.was, page.index, w), value);
}
