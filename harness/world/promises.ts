// SPDX-License-Identifier: GPL-2.0-only
/**
 * The state of the oracles: the latest store to each int of each file, in one order for the whole
 * cluster, and related data. coherence.ts, durability.ts and losses.ts write and read it, so it is
 * a file below them.
 */
import {
	DEATHS,
	DIRECT_IO,
	DIRS,
	LOCAL_FS,
	NR_FILE_PAGES,
	NR_FILES,
	NR_PROCS,
	NR_VPAGES,
	PAGE_WORDS,
	REMAP_FILE_PAGES,
	TRUNCATES,
} from '../../vfs/include/linux/bounds.ts';
import { config, type int, ints, type value_t } from '../kts/prelude.ts';

/** 0: the oracles check nothing; for the comparison of sets of final states. */
export const CHECK_DATA: int = config('CHECK_DATA', 1);

/** 1: programs map files privately. */
export const PRIVATE_COPIES: int = config('PRIVATE_COPIES', 0);

/** 1: nodes may die, and what they have not written back is lost. */
const LOSSES: int = DEATHS > 0 ? 1 : 0;

/**
 * 1: a direct write may meet a read through the cache. A cluster's locks keep them apart; a local
 * file system lets both run.
 */
export const DIRECT_MEETS: int = LOCAL_FS && DIRECT_IO ? 1 : 0;

export class coherence_t {
	/** the latest value of each int of each page of each file */
	readonly latest = ints<value_t>(NR_FILES * NR_FILE_PAGES * PAGE_WORDS);
	/**
	 * TRUNCATES: for each file that is being truncated, the first byte that goes, plus 1; else 0. A
	 * load of an int that goes may return its value or 0, and stores to it are not tracked.
	 */
	readonly cut = ints(NR_FILES);
	/**
	 * DIRECT_MEETS: direct writes that have written the int on the disk and have not returned, and
	 * what it was before the last one. A read at that time may come before the write.
	 */
	readonly direct = ints(NR_FILES * NR_FILE_PAGES * PAGE_WORDS * DIRECT_MEETS);
	readonly before = ints<value_t>(NR_FILES * NR_FILE_PAGES * PAGE_WORDS * DIRECT_MEETS);
	/** TRUNCATES: the length of each file that all nodes must see, in bytes */
	readonly size = ints(NR_FILES * TRUNCATES);
	/**
	 * PRIVATE_COPIES: the last store of an address space to each int of a privately mapped page, and
	 * whether there was one.
	 */
	readonly copied = ints(NR_PROCS * NR_VPAGES * PAGE_WORDS * PRIVATE_COPIES);
	readonly copy = ints<value_t>(NR_PROCS * NR_VPAGES * PAGE_WORDS * PRIVATE_COPIES);
	/** DEATHS: 1 + the node that stored the latest value, 0: none since a node has the lock */
	readonly writer = ints(NR_FILES * NR_FILE_PAGES * PAGE_WORDS * LOSSES);
	/** DEATHS: the latest value is that of the disk, until a program reads it */
	readonly doubt = ints(NR_FILES * NR_FILE_PAGES * PAGE_WORDS * LOSSES);
	/** DIRS: the entries of each directory, a bit for each file */
	readonly entries = ints(NR_FILES * (DIRS ? 1 : 0));
	/** REMAP_FILE_PAGES: the page of the file, plus 1, where remap_file_pages() has put another */
	readonly remapped = ints(NR_PROCS * NR_VPAGES * REMAP_FILE_PAGES);
}
export const coherence = new coherence_t();
