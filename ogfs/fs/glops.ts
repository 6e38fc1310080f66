// SPDX-License-Identifier: GPL-2.0-only
/**
 * What the transitions of an inode's glock do to the file (GFS1: src/gfs/glops.c, page.c): the
 * "necessary work" of the mail: cache writeout, cache invalidation, page table invalidation, page
 * table write protect.
 */
import {
	BUG_ON,
	type bool,
	cover,
	printk,
	type Sleeps,
	wait_event,
} from '../../harness/kts/prelude.ts';
import { NR_FILE_PAGES, READPAGE_LOCKS } from '../../vfs/include/linux/bounds.ts';
import { type address_space, truncate_count_inc } from '../../vfs/include/linux/fs.ts';
import {
	Page_Uptodate,
	PageDirty,
	PG_dirty,
	page_cache_get,
	UnlockPage,
} from '../../vfs/include/linux/mm.ts';
import { spin_lock, spin_unlock } from '../../vfs/include/linux/spinlock.ts';
import {
	CONFIG_DIO_WAIT,
	CONFIG_EVEN_COWS,
	CONFIG_EVICT_MAPPING_RANGE,
	CONFIG_INVALIDATE_MMAP_RANGE,
	CONFIG_NOPAGE_LOCKED,
	CONFIG_TRUNCATE_COUNT,
	CONFIG_WRITE_MAPPING_RANGE,
	CONFIG_WRPROTECT_MAPPING_RANGE,
} from '../../vfs/Kconfig.ts';
import {
	evict_mapping_range,
	filemap_fdatasync,
	filemap_fdatawait,
	invalidate_mmap_range,
	invalidate_mmap_range_list,
	lock_page,
	might_sleep,
	page_cache_release,
	truncate_inode_pages,
	unmap_locked_page,
	unmap_mapping_range,
	wait_on_page,
	write_mapping_range,
	wrprotect_mapping_range,
} from '../../vfs/kernel/ksyms.ts';
import { CONFIG_OGFS_BOTH_SHARE_LISTS, CONFIG_OGFS_SYNC_PAGES } from '../Kconfig.ts';
import { LM_ST_EXCLUSIVE } from '../locking/lm_interface.ts';
import type { ogfs_glock } from './incore.ts';
import { ogfs_copyin_dinode, ogfs_dinode_out } from './inode.ts';

/**
 * ogfs_inval_pte - take the file out of all page tables of this node
 * @gl: its glock
 *
 * Context: no locks. May sleep.
 */
export function* ogfs_inval_pte(gl: ogfs_glock): Sleeps {
	if (!CONFIG_INVALIDATE_MMAP_RANGE) return;
	printk('ogfs_inval_pte: file %d', gl.gl_number);
	const mapping = gl.gl_inode!.i_data;
	if (!CONFIG_OGFS_BOTH_SHARE_LISTS) yield* inval_shared(mapping);
	else if (CONFIG_EVEN_COWS) yield* unmap_mapping_range(mapping, 0, 0, false);
	else yield* invalidate_mmap_range(mapping, 0, 0);
}

/**
 * inval_shared - take the shared mappings of a file out of all page tables of this node
 * @mapping: the file
 *
 * CONFIG_OGFS_BOTH_SHARE_LISTS off: what is on the other list is forgotten.
 *
 * Context: takes i_shared_lock, and under it each page_table_lock.
 */
function* inval_shared(mapping: address_space): Sleeps {
	yield* spin_lock(mapping.i_shared_lock);
	if (CONFIG_TRUNCATE_COUNT) truncate_count_inc(mapping.truncate_count);
	const check_mapping = CONFIG_EVEN_COWS ? mapping : null;
	yield* invalidate_mmap_range_list(mapping.i_mmap_shared, 0, 0, check_mapping);
	spin_unlock(mapping.i_shared_lock);
}

/**
 * ogfs_wrprotect_pte - make all ptes of the file on this node read-only
 * @gl: its glock
 *
 * With no hook to do that, takes them out, which is as right and costs faults.
 *
 * Context: no locks. May sleep.
 */
export function* ogfs_wrprotect_pte(gl: ogfs_glock): Sleeps {
	if (CONFIG_WRPROTECT_MAPPING_RANGE) {
		cover('revoke: ptes write-protected');
		printk('ogfs_wrprotect_pte: file %d', gl.gl_number);
		yield* wrprotect_mapping_range(gl.gl_inode!.i_data);
	} else {
		yield* ogfs_inval_pte(gl);
	}
}

/**
 * sync_pages - write every dirty page of a file, and wait for all that is being written
 * @mapping: the file
 *
 * CONFIG_OGFS_SYNC_PAGES: does not look at the lists, which somebody else's msync may have
 * emptied.
 *
 * Context: no locks. May sleep.
 */
function* sync_pages(mapping: address_space): Sleeps {
	for (let i = 0; i < NR_FILE_PAGES; i++) {
		const page = mapping.pages[i];
		if (!page) continue;
		page_cache_get(page);
		yield* lock_page(page);
		if (CONFIG_NOPAGE_LOCKED) yield* unmap_locked_page(page);
		if (PageDirty(page)) {
			page.flags &= ~PG_dirty;
			yield* mapping.a_ops!.writepage(page);
			yield* wait_on_page(page);
		} else {
			UnlockPage(page);
		}
		page_cache_release(page);
	}
}

/**
 * wait_pinned - wait until nobody has hold of a page of the file for a transfer
 * @mapping: the file, unmapped, faults blocked: the pages become no more
 *
 * CONFIG_DIO_WAIT.
 *
 * Context: no locks. May sleep.
 */
function* wait_pinned(mapping: address_space): Sleeps {
	might_sleep();
	if (mapping.nr_pinned === 0) return;
	cover('revoke: waits for pinned pages');
	printk('wait_pinned: file %d, %d pages', mapping.host!.i_ino, mapping.nr_pinned);
	yield* wait_event(() => mapping.nr_pinned === 0);
}

/**
 * inode_go_sync - bring the disk up to date
 * @gl: the glock, exclusive; with CONFIG_NOPAGE_LOCKED also shared: nothing is dirty, and faults
 *	under way are waited for
 *
 * "Flush its dirty pages and inode state to disk".
 *
 * Context: no locks. May sleep.
 */
export function* inode_go_sync(gl: ogfs_glock): Sleeps {
	const inode = gl.gl_inode!;
	// A fault that had its page locked when the file was unmapped may map it still, and a transfer
	// take hold of it: not after each page was locked and unmapped once.
	if (CONFIG_DIO_WAIT && CONFIG_NOPAGE_LOCKED) yield* sync_pages(inode.i_data);
	if (CONFIG_DIO_WAIT) yield* wait_pinned(inode.i_data);
	if (CONFIG_WRITE_MAPPING_RANGE && !CONFIG_OGFS_SYNC_PAGES) {
		yield* write_mapping_range(inode.i_data, 0, 0);
	} else if (CONFIG_OGFS_SYNC_PAGES) {
		yield* sync_pages(inode.i_data);
	} else {
		yield* filemap_fdatasync(inode.i_data);
		yield* filemap_fdatawait(inode.i_data);
	}
	if (gl.gl_state !== LM_ST_EXCLUSIVE) return;
	ogfs_dinode_out(inode);
}

/**
 * inode_is_dirty - has the file pages that differ from the disk?
 * @gl: its glock
 *
 * Return: true: it has.
 * Context: the daemon. Does not sleep.
 */
export function inode_is_dirty(gl: ogfs_glock): bool {
	for (let i = 0; i < NR_FILE_PAGES; i++) {
		const page = gl.gl_inode!.i_data.pages[i];
		if (page && PageDirty(page)) return true;
	}
	return false;
}

/**
 * inode_has_data - does this node remember what is in the file?
 * @gl: its glock
 *
 * With READPAGE_LOCKS a page that is to be read is in the cache before the lock is there.
 *
 * Return: true: it does.
 * Context: any. Does not sleep.
 */
export function inode_has_data(gl: ogfs_glock): bool {
	const mapping = gl.gl_inode!.i_data;
	if (!READPAGE_LOCKS) return mapping.nrpages !== 0;
	for (let i = 0; i < NR_FILE_PAGES; i++) {
		const page = mapping.pages[i];
		if (page && Page_Uptodate(page)) return true;
	}
	return false;
}

/**
 * inode_go_inval - drop what this node remembers of the file
 * @gl: its glock, unlocked
 *
 * Context: no locks. May sleep.
 */
export function* inode_go_inval(gl: ogfs_glock): Sleeps {
	const mapping = gl.gl_inode!.i_data;
	if (CONFIG_EVICT_MAPPING_RANGE) yield* evict_mapping_range(mapping, 0, 0);
	else yield* truncate_inode_pages(mapping, 0);
	BUG_ON(inode_has_data(gl), 'inode_go_inval: pages left in the cache');
}

/**
 * inode_go_lock - the lock is there: read the inode
 * @gl: its glock
 *
 * Context: the glock is held for the first time, GLF_LOCK set. May sleep.
 */
export function inode_go_lock(gl: ogfs_glock): void {
	ogfs_copyin_dinode(gl.gl_inode!);
}
