// SPDX-License-Identifier: GPL-2.0-only
/**
 * Tracepoints: no kernel file. Whoever watches the contents of files registers here what is to be
 * called in the very step in which a read or a write copies to or from a page.
 */
import type { int, value_t } from '../../../harness/kts/prelude.ts';
import type { inode } from './fs.ts';
import type { mm_struct, page } from './mm.ts';

export interface page_trace_ops {
	/** read() has copied @value out of int @w of page @index */
	copied_out(inode: inode, index: int, w: int, value: value_t): void;
	/** write() has copied @value into int @w of page @index */
	copied_in(inode: inode, index: int, w: int, value: value_t): void;
	/** ptrace has put @value into @page, which was found at @address */
	poked(mm: mm_struct, address: int, page: page, value: value_t): void;
	/** the file system begins to give the lock of a file up, wholly or in part (GREEDY) */
	revoked(inode: inode): void;
	/** vmtruncate() begins to cut a file to @size bytes: what is behind is on its way out */
	truncating(inode: inode, size: int): void;
	/** vmtruncate() is done: what is behind the end is gone */
	truncated(inode: inode, size: int): void;
	/** a node finds that another has cut the file to @size bytes, and has unmapped what is behind */
	cut_found(inode: inode, size: int): void;
	/** a direct write of @count bytes at @pos is about to return */
	direct_written(inode: inode, pos: int, count: int): void;
	/** getdents() looks at the entries of a directory; link() has added one */
	dir_read(dir: inode, entries: int): void;
	dir_changed(dir: inode): void;
	/** write() has loaded @value through a mapping, from @page */
	user_load(mm: mm_struct, address: int, page: page, value: value_t): void;
	/** read() has stored @value through a mapping, into @page */
	user_store(mm: mm_struct, address: int, page: page, value: value_t): void;
}

/** The same, of what is on the disk of inodes. */
export interface inode_trace_ops {
	/** what the inode says is safe on the disk: size, and where there are blocks */
	committed(inode: inode): void;
	/** the node has the lock of the file exclusively no more */
	left(inode: inode): void;
}

export class page_tracepoint {
	ops: page_trace_ops | null = null;
}

export const page_trace = new page_tracepoint();

export class inode_tracepoint {
	ops: inode_trace_ops | null = null;
}

export const inode_trace = new inode_tracepoint();
