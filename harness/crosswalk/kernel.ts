// SPDX-License-Identifier: GPL-2.0-only
/** A kernel tree: which version it is of, and its functions. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Parser } from 'web-tree-sitter';
import { FileError, readBounded } from '../engine/files.ts';
import { CrosswalkError } from './events.ts';
import { type Flow, flowOf } from './flow.ts';
import { children, lineOf, type Node, NoTree, parseC, parserOfC } from './grammar.ts';
import { parseKernelC } from './preprocess.ts';

/** A function of the kernel, or a macro that looks like one. */
export interface KernelFunction {
	name: string;
	file: string;
	line: number;
	macro: boolean;
	flow: Flow;
	/** lines that the grammar could not read */
	unread: number[];
}

/** A kernel to compare with: a tree, or facts of one. */
export interface Kernel {
	readonly version: string;
	/** conditions and values are hashes */
	readonly hashed: boolean;
	/** A function in one of these files. */
	find(files: readonly string[], name: string): KernelFunction | undefined;
	/** Where else in the folders of these files, and in the headers, a name is. */
	elsewhere(files: readonly string[], name: string): KernelFunction | undefined;
}

/** The number behind a name in the Makefile at the top. */
function field(makefile: string, name: string): string | undefined {
	for (const line of makefile.split('\n')) {
		const [left, right] = line.split('=');
		if (right !== undefined && left.trim() === name) return right.trim();
	}
	return undefined;
}

/** No file of a kernel is as long. */
const SIZE_MAX = 1 << 20;

/** Reads a text file; undefined if it is not there. */
export function readText(file: string): string | undefined {
	if (!existsSync(file)) return undefined;
	try {
		const text = readBounded(file, SIZE_MAX).toString('latin1');
		if (text.includes('\0')) throw new FileError('is no text');
		return text;
	} catch (e) {
		if (e instanceof FileError) throw new CrosswalkError(`${file}: ${e.message}`);
		throw e;
	}
}

/** What takes apart a file, whose parts may be nested more deeply than can be followed. */
function takenApart<T>(file: string, run: () => T): T {
	try {
		return run();
	} catch (e) {
		if (e instanceof RangeError) throw new CrosswalkError(`${file}: is nested too deeply`);
		if (e instanceof NoTree) throw new CrosswalkError(`${file}: ${e.message}`);
		throw e;
	}
}

function versionOf(dir: string): string {
	const no = (what: string) =>
		new CrosswalkError(`--linux ${dir}: no kernel tree: ${what} (unpack one, and name its top)`);
	if (!existsSync(dir)) throw new CrosswalkError(`--linux ${dir}: no such directory`);
	if (!statSync(dir).isDirectory()) throw new CrosswalkError(`--linux ${dir}: no directory`);
	const makefile = readText(path.join(dir, 'Makefile'));
	if (makefile === undefined) throw no('it has no Makefile');
	const numbers = ['VERSION', 'PATCHLEVEL', 'SUBLEVEL'].map((name) => field(makefile, name));
	if (numbers.some((n) => !n || !/^[0-9]+$/.test(n)))
		throw no('its Makefile does not say VERSION, PATCHLEVEL and SUBLEVEL');
	if (!existsSync(path.join(dir, 'mm'))) throw no('it has no mm/');
	return numbers.join('.');
}

/** The name that a declarator declares. */
function nameOf(node: Node): string | undefined {
	if (node.type === 'identifier') return node.text;
	const inner = node.childForFieldName('declarator') ?? children(node)[0];
	return inner ? nameOf(inner) : undefined;
}

/** Lines of the parts that the grammar made nothing of. */
function unreadLines(node: Node, found: number[] = []): number[] {
	if (node.type === 'ERROR') found.push(lineOf(node));
	else if (node.hasError) for (const child of node.children) if (child) unreadLines(child, found);
	return found;
}

/** A macro's text as a function, on the lines where it stands. */
function macroBody(parser: Parser, macro: Node): Node | undefined {
	const value = macro.childForFieldName('value');
	if (!value) return undefined;
	const lines = '\n'.repeat(value.startPosition.row);
	const text = `${lines}void macro(void) { ${value.text.replaceAll('\\\n', '\n')}; }`;
	return children(parseC(parser, text))[0];
}

export class KernelTree implements Kernel {
	readonly hashed = false;
	readonly dir: string;
	readonly version: string;
	readonly #parser: Parser;
	readonly #files = new Map<string, Map<string, KernelFunction>>();

	private constructor(dir: string, version: string, parser: Parser) {
		this.dir = dir;
		this.version = version;
		this.#parser = parser;
	}

	/** Throws CrosswalkError when there is no kernel tree. */
	static async open(dir: string): Promise<KernelTree> {
		return new KernelTree(dir, versionOf(dir), await parserOfC());
	}

	find(files: readonly string[], name: string): KernelFunction | undefined {
		for (const file of files) {
			const found = this.functions(file)?.get(name);
			if (found) return found;
		}
		return undefined;
	}

	elsewhere(files: readonly string[], name: string): KernelFunction | undefined {
		const folders = new Set(files.map((file) => path.posix.dirname(file)));
		for (const more of ['include/linux', 'include/asm-i386', 'include/asm-generic'])
			folders.add(more);
		for (const folder of folders) {
			const dir = path.join(this.dir, folder);
			if (!existsSync(dir)) continue;
			for (const entry of readdirSync(dir).sort()) {
				if (!/\.[ch]$/.test(entry)) continue;
				if (!readText(path.join(dir, entry))?.includes(name)) continue;
				const found = this.functions(`${folder}/${entry}`)?.get(name);
				if (found) return found;
			}
		}
		return undefined;
	}

	/** The functions and macros of a file, by name; undefined if the tree does not have it. */
	functions(file: string): ReadonlyMap<string, KernelFunction> | undefined {
		const known = this.#files.get(file);
		if (known) return known;
		const text = readText(path.join(this.dir, file));
		if (text === undefined) return undefined;
		const found = takenApart(path.join(this.dir, file), () => this.#read(file, text));
		this.#files.set(file, found);
		return found;
	}

	#read(file: string, text: string): Map<string, KernelFunction> {
		const found = new Map<string, KernelFunction>();
		const add = (name: string | undefined, node: Node, definition: Node | null | undefined) => {
			if (!name || !definition) return;
			const macro = node.type !== 'function_definition';
			const unread = macro ? [] : unreadLines(definition);
			const f = { name, file, line: lineOf(node), macro, flow: flowOf(definition), unread };
			if (!found.has(name)) found.set(name, f);
		};
		const visit = (node: Node): void => {
			for (const child of children(node)) {
				if (child.type === 'function_definition') {
					const declarator = child.childForFieldName('declarator');
					add(declarator ? nameOf(declarator) : undefined, child, child);
				} else if (child.type === 'preproc_function_def') {
					const name = child.childForFieldName('name')?.text;
					add(name, child, macroBody(this.#parser, child));
				} else visit(child);
			}
		};
		visit(parseKernelC(this.#parser, text));
		return found;
	}
}
