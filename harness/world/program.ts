// SPDX-License-Identifier: GPL-2.0-only
/** User programs: the state of each. */
import { NR_PROCS, NR_REGS } from '../../vfs/include/linux/bounds.ts';
import { type bool, type int, ints, type rom_nr, structs, type value_t } from '../kts/prelude.ts';

/** A running program. */
export class user_proc {
	pc: rom_nr = 0;
	/** values; the program decides which are numbers, addresses or descriptors */
	readonly regs = ints<value_t>(NR_REGS);
	/** the signal that ended it, 0: none */
	signal: int = 0;
	/** its set-up is done */
	ready: bool = false;
	ended: bool = false;
	/** its node has died: it counts as ended */
	lost: bool = false;
}
export const user_procs = structs(user_proc, NR_PROCS);
