// SPDX-License-Identifier: GPL-2.0-only
/** For the tests of this folder: counterexamples of the suite's scenarios. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { endsOf } from '../conform/check.ts';
import { configure } from '../conform/config.ts';
import { explore } from '../engine/explorer.ts';
import type { Artifact } from '../engine/machine.ts';
import type { Step } from '../engine/result.ts';
import { instantiate } from '../kts/instantiate.ts';
import { compile, type Program } from '../litmus/compile.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { buildTrace, type FoundViolation, type Trace } from './trace.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

type Config = Record<string, number>;
/** The profiles of the suite: exclusive-only locking, and with state B. */
export const EXCLUSIVE: Config = configure({ profile: 'proposed' }).symbols;
export const SHARED: Config = configure({ profile: 'proposed-shared' }).symbols;

type Kernels = Pick<Artifact, 'code' | 'meta'>;
/** A counterexample before it is told: of any kernels that do the same. */
export interface FoundRun {
	program: Program;
	config: Config;
	schedule: readonly Step[];
	violation: FoundViolation;
	missing?: string[];
}

/** The shortest counterexample of a litmus test, with symbols of a profile switched off. */
export function search(
	artifact: Kernels,
	litmus: { name: string; text: string },
	profile: Config,
	off: string[] = [],
	endless = false,
): FoundRun {
	const program = compile(parseLitmus(litmus.text, litmus.name));
	const config = {
		...program.config,
		...program.features,
		...profile,
		...Object.fromEntries(off.map((s) => [s, 0])),
	};
	const machine = instantiate(artifact, { config, rom: program.rom });
	const goals = endless ? endsOf({ machine, program }) : undefined;
	const { violation, trace, verdict, reason } = explore(machine, { goals });
	if (!violation || !trace)
		throw new Error(
			`${litmus.name} without ${off.join()}: ${verdict} ${reason ?? ''}, no violation`,
		);
	const missing = off.length > 0 ? off : undefined;
	return { program, config, schedule: trace, violation, missing };
}

export function tell(artifact: Kernels, found: FoundRun): Trace {
	const { program, config, schedule, violation, missing } = found;
	const machine = instantiate(artifact, { config, rom: program.rom });
	return buildTrace(machine, schedule, violation, program, { missing });
}

/**
 * The shortest counterexample, told; `endless`: programs that never end count as well.
 */
export function counterexample(
	artifact: Kernels,
	...what: Parameters<typeof search> extends [unknown, ...infer R] ? R : never
): Trace {
	return tell(artifact, search(artifact, ...what));
}

export function source(path: string): string {
	return readFileSync(`${ROOT}${path}`, 'utf8');
}
export function scenario(id: string): { name: string; text: string } {
	const name = `harness/scenarios/${id}.litmus`;
	return { name, text: source(name) };
}

function test(name: string, programs: string[][], init = 'int x = 0;') {
	const bodies = programs.map((lines, p) => `P${p}(int *x)\n{\n\t${lines.join('\n\t')}\n}\n`);
	return { name, text: `C ${name}\n{ ${init} }\n${bodies.join('')}exists (x=1)\n` };
}
const store = (value: number): string => `WRITE_ONCE(*x, ${value});`;
const load = (register: string): string => `int ${register} = READ_ONCE(*x);`;

/** The tests here have programs of their own: a scenario may change without them. */
export const programs = {
	window: test('window', [[store(1)], [store(2)]]),
	loads: test('loads', [
		[load('r0'), store(1)],
		[load('r0'), load('r1')],
	]),
	msync: test('msync', [['int r0;', store(1), 'r0 = msync(x, 4096, MS_SYNC);'], [store(2)]]),
	threeNodes: test('three', [[store(1)], [store(2)], [load('r0')]]),
	together: test(
		'together',
		[[load('r0'), store(1)], [load('r0')]],
		'int x = 0; P0 on 0; P1 on 0;',
	),
};
