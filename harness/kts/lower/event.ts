// SPDX-License-Identifier: GPL-2.0-only
/** event(): the kinds that the sources declare, and calls that must fit them. */
import { ts } from 'ts-morph';
import { type EventInfo, NAMES } from '../../engine/machine.ts';
import { changes } from './assignment.ts';
import { calleeOf } from './call.ts';
import type { Callee, Context, FunctionContext, ValueType } from './context.ts';
import { contains, strip } from './context.ts';
import { word } from './expression.ts';
import { kindOf } from './kinds.ts';
import { namesOf } from './names.ts';

const PREFIX = 'EVENT_';
/** Types of arguments: the aliases of int that the lowering distinguishes. */
const NAMED = new Map<string, number>([
	['node', NAMES.NODE],
	['proc', NAMES.PROC],
	['task', NAMES.TASK],
	['value', NAMES.VALUE],
]);

/** The kind of a constant EVENT_*; refused at @e if it is not one. */
function kindAt(cx: Context, e: ts.Expression | undefined, call: ts.CallExpression) {
	const id = e && strip(e);
	const symbol =
		id && ts.isIdentifier(id) && id.text.startsWith(PREFIX) ? cx.symbol(id) : undefined;
	const declared = symbol && cx.consts.get(symbol)?.initializer;
	const made = declared && kindOfCall(cx, declared);
	if (!made) cx.refuse(e ?? call, 'K026', `'${e?.getText() ?? ''}' is no constant ${PREFIX}*`);
	return made;
}

/** event_kind('name', ['argument', 'type'], ...) */
function kindOfCall(cx: Context, e: ts.Expression): EventInfo | undefined {
	if (!ts.isCallExpression(e) || cx.preludeName(e.expression) !== 'event_kind') return undefined;
	const [name, ...args] = e.arguments.map((a) =>
		ts.isArrayLiteralExpression(a) ? a.elements.map(textOf) : [textOf(a)],
	);
	const all = args.every((a) => a.length === 2 && !a.includes(undefined));
	if (!all || name?.[0] === undefined) return undefined;
	return { name: name[0], args: args as [string, string][] };
}
const textOf = (e: ts.Expression): string | undefined =>
	ts.isStringLiteralLike(e) ? e.text : undefined;

/** The declarations: constants EVENT_* at top level, each with a name of its own. */
export function declareEvents(cx: Context): void {
	const names = new Map<string, ts.Node>();
	for (const d of cx.consts.values()) {
		const e = d.initializer;
		if (!e || !ts.isCallExpression(e) || cx.preludeName(e.expression) !== 'event_kind') continue;
		const kind = kindOfCall(cx, e);
		const id = d.name as ts.Identifier;
		if (!id.text.startsWith(PREFIX)) cx.refuse(id, 'K026', `'${id.text}' is not named ${PREFIX}*`);
		else if (!kind) cx.refuse(e, 'K026', `'${id.text}' is made of what is no literal`);
		else if (names.has(kind.name)) {
			const p = cx.position(names.get(kind.name)!);
			cx.refuse(e, 'K026', `'${kind.name}' is also the name of a kind in ${p.file}:${p.line}`);
		} else {
			names.set(kind.name, id);
			cx.claim(id);
		}
	}
}

/** Evaluated only while a trace is made: no argument may have an effect. */
export function event(
	fx: FunctionContext,
	c: ts.CallExpression,
	[kind, ...args]: readonly ts.Expression[],
): string {
	fx.effect ??= 'calls event()';
	const info = kindAt(fx.cx, kind, c);
	if (!info) return '0';
	if (args.length !== info.args.length) {
		const text = `'${info.name}' takes ${info.args.length} arguments, not ${args.length}`;
		fx.cx.refuse(c, 'K026', text);
		return '0';
	}
	for (const [i, a] of args.entries()) mustFit(fx, a, info.args[i]);
	const { file, line } = fx.cx.position(c);
	const types = args.map((a) => typeOf(fx, a));
	const site = fx.cx.plan.logs.push({ file, line, format: '', args: types, event: info }) - 1;
	const words = args.map((a) => word(fx, a)).join(',');
	return `(logging?log(${site},[${words}]):0)`;
}

function typeOf(fx: FunctionContext, e: ts.Expression) {
	const { kind, cls } = kindOf(fx, e);
	return { kind: kind === 'void' ? ('int' as const) : kind, ...(cls ? { cls } : {}) };
}

function mustFit(fx: FunctionContext, e: ts.Expression, [name, type]: readonly [string, string]) {
	const bad = (why: string): void => fx.cx.refuse(e, 'K026', `'${name}' ${why}`);
	const value: ValueType = kindOf(fx, e);
	const pointer = type.startsWith('*');
	const wanted = pointer ? 'ptr' : type === 'bool' ? 'bool' : 'int';
	const isStruct = pointer && value.kind === 'struct';
	if (value.kind !== wanted && !isStruct) bad(`is a ${type}, not ${value.kind}`);
	else if (pointer && type !== '*' && value.cls !== undefined && value.cls !== type.slice(1))
		bad(`is a pointer to ${type.slice(1)}, not to ${value.cls}`);
	const names = namesOf(fx.cx, e);
	const known = NAMED.get(type) ?? NAMES.PLAIN;
	const other = [...NAMED].find(([, n]) => n === names);
	if (other && names !== known && wanted === 'int') bad(`is a ${type}, not a ${other[0]}`);
	mustBeQuiet(fx, e);
}

/** An argument may do the same as a wait condition. */
function mustBeQuiet(fx: FunctionContext, e: ts.Expression): void {
	contains(e, (n) => {
		if (changes(n)) fx.cx.refuse(n, 'K026', `'${n.getText()}' assigns`);
		const callee = ts.isCallExpression(n) ? calleeOf(fx, n) : undefined;
		if (ts.isCallExpression(n) && callee) quietCalls(fx.cx).push({ at: n, callee });
		return false;
	});
}

const calls = new WeakMap<Context, { at: ts.CallExpression; callee: Callee }[]>();

/** Calls in arguments of events, which are checked when all functions are known. */
export function quietCalls(cx: Context): { at: ts.CallExpression; callee: Callee }[] {
	const known = calls.get(cx) ?? [];
	calls.set(cx, known);
	return known;
}
