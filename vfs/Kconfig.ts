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

/** What is known about one symbol, for people. */
export interface KconfigSymbol {
	/** as on the command line */
	name: string;
	/** its number in the list of hooks, H1..H29 */
	hook: string;
	/**
	 * VM: proposed for the kernel. FS: what the file system must do for the hooks to mean
	 * anything.
	 */
	side: 'VM' | 'FS';
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
		side: 'VM',
		title: 'do_no_page notices an unmap that ran while it was in ->nopage',
		help: 'A counter in the address_space, changed before every unmap of the file. do_no_page reads it before it calls ->nopage and again under page_table_lock before it installs the pte; when it changed, it lets the page go and calls ->nopage again. Only as good as ->nopage: the second call must wait until the revoke has ended (OGFS_BLOCK_FAULTS_FIRST).',
		files: ['vfs/mm/memory.ts', 'vfs/include/linux/fs.ts'],
		exports: [
			'truncate_count_read',
			'truncate_count_is',
			'truncate_count_put',
			'truncate_count_inc',
			'address_space.truncate_count',
		],
		alternatives: ['NOPAGEDONE', 'VM_DO_NO_PAGE', 'NOPAGE_LOCKED'],
		history: 'D. McCracken, June to August 2003, for truncate against fault',
		fate: 'merged in 2.6.0-test3; the fault path stopped comparing it when ->fault returned locked pages',
	},
	{
		name: 'NOPAGEDONE',
		hook: 'H2',
		side: 'VM',
		title: 'vm_ops->nopagedone() tells the file system that the pte is in place',
		help: 'Called on every way out of do_no_page after ->nopage was called, the failing ones included, so that the file system can keep its lock from ->nopage until the pte is installed; and on every way out of do_wp_page after ->page_mkwrite was called.',
		files: ['vfs/mm/memory.ts', 'vfs/include/linux/mm.ts'],
		exports: ['vm_operations_struct.nopagedone'],
		alternatives: ['TRUNCATE_COUNT', 'VM_DO_NO_PAGE', 'NOPAGE_LOCKED'],
		history: 'P. McKenney, 13 May 2003',
		fate: 'not merged',
	},
	{
		name: 'VM_DO_NO_PAGE',
		hook: 'H3',
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
		history: 'D. Phillips, 17 May 2003; P. McKenney as install_new_page(), 30 May 2003',
		fate: 'not merged',
	},
	{
		name: 'NOPAGE_LOCKED',
		hook: 'H4',
		side: 'VM',
		title: '->nopage returns the page locked, and do_no_page unlocks it when the pte is in place',
		help: 'Who takes a page out of the cache locks it, and so waits for a fault that has it in hand; then unmaps it, and then takes it out. Nothing has to be compared, and ->nopage need not wait. A private copy of the page is not unmapped with it: a truncate unmaps once more at the end (TRUNCATE_UNMAP_TWICE). A revoke that gives the lock up before it drops the cache has to lock and unmap each page before that (OGFS_SYNC_PAGES). page_mkwrite returns the page locked as well, for the same reason, but is called with the page unlocked: the file system locks a resource group, say, before a page, in a write as here (S109), and then looks whether the page is still one of the file.',
		files: ['vfs/mm/memory.ts', 'vfs/mm/filemap.ts', 'ogfs/fs/glops.ts', 'ogfs/fs/ops_vm.ts'],
		exports: ['unmap_locked_page'],
		alternatives: ['TRUNCATE_COUNT', 'NOPAGEDONE', 'VM_DO_NO_PAGE'],
		history: 'N. Piggin, 2006 and 2007 (VM_CAN_INVALIDATE, then VM_FAULT_LOCKED)',
		fate: 'merged in 2.6.23 with ->fault, for page_mkwrite in 2.6.30; truncate_count lost its meaning for faults',
	},
	{
		name: 'INVALIDATE_MMAP_RANGE',
		hook: 'H5a',
		side: 'VM',
		title: 'invalidate_mmap_range() is exported: a file system can unmap a file everywhere',
		help: 'Unmaps a range of a file from every page table of this node, by walking both share lists. Without it a revoke leaves the ptes where they are.',
		files: ['vfs/mm/memory.ts', 'vfs/kernel/ksyms.ts'],
		exports: ['invalidate_mmap_range', 'invalidate_mmap_range_list', 'unmap_mapping_range'],
		history: 'zap_inode_mapping for OpenGFS, 2.4.9-ac; P. McKenney, 13 May 2003',
		fate: 'merged in 2.6.0-test3; unmap_mapping_range(.., even_cows) since 2004',
	},
	{
		name: 'EVEN_COWS',
		hook: 'H5b',
		side: 'VM',
		title: 'unmap_mapping_range(.., even_cows): a revoke leaves private copies alone',
		help: "A private page that was written to is the process's own, in memory or in swap. invalidate_mmap_range() unmaps it with the pages of the file, and the next access finds the file again: what was stored is gone. With even_cows 0 only pages of the file are unmapped. A page that has left the cache counts as none, so that unmapping must come first (OGFS_DROP_LAST). truncate passes 1: what is behind the end goes, copies too.",
		files: ['vfs/mm/memory.ts', 'vfs/kernel/ksyms.ts', 'ogfs/fs/glops.ts'],
		exports: ['unmap_mapping_range'],
		depends: ['INVALIDATE_MMAP_RANGE'],
		history: 'P. McKenney and D. Phillips, February 2004; merged by H. Dickins',
		fate: 'merged before 2.6.7; still there',
	},
	{
		name: 'PAGE_MKWRITE',
		hook: 'H6',
		side: 'VM',
		title: 'vm_ops->page_mkwrite() before a page of a shared mapping becomes writable',
		help: 'A write fault on a shared mapping asks the file system, which may sleep for its exclusive lock, and then makes the page in the page cache writable. Without it do_wp_page copies the page, as 2.4.22 does without looking at VM_SHARED: the store goes to a private page.',
		files: ['vfs/mm/memory.ts', 'vfs/include/linux/mm.ts'],
		exports: ['vm_operations_struct.page_mkwrite'],
		depends: ['SHARED_PROT_RO'],
		history: 'do_wp_page hook, RFC of February 2004; D. Howells from October 2004',
		fate: 'merged as page_mkwrite (2.6.18)',
	},
	{
		name: 'SHARED_PROT_RO',
		hook: 'H7',
		side: 'VM',
		title: 'a read fault on a shared writable mapping installs a read-only pte',
		help: 'mmap takes the write permission out of vm_page_prot when the mapping has page_mkwrite, so that the first store traps. mprotect does the same: without that half it makes every pte of a shared mapping writable, and asks nobody. Without it even a read fault installs a writable pte, and the state "shared, all ptes read-only" cannot exist.',
		files: ['vfs/mm/mmap.ts', 'vfs/mm/mprotect.ts'],
		depends: ['PAGE_MKWRITE'],
		history: 'part of page_mkwrite',
		fate: 'merged with it (vma_wants_writenotify)',
	},
	{
		name: 'WRPROTECT_MAPPING_RANGE',
		hook: 'H8',
		side: 'VM',
		title: 'wrprotect_mapping_range(): a downgrade keeps the mapping readable',
		help: 'Write-protects a range of a file in every page table of this node and collects the dirty bits. Without it a downgrade from exclusive to shared unmaps the file: correct, and every reader faults again.',
		files: ['vfs/mm/memory.ts', 'vfs/kernel/ksyms.ts'],
		exports: ['wrprotect_mapping_range'],
		depends: ['PAGE_MKWRITE', 'INVALIDATE_MMAP_RANGE'],
		history: 'the mail of 20 August 2003 asks for it ("page table write protect")',
		fate: 'page_mkclean() does it page by page since 2.6.19',
	},
	{
		name: 'WRITE_MAPPING_RANGE',
		hook: 'H9',
		side: 'VM',
		title: 'write_mapping_range() writes the dirty pages of a range, and waits for all of them',
		help: 'What filemap_fdatasync() and filemap_fdatawait() do for a whole file, for a range, and page by page: whoever else is writing a page is waited for, which the lists of 2.4.22 do not tell. With locks of whole files it does what OGFS_SYNC_PAGES does in the file system.',
		files: ['vfs/mm/filemap.ts', 'vfs/kernel/ksyms.ts', 'ogfs/fs/glops.ts'],
		exports: ['write_mapping_range'],
		alternatives: ['OGFS_SYNC_PAGES'],
		history: 'D. Phillips, RFC of February 2004 (the optimal interface)',
		fate: 'filemap_write_and_wait_range()',
	},
	{
		name: 'EVICT_MAPPING_RANGE',
		hook: 'H10',
		side: 'VM',
		title: 'evict_mapping_range() unmaps the pages of a range and drops them',
		help: 'truncate_inode_pages() for a range, that unmaps first: no page that is dropped stays mapped, in whatever order the file system works. Dirty pages are dropped as well; to write them before is for the caller, who has blocked faults and unmapped.',
		files: ['vfs/mm/filemap.ts', 'vfs/kernel/ksyms.ts', 'ogfs/fs/glops.ts'],
		exports: ['evict_mapping_range'],
		depends: ['INVALIDATE_MMAP_RANGE'],
		alternatives: ['OGFS_DROP_LAST'],
		history: 'D. Phillips, RFC of February 2004 (the optimal interface)',
		fate: 'truncate_pagecache_range()',
	},
	{
		name: 'FORK_CHILD_AFTER_PARENT',
		hook: 'H12',
		side: 'VM',
		title: 'fork puts the mapping of the child behind that of the parent on the share list',
		help: 'fork puts each mapping of the child on the share list of its file and then copies the ptes of the parent. A walk of the list comes to the parent first, as in 2.4.22 (whose profile has the symbol): what it takes out there is not copied, and what was copied before it finds in the child. Without the symbol the child is before the parent, as in 2.6.0: a revoke passes the child while it is empty; then fork copies a pte; then the revoke takes out that of the parent. The child keeps its own, for ever.',
		files: ['vfs/kernel/fork.ts'],
		history: 'H. Dickins, March 2004, for 2.6',
		fate: 'merged before 2.6.5; vma_prio_tree_add() keeps the order',
	},
	{
		name: 'MREMAP_LINK_FIRST',
		hook: 'H13',
		side: 'VM',
		title: 'mremap makes the new mapping visible before it moves the ptes',
		help: '2.4.22 moves the ptes to their new addresses, one by one, then puts the new mapping on the share list, and flushes the TLBs of the old addresses when all are moved. A revoke in between looks for the ptes where they no more are: a page of a file stays mapped after the lock was given up. (A processor of a sibling may also still store through its TLB: a revoke that finds no pte at the old address flushes nothing.) With this symbol the new mapping is on the share list first, and each pte moves under the lock of that list. And the flags of the old mapping are read before it can be merged with a neighbour, not after, when it may be freed.',
		files: ['vfs/mm/mremap.ts'],
		history: 'R. Venkatasubramanian, H. Dickins, February and March 2004, for 2.6',
		fate: 'merged before 2.6.5 (copy_vma, move_one_page)',
	},
	{
		name: 'SPLIT_UNDER_SHARE_LOCK',
		hook: 'H15',
		side: 'VM',
		title: 'a mapping is cut in two under the lock of the share list',
		help: 'munmap of a part (with MUNMAP_ZAP_FIRST), mprotect and mlock of a part cut a mapping in two. With this symbol the first part shrinks and the second becomes visible under one hold of the lock that a walk of the share list takes. Without it, as in 2.6.0-test1 to test8, the mapping shrinks before the lock is taken: a revoke that walks the list in between takes the ptes of one part out and leaves those of the other, for ever. 2.4.22 cuts vm_start and vm_end under the lock, so that its profile has the symbol; it moves vm_pgoff before (VM_PGOFF_UNDER_SHARE_LOCK).',
		files: ['vfs/mm/mmap.ts', 'vfs/mm/mprotect.ts', 'vfs/mm/mlock.ts'],
		history: 'R. Venkatasubramanian, October 2003, for 2.6',
		fate: 'merged in 2.6.0-test9',
	},
	{
		name: 'NOFAULT_COPY',
		hook: 'H19',
		side: 'VM',
		title: 'read and write copy with faults disabled; locks are let go before a fault',
		help: 'The buffer of a read() or write() may be in a mapping. Its first and last byte are touched before the page is locked, but the file system holds its lock by then, and the page may be gone again when the copy is made: the fault then wants mmap_sem, the lock of the file system for the file behind the buffer, and perhaps the very page lock that the writer holds. With this symbol the copy fails instead of faulting (pagefault_disable()); the page, and in the file system the lock, are let go; the buffer is faulted in with no lock held, and the call tries again. A direct transfer (O_DIRECT) looks up only what is mapped, and goes back in the same way.',
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
		side: 'VM',
		title: '->readpage may unlock the page, and its caller looks for it again',
		help: 'Whoever reads a page into the cache locks it and then calls ->readpage. A file system that takes its lock there takes it under the page lock. A revoke takes them the other way round: it has the lock of the file system, and waits for each page that it writes out or drops. With this symbol ->readpage may let the page lock go, wait, and return AOP_TRUNCATED_PAGE; filemap_nopage(), do_generic_file_read() and page_cache_read() then look for the page again. A file system that has its lock before it calls the generic functions, as that of the mail, does not need it.',
		files: ['vfs/mm/filemap.ts', 'vfs/include/linux/fs.ts', 'ogfs/fs/ops_address.ts'],
		history: 'Z. Brown, December 2005, for OCFS2',
		fate: 'merged in 2.6.16; gone with ->readpage in 5.19 (->read_folio)',
	},
	{
		name: 'DIO_WAIT',
		hook: 'H23',
		side: 'VM',
		title: 'a file counts its pages that are held for a transfer, and a revoke waits for them',
		help: 'get_user_pages() looks a page up and takes a reference, no more: its ptes may go, and the page may leave its file, while a device still writes to it. That is so for the buffer of a read(2) of a file opened with O_DIRECT, and for ptrace. With this symbol the address_space counts such pages from the look-up, under page_table_lock, to unmap_kiobuf(); a revoke waits after it has unmapped, when no page can be added any more, until there is none left. Without it what the device writes is not in the page cache that is written out: the store is lost.',
		files: ['vfs/mm/memory.ts', 'vfs/include/linux/fs.ts', 'ogfs/fs/glops.ts'],
		exports: ['address_space.nr_pinned'],
		depends: ['INVALIDATE_MMAP_RANGE'],
		history:
			'by reading map_user_kiobuf() of 2.4.22; direct reads into file mappings were a topic on linux-kernel',
		fate: 'inode_dio_wait() waits for transfers of the file itself; pages that are a buffer are marked by pin_user_pages(), which a file system can see',
	},
	{
		name: 'TRUNCATE_BARRIERS',
		hook: 'H22',
		side: 'VM',
		title: 'do_no_page loads truncate_count before ->nopage loads i_size',
		help: 'vmtruncate() sets i_size, then changes the counter. A fault loads the counter, then i_size: if it finds the new counter it must not find the old size. Without a barrier a processor may load i_size first (not an i386, whose loads do not pass loads: the weaker processors of the time): the fault is past the end of the file, and nothing has changed since. Where ->nopage takes a lock first, as a cluster file system does, the lock is the barrier.',
		files: ['vfs/mm/memory.ts', 'vfs/mm/filemap.ts'],
		depends: ['TRUNCATE_COUNT'],
		history: 'D. McCracken and A. Morton, June 2003',
		fate: 'merged with truncate_count (smp_rmb in do_no_page)',
	},
	{
		name: 'I_MMAP_NONLINEAR',
		hook: 'H16a',
		side: 'VM',
		title: 'mappings whose pages are in another order are walked pte by pte',
		help: 'remap_file_pages of 2.6 mixes up the order of the pages in a mapping. Without this symbol, as in 2.6.0, a truncate works out from vm_pgoff which addresses to unmap, and misses pages that are mapped elsewhere; and an unmap leaves nothing in a pte that would say which page belongs there, so that the next fault maps the one that was there first. With it such mappings are on a list of their own, each of whose ptes is looked at; a pte that is taken out of one keeps the number of its page; and install_page() maps a page only if it is still of the file.',
		files: ['vfs/mm/fremap.ts', 'vfs/mm/memory.ts', 'vfs/mm/mmap.ts'],
		history: 'H. Dickins, March and April 2004',
		fate: 'merged by 2.6.7; remap_file_pages has been emulated with ordinary mappings since 4.0',
	},
	{
		name: 'POPULATE_RECHECK',
		hook: 'H16',
		side: 'VM',
		title: 'remap_file_pages notices an unmap that ran while it looked for its page',
		help: 'remap_file_pages of 2.6 finds a page and then maps it, as a fault does. Without this symbol install_page() maps the page even if the file was unmapped in between. With it install_page() compares truncate_count, as do_no_page does. That the page is still of the file, which 2.6.9 looks at, does for a truncate and not for a revoke, which drops the page long after it has unmapped it.',
		files: ['vfs/mm/fremap.ts', 'vfs/mm/filemap.ts'],
		depends: ['TRUNCATE_COUNT'],
		alternatives: ['OGFS_POPULATE_LOCKED'],
		history: 'proposed here; 2.6.9 has the look at page->mapping and the size',
		fate: 'not merged; ->populate went with ->fault in 2.6.23',
	},
	{
		name: 'TRUNCATE_UNMAP_TWICE',
		hook: 'H17',
		side: 'VM',
		title: 'a truncate unmaps again when the pages are gone',
		help: 'With NOPAGE_LOCKED in place of TRUNCATE_COUNT a store to a private mapping may copy a page between the unmap and the removal of the page: the copy, which is no page of the file, is mapped behind the end for ever. What can be copied no more can be unmapped for good.',
		files: ['vfs/mm/memory.ts'],
		depends: ['NOPAGE_LOCKED'],
		history: 'N. Piggin, 2006',
		fate: 'merged in 2.6.20 or so; truncate_pagecache() still does it',
	},
	{
		name: 'INVALIDATE_PAGES2_UNMAP',
		hook: 'H18',
		side: 'VM',
		title:
			'invalidate_inode_pages2 unmaps pages, and writes those that are dirty, before it drops them',
		help: '2.4.22 leaves a page that is mapped in the cache, neither dirty nor up to date: its pte may be dirty, and the next reader reads the page from the disk over what was stored. With this symbol the page is locked, unmapped, written if it is dirty, and then dropped.',
		files: ['vfs/mm/filemap.ts'],
		depends: ['EVEN_COWS'],
		history: 'T. Myklebust, A. Morton, Z. Brown, 2005 and 2006, for NFS and direct I/O',
		fate: 'merged: unmap_mapping_range and launder_page in invalidate_inode_pages2_range()',
	},
	{
		name: 'TLB_FLUSH_SYNC',
		hook: 'H25',
		side: 'VM',
		title: 'an unmap gathers its ptes atomically and frees nothing before all TLBs are flushed',
		help: '2.4.22 on SMP takes a short cut when an address space has one user: it reads a pte, clears it with a second access and frees the page before the flush. That is right when the one user itself unmaps. A revoke unmaps on behalf of another node while the one user runs: a store between the read and the clear sets the dirty bit in a pte that is then cleared, and is lost.',
		files: ['vfs/include/asm/tlb.ts'],
		history: 'found by this project; mmu_gather of asm-generic/tlb.h',
		fate: '2.6 takes the short cut only while one processor is online (2.6.9, asm-generic/tlb.h)',
	},
	{
		name: 'MUNMAP_ZAP_FIRST',
		hook: 'H14',
		side: 'VM',
		title: 'munmap and exit take the ptes out before the mapping leaves the share list',
		help: '2.4.22 takes a mapping off the share list of its file and then takes its ptes out. A revoke that walks the list in between does not find them: it gives the lock up while the page is still mapped, perhaps writable and dirty. Of a mapping that is unmapped in part the rest leaves the list as well and comes back at the end: its ptes are then never taken out. With this symbol what is to stay is cut off first and never leaves the list. The same holds for the mappings of a process that exits.',
		files: ['vfs/mm/mmap.ts'],
		history: 'by reading do_munmap() of 2.4.22; the mail leaves munmap out',
		fate: '2.6.9 unmaps the region before it removes the vma',
	},
	{
		name: 'SET_ACCESS_FLAGS',
		hook: 'H31',
		side: 'VM',
		title: 'a fault on a present pte does not write back an old copy of it',
		help: 'A fault that finds its page mapped already (a sibling thread was faster) reads the pte, sets the accessed bit in its copy, and writes the copy back. page_table_lock does not keep the processor of the sibling from setting the dirty bit in between, and the write clears it: when the file is revoked, the page counts as clean. With this symbol the fault leaves the pte alone unless it is a store.',
		files: ['vfs/mm/memory.ts'],
		history: 'found by this project (S66)',
		fate: '2.6 has ptep_set_access_flags(), which on i386 writes only for a store',
	},
	{
		name: 'VM_PGOFF_UNDER_SHARE_LOCK',
		hook: 'H32',
		side: 'VM',
		title: 'the page of the file where a mapping starts moves with its first address',
		help: 'mprotect and mlock of the first part of a mapping, or of its middle, leave the upper part, or the middle, to the old structure. 2.4.22 moves its vm_pgoff, then waits for the lock of the share list, and under it moves vm_start: in between the mapping seems to start with a later page of the file than it does. An unmap of a part of the file works out from vm_pgoff what to unmap: a truncate takes pages out that stay in the file, and with them what was stored to a private mapping; other ranges it misses. With this symbol all three fields change under the lock.',
		files: ['vfs/mm/mmap.ts', 'vfs/mm/mprotect.ts', 'vfs/mm/mlock.ts'],
		depends: ['SPLIT_UNDER_SHARE_LOCK'],
		history: 'found by this project (S73)',
		fate: 'vma_adjust() of 2.6 changes the three together, under the lock (2.6.9)',
	},
	{
		name: 'GENERIC_FILE_WRITE_NOLOCK',
		hook: 'H33',
		side: 'VM',
		title: 'generic_file_write_nolock() is exported: a file system takes i_sem before its own lock',
		help: 'generic_file_write() of 2.4.22 takes i_sem, so that a file system that has to lock the file first takes i_sem under its lock. truncate calls the file system with i_sem held: the other way round. On one node both may have the lock at once; when another node asks for it, who comes next waits, and a write that has the lock and a truncate that has i_sem wait for each other. With this symbol the file system takes i_sem first and writes without generic_file_write(). Direct writes still do not.',
		files: ['vfs/mm/filemap.ts', 'vfs/kernel/ksyms.ts', 'ogfs/fs/ops_file.ts'],
		exports: ['generic_file_write_nolock'],
		history: 'found by this project (S85); lockdep reports it in any test that takes both orders, but in those that docs/lockdep.md names',
		fate: '2.6.0 exports generic_file_write_nolock(); GFS1 on 2.6 takes i_sem first',
	},
	{
		name: 'PAGECACHE_ISIZE_EXTENDED',
		hook: 'H44',
		side: 'VM',
		title: 'what was stored behind the end of a file is zeroed when the file grows over it',
		help: 'The end of a file may lie inside a page that is mapped. What is stored behind it is not written out: block_write_full_page() of 2.4.22 zeroes that part first. But it stays in the page, be it that a program means to, or that its store and a truncate have met; and when the file grows, by truncate or by a write further behind, others see it where the file must be 0. With this symbol the page is locked and the part zeroed before the size changes.',
		files: ['vfs/mm/memory.ts', 'vfs/mm/filemap.ts'],
		history:
			'J. Kara, October 2014 (90a8020278c1), to write-protect that page for file systems with small blocks; B. Foster, September 2024, to zero it',
		fate: 'pagecache_isize_extended() since 3.18; since 6.13 it zeroes what is behind the end (52aecaee1c26), but only where blocks are smaller than a page: with blocks of a page, as here, that is left to the file system and to the write-out',
	},
	{
		name: 'ZERO_NEW_BUFFERS',
		hook: 'H40',
		side: 'VM',
		title: 'a page that was given a block for a write is written, whatever becomes of the copy',
		help: 'A write into a hole takes a block, and the contents of the block are those that it had in another file, or in this one before it was cut. The copy makes the page dirty. With NOFAULT_COPY a copy that is short lets the page go as it is: clean, so that the next who reads the page from the disk, on another node or after it was dropped, reads what was there before. With this symbol such a page is dirty, and all zeros; and a page behind the end of the file, which is not written, loses its block. 2.4.22 commits the zeros that a short copy leaves, and makes the file longer.',
		files: ['vfs/fs/buffer.ts', 'vfs/mm/filemap.ts'],
		depends: ['NOFAULT_COPY'],
		history: 'found by this project (S107); N. Piggin, 2007, for the short copies of 2.6',
		fate: 'merged in 2.6.24: page_zero_new_buffers(), and vmtruncate() behind the end',
	},
]);
