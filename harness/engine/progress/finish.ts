// SPDX-License-Identifier: GPL-2.0-only
/**
 * The states from which all programs can still end. It follows the transitions backwards until
 * nothing changes. Most lead to higher ids, so a few passes are enough.
 */
import { BitList } from '../budget.ts';
import type { StateGraph } from './graph.ts';

/**
 * The first state from which no path leads to a finished one, or -1. A step that was not followed,
 * or a state that was not expanded, could lead there: states before these are not reported.
 */
export function stuckState(graph: StateGraph): number {
	const { complete, states } = graph;
	const { words, length } = graph.targets;
	const can = new BitList(graph.budget);
	for (let s = 0; s < states; s++) can.push(s >= complete || graph.finished(s));
	for (let changed = true; changed; ) {
		changed = false;
		let state = states;
		let known = true;
		for (let i = length - 1; i >= 0; i--) {
			let to = words[i];
			if (to < 0) {
				to = ~to;
				known = can.get(--state);
			}
			if (known || (to < states && !can.get(to))) continue;
			can.set(state);
			known = changed = true;
		}
	}
	for (let s = 0; s < complete; s++) if (!can.get(s)) return s;
	return -1;
}
