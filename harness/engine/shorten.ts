// SPDX-License-Identifier: GPL-2.0-only
/**
 * Makes a long trace short: leaves out runs of steps, then single steps, as long as the same
 * property is still violated at the end. What a walk or a depth-first search finds becomes
 * readable; it is not always the shortest trace that there is.
 */
import type { Machine } from './machine.ts';
import { attempt, canStep, deadlockIn, type Step, type ViolationFound } from './result.ts';

/** Most steps in all: a few seconds. */
const MOST_STEPS = 4_000_000;

/** The check of a terminal state, as in an exploration. */
type CheckTerminal = (machine: Machine) => { property: string; message: string } | undefined;

export interface Shortened {
	trace: Step[];
	violation: ViolationFound;
}

/** Undefined if the trace does not violate the property at all. */
export function shorten(
	machine: Machine,
	trace: readonly Step[],
	property: string,
	checkTerminal?: CheckTerminal,
): Shortened | undefined {
	machine.setLogging(false);
	let best = tryOut(machine, trace, property, checkTerminal);
	if (!best) return undefined;
	let left = MOST_STEPS;
	for (let run = best.trace.length >>> 1; run > 0 && left > 0; ) {
		let shorter = false;
		for (let from = 0; from < best.trace.length && left > 0; ) {
			left -= best.trace.length;
			const steps: Step[] = best.trace.filter((_, i) => i < from || i >= from + run);
			const found = tryOut(machine, steps, property, checkTerminal);
			if (found && found.trace.length < best.trace.length) {
				best = found;
				shorter = true;
			} else from += run;
		}
		if (run === 1 && !shorter) break;
		run = Math.max(1, Math.min(run >>> 1, best.trace.length >>> 1));
		if (best.trace.length === 0) break;
	}
	return best;
}

/** Takes the possible steps; returns them if they end in a violation of the property. */
function tryOut(
	machine: Machine,
	steps: readonly Step[],
	property: string,
	checkTerminal?: CheckTerminal,
): Shortened | undefined {
	const trace: Step[] = [];
	let violation = attempt(() => machine.reset(), 0);
	machine.forget();
	violation ??= attempt(() => machine.check(), 0);
	for (const [task, choice] of steps) {
		if (violation) break;
		if (machine.ready(task) <= choice) continue;
		trace.push([task, choice]);
		violation = attempt(() => {
			machine.step(task, choice);
			machine.check();
		}, trace.length);
		machine.forget();
	}
	if (!violation && !canStep(machine)) {
		const wrong = deadlockIn(machine, trace.length) ?? checkTerminal?.(machine);
		violation = wrong && { ...wrong, step: trace.length };
	}
	return violation?.property === property ? { trace, violation } : undefined;
}
