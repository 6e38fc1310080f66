// SPDX-License-Identifier: GPL-2.0-only
/**
 * What to try next when a check reached a limit: command lines, with options that go together and
 * fit this test.
 *
 * Interface: adviceFor commandOf
 */

import { availableParallelism } from 'node:os';
import type { CheckReport } from '../conform/check.ts';
import { testId } from '../conform/scenarios.ts';
import type { Reason } from '../engine/result.ts';
import { oneLine } from '../litmus/visible.ts';
import type { CheckOptions } from './check.ts';

export interface Hint {
	why: string;
	options: CheckOptions;
}

interface Rule {
	why: string;
	/** ends of a search after which this may help */
	after: readonly Reason[];
	fits(options: CheckOptions, report: CheckReport): boolean;
	change(options: CheckOptions, report: CheckReport): CheckOptions;
}

/** Options that say how to search; others say what to search, or when to give up. */
const HOW = ['reduce', 'compact', 'depthFirst', 'walks', 'seed', 'workers'] as const;
const KEPT = ['checkpoint', 'checkpointEvery', 'resume'] as const;
const ENDS = ['progress', 'canFinish'] as const;

function but(options: CheckOptions, ...names: readonly (keyof CheckOptions)[]): CheckOptions {
	const rest = { ...options };
	for (const name of names) delete rest[name];
	return rest;
}
const has = (options: CheckOptions, ...names: readonly (keyof CheckOptions)[]): boolean =>
	names.some((name) => options[name] !== undefined);

const LIMITS: readonly Reason[] = ['states', 'memory', 'ids', 'seconds', 'signal'];

const RULES: readonly Rule[] = [
	{
		why: 'without the reduction, which does not hold here',
		after: ['reduction'],
		fits: (o) => has(o, 'reduce'),
		change: (o) => but(o, 'reduce'),
	},
	{
		why: 'every interleaving',
		after: ['walks'],
		fits: (o) => has(o, 'walks'),
		change: (o) => but(o, 'walks', 'seed'),
	},
	{
		why: 'fewer states, where nodes and programs are alike',
		after: LIMITS,
		fits: (o, { bounds }) =>
			!has(o, 'reduce', 'walks', 'workers', 'progress') && !(bounds.DEATHS > 0),
		change: (o) => ({ ...o, reduce: 'all' }),
	},
	{
		why: 'less memory: 64 bits of each state are kept',
		after: ['memory', 'ids'],
		fits: (o) => !has(o, 'compact', 'depthFirst', 'walks', 'workers', ...ENDS),
		change: (o) => ({ ...o, compact: true }),
	},
	{
		why: 'less time, on all processors',
		after: ['seconds', 'signal'],
		fits: (o) => availableParallelism() > 1 && !has(o, 'workers', ...ENDS),
		change: (o) => ({ ...but(o, ...HOW, ...KEPT), workers: String(availableParallelism()) }),
	},
	{
		why: 'can be stopped, and continued with --resume',
		after: ['seconds', 'signal', 'memory'],
		fits: (o) => !has(o, 'checkpoint', 'resume', 'walks', 'workers'),
		change: (o, { id }) => ({ ...o, checkpoint: `${id}.ck` }),
	},
	{
		why: 'finds a violation sooner, if there is one',
		after: LIMITS,
		fits: (o) => !has(o, 'depthFirst', 'walks', 'resume', ...ENDS),
		change: (o) => ({ ...but(o, 'compact', 'workers'), depthFirst: true }),
	},
	{
		why: 'a sample of the interleavings',
		after: LIMITS,
		fits: (o) => !has(o, 'walks'),
		change: (o) => ({ ...but(o, ...HOW, ...KEPT, ...ENDS, 'maxStates'), walks: '10000' }),
	},
	{
		why: 'without the limit',
		after: ['states', 'seconds'],
		fits: (o) => has(o, 'maxStates', 'maxSeconds'),
		change: (o) => but(o, 'maxStates', 'maxSeconds'),
	},
];

/** None if the check is complete. */
export function adviceFor(report: CheckReport, options: CheckOptions): Hint[] {
	const { limit } = report;
	if (!limit) return [];
	return RULES.filter((r) => r.after.includes(limit) && r.fits(options, report)).map((r) => ({
		why: r.why,
		options: r.change(options, report),
	}));
}

/** Options of check, in the order of a command line. */
const FLAGS: readonly [name: keyof CheckOptions, flag: string][] = [
	['with', '--with'],
	['without', '--without'],
	['set', '--set'],
	['depthFirst', '--depth-first'],
	['compact', '--compact'],
	['progress', '--progress'],
	['canFinish', '--can-finish'],
	['reduce', '--reduce'],
	['walks', '--walks'],
	['seed', '--seed'],
	['workers', '--workers'],
	['checkpoint', '--checkpoint'],
	['resume', '--resume'],
	['maxStates', '--max-states'],
	['maxMemory', '--max-memory'],
	['maxSeconds', '--max-seconds'],
];

/** The command line that checks a test with these options. */
export function commandOf(file: string, word: string | undefined, options: CheckOptions): string {
	const inSuite = /(^|\/)harness\/scenarios\//.test(file);
	const words = [word ?? (inSuite ? testId(file) : file)];
	words.push('--profile', options.profile ?? 'proposed');
	for (const [name, flag] of FLAGS) {
		const value = options[name];
		if (value === undefined || value === false) continue;
		if (value === true) words.push(flag);
		else for (const v of [value].flat()) words.push(flag, String(v));
	}
	return `vfshook check ${words.map(quoted).join(' ')}`;
}

/** Quoted for a shell; characters that do not show are escaped. */
export function quoted(word: string): string {
	const spelled = oneLine(word.replaceAll('\\', '\\\\').replaceAll("'", "\\'"));
	if (oneLine(word) !== word) return `$'${spelled}'`;
	return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
