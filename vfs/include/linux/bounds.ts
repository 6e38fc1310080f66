// SPDX-License-Identifier: GPL-2.0-only
/**
 * Sizes of the modelled machine: no kernel file. Where C allocates, the port has arrays and pools
 * of these sizes; a test's compiler computes them from the program (harness/litmus).
 */
import { config, type int } from '../../../harness/kts/prelude.ts';

/** kernels */
export const NR_NODES: int = config('NR_NODES', 2);
/** user programs, each a task on a processor of its own */
export const NR_PROCS: int = config('NR_PROCS', 2);
/** ints of user memory that a program keeps outside any mapping */
export const NR_REGS: int = config('NR_REGS', 4);
/** nodes that may die, at any time: so many at most, of those whose bits are set in MORTAL */
export const DEATHS: int = config('DEATHS', 0);
export const MORTAL: int = config('MORTAL', -1);
/** journals in which there is something: one a node, where nodes may die */
export const NR_LOGS: int = DEATHS > 0 ? NR_NODES : 0;
/** files, and pages in the largest of them */
export const NR_FILES: int = config('NR_FILES', 1);
export const NR_FILE_PAGES: int = config('NR_FILE_PAGES', 1);
/** 1: the files are of one node and no cluster: ext2 on the generic functions, no glocks */
export const LOCAL_FS: int = config('LOCAL_FS', 0);
/**
 * Blocks of the disk that the files of the cluster share, in one resource group; 0: every page of
 * every file has a place of its own. At most NR_FILES * NR_FILE_PAGES, of which the files have as
 * many from the start as they have pages.
 */
export const NR_RGRP_BLOCKS: int = LOCAL_FS ? 0 : config('NR_RGRP_BLOCKS', 0);
/** pages of a file that have a number of a block */
export const NR_BLOCK_MAP: int = NR_RGRP_BLOCKS > 0 ? NR_FILE_PAGES : 0;
/** resource groups, journals, and locks of nothing on the disk: each has a glock; 0: none */
export const NR_RGRPS: int = NR_RGRP_BLOCKS > 0 ? 1 : 0;
export const NR_JOURNALS: int = NR_LOGS > 0 ? NR_LOGS : config('NR_JOURNALS', 0);
export const NR_NONDISK: int = config('NR_NONDISK', 0);
/** locks of the cluster, by number: of the files, the resource groups, the journals, the others */
export const FIRST_RGRP_LOCK: int = NR_FILES;
export const FIRST_META_LOCK: int = FIRST_RGRP_LOCK + NR_RGRPS;
export const FIRST_NONDISK_LOCK: int = FIRST_META_LOCK + NR_JOURNALS;
export const NR_LOCKS: int = FIRST_NONDISK_LOCK + NR_NONDISK;
/**
 * Ints of a page that are there: PAGE_TAIL of them at its end, the others at its start. What lies
 * between is not modelled; an access to it ends the exploration with LIMIT.
 */
export const PAGE_WORDS: int = config('PAGE_WORDS', 1);
export const PAGE_TAIL: int = config('PAGE_TAIL', 0);
/** glock daemons of a node: 1, or 2 that share the work */
export const NR_GLOCKD: int = config('NR_GLOCKD', 1);
/** how often the daemon of a node may give up an idle lock without a request */
export const GLOCK_RECLAIM: int = config('GLOCK_RECLAIM', 0);
/** how often a lock module may be short of memory, and tell a node to give up what is idle */
export const DROPLOCKS: int = config('DROPLOCKS', 0);
/** 1: mmap may be told where to map (MAP_FIXED); 0: it never is */
export const MMAP_FIXED: int = config('MMAP_FIXED', 1);
/** 1: mappings may map the pages of a file in another order (remap_file_pages of 2.6) */
export const REMAP_FILE_PAGES: int = config('REMAP_FILE_PAGES', 0);
/** pages of virtual address space in a process, mappings in a process, descriptors in a process */
export const NR_VPAGES: int = config('NR_VPAGES', 1);
export const NR_VMAS: int = config('NR_VMAS', 1);
export const NR_FDS: int = config('NR_FDS', 1);
/** 1: programs truncate files, so that a file has holes, and its pages an end */
export const TRUNCATES: int = config('TRUNCATES', 0);
/** 1: programs read and write at the position of an open file, which moves (read, write) */
export const FILE_POS: int = config('FILE_POS', 0);
/**
 * 1: the file system takes its lock in ->readpage, and not before a fault in a mapping that cannot
 * store into the file: the page is locked by then
 */
export const READPAGE_LOCKS: int = config('READPAGE_LOCKS', 0);
/** a bit for each file whose data are journaled, as metadata are */
export const JDATA_FILES: int = config('JDATA_FILES', 0);
/** a bit for each file that is a directory */
export const DIRS: int = config('DIRS', 0);
/** 1: the buffers of read and write may be in mappings */
export const MAPPED_BUFFERS: int = config('MAPPED_BUFFERS', 0);
/** 1: an unmap lets page_table_lock go after each page, as that of 2.6.0 may after a block */
export const ZAP_RESCHED: int = config('ZAP_RESCHED', 0);
/** 1: a read() reads the next page of the file ahead, and a fault as well */
export const READAHEAD: int = config('READAHEAD', 0);
/** reads and writes of pages of files that may go wrong on the disk */
export const READ_ERRORS: int = config('READ_ERRORS', 0);
export const WRITE_ERRORS: int = config('WRITE_ERRORS', 0);
/** pages of swap of a node; 0: none */
export const NR_SWAP: int = config('NR_SWAP', 0);
export const MAX_SWAPFILES: int = NR_SWAP > 0 ? 1 : 0;
/** pages that an address_space can have: those of a file, or of the swap area (0 is its header) */
export const NR_CACHE_PAGES: int = NR_SWAP >= NR_FILE_PAGES ? NR_SWAP + 1 : NR_FILE_PAGES;
/**
 * Page frames of a node: every page of every file once in the page cache; and for each program one
 * that it still maps after it left the cache, one that it is faulting in, one private copy a page;
 * and every page of swap once in the cache.
 */
export const NR_FRAMES: int = config(
	'NR_FRAMES',
	NR_FILES * NR_FILE_PAGES + NR_PROCS * (NR_VPAGES + 2) + NR_SWAP,
);
/**
 * How often the pageout daemon of a node may take a page or a pte away; 0: there is no daemon.
 */
export const KSWAPD: int = config('KSWAPD', 0);
/** nodes 0.. that have one */
export const KSWAPD_NODES: int = config('KSWAPD_NODES', NR_NODES);
/**
 * 1: the build with a cut wherever another processor could come in (harness/kts/cuts.ts). In it a
 * TLB may also drop an entry at any time.
 */
export const TLB_EVICT: int = config('CUT', 0);
/** kiobufs of a node: what a device, or a process that traces another, has hold of */
export const NR_KIOBUFS: int = config('NR_KIOBUFS', 0);
/** 1: the test opens files with O_APPEND or O_SYNC */
export const OPEN_FLAGS: int = config('OPEN_FLAGS', 0);
/** 1: the test opens files with O_DIRECT */
export const DIRECT_IO: int = config('DIRECT_IO', 0);
/** 1: programs send signals to one another (kill) */
export const SIGNALS: int = config('SIGNALS', 0);
/** 1: the test locks memory (mlock, MAP_LOCKED) */
export const MLOCK: int = config('MLOCK', 0);
/** allocations that fail although there is memory, wherever in the machine */
export const FAIL_ALLOC: int = config('FAIL_ALLOC', 0);
/** allocations that find memory short and take a page or a pte away, wherever in the machine */
export const RECLAIM: int = config('RECLAIM', 0);
/** 1: the file system takes its lock in ->writepage when memory is short */
export const WRITEPAGE_LOCKS: int = config('WRITEPAGE_LOCKS', 0);
/** disk requests that a node can have under way */
export const NR_REQUESTS: int = NR_FILES * NR_FILE_PAGES + NR_PROCS + NR_SWAP + NR_KIOBUFS;
/** one more than how often an access may lose the lock of its file before it is done; 0: any */
export const OVERTAKEN: int = config('OVERTAKEN', 0);
/** 1: glocks have timers (OGFS_GREEDY); and the time in quanta that a fault is given at first */
export const GREEDY: int = OVERTAKEN > 0 ? 1 : config('GREEDY', 0);
export const GREEDY_TIME: int = config('GREEDY_TIME', 4);
/**
 * Tasks: the programs, on each node the glock daemons, the disk and the lock manager's end of the
 * node's connection, the set-up, with KSWAPD on each node its pageout daemon, and with DEATHS who
 * lets nodes die, who cleans up after them, and on each node its recovery daemon; with GREEDY on
 * each node its timers; with DROPLOCKS for each node who tells it that the lock module is full.
 */
export const NR_TASKS: int =
	NR_PROCS +
	1 +
	(2 + NR_GLOCKD) * NR_NODES +
	(KSWAPD > 0 ? KSWAPD_NODES : 0) +
	(DEATHS > 0 ? 2 + NR_NODES : 0) +
	(GREEDY ? NR_NODES : 0) +
	(DROPLOCKS > 0 ? NR_NODES : 0);
