// SPDX-License-Identifier: GPL-2.0-only
/** Assignments to locals (variables of the generated code) and to places (journalled writes, W). */
import { ts } from 'ts-morph';
import type { FunctionContext } from './context.ts';
import { arithmetic, value, word } from './expression.ts';
import { kindOf, mustMatch } from './kinds.ts';
import type { Place } from './place.ts';
import { addressText, readText, target, writeText } from './place.ts';

const SK = ts.SyntaxKind;
const COMPOUND = new Map<ts.SyntaxKind, ts.SyntaxKind>([
	[SK.PlusEqualsToken, SK.PlusToken],
	[SK.MinusEqualsToken, SK.MinusToken],
	[SK.AsteriskEqualsToken, SK.AsteriskToken],
	[SK.SlashEqualsToken, SK.SlashToken],
	[SK.PercentEqualsToken, SK.PercentToken],
	[SK.AmpersandEqualsToken, SK.AmpersandToken],
	[SK.BarEqualsToken, SK.BarToken],
	[SK.CaretEqualsToken, SK.CaretToken],
	[SK.LessThanLessThanEqualsToken, SK.LessThanLessThanToken],
	[SK.GreaterThanGreaterThanEqualsToken, SK.GreaterThanGreaterThanToken],
	[SK.GreaterThanGreaterThanGreaterThanEqualsToken, SK.GreaterThanGreaterThanGreaterThanToken],
]);

export type Assignment = ts.BinaryExpression & { readonly __assignment: never };

export function isAssignment(n: ts.Node): n is Assignment {
	if (!ts.isBinaryExpression(n)) return false;
	return n.operatorToken.kind === SK.EqualsToken || COMPOUND.has(n.operatorToken.kind);
}

/** Assigns, or counts up or down. */
export function changes(n: ts.Node): boolean {
	const unary = ts.isPrefixUnaryExpression(n) || ts.isPostfixUnaryExpression(n);
	const step = unary && (n.operator === SK.PlusPlusToken || n.operator === SK.MinusMinusToken);
	return step || isAssignment(n);
}

/** `used`: the assignment's own value is used. */
export function assignment(fx: FunctionContext, e: ts.BinaryExpression, used: boolean): string {
	const op = COMPOUND.get(e.operatorToken.kind);
	const local = fx.local(strip(e.left));
	if (!op) mustMatch(fx, e.right, kindOf(fx, e.left));
	if (local !== undefined) {
		const { js } = fx.plans[local];
		const v = op ? arithmetic(fx, e, op, e.left, js, e.right) : value(fx, e.right);
		return used ? `(${js}=${v})` : `${js}=${v}`;
	}
	const place = target(fx, e.left);
	if (!place) return '0';
	const text = op ? compound(fx, e, op, place) : store(fx, e, place, word(fx, e.right));
	return used && place.kind === 'bool' ? `(${text}!==0)` : text;
}

const strip = (e: ts.Expression): ts.Expression =>
	ts.isParenthesizedExpression(e) ? strip(e.expression) : e;

export const store = (fx: FunctionContext, e: ts.BinaryExpression, p: Place, v: string): string =>
	writeText(fx, e, p, addressText(p.address), v);

/** The address is evaluated once, and the old value read before the right side is evaluated. */
function compound(
	fx: FunctionContext,
	e: ts.BinaryExpression,
	op: ts.SyntaxKind,
	p: Place,
): string {
	const at = addressText(p.address);
	const s = p.address.dynamic ? fx.scratchName() : at;
	const v = arithmetic(fx, e, op, e.left, readText(s), e.right)!;
	return writeText(fx, e, p, p.address.dynamic ? `${s}=${at}` : at, v);
}

/** ++ and --; `want` says which value the expression has. */
export function step(
	fx: FunctionContext,
	operand: ts.Expression,
	operator: ts.SyntaxKind,
	want: 'old' | 'new' | 'none',
): string {
	const up = operator === SK.PlusPlusToken;
	if (kindOf(fx, operand).kind !== 'int')
		fx.cx.refuse(operand, 'K003', `'${operand.getText()}' is no int`);
	const local = fx.local(strip(operand));
	if (local === undefined) {
		const place = target(fx, operand);
		const helper = want === 'old' ? 'stepOld' : 'stepNew';
		if (!place) return '0';
		return `@=${place.path}@${helper}(${addressText(place.address)},${up ? 1 : -1})`;
	}
	const { js } = fx.plans[local];
	const next = `${js}=${js}${up ? '+' : '-'}1|0`;
	if (want === 'none') return next;
	return want === 'new' ? `(${next})` : `((${next})${up ? '-' : '+'}1|0)`;
}
