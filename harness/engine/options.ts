// SPDX-License-Identifier: GPL-2.0-only
/**
 * What a search is asked for, and what it hands to those who look at ends: types only.
 *
 * Interface: ExploreOptions Terminal
 */
import type { CheckpointOptions } from './checkpoint.ts';
import type { Machine } from './machine.ts';
import type { Goal } from './progress/lasso.ts';
import type { Progress, Step, StopSignal } from './result.ts';
import type { Shape } from './shape.ts';
import type { StoreOptions } from './store.ts';

export interface Terminal {
	/** steps from the initial state: breadth first, the fewest */
	depth: number;
	trace(): Step[];
}

export interface ExploreOptions {
	/**
	 * 'bfs' (the default) finds shortest traces and keeps two bits a state for them. 'dfs'
	 * follows one way to its end before it tries another, and keeps the way instead, six bytes a
	 * step: it is quicker to a violation that is far away, and its traces are long. Both visit
	 * every state once.
	 */
	order?: 'bfs' | 'dfs';
	maxStates?: number;
	/** bytes; by default three quarters of what the system has free */
	maxMemory?: number;
	maxSeconds?: number;
	/**
	 * false: count violations and go on beside them; what a violating step leads to is not
	 * expanded
	 */
	stopAtFirst?: boolean;
	/**
	 * Also look for states from which no way leads to finished(), property I10. Breadth first
	 * only.
	 */
	livelock?: boolean;
	/**
	 * Also look for infinite executions, fair to every task, in which one of these is never
	 * reached: property STARVE. Breadth first only, and not on a machine with reductions.
	 */
	goals?: readonly Goal[];
	shape?: Shape;
	/** false: without machine.check(), so that only what a program can notice is left */
	predicates?: boolean;
	/** What is wrong with a terminal state, with the machine in it: a violation of its own. */
	checkTerminal?: (machine: Machine) => { property: string; message: string } | undefined;
	/** Each terminal state, with the machine in it. It must leave mem as it is. */
	onTerminal?: (machine: Machine, terminal: Terminal) => void;
	onProgress?: (progress: Progress) => void;
	signal?: StopSignal;
	/** Not with onTerminal, which would miss what was found before. */
	checkpoint?: CheckpointOptions;
	/**
	 * How states are kept: 'flat', one packed vector each; 'tree', interned parts; by default as
	 * the machine's size suggests. 'compact': 64 bits of a hash each, so that states may be left
	 * out, with the probability that the result states. Breadth first only.
	 */
	visited?: 'flat' | 'tree' | 'compact';
	/** for tests: how the store is made */
	store?: StoreOptions;
}
