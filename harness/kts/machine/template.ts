// SPDX-License-Identifier: GPL-2.0-only
/**
 * What a configuration leaves of a template, and its references. plan.ts describes the tokens: the
 * text between an odd `@` and the next one is a token.
 */

/** A template without the alternatives that a configuration does not choose. */
export function folded(template: string, expressions: readonly number[]): string {
	if (!template.includes('@?')) return template;
	const out: string[] = [];
	/** of the alternatives that are open: is the first chosen, and is what is around them? */
	const open: { first: boolean; around: boolean }[] = [];
	let kept = true;
	for (const [i, part] of template.split('@').entries()) {
		const kind = i % 2 === 1 ? part[0] : '';
		if (kind === '?') {
			const first = expressions[Number(part.slice(1))] !== 0;
			open.push({ first, around: kept });
			kept &&= first;
		} else if (part === ':' && kind !== '') {
			const { first, around } = open[open.length - 1];
			kept = around && !first;
		} else if (part === '.' && kind !== '') {
			kept = open.pop()!.around;
		} else if (kept) out.push(i % 2 === 1 ? `@${part}@` : part);
	}
	return out.join('');
}

/** The constant expressions that folded() asks for. */
export function conditionsIn(template: string): number[] {
	const parts = template.includes('@?') ? template.split('@') : [];
	return parts.flatMap((part, i) =>
		i % 2 === 1 && part.startsWith('?') ? [Number(part.slice(1))] : [],
	);
}

/** The references of code. */
export class References {
	/** functions, dispatchers and presence tests */
	readonly calls = new Set<string>();
	/** functions that tasks are started with */
	readonly spawns = new Set<string>();
	/** ids of operations tables */
	readonly tables = new Set<number>();
	/** STRUCT.FIELD, or the name of a global */
	readonly assigns = new Set<string>();
	/** numbers of uses of what the kernel has only with some symbols */
	readonly uses = new Set<number>();

	/** Adds the references of a folded template. */
	add(template: string): void {
		const tokens = template.split('@').filter((_, i) => i % 2 === 1);
		for (const token of tokens) {
			const kind = token[0];
			const name = token.slice(1);
			if (kind === '>') this.calls.add(name);
			else if (kind === '*') this.spawns.add(name);
			else if (kind === '=') this.assigns.add(name);
			else if (kind === '#') this.tables.add(Number(name));
			else if (kind === '~') this.uses.add(Number(name));
			else if (kind === '+')
				for (const [, use] of name.matchAll(/~(\d+)/g)) this.uses.add(Number(use));
		}
	}
}
