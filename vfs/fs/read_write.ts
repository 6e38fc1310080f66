// SPDX-License-Identifier: GPL-2.0-only
/**
 * fs/read_write.c of 2.4.22: the system calls. The user buffer is task_struct.ubuf, one int, or
 * in a mapping.
 */
import { ASSERT, type bool, type int, type Sleeps } from '../../harness/kts/prelude.ts';
import { PAGE_SIZE, page_word } from '../include/asm/page.ts';
import { DIRECT_IO, MAPPED_BUFFERS, PAGE_WORDS } from '../include/linux/bounds.ts';
import { EBADF, EINVAL } from '../include/linux/errno.ts';
import { F_POS, FMODE_READ, FMODE_WRITE, type file, O_DIRECT } from '../include/linux/fs.ts';
import { current } from '../include/linux/sched.ts';
import { fget, fput } from './open.ts';

/** Bytes of an int: reads and writes move whole ints. */
const SIZE: int = 4;

/**
 * is_modelled - can a read or a write be carried out by the machine?
 * @file: the file
 * @count: bytes
 *
 * Return: true: whole ints into or from a mapping, an int, or a page past the page cache.
 * Context: any.
 * Source: none: a check of what is modelled
 */
function is_modelled(file: file, count: int): bool {
	if (PAGE_WORDS > 1 && MAPPED_BUFFERS && current().uaddr !== 0 && !(count & 3)) return true;
	return count === SIZE || is_direct(file, count);
}

/**
 * A whole page, past the page cache?
 *
 * Source: none: a flag of a file, for the check of what is modelled
 */
function is_direct(file: file, count: int): bool {
	return DIRECT_IO > 0 && (file.f_flags & O_DIRECT) !== 0 && count === PAGE_SIZE;
}

/**
 * sys_read - read from a file at its position
 * @fd: the descriptor
 * @count: bytes
 *
 * The position moves by what was read. Nothing keeps two that read through one open file from
 * reading the same.
 *
 * Differs:
 *   + return: C goes to the end
 *
 * Return: bytes read, or a negative error number.
 * Context: process. May sleep.
 */
export function* sys_read(fd: int, count: int): Sleeps<int> {
	const file = fget(fd);
	if (file === null) return -EBADF;
	let ret = -EBADF;
	if (file.f_mode & FMODE_READ) {
		ASSERT('LIMIT', is_modelled(file, count), 'read of anything but whole ints is not modelled');
		ret = -EINVAL;
		if (file.f_op!.read) ret = yield* file.f_op!.read(file, count, F_POS);
	}
	fput(file);
	return ret;
}

/**
 * sys_write - write to a file at its position
 * @fd: the descriptor
 * @count: bytes
 *
 * The position moves by what was written; it is looked at and moved with i_sem held.
 *
 * Differs:
 *   + return: C goes to the end
 *
 * Return: bytes written, or a negative error number.
 * Context: process. May sleep.
 */
export function* sys_write(fd: int, count: int): Sleeps<int> {
	const file = fget(fd);
	if (file === null) return -EBADF;
	let ret = -EBADF;
	if (file.f_mode & FMODE_WRITE) {
		ASSERT('LIMIT', is_modelled(file, count), 'write of anything but whole ints is not modelled');
		ret = -EINVAL;
		if (file.f_op!.write) ret = yield* file.f_op!.write(file, count, F_POS);
	}
	fput(file);
	return ret;
}

/**
 * sys_pread - read from a file at an offset
 * @fd: the descriptor
 * @count: bytes
 * @pos: offset
 *
 * Return: bytes read, or a negative error number.
 * Context: process. May sleep.
 */
export function* sys_pread(fd: int, count: int, pos: int): Sleeps<int> {
	const file = fget(fd);
	if (file === null) return -EBADF;
	let ret = -EBADF;
	if (file.f_mode & FMODE_READ) {
		ret = -EINVAL;
		if (pos >= 0) {
			ASSERT('LIMIT', is_modelled(file, count), 'pread of anything but an int is not modelled');
			ASSERT('LIMIT', page_word(pos) >= 0, 'pread inside a page is not modelled');
			if (file.f_op!.read) ret = yield* file.f_op!.read(file, count, pos);
		}
	}
	fput(file);
	return ret;
}

/**
 * sys_pwrite - write to a file at an offset
 * @fd: the descriptor
 * @count: bytes
 * @pos: offset
 *
 * Return: bytes written, or a negative error number.
 * Context: process. May sleep.
 */
export function* sys_pwrite(fd: int, count: int, pos: int): Sleeps<int> {
	const file = fget(fd);
	if (file === null) return -EBADF;
	let ret = -EBADF;
	if (file.f_mode & FMODE_WRITE) {
		ret = -EINVAL;
		if (pos >= 0) {
			ASSERT('LIMIT', is_modelled(file, count), 'pwrite of anything but an int is not modelled');
			ASSERT('LIMIT', page_word(pos) >= 0, 'pwrite inside a page is not modelled');
			if (file.f_op!.write) ret = yield* file.f_op!.write(file, count, pos);
		}
	}
	fput(file);
	return ret;
}
