// SPDX-License-Identifier: GPL-2.0-only
/** Slots of pools in the order in which pointers lead to them: fewer states, and nothing lost. */
import path from 'node:path';
import test from 'ava';
import { explore } from '../engine/explorer.ts';
import { type Artifact, NAMES } from '../engine/machine.ts';
import { unfolded } from '../engine/reduction.ts';
import { Contents } from '../engine/symmetry/contents.ts';
import { type Symmetric, symmetric } from '../engine/symmetry/machine.ts';
import { buildArtifact } from './artifact.ts';
import { instantiate, type NamedMachine } from './instantiate.ts';

const root = path.resolve(import.meta.dirname, '../..');
let artifact: Artifact;
test.before(async () => {
	artifact = await buildArtifact(root, {}, ['harness/kts/fixtures/slots.ts']);
});
const made = (config = {}): NamedMachine => instantiate(artifact, { config });
const reduced = (config = {}): Symmetric =>
	symmetric(made(config), { generators: [], slots: true });

/**
 * The states of a machine as its pointers tell them: each list by who is on it, each pointer by
 * what it leads to, whatever the slot.
 */
function told(machine: NamedMachine, procs: number): string {
	const { mem, tasks, locate, structs, names } = machine;
	const [by, next] = ['by', 'next'].map(
		(name) => structs.item.fields.find((f) => f.name === name)!,
	);
	const met: number[] = [];
	const item = (at: number): unknown => {
		if (at === 0) return 0;
		if (met.includes(at)) return `#${met.indexOf(at)}`;
		met.push(at);
		return [mem[at - 1], mem[at + by.offset], item(mem[at + next.offset])];
	};
	const pool = locate('the_shop[0].pool').field;
	const slots = locate('the_shop[0].pool').address;
	const contents = new Contents(machine, names, []);
	contents.update();
	const isSlot = (v: number) => v > slots && v < slots + pool.size;
	const stack = tasks.map(({ base, size }) =>
		Array.from(mem.subarray(base, base + size), (v, i) =>
			contents.of[base + i] === NAMES.POINTER && isSlot(v) ? item(v) : v,
		),
	);
	const first = item(mem[locate('the_shop[0].first').address]);
	const mine = Array.from({ length: procs }, (_, p) =>
		item(mem[locate(`customers[${p}].mine`).address]),
	);
	const used = Array.from({ length: pool.n! }, (_, i) => mem[slots + i * pool.stride!]);
	const count = used.reduce((sum, n) => sum + n, 0);
	return JSON.stringify([first, mine, stack, mem[locate('the_shop[0].served').address], count]);
}

/** All that told() says, of every state of a machine. */
function allTold(machine: NamedMachine, procs: number): Set<string> {
	machine.reset();
	machine.forget();
	const seen = new Set([machine.mem.join()]);
	const images = [machine.mem.slice()];
	const out = new Set<string>();
	for (const image of images) {
		machine.mem.set(image);
		out.add(told(machine, procs));
		for (let t = 0; t < machine.tasks.length; t++) {
			if (machine.ready(t) <= 0) continue;
			machine.step(t, 0);
			const key = machine.mem.join();
			if (!seen.has(key)) images.push(machine.mem.slice());
			seen.add(key);
			machine.undo();
		}
	}
	return out;
}

test('one state for all orders of the slots', (t) => {
	const plain = explore(made());
	const machine = reduced();
	const result = unfolded(machine, explore(machine), {});
	t.is(result.verdict, 'complete', result.detail);
	t.is(machine.description, 'slots in order');
	t.true(result.states < plain.states, `${result.states} of ${plain.states}`);
	t.is(result.terminals, 1);
	const all = allTold(made(), 3);
	t.is(result.states, all.size);
	t.deepEqual([...allTold(reduced() as NamedMachine & Symmetric, 3)].sort(), [...all].sort());
});

test('slots that nothing leads to, and programs that change places as well', (t) => {
	const machine = reduced({ LOSE: 1 });
	const result = unfolded(machine, explore(machine), {});
	t.is(result.verdict, 'complete', result.detail);
	t.true(result.states < explore(made({ LOSE: 1 })).states);
});

test('a pointer to a slot that was freed: the slots are not interchangeable', (t) => {
	t.is(explore(made({ KEEP: 1 })).verdict, 'complete');
	const machine = reduced({ KEEP: 1 });
	const result = unfolded(machine, explore(machine), {});
	t.is(result.verdict, 'incomplete');
	t.regex(result.detail ?? '', /not interchangeable: a pointer leads to a free one/);
});
