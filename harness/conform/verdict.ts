// SPDX-License-Identifier: GPL-2.0-only
/**
 * From the result of an exploration to a verdict.
 *
 * Interface: verdictOf expectation isAsExpected
 */
import type { Result } from '../engine/result.ts';
import type { Property } from '../kts/prelude.ts';
import { type ExpectedVerdict, expectedVerdict } from '../litmus/expectation.ts';
import { isAboutSomething, propertyOf } from './properties.ts';
import type { CheckReport, CheckRequest, Found, Verdict } from './request.ts';
import { REASONS } from './search.ts';

/** The verdict that the header expects; `vacuous` holds with progress as well. */
export function expectation({
	test,
	configuration: { profile },
	progress,
}: Pick<CheckRequest, 'test' | 'configuration' | 'progress'>): ExpectedVerdict | undefined {
	const expected = expectedVerdict(test, profile);
	if (!progress) return expected;
	const other = expected === 'vacuous' ? expected : undefined;
	return expectedVerdict(test, profile, test.header.progress) ?? other;
}

/**
 * Is the verdict the expected one, or `verified` if none is? `expected`: the expectation of the
 * header for the profile, if the configuration is that of the profile.
 */
export function isAsExpected(
	{ verdict }: Pick<CheckReport, 'verdict'>,
	expected: ExpectedVerdict | undefined,
): boolean {
	return verdict === (expected ?? 'verified');
}

/** Why a search is incomplete, as text. */
function reasonOf({ reason, detail }: Result): string {
	const text = REASONS[reason ?? ''] ?? reason;
	return detail ? `${text}: ${detail}` : text;
}

export function verdictOf(
	result: Result,
	found: Found | undefined,
	unreached: string[],
	exercised: readonly Property[],
): { verdict: Verdict; reason?: string } {
	if (found) {
		const { verdict } = propertyOf(found.property);
		return verdict === 'violated' ? { verdict } : { verdict, reason: found.message };
	}
	if (result.verdict !== 'complete') return { verdict: 'incomplete', reason: reasonOf(result) };
	if (unreached.length > 0)
		return { verdict: 'vacuous', reason: `never happened: ${unreached.join('; ')}` };
	if (result.terminals === 0)
		return { verdict: 'vacuous', reason: 'no interleaving comes to an end' };
	if (!isAboutSomething(exercised))
		return { verdict: 'vacuous', reason: `no property but ${exercised.join(', ')} was exercised` };
	return { verdict: 'verified' };
}
