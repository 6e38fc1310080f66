// SPDX-License-Identifier: GPL-2.0-only
/** Small pieces of English. Interface: listed capital */

/** `a, b and c` */
export function listed(items: readonly string[], word = 'and'): string {
	if (items.length < 2) return items.join('');
	return `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`;
}

/** The first letter in upper case, but for names such as glockd/0, page#1 and x. */
export function capital(text: string): string {
	let end = 0;
	while (end < text.length && text[end] >= 'a' && text[end] <= 'z') end++;
	const first = text.slice(0, end);
	const name = first.length < 2 || '/#[_'.includes(text[first.length] ?? ' ');
	return name ? text : text[0].toUpperCase() + text.slice(1);
}
