// SPDX-License-Identifier: GPL-2.0-only
/**
 * The bounds, each once: name, range, meaning, and where it may be set. The sources
 * declare them with their defaults (config() in vfs/include/linux/bounds.ts and beside it); a test
 * holds that this table has the same names and defaults. --set, `Bounds:` in a header, the check of
 * a trace, `list bounds`, --help and docs/litmus.md follow from it.
 *
 * Interface: BOUNDS boundOf settable rangeOf outOfRange BoundName Bound
 */
import { MODULES } from '../litmus/header.ts';
import { WORDS_MAX } from '../litmus/words.ts';

export interface Bound {
	/** the default in the sources; unused where the test sets the value */
	default: number;
	/** where it may be set; `test`: it follows from the test, `harness`: tests of the harness */
	where: 'both' | '--set' | 'Bounds:' | 'test' | 'harness';
	/** may be less than the test needs: calls that need more fail */
	scarce?: true;
	low: number;
	high: number;
	help: string;
	/** a field of the header that sets it */
	field?: string;
	/** it has a meaning only with one of these */
	with?: readonly string[];
}

/** 32 bits. */
const ANY = { low: -(2 ** 31), high: 2 ** 31 - 1 };
const FLAG = { low: 0, high: 1 };
/** More choices than these are too many for a search. */
const FEW = { low: 0, high: 8 };

/** A size that follows from the test. */
const derived = (value: number, help: string): Bound => ({
	...ANY,
	default: value,
	where: 'test',
	help,
});
/** A feature that the test uses or does not. */
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
		help: '1: another processor may run at every lock; 0: only where a task sleeps',
	},
	CUT: {
		...FLAG,
		default: 0,
		where: '--set',
		help: '1, or all: a build that cuts wherever another processor could come in; without the state predicates',
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
		help: 'allocations that may fail in an execution',
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
		help: 'disk reads that may fail',
	},
	WRITE_ERRORS: {
		...FEW,
		default: 0,
		where: 'both',
		help: 'disk writes that may fail',
	},
	READAHEAD: {
		...FLAG,
		default: 0,
		where: 'both',
		help: '1: reads and faults also read the next page',
	},
	NR_FILE_PAGES: {
		low: 1,
		high: 8,
		default: 1,
		where: 'Bounds:',
		help: 'pages that a file may have; at least as many as the test uses',
	},
	PAGE_WORDS: {
		low: 1,
		high: WORDS_MAX,
		default: 1,
		where: 'Bounds:',
		help: 'ints of a page that the model has',
	},
	PAGE_TAIL: {
		low: 0,
		high: WORDS_MAX,
		default: 0,
		where: 'Bounds:',
		with: ['PAGE_WORDS'],
		help: 'how many of these ints are at the end of the page',
	},
	LOCAL_FS: {
		...FLAG,
		default: 0,
		where: 'Bounds:',
		help: '1: a local file system of one node, without cluster locks',
	},
	NR_RGRP_BLOCKS: {
		low: 0,
		high: 31,
		default: 0,
		where: 'Bounds:',
		help: 'disk blocks that the files share; ENOSPC becomes possible (not with LOCAL_FS, Dies:, O_DIRECT or remap_file_pages)',
	},
	KSWAPD: {
		...FEW,
		default: 0,
		where: 'Bounds:',
		help: 'ptes or pages that the pageout daemon of each node may take, at any time',
	},
	KSWAPD_NODES: {
		low: 1,
		high: 4,
		default: 2,
		where: 'Bounds:',
		with: ['KSWAPD'],
		help: 'nodes, from node 0 on, that have a pageout daemon',
	},
	NR_SWAP: { ...FEW, default: 0, where: 'Bounds:', help: 'swap pages of a node' },
	RECLAIM: {
		...FEW,
		default: 0,
		where: 'Bounds:',
		help: 'allocations of an execution that find memory short: the allocating task frees a page or takes a pte',
	},
	WRITEPAGE_LOCKS: {
		...FLAG,
		default: 0,
		where: 'Bounds:',
		help: '1: the file system takes its lock when it writes a page to free memory',
	},
	READPAGE_LOCKS: {
		...FLAG,
		default: 0,
		where: 'Bounds:',
		help: '1: in mappings that cannot store, the file system takes its lock in ->readpage, not before the fault',
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
		help: '1: an unmap drops page_table_lock after each page',
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
		help: 'idle locks that each node gives up without a request',
	},
	DROPLOCKS: {
		...FEW,
		default: 0,
		where: 'Bounds:',
		help: 'how often, in all, the lock module tells a node to give up its idle locks',
	},
	GREEDY: { ...FLAG, default: 0, where: 'Bounds:', help: '1: glocks have timers (OGFS_GREEDY)' },
	GREEDY_TIME: {
		low: 1,
		high: 64,
		default: 4,
		where: 'Bounds:',
		with: ['GREEDY', 'OVERTAKEN'],
		help: 'quanta of time that the first fault keeps the lock',
	},
	DEATHS: { ...derived(0, 'nodes that may die'), field: 'Dies:' },
	MORTAL: { ...derived(-1, 'a bit for each node that may die'), field: 'Dies:' },
	OVERTAKEN: {
		...derived(0, 'how often an access may lose the lock of its file, plus one'),
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
	MAPPED_BUFFERS: feature('1: buffers of read and write are in mappings'),
	OPEN_FLAGS: feature('1: O_APPEND or O_SYNC'),
	DIRECT_IO: feature('1: O_DIRECT'),
	SIGNALS: feature('1: kill()'),
	MLOCK: feature('1: mlock() or MAP_LOCKED'),
	PRIVATE_COPIES: feature('1: private mappings'),
	CHECK_DATA: {
		...FLAG,
		default: 1,
		where: 'harness',
		help: '0: DATA is not checked (vfshook litmus)',
	},
	NR_JOURNALS: { ...ANY, default: 0, where: 'harness', help: 'journals that have a glock' },
	NR_NONDISK: {
		...ANY,
		default: 0,
		where: 'harness',
		help: 'locks that protect nothing on the disk',
	},
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

/** The error for a value out of range, if it is. */
export function outOfRange(name: string, value: number): string | undefined {
	const bound = boundOf(name);
	if (!bound || (value >= bound.low && value <= bound.high)) return undefined;
	return `${name}=${value} is out of range: ${rangeOf(bound)}`;
}
