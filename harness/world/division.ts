// SPDX-License-Identifier: GPL-2.0-only
/**
 * How a machine is divided into components (harness/engine/components). Runs on the host. A wrong
 * entry makes no wrong result: it ends the exploration with the name of the word.
 */
import type { Division } from '../engine/components/partition.ts';

export const division: Division = {
	links: ['to_server', 'to_node'],
	cluster: ['lm_locks', 'lm_members'],
};
