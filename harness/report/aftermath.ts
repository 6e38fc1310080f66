// SPDX-License-Identifier: GPL-2.0-only
/**
 * A state can be wrong before a program sees it. This goes on from there, with a few simple orders
 * of tasks, until a program loads, stores or reads what it must not.
 *
 * Interface: aftermathOf Walker
 */
import type { Machine } from '../engine/machine.ts';
import type { Step } from '../engine/result.ts';
import type { Program } from '../litmus/compile.ts';
import { wordIn } from './facts.ts';
import type { Aftermath, Trace, TraceStep } from './model.ts';
import { sawAt } from './seen.ts';
import { frameOf } from './summary.ts';

/** It takes steps, tells of each, and takes them back. */
export interface Walker {
	readonly machine: Machine;
	readonly program: Program;
	take(number: number, task: number, choice: number): { step: TraceStep; aborted: boolean };
	save(): () => void;
}

const LIMIT = 200;

export function aftermathOf(builder: Walker, trace: Trace): Aftermath | undefined {
	const last = trace.steps.at(-1);
	if (!last?.broken || trace.violation.property === 'I9') return undefined;
	const node = last.node;
	const is = (t: number, user: boolean, here: boolean) =>
		t < builder.program.processes.length === user && (trace.tasks[t].node === node) === here;
	const groups = [
		(t: number) => is(t, false, true),
		(t: number) => is(t, true, true),
		(t: number) => is(t, false, false),
		(t: number) => is(t, true, false),
	];
	const orders = [
		[0, 1, 2, 3],
		[1, 0, 2, 3],
		[2, 0, 1, 3],
		[2, 0, 3, 1],
	];
	let best: Aftermath | undefined;
	for (const order of orders) {
		const restore = builder.save();
		const found = run(
			builder,
			order.map((i) => groups[i]),
			best?.steps ?? LIMIT,
		);
		restore();
		if (found && (!best || found.steps < best.steps)) best = found;
	}
	return best;
}

function run(
	builder: Walker,
	order: ((t: number) => boolean)[],
	limit: number,
): Aftermath | undefined {
	const { machine } = builder;
	const tasks = machine.tasks.map((_, t) => t);
	let storedBy: string | undefined;
	const schedule: Step[] = [];
	for (let n = 1; n <= limit; n++) {
		let next = -1;
		for (const group of order) {
			next = tasks.find((t) => group(t) && machine.ready(t) > 0) ?? -1;
			if (next >= 0) break;
		}
		if (next < 0) return undefined;
		schedule.push([next, 0]);
		const { step, aborted } = builder.take(n, next, 0);
		if (!aborted) {
			if (step.moments.some((m) => m.kind === 'store')) storedBy = step.task;
			continue;
		}
		return step.broken!.property === 'DATA' ? told(step, schedule, storedBy) : undefined;
	}
	return undefined;
}

function told(step: TraceStep, schedule: Step[], storedBy?: string): Aftermath {
	const wrong = step.moments.find((m) => {
		const at = m.kind === 'looked' ? sawAt(m) : undefined;
		return at !== undefined && m.value !== wordIn(step.after, 'latest', at);
	});
	const access = wrong ?? step.moments.find((m) => STORES.includes(m.kind));
	const at = access && sawAt(access);
	const page = access?.frame ? frameOf(step.after, step.node, access.frame) : undefined;
	const told = step.moments.find((m) => SAYING.includes(m.kind)) ?? access;
	const call = step.of === 'disk' || wrong?.within !== '';
	return {
		steps: schedule.length,
		schedule,
		task: step.task,
		node: step.node,
		event: told?.text ?? step.event,
		kind: wrong ? (call ? 'read' : 'load') : access ? 'store' : 'other',
		...(step.of === 'disk' && { direct: true }),
		...(access?.value !== undefined && { value: access.value }),
		message: step.broken?.message ?? '',
		...(at && { ...at, latest: wordIn(step.after, 'latest', at) }),
		...(storedBy && { storedBy }),
		...(!wrong && page && { private: page.file < 0 }),
	};
}

const STORES: readonly string[] = ['store', 'put-user', 'poke'];
/** Moments that describe the access itself. */
const SAYING: readonly string[] = ['load', 'read', 'disk-read', ...STORES];
