// SPDX-License-Identifier: GPL-2.0-only
/**
 * When V8 optimises.
 *
 * Each machine has its own code: what V8 has compiled for one is of no use to the next. The checks
 * of the suite take a quarter of a second each, and with V8's default some 45 % of the processor
 * time of `vfshook conform` went into its optimising compiler. For one long exploration the default
 * is better.
 */
import { setFlagsFromString } from 'node:v8';

/**
 * How much a function runs before V8 optimises it: six times the default. V8 up to 11 (Node 20)
 * counts bytes of bytecode (67,584), later ones calls (400 for Maglev, 3,000 for TurboFan). V8
 * complains on standard error about the option of the other.
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
