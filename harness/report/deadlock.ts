// SPDX-License-Identifier: GPL-2.0-only
/**
 * A deadlock told as lockdep tells one: a column for each task that waits, what it has and what it
 * waits for.
 *
 * Interface: deadlockSentence deadlockTable
 */
import { columnsOf, wrap } from './layout.ts';
import { listed } from './prose.ts';
import type { Trace } from './trace.ts';
import { SETUP, type Wait } from './waits.ts';

/** Daemons that only wait for work have no part in it, unless somebody waits for them. */
function partsOf(trace: Trace): Wait[] {
	const wanted = new Set(trace.waits.flatMap((w) => w.heldBy.map((h) => h.task)));
	return trace.waits.filter((w) => !w.idle || wanted.has(w.task));
}

export function deadlockSentence(trace: Trace): string {
	const parts = partsOf(trace).filter((w) => !w.idle);
	if (parts.length === 0) return trace.violation.message;
	const each = parts.map((w) => {
		const what = w.lock || 'something that never happens';
		return `${w.task} waits in ${w.caller} for ${what}${holderText(trace, w)}`;
	});
	return `nobody can go on: ${each.join('; ')}`;
}

function holderText(trace: Trace, wait: Wait): string {
	const [first] = wait.heldBy;
	if (!first) return wait.lock ? ', which nobody seems to hold' : '';
	if (first.note) {
		const notes = [...new Set(wait.heldBy.map((h) => h.note!))];
		const tasks = [...new Set(wait.heldBy.map((h) => h.task))];
		return `, of which ${listed(notes)}, in the hands of ${listed(tasks)}`;
	}
	if (!first.step) return `, which ${first.task} took before the first step and never gave back`;
	const who = first.task === wait.task ? 'it' : first.task;
	const when = `${who} took in step ${first.step} in ${first.function}`;
	const still = trace.waits.find((w) => w.task === first.task);
	const inside = still?.stack.includes(first.function);
	if (inside && first.task !== wait.task) return `, which ${when}`;
	return `, which ${when} and never gave back`;
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
			const lock = h.note ? w.lock.replace(/, \w+$/, '') : w.lock;
			out.add(`has ${lock}${h.step ? ` (step ${h.step}, ${h.function})` : ''}`);
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
