// SPDX-License-Identifier: GPL-2.0-only
/**
 * The properties, each once: what it says, where it does not hold, when it is looked at, and who
 * notices that it is broken. The prelude has their names, which ASSERT() takes; the code is in
 * harness/properties, harness/world and the explorer. Replay, the search for harm, `exercised`,
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
	 * When it is looked at. state: in every state, by check_state() of harness/properties; step: in
	 * a step; end: in a state in which no task can step; search: in the whole graph of states.
	 */
	of: 'state' | 'step' | 'end' | 'search';
	/** a program can notice that it is broken: nothing worse is looked for */
	visible: boolean;
	/** what the verdict is when it is broken */
	verdict: 'violated' | 'incomplete';
	/**
	 * What makes it count as exercised, so that the verdict is about something. marks: all of these
	 * coverage marks were reached; ended: the end of an execution, or of the search, was reached;
	 * progress, can-finish: the search came to its end, with that option; never: it always applies,
	 * and says nothing about the test.
	 */
	exercised: { marks: readonly string[] } | 'ended' | 'progress' | 'can-finish' | 'never';
}

/** It marks itself where something happens that it is about. */
const marked = (name: Property, ...more: string[]) => ({ marks: [`property: ${name}`, ...more] });

export const PROPERTIES: Readonly<Record<Property, PropertyInfo>> = {
	I1: {
		statement:
			'A node on which a page of a file is writable (pte or TLB) has the file exclusively; when a node has a file exclusively, no other node has it at all.',
		exemptions: ['A local file system (LOCAL_FS) has no locks of a cluster.'],
		of: 'state',
		visible: false,
		verdict: 'violated',
		exercised: marked('I1'),
	},
	I2: {
		statement: 'A node on which a page of a file is mapped (pte or TLB) has the lock of the file.',
		exemptions: ['A local file system (LOCAL_FS) has no locks of a cluster.'],
		of: 'state',
		visible: false,
		verdict: 'violated',
		exercised: marked('I2'),
	},
	I3: {
		statement: 'A node with a dirty page or a dirty pte of a file has the file exclusively.',
		exemptions: ['A local file system (LOCAL_FS) has no locks of a cluster.'],
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
		statement:
			'A node that has given a lock up, and is done with it, has no page of the file in its cache.',
		exemptions: [
			'While the node changes the state of the lock (GLF_LOCK) it may still have pages.',
			'With READPAGE_LOCKS a page that is to be read may be there, if it is not up to date.',
			'A local file system (LOCAL_FS) has no locks of a cluster.',
		],
		of: 'state',
		visible: false,
		verdict: 'violated',
		exercised: marked('I5', 'cache: a page of a file'),
	},
	I6: {
		statement: 'What a node that shares a file has in its cache is what is on the disk.',
		exemptions: [
			'A page that is locked, or not up to date, may differ.',
			'A local file system (LOCAL_FS) has no locks of a cluster.',
		],
		of: 'state',
		visible: false,
		verdict: 'violated',
		exercised: marked('I6'),
	},
	I7: {
		statement: 'What a process stored to a private copy of a page is there until it unmaps it.',
		exemptions: [
			'It ends when the file is cut in front of the page.',
			'What threads of the parent store while it forks is left open in the child.',
		],
		of: 'step',
		visible: false,
		verdict: 'violated',
		exercised: marked('I7'),
	},
	DATA: {
		statement:
			'Every load from a shared mapping and every read() gives the latest store to the page, in one order for the whole cluster; every store to a shared mapping goes to the page of the file (I8).',
		exemptions: [
			'An int that is being cut, from the step in which ftruncate() begins to that in which it is done: a load or a read() may give its value or 0, and a store to it counts for nothing.',
			'Loads of private mappings, but for what the process itself stored there (I7).',
			'An access through a translation whose mapping a thread is removing; a store counts if it reaches a page of a file.',
			'What is stored behind the end of the file, in its last page, counts for nothing.',
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
			'Every program can still come to an end, whatever has happened (checked with --progress or --can-finish).',
		exemptions: [],
		of: 'search',
		visible: true,
		verdict: 'violated',
		exercised: 'can-finish',
	},
	STARVE: {
		statement:
			'No execution in which every task gets its turns goes on for ever without the end of a program (checked with --progress).',
		exemptions: [],
		of: 'search',
		visible: true,
		verdict: 'violated',
		exercised: 'progress',
	},
	OVERTAKEN: {
		statement:
			'Between the first fault of an access and the access itself its node loses the lock of the file no more often than the test allows (Overtaken:).',
		exemptions: [],
		of: 'step',
		visible: true,
		verdict: 'violated',
		exercised: marked('OVERTAKEN'),
	},
	LEAK: {
		statement:
			'When all programs have ended, no semaphore, glock or value of truncate_count is held; every page, file, mapping, request and holder that is allocated is accounted for, with as many references as uses.',
		exemptions: [
			'Nodes that are dead or recover another one, and pages of a node on which something is under way, are not looked at.',
			'Where nodes may die, blocks of the disk are not counted.',
			'With KSWAPD and RECLAIM the daemon may keep one reference to a page.',
		],
		of: 'state',
		visible: false,
		verdict: 'violated',
		exercised: 'never',
	},
	SYNC: {
		statement:
			'What was written to a file, by any node, before fsync() or fdatasync() is called, or stored to the pages that msync(MS_SYNC) is called for, is on the disk when the call returns 0, with the size and the map of the file.',
		exemptions: [
			'What was stored through a mapping counts for msync(MS_SYNC) only.',
			'A write() to a file that is open O_SYNC promises the same, and is not looked at.',
			'A page that has changed since the call, or was cut, counts no more; nor does anything after the disk refused a write.',
			'What a dead node may have taken along counts for nothing.',
			'A local file system (LOCAL_FS) is not covered.',
		],
		of: 'step',
		visible: true,
		verdict: 'violated',
		exercised: marked('SYNC'),
	},
	BLOCK: {
		statement: 'On the disk, as it is in each state, no block belongs to two files.',
		exemptions: ['Looked at where files share blocks (NR_RGRP_BLOCKS).'],
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
			"The kernel's own assertions: no lock let go that is not held, no page freed in use, no null pointer.",
		exemptions: [],
		of: 'step',
		visible: false,
		verdict: 'violated',
		exercised: 'never',
	},
	COUNT: {
		statement:
			'A page has at least as many references as ptes map it, rss is the number of ptes, nrpages that of the pages in the cache.',
		exemptions: ['rss is not looked at while page_table_lock is held, nor when no task uses it.'],
		of: 'state',
		visible: false,
		verdict: 'violated',
		exercised: 'never',
	},
	LOCKDEP: {
		statement:
			'Locks are taken in an order that has no circle, over all executions; no task takes a lock twice, lets one go that it does not hold, goes back to user mode or ends with one, or may sleep with a spin lock.',
		exemptions: ['Orders that are known and listed (inversions.ts) close no circle.'],
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

/** What a property of that name is. An assertion of another name is a fault of the harness. */
export function propertyOf(name: string): PropertyInfo {
	if (isProperty(name)) return PROPERTIES[name];
	throw new Error(`no property is called '${name}': harness/conform/properties.ts has them all`);
}

export interface Searched {
	/** coverage marks that were reached */
	marks: ReadonlySet<string>;
	/** every interleaving was visited */
	complete: boolean;
	/** an execution came to its end */
	ended: boolean;
	progress: boolean;
	canFinish: boolean;
}

/** The properties that something happened to which they apply, in the order of the table. */
export function exercisedBy(searched: Searched): Property[] {
	const { marks, complete, ended, progress, canFinish } = searched;
	return propertyNames.filter((name) => {
		const { exercised } = PROPERTIES[name];
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

/** Did something happen that the test can be about: is a property exercised that marks itself? */
export function isAboutSomething(exercised: readonly Property[]): boolean {
	return exercised.some((name) => typeof PROPERTIES[name].exercised === 'object');
}
