// SPDX-License-Identifier: GPL-2.0-only
/**
 * What is looked for beside the first violation: harm that a program notices, and locks that were
 * taken in orders that contradict each other.
 *
 * Interface: lookForHarm lockCircle
 */
import { explore } from '../engine/explorer.ts';
import { Violation } from '../engine/machine.ts';
import { delegate } from '../engine/reduction.ts';
import { circleIn, names as circleNames, circularSplat } from '../report/splat.ts';
import { isRegular } from './inversions.ts';
import { type Prepared, prepare } from './prepare.ts';
import { propertyOf } from './properties.ts';
import type { CheckRequest, Found } from './request.ts';
import { exploreOnce, foundIn } from './search.ts';

/** How many times the states that the first search needed the search for harm may have. */
const HARM_FACTOR = 50;
const HARM_STATES = 200_000;

/** Looks for something that a program can notice, near what was found. */
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

/**
 * Locks that were taken in an order that contradicts another, in whatever executions: the report,
 * and a shortest way to what closes the circle.
 */
export function lockCircle(prepared: Prepared, request: CheckRequest): Found | undefined {
	const { symbols } = request.configuration;
	const circle = circleIn(prepared.machine.lockOrder?.() ?? [], (arc) => isRegular(arc, symbols));
	if (!circle) return undefined;
	const { held, taken } = circle[circle.length - 1];
	const { artifact, test, configuration } = { ...prepared, ...request };
	const { machine } = prepare(artifact, test, configuration);
	const message = `possible circular locking dependency: ${circleNames(circle)}`;
	const trap = { property: 'LOCKDEP', message, file: '', line: 0, function: '' };
	const watched = delegate(machine);
	watched.step = (task, choice) => {
		machine.forgetLocks?.();
		machine.step(task, choice);
	};
	watched.check = () => {
		const seen = machine.lockOrder?.().some((a) => a.held === held && a.taken === taken);
		if (seen) throw new Violation(trap);
	};
	const { maxStates = Number.POSITIVE_INFINITY } = request.limits ?? {};
	const schedule = explore(watched, { maxStates }).trace ?? [];
	return { property: 'LOCKDEP', message, schedule, splat: circularSplat(circle) };
}
