// SPDX-License-Identifier: GPL-2.0-only
/**
 * Places: things with an address in the image. An address is a dynamic part (a pointer, an index)
 * and a sum of static distances, as one token.
 */
import { ts } from 'ts-morph';
import type { Kind } from '../../engine/machine.ts';
import type { FieldPlan } from '../plan.ts';
import { accessTo, mayFree } from './access.ts';
import { changes } from './assignment.ts';
import type { FunctionContext } from './context.ts';
import { contains, strip } from './context.ts';
import { useOf } from './exports.ts';
import { value } from './expression.ts';
import { kindOf } from './kinds.ts';

export interface Address {
	dynamic: string;
	fixed: string[];
}

export interface Place {
	address: Address;
	/** of what is there: 'struct' for embedded ones and array elements */
	kind: Kind;
	cls?: string;
	/** STRUCT.FIELD or a global's name: elements have their array's */
	path: string;
}

export function addressText(a: Address): string {
	const fixed = a.fixed.length > 0 ? `@+${a.fixed.join(',')}@` : '';
	return a.dynamic && fixed ? `${a.dynamic}+${fixed}` : a.dynamic || fixed;
}

/** The code that reads the word at an address. */
export const readText = (at: string): string => `@(@${at}@)@`;

const add = (a: Address, ref: string): Address => ({ ...a, fixed: [...a.fixed, ref] });
const placeOfField = (f: FieldPlan, address: Address, path: string): Place => ({
	address,
	kind: f.kind,
	cls: f.cls,
	path,
});

/** The place that an expression names; undefined if it names none. */
export function placeOf(fx: FunctionContext, expression: ts.Expression): Place | undefined {
	const e = strip(expression);
	if (ts.isIdentifier(e)) {
		const s = fx.cx.symbol(e);
		const g = s && fx.cx.globals.get(s);
		return g && placeOfField(g, { dynamic: '', fixed: [`g${g.name}`] }, g.name);
	}
	if (ts.isPropertyAccessExpression(e)) return fieldPlace(fx, e);
	if (ts.isElementAccessExpression(e)) return elementPlace(fx, e);
	return undefined;
}

function fieldPlace(fx: FunctionContext, e: ts.PropertyAccessExpression): Place | undefined {
	const base = structPlace(fx, e);
	const f = fx.cx.structs.get(base?.cls ?? '')?.fields.find((x) => x.name === e.name.text);
	if (!base || !f) return undefined;
	const path = `${base.cls}.${f.name}`;
	const use = useOf(fx.cx, e, path);
	const ref = use === undefined ? `o${path}` : `o${path}~${use}`;
	return placeOfField(f, add(base.address, ref), path);
}

/** The struct of a field: the expression is a struct, or a pointer to one. */
function structPlace(
	fx: FunctionContext,
	field: ts.PropertyAccessExpression,
): { address: Address; cls?: string } | undefined {
	const inner = strip(field.expression);
	const place = placeOf(fx, inner);
	if (place?.kind === 'struct') return place;
	const { kind, cls } = kindOf(fx, inner);
	if (kind !== 'ptr' || cls === undefined) return undefined;
	const trap = fx.trap(inner, 'BUG', 'null pointer', accessTo(field));
	const pointer = value(fx, inner);
	const checked = isPlain(pointer)
		? `@k${cls},${pointer},${trap}@`
		: `@k${cls}@(${pointer},${trap})`;
	return { address: { dynamic: checked, fixed: [] }, cls };
}

/** A local or a number: repeating it in an expression costs nothing, so it is checked in place. */
const isPlain = (js: string): boolean => /^(\w+\$)?\d+$/.test(js);

/** A table; traps when it is null. */
export function nonNull(fx: FunctionContext, e: ts.Expression): string {
	return `nz(${value(fx, e)},${fx.trap(e, 'BUG', 'null pointer')})`;
}

/**
 * The write of an assignment. Its place was checked before the right side was evaluated; it is
 * checked again if the right side may have freed it.
 */
export function writeText(
	fx: FunctionContext,
	e: ts.BinaryExpression,
	{ path, address }: Place,
	at: string,
	v: string,
): string {
	if (!address.dynamic || !mayFree(e)) return `@=${path}@W(${at},${v})`;
	let left = strip(e.left);
	while (ts.isElementAccessExpression(left)) left = strip(left.expression);
	const access = ts.isPropertyAccessExpression(left) ? accessTo(left) : '';
	return `@=${path}@V(${at},${v},${fx.trap(left, 'BUG', '', access)})`;
}

function elementPlace(fx: FunctionContext, e: ts.ElementAccessExpression): Place | undefined {
	const array = placeOf(fx, e.expression);
	const element = { ints: 'int', structs: 'struct', ptrs: 'ptr' } as const;
	const kind = array && element[array.kind as keyof typeof element];
	if (!kind) {
		fx.cx.refuse(e, 'K020', `'${e.expression.getText()}' is no declared array`);
		return undefined;
	}
	// the direct executor evaluates the target of a compound assignment twice
	if (contains(e.argumentExpression, changes))
		fx.cx.refuse(e, 'K003', `the index '${e.argumentExpression.getText()}' changes something`);
	const trap = fx.trap(e, 'BUG', 'index out of bounds');
	const at = value(fx, e.argumentExpression);
	const index = isPlain(at)
		? `@i${array.path},${at},${trap}@`
		: `ix(${at},@n${array.path}@,${trap})`;
	const scaled = kind === 'struct' ? `${index}*@e${array.path}@` : index;
	const { dynamic, fixed } = array.address;
	const address = { dynamic: dynamic ? `${dynamic}+${scaled}` : scaled, fixed };
	return { address, kind, cls: array.cls, path: array.path };
}

/** Reads a place: an embedded struct's value is its address. */
export function load(fx: FunctionContext, p: Place, e: ts.Expression): string {
	const at = addressText(p.address);
	if (p.kind === 'struct') return `(${at})`;
	if (p.kind === 'bool') return `(${readText(at)}!==0)`;
	if (p.kind === 'int' || p.kind === 'ptr' || p.kind === 'ops') return readText(at);
	fx.cx.refuse(e, 'K020', `'${e.getText()}' is an array or a pool, used as a value`);
	return '0';
}

/** The place that an assignment changes: one word. */
export function target(fx: FunctionContext, e: ts.Expression): Place | undefined {
	const p = placeOf(fx, e);
	if (p && ['int', 'bool', 'ptr', 'ops'].includes(p.kind)) {
		fx.assigns.add(p.path);
		return p;
	}
	fx.cx.refuse(e, 'K019', `'${e.getText()}' cannot be assigned`);
	return undefined;
}
