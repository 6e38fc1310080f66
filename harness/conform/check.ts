// SPDX-License-Identifier: GPL-2.0-only
/**
 * One test on one configuration: every interleaving, and the verdict. This is the entry to the
 * files beside it: request, prepare, condition, search, harm, verdict.
 *
 * Interface: check, and what the others share
 */

import { type Artifact, Violation } from '../engine/machine.ts';
import type { Result } from '../engine/result.ts';
import { walkAsync } from '../engine/walk.ts';
import { contradicts } from './condition.ts';
import { UsageError } from './config.ts';
import { lockCircle, lookForHarm } from './harm.ts';
import { knownInversions } from './inversions.ts';
import { ingredients, type Prepared, prepare } from './prepare.ts';
import { exercisedBy, isProperty, propertyOf } from './properties.ts';
import { needTracking } from './reductions.ts';
import { type CheckReport, type CheckRequest, refuseProgress, refuseWorkers } from './request.ts';
import { aboutOf, type Explored, exploreOnce, foundIn, shortened } from './search.ts';
import { expectation, verdictOf } from './verdict.ts';

export { CONDITION, claimsOf, conditionIn } from './condition.ts';
export { endsOf, type Ingredients, ingredients, type Prepared, prepare } from './prepare.ts';
export type { CheckReport, CheckRequest, Found, Limits, Verdict } from './request.ts';
export { type ExploreArgument, REASONS, subjectOf } from './search.ts';
export { expectation } from './verdict.ts';

/** The report if the set-up itself, before the first state, violates a property. */
function brokenSetup(request: CheckRequest, e: Violation): CheckReport {
	const { property, message, file, line, function: name } = e.trap;
	const { test, configuration } = request;
	if (!isProperty(property)) throw e;
	const { verdict } = propertyOf(property);
	return {
		id: test.name,
		profile: configuration.profile,
		config: configuration.symbols,
		bounds: ingredients(test, configuration).bounds,
		verdict,
		reason: `in the set-up: ${message}`,
		...(verdict === 'violated' && {
			violation: { property, message, file, line, function: name, schedule: [] },
		}),
		conditionCounts: contradicts(test, configuration.profile) !== null,
		expected: expectation(request),
		states: 0,
		transitions: 0,
		depth: 0,
		terminals: 0,
		seconds: 0,
		bytesPerState: 0,
		exercised: [],
		unreached: [],
		locks: [],
	};
}

/** Explores, and reports. Timers, signals and messages are handled in between. */
export async function check(artifact: Artifact, request: CheckRequest): Promise<CheckReport> {
	const { test, configuration, limits = {} } = request;
	let prepared: Prepared;
	try {
		const track = needTracking(limits.reductions ?? []);
		prepared = prepare(artifact, test, configuration, {}, track);
	} catch (e) {
		if (e instanceof Violation) return brokenSetup(request, e);
		throw e;
	}
	if (request.progress || request.canFinish) refuseProgress(request);
	if (request.pool) refuseWorkers(request);
	const { walks, seed, ...rest } = limits;
	// They hold between the steps of the machine, not in the midst of one.
	const predicates = !configuration.bounds.CUT;
	if (walks && rest.reductions?.length)
		throw new UsageError('--reduce does not go with random walks, which keep no states');
	const { onProgress, signal } = request;
	const result: Explored = await (walks
		? walkAsync(prepared.machine, { walks, seed, ...rest, predicates, onProgress, signal })
		: exploreOnce(
				prepared,
				request,
				predicates,
				rest,
				request.checkpoint && {
					...request.checkpoint,
					about: aboutOf(artifact, request, prepared),
				},
			));
	const found =
		foundIn(shortened(result, prepared, request), prepared.machine) ??
		lockCircle(prepared, request, result.lockOrder);
	const marks = new Set(result.marks);
	const complete = result.verdict === 'complete';
	const searched = { marks, complete, ended: result.terminals > 0, predicates };
	const { progress = false, canFinish = false } = request;
	const exercised = exercisedBy({ ...searched, progress, canFinish });
	const unreached = test.header.exercises.filter((mark) => !marks.has(mark));
	const locks = lockMarks(result);
	const inversions = knownInversions(locks, { test: test.name, config: prepared.machine.config });
	const report: CheckReport = {
		id: test.name,
		profile: configuration.profile,
		config: prepared.config,
		bounds: prepared.bounds,
		...verdictOf(result, found, unreached, exercised),
		...(result.reason && { limit: result.reason, queue: result.queue }),
		...(request.progress && { progress: true }),
		...(result.tables && { tables: result.tables }),
		...(result.reductions?.length && { reductions: result.reductions }),
		conditionCounts: contradicts(test, configuration.profile) !== null,
		expected: expectation(request),
		states: result.states,
		transitions: result.transitions,
		depth: result.depth,
		terminals: result.terminals,
		seconds: result.seconds,
		bytesPerState: result.bytesPerState,
		...(result.omission !== undefined && { omission: result.omission }),
		...(result.seed !== undefined && { seed: result.seed }),
		exercised,
		unreached,
		locks,
		...(inversions.length > 0 && { inversions }),
		glocks: marksOf(result, GLOCK),
		...(result.reason && result.checkpoint && { checkpoint: result.checkpoint }),
		...(result.resumed !== undefined && { resumed: result.resumed }),
	};
	if (found && propertyOf(found.property).verdict === 'violated') {
		report.violation = found;
		if (request.harm !== false)
			report.harm = await lookForHarm(prepared, request, found, result.states);
	}
	return report;
}

const LOCK = 'lock: ';
const GLOCK = 'glock: ';
const marksOf = ({ marks }: Result, kind: string): string[] =>
	marks
		.filter((m) => m.startsWith(kind))
		.map((m) => m.slice(kind.length))
		.sort();
const lockMarks = (result: Result): string[] => marksOf(result, LOCK);
