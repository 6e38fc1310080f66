// SPDX-License-Identifier: GPL-2.0-only
/**
 * fs/readdir.c of 2.4.22: the entries of a directory, as a file system reports them, into the
 * memory of a user. An entry is one int, the number of its file: names are left out, and with them
 * d_off and d_reclen.
 */
import { ASSERT, type int, preempt, type Sleeps } from '../../harness/kts/prelude.ts';
import { put_user } from '../include/asm/uaccess.ts';
import { MAPPED_BUFFERS } from '../include/linux/bounds.ts';
import { EBADF, EFAULT, EINVAL, ENOTDIR } from '../include/linux/errno.ts';
import type { file, filldir_t, getdents_callback } from '../include/linux/fs.ts';
import { down, up } from '../include/linux/rwsem.ts';
import { current } from '../include/linux/sched.ts';
import { CONFIG_NOFAULT_COPY, CONFIG_SMP } from '../Kconfig.ts';
import { fget, fput } from './open.ts';

/** Bytes of an entry. */
const RECLEN: int = 4;

/**
 * vfs_readdir - have a file system report the entries of a directory
 * @file: the directory, open
 * @filler: what to do with each
 * @buf: for @filler
 *
 * Differs:
 *   - down i_zombie, up i_zombie: who takes it has i_sem already
 *   - IS_DEADDIR: no directory is removed
 *
 * Return: 0 or a negative error number.
 * Context: takes i_sem of the directory. May sleep.
 */
export function* vfs_readdir(file: file, filler: filldir_t, buf: getdents_callback): Sleeps<int> {
	const inode = file.f_inode!;
	if (!file.f_op || !file.f_op.readdir) return -ENOTDIR;
	yield* down(inode.i_sem);
	const res = yield* file.f_op.readdir(file, buf, filler);
	up(inode.i_sem);
	return res;
}

/**
 * filldir - copy an entry of a directory to the buffer of a getdents()
 * @buf: what is left of the buffer
 * @offset: where the entry is in the directory
 * @ino: the number of its file
 *
 * 2.4.22 does not look at whether the copy succeeded: what cannot be written to counts as filled.
 * With CONFIG_NOFAULT_COPY it does, as 2.6 does; a file system that has disabled faults can let its
 * locks go then.
 *
 * Differs:
 *   - ROUND_UP, NAME_OFFSET, put_user x3, copy_to_user: an entry is one int
 *   + current: where the buffer goes on is kept in the task
 *   + preempt: on SMP others get in between two entries
 *
 * Return: 0, -EINVAL: it does not fit, or -EFAULT.
 * Context: i_sem of the directory held, and what ->readdir holds. May sleep; takes mmap_sem for
 * reading if it faults.
 */
function* filldir(buf: getdents_callback, offset: int, ino: int): Sleeps<int> {
	const task = current();
	buf.error = -EINVAL;
	if (RECLEN > buf.count) return -EINVAL;
	const left = yield* put_user(ino, task.uaddr);
	if (CONFIG_NOFAULT_COPY && left !== 0) {
		buf.error = -EFAULT;
		return -EFAULT;
	}
	if (MAPPED_BUFFERS && task.uaddr !== 0) task.uaddr += RECLEN;
	buf.count -= RECLEN;
	if (CONFIG_SMP && MAPPED_BUFFERS) yield* preempt();
	return 0;
}

const getdents_filler: filldir_t = { filldir };

/**
 * sys_getdents - read entries of a directory
 * @fd: the directory, open
 * @count: bytes of the buffer, which is task_struct.uaddr, or one int
 *
 * The position of the open file moves, so that the next call goes on behind the last entry.
 *
 * Differs:
 *   - put_user: an entry has no d_off
 *
 * Return: bytes, 0 at the end of the directory, or a negative error number.
 * Context: process. May sleep.
 */
export function* sys_getdents(fd: int, count: int): Sleeps<int> {
	const file = fget(fd);
	if (file === null) return -EBADF;
	const inside = (MAPPED_BUFFERS !== 0 && current().uaddr !== 0) || count === RECLEN;
	ASSERT('LIMIT', inside, 'getdents into an int has room for one entry');
	const buf = current().dirent[0];
	buf.count = count;
	buf.error = 0;
	let error = yield* vfs_readdir(file, getdents_filler, buf);
	if (error >= 0) {
		error = buf.error;
		if (buf.count < count) error = count - buf.count;
	}
	buf.count = 0;
	buf.error = 0;
	fput(file);
	return error;
}
