// SPDX-License-Identifier: GPL-2.0-only
/**
 * include/linux/fs.h of 2.4.22: inode, address_space, file and their operations.
 *
 * Differs: no dentries (a file knows its inode); the page hash is an array in the address_space;
 * the clean, dirty and locked lists are a mark on each page (page.list) and are walked in file
 * order; i_size is in bytes, as there. Left out: everything about names, times, permissions,
 * quota.
 */
import {
	type bool,
	type int,
	ints,
	type node_nr,
	ptrs,
	type Sleeps,
} from '../../../harness/kts/prelude.ts';
import { CONFIG_SMP, CONFIG_TRUNCATE_BARRIERS, CONFIG_TRUNCATE_COUNT } from '../../Kconfig.ts';
import {
	DIRS,
	FILE_POS,
	LOCAL_FS,
	NR_BLOCK_MAP,
	NR_CACHE_PAGES,
	NR_FDS,
	NR_PROCS,
	TRUNCATES,
} from './bounds.ts';
import type { kiobuf } from './iobuf.ts';
import type { page, vm_area_struct } from './mm.ts';
import { rw_semaphore, semaphore } from './rwsem.ts';
import { spinlock_t } from './spinlock_types.ts';

export const FMODE_READ: int = 1;
export const FMODE_WRITE: int = 2;

export const O_RDONLY: int = 0;
export const O_WRONLY: int = 1;
export const O_RDWR: int = 2;
export const O_ACCMODE: int = 3;
export const O_APPEND: int = 0x400;
export const O_SYNC: int = 0x1000;
export const O_DIRECT: int = 0x4000;

/**
 * May the load of i_size in ->nopage come before that of truncate_count in do_no_page()? On a
 * local file system, where ->nopage takes no lock before it looks; the locks of a cluster's are
 * barriers.
 */
export const I_SIZE_EARLY: bool =
	CONFIG_TRUNCATE_COUNT !== 0 &&
	CONFIG_TRUNCATE_BARRIERS === 0 &&
	CONFIG_SMP !== 0 &&
	TRUNCATES !== 0 &&
	LOCAL_FS !== 0;

/**
 * atomic_t truncate_count of 2.6.0 (CONFIG_TRUNCATE_COUNT). All that is ever asked of it is
 * whether it still has the value that a fault read from it, so that is all that is kept: a value
 * is in use while a fault holds it, and a change takes a value that is not. The same answers as a
 * counter that never wraps, and finitely many states.
 */
export class truncate_count_t {
	value: int = 0;
	/** faults that hold each value */
	readonly readers = ints(NR_PROCS + 1);
}

/**
 * CONFIG_AOP_TRUNCATED_PAGE: what ->readpage returns when it has unlocked the page, which may have
 * left its file: look for it again.
 */
export const AOP_TRUNCATED_PAGE: int = 0x80001;

export interface address_space_operations {
	/** starts the write of a locked page; it is unlocked when the disk has it */
	writepage(page: page): Sleeps<int>;
	/**
	 * the same, for a task that frees memory (PF_MEMALLOC): what it allocates is there. In C it is the
	 * same function
	 */
	writepage_memalloc(page: page): Sleeps<int>;
	/**
	 * starts to read into a locked page; it is unlocked when the data is there. 0, a negative error
	 * number, or AOP_TRUNCATED_PAGE
	 */
	readpage(file: file | null, page: page): Sleeps<int>;
	prepare_write(file: file, page: page, from: int, to: int): Sleeps<int>;
	commit_write(file: file, page: page, from: int, to: int): Sleeps<int>;
	/** transfers whole blocks between the disk and a user's memory; null: not supported */
	direct_IO:
		| ((rw: int, inode: inode, iobuf: kiobuf, blocknr: int, blocksize: int) => Sleeps<int>)
		| null;
	/**
	 * get_block_t, an argument of the functions of fs/buffer.c in C: gives a page of a file a block.
	 * 0, or a negative error number; null: each has its place on the disk
	 */
	get_block: ((inode: inode, iblock: int, create: bool) => Sleeps<int>) | null;
}

export class address_space {
	host: inode | null = null;
	/** the page hash, restricted to this file */
	readonly pages = ptrs<page>(NR_CACHE_PAGES);
	nrpages: int = 0;
	a_ops: address_space_operations | null = null;
	/** private mappings */
	i_mmap: vm_area_struct | null = null;
	/** shared mappings */
	i_mmap_shared: vm_area_struct | null = null;
	/** shared mappings that are not linear (2.6) */
	i_mmap_nonlinear: vm_area_struct | null = null;
	readonly i_shared_lock = new spinlock_t();
	readonly truncate_count = new truncate_count_t();
	/** CONFIG_DIO_WAIT: its pages that a device, or a tracing task, has hold of */
	nr_pinned: int = 0;
}

export class inode {
	i_ino: int = 0;
	/** bytes */
	i_size: int = 0;
	readonly i_sem = new semaphore();
	/** against truncate, for transfers that bypass the page cache */
	readonly i_alloc_sem = new rw_semaphore();
	readonly i_data = new address_space();
	i_op: inode_operations | null = null;
	i_fop: file_operations | null = null;
	/** TRUNCATES: a bit for each page that has a block on the disk; the others are holes */
	i_blocks: int = 0;
	/** NR_RGRP_BLOCKS: of each page that has a block its number */
	readonly i_map = ints(NR_BLOCK_MAP);
	/** DIRS: of a directory, a bit for each file that it has an entry of */
	i_entries: int = 0;
	/** number of the node whose inode this is */
	i_node: node_nr = 0;
}

export interface inode_operations {
	/** the file has been cut to i_size: free the blocks behind it */
	truncate(inode: inode): Sleeps;
	/** set the size, in bytes; null: inode_setattr() does */
	setattr: ((inode: inode, ia_size: int) => Sleeps<int>) | null;
	/** enter a file in a directory; null: not supported */
	link: ((inode: inode, dir: inode) => Sleeps<int>) | null;
}

/** For ->read and ->write: a pointer to file.f_pos, where others have one to an offset. */
export const F_POS: int = -1;

/** What the entries of a directory that are read go to. */
export class getdents_callback {
	/** bytes of the buffer that are left; where they begin is task_struct.uaddr */
	count: int = 0;
	/** why no more entries were copied */
	error: int = 0;
}

/** A function of one entry: not 0, and ->readdir is to stop. A pointer to a function in C. */
export interface filldir_t {
	/** @offset: where the entry is in the directory; @ino: the number of its file */
	filldir(buf: getdents_callback, offset: int, ino: int): Sleeps<int>;
}

/** null: not supported */
export interface file_operations {
	/** @pos: bytes, or F_POS */
	read: ((file: file, count: int, pos: int) => Sleeps<int>) | null;
	write: ((file: file, count: int, pos: int) => Sleeps<int>) | null;
	readdir: ((file: file, dirent: getdents_callback, filldir: filldir_t) => Sleeps<int>) | null;
	mmap: ((file: file, vma: vm_area_struct) => Sleeps<int>) | null;
	fsync(file: file): Sleeps<int>;
}

export class file {
	f_inode: inode | null = null;
	f_op: file_operations | null = null;
	f_mode: int = 0;
	/** FILE_POS: where the next read() or write() begins, bytes */
	f_pos: int = 0;
	/** O_* */
	f_flags: int = 0;
	f_count: int = 0;
}

/** include/linux/sched.h: the open files of a process. */
export class files_struct {
	/** tasks that use it */
	count: int = 0;
	readonly fd = ptrs<file>(NR_FDS);
}

/**
 * S_ISDIR - is it a directory? (include/linux/stat.h)
 * @inode: the file
 *
 * Return: true: it is.
 * Context: any.
 * Source: none: a macro that looks at i_mode
 */
export function S_ISDIR(inode: inode): bool {
	return DIRS > 0 && (DIRS & (1 << inode.i_ino)) !== 0;
}

/**
 * file_position - where a read or a write begins
 * @file: the file
 * @pos: what ->read and ->write are given: bytes, or F_POS
 *
 * Return: bytes.
 * Context: any; others that have the same open file may move it.
 * Source: none: *ppos
 */
export function file_position(file: file, pos: int): int {
	return FILE_POS && pos === F_POS ? file.f_pos : pos;
}

/**
 * set_file_position - a read or a write has ended
 * @file: the file
 * @pos: what ->read and ->write are given: bytes, or F_POS
 * @to: where the next one begins, bytes
 *
 * Context: any.
 * Source: none: an assignment to *ppos
 */
export function set_file_position(file: file, pos: int, to: int): void {
	if (FILE_POS && pos === F_POS) file.f_pos = to;
}

/**
 * get_file - take a reference to a file
 * @file: the file
 *
 * Context: any. Does not sleep.
 */
export function get_file(file: file): void {
	file.f_count++;
}

/**
 * truncate_count_is - does a truncate_count still have the value that was read from it?
 * @count: the counter
 * @value: from truncate_count_read(), and not given back
 *
 * Return: true: there was no change in between.
 * Context: for a fault: page_table_lock held, which every change of ptes needs.
 * Source: none: atomic_read() of 2.6.0, compared
 */
export function truncate_count_is(count: truncate_count_t, value: int): bool {
	return count.value === value;
}

/**
 * truncate_count_settle - pick the smallest value that no fault holds
 * @count: the counter
 *
 * Context: the step of its caller.
 * Source: none: part of truncate_count_put() and truncate_count_inc()
 */
function truncate_count_settle(count: truncate_count_t): void {
	let v = 0;
	while (count.readers[v] > 0) v++;
	count.value = v;
}

/**
 * truncate_count_read - read a truncate_count, to compare it later
 * @count: the counter
 *
 * Return: the value, to be given back by truncate_count_put().
 * Context: any. The value counts as in use until it is given back.
 * Source: none: atomic_read() of 2.6.0, CONFIG_TRUNCATE_COUNT
 */
export function truncate_count_read(count: truncate_count_t): int {
	count.readers[count.value]++;
	return count.value;
}

/**
 * truncate_count_put - end of the use of a value
 * @count: the counter
 * @value: from truncate_count_read()
 *
 * Context: any.
 * Source: none: 2.6.0 has nothing to give back; finitely many values do
 */
export function truncate_count_put(count: truncate_count_t, value: int): void {
	count.readers[value]--;
	if (count.readers[count.value] === 0) truncate_count_settle(count);
}

/**
 * truncate_count_inc - every value read before is now another
 * @count: the counter
 *
 * Context: before ptes of the file are taken out, i_shared_lock held.
 * Source: none: atomic_inc() of 2.6.0, CONFIG_TRUNCATE_COUNT
 */
export function truncate_count_inc(count: truncate_count_t): void {
	if (count.readers[count.value] > 0) truncate_count_settle(count);
}
