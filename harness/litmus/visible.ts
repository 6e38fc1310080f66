// SPDX-License-Identifier: GPL-2.0-only
/**
 * What may be printed of a text that others wrote. Characters that a terminal obeys (ESC and its
 * like, also those from U+0080 on), that turn what is beside them (the bidirectional ones), or
 * that end a line where none ends, are printed as JSON spells them: \u001b. So a document of
 * JSON stays one.
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

/** A name, a message: what is to stand in one line. */
export function oneLine(text: string): string {
	return text.replace(ALL, spelled);
}

/** Where a text has the first of them that is neither white space nor the end of a line. */
export function firstUnseen(text: string): number {
	return text.search(IN_A_TEST);
}
