// SPDX-License-Identifier: GPL-2.0-only
/** The sizes at which the twin is measured, and what exploring each without reductions gives. */

export interface TwinSize {
	/** what twin.ts reads by config() */
	config: {
		NR_NODES: number;
		PROCS_PER_NODE: number;
		NR_PAGES: number;
		NR_VALUES: number;
		OPERATIONS: number;
	};
	/** distinct states, as Spin counts them without partial order reduction */
	states: number;
	/** steps: Spin counts the making of the initial state as one more */
	transitions: number;
}

function size(
	[NR_NODES, PROCS_PER_NODE, NR_PAGES, NR_VALUES, OPERATIONS]: readonly number[],
	states: number,
	transitions: number,
): TwinSize {
	const config = { NR_NODES, PROCS_PER_NODE, NR_PAGES, NR_VALUES, OPERATIONS };
	return { config, states, transitions };
}

export const TWIN_SIZES: Readonly<Record<string, TwinSize>> = {
	S: size([2, 1, 1, 3, 0], 121_587, 272_438),
	M: size([3, 1, 1, 2, 1], 1_372_545, 4_246_658),
	Y: size([2, 1, 2, 2, 0], 4_699_489, 10_949_372),
	L: size([2, 2, 1, 2, 1], 11_118_683, 37_406_630),
	X: size([3, 1, 1, 2, 0], 19_807_725, 69_929_498),
};

/** The file to be lowered, from the project's root: an entry of its own. */
export const TWIN = 'harness/bench/twin/twin.ts';
