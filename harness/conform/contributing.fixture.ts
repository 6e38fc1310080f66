// SPDX-License-Identifier: GPL-2.0-only
/**
 * What CONTRIBUTING.md names is there: files, what to look for in them, scripts, environment
 * variables. Rules as in structure.ts; contributing.test.ts runs each, and breaks each.
 *
 * Interface: environment scriptsExist pathsExist rowsAreTrue jobsExist PAGE
 */
import { Node, SyntaxKind } from 'ts-morph';
import { type Finding, type Rule, sources, type Tree } from '../testing/structure.ts';

export const PAGE = 'CONTRIBUTING.md';

interface Line {
	text: string;
	number: number;
	/** the heading that it stands below */
	section: string;
}

function linesOf(text = ''): Line[] {
	let section = '';
	return text.split('\n').map((line, i) => {
		section = /^#+ (.*)/.exec(line)?.[1] ?? section;
		return { text: line, number: i + 1, section };
	});
}

/** The cells of a row of a table, or none. */
const cellsOf = (line: string): string[] =>
	/^\|(?!-)/.test(line)
		? line
				.slice(1, -1)
				.split('|')
				.map((cell) => cell.trim())
		: [];
const quotedIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, q]) => q);

// ---- environment variables ------------------------------------------------------------------

/** The environment under another name. */
const RENAMED =
	/^\s*(?:const|let) \{[^}]*\benv\b[^}]*\} = process\b|^import .* from '(?:node:)?process'/;

/** `process.env.NAME`, by name; what is no name of a variable, under ''. */
function variablesRead(tree: Tree): Map<string, Finding> {
	const read = new Map<string, Finding>();
	const files = new Map([...tree.files].filter(([, text]) => /\bprocess\b/.test(text)));
	for (const [file, text, source] of sources({ ...tree, files }, /^(vfs|ogfs|harness)\//)) {
		text.split('\n').forEach((line, i) => {
			if (RENAMED.test(line))
				read.set('', { file, line: i + 1, what: 'renames the environment', fix: '' });
		});
		for (const access of source.getDescendantsOfKind(SyntaxKind.PropertyAccessExpression)) {
			if (access.getText() !== 'process.env') continue;
			const parent = access.getParent();
			// handed on as a whole
			if (Node.isSpreadAssignment(parent)) continue;
			const name = Node.isPropertyAccessExpression(parent) ? parent.getName() : '';
			const line = access.getStartLineNumber();
			read.set(name, { file, line, what: `reads ${name || 'a variable without a name'}`, fix: '' });
		}
	}
	return read;
}

/** Not ours: what a system has. */
const OF_THE_SYSTEM = new Set(['PATH']);

export const environment: Rule = (tree) => {
	const read = variablesRead(tree);
	const described = new Map<string, number>();
	for (const { text, number, section } of linesOf(tree.files.get(PAGE))) {
		if (section !== 'Environment variables') continue;
		const [name] = quotedIn(cellsOf(text)[0] ?? '');
		if (name) described.set(name, number);
	}
	const missing = [...read]
		.filter(([name]) => !described.has(name) && !OF_THE_SYSTEM.has(name))
		.map(([name, at]) => ({
			...at,
			fix: name ? `describe it in ${PAGE}` : 'write process.env.NAME, so that it is found',
		}));
	const unread = [...described]
		.filter(([name]) => !read.has(name))
		.map(([name, line]) => ({
			file: PAGE,
			line,
			what: `describes ${name}, which no source reads`,
			fix: 'take it out',
		}));
	return [...missing, ...unread];
};

// ---- scripts and files ----------------------------------------------------------------------

/** `npm run X`, `npm test`, `npm start` in every page. */
export const scriptsExist =
	(scripts: ReadonlySet<string>): Rule =>
	(tree) =>
		[...tree.files].flatMap(([file, text]) =>
			file.endsWith('.md')
				? linesOf(text).flatMap((line) =>
						[...line.text.matchAll(/\bnpm (?:run ([\w:-]+)|(test|start)\b)/g)]
							.map(([, run, short]) => run ?? short)
							.filter((name) => !scripts.has(name))
							.map((name) => ({
								file,
								line: line.number,
								what: `names npm run ${name}, which package.json does not have`,
								fix: `scripts: ${[...scripts].join(', ')}`,
							})),
					)
				: [],
		);

/** Jobs of `npm run nightly -- JOB`. */
export const jobsExist =
	(jobs: ReadonlySet<string>): Rule =>
	(tree) =>
		linesOf(tree.files.get(PAGE)).flatMap(({ text, number }) =>
			[...text.matchAll(/npm run nightly -- ([a-z][\w-]*)/g)]
				.filter(([, job]) => !jobs.has(job))
				.map(([, job]) => ({
					file: PAGE,
					line: number,
					what: `names the job ${job}, which there is not`,
					fix: `jobs: ${[...jobs].join(', ')}`,
				})),
		);

const TOP = /^(?:\.ci|vfs|ogfs|harness|docs)\/|^[\w-]+\.md$|^package\.json$/;
/** What the reader has to choose a name for. */
const CHOSEN = /NAME/;

/** Paths in quotation marks, in code and in links. */
function pathsIn(text: string): string[] {
	const linked = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, to]) => to);
	const code = /^ {4}/.test(text) ? text.trim().split(/\s+/) : [];
	const quoted = quotedIn(text).flatMap((q) => q.split(/\s+/));
	return [...linked, ...code, ...quoted].filter((word) => TOP.test(word));
}

function isThere(tree: Tree, name: string): boolean {
	const like = name.replace(/[.]/g, '\\.').replace(CHOSEN, '[^/]+');
	const pattern = new RegExp(`^${like.replace(/\/$/, '/.+')}(?:/.+)?$`);
	return [...tree.files.keys()].some((file) => pattern.test(file));
}

export const pathsExist: Rule = (tree) =>
	linesOf(tree.files.get(PAGE)).flatMap(({ text, number }) =>
		pathsIn(text)
			.filter((name) => !isThere(tree, name))
			.map((name) => ({
				file: PAGE,
				line: number,
				what: `names ${name}, which is not there`,
				fix: 'name what is',
			})),
	);

/** What a row says to look for stands in the files that the row names. */
export const rowsAreTrue: Rule = (tree) =>
	linesOf(tree.files.get(PAGE)).flatMap(({ text, number }) => {
		const [where = '', what = ''] = cellsOf(text);
		const files = quotedIn(where).filter((name) => tree.files.has(name));
		if (files.length === 0) return [];
		return quotedIn(what)
			.filter((name) => /^\w+(?:\(\))?$/.test(name) && !CHOSEN.test(name))
			.map((name) => name.replace('()', ''))
			.filter((name) => {
				const word = new RegExp(`\\b${name}\\b`);
				return !files.some((file) => word.test(tree.files.get(file) ?? ''));
			})
			.map((name) => ({
				file: PAGE,
				line: number,
				what: `looks for ${name} in ${files.join(', ')}`,
				fix: 'name files that exist',
			}));
	});
