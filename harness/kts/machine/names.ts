// SPDX-License-Identifier: GPL-2.0-only
/** The effect of renaming nodes, programs and values on a machine's image: its Names. */
import {
	type Field,
	NAMES,
	type Names,
	type Renaming,
	type TaskInfo,
} from '../../engine/machine.ts';
import type { FieldPlan, IndexedBy, Plan } from '../plan.ts';
import { contentOf, type SiteEntry } from './emit.ts';
import type { Layout } from './layout.ts';

/** A task, and the arguments that init() started it with. */
export interface Started {
	info: TaskInfo;
	/** the function's name in generated code */
	js: string;
	args: readonly number[];
}

/** Called for each array that is indexed, the outer ones first: `at` is its address. */
type Visitor = (plan: FieldPlan & { indexedBy: IndexedBy }, field: Field, at: number) => void;

export function namesOfMachine(
	plan: Plan,
	layout: Layout,
	sites: readonly SiteEntry[],
	started: readonly Started[],
	words: number,
): Names {
	return new MachineNames(plan, layout, sites, started, words);
}

class MachineNames implements Names {
	readonly content: Uint8Array;
	readonly frames: readonly Uint8Array[];
	readonly isCall: Uint8Array;
	readonly nodes: number;
	readonly procs: number;
	readonly nodeOf: Int16Array;
	readonly procOf: Int16Array;
	/** by task: what its arguments name */
	readonly #argNames: readonly (readonly number[])[];
	readonly #plan: Plan;
	readonly #layout: Layout;
	readonly #started: readonly Started[];
	readonly #words: number;

	constructor(
		plan: Plan,
		layout: Layout,
		sites: readonly SiteEntry[],
		started: readonly Started[],
		words: number,
	) {
		this.#plan = plan;
		this.#layout = layout;
		this.#started = started;
		this.#words = words;
		const { constants } = layout.values;
		this.nodes = constants.NR_NODES ?? 0;
		this.procs = constants.NR_PROCS ?? 0;
		this.frames = sites.map((s) => Uint8Array.from(s.contents));
		this.isCall = Uint8Array.from(sites, (s) => (s.kind === 'call' ? 1 : 0));
		this.#argNames = started.map(({ js }) => {
			const { locals, params } = plan.functions.find((f) => f.js === js)!.flow!;
			return locals.slice(0, params).map(contentOf);
		});
		this.content = new Uint8Array(words);
		this.nodeOf = new Int16Array(words).fill(-1);
		this.procOf = new Int16Array(words).fill(-1);
		for (const g of plan.globals)
			this.#fill(g, layout.globals[g.name], layout.globals[g.name].offset);
		this.#assignOwners();
	}

	// ---- contents -------------------------------------------------------------------------

	#fill(plan: FieldPlan, f: Field, at: number): void {
		const content = contentOf(plan);
		if (content !== NAMES.PLAIN) this.content.fill(content, at, at + f.size);
		this.#inStructs(f, at, (p, field, address) => this.#fill(p, field, address));
	}

	/** The fields of the structs that a field embeds. */
	#inStructs(
		f: Field,
		at: number,
		visit: (plan: FieldPlan, field: Field, at: number) => void,
	): void {
		if (f.kind !== 'struct' && f.kind !== 'structs' && f.kind !== 'pool') return;
		const plans = this.#plan.structs.find((s) => s.name === f.cls)!.fields;
		const { fields } = this.#layout.structs[f.cls!];
		const first = f.kind === 'pool' ? at + 1 : at;
		for (let i = 0; i < (f.n ?? 1); i++)
			for (const [k, inner] of fields.entries())
				visit(plans[k], inner, first + i * (f.stride ?? 0) + inner.offset);
	}

	// ---- owners ---------------------------------------------------------------------------

	#indexedArrays(visit: Visitor): void {
		const look = (plan: FieldPlan, field: Field, at: number): void => {
			const { indexedBy } = plan;
			if (indexedBy && field.kind !== 'pool') visit({ ...plan, indexedBy }, field, at);
			this.#inStructs(field, at, look);
		};
		for (const g of this.#plan.globals) {
			const f = this.#layout.globals[g.name];
			look(g, f, f.offset);
		}
	}

	#assignOwners(): void {
		const nodeOfProc = this.#nodesOfProcs();
		this.#indexedArrays(({ indexedBy }, { n, stride }, at) => {
			for (let i = 0; i < n!; i++) {
				const [from, to] = [at + i * stride!, at + (i + 1) * stride!];
				if (indexedBy === 'node') this.nodeOf.fill(i, from, to);
				else if (indexedBy === 'proc') this.#setOwner(from, to, nodeOfProc[i], i);
				else if (i < this.#started.length)
					this.#setOwner(from, to, this.#nodeOfTask(i), this.#argument(i, NAMES.PROC));
			}
		});
		this.#started.forEach(({ info: { base, size } }, t) => {
			this.#setOwner(base, base + size, this.#nodeOfTask(t), this.#argument(t, NAMES.PROC));
		});
	}

	/** -1: no change; the index of an enclosing array takes precedence over a program's node. */
	#setOwner(from: number, to: number, node: number, proc: number): void {
		if (proc >= 0) this.procOf.fill(proc, from, to);
		if (node >= 0 && this.nodeOf[from] < 0) this.nodeOf.fill(node, from, to);
	}

	/** The only argument of a task that names something of a kind, or -1. */
	#argument(task: number, kind: number): number {
		const found = this.#started[task].args.filter((_, i) => this.#argNames[task][i] === kind);
		return found.length === 1 ? found[0] : -1;
	}

	/** The node that a task runs on, or else serves. */
	#nodeOfTask(task: number): number {
		const { node } = this.#started[task].info;
		return node >= 0 ? node : this.#argument(task, NAMES.NODE);
	}

	#nodesOfProcs(): number[] {
		const out = new Array<number>(this.procs).fill(-1);
		for (const t of this.#started.keys()) {
			const p = this.#argument(t, NAMES.PROC);
			if (p >= 0) out[p] = this.#nodeOfTask(t);
		}
		return out;
	}

	// ---- renaming -------------------------------------------------------------------------

	wordMap(renaming: Renaming): Int32Array {
		this.#mustFit(renaming);
		return this.#mapped(renaming, this.taskMap(renaming));
	}

	/** Where each word goes; `tasks` undefined: arrays indexed by tasks stay. */
	#mapped({ nodes, procs }: Renaming, tasks?: Int32Array): Int32Array {
		const to = Int32Array.from({ length: this.#words }, (_, a) => a);
		const indexes = { node: nodes, proc: procs, task: tasks ?? [] };
		// an inner array moves within its element, and with it
		const distance = new Int32Array(this.#words);
		this.#indexedArrays(({ indexedBy }, { n, stride }, at) => {
			const index = indexes[indexedBy];
			for (let i = 0; i < n!; i++) {
				const by = ((index[i] ?? i) - i) * stride!;
				if (by === 0) continue;
				for (let a = at + i * stride!; a < at + (i + 1) * stride!; a++) distance[a] += by;
			}
		});
		for (let a = 0; a < this.#words; a++) to[a] += distance[a];
		if (!tasks) return to;
		this.#started.forEach(({ info: { base, size } }, t) => {
			const other = this.#started[tasks[t]].info.base;
			for (let i = 0; i < size; i++) to[base + i] = other + i;
		});
		return to;
	}

	taskMap(renaming: Renaming): Int32Array {
		this.#mustFit(renaming);
		const words = this.#mapped(renaming);
		const { nodes, procs } = renaming;
		const identity: Renaming = { nodes: [], procs: [] };
		const targets = new Map<string, number[]>();
		const keys = this.#started.map((_, t) => this.#keyOf(t, identity));
		for (const [t, key] of keys.entries()) targets.set(key, [...(targets.get(key) ?? []), t]);
		const rank = keys.map((key, t) => targets.get(key)!.indexOf(t));
		return Int32Array.from(this.#started, ({ info }, t) => {
			const found = targets.get(this.#keyOf(t, { nodes, procs }, words))?.[rank[t]];
			if (found !== undefined) return found;
			const say = (map: readonly number[]): string => `[${map.join(' ')}]`;
			throw new Error(
				`task ${info.name} has no counterpart when nodes become ${say(nodes)} and programs ${say(procs)}`,
			);
		});
	}

	/**
	 * The key of a task under a renaming. It does not contain values and places in the program memory,
	 * which do not depend on nodes and programs. Tasks with one key correspond in their order.
	 */
	#keyOf(task: number, { nodes, procs }: Renaming, words?: Int32Array): string {
		const { info, js, args } = this.#started[task];
		const rename = (map: readonly number[], v: number): number => map[v] ?? v;
		const renamed = args.map((v, i) => {
			switch (this.#argNames[task][i]) {
				case NAMES.NODE:
					return rename(nodes, v);
				case NAMES.PROC:
					return rename(procs, v);
				case NAMES.POINTER:
					return words?.[v] ?? v;
				case NAMES.PLAIN:
					return v;
				default:
					return 0;
			}
		});
		return JSON.stringify([js, rename(nodes, info.node), renamed]);
	}

	#mustFit({ nodes, procs }: Renaming): void {
		const isPermutation = (map: readonly number[]): boolean =>
			[...map].sort((a, b) => a - b).every((v, i) => v === i);
		if (nodes.length !== this.nodes || procs.length !== this.procs)
			throw new Error(
				`the machine has ${this.nodes} nodes and ${this.procs} programs, the renaming ${nodes.length} and ${procs.length}`,
			);
		if (!isPermutation(nodes) || !isPermutation(procs))
			throw new Error(`no permutations: nodes [${nodes}], programs [${procs}]`);
	}
}
