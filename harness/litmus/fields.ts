// SPDX-License-Identifier: GPL-2.0-only
/**
 * The fields of a header, each once: its meaning, how its words are read and how it is printed.
 * conform/header.ts checks later that the names in it exist, by their places in `said`.
 *
 * Interface: FIELDS fieldNames Field FieldName FieldLine Reading Word emptyHeader MODULES
 *            ALL_PROFILES
 */
import { type lock_module, lock_modules } from '../../ogfs/locking/modules.ts';
import type { Expectation, Header, Said } from './ast.ts';
import { LitmusError, nearest, type Source, type Span } from './error.ts';

/** Lock modules, by their number: LOCK_MODULE. */
export const MODULES: readonly string[] = Object.entries<lock_module>(lock_modules)
	.sort(([, a], [, b]) => a.number - b.number)
	.map(([name]) => name);
/**
 * Observations of `litmus`, as in tools/memory-model; verdicts of `check`, for the scenarios.
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

export interface Word {
	text: string;
	at: Span;
}
/** A field in the file, with its continuation lines. */
export interface FieldLine {
	name: FieldName;
	/** the profile that it is for */
	profile: string;
	/** from its name to its colon */
	at: Span;
	words: Word[];
}
/** What has been read so far. */
export interface Reading {
	header: Header;
	said: Said[];
	source: Source;
}

export interface Field {
	help: string;
	/** written for one profile: `Needs PROFILE:` */
	perProfile?: true;
	/** a second one is an error */
	once?: true;
	/** it is printed before the sentences */
	first?: true;
	read(field: FieldLine, to: Reading): void;
	/** the lines of the field; none if it is not set */
	print(header: Header): string[];
}

export type FieldName =
	| 'Result'
	| 'Progress'
	| 'Needs'
	| 'ProgressNeeds'
	| 'Exercises'
	| 'Source'
	| 'Bounds'
	| 'Overtaken'
	| 'Dies'
	| 'Module'
	| 'Outside';

const textOf = (words: readonly Word[]): string => words.map((w) => w.text).join(' ');

/** In the order in which they are printed. */
export const FIELDS: Readonly<Record<FieldName, Field>> = {
	Result: {
		help: 'what is expected, for each profile; one without a profile is for all others',
		first: true,
		read: (field, to) => readResults(field, to.header.results, to),
		print: ({ results }) => printResults('Result', results),
	},
	Progress: {
		help: 'the same, when progress is asked for as well',
		first: true,
		read: (field, to) => readResults(field, to.header.progress, to),
		print: ({ progress }) => printResults('Progress', progress),
	},
	Needs: {
		help: 'symbols that decide the test, `|` between equals',
		perProfile: true,
		read: (field, to) => readNeeds(field, to),
		print: (header) => printNeeds(header),
	},
	ProgressNeeds: {
		help: 'symbols that decide only its verdict with --progress',
		perProfile: true,
		read: (field, to) => readNeeds(field, to),
		// Needs prints both, in their order.
		print: () => [],
	},
	Exercises: {
		help: 'coverage marks that some execution must reach, or the verdict is vacuous',
		read: readMarks,
		print: ({ exercises }) => (exercises.length > 0 ? [`Exercises: ${exercises.join('; ')}`] : []),
	},
	Source: {
		help: 'where the test comes from',
		read: ({ words }, { header }) => header.source.push(textOf(words)),
		print: ({ source }) => source.map((text) => `Source: ${text}`),
	},
	Bounds: {
		help: 'bounds of the machine for this test: NAME=NUMBER',
		read: ({ words }, to) => {
			for (const word of words) readBound(word, to);
		},
		print: ({ bounds }) => {
			const words = Object.entries(bounds).map(([name, value]) => `${name}=${value}`);
			return words.length > 0 ? [`Bounds: ${words.join(' ')}`] : [];
		},
	},
	Overtaken: {
		help: 'how often an access may lose the lock of its file, at most, before it is done: <= N',
		once: true,
		read: ({ words }, { header, source }) => {
			header.overtaken = readOvertaken(words, source);
		},
		print: ({ overtaken }) => (overtaken === undefined ? [] : [`Overtaken: <= ${overtaken}`]),
	},
	Dies: {
		help: 'nodes that may die, before any step: N1, or 2 of N0 N1 N2',
		once: true,
		read: (field, to) => {
			to.header.dies = readDeaths(field, to);
		},
		print: ({ dies }) => {
			if (!dies) return [];
			const names = dies.nodes.map((n) => `N${n}`).join(' ');
			return [`Dies: ${dies.most > 1 ? `${dies.most} of ` : ''}${names}`];
		},
	},
	Module: {
		help: 'lock modules that it is for, that of a plain run first',
		read: ({ words }, to) => {
			for (const word of words) readModule(word, to);
		},
		print: ({ modules }) => (modules.length > 0 ? [`Module: ${modules.join(' ')}`] : []),
	},
	Outside: {
		help: 'why its verdict is no part of what the suite says of a profile',
		once: true,
		read: ({ words }, { header }) => {
			header.outside = textOf(words);
		},
		print: ({ outside }) => (outside === undefined ? [] : [`Outside: ${outside}`]),
	},
};

export const fieldNames = Object.keys(FIELDS) as readonly FieldName[];

/** A part of a word. */
function part({ at }: Word, from: number, to: number): Span {
	const { offset, line, column } = at.start;
	return {
		start: { offset: offset + from, line, column: column + from },
		end: { offset: offset + to, line, column: column + to },
	};
}

function readNeeds({ name, profile, words }: FieldLine, { header, said, source }: Reading): void {
	const groups = words.map((word) => {
		const group = symbols(word, source);
		let from = 0;
		for (const text of group) {
			said.push({ field: name, kind: 'symbol', text, at: part(word, from, from + text.length) });
			from += text.length + 1;
		}
		return group;
	});
	const progress = name === 'ProgressNeeds';
	header.needs.push({ profile, groups, ...(progress && { progress }) });
}

function symbols(word: Word, source: Source): string[] {
	const names = word.text.replace(/,$/, '').split('|');
	if (names.every((name) => /^[A-Z][A-Z0-9_]*$/.test(name))) return names;
	throw new LitmusError(
		source,
		word.at,
		`expected a configuration symbol, found "${word.text}"`,
		'symbols are separated by blanks, equally good ones by "|": "A|B C"',
	);
}

function printNeeds({ needs }: Header): string[] {
	return needs.map(({ profile, groups, progress }) => {
		const whose = profile === ALL_PROFILES ? '' : ` ${profile}`;
		const list = groups.map((group) => group.join('|')).join(' ');
		return `${progress ? 'ProgressNeeds' : 'Needs'}${whose}: ${list}`;
	});
}

function readResults(
	{ name, words }: FieldLine,
	results: Header['results'],
	{ said, source }: Reading,
): void {
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
		if (match[1] !== undefined)
			said.push({ field: name, kind: 'profile', text: profile, at: part(word, 0, profile.length) });
		if (Object.hasOwn(results, profile)) {
			const whose = profile === ALL_PROFILES ? 'all profiles' : `profile "${profile}"`;
			throw new LitmusError(source, word.at, `a second result for ${whose}`);
		}
		results[profile] = match[2] as Expectation;
	}
}

function printResults(name: FieldName, results: Header['results']): string[] {
	const words = Object.entries(results).map(([profile, result]) =>
		profile === ALL_PROFILES ? result : `${profile}=${result}`,
	);
	return words.length > 0 ? [`${name}: ${words.join(' ')}`] : [];
}

/** Marks are separated by `;`, and may contain blanks. */
function readMarks({ name, words }: FieldLine, { header, said }: Reading): void {
	let begun: { text: string[]; at: Span } | undefined;
	const end = () => {
		if (!begun) return;
		const text = begun.text.join(' ');
		header.exercises.push(text);
		said.push({ field: name, kind: 'mark', text, at: begun.at });
		begun = undefined;
	};
	for (const word of words) {
		let from = 0;
		for (const [i, text] of word.text.split(';').entries()) {
			if (i > 0) end();
			const at = part(word, from, from + text.length);
			from += text.length + 1;
			if (text === '') continue;
			if (begun) {
				begun.text.push(text);
				if (at.end.line === begun.at.start.line) begun.at = { ...begun.at, end: at.end };
			} else begun = { text: [text], at };
		}
	}
	end();
}

function readModule(word: Word, { header, source }: Reading): void {
	const name = word.text.replace(/,$/, '');
	if (!MODULES.includes(name)) {
		const meant = nearest(name, MODULES);
		const hint = meant === undefined ? MODULES.join(', ') : `did you mean "${meant}"?`;
		throw new LitmusError(source, word.at, `unknown lock module "${name}"`, hint);
	}
	if (header.modules.includes(name))
		throw new LitmusError(source, word.at, `lock module "${name}" is named twice`);
	header.modules.push(name);
}

function readBound(word: Word, { header, said, source }: Reading): void {
	const match = /^([A-Z][A-Z0-9_]*)=(-?[0-9]{1,15}),?$/.exec(word.text);
	if (match === null) {
		throw new LitmusError(source, word.at, `expected "NAME=NUMBER", found "${word.text}"`);
	}
	const [, name, digits] = match;
	if (Object.hasOwn(header.bounds, name))
		throw new LitmusError(source, word.at, `a second value for ${name}`);
	const value = Number(digits);
	header.bounds[name] = value;
	said.push({ field: 'Bounds', kind: 'bound', text: name, value, at: word.at });
}

/** `<= 2` */
function readOvertaken(words: readonly Word[], source: Source): number {
	const text = words.map((w) => w.text).join(' ');
	const match = /^<= ?([0-9]{1,2})$/.exec(text);
	if (match) return Number(match[1]);
	const what = `expected "<= NUMBER", found "${text}"`;
	throw new LitmusError(source, words[0].at, what, 'of an access: how often it loses the lock');
}

function readDeaths({ name: field, words }: FieldLine, to: Reading): Header['dies'] {
	const { said, source } = to;
	const counted = words.length > 2 && words[1].text === 'of' && /^[1-4]$/.test(words[0].text);
	const nodes = (counted ? words.slice(2) : words).map((word) => {
		const match = /^N([0-3])$/.exec(word.text);
		if (match) {
			const value = Number(match[1]);
			said.push({ field, kind: 'node', text: word.text, value, at: word.at });
			return value;
		}
		throw new LitmusError(
			source,
			word.at,
			`expected a node, N0 to N3, found "${word.text}"`,
			'write "Dies: N1", or "Dies: 2 of N0 N1 N2"',
		);
	});
	const twice = nodes.findIndex((n, i) => nodes.indexOf(n) < i);
	if (twice >= 0)
		throw new LitmusError(source, words[twice + (counted ? 2 : 0)].at, 'a node dies once');
	const most = counted ? Number(words[0].text) : 1;
	if (most > nodes.length)
		throw new LitmusError(
			source,
			words[0].at,
			`${most} deaths of ${nodes.length} nodes: each dies once`,
		);
	return { most, nodes: nodes.sort() };
}
