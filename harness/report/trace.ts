// SPDX-License-Identifier: GPL-2.0-only
/**
 * A counterexample as a reader needs it: each step with who took it, where in the kernel, what it
 * said and what it changed. Plain JSON, made by taking the steps of a schedule again.
 *
 * Interface: buildTrace Trace TraceStep
 */
import type { Frame, Machine, SourcePosition, TrapSite } from '../engine/machine.ts';
import { BLOCKED, DONE, IDLE, isEvent, Violation } from '../engine/machine.ts';
import type { Step } from '../engine/result.ts';
import type { Program } from '../litmus/compile.ts';
import { type Aftermath, aftermathOf } from './aftermath.ts';
import { changed } from './changed.ts';
import { conclude } from './conclusion.ts';
import { flatten } from './flatten.ts';
import { DETAILS, type Lock, type Moment } from './moments.ts';
import { Names, type Rank } from './names.ts';
import { Reader, type Snapshot } from './state.ts';
import { summaryOf } from './summary.ts';
import { Teller } from './told.ts';
import { Ownership, type Wait, waitsOf } from './waits.ts';

/** What a task is: a program, the disk of a node, the lock manager, a part of a kernel, fate. */
export type Role = 'program' | 'disk' | 'lock manager' | 'kernel' | 'fate';
/** Those that are no part of a kernel, by the name that they are started with. */
const ROLES: Readonly<Record<string, Role>> = {
	disk: 'disk',
	lm: 'lock manager',
	pressure: 'lock manager',
	mishap: 'fate',
	cluster: 'fate',
	setup: 'fate',
};

export interface Place extends SourcePosition {
	function: string;
}
export interface Change {
	path: string;
	before: string | number | boolean | null;
	after: string | number | boolean | null;
}
export interface TraceStep {
	/** from 1 */
	step: number;
	/** -1: the lock manager */
	node: number;
	/** `P0`, `glockd/0`, `disk/0`, `lm/0` */
	task: string;
	of: Role;
	/** the statement of the program that a user task executes */
	source?: { line: number; text: string };
	/** before the step, outermost first: where it resumes */
	stack: Place[];
	/** where it stopped; empty: it has ended */
	stackAfter: Place[];
	/** it stopped in a wait whose condition does not hold yet */
	blocked: boolean;
	/** what happened */
	event: string;
	/** the file's state after the step, in a line */
	state: string;
	/** printk() lines */
	log: string[];
	moments: Moment[];
	changes: Change[];
	/** the first property that does not hold any more */
	broken?: { property: string; message: string };
	after: Snapshot;
}
export interface Trace {
	name: string;
	nodes: number;
	tasks: { name: string; node: number }[];
	/** names of files and of their pages */
	files: { name: string; pages: string[] }[];
	/** what each lock of the cluster is of, by number, and what that is called */
	locks: { lock: Lock; name: string }[];
	/** functions in which tasks wait for locks */
	primitives: string[];
	config: Record<string, number>;
	/** the states of a lock of the cluster, and what each allows: nothing, as others, everything */
	lockStates: Readonly<Record<string, Rank>>;
	/** symbols that are blamed: those whose absence makes the difference */
	missing?: string[];
	violation: { property: string; message: string; step: number; place?: Place };
	initial: Snapshot;
	steps: TraceStep[];
	/** of an endless execution: how many steps come before those that are repeated for ever */
	cycleFrom?: number;
	/** who waits for what, in the last state */
	waits: Wait[];
	/** what comes of it if everybody goes on: the step that a user can tell, if one was found */
	aftermath?: Aftermath;
	/** what went wrong and why, in a sentence */
	conclusion: string;
}
export interface TraceOptions {
	/** symbols whose absence made it possible */
	missing?: string[];
	/** also look for what users will see of a state that is wrong (the default) */
	aftermath?: boolean;
}
export interface FoundViolation {
	property: string;
	message: string;
	step?: number;
	trap?: TrapSite;
	cycleFrom?: number;
}

export function buildTrace(
	machine: Machine,
	schedule: readonly Step[],
	violation: FoundViolation,
	program: Program,
	options: TraceOptions = {},
): Trace {
	machine.setLogging(true);
	try {
		return new Builder(machine, program).build(schedule, violation, options);
	} finally {
		machine.setLogging(false);
	}
}

/** Takes steps, and tells of each. */
export class Builder {
	readonly names: Names;
	private readonly reader: Reader;
	private readonly ownership: Ownership;
	private readonly teller = new Teller();
	private now: Snapshot;

	constructor(
		readonly machine: Machine,
		readonly program: Program,
	) {
		this.names = new Names(program, machine);
		this.reader = new Reader(machine, this.names);
		machine.reset();
		machine.takeLog();
		this.now = this.reader.snapshot();
		const tasks = machine.tasks.map(({ node }, t) => ({ name: this.names.task(machine, t), node }));
		this.ownership = new Ownership(this.now, this.names, tasks);
	}

	build(schedule: readonly Step[], violation: FoundViolation, options: TraceOptions): Trace {
		const { machine, names, program } = this;
		const initial = this.now;
		const steps: TraceStep[] = [];
		let thrown = false;
		for (const [i, [task, choice]] of schedule.entries()) {
			const { step, aborted } = this.take(i + 1, task, choice);
			steps.push(step);
			thrown = aborted;
			if (aborted) break;
		}
		const trap = violation.trap;
		const trace: Trace = {
			name: program.test.name,
			nodes: machine.constants.NR_NODES,
			tasks: machine.tasks.map(({ node }, t) => ({ name: names.task(machine, t), node })),
			files: initial.disk.map((pages, f) => ({
				name: names.file(f),
				pages: pages.map((_, i) => names.page(f, i)),
			})),
			locks: Array.from({ length: machine.constants.NR_LOCKS }, (_, i) => {
				const lock = names.lockOf(i);
				return { lock, name: names.clusterLock(lock) };
			}),
			primitives: primitivesOf(steps),
			config: { ...machine.config },
			lockStates: names.lockStates,
			...(options.missing && { missing: [...options.missing] }),
			violation: {
				property: violation.property,
				message: violation.message,
				step: violation.step ?? steps.length,
				...(trap && { place: { function: trap.function, file: trap.file, line: trap.line } }),
			},
			initial,
			steps,
			...(violation.cycleFrom !== undefined && { cycleFrom: violation.cycleFrom }),
			conclusion: '',
			waits: thrown ? [] : waitsOf(machine, names, this.ownership, this.now),
		};
		if (!thrown && options.aftermath !== false) {
			const aftermath = aftermathOf(this, trace);
			if (aftermath) trace.aftermath = aftermath;
		}
		trace.conclusion = conclude(trace).sentence;
		return trace;
	}

	/** One step. `aborted`: it ended in the middle. */
	take(number: number, task: number, choice: number): { step: TraceStep; aborted: boolean } {
		const { machine, names, now: before } = this;
		const source = this.sourceOf(task);
		const stack = machine.stack(task).map(placeOf);
		let broken: TraceStep['broken'];
		let aborted = false;
		try {
			machine.step(task, choice);
		} catch (e) {
			if (!(e instanceof Violation)) throw e;
			aborted = true;
			broken = { property: e.property, message: e.message };
		}
		const said = machine.takeLog();
		const log = said.flatMap((l) => (isEvent(l) ? [] : [l.text]));
		const events = said.filter(isEvent);
		if (!aborted) broken = this.checked();
		machine.takeLog();
		machine.forget();
		const after = this.reader.snapshot();
		this.now = after;
		const name = names.task(machine, task);
		const stackAfter = aborted ? stack : machine.stack(task).map(placeOf);
		const ready = aborted ? DONE : machine.ready(task);
		const { node } = machine.tasks[task];
		const at = { task: name, node, step: number, source: source?.text, before, after, names };
		const moments = this.teller.tell(at, events, changed);
		this.ownership.note(number, moments);
		const last = stackAfter.at(-1)?.function ?? '';
		const step: TraceStep = {
			step: number,
			node,
			task: name,
			of: this.roleOf(task),
			...(source && { source }),
			stack,
			stackAfter,
			blocked: ready === BLOCKED || ready === IDLE,
			event: eventText(moments) || (last ? `reaches ${last}` : 'ends'),
			state: summaryOf(after, names),
			log,
			moments,
			changes: changesOf(flatten(before, names), flatten(after, names)),
			...(broken && { broken }),
			after,
		};
		return { step, aborted };
	}

	/** Takes back what was done since: for looking ahead. */
	save(): () => void {
		const mem = this.machine.mem.slice();
		const { now } = this;
		const restoreTeller = this.teller.save();
		const restoreOwners = this.ownership.save();
		return () => {
			this.machine.mem.set(mem);
			this.now = now;
			restoreTeller();
			restoreOwners();
		};
	}

	private checked(): TraceStep['broken'] {
		try {
			this.machine.check();
			return undefined;
		} catch (e) {
			if (!(e instanceof Violation)) throw e;
			return { property: e.property, message: e.message };
		}
	}

	private roleOf(task: number): Role {
		if (task < this.program.processes.length) return 'program';
		return ROLES[this.machine.tasks[task].name.split('/')[0]] ?? 'kernel';
	}

	private sourceOf(task: number): TraceStep['source'] {
		if (task >= this.program.processes.length) return undefined;
		const origin = this.program.origins.get(this.machine.read(`user_procs[${task}].pc`));
		if (!origin || origin.text.endsWith(': set-up')) return undefined;
		return { line: origin.line, text: origin.text };
	}
}

/** The functions that waited for a lock, or took one. */
function primitivesOf(steps: readonly TraceStep[]): string[] {
	const inside = steps.flatMap((s) => s.moments.flatMap((m) => m.inside ?? []));
	return [...new Set(inside)];
}

/** What of a step is worth a word in one line. */
function eventText(moments: readonly Moment[]): string {
	return moments
		.filter((m) => !DETAILS.has(m.kind))
		.map((m) => m.text)
		.join('; ');
}
function placeOf({ function: name, file, line }: Frame): Place {
	return { function: name, file, line };
}

function changesOf(
	before: Map<string, string | number | boolean>,
	after: Map<string, string | number | boolean>,
): Change[] {
	const out: Change[] = [];
	for (const path of new Set([...before.keys(), ...after.keys()])) {
		const [b, a] = [before.get(path) ?? null, after.get(path) ?? null];
		if (b !== a) out.push({ path, before: b, after: a });
	}
	return out;
}
