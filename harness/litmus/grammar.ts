// SPDX-License-Identifier: GPL-2.0-only
/**
 * The parser that peggy makes of grammar.peggy, made on first use. In the bundle this file is
 * replaced by the parser itself (peggy-plugin.ts), which then needs neither peggy nor the grammar.
 *
 * Interface: parse
 */
import { readFileSync } from 'node:fs';
import peggy from 'peggy';

let parser: peggy.Parser | undefined;

/** The raw tree of a text. Throws peggy's SyntaxError. */
export function parse(text: string): unknown {
	parser ??= generate();
	return parser.parse(text);
}

function generate(): peggy.Parser {
	const grammar = readFileSync(new URL('grammar.peggy', import.meta.url), 'utf8');
	try {
		return peggy.generate(grammar, { grammarSource: 'grammar.peggy' });
	} catch (error) {
		// Not to be taken for an error in a litmus file.
		throw new Error(`grammar.peggy: ${error}`);
	}
}
