// SPDX-License-Identifier: GPL-2.0-only
/** include/asm-i386/processor.h of 2.4.22: where the addresses of user programs end. */
import type { int } from '../../../harness/kts/prelude.ts';
import { NR_VPAGES } from '../linux/bounds.ts';
import { PAGE_SIZE } from './page.ts';

/** Behind the last page of the modelled address space; page 0 is never mapped. */
export const TASK_SIZE: int = (NR_VPAGES + 1) * PAGE_SIZE;
