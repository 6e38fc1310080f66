// SPDX-License-Identifier: GPL-2.0-only
/**
 * The claims of a conclusion: each is a fact about one step, or one state, of a trace. A claim is
 * plain data: claims-words.ts puts it in words, claims-check.ts checks it. Steps count from 1; step
 * 0 stands for the state before the first step.
 *
 * Interface: Claim ClaimKind ClaimOf At Clause
 */

/** An int of a page of a file. */
export interface At {
	file: number;
	index: number;
	word: number;
}
/** A page of a file, and the frame of a node that holds it. */
interface Framed {
	node: number;
	frame: string;
	file: number;
	index: number;
}
interface Stepped {
	step: number;
}
interface Acting extends Stepped {
	/** the task that took the step */
	task: string;
	node: number;
}
interface Range {
	from: number;
	to: number;
}
/** A lock: in words, and the path of its word or its number in the cluster. */
interface Awaited {
	lock: string;
	path?: string;
	glock?: number;
}
interface Mapping extends Framed {
	/** whose: of threads, all */
	process: string;
	write: boolean;
	dirty: boolean;
}

interface Fields {
	// ---- values
	/** from here on users must read @value; `call`: in a system call, else through a mapping */
	stored: Acting & { at: At; value: number; call: boolean };
	/** the same by a truncate or a late end of a program: users must read @value; no task stored it */
	became: Acting & { at: At; value: number };
	/** a load or a read() returns @value; the right one is @latest */
	saw: Acting & { at: At; value: number; latest: number; call: boolean; direct?: boolean };
	/** a load or a store behind the end of a file that was cut, which did not fault */
	behind: Acting & { at: At; size: number; store: boolean };
	/** a store goes to a frame that is no page of the file (any more) */
	lost: Acting & { at: At; value: number; frame: string; private: boolean };
	/** an int of a frame becomes @value; the frame holds that page */
	filled: Acting & { at: At; frame: string; value: number; by: 'disk' | 'task' };
	/** after each of the steps the frame is the cached page, and has @value */
	cached: Range & { node: number; frame: string; at: At; value: number };
	// ---- the disk
	/** the disk gets @value */
	written: Acting & { at: At; value: number };
	/** the same, from a node that has died: handed over before */
	late: Stepped & { node: number; at: At; value: number };
	/** the disk has @value after the step */
	disk: Stepped & { at: At; value: number };
	/** @value is what users must read after the first of the steps; the disk has it after none */
	unwritten: Range & { at: At; value: number };
	/** after the step the inode on the disk says that a page of a file is in a block */
	block: Stepped & { file: number; index: number; block: number; since: number };
	/** no block of the disk is free for the file */
	full: Acting & { file: number };
	/** the disk refuses a transfer */
	refused: Acting;
	// ---- page tables
	/** a pte comes to map the frame, or becomes writable */
	installed: Acting & Mapping;
	/** a pte, or what a processor remembers of one, maps the frame after the step */
	mapped: Stepped & Mapping & { of: 'pte' | 'tlb' };
	/** a pte is taken out */
	unmapped: Acting & Mapping;
	/** a pte loses its dirty bit, and stays */
	cleaned: Acting & Mapping;
	/** there are ptes of a file on a node, and none is taken out in these steps */
	spared: Range & { node: number; file: number };
	/** a page is marked dirty */
	dirtied: Acting & Framed & { value: number };
	/** a private copy of a page of a file is mapped in its place */
	copied: Acting & { frame: string; original: string };
	// ---- the page cache
	/** a page leaves it; `dirty`: with what was not written */
	dropped: Acting & Framed & { dirty: boolean; value: number };
	// ---- control
	/** a hook of the file system has returned, with a page in a frame */
	returned: Acting & { hook: string; frame: string };
	/** a task is in a system call of that name */
	during: Acting & { call: string };
	/** a write-out of a file, from its begin to its end */
	wroteOut: Range & { task: string; node: number; file: number };
	/** a walk over the page tables of a file: how many ptes it took out or write-protected */
	walked: Range & {
		task: string;
		node: number;
		file: number;
		protect: boolean;
		found: number;
		/** for which nodes: they wait for the lock, or have it, when it ends */
		wanted: readonly number[];
	};
	// ---- locks of the cluster
	/** the node is told to go down to a state */
	called: Stepped & { node: number; file: number; state: string };
	/** nodes that wait for the lock, or have it, after the step */
	wanted: Stepped & { file: number; nodes: readonly number[] };
	/** from here on new faults wait */
	blocked: Stepped & { node: number; file: number };
	/** the node goes down to a state */
	unlocked: Stepped & { node: number; file: number; state: string };
	/** the node has the lock in a state after the step */
	has: Stepped & { node: number; file: number; state: string };
	/** a task gets the glock of its node */
	took: Acting & { file: number };
	/** a task that waited for the glock neither waits nor has it after the step: a signal came */
	withdrew: Acting & { file: number };
	/** the node loses the lock, for the nth time since the access of a program has faulted */
	overtaken: Acting & { process: string; count: number };

	// ---- nodes
	died: Stepped & { node: number };

	// ---- what a program can tell
	/** a register, errno or the signal of a program changes */
	result: Stepped & { process: string; name: string; value: number; text: string };

	/** a place that the test asks for has a value at the end */
	final: { name: string; value: number; text: string };
	/** users are promised another length of a file from here on, in bytes */
	resized: Acting & { file: number; size: number };
	/** a node takes a file for longer or shorter than it is on the disk, in bytes */
	length: Stepped & { file: number; node: number; size: number; disk: number };
	/** the length of a file in bytes, as users are promised it, and as a node or the disk has it */
	sizes: Stepped & { file: number; users: number; node: number | 'disk'; size: number };
	// ---- deadlocks
	/** in the last state a task waits, in @function, for @lock ('': not known) */
	waits: Awaited & { task: string; node: number; function: string };
	/** a task took a lock and still has it; `function` '': it is not known in which */
	holds: Stepped & { task: string; lock: string; path: string; function: string };
	/** a node has a cluster lock at the end, held by tasks */
	grip: { node: number; lock: number; state: string; tasks: readonly string[] };
	// ---- the violation itself
	/** a property does not hold in a step, or in the state after it */
	broken: Acting & { property: string; message: string; function?: string };
	/** the steps lead back to the state before them */
	cycle: Range & { starving: readonly string[] };
	/** no way leads to an end from the last state */
	endless: Stepped;
	/** if all tasks go on: the access that a program can tell, so many steps later */
	later: {
		steps: number;
		task: string;
		node: number;
		access: 'load' | 'read' | 'store';
		/** a read past the page cache, by the disk */
		direct?: boolean;
		at: At;
		value: number;
		latest?: number;
		storedBy?: string;
		private?: boolean;
	};
}

export type ClaimKind = keyof Fields;
export type ClaimOf<K extends ClaimKind> = { kind: K } & Fields[K];
export type Claim = { [K in ClaimKind]: ClaimOf<K> }[ClaimKind];

/** A piece of a sentence: a claim, or a word that joins claims. */
export type Clause = string | Claim | { claim: Claim; form: Form };
/** The form of a claim: alone, or as part of another clause. */
export type Form = 'plain' | 'past' | 'noun' | 'short';

export function claimIn(clause: Clause): Claim | undefined {
	if (typeof clause === 'string') return undefined;
	return 'kind' in clause ? clause : clause.claim;
}
