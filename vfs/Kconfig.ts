// SPDX-License-Identifier: GPL-2.0-only
/**
 * Configuration of the VFS and VM port: one symbol per proposed change, 0 = the base kernel,
 * 2.4.22.
 * The table below is what `vfshook list symbols` and the documentation are made of.
 */

import { config, type int, kconfig } from '../harness/kts/prelude.ts';

/** 1: another processor may come in before every spin_lock() and every marked access. */
export const CONFIG_SMP: int = config('SMP', 1);

export const CONFIG_TRUNCATE_COUNT: int = config('TRUNCATE_COUNT', 0);
export const CONFIG_NOPAGEDONE: int = config('NOPAGEDONE', 0);
export const CONFIG_VM_DO_NO_PAGE: int = config('VM_DO_NO_PAGE', 0);
export const CONFIG_NOPAGE_LOCKED: int = config('NOPAGE_LOCKED', 0);
export const CONFIG_INVALIDATE_MMAP_RANGE: int = config('INVALIDATE_MMAP_RANGE', 0);
export const CONFIG_EVEN_COWS: int = config('EVEN_COWS', 0);
export const CONFIG_PAGE_MKWRITE: int = config('PAGE_MKWRITE', 0);
export const CONFIG_SHARED_PROT_RO: int = config('SHARED_PROT_RO', 0);
export const CONFIG_WRPROTECT_MAPPING_RANGE: int = config('WRPROTECT_MAPPING_RANGE', 0);
export const CONFIG_NOFAULT_COPY: int = config('NOFAULT_COPY', 0);
export const CONFIG_AOP_TRUNCATED_PAGE: int = config('AOP_TRUNCATED_PAGE', 0);
export const CONFIG_ZERO_NEW_BUFFERS: int = config('ZERO_NEW_BUFFERS', 0);
export const CONFIG_DIO_WAIT: int = config('DIO_WAIT', 0);
export const CONFIG_TRUNCATE_BARRIERS: int = config('TRUNCATE_BARRIERS', 0);
export const CONFIG_TRUNCATE_WMB: int = config('TRUNCATE_WMB', 0);
export const CONFIG_TRUNCATE_UNMAP_TWICE: int = config('TRUNCATE_UNMAP_TWICE', 0);
export const CONFIG_INVALIDATE_PAGES2_UNMAP: int = config('INVALIDATE_PAGES2_UNMAP', 0);
export const CONFIG_TLB_FLUSH_SYNC: int = config('TLB_FLUSH_SYNC', 0);
export const CONFIG_WRITE_MAPPING_RANGE: int = config('WRITE_MAPPING_RANGE', 0);
export const CONFIG_EVICT_MAPPING_RANGE: int = config('EVICT_MAPPING_RANGE', 0);
export const CONFIG_FORK_CHILD_AFTER_PARENT: int = config('FORK_CHILD_AFTER_PARENT', 0);
export const CONFIG_MREMAP_LINK_FIRST: int = config('MREMAP_LINK_FIRST', 0);
export const CONFIG_SPLIT_UNDER_SHARE_LOCK: int = config('SPLIT_UNDER_SHARE_LOCK', 0);
export const CONFIG_I_MMAP_NONLINEAR: int = config('I_MMAP_NONLINEAR', 0);
export const CONFIG_POPULATE_RECHECK: int = config('POPULATE_RECHECK', 0);
export const CONFIG_SET_ACCESS_FLAGS: int = config('SET_ACCESS_FLAGS', 0);
export const CONFIG_GENERIC_FILE_WRITE_NOLOCK: int = config('GENERIC_FILE_WRITE_NOLOCK', 0);
export const CONFIG_MUNMAP_ZAP_FIRST: int = config('MUNMAP_ZAP_FIRST', 0);
export const CONFIG_VM_PGOFF_UNDER_SHARE_LOCK: int = config('VM_PGOFF_UNDER_SHARE_LOCK', 0);
export const CONFIG_PAGECACHE_ISIZE_EXTENDED: int = config('PAGECACHE_ISIZE_EXTENDED', 0);
export const CONFIG_SWAP_RECHECK: int = config('SWAP_RECHECK', 0);
export const CONFIG_READPAGE_ISIZE: int = config('READPAGE_ISIZE', 0);
export const CONFIG_READ_ISIZE: int = config('READ_ISIZE', 0);
export const CONFIG_TRUNCATE_KEEPS_UPTODATE: int = config('TRUNCATE_KEEPS_UPTODATE', 0);
export const CONFIG_NOPAGE_ISIZE: int = config('NOPAGE_ISIZE', 0);
export const CONFIG_DIRECT_IO_NOLOCK: int = config('DIRECT_IO_NOLOCK', 0);
export const CONFIG_DIRTY_AFTER_FLUSH: int = config('DIRTY_AFTER_FLUSH', 0);
export const CONFIG_MSYNC_ASYNC_MARKS: int = config('MSYNC_ASYNC_MARKS', 0);
export const CONFIG_DIRTY_BY_PAGE: int = config('DIRTY_BY_PAGE', 0);
export const CONFIG_PAGECACHE_TAGS: int = config('PAGECACHE_TAGS', 0);
export const CONFIG_MAYBE_MKWRITE: int = config('MAYBE_MKWRITE', 0);
export const CONFIG_MMAP_LOCKED: int = config('MMAP_LOCKED', 0);

/**
 * interface: a hook that a file system fills or calls, or a rule of one. repair: a fault of the old
 * kernel that a cluster meets first; no file system sees the change. duty: what a file system must
 * do for a hook to mean anything; these are all of side FS.
 */
export type KconfigKind = 'interface' | 'repair' | 'duty';

/** What is known about one symbol, for people. */
export interface KconfigSymbol {
	/** as on the command line */
	name: string;
	/** its number in the list of hooks: H1, H2 and so on */
	hook: string;
	/**
	 * VM: proposed for the kernel. FS: what the file system must do for the hooks to mean
	 * anything.
	 */
	side: 'VM' | 'FS';
	kind: KconfigKind;
	title: string;
	help: string;
	/** source files that it touches */
	files: string[];
	/**
	 * What a file system finds in the kernel only with it: functions, OPERATIONS.member and
	 * STRUCT.field. Of what several symbols list all must be on.
	 */
	exports?: string[];
	/** symbols that it is no use without */
	depends?: string[];
	/** symbols that do the same job another way */
	alternatives?: string[];
	history: string;
	/** what became of it in mainline */
	fate: string;
}

export const vfs_symbols: KconfigSymbol[] = kconfig([
	{
		name: 'TRUNCATE_COUNT',
		hook: 'H1',
		kind: 'interface',
		side: 'VM',
		title: 'do_no_page notices an unmap that ran while it was in ->nopage',
		help: 'The address_space has a counter that changes before every unmap of the file. do_no_page reads it before it calls ->nopage, and again under page_table_lock before it installs the pte. If the counter has changed, do_no_page lets the page go and calls ->nopage again. This is only as good as ->nopage: the second call must wait until the revoke has ended (OGFS_BLOCK_FAULTS_FIRST).',
		files: ['vfs/mm/memory.ts', 'vfs/include/linux/fs.ts'],
		exports: [
			'truncate_count_read',
			'truncate_count_is',
			'truncate_count_put',
			'truncate_count_inc',
			'address_space.truncate_count',
		],
		alternatives: ['NOPAGEDONE', 'VM_DO_NO_PAGE', 'NOPAGE_LOCKED'],
		history: 'D. McCracken on linux-kernel, June to August 2003, for truncate against fault',
		fate: 'merged in 2.6.0-test3 (8 August 2003); the fault path stopped comparing it in 2.6.23, when ->fault began to return locked pages',
	},
	{
		name: 'NOPAGEDONE',
		hook: 'H2',
		kind: 'interface',
		side: 'VM',
		title: 'vm_ops->nopagedone() tells the file system that the pte is in place',
		help: 'do_no_page calls it on every way out after ->nopage was called, also when the fault fails. So the file system can keep its lock from ->nopage until the pte is installed. do_wp_page calls it on every way out after ->page_mkwrite was called.',
		files: ['vfs/mm/memory.ts', 'vfs/include/linux/mm.ts'],
		exports: ['vm_operations_struct.nopagedone'],
		alternatives: ['TRUNCATE_COUNT', 'VM_DO_NO_PAGE', 'NOPAGE_LOCKED'],
		history: 'P. McKenney on linux-kernel, 13 May 2003; once more for 2.5.70-mm2 on 30 May',
		fate: 'not merged',
	},
	{
		name: 'VM_DO_NO_PAGE',
		hook: 'H3',
		kind: 'interface',
		side: 'VM',
		title: 'do_no_page is a vm operation; the file system wraps the generic one in its lock',
		help: 'handle_pte_fault calls vm_ops->do_no_page where a vma has one. The file system takes its lock, calls the exported do_no_page(), and drops the lock when the pte is in place. A write to a read-only pte of a shared mapping goes through vm_ops->do_wp_page in the same way.',
		files: ['vfs/mm/memory.ts', 'vfs/include/linux/mm.ts', 'vfs/kernel/ksyms.ts'],
		exports: [
			'do_no_page',
			'do_wp_page',
			'vm_operations_struct.do_no_page',
			'vm_operations_struct.do_wp_page',
		],
		alternatives: ['TRUNCATE_COUNT', 'NOPAGEDONE', 'NOPAGE_LOCKED'],
		history:
			'D. Phillips on linux-kernel, 17 May 2003; P. McKenney as install_new_page(), 30 May 2003',
		fate: 'not merged',
	},
	{
		name: 'NOPAGE_LOCKED',
		hook: 'H4',
		kind: 'interface',
		side: 'VM',
		title: '->nopage returns the page locked, and do_no_page unlocks it when the pte is in place',
		help: 'Before a page is removed from the page cache it is locked, which waits for any fault that holds it; then it is unmapped; only then is it removed. So do_no_page compares nothing, and ->nopage need not wait. Three duties come with it. A private copy of the page is not unmapped with the page, so a truncate unmaps once more at the end (TRUNCATE_UNMAP_TWICE). A revoke that gives the lock up before it drops the cache must first lock and unmap each page (OGFS_SYNC_PAGES). page_mkwrite returns the page locked too, but it is called with the page unlocked, since the file system may have to lock a resource group before a page (S109); it then checks that the page is still in the file.',
		files: ['vfs/mm/memory.ts', 'vfs/mm/filemap.ts', 'ogfs/fs/glops.ts', 'ogfs/fs/ops_vm.ts'],
		exports: ['unmap_locked_page'],
		alternatives: ['TRUNCATE_COUNT', 'NOPAGEDONE', 'VM_DO_NO_PAGE'],
		history: 'N. Piggin, 2006 and 2007 (VM_CAN_INVALIDATE, then VM_FAULT_LOCKED)',
		fate: 'merged in 2.6.23 with ->fault (2.6.22.6 compares truncate_count, 2.6.24 has VM_FAULT_LOCKED), and for page_mkwrite in 2.6.30 (b827e496c893)',
	},
	{
		name: 'INVALIDATE_MMAP_RANGE',
		hook: 'H5a',
		kind: 'interface',
		side: 'VM',
		title: 'invalidate_mmap_range() is exported: a file system can unmap a file everywhere',
		help: 'It unmaps a range of a file from every page table of this node, by walking both share lists. Without it a revoke leaves the ptes where they are.',
		files: ['vfs/mm/memory.ts', 'vfs/kernel/ksyms.ts'],
		exports: ['invalidate_mmap_range', 'invalidate_mmap_range_list', 'unmap_mapping_range'],
		history:
			'zap_inode_mapping() by C. Hellwig for OpenGFS, in the -ac kernels of 2001; P. McKenney on linux-kernel, 13 May 2003',
		fate: 'merged in 2.6.0-test3 (8 August 2003); unmap_mapping_range(.., even_cows) since 2004',
	},
	{
		name: 'EVEN_COWS',
		hook: 'H5b',
		kind: 'interface',
		side: 'VM',
		title: 'unmap_mapping_range(.., even_cows): a revoke leaves private copies alone',
		help: 'A private page that was written to belongs to the process alone, in memory or in swap. invalidate_mmap_range() unmaps it together with the pages of the file, and the next access finds the file again: the process has lost what it stored. With even_cows 0 only pages of the file are unmapped. A page that has left the cache is no page of the file any more, so the unmap must come first (OGFS_DROP_LAST). truncate passes 1: it unmaps everything behind the new end, private copies included.',
		files: ['vfs/mm/memory.ts', 'vfs/kernel/ksyms.ts', 'ogfs/fs/glops.ts'],
		exports: ['unmap_mapping_range'],
		depends: ['INVALIDATE_MMAP_RANGE'],
		history:
			'P. McKenney and D. Phillips on linux-kernel, February and March 2004; H. Dickins made it from the patch that Phillips posted on 2 March (dd9fd0e03de6 of the history tree)',
		fate: 'merged in 2004: 2.6.9 has it; still there in 6.18',
	},
	{
		name: 'PAGE_MKWRITE',
		hook: 'H6',
		kind: 'interface',
		side: 'VM',
		title: 'vm_ops->page_mkwrite() before a page of a shared mapping becomes writable',
		help: 'A write fault on a shared mapping asks the file system, which may sleep for its exclusive lock. Then the page in the page cache becomes writable. Without it no mapping has page_mkwrite, SHARED_PROT_RO has no effect, and a read fault installs a writable pte under a shared lock. If a downgrade has write-protected a pte, do_wp_page copies the page at the next store, as 2.4.22 does, which does not look at VM_SHARED: the store goes to a private page.',
		files: ['vfs/mm/memory.ts', 'vfs/include/linux/mm.ts'],
		exports: ['vm_operations_struct.page_mkwrite'],
		depends: ['SHARED_PROT_RO'],
		history:
			'a hook in do_wp_page: D. Phillips, "[RFC] Distributed mmap API", 25 February 2004; D. Howells from October 2004',
		fate: 'merged as page_mkwrite in 2.6.18 (9637a5efd4fb)',
	},
	{
		name: 'SHARED_PROT_RO',
		hook: 'H7',
		kind: 'interface',
		side: 'VM',
		title: 'a read fault on a shared writable mapping installs a read-only pte',
		help: 'mmap takes the write permission out of vm_page_prot if the mapping has page_mkwrite, so that the first store traps. mprotect does the same; without that half it would make every pte of a shared mapping writable without a call of the file system. If off, even a read fault installs a writable pte, and the state "shared, all ptes read-only" cannot exist.',
		files: ['vfs/mm/mmap.ts', 'vfs/mm/mprotect.ts'],
		depends: ['PAGE_MKWRITE'],
		history: 'part of page_mkwrite',
		fate: 'merged with it (vma_wants_writenotify)',
	},
	{
		name: 'WRPROTECT_MAPPING_RANGE',
		hook: 'H8',
		kind: 'interface',
		side: 'VM',
		title: 'wrprotect_mapping_range(): a downgrade keeps the mapping readable',
		help: 'It write-protects a range of a file in every page table of this node and collects the dirty bits. Without it a downgrade from exclusive to shared unmaps the file: that is correct, and every reader faults again.',
		files: ['vfs/mm/memory.ts', 'vfs/kernel/ksyms.ts'],
		exports: ['wrprotect_mapping_range'],
		depends: ['PAGE_MKWRITE', 'INVALIDATE_MMAP_RANGE'],
		history: 'the mail of 20 August 2003 asks for it ("page table write protect")',
		fate: 'no cluster file system got it: GFS2 and OCFS2 unmap the file on a downgrade (6.18: inode_go_sync, ocfs2_data_convert_worker). page_mkclean() of 2.6.19, folio_mkclean() today, does the same job page by page, but for the write-out',
	},
	{
		name: 'WRITE_MAPPING_RANGE',
		hook: 'H9',
		kind: 'interface',
		side: 'VM',
		title: 'write_mapping_range() writes the dirty pages of a range, and waits for all of them',
		help: 'It does what filemap_fdatasync() and filemap_fdatawait() do for a whole file, for a range and page by page. It waits for every page under write-out, whichever task submitted it; the lists of 2.4.22 do not show all of them. With locks of whole files it does what OGFS_SYNC_PAGES does in the file system.',
		files: ['vfs/mm/truncate.ts', 'vfs/kernel/ksyms.ts', 'ogfs/fs/glops.ts'],
		exports: ['write_mapping_range'],
		alternatives: ['OGFS_SYNC_PAGES'],
		history: 'D. Phillips, "[RFC] Distributed mmap API", 25 February 2004 (the optimal interface)',
		fate: 'filemap_write_and_wait_range()',
	},
	{
		name: 'EVICT_MAPPING_RANGE',
		hook: 'H10',
		kind: 'interface',
		side: 'VM',
		title: 'evict_mapping_range() unmaps the pages of a range and drops them',
		help: 'It is truncate_inode_pages() for a range that unmaps first: no page that is dropped stays mapped, in whatever order the file system works. It drops dirty pages as well; the caller must have blocked faults, unmapped and written them out before.',
		files: ['vfs/mm/truncate.ts', 'vfs/kernel/ksyms.ts', 'ogfs/fs/glops.ts'],
		exports: ['evict_mapping_range'],
		depends: ['INVALIDATE_MMAP_RANGE'],
		alternatives: ['OGFS_DROP_LAST'],
		history: 'D. Phillips, "[RFC] Distributed mmap API", 25 February 2004 (the optimal interface)',
		fate: 'truncate_pagecache_range()',
	},
	{
		name: 'FORK_CHILD_AFTER_PARENT',
		hook: 'H12',
		kind: 'repair',
		side: 'VM',
		title: 'fork puts the mapping of the child behind that of the parent on the share list',
		help: 'fork puts each mapping of the child on the share list of its file and then copies the ptes of the parent. With the child behind the parent, as in 2.4.22 (whose profile has the symbol), a walk of the list reaches the parent first. fork no longer copies what the walk takes out there, and the walk finds in the child what fork has copied before. Without the symbol the child stands before the parent, as in 2.6.0. A revoke passes the child while it is empty; then fork copies a pte; then the revoke takes out the pte of the parent. The child keeps its pte for ever.',
		files: ['vfs/kernel/fork.ts'],
		history: 'H. Dickins, March 2004, for 2.6',
		fate: '2.6.9 keeps the order (vma_prio_tree_add())',
	},
	{
		name: 'MREMAP_LINK_FIRST',
		hook: 'H13',
		kind: 'repair',
		side: 'VM',
		title: 'mremap makes the new mapping visible before it moves the ptes',
		help: '2.4.22 moves the ptes to their new addresses one by one, then puts the new mapping on the share list, and flushes the TLBs of the old addresses when all are moved. A revoke in between looks for the ptes at the old addresses, which they have left: a page of a file stays mapped after the lock was given up. (A sibling on another processor may also still store through its TLB: a revoke that finds no pte at the old address flushes nothing.) With this symbol the new mapping is on the share list first, and each pte moves under the lock of that list. The flags of the old mapping are read before it can be merged with a neighbour, not after that, when it may have been freed.',
		files: ['vfs/mm/mremap.ts'],
		history: 'R. Venkatasubramanian and H. Dickins, February and March 2004, for 2.6',
		fate: '2.6.9 has it (copy_vma, move_one_page)',
	},
	{
		name: 'SPLIT_UNDER_SHARE_LOCK',
		hook: 'H15',
		kind: 'repair',
		side: 'VM',
		title: 'a mapping is cut in two under the lock of the share list',
		help: 'munmap of a part (with MUNMAP_ZAP_FIRST), mprotect and mlock of a part cut a mapping in two. With this symbol the first part shrinks and the second becomes visible while the lock of the share list is held once. Without it, as in 2.6.0-test1 to test8, the mapping shrinks before the lock is taken: a revoke that walks the list in between takes out the ptes of one part and leaves those of the other for ever. 2.4.22 cuts vm_start and vm_end under the lock, so its profile has the symbol; it moves vm_pgoff before (VM_PGOFF_UNDER_SHARE_LOCK).',
		files: ['vfs/mm/mmap.ts', 'vfs/mm/mprotect.ts', 'vfs/mm/mlock.ts'],
		history: 'R. Venkatasubramanian on linux-mm, 3 October 2003, for 2.6',
		fate: 'merged in 2.6.0-test9 (25 October 2003)',
	},
	{
		name: 'NOFAULT_COPY',
		hook: 'H19',
		kind: 'interface',
		side: 'VM',
		title: 'read and write copy with faults disabled; locks are let go before a fault',
		help: 'The buffer of a read() or write() may be in a mapping. The kernel touches its first and last byte before it locks the page, but the file system holds its lock by then, and the page of the buffer may be gone again when the copy is made. The fault then wants mmap_sem, the lock of the file behind the buffer, and perhaps the page lock that the writer holds itself. With this symbol the copy fails instead of faulting (pagefault_disable()). The page, and in the file system the lock, are let go; the buffer is faulted in with no lock held; and the call tries again. A direct transfer (O_DIRECT) looks up only what is mapped, and goes back in the same way.',
		files: [
			'vfs/include/asm/uaccess.ts',
			'vfs/arch/i386/mm/fault.ts',
			'vfs/mm/filemap.ts',
			'vfs/mm/memory.ts',
			'vfs/kernel/ksyms.ts',
			'ogfs/fs/ops_file.ts',
		],
		exports: [
			'pagefault_disable',
			'pagefault_enable',
			'fault_in_readable',
			'fault_in_safe_writeable',
			'task_struct.pagefault_disabled',
		],
		history: 'GFS1 walked the vmas of the buffer and took all locks in order; GFS2 since 5.16',
		fate: 'iov_iter_copy_from_user_atomic (2.6.24) for the page lock; iov_iter nofault and fault_in_iov_iter_*() (5.16) for file systems',
	},
	{
		name: 'AOP_TRUNCATED_PAGE',
		hook: 'H20',
		kind: 'interface',
		side: 'VM',
		title: '->readpage may unlock the page, and its caller looks for it again',
		help: 'A task that reads a page into the cache locks it and then calls ->readpage. A file system that takes its lock there takes it under the page lock. A revoke takes the two in the other order: it has the lock of the file system and waits for each page that it writes out or drops. With this symbol ->readpage may let the page lock go, wait, and return AOP_TRUNCATED_PAGE; filemap_nopage(), do_generic_file_read() and page_cache_read() then look for the page again. A file system that takes its lock before it calls the generic functions, as that of the mail does, does not need it.',
		files: ['vfs/mm/filemap.ts', 'vfs/include/linux/fs.ts', 'ogfs/fs/ops_address.ts'],
		depends: ['NOPAGE_LOCKED'],
		history: 'Z. Brown, for OCFS2 (994fc28c7b1e)',
		fate: 'still there: in 6.18 ocfs2_read_folio() returns it, and filemap.c tests for it',
	},
	{
		name: 'DIO_WAIT',
		hook: 'H23',
		kind: 'interface',
		side: 'VM',
		title: 'a file counts its pages that are held for a transfer, and a revoke waits for them',
		help: 'get_user_pages() looks a page up and takes a reference, no more. The ptes of the page may go, and the page may leave its file, while a device still writes to it. That concerns the buffer of a read(2) of a file opened with O_DIRECT, and ptrace. With this symbol the address_space counts such pages from the look-up, under page_table_lock, to unmap_kiobuf(). A revoke unmaps first, after which no page can be added, and then waits until the count is 0. Without it the device may write to a page that was already written out: the store is lost.',
		files: ['vfs/mm/memory.ts', 'vfs/include/linux/fs.ts', 'ogfs/fs/glops.ts'],
		exports: ['address_space.nr_pinned'],
		depends: ['INVALIDATE_MMAP_RANGE'],
		history: 'by reading map_user_kiobuf() of 2.4.22',
		fate: 'in part: inode_dio_wait() waits for transfers of the file itself, and pin_user_pages() marks pages that are a buffer. In 6.18 neither GFS2 nor OCFS2 looks at that mark',
	},
	{
		name: 'TRUNCATE_BARRIERS',
		hook: 'H22',
		kind: 'repair',
		side: 'VM',
		title: 'do_no_page loads truncate_count before ->nopage loads i_size',
		help: 'vmtruncate() sets i_size, then changes the counter. A fault loads the counter, then i_size: if it finds the new counter it must not find the old size. Without a barrier a weakly ordered processor may load i_size first (an i386 does not): the fault is past the end of the file, and the counter does not change afterwards. Where ->nopage takes a lock first, as a cluster file system does, the lock is the barrier.',
		files: ['vfs/mm/memory.ts', 'vfs/mm/filemap.ts'],
		depends: ['TRUNCATE_COUNT'],
		history: 'D. McCracken, A. Arcangeli and A. Morton on linux-kernel, June 2003',
		fate: 'merged with truncate_count (smp_rmb in do_no_page)',
	},
	{
		name: 'TRUNCATE_WMB',
		hook: 'H57',
		kind: 'repair',
		side: 'VM',
		title: 'vmtruncate() stores i_size before truncate_count',
		help: 'The other half of TRUNCATE_BARRIERS. vmtruncate() stores i_size, takes a lock, and changes the counter. A processor that takes a lock without waiting for its earlier stores may show the new counter before the new size. A fault that loads the counter in between finds the old size behind it, is past the end of the file, and the counter does not change again. With this symbol there is a barrier between the two stores. An i386 needs none. It shows only with STORE_BUFFERS=1.',
		files: ['vfs/mm/memory.ts', 'vfs/include/asm/system.ts'],
		depends: ['TRUNCATE_COUNT'],
		history:
			'A. Arcangeli on linux-kernel, 21 January 2005; 2.6.9 has the barrier of the fault (smp_rmb) only',
		fate: 'merged in 2005 (smp_wmb in unmap_mapping_range); it went with the counter in 2.6.23',
	},
	{
		name: 'I_MMAP_NONLINEAR',
		hook: 'H16a',
		kind: 'repair',
		side: 'VM',
		title: 'mappings whose pages are in another order are walked pte by pte',
		help: 'remap_file_pages of 2.6 changes the order of the pages in a mapping. Without this symbol, as in 2.6.0, a truncate works out from vm_pgoff which addresses to unmap, and misses pages that are mapped elsewhere. An unmap also leaves nothing in a pte that says which page belongs there, so the next fault maps the page that was there at first. With the symbol such mappings are on a list of their own, and a walk looks at each of their ptes; a pte that is taken out keeps the number of its page; and install_page() maps a page only if it is still in the file.',
		files: ['vfs/mm/fremap.ts', 'vfs/mm/memory.ts', 'vfs/mm/mmap.ts'],
		history: 'H. Dickins, March and April 2004',
		fate: '2.6.9 has it; remap_file_pages has been emulated with ordinary mappings since 4.0',
	},
	{
		name: 'POPULATE_RECHECK',
		hook: 'H16',
		kind: 'repair',
		side: 'VM',
		title: 'remap_file_pages notices an unmap that ran while it looked for its page',
		help: 'remap_file_pages of 2.6 finds a page and then maps it, as a fault does. Without this symbol install_page() maps the page even if the file was unmapped in between. With it install_page() compares truncate_count, as do_no_page does. 2.6.9 checks instead that the page is still in the file. That is enough for a truncate. It is not enough for a revoke, which drops the page long after it has unmapped it.',
		files: ['vfs/mm/fremap.ts', 'vfs/mm/filemap.ts'],
		depends: ['TRUNCATE_COUNT'],
		alternatives: ['OGFS_POPULATE_LOCKED'],
		history: 'proposed here; 2.6.9 looks at page->mapping and the size',
		fate: 'not merged; ->populate went with ->fault in 2.6.23',
	},
	{
		name: 'TRUNCATE_UNMAP_TWICE',
		hook: 'H17',
		kind: 'repair',
		side: 'VM',
		title: 'a truncate unmaps again when the pages are gone',
		help: 'With NOPAGE_LOCKED in place of TRUNCATE_COUNT a store to a private mapping may copy a page between the unmap and the removal of the page. The copy is no page of the file, and stays mapped behind the end for ever. Once the page is gone no task can copy it, so a second unmap takes out what is left.',
		files: ['vfs/mm/memory.ts'],
		depends: ['NOPAGE_LOCKED'],
		history: 'N. Piggin, 2006',
		fate: 'merged in 2.6.23 (2.6.22.6 unmaps once, 2.6.24 twice); truncate_pagecache() of 6.18 still does it',
	},
	{
		name: 'INVALIDATE_PAGES2_UNMAP',
		hook: 'H18',
		kind: 'repair',
		side: 'VM',
		title:
			'invalidate_inode_pages2 unmaps pages, and writes those that are dirty, before it drops them',
		help: '2.4.22 leaves a mapped page in the cache, neither dirty nor up to date. Its pte may be dirty, and the next reader reads the page from the disk over what was stored. With this symbol the page is locked, unmapped, written if it is dirty, and then dropped.',
		files: ['vfs/mm/filemap.ts', 'vfs/mm/truncate.ts'],
		depends: ['EVEN_COWS'],
		history: 'T. Myklebust, "NFS: Fix race in nfs_release_page()", which adds launder_page()',
		fate: '2.6.9 still does as 2.4.22 does. Merged after it: invalidate_inode_pages2_range() calls unmap_mapping_range() and launder_page()',
	},
	{
		name: 'TLB_FLUSH_SYNC',
		hook: 'H25',
		kind: 'repair',
		side: 'VM',
		title: 'an unmap gathers its ptes atomically and frees nothing before all TLBs are flushed',
		help: '2.4.22 on SMP takes a short cut if an address space has one user: it reads a pte, clears it with a second access and frees the page before the flush. That is right when the one user itself unmaps. A revoke unmaps on behalf of another node while that user runs: a store between the read and the clear sets the dirty bit in a pte that is then cleared, and is lost.',
		files: ['vfs/include/asm/tlb.ts'],
		history: 'found by this project; mmu_gather of asm-generic/tlb.h',
		fate: '2.6 takes the short cut only while one processor is online (2.6.9, asm-generic/tlb.h)',
	},
	{
		name: 'MUNMAP_ZAP_FIRST',
		hook: 'H14',
		kind: 'repair',
		side: 'VM',
		title: 'munmap and exit take the ptes out before the mapping leaves the share list',
		help: '2.4.22 takes a mapping off the share list of its file and then takes its ptes out. A revoke that walks the list in between does not find them: it gives the lock up while the page is still mapped, perhaps writable and dirty. If only a part is unmapped, the rest leaves the list as well and comes back at the end: a revoke in between never takes out its ptes. With this symbol the part that stays is cut off first and never leaves the list. The same holds for the mappings of a process that exits.',
		files: ['vfs/mm/mmap.ts'],
		history: 'by reading do_munmap() of 2.4.22; the mail leaves munmap out',
		fate: '2.6.9 takes the ptes out (unmap_region) before it takes the vma off the list',
	},
	{
		name: 'SET_ACCESS_FLAGS',
		hook: 'H31',
		kind: 'repair',
		side: 'VM',
		title: 'a fault on a present pte does not write back an old copy of it',
		help: 'A fault may find its page mapped already, because a sibling thread was faster. It reads the pte, sets the accessed bit in its copy, and writes the copy back. page_table_lock does not keep the processor of the sibling from setting the dirty bit in between, and the write clears it: the revoke takes the page for clean. With this symbol the fault leaves the pte alone unless it is a store.',
		files: ['vfs/mm/memory.ts'],
		history: 'found by this project (S66)',
		fate: '2.6 has ptep_set_access_flags(), which on i386 writes only for a store (2.6.9)',
	},
	{
		name: 'VM_PGOFF_UNDER_SHARE_LOCK',
		hook: 'H32',
		kind: 'repair',
		side: 'VM',
		title: 'vm_pgoff and vm_start of a mapping change together, under the lock of the share list',
		help: 'mprotect and mlock of the first part of a mapping, or of its middle, leave the upper part, or the middle, in the old structure. 2.4.22 moves its vm_pgoff, then waits for the lock of the share list, and moves vm_start under it. In between the mapping seems to start with a later page of the file than it does, and an unmap of a part of the file works out the wrong addresses. A truncate takes out pages that stay in the file, and with them what was stored to a private mapping; it misses others. With this symbol all three fields change under the lock.',
		files: ['vfs/mm/mmap.ts', 'vfs/mm/mprotect.ts', 'vfs/mm/mlock.ts'],
		depends: ['SPLIT_UNDER_SHARE_LOCK'],
		history:
			'found by this project (S73). The audit with which R. Venkatasubramanian repaired 2.6 (linux-mm, 3 October 2003) says of these fields that 2.4 does the right thing: of vm_pgoff it does not',
		fate: 'vma_adjust() of 2.6 changes the three together, under the lock (2.6.9)',
	},
	{
		name: 'GENERIC_FILE_WRITE_NOLOCK',
		hook: 'H33',
		kind: 'interface',
		side: 'VM',
		title: 'generic_file_write_nolock() is exported: a file system takes i_sem before its own lock',
		help: 'generic_file_write() of 2.4.22 takes i_sem. A file system that must lock the file first therefore takes i_sem under its lock. truncate takes them in the other order: it calls the file system with i_sem held. Two tasks of one node may hold the glock at once, until another node asks for it; later requests then wait. A write that has the glock and a truncate that has i_sem then wait for each other. With this symbol the file system takes i_sem first and writes without generic_file_write(). Direct I/O takes i_sem second all the same, unless DIRECT_IO_NOLOCK is on too.',
		files: ['vfs/mm/filemap.ts', 'vfs/kernel/ksyms.ts', 'ogfs/fs/ops_file.ts'],
		exports: ['generic_file_write_nolock'],
		history:
			'found by this project (S85); lockdep reports it in any test that takes both orders, but in those that docs/lockdep.md names',
		fate: '2.6 exports generic_file_write_nolock() (2.6.9); GFS1 on 2.6 takes i_sem first',
	},
	{
		name: 'PAGECACHE_ISIZE_EXTENDED',
		hook: 'H44',
		kind: 'repair',
		side: 'VM',
		title: 'what is stored behind the end of a file is zeroed when the file grows over it',
		help: 'The end of a file may lie inside a page that is mapped. What a program stores behind the end is not written out: block_write_full_page() of 2.4.22 zeroes that part first. But it stays in the page, whether the program meant to store there or its store raced with a truncate. When the file grows, by truncate or by a write further behind, others see it where the file must be 0. With this symbol the page is locked and that part is zeroed before the size changes.',
		files: ['vfs/mm/memory.ts', 'vfs/mm/filemap.ts'],
		history:
			'J. Kara, October 2014 (90a8020278c1), to write-protect that page for file systems with small blocks; B. Foster, September 2024, to zero it',
		fate: 'pagecache_isize_extended() since 3.18. Since 6.13 it also zeroes what is behind the end (52aecaee1c26), but only where blocks are smaller than a page (6.18). With blocks of a page, as here, the file system and the write-out must do it',
	},
	{
		name: 'ZERO_NEW_BUFFERS',
		hook: 'H40',
		kind: 'repair',
		side: 'VM',
		title: 'a page that got a block for a write is zero and dirty, even if the copy fails',
		help: 'A write into a hole takes a block. The block still has the contents that it had in another file, or in this one before it was cut. The copy makes the page dirty. With NOFAULT_COPY a short copy lets the page go as it is, clean: the next task that reads the page from the disk, on another node or after the page was dropped, reads the old contents. With this symbol such a page is dirty and all zeros, and a page behind the end of the file, which is not written, loses its block. 2.4.22 commits the zeros that a short copy leaves, and makes the file longer.',
		files: ['vfs/fs/buffer.ts', 'vfs/mm/filemap.ts'],
		depends: ['NOFAULT_COPY'],
		history: 'found by this project (S107); N. Piggin, 2007, for the short copies of 2.6',
		fate: 'merged in 2.6.24: page_zero_new_buffers(), and vmtruncate() behind the end',
	},
	{
		name: 'SWAP_RECHECK',
		hook: 'H50',
		kind: 'repair',
		side: 'VM',
		title: 'a fault on a page in swap looks again whose slot it is',
		help: 'A fault reads the slot of its page from the pte, lets page_table_lock go, and finds the page or reads it. Meanwhile a sibling may bring the page back, which frees the slot, and the pageout daemon may take it out again to the same slot. The pte is as it was, and says nothing of what happened in between. If the fault looked while the slot was free, it found nothing, takes that for want of memory, and the process is killed. If it found the old page, it may map a page that the slot no longer has, and what was stored to the new one is gone (S123). With this symbol the fault begins again if it found a free slot, and looks under the page lock whether the page is still that of the slot.',
		files: ['vfs/mm/memory.ts', 'vfs/mm/swap_state.ts'],
		history:
			'found by this project (S122, S123), in 2.4.22 and 2.6.9; A. Arcangeli and H. Dickins, 2010, for the page that is found',
		fate: 'the page is looked at since 2.6.36 (4969c1192d15, 31c4a3d3a0f8). Of a free slot 6.18 still says that there is no memory, but a fault that says so is tried again, and no process is killed',
	},
	{
		name: 'READPAGE_ISIZE',
		hook: 'H51a',
		kind: 'repair',
		side: 'VM',
		title: 'read looks at i_size again when it has read a page into the cache',
		help: 'read() of 2.4.22 looks at i_size, then for the page, and reads it if it is not cached. A truncate in between sets i_size to less; the page that is read then is behind the end, and full of zeros. read() returns these zeros for bytes that were never 0, and their full number. With this symbol, as in 2.6.9, it looks at i_size again after ->readpage, and ends there. A second reader, who finds that page up to date, does not.',
		files: ['vfs/mm/filemap.ts'],
		alternatives: ['READ_ISIZE'],
		history: 'in 2004, after 2.6.0: 2.6.9 has it',
		fate: 'superseded by READ_ISIZE in 2.6.22',
	},
	{
		name: 'READ_ISIZE',
		hook: 'H51b',
		kind: 'repair',
		side: 'VM',
		title: 'read looks at i_size when the page is up to date',
		help: 'As READPAGE_ISIZE, and for each page: a reader that finds the page of zeros in the cache, or waits until another has read it, looks at i_size again as well. The size is set before pages are cut off, so that a page of zeros is never behind an old size. A file system whose lock keeps a read from a truncate of the same node does not need it; with exclusive locks only, several tasks of a node have the lock at once.',
		files: ['vfs/mm/filemap.ts'],
		alternatives: ['READPAGE_ISIZE'],
		history: 'N. Piggin, 2007',
		fate: 'merged in 2.6.22 (a32ea1e1f925); still there in 6.18',
	},
	{
		name: 'TRUNCATE_KEEPS_UPTODATE',
		hook: 'H52',
		kind: 'repair',
		side: 'VM',
		title: 'a page that is cut off stays up to date',
		help: 'A reader waits for a page that it has asked the disk for. It holds no lock meanwhile, and a truncate that gets the page first marks it as not up to date and takes it out of the file. The reader takes that for an error of the disk, and read() returns EIO. With this symbol the mark stays: nobody finds the page any more, and the reader that has it looks at the size (READ_ISIZE).',
		files: ['vfs/mm/filemap.ts'],
		history: 'M. Szeredi, 2008, for splice()',
		fate: 'merged in 2.6.27 (84209e02de48)',
	},
	{
		name: 'NOPAGE_ISIZE',
		hook: 'H53',
		kind: 'repair',
		side: 'VM',
		title: 'a fault looks at i_size again when its page is up to date',
		help: 'filemap_nopage() looks at i_size, then for the page, and reads it if it is not cached. A truncate in between sets i_size to less; the page that is read then is full of zeros. The fault maps it if the truncate has not changed truncate_count yet, and a load gives 0, which was never in the file, until the truncate unmaps. With this symbol the fault looks at i_size again and ends in SIGBUS. With NOPAGE_LOCKED it looks under the lock of the page.',
		files: ['vfs/mm/filemap.ts'],
		alternatives: ['NOPAGE_LOCKED'],
		history: 'proposed here; N. Piggin, 2007, under the lock of the page (d00806b18315)',
		fate: 'merged in that form, with ->fault, in 2.6.23; still there in 6.18',
	},
	{
		name: 'DIRECT_IO_NOLOCK',
		hook: 'H54',
		kind: 'interface',
		side: 'VM',
		title: 'direct I/O does not take i_sem under the lock of the file system',
		help: 'Direct I/O of 2.4.22 takes i_alloc_sem and i_sem, to keep truncates away. A file system that must lock the file first takes them under its lock. write(), truncate() and fsync() take i_sem first, with GENERIC_FILE_WRITE_NOLOCK also in a cluster. Each of them waits for ever beside a direct read or a direct write of the same node, without any other node taking part. With this symbol the order is i_sem, then the lock of the file system, everywhere. generic_file_write_nolock() takes direct writes as well, and does not let i_sem go. generic_file_read_nolock() takes no lock: a truncate has the lock of the file system exclusively, and a direct read has it too.',
		files: [
			'vfs/mm/filemap.ts',
			'vfs/fs/buffer.ts',
			'vfs/kernel/ksyms.ts',
			'ogfs/fs/ops_file.ts',
			'ogfs/fs/ops_address.ts',
		],
		exports: ['generic_file_read_nolock', 'generic_direct_IO_nolock'],
		depends: ['GENERIC_FILE_WRITE_NOLOCK'],
		history: 'found by this project (S86, S127, S128); B. Marzinski, for GFS2 (c7b3383437ff)',
		fate: '2.6.9 has DIO_NO_LOCKING (blockdev_direct_IO_no_locking()) for the read, and generic_file_write_nolock() for the write; in 6.18 ->read_iter and ->write_iter take the locks that they want',
	},
	{
		name: 'DIRTY_AFTER_FLUSH',
		hook: 'H55',
		kind: 'repair',
		side: 'VM',
		title: 'an unmap marks a page dirty after the TLBs are flushed',
		help: 'An unmap moves the dirty bit of a pte to the page. 2.4.22 gathers the ptes, flushes the TLBs, and then marks the pages and frees them; its profile has the symbol. Without it, as in 2.6, the page is marked when its pte is taken out, and the TLBs are flushed at the end. A processor that knows the pte to be dirty still stores to the page in between, and does not mark anything. If another task writes the page out in between, which clears the mark, that store is in no dirty page: the revoke has nothing to write, and drops it.',
		files: ['vfs/include/asm/tlb.ts', 'vfs/mm/memory.ts'],
		depends: ['TLB_FLUSH_SYNC'],
		history:
			'so in 2.4.22; zap_pte_range() of 2.6.0 to 3.14 calls set_page_dirty() before the flush',
		fate: 'L. Torvalds, April 2014: flushed before page_table_lock is let go if a dirty pte was gathered (1cf35d47712d, 3.15); still there in 6.18',
	},
	{
		name: 'MSYNC_ASYNC_MARKS',
		hook: 'H56',
		kind: 'repair',
		side: 'VM',
		title: 'msync(MS_ASYNC) marks pages dirty and starts no write',
		help: 'msync() collects the dirty bits of the ptes. 2.4.22 then takes i_sem and starts to write the file, also with MS_ASYNC. With this symbol, as in 2.6, only MS_SYNC does; the pages stay marked until the file is written for another reason. So a store beside msync(MS_ASYNC) and a revoke is not lost in 2.6, though 2.6 marks pages before it flushes the TLBs (DIRTY_AFTER_FLUSH): no task clears the mark (S37).',
		files: ['vfs/mm/msync.ts'],
		history:
			'A. Morton, 2003: the comment of sys_msync() of 2.6.9 says that MS_ASYNC started a write up to 2.5.67',
		fate: 'MS_ASYNC does nothing at all since dirty pages are tracked by faults (2.6.19)',
	},
	{
		name: 'DIRTY_BY_PAGE',
		hook: 'H64',
		kind: 'repair',
		side: 'VM',
		title: 'a write makes the page dirty, not only its buffer',
		help: 'generic_commit_write() of 2.4.22 marks the buffer of the page dirty, puts it on i_dirty_data_buffers of the inode, and leaves the page clean. block_write_full_page() does the same with the last page of a file, if the file ends inside it. filemap_fdatasync() looks for dirty pages, and so writes neither. truncate_inode_pages() throws dirty buffers away. So a revoke that writes the dirty pages of a file and drops its cache loses what write() has written (S148), and each store to the last page (S149). With this symbol the page is dirty as well, and is written in one piece. OGFS_SYNC_BUFFERS does without it: the file system then writes the buffers itself.',
		files: ['vfs/fs/buffer.ts', 'vfs/mm/filemap.ts', 'vfs/mm/vmscan.ts', 'vfs/fs/ext2/file.ts'],
		alternatives: ['OGFS_SYNC_BUFFERS'],
		history: 'so in 2.6.9: mark_buffer_dirty() marks the page of the buffer too',
		fate: 'mark_buffer_dirty() of 6.18 marks the folio',
	},
	{
		name: 'PAGECACHE_TAGS',
		hook: 'H66',
		kind: 'repair',
		side: 'VM',
		title: 'dirty pages, and pages under I/O, are found by tags and not by lists',
		help: 'filemap_fdatasync() of 2.4.22 takes a page off the list of dirty pages before it locks it, and filemap_fdatawait() takes it off the list of locked ones before it waits. A second caller finds the lists empty, and returns before the page is on the disk (S65). With this symbol, as in 2.6.9, a page has the tag of dirty pages until the disk gets it, and that of pages under I/O until the disk is done: each caller finds it, and waits. A revoke may then call the two as they are, without OGFS_SYNC_PAGES.',
		files: ['vfs/mm/filemap.ts', 'vfs/fs/mpage.ts', 'vfs/fs/buffer.ts'],
		depends: ['DIRTY_BY_PAGE'],
		alternatives: ['OGFS_SYNC_PAGES', 'WRITE_MAPPING_RANGE'],
		history: 'so in 2.6.9: mpage_writepages() and wait_on_page_writeback_range()',
		fate: 'still so in 6.18, as marks of an xarray',
	},
	{
		name: 'MAYBE_MKWRITE',
		hook: 'H67',
		kind: 'repair',
		side: 'VM',
		title: 'a write that ptrace forces leaves the pte of a read-only mapping read-only',
		help: 'ptrace() may write into a mapping that its process may only read. In 2.4.22 the fault makes the pte writable, and from then on the process can store there as well (S151). With this symbol, as in 2.6.9, maybe_mkwrite() asks the mapping. get_user_pages() then looks, after the fault, for any page at that address (lookup_write), as the pte will never be writable. If an unmap and a read fault of a sibling come in between, that is the page of the file, and the tracer writes into the file (S152). No proposed column has it: no cluster is needed for either.',
		files: ['vfs/mm/memory.ts'],
		history: 'so in 2.6.9: maybe_mkwrite(), and lookup_write in get_user_pages()',
		fate: 'lookup_write went with 4ceb5db9757a (2005); S152 is the fault that 19be0eaffa3a closed in 2016',
	},
	{
		name: 'MMAP_LOCKED',
		hook: 'H68',
		kind: 'repair',
		side: 'VM',
		title: 'mmap() with MAP_LOCKED locks what it maps',
		help: 'calc_vm_flags() of 2.4.22 does not look at MAP_LOCKED: the mapping is made, and may be paged out. With this symbol, as in 2.6.9, it is as after mlock(): its pages are brought in, the pageout daemon leaves them alone, and msync(MS_INVALIDATE) says EBUSY (S153). No proposed column has it: it is a promise to one program, and a revoke unmaps locked memory in any case (S30).',
		files: ['vfs/mm/mmap.ts'],
		history: 'so in 2.6.9: do_mmap_pgoff()',
		fate: 'still so in 6.18',
	},
]);
