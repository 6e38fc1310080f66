// SPDX-License-Identifier: GPL-2.0-only
/** How the bench is called. */
import { parseArgs } from 'node:util';
import { BenchError } from './error.ts';
import type { Group, Request } from './measure.ts';
import { TWIN_SIZES } from './twin/sizes.ts';

/** In the order in which they are put around a machine. */
const REDUCTIONS: readonly string[] = ['local', 'symmetry'];

export const HELP = `npm run bench -- [OPTION...]

How long lowering takes, and how long and in how much memory the explorer visits the twin (a small
machine, the same as harness/bench/twin/twin.pml), and three scenarios of the kernel.

  --size LIST      sizes of the twin: ${Object.keys(TWIN_SIZES).join(', ')} (default: S,M; with --spin M,L)
  --spin           run Spin on the same model in turn: states and transitions must be equal. Needs
                   spin and gcc (Debian: apt install spin gcc); nothing else here does
  --only LIST      of twin, scenarios, tables, toys (default: twin,scenarios); tables: WRC,
                   ISA2 and IRIW on the plain machine and with component tables, in turn
  --runs N         measure the twin so often, in turn with Spin; the best run counts (default: 3
                   for S and M, which are over too soon to be measured once; else 1)
  --max-states N   cut scenarios off after so many states (default: 400000; with
                   --spin 100000)
  --workers N      explore with so many threads (default: 1, without workers)
  --reduce LIST    with reductions: of ${REDUCTIONS.join(', ')}, all; Spin with its own. The twin only
  --dfs            depth first
  --json           print one JSON document and nothing else
  --help           print this

Each exploration has a process of its own. "cpu s" is the processor time of all of its threads,
from an artifact that is there to the result: making the machine and exploring it, not lowering.
Spin's is that of its compiled verifier (-O2 -DNOREDUCE), not of making it. The ratio is of states a
processor second: above 1 this explorer is faster. With --reduce states cannot be compared, and the ratio is
of the time on the clock, Spin's (-O2) to the explorer's. "clock s" is the same time on the clock,
which other work on the machine falsifies. Bytes are those of the set of visited states and of the queue.

Exit status: 0; 1 something does not agree or failed; 2 wrong call, or Spin is missing.`;

const DEFAULT_SIZES = ['S', 'M'];
const SPIN_SIZES = ['M', 'L'];
const GROUPS: readonly string[] = ['twin', 'scenarios', 'tables', 'toys'];

export interface Call {
	sizes: string[];
	groups: Group[];
	spin: boolean;
	/** by default, as many as a size needs */
	runs?: number;
	maxStates: number;
	order: Request['order'];
	workers: number;
	reductions: string[];
	json: boolean;
}

/** The options; undefined if help is wanted. Throws a BenchError with status 2. */
export function readCall(args: string[]): Call | undefined {
	const values = parsed(args);
	if (values.help) return undefined;
	const spin = values.spin ?? false;
	const workers = count('--workers', values.workers, 1);
	if (workers > 1 && values.dfs) throw wrong('--workers is not for --dfs');
	const reductions = reductionsIn(values.reduce);
	const groups = list(
		'--only',
		values.only,
		GROUPS,
		reductions.length > 0 ? ['twin'] : ['twin', 'scenarios'],
	);
	if (reductions.length > 0) {
		if (workers > 1) throw wrong('--workers is not for --reduce');
		if (groups.join() !== 'twin') throw wrong('--reduce is for the twin: --only twin');
	}
	if (groups.includes('tables') && (workers > 1 || values.dfs))
		throw wrong('--only tables is not for --workers and --dfs');
	return {
		sizes: list('--size', values.size, Object.keys(TWIN_SIZES), spin ? SPIN_SIZES : DEFAULT_SIZES),
		groups: groups as Group[],
		spin,
		runs: values.runs === undefined ? undefined : count('--runs', values.runs, 1),
		maxStates: count('--max-states', values['max-states'], spin ? 100_000 : 400_000),
		order: values.dfs ? 'dfs' : 'bfs',
		workers,
		reductions,
		json: values.json ?? false,
	};
}

const wrong = (message: string) =>
	new BenchError(`${message}\nnpm run bench -- --help lists the options`, 2);

function parsed(args: string[]) {
	try {
		return parseArgs({
			args,
			options: {
				size: { type: 'string' },
				spin: { type: 'boolean' },
				only: { type: 'string' },
				runs: { type: 'string' },
				'max-states': { type: 'string' },
				workers: { type: 'string' },
				reduce: { type: 'string' },
				dfs: { type: 'boolean' },
				json: { type: 'boolean' },
				help: { type: 'boolean', short: 'h' },
			},
		}).values;
	} catch (e) {
		throw wrong((e as Error).message);
	}
}

function list(
	option: string,
	value: string | undefined,
	known: readonly string[],
	otherwise: string[],
): string[] {
	if (value === undefined) return otherwise;
	const names = value.split(',').map((name) => name.trim());
	const bad = names.find((name) => !known.includes(name));
	if (bad !== undefined) throw wrong(`${option}: '${bad}' is none of ${known.join(', ')}`);
	return [...new Set(names)];
}

function reductionsIn(value: string | undefined): string[] {
	const names = list('--reduce', value, [...REDUCTIONS, 'all'], []);
	return REDUCTIONS.filter((name) => names.includes(name) || names.includes('all'));
}

function count(option: string, value: string | undefined, otherwise: number): number {
	if (value === undefined) return otherwise;
	if (!/^[1-9]\d{0,9}$/.test(value)) throw wrong(`${option}: '${value}' is no number above 0`);
	return Number(value);
}
