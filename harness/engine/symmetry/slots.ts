// SPDX-License-Identifier: GPL-2.0-only
/**
 * The slots of a pool are interchangeable: the sources see them only through pointers, which they
 * compare only for equality, and free slots are all alike. So the slots are put into the order in
 * which a walk along the pointers meets them.
 *
 * This requires that no pointer leads to a free slot: such a slot would differ from other free ones
 * when the pool allocates it again. If the walk meets such a pointer, it is noted.
 */
import { type Field, type Machine, NAMES, type Names } from '../machine.ts';
import type { Contents } from './contents.ts';
import type { Action } from './group.ts';

export interface Pool {
	/** address of the first slot; slots; words of each, of which the first says "allocated" */
	start: number;
	n: number;
	stride: number;
	/** of the slots */
	cls: string;
}

/** Calls `visit` with each field of a machine, including fields of embedded structs and slots. */
function eachField(machine: Machine, visit: (field: Field, start: number) => void): void {
	const look = (field: Field, start: number): void => {
		visit(field, start);
		const { kind, cls, n = 1, stride = 0 } = field;
		if (kind !== 'struct' && kind !== 'structs' && kind !== 'pool') return;
		const first = kind === 'pool' ? start + 1 : start;
		for (let i = 0; i < n; i++)
			for (const inner of machine.structs[cls!].fields)
				look(inner, first + i * stride + inner.offset);
	};
	for (const global of Object.values(machine.globals)) look(global, global.offset);
}

/** Every pool of a machine. */
export function poolsOf(machine: Machine): Pool[] {
	const found: Pool[] = [];
	eachField(machine, ({ kind, cls = '', n = 0, stride = 0 }, start) => {
		if (kind === 'pool') found.push({ start, n, stride, cls });
	});
	return found;
}

/** By address: a pointer that can lead into a slot, by its type. */
function pointersToSlots(machine: Machine, pools: readonly Pool[]): Uint8Array {
	const classes = new Set(pools.map(({ cls }) => cls));
	// a loop over a Set also visits elements added meanwhile
	for (const cls of classes)
		for (const { kind, cls: inner } of machine.structs[cls].fields)
			if (inner && (kind === 'struct' || kind === 'structs')) classes.add(inner);
	const found = new Uint8Array(machine.words);
	eachField(machine, ({ kind, cls = '', size }, start) => {
		if ((kind === 'ptr' || kind === 'ptrs') && classes.has(cls)) found.fill(1, start, start + size);
	});
	return found;
}

/** A task's number in place of its counterpart's. */
function inverse(tasks: Int32Array): Int32Array {
	const out = new Int32Array(tasks.length);
	for (let t = 0; t < tasks.length; t++) out[tasks[t]] = t;
	return out;
}

export class Slots {
	/** how many there are, in all pools */
	readonly count: number;
	/** a pointer to a free slot was met */
	dangling = false;
	/**
	 * By address: the slot into which a pointer leads, or -1. No pointer leads to the word that says
	 * "allocated": its address may be that of a struct that contains the pool.
	 */
	readonly #of: Int16Array;
	/** by address: the word says "allocated" */
	readonly #isFlag: Uint8Array;

	readonly #machine: Machine;
	readonly #mem: Int32Array;
	readonly #names: Names;
	readonly #contents: Contents;
	/** by slot: where it starts, its pool, its place there */
	readonly #start: Int32Array;
	readonly #pool: Int32Array;
	readonly #index: Int32Array;
	/** by pool */
	readonly #first: Int32Array;
	readonly #stride: Int32Array;
	/** how many slots the walk has met */
	readonly #met: Int32Array;
	/** by slot: its new place in the pool, -1: not met */
	readonly #place: Int32Array;
	readonly #queue: Int32Array;
	#queued = 0;
	/** pointers to slots outside of pools and stacks */
	readonly #roots: Int32Array;
	readonly #bases: Int32Array;
	readonly #tasksFrom = new Map<Action, Int32Array>();
	/** by pool: offsets in a slot of its pointers to slots */
	readonly #pointers: readonly Int32Array[];
	/** addresses of pointers that a walk has found */
	readonly #found: Int32Array;
	/** what is to be written, and where; later ones count */
	readonly #to: Int32Array;
	readonly #words: Int32Array;
	/** every slot that was met is in its place */
	#inOrder = true;

	constructor(machine: Machine, names: Names, contents: Contents) {
		this.#machine = machine;
		this.#mem = machine.mem;
		this.#names = names;
		this.#contents = contents;
		const pools = poolsOf(machine);
		const slots = pools.flatMap(({ start, n, stride }, pool) =>
			Array.from({ length: n }, (_, index) => ({ start: start + index * stride, pool, index })),
		);
		this.count = slots.length;
		this.#start = Int32Array.from(slots, (s) => s.start);
		this.#pool = Int32Array.from(slots, (s) => s.pool);
		this.#index = Int32Array.from(slots, (s) => s.index);
		this.#first = Int32Array.from(pools, (p) => p.start);
		this.#stride = Int32Array.from(pools, (p) => p.stride);
		this.#met = new Int32Array(pools.length);
		this.#place = new Int32Array(slots.length);
		this.#queue = new Int32Array(slots.length);
		this.#of = new Int16Array(machine.words).fill(-1);
		for (const [s, { start, pool }] of slots.entries())
			this.#of.fill(s, start + 1, start + pools[pool].stride);
		this.#isFlag = new Uint8Array(machine.words);
		for (const { start } of slots) this.#isFlag[start] = 1;
		const toSlots = pointersToSlots(machine, pools);
		const changing = machine.regions.flatMap(({ start, length }) =>
			Array.from({ length }, (_, i) => start + i),
		);
		this.#roots = Int32Array.from(
			changing.filter((a) => toSlots[a] && this.#of[a] < 0).sort((a, b) => a - b),
		);
		this.#bases = Int32Array.from(machine.tasks, (t) => t.base);
		this.#pointers = pools.map(({ start, stride }) =>
			Int32Array.from({ length: stride }, (_, i) => i).filter((i) => toSlots[start + i] !== 0),
		);
		this.#found = new Int32Array(machine.words);
		this.#to = new Int32Array(2 * machine.words);
		this.#words = new Int32Array(2 * machine.words);
	}

	/** Is this the address of a word of a slot? */
	contain(address: number): boolean {
		return this.#of[address] >= 0 || this.#isFlag[address] !== 0;
	}

	/** A pointer to a slot without order: to the first of its pool. */
	orderless(pointer: number): number {
		const slot = this.#of[pointer];
		return slot < 0 ? pointer : pointer - this.#index[slot] * this.#stride[this.#pool[slot]];
	}

	#see(pointer: number): void {
		const slot = this.#of[pointer];
		if (slot < 0 || this.#place[slot] >= 0) return;
		if (this.#mem[this.#start[slot]] === 0) this.dangling = true;
		const place = this.#met[this.#pool[slot]]++;
		if (place !== this.#index[slot]) this.#inOrder = false;
		this.#place[slot] = place;
		this.#queue[this.#queued++] = slot;
	}

	/** Gives the slots their places, in the order of pointers of the renamed image. */
	number(action: Action): void {
		const mem = this.#mem;
		const { from } = action;
		const roots = this.#roots;
		const queue = this.#queue;
		this.#place.fill(-1);
		this.#met.fill(0);
		this.#queued = 0;
		this.#inOrder = true;
		for (let i = 0; i < roots.length; i++) {
			const pointer = mem[from[roots[i]]];
			if (pointer !== 0) this.#see(pointer);
		}
		const tasks = this.#tasks(action);
		for (let t = 0; t < tasks.length; t++) {
			const count = this.#stackPointers(tasks[t], 0);
			for (let i = 0; i < count; i++) this.#see(mem[this.#found[i]]);
		}
		for (let q = 0; q < this.#queued; q++) {
			const start = this.#start[queue[q]];
			const offsets = this.#pointers[this.#pool[queue[q]]];
			for (let i = 0; i < offsets.length; i++) {
				const pointer = mem[start + offsets[i]];
				if (pointer !== 0) this.#see(pointer);
			}
		}
	}

	/** Adds the addresses of pointers in the frames of a task to #found; how many there are then. */
	#stackPointers(task: number, already: number): number {
		const mem = this.#mem;
		const { frames, isCall } = this.#names;
		let count = already;
		for (let fp = this.#bases[task]; ; ) {
			const site = mem[fp];
			if (site <= 0) return count;
			const frame = frames[site];
			for (let i = 0; i < frame.length; i++)
				if (frame[i] === NAMES.POINTER) this.#found[count++] = fp + 1 + i;
			if (isCall[site] === 0) return count;
			fp += frame.length + 1;
		}
	}

	#tasks(action: Action): Int32Array {
		let tasks = this.#tasksFrom.get(action);
		if (!tasks) this.#tasksFrom.set(action, (tasks = inverse(action.tasks)));
		return tasks;
	}

	/** Is there an allocated slot that no pointer leads to? */
	#anyLost(): boolean {
		const mem = this.#mem;
		const place = this.#place;
		const start = this.#start;
		for (let s = 0; s < place.length; s++) if (place[s] < 0 && mem[start[s]] !== 0) return true;
		return false;
	}

	/** Places for slots that were not met: first allocated ones, then free ones. */
	#placeRest(): void {
		const place = this.#place;
		for (let free = 0; free < 2; free++)
			for (let s = 0; s < this.count; s++)
				if (place[s] < 0 && (free === 1 || this.#mem[this.#start[s]] !== 0))
					place[s] = this.#met[this.#pool[s]]++;
	}

	/**
	 * Can the journalled writes have changed the order in which pointers lead to slots? Not if they
	 * wrote no pointer over something, nothing over a pointer, and took and freed no slot.
	 */
	touched(): boolean {
		const { journalAddress, journalOld, journalNew } = this.#machine;
		const of = this.#of;
		const length = this.#machine.journalLength();
		for (let i = 0; i < length; i++) {
			const old = journalOld[i];
			const word = journalNew[i];
			if (old >>> 0 < of.length && of[old] >= 0) return true;
			if (word >>> 0 < of.length && of[word] >= 0) return true;
			if (this.#isFlag[journalAddress[i]] !== 0) return true;
		}
		return false;
	}

	/** The new value of a pointer, by the last number(). */
	#moved(pointer: number): number {
		const slot = this.#of[pointer];
		return slot < 0 ? pointer : pointer + this.#distance(slot);
	}
	#distance(slot: number): number {
		return (this.#place[slot] - this.#index[slot]) * this.#stride[this.#pool[slot]];
	}

	/**
	 * Puts every slot in its place, by journalled writes; number() was called with the identity.
	 */
	settle(): void {
		if (this.#inOrder && !this.#anyLost()) return;
		this.#placeRest();
		this.#move();
	}

	#move(): void {
		const mem = this.#mem;
		const roots = this.#roots;
		const found = this.#found;
		const to = this.#to;
		const words = this.#words;
		let count = 0;
		for (let i = 0; i < roots.length; i++) if (mem[roots[i]] !== 0) found[count++] = roots[i];
		for (let t = 0; t < this.#bases.length; t++) count = this.#stackPointers(t, count);
		for (let i = 0; i < count; i++) {
			to[i] = found[i];
			words[i] = this.#moved(mem[found[i]]);
		}
		for (let s = 0; s < this.count; s++) {
			const start = this.#start[s];
			const distance = this.#distance(s);
			if (distance === 0 && mem[start] === 0) continue;
			const pool = this.#pool[s];
			if (distance !== 0) {
				const stride = this.#stride[pool];
				for (let i = 0; i < stride; i++) {
					to[count] = start + i + distance;
					words[count++] = mem[start + i];
				}
			}
			const offsets = this.#pointers[pool];
			for (let i = 0; i < offsets.length; i++) {
				to[count] = start + offsets[i] + distance;
				words[count++] = this.#moved(mem[start + offsets[i]]);
			}
		}
		for (let i = 0; i < count; i++)
			if (mem[to[i]] !== words[i]) this.#machine.write(to[i], words[i]);
	}

	/**
	 * The words of the image under an element that depend on slots: pointers outside, then the slots
	 * in their order. If all other words are equal, these are equal for two elements that make the
	 * same image, up to slots.
	 */
	key(action: Action): number[] {
		this.number(action);
		this.#placeRest();
		const { from, to, tables } = action;
		const mem = this.#mem;
		const content = this.#contents.of;
		const under = (address: number): number => {
			const v = mem[address];
			if (content[address] === NAMES.POINTER) return to[this.#moved(v)];
			const table = tables[content[address]];
			return v >>> 0 < table.length ? table[v] : v;
		};
		const words = Array.from(this.#roots, (a) => under(from[a]));
		for (const t of this.#tasks(action)) {
			const { base, size } = this.#machine.tasks[t];
			for (let a = base; a < base + size; a++)
				if (content[a] === NAMES.POINTER) words.push(under(a));
		}
		for (let q = 0; q < this.#queued; q++) {
			const start = this.#start[this.#queue[q]];
			const end = start + this.#stride[this.#pool[this.#queue[q]]];
			for (let a = start; a < end; a++) words.push(under(a));
		}
		return words;
	}

	/** Puts the slots of each pool in another order, for a test of whether that matters. */
	shuffle(pick: (below: number) => number): void {
		for (const [p] of this.#first.entries()) {
			const slots = [...this.#pool.keys()].filter((s) => this.#pool[s] === p);
			const order = slots.map((_, i) => i);
			for (let i = order.length - 1; i > 0; i--) {
				const j = pick(i + 1);
				[order[i], order[j]] = [order[j], order[i]];
			}
			for (const [i, s] of slots.entries()) this.#place[s] = order[i];
		}
		this.#move();
	}
}
