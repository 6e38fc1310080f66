// SPDX-License-Identifier: GPL-2.0-only
/**
 * One exploration, measured. As a program: explores the workload that its argument names, a
 * Request in JSON, and prints the figures, Measured in JSON. Each has a process of its own, so
 * that neither the heap nor the compiler of another run has a part in it.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isComponents } from '../engine/components/machine.ts';
import { explore, type Result } from '../engine/explorer.ts';
import type { Machine } from '../engine/machine.ts';
import { exploreParallel } from '../engine/parallel/explore.ts';
import { Pool } from '../engine/pool.ts';
import { delegate, unfolded } from '../engine/reduction.ts';
import { kernelWorkloads, tableWorkloads, twinWorkloads } from './lowered.ts';
import type { WorkerJobs } from './worker.ts';
import { toys, type Workload } from './workloads.ts';

export type Group = 'twin' | 'scenarios' | 'tables' | 'toys';

export interface Request {
	group: Group;
	name: string;
	order: 'bfs' | 'dfs';
	/** where scenarios are cut off */
	maxStates: number;
	/** threads that explore; 1: without workers */
	workers: number;
	/** names of reductions to be put around the twin */
	reductions: readonly string[];
}

export interface Measured {
	name: string;
	about: string;
	verdict: string;
	/** why the exploration is not complete, if there is more to say: `: ` and a sentence, or '' */
	detail: string;
	states: number;
	transitions: number;
	depth: number;
	bytesPerState: number;
	/** journalled writes of a step, over the first states */
	writes: number;
	/** processor seconds of making the machine and exploring it, and those on the clock */
	cpuSeconds: number;
	seconds: number;
	/** the part of `seconds` that making the machine takes: code generation and the boot */
	instantiateSeconds: number;
}

/** The workloads of a group. */
export async function workloadsOf(group: Group, maxStates: number): Promise<Workload[]> {
	if (group === 'toys') return toys;
	if (group === 'tables') return tableWorkloads();
	return group === 'twin' ? twinWorkloads() : kernelWorkloads(maxStates);
}

/** A workload by its name. */
export async function workloadOf({ group, name, maxStates }: Request): Promise<Workload> {
	const found = (await workloadsOf(group, maxStates)).find((w) => w.name === name);
	if (!found) throw new Error(`no workload ${name} in ${group}`);
	return found;
}

/** Measures a workload in a process of its own. */
export function measure(request: Request): Measured {
	const program = fileURLToPath(import.meta.url);
	const call = [...process.execArgv, program, JSON.stringify(request)];
	const out = execFileSync(process.execPath, call, {
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	return JSON.parse(out);
}

function cpuSeconds(): number {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1e6;
}

async function measureHere(request: Request): Promise<Measured> {
	const w = await workloadOf(request);
	const pool = request.workers > 1 ? await loadedPool(request) : undefined;
	const cpuBefore = cpuSeconds();
	const before = performance.now();
	const machine = w.machine(request.reductions);
	const made = performance.now();
	const result = await exploreAs(request, machine, w.options, pool);
	const cpu = cpuSeconds() - cpuBefore;
	const seconds = (performance.now() - before) / 1000;
	await pool?.close();
	const { verdict, states, transitions, depth, bytesPerState } = result;
	const detail = result.detail ? `: ${result.detail}` : '';
	return {
		...{ name: w.name, about: w.about, verdict, detail, states, transitions, depth, bytesPerState },
		writes: isComponents(machine) ? 0 : writesOf(machine),
		...{ cpuSeconds: cpu, seconds, instantiateSeconds: (made - before) / 1000 },
	};
}

/** Workers that have loaded what they need, as a process that is measured alone has. */
async function loadedPool(request: Request): Promise<Pool<WorkerJobs>> {
	const worker = new URL('./worker.ts', import.meta.url);
	const pool = new Pool<WorkerJobs>({ worker, size: request.workers });
	await pool.map('load', new Array<Request>(request.workers).fill(request));
	return pool;
}

async function exploreAs(
	request: Request,
	machine: Machine,
	options: Workload['options'],
	pool: Pool<WorkerJobs> | undefined,
): Promise<Result> {
	if (!pool) return unfolded(machine, explore(machine, { ...options, order: request.order }), {});
	const source = { pool, job: 'explore', argument: request };
	return await exploreParallel({ machine }, source, options);
}

/** How many words a step writes, over the first states. */
function writesOf(machine: Machine): number {
	let writes = 0;
	let steps = 0;
	const counting = delegate(machine);
	counting.journalLength = () => {
		const n = machine.journalLength();
		writes += n;
		steps++;
		return n;
	};
	explore(counting, { maxStates: 2000, stopAtFirst: false });
	return writes / Math.max(1, steps);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const request = JSON.parse(process.argv[2]) as Request;
	process.stdout.write(JSON.stringify(await measureHere(request)));
}
