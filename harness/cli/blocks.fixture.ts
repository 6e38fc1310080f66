// SPDX-License-Identifier: GPL-2.0-only
/**
 * The blocks of the pages that show what a command prints, and what else a page must say of a
 * block. A block is fenced, or indented by four columns. It says where it comes from:
 *
 *	$ vfshook ARGUMENTS              its first line; the rest is all that the command prints
 *	<!-- $ vfshook ARGUMENTS -->     the same, above the block
 *	  ... from "TEXT" to "TEXT"      some of the lines, in order: from the first that has the one
 *	                                 text to the first after it that has the other; '...' in between
 *	<!-- file: PATH from ... -->     lines of a file
 *	<!-- cells of vfshook conform: PROFILES -->  rows of its table; each cell is run by itself
 *	<!-- not run: REASON -->         is no output, or cannot be had here
 *
 * A fenced block that names a language, and one of commands alone, need not say anything.
 *
 * Interface: blocksOf unmarked expectedOf cellsOf blanked Block NeededCell
 */

/** From the first line with `from` to the first after it with `to`. */
interface Slice {
	from: string;
	to: string;
}

export interface Block {
	page: string;
	line: number;
	/** of the block's own text */
	indent: string;
	text: string[];
	/** its first line is the command */
	prompt: boolean;
	source: { kind: 'command' | 'file' | 'cells' | 'none'; words: string } | undefined;
	slices: Slice[];
	language: string;
	/** where the text is in the page: lines, the last one not included */
	at: [first: number, end: number];
}

const COMMENT = /^<!--\s*(\$ vfshook|file:|cells of vfshook conform:|not run:)\s*([\s\S]*?)\s*-->$/;
const SLICE = /from "([^"]*)"\s+to "([^"]*)"/g;
const PROMPT = /^\$ (?:npx )?vfshook (.*)$/;

const KINDS: Record<string, NonNullable<Block['source']>['kind']> = {
	'$ vfshook': 'command',
	'file:': 'file',
	'cells of vfshook conform:': 'cells',
	'not run:': 'none',
};

function sourceOf(comment: string): Pick<Block, 'source' | 'slices'> {
	const match = COMMENT.exec(comment);
	if (!match) return { source: undefined, slices: [] };
	const [, head, rest] = match;
	const slices = [...rest.matchAll(SLICE)].map(([, from, to]) => ({ from, to }));
	const words = rest.replace(SLICE, '').trim().replace(/\s+/g, ' ');
	return { source: { kind: KINDS[head], words }, slices };
}

/** All blocks of a page, in order. */
export function blocksOf(page: string, text: string): Block[] {
	const lines = text.split('\n');
	const blocks: Block[] = [];
	let comment = '';
	for (let i = 0; i < lines.length; i++) {
		if (lines[i].startsWith('<!--')) {
			let end = i;
			while (!lines[end].includes('-->')) end++;
			comment = lines.slice(i, end + 1).join('\n');
			i = end;
			continue;
		}
		const fence = /^```(\w*)$/.exec(lines[i]);
		const indented = /^ {4}/.test(lines[i]) && (i === 0 || lines[i - 1] === '');
		if (fence || indented) {
			const first = fence ? i + 1 : i;
			let end = first;
			if (fence) while (lines[end] !== '```') end++;
			else while (end < lines.length && /^( {4}|$)/.test(lines[end])) end++;
			while (!fence && lines[end - 1] === '') end--;
			const indent = fence ? '' : '    ';
			const own = lines.slice(first, end).map((line) => line.slice(indent.length));
			const asked = PROMPT.exec(own[0] ?? '');
			const said = sourceOf(comment);
			const source = asked ? { kind: 'command' as const, words: asked[1] } : said.source;
			blocks.push({
				...{ page, line: first + 1, indent, text: own, prompt: asked !== null, source },
				...{ slices: said.slices, language: fence?.[1] ?? '', at: [first, end] },
			});
			i = fence ? end : end - 1;
		}
		if (lines[i] !== '') comment = '';
	}
	return blocks;
}

const COMMAND = /^(npx |npm |\.\/|gcc |cd |vfshook |VFSHOOK_\w+=\S+ )/;

/** Must the block say where it comes from, and does not? */
export function unmarked({ text, source, language }: Block): boolean {
	if (source || language !== '') return false;
	return !text.every((line) => line === '' || COMMAND.test(line));
}

/** What the block should be, given all that its command prints or its file has. */
export function expectedOf(block: Block, whole: string): string[] {
	const lines = whole
		.replace(/\n+$/, '')
		.split('\n')
		.map((line) => line.trimEnd());
	if (block.slices.length === 0) return lines;
	const out: string[] = [];
	let at = 0;
	for (const { from, to } of block.slices) {
		const first = lines.findIndex((line, i) => i >= at && line.includes(from));
		if (first < 0) throw new Error(`${block.page}:${block.line}: no line has "${from}"`);
		const last = lines.findIndex((line, i) => i >= first && line.includes(to));
		if (last < 0) throw new Error(`${block.page}:${block.line}: no line has "${to}"`);
		if (out.length > 0) out.push('...');
		out.push(...lines.slice(first, last + 1));
		at = last + 1;
	}
	return out;
}

/** A cell of the table that says what goes wrong without a change. */
export interface NeededCell {
	symbol: string;
	profile: string;
	test: string;
	steps: number;
}

/** The cells of some rows that say so; the columns are those of the profiles. */
export function cellsOf({ text, source }: Block): NeededCell[] {
	const profiles = (source?.words ?? '').split(' ');
	return text.flatMap((row) => {
		const [, symbol, ...cells] = row.split(/\s{2,}/);
		return cells.flatMap((cell, i) => {
			const match = /^needed: (S\d+), (\d+) steps$/.exec(cell);
			return match
				? [{ symbol, profile: profiles[i], test: match[1], steps: Number(match[2]) }]
				: [];
		});
	});
}

/** Times are not the same each time. */
export function blanked(line: string): string {
	return line
		.replace(/\b\d+(\.\d+)? (s|ms)\b/g, '# $2')
		.replace(/^(Time \S+) [\d.]+$/, '$1 #')
		.trimEnd();
}
