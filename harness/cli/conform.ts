// SPDX-License-Identifier: GPL-2.0-only
/** vfshook conform: the suite, or some of its tests, as one table. */
import { type Choice, configure, profileOf, symbolNamed } from '../conform/config.ts';
import { type Conformance, startConform } from '../conform/conform.ts';
import { reductionsNamed } from '../conform/reductions.ts';
import { findTests, readTest, suite } from '../conform/scenarios.ts';
import type { ConformJobs } from '../conform/worker.ts';
import { Pool } from '../engine/pool.ts';
import { optimiseLater } from '../engine/tiers.ts';
import { limitsOf } from './check.ts';
import { conformPage } from './conform-page.ts';
import { Interrupt } from './interrupt.ts';
import { EXIT_INCOMPLETE, EXIT_OK, EXIT_VIOLATED, fold, widthOf } from './output.ts';
import { RunProgress } from './progress.ts';

/** The columns of the table when no profile is named. */
const COLUMNS = ['proposed', 'proposed-shared'];

export interface ConformOptionsCli extends Choice {
	json?: boolean;
	reduce?: string;
	each?: boolean;
	width?: string;
	maxStates?: string;
	maxMemory?: string;
	maxSeconds?: string;
	worker: URL;
}

export async function conformCommand(
	words: readonly string[],
	options: ConformOptionsCli,
): Promise<number> {
	const width = widthOf(options.width);
	const reductions = options.reduce === undefined ? [] : reductionsNamed(options.reduce);
	const profiles = options.profile ? [profileOf(options.profile).name] : COLUMNS;
	const { maxStates, maxMemory, maxSeconds } = options;
	const limits = limitsOf({ maxStates, maxMemory, maxSeconds });
	const choice = choiceOf(options);
	// A configuration that is not possible is reported first.
	for (const profile of profiles) configure({ ...choice, profile });
	const tests = words.length > 0 ? [...new Set(words.flatMap(findTests))] : suite();
	if (words.length > 0) tests.forEach(readTest);
	let interrupted: () => void = () => {};
	const abort = new Promise<undefined>((resolve) => {
		interrupted = () => resolve(undefined);
	});
	const interrupt = new Interrupt(() => interrupted());
	if (!options.json) process.stdout.write(`${fold(headline(tests.length), 0, width)}\n\n`);
	optimiseLater();
	const pool = new Pool<ConformJobs>({ worker: options.worker });
	const progress = new RunProgress('check');
	const run = startConform({
		profiles,
		tests,
		choice,
		limits,
		pool,
		reductions,
		each: options.each,
		onCheck: (how, { id, verdict }) => progress.update(how, `${id} ${verdict}`),
	});
	try {
		const finished = await Promise.race([run.result, abort]);
		progress.close();
		if (!finished) run.stop();
		const result = finished ?? run.soFar();
		// Before the workers end: one may be in a long step.
		process.stdout.write(
			options.json ? `${JSON.stringify(result, null, '\t')}\n` : conformPage(result, width),
		);
		return statusOf(result);
	} finally {
		run.result.catch(() => {});
		interrupt.close();
		progress.close();
		await pool.close();
	}
}

function headline(tests: number): string {
	const what = tests === 1 ? '1 scenario' : `${tests} scenarios`;
	return `vfshook: ${what}; each change left out in turn; every interleaving`;
}

/** The options of a configuration, by the names of the symbols. */
function choiceOf(options: Choice): Pick<Choice, 'with' | 'without' | 'set'> {
	const named = (list?: readonly string[]) => list?.map((word) => symbolNamed(word).name);
	return {
		...(options.with && { with: named(options.with) }),
		...(options.without && { without: named(options.without) }),
		...(options.set && { set: options.set }),
	};
}

function statusOf(result: Conformance): number {
	if (result.columns.some((c) => c.unexpected.length > 0)) return EXIT_VIOLATED;
	if (result.interrupted) return EXIT_INCOMPLETE;
	const cells = result.columns.flatMap((c) => Object.values(c.cells));
	const open = result.columns.some((c) => c.incomplete.length > 0 || c.undecided.length > 0);
	return open || cells.some((c) => c.kind === 'incomplete') ? EXIT_INCOMPLETE : EXIT_OK;
}
