// SPDX-License-Identifier: GPL-2.0-only
/**
 * The locals that a piece of code reads. The target of a plain assignment is not read; assignments
 * within a piece are not certain to happen, so they do not count as overwriting.
 */
import { ts } from 'ts-morph';
import type { FunctionContext } from './context.ts';

export function readsOf(fx: FunctionContext, n: ts.Node | undefined): number[] {
	const out = new Set<number>();
	if (n) walk(fx, n, out);
	return [...out];
}

function walk(fx: FunctionContext, n: ts.Node, out: Set<number>): void {
	if (ts.isIdentifier(n)) {
		const local = isWrittenOnly(n) ? undefined : fx.local(n);
		if (local !== undefined && !fx.plans[local].inner) out.add(local);
	} else ts.forEachChild(n, (c) => walk(fx, c, out));
}

function isWrittenOnly(id: ts.Identifier): boolean {
	const p = id.parent;
	if (ts.isPropertyAccessExpression(p) && p.name === id) return true;
	if (!ts.isBinaryExpression(p) || p.left !== id) return false;
	return p.operatorToken.kind === ts.SyntaxKind.EqualsToken;
}
