// SPDX-License-Identifier: GPL-2.0-only
/**
 * The direct executor: a scheduler runs the generators of the sources themselves. It is slower than
 * a compiled machine, but it stops at breakpoints, and its errors have TypeScript stack traces.
 */
import { compileFunction } from 'node:vm';
import type { Artifact, LogEvent, LogLine, Machine, TrapSite } from '../engine/machine.ts';
import { BLOCKED, DONE, EVERYTHING, IDLE, Violation } from '../engine/machine.ts';
import { ObjectGraph } from './direct/graph.ts';
import { StackMapper, type TraceFrame } from './direct/trace.ts';
import type { Options } from './instantiate.ts';
import { eventArguments, formatLog } from './machine/log.ts';
import type { runtime } from './prelude.ts';

const SCRIPT = 'vfshook-direct.js';
const BOOT_STEPS = 200_000;

/** What the bundle evaluates to. */
interface Program {
	runtime: typeof runtime;
	Violation: new (...args: never[]) => Error & { property: string };
	entry: {
		init(): void;
		booted?(): boolean;
		finished?(): boolean;
		check_state?(piece: number): void;
		check_end?(piece: number): void;
	};
	storage: Record<string, unknown>;
}

/** A violation with the stack of TypeScript functions that led to it, innermost first. */
export class DirectViolation extends Violation {
	constructor(
		trap: TrapSite,
		readonly frames: readonly TraceFrame[],
	) {
		super(trap);
		const lines = frames.map((f) => `    at ${f.function || 'anonymous'} (${place(f)})`);
		this.stack = [`Violation: ${trap.property}: ${trap.message}`, ...lines].join('\n');
	}
}
const place = (f: TraceFrame): string => `${f.file}:${f.line}:${f.column}`;

/** A line of the log or an event; only the compiled machine knows its place. */
export type DirectEntry = Pick<LogLine, 'text'> | Pick<LogEvent, 'event' | 'args'>;

interface Compiled {
	run: (host: { config: Record<string, number>; rom: ArrayLike<number> }) => Program;
	mapper: StackMapper;
}

/** The script of an artifact is the same for all its configurations: V8 compiles it once. */
const scripts = new WeakMap<Pick<Artifact, 'direct'>, Compiled>();

function compiled(artifact: Pick<Artifact, 'direct'>): Compiled {
	const known = scripts.get(artifact);
	if (known) return known;
	// nothing is put before the script, so its line numbers are those of the function
	const script = `${artifact.direct}\nreturn KTS_PROGRAM;`;
	const run = compileFunction(script, ['KTS_HOST'], { filename: SCRIPT }) as Compiled['run'];
	const made = { run, mapper: new StackMapper(artifact.direct, SCRIPT) };
	scripts.set(artifact, made);
	return made;
}

export class DirectMachine {
	readonly #program: Program;
	readonly #mapper: StackMapper;
	readonly #graphs = new WeakMap<Machine, ObjectGraph>();

	constructor(artifact: Pick<Artifact, 'direct'>, options: Options = {}) {
		const { run, mapper } = compiled(artifact);
		this.#mapper = mapper;
		this.#program = run({ config: options.config ?? {}, rom: options.rom ?? [] });
		this.reset();
	}

	/** The number of tasks. */
	get length(): number {
		return this.#program.runtime.tasks().length;
	}

	/** The initial state: as Machine.reset(). */
	reset(): void {
		const { runtime, storage, entry } = this.#program;
		this.#guard(() => runtime.restart(storage, entry.init));
		for (let n = 0; entry.booted && !this.#guard(entry.booted); n++) {
			const t = this.#nextToBoot();
			if (t < 0 || n >= BOOT_STEPS) throw new Error(`the boot is stuck after ${n} steps`);
			this.step(t, 0);
		}
		runtime.takeLog();
	}

	#nextToBoot(): number {
		let daemon = -1;
		for (let t = 0; t < this.length; t++) {
			if (this.ready(t) <= BLOCKED) continue;
			if (this.#program.runtime.tasks()[t].at.kind !== 'idle') return t;
			if (daemon < 0) daemon = t;
		}
		return daemon;
	}

	/** As Machine.ready(). */
	ready(task: number): number {
		try {
			return this.#guard(() => this.#program.runtime.ready(task));
		} catch (e) {
			if (e instanceof DirectViolation) return 1; // for step() to throw
			throw e;
		}
	}

	/** As Machine.step(). After a violation the state is the one at that point; reset() goes on. */
	step(task: number, choice: number): void {
		const { runtime } = this.#program;
		this.#guard(() => {
			runtime.tasks()[task].at.count();
			runtime.step(task, choice);
		});
	}

	check(): void {
		const { check_state, check_end } = this.#program.entry;
		if (!check_state) return;
		if (check_end && this.finished()) this.#guard(() => check_end(EVERYTHING));
		this.#guard(() => check_state(EVERYTHING));
	}

	finished(): boolean {
		const { finished } = this.#program.entry;
		if (finished) return this.#guard(finished);
		return this.#program.runtime.tasks().every((_, t) => [DONE, IDLE].includes(this.ready(t)));
	}

	/** The log since the last call, with names and constants as `machine` has them. */
	takeLog(machine: Machine): DirectEntry[] {
		const graph = this.#graph(machine);
		const nameOf = (v: unknown): string => graph.nameOf(v);
		const { constants } = machine;
		return this.#program.runtime.takeLog().map((entry) => {
			if ('format' in entry)
				return { text: formatLog(entry.format, entry.args, nameOf, constants) };
			const { kind, args } = entry;
			return { event: kind.name, args: eventArguments(kind, args, nameOf, constants) };
		});
	}

	/** Runs sources, and adds to their errors the place in the sources. */
	#guard<T>(run: () => T): T {
		const limit = Error.stackTraceLimit;
		Error.stackTraceLimit = 100;
		try {
			return run();
		} catch (e) {
			throw this.#located(e);
		} finally {
			Error.stackTraceLimit = limit;
		}
	}

	#located(e: unknown): unknown {
		if (!(e instanceof Error)) return e;
		const frames = this.#mapper.frames(e);
		const own = frames.filter((f) => f.file !== 'harness/kts/prelude.ts');
		const { file, line, function: name } = own[0] ?? { file: '', line: 0, function: '' };
		const what = this.#classify(e);
		if (what) return new DirectViolation({ file, line, function: name, ...what }, own);
		const lines = frames.map((f) => `    at ${f.function} (${place(f)})`);
		e.stack = [`${e.name}: ${e.message}`, ...lines].join('\n');
		return e;
	}

	/** The violation for an error; undefined for a fault of the harness itself. */
	#classify(e: Error): { property: string; message: string } | undefined {
		if (e instanceof this.#program.Violation) return { property: e.property, message: e.message };
		const checked = ['index out of bounds', 'division by zero'];
		const isFreed = e.message.startsWith('use after free of ');
		if (e instanceof RangeError && (isFreed || checked.includes(e.message)))
			return { property: 'BUG', message: e.message };
		const isNull = /of null|is not a function|of undefined/.test(e.message);
		if (e instanceof TypeError && isNull) return { property: 'BUG', message: 'null pointer' };
		return undefined;
	}

	/** The words of all globals, laid out as `machine` has them; stacks are left 0. */
	flatten(machine: Machine): Int32Array {
		return this.#graph(machine).words();
	}

	#graph(machine: Machine): ObjectGraph {
		let g = this.#graphs.get(machine);
		if (!g) {
			g = new ObjectGraph(machine, this.#program.storage, this.#program.runtime.isPool);
			this.#graphs.set(machine, g);
		}
		return g;
	}
}
