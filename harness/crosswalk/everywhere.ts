// SPDX-License-Identifier: GPL-2.0-only
/**
 * Differences that hold in every function, with their reasons. What is named here is no event at
 * all: not in C, not in the port. docs/crosswalk.md prints this table.
 */

export interface Everywhere {
	side: 'C' | 'port' | 'both';
	/** with * at the end: all that begin so */
	names: string[];
	reason: string;
}

const EVERYWHERE: readonly Everywhere[] = [
	{
		side: 'port',
		names: ['cover', 'event', 'printk', 'ASSERT', 'BUG_ON'],
		reason: 'marks, messages and assertions; what they ask is not compared either, nor in C',
	},
	{
		side: 'port',
		names: ['preempt', 'wait_event', 'wait_idle', 'wait_choose', 'wait_choose_idle', 'choose'],
		reason:
			'suspensions of the machine: where C can be interrupted, waits in assembler, or has a choice',
	},
	{
		side: 'port',
		names: [
			'->copied_out',
			'->copied_in',
			'->poked',
			'->truncating',
			'->truncated',
			'->cut_found',
			'->direct_written',
			'->user_load',
			'->user_store',
		],
		reason: 'tracepoints, by which properties see what happens',
	},
	{
		side: 'port',
		names: ['current', 'this_node', 'self', 'pte_index'],
		reason: 'variables, macros and arithmetic in C',
	},
	{
		side: 'port',
		names: ['vma_copy'],
		reason: 'a struct is copied, in C by one assignment',
	},
	{
		side: 'port',
		names: ['lock_acquire', 'lock_acquired', 'lock_release', 'lockdep_sys_exit', 'might_sleep'],
		reason: 'the validator of locking, of 2.6.18: vfs/kernel/lockdep.ts',
	},
	{
		side: 'port',
		names: ['__alloc_pages'],
		reason: 'memory may have to be freed first: within kmem_cache_alloc() and alloc_page() in C',
	},
	{
		side: 'C',
		names: [
			'INC_CACHE_INFO',
			'BUG',
			'PAGE_BUG',
			'WARN_ON',
			'panic',
			'show_*',
			'profile_*',
			'acct_*',
			'audit_*',
		],
		reason: 'assertions, messages and statistics',
	},
	{
		side: 'C',
		names: [
			...['flush_cache_*', 'flush_dcache_page', 'flush_icache_*', 'flush_page_to_ram'],
			...['update_mmu_cache', 'invalidate_dcache_*', 'prefetch', 'prefetchw', 'prefetchw_*'],
		],
		reason: 'i386 has coherent caches: these are empty there, or hints',
	},
	{
		side: 'C',
		names: ['mb', 'rmb', 'wmb', 'smp_mb*', 'smp_rmb', 'smp_wmb', 'barrier', 'cpu_relax'],
		reason: 'memory is sequentially consistent between steps',
	},
	{
		side: 'C',
		names: ['lock_kernel', 'unlock_kernel'],
		reason: 'the big lock guards nothing that the port has',
	},
	{
		side: 'C',
		names: [
			...['pgd_offset', 'pmd_offset', 'pte_offset*', 'pte_unmap*', 'pgd_none', 'pgd_bad'],
			...['pmd_none', 'pmd_bad', 'pmd_alloc', 'pte_alloc*', 'pgd_clear', 'pmd_clear', '*_addr_end'],
			...['pgd_offset_*', 'pmd_present', 'pgd_present', 'pte_ERROR', 'pmd_ERROR', 'pgd_ERROR'],
		],
		reason: 'the page table is one flat array: there is nothing to walk or to allocate',
	},
	{
		side: 'C',
		names: [
			...['mk_pte', 'pte_mkyoung', 'pte_mkold', 'pte_mkexec', 'pte_page', 'pte_pfn', 'pfn_*'],
			...['pte_val', '__pte', 'pgprot_val', '__pgprot', 'page_to_pfn', 'pte_to_*'],
			...['VALID_PAGE', 'virt_to_page', 'page_address', 'pte_exec', 'pte_read', 'pte_user'],
		],
		reason: 'a pte is a page and bits, and is computed with operators',
	},
	{
		side: 'C',
		names: [
			...['pte_young', 'pte_old', 'ptep_test_and_clear_young', 'mark_page_accessed'],
			...[
				'SetPageReferenced',
				'ClearPageReferenced',
				'PageReferenced',
				'PageTestandClearReferenced',
			],
		],
		reason: 'no accessed bit and no ageing: which page reclaim takes is a free choice',
	},
	{
		side: 'C',
		names: [
			...['lru_cache_*', 'add_page_to_*', 'del_page_from_*', 'activate_page*', 'PageLRU'],
			...['PageActive', 'SetPageLRU', 'SetPageActive', 'ClearPageLRU', 'ClearPageActive'],
		],
		reason: 'no lists by age: which page reclaim takes is a free choice',
	},
	{
		side: 'C',
		names: [
			'i_size_read',
			'page_count',
			'SWP_*',
			'swp_*',
			'swap_list_*',
			'swap_device_*',
			'page_zone',
			'memclass',
		],
		reason: 'fields, one swap area and no zones; a lock that guards nothing but a step is none',
	},
	{
		side: 'port',
		names: [
			'swp_entry_to_pte',
			'pte_to_swp_entry',
			'pte_file',
			'pte_to_pgoff',
			'pgoff_to_pte',
			'linear_page_index',
		],
		reason: 'arithmetic: an entry is the bits of a pte, shifted; a file pte is one of 2.6',
	},
	{
		side: 'C',
		names: ['clear_user_highpage', 'copy_page', 'clear_page'],
		reason: 'contents of memory are assigned',
	},
	{
		side: 'C',
		names: ['create_empty_buffers', 'try_to_release_page'],
		reason: 'no buffers: a page of a file is a page of the disk',
	},
	{
		side: 'C',
		names: ['wakeup_page_waiters', 'wake_up', 'wake_up_process', 'wake_up_interruptible'],
		reason: 'who waits for a condition goes on when it holds',
	},
	{
		side: 'C',
		names: [
			'page_hash',
			'__inode_dir_notify',
			'dnotify_parent',
			'locks_*',
			'UPDATE_ATIME',
			'update_*time*',
		],
		reason: 'names, times and record locks of files are left out; the page hash is an array',
	},
	{
		side: 'C',
		names: ['PageReserved', 'SetPageReserved', 'PageHighMem', 'kmap*', 'kunmap*'],
		reason: 'all memory is low memory, and no page is reserved',
	},
	{
		side: 'C',
		names: ['list_*', '__list_*', 'INIT_LIST_HEAD', 'rb_*', '__rb_*', 'hlist_*'],
		reason: 'lists and trees are pointers and arrays in the port',
	},
	{
		side: 'C',
		names: [
			...['atomic_*', 'set_bit', 'clear_bit', 'test_bit', '__set_bit', '__clear_bit'],
			...['test_and_*', '__test_and_*', 'change_bit'],
			...['local_irq_*', 'smp_processor_id', 'get_cpu*', 'put_cpu*', 'preempt_disable'],
			...[
				'preempt_enable',
				'min',
				'max',
				'min_t',
				'max_t',
				'ERR_PTR',
				'PTR_ERR',
				'IS_ERR',
				'BUILD_BUG_ON',
			],
		],
		reason: 'single operations on words, which the port writes with operators',
	},
	{
		side: 'C',
		names: [
			'schedule',
			'cond_resched*',
			'conditional_schedule',
			'set_current_state',
			'__set_current_state',
		],
		reason: 'a task can be interrupted wherever docs/machine.md says, and has no state to set',
	},
	{
		side: 'C',
		names: ['memset', 'memcpy', 'strlen', 'capable', 'security_*', 'vm_enough_memory'],
		reason: 'contents of memory, rights and accounting that nothing here depends on',
	},
];

/** Is a call of this name no event on this side? */
export function isEverywhere(name: string, side: 'C' | 'port'): boolean {
	return EVERYWHERE.some(
		(e) => (e.side === side || e.side === 'both') && e.names.some((n) => matches(name, n)),
	);
}

/** Does a name fit one with a * in front or at the end? */
function matches(name: string, pattern: string): boolean {
	if (pattern.endsWith('*')) return name.startsWith(pattern.slice(0, -1));
	if (pattern.startsWith('*')) return name.endsWith(pattern.slice(1));
	return name === pattern;
}
