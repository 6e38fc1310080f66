// SPDX-License-Identifier: GPL-2.0-only
/**
 * The parser that peggy makes from grammar.peggy, on first use. In the bundle the parser itself
 * replaces this file (peggy-plugin.ts), and needs neither peggy nor the grammar.
 *
 * Interface: parse
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Parser } from 'peggy';

let parser: Parser | undefined;

/** The raw tree of a text. Throws peggy's SyntaxError. */
export function parse(text: string): unknown {
	parser ??= generate();
	return parser.parse(text);
}

/**
 * Peggy is required, not imported: to import a CommonJS module, Node scans its text with a
 * WebAssembly program whose memory grows. That detaches a buffer, and from then on V8 checks at
 * each access to a typed array whether its buffer is detached: an exploration takes a tenth longer.
 */
function generate(): Parser {
	const peggy = createRequire(import.meta.url)('peggy') as typeof import('peggy');
	const grammar = readFileSync(new URL('grammar.peggy', import.meta.url), 'utf8');
	try {
		return peggy.generate(grammar, { grammarSource: 'grammar.peggy' });
	} catch (error) {
		// This is not an error of a litmus file.
		throw new Error(`grammar.peggy: ${error}`);
	}
}
