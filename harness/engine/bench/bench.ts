// SPDX-License-Identifier: GPL-2.0-only
/**
 * npm run bench -- [--json] [--toys] [--states N] [--runs N] [--dfs] [NAME...]
 *
 * Explores each workload in a process of its own, RUNS times one after the other, and prints
 * the best:
 * processor time, so that a loaded machine falsifies it as little as may be. The first run of
 * a process
 * is printed beside it: that is what a single exploration costs, with the compiler still at work.
 */
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { explore, type Result } from '../explorer.ts';
import type { Artifact } from '../machine.ts';
import { artifactOf, kernelWorkloads, type Preparation, preparation } from './kernel.fixture.ts';
import { toys, type Workload } from './workloads.ts';

interface Measured {
	name: string;
	about: string;
	verdict: string;
	states: number;
	transitions: number;
	depth: number;
	bytesPerState: number;
	/** journalled writes of a step */
	writes: number;
	/** processor seconds: the best run, the first one */
	best: number;
	first: number;
}
interface Report {
	node: string;
	processor: string;
	preparation?: Preparation;
	workloads: Measured[];
}

const { values: args, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		json: { type: 'boolean', default: false },
		toys: { type: 'boolean', default: false },
		dfs: { type: 'boolean', default: false },
		states: { type: 'string', default: '1000000' },
		runs: { type: 'string', default: '3' },
		/** of a process that measures one workload */
		one: { type: 'string' },
	},
});

async function workloads(artifact?: Artifact): Promise<Workload[]> {
	if (args.toys) return toys;
	return [...toys, ...kernelWorkloads(artifact ?? (await artifactOf()), Number(args.states))];
}

function cpuSeconds(): number {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1e6;
}

async function measure(w: Workload): Promise<Measured> {
	const machine = await w.machine();
	const times: number[] = [];
	let result!: Result;
	for (let i = 0; i < Number(args.runs); i++) {
		const from = cpuSeconds();
		const order = args.dfs ? 'dfs' : 'bfs';
		result = explore(machine, { ...w.options, order });
		times.push(cpuSeconds() - from);
	}
	const { verdict, states, transitions, depth, bytesPerState } = result;
	const [name, about] = [w.name, w.about];
	const figures = { name, about, verdict, states, transitions, depth, bytesPerState };
	const [best, first] = [Math.min(...times), times[0]];
	return { ...figures, writes: writesOf(machine, explore), best, first };
}

/** How many words a step writes, over the first states. */
function writesOf(machine: Parameters<typeof explore>[0], search: typeof explore): number {
	let writes = 0;
	let steps = 0;
	const counting = Object.create(machine) as typeof machine;
	Object.defineProperty(counting, 'journalLength', {
		value: () => {
			const n = machine.journalLength();
			writes += n;
			steps++;
			return n;
		},
	});
	search(counting, { maxStates: 20_000, stopAtFirst: false });
	return writes / Math.max(1, steps);
}

function inOwnProcess(name: string): Measured {
	const self = fileURLToPath(import.meta.url);
	const pass = ['--states', args.states, '--runs', args.runs];
	if (args.toys) pass.push('--toys');
	if (args.dfs) pass.push('--dfs');
	const out = execFileSync(process.execPath, [...process.execArgv, self, '--one', name, ...pass], {
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	return JSON.parse(out);
}

const number = (n: number, digits = 0) =>
	n.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const rate = (n: number, seconds: number) => number(n / seconds / 1000);

function print({ node, processor, preparation: p, workloads: list }: Report): void {
	console.log(`node ${node}, ${processor}; thousands a second of processor time, best run`);
	if (p)
		console.log(
			`lowering ${number(p.lowering, 2)} s, cached ${number(p.cached * 1000)} ms, ` +
				`a machine ${number(p.instantiate * 1000)} ms`,
		);
	const head = ['', 'states', 'transitions', 'depth', 'writes', 'k states/s', 'k trans/s'];
	const rows = list.map((m) => [
		m.verdict === 'complete' ? m.name : `${m.name} (cut)`,
		number(m.states),
		number(m.transitions),
		number(m.depth),
		number(m.writes, 1),
		rate(m.states, m.best),
		rate(m.transitions, m.best),
		rate(m.states, m.first),
		number(m.bytesPerState, 1),
	]);
	const table = [[...head, 'first run', 'bytes/state'], ...rows];
	const widths = table[0].map((_, i) => Math.max(...table.map((row) => row[i].length)));
	for (const row of table)
		console.log(
			row.map((c, i) => (i === 0 ? c.padEnd(widths[i]) : c.padStart(widths[i] + 2))).join(''),
		);
}

if (args.one !== undefined) {
	const found = (await workloads()).find((w) => w.name === args.one);
	if (!found) throw new Error(`no workload ${args.one}`);
	process.stdout.write(JSON.stringify(await measure(found)));
} else {
	const made = args.toys ? undefined : await preparation();
	const wanted = (w: Workload) =>
		positionals.length === 0 || positionals.some((p) => w.name.includes(p));
	const report: Report = {
		node: process.version,
		processor: cpus()[0]?.model ?? 'unknown',
		...(made && { preparation: made.times }),
		workloads: (await workloads(made?.artifact)).filter(wanted).map((w) => inOwnProcess(w.name)),
	};
	if (args.json) console.log(JSON.stringify(report, null, '\t'));
	else print(report);
}
