// SPDX-License-Identifier: GPL-2.0-only
/**
 * What programs are promised of the stores of a dead node: of each int the latest value if the disk
 * has it, else the last one that the disk had. The disk has a page if the page is in its block, and
 * the committed inode refers to that block.
 */

import { PAGE_SHIFT, page_word_offset } from '../../vfs/include/asm/page.ts';
import {
	DEATHS,
	NR_FILE_PAGES,
	NR_FILES,
	PAGE_WORDS,
	TRUNCATES,
} from '../../vfs/include/linux/bounds.ts';
import { CL_EXCLUSIVE } from '../../vfs/include/linux/cluster_fs.ts';
import type { inode } from '../../vfs/include/linux/fs.ts';
import type { inode_trace_ops } from '../../vfs/include/linux/trace.ts';
import { type bool, cover, type int, ints, type node_nr, type value_t } from '../kts/prelude.ts';
import { cluster_fs } from './fs.ts';
import { coherence } from './promises.ts';
import { disk, has_page } from './storage.ts';

/** Ints of a file: of its pages, one page after the other. */
const INTS_OF_A_FILE: int = NR_FILE_PAGES * PAGE_WORDS;

export class losses_t {
	/** of each int of each page of each file, the last value that was the latest and on the disk */
	readonly backed = ints<value_t>(NR_FILES * INTS_OF_A_FILE * (DEATHS > 0 ? 1 : 0));
}
export const losses = new losses_t();

/** The size of a file that is committed, in bytes. */
function committed_size(i: int): int {
	const ops = cluster_fs();
	if (ops.committed_size) return ops.committed_size(i);
	return ops.disk_size(i);
}

/** The pages of a file that have a block, in the committed inode. */
function committed_blocks(i: int): int {
	const ops = cluster_fs();
	if (ops.committed_blocks) return ops.committed_blocks(i);
	return ops.disk_blocks(i);
}

/** May this node have changed a file and not written it out? */
function has_exclusively(n: node_nr, i: int): bool {
	const ops = cluster_fs();
	if (ops.right) return ops.right(n, i) === CL_EXCLUSIVE;
	return true;
}

/** Does the committed inode have this int of a page? */
function is_committed(at: int): bool {
	const i = at / INTS_OF_A_FILE;
	const k = (at - i * INTS_OF_A_FILE) / PAGE_WORDS;
	if (!has_page(k, committed_size(i), committed_blocks(i))) return false;
	if (PAGE_WORDS === 1) return true;
	return (k << PAGE_SHIFT) + page_word_offset(at % PAGE_WORDS) < committed_size(i);
}

/** The value of an int on the disk, by the committed inode. */
function on_disk_of(at: int): value_t {
	return is_committed(at) ? disk.sector[at] : 0;
}

/** The disk may have the latest value of an int now. */
export function backed_up(at: int): void {
	if (on_disk_of(at) === coherence.latest[at]) losses.backed[at] = coherence.latest[at];
}

/** The committed inode has changed. */
function inode_committed(inode: inode): void {
	for (let w = 0; w < INTS_OF_A_FILE; w++) backed_up(inode.i_ino * INTS_OF_A_FILE + w);
}

/**
 * A node no longer has the file exclusively. Its stores are on the disk now, and are not lost if
 * the node dies later, even if it has the file again by then.
 */
function inode_left(inode: inode): void {
	for (let w = 0; w < INTS_OF_A_FILE; w++) {
		const at = inode.i_ino * INTS_OF_A_FILE + w;
		if (coherence.writer[at] === 1 + inode.i_node) coherence.writer[at] = 0;
	}
}
export const losses_trace: inode_trace_ops = { committed: inode_committed, left: inode_left };

/** At the start everything is on the disk. */
export function losses_init(): void {
	for (let at = 0; at < NR_FILES * INTS_OF_A_FILE; at++) losses.backed[at] = coherence.latest[at];
}

/**
 * A node is about to die. If it has the file exclusively, its stores and truncates that are not on
 * the disk are lost; a node that gave the lock up had to write them out before. @late: it had
 * handed the int to the disk. If that write lands, it is the latest value, unless a program has
 * read the int before.
 */
export function forget_stores(n: node_nr, at: int, late: bool): void {
	if (coherence.writer[at] !== 1 + n) return;
	coherence.writer[at] = 0;
	if (!has_exclusively(n, at / INTS_OF_A_FILE)) return;
	if (coherence.latest[at] === on_disk_of(at)) return;
	cover('death: stores are lost');
	coherence.latest[at] = losses.backed[at];
	if (late && is_committed(at)) coherence.doubt[at] = 1;
}

/** The same for the size of a file. */
export function forget_size(n: node_nr, i: int): void {
	if (!TRUNCATES || !has_exclusively(n, i)) return;
	coherence.cut[i] = 0;
	coherence.size[i] = committed_size(i);
}
