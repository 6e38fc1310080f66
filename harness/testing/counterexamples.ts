// SPDX-License-Identifier: GPL-2.0-only
/**
 * The counterexamples that `vfshook conform` finds: one for each symbol that is needed, for each
 * that fails in another's place, and for each test that is violated as it should be. A file beside
 * this one keeps the shortest way to each, so that a test can take its steps again without a
 * search. It is made of the answer of conform(), and of nothing else.
 *
 * Interface: Counterexample Cell cellsOf counterexampleOf formatAll readAll configurationOf
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { CheckReport, Found } from '../conform/check.ts';
import { type Configuration, configure } from '../conform/config.ts';
import type { Column } from '../conform/conform.ts';
import { findTests, projectRoot } from '../conform/scenarios.ts';
import type { ConformJobs } from '../conform/worker.ts';
import type { Pool } from '../engine/pool.ts';
import type { Step } from '../engine/result.ts';

/** What conform() says of a test on a configuration: it goes wrong. */
export interface Cell {
	profile: string;
	kind: 'needed' | 'fails instead' | 'outside' | 'violated';
	/** what the cell is about, if it is one of the table */
	symbol?: string;
	test: string;
	without: readonly string[];
	with: readonly string[];
	/** of `needed`: the number of steps that the table prints */
	steps?: number;
	/** it is asked whether programs come to an end */
	progress?: true;
}

export interface Counterexample extends Cell {
	property: string;
	message: string;
	schedule: readonly Step[];
	cycleFrom?: number;
}

/** Properties of executions that are looked for when it is asked whether programs end. */
const OF_PROGRESS = ['I10', 'STARVE'];

/** All that goes wrong in a profile. */
export function cellsOf({ profile, cells, reports, outside }: Column): Cell[] {
	const list: Cell[] = [];
	for (const [symbol, cell] of Object.entries(cells)) {
		if (cell.kind === 'needed') {
			const { kind, test, steps } = cell;
			const progress = OF_PROGRESS.includes(cell.property) && { progress: true as const };
			list.push({ profile, kind, symbol, test, without: [symbol], with: [], steps, ...progress });
		} else if (cell.kind === 'fails instead') {
			const { kind, test, of } = cell;
			list.push({ profile, kind, symbol, test, without: [of], with: [symbol] });
		}
	}
	const out = new Set(outside.map((o) => o.id));
	for (const report of reports) {
		if (report.verdict !== 'violated') continue;
		const kind = out.has(report.id) ? 'outside' : 'violated';
		list.push({ profile, kind, test: report.id, without: [], with: [] });
	}
	return list;
}

export function configurationOf(cell: Cell): Configuration {
	const { profile, without } = cell;
	return configure({ profile, without, with: cell.with });
}

/** The counterexample that is shown to users: what a program notices, if a search found that. */
function shownOf(report: Pick<CheckReport, 'harm' | 'violation'>): Found | undefined {
	return report.harm ?? report.violation;
}

/** Looks for it again, on a worker. */
export async function counterexampleOf(
	pool: Pool<ConformJobs>,
	cell: Cell,
): Promise<Counterexample> {
	const [file] = findTests(cell.test);
	const configuration = configurationOf(cell);
	const { progress } = cell;
	const report = await pool.submit('check', { file, configuration, progress }, { name: cell.test });
	const found = shownOf(report);
	if (!found) throw new Error(`${cell.test}: ${report.verdict}, and no counterexample`);
	const { property, message, schedule, cycleFrom } = found;
	return {
		...cell,
		property,
		message,
		...(cycleFrom !== undefined && { cycleFrom }),
		schedule,
	};
}

const FILE = 'harness/conform/counterexamples.json';
export const counterexampleFile = (): string => path.join(projectRoot(), FILE);

/** A step is its task, and its choice if that is not the first. */
const stepText = ([task, choice]: Step): string => (choice ? `${task}.${choice}` : `${task}`);

function stepOf(text: string): Step {
	const [task, choice = 0] = text.split('.').map(Number);
	return [task, choice];
}

/** One in a line. */
export function formatAll(all: readonly Counterexample[]): string {
	const lines = all.map(({ schedule, ...rest }) =>
		JSON.stringify({ ...rest, schedule: schedule.map(stepText).join(' ') }),
	);
	return `[\n${lines.join(',\n')}\n]\n`;
}

export function readAll(): Counterexample[] {
	const rows = JSON.parse(readFileSync(counterexampleFile(), 'utf8'));
	return rows.map((row: Omit<Counterexample, 'schedule'> & { schedule: string }) => ({
		...row,
		schedule: row.schedule === '' ? [] : row.schedule.split(' ').map(stepOf),
	}));
}
