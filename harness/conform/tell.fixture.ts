// SPDX-License-Identifier: GPL-2.0-only
/** For tests: what a report says of a counterexample, as JSON: claims, sentence and story. */
import type { Artifact } from '../engine/machine.ts';
import { storyOf } from '../report/story.ts';
import { buildTrace } from '../report/trace.ts';
import { type Counterexample, configurationOf } from '../testing/counterexamples.ts';
import { prepare } from './check.ts';
import { switchedOff } from './config.ts';
import { findTests, readTest } from './scenarios.ts';

export function reportOf(artifact: Artifact, row: Counterexample): string {
	const configuration = configurationOf(row);
	const { machine, program } = prepare(artifact, readTest(findTests(row.test)[0]), configuration);
	const { property, message, cycleFrom, schedule } = row;
	const found = { property, message, ...(cycleFrom !== undefined && { cycleFrom }) };
	const missing = switchedOff(configuration);
	const trace = buildTrace(machine, schedule, found, program, { missing });
	return JSON.stringify({
		claims: trace.claims,
		conclusion: trace.conclusion,
		cause: trace.cause,
		story: storyOf(trace),
		schedule,
		...(cycleFrom !== undefined && { cycleFrom }),
		later: trace.aftermath?.schedule ?? [],
	});
}
