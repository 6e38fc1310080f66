// SPDX-License-Identifier: GPL-2.0-only
/** Inode operations (GFS1: src/gfs/ops_inode.c): the size of a file, entries of a directory. */
import { cover, type int, type Sleeps } from '../../harness/kts/prelude.ts';
import { NR_RGRP_BLOCKS } from '../../vfs/include/linux/bounds.ts';
import { EEXIST, EPERM, ERESTARTSYS } from '../../vfs/include/linux/errno.ts';
import { type inode, type inode_operations, S_ISDIR } from '../../vfs/include/linux/fs.ts';
import { block_truncate_page, free_blocks, inode_setattr } from '../../vfs/kernel/ksyms.ts';
import { LM_ST_EXCLUSIVE } from '../locking/lm_interface.ts';
import { ogfs_truncatei } from './bmap.ts';
import { ogfs_dir_add, ogfs_dir_search } from './dir.ts';
import { CALL_WAIT, ogfs_glock_nq_init } from './glock.ts';
import { ogfs_glock_of } from './incore.ts';
import { ogfs_glock_dq_m, ogfs_glock_nq_m } from './walk.ts';
import { ogfs_glock_dq_uninit } from './xmote.ts';

/**
 * ogfs_setattr - set the size of a file
 * @inode: the file
 * @ia_size: bytes
 *
 * The lock is taken under i_sem, as do_truncate() holds it. ogfs_write() takes them in the same
 * order with CONFIG_GENERIC_FILE_WRITE_NOLOCK, and in direct writes with CONFIG_DIRECT_IO_NOLOCK.
 * Without them it takes the lock first: with both on one node, and the lock wanted elsewhere, each
 * may wait for the other.
 *
 * Differs from GFS1: the file is unmapped behind its end also if its size is that already.
 *
 * Return: 0 or a negative error number.
 * Context: i_sem held. Takes the glock exclusively. May sleep.
 */
function* ogfs_setattr(inode: inode, ia_size: int): Sleeps<int> {
	const gl = ogfs_glock_of(inode);
	const gh = yield* ogfs_glock_nq_init(gl, LM_ST_EXCLUSIVE, CALL_WAIT);
	if (CALL_WAIT && !gh) return -ERESTARTSYS;
	const error = yield* inode_setattr(inode, ia_size);
	if (NR_RGRP_BLOCKS > 0 && !error) yield* ogfs_truncatei(inode, ia_size);
	cover('ogfs: truncate');
	yield* ogfs_glock_dq_uninit(gl, gh!);
	return error;
}

/**
 * ogfs_truncate - the file has been cut: free what is behind its end
 * @inode: the file
 *
 * With resource groups ogfs_setattr() frees it. As GFS1, whose gfs_truncator_page() does what
 * block_truncate_page() does.
 *
 * Context: i_sem held, and the glock exclusively. May sleep.
 */
function* ogfs_truncate(inode: inode): Sleeps {
	yield* block_truncate_page(inode.i_data, inode.i_size);
	if (NR_RGRP_BLOCKS === 0) free_blocks(inode);
}

/**
 * ogfs_link - enter a file in a directory
 * @inode: the file
 * @dir: the directory
 *
 * Both locks are taken, in the order of all who take several: in the file its links are counted.
 *
 * Differs from GFS1: the count is left out, and the entry is in the inode of the directory, so that
 * no block is needed for it.
 *
 * Return: 0 or a negative error number.
 * Context: i_sem of @dir held. Takes both glocks exclusively. May sleep.
 */
function* ogfs_link(inode: inode, dir: inode): Sleeps<int> {
	if (S_ISDIR(inode)) return -EPERM;
	const gl = ogfs_glock_of(dir);
	const other = ogfs_glock_of(inode);
	yield* ogfs_glock_nq_m(gl, LM_ST_EXCLUSIVE, other, LM_ST_EXCLUSIVE);
	const error = ogfs_dir_search(dir, inode) ? -EEXIST : 0;
	if (!error) ogfs_dir_add(dir, inode);
	yield* ogfs_glock_dq_m(gl, other);
	return error;
}

export const ogfs_dir_iops: inode_operations = {
	truncate: ogfs_truncate,
	setattr: ogfs_setattr,
	link: ogfs_link,
};

export const ogfs_file_iops: inode_operations = {
	truncate: ogfs_truncate,
	setattr: ogfs_setattr,
	link: null,
};
