// SPDX-License-Identifier: GPL-2.0-only
/**
 * Constant expressions: literals, constants, config(), and operators on them. They are kept as
 * JavaScript over the constants' names and get their values when a machine is made.
 */
import { ts } from 'ts-morph';
import type { Context } from './context.ts';
import { tryKind } from './kinds.ts';

const SK = ts.SyntaxKind;
const BINARY = new Map<ts.SyntaxKind, (a: string, b: string) => string>([
	[SK.PlusToken, (a, b) => `(${a}+${b}|0)`],
	[SK.MinusToken, (a, b) => `(${a}-${b}|0)`],
	[SK.AsteriskToken, (a, b) => `Math.imul(${a},${b})`],
	[SK.SlashToken, (a, b) => `(${a}/${b}|0)`],
	[SK.PercentToken, (a, b) => `(${a}%${b}|0)`],
	[SK.GreaterThanGreaterThanGreaterThanToken, (a, b) => `(${a}>>>${b}|0)`],
	...(['&', '|', '^', '<<', '>>', '<', '>', '<=', '>=', '===', '!==', '&&', '||'] as const).map(
		(op) => [tokenOf(op), (a: string, b: string) => `(${a}${op}${b})`] as const,
	),
]);

function tokenOf(op: string): ts.SyntaxKind {
	const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, undefined, op);
	const first = scanner.scan();
	return first === SK.GreaterThanToken ? scanner.reScanGreaterToken() : first;
}

/** The text of a constant expression; undefined if it is not constant. */
export function constantText(cx: Context, e: ts.Expression): string | undefined {
	if (ts.isParenthesizedExpression(e)) return constantText(cx, e.expression);
	if (ts.isNumericLiteral(e)) return literalText(e);
	if (e.kind === SK.TrueKeyword) return 'true';
	if (e.kind === SK.FalseKeyword) return 'false';
	if (ts.isIdentifier(e)) return constantName(cx, e);
	if (ts.isCallExpression(e)) return configText(cx, e);
	if (ts.isPrefixUnaryExpression(e)) return unaryText(cx, e);
	if (ts.isConditionalExpression(e)) {
		const parts = [e.condition, e.whenTrue, e.whenFalse].map((x) => constantText(cx, x));
		return parts.includes(undefined) ? undefined : `(${parts[0]}?${parts[1]}:${parts[2]})`;
	}
	if (!ts.isBinaryExpression(e)) return undefined;
	const make = BINARY.get(e.operatorToken.kind);
	const a = make && constantText(cx, e.left);
	const b = a && constantText(cx, e.right);
	return a && b && make!(a, b);
}

function literalText(e: ts.NumericLiteral): string | undefined {
	const v = Number(e.text);
	return Number.isInteger(v) && v <= 0xffffffff ? asText(v | 0) : undefined;
}

const asText = (v: number): string => (v < 0 ? `(${v})` : String(v));

function unaryText(cx: Context, e: ts.PrefixUnaryExpression): string | undefined {
	const a = constantText(cx, e.operand);
	if (a === undefined) return undefined;
	if (e.operator === SK.MinusToken) return `(-${a}|0)`;
	if (e.operator === SK.TildeToken) return `(~${a})`;
	if (e.operator === SK.ExclamationToken) return `(!${a})`;
	return undefined;
}

/** config('NAME', default) */
function configText(cx: Context, e: ts.CallExpression): string | undefined {
	if (cx.preludeName(e.expression) !== 'config') return undefined;
	const [name, dflt] = e.arguments;
	const js = dflt && constantText(cx, dflt);
	if (!name || !ts.isStringLiteral(name) || js === undefined) {
		cx.refuse(e, 'K021', 'config() takes a literal name and a constant');
		return '0';
	}
	const known = cx.plan.config.find((c) => c.name === name.text);
	if (known && known.js !== js)
		cx.refuse(e, 'K021', `config('${name.text}') has another default elsewhere`);
	if (!known) cx.plan.config.push({ name: name.text, js });
	return `$config(${JSON.stringify(name.text)},${js})`;
}

/** The name of a top-level constant, put into the plan after those that it needs. */
function constantName(cx: Context, id: ts.Identifier): string | undefined {
	const s = cx.symbol(id);
	return s && constantOf(cx, s);
}

export function constantOf(cx: Context, s: ts.Symbol): string | undefined {
	const d = cx.consts.get(s);
	if (!d) return undefined;
	if (cx.constants.has(s)) return cx.constants.get(s);
	cx.constants.set(s, undefined); // ends a cycle
	const kind = d.initializer && tryKind(cx, cx.checker.getTypeAtLocation(d.name))?.kind;
	if (kind !== 'int' && kind !== 'bool') return undefined;
	const js = constantText(cx, d.initializer!);
	if (js === undefined) return undefined;
	cx.claim(d.name as ts.Identifier);
	cx.plan.constants.push({ name: s.name, js, bool: kind === 'bool' });
	cx.constants.set(s, s.name);
	return s.name;
}

/** A constant expression in the generated code; undefined if it is not constant. */
export function constantToken(cx: Context, e: ts.Expression): string | undefined {
	const text = constantText(cx, e);
	if (text === undefined) return undefined;
	const bool = tryKind(cx, cx.checker.getTypeAtLocation(e))?.kind === 'bool';
	return cx.token(text, bool);
}

/** The constants without which a condition cannot be true, if there are any. */
export const neededFor = (cx: Context, e: ts.Expression): string | undefined =>
	decisive(cx, e, true);
/** The constants with which a condition cannot be false, if there are any. */
export const sureFor = (cx: Context, e: ts.Expression): string | undefined =>
	decisive(cx, e, false);

function decisive(cx: Context, e: ts.Expression, needed: boolean): string | undefined {
	if (ts.isParenthesizedExpression(e)) return decisive(cx, e.expression, needed);
	const constant = constantText(cx, e);
	if (constant !== undefined) return constant;
	if (ts.isPrefixUnaryExpression(e) && e.operator === SK.ExclamationToken) {
		const other = decisive(cx, e.operand, !needed);
		return other && `(!${other})`;
	}
	const operator = needed ? SK.AmpersandAmpersandToken : SK.BarBarToken;
	if (!ts.isBinaryExpression(e) || e.operatorToken.kind !== operator) return undefined;
	const [a, b] = [decisive(cx, e.left, needed), decisive(cx, e.right, needed)];
	return a !== undefined && b !== undefined ? `(${a}${needed ? '&&' : '||'}${b})` : (a ?? b);
}
