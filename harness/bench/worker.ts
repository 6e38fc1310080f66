// SPDX-License-Identifier: GPL-2.0-only
/** The worker of a measured exploration: makes the machine that it is asked for. */
import { exploreJob } from '../engine/parallel/explore.ts';
import { serve } from '../engine/pool.ts';
import { type Request, workloadOf } from './measure.ts';

const jobs = {
	load: async (request: Request) => void (await workloadOf(request)),
	explore: exploreJob(async (request: Request) => ({
		machine: (await workloadOf(request)).machine(request.reductions),
	})),
};
export type WorkerJobs = typeof jobs;
serve(jobs);
