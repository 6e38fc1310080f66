// SPDX-License-Identifier: GPL-2.0-only
/**
 * Hash compaction: a visited state is kept as 64 bits of a hash, and as a packed vector until it is
 * expanded. Two states with one hash are taken for the same, and states that only the second leads
 * to are missed: omission() says how likely that is. For breadth-first search, and only on request.
 *
 * The hash is a sum over the words of the image, of 64 bits that depend on the word's address
 * and value. A step's writes change it by the difference, and it does not depend on how wide the
 * fields are.
 */
import { Budget, grown } from './budget.ts';
import type { CheckpointReader, CheckpointWriter } from './checkpoint.ts';
import type { Machine } from './machine.ts';
import { LOOK_AGAIN, PackedImage, stepsAfter } from './packed.ts';
import { addressesOf } from './packing.ts';
import { MAX_IDS } from './tables.ts';
import { VectorSet, type VectorSetOptions } from './vectors.ts';
import { BATCH, type BatchedSet, placeOf } from './visited.ts';

export interface CompactOptions extends VectorSetOptions {
	budget?: Budget;
}

function mixed(address: number, value: number, seed: number): number {
	let x = Math.imul(address ^ seed, 0x9e3779b1) ^ value;
	x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
	x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35) + seed;
	x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
	return x ^ (x >>> 16);
}
const SEED_LOW = 0x3c6ef372;
const SEED_HIGH = 0x5be0cd19;

export class CompactStore implements BatchedSet {
	readonly budget: Budget;
	pending = 0;
	readonly #machine: Machine;
	readonly #image: PackedImage;
	readonly #set: VectorSet;
	/** of mem after the last load() or commit() */
	#state = 0;
	/** number of states at which the widths of fields are checked */
	#lookAt = LOOK_AGAIN;
	#low = 0;
	#high = 0;
	#next = 0;
	/** of the batch: hashes (two words), and packed vectors */
	readonly #pairs = new Int32Array(2 * BATCH);
	/** of those that were looked up */
	readonly #ids = new Int32Array(BATCH);
	#lookedUp = 0;
	/** states that the search knows */
	#known = 0;
	#batch: Int32Array;
	/** of the states from #first on: hash and vector; and the same of state 0 */
	#queue: Int32Array;
	#first = 0;
	#initial: Int32Array;

	/** Stores mem as state 0; the machine's journal must be empty. */
	constructor(machine: Machine, options: CompactOptions = {}) {
		this.budget = options.budget ?? new Budget();
		this.#machine = machine;
		this.#image = new PackedImage(machine);
		this.#set = new VectorSet(this.budget, 2, options);
		const { width } = this.#image;
		this.#batch = new Int32Array(BATCH * width);
		this.#queue = this.budget.words(64 * (2 + width));
		this.#encode(0);
		this.take(0);
		this.#initial = this.#queue.slice(0, 2 + width);
	}

	get count(): number {
		return this.#set.count;
	}
	bytes(): number {
		return this.budget.used;
	}

	/** An upper bound for the probability that two of the states found have one hash. */
	omission(): number {
		return (this.count * (this.count - 1)) / 2 ** 65;
	}

	put(): number {
		if (!this.#encode(0)) {
			this.#widen();
			this.#encode(0);
		}
		this.#lookUp(0, 1);
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
		this.#low = this.#pairs[0];
		this.#high = this.#pairs[1];
	}

	/** Only state 0, and states that release() has not given up, can be loaded. */
	load(state: number): void {
		if (state === this.#state) return;
		if (state < this.#first && state !== 0) throw new Error(`state ${state} is only a hash now`);
		const from = state < this.#first ? this.#initial : this.#queue;
		const at = state < this.#first ? 0 : (state - this.#first) * (2 + this.#image.width);
		this.#state = state;
		this.#low = from[at];
		this.#high = from[at + 1];
		this.#image.load(from, at + 2);
	}

	release(before: number): void {
		const entry = 2 + this.#image.width;
		if (2 * (before - this.#first) * entry <= this.#queue.length) return;
		this.#queue.copyWithin(0, (before - this.#first) * entry, (this.count - this.#first) * entry);
		this.#first = before;
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
		this.#lookedUp = this.#lookUp(0, n) ? n : 0;
		return n;
	}

	skip(k: number): number {
		return placeOf(this.#ids, k, this.#lookedUp, this.#known);
	}

	take(k: number): number {
		if (k >= this.#lookedUp) this.#lookUp(k, k + 1);
		const id = this.#ids[k];
		if (id === this.#known) this.#known++;
		return id;
	}

	/** VectorSet.lookUp(), and the queue with it. */
	#lookUp(from: number, to: number): boolean {
		let known = this.#set.count;
		// Before the hashes are there: a state that is in the set is in the queue, whatever happens.
		const end = (known + to - from - this.#first) * (2 + this.#image.width);
		if (end > this.#queue.length)
			this.#queue = this.budget.longer(this.#queue, Math.max(grown(this.#queue.length), end));
		if (!this.#set.lookUp(this.#pairs, from, to, this.#ids)) return false;
		for (let k = from; k < to; k++) if (this.#ids[k] === known) this.#enqueue(k, known++);
		return true;
	}

	#enqueue(k: number, id: number): void {
		const { width } = this.#image;
		const at = (id - this.#first) * (2 + width);
		this.#queue[at] = this.#pairs[2 * k];
		this.#queue[at + 1] = this.#pairs[2 * k + 1];
		this.#image.code.copy(this.#batch, k * width, this.#queue, at + 2);
	}

	#encode(k: number): boolean {
		if (!this.#image.encode(this.#batch, k * this.#image.width)) return false;
		const { journalAddress, journalOld, journalNew } = this.#machine;
		const length = this.#machine.journalLength();
		let low = this.#low;
		let high = this.#high;
		for (let u = 0; u < length; u++) {
			const a = journalAddress[u];
			const was = journalOld[u];
			const is = journalNew[u];
			low = (low + mixed(a, is, SEED_LOW) - mixed(a, was, SEED_LOW)) | 0;
			high = (high + mixed(a, is, SEED_HIGH) - mixed(a, was, SEED_HIGH)) | 0;
		}
		this.#pairs[2 * k] = low;
		this.#pairs[2 * k + 1] = high;
		return true;
	}

	/** Makes fields wider for what does not fit now, and for later states. */
	#widen(): void {
		if (this.count >= this.#lookAt) this.#lookAt = MAX_IDS + 1;
		const narrow = 2 + this.#image.width;
		const wider = this.#image.wider(stepsAfter(this.count));
		if (!wider) return;
		const entry = 2 + wider.width;
		const waiting = this.count - this.#first;
		if (waiting * entry > this.#queue.length)
			this.#queue = this.budget.longer(this.#queue, grown(waiting * entry));
		const repack = this.#image.adopt(wider);
		const initial = new Int32Array(entry);
		initial.set(this.#initial);
		repack(initial, 2, 2);
		this.#initial = initial;
		this.#batch = new Int32Array(BATCH * wider.width);
		for (let k = waiting - 1; k >= 0; k--) {
			repack(this.#queue, k * narrow + 2, k * entry + 2);
			this.#queue[k * entry + 1] = this.#queue[k * narrow + 1];
			this.#queue[k * entry] = this.#queue[k * narrow];
		}
	}

	save(to: CheckpointWriter): void {
		const entry = 2 + this.#image.width;
		this.#image.save(to);
		this.#set.save(to);
		to.number(this.#first);
		to.array(this.#queue.subarray(0, (this.count - this.#first) * entry));
	}
	restore(from: CheckpointReader): void {
		this.#image.restore(from);
		this.#set.restore(from, 2);
		const entry = 2 + this.#image.width;
		this.#first = from.number(0, this.count);
		const queued = (this.count - this.#first) * entry;
		this.#queue = from.words(this.budget, this.#queue, queued);
		this.#batch = new Int32Array(BATCH * this.#image.width);
		this.#initial = new Int32Array(entry);
		this.#initial.set(this.#image.base, 2);
		if (!this.#set.code.same(this.#set.words, 0, this.#initial, 0)) from.misfit();
		this.#image.mustBeVectors(from, this.#queue.subarray(0, queued), 2, entry);
		this.#mustHaveHashes(from);
	}
	/** Each state in the queue has the hash that is stored for it. */
	#mustHaveHashes(from: CheckpointReader): void {
		const { width } = this.#image;
		const first = this.#image.unpacked(this.#initial, 2);
		const addresses = addressesOf(this.#machine);
		for (let id = this.#first; id < this.count; id++) {
			const at = (id - this.#first) * (2 + width);
			const image = this.#image.unpacked(this.#queue, at + 2);
			let [low, high] = [0, 0];
			for (const a of addresses) {
				if (image[a] === first[a]) continue;
				low = (low + mixed(a, image[a], SEED_LOW) - mixed(a, first[a], SEED_LOW)) | 0;
				high = (high + mixed(a, image[a], SEED_HIGH) - mixed(a, first[a], SEED_HIGH)) | 0;
			}
			for (const [i, half] of [low, high].entries())
				from.must(
					this.#queue[at + i] === half && this.#set.words[2 * id + i] === half,
					'the hash of a state',
				);
		}
	}
}
