// SPDX-License-Identifier: GPL-2.0-only
/**
 * npm run crosswalk:edits: makes systematic edits of the compared functions, and prints for each
 * class how many are reported. --suite gives those that are not to the suite: each until a scenario
 * has another verdict.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { random } from '../engine/random.ts';
import { CLASSES } from './edits.ts';
import { loadFacts } from './facts.ts';
import { OUTCOMES, type Outcome, Suite } from './killed.ts';
import { Bench, type Measured } from './measure.ts';
import { loadPins } from './pin.ts';
import { symbolsOf } from './symbols.ts';

const root = path.resolve(fileURLToPath(new URL('../..', import.meta.url)));

function sample(list: readonly Measured[], n: number, seed: number): Measured[] {
	const left = [...list];
	const pick = random(seed);
	const drawn: Measured[] = [];
	while (drawn.length < n && left.length > 0) drawn.push(...left.splice(pick(left.length), 1));
	return drawn;
}

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
		const compared = list.filter((m) => m.findings.some((finding) => !finding.pin)).length;
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

const USAGE = `npm run crosswalk:edits -- [OPTION...] [FUNCTION...]

Makes systematic edits of the compared functions, one at a time, in memory, and
prints for each class how many are reported.

  --all              list all that are not reported
  --sample N         list N of them
  --seed S           drawn with this seed (default: 1)
  --suite            give those that are listed to the scenarios
  --profile P        with the symbols of P (repeat; default: proposed)
  --max-states N     scenarios of at most so many states (default: 5000)
  --max-seconds N    so long for an edit (default: 30)
`;

const OPTIONS = {
	allowPositionals: true,
	options: {
		help: { type: 'boolean', default: false },
		sample: { type: 'string', default: '0' },
		seed: { type: 'string', default: '1' },
		all: { type: 'boolean', default: false },
		suite: { type: 'boolean', default: false },
		profile: { type: 'string', multiple: true },
		'max-states': { type: 'string', default: '5000' },
		'max-seconds': { type: 'string', default: '30' },
	},
} as const;

function options() {
	try {
		return parseArgs(OPTIONS);
	} catch (e) {
		process.stderr.write(`${(e as Error).message}\n\n${USAGE}`);
		process.exit(2);
	}
}

const { values, positionals } = options();
if (values.help) {
	process.stdout.write(USAGE);
	process.exit(0);
}
const bench = new Bench(root, loadFacts(root), (version) => symbolsOf(version), loadPins(root));
const measured: Measured[] = [];
for (const f of bench.functions()) {
	if (positionals.length > 0 && !positionals.includes(f.name)) continue;
	for (const edit of bench.edits(f)) measured.push(bench.measure(f, edit));
}
process.stdout.write(`${table(measured)}\n`);
const missed = measured.filter((m) => m.findings.length === 0);
const listed = values.all ? missed : sample(missed, Number(values.sample), Number(values.seed));
if (!values.suite) for (const m of listed) process.stdout.write(`${told(m)}\n`);
else await giveToSuite();

/** Prints what the suite says of each edit, and figures. */
async function giveToSuite(): Promise<void> {
	const suite = await Suite.open(root, bench, [...new Set(listed.map((m) => m.function))], {
		profiles: values.profile ?? ['proposed'],
		maxStates: Number(values['max-states']),
		maxSeconds: Number(values['max-seconds']),
	});
	process.stdout.write(`${missed.length} not reported; ${suite.size} scenarios\n`);
	const outcomes: Outcome[] = [];
	for (const m of listed) {
		const outcome = await suite.outcome(m);
		outcomes.push(outcome);
		process.stdout.write(`${outcome.what} (${outcome.by}): ${told(m)}\n`);
	}
	const counts = OUTCOMES.map(
		(what) => `${outcomes.filter((o) => o.what === what).length} ${what}`,
	);
	process.stdout.write(`${listed.length} edits: ${counts.join(', ')}\n`);
}
