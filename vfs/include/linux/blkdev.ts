// SPDX-License-Identifier: GPL-2.0-only
/**
 * include/linux/blkdev.h of 2.4.22, as far as a request goes: which page, which way, where on the
 * disk. The queue of a node is carried out by the disk (harness/world/disk.ts) in later steps, in
 * order.
 */
import { type int, ptrs } from '../../../harness/kts/prelude.ts';
import { NR_REQUESTS } from './bounds.ts';
import type { kiobuf } from './iobuf.ts';
import type { page } from './mm.ts';

export const READ: int = 0;
export const WRITE: int = 1;
/** Of a buffer alone, by its own lock, BH_Lock: the page lock stays as it is. */
const BUFFER: int = 2;
export const READ_BUFFER: int = READ | BUFFER;
export const WRITE_BUFFER: int = WRITE | BUFFER;

export class request {
	/** READ, WRITE, READ_BUFFER or WRITE_BUFFER */
	cmd: int = 0;
	/** page of the disk */
	sector: int = 0;
	page: page | null = null;
	/** a transfer to or from the memory of a user */
	iobuf: kiobuf | null = null;
}

export class request_queue_t {
	nr: int = 0;
	/** oldest first */
	readonly queue = ptrs<request>(NR_REQUESTS);
}
