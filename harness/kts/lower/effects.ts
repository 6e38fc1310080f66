// SPDX-License-Identifier: GPL-2.0-only
/**
 * Checks over the whole call graph: wait conditions are pure, sleeping functions do not recurse,
 * only init() spawns tasks. All code is checked, independent of any configuration.
 */
import { ts } from 'ts-morph';
import type { Code } from '../diagnostics.ts';
import { changes } from './assignment.ts';
import { calleeName, calleeOf } from './call.ts';
import type { Analysed, Callee, Context, FunctionContext } from './context.ts';
import { contains } from './context.ts';
import { quietCalls } from './event.ts';
import { questions } from './fifo.ts';

/** Calls in wait conditions, which are checked when all functions are known. */
const conditionCalls = new WeakMap<Context, { at: ts.CallExpression; callee: Callee }[]>();

/** Refuses effects in a wait condition itself; its calls are checked later. */
export function mustBePure(fx: FunctionContext, body: ts.Node): void {
	contains(body, (n) => {
		if (changes(n)) fx.cx.refuse(n, 'K017', `'${n.getText()}' assigns`);
		const callee = ts.isCallExpression(n) ? calleeOf(fx, n) : undefined;
		if (ts.isCallExpression(n) && callee) {
			const list = conditionCalls.get(fx.cx) ?? [];
			conditionCalls.set(fx.cx, list);
			list.push({ at: n, callee });
		}
		return false;
	});
}

export function analyse(cx: Context, all: Map<string, Analysed>): void {
	conditions(cx, all);
	circles(cx, all);
	questions(cx, all);
	const tasks = reach(cx, all, [...cx.spawned]);
	const { init, ...rest } = cx.plan.entry;
	const others = new Set([...tasks, ...reach(cx, all, Object.values(rest))]);
	for (const js of others) {
		const at = all.get(js)?.fx.spawns;
		if (at)
			cx.refuse(at, 'K023', 'spawn() in what a task, booted(), finished() or check_state() calls');
	}
	const used = new Set([...others, ...reach(cx, all, [init])]);
	cx.plan.functions = [...all.values()].map((a) => a.plan).filter((p) => used.has(p.js));
}

/** All functions that calls from `roots` may reach, including the roots. */
function reach(cx: Context, all: Map<string, Analysed>, roots: string[]): Set<string> {
	const out = new Set<string>();
	const todo = [...roots];
	for (let js = todo.pop(); js !== undefined; js = todo.pop()) {
		const targets = cx.plan.dispatch[js];
		if (targets) todo.push(...targets.cases.map((c) => c.callee));
		else if (all.has(js) && !out.has(js)) {
			out.add(js);
			todo.push(...all.get(js)!.fx.calls);
		}
	}
	return out;
}

function conditions(cx: Context, all: Map<string, Analysed>): void {
	for (const c of conditionCalls.get(cx) ?? []) mayCall(cx, all, c, 'K017', 'a wait condition');
	for (const c of quietCalls(cx)) mayCall(cx, all, c, 'K026', 'an argument of event()');
}

/** Refuses a call of a function with effects, where only pure ones are allowed. */
function mayCall(
	cx: Context,
	all: Map<string, Analysed>,
	{ at, callee }: { at: ts.CallExpression; callee: Callee },
	code: Code,
	where: string,
): void {
	if (callee.t === 'prelude') {
		if (callee.name !== 'config' && callee.name !== 'rom')
			cx.refuse(at, code, `${callee.name}() in ${where}`);
		return;
	}
	const f = callee.t === 'function' ? callee.f : undefined;
	const root = calleeName(callee);
	for (const js of reach(cx, all, [root])) {
		const { plan, fx: g } = all.get(js)!;
		const [assigned] = g.assigns;
		const why = assigned === undefined ? g.effect : `assigns ${assigned}`;
		if (!why) continue;
		const via = f && f.js !== js ? `${f.name}() calls ${plan.name}(), which` : `${plan.name}()`;
		cx.refuse(at, code, `${via} ${why}`);
		break;
	}
}

function circles(cx: Context, all: Map<string, Analysed>): void {
	const done = new Set<string>();
	const visit = (js: string, path: string[]): void => {
		const a = all.get(js);
		for (const c of cx.plan.dispatch[js]?.cases ?? []) visit(c.callee, path);
		if (!a?.plan.flow || done.has(js)) return;
		if (path.includes(js)) {
			const names = [...path.slice(path.indexOf(js)), js].map((x) => all.get(x)!.plan.name);
			cx.refuse(a.fx.info.declaration.name!, 'K018', names.join(' -> '));
			return;
		}
		for (const c of a.fx.calls) visit(c, [...path, js]);
		done.add(js);
	};
	for (const js of all.keys()) visit(js, []);
}
