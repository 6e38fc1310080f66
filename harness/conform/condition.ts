// SPDX-License-Identifier: GPL-2.0-only
/**
 * The condition of a test as a property of the machine.
 *
 * Interface: CONDITION claimsOf conditionIn contradictionIn
 */
import type { Subject } from '../engine/parallel/explore.ts';
import type { Test } from '../litmus/ast.ts';
import type { Program } from '../litmus/compile.ts';
import { claimOf } from '../litmus/expectation.ts';
import { finalReader } from '../litmus/final.ts';
import { holds, locationName, valueText } from '../litmus/observe.ts';
import { finalPage } from '../world/observe.ts';
import type { Prepared } from './prepare.ts';
import type { CheckRequest } from './request.ts';

/** The property that stands for the condition of the test itself. */
export const CONDITION = 'COND';

/**
 * Does a final state contradict the condition? `exists` only asks, unless the header says Never.
 */
export function contradicts(test: Test, profile: string): ((value: boolean) => boolean) | null {
	const claim = claimOf(test, profile);
	if (!claim) return null;
	return claim === 'never' ? (value) => value : (value) => !value;
}

/** Does the condition of a test claim anything, and what? */
export function claimsOf(test: Test, profile: string): Test['quantifier'] | undefined {
	return contradicts(test, profile) ? test.quantifier : undefined;
}

const CONTRADICTION = {
	'~exists': 'a final state that the test forbids',
	forall: 'a final state in which the condition of the test does not hold',
	exists: 'a final state that the test says never happens',
};

/** Is the proposition of a test true of these final values, in the order of `observed`? */
export function conditionIn({ test, observed }: Program, values: readonly number[]): boolean {
	const names = new Map(observed.map((o, i) => [o.name, values[i]]));
	return holds(test, test.condition, (l) => names.get(locationName(test, l)) ?? 0);
}

/** A check of the final state against the condition; null: the condition claims nothing. */
export function contradictionIn(
	{ machine, program }: Prepared,
	{ test, configuration }: Pick<CheckRequest, 'test' | 'configuration'>,
): Subject['checkTerminal'] | null {
	const wrong = contradicts(test, configuration.profile);
	if (!wrong) return null;
	const read = finalReader(machine, program, finalPage);
	return () => {
		const values = read();
		if (!wrong(conditionIn(program, values))) return undefined;
		const state = program.observed
			.map((o, i) => `${o.name}=${valueText(o.location, values[i])};`)
			.join(' ');
		return { property: CONDITION, message: `${CONTRADICTION[test.quantifier]}: ${state}` };
	};
}
