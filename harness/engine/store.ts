// SPDX-License-Identifier: GPL-2.0-only
/**
 * The exact set of visited states. A state is the root id of a tree: the leaves are interned words, an
 * inner node is an interned pair of its children's ids. Ids of states are dense and count up from 0 in
 * the order in which the states were found, so that a breadth-first search needs no queue.
 *
 * The store and the machine's image move together: `id` holds, for every node of the tree, the id of
 * what is in mem. After a step,
 *
 *	put()       interns the leaves that the journal names and their ancestors, and returns the state
 *	rollback()  takes the step back, in the store and in mem
 *	commit()    stays where the step led
 *	load(s)     goes to state s, writing only the leaves that differ
 *
 * Nothing is allocated per transition.
 */
import { Budget } from './budget.ts';
import type { Machine } from './machine.ts';
import { plainShape, type Shape } from './shape.ts';
import { LeafTable, MAX_IDS, PairTable } from './tables.ts';

export interface StoreOptions {
	shape?: Shape;
	budget?: Budget;
	/** entries a table may have (tests make it small) */
	maxIds?: number;
	/** 2^bits slots to start with, in every table */
	bits?: number;
	/** the factors of the linear hash, one a word (tests make it bad) */
	keys?: Int32Array;
}

/** A random odd factor for each word of an image. */
function fillKeys(keys: Int32Array): void {
	for (let i = 0; i < keys.length; i++) {
		let x = Math.imul(i + 1, 0x9e3779b1);
		x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
		x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
		keys[i] = (x ^ (x >>> 16)) | 1;
	}
}

const NO_LEAF = 0xffff;

export class StateStore {
	readonly budget: Budget;
	readonly shape: Shape;

	readonly #machine: Machine;
	readonly #mem: Int32Array;
	readonly #journalAddress: Int32Array;
	readonly #journalOld: Int32Array;
	readonly #journalNew: Int32Array;

	readonly #leafCount: number;
	readonly #root: number;
	readonly #leaves: LeafTable[];
	readonly #pairs: PairTable[];
	readonly #states: PairTable;
	readonly #left: Int32Array;
	readonly #right: Int32Array;
	readonly #parent: Int32Array;
	readonly #leafOf: Uint16Array;
	readonly #keys: Int32Array;

	/** per tree node: the id of what mem holds */
	readonly #id: Int32Array;
	/** what put() changed in #id since the last rollback(), commit() or load() */
	readonly #changed: Int32Array;
	readonly #before: Int32Array;
	#changes = 0;

	/** leaves that the journal names, and the change of their linear hash */
	readonly #touched: Int32Array;
	readonly #isTouched: Uint8Array;
	readonly #delta: Int32Array;
	/** inner nodes with a new child, a bit each */
	readonly #dirty: Int32Array;
	/** nodes to be loaded */
	readonly #stack: Int32Array;

	/** Interns what mem holds as state 0; the machine's journal must be empty. */
	constructor(machine: Machine, options: StoreOptions = {}) {
		const shape = (this.shape = options.shape ?? plainShape(machine.regions));
		const budget = (this.budget = options.budget ?? new Budget());
		const { leaves, left, right, parent } = shape;
		const maxIds = options.maxIds ?? MAX_IDS;
		const nodes = leaves.length + left.length;
		if (leaves.length >= NO_LEAF) throw new Error(`${leaves.length} leaves are too many`);
		this.#machine = machine;
		this.#mem = machine.mem;
		this.#journalAddress = machine.journalAddress;
		this.#journalOld = machine.journalOld;
		this.#journalNew = machine.journalNew;

		this.#leafCount = leaves.length;
		this.#root = nodes - 1;
		this.#left = left;
		this.#right = right;
		this.#parent = parent;
		this.#leaves = leaves.map(
			(l) => new LeafTable(budget, l.start, l.length, maxIds, options.bits ?? 4),
		);
		this.#pairs = Array.from(
			left,
			(_, i) => new PairTable(budget, maxIds, options.bits ?? (i === left.length - 1 ? 10 : 5)),
		);
		this.#states = this.#pairs[left.length - 1];

		this.#keys = budget.words(machine.words);
		if (options.keys) this.#keys.set(options.keys);
		else fillKeys(this.#keys);
		this.#leafOf = budget.halves(machine.words).fill(NO_LEAF);
		for (const [i, l] of leaves.entries()) this.#leafOf.fill(i, l.start, l.start + l.length);
		this.#id = budget.words(nodes);
		this.#changed = budget.words(nodes);
		this.#before = budget.words(nodes);
		this.#touched = budget.words(leaves.length);
		this.#isTouched = budget.bytes(leaves.length);
		this.#delta = budget.words(leaves.length);
		this.#dirty = budget.words((left.length + 31) >>> 5);
		this.#stack = budget.words(nodes);

		for (const [i, l] of leaves.entries()) {
			let sum = 0;
			for (let a = l.start; a < l.start + l.length; a++)
				sum = (sum + Math.imul(this.#mem[a], this.#keys[a])) | 0;
			this.#id[i] = this.#leaves[i].intern(this.#mem, sum);
		}
		for (let i = 0; i < left.length; i++)
			this.#id[leaves.length + i] = this.#pairs[i].intern(this.#id[left[i]], this.#id[right[i]]);
	}

	/** Number of states. */
	get count(): number {
		return this.#states.size;
	}

	/** Bytes allocated, exactly. */
	bytes(): number {
		return this.budget.used;
	}

	/** Entries of each table, leaves first: how well the shape does. */
	sizes(): number[] {
		return [...this.#leaves.map((t) => t.size), ...this.#pairs.map((t) => t.size)];
	}

	/**
	 * The state that the journalled writes led to: equal to the `count` from before the call if it
	 * is new. To be followed by rollback() or commit().
	 */
	put(): number {
		const id = this.#id;
		const length = this.#machine.journalLength();
		if (length === 0) return id[this.#root];
		const touched = this.#touched;
		const n = this.#readJournal(length);
		const leaves = this.#leaves;
		const delta = this.#delta;
		const dirty = this.#dirty;
		const leafCount = this.#leafCount;
		let changes = this.#changes;
		for (let j = 0; j < n; j++) {
			const leaf = touched[j];
			const old = id[leaf];
			const table = leaves[leaf];
			const k = table.intern(this.#mem, (table.sums[old] + delta[leaf]) | 0);
			delta[leaf] = 0;
			this.#isTouched[leaf] = 0;
			if (k !== old) {
				this.#changed[changes] = leaf;
				this.#before[changes++] = old;
				id[leaf] = k;
				const up = this.#parent[leaf] - leafCount;
				dirty[up >>> 5] |= 1 << up;
			}
		}
		if (changes !== this.#changes) {
			this.#changes = changes;
			this.#climb();
		}
		return id[this.#root];
	}

	/** Fills #touched and #delta; returns how many leaves are touched. */
	#readJournal(length: number): number {
		const address = this.#journalAddress;
		const was = this.#journalOld;
		const is = this.#journalNew;
		const leafOf = this.#leafOf;
		const isTouched = this.#isTouched;
		const touched = this.#touched;
		const delta = this.#delta;
		const keys = this.#keys;
		let n = 0;
		for (let u = 0; u < length; u++) {
			const a = address[u];
			const leaf = leafOf[a];
			if (leaf === NO_LEAF) throw new Error(`word ${a} was written but is in no region`);
			delta[leaf] = (delta[leaf] + Math.imul(is[u] - was[u], keys[a])) | 0;
			if (isTouched[leaf] === 0) {
				isTouched[leaf] = 1;
				touched[n++] = leaf;
			}
		}
		return n;
	}

	/** Re-interns the dirty inner nodes and all above them, children first. */
	#climb(): void {
		const id = this.#id;
		const left = this.#left;
		const right = this.#right;
		const parent = this.#parent;
		const pairs = this.#pairs;
		const dirty = this.#dirty;
		const leafCount = this.#leafCount;
		let changes = this.#changes;
		for (let w = 0; w < dirty.length; w++) {
			for (let bits = dirty[w]; bits !== 0; bits = dirty[w]) {
				const p = (w << 5) + 31 - Math.clz32(bits & -bits);
				dirty[w] = bits & (bits - 1);
				const k = pairs[p].intern(id[left[p]], id[right[p]]);
				const node = leafCount + p;
				this.#changed[changes] = node;
				this.#before[changes++] = id[node];
				id[node] = k;
				const up = parent[node] - leafCount;
				if (up >= 0) dirty[up >>> 5] |= 1 << up;
			}
		}
		this.#changes = changes;
	}

	/** Takes the last step back, in the store and in the image. */
	rollback(): void {
		const id = this.#id;
		const changed = this.#changed;
		const before = this.#before;
		for (let i = this.#changes - 1; i >= 0; i--) id[changed[i]] = before[i];
		this.#changes = 0;
		this.#machine.undo();
	}

	/** Stays where the last step led. */
	commit(): void {
		this.#changes = 0;
		this.#machine.forget();
	}

	/** Goes to a state; the machine's journal must be empty. */
	load(state: number): void {
		const id = this.#id;
		const left = this.#left;
		const right = this.#right;
		const leafCount = this.#leafCount;
		const stack = this.#stack;
		if (id[this.#root] === state) return;
		id[this.#root] = state;
		let depth = 0;
		stack[depth++] = this.#root - leafCount;
		while (depth > 0) {
			const p = stack[--depth];
			const k = id[leafCount + p];
			const pairs = this.#pairs[p].pairs;
			const a = pairs[2 * k];
			const l = left[p];
			if (id[l] !== a) {
				id[l] = a;
				if (l < leafCount) this.#leaves[l].load(a, this.#mem);
				else stack[depth++] = l - leafCount;
			}
			const b = pairs[2 * k + 1];
			const r = right[p];
			if (id[r] !== b) {
				id[r] = b;
				if (r < leafCount) this.#leaves[r].load(b, this.#mem);
				else stack[depth++] = r - leafCount;
			}
		}
	}
}
