// SPDX-License-Identifier: GPL-2.0-only
/** What the bench prints: tables for people, one JSON document for programs. */
import type { LoweringTimes } from './lowered.ts';
import type { Measured } from './measure.ts';
import type { SpinRun } from './spin.ts';

export interface TwinRow {
	/** a name of TWIN_SIZES */
	size: string;
	ours: Measured;
	spin?: SpinRun;
}
export interface Report {
	/** one line: what it was measured on */
	about: string;
	/** only if it was measured */
	lowering?: LoweringTimes;
	/** of the twin; with them, the ratio is of time on the clock */
	reductions: string[];
	twin: TwinRow[];
	scenarios: Measured[];
	/** each on the plain machine, then with component tables */
	tables: Measured[];
	toys: Measured[];
}

const rounded = (x: number, digits: number): number => Number(x.toFixed(digits));

/** Above 1, ours is faster: states a processor second; with reductions, time on the clock. */
function ratioToSpin({ ours, spin }: TwinRow, reduced: boolean): number | null {
	if (!spin) return null;
	if (reduced) return spin.seconds / ours.seconds;
	return ours.states / ours.cpuSeconds / (spin.states / spin.cpuSeconds);
}

/** The document of --json. */
export function jsonReport({ reductions, twin, scenarios, tables, toys }: Report): string {
	const reduced = reductions.length > 0;
	const document = {
		twin: twin.map((row) => {
			const ratio = ratioToSpin(row, reduced);
			return {
				size: row.size,
				states: row.ours.states,
				cpu_seconds: rounded(row.ours.cpuSeconds, 3),
				spin_cpu_seconds: row.spin ? rounded(row.spin.cpuSeconds, 3) : null,
				ratio_to_spin: ratio === null ? null : rounded(ratio, 3),
				bytes_per_state: rounded(row.ours.bytesPerState, 1),
				...(reduced && {
					reductions,
					seconds: rounded(row.ours.seconds, 3),
					spin_seconds: row.spin ? rounded(row.spin.seconds, 3) : null,
					spin_states: row.spin?.states ?? null,
				}),
			};
		}),
		scenarios: scenarios.map(jsonWorkload),
		...(tables.length > 0 && { tables: tables.map(jsonWorkload) }),
		...(toys.length > 0 && { toys: toys.map(jsonWorkload) }),
	};
	return JSON.stringify(document, null, '\t');
}

function jsonWorkload(m: Measured) {
	return {
		name: m.name,
		verdict: m.verdict,
		states: m.states,
		transitions: m.transitions,
		cpu_seconds: rounded(m.cpuSeconds, 3),
		bytes_per_state: rounded(m.bytesPerState, 1),
	};
}

const number = (n: number, digits = 0): string =>
	n.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** Thousands of states a processor second. */
const rate = (m: { states: number; cpuSeconds: number }): string =>
	number(m.states / m.cpuSeconds / 1000);

/** The first column to the left, the others to the right. */
function table(rows: string[][]): string {
	const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
	const cell = (text: string, i: number): string =>
		i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i] + 2);
	return rows.map((row) => row.map(cell).join('')).join('\n');
}

function twinTable(rows: TwinRow[], reductions: string[]): string {
	const reduced = reductions.length > 0;
	const withSpin = rows.some(({ spin }) => spin);
	const head = ['twin', 'states', 'transitions', 'bytes/state', 'clock s', 'cpu s', 'k states/s'];
	const spinHead = ['Spin states', 'clock s', 'cpu s', 'k states/s', 'ratio'];
	const lines = rows.map((row) => {
		const { size, ours, spin } = row;
		const figures = [
			...[size, number(ours.states), number(ours.transitions), number(ours.bytesPerState, 1)],
			...[number(ours.seconds, 2), number(ours.cpuSeconds, 2), rate(ours)],
		];
		if (!withSpin) return figures;
		if (!spin) return [...figures, ...spinHead.map(() => '-')];
		const ratio = number(ratioToSpin(row, reduced) ?? Number.NaN, 2);
		return [
			...figures,
			...[
				number(spin.states),
				number(spin.seconds, 2),
				number(spin.cpuSeconds, 2),
				rate(spin),
				ratio,
			],
		];
	});
	const title = reduced ? `with the reductions ${reductions.join(' and ')}:\n` : '';
	return title + table([[...head, ...(withSpin ? spinHead : [])], ...lines]);
}

function workloadTable(title: string, list: Measured[]): string {
	const head = [title, 'states', 'transitions', 'depth', 'writes', 'bytes/state'];
	const rows = list.map((m) => [
		m.verdict === 'incomplete' ? `${m.name} (cut)` : m.name,
		...[number(m.states), number(m.transitions), number(m.depth), number(m.writes, 1)],
		...[number(m.bytesPerState, 1), number(1000 * m.instantiateSeconds)],
		...[number(m.cpuSeconds, 2), rate(m)],
	]);
	return table([[...head, 'machine ms', 'cpu s', 'k states/s'], ...rows]);
}

/** How many times as many states a processor second with tables. */
function speedups(list: Measured[]): string {
	const lines: string[] = [];
	for (let i = 0; i + 1 < list.length; i += 2)
		lines.push(
			`${list[i].name}: ${number(list[i].cpuSeconds / list[i + 1].cpuSeconds, 2)} times as fast with tables`,
		);
	return lines.join('\n');
}

/** The report for people. */
export function textReport(report: Report): string {
	const { about, lowering, reductions, twin, scenarios, tables, toys } = report;
	const parts = [about];
	if (lowering)
		parts.push(
			`lowering: the kernel ${number(lowering.kernel, 2)} s, the twin ${number(lowering.twin, 2)} s, ` +
				`found in the cache ${number(1000 * lowering.cached)} ms`,
		);
	if (twin.length > 0) parts.push(twinTable(twin, reductions));
	if (scenarios.length > 0) parts.push(workloadTable('scenarios', scenarios));
	if (tables.length > 0) parts.push(workloadTable('tables', tables), speedups(tables));
	if (toys.length > 0) parts.push(workloadTable('toys', toys));
	return parts.join('\n\n');
}
