// SPDX-License-Identifier: GPL-2.0-only
/**
 * The expectation of a header, for two commands. Its words are of two kinds: observations of
 * `vfshook litmus` (Never, Sometimes, Always, Maybe, DEADLOCK) and verdicts of `vfshook check`
 * (verified, violated, vacuous). Only this file translates a word for the other command.
 *
 * Interface: expectedOf claimOf expectedVerdict asExpected ExpectedVerdict
 */
import type { Expectation, Test } from './ast.ts';
import { ALL_PROFILES } from './fields.ts';
import type { Summary } from './report.ts';

export type ExpectedVerdict = 'verified' | 'violated' | 'vacuous';

/** The word of the header for a profile. */
export function expectedOf(
	test: Test,
	profile: string,
	results = test.header.results,
): Expectation | undefined {
	return Object.hasOwn(results, profile) ? results[profile] : results[ALL_PROFILES];
}

/**
 * The claim of the condition: its proposition is true in no final state, or in all. A plain
 * `exists` claims nothing, unless the header says Never.
 */
export function claimOf(test: Test, profile: string): 'never' | 'always' | undefined {
	if (test.quantifier === '~exists') return 'never';
	if (test.quantifier === 'forall') return 'always';
	return expectedOf(test, profile) === 'Never' ? 'never' : undefined;
}

/**
 * The verdict of `check` that a header expects; undefined: none. An observation implies one if the
 * condition claims something: for `~exists`, Never means verified, Sometimes means violated. Maybe
 * leaves it open; without a final state (DEADLOCK) I9 is violated.
 */
export function expectedVerdict(
	test: Test,
	profile: string,
	results = test.header.results,
): ExpectedVerdict | undefined {
	const word = expectedOf(test, profile, results);
	if (word === 'verified' || word === 'violated' || word === 'vacuous') return word;
	if (word === 'DEADLOCK') return 'violated';
	const claim = claimOf(test, profile);
	if (word === undefined || word === 'Maybe' || claim === undefined) return undefined;
	return word.toLowerCase() === claim ? 'verified' : 'violated';
}

/**
 * Does the observation of `litmus` agree with the header? Undefined if the header does not say, or
 * the search is incomplete. Of a verdict only the part about the condition counts.
 */
export function asExpected(test: Test, summary: Summary, profile: string): boolean | undefined {
	const expected = expectedOf(test, profile);
	if (expected === undefined || summary.observation === 'Undef') return undefined;
	if (expected === 'Maybe') return true;
	if (expected === 'DEADLOCK') return summary.states.length === 0;
	if (expected === 'violated') return undefined;
	if (expected === 'verified' || expected === 'vacuous') {
		const claim = claimOf(test, profile);
		return claim && (claim === 'never' ? summary.positive : summary.negative) === 0;
	}
	return summary.observation === expected;
}
