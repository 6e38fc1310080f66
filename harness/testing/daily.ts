// SPDX-License-Identifier: GPL-2.0-only
/**
 * What the tests of every day take of all that there is, so that they stay under ten minutes.
 * VFSHOOK_LONG=1, which the nightly jobs set, takes all of it.
 *
 * Interface: LONG daily
 */

export const LONG = process.env.VFSHOOK_LONG === '1';

/** Each takes others, so that no scenario is left out by all of them. */
const FIRST = { agreement: 0, reductions: 0, refine: 1, modules: 1, same: 2, tables: 0 } as const;

/** One of `every` of a list, in its order. */
export function daily<T>(by: keyof typeof FIRST, all: readonly T[], every: number): readonly T[] {
	return LONG ? all : all.filter((_, i) => i % every === FIRST[by] % every);
}
