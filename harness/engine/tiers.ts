// SPDX-License-Identifier: GPL-2.0-only
/**
 * When V8 optimises.
 *
 * The code of a machine is its own: what V8 has compiled of one is of no use to the next. The
 * checks of the suite take a quarter of a second each, and with V8's own setting some 45 % of the
 * processor time of `vfshook conform` went into its optimising compiler. One long exploration is
 * better off with that setting.
 */
import { setFlagsFromString } from 'node:v8';

/**
 * Bytes of bytecode that a function runs before V8 thinks about optimising it; 67,584 by itself.
 * package.json has the same for the tests.
 */
const INTERRUPT_BUDGET = 400_000;

/** For a process that explores many machines for a short time each. */
export function optimiseLater(): void {
	setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`);
}
