// SPDX-License-Identifier: GPL-2.0-only
/**
 * fs/open.c and fs/file_table.c of 2.4.22: descriptors. A file is named by its number; every file
 * is there from the start. Left out: paths, creation, permissions.
 *
 * Differs:
 *   - getname, putname: a file is named by its number
 *   - read_lock file_lock, read_unlock file_lock, write_lock file_lock, write_unlock file_lock x2:
 *       what they protect is part of a step
 */
import {
	BUG_ON,
	type int,
	kmem_cache_alloc,
	kmem_cache_free,
	type Sleeps,
} from '../../harness/kts/prelude.ts';
import {
	DIRECT_IO,
	FAIL_ALLOC,
	NR_FDS,
	NR_FILES,
	OPEN_FLAGS,
	RECLAIM,
} from '../include/linux/bounds.ts';
import { EBADF, EINVAL, EISDIR, EMFILE, ENFILE } from '../include/linux/errno.ts';
import {
	FMODE_WRITE,
	type file,
	get_file,
	type inode,
	O_ACCMODE,
	O_APPEND,
	O_DIRECT,
	O_SYNC,
	S_ISDIR,
} from '../include/linux/fs.ts';
import { GFP_KERNEL } from '../include/linux/mm.ts';
import { down, down_write, up, up_write } from '../include/linux/rwsem.ts';
import { current, this_node } from '../include/linux/sched.ts';
import { might_sleep } from '../kernel/lockdep.ts';
import { should_failslab } from '../mm/failslab.ts';
import { __alloc_pages } from '../mm/page_alloc.ts';
import { notify_change } from './attr.ts';

/**
 * fget - the file behind a descriptor
 * @fd: the descriptor
 *
 * Differs:
 *   - fcheck: a bound, and an element of an array
 *   + return: a bound of the array, in fcheck() in C
 *
 * Return: the file with a reference of its own, or null.
 * Context: process. Does not sleep.
 */
export function fget(fd: int): file | null {
	if (fd < 0 || fd >= NR_FDS) return null;
	const file = current().files!.fd[fd];
	if (file) get_file(file);
	return file;
}

/**
 * fput - give a reference to a file back; the last one frees it
 * @file: the file
 *
 * Differs:
 *   - free_kiovec, fops_put, put_write_access, dput, mntput, file_list_lock, file_list_unlock: a
 *       file has nothing but its inode
 *   - ->release: no file system here has one
 *   + kmem_cache_free: a pool; C keeps free files on a list
 *
 * Context: any. Does not sleep: ->release might.
 */
export function fput(file: file): void {
	BUG_ON(file.f_count <= 0, 'fput: no reference left');
	file.f_count--;
	if (file.f_count === 0) kmem_cache_free(this_node().filp_cachep, file);
}

/**
 * do_truncate - set the size of a file
 * @inode: the file
 * @length: bytes
 *
 * Differs: a file is named by its inode, not by a dentry.
 *
 * Return: 0 or a negative error number.
 * Context: takes i_alloc_sem for writing, under it i_sem. May sleep.
 */
export function* do_truncate(inode: inode, length: int): Sleeps<int> {
	if (length < 0) return -EINVAL;
	yield* down_write(inode.i_alloc_sem);
	yield* down(inode.i_sem);
	const error = yield* notify_change(inode, length);
	up(inode.i_sem);
	up_write(inode.i_alloc_sem);
	return error;
}

/**
 * do_sys_ftruncate - set the size of an open file
 * @fd: the descriptor, open for writing
 * @length: bytes
 *
 * Differs:
 *   - S_ISREG, IS_APPEND: regular files, without locks, are all there are
 *
 * Return: 0 or a negative error number.
 * Context: process. May sleep.
 */
function* do_sys_ftruncate(fd: int, length: int): Sleeps<int> {
	if (length < 0) return -EINVAL;
	const file = fget(fd);
	if (file === null) return -EBADF;
	let error = -EINVAL;
	if (file.f_mode & FMODE_WRITE) error = yield* do_truncate(file.f_inode!, length);
	fput(file);
	return error;
}

/**
 * sys_ftruncate - the system call
 * @fd: the descriptor, open for writing
 * @length: bytes
 *
 * Return: 0 or a negative error number.
 * Context: process. May sleep.
 */
export function* sys_ftruncate(fd: int, length: int): Sleeps<int> {
	return yield* do_sys_ftruncate(fd, length);
}

/**
 * get_empty_filp - a struct file
 *
 * Return: the struct, fresh, or null.
 * Context: may sleep.
 *
 * Differs: no list of free ones, and none kept for root.
 *   - file_list_lock x2, file_list_unlock x3: no list of free ones
 *   - return: of those lists
 */
function* get_empty_filp(): Sleeps<file | null> {
	might_sleep();
	if (FAIL_ALLOC > 0 && (yield* should_failslab())) return null;
	if (RECLAIM > 0) yield* __alloc_pages(GFP_KERNEL);
	return kmem_cache_alloc(this_node().filp_cachep);
}

/**
 * sys_open - open a file
 * @ino: number of the file
 * @flags: O_RDONLY, O_WRONLY or O_RDWR; one more than these is FMODE_READ, FMODE_WRITE or both
 *
 * Differs:
 *   - get_unused_fd, put_unused_fd, fd_install: the lowest free element of an array
 *   - filp_open: there are no paths; what dentry_open() fills in is filled in here
 *   + get_empty_filp: of filp_open()
 *   + S_ISDIR: of may_open()
 *
 * Return: the descriptor, or a negative error number.
 * Context: process. Does not sleep: filp_open() might.
 */
export function* sys_open(ino: int, flags: int): Sleeps<int> {
	if (ino < 0 || ino >= NR_FILES || flags & ~(O_ACCMODE | O_APPEND | O_SYNC | O_DIRECT))
		return -EINVAL;
	if (S_ISDIR(this_node().inodes[ino]) && (flags + 1) & FMODE_WRITE) return -EISDIR;
	const files = current().files!;
	let fd = 0;
	while (fd < NR_FDS && files.fd[fd]) fd++;
	if (fd === NR_FDS) return -EMFILE;
	const file = yield* get_empty_filp();
	if (file === null) return -ENFILE;
	file.f_inode = this_node().inodes[ino];
	file.f_op = file.f_inode.i_fop;
	file.f_count = 1;
	file.f_mode = (flags + 1) & O_ACCMODE;
	if (DIRECT_IO || OPEN_FLAGS) file.f_flags = flags & ~O_ACCMODE;
	files.fd[fd] = file;
	return fd;
}

/**
 * sys_close - close a descriptor
 * @fd: the descriptor
 *
 * Mappings of the file stay.
 *
 * Differs:
 *   + fget: bound and test in one, with a reference that is given back
 *   - FD_CLR, __put_unused_fd: an element of an array
 *   filp_close -> fput: nothing to flush, no record locks
 *   + fput: of the reference that fget() took
 *
 * Return: 0 or -EBADF.
 * Context: process. Does not sleep: ->flush might.
 */
export function* sys_close(fd: int): Sleeps<int> {
	const file = fget(fd);
	if (file === null) return -EBADF;
	current().files!.fd[fd] = null;
	fput(file);
	fput(file);
	return 0;
}
