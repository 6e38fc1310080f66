// SPDX-License-Identifier: GPL-2.0-only
/**
 * Makes text from outside safe to print. Control characters of a terminal (ESC and others, also
 * from U+0080 on), bidirectional ones, and unexpected line ends are printed as in JSON: \u001b. So
 * a JSON document remains valid.
 *
 * Interface: visible oneLine firstUnseen
 */

/** Controls, formats, halves of pairs, separators of lines and paragraphs. */
const UNSEEN = '[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]';
const ALL = new RegExp(UNSEEN, 'gu');
const BUT_LAYOUT = new RegExp(`(?![\\n\\t])${UNSEEN}`, 'gu');
const IN_A_TEST = new RegExp(`(?![\\n\\t\\r])${UNSEEN}`, 'u');

function spelled(character: string): string {
	let out = '';
	for (let i = 0; i < character.length; i++)
		out += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
	return out;
}

/** A text of several lines. */
export function visible(text: string): string {
	return text.replace(BUT_LAYOUT, spelled);
}

/** A name or a message, for one line. */
export function oneLine(text: string): string {
	return text.replace(ALL, spelled);
}

/** The place of the first of them that is neither white space nor the end of a line. */
export function firstUnseen(text: string): number {
	return text.search(IN_A_TEST);
}
