// SPDX-License-Identifier: GPL-2.0-only
/** Small pieces of English. Interface: listed capital */

/** `a, b and c` */
export function listed(items: readonly string[], word = 'and'): string {
	if (items.length < 2) return items.join('');
	return `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`;
}

/** The first letter in upper case, but for names such as glockd/0. */
export function capital(text: string): string {
	return /^[a-z]+(?=[ ,:;'-]|$)/.test(text) ? text[0].toUpperCase() + text.slice(1) : text;
}
