// SPDX-License-Identifier: GPL-2.0-only
/**
 * A counterexample as a reader needs it: each step with who took it, where in the kernel, what it
 * said and what it changed. Plain JSON, made by taking the steps of a schedule again.
 *
 * Interface: buildTrace Builder
 */
import type { Frame, Machine, TrapSite } from '../engine/machine.ts';
import { BLOCKED, DONE, IDLE, isEvent, Violation } from '../engine/machine.ts';
import type { Step } from '../engine/result.ts';
import type { Program } from '../litmus/compile.ts';
import { INT_SIZE } from '../litmus/constants.ts';
import { finalReader } from '../litmus/final.ts';
import { finalPage, offsetInPage } from '../world/observe.ts';
import { aftermathOf } from './aftermath.ts';
import { changed } from './changed.ts';
import { conclude } from './conclusion.ts';
import { flatten } from './flatten.ts';
import type { Change, Place, Role, Trace, TraceStep } from './model.ts';
import { DETAILS, type Moment } from './moments.ts';
import { Names } from './names.ts';
import { finalsOf, ProgramReader } from './programs.ts';
import { Reader, type Snapshot } from './state.ts';
import { summaryOf } from './summary.ts';
import { Teller } from './told.ts';
import { Ownership, waitsOf } from './waits.ts';

export type { Place, Trace, TraceStep } from './model.ts';

/** Those that are no part of a kernel, by the name that they are started with. */
const ROLES: Readonly<Record<string, Role>> = {
	disk: 'disk',
	lm: 'lock manager',
	pressure: 'lock manager',
	mishap: 'fate',
	cluster: 'fate',
	setup: 'fate',
};

/** The property that stands for the condition of the test itself. */
const CONDITION = 'COND';

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
class Builder {
	readonly names: Names;
	readonly #reader: Reader;
	readonly #ownership: Ownership;
	readonly #teller = new Teller();
	readonly #programs: ProgramReader;
	#now: Snapshot;

	constructor(
		readonly machine: Machine,
		readonly program: Program,
	) {
		this.names = new Names(program, machine);
		this.#reader = new Reader(machine, this.names);
		machine.reset();
		machine.takeLog();
		this.#now = this.#reader.snapshot();
		const tasks = machine.tasks.map(({ node }, t) => ({ name: this.names.task(machine, t), node }));
		this.#ownership = new Ownership(this.#now, this.names, tasks);
		this.#programs = new ProgramReader(machine, program);
	}

	build(schedule: readonly Step[], violation: FoundViolation, options: TraceOptions): Trace {
		const { machine, names, program } = this;
		const initial = this.#now;
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
			pageSize: machine.constants.PAGE_SIZE,
			tasks: machine.tasks.map(({ node }, t) => ({ name: names.task(machine, t), node })),
			files: initial.disk.map((pages, f) => ({
				name: names.file(f),
				pages: pages.map((_, i) => names.page(f, i)),
				...(initial.ints && { ints: pages.map((_, i) => this.#intNames(f, i)) }),
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
			claims: [],
			cause: '',
			waits: thrown ? [] : waitsOf(machine, names, this.#ownership, this.#now),
			...(violation.property === CONDITION && { finals: this.#finals() }),
		};
		if (!thrown && options.aftermath !== false) {
			const aftermath = aftermathOf(this, trace);
			if (aftermath) trace.aftermath = aftermath;
		}
		const { sentence, claims, cause } = conclude(trace);
		return Object.assign(trace, { conclusion: sentence, claims, cause });
	}

	/** What the programs came to, as the test looks at it. */
	#finals(): Trace['finals'] {
		const { machine, program } = this;
		return finalsOf(program, finalReader(machine, program, finalPage)());
	}

	/** The names of the ints of a page that has several. */
	#intNames(file: number, page: number): string[] {
		const { variables } = this.program;
		const { constants } = this.machine;
		return Array.from({ length: constants.PAGE_WORDS }, (_, word) => {
			const offset = offsetInPage(constants, word);
			const at = (v: (typeof variables)[number]) =>
				v.file === file && v.page === page && v.offset === offset;
			const name = `${this.names.file(file)}[${page}]`;
			return variables.find(at)?.name ?? (word === 0 ? name : `${name}[${offset / INT_SIZE}]`);
		});
	}

	/** One step. `aborted`: it ended in the middle. */
	take(number: number, task: number, choice: number): { step: TraceStep; aborted: boolean } {
		const { machine, names } = this;
		const before = this.#now;
		const source = this.#sourceOf(task);
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
		if (!aborted) broken = this.#checked();
		machine.takeLog();
		machine.forget();
		const after = this.#reader.snapshot();
		this.#now = after;
		const name = names.task(machine, task);
		const stackAfter = aborted ? stack : machine.stack(task).map(placeOf);
		const ready = aborted ? DONE : machine.ready(task);
		const { node } = machine.tasks[task];
		const at = { task: name, node, step: number, source: source?.text, before, after, names };
		const moments = this.#teller.tell(at, events, changed);
		this.#ownership.note(number, moments);
		const last = stackAfter.at(-1)?.function ?? '';
		const step: TraceStep = {
			step: number,
			node,
			task: name,
			of: this.#roleOf(task),
			...(source && { source }),
			stack,
			stackAfter,
			blocked: ready === BLOCKED || ready === IDLE,
			event: eventText(moments) || (last ? `reaches ${last}` : 'ends'),
			state: summaryOf(after, names),
			log,
			moments,
			changes: changesOf(flatten(before, names), flatten(after, names)),
			results: this.#programs.results(),
			around: this.#programs.surroundings(),
			...(broken && { broken }),
			after,
		};
		return { step, aborted };
	}

	/** Takes back what was done since: for looking ahead. */
	save(): () => void {
		const mem = this.machine.mem.slice();
		const now = this.#now;
		const restoreTeller = this.#teller.save();
		const restoreOwners = this.#ownership.save();
		const restorePrograms = this.#programs.save();
		return () => {
			this.machine.mem.set(mem);
			this.#now = now;
			restoreTeller();
			restoreOwners();
			restorePrograms();
		};
	}

	#checked(): TraceStep['broken'] {
		try {
			this.machine.check();
			return undefined;
		} catch (e) {
			if (!(e instanceof Violation)) throw e;
			return { property: e.property, message: e.message };
		}
	}

	#roleOf(task: number): Role {
		if (task < this.program.processes.length) return 'program';
		return ROLES[this.machine.tasks[task].name.split('/')[0]] ?? 'kernel';
	}

	#sourceOf(task: number): TraceStep['source'] {
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
