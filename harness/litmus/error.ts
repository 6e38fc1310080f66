// SPDX-License-Identifier: GPL-2.0-only
/**
 * Errors of a litmus file, printed as compilers do: the place, what was expected, the line, a caret
 * below it. Errors of syntax and of meaning have the same form and the same class.
 *
 * Interface: LitmusError Position Span Source nearest alternatives
 */

import { oneLine } from './visible.ts';

export interface Position {
	/** from the start of the text, in characters */
	offset: number;
	/** from 1 */
	line: number;
	/** from 1 */
	column: number;
}
export interface Span {
	start: Position;
	end: Position;
}

/** The text that spans point into. */
export interface Source {
	file: string;
	text: string;
}

/** Bad input: the command ends with status 2. */
export class LitmusError extends Error {
	readonly file: string;
	readonly line: number;
	readonly column: number;
	/** the message, without the place */
	readonly reason: string;

	constructor(source: Source, at: Span, reason: string, help?: string) {
		super(render(source, at, reason, help));
		this.name = 'LitmusError';
		this.file = source.file;
		this.line = at.start.line;
		this.column = at.start.column;
		this.reason = reason;
	}
}

const TAB = 8;
const SHOWN = 100;

function render(source: Source, at: Span, reason: string, help?: string): string {
	const { line, column } = at.start;
	const text = source.text.split(/\r\n|\r|\n/)[line - 1] ?? '';
	const end = at.end.line === line ? at.end.column : text.length + 1;
	// Only the part around the caret is shown of a very long line.
	const from = column > SHOWN ? column - SHOWN / 2 : 1;
	const lead = from > 1 ? '...' : '';
	const before = lead + printable(text.slice(from - 1, column - 1));
	const marked = printable(text.slice(column - 1, Math.max(column, end - 1)).slice(0, SHOWN));
	const rest = printable(text.slice(column - 1).slice(0, SHOWN));
	const number = String(line).padStart(5);
	const caret = '^' + '~'.repeat(Math.max(0, marked.length - 1));
	const lines = [
		`${oneLine(source.file)}:${line}:${column}: error: ${reason}`,
		`${number} | ${before}${rest}`.trimEnd(),
		`      | ${' '.repeat(before.length)}${caret}`,
	];
	if (help !== undefined) lines.push(`      = ${help}`);
	return lines.join('\n');
}

/** Tabs become spaces, so the caret is in the right column; invisible characters are escaped. */
function printable(text: string): string {
	let out = '';
	for (const c of text) {
		if (c === '\t') out += ' '.repeat(TAB - (out.length % TAB));
		else out += oneLine(c);
	}
	return out;
}

/** The candidate that was probably meant: at most a third of its letters differ. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
	let best: string | undefined;
	let bestDistance = Number.POSITIVE_INFINITY;
	for (const candidate of candidates) {
		const longer = Math.max(word.length, candidate.length);
		const allowed = longer < 3 ? 0 : Math.max(1, Math.floor(longer / 3));
		const d = distance(word.toLowerCase(), candidate.toLowerCase(), allowed);
		if (d <= allowed && d < bestDistance) {
			best = candidate;
			bestDistance = d;
		}
	}
	return best;
}

/** Edit distance, where exchanging two neighbours counts once; gives up above `limit`. */
function distance(a: string, b: string, limit: number): number {
	if (Math.abs(a.length - b.length) > limit || a.length > 64) return limit + 1;
	let previous: number[] = [];
	let current = Array.from({ length: b.length + 1 }, (_, j) => j);
	for (let i = 1; i <= a.length; i++) {
		const older = previous;
		previous = current;
		current = [i];
		for (let j = 1; j <= b.length; j++) {
			const same = a[i - 1] === b[j - 1];
			current[j] = Math.min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (same ? 0 : 1));
			if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
				current[j] = Math.min(current[j], older[j - 2] + 1);
			}
		}
	}
	return current[b.length];
}

/** `a`, `a or b`, `a, b or c`. */
export function alternatives(words: readonly string[]): string {
	if (words.length <= 1) return words[0] ?? 'nothing';
	return `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]}`;
}
