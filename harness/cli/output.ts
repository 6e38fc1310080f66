// SPDX-License-Identifier: GPL-2.0-only
/** What all commands share: exit status, errors, progress, figures. */

import { UsageError } from '../conform/config.ts';
import { CrosswalkError } from '../crosswalk/events.ts';
import { CheckpointError } from '../engine/checkpoint.ts';
import type { Progress } from '../engine/result.ts';
import { TraceError } from '../engine/trace.ts';
import { LitmusError } from '../litmus/error.ts';
import { folded } from '../report/layout.ts';

export const EXIT_OK = 0;
export const EXIT_VIOLATED = 1;
export const EXIT_USAGE = 2;
export const EXIT_INCOMPLETE = 3;
export const EXIT_INTERNAL = 4;

/** The exit status that an error stands for, after it was told on standard error. */
export function tellError(e: unknown): number {
	if (e instanceof LitmusError) {
		process.stderr.write(`${e.message}\n`);
		return EXIT_USAGE;
	}
	if ([UsageError, TraceError, CheckpointError, CrosswalkError].some((kind) => e instanceof kind)) {
		const { message } = e as Error;
		process.stderr.write(`vfshook: ${message}\n`);
		return EXIT_USAGE;
	}
	if (remoteName(e) === 'LitmusError' || remoteName(e) === 'UsageError') {
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

/** A line on standard error that is written over; nothing if nobody is watching. */
export class ProgressLine {
	readonly #on = process.stderr.isTTY === true;
	#width = 0;

	show(text: string): void {
		if (!this.#on) return;
		const line = text.slice(0, (process.stderr.columns || 80) - 1);
		process.stderr.write(`\r${line.padEnd(this.#width)}`);
		this.#width = line.length;
	}
	clear(): void {
		if (!this.#on || this.#width === 0) return;
		process.stderr.write(`\r${' '.repeat(this.#width)}\r`);
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

/** Of hours, minutes or seconds, whichever there are. */
export function duration(s: number): string {
	if (s >= 5400) return `${(s / 3600).toFixed(1)} h`;
	return s >= 90 ? `${(s / 60).toFixed(1)} min` : `${s.toFixed(0)} s`;
}

/** The line of progress: `of ?` when nothing can be said of how long it will take. */
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
		throw new UsageError(`--max-memory wants a size such as 512M or 8G, not '${text}'`);
	return bytes;
}

/** A whole number from `low` on. */
export function parseCount(option: string, text: string, low = 1): number {
	const n = Number(text);
	if (!/^[0-9]{1,12}$/.test(text) || n < low)
		throw new UsageError(`${option} wants a whole number from ${low} on, not '${text}'`);
	return n;
}

/** Text in lines as wide as the output, each behind `indent` blanks. */
export function fold(text: string, indent: number, width = widthOf()): string {
	return folded(text, width, indent).join('\n');
}

/** Narrower is no use; wider is not read. */
const WIDTH = { least: 60, otherwise: 80, most: 400 };

/** Columns of the output: what --width says, or the terminal's; 80 where it is none. */
export function widthOf(option?: string): number {
	if (option !== undefined) return Math.min(parseCount('--width', option, WIDTH.least), WIDTH.most);
	const columns = process.stdout.isTTY ? process.stdout.columns : 0;
	if (!columns) return WIDTH.otherwise;
	return Math.min(Math.max(columns, WIDTH.least), WIDTH.most);
}
