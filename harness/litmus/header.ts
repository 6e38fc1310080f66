// SPDX-License-Identifier: GPL-2.0-only
/**
 * The header comment of a litmus file: sentences for people, and fields for the harness.
 *
 *   Result: proposed=Never linux-2.4.22=Sometimes    what is expected; `Result: Never` for all
 *   Progress: proposed=violated                      the same, when progress is asked for as well
 *   Needs: TRUNCATE_COUNT|NOPAGEDONE OGFS_REVOKE_ORDER    symbols that decide, `|` between equals;
 *   Needs proposed-shared: PAGE_MKWRITE                   for one profile only
 *   ProgressNeeds: OGFS_GREEDY                       those that decide only its Progress
 *   Exercises: a mark; another mark                  coverage marks that the test must reach
 *   Source: where the test comes from
 *   Bounds: NR_FILE_PAGES=3                          configuration of the machine
 *   Overtaken: <= 1                                  revokes between a fault and its access
 *   Dies: N1                                          a node that may die, before any step
 *   Dies: 2 of N0 N1 N2                               so many of these; else one
 *   Module: dlm central                              lock modules, that of a plain run first
 *   Outside: why its verdict is no part of what the suite says of a profile
 *
 * A field goes on in the lines below it that are indented more.
 *
 * Interface: parseHeader printHeader emptyHeader MODULES
 */
import { type lock_module, lock_modules } from '../../ogfs/locking/modules.ts';
import type { Expectation, Header } from './ast.ts';
import { LitmusError, nearest, type Position, type Source, type Span } from './error.ts';

/** A comment as the grammar hands it over: what stands between `(*` and `*)`. */
export interface Comment {
	text: string;
	at: Span;
}

const FIELDS = [
	'Result',
	'Progress',
	'Needs',
	'ProgressNeeds',
	'Exercises',
	'Source',
	'Bounds',
	'Overtaken',
	'Dies',
	'Module',
	'Outside',
];
/** Lock modules, by their number: LOCK_MODULE. */
export const MODULES: readonly string[] = Object.entries<lock_module>(lock_modules)
	.sort(([, a], [, b]) => a.number - b.number)
	.map(([name]) => name);
/**
 * Of what `litmus` observes, as in tools/memory-model; of what `check` finds, for the scenarios.
 */
const EXPECTATIONS: readonly string[] = [
	'Never',
	'Sometimes',
	'Always',
	'Maybe',
	'DEADLOCK',
	'verified',
	'violated',
	'vacuous',
];
export const ALL_PROFILES = '*';

export function emptyHeader(): Header {
	return {
		text: '',
		results: {},
		progress: {},
		needs: [],
		exercises: [],
		source: [],
		bounds: {},
		modules: [],
	};
}

interface Line {
	text: string;
	/** where `text` begins in the file */
	start: Position;
	/** blanks before it, not counting the star */
	indent: number;
}

export function parseHeader(comments: readonly Comment[], source: Source): Header {
	const header = emptyHeader();
	const sentences: string[] = [];
	for (const comment of comments) {
		const lines = linesOf(comment);
		if (sentences.length > 0) sentences.push('');
		for (let i = 0; i < lines.length; i++) {
			const field = fieldOf(lines[i], source);
			if (field === null) {
				sentences.push(lines[i].text);
				continue;
			}
			while (i + 1 < lines.length && lines[i + 1].indent > field.line.indent) {
				field.words.push(...wordsOf(lines[++i], 0));
			}
			readField(field, header, source);
		}
	}
	header.text = sentences
		.join('\n')
		.replace(/\n{3,}/g, '\n\n')
		.trim();
	return header;
}

/** The lines of a comment without the stars that decorate it. */
function linesOf(comment: Comment): Line[] {
	let offset = comment.at.start.offset + 2;
	let { line, column } = comment.at.start;
	column += 2;
	return comment.text.split(/\r\n|\r|\n/).map((raw) => {
		const star = /^[ \t]*\*?/.exec(raw)?.[0] ?? '';
		// The first line has its star from the opening `(*`.
		const decoration = star.endsWith('*') ? star.length : 0;
		const body = raw.slice(decoration);
		const text = body.trim();
		const indent = text === '' ? 0 : body.length - body.trimStart().length;
		const skipped = decoration + indent;
		const start = { offset: offset + skipped, line, column: column + skipped };
		offset += raw.length + 1;
		line++;
		column = 1;
		return { text, start, indent };
	});
}

interface Word {
	text: string;
	at: Span;
}
interface FieldLine {
	name: string;
	/** the profile that the field is for */
	profile: string;
	line: Line;
	words: Word[];
}

/** A line that begins with a field's name, or with what is most likely a misspelt one. */
function fieldOf(line: Line, source: Source): FieldLine | null {
	const match = /^([A-Z][A-Za-z]*)(?:[ \t]+([a-z][^\s:]*))?[ \t]*:(?=\s|$)/.exec(line.text);
	if (match === null) return null;
	const [whole, name, profile] = match;
	if (!FIELDS.includes(name)) {
		const meant = nearest(name, FIELDS);
		if (meant === undefined || profile !== undefined) return null;
		throw new LitmusError(
			source,
			spanOf(line, 0, name.length),
			`unknown header field "${name}"`,
			`did you mean "${meant}"?`,
		);
	}
	if (profile !== undefined && !name.endsWith('Needs')) {
		throw new LitmusError(
			source,
			spanOf(line, 0, whole.length),
			`"${name}" is not written for one profile`,
			name === 'Result' ? `write "Result: ${profile}=..."` : `write "${name}:"`,
		);
	}
	return { name, profile: profile ?? ALL_PROFILES, line, words: wordsOf(line, whole.length) };
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

function readField(field: FieldLine, header: Header, source: Source): void {
	const { name, words } = field;
	if (words.length === 0) {
		const at = spanOf(field.line, 0, field.line.text.length);
		throw new LitmusError(source, at, `"${name}:" says nothing`);
	}
	const text = words.map((w) => w.text).join(' ');
	if (name === 'Source') header.source.push(text);
	else if (name === 'Outside') header.outside = text;
	else if (name === 'Exercises') {
		const marks = text.split(';').map((mark) => mark.trim());
		header.exercises.push(...marks.filter((mark) => mark !== ''));
	} else if (name.endsWith('Needs')) {
		const groups = words.map((word) => symbols(word, source));
		const progress = name === 'ProgressNeeds';
		header.needs.push({ profile: field.profile, groups, ...(progress && { progress }) });
	} else if (name === 'Result') readResults(words, header.results, source);
	else if (name === 'Progress') readResults(words, header.progress, source);
	else if (name === 'Overtaken') header.overtaken = readOvertaken(words, source);
	else if (name === 'Dies') header.dies = readDeaths(words, source);
	else if (name === 'Module') for (const word of words) readModule(word, header, source);
	else for (const word of words) readBound(word, header, source);
}

function symbols(word: Word, source: Source): string[] {
	const names = word.text.replace(/,$/, '').split('|');
	if (names.every((name) => /^[A-Z][A-Z0-9_]*(=[A-Za-z0-9_-]+)?$/.test(name))) return names;
	throw new LitmusError(
		source,
		word.at,
		`expected a configuration symbol, found "${word.text}"`,
		'symbols are separated by blanks, equally good ones by "|": "A|B C"',
	);
}

function readResults(words: readonly Word[], results: Header['results'], source: Source): void {
	for (const word of words) {
		const match = /^(?:([A-Za-z0-9_.*-]+)=)?([A-Za-z]+)[.,;]?$/.exec(word.text);
		if (match === null || !EXPECTATIONS.includes(match[2])) {
			const meant = match === null ? undefined : nearest(match[2], EXPECTATIONS);
			throw new LitmusError(
				source,
				word.at,
				`expected "Never", "Sometimes", "Always" or "PROFILE=Never", found "${word.text}"`,
				meant === undefined ? undefined : `did you mean "${meant}"?`,
			);
		}
		const profile = match[1] ?? ALL_PROFILES;
		if (Object.hasOwn(results, profile)) {
			const whose = profile === ALL_PROFILES ? 'all profiles' : `profile "${profile}"`;
			throw new LitmusError(source, word.at, `a second result for ${whose}`);
		}
		results[profile] = match[2] as Expectation;
	}
}

function readModule(word: Word, header: Header, source: Source): void {
	const name = word.text.replace(/,$/, '');
	if (!MODULES.includes(name)) {
		const meant = nearest(name, MODULES);
		const hint = meant === undefined ? MODULES.join(', ') : `did you mean "${meant}"?`;
		throw new LitmusError(source, word.at, `unknown lock module "${name}"`, hint);
	}
	header.modules.push(name);
}

function readBound(word: Word, header: Header, source: Source): void {
	const match = /^([A-Z][A-Z0-9_]*)=([0-9]{1,6}),?$/.exec(word.text);
	if (match === null) {
		throw new LitmusError(source, word.at, `expected "NAME=NUMBER", found "${word.text}"`);
	}
	header.bounds[match[1]] = Number(match[2]);
}

/** `<= 2` */
function readOvertaken(words: readonly Word[], source: Source): number {
	const text = words.map((w) => w.text).join(' ');
	const match = /^<= ?([0-9]{1,2})$/.exec(text);
	if (match) return Number(match[1]);
	const what = `expected "<= NUMBER", found "${text}"`;
	throw new LitmusError(source, words[0].at, what, 'of an access: how often it loses the lock');
}

function readDeaths(words: readonly Word[], source: Source): Header['dies'] {
	const counted = words.length > 2 && words[1].text === 'of' && /^[1-4]$/.test(words[0].text);
	const nodes = (counted ? words.slice(2) : words).map((word) => {
		const match = /^N([0-3])$/.exec(word.text);
		if (match) return Number(match[1]);
		throw new LitmusError(
			source,
			word.at,
			`expected a node, N0 to N3, found "${word.text}"`,
			'write "Dies: N1", or "Dies: 2 of N0 N1 N2"',
		);
	});
	return { most: counted ? Number(words[0].text) : 1, nodes: [...new Set(nodes)].sort() };
}

/** The comment that says what a header says; empty if it says nothing. */
export function printHeader(header: Header): string {
	const lines: string[] = [];
	for (const [name, of] of Object.entries({ Result: header.results, Progress: header.progress })) {
		const results = Object.entries(of).map(([profile, result]) =>
			profile === ALL_PROFILES ? result : `${profile}=${result}`,
		);
		if (results.length > 0) lines.push(`${name}: ${results.join(' ')}`);
	}
	if (header.text !== '') lines.push(...(lines.length > 0 ? [''] : []), ...header.text.split('\n'));
	const fields: string[] = [];
	for (const { profile, groups, progress } of header.needs) {
		const whose = profile === ALL_PROFILES ? '' : ` ${profile}`;
		fields.push(
			`${progress ? 'ProgressNeeds' : 'Needs'}${whose}: ${groups.map((group) => group.join('|')).join(' ')}`,
		);
	}
	if (header.exercises.length > 0) fields.push(`Exercises: ${header.exercises.join('; ')}`);
	for (const source of header.source) fields.push(`Source: ${source}`);
	const bounds = Object.entries(header.bounds).map(([name, value]) => `${name}=${value}`);
	if (bounds.length > 0) fields.push(`Bounds: ${bounds.join(' ')}`);
	if (header.overtaken !== undefined) fields.push(`Overtaken: <= ${header.overtaken}`);
	if (header.dies) {
		const { most, nodes } = header.dies;
		const names = nodes.map((n) => `N${n}`).join(' ');
		fields.push(`Dies: ${most > 1 ? `${most} of ` : ''}${names}`);
	}
	if (header.modules.length > 0) fields.push(`Module: ${header.modules.join(' ')}`);
	if (header.outside !== undefined) fields.push(`Outside: ${header.outside}`);
	if (fields.length > 0) lines.push(...(lines.length > 0 ? [''] : []), ...fields);
	if (lines.length === 0) return '';
	return `(*\n${lines.map((line) => ` * ${line}`.trimEnd()).join('\n')}\n *)\n`;
}
