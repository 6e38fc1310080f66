// SPDX-License-Identifier: GPL-2.0-only
/**
 * Are the tables of a StateStore from a checkpoint sound? Each part of a state must name existing
 * parts, of its place in the state, and each hash must be that of its words.
 */
import type { CheckpointReader } from './checkpoint.ts';
import type { Shape } from './shape.ts';
import { HEADER, type Vectors } from './tables.ts';

/** The tables to check; keys are the factors of the linear hashes. */
export interface Parts {
	shape: Shape;
	leaves: Vectors;
	groups: Vectors;
	pairs: Int32Array;
	pairCount: number;
	states: Int32Array;
	stateCount: number;
	keys: Int32Array;
	leafKeys: Int32Array;
}

/** Throws CheckpointError if they do not. */
export function mustBeSound(from: CheckpointReader, parts: Parts): void {
	const { shape, leaves, groups, keys, leafKeys } = parts;
	const leafPlaces = shape.leaves.map(({ start }) => start);
	const groupPlaces = Array.from(shape.ends, (_, g) => (g === 0 ? 0 : shape.ends[g - 1]));
	const isLeaf = mustHash(from, leaves, leafPlaces, keys);
	const isGroup = mustHash(from, groups, groupPlaces, leafKeys);
	for (const k of groups.ids()) {
		const g = groups.data[k + 1];
		for (let i = 0; i < groups.lengths[g]; i++) {
			const leaf = groups.data[k + HEADER + i];
			const there = isLeaf(leaf) && leaves.data[leaf + 1] === groupPlaces[g] + i;
			from.must(there, 'a group names a part that is none of it');
		}
	}
	mustReach(from, parts, (g, k) => isGroup(k) && groups.data[k + 1] === g);
}

/** Every vector has the hash of its words; says which numbers are ids of vectors. */
function mustHash(
	from: CheckpointReader,
	vectors: Vectors,
	places: readonly number[],
	keys: Int32Array,
): (id: number) => boolean {
	const { data, lengths } = vectors;
	const begins = new Uint8Array((data.length >>> 3) + 1);
	for (const k of vectors.ids()) {
		const owner = data[k + 1];
		let sum = 0;
		for (let i = 0; i < lengths[owner]; i++)
			sum = (sum + Math.imul(data[k + HEADER + i], keys[places[owner] + i])) | 0;
		from.must(sum === data[k], 'the hash of a part of a state');
		begins[k >>> 3] |= 1 << (k & 7);
	}
	return (id) => id >= 0 && id < data.length && (begins[id >>> 3] & (1 << (id & 7))) !== 0;
}

/** From each state down, pairs and groups are there, and are those of their place. */
function mustReach(
	from: CheckpointReader,
	{ shape, pairs, pairCount, states, stateCount }: Parts,
	isGroupOf: (group: number, id: number) => boolean,
): void {
	const { left, right, parent, ends } = shape;
	/** by pair, a bit for each place that it is known to fit */
	const fits = new Int32Array(pairCount);
	const mustBe = (node: number, id: number): void => {
		if (node < ends.length) {
			from.must(isGroupOf(node, id), 'a state names a group that is none of it');
			return;
		}
		from.must(id >= 0 && id < pairCount, 'a state names a part that is not there');
		const bit = 1 << (node - ends.length);
		if (fits[id] & bit) return;
		fits[id] |= bit;
		children(node, pairs, id);
	};
	const children = (node: number, words: Int32Array, id: number): void => {
		mustBe(left[node - ends.length], words[2 * id]);
		mustBe(right[node - ends.length], words[2 * id + 1]);
	};
	for (let s = 0; s < stateCount; s++) children(parent.length - 1, states, s);
}
