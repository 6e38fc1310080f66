// SPDX-License-Identifier: GPL-2.0-only
/**
 * The properties, each once: its statement, its exemptions, when it is checked, and whether a
 * program can notice a violation. The prelude has the names, which ASSERT() takes; the checks are
 * in harness/properties, harness/world and the explorer. Replay, the search for harm, `exercised`,
 * the verdict, `list properties` and docs/machine.md follow from this table.
 *
 * Interface: PROPERTIES propertyNames propertyOf isProperty exercisedBy PropertyInfo
 */
import type { Property } from '../kts/prelude.ts';

export interface PropertyInfo {
	statement: string;
	/** what it does not cover, a sentence each */
	exemptions: readonly string[];
	/**
	 * When it is checked. state: in every state, by check_state() of harness/properties; step: in
	 * a step; end: in a state in which no task can step; search: in the whole graph of states.
	 */
	of: 'state' | 'step' | 'end' | 'search';
	/** a program can notice a violation: the search for harm stops there */
	visible: boolean;
	/** the verdict when it is violated */
	verdict: 'violated' | 'incomplete';
	/**
	 * What counts as exercising it, so that the verdict is not vacuous. marks: all of these coverage
	 * marks were reached; ended: an execution ended, or the search did; progress, can-finish: the
	 * search ended, with that option; never: it always applies, and says nothing about the test.
	 */
	exercised: { marks: readonly string[] } | 'ended' | 'progress' | 'can-finish' | 'never';
}

/** It has a coverage mark of its own, where something happens that it is about. */
const marked = (name: Property, ...more: string[]) => ({ marks: [`property: ${name}`, ...more] });

export const PROPERTIES: Readonly<Record<Property, PropertyInfo>> = {
	I1: {
		statement:
			'A node with a writable translation (pte or TLB) of a file holds its lock exclusively; while one node holds it exclusively, no other node holds it.',
		exemptions: ['A local file system (LOCAL_FS) has no cluster locks.'],
		of: 'state',
		visible: false,
		verdict: 'violated',
		exercised: marked('I1'),
	},
	I2: {
		statement:
			'A node on which a page of a file is mapped (pte or TLB) holds the lock of the file.',
		exemptions: ['A local file system (LOCAL_FS) has no cluster locks.'],
		of: 'state',
		visible: false,
		verdict: 'violated',
		exercised: marked('I2'),
	},
	I3: {
		statement: 'A node with a dirty page or a dirty pte of a file holds its lock exclusively.',
		exemptions: ['A local file system (LOCAL_FS) has no cluster locks.'],
		of: 'state',
		visible: false,
		verdict: 'violated',
		exercised: marked('I3'),
	},
	I4: {
		statement: 'A page of a file that is mapped is in the page cache of the file.',
		exemptions: [],
		of: 'state',
		visible: false,
		verdict: 'violated',
		exercised: marked('I4'),
	},
	I5: {
		statement: 'A node that has finished giving up a lock has no page of the file in its cache.',
		exemptions: [
			'While the node changes the state of the lock (GLF_LOCK) it may still have pages.',
			'With READPAGE_LOCKS, a page that is not up to date may wait there to be read.',
			'A local file system (LOCAL_FS) has no cluster locks.',
		],
		of: 'state',
		visible: false,
		verdict: 'violated',
		exercised: marked('I5', 'cache: a page of a file'),
	},
	I6: {
		statement: 'On a node that holds a file shared, cached pages are as on the disk.',
		exemptions: [
			'A page that is locked, or not up to date, may differ.',
			'A local file system (LOCAL_FS) has no cluster locks.',
		],
		of: 'state',
		visible: false,
		verdict: 'violated',
		exercised: marked('I6'),
	},
	I7: {
		statement:
			'What a process stored to its private copy of a page stays there until it unmaps the page.',
		exemptions: [
			'Truncating the file to an end before the page ends it; if another node does it, finding that it has.',
			'The child may or may not see what threads of the parent store during fork().',
		],
		of: 'step',
		visible: false,
		verdict: 'violated',
		exercised: marked('I7'),
	},
	DATA: {
		statement:
			'Every load from a shared mapping and every read() returns the latest store to the page, in one order for the whole cluster; every store to a shared mapping reaches the page of the file (I8).',
		exemptions: [
			'While ftruncate() cuts an int off, a load or a read() may return its value or 0, and a store to it is not tracked.',
			'On a local file system, until a direct write returns, a load or a read() may return what it has replaced on the disk.',
			'A private copy may be behind the end of the file until its node knows that end: another node may have cut it.',
			'Loads from private mappings are not checked, except for what the process itself stored there (I7).',
			'An access is not checked while a thread removes the mapping that it goes through; a store counts if it reaches a page of a file.',
			'Stores behind the end of the file, in its last page, are not tracked.',
		],
		of: 'step',
		visible: true,
		verdict: 'violated',
		exercised: marked('DATA'),
	},
	I9: {
		statement: 'No program waits for ever: when no task can step, every program has ended.',
		exemptions: ['Daemons may idle.'],
		of: 'end',
		visible: true,
		verdict: 'violated',
		exercised: 'ended',
	},
	I10: {
		statement:
			'From every state there is a way for all programs to end (checked with --progress or --can-finish).',
		exemptions: [],
		of: 'search',
		visible: true,
		verdict: 'violated',
		exercised: 'can-finish',
	},
	STARVE: {
		statement:
			'In every execution that is fair to all tasks, every program ends (checked with --progress).',
		exemptions: [],
		of: 'search',
		visible: true,
		verdict: 'violated',
		exercised: 'progress',
	},
	OVERTAKEN: {
		statement:
			'Between the first fault of an access and the access itself, the node loses the lock of the file at most as often as the test allows (Overtaken:).',
		exemptions: [],
		of: 'step',
		visible: true,
		verdict: 'violated',
		exercised: marked('OVERTAKEN'),
	},
	LEAK: {
		statement:
			'When all programs have ended, no semaphore, glock or value of truncate_count is held; every allocated page, file, mapping, request and holder is accounted for, with as many references as uses.',
		exemptions: [
			'Dead and recovering nodes are not checked, nor are pages of a node with work in progress.',
			'If nodes may die, blocks of the disk are not counted.',
			'With KSWAPD and RECLAIM the daemon may keep one reference to a page.',
		],
		of: 'state',
		visible: false,
		verdict: 'violated',
		exercised: 'never',
	},
	SYNC: {
		statement:
			'When fsync() or fdatasync() returns 0, all that any node wrote to the file before the call is on the disk, with the size and the block map of the file; so is, for msync(MS_SYNC), all that was stored to its pages.',
		exemptions: [
			'Stores through a mapping count for msync(MS_SYNC) only.',
			'A write() to a file that is open O_SYNC promises the same, and is not checked.',
			'A page that was changed or truncated after the call is not checked; after a write error of the disk, nothing is.',
			'Data that a dead node may have lost are not checked.',
			'A local file system (LOCAL_FS) is not covered.',
		],
		of: 'step',
		visible: true,
		verdict: 'violated',
		exercised: marked('SYNC'),
	},
	BLOCK: {
		statement: 'On the disk, in every state, no block belongs to two files.',
		exemptions: ['Checked only where files share blocks (NR_RGRP_BLOCKS).'],
		of: 'state',
		visible: false,
		verdict: 'violated',
		exercised: marked('BLOCK'),
	},
	COND: {
		statement: 'The condition of the test holds in every final state.',
		exemptions: ['A plain `exists` claims nothing, unless the header expects Never.'],
		of: 'end',
		visible: true,
		verdict: 'violated',
		exercised: 'never',
	},
	BUG: {
		statement:
			"The kernel's own assertions hold: no lock is released that is not held, no page in use is freed, no null pointer is followed.",
		exemptions: [],
		of: 'step',
		visible: false,
		verdict: 'violated',
		exercised: 'never',
	},
	COUNT: {
		statement:
			'A page has at least as many references as ptes that map it; rss is the number of ptes; nrpages is the number of pages in the cache.',
		exemptions: ['rss is not checked while page_table_lock is held, nor when no task uses it.'],
		of: 'state',
		visible: false,
		verdict: 'violated',
		exercised: 'never',
	},
	LOCKDEP: {
		statement:
			'Over all executions, the order of locks has no circle; no task takes a lock twice, releases one that it does not hold, returns to user mode or exits with one, or may sleep under a spin lock.',
		exemptions: ['Known inversions (inversions.ts) close no circle.'],
		of: 'step',
		visible: false,
		verdict: 'violated',
		exercised: 'never',
	},
	LIMIT: {
		statement:
			'The program does nothing that the machine does not model; otherwise the verdict is incomplete.',
		exemptions: [],
		of: 'step',
		visible: false,
		verdict: 'incomplete',
		exercised: 'never',
	},
};

export const propertyNames = Object.keys(PROPERTIES) as readonly Property[];

export function isProperty(name: string): name is Property {
	return Object.hasOwn(PROPERTIES, name);
}

/** The property of that name. An assertion of another name is a fault of the harness. */
export function propertyOf(name: string): PropertyInfo {
	if (isProperty(name)) return PROPERTIES[name];
	throw new Error(`no property is called '${name}': harness/conform/properties.ts has them all`);
}

export interface Searched {
	/** coverage marks that were reached */
	marks: ReadonlySet<string>;
	/** every interleaving was visited */
	complete: boolean;
	/** an execution ended */
	ended: boolean;
	/** false: the state predicates were not evaluated */
	predicates?: boolean;
	progress: boolean;
	canFinish: boolean;
}

/** The properties that were exercised, in the order of the table. */
export function exercisedBy(searched: Searched): Property[] {
	const { marks, complete, ended, predicates = true, progress, canFinish } = searched;
	return propertyNames.filter((name) => {
		const { exercised, of } = PROPERTIES[name];
		if (of === 'state' && !predicates) return false;
		switch (exercised) {
			case 'never':
				return false;
			case 'ended':
				return ended || complete;
			case 'progress':
				return complete && progress;
			case 'can-finish':
				return complete && (progress || canFinish);
			default:
				return exercised.marks.every((mark) => marks.has(mark));
		}
	});
}

/** Was a property exercised that has a mark of its own? Otherwise the verdict is vacuous. */
export function isAboutSomething(exercised: readonly Property[]): boolean {
	return exercised.some((name) => typeof PROPERTIES[name].exercised === 'object');
}
