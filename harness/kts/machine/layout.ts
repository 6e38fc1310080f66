// SPDX-License-Identifier: GPL-2.0-only
/**
 * A plan with a configuration: the constants' values, every struct's size and offsets, every
 * global's address; and the text of templates with their tokens resolved.
 */
import type { Field, Struct } from '../../engine/machine.ts';
import type { FieldPlan, Plan } from '../plan.ts';
import { Checks } from './sanitize.ts';

/** Words below this are never used, so 0 is never an address. */
const FIRST_ADDRESS = 1;

export interface Values {
	constants: Record<string, number>;
	config: Record<string, number>;
	/** values of plan.expressions */
	expressions: number[];
}

/** The constants of a plan as a function of config(); made once. */
type Evaluator = (config: (name: string, dflt: number) => number) => [unknown[], unknown[]];
const evaluators = new WeakMap<Plan, Evaluator>();

function evaluatorOf(plan: Plan): Evaluator {
	const found = evaluators.get(plan);
	if (found) return found;
	const body = [
		...plan.constants.map((c) => `const ${c.name}=${c.js};`),
		`return [[${plan.constants.map((c) => c.name).join(',')}],[${plan.expressions.join(',')}]];`,
	];
	const made = new Function('$config', body.join('\n')) as Evaluator;
	evaluators.set(plan, made);
	return made;
}

/** Evaluates the constants. Unknown names in `config` are an error. */
export function evaluate(plan: Plan, config: Record<string, number>): Values {
	for (const name of Object.keys(config)) {
		if (plan.config.some((c) => c.name === name)) continue;
		const known = plan.config.map((c) => c.name).sort();
		throw new Error(`unknown configuration symbol '${name}'; known: ${known.join(' ')}`);
	}
	const used: Record<string, number> = {};
	const read = (name: string, dflt: number): number => {
		used[name] = config[name] ?? Number(dflt);
		return used[name];
	};
	const [constants, expressions] = evaluatorOf(plan)(read);
	return {
		constants: Object.fromEntries(plan.constants.map((c, i) => [c.name, Number(constants[i])])),
		config: used,
		expressions: expressions.map(Number),
	};
}

/** The prefix of names of symbols. */
const SYMBOL = 'CONFIG_';
const symbolic = new WeakMap<Plan, Set<string>>();

/**
 * Does a constant depend on a symbol? It decides code and lengths of arrays; the machine does not
 * export it, so nothing outside can depend on it.
 */
export function isOfSymbols(plan: Plan, name: string): boolean {
	let found = symbolic.get(plan);
	if (!found) {
		found = new Set();
		for (const constant of plan.constants) {
			const words = constant.js.match(/[A-Za-z_$][\w$]*/g) ?? [];
			const of = words.some((word) => found?.has(word));
			if (of || constant.name.startsWith(SYMBOL)) found.add(constant.name);
		}
		symbolic.set(plan, found);
	}
	return found.has(name);
}

export class Layout {
	readonly structs: Record<string, Struct> = {};
	readonly globals: Record<string, Field> = {};
	/** the globals' end: stacks begin here */
	readonly end: number;
	/** addresses of words that are always 1: in front of globals that are guarded */
	readonly guards: number[] = [];
	readonly checks: Checks;
	readonly #paths = new Map<string, Field>();

	constructor(
		plan: Plan,
		readonly values: Values,
	) {
		for (const s of plan.structs) {
			const fields: Field[] = [];
			let size = 0;
			for (const f of s.fields) {
				const field = this.#place(f, size);
				this.#paths.set(`${s.name}.${f.name}`, field);
				fields.push(field);
				size += field.size;
			}
			this.structs[s.name] = { name: s.name, size, fields };
		}
		let address = FIRST_ADDRESS;
		const slots = new Set(
			[...plan.structs.flatMap((s) => s.fields), ...plan.globals]
				.filter((f) => f.kind === 'pool')
				.map((f) => f.cls),
		);
		for (const g of plan.globals) {
			// a struct of a type that pools have is like a slot that is always in use
			const guarded = g.kind === 'struct' && slots.has(g.cls);
			if (guarded) this.guards.push(address++);
			const field = this.#place(g, address);
			if (guarded) field.guarded = true;
			this.globals[g.name] = field;
			this.#paths.set(g.name, field);
			address += field.size;
		}
		this.end = address;
		this.checks = new Checks(this);
	}

	#place(f: FieldPlan, offset: number): Field {
		const field: Field = { name: f.name, kind: f.kind, offset, size: 1 };
		if (f.cls !== undefined) field.cls = f.cls;
		const struct = f.kind === 'struct' || f.kind === 'structs' || f.kind === 'pool';
		if (struct) field.size = this.structs[f.cls!].size;
		if (f.length === undefined) return field;
		field.n = this.values.expressions[f.length];
		if (!(field.n >= 0)) throw new Error(`'${f.name}' has a negative length: ${field.n}`);
		field.stride = field.size + (f.kind === 'pool' ? 1 : 0);
		field.size = field.n * field.stride;
		return field;
	}

	/** A folded template's text: tokens are described in plan.ts. `track`: accesses are. */
	resolve(template: string, track: boolean): string {
		return template.replace(/@([xbneski+()!>*#=~])([^@]*)@/g, (_, kind: string, ref: string) =>
			this.#token(kind, ref, track),
		);
	}

	#token(kind: string, ref: string, track: boolean): string {
		if (kind === '(') return track ? 'R(' : 'mem[';
		if (kind === ')') return track ? ')' : ']';
		if (kind === '!') return track ? 'N(a);' : '';
		if (kind === '=' || kind === '~') return '';
		if (kind === 'k') return this.#pointer(ref.split(','), track);
		if (kind === 'i') return this.#index(ref.split(','));
		if (kind === '>' || kind === '*' || kind === '#') return ref;
		if (kind === 'b') return String(this.values.expressions[Number(ref)] !== 0);
		const n = this.#number(kind, ref);
		return n < 0 ? `(${n})` : String(n);
	}

	/**
	 * The check of a pointer. That of a local is mostly inlined here: there are so many that V8 would
	 * not inline them all, and a call would take longer than the check.
	 */
	#pointer([cls, p, trap]: string[], track: boolean): string {
		const check = this.checks.of(cls);
		if (p === undefined) return check;
		if (check === 'nz') return `(${p}===0&&trap(${trap}),${p})`;
		if (check === 'nzSlot' && !track)
			return `((${p}===0||mem[${p}-1]===0)&&gone(${p},${trap}),${p})`;
		return `${check}(${p},${trap})`;
	}

	#index([path, i, trap]: string[]): string {
		const n = this.#paths.get(path)!.n!;
		if (i.includes('$')) return `((${i}<0||${i}>=${n})&&trap(${trap}),${i})`;
		return Number(i) < n ? i : `ix(${i},${n},${trap})`;
	}

	#number(kind: string, ref: string): number {
		switch (kind) {
			case 'x':
				return this.values.expressions[Number(ref)];
			case 'n':
				return this.#paths.get(ref)!.n!;
			case 'e':
				return this.#paths.get(ref)!.stride!;
			case 's':
				return this.structs[ref].size;
			default: {
				const refs = ref.split(',');
				const path = (r: string): string => r.slice(1).split('~', 1)[0];
				return refs.reduce((sum, r) => sum + this.#paths.get(path(r))!.offset, 0);
			}
		}
	}
}
