// SPDX-License-Identifier: GPL-2.0-only
/**
 * What is asked of a check, and what is said of it.
 *
 * Interface: CheckRequest CheckReport Found Limits Verdict
 */
import type { CheckpointLeft, CheckpointOptions } from '../engine/checkpoint.ts';
import type { Jobs, Pool } from '../engine/pool.ts';
import type { Progress, Reason, Step, StopSignal } from '../engine/result.ts';
import type { CircleArc } from '../engine/trace.ts';
import type { Property } from '../kts/prelude.ts';
import type { Test } from '../litmus/ast.ts';
import type { ExpectedVerdict } from '../litmus/expectation.ts';
import { type Configuration, UsageError } from './config.ts';
import type { KnownInversion } from './inversions.ts';

export type Verdict = 'verified' | 'violated' | 'incomplete' | 'vacuous';

export interface Limits {
	maxStates?: number;
	/** bytes */
	maxMemory?: number;
	maxSeconds?: number;
	order?: 'bfs' | 'dfs';
	/** random walks instead of all interleavings: how many, and the seed */
	walks?: number;
	seed?: number;
	/** names of REDUCTIONS */
	reductions?: readonly string[];
	/** keep 64 bits of a hash of each state instead of the state: some may be left out */
	visited?: 'compact';
}

export interface Found {
	property: Property;
	message: string;
	file?: string;
	line?: number;
	function?: string;
	schedule: Step[];
	/** of STARVE: the steps from this one on, counted from 0, are repeated for ever */
	cycleFrom?: number;
	/** of LOCKDEP: its report, line by line */
	splat?: string[];
	/** of locks taken in orders that contradict each other: a way to each of these orders */
	circle?: CircleArc[];
}

/** Plain JSON. */
export interface CheckReport {
	id: string;
	profile: string;
	config: Record<string, number>;
	bounds: Record<string, number>;
	verdict: Verdict;
	/** why the verdict is incomplete or vacuous */
	reason?: string;
	/** what ended the search before its end, and how many states were still to be expanded */
	limit?: Reason;
	queue?: number;
	/** the shortest way to a broken property, the state predicates included */
	violation?: Found;
	/** the shortest way to something that a program can notice, if another */
	harm?: Found;
	/** I10 and STARVE were asked for as well */
	progress?: true;
	/** the condition of the test is a property: not a plain `exists` */
	conditionCounts: boolean;
	/** the verdict that the header of the test expects of this profile */
	expected?: ExpectedVerdict;
	states: number;
	transitions: number;
	depth: number;
	terminals: number;
	seconds: number;
	bytesPerState: number;
	/** how likely it is, at most, that a state was left out; absent: none was */
	omission?: number;
	seed?: number;
	/** properties that something happened to which they apply */
	exercised: Property[];
	/** marks of the header that were not reached */
	unreached: string[];
	/** `A -> B`: lock B was taken while A was held */
	locks: string[];
	/** of these the orders that are known to be wrong, and were not counted in this test */
	inversions?: KnownInversion[];
	/** `A to B`: a glock went from state A to state B */
	glocks?: string[];
	/** what was reduced, and by how much */
	reductions?: string[];
	/** of a search that was cut short, if one was asked for */
	checkpoint?: CheckpointLeft;
	/** the checkpoint that the search went on from: the verdict rests on what is in it */
	resumed?: string;
	/** nothing was explored: this configuration makes the same machine, and that was checked */
	sameAs?: { profile: string; config: Record<string, number> };
}

export interface CheckRequest {
	test: Test;
	configuration: Configuration;
	limits?: Limits;
	/** look for the user-visible harm of a violation (the default) */
	harm?: boolean;
	/** also look for programs that may never come to an end: I10 and STARVE */
	progress?: boolean;
	/** only whether every program can still come to an end, I10; that goes with reductions, too */
	canFinish?: boolean;
	onProgress?: (p: Progress) => void;
	signal?: StopSignal;
	/** not of random walks */
	checkpoint?: Omit<CheckpointOptions, 'about'>;
	/** of conform/worker.ts: explores on all of its workers, breadth first and nothing else */
	pool?: Pool<Jobs>;
}

/** Workers do what exploreParallel() can: to visit everything sooner. */
export function refuseWorkers({ limits = {}, checkpoint, ...request }: CheckRequest): void {
	const refuse = (what: string, instead: string) => {
		throw new UsageError(
			`--workers is not for ${what}: take --workers where only time is short, ${instead}`,
		);
	};
	if (limits.walks) refuse('--walks', '--walks for a sample of a test that is too large');
	if (limits.order === 'dfs')
		refuse('--depth-first', '--depth-first to come to a violation that is far away');
	if (limits.visited) refuse('--compact', '--compact where memory is short');
	if (checkpoint)
		refuse('--checkpoint and --resume', '--checkpoint where the search may be cut short');
	if (request.progress) refuse('--progress', '--progress to ask whether programs come to an end');
	if (request.canFinish)
		refuse('--can-finish', '--can-finish to ask whether programs can come to an end');
	if (limits.reductions?.length)
		refuse('--reduce', '--reduce where there are too many states, or nodes that are alike');
}

/** Both need the transitions; fair cycles are those of the tasks, so that nothing is reduced. */
export function refuseProgress({ limits = {}, progress }: CheckRequest): void {
	const option = progress ? '--progress' : '--can-finish';
	const refuse = (what: string) => {
		throw new UsageError(`${option} needs every interleaving, breadth first: not ${what}`);
	};
	if (limits.walks) refuse('--walks');
	if (limits.order === 'dfs') refuse('--depth-first');
	if (limits.visited) refuse('--compact, which forgets states');
	const { reductions = [] } = limits;
	if (progress && reductions.length > 0) refuse(`--reduce ${reductions.join(',')}`);
}
