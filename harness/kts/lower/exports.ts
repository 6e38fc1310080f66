// SPDX-License-Identifier: GPL-2.0-only
/**
 * Exports that a kernel has only with some of its symbols, from kconfig() of the prelude, and their
 * uses in the code of modules. The kernel is the folder of that table, and the harness around it;
 * all other code is a module.
 */
import { ts } from 'ts-morph';
import type { UsePlan } from '../plan.ts';
import { constantOf } from './constants.ts';
import type { Context } from './context.ts';
import { relative } from './program.ts';

const HARNESS = 'harness/';
const SYMBOL = 'CONFIG_';

/** A kernel's folder, and by name what it has only with some symbols. */
export interface Exports {
	kernel: string;
	needs: Map<string, UsePlan['needs']>;
}

/** Reads the tables. If several entries list a name, all their symbols must be on. */
export function readExports(cx: Context): void {
	for (const d of cx.consts.values()) {
		const call = d.initializer;
		if (!call || !ts.isCallExpression(call) || cx.preludeName(call.expression) !== 'kconfig')
			continue;
		const file = relative(cx.program.root, d.getSourceFile());
		const exports: Exports = { kernel: file.slice(0, file.indexOf('/') + 1), needs: new Map() };
		cx.exports.push(exports);
		const [table] = call.arguments;
		if (table && ts.isArrayLiteralExpression(table))
			for (const entry of table.elements) readEntry(cx, entry, exports);
		else cx.refuse(call, 'K021', 'kconfig() takes a list of literals');
	}
}

function readEntry(cx: Context, entry: ts.Expression, { needs }: Exports): void {
	const property = (name: string): ts.Expression | undefined =>
		ts.isObjectLiteralExpression(entry)
			? entry.properties
					.filter(ts.isPropertyAssignment)
					.find((p) => ts.isIdentifier(p.name) && p.name.text === name)?.initializer
			: undefined;
	const name = property('name');
	const list = property('exports');
	if (!list) return;
	const names = ts.isArrayLiteralExpression(list) ? list.elements : [];
	if (!name || !ts.isStringLiteral(name) || !names.every(ts.isStringLiteral)) {
		cx.refuse(entry, 'K021', '`name` and `exports` of a symbol are literals');
		return;
	}
	const on = constantNamed(cx, `${SYMBOL}${name.text}`);
	if (on === undefined) {
		cx.refuse(name, 'K021', `there is no constant ${SYMBOL}${name.text}`);
		return;
	}
	for (const e of names as ts.StringLiteral[])
		needs.set(e.text, [...(needs.get(e.text) ?? []), { symbol: name.text, on }]);
}

/** The constant expression of a top-level constant. */
function constantNamed(cx: Context, name: string): number | undefined {
	const found = [...cx.consts.keys()].find((s) => s.name === name);
	const text = found && constantOf(cx, found);
	return text === undefined ? undefined : cx.expression(text);
}

/**
 * Notes that a module uses something at `at`: the number of the use in the plan, if the kernel has
 * that only with some symbols. `declared`: where it is declared, if a module may have one of the
 * same name.
 */
export function useOf(
	cx: Context,
	at: ts.Node,
	name: string,
	declared?: ts.Node,
): number | undefined {
	for (const { kernel, needs } of cx.exports) {
		const wanted = needs.get(name);
		if (!wanted || !isModule(cx, at, kernel)) continue;
		if (declared && isModule(cx, declared, kernel)) continue;
		const { file, line } = cx.position(at);
		return cx.plan.uses.push({ file, line, name, needs: wanted }) - 1;
	}
	return undefined;
}

function isModule(cx: Context, n: ts.Node, kernel: string): boolean {
	const file = relative(cx.program.root, n.getSourceFile());
	return !file.startsWith(kernel) && !file.startsWith(HARNESS);
}

/** Marks the place of the use; it makes no code. */
export const useToken = (use: number | undefined): string => (use === undefined ? '' : `@~${use}@`);
