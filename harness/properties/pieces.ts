// SPDX-License-Identifier: GPL-2.0-only
/**
 * The pieces of the state predicates. Most of what must hold is about one node alone; some is about
 * the cluster. The functions that check it take the piece that is asked for, so that the whole is
 * the same code as its pieces. A piece of a node reads what is that node's, and the disk: what is
 * put into every piece and reads more is refused by the engine where it needs the pieces
 * (harness/engine/components).
 */

import { NR_NODES } from '../../vfs/include/linux/bounds.ts';
import { tasks } from '../../vfs/include/linux/sched.ts';
import type { bool, int } from '../kts/prelude.ts';

/** All pieces at once. Others: the number of a node; NR_NODES: what is about several nodes. */
export const EVERYTHING: int = -1;

/** Is node @n asked for? */
export function about_node(piece: int, n: int): bool {
	return piece === EVERYTHING || piece === n;
}

/** Is the node of program @p asked for? */
export function about_proc(piece: int, p: int): bool {
	return about_node(piece, tasks[p].node!.id);
}

/** Is what concerns several nodes asked for? */
export function about_cluster(piece: int): bool {
	return piece === EVERYTHING || piece === NR_NODES;
}
