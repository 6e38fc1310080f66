// SPDX-License-Identifier: GPL-2.0-only
/** The worker of the bench: its part of the exploration of a configured machine. */
import { instantiate } from '../../kts/instantiate.ts';
import type { Artifact } from '../machine.ts';
import { exploreJob } from '../parallel/explore.ts';
import { serve } from '../pool.ts';

export interface Configured {
	artifact: Pick<Artifact, 'code' | 'meta'>;
	config: Record<string, number>;
}

export const jobs = {
	explore: exploreJob(({ artifact, config }: Configured) => ({
		machine: instantiate(artifact, { config }),
	})),
};
export type BenchJobs = typeof jobs;
serve(jobs);
