// SPDX-License-Identifier: GPL-2.0-only
/**
 * The shared data of the workers of one exploration, and how they wait for each other.
 *
 * There is one meeting point. A worker comes to it when no state of the level is left, when a table
 * must grow before it can go on, or when another worker asks for a meeting. While all others stand
 * still, the last one to come does the work (lets a table grow, begins the next level), and then
 * releases them. One worker alone does small levels, while the others wait.
 */
import { type GrowableBuffer, growableBuffer } from '../budget.ts';
import { LimitReached } from '../limits.ts';
import type { Reason } from '../result.ts';

/** Words of `control`. */
const GENERATION = 0;
const ARRIVED = 1;
const ACTIVE = 2;
const PAUSE = 3;
const WANTED = 4;
const STOP = 5;
const DONE = 6;
export const LEVEL = 7;
export const FROM = 8;
export const END = 9;
export const CURSOR = 10;
/** states that were known when the level began */
export const KNOWN = 11;
/** members whose slots the workers refill together, and the meetings that this still takes */
const REFILL = 12;
const STAGES = 13;
/** numbers that must be the same in all workers; 0 until the first worker has set them */
const ALIKE = 14;
const HEADER = 16;
/** A cache line for each worker, against false sharing. */
const LINE = 16;

/** Of each worker, in `figures`. */
const FIGURES = {
	states: 0,
	expanded: 1,
	transitions: 2,
	terminals: 3,
	violations: 4,
	bytes: 5,
} as const;
const FIGURES_LINE = 8;

/** Why a team stopped, by number; 0 is not yet. */
const REASONS: readonly Reason[] = ['states', 'memory', 'ids', 'seconds', 'signal'];

/** The team has stopped: the worker gives up its work. */
export class Stopped extends Error {}

/** Plain data for each worker. */
export interface TeamMemory {
	workers: number;
	control: SharedArrayBuffer;
	figures: SharedArrayBuffer;
	maxBytes: number;
}

export function teamMemory(workers: number, tables: number, maxBytes: number): TeamMemory {
	const control = new SharedArrayBuffer(4 * (HEADER + LINE * tables));
	const figures = new SharedArrayBuffer(8 * FIGURES_LINE * (workers + 1));
	new Int32Array(control)[ACTIVE] = workers;
	return { workers, control, figures, maxBytes };
}

/** A member that can grow while all workers stand still. */
export interface Growing {
	/** True if the active workers must refill its slots. Throws LimitReached. */
	grow(): boolean;
	/** the member that is refilled for this one, once even if both ask for it */
	readonly refills?: number;
	/** Another worker may have let it grow: makes its views again. */
	renew(): void;
	/** A worker's part of emptying the slots. */
	clear?(part: number, parts: number): void;
	/** When they are empty: a worker's part of filling them. */
	fill?(part: number, parts: number): void;
}

/** What follows the end of a level. */
export type Next = 'all' | 'alone' | 'done';

export class Team {
	readonly workers: number;
	readonly control: Int32Array;
	readonly #figures: Float64Array;
	readonly #maxBytes: number;
	readonly #growing: Growing[] = [];
	/** Called by the last worker that comes to the end of a level. */
	onLevelEnd: () => Next = () => 'done';

	constructor(
		memory: TeamMemory,
		/** counts from 0; -1: a view only */
		readonly worker = -1,
	) {
		this.workers = memory.workers;
		this.control = new Int32Array(memory.control);
		this.#figures = new Float64Array(memory.figures);
		this.#maxBytes = memory.maxBytes;
	}

	/** A member that can grow; returns where its own words in `control` begin. */
	join(growing: Growing): { number: number; words: number } {
		const number = this.#growing.push(growing) - 1;
		return { number, words: HEADER + LINE * number };
	}

	/**
	 * Throws if these words are not the same in all workers. `which`: 0 or 1, which of two things
	 * they are about.
	 */
	mustBeAlike(which: 0 | 1, ...lists: ArrayLike<number>[]): void {
		let h = 1;
		for (const list of lists)
			for (let i = 0; i < list.length; i++) {
				h = Math.imul(h ^ list[i], 0x9e3779b1);
				h ^= h >>> 15;
			}
		const mine = h | 1;
		const theirs = Atomics.compareExchange(this.control, ALIKE + which, 0, mine);
		if (theirs !== 0 && theirs !== mine)
			throw new Error('the machine of a worker differs from the others');
	}

	publish(worker: number, figure: keyof typeof FIGURES, value: number): void {
		this.#figures[worker * FIGURES_LINE + FIGURES[figure]] = value;
	}
	/** The sum over all workers; while they run, of the last published figures. */
	total(figure: keyof typeof FIGURES): number {
		let sum = 0;
		for (let w = 0; w <= this.workers; w++)
			sum += this.#figures[w * FIGURES_LINE + FIGURES[figure]];
		return sum;
	}
	/** Bytes of all workers and of shared memory. */
	get bytes(): number {
		return this.total('bytes');
	}
	/** Takes bytes for shared memory; only while all stand still. Throws LimitReached. */
	take(bytes: number): void {
		const used = this.bytes;
		if (used + bytes > this.#maxBytes)
			throw new LimitReached(
				'memory',
				`${bytes} bytes more than the ${used} in use pass the limit of ${this.#maxBytes}`,
			);
		// The line after those of the workers is for shared memory.
		this.#figures[this.workers * FIGURES_LINE + FIGURES.bytes] += bytes;
	}

	/** A worker asks for a meeting. */
	get paused(): boolean {
		return Atomics.load(this.control, PAUSE) !== 0;
	}
	get done(): boolean {
		return Atomics.load(this.control, DONE) !== 0;
	}
	get reason(): Reason | undefined {
		return REASONS[Atomics.load(this.control, STOP) - 1];
	}

	/** Ends the exploration at a limit; the first reason is kept. */
	stop(reason: Reason): void {
		Atomics.compareExchange(this.control, STOP, 0, REASONS.indexOf(reason) + 1);
		Atomics.store(this.control, PAUSE, 1);
	}

	/** Lets a member grow, and waits until that is done. Throws Stopped if it cannot. */
	grow(number: number): void {
		if (this.reason) throw new Stopped();
		Atomics.or(this.control, WANTED, 1 << number);
		Atomics.store(this.control, PAUSE, 1);
		this.meet();
		if (this.reason) throw new Stopped();
	}

	/** Call it between two expansions. Returns when the worker may go on. */
	meet(): void {
		const { control } = this;
		this.#wait();
		for (const growing of this.#growing) growing.renew();
		const members = Atomics.load(control, REFILL);
		if (members === 0) return;
		const parts = Atomics.load(control, ACTIVE);
		const part = parts === 1 ? 0 : this.worker;
		for (const growing of this.#chosen(members)) growing.clear?.(part, parts);
		this.#wait();
		for (const growing of this.#chosen(members)) growing.fill?.(part, parts);
		this.#wait();
	}

	#chosen(members: number): Growing[] {
		return this.#growing.filter((_, number) => ((members >>> number) & 1) !== 0);
	}

	#wait(): void {
		const { control } = this;
		const generation = Atomics.load(control, GENERATION);
		if (Atomics.add(control, ARRIVED, 1) + 1 === Atomics.load(control, ACTIVE)) this.#lead();
		else
			while (Atomics.load(control, GENERATION) === generation)
				Atomics.wait(control, GENERATION, generation);
	}

	/** All active workers have come. */
	#lead(): void {
		const { control } = this;
		Atomics.store(control, ARRIVED, 0);
		let next: Next = Atomics.load(control, ACTIVE) > 1 ? 'all' : 'alone';
		if (Atomics.load(control, STAGES) > 0) {
			if (Atomics.sub(control, STAGES, 1) === 1) Atomics.store(control, REFILL, 0);
		} else {
			const wanted = Atomics.exchange(control, WANTED, 0);
			if (wanted !== 0 && !this.reason) this.#growAll(wanted);
			else if (wanted === 0) next = this.reason ? 'done' : this.onLevelEnd();
			if (next === 'done') Atomics.store(control, DONE, 1);
			Atomics.store(control, PAUSE, 0);
			// The reason is set before the team is stopped.
			if (this.reason) Atomics.store(control, PAUSE, 1);
		}
		// With one worker, alone and all are the same.
		Atomics.store(control, ACTIVE, next === 'alone' ? 1 : this.workers);
		if (next === 'alone') return;
		Atomics.add(control, GENERATION, 1);
		Atomics.notify(control, GENERATION);
	}

	#growAll(wanted: number): void {
		let refill = 0;
		try {
			for (const [number, growing] of this.#growing.entries()) {
				if (((wanted >>> number) & 1) === 0) continue;
				growing.renew();
				if (growing.grow()) refill |= 1 << (growing.refills ?? number);
			}
		} catch (e) {
			if (!(e instanceof LimitReached)) throw e;
			this.stop(e.limit);
		}
		Atomics.store(this.control, REFILL, refill);
		Atomics.store(this.control, STAGES, refill === 0 ? 0 : 2);
	}
}

/** Words of Places in the team's control, the first two of a member's. */
const NEXT = 0;
const LIMIT = 1;

/** Numbers of places, reserved in chunks: those of a worker are from next to end. */
export class Places {
	next = 0;
	end = 0;
	readonly #control: Int32Array;
	readonly #words: number;

	/** `words`: offset in the team's control; `first`: the lowest number, not 0. */
	constructor(
		team: Team,
		words: number,
		/** how many are reserved at a time */
		public chunk: number,
		first: number,
	) {
		this.#control = team.control;
		this.#words = words;
		Atomics.compareExchange(this.#control, words + NEXT, 0, first);
	}

	/** All numbers that were reserved are below it. */
	get bound(): number {
		return Atomics.load(this.#control, this.#words + NEXT);
	}
	/** Upper limit of numbers; raise it only while all stand still. */
	set limit(limit: number) {
		Atomics.store(this.#control, this.#words + LIMIT, limit);
	}

	/** Reserves more places; keeps the rest if they follow it. False at the limit. */
	reserve(): boolean {
		for (;;) {
			const from = this.bound;
			const to = from + this.chunk;
			if (to > Atomics.load(this.#control, this.#words + LIMIT)) return false;
			if (Atomics.compareExchange(this.#control, this.#words + NEXT, from, to) !== from) continue;
			if (this.end !== from) this.next = from;
			this.end = to;
			return true;
		}
	}

	/** Gives up the rest. */
	abandon(): void {
		this.next = this.end = 0;
	}
}

/** Shared words, which can grow in place. */
export class SharedWords {
	view!: Int32Array;
	readonly #buffer: GrowableBuffer;
	readonly #team: Team;

	constructor(team: Team, buffer: SharedArrayBuffer) {
		this.#team = team;
		this.#buffer = buffer as GrowableBuffer;
		this.#look();
	}

	#look(): void {
		this.view = new Int32Array(this.#buffer, 0, this.#buffer.byteLength >>> 2);
	}

	/** Zeros at the end; only while all stand still. Throws LimitReached. */
	longer(length: number): void {
		const bytes = length * 4 - this.#buffer.byteLength;
		if (bytes <= 0) return;
		if (length * 4 > this.#buffer.maxByteLength)
			throw new LimitReached('memory', `a table cannot have ${length * 4} bytes`);
		this.#team.take(bytes);
		try {
			this.#buffer.grow(length * 4);
		} catch (e) {
			if (!(e instanceof RangeError)) throw e;
			this.#team.take(-bytes);
			throw new LimitReached('memory', `allocating ${bytes} bytes failed: ${e.message}`);
		}
		this.#look();
	}

	/** True if they have grown since the last call. */
	renew(): boolean {
		if (this.#buffer.byteLength === this.view.byteLength) return false;
		this.#look();
		return true;
	}
}

/** Throws LimitReached if there is no address space for it. */
export function sharedWords(length: number): SharedArrayBuffer {
	try {
		return growableBuffer(length * 4);
	} catch (e) {
		if (!(e instanceof RangeError)) throw e;
		throw new LimitReached('memory', `no address space for a shared table: ${e.message}`);
	}
}
