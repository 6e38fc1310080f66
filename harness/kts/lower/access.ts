// SPDX-License-Identifier: GPL-2.0-only
/**
 * The description of an access to a field of a freed struct. It depends only on the syntax, so both
 * executors print the same.
 */
import { ts } from 'ts-morph';

const SK = ts.SyntaxKind;
type Field = ts.PropertyAccessExpression;

/** Without parentheses and `!` around it, as far as they go. */
function outermost(e: ts.Expression): ts.Expression {
	const p = e.parent;
	const same = ts.isParenthesizedExpression(p) || ts.isNonNullExpression(p);
	const element = ts.isElementAccessExpression(p) && p.expression === e;
	return same || element ? outermost(p) : e;
}

function isWritten(field: Field): boolean {
	const e = outermost(field);
	const p = e.parent;
	if (ts.isBinaryExpression(p) && p.left === e) {
		const { kind } = p.operatorToken;
		return kind >= SK.FirstAssignment && kind <= SK.LastAssignment;
	}
	if (!ts.isPrefixUnaryExpression(p) && !ts.isPostfixUnaryExpression(p)) return false;
	return p.operator === SK.PlusPlusToken || p.operator === SK.MinusMinusToken;
}

/** `read of .flags in shrink_cache` */
export function accessTo(field: Field): string {
	const f = ts.findAncestor(field, ts.isFunctionDeclaration)?.name?.text;
	return `${isWritten(field) ? 'write' : 'read'} of .${field.name.text} in ${f}`;
}

/**
 * May the right side of an assignment free the struct of its left side? Then the struct is checked
 * again before the write.
 */
export function mayFree(assignment: ts.BinaryExpression): boolean {
	const calls = (n: ts.Node): boolean =>
		ts.isCallExpression(n) || !!ts.forEachChild(n, (c) => calls(c) || undefined);
	return calls(assignment.right);
}
