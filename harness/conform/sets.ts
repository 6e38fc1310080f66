// SPDX-License-Identifier: GPL-2.0-only
/**
 * Sets of symbols that suffice, summed up: what they have in common, and where they differ.
 *
 * Interface: combinations tellSets SetsTold MOST_SETS
 */

/** If there are more combinations of alternatives, not all are tried. */
const MOST_SETS = 16;

/** A symbol, and what may stand in its place. */
export interface Alternatives {
	of: string;
	instead: string[];
}

/**
 * A set with each combination of alternatives; if those are too many, with one at a time. The set
 * itself is the first.
 */
export function combinations(
	set: readonly string[],
	alternatives: readonly Alternatives[],
	most = MOST_SETS,
): string[][] {
	const product = alternatives.reduce((n, { instead }) => n * (1 + instead.length), 1);
	const put = (list: readonly string[], of: string, other: string) =>
		list.map((s) => (s === of ? other : s));
	if (product > most)
		return [
			[...set],
			...alternatives.flatMap(({ of, instead }) => instead.map((s) => put(set, of, s))),
		];
	return alternatives.reduce<string[][]>(
		(sets, { of, instead }) =>
			sets.flatMap((s) => [s, ...instead.map((other) => put(s, of, other))]),
		[[...set]],
	);
}

export interface SetsTold {
	/** in all of the sets */
	common: string[];
	/** if the sets are exactly all combinations of some choices: these choices */
	choices?: string[][];
	/** otherwise: how each set but the first differs from the first */
	differences?: { has: string[]; lacks: string[] }[];
}

/** Sums up a list of sets; the symbols in the order of the first. */
export function tellSets(sets: readonly (readonly string[])[]): SetsTold {
	const [first = [], ...others] = sets;
	const common = first.filter((s) => others.every((set) => set.includes(s)));
	if (others.length === 0) return { common };
	const choices = first
		.filter((s) => !common.includes(s))
		.map((s) => {
			const at = first.indexOf(s);
			return [...new Set(sets.map((set) => set[at]))];
		});
	if (isProduct(sets, common, choices)) return { common, choices };
	const differences = others.map((set) => ({
		has: set.filter((s) => !first.includes(s)),
		lacks: first.filter((s) => !set.includes(s)),
	}));
	return { common, differences };
}

/** Are the sets all combinations, each once, and nothing else? */
function isProduct(
	sets: readonly (readonly string[])[],
	common: readonly string[],
	choices: readonly (readonly string[])[],
): boolean {
	const name = (set: readonly string[]) => [...set].sort().join(' ');
	const all = choices.reduce<string[][]>(
		(lists, choice) => lists.flatMap((list) => choice.map((s) => [...list, s])),
		[[...common]],
	);
	const wanted = new Set(all.map(name));
	const there = new Set(sets.map(name));
	return wanted.size === there.size && [...wanted].every((set) => there.has(set));
}
