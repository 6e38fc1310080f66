// SPDX-License-Identifier: GPL-2.0-only
/** Calls: of the program's functions, through operations tables, and of the prelude. */
import { ts } from 'ts-morph';
import type { LeafKind, Plan } from '../plan.ts';
import type { Callee, CodeCallee, FunctionContext, ValueType } from './context.ts';
import { strip } from './context.ts';
import { event } from './event.ts';
import { useOf, useToken } from './exports.ts';
import { condition, value, word } from './expression.ts';
import { kindOf, mustMatch } from './kinds.ts';
import { dispatcherName } from './operations.ts';
import { addressText, nonNull, placeOf } from './place.ts';

/** The prelude's suspensions; `counts`: the wait is for a number of choices above 0. */
export const SUSPENSIONS = new Map<string, { kind: LeafKind; counts?: true }>([
	['wait_event', { kind: 'wait' }],
	['wait_idle', { kind: 'idle' }],
	['wait_choose', { kind: 'wait', counts: true }],
	['wait_choose_idle', { kind: 'idle', counts: true }],
	['preempt', { kind: 'preempt' }],
	['choose', { kind: 'choose' }],
]);

export function calleeOf(fx: FunctionContext, c: ts.CallExpression): Callee | undefined {
	const e = strip(c.expression);
	const name = fx.cx.preludeName(e);
	if (name) return { t: 'prelude', name };
	const s = fx.cx.symbol(e);
	const f = s && fx.cx.functions.get(s);
	if (f) return { t: 'function', f };
	if (!ts.isPropertyAccessExpression(e)) return undefined;
	const { kind, cls } = kindOf(fx, e.expression);
	const iface = kind === 'ops' ? fx.cx.interfaceNames.get(cls!) : undefined;
	const op = iface?.members.get(e.name.text);
	return op && { t: 'operation', op, iface: iface!.name, table: e.expression };
}

export function call(fx: FunctionContext, c: ts.CallExpression): string {
	const callee = calleeOf(fx, c);
	const text = c.expression.getText();
	if (!callee) {
		if (c.questionDotToken) fx.cx.refuse(c, 'K003', `'${text}' with ?.`);
		else fx.cx.refuse(c, 'K003', `'${text}' is no function of the program`);
		return '0';
	}
	if (callee.t === 'prelude') return preludeCall(fx, c, callee.name);
	const sleeps = callee.t === 'function' ? callee.f.sleeps : callee.op.sleeps;
	if (sleeps) {
		fx.cx.refuse(c, 'K013', `${text}() may sleep`);
		return '0';
	}
	const { before, js, args, use } = callParts(fx, c, callee);
	return `${use}@>${js}@(${[...before, ...args].join(',')})`;
}

/** The name in the generated code for a call of the program: a function or a dispatcher. */
export function calleeName(callee: CodeCallee): string {
	if (callee.t === 'function') return callee.f.js;
	return dispatcherName(callee.iface, callee.op.name);
}

/** A call's pieces; a dispatcher takes its trap and the table before the rest. `use`: its token. */
export function callParts(
	fx: FunctionContext,
	c: ts.CallExpression,
	callee: CodeCallee,
): { js: string; before: string[]; args: string[]; use: string } {
	const isFunction = callee.t === 'function';
	const js = calleeName(callee);
	const before = isFunction
		? []
		: [String(fx.trap(c, 'BUG', 'null pointer')), nonNull(fx, callee.table)];
	fx.calls.add(js);
	fx.callSites.push({ at: c, callee });
	const use = isFunction
		? useOf(fx.cx, c, callee.f.name, callee.f.declaration)
		: useOf(fx.cx, c, `${callee.iface}.${callee.op.name}`);
	return {
		js,
		before,
		use: useToken(use),
		args: argumentsOf(fx, c, isFunction ? callee.f.parameters : callee.op.parameters),
	};
}

function argumentsOf(fx: FunctionContext, c: ts.CallExpression, types: ValueType[]): string[] {
	return c.arguments.map((a, i) => {
		if (types[i]) mustMatch(fx, a, types[i]);
		return value(fx, a);
	});
}

function preludeCall(fx: FunctionContext, c: ts.CallExpression, name: string): string {
	if (SUSPENSIONS.has(name)) {
		fx.cx.refuse(c, 'K013', `${name}() sleeps`);
		return '0';
	}
	const make = PRELUDE[name];
	if (make) return make(fx, c, c.arguments);
	fx.cx.refuse(c, 'K021', `${name}() cannot be called here`);
	return '0';
}

type PreludeCall = (
	fx: FunctionContext,
	c: ts.CallExpression,
	a: readonly ts.Expression[],
) => string;

const PRELUDE: Record<string, PreludeCall> = {
	BUG_ON: (fx, c, [cond, message]) =>
		`(${condition(fx, cond)}&&trap(${fx.trap(c, 'BUG', literal(fx, message))}))`,
	ASSERT: (fx, c, [property, cond, message]) => {
		const site = fx.trap(c, literal(fx, property), literal(fx, message));
		return `(${condition(fx, cond)}||trap(${site}))`;
	},
	self: (fx) => {
		fx.effect ??= 'calls self()';
		return 'running';
	},
	rom: (fx, c, [i]) => `readRom(${value(fx, i)},${fx.trap(c, 'BUG', 'rom() out of bounds')})`,
	cover: (fx, _c, [mark]) => {
		const name = literal(fx, mark);
		const marks = fx.cx.plan.marks;
		if (!marks.includes(name)) marks.push(name);
		return `(marks[${marks.indexOf(name)}]=1)`;
	},
	cover_caller: (fx, _c, [mark, depth]) => {
		const name = literal(fx, mark);
		const { callerMarks } = fx.cx.plan;
		if (!callerMarks.includes(name)) callerMarks.push(name);
		const text = JSON.stringify(name).replaceAll('@', '\\x40');
		return `(caller(${text},${value(fx, depth)},running),0)`;
	},
	event,
	lock_order: (fx, _c, [held, taken]) => `lockOrder(${value(fx, held)},${value(fx, taken)})`,
	printk,
	kmem_cache_alloc: (fx, _c, [cache]) => {
		const { text, path } = pool(fx, cache);
		return `@=${path}@allocate(${text})`;
	},
	kmem_cache_slot: (fx, c, [cache, i]) => {
		const site = fx.trap(c, 'BUG', 'index out of bounds');
		return `slotOf(${pool(fx, cache).text},${value(fx, i)},${site})`;
	},
	kmem_cache_free: (fx, c, [cache, x]) => {
		const { text, cls, path } = pool(fx, cache);
		mustMatch(fx, x, { kind: 'ptr', cls });
		const site = fx.trap(c, 'BUG', 'bad kmem_cache_free');
		return `@=${path}@release(${text},${value(fx, x)},reset$${cls},${site})`;
	},
	reset_struct: (fx, c, [x]) => {
		const { kind, cls } = kindOf(fx, x);
		if ((kind !== 'ptr' && kind !== 'struct') || !cls) {
			fx.cx.refuse(c, 'K021', `'${x.getText()}' is no struct`);
			return '0';
		}
		const { resets } = fx.cx.plan;
		if (!resets.includes(cls)) resets.push(cls);
		const tokens = fieldsWithin(fx.cx.plan, cls).map((path) => {
			fx.assigns.add(path);
			return `@=${path}@`;
		});
		return `${tokens.join('')}reset$${cls}(${nonNull(fx, x)})`;
	},
	end_task: (fx, c, [t]) =>
		`endTask(${value(fx, t)},${fx.trap(c, 'BUG', 'end_task() of no other task')})`,
	spawn,
};

/** STRUCT.FIELD of all that a struct contains. */
function fieldsWithin(plan: Plan, cls: string, out: string[] = []): string[] {
	for (const { name, kind, cls: inner } of plan.structs.find((s) => s.name === cls)!.fields) {
		const path = `${cls}.${name}`;
		if (out.includes(path)) continue;
		out.push(path);
		if (inner && kind !== 'ptr' && kind !== 'ptrs' && kind !== 'ops')
			fieldsWithin(plan, inner, out);
	}
	return out;
}

function literal(fx: FunctionContext, e: ts.Expression): string {
	if (e && ts.isStringLiteralLike(e)) return e.text;
	fx.cx.refuse(e, 'K021', `'${e?.getText()}' is no string literal`);
	return '';
}

/** A pool as arguments of allocate() and release(): address, slots, words a slot. */
function pool(fx: FunctionContext, e: ts.Expression): { text: string; cls: string; path: string } {
	const p = placeOf(fx, e);
	if (p?.kind !== 'pool') {
		fx.cx.refuse(e, 'K021', `'${e.getText()}' is no kmem_cache that is a field or a global`);
		return { text: '0,0,1', cls: '', path: '' };
	}
	fx.assigns.add(p.path);
	const text = `${addressText(p.address)},@n${p.path}@,@e${p.path}@`;
	return { text, cls: p.cls!, path: p.path };
}

function printk(fx: FunctionContext, c: ts.CallExpression, a: readonly ts.Expression[]): string {
	const format = literal(fx, a[0]);
	const rest = a.slice(1);
	const wanted = (format.match(/%(d|p|\{\w+\})/g) ?? []).length;
	if (wanted !== rest.length)
		fx.cx.refuse(c, 'K021', `the format takes ${wanted} arguments, not ${rest.length}`);
	fx.effect ??= 'calls printk()';
	const { file, line } = fx.cx.position(c);
	const args = rest.map((x) => {
		const { kind, cls } = kindOf(fx, x);
		return { kind: kind === 'void' ? ('int' as const) : kind, ...(cls ? { cls } : {}) };
	});
	const site = fx.cx.plan.logs.push({ file, line, format, args }) - 1;
	// evaluated even when nothing is logged: they may trap
	const words = rest.map((x) => word(fx, x)).join(',');
	return `(logging?log(${site},[${words}]):(${words || 0}))`;
}

function spawn(fx: FunctionContext, c: ts.CallExpression, a: readonly ts.Expression[]): string {
	const [name, node, target, ...args] = a;
	const s = target && fx.cx.symbol(target);
	const f = s && fx.cx.functions.get(s);
	fx.spawns ??= c;
	fx.effect ??= 'calls spawn()';
	if (!f?.sleeps) {
		fx.cx.refuse(target ?? c, 'K021', 'spawn() takes a function* of the program');
		return '0';
	}
	fx.cx.spawned.add(f.js);
	args.forEach((x, i) => {
		if (f.parameters[i]) mustMatch(fx, x, f.parameters[i]);
	});
	// a token must not occur within a name
	const title = JSON.stringify(literal(fx, name)).replaceAll('@', '\\x40');
	const words = args.map((x) => word(fx, x)).join(',');
	return `spawn(${title},${value(fx, node)},'@*${f.js}@',[${words}])`;
}
