// SPDX-License-Identifier: GPL-2.0-only
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { explore, type Result } from '../explorer.ts';
import { BLOCKED, DONE, type Machine } from '../machine.ts';
import { symmetric } from '../symmetry/machine.ts';
import { countingNodes, nodeGenerators, randomSymmetricToy } from '../symmetry/toys.fixture.ts';
import { type Toy, type ToyTask, toyMachine, violate } from '../toy.ts';
import type { Goal } from './lasso.ts';

/** Each task by itself: its last word is 9 when it is done. */
const goalsOf = (toy: Toy, ...names: string[]): Goal[] =>
	names.map((name) => {
		const task = toy.tasks.findIndex((t) => t.name === name);
		return { name, reached: (machine) => machine.ready(task) === DONE };
	});

const starve = (toy: Toy, ...names: string[]): Result =>
	explore(toyMachine(toy), { goals: goalsOf(toy, ...names) });

/** Looks at the cycle of a result with nothing but the machine. */
function fairCycle(t: ExecutionContext, machine: Machine, result: Result, goals: readonly Goal[]) {
	const { violation, trace } = result;
	t.is(violation?.property, 'STARVE');
	const from = violation?.cycleFrom ?? -1;
	t.true(from >= 0 && from < (trace?.length ?? 0));
	machine.reset();
	const missing = new Set(machine.tasks.keys());
	const look = () => {
		for (const task of missing) if (machine.ready(task) <= 0) missing.delete(task);
	};
	let start = '';
	for (const [i, [task, choice]] of (trace ?? []).entries()) {
		if (i === from) start = machine.mem.join();
		if (i === from) look();
		t.true(choice < machine.ready(task), `step ${i} can be taken`);
		machine.step(task, choice);
		machine.forget();
		if (i < from) continue;
		missing.delete(task);
		look();
	}
	t.is(machine.mem.join(), start, 'the cycle closes');
	t.deepEqual([...missing], [], 'it is fair');
	t.true(
		goals.some((g) => !g.reached(machine)),
		'somebody starves',
	);
}

/** A task whose program counter is in `pc`, and ends at 9. */
const program = (name: string, pc: number, ...steps: ToyTask['step'][]): ToyTask => ({
	name,
	ready: (m) => (m[pc] === 9 ? DONE : 1),
	step: (write, m, choice) => steps[m[pc]](write, m, choice),
});

test('who spins until another has done something comes to an end if the schedule is fair', (t) => {
	const spinner = program(
		'spinner',
		1,
		(write, m) => write(1, m[3] ? 9 : 1),
		(write) => write(1, 0),
	);
	const setter = program('setter', 2, (write) => {
		write(2, 9);
		write(3, 1);
	});
	const toy: Toy = { regions: [['words', -1, 3]], tasks: [spinner, setter] };
	t.is(starve(toy, 'spinner', 'setter').verdict, 'complete');
	// Without the setter nothing helps.
	const alone: Toy = { ...toy, tasks: [spinner] };
	const result = starve(alone, 'spinner');
	t.is(result.verdict, 'violated');
	fairCycle(t, toyMachine(alone), result, goalsOf(alone, 'spinner'));
	t.is(explore(toyMachine(alone)).verdict, 'complete', 'it was not asked for');
});

/** Each takes a thing away from the other, and then uses it if it still has it. */
const pingPong = (): Toy => ({
	regions: [['words', -1, 3]],
	tasks: [1, 2].map((me) =>
		program(
			`program${me}`,
			me,
			(write) => {
				write(3, me);
				write(me, 1);
			},
			(write, m) => write(me, m[3] === me ? 9 : 0),
		),
	),
});

test('two take from each other for ever, and each gets its turns: a cycle of both', (t) => {
	const toy = pingPong();
	const result = starve(toy, 'program1', 'program2');
	fairCycle(t, toyMachine(toy), result, goalsOf(toy, 'program1', 'program2'));
	const cycle = result.trace?.slice(result.violation?.cycleFrom);
	t.deepEqual([...new Set(cycle?.map(([task]) => task))].sort(), [0, 1]);
	t.is(cycle?.length, 4, 'two steps each are enough');
	t.regex(result.violation?.message ?? '', /program1 and program2/);
	t.is(result.byProperty.STARVE, 1);
	t.is(explore(toyMachine(toy), { livelock: true }).verdict, 'complete', 'each may finish');
});

test('a task that is at times unable to step may be passed over, another may not', (t) => {
	/** Takes and gives back the lock in word 3; `once`: then it is done. */
	const user = (me: number, once: boolean): ToyTask => ({
		name: `user${me}`,
		ready: (m) => (m[me] === 9 ? DONE : m[me] === 0 && m[3] ? BLOCKED : 1),
		step: (write, m) => {
			write(3, m[me] === 0 ? 1 : 0);
			write(me, m[me] === 0 ? 1 : once ? 9 : 0);
		},
	});
	const toy: Toy = { regions: [['words', -1, 3]], tasks: [user(1, false), user(2, true)] };
	const result = starve(toy, 'user2');
	fairCycle(t, toyMachine(toy), result, goalsOf(toy, 'user2'));
	t.deepEqual(new Set(result.trace?.map(([task]) => task)), new Set([0]));
	// The same with a lock that can always be asked for.
	const queued: Toy = {
		...toy,
		tasks: [toy.tasks[0], { ...toy.tasks[1], ready: (m) => (m[2] === 9 ? DONE : 1) }],
	};
	t.is(starve(queued, 'user2').verdict, 'complete');
});

test("a daemon's step into the same state is no excuse for not letting others step", (t) => {
	const daemon: ToyTask = { name: 'daemon', ready: () => 1, step: () => {} };
	const worker = program('worker', 1, (write) => write(1, 9));
	const toy: Toy = { regions: [['words', -1, 1]], tasks: [daemon, worker] };
	t.is(starve(toy, 'worker').verdict, 'complete');
	// It does go on for ever afterwards; that is no harm unless it is asked to end.
	const result = starve(toy, 'daemon', 'worker');
	fairCycle(t, toyMachine(toy), result, goalsOf(toy, 'daemon'));
	t.regex(result.violation?.message ?? '', /^starvation: daemon may/);
});

test('a step that violates something is a step: who could take it is not unable to', (t) => {
	const daemon: ToyTask = { name: 'daemon', ready: () => 1, step: () => {} };
	const bad = program('bad', 1, () => violate('I1', 'always'));
	const toy: Toy = { regions: [['words', -1, 1]], tasks: [daemon, bad] };
	const goals = goalsOf(toy, 'bad');
	const result = explore(toyMachine(toy), { goals, livelock: true, stopAtFirst: false });
	t.deepEqual(result.byProperty, { I1: 1 });
});

test('limits: what was found in the part that was explored holds, and no more is said', (t) => {
	const counter: ToyTask = { name: 'counter', ready: () => 1, step: (w, m) => w(4, m[4] + 1) };
	const toy = pingPong();
	const large: Toy = { ...toy, regions: [['words', -1, 4]], tasks: [...toy.tasks, counter] };
	const options = { goals: goalsOf(large, 'program1', 'program2'), maxStates: 500 };
	t.is(explore(toyMachine(large), options).verdict, 'incomplete', 'the counter must go on');
	const bounded: Toy = {
		...large,
		finished: () => true,
		tasks: [...toy.tasks, { ...counter, ready: (m) => (m[3] === 1 && m[4] < 400 ? 1 : BLOCKED) }],
	};
	const result = explore(toyMachine(bounded), options);
	t.is(result.reason, 'states');
	fairCycle(t, toyMachine(bounded), result, options.goals);
	const little = explore(toyMachine(toy), { ...options, maxMemory: 2000 });
	t.is(little.verdict, 'incomplete');
});

test('only breadth first, and not with reductions', (t) => {
	const toy = pingPong();
	const goals = goalsOf(toy, 'program1');
	t.throws(() => explore(toyMachine(toy), { goals, order: 'dfs' }), { message: /breadth-first/ });
	const reduced = symmetric(countingNodes(2, 2), { generators: nodeGenerators(2) });
	t.throws(() => explore(reduced, { goals }), { message: /symmetry/ });
	t.is(explore(reduced, { livelock: true }).verdict, 'complete');
});

// ---- random graphs, against every subset of their states

interface Graph {
	/** by state and task: where its choices lead; none: it cannot step */
	edges: number[][][];
	/** states in which the goal is reached, before they are closed */
	reached: boolean[];
}

const SIZE = 6;
const graphsOf = (least: number, most: number, degree: number): fc.Arbitrary<Graph> =>
	fc
		.record({ size: fc.integer({ min: least, max: most }), tasks: fc.integer({ min: 1, max: 3 }) })
		.chain(({ size, tasks }) =>
			fc.record({
				edges: fc.array(
					fc.array(fc.array(fc.nat(size - 1), { maxLength: degree }), {
						minLength: tasks,
						maxLength: tasks,
					}),
					{ minLength: size, maxLength: size },
				),
				reached: fc.array(
					fc.nat(most / 2).map((n) => n === 0),
					{ minLength: size, maxLength: size },
				),
			}),
		);

/** What is reached stays so. */
function closed({ edges, reached }: Graph): boolean[] {
	const all = [...reached];
	for (const _ of edges)
		for (const [s, tasks] of edges.entries())
			if (all[s]) for (const to of tasks.flat()) all[to] = true;
	return all;
}

function machineOf({ edges }: Graph, finished: readonly boolean[] = []): Machine {
	const tasks = edges[0].map(
		(_, task): ToyTask => ({
			name: `task${task}`,
			ready: (m) => edges[m[1]][task].length,
			step: (write, m, choice) => write(1, edges[m[1]][task][choice]),
		}),
	);
	return toyMachine({
		regions: [['state', -1, 1]],
		tasks,
		finished: (m) => finished[m[1]] ?? true,
	});
}

/** Is there a set of states, every one of them reachable, that a fair execution can stay in? */
function starvesNaively(graph: Graph): boolean {
	const { edges } = graph;
	const reached = closed(graph);
	const from = (states: number, within: number) => {
		let all = states;
		for (let n = 0; n < SIZE; n++)
			for (const [s, tasks] of edges.entries())
				if (all & (1 << s)) for (const to of tasks.flat()) all |= (1 << to) & within;
		return all;
	};
	const reachable = from(1, -1);
	for (let set = 1; set < 1 << edges.length; set++) {
		const states = edges.map((_, s) => s).filter((s) => set & (1 << s));
		if ((set & ~reachable) !== 0 || states.some((s) => reached[s])) continue;
		if (states.some((s) => from(1 << s, set) !== set)) continue;
		const inside = (task: number) => states.some((s) => edges[s][task].some((x) => set & (1 << x)));
		const fair = edges[0].map(
			(_, task) => inside(task) || states.some((s) => !edges[s][task].length),
		);
		if (fair.every(Boolean) && edges[0].some((_, task) => inside(task))) return true;
	}
	return false;
}

test('fair cycles of random graphs: those that looking at every subset of the states finds', (t) => {
	const seen = { yes: 0, no: 0 };
	fc.assert(
		fc.property(graphsOf(1, SIZE, 2), fc.integer({ min: 1, max: SIZE + 1 }), (graph, maxStates) => {
			const machine = machineOf(graph);
			const reached = closed(graph);
			const goals = [{ name: 'goal', reached: (m: Machine) => reached[m.mem[1]] }];
			const expected = starvesNaively(graph);
			const result = explore(machine, { goals });
			seen[expected ? 'yes' : 'no']++;
			if (expected !== (result.verdict === 'violated')) return false;
			if (expected) fairCycle(t, machine, result, goals);
			const partial = explore(machine, { goals, maxStates });
			if (partial.verdict === 'violated') fairCycle(t, machine, partial, goals);
			return partial.verdict === result.verdict || partial.verdict === 'incomplete';
		}),
		{ numRuns: 3000 },
	);
	t.true(seen.yes > 300 && seen.no > 300, JSON.stringify(seen));
});

/** The components of the states that can be reached, by reachability; which of them are fair. */
function fairComponents({ edges }: Graph): number[][] {
	const successors = edges.map((tasks) => new Set(tasks.flat()));
	const closure = successors.map((first) => {
		const all = new Set(first);
		for (const s of all) for (const to of successors[s]) all.add(to);
		return all;
	});
	const states = [0, ...closure[0]].filter((s, i, all) => all.indexOf(s) === i);
	const components = states
		.filter((s) => closure[s].has(s))
		.map((s) => states.filter((x) => closure[s].has(x) && closure[x].has(s)));
	return components.filter((set) =>
		edges[0].every((_, task) =>
			set.some((s) => !edges[s][task].length || edges[s][task].some((to) => set.includes(to))),
		),
	);
}

test('larger random graphs, with many components', (t) => {
	const seen = { yes: 0, no: 0 };
	fc.assert(
		fc.property(graphsOf(10, 60, 1), (graph) => {
			const machine = machineOf(graph);
			const reached = closed(graph);
			const goals = [{ name: 'goal', reached: (m: Machine) => reached[m.mem[1]] }];
			const expected = fairComponents(graph).some((set) => !reached[set[0]]);
			const result = explore(machine, { goals });
			seen[expected ? 'yes' : 'no']++;
			if (expected) fairCycle(t, machine, result, goals);
			return expected === (result.verdict === 'violated');
		}),
		{ numRuns: 2000 },
	);
	t.true(seen.yes > 200 && seen.no > 200, JSON.stringify(seen));
});

test('what cannot finish in the part that was explored cannot in the whole', (t) => {
	const seen = { stuck: 0, partly: 0, none: 0 };
	fc.assert(
		fc.property(graphsOf(5, 20, 1), fc.integer({ min: 3, max: 15 }), (graph, maxStates) => {
			const finished = graph.reached;
			const can = [...finished];
			for (const _ of can)
				for (const [s, tasks] of graph.edges.entries())
					if (tasks.flat().some((to) => can[to])) can[s] = true;
			const machine = machineOf(graph, finished);
			const result = explore(machine, { livelock: true, maxStates, stopAtFirst: false });
			if (!result.byProperty.I10) {
				seen.none++;
				return true;
			}
			seen[result.reason ? 'partly' : 'stuck']++;
			if (result.violation?.property !== 'I10') return true;
			machine.reset();
			for (const [task, choice] of result.trace ?? []) machine.step(task, choice);
			return !can[machine.mem[1]];
		}),
		{ numRuns: 3000 },
	);
	t.true(
		Object.values(seen).every((n) => n > 20),
		JSON.stringify(seen),
	);
});

test('with symmetry: a state that cannot finish is there in the whole if it is in the reduced', (t) => {
	const seen = { stuck: 0, none: 0 };
	for (let seed = 0; seed < 120; seed++) {
		const options = { livelock: true, maxStates: 3000, stopAtFirst: false };
		const plain = explore(randomSymmetricToy(seed, 3), options);
		if (plain.reason) continue;
		const machine = symmetric(randomSymmetricToy(seed, 3), { generators: nodeGenerators(3) });
		const result = explore(machine, options);
		t.is(result.byProperty.I10, plain.byProperty.I10, `seed ${seed}`);
		seen[plain.byProperty.I10 ? 'stuck' : 'none']++;
	}
	t.true(seen.stuck > 5 && seen.none > 5, JSON.stringify(seen));
});
