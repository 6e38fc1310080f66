// SPDX-License-Identifier: GPL-2.0-only
/**
 * One test on one configuration: every interleaving, and what that says.
 *
 * Interface: check CheckRequest CheckReport prepare endsOf
 */

import { createHash } from 'node:crypto';
import {
	type About,
	CheckpointError,
	type CheckpointLeft,
	type CheckpointOptions,
} from '../engine/checkpoint.ts';
import { explore, exploreAsync } from '../engine/explorer.ts';
import { type Artifact, type Machine, Violation } from '../engine/machine.ts';
import { exploreParallel, type Subject } from '../engine/parallel/explore.ts';
import type { Jobs, Pool } from '../engine/pool.ts';
import type { Goal } from '../engine/progress/lasso.ts';
import { delegate, orbitOf, reductionsOf, unfolded } from '../engine/reduction.ts';
import type { Progress, Result, Step, StopSignal } from '../engine/result.ts';
import { shorten } from '../engine/shorten.ts';
import { walkAsync } from '../engine/walk.ts';
import { PATIENCE_MS, trusting } from '../engine/watch.ts';
import { hashOfFolders } from '../kts/artifact.ts';
import { instantiate } from '../kts/instantiate.ts';
import type { Test } from '../litmus/ast.ts';
import { compile, type Program } from '../litmus/compile.ts';
import { finalReader } from '../litmus/final.ts';
import { MODULES } from '../litmus/header.ts';
import { holds, locationName, valueText } from '../litmus/observe.ts';
import { expectedOf } from '../litmus/report.ts';
import { circleIn, names as circleNames, circularSplat, trapSplat } from '../report/splat.ts';
import { finalPage } from '../world/observe.ts';
import { type Configuration, UsageError } from './config.ts';
import { isRegular } from './inversions.ts';
import { needTracking, reducedBy } from './reductions.ts';
import { projectRoot } from './scenarios.ts';

export type Verdict = 'verified' | 'violated' | 'incomplete' | 'vacuous';

/** The property that stands for the condition of the test itself. */
export const CONDITION = 'COND';

export interface Limits {
	maxStates?: number;
	/** bytes */
	maxMemory?: number;
	maxSeconds?: number;
	order?: 'bfs' | 'dfs';
	/** random walks instead of all interleavings: how many, and the seed */
	walks?: number;
	seed?: number;
	/** names of REDUCTIONS */
	reductions?: readonly string[];
	/** keep 64 bits of a hash of each state instead of the state: some may be left out */
	visited?: 'compact';
}

export interface Found {
	property: string;
	message: string;
	file?: string;
	line?: number;
	function?: string;
	schedule: Step[];
	/** of STARVE: the steps from this one on, counted from 0, are repeated for ever */
	cycleFrom?: number;
	/** of LOCKDEP: its report, line by line */
	splat?: string[];
}

/** Plain JSON. */
export interface CheckReport {
	id: string;
	profile: string;
	config: Record<string, number>;
	bounds: Record<string, number>;
	verdict: Verdict;
	/** why the verdict is incomplete or vacuous */
	reason?: string;
	/** the shortest way to a broken property, the state predicates included */
	violation?: Found;
	/** the shortest way to something that a program can notice, if another */
	harm?: Found;
	/** I10 and STARVE were asked for as well */
	progress?: true;
	/** the condition of the test is a property: not a plain `exists` */
	conditionCounts: boolean;
	/** what the header of the test expects of this profile */
	expected?: string;
	states: number;
	transitions: number;
	depth: number;
	terminals: number;
	seconds: number;
	bytesPerState: number;
	/** how likely it is, at most, that a state was left out; absent: none was */
	omission?: number;
	seed?: number;
	/** properties that something happened to which they apply */
	exercised: string[];
	/** marks of the header that were not reached */
	unreached: string[];
	/** `A -> B`: lock B was taken while A was held */
	locks: string[];
	/** `A to B`: a glock went from state A to state B */
	glocks?: string[];
	/** what was reduced, and by how much */
	reductions?: string[];
	/** of a search that was cut short, if one was asked for */
	checkpoint?: CheckpointLeft;
	/** the checkpoint that the search went on from: the verdict rests on what is in it */
	resumed?: string;
	/** nothing was explored: this configuration makes the same machine, and that was checked */
	sameAs?: { profile: string; config: Record<string, number> };
}

export interface CheckRequest {
	test: Test;
	configuration: Configuration;
	limits?: Limits;
	/** look for the user-visible harm of a violation (the default) */
	harm?: boolean;
	/** also look for programs that may never come to an end: I10 and STARVE */
	progress?: boolean;
	/** only whether every program can still come to an end, I10; that goes with reductions, too */
	canFinish?: boolean;
	onProgress?: (p: Progress) => void;
	signal?: StopSignal;
	/** not of random walks */
	checkpoint?: Omit<CheckpointOptions, 'about'>;
	/** of conform/worker.ts: explores on all of its workers, breadth first and nothing else */
	pool?: Pool<Jobs>;
}

export interface Prepared {
	artifact: Pick<Artifact, 'code' | 'meta'>;
	program: Program;
	machine: Machine;
	config: Record<string, number>;
	bounds: Record<string, number>;
}

/** What the machine of a test is made of. */
export interface Ingredients {
	program: Program;
	bounds: Record<string, number>;
	config: Record<string, number>;
}

/** Throws UsageError if there is no such machine. */
export function ingredients(
	test: Test,
	configuration: Configuration,
	extra: Record<string, number> = {},
): Ingredients {
	const program = compile(test);
	const needed = program.config.NR_NODES;
	const asked = configuration.bounds.NR_NODES;
	if (asked !== undefined && asked < needed)
		throw new UsageError(`${test.name} needs NR_NODES=${needed} or more, not ${asked}`);
	const bounds: Record<string, number> = { SMP: 1, ...program.config, ...configuration.bounds };
	if (bounds.LOCK_MODULE === MODULES.indexOf('nolock') && bounds.NR_NODES > 1)
		throw new UsageError(`${test.name} has ${bounds.NR_NODES} nodes, and nolock is for one`);
	if (bounds.DEATHS > 0 && bounds.LOCK_MODULE === MODULES.indexOf('nolock'))
		throw new UsageError(`${test.name} lets nodes die ("Dies:"): nobody is left with nolock`);
	const config = { ...bounds, ...program.features, ...configuration.symbols, ...extra };
	return { program, bounds, config };
}

/** Compiles the test and makes the machine that it runs on; `track`: one that notes accesses. */
export function prepare(
	artifact: Pick<Artifact, 'code' | 'meta'>,
	test: Test,
	configuration: Configuration,
	extra: Record<string, number> = {},
	track = false,
): Prepared {
	const { program, bounds, config } = ingredients(test, configuration, extra);
	const machine = instantiate(artifact, { config, rom: program.rom, track });
	return { artifact, program, machine, config: configuration.symbols, bounds };
}

/**
 * Does a final state contradict the condition? `exists` only asks, unless the header says Never.
 */
function contradicts(test: Test, profile: string): ((value: boolean) => boolean) | null {
	if (test.quantifier === '~exists') return (value) => value;
	if (test.quantifier === 'forall') return (value) => !value;
	return expectedOf(test, profile) === 'Never' ? (value) => value : null;
}

/** Does the condition of a test claim anything, and what? */
export function claimsOf(test: Test, profile: string): Test['quantifier'] | undefined {
	return contradicts(test, profile) ? test.quantifier : undefined;
}

const CONTRADICTION = {
	'~exists': 'a final state that the test forbids',
	forall: 'a final state in which the condition of the test does not hold',
	exists: 'a final state that the test says never happens',
};

/** Is the proposition of a test true of these final values, those of `observed` in their order? */
export function conditionIn({ test, observed }: Program, values: readonly number[]): boolean {
	const names = new Map(observed.map((o, i) => [o.name, values[i]]));
	return holds(test, test.condition, (l) => names.get(locationName(test, l)) ?? 0);
}

/** What of the final state in mem contradicts the condition; null: the condition claims nothing. */
function contradictionIn(
	{ machine, program }: Prepared,
	{ test, configuration }: Pick<CheckRequest, 'test' | 'configuration'>,
): Subject['checkTerminal'] | null {
	const wrong = contradicts(test, configuration.profile);
	if (!wrong) return null;
	const read = finalReader(machine, program, finalPage);
	return () => {
		const values = read();
		if (!wrong(conditionIn(program, values))) return undefined;
		const state = program.observed
			.map((o, i) => `${o.name}=${valueText(o.location, values[i])};`)
			.join(' ');
		return { property: CONDITION, message: `${CONTRADICTION[test.quantifier]}: ${state}` };
	};
}

type Asked = Pick<CheckRequest, 'test' | 'configuration' | 'limits'>;

/**
 * What is explored: the machine, reduced if that is asked for, with the condition of the test as
 * one more property.
 */
export function subjectOf(prepared: Prepared, request: Asked): Subject {
	const { reductions = [] } = request.limits ?? {};
	const machine = reducedBy(prepared.machine, prepared.program, reductions);
	const contradiction = contradictionIn(prepared, request);
	if (!contradiction) return { machine };
	const checkTerminal = () => {
		let found: ReturnType<typeof contradiction>;
		orbitOf(machine, () => {
			found ??= contradiction(prepared.machine);
		});
		return found;
	};
	return { machine, checkTerminal };
}

/** What a worker makes the same of. */
export interface ExploreArgument {
	artifact: Pick<Artifact, 'code' | 'meta'>;
	test: Test;
	configuration: Configuration;
}

interface Explored extends Result {
	/** what was reduced, and by how much: Reduced.description */
	reductions?: string[];
}

async function exploreOnce(
	prepared: Prepared,
	request: CheckRequest,
	predicates: boolean,
	limits: Limits,
	checkpoint?: CheckpointOptions,
): Promise<Explored> {
	const { test, configuration, onProgress, signal, pool } = request;
	const subject = subjectOf(prepared, request);
	const { reductions, ...rest } = limits;
	const options = { ...rest, predicates, signal, onProgress };
	if (pool) {
		const { code, meta } = prepared.artifact;
		const argument: ExploreArgument = { artifact: { code, meta }, test, configuration };
		return exploreParallel(subject, { pool, job: 'explore', argument }, options);
	}
	const { machine, checkTerminal } = subject;
	const progress = predicates && request.progress;
	const livelock = predicates && (request.progress || request.canFinish);
	const result = await exploreAsync(machine, {
		...options,
		checkpoint,
		checkTerminal,
		livelock,
		...(progress && { goals: endsOf(prepared) }),
	});
	const contradiction = contradictionIn(prepared, request) ?? undefined;
	const resume = checkpoint?.resume;
	const isFinal = () => contradiction?.(prepared.machine) !== undefined;
	const asked = { predicates, checkTerminal: contradiction };
	const ofFinal = result.violation?.property === CONDITION ? isFinal : undefined;
	const told = () => unfolded(machine, result, asked, ofFinal);
	const whole = resume === undefined ? told() : trusting(resume, PATIENCE_MS, told);
	return { ...whole, reductions: reductionsOf(machine) };
}

/** Workers do what exploreParallel() can. */
function refuseWorkers({ limits = {}, checkpoint, ...request }: CheckRequest): void {
	const refuse = (what: string) => {
		throw new UsageError(`--workers is not for ${what}`);
	};
	if (limits.walks) refuse('--walks');
	if (limits.order === 'dfs') refuse('--depth-first');
	if (limits.visited) refuse('--compact');
	if (checkpoint) refuse('--checkpoint and --resume');
	if (request.progress) refuse('--progress');
	if (request.canFinish) refuse('--can-finish');
	if (limits.reductions?.length) refuse('--reduce');
}

/** What every execution is to come to: the end of each program. */
export function endsOf({ machine, program }: Pick<Prepared, 'machine' | 'program'>): Goal[] {
	return program.processes.map((_, p) => {
		const { address } = machine.locate(`user_procs[${p}].ended`);
		return { name: `P${p}`, reached: ({ mem }) => mem[address] !== 0 };
	});
}

/** Both need the transitions; fair cycles are those of the tasks, so that nothing is reduced. */
function refuseProgress({ limits = {}, progress }: CheckRequest): void {
	const option = progress ? '--progress' : '--can-finish';
	const refuse = (what: string) => {
		throw new UsageError(`${option} needs every interleaving, breadth first: not ${what}`);
	};
	if (limits.walks) refuse('--walks');
	if (limits.order === 'dfs') refuse('--depth-first');
	if (limits.visited) refuse('--compact, which forgets states');
	const { reductions = [] } = limits;
	if (progress && reductions.length > 0) refuse(`--reduce ${reductions.join(',')}`);
}

/** The parts of the harness that what a checkpoint means depends on. */
const EXPLORER = ['harness/engine', 'harness/litmus', 'harness/conform'];

/** What a search can only be resumed with. */
function aboutOf(artifact: Artifact, { test, configuration }: CheckRequest, of: Prepared): About {
	const text = createHash('sha256').update(test.source.text).digest('hex');
	return {
		test: test.name,
		'text of the test': text,
		sources: artifact.hash,
		'version of the explorer': hashOfFolders(projectRoot(), EXPLORER),
		profile: configuration.profile,
		...of.bounds,
		...of.config,
	};
}

function foundIn(result: Result, machine: Machine): Found | undefined {
	const { violation, trace } = result;
	if (!violation || !trace) return undefined;
	const { property, message, trap, cycleFrom } = violation;
	const [task] = trace.at(-1) ?? [];
	const who = task === undefined ? 'a task' : machine.tasks[task].name;
	return {
		property,
		message,
		...(trap && { file: trap.file, line: trap.line, function: trap.function }),
		...(trap?.stack && { splat: trapSplat(trap, who) }),
		schedule: trace,
		...(cycleFrom !== undefined && { cycleFrom }),
	};
}

/** Why a search ended early. */
export const REASONS: Record<string, string> = {
	states: 'the limit of states was reached (--max-states)',
	memory: 'the limit of memory was reached (--max-memory)',
	ids: 'a table of the state store is full',
	seconds: 'the limit of time was reached (--max-seconds)',
	walks: 'random walks do not visit every interleaving',
	signal: 'it was interrupted',
	reduction: 'a reduction does not hold here (without it: no --reduce)',
};

/** How many times the states that the first search needed the search for harm may have. */
const HARM_FACTOR = 50;
const HARM_STATES = 200_000;

/** Looks for something that a program can notice, near what was found. */
async function lookForHarm(
	prepared: Prepared,
	request: CheckRequest,
	found: Found,
	states: number,
): Promise<Found | undefined> {
	if (['DATA', CONDITION, 'I9', 'I10', 'STARVE', 'OVERTAKEN'].includes(found.property))
		return undefined;
	const maxStates = Math.max(HARM_STATES, states * HARM_FACTOR);
	const limits = { ...request.limits, maxStates, order: 'bfs' as const };
	const harm = foundIn(await exploreOnce(prepared, request, false, limits), prepared.machine);
	return harm && harm.property !== 'LIMIT' ? harm : undefined;
}

/** The report when the set-up itself, before the first state, breaks something. */
function brokenSetup(request: CheckRequest, e: Violation): CheckReport {
	const { property, message, file, line, function: name } = e.trap;
	const { test, configuration } = request;
	return {
		id: test.name,
		profile: configuration.profile,
		config: configuration.symbols,
		bounds: { ...compile(test).config, ...configuration.bounds },
		verdict: property === 'LIMIT' ? 'incomplete' : 'violated',
		reason: `in the set-up: ${message}`,
		violation: { property, message, file, line, function: name, schedule: [] },
		conditionCounts: contradicts(test, configuration.profile) !== null,
		expected: expectation(request),
		states: 0,
		transitions: 0,
		depth: 0,
		terminals: 0,
		seconds: 0,
		bytesPerState: 0,
		exercised: [],
		unreached: [],
		locks: [],
	};
}

/**
 * Locks that were taken in an order that contradicts another, in whatever executions: the report,
 * and a shortest way to what closes the circle.
 */
function lockCircle(prepared: Prepared, request: CheckRequest): Found | undefined {
	const { symbols } = request.configuration;
	const circle = circleIn(prepared.machine.lockOrder?.() ?? [], (arc) => isRegular(arc, symbols));
	if (!circle) return undefined;
	const { held, taken } = circle[circle.length - 1];
	const { artifact, test, configuration } = { ...prepared, ...request };
	const { machine } = prepare(artifact, test, configuration);
	const message = `possible circular locking dependency: ${circleNames(circle)}`;
	const trap = { property: 'LOCKDEP', message, file: '', line: 0, function: '' };
	const watched = delegate(machine);
	watched.step = (task, choice) => {
		machine.forgetLocks?.();
		machine.step(task, choice);
	};
	watched.check = () => {
		const seen = machine.lockOrder?.().some((a) => a.held === held && a.taken === taken);
		if (seen) throw new Violation(trap);
	};
	const { maxStates = Number.POSITIVE_INFINITY } = request.limits ?? {};
	const { trace: schedule = [], verdict } = explore(watched, { maxStates });
	const resume = request.checkpoint?.resume;
	if (resume !== undefined && verdict === 'complete')
		throw new CheckpointError(
			`${resume} does not fit: it has an order of locks that no step takes`,
		);
	return { property: 'LOCKDEP', message, schedule, splat: circularSplat(circle) };
}

/** Properties that a trace does not show by its last state and step alone. */
const NOT_SHORTENED = ['I10', 'STARVE', 'LOCKDEP', 'LIMIT'];

/** What a walk or a depth-first search found, made short: its way there is a long one. */
function shortened(result: Result, prepared: Prepared, request: CheckRequest): Result {
	const { violation, trace } = result;
	const { walks, order } = request.limits ?? {};
	const long = walks !== undefined || order === 'dfs';
	if (!long || !violation || !trace || NOT_SHORTENED.includes(violation.property)) return result;
	const checkTerminal = contradictionIn(prepared, request) ?? undefined;
	const best = shorten(prepared.machine, trace, violation.property, checkTerminal);
	return best ? { ...result, ...best } : result;
}

/** Explores, and says what that shows. Timers, signals and messages get in between. */
export async function check(artifact: Artifact, request: CheckRequest): Promise<CheckReport> {
	const { test, configuration, limits = {} } = request;
	let prepared: Prepared;
	try {
		const track = needTracking(limits.reductions ?? []);
		prepared = prepare(artifact, test, configuration, {}, track);
	} catch (e) {
		if (e instanceof Violation) return brokenSetup(request, e);
		throw e;
	}
	if (request.progress || request.canFinish) refuseProgress(request);
	if (request.pool) refuseWorkers(request);
	const { walks, seed, ...rest } = limits;
	if (walks && rest.reductions?.length)
		throw new UsageError('random walks have no use for --reduce: it saves states');
	const { onProgress, signal } = request;
	const result: Explored = await (walks
		? walkAsync(prepared.machine, { walks, seed, ...rest, onProgress, signal })
		: exploreOnce(
				prepared,
				request,
				true,
				rest,
				request.checkpoint && {
					...request.checkpoint,
					about: aboutOf(artifact, request, prepared),
				},
			));
	const found =
		foundIn(shortened(result, prepared, request), prepared.machine) ??
		lockCircle(prepared, request);
	const marks = new Set(result.marks);
	const exercised = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'DATA', 'OVERTAKEN'].filter((p) =>
		marks.has(`property: ${p}`),
	);
	if (result.terminals > 0 || result.verdict === 'complete') exercised.push('I9');
	const unreached = test.header.exercises.filter((mark) => !marks.has(mark));
	const report: CheckReport = {
		id: test.name,
		profile: configuration.profile,
		config: prepared.config,
		bounds: prepared.bounds,
		...verdictOf(result, found, unreached, exercised),
		...(request.progress && { progress: true }),
		...(result.reductions?.length && { reductions: result.reductions }),
		conditionCounts: contradicts(test, configuration.profile) !== null,
		expected: expectation(request),
		states: result.states,
		transitions: result.transitions,
		depth: result.depth,
		terminals: result.terminals,
		seconds: result.seconds,
		bytesPerState: result.bytesPerState,
		...(result.omission !== undefined && { omission: result.omission }),
		...(result.seed !== undefined && { seed: result.seed }),
		exercised: result.verdict === 'complete' ? [...exercised, ...progressOf(request)] : exercised,
		unreached,
		locks: lockMarks(result),
		glocks: marksOf(result, GLOCK),
		...(result.reason && result.checkpoint && { checkpoint: result.checkpoint }),
		...(result.resumed !== undefined && { resumed: result.resumed }),
	};
	if (found && found.property !== 'LIMIT') {
		report.violation = found;
		if (request.harm !== false)
			report.harm = await lookForHarm(prepared, request, found, result.states);
	}
	return report;
}

const LOCK = 'lock: ';
const GLOCK = 'glock: ';
const marksOf = ({ marks }: Result, kind: string): string[] =>
	marks
		.filter((m) => m.startsWith(kind))
		.map((m) => m.slice(kind.length))
		.sort();
const lockMarks = (result: Result): string[] => marksOf(result, LOCK);

/** Properties that are looked at when every state was visited. */
function progressOf({ progress, canFinish }: CheckRequest): string[] {
	if (progress) return ['I10', 'STARVE'];
	return canFinish ? ['I10'] : [];
}

/** What the header says; vacuous it is with progress as without. */
export function expectation({
	test,
	configuration,
	progress,
}: Pick<CheckRequest, 'test' | 'configuration' | 'progress'>): string | undefined {
	const expected = expectedOf(test, configuration.profile);
	if (!progress) return expected;
	const { header } = test;
	const other = expected === 'vacuous' ? expected : undefined;
	return expectedOf(test, configuration.profile, header.progress) ?? other;
}

/** Why a search did not come to its end, for people. */
function reasonOf({ reason, detail }: Result): string {
	const text = REASONS[reason ?? ''] ?? reason;
	return detail ? `${text}: ${detail}` : text;
}

function verdictOf(
	result: Result,
	found: Found | undefined,
	unreached: string[],
	exercised: string[],
): { verdict: Verdict; reason?: string } {
	if (found?.property === 'LIMIT') return { verdict: 'incomplete', reason: found.message };
	if (found) return { verdict: 'violated' };
	if (result.verdict !== 'complete') return { verdict: 'incomplete', reason: reasonOf(result) };
	if (unreached.length > 0)
		return { verdict: 'vacuous', reason: `never happened: ${unreached.join('; ')}` };
	if (result.terminals === 0)
		return { verdict: 'vacuous', reason: 'no interleaving comes to an end' };
	if (exercised.length === 1) return { verdict: 'vacuous', reason: 'no property was exercised' };
	return { verdict: 'verified' };
}
