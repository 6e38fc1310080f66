// SPDX-License-Identifier: GPL-2.0-only
/**
 * Plain text in columns.
 *
 * Interface: wrap folded columnsOf gridRow pad
 */

/** How much of a word to put on a line with so much room: behind a hyphen, if there is one. */
function cutOf(word: string, room: number): number {
	const hyphen = word.lastIndexOf('-', room - 1);
	return hyphen > 0 ? hyphen + 1 : room;
}

/** Breaks a line at spaces and indents what follows; cuts words that are too long. */
export function wrap(text: string, width: number, hang = 0): string[] {
	const lead = /^ */.exec(text)![0];
	const indent = ' '.repeat(Math.max(0, Math.min(lead.length + hang, width - 8)));
	const out: string[] = [];
	let line = lead;
	let empty = true;
	for (let word of text.trim().split(' ')) {
		if (!empty && line.length + 1 + word.length > width) {
			out.push(line);
			line = indent;
			empty = true;
		}
		while ((empty ? line : `${line} `).length + word.length > width) {
			const cut = cutOf(word, width - line.length);
			out.push(line + word.slice(0, cut));
			word = word.slice(cut);
			line = indent;
		}
		line += empty ? word : ` ${word}`;
		empty = false;
	}
	out.push(line);
	return out.map((l) => l.trimEnd());
}

/** Paragraphs, which empty lines part, each line behind `indent` blanks; what is folded hangs. */
export function folded(text: string, width: number, indent = 0, hang = 0): string[] {
	const lead = ' '.repeat(indent);
	return text
		.split(/\n\s*\n/)
		.map((paragraph) => wrap(lead + paragraph.trim().replace(/\s+/g, ' '), width, hang))
		.flatMap((lines, i) => (i > 0 ? ['', ...lines] : lines));
}

export function pad(text: string, width: number): string {
	return text.length >= width ? text : text + ' '.repeat(width - text.length);
}

/** Cells of lines side by side. */
export function columnsOf(
	cells: readonly (readonly string[])[],
	width: number,
	gutter = ' | ',
): string[] {
	const height = Math.max(0, ...cells.map((c) => c.length));
	return Array.from({ length: height }, (_, i) =>
		cells
			.map((c) => pad(c[i] ?? '', width))
			.join(gutter)
			.trimEnd(),
	);
}

/** Cells of a row of a table, each folded to the width of its column. */
export function gridRow(cells: readonly string[], widths: readonly number[]): string[] {
	const lines = cells.map((cell, i) => wrap(cell, widths[i], 2));
	const height = Math.max(...lines.map((l) => l.length));
	return Array.from({ length: height }, (_, i) =>
		lines
			.map((l, c) => pad(l[i] ?? '', widths[c]))
			.join('  ')
			.trimEnd(),
	);
}
