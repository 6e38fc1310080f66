// SPDX-License-Identifier: GPL-2.0-only
/** Tables and figures of the pages, from where they are counted. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { TWIN_SIZES } from '../bench/twin/sizes.ts';
import { boundsMarkdown, boundsOfSuite, boundsTable } from '../conform/bounds-table.ts';
import { pinsOf } from '../conform/pins.ts';
import { projectRoot } from '../conform/scenarios.ts';
import { divergences } from '../crosswalk/forms.ts';

/** Text between `<!-- generated: NAME -->` and `<!-- end -->`. */
export interface Fragment {
	page: string;
	name: string;
	make(): string;
}

/** Words that a page must have. */
export interface Figure {
	page: string;
	text: string;
}

const grouped = (n: number): string => n.toLocaleString('en-US');

function twinTable(): string {
	const head = [
		'| size | nodes | programs a node | pages | values | operations | states | transitions |',
		'|---|---|---|---|---|---|---|---|',
	];
	const rows = Object.entries(TWIN_SIZES).map(([name, { config, states, transitions }]) => {
		const { NR_NODES, PROCS_PER_NODE, NR_PAGES, NR_VALUES, OPERATIONS } = config;
		const sizes = [NR_NODES, PROCS_PER_NODE, NR_PAGES, NR_VALUES, OPERATIONS || 'endless'];
		return `| ${[name, ...sizes, grouped(states), grouped(transitions)].join(' | ')} |`;
	});
	return [...head, ...rows].join('\n');
}

function divergenceList(): string {
	return divergences()
		.map(({ name, what }) => `- \`${name}()\`: ${what}.`)
		.join('\n');
}

export const FRAGMENTS: readonly Fragment[] = [
	{ page: 'README.md', name: 'bounds', make: () => boundsMarkdown(boundsTable(boundsOfSuite())) },
	{ page: 'docs/engine.md', name: 'twin', make: twinTable },
	{ page: 'docs/crosswalk.md', name: 'divergences', make: divergenceList },
];

/** States of a scenario, as the suite counted them. */
function states(test: string, profile: string): string {
	return grouped(pinsOf(test)[profile][0]);
}

/** A figure that is written in a test; the test fails if it is not so. */
function held(test: string, literal: string, told: string): string {
	const source = readFileSync(path.join(projectRoot(), test), 'utf8');
	if (!source.includes(literal)) throw new Error(`${test} has no ${literal}`);
	return told;
}

const SYMMETRY = held(
	'harness/conform/reductions.test.ts',
	'17511, 3001',
	'3,001 states instead of 17,511',
);
const UPGRADE = 'S15-double-upgrade';

export const FIGURES: readonly Figure[] = [
	{ page: 'README.md', text: SYMMETRY },
	{ page: 'docs/engine.md', text: SYMMETRY },
	{
		page: 'docs/mail.md',
		text: `goes through every order (${states('S15-vogt-race', 'proposed-shared')} states)`,
	},
	{
		page: 'docs/recovery.md',
		text: `S100 (three nodes, three programs, one death) has ${states('S100-late-write', 'proposed')} states, S101 (three nodes, two deaths) ${states('S101-death-of-the-recovering-node', 'proposed')}`,
	},
	{
		page: 'docs/locking.md',
		text: `S15-double-upgrade has ${states(UPGRADE, 'proposed-shared')} states with the central lock manager; the same program is S96 with the dlm, and has ${states('S96-conversion-deadlock', 'proposed-shared')}`,
	},
];
