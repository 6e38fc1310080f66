// SPDX-License-Identifier: GPL-2.0-only
/**
 * Lock modules that are short of memory (`Bounds: DROPLOCKS=n`): n times in all a node is told to
 * give up idle locks, at any time before the end of all programs.
 */
import { DROPLOCKS, NR_PROCS } from '../../vfs/include/linux/bounds.ts';
import { type bool, type int, type node_nr, type Sleeps, wait_idle } from '../kts/prelude.ts';
import { cluster_fs } from './fs.ts';
import { user_procs } from './program.ts';
import { world } from './setup.ts';

class pressure_t {
	/** how often some node was told */
	told: int = 0;
}
export const pressure = new pressure_t();

/** May a node be told now? */
function may_tell(): bool {
	if (pressure.told === DROPLOCKS || !world.booted) return false;
	for (let p = 0; p < NR_PROCS; p++) if (!user_procs[p].ended) return true;
	return false;
}

/**
 * lm_pressure - the part of the lock module that looks after its memory
 * @node: the node of the connection
 */
export function* lm_pressure(node: node_nr): Sleeps {
	for (;;) {
		yield* wait_idle(() => may_tell());
		pressure.told++;
		const ops = cluster_fs();
		if (ops.drop_locks) ops.drop_locks(node);
	}
}
