// SPDX-License-Identifier: GPL-2.0-only
/** vfshook replay and explain: a counterexample from a file. */
import {
	CONDITION,
	conditionIn,
	endsOf,
	type Found,
	type Prepared,
	prepare,
} from '../conform/check.ts';
import {
	type Configuration,
	PROFILES,
	switchedOff,
	symbols,
	UsageError,
} from '../conform/config.ts';
import { projectRoot, readText } from '../conform/scenarios.ts';
import { type Artifact, type Machine, Violation } from '../engine/machine.ts';
import { cycleFault } from '../engine/progress/lasso.ts';
import { parseTrace, replaySchedule, TraceError, type TraceFile } from '../engine/trace.ts';
import { loadArtifact } from '../kts/artifact.ts';
import { DirectMachine } from '../kts/direct.ts';
import type { Test } from '../litmus/ast.ts';
import { LitmusError } from '../litmus/error.ts';
import { finalReader } from '../litmus/final.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { explain } from '../report/explain.ts';
import { buildTrace } from '../report/trace.ts';
import { finalPage } from '../world/observe.ts';
import { EXIT_OK, EXIT_VIOLATED } from './output.ts';

const SIZE_MAX = 16 << 20;

interface Loaded {
	file: TraceFile;
	artifact: Artifact;
	test: Test;
	configuration: Configuration;
	prepared: Prepared;
	found: Found;
}

/** Reads a trace file, and makes sure that it leads to what it says. */
async function load(name: string, made?: Artifact): Promise<Loaded> {
	const file = parseTrace(readText(name, SIZE_MAX), name);
	const artifact = made ?? (await loadArtifact(projectRoot()));
	if (file.hash !== artifact.hash)
		throw new TraceError(
			`${name}: hash: found in other sources (${file.hash.slice(0, 12)}...) than these (${artifact.hash.slice(0, 12)}...); run the check again`,
		);
	const test = testIn(file, name);
	const configuration = configurationIn(file, name);
	let prepared: Prepared;
	try {
		prepared = prepare(artifact, test, configuration);
	} catch (e) {
		if (e instanceof UsageError) throw new TraceError(`${name}: config: ${e.message}`);
		throw e;
	}
	const { schedule, cycle_from: cycleFrom } = file;
	const found: Found = {
		...file.violation,
		schedule,
		...(cycleFrom !== undefined && { cycleFrom }),
	};
	verify(prepared, test, found, name);
	return { file, artifact, test, configuration, prepared, found };
}

function testIn(file: TraceFile, name: string): Test {
	if (file.program.text === undefined)
		throw new TraceError(`${name}: program.text: expected the text of the test, found nothing`);
	try {
		return parseLitmus(file.program.text, `${name}: program.text`);
	} catch (e) {
		if (e instanceof LitmusError) throw new TraceError(e.message);
		throw e;
	}
}

/** The profile whose symbols are nearest, for the words of the report. */
function nearestProfile(on: Record<string, number>): string {
	const missing = (p: (typeof PROFILES)[number]) =>
		symbols.filter((s) => (p.on.includes(s.name) ? 1 : 0) !== on[s.name]).length;
	return [...PROFILES].sort((a, b) => missing(a) - missing(b))[0].name;
}

function configurationIn(file: TraceFile, name: string): Configuration {
	const on: Record<string, number> = {};
	for (const s of symbols) {
		const value = Object.hasOwn(file.config, s.name) ? file.config[s.name] : 0;
		if (value !== 0 && value !== 1)
			throw new TraceError(`${name}: config.${s.name}: expected 0 or 1, found ${value}`);
		on[s.name] = value;
	}
	const bounds: Record<string, number> = {};
	for (const bound of ['NR_NODES', 'SMP', 'NR_FRAMES']) {
		if (!Object.hasOwn(file.config, bound)) continue;
		const value = file.config[bound];
		if (value < 0 || value > 64)
			throw new TraceError(`${name}: config.${bound}: ${value} is out of range`);
		bounds[bound] = value;
	}
	const profile = nearestProfile(on);
	return { profile, symbols: on, bounds };
}

/** The properties that are predicates of a state, not of a step. */
const PREDICATES = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'LEAK'];

/** The machine as it was explored: the predicates count when one of them is what was found. */
function machineFor(prepared: Prepared, found: Found): Machine {
	if (PREDICATES.includes(found.property)) return prepared.machine;
	return Object.create(prepared.machine, { check: { value: () => {} } }) as Machine;
}

function conditionHolds(prepared: Prepared, test: Test): boolean {
	const values = finalReader(prepared.machine, prepared.program, finalPage)();
	const value = conditionIn(prepared.program, values);
	return test.quantifier === 'forall' ? value : !value;
}

/** Why the execution does not go on for ever, fair to every task, without an end of a program. */
function starvationFault(prepared: Prepared, found: Found): string | undefined {
	const { machine } = prepared;
	const { schedule, cycleFrom = schedule.length } = found;
	const replayed = replaySchedule(machineFor(prepared, found), schedule.slice(0, cycleFrom));
	for (const _ of replayed);
	const starved = endsOf(prepared).filter((goal) => !goal.reached(machine));
	if (starved.length === 0) return 'every program has ended';
	return cycleFault(machine, schedule.slice(cycleFrom), starved);
}

/** Takes the steps on the compiled machine. */
function verify(prepared: Prepared, test: Test, found: Found, name: string): void {
	let property: string | undefined;
	let steps = 0;
	try {
		for (const at of replaySchedule(machineFor(prepared, found), found.schedule)) {
			steps = at.step;
			property = at.violation?.property;
		}
	} catch (e) {
		if (e instanceof TraceError) throw new TraceError(`${name}: ${e.message}`);
		throw e;
	}
	if (property === undefined && found.property === CONDITION) {
		if (!prepared.machine.finished())
			throw new TraceError(`${name}: schedule: expected an end of all programs, found none`);
		if (!conditionHolds(prepared, test)) return;
	}
	if ((found.property === 'STARVE') !== (found.cycleFrom !== undefined))
		throw new TraceError(`${name}: cycle_from: goes with STARVE, and STARVE with it`);
	if (property === undefined && found.property === 'STARVE') {
		const fault = starvationFault(prepared, found);
		if (!fault) return;
		throw new TraceError(`${name}: cycle_from: expected a fair cycle, but ${fault}`);
	}
	// That no way leads to the end from here is not in the steps.
	if (property === undefined && found.property === 'I10' && !prepared.machine.finished()) return;
	if (property === found.property && steps === found.schedule.length) return;
	throw new TraceError(
		`${name}: schedule: expected a way to ${found.property} in ${found.schedule.length} steps, found ${property ?? 'nothing wrong'} after ${steps}: the file was edited`,
	);
}

/** `made`: the artifact, if the caller has it. */
export async function explainCommand(
	name: string,
	options: { full?: boolean },
	made?: Artifact,
): Promise<number> {
	const { prepared, configuration, found } = await load(name, made);
	const trace = buildTrace(prepared.machine, found.schedule, found, prepared.program, {
		missing: switchedOff(configuration),
	});
	process.stdout.write(`${explain(trace, { full: options.full })}\n`);
	return EXIT_OK;
}

/**
 * Runs it on the direct executor, where the sources are what runs, and stops where it goes
 * wrong.
 */
export async function replayCommand(name: string, made?: Artifact): Promise<number> {
	const { artifact, prepared, test, found } = await load(name, made);
	const { cycleFrom } = found;
	const direct = new DirectMachine(artifact, {
		config: prepared.machine.config,
		rom: prepared.program.rom,
	});
	process.stdout.write(
		`${test.name}: ${found.schedule.length} steps on the direct executor, to ${found.property}\n`,
	);
	const predicate = PREDICATES.includes(found.property);
	let step = 0;
	try {
		for (const [task, choice] of found.schedule) {
			step++;
			direct.step(task, choice);
			if (predicate) direct.check();
		}
	} catch (e) {
		if (!(e instanceof Violation)) throw e;
		process.stdout.write(`step ${step}: ${e.stack}\n`);
		return EXIT_VIOLATED;
	}
	if (cycleFrom !== undefined)
		process.stdout.write(`after step ${step} everything is as it was after step ${cycleFrom}\n`);
	process.stdout.write(`step ${step}: ${found.property}: ${found.message}\n`);
	return EXIT_VIOLATED;
}
