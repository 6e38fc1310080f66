// SPDX-License-Identifier: GPL-2.0-only
/**
 * A flow graph under a configuration: branches on constants are decided, unreachable blocks are
 * dropped, texts are folded, and the live locals of each suspension are known. Only those are
 * saved: two states that differ only in dead locals are one state.
 */
import type { Block, End, Flow, LocalPlan } from '../plan.ts';
import { folded } from './template.ts';

export interface FoldedFlow {
	flow: Flow;
	blocks: Block[];
	/** in the order of a walk from the entry */
	reachable: number[];
	/** edges to each block; the entry has one from outside */
	edges: number[];
	/** locals live at the block's start */
	liveIn: Set<number>[];
	/** locals that the frame holds while the suspension that ends a block lasts */
	saved: Map<number, number[]>;
}

export function fold(flow: Flow, expressions: readonly number[]): FoldedFlow {
	const { locals } = flow;
	const blocks = flow.blocks.map(({ ops, end }) => ({
		ops: ops.map((o) => textFolded(o, locals, expressions)),
		end: endFolded(decide(end, expressions), locals, expressions),
	}));
	for (const b of blocks) b.end = thread(blocks, b.end);
	const { order, edges } = walk(blocks);
	const liveIn = liveness(blocks, order);
	const saved = new Map<number, number[]>();
	for (const i of order) {
		const { end } = blocks[i];
		if (end.t !== 'leaf' && end.t !== 'call') continue;
		saved.set(
			i,
			[...livePast(end, liveIn)].sort((a, b) => a - b),
		);
	}
	return { flow, blocks, reachable: order, edges, liveIn, saved };
}

function decide(end: End, expressions: readonly number[]): End {
	if (end.t !== 'branch' || end.constant === undefined) return end;
	return { t: 'goto', to: expressions[end.constant] ? end.yes : end.no };
}

/** A folded text needs only the locals that it names. */
function textFolded<T extends { js: string; reads: number[] }>(
	x: T,
	locals: readonly LocalPlan[],
	expressions: readonly number[],
): T {
	const js = folded(x.js, expressions);
	if (js === x.js) return x;
	return { ...x, js, reads: x.reads.filter((l) => js.includes(locals[l].js)) };
}

function endFolded(end: End, locals: readonly LocalPlan[], expressions: readonly number[]): End {
	if (end.t === 'goto') return end;
	if (end.t !== 'call') return textFolded(end, locals, expressions);
	const before = folded(end.before, expressions);
	const args = folded(end.args, expressions);
	const left = before + args;
	return { ...end, before, args, reads: end.reads.filter((l) => left.includes(locals[l].js)) };
}

/** Jumps to a block that only jumps go directly to its target. */
function thread(blocks: readonly Block[], end: End): End {
	const final = (to: number): number => {
		const seen = new Set<number>();
		for (
			let b = blocks[to];
			b.ops.length === 0 && b.end.t === 'goto' && !seen.has(to);
			b = blocks[to]
		) {
			seen.add(to);
			to = b.end.to;
		}
		return to;
	};
	if (end.t === 'goto') return { ...end, to: final(end.to) };
	if (end.t === 'branch') return { ...end, yes: final(end.yes), no: final(end.no) };
	return end.t === 'return' ? end : { ...end, next: final(end.next) };
}

export function successors(end: End): number[] {
	if (end.t === 'goto') return [end.to];
	if (end.t === 'branch') return [end.yes, end.no];
	return end.t === 'return' ? [] : [end.next];
}

function walk(blocks: readonly Block[]): { order: number[]; edges: number[] } {
	const edges = new Array<number>(blocks.length).fill(0);
	const order: number[] = [];
	const todo = [0];
	edges[0] = 1;
	for (let i = todo.pop(); i !== undefined; i = todo.pop()) {
		order.push(i);
		for (const s of successors(blocks[i].end).reverse()) if (edges[s]++ === 0) todo.push(s);
	}
	return { order, edges };
}

/** The locals that must outlive a suspension: used after it, or in its wait condition. */
function livePast(end: End & { next: number }, liveIn: Set<number>[]): Set<number> {
	const live = new Set(liveIn[end.next]);
	if (end.t !== 'leaf' && end.t !== 'call') return live;
	live.delete(end.result);
	if (end.t === 'leaf') for (const l of end.reads) live.add(l);
	return live;
}

function liveness(blocks: readonly Block[], order: readonly number[]): Set<number>[] {
	const liveIn = blocks.map(() => new Set<number>());
	const backwards = [...order].reverse();
	for (let changed = true; changed; ) {
		changed = false;
		for (const i of backwards) {
			const live = liveBefore(blocks[i], liveIn);
			if (live.size === liveIn[i].size) continue;
			liveIn[i] = live;
			changed = true;
		}
	}
	return liveIn;
}

function liveBefore({ ops, end }: Block, liveIn: Set<number>[]): Set<number> {
	const suspends = end.t === 'leaf' || end.t === 'call';
	const live = suspends
		? livePast(end, liveIn)
		: new Set(successors(end).flatMap((s) => [...liveIn[s]]));
	if (end.t !== 'goto') for (const l of end.reads) live.add(l);
	for (let i = ops.length - 1; i >= 0; i--) {
		live.delete(ops[i].writes);
		for (const l of ops[i].reads) live.add(l);
	}
	return live;
}
