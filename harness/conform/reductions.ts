// SPDX-License-Identifier: GPL-2.0-only
/**
 * The reductions of a search, by name: a table. docs/engine.md says why each is sound.
 *
 * Interface: REDUCTIONS reductionsNamed needTracking reducedBy Reduction
 */
import { localSites, withLocalSteps } from '../engine/local.ts';
import type { Machine } from '../engine/machine.ts';
import { spreadOverSlots } from '../engine/symmetry/access.ts';
import { type Symmetry, symmetric } from '../engine/symmetry/machine.ts';
import { automorphismsOf, dataRegisters } from '../litmus/automorphisms.ts';
import type { Program } from '../litmus/compile.ts';
import { suggestion, UsageError } from './config.ts';

export interface Reduction {
	name: string;
	/** what it does, in a few words */
	help: string;
	/** it needs a machine that records accesses */
	tracked?: boolean;
}

export const REDUCTIONS: readonly Reduction[] = [
	{
		name: 'local',
		help: 'merge a step that no other task can observe into the step before it',
		tracked: true,
	},
	{
		name: 'symmetry',
		help: 'count states that differ only in names of nodes, programs and values as one',
	},
	{ name: 'slots', help: 'count states that differ only in which slots of a pool are used as one' },
];

/** The names in a list such as `symmetry,local` or `all`, each once. Throws UsageError. */
export function reductionsNamed(list: string): string[] {
	const known = REDUCTIONS.map(({ name }) => name);
	const words = list.split(',').map((word) => word.trim());
	for (const word of words)
		if (word !== 'all' && !known.includes(word)) {
			const names = [...known, 'all'];
			throw new UsageError(
				`--reduce: unknown reduction '${word}'${suggestion(word, names)}; known: ${names.join(', ')}`,
			);
		}
	return words.includes('all') ? known : known.filter((name) => words.includes(name));
}

/** Do they need a machine that records accesses? */
export function needTracking(names: readonly string[]): boolean {
	return REDUCTIONS.some(({ name, tracked }) => tracked && names.includes(name));
}

/** The machine of a test with the named reductions around it. */
export function reducedBy(machine: Machine, program: Program, names: readonly string[]): Machine {
	if (names.length > 0 && machine.constants.DEATHS > 0)
		throw new UsageError(
			'--reduce is not for tests in which nodes die: a death touches state that no other step does',
		);
	const [local, symmetry, slots] = ['local', 'symmetry', 'slots'].map((name) =>
		names.includes(name),
	);
	const spread = slots ? spreadOverSlots : undefined;
	const inner = local ? withLocalSteps(machine, localSites(machine, { spread })) : machine;
	if (!symmetry && !slots) return inner;
	const { generators, plain } = symmetryOf(machine, program);
	return symmetric(inner, { generators: symmetry ? generators : [], plain, slots });
}

/** The automorphisms of the test. */
function symmetryOf({ constants, locate }: Machine, program: Program): Symmetry {
	const registers = Array.from({ length: constants.NR_REGS }, (_, r) => r);
	return {
		generators: automorphismsOf(program, constants.NR_NODES),
		plain: program.processes.flatMap((process, p) => {
			const data = dataRegisters(process);
			return registers
				.filter((r) => !data.has(r))
				.map((r) => locate(`user_procs[${p}].regs[${r}]`).address);
		}),
	};
}
