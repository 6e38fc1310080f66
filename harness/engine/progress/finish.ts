// SPDX-License-Identifier: GPL-2.0-only
/**
 * From which states can all programs still end? The transitions are gone through backwards until
 * nothing changes. Most lead to higher ids, so a few passes do.
 */
import { BitList } from '../budget.ts';
import type { StateGraph } from './graph.ts';

/**
 * The first state from which no way leads to a finished one, -1 if there is none. A step that was
 * not followed, and a state that was not expanded, could lead there: nothing is said of states
 * before them.
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
