// SPDX-License-Identifier: GPL-2.0-only
/**
 * A local file system as the machine sees it: its table of cluster_fs.ts (LOCAL_FS). One node has
 * all files, so that there are no rights and no daemons. No kernel file.
 */
import { type int, structs, type value_t } from '../../../harness/kts/prelude.ts';
import { LOCAL_FS, NR_FILES } from '../../include/linux/bounds.ts';
import type { cluster_fs_operations } from '../../include/linux/cluster_fs.ts';
import type { inode } from '../../include/linux/fs.ts';
import { ext2_file_inode_operations, ext2_file_operations } from './file.ts';
import { ext2_aops } from './inode.ts';

/** An inode on the disk, as it was formatted: nothing writes it back (ext2_sync_file()). */
class ext2_inode {
	i_size: int = 0;
	/** a bit for each page that has a block */
	i_blocks: int = 0;
}
export const ext2_inodes = structs(ext2_inode, LOCAL_FS ? NR_FILES : 0);

/**
 * ext2_format_file - a file is on the disk
 * @ino: its number
 * @size: in bytes
 * @entries: unused, there are no directories
 *
 * Context: the set-up.
 */
function ext2_format_file(ino: int, size: int, entries: value_t): void {
	ext2_inodes[ino].i_size = size;
	ext2_inodes[ino].i_blocks = (1 << ((size + 4095) >> 12)) - 1;
}

/**
 * ext2_machine_read_inode - the operations of an inode, its size and its blocks
 * @inode: the inode
 *
 * Context: the set-up.
 */
function ext2_machine_read_inode(inode: inode): void {
	inode.i_op = ext2_file_inode_operations;
	inode.i_fop = ext2_file_operations;
	inode.i_data.a_ops = ext2_aops;
	inode.i_size = ext2_inodes[inode.i_ino].i_size;
	inode.i_blocks = ext2_inodes[inode.i_ino].i_blocks;
}

/**
 * ext2_disk_size - the size of a file by its inode on the disk
 * @ino: the file
 *
 * Return: bytes.
 * Context: any.
 */
function ext2_disk_size(ino: int): int {
	return ext2_inodes[ino].i_size;
}

/**
 * ext2_disk_blocks - which pages of a file have a block, by its inode on the disk
 * @ino: the file
 *
 * Return: a bit for each page.
 * Context: any.
 */
function ext2_disk_blocks(ino: int): int {
	return ext2_inodes[ino].i_blocks;
}

export const ext2_cluster_fs: cluster_fs_operations = {
	init: null,
	format_file: ext2_format_file,
	format_page: null,
	read_inode: ext2_machine_read_inode,
	mount: null,
	spawn_daemons: null,
	spawn_server: null,
	spawn_helpers: null,
	spawn_recovery: null,
	right: null,
	right_changes: null,
	give_up: null,
	quiet: null,
	idle: null,
	drop_locks: null,
	disk_size: ext2_disk_size,
	disk_blocks: ext2_disk_blocks,
	disk_block: null,
	committed_size: null,
	committed_blocks: null,
	cover_death: null,
	node_stops: null,
	node_died: null,
	fences: null,
	recovers: null,
	check_state: null,
	check_node_end: null,
	check_end: null,
};
