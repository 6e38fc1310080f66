// SPDX-License-Identifier: GPL-2.0-only
/**
 * The set of states of a machine in components. A state is a packed vector of the contents of its
 * parts; a step changes it by bits that are kept with its entry, so that nothing is packed for a
 * transition.
 */
import type { Budget } from '../budget.ts';
import { VectorSet } from '../vectors.ts';
import { BATCH, type BatchedSet, placeOf } from '../visited.ts';
import { Fields } from './fields.ts';
import type { ComponentMachine } from './machine.ts';
import type { Rows } from './rows.ts';

export class TupleStore implements BatchedSet {
	pending = 0;
	readonly #machine: ComponentMachine;
	readonly #mem: Int32Array;
	readonly #rows: readonly Rows[];
	#fields: Fields;
	readonly #set: VectorSet;
	#state = 0;
	#next = 0;
	#batch: Int32Array;
	readonly #ids = new Int32Array(BATCH);
	#lookedUp = 0;
	#known = 0;
	#charged = 0;

	constructor(
		machine: ComponentMachine,
		readonly budget: Budget,
	) {
		this.#machine = machine;
		this.#mem = machine.mem;
		this.#rows = machine.rows;
		this.#fields = new Fields(this.#mem.length);
		const { width } = this.#fields;
		this.#set = new VectorSet(budget, width);
		this.#batch = new Int32Array(BATCH * width);
		for (const rows of this.#rows) rows.repack(width);
		this.#pack();
		this.#set.lookUp(this.#batch, 0, 1, this.#ids);
	}

	get count(): number {
		return this.#set.count;
	}
	bytes(): number {
		return this.budget.used;
	}

	put(): number {
		this.#pack();
		this.#set.lookUp(this.#batch, 0, 1, this.#ids);
		this.#next = this.#ids[0];
		this.#machine.moved();
		return this.#next;
	}

	rollback(): void {
		this.#machine.undo();
	}

	commit(): void {
		this.#machine.forget();
		this.#state = this.#next;
	}

	load(state: number): void {
		if (state === this.#state) return;
		this.#state = state;
		this.#fields.unpack(this.#set.words, state * this.#set.width, this.#mem);
		this.#machine.moved();
	}

	later(): boolean {
		const k = this.pending;
		const rows = this.#rows[this.#machine.component()];
		const entry = this.#machine.entry();
		if (rows.packed[entry] === 0 && !this.#packEntry(rows, entry)) return false;
		const { width, words } = this.#set;
		const { change } = rows;
		const batch = this.#batch;
		const from = this.#state * width;
		const by = entry * width;
		for (let w = 0; w < width; w++) batch[k * width + w] = words[from + w] ^ change[by + w];
		this.pending = k + 1;
		return true;
	}

	warm(known: number): number {
		const n = this.pending;
		this.#known = known;
		this.pending = 0;
		this.#charge();
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

	save(): void {
		throw new Error('tables of components are not in checkpoints');
	}
	restore(): void {
		throw new Error('tables of components are not in checkpoints');
	}

	/** The tables count as well. */
	#charge(): void {
		const bytes = this.#machine.bytes();
		this.budget.charge(bytes - this.#charged);
		this.#charged = bytes;
	}

	/** mem, packed, is the first of the batch. */
	#pack(): void {
		if (!this.#fields.pack(this.#mem, this.#batch, 0)) {
			this.#widen();
			this.#fields.pack(this.#mem, this.#batch, 0);
		}
	}

	/** The bits that the last step changed. False if the batch must be looked up before. */
	#packEntry(rows: Rows, entry: number): boolean {
		const machine = this.#machine;
		if (!this.#fields.fit(this.#mem)) {
			if (this.pending > 0) return false;
			this.#widen();
		}
		const { width } = this.#set;
		for (let w = 0; w < width; w++) rows.change[entry * width + w] = 0;
		for (let u = machine.journalLength() - 1; u >= 0; u--) {
			const p = machine.journalAddress[u];
			const bits = this.#fields.bits(p, machine.journalOld[u] ^ machine.journalNew[u]);
			rows.change[entry * width + this.#fields.word[p]] ^= bits;
		}
		rows.packed[entry] = 1;
		return true;
	}

	/** Makes fields wider, so that mem fits. */
	#widen(): void {
		const before = this.#fields;
		const { parts } = this.#machine.partition;
		const fields = before.widened(parts.map(({ size }) => size));
		const [narrow, wide] = [before.width, fields.width];
		this.#set.reserve(wide);
		const state = new Int32Array(this.#mem.length);
		this.#set.widen(wide, (words, k) => {
			before.unpack(words, k * narrow, state);
			fields.pack(state, words, k * wide);
		});
		this.#fields = fields;
		this.#batch = new Int32Array(BATCH * wide);
		for (const rows of this.#rows) rows.repack(wide);
	}
}
