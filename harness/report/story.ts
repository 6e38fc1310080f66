// SPDX-License-Identifier: GPL-2.0-only
/**
 * A counterexample in prose: numbered moments, each what one task did before another came in.
 *
 * Interface: storyOf
 */
import { aftermathText } from './columns.ts';
import type { Moment, MomentKind } from './moments.ts';
import { listed } from './prose.ts';
import type { Trace, TraceStep } from './trace.ts';

/** A sentence for each run of steps of one task that did something worth telling. */
export function storyOf(trace: Trace): string[] {
	const out: string[] = [];
	const { cycleFrom } = trace;
	let endless = cycleFrom === undefined;
	for (const run of runsOf(trace)) {
		const [first] = run;
		if (!endless && first.step > (cycleFrom ?? 0)) {
			out.push('From here for ever:');
			endless = true;
		}
		const clauses = run.flatMap((s) => clausesOf(trace, s));
		if (clauses.length === 0) continue;
		const where = first.node < 0 ? 'The lock manager' : `${first.task} on node ${first.node}`;
		const last = run.at(-1)!.step;
		const when = first.step === last ? `step ${last}` : `steps ${first.step} to ${last}`;
		out.push(`${where} ${listed(clauses)} (${when}).`);
		const broken = run.at(-1)!.broken;
		const already = trace.steps[first.step - 2]?.broken;
		if (broken && broken.property !== already?.property)
			out[out.length - 1] += ` Now ${broken.property} does not hold: ${broken.message}.`;
	}
	const after = aftermathText(trace);
	if (after) out.push(after);
	return out;
}

function runsOf({ steps, cycleFrom }: Trace): TraceStep[][] {
	const runs: TraceStep[][] = [];
	for (const s of steps) {
		const now = s.step - 1 === cycleFrom ? undefined : runs.at(-1);
		const same =
			now && (now[0].task === s.task || (s.task.startsWith('disk') && now[0].node === s.node));
		if (now && same) now.push(s);
		else runs.push([s]);
	}
	return runs;
}

type Teller = (m: Moment, text: string, what: string) => string | undefined;

const CLAUSES: Partial<Record<MomentKind, Teller>> = {
	fault: (_, text) => `faults (${text.replace(/^fault on \w+(\[\d+\])?:? ?/, '') || text})`,
	ask: (_, text) => {
		const m = /^lm_(lock|upgrade): (\S+), (?:request )?(.*)$/.exec(text);
		return m?.[1] === 'upgrade'
			? `asks to upgrade the lock on ${m[2]}`
			: `asks for the lock on ${m?.[2]}, ${m?.[3]}`;
	},
	granted: (_, text) => text.replace(/^lm: (\S+) granted to/, 'grants $1 to'),
	denied: (_, text) => text.replace(/^lm: upgrade of (node \d+) denied/, 'denies $1 the upgrade'),
	request: (_, text) => {
		const calls = /^lm: calls (node \d+): (\S+) down to (\w+)/.exec(text);
		return calls ? `tells ${calls[1]} to go down to ${calls[3]} on ${calls[2]}` : undefined;
	},
	state: (_, text) => text.replace(/^glock: (\S+) is (\w+) here/, 'notes that $1 is $2 here'),
	called: (_, text) =>
		text.replace(
			/^handle_callback: (\S+), go down to (\w+)/,
			'hears that it must go down to $2 on $1',
		),
	'blocked-faults': () => 'begins the revoke (new faults wait)',
	unmap: (_, text) => text.replace(/^ogfs_inval_pte: /, 'goes to take the ptes of ') + ' out',
	protect: (_, text) => text.replace(/^ogfs_wrprotect_pte: /, 'goes to write-protect the ptes of '),
	'nothing-unmapped': () => 'finds none',
	unmapped: (m, _, what) => `takes the pte of ${what} in ${m.process} out`,
	wrprotect: (m, _, what) => `write-protects the pte of ${what} in ${m.process}`,
	'page-dirty': (m, _, what) => `makes ${m.frame} (${what}) dirty`,
	'pte-clean': (_, __, what) => `makes the pte of ${what} clean`,
	pte: (_, text) =>
		text.replace(/^pte of (\S+) in \S+: (.*) -> (.*)$/, 'installs a pte of $1 that maps $3 ($2)'),
	private: (_, text) =>
		text.replace(
			/^break_cow: (\S+) is a private copy of (\S+)$/,
			'copies $2 to $1, for itself alone',
		),
	store: (m, _, what) => `stores ${m.value} to ${what}, in ${m.frame}`,
	load: (m, _, what) => `loads ${m.value} from ${what}, in ${m.frame}`,
	writeout: (m) => `hands ${m.frame} to the disk`,
	'disk-read': (m) => `has the page read from the disk (${m.value})`,
	'disk-write': (m) => `has the page written (the disk has ${m.value} now)`,
	unlock: (_, text) =>
		text.replace(/^lm_unlock: (\S+), down to/, 'gives the lock on $1 up, down to'),
	dropped: (m, _, what) => `drops ${m.frame} (${what}) from the page cache`,
	'lets-go': (_, text) =>
		/lets the glock/.test(text) ? text.replace(/^\S+ lets/, 'lets') : undefined,
};

function clausesOf(trace: Trace, step: TraceStep): string[] {
	const says = (m: Moment) => {
		if (m.kind === 'state' && step.moments.some((x) => x.kind === 'unlock')) return undefined;
		const what =
			m.file === undefined || m.file < 0
				? 'the page'
				: (trace.files[m.file]?.pages[m.index ?? 0] ?? 'the page');
		return CLAUSES[m.kind]?.(m, m.text, what);
	};
	const first = (m: Moment) => (m.kind === 'blocked-faults' ? 0 : 1);
	const ordered = [...step.moments].sort((a, b) => first(a) - first(b));
	return [...new Set(ordered.map(says).filter((c): c is string => c !== undefined))];
}
