// SPDX-License-Identifier: GPL-2.0-only
/**
 * The order in which the words of two images are compared. Any order gives a smallest image; with a
 * good one the first words distinguish most images. It is learned from states of random walks.
 */
import type { Machine } from '../machine.ts';
import { random } from '../random.ts';
import { violationIn } from '../result.ts';
import type { Contents } from './contents.ts';
import type { Action } from './group.ts';

const WALKS = 6;
const WALK_STEPS = 500;
/** One state in so many of a walk is a sample. */
const EVERY = 11;
/** Number of samples: pairs of a state and an element. */
const PAIRS = 512;

/** States of random walks, in mem; the same each time. Leaves the machine reset. */
function* sampledStates(machine: Machine): Iterable<void> {
	const pick = random(1);
	for (let i = 0; i < WALKS; i++) {
		machine.reset();
		machine.forget();
		for (let n = 0; n < WALK_STEPS; n++) {
			const tasks = [...machine.tasks.keys()].filter((t) => machine.ready(t) > 0);
			if (tasks.length === 0) break;
			const task = tasks[pick(tasks.length)];
			const choice = pick(machine.ready(task));
			const violation = violationIn(() => machine.step(task, choice));
			machine.forget();
			if (violation) break;
			if (n % EVERY === 0) yield;
		}
	}
	machine.reset();
	machine.forget();
}

/**
 * The addresses of `words` in the order in which they are compared; `tables` are those of the
 * actions, for comparisons. First comes the word that distinguishes the most states from their
 * images, then the word that distinguishes the most of the rest, and so on. Leaves the machine
 * reset.
 */
export function comparisonOrder(
	machine: Machine,
	actions: readonly Action[],
	tables: readonly (readonly Int32Array[])[],
	contents: Contents,
	words: Int32Array,
): Int32Array {
	const { mem } = machine;
	const under = (e: number, address: number): number => {
		const source = actions[e].from[address];
		const table = tables[e][contents.of[source]];
		return table[mem[source]] ?? mem[source];
	};
	/** by pair: the words, as indexes, in which the state and its image differ */
	const differing: number[][] = [];
	for (const _ of sampledStates(machine)) {
		if (differing.length + actions.length > PAIRS) continue;
		contents.update();
		for (let e = 1; e < actions.length; e++)
			differing.push([...words.keys()].filter((w) => under(e, words[w]) !== under(0, words[w])));
	}
	contents.update();
	const first: number[] = [];
	for (let left = differing; left.length > 0; ) {
		const tells = new Int32Array(words.length);
		for (const pair of left) for (const w of pair) tells[w]++;
		const best = tells.indexOf(Math.max(...tells));
		if (tells[best] === 0) break;
		first.push(best);
		left = left.filter((pair) => !pair.includes(best));
	}
	const chosen = new Set(first);
	const rest = [...words.keys()].filter((w) => !chosen.has(w));
	return Int32Array.from([...first, ...rest], (w) => words[w]);
}
