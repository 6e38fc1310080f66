// SPDX-License-Identifier: GPL-2.0-only
/**
 * npm run crosswalk:edits -- [--sample N] [--seed S] [--all] [FUNCTION...]
 *
 * Makes systematic edits of the compared functions, one at a time, in memory, and prints for each
 * class how many are reported. --sample N lists N of those that are not, drawn with the seed;
 * --all lists all of them.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Finding, NOT_HELD } from './crosswalk.ts';
import { CLASSES } from './edits.ts';
import { loadFacts } from './facts.ts';
import { Bench, type Measured } from './measure.ts';
import { loadPins } from './pin.ts';
import { symbolsOf } from './symbols.ts';

const root = path.resolve(fileURLToPath(new URL('../..', import.meta.url)));

/** Numbers from 0 to 1, the same for the same seed. */
function* random(seed: number): Generator<number> {
	for (let a = seed | 0; ; ) {
		a = (a + 0x6d2b79f5) | 0;
		let t = Math.imul(a ^ (a >>> 15), 1 | a);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		yield ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	}
}

function sample(list: readonly Measured[], n: number, seed: number): Measured[] {
	const left = [...list];
	const numbers = random(seed);
	const drawn: Measured[] = [];
	while (drawn.length < n && left.length > 0)
		drawn.push(...left.splice(Math.floor(numbers.next().value * left.length), 1));
	return drawn;
}

const isPin = ({ what }: Finding): boolean => what.includes(NOT_HELD);

function told({ function: f, edit }: Measured): string {
	const by = edit.by.replace(/\s+/g, ' ');
	return `${f.file}:${edit.line}: ${f.name}(): ${edit.class}: ${by.slice(0, 70)}`;
}

function table(measured: readonly Measured[]): string {
	const row = (name: string, list: readonly Measured[]): string => {
		const share = (n: number) =>
			list.length > 0 ? ` (${((100 * n) / list.length).toFixed(1)}%)` : '';
		const reported = list.filter((m) => m.findings.length > 0).length;
		// a difference from C, and not only a change of what is not held against C
		const compared = list.filter((m) => m.findings.some((x) => !isPin(x))).length;
		return `| ${name} | ${list.length} | ${compared}${share(compared)} | ${reported}${share(reported)} |`;
	};
	const on = measured.filter((m) => !m.edit.symbol);
	const off = measured.filter((m) => m.edit.symbol);
	return [
		'| edit | tried | differs from C | reported |',
		'|---|---|---|---|',
		...CLASSES.map((name) =>
			row(
				name,
				on.filter((m) => m.edit.class === name),
			),
		),
		row('all', on),
		row('under a symbol', off),
	].join('\n');
}

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		sample: { type: 'string', default: '0' },
		seed: { type: 'string', default: '1' },
		all: { type: 'boolean', default: false },
	},
});
const bench = new Bench(root, loadFacts(root), (version) => symbolsOf(version), loadPins(root));
const measured: Measured[] = [];
for (const f of bench.functions()) {
	if (positionals.length > 0 && !positionals.includes(f.name)) continue;
	for (const edit of bench.edits(f)) measured.push(bench.measure(f, edit));
}
process.stdout.write(`${table(measured)}\n`);
const missed = measured.filter((m) => m.findings.length === 0 && !m.edit.symbol);
const listed = values.all ? missed : sample(missed, Number(values.sample), Number(values.seed));
for (const m of listed) process.stdout.write(`${told(m)}\n`);
