// SPDX-License-Identifier: GPL-2.0-only
/** Random numbers, the same ones for the same seed (xorshift, 32 bits). */
export function random(seed: number): (below: number) => number {
	let x = Math.imul(seed ^ (seed >>> 16), 0x85ebca6b) ^ 0x2545f491;
	x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
	x = x ^ (x >>> 16) || 1; // 0 stays 0 for ever
	return (below) => {
		x ^= x << 13;
		x ^= x >>> 17;
		x ^= x << 5;
		return (x >>> 0) % below;
	};
}
