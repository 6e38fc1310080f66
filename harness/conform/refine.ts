// SPDX-License-Identifier: GPL-2.0-only
/**
 * "Enabling the shared state should simply give increased performance, not any new functionality":
 * in both modes the same programs have the same visible final states. That is a refinement in both
 * directions: state B adds no outcome, and removes none.
 *
 * An outcome is everything that is left when the programs of a test have ended: each local int and
 * errno of each process, the signal that ended it, each page of each file. It has more places than
 * the condition of the test names. A deadlock or a BUG is an outcome as well.
 *
 * Interface: refine comparable observingAll MODES Refinement
 */
import type { Artifact } from '../engine/machine.ts';
import type { Progress, StopSignal } from '../engine/result.ts';
import type { Location, Test } from '../litmus/ast.ts';
import { compile } from '../litmus/compile.ts';
import { locationName, observedOf, valueText } from '../litmus/observe.ts';
import { localsOf } from '../litmus/walk.ts';
import { type Configuration, configure } from './config.ts';
import { runLitmus } from './litmus.ts';
import { classics, suite } from './scenarios.ts';

/** Without and with state B. */
export const MODES = ['proposed', 'proposed-shared'] as const;

/** States that a test may have in each mode, by default. */
export const MOST_STATES = 200_000;

export interface Refinement {
	test: string;
	/** incomplete: no difference was found, and one of the two has more states than allowed */
	verdict: 'equal' | 'different' | 'incomplete';
	/** outcomes of both modes, sorted */
	common: string[];
	/** outcomes that only one mode has; the other was explored completely */
	only: [string[], string[]];
	/** states explored, in each mode */
	states: [number, number];
	complete: [boolean, boolean];
}

export interface RefineOptions {
	maxStates?: number;
	reductions?: readonly string[];
	/** what is compared instead of the two modes */
	configurations?: readonly [Configuration, Configuration];
	onProgress?: (p: Progress) => void;
	signal?: StopSignal;
}

/** What can be compared: the suite and the classic shapes. */
export function comparable(): string[] {
	return [...suite(), ...classics()];
}

/** The test, observing everything that a program can see at its end. */
export function observingAll(test: Test): Test {
	const { at } = test;
	const locations = [...test.locations];
	for (const process of test.processes) {
		const ints = localsOf(process).filter(({ pointer }) => !pointer);
		for (const name of [...ints.map((d) => d.name.name), 'errno', 'signal'])
			locations.push({
				kind: 'register',
				process: { index: process.index, at },
				name: { name, at },
				at,
			});
	}
	const { files, variables, config } = compile(test);
	for (const { name, file } of variables)
		if (files[file].hidden) locations.push({ kind: 'variable', name: { name, at }, at });
	for (const { name, hidden } of files)
		for (let page = 0; page < config.NR_FILE_PAGES && !hidden; page++)
			locations.push({
				kind: 'page',
				file: { name, at },
				page: { text: `${page}`, at },
				int: null,
				at,
			});
	return { ...test, locations };
}

/** Outcomes that are not a final state, by property. */
const NO_END: Record<string, string> = { I9: 'deadlock' };

interface Outcomes {
	seen: Set<string>;
	states: number;
	complete: boolean;
}

async function outcomesOf(
	artifact: Artifact,
	test: Test,
	configuration: Configuration,
	{ maxStates = MOST_STATES, reductions, onProgress, signal }: RefineOptions,
): Promise<Outcomes> {
	const limits = { maxStates, reductions };
	const { summary, result } = await runLitmus(artifact, test, configuration, limits, {
		onProgress,
		signal,
	});
	const places: [Location, string][] = observedOf(test).map((l) => [l, locationName(test, l)]);
	const text = (state: Record<string, number>) =>
		places.map(([l, name]) => `${name}=${valueText(l, state[name])};`).join(' ');
	const ends = Object.keys(result?.byProperty ?? {}).filter((property) => property !== 'LIMIT');
	return {
		seen: new Set([...summary.states.map(text), ...ends.map((p) => NO_END[p] ?? p)]),
		states: result?.states ?? 0,
		complete: summary.complete,
	};
}

/** Compares the outcomes of a test in both modes. */
export async function refine(
	artifact: Artifact,
	test: Test,
	options: RefineOptions = {},
): Promise<Refinement> {
	const [first, second] = options.configurations ?? MODES.map((profile) => configure({ profile }));
	const all = observingAll(test);
	const a = await outcomesOf(artifact, all, first, options);
	const b = await outcomesOf(artifact, all, second, options);
	const missing = (from: Outcomes, other: Outcomes) =>
		other.complete ? [...from.seen].filter((o) => !other.seen.has(o)).sort() : [];
	const only: [string[], string[]] = [missing(a, b), missing(b, a)];
	const different = only.some((side) => side.length > 0);
	const complete: [boolean, boolean] = [a.complete, b.complete];
	return {
		test: test.name,
		verdict: different ? 'different' : complete.every((c) => c) ? 'equal' : 'incomplete',
		common: [...a.seen].filter((o) => b.seen.has(o)).sort(),
		only,
		states: [a.states, b.states],
		complete,
	};
}
