// SPDX-License-Identifier: GPL-2.0-only
/**
 * The header comment of a litmus file: sentences for people, and fields for the harness.
 *
 *   Result: proposed=Never linux-2.4.22=Sometimes    expected verdict; `Result: Never` for all
 *   Progress: proposed=violated                      the same, with --progress
 *   Needs: TRUNCATE_COUNT|NOPAGEDONE OGFS_REVOKE_ORDER    symbols that decide, `|` between equals;
 *   Needs proposed-shared: PAGE_MKWRITE                   for one profile only
 *   ProgressNeeds: OGFS_GREEDY                       those that decide only its Progress
 *   Exercises: a mark; another mark                  coverage marks that the test must reach
 *   Source: where the test comes from
 *   Bounds: NR_FILE_PAGES=3                          configuration of the machine
 *   Overtaken: <= 1                                  revokes between a fault and its access
 *   Dies: N1                                          a node that may die, before any step
 *   Dies: 2 of N0 N1 N2                               so many of these; else one
 *   Module: dlm central                              lock modules; a plain run takes the first
 *   Outside: why its verdict does not count for the profile
 *
 * A field continues in the lines below it that are indented more.
 *
 * Interface: parseHeader printHeader emptyHeader MODULES
 */
import type { Header, Said } from './ast.ts';
import { LitmusError, nearest, type Position, type Source, type Span } from './error.ts';
import {
	ALL_PROFILES,
	emptyHeader,
	FIELDS,
	type FieldLine,
	type FieldName,
	fieldNames,
	type Reading,
	type Word,
} from './fields.ts';

export { ALL_PROFILES, emptyHeader, MODULES } from './fields.ts';

/** A comment from the grammar: the text between `(*` and `*)`. */
export interface Comment {
	text: string;
	at: Span;
}

export interface ReadHeader {
	header: Header;
	said: Said[];
}

interface Line {
	text: string;
	/** where `text` begins in the file */
	start: Position;
	/** blanks before it, not counting the star */
	indent: number;
}

export function parseHeader(comments: readonly Comment[], source: Source): ReadHeader {
	const to: Reading = { header: emptyHeader(), said: [], source };
	const sentences: string[] = [];
	const seen = new Set<FieldName>();
	for (const comment of comments) {
		const lines = linesOf(comment);
		if (sentences.length > 0) sentences.push('');
		let sentence = -1;
		for (let i = 0; i < lines.length; i++) {
			const begin = i;
			const field = fieldOf(lines[i], to);
			if (field === null) {
				sentences.push(lines[i].text);
				sentence = i;
				continue;
			}
			while (i + 1 < lines.length && lines[i + 1].indent > lines[begin].indent) {
				field.words.push(...wordsOf(lines[++i], 0));
			}
			if (begin > 0 && sentence === begin - 1) refuseUnknown(lines[sentence], source);
			if (i + 1 < lines.length) refuseUnknown(lines[i + 1], source);
			readField(field, seen, to);
		}
	}
	to.header.text = sentences
		.join('\n')
		.replace(/\n{3,}/g, '\n\n')
		.trim();
	return to;
}

/** The lines of a comment without the stars that decorate it. */
function linesOf(comment: Comment): Line[] {
	let offset = comment.at.start.offset + 2;
	let { line, column } = comment.at.start;
	column += 2;
	return comment.text.split(/\r\n|\r|\n/).map((raw) => {
		const star = /^[ \t]*(?:\*(?!\)))?/.exec(raw)?.[0] ?? '';
		// The first line has its star from the opening `(*`.
		const decoration = star.endsWith('*') ? star.length : 0;
		const body = raw.slice(decoration);
		const text = apart(body.trim());
		const indent = text === '' ? 0 : body.length - body.trimStart().length;
		const skipped = decoration + indent;
		const start = { offset: offset + skipped, line, column: column + skipped };
		offset += raw.length + 1;
		line++;
		column = 1;
		return { text, start, indent };
	});
}

const FIELD = /^([A-Za-z]+)(?:[ \t]+([a-z][^\s:]*))?[ \t]*:(?=\s|$)/;

const isField = (name: string): name is FieldName => Object.hasOwn(FIELDS, name);

/**
 * In a line with an unpaired `(*` or `*)`, a blank separates parenthesis and star, so that the
 * header remains one comment however its lines are printed.
 */
function apart(text: string): string {
	let depth = 0;
	for (const [sign] of text.matchAll(/\(\*|\*\)/g)) {
		depth += sign === '(*' ? 1 : -1;
		if (depth < 0) break;
	}
	return depth === 0 ? text : text.replace(/\((?=\*)/g, '( ').replace(/\*(?=\))/g, '* ');
}

/** A line that begins with a field's name, or with what is most likely a misspelt one. */
function fieldOf(line: Line, { said, source }: Reading): FieldLine | null {
	const match = FIELD.exec(line.text);
	if (match === null) return null;
	const [whole, name, profile] = match;
	if (!isField(name)) {
		const meant = nearest(name, fieldNames);
		const written = profile !== undefined && !FIELDS[meant as FieldName]?.perProfile;
		if (meant === undefined || written) return null;
		throw unknownField(line, name, source);
	}
	const at = spanOf(line, 0, whole.length);
	if (profile !== undefined && !FIELDS[name].perProfile) {
		throw new LitmusError(
			source,
			at,
			`"${name}" is not written for one profile`,
			name === 'Result' ? `write "Result: ${profile}=..."` : `write "${name}:"`,
		);
	}
	if (profile !== undefined) {
		const from = whole.indexOf(profile, name.length);
		const span = spanOf(line, from, from + profile.length);
		said.push({ field: name, kind: 'profile', text: profile, at: span });
	}
	return { name, profile: profile ?? ALL_PROFILES, at, words: wordsOf(line, whole.length) };
}

/** A line next to a field, with no empty line between, must be a field if it looks like one. */
function refuseUnknown(line: Line, source: Source): void {
	const name = FIELD.exec(line.text)?.[1];
	if (name !== undefined && !isField(name)) throw unknownField(line, name, source);
}

function unknownField(line: Line, name: string, source: Source): LitmusError {
	const meant = nearest(name, fieldNames);
	return new LitmusError(
		source,
		spanOf(line, 0, name.length),
		`unknown header field "${name}"`,
		meant === undefined ? `fields: ${fieldNames.join(', ')}` : `did you mean "${meant}"?`,
	);
}

function wordsOf(line: Line, from: number): Word[] {
	const words = line.text.slice(from).matchAll(/\S+/g);
	return [...words].map((m) => ({
		text: m[0],
		at: spanOf(line, from + m.index, from + m.index + m[0].length),
	}));
}

function spanOf({ start }: Line, from: number, to: number): Span {
	return {
		start: { offset: start.offset + from, line: start.line, column: start.column + from },
		end: { offset: start.offset + to, line: start.line, column: start.column + to },
	};
}

function readField(field: FieldLine, seen: Set<FieldName>, to: Reading): void {
	const { name, at, words } = field;
	if (words.length === 0) throw new LitmusError(to.source, at, `"${name}:" says nothing`);
	if (FIELDS[name].once && seen.has(name))
		throw new LitmusError(to.source, at, `a second "${name}:"`, 'there is one of them');
	seen.add(name);
	FIELDS[name].read(field, to);
}

/** The header as a comment; empty if it has no content. */
export function printHeader(header: Header): string {
	const lines: string[] = [];
	const add = (more: string[]) => {
		if (more.length > 0) lines.push(...(lines.length > 0 ? [''] : []), ...more);
	};
	const print = (first: boolean) =>
		fieldNames
			.filter((name) => !!FIELDS[name].first === first)
			.flatMap((name) => FIELDS[name].print(header));
	add(print(true));
	add(header.text === '' ? [] : header.text.split('\n'));
	add(print(false));
	if (lines.length === 0) return '';
	return `(*\n${lines.map((line) => ` * ${line}`.trimEnd()).join('\n')}\n *)\n`;
}
