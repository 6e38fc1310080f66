// SPDX-License-Identifier: GPL-2.0-only
/**
 * What a search asks of the set of visited states. Two keep it exactly: StateStore (store.ts), a
 * tree of interned parts for large machines, and FlatStore (flat.ts), one packed vector a state
 * for small ones.
 *
 * The set and the machine's image move together. Ids count up from 0 in the order in which the
 * states were found, so that what has been stored is the queue of a breadth-first search as well.
 */
import type { CheckpointReader, CheckpointWriter } from './checkpoint.ts';

export interface VisitedSet {
	/** number of states */
	readonly count: number;
	/**
	 * The id of the state that the journalled writes led to: the `count` from before the call if
	 * it is new. To be followed by rollback() or commit().
	 */
	put(): number;
	/** Takes the last step back, in the set and in the image. */
	rollback(): void;
	/** Stays where the last step led. */
	commit(): void;
	/** Goes to a state; the machine's journal must be empty. */
	load(state: number): void;
	/** States with lower ids, but the first, will not be gone to any more. */
	release?(before: number): void;
	/** How likely it is, at most, that a state was left out; absent if none can be. */
	omission?(): number;
	/** Bytes allocated, exactly. */
	bytes(): number;
	/**
	 * Writes the states, not which of them is in mem. A put() that ended in LimitReached must not
	 * have done harm to them.
	 */
	save(to: CheckpointWriter): void;
	/** Of a set that was just made, of the same machine: reads what save() wrote. */
	restore(from: CheckpointReader): void;
}

/** How many states are looked up together. */
export const BATCH = 64;

/** A set that looks states up together, which waits for memory less. */
export interface BatchedSet extends VisitedSet {
	/** states that wait to be looked up */
	readonly pending: number;
	/**
	 * Keeps the state that the journalled writes led to. False if what waits must be looked up
	 * before this one can be kept. There may be BATCH of them. To be followed by rollback().
	 */
	later(): boolean;
	/**
	 * What waits is to be looked up by take(), from the first to the last; returns how many there
	 * are. `known`: how many states the search knows. A set may have found more, for a search that
	 * is resumed.
	 */
	warm(known: number): number;
	/** The next to be looked up, from k on: what is left out are states that the search knows. */
	skip(k: number): number;
	/** The id of a state of the batch: what is new gets the next ids. */
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
