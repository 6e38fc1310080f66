// SPDX-License-Identifier: GPL-2.0-only
/**
 * What a lock module and the glock layer say to each other (GFS1: src/harness/lm_interface.h).
 * States have GFS1's names and values. Left out: DEFERRED, lock value blocks, plocks, recovery.
 */
import type { int } from '../../harness/kts/prelude.ts';

export const LM_ST_UNLOCKED: int = 0;
export const LM_ST_EXCLUSIVE: int = 1;
export const LM_ST_SHARED: int = 3;

/** Callbacks: somebody else needs the lock exclusively, or shared. */
export const LM_CB_NEED_E: int = 257;
export const LM_CB_NEED_S: int = 259;
/** An upgrade is denied. A grant is the LM_ST_* that was granted. */
export const LM_CB_DENIED: int = 300;
