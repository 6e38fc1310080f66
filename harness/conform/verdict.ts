// SPDX-License-Identifier: GPL-2.0-only
/**
 * From the result of an exploration to a verdict.
 *
 * Interface: verdictOf expectation
 */
import type { Result } from '../engine/result.ts';
import type { Property } from '../kts/prelude.ts';
import { expectedOf } from '../litmus/report.ts';
import { isAboutSomething, propertyOf } from './properties.ts';
import type { CheckRequest, Found, Verdict } from './request.ts';
import { REASONS } from './search.ts';

/** What the header says; vacuous it is with progress as without. */
export function expectation({
	test,
	configuration,
	progress,
}: Pick<CheckRequest, 'test' | 'configuration' | 'progress'>): string | undefined {
	const expected = expectedOf(test, configuration.profile);
	if (!progress) return expected;
	const { header } = test;
	const other = expected === 'vacuous' ? expected : undefined;
	return expectedOf(test, configuration.profile, header.progress) ?? other;
}

/** Why a search did not come to its end, for people. */
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
