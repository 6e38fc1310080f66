// SPDX-License-Identifier: GPL-2.0-only
/** First pass: the declarations at top level, by symbol; then the layout of structs and globals. */
import { ts } from 'ts-morph';
import { type Kind, NAMES } from '../../engine/machine.ts';
import type { FieldPlan, IndexedBy, StructPlan } from '../plan.ts';
import { constantOf, constantText } from './constants.ts';
import type { Context, FunctionInfo } from './context.ts';
import { strip } from './context.ts';
import { declareEvents } from './event.ts';
import { readExports } from './exports.ts';
import { kindOfDeclaration, returnOf } from './kinds.ts';
import { namesOfElements } from './names.ts';
import { tableId } from './operations.ts';

export function declare(cx: Context): void {
	for (const f of cx.program.files) for (const s of f.statements) topLevel(cx, s);
	for (const s of cx.consts.keys()) constantOf(cx, s);
	declareEvents(cx);
	readExports(cx);
	const open = new Set<string>();
	for (const c of cx.classes.values()) structPlan(cx, c, open);
	for (const [s, d] of cx.consts) {
		if (isStorage(cx, d)) {
			const field = storage(cx, d.name as ts.Identifier, d.initializer!, open);
			cx.claim(d.name as ts.Identifier);
			cx.globals.set(s, field);
			cx.plan.globals.push(field);
		}
	}
	for (const f of cx.functions.values()) signature(cx, f);
}

function topLevel(cx: Context, s: ts.Statement): void {
	const ignored =
		ts.isImportDeclaration(s) ||
		ts.isExportDeclaration(s) ||
		ts.isInterfaceDeclaration(s) ||
		ts.isTypeAliasDeclaration(s) ||
		ts.isEmptyStatement(s);
	if (ignored) return;
	if (ts.isClassDeclaration(s) && s.name) {
		cx.claim(s.name);
		cx.classes.set(cx.symbol(s.name)!, s);
	} else if (ts.isFunctionDeclaration(s) && s.name) {
		if (s.body) declareFunction(cx, s, s.name);
	} else if (ts.isVariableStatement(s) && s.declarationList.flags & ts.NodeFlags.Const) {
		for (const d of s.declarationList.declarations)
			if (ts.isIdentifier(d.name)) cx.consts.set(cx.symbol(d.name)!, d);
			else cx.refuse(d, 'K001', 'a pattern declares no single constant');
	} else cx.refuse(s, 'K001', `'${s.getText().split('\n')[0].slice(0, 40)}' at top level`);
}

/** Functions may share a name across files, as static functions do in C. */
function declareFunction(cx: Context, d: ts.FunctionDeclaration, id: ts.Identifier): void {
	const same = [...cx.functions.values()].filter((f) => f.name === id.text).length;
	cx.functions.set(cx.symbol(id)!, {
		name: id.text,
		js: `$${id.text}${same > 0 ? `$${same}` : ''}`,
		sleeps: !!d.asteriskToken,
		declaration: d,
		returns: { kind: 'void' },
		parameters: [],
	});
}

function signature(cx: Context, f: FunctionInfo): void {
	const d = f.declaration;
	const bad = (n: ts.Node, why: string): void => cx.refuse(n, 'K011', why);
	if (d.typeParameters) bad(d.typeParameters[0], `${f.name}() is generic`);
	if (d.modifiers?.some((m) => m.kind === ts.SyntaxKind.AsyncKeyword))
		bad(d, `${f.name}() is async`);
	for (const p of d.parameters) {
		const text = p.name.getText();
		if (!ts.isIdentifier(p.name)) bad(p, `parameter '${text}' is a pattern`);
		if (p.initializer || p.questionToken || p.dotDotDotToken)
			bad(p, `parameter '${text}' is optional or a rest`);
		f.parameters.push(kindOfDeclaration(cx, p.name));
		if (['ints', 'structs', 'ptrs', 'pool'].includes(f.parameters.at(-1)!.kind))
			cx.refuse(p, 'K004', `parameter '${text}' is an array or a pool`);
	}
	const s = cx.checker.getSignatureFromDeclaration(d)!;
	const { sleeps, ...returns } = returnOf(cx, s.getReturnType(), d.name!);
	f.returns = returns;
	if (sleeps && !f.sleeps) bad(d.name!, `${f.name}() returns a generator and is no function*`);
}

const INDEXED = new Map<string, IndexedBy>([
	['NR_NODES', 'node'],
	['NR_PROCS', 'proc'],
	['NR_TASKS', 'task'],
]);
const CONSTRUCTORS: Record<string, Kind> = {
	ints: 'ints',
	ptrs: 'ptrs',
	structs: 'structs',
	kmem_cache: 'pool',
};

function isStorage(cx: Context, d: ts.VariableDeclaration): boolean {
	const e = d.initializer;
	if (e && ts.isNewExpression(e)) return cx.classes.has(cx.symbol(e.expression)!);
	return !!e && ts.isCallExpression(e) && (cx.preludeName(e.expression) ?? '') in CONSTRUCTORS;
}

/** Structs are laid out before those that embed them, so that plan.structs is in that order. */
function structPlan(cx: Context, d: ts.ClassDeclaration, open: Set<string>): StructPlan {
	const name = d.name!.text;
	const known = cx.structs.get(name);
	if (known) return known;
	const plan: StructPlan = { name, fields: [] };
	if (open.has(name)) {
		cx.refuse(d.name!, 'K008', `struct ${name} contains itself`);
		return plan;
	}
	open.add(name);
	if (d.heritageClauses) cx.refuse(d.heritageClauses[0], 'K005', `struct ${name} has a parent`);
	if (d.typeParameters) cx.refuse(d.typeParameters[0], 'K005', `struct ${name} is generic`);
	for (const m of d.members) {
		if (ts.isPropertyDeclaration(m) && ts.isIdentifier(m.name) && m.initializer)
			plan.fields.push(field(cx, m, m.name, m.initializer, open));
		else cx.refuse(m, 'K005', `'${m.name?.getText() ?? m.getText()}' is no initialised field`);
	}
	open.delete(name);
	cx.structs.set(name, plan);
	cx.plan.structs.push(plan);
	return plan;
}

function field(
	cx: Context,
	m: ts.PropertyDeclaration,
	name: ts.Identifier,
	initial: ts.Expression,
	open: Set<string>,
): FieldPlan {
	const f = storage(cx, name, initial, open);
	const embedded = !['int', 'bool', 'ptr', 'ops'].includes(f.kind);
	const isReadonly = m.modifiers?.some((x) => x.kind === ts.SyntaxKind.ReadonlyKeyword);
	if (embedded && !isReadonly) cx.refuse(m, 'K005', `embedded '${f.name}' is not readonly`);
	if (m.modifiers?.some((x) => x.kind !== ts.SyntaxKind.ReadonlyKeyword))
		cx.refuse(m, 'K005', `'${f.name}' has a modifier other than readonly`);
	return f;
}

/** The plan of a field or a global, from its initialiser. */
function storage(
	cx: Context,
	id: ts.Identifier,
	initial: ts.Expression,
	open: Set<string>,
): FieldPlan {
	const name = id.text;
	if (ts.isNewExpression(initial))
		return { name, kind: 'struct', cls: embeddedStruct(cx, initial.expression, open) };
	if (ts.isCallExpression(initial)) {
		const maker = cx.preludeName(initial.expression) ?? '';
		if (maker in CONSTRUCTORS) return array(cx, name, CONSTRUCTORS[maker], initial, open);
	}
	const type = kindOfDeclaration(cx, id);
	const plan: FieldPlan = { name, kind: type.kind as Kind };
	if (type.cls) plan.cls = type.cls;
	if (type.names) plan.names = type.names;
	const value = initialValue(cx, initial);
	if (value === undefined)
		cx.refuse(initial, 'K006', `the initial value of '${name}' is no constant`);
	else if (value !== '0') plan.initial = value;
	return plan;
}

function initialValue(cx: Context, e: ts.Expression): string | undefined {
	const inner = strip(e);
	if (inner.kind === ts.SyntaxKind.NullKeyword) return '0';
	const s = ts.isIdentifier(inner) ? cx.symbol(inner) : undefined;
	const table = s && tableId(cx, s);
	if (table !== undefined) return String(table);
	const text = constantText(cx, inner);
	return text && cx.token(text, false);
}

function array(
	cx: Context,
	name: string,
	kind: Kind,
	call: ts.CallExpression,
	open: Set<string>,
): FieldPlan {
	const n = call.arguments[call.arguments.length - 1];
	const length = n && constantText(cx, n);
	if (length === undefined) cx.refuse(n ?? call, 'K006', `the length of '${name}' is no constant`);
	const plan: FieldPlan = { name, kind, length: cx.expression(length ?? '1') };
	const indexedBy = INDEXED.get(length ?? '');
	if (indexedBy) plan.indexedBy = indexedBy;
	const names = kind === 'ints' ? namesOfElements(cx, call.parent as ts.PropertyDeclaration) : 0;
	if (names !== NAMES.PLAIN) plan.names = names;
	if (kind === 'structs' || kind === 'pool') plan.cls = embeddedStruct(cx, call.arguments[0], open);
	if (kind === 'ptrs') {
		const t = call.typeArguments?.[0];
		const s = t && cx.checker.getTypeAtLocation(t).getSymbol();
		if (s && cx.classes.has(s)) plan.cls = s.name;
		else cx.refuse(call, 'K004', `'${name}' does not say what it points to: ptrs<T>(n)`);
	}
	return plan;
}

function embeddedStruct(cx: Context, e: ts.Expression, open: Set<string>): string {
	const d = cx.classes.get(cx.symbol(e)!);
	if (d) return structPlan(cx, d, open).name;
	cx.refuse(e, 'K004', `'${e.getText()}' is no struct class`);
	return '';
}
