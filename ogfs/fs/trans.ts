// SPDX-License-Identifier: GPL-2.0-only
/**
 * Transactions (GFS1: src/gfs/trans.c). OpenGFS's own names could not be read; GFS1's are used.
 *
 * Differs from GFS1: what a transaction changes goes into the journal elsewhere (log.ts). Here is
 * that a task is in one, which is looked at where memory may be short (RECLAIM). Those of a write,
 * of a hole that a fault fills and of blocks that are given back are marked, as under no others
 * memory is allocated with the map of the blocks locked.
 */
import { BUG_ON, type bool } from '../../harness/kts/prelude.ts';
import { RECLAIM } from '../../vfs/include/linux/bounds.ts';
import { current } from '../../vfs/include/linux/sched.ts';

/**
 * current_transaction - is this task in a transaction?
 *
 * Return: true: it is.
 * Context: any. In GFS1 a macro (src/gfs/gfs.h).
 */
export function current_transaction(): bool {
	return RECLAIM > 0 && current().journal_info;
}

/**
 * ogfs_trans_begin - begin a transaction
 *
 * Context: the locks of what it changes held; in no transaction.
 */
export function ogfs_trans_begin(): void {
	if (RECLAIM === 0) return;
	BUG_ON(current().journal_info, 'a transaction in a transaction');
	current().journal_info = true;
}

/**
 * ogfs_trans_end - end a transaction
 *
 * Context: in a transaction.
 */
export function ogfs_trans_end(): void {
	if (RECLAIM === 0) return;
	BUG_ON(!current().journal_info, 'the end of no transaction');
	current().journal_info = false;
}
