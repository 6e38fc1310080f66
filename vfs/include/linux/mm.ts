// SPDX-License-Identifier: GPL-2.0-only
/**
 * include/linux/mm.h and the mm_struct of sched.h, 2.4.22.
 *
 * Differs: a page holds a few ints (page.data) that stand for its contents, one if nothing more is
 * asked for. The vma of a process hang on one list, without the tree. Left out: LRU lists, zones,
 * buffers.
 */
import {
	BUG_ON,
	type bool,
	event,
	type int,
	ints,
	type Sleeps,
	structs,
	type value_t,
} from '../../../harness/kts/prelude.ts';
import { CONFIG_SPLIT_UNDER_SHARE_LOCK, CONFIG_VM_PGOFF_UNDER_SHARE_LOCK } from '../../Kconfig.ts';
import { lock_acquired, lock_release } from '../../kernel/lockdep.ts';
import { pte_t } from '../asm/pgtable.ts';
import { NR_VPAGES, PAGE_WORDS } from './bounds.ts';
import { EVENT_LOCKED, EVENT_UNLOCKED } from './events.ts';
import type { address_space, file, inode } from './fs.ts';
import { LOCK_page } from './lockdep.ts';
import { rw_semaphore } from './rwsem.ts';
import { spinlock_t } from './spinlock_types.ts';

export const VM_READ: int = 0x1;
export const VM_WRITE: int = 0x2;
export const VM_EXEC: int = 0x4;
export const VM_SHARED: int = 0x8;
export const VM_MAYREAD: int = 0x10;
export const VM_MAYWRITE: int = 0x20;
export const VM_MAYEXEC: int = 0x40;
export const VM_MAYSHARE: int = 0x80;
export const VM_LOCKED: int = 0x2000;

/** 2.6: pages of the file in another order */
export const VM_NONLINEAR: int = 0x800000;

export const PROT_READ: int = 1;
export const PROT_WRITE: int = 2;
export const PROT_EXEC: int = 4;
export const MAP_SHARED: int = 1;
export const MAP_PRIVATE: int = 2;
export const MAP_TYPE: int = 0xf;
export const MAP_FIXED: int = 0x10;
export const MAP_ANONYMOUS: int = 0x20;
export const MAP_LOCKED: int = 0x2000;
export const MAP_NONBLOCK: int = 0x10000;
export const MREMAP_MAYMOVE: int = 1;
export const MREMAP_FIXED: int = 2;
export const MS_ASYNC: int = 1;
export const MS_INVALIDATE: int = 2;
export const MS_SYNC: int = 4;

export const PG_locked: int = 0x1;
export const PG_error: int = 0x2;
export const PG_uptodate: int = 0x8;
export const PG_dirty: int = 0x10;
/** it is being written as memory is short (only with RECLAIM) */
export const PG_launder: int = 0x8000;
/** CONFIG_PAGECACHE_TAGS: it is being written */
export const PG_writeback: int = 0x40000;
/** Of the page's buffer (fs.h), kept here: the disk has it, or who writes or drops it. */
export const BH_Lock: int = 0x1000;
/** Of the page's buffer: its contents are there. Without PG_uptodate no task may read them yet. */
export const BH_Uptodate: int = 0x2000;
/** Of the page's buffer: its block is new, and has the contents of another page. */
export const BH_New: int = 0x4000;
/** Of the page's buffer, without CONFIG_DIRTY_BY_PAGE: it differs from its block. */
export const BH_Dirty: int = 0x10000;
/** Of the page's buffer: it is on i_dirty_data_buffers of the inode (b_inode_buffers in C). */
export const BH_Attached: int = 0x20000;

export const __GFP_HIGHMEM: int = 0x2;
export const __GFP_WAIT: int = 0x10;
export const __GFP_HIGH: int = 0x20;
export const __GFP_IO: int = 0x40;
export const __GFP_HIGHIO: int = 0x80;
/** a file system may be called to have memory freed */
export const __GFP_FS: int = 0x100;
export const GFP_NOFS: int = __GFP_HIGH | __GFP_WAIT | __GFP_IO | __GFP_HIGHIO;
export const GFP_HIGHUSER: int = __GFP_WAIT | __GFP_IO | __GFP_HIGHIO | __GFP_FS | __GFP_HIGHMEM;
export const GFP_KERNEL: int = __GFP_HIGH | __GFP_WAIT | __GFP_IO | __GFP_HIGHIO | __GFP_FS;
export const GFP_KSWAPD: int = __GFP_WAIT | __GFP_IO | __GFP_HIGHIO | __GFP_FS;

/** On which list of its address_space a page is (2.4: list_heads clean, dirty, locked). */
export const LIST_NONE: int = 0;
export const LIST_CLEAN: int = 1;
export const LIST_DIRTY: int = 2;
export const LIST_LOCKED: int = 3;

/** Results of handle_mm_fault() and its callees. */
export const VM_FAULT_OOM: int = -1;
export const VM_FAULT_SIGBUS: int = 0;
export const VM_FAULT_MINOR: int = 1;
export const VM_FAULT_MAJOR: int = 2;

export class page {
	mapping: address_space | null = null;
	index: int = 0;
	count: int = 0;
	flags: int = 0;
	list: int = LIST_NONE;
	/** the contents, as far as there are any: see page_word() in asm/page.h */
	readonly data = ints<value_t>(PAGE_WORDS);
	/**
	 * For the properties only, the kernel never looks: the file whose page cache this page is in
	 * or was in. A page that nobody but it remembers as a file's is an orphan.
	 */
	was: inode | null = null;
}

/** What ->nopage returns when there is no memory (the pointer -1 in the kernel). */
export const NOPAGE_OOM = new page();

export interface vm_operations_struct {
	/**
	 * the page for an address, referenced; null: none (SIGBUS); NOPAGE_OOM. The third argument
	 * is unused.
	 */
	nopage(area: vm_area_struct, address: int, unused: int): Sleeps<page | null>;
	/** CONFIG_NOPAGEDONE: the fault that called nopage is over, however it ended */
	nopagedone: ((area: vm_area_struct, address: int, status: int) => void) | null;
	/** CONFIG_VM_DO_NO_PAGE: do_no_page() and do_wp_page() under the file system's lock */
	do_no_page:
		| ((
				mm: mm_struct,
				vma: vm_area_struct,
				address: int,
				write_access: bool,
				page_table: pte_t,
		  ) => Sleeps<int>)
		| null;
	do_wp_page:
		| ((mm: mm_struct, vma: vm_area_struct, address: int, page_table: pte_t) => Sleeps<int>)
		| null;
	/**
	 * REMAP_FILE_PAGES: map pages of the file from @pgoff on at an address and those behind it. 0 or
	 * a negative error number
	 */
	populate:
		| ((
				vma: vm_area_struct,
				addr: int,
				len: int,
				prot: int,
				pgoff: int,
				nonblock: bool,
		  ) => Sleeps<int>)
		| null;
	/**
	 * CONFIG_PAGE_MKWRITE: the page is about to become writable. It is referenced, and not locked,
	 * so that the file system can take its own locks first. 0: go on, and with
	 * CONFIG_NOPAGE_LOCKED the page is locked; 1: the page has left the file, fault again; below
	 * 0: SIGBUS.
	 */
	page_mkwrite: ((vma: vm_area_struct, page: page) => Sleeps<int>) | null;
}

/** 1: vm_pgoff of a mapping that is cut in two moves before the rest of it does. */
export const PGOFF_AHEAD: int =
	CONFIG_SPLIT_UNDER_SHARE_LOCK && !CONFIG_VM_PGOFF_UNDER_SHARE_LOCK ? 1 : 0;

export class vm_area_struct {
	vm_mm: mm_struct | null = null;
	vm_start: int = 0;
	vm_end: int = 0;
	vm_next: vm_area_struct | null = null;
	vm_page_prot: int = 0;
	vm_flags: int = 0;
	vm_next_share: vm_area_struct | null = null;
	vm_ops: vm_operations_struct | null = null;
	/** pages */
	vm_pgoff: int = 0;
	vm_file: file | null = null;
	/** the model's own: by how many pages vm_pgoff is ahead while the mapping is being cut */
	readonly vm_ahead = ints(PGOFF_AHEAD);
}

export class mm_struct {
	mmap: vm_area_struct | null = null;
	readonly pgd = structs(pte_t, NR_VPAGES);
	/** tasks that use it */
	mm_users: int = 0;
	readonly mmap_sem = new rw_semaphore();
	readonly page_table_lock = new spinlock_t();
	rss: int = 0;
	/** pages */
	locked_vm: int = 0;
}

/**
 * PageLocked - is this page locked: under I/O, or in use by a task?
 * @page: the page
 *
 * Return: true: it is.
 * Context: any; unless the caller has locked it, the answer may be old.
 */
export function PageLocked(page: page): bool {
	return (page.flags & PG_locked) !== 0;
}
/**
 * PageDirty - does this page differ from the disk, as far as the page itself knows?
 * @page: the page
 *
 * Return: true: it does. Ptes may know more.
 * Context: any.
 */
export function PageDirty(page: page): bool {
	return (page.flags & PG_dirty) !== 0;
}
/**
 * Page_Uptodate - has this page its contents?
 * @page: the page
 *
 * Return: true: it has.
 * Context: any; while the page is not locked it may lose them.
 */
export function Page_Uptodate(page: page): bool {
	return (page.flags & PG_uptodate) !== 0;
}

/**
 * TryLockPage - lock a page unless it is locked
 * @page: the page
 *
 * Differs:
 *   + PageLocked, SetPageLocked: one test_and_set_bit() in C
 *
 * Return: true when it was locked already, as the kernel's macro of that name.
 * Context: any. Does not sleep.
 */
export function TryLockPage(page: page): bool {
	if (PageLocked(page)) return true;
	page.flags |= PG_locked;
	event(EVENT_LOCKED, page);
	lock_acquired(LOCK_page);
	return false;
}

/**
 * UnlockPage - unlock a page
 * @page: the page, locked
 *
 * Differs:
 *   - page_waitqueue, waitqueue_active, wake_up_all: who waits goes on when it sees it
 *   + ClearPageLocked: a test_and_clear_bit() in C
 *
 * Context: any. Those that wait go on when they see it.
 * Source: mm/filemap.c, as unlock_page
 */
export function UnlockPage(page: page): void {
	BUG_ON(!PageLocked(page), 'UnlockPage of a page that is not locked');
	page.flags &= ~(PG_locked | PG_launder);
	event(EVENT_UNLOCKED, page);
	lock_release(LOCK_page);
}

/**
 * page_cache_get - take a reference to a page
 * @page: the page
 *
 * Context: any.
 * Source: include/linux/pagemap.h
 */
export function page_cache_get(page: page): void {
	page.count++;
}

/**
 * can_vma_merge - can a mapping grow by memory with these flags?
 * @vma: the mapping
 * @vm_flags: VM_*
 *
 * Return: only if it is of no file, and has the same flags.
 * Context: mmap_sem held.
 */
export function can_vma_merge(vma: vm_area_struct, vm_flags: int): bool {
	return !vma.vm_file && vma.vm_flags === vm_flags;
}

/**
 * __vma_unlink - take a mapping off the list of its process
 * @mm: the address space
 * @vma: the mapping
 * @prev: the one before it
 *
 * Context: page_table_lock held.
 */
export function __vma_unlink(mm: mm_struct, vma: vm_area_struct, prev: vm_area_struct): void {
	prev.vm_next = vma.vm_next;
}
