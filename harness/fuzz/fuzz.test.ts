// SPDX-License-Identifier: GPL-2.0-only
/** A sample of each campaign; the whole is run by `npm run nightly`. */
import test from 'ava';
import { projectRoot } from '../conform/scenarios.ts';
import { loadArtifact } from '../kts/artifact.ts';
import { CAMPAIGNS } from './campaigns.ts';
import { runCampaign } from './outcome.ts';

for (const { name, make, sample } of CAMPAIGNS)
	test.serial(`${name}: ${sample} inputs that are nearly right`, async (t) => {
		const campaign = await make(await loadArtifact(projectRoot()));
		const { counts, failures } = await runCampaign(campaign, 1, sample);
		t.deepEqual(failures, []);
		t.true(Object.keys(counts).length > 1, 'some are refused and some are not');
		t.log(counts);
	});

test('a campaign whose inputs break something tells which, and how to make them again', async (t) => {
	const campaign = {
		name: 'planted',
		reproducer: (seed: number, n: number) => `input ${n} of ${seed}`,
		run: (_: number, n: number) => {
			if (n === 3) throw new TypeError('a \u001b[2J fault');
			return 'fine';
		},
	};
	const { counts, failures } = await runCampaign(campaign, 7, 5);
	t.deepEqual(counts, { fine: 4, FAILED: 1 });
	t.is(failures[0].reproducer, 'input 3 of 7');
	t.regex(failures[0].why, /a \\u001b\[2J fault/);
});
