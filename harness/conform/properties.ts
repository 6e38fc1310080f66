// SPDX-License-Identifier: GPL-2.0-only
/** The properties, in words. The code is in harness/properties and harness/world/coherence.ts. */
export interface Property {
	name: string;
	statement: string;
}

export const PROPERTIES: readonly Property[] = [
	{
		name: 'I1',
		statement:
			'A node on which a page of a file is writable (pte or TLB) has the file exclusively; when a node has a file exclusively, no other node has it at all.',
	},
	{
		name: 'I2',
		statement: 'A node on which a page of a file is mapped (pte or TLB) has the lock of the file.',
	},
	{
		name: 'I3',
		statement: 'A node with a dirty page or a dirty pte of a file has the file exclusively.',
	},
	{ name: 'I4', statement: 'A page of a file that is mapped is in the page cache of the file.' },
	{
		name: 'I5',
		statement:
			'A node that has given a lock up, and is done with it, has no page of the file in its cache.',
	},
	{
		name: 'I6',
		statement: 'What a node that shares a file has in its cache is what is on the disk.',
	},
	{
		name: 'I7',
		statement: 'what a process stored to a private copy of a page is there until it unmaps it',
	},
	{
		name: 'DATA',
		statement:
			'Every load from a shared mapping and every read() gives the latest store to the page, in one order for the whole cluster; every store to a shared mapping goes to the page of the file (I8).',
	},
	{
		name: 'I9',
		statement: 'Nobody waits for ever: when nothing can happen any more, every program has ended.',
	},
	{
		name: 'I10',
		statement:
			'Every program can still come to an end, whatever has happened (checked with --progress or --can-finish).',
	},
	{
		name: 'STARVE',
		statement:
			'No execution in which every task gets its turns goes on for ever without the end of a program (checked with --progress).',
	},
	{
		name: 'OVERTAKEN',
		statement:
			'Between the first fault of an access and the access itself its node loses the lock of the file no more often than the test allows (Overtaken:).',
	},
	{
		name: 'LEAK',
		statement:
			'When all programs have ended, no semaphore, glock or value of truncate_count is held; every page, file, mapping, request and holder that is allocated is accounted for, with as many references as uses.',
	},
	{
		name: 'SYNC',
		statement:
			'What was written to a file, by any node, before fsync() is called is on the disk when it returns 0, with the size and the map of the file.',
	},
	{
		name: 'BLOCK',
		statement: 'On the disk, as it is in each state, no block belongs to two files.',
	},
	{ name: 'COND', statement: 'The condition of the test holds in every final state.' },
	{
		name: 'BUG',
		statement:
			"The kernel's own assertions: no lock let go that is not held, no page freed in use, no null pointer.",
	},
	{
		name: 'COUNT',
		statement:
			'A page has at least as many references as ptes map it, rss is the number of ptes, nrpages that of the pages in the cache.',
	},
	{
		name: 'LOCKDEP',
		statement:
			'Locks are taken in an order that has no circle, over all executions; no task takes a lock twice, lets one go that it does not hold, goes back to user mode or ends with one, or may sleep with a spin lock.',
	},
	{
		name: 'LIMIT',
		statement:
			'The program does nothing that the machine does not model; otherwise the verdict is incomplete.',
	},
];
