// SPDX-License-Identifier: GPL-2.0-only
/**
 * What went wrong and why, in one sentence, from the steps of a trace: which task, which page,
 * which steps, which symbol would have prevented it.
 *
 * The sentence is made of claims, and each is checked against the states of the trace before it is
 * printed. If a claim of an explanation does not hold, the next explanation is tried; the last one
 * only says that the property does not hold.
 *
 * Interface: conclude Conclusion
 */
import { blame, type Cause, REMEDIES, type Told } from './causes.ts';
import { type Claim, type Clause, claimIn } from './claims.ts';
import { holdsIn } from './claims-check.ts';
import { sentenceOf } from './claims-words.ts';
import { conditionCause } from './condition.ts';
import { deadlockCause } from './deadlock.ts';
import { Facts } from './facts.ts';
import { mappingCauses } from './mappings.ts';
import type { Trace } from './model.ts';
import { brokenIn, outcome } from './outcome.ts';
import { staleReads } from './stale.ts';
import { stateCauses } from './states.ts';

export interface Conclusion {
	cause: Cause;
	sentence: string;
	claims: Claim[];
	/** symbols that are off and would prevent it */
	symbols: string[];
}

export function conclude(trace: Trace): Conclusion {
	const told = analyse(trace);
	const { cause, because, therefore = [], remedies } = told;
	const off = (remedies ?? REMEDIES[cause] ?? []).filter((s) => trace.config[s] === 0);
	const symbols = trace.missing ?? off;
	const clauses = [...because, ...(therefore.length > 0 ? ['; therefore', ...therefore] : [])];
	return {
		cause,
		symbols,
		claims: claimsOf(clauses),
		sentence: `${sentenceOf(trace, clauses)}${blame(symbols, trace.missing !== undefined)}.`,
	};
}

const claimsOf = (clauses: readonly Clause[]): Claim[] =>
	clauses.map(claimIn).filter((c) => c !== undefined);

/** The first explanation of which every claim holds. */
function analyse(trace: Trace): Told {
	const holds = (clauses: readonly Clause[]) => claimsOf(clauses).every((c) => holdsIn(trace, c));
	const facts = new Facts(trace);
	for (const told of explanations(trace, facts)) {
		if (!told || !holds(told.because)) continue;
		if (!told.therefore || holds(told.therefore)) return told;
		const end = outcome(facts);
		return { ...told, therefore: end && holds(end) && !same(end, told.because) ? end : undefined };
	}
	return { cause: 'neutral', because: [brokenIn(facts)] };
}

const same = (a: readonly Clause[], b: readonly Clause[]): boolean =>
	JSON.stringify(a) === JSON.stringify(b);

/**
 * A state is often wrong long before a program can tell. The cause is then before the first wrong
 * state, and the effect at the end.
 */
function* explanations(trace: Trace, facts: Facts): Generator<Told | undefined> {
	const first = trace.steps.find((s) => s.broken);
	if (first?.broken && first !== trace.steps.at(-1)) {
		const steps = trace.steps.slice(0, first.step);
		const violation = { ...first.broken, step: first.step };
		const root = new Facts({ ...trace, steps, violation, aftermath: undefined });
		const therefore = outcome(facts);
		for (const told of causesOf(root)) if (told) yield { ...told, therefore };
	}
	yield* causesOf(facts);
}

/** All explanations, the most specific first. */
function* causesOf(f: Facts): Generator<Told | undefined> {
	const { property } = f.trace.violation;
	if (property === 'I9') yield deadlockCause(f.trace);
	if (property === 'STARVE' || property === 'I10') yield endless(f);
	if (property === 'COND') yield conditionCause(f);
	if (MAPPING.includes(property)) yield* mappingCauses(f);
	yield* stateCauses(f);
	if (property === 'DATA') yield* staleReads(f);
	if (property === 'DATA' || property === 'BUG') yield* mappingCauses(f);
}

/** Predicates about page tables. */
const MAPPING = ['I1', 'I2', 'I3', 'I4'];

/** No state is wrong: the fault is that it goes on for ever. */
function endless(f: Facts): Told {
	const { violation, steps, cycleFrom = steps.length } = f.trace;
	if (violation.property === 'I10')
		return { cause: 'endless', because: [{ kind: 'endless', step: steps.length }] };
	const ended = new Set(
		steps.flatMap((s) =>
			s.results.filter((r) => r.name === 'ended' && r.value).map((r) => r.process),
		),
	);
	const starving = (f.end.programs ?? []).map((p) => p.name).filter((name) => !ended.has(name));
	return {
		cause: 'endless',
		because: [
			{ kind: 'cycle', from: cycleFrom + 1, to: steps.length, starving },
			', and no task that could go on all the while is left out',
		],
	};
}
