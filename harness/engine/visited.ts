// SPDX-License-Identifier: GPL-2.0-only
/**
 * The interface of the set of visited states. Two classes keep it exactly: StateStore (store.ts), a
 * tree of interned parts for large machines, and FlatStore (flat.ts), one packed vector a state
 * for small ones.
 *
 * The set and the machine's image move together. Ids count up from 0 in the order in which the
 * states were found, so the set is also the queue of a breadth-first search.
 */
import type { CheckpointReader, CheckpointWriter } from './checkpoint.ts';

export interface VisitedSet {
	/** number of states */
	readonly count: number;
	/**
	 * The id of the state that the journalled writes led to: the `count` from before the call if
	 * it is new. Call rollback() or commit() next.
	 */
	put(): number;
	/** Undoes the last step, in the set and in the image. */
	rollback(): void;
	/** Keeps the state after the last step. */
	commit(): void;
	/** Goes to a state; the machine's journal must be empty. */
	load(state: number): void;
	/** States with lower ids, except the first, will not be loaded again. */
	release?(before: number): void;
	/** An upper bound for the probability that a state was left out; absent if none can be. */
	omission?(): number;
	/** Bytes allocated, exactly. */
	bytes(): number;
	/**
	 * Writes the states, not which of them is in mem. A put() that ended in LimitReached must leave
	 * them intact.
	 */
	save(to: CheckpointWriter): void;
	/** Reads what save() wrote, into a new set of the same machine. */
	restore(from: CheckpointReader): void;
}

/** How many states are looked up together. */
export const BATCH = 64;

/** A set that looks states up in batches, so that it waits less for memory. */
export interface BatchedSet extends VisitedSet {
	/** states that wait to be looked up */
	readonly pending: number;
	/**
	 * Keeps the state that the journalled writes led to. False if the batch must be looked up
	 * before this one can be kept. A batch has up to BATCH states. Call rollback() next.
	 */
	later(): boolean;
	/**
	 * Call take() for each state of the batch, from the first to the last; returns their number.
	 * `known`: how many states the search knows. The set of a resumed search may have more.
	 */
	warm(known: number): number;
	/** The next to look up, from k on: states that the search knows are left out. */
	skip(k: number): number;
	/** The id of a state of the batch: new states get the next ids. */
	take(k: number): number;
}

/** The first place of an id from `from` on, or `end`; `from` if that is not below `end`. */
export function placeOf(ids: Int32Array, from: number, end: number, id: number): number {
	let place = from;
	while (place < end && ids[place] !== id) place++;
	return place;
}

export function isBatched(set: VisitedSet): set is BatchedSet {
	return 'warm' in set;
}
