// SPDX-License-Identifier: GPL-2.0-only
/** What a configuration leaves out costs nothing: as if it were not in the sources. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { explore } from '../engine/explorer.ts';
import { agree } from '../testing/agree.ts';
import { buildArtifact } from './artifact.ts';
import { DirectMachine } from './direct.ts';
import { instantiate } from './instantiate.ts';
import { evaluate } from './machine/layout.ts';
import { reach } from './machine/reach.ts';
import { folded, References } from './machine/template.ts';
import type { Plan } from './plan.ts';

const root = path.resolve(import.meta.dirname, '../..');
const FOLDED = 'harness/kts/fixtures/folded.ts';
const source = readFileSync(path.join(root, FOLDED), 'utf8');
const featureless = source.replace(/^\t*\/\/ feature\n[\s\S]*?\n\t*\/\/ end\n/gm, '');
const full = await buildArtifact(root, {}, [FOLDED]);
const cut = await buildArtifact(root, { [FOLDED]: featureless }, [FOLDED]);

test('a feature that is off is not there', (t) => {
	t.false(/note|flush/.test(featureless));
	const [off, without] = [instantiate(full), instantiate(cut)];
	t.is(off.words, without.words);
	t.deepEqual(off.regions, without.regions);
	t.deepEqual(off.tasks, without.tasks);
	const frames = ({ sites }: typeof off) => sites.map((s) => [s.function, s.kind, s.live]);
	// one suspension more, in which nothing is live but what is anyway
	t.deepEqual(
		frames(off).filter((_, i) => i !== 3),
		frames(without),
	);
	const on = instantiate(full, { config: { FEATURE: 1 } });
	t.true(on.words > off.words);
	t.true(on.regions.length > off.regions.length);
	t.true(on.sites.length > off.sites.length);
});

test('what is behind a return that a constant decides is not reached', (t) => {
	const plan = full.meta as Plan;
	const reached = (config: Record<string, number>) => {
		const { functions, varying } = reach(plan, evaluate(plan, config).expressions);
		return { names: functions.map((f) => f.plan.name), varying };
	};
	const off = reached({});
	t.true(off.names.includes('noted') && off.names.includes('noted_often'));
	t.false(off.names.some((name) => ['note', 'flush', 'touch_and_note'].includes(name)));
	t.false(off.varying.has('extra_t.words'));
	const on = reached({ FEATURE: 1 });
	t.true(on.names.includes('note') && on.varying.has('extra_t.words'));
});

test('on or off, the executors agree on it', (t) => {
	for (const FEATURE of [0, 1]) {
		const options = { config: { FEATURE } };
		const counts = agree(instantiate(full, options), new DirectMachine(full, options), 50);
		t.is(counts.finished, 50);
		t.is(explore(instantiate(full, options)).verdict, 'complete');
	}
});

test('what a field is that only init() and dead code assign', (t) => {
	const m = instantiate(full);
	const covered = (path: string): boolean => {
		const { address } = m.locate(path);
		return m.regions.some((r) => address >= r.start && address < r.start + r.length);
	};
	t.true(covered('state.sum'));
	t.true(covered('state.pages[1].count'));
	const on = instantiate(full, { config: { FEATURE: 1 } });
	t.truthy(on.regions.find((r) => r.name.startsWith('extra.words')));
	t.falsy(m.regions.find((r) => r.name.startsWith('extra')));
});

test('templates', (t) => {
	const text = 'a@?0@b@?1@c@:@d@.@e@:@f@?1@g@:@h@.@@.@i@=x.y@';
	t.is(folded(text, [1, 1]), 'abcei@=x.y@');
	t.is(folded(text, [1, 0]), 'abdei@=x.y@');
	t.is(folded(text, [0, 1]), 'afgi@=x.y@');
	t.is(folded(text, [0, 0]), 'afhi@=x.y@');
	const references = new References();
	// what stands between two tokens is none
	references.add('@x1@>0@(@a@)@=1@>f@(@*g@,@#12@)@=s.t@W(1)');
	t.deepEqual([...references.calls], ['f']);
	t.deepEqual([...references.spawns], ['g']);
	t.deepEqual([...references.tables], [12]);
	t.deepEqual([...references.assigns], ['s.t']);
});
