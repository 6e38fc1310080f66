// SPDX-License-Identifier: GPL-2.0-only
/**
 * kernel-doc comments, as vfs/ and ogfs/ have them: what a function does, its arguments, what it
 * returns, its context; where in the kernel it is; and in what it differs from the function there.
 * docs/crosswalk.md has the notation.
 */

/** A declared difference: one line of a `Differs:` section. */
export interface Entry {
	/**
	 * `-` only C has it; `+` only the port; `~` in another place; `@` under another condition, or with
	 * other values; `->` under another name; `=` the port has its body in its place; `!` all of the
	 * body is another.
	 */
	kind: '-' | '+' | '~' | '@' | '->' | '=' | '!';
	names: string[];
	/** of `-`, `+`, `~` and `@`: for how many rows each name stands, one unless `name x3` says so */
	counts: ReadonlyMap<string, number>;
	/** of `->`: the name in the port */
	other?: string;
	reason: string;
	/** line of the comment, from 0 */
	line: number;
}

/** Where in the kernel a function is. */
export interface Source {
	/** in no kernel, and why it is here */
	none?: string;
	file?: string;
	from?: string;
	to?: string;
	/** its name there */
	as?: string;
}

export interface Doc {
	name?: string;
	summary?: string;
	args: ReadonlyMap<string, string>;
	returns?: string;
	context?: string;
	source?: Source;
	differs: Entry[];
	/** lines of a `Differs:` section or a `Source:` that say nothing that can be checked */
	problems: { line: number; what: string }[];
}

/** The lines of a comment without its stars: what stands one blank behind them begins at 0. */
function commentLines(comment: string): string[] {
	const inner = comment.replace(/^\/\*\*?/, '').replace(/\*\/$/, '');
	return inner.split('\n').map((line, i) => {
		const bare = i === 0 ? line : line.replace(/^\s*\*/, '');
		return bare.replace(/^ /, '').trimEnd();
	});
}

const indentOf = (line: string): number => line.length - line.trimStart().length;
const SECTION = /^(Return|Context|Source|Differs)s?:\s*(.*)$/;
const ENTRY = /^([-+~@=]) ([^:]*?)(?::\s*(.*))?$/s;
const RENAME = /^(\S[^:]*?) -> ([^:]*?)(?::\s*(.*))?$/s;
/** A function, a call through operations, a lock operation with or without its lock. */
const NAME = /^(->)?\w+( \w+)?$/;
/** How many rows a name stands for. */
const COUNT = / x(\d+)$/;

/** What an entry of a `Differs:` section declares; undefined: nothing that can be checked. */
export function entryOf(text: string, line: number): Entry | undefined {
	const none = new Map<string, number>();
	if (text.startsWith('! '))
		return { kind: '!', names: [], counts: none, reason: text.slice(2).trim(), line };
	const plain = ENTRY.exec(text);
	const found = plain ?? RENAME.exec(text);
	if (!found) return undefined;
	const [, first, second, reason] = found;
	const written = (plain ? second : first).split(',').map((n) => n.trim());
	const names = written.map((n) => n.replace(COUNT, ''));
	const counts = new Map(written.map((n, i) => [names[i], Number(COUNT.exec(n)?.[1] ?? 1)]));
	const other = plain ? undefined : second.trim();
	if (![...names, ...(other === undefined ? [] : [other])].every((n) => NAME.test(n)))
		return undefined;
	const kind = plain ? (first as Entry['kind']) : '->';
	if (counts.size < names.length || [...counts.values()].includes(0)) return undefined;
	return { kind, names, counts, other, reason: (reason ?? '').trim(), line };
}

/** The parts of `mm/fremap.c, 2.6.0 to 2.6.9, as install_page`. */
function parseSource(text: string): Source | undefined {
	const none = /^none\b:?\s*(.*)$/s.exec(text);
	if (none) return { none: none[1].trim() };
	const source: Source = {};
	for (const part of text.split(',').map((p) => p.trim())) {
		const version = /^(2\.\d+\.\d+)(?: to (2\.\d+\.\d+))?\.?$/.exec(part);
		const as = /^as (\w+)\.?$/.exec(part);
		if (version) [source.from, source.to] = [version[1], version[2] ?? version[1]];
		else if (as) source.as = as[1];
		else if (/^[\w./-]+\.[chS]$/.test(part)) source.file = part;
		else return undefined;
	}
	return source;
}

/** Reads a doc comment. */
export function parseDoc(comment: string): Doc {
	const lines = commentLines(comment);
	const args = new Map<string, string>();
	const differs: Entry[] = [];
	const problems: Doc['problems'] = [];
	const doc: Doc = { args, differs, problems };
	const texts: Record<string, string> = {};
	let section = '';
	let open: { text: string; indent: number; line: number } | undefined;
	const close = (): void => {
		if (!open) return;
		const entry = entryOf(open.text, open.line);
		if (entry) differs.push(entry);
		else problems.push({ line: open.line, what: `'${open.text}' declares no difference` });
		open = undefined;
	};
	let sourceLine = 0;
	for (const [i, line] of lines.entries()) {
		const text = line.trim();
		const indent = indentOf(line);
		const title = /^(\w+) - (.*)$/.exec(text);
		const arg = /^@(\w+):\s*(.*)$/.exec(text);
		const head = indent === 0 ? SECTION.exec(text) : null;
		const goesOn = section === 'Differs' && open && indent > open.indent;
		if (!goesOn) close();
		if (goesOn && open) {
			open.text = `${open.text} ${text}`;
		} else if (text === '') {
			section = '';
		} else if (arg && indent === 0) {
			args.set(arg[1], arg[2]);
			section = '@';
		} else if (head) {
			section = head[1];
			texts[section] = head[2];
			if (section === 'Source') sourceLine = i;
		} else if (doc.summary === undefined && title && indent === 0) {
			[doc.name, doc.summary] = [title[1], title[2]];
		} else if (doc.summary === undefined && text) {
			doc.summary = text;
		} else if (section === 'Differs' && indent >= 2) {
			open = { text, indent, line: i };
		} else if (section && section !== '@') {
			texts[section] = `${texts[section]} ${text}`.trim();
		}
	}
	close();
	doc.returns = texts.Return;
	doc.context = texts.Context;
	if (texts.Source !== undefined) {
		doc.source = parseSource(texts.Source.replace(/\.$/, ''));
		if (!doc.source)
			problems.push({ line: sourceLine, what: `'Source: ${texts.Source}' cannot be read` });
		else if (doc.source.none === '')
			problems.push({ line: sourceLine, what: "'Source: none' without a reason" });
	}
	for (const { kind, names, line, reason } of differs)
		if (!reason)
			problems.push({ line, what: `'${kind} ${names.join(', ')}' is declared without a reason` });
	return doc;
}

/** What the comment at the head of a file says: which kernel files, of which version. */
export interface Header {
	files: string[];
	from?: string;
	to?: string;
	/** the file is in no kernel */
	none: boolean;
	differs: Entry[];
	problems: Doc['problems'];
}

export function parseHeader(comment: string): Header {
	const { differs, problems } = parseDoc(comment);
	const lines = commentLines(comment);
	const begin = lines.findIndex((l) => l.trim() !== '');
	const end = lines.findIndex((l, i) => i > begin && l.trim() === '');
	const first = lines.slice(begin, end < 0 ? undefined : end).join(' ');
	const files = [...first.matchAll(/[\w-]+(?:\/[\w.-]+)*\/[\w-]+\.[chS]\b/g)].map((m) => m[0]);
	const found = /\b(2\.[46]\.\d+)(?: (?:and|to) (2\.[46]\.\d+))?\b/.exec(first);
	const [from, to] = [found?.[1], found?.[2] ?? found?.[1]];
	return { files, from, to, none: /\bno kernel file\b/i.test(first), differs, problems };
}
