// SPDX-License-Identifier: GPL-2.0-only
/** vfshook litmus: every final state that a test can end in, in herd7's words. */
import { artifactFor } from '../conform/artifacts.ts';
import { type Choice, configure } from '../conform/config.ts';
import { type LitmusRun, runLitmus } from '../conform/litmus.ts';
import { findTests, readTest } from '../conform/scenarios.ts';
import { optimiseLater } from '../engine/tiers.ts';
import { asExpected, expectedOf } from '../litmus/expectation.ts';
import { printReport } from '../litmus/report.ts';
import { limitsOf } from './check.ts';
import { Interrupt } from './interrupt.ts';
import { EXIT_INCOMPLETE, EXIT_OK, EXIT_VIOLATED, exploring, ProgressLine } from './output.ts';

export interface LitmusOptions extends Choice {
	json?: boolean;
	maxStates?: string;
	maxMemory?: string;
	maxSeconds?: string;
	reduce?: string;
}

export async function litmusCommand(words: string[], options: LitmusOptions): Promise<number> {
	const configuration = configure(options);
	const limits = limitsOf(options);
	const tests = words.flatMap(findTests).map(readTest);
	const artifact = await artifactFor(configuration.bounds);
	if (tests.length > 1) optimiseLater();
	const progress = new ProgressLine();
	const documents: (LitmusRun['summary'] & { reductions?: string[] })[] = [];
	let status = EXIT_OK;
	const interrupt = new Interrupt();
	for (const [i, test] of tests.entries()) {
		if (interrupt.aborted) break;
		const { summary, reductions } = await runLitmus(artifact, test, configuration, limits, {
			onProgress: (p) => progress.show(exploring(test.name, p)),
			signal: interrupt,
		});
		progress.clear();
		if (!summary.complete) status = EXIT_INCOMPLETE;
		const asIs = asExpected(test, summary, configuration.profile);
		if (asIs === false && status === EXIT_OK) status = EXIT_VIOLATED;
		if (options.json) documents.push({ ...summary, ...(reductions.length > 0 && { reductions }) });
		else {
			process.stdout.write(`${i > 0 ? '\n' : ''}${printReport(test, summary)}\n`);
			if (asIs === false)
				process.stdout.write(
					`Result of ${configuration.profile}: expected ${expectedOf(test, configuration.profile)}, observed ${summary.observation}\n`,
				);
		}
	}
	interrupt.close();
	if (options.json)
		process.stdout.write(
			`${JSON.stringify(documents.length === 1 ? documents[0] : documents, null, '\t')}\n`,
		);
	return status;
}
