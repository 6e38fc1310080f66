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
 * How much a function runs before V8 optimises it, six times what it takes by itself. Up to V8 11
 * (Node 20) that is counted in bytes of bytecode (67,584), later in calls (400 for Maglev, 3,000
 * for TurboFan): V8 does not know the words of the other, and says so on standard error.
 */
const LATER = {
	bytes: ['--interrupt-budget=400000'],
	calls: ['--invocation-count-for-maglev=2400', '--invocation-count-for-turbofan=18000'],
};

export function flagsOfV8(version: string): readonly string[] {
	return Number.parseInt(version, 10) < 12 ? LATER.bytes : LATER.calls;
}

/** For a process that explores many machines for a short time each. */
export function optimiseLater(): void {
	for (const flag of flagsOfV8(process.versions.v8)) setFlagsFromString(flag);
}
