// SPDX-License-Identifier: GPL-2.0-only
/**
 * For tests: are the claims of a conclusion so? Found out a second time, and by another way than
 * harness/report goes: the compiled machine takes the steps of the schedule again, and words of its
 * image are looked at by their paths. Nothing here may import from harness/report, and no snapshot,
 * moment or text of it is used: claims come as the JSON that `vfshook check --json` prints.
 */
import { BLOCKED, IDLE } from '../engine/machine.ts';
import { ERRNO_NAMES, SIGNAL_NAMES } from '../litmus/constants.ts';
import { finalReader } from '../litmus/final.ts';
import { locationName, holds as propositionHolds } from '../litmus/observe.ts';
import { finalPage } from '../world/observe.ts';
import {
	type Acting,
	type At,
	acts,
	type ClaimData,
	calledFile,
	entries,
	entry,
	flag,
	frameOf,
	framePath,
	glock,
	holders,
	inside,
	instruction,
	isDisk,
	isPage,
	latest,
	mappedIn,
	mappedPage,
	namesPage,
	onDisk,
	own,
	processOf,
	queue,
	type Rerun,
	type Said,
	SYSTEM_CALL,
	state,
	statusIs,
	type Told,
	waiters,
	wants,
} from './rerun.fixture.ts';

/** The claims that are not so, each with why. */
export function faultsIn(run: Rerun): string[] {
	const { told } = run;
	const faults = told.claims
		.filter((c) => !holds(run, c))
		.map((c) => `${c.kind}: not so: ${JSON.stringify(c)}`);
	return [...faults, ...oddities(told)];
}

/** The properties that the last step of a schedule, or the state after it, breaks. */
export function leadsTo(run: Rerun): string[] {
	const { violation, aborted } = run.taken[run.end - 1] ?? {};
	const found = violation ? [violation.property] : [];
	const end = aborted ? undefined : endOf(run);
	return end ? [...found, end] : found;
}

/**
 * Does the last step take a lock in the order that closes this circle? A circle is made of several
 * runs (`mmap_sem -> glock -> mmap_sem`), and the schedule shows the last of its orders.
 */
export function closes(run: Rerun, circle: readonly string[]): boolean {
	const [held, taken] = circle.slice(-2).map((name) => run.constant(`LOCK_${name}`));
	const { task } = run.taken[run.end - 1];
	const [before, after] = [run.end - 1, run.end].map(
		(step) => run.read(step, `held_locks[${task}]`) ?? 0,
	);
	if (held === taken) {
		// a second one of the class: the task has come to where it waits for it
		const [old, now] = [run.end - 1, run.end].map((step) => run.images[step].stacks[task].at(-1));
		return (before & after & held) !== 0 && now !== old;
	}
	return (after & held) !== 0 && (before & taken) === 0 && (after & taken) !== 0;
}

/** What is wrong with a state from which nothing goes on, or nothing comes to an end. */
function endOf(run: Rerun): string | undefined {
	const { machine, program, told } = run;
	run.read(run.end, 'world.booted');
	const ended = program.processes.every((_, p) => run.read(run.end, `user_procs[${p}].ended`));
	if (told.cycleFrom !== undefined) return 'STARVE';
	if (ended) return conditionFails(run) ? 'COND' : undefined;
	return machine.tasks.every((_, t) => machine.ready(t) <= 0) ? 'I9' : 'I10';
}

/** The final state contradicts the condition of the test. */
function conditionFails(run: Rerun): boolean {
	const { test, observed } = run.program;
	const values = finalReader(run.machine, run.program, finalPage)();
	const byName = new Map(observed.map((o, i) => [o.name, values[i]]));
	const truth = propositionHolds(
		test,
		test.condition,
		(l) => byName.get(locationName(test, l)) ?? 0,
	);
	return test.quantifier === 'forall' ? !truth : truth;
}

/** What no sentence may have, whatever it is about. */
export function oddities({ conclusion, claims, schedule }: Told): string[] {
	const out: string[] = [];
	const bad = ['undefined', 'step 0', 'node -1', 'NaN', 'page#undefined'];
	for (const word of bad) if (conclusion.includes(word)) out.push(`the sentence has "${word}"`);
	const numbers = new Set(claims.flatMap((c) => [c.step, c.from, c.to]));
	const said = conclusion.split(/\bsteps? /).slice(1);
	for (const part of said)
		for (const digits of /^(\d+)(?: to (\d+))?/.exec(part)?.slice(1) ?? []) {
			const n = Number(digits ?? schedule.length);
			if (n < 1 || n > schedule.length) out.push(`there is no step ${n}`);
			if (digits && !numbers.has(n)) out.push(`no claim is about step ${n}`);
		}
	return out;
}

export function holds(run: Rerun, claim: ClaimData): boolean {
	const check = CHECKS[claim.kind];
	if (!check) throw new Error(`a claim of a kind that is not known here: ${claim.kind}`);
	const { step } = claim;
	if (typeof step === 'number' && claim.kind !== 'holds' && (step < 1 || step > run.end))
		return false;
	// biome-ignore lint/suspicious/noExplicitAny: JSON, whose fields each check looks at
	return check(run, claim as any);
}

// ---- the checks --------------------------------------------------------------------------------

// biome-ignore lint/suspicious/noExplicitAny: JSON, whose fields each check looks at
type Check = (run: Rerun, c: any) => boolean;

const CHECKS: Record<string, Check> = {
	stored: (run, c) => {
		const at = (args: Readonly<Record<string, unknown>>) =>
			args.file === c.at.file && args.index === c.at.index && args.word === c.at.word;
		const said = run.taken[c.step - 1]?.events.some(
			({ event, args }) => event === 'latest' && at(args) && args.value === c.value,
		);
		const changed = latest(run, c.step - 1, c.at) !== c.value;
		const call = inside(run, c.step - 1, c.task, SYSTEM_CALL);
		return (
			acts(run, c) &&
			latest(run, c.step, c.at) === c.value &&
			(changed || said === true) &&
			c.call === (call || (said === true && inside(run, c.step, c.task, SYSTEM_CALL)))
		);
	},
	became: (run, c) =>
		acts(run, c) &&
		latest(run, c.step, c.at) === c.value &&
		latest(run, c.step - 1, c.at) !== c.value,
	saw: (run, c) => acts(run, c) && latest(run, c.step, c.at) === c.latest && sees(run, c),
	behind: (run, c) => {
		if (!acts(run, c) || run.read(c.step, `coherence.size[${c.at.file}]`) !== c.size) return false;
		const [op] = instruction(run, c.step, processOf(run, c.task));
		return op === run.constant(c.store ? 'OP_STORE' : 'OP_LOAD') && c.at.index * 4096 >= c.size;
	},
	lost: (run, c) => {
		const f = frameOf(run, c.step, c.node, c.frame);
		if (!acts(run, c) || !f.used || f.data(c.at.word) !== c.value) return false;
		const [op] = instruction(run, c.step, processOf(run, c.task));
		const call = inside(run, c.step - 1, c.task, SYSTEM_CALL);
		if (op !== run.constant('OP_STORE') && !call) return false;
		return c.private ? f.file < 0 : isPage(f, c.at) && !f.cached;
	},
	filled: (run, c) => {
		const now = frameOf(run, c.step, c.node, c.frame);
		const old = frameOf(run, c.step - 1, c.node, c.frame);
		if (!acts(run, c) || !isPage(now, c.at) || now.data(c.at.word) !== c.value) return false;
		const was = isPage(old, c.at) && old.data(c.at.word) === c.value;
		if (was && old.uptodate === now.uptodate) return false;
		return c.by === 'task' || (isDisk(run, c.step) && onDisk(run, c.step, c.at) === c.value);
	},
	cached: (run, c) =>
		inRange(run, c) &&
		run.steps(c.from, c.to).every((n) => {
			const f = frameOf(run, n, c.node, c.frame);
			return isPage(f, c.at) && f.cached && f.data(c.at.word) === c.value;
		}),
	written: (run, c) =>
		acts(run, c) &&
		onDisk(run, c.step, c.at) === c.value &&
		onDisk(run, c.step - 1, c.at) !== c.value,
	late: (run, c) =>
		run.actor(c.step)?.node === -1 &&
		!statusIs(run, c.step, c.node, 'ALIVE') &&
		onDisk(run, c.step, c.at) === c.value &&
		onDisk(run, c.step - 1, c.at) !== c.value,
	disk: (run, c) => onDisk(run, c.step, c.at) === c.value,
	unwritten: (run, c) =>
		inRange(run, c) &&
		latest(run, c.from, c.at) === c.value &&
		run.steps(c.from, c.to).every((n) => onDisk(run, n, c.at) !== c.value),
	full: (run, c) =>
		acts(run, c) &&
		run.taken[c.step - 1].events.some((e) => e.event === 'no_space' && e.args.file === c.file),
	block: (run, c) => {
		const has = (n: number) =>
			((run.read(n, `ogfs_dinodes[${c.file}].di_blocks`) ?? 0) & (1 << c.index)) !== 0 &&
			run.read(n, `ogfs_dinodes[${c.file}].di_map[${c.index}]`) === c.block;
		// What was so before the first step is so since that.
		const before = c.since > 1 && has(c.since - 1);
		return c.since >= 1 && c.since <= c.step && has(c.since) && has(c.step) && !before;
	},
	refused: (run, c) => {
		const count = (n: number) =>
			(run.read(n, 'disk.read_errors') ?? 0) + (run.read(n, 'disk.write_errors') ?? 0);
		return acts(run, c) && count(c.step) > count(c.step - 1);
	},

	installed: (run, c) => {
		const now = acts(run, c) ? entry(run, c.step, c) : undefined;
		if (!now || !namesPage(run, c.step, c)) return false;
		const old = entries(run, c.step - 1, c, false)[now.v];
		return old.frame !== now.frame || (!old.write && now.write);
	},
	mapped: (run, c) =>
		['pte', 'tlb'].includes(c.of) &&
		entry(run, c.step, c, c.of === 'tlb') !== undefined &&
		namesPage(run, c.step, c),
	unmapped: (run, c) => {
		const old = acts(run, c) ? entry(run, c.step - 1, c) : undefined;
		if (!old || !namesPage(run, c.step - 1, c)) return false;
		const copy = frameOf(run, c.step - 1, c.node, c.frame).file < 0;
		const [process] = c.process.split(',');
		const of = mappedPage(run, mappedIn(run, c, old), process, old.v);
		if (copy && (of?.file !== c.file || of?.index !== c.index)) return false;
		return entries(run, c.step, c, false)[old.v].frame === undefined;
	},
	cleaned: (run, c) => {
		const old = acts(run, c) ? entry(run, c.step - 1, { ...c, dirty: true }) : undefined;
		if (!old || !namesPage(run, c.step, c)) return false;
		const now = entries(run, c.step, c, false)[old.v];
		return c.dirty === false && now.frame === old.frame && !now.dirty;
	},
	spared: (run, c) => {
		if (!inRange(run, c)) return false;
		const owners = run.program.processes.filter((p) => p.node === c.node).map((p) => p.owner);
		const there = owners.some((owner) =>
			run
				.steps(0, run.constant('NR_VPAGES') - 1)
				.some((v) => mapsFile(run, c.to, run.program.processes[owner].name, v, c)),
		);
		if (!there) return false;
		return [...new Set(owners)].every((owner) =>
			run.steps(c.from, c.to).every((n) => {
				const of = { ...c, protect: false };
				return taken(run, n, of, run.program.processes[owner].name) === 0;
			}),
		);
	},
	dirtied: (run, c) => {
		const now = frameOf(run, c.step, c.node, c.frame);
		if (!acts(run, c) || !isPage(now, c) || !now.dirty || now.data(0) !== c.value) return false;
		const old = frameOf(run, c.step - 1, c.node, c.frame);
		return !(isPage(old, c) && old.dirty);
	},
	copied: (run, c) => {
		if (!acts(run, c) || frameOf(run, c.step, c.node, c.frame).file >= 0) return false;
		return run.program.processes.some((p) => {
			if (p.node !== c.node) return false;
			const of = { ...c, process: p.name, file: -1, index: 0, write: false, dirty: false };
			const old = entries(run, c.step - 1, of, false);
			const now = entries(run, c.step, of, false);
			return now.some(
				(e, v) =>
					e.frame === framePath(c.node, c.frame) && old[v].frame === framePath(c.node, c.original),
			);
		});
	},
	dropped: (run, c) => {
		const old = frameOf(run, c.step - 1, c.node, c.frame);
		const now = frameOf(run, c.step, c.node, c.frame);
		const left = isPage(old, c) && old.cached && !(isPage(now, c) && now.cached);
		return acts(run, c) && left && old.dirty === c.dirty && old.data(0) === c.value;
	},

	returned: (run, c) =>
		acts(run, c) &&
		run.taken[c.step - 1].events.some(
			({ event, args }) =>
				`->${event === 'mkwrite' ? 'page_mkwrite' : event}` === c.hook &&
				args.page === framePath(c.node, c.frame),
		),
	during: (run, c) => {
		if (!acts(run, c)) return false;
		let call: unknown;
		for (const n of own(run, { task: c.task, from: 1, to: c.step }))
			for (const { event, args } of run.taken[n - 1].events) {
				if (event === 'syscall') call = args.call;
				if (event === 'syscall_done' && n < c.step) call = undefined;
			}
		return call === c.call;
	},
	wroteOut: (run, c) => {
		const ends = (n: number, event: string) =>
			run.actor(n)?.task === c.task && run.taken[n - 1].events.some((e) => e.event === event);
		const [first] = run.taken[c.from - 1]?.events.filter((e) => e.event === 'sync') ?? [];
		return (
			run.actor(c.to)?.node === c.node &&
			ends(c.from, 'sync') &&
			ends(c.to, 'sync_done') &&
			first?.args.file === c.file
		);
	},
	walked: (run, c) => {
		const steps = own(run, c);
		if (steps[0] !== c.from || steps.at(-1) !== c.to) return false;
		if (run.actor(c.from)?.node !== c.node) return false;
		if (!c.wanted.every((n: number) => wants(run, c.to, n, c.file))) return false;
		const protects = (e: Said) => e.event === 'protect' || e.event === 'protect_done';
		if (steps.some((n) => run.taken[n - 1].events.some(protects)) !== c.protect) return false;
		let found = 0;
		const owners = new Set(
			run.program.processes.filter((p) => p.node === c.node).map((p) => p.owner),
		);
		for (const owner of owners)
			for (const n of steps) found += taken(run, n, c, run.program.processes[owner].name);
		return found === c.found;
	},

	called: (run, c) => {
		const demoted = (n: number) =>
			flag(run, n, c.node, c.file, 'GLF_DEMOTE') &&
			run.read(n, `${glock(c.node, c.file)}.gl_demote_state`) ===
				run.machine.constants[`LM_ST_${c.state}`];
		return demoted(c.step) && !demoted(c.step - 1);
	},
	wanted: (run, c) =>
		c.nodes.length > 0 && c.nodes.every((n: number) => wants(run, c.step, n, c.file)),
	blocked: (run, c) =>
		flag(run, c.step, c.node, c.file, 'GLF_LOCK') &&
		!flag(run, c.step - 1, c.node, c.file, 'GLF_LOCK'),
	unlocked: (run, c) => {
		if (run.actor(c.step)?.node !== c.node) return false;
		const old = state(run, c.step - 1, c.node, c.file);
		if (state(run, c.step, c.node, c.file) === c.state && old !== c.state) return true;
		// Asked for, and had later.
		const next = run
			.steps(c.step, run.end)
			.map((n) => state(run, n, c.node, c.file))
			.find((s) => s !== old);
		const busy = flag(run, c.step, c.node, c.file, 'GLF_LOCK');
		return busy && old !== c.state && (next === undefined || next === c.state);
	},
	has: (run, c) => state(run, c.step, c.node, c.file) === c.state,
	took: (run, c) => {
		const node = run.program.processes[processOf(run, c.task)]?.node;
		const has = (n: number) => holders(run, n, c.node, c.file).includes(c.task);
		return node === c.node && has(c.step) && !has(c.step - 1);
	},
	withdrew: (run, c) =>
		acts(run, c) &&
		run.taken[c.step - 1].events.some(
			(e) => e.event === 'glock_interrupted' && e.args.lock === c.file,
		),
	overtaken: (run, c) => {
		const count = (n: number) => run.read(n, `overtakings[${processOf(run, c.process)}].count`);
		return acts(run, c) && count(c.step) === c.count && count(c.step - 1) === c.count - 1;
	},

	died: (run, c) =>
		statusIs(run, c.step, c.node, 'DEAD') && statusIs(run, c.step - 1, c.node, 'ALIVE'),

	result: (run, c) => {
		const p = processOf(run, c.process);
		if (c.text !== textOf(c.name, c.value)) return false;
		return paths(run, p, c.name).some(
			(path) => run.read(c.step, path) === c.value && run.read(c.step - 1, path) !== c.value,
		);
	},
	final: (run, c) => {
		const place = run.program.observed.find((o) => o.name === c.name)?.place;
		if (!place) return false;
		run.read(run.end, 'world.booted');
		if (place.kind === 'page')
			return (
				finalPage(run.machine, place.file, place.page, place.word) === c.value &&
				c.text === String(c.value)
			);
		const field = place.kind === 'register' ? `regs[${place.register}]` : place.kind;
		const value = run.read(run.end, `user_procs[${place.process}].${field}`);
		return value === c.value && c.text === textOf(c.name.split(':')[1], c.value);
	},
	resized: (run, c) => {
		const size = (n: number) => run.read(n, `coherence.size[${c.file}]`);
		return acts(run, c) && size(c.step) === c.size && size(c.step - 1) !== c.size;
	},
	length: (run, c) =>
		run.read(c.step, `nodes[${c.node}].inodes[${c.file}].i_size`) === c.size &&
		run.read(c.step, `ogfs_dinodes[${c.file}].di_size`) === c.disk,
	sizes: (run, c) => {
		const path =
			c.node === 'disk'
				? `ogfs_dinodes[${c.file}].di_size`
				: `nodes[${c.node}].inodes[${c.file}].i_size`;
		return (
			run.read(c.step, `coherence.size[${c.file}]`) === c.users && run.read(c.step, path) === c.size
		);
	},

	waits: (run, c) => {
		const t = run.machine.tasks.findIndex((_, i) => run.name(i) === c.task);
		if (t < 0 || run.machine.tasks[t].node !== c.node || !inside(run, run.end, c.task, c.function))
			return false;
		run.read(run.end, 'world.booted');
		const ready = run.machine.ready(t);
		if (ready !== BLOCKED && ready !== IDLE) return false;
		if (c.path === undefined) return c.glock === undefined ? c.lock === '' : waitsFor(run, c);
		const top = run.machine.stack(t).at(-1);
		return top?.locals.some((l) => l.value > 0 && run.machine.nameOf(l.value) === c.path) === true;
	},
	holds: (run, c) => {
		const held = run.steps(c.step, run.end).every((n) => isTaken(run, n, c.path));
		if (!held) return false;
		if (c.step === 0) return c.function === '';
		if (run.actor(c.step)?.task !== c.task) return false;
		return c.function === '' || tookIn(run, c);
	},
	grip: (run, c) => {
		const files = run.constant('NR_FILES');
		const sb = `ogfs_sbs[${c.node}]`;
		const gl = c.lock < files ? glock(c.node, c.lock) : `${sb}.sd_glocks[${c.lock - files}]`;
		const there = queue(run, run.end, `${gl}.gl_holders`);
		const held = run.read(run.end, `lm_locks[${c.lock}].held[${c.node}]`);
		const wanted = run.machine.constants[`LM_ST_${c.state}`];
		const known = held === wanted || run.read(run.end, `${gl}.gl_state`) === wanted;
		return known && c.tasks.every((t: string) => there.includes(t));
	},

	broken: (run, c) => {
		const { violation, aborted } = run.taken[c.step - 1] ?? {};
		if (!acts(run, c)) return false;
		const name = aborted ? violation?.trap.function : undefined;
		if (c.function !== undefined && c.function !== name) return false;
		if (!aborted && c.step === run.end && OF_SEARCH.includes(c.property)) return true;
		if (violation) return violation.property === c.property && violation.message === c.message;
		return false;
	},
	cycle: (run, c) => {
		if (c.from !== (run.told.cycleFrom ?? -1) + 1 || c.to !== run.end) return false;
		const [a, b] = [run.images[c.from - 1].mem, run.images[c.to].mem];
		const starving = c.starving.map((name: string) => processOf(run, name));
		return (
			a.every((value, i) => value === b[i]) &&
			starving.length > 0 &&
			starving.every((p: number) => run.read(run.end, `user_procs[${p}].ended`) === 0)
		);
	},
	endless: (run, c) =>
		c.step === run.end &&
		run.program.processes.some((_, p) => run.read(run.end, `user_procs[${p}].ended`) === 0),
	later: (run, c) => {
		const last = run.taken.at(-1);
		const step = run.taken.length;
		if (c.steps !== run.told.later.length || last?.violation?.property !== 'DATA') return false;
		if (!acts(run, { ...c, step })) return false;
		if (c.access === 'store')
			return run
				.steps(0, run.constant('NR_FRAMES') - 1)
				.map((i) => frameOf(run, step, c.node, `page#${i}`))
				.some(
					(f) =>
						f.data(c.at.word) === c.value &&
						(c.private ? f.file < 0 : f.used && isPage(f, c.at) && !f.cached),
				);
		return (
			latest(run, step, c.at) === c.latest && sees(run, { ...c, step, call: c.access === 'read' })
		);
	},
};

/** Properties that no single step breaks. */
const OF_SEARCH = ['I9', 'I10', 'COND', 'STARVE', 'LOCKDEP'];

const inRange = (run: Rerun, { from, to }: { from: number; to: number }): boolean =>
	from >= 1 && from <= to && to <= run.end;

/** The value that a task has got in a step, and where it must have come from. */
function sees(
	run: Rerun,
	c: Acting & { at: At; value: number; call: boolean; direct?: boolean },
): boolean {
	const p = processOf(run, c.task);
	if (!c.call) {
		if (p < 0) return false;
		const [op, register] = instruction(run, c.step, p);
		return (
			op === run.constant('OP_LOAD') &&
			run.read(c.step, `user_procs[${p}].regs[${register}]`) === c.value
		);
	}
	// A disk that transfers past the page cache; or a copy from a page of the file that is called for.
	if (p < 0) return c.direct === true && onDisk(run, c.step, c.at) === c.value;
	if (c.direct) return false;
	if (calledFile(run, c.step, p) !== c.at.file) return false;
	return run
		.steps(0, run.constant('NR_FRAMES') - 1)
		.map((i) => frameOf(run, c.step, c.node, `page#${i}`))
		.some((f) => isPage(f, c.at) && f.data(c.at.word) === c.value);
}

/** How many ptes of a file a step took out of a page table, or write-protected. */
function taken(
	run: Rerun,
	n: number,
	c: { node: number; file: number; protect: boolean },
	process: string,
): number {
	const of = { node: c.node, process, frame: '', file: 0, index: 0, write: false, dirty: false };
	const [old, now] = [entries(run, n - 1, of, false), entries(run, n, of, false)];
	return old.filter((e, v) => {
		if (!e.frame) return false;
		const frame = `page#${/\[(\d+)\]$/.exec(e.frame)?.[1]}`;
		const { file } = frameOf(run, n - 1, c.node, frame);
		if (file >= 0 && file !== c.file) return false;
		if (file < 0 && mappedPage(run, n - 1, process, v)?.file !== c.file) return false;
		return c.protect ? e.write && !now[v].write : !now[v].frame;
	}).length;
}

/** Does the pte of a page of memory map a page of a file? */
function mapsFile(
	run: Rerun,
	step: number,
	process: string,
	v: number,
	c: { node: number; file: number },
): boolean {
	const of = { node: c.node, process, frame: '', file: 0, index: 0, write: false, dirty: false };
	const e = entries(run, step, of, false)[v];
	if (!e?.frame) return false;
	const { file } = frameOf(run, step, c.node, `page#${/\[(\d+)\]$/.exec(e.frame)?.[1]}`);
	return file < 0 ? mappedPage(run, step, process, v)?.file === c.file : file === c.file;
}

const waitsFor = (run: Rerun, c: { node: number; glock: number; task: string }): boolean =>
	waiters(run, run.end, c.node, c.glock).includes(c.task);

/** A lock word, by its path: that of a semaphore, a spin lock, a page. */
function isTaken(run: Rerun, step: number, path: string): boolean {
	const count = run.read(step, `${path}.count`);
	const flags = run.read(step, `${path}.flags`);
	if (flags !== undefined) return (flags & run.constant('PG_locked')) !== 0;
	if (count !== undefined) return count <= 0;
	return (run.read(step, `${path}.locked`) ?? run.read(step, `${path}.activity`) ?? 0) !== 0;
}

/** The function that took a lock: the machine says so itself. */
function tookIn(
	run: Rerun,
	c: { step: number; task: string; function: string; path: string },
): boolean {
	const said = run.taken[c.step - 1].events.some(
		({ event, args, stack }) =>
			event === 'locked' && args.lock === c.path && stack[1] === c.function,
	);
	return said || inside(run, c.step - 1, c.task, c.function);
}

/** The words of a result: several registers may have one name. */
function paths(run: Rerun, p: number, name: string): string[] {
	if (p < 0) return [];
	if (name === 'signal' || name === 'ended') return [`user_procs[${p}].${name}`];
	return run.program.processes[p].registers.flatMap((register, i) =>
		register === name ? [`user_procs[${p}].regs[${i}]`] : [],
	);
}

function textOf(name: string, value: number): string {
	if (name === 'errno') return ERRNO_NAMES.get(value) ?? String(value);
	if (name === 'signal') return SIGNAL_NAMES.get(value) ?? String(value);
	return String(value);
}
