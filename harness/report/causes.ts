// SPDX-License-Identifier: GPL-2.0-only
/**
 * What can go wrong, and which symbols of the configuration prevent it.
 *
 * Interface: Cause Told REMEDIES blame
 */
import { ogfs_symbols } from '../../ogfs/Kconfig.ts';
import { vfs_symbols } from '../../vfs/Kconfig.ts';
import type { Clause } from './claims.ts';
import { listed } from './prose.ts';

export type Cause =
	| 'window' // a pte installed after the revoke had unmapped
	| 'fault-not-blocked' // the same, by a fault that began after the unmap
	| 'not-unmapped'
	| 'writable-while-shared'
	| 'stale-tlb'
	| 'private-copy'
	| 'mapping-missed' // a revoke did not find a mapping
	| 'orphan' // a page left the cache, and a mapping or a transfer still has it
	| 'dirty-bit-overwritten' // a fault wrote an old copy of a pte back
	| 'dirty-bit-lost' // between the read and the clear of a pte
	| 'written-before-unmapped'
	| 'acknowledged-before-written'
	| 'late-write' // of a node that died
	| 'not-on-disk' // a store was not on the disk yet when it was read from there
	| 'kept' // a page stayed in a cache over a store elsewhere
	| 'overwritten' // a store was followed by something older
	| 'wrong-page' // a mapping leads to another page of the file
	| 'behind-the-end' // an access behind the end of a file
	| 'no-block' // for what was stored
	| 'block-of-two' // files have on the disk
	| 'overtaken' // an access, by revokes
	| 'not-synced' // fsync() or msync() came back too early
	| 'cached-without-lock'
	| 'shared-and-different' // from the disk, while nodes share it
	| 'deadlock'
	| 'endless' // it goes on for ever without coming to an end
	| 'condition'
	| 'neutral'; // what is wrong, and not why

/** Why it went wrong. */
export interface Told {
	cause: Cause;
	because: Clause[];
	therefore?: Clause[];
	/** which symbols prevent it, where that depends on more than the cause */
	remedies?: string[];
}

/** Symbols that prevent each cause. */
export const REMEDIES: Partial<Record<Cause, string[]>> = {
	window: ['TRUNCATE_COUNT', 'NOPAGEDONE', 'VM_DO_NO_PAGE'],
	'fault-not-blocked': ['OGFS_BLOCK_FAULTS_FIRST'],
	'not-unmapped': ['INVALIDATE_MMAP_RANGE'],
	'writable-while-shared': ['SHARED_PROT_RO', 'PAGE_MKWRITE'],
	'stale-tlb': ['TLB_FLUSH_SYNC'],
	'private-copy': ['PAGE_MKWRITE'],
	'mapping-missed': ['MUNMAP_ZAP_FIRST'],
	'dirty-bit-overwritten': ['SET_ACCESS_FLAGS'],
	'dirty-bit-lost': ['TLB_FLUSH_SYNC'],
	'written-before-unmapped': ['OGFS_REVOKE_ORDER'],
	'acknowledged-before-written': ['OGFS_SYNC_PAGES'],
	'late-write': ['OGFS_FENCING'],
};

/** The end of the sentence. `sure`: the run was made by leaving these symbols out. */
export function blame(symbols: readonly string[], sure: boolean): string {
	if (symbols.length === 0) return '';
	const all = [...vfs_symbols, ...ogfs_symbols];
	const named = symbols.map((s) => {
		const title = all.find((x) => x.name === s)?.title;
		return symbols.length === 1 && title ? `${s} (${title})` : s;
	});
	const verb = symbols.length === 1 ? 'is' : 'are';
	if (sure) return `: it is possible because ${listed(named)} ${verb} off`;
	const any = symbols.length > 1 ? 'any of ' : '';
	return `: ${any}${listed(named, 'or')} would prevent it, and ${verb} off`;
}
