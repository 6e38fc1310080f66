// SPDX-License-Identifier: GPL-2.0-only
/**
 * The interface of the two halves of the harness: the artifact that the lowering makes from a
 * source tree, and the machine that a configuration makes from an artifact.
 */

import type { CheckpointReader, CheckpointWriter } from './checkpoint.ts';

export type Kind =
	| 'int'
	| 'bool'
	| 'ptr' // pointer to a struct (cls), 0 = null
	| 'ops' // id of an operation table, 0 = null
	| 'struct' // embedded struct (cls)
	| 'ints'
	| 'structs' // embedded array of n structs (cls)
	| 'ptrs'
	| 'pool'; // n slots of 1 + size(cls) words; the first word of a slot says "allocated"

/**
 * A field of a struct, or a global: `offset` in words from the struct's start (a global's
 * address).
 */
export interface Field {
	name: string;
	kind: Kind;
	offset: number;
	/** words */
	size: number;
	cls?: string;
	/** arrays and pools: number of elements, words from one element to the next */
	n?: number;
	stride?: number;
	/** a global that looks like a pool's slot: the word before it is 1 */
	guarded?: true;
}
export interface Struct {
	name: string;
	size: number;
	fields: Field[];
}

export interface SourcePosition {
	/** from the project's root, with slashes */
	file: string;
	line: number;
}

/** A point where a task can be suspended. Site 0 is "never started, or finished". */
export interface Site extends SourcePosition {
	function: string;
	kind: 'start' | 'call' | 'wait' | 'idle' | 'preempt' | 'choose';
	/** frame = [site, one word a live local], a callee's frame right after it */
	live: { name: string; kind: Kind; cls?: string }[];
}

/** One place that can stop a run: ASSERT, BUG_ON, null pointer, index out of bounds... */
export interface TrapSite extends SourcePosition {
	property: string;
	message: string;
	function: string;
	/** of LOCKDEP: the functions that were being executed, innermost first */
	stack?: readonly string[];
}

/** A lock was taken, or waited for, while another was held. */
export interface LockArc {
	held: string;
	taken: string;
	/** of the first time: the task's name, and its functions, innermost first; not known: empty */
	task: string;
	stack: readonly string[];
}

/** A printk() in the sources, or (`event`) an event(). */
export interface LogSite extends SourcePosition {
	format: string;
	event?: EventInfo;
}
/** A kind of event as it is declared. */
export interface EventInfo {
	name: string;
	args: readonly (readonly [name: string, type: string])[];
}
/** A line of the kernel log. */
export interface LogLine extends SourcePosition {
	text: string;
}
/**
 * An event: its arguments by name. A pointer is the name of what it points to, a constant its name
 * without the prefix.
 */
export interface LogEvent extends SourcePosition {
	event: string;
	args: Readonly<Record<string, number | boolean | string>>;
	/** the functions that were being executed, innermost first */
	stack: readonly string[];
}
export type LogEntry = LogLine | LogEvent;
export const isEvent = (entry: LogEntry): entry is LogEvent => 'event' in entry;

/** A run of words that belong together: a small struct, a pool's slot, a task's stack. */
export interface Region {
	name: string;
	/** the node it belongs to, -1 for what is shared */
	node: number;
	start: number;
	length: number;
}

export interface TaskInfo {
	name: string;
	node: number;
	function: string;
	/** the task's stack in the image */
	base: number;
	size: number;
}

export interface Frame extends SourcePosition {
	function: string;
	kind: Site['kind'];
	locals: { name: string; kind: Kind; cls?: string; value: number }[];
}

/** Thrown by step() and check(). */
export class Violation extends Error {
	constructor(readonly trap: TrapSite) {
		super(trap.message);
		this.name = 'Violation';
	}
	get property(): string {
		return this.trap.property;
	}
}

/** Results of ready() that are not a number of choices. */
export const BLOCKED = 0;
export const IDLE = -1;
export const DONE = -2;

/**
 * The kind of number in a word, by its type in the sources: `node_nr`, `proc_nr`, `task_nr`,
 * `value_t` and `rom_nr` of the prelude, and pointers; everything else is PLAIN.
 */
export const NAMES = {
	PLAIN: 0,
	POINTER: 1,
	NODE: 2,
	PROC: 3,
	TASK: 4,
	VALUE: 5,
	CODE: 6,
} as const;

/** A renaming of nodes and programs: node n becomes nodes[n], program p becomes procs[p]. */
export interface Renaming {
	nodes: readonly number[];
	procs: readonly number[];
}

export interface Names {
	/** by address, for the words outside of stacks: one of NAMES */
	readonly content: Uint8Array;
	/** by site, of the live locals in the order of the frame; a frame is [site, live locals...] */
	readonly frames: readonly Uint8Array[];
	/** by site: the frame goes on in a callee's frame right after it */
	readonly isCall: Uint8Array;
	/** how many there are: lengths of the arrays that are indexed by them */
	readonly nodes: number;
	readonly procs: number;
	/** by address: the node and the program whose element of an indexed array it is in, or -1 */
	readonly nodeOf: Int16Array;
	readonly procOf: Int16Array;
	/**
	 * Where each word goes, by address, when elements of arrays indexed by nodes, programs or tasks
	 * change places, including stacks. Refuses a renaming that the tasks do not allow (no task has
	 * the renamed function, node and arguments).
	 */
	wordMap(renaming: Renaming): Int32Array;
	/** The same for tasks, by number. */
	taskMap(renaming: Renaming): Int32Array;
}

/** Accesses to a word, in Access.note: bits. */
export const ACCESS = { READ: 1, WRITE: 2, SEND: 4, RECEIVE: 8 } as const;
/** In the columns of Access: several tasks; the state predicates. Else 1 + a task, or 0. */
export const SEVERAL = 255;
export const PREDICATES = 254;

/**
 * Which task touched which word since the last clear(), by address. Reads include those of wait
 * conditions and, as PREDICATES, those of check(). Accesses of a function marked `@fifo send`,
 * `@fifo receive` or `@fifo pending` in its comment are only in `sender` or `receiver`.
 */
export interface Access {
	readonly reader: Uint8Array;
	readonly writer: Uint8Array;
	readonly sender: Uint8Array;
	readonly receiver: Uint8Array;
	/** if set, the kinds of access are also added here, by address */
	note: Uint8Array | null;
	clear(): void;
}

/** The argument of both functions of Pieces that asks for all of them. */
export const EVERYTHING = -1;

/** The state predicates in pieces: one a node, by its number, and one that is about several. */
export interface Pieces {
	/** what must hold in every state */
	state(piece: number): void;
	/** what must hold as well when finished() does */
	end(piece: number): void;
	/** finished(); what it reads is noted as the predicates' */
	finished(): boolean;
}

/** A configured machine: one image, and the code that steps it. */
export interface Machine {
	readonly words: number;
	readonly mem: Int32Array;
	readonly tasks: readonly TaskInfo[];
	/** all words that can change, partitioned; words outside are constant after reset() */
	readonly regions: readonly Region[];
	readonly structs: Readonly<Record<string, Struct>>;
	readonly globals: Readonly<Record<string, Field>>;
	/** every integer constant of the program, by name, as configured */
	readonly constants: Readonly<Record<string, number>>;
	readonly operations: readonly string[];
	readonly config: Readonly<Record<string, number>>;

	/** The initial state: init(), then the set-up run to its end by a fixed schedule (boot). */
	reset(): void;
	/** BLOCKED, IDLE, DONE, or the number of choices (>= 1) that the task's next step has. */
	ready(task: number): number;
	/** Runs the task to its next suspension. Throws Violation, leaving mem as it was at that point. */
	step(task: number, choice: number): void;
	/** The state predicates. Throws Violation. */
	check(): void;
	/** check() in pieces: it throws if and only if one of them does */
	readonly pieces?: Pieces;
	/** false: check() does nothing */
	readonly hasPredicates: boolean;
	/** All programs have ended. */
	finished(): boolean;

	/** Writes of step() since the last reset(), undo() or forget(): address, old value, new value. */
	readonly journalAddress: Int32Array;
	readonly journalOld: Int32Array;
	readonly journalNew: Int32Array;
	journalLength(): number;
	/** Undoes the journalled writes. */
	undo(): void;
	/** Keeps them and empties the journal. */
	forget(): void;
	/** One more write, journalled as those of a step are. */
	write(address: number, value: number): void;
	/** What renaming nodes, programs or values does to the image. */
	readonly names?: Names;
	/** Accesses; only of a machine that was made with `track`. */
	readonly access?: Access;

	/** Coverage marks reached since the machine was made. */
	marks(): string[];
	/** Which locks were taken while others were held since the machine was made. */
	lockOrder?(): LockArc[];
	/** Forgets them. */
	forgetLocks?(): void;
	/** Writes what is kept outside the image: marks, locks, accesses. */
	save(to: CheckpointWriter): void;
	/** Runs steps that do not change marks and accesses. */
	aside(run: () => void): void;
	/** Adds what save() of the same machine wrote. */
	restore(from: CheckpointReader): void;
	/** While on, printk() and event() are kept; takeLog() returns them in order. */
	setLogging(on: boolean): void;
	takeLog(): LogEntry[];

	/** A task's call stack in the image, outermost first. */
	stack(task: number): Frame[];
	/** All points where tasks can be suspended, by number; there is no site 0. */
	readonly sites: readonly Site[];
	/** The site where a task goes on; -1 when it has ended. */
	siteOf(task: number): number;
	/** `ogfs_sbs[0].sd_inodes[1].i_flags` and the like: address and field. */
	locate(path: string): { address: number; field: Field };
	/** The value at a path. */
	read(path: string): number;
	/** The name of what a pointer points to, such as `node[0].pages[1]`; `null` for 0. */
	nameOf(pointer: number): string;
}

/** What the lowering makes of a source tree, independent of any configuration. Plain JSON. */
export interface Artifact {
	format: number;
	/** of the generated code: another machine has another hash */
	hash: string;
	/** what it was made of: opaque to everyone else */
	inputs: unknown;
	/** JavaScript with place-holders for constants, offsets and sizes */
	code: string;
	/** what instantiate() needs: opaque to everyone else */
	meta: unknown;
	/** the sources bundled for the direct executor, with an inline source map */
	direct: string;
}
