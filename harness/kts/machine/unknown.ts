// SPDX-License-Identifier: GPL-2.0-only
/**
 * A hook that is off is not there: a module that calls what the kernel of a configuration does not
 * export, or fills an operation or uses a field that it does not have, is refused when the machine
 * is made, as a module loader and a compiler would. Only code that can be reached counts.
 *
 * Interface: refuseUnknown unknownOf unknownText UnknownSymbolError
 */
import type { Artifact } from '../../engine/machine.ts';
import type { Plan, UsePlan } from '../plan.ts';
import { evaluate } from './layout.ts';
import { type Reached, reach } from './reach.ts';

/** What a module uses that is not there, and the symbol that is off. */
export type Unknown = Pick<UsePlan, 'file' | 'line' | 'name'> & { off: string };

/** The module cannot be loaded into this kernel: no machine, and no verdict. */
export class UnknownSymbolError extends Error {
	constructor(readonly unknown: readonly Unknown[]) {
		super(unknown.map(unknownText).join('\n'));
		this.name = 'UnknownSymbolError';
	}
}

export function unknownText({ file, line, name, off }: Unknown): string {
	const [owner, member] = name.split('.');
	const what = member === undefined ? `symbol ${name}` : `field ${member} of ${owner}`;
	return `${file}:${line}: unknown ${what} (${off} is off)`;
}

/** An answer, and the constant expressions that it depends on. */
interface Answer {
	read: number[];
	values: number[];
	unknown: Unknown[];
}
/** by the configuration without its symbols */
const answers = new WeakMap<Plan, Map<string, Answer[]>>();

/**
 * What modules use that a configuration has not, without a machine being made. `features`: the
 * configuration without its symbols, as JSON. Most symbols decide nothing in most machines: what is
 * known of one configuration is true of many.
 */
export function unknownOf(
	{ meta }: Pick<Artifact, 'meta'>,
	features: string,
	symbols: Readonly<Record<string, number>>,
): Unknown[] {
	const plan = meta as Plan;
	const { expressions } = evaluate(plan, { ...JSON.parse(features), ...symbols });
	const all = answers.get(plan) ?? new Map<string, Answer[]>();
	answers.set(plan, all);
	const known = all.get(features) ?? [];
	all.set(features, known);
	let found = known.find(({ read, values }) => read.every((i, n) => expressions[i] === values[n]));
	if (!found) known.push((found = answerOf(plan, expressions)));
	return found.unknown;
}

function answerOf(plan: Plan, expressions: number[]): Answer {
	const seen = new Set<number>();
	const noting = new Proxy(expressions, {
		get: (target, name) => {
			if (typeof name === 'string' && /^[0-9]+$/.test(name)) seen.add(Number(name));
			return Reflect.get(target, name);
		},
	});
	const unknown = unknownIn(plan, reach(plan, noting));
	const read = [...seen];
	return { read, values: read.map((i) => expressions[i]), unknown };
}

function unknownIn(plan: Plan, reached: Reached): Unknown[] {
	return usesOf(plan, reached).flatMap((use): Unknown[] => {
		const { file, line, name, needs } = plan.uses[use];
		const off = needs.find(({ on }) => reached.expressions[on] === 0)?.symbol;
		return off === undefined ? [] : [{ file, line, name, off }];
	});
}

export function refuseUnknown(plan: Plan, reached: Reached): void {
	const unknown = unknownIn(plan, reached);
	if (unknown.length > 0) throw new UnknownSymbolError(unknown);
}

/** In the order of the source. */
function usesOf(plan: Plan, { functions, tables, expressions }: Reached): number[] {
	const uses = new Set(functions.flatMap(({ references }) => [...references.uses]));
	for (const id of tables)
		for (const { use, when } of plan.operations[id - 1].fills ?? [])
			if (when === undefined || expressions[when] !== 0) uses.add(use);
	return [...uses].sort((a, b) => a - b);
}
