// SPDX-License-Identifier: GPL-2.0-only
/** yield*: a call that may be suspended, or one of the prelude's suspensions. */
import { ts } from 'ts-morph';
import { NAMES } from '../../engine/machine.ts';
import { store } from './assignment.ts';
import { calleeOf, callParts, SUSPENSIONS } from './call.ts';
import { constantText } from './constants.ts';
import { sleepsWithin, strip } from './context.ts';
import { mustBePure } from './effects.ts';
import { condition, value } from './expression.ts';
import type { FlowBuilder } from './flow.ts';
import { addressText, target } from './place.ts';
import { readsOf } from './reads.ts';

/** Ends the block with a suspension; `result` is the local that takes its value. */
export function suspend(b: FlowBuilder, y: ts.YieldExpression, result = -1): void {
	const { cx } = b.fx;
	const c = y.expression && strip(y.expression);
	const callee = y.asteriskToken && c && ts.isCallExpression(c) ? calleeOf(b.fx, c) : undefined;
	const sleeps =
		callee &&
		(callee.t === 'prelude'
			? SUSPENSIONS.has(callee.name)
			: callee.t === 'function'
				? callee.f.sleeps
				: callee.op.sleeps);
	if (!sleeps) {
		cx.refuse(y, 'K014', `'${y.getText().split('\n')[0].slice(0, 40)}' is no sleeping call`);
		return;
	}
	const nested = (c as ts.CallExpression).arguments.find(sleepsWithin);
	if (nested) {
		cx.refuse(nested, 'K015', 'an argument sleeps');
		return;
	}
	if (callee.t === 'prelude') suspension(b, c as ts.CallExpression, callee.name, result);
	else sleepingCall(b, c as ts.CallExpression, callee, result);
}

function sleepingCall(
	b: FlowBuilder,
	c: ts.CallExpression,
	callee: Parameters<typeof callParts>[2],
	result: number,
): void {
	const { js, before, args, use } = callParts(b.fx, c, callee);
	const next = b.block();
	const { file, line } = b.fx.cx.position(c);
	b.end(
		{
			t: 'call',
			callee: js,
			before: use + before.map((x) => `${x},`).join(''),
			args: args.map((x) => `,${x}`).join(''),
			result,
			reads: readsOf(b.fx, c),
			next,
			at: { file, line },
		},
		next,
	);
}

function suspension(b: FlowBuilder, c: ts.CallExpression, name: string, result: number): void {
	const { kind, counts } = SUSPENSIONS.get(name)!;
	const { js, reads } =
		kind === 'preempt'
			? { js: '', reads: [] }
			: kind === 'choose'
				? choices(b, c)
				: waitCondition(b, c, name, counts);
	const next = b.block();
	const { file, line } = b.fx.cx.position(c);
	const leaf = { t: 'leaf' as const, kind, js, reads, result, next, at: { file, line } };
	b.end(counts ? { ...leaf, counts } : leaf, next);
}

/** The number of choices is fixed when choose() is called; a constant one needs no local. */
function choices(b: FlowBuilder, c: ts.CallExpression): { js: string; reads: number[] } {
	const n = c.arguments[0];
	const v = value(b.fx, n);
	const trap = b.fx.trap(c, 'BUG', 'choose() of nothing');
	const constant = constantText(b.fx.cx, n) !== undefined;
	if (constant) {
		b.op(`if(${v}<1)trap(${trap});`, []);
		return { js: v, reads: [] };
	}
	const t = b.fx.temporary('int');
	const { js } = b.fx.plans[t];
	b.assign(t, { js: v, reads: readsOf(b.fx, n) });
	b.op(`if(${js}<1)trap(${trap});`, [t]);
	return { js, reads: [t] };
}

function waitCondition(
	b: FlowBuilder,
	c: ts.CallExpression,
	name: string,
	counts?: true,
): { js: string; reads: number[] } {
	const a = c.arguments[0];
	if (!a || !ts.isArrowFunction(a) || ts.isBlock(a.body)) {
		b.fx.cx.refuse(a ?? c, 'K016', `${name}() takes an arrow with an expression as its body`);
		return { js: 'true', reads: [] };
	}
	mustBePure(b.fx, a.body);
	const reads = readsOf(b.fx, a.body);
	if (!counts) return { js: condition(b.fx, a.body), reads };
	const trap = b.fx.trap(c, 'BUG', 'negative number of choices');
	return { js: `natural(${value(b.fx, a.body)},${trap})`, reads };
}

/**
 * A store whose value is not known yet: its struct is evaluated before the suspension, as in
 * JavaScript, and kept in the frame.
 */
export function pendingStore(
	b: FlowBuilder,
	e: ts.BinaryExpression,
): { js: (v: string) => string; reads: number[] } {
	const left = strip(e.left);
	if (ts.isElementAccessExpression(left))
		b.fx.cx.refuse(left, 'K015', 'the index would have to be saved');
	const place = target(b.fx, left);
	if (!place) return { js: (v) => v, reads: [] };
	if (!place.address.dynamic) return { js: (v) => store(b.fx, e, place, v), reads: [] };
	const t = b.fx.temporary('int', { names: NAMES.POINTER });
	b.assign(t, { js: addressText(place.address), reads: readsOf(b.fx, left) });
	const address = { dynamic: b.fx.plans[t].js, fixed: [] };
	return { js: (v) => store(b.fx, e, { ...place, address }, v), reads: [t] };
}
