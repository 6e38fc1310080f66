// SPDX-License-Identifier: GPL-2.0-only
/**
 * kernel/ksyms.c of 2.4.22: what a module may call. A file system imports the headers and this.
 * Some are there only with a symbol: `exports` in Kconfig.ts lists them, and a machine whose file
 * system calls one that is off is not made.
 */
export { inode_setattr } from '../fs/attr.ts';
export {
	block_prepare_write,
	block_read_full_page,
	block_truncate_page,
	block_write_full_page,
	free_blocks,
	fsync_inode_data_buffers,
	generic_commit_write,
	generic_direct_IO,
	generic_direct_IO_nolock,
} from '../fs/buffer.ts';
export {
	fault_in_readable,
	fault_in_safe_writeable,
	pagefault_disable,
	pagefault_enable,
} from '../include/asm/uaccess.ts';
export { wait_on_page } from '../include/linux/pagemap.ts';
export {
	filemap_fdatasync,
	filemap_fdatawait,
	filemap_nopage,
	filemap_populate,
	generic_file_mmap,
	generic_file_read,
	generic_file_read_nolock,
	generic_file_write,
	generic_file_write_nolock,
	invalidate_inode_pages,
	lock_page,
	populate_getpage,
	type populate_operations,
	populate_pages,
	set_page_dirty,
	truncate_inode_pages,
} from '../mm/filemap.ts';
export {
	do_no_page,
	do_wp_page,
	invalidate_mmap_range,
	invalidate_mmap_range_list,
	unmap_mapping_range,
	wrprotect_mapping_range,
} from '../mm/memory.ts';
export { find_vma } from '../mm/mmap.ts';
export { page_cache_release } from '../mm/page_alloc.ts';
export { kmalloc } from '../mm/slab.ts';
export { evict_mapping_range, unmap_locked_page, write_mapping_range } from '../mm/truncate.ts';
export {
	lock_acquire,
	lock_acquired,
	lock_in_order,
	lock_release,
	lockdep_sys_exit,
	might_sleep,
} from './lockdep.ts';
