// SPDX-License-Identifier: GPL-2.0-only
/** What renaming nodes and programs does to a compiled machine. */
import path from 'node:path';
import test from 'ava';
import { type Artifact, type Machine, NAMES } from '../engine/machine.ts';
import { random } from '../engine/random.ts';
import { Contents } from '../engine/symmetry/contents.ts';
import { actionOf, type Element } from '../engine/symmetry/group.ts';
import { Image } from '../engine/symmetry/image.ts';
import { buildArtifact } from './artifact.ts';
import { instantiate, type NamedMachine } from './instantiate.ts';

const root = path.resolve(import.meta.dirname, '../..');
let artifact: Artifact;
test.before(async () => {
	artifact = await buildArtifact(root, {}, ['harness/kts/fixtures/named.ts']);
});
const made = (config = {}): NamedMachine => instantiate(artifact, { rom: [7], config });
/** Nodes change places, with their programs; the programs of the first node do. */
const swapNodes: Element = { nodes: [1, 0], procs: [2, 3, 0, 1] };
const swapPrograms: Element = { nodes: [0, 1], procs: [1, 0, 2, 3] };
const both: Element = { nodes: [1, 0], procs: [3, 2, 0, 1], values: [0, 2, 1] };

test('what words name', (t) => {
	const m = made();
	const of = (path: string): number => m.names.content[m.locate(path).address];
	t.is(of('nodes[1].id'), NAMES.NODE);
	t.is(of('nodes[1].message_cachep[1].from'), NAMES.NODE);
	t.is(of('nodes[0].message_cachep[1].program'), NAMES.PROC);
	t.is(of('nodes[0].message_cachep[1].next'), NAMES.POINTER);
	t.is(of('nodes[0].cpus[3].asked'), NAMES.NODE);
	t.is(of('nodes[0].cpus[3].busy'), NAMES.PLAIN);
	t.is(of('nodes[0].told[1]'), NAMES.VALUE);
	t.is(of('nodes[0].seen[1]'), NAMES.PLAIN);
	t.is(of('programs[1].pc'), NAMES.CODE);
	t.is(of('programs[1].task'), NAMES.TASK);
	t.is(of('the_world.waiting[1]'), NAMES.NODE);
	t.is(of('the_world.homes[3]'), NAMES.POINTER);
	t.is(m.names.nodes, 2);
	t.is(m.names.procs, 4);
	// the word before a slot says whether it is used
	t.is(m.names.content[m.locate('nodes[1].message_cachep[1].from').address - 1], NAMES.PLAIN);
});

test('whose words are', (t) => {
	const m = made();
	const of = (path: string): [number, number] => {
		const { address } = m.locate(path);
		return [m.names.nodeOf[address], m.names.procOf[address]];
	};
	t.deepEqual(of('nodes[1].inbox'), [1, -1]);
	t.deepEqual(of('nodes[1].cpus[0].busy'), [1, 0]);
	t.deepEqual(of('nodes[0].seen[1]'), [1, -1]);
	t.deepEqual(of('programs[3].stored'), [1, 3]);
	t.deepEqual(of('tasks[2].turns'), [1, 2]);
	t.deepEqual(of('tasks[5].turns'), [1, -1]);
	t.deepEqual(of('the_world.owner'), [-1, -1]);
	t.deepEqual(of('the_world.spare[1]'), [-1, -1]);
	t.deepEqual(of('the_world.homes[2]'), [1, 2]);
	const { base } = m.tasks[1];
	t.deepEqual([m.names.nodeOf[base], m.names.procOf[base]], [0, 1]);
	const server = m.tasks[4].base + 1;
	t.deepEqual([m.names.nodeOf[server], m.names.procOf[server]], [0, -1]);
});

test('frames say what their locals name', (t) => {
	const m = made();
	const seen = new Map<string, number>();
	let temporaries = 0;
	m.names.frames.forEach((contents, site) => {
		const live = liveOf(m, site);
		// where there are temporaries, which have no name, positions differ
		if (contents.length > live.length) temporaries++;
		else for (const [i, name] of live.entries()) seen.set(name, contents[i]);
	});
	t.true(temporaries > 0);
	const expected = { p: NAMES.PROC, nd: NAMES.POINTER, n: NAMES.NODE, got: NAMES.VALUE };
	const more = { first: NAMES.NODE, which: NAMES.PLAIN, i: NAMES.PLAIN, m: NAMES.POINTER };
	for (const [name, kind] of Object.entries({ ...expected, ...more }))
		t.is(seen.get(name), kind, name);
});

/** The names of a site's locals: the generated table is not public, a stack is. */
function liveOf(m: Machine, site: number): string[] {
	const { base } = m.tasks[0];
	m.mem[base] = site;
	const [frame] = m.stack(0);
	m.reset();
	return frame ? frame.locals.map((l) => l.name) : [];
}

test('words and tasks go where renaming takes them', (t) => {
	const m = made();
	const to = m.names.wordMap(swapNodes);
	const at = (path: string): number => m.locate(path).address;
	t.is(to[at('nodes[0].cpus[1].busy')], at('nodes[1].cpus[3].busy'));
	t.is(to[at('nodes[0].seen[0]')], at('nodes[1].seen[1]'));
	t.is(to[at('nodes[0].told[1]')], at('nodes[1].told[1]'));
	t.is(to[at('programs[0].pc')], at('programs[2].pc'));
	t.is(to[at('tasks[1].turns')], at('tasks[3].turns'));
	t.is(to[at('tasks[4].turns')], at('tasks[5].turns'));
	t.is(to[at('the_world.owner')], at('the_world.owner'));
	t.is(to[m.tasks[4].base + 2], m.tasks[5].base + 2);
	t.deepEqual([...m.names.taskMap(swapNodes)], [2, 3, 0, 1, 5, 4]);
	t.deepEqual([...m.names.taskMap(swapPrograms)], [1, 0, 2, 3, 4, 5]);
	for (const e of [swapNodes, swapPrograms, both]) {
		const map = m.names.wordMap(e);
		t.is(new Set(map).size, m.words);
		t.is(map[0], 0);
	}
});

test('a renaming that the tasks do not allow is refused', (t) => {
	const m = made();
	const refused: [Element, RegExp][] = [
		[{ nodes: [0, 1], procs: [2, 1, 0, 3] }, /task user\/0 has no counterpart.*\[2 1 0 3\]/],
		[{ nodes: [1, 0], procs: [0, 1, 2, 3] }, /has no counterpart/],
		[{ nodes: [0], procs: [0, 1, 2, 3] }, /has 2 nodes and 4 programs, the renaming 1 and 4/],
		[{ nodes: [0, 0], procs: [0, 1, 2, 3] }, /no permutation/],
	];
	for (const [e, message] of refused) {
		t.throws(() => m.names.taskMap(e), { message });
		t.throws(() => m.names.wordMap(e), { message });
	}
});

test('a machine that knows nothing of nodes has none', async (t) => {
	const forms = await buildArtifact(root, {}, ['harness/kts/fixtures/forms.ts']);
	const { names, words } = instantiate(forms, { rom: [9, 3] });
	t.deepEqual([names.nodes, names.procs], [0, 0]);
	const map = names.wordMap({ nodes: [], procs: [] });
	t.deepEqual([...map], [...Array(words).keys()]);
});

test('renamed schedules lead to renamed states', (t) => {
	const three: Element = { nodes: [2, 0, 1], procs: [4, 5, 0, 1, 3, 2] };
	const cases: [object, Element][] = [
		[{}, swapNodes],
		[{}, swapPrograms],
		[{}, both],
		[{ NR_NODES: 3 }, three],
	];
	for (const [config, element] of cases) {
		const [m, renamed] = [made(config), made(config)];
		const identity = {
			nodes: element.nodes.map((_, i) => i),
			procs: element.procs.map((_, i) => i),
		};
		const image = imageOf(m, [identity, element]);
		const tasks = m.names.taskMap(element);
		for (let seed = 1; seed <= 20; seed++) {
			const pick = random(seed);
			m.reset();
			renamed.reset();
			for (let n = 0; n < 60; n++) {
				const able = [...m.tasks.keys()].filter((task) => m.ready(task) > 0);
				if (able.length === 0) break;
				const task = able[pick(able.length)];
				const choice = pick(m.ready(task));
				t.is(renamed.ready(tasks[task]), m.ready(task));
				const other = valueChoice(m, task, choice, element);
				m.step(task, choice);
				renamed.step(tasks[task], other);
				m.forget();
				image.rename(1);
				t.deepEqual(m.mem, renamed.mem);
				m.undo();
			}
		}
	}
});

/** What the elements make of the machine's image. */
function imageOf(m: Machine, elements: Element[]): Image {
	const actions = elements.map((element) => actionOf(m, element));
	return new Image(m, actions, new Contents(m, m.names!, []));
}

/** choose(2) + 1 is a value: renaming values changes which choice it is. */
function valueChoice(m: Machine, task: number, choice: number, { values }: Element): number {
	const isValue = values && m.stack(task).at(-1)?.kind === 'choose';
	return isValue ? values[choice + 1] - 1 : choice;
}
