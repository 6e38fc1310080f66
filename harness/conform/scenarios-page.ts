// SPDX-License-Identifier: GPL-2.0-only
/** docs/scenarios.md: the suite, from the headers of its files. */
import { readTest, suite, testId } from './scenarios.ts';

const HEAD = `# Scenarios

Generated from the headers in \`harness/scenarios/\` by \`vfshook docs\`; do not edit. Each is a litmus
file (docs/litmus.md). S01 to S64 are numbered as in the project's collection of facts about the kernel
and GFS; S65 and on were found here. \`vfshook check S01\` runs one.
`;

/** The page, whole. */
export function scenariosPage(): string {
	const sections = suite().map((file) => {
		const { header } = readTest(file);
		const listed = (results: Record<string, string>) =>
			Object.entries(results)
				.map(([profile, r]) => `${profile}: ${r}`)
				.join('; ');
		const expected = `- Expected: ${listed(header.results)}`;
		const lines = [`## ${testId(file)}`, '', header.text, '', expected];
		const progress = listed(header.progress);
		if (progress !== '') lines.push(`- Expected with \`--progress\`: ${progress}`);
		for (const { profile, groups, progress } of header.needs) {
			const where = profile === '*' ? '' : ` (${profile})`;
			const names = groups.map((g) => g.map((s) => `\`${s}\``).join(' or '));
			const what = progress ? 'With `--progress` decided by' : 'Decided by';
			lines.push(`- ${what}${where}: ${names.join(', ')}`);
		}
		if (header.exercises.length > 0)
			lines.push(`- Vacuous unless this happens: ${header.exercises.join('; ')}`);
		if (header.source.length > 0) lines.push(`- Source: ${header.source.join('; ')}`);
		return lines.join('\n');
	});
	return `${HEAD}\n${sections.join('\n\n')}\n`;
}
