// SPDX-License-Identifier: GPL-2.0-only
/**
 * The shape of the project, as rules over its files. A rule gets a tree and hands back what
 * breaks it; structure.test.ts runs each on the tree as it is checked in, and on one that is made
 * to break it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type FunctionDeclaration, Node, Project, type SourceFile, SyntaxKind } from 'ts-morph';
import { ogfs_symbols } from '../../ogfs/Kconfig.ts';
import { type KconfigSymbol, vfs_symbols } from '../../vfs/Kconfig.ts';
import { projectRoot } from '../conform/scenarios.ts';
import { type Doc, parseDoc, parseHeader } from '../crosswalk/doc.ts';
import { parseLitmus } from '../litmus/parser.ts';

/** What a rule looks at: files by their path from the root, and the two tables of symbols. */
export interface Tree {
	files: ReadonlyMap<string, string>;
	symbols: readonly KconfigSymbol[];
}
export interface Finding {
	file: string;
	line: number;
	what: string;
	fix: string;
}
export type Rule = (tree: Tree) => Finding[];

const root = projectRoot();
const TEXT = /\.(ts|litmus|md|peggy)$/;
export const PRELUDE = 'harness/kts/prelude.ts';
export const LICENCE = '// SPDX-License-Identifier: GPL-2.0-only';

/** What is checked in, not what lies about. */
export function checkedIn(): Tree {
	const listed = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' });
	const names = listed.split('\0').filter((name) => name && existsSync(path.join(root, name)));
	const read = (name: string) =>
		TEXT.test(name) ? readFileSync(path.join(root, name), 'utf8') : '';
	return {
		files: new Map(names.map((name) => [name, read(name)])),
		symbols: [...vfs_symbols, ...ogfs_symbols],
	};
}

/** A tree of its own for a planted violation. */
export function planted(
	files: Record<string, string>,
	symbols: readonly KconfigSymbol[] = [],
): Tree {
	return { files: new Map(Object.entries(files)), symbols };
}

const parsed = new Map<string, SourceFile>();
const project = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true });

/** Parsed, not bound: no rule needs types. */
function sourceOf(name: string, text: string): SourceFile {
	const key = `${name}\0${text}`;
	let source = parsed.get(key);
	if (!source) {
		source = project.createSourceFile(`/${parsed.size}/${name}`, text);
		parsed.set(key, source);
	}
	return source;
}

export const isTest = (name: string): boolean => /\.(test|fixture)\.ts$|\/fixtures\//.test(name);

export function* sources(tree: Tree, inside: RegExp): Iterable<[string, string, SourceFile]> {
	for (const [name, text] of tree.files)
		if (name.endsWith('.ts') && inside.test(name)) yield [name, text, sourceOf(name, text)];
}

interface Import {
	to: string;
	line: number;
	/** names that are imported; undefined: all that the file has */
	names?: string[];
	/** types only: nothing of it is left when the program runs */
	types: boolean;
	/** not imported, but started as a worker */
	started?: true;
}

/** The files of the project that a file imports, `import()` and `export ... from` included. */
export function importsOf(name: string, source: SourceFile): Import[] {
	const found: Import[] = [];
	const add = (specifier: string, line: number, more: Partial<Import> = {}): void => {
		if (!specifier.startsWith('.')) return;
		const to = path.posix.join(path.posix.dirname(name), specifier);
		found.push({ to, line, types: false, ...more });
	};
	for (const d of [...source.getImportDeclarations(), ...source.getExportDeclarations()]) {
		const specifier = d.getModuleSpecifierValue();
		const named = Node.isImportDeclaration(d) ? d.getNamedImports() : d.getNamedExports();
		const types = d.isTypeOnly() || (named.length > 0 && named.every((n) => n.isTypeOnly()));
		const names = named.map((n) => n.getName());
		const more = { types, ...(names.length > 0 && { names }) };
		if (specifier) add(specifier, d.getStartLineNumber(), more);
	}
	for (const call of source.getDescendantsOfKind(SyntaxKind.CallExpression)) {
		const [specifier] = call.getArguments();
		if (call.getExpression().getKind() !== SyntaxKind.ImportKeyword) continue;
		if (Node.isStringLiteral(specifier))
			add(specifier.getLiteralValue(), call.getStartLineNumber());
	}
	for (const made of source.getDescendantsOfKind(SyntaxKind.NewExpression)) {
		const [specifier, base] = made.getArguments();
		if (made.getExpression().getText() !== 'URL' || base?.getText() !== 'import.meta.url') continue;
		if (Node.isStringLiteral(specifier))
			add(specifier.getLiteralValue(), made.getStartLineNumber(), { started: true });
	}
	return found;
}

/** What every regular expression of a rule finds, line by line. */
function inLines(text: string, pattern: RegExp): { line: number; match: RegExpExecArray }[] {
	return text.split('\n').flatMap((content, i) => {
		const match = pattern.exec(content);
		return match ? [{ line: i + 1, match }] : [];
	});
}

// ---- imports --------------------------------------------------------------------------------

export const vfsImports: Rule = (tree) =>
	[...sources(tree, /^vfs\//)].flatMap(([file, , source]) =>
		importsOf(file, source)
			.filter(({ to }) => !to.startsWith('vfs/') && to !== PRELUDE)
			.map(({ to, line }) => ({
				file,
				line,
				what: `imports ${to}, which is above vfs/`,
				fix: `vfs/ stands on ${PRELUDE} alone: hand in an operations table, as page_trace does`,
			})),
	);

const OGFS_MAY = /^vfs\/(include\/|Kconfig\.ts$|kernel\/ksyms\.ts$)/;

export const ogfsImports: Rule = (tree) =>
	[...sources(tree, /^ogfs\//)].flatMap(([file, , source]) =>
		importsOf(file, source)
			.filter(({ to }) => !to.startsWith('ogfs/') && to !== PRELUDE && !OGFS_MAY.test(to))
			.map(({ to, line }) => ({
				file,
				line,
				what: `imports ${to}: a module sees headers and exported symbols only`,
				fix: 'import a header of vfs/include/, or export the function in vfs/kernel/ksyms.ts',
			})),
	);

/** The unit that a file belongs to. The machine's world and its properties are one. */
function unitOf(name: string): string {
	if (name === PRELUDE) return 'prelude';
	const [top, folder, rest] = name.split('/');
	if (top !== 'harness' || rest === undefined) return top === 'harness' ? name : top;
	return folder === 'properties' ? 'harness/world' : `harness/${folder}`;
}

export const importCycles: Rule = (tree) => {
	const edges = new Map<string, Map<string, { file: string; line: number }>>();
	for (const [file, , source] of sources(tree, /^(vfs|ogfs|harness)\//)) {
		if (isTest(file)) continue;
		for (const { to, line } of importsOf(file, source)) {
			const [a, b] = [unitOf(file), unitOf(to)];
			if (a === b) continue;
			if (!edges.has(a)) edges.set(a, new Map());
			if (!edges.get(a)?.has(b)) edges.get(a)?.set(b, { file, line });
		}
	}
	const reaches = (from: string, to: string, seen = new Set<string>()): boolean => {
		if (from === to) return true;
		if (seen.has(from)) return false;
		seen.add(from);
		return [...(edges.get(from)?.keys() ?? [])].some((next) => reaches(next, to, seen));
	};
	return [...edges].flatMap(([a, targets]) =>
		[...targets]
			.filter(([b]) => reaches(b, a))
			.map(([b, at]) => ({
				...at,
				what: `${a} imports ${b}, and ${b} comes back to ${a}`,
				fix: 'imports point one way: move what both need below both',
			})),
	);
};

// ---- files ----------------------------------------------------------------------------------

/** The comment behind the licence. */
function headComment(text: string): string {
	const match = /^\/\/[^\n]*\n(\/\*\*[\s\S]*?\*\/)/.exec(text);
	return match ? match[1].replace(/\n \*/g, ' ').replace(/\s+/g, ' ') : '';
}

/** vfs/: the kernel file and its version. ogfs/: the file of GFS1, or what of OpenGFS it is. */
function saysOrigin(name: string, head: string): boolean {
	if (path.posix.basename(name) === 'Kconfig.ts') return head !== '';
	if (/\bno kernel file\b/i.test(head)) return true;
	if (name.startsWith('ogfs/')) return /GFS1: src\/[\w/]+\.[ch]\b|\bOpenGFS's own\b/.test(head);
	return /\b[\w*/-]+\.[chS]\b/.test(head) && /\b2\.[46]\.\d+\b/.test(head);
}

export const opening: Rule = (tree) => {
	const findings: Finding[] = [];
	for (const [file, text] of tree.files) {
		if (!file.endsWith('.ts')) continue;
		const first = text.startsWith('#!') ? 2 : 1;
		if (text.split('\n')[first - 1] !== LICENCE)
			findings.push({
				file,
				line: first,
				what: 'does not begin with its licence',
				fix: `write "${LICENCE}" on line ${first}`,
			});
		else if (/^(vfs|ogfs)\//.test(file) && !saysOrigin(file, headComment(text)))
			findings.push({
				file,
				line: 2,
				what: 'does not say which kernel file it mirrors',
				fix: 'name the file and its version in the comment on line 2, or write "no kernel file"',
			});
	}
	return findings;
};

/** Does a function hand something back: not void, and not a sleeping function's nothing? */
function returnsSomething(f: FunctionDeclaration): boolean {
	const type = f.getReturnTypeNode()?.getText() ?? 'void';
	return type !== 'void' && type !== 'Sleeps' && type !== 'Sleeps<void>';
}

/** What a kernel-doc comment lacks. */
function lacksOf(f: FunctionDeclaration, doc: Doc): string[] {
	const lacks: string[] = [];
	if (doc.name !== f.getName()) lacks.push(`"${f.getName()} - what it does"`);
	for (const parameter of f.getParameters()) {
		const name = parameter.getName();
		if (!doc.args.get(name)) lacks.push(`"@${name}: what it is"`);
	}
	for (const name of doc.args.keys())
		if (!f.getParameters().some((p) => p.getName() === name)) lacks.push(`no "@${name}"`);
	if (returnsSomething(f) && !doc.returns) lacks.push('"Return: what"');
	if (!doc.context) lacks.push('"Context: locks, and whether it may sleep"');
	return lacks;
}

/**
 * Functions that others call, and those that the kernel has, say what they do, what each argument
 * is, what they return and in which context. Those that only divide another function up may do
 * with less.
 */
export const docComments: Rule = (tree) =>
	[...sources(tree, /^(vfs|ogfs)\//)].flatMap(([file, text, source]) => {
		const head = /\/\*\*/.exec(text)?.index ?? 0;
		const mirrors = file.startsWith('vfs/') && !parseHeader(headComment(text)).none;
		return source.getFunctions().flatMap((f) => {
			const comment = f.getJsDocs().findLast((d) => d.getStart() > head);
			const doc = parseDoc(comment?.getText() ?? '');
			const ported = mirrors && doc.source?.none === undefined;
			const lacks = f.isExported() || ported ? lacksOf(f, doc) : doc.summary ? [] : ['"what"'];
			if (lacks.length === 0) return [];
			return [
				{
					file,
					line: f.getStartLineNumber(),
					what: `${f.getName()}() has no comment that says all: ${lacks.join(', ')}`,
					fix: 'see docs/crosswalk.md, "Comments"',
				},
			];
		});
	});

export const FILE_LINES = 600;
/** A file of vfs/ has the functions of its kernel file, however many those are. */
const KERNEL_FILE_LINES = 1500;
export const CODE_COLUMNS = 100;

export const fileLength: Rule = (tree) =>
	[...tree.files].flatMap(([file, text]) => {
		const most = file.startsWith('vfs/') ? KERNEL_FILE_LINES : FILE_LINES;
		const lines = text.split('\n').length;
		if (!file.endsWith('.ts') || lines <= most) return [];
		return [
			{
				file,
				line: most + 1,
				what: `has ${lines} lines`,
				fix: 'a file has one idea: divide it',
			},
		];
	});

/**
 * Lines that a string, a template or a regular expression makes long: those stay whole, for
 * grep.
 */
function literalLines(source: SourceFile): Set<number> {
	const lines = new Set<number>();
	source.forEachDescendant((node) => {
		const literal =
			Node.isStringLiteral(node) ||
			Node.isNoSubstitutionTemplateLiteral(node) ||
			Node.isTemplateExpression(node) ||
			Node.isRegularExpressionLiteral(node);
		if (!literal || node.getWidth() < 20) return;
		const end = node.getEndLineNumber();
		for (let line = node.getStartLineNumber(); line <= end; line++) lines.add(line);
	});
	return lines;
}

export const lineLength: Rule = (tree) =>
	[...sources(tree, /./)].flatMap(([file, text, source]) => {
		const long = inLines(text, new RegExp(`^.{${CODE_COLUMNS + 1},}$`));
		if (long.length === 0) return [];
		const exempt = literalLines(source);
		return long
			.filter(({ line }) => !exempt.has(line))
			.map(({ line, match }) => ({
				file,
				line,
				what: `is ${match[0].length} columns wide`,
				fix: 'break it: biome check --write does, comments are wrapped by hand',
			}));
	});

const LEFTOVERS =
	/\b(TODO|FIXME|XXX)\b|\b(?:test|it|describe)(?:\.\w+)*\.(only|skip|todo|failing)\b/;

export const leftovers: Rule = (tree) =>
	[...tree.files].flatMap(([file, text]) =>
		// These two have to spell them.
		/^harness\/testing\/structure(\.test)?\.ts$/.test(file)
			? []
			: inLines(text, LEFTOVERS).map(({ line, match }) => ({
					file,
					line,
					what: `has "${match[0]}" in it`,
					fix: 'do it, or open an issue; no test is left out',
				})),
	);

const TOP = new Set([
	...[
		'.ci',
		'.gitignore',
		'.npmrc',
		'CONTRIBUTING.md',
		'LICENSE',
		'README.md',
		'biome.json',
		'docs',
		'harness',
	],
	...['ogfs', 'package-lock.json', 'package.json', 'tsconfig.json', 'vfs'],
]);
const HARNESS = new Set([
	...['bench', 'cli', 'conform', 'crosswalk', 'engine', 'fuzz', 'index.ts', 'kts', 'litmus'],
	...['properties', 'report', 'scenarios', 'testing', 'world'],
]);

export const topLevel: Rule = (tree) => {
	const findings = new Map<string, Finding>();
	for (const file of tree.files.keys()) {
		const [top, second] = file.split('/');
		const known = TOP.has(top) && (top !== 'harness' || HARNESS.has(second));
		const name = TOP.has(top) ? `${top}/${second}` : top;
		if (known || findings.has(name)) continue;
		findings.set(name, {
			file,
			line: 1,
			what: `${name} is not part of the layout`,
			fix: 'move it into one of the folders of docs/README.md, or describe it there and list it here',
		});
	}
	return [...findings.values()];
};

/** docs/README.md describes every page beside it and every folder of sources. */
export const described: Rule = (tree) => {
	const page = 'docs/README.md';
	const text = tree.files.get(page) ?? '';
	const expected = new Set<string>();
	for (const file of tree.files.keys()) {
		const doc = /^docs\/([^/]+\.md)$/.exec(file);
		if (doc && file !== page) expected.add(`[${doc[1]}](`);
		if (/^(vfs|ogfs|harness)\/.*\/.*\.(ts|litmus)$/.test(file))
			expected.add(`\`${path.posix.dirname(file)}/\``);
	}
	return [...expected]
		.filter((name) => !text.includes(name))
		.map((name) => ({
			file: page,
			line: 1,
			what: `does not describe ${name.replace(/[`[\](]/g, '')}`,
			fix: 'say what it is, in words and more precisely',
		}));
};

// ---- names ----------------------------------------------------------------------------------

/** Constants of Kconfig.ts that are no proposed change. */
const NOT_SYMBOLS = new Set(['SMP']);

export const symbolsAreKnown: Rule = (tree) => {
	const names = new Set(tree.symbols.map((s) => s.name));
	const used = new Set<string>();
	const findings: Finding[] = [];
	for (const [file, text, source] of sources(tree, /^(vfs|ogfs|harness\/(world|properties))\//)) {
		for (const identifier of source.getDescendantsOfKind(SyntaxKind.Identifier)) {
			const name = /^CONFIG_(\w+)$/.exec(identifier.getText())?.[1];
			if (
				name &&
				!file.endsWith('Kconfig.ts') &&
				!identifier.getParent()?.getKindName().includes('Import')
			)
				used.add(name);
		}
		for (const { line, match } of inLines(text, /\bCONFIG_([A-Z0-9_]+)\b/)) {
			if (names.has(match[1]) || NOT_SYMBOLS.has(match[1])) continue;
			findings.push({
				file,
				line,
				what: `CONFIG_${match[1]} is in no Kconfig table`,
				fix: 'describe it in vfs_symbols or ogfs_symbols',
			});
		}
	}
	for (const symbol of tree.symbols) {
		const file = symbol.side === 'VM' ? 'vfs/Kconfig.ts' : 'ogfs/Kconfig.ts';
		const text = tree.files.get(file) ?? '';
		const line = inLines(text, new RegExp(`name: '${symbol.name}'`))[0]?.line ?? 1;
		if (!used.has(symbol.name))
			findings.push({
				file,
				line,
				what: `nothing depends on CONFIG_${symbol.name}`,
				fix: 'use it, or take it out of the table',
			});
		for (const other of [...(symbol.depends ?? []), ...(symbol.alternatives ?? [])])
			if (!names.has(other))
				findings.push({
					file,
					line,
					what: `${symbol.name} names ${other}, which is in no table`,
					fix: 'name a symbol of vfs_symbols or ogfs_symbols',
				});
		for (const touched of symbol.files)
			if (!tree.files.has(touched))
				findings.push({
					file,
					line,
					what: `${symbol.name} touches ${touched}, which is not there`,
					fix: 'name a file of the tree',
				});
	}
	return findings;
};

/** Line of a file on which a word stands first. */
const lineOf = (text: string, word: string): number =>
	text.slice(0, Math.max(0, text.indexOf(word))).split('\n').length;

export function* scenarios(tree: Tree) {
	for (const [file, text] of tree.files)
		if (/^harness\/scenarios\/.*\.litmus$/.test(file))
			yield { file, text, header: parseLitmus(text, file).header };
}

/** Functions that allocate and may fail, other than by calling one. */
const ALLOCATIONS = new Set(['alloc_page', 'vm_area_alloc', 'get_empty_filp']);

/** The functions that call one of those: where an allocation can be made to fail. */
export function allocationSites(tree: Tree): string[] {
	const sites = new Set<string>();
	for (const [, , source] of sources(tree, /^(vfs|ogfs)\//))
		for (const f of source.getFunctions())
			for (const call of f.getDescendantsOfKind(SyntaxKind.CallExpression))
				if (ALLOCATIONS.has(call.getExpression().getText())) sites.add(f.getName() ?? '');
	return [...sites].sort();
}

/** Suspensions of the prelude in which a task waits for another. */
const WAITS = new Set(['wait_event', 'wait_idle', 'wait_choose', 'wait_choose_idle']);
/** They say themselves what they are. */
const WAITS_ELSEWHERE = /^vfs\/include\/linux\/spinlock\.ts$|^ogfs\/locking\//;

export const waitsMightSleep: Rule = (tree) => {
	const findings: Finding[] = [];
	for (const [file, , source] of sources(tree, /^(vfs|ogfs)\//)) {
		if (WAITS_ELSEWHERE.test(file)) continue;
		for (const f of source.getFunctions()) {
			const calls = f.getDescendantsOfKind(SyntaxKind.CallExpression);
			const named = (names: ReadonlySet<string>) =>
				calls.filter((c) => names.has(c.getExpression().getText()));
			if (named(new Set(['might_sleep', 'lockdep_sys_exit'])).length > 0) continue;
			for (const wait of named(WAITS))
				findings.push({
					file,
					line: wait.getStartLineNumber(),
					what: `${f.getName()}() waits and does not say that it might sleep`,
					fix: 'call might_sleep() before the wait, or lockdep_sys_exit() before an idle one',
				});
		}
	}
	return findings;
};

export const marksExist: Rule = (tree) => {
	const marks = new Set(allocationSites(tree).map((site) => `fault injection: ${site}`));
	for (const [, , source] of sources(tree, /^(vfs|ogfs|harness\/(world|properties))\//))
		for (const call of source.getDescendantsOfKind(SyntaxKind.CallExpression)) {
			const [mark] = call.getArguments();
			if (call.getExpression().getText() === 'cover' && Node.isStringLiteral(mark))
				marks.add(mark.getLiteralValue());
		}
	return [...scenarios(tree)].flatMap(({ file, text, header }) =>
		header.exercises
			.filter((mark) => !marks.has(mark))
			.map((mark) => ({
				file,
				line: lineOf(text, 'Exercises:'),
				what: `no cover('${mark}') in the sources: the test would always be vacuous`,
				fix: `one of: ${[...marks].sort().join('; ')}`,
			})),
	);
};

export const needsExist: Rule = (tree) => {
	const names = new Set(tree.symbols.map((s) => s.name));
	return [...scenarios(tree)].flatMap(({ file, text, header }) =>
		header.needs
			.flatMap(({ groups }) => groups.flat())
			.filter((name) => !names.has(name.split('=')[0]))
			.map((name) => ({
				file,
				line: lineOf(text, name),
				what: `needs ${name}, which is no symbol`,
				fix: 'name a symbol of vfs_symbols or ogfs_symbols',
			})),
	);
};
