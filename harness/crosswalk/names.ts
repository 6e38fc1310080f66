// SPDX-License-Identifier: GPL-2.0-only
/**
 * The functions, fields and constants of the kernel that a page of a mapped file has to do with,
 * in 2.4.22 and in the differences of 2.6.0 and 2.6.9. Each is in vfs/ under its name, or here with
 * the reason why not; a test holds that.
 *
 * Interface: NAMES LACKING namesOf
 */
import type { SourceFile } from 'ts-morph';

const words = (text: string): string[] => text.trim().split(/\s+/);

/** By the struct that they are members of; functions and constants by themselves. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
	functions: words(`
		do_page_fault handle_mm_fault handle_pte_fault do_no_page do_anonymous_page do_wp_page
		break_cow copy_cow_page can_share_swap_page do_swap_page lookup_swap_cache establish_pte
		follow_page get_user_pages make_pages_present do_file_page pte_same anon_vma_prepare
		maybe_mkwrite pmd_alloc pte_alloc
		zap_page_range zap_pte_range unmap_vmas tlb_gather_mmu tlb_remove_page tlb_finish_mmu
		page_remove_rmap
		vmtruncate vmtruncate_list do_truncate invalidate_mmap_range invalidate_mmap_range_list
		unmap_mapping_range unmap_shared_mapping_range truncate_inode_pages truncate_complete_page
		invalidate_inode_pages invalidate_inode_pages2 invalidate_mapping_pages set_page_dirty
		filemap_nopage filemap_sync sys_msync msync_interval filemap_fdatasync filemap_fdatawait
		filemap_fdatawrite do_writepages shrink_cache try_to_swap_out page_mkclean
		find_vma do_mmap_pgoff vma_link lock_vma_mappings generic_file_mmap
		generic_file_readonly_mmap do_munmap remove_shared_vm_struct unmap_fixup exit_mmap
		unmap_region unlink_file_vma remove_vma
		sys_mprotect change_protection move_vma move_page_tables insert_vm_struct copy_vma
		dup_mmap copy_page_range vma_prio_tree_add
		sys_remap_file_pages filemap_populate install_page
		generic_file_read do_generic_file_read file_read_actor generic_file_write
		__grab_cache_page fault_in_pages_readable map_user_kiobuf mark_dirty_kiobuf`),
	vm_area_struct: words(`
		vm_mm vm_start vm_end vm_next vm_rb vm_page_prot vm_flags vm_ops vm_pgoff vm_file
		vm_private_data vm_next_share vm_pprev_share shared anon_vma`),
	mm_struct: words(`
		mmap mm_rb mmap_cache pgd mm_users mm_count map_count mmap_sem page_table_lock rss
		total_vm locked_vm`),
	vm_operations_struct: words('open close nopage populate page_mkwrite fault'),
	address_space: words(`
		clean_pages dirty_pages locked_pages nrpages a_ops host i_mmap i_mmap_shared i_shared_lock
		gfp_mask page_tree page_lock io_pages i_shared_sem truncate_count private_lock
		private_list tree_lock i_mmap_nonlinear i_mmap_writable i_mmap_lock`),
	address_space_operations: words(`
		writepage readpage sync_page prepare_write commit_write bmap flushpage releasepage
		direct_IO removepage writepages set_page_dirty readpages invalidatepage`),
	inode: words('i_size i_sem i_alloc_sem i_mapping i_data i_op i_writecount'),
	inode_operations: words('truncate setattr'),
	page: words('mapping index count flags lru'),
	constants: words(`
		VM_READ VM_WRITE VM_EXEC VM_SHARED VM_MAYREAD VM_MAYWRITE VM_MAYEXEC VM_MAYSHARE VM_LOCKED
		VM_IO VM_DONTCOPY VM_RESERVED VM_NONLINEAR
		PG_locked PG_error PG_referenced PG_uptodate PG_dirty PG_lru PG_active PG_reserved
		PG_launder PG_writeback PG_private PG_mappedtodisk
		_PAGE_PRESENT _PAGE_RW _PAGE_USER _PAGE_ACCESSED _PAGE_DIRTY _PAGE_FILE _PAGE_PROTNONE`),
};

/** What vfs/ lacks of them, as `function`, `struct.member`, and why. */
export const LACKING: readonly { names: readonly string[]; reason: string }[] = [
	{
		names: words('pmd_alloc pte_alloc'),
		reason: 'the page table is one flat array, with the address space from the start',
	},
	{
		names: words('unmap_shared_mapping_range'),
		reason: 'inline in 2.6, written where they are used',
	},
	{
		names: words(`page_remove_rmap anon_vma_prepare page_mkclean vm_area_struct.anon_vma
			vm_area_struct.shared vma_prio_tree_add copy_vma`),
		reason: 'reverse maps and the tree of mappings of 2.6: the port has the share lists of 2.4.22',
	},
	{
		names: words('unmap_region unlink_file_vma remove_vma'),
		reason: 'parts of munmap in 2.6; CONFIG_MUNMAP_ZAP_FIRST has their order in do_munmap()',
	},
	{
		names: words('filemap_fdatawrite do_writepages address_space_operations.writepages'),
		reason: '2.6 for filemap_fdatasync(): the same order of steps, by one call more',
	},
	{
		names: words(`invalidate_mapping_pages generic_file_readonly_mmap
			fault_in_pages_readable`),
		reason: '2.6 for invalidate_inode_pages(), part of generic_file_mmap(), two __get_user()',
	},
	{
		names: words('unmap_vmas'),
		reason: '2.6 for the loop over mappings; zap_page_range() of 2.4.22 takes one at a time',
	},
	{
		names: words('vm_area_struct.vm_rb mm_struct.mm_rb mm_struct.mmap_cache'),
		reason: 'the mappings of a process are one list',
	},
	{
		names: words('vm_area_struct.vm_pprev_share vm_area_struct.vm_private_data'),
		reason: 'unlinking walks the share list; no file system here keeps private data',
	},
	{
		names: words('mm_struct.mm_count mm_struct.map_count mm_struct.total_vm'),
		reason: 'the struct stays; no limits',
	},
	{
		names: words('vm_operations_struct.open vm_operations_struct.close'),
		reason: 'no file system here has one',
	},
	{ names: words('vm_operations_struct.fault'), reason: 'of 2007, with pages returned locked' },
	{
		names: words('address_space.clean_pages address_space.dirty_pages address_space.locked_pages'),
		reason: 'page.list says on which list a page is; they are walked in file order',
	},
	{
		names: words(`address_space.page_tree address_space.page_lock address_space.tree_lock
			address_space.io_pages`),
		reason: 'the pages of a file are an array, and what its lock guards is one step',
	},
	{
		names: words(`address_space.i_shared_sem address_space.i_mmap_lock
			address_space.i_mmap_writable`),
		reason: 'the lock is i_shared_lock of 2.4.22, and nothing asks for the count',
	},
	{
		names: words('address_space.gfp_mask address_space.private_lock address_space.private_list'),
		reason: 'no zones, no buffers',
	},
	{
		names: words(`address_space_operations.sync_page address_space_operations.bmap
			address_space_operations.flushpage address_space_operations.releasepage
			address_space_operations.removepage address_space_operations.set_page_dirty
			address_space_operations.readpages address_space_operations.invalidatepage`),
		reason: 'the disk takes requests at once, and pages have no buffers',
	},
	{
		names: words('inode.i_mapping inode.i_writecount'),
		reason: 'always i_data here; no exec() denies writing',
	},
	{
		names: words('page.lru PG_lru PG_active PG_referenced _PAGE_ACCESSED'),
		reason: 'no ageing: which page reclaim takes is a free choice',
	},
	{
		names: words('PG_reserved PG_private PG_mappedtodisk'),
		reason: 'no reserved pages; what a buffer has is kept with its page',
	},
	{
		names: words('VM_IO VM_DONTCOPY VM_RESERVED _PAGE_USER'),
		reason: 'mappings of devices and of the kernel are left out',
	},
];

/** What some sources have, in the form of LACKING. */
export function namesOf(sources: readonly SourceFile[]): Set<string> {
	const found = new Set<string>();
	for (const source of sources) {
		for (const f of source.getFunctions()) found.add(f.getName() ?? '');
		for (const v of source.getVariableDeclarations()) found.add(v.getName());
		for (const struct of [...source.getClasses(), ...source.getInterfaces()])
			for (const member of struct.getMembers())
				if ('getName' in member) found.add(`${struct.getName()}.${member.getName()}`);
	}
	return found;
}

/** All names, in the form of LACKING. */
export function allNames(): string[] {
	return Object.entries(NAMES).flatMap(([owner, names]) =>
		/^(functions|constants)$/.test(owner) ? names : names.map((name) => `${owner}.${name}`),
	);
}
