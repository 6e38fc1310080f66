// SPDX-License-Identifier: GPL-2.0-only
/**
 * What lockdep says: circles in the order in which locks were taken, and locks taken, held or let
 * go where they must not be.
 *
 * Interface: circleIn circularSplat trapSplat
 */
import type { LockArc, TrapSite } from '../engine/machine.ts';

/** A second lock of a class counts as the first one. */
const plain = (name: string): string => name.replace(/_nested$/, '');

type Between = (arc: LockArc) => boolean;

/**
 * A shortest circle among those arcs: each takes what the next one holds. An order may be there
 * many times: its first arc stands for all.
 */
export function circleIn(arcs: readonly LockArc[], counts: Between = () => true): LockArc[] | null {
	const first = new Map<string, LockArc>();
	for (const a of arcs)
		if (!a.held.endsWith('_nested') && counts(a)) {
			const key = `${a.held} ${a.taken}`;
			if (!first.has(key)) first.set(key, a);
		}
	const used = [...first.values()];
	const from = new Map<string, LockArc[]>();
	for (const a of used) from.set(a.held, [...(from.get(a.held) ?? []), a]);
	let best: LockArc[] | null = null;
	for (const arc of used) {
		const back = wayBetween(from, plain(arc.taken), arc.held, arc.taken);
		if (back && (!best || back.length + 1 < best.length)) best = [arc, ...back];
	}
	return best && closedBy(best, arcs);
}

/** The same circle from another place: what was seen last comes last. */
function closedBy(circle: LockArc[], arcs: readonly LockArc[]): LockArc[] {
	const last = Math.max(...circle.map((a) => arcs.indexOf(a)));
	const end = 1 + circle.indexOf(arcs[last]);
	return [...circle.slice(end), ...circle.slice(0, end)];
}

/**
 * A shortest path from a class to another. A class that was taken twice is no path to itself: the
 * code that takes it so declares the order.
 */
function wayBetween(
	from: ReadonlyMap<string, LockArc[]>,
	start: string,
	end: string,
	taken: string,
): LockArc[] | null {
	if (start === end) return taken === end ? [] : null;
	const ways = new Map<string, LockArc[]>([[start, []]]);
	for (const [at, way] of ways) {
		for (const arc of from.get(at) ?? []) {
			const next = plain(arc.taken);
			if (next === end) return [...way, arc];
			if (!ways.has(next)) ways.set(next, [...way, arc]);
		}
	}
	return null;
}

export const names = (circle: readonly LockArc[]): string =>
	[...circle.map((a) => a.held), circle[0].held].join(' -> ');

function stackLines({ task, stack }: Pick<LockArc, 'task' | 'stack'>): string[] {
	if (stack.length === 0) return ['         (seen by another worker, or before a checkpoint)'];
	return [`         ${task}:`, ...stack.map((f) => `           ${f}`)];
}

const RULE = '-'.repeat(55);

/** The report of a circle. Its last arc is the one that closes it. */
export function circularSplat(circle: readonly LockArc[]): string[] {
	const last = circle[circle.length - 1];
	const who = last.task || 'a task';
	const chain = [...circle].reverse().flatMap((arc, i) => {
		const number = circle.length - 1 - i;
		return [`  -> #${number} ${arc.taken}, taken while ${arc.held} is held:`, ...stackLines(arc)];
	});
	return [
		RULE,
		'possible circular locking dependency detected',
		RULE,
		`${who} is trying to acquire lock ${last.taken}`,
		`but is already holding lock ${last.held},`,
		'which lock already depends on the new lock.',
		'The existing dependency chain, in reverse order:',
		...chain,
		RULE,
	];
}

/** The report of a step that went wrong. */
export function trapSplat({ message, stack = [] }: TrapSite, task: string): string[] {
	const [, caller] = stack;
	const where = caller ? `: ${task} in ${caller}()` : `: ${task}`;
	return [RULE, `${message}${where}`, 'Call trace:', ...stack.map((f) => `  ${f}`), RULE];
}
