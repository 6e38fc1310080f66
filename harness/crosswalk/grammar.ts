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

/** The tree of a text. */
export function parseC(parser: Parser, text: string): Node {
	const tree = parser.parse(text);
	if (!tree) throw new Error('the C parser gave nothing');
	return tree.rootNode;
}

/** Named children that are no comments. */
export function children(node: Node): Node[] {
	return node.namedChildren.filter((c): c is Node => c !== null && c.type !== 'comment');
}

/** 1 for the first line. */
export function lineOf(node: Node): number {
	return node.startPosition.row + 1;
}
