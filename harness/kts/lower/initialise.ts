// SPDX-License-Identifier: GPL-2.0-only
/** Code that gives structs their initial contents, where those are other than zero. */
import { type FieldPlan, KINDS_EMBEDDED } from '../plan.ts';
import type { Context } from './context.ts';

/** A function for every struct, and one for all globals. */
export function initialisers(cx: Context): string {
	const nonzero = new Set<string>();
	const out = cx.plan.structs.map(({ name, fields }) => {
		const text = fields
			.map((f) => one(f, `p+@+o${name}.${f.name}@`, `${name}.${f.name}`, nonzero))
			.join('');
		if (text) nonzero.add(name);
		return `function init$${name}(p){${text}}`;
	});
	const globals = cx.plan.globals.map((f) => one(f, `@+g${f.name}@`, f.name, nonzero));
	return [...out, `function init$globals(){${globals.join('')}}`].join('\n');
}

/** `nonzero`: the structs, among those before, that need it. */
function one(f: FieldPlan, at: string, path: string, nonzero: Set<string>): string {
	if (!KINDS_EMBEDDED.has(f.kind)) return f.initial ? `W(${at},${f.initial});` : '';
	if (!f.cls || !nonzero.has(f.cls)) return '';
	if (f.kind === 'struct') return `init$${f.cls}(${at});`;
	if (f.kind === 'ptrs') return '';
	// a pool's slot has its "allocated" word before the struct
	const first = f.kind === 'pool' ? '1+' : '';
	return `for(let i=0;i<@n${path}@;i++)init$${f.cls}(${first}${at}+i*@e${path}@);`;
}
