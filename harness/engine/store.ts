// SPDX-License-Identifier: GPL-2.0-only
/**
 * The exact set of visited states. A state is the id of a root: words of the image are interned as
 * leaves, their ids as groups, those as pairs up to the root (see shape.ts). Ids of states are dense and
 * count up from 0 in the order in which the states were found, so that a breadth-first search needs no
 * queue.
 *
 * The store and the machine's image move together: the store knows the ids of all parts of what is
 * in mem. After a step,
 *
 *	put()       interns the leaves that the journal names and what is above, and returns the state
 *	rollback()  takes the step back, in the store and in mem
 *	commit()    stays where the step led
 *	load(s)     goes to state s, writing only the leaves that differ
 *
 * Nothing is allocated per transition.
 */
import { Budget } from './budget.ts';
import type { Machine } from './machine.ts';
import { plainShape, type Shape } from './shape.ts';
import { MAX_IDS, PairTable, VectorTable } from './tables.ts';

export interface StoreOptions {
	shape?: Shape;
	budget?: Budget;
	/** entries a table may have (tests make it small) */
	maxIds?: number;
	/** 2^bits slots to start with, in every table */
	bits?: number;
	/** for tests: all linear hashes are equal */
	badHash?: boolean;
}

/** A random odd factor for each. */
function fillKeys(keys: Int32Array): void {
	for (let i = 0; i < keys.length; i++) {
		let x = Math.imul(i + 1, 0x9e3779b1);
		x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
		x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
		keys[i] = (x ^ (x >>> 16)) | 1;
	}
}

function linearHash(words: Int32Array, keys: Int32Array, of: VectorTable): number {
	let sum = 0;
	for (let i = of.start; i < of.start + of.length; i++)
		sum = (sum + Math.imul(words[i], keys[i])) | 0;
	return sum;
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

	readonly #groupCount: number;
	readonly #root: number;
	readonly #leaves: VectorTable[];
	readonly #groups: VectorTable[];
	readonly #pairs: PairTable[];
	readonly #states: PairTable;
	readonly #left: Int32Array;
	readonly #right: Int32Array;
	readonly #parent: Int32Array;
	/** by word of the image, by leaf */
	readonly #leafOf: Uint16Array;
	readonly #groupOf: Uint8Array;
	/** the factors of the linear hashes, by word of the image and by leaf */
	readonly #keys: Int32Array;
	readonly #leafKeys: Int32Array;

	/** the ids of what mem holds: by leaf; by group and pair */
	readonly #leafId: Int32Array;
	readonly #topId: Int32Array;
	/** what put() changed in them since the last rollback(), commit() or load() */
	readonly #changedLeaf: Int32Array;
	readonly #leafBefore: Int32Array;
	#leafChanges = 0;
	readonly #changedTop: Int32Array;
	readonly #topBefore: Int32Array;
	#topChanges = 0;

	/** leaves that the journal names, and the changes of linear hashes */
	readonly #touched: Int32Array;
	readonly #isTouched: Uint8Array;
	readonly #delta: Int32Array;
	readonly #groupDelta: Int32Array;
	/** pairs to be gone down to */
	readonly #stack: Int32Array;

	/** Interns what mem holds as state 0; the machine's journal must be empty. */
	constructor(machine: Machine, options: StoreOptions = {}) {
		const shape = (this.shape = options.shape ?? plainShape(machine.regions));
		const budget = (this.budget = options.budget ?? new Budget());
		const { leaves, ends, left, right, parent } = shape;
		const { bits, maxIds = MAX_IDS } = options;
		const n = leaves.length;
		if (n >= NO_LEAF) throw new Error(`${n} leaves are too many`);
		this.#machine = machine;
		this.#mem = machine.mem;
		this.#journalAddress = machine.journalAddress;
		this.#journalOld = machine.journalOld;
		this.#journalNew = machine.journalNew;

		this.#groupCount = ends.length;
		this.#root = parent.length - 1;
		this.#left = left;
		this.#right = right;
		this.#parent = parent;
		const table = (start: number, length: number) =>
			new VectorTable(budget, start, length, maxIds, bits ?? 4);
		this.#leaves = leaves.map((l) => table(l.start, l.length));
		this.#groups = Array.from(ends, (end, g) => {
			const start = g === 0 ? 0 : ends[g - 1];
			return table(start, end - start);
		});
		this.#pairs = Array.from(left, () => new PairTable(budget, maxIds, bits ?? 6));
		this.#states = this.#pairs[left.length - 1];

		this.#keys = budget.words(machine.words);
		fillKeys(this.#keys);
		this.#leafKeys = budget.words(n);
		fillKeys(this.#leafKeys);
		if (options.badHash) {
			this.#keys.fill(0);
			this.#leafKeys.fill(0);
		}
		this.#leafOf = budget.halves(machine.words).fill(NO_LEAF);
		for (const [i, l] of leaves.entries()) this.#leafOf.fill(i, l.start, l.start + l.length);
		this.#groupOf = budget.bytes(n);
		for (const [g, t] of this.#groups.entries()) this.#groupOf.fill(g, t.start, t.start + t.length);

		this.#leafId = budget.words(n);
		this.#topId = budget.words(parent.length);
		this.#changedLeaf = budget.words(n);
		this.#leafBefore = budget.words(n);
		this.#changedTop = budget.words(parent.length);
		this.#topBefore = budget.words(parent.length);
		this.#touched = budget.words(n);
		this.#isTouched = budget.bytes(n);
		this.#delta = budget.words(n);
		this.#groupDelta = budget.words(ends.length);
		this.#stack = budget.words(parent.length);
		this.#first();
	}

	#first(): void {
		const id = this.#topId;
		for (const [i, t] of this.#leaves.entries())
			this.#leafId[i] = t.intern(this.#mem, linearHash(this.#mem, this.#keys, t));
		for (const [g, t] of this.#groups.entries())
			id[g] = t.intern(this.#leafId, linearHash(this.#leafId, this.#leafKeys, t));
		for (const [p, t] of this.#pairs.entries())
			id[this.#groupCount + p] = t.intern(id[this.#left[p]], id[this.#right[p]]);
	}

	/** Number of states. */
	get count(): number {
		return this.#states.size;
	}

	/** Bytes allocated, exactly. */
	bytes(): number {
		return this.budget.used;
	}

	/** Entries of each table: how well the shape does. */
	sizes(): { leaves: number[]; groups: number[]; pairs: number[] } {
		const sizes = (tables: readonly { size: number }[]) => tables.map((t) => t.size);
		return {
			leaves: sizes(this.#leaves),
			groups: sizes(this.#groups),
			pairs: sizes(this.#pairs),
		};
	}

	/**
	 * The state that the journalled writes led to: equal to the `count` from before the call if it
	 * is new. To be followed by rollback() or commit().
	 */
	put(): number {
		const length = this.#machine.journalLength();
		if (length > 0) {
			const groups = this.#putLeaves(this.#readJournal(length));
			if (groups !== 0) this.#climb(this.#putGroups(groups));
		}
		return this.#topId[this.#root];
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

	/** Re-interns the first n of #touched; returns the groups with changed leaves, a bit each. */
	#putLeaves(n: number): number {
		const mem = this.#mem;
		const id = this.#leafId;
		const leaves = this.#leaves;
		const touched = this.#touched;
		const isTouched = this.#isTouched;
		const delta = this.#delta;
		const groupDelta = this.#groupDelta;
		const keys = this.#leafKeys;
		let groups = 0;
		let changes = this.#leafChanges;
		for (let j = 0; j < n; j++) {
			const leaf = touched[j];
			const old = id[leaf];
			const table = leaves[leaf];
			const k = table.intern(mem, (table.sums[old] + delta[leaf]) | 0);
			delta[leaf] = 0;
			isTouched[leaf] = 0;
			if (k !== old) {
				this.#changedLeaf[changes] = leaf;
				this.#leafBefore[changes++] = old;
				id[leaf] = k;
				const g = this.#groupOf[leaf];
				groupDelta[g] = (groupDelta[g] + Math.imul(k - old, keys[leaf])) | 0;
				groups |= 1 << g;
			}
		}
		this.#leafChanges = changes;
		return groups;
	}

	/** Re-interns groups; returns the pairs with changed children, a bit each. */
	#putGroups(groups: number): number {
		const id = this.#topId;
		const delta = this.#groupDelta;
		let pairs = 0;
		let changes = this.#topChanges;
		for (let bits = groups; bits !== 0; bits &= bits - 1) {
			const g = 31 - Math.clz32(bits & -bits);
			const old = id[g];
			const table = this.#groups[g];
			id[g] = table.intern(this.#leafId, (table.sums[old] + delta[g]) | 0);
			delta[g] = 0;
			this.#changedTop[changes] = g;
			this.#topBefore[changes++] = old;
			pairs |= 1 << (this.#parent[g] - this.#groupCount);
		}
		this.#topChanges = changes;
		return pairs;
	}

	/** Re-interns pairs and all above them, children first. */
	#climb(pairs: number): void {
		const id = this.#topId;
		const left = this.#left;
		const right = this.#right;
		const parent = this.#parent;
		const tables = this.#pairs;
		const groupCount = this.#groupCount;
		let changes = this.#topChanges;
		for (let bits = pairs; bits !== 0; ) {
			const p = 31 - Math.clz32(bits & -bits);
			const node = groupCount + p;
			this.#changedTop[changes] = node;
			this.#topBefore[changes++] = id[node];
			id[node] = tables[p].intern(id[left[p]], id[right[p]]);
			bits &= bits - 1;
			if (parent[node] >= 0) bits |= 1 << (parent[node] - groupCount);
		}
		this.#topChanges = changes;
	}

	/** Takes the last step back, in the store and in the image. */
	rollback(): void {
		const leafId = this.#leafId;
		const topId = this.#topId;
		for (let i = this.#leafChanges - 1; i >= 0; i--)
			leafId[this.#changedLeaf[i]] = this.#leafBefore[i];
		for (let i = this.#topChanges - 1; i >= 0; i--) topId[this.#changedTop[i]] = this.#topBefore[i];
		this.#leafChanges = this.#topChanges = 0;
		this.#machine.undo();
	}

	/** Stays where the last step led. */
	commit(): void {
		this.#leafChanges = this.#topChanges = 0;
		this.#machine.forget();
	}

	/** Goes to a state; the machine's journal must be empty. */
	load(state: number): void {
		const id = this.#topId;
		if (id[this.#root] === state) return;
		const left = this.#left;
		const right = this.#right;
		const groupCount = this.#groupCount;
		const stack = this.#stack;
		id[this.#root] = state;
		stack[0] = this.#root - groupCount;
		for (let depth = 1; depth > 0; ) {
			const p = stack[--depth];
			const k = 2 * id[groupCount + p];
			const { pairs } = this.#pairs[p];
			const l = left[p];
			if (id[l] !== pairs[k]) {
				id[l] = pairs[k];
				if (l < groupCount) this.#loadGroup(l);
				else stack[depth++] = l - groupCount;
			}
			const r = right[p];
			if (id[r] !== pairs[k + 1]) {
				id[r] = pairs[k + 1];
				if (r < groupCount) this.#loadGroup(r);
				else stack[depth++] = r - groupCount;
			}
		}
	}

	#loadGroup(g: number): void {
		const { start, length, data } = this.#groups[g];
		const id = this.#leafId;
		const from = this.#topId[g] * length;
		for (let j = 0; j < length; j++) {
			const k = data[from + j];
			if (id[start + j] === k) continue;
			id[start + j] = k;
			this.#leaves[start + j].load(k, this.#mem);
		}
	}
}
