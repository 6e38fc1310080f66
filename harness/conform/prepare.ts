// SPDX-License-Identifier: GPL-2.0-only
/**
 * From a test and a configuration to the machine that it runs on.
 *
 * Interface: prepare ingredients Prepared Ingredients endsOf
 */
import { type lock_module_name, lock_modules } from '../../ogfs/locking/modules.ts';
import type { Artifact, Machine } from '../engine/machine.ts';
import type { Goal } from '../engine/progress/lasso.ts';
import { instantiate, knownMarks } from '../kts/instantiate.ts';
import type { Test } from '../litmus/ast.ts';
import { compile, type Program } from '../litmus/compile.ts';
import { MODULES } from '../litmus/header.ts';
import { type Configuration, UsageError } from './config.ts';
import { checkMarks, checkNames, checkSizes } from './header.ts';

export interface Prepared {
	artifact: Pick<Artifact, 'code' | 'meta'>;
	program: Program;
	machine: Machine;
	config: Record<string, number>;
	bounds: Record<string, number>;
}

/** What the machine of a test is made of. */
export interface Ingredients {
	program: Program;
	bounds: Record<string, number>;
	config: Record<string, number>;
}

/** Throws UsageError, or LitmusError for what the header says, if there is no such machine. */
export function ingredients(
	test: Test,
	configuration: Configuration,
	extra: Record<string, number> = {},
): Ingredients {
	checkNames(test);
	const program = compile(test);
	checkSizes(test, program);
	const needed = program.config.NR_NODES;
	const asked = configuration.bounds.NR_NODES;
	if (asked !== undefined && asked < needed)
		throw new UsageError(`${test.name} needs NR_NODES=${needed} or more, not ${asked}`);
	const bounds: Record<string, number> = { SMP: 1, ...program.config, ...configuration.bounds };
	const module = MODULES[bounds.LOCK_MODULE ?? 0] as lock_module_name;
	if (lock_modules[module].alone && bounds.NR_NODES > 1)
		throw new UsageError(`${test.name} has ${bounds.NR_NODES} nodes, and ${module} is for one`);
	if (bounds.LOCAL_FS && bounds.NR_NODES > 1)
		throw new UsageError(`${test.name} is of a local file system ("LOCAL_FS=1"): one node`);
	if (lock_modules[module].alone && bounds.DEATHS > 0)
		throw new UsageError(
			`${test.name} lets nodes die ("Dies:"): ${module} is for one node, and none would be left`,
		);
	const config = { ...bounds, ...program.features, ...configuration.symbols, ...extra };
	return { program, bounds, config };
}

/** Compiles the test and makes the machine that it runs on; `track`: one that notes accesses. */
export function prepare(
	artifact: Pick<Artifact, 'code' | 'meta'>,
	test: Test,
	configuration: Configuration,
	extra: Record<string, number> = {},
	track = false,
): Prepared {
	checkMarks(test, knownMarks(artifact));
	const { program, bounds, config } = ingredients(test, configuration, extra);
	const machine = instantiate(artifact, { config, rom: program.rom, track });
	return { artifact, program, machine, config: configuration.symbols, bounds };
}

/** What every execution must reach: the end of each program. */
export function endsOf({ machine, program }: Pick<Prepared, 'machine' | 'program'>): Goal[] {
	return program.processes.map((_, p) => {
		const { address } = machine.locate(`user_procs[${p}].ended`);
		return { name: `P${p}`, reached: ({ mem }) => mem[address] !== 0 };
	});
}
