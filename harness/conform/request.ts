// SPDX-License-Identifier: GPL-2.0-only
/**
 * The request for a check, and its report.
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
	/** keep 64 bits of a hash of each state instead of the state: states may be missed */
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
	/** of a circle of locks: a path to each of its orders */
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
	/** the limit that ended the search, and how many states were not expanded yet */
	limit?: Reason;
	queue?: number;
	/** the shortest path to a violation, including those of state predicates */
	violation?: Found;
	/** the shortest path to a violation that a program can notice, if it is another */
	harm?: Found;
	/** I10 and STARVE were checked as well */
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
	/** an upper bound for the probability that a state was left out; absent: none was */
	omission?: number;
	seed?: number;
	/** properties that were exercised */
	exercised: Property[];
	/** marks of the header that were not reached */
	unreached: string[];
	/** `A -> B`: lock B was taken while A was held */
	locks: string[];
	/** those of them that are known inversions, and were not counted in this test */
	inversions?: KnownInversion[];
	/** `A to B`: a glock went from state A to state B */
	glocks?: string[];
	/** of an exploration with component tables: their rows; or why it was made without */
	tables?: { rows: number } | { not: string };
	/** what was reduced, and by how much */
	reductions?: string[];
	/** of a search that was stopped, if one was asked for */
	checkpoint?: CheckpointLeft;
	/** the checkpoint that the search resumed from: the verdict depends on its contents */
	resumed?: string;
	/** nothing was explored: this configuration makes the same machine, which was checked */
	sameAs?: { profile: string; config: Record<string, number> };
}

export interface CheckRequest {
	test: Test;
	configuration: Configuration;
	limits?: Limits;
	/** look for the user-visible harm of a violation (the default) */
	harm?: boolean;
	/** also look for programs that may never end: I10 and STARVE */
	progress?: boolean;
	/** only I10: can every program still end? This also works with reductions */
	canFinish?: boolean;
	onProgress?: (p: Progress) => void;
	signal?: StopSignal;
	/** not of random walks */
	checkpoint?: Omit<CheckpointOptions, 'about'>;
	/** of conform/worker.ts: explores on all of its workers, only breadth first */
	pool?: Pool<Jobs>;
}

/** Refuses options that exploreParallel() does not have. */
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

/** Both need all transitions; fair cycles also need all tasks, without reductions. */
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
