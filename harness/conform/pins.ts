// SPDX-License-Identifier: GPL-2.0-only
/**
 * What the tests of the suite had when they were last looked at: states, transitions and depth by
 * profile, in a file for each test. suite.test.ts compares them and makes them anew.
 *
 * Interface: Pins pinFile pinsOf statesOf
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot, testId } from './scenarios.ts';

/** [states, transitions, depth] by profile */
export type Pins = Record<string, number[]>;

export function pinFile(id: string): string {
	return path.join(projectRoot(), 'harness/conform/pinned', `${id}.json`);
}

/** Those of a test; none if it has not been looked at. */
export function pinsOf(id: string): Pins {
	return existsSync(pinFile(id)) ? JSON.parse(readFileSync(pinFile(id), 'utf8')) : {};
}

/** States of a test's file in a profile; Infinity if they are not known. */
export function statesOf(file: string, profile = 'proposed-shared'): number {
	return pinsOf(testId(file))[profile]?.[0] ?? Number.POSITIVE_INFINITY;
}
