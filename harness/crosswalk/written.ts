// SPDX-License-Identifier: GPL-2.0-only
/**
 * What the port writes in another way than C: conditions (if), assignments to fields (set), loops
 * and returns that only one side has, and what both have, but under another condition (@ under) or
 * with another value (@ with). For each function how many, in the notation of docs/crosswalk.md;
 * the reasons stand for groups of functions.
 */
export const WRITTEN: readonly { reason: string; rows: Readonly<Record<string, string>> }[] = [
	{
		reason:
			'one flat page table, so that loops over directories and their bounds are missing; bits of a pte are apart from its page',
		rows: {
			'vfs/mm/filemap.ts filemap_sync': '- if x5, loop x2; @ with',
			'vfs/mm/filemap.ts filemap_sync_pte': '+ pte_dirty, pte_mkclean',
			'vfs/mm/memory.ts copy_page_range':
				'- loop x2, if x5; + if x2, pte_wrprotect; @ with, under x8',
			'vfs/mm/memory.ts follow_page': '- if; @ with',
			'vfs/mm/memory.ts handle_mm_fault': '- if x2',
			'vfs/mm/memory.ts zap_page_range': '- loop x2, if x3; + loop, if x2',
			'vfs/mm/memory.ts zap_pte_range':
				'- tlb_remove_page; + if, tlb_remove_page; @ with, under x2',
			'vfs/mm/mprotect.ts change_protection': '- loop, if x2',
			'vfs/mm/mprotect.ts change_pte_range': '- if; @ with',
			'vfs/mm/mremap.ts copy_one_pte': '- if',
			'vfs/mm/mremap.ts move_one_page': '- if; @ with x3',
			'vfs/mm/mremap.ts move_page_tables': '@ with',
			'vfs/mm/vmscan.ts swap_out_vma': '- loop x3, if x12',
		},
	},
	{
		reason: 'names, rights and limits are left out, and errors are returned where they are found',
		rows: {
			'vfs/fs/attr.ts inode_setattr': '- if',
			'vfs/fs/attr.ts notify_change': '- if x3',
			'vfs/fs/namei.ts sys_link': '- if x2; + if x2; @ with',
			'vfs/fs/namei.ts vfs_link': '- if x2',
			'vfs/fs/open.ts do_sys_ftruncate': '- if x2; @ with',
			'vfs/fs/open.ts do_truncate': '- set',
			'vfs/fs/open.ts fget': '+ if',
			'vfs/fs/open.ts get_empty_filp': '- loop, if',
			'vfs/fs/open.ts sys_close': '- return',
			'vfs/fs/open.ts sys_open': '+ if x3, return x2, set x5; @ under',
		},
	},
	{
		reason:
			'the pages of a file are an array, in C a hash and lists that are walked until they are empty',
		rows: {
			'vfs/mm/filemap.ts __add_to_page_cache': '- set; + set x3; @ with',
			'vfs/mm/filemap.ts __grab_cache_page': '- loop, if x3; @ with x5',
			'vfs/mm/filemap.ts filemap_fdatasync': '- set; + loop, if x3',
			'vfs/mm/filemap.ts filemap_fdatawait': '- set; + loop, if x3',
			'vfs/mm/filemap.ts invalidate_inode_pages': '- if; + if',
			'vfs/mm/filemap.ts invalidate_inode_pages2': '- loop x2, if x2',
			'vfs/mm/filemap.ts invalidate_this_page2': '+ if',
			'vfs/mm/filemap.ts page_cache_read': '- if, return; + loop, return; @ with',
			'vfs/mm/filemap.ts remove_inode_page': '+ set x2',
			'vfs/mm/filemap.ts set_page_dirty': '- if, set; @ with',
		},
	},
	{
		reason:
			'one swap area: no list of areas, no search from where the last one ended, no overflow of a count',
		rows: {
			'vfs/mm/swapfile.ts can_share_swap_page': '@ under',
			'vfs/mm/swapfile.ts exclusive_swap_page': '- if; + if; @ with',
			'vfs/mm/swapfile.ts free_swap_and_cache': '- if x2; + if x2; @ with',
			'vfs/mm/swapfile.ts get_swap_page': '- if x6, loop, set x2; @ with',
			'vfs/mm/swapfile.ts remove_exclusive_swap_page':
				'- if x2, return; + if, return x2; @ under, with x2',
			'vfs/mm/swapfile.ts scan_swap_map': '- loop x3, if x2',
			'vfs/mm/swapfile.ts swap_duplicate': '- set, loop; + return; @ with',
			'vfs/mm/swapfile.ts swap_entry_free': '- if; @ with',
			'vfs/mm/swapfile.ts swap_free': '- if; @ with',
			'vfs/mm/swapfile.ts swap_info_get': '- return, if, set',
		},
	},
	{
		reason: 'one kiobuf, whose pages are transferred as a whole: no blocks, no parts of a page',
		rows: {
			'vfs/fs/buffer.ts brw_kiovec': '- if x13, loop x3, set; + set x2',
			'vfs/fs/buffer.ts generic_direct_IO': '- loop, if x4, set x2; + if; @ under',
			'vfs/fs/iobuf.ts alloc_kiovec': '- loop, if',
			'vfs/fs/iobuf.ts end_kio_request': '- if',
			'vfs/fs/iobuf.ts free_kiovec': '- loop, if',
			'vfs/fs/iobuf.ts kiobuf_wait_for_io': '- loop, if',
			'vfs/mm/memory.ts map_user_kiobuf': '- set x3, loop, if; + set',
			'vfs/mm/memory.ts mark_dirty_kiobuf': '- if x2; @ with',
			'vfs/mm/memory.ts unmap_kiobuf': '- if, set x2; @ with',
		},
	},
	{
		reason:
			'the struct of a task stays, and its tables are arrays; who is the last is asked in an if',
		rows: {
			'vfs/kernel/exit.ts __exit_mm': '+ loop',
			'vfs/kernel/exit.ts close_files': '- loop, if x2; + set',
			'vfs/kernel/exit.ts do_exit': '- if x2, set, loop',
			'vfs/kernel/fork.ts copy_files': '- if x3, set x3; + set; @ with',
			'vfs/kernel/fork.ts copy_mm': '- set x2, if; @ with x3',
			'vfs/kernel/fork.ts do_fork': '- if x4, set x4, loop x2; @ with',
			'vfs/kernel/fork.ts dup_mmap': '- set x2, if x2; + set x3, if x2; @ with',
			'vfs/kernel/fork.ts mmput': '- if; + set, if',
		},
	},
	{
		reason:
			'one list of mappings without a tree, and a share list that is walked where C has a pointer back',
		rows: {
			'vfs/mm/mmap.ts __remove_shared_vm_struct': '- if x2; + if x4, set x4, loop',
			'vfs/mm/mmap.ts __vma_link_file': '- if x2; + if x2, set x2; @ with',
			'vfs/mm/mmap.ts __vma_link_list': '- if x2, set; + if x4, return, loop; @ with x3',
			'vfs/mm/mmap.ts find_vma': '- if x6, loop; + loop',
			'vfs/mm/mmap.ts find_vma_prev': '- if x4, loop',
			'vfs/mm/mmap.ts lock_vma_mappings': '- if; @ with',
			'vfs/mm/mmap.ts unlock_vma_mappings': '- if; @ with',
			'vfs/mm/mmap.ts vma_merge': '- if x2; + if x3, return x2; @ under x19',
		},
	},
	{
		reason:
			'limits are left out; how much was written is counted instead of subtracted; a file is reached without its mapping',
		rows: {
			'vfs/mm/filemap.ts do_generic_direct_write': '- if x4; + if; @ with x3',
			'vfs/mm/filemap.ts do_generic_file_write': '- if x10, return, loop x2; + if x11; @ with',
			'vfs/mm/filemap.ts do_odirect_fallback': '+ if; @ with',
			'vfs/mm/filemap.ts generic_file_direct_IO': '- if x12, loop; + if x5, return; @ with x3',
			'vfs/mm/filemap.ts generic_file_write': '- if; + if x2; @ with x6',
			'vfs/mm/filemap.ts precheck_file_write': '- if x8',
		},
	},
	{
		reason:
			'the fields that C assigns to the new mapping are assigned by a function that both files share; the shared list is asked for in the locks',
		rows: {
			'vfs/mm/mlock.ts mlock_fixup_end': '+ set x3; @ with x3',
			'vfs/mm/mlock.ts mlock_fixup_middle': '+ set x2; @ with x4',
			'vfs/mm/mlock.ts mlock_fixup_start': '+ set x2; @ with x3',
			'vfs/mm/mprotect.ts mprotect_fixup_end': '+ set x3; @ with x4',
			'vfs/mm/mprotect.ts mprotect_fixup_middle': '- set; + set x3; @ with x5',
			'vfs/mm/mprotect.ts mprotect_fixup_start': '+ set x2; @ under x20',
		},
	},
	{
		reason:
			'errors are returned where they are found; what C keeps in variables is read from the mapping',
		rows: {
			'vfs/mm/mlock.ts do_mlock': '@ with',
			'vfs/mm/mlock.ts sys_mlock': '- if; @ with',
			'vfs/mm/mlock.ts sys_munlock': '@ with',
			'vfs/mm/mprotect.ts mprotect_fixup': '+ if x3; @ with, under x2',
			'vfs/mm/mprotect.ts mprotect_fixup_all': '@ under x10',
			'vfs/mm/mprotect.ts sys_mprotect': '- if x3; + if x4; @ with x4, under x2',
		},
	},
	{
		reason: 'each file has all operations, and areas are not verified',
		rows: {
			'vfs/fs/read_write.ts sys_pread': '- if x4',
			'vfs/fs/read_write.ts sys_pwrite': '- if x4',
			'vfs/fs/read_write.ts sys_read': '- if x4',
			'vfs/fs/read_write.ts sys_write': '- if x4',
			'vfs/mm/filemap.ts generic_file_mmap': '- if x2, return; @ under',
		},
	},
	{
		reason:
			'which page, mapping and address space is next is a free choice, not a walk with counts',
		rows: {
			'vfs/mm/vmscan.ts kswapd':
				'- set; + loop x5, if x6, pte_present, PageLaunder x2, is_page_cache_freeable x2, PageLocked x2',
			'vfs/mm/vmscan.ts shrink_cache': '- loop, if x9; + if x5',
			'vfs/mm/vmscan.ts swap_out': '- loop, if x2',
			'vfs/mm/vmscan.ts swap_out_mm': '- if x3, loop',
			'vfs/mm/vmscan.ts try_to_swap_out': '- loop x6; + if x13, set_pte x2; @ under x2, with x4',
		},
	},
	{
		reason: 'of two errors C keeps the first in a variable; a file is reached without its dentry',
		rows: {
			'vfs/fs/buffer.ts do_fdatasync': '- if x2; + if x2',
			'vfs/fs/buffer.ts sys_fdatasync': '@ with x2',
			'vfs/fs/buffer.ts sys_fsync': '- if x4; + if x2; @ with x2',
			'vfs/mm/msync.ts msync_interval': '- if x6; + if x3; @ with x2',
		},
	},
	{
		reason: 'a pte is a page and bits, C compares and writes one word',
		rows: {
			'vfs/include/asm/pgtable.ts pte_modify': '+ pte_dirty',
			'vfs/include/asm/pgtable.ts pte_none': '+ if',
			'vfs/include/asm/pgtable.ts pte_same': '+ if x2',
			'vfs/include/asm/pgtable.ts set_pte': '+ set',
		},
	},
	{
		reason: 'what is one operation of C is written out',
		rows: {
			'vfs/include/linux/highmem.ts copy_user_highpage': '+ set x2, loop',
			'vfs/include/linux/highmem.ts memclear_highpage_flush': '+ loop, if x2, set',
			'vfs/include/linux/mm.ts page_cache_get': '+ set',
			'vfs/include/linux/rwsem.ts init_rwsem': '- set',
		},
	},
	{
		reason:
			'arguments are checked in fewer steps, and flags in a function of their own; limits and MAP_NORESERVE are left out',
		rows: {
			'vfs/mm/mmap.ts arch_get_unmapped_area': '- if; + if x3; @ with',
			'vfs/mm/mmap.ts do_mmap_pgoff':
				'- if x10, loop, set x3; + if x15, return, set x2, make_pages_present; @ with x3, under x25',
			'vfs/mm/mmap.ts get_unmapped_area': '+ if, return; @ under',
			'vfs/mm/mmap.ts sys_mmap2': '- if; + if x2',
		},
	},
	{
		reason:
			'the mapping is looked for by find_vma_prev(), the new one is a copy, and what is detached is walked as a list',
		rows: {
			'vfs/mm/mmap.ts do_munmap': '- if x8; + if x9, return x3, set x3; @ with, under x21',
			'vfs/mm/mmap.ts exit_mmap': '@ with x2',
			'vfs/mm/mmap.ts split_vma': '+ set x3',
			'vfs/mm/mmap.ts unmap_fixup': '- set x6',
		},
	},
	{
		reason: 'the entry is the index of the page, and there is one swap area',
		rows: {
			'vfs/mm/page_io.ts rw_swap_page': '+ if; @ with',
			'vfs/mm/page_io.ts rw_swap_page_base': '- if',
			'vfs/mm/swap_state.ts delete_from_swap_cache': '@ with',
			'vfs/mm/swap_state.ts lookup_swap_cache': '- if; + if',
		},
	},
	{
		reason: 'the requests that are left out, and one word at a time',
		rows: {
			'vfs/arch/i386/kernel/ptrace.ts sys_ptrace': '- set x7, if x12, loop; + if x4',
			'vfs/kernel/ptrace.ts access_process_vm':
				'- if x5, return, loop; + return, if x3, set x2; @ with',
			'vfs/kernel/ptrace.ts ptrace_attach': '- if x3, set; + if, return; @ with',
		},
	},
	{
		reason: 'an entry is one int, and the buffer an array',
		rows: {
			'vfs/fs/readdir.ts filldir': '- if x2; @ with x2',
			'vfs/fs/readdir.ts sys_getdents': '+ if, set x2; @ with',
			'vfs/fs/readdir.ts vfs_readdir': '@ with x2',
		},
	},
	{
		reason: 'whether the short way is taken is an argument here, in C the number in the struct',
		rows: {
			'vfs/include/asm/tlb.ts tlb_finish_mmu': '- set; + if x2, set x2; @ with',
			'vfs/include/asm/tlb.ts tlb_gather_mmu': '- set x2',
			'vfs/include/asm/tlb.ts tlb_remove_page': '- if x2, set; + if, set; @ with x2',
		},
	},
	{
		reason:
			'position and count are kept apart from the descriptor; reading ahead and rates are left out',
		rows: {
			'vfs/mm/filemap.ts do_generic_file_read':
				'- if x10, set x2, loop x3; + if x12; @ with x2, under',
			'vfs/mm/filemap.ts file_read_actor': '- if x2, set x4',
			'vfs/mm/filemap.ts generic_file_read': '- if x2, set x4, loop; + if; @ with x5',
		},
	},
	{
		reason: 'what is repeated is a loop here and gotos in C; the second attempt is a function',
		rows: {
			'vfs/mm/filemap.ts filemap_getpage': '- loop; + if x5; @ under x9',
			'vfs/mm/filemap.ts filemap_nopage': '- if x5, loop; + if x9; @ with, under x11',
			'vfs/mm/filemap.ts filemap_populate': '- if; + if, loop; @ under',
		},
	},
	{
		reason:
			'a pte is passed by itself, from which page and bits are read; in C the value was read before',
		rows: {
			'vfs/mm/memory.ts do_file_page': '- if; @ with',
			'vfs/mm/memory.ts do_wp_page': '- set; @ with x8',
			'vfs/mm/memory.ts handle_pte_fault': '@ with x4',
		},
	},
	{
		reason: 'lists may be empty when they are walked; each branch sets the size itself',
		rows: {
			'vfs/mm/memory.ts unmap_mapping_range': '- if, set x2; + if, set x2',
			'vfs/mm/memory.ts vmtruncate': '- if x7, ->truncate; + set i_size; @ with x4',
			'vfs/mm/memory.ts vmtruncate_list': '+ if; @ with x2',
		},
	},
	{
		reason: 'a node has one gather for the ptes that are taken out, for which the next waits',
		rows: {
			'vfs/mm/memory.ts unmap_mapping_range': '+ if',
		},
	},
	{
		reason: 'one flat page table; a file pte is one of its own kind',
		rows: {
			'vfs/mm/fremap.ts install_file_pte': '- if x2',
			'vfs/mm/fremap.ts install_page': '- if x2; + spin_unlock page_table_lock, return; @ under x3',
			'vfs/mm/fremap.ts zap_pte': '+ if',
		},
	},
	{
		reason: 'which signals there are is not asked; a process that is not there is told before',
		rows: {
			'vfs/kernel/signal.ts send_sig_info': '- if x3; + set',
			'vfs/kernel/signal.ts sys_kill': '+ if',
		},
	},
	{
		reason: 'which of the neighbours grows is one decision here, and a chain of tests in C',
		rows: {
			'vfs/mm/mremap.ts do_mremap': '- if x5, return x3; + if x3, return; @ with x2, under x11',
			'vfs/mm/mremap.ts move_vma': '- set, if x2; + if x2; @ under x23, with x3',
		},
	},
	{
		reason:
			"the kernel's own faults are left out; the branches that lead to a signal stand behind each other",
		rows: {
			'vfs/arch/i386/mm/fault.ts do_page_fault':
				'- if x8, loop x2, handle_mm_fault, set x2; + if, handle_mm_fault, return',
		},
	},
	{
		reason:
			'the pages of a file are an array; C walks lists, with start and partial in each, and begins anew',
		rows: {
			'vfs/mm/filemap.ts truncate_inode_pages': '- loop x2, if x7; + if',
		},
	},
	{
		reason: 'the window that grows with sequential reads is left out',
		rows: {
			'vfs/mm/filemap.ts generic_file_readahead': '- if x12, loop; + if',
		},
	},
	{
		reason: 'the inner loop of C begins anew here, and there are no vmas to return',
		rows: {
			'vfs/mm/memory.ts get_user_pages': '- if x8, loop x4; + if x5, loop; @ with x6',
		},
	},
	{
		reason: 'a read gets a page of its own, so that the bits are chosen in one place',
		rows: {
			'vfs/mm/memory.ts do_anonymous_page': '- pte_wrprotect, if; + if, pte_wrprotect',
		},
	},
	{
		reason: 'the branch that gives up stands first, and the loop is for CONFIG_TRUNCATE_COUNT',
		rows: {
			'vfs/mm/memory.ts do_no_page':
				'- if, do_anonymous_page, return x4, spin_unlock page_table_lock; + loop, if x3, return x2, page_cache_release, spin_unlock page_table_lock; @ under x3',
		},
	},
	{
		reason:
			'the checks of 2.6.9 are made one by one, and the lock is taken for writing from the beginning',
		rows: {
			'vfs/mm/fremap.ts sys_remap_file_pages':
				'- loop, if x3; + if x15, return x2; @ with, under x7',
		},
	},
	{
		reason:
			'no buffers: a page of a file is one block, whose state is bits of the page, and one request for the disk',
		rows: {
			'vfs/fs/buffer.ts brw_page': '- if, loop; + set',
			'vfs/fs/buffer.ts block_read_full_page': '- if x2, loop; + if, return',
			'vfs/fs/buffer.ts block_truncate_page': '- if, loop; + set x2, return; @ with x2',
			'vfs/fs/buffer.ts block_write_full_page': '- if x3, loop, return; + if x3',
			'vfs/fs/buffer.ts block_prepare_write': '- if x12, loop x2; + set x2, return x3; @ under x4',
			'vfs/fs/buffer.ts generic_commit_write': '- if x4, loop; + set',
		},
	},
	{
		reason: 'who waits is a condition here, in C a queue that is woken',
		rows: {
			'vfs/arch/i386/mm/fault.ts force_sig_info': '+ set',
			'vfs/include/linux/pagemap.ts wait_on_page': '- loop',
			'vfs/mm/filemap.ts lock_page': '- loop',
		},
	},
	{
		reason: 'one node, no zones, and whether memory is short is a choice',
		rows: {
			'vfs/mm/page_alloc.ts balance_classzone': '- set x2',
			'vfs/mm/page_alloc.ts __alloc_pages': '- if x13, loop, return x7',
			'vfs/mm/page_alloc.ts alloc_page': '+ if, set',
			'vfs/mm/page_alloc.ts page_cache_release': '+ if, set, return',
			'vfs/mm/swapfile.ts vm_swap_full': '+ if, loop',
		},
	},
	{
		reason: 'all processors are looked at in one step, where C sends interrupts to the others',
		rows: {
			'vfs/include/asm/tlb.ts flush_tlb_page': '+ if, loop',
			'vfs/include/asm/tlb.ts flush_tlb_mm': '+ if, loop x2',
		},
	},
];
