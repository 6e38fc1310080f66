// SPDX-License-Identifier: GPL-2.0-only
/**
 * The esbuild plugin that puts the generated parser of litmus files into a bundle, in place of
 * grammar.ts, so that the command need not generate it at its start.
 *
 * Interface: litmusGrammar
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';
import peggy from 'peggy';

export function litmusGrammar(): Plugin {
	return {
		name: 'litmus-grammar',
		setup(build) {
			build.onLoad({ filter: /[\\/]litmus[\\/]grammar\.ts$/ }, async ({ path }) => {
				const grammar = join(dirname(path), 'grammar.peggy');
				const contents = peggy.generate(await readFile(grammar, 'utf8'), {
					output: 'source',
					format: 'es',
					grammarSource: 'grammar.peggy',
				});
				return { contents, loader: 'js', watchFiles: [grammar] };
			});
		},
	};
}
