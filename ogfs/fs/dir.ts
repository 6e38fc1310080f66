// SPDX-License-Identifier: GPL-2.0-only
/**
 * The contents of directories (GFS1: src/gfs/dir.c): a bit for each file that has an entry, which
 * is in the inode, as the entries of a small directory are in GFS1. OpenGFS's own names could not
 * be read.
 */
import {
	type bool,
	cover,
	event,
	type int,
	printk,
	type Sleeps,
} from '../../harness/kts/prelude.ts';
import { NR_FILES } from '../../vfs/include/linux/bounds.ts';
import { EFAULT } from '../../vfs/include/linux/errno.ts';
import { EVENT_LINK } from '../../vfs/include/linux/events.ts';
import type { file, filldir_t, getdents_callback, inode } from '../../vfs/include/linux/fs.ts';
import { page_trace } from '../../vfs/include/linux/trace.ts';

/**
 * ogfs_dir_search - is there an entry of a file?
 * @dip: the directory
 * @inode: the file
 *
 * Return: true: there is.
 * Context: the glock of @dip held.
 */
export function ogfs_dir_search(dip: inode, inode: inode): bool {
	return (dip.i_entries & (1 << inode.i_ino)) !== 0;
}

/**
 * ogfs_dir_add - add an entry
 * @dip: the directory
 * @inode: the file
 *
 * Context: the glocks of both held exclusively.
 */
export function ogfs_dir_add(dip: inode, inode: inode): void {
	dip.i_entries |= 1 << inode.i_ino;
	printk('link: directory %d has file %d', dip.i_ino, inode.i_ino);
	event(EVENT_LINK, dip.i_ino, inode.i_ino);
	if (page_trace.ops) page_trace.ops.dir_changed(dip);
}

/**
 * ogfs_dir_look - all entries of a directory at once
 * @dip: the directory
 *
 * Return: a bit for each file.
 * Context: the glock of @dip held, in any state.
 */
export function ogfs_dir_look(dip: inode): int {
	if (page_trace.ops) page_trace.ops.dir_read(dip, dip.i_entries);
	return dip.i_entries;
}

/**
 * ogfs_dir_read - report entries of a directory
 * @file: the directory, open; its position moves behind what was reported
 * @entries: what the directory has
 * @opaque: for @filldir
 * @filldir: what to do with each
 *
 * Return: 0: all are reported, or @filldir wants no more; or -EFAULT, if that was its reason.
 * Context: as @filldir, which sleeps.
 */
export function* ogfs_dir_read(
	file: file,
	entries: int,
	opaque: getdents_callback,
	filldir: filldir_t,
): Sleeps<int> {
	for (let i = file.f_pos; i < NR_FILES; i++) {
		if (!(entries & (1 << i))) continue;
		const error = yield* filldir.filldir(opaque, i, i + 1);
		if (error) {
			cover('readdir: not all entries are copied');
			file.f_pos = i;
			return error === -EFAULT ? error : 0;
		}
	}
	file.f_pos = NR_FILES;
	return 0;
}
