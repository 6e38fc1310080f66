// SPDX-License-Identifier: GPL-2.0-only
/**
 * Workloads that are lowered from sources: the twin, and the kernel by S01, a store and a load of
 * one page from two sides, at three sizes. And how long lowering takes.
 */
import { prepare } from '../conform/check.ts';
import { configure } from '../conform/config.ts';
import { findTests, projectRoot, readTest } from '../conform/scenarios.ts';
import { inComponents } from '../engine/components/machine.ts';
import { localSites, withLocalSteps } from '../engine/local.ts';
import type { Artifact, Machine } from '../engine/machine.ts';
import { symmetric } from '../engine/symmetry/machine.ts';
import { buildArtifact, loadArtifact } from '../kts/artifact.ts';
import { instantiate } from '../kts/instantiate.ts';
import type { Test } from '../litmus/ast.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { division } from '../world/division.ts';
import { TWIN, TWIN_SIZES, type TwinSize } from './twin/sizes.ts';
import { twinSymmetry } from './twin/symmetry.ts';
import type { Workload } from './workloads.ts';

/** S01 with more nodes, more accesses of each, and more pages, which every node goes through. */
function larger(nodes: number, accesses: number, pages: number): Test {
	const names = ['x', 'y', 'z'].slice(0, pages);
	const parameters = names.map((v) => `int *${v}`).join(', ');
	const body = (n: number) =>
		Array.from({ length: accesses }, (_, i) => {
			const v = names[(n + i) % pages];
			return i % 2 === 0 ? `WRITE_ONCE(*${v}, ${n * accesses + i + 1});` : `r0 = READ_ONCE(*${v});`;
		});
	const processes = Array.from({ length: nodes }, (_, n) =>
		[`P${n}(${parameters})`, '{', 'int r0;', ...body(n), '}'].join('\n'),
	);
	const variables = names.map((v) => `int ${v} = 0;`).join(' ');
	const title = `S01-${nodes}-nodes-${accesses}-accesses-${pages}-pages`;
	return parseLitmus(`C ${title}\n{ ${variables} }\n${processes.join('\n')}\nexists (x=0)\n`);
}

/**
 * `maxStates`: where they are cut off. Sources are lowered if they have not been before; the same
 * of twinWorkloads().
 */
export async function kernelWorkloads(maxStates: number): Promise<Workload[]> {
	const artifact = await loadArtifact(projectRoot());
	const configuration = configure({ profile: 'proposed' });
	const workload = (name: string, about: string, test: Test): Workload => ({
		name,
		about,
		options: { maxStates, stopAtFirst: false },
		machine: () => prepare(artifact, test, configuration).machine,
	});
	return [
		workload('S01 small', 'as in the suite', readTest(findTests('S01')[0])),
		workload('S01 medium', '3 nodes, a store and a load each', larger(3, 2, 1)),
		workload('S01 large', '3 nodes, 3 accesses each to 2 pages', larger(3, 3, 2)),
	];
}

/** Tests whose nodes share little, and a profile under which they have many states. */
const CLASSICS = [
	['WRC', 'proposed-shared'],
	['ISA2', 'proposed-shared'],
	['IRIW', 'proposed'],
] as const;

/** Each of them twice, in turn: on the plain machine, and with component tables. */
export async function tableWorkloads(): Promise<Workload[]> {
	const artifact = await loadArtifact(projectRoot());
	return CLASSICS.flatMap(([name, profile]): Workload[] => {
		const configuration = configure({ profile });
		const machine = (track: boolean) =>
			prepare(artifact, readTest(findTests(name)[0]), configuration, {}, track).machine;
		return [
			{ name, about: `${profile}, the plain machine`, machine: () => machine(false) },
			{
				name: `${name} with tables`,
				about: `${profile}, making the tables included`,
				machine: () => inComponents(machine(true), division),
			},
		];
	});
}

/** The sizes of the twin, by name. */
export async function twinWorkloads(): Promise<Workload[]> {
	const artifact = await loadArtifact(projectRoot(), [TWIN]);
	return Object.entries(TWIN_SIZES).map(([name, { config }]) => ({
		name,
		about: Object.entries(config)
			.map(([symbol, value]) => `${symbol}=${value}`)
			.join(' '),
		machine: (reductions) => reducedTwin(artifact, config, reductions),
	}));
}

/**
 * The twin with reductions around it. The nodes are symmetric only if calling them back, one after
 * the other, is one step: a local one.
 */
function reducedTwin(
	artifact: Artifact,
	config: TwinSize['config'],
	reductions: readonly string[],
): Machine {
	const local = reductions.includes('local');
	const plain = instantiate(artifact, { config, track: local });
	// its queues are what their comments say: the same state space is compared without reductions
	const trust = { trustQueues: true };
	const machine = local ? withLocalSteps(plain, localSites(plain, trust), trust) : plain;
	if (!reductions.includes('symmetry')) return machine;
	return symmetric(machine, twinSymmetry(config, { nodes: local }));
}

export interface LoweringTimes {
	/** seconds */
	kernel: number;
	twin: number;
	/** finding the kernel in the cache */
	cached: number;
}

async function seconds(run: () => Promise<unknown>): Promise<number> {
	const from = performance.now();
	await run();
	return (performance.now() - from) / 1000;
}

export async function loweringTimes(): Promise<LoweringTimes> {
	const root = projectRoot();
	await loadArtifact(root);
	return {
		cached: await seconds(() => loadArtifact(root)),
		kernel: await seconds(() => buildArtifact(root)),
		twin: await seconds(() => buildArtifact(root, {}, [TWIN])),
	};
}
