// SPDX-License-Identifier: GPL-2.0-only
/**
 * The grammar of C: tree-sitter's, as WebAssembly. In dist/ it lies beside the command; from the
 * sources it is where npm put it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Language, type Node, Parser } from 'web-tree-sitter';

export type { Node };

/** Where npm and the build have the two parts. */
export const WASM = {
	'web-tree-sitter.wasm': 'web-tree-sitter/web-tree-sitter.wasm',
	'tree-sitter-c.wasm': 'tree-sitter-c/tree-sitter-c.wasm',
} as const;

function wasm(name: keyof typeof WASM): string {
	const beside = fileURLToPath(new URL(`./${name}`, import.meta.url));
	return existsSync(beside) ? beside : createRequire(import.meta.url).resolve(WASM[name]);
}

let parser: Promise<Parser> | undefined;

async function make(): Promise<Parser> {
	await Parser.init({ locateFile: () => wasm('web-tree-sitter.wasm') });
	const made = new Parser();
	made.setLanguage(await Language.load(readFileSync(wasm('tree-sitter-c.wasm'))));
	return made;
}

/** A parser of C; one for all. */
export function parserOfC(): Promise<Parser> {
	parser ??= make();
	return parser;
}

/** The text is no C, or so little of it that the parser finds no way through. */
export class NoTree extends Error {}

/** A file of the kernel takes a fraction of a second. */
const PARSE_MS = 10_000;

/** The tree of a text. Throws NoTree. */
export function parseC(parser: Parser, text: string): Node {
	const end = performance.now() + PARSE_MS;
	const tree = parser.parse(text, null, { progressCallback: () => performance.now() > end });
	if (tree) return tree.rootNode;
	parser.reset();
	throw new NoTree('is no C: the parser finds no way through it');
}

/** Named children that are no comments. */
export function children(node: Node): Node[] {
	return node.namedChildren.filter((c): c is Node => c !== null && c.type !== 'comment');
}

/** 1 for the first line. */
export function lineOf(node: Node): number {
	return node.startPosition.row + 1;
}
