// SPDX-License-Identifier: GPL-2.0-only
/**
 * The locals that, when a function is suspended, have the same value as their place in its frame:
 * they need not be saved again. A frame is
 *
 *   [site, live locals...]      a callee's frame begins right after it
 *
 * and within a step only the function itself writes to its frame, up to the end of the frame with
 * which it was resumed. After that end a callee's frame may have been. A callee that returned
 * without being suspended has written no frame.
 */
import type { End } from '../plan.ts';
import { type FoldedFlow, successors } from './liveness.ts';

/** By local: its place in the frame, from 1 on. */
export type Places = ReadonlyMap<number, number>;

/** By block that ends with a suspension: the places of locals already in the frame. */
export function resident(folded: FoldedFlow): Map<number, Places> {
	const { blocks, reachable, saved } = folded;
	const before: (Places | undefined)[] = blocks.map(() => undefined);
	before[0] = new Map();
	for (let changed = true; changed; ) {
		changed = false;
		for (const b of reachable) {
			const at = before[b];
			if (!at) continue;
			const after = afterEnd(folded, b, without(at, textOf(folded, b), folded));
			for (const next of successors(blocks[b].end)) {
				const known = before[next];
				const both = known ? common(known, after) : after;
				if (known && both.size === known.size) continue;
				before[next] = both;
				changed = true;
			}
		}
	}
	const places = new Map<number, Places>();
	for (const b of saved.keys())
		places.set(b, without(before[b] ?? new Map(), textOf(folded, b), folded));
	return places;
}

/** Everything that is executed in a block before it ends. */
function textOf({ blocks }: FoldedFlow, b: number): string {
	const { ops, end } = blocks[b];
	return ops.map((o) => o.js).join(';') + textOfEnd(end);
}
function textOfEnd(end: End): string {
	if (end.t === 'goto') return '';
	return end.t === 'call' ? `;${end.before};${end.args}` : `;${end.js}`;
}

/** Without those that a text may assign: generated code has only assignments `local=`. */
function without(places: Places, text: string, { flow }: FoldedFlow): Places {
	return new Map([...places].filter(([l]) => !assigns(text, flow.locals[l].js)));
}
function assigns(text: string, js: string): boolean {
	for (let i = text.indexOf(`${js}=`); i >= 0; i = text.indexOf(`${js}=`, i + 1))
		if (text[i + js.length + 1] !== '=') return true;
	return false;
}

/** The places after a block. */
function afterEnd({ blocks, liveIn, saved }: FoldedFlow, b: number, at: Places): Places {
	const { end } = blocks[b];
	if (end.t !== 'leaf' && end.t !== 'call') return at;
	const live = saved.get(b)!;
	const restored = new Map<number, number>();
	live.forEach((l, i) => {
		if (l !== end.result && liveIn[end.next].has(l)) restored.set(l, i + 1);
	});
	return end.t === 'leaf' ? restored : common(restored, at);
}

function common(a: Places, b: Places): Places {
	return new Map([...a].filter(([l, place]) => b.get(l) === place));
}
