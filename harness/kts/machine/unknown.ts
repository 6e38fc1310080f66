// SPDX-License-Identifier: GPL-2.0-only
/**
 * A hook that is off is not there: a module that calls what the kernel of a configuration does not
 * export, or fills an operation or uses a field that it does not have, is refused when the machine
 * is made, as a module loader and a compiler would. Only code that can be reached counts.
 *
 * Interface: refuseUnknown UnknownSymbolError
 */
import type { Plan, UsePlan } from '../plan.ts';
import type { Reached } from './reach.ts';

/** What a module uses that is not there, and the symbol that is off. */
export type Unknown = Pick<UsePlan, 'file' | 'line' | 'name'> & { off: string };

/** The module cannot be loaded into this kernel: no machine, and no verdict. */
export class UnknownSymbolError extends Error {
	constructor(readonly unknown: readonly Unknown[]) {
		super(unknown.map(text).join('\n'));
		this.name = 'UnknownSymbolError';
	}
}

function text({ file, line, name, off }: Unknown): string {
	const [owner, member] = name.split('.');
	const what = member === undefined ? `symbol ${name}` : `field ${member} of ${owner}`;
	return `${file}:${line}: unknown ${what} (${off} is off)`;
}

export function refuseUnknown(plan: Plan, reached: Reached): void {
	const unknown: Unknown[] = [];
	for (const use of usesOf(plan, reached)) {
		const { file, line, name, needs } = plan.uses[use];
		const off = needs.find(({ on }) => reached.expressions[on] === 0)?.symbol;
		if (off !== undefined) unknown.push({ file, line, name, off });
	}
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
