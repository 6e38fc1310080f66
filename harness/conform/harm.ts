// SPDX-License-Identifier: GPL-2.0-only
/**
 * Searches after the first violation: for harm that a program notices, and for circles in the order
 * of locks.
 *
 * Interface: lookForHarm lockCircle circularLocking
 */
import { CheckpointError } from '../engine/checkpoint.ts';
import { explore } from '../engine/explorer.ts';
import { type LockArc, type Machine, Violation } from '../engine/machine.ts';
import { delegate } from '../engine/reduction.ts';
import type { Step } from '../engine/result.ts';
import type { CircleArc } from '../engine/trace.ts';
import { circleIn, names as circleNames, circularSplat } from '../report/splat.ts';
import { isCounted } from './inversions.ts';
import { type Prepared, prepare } from './prepare.ts';
import { propertyOf } from './properties.ts';
import type { CheckRequest, Found } from './request.ts';
import { exploreOnce, foundIn } from './search.ts';

/** The search for harm may have so many times the states of the first search. */
const HARM_FACTOR = 50;
const HARM_STATES = 200_000;

/** Looks for harm that a program can notice, near the first violation. */
export async function lookForHarm(
	prepared: Prepared,
	request: CheckRequest,
	found: Found,
	states: number,
): Promise<Found | undefined> {
	if (propertyOf(found.property).visible) return undefined;
	const maxStates = Math.max(HARM_STATES, states * HARM_FACTOR);
	const limits = { ...request.limits, maxStates, order: 'bfs' as const };
	const harm = foundIn(await exploreOnce(prepared, request, false, limits), prepared.machine);
	return harm && propertyOf(harm.property).verdict === 'violated' ? harm : undefined;
}

/** A shortest path to a step that takes a lock while another is held; undefined: none was found. */
function wayToArc(
	machine: Machine,
	{ held, taken }: LockArc,
	maxStates: number,
	resume: string | undefined,
): Step[] | undefined {
	const watched = delegate(machine);
	const trap = { property: 'LOCKDEP', message: '', file: '', line: 0, function: '' };
	watched.step = (task, choice) => {
		machine.forgetLocks?.();
		machine.step(task, choice);
	};
	watched.check = () => {
		const seen = machine.lockOrder?.().some((a) => a.held === held && a.taken === taken);
		if (seen) throw new Violation(trap);
	};
	const { violation, trace, verdict } = explore(watched, { maxStates });
	if (resume !== undefined && verdict === 'complete')
		throw new CheckpointError(
			`${resume} does not fit: it has an order of locks that no step takes`,
		);
	return violation?.trap === trap ? trace : undefined;
}

/**
 * A circle in the order of locks, over all executions: the report, and a shortest path to each
 * order. The last one closes the circle. If a limit is reached before all paths are known, there is
 * no path.
 */
export function lockCircle(
	prepared: Prepared,
	request: CheckRequest,
	order: readonly LockArc[] = prepared.machine.lockOrder?.() ?? [],
): Found | undefined {
	const where = { test: request.test.name, config: prepared.machine.config };
	const circle = circleIn(order, (arc) => isCounted(arc, where));
	if (!circle) return undefined;
	const { artifact, test, configuration } = { ...prepared, ...request };
	const { machine } = prepare(artifact, test, configuration);
	const { maxStates = Number.POSITIVE_INFINITY } = request.limits ?? {};
	const ways = circle.flatMap((arc): CircleArc[] => {
		const schedule = wayToArc(machine, arc, maxStates, request.checkpoint?.resume);
		return schedule ? [{ held: arc.held, taken: arc.taken, schedule }] : [];
	});
	const known = ways.length === circle.length;
	return {
		...circularLocking(circle),
		schedule: ways.at(-1)?.schedule ?? [],
		...(known && { circle: ways }),
	};
}

/** The message for a circle of locks. */
export function circularLocking(
	circle: readonly LockArc[],
): Pick<Found, 'property' | 'message' | 'splat'> {
	const message = `possible circular locking dependency: ${circleNames(circle)}`;
	return { property: 'LOCKDEP', message, splat: circularSplat(circle) };
}
