// SPDX-License-Identifier: GPL-2.0-only
/**
 * A state is wrong before anybody sees it. This goes on from there, with a few plain orders of
 * tasks, until a program loads, stores or reads what it must not.
 *
 * Interface: aftermathOf Aftermath
 */
import type { Builder, Trace, TraceStep } from './trace.ts';

export interface Aftermath {
	/** which tasks went on, how many steps it took */
	steps: number;
	/** the access: of which task, on which node, what it did */
	task: string;
	node: number;
	event: string;
	kind: 'store' | 'load' | 'read' | 'other';
	value?: number;
	message: string;
	/** the page, and its latest store: who made it, and what it was */
	file?: number;
	index?: number;
	latest?: number;
	storedBy?: string;
}

const LIMIT = 200;

export function aftermathOf(builder: Builder, trace: Trace): Aftermath | undefined {
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
	builder: Builder,
	order: ((t: number) => boolean)[],
	limit: number,
): Aftermath | undefined {
	const { machine } = builder;
	const tasks = machine.tasks.map((_, t) => t);
	let storedBy: string | undefined;
	for (let n = 1; n <= limit; n++) {
		let next = -1;
		for (const group of order) {
			next = tasks.find((t) => group(t) && machine.ready(t) > 0) ?? -1;
			if (next >= 0) break;
		}
		if (next < 0) return undefined;
		const { step, aborted } = builder.take(n, next, 0);
		if (!aborted) {
			if (step.moments.some((m) => m.kind === 'store')) storedBy = step.task;
			continue;
		}
		return step.broken!.property === 'DATA' ? told(step, n, storedBy) : undefined;
	}
	return undefined;
}

function told(step: TraceStep, steps: number, storedBy?: string): Aftermath {
	const access = step.moments.find((m) => m.kind === 'store' || m.kind === 'load');
	return {
		steps,
		task: step.task,
		node: step.node,
		event: access?.text ?? step.event,
		kind: access ? (access.kind as 'store' | 'load') : 'read',
		...(access?.value !== undefined && { value: access.value }),
		message: step.broken!.message,
		...(access?.file !== undefined && {
			file: access.file,
			index: access.index,
			latest: step.after.latest[access.file]?.[access.index!],
		}),
		...(storedBy && { storedBy }),
	};
}
