// SPDX-License-Identifier: GPL-2.0-only
/**
 * The suite with other lock modules than the one that a test is first run with: the same verdicts,
 * and as many states as when they were last looked at. To take new counts over: VFSHOOK_PIN=1.
 * VFSHOOK_LONG=1 takes the larger tests as well.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { loadArtifact } from '../kts/artifact.ts';
import { modulesOf, modulesOwn } from '../testing/modules.ts';
import { check } from './check.ts';
import { configure } from './config.ts';
import { projectRoot, readTest, suite, testId } from './scenarios.ts';

const artifact = await loadArtifact(projectRoot());
const renew = process.env.VFSHOOK_PIN === '1';
const size = process.env.VFSHOOK_LONG === '1' ? 'long' : 'day';
const pinned = path.join(projectRoot(), 'harness/conform/pinned');
const PROFILES = ['proposed', 'proposed-shared'];

/** states, transitions, depth, by module and profile */
type Pins = Record<string, number[]>;
const read = (file: string): Pins =>
	existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};

for (const file of suite()) {
	const id = testId(file);
	const pinFile = path.join(pinned, 'modules', `${id}.json`);
	const pins = read(pinFile);
	const counted: Pins = {};
	const states = read(path.join(pinned, `${id}.json`))['proposed-shared']?.[0];
	const [, ...others] = modulesOf(readTest(file), states, size);
	for (const module of others)
		for (const profile of PROFILES) {
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
			const lines = Object.entries({ ...pins, ...counted }).map(
				([key, counts]) => `\t${JSON.stringify(key)}: [${counts.join(', ')}]`,
			);
			mkdirSync(path.dirname(pinFile), { recursive: true });
			t.notThrows(() => writeFileSync(pinFile, `{\n${lines.join(',\n')}\n}\n`));
		});
}
