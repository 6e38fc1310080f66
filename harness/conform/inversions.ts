// SPDX-License-Identifier: GPL-2.0-only
/**
 * Known orders of locks that contradict others. They violate LOCKDEP like any other, except in the
 * tests that a cause names: those are about something else, and take the locks in this order on
 * their way. There the order is not counted, and the verdict says that it was seen. A test checks
 * that each order is seen and closes a circle, and another that each name is needed.
 * docs/lockdep.md is made from this list.
 *
 * Interface: INVERSIONS isKnown isCounted knownInversions
 */
import type { LockArc } from '../engine/machine.ts';

/** Why locks are taken in an order, and where that is not counted. */
export interface Cause {
	/** with this symbol off; the symbol removes the order */
	off?: string;
	/** with this feature of a test; no symbol removes the order yet */
	feature?: string;
	/** names of tests in which the order is not counted */
	exempt: readonly string[];
	/** a test that shows it */
	shown: string;
	/** why it is there */
	reason: string;
}

export interface Inversion {
	held: string;
	taken: string;
	causes: readonly Cause[];
}

/** An order that was seen and not counted, as a report has it. */
export interface KnownInversion {
	held: string;
	taken: string;
	/** the symbol that removes it; null: none does yet */
	until: string | null;
	/** a test that shows it */
	shown: string;
}

type Arc = Pick<LockArc, 'held' | 'taken'>;

/** Where an order was seen. */
export interface Where {
	/** name of the test */
	test: string;
	/** symbols, and features of the test */
	config: Readonly<Record<string, number>>;
}

const NOLOCK = 'GENERIC_FILE_WRITE_NOLOCK';

/** Tests of something else in which a file is written, and truncated or synced. */
const WRITES_OF_2_4 = [
	'S39-data-behind-the-log',
	'S59-grant-during-recovery',
	'S75-fsync',
	'S87-write-not-prepared',
	'S102-what-fsync-promised',
	'S103-failed-copy-behind-the-end',
	'S105-fsync-in-a-cluster',
	'S107-failed-copy-into-a-hole',
	'S118-memory-short-in-a-fault',
	'S119-fsync-and-upgrade',
];
/** The same, with files that share a resource group. */
const WRITES_OF_2_4_IN_GROUPS = [
	'S40-block-reused-on-another-node',
	'S61-no-space',
	'S109-page-lock-and-resource-group',
	'S112-inode-written-before-it-is-read',
];
const DIRECT = ['S113-direct-write-into-a-hole'];
/** Direct transfers from and to mapped files. */
const DIRECT_MAPPED = ['S54-direct-read-of-what-is-mapped', 'S93-direct-on-two-nodes'];

/** With OGFS_WALK_VM instead of that symbol: the locks of two files are taken beforehand. */
const WALKED = [
	'S43-two-files-two-nodes',
	'S43-read-into-mapped-files',
	'S49-second-page-of-a-write',
];

function copy(shown: string, exempt: readonly string[] = []): Cause {
	const reason =
		'the copy between a page of the file and a buffer faults, because the buffer is in a mapping';
	return { off: 'NOFAULT_COPY', exempt, shown, reason };
}

export const INVERSIONS: readonly Inversion[] = [
	{
		held: 'glock',
		taken: 'i_sem',
		causes: [
			{
				off: NOLOCK,
				exempt: [...WRITES_OF_2_4, ...WRITES_OF_2_4_IN_GROUPS],
				shown: 'S85',
				reason:
					'generic_file_write() takes i_sem under the glock that ogfs_write() has, and ftruncate() and fsync() call the file system under i_sem',
			},
			{
				off: 'DIRECT_IO_NOLOCK',
				exempt: [...DIRECT, ...DIRECT_MAPPED],
				shown: 'S86',
				reason:
					'direct I/O takes i_sem under the glock; write(), ftruncate() and fsync() have it already',
			},
		],
	},
	{
		held: 'i_sem',
		taken: 'mmap_sem',
		causes: [
			copy('S42'),
			{
				feature: 'DIRECT_IO',
				exempt: [],
				shown: 'S36',
				reason: 'direct I/O of a local file system looks up its buffer under i_sem',
			},
		],
	},
	{
		held: 'glock',
		taken: 'i_alloc_sem',
		causes: [
			{
				off: 'DIRECT_IO_NOLOCK',
				exempt: [...DIRECT, ...DIRECT_MAPPED],
				shown: 'S86',
				reason: 'direct I/O takes it under the glock, but ftruncate() takes the glock under it',
			},
		],
	},
	{
		held: 'glock_rgrp',
		taken: 'i_sem',
		causes: [
			{
				off: NOLOCK,
				exempt: WRITES_OF_2_4_IN_GROUPS,
				shown: 'S85',
				reason:
					'as for glock and i_sem, but a block is reserved before the write: ftruncate() frees blocks under i_sem',
			},
		],
	},
	{
		held: 'glock',
		taken: 'mmap_sem',
		causes: [
			copy('S44', ['S42-read-into-the-same-file', 'S47-recursion', ...WALKED, ...DIRECT_MAPPED]),
		],
	},
	{ held: 'glock', taken: 'glock', causes: [copy('S43')] },
	{ held: 'page', taken: 'mmap_sem', causes: [copy('S42')] },
	{
		held: 'page',
		taken: 'page',
		causes: [
			copy('S42'),
			{
				off: 'OGFS_GFP_NOFS',
				exempt: [],
				shown: 'S117',
				reason: 'if memory is short, an allocation with a page locked waits for another page',
			},
		],
	},
	{
		held: 'page',
		taken: 'glock',
		causes: [
			{
				off: 'AOP_TRUNCATED_PAGE',
				exempt: [],
				shown: 'S45',
				reason: 'the file system takes its lock in ->readpage, where the page is locked',
			},
		],
	},
	{
		held: 'i_rw_mutex',
		taken: 'page',
		causes: [
			{
				off: 'OGFS_GFP_NOFS',
				exempt: [],
				shown: 'S117',
				reason:
					'if memory is short, an allocation with the block map locked waits for a page in ->writepage, which reads the block map',
			},
		],
	},
];

/** Why locks are taken in this order, with these symbols and features. */
function causesOf({ held, taken }: Arc, { config }: Pick<Where, 'config'>): Cause[] {
	const known = INVERSIONS.find((i) => i.held === held && i.taken === taken);
	return (known?.causes ?? []).filter(({ off, feature }) =>
		off === undefined ? config[feature ?? ''] > 0 : !config[off],
	);
}

/** Is this order a known inversion, with these symbols and features? */
export function isKnown(arc: Arc, where: Pick<Where, 'config'>): boolean {
	return causesOf(arc, where).length > 0;
}

const exemption = (arc: Arc, where: Where): Cause | undefined =>
	causesOf(arc, where).find(({ exempt }) => exempt.includes(where.test));

/** May this order close a circle? */
export function isCounted(arc: Arc, where: Where): boolean {
	return exemption(arc, where) === undefined;
}

/** The orders that were seen and are not counted there. `arcs`: as CheckReport.locks. */
export function knownInversions(arcs: readonly string[], where: Where): KnownInversion[] {
	return arcs.flatMap((text) => {
		const arc = arcOf(text);
		const cause = exemption(arc, where);
		return cause ? [{ ...arc, until: cause.off ?? null, shown: cause.shown }] : [];
	});
}

/** `A -> B` as a report has it. */
export function arcOf(text: string): Arc {
	const [held, taken] = text.split(' -> ');
	return { held, taken };
}
