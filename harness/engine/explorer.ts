// SPDX-License-Identifier: GPL-2.0-only
/**
 * Exhaustive exploration: every state that any interleaving of the tasks can reach, each once.
 *
 * Violations are what step() throws on a transition, what check() throws in a new state, and
 * deadlock: no task can step and not all programs have ended (property I9). The same machine and
 * options give the same counts and the same trace, always.
 */
import { BreadthFirst } from './breadth.ts';
import { DepthFirst } from './depth.ts';
import type { Machine } from './machine.ts';
import type { ExploreOptions } from './options.ts';
import { inSlices, type Result } from './result.ts';
import type { Search } from './search.ts';

export type { ExploreOptions, Terminal } from './options.ts';
export type {
	Progress,
	Reason,
	Result,
	Step,
	StopSignal,
	Verdict,
	ViolationFound,
} from './result.ts';

function searchOf(machine: Machine, options: ExploreOptions): Search {
	return options.order === 'dfs'
		? new DepthFirst(machine, options)
		: new BreadthFirst(machine, options);
}

export function explore(machine: Machine, options: ExploreOptions = {}): Result {
	const search = searchOf(machine, options);
	search.run();
	return search.result();
}

/**
 * As explore(), but timers, signals and messages are handled in between. No other code may use the
 * machine meanwhile.
 */
export async function exploreAsync(
	machine: Machine,
	options: ExploreOptions = {},
): Promise<Result> {
	const search = searchOf(machine, options);
	await inSlices(search);
	return search.result();
}
