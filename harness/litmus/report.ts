// SPDX-License-Identifier: GPL-2.0-only
/**
 * The result of a test in the format of herd7, line for line, and the same as JSON. States are
 * final states; herd7 counts executions, this counts states.
 *
 * An incomplete search is not reported as complete: unknown results are `Undef`.
 *
 * Interface: summarize printReport Outcome Summary
 */
import type { Location, Quantifier, Test } from './ast.ts';
import { holds, locationName, observedOf, valueText } from './observe.ts';
import { hashTest, printCondition } from './print.ts';

/** The result of exploring a test. */
export interface Outcome {
	/** the final states, in any order, also repeated: a value for each place of observedOf() */
	states: Iterable<readonly number[]>;
	/** every interleaving was explored */
	complete: boolean;
	/** if not: how many states wait to be explored, and which limit was reached */
	unexplored?: number;
	limit?: string;
	/** other results: `deadlock`, the property that was violated ... */
	flags?: readonly string[];
	seconds: number;
}

export type Observation = 'Never' | 'Sometimes' | 'Always' | 'Undef';

export interface Summary {
	name: string;
	kind: 'Allowed' | 'Forbidden' | 'Required';
	/** sorted; by the name of the place */
	states: Record<string, number>[];
	verdict: 'Ok' | 'No' | 'Undef';
	/** states for and against the condition with its quantifier */
	witnesses: { positive: number; negative: number };
	flags: string[];
	condition: string;
	observation: Observation;
	/** states for which the proposition is true, and false */
	positive: number;
	negative: number;
	complete: boolean;
	/** why it is not complete */
	warning?: string;
	seconds: number;
	hash: string;
}

const KIND: Record<Quantifier, Summary['kind']> = {
	exists: 'Allowed',
	'~exists': 'Forbidden',
	forall: 'Required',
};

export function summarize(test: Test, outcome: Outcome): Summary {
	const places = observedOf(test);
	const names = places.map((place) => locationName(test, place));
	const states = sortedStates(outcome.states);
	let positive = 0;
	for (const state of states) {
		const values = new Map(names.map((name, i) => [name, state[i]]));
		const value = (location: Location) => values.get(locationName(test, location))!;
		if (holds(test, test.condition, value)) positive++;
	}
	const negative = states.length - positive;
	const forbidden = test.quantifier === '~exists';
	return {
		name: test.name,
		kind: KIND[test.quantifier],
		states: states.map((state) => Object.fromEntries(names.map((name, i) => [name, state[i]]))),
		verdict: verdictOf(test.quantifier, positive, negative, outcome.complete),
		witnesses: forbidden ? { positive: negative, negative: positive } : { positive, negative },
		flags: [...(outcome.flags ?? [])],
		condition: printCondition(test),
		observation: observationOf(positive, negative, outcome.complete),
		positive,
		negative,
		complete: outcome.complete,
		...(outcome.complete ? {} : { warning: warningOf(outcome) }),
		seconds: outcome.seconds,
		hash: hashTest(test),
	};
}

/** Each state once, in the order of their values. */
function sortedStates(states: Iterable<readonly number[]>): (readonly number[])[] {
	const distinct = new Map([...states].map((state) => [state.join(), state]));
	return [...distinct.values()].sort((a, b) => {
		const i = a.findIndex((value, at) => value !== b[at]);
		return i < 0 ? 0 : a[i] - b[i];
	});
}

/** One state can settle it; only all of them can settle the opposite. */
function verdictOf(
	quantifier: Quantifier,
	positive: number,
	negative: number,
	complete: boolean,
): Summary['verdict'] {
	if (quantifier === 'forall') {
		if (negative > 0) return 'No';
		return complete ? 'Ok' : 'Undef';
	}
	if (positive > 0) return quantifier === 'exists' ? 'Ok' : 'No';
	if (!complete) return 'Undef';
	return quantifier === 'exists' ? 'No' : 'Ok';
}

function observationOf(positive: number, negative: number, complete: boolean): Observation {
	if (positive > 0 && negative > 0) return 'Sometimes';
	if (!complete) return 'Undef';
	return positive === 0 ? 'Never' : 'Always';
}

function warningOf({ unexplored, limit }: Outcome): string {
	const why = limit === undefined ? '' : ` (${limit})`;
	const states = unexplored === undefined ? 'states' : `${unexplored} states`;
	return `${states} not explored${why}, outcomes may be missing`;
}

/** herd7's block, without the empty line that follows it. */
export function printReport(test: Test, summary: Summary): string {
	const places = observedOf(test);
	const lines: string[] = [];
	if (summary.warning !== undefined) lines.push(`Warning: ${summary.name}: ${summary.warning}`);
	lines.push(`Test ${summary.name} ${summary.kind}`, `States ${summary.states.length}`);
	for (const state of summary.states) lines.push(printState(test, places, state));
	const { witnesses } = summary;
	lines.push(
		summary.verdict,
		'Witnesses',
		`Positive: ${witnesses.positive} Negative: ${witnesses.negative}`,
		...summary.flags.map((flag) => `Flag ${flag}`),
		`Condition ${summary.condition}`,
		`Observation ${summary.name} ${summary.observation} ${summary.positive} ${summary.negative}`,
		`Time ${summary.name} ${summary.seconds.toFixed(2)}`,
		`Hash=${summary.hash}`,
	);
	return `${lines.join('\n')}\n`;
}

function printState(
	test: Test,
	places: readonly Location[],
	state: Readonly<Record<string, number>>,
): string {
	const values = places.map((place) => {
		const name = locationName(test, place);
		return `${name}=${valueText(place, state[name])};`;
	});
	return values.join(' ');
}
