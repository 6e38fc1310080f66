// SPDX-License-Identifier: GPL-2.0-only
/**
 * The exact set of visited states. A state is the id of a root: words of the image are interned
 * as leaves, their ids as groups, those as pairs up to the root (see shape.ts). Ids of states are
 * dense and count up from 0 in the order in which the states were found, so that a breadth-first
 * search needs no queue.
 *
 * The store and the machine's image move together: the store knows the ids of all parts of the
 * state in mem. After a step,
 *
 *	put()       interns the leaves that the journal names and what is above, and returns the state
 *	rollback()  undoes the step, in the store and in mem
 *	commit()    keeps the state after the step
 *	load(s)     goes to state s, writing only the leaves that differ
 *
 * Nothing is allocated per transition.
 */
import { Budget } from './budget.ts';
import type { CheckpointReader, CheckpointWriter } from './checkpoint.ts';
import type { Machine } from './machine.ts';
import { plainShape, type Shape } from './shape.ts';
import { mustBeSound } from './sound.ts';
import { HEADER, MAX_IDS, type Pairs, PairTable, type Vectors, VectorTable } from './tables.ts';
import type { VisitedSet } from './visited.ts';

/** The lengths of the vectors in each table, by owner, for a shape. */
export interface Lengths {
	leaves: Int32Array;
	groups: Int32Array;
}
/** Where a store keeps what it interned. */
export interface Tables {
	leaves: Vectors;
	groups: Vectors;
	/** all but the root */
	pairs: Pairs;
	states: Pairs;
}

export interface StoreOptions {
	shape?: Shape;
	budget?: Budget;
	/** entries a table may have (tests make it small) */
	maxIds?: number;
	/** 2^bits slots to start with, in every table */
	bits?: number;
	/** for tests: all linear hashes are equal */
	badHash?: boolean;
	/** tables shared with other stores, instead of its own */
	tables?: (lengths: Lengths) => Tables;
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

function linearHash(words: Int32Array, keys: Int32Array, start: number, length: number): number {
	let sum = 0;
	for (let i = start; i < start + length; i++) sum = (sum + Math.imul(words[i], keys[i])) | 0;
	return sum;
}

const NO_LEAF = 0xffff;

export class StateStore implements VisitedSet {
	readonly budget: Budget;
	readonly shape: Shape;

	readonly #machine: Machine;
	readonly #mem: Int32Array;
	readonly #journalAddress: Int32Array;
	readonly #journalOld: Int32Array;
	readonly #journalNew: Int32Array;

	readonly #groupCount: number;
	readonly #root: number;
	/** where each leaf starts in mem, each group in #leafId */
	readonly #leafStart: Int32Array;
	readonly #groupStart: Int32Array;
	readonly #leaves: Vectors;
	readonly #groups: Vectors;
	/** all but the root: their children's ids tell them apart */
	readonly #pairs: Pairs;
	readonly #states: Pairs;
	readonly #left: Int32Array;
	readonly #right: Int32Array;
	readonly #parent: Int32Array;
	/** by word of the image, by leaf */
	readonly #leafOf: Uint16Array;
	readonly #groupOf: Uint8Array;
	/** the factors of the linear hashes, by word of the image and by leaf */
	readonly #keys: Int32Array;
	readonly #leafKeys: Int32Array;

	/** the ids of the parts of mem: by leaf; by group and pair */
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
	/** pairs still to visit */
	readonly #stack: Int32Array;

	/** Interns mem as state 0; the machine's journal must be empty. */
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
		const lengths = budget.words(n);
		this.#leafStart = budget.words(n);
		for (const [i, l] of leaves.entries()) {
			lengths[i] = l.length;
			this.#leafStart[i] = l.start;
		}
		const widths = budget.words(ends.length);
		this.#groupStart = budget.words(ends.length);
		for (let g = 0; g < ends.length; g++) {
			this.#groupStart[g] = g === 0 ? 0 : ends[g - 1];
			widths[g] = ends[g] - this.#groupStart[g];
		}
		const tables = options.tables?.({ leaves: lengths, groups: widths }) ?? {
			leaves: new VectorTable(budget, lengths, maxIds, bits),
			groups: new VectorTable(budget, widths, maxIds, bits),
			pairs: new PairTable(budget, maxIds, bits),
			states: new PairTable(budget, maxIds, bits),
		};
		this.#leaves = tables.leaves;
		this.#groups = tables.groups;
		this.#pairs = tables.pairs;
		this.#states = tables.states;

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
		for (let g = 0; g < ends.length; g++) this.#groupOf.fill(g, this.#groupStart[g], ends[g]);

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
		const { leaves, ends } = this.shape;
		const mem = this.#mem;
		const ids = this.#leafId;
		const top = this.#topId;
		for (const [i, { start, length }] of leaves.entries())
			ids[i] = this.#leaves.intern(i, mem, start, linearHash(mem, this.#keys, start, length));
		for (let g = 0; g < ends.length; g++) {
			const start = this.#groupStart[g];
			const sum = linearHash(ids, this.#leafKeys, start, ends[g] - start);
			top[g] = this.#groups.intern(g, ids, start, sum);
		}
		this.#climb(-1 >>> (32 - this.#left.length));
		this.#topChanges = 0;
	}

	/** Number of states; with shared tables, of those that were found here first. */
	get count(): number {
		return this.#states.size;
	}

	/** Bytes allocated, exactly. */
	bytes(): number {
		return this.budget.used;
	}

	/** Entries of each table: how well the shape does. */
	sizes(): { leaves: number; groups: number; pairs: number; states: number } {
		return {
			leaves: this.#leaves.size,
			groups: this.#groups.size,
			pairs: this.#pairs.size,
			states: this.#states.size,
		};
	}

	get #tables() {
		return [this.#leaves, this.#groups, this.#pairs, this.#states];
	}
	save(to: CheckpointWriter): void {
		for (const table of this.#tables) table.save(to);
	}
	restore(from: CheckpointReader): void {
		for (const table of this.#tables) table.restore(from);
		mustBeSound(from, {
			shape: this.shape,
			leaves: this.#leaves,
			groups: this.#groups,
			pairs: this.#pairs.pairs,
			pairCount: this.#pairs.size,
			states: this.#states.pairs,
			stateCount: this.#states.size,
			keys: this.#keys,
			leafKeys: this.#leafKeys,
		});
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
		// Writes of one leaf often follow each other.
		let leaf = -1;
		let sum = 0;
		for (let u = 0; u < length; u++) {
			const a = address[u];
			const l = leafOf[a];
			if (l !== leaf) {
				if (l === NO_LEAF) throw new Error(`word ${a} was written but is in no region`);
				if (leaf >= 0) delta[leaf] = (delta[leaf] + sum) | 0;
				leaf = l;
				sum = 0;
				if (isTouched[l] === 0) {
					isTouched[l] = 1;
					touched[n++] = l;
				}
			}
			sum = (sum + Math.imul(is[u] - was[u], keys[a])) | 0;
		}
		delta[leaf] = (delta[leaf] + sum) | 0;
		return n;
	}

	/** Re-interns the first n of #touched; returns the groups with changed leaves, a bit each. */
	#putLeaves(n: number): number {
		const mem = this.#mem;
		const id = this.#leafId;
		const leaves = this.#leaves;
		const leafStart = this.#leafStart;
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
			const sum = (leaves.data[old] + delta[leaf]) | 0;
			const k = leaves.intern(leaf, mem, leafStart[leaf], sum);
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
			const sum = (this.#groups.data[old] + delta[g]) | 0;
			id[g] = this.#groups.intern(g, this.#leafId, this.#groupStart[g], sum);
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
		const root = this.#root;
		const groupCount = this.#groupCount;
		let changes = this.#topChanges;
		for (let bits = pairs; bits !== 0; ) {
			const p = 31 - Math.clz32(bits & -bits);
			const node = groupCount + p;
			this.#changedTop[changes] = node;
			this.#topBefore[changes++] = id[node];
			const a = id[left[p]];
			const b = id[right[p]];
			if (node === root) {
				id[node] = this.#states.intern(a, b);
				break;
			}
			id[node] = this.#pairs.intern(a, b);
			bits = (bits & (bits - 1)) | (1 << (parent[node] - groupCount));
		}
		this.#topChanges = changes;
	}

	/** Undoes the last step, in the store and in the image. */
	rollback(): void {
		const leafId = this.#leafId;
		const topId = this.#topId;
		for (let i = this.#leafChanges - 1; i >= 0; i--)
			leafId[this.#changedLeaf[i]] = this.#leafBefore[i];
		for (let i = this.#topChanges - 1; i >= 0; i--) topId[this.#changedTop[i]] = this.#topBefore[i];
		this.#leafChanges = this.#topChanges = 0;
		this.#machine.undo();
	}

	/** Keeps the state after the last step. */
	commit(): void {
		this.#leafChanges = this.#topChanges = 0;
		this.#machine.forget();
	}

	/** Goes to a state; the machine's journal must be empty. */
	load(state: number): void {
		const root = this.#root;
		if (this.#topId[root] === state) return;
		this.#topId[root] = state;
		const stack = this.#stack;
		const { pairs } = this.#pairs;
		let depth = this.#children(root, this.#states.pairs, state, 0);
		while (depth > 0) {
			const node = stack[--depth];
			depth = this.#children(node, pairs, this.#topId[node], depth);
		}
	}

	/** Loads the groups, and puts the pairs on the stack, that differ in pair k. */
	#children(node: number, pairs: Int32Array, k: number, stacked: number): number {
		const id = this.#topId;
		const groupCount = this.#groupCount;
		const p = node - groupCount;
		let depth = stacked;
		for (let side = 0; side < 2; side++) {
			const child = side === 0 ? this.#left[p] : this.#right[p];
			const childId = pairs[2 * k + side];
			if (id[child] === childId) continue;
			id[child] = childId;
			if (child < groupCount) this.#loadGroup(child, childId);
			else this.#stack[depth++] = child;
		}
		return depth;
	}

	#loadGroup(g: number, k: number): void {
		const id = this.#leafId;
		const mem = this.#mem;
		const { data: vectors } = this.#groups;
		const { data, lengths } = this.#leaves;
		const start = this.#groupStart[g];
		const end = this.shape.ends[g];
		for (let leaf = start, i = k + HEADER; leaf < end; leaf++, i++) {
			const now = vectors[i];
			if (id[leaf] === now) continue;
			id[leaf] = now;
			const to = this.#leafStart[leaf];
			const length = lengths[leaf];
			for (let j = 0; j < length; j++) mem[to + j] = data[now + HEADER + j];
		}
	}
}
