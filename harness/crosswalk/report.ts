// SPDX-License-Identifier: GPL-2.0-only
/** What vfshook crosswalk prints. */
import type { Row } from './compare.ts';
import type { Finding, Report, Result } from './crosswalk.ts';

const plural = (n: number, one: string, many = `${one}s`): string =>
	`${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;

export function findingsOf({ results, findings }: Report): Finding[] {
	return [...results.flatMap((r) => r.findings), ...findings];
}

/** Figures of a report. */
export function figures(report: Report) {
	const rows = report.results.flatMap((r) => r.rows);
	const apart = rows.filter((r) => !r.c || !r.port);
	const compared = report.results.filter((r) => r.kernel && !r.apart);
	return {
		functions: report.results.length,
		found: report.results.filter((r) => r.kernel).length,
		compared: compared.length,
		macros: compared.filter((r) => r.kernel?.macro).length,
		otherBody: report.results.filter((r) => r.kernel && r.apart).length,
		portOnly: report.results.filter((r) => !r.kernel && r.apart && !/^of 2/.test(r.apart)).length,
		otherVersion: report.results.filter((r) => !r.kernel && /^of 2/.test(r.apart ?? '')).length,
		both: rows.length - apart.length,
		onlyC: apart.filter((r) => r.c).length,
		onlyPort: apart.filter((r) => r.port).length,
		undeclared: apart.filter((r) => !r.entry).length,
		findings: findingsOf(report).length,
	};
}

function rowText({ c, port, entry }: Row): string {
	const at = (line: number | undefined) => String(line ?? '').padStart(6);
	const mark = c && port ? ' ' : c ? '-' : '+';
	const name = (c ?? port)!.name;
	const why = c && port ? '' : entry ? `  ${entry.kind} ${entry.reason}` : '  UNDECLARED';
	return `${at(c?.line)} ${at(port?.line)}  ${mark} ${why ? name.padEnd(32) : name}${why}`;
}

/** A function in full: a line for each event, those of C beside those of the port. */
function functionText({ function: f, kernel, apart, rows }: Result): string {
	const there = kernel
		? `${kernel.file}:${kernel.line}${kernel.name === f.name ? '' : ` ${kernel.name}`}`
		: '';
	const head = `${f.name}  ${[there, `${f.file}:${f.line}`].filter(Boolean).join('  ')}`;
	if (apart) return `${head}\n    not compared: ${apart}\n`;
	const columns = `${'C'.padStart(6)} ${'port'.padStart(6)}`;
	return `${[head, columns, ...rows.map(rowText)].join('\n')}\n`;
}

function findingText({ file, line, what, fix }: Finding): string {
	return `${file}:${line}: ${what}\n    ${fix}`;
}

/** The whole report; functions in full where they were named. */
export function reportText(report: Report, inFull: boolean): string {
	const parts: string[] = [];
	if (inFull) parts.push(...report.results.map(functionText));
	const findings = findingsOf(report);
	if (findings.length > 0) parts.push(`${findings.map(findingText).join('\n')}\n`);
	const f = figures(report);
	parts.push(
		[
			`${report.version}: ${f.found} of ${plural(f.found + findings.filter((x) => x.what.includes(' is not in ')).length, 'function')} found: ${f.compared} compared, ${f.otherBody} with another body`,
			`${plural(f.portOnly, 'function')} of the port alone, ${f.otherVersion} of another version`,
			`${plural(f.both, 'event')} in both, ${f.onlyC} only in C, ${f.onlyPort} only in the port; ${plural(f.undeclared, 'undeclared difference')}`,
			`${plural(f.findings, 'finding')}`,
		].join('\n'),
	);
	return `${parts.join('\n')}\n`;
}

/** The report as a document. */
export function reportJson(report: Report): object {
	return {
		version: report.version,
		figures: figures(report),
		functions: report.results.map(({ function: f, kernel, apart, rows, findings }) => ({
			name: f.name,
			file: f.file,
			line: f.line,
			...(kernel && { kernel }),
			...(apart && { not_compared: apart }),
			events: rows.map(({ c, port, entry }) => ({
				event: (c ?? port)!.name,
				in: c && port ? 'both' : c ? 'C' : 'port',
				...(c && { c_line: c.line }),
				...(port && { port_line: port.line }),
				...(entry && { declared: entry.kind, reason: entry.reason }),
			})),
			findings,
		})),
		findings: report.findings,
	};
}
