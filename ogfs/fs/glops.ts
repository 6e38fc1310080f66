// SPDX-License-Identifier: GPL-2.0-only
/**
 * What the transitions of a glock do, by its type (GFS1: src/gfs/glops.c, page.c; OpenGFS's own
 * names could not be read). For the glock of an inode this is the "necessary work" of the mail:
 * cache writeout, cache invalidation, page table invalidation, page table write protect.
 *
 * Differs from GFS1: metadata has no buffers here, and no address space of its own (gl_aspace).
 */
import {
	BUG_ON,
	type bool,
	cover,
	event,
	type int,
	printk,
	type Sleeps,
	wait_event,
} from '../../harness/kts/prelude.ts';
import { NR_FILE_PAGES, NR_LOGS, READPAGE_LOCKS } from '../../vfs/include/linux/bounds.ts';
import {
	EVENT_PINNED,
	EVENT_PROTECT,
	EVENT_PROTECT_DONE,
	EVENT_SYNC,
	EVENT_SYNC_DONE,
	EVENT_UNMAP,
	EVENT_UNMAP_DONE,
} from '../../vfs/include/linux/events.ts';
import { type address_space, type inode, truncate_count_inc } from '../../vfs/include/linux/fs.ts';
import {
	BH_Dirty,
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
	fsync_inode_data_buffers,
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
import {
	CONFIG_OGFS_BLOCK_FAULTS_FIRST,
	CONFIG_OGFS_BOTH_SHARE_LISTS,
	CONFIG_OGFS_DROP_LAST,
	CONFIG_OGFS_ORDERED_DATA,
	CONFIG_OGFS_REVOKE_ORDER,
	CONFIG_OGFS_SYNC_BUFFERS,
	CONFIG_OGFS_SYNC_PAGES,
	CONFIG_OGFS_TRUNCATE_COWS,
} from '../Kconfig.ts';
import {
	LM_CONVERSION_DEMOTES,
	LM_ST_EXCLUSIVE,
	LM_ST_SHARED,
	LM_ST_UNLOCKED,
} from '../locking/lm_interface.ts';
import {
	DIO_DATA,
	DIO_INVISIBLE,
	DIO_METADATA,
	DIO_TAGGED,
	GLF_UNMAPPED,
	type ogfs_glock,
	type ogfs_glock_operations,
} from './incore.ts';
import { ogfs_copyin_dinode, ogfs_dinode_out, ogfs_truncate_cows } from './inode.ts';
import { ogfs_log_flush_glock, ogfs_sync_buf } from './log.ts';
import { ogfs_depend_sync, ogfs_rgrp_forget, ogfs_rgrp_out, ogfs_rgrp_read } from './rgrp.ts';
import { ogfs_glock_drop_th, ogfs_glock_xmote_th } from './xmote.ts';

/**
 * ogfs_inval_pte - take the file out of all page tables of this node
 * @gl: its glock
 *
 * Context: no locks. May sleep.
 */
export function* ogfs_inval_pte(gl: ogfs_glock): Sleeps {
	if (!CONFIG_INVALIDATE_MMAP_RANGE) return;
	printk('ogfs_inval_pte: file %d', gl.gl_number);
	event(EVENT_UNMAP, gl.gl_number, false);
	const mapping = gl.gl_inode!.i_data;
	if (!CONFIG_OGFS_BOTH_SHARE_LISTS) yield* inval_shared(mapping);
	else if (CONFIG_EVEN_COWS) yield* unmap_mapping_range(mapping, 0, 0, false);
	else yield* invalidate_mmap_range(mapping, 0, 0);
	event(EVENT_UNMAP_DONE);
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
		event(EVENT_PROTECT, gl.gl_number);
		yield* wrprotect_mapping_range(gl.gl_inode!.i_data);
		event(EVENT_PROTECT_DONE);
	} else {
		yield* ogfs_inval_pte(gl);
	}
}

/**
 * sync_pages - write every dirty page of a file, and wait for all that is being written
 * @mapping: the file
 * @tagged: pass over pages that are clean, locked or not: CONFIG_OGFS_TAGGED_WRITEOUT
 *
 * CONFIG_OGFS_SYNC_PAGES: does not look at the lists, which somebody else's msync may have
 * emptied.
 *
 * Context: no locks. May sleep.
 */
function* sync_pages(mapping: address_space, tagged: bool): Sleeps {
	for (let i = 0; i < NR_FILE_PAGES; i++) {
		const page = mapping.pages[i];
		if (!page) continue;
		if (tagged && !PageDirty(page)) continue;
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
 * wait_pinned - wait until no transfer has hold of a page of the file
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
	event(EVENT_PINNED, mapping.host!.i_ino, mapping.nr_pinned);
	yield* wait_event(() => mapping.nr_pinned === 0);
}

/**
 * sync_inode - bring the disk up to date
 * @gl: the glock, exclusive; with CONFIG_NOPAGE_LOCKED also shared: nothing is dirty, and faults
 *	under way are waited for
 * @flags: DIO_*: the size, the pages
 *
 * "Flush its dirty pages and inode state to disk". GFS1 starts to write the data, flushes the log,
 * and waits for the data last; CONFIG_OGFS_ORDERED_DATA: the data are on the disk before the log
 * says where they are.
 *
 * Context: no locks. May sleep.
 */
function* sync_inode(gl: ogfs_glock, flags: int): Sleeps {
	const inode = gl.gl_inode!;
	const tagged = (flags & DIO_TAGGED) !== 0;
	if (flags & DIO_DATA) {
		event(EVENT_SYNC, gl.gl_number);
		// A fault that had its page locked when the file was unmapped may map it still, and a
		// transfer take hold of it: not after each page was locked and unmapped once.
		if (CONFIG_DIO_WAIT && CONFIG_NOPAGE_LOCKED) yield* sync_pages(inode.i_data, tagged);
		if (CONFIG_DIO_WAIT) yield* wait_pinned(inode.i_data);
		if (NR_LOGS > 0 && !CONFIG_OGFS_ORDERED_DATA && gl.gl_state === LM_ST_EXCLUSIVE) {
			yield* filemap_fdatasync(inode.i_data);
			if (CONFIG_OGFS_SYNC_BUFFERS) yield* fsync_inode_data_buffers(inode);
			yield* inode_sync_meta(gl);
		}
		if (CONFIG_WRITE_MAPPING_RANGE && !CONFIG_OGFS_SYNC_PAGES) {
			yield* write_mapping_range(inode.i_data, 0, 0);
		} else if (CONFIG_OGFS_SYNC_PAGES) {
			yield* sync_pages(inode.i_data, tagged);
		} else {
			yield* filemap_fdatasync(inode.i_data);
			yield* filemap_fdatawait(inode.i_data);
		}
		if (CONFIG_OGFS_SYNC_BUFFERS) yield* fsync_inode_data_buffers(inode);
		event(EVENT_SYNC_DONE);
	}
	if (gl.gl_state !== LM_ST_EXCLUSIVE) return;
	if (NR_LOGS > 0) yield* inode_sync_meta(gl);
	else ogfs_dinode_out(inode);
}

/**
 * inode_sync_meta - bring the inode on the disk up to date: to the journal, then in place
 * @gl: its glock, exclusive
 *
 * Context: no spin lock held. May sleep.
 */
export function* inode_sync_meta(gl: ogfs_glock): Sleeps {
	yield* ogfs_log_flush_glock(gl);
	yield* ogfs_sync_buf(gl);
}

/**
 * inode_is_dirty - has the file pages that differ from the disk?
 * @gl: its glock
 *
 * Return: true: it has.
 * Context: the daemon. Does not sleep.
 */
function inode_is_dirty(gl: ogfs_glock): bool {
	for (let i = 0; i < NR_FILE_PAGES; i++) {
		const page = gl.gl_inode!.i_data.pages[i];
		if (page && page.flags & (PG_dirty | BH_Dirty)) return true;
	}
	return false;
}

/**
 * inode_has_data - does this node remember what is in the file?
 * @inode: the file
 *
 * With READPAGE_LOCKS a page that is to be read is in the cache before the lock is there.
 *
 * Return: true: it does.
 * Context: any. Does not sleep.
 */
export function inode_has_data(inode: inode): bool {
	const mapping = inode.i_data;
	if (!READPAGE_LOCKS) return mapping.nrpages !== 0;
	for (let i = 0; i < NR_FILE_PAGES; i++) {
		const page = mapping.pages[i];
		if (page && Page_Uptodate(page)) return true;
	}
	return false;
}

/**
 * unmap - before the lock of a file goes down: no pte of it, or none that can be stored through
 * @gl: the glock
 * @state: what it goes down to
 *
 * Context: no locks. May sleep.
 */
function* unmap(gl: ogfs_glock, state: int): Sleeps {
	if (state === LM_ST_SHARED) yield* ogfs_wrprotect_pte(gl);
	else yield* ogfs_inval_pte(gl);
}

/**
 * meta_go_sync - write metadata out
 * @gl: the glock
 * @flags: DIO_*
 *
 * Context: no locks. May sleep.
 */
function* meta_go_sync(gl: ogfs_glock, flags: int): Sleeps {
	if (!(flags & DIO_METADATA)) return;
}

/**
 * meta_go_inval - forget metadata
 * @gl: the glock
 * @flags: DIO_*
 *
 * Context: no locks. May sleep.
 */
function* meta_go_inval(gl: ogfs_glock, flags: int): Sleeps {
	if (flags & DIO_METADATA) gl.gl_stale = true;
}

/**
 * meta_go_demote_ok - may it be given up without a request?
 * @gl: the glock
 *
 * Return: true: it may.
 */
function meta_go_demote_ok(gl: ogfs_glock): bool {
	return true;
}

/**
 * inode_go_xmote_th - a file's lock is about to change to another state than UNLOCKED
 * @gl: the glock, GLF_LOCK set, no task holds it
 * @state: what the lock module is asked for
 * @flags: LM_FLAG_*
 *
 * Of a node that goes down to SHARED the ptes become read-only, where GFS1 takes them out.
 *
 * Context: the daemon. May sleep.
 */
function* inode_go_xmote_th(gl: ogfs_glock, state: int, flags: int): Sleeps {
	const unmapped = (gl.gl_flags & GLF_UNMAPPED) !== 0;
	const to = LM_CONVERSION_DEMOTES && gl.gl_req_gh ? LM_ST_UNLOCKED : state;
	if (CONFIG_OGFS_REVOKE_ORDER && !unmapped) yield* unmap(gl, to);
	if (!CONFIG_OGFS_REVOKE_ORDER) {
		yield* sync_inode(gl, DIO_METADATA | DIO_DATA);
		if (!unmapped) yield* unmap(gl, to);
	}
	if (state === LM_ST_SHARED) cover('revoke: to SHARED');
	yield* ogfs_glock_xmote_th(gl, state, flags);
}

/**
 * inode_go_drop_th - a file's lock is about to be given up
 * @gl: the glock, GLF_LOCK set, no task holds it
 *
 * Unmap, write out, unlock, drop the cache, as GFS1. GLF_LOCK keeps everybody away from the cache
 * until it is dropped, so that the other node need not wait for it. The mail drops the cache
 * first and acknowledges last, and so must who has READPAGE_LOCKS: a fault then looks at the cache
 * without the lock.
 *
 * Context: the daemon. May sleep.
 */
function* inode_go_drop_th(gl: ogfs_glock): Sleeps {
	const unmapped = (gl.gl_flags & GLF_UNMAPPED) !== 0;
	if (!CONFIG_OGFS_DROP_LAST) {
		if (gl.gl_state === LM_ST_EXCLUSIVE) yield* sync_inode(gl, DIO_METADATA | DIO_DATA);
		yield* inval_inode(gl);
	}
	if (CONFIG_OGFS_REVOKE_ORDER && !unmapped) yield* unmap(gl, LM_ST_UNLOCKED);
	if (!CONFIG_OGFS_REVOKE_ORDER) {
		if (gl.gl_state === LM_ST_EXCLUSIVE || CONFIG_NOPAGE_LOCKED)
			yield* sync_inode(gl, DIO_METADATA | DIO_DATA);
		if (!unmapped) yield* unmap(gl, LM_ST_UNLOCKED);
	}
	if (gl.gl_state === LM_ST_SHARED) BUG_ON(inode_is_dirty(gl), 'a dirty page under a shared lock');
	cover('revoke: to UNLOCKED');
	yield* ogfs_glock_drop_th(gl);
}

/**
 * inode_go_sync - bring the disk up to date
 * @gl: the glock
 * @flags: DIO_*
 *
 * Without CONFIG_OGFS_REVOKE_ORDER that has been done, before the file was unmapped.
 *
 * Context: no locks. May sleep.
 */
export function* inode_go_sync(gl: ogfs_glock, flags: int): Sleeps {
	if (CONFIG_OGFS_REVOKE_ORDER || flags & DIO_INVISIBLE) yield* sync_inode(gl, flags);
}

/**
 * inval_inode - drop the pages of a file from the cache
 * @gl: its glock
 *
 * Context: no locks. May sleep.
 */
function* inval_inode(gl: ogfs_glock): Sleeps {
	const mapping = gl.gl_inode!.i_data;
	if (CONFIG_EVICT_MAPPING_RANGE) yield* evict_mapping_range(mapping, 0, 0);
	else yield* truncate_inode_pages(mapping, 0);
	BUG_ON(inode_has_data(gl.gl_inode!), 'inode_go_inval: pages left in the cache');
}

/**
 * inode_go_inval - drop what this node remembers of the file
 * @gl: its glock
 * @flags: DIO_*
 *
 * Context: no locks. May sleep.
 */
function* inode_go_inval(gl: ogfs_glock, flags: int): Sleeps {
	if (flags & DIO_METADATA) gl.gl_stale = true;
	if (flags & DIO_DATA) yield* inval_inode(gl);
}

/**
 * inode_go_demote_ok - may it be given up without a request?
 * @gl: the glock
 *
 * After gt_demote_secs, and always when no page is cached: at any time.
 *
 * Return: true: it may.
 */
function inode_go_demote_ok(gl: ogfs_glock): bool {
	return true;
}

/**
 * inode_go_lock - the lock is there: read the inode, unless this node has read this version
 * @gl: its glock
 * @flags: of the holder
 *
 * Return: 0.
 * Context: the first holder, GLF_LOCK set. May sleep.
 */
function* inode_go_lock(gl: ogfs_glock, flags: int): Sleeps<int> {
	if (!gl.gl_stale) return 0;
	BUG_ON(inode_has_data(gl.gl_inode!), 'pages in the cache when a lock is granted');
	if (CONFIG_OGFS_TRUNCATE_COWS && CONFIG_INVALIDATE_MMAP_RANGE && CONFIG_EVEN_COWS)
		yield* ogfs_truncate_cows(gl.gl_inode!);
	ogfs_copyin_dinode(gl.gl_inode!);
	gl.gl_stale = false;
	return 0;
}

/**
 * inode_go_callback - CONFIG_OGFS_BLOCK_FAULTS_FIRST off: unmap, while faults still come in
 * @gl: the glock
 * @state: what it is to go down to
 *
 * Context: the daemon. May sleep.
 */
function* inode_go_callback(gl: ogfs_glock, state: int): Sleeps {
	if (CONFIG_OGFS_BLOCK_FAULTS_FIRST || !CONFIG_OGFS_REVOKE_ORDER) return;
	yield* unmap(gl, state);
	gl.gl_flags |= GLF_UNMAPPED;
}

/**
 * rgrp_go_xmote_th - a resource group's lock is about to change to another state than UNLOCKED
 * @gl: the glock, GLF_LOCK set, no task holds it
 * @state: what the lock module is asked for
 * @flags: LM_FLAG_*
 *
 * Context: the daemon. May sleep.
 */
function* rgrp_go_xmote_th(gl: ogfs_glock, state: int, flags: int): Sleeps {
	yield* ogfs_depend_sync(gl.gl_node);
	yield* ogfs_glock_xmote_th(gl, state, flags);
}

/**
 * rgrp_go_drop_th - a resource group's lock is about to be given up
 * @gl: the glock, GLF_LOCK set, no task holds it
 *
 * Context: the daemon. May sleep.
 */
function* rgrp_go_drop_th(gl: ogfs_glock): Sleeps {
	yield* ogfs_depend_sync(gl.gl_node);
	yield* ogfs_glock_drop_th(gl);
}

/**
 * rgrp_go_sync - write the bitmap (meta_go_sync() in GFS1, which writes the buffers of the glock)
 * @gl: the glock
 * @flags: DIO_*
 *
 * Context: no locks. May sleep.
 */
function* rgrp_go_sync(gl: ogfs_glock, flags: int): Sleeps {
	if (flags & DIO_METADATA && gl.gl_state === LM_ST_EXCLUSIVE) ogfs_rgrp_out(gl.gl_node);
}

/**
 * rgrp_go_inval - forget the bitmap
 * @gl: the glock
 * @flags: DIO_*
 *
 * Context: no locks. May sleep.
 */
function* rgrp_go_inval(gl: ogfs_glock, flags: int): Sleeps {
	if (!(flags & DIO_METADATA)) return;
	gl.gl_stale = true;
	ogfs_rgrp_forget(gl.gl_node);
}

/**
 * rgrp_go_lock - the lock is there: read the bitmap, unless this node has read this version
 * @gl: its glock
 * @flags: of the holder
 *
 * Return: 0.
 * Context: the first holder, GLF_LOCK set. May sleep.
 */
function* rgrp_go_lock(gl: ogfs_glock, flags: int): Sleeps<int> {
	if (!gl.gl_stale) return 0;
	ogfs_rgrp_read(gl.gl_node);
	gl.gl_stale = false;
	return 0;
}

/**
 * nondisk_go_demote_ok - may it be given up without a request?
 * @gl: the glock
 *
 * Return: false: it may not.
 */
function nondisk_go_demote_ok(gl: ogfs_glock): bool {
	return false;
}

export const ogfs_inode_glops: ogfs_glock_operations = {
	go_xmote_th: inode_go_xmote_th,
	go_xmote_bh: null,
	go_drop_th: inode_go_drop_th,
	go_drop_bh: null,
	go_sync: inode_go_sync,
	go_inval: inode_go_inval,
	go_demote_ok: inode_go_demote_ok,
	go_lock: inode_go_lock,
	go_unlock: null,
	go_callback: inode_go_callback,
};

export const ogfs_rgrp_glops: ogfs_glock_operations = {
	go_xmote_th: rgrp_go_xmote_th,
	go_xmote_bh: null,
	go_drop_th: rgrp_go_drop_th,
	go_drop_bh: null,
	go_sync: rgrp_go_sync,
	go_inval: rgrp_go_inval,
	go_demote_ok: meta_go_demote_ok,
	go_lock: rgrp_go_lock,
	go_unlock: null,
	go_callback: null,
};

export const ogfs_meta_glops: ogfs_glock_operations = {
	go_xmote_th: ogfs_glock_xmote_th,
	go_xmote_bh: null,
	go_drop_th: ogfs_glock_drop_th,
	go_drop_bh: null,
	go_sync: meta_go_sync,
	go_inval: meta_go_inval,
	go_demote_ok: meta_go_demote_ok,
	go_lock: null,
	go_unlock: null,
	go_callback: null,
};

export const ogfs_nondisk_glops: ogfs_glock_operations = {
	go_xmote_th: ogfs_glock_xmote_th,
	go_xmote_bh: null,
	go_drop_th: ogfs_glock_drop_th,
	go_drop_bh: null,
	go_sync: null,
	go_inval: null,
	go_demote_ok: nondisk_go_demote_ok,
	go_lock: null,
	go_unlock: null,
	go_callback: null,
};
