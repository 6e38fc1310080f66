// SPDX-License-Identifier: GPL-2.0-only
/** vfshook check: one or more tests on one configuration. */

import { artifactFor } from '../conform/artifacts.ts';
import {
	type CheckReport,
	type CheckRequest,
	check,
	type Found,
	type Limits,
	prepare,
} from '../conform/check.ts';
import {
	type Choice,
	type Configuration,
	configure,
	isProfile,
	switchedOff,
	UsageError,
} from '../conform/config.ts';
import { traceFileOf } from '../conform/counterexample.ts';
import type { KnownInversion } from '../conform/inversions.ts';
import { reductionsNamed } from '../conform/reductions.ts';
import { findTests, readTest } from '../conform/scenarios.ts';
import { isAsExpected } from '../conform/verdict.ts';
import type { ConformJobs } from '../conform/worker.ts';
import { type Artifact, Violation } from '../engine/machine.ts';
import { Pool } from '../engine/pool.ts';
import { optimiseLater } from '../engine/tiers.ts';
import { formatTrace, TRACE_FORMAT } from '../engine/trace.ts';
import type { Test } from '../litmus/ast.ts';
import { MODULES } from '../litmus/header.ts';
import { oneLine } from '../litmus/visible.ts';
import { renderColumns } from '../report/columns.ts';

import { buildTrace, type Trace } from '../report/trace.ts';
import { adviceFor, commandOf, quoted } from './advice.ts';
import { Interrupt } from './interrupt.ts';
import {
	count,
	EXIT_INCOMPLETE,
	EXIT_OK,
	EXIT_USAGE,
	EXIT_VIOLATED,
	exploring,
	fold,
	leaveFile,
	mustBeWritable,
	ProgressLine,
	parseCount,
	parseSize,
	seconds,
} from './output.ts';

export interface CheckOptions extends Choice {
	json?: boolean;
	trace?: string;
	full?: boolean;
	width?: string;
	maxStates?: string;
	maxMemory?: string;
	maxSeconds?: string;
	depthFirst?: boolean;
	compact?: boolean;
	progress?: boolean;
	canFinish?: boolean;
	walks?: string;
	seed?: string;
	reduce?: string;
	checkpoint?: string;
	checkpointEvery?: string;
	resume?: string;
	workers?: string;
}

/** Minutes between two checkpoints, by default. */
const CHECKPOINT_EVERY = 10;

function checkpointOf(options: CheckOptions, tests: number): CheckRequest['checkpoint'] {
	const { checkpoint: save, checkpointEvery, resume } = options;
	if (checkpointEvery && save === undefined)
		throw new UsageError('--checkpoint-every goes with --checkpoint');
	const option = save === undefined ? '--resume' : '--checkpoint';
	if (save === undefined && resume === undefined) return undefined;
	if (resume === '') throw new UsageError('--resume needs the name of a file');
	if (tests > 1) throw new UsageError(`${option} takes one test, not ${tests}`);
	if (options.walks) throw new UsageError(`${option} is not for random walks`);
	if (save !== undefined) mustBeWritable('--checkpoint', save, 'vfshook checkpoint');
	const minutes = checkpointEvery
		? parseCount('--checkpoint-every', checkpointEvery)
		: CHECKPOINT_EVERY;
	return { save, everySeconds: minutes * 60, resume };
}

/** More threads than that are a mistake. */
const MOST_WORKERS = 64;

function workersOf(options: CheckOptions, worker: URL): Pool<ConformJobs> | undefined {
	const size = options.workers ? parseCount('--workers', options.workers, 1) : 1;
	if (size > MOST_WORKERS) throw new UsageError(`--workers ${size}: at most ${MOST_WORKERS}`);
	return size > 1 ? new Pool<ConformJobs>({ worker, size }) : undefined;
}

export function limitsOf(options: CheckOptions): Limits {
	const limits: Limits = {};
	if (options.maxStates) limits.maxStates = parseCount('--max-states', options.maxStates);
	if (options.maxMemory) limits.maxMemory = parseSize(options.maxMemory);
	if (options.maxSeconds) limits.maxSeconds = parseCount('--max-seconds', options.maxSeconds);
	if (options.depthFirst) limits.order = 'dfs';
	if (options.compact) limits.visited = 'compact';
	if (options.walks) limits.walks = parseCount('--walks', options.walks);
	if (options.reduce !== undefined) limits.reductions = reductionsNamed(options.reduce);
	if (options.seed) limits.seed = parseCount('--seed', options.seed);
	if (options.seed && !options.walks) throw new UsageError('--seed goes with --walks');
	if (options.depthFirst && options.walks)
		throw new UsageError('--depth-first and --walks exclude each other');
	if (options.compact && (options.depthFirst || options.walks))
		throw new UsageError('--compact is for breadth-first search: not --depth-first, not --walks');
	return limits;
}

/** The counterexample to show: what a program notices, if the search for it found something. */
function shown(report: CheckReport): Found | undefined {
	return report.harm ?? report.violation;
}

/**
 * The trace of a counterexample; undefined if it has no steps, because the set-up itself violates
 * the property.
 */
function traceOf(
	artifact: Artifact,
	test: Test,
	configuration: Configuration,
	found: Found,
): Trace | undefined {
	try {
		const { machine, program } = prepare(artifact, test, configuration);
		return buildTrace(machine, found.schedule, found, program, {
			missing: switchedOff(configuration),
		});
	} catch (e) {
		if (e instanceof Violation) return undefined;
		throw e;
	}
}

/** `worker`: the module of conform/worker.ts, for --workers. */
export async function checkCommand(
	words: string[],
	options: CheckOptions,
	worker: URL,
): Promise<number> {
	const pool = workersOf(options, worker);
	const interrupt = new Interrupt();
	try {
		return await checkAll(words, options, interrupt, pool);
	} finally {
		interrupt.close();
		await pool?.close();
	}
}

async function checkAll(
	words: string[],
	options: CheckOptions,
	interrupt: Interrupt,
	pool: Pool<ConformJobs> | undefined,
): Promise<number> {
	const configuration = configure(options);
	const limits = limitsOf(options);
	const files = words.flatMap(findTests);
	const tests = files.map(readTest);
	if (options.trace !== undefined && tests.length > 1)
		throw new UsageError(`--trace takes one test, not ${tests.map((t) => t.name).join(', ')}`);
	if (options.trace !== undefined) mustBeWritable('--trace', options.trace, TRACE_FORMAT);
	const checkpoint = checkpointOf(options, tests.length);
	const artifact = await artifactFor(configuration.bounds);
	if (tests.length > 1) optimiseLater();
	const width = widthOf(options);
	const progress = new ProgressLine();
	const documents: unknown[] = [];
	let status = EXIT_OK;
	for (const [i, test] of tests.entries()) {
		if (interrupt.aborted) {
			status = worse(status, EXIT_INCOMPLETE);
			break;
		}
		const report = await check(artifact, {
			test,
			configuration,
			limits,
			progress: options.progress,
			canFinish: options.canFinish,
			onProgress: (p) => progress.show(exploring(test.name, p)),
			signal: interrupt,
			checkpoint,
			pool,
		});
		progress.clear();
		status = worse(status, statusOf(report, configuration));
		const found = shown(report);
		const trace = found && traceOf(artifact, test, configuration, found);
		if (options.json) documents.push(document(report, trace));
		else {
			if (i > 0) process.stdout.write('\n');
			if (trace)
				process.stdout.write(
					`${renderColumns(trace, { full: options.full, width }).trimEnd()}\n\n`,
				);
			process.stdout.write(
				summary(report, test.header.text, files[i], words[0], options, {
					configuration,
					alone: files.length === 1,
				}),
			);
		}
		// After the report, which must be printed even if the file cannot be written.
		const file = found && traceFileOf(artifact, test, report, found);
		if (options.trace && !file)
			process.stderr.write(`vfshook: no counterexample, ${oneLine(options.trace)} not written\n`);
		if (options.trace && file && !leaveFile('--trace', options.trace, formatTrace(file)))
			status = worse(status, EXIT_USAGE);
	}
	if (options.json)
		process.stdout.write(
			`${JSON.stringify(documents.length === 1 ? documents[0] : documents, null, '\t')}\n`,
		);
	return status;
}

/** As wide as the terminal, within reason. */
function widthOf(options: CheckOptions): number {
	if (options.width) return Math.min(parseCount('--width', options.width, 60), 400);
	const columns = process.stdout.isTTY ? process.stdout.columns : 0;
	return columns ? Math.min(Math.max(columns, 80), 160) : 100;
}

/** A violation outranks an incomplete search. */
function worse(a: number, b: number): number {
	const rank = [EXIT_OK, EXIT_USAGE, EXIT_INCOMPLETE, EXIT_VIOLATED];
	return rank[Math.max(rank.indexOf(a), rank.indexOf(b))];
}

/** What the test expects of this configuration: of a profile, if it is one. */
function expectedOf(report: CheckReport, configuration: Configuration): CheckReport['expected'] {
	return isProfile(configuration) ? report.expected : undefined;
}

function statusOf(report: CheckReport, configuration: Configuration): number {
	if (report.verdict === 'incomplete') return EXIT_INCOMPLETE;
	return isAsExpected(report, expectedOf(report, configuration)) ? EXIT_OK : EXIT_VIOLATED;
}

/** The expected verdict; nothing if the test expects `verified` and is. */
function expectationText(report: CheckReport, configuration: Configuration): string[] {
	const expected = expectedOf(report, configuration);
	if (expected === undefined) return [];
	if (!isAsExpected(report, expected))
		return [`  the test expects of ${report.profile}: ${expected}`];
	return report.verdict === 'verified' ? [] : [`  as the test expects of ${report.profile}`];
}

/** The document of --json, which tools are built on: names of members do not change. */
function document(report: CheckReport, trace: Trace | undefined): unknown {
	const found = shown(report);
	const { violation, harm, bytesPerState, omission, resumed, ...more } = report;
	const { inversions = [], ...rest } = more;
	return {
		...rest,
		...(resumed !== undefined && { resumed: `resumed from ${resumed}, trusted` }),
		known_inversions: inversions,
		bytes_per_state: bytesPerState,
		...(omission !== undefined && { omission_probability: omission }),
		property: found?.property ?? null,
		message: found?.message ?? null,
		...(found?.splat && { splat: found.splat }),
		...(found?.cycleFrom !== undefined && { cycle_from: found.cycleFrom }),
		first: violation && {
			property: violation.property,
			message: violation.message,
			steps: violation.schedule.length,
		},
		conclusion: trace?.conclusion ?? null,
		claims: trace?.claims ?? [],
		trace: trace?.steps ?? [],
	};
}

/** How an exploration that is large enough for component tables was made. */
function tablesLine(tables: NonNullable<CheckReport['tables']>): string {
	if ('not' in tables) return `without component tables: ${tables.not}`;
	return `component tables: ${count(tables.rows)} rows`;
}

function summary(
	report: CheckReport,
	about: string,
	file: string,
	word: string,
	options: CheckOptions,
	{ configuration, alone }: { configuration: Configuration; alone: boolean },
): string {
	const lines = [`${report.id}: ${verdictText(report)}`];
	if (about) lines.push(fold(about, 2, widthOf(options)));
	const first = report.violation;
	const found = shown(report);
	const shortest = options.depthFirst || options.walks ? '' : ' in the shortest case';
	if (found) {
		const { cycleFrom, schedule } = found;
		const where =
			cycleFrom === undefined
				? `step ${schedule.length}`
				: `${cycleFrom} steps, then ${schedule.length - cycleFrom} for ever`;
		lines.push(`  ${found.property}: ${found.message} (${where})`);
		if (first && first !== found)
			lines.push(
				`  broken first: ${first.property}: ${first.message} (after ${first.schedule.length} steps${shortest})`,
			);
	}
	if (found?.splat) lines.push(...found.splat.map((line) => `  ${line}`));
	if (report.inversions) lines.push(fold(inversionsText(report.inversions), 2));
	if (!report.conditionCounts)
		lines.push('  condition: "exists" claims nothing here; vfshook litmus shows the final states');
	if (report.reason) lines.push(`  ${report.reason}`);
	if (!found) lines.push(`  exercised: ${report.exercised.join(' ')}`);
	lines.push(...expectationText(report, configuration));
	const off = configurationText(report, options);
	lines.push(`  configuration: ${off}`);
	lines.push(`  bounds: ${boundsText(report.bounds)}`);
	if (report.tables) lines.push(`  ${tablesLine(report.tables)}`);
	if (report.reductions) lines.push(`  reduced: ${report.reductions.join(', ')}`);
	lines.push(
		`  ${count(report.states)} states, ${count(report.transitions)} transitions, depth ${report.depth}, ${seconds(report.seconds)}, ${Math.round(report.bytesPerState)} bytes a state${report.seed === undefined ? '' : `, seed ${report.seed}`}`,
	);
	if (report.checkpoint) {
		const { file: saved, states, error } = report.checkpoint;
		const words = `vfshook check ${repeat(word, file, options)}`;
		if (error) lines.push(`  ${oneLine(saved)} could not be written (${error})`);
		if (states > 0) {
			lines.push(`  checkpoint: ${oneLine(saved)}, of ${count(states)} states`);
			lines.push(`  to go on: ${words} --resume ${quoted(saved)}`);
		}
	}
	if (report.verdict === 'incomplete' && report.limit)
		lines.push(...nextLines(report, file, alone ? word : undefined, options));
	if (found && !options.trace)
		lines.push(`  to keep it: vfshook check ${repeat(word, file, options)} --trace FILE`);
	return `${lines.join('\n')}\n`;
}

/** The known inversions that lockdep saw and did not count. */
export function inversionsText(inversions: readonly KnownInversion[]): string {
	const list = inversions.map(({ held, taken, until, shown }) => {
		const end = until ? `until ${until}` : 'no symbol removes it yet';
		return `${held} -> ${taken} (${end}; ${shown})`;
	});
	return `known lock inversions seen, not counted: ${list.join(', ')}`;
}

/** How far a search got before a limit, and what to try next. */
function nextLines(
	report: CheckReport,
	file: string,
	word: string | undefined,
	options: CheckOptions,
): string[] {
	const { queue, bounds, limit } = report;
	const waiting = queue === undefined ? '' : `; ${count(queue)} found and not yet expanded`;
	const far = `  it got to depth ${report.depth}, with ${count(report.states)} states${waiting}`;
	const hints = adviceFor(report, options);
	const smaller = `    a smaller test: this one has ${boundsText(bounds)}`;
	return [
		far,
		'  what to try next:',
		...hints.flatMap((h) => [`    ${h.why}:`, `      ${commandOf(file, word, h.options)}`]),
		...(limit === 'walks' ? [] : [smaller]),
	];
}

function configurationText(report: CheckReport, options: CheckOptions): string {
	const changes = [
		...(options.with ?? []).map((s) => `with ${s}`),
		...(options.without ?? []).map((s) => `without ${s}`),
		...(options.set ?? []),
	];
	return [report.profile, ...changes].join(', ');
}

/** The verdict and its conditions: --compact may miss states, a checkpoint was trusted. */
function verdictText({ verdict, omission, resumed }: CheckReport): string {
	const parts = [verdict.toUpperCase()];
	if (omission !== undefined && verdict !== 'violated')
		parts.push(
			`unless a state was missed (probability below ${omission.toExponential(0)}: --compact)`,
		);
	if (resumed !== undefined) parts.push(`resumed from ${oneLine(resumed)}, trusted`);
	return parts.join(', ');
}

/** The bounds of the verdict. */
function boundsText(bounds: Record<string, number>): string {
	const some = (n: number, one: string) => `${n} ${one}${n === 1 ? '' : 's'}`;
	return [
		some(bounds.NR_NODES, 'node'),
		some(bounds.NR_PROCS, 'program'),
		`${some(bounds.NR_FILES, 'file')} of ${some(bounds.NR_FILE_PAGES, 'page')}`,
		bounds.SMP ? 'SMP' : 'UP',
		bounds.DEATHS > 0 ? some(bounds.DEATHS, 'death') : 'no crash',
		...(bounds.LOCK_MODULE ? [`lock module ${MODULES[bounds.LOCK_MODULE]}`] : []),
	].join(', ');
}

function repeat(word: string, file: string, options: CheckOptions): string {
	const words = [word || file, '--profile', options.profile ?? 'proposed'];
	for (const s of options.with ?? []) words.push('--with', s);
	for (const s of options.without ?? []) words.push('--without', s);
	for (const s of options.set ?? []) words.push('--set', s);
	if (options.depthFirst) words.push('--depth-first');
	if (options.compact) words.push('--compact');
	if (options.progress) words.push('--progress');
	if (options.canFinish) words.push('--can-finish');
	if (options.reduce !== undefined) words.push('--reduce', options.reduce);
	return words.map(quoted).join(' ');
}
