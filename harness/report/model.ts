// SPDX-License-Identifier: GPL-2.0-only
/**
 * What a trace is: plain JSON, made by trace.ts, read by everything else in this folder.
 *
 * Interface: Trace TraceStep Role Place Change Result Surroundings Final Wait Held Aftermath
 */
import type { SourcePosition } from '../engine/machine.ts';
import type { Step } from '../engine/result.ts';
import type { Claim } from './claims.ts';
import type { Lock, Moment } from './moments.ts';
import type { Rank } from './names.ts';
import type { Snapshot } from './state.ts';

/** What a task is: a program, the disk of a node, the lock manager, a part of a kernel, fate. */
export type Role = 'program' | 'disk' | 'lock manager' | 'kernel' | 'fate';

export interface Place extends SourcePosition {
	function: string;
}
export interface Change {
	path: string;
	before: string | number | boolean | null;
	after: string | number | boolean | null;
}
/** A step has changed what a program can tell: a register, errno, the signal that ends it. */
export interface Result {
	process: string;
	/** `r0`, `errno`, `signal`; `ended`: 1, it has come to its end */
	name: string;
	value: number;
	/** the value as a user writes it: ENOSPC, SIGBUS */
	text: string;
}
/** Beside the snapshot of a step. */
export interface Surroundings {
	/** where files can be cut: how long each is for everybody, in bytes */
	sizes?: number[];
	/** where nodes die: is the node alive, dead, fenced or released, by name of the constant */
	status?: string[];
	/** where files take blocks: of each page of each file on the disk its block, -1: none */
	blocks?: number[][];
	/** by program: how often its node has lost the lock since the access has faulted */
	overtaken?: number[];
	/** where the disk may refuse: how many requests it has */
	refused?: number;
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
	results: Result[];
	/** what is in no snapshot, after the step */
	around: Surroundings;
	/** the first property that does not hold any more */
	broken?: { property: string; message: string };
	after: Snapshot;
}

export interface Held {
	task: string;
	/** in which step it took it; 0: before the first, or not known */
	step: number;
	/** in which function; '': it is not known */
	function: string;
	/** of a glock: who has it how, and on which node */
	note?: string;
	node?: number;
}
export interface Wait {
	task: string;
	node: number;
	/** where it waits, and the first function below it that is no lock primitive */
	function: string;
	caller: string;
	file: string;
	line: number;
	/** what it waits for; '': not known */
	lock: string;
	/** the same without the state that it wants it in */
	object: string;
	/** the path of its word, or the number of a lock of the cluster */
	path?: string;
	glock?: number;
	/** a daemon without work */
	idle: boolean;
	/** its stack, outermost first */
	stack: string[];
	heldBy: Held[];
}

/** What users will see of a state that is wrong, if everybody goes on. */
export interface Aftermath {
	/** how many steps it took */
	steps: number;
	/** they, after those of the trace */
	schedule: Step[];
	/** the access: of which task, on which node, what it did */
	task: string;
	node: number;
	event: string;
	kind: 'store' | 'load' | 'read' | 'other';
	value?: number;
	message: string;
	/** the page, and its latest store: who made it, and what it was */
	file?: number;
	index?: number;
	word?: number;
	latest?: number;
	storedBy?: string;
	/** of a read: it goes past the page cache, and the disk carries it out */
	direct?: boolean;
	/** of a store: the page that it went to is one of the program's own, not of the file */
	private?: boolean;
}

/** A place whose final value the test asks for, and what it is. */
export interface Final {
	/** as the test names it: `0:r1`, `[x]`, `f[1]` */
	name: string;
	value: number;
	text: string;
	/** the place: a result of a program, or an int of a file */
	process?: string;
	result?: string;
	file?: number;
	index?: number;
	word?: number;
	/** it is one of those that make the condition hold, or not hold, as it must not */
	guilty: boolean;
}

export interface Trace {
	name: string;
	nodes: number;
	/** bytes */
	pageSize: number;
	tasks: { name: string; node: number }[];
	/** names of files, of their pages, and of the ints of those that have several */
	files: { name: string; pages: string[]; ints?: string[][] }[];
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
	/** of a final state that the test forbids */
	finals?: Final[];
	/** what comes of it if everybody goes on: the step that a user can tell, if one was found */
	aftermath?: Aftermath;
	/** what went wrong and why, in a sentence, and what it claims */
	conclusion: string;
	claims: Claim[];
	/** the cause that it is told by; `neutral`: it says what is wrong, and not why */
	cause: string;
}
