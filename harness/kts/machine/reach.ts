// SPDX-License-Identifier: GPL-2.0-only
/**
 * What a configuration leaves of a program: which functions can be called, from which code, and
 * which fields they assign. Unreachable code is not part of a machine.
 *
 * A function in an operations table can be called if some reachable code calls that operation, and
 * some reachable code names the table. A table in the initial value of a field counts as named.
 */
import type { DispatchPlan, FunctionPlan, Plan } from '../plan.ts';
import { type FoldedFlow, fold } from './liveness.ts';
import { conditionsIn, folded, References } from './template.ts';

/** A function under a configuration. */
export interface Live {
	plan: FunctionPlan;
	/** a plain function's text */
	code?: string;
	/** a sleeping function's graph */
	flow?: FoldedFlow;
	references: References;
}

/** The reachable part of a program. */
export interface Reached {
	/** in the order of the plan */
	functions: Live[];
	/** those that tasks are started with */
	spawned: ReadonlySet<string>;
	/** dispatchers and presence tests */
	dispatch: ReadonlySet<string>;
	/** ids of operations tables */
	tables: ReadonlySet<number>;
	/** values of plan.expressions */
	expressions: readonly number[];
	/** fields that are assigned: by a task, and by any code */
	varying: ReadonlySet<string>;
	assigned: ReadonlySet<string>;
}

export function reach(plan: Plan, expressions: readonly number[]): Reached {
	return new Walk(plan, expressions).reached();
}

class Walk {
	readonly #plans: Map<string, FunctionPlan>;
	readonly #live = new Map<string, Live>();
	readonly tables = new Set<number>();
	readonly #plan: Plan;

	constructor(
		plan: Plan,
		readonly expressions: readonly number[],
	) {
		this.#plan = plan;
		this.#plans = new Map(plan.functions.map((f) => [f.js, f]));
		for (const f of [...plan.structs.flatMap((s) => s.fields), ...plan.globals])
			if (f.kind === 'ops' && f.initial) this.tables.add(Number(f.initial));
	}

	reached(): Reached {
		const { entry, functions } = this.#plan;
		const roots = Object.values(entry);
		let all = this.#from(roots);
		for (let known = -1; known !== this.tables.size; all = this.#from(roots)) {
			known = this.tables.size;
			for (const js of all)
				for (const id of this.#liveOf(js)?.references.tables ?? []) this.tables.add(id);
		}
		const live = functions.flatMap(({ js }) => (all.has(js) ? this.#liveOf(js)! : []));
		const spawned = new Set(live.flatMap((f) => [...f.references.spawns]));
		const tasks = this.#from([...spawned]);
		const assignedBy = (fs: Live[]): Set<string> =>
			new Set(fs.flatMap((f) => [...f.references.assigns]));
		return {
			functions: live,
			spawned,
			dispatch: new Set([...all].filter((js) => js in this.#plan.dispatch)),
			tables: this.tables,
			expressions: this.expressions,
			varying: assignedBy(live.filter((f) => tasks.has(f.plan.js))),
			assigned: assignedBy(live),
		};
	}

	/** All functions called from `roots`, including tasks that they start. */
	#from(roots: readonly string[]): Set<string> {
		const out = new Set<string>();
		const todo = [...roots];
		for (let js = todo.pop(); js !== undefined; js = todo.pop()) {
			if (out.has(js)) continue;
			out.add(js);
			const dispatch = this.#plan.dispatch[js];
			if (dispatch?.asks) continue;
			if (dispatch) todo.push(...calleesOf(this.#plan, this, js));
			else {
				const { calls, spawns } = this.#liveOf(js)!.references;
				todo.push(...calls, ...spawns);
			}
		}
		return out;
	}

	#liveOf(js: string): Live | undefined {
		const plan = this.#plans.get(js);
		let found = this.#live.get(js);
		if (plan && !found) this.#live.set(js, (found = this.#made(plan)));
		return found;
	}

	/** Configurations that do not affect a function share one result. */
	#made(plan: FunctionPlan): Live {
		const known = variants.get(plan) ?? { asked: askedBy(plan), live: new Map() };
		variants.set(plan, known);
		const key = known.asked.map((i) => (this.expressions[i] ? 1 : 0)).join('');
		let found = known.live.get(key);
		if (!found) known.live.set(key, (found = this.#fold(plan)));
		return found;
	}

	#fold(plan: FunctionPlan): Live {
		const references = new References();
		if (!plan.flow) {
			const code = folded(plan.code!, this.expressions);
			references.add(code);
			return { plan, code, references };
		}
		const flow = fold(plan.flow, this.expressions);
		for (const i of flow.reachable) {
			const { ops, end } = flow.blocks[i];
			for (const { js } of ops) references.add(js);
			if (end.t === 'call') {
				references.calls.add(end.callee);
				references.add(end.before + end.args);
			} else if (end.t !== 'goto') references.add(end.js);
		}
		return { plan, flow, references };
	}
}

/** The constants that folding a function depends on, and the results so far. */
const variants = new WeakMap<FunctionPlan, { asked: number[]; live: Map<string, Live> }>();

function askedBy({ code = '', flow }: FunctionPlan): number[] {
	const asked = new Set(conditionsIn(code));
	for (const { ops, end } of flow?.blocks ?? []) {
		for (const { js } of ops) for (const i of conditionsIn(js)) asked.add(i);
		if (end.t === 'branch' && end.constant !== undefined) asked.add(end.constant);
		const text = end.t === 'goto' ? '' : end.t === 'call' ? end.before + end.args : end.js;
		for (const i of conditionsIn(text)) asked.add(i);
	}
	return [...asked];
}

type Tables = Pick<Reached, 'tables' | 'expressions'>;

/** The tables that a dispatcher can find, if these are all, with what they have for it. */
export function casesOf(
	plan: Plan,
	{ tables, expressions }: Tables,
	dispatcher: string,
): DispatchPlan['cases'] {
	const { cases } = plan.dispatch[dispatcher];
	return cases.filter(
		({ id, when }) => tables.has(id) && (when === undefined || expressions[when] !== 0),
	);
}

/** The functions that a dispatcher can call. */
export function calleesOf(plan: Plan, tables: Tables, dispatcher: string): string[] {
	return [...new Set(casesOf(plan, tables, dispatcher).map((c) => c.callee))];
}
