// SPDX-License-Identifier: GPL-2.0-only
/** The worker of vfshook: whole checks, one after the other, or its part of an exploration. */
import type { Artifact } from '../engine/machine.ts';
import { exploreJob } from '../engine/parallel/explore.ts';
import { type JobContext, serve } from '../engine/pool.ts';
import type { Test } from '../litmus/ast.ts';
import { artifactFor } from './artifacts.ts';
import {
	type CheckReport,
	check,
	type ExploreArgument,
	type Limits,
	prepare,
	subjectOf,
} from './check.ts';
import type { Configuration } from './config.ts';
import { type Refinement, refine } from './refine.ts';
import { readTest } from './scenarios.ts';

export interface CheckJob {
	file: string;
	configuration: Configuration;
	limits?: Limits;
	harm?: boolean;
	progress?: boolean;
}

export interface RefineJob {
	file: string;
	reductions?: readonly string[];
}

/** without all cuts, and with them */
const artifacts: (Promise<Artifact> | undefined)[] = [];

function artifactOf(bounds: Configuration['bounds']): Promise<Artifact> {
	return (artifacts[bounds.CUT ?? 0] ??= artifactFor(bounds));
}

/** a test is checked on many configurations */
const tests = new Map<string, Test>();

function testIn(file: string): Test {
	const test = tests.get(file) ?? readTest(file);
	tests.set(file, test);
	return test;
}

export const jobs = {
	async check(job: CheckJob, context: JobContext): Promise<CheckReport> {
		return check(await artifactOf(job.configuration.bounds), {
			test: testIn(job.file),
			configuration: job.configuration,
			limits: job.limits,
			harm: job.harm,
			progress: job.progress,
			signal: context.signal,
		});
	},
	async refine(job: RefineJob, context: JobContext): Promise<Refinement> {
		const { file, reductions } = job;
		return refine(await artifactOf({}), testIn(file), { reductions, signal: context.signal });
	},
	explore: exploreJob((argument: ExploreArgument) =>
		subjectOf(prepare(argument.artifact, argument.test, argument.configuration), argument),
	),
};
export type ConformJobs = typeof jobs;
serve(jobs);
