// SPDX-License-Identifier: GPL-2.0-only
/**
 * Memory mapped access (GFS1: src/gfs/ops_vm.c, which takes the lock exclusively for any fault on
 * a mapping that may become writable).
 *
 * With OGFS_SHARED off every fault takes the lock exclusively. With it on, a fault takes it
 * shared, and page_mkwrite upgrades. ->nopage is not told whether the access is a store:
 * do_no_page is (CONFIG_VM_DO_NO_PAGE), and takes the lock as needed around the generic function.
 */

import { type bool, cover, type int, preempt, type Sleeps } from '../../harness/kts/prelude.ts';
import { PAGE_SHIFT } from '../../vfs/include/asm/page.ts';
import { type pte_t, pte_write } from '../../vfs/include/asm/pgtable.ts';
import { NR_RGRP_BLOCKS } from '../../vfs/include/linux/bounds.ts';
import { ERESTARTSYS } from '../../vfs/include/linux/errno.ts';
import type { inode } from '../../vfs/include/linux/fs.ts';
import {
	type mm_struct,
	NOPAGE_OOM,
	type page,
	UnlockPage,
	VM_FAULT_MINOR,
	VM_FAULT_SIGBUS,
	VM_SHARED,
	type vm_area_struct,
	type vm_operations_struct,
} from '../../vfs/include/linux/mm.ts';
import { spin_lock, spin_unlock } from '../../vfs/include/linux/spinlock.ts';
import {
	CONFIG_NOPAGE_LOCKED,
	CONFIG_NOPAGEDONE,
	CONFIG_PAGE_MKWRITE,
	CONFIG_VM_DO_NO_PAGE,
} from '../../vfs/Kconfig.ts';
import {
	do_no_page,
	do_wp_page,
	filemap_nopage,
	filemap_populate,
	lock_page,
	page_cache_release,
	populate_getpage,
	type populate_operations,
	populate_pages,
	set_page_dirty,
} from '../../vfs/kernel/ksyms.ts';
import {
	CONFIG_OGFS_ALLOC_ERROR,
	CONFIG_OGFS_ALLOC_REQUIRED,
	CONFIG_OGFS_MKWRITE_DIRTY_FIRST,
	CONFIG_OGFS_POPULATE_LOCKED,
	CONFIG_OGFS_REFRESH_INODE,
	CONFIG_OGFS_SHARED,
	CONFIG_OGFS_TAGGED_WRITEOUT,
} from '../Kconfig.ts';
import { LM_ST_EXCLUSIVE, LM_ST_SHARED } from '../locking/lm_interface.ts';
import { ogfs_block_map, ogfs_write_alloc_required } from './bmap.ts';
import {
	FAULT_WAIT,
	ogfs_glock_dq,
	ogfs_glock_is_locked_by_me,
	ogfs_glock_nq,
	ogfs_glock_nq_init,
} from './glock.ts';
import { pfault_be_greedy } from './greedy.ts';
import { type ogfs_glock, ogfs_glock_of } from './incore.ts';
import { ogfs_inplace_release, ogfs_inplace_reserve } from './rgrp.ts';
import { ogfs_trans_begin, ogfs_trans_end } from './trans.ts';
import { ogfs_glock_dq_uninit } from './xmote.ts';

/**
 * ogfs_read_state - the state that reading takes
 *
 * Return: LM_ST_SHARED, or without CONFIG_OGFS_SHARED LM_ST_EXCLUSIVE.
 * Context: any.
 */
export function ogfs_read_state(): int {
	return CONFIG_OGFS_SHARED ? LM_ST_SHARED : LM_ST_EXCLUSIVE;
}

/** The glock of a mapped file. */
function vma_glock(area: vm_area_struct): ogfs_glock {
	return ogfs_glock_of(area.vm_file!.f_inode!);
}

/** Is an address behind the end of the file, as far as this node knows? */
function behind_end(area: vm_area_struct, address: int): bool {
	const offset = address - area.vm_start + (area.vm_pgoff << PAGE_SHIFT);
	return offset >= area.vm_file!.f_inode!.i_size;
}

/**
 * lock_file_page - CONFIG_NOPAGE_LOCKED: lock a page of a file, if it is one
 * @page: referenced, was in the cache of a file
 *
 * Who waits for the glock, for the resource group or for the page itself has no hold on the page:
 * a truncate, or the revoke that came before, may have dropped it.
 *
 * Return: 0: it is locked, and of the file; 1: it has left the file.
 * Context: the glock held exclusively. May sleep.
 */
function* lock_file_page(page: page): Sleeps<int> {
	yield* lock_page(page);
	if (page.mapping) return 0;
	UnlockPage(page);
	return 1;
}

/**
 * needs_block - would a store to a page fill a hole?
 * @inode: the file
 * @page: referenced
 *
 * Not locked: what a truncate does meanwhile is found when it is. It drops the page before it
 * gives the block back.
 *
 * Return: true: yes, and CONFIG_OGFS_ALLOC_REQUIRED. A page that has left the file needs none.
 * Context: the file's glock held exclusively.
 */
function needs_block(inode: inode, page: page): bool {
	if (NR_RGRP_BLOCKS === 0 || !CONFIG_OGFS_ALLOC_REQUIRED || !page.mapping) return false;
	return ogfs_write_alloc_required(inode, page.index);
}

/**
 * alloc_page_backing - give a page of a file a block
 * @inode: the file
 * @page: was in its cache, referenced, not locked
 *
 * The resource group first, then the page (CONFIG_NOPAGE_LOCKED), as a write does: each waits for
 * the other if the order is not the same. Somebody else of this node may have given it a block
 * meanwhile, or cut the file.
 *
 * Return: 0, with CONFIG_NOPAGE_LOCKED the page is locked; then also 1: it has left the file;
 * -ENOSPC.
 * Context: the file's glock held exclusively. May sleep.
 */
function* alloc_page_backing(inode: inode, page: page): Sleeps<int> {
	let error = yield* ogfs_inplace_reserve(inode, 1);
	if (error) return error;
	ogfs_trans_begin();
	if (CONFIG_NOPAGE_LOCKED) error = yield* lock_file_page(page);
	if (CONFIG_NOPAGE_LOCKED && error) cover('fault: the page has left the file, in a hole');
	if (!error && page.mapping) {
		error = yield* ogfs_block_map(inode, page.index, true);
		if (CONFIG_NOPAGE_LOCKED && error) UnlockPage(page);
	}
	ogfs_trans_end();
	yield* ogfs_inplace_release(inode);
	return error;
}

/**
 * back_page - have a block for a page that is about to be mapped writable
 * @inode: the file
 * @page: was in its cache, referenced, not locked; needs_block()
 *
 * A page that was a hole is dirty from now on: the block has the contents that it had in another
 * file. CONFIG_OGFS_ALLOC_REQUIRED: the block is taken here; without it nobody does.
 *
 * Return: as alloc_page_backing().
 * Context: the file's glock held exclusively. May sleep. Part of gfs_sharewrite_nopage() in GFS1.
 */
function* back_page(inode: inode, page: page): Sleeps<int> {
	let backed: page | null = page;
	const error = yield* alloc_page_backing(inode, page);
	if (error > 0 || (error && CONFIG_OGFS_ALLOC_ERROR)) return error;
	if (error) backed = null;
	set_page_dirty(backed!);
	cover('fault: a hole is given a block');
	return 0;
}

/**
 * ogfs_nopage - a page for a fault
 * @area: the mapping
 * @address: page that is missing
 * @unused: not used
 *
 * The lock is let go before the page is mapped, unless nopagedone will.
 *
 * Return: as filemap_nopage().
 * Context: mmap_sem held for reading. May sleep.
 */
function* ogfs_nopage(area: vm_area_struct, address: int, unused: int): Sleeps<page | null> {
	const gl = vma_glock(area);
	if (!CONFIG_OGFS_REFRESH_INODE && behind_end(area, address)) return null;
	const gh = yield* ogfs_glock_nq_init(gl, ogfs_read_state(), FAULT_WAIT);
	if (FAULT_WAIT && !gh) return null;
	const page = yield* filemap_nopage(area, address, unused);
	if (page !== null && page !== NOPAGE_OOM) pfault_be_greedy(gl);
	if (!CONFIG_NOPAGEDONE) yield* ogfs_glock_dq_uninit(gl, gh!);
	return page;
}

/**
 * ogfs_sharewrite_nopage - a page for a fault on a mapping that may store to the file
 * @area: the mapping
 * @address: page that is missing
 * @unused: not used
 *
 * ->nopage is not told whether the access is a store, so that a load in a hole takes a block as
 * well, and fails when there is none. With CONFIG_NOPAGE_LOCKED the page is let go for that, and
 * looked for again if it has left the file meanwhile.
 *
 * Differs from GFS1: that looks for the hole before filemap_nopage(), which is the same where the
 * task has the lock alone (CONFIG_OGFS_LOCAL_EXCL).
 *
 * Return: as filemap_nopage(); null also for want of a block.
 * Context: mmap_sem held for reading. May sleep.
 */
function* ogfs_sharewrite_nopage(
	area: vm_area_struct,
	address: int,
	unused: int,
): Sleeps<page | null> {
	const gl = vma_glock(area);
	if (!CONFIG_OGFS_REFRESH_INODE && behind_end(area, address)) return null;
	const gh = yield* ogfs_glock_nq_init(gl, LM_ST_EXCLUSIVE, FAULT_WAIT);
	if (FAULT_WAIT && !gh) return null;
	let page = yield* filemap_nopage(area, address, unused);
	while (page !== null && page !== NOPAGE_OOM && needs_block(gl.gl_inode!, page)) {
		if (CONFIG_NOPAGE_LOCKED) UnlockPage(page);
		const error = yield* back_page(gl.gl_inode!, page);
		if (!error) break;
		page_cache_release(page);
		page = null;
		if (error < 0) {
			cover('fault: no block for a hole');
			break;
		}
		page = yield* filemap_nopage(area, address, unused);
	}
	if (page !== null && page !== NOPAGE_OOM) pfault_be_greedy(gl);
	if (!CONFIG_NOPAGEDONE) yield* ogfs_glock_dq_uninit(gl, gh!);
	return page;
}

/**
 * ogfs_nopagedone - CONFIG_NOPAGEDONE: the fault is over, the pte in place if it will be
 * @area: the mapping
 * @address: of the fault
 * @status: of the fault
 *
 * Context: does not sleep: what another node waits for is left to the daemon.
 */
function ogfs_nopagedone(area: vm_area_struct, address: int, status: int): void {
	const gl = vma_glock(area);
	const gh = ogfs_glock_is_locked_by_me(gl);
	if (gh) ogfs_glock_dq(gl, gh);
}

/**
 * ogfs_do_no_page - CONFIG_VM_DO_NO_PAGE: the generic function, all of it under the lock
 * @mm: the address space
 * @vma: the mapping
 * @address: of the fault
 * @write_access: the access is a store
 * @page_table: the pte
 *
 * Return: VM_FAULT_*.
 * Context: as do_no_page(): page_table_lock held on entry, not on return. May sleep.
 */
function* ogfs_do_no_page(
	mm: mm_struct,
	vma: vm_area_struct,
	address: int,
	write_access: bool,
	page_table: pte_t,
): Sleeps<int> {
	const gl = vma_glock(vma);
	const store = write_access && (vma.vm_flags & VM_SHARED) !== 0;
	spin_unlock(mm.page_table_lock);
	const state = store ? LM_ST_EXCLUSIVE : ogfs_read_state();
	const gh = yield* ogfs_glock_nq_init(gl, state, FAULT_WAIT);
	if (FAULT_WAIT && !gh) return VM_FAULT_SIGBUS;
	yield* spin_lock(mm.page_table_lock);
	const status = yield* do_no_page(mm, vma, address, write_access, page_table);
	yield* ogfs_glock_dq_uninit(gl, gh!);
	return status;
}

/**
 * ogfs_do_wp_page - CONFIG_VM_DO_NO_PAGE: the generic function, all of it under the lock
 * @mm: the address space
 * @vma: a shared mapping
 * @address: of the fault
 * @page_table: the pte
 *
 * The pte may be gone when the lock is there: then the access faults again.
 *
 * Return: VM_FAULT_*.
 * Context: as do_wp_page(): page_table_lock held on entry, not on return. May sleep.
 */
function* ogfs_do_wp_page(
	mm: mm_struct,
	vma: vm_area_struct,
	address: int,
	page_table: pte_t,
): Sleeps<int> {
	if (!(vma.vm_flags & VM_SHARED)) return yield* do_wp_page(mm, vma, address, page_table);
	const gl = vma_glock(vma);
	const page = page_table.page;
	let status = VM_FAULT_MINOR;
	spin_unlock(mm.page_table_lock);
	const gh = yield* ogfs_glock_nq_init(gl, LM_ST_EXCLUSIVE, FAULT_WAIT);
	if (FAULT_WAIT && !gh) return VM_FAULT_SIGBUS;
	yield* spin_lock(mm.page_table_lock);
	if (page_table.page === page && !pte_write(page_table))
		status = yield* do_wp_page(mm, vma, address, page_table);
	else spin_unlock(mm.page_table_lock);
	pfault_be_greedy(gl);
	yield* ogfs_glock_dq_uninit(gl, gh!);
	return status;
}

/**
 * mark_dirty - CONFIG_OGFS_TAGGED_WRITEOUT: let a write-out by tag see a page
 * @page: the page, locked
 *
 * Where the write-out looks at every page, the pte that the fault installs is mark enough.
 *
 * Context: any. Does not sleep.
 */
function mark_dirty(page: page): void {
	if (CONFIG_OGFS_TAGGED_WRITEOUT && CONFIG_NOPAGE_LOCKED) set_page_dirty(page);
}

/**
 * ogfs_page_mkwrite - CONFIG_PAGE_MKWRITE: a page is about to become writable
 * @vma: a shared mapping
 * @page: the page, referenced, not locked: with CONFIG_NOPAGE_LOCKED do_no_page() unlocks what
 *	->nopage returned, so that the locks of the file system come before that of the page
 *
 * "Attempt to upgrade to exclusive": the shared lock that nopage left with this task (NOPAGEDONE)
 * is let go first, since a holder cannot ask for more. While it waits the page may leave the
 * file: with CONFIG_NOPAGE_LOCKED that is looked at when it is locked again, as
 * gfs2_page_mkwrite() does. A hole is given its block. The order of mark and lock is
 * CONFIG_OGFS_MKWRITE_DIRTY_FIRST.
 *
 * Return: 0: go on, with CONFIG_NOPAGE_LOCKED the page is locked; 1: it has left the file;
 * -ENOSPC, -ERESTARTSYS.
 * Context: mmap_sem held for reading, no page_table_lock. May sleep.
 */
function* ogfs_page_mkwrite(vma: vm_area_struct, page: page): Sleeps<int> {
	const gl = vma_glock(vma);
	cover('page_mkwrite');
	const mine = ogfs_glock_is_locked_by_me(gl);
	if (CONFIG_NOPAGEDONE && mine) yield* ogfs_glock_dq_uninit(gl, mine);
	const gh = yield* ogfs_glock_nq_init(gl, LM_ST_EXCLUSIVE, FAULT_WAIT);
	if (FAULT_WAIT && !gh) return -ERESTARTSYS;
	let error = page.mapping === null ? 1 : 0;
	if (needs_block(gl.gl_inode!, page)) error = yield* back_page(gl.gl_inode!, page);
	else if (CONFIG_NOPAGE_LOCKED) error = yield* lock_file_page(page);
	if (error > 0) cover('page_mkwrite: the page has left the file');
	if (NR_RGRP_BLOCKS > 0 && error < 0) cover('fault: no block for a hole');
	if (error >= 0) pfault_be_greedy(gl);
	if (CONFIG_OGFS_MKWRITE_DIRTY_FIRST && error === 0) mark_dirty(page);
	if (!CONFIG_NOPAGEDONE) yield* ogfs_glock_dq_uninit(gl, gh!);
	if (!CONFIG_OGFS_MKWRITE_DIRTY_FIRST && error === 0) {
		if (CONFIG_OGFS_TAGGED_WRITEOUT) yield* preempt();
		mark_dirty(page);
	}
	return error;
}

/**
 * ogfs_getpage - a page for ogfs_populate()
 * @vma: the mapping
 * @pgoff: page of the file
 * @nonblock: only if it is in the cache
 *
 * As ogfs_nopage(), lets the lock go with the page in its hand.
 *
 * Return: as populate_operations.getpage().
 * Context: mmap_sem held. May sleep.
 */
function* ogfs_getpage(vma: vm_area_struct, pgoff: int, nonblock: bool): Sleeps<page | null> {
	const gl = vma_glock(vma);
	const gh = yield* ogfs_glock_nq(gl, ogfs_read_state());
	const page = yield* populate_getpage(vma, pgoff, nonblock);
	yield* ogfs_glock_dq_uninit(gl, gh);
	return page;
}

const ogfs_populate_ops: populate_operations = { getpage: ogfs_getpage };

/**
 * ogfs_populate - ->populate: map pages of the file
 * @vma: a shared mapping
 * @addr: first byte
 * @len: bytes
 * @prot: the rights
 * @pgoff: first page of the file
 * @nonblock: only what is in the cache
 *
 * Each page is mapped without the lock under which it was found (ogfs_getpage()).
 * CONFIG_OGFS_POPULATE_LOCKED: keeps the lock until all pages are mapped, as it may: mapping them
 * is part of ->populate.
 *
 * Return: 0 or a negative error number.
 * Context: mmap_sem held. May sleep.
 */
function* ogfs_populate(
	vma: vm_area_struct,
	addr: int,
	len: int,
	prot: int,
	pgoff: int,
	nonblock: bool,
): Sleeps<int> {
	if (CONFIG_OGFS_POPULATE_LOCKED) {
		const gl = vma_glock(vma);
		const gh = yield* ogfs_glock_nq(gl, ogfs_read_state());
		const err = yield* filemap_populate(vma, addr, len, prot, pgoff, nonblock);
		yield* ogfs_glock_dq_uninit(gl, gh);
		return err;
	}
	return yield* populate_pages(vma, addr, len, prot, pgoff, nonblock, ogfs_populate_ops);
}

export const ogfs_private_vm_ops: vm_operations_struct = {
	nopage: ogfs_nopage,
	nopagedone: CONFIG_NOPAGEDONE ? ogfs_nopagedone : null,
	do_no_page: CONFIG_VM_DO_NO_PAGE ? ogfs_do_no_page : null,
	do_wp_page: null,
	populate: ogfs_populate,
	page_mkwrite: null,
};

/** READPAGE_LOCKS: mappings that cannot store into the file. ->readpage takes the lock. */
export const ogfs_readpage_vm_ops: vm_operations_struct = {
	nopage: filemap_nopage,
	nopagedone: null,
	do_no_page: null,
	do_wp_page: null,
	populate: filemap_populate,
	page_mkwrite: null,
};

/** Mappings that may store into the file: nothing to ask when every fault is exclusive. */
export const ogfs_exclusive_vm_ops: vm_operations_struct = {
	nopage: ogfs_sharewrite_nopage,
	nopagedone: CONFIG_NOPAGEDONE ? ogfs_nopagedone : null,
	do_no_page: CONFIG_VM_DO_NO_PAGE ? ogfs_do_no_page : null,
	do_wp_page: null,
	populate: ogfs_populate,
	page_mkwrite: null,
};

export const ogfs_sharewrite_vm_ops: vm_operations_struct = {
	nopage: ogfs_nopage,
	nopagedone: CONFIG_NOPAGEDONE ? ogfs_nopagedone : null,
	do_no_page: CONFIG_VM_DO_NO_PAGE ? ogfs_do_no_page : null,
	do_wp_page: CONFIG_VM_DO_NO_PAGE ? ogfs_do_wp_page : null,
	populate: ogfs_populate,
	page_mkwrite: CONFIG_PAGE_MKWRITE ? ogfs_page_mkwrite : null,
};
