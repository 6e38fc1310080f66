// SPDX-License-Identifier: GPL-2.0-only
/**
 * The exact set of visited states for small machines: each state is one packed vector. They are in
 * the order in which they were found, which is also the queue of a breadth-first search.
 */
import { Budget } from './budget.ts';
import type { CheckpointReader, CheckpointWriter } from './checkpoint.ts';
import type { Machine } from './machine.ts';
import { LOOK_AGAIN, PackedImage, stepsAfter } from './packed.ts';
import { MAX_IDS } from './tables.ts';
import { VectorSet, type VectorSetOptions } from './vectors.ts';
import { BATCH, type BatchedSet, placeOf } from './visited.ts';

export interface FlatOptions extends VectorSetOptions {
	budget?: Budget;
}

export class FlatStore implements BatchedSet {
	readonly budget: Budget;
	pending = 0;
	readonly #machine: Machine;
	readonly #image: PackedImage;
	readonly #set: VectorSet;
	#state = 0;
	/** number of states at which the widths of fields are checked */
	#lookAt = LOOK_AGAIN;
	/** what the last put() found; its vector is the first of the batch */
	#next = 0;
	/** vectors of the batch, and the ids of those that were looked up */
	#batch: Int32Array;
	readonly #ids = new Int32Array(BATCH);
	#lookedUp = 0;
	/** states that the search knows */
	#known = 0;

	/** Stores mem as state 0; the machine's journal must be empty. */
	constructor(machine: Machine, options: FlatOptions = {}) {
		this.budget = options.budget ?? new Budget();
		this.#machine = machine;
		this.#image = new PackedImage(machine);
		this.#set = new VectorSet(this.budget, this.#image.width, options);
		this.#batch = new Int32Array(BATCH * this.#image.width);
		this.#encode(0);
		this.take(0);
	}

	get count(): number {
		return this.#set.count;
	}
	bytes(): number {
		return this.budget.used;
	}

	put(): number {
		if (!this.#encode(0)) {
			this.#widen();
			this.#encode(0);
		}
		this.#set.lookUp(this.#batch, 0, 1, this.#ids);
		this.#next = this.#ids[0];
		return this.#next;
	}

	rollback(): void {
		this.#machine.undo();
	}

	commit(): void {
		this.#machine.forget();
		this.#state = this.#next;
		this.#image.keep(this.#batch, 0);
	}

	load(state: number): void {
		if (state === this.#state) return;
		this.#state = state;
		this.#image.load(this.#set.words, state * this.#set.width);
	}

	later(): boolean {
		const k = this.pending;
		if (k === 0 && this.count >= this.#lookAt) this.#widen();
		if (!this.#encode(k)) {
			if (k > 0) return false;
			this.#widen();
			this.#encode(0);
		}
		this.pending = k + 1;
		return true;
	}

	warm(known: number): number {
		const n = this.pending;
		this.#known = known;
		this.pending = 0;
		this.#lookedUp = this.#set.lookUp(this.#batch, 0, n, this.#ids) ? n : 0;
		return n;
	}

	skip(k: number): number {
		return placeOf(this.#ids, k, this.#lookedUp, this.#known);
	}

	take(k: number): number {
		if (k >= this.#lookedUp) this.#set.lookUp(this.#batch, k, k + 1, this.#ids);
		const id = this.#ids[k];
		if (id === this.#known) this.#known++;
		return id;
	}

	#encode(k: number): boolean {
		return this.#image.encode(this.#batch, k * this.#set.width);
	}

	/** Makes fields wider for what does not fit now, and for later states. */
	#widen(): void {
		if (this.count >= this.#lookAt) this.#lookAt = MAX_IDS + 1;
		const narrow = this.#set.width;
		const wider = this.#image.wider(stepsAfter(this.count));
		if (!wider) return;
		const { width } = wider;
		this.#set.reserve(width);
		const repack = this.#image.adopt(wider);
		this.#set.widen(width, (words, k) => repack(words, k * narrow, k * width));
		if (width !== narrow) this.#batch = new Int32Array(BATCH * width);
	}

	save(to: CheckpointWriter): void {
		this.#image.save(to);
		this.#set.save(to);
	}
	restore(from: CheckpointReader): void {
		this.#image.restore(from);
		this.#set.restore(from, this.#image.width);
		this.#batch = new Int32Array(BATCH * this.#image.width);
		this.#image.code.copy(this.#image.base, 0, this.#batch, 0);
		if (!this.#image.code.same(this.#set.words, 0, this.#batch, 0)) from.misfit();
		const { words, width, count } = this.#set;
		this.#image.mustBeVectors(from, words.subarray(0, count * width), 0, width);
	}
}
