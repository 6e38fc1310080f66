// SPDX-License-Identifier: GPL-2.0-only
/**
 * Orders of locks that contradict others and are known: without them what the suite sees has no
 * circle. A test holds that each of them is seen.
 */
import type { LockArc } from '../engine/machine.ts';

export interface Inversion {
	held: string;
	taken: string;
	/** the symbol that takes it away: where that is on, it is as wrong as any other; null: none */
	until: string | null;
	/** why it is there */
	reason: string;
}

const COPY =
	'the copy between a page of the file and a buffer faults, and the buffer is in a mapping';

export const INVERSIONS: readonly Inversion[] = [
	{
		held: 'i_sem',
		taken: 'mmap_sem',
		until: null,
		reason: `${COPY}; direct I/O of a local file system looks for its buffer under i_sem`,
	},
	{
		held: 'glock',
		taken: 'i_sem',
		until: null,
		reason:
			'generic_file_write() takes i_sem under the glock that ogfs_write() has, and ftruncate() of 2.4.22 calls the file system under i_sem: S85 deadlocks; with GENERIC_FILE_WRITE_NOLOCK only direct I/O still does: S86',
	},
	{
		held: 'glock',
		taken: 'i_alloc_sem',
		until: null,
		reason: 'direct I/O takes it under the glock, and ftruncate() has it already: S86 deadlocks',
	},
	{
		held: 'glock_rgrp',
		taken: 'i_sem',
		until: 'GENERIC_FILE_WRITE_NOLOCK',
		reason:
			'the same, with a block reserved before the write: ftruncate() gives blocks back under i_sem',
	},
	{ held: 'glock', taken: 'mmap_sem', until: 'NOFAULT_COPY', reason: COPY },
	{ held: 'glock', taken: 'glock', until: 'NOFAULT_COPY', reason: COPY },
	{ held: 'page', taken: 'mmap_sem', until: 'NOFAULT_COPY', reason: COPY },
	{
		held: 'page',
		taken: 'glock',
		until: 'AOP_TRUNCATED_PAGE',
		reason:
			'a file system that takes its lock in ->readpage, where the page is locked: S45 deadlocks',
	},
	{ held: 'page', taken: 'page', until: 'NOFAULT_COPY', reason: COPY },
	{
		held: 'i_rw_mutex',
		taken: 'page',
		until: 'OGFS_GFP_NOFS',
		reason:
			'who allocates with the map of the blocks locked waits, when memory is short, for a page in ->writepage, which looks into the map: S117 and S118 deadlock',
	},
];

/** Is this arc none of the inversions that are known with these symbols? */
export function isRegular(
	{ held, taken }: Pick<LockArc, 'held' | 'taken'>,
	symbols: Readonly<Record<string, number>>,
): boolean {
	const known = INVERSIONS.find((i) => i.held === held && i.taken === taken);
	return !known || (known.until !== null && symbols[known.until] === 1);
}
