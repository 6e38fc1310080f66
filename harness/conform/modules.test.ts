// SPDX-License-Identifier: GPL-2.0-only
/**
 * The suite with other lock modules than the one that a test is first run with: the same verdicts,
 * and as many states as when they were last looked at. To take new counts over: VFSHOOK_PIN=1.
 * Daily each module with one of the profiles; VFSHOOK_LONG=1 takes both, and the larger tests.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { loadArtifact } from '../kts/artifact.ts';
import { LONG } from '../testing/daily.ts';
import { modulesOf, modulesOwn } from '../testing/modules.ts';
import { check } from './check.ts';
import { configure } from './config.ts';
import { type Pins, pinFile, pinsOf, statesOf } from './pins.ts';
import { projectRoot, readTest, suite, testId } from './scenarios.ts';

const artifact = await loadArtifact(projectRoot());
const renew = process.env.VFSHOOK_PIN === '1';
const size = LONG || renew ? 'long' : 'day';
const PROFILES = ['proposed', 'proposed-shared'];

/** With a module: daily in one of the profiles. */
const profilesOf = (i: number): readonly string[] =>
	LONG || renew ? PROFILES : [PROFILES[i % PROFILES.length]];

for (const [i, file] of suite().entries()) {
	const id = testId(file);
	const pins = pinsOf(`modules/${id}`);
	const counted: Pins = {};
	const [, ...others] = modulesOf(readTest(file), statesOf(file), size);
	for (const [j, module] of others.entries())
		for (const profile of profilesOf(i + j)) {
			const key = `${module} ${profile}`;
			test.serial(`${id}, ${profile}, ${module}`, async (t) => {
				const configuration = configure({ profile, set: [`LOCK_MODULE=${module}`] });
				const report = await check(artifact, { test: readTest(file), configuration, harm: false });
				const own = report.unreached.length > 0 && report.unreached.every(modulesOwn);
				const verdict = report.verdict === 'vacuous' && own ? report.expected : report.verdict;
				t.is(verdict as string, report.expected as string);
				const counts = [report.states, report.transitions, report.depth];
				if (renew) counted[key] = counts;
				else t.deepEqual(counts, pins[key], 'states, transitions, depth');
			});
		}
	if (renew && others.length > 0)
		test.serial(`${id}: counts taken over`, (t) => {
			const lines = Object.entries(counted).map(
				([key, counts]) => `\t${JSON.stringify(key)}: [${counts.join(', ')}]`,
			);
			const written = pinFile(`modules/${id}`);
			mkdirSync(path.dirname(written), { recursive: true });
			t.notThrows(() => writeFileSync(written, `{\n${lines.join(',\n')}\n}\n`));
		});
}
