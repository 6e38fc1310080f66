// SPDX-License-Identifier: GPL-2.0-only
/**
 * include/linux/spinlock_types.h of 2.6; 2.4.22 has the type in include/asm-i386/spinlock.h. It is
 * apart from the functions: these need the task, which has structs with spin locks in them.
 */
import type { bool, int } from '../../../harness/kts/prelude.ts';

export class spinlock_t {
	locked: bool = false;
	/** LOCK_* */
	dep_map: int = 0;
}
