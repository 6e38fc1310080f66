// SPDX-License-Identifier: GPL-2.0-only
/**
 * What a word names, by the alias of int in its declaration: node_nr and the others. For TypeScript
 * they are the same type as int, so the text of the type decides.
 */
import { ts } from 'ts-morph';
import { NAMES } from '../../engine/machine.ts';
import type { Context } from './context.ts';

const ALIASES = new Map<string, number>([
	['int', NAMES.PLAIN],
	['node_nr', NAMES.NODE],
	['proc_nr', NAMES.PROC],
	['task_nr', NAMES.TASK],
	['value_t', NAMES.VALUE],
	['rom_nr', NAMES.CODE],
]);

/** One of NAMES; undefined for a type that is neither int nor one of its aliases. */
function namesOfType(cx: Context, type: ts.TypeNode): number | undefined {
	if (type.kind === ts.SyntaxKind.NumberKeyword) return NAMES.PLAIN;
	if (ts.isParenthesizedTypeNode(type)) return namesOfType(cx, type.type);
	if (!ts.isTypeReferenceNode(type)) return undefined;
	const s = cx.symbol(type.typeName);
	if (!s) return undefined;
	if (cx.isPrelude(s) && ALIASES.has(s.name)) return ALIASES.get(s.name);
	// what a sleeping function returns when it is done
	if (cx.isPrelude(s) && s.name === 'Sleeps')
		return type.typeArguments ? namesOfType(cx, type.typeArguments[0]) : undefined;
	const alias = s.declarations?.find(ts.isTypeAliasDeclaration);
	return alias && namesOfType(cx, alias.type);
}

type Declaration = ts.VariableDeclaration | ts.ParameterDeclaration | ts.PropertyDeclaration;
const isDeclaration = (n: ts.Node): n is Declaration =>
	ts.isVariableDeclaration(n) || ts.isParameter(n) || ts.isPropertyDeclaration(n);

/** What a local, parameter, field or global names: as its type or else its initial value says. */
export function namesOfDeclaration(cx: Context, d: ts.Node): number {
	if (!isDeclaration(d)) return NAMES.PLAIN;
	if (d.type) return namesOfType(cx, d.type) ?? NAMES.PLAIN;
	return d.initializer ? namesOf(cx, d.initializer) : NAMES.PLAIN;
}

/** What the elements of an array of ints name: `ints<node_nr>(n)`, or its declared type. */
export function namesOfElements(cx: Context, array: Declaration): number {
	const call = array.initializer;
	const declared = array.type && ts.isTypeReferenceNode(array.type) ? array.type : undefined;
	const [type] = [
		...((call && ts.isCallExpression(call) && call.typeArguments) || []),
		...(declared?.typeArguments ?? []),
	];
	if (!type) return NAMES.PLAIN;
	const names = namesOfType(cx, type);
	if (names === undefined) cx.refuse(type, 'K004', `'${type.getText()}' as a type of ints`);
	return names ?? NAMES.PLAIN;
}

/** What an expression's value names; PLAIN for computed values. */
export function namesOf(cx: Context, e: ts.Expression): number {
	if (ts.isParenthesizedExpression(e) || ts.isNonNullExpression(e))
		return namesOf(cx, e.expression);
	if (ts.isYieldExpression(e)) return e.expression ? namesOf(cx, e.expression) : NAMES.PLAIN;
	if (ts.isConditionalExpression(e)) return namesOf(cx, e.whenTrue) || namesOf(cx, e.whenFalse);
	if (ts.isBinaryExpression(e) && e.operatorToken.kind === ts.SyntaxKind.EqualsToken)
		return namesOf(cx, e.right);
	if (ts.isCallExpression(e)) {
		const type = cx.checker.getResolvedSignature(e)?.declaration?.type;
		return (type && ts.isTypeNode(type) && namesOfType(cx, type)) || NAMES.PLAIN;
	}
	if (ts.isElementAccessExpression(e)) {
		const array = declarationOf(cx, e.expression);
		return array && holdsInts(cx, array) ? namesOfElements(cx, array) : NAMES.PLAIN;
	}
	const d = declarationOf(cx, e);
	return d ? namesOfDeclaration(cx, d) : NAMES.PLAIN;
}

function holdsInts(cx: Context, array: Declaration): boolean {
	const call = array.initializer;
	return !!call && ts.isCallExpression(call) && cx.preludeName(call.expression) === 'ints';
}

function declarationOf(cx: Context, e: ts.Expression): Declaration | undefined {
	const name = ts.isPropertyAccessExpression(e) ? e.name : e;
	return cx.symbol(name)?.declarations?.find(isDeclaration);
}
