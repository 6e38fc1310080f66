// SPDX-License-Identifier: GPL-2.0-only
/** vfshook conform: the whole suite, as one table. */

import type { CheckReport } from '../conform/check.ts';
import { profileOf, symbols } from '../conform/config.ts';
import { type Cell, type Column, type Conformance, conform } from '../conform/conform.ts';
import { reductionsNamed } from '../conform/reductions.ts';
import { suite } from '../conform/scenarios.ts';
import type { ConformJobs } from '../conform/worker.ts';
import { Pool } from '../engine/pool.ts';
import { optimiseLater } from '../engine/tiers.ts';
import { unknownText } from '../kts/machine/unknown.ts';
import { MODULES } from '../litmus/header.ts';
import { boundsText, inversionsText } from './check.ts';
import { Interrupt } from './interrupt.ts';
import {
	count,
	EXIT_INCOMPLETE,
	EXIT_OK,
	EXIT_VIOLATED,
	fold,
	ProgressLine,
	seconds,
} from './output.ts';

/** The columns of the table when no profile is named. */
const COLUMNS = ['proposed', 'proposed-shared'];
const HEADINGS: Record<string, string> = {
	proposed: 'exclusive-only',
	'proposed-shared': 'shared',
};

export interface ConformOptionsCli {
	profile?: string;
	json?: boolean;
	reduce?: string;
	each?: boolean;
	worker: URL;
}

export async function conformCommand(options: ConformOptionsCli): Promise<number> {
	const reductions = options.reduce === undefined ? [] : reductionsNamed(options.reduce);
	const profiles = options.profile ? [profileOf(options.profile).name] : COLUMNS;
	const say = (text: string) => options.json || process.stdout.write(text);
	say(`vfshook: ${suite().length} scenarios; each change left out in turn; every interleaving\n\n`);
	optimiseLater();
	const pool = new Pool<ConformJobs>({ worker: options.worker });
	const progress = new ProgressLine();
	const seen: CheckReport[] = [];
	let checks = 0;
	const interrupt = new Interrupt(() => pool.close());
	try {
		const result = await conform({
			profiles,
			pool,
			reductions,
			each: options.each,
			onCheck: (done, known, report) => {
				checks = known;
				seen.push(report);
				progress.show(`${done} of ${known} checks, ${report.id}: ${report.verdict}`);
			},
		});
		progress.clear();
		if (options.json) process.stdout.write(`${JSON.stringify(result, null, '\t')}\n`);
		else process.stdout.write(table(result));
		return statusOf(result);
	} catch (e) {
		if (!interrupt.aborted) throw e;
		progress.clear();
		process.stdout.write(interruptedText(seen, checks, options.json === true));
		return EXIT_INCOMPLETE;
	} finally {
		interrupt.close();
		progress.clear();
		await pool.close();
	}
}

/** What is known when the run was cut short: nothing of necessity or sufficiency. */
function interruptedText(seen: readonly CheckReport[], known: number, json: boolean): string {
	const of = (verdict: string) => seen.filter((r) => r.verdict === verdict).length;
	const counts = { verified: of('verified'), violated: of('violated'), vacuous: of('vacuous') };
	if (json) {
		const document = { interrupted: true, checks: seen.length, known, ...counts };
		return `${JSON.stringify(document, null, '\t')}\n`;
	}
	const parts = Object.entries(counts).map(([verdict, n]) => `${n} ${verdict}`);
	return `interrupted after ${seen.length} of ${known} checks (${parts.join(', ')}): nothing follows from that\n`;
}

function statusOf(result: Conformance): number {
	if (result.columns.some((c) => c.unexpected.length > 0)) return EXIT_VIOLATED;
	const cells = result.columns.flatMap((c) => Object.values(c.cells));
	return cells.some((c) => c.kind === 'incomplete') ? EXIT_INCOMPLETE : EXIT_OK;
}

function cellText(cell: Cell): string {
	switch (cell.kind) {
		case 'needed':
			return `needed: ${shortId(cell.test)}, ${cell.steps} steps`;
		case 'not needed':
			return 'not needed';
		case 'instead':
			return `instead of ${cell.of}`;
		case 'fails instead':
			return `no: ${shortId(cell.test)}`;
		case 'incomplete':
			return `incomplete: ${shortId(cell.test)}`;
		case 'not loadable':
			return `not loadable: ${cell.name}`;
		case 'off':
			return '-';
		case 'mode':
			return 'on (what it is about)';
	}
}

/** `S15-vogt` is enough of a name to find the test by. */
function shortId(id: string): string {
	return id.split('-').slice(0, 1).join('-');
}

function table(result: Conformance): string {
	const { columns } = result;
	const rows = symbols
		.filter((s) => columns.some((c) => c.cells[s.name].kind !== 'off'))
		.map((s) => [s.hook, s.name, ...columns.map((c) => cellText(c.cells[s.name]))]);
	const head = ['', 'change', ...columns.map((c) => HEADINGS[c.profile] ?? c.profile)];
	const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i].length)));
	const line = (cells: string[]) =>
		cells
			.map((c, i) => c.padEnd(widths[i]))
			.join('  ')
			.trimEnd();
	const rule = widths.map((w) => '-'.repeat(w)).join('  ');
	const out = rows.length > 0 ? [line(head), rule, ...rows.map(line), ''] : [];
	for (const c of columns) out.push(...verdictLines(c));
	out.push(...harmLines(columns));
	out.push(
		`bounds: ${largest(columns)}; "not needed" means within these`,
		`${count(result.checks)} checks${sameText(result)}, ${count(result.states)} states, ${count(result.transitions)} transitions, ${seconds(result.seconds)}`,
		'look closer: npx vfshook check S01 --without TRUNCATE_COUNT; npx vfshook --help; docs/README.md',
	);
	return `${out.join('\n')}\n`;
}

/** What is no answer, and what lockdep has let pass. */
function provisos(c: Column): string[] {
	const lines = c.notLoadable.map((symbol) => {
		const cell = c.cells[symbol];
		if (cell.kind !== 'not loadable') return '';
		return `  not loadable without ${symbol}, which says nothing of need: ${unknownText(cell)}`;
	});
	const seen = new Map(
		c.reports.flatMap((r) => (r.inversions ?? []).map((i) => [JSON.stringify(i), i] as const)),
	);
	if (seen.size > 0) lines.push(fold(inversionsText([...seen.values()]), 2));
	return lines;
}

function verdictLines(c: Column): string[] {
	const name = HEADINGS[c.profile] ?? c.profile;
	if (!c.sufficient && c.unexpected.length === 0)
		return [
			`${name}: NOT SUFFICIENT, as expected: ${c.violated} of ${c.reports.length} scenarios violated`,
			'',
		];
	if (!c.sufficient)
		return [`${name}: NOT SUFFICIENT: not as expected: ${c.unexpected.join(', ')}`, ''];
	const about = c.vacuous > 0 ? `, ${c.vacuous} vacuous (what they test cannot happen here)` : '';
	const lines = [
		`${name}: sufficient: ${c.verified} of ${c.reports.length} scenarios verified${about}`,
		`  smallest sets that suffice${c.minimal.length > 1 ? ` (${c.minimal.length})` : ''}:`,
		...c.minimal.map((set) => `    ${set.join(' ')}`),
		...c.outside.map(({ id, why }) => `  outside of this answer: ${id} is violated: ${why}`),
		...provisos(c),
		'',
	];
	return lines;
}

/** For each needed change, what a program notices without it. */
function harmLines(columns: readonly Column[]): string[] {
	const lines: string[] = [];
	for (const s of symbols) {
		for (const c of columns) {
			const cell = c.cells[s.name];
			if (cell.kind !== 'needed') continue;
			lines.push(`  ${s.name}: ${cell.harm}`);
			break;
		}
	}
	return lines.length > 0 ? ['what goes wrong without:', ...lines, ''] : [];
}

function sameText({ same }: Conformance): string {
	return same > 0 ? ` (${count(same)} of a machine that another one had checked)` : '';
}

/** The largest bounds of any test, and all lock modules. */
function largest(columns: readonly Column[]): string {
	const most: Record<string, number> = {};
	const modules = new Set<string>();
	for (const { bounds } of columns.flatMap((c) => c.reports)) {
		const { LOCK_MODULE = 0, ...sizes } = bounds;
		modules.add(MODULES[LOCK_MODULE]);
		for (const [name, value] of Object.entries(sizes))
			most[name] = Math.max(most[name] ?? 0, value);
	}
	const several = modules.size === 1 ? 'lock module' : 'lock modules';
	return `up to ${boundsText(most)}; ${several} ${[...modules].join(', ')}`;
}
