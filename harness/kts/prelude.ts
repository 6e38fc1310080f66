// SPDX-License-Identifier: GPL-2.0-only
/**
 * The prelude of kernel TypeScript: vfs/, ogfs/ and harness/world may use it and each other,
 * nothing else. The lowering knows every name here and turns it into code over the machine image;
 * this file implements them for the direct executor, which runs the sources themselves.
 *
 * Interface:
 *   types        int bool Sleeps Ints Structs Ptrs Cache node_nr proc_nr task_nr value_t rom_nr
 *   storage      ints structs ptrs kmem_cache kmem_cache_alloc kmem_cache_free kmem_cache_slot
 *                reset_struct
 *   constants    config kconfig rom
 *   suspension   wait_event wait_idle wait_choose wait_choose_idle preempt choose
 *   tasks        spawn self end_task
 *   checks       BUG_ON ASSERT Property
 *   observation  printk event event_kind cover cover_caller lock_order
 *   of events    EventKind EventType EventValue
 * Below the line "direct executor" are the calls that only the host makes.
 */

/** A 32-bit signed integer. `+ - * ++ --` wrap alike in both executors. */
export type int = number;
export type bool = boolean;
/**
 * Integers that name something without order (Murphi's scalarset): a node, a program, a task, a
 * value that programs store, a place in the program memory. The reduction by symmetry renames them;
 * for all other code they are ints. An array whose length is NR_NODES, NR_PROCS or NR_TASKS itself
 * is indexed by nodes, programs or tasks.
 */
export type node_nr = int;
export type proc_nr = int;
export type task_nr = int;
export type value_t = int;
export type rom_nr = int;

/** What a function that may be suspended returns: call it as `yield* f(...)`. */
export type Sleeps<T = void> = Generator<Suspension, T, int>;

export interface Suspension {
	kind: 'wait' | 'idle' | 'preempt' | 'choose';
	/** how many choices there are; the suspension's value is the one that was taken */
	count: () => int;
}

/**
 * Embedded arrays of ints (`Ints<node_nr>`: of ints that name nodes), of structs, of pointers: only
 * fields and globals have these types.
 */
export interface Ints<T extends int = int> {
	[i: number]: T;
	readonly __ints: never;
}
export interface Structs<T> {
	[i: number]: T;
	readonly __structs: never;
}
export interface Ptrs<T> {
	[i: number]: T | null;
	readonly __ptrs: never;
}
/** A bounded pool of structs: a kmem_cache whose exhaustion can be tested. */
export interface Cache<T> {
	readonly __cache: T;
}

/** The executor's functions for a run of the sources. */
export interface Host {
	config: Record<string, int>;
	rom: ArrayLike<int>;
}
declare global {
	/** Bound by the direct executor around the bundled sources. */
	var KTS_HOST: Host | undefined;
	/** Freed structs, with all structs and arrays in them, and their slots. */
	var __kts_freed: Map<object, string> | undefined;
}
const host: Host = typeof KTS_HOST === 'undefined' ? { config: {}, rom: [] } : KTS_HOST;

// ---- storage --------------------------------------------------------------------------------

export function ints<T extends int = int>(n: int): Ints<T> {
	return new Array(n).fill(0) as unknown as Ints<T>;
}
export function structs<T>(C: new () => T, n: int): Structs<T> {
	return Array.from({ length: n }, () => new C()) as unknown as Structs<T>;
}
export function ptrs<T>(n: int): Ptrs<T> {
	return new PointerArray(n).fill(null) as unknown as Ptrs<T>;
}
class PointerArray extends Array<object | null> {}

const freed = typeof __kts_freed === 'undefined' ? new Map<object, string>() : __kts_freed;

class Pool<T> {
	readonly slots: T[];
	readonly used: boolean[];
	readonly #name: string;
	readonly #parts: object[][];
	constructor(C: new () => T, n: int) {
		this.slots = Array.from({ length: n }, () => new C());
		this.used = new Array(n).fill(false);
		this.#name = C.name;
		this.#parts = this.slots.map(partsOf);
		for (let i = 0; i < n; i++) this.mark(i, false);
	}
	/** Marks slot i as used or free: an access to a free slot is an error. */
	mark(i: int, used: boolean): void {
		this.used[i] = used;
		for (const part of this.#parts[i])
			if (used) freed.delete(part);
			else freed.set(part, `${this.#name}#${i}`);
	}
}
/**
 * A new struct with all structs and arrays in it: its pointers are null yet. Slots of pools in it
 * are free by themselves.
 */
function partsOf(x: unknown): object[] {
	if (!isStorage(x) || x instanceof Pool) return [];
	return [x, ...Object.values(x).flatMap(partsOf)];
}
export function kmem_cache<T>(C: new () => T, n: int): Cache<T> {
	return new Pool(C, n) as unknown as Cache<T>;
}
/** The first free struct of the pool, fresh as from `new`; null when the pool is exhausted. */
export function kmem_cache_alloc<T>(cache: Cache<T>): T | null {
	const pool = cache as unknown as Pool<T>;
	const i = pool.used.indexOf(false);
	if (i < 0) return null;
	pool.mark(i, true);
	return pool.slots[i];
}
/** The struct in slot `i` of a pool; null if it is free. */
export function kmem_cache_slot<T>(cache: Cache<T>, i: int): T | null {
	const pool = cache as unknown as Pool<T>;
	if (i < 0 || i >= pool.slots.length) throw new Violation('BUG', 'index out of bounds');
	return pool.used[i] ? pool.slots[i] : null;
}
/** Frees a struct and resets it. A double free, or a struct of another pool, is a bug. */
export function kmem_cache_free<T>(cache: Cache<T>, x: T): void {
	const pool = cache as unknown as Pool<T>;
	const i = pool.slots.indexOf(x);
	if (i < 0 || !pool.used[i]) throw new Violation('BUG', 'bad kmem_cache_free');
	reset(x);
	pool.mark(i, false);
}

/**
 * Resets a struct that is a global, or is in one: everything in it, also what init() wrote, becomes
 * as after `new`; pools in it are empty.
 */
export function reset_struct(x: object | null): void {
	if (x === null) throw new Violation('BUG', 'null pointer');
	reset(x);
}

// ---- constants ------------------------------------------------------------------------------

/** A configuration constant: chosen when the machine is made, `dflt` when it was not named. */
export function config(name: string, dflt: int): int {
	return host.config[name] ?? dflt;
}
/**
 * The symbols of a kernel. `exports` of an entry names what the kernel has only with that symbol:
 * functions, OPERATIONS.member and STRUCT.field.
 */
export function kconfig<T extends { name: string; exports?: string[] }>(symbols: T[]): T[] {
	return symbols;
}
/** Word `i` of the read-only program memory (litmus programs and the world's set-up). */
export function rom(i: int): int {
	const v = host.rom[i];
	if (v === undefined) throw new Violation('BUG', 'rom() out of bounds');
	return v;
}

// ---- suspension -----------------------------------------------------------------------------
// Each of these ends the step; the task continues in a later one.

/** Goes on in a step in which `cond` holds. */
export function* wait_event(cond: () => boolean): Sleeps {
	yield { kind: 'wait', count: () => (cond() ? 1 : 0) };
}
/** As wait_event(), for a daemon's idle wait: staying here for ever is no deadlock. */
export function* wait_idle(cond: () => boolean): Sleeps {
	yield { kind: 'idle', count: () => (cond() ? 1 : 0) };
}
/**
 * Goes on in a step in which `count` is above 0, with each of 0..count-1. The value is the choice.
 */
export function* wait_choose(count: () => int): Sleeps<int> {
	const choice = yield { kind: 'wait', count };
	if (count() < 0) throw new Violation('BUG', 'negative number of choices');
	return choice;
}
/** As wait_choose(), for a daemon's idle wait. */
export function* wait_choose_idle(count: () => int): Sleeps<int> {
	const choice = yield { kind: 'idle', count };
	if (count() < 0) throw new Violation('BUG', 'negative number of choices');
	return choice;
}
/** Lets every other task and processor run. */
export function* preempt(): Sleeps {
	yield { kind: 'preempt', count: () => 1 };
}
/** Goes on with each of 0..n-1: a branch of the exploration for each. */
export function* choose(n: int): Sleeps<int> {
	if (n < 1) throw new Violation('BUG', 'choose() of nothing');
	return yield { kind: 'choose', count: () => n };
}

// ---- tasks ----------------------------------------------------------------------------------

/**
 * Makes a task of node `node` (-1: of no node), and returns its id. Only init() may call it; ids
 * count up from 0.
 */
export function spawn<A extends unknown[]>(
	name: string,
	node: int,
	f: (...a: A) => Sleeps,
	...args: A
): task_nr {
	const at: Suspension = { kind: 'preempt', count: () => 1 };
	return tasks.push({ name, node, gen: f(...args), at, done: false }) - 1;
}
/** The id of the task whose step this is. */
export function self(): task_nr {
	return running;
}

/** Ends another task where it is. It releases nothing. */
export function end_task(t: task_nr): void {
	if (t < 0 || t >= tasks.length || t === running)
		throw new Violation('BUG', 'end_task() of no other task');
	tasks[t].done = true;
}

// ---- checks ---------------------------------------------------------------------------------

/**
 * The names of the properties. harness/conform/properties.ts states each, and does not compile
 * unless it has all.
 */
export type Property =
	| ('I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'DATA' | 'I9' | 'I10' | 'STARVE')
	| ('OVERTAKEN' | 'LEAK' | 'SYNC' | 'BLOCK' | 'COND' | 'BUG' | 'COUNT' | 'LOCKDEP' | 'LIMIT');

/** A property does not hold. */
export class Violation extends Error {
	constructor(
		readonly property: Property,
		message: string,
	) {
		super(message);
		this.name = 'Violation';
	}
}
/** The kernel's own assertion. Arguments after the condition are a string literal. */
export function BUG_ON(cond: bool, message: string): void {
	if (cond) throw new Violation('BUG', message);
}
/** A stated property: violated when `cond` is false. */
export function ASSERT(property: Property, cond: bool, message: string): void {
	if (!cond) throw new Violation(property, message);
}

// ---- observation ----------------------------------------------------------------------------

/**
 * A line of the kernel log, for traces; no effect on the state. `format` is a literal with %d
 * (int), %p (pointer to a struct), %{PREFIX} (the constant PREFIX_* of that value), one per
 * argument.
 */
export function printk(format: string, ...args: (int | bool | object | null)[]): void {
	logged.push({ format, args });
}
/** A coverage mark; `property: NAME` marks that a property was exercised. */
export type Mark<M extends string> = M extends `property: ${infer P}`
	? P extends Property
		? M
		: never
	: M;

/** The type of an argument of an event. An int says what it counts or names. */
export type EventType =
	| 'int'
	| 'bool'
	| 'node'
	| 'proc'
	| 'task'
	| 'value'
	| 'address'
	| 'file'
	| 'index'
	| 'word'
	| 'lock'
	| 'sector'
	| 'slot'
	| 'bytes'
	| 'signal'
	/** a pointer to that struct */
	| `*${string}`
	/** an int that is one of the constants with that prefix; of PREFIX_* the rest is its name */
	| `${string}*`;
/** The value in code for an argument of that type. */
export type EventValue<T extends EventType> = T extends 'bool'
	? bool
	: T extends `*${string}`
		? object | null
		: int;

type EventArguments = readonly (readonly [name: string, type: EventType])[];
/** A kind of event: its name, and its arguments with their names and types. */
export interface EventKind<N extends string, A extends EventArguments> {
	readonly name: N;
	readonly args: A;
}
/** Makes a kind of event. Only a constant EVENT_* at top level may be one; all are literals. */
export function event_kind<N extends string, const A extends EventArguments>(
	name: N,
	...args: A
): EventKind<N, A> {
	return { name, args };
}
type EventValues<A extends EventArguments> = {
	-readonly [I in keyof A]: A[I] extends readonly [string, infer T extends EventType]
		? EventValue<T>
		: never;
};
/**
 * An event for a trace, as data; printk() is text. No effect on the state. The arguments are
 * evaluated only while a trace is made, so they must not assign, nor call functions that do.
 */
export function event<A extends EventArguments>(
	kind: EventKind<string, A>,
	...args: EventValues<A>
): void {
	logged.push({ kind, args });
}
/** Marks that this was reached, in some state of the exploration. The name is a literal. */
export function cover<M extends string>(mark: M & Mark<M>): void {
	marks.add(mark);
}
/**
 * Marks that this was reached through the function `depth` calls up the stack: `MARK: NAME`. Both
 * arguments are literals.
 */
export function cover_caller(mark: string, depth: int): void {
	marks.add(`${mark}: ${depth} calls outside`);
}
/**
 * Notes an arc from each bit of `held` to the bit `taken`, in a graph outside the state: a lock
 * that is taken while others are held. The names of the bits are the constants LOCK_*.
 */
export function lock_order(held: int, taken: int): void {
	const to = 31 - Math.clz32(taken);
	lockArcs[to] |= held;
}

// ---- direct executor ------------------------------------------------------------------------

export interface Task {
	name: string;
	node: int;
	gen: Sleeps;
	at: Suspension;
	done: boolean;
}
let tasks: Task[] = [];
let running = -1;
/** A printk() or an event(). */
export type Logged =
	| { format: string; args: unknown[] }
	| { kind: EventKind<string, EventArguments>; args: unknown[] };
let logged: Logged[] = [];
const marks = new Set<string>();
const lockArcs = new Int32Array(32);

/** The runtime as the host sees it. */
export const runtime = {
	tasks: (): readonly Task[] => tasks,
	/** Resets every global of `ns` in place, then makes the tasks: the state before boot. */
	restart(ns: Record<string, unknown>, init: () => void): void {
		tasks = [];
		logged = [];
		running = -1;
		for (const v of Object.values(ns)) if (isStorage(v)) reset(v);
		init();
	},
	/** 0 blocked, -1 idle, -2 done, otherwise how many choices the next step has. */
	ready(t: int): number {
		const task = tasks[t];
		if (task.done) return -2;
		const n = task.at.count();
		if (n < 0) return 1; // for the step to throw
		return n === 0 && task.at.kind === 'idle' ? -1 : n;
	},
	step(t: int, choice: int): void {
		const task = tasks[t];
		running = t;
		try {
			const r = task.gen.next(choice);
			if (r.done) task.done = true;
			else task.at = r.value;
		} finally {
			running = -1;
		}
	},
	takeLog(): Logged[] {
		const out = logged;
		logged = [];
		return out;
	},
	marks: (): ReadonlySet<string> => marks,
	/** by number of a bit: those that were held when it was taken */
	lockArcs: (): Int32Array => lockArcs,
	isPool: (v: unknown): v is { slots: object[]; used: boolean[] } => v instanceof Pool,
};

const isOps = (v: object): boolean => Object.getPrototypeOf(v) === Object.prototype;
const isStorage = (v: unknown): v is object => typeof v === 'object' && v !== null && !isOps(v);

/** Back to the initial contents, keeping every object's identity: pointers to it stay valid. */
function reset(x: unknown): void {
	if (x instanceof Pool) {
		for (const s of x.slots) reset(s);
		for (const i of x.slots.keys()) x.mark(i, false);
	} else if (x instanceof PointerArray) {
		x.fill(null);
	} else if (Array.isArray(x)) {
		if (typeof x[0] === 'number') x.fill(0);
		else for (const s of x) reset(s);
	} else {
		const old = x as Record<string, unknown>;
		const fresh = new (old.constructor as new () => Record<string, unknown>)();
		for (const k of Object.keys(fresh)) {
			const v = fresh[k];
			if (isStorage(v)) reset(old[k]);
			else old[k] = v;
		}
	}
}
