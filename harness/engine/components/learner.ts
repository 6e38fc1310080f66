// SPDX-License-Identifier: GPL-2.0-only
/**
 * Makes rows by real code, on the machine inside. All accesses of that code are noted: one outside
 * of the parts of the component ends the exploration, since the rows would not be enough to say
 * what the component does.
 */
import { LimitReached } from '../limits.ts';
import { type Machine, Violation } from '../machine.ts';
import { type Component, type Partition, wordName } from './partition.ts';
import { FINE, type Rows, UNKNOWN } from './rows.ts';

/** What a task does from contents of the component's own part, whatever the others have. */
class Alone {
	/** by contents * tasks + task */
	ready: Int32Array<ArrayBufferLike> = new Int32Array(0);
	first: Int32Array<ArrayBufferLike> = new Int32Array(0);
	/** by entry: contents after it, or as in Rows.after */
	after: number[] = [];
	/** by contents: bits of FINE */
	fine = new Uint8Array(0);

	constructor(readonly tasks: number) {}

	fit(contents: number): void {
		if (contents <= this.fine.length) return;
		const room = 2 * contents;
		const grow = (old: Int32Array, fill: number): Int32Array => {
			const words = new Int32Array(room * this.tasks).fill(fill);
			words.set(old);
			return words;
		};
		this.ready = grow(this.ready, UNKNOWN);
		this.first = grow(this.first, 0);
		const fine = new Uint8Array(room);
		fine.set(this.fine);
		this.fine = fine;
	}
}

export class Learner {
	readonly alone: readonly Alone[];
	/** what went wrong, for Result.detail */
	fault?: string;
	/** by part: the contents that are in the image inside */
	readonly #loaded: Int32Array;
	/** by component: the accesses of its rows; in words outside there must be none */
	readonly #notes: readonly Uint8Array[];
	readonly #noteWords: readonly Int32Array[];
	/** by address: a step has changed it; a component read it where it may not touch it */
	readonly #changed: Uint8Array;
	readonly #constant: Uint8Array;
	/** by component: ones where it may not access, four addresses a word */
	readonly #foreign: readonly Int32Array[];
	/** by component: the addresses that it shares */
	readonly #shared: readonly Int32Array[];
	/** steps that real code has taken */
	steps = 0;

	constructor(
		readonly inner: Machine,
		readonly partition: Partition,
		readonly rows: readonly Rows[],
	) {
		const { components, parts, partOf } = partition;
		const words = (inner.words + 3) & ~3;
		this.alone = components.map(({ tasks }) => new Alone(tasks.length));
		this.#loaded = new Int32Array(parts.length).fill(-1);
		this.#notes = components.map(() => new Uint8Array(words));
		this.#noteWords = this.#notes.map(({ buffer }) => new Int32Array(buffer));
		this.#changed = new Uint8Array(words);
		this.#constant = new Uint8Array(words);
		this.#foreign = components.map(({ parts: own }) => {
			const isForeign = Uint8Array.from({ length: words }, (_, a) =>
				a < partOf.length && partOf[a] >= 0 && !own.includes(partOf[a]) ? 0xff : 0,
			);
			return new Int32Array(isForeign.buffer);
		});
		this.#shared = components.map(({ parts: own }) =>
			Int32Array.from([...own].slice(1).flatMap((p) => [...parts[p].addresses])),
		);
	}

	/** Puts the contents of a part into the image inside. */
	load(part: number, contents: number): void {
		if (this.#loaded[part] === contents) return;
		this.#loaded[part] = contents;
		this.partition.parts[part].load(contents, this.inner.mem);
	}
	/** The image inside has other contents now. */
	forget(): void {
		this.#loaded.fill(-1);
	}

	/** The result of ready() of a task, the `slot`th of a component, in a row. */
	ready(c: number, row: number, slot: number): number {
		const rows = this.rows[c];
		const alone = this.alone[c];
		const at = row * rows.tasks + slot;
		const own = rows.keys[row * rows.parts.length];
		alone.fit(own + 1);
		let choices = alone.ready[own * rows.tasks + slot];
		if (choices === UNKNOWN) {
			const task = this.partition.components[c].tasks[slot];
			let touches = false;
			choices = this.#noting(c, row, () => this.inner.ready(task));
			touches = this.#touchesShared(c);
			if (!touches) {
				alone.ready[own * rows.tasks + slot] = choices;
				alone.first[own * rows.tasks + slot] = alone.after.length;
				for (let i = 0; i < choices; i++) alone.after.push(UNKNOWN);
			}
		}
		rows.ready[at] = choices;
		if (choices > 0) rows.first[at] = rows.reserve(choices);
		return choices;
	}

	/** Takes a step in a row, and fills in its entry. */
	step(c: number, row: number, slot: number, choice: number): void {
		const rows = this.rows[c];
		const n = rows.parts.length;
		const entry = rows.first[row * rows.tasks + slot] + choice;
		const alone = this.alone[c];
		const own = row * n;
		const at = rows.keys[own] * rows.tasks + slot;
		const known = alone.ready[at] === UNKNOWN ? -1 : alone.first[at] + choice;
		for (let k = 0; k < n; k++) rows.after[entry * n + k] = rows.keys[own + k];
		if (known >= 0 && alone.after[known] !== UNKNOWN) {
			rows.after[entry * n] = alone.after[known];
			return;
		}
		rows.after[entry * n] = UNKNOWN;
		rows.after[entry * n] = this.#take(c, row, slot, choice, entry);
		if (known >= 0 && !this.#touchesShared(c)) alone.after[known] = rows.after[entry * n];
	}

	/** The first word of the entry; its others are filled in. */
	#take(c: number, row: number, slot: number, choice: number, entry: number): number {
		const { inner, partition } = this;
		const rows = this.rows[c];
		const task = partition.components[c].tasks[slot];
		const n = rows.parts.length;
		this.steps++;
		try {
			this.#noting(c, row, () => inner.step(task, choice));
			this.#mustWriteInside(c);
			const { mem } = inner;
			for (let k = 1; k < n; k++)
				if (this.#wrote(rows.parts[k]))
					rows.after[entry * n + k] = partition.parts[rows.parts[k]].intern(mem);
			return partition.parts[rows.parts[0]].intern(mem);
		} catch (e) {
			if (!(e instanceof Violation)) throw e;
			return ~(rows.violations.push(e) - 1);
		} finally {
			inner.undo();
		}
	}

	/** Do pieces of the predicates hold that are about the node of a row? Keeps it if they do. */
	holds(c: number, row: number, bit: number): boolean {
		const { pieces } = this.inner;
		const run = bit === FINE.END ? pieces!.end : pieces!.state;
		let good = true;
		try {
			this.#noting(c, row, () => run(c));
		} catch (e) {
			if (!(e instanceof Violation)) throw e;
			good = false;
		}
		if (!good) return false;
		const own = this.rows[c].keys[row * this.rows[c].parts.length];
		this.alone[c].fit(own + 1);
		if (this.#touchesShared(c)) this.rows[c].fine[row] |= bit;
		else this.alone[c].fine[own] |= bit;
		return true;
	}

	/** Runs code in the state of a row. Its accesses must be inside. */
	#noting<R>(c: number, row: number, run: () => R): R {
		const rows = this.rows[c];
		const note = this.#notes[c];
		for (let k = 0; k < rows.parts.length; k++)
			this.load(rows.parts[k], rows.keys[row * rows.parts.length + k]);
		for (const a of this.#shared[c]) note[a] = 0;
		const access = this.inner.access!;
		access.note = note;
		try {
			return run();
		} finally {
			access.note = null;
			this.#mustStayInside(c);
		}
	}

	#touchesShared(c: number): boolean {
		const note = this.#notes[c];
		for (const a of this.#shared[c]) if (note[a] !== 0) return true;
		return false;
	}

	/**
	 * A word of others may be read as long as no step has changed it: it is a constant so far, and
	 * the exploration ends if it turns out to be none.
	 */
	#mustStayInside(c: number): void {
		const foreign = this.#foreign[c];
		const note = this.#noteWords[c];
		for (let i = 0; i < foreign.length; i++) {
			if ((foreign[i] & note[i]) === 0) continue;
			for (let a = 4 * i; a < 4 * i + 4; a++) {
				if (this.#notes[c][a] === 0 || !this.#isForeign(c, a)) continue;
				if (this.#changed[a] !== 0) this.#outside(c, a);
				this.#constant[a] = 1;
				new Uint8Array(foreign.buffer)[a] = 0;
			}
		}
	}
	/** Stacks are not noted, writes are journalled. */
	#mustWriteInside(c: number): void {
		const { journalAddress, journalOld, journalNew } = this.inner;
		for (let u = this.inner.journalLength() - 1; u >= 0; u--) {
			const a = journalAddress[u];
			if (this.#isForeign(c, a)) this.#outside(c, a);
			if (journalOld[u] === journalNew[u]) continue;
			this.#changed[a] = 1;
			if (this.#constant[a] !== 0) this.#outside(c, a);
		}
	}
	#isForeign(c: number, address: number): boolean {
		const part = this.partition.partOf[address];
		return !this.partition.components[c].parts.includes(part);
	}
	#wrote(part: number): boolean {
		const { journalAddress } = this.inner;
		const { partOf } = this.partition;
		for (let u = this.inner.journalLength() - 1; u >= 0; u--)
			if (partOf[journalAddress[u]] === part) return true;
		return false;
	}

	#outside(c: number, address: number): never {
		const component: Component = this.partition.components[c];
		this.fault = `${component.name} touches ${wordName(this.inner, address)}`;
		throw new LimitReached('components', this.fault);
	}
}
