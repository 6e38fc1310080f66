// SPDX-License-Identifier: GPL-2.0-only
/**
 * The flat store (../flat.ts), shared by several workers: vectors and slots as in tables.ts, and
 * fields that are the same for all.
 *
 * When a value does not fit its field, the worker publishes its image and asks for a meeting. The
 * last worker that comes makes the fields wider and packs all vectors again; the others adopt the
 * fields when they go on, and pack the vectors in their batches again.
 *
 * Places begin at 1. A place is unused if its word in `parents` is 0.
 */
import { Budget, grown } from '../budget.ts';
import type { Machine } from '../machine.ts';
import { PackedImage } from '../packed.ts';
import { addressesOf, type Fields, Packing, type Ranges } from '../packing.ts';
import { loadLimit, MAX_IDS, tooMany } from '../tables.ts';
import { type VectorCode, vectorCode } from '../vectors.ts';
import { BATCH, type BatchedSet, placeOf } from '../visited.ts';
import { SharedSlots } from './slots.ts';
import { noCheckpoint, type SharedTableOptions, type TableMemory } from './tables.ts';
import { type Growing, Places, SharedWords, type Team } from './team.ts';

class SharedVectorSet implements Growing {
	words!: Int32Array;
	code: VectorCode;
	readonly places: Places;
	readonly #team: Team;
	/** as a member of the team */
	readonly number: number;
	readonly #maxIds: number;
	readonly #badHash: boolean;
	readonly #slots: SharedSlots;
	readonly #vectorWords: SharedWords;
	readonly #parents: SharedWords;

	constructor(
		team: Team,
		memory: TableMemory,
		parents: SharedWords,
		public width: number,
		{ maxIds = MAX_IDS, badHash = false }: FlatOptions,
	) {
		this.#team = team;
		this.#maxIds = maxIds;
		this.#badHash = badHash;
		this.#slots = new SharedSlots(team, memory.slots);
		this.#vectorWords = new SharedWords(team, memory.entries);
		this.#parents = parents;
		this.code = vectorCode(width, this.#badHash);
		const { number, words } = team.join(this);
		this.number = number;
		this.places = new Places(team, words, BATCH, 1);
		this.renew();
	}

	/** Finds the ids of the first n vectors of a batch, for which there is room. */
	lookUp(batch: Int32Array, n: number, ids: Int32Array): void {
		const { code, words, places } = this;
		places.next = code.lookUpShared(this.#slots.view, words, places.next, batch, n, ids);
	}

	/** Makes room for n vectors, with consecutive ids. The width may have changed then. */
	room(n: number): void {
		const { places } = this;
		while (places.end - places.next < n) if (!places.reserve()) this.#team.grow(this.number);
	}

	renew(): void {
		this.#slots.renew();
		this.#vectorWords.renew();
		this.#parents.renew();
		this.words = this.#vectorWords.view;
	}

	grow(): boolean {
		const { bound, chunk } = this.places;
		const end = bound + this.#team.workers * chunk;
		if (end > this.#maxIds) throw tooMany(this.#maxIds);
		const refill = this.#slots.longer(end);
		if (end * this.width > this.#vectorWords.view.length)
			this.#vectorWords.longer(Math.max(end, grown(bound)) * this.width);
		this.limit();
		return refill;
	}

	/** As many places as there is room for. */
	limit(): void {
		const fit = Math.floor(this.#vectorWords.view.length / this.width);
		this.#parents.longer(fit);
		this.places.limit = Math.min(loadLimit(this.#slots.view.length), fit, this.#maxIds);
	}

	/** Makes room for longer vectors. */
	widenTo(width: number): void {
		const { bound } = this.places;
		if (bound * width > this.#vectorWords.view.length)
			this.#vectorWords.longer(grown(bound) * width);
		this.words = this.#vectorWords.view;
	}

	adopt(width: number): void {
		this.width = width;
		this.code = vectorCode(width, this.#badHash);
	}

	clear(part: number, parts: number): void {
		this.#slots.clear(part, parts);
	}
	fill(part: number, parts: number): void {
		const parents = this.#parents.view;
		const { words, width, code } = this;
		this.#slots.fill(part, parts, this.places.bound, (from, to, ids, hashes) => {
			let n = 0;
			for (let k = from; k < to; k++) {
				if (parents[k] === 0) continue;
				ids[n] = k;
				hashes[n++] = code.hash(words, k * width);
			}
			return n;
		});
	}
}

export interface FlatOptions extends SharedTableOptions {
	badHash?: boolean;
}

export interface FlatMemory extends TableMemory {
	/** the least and the greatest value by address, then how often they changed, and the width */
	fields: SharedArrayBuffer;
	/** of each worker: whether its image does not fit, and the image */
	images: SharedArrayBuffer;
}

/** Bytes of FlatMemory.fields and images, for an image of so many words. */
export function fieldBytes(words: number, workers: number): { fields: number; images: number } {
	return { fields: 4 * (2 * words + 2), images: 4 * workers * (words + 1) };
}

/** Ranges that a packing with these fields has room for. */
function rangesOf({ bias, mask }: Fields): Ranges {
	const wide = (a: number): boolean => mask[a] === -1;
	return {
		low: bias.map((b, a) => (wide(a) ? -(2 ** 31) : b)),
		high: bias.map((b, a) => (wide(a) ? 2 ** 31 - 1 : Math.min(b + mask[a], 2 ** 31 - 1))),
	};
}

/** Steps of the random walks that the first widths are learned from. */
const LOOK = 1 << 16;

export class SharedFlatStore implements BatchedSet, Growing {
	readonly budget = new Budget();
	readonly save = noCheckpoint;
	readonly restore = noCheckpoint;
	/** of states that were found here first */
	count = 0;
	pending = 0;
	readonly #team: Team;
	readonly #number: number;
	readonly #machine: Machine;
	readonly #image: PackedImage;
	readonly #addresses: Int32Array;
	readonly #set: SharedVectorSet;
	readonly #fields: Int32Array;
	readonly #images: Int32Array;
	readonly #worker: number;
	/** how often the fields had changed when they were adopted */
	#changes = 0;
	#state = 0;
	#next = 0;
	#batch: Int32Array;
	/** of the vectors of the batch that were looked up */
	readonly #ids = new Int32Array(BATCH);
	#lookedUp = 0;
	/** the id of the next one that is new */
	#fresh = 0;

	/** Stores what mem holds; the machine's journal must be empty. */
	constructor(
		machine: Machine,
		team: Team,
		memory: FlatMemory,
		parents: SharedWords,
		worker: number,
		options: FlatOptions = {},
	) {
		this.#team = team;
		this.#machine = machine;
		this.#worker = worker;
		this.#fields = new Int32Array(memory.fields);
		this.#images = new Int32Array(memory.images);
		this.#image = new PackedImage(machine);
		this.#addresses = addressesOf(machine);
		// All workers learn the same fields, or their vectors could not be compared.
		const wider = this.#image.wider(LOOK);
		if (wider) this.#image.adopt(wider);
		const { place, bias, mask } = this.#image.packing.fields;
		team.mustBeAlike(1, place, bias, mask);
		const { width } = this.#image;
		this.#batch = new Int32Array(BATCH * width);
		this.#set = new SharedVectorSet(team, memory, parents, width, options);
		this.#number = team.join(this).number;
		this.#state = this.put();
	}

	get places(): Places {
		return this.#set.places;
	}
	bytes(): number {
		return this.budget.used;
	}

	put(): number {
		this.#set.room(1);
		while (!this.#encode(0)) this.#widen();
		this.#lookUp(1);
		this.#next = this.take(0);
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
		if (!this.#encode(k)) {
			if (k > 0) return false;
			do this.#widen();
			while (!this.#encode(0));
		}
		this.pending = k + 1;
		return true;
	}

	/** While there is room made for them, the vectors of the batch may be packed anew. */
	warm(): number {
		const n = this.pending;
		this.#set.room(n);
		this.pending = 0;
		this.#lookUp(n);
		return n;
	}

	#lookUp(n: number): void {
		this.#lookedUp = n;
		this.#fresh = this.#set.places.next;
		this.#set.lookUp(this.#batch, n, this.#ids);
	}

	skip(k: number): number {
		return placeOf(this.#ids, k, this.#lookedUp, this.#fresh);
	}

	take(k: number): number {
		const id = this.#ids[k];
		if (id === this.#fresh) {
			this.#fresh++;
			this.count++;
		}
		return id;
	}

	#encode(k: number): boolean {
		return this.#image.encode(this.#batch, k * this.#set.width);
	}

	#widen(): void {
		const { words, mem } = this.#machine;
		const at = this.#worker * (words + 1);
		this.#images.set(mem, at + 1);
		this.#images[at] = 1;
		this.#team.grow(this.#number);
	}

	/** The fields become wide enough for all images that do not fit. */
	grow(): boolean {
		const { words } = this.#machine;
		const narrow = this.#set.width;
		let wider = this.#image.packing;
		for (let at = 0; at < this.#images.length; at += words + 1) {
			if (this.#images[at] === 0) continue;
			this.#images[at] = 0;
			const image = this.#images.subarray(at + 1, at + 1 + words);
			wider = wider.widened({ low: image, high: image });
		}
		const { width } = wider;
		this.#set.widenTo(width);
		const repack = this.#adopt(wider);
		const vectors = this.#set.words;
		for (let k = this.#set.places.bound - 1; k > 0; k--) repack(vectors, k * narrow, k * width);
		this.#set.limit();
		const { low, high } = rangesOf(wider.fields);
		this.#fields.set(low);
		this.#fields.set(high, words);
		this.#fields[2 * words] = ++this.#changes;
		this.#fields[2 * words + 1] = width;
		return true;
	}

	get refills(): number {
		return this.#set.number;
	}

	renew(): void {
		const { words } = this.#machine;
		const changes = this.#fields[2 * words];
		if (changes === this.#changes) return;
		this.#changes = changes;
		const low = this.#fields.slice(0, words);
		const high = this.#fields.slice(words, 2 * words);
		const width = this.#fields[2 * words + 1];
		this.#adopt(new Packing(this.#addresses, { low, high }, width));
	}

	/** Changes to a packing, also for the batch; returns a function that repacks a vector. */
	#adopt(packing: Packing): (words: Int32Array, from: number, to: number) => void {
		const narrow = this.#image.width;
		const repack = this.#image.adopt(packing);
		const { width } = packing;
		this.#set.adopt(width);
		const batch = new Int32Array(BATCH * width);
		batch.set(this.#batch.subarray(0, this.pending * narrow));
		for (let k = this.pending - 1; k >= 0; k--) repack(batch, k * narrow, k * width);
		this.#batch = batch;
		return repack;
	}
}
