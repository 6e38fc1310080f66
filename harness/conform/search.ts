// SPDX-License-Identifier: GPL-2.0-only
/**
 * The exploration of a prepared test: in this thread or on the workers, reduced or not.
 *
 * Interface: exploreOnce subjectOf foundIn foundOf aboutOf REASONS ExploreArgument Explored
 */
import { createHash } from 'node:crypto';
import type { About, CheckpointOptions } from '../engine/checkpoint.ts';
import { exploreAsync } from '../engine/explorer.ts';
import type { Artifact, Machine } from '../engine/machine.ts';
import { exploreParallel, type Subject } from '../engine/parallel/explore.ts';
import { orbitOf, reductionsOf, unfolded } from '../engine/reduction.ts';
import type { Result, Step, ViolationFound } from '../engine/result.ts';
import { shorten } from '../engine/shorten.ts';
import { PATIENCE_MS, trusting } from '../engine/watch.ts';
import { hashOfFolders } from '../kts/inputs.ts';
import type { Test } from '../litmus/ast.ts';
import { trapSplat } from '../report/splat.ts';
import { CONDITION, contradictionIn } from './condition.ts';
import type { Configuration } from './config.ts';
import { endsOf, type Prepared, prepare } from './prepare.ts';
import { isProperty, propertyOf } from './properties.ts';
import { reducedBy } from './reductions.ts';
import type { CheckRequest, Found, Limits } from './request.ts';
import { projectRoot } from './scenarios.ts';
import { exploreWithTables, type TableResult, type Tables } from './tables.ts';

type Asked = Pick<CheckRequest, 'test' | 'configuration' | 'limits'>;

/**
 * The subject of the exploration: the machine, reduced if requested, with the condition of the test
 * as one more property.
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

/** Data from which a worker makes the same. */
export interface ExploreArgument {
	artifact: Pick<Artifact, 'code' | 'meta'>;
	test: Test;
	configuration: Configuration;
}

export interface Explored extends TableResult {
	/** the reductions, with their sizes: Reduced.description */
	reductions?: string[];
}

/** The tables of a prepared test: the search for harm uses those of the first search. */
const tablesMade = new WeakMap<Prepared, Tables>();
function tablesOf(prepared: Prepared, { test, configuration }: Asked): Tables {
	const make = () => {
		const tracked = prepare(prepared.artifact, test, configuration, {}, true);
		const checkTerminal = contradictionIn(tracked, { test, configuration }) ?? undefined;
		return { machine: tracked.machine, checkTerminal };
	};
	const known = tablesMade.get(prepared) ?? { make };
	tablesMade.set(prepared, known);
	return known;
}

export async function exploreOnce(
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
	const asks = {
		...options,
		checkpoint,
		livelock,
		...(progress && { goals: endsOf(prepared) }),
	};
	if (machine === prepared.machine)
		return exploreWithTables(machine, tablesOf(prepared, request), { ...asks, checkTerminal });
	const result = await exploreAsync(machine, { ...asks, checkTerminal });
	const contradiction = contradictionIn(prepared, request) ?? undefined;
	const isFinal = () => contradiction?.(prepared.machine) !== undefined;
	const asked = { predicates, checkTerminal: contradiction };
	const ofFinal = result.violation?.property === CONDITION ? isFinal : undefined;
	const resume = checkpoint?.resume;
	const told = () => unfolded(machine, result, asked, ofFinal);
	const whole = resume === undefined ? told() : trusting(resume, PATIENCE_MS, told);
	return { ...whole, reductions: reductionsOf(machine) };
}

/** The parts of the harness that decide the meaning of a checkpoint. */
const EXPLORER = ['harness/engine', 'harness/kts', 'harness/litmus', 'harness/conform'];

/** What a resumed search must have in common with the first. */
export function aboutOf(
	artifact: Artifact,
	{ test, configuration }: CheckRequest,
	of: Prepared,
): About {
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

/** A violation, as in a report. */
export function foundOf(violation: ViolationFound, schedule: Step[], machine: Machine): Found {
	const { property, message, trap, cycleFrom } = violation;
	if (!isProperty(property)) throw new Error(`no property is called '${property}'`);
	const [task] = schedule.at(-1) ?? [];
	const who = task === undefined ? 'a task' : machine.tasks[task].name;
	return {
		property,
		message,
		...(trap && { file: trap.file, line: trap.line, function: trap.function }),
		...(trap?.stack && { splat: trapSplat(trap, who) }),
		schedule,
		...(cycleFrom !== undefined && { cycleFrom }),
	};
}

export function foundIn({ violation, trace }: Result, machine: Machine): Found | undefined {
	return violation && trace && foundOf(violation, trace, machine);
}

/** Why a search ended early. */
export const REASONS: Record<string, string> = {
	states: 'the limit of states was reached (--max-states)',
	memory: 'the limit of memory was reached (--max-memory)',
	ids: 'a table of the state store is full',
	seconds: 'the limit of time was reached (--max-seconds)',
	walks: 'random walks do not visit every interleaving',
	signal: 'it was interrupted',
	components: 'the component tables do not fit this machine',
	reduction: 'a reduction does not hold here (without it: no --reduce)',
};

/** Shortens the long trace of a walk or a depth-first search. */
export function shortened(result: Result, prepared: Prepared, request: CheckRequest): Result {
	const { violation, trace } = result;
	const { walks, order } = request.limits ?? {};
	const long = walks !== undefined || order === 'dfs';
	if (!long || !violation || !trace || !isProperty(violation.property)) return result;
	// a violation of the whole search does not show in its last state or step
	const { of, verdict } = propertyOf(violation.property);
	if (of === 'search' || verdict !== 'violated') return result;
	const checkTerminal = contradictionIn(prepared, request) ?? undefined;
	const best = shorten(prepared.machine, trace, violation.property, checkTerminal);
	return best ? { ...result, ...best } : result;
}
