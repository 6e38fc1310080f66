// SPDX-License-Identifier: GPL-2.0-only
/**
 * Groups of renamings. An element maps nodes, programs, stored values and places in the program
 * memory; the names of a machine map the words of its image accordingly.
 */
import { type Machine, NAMES, type Names, type Renaming } from '../machine.ts';

export interface Element extends Renaming {
	/** the map of stored values; values beyond its end stay as they are */
	values?: readonly number[];
	/** the same for places in the program memory */
	code?: readonly number[];
}

/** Elements that a group may have. */
const MAX_ORDER = 1024;

const PARTS = ['nodes', 'procs', 'values', 'code'] as const;

const at = (map: readonly number[] | undefined, i: number): number => map?.[i] ?? i;

/** First `a`, then `b`. */
function composed(a: Element, b: Element): Element {
	const part = (name: (typeof PARTS)[number]): number[] => {
		const length = Math.max(a[name]?.length ?? 0, b[name]?.length ?? 0);
		return Array.from({ length }, (_, i) => at(b[name], at(a[name], i)));
	};
	return { nodes: part('nodes'), procs: part('procs'), values: part('values'), code: part('code') };
}

function isPermutation(map: readonly number[]): boolean {
	return new Set(map).size === map.length && map.every((v) => v >= 0 && v < map.length);
}

const keyOf = (e: Element): string =>
	PARTS.map((name) => (e[name] ?? []).flatMap((v, i) => (v === i ? [] : [`${i}>${v}`]))).join('/');

/**
 * The group that some elements generate, the identity first. A generator with which it would have
 * more than `maxOrder` elements is left out, so the result is always a group.
 */
export function generated(
	{ nodes, procs }: Pick<Names, 'nodes' | 'procs'>,
	generators: readonly Element[],
	maxOrder = MAX_ORDER,
): Element[] {
	const count = (n: number) => Array.from({ length: n }, (_, i) => i);
	let group: Element[] = [{ nodes: count(nodes), procs: count(procs) }];
	const used: Element[] = [];
	for (const generator of generators) {
		if (generator.nodes.length !== nodes || generator.procs.length !== procs)
			throw new Error('a renaming has another number of nodes or programs than the machine');
		for (const name of PARTS)
			if (!isPermutation(generator[name] ?? []))
				throw new Error(`the ${name} of a renaming are no permutation`);
		const larger = closure(group[0], [...used, generator], maxOrder);
		if (!larger) continue;
		used.push(generator);
		group = larger;
	}
	return group;
}

function closure(
	identity: Element,
	generators: readonly Element[],
	maxOrder: number,
): Element[] | undefined {
	const known = new Set([keyOf(identity)]);
	const group = [identity];
	for (let i = 0; i < group.length; i++)
		for (const g of generators) {
			const next = composed(group[i], g);
			const key = keyOf(next);
			if (known.has(key)) continue;
			if (group.length === maxOrder) return undefined;
			known.add(key);
			group.push(next);
		}
	return group;
}

/** The effect of an element on an image. */
export interface Action {
	readonly element: Element;
	/** by address: where each word goes, and which comes there */
	readonly to: Int32Array;
	readonly from: Int32Array;
	/** by NAMES: what contents become; what is beyond a table's end stays as it is */
	readonly tables: readonly Int32Array[];
	/** by task */
	readonly tasks: Int32Array;
}

/** Throws if the machine's tasks do not allow the renaming. */
export function actionOf(machine: Machine, element: Element): Action {
	const names = machine.names;
	if (!names) throw new Error('a machine without names has no symmetry');
	const to = names.wordMap(element);
	const from = new Int32Array(to.length);
	for (let a = 0; a < to.length; a++) from[to[a]] = a;
	for (let a = 0; a < to.length; a++)
		if (to[from[a]] !== a) throw new Error(`two words go to word ${to[a]}`);
	const tasks = names.taskMap(element);
	const tables: Int32Array[] = [];
	tables[NAMES.PLAIN] = new Int32Array(0);
	tables[NAMES.POINTER] = to;
	tables[NAMES.NODE] = Int32Array.from(element.nodes);
	tables[NAMES.PROC] = Int32Array.from(element.procs);
	tables[NAMES.TASK] = tasks;
	tables[NAMES.VALUE] = Int32Array.from(element.values ?? []);
	tables[NAMES.CODE] = Int32Array.from(element.code ?? []);
	return { element, to, from, tables, tasks };
}
