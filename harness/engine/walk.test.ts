// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { explore } from './explorer.ts';
import { shorten } from './shorten.ts';
import { counters, peterson, philosophers, randomToy, toyMachine, violate } from './toy.ts';
import { replaySchedule } from './trace.ts';
import { walk } from './walk.ts';

test('a walk is repeated by its seed', (t) => {
	for (let seed = 0; seed < 40; seed++) {
		const toy = randomToy(seed);
		const options = { seed: seed * 77, walks: 20, maxSteps: 200, stopAtFirst: false };
		const { seconds: _, ...one } = walk(toyMachine(toy), options);
		const { seconds: __, ...two } = walk(toyMachine(toy), options);
		t.deepEqual(one, two);
		t.is(one.seed, seed * 77);
	}
});

test('seeds differ', (t) => {
	const lengths = [1, 2, 3, 4, 5, 6, 7, 8].map(
		(seed) => walk(toyMachine(philosophers(5, 3)), { seed }).trace?.length,
	);
	t.true(new Set(lengths).size > 1);
});

test('walks find what exploration finds, never what it does not find', (t) => {
	let both = 0;
	for (let seed = 0; seed < 300; seed++) {
		const machine = toyMachine(randomToy(seed));
		const all = explore(machine, { stopAtFirst: false, maxStates: 3000 });
		if (all.reason) continue;
		const some = walk(machine, { seed, walks: 30, maxSteps: 300, stopAtFirst: false });
		t.not(some.verdict, 'complete');
		for (const property of Object.keys(some.byProperty)) t.true(property in all.byProperty);
		if (some.violation && all.trace) {
			both++;
			t.true(some.violation.step >= all.trace.length);
		}
	}
	t.true(both > 15);
});

test('the trace of a walk can be taken again, and be shortened', (t) => {
	for (const seed of [1, 2, 3]) {
		const machine = toyMachine(philosophers(4, 3));
		const { trace, violation } = walk(machine, { seed });
		t.is(violation?.property, 'I9');
		t.is([...replaySchedule(machine, trace ?? [])].at(-1)?.violation?.property, 'I9');
		const short = shorten(machine, trace ?? [], 'I9');
		const steps = short?.trace.length ?? 0;
		t.true(steps >= 4 && steps <= (trace?.length ?? 0) && steps <= 16, `${steps}`);
		t.is(short?.violation.step, steps);
		t.is([...replaySchedule(machine, short?.trace ?? [])].at(-1)?.violation?.property, 'I9');
	}
	const broken = toyMachine(peterson(4, true));
	const deep = explore(broken, { order: 'dfs' });
	t.is(shorten(broken, deep.trace ?? [], 'I1')?.trace.length, 6);
	t.is(shorten(broken, deep.trace ?? [], 'I2'), undefined);
});

test('limits of walks', (t) => {
	const counted = walk(toyMachine(counters(3, 5)), { walks: 7 });
	t.is(counted.reason, 'walks');
	t.is(counted.verdict, 'incomplete');
	t.is(counted.terminals, 7);
	t.is(counted.transitions, 7 * 15);
	t.is(counted.depth, 15);
	const cut = walk(toyMachine(counters(3, 5)), { walks: 7, maxSteps: 4 });
	t.is(cut.terminals, 0);
	t.is(cut.transitions, 28);
	const endless = toyMachine({
		regions: [['a', -1, 1]],
		tasks: [{ name: 'x', ready: () => 1, step: (write, m) => write(1, m[1] + 1) }],
	});
	t.is(walk(endless, { walks: 1e9, maxSeconds: 0.05 }).reason, 'seconds');
	let calls = 0;
	const signal = { aborted: false };
	const stopped = walk(endless, {
		walks: 1e9,
		signal,
		onProgress() {
			calls++;
			signal.aborted = true;
		},
	});
	t.is(calls, 1);
	t.is(stopped.reason, 'signal');
});

test('bad from the start', (t) => {
	const machine = toyMachine({ ...counters(1, 1), check: () => violate('I1', 'never') });
	const result = walk(machine);
	t.is(result.violation?.step, 0);
	t.deepEqual(result.trace, []);
	t.deepEqual(shorten(machine, [[0, 0]], 'I1')?.trace, []);
});
