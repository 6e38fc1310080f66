// SPDX-License-Identifier: GPL-2.0-only
/**
 * Each machine is checked once. Most symbols decide code that the machine of a test does not have:
 * with and without them it is the same machine, with the same result. The result of a check
 * depends on
 *
 *   - the machine: kts/identity.ts, with the programs and the files of the test in it
 *   - the test: what it observes, its condition, the marks that it must reach
 *   - whether the condition is a property, which depends on the expectation for the profile
 *   - the options: limits, harm, progress
 *   - which orders of locks are known inversions, which depends on symbols: the answer is tested
 *     for this, as it matters only if those locks were taken
 *
 * All but the last is in the identity of a check; names of symbols and profiles are not.
 *
 * Interface: Once identityOfCheck answerOf SharedRequest
 */
import { createHash } from 'node:crypto';
import type { Artifact } from '../engine/machine.ts';
import { identityOf } from '../kts/identity.ts';
import {
	type CheckReport,
	type CheckRequest,
	claimsOf,
	expectation,
	ingredients,
} from './check.ts';
import { arcOf, isCounted } from './inversions.ts';
import { needTracking } from './reductions.ts';

/**
 * A request without options that cannot be shared. The time limit is not part of the identity: a
 * check that reached it says so, and that answers the other request too.
 */
export type SharedRequest = Pick<
	CheckRequest,
	'test' | 'configuration' | 'harm' | 'progress' | 'canFinish'
> & { limits?: Omit<NonNullable<CheckRequest['limits']>, 'walks' | 'seed'> };

/** Checks with the same identity have the same answer, except for what answerOf() tests. */
export function identityOfCheck(artifact: Artifact, request: SharedRequest): string {
	const { test, configuration, limits = {}, harm = true } = request;
	const { program, config } = ingredients(test, configuration);
	const { maxStates, maxMemory, order, visited, reductions = [] } = limits;
	const track = needTracking(reductions);
	const machine = identityOf(artifact, { config, rom: program.rom, track });
	const asked = [maxStates, maxMemory, order, visited, reductions, harm];
	const ends = [!!request.progress, !!request.canFinish];
	const claims = claimsOf(test, configuration.profile);
	const text = test.source.text;
	const all = JSON.stringify([machine, test.name, text, claims, asked, ends]);
	return createHash('sha256').update(all).digest('hex');
}

/**
 * The report of a check as the answer of another one with the same identity; undefined: it took
 * locks in an order that is a known inversion for only one of the two.
 */
export function answerOf(other: CheckReport, request: SharedRequest): CheckReport | undefined {
	const { test, configuration } = request;
	const { symbols } = configuration;
	const { bounds, config } = ingredients(test, configuration);
	const counted = (arc: string, of: Record<string, number>): boolean =>
		isCounted(arcOf(arc), { test: test.name, config: { ...config, ...of } });
	if (other.locks.some((arc) => counted(arc, other.config) !== counted(arc, symbols)))
		return undefined;
	const expected = expectation(request);
	const own = { profile: configuration.profile, config: symbols, bounds, expected };
	const sameAs = { profile: other.profile, config: other.config };
	return { ...other, ...own, seconds: 0, sameAs };
}

/** Answers checks, and makes as few as possible. */
export class Once<R extends SharedRequest> {
	/** by identity, those that were made; several if they know of different inversions */
	readonly #made = new Map<string, Promise<CheckReport>[]>();

	constructor(
		readonly artifact: Artifact,
		readonly make: (request: R) => Promise<CheckReport>,
	) {}

	/** The report has `sameAs` if another check has answered. */
	async check(request: R): Promise<CheckReport> {
		const identity = identityOfCheck(this.artifact, request);
		const made = this.#made.get(identity) ?? [];
		this.#made.set(identity, made);
		// this also sees one that began during the wait
		for (const other of made) {
			const answer = answerOf(await other, request);
			if (answer) return answer;
		}
		const own = this.make(request);
		made.push(own);
		return own;
	}
}
