// SPDX-License-Identifier: GPL-2.0-only
/**
 * The disk that all nodes share, and each node's way to it: requests are carried out one after
 * the other, each in a step of its own, at any time after it was submitted. The page is read or
 * written in that step; if it has several ints, each in a step of its own, the first one first.
 */

import { end_page_io } from '../../vfs/fs/buffer.ts';
import { type request, WRITE } from '../../vfs/include/linux/blkdev.ts';
import {
	DEATHS,
	DIRECT_IO,
	NR_FILE_PAGES,
	NR_FILES,
	NR_NODES,
	NR_SWAP,
	PAGE_WORDS,
	READ_ERRORS,
	WRITE_ERRORS,
} from '../../vfs/include/linux/bounds.ts';
import {
	EVENT_DISK_ERROR,
	EVENT_DISK_READ,
	EVENT_DISK_WRITE,
	EVENT_SWAP_READ,
	EVENT_SWAP_WRITE,
} from '../../vfs/include/linux/events.ts';
import type { page } from '../../vfs/include/linux/mm.ts';
import { nodes } from '../../vfs/include/linux/node.ts';
import {
	type bool,
	choose,
	event,
	type int,
	type node_nr,
	preempt,
	printk,
	reset_struct,
	type Sleeps,
	structs,
	wait_idle,
} from '../kts/prelude.ts';
import { user_page_transferred } from './coherence.ts';
import { backed_up } from './losses.ts';
import { disk, type swap_device, swap_devices } from './storage.ts';

/** A page of several ints that is being written, if nodes may die meanwhile. */
export class transfer_t {
	page: page | null = null;
	sector: int = 0;
	/** the int that is next */
	next: int = 0;
}
export const transfers = structs(transfer_t, PAGE_WORDS > 1 && DEATHS > 0 ? NR_NODES : 0);

/** Carries out a request for the swap area. */
function swap_transfer(rq: request, device: swap_device): void {
	const page = rq.page!;
	const slot = rq.sector - NR_FILES * NR_FILE_PAGES;
	if (rq.cmd & WRITE) {
		for (let w = 0; w < PAGE_WORDS; w++) device.sector[slot * PAGE_WORDS + w] = page.data[w];
		printk('swap: slot %d := %d', slot, page.data[0]);
		event(EVENT_SWAP_WRITE, slot, page);
	} else {
		for (let w = 0; w < PAGE_WORDS; w++) page.data[w] = device.sector[slot * PAGE_WORDS + w];
		printk('swap: slot %d read, %d', slot, page.data[0]);
		event(EVENT_SWAP_READ, slot, page);
	}
}

/** Takes the oldest request off the queue of a node. */
function next_request(node: node_nr): request {
	const q = nodes[node].request_queue;
	const rq = q.queue[0]!;
	q.nr--;
	for (let i = 0; i < q.nr; i++) q.queue[i] = q.queue[i + 1];
	q.queue[q.nr] = null;
	return rq;
}

/**
 * Does a request for a page of a file fail? Each may, as often as the bounds allow (READ_ERRORS,
 * WRITE_ERRORS). A request that fails changes nothing.
 */
function* goes_wrong(rq: request): Sleeps<bool> {
	if (rq.cmd & WRITE) {
		if (disk.write_errors === WRITE_ERRORS || (yield* choose(2)) === 0) return false;
		disk.write_errors++;
	} else {
		if (disk.read_errors === READ_ERRORS || (yield* choose(2)) === 0) return false;
		disk.read_errors++;
	}
	printk('disk: I/O error, page %d', rq.sector);
	event(EVENT_DISK_ERROR, rq.sector, (rq.cmd & WRITE) !== 0);
	return true;
}

/** Transfers an int of a page of a file. */
function transfer(rq: request, page: page, w: int): void {
	if (rq.cmd & WRITE) {
		disk.sector[rq.sector * PAGE_WORDS + w] = page.data[w];
		printk('disk: page %d := %d', rq.sector, page.data[w]);
		event(EVENT_DISK_WRITE, rq.sector, w, page.data[w], page, rq.iobuf !== null);
		if (DEATHS > 0) backed_up(rq.sector * PAGE_WORDS + w);
	} else {
		page.data[w] = disk.sector[rq.sector * PAGE_WORDS + w];
		printk('disk: page %d read, %d', rq.sector, page.data[w]);
		event(EVENT_DISK_READ, rq.sector, w, page.data[w], page, rq.iobuf !== null);
	}
	if (DIRECT_IO && rq.iobuf) user_page_transferred(rq.cmd, rq.sector, w, rq.iobuf, page);
}

/** A page is half written, up to int @next. */
function note_transfer(node: node_nr, rq: request, next: int): void {
	transfers[node].page = rq.page;
	transfers[node].sector = rq.sector;
	transfers[node].next = next;
}

/**
 * disk_server - the disk at work for one node
 * @node: the node
 */
export function* disk_server(node: node_nr): Sleeps {
	for (;;) {
		yield* wait_idle(() => nodes[node].request_queue.nr > 0);
		const rq = next_request(node);
		const page = rq.page!;
		if (NR_SWAP > 0 && rq.sector >= NR_FILES * NR_FILE_PAGES) {
			swap_transfer(rq, swap_devices[node]);
		} else if (READ_ERRORS + WRITE_ERRORS > 0 && !rq.iobuf && (yield* goes_wrong(rq))) {
			end_page_io(rq, false);
			continue;
		} else {
			transfer(rq, page, 0);
			for (let w = 1; w < PAGE_WORDS; w++) {
				if (DEATHS > 0 && rq.cmd & WRITE) note_transfer(node, rq, w);
				yield* preempt();
				transfer(rq, page, w);
			}
			if (PAGE_WORDS > 1 && DEATHS > 0) reset_struct(transfers[node]);
		}
		end_page_io(rq, true);
	}
}
