// SPDX-License-Identifier: GPL-2.0-only
/** Uses after free: each way to touch what was freed is found there, by both executors. */
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
	artifact = await buildArtifact(root, {}, ['harness/kts/fixtures/freed.ts']);
});

/** By the number of the case: what was freed, and what is done to it. */
const FOUND: Record<number, string> = {
	0: 'page#0: read of .count in touch',
	1: 'page#0: write of .count in touch',
	2: 'page#0: write of .count in touch',
	3: 'page#0: write of .count in touch',
	4: 'page#0: write of .list in touch',
	5: 'page#0: write of .others in touch',
	6: 'page#0: read of .lock in touch',
	7: 'page#0: read of .held in is_held',
	8: 'page#0: read of .locks in touch',
	9: 'page#0: read of .list in first',
	10: 'buffer#0: write of .bytes in touch',
	11: 'buffer#0: write of .bytes in touch',
	12: 'page#0: read of .buffers in touch',
	13: 'request#0: write of .sector in touch',
	14: 'request#0: read of .sector in touch',
	20: 'page#0: write of .count in overtaken',
	21: 'page#0: write of .count in overtaken',
	22: 'page#0: write of .list in overtaken',
	23: 'page#0: write of .held in overtaken',
	24: 'page#0: write of .count in overtaken',
	25: 'page#0: write of .held in overtaken',
	26: 'page#0: read of .count in overtaken',
	27: 'page#0: write of .next in overtaken',
	28: 'request#1: read of .sector in check_state',
};

for (const [n, message] of Object.entries(FOUND))
	test(`use after free ${n}: ${message}`, (t) => {
		const options = { rom: [Number(n)] };
		for (const track of [false, true]) {
			const m = instantiate(artifact, { ...options, track });
			const result = explore(m);
			t.is(result.violation?.property, 'BUG');
			t.is(result.violation?.message, `use after free of ${message}`);
			m.reset();
			const counts = agree(m, new DirectMachine(artifact, options), 10);
			t.true(counts.violations > 0);
		}
	});

test('a step that used what was freed can be taken back', (t) => {
	const m = instantiate(artifact, { rom: [21] });
	m.step(0, 0);
	m.forget();
	const before = m.mem.slice();
	t.throws(() => m.step(0, 0), { message: /use after free/ });
	m.undo();
	t.deepEqual(m.mem, before);
});

test('freed twice, into another pool', (t) => {
	const result = explore(instantiate(artifact, { rom: [15] }));
	t.is(result.violation?.message, 'bad kmem_cache_free');
});

test('pointers to what was freed may be compared, kept and named', (t) => {
	const options = { rom: [30] };
	const m = instantiate(artifact, options);
	const result = explore(m);
	t.is(result.verdict, 'complete', result.detail ?? result.violation?.message);
	m.reset();
	for (const _ of [1, 2]) m.step(0, 0);
	t.is(m.read('world.sum'), 1 + 1 + 10 + 103 + 3);
	m.reset();
	t.is(agree(m, new DirectMachine(artifact, options), 10).finished, 10);
});
