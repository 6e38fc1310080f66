// SPDX-License-Identifier: GPL-2.0-only
/**
 * From the text of a litmus file to its syntax tree: runs the generated parser, and makes messages
 * of its errors.
 *
 * Interface: parseSyntax parseLitmus
 */
import type { Test } from './ast.ts';
import { check } from './check.ts';
import { alternatives, LitmusError, type Source, type Span } from './error.ts';
import { parse } from './grammar.ts';
import { type Comment, parseHeader } from './header.ts';
import { firstUnseen } from './visible.ts';

const LENGTH_MAX = 64 * 1024;
const START: Span = {
	start: { offset: 0, line: 1, column: 1 },
	end: { offset: 0, line: 1, column: 1 },
};

/** Parses and checks a test of at most `most` characters. Throws LitmusError, nothing else. */
export function parseLitmus(text: string, file = '<litmus>', most = LENGTH_MAX): Test {
	try {
		const test = parseSyntax(text, file, most);
		check(test);
		return test;
	} catch (error) {
		if (error instanceof RangeError) {
			throw new LitmusError({ file, text }, START, 'the test is nested too deeply');
		}
		throw error;
	}
}

/** Parses without checking the names. */
function parseSyntax(text: string, file = '<litmus>', most = LENGTH_MAX): Test {
	if (text.startsWith('\ufeff')) text = text.slice(1);
	const source: Source = { file, text };
	if (text.length > most) {
		const found = `the file has ${text.length} characters`;
		throw new LitmusError(source, START, `${found}: a litmus test has at most ${most}`);
	}
	// Names and comments are printed for people: invisible characters are refused.
	const unseen = firstUnseen(text);
	if (unseen >= 0) {
		const found = /\p{Cc}/u.test(text[unseen])
			? 'a control character'
			: 'a character that is not seen';
		const code = text.codePointAt(unseen)!.toString(16).toUpperCase().padStart(4, '0');
		const at = pointAt(text.slice(0, unseen));
		throw new LitmusError(source, at, `${found} (U+${code}): a test is text`);
	}
	let raw: Test & { comments?: Comment[] };
	try {
		raw = parse(text) as Test & { comments: Comment[] };
	} catch (error) {
		throw isSyntaxError(error) ? worded(source, error) : error;
	}
	const { header, said } = parseHeader(raw.comments ?? [], source);
	delete raw.comments;
	return { ...raw, header, said, source };
}

/** The error of peggy: the parts that are used here. */
interface SyntaxError {
	message: string;
	expected: Expected[] | null;
	location: Span;
}
interface Expected {
	type: string;
	text?: string;
	description?: string;
}

function isSyntaxError(error: unknown): error is SyntaxError {
	return error instanceof Error && 'expected' in error && 'location' in error;
}

function worded(source: Source, error: SyntaxError): LitmusError {
	const { start, end } = error.location;
	if (error.expected === null) return new LitmusError(source, { start, end }, error.message);
	const reason = `expected ${expectation(error.expected)}`;
	const before = source.text.slice(0, start.offset);
	const gap = before.slice(before.trimEnd().length);
	const words = new Set(error.expected.map((e) => e.text ?? e.description));
	const ends = (words.has(';') || words.has(')')) && !words.has('a statement');
	if (/[\r\n]/.test(gap) && ends && !words.has('the end of the file')) {
		// A missing `;` is reported at the end of the statement, not at the start of the next one.
		return new LitmusError(source, pointAt(before.slice(0, -gap.length)), `${reason} here`);
	}
	const found = /^(?:[A-Za-z0-9_]+|\s+|.)/u.exec(source.text.slice(start.offset))?.[0];
	const width = found === undefined || /\s/.test(found) ? 1 : found.length;
	const at = { start, end: { ...start, column: start.column + width } };
	return new LitmusError(source, at, `${reason}, found ${named(found)}`);
}

/** The place right after a text. */
function pointAt(before: string): Span {
	const lines = before.split(/\r\n|\r|\n/);
	const position = {
		offset: before.length,
		line: lines.length,
		column: lines[lines.length - 1].length + 1,
	};
	return { start: position, end: position };
}

function named(found: string | undefined): string {
	if (found === undefined) return 'the end of the file';
	if (/[\r\n]/.test(found)) return 'the end of the line';
	if (/^\s/.test(found)) return 'white space';
	return `"${found.slice(0, 40)}"`;
}

/** The names of what is expected here; a general one instead of its special cases. */
function expectation(expected: readonly Expected[]): string {
	const words = new Set<string>();
	for (const e of expected) {
		if (e.type === 'literal') words.add(`"${e.text}"`);
		else if (e.type === 'end') words.add('the end of the file');
		else if (e.type === 'other' && e.description) words.add(e.description);
	}
	if (words.has('a statement')) {
		for (const special of ['an expression', 'a declaration', '"{"', '";"']) words.delete(special);
	}
	if (words.has('a declaration')) words.delete('a name');
	const last = ['the end of the file', 'an operator'];
	const list = [...words].filter((w) => !last.includes(w)).sort();
	return alternatives([...list, ...last.filter((w) => words.has(w))]);
}
