// SPDX-License-Identifier: GPL-2.0-only
/**
 * Cuts the words that can change into regions of a few words each: small structs, runs of a big
 * struct's fields, groups of small array elements, slots of pools, pieces of stacks. Words that
 * only init(), or only dropped code, writes are in no region.
 */
import type { Field, Region, Struct, TaskInfo } from '../../engine/machine.ts';
import type { Plan } from '../plan.ts';
import type { Layout } from './layout.ts';
import type { Reached } from './reach.ts';

/** Longer things are cut. */
const MOST = 24;
/** Neighbours are joined up to this length. */
const JOIN = 16;
/** So many constant words may be between two runs that are joined. */
const GAP = 4;

interface Run {
	name: string;
	start: number;
	length: number;
}

export function regionsOf(
	plan: Plan,
	layout: Layout,
	reached: Reached,
	tasks: readonly TaskInfo[],
): Region[] {
	const cutter = new Cutter(layout.structs, reached);
	const regions: Region[] = [];
	for (const g of plan.globals) {
		const f = layout.globals[g.name];
		const perNode = g.indexedBy === 'node' && f.kind === 'structs';
		if (!perNode) {
			regions.push(...cutter.field(f, f.offset, f.name, f.name).map((r) => ({ ...r, node: -1 })));
			continue;
		}
		for (let node = 0; node < f.n!; node++) {
			const at = f.offset + node * f.stride!;
			const runs = cutter.struct(f.cls!, at, `${f.name}[${node}]`);
			regions.push(...runs.map((r) => ({ ...r, node })));
		}
	}
	for (const t of tasks) {
		const run = { name: `stack of ${t.name}`, start: t.base, length: t.size };
		regions.push(...cut(run).map((r) => ({ ...r, node: t.node })));
	}
	return regions.sort((a, b) => a.node - b.node || a.start - b.start);
}

class Cutter {
	readonly #structs: Readonly<Record<string, Struct>>;
	readonly #reached: Reached;
	readonly #varying;

	constructor(
		structs: Readonly<Record<string, Struct>>,
		reached: Reached,
		/** in a slot that tasks allocate and free, words that init() wrote change as well */
		varying = reached.varying,
	) {
		this.#structs = structs;
		this.#reached = reached;
		this.#varying = varying;
	}

	/** The runs of a field at `at`; `path` is STRUCT.FIELD or a global's name. */
	field(f: Field, at: number, name: string, path: string): Run[] {
		if (f.kind === 'struct') return this.struct(f.cls!, at, name);
		if (f.kind === 'structs') {
			const element = (i: number): Run[] =>
				this.struct(f.cls!, at + i * f.stride!, `${name}[${i}]`);
			return grouped(Array.from({ length: f.n! }, (_, i) => element(i)).flat());
		}
		if (f.kind === 'pool') return this.#pool(f, at, name, path);
		if (!this.#varying.has(path)) return [];
		return cut({ name, start: at, length: f.size });
	}

	struct(cls: string, at: number, name: string): Run[] {
		const s = this.#structs[cls];
		const runs = s.fields.flatMap((f) =>
			this.field(f, at + f.offset, `${name}.${f.name}`, `${cls}.${f.name}`),
		);
		const one = s.size <= MOST ? joined(runs, s.size) : undefined;
		return one ? [{ ...one, name }] : grouped(runs);
	}

	#pool(f: Field, at: number, name: string, path: string): Run[] {
		const taken = this.#varying.has(path);
		const inner = taken ? new Cutter(this.#structs, this.#reached, this.#reached.assigned) : this;
		const slot = (i: number): Run[] => {
			const start = at + i * f.stride!;
			const one = `${name}[${i}]`;
			const runs = inner.struct(f.cls!, start + 1, one);
			return taken ? slotRuns({ name: one, start, length: 1 }, runs) : runs;
		};
		return grouped(Array.from({ length: f.n! }, (_, i) => slot(i)).flat());
	}
}

/** All runs as one, if there are any and not too much is constant between them. */
function joined(runs: Run[], size: number): Run | undefined {
	if (runs.length === 0) return undefined;
	const start = runs[0].start;
	const last = runs[runs.length - 1];
	const length = last.start + last.length - start;
	const changing = runs.reduce((n, r) => n + r.length, 0);
	const few = length - changing <= Math.max(GAP, size / 4);
	return few ? { name: runs[0].name, start, length } : undefined;
}

/** The word that says "allocated", and the changing words of the rest. */
function slotRuns(used: Run, runs: Run[]): Run[] {
	const last = runs.at(-1) ?? used;
	const whole = { ...used, length: last.start + last.length - used.start };
	return whole.length <= MOST ? [whole] : grouped([used, ...runs]);
}

/** Joins neighbours while they are small. */
function grouped(runs: Run[]): Run[] {
	const out: (Run & { first: string })[] = [];
	for (const r of runs) {
		const last = out.at(-1);
		const gap = last ? r.start - (last.start + last.length) : 0;
		if (last && gap <= GAP && r.start + r.length - last.start <= JOIN) {
			last.length = r.start + r.length - last.start;
			last.name = `${last.first} .. ${r.name}`;
		} else out.push({ ...r, first: r.name.split(' .. ')[0] });
	}
	return out.map(({ name, start, length }) => ({ name, start, length }));
}

/** Pieces of nearly equal length. */
function cut(r: Run): Run[] {
	const n = Math.ceil(r.length / MOST);
	if (n <= 1) return r.length > 0 ? [r] : [];
	return Array.from({ length: n }, (_, i) => {
		const from = Math.floor((r.length * i) / n);
		const to = Math.floor((r.length * (i + 1)) / n);
		return { name: `${r.name}+${from}`, start: r.start + from, length: to - from };
	});
}
