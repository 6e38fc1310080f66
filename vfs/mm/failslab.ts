// SPDX-License-Identifier: GPL-2.0-only
/**
 * mm/failslab.c and lib/fault-inject.c of 2.6.20, of which 2.4.22 has nothing: allocations that
 * fail although there is memory. Any may, FAIL_ALLOC of them in an execution; with 0, the
 * default, none of this is there.
 */
import {
	type bool,
	choose,
	cover_caller,
	event,
	type int,
	type Sleeps,
} from '../../harness/kts/prelude.ts';
import { FAIL_ALLOC } from '../include/linux/bounds.ts';
import { EVENT_NO_MEMORY } from '../include/linux/events.ts';

/** struct fault_attr: one for the whole machine. */
export class fault_attr {
	/** allocations that have failed */
	times: int = 0;
}
export const failslab = new fault_attr();

/**
 * should_failslab - is this allocation one of those that fail?
 *
 * Called by functions that allocate. The mark names who called them: `fault injection: NAME`.
 *
 * Return: a choice, while fewer than FAIL_ALLOC allocations have failed.
 * Context: may sleep.
 */
export function* should_failslab(): Sleeps<bool> {
	if (failslab.times >= FAIL_ALLOC) return false;
	const fails = yield* choose(2);
	if (fails === 0) return false;
	failslab.times++;
	event(EVENT_NO_MEMORY, 2);
	cover_caller('fault injection', 2);
	return true;
}
