// SPDX-License-Identifier: GPL-2.0-only
/**
 * From an artifact and a configuration to a machine. Nothing is lowered again: constants get their
 * values, the layout is computed, flow graphs become code.
 */
import type { CheckpointReader, CheckpointWriter } from '../engine/checkpoint.ts';
import type {
	Artifact,
	Frame,
	LockArc,
	LogEntry,
	Machine,
	Names,
	Pieces,
	Region,
	Site,
	TaskInfo,
	TrapSite,
} from '../engine/machine.ts';
import { BLOCKED, DONE, IDLE, PREDICATES, SEVERAL, Violation } from '../engine/machine.ts';
import { constantWords } from '../engine/words.ts';
import type { Generated } from './machine/code.ts';
import { generate, siteTables } from './machine/code.ts';
import { Inspector } from './machine/inspect.ts';
import { evaluate, isOfSymbols, Layout } from './machine/layout.ts';
import { functionsOnStack, LockOrder } from './machine/locks.ts';
import { namesOfMachine } from './machine/names.ts';
import { regionsOf } from './machine/regions.ts';
import { Tracker, type TrackingHost } from './machine/tracking.ts';
import type { Plan } from './plan.ts';

export interface Options {
	/** symbols that differ from their defaults */
	config?: Record<string, number>;
	/** the read-only program memory */
	rom?: ArrayLike<number>;
	/** the machine has `access`: it records accesses, and is slower */
	track?: boolean;
}

/**
 * The writes of one step must fit. The longest steps are those of programs, which compute at most
 * twice in a step (at a fork, and at the end of the set-up): each time LOCAL_LIMIT of
 * harness/world/isa.ts times two words an instruction, and the writes of the kernel before.
 */
const JOURNAL = 65536;
/** A boot that takes longer hangs. */
const BOOT_STEPS = 200_000;

/** The constants that a configuration may set, with their defaults. */
export function knownConfig(artifact: Pick<Artifact, 'meta'>): { name: string; default: number }[] {
	const { config } = evaluate(artifact.meta as Plan, {});
	return Object.entries(config).map(([name, value]) => ({ name, default: value }));
}

/** The coverage marks that a machine can reach; those of functions and locks by pattern. */
export function knownMarks(artifact: Pick<Artifact, 'meta'>): {
	names: readonly string[];
	has(mark: string): boolean;
} {
	const { marks, callerMarks, functions, constants } = artifact.meta as Plan;
	const isFunction = (name: string) => functions.some((f) => f.name === name);
	const isLock = (name: string) => constants.some((c) => c.name === `LOCK_${name}`);
	const has = (mark: string): boolean => {
		if (marks.includes(mark)) return true;
		const arc = /^lock: (\w+) -> (\w+)$/.exec(mark);
		if (arc) return isLock(arc[1]) && isLock(arc[2]);
		const caller = callerMarks.find((name) => mark.startsWith(`${name}: `));
		return caller !== undefined && isFunction(mark.slice(caller.length + 2));
	};
	return { names: marks, has };
}

/** A call of spawn() by init(). */
interface Spawned {
	name: string;
	node: number;
	js: string;
	args: number[];
}

/** The interface of the generated code. */
interface Code {
	ready(task: number): number;
	step(task: number, choice: number): void;
	undo(): void;
	forget(): void;
	write(address: number, value: number): void;
	journalLength(): number;
	/** zeroes the image and runs init() */
	start(): Spawned[];
	setLogging(on: boolean): void;
	/** the task whose step this is, or -1 */
	running(): number;
	booted: (() => boolean) | null;
	finished: (() => boolean) | null;
	check(): void;
	checkState: ((piece: number) => void) | null;
	checkEnd: ((piece: number) => void) | null;
}

/** A machine made from sources, which declare what its words name. */
export interface NamedMachine extends Machine {
	readonly names: Names;
}

export function instantiate(
	artifact: Pick<Artifact, 'code' | 'meta'>,
	options: Options = {},
): NamedMachine {
	const plan = artifact.meta as Plan;
	const { config = {}, rom = [], track = false } = options;
	const { layout, generated } = configure(plan, artifact.code, config, track);
	return new CompiledMachine(plan, layout, generated, Int32Array.from(rom), track);
}

interface Configured {
	layout: Layout;
	generated: Generated;
}
/**
 * Loads so far. V8 treats the variables of a closure (above all the image) as constant as long as
 * its code has one closure; the same text twice would be the same code.
 */
let loads = 0;

/** A suite runs many programs on few configurations. */
const configured = new WeakMap<Plan, Map<string, Configured>>();
const KEPT = 32;

function configure(
	plan: Plan,
	template: string,
	config: Record<string, number>,
	track: boolean,
): Configured {
	const values = evaluate(plan, config);
	const key = JSON.stringify([values.config, values.expressions, track]);
	let known = configured.get(plan);
	if (!known) configured.set(plan, (known = new Map()));
	let found = known.get(key);
	if (!found) {
		const layout = new Layout(plan, values);
		found = { layout, generated: generate(plan, template, layout, track) };
		if (known.size >= KEPT) known.clear();
		known.set(key, found);
	}
	return found;
}

class CompiledMachine implements NamedMachine {
	readonly words: number;
	readonly mem: Int32Array;
	readonly tasks: readonly TaskInfo[];
	readonly regions: readonly Region[];
	readonly operations: readonly string[];
	readonly journalAddress = new Int32Array(JOURNAL);
	readonly journalOld = new Int32Array(JOURNAL);
	readonly journalNew = new Int32Array(JOURNAL);
	readonly ready: (task: number) => number;
	readonly step: (task: number, choice: number) => void;
	readonly check: () => void;
	readonly pieces?: Pieces;
	readonly undo: () => void;
	readonly forget: () => void;
	readonly write: (address: number, value: number) => void;
	readonly journalLength: () => number;
	readonly nameOf: (pointer: number) => string;
	readonly locate: Inspector['locate'];
	readonly access?: Tracker;
	readonly #code: Code;
	readonly #base: Int32Array;
	readonly #inspector: Inspector;
	readonly #reached: Uint8Array;
	readonly #locks: LockOrder;
	/** marks that name a function */
	readonly #callers = new Set<string>();
	readonly #spawned: readonly Spawned[];
	#handedOut: Record<string, number> | undefined;
	#knownNames: Names | undefined;
	#named: ReadonlyMap<string, string> | undefined;
	#log: LogEntry[] = [];
	readonly #plan: Plan;
	readonly #layout: Layout;
	readonly #generated: Generated;
	readonly #rom: Int32Array;

	constructor(plan: Plan, layout: Layout, generated: Generated, rom: Int32Array, track: boolean) {
		this.#plan = plan;
		this.#layout = layout;
		this.#generated = generated;
		this.#rom = rom;
		this.#reached = new Uint8Array(plan.marks.length);
		this.#locks = new LockOrder(layout.values.constants);
		this.operations = ['null', ...plan.operations.map((o) => o.name)];
		// init() makes the tasks, which decide the length of the image
		const none = new Int32Array(0);
		const unused = track ? new Tracker(layout.end, 0, 0) : undefined;
		this.#spawned = this.#load(new Int32Array(layout.end), none, unused).start();
		this.tasks = this.#taskInfos(this.#spawned);
		const last = this.tasks.at(-1);
		this.words = last ? last.base + last.size : layout.end;
		this.mem = new Int32Array(this.words);
		this.#base = constantWords(this.tasks.length);
		this.#base.set(this.tasks.map((t) => t.base));
		if (track) this.access = new Tracker(layout.end, this.words, this.tasks.length);
		this.#code = this.#load(this.mem, this.#base, this.access);
		this.#inspector = new Inspector(plan, layout, this.mem);
		this.regions = regionsOf(plan, layout, generated.reached, this.tasks);
		({ ready: this.ready, step: this.step, check: this.check } = this.#code);
		({ undo: this.undo, forget: this.forget, write: this.write } = this.#code);
		this.journalLength = this.#code.journalLength;
		if (this.access) {
			const { access, ready, step, check } = this;
			this.ready = (task) => access.noting(1 + task, () => ready(task));
			this.step = (task, choice) => access.noting(1 + task, () => step(task, choice));
			this.check = () => access.noting(PREDICATES, check);
		}
		this.pieces = this.#pieces();
		this.nameOf = (p) => this.#inspector.nameOf(p);
		this.locate = (path) => this.#inspector.locate(path);
		this.#reached.fill(0);
		this.reset();
	}

	#pieces(): Pieces | undefined {
		const { checkState, checkEnd, finished } = this.#code;
		if (!checkState || !checkEnd || !finished) return undefined;
		const noting = <R>(run: () => R): R =>
			this.access ? this.access.noting(PREDICATES, run) : run();
		return {
			state: (piece) => noting(() => checkState(piece)),
			end: (piece) => noting(() => checkEnd(piece)),
			finished: () => noting(finished),
		};
	}

	get structs() {
		return this.#layout.structs;
	}
	get globals() {
		return this.#layout.globals;
	}
	get hasPredicates() {
		return this.#plan.entry.check_state !== undefined;
	}
	get constants() {
		this.#handedOut ??= Object.fromEntries(
			Object.entries(this.#layout.values.constants).filter(
				([name]) => !isOfSymbols(this.#plan, name),
			),
		);
		return this.#handedOut;
	}
	get config() {
		return this.#layout.values.config;
	}

	get names(): Names {
		const started = this.#spawned.map((s, t) => ({ ...s, info: this.tasks[t] }));
		const { words } = this;
		const plan = this.#plan;
		const layout = this.#layout;
		this.#knownNames ??= namesOfMachine(plan, layout, this.#generated.sites, started, words);
		return this.#knownNames;
	}

	#load(mem: Int32Array, base: Int32Array, tracking?: TrackingHost): Code {
		const host = {
			mem,
			base,
			tracking,
			rom: this.#rom,
			journalAddress: this.journalAddress,
			journalOld: this.journalOld,
			journalNew: this.journalNew,
			marks: this.#reached,
			sites: siteTables(this.#generated),
			chain: constantWords(this.#generated.depth + 1),
			violation: (site: number) => this.#violation(this.#plan.traps[site]),
			caller: (mark: string, depth: number, task: number) => {
				this.#callers.add(`${mark}: ${this.#calls(task)[depth] ?? 'init'}`);
			},
			arcs: this.#locks.arcs,
			arc: (held: number, to: number, task: number) => {
				this.#locks.note(held, to, this.tasks[task].name, this.#calls(task));
			},
			isViolation: (e: unknown) => e instanceof Violation,
			owners: this.#layout.checks.owners,
			guards: this.#layout.guards,
			freed: (site: number, pointer: number) => this.#freed(site, pointer),
			overrun: (task: number, site: number, words: number) => this.#overrun(task, site, words),
			write: (site: number, args: number[]) => {
				const entry = this.#inspector.logged(site, args);
				const { running } = this.#code;
				this.#log.push('event' in entry ? { ...entry, stack: this.#calls(running()) } : entry);
			},
		};
		return new Function('host', `${this.#generated.code}\n// ${loads++}`)(host) as Code;
	}

	#freed(site: number, pointer: number): Violation {
		const { access, ...trap } = this.#plan.traps[site];
		const slot = this.#layout.checks.slotName(pointer);
		return new Violation({ ...trap, message: `use after free of ${slot}: ${access}` });
	}

	/** The error that ends a run whose journal is too short. */
	#overrun(task: number, site: number, words: number): Error {
		const holds = `the journal holds ${JOURNAL}`;
		if (task < 0) return new Error(`a write after ${words} others: ${holds}`);
		const { function: name, file, line } = this.#generated.sites[site];
		const who = `a step of ${this.tasks[task].name} from ${name} (${file}:${line})`;
		return new Error(`${who} wrote ${words} words: ${holds}`);
	}

	/** Tasks with one name get a number, as kernel threads do. */
	#taskInfos(spawned: readonly Spawned[]): TaskInfo[] {
		let base = this.#layout.end;
		const count = (name: string): number => spawned.filter((s) => s.name === name).length;
		return spawned.map(({ name, node, js }, i) => {
			const size = this.#generated.stackWords.get(js)!;
			const before = spawned.slice(0, i).filter((s) => s.name === name).length;
			const f = this.#plan.functions.find((x) => x.js === js)!;
			const title = count(name) > 1 ? `${name}/${before}` : name;
			const info = { name: title, node, function: f.name, base, size };
			base += size;
			return info;
		});
	}

	// ---- the initial state ----------------------------------------------------------------

	reset(): void {
		// marks reached by the boot are not those of the exploration
		this.aside(() => {
			const spawned = this.#code.start();
			spawned.forEach((s, t) => {
				this.#startFrame(s, this.tasks[t].base);
			});
			this.#boot();
			this.forget();
		});
		this.#log = [];
	}

	#startFrame({ js, args }: Spawned, base: number): void {
		const { sites } = this.#generated;
		const number = sites.findIndex((s) => s.js === js && s.kind === 'start');
		const { locals } = this.#plan.functions.find((f) => f.js === js)!.flow!;
		this.mem[base] = number;
		sites[number].live.forEach(({ name }, i) => {
			this.mem[base + 1 + i] = args[locals.findIndex((l) => l.name === name)];
		});
	}

	/** The set-up, by a fixed schedule: the first task that can run, daemons last. */
	#boot(): void {
		const { booted } = this.#code;
		if (!booted) return;
		for (let n = 0; !booted(); n++) {
			const t = this.#nextToBoot();
			if (t < 0) throw new Error(`the boot is stuck after ${n} steps\n${this.#whereAll()}`);
			if (n >= BOOT_STEPS)
				throw new Error(`the boot takes more than ${BOOT_STEPS} steps\n${this.#whereAll()}`);
			this.step(t, 0);
			this.forget();
		}
	}

	#nextToBoot(): number {
		let daemon = -1;
		for (let t = 0; t < this.tasks.length; t++) {
			if (this.ready(t) <= BLOCKED) continue;
			if (!this.#isIdleWait(t)) return t;
			if (daemon < 0) daemon = t;
		}
		return daemon;
	}

	#isIdleWait(t: number): boolean {
		const frames = this.stack(t);
		return frames.at(-1)?.kind === 'idle';
	}

	#whereAll(): string {
		const lines = this.tasks.map((t, i) => {
			const top = this.stack(i).at(-1);
			return `  ${t.name}: ${top ? `${top.kind} in ${top.function} ${top.file}:${top.line}` : 'done'}`;
		});
		return lines.join('\n');
	}

	finished(): boolean {
		if (this.#code.finished) return this.#code.finished();
		return this.tasks.every((_, t) => [DONE, IDLE].includes(this.#code.ready(t)));
	}

	// ---- observation ----------------------------------------------------------------------

	marks(): string[] {
		const locks = this.lockOrder().map(({ held, taken }) => `lock: ${held} -> ${taken}`);
		return [
			...this.#plan.marks.filter((_, i) => this.#reached[i] !== 0),
			...this.#callers,
			...locks,
		];
	}
	lockOrder(): LockArc[] {
		return this.#locks.all();
	}

	forgetLocks(): void {
		this.#locks.forget();
	}

	/** A violation of LOCKDEP has a call trace. */
	#violation(trap: TrapSite): Violation {
		// While init() runs, there is no code yet, and no task.
		if (trap.property !== 'LOCKDEP' || !this.#code) return new Violation(trap);
		return new Violation({ ...trap, stack: this.#calls(this.#code.running()) });
	}

	/**
	 * The functions that a task is executing, innermost first: those of the step from JavaScript's
	 * own stack, those that wait for them from the image.
	 */
	#calls(task: number): string[] {
		this.#named ??= new Map(this.#plan.functions.map((f) => [f.js, f.name]));
		const inside = functionsOnStack(this.#named);
		const outside = this.stack(task).map((f) => f.function);
		const resumed = outside.lastIndexOf(inside.at(-1) ?? '');
		return [...inside, ...outside.slice(0, Math.max(0, resumed)).reverse()];
	}
	aside(run: () => void): void {
		const reached = this.#reached.slice();
		if (this.access) this.access.paused = true;
		try {
			run();
		} finally {
			if (this.access) this.access.paused = false;
			this.#reached.set(reached);
		}
	}
	save(to: CheckpointWriter): void {
		to.array(this.#reached);
		to.array(this.#locks.arcs);
		for (const column of this.#columns()) to.array(column);
	}
	restore(from: CheckpointReader): void {
		const reached = this.#reached.slice();
		from.array(reached);
		from.must(
			reached.every((mark) => mark <= 1),
			'the marks that were reached',
		);
		for (const [i, was] of reached.entries()) this.#reached[i] |= was;
		const arcs = this.#locks.arcs.slice();
		from.array(arcs);
		for (const [i, was] of arcs.entries()) this.#locks.arcs[i] |= was;
		for (const column of this.#columns()) {
			const saved = new Uint8Array(column.length);
			from.array(saved);
			const known = (who: number) =>
				who <= this.tasks.length || who === SEVERAL || who === PREDICATES;
			from.must(saved.every(known), 'who uses a word');
			for (const [a, who] of saved.entries())
				if (who !== 0 && who !== column[a]) column[a] = column[a] === 0 ? who : SEVERAL;
		}
	}
	#columns(): Uint8Array[] {
		if (!this.access) return [];
		const { reader, writer, sender, receiver } = this.access;
		return [reader, writer, sender, receiver];
	}
	setLogging(on: boolean): void {
		this.#code.setLogging(on);
		if (!on) this.#log = [];
	}
	takeLog(): LogEntry[] {
		const out = this.#log;
		this.#log = [];
		return out;
	}

	get sites(): readonly Site[] {
		return this.#generated.sites;
	}
	siteOf(task: number): number {
		const { sites } = this.#generated;
		let fp = this.tasks[task].base;
		while (this.mem[fp] > 0 && sites[this.mem[fp]].kind === 'call')
			fp += 1 + sites[this.mem[fp]].live.length;
		return this.mem[fp];
	}
	stack(task: number): Frame[] {
		const frames: Frame[] = [];
		for (let fp = this.tasks[task].base; ; ) {
			const site = this.#generated.sites[this.mem[fp]];
			if (!site) return frames; // finished
			const { file, line, kind } = site;
			const locals = site.live.map((l, i) => ({ ...l, value: this.mem[fp + 1 + i] }));
			const named = locals.filter((l) => l.name !== '');
			frames.push({ file, line, kind, function: site.function, locals: named });
			if (kind !== 'call') return frames;
			fp += site.live.length + 1;
		}
	}
	read(path: string): number {
		return this.mem[this.locate(path).address];
	}
}
