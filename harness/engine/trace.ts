// SPDX-License-Identifier: GPL-2.0-only
/**
 * The file of a counterexample, and its replay. It is JSON:
 *
 *	format     "vfshook-trace"
 *	version    2
 *	program    the test: its id and its text
 *	profile    the profile: for expectations of the test, and for reports
 *	config     the bounds and the configuration symbols, by name
 *	hash       of the sources that it was found in
 *	schedule   the steps, a pair of task and choice each
 *	cycle_from of an endless execution: the steps from this one on, counted from 0, are repeated
 *	violation  the result: property, message, and place in the sources
 *	circle     of a circle of locks: for each pair a schedule to the step in which the second is
 *	           taken while the first is held
 *
 * A fault of a file is a TraceError: where, what was expected, what was found.
 */
import type { Machine } from './machine.ts';
import {
	attempt,
	canStep,
	deadlockIn,
	MAX_CHOICES,
	MAX_TASKS,
	type Step,
	type ViolationFound,
} from './result.ts';

export const TRACE_FORMAT = 'vfshook-trace';
const TRACE_VERSION = 2;

export interface TraceFile {
	program: { id: string; text?: string };
	profile: string;
	config: Record<string, number>;
	hash: string;
	schedule: Step[];
	cycle_from?: number;
	violation: { property: string; message: string; file?: string; line?: number; function?: string };
	circle?: CircleArc[];
}

/** `taken` is taken while `held` is held, in the last of these steps. */
export interface CircleArc {
	held: string;
	taken: string;
	schedule: Step[];
}

export class TraceError extends Error {
	constructor(message: string) {
		super(message);
		this.name = 'TraceError';
	}
}

export function formatTrace(trace: TraceFile): string {
	const { schedule, ...rest } = trace;
	const head = { format: TRACE_FORMAT, version: TRACE_VERSION, ...rest };
	const steps = schedule.map(([task, choice]) => `\t\t[${task}, ${choice}]`);
	const list = steps.length > 0 ? `[\n${steps.join(',\n')}\n\t]` : '[]';
	return JSON.stringify(head, null, '\t').replace(/\n\}$/, `,\n\t"schedule": ${list}\n}\n`);
}

/** `name`: the file, in messages. */
export function parseTrace(text: string, name = 'trace'): TraceFile {
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch (e) {
		const message = (e as Error).message.replace(/\s+/g, ' ');
		throw new TraceError(`${name}:${placeOf(message, text)}: no JSON: ${message}`);
	}
	return new Reader(name).trace(json);
}

/** Where JSON.parse() stopped: as its message says, or the end, or the first character. */
function placeOf(message: string, text: string): string {
	const at = / position (\d+)/.exec(message);
	const unsaid = /end of/.test(message) ? text.length : text.search(/\S|$/);
	const before = text.slice(0, at ? Number(at[1]) : unsaid).split('\n');
	return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

/** A value out of a file, for a message. */
export function show(value: unknown): string {
	if (Array.isArray(value)) return `an array of ${value.length}`;
	if (typeof value === 'object' && value !== null) return 'an object';
	if (value === undefined) return 'nothing';
	const text = JSON.stringify(value);
	return plain(text.length > 40 ? `${text.slice(0, 40)}...` : text);
}

/** Text of a file in ASCII: it cannot move a cursor or reverse a line. */
function plain(text: string): string {
	const escaped = (c: string) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
	return text.replace(/[^ -~]/g, escaped);
}

type Fields = Record<string, unknown>;

class Reader {
	constructor(readonly name: string) {}

	trace(json: unknown): TraceFile {
		const top = this.object(
			json,
			'',
			['format', 'version', 'program', 'profile', 'config', 'hash', 'schedule', 'violation'],
			['cycle_from', 'circle'],
		);
		if (top.format !== TRACE_FORMAT) this.fail('format', `"${TRACE_FORMAT}"`, top.format);
		if (top.version !== TRACE_VERSION)
			this.fail('version', `${TRACE_VERSION}, the only one that this command reads`, top.version);
		const schedule = this.schedule(top.schedule);
		const from = top.cycle_from;
		return {
			program: this.program(top.program),
			profile: this.string(top.profile, 'profile'),
			config: this.config(top.config),
			hash: this.string(top.hash, 'hash'),
			schedule,
			...(from !== undefined && {
				cycle_from: this.int(from, 'cycle_from', 0, schedule.length - 1),
			}),
			violation: this.violation(top.violation),
			...(top.circle !== undefined && { circle: this.circle(top.circle) }),
		};
	}

	circle(json: unknown): CircleArc[] {
		if (!Array.isArray(json)) this.fail('circle', 'an array of pairs of locks', json);
		return json.map((arc: unknown, i): CircleArc => {
			const at = `circle[${i}]`;
			const { held, taken, schedule } = this.object(arc, at, ['held', 'taken', 'schedule']);
			return {
				held: this.string(held, `${at}.held`),
				taken: this.string(taken, `${at}.taken`),
				schedule: this.schedule(schedule, `${at}.schedule`),
			};
		});
	}

	program(json: unknown): TraceFile['program'] {
		const o = this.object(json, 'program', ['id'], ['text']);
		const id = this.string(o.id, 'program.id');
		return o.text === undefined ? { id } : { id, text: this.string(o.text, 'program.text') };
	}

	config(json: unknown): Record<string, number> {
		const config: Record<string, number> = {};
		for (const [key, value] of Object.entries(this.object(json, 'config'))) {
			if (!/^[A-Z][A-Z0-9_]*$/.test(key)) this.fail('config', 'names of symbols', key);
			config[key] = this.int(value, `config.${key}`, -(2 ** 31), 2 ** 31 - 1);
		}
		return config;
	}

	schedule(json: unknown, name = 'schedule'): Step[] {
		if (!Array.isArray(json)) this.fail(name, 'an array of steps', json);
		return json.map((step: unknown, i): Step => {
			const at = `${name}[${i}]`;
			if (!Array.isArray(step) || step.length !== 2) this.fail(at, '[task, choice]', step);
			return [
				this.int(step[0], `${at}[0]`, 0, MAX_TASKS - 1),
				this.int(step[1], `${at}[1]`, 0, MAX_CHOICES - 1),
			];
		});
	}

	violation(json: unknown): TraceFile['violation'] {
		const at = (key: string) => `violation.${key}`;
		const o = this.object(json, 'violation', ['property', 'message'], ['file', 'line', 'function']);
		return {
			property: this.string(o.property, at('property')),
			message: this.string(o.message, at('message')),
			...(o.file !== undefined && { file: this.string(o.file, at('file')) }),
			...(o.line !== undefined && { line: this.int(o.line, at('line'), 1, 2 ** 31 - 1) }),
			...(o.function !== undefined && { function: this.string(o.function, at('function')) }),
		};
	}

	/** An object with these keys; with any keys if none are named. */
	object(json: unknown, at: string, keys?: string[], optional: string[] = []): Fields {
		if (typeof json !== 'object' || json === null || Array.isArray(json))
			this.fail(at, 'an object', json);
		if (!keys) return json as Fields;
		const known = [...keys, ...optional];
		for (const key of Object.keys(json))
			if (!known.includes(key)) this.fail(at, `only ${known.join(', ')}`, key);
		for (const key of keys)
			if (!Object.hasOwn(json, key)) this.fail(at ? `${at}.${key}` : key, 'a value', undefined);
		return { ...json };
	}

	string(json: unknown, at: string): string {
		if (typeof json !== 'string') this.fail(at, 'a string', json);
		return json;
	}

	int(json: unknown, at: string, low: number, high: number): number {
		if (!Number.isInteger(json) || (json as number) < low || (json as number) > high)
			this.fail(at, `an integer from ${low} to ${high}`, json);
		return json as number;
	}

	fail(at: string, expected: string, found: unknown): never {
		const place = at ? `${this.name}: ${at}` : this.name;
		throw new TraceError(`${place}: expected ${expected}, found ${show(found)}`);
	}
}

export interface Replayed {
	/** steps taken so far: 0 is the initial state, before any */
	step: number;
	task: number;
	choice: number;
	/** what this step, or the state after it, violates; it ends the replay */
	violation?: ViolationFound;
}

/**
 * Takes the steps of a schedule, from the initial state on. Yields once before the first step
 * (task -1), and after each; a deadlock is reported after the last one. In between the caller may
 * read the machine and its log.
 */
export function* replaySchedule(
	machine: Machine,
	schedule: readonly Step[],
): Generator<Replayed, void, void> {
	const deadlock = (n: number) =>
		n === schedule.length && !canStep(machine) ? deadlockIn(machine, n) : undefined;
	let violation = attempt(() => machine.reset(), 0);
	machine.forget();
	violation ??= attempt(() => machine.check(), 0) ?? deadlock(0);
	yield { step: 0, task: -1, choice: 0, violation };
	for (const [i, [task, choice]] of schedule.entries()) {
		if (violation) return;
		possible(machine, i, task, choice);
		violation =
			attempt(() => {
				machine.step(task, choice);
				machine.check();
			}, i + 1) ?? deadlock(i + 1);
		machine.forget();
		yield { step: i + 1, task, choice, violation };
	}
}

function possible(machine: Machine, i: number, task: number, choice: number): void {
	const at = `schedule[${i}]`;
	const tasks = machine.tasks.length;
	if (task >= tasks)
		throw new TraceError(`${at}: expected a task from 0 to ${tasks - 1}, found ${task}`);
	const ready = machine.ready(task);
	const { name } = machine.tasks[task];
	if (ready <= 0)
		throw new TraceError(
			`${at}: expected a task that can step, found ${name}, which cannot: ` +
				'the schedule belongs to another program, configuration or source',
		);
	if (choice >= ready)
		throw new TraceError(
			`${at}: expected a choice from 0 to ${ready - 1} of ${name}, found ${choice}`,
		);
}
