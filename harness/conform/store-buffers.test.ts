// SPDX-License-Identifier: GPL-2.0-only
/**
 * STORE_BUFFERS: an unmap whose counter is seen late changes no verdict of the proposed sets. What
 * a truncate needs a barrier for is S147, with its row in the suite.
 */
import test from 'ava';
import { loadArtifact } from '../kts/artifact.ts';
import { check } from './check.ts';
import { configure } from './config.ts';
import { findTests, projectRoot, readTest } from './scenarios.ts';

const artifact = await loadArtifact(projectRoot());
const set = ['STORE_BUFFERS=1'];

for (const profile of ['proposed', 'proposed-shared'])
	for (const id of ['S01', 'S04', 'S07', 'S12', 'S32'])
		test.serial(`${id}, ${profile}: the same when stores are seen late`, async (t) => {
			const one = readTest(findTests(id)[0]);
			const [as, late] = await Promise.all(
				[{ profile }, { profile, set }].map((choice) =>
					check(artifact, { test: one, configuration: configure(choice), harm: false }),
				),
			);
			t.is(late.verdict, as.verdict);
			t.true(late.states > as.states, 'some are late');
		});
