// SPDX-License-Identifier: GPL-2.0-only
/**
 * include/linux/spinlock_types.h of 2.6.11; in 2.4.22 the type stands in include/asm-i386/spinlock.h.
 * It is apart from the functions, which need the task, which has structs with locks in them.
 */
import type { bool, int } from '../../../harness/kts/prelude.ts';

export class spinlock_t {
	locked: bool = false;
	/** LOCK_* */
	dep_map: int = 0;
}
