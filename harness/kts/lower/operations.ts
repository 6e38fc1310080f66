// SPDX-License-Identifier: GPL-2.0-only
/**
 * Operations tables: an interface of functions, constant tables of it, and the dispatchers that a
 * call through a table goes through. A table is known by its id; 0 is the null pointer.
 */
import { ts } from 'ts-morph';
import type { Context, FunctionInfo, Operation, OperationsInterface } from './context.ts';
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

/** The id of the table that a top-level const is, if it is one. */
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
	const entries = new Map<string, FunctionInfo | null>();
	iface.tables.push({ id, entries });
	for (const p of d.initializer.properties) tableEntry(cx, p, iface, entries);
	return id;
}

function tableEntry(
	cx: Context,
	p: ts.ObjectLiteralElementLike,
	iface: OperationsInterface,
	entries: Map<string, FunctionInfo | null>,
): void {
	const value = ts.isPropertyAssignment(p)
		? p.initializer
		: ts.isShorthandPropertyAssignment(p)
			? p.name
			: undefined;
	const member = p.name && ts.isIdentifier(p.name) ? iface.members.get(p.name.text) : undefined;
	if (!value || !member) {
		cx.refuse(p, 'K012', 'an entry is no `member: function`');
		return;
	}
	if (value.kind === ts.SyntaxKind.NullKeyword) {
		entries.set(member.name, null);
		return;
	}
	const f = cx.functions.get(cx.symbol(value)!);
	if (!f) cx.refuse(value, 'K012', `'${value.getText()}' is no function of the program`);
	else if (mustFit(cx, value, f, member)) entries.set(member.name, f);
}

/** TypeScript lets a generator pass for a void function, and classes of one shape for another. */
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

/** Tells the plan of every dispatcher and presence test. */
export function dispatchers(cx: Context): void {
	for (const iface of cx.interfaces.values())
		for (const m of iface.members.values()) {
			const cases = iface.tables.flatMap(({ id, entries }) => {
				const f = entries.get(m.name);
				return f ? [{ id, callee: f.js, params: f.parameters.length }] : [];
			});
			const plan = { sleeps: m.sleeps, params: m.parameters.length, cases };
			cx.plan.dispatch[dispatcherName(iface.name, m.name)] = { asks: false, ...plan };
			cx.plan.dispatch[presenceName(iface.name, m.name)] = { asks: true, ...plan };
		}
}
