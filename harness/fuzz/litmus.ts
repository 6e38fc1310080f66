// SPDX-License-Identifier: GPL-2.0-only
/**
 * Litmus files that are nearly right: refused with a place, or read, compiled, printed and read
 * again as the same test. A few of those that compile are explored for some states.
 */
import { readFileSync } from 'node:fs';
import { check } from '../conform/check.ts';
import { configure, UsageError } from '../conform/config.ts';
import { classics, suite } from '../conform/scenarios.ts';
import type { Artifact } from '../engine/machine.ts';
import { random } from '../engine/random.ts';
import { compile } from '../litmus/compile.ts';
import { LitmusError } from '../litmus/error.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { hashTest, printTest } from '../litmus/print.ts';
import { randomLitmus } from '../testing/random.ts';
import { mutatedText, type Pick, seedOf } from './mutate.ts';
import { type Campaign, mustBeVisible } from './outcome.ts';

/** One of so many that compile is explored, for so many states. */
const EXPLORED = 40;
const STATES = 150;

export function litmusCampaign(artifact: Artifact): Campaign {
	const texts = [...suite(), ...classics()].map((file) => readFileSync(file, 'utf8'));
	const one = (pick: Pick) =>
		pick(3) === 0 ? randomLitmus(pick(1 << 30)) : texts[pick(texts.length)];
	const input = (seed: number, n: number): string => {
		const pick = random(seedOf(seed, n));
		return mutatedText(one(pick), one(pick), pick);
	};
	const configuration = configure({});
	return {
		name: 'litmus',
		reproducer: input,
		async run(seed, n) {
			const text = input(seed, n);
			let test: ReturnType<typeof parseLitmus>;
			try {
				test = parseLitmus(text, 'fuzz.litmus');
			} catch (e) {
				if (!(e instanceof LitmusError)) throw e;
				mustBeVisible(e.message);
				return 'refused';
			}
			mustBeVisible(test.name + test.header.text);
			const printed = printTest(test);
			const again = parseLitmus(printed, 'printed.litmus', Number.POSITIVE_INFINITY);
			if (hashTest(again) !== hashTest(test) || printTest(again) !== printed)
				throw new Error(`printed, it is another test:\n${printed.slice(0, 1000)}`);
			try {
				compile(test);
			} catch (e) {
				if (!(e instanceof LitmusError || e instanceof UsageError)) throw e;
				return 'not compiled';
			}
			if (random(seedOf(seed, ~n))(EXPLORED) !== 0) return 'compiled';
			try {
				const limits = { maxStates: STATES };
				const report = await check(artifact, { test, configuration, limits, harm: false });
				return `explored, ${report.verdict}`;
			} catch (e) {
				if (e instanceof UsageError || e instanceof LitmusError) return 'not explored';
				throw e;
			}
		},
	};
}
