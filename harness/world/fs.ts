// SPDX-License-Identifier: GPL-2.0-only
/** The file system of this machine: the world and the properties know it by this table. */
import { ogfs_cluster_fs } from '../../ogfs/machine.ts';
import { ext2_cluster_fs } from '../../vfs/fs/ext2/machine.ts';
import { LOCAL_FS } from '../../vfs/include/linux/bounds.ts';
import type { cluster_fs_operations } from '../../vfs/include/linux/cluster_fs.ts';

/** Its table. Only one is named when the machine is made: a call leads straight to the function. */
export function cluster_fs(): cluster_fs_operations {
	if (LOCAL_FS) return ext2_cluster_fs;
	return ogfs_cluster_fs;
}
