// SPDX-License-Identifier: GPL-2.0-only
/**
 * A test on the machine, and on the machine with a cut wherever another processor could come in:
 * are the verdicts the same? Without the state predicates in both, since they hold between the
 * steps of the machine, and not in the midst of one.
 */
import type { Artifact } from '../engine/machine.ts';
import type { Test } from '../litmus/ast.ts';
import { type Choice, configure } from './config.ts';
import { prepare } from './prepare.ts';
import { needTracking } from './reductions.ts';
import type { Found, Limits } from './request.ts';
import { exploreOnce, foundIn } from './search.ts';

export interface Searched {
	/** `complete`, `violated`, or what kept it from the end */
	verdict: string;
	found?: Found;
	states: number;
	marks: readonly string[];
}

export interface Compared {
	/** undefined: one of both did not come to its end */
	same?: boolean;
	base: Searched;
	cuts: Searched;
}

/** Steps that no other task can tell apart become one again. */
const REDUCTIONS = ['local', 'slots'];

async function searched(
	artifact: Artifact,
	test: Test,
	choice: Choice,
	limits: Limits,
): Promise<Searched> {
	const configuration = configure(choice);
	const track = needTracking(limits.reductions ?? []);
	const prepared = prepare(artifact, test, configuration, {}, track);
	const request = { test, configuration, limits };
	const result = await exploreOnce(prepared, request, false, limits);
	const found = foundIn(result, prepared.machine);
	const { states, marks, reason } = result;
	return { verdict: found ? 'violated' : (reason ?? result.verdict), found, states, marks };
}

/** With local steps as one; all steps, if a claim about such a step did not hold. */
async function withCuts(
	artifact: Artifact,
	test: Test,
	choice: Choice,
	maxStates: number,
): Promise<Searched> {
	const all = { ...choice, set: [...(choice.set ?? []), 'CUT=all'] };
	if (!test.header.dies) {
		const less = await searched(artifact, test, all, { maxStates, reductions: REDUCTIONS });
		if (less.verdict !== 'reduction') return less;
	}
	return searched(artifact, test, all, { maxStates });
}

/** `cut`: the artifact with all cuts. */
export async function compareWithCuts(
	{ base, cut }: { base: Artifact; cut: Artifact },
	test: Test,
	choice: Choice,
	maxStates: number,
): Promise<Compared> {
	const before = await searched(base, test, choice, { maxStates });
	const cuts = await withCuts(cut, test, choice, maxStates);
	const ended = [before, cuts].every(({ verdict }) => ['complete', 'violated'].includes(verdict));
	return { ...(ended && { same: before.verdict === cuts.verdict }), base: before, cuts };
}
