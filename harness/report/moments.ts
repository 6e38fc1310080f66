// SPDX-License-Identifier: GPL-2.0-only
/**
 * What a step did, in the reader's terms, as data: each moment has a kind, and the fields that the
 * table names for it. Moments come from events of the kernels and from what changed (told.ts,
 * changed.ts), never from a text. Their text is made from the fields (wording.ts).
 *
 * Interface: Moment MomentOf MomentKind Lock FIELDS DETAILS isKind waitIn
 */

/** A cluster lock: its number, and what it protects on the disk. */
export interface Lock {
	number: number;
	of: 'file' | 'resource group' | 'journal' | 'nothing';
	/** which of these: of a file its number, of a journal its node */
	which: number;
}

/** All fields that a moment can have. */
export interface Fields {
	/** the tasks that share the page table in which a pte changed, with commas: `P0,P1` */
	process: string;
	/** what it is about: a file, a page of it, an int of that */
	file: number;
	index: number;
	word: number;
	value: number;
	/** what the value had to be */
	latest: number;
	/** the size of a file before and after; where one is enough: after */
	bytes: number;
	was: number;
	/** `page#0`: a frame of the node; the one that it was copied from */
	frame: string;
	copied: string;
	/** a pte: as it is now; of one that was taken out, as it was */
	write: boolean;
	dirty: boolean;
	/** a fault: of a store, within a system call */
	store: boolean;
	kernel: boolean;
	/** an unmap or a cut: of truncate() */
	truncate: boolean;
	/** a transfer: past the page cache */
	direct: boolean;
	/** ->page_mkwrite: lets the store in */
	allowed: boolean;
	/** the lock manager wants its memory back */
	manager: boolean;
	/** a lock of the cluster: the state that is asked for, granted, had, gone down to */
	lock: Lock;
	state: string;
	from: string;
	to: string;
	/** the other node: that is granted a lock, dies, has its write come late */
	other: number;
	/** how many ptes a walk took out or changed, pages are pinned, quanta are given */
	count: number;
	/** the step in which a walk or a write-out began */
	since: number;
	/** a slot of swap, a block of the disk */
	slot: number;
	block: number;
	/** SIGBUS */
	signal: string;
	/** another program: that is forked, gets a signal */
	program: string;
	/** a lock of a kernel by its path, and its name; the function that takes it, and its caller */
	path: string;
	name: string;
	inside: string;
	function: string;
	/** of a system call: its name; what it returned; how a recovery went */
	call: string;
	result: number;
	outcome: string;
}

/** Which fields each kind has. */
const FIELDS = {
	// ---- programs
	fault: ['file', 'index', 'store', 'kernel'],
	load: ['file', 'index', 'word', 'value', 'frame'],
	store: ['file', 'index', 'word', 'value', 'frame'],
	/** a copy within a system call loads from a mapping, or stores to one */
	'get-user': ['file', 'index', 'word', 'value', 'frame'],
	'put-user': ['file', 'index', 'word', 'value', 'frame'],
	'copy-failed': [],
	/** read() has copied that out of a page of a file, write() into one */
	read: ['file', 'index', 'word', 'value', 'frame'],
	write: ['file', 'index', 'word', 'value', 'frame'],
	poke: ['file', 'index', 'word', 'value', 'frame'],
	/** a store takes effect: from here on it must be read; a program has got a value there */
	latest: ['file', 'index', 'word', 'value'],
	looked: ['file', 'index', 'word', 'value', 'latest'],
	syscall: ['call'],
	'syscall-done': ['call', 'result'],
	fork: ['program'],
	'signal-sent': ['signal', 'program'],
	signal: ['signal'],
	// ---- mappings and pages
	/** ->nopage has returned, and with a page: '' is none */
	nopage: ['file', 'index', 'frame'],
	mkwrite: ['file', 'index', 'frame', 'allowed'],
	populate: ['file', 'index', 'frame'],
	'fault-retried': ['file', 'index', 'frame'],
	'size-early': ['file', 'bytes'],
	private: ['file', 'index', 'frame', 'copied'],
	/** a pte is installed, or becomes writable */
	pte: ['process', 'file', 'index', 'frame', 'write', 'dirty'],
	unmapped: ['process', 'file', 'index', 'frame', 'write', 'dirty'],
	wrprotect: ['process', 'file', 'index', 'frame'],
	'pte-dirty': ['process', 'file', 'index', 'frame'],
	'pte-clean': ['process', 'file', 'index', 'frame'],
	/** a walk over the ptes of a file begins; is over: so many were taken out, or changed */
	unmap: ['file', 'truncate'],
	'unmap-end': ['file', 'truncate', 'count', 'since'],
	protect: ['file'],
	'protect-end': ['file', 'count', 'since'],
	cached: ['file', 'index', 'frame', 'value'],
	dropped: ['file', 'index', 'frame', 'value'],
	'page-dirty': ['file', 'index', 'frame', 'value'],
	'store-lost': ['file', 'index', 'frame'],
	cut: ['file', 'index', 'frame'],
	/** i_size of a file on this node */
	size: ['file', 'was', 'bytes'],
	// ---- memory
	anonymous: ['frame'],
	'swap-out': ['file', 'index', 'frame', 'slot'],
	'swap-in': ['frame'],
	'reclaim-write': ['file', 'index', 'frame'],
	'reclaim-free': ['file', 'index', 'frame'],
	'no-memory': ['function'],
	// ---- the disk
	writeout: ['file', 'index', 'frame'],
	'disk-write': ['file', 'index', 'word', 'value', 'frame', 'direct'],
	'disk-read': ['file', 'index', 'word', 'value', 'frame', 'direct'],
	'disk-error': ['file', 'index', 'store'],
	'late-write': ['file', 'index', 'word', 'value', 'other'],
	'swap-write': ['slot', 'frame', 'value'],
	'swap-read': ['slot', 'frame', 'value'],
	'inode-logged': ['file', 'bytes', 'other'],
	'inode-written': ['file', 'bytes'],
	'block-given': ['file', 'block'],
	'block-freed': ['file', 'block'],
	'no-space': ['file'],
	/** directory `file` has an entry of file `index` */
	link: ['file', 'index'],
	// ---- locks of a kernel
	lock: ['path', 'name', 'inside', 'function'],
	locked: ['path', 'name', 'inside', 'function'],
	waited: ['path', 'name', 'inside', 'function'],
	unlocked: ['path', 'name', 'inside', 'function'],
	passed: ['inside', 'function'],
	// ---- locks of the cluster
	'glock-wait': ['lock', 'state', 'inside', 'function'],
	interrupted: ['lock'],
	holds: ['lock'],
	'lets-go': ['lock'],
	state: ['lock', 'state'],
	/** the node is told to go down; from here on no task of the node gets the lock */
	called: ['lock', 'to'],
	idle: ['lock', 'manager'],
	'blocked-faults': ['lock', 'to'],
	greedy: ['lock', 'count'],
	'greedy-end': ['lock'],
	sync: ['file'],
	'sync-end': ['file', 'since'],
	pinned: ['file', 'count'],
	/** to the lock manager */
	ask: ['lock', 'state'],
	upgrade: ['lock', 'from', 'to'],
	unlock: ['lock', 'to'],
	cancel: ['lock'],
	/** by the lock manager, to node `other` */
	granted: ['lock', 'other', 'state'],
	denied: ['lock', 'other'],
	taken: ['lock', 'other'],
	droplocks: ['other'],
	/** in its books: node `other` keeps less, waits, is told to go down */
	keeps: ['lock', 'other', 'state'],
	waits: ['lock', 'other', 'state'],
	calls: ['lock', 'other', 'to'],
	// ---- nodes that die
	death: ['other'],
	fenced: ['other'],
	lost: ['other'],
	'recovery-wanted': ['other'],
	recovery: ['other'],
	'journal-clean': ['other'],
	'recovery-done': ['other', 'outcome'],
} as const satisfies Record<string, readonly (keyof Fields)[]>;

export type MomentKind = keyof typeof FIELDS;
type FieldOf<K extends MomentKind> = (typeof FIELDS)[K][number];

/** A moment of a kind: its fields are there, others are not. */
export type MomentOf<K extends MomentKind> = {
	kind: K;
	/** made from the fields, for printing only */
	text: string;
	/** where; -1: at the lock manager's, or nowhere */
	node: number;
	/** whose step it was */
	task: string;
	/** the system call that the task was in, as `munmap`; '': none */
	within: string;
	/** `lock.which`, if the lock is of a file: moments of a file are found by it */
	file?: number;
} & { [F in FieldOf<K>]: Fields[F] } & {
	[F in Exclude<keyof Fields, FieldOf<K>>]?: Fields[F];
};
export type Moment = { [K in MomentKind]: MomentOf<K> }[MomentKind];

/** Moments of one kind, for find() and filter(). */
export function isKind<K extends MomentKind>(
	...kinds: K[]
): (m: Moment) => m is MomentOf<K> & Moment {
	return (m): m is MomentOf<K> & Moment => (kinds as MomentKind[]).includes(m.kind);
}

/** What happens in nearly every step. */
export const DETAILS: ReadonlySet<MomentKind> = new Set<MomentKind>([
	'lock',
	'locked',
	'waited',
	'unlocked',
	'passed',
	'latest',
	'looked',
	'syscall',
	'syscall-done',
]);

/** What a task waits for at the end of a step that stopped it; undefined: for no lock. */
export function waitIn(
	moments: readonly Moment[],
	blocked: boolean,
): MomentOf<'lock'> | MomentOf<'glock-wait'> | undefined {
	const last = blocked && moments.findLast(isKind('lock', 'locked', 'waited', 'glock-wait'));
	return last && (last.kind === 'lock' || last.kind === 'glock-wait') ? last : undefined;
}
