// SPDX-License-Identifier: GPL-2.0-only
/**
 * The twin has exactly as many states and transitions as Spin finds in twin.pml without partial
 * order reduction, it means the same to both executors, and what is broken in it is found.
 * VFSHOOK_LONG=1 explores the large sizes as well: minutes, and two gigabytes of memory.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { projectRoot } from '../../conform/scenarios.ts';
import { explore } from '../../engine/explorer.ts';
import { unfolded } from '../../engine/reduction.ts';
import { symmetric } from '../../engine/symmetry/machine.ts';
import { buildArtifact, loadArtifact } from '../../kts/artifact.ts';
import { DirectMachine } from '../../kts/direct.ts';
import { instantiate } from '../../kts/instantiate.ts';
import { agree } from '../../testing/agree.ts';
import { LONG } from '../../testing/daily.ts';
import { TWIN, TWIN_SIZES } from './sizes.ts';
import { twinSymmetry } from './symmetry.ts';

const names = LONG ? Object.keys(TWIN_SIZES) : ['S', 'M'];
const root = projectRoot();

for (const name of names) {
	const { config, states, transitions } = TWIN_SIZES[name];
	test.serial(`size ${name} is explored as Spin does it`, async (t) => {
		t.timeout(1_200_000);
		const result = explore(instantiate(await loadArtifact(root, [TWIN]), { config }));
		t.is(result.verdict, 'complete', result.violation?.message);
		t.is(result.states, states);
		t.is(result.transitions, transitions);
	});
}

test('values go round: a third of the states of size S, one of each orbit', async (t) => {
	const { config, states } = TWIN_SIZES.S;
	const artifact = await loadArtifact(root, [TWIN]);
	const machine = symmetric(
		instantiate(artifact, { config }),
		twinSymmetry(config, { nodes: false }),
	);
	const result = unfolded(machine, explore(machine), {});
	t.is(result.verdict, 'complete');
	t.is(machine.order, 3);
	t.is(result.states, 43_631);
	t.true(result.states < states / 2.5);
});

test('nodes that are called back one after the other are not symmetric, and that is found', async (t) => {
	const { config } = TWIN_SIZES.S;
	const artifact = await loadArtifact(root, [TWIN]);
	const machine = symmetric(
		instantiate(artifact, { config }),
		twinSymmetry(config, { nodes: true }),
	);
	const result = unfolded(machine, explore(machine), {});
	t.is(result.verdict, 'incomplete');
	t.regex(result.detail ?? '', /not symmetric: .* manager .* of stack of manager/);
});

test('an endless program never ends, a limited one does', async (t) => {
	const artifact = await loadArtifact(root, [TWIN]);
	const terminals = (OPERATIONS: number) =>
		explore(instantiate(artifact, { config: { OPERATIONS } })).terminals;
	t.is(terminals(0), 0);
	t.true(terminals(1) > 0);
});

test('both executors agree', async (t) => {
	const artifact = await loadArtifact(root, [TWIN]);
	const config = { NR_NODES: 2, PROCS_PER_NODE: 2, NR_PAGES: 2, OPERATIONS: 2 };
	const compiled = instantiate(artifact, { config });
	const direct = new DirectMachine(artifact, { config });
	const { steps, finished } = agree(compiled, direct, 50);
	t.true(steps > 2000);
	t.is(finished, 50);
});

interface Mutation {
	name: string;
	/** what stands in twin.ts, once, and what is put in its place */
	change: [from: string, to: string];
	size: string;
	property: string;
}
const MUTATIONS: Mutation[] = [
	{
		name: 'ptes stay when the lock is released',
		change: [
			'if (mode === UNLOCKED) proc.pte[i] = NOT_PRESENT;',
			'if (mode === UNLOCKED) continue;',
		],
		size: 'S',
		property: 'I4',
	},
	{
		name: 'dirty pages are forgotten',
		change: ['	file.disk[pg] = page.value;\n', ''],
		size: 'S',
		property: 'DATA',
	},
	{
		name: 'the daemon does not wait for the holders',
		change: ['nd.gl < nd.demote || nd.holders === 0', 'true'],
		size: 'S',
		property: 'BUG',
	},
	{
		name: 'an upgrade is never answered',
		change: ['			send(take_request(), DENIED);\n', '			take_request();\n'],
		size: 'M',
		property: 'I9',
	},
];

for (const { name, change, size, property } of MUTATIONS)
	test(`found when broken: ${name}`, async (t) => {
		const source = readFileSync(path.join(root, TWIN), 'utf8');
		t.is(source.split(change[0]).length, 2, 'the text to be changed stands there once');
		const broken = { [TWIN]: source.replace(...change) };
		const artifact = await buildArtifact(root, broken, [TWIN]);
		const result = explore(instantiate(artifact, { config: TWIN_SIZES[size].config }));
		t.is(result.verdict, 'violated');
		t.is(result.violation?.property, property, result.violation?.message);
	});
