// SPDX-License-Identifier: GPL-2.0-only
/** The campaigns: how many inputs each has by night, and how many in the test. */
import type { Artifact } from '../engine/machine.ts';
import { checkpointCampaign } from './checkpoints.ts';
import { litmusCampaign } from './litmus.ts';
import type { Campaign } from './outcome.ts';
import { traceCampaign } from './traces.ts';

export interface CampaignKind {
	name: string;
	whole: number;
	sample: number;
	make(artifact: Artifact): Campaign | Promise<Campaign>;
}

export const CAMPAIGNS: readonly CampaignKind[] = [
	{ name: 'litmus', whole: 100_000, sample: 300, make: litmusCampaign },
	{ name: 'traces', whole: 20_000, sample: 60, make: traceCampaign },
	{ name: 'checkpoints', whole: 5_000, sample: 40, make: checkpointCampaign },
];
