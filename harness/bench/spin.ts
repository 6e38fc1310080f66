// SPDX-License-Identifier: GPL-2.0-only
/**
 * Spin on twin.pml: the verifier is generated and compiled in a directory of its own, and run as
 * often as wanted. Nothing else of the project needs Spin.
 */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { BenchError } from './error.ts';
import type { TwinSize } from './twin/sizes.ts';

export interface SpinFigures {
	states: number;
	/** without the one that makes the initial state */
	transitions: number;
}
export interface SpinRun extends SpinFigures {
	/** processor seconds of the verifier, and those on the clock */
	cpuSeconds: number;
	seconds: number;
}

const execute = promisify(execFile);

const MODEL = path.join(import.meta.dirname, 'twin/twin.pml');
/** Spin's own optimisations of the model are off: they would merge states. */
const GENERATE = ['-a', '-o1', '-o2', '-o3'];
const COMPILE = ['-O2', '-DSAFETY', '-DMEMLIM=16000', '-w'];
/**
 * The longest path that the verifier can follow; a search that needs a longer one is cut short,
 * which is an error here. Endless programs make long ones.
 */
const DEPTH = 20_000;
const DEPTH_ENDLESS = 1_000_000;

/** Throws a BenchError that says how to install what is missing. */
export function requireSpin(): void {
	const missing = [
		['spin', '-V'],
		['gcc', '--version'],
	].filter(([command, version]) => spawnSync(command, [version]).status !== 0);
	if (missing.length === 0) return;
	const names = missing.map(([command]) => command).join(' and ');
	throw new BenchError(`--spin needs ${names}: on Debian, apt install spin gcc`, 2);
}

/** The verifier of one size. */
export class SpinVerifier {
	readonly #directory = mkdtempSync(path.join(tmpdir(), 'vfshook-spin-'));
	readonly #arguments: string[];

	private constructor({ config, states }: TwinSize) {
		// a table with about as many slots as there are states
		const slots = Math.ceil(Math.log2(1.2 * states));
		const depth = config.OPERATIONS > 0 ? DEPTH : Math.min(states, DEPTH_ENDLESS);
		this.#arguments = [`-m${depth}`, `-w${slots}`];
	}

	/** Has Spin make it, and compiles it. `reduced`: with Spin's partial order reduction. */
	static async make(size: TwinSize, reduced: boolean): Promise<SpinVerifier> {
		const verifier = new SpinVerifier(size);
		const cwd = verifier.#directory;
		const defines = Object.entries(size.config).map(([name, value]) => `-D${name}=${value}`);
		const reduction = reduced ? [] : ['-DNOREDUCE'];
		try {
			await execute('spin', [...GENERATE, ...defines, MODEL], { cwd });
			await execute('gcc', [...COMPILE, ...reduction, '-o', 'pan', 'pan.c'], { cwd });
		} catch (e) {
			verifier.dispose();
			throw new BenchError(`the verifier cannot be made: ${(e as Error).message}`);
		}
		return verifier;
	}

	run(): SpinRun {
		const from = performance.now();
		// `times` prints what the shell has used, then what its children have
		const script = './pan "$@"; times';
		const out = execFileSync('sh', ['-c', script, 'sh', ...this.#arguments], {
			cwd: this.#directory,
			encoding: 'utf8',
			maxBuffer: 1 << 24,
		});
		const seconds = (performance.now() - from) / 1000;
		return { ...figuresOf(out), cpuSeconds: childSeconds(out), seconds };
	}

	/** Removes the directory. */
	dispose(): void {
		rmSync(this.#directory, { recursive: true, force: true });
	}
}

/**
 * What a verifier printed. Throws a BenchError if it did not visit everything, or found something
 * wrong with the model.
 */
export function figuresOf(output: string): SpinFigures {
	const number = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? Number.NaN);
	const cut = /^.*(search not completed|too small|out of memory|memory limit|aborted).*$/im.exec(
		output,
	);
	if (cut) throw new BenchError(`Spin did not visit all states: ${cut[0].trim()}`);
	const errors = number(/errors: (\d+)/);
	const states = number(/(\d+) states, stored/);
	const transitions = number(/(\d+) transitions \(=/);
	if (Number.isNaN(errors + states + transitions))
		throw new BenchError(`Spin printed no result:\n${output}`);
	if (errors > 0) throw new BenchError(`Spin found ${errors} errors in the model:\n${output}`);
	return { states, transitions: transitions - 1 };
}

/** User and system time in the last line of `times`: 0m1.50s 0m0.20s. */
export function childSeconds(output: string): number {
	const last = output.trimEnd().split('\n').at(-1) ?? '';
	const times = [...last.matchAll(/(\d+)m([\d.]+)s/g)];
	if (times.length !== 2) throw new BenchError(`the shell's times are not as in POSIX: ${last}`);
	return times.reduce(
		(sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds),
		0,
	);
}
