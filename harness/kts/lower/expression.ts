// SPDX-License-Identifier: GPL-2.0-only
/**
 * Expressions without suspension. Ints, pointers and tables are numbers in the generated code,
 * bools are true and false; in the image all of them are words.
 */
import { ts } from 'ts-morph';
import { assignment, isAssignment, step } from './assignment.ts';
import { call } from './call.ts';
import { constantText, constantToken, neededFor, sureFor } from './constants.ts';
import type { FunctionContext } from './context.ts';
import { strip } from './context.ts';
import { kindOf, mustMatch } from './kinds.ts';
import { presenceName, tableId } from './operations.ts';
import { load, nonNull, placeOf } from './place.ts';

const SK = ts.SyntaxKind;

/** The value of an expression. */
export function value(fx: FunctionContext, e: ts.Expression): string {
	if (e.kind === SK.NullKeyword) return '0';
	const constant = constantToken(fx.cx, e);
	if (constant !== undefined) return constant;
	if (ts.isParenthesizedExpression(e)) return value(fx, e.expression);
	if (ts.isNonNullExpression(e)) return value(fx, e.expression);
	if (ts.isIdentifier(e)) return name(fx, e);
	if (ts.isPropertyAccessExpression(e) || ts.isElementAccessExpression(e)) return access(fx, e);
	if (ts.isConditionalExpression(e)) return conditional(fx, e);
	if (ts.isPrefixUnaryExpression(e)) return prefix(fx, e);
	if (ts.isPostfixUnaryExpression(e)) return step(fx, e.operand, e.operator, 'old');
	if (ts.isBinaryExpression(e)) return binary(fx, e);
	if (ts.isCallExpression(e)) return call(fx, e);
	return refused(fx, e);
}

/** An expression's value as a word of the image. */
export function word(fx: FunctionContext, e: ts.Expression): string {
	if (kindOf(fx, e).kind !== 'bool') return value(fx, e);
	const text = constantText(fx.cx, e);
	return text === undefined ? `(${value(fx, e)}?1:0)` : fx.cx.token(text, false);
}

/** An expression as a condition: a null pointer, a null table and 0 are false. */
export function condition(fx: FunctionContext, e: ts.Expression): string {
	const inner = strip(e);
	const constant = constantToken(fx.cx, inner);
	if (constant !== undefined) return constant;
	if (ts.isPrefixUnaryExpression(inner) && inner.operator === SK.ExclamationToken)
		return `!${condition(fx, inner.operand)}`;
	if (ts.isBinaryExpression(inner)) {
		const op = inner.operatorToken.kind;
		if (op === SK.AmpersandAmpersandToken || op === SK.BarBarToken)
			return logical(fx, inner, condition);
	}
	const member = presence(fx, inner);
	if (member) return member;
	const text = value(fx, inner);
	if (kindOf(fx, inner).kind === 'void')
		fx.cx.refuse(inner, 'K003', `'${inner.getText()}' has no value`);
	return text;
}

/** `&&` or `||`, with a constant on the left. */
function logical(
	fx: FunctionContext,
	e: ts.BinaryExpression,
	of: (fx: FunctionContext, e: ts.Expression) => string,
): string {
	const [a, b] = [of(fx, e.left), of(fx, e.right)];
	const and = e.operatorToken.kind === SK.AmpersandAmpersandToken;
	const both = `(${a}${and ? '&&' : '||'}${b})`;
	const constant = constantText(fx.cx, e.left);
	if (constant !== undefined) return chosen(fx, constant, and ? b : a, and ? a : b);
	// a constant further left may decide as well
	const decides = and ? neededFor(fx.cx, e.left) : sureFor(fx.cx, e.left);
	if (decides === undefined) return both;
	return chosen(fx, decides, and ? both : a, and ? a : both);
}

function conditional(fx: FunctionContext, e: ts.ConditionalExpression): string {
	const [yes, no] = [value(fx, e.whenTrue), value(fx, e.whenFalse)];
	const constant = constantText(fx.cx, e.condition);
	if (constant !== undefined) return `(${chosen(fx, constant, yes, no)})`;
	return `(${condition(fx, e.condition)}?${yes}:${no})`;
}

/** One of two texts; the configuration decides. */
export function chosen(fx: FunctionContext, constant: string, yes: string, no: string): string {
	return `@?${fx.cx.expression(constant)}@${yes}@:@${no}@.@`;
}

/** Evaluated for its effect alone. */
export function effect(fx: FunctionContext, e: ts.Expression): string {
	const inner = strip(e);
	if (ts.isBinaryExpression(inner)) {
		if (isAssignment(inner)) return assignment(fx, inner, false);
		if (inner.operatorToken.kind === SK.CommaToken)
			return `${effect(fx, inner.left)},${effect(fx, inner.right)}`;
	}
	if (ts.isPostfixUnaryExpression(inner)) return step(fx, inner.operand, inner.operator, 'none');
	return value(fx, inner);
}

/** Whether a table has an operation, where the expression names one. */
function presence(fx: FunctionContext, e: ts.Expression): string | undefined {
	if (!ts.isPropertyAccessExpression(e)) return undefined;
	const { kind, cls } = kindOfBase(fx, e);
	if (kind !== 'ops' || cls === undefined) return undefined;
	return `@>${presenceName(cls, e.name.text)}@(${nonNull(fx, e.expression)})`;
}

function kindOfBase(
	fx: FunctionContext,
	e: ts.PropertyAccessExpression,
): { kind: string; cls?: string } {
	const inner = strip(e.expression);
	const s = ts.isIdentifier(inner) ? fx.cx.symbol(inner) : undefined;
	// a namespace, an enum or a document's object: no value of the program
	if (s && !fx.locals.has(s) && !fx.cx.globals.has(s) && tableId(fx.cx, s) === undefined)
		return { kind: 'void' };
	return kindOf(fx, inner);
}

function name(fx: FunctionContext, e: ts.Identifier): string {
	const local = fx.local(e);
	if (local !== undefined) return fx.plans[local].js;
	const place = placeOf(fx, e);
	if (place) return load(fx, place, e);
	const s = fx.cx.symbol(e);
	const table = s && tableId(fx.cx, s);
	if (table !== undefined) return `@#${table}@`;
	if (s && fx.cx.functions.has(s)) fx.cx.refuse(e, 'K010', `'${e.text}' is used as a value`);
	else fx.cx.refuse(e, 'K003', `'${e.text}' is no variable, constant or global of the program`);
	return '0';
}

function access(
	fx: FunctionContext,
	e: ts.PropertyAccessExpression | ts.ElementAccessExpression,
): string {
	if (e.questionDotToken) return refused(fx, e);
	const before = fx.cx.diagnostics.length;
	const place = placeOf(fx, e);
	if (place) return load(fx, place, e);
	if (fx.cx.diagnostics.length > before) return '0';
	const operation = ts.isPropertyAccessExpression(e) && kindOfBase(fx, e).kind === 'ops';
	if (operation) fx.cx.refuse(e, 'K010', `'${e.getText()}' is used as a value`);
	else fx.cx.refuse(e, 'K003', `'${e.getText()}' is no field of a struct`);
	return '0';
}

function prefix(fx: FunctionContext, e: ts.PrefixUnaryExpression): string {
	if (e.operator === SK.PlusPlusToken || e.operator === SK.MinusMinusToken)
		return step(fx, e.operand, e.operator, 'new');
	if (e.operator === SK.ExclamationToken) return `!${condition(fx, e.operand)}`;
	mustBeInt(fx, e.operand);
	if (e.operator === SK.MinusToken) return `(-${value(fx, e.operand)}|0)`;
	if (e.operator === SK.TildeToken) return `(~${value(fx, e.operand)})`;
	return value(fx, e.operand);
}

function binary(fx: FunctionContext, e: ts.BinaryExpression): string {
	const op = e.operatorToken.kind;
	if (isAssignment(e)) return assignment(fx, e, true);
	if (op === SK.CommaToken) return `(${effect(fx, e.left)},${value(fx, e.right)})`;
	if (op === SK.AmpersandAmpersandToken || op === SK.BarBarToken) {
		kindOf(fx, e); // both sides must be of one kind where the result is a value
		return logical(fx, e, value);
	}
	if (op === SK.EqualsEqualsEqualsToken || op === SK.ExclamationEqualsEqualsToken)
		return equality(fx, e, op === SK.ExclamationEqualsEqualsToken);
	return arithmetic(fx, e, op, e.left, value(fx, e.left), e.right) ?? refused(fx, e);
}

function equality(fx: FunctionContext, e: ts.BinaryExpression, negated: boolean): string {
	const [a, b] = [strip(e.left), strip(e.right)];
	const nulls = [a, b].filter((x) => x.kind === SK.NullKeyword).length;
	const member = nulls === 1 && presence(fx, a.kind === SK.NullKeyword ? b : a);
	if (member) return negated ? member : `!${member}`;
	if (nulls === 0) mustMatch(fx, a, kindOf(fx, b));
	return `(${value(fx, a)}${negated ? '!==' : '==='}${value(fx, b)})`;
}

/** `a op right`, where `a` is the value of `left`; the arithmetic is that of 32-bit words. */
export function arithmetic(
	fx: FunctionContext,
	e: ts.Expression,
	op: ts.SyntaxKind,
	left: ts.Expression,
	a: string,
	right: ts.Expression,
): string | undefined {
	const make = OPERATORS.get(op);
	if (!make) return undefined;
	mustBeInt(fx, left);
	mustBeInt(fx, right);
	const b = value(fx, right);
	const needsTrap = (op === SK.SlashToken || op === SK.PercentToken) && !/^[1-9]\d*$/.test(b);
	if (!needsTrap) return make(a, b);
	const helper = op === SK.SlashToken ? 'div' : 'mod';
	return `${helper}(${a},${b},${fx.trap(e, 'BUG', 'division by zero')})`;
}

const OPERATORS = new Map<ts.SyntaxKind, (a: string, b: string) => string>([
	[SK.PlusToken, (a, b) => `(${a}+${b}|0)`],
	[SK.MinusToken, (a, b) => `(${a}-${b}|0)`],
	[SK.AsteriskToken, (a, b) => `Math.imul(${a},${b})`],
	[SK.SlashToken, (a, b) => `(${a}/${b}|0)`],
	[SK.PercentToken, (a, b) => `(${a}%${b}|0)`],
	[SK.AmpersandToken, (a, b) => `(${a}&${b})`],
	[SK.BarToken, (a, b) => `(${a}|${b})`],
	[SK.CaretToken, (a, b) => `(${a}^${b})`],
	[SK.LessThanLessThanToken, (a, b) => `(${a}<<${b})`],
	[SK.GreaterThanGreaterThanToken, (a, b) => `(${a}>>${b})`],
	[SK.GreaterThanGreaterThanGreaterThanToken, (a, b) => `(${a}>>>${b}|0)`],
	[SK.LessThanToken, (a, b) => `(${a}<${b})`],
	[SK.GreaterThanToken, (a, b) => `(${a}>${b})`],
	[SK.LessThanEqualsToken, (a, b) => `(${a}<=${b})`],
	[SK.GreaterThanEqualsToken, (a, b) => `(${a}>=${b})`],
]);

export const isArithmetic = (op: ts.SyntaxKind): boolean => OPERATORS.has(op);

function mustBeInt(fx: FunctionContext, e: ts.Expression): void {
	if (kindOf(fx, e).kind !== 'int') fx.cx.refuse(e, 'K003', `'${e.getText()}' is no int`);
}

function refused(fx: FunctionContext, e: ts.Expression): string {
	const text = e.getText().split('\n')[0].slice(0, 40);
	if (ts.isNumericLiteral(e)) fx.cx.refuse(e, 'K022', `${text} is no 32-bit integer`);
	else if (ts.isArrowFunction(e) || ts.isFunctionExpression(e))
		fx.cx.refuse(e, 'K016', 'a closure where none is allowed');
	else if (ts.isYieldExpression(e)) fx.cx.refuse(e, 'K015', 'yield* where none is allowed');
	else fx.cx.refuse(e, 'K003', `'${text}' (${SK[e.kind]})`);
	return '0';
}
