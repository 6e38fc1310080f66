// SPDX-License-Identifier: GPL-2.0-only
/** Tasks that are ended by others, and structs that begin anew: both executors mean the same. */
import path from 'node:path';
import test from 'ava';
import { explore } from '../engine/explorer.ts';
import type { Artifact } from '../engine/machine.ts';
import { agree } from '../testing/agree.ts';
import { buildArtifact } from './artifact.ts';
import { DirectMachine } from './direct.ts';
import { instantiate } from './instantiate.ts';

const root = path.resolve(import.meta.dirname, '../..');
let artifact: Artifact;
test.before(async () => {
	artifact = await buildArtifact(root, {}, ['harness/kts/fixtures/lost.ts']);
});

test('a task that was ended never goes on, and nothing of its structs is left', (t) => {
	const machine = instantiate(artifact, {});
	const at = (name: string) => machine.locate(`rooms[1].${name}`).address;
	const fields = ['broken', 'id', 'first', 'spare.value', 'shelf[1].value', 'counts[1]'];
	const [broken, ...rest] = fields.map(at);
	const slot = machine.locate('rooms[1].parts').address;
	let ends = 0;
	const result = explore(machine, {
		checkTerminal: () => {
			const { mem } = machine;
			t.is(mem[broken], 1);
			t.deepEqual(
				rest.map((a) => mem[a]),
				[7, 0, 5, 5, 0],
			);
			t.is(mem[slot], 0);
			t.is(mem[machine.locate('rooms[0].id').address], 1);
			t.is(mem[machine.locate('rooms[0].spare.value').address], 5);
			t.is(machine.ready(1), -2);
			const { base, size } = machine.tasks[1];
			t.deepEqual([...mem.subarray(base + 1, base + size)], new Array(size - 1).fill(0));
			ends++;
			return undefined;
		},
	});
	t.is(result.verdict, 'complete', result.violation?.message);
	t.true(ends > 0);
});

test('a task cannot end itself', (t) => {
	const result = explore(instantiate(artifact, { config: { SELF: 1 } }));
	t.regex(result.violation?.message ?? '', /end_task\(\) of no other task/);
});

test('both executors agree', (t) => {
	for (const SELF of [0, 1]) {
		const config = { SELF };
		const compiled = instantiate(artifact, { config });
		t.notThrows(() => agree(compiled, new DirectMachine(artifact, { config }), 200));
	}
});
