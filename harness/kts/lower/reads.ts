// SPDX-License-Identifier: GPL-2.0-only
/**
 * Which locals a piece of code reads. A plain assignment's target is not read; assignments within
 * a piece overwrite nothing for certain, so that they count neither way.
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
