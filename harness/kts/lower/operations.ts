// SPDX-License-Identifier: GPL-2.0-only
/**
 * Operations tables: an interface of functions, constant tables of it, and the dispatchers that a
 * call through a table goes through. A table is known by its id; 0 is the null pointer.
 */
import { ts } from 'ts-morph';
import { constantText } from './constants.ts';
import type { Context, Entry, FunctionInfo, Operation, OperationsInterface } from './context.ts';
import { strip } from './context.ts';
import { useOf } from './exports.ts';
import { kindOfDeclaration, returnOf } from './kinds.ts';

/** The interface that a symbol declares, if it is one of functions. */
export function operationsInterface(cx: Context, s: ts.Symbol): OperationsInterface | undefined {
	const known = cx.interfaces.get(s);
	if (known) return known;
	const declaration = s.declarations?.find(ts.isInterfaceDeclaration);
	const inProgram = declaration && cx.program.files.includes(declaration.getSourceFile());
	if (!inProgram) return undefined;
	cx.claim(declaration.name);
	const made: OperationsInterface = { name: s.name, members: new Map(), tables: [] };
	cx.interfaces.set(s, made);
	cx.interfaceNames.set(s.name, made);
	for (const m of declaration.members) {
		const op = operation(cx, m);
		if (op) made.members.set(op.name, op);
	}
	return made;
}

function operation(cx: Context, m: ts.TypeElement): Operation | undefined {
	const bad = (why: string): undefined => cx.refuse(m, 'K012', why) as undefined;
	if (!m.name || !ts.isIdentifier(m.name)) return bad('a member has no plain name');
	const name = m.name.text;
	if (m.questionToken) return bad(`'${name}' is optional`);
	const type = cx.checker.getTypeAtLocation(m.name);
	const signatures = type.getNonNullableType().getCallSignatures();
	if (signatures.length !== 1) return bad(`'${name}' is no function`);
	const { sleeps, ...returns } = returnOf(cx, signatures[0].getReturnType(), m);
	const parameters = signatures[0].parameters.map((p) =>
		kindOfDeclaration(cx, (p.valueDeclaration as ts.ParameterDeclaration).name),
	);
	return { name, sleeps, nullable: type !== type.getNonNullableType(), parameters, returns };
}

/** The id of the table in a top-level const, if it is one. */
export function tableId(cx: Context, s: ts.Symbol): number | undefined {
	const known = cx.tables.get(s);
	if (known !== undefined) return known;
	const d = cx.consts.get(s);
	if (!d?.initializer || !ts.isObjectLiteralExpression(d.initializer)) return undefined;
	const type = cx.checker.getTypeAtLocation(d.name).getSymbol();
	const iface = type && operationsInterface(cx, type);
	if (!iface) return undefined;
	cx.claim(d.name as ts.Identifier);
	const id = cx.plan.operations.push({ name: s.name, iface: iface.name });
	cx.tables.set(s, id);
	const entries = new Map<string, Entry[]>();
	iface.tables.push({ id, entries });
	for (const p of d.initializer.properties) {
		const member = tableEntry(cx, p, iface, entries);
		const use =
			member && entries.get(member)?.length ? useOf(cx, p, `${iface.name}.${member}`) : undefined;
		if (member === undefined || use === undefined) continue;
		const table = cx.plan.operations[id - 1];
		for (const { when } of entries.get(member) ?? []) {
			table.fills ??= [];
			table.fills.push({ use, ...whenOf(cx, when) });
		}
	}
	return id;
}

function tableEntry(
	cx: Context,
	p: ts.ObjectLiteralElementLike,
	iface: OperationsInterface,
	entries: Map<string, Entry[]>,
): string | undefined {
	const value = ts.isPropertyAssignment(p)
		? p.initializer
		: ts.isShorthandPropertyAssignment(p)
			? p.name
			: undefined;
	const member = p.name && ts.isIdentifier(p.name) ? iface.members.get(p.name.text) : undefined;
	if (!value || !member) {
		cx.refuse(p, 'K012', 'an entry is no `member: function`');
		return undefined;
	}
	entries.set(member.name, choicesOf(cx, value, member));
	return member.name;
}

/** The values of an entry: a function, null, or `constant ? one : the other`. */
function choicesOf(cx: Context, value: ts.Expression, member: Operation, when?: string): Entry[] {
	const e = strip(value);
	if (e.kind === ts.SyntaxKind.NullKeyword) return [];
	if (ts.isConditionalExpression(e)) {
		const text = constantText(cx, e.condition);
		if (text === undefined) {
			cx.refuse(e.condition, 'K012', `'${e.condition.getText()}' is no constant`);
			return [];
		}
		const also = (other: string): string => (when === undefined ? other : `(${when}&&${other})`);
		return [
			...choicesOf(cx, e.whenTrue, member, also(text)),
			...choicesOf(cx, e.whenFalse, member, also(`(!${text})`)),
		];
	}
	const f = cx.functions.get(cx.symbol(e)!);
	if (!f) cx.refuse(e, 'K012', `'${e.getText()}' is no function of the program`);
	if (!f || !mustFit(cx, e, f, member)) return [];
	return [when === undefined ? { f } : { f, when }];
}

const whenOf = (cx: Context, when: string | undefined): { when?: number } =>
	when === undefined ? {} : { when: cx.expression(when) };

/** TypeScript accepts a generator as a void function, and a class as another of the same shape. */
function mustFit(cx: Context, n: ts.Node, f: FunctionInfo, m: Operation): boolean {
	if (f.sleeps !== m.sleeps) {
		const a = f.sleeps ? 'may sleep' : 'does not sleep';
		cx.refuse(n, 'K012', `${f.name}() ${a}, but '${m.name}' is declared otherwise`);
		return false;
	}
	f.parameters.forEach((p, i) => {
		const q = m.parameters[i];
		if (q && p.cls !== q.cls)
			cx.refuse(n, 'K009', `${f.name}() takes a ${p.cls}, '${m.name}' a ${q.cls}`);
	});
	return true;
}

export const dispatcherName = (iface: string, member: string): string => `ops$${iface}$${member}`;
export const presenceName = (iface: string, member: string): string => `has$${iface}$${member}`;

/** Adds every dispatcher and presence test to the plan. */
export function dispatchers(cx: Context): void {
	for (const iface of cx.interfaces.values())
		for (const m of iface.members.values()) {
			const cases = iface.tables.flatMap(({ id, entries }) =>
				(entries.get(m.name) ?? []).map(({ f, when }) => ({
					...{ id, callee: f.js, params: f.parameters.length },
					...whenOf(cx, when),
				})),
			);
			const plan = { sleeps: m.sleeps, params: m.parameters.length, cases };
			cx.plan.dispatch[dispatcherName(iface.name, m.name)] = { asks: false, ...plan };
			cx.plan.dispatch[presenceName(iface.name, m.name)] = { asks: true, ...plan };
		}
}
