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
	parser ??= peggy.generate(readFileSync(new URL('grammar.peggy', import.meta.url), 'utf8'), {
		grammarSource: 'grammar.peggy',
	});
	return parser.parse(text);
}
