// SPDX-License-Identifier: GPL-2.0-only
/**
 * What the shared state gains: lock messages, faults and transfers of complete runs of a few access
 * patterns, in both modes. The least and the most over all runs, and the mean over all schedules,
 * where each task that can step is equally likely to be next.
 *
 * Interface: GAIN_MODES PATTERNS COUNTERS gainOf gainPage costText Gain
 */

import { prepare } from '../conform/check.ts';
import { type Choice, configure } from '../conform/config.ts';
import type { Artifact } from '../engine/machine.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { type Cost, type Counter, costsOfRuns } from './costs.ts';

/**
 * With TRUNCATE_COUNT ->nopage is not told that the access is a store, and takes the lock shared
 * first; VM_DO_NO_PAGE tells.
 */
export const GAIN_MODES: readonly { name: string; choice: Choice }[] = [
	{ name: 'exclusive-only', choice: { profile: 'proposed' } },
	{ name: 'shared', choice: { profile: 'proposed-shared' } },
	{
		name: 'shared, `VM_DO_NO_PAGE`',
		choice: {
			profile: 'proposed-shared',
			without: ['TRUNCATE_COUNT'],
			with: ['VM_DO_NO_PAGE'],
		},
	},
];

export interface Pattern {
	name: string;
	/** what each node does with x and y, pages of the file f that it maps, or with f */
	programs: readonly string[];
}

/** An entry for each node. The file is not cached: the first access of each node faults. */
export const PATTERNS: readonly Pattern[] = [
	{ name: 'one node reads', programs: ['r0 = *x;'] },
	{ name: 'one node writes', programs: ['*x = 1;'] },
	{ name: 'one node reads, then writes', programs: ['r0 = *x; *x = 1;'] },
	{ name: 'read, read', programs: ['r0 = *x;', 'r0 = *x;'] },
	{ name: 'read twice, read twice', programs: ['r0 = *x; r1 = *x;', 'r0 = *x; r1 = *x;'] },
	{ name: 'two pages, read, read', programs: ['r0 = *x; r1 = *y;', 'r0 = *x; r1 = *y;'] },
	{ name: 'read, read, read', programs: ['r0 = *x;', 'r0 = *x;', 'r0 = *x;'] },
	{ name: 'write, read', programs: ['*x = 1;', 'r0 = *x;'] },
	{ name: 'write, read twice', programs: ['*x = 1;', 'r0 = *x; r1 = *x;'] },
	{ name: 'write twice, read', programs: ['*x = 1; *x = 2;', 'r0 = *x;'] },
	{ name: 'write, read, read', programs: ['*x = 1;', 'r0 = *x;', 'r0 = *x;'] },
	{ name: 'write, write', programs: ['*x = 1;', '*x = 2;'] },
	{ name: 'write twice, write twice', programs: ['*x = 1; *x = 2;', '*x = 3; *x = 4;'] },
	{ name: 'read and write, both', programs: ['r0 = *x; *x = 1;', 'r0 = *x; *x = 2;'] },
	{
		name: 'pread, pread',
		programs: ['pread(f, &r0, sizeof(int), 0);', 'pread(f, &r0, sizeof(int), 0);'],
	},
	{ name: 'pread, read', programs: ['pread(f, &r0, sizeof(int), 0);', 'r0 = *x;'] },
	{
		name: 'pwrite, read',
		programs: ['pwrite(f, &(int){1}, sizeof(int), 0);', 'r0 = *x;'],
	},
	{ name: 'write, pread', programs: ['*x = 1;', 'pread(f, &r0, sizeof(int), 0);'] },
];

/** By the lines that the kernels log. */
export const COUNTERS: readonly Counter[] = [
	{
		name: 'lock messages',
		counts: (line) =>
			/^(lm_(lock|upgrade|unlock): |lm: .* (granted|denied)|handle_callback: )/.test(line),
	},
	{ name: 'faults', counts: (line) => line.startsWith('page fault: ') },
	{ name: 'disk writes', counts: (line) => /^disk: page [0-9]+ :=/.test(line) },
	{ name: 'disk reads', counts: (line) => /^disk: page [0-9]+ read/.test(line) },
];

/** A pattern as a litmus test. */
function patternText({ programs }: Pattern): string {
	const processes = programs.map((body, p) => {
		const calls = body.includes('(f,');
		const used = ['x', 'y'].filter((v) => new RegExp(`\\*${v}\\b`).test(body));
		const params = [...used.map((v) => `int *${v}`), ...(calls ? ['file f'] : [])];
		return `P${p}(${params.join(', ')})\n{\n\tint r0, r1;\n\t${body}\n}\n`;
	});
	const y = programs.some((body) => body.includes('*y'));
	const places = `int x in f[0];${y ? ' int y in f[1];' : ''}`;
	return `C pattern\n{ file f[${y ? 2 : 1}]; ${places} }\n${processes.join('')}exists (true)\n`;
}

export interface Gain {
	pattern: string;
	/** by mode, by counter */
	costs: Cost[][];
}

export function gainOf(artifact: Artifact, pattern: Pattern): Gain {
	const test = parseLitmus(patternText(pattern));
	const costs = GAIN_MODES.map(({ choice }) => {
		const { machine } = prepare(artifact, test, configure(choice), { CHECK_DATA: 0 });
		return costsOfRuns(machine, COUNTERS);
	});
	return { pattern: pattern.name, costs };
}

/** `6`, `6 to 10 (6.4)`, `6 up (8.1)`: least, most, mean. */
function costText({ least, most, mean }: Cost): string {
	if (least === most) return String(least);
	const range = most === Number.POSITIVE_INFINITY ? `${least} up` : `${least} to ${most}`;
	return `${range} (${mean.toFixed(1)})`;
}

const HEAD = `# What the shared state changes, and what it does not

Kept true by \`harness/conform/refine.test.ts\`; do not edit. The mail: "enabling the shared state
should simply give increased performance, not any new functionality."

**No new functionality.** \`vfshook conform --refine\` compares the outcomes of each scenario and each
classic test in both modes: all local variables, errno, signals and pages of files at the end of all
programs, over every interleaving. The sets are equal: the shared state adds no outcome, and removes
none. Tests with more than 200,000 states in either mode are not compared; the command lists them.

**Increased performance?** The tables show complete runs of small programs, one on each node; \`x\` and \`y\` are
pages of one file that no node has cached. \`6\`: in every run. \`6 to 10 (6.4)\`: the least, the most, and the
mean if each task that can step is equally likely to be next. \`6 up (8.1)\`: there is no most, since
two nodes may take the file from each other again and again before either completes its access. The mean
compares such runs; it does not say how long a real system takes.

The promise holds for reads. Nodes that only read do not disturb each other: costs that have no bound
in exclusive-only mode have one here. A *store* costs more: \`->nopage\` is not told that the access is
a store, so it asks for the shared lock, and \`page_mkwrite\` then asks for the upgrade. That is a second
round trip, and another node may take the lock in between. The smallest change that repairs this is
\`VM_DO_NO_PAGE\`, a hook that is told. With it a store costs as much as in exclusive-only mode. A node
that first reads and then stores must upgrade in any case.
`;

const COUNTER_HEADS: Record<string, string> = {
	'lock messages':
		'Requests, grants, denials, callbacks and releases, between nodes and lock manager.',
	faults: 'Page faults, including those of accesses that are tried again.',
	'disk writes': 'Pages written out when a lock is given up.',
	'disk reads': 'Pages read.',
};

/** docs/refinement.md, whole. */
export function gainPage(gains: readonly Gain[]): string {
	const sections = COUNTERS.map(({ name }, c) => {
		const modes = GAIN_MODES.map((mode) => mode.name);
		const rows = gains.map(
			({ pattern, costs }) =>
				`| ${[pattern, ...costs.map((mode) => costText(mode[c]))].join(' | ')} |`,
		);
		const title = name[0].toUpperCase() + name.slice(1);
		const head = [`| nodes | ${modes.join(' | ')} |`, `|---|${modes.map(() => '---|').join('')}`];
		return [`## ${title}`, '', COUNTER_HEADS[name], '', ...head, ...rows].join('\n');
	});
	return `${HEAD}\n${sections.join('\n\n')}\n`;
}
