// SPDX-License-Identifier: GPL-2.0-only
/**
 * A counterexample told three ways: as a story, as columns, and as a contradiction in one
 * sentence.
 *
 * Interface: explain
 */
import { type ColumnOptions, MIN_WIDTH, renderColumns } from './columns.ts';
import { wrap } from './layout.ts';
import { storyOf } from './story.ts';
import type { Trace } from './trace.ts';

export function explain(trace: Trace, options: ColumnOptions = {}): string {
	const width = Math.max(MIN_WIDTH, options.width ?? 100);
	const out: string[] = [];
	const title = (text: string) => out.push(text, '='.repeat(text.length), '');
	title(`What happened in ${trace.name}`);
	for (const [i, paragraph] of storyOf(trace).entries()) {
		const number = `${i + 1}. `.padStart(4);
		const lines = wrap(paragraph, width - number.length);
		out.push(...lines.map((line, n) => (n === 0 ? number : ' '.repeat(number.length)) + line), '');
	}
	title('Step by step');
	out.push(renderColumns(trace, { ...options, width, conclusion: false }));
	title('The contradiction');
	out.push(...wrap(trace.conclusion, width));
	return `${out.join('\n').replace(/\n{3,}/g, '\n\n')}\n`;
}
