// SPDX-License-Identifier: GPL-2.0-only
/**
 * What is global in one running kernel. No kernel file: in C these are variables, and here there
 * are several kernels.
 */
import { kmem_cache, type node_nr, structs } from '../../../harness/kts/prelude.ts';
import { mmu_gather_t } from '../asm/mmu_gather.ts';
import { request, request_queue_t } from './blkdev.ts';
import {
	MAX_SWAPFILES,
	NR_FDS,
	NR_FILES,
	NR_FRAMES,
	NR_KIOBUFS,
	NR_NODES,
	NR_PROCS,
	NR_REQUESTS,
	NR_VMAS,
} from './bounds.ts';
import { address_space, file, inode } from './fs.ts';
import { kiobuf } from './iobuf.ts';
import { page, vm_area_struct } from './mm.ts';
import { spinlock_t } from './spinlock_types.ts';
import { swap_info_struct } from './swap.ts';

export class node {
	id: node_nr = 0;
	/** all page frames */
	readonly page_cachep = kmem_cache(page, NR_FRAMES);
	readonly vm_area_cachep = kmem_cache(vm_area_struct, NR_VMAS * NR_PROCS);
	readonly filp_cachep = kmem_cache(file, NR_FDS * NR_PROCS);
	/** the inodes of the file system's files, in memory from the start */
	readonly inodes = structs(inode, NR_FILES);
	readonly request_cachep = kmem_cache(request, NR_REQUESTS);
	readonly request_queue = new request_queue_t();
	readonly kiobuf_cachep = kmem_cache(kiobuf, NR_KIOBUFS);
	readonly mmu_gather = new mmu_gather_t();
	readonly swap_info = new swap_info_struct();
	/** one, if there is swap */
	readonly swapper_space = structs(address_space, MAX_SWAPFILES);
	readonly pagemap_lru_lock = new spinlock_t();
}

export const nodes = structs(node, NR_NODES);
