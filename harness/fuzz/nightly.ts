// SPDX-License-Identifier: GPL-2.0-only
/**
 * The long jobs, one after the other: `npm run nightly`, or `npm run nightly -- JOB...`. Each has a
 * bound of its own, says how far it is and how long it will take, and leaves its last result in
 * docs/nightly.json as soon as it ends. A campaign that was cut short resumes, if nothing has
 * changed since. --seed N makes other inputs; --part 0.01 makes a hundredth of them, and the result
 * is printed, not kept; --minutes N stops a campaign after so long, and the next run resumes it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { projectRoot } from '../conform/scenarios.ts';
import { replaceFile, writeAll } from '../engine/files.ts';
import { loadArtifact } from '../kts/artifact.ts';
import { hashOfFolders } from '../kts/inputs.ts';
import { CAMPAIGNS, type CampaignKind } from './campaigns.ts';
import { type Figures, noFigures, runCampaign, SLOW_MS } from './outcome.ts';
import { NODE_VERSIONS, tryNode } from './versions.ts';

/** What is kept of the last run of a job. */
export interface JobResult {
	/** of the sources; with a + if files differ from it */
	commit: string;
	date: string;
	node: string;
	seconds: number;
	outcome: 'passed' | 'failed';
	seed?: number;
	inputs?: number;
	counts: Record<string, number>;
	/** numbers of the first inputs that failed */
	failed?: number[];
}

interface Told {
	seed: number;
	part: number;
	/** minutes that a campaign may take */
	most: number;
}
type Ran = Pick<JobResult, 'outcome' | 'counts' | 'seed' | 'inputs' | 'failed'> & {
	/** if it is not the Node that runs the job */
	node?: string;
	/** false: a part of it, which is no result */
	whole?: boolean;
};

interface Job {
	name: string;
	about: string;
	run(told: Told): Promise<Ran> | Ran;
}

const root = projectRoot();
const RESULTS = 'docs/nightly.json';
const SHOWN = 10;
const EVERY_MS = 10_000;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Where a campaign keeps how far it is; `of` is what must be the same to go on with it. */
function placeOf(name: string): string {
	return path.join(root, 'node_modules/.cache/vfshook', `nightly-${name}.json`);
}
interface Kept {
	of: string;
	figures: Figures;
}
function begun(name: string, of: string): Figures {
	const place = placeOf(name);
	if (!existsSync(place)) return noFigures();
	const kept = JSON.parse(readFileSync(place, 'utf8')) as Kept;
	return kept.of === of ? kept.figures : noFigures();
}
function keepBegun(name: string, kept: Kept): void {
	mkdirSync(path.dirname(placeOf(name)), { recursive: true });
	replaceFile(placeOf(name), (fd) => writeAll(fd, Buffer.from(JSON.stringify(kept))));
}

/** Prints how far a campaign is, every ten seconds, and keeps it. */
function progressOf(name: string, count: number, of: string, most: number) {
	const start = performance.now();
	let last = start;
	let first: number | undefined;
	return (figures: Figures): boolean => {
		first ??= figures.inputs;
		beat();
		const now = performance.now();
		if (now - last < EVERY_MS) return true;
		last = now;
		keepBegun(name, { of, figures });
		const { inputs, failures } = figures;
		const left = ((now - start) / Math.max(1, inputs - first)) * (count - inputs);
		say(`${name}: ${inputs} of ${count}, ${failures.length} failed, about ${minutes(left)} left`);
		return now - start < most * 60_000;
	};
}

/**
 * Ends the process when an input does not: no timer of this thread would be heard. What is said
 * is enough to run the input alone.
 */
const beats = new Int32Array(new SharedArrayBuffer(4));
const beat = (): void => void (beats[0] = (beats[0] + 1) | 0);
const WATCH = `
const { workerData: { beats, ms } } = require('node:worker_threads');
let [seen, since] = [0, Date.now()];
setInterval(() => {
	if (beats[0] !== seen) [seen, since] = [beats[0], Date.now()];
	if (seen === 0 || Date.now() - since < ms) return;
	require('node:fs').writeSync(2, 'an input does not come to an end; its number is in the cache\\n');
	process.kill(process.pid, 'SIGKILL');
}, 1000);`;
function watched<T>(run: () => Promise<T>): Promise<T> {
	const watch = new Worker(WATCH, { eval: true, workerData: { beats, ms: 5 * SLOW_MS } });
	return run().finally(() => watch.terminate());
}

const minutes = (ms: number): string => `${(ms / 60_000).toFixed(1)} min`;

function campaignJob({ name, whole, make }: CampaignKind): Job {
	return {
		name,
		about: `${whole} mutated inputs: ${name}`,
		async run({ seed, part, most }) {
			const count = Math.ceil(whole * part);
			const campaign = await make(await loadArtifact(root));
			const of = `${hashOfFolders(root, ['harness', 'vfs', 'ogfs'])} ${seed} ${count}`;
			const progress = progressOf(name, count, of, most);
			const figures = await watched(() =>
				runCampaign(campaign, seed, count, progress, begun(name, of)),
			);
			const { inputs, counts, failures, slowestMs } = figures;
			keepBegun(name, { of, figures });
			for (const { n, why, reproducer } of failures.slice(0, SHOWN))
				say(`${name}, seed ${seed}, input ${n}: ${why}\n${JSON.stringify(reproducer)}`);
			say(`${name}: the slowest took ${(slowestMs / 1000).toFixed(1)} s`);
			return {
				whole: inputs === whole,
				...{ outcome: failures.length === 0 ? 'passed' : 'failed', counts, seed, inputs },
				...(failures.length > 0 && { failed: failures.slice(0, SHOWN).map(({ n }) => n) }),
			};
		},
	};
}

/** The tests that explore more when VFSHOOK_LONG is set, and how long they may take. */
export const LONG_TESTS: readonly string[] = [
	'harness/bench/twin/twin.test.ts',
	'harness/conform/refine.test.ts',
	'harness/conform/classic.test.ts',
	'harness/conform/reductions.test.ts',
	'harness/conform/suite.test.ts',
	'harness/conform/lock-modules.test.ts',
	'harness/conform/modules.test.ts',
	'harness/conform/agreement.test.ts',
	'harness/conform/cuts.test.ts',
	'harness/conform/tables.test.ts',
	'harness/conform/same.test.ts',
];
const LONG_MS = 4 * 3600_000;

/** What AVA says at its end: "3 tests passed", "1 test failed". */
function testsIn(text: string): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const [, n, what] of text.matchAll(/^\s*(\d+) tests? (passed|failed)/gm))
		counts[what] = Number(n);
	return counts;
}

function longJob(file: string): Job {
	return {
		name: path.basename(file, '.test.ts'),
		about: `${file} with VFSHOOK_LONG=1`,
		run() {
			const env = { ...process.env, VFSHOOK_LONG: '1' };
			const args = ['ava', '--timeout', '4h', file];
			const options = { cwd: root, env, encoding: 'utf8', timeout: LONG_MS } as const;
			const { status, stdout } = spawnSync('npx', args, options);
			if (status !== 0) say(stdout.slice(-4000));
			return { outcome: status === 0 ? 'passed' : 'failed', counts: testsIn(stdout) };
		},
	};
}

/** Build, tests and main command with another Node. */
function nodeJob(version: string): Job {
	const line = version.split('.')[0];
	return {
		name: `node-${line}`,
		about: `the tests and npm start with Node ${line}, which npm brings`,
		run({ part }) {
			const whole = part === 1;
			const { node, passed, output } = tryNode(root, line, whole ? 'whole' : 'part');
			if (!passed) say(output.slice(-4000));
			return { outcome: passed ? 'passed' : 'failed', counts: testsIn(output), node, whole };
		},
	};
}

export const JOBS: readonly Job[] = [
	...CAMPAIGNS.map(campaignJob),
	...LONG_TESTS.map(longJob),
	...NODE_VERSIONS.map(nodeJob),
];

function git(...args: string[]): string {
	return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
}
function commit(): string {
	const changed = git('status', '--porcelain', '--', 'vfs', 'ogfs', 'harness') !== '';
	return git('rev-parse', '--short=12', 'HEAD') + (changed ? '+' : '');
}

/** The last results, by job; `file` from the root. */
function lastResults(file = RESULTS): Record<string, JobResult> {
	const place = path.join(root, file);
	return existsSync(place) ? JSON.parse(readFileSync(place, 'utf8')) : {};
}

function keep(name: string, result: JobResult): void {
	const all = { ...lastResults(), [name]: result };
	const inOrder = Object.fromEntries(
		JOBS.flatMap((j) => (all[j.name] ? [[j.name, all[j.name]]] : [])),
	);
	const text = `${JSON.stringify(inOrder, null, '\t')}\n`;
	replaceFile(path.join(root, RESULTS), (fd) => writeAll(fd, Buffer.from(text)));
}

async function runJob(job: Job, told: Told): Promise<boolean> {
	say(`${job.name}: ${job.about}`);
	const start = performance.now();
	const at = { commit: commit(), date: new Date().toISOString().slice(0, 10) };
	const ran = await job.run(told);
	const seconds = Math.round((performance.now() - start) / 1000);
	const { outcome, whole: done = true, ...rest } = ran;
	if (done) keep(job.name, { ...at, node: process.version, seconds, outcome, ...rest });
	say(`${job.name}: ${outcome} in ${seconds} s: ${JSON.stringify(ran.counts)}`);
	return outcome === 'passed';
}

async function nightly(args: string[]): Promise<number> {
	const { values, positionals } = parseArgs({
		args,
		allowPositionals: true,
		options: {
			seed: { type: 'string' },
			part: { type: 'string' },
			minutes: { type: 'string' },
			help: { type: 'boolean' },
		},
	});
	const unknown = positionals.filter((name) => !JOBS.some((job) => job.name === name));
	const told = {
		seed: Number(values.seed ?? 1),
		part: Number(values.part ?? 1),
		most: Number(values.minutes ?? Number.POSITIVE_INFINITY),
	};
	const usable =
		Number.isSafeInteger(told.seed) && told.part > 0 && told.part <= 1 && told.most > 0;
	if (values.help || unknown.length > 0 || !usable) {
		if (unknown.length > 0) say(`there is no job ${unknown.join(', ')}`);
		say('npm run nightly -- [--seed N] [--part 0.01] [--minutes N] [JOB...]; jobs:');
		for (const { name, about } of JOBS) say(`  ${name}: ${about}`);
		return values.help ? 0 : 2;
	}
	const asked = JOBS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
	let passed = true;
	for (const job of asked) passed = (await runJob(job, told)) && passed;
	return passed ? 0 : 1;
}

if (process.argv[1]?.endsWith('nightly.ts'))
	process.exitCode = await nightly(process.argv.slice(2));
