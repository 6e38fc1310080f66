// SPDX-License-Identifier: GPL-2.0-only
/** vfshook conform --refine: do programs see the same with and without the shared state? */

import { UsageError } from '../conform/config.ts';
import { reductionsNamed } from '../conform/reductions.ts';
import { comparable, MODES, MOST_STATES, type Refinement } from '../conform/refine.ts';
import { testId } from '../conform/scenarios.ts';
import type { ConformJobs } from '../conform/worker.ts';
import { Pool } from '../engine/pool.ts';
import { optimiseLater } from '../engine/tiers.ts';
import { Interrupt } from './interrupt.ts';
import { count, EXIT_INCOMPLETE, EXIT_OK, EXIT_VIOLATED, ProgressLine } from './output.ts';

export interface RefineOptionsCli extends Partial<Record<(typeof SETTLED)[number], unknown>> {
	profile?: string;
	json?: boolean;
	reduce?: string;
	worker: URL;
}

/** Outcomes of a difference that are printed. */
const SHOWN = 5;

/** Options of conform that --refine sets itself. */
const SETTLED = ['with', 'without', 'set', 'maxStates', 'maxMemory', 'maxSeconds'] as const;

export async function refineCommand(
	words: readonly string[],
	options: RefineOptionsCli,
): Promise<number> {
	if (words.length > 0) throw new UsageError('--refine compares all tests: it takes no names');
	const extra = SETTLED.find((name) => options[name] !== undefined);
	if (extra) {
		const option = extra.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
		throw new UsageError(`--refine compares ${MODES.join(' with ')}: it takes no --${option}`);
	}
	if (options.profile !== undefined)
		throw new UsageError(`--refine compares ${MODES.join(' with ')}: it takes no --profile`);
	const reductions = options.reduce === undefined ? [] : reductionsNamed(options.reduce);
	const files = comparable();
	optimiseLater();
	const pool = new Pool<ConformJobs>({ worker: options.worker });
	const progress = new ProgressLine();
	const seen: Refinement[] = [];
	const interrupt = new Interrupt(() => pool.close());
	try {
		await Promise.all(
			files.map(async (file) => {
				const name = testId(file);
				seen.push(await pool.submit('refine', { file, reductions }, { name }));
				progress.show(`${seen.length} of ${files.length} tests compared`);
			}),
		);
	} catch (e) {
		if (!interrupt.aborted) throw e;
	} finally {
		interrupt.close();
		progress.clear();
		await pool.close();
	}
	const order = files.map(testId);
	seen.sort((a, b) => order.indexOf(a.test) - order.indexOf(b.test));
	if (options.json) {
		const document = { modes: MODES, tests: seen, ...(interrupt.aborted && { interrupted: true }) };
		process.stdout.write(`${JSON.stringify(document, null, '\t')}\n`);
	} else process.stdout.write(report(seen, files.length));
	if (seen.some((r) => r.verdict === 'different')) return EXIT_VIOLATED;
	return seen.length < files.length ? EXIT_INCOMPLETE : EXIT_OK;
}

/** The comparison, as text. */
export function report(seen: readonly Refinement[], known: number): string {
	const of = (verdict: Refinement['verdict']) => seen.filter((r) => r.verdict === verdict);
	const [equal, different, incomplete] = [of('equal'), of('different'), of('incomplete')];
	const outcomes = equal.reduce((sum, { common }) => sum + common.length, 0);
	const states = seen.reduce((sum, r) => sum + r.states[0] + r.states[1], 0);
	const lines = different.flatMap(({ test, only }) => [
		`${test}: DIFFERENT`,
		...only.flatMap((side, mode) => [
			...side.slice(0, SHOWN).map((outcome) => `  only in ${MODES[mode]}: ${outcome}`),
			...(side.length > SHOWN ? [`  and ${side.length - SHOWN} more`] : []),
		]),
	]);
	lines.push(
		`${MODES.join(' and ')}: the same outcomes in ${equal.length} of ${known} tests (${count(outcomes)} outcomes, ${count(states)} states)`,
	);
	if (different.length > 0) lines.push(`others in ${different.length} of them`);
	if (incomplete.length > 0)
		lines.push(
			`more than ${count(MOST_STATES)} states, not compared: ${incomplete.map((r) => r.test).join(', ')}`,
		);
	if (seen.length < known) lines.push(`interrupted after ${seen.length} of ${known} tests`);
	return `${lines.join('\n')}\n`;
}
