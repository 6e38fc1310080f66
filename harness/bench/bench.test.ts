// SPDX-License-Identifier: GPL-2.0-only
/** The bench, with stand-ins for Spin and the compiler: neither is needed to run the tests. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { readCall } from './call.ts';
import { BenchError } from './error.ts';
import type { Measured } from './measure.ts';
import { jsonReport, type Report, textReport } from './report.ts';
import { childSeconds, figuresOf } from './spin.ts';
import { TWIN_SIZES } from './twin/sizes.ts';

const verifierOutput = (states: number, transitions: number): string =>
	[
		'State-vector 104 byte, depth reached 7388, errors: 0',
		`   ${states} states, stored`,
		'   150852 states, matched',
		`   ${transitions + 1} transitions (= stored+matched)`,
	].join('\n');

test('figures of a verifier', (t) => {
	t.deepEqual(figuresOf(verifierOutput(10, 20)), { states: 10, transitions: 20 });
});

test('a verifier that did not visit everything, or found an error, has no figures', (t) => {
	const whole = verifierOutput(10, 20);
	const bad: [output: string, message: RegExp][] = [
		[`error: max search depth too small\n${whole}`, /did not visit all.*depth too small/],
		[`Warning: Search not completed\n${whole}`, /did not visit all/],
		[`pan: out of memory\n${whole}`, /did not visit all/],
		[whole.replace('errors: 0', 'errors: 1'), /found 1 errors/],
		['nothing of the kind', /printed no result/],
	];
	for (const [output, message] of bad)
		t.throws(() => figuresOf(output), { instanceOf: BenchError, message });
});

test('processor time of a child, as the shell prints it', (t) => {
	t.is(childSeconds('x\n0m0.01s 0m0.02s\n1m2.50s 0m0.25s\n'), 62.75);
	t.throws(() => childSeconds('x\n'), { instanceOf: BenchError });
});

test('options', (t) => {
	t.is(readCall(['--help']), undefined);
	t.deepEqual(readCall([])?.sizes, ['S', 'M']);
	t.deepEqual(readCall(['--spin'])?.sizes, ['M', 'L']);
	t.deepEqual(readCall(['--size', 'X, S'])?.sizes, ['X', 'S']);
	t.deepEqual(readCall(['--only', 'toys'])?.groups, ['toys']);
	t.is(readCall(['--runs', '3', '--dfs'])?.order, 'dfs');
	t.is(readCall(['--workers', '2'])?.workers, 2);
	t.deepEqual(readCall(['--reduce', 'all'])?.reductions, ['local', 'symmetry']);
	t.deepEqual(readCall(['--reduce', 'symmetry'])?.groups, ['twin']);
	const bad: [args: string[], message: RegExp][] = [
		[['--size', 'Q'], /--size: 'Q' is none of S, M/],
		[['--size', 'S,'], /--size: '' is none of/],
		[['--only', 'twins'], /--only: 'twins' is none of twin/],
		[['--runs', '0'], /--runs: '0' is no number above 0/],
		[['--max-states', 'many'], /--max-states: 'many'/],
		[['--workers', '-1'], /--workers/],
		[['--workers', '2', '--dfs'], /--workers is not for --dfs/],
		[['--reduce', 'some'], /--reduce: 'some' is none of local, symmetry, all/],
		[['--reduce', 'all', '--only', 'toys'], /--reduce is for the twin/],
		[['--reduce', 'all', '--workers', '2'], /--workers is not for --reduce/],
		[['--fast'], /--fast/],
		[['S01'], /S01/],
		[['--runs'], /--runs/],
	];
	for (const [args, message] of bad) {
		const error = t.throws(() => readCall(args), { instanceOf: BenchError, message });
		t.is(error.status, 2);
	}
});

const measured: Measured = {
	...{
		name: 'M',
		about: '',
		verdict: 'complete',
		detail: '',
		states: 3000,
		transitions: 9000,
		depth: 5,
	},
	...{ bytesPerState: 24.04, writes: 3, cpuSeconds: 2, seconds: 2.5, instantiateSeconds: 0.1 },
};
const report: Report = {
	about: 'a machine',
	reductions: [],
	twin: [
		{
			size: 'M',
			ours: measured,
			spin: { states: 3000, transitions: 9000, cpuSeconds: 3, seconds: 3 },
		},
		{ size: 'L', ours: measured },
	],
	scenarios: [{ ...measured, name: 'S01 large', verdict: 'incomplete' }],
	tables: [
		{ ...measured, name: 'WRC', cpuSeconds: 9 },
		{ ...measured, name: 'WRC with tables', cpuSeconds: 2 },
	],
	toys: [],
};

test('the ratio is of states a processor second: above 1 is faster than Spin', (t) => {
	const { twin, scenarios } = JSON.parse(jsonReport(report));
	const row = { size: 'M', states: 3000, cpu_seconds: 2, bytes_per_state: 24 };
	t.deepEqual(twin, [
		{ ...row, spin_cpu_seconds: 3, ratio_to_spin: 1.5 },
		{ ...row, size: 'L', spin_cpu_seconds: null, ratio_to_spin: null },
	]);
	t.is(scenarios[0].name, 'S01 large');
	const text = textReport(report);
	t.regex(text, /^M .* 1\.50$/m);
	t.regex(text, /^L .* -$/m);
	t.regex(text, /S01 large \(cut\)/);
	t.regex(text, /^WRC: 4\.50 times as fast with tables$/m);
});

test('with reductions the ratio is of time on the clock', (t) => {
	const reduced = { ...report, reductions: ['local'], twin: report.twin.slice(0, 1) };
	const { twin } = JSON.parse(jsonReport(reduced));
	t.is(twin[0].ratio_to_spin, 1.2);
	t.deepEqual(twin[0].reductions, ['local']);
	t.regex(textReport(reduced), /with the reductions local:/);
});

const directories: string[] = [];
test.after.always(() => {
	for (const directory of directories) rmSync(directory, { recursive: true });
});

/** A folder of commands: a compiler whose output prints what a verifier would. */
function commands(output: string): string {
	const directory = mkdtempSync(path.join(tmpdir(), 'vfshook-bench-'));
	directories.push(directory);
	const verifier = `#!/bin/sh\ncat <<'END'\n${output}\nEND\n`;
	const command = (name: string, script: string) =>
		writeFileSync(path.join(directory, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
	command('spin', 'exit 0');
	writeFileSync(path.join(directory, 'verifier'), verifier, { mode: 0o755 });
	command('gcc', `[ "$1" = --version ] || cp ${path.join(directory, 'verifier')} pan`);
	return directory;
}

function bench(args: string[], paths: string[]) {
	const script = path.join(import.meta.dirname, 'bench.ts');
	const call = [...process.execArgv, script, ...args];
	const env = { ...process.env, PATH: paths.join(':') };
	const { status, stdout, stderr } = spawnSync(process.execPath, call, { encoding: 'utf8', env });
	return { status, stdout, stderr };
}

test('without Spin it says how to get it', (t) => {
	const { status, stderr, stdout } = bench(['--spin'], ['/nowhere']);
	t.is(status, 2, stderr);
	t.regex(stderr, /needs spin and gcc: on Debian, apt install spin gcc/);
	t.is(stdout, '');
});

test('both in turn, as one JSON document', (t) => {
	const { states, transitions } = TWIN_SIZES.S;
	const paths = [commands(verifierOutput(states, transitions)), '/usr/bin', '/bin'];
	const args = ['--spin', '--json', '--size', 'S', '--only', 'twin'];
	const { status, stdout, stderr } = bench(args, paths);
	t.is(status, 0, stderr);
	const { twin, scenarios } = JSON.parse(stdout);
	t.is(twin.length, 1);
	t.is(twin[0].states, states);
	t.true(twin[0].cpu_seconds > 0 && twin[0].bytes_per_state > 0);
	t.deepEqual(scenarios, []);
});

test('with workers, the same states and transitions', (t) => {
	const args = ['--json', '--size', 'S', '--only', 'twin', '--workers', '2'];
	const { status, stdout, stderr } = bench(args, ['/nowhere']);
	t.is(status, 0, stderr);
	t.is(JSON.parse(stdout).twin[0].states, TWIN_SIZES.S.states);
});

test('with reductions there are fewer states, and Spin may have another number', (t) => {
	const paths = [commands(verifierOutput(7, 8)), '/usr/bin', '/bin'];
	const args = ['--spin', '--json', '--size', 'S', '--reduce', 'all'];
	const { status, stdout, stderr } = bench(args, paths);
	t.is(status, 0, stderr);
	const [row] = JSON.parse(stdout).twin;
	t.true(row.states < TWIN_SIZES.S.states / 5);
	t.is(row.spin_states, 7);
});

test('another number of transitions than Spin has is an error', (t) => {
	const { states, transitions } = TWIN_SIZES.S;
	const paths = [commands(verifierOutput(states, transitions - 1)), '/usr/bin', '/bin'];
	const { status, stderr } = bench(['--spin', '--size', 'S', '--only', 'twin'], paths);
	t.is(status, 1);
	t.regex(stderr, /size S: 272438 transitions, and Spin has 272437/);
});
