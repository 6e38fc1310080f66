// SPDX-License-Identifier: GPL-2.0-only
/**
 * A counterexample in prose: numbered moments, each what one task did before another came in.
 *
 * Interface: storyOf
 */
import { aftermathText } from './columns.ts';
import {
	isKind,
	type Lock,
	type Moment,
	type MomentKind,
	type MomentOf,
	waitIn,
} from './moments.ts';
import { capital, listed } from './prose.ts';
import type { Trace, TraceStep } from './trace.ts';
import { bits } from './wording.ts';

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
		const told = sentenceOf(trace, run);
		if (told) out.push(told);
	}
	const after = aftermathText(trace);
	if (after) out.push(after);
	return out;
}

/** What a task did before another came in, with the property that it broke. */
function sentenceOf(trace: Trace, run: readonly TraceStep[]): string {
	const [first] = run;
	const last = run.at(-1)!;
	const clauses = run.flatMap((s) => clausesOf(trace, s));
	const { broken } = last;
	const breaks = broken && broken.property !== trace.steps[first.step - 2]?.broken?.property;
	// The step of the violation is always told.
	const ends = last === trace.steps.at(-1);
	if (clauses.length === 0 && !breaks && !ends) return '';
	const when =
		first.step === last.step ? `step ${last.step}` : `steps ${first.step} to ${last.step}`;
	const done = clauses.length > 0 ? listed(clauses) : 'takes a step';
	const told = `${whoOf(first)}${done} (${when}).`;
	const text = first.of === 'fate' ? capital(told) : told;
	return breaks ? `${text} Now ${broken.property} does not hold: ${broken.message}.` : text;
}

function whoOf({ of, task, node }: TraceStep): string {
	if (of === 'fate') return '';
	return of === 'lock manager' ? 'The lock manager ' : `${task} on node ${node} `;
}

function runsOf({ steps, cycleFrom }: Trace): TraceStep[][] {
	const runs: TraceStep[][] = [];
	for (const s of steps) {
		const now = s.step - 1 === cycleFrom ? undefined : runs.at(-1);
		const same = now && (now[0].task === s.task || (s.of === 'disk' && now[0].node === s.node));
		if (now && same) now.push(s);
		else runs.push([s]);
	}
	return runs;
}

/** How the story tells a kind; undefined: not at all. */
type Clause<K extends MomentKind> = (m: MomentOf<K>, n: Named) => string | undefined;
interface Named {
	/** the statement of the program */
	source: string;
	page(m: { file?: number; index?: number; word?: number }): string;
	file(file: number): string;
	lock(lock: Lock): string;
	clusterLock(lock: Lock): string;
}
const silent = (): undefined => undefined;

const CLAUSES: { [K in MomentKind]: Clause<K> } = {
	fault: (m, n) => {
		const why = n.source || (m.store ? 'a store' : 'a load');
		return `faults on ${n.page(m)}${m.kernel ? ` in ${callOf(m)}` : ''} (${why})`;
	},
	load: (m, n) => `loads ${m.value} from ${n.page(m)}, in ${m.frame}`,
	store: (m, n) => `stores ${m.value} to ${n.page(m)}, in ${m.frame}`,
	'get-user': (m, n) => `copies ${m.value} from ${n.page(m)}, in ${m.frame}`,
	'put-user': (m, n) => `copies ${m.value} to ${n.page(m)}, in ${m.frame}`,
	'copy-failed': () => 'ends the copy at what cannot be accessed',
	read: (m, n) => `reads ${m.value} from ${n.page(m)}, in ${m.frame}`,
	write: (m, n) => `writes ${m.value} to ${n.page(m)}, in ${m.frame}`,
	poke: (m, n) => `writes ${m.value} to ${n.page(m)}, in ${m.frame}, of another process`,
	latest: silent,
	looked: silent,
	syscall: (m) => `calls ${m.call}()`,
	'syscall-done': (m) => `returns ${m.result} from ${m.call}()`,
	fork: (m) => `forks ${m.program}`,
	'signal-sent': (m) => `sends ${m.signal} to ${m.program}`,
	signal: (m) => `gets ${m.signal}`,

	nopage: (m, n) => (m.frame ? undefined : `finds no page ${n.page(m)}`),
	mkwrite: (m, n) => (m.allowed ? undefined : `is refused the store to ${n.page(m)}`),
	populate: silent,
	'fault-retried': (m) => `sees that the file was unmapped meanwhile, and releases ${m.frame}`,
	'size-early': (m, n) => `loads the size of ${n.file(m.file)}, ${m.bytes}, too early`,
	private: (m) => `makes a private copy of ${m.copied} in ${m.frame}`,
	pte: (m, n) => `installs a pte of ${n.page(m)} that maps ${m.frame} (${bits(m)})`,
	unmapped: (m, n) => `takes out the pte of ${n.page(m)} in ${m.process}`,
	wrprotect: (m, n) => `write-protects the pte of ${n.page(m)} in ${m.process}`,
	'pte-dirty': silent,
	'pte-clean': (m, n) => `makes the pte of ${n.page(m)} clean`,
	unmap: (m, n) =>
		`begins to take out the ptes of ${n.file(m.file)}${m.truncate ? ', from its new end on' : ''}`,
	'unmap-end': (m) => (m.count === 0 ? 'finds none' : undefined),
	protect: (m, n) => `begins to write-protect the ptes of ${n.file(m.file)}`,
	'protect-end': (m) => (m.count === 0 ? 'finds none' : undefined),
	cached: silent,
	dropped: (m, n) => `drops ${m.frame} (${n.page(m)}) from the page cache`,
	'page-dirty': (m, n) => `makes ${m.frame} (${n.page(m)}) dirty`,
	'store-lost': (m, n) => `loses what was stored in ${m.frame}, which is no longer ${n.page(m)}`,
	cut: silent,
	size: (m, n) => `sets i_size of ${n.file(m.file)} to ${m.bytes} bytes (it was ${m.was})`,

	anonymous: (m) => `gets ${m.frame}, which is new memory`,
	'swap-out': (m, n) => `takes out the pte of ${n.page(m)}, since memory is short`,
	'swap-in': (m) => `has ${m.frame} back from the swap area`,
	'reclaim-write': (m, n) => `writes ${m.frame} (${n.page(m)}) out, since memory is short`,
	'reclaim-free': (m, n) => `frees ${m.frame} (${n.page(m)}), since memory is short`,
	'no-memory': (m) => `gets no memory in ${m.function}`,

	writeout: (m, n) => `hands ${m.frame} (${n.page(m)}) to the disk`,
	'disk-read': (m, n) => `has ${n.page(m)} read from the disk (${m.value})`,
	'disk-write': (m, n) => `has ${n.page(m)} written (the disk has ${m.value} now)`,
	'disk-error': (m, n) => `has an error ${m.store ? 'writing' : 'reading'} ${n.page(m)}`,
	'late-write': (m, n) =>
		`a write of node ${m.other}, which is dead, reaches the disk late: ${n.page(m)} is ${m.value}`,
	'swap-write': (m) => `has ${m.frame} written to slot ${m.slot} of the swap area`,
	'swap-read': (m) => `has ${m.frame} read from slot ${m.slot} of the swap area`,
	'inode-logged': (m, n) => `logs that ${n.file(m.file)} has ${m.bytes} bytes`,
	'inode-written': (m, n) => `writes to the disk that ${n.file(m.file)} has ${m.bytes} bytes`,
	'block-given': (m, n) => `gives block ${m.block} to ${n.file(m.file)}`,
	'block-freed': (m, n) => `takes block ${m.block} back from ${n.file(m.file)}`,
	'no-space': (m, n) => `finds no block for ${n.file(m.file)}`,
	link: (m, n) => `puts ${n.file(m.index)} into the directory ${n.file(m.file)}`,

	lock: silent,
	locked: silent,
	waited: silent,
	unlocked: silent,
	passed: silent,

	'glock-wait': silent,
	interrupted: (m, n) => `stops waiting for ${n.lock(m.lock)}, since it got a signal`,
	holds: silent,
	'lets-go': (m, n) => `releases the glock of ${n.clusterLock(m.lock)}`,
	state: (m, n) => `notes that ${n.lock(m.lock)} is ${m.state} here`,
	called: (m, n) => `is told to go down to ${m.to} on ${n.clusterLock(m.lock)}`,
	idle: (m, n) =>
		m.manager
			? `gives up ${n.lock(m.lock)}, since the lock manager is short of memory`
			: `gives up ${n.lock(m.lock)}, which is idle`,
	'blocked-faults': () => 'begins the revoke (new faults wait)',
	greedy: (m, n) => `keeps ${n.lock(m.lock)} for a time`,
	'greedy-end': (m, n) => `keeps ${n.lock(m.lock)} no longer`,
	sync: silent,
	'sync-end': silent,
	pinned: (m, n) => `waits for transfers that use pages of ${n.file(m.file)}`,
	ask: (m, n) => `asks for ${n.lock(m.lock)}, ${m.state}`,
	upgrade: (m, n) => `asks to upgrade ${n.lock(m.lock)}`,
	unlock: (m, n) => `gives up ${n.lock(m.lock)}, down to ${m.to}`,
	cancel: (m, n) => `takes back its request for ${n.lock(m.lock)}`,
	granted: (m, n) => `grants ${n.clusterLock(m.lock)} to node ${m.other}, ${m.state}`,
	denied: (m) => `denies node ${m.other} the upgrade`,
	taken: (m, n) => `takes ${n.clusterLock(m.lock)} away from node ${m.other}, which converts`,
	droplocks: (m) => `tells node ${m.other} to give up idle locks`,
	keeps: silent,
	waits: silent,
	calls: (m, n) => `tells node ${m.other} to go down to ${m.to} on ${n.clusterLock(m.lock)}`,

	death: (m) => `node ${m.other} dies`,
	fenced: (m) => `node ${m.other} is fenced off the disk`,
	lost: (m) => `the cluster learns that node ${m.other} is dead`,
	'recovery-wanted': (m) => `is told to replay the journal of node ${m.other}`,
	recovery: (m) => `begins to replay the journal of node ${m.other}`,
	'journal-clean': (m) => `has emptied the journal of node ${m.other}`,
	'recovery-done': (m) =>
		`reports to the lock manager on the journal of node ${m.other} (${m.outcome})`,
};

const callOf = (m: Moment): string => (m.within ? `${m.within}()` : 'a copy');

function namesOf(trace: Trace, step: TraceStep): Named {
	const clusterLock = (lock: Lock) => trace.locks[lock.number].name;
	return {
		source: step.source?.text ?? '',
		page: ({ file = -1, index = 0, word = 0 }) => {
			const page = file < 0 ? 'private memory' : trace.files[file].pages[index];
			return word > 0 ? `int ${word} of ${page}` : page;
		},
		file: (file) => trace.files[file].name,
		clusterLock,
		lock: (lock) => `the lock on ${clusterLock(lock)}`,
	};
}

function clausesOf(trace: Trace, step: TraceStep): string[] {
	const named = namesOf(trace, step);
	const says = (m: Moment) => {
		if (m.kind === 'state' && step.moments.some((x) => x.kind === 'unlock')) return undefined;
		return (CLAUSES[m.kind] as Clause<MomentKind>)(m as never, named);
	};
	const first = (m: Moment) => (m.kind === 'blocked-faults' ? 0 : 1);
	const ordered = [...step.moments].sort((a, b) => first(a) - first(b));
	const clauses = ordered.map(says).filter((c): c is string => c !== undefined);
	const wait = waitIn(step.moments, step.blocked);
	const asks = step.moments.some(isKind('ask', 'upgrade'));
	if (wait?.kind === 'lock') clauses.push(`waits for ${wait.name}`);
	else if (wait && !asks) clauses.push(`waits for ${named.lock(wait.lock)}, ${wait.state}`);
	return [...new Set(clauses)];
}
