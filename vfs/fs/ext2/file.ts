// SPDX-License-Identifier: GPL-2.0-only
/**
 * fs/ext2/file.c of 2.4.22: what a local file system plugs in, for tests of one node without a
 * cluster (LOCAL_FS). Left out: ioctl, llseek, open, release.
 */
import type { int, Sleeps } from '../../../harness/kts/prelude.ts';
import type { file, file_operations, inode_operations } from '../../include/linux/fs.ts';
import { CONFIG_DIRTY_BY_PAGE } from '../../Kconfig.ts';
import { generic_file_mmap, generic_file_read, generic_file_write } from '../../mm/filemap.ts';
import { fsync_inode_data_buffers } from '../buffer.ts';
import { ext2_truncate } from './inode.ts';

/**
 * ext2_sync_file - ->fsync (fs/ext2/fsync.c): the data are the caller's to write
 * @file: the file
 *
 * Differs:
 *   ext2_fsync_inode -> fsync_inode_data_buffers: the inode is not written
 *   + return: with CONFIG_DIRTY_BY_PAGE there is no dirty buffer
 *
 * Return: 0 or -EIO.
 * Context: i_sem held. May sleep.
 * Source: fs/ext2/fsync.c
 */
function* ext2_sync_file(file: file): Sleeps<int> {
	if (!CONFIG_DIRTY_BY_PAGE) return yield* fsync_inode_data_buffers(file.f_inode!);
	return 0;
}

export const ext2_file_operations: file_operations = {
	read: generic_file_read,
	write: generic_file_write,
	readdir: null,
	mmap: generic_file_mmap,
	fsync: ext2_sync_file,
};

export const ext2_file_inode_operations: inode_operations = {
	truncate: ext2_truncate,
	setattr: null,
	link: null,
};
