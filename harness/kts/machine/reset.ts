// SPDX-License-Identifier: GPL-2.0-only
/** Code that resets a slot of a pool, or another struct, to its initial contents. */
import type { FieldPlan, Plan } from '../plan.ts';

/**
 * A function for every struct in a pool or with a call of reset_struct(), and for structs within.
 * Fields that are never assigned have their initial contents already.
 */
export function resetters(plan: Plan, assigned: ReadonlySet<string>): string {
	const wanted = new Set<string>();
	for (const name of plan.resets) wanted.add(name);
	const fields = [...plan.globals, ...plan.structs.flatMap((s) => s.fields)];
	for (const f of fields) if (f.kind === 'pool') wanted.add(f.cls!);
	// structs come before those that embed them
	const out: string[] = [];
	for (const { name, fields } of [...plan.structs].reverse()) {
		if (!wanted.has(name)) continue;
		const text = fields.map((f) => one(f, name, assigned));
		for (const f of fields) if (f.cls && isEmbedded(f)) wanted.add(f.cls);
		out.push(`function reset$${name}(p){${text.join('')}}`);
	}
	return out.join('\n');
}

const isEmbedded = ({ kind }: FieldPlan): boolean =>
	kind === 'struct' || kind === 'structs' || kind === 'pool';

function one(f: FieldPlan, struct: string, assigned: ReadonlySet<string>): string {
	const path = `${struct}.${f.name}`;
	const at = `p+@+o${path}@`;
	if (f.kind === 'struct') return `reset$${f.cls}(${at});`;
	const touched = assigned.has(path);
	if (f.kind === 'structs' || f.kind === 'pool') {
		const slot = f.kind === 'pool' ? 1 : 0;
		const free = slot === 1 && touched ? 'W(a,0);' : '';
		const all = `i<@n${path}@;i++,a+=@e${path}@`;
		return `for(let i=0,a=${at};${all}){${free}reset$${f.cls}(a+${slot});}`;
	}
	if (!touched) return '';
	if (f.length === undefined) return `W(${at},${f.initial ?? '0'});`;
	return `for(let i=0,a=${at};i<@n${path}@;i++)W(a+i,0);`;
}
