// SPDX-License-Identifier: GPL-2.0-only
/**
 * Set-up: the nodes, the files, the programs; then the set-up part of the programs, after which
 * every node gives up its locks, so that a test begins with nothing cached.
 */

import { handle_callback } from '../../ogfs/fs/glock.ts';
import { ogfs_glock_find } from '../../ogfs/fs/incore.ts';
import { LM_ST_UNLOCKED } from '../../ogfs/locking/lm_interface.ts';
import { lm_quiet } from '../../ogfs/locking/lockmodule.ts';
import { NR_LOCKS, NR_NODES } from '../../vfs/include/linux/bounds.ts';
import { this_node } from '../../vfs/include/linux/sched.ts';
import { type bool, type Sleeps, wait_event } from '../kts/prelude.ts';

export class world_t {
	/** the set-up is over, here and everywhere */
	booted: bool = false;
}
export const world = new world_t();

/** The set-up of a program has ended: its node gives up the locks that it took for it. */
export function setup_ended(): void {
	for (let i = 0; i < NR_LOCKS; i++) {
		const gl = ogfs_glock_find(this_node().id, i);
		if (gl.gl_state !== LM_ST_UNLOCKED) handle_callback(gl, LM_ST_UNLOCKED);
	}
}

/** No node has a lock, and no message is in transit. */
function all_quiet(): bool {
	if (!lm_quiet()) return false;
	for (let n = 0; n < NR_NODES; n++)
		for (let i = 0; i < NR_LOCKS; i++) if (ogfs_glock_find(n, i).gl_flags !== 0) return false;
	return true;
}

/**
 * setup - ends the set-up; it has the highest task number, so it runs when no other task can
 */
export function* setup(): Sleeps {
	yield* wait_event(() => all_quiet());
	world.booted = true;
}
