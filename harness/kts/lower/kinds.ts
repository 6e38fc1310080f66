// SPDX-License-Identifier: GPL-2.0-only
/** From TypeScript's types to the machine's kinds. */
import { ts } from 'ts-morph';
import { NAMES } from '../../engine/machine.ts';
import type { Context, FunctionContext, ValueType } from './context.ts';
import { strip } from './context.ts';
import { namesOfDeclaration } from './names.ts';
import { operationsInterface } from './operations.ts';

const INT: ValueType = { kind: 'int' };

/** The kind of values of a type; a type without one is refused at `n`. */
function kindOfType(cx: Context, type: ts.Type, n: ts.Node): ValueType {
	const known = tryKind(cx, type);
	if (known) return known;
	const what = cx.checker.typeToString(type);
	const isFunction = type.getNonNullableType().getCallSignatures().length > 0;
	const text = n.getText().split('\n')[0].slice(0, 40);
	if (isFunction) cx.refuse(n, 'K010', `'${text}' is a function`);
	else cx.refuse(n, 'K004', `'${text}' has type '${what}'`);
	return INT;
}

export function tryKind(cx: Context, type: ts.Type): ValueType | undefined {
	const F = ts.TypeFlags;
	if (type.flags & (F.Void | F.Undefined | F.Never)) return { kind: 'void' };
	if (type.flags & F.Null) return { kind: 'ptr' };
	const parts = type.isUnion() ? type.types : [type];
	if (parts.every((t) => t.flags & F.BooleanLike)) return { kind: 'bool' };
	if (parts.every((t) => t.flags & F.NumberLike)) return INT;
	const objects = parts.filter((t) => !(t.flags & F.Null));
	const symbol = objects.length === 1 ? objects[0].getSymbol() : undefined;
	return symbol && kindOfObject(cx, symbol);
}

function kindOfObject(cx: Context, s: ts.Symbol): ValueType | undefined {
	if (cx.classes.has(s)) return { kind: 'ptr', cls: s.name };
	if (cx.isPrelude(s)) {
		if (s.name === 'Cache') return { kind: 'pool' };
		const array = { Ints: 'ints', Structs: 'structs', Ptrs: 'ptrs' } as const;
		const kind = array[s.name as keyof typeof array];
		return kind && { kind };
	}
	const ops = operationsInterface(cx, s);
	return ops && { kind: 'ops', cls: ops.name };
}

/** The kind of a variable, parameter or field, from its declaration. */
export function kindOfDeclaration(cx: Context, name: ts.Node): ValueType {
	const type = kindOfType(cx, cx.checker.getTypeAtLocation(name), name);
	const names = type.kind === 'int' ? namesOfDeclaration(cx, name.parent) : NAMES.PLAIN;
	return names === NAMES.PLAIN ? type : { ...type, names };
}

/** The kind of an expression's value. */
export function kindOf(fx: FunctionContext, e: ts.Expression): ValueType {
	const inner = strip(e);
	const local = fx.local(inner);
	if (local !== undefined) return fx.plans[local];
	return kindOfType(fx.cx, fx.cx.checker.getTypeAtLocation(inner), inner);
}

/** May a function sleep, that is, does it return a generator? The result is its final value. */
export function returnOf(cx: Context, type: ts.Type, n: ts.Node): ValueType & { sleeps: boolean } {
	if (type.getSymbol()?.name === 'Generator') {
		const args = cx.checker.getTypeArguments(type as ts.TypeReference);
		return { ...kindOfType(cx, args[1], n), sleeps: true };
	}
	return { ...kindOfType(cx, type, n), sleeps: false };
}

/**
 * Refuses a pointer to one struct as a pointer to another: TypeScript accepts it if the two classes
 * have the same shape.
 */
export function mustMatch(fx: FunctionContext, e: ts.Expression, target: ValueType): void {
	const inner = strip(e);
	if (ts.isConditionalExpression(inner)) {
		mustMatch(fx, inner.whenTrue, target);
		mustMatch(fx, inner.whenFalse, target);
		return;
	}
	const value = kindOf(fx, inner);
	const pointers = value.cls !== undefined && target.cls !== undefined;
	if (pointers && value.cls !== target.cls)
		fx.cx.refuse(inner, 'K009', `'${inner.getText()}' is a ${value.cls}, not a ${target.cls}`);
	if (value.kind === 'void' && target.kind !== 'void')
		fx.cx.refuse(inner, 'K003', `'${inner.getText()}' has no value`);
}
