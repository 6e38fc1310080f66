// SPDX-License-Identifier: GPL-2.0-only
/**
 * The contents of the disks. disk.ts moves data to and from them; the oracles read them.
 */
import { PAGE_SHIFT } from '../../vfs/include/asm/page.ts';
import {
	NR_FILE_PAGES,
	NR_FILES,
	NR_NODES,
	NR_SWAP,
	PAGE_WORDS,
	TRUNCATES,
} from '../../vfs/include/linux/bounds.ts';
import { type bool, type int, ints, structs, type value_t } from '../kts/prelude.ts';
import { cluster_fs } from './fs.ts';

export class disk_t {
	/** the contents of each page: its ints one after the other */
	readonly sector = ints<value_t>(NR_FILES * NR_FILE_PAGES * PAGE_WORDS);
	/** requests that failed */
	read_errors: int = 0;
	write_errors: int = 0;
}
export const disk = new disk_t();

/** Is the page not a hole, in a file of @size bytes with these blocks? */
export function has_page(index: int, size: int, blocks: int): bool {
	if (index << PAGE_SHIFT >= size) return false;
	return TRUNCATES === 0 || (blocks & (1 << index)) !== 0;
}

/** Where a page of a file is on the disk, in pages. */
export function place_of(ino: int, index: int): int {
	const ops = cluster_fs();
	if (ops.disk_block) return ops.disk_block(ino, index);
	return ino * NR_FILE_PAGES + index;
}

/**
 * An int of a page of a file, as a reader with only the disk would find it by the inode. Holes are
 * zero, and so are ints behind the end.
 */
export function on_disk(ino: int, index: int, w: int): value_t {
	const ops = cluster_fs();
	if (!has_page(index, ops.disk_size(ino), ops.disk_blocks(ino))) return 0;
	return disk.sector[place_of(ino, index) * PAGE_WORDS + w];
}

/** The private disk of a node: its swap area. */
export class swap_device {
	readonly sector = ints<value_t>(NR_SWAP * PAGE_WORDS);
}
export const swap_devices = structs(swap_device, NR_NODES);
