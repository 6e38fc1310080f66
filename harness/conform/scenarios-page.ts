// SPDX-License-Identifier: GPL-2.0-only
/** docs/scenarios.md: the suite, from the headers of its files. */
import { boundsOf } from './bounds-table.ts';
import { PROFILES } from './config.ts';
import { pinsOf } from './pins.ts';
import { readTest, suite, testId } from './scenarios.ts';

const HEAD = `# Scenarios

Generated from the headers in \`harness/scenarios/\` by \`vfshook docs\`; do not edit. Each is a litmus
file ([litmus.md](litmus.md)); \`vfshook check S01\` runs one. S01 to S64 are named in the numbers of the
facts that they were made from; S65 and on were found here.

"Size" is nodes, programs, files and pages of the largest file. "States" is how many the two proposed
profiles have, as the suite counts them. "Decided by" names the symbols without which the verdict changes.`;

const many = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

/** S2 before S10. */
function byNumber(a: string, b: string): number {
	const number = (file: string) => Number(/^S(\d+)/.exec(testId(file))?.[1] ?? 0);
	return number(a) - number(b) || testId(a).localeCompare(testId(b), 'en');
}

/** `verified in A, B; violated in C`. */
function grouped(results: Readonly<Record<string, string>>): string {
	const by = new Map<string, string[]>();
	for (const [profile, result] of Object.entries(results))
		by.set(result, [...(by.get(result) ?? []), profile === '*' ? 'every profile' : profile]);
	return [...by].map(([result, profiles]) => `${result} in ${profiles.join(', ')}`).join('; ');
}

function sizeOf(file: string): string {
	const { NR_NODES = 1, NR_PROCS = 1, NR_FILES = 1, NR_FILE_PAGES = 1 } = boundsOf(file).bounds;
	return [
		many(NR_NODES, 'node'),
		many(NR_PROCS, 'program'),
		many(NR_FILES, 'file'),
		many(NR_FILE_PAGES, 'page'),
	].join(', ');
}

function statesOf(file: string): string {
	const counts = pinsOf(testId(file));
	if (Object.keys(counts).length === 0) return '';
	const told = PROFILES.map(({ name }) => name).filter((name) => name.startsWith('proposed'));
	return told.map((name) => `${name} ${counts[name][0].toLocaleString('en-US')}`).join(', ');
}

function section(file: string): string {
	const { header } = readTest(file);
	const lines = [`## ${testId(file)}`, '', header.text, ''];
	lines.push(`- Expected: ${grouped(header.results)}`);
	const progress = grouped(header.progress);
	if (progress !== '') lines.push(`- Expected with \`--progress\`: ${progress}`);
	for (const { profile, groups, progress } of header.needs) {
		const where = profile === '*' ? '' : ` (${profile})`;
		const names = groups.map((g) => g.map((s) => `\`${s}\``).join(' or '));
		const what = progress ? 'With `--progress` decided by' : 'Decided by';
		lines.push(`- ${what}${where}: ${names.join(', ')}`);
	}
	lines.push(`- Size: ${sizeOf(file)}`);
	const states = statesOf(file);
	if (states !== '') lines.push(`- States: ${states}`);
	if (header.exercises.length > 0)
		lines.push(`- Vacuous unless this happens: ${header.exercises.join('; ')}`);
	if (header.source.length > 0) lines.push(`- Source: ${header.source.join('; ')}`);
	return lines.join('\n');
}

/** The page, whole. */
export function scenariosPage(): string {
	return `${[HEAD, ...suite().sort(byNumber).map(section)].join('\n\n')}\n`;
}
