// SPDX-License-Identifier: GPL-2.0-only
/** For the tests of this folder: counterexamples of the suite's scenarios. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { endsOf } from '../conform/check.ts';
import { configure } from '../conform/config.ts';
import { explore } from '../engine/explorer.ts';
import type { Artifact } from '../engine/machine.ts';
import { delegate } from '../engine/reduction.ts';
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

/**
 * What counts: any violation; also programs that never end; or only what a program notices, and no
 * predicate of states.
 */
type Which = 'any' | 'endless' | 'noticed';

/** The shortest counterexample of a litmus test, with symbols of a profile switched off. */
export function search(
	artifact: Kernels,
	litmus: { name: string; text: string },
	profile: Config,
	off: string[] = [],
	which: Which = 'any',
): FoundRun {
	const program = compile(parseLitmus(litmus.text, litmus.name));
	const config = {
		...program.config,
		...program.features,
		...profile,
		...Object.fromEntries(off.map((s) => [s, 0])),
	};
	const machine = instantiate(artifact, { config, rom: program.rom });
	const goals = which === 'endless' ? endsOf({ machine, program }) : undefined;
	const explored = which === 'noticed' ? { ...delegate(machine), check() {} } : machine;
	const { violation, trace, verdict, reason } = explore(explored, { goals });
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

/** The shortest counterexample, told. */
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
	/** what write() took exclusively goes down to shared: the pte is read-only when P0 stores */
	downgrade: {
		name: 'downgrade',
		text: `C downgrade
{ file f[1]; int x in f[0]; }
P0(file f)
{
	int r0 = pwrite(f, &(int){1}, sizeof(int), 0);
	int *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
	int r1 = *p;
	*p = 2;
}
P1(file f)
{
	int v;
	int r0 = pread(f, &v, sizeof(int), 0);
}
exists (0:r1=1)
`,
	},
};
