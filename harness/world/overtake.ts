// SPDX-License-Identifier: GPL-2.0-only
/**
 * Bounded overtaking: how often a node loses the lock of a file to other nodes between the first
 * fault of an access and the access itself (OVERTAKEN).
 */

import { NR_PROCS, OVERTAKEN } from '../../vfs/include/linux/bounds.ts';
import type { inode } from '../../vfs/include/linux/fs.ts';
import { current, tasks } from '../../vfs/include/linux/sched.ts';
import { find_vma } from '../../vfs/mm/mmap.ts';
import { ASSERT, cover, type int, self, structs } from '../kts/prelude.ts';

/** The access that a program is making. */
class overtaking {
	/** the number of its file plus 1; 0: it has not faulted, or has no file */
	file: int = 0;
	/** revokes since */
	count: int = 0;
}
const overtakings = structs(overtaking, NR_PROCS);

/** The running program's access has faulted. */
export function access_faults(address: int): void {
	current().in_fault = true;
	if (!OVERTAKEN) return;
	const vma = find_vma(current().mm!, address);
	if (!vma || vma.vm_start > address || !vma.vm_file) return;
	overtakings[self()].file = vma.vm_file.f_inode!.i_ino + 1;
}

/** The access is tried again. */
export function access_repeats(): void {
	current().in_fault = false;
}

/** The access is done, or ends the program. */
export function access_ends(): void {
	current().in_fault = false;
	if (!OVERTAKEN) return;
	overtakings[self()].file = 0;
	overtakings[self()].count = 0;
}

/** The node of a program has died. */
export function access_lost(p: int): void {
	overtakings[p].file = 0;
	overtakings[p].count = 0;
}

/** The node of @inode begins to give up its lock. */
export function lock_revoked(inode: inode): void {
	if (!OVERTAKEN) return;
	cover('property: OVERTAKEN');
	for (let p = 0; p < NR_PROCS; p++) {
		if (overtakings[p].file !== inode.i_ino + 1 || tasks[p].node!.id !== inode.i_node) continue;
		overtakings[p].count++;
		ASSERT(
			'OVERTAKEN',
			overtakings[p].count < OVERTAKEN,
			'an access has lost the lock more often than the test allows',
		);
	}
}
