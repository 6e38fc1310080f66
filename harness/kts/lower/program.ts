// SPDX-License-Identifier: GPL-2.0-only
/**
 * Reads a source tree into a type-checked TypeScript program, at low cost: only the files that the
 * entries reach, and only the declarations of the language itself.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { ts } from 'ts-morph';
import type { Diagnostic } from '../diagnostics.ts';

export interface Sources {
	/** absolute path of the project */
	root: string;
	/** relative to root */
	entries: string[];
	/** relative path -> text in place of the file's own */
	overrides?: Record<string, string>;
	/** what TypeScript checks: all files that are lowered, or those of `overrides` alone */
	checked?: 'all' | 'overrides';
}

export interface Program {
	root: string;
	checker: ts.TypeChecker;
	prelude: ts.SourceFile;
	/** the entries' files */
	entries: ts.SourceFile[];
	/** all files to lower */
	files: ts.SourceFile[];
	/** TypeScript's own diagnostics */
	errors: Diagnostic[];
	inputs: ProgramInputs;
}

/** The inputs of a program besides the compiler and its library. */
export interface ProgramInputs {
	/** by path relative to root: the text of each file that was read, also of declarations */
	texts: Map<string, string>;
	/** files that were not found: each would be read in place of another */
	absent: string[];
}

const OPTIONS: ts.CompilerOptions = {
	target: ts.ScriptTarget.ES2022,
	module: ts.ModuleKind.ESNext,
	moduleResolution: ts.ModuleResolutionKind.Bundler,
	lib: ['lib.es2022.d.ts'],
	types: [],
	strict: true,
	noImplicitReturns: true,
	noFallthroughCasesInSwitch: true,
	noEmit: true,
	skipLibCheck: true,
	allowImportingTsExtensions: true,
	verbatimModuleSyntax: true,
};
export const PRELUDE = 'harness/kts/prelude.ts';

export function readProgram(sources: Sources): Program {
	const { root } = sources;
	const absent = new Set<string>();
	const host = hostOf(root, sources.overrides ?? {}, absent);
	const names = [PRELUDE, ...sources.entries].map((f) => path.join(root, f));
	const program = ts.createProgram(names, OPTIONS, host);
	const own = program.getSourceFiles().filter((f) => !f.isDeclarationFile && inside(root, f));
	const prelude = own.find((f) => relative(root, f) === PRELUDE)!;
	const files = own.filter((f) => f !== prelude);
	return {
		root,
		prelude,
		files,
		checker: program.getTypeChecker(),
		entries: sources.entries.map((e) => files.find((f) => relative(root, f) === e)!),
		errors: complaints(program, root, files.filter(isChecked(sources))),
		inputs: inputsOf(root, program, absent),
	};
}

function isChecked({ root, overrides = {}, checked = 'all' }: Sources) {
	return (f: ts.SourceFile): boolean => checked === 'all' || relative(root, f) in overrides;
}

function inputsOf(root: string, program: ts.Program, absent: Set<string>): ProgramInputs {
	// packages are identified by their versions
	const isNoPackage = (name: string): boolean => !name.includes('node_modules/');
	const read = program.getSourceFiles().filter((f) => isNoPackage(relative(root, f)));
	return {
		texts: new Map(read.map((f) => [relative(root, f), f.text])),
		absent: [...absent]
			.map((f) => relativePath(root, f))
			.filter(isNoPackage)
			.sort(),
	};
}

/** The path of a file as diagnostics and traces show it. */
export function relative(root: string, f: ts.SourceFile): string {
	return relativePath(root, f.fileName);
}

function relativePath(root: string, file: string): string {
	return path.relative(root, file).split(path.sep).join('/');
}

function inside(root: string, f: ts.SourceFile): boolean {
	const r = relative(root, f);
	return !r.startsWith('..') && !r.includes('node_modules/');
}

function hostOf(
	root: string,
	overrides: Record<string, string>,
	absent: Set<string>,
): ts.CompilerHost {
	const host = ts.createCompilerHost(OPTIONS, true);
	const lib = path.dirname(createRequire(import.meta.url).resolve('typescript'));
	const texts = new Map(Object.entries(overrides).map(([f, t]) => [path.join(root, f), t]));
	const { readFile, fileExists } = host;
	host.getDefaultLibLocation = () => lib;
	host.getDefaultLibFileName = () => path.join(lib, 'lib.es2022.d.ts');
	host.readFile = (f) => texts.get(path.normalize(f)) ?? readFile(f);
	host.fileExists = (f) => {
		const found = texts.has(path.normalize(f)) || fileExists(f);
		if (!found) absent.add(f);
		return found;
	};
	host.getSourceFile = (f) => sourceFile(f, host.readFile(f));
	return host;
}

/** Parsed files by name: the same text is not parsed again, for any root. */
const parsed = new Map<string, ts.SourceFile>();

export function sourceFile(name: string, text: string): ts.SourceFile;
export function sourceFile(name: string, text: string | undefined): ts.SourceFile | undefined;
export function sourceFile(name: string, text: string | undefined): ts.SourceFile | undefined {
	const known = parsed.get(name);
	if (text === undefined || known?.text === text) return text === undefined ? undefined : known;
	const file = ts.createSourceFile(name, text, OPTIONS.target!, true);
	parsed.set(name, file);
	return file;
}

function complaints(program: ts.Program, root: string, files: ts.SourceFile[]): Diagnostic[] {
	// errors after a syntax error mean nothing
	const syntax = files.flatMap((f) => [...program.getSyntacticDiagnostics(f)]);
	const all =
		syntax.length > 0
			? syntax
			: [
					...program.getOptionsDiagnostics(),
					...program.getGlobalDiagnostics(),
					...files.flatMap((f) => [...program.getSemanticDiagnostics(f)]),
				];
	return all.map((d) => {
		const message = ts.flattenDiagnosticMessageText(d.messageText, ' ');
		if (!d.file) return { file: '.', line: 1, column: 1, code: `TS${d.code}`, message };
		const p = d.file.getLineAndCharacterOfPosition(d.start ?? 0);
		const file = relative(root, d.file);
		return { file, line: p.line + 1, column: p.character + 1, code: `TS${d.code}`, message };
	});
}
