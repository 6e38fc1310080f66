// SPDX-License-Identifier: GPL-2.0-only
/**
 * Set-up: the nodes, the files, the programs; then the set-up part of the programs, after which
 * every node gives up its locks, so that a test begins with nothing cached.
 */

import { this_node } from '../../vfs/include/linux/sched.ts';
import { type bool, type Sleeps, wait_event } from '../kts/prelude.ts';
import { cluster_fs } from './fs.ts';

export class world_t {
	/** the set-up is over, here and everywhere */
	booted: bool = false;
}
export const world = new world_t();

/** The set-up of a program has ended: its node gives up the locks that it took for it. */
export function setup_ended(): void {
	const ops = cluster_fs();
	if (ops.give_up) ops.give_up(this_node().id);
}

/** No node has a lock, and no message is in transit. */
function all_quiet(): bool {
	const ops = cluster_fs();
	if (ops.quiet) return ops.quiet();
	return true;
}

/**
 * setup - ends the set-up; it has the highest task number, so it runs when no other task can
 */
export function* setup(): Sleeps {
	yield* wait_event(() => all_quiet());
	world.booted = true;
}
