// SPDX-License-Identifier: GPL-2.0-only
/** For tests that find something: what was found is written, read again and replayed. */
import type { Artifact } from '../engine/machine.ts';
import { formatTrace, parseTrace } from '../engine/trace.ts';
import { DirectMachine } from '../kts/direct.ts';
import type { Test } from '../litmus/ast.ts';
import { type Counterexample, counterexampleIn, traceFileOf } from './counterexample.ts';
import { ingredients } from './prepare.ts';
import { propertyOf } from './properties.ts';
import type { CheckReport, Found } from './request.ts';

/** The text of the file of what a check has found. Throws if there is none. */
export function writtenTrace(artifact: Artifact, test: Test, report: CheckReport): string {
	const found = report.harm ?? report.violation;
	const file = found && traceFileOf(artifact, test, report, found);
	if (!file) throw new Error(`${test.name}: nothing was found, or no way to it`);
	return formatTrace(file);
}

export function readTrace(artifact: Artifact, text: string): Counterexample {
	return counterexampleIn(artifact, parseTrace(text, 't.json'), 't.json');
}

/** Replays what a check has found on both executors; what they find must be the same. */
export function replayed(artifact: Artifact, test: Test, report: CheckReport): Found {
	const read = readTrace(artifact, writtenTrace(artifact, test, report));
	const { property, schedule, circle } = read.found;
	const { of } = propertyOf(property);
	const { config, program } = ingredients(read.test, read.configuration);
	try {
		const direct = new DirectMachine(artifact, { config, rom: program.rom });
		if (of === 'state') direct.check();
		for (const [task, choice] of schedule) {
			direct.step(task, choice);
			if (of === 'state') direct.check();
		}
	} catch (e) {
		if ((e as { property?: string }).property === property) return read.found;
		throw e;
	}
	if ((of === 'state' || of === 'step') && !circle)
		throw new Error(`${property}: the direct executor finds nothing wrong`);
	return read.found;
}
