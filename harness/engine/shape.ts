// SPDX-License-Identifier: GPL-2.0-only
/**
 * The shape of the tree in which a store keeps states: which words make a leaf, and in what order the
 * leaves are paired up. Any shape is exact; a good one has few tables that grow with the number of
 * states, and short ways from the leaves that a step writes to the root.
 */
import type { Region } from './machine.ts';

/** Adjacent words of one node. */
export interface Leaf {
	node: number;
	start: number;
	length: number;
}

/**
 * Leaves are numbered 0 .. leaves.length - 1, inner nodes count on from there; children have lower
 * numbers than their parent, the last number is the root's.
 */
export interface Shape {
	leaves: readonly Leaf[];
	/** per inner node, by number - leaves.length */
	left: Int32Array;
	right: Int32Array;
	/** per leaf and inner node; -1 for the root */
	parent: Int32Array;
}

export interface LeafSizes {
	/** a leaf takes in the next region of its node until it has as many words */
	want: number;
	/** longer regions are split */
	most: number;
}

export const LEAF_SIZES: LeafSizes = { want: 12, most: 24 };
/** Constant words between two regions that are not worth a leaf of their own. */
const GAP = 4;

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

/** A tree of leaf numbers: what shapeOf() lays out. */
export type Tree = number | readonly [Tree, Tree];

/** Pairs up neighbours, level by level. */
export function balanced(trees: readonly Tree[]): Tree {
	if (trees.length === 1) return trees[0];
	const half = Math.ceil(trees.length / 2);
	return [balanced(trees.slice(0, half)), balanced(trees.slice(half))];
}

/** Each node's leaves in a subtree, the nodes' subtrees paired up, then what is shared. */
export function treeByNode(leaves: readonly Leaf[]): Tree {
	const nodes = [...new Set(leaves.map((l) => l.node))].sort((a, b) => a - b);
	const subtree = (node: number): Tree =>
		balanced(leaves.flatMap((l, i) => (l.node === node ? [i] : [])));
	const own = nodes.filter((n) => n >= 0).map(subtree);
	const shared = nodes.filter((n) => n < 0).map(subtree);
	return balanced([...(own.length > 0 ? [balanced(own)] : []), ...shared]);
}

export function shapeOf(leaves: readonly Leaf[], tree: Tree): Shape {
	const n = leaves.length;
	const left: number[] = [];
	const right: number[] = [];
	const seen = new Set<number>();
	const place = (t: Tree): number => {
		if (typeof t === 'number') {
			if (seen.has(t) || t < 0 || t >= n) throw new Error(`leaf ${t} is no leaf, or twice there`);
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
	if (seen.size !== n) throw new Error('the tree leaves leaves out');
	const parent = new Int32Array(n + left.length).fill(-1);
	for (let i = 0; i < left.length; i++) parent[left[i]] = parent[right[i]] = n + i;
	return { leaves, left: Int32Array.from(left), right: Int32Array.from(right), parent };
}

/** The shape for want of anything better: by the regions alone. */
export function plainShape(regions: readonly Region[], sizes?: LeafSizes): Shape {
	const leaves = leavesOf(regions, sizes);
	// The root must be a pair: an empty leaf stands beside a single one.
	while (leaves.length < 2) leaves.push({ node: -1, start: 0, length: 0 });
	return shapeOf(leaves, treeByNode(leaves));
}
