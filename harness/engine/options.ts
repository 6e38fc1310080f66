// SPDX-License-Identifier: GPL-2.0-only
/**
 * The options of a search, and its terminal states: types only.
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
	 * follows one path to its end before it tries another, and keeps the path, six bytes a step: it
	 * finds a distant violation sooner, and its traces are long. Both visit every state once.
	 */
	order?: 'bfs' | 'dfs';
	maxStates?: number;
	/** bytes; by default three quarters of what the system has free */
	maxMemory?: number;
	maxSeconds?: number;
	/**
	 * false: count violations and go on; the state after a violating step is not expanded
	 */
	stopAtFirst?: boolean;
	/**
	 * Also look for states from which no path leads to finished(), property I10. Breadth first
	 * only.
	 */
	livelock?: boolean;
	/**
	 * Also look for infinite executions, fair to every task, in which one of these is never
	 * reached: property STARVE. Breadth first only, and not on a machine with reductions.
	 */
	goals?: readonly Goal[];
	shape?: Shape;
	/** false: without machine.check(), so that only violations that a program can notice are left */
	predicates?: boolean;
	/** Checks a terminal state, with the machine in it; the result is a violation. */
	checkTerminal?: (machine: Machine) => { property: string; message: string } | undefined;
	/** Each terminal state, with the machine in it. It must leave mem as it is. */
	onTerminal?: (machine: Machine, terminal: Terminal) => void;
	onProgress?: (progress: Progress) => void;
	signal?: StopSignal;
	/** Not with onTerminal, which would miss what was found before. */
	checkpoint?: CheckpointOptions;
	/**
	 * How states are kept: 'flat', one packed vector each; 'tree', interned parts; by default by the
	 * size of the machine. 'compact': 64 bits of a hash each, breadth first only; states may be left
	 * out, with the probability that the result states.
	 */
	visited?: 'flat' | 'tree' | 'compact';
	/** for tests: how the store is made */
	store?: StoreOptions;
}
