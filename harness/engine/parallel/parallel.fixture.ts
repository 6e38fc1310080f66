// SPDX-License-Identifier: GPL-2.0-only
/** The worker of parallel.test.ts, and the machines that it explores. */
import { threadId, workerData } from 'node:worker_threads';
import { ring } from '../../bench/workloads.ts';
import { DONE, type Machine } from '../machine.ts';
import { serve } from '../pool.ts';
import {
	counters,
	peterson,
	philosophers,
	randomToy,
	type Toy,
	toyMachine,
	violate,
} from '../toy.ts';
import { exploreJob, type Subject } from './explore.ts';
import { type SearchMemory, sharedStore } from './stores.ts';
import { Team } from './team.ts';

export interface Case {
	toy: 'counters' | 'philosophers' | 'peterson' | 'ring' | 'random' | 'trap' | 'combination';
	parameters: number[];
	/** collect the terminal images */
	gather?: boolean;
	/** the terminal state in which the first word is this is wrong */
	wrong?: number;
	/** what a worker does after so many steps */
	fault?: { steps: number; kind: 'exit' | 'throw' | 'other machine' | 'other steps' };
}

/** Counters that violate something in many states of one level, on the transition or after it. */
function trap(n: number, top: number, sum: number, step: number): Toy {
	const toy = counters(n, top);
	const total = (mem: Int32Array) => mem.subarray(1, n + 1).reduce((a, b) => a + b, 0);
	return {
		...toy,
		tasks: toy.tasks.map((task, i) => ({
			...task,
			step(write, mem, choice) {
				if (step !== 0 && total(mem) === sum && mem[1 + i] === top - 1) violate(`T${i}`, 'top');
				task.step(write, mem, choice);
			},
		})),
		check(mem) {
			if (step === 0 && total(mem) === sum) violate(mem[1] > mem[2] ? 'B' : 'A', 'sum');
		},
	};
}

/**
 * Who turns n times the right way comes across values that random walks do not, and that take more
 * and more bits; counters besides make many states of it.
 */
function combination(n: number, counterCount: number, top: number): Toy {
	const toy = counters(counterCount + 4, top);
	const [at, value] = [counterCount + 1, counterCount + 2];
	return {
		...toy,
		tasks: [
			...toy.tasks.slice(0, counterCount),
			{
				name: 'lock',
				ready: (mem) => (mem[at] === n ? DONE : 3),
				step(write, mem, choice) {
					const next = choice === (mem[at] * 5 + 1) % 3 ? mem[at] + 1 : 0;
					for (let i = 0; i < 3; i++)
						write(value + i, next % 2 === 0 ? 2 ** (2 * next) - 1 : -(2 ** (2 * next)));
					write(at, next);
				},
			},
		],
	};
}

function toyOf({ toy, parameters: [a, b, c, d] }: Case): Toy {
	if (toy === 'counters') return counters(a, b);
	if (toy === 'philosophers') return philosophers(a, b, c === 1);
	if (toy === 'peterson') return peterson(a, b === 1);
	if (toy === 'ring') return ring(a, b);
	if (toy === 'random') return randomToy(a);
	if (toy === 'combination') return combination(a, b, c);
	return trap(a, b, c, d);
}

/** Only in a worker, not in the thread that started it. */
function faulty(machine: Machine, { steps, kind }: NonNullable<Case['fault']>): Machine {
	let n = 0;
	const { step } = machine;
	machine.step = (task, choice) => {
		if (++n === steps && kind === 'exit') process.exit(7);
		if (n === steps && kind === 'throw') throw new TypeError('a machine that throws');
		step(task, choice);
	};
	return machine;
}

export function subjectOf(c: Case): Subject {
	const toy = toyOf(c);
	if (workerData && c.fault?.kind === 'other machine') toy.initial = [1];
	// In the one of two workers: its widths are learned from other values.
	if (workerData && threadId % 2 === 0 && c.fault?.kind === 'other steps')
		toy.tasks[0].step = (write) => write(1, 1000);
	const machine = toyMachine(toy);
	if (workerData && c.fault) faulty(machine, c.fault);
	const images: string[] = [];
	return {
		machine,
		...(c.gather && { onTerminal: ({ mem }) => images.push(mem.join()), gathered: () => images }),
		...(c.wrong !== undefined && {
			checkTerminal: ({ mem }) =>
				mem[1] === c.wrong ? { property: 'COND', message: `it is ${c.wrong}` } : undefined,
		}),
	};
}

/**
 * All workers put the same states into a store, in the same order, at the same time. Hands back the
 * ids of the states, and how many were found here first.
 */
function hammer({ memory, worker, kind, top }: Hammer): { ids: number[]; count: number } {
	const team = new Team(memory.team, worker);
	team.onLevelEnd = () => 'done';
	const machine = toyMachine(counters(2, top));
	machine.reset();
	const { store, parents } = sharedStore(machine, team, memory, worker, { kind });
	const ids: number[] = [];
	for (let n = 0; n < top * top; n++) {
		while (team.paused) team.meet();
		machine.write(1, n % top);
		machine.write(2, Math.floor(n / top));
		const id = store.put();
		parents.view[id] = 1;
		ids.push(id);
		store.rollback();
	}
	while (!team.done) team.meet();
	return { ids, count: store.count };
}
export interface Hammer {
	memory: SearchMemory;
	worker: number;
	kind: 'flat' | 'tree';
	top: number;
}

export const jobs = { explore: exploreJob(subjectOf), hammer };
export type FixtureJobs = typeof jobs;
serve(jobs);
