// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import fc from 'fast-check';
import { type ExploreOptions, explore, exploreAsync, type Result } from './explorer.ts';
import { type Machine, Violation } from './machine.ts';
import { random } from './random.ts';
import type { Step } from './result.ts';
import { plainShape } from './shape.ts';
import {
	counters,
	peterson,
	philosophers,
	randomToy,
	type Toy,
	toyMachine,
	violate,
} from './toy.ts';
import { walk } from './walk.ts';

interface Expected {
	states: number;
	transitions: number;
	depth: number;
	violations: number;
	terminals: string[];
	shortest?: number;
}

/** The same search with strings in a Map and images copied about; gives up on what is big. */
function naive(machine: Machine, most = 2500): Expected | undefined {
	machine.reset();
	const { mem } = machine;
	const found = new Map([[mem.join(), 0]]);
	const queue: { image: Int32Array; depth: number }[] = [];
	const out: Expected = { states: 1, transitions: 0, depth: 0, violations: 0, terminals: [] };
	const violated = (depth: number) => {
		out.violations++;
		out.shortest ??= depth;
	};
	const holds = (f: () => void) => {
		try {
			f();
			return true;
		} catch (e) {
			if (!(e instanceof Violation)) throw e;
			return false;
		}
	};
	if (holds(() => machine.check())) queue.push({ image: mem.slice(), depth: 0 });
	else violated(0);
	for (const { image, depth } of queue) {
		let stepped = false;
		if (found.size > most) return undefined;
		for (let t = 0; t < machine.tasks.length; t++) {
			mem.set(image);
			const choices = machine.ready(t);
			for (let c = 0; c < choices; c++) {
				stepped = true;
				mem.set(image);
				out.transitions++;
				if (!holds(() => machine.step(t, c))) violated(depth + 1);
				else if (!found.has(mem.join())) {
					found.set(mem.join(), depth + 1);
					out.depth = depth + 1;
					if (holds(() => machine.check())) queue.push({ image: mem.slice(), depth: depth + 1 });
					else violated(depth + 1);
				}
				machine.forget();
			}
		}
		mem.set(image);
		if (stepped) continue;
		if (machine.finished()) out.terminals.push(mem.join());
		else violated(depth);
	}
	out.states = found.size;
	out.terminals.sort();
	return out;
}

function run(machine: Machine, options: ExploreOptions): { result: Result; terminals: string[] } {
	const terminals: string[] = [];
	const result = explore(machine, {
		maxMemory: 1 << 28,
		...options,
		onTerminal: (m) => terminals.push(m.mem.join()),
	});
	return { result, terminals: terminals.sort() };
}

/** Takes the steps from the initial state; what the last one violated, or undefined. */
function replay(machine: Machine, trace: Step[]): Violation | undefined {
	machine.reset();
	machine.forget();
	for (const [task, choice] of trace) {
		if (machine.ready(task) <= choice) throw new Error('a step of the trace is not possible');
		try {
			machine.step(task, choice);
			machine.check();
		} catch (e) {
			if (e instanceof Violation) return e;
			throw e;
		}
		machine.forget();
	}
	return undefined;
}

test('random machines: the counts and terminal states of a naive search', (t) => {
	let violated = 0;
	for (let seed = 0; seed < 600; seed++) {
		const machine = toyMachine(randomToy(seed));
		const pick = random(seed + 5);
		const expected = naive(machine);
		if (!expected) continue;
		if (expected.violations > 0) violated++;
		const shape = plainShape(
			machine.regions,
			{ want: 1 + pick(6), most: 1 + pick(9) },
			1 + pick(5),
		);
		const badHash = seed % 3 === 0;
		for (const order of ['bfs', 'dfs'] as const) {
			const options = { order, shape, stopAtFirst: false, store: { bits: 1 + pick(4), badHash } };
			const { result, terminals } = run(machine, options);
			const { states, transitions, violations } = result;
			t.deepEqual(
				{ states, transitions, violations, terminals },
				{
					states: expected.states,
					transitions: expected.transitions,
					violations: expected.violations,
					terminals: expected.terminals,
				},
				`seed ${seed} ${order}`,
			);
			t.is(result.terminals, terminals.length);
			t.is(result.verdict, expected.violations > 0 ? 'violated' : 'complete');
			if (order === 'bfs') {
				t.is(result.depth, expected.depth);
				t.is(result.trace?.length, expected.shortest);
			}
		}
	}
	t.true(violated > 50 && violated < 500);
});

test('the trace leads to the violation', (t) => {
	let violated = 0;
	for (let seed = 0; seed < 300; seed++) {
		const machine = toyMachine(randomToy(seed));
		for (const order of ['bfs', 'dfs'] as const) {
			const { violation, trace } = explore(machine, { order, maxStates: 5000 });
			if (!violation || !trace) continue;
			violated++;
			t.is(violation.step, trace.length);
			const last = replay(machine, trace);
			if (violation.property === 'I9') {
				t.is(last, undefined);
				for (let task = 0; task < machine.tasks.length; task++) t.true(machine.ready(task) <= 0);
			} else if (trace.length > 0) t.is(last?.property, violation.property);
		}
	}
	t.true(violated > 50);
});

test('known counts', (t) => {
	const { result } = run(toyMachine(counters(4, 5)), {});
	t.is(result.states, 6 ** 4);
	t.is(result.transitions, 4 * 5 * 6 ** 3);
	t.is(result.depth, 20);
	t.is(result.terminals, 1);
	t.is(result.verdict, 'complete');
	t.is(run(toyMachine(counters(3, 20)), { order: 'dfs' }).result.states, 21 ** 3);
});

test('philosophers deadlock, with who waits where', (t) => {
	const result = explore(toyMachine(philosophers(4, 2)));
	t.is(result.verdict, 'violated');
	t.is(result.violation?.property, 'I9');
	t.is(result.trace?.length, 4);
	t.regex(result.violation?.message ?? '', /^deadlock: philosopher0 waits in philosopher0 \(toy/);
	const polite = explore(toyMachine(philosophers(4, 2, true)));
	t.is(polite.verdict, 'complete');
	t.is(polite.terminals, 1);
});

test('an invariant that does not hold, with a shortest trace', (t) => {
	t.is(explore(toyMachine(peterson(2))).verdict, 'complete');
	const { violation, trace } = explore(toyMachine(peterson(2, true)));
	t.is(violation?.property, 'I1');
	t.is(violation?.trap?.file, 'toy.ts');
	t.is(trace?.length, 6);
	const far = explore(toyMachine(peterson(2, true)), { order: 'dfs' });
	t.is(far.violation?.property, 'I1');
});

test('going on past violations counts them, by property', (t) => {
	const toy = (): Toy => ({
		regions: [['a', 0, 2]],
		tasks: [
			{
				name: 'up',
				ready: (m) => (m[1] < 9 ? 2 : -2),
				step(write, m, choice) {
					write(1, m[1] + 1);
					if (choice === 1) {
						write(2, 7);
						violate('BUG', 'half done');
					}
				},
			},
		],
		check: (m) => {
			if (m[1] === 5) violate('I3', 'five');
		},
	});
	const result = explore(toyMachine(toy()), { stopAtFirst: false });
	t.is(result.states, 6);
	t.is(result.transitions, 10);
	t.is(result.violations, 6);
	t.deepEqual(result.byProperty, { BUG: 5, I3: 1 });
	t.is(result.violation?.property, 'BUG');
	t.deepEqual(result.trace, [[0, 1]]);
	t.is(explore(toyMachine(toy()), { stopAtFirst: false, order: 'dfs' }).violations, 6);
});

test('a bad initial state', (t) => {
	for (const order of ['bfs', 'dfs'] as const)
		for (const stopAtFirst of [true, false]) {
			const toy = { ...counters(2, 2), check: () => violate('I1', 'never') };
			const result = explore(toyMachine(toy), { order, stopAtFirst });
			t.is(result.verdict, 'violated');
			t.is(result.states, 1);
			t.is(result.violation?.step, 0);
			t.deepEqual(result.trace, []);
		}
	const machine = toyMachine(counters(1, 1));
	machine.reset = () => violate('BUG', 'while booting');
	const result = explore(machine);
	t.is(result.violation?.message, 'while booting');
	t.deepEqual(result.trace, []);
});

test('without predicates only steps are checked', (t) => {
	for (const order of ['bfs', 'dfs'] as const) {
		const machine = toyMachine(peterson(2, true));
		t.is(explore(machine, { order, predicates: false }).verdict, 'complete');
		t.is(walk(machine, { walks: 50, predicates: false }).verdict, 'incomplete');
	}
});

test('what is wrong with a terminal state is a violation', (t) => {
	const toy: Toy = {
		regions: [['a', -1, 1]],
		tasks: [
			{ name: 'x', ready: (m) => (m[1] > 5 ? -2 : 3), step: (w, m, c) => w(1, m[1] + c + 1) },
		],
	};
	const checkTerminal = (m: Machine) =>
		m.mem[1] > 6 ? { property: 'COND', message: `it is ${m.mem[1]}` } : undefined;
	for (const order of ['bfs', 'dfs'] as const) {
		const all = explore(toyMachine(toy), { order, checkTerminal, stopAtFirst: false });
		t.is(all.terminals, 3);
		t.deepEqual(all.byProperty, { COND: 2 });
		const first = explore(toyMachine(toy), { order, checkTerminal });
		t.is(first.violations, 1);
		const machine = toyMachine(toy);
		replay(machine, first.trace ?? []);
		t.is(checkTerminal(machine)?.message, first.violation?.message);
		if (order === 'bfs') t.is(first.trace?.length, 3);
	}
	t.is(walk(toyMachine(toy), { checkTerminal }).violation?.property, 'COND');
});

test('steps into the same state are transitions', (t) => {
	const result = explore(
		toyMachine({
			regions: [['a', -1, 1]],
			tasks: [{ name: 'idle', ready: () => 3, step: (write) => write(1, 0) }],
		}),
	);
	t.is(result.states, 1);
	t.is(result.transitions, 3);
	t.is(result.terminals, 0);
	t.is(result.verdict, 'complete');
});

test('limits: incomplete, with the figures so far', (t) => {
	const machine = toyMachine(counters(4, 9));
	for (const order of ['bfs', 'dfs'] as const) {
		const states = explore(machine, { order, maxStates: 500 });
		t.is(states.verdict, 'incomplete');
		t.is(states.reason, 'states');
		t.is(states.states, 500);
		t.is(explore(machine, { order, maxStates: 10 ** 4 }).verdict, 'complete');
		t.is(explore(machine, { order, maxStates: 10 ** 4 - 1 }).verdict, 'incomplete');

		const memory = explore(machine, { order, maxMemory: 60_000 });
		t.is(memory.reason, 'memory');
		t.true(memory.states > 100 && memory.states < 10 ** 4);
		t.true(memory.bytesPerState * memory.states <= 60_000);
		t.is(explore(machine, { order, maxMemory: 10 }).states, 0);

		const ids = explore(machine, { order, store: { maxIds: 777 } });
		t.is(ids.reason, 'ids');
		t.is(ids.states, 777);

		const seconds = explore(toyMachine(counters(8, 30)), { order, maxSeconds: 0.05 });
		t.is(seconds.reason, 'seconds');
		t.true(seconds.seconds < 1);
	}
});

test('a violation counts even if a limit is reached later', (t) => {
	const toy = philosophers(4, 3);
	const result = explore(toyMachine(toy), { stopAtFirst: false, maxStates: 400 });
	t.is(result.verdict, 'violated');
	t.is(result.reason, 'states');
});

test('progress, and stopping', (t) => {
	let calls = 0;
	const signal = { aborted: false };
	const result = explore(toyMachine(counters(8, 30)), {
		signal,
		onProgress(p) {
			t.true(p.states > 0 && p.queue > 0 && p.bytes > 0 && p.transitions >= p.states - 1);
			if (++calls === 2) signal.aborted = true;
		},
	});
	t.is(calls, 2);
	t.is(result.reason, 'signal');
	t.true(result.seconds > 0.15);
});

test('exploreAsync lets others in and comes to the same', async (t) => {
	const toy = counters(5, 9);
	let ticks = 0;
	const timer = setInterval(() => ticks++, 1);
	const result = await exploreAsync(toyMachine(toy));
	clearInterval(timer);
	t.true(ticks > 0);
	const { seconds, ...rest } = result;
	const { seconds: _, ...same } = explore(toyMachine(toy));
	t.true(seconds > 0);
	t.deepEqual(rest, same);
});

test('the same input gives the same result', (t) => {
	fc.assert(
		fc.property(fc.nat(10000), fc.constantFrom('bfs' as const, 'dfs' as const), (seed, order) => {
			const { seconds: _, ...one } = explore(toyMachine(randomToy(seed)), {
				order,
				maxStates: 3000,
			});
			const { seconds: __, ...two } = explore(toyMachine(randomToy(seed)), {
				order,
				maxStates: 3000,
			});
			t.deepEqual(one, two);
		}),
		{ numRuns: 50 },
	);
});

test('a terminal state comes with its trace', (t) => {
	for (const order of ['bfs', 'dfs'] as const) {
		const machine = toyMachine(philosophers(3, 2));
		const traces: Step[][] = [];
		const images: string[] = [];
		const result = explore(machine, {
			order,
			stopAtFirst: false,
			onTerminal(m, terminal) {
				images.push(m.mem.join());
				const trace = terminal.trace();
				t.is(trace.length, terminal.depth);
				t.is(m.mem.join(), images.at(-1)!);
				traces.push(trace);
			},
		});
		t.is(traces.length, result.terminals);
		for (const [i, trace] of traces.entries()) {
			replay(machine, trace);
			t.is(machine.mem.join(), images[i]);
		}
	}
});

test('livelock: a state from which no task can finish', (t) => {
	// Choice 1 of `walk` goes into a ring that never ends, after two more steps.
	const toy: Toy = {
		regions: [['a', -1, 1]],
		tasks: [
			{
				name: 'walk',
				ready: (m) => (m[1] === 9 ? -2 : m[1] === 1 ? 2 : 1),
				step: (write, m, choice) => write(1, [1, choice ? 3 : 2, 9, 4, 5, 6, 4][m[1]]),
			},
		],
	};
	t.is(explore(toyMachine(toy)).verdict, 'complete');
	const result = explore(toyMachine(toy), { livelock: true });
	t.is(result.violation?.property, 'I10');
	t.deepEqual(result.trace, [
		[0, 0],
		[0, 1],
	]);
	t.is(explore(toyMachine(peterson(2)), { livelock: true }).verdict, 'complete');
	t.throws(() => explore(toyMachine(toy), { livelock: true, order: 'dfs' }));
});

test('livelock agrees with reachability computed naively', (t) => {
	let stuck = 0;
	for (let seed = 0; seed < 300; seed++) {
		const machine = toyMachine(randomToy(seed));
		const plain = explore(machine, { stopAtFirst: false, maxStates: 2500 });
		if (plain.reason) continue;
		const result = explore(machine, { livelock: true, stopAtFirst: false });
		if (plain.violations > 0) continue;
		const expected = naiveStuck(machine);
		if (expected > 0) stuck++;
		t.is(result.violation?.property, expected > 0 ? 'I10' : undefined, `seed ${seed}`);
	}
	t.true(stuck > 3);
});

/** How many states have no way to a finished one. */
function naiveStuck(machine: Machine): number {
	machine.reset();
	const { mem } = machine;
	const images = [mem.slice()];
	const known = new Set([mem.join()]);
	const before = new Map<string, Set<string>>();
	const open: string[] = [];
	for (const image of images) {
		mem.set(image);
		if (machine.finished()) open.push(mem.join());
		for (let t = 0; t < machine.tasks.length; t++) {
			mem.set(image);
			const choices = machine.ready(t);
			for (let c = 0; c < choices; c++) {
				mem.set(image);
				machine.step(t, c);
				machine.forget();
				const to = mem.join();
				before.set(to, (before.get(to) ?? new Set()).add(image.join()));
				if (known.has(to)) continue;
				known.add(to);
				images.push(mem.slice());
			}
		}
	}
	const good = new Set(open);
	for (const state of open)
		for (const p of before.get(state) ?? [])
			if (!good.has(p)) {
				good.add(p);
				open.push(p);
			}
	return known.size - good.size;
}

test('more tasks or choices than fit are refused', (t) => {
	const many: Toy = { regions: [['a', -1, 1]], tasks: [] };
	const task = { name: 'x', ready: () => 256, step: () => {} };
	t.throws(() => explore(toyMachine({ ...many, tasks: [task] })), { message: /256 choices/ });
	t.throws(() => explore(toyMachine({ ...many, tasks: Array(65).fill(task) })), {
		message: /65 tasks/,
	});
	const last = {
		name: 'x',
		ready: () => 255,
		step: (write: (a: number, v: number) => void, _: Int32Array, c: number) => {
			write(1, c);
			if (c === 254) violate('BUG', 'last');
		},
	};
	const idle = { name: 'y', ready: () => 0, step: () => {} };
	for (const order of ['bfs', 'dfs'] as const) {
		const toy = { ...many, tasks: [...Array(63).fill(idle), last] };
		t.deepEqual(explore(toyMachine(toy), { order }).trace?.at(-1), [63, 254]);
	}
});
