// SPDX-License-Identifier: GPL-2.0-only
/**
 * The bounds, each once: what may be set, in which range, where, and what it means. The sources
 * declare them with their defaults (config() in vfs/include/linux/bounds.ts and beside it); a test
 * holds that this table has the same names and defaults. --set, `Bounds:` in a header, the check of
 * a trace, `list bounds`, --help and docs/litmus.md follow from it.
 *
 * Interface: BOUNDS boundOf settable rangeOf outOfRange BoundName Bound
 */
import { MODULES } from '../litmus/header.ts';
import { WORDS_MAX } from '../litmus/words.ts';

export interface Bound {
	/** what the sources say if nothing else does; for those that a test sets, it never counts */
	default: number;
	/** where it may be set; `test`: it is worked out from the test, `harness`: by tests of its own */
	where: 'both' | '--set' | 'Bounds:' | 'test' | 'harness';
	/** there may be fewer than the test needs: what needs more fails */
	scarce?: true;
	low: number;
	high: number;
	help: string;
	/** a field of the header that sets it */
	field?: string;
	/** the bound without which it means nothing */
	with?: readonly string[];
}

/** 32 bits. */
const ANY = { low: -(2 ** 31), high: 2 ** 31 - 1 };
const FLAG = { low: 0, high: 1 };
/** So many of what may happen are more than a search can do. */
const FEW = { low: 0, high: 8 };

/** A size that follows from the test. */
const derived = (value: number, help: string): Bound => ({
	...ANY,
	default: value,
	where: 'test',
	help,
});
/** What the calls and words of the test say. */
const feature = (help: string, value = 0): Bound => derived(value, help);

export const BOUNDS = {
	NR_NODES: {
		low: 1,
		high: 4,
		default: 2,
		where: 'both',
		help: 'kernels; at least as many as the test has nodes',
	},
	SMP: {
		...FLAG,
		default: 1,
		where: 'both',
		help: '1: another processor may come in at every lock; 0: only where a task sleeps',
	},
	LOCK_MODULE: {
		low: 0,
		high: MODULES.length - 1,
		default: 0,
		where: '--set',
		field: 'Module:',
		help: MODULES.map((name, i) => `${i}: ${name}`).join(', '),
	},
	FAIL_ALLOC: {
		low: 0,
		high: 4,
		default: 0,
		where: 'both',
		help: 'allocations of an execution that fail, by choice',
	},
	NR_FRAMES: {
		low: 1,
		high: 64,
		default: 7,
		where: 'both',
		help: 'page frames of a node; without it, enough for all that the test can map and cache',
	},
	READ_ERRORS: {
		...FEW,
		default: 0,
		where: 'both',
		help: 'reads that may go wrong on the disk',
	},
	WRITE_ERRORS: {
		...FEW,
		default: 0,
		where: 'both',
		help: 'writes that may go wrong on the disk',
	},
	READAHEAD: {
		...FLAG,
		default: 0,
		where: 'both',
		help: '1: reads and faults read the next page ahead',
	},
	NR_FILE_PAGES: {
		low: 1,
		high: 8,
		default: 1,
		where: 'Bounds:',
		help: 'pages that a file may have; at least as many as the test shows',
	},
	PAGE_WORDS: {
		low: 1,
		high: WORDS_MAX,
		default: 1,
		where: 'Bounds:',
		help: 'ints of a page that are there',
	},
	PAGE_TAIL: {
		low: 0,
		high: WORDS_MAX,
		default: 0,
		where: 'Bounds:',
		with: ['PAGE_WORDS'],
		help: 'so many of them at its end',
	},
	LOCAL_FS: {
		...FLAG,
		default: 0,
		where: 'Bounds:',
		help: '1: a local file system of one node, without the locks of a cluster',
	},
	NR_RGRP_BLOCKS: {
		low: 0,
		high: 31,
		default: 0,
		where: 'Bounds:',
		help: 'blocks of the disk that the files share, so that ENOSPC is possible (not with LOCAL_FS, Dies:, O_DIRECT or remap_file_pages)',
	},
	KSWAPD: {
		...FEW,
		default: 0,
		where: 'Bounds:',
		help: 'ptes or pages that the pageout daemon of each node takes away, whenever it likes',
	},
	KSWAPD_NODES: {
		low: 1,
		high: 4,
		default: 2,
		where: 'Bounds:',
		with: ['KSWAPD'],
		help: 'nodes, from node 0 on, that have a pageout daemon',
	},
	NR_SWAP: { ...FEW, default: 0, where: 'Bounds:', help: 'pages of swap of a node' },
	RECLAIM: {
		...FEW,
		default: 0,
		where: 'Bounds:',
		help: 'allocations of an execution that find memory short, and free a page or take a pte away in the task that needs the memory',
	},
	WRITEPAGE_LOCKS: {
		...FLAG,
		default: 0,
		where: 'Bounds:',
		help: '1: the file system takes its lock when a page is written for want of memory',
	},
	READPAGE_LOCKS: {
		...FLAG,
		default: 0,
		where: 'Bounds:',
		help: '1: the file system takes its lock in ->readpage, not before a fault in a mapping that cannot store',
	},
	JDATA_FILES: {
		low: 0,
		high: 255,
		default: 0,
		where: 'Bounds:',
		help: 'a bit for each file whose data are journaled',
	},
	ZAP_RESCHED: {
		...FLAG,
		default: 0,
		where: 'Bounds:',
		help: '1: an unmap lets page_table_lock go after each page',
	},
	NR_GLOCKD: {
		low: 1,
		high: 2,
		default: 1,
		where: 'Bounds:',
		help: 'glock daemons of each node: two revokes of a node may overlap, and a grant and a revoke',
	},
	GLOCK_RECLAIM: {
		...FEW,
		default: 0,
		where: 'Bounds:',
		help: 'locks that nobody holds which each node gives up, though nobody asked',
	},
	DROPLOCKS: {
		...FEW,
		default: 0,
		where: 'Bounds:',
		help: 'how often in all the lock module tells a node to give up all locks that nobody holds',
	},
	GREEDY: { ...FLAG, default: 0, where: 'Bounds:', help: '1: glocks have timers (OGFS_GREEDY)' },
	GREEDY_TIME: {
		low: 1,
		high: 64,
		default: 4,
		where: 'Bounds:',
		with: ['GREEDY', 'OVERTAKEN'],
		help: 'quanta of time that a fault is given at first',
	},
	DEATHS: { ...derived(0, 'nodes that may die'), field: 'Dies:' },
	MORTAL: { ...derived(-1, 'a bit for each node that may die'), field: 'Dies:' },
	OVERTAKEN: {
		...derived(0, 'one more than how often an access may lose the lock of its file'),
		field: 'Overtaken:',
	},
	NR_PROCS: derived(2, 'programs'),
	NR_REGS: derived(4, 'ints that a program keeps outside any mapping'),
	NR_FILES: derived(1, 'files'),
	NR_VPAGES: derived(1, 'pages of virtual address space of a process'),
	NR_VMAS: {
		low: 1,
		high: 16,
		default: 1,
		where: 'Bounds:',
		scarce: true,
		help: 'mappings of a process; with fewer than the test makes, mmap and the like fail',
	},
	NR_FDS: derived(1, 'descriptors of a process'),
	NR_KIOBUFS: feature('kiobufs of a node'),
	CALLS: feature('a bit for each system call that the test makes', -1),
	MMAP_FIXED: feature('1: mmap() may be told where to map', 1),
	REMAP_FILE_PAGES: feature('1: remap_file_pages()'),
	TRUNCATES: feature('1: files are truncated, or have an end within a page'),
	FILE_POS: feature('1: read() and write() at the position of the open file'),
	DIRS: feature('a bit for each file that is a directory'),
	MAPPED_BUFFERS: feature('1: buffers of read and write lie in mappings'),
	OPEN_FLAGS: feature('1: O_APPEND or O_SYNC'),
	DIRECT_IO: feature('1: O_DIRECT'),
	SIGNALS: feature('1: kill()'),
	MLOCK: feature('1: mlock() or MAP_LOCKED'),
	PRIVATE_COPIES: feature('1: private mappings'),
	CHECK_DATA: {
		...FLAG,
		default: 1,
		where: 'harness',
		help: '0: DATA is not looked at (vfshook litmus)',
	},
	NR_JOURNALS: { ...ANY, default: 0, where: 'harness', help: 'journals that have a glock' },
	NR_NONDISK: { ...ANY, default: 0, where: 'harness', help: 'locks of nothing on the disk' },
	LM_CANCELS: { ...ANY, default: 0, where: 'harness', help: 'requests that a client cancels' },
} as const satisfies Record<string, Bound>;

export type BoundName = keyof typeof BOUNDS;

export function boundOf(name: string): Bound | undefined {
	return Object.hasOwn(BOUNDS, name) ? BOUNDS[name as BoundName] : undefined;
}

/** The names that may be set in a place. */
export function settable(place: '--set' | 'Bounds:'): string[] {
	return Object.keys(BOUNDS).filter((name) => {
		const { where } = BOUNDS[name as BoundName];
		return where === 'both' || where === place;
	});
}

/** `1 to 4 (kernels)` */
export function rangeOf({ low, high, help }: Bound): string {
	return `${low} to ${high} (${help})`;
}

/** What is wrong with a value; undefined: nothing. */
export function outOfRange(name: string, value: number): string | undefined {
	const bound = boundOf(name);
	if (!bound || (value >= bound.low && value <= bound.high)) return undefined;
	return `${name}=${value} is out of range: ${rangeOf(bound)}`;
}
