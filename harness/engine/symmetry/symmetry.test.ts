// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import fc from 'fast-check';
import { explore } from '../explorer.ts';
import { type Machine, NAMES, Violation } from '../machine.ts';
import { auditAll, expandAll, orbitOf, unfolded } from '../reduction.ts';
import { replaySchedule } from '../trace.ts';
import { type Element, generated } from './group.ts';
import { type Symmetric, symmetric } from './machine.ts';
import {
	countingNodes,
	nodeGenerators,
	queueingNodes,
	randomSymmetricToy,
	symmetricToy,
	visitedInOrder,
} from './toys.fixture.ts';

const reduced = (machine: Machine, more: Element[] = []): Symmetric =>
	symmetric(machine, { generators: [...nodeGenerators(machine.names!.nodes), ...more] });

test('a group is closed, has its identity first, and stays within the bound', (t) => {
	const s4 = generated({ nodes: 4, procs: 0 }, nodeGenerators(4));
	t.is(s4.length, 24);
	t.deepEqual(s4[0].nodes, [0, 1, 2, 3]);
	t.is(generated({ nodes: 4, procs: 0 }, nodeGenerators(4), 10).length, 2);
	const values: Element = { nodes: [0, 1], procs: [], values: [0, 2, 3, 1] };
	t.is(generated({ nodes: 2, procs: 0 }, [values]).length, 3);
	t.throws(() => generated({ nodes: 2, procs: 0 }, [{ nodes: [0, 0], procs: [] }]), {
		message: /no permutation/,
	});
	t.throws(() => generated({ nodes: 2, procs: 0 }, [{ nodes: [0], procs: [] }]), {
		message: /another number/,
	});
});

test('nodes that count: as many states as there are multisets', (t) => {
	t.is(explore(countingNodes(4, 5)).states, 6 ** 4);
	const machine = reduced(countingNodes(4, 5));
	t.is(machine.order, 24);
	const result = explore(machine);
	t.is(result.verdict, 'complete');
	t.is(result.states, 126); // 9 over 4
	t.is(machine.audit(), undefined);
});

test('nodes in a queue: three nodes shrink by nearly six', (t) => {
	const plain = explore(queueingNodes(3, { rounds: 2 }));
	const machine = reduced(queueingNodes(3, { rounds: 2 }));
	const result = explore(machine);
	t.is(plain.verdict, 'complete');
	t.is(result.verdict, 'complete');
	t.is(result.terminals, 1);
	t.is(result.depth, plain.depth);
	t.true(result.states * 4.5 < plain.states, `${result.states} of ${plain.states}`);
	t.is(machine.audit(), undefined);
});

test('the queue is not declared to hold nodes: the initial state tells, or the audit', (t) => {
	const machine = reduced(queueingNodes(3, { queue: NAMES.PLAIN }));
	t.is(machine.order, 6);
	explore(machine, { stopAtFirst: false });
	t.regex(machine.audit() ?? '', /not symmetric: .*(of shared|steps)/);
});

test('a task that goes through the nodes in order, and one that is privileged: the audit', (t) => {
	const inOrder = reduced(visitedInOrder(3));
	explore(inOrder, { stopAtFirst: false });
	t.regex(auditAll(inOrder) ?? '', /task\d and task\d have/);
	const unfair = reduced(queueingNodes(3, { unfair: true }));
	explore(unfair, { stopAtFirst: false });
	t.regex(auditAll(unfair) ?? '', /not symmetric/);
	const result = unfolded(inOrder, explore(inOrder), {});
	t.is(result.verdict, 'incomplete');
	t.is(result.reason, 'reduction');
	t.regex(result.detail ?? '', /not symmetric/);
});

test('an initial state that is not symmetric: the generator is left out, with the place', (t) => {
	const machine = symmetricToy({
		nodes: 2,
		shared: [NAMES.NODE],
		each: [NAMES.PLAIN],
		initial: { shared: [1] },
		task: () => ({ ready: () => 0, step: () => {} }),
	});
	const { order, dropped } = symmetric(machine, { generators: [{ nodes: [1, 0], procs: [] }] });
	t.is(order, 1);
	t.deepEqual(dropped, ['word 0 of shared']);
});

/** What comes of a schedule. */
function replay(machine: Machine, schedule: readonly [number, number][]) {
	return [...replaySchedule(machine, schedule)].at(-1);
}

test('a violation: as short a way in the names of the machine, to the same property', (t) => {
	for (const options of [{ broken: true }, { broken: true, rounds: 2 }]) {
		const plain = explore(queueingNodes(3, options));
		const machine = reduced(queueingNodes(3, options));
		const result = explore(machine);
		t.is(result.violation?.property, 'I1');
		const { violation, trace } = unfolded(machine, result, {});
		t.is(trace?.length, plain.trace!.length);
		t.is(violation?.property, 'I1');
		t.is(replay(machine.inner, trace!)?.violation?.property, 'I1');
	}
});

test('a deadlock is told in the names of the machine', (t) => {
	const stuck = symmetricToy({
		nodes: 3,
		shared: [NAMES.NODE],
		each: [NAMES.PLAIN],
		task: (n, at) => ({
			ready: (m) => (m[1] < 0 ? 1 : 0),
			step(write) {
				write(1, n);
				write(at(n, 0), 1);
			},
		}),
		finished: () => false,
	});
	const machine = reduced(stuck);
	const result = explore(machine);
	const { violation, trace } = unfolded(machine, result, {});
	t.is(violation?.property, 'I9');
	t.true(violation?.message === replay(stuck, trace!)?.violation?.message);
});

/** All states, by strings in a set; and those in which all has ended. */
function states(machine: Machine): { all: Set<string>; terminals: Set<string> } {
	machine.reset();
	machine.forget();
	const { mem } = machine;
	const all = new Set([mem.join()]);
	const terminals = new Set<string>();
	const queue = [mem.slice()];
	for (const image of queue) {
		mem.set(image);
		let stepped = false;
		let bad = false;
		try {
			machine.check();
		} catch (e) {
			if (!(e instanceof Violation)) throw e;
			bad = true;
		}
		if (bad) continue;
		for (let k = 0; k < machine.tasks.length; k++) {
			const choices = machine.ready(k);
			for (let c = 0; c < choices; c++) {
				stepped = true;
				machine.step(k, c);
				if (!all.has(mem.join())) {
					all.add(mem.join());
					queue.push(mem.slice());
				}
				machine.undo();
			}
		}
		if (!stepped && machine.finished()) terminals.add(mem.join());
	}
	return { all, terminals };
}

test('random symmetric machines: one state an orbit, the same final states, no false alarm', (t) => {
	const swapped: Element = { nodes: [0, 1, 2], procs: [], values: [0, 2, 1] };
	const seeds = fc.integer({ min: 1, max: 1 << 20 });
	fc.assert(
		fc.property(seeds, fc.boolean(), (seed, values) => {
			const plain = randomSymmetricToy(seed, 3);
			const { all, terminals } = states(plain);
			const machine = reduced(randomSymmetricToy(seed, 3), values ? [swapped] : []);
			const found = new Set<string>();
			const result = explore(machine, {
				stopAtFirst: false,
				onTerminal: () => orbitOf(machine, () => found.add(machine.mem.join())),
			});
			t.is(machine.order, values ? 12 : 6);
			t.is(machine.audit(), undefined);
			// orbits of all states, counted by what the representatives stand for
			let covered = 0;
			const seen = new Set<string>();
			for (const image of all) {
				if (seen.has(image)) continue;
				covered++;
				machine.mem.set(image.split(',').map(Number));
				machine.forget();
				orbitOf(machine, () => seen.add(machine.mem.join()));
			}
			t.is(result.states, covered);
			t.deepEqual([...found].sort(), [...terminals].sort());
			for (const image of seen) t.true(all.has(image));
		}),
		{ numRuns: 150 },
	);
});

test('a final state of the orbit that is asked for: a way to just that one', (t) => {
	let ways = 0;
	const first = symmetricToy({
		nodes: 3,
		shared: [NAMES.NODE],
		each: [NAMES.PLAIN],
		task: (n, at) => ({
			ready: (m) => (m[at(n, 0)] === 1 ? -2 : 1),
			step(write, m) {
				if (m[1] < 0) write(1, n);
				write(at(n, 0), 1);
			},
		}),
	});
	const who = reduced(first);
	explore(who, {
		onTerminal: (_, terminal) => {
			for (let n = 0; n < 3; n++) {
				const way = expandAll(who, terminal.trace(), () => who.mem[1] === n);
				t.is(way[0][0], n);
				ways++;
			}
		},
	});
	t.is(ways, 3);
});
