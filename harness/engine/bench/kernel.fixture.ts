// SPDX-License-Identifier: GPL-2.0-only
/**
 * The kernel as a workload: S01, a store and a load of one page from two sides, at three
 * sizes. Also
 * how long it takes to come from sources to a machine.
 */
import { prepare } from '../../conform/check.ts';
import { configure } from '../../conform/config.ts';
import { findTests, projectRoot, readTest } from '../../conform/scenarios.ts';
import { buildArtifact, loadArtifact } from '../../kts/artifact.ts';
import type { Test } from '../../litmus/ast.ts';
import { parseLitmus } from '../../litmus/parser.ts';
import type { Artifact } from '../machine.ts';
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

export function kernelWorkloads(artifact: Artifact, maxStates: number): Workload[] {
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

export interface Preparation {
	/** seconds */
	lowering: number;
	cached: number;
	instantiate: number;
}

const seconds = async (f: () => unknown): Promise<number> => {
	const from = performance.now();
	await f();
	return (performance.now() - from) / 1000;
};

export const artifactOf = (): Promise<Artifact> => loadArtifact(projectRoot());

export async function preparation(): Promise<{ times: Preparation; artifact: Artifact }> {
	const root = projectRoot();
	const lowering = await seconds(() => buildArtifact(root));
	await loadArtifact(root);
	let artifact!: Artifact;
	const cached = await seconds(async () => {
		artifact = await loadArtifact(root);
	});
	const configuration = configure({ profile: 'proposed' });
	const test = readTest(findTests('S01')[0]);
	const instantiate = await seconds(() => prepare(artifact, test, configuration));
	return { times: { lowering, cached, instantiate }, artifact };
}
