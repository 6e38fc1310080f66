// SPDX-License-Identifier: GPL-2.0-only
/** The symmetries of the twin: its nodes, each with its programs, and what pages hold. */
import type { Element } from '../../engine/symmetry/group.ts';
import type { Symmetry } from '../../engine/symmetry/machine.ts';
import type { TwinSize } from './sizes.ts';

/**
 * Every store makes the value of a page the next one, so that no value is special; the values of
 * all pages go round together. Nodes are symmetric only where the manager calls them all back in
 * one step: one after the other, they are told apart by their turn.
 */
export function twinSymmetry(
	{ NR_NODES, PROCS_PER_NODE, NR_VALUES }: TwinSize['config'],
	{ nodes }: { nodes: boolean },
): Symmetry {
	const count = (n: number) => Array.from({ length: n }, (_, i) => i);
	const renamed = (map: number[], values: number[] = []): Element => ({
		nodes: map,
		procs: count(NR_NODES).flatMap((n) =>
			count(PROCS_PER_NODE).map((k) => map[n] * PROCS_PER_NODE + k),
		),
		values,
	});
	const all = count(NR_NODES);
	const generators = [
		renamed(
			all,
			count(NR_VALUES).map((v) => (v + 1) % NR_VALUES),
		),
	];
	if (nodes && NR_NODES > 1)
		generators.push(renamed([1, 0, ...all.slice(2)]), renamed(all.map((n) => (n + 1) % NR_NODES)));
	return { generators, anyStart: true };
}
