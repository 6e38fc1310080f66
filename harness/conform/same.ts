// SPDX-License-Identifier: GPL-2.0-only
/**
 * Each machine is checked once. Most symbols decide code that the machine of a test does not have:
 * with and without them it is the same machine, and what was found out about one is true of the
 * other. What a check says depends on
 *
 *   - the machine: kts/identity.ts, with the programs and the files of the test in it
 *   - the test: what it observes, its condition, the marks that it must reach
 *   - whether the condition is a property, which the expectation of a profile says
 *   - what is asked for: limits, harm, progress
 *   - which orders of locks are known inversions, which symbols decide: this is asked of the
 *     answer, as it matters only if those locks were taken
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
import { isRegular } from './inversions.ts';
import { needTracking } from './reductions.ts';

/**
 * Without what cannot be told by two. How long a check may take is no part of its identity: one
 * that was cut short says so, and is as good for the other.
 */
export type SharedRequest = Pick<
	CheckRequest,
	'test' | 'configuration' | 'harm' | 'progress' | 'canFinish'
> & { limits?: Omit<NonNullable<CheckRequest['limits']>, 'walks' | 'seed'> };

/** Checks with the same identity have the same answer, but for what answerOf() looks at. */
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
 * What the report of a check says of another one with the same identity; undefined: nothing, as it
 * has taken locks in an order that only one of the two is known for.
 */
export function answerOf(other: CheckReport, request: SharedRequest): CheckReport | undefined {
	const { test, configuration } = request;
	const { symbols } = configuration;
	const differs = other.locks.some((arc) => {
		const [held, taken] = arc.split(' -> ');
		return isRegular({ held, taken }, other.config) !== isRegular({ held, taken }, symbols);
	});
	if (differs) return undefined;
	const expected = expectation(request);
	const { bounds } = ingredients(test, configuration);
	const own = { profile: configuration.profile, config: symbols, bounds, expected };
	const sameAs = { profile: other.profile, config: other.config };
	return { ...other, ...own, seconds: 0, sameAs };
}

/** Answers checks, with as few as possible that are made. */
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
		// one that begins while this waits is seen as well
		for (const other of made) {
			const answer = answerOf(await other, request);
			if (answer) return answer;
		}
		const own = this.make(request);
		made.push(own);
		return own;
	}
}
