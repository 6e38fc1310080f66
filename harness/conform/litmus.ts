// SPDX-License-Identifier: GPL-2.0-only
/**
 * Every final state of a test, right or wrong: the properties of the machine are not checked, so a
 * broken configuration shows the states in which it really ends.
 *
 * Interface: runLitmus finalStates
 */
import { exploreAsync } from '../engine/explorer.ts';
import { type Artifact, type Machine, Violation } from '../engine/machine.ts';
import { orbitOf, reductionsOf, unfolded } from '../engine/reduction.ts';
import type { Progress, Result, StopSignal } from '../engine/result.ts';
import type { Test } from '../litmus/ast.ts';
import { finalReader } from '../litmus/final.ts';
import { type Summary, summarize } from '../litmus/report.ts';
import { finalPage } from '../world/observe.ts';
import { type Limits, type Prepared, prepare, REASONS } from './check.ts';
import type { Configuration } from './config.ts';
import { needTracking, reducedBy } from './reductions.ts';
import { exploreWithTables } from './tables.ts';

export interface LitmusRun {
	summary: Summary;
	/** none: nothing was explored */
	result?: Result;
	/** the reductions, with their sizes */
	reductions: string[];
}

/** The set-up itself goes wrong, before the first state. */
function brokenSetup(test: Test, { trap: { property, message } }: Violation): LitmusRun {
	const limit = `in the set-up: ${message}`;
	const flags = property === 'LIMIT' ? [] : [property];
	const summary = summarize(test, { states: [], complete: false, limit, flags, seconds: 0 });
	return { summary, reductions: [] };
}

export async function runLitmus(
	artifact: Artifact,
	test: Test,
	configuration: Configuration,
	limits: Limits = {},
	host: { onProgress?: (p: Progress) => void; signal?: StopSignal } = {},
): Promise<LitmusRun> {
	const { reductions = [] } = limits;
	const track = needTracking(reductions);
	let prepared: Prepared;
	try {
		prepared = prepare(artifact, test, configuration, { CHECK_DATA: 0 }, track);
	} catch (e) {
		if (e instanceof Violation) return brokenSetup(test, e);
		throw e;
	}
	const machine = reducedBy(prepared.machine, prepared.program, reductions);
	const states = new Map<string, number[]>();
	const keep = ({ machine: unreduced, program }: Prepared, explored: Machine) => {
		const read = finalReader(unreduced, program, finalPage);
		return () =>
			orbitOf(explored, () => {
				const values = read();
				states.set(values.join(), values);
			});
	};
	const asked = { predicates: false, stopAtFirst: false };
	const options = {
		...asked,
		maxStates: limits.maxStates,
		maxMemory: limits.maxMemory,
		maxSeconds: limits.maxSeconds,
		...host,
		onTerminal: keep(prepared, machine),
	};
	const make = () => {
		const made = prepare(artifact, test, configuration, { CHECK_DATA: 0 }, true);
		return { machine: made.machine, onTerminal: keep(made, made.machine) };
	};
	const explored = await (machine === prepared.machine
		? exploreWithTables(machine, { make }, options)
		: exploreAsync(machine, options));
	const result = unfolded(machine, explored, asked);
	const complete = result.reason === undefined && !result.byProperty.LIMIT;
	const summary = summarize(test, {
		states: states.values(),
		complete,
		limit: result.byProperty.LIMIT
			? result.violation?.message
			: (result.detail ?? REASONS[result.reason ?? '']),
		flags: Object.entries(result.byProperty).map(([property, n]) =>
			property === 'I9' ? 'deadlock' : `${property} (${n})`,
		),
		seconds: result.seconds,
	});
	return { summary, result, reductions: reductionsOf(machine) };
}
