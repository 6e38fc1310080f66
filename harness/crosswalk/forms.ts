// SPDX-License-Identifier: GPL-2.0-only
/**
 * Functions of 2.4.22 that symbols turn into those of 2.6.9: where they are there, and in what they
 * differ, in the notation of docs/crosswalk.md. A function that is not named here has its own name,
 * in its own file, and no differences. A reason that begins with "diverges" is of something that
 * the port does not do as 2.6.9 does, and that may be seen; docs/crosswalk.md lists these.
 *
 * Interface: Form FORM_FROM FORM_OF FORM_FILE formOf formNames divergences
 */
import { type Entry, entryOf } from './doc.ts';

/** The kernel that the port is of, and the one that other forms are of. */
export const FORM_FROM = '2.4.22';
export const FORM_OF = '2.6.9';
export const FORM_FILE = 'harness/crosswalk/forms.ts';

interface Written {
	/** it has become nothing there, and why */
	none?: string;
	file?: string;
	/** its name there */
	as?: string;
	differs?: readonly string[];
}

const FORMS: Readonly<Record<string, Written>> = {
	'vfs/fs/buffer.ts generic_osync_inode': {
		file: 'fs/fs-writeback.c',
		differs: [
			'- set flags x2: the task is not marked as one that writes',
			'filemap_fdatawrite -> filemap_fdatasync: as in 2.4.22',
			'- sync_mapping_buffers, if error: no buffers but those of the pages',
			'@ filemap_fdatasync, filemap_fdatawait: the mapping by its inode',
			'- spin_lock inode_lock, spin_unlock inode_lock, if, write_inode_now, wait_on_inode: no inode is written',
		],
	},
	'vfs/fs/buffer.ts block_write_full_page': {
		differs: [
			'- if x3, __block_write_full_page x2, return: its body for one block stands here',
			'- block_invalidatepage: of buffers that are not dirty',
			'+ if: the same asked of bytes, not of pages',
		],
	},
	'vfs/fs/ext2/file.ts ext2_sync_file': {
		differs: [
			'- sync_mapping_buffers, if x2, return x2, ext2_sync_inode: the inode is not written',
		],
	},
	'vfs/mm/filemap.ts invalidate_inode_pages': {
		none: 'invalidate_mapping_pages() of mm/truncate.c is another; the symbol takes nothing away here but what is asked of buffers',
	},
	'vfs/mm/filemap.ts invalidate_this_page2': {
		none: 'invalidate_inode_pages2() of mm/truncate.c has its body in its loop; the symbol takes nothing away here but what is asked of buffers',
	},
	'vfs/mm/filemap.ts truncate_complete_page': {
		file: 'mm/truncate.c',
		differs: [
			'- if, return: the page is locked, and in the cache',
			'- PagePrivate, do_invalidatepage: no buffers but those of the page, which is not written',
			'clear_page_dirty -> ClearPageDirty: no dirty pages are counted',
			'- ClearPageMappedToDisk: no such flag',
			'remove_from_page_cache -> remove_inode_page: as in 2.4.22',
		],
	},
	'vfs/mm/filemap.ts generic_file_direct_IO': {
		none: 'fs/direct-io.c does most of it; the symbol takes nothing away here but what is asked of buffers',
	},
	'vfs/mm/vmscan.ts shrink_cache': {
		none: 'shrink_list() is another; the symbol takes nothing away here but what is asked of buffers',
	},
	'vfs/mm/vmscan.ts try_to_free_pages_zone': {
		none: 'there are no such zones; the symbol takes nothing away here but what is asked of buffers',
	},
	'vfs/fs/buffer.ts mark_buffer_dirty': {},
	'vfs/mm/filemap.ts filemap_fdatasync': {
		none: 'filemap_fdatawrite() is called there, and here as it was; mpage_writepages() is its body',
	},
	'vfs/mm/filemap.ts filemap_fdatawait': {
		differs: ['- if, return: a file without pages has none under I/O'],
	},
	'vfs/mm/mmap.ts do_mmap_pgoff': {
		none: 'it is that of 2.4.22, and of 2.6.9 has the test of MAP_LOCKED alone',
	},
	'vfs/mm/memory.ts get_user_pages': {
		none: 'it is that of 2.4.22, and of 2.6.9 has lookup_write alone, which is set and used as there',
	},
	'vfs/mm/vmscan.ts shrink_caches': {},
	'vfs/mm/vmscan.ts kswapd': {
		none: 'kswapd() of 2.6 is another; the symbol takes nothing away here but what is asked of buffers',
	},
	'vfs/include/asm/tlb.ts tlb_gather_mmu': {
		differs: [
			'- per_cpu, set x3: the node has one, which the caller has at hand',
			'- num_online_cpus: one processor gathers as well, and nothing comes in between',
		],
	},
	'vfs/include/asm/tlb.ts tlb_remove_page': {
		differs: [
			'- tlb_fast_mode, free_page_and_swap_cache: the short way, which CONFIG_TLB_FLUSH_SYNC leaves out',
			'+ if, __free_pte: the same, not reached',
			'+ pte_clear x2, pte_dirty, set_page_dirty: in zap_pte_range() in C',
			'- tlb_flush_mmu: there is room for all ptes of an address space',
			'~ set nr: counted behind the assignment',
			'+ set flags: of the pte, beside the page',
		],
	},
	'vfs/include/asm/tlb.ts tlb_finish_mmu': {
		differs: [
			'= tlb_flush_mmu: its body stands here',
			'tlb_flush -> flush_tlb_range: on i386 all of the address space, of which the rest is still mapped',
			'free_pages_and_swap_cache -> __free_pte: one at a time',
			'- tlb_fast_mode: the short way, which CONFIG_TLB_FLUSH_SYNC leaves out',
			'- set rss: the caller counts',
			'- check_pgt_cache: there are no page tables to free',
			'- if: need_flush is the count of pages here',
			'+ if x5, pte_dirty, loop x2: whether another processor may store to what was marked dirty',
			'+ set x2: the array is made empty',
			'@ with: as the loop',
		],
	},
	'vfs/mm/memory.ts zap_pte_range': {
		differs: [
			'- return: there is a page table',
			'- ptep_get_and_clear, pte_dirty, set_page_dirty: in tlb_remove_page()',
			'- tlb_remove_tlb_entry: the count of gathered ptes says it',
			'- PageAnon, page_remove_rmap: no ageing and no reverse mapping',
			'- linear_page_index, pgoff_to_pte, set_pte: in zap_nonlinear()',
			'~ tlb_remove_page: C asks for a present pte first',
			'- set freed: the number is returned',
			'- pte_file: asked before the swap entries here',
			'+ pte_present x2: asked in pte_file() and pte_swap()',
			'+ pte_clear: of a pte with the number of a page, in a branch of its own',
			'- if x9: zap_details are three arguments of three functions here, of which null says the same',
			'+ if: the same',
			'@ under x2: behind continue here, in C behind that of a present pte',
		],
	},
	'vfs/mm/memory.ts zap_page_range': {
		differs: [
			'= unmap_vmas, unmap_page_range, zap_pmd_range: one mapping, one flat page table',
			'- is_vm_hugetlb_page x2, zap_hugepage_range, unmap_hugepage_range, return: no huge pages',
			'- lru_add_drain: there is no LRU',
			'- tlb_start_vma, tlb_end_vma: empty on i386',
			'- need_resched, tlb_is_full_mm, tlb_finish_mmu, tlb_gather_mmu: with ZAP_RESCHED a loop around all of it, which also takes the lock anew',
			'- loop x4, if x14: one mapping, one flat page table',
			'+ loop, if x5: with ZAP_RESCHED; and a node has one gather, for which the next waits',
			'+ set rss x2: in tlb_finish_mmu() in C',
		],
	},
	'vfs/mm/memory.ts vmtruncate': {
		differs: [
			'= unmap_mapping_range: its body stands here',
			'unmap_mapping_range_list -> vmtruncate_list: two share lists instead of one tree, linear mappings only',
			'spin_lock i_mmap_lock -> spin_lock i_shared_lock: its name in 2.4.22',
			'spin_unlock i_mmap_lock -> spin_unlock i_shared_lock: its name in 2.4.22',
			'- prio_tree_empty: the walk of an empty list does nothing',
			'- IS_SWAPFILE, send_sig, return: no swap files, no limit but that of the file system',
			'- zap_page_range: zap_nonlinear(), whose body stands here',
			'+ tlb_gather_mmu, pte_present, tlb_remove_page, set_pte, tlb_finish_mmu, spin_lock page_table_lock, spin_unlock page_table_lock: of zap_nonlinear()',
			'+ vmtruncate_list: for the other share list',
			'- if x4, set x4: what is to be unmapped is a struct in C',
			'+ if x11, loop x2, set x5: of zap_nonlinear(), of i_size_store() with STORE_BUFFERS, and each branch sets the size itself',
			'@ with x3: each branch sets the size itself',
		],
	},
	'vfs/mm/memory.ts do_no_page': {
		differs: [
			'alloc_page_vma -> alloc_page: no policies',
			'- anon_vma_prepare, page_add_anon_rmap, page_add_file_rmap: no reverse mapping',
			'- do_anonymous_page: every file system here has ->nopage',
			'- page_cache_release x2: early_cow() gives the reference back once, for all ways',
			'~ spin_unlock page_table_lock, page_cache_release: the branch that gives up stands first',
			'- if x4, return x2, loop: one loop here, gotos in C; what C asks of the file there always is',
			'+ if x4, return x2, loop x3: the same, and a page of an error is told from none',
			'@ with x2, under x8: the same',
		],
	},
	'vfs/mm/memory.ts handle_pte_fault': {
		differs: [
			'~ do_file_page, return: asked first here, which no other branch is true of',
			'- pte_file: in pte_file() here, a part',
			'ptep_set_access_flags -> establish_pte: on i386 nothing is written for a load, which returns before',
			'+ if, return, spin_unlock page_table_lock: that return',
			'@ with x4: the pte, in C its value',
		],
	},
	'vfs/mm/mmap.ts __remove_shared_vm_struct': {
		differs: [
			'- flush_dcache_mmap_lock, flush_dcache_mmap_unlock: empty on i386',
			'- vma_prio_tree_remove: three lists instead of a tree and a list',
			'- set: the same',
			'+ return: asked by the caller in C',
			'+ if x4, loop: a list is walked where C has pointers back',
		],
	},
	'vfs/mm/mmap.ts __vma_link_file': {
		differs: [
			'- flush_dcache_mmap_lock, flush_dcache_mmap_unlock: empty on i386',
			'- vma_nonlinear_insert, vma_prio_tree_insert: three lists instead of a tree and a list',
			'+ return: the other way round in C',
			'- if: as the lists',
			'+ if x3: as the lists',
		],
	},
	'vfs/mm/mmap.ts do_munmap': {
		differs: [
			'= detach_vmas_to_be_unmapped, unmap_vma_list, unmap_vma, remove_vm_struct: their bodies stand here',
			'unmap_region -> zap_page_range: of each mapping by itself',
			'__remove_shared_vm_struct -> remove_shared_vm_struct: the lock is taken there',
			'- spin_lock i_mmap_lock, spin_unlock i_mmap_lock: in remove_shared_vm_struct()',
			'fput -> unmap_fixup: that lets go of the file, and has nothing else to do when all is split',
			'~ spin_lock page_table_lock, zap_page_range: diverges: C takes the list apart without page_table_lock, then the ptes of all mappings out under it, and then the mappings off their share lists; here each by turns. No scenario shows it: mmap_sem is held for writing, so that no fault maps anything meanwhile, and a mapping without ptes is nothing to an unmap, on a share list or off it',
			'- is_vm_hugetlb_page, is_aligned_hugepage_range: no huge pages',
			'- vm_stat_unaccount, ->unmap_area: no statistics, and areas are looked for from the beginning',
			'- anon_vma_unlink, vma_policy, mpol_free: no reverse mapping, no policies',
			'- validate_mm: there is no tree',
			'+ find_vma_prev: the mapping before the first is looked for again',
			'- set: mappings are counted by none, and what is locked by unmap_fixup()',
			'- if x10, return x5: each error has its own way out, and a start that is not mapped',
			'+ if x14, return x3, set x3: checked together, and the list is turned round',
			'@ under x21: split_ends() is a function, and its way out a return',
			'@ with: the same',
		],
	},
	'vfs/mm/mmap.ts exit_mmap': {
		differs: [
			'= remove_vm_struct: its body stands here',
			'unmap_vmas -> zap_page_range: of each mapping by itself',
			'__remove_shared_vm_struct -> remove_shared_vm_struct: the lock is taken there',
			'tlb_finish_mmu -> flush_tlb_mm: all of the address space',
			'- spin_lock i_mmap_lock, spin_unlock i_mmap_lock: in remove_shared_vm_struct()',
			'~ zap_page_range, flush_tlb_mm: diverges: C takes the ptes of all mappings out at once, while they are on the list of the process, and then takes the mappings apart; here each by turns, off that list before. No scenario shows it: no program of the address space is left, and a mapping without ptes is nothing to an unmap',
			'- lru_add_drain, tlb_gather_mmu, vm_unacct_memory, clear_page_tables, MM_VM_SIZE: one flat page table, no accounting',
			'- anon_vma_unlink, vma_policy, mpol_free: no reverse mapping, no policies',
			'~ set locked_vm: after the unlock, when no task waits for it any more',
			'- if x3: asked in remove_shared_vm_struct()',
			'+ if: the same',
			'@ with x2: by its way',
		],
	},
	'vfs/mm/mremap.ts move_one_page': {
		differs: [
			'spin_lock i_mmap_lock -> lock_vma_mappings: asked there whether there is a file',
			'spin_unlock i_mmap_lock -> unlock_vma_mappings: the same',
			'ptep_clear_flush -> copy_one_pte: in one step with the set_pte() and the flush',
			'- set_pte: in copy_one_pte()',
			'+ flush_tlb_page: of ptep_clear_flush(), in the same step',
			'- get_one_pte_map_nested x2, get_one_pte_map, alloc_one_pte_map, spin_trylock i_mmap_lock, spin_lock page_table_lock, spin_unlock page_table_lock, lock_vma_mappings, unlock_vma_mappings: there is memory for page tables',
			'- if x9: the same',
			'@ with x3: by its way',
		],
	},
	'vfs/mm/mremap.ts move_page_tables': {
		differs: [
			'+ if: diverges: the last page is moved first, as in 2.4.22, in C the first. No scenario shows it: each page is moved by itself under page_table_lock, and an unmap that comes in between looks at each by itself',
			'- if x2: the same; and there is memory for page tables',
		],
	},
	'vfs/mm/mremap.ts move_vma': {
		differs: [
			'= copy_vma: its body stands here',
			'vma_link -> insert_vm_struct: looked for there',
			'- vma_merge: diverges: merge_moved() is of 2.4.22, which merges no mapping of a file. No scenario shows it: C merges mappings of a file only if one goes on where the other ends, and each finds the same pages then',
			'+ find_vma_prev, can_vma_merge x3, __vma_unlink, kmem_cache_free, spin_lock page_table_lock x3, spin_unlock page_table_lock x3: of merge_moved()',
			'+ find_vma: the mapping that grew',
			'- find_vma_prepare: there is no tree',
			'- vma_policy x2, mpol_copy, kmem_cache_free, vma_set_policy: no policies',
			'- vm_unacct_memory, __vm_stat_account: no accounting',
			'- if x10, return x2, set x3: what is accounted, and what is done when there is no memory',
			'+ if x10, return, set x3: of merge_moved()',
			'@ with x2: by its way',
			'@ under x8: as merge_moved()',
		],
	},
	'vfs/mm/msync.ts msync_interval': {
		file: 'mm/msync.c',
		differs: [
			'filemap_fdatawrite -> filemap_fdatasync: which calls mpage_writepages() as well',
			'- if x6: the other way round, and every file system here has ->fsync',
			'+ return x3, if x4: the other way round',
			'@ with x4: by its way',
		],
	},
	'vfs/mm/filemap.ts do_generic_file_read': {
		as: 'do_generic_mapping_read',
		differs: [
			'->actor -> file_read_actor: there is one',
			'add_to_page_cache_lru -> __add_to_page_cache: there is no LRU',
			'page_cache_alloc_cold -> alloc_page: there are no zones',
			'page_cache_readahead -> generic_file_readahead: of 2.4.22, when the page is there',
			'find_get_page -> page_cache_get: an element of an array, and a reference',
			'- handle_ra_miss, mapping_writably_mapped, file_accessed: no window, no caches that are not coherent, no times',
			'~ file_read_actor, page_cache_release, generic_file_readahead, page_cache_get: one loop here, gotos in C',
			'+ file_read_actor, generic_file_readahead: the short way for pages of one int; a page that somebody else put there; reading ahead for a page that is read as well',
			'- if x12, set x3, loop x3: the position is kept by the caller, and how much is left of a page told by in_this_page()',
			'+ if x15, return x5: the same, and errors are returned where they are found',
			'@ under x6, with: one loop here, gotos in C',
		],
	},
};

export interface Form extends Omit<Written, 'differs'> {
	differs: readonly Entry[];
}

/** What a function is there. */
export function formOf(file: string, name: string): Form {
	const { differs, ...place } = FORMS[`${file} ${name}`] ?? {};
	const entries = (differs ?? []).map((text) => {
		const entry = entryOf(text, 0);
		if (!entry || entry.reason === '')
			throw new Error(`${FORM_FILE}: '${text}' of ${name} declares nothing`);
		return entry;
	});
	return { ...place, differs: entries };
}

/** All functions of which something is said. */
export const formNames = (): readonly string[] => Object.keys(FORMS);

/** What the port does not do as that kernel does, by function. */
export function divergences(): { name: string; what: string }[] {
	return Object.entries(FORMS).flatMap(([key, { differs }]) => {
		const name = key.split(' ')[1];
		const said = (differs ?? []).flatMap((text) => text.split(': diverges: ').slice(1));
		return said.map((what) => ({ name, what }));
	});
}
