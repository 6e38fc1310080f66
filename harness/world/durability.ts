// SPDX-License-Identifier: GPL-2.0-only
/**
 * What fsync() and msync(MS_SYNC) promise: when they return, all that any node wrote to the file
 * before the call is on the disk, so that a reader with only the disk finds it. This includes the
 * size and the block map. Stores through a mapping count for msync() only. After a write error
 * nothing is promised.
 */

import { PAGE_SHIFT } from '../../vfs/include/asm/page.ts';
import {
	DEATHS,
	LOCAL_FS,
	NR_FDS,
	NR_FILE_PAGES,
	NR_FILES,
	NR_PROCS,
	PAGE_WORDS,
} from '../../vfs/include/linux/bounds.ts';
import type { inode } from '../../vfs/include/linux/fs.ts';
import { MS_SYNC, VM_SHARED } from '../../vfs/include/linux/mm.ts';
import { tasks } from '../../vfs/include/linux/sched.ts';
import { find_vma } from '../../vfs/mm/mmap.ts';
import { ASSERT, cover, type int, ints, type proc_nr, structs } from '../kts/prelude.ts';
import { CALL_fdatasync, CALL_fsync, CALL_msync } from './isa.ts';
import { CHECK_DATA, coherence } from './promises.ts';
import { disk, on_disk } from './storage.ts';

/** 1: the test syncs files of the cluster. (Not by CHECK_DATA, whose file imports this one.) */
export const SYNCS: int = !LOCAL_FS && (CALL_fsync || CALL_fdatasync || CALL_msync) ? 1 : 0;

export class durability_t {
	/** for each file a bit for each page that was changed last by a write() */
	readonly written = ints(NR_FILES * SYNCS);
}
export const durability = new durability_t();

/** A program in fsync(). */
export class syncing_t {
	/** 1 + the number of the file; 0: it is in no fsync() */
	file: int = 0;
	/** a bit for each page that had been written to before, and has not changed since */
	pages: int = 0;
}
export const syncing = structs(syncing_t, NR_PROCS);

/** A page of a file has changed, by a store or a write(). */
export function page_changed(ino: int, index: int): void {
	if (!SYNCS) return;
	const bit = 1 << index;
	durability.written[ino] &= ~bit;
	for (let p = 0; p < NR_PROCS; p++) if (syncing[p].file === ino + 1) syncing[p].pages &= ~bit;
}

/** A write() changed a page. */
export function page_written(inode: inode, index: int): void {
	if (SYNCS) durability.written[inode.i_ino] |= 1 << index;
}

/** A file is truncated, from page @first on. */
export function pages_cut(inode: inode, first: int): void {
	if (!SYNCS) return;
	for (let k = first; k < NR_FILE_PAGES; k++) page_changed(inode.i_ino, k);
}

/** The running program calls fsync() or fdatasync(). */
export function fsync_called(p: proc_nr, fd: int): void {
	if (!SYNCS || !CHECK_DATA || fd < 0 || fd >= NR_FDS) return;
	const file = tasks[p].files!.fd[fd];
	if (!file) return;
	syncing[p].file = file.f_inode!.i_ino + 1;
	syncing[p].pages = durability.written[file.f_inode!.i_ino];
}

/** The running program calls msync() for a part of a mapping: all its pages count. */
export function msync_called(p: proc_nr, start: int, len: int, flags: int): void {
	if (!SYNCS || !CHECK_DATA || !(flags & MS_SYNC)) return;
	const vma = find_vma(tasks[p].mm!, start);
	if (!vma || vma.vm_start > start || !vma.vm_file || !(vma.vm_flags & VM_SHARED)) return;
	const inode = vma.vm_file.f_inode!;
	const first = vma.vm_pgoff + ((start - vma.vm_start) >> PAGE_SHIFT);
	const end = vma.vm_end < start + len ? vma.vm_end : start + len;
	const last = first + ((end - start - 1) >> PAGE_SHIFT);
	syncing[p].file = inode.i_ino + 1;
	for (let k = 0; k < NR_FILE_PAGES; k++)
		if (k >= first && k <= last && k << PAGE_SHIFT < inode.i_size) syncing[p].pages |= 1 << k;
}

/** The call returns @ret. */
export function fsync_returns(p: proc_nr, ret: int): void {
	if (!SYNCS) return;
	const ino = syncing[p].file - 1;
	const pages = syncing[p].pages;
	syncing[p].file = 0;
	syncing[p].pages = 0;
	if (ino < 0 || ret !== 0 || disk.write_errors > 0) return;
	for (let k = 0; k < NR_FILE_PAGES; k++) {
		if (!(pages & (1 << k))) continue;
		for (let w = 0; w < PAGE_WORDS; w++) {
			const at = (ino * NR_FILE_PAGES + k) * PAGE_WORDS + w;
			if (DEATHS > 0 && coherence.doubt[at]) continue;
			cover('property: SYNC');
			ASSERT(
				'SYNC',
				on_disk(ino, k, w) === coherence.latest[at],
				'fsync() or msync() returned, but what was written before is not on the disk',
			);
		}
	}
}
