// SPDX-License-Identifier: GPL-2.0-only
/**
 * The shape in which a store keeps states, three layers deep:
 *
 *	leaf    a few adjacent words of the image, interned
 *	group   the ids of some leaves, interned: a node of the cluster, say
 *	pair    the ids of two groups or pairs, interned, up to the root
 *
 * Any shape is exact. A good one has leaves that one step changes together; groups with few
 * different contents, since an entry of a group takes a word per leaf; and few pairs on the path to
 * the root.
 */
import type { Region } from './machine.ts';

/** Adjacent words of one node. */
export interface Leaf {
	node: number;
	start: number;
	length: number;
}

export interface Shape {
	/** the leaves of a group are neighbours */
	leaves: readonly Leaf[];
	/** groups are numbered 0 .. ends.length - 1; where each one's leaves end */
	ends: Int32Array;
	/**
	 * Pairs count on from the last group. Their children, by number - ends.length: each has a
	 * lower number than the pair, and the last pair is the root.
	 */
	left: Int32Array;
	right: Int32Array;
	/** per group and pair; -1 for the root */
	parent: Int32Array;
}

/** A store marks what a step changed by a bit a group. */
const MAX_GROUPS = 32;

export interface LeafSizes {
	/** a leaf takes in the next region of its node until it has as many words */
	want: number;
	/** longer regions are split */
	most: number;
}

const LEAF_SIZES: LeafSizes = { want: 12, most: 24 };
/** Constant words between two regions that are not worth a leaf of their own. */
const GAP = 4;
/**
 * How many leaves make a group, unless that makes too many groups. If there is one node only, it
 * has as many contents as there are states: narrower groups share more.
 */
const GROUP = 24;
const GROUP_OF_ONE_NODE = 8;

export function leavesOf(regions: readonly Region[], sizes: LeafSizes = LEAF_SIZES): Leaf[] {
	const sorted = regions.filter((r) => r.length > 0).sort((a, b) => a.start - b.start);
	const leaves: Leaf[] = [];
	for (const { node, start, length } of sorted) {
		const last = leaves.at(-1);
		const end = last ? last.start + last.length : 0;
		if (last && start < end) throw new Error(`regions overlap at word ${start}`);
		if (
			last &&
			last.node === node &&
			start - end <= GAP &&
			last.length < sizes.want &&
			start + length - last.start <= sizes.most
		) {
			last.length = start + length - last.start;
			continue;
		}
		const parts = Math.ceil(length / sizes.most);
		for (let i = 0; i < parts; i++) {
			const from = Math.floor((length * i) / parts);
			const to = Math.floor((length * (i + 1)) / parts);
			leaves.push({ node, start: start + from, length: to - from });
		}
	}
	return leaves;
}

/** A tree of group numbers: what shapeOf() lays out. */
export type Tree = number | readonly [Tree, Tree];

/** Pairs up neighbours, level by level. */
export function balanced(trees: readonly Tree[]): Tree {
	if (trees.length === 1) return trees[0];
	const half = Math.ceil(trees.length / 2);
	return [balanced(trees.slice(0, half)), balanced(trees.slice(half))];
}

export function shapeOf(groups: readonly (readonly Leaf[])[], tree: Tree): Shape {
	const n = groups.length;
	if (n > MAX_GROUPS) throw new Error(`${n} groups are too many`);
	const left: number[] = [];
	const right: number[] = [];
	const seen = new Set<number>();
	const place = (t: Tree): number => {
		if (typeof t === 'number') {
			if (seen.has(t) || t < 0 || t >= n) throw new Error(`${t} is no group, or twice there`);
			seen.add(t);
			return t;
		}
		const a = place(t[0]);
		const b = place(t[1]);
		left.push(a);
		right.push(b);
		return n + left.length - 1;
	};
	place(tree);
	if (seen.size !== n) throw new Error('the tree leaves groups out');
	if (left.length === 0) throw new Error('the root must be a pair');
	const parent = new Int32Array(n + left.length).fill(-1);
	for (let i = 0; i < left.length; i++) parent[left[i]] = parent[right[i]] = n + i;
	let end = 0;
	return {
		leaves: groups.flat(),
		ends: Int32Array.from(groups, (g) => (end += g.length)),
		left: Int32Array.from(left),
		right: Int32Array.from(right),
		parent,
	};
}

/** The default shape, by the regions alone. */
export function plainShape(regions: readonly Region[], sizes?: LeafSizes, most?: number): Shape {
	const leaves = leavesOf(regions, sizes);
	const nodes = [...new Set(leaves.map((l) => l.node))].sort((a, b) => a - b);
	const cluster = nodes.filter((n) => n >= 0).length > 1;
	const width = most ?? (cluster ? GROUP : GROUP_OF_ONE_NODE);
	const byNode = nodes.map((node) => leaves.filter((l) => l.node === node));
	const groups = byNode.flatMap((own) => chunks(own, Math.ceil(own.length / width)));
	if (groups.length > MAX_GROUPS) return plainShape(regions, sizes, 2 * width);
	// The root must be a pair: an empty group is added to a single one.
	while (groups.length < 2) groups.push([]);
	return shapeOf(groups, balanced(groups.map((_, i) => i)));
}

/** Cuts a list into `n` parts of nearly equal length. */
function chunks<T>(list: readonly T[], n: number): T[][] {
	return Array.from({ length: n }, (_, i) =>
		list.slice(Math.floor((list.length * i) / n), Math.floor((list.length * (i + 1)) / n)),
	);
}
