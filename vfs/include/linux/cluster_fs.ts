// SPDX-License-Identifier: GPL-2.0-only
/**
 * What a file system answers to the machine that it runs on: no kernel file. A kernel learns of a
 * file system by its operations tables; the machine has to format its disk, start its daemons, ask
 * what right to a file a node has, and take a node away. The null members have a default.
 */
import type { bool, int, node_nr, value_t } from '../../../harness/kts/prelude.ts';
import type { inode } from './fs.ts';

/** What a node has of a file: it may keep nothing of it in memory. */
export const CL_NONE: int = 0;
/** it may change the file; no other node has anything of it */
export const CL_EXCLUSIVE: int = 1;
/** it goes to the disk alone, and keeps nothing; other nodes too */
export const CL_DEFERRED: int = 2;
/** it may read and cache; other nodes too */
export const CL_SHARED: int = 3;

export interface cluster_fs_operations {
	// ---- set-up, before any task runs
	/** what is there once; null: nothing */
	init: (() => void) | null;
	/** file @ino is on the disk, with @size bytes and as a directory with @entries */
	format_file(ino: int, size: int, entries: value_t): void;
	/** page @index of it has a block; null: each page has a place of its own */
	format_page: ((ino: int, index: int) => void) | null;
	/** the file system's part of an inode in memory; the generic part is there */
	read_inode(inode: inode): void;
	/** what a node has besides its files; null: nothing */
	mount: ((node: node_nr) => void) | null;
	/** the tasks of a node: its daemons; null: it has none */
	spawn_daemons: ((node: node_nr) => void) | null;
	/** the other end of a node's connection to the cluster; null: there is none */
	spawn_server: ((node: node_nr) => void) | null;
	/** tasks that only some machines have; null: it has none */
	spawn_helpers: (() => void) | null;
	/** what replays the journal of a dead node (DEATHS); null: nothing does */
	spawn_recovery: ((node: node_nr) => void) | null;

	// ---- rights
	/** CL_*: what a node has of file @ino; null: rights are of no concern, there is one node */
	right: ((node: node_nr, ino: int) => int) | null;
	/** is the right of a node to file @ino changing? null: never */
	right_changes: ((node: node_nr, ino: int) => bool) | null;
	/** the set-up of a program has ended: its node gives up all that it has; null: nothing to do */
	give_up: ((node: node_nr) => void) | null;
	/** has no node a right, and is no message in transit? null: always */
	quiet: (() => bool) | null;
	/** does a node change none of its rights and locks now? null: it does not */
	idle: ((node: node_nr) => bool) | null;
	/** a node is told to give up what it does not use (DROPLOCKS) */
	drop_locks: ((node: node_nr) => void) | null;

	// ---- the disk
	/** by the inode on the disk: size in bytes, a bit for each page with a block, the block */
	disk_size(ino: int): int;
	disk_blocks(ino: int): int;
	/** null: each page has a place of its own */
	disk_block: ((ino: int, index: int) => int) | null;
	/** the same of the newest inode that is safe, maybe in a journal; null: that on the disk */
	committed_size: ((ino: int) => int) | null;
	committed_blocks: ((ino: int) => int) | null;

	// ---- the death of a node (DEATHS); null: this file system has no recovery
	/** marks for coverage of what the node was doing */
	cover_death: ((node: node_nr) => void) | null;
	/** the node is gone, with all that it had in memory */
	node_stops: ((node: node_nr) => void) | null;
	/** the cluster knows: what the node had may be recovered */
	node_died: ((node: node_nr) => void) | null;
	/** is a dead node fenced off the disk before that? */
	fences: (() => bool) | null;
	/** does a node recover another one? It may go on after the end of all programs */
	recovers: ((node: node_nr) => bool) | null;

	// ---- checks of its own: ASSERT()
	/** in every state; null: none */
	check_state: (() => void) | null;
	/** when all programs have ended, of each node, and of the cluster; null: none */
	check_node_end: ((node: node_nr) => void) | null;
	check_end: (() => void) | null;
}
