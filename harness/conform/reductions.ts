// SPDX-License-Identifier: GPL-2.0-only
/**
 * The reductions of a search, by name: a table. docs/engine.md says why each is sound.
 *
 * Interface: REDUCTIONS reductionsNamed needTracking reducedBy Reduction
 */

import { localSites, withLocalSteps } from '../engine/local.ts';
import type { Machine } from '../engine/machine.ts';
import { symmetric } from '../engine/symmetry/machine.ts';
import { automorphismsOf, dataRegisters } from '../litmus/automorphisms.ts';
import type { Program } from '../litmus/compile.ts';
import { suggestion, UsageError } from './config.ts';

export interface Reduction {
	name: string;
	/** what it does, in a few words */
	help: string;
	/** it needs a machine that notes who touches what */
	tracked?: boolean;
	/** the machine up to it; an unreduced one if there is nothing to reduce */
	around(machine: Machine, program: Program): Machine;
}

/** In the order in which they are put around a machine. */
export const REDUCTIONS: readonly Reduction[] = [
	{
		name: 'local',
		help: 'steps that nobody can tell apart from earlier ones are a part of the step before',
		tracked: true,
		around: (machine) => withLocalSteps(machine, localSites(machine)),
	},
	{
		name: 'symmetry',
		help: 'states that differ in the names of nodes, programs and values are one',
		around: symmetricTest,
	},
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

/** Do they need a machine that notes who touches what? */
export function needTracking(names: readonly string[]): boolean {
	return REDUCTIONS.some(({ name, tracked }) => tracked && names.includes(name));
}

/** The machine of a test with the named reductions around it. */
export function reducedBy(machine: Machine, program: Program, names: readonly string[]): Machine {
	return REDUCTIONS.filter(({ name }) => names.includes(name)).reduce(
		(inner, { around }) => around(inner, program),
		machine,
	);
}

/** Up to the automorphisms of the test. */
function symmetricTest(machine: Machine, program: Program): Machine {
	const generators = automorphismsOf(program, machine.constants.NR_NODES);
	const plain = program.processes.flatMap((process, p) => {
		const data = dataRegisters(process);
		const registers = Array.from({ length: machine.constants.NR_REGS }, (_, r) => r);
		return registers
			.filter((r) => !data.has(r))
			.map((r) => machine.locate(`user_procs[${p}].regs[${r}]`).address);
	});
	return symmetric(machine, { generators, plain });
}
