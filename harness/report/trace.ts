// SPDX-License-Identifier: GPL-2.0-only
/**
 * A counterexample as a reader needs it: each step with who took it, where in the kernel, what it
 * said and what it changed. Plain JSON, made by taking the steps of a schedule again.
 *
 * Interface: buildTrace Trace TraceStep
 */
import type { Frame, Machine, SourcePosition, TrapSite } from '../engine/machine.ts';
import { BLOCKED, DONE, IDLE, Violation } from '../engine/machine.ts';
import type { Step } from '../engine/result.ts';
import type { Program } from '../litmus/compile.ts';
import { type Aftermath, aftermathOf } from './aftermath.ts';
import { conclude } from './conclusion.ts';
import { type Moment, momentsOf } from './moments.ts';
import { flatten, Names, Reader, type Snapshot } from './state.ts';
import { summaryOf } from './summary.ts';
import { Ownership, type Wait, waitsOf } from './waits.ts';

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
	config: Record<string, number>;
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
	private now: Snapshot;

	constructor(
		readonly machine: Machine,
		readonly program: Program,
	) {
		this.names = new Names(program);
		this.reader = new Reader(machine, this.names);
		machine.reset();
		machine.takeLog();
		this.now = this.reader.snapshot();
		this.ownership = new Ownership(this.now);
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
			config: { ...machine.config },
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
		const log = machine.takeLog().map((l) => l.text);
		if (!aborted) broken = this.checked();
		machine.takeLog();
		machine.forget();
		const after = this.reader.snapshot();
		this.now = after;
		const name = names.task(machine, task);
		const stackAfter = aborted ? stack : machine.stack(task).map(placeOf);
		const ready = aborted ? DONE : machine.ready(task);
		const moments = momentsOf({
			task: name,
			source: source?.text,
			log,
			before,
			after,
			names,
			stack: stack.map((f) => f.function),
			stackAfter: stackAfter.map((f) => f.function),
		});
		this.ownership.note(name, number, before, after, stackAfter);
		const last = stackAfter.at(-1)?.function ?? '';
		const step: TraceStep = {
			step: number,
			node: machine.tasks[task].node,
			task: name,
			...(source && { source }),
			stack,
			stackAfter,
			blocked: ready === BLOCKED || ready === IDLE,
			event: moments.map((m) => m.text).join('; ') || (last ? `reaches ${last}` : 'ends'),
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
		return () => {
			this.machine.mem.set(mem);
			this.now = now;
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

	private sourceOf(task: number): TraceStep['source'] {
		if (task >= this.program.processes.length) return undefined;
		const origin = this.program.origins.get(this.machine.read(`user_procs[${task}].pc`));
		if (!origin || origin.text.endsWith(': set-up')) return undefined;
		return { line: origin.line, text: origin.text };
	}
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
