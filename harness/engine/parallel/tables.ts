// SPDX-License-Identifier: GPL-2.0-only
/**
 * The tables of the tree store (../tables.ts), shared by several workers.
 *
 * Places for entries are reserved in chunks. A worker writes an entry to the next place of its own
 * chunk, and then puts its id into an empty slot by compare-and-swap. If another worker was faster,
 * the worker compares that entry, and keeps its own place for the next one. So each content has one
 * id, in any order of workers.
 *
 * A slot is read without synchronisation. If it has an id, the entry was written before: the swap
 * orders the writes, and the read of the entry depends on the id. If a slot is read as empty but is
 * no longer empty, the swap fails.
 *
 * Ids begin at 1: a pair whose first word is 0, and a vector whose owner is 0, are unused places.
 * Slots and entries grow while all workers stand still (team.ts).
 */
import { grown } from '../budget.ts';
import {
	HEADER,
	ID_BITS,
	loadLimit,
	MAX_IDS,
	mixed,
	type Pairs,
	pairHash,
	same,
	TAG_BITS,
	tooMany,
	type Vectors,
} from '../tables.ts';
import { SharedSlots } from './slots.ts';
import { type Growing, Places, SharedWords, sharedWords, type Team } from './team.ts';

/** Words of a table in the team's control, after those of its Places. */
const ENTRIES = 2;
const ENTRY_LIMIT = 3;

export interface TableMemory {
	slots: SharedArrayBuffer;
	entries: SharedArrayBuffer;
}

/** Throws LimitReached if there is no address space for it. */
export function tableMemory(bits: number): TableMemory {
	return { slots: sharedWords(1 << bits), entries: sharedWords(4 << bits) };
}

/** VisitedSet.save() and restore() of what is shared. */
export function noCheckpoint(): never {
	throw new Error('shared tables are in no checkpoint');
}

export interface SharedTableOptions {
	maxIds?: number;
	/** places that a worker reserves at a time: pairs, or words of vectors */
	chunk?: number;
}

export class SharedPairTable implements Pairs, Growing {
	size = 0;
	pairs!: Int32Array;
	readonly save = noCheckpoint;
	readonly restore = noCheckpoint;
	readonly places: Places;
	readonly #team: Team;
	readonly #number: number;
	readonly #maxIds: number;
	readonly #slots: SharedSlots;
	readonly #entryWords: SharedWords;
	/** a word for each pair */
	readonly #beside?: SharedWords;

	constructor(
		team: Team,
		memory: TableMemory,
		options: SharedTableOptions & { beside?: SharedWords } = {},
	) {
		this.#team = team;
		this.#maxIds = options.maxIds ?? MAX_IDS;
		this.#slots = new SharedSlots(team, memory.slots);
		this.#entryWords = new SharedWords(team, memory.entries);
		this.#beside = options.beside;
		const { number, words } = team.join(this);
		this.#number = number;
		this.places = new Places(team, words, options.chunk ?? 256, 1);
		this.renew();
	}

	intern(a: number, b: number): number {
		const h = pairHash(a, b);
		const slots = this.#slots.view;
		const mask = slots.length - 1;
		const { pairs, places } = this;
		/** the place of the pair, while it is not in the slots */
		let own = 0;
		for (let i = h & mask; ; i = (i + 1) & mask) {
			let e = slots[i];
			if (e === 0) {
				if (own === 0) {
					if (places.next === places.end) {
						if (!places.reserve()) this.#team.grow(this.#number);
						return this.intern(a, b);
					}
					own = places.next;
					pairs[2 * own] = a;
					pairs[2 * own + 1] = b;
				}
				e = Atomics.compareExchange(slots, i, 0, (h & ~mask) | (own + 1));
				if (e === 0) {
					places.next = own + 1;
					this.size++;
					return own;
				}
			}
			if (((e ^ h) & ~mask) !== 0) continue;
			const k = (e & mask) - 1;
			if (pairs[2 * k] !== a || pairs[2 * k + 1] !== b) continue;
			if (own !== 0) pairs[2 * own] = 0;
			return k;
		}
	}

	renew(): void {
		this.#slots.renew();
		this.#entryWords.renew();
		this.#beside?.renew();
		this.pairs = this.#entryWords.view;
	}

	grow(): boolean {
		const { bound, chunk } = this.places;
		const end = bound + this.#team.workers * chunk;
		if (end > this.#maxIds) throw tooMany(this.#maxIds);
		const refill = this.#slots.longer(end);
		const entries = Math.max(end, grown(bound));
		if (2 * end > this.#entryWords.view.length) this.#entryWords.longer(2 * entries);
		this.#beside?.longer(this.#entryWords.view.length >>> 1);
		this.places.limit = Math.min(
			loadLimit(this.#slots.view.length),
			this.#entryWords.view.length >>> 1,
			this.#maxIds,
		);
		return refill;
	}

	clear(part: number, parts: number): void {
		this.#slots.clear(part, parts);
	}
	fill(part: number, parts: number): void {
		const { pairs } = this;
		this.#slots.fill(part, parts, this.places.bound, (from, to, ids, hashes) => {
			let n = 0;
			for (let k = from; k < to; k++) {
				if (pairs[2 * k] === 0) continue;
				ids[n] = k;
				hashes[n++] = pairHash(pairs[2 * k], pairs[2 * k + 1]);
			}
			return n;
		});
	}
}

export class SharedVectorTable implements Vectors, Growing {
	readonly ids = noCheckpoint;
	size = 0;
	data!: Int32Array;
	readonly save = noCheckpoint;
	readonly restore = noCheckpoint;
	readonly #team: Team;
	readonly #number: number;
	readonly #words: number;
	readonly #maxIds: number;
	readonly #places: Places;
	/** the most entries that a chunk has room for */
	readonly #most: number;
	readonly #slotWords: SharedWords;
	readonly #entryWords: SharedWords;
	#slots!: Int32Array;
	/** entries that are counted in ENTRIES */
	#counted = 0;

	constructor(
		team: Team,
		memory: TableMemory,
		readonly lengths: Int32Array,
		options: SharedTableOptions = {},
	) {
		const longest = HEADER + lengths.reduce((a, b) => Math.max(a, b), 0);
		this.#team = team;
		this.#maxIds = options.maxIds ?? MAX_IDS;
		const chunk = Math.max(options.chunk ?? 2048, longest);
		this.#most = Math.ceil(chunk / HEADER);
		this.#slotWords = new SharedWords(team, memory.slots);
		this.#entryWords = new SharedWords(team, memory.entries);
		({ number: this.#number, words: this.#words } = team.join(this));
		this.#places = new Places(team, this.#words, chunk, chunk);
		this.renew();
	}

	intern(owner: number, words: Int32Array, start: number, sum: number): number {
		const length = this.lengths[owner];
		const data = this.data;
		const slots = this.#slots;
		const mask = slots.length - 1;
		const h = mixed(sum);
		const places = this.#places;
		/** the place of the vector, while it is not in the slots */
		let own = 0;
		for (let i = h & mask; ; i = (i + 1) & mask) {
			let e = slots[i];
			if (e === 0) {
				if (own === 0) {
					if (places.next + HEADER + length > places.end) {
						this.#reserve();
						return this.intern(owner, words, start, sum);
					}
					own = places.next;
					data[own] = sum;
					data[own + 1] = owner + 1;
					for (let j = 0; j < length; j++) data[own + HEADER + j] = words[start + j];
				}
				e = Atomics.compareExchange(slots, i, 0, (h & TAG_BITS) | (own + 1));
				if (e === 0) {
					places.next = own + HEADER + length;
					this.size++;
					return own;
				}
			}
			if (((e ^ h) & TAG_BITS) !== 0) continue;
			const k = (e & ID_BITS) - 1;
			if (data[k] !== sum || data[k + 1] !== owner + 1) continue;
			if (!same(data, k + HEADER, words, start, length)) continue;
			if (own !== 0) data.fill(0, own, own + HEADER + length);
			return k;
		}
	}

	#reserve(): void {
		const { control } = this.#team;
		const at = this.#words;
		Atomics.add(control, at + ENTRIES, this.size - this.#counted);
		this.#counted = this.size;
		const places = this.#places;
		// An entry does not go on from one chunk to the next.
		places.abandon();
		const full = () =>
			Atomics.load(control, at + ENTRIES) > Atomics.load(control, at + ENTRY_LIMIT);
		while (full() || !places.reserve()) this.#team.grow(this.#number);
	}

	renew(): void {
		this.#slotWords.renew();
		this.#entryWords.renew();
		this.#slots = this.#slotWords.view;
		this.data = this.#entryWords.view;
	}

	grow(): boolean {
		const { control, workers } = this.#team;
		const at = this.#words;
		const { bound, chunk } = this.#places;
		const end = bound + workers * chunk;
		if (end >= this.#maxIds) throw tooMany(this.#maxIds);
		// Each worker may have a chunk with entries that are not counted yet.
		const entries = Atomics.load(control, at + ENTRIES) + workers * this.#most;
		while (2 * entries > this.#slotWords.view.length) this.#rehash(2 * this.#slotWords.view.length);
		if (end > this.#entryWords.view.length)
			this.#entryWords.longer(Math.min(Math.max(grown(bound), end), this.#maxIds));
		this.#places.limit = this.#entryWords.view.length;
		const most = (this.#slotWords.view.length >>> 1) - workers * this.#most;
		Atomics.store(control, at + ENTRY_LIMIT, most);
		return false;
	}

	#rehash(length: number): void {
		const { bound, chunk } = this.#places;
		this.#slotWords.longer(length);
		const slots = this.#slotWords.view.fill(0);
		const mask = length - 1;
		const data = this.#entryWords.view;
		for (let start = chunk; start < bound; start += chunk) {
			const last = start + chunk - HEADER;
			for (let k = start; k <= last && data[k + 1] !== 0; ) {
				const h = mixed(data[k]);
				let i = h & mask;
				while (slots[i] !== 0) i = (i + 1) & mask;
				slots[i] = (h & TAG_BITS) | (k + 1);
				k += HEADER + this.lengths[data[k + 1] - 1];
			}
		}
	}
}
