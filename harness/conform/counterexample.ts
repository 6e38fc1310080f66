// SPDX-License-Identifier: GPL-2.0-only
/**
 * A counterexample as a file, and back. The contents of a file are claims. The machine is made
 * again from the test, the profile, the symbols and the bounds in the file, compared with the rest
 * of the file, and the steps are taken. The result of the steps is reported; a file that
 * contradicts it is refused, and of its text only what differs is printed.
 *
 * Interface: traceFileOf counterexampleIn machineFor Counterexample
 */
import { explore } from '../engine/explorer.ts';
import { type Artifact, type Machine, Violation } from '../engine/machine.ts';
import { cycleFault, LIVELOCK, starvation } from '../engine/progress/lasso.ts';
import { delegate } from '../engine/reduction.ts';
import type { Step, ViolationFound } from '../engine/result.ts';
import { replaySchedule, show, TraceError, type TraceFile } from '../engine/trace.ts';
import { UnknownSymbolError } from '../kts/machine/unknown.ts';
import type { Test } from '../litmus/ast.ts';
import { LitmusError } from '../litmus/error.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { boundOf, outOfRange, settable } from './bounds.ts';
import { CONDITION, contradictionIn } from './condition.ts';
import { type Configuration, profileOf, symbols, UsageError } from './config.ts';
import { circularLocking } from './harm.ts';
import { isCounted } from './inversions.ts';
import { endsOf, ingredients, type Prepared, prepare } from './prepare.ts';
import { isProperty, propertyOf } from './properties.ts';
import type { CheckReport, Found } from './request.ts';
import { foundOf } from './search.ts';

export interface Counterexample {
	test: Test;
	configuration: Configuration;
	/** the result of the run, which is that of the file */
	found: Found;
	/** absent: the set-up itself violates the property, and there is no machine */
	prepared?: Prepared;
}

/**
 * The file for a violation; undefined if no path to it is known, which can happen for a circle of
 * locks when a limit was reached.
 */
export function traceFileOf(
	artifact: Pick<Artifact, 'hash'>,
	test: Test,
	report: Pick<CheckReport, 'profile' | 'bounds' | 'config'>,
	found: Found,
): TraceFile | undefined {
	const { schedule, cycleFrom, splat, circle, ...violation } = found;
	if (isCircle(found) && !circle) return undefined;
	return {
		program: { id: test.name, text: test.source.text },
		profile: report.profile,
		config: { ...report.bounds, ...report.config },
		hash: artifact.hash,
		schedule,
		...(cycleFrom !== undefined && { cycle_from: cycleFrom }),
		violation,
		...(circle && { circle }),
	};
}

/** LOCKDEP over several executions, not in a step: there is no place in the sources. */
function isCircle({ property, file }: Pick<Found, 'property' | 'file'>): boolean {
	return property === 'LOCKDEP' && file === undefined;
}

/** Makes the machine of a file and takes its steps. `name`: the file, in messages. */
export function counterexampleIn(
	artifact: Artifact,
	file: TraceFile,
	name: string,
): Counterexample {
	if (file.hash !== artifact.hash)
		throw new TraceError(
			`${name}: hash: found in other sources (${show(file.hash.slice(0, 12))}...) than these (${artifact.hash.slice(0, 12)}...); run the check again`,
		);
	if (!isProperty(file.violation.property))
		throw new TraceError(
			`${name}: violation.property: expected the name of a property, found ${show(file.violation.property)}`,
		);
	const test = testIn(file, name);
	const configuration = configurationIn(file, name);
	const replay = new Replay(file, name, test, configuration);
	let prepared: Prepared;
	try {
		sameMachine(file, name, test, configuration);
		prepared = prepare(artifact, test, configuration);
	} catch (e) {
		if (e instanceof Violation) return replay.ofSetup(e);
		if (e instanceof LitmusError) throw new TraceError(e.message);
		if (e instanceof UsageError || e instanceof UnknownSymbolError)
			throw new TraceError(`${name}: config: ${e.message}`);
		throw e;
	}
	return replay.of(prepared);
}

function testIn(file: TraceFile, name: string): Test {
	if (file.program.text === undefined)
		throw new TraceError(`${name}: program.text: expected the text of the test, found nothing`);
	let test: Test;
	try {
		test = parseLitmus(file.program.text, `${name}: program.text`);
	} catch (e) {
		if (e instanceof LitmusError) throw new TraceError(e.message);
		throw e;
	}
	if (test.name !== file.program.id)
		throw new TraceError(
			`${name}: program.id: expected ${show(test.name)}, the name of the test, found ${show(file.program.id)}`,
		);
	return test;
}

/** The profile, every symbol, and the bounds that may be set; the others follow from the test. */
function configurationIn({ profile, config }: TraceFile, name: string): Configuration {
	const at = (key: string) => `${name}: config.${key}`;
	try {
		profileOf(profile);
	} catch {
		throw new TraceError(`${name}: profile: no profile is called ${show(profile)}`);
	}
	const on: Record<string, number> = {};
	for (const s of symbols) {
		const value = Object.hasOwn(config, s.name) ? config[s.name] : undefined;
		if (value !== 0 && value !== 1)
			throw new TraceError(`${at(s.name)}: expected 0 or 1, found ${show(value)}`);
		on[s.name] = value;
	}
	const bounds: Record<string, number> = {};
	const sizes = settable('--set');
	for (const [key, value] of Object.entries(config)) {
		if (Object.hasOwn(on, key)) continue;
		if (!boundOf(key)) throw new TraceError(`${at(key)}: neither a symbol nor a bound`);
		const wrong = outOfRange(key, value);
		if (wrong) throw new TraceError(`${at(key)}: ${wrong}`);
		if (sizes.includes(key)) bounds[key] = value;
	}
	return { profile, symbols: on, bounds };
}

/** Everything in the file about the machine must agree with the machine, and be complete. */
function sameMachine(file: TraceFile, name: string, test: Test, made: Configuration): void {
	const expected: Record<string, number> = {
		...ingredients(test, made).bounds,
		...made.symbols,
	};
	for (const key of new Set([...Object.keys(expected), ...Object.keys(file.config)])) {
		const is = Object.hasOwn(expected, key) ? expected[key] : undefined;
		const said = Object.hasOwn(file.config, key) ? file.config[key] : undefined;
		if (is !== said)
			throw new TraceError(
				`${name}: config.${key}: expected ${show(is)}, as the test and the other bounds say, found ${show(said)}`,
			);
	}
}

/** The machine as it was explored: with predicates if one of them was violated. */
function machineFor(machine: Machine, property: string): Machine {
	return propertyOf(property).of === 'state' ? machine : { ...delegate(machine), check() {} };
}

/** The steps of a file, taken again. */
class Replay {
	readonly #file: TraceFile;
	readonly #name: string;
	readonly #test: Test;
	readonly #configuration: Configuration;

	constructor(file: TraceFile, name: string, test: Test, configuration: Configuration) {
		this.#file = file;
		this.#name = name;
		this.#test = test;
		this.#configuration = configuration;
	}

	ofSetup(e: Violation): Counterexample {
		const { property, message, file, line, function: name } = e.trap;
		if (!isProperty(property)) throw e;
		const found: Found = { property, message, file, line, function: name, schedule: [] };
		if (this.#file.schedule.length > 0) this.#differs('schedule', 0, this.#file.schedule.length);
		return this.#same(found);
	}

	of(prepared: Prepared): Counterexample {
		const { violation, schedule } = this.#file;
		const { property } = violation;
		if ((property === 'STARVE') !== (this.#file.cycle_from !== undefined))
			this.#refuse('cycle_from: goes with STARVE, and STARVE with it');
		const isOfCircle = isProperty(property) && isCircle({ property, file: violation.file });
		if (isOfCircle !== (this.#file.circle !== undefined))
			this.#refuse('circle: goes with LOCKDEP over several executions, and that with it');
		if (this.#file.circle) return { ...this.#same(this.#circle(prepared)), prepared };
		const machine = machineFor(prepared.machine, property);
		let found: ViolationFound | undefined;
		let steps = 0;
		const way = property === 'STARVE' ? schedule.slice(0, this.#file.cycle_from) : schedule;
		this.#stepping(() => {
			for (const at of replaySchedule(machine, way)) {
				steps = at.step;
				found = at.violation;
			}
		});
		found ??= this.#ofNoStep(prepared);
		if (!found || steps < way.length)
			this.#refuse(
				`schedule: expected a way to ${property} in ${schedule.length} steps, found ${found?.property ?? 'nothing wrong'} after ${steps}: the file was edited`,
			);
		return { ...this.#same(foundOf(found, schedule, prepared.machine)), prepared };
	}

	/** The violation after the steps, if no single step violates a property. */
	#ofNoStep(prepared: Prepared): ViolationFound | undefined {
		const { violation, schedule } = this.#file;
		const step = schedule.length;
		if (violation.property === CONDITION) {
			if (!prepared.machine.finished())
				this.#refuse('schedule: expected an end of all programs, found none');
			const request = { test: this.#test, configuration: this.#configuration };
			const wrong = contradictionIn(prepared, request)?.(prepared.machine);
			return wrong && { ...wrong, step };
		}
		if (violation.property === 'STARVE') return this.#starvation(prepared);
		if (violation.property === 'I10') return this.#livelock(prepared);
		return undefined;
	}

	/** The execution goes on for ever, fair to every task, without an end of a program. */
	#starvation(prepared: Prepared): ViolationFound {
		const { machine } = prepared;
		const { schedule, cycle_from: cycleFrom = schedule.length } = this.#file;
		const starved = endsOf(prepared).filter((goal) => !goal.reached(machine));
		const fault =
			starved.length === 0
				? 'every program has ended'
				: cycleFault(machine, schedule.slice(cycleFrom), starved);
		if (fault) this.#refuse(`cycle_from: expected a fair cycle, but ${fault}`);
		const message = starvation(starved);
		return { property: 'STARVE', message, step: schedule.length, cycleFrom };
	}

	/** No path leads to the end of all programs: every state from here on is checked. */
	#livelock({ machine }: Prepared): ViolationFound {
		const { schedule } = this.#file;
		const from = delegate(machine);
		from.reset = () => {
			machine.reset();
			for (const [task, choice] of schedule) machine.step(task, choice);
			machine.forget();
		};
		const trap = { property: 'I10', message: 'an end', file: '', line: 0, function: '' };
		from.check = () => {
			if (machine.finished()) throw new Violation(trap);
		};
		const { verdict, violation, reason } = explore(from);
		if (violation?.trap === trap)
			this.#refuse(
				`schedule: expected no way to the end from there, found one of ${violation.step} steps`,
			);
		if (violation) this.#refuse(`schedule: found ${violation.property} from there on`);
		if (verdict !== 'complete')
			this.#refuse(`schedule: whether a way leads to the end is not known (${reason})`);
		return { property: 'I10', message: LIVELOCK, step: schedule.length };
	}

	/** Each lock of the circle is taken while the one before it is held, in the last of its steps. */
	#circle({ machine }: Prepared): Found {
		const { circle = [], schedule } = this.#file;
		const arcs = circle.map(({ held, taken, schedule: way }, i) => {
			const at = `circle[${i}]`;
			this.#take(machine, way, at);
			const arc = machine.lockOrder?.().find((a) => a.held === held && a.taken === taken);
			if (!arc) this.#refuse(`${at}: that order is not seen in the last of these steps`);
			if (!isCounted(arc, { test: this.#test.name, config: machine.config }))
				this.#refuse(`${at}: that order is known in this test, and not counted`);
			return arc;
		});
		const plain = (lock: string) => lock.replace(/_nested$/, '');
		const closes = arcs.every((arc, i) => plain(arc.taken) === arcs[(i + 1) % arcs.length].held);
		if (arcs.length === 0 || !closes) this.#refuse('circle: expected locks that close a circle');
		if (JSON.stringify(circle.at(-1)?.schedule) !== JSON.stringify(schedule))
			this.#refuse('circle: expected the last way to be the schedule');
		return { ...circularLocking(arcs), schedule, circle };
	}

	/** Takes steps from the start; only the locks of the last one are remembered. */
	#take(machine: Machine, way: readonly Step[], at: string): void {
		const silent = machineFor(machine, 'LOCKDEP');
		this.#stepping(() => {
			for (const { step, violation } of replaySchedule(silent, way)) {
				if (violation) this.#refuse(`${at}: step ${step} violates ${violation.property}`);
				if (step < way.length) machine.forgetLocks?.();
			}
		});
	}

	#stepping(run: () => void): void {
		try {
			run();
		} catch (e) {
			if (e instanceof TraceError && !e.message.startsWith(this.#name))
				throw new TraceError(`${this.#name}: ${e.message}`);
			throw e;
		}
	}

	/** Checks that the run found exactly the violation in the file. */
	#same(found: Found): Counterexample {
		const { violation } = this.#file;
		for (const key of ['property', 'message', 'file', 'line', 'function'] as const)
			if (found[key] !== violation[key])
				this.#differs(`violation.${key}`, found[key], violation[key]);
		return { test: this.#test, configuration: this.#configuration, found };
	}

	#differs(at: string, found: unknown, said: unknown): never {
		this.#refuse(`${at}: the run has ${show(found)}, the file ${show(said)}: it was edited`);
	}

	#refuse(what: string): never {
		throw new TraceError(`${this.#name}: ${what}`);
	}
}
