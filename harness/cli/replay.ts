// SPDX-License-Identifier: GPL-2.0-only
/** vfshook replay and explain: a counterexample from a file. */
import { artifactFor } from '../conform/artifacts.ts';
import { switchedOff } from '../conform/config.ts';
import { type Counterexample, counterexampleIn } from '../conform/counterexample.ts';
import { ingredients } from '../conform/prepare.ts';
import { propertyOf } from '../conform/properties.ts';
import { readText } from '../conform/scenarios.ts';
import { type Artifact, Violation } from '../engine/machine.ts';
import { parseTrace } from '../engine/trace.ts';
import { DirectMachine } from '../kts/direct.ts';
import { explain } from '../report/explain.ts';
import { buildTrace } from '../report/trace.ts';
import { EXIT_OK, EXIT_VIOLATED } from './output.ts';

const SIZE_MAX = 16 << 20;

/** Reads a trace file, and checks that it leads to the violation that it names. */
async function load(
	name: string,
	made?: Artifact,
): Promise<Counterexample & { artifact: Artifact }> {
	const file = parseTrace(readText(name, SIZE_MAX), name);
	const artifact = made ?? (await artifactFor(file.config));
	return { artifact, ...counterexampleIn(artifact, file, name) };
}

/** `made`: the artifact, if the caller has it. */
export async function explainCommand(
	name: string,
	options: { full?: boolean },
	made?: Artifact,
): Promise<number> {
	const { prepared, configuration, found, test } = await load(name, made);
	if (!prepared) {
		const { property, message, function: where, file, line } = found;
		process.stdout.write(
			`${test.name}: ${property}: ${message}\nThis happens in the set-up of the test, before the first step: in ${where} (${file}:${line})\n`,
		);
		return EXIT_OK;
	}
	const trace = buildTrace(prepared.machine, found.schedule, found, prepared.program, {
		missing: switchedOff(configuration),
	});
	process.stdout.write(`${explain(trace, { full: options.full })}\n`);
	if (found.splat) process.stdout.write(`${found.splat.join('\n')}\n`);
	return EXIT_OK;
}

/**
 * Runs it on the direct executor, which runs the sources, up to the violation.
 */
export async function replayCommand(name: string, made?: Artifact): Promise<number> {
	const { artifact, test, configuration, found } = await load(name, made);
	const { cycleFrom, schedule, property, circle } = found;
	process.stdout.write(
		`${test.name}: ${schedule.length} steps on the direct executor, to ${property}\n`,
	);
	const { of } = propertyOf(property);
	const { config, program } = ingredients(test, configuration);
	let step = 0;
	try {
		const direct = new DirectMachine(artifact, { config, rom: program.rom });
		if (of === 'state') direct.check();
		for (const [task, choice] of schedule) {
			step++;
			direct.step(task, choice);
			if (of === 'state') direct.check();
		}
	} catch (e) {
		if (!(e instanceof Violation)) throw e;
		process.stdout.write(`step ${step}: ${e.stack}\n`);
		return EXIT_VIOLATED;
	}
	if ((of === 'state' || of === 'step') && !circle)
		throw new Error(`${property}: the direct executor finds nothing wrong`);
	if (cycleFrom !== undefined)
		process.stdout.write(`the state after step ${step} is that after step ${cycleFrom}\n`);
	process.stdout.write(`step ${step}: ${property}: ${found.message}\n`);
	return EXIT_VIOLATED;
}
