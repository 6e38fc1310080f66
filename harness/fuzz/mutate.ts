// SPDX-License-Identifier: GPL-2.0-only
/**
 * Texts that are nearly right. The same seed makes the same ones.
 *
 * Interface: Pick mutatedText seedOf
 */

/** 0 to below - 1 (engine/random.ts). */
export type Pick = (below: number) => number;

/** Of input `n` of a campaign, so that each can be made alone. */
export const seedOf = (seed: number, n: number): number => (seed * 1_000_003 + n) | 0;

const TOKEN = /[A-Za-z_]\w*|\d+|\s+|\/\\|\\\/|\(\*|\*\)|./gsu;
/** What a text of this kind breaks on, if on anything. */
const WORDS = [
	...['0', '-1', '1', '31', '32', '64', '2147483647', '-2147483648', '4294967296', '1e9', '0x'],
	...['(', ')', '{', '}', '[', ']', ';', ',', '*', '&', '"', "'", '=', '~', '/*', '*/', '(*', '*)'],
	...['\n', '\r\n', '\t', ' ', '', '\0', '\u001b[2J', '\u009b', '\u202e', '\u2028', '\ufeff'],
	...['int', 'file', 'P0', 'P9', 'while', 'if', 'mmap', '__proto__', 'constructor', 'true', 'null'],
	...['Result:', 'Bounds:', 'Dies:', 'NR_NODES=4', 'exists', 'forall', '\ud800', '\u{1f600}'],
];

function some<T>(list: readonly T[], pick: Pick): T {
	return list[pick(list.length)];
}

/** Bytes that are changed, put in, left out. */
function byBytes(text: string, pick: Pick): string {
	const bytes = Buffer.from(text);
	const at = pick(bytes.length + 1);
	const kind = pick(3);
	const value = kind === 0 ? [] : [pick(4) === 0 ? pick(256) : 32 + pick(95)];
	return Buffer.concat([
		bytes.subarray(0, at),
		Buffer.from(value),
		bytes.subarray(at + (kind === 1 ? 0 : 1)),
	]).toString();
}

/** Tokens that are left out, doubled, exchanged, replaced by others. */
function byTokens(text: string, other: string, pick: Pick): string {
	const tokens = text.match(TOKEN) ?? [];
	const at = pick(tokens.length + 1);
	const to = pick(tokens.length + 1);
	switch (pick(6)) {
		case 0:
			tokens.splice(at, 1 + pick(4));
			break;
		case 1:
			tokens.splice(at, 0, ...tokens.slice(to, to + 1 + pick(12)));
			break;
		case 2:
			if (at < tokens.length && to < tokens.length)
				[tokens[at], tokens[to]] = [tokens[to], tokens[at]];
			break;
		case 3:
			tokens.splice(at, 1, some(WORDS, pick));
			break;
		case 4:
			tokens.splice(at, 1, some(other.match(TOKEN) ?? [''], pick));
			break;
		default:
			tokens.splice(at, 0, some(WORDS, pick).repeat(1 + pick(pick(20) === 0 ? 3000 : 3)));
	}
	return tokens.join('');
}

/** A text with a few mutations; `other` is one more of the same kind. */
export function mutatedText(text: string, other: string, pick: Pick): string {
	let out = text;
	for (let n = 1 + pick(3); n > 0; n--)
		out = pick(2) === 0 ? byBytes(out, pick) : byTokens(out, other, pick);
	return out;
}
