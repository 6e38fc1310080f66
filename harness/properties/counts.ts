// SPDX-License-Identifier: GPL-2.0-only
/**
 * Counts that must be right in every state, and objects that may be left when all programs have
 * ended.
 */

import { pte_present } from '../../vfs/include/asm/pgtable.ts';
import {
	KSWAPD,
	MAX_SWAPFILES,
	NR_CACHE_PAGES,
	NR_FDS,
	NR_FILES,
	NR_FRAMES,
	NR_KIOBUFS,
	NR_NODES,
	NR_PROCS,
	NR_REQUESTS,
	NR_VMAS,
	NR_VPAGES,
	RECLAIM,
} from '../../vfs/include/linux/bounds.ts';
import type { address_space, file } from '../../vfs/include/linux/fs.ts';
import {
	type mm_struct,
	PageLocked,
	type page,
	type vm_area_struct,
} from '../../vfs/include/linux/mm.ts';
import { type node, nodes } from '../../vfs/include/linux/node.ts';
import { files_structs, mms } from '../../vfs/include/linux/sched.ts';
import { ASSERT, type bool, type int, kmem_cache_slot } from '../kts/prelude.ts';
import { cluster_fs } from '../world/fs.ts';
import { about_node, about_proc, node_of_proc } from './pieces.ts';

/** How many ptes of an address space map this page. */
function ptes_of(mm: mm_struct, page: page): int {
	let n = 0;
	for (let v = 0; v < NR_VPAGES; v++) if (mm.pgd[v].page === page) n++;
	return n;
}

/** How many ptes of a node map this page: no others can. */
function uses_by_ptes(node: int, page: page): int {
	let n = 0;
	for (let p = 0; p < NR_PROCS; p++) if (about_proc(node, p)) n += ptes_of(mms[p], page);
	return n;
}

/** Mapped pages have at least as many references as ptes; rss is the number of ptes. */
function check_mm(node: int, mm: mm_struct): void {
	let present = 0;
	for (let v = 0; v < NR_VPAGES; v++) {
		if (!pte_present(mm.pgd[v])) continue;
		present++;
		const page = mm.pgd[v].page!;
		ASSERT(
			'COUNT',
			page.count >= uses_by_ptes(node, page),
			'a page has fewer references than ptes',
		);
	}
	// exit_mmap() forgets it first
	if (!mm.page_table_lock.locked && mm.mm_users > 0)
		ASSERT('COUNT', mm.rss === present, 'rss is not the number of ptes');
}

/** nrpages is the number of pages in the cache; the mapping and index of each are right. */
function check_mapping_pages(mapping: address_space): void {
	let n = 0;
	for (let k = 0; k < NR_CACHE_PAGES; k++) {
		const page = mapping.pages[k];
		if (!page) continue;
		n++;
		ASSERT('COUNT', page.count > 0, 'a page in the cache has no reference');
		ASSERT(
			'COUNT',
			page.mapping === mapping && page.index === k,
			'a page in the cache has another mapping or index',
		);
	}
	ASSERT('COUNT', n === mapping.nrpages, 'nrpages is not the number of pages in the cache');
}

/** In every state. */
export function check_counts(piece: int): void {
	for (let p = 0; p < NR_PROCS; p++) if (about_proc(piece, p)) check_mm(node_of_proc(p), mms[p]);
	for (let n = 0; n < NR_NODES; n++) {
		if (!about_node(piece, n)) continue;
		for (let i = 0; i < NR_FILES; i++) check_mapping_pages(nodes[n].inodes[i].i_data);
		for (let i = 0; i < MAX_SWAPFILES; i++) check_mapping_pages(nodes[n].swapper_space[i]);
	}
}

/** Is a node quiet: no transfer, no change of a lock, no page locked? */
function is_quiet(n: int): bool {
	const node = nodes[n];
	if (node.request_queue.nr > 0) return false;
	const ops = cluster_fs();
	if (ops.idle && !ops.idle(n)) return false;
	for (let i = 0; i < NR_FRAMES; i++) {
		const page = kmem_cache_slot(node.page_cachep, i);
		if (page && PageLocked(page)) return false;
	}
	return true;
}

/**
 * Every allocated page is in a cache or in page tables, and has a reference for each. The pageout
 * daemon may still have a reference to a page that it has waited for.
 */
function check_pages(node: node): void {
	for (let i = 0; i < NR_FRAMES; i++) {
		const page = kmem_cache_slot(node.page_cachep, i);
		if (!page) continue;
		let uses = uses_by_ptes(node.id, page) + (page.mapping ? 1 : 0);
		if (KSWAPD > 0 && RECLAIM > 0 && page.count === uses + 1) uses++;
		ASSERT('LEAK', page.count === uses, 'a page has more or fewer references than uses');
	}
}

/** Is this mapping on the list of its address space? */
function is_listed(vma: vm_area_struct): bool {
	for (let v = vma.vm_mm!.mmap; v; v = v.vm_next) if (v === vma) return true;
	return false;
}

/** How many mappings and descriptors of a node have this file. */
function uses_of_file(node: node, file: file): int {
	let n = 0;
	for (let i = 0; i < NR_VMAS * NR_PROCS; i++) {
		const vma = kmem_cache_slot(node.vm_area_cachep, i);
		if (vma && vma.vm_file === file) n++;
	}
	for (let p = 0; p < NR_PROCS; p++) {
		if (!about_proc(node.id, p)) continue;
		for (let fd = 0; fd < NR_FDS; fd++) if (files_structs[p].fd[fd] === file) n++;
	}
	return n;
}

/** Mappings, files, requests and kiobufs of a node. */
function check_structs(node: node): void {
	for (let i = 0; i < NR_VMAS * NR_PROCS; i++) {
		const vma = kmem_cache_slot(node.vm_area_cachep, i);
		if (vma) ASSERT('LEAK', is_listed(vma), 'a vm_area_struct is on no list');
	}
	for (let i = 0; i < NR_FDS * NR_PROCS; i++) {
		const file = kmem_cache_slot(node.filp_cachep, i);
		if (!file) continue;
		const uses = uses_of_file(node, file);
		ASSERT('LEAK', file.f_count === uses, 'a file has more or fewer references than uses');
	}
	for (let i = 0; i < NR_REQUESTS; i++)
		ASSERT('LEAK', kmem_cache_slot(node.request_cachep, i) === null, 'a request is left');
	for (let i = 0; i < NR_KIOBUFS; i++)
		ASSERT('LEAK', kmem_cache_slot(node.kiobuf_cachep, i) === null, 'a kiobuf is left');
}

/** When all programs have ended, on quiet nodes. */
export function check_leaks(piece: int): void {
	for (let n = 0; n < NR_NODES; n++) {
		if (!about_node(piece, n)) continue;
		const node = nodes[n];
		if (!is_quiet(n)) continue;
		check_pages(node);
		check_structs(node);
	}
}
