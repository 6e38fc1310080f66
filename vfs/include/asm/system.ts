// SPDX-License-Identifier: GPL-2.0-only
/**
 * include/asm-i386/system.h of 2.4.22, as far as it is needed: what a processor may do with stores
 * that others load without the lock under which they are made, and the barrier against it.
 *
 * STORE_BUFFERS: a store to i_size or to truncate_count may take effect after later accesses of its
 * processor, until that lets a spin lock go or makes a barrier. An i386 keeps its stores in order,
 * and takes a lock by an access that waits for them; weaker processors of the time did neither.
 */
import { choose, cover, type int, printk, type Sleeps } from '../../../harness/kts/prelude.ts';
import { STORE_BUFFERS } from '../linux/bounds.ts';
import { type inode, truncate_count_inc, type truncate_count_t } from '../linux/fs.ts';
import { current } from '../linux/sched.ts';

/**
 * store_buffer_drain - what this processor has stored is seen by all
 *
 * Context: any.
 * Source: none: the processor
 */
export function store_buffer_drain(): void {
	const task = current();
	const node = task.node!;
	if (task.late[0] > 0) node.inodes[task.late[0] - 1].i_size = task.late[1];
	if (task.late[2] > 0) truncate_count_inc(node.inodes[task.late[2] - 1].i_data.truncate_count);
	for (let i = 0; i < 3; i++) task.late[i] = 0;
}

/**
 * smp_wmb - stores before it take effect before stores after it
 *
 * Context: any.
 * Source: none: assembler, of processors that need it
 */
export function smp_wmb(): void {
	if (STORE_BUFFERS) store_buffer_drain();
}

/**
 * i_size_store - set the size of a file, which others look at without a lock
 * @inode: the file
 * @size: bytes
 *
 * Context: i_sem held.
 * Source: none: an assignment
 */
export function* i_size_store(inode: inode, size: int): Sleeps {
	if (STORE_BUFFERS && (yield* choose(2)) > 0) {
		cover('store buffer: i_size');
		printk('i_size of file %d: %d, not seen yet', inode.i_ino, size);
		current().late[0] = inode.i_ino + 1;
		current().late[1] = size;
	} else {
		inode.i_size = size;
	}
}

/**
 * truncate_count_store - every value of the counter that was read before is now another
 * @count: the counter
 * @ino: number of its file
 *
 * Context: i_shared_lock held.
 * Source: none: atomic_inc() of 2.6.0, CONFIG_TRUNCATE_COUNT
 */
export function* truncate_count_store(count: truncate_count_t, ino: int): Sleeps {
	if (STORE_BUFFERS && (yield* choose(2)) > 0) {
		cover('store buffer: truncate_count');
		current().late[2] = ino + 1;
	} else {
		truncate_count_inc(count);
	}
}
