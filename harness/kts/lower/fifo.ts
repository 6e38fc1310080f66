// SPDX-License-Identifier: GPL-2.0-only
/**
 * Functions that are one end of a queue: `@fifo send`, `@fifo receive` and `@fifo pending` in their
 * comments. A queue that is not empty stays so until its receiver takes a message; an empty queue
 * may be filled at any time. So a task may test a queue only while it waits for a message: in the
 * condition of a wait, and in an `if` directly after that wait, which sees the same state.
 */
import { ts } from 'ts-morph';
import type { Fifo } from '../plan.ts';
import { calleeName, calleeOf, SUSPENSIONS } from './call.ts';
import type { Analysed, Callee, Context, FunctionContext } from './context.ts';
import { contains } from './context.ts';

/** The end of a queue that a function is, if its comment says so. */
export function fifoOf(cx: Context, d: ts.FunctionDeclaration): Fifo | undefined {
	const tag = ts.getJSDocTags(d).find((t) => t.tagName.text === 'fifo');
	if (!tag) return undefined;
	const word = ts.getTextOfJSDocComment(tag.comment)?.trim().split(/\s/)[0];
	if (d.asteriskToken) cx.refuse(tag, 'K025', 'a function* is no end of a queue');
	if (word === 'send' || word === 'receive' || word === 'pending') return word;
	cx.refuse(tag, 'K025', `'@fifo ${word ?? ''}'`);
	return undefined;
}

/** Refuses tests of a queue where the task does not wait for a message. */
export function questions(cx: Context, all: Map<string, Analysed>): void {
	const asked = askedBy(cx, all);
	const asks = (fx: FunctionContext, n: ts.Node): Set<string> => {
		const out = new Set<string>();
		contains(n, (c) => {
			const callee = ts.isCallExpression(c) ? calleeOf(fx, c) : undefined;
			if (callee && callee.t !== 'prelude') for (const p of asked(calleeName(callee))) out.add(p);
			return false;
		});
		return out;
	};
	for (const { fx } of all.values()) {
		if (!fx.info.sleeps) continue;
		for (const { at, callee } of fx.callSites) {
			const about = asked(calleeName(callee));
			if (about.size === 0 || isInCondition(fx, at)) continue;
			const wait = waitBefore(fx, at);
			const known = wait ? asks(fx, wait) : new Set<string>();
			const open = [...about].find((p) => !known.has(p));
			if (open === undefined) continue;
			const name = all.get(open)!.plan.name;
			cx.refuse(at, 'K025', `${name}() is asked where the task does not wait for it`);
		}
	}
}

/** The functions marked `pending` that a call of a plain function may reach. */
function askedBy(cx: Context, all: Map<string, Analysed>): (js: string) => ReadonlySet<string> {
	const known = new Map<string, Set<string>>();
	const of = (js: string): ReadonlySet<string> => {
		const done = known.get(js);
		if (done) return done;
		const out = new Set<string>();
		known.set(js, out); // ends a circle of plain functions
		const a = all.get(js);
		if (a?.plan.fifo === 'pending') out.add(js);
		// a sleeping function answers for itself
		if (a?.plan.flow) return out;
		const operations = cx.plan.dispatch[js]?.cases.map((c) => c.callee);
		for (const c of operations ?? a?.fx.calls ?? []) for (const p of of(c)) out.add(p);
		return out;
	};
	return of;
}

type Call = ts.CallExpression;

function isInCondition(fx: FunctionContext, at: Call): boolean {
	for (let n: ts.Node = at; n.parent && !ts.isFunctionDeclaration(n); n = n.parent)
		if (ts.isArrowFunction(n)) return isWait(fx, n.parent);
	return false;
}

function isWait(fx: FunctionContext, n: ts.Node): n is Call {
	const callee: Callee | undefined = ts.isCallExpression(n) ? calleeOf(fx, n) : undefined;
	const kind = callee?.t === 'prelude' ? SUSPENSIONS.get(callee.name)?.kind : undefined;
	return kind === 'wait' || kind === 'idle';
}

/** The wait directly before the `if` whose condition the call is in. */
function waitBefore(fx: FunctionContext, at: Call): ts.Node | undefined {
	let n: ts.Node = at;
	while (ts.isExpression(n)) {
		if (ts.isIfStatement(n.parent) && n.parent.expression === n) break;
		n = n.parent;
	}
	let s: ts.Node = n.parent;
	if (!ts.isExpression(n) || !ts.isIfStatement(s)) return undefined;
	// the conditions of `else if` are part of the chain
	while (ts.isIfStatement(s.parent) && s.parent.elseStatement === s) s = s.parent;
	const { parent } = s;
	if (!ts.isBlock(parent) && !ts.isCaseOrDefaultClause(parent)) return undefined;
	const before = parent.statements[parent.statements.indexOf(s as ts.Statement) - 1];
	if (!before || !(ts.isExpressionStatement(before) || ts.isVariableStatement(before)))
		return undefined;
	return contains(before, (x) => isWait(fx, x)) ? before : undefined;
}
