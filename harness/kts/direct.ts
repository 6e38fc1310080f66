// SPDX-License-Identifier: GPL-2.0-only
/**
 * The direct executor: the sources as they stand, their generators driven by a scheduler. Slower
 * than a compiled machine, but it stops at breakpoints and its errors have TypeScript stack traces.
 */
import { compileFunction } from 'node:vm';
import type { Artifact, Field, Machine, TrapSite } from '../engine/machine.ts';
import { BLOCKED, DONE, IDLE, Violation } from '../engine/machine.ts';
import { StackMapper, type TraceFrame } from './direct/trace.ts';
import type { Options } from './instantiate.ts';
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
		check_state?(): void;
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

export class DirectMachine {
	private readonly program: Program;
	private readonly mapper: StackMapper;
	private readonly flatteners = new WeakMap<Machine, Flattener>();

	constructor(artifact: Pick<Artifact, 'direct'>, options: Options = {}) {
		this.mapper = new StackMapper(artifact.direct, SCRIPT);
		// the script's own lines are the function's: nothing is put in front of them
		const script = `${artifact.direct}\nreturn KTS_PROGRAM;`;
		const run = compileFunction(script, ['KTS_HOST'], { filename: SCRIPT });
		this.program = run({ config: options.config ?? {}, rom: options.rom ?? [] });
		this.reset();
	}

	/** The number of tasks. */
	get length(): number {
		return this.program.runtime.tasks().length;
	}

	/** The initial state: as Machine.reset(). */
	reset(): void {
		const { runtime, storage, entry } = this.program;
		this.guard(() => runtime.restart(storage, entry.init));
		for (let n = 0; entry.booted && !this.guard(entry.booted); n++) {
			const t = this.nextToBoot();
			if (t < 0 || n >= BOOT_STEPS) throw new Error(`the boot is stuck after ${n} steps`);
			this.step(t, 0);
		}
		runtime.takeLog();
	}

	private nextToBoot(): number {
		let daemon = -1;
		for (let t = 0; t < this.length; t++) {
			if (this.ready(t) <= BLOCKED) continue;
			if (this.program.runtime.tasks()[t].at.kind !== 'idle') return t;
			if (daemon < 0) daemon = t;
		}
		return daemon;
	}

	/** As Machine.ready(). Throws DirectViolation when a condition does. */
	ready(task: number): number {
		return this.guard(() => this.program.runtime.ready(task));
	}

	/** As Machine.step(). After a violation the state is the one at that point; reset() goes on. */
	step(task: number, choice: number): void {
		this.guard(() => this.program.runtime.step(task, choice));
	}

	check(): void {
		const { check_state } = this.program.entry;
		if (check_state) this.guard(check_state);
	}

	finished(): boolean {
		const { finished } = this.program.entry;
		if (finished) return this.guard(finished);
		return this.program.runtime.tasks().every((_, t) => [DONE, IDLE].includes(this.ready(t)));
	}

	/** The lines of the kernel log since the last call, not yet made into text. */
	takeLog(): { format: string; args: unknown[] }[] {
		return this.program.runtime.takeLog();
	}

	/** Runs sources; what they throw gets its place in them. */
	private guard<T>(run: () => T): T {
		const limit = Error.stackTraceLimit;
		Error.stackTraceLimit = 100;
		try {
			return run();
		} catch (e) {
			throw this.located(e);
		} finally {
			Error.stackTraceLimit = limit;
		}
	}

	private located(e: unknown): unknown {
		if (!(e instanceof Error)) return e;
		const frames = this.mapper.frames(e);
		const own = frames.filter((f) => f.file !== 'harness/kts/prelude.ts');
		const { file, line, function: name } = own[0] ?? { file: '', line: 0, function: '' };
		const what = this.classify(e);
		if (what) return new DirectViolation({ file, line, function: name, ...what }, own);
		const lines = frames.map((f) => `    at ${f.function} (${place(f)})`);
		e.stack = [`${e.name}: ${e.message}`, ...lines].join('\n');
		return e;
	}

	/** The violation that an error stands for; undefined for a fault of the harness itself. */
	private classify(e: Error): { property: string; message: string } | undefined {
		if (e instanceof this.program.Violation) return { property: e.property, message: e.message };
		const checked = ['index out of bounds', 'division by zero'];
		if (e instanceof RangeError && checked.includes(e.message))
			return { property: 'BUG', message: e.message };
		const isNull = /of null|is not a function|of undefined/.test(e.message);
		if (e instanceof TypeError && isNull) return { property: 'BUG', message: 'null pointer' };
		return undefined;
	}

	/** The words of all globals, laid out as `machine` has them; stacks are left 0. */
	flatten(machine: Machine): Int32Array {
		let f = this.flatteners.get(machine);
		if (!f) this.flatteners.set(machine, (f = new Flattener(machine, this.program)));
		return f.words();
	}
}

/** A word of the image, and where the object graph keeps it. Objects live as long as the program. */
interface Slot {
	owner: Record<string | number, unknown>;
	key: string | number;
	at: number;
}

class Flattener {
	private readonly addresses = new Map<unknown, number>([[null, 0]]);
	private readonly slots: Slot[] = [];

	constructor(
		private readonly machine: Machine,
		private readonly program: Program,
	) {
		machine.operations.forEach((name, id) => {
			if (id > 0) this.addresses.set(program.storage[name], id);
		});
		for (const g of Object.values(machine.globals)) this.field(g, program.storage, g.offset);
	}

	words(): Int32Array {
		const out = new Int32Array(this.machine.words);
		for (const { owner, key, at } of this.slots) {
			const v = owner[key];
			out[at] = typeof v === 'number' ? v : typeof v === 'boolean' ? Number(v) : this.word(v, key);
		}
		return out;
	}

	/** A pointer or a table. */
	private word(v: unknown, key: string | number): number {
		const word = this.addresses.get(v);
		if (word === undefined) throw new Error(`'${key}' holds what is no word: ${String(v)}`);
		return word;
	}

	private field(f: Field, owner: Slot['owner'], at: number): void {
		const v = owner[f.name] as Slot['owner'];
		if (f.kind === 'struct') this.struct(f, v, at);
		else if (f.kind === 'pool') this.pool(f, v, at);
		else if (f.n === undefined) this.slots.push({ owner, key: f.name, at });
		else
			for (let i = 0; i < f.n; i++)
				if (f.kind === 'structs') this.struct(f, v[i] as Slot['owner'], at + i * f.stride!);
				else this.slots.push({ owner: v, key: i, at: at + i });
	}

	private struct(f: Field, v: Slot['owner'], at: number): void {
		this.addresses.set(v, at);
		for (const g of this.machine.structs[f.cls!].fields) this.field(g, v, at + g.offset);
	}

	private pool(f: Field, v: unknown, at: number): void {
		if (!this.program.runtime.isPool(v)) throw new Error(`'${f.name}' is no pool`);
		const used = v.used as unknown as Slot['owner'];
		for (let i = 0; i < f.n!; i++) {
			this.slots.push({ owner: used, key: i, at: at + i * f.stride! });
			this.struct(f, v.slots[i] as Slot['owner'], at + i * f.stride! + 1);
		}
	}
}
