// SPDX-License-Identifier: GPL-2.0-only
/** The result of an exploration or of a series of random walks. */
import type { CheckpointLeft } from './checkpoint.ts';
import { BLOCKED, IDLE, type Machine, type TrapSite, Violation } from './machine.ts';

/** A step: which task, and which of its choices. */
export type Step = [task: number, choice: number];

export type Verdict = 'complete' | 'violated' | 'incomplete';

/** Which limit ended a search that is not complete. */
export type Reason =
	| 'states' // maxStates
	| 'memory' // maxMemory, or an allocation that failed
	| 'ids' // a table of the store is full
	| 'seconds' // maxSeconds
	| 'walks' // all walks were made
	| 'signal' // stopped from outside
	| 'reduction' // a reduction does not hold: detail says why
	| 'components'; // component tables do not fit the machine: detail says why

export interface ViolationFound {
	/** its short name: I1..I10, STARVE, DATA, BUG */
	property: string;
	message: string;
	/** where in the sources; a deadlock has no place */
	trap?: TrapSite;
	/** steps taken until it was found: the length of the trace */
	step: number;
	/** of STARVE: the trace's steps from this one on, counted from 0, are repeated for ever */
	cycleFrom?: number;
}

export interface Result {
	/** 'violated' takes precedence over 'incomplete': `reason` is then set too */
	verdict: Verdict;
	reason?: Reason;
	/** of a search that was stopped: states found and not yet expanded */
	queue?: number;
	/** of a reduction that does not hold: what is wrong, and where */
	detail?: string;
	/** distinct states; of random walks: states passed through */
	states: number;
	/** executed steps, including those into known states, the same state and violations */
	transitions: number;
	/**
	 * of breadth-first search: the longest of the shortest paths to a state; else the longest path
	 * taken
	 */
	depth: number;
	/** states in which no task can step and finished() holds */
	terminals: number;
	seconds: number;
	bytesPerState: number;
	/**
	 * an upper bound for the probability that a state was left out because its hash is that of
	 * another state; absent if the search was exact
	 */
	omission?: number;
	/** how many violations were found: more than one only without stopAtFirst */
	violations: number;
	/** the same, by property */
	byProperty: Record<string, number>;
	/** the first one; of breadth-first search, with a shortest trace */
	violation?: ViolationFound;
	trace?: Step[];
	/** coverage marks reached */
	marks: string[];
	/** of random walks: repeats them */
	seed?: number;
	/** the last one written, or why none was */
	checkpoint?: CheckpointLeft;
	/** the file that the search resumed from; its contents were trusted */
	resumed?: string;
}

export interface Progress {
	states: number;
	transitions: number;
	/** states found and not yet expanded */
	queue: number;
	depth: number;
	seconds: number;
	bytes: number;
	/** estimated number of states, if there is an estimate */
	expected?: number;
}

/** AbortSignal is one; so is a flag in shared memory, which reaches a thread that never waits. */
export interface StopSignal {
	readonly aborted: boolean;
}

export const MAX_TASKS = 64;
export const MAX_CHOICES = 255;

/** How often progress is reported and limits of time are checked. */
export const REPORT_MS = 200;

/** How long inSlices() blocks its thread at a time. */
const SLICE_MS = 30;

/** Runs a search to its end; timers, signals and messages are handled in between. */
export async function inSlices(search: { run(milliseconds: number): boolean }): Promise<void> {
	while (!search.run(SLICE_MS)) await new Promise((resolve) => setImmediate(resolve));
}

export function checkLimits(machine: Machine): void {
	if (machine.tasks.length > MAX_TASKS)
		throw new Error(`${machine.tasks.length} tasks; an exploration has at most ${MAX_TASKS}`);
}
export function tooManyChoices(machine: Machine, task: number, choices: number): never {
	throw new Error(
		`task ${machine.tasks[task].name} has ${choices} choices; a step has at most ${MAX_CHOICES}`,
	);
}

export function violationOf(e: Violation, step: number): ViolationFound {
	return { property: e.property, message: e.message, trap: e.trap, step };
}

export function canStep(machine: Machine): boolean {
	for (let t = 0; t < machine.tasks.length; t++) if (machine.ready(t) > 0) return true;
	return false;
}

/**
 * The violation of the state in mem, in which no task can step; none if all programs have ended.
 */
export function deadlockIn(machine: Machine, step: number): ViolationFound | undefined {
	if (machine.finished()) return undefined;
	const of = (kind: number): string[] =>
		[...machine.tasks.entries()]
			.filter(([t]) => machine.ready(t) === kind)
			.map(([t, { name }]) => {
				const at = machine.stack(t).at(-1);
				const place = at ? ` in ${at.function} (${at.file}:${at.line})` : '';
				return `${name} ${kind === IDLE ? 'idles' : 'waits'}${place}`;
			});
	// Idle daemons are left out, unless no other task waits.
	const blocked = of(BLOCKED);
	const waiting = blocked.length > 0 ? blocked : of(IDLE);
	return { property: 'I9', message: `deadlock: ${waiting.join(', ')}`, step };
}

/** The violation that step(), check() or reset() throws, if any. */
export function violationIn(run: () => void): Violation | undefined {
	try {
		run();
		return undefined;
	} catch (e) {
		if (e instanceof Violation) return e;
		throw e;
	}
}

/** The same, as a search reports it after so many steps. */
export function attempt(run: () => void, step: number): ViolationFound | undefined {
	const violation = violationIn(run);
	return violation && violationOf(violation, step);
}
