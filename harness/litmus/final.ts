// SPDX-License-Identifier: GPL-2.0-only
/**
 * Reads the values that a test observes from a machine whose programs have all ended.
 *
 * Interface: finalReader FinalPage
 */
import type { Machine } from '../engine/machine.ts';
import type { Program } from './compile.ts';

/** An int of a page of a file, as any node would read it now. */
export type FinalPage = (machine: Machine, file: number, page: number, word: number) => number;

/** Prepared for many states: call the result on each. The values are in the order of `observed`. */
export function finalReader(
	machine: Machine,
	program: Program,
	finalPage: FinalPage,
): () => number[] {
	const readers = program.observed.map(({ place }): (() => number) => {
		if (place.kind === 'page') return () => finalPage(machine, place.file, place.page, place.word);
		const field = place.kind === 'register' ? `regs[${place.register}]` : place.kind;
		const { address } = machine.locate(`user_procs[${place.process}].${field}`);
		return () => machine.mem[address];
	});
	return () => readers.map((read) => read());
}
