// SPDX-License-Identifier: GPL-2.0-only
/**
 * fs/attr.c of 2.4.22: the attributes of an inode, of which there is one, its size. Left out:
 * owners, modes, times, quota, dnotify.
 */
import type { int, Sleeps } from '../../harness/kts/prelude.ts';
import type { inode } from '../include/linux/fs.ts';
import { vmtruncate } from '../mm/memory.ts';

/**
 * inode_setattr - set the size of a file
 * @inode: the file
 * @ia_size: bytes
 *
 * Differs:
 *   - mark_inode_dirty: sizes are written with the data
 *   - in_group_p: no owners
 *
 * Return: 0 or a negative error number.
 * Context: i_sem held. May sleep.
 */
export function* inode_setattr(inode: inode, ia_size: int): Sleeps<int> {
	return yield* vmtruncate(inode, ia_size);
}

/**
 * notify_change - set the size of a file as its file system wants it done
 * @inode: the file
 * @ia_size: bytes
 *
 * Differs:
 *   - inode_change_ok, DQUOT_TRANSFER, setattr_mask: owners and watchers are left out
 *   + return: C keeps the result for dnotify
 *
 * Return: 0 or a negative error number.
 * Context: i_sem held. May sleep.
 */
export function* notify_change(inode: inode, ia_size: int): Sleeps<int> {
	if (inode.i_op && inode.i_op.setattr) return yield* inode.i_op.setattr(inode, ia_size);
	return yield* inode_setattr(inode, ia_size);
}
