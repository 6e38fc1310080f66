// SPDX-License-Identifier: GPL-2.0-only
/** What all commands share: exit status, errors, progress, figures. */

import { UsageError } from '../conform/config.ts';
import { CrosswalkError } from '../crosswalk/events.ts';
import { CheckpointError } from '../engine/checkpoint.ts';
import { codeOf, FileError, mustBeReplaceable, replaceFile, writeAll } from '../engine/files.ts';
import type { Progress } from '../engine/result.ts';
import { TraceError } from '../engine/trace.ts';
import { UnknownSymbolError } from '../kts/machine/unknown.ts';
import { LitmusError } from '../litmus/error.ts';
import { oneLine } from '../litmus/visible.ts';
import { folded } from '../report/layout.ts';
import { EXIT_INTERNAL, EXIT_USAGE } from './status.ts';
import { moveCursor } from './streams.ts';

export * from './status.ts';

/** Prints an error on standard error. Returns the exit status for it. */
export function tellError(e: unknown): number {
	if (e instanceof LitmusError || e instanceof UnknownSymbolError) {
		process.stderr.write(`${e.message}\n`);
		return EXIT_USAGE;
	}
	if ([UsageError, TraceError, CheckpointError, CrosswalkError].some((kind) => e instanceof kind)) {
		process.stderr.write(`vfshook: ${oneLine((e as Error).message)}\n`);
		return EXIT_USAGE;
	}
	const name = remoteName(e) ?? (e as Error)?.name;
	if (['LitmusError', 'UsageError', 'LoweringError', 'UnknownSymbolError'].includes(name)) {
		process.stderr.write(`vfshook: ${(e as Error).message}\n`);
		return EXIT_USAGE;
	}
	const error = e instanceof Error ? e : new Error(String(e));
	process.stderr.write(
		`vfshook: internal error, please report it: ${error.stack ?? error.message}\n`,
	);
	return EXIT_INTERNAL;
}

function remoteName(e: unknown): string | undefined {
	return (e as { remote?: { name: string } })?.remote?.name;
}

/**
 * Writes a file that an option asks for. If that fails, it says so and returns false; an older
 * file is unchanged, and the verdict is not lost.
 */
export function leaveFile(option: string, file: string, text: string): boolean {
	try {
		replaceFile(file, (fd) => writeAll(fd, Buffer.from(text)));
		return true;
	} catch (e) {
		const code = codeOf(e);
		if (code === undefined) throw e;
		process.stderr.write(
			`vfshook: ${option} ${oneLine(file)}: could not be written (${code}); what was there is unchanged\n`,
		);
		return false;
	}
}

/** Checks, before the search, that a file that an option names can be written. */
export function mustBeWritable(option: string, file: string, begins: string): void {
	if (file === '') throw new UsageError(`${option} needs the name of a file`);
	if (file === '-')
		throw new UsageError(
			`${option} -: this writes a file, not standard output; './-' is a file named '-'`,
		);
	try {
		mustBeReplaceable(file, begins);
	} catch (e) {
		if (!(e instanceof FileError)) throw e;
		throw new UsageError(`${option} ${file}: ${e.message}`);
	}
}

/** A line on standard error that is written over; nothing unless it is a terminal. */
export class ProgressLine {
	readonly #on = process.stderr.isTTY === true;
	#width = 0;

	show(text: string): void {
		if (!this.#on) return;
		const line = text.slice(0, (process.stderr.columns || 80) - 1);
		moveCursor('\r');
		process.stderr.write(oneLine(line).padEnd(this.#width));
		this.#width = line.length;
	}
	clear(): void {
		if (!this.#on || this.#width === 0) return;
		moveCursor(`\r${' '.repeat(this.#width)}\r`);
		this.#width = 0;
	}
}

/** 1234567 as 1,234,567. */
export function count(n: number): string {
	return Math.round(n).toLocaleString('en-US');
}

export function seconds(s: number): string {
	return s < 10 ? `${s.toFixed(2)} s` : `${s.toFixed(1)} s`;
}

/** `1.5 h`, `2.0 min` or `30 s`. */
export function duration(s: number): string {
	if (s >= 5400) return `${(s / 3600).toFixed(1)} h`;
	return s >= 90 ? `${(s / 60).toFixed(1)} min` : `${s.toFixed(0)} s`;
}

/** The line of progress: `of ?` if the total time is not known. */
export function exploring(id: string, p: Progress): string {
	const rate = p.seconds > 0 ? p.states / p.seconds : 0;
	const whole = p.expected && rate > 0 ? `about ${duration(p.expected / rate)}` : '?';
	return [
		`${id}: ${count(p.states)} states`,
		`${count(rate)}/s`,
		`${count(p.queue)} queued`,
		`depth ${p.depth}`,
		`${count(p.bytes / 1e6)} MB`,
		`${duration(p.seconds)} of ${whole}`,
	].join(', ');
}

/** `8G`, `512M` in bytes. */
export function parseSize(text: string): number {
	const match = /^([0-9]+(?:\.[0-9]+)?)([KMGT]?)$/i.exec(text);
	const unit = { '': 1, K: 1 << 10, M: 1 << 20, G: 1 << 30, T: 2 ** 40 };
	const bytes = match
		? Number(match[1]) * unit[match[2].toUpperCase() as keyof typeof unit]
		: Number.NaN;
	if (!(bytes >= 1 << 20) || bytes > 2 ** 44)
		throw new UsageError(`--max-memory needs a size such as 512M or 8G, not '${text}'`);
	return bytes;
}

/** A whole number from `low` on. */
export function parseCount(option: string, text: string, low = 1): number {
	const n = Number(text);
	if (!/^[0-9]{1,12}$/.test(text) || n < low)
		throw new UsageError(`${option} needs a whole number from ${low} on, not '${text}'`);
	return n;
}

/** Text in lines as wide as the output, each behind `indent` blanks. */
export function fold(text: string, indent: number, width = widthOf()): string {
	return folded(text, width, indent).join('\n');
}

/** In columns. */
const WIDTH = { least: 60, otherwise: 80, most: 400 };

/** Columns of the output: --width, or the terminal's width, or 80. */
export function widthOf(option?: string): number {
	if (option !== undefined) return Math.min(parseCount('--width', option, WIDTH.least), WIDTH.most);
	const columns = process.stdout.isTTY ? process.stdout.columns : 0;
	if (!columns) return WIDTH.otherwise;
	return Math.min(Math.max(columns, WIDTH.least), WIDTH.most);
}
