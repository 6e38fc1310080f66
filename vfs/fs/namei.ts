// SPDX-License-Identifier: GPL-2.0-only
/**
 * fs/namei.c of 2.4.22: link(), as the one call that changes a directory. A file and a directory
 * are named by their numbers: there are no paths, no dentries, and a file has one name in a
 * directory.
 */
import type { int, Sleeps } from '../../harness/kts/prelude.ts';
import { NR_FILES } from '../include/linux/bounds.ts';
import { ENOENT, ENOTDIR, EPERM } from '../include/linux/errno.ts';
import { type inode, S_ISDIR } from '../include/linux/fs.ts';
import { down, up } from '../include/linux/rwsem.ts';
import { this_node } from '../include/linux/sched.ts';

/**
 * vfs_link - enter a file in a directory
 * @inode: the file; C: @old_dentry
 * @dir: the directory
 *
 * Differs:
 *   - down i_zombie, up i_zombie: who takes it has i_sem already
 *   - may_create: that the name is taken the file system finds out
 *   - IS_APPEND, IS_IMMUTABLE, DQUOT_INIT, inode_dir_notify: no attributes, quota, watchers
 *   + return x2: C goes to the end
 *
 * Return: 0 or a negative error number.
 * Context: i_sem of @dir held. May sleep.
 */
export function* vfs_link(inode: inode, dir: inode): Sleeps<int> {
	if (!dir.i_op || !dir.i_op.link) return -EPERM;
	return yield* dir.i_op.link(inode, dir);
}

/**
 * sys_link - the system call
 * @oldname: number of the file
 * @newname: number of the directory, in which the file has its own name
 *
 * Differs:
 *   - getname, putname, __user_walk, path_lookup, path_release x2, dput: there are no paths
 *   - lookup_create: of it the lock of the directory is left
 *   + down i_sem: of lookup_create()
 *   + S_ISDIR: of path_lookup()
 *
 * Return: 0 or a negative error number.
 * Context: process. Takes i_sem of the directory. May sleep.
 */
export function* sys_link(oldname: int, newname: int): Sleeps<int> {
	if (oldname < 0 || oldname >= NR_FILES || newname < 0 || newname >= NR_FILES) return -ENOENT;
	const nd = this_node().inodes[newname];
	if (!S_ISDIR(nd)) return -ENOTDIR;
	yield* down(nd.i_sem);
	const error = yield* vfs_link(this_node().inodes[oldname], nd);
	up(nd.i_sem);
	return error;
}
