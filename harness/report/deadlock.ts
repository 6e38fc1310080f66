// SPDX-License-Identifier: GPL-2.0-only
/**
 * A deadlock as lockdep prints one: a column for each task that waits, with what it has and what
 * it waits for.
 *
 * Interface: deadlockCause deadlockTable
 */
import type { Told } from './causes.ts';
import type { Clause } from './claims.ts';
import { columnsOf, wrap } from './layout.ts';
import type { Trace, Wait } from './model.ts';
import { SETUP } from './waits.ts';

/** Daemons that only wait for work are left out, unless a task waits for them. */
function partsOf(trace: Trace): Wait[] {
	const wanted = new Set(trace.waits.flatMap((w) => w.heldBy.map((h) => h.task)));
	return trace.waits.filter((w) => !w.idle || wanted.has(w.task));
}

export function deadlockCause(trace: Trace): Told | undefined {
	const parts = partsOf(trace).filter((w) => !w.idle);
	if (parts.length === 0) return undefined;
	const because: Clause[] = ['no task can go on:'];
	for (const [i, w] of parts.entries()) {
		if (i > 0) because.push(';');
		const { task, node, caller, lock, path, glock } = w;
		const which = { lock, ...(path && { path }), ...(glock !== undefined && { glock }) };
		because.push({ kind: 'waits', task, node, function: caller, ...which }, ...holders(trace, w));
	}
	return { cause: 'deadlock', because };
}

/** The holders of what a task waits for. */
function holders(trace: Trace, wait: Wait): Clause[] {
	const [first] = wait.heldBy;
	if (!first) return [];
	const { lock, path } = wait;
	if (path) {
		const { task, step, function: name } = first;
		return [',', { kind: 'holds', task, lock, path, step, function: name }];
	}
	const out: Clause[] = [];
	for (const m of trace.steps.at(-1)?.after.manager ?? [])
		if (m.lock === wait.glock)
			for (const [node, state] of m.held.entries()) {
				const tasks = wait.heldBy.filter((h) => h.node === node).map((h) => h.task);
				if (tasks.length === 0 || trace.lockStates[state] === 0) continue;
				const holding = tasks.filter((t) => trace.tasks.some((x) => x.name === t));
				out.push(out.length === 0 ? ', of which' : 'and', {
					kind: 'grip',
					node,
					lock: m.lock,
					state,
					tasks: [...new Set(holding)],
				});
			}
	return out;
}

/** "Possible unsafe locking scenario", with tasks for processors. */
export function deadlockTable(trace: Trace, width: number): string[] {
	const parts = partsOf(trace);
	const size = Math.max(1, Math.min(parts.length, Math.floor(width / 30)));
	const out: string[] = [];
	for (let i = 0; i < parts.length; i += size) {
		const some = parts.slice(i, i + size);
		const w = Math.floor((width - 3 * (some.length - 1) - 2) / some.length);
		const cells = some.map((part) => {
			const place = part.node < 0 ? '' : ` (node ${part.node})`;
			const title = `${part.task}${place}`;
			return [
				title,
				'-'.repeat(Math.min(title.length, w)),
				...has(trace, part),
				...wants(part),
			].flatMap((t) => wrap(t, w, 2));
		});
		out.push(...columnsOf(cells, w, '   ').map((line) => `  ${line}`.trimEnd()), '');
	}
	out.push('  *** DEADLOCK ***');
	return out;
}

function has(trace: Trace, part: Wait): string[] {
	const out = new Set<string>();
	for (const w of trace.waits)
		for (const h of w.heldBy) {
			if (h.task !== part.task || !w.lock) continue;
			const where = h.function ? `, ${h.function}` : '';
			out.add(`has ${w.object}${h.step ? ` (step ${h.step}${where})` : ''}`);
		}
	return [...out];
}

function wants(part: Wait): string[] {
	if (part.idle) return ['has nothing to do'];
	const lost = part.heldBy.some((h) => h.task === SETUP) ? ' (never given back)' : '';
	return [
		`waits for ${part.lock || 'something else'}${lost}`,
		`in ${part.caller} (${part.file}:${part.line})`,
	];
}
