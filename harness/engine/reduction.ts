// SPDX-License-Identifier: GPL-2.0-only
/**
 * The common part of the reductions. A reduction is a machine around a machine: it has the same
 * interface and fewer states, so searches and stores need not know it.
 */
import type { Machine } from './machine.ts';
import type { ExploreOptions } from './options.ts';
import {
	attempt,
	canStep,
	deadlockIn,
	type Result,
	type Step,
	type ViolationFound,
} from './result.ts';

export interface Reduced extends Machine {
	/** the machine inside; it may be a reduction as well */
	readonly inner: Machine;
	/** `symmetry of order 6`: what was applied, for reports */
	readonly description: string;
	/** the numbers of its places, if it has any: with other places the states differ */
	readonly places?: readonly number[];
	/**
	 * Call it when an exploration is over: why its result is void, or undefined. Leaves mem
	 * undefined.
	 */
	audit(): string | undefined;
	/**
	 * The steps of the inner machine for a path of this one. If the last step violates a property,
	 * so does the last step of the result. Otherwise, with `accept`, the result ends in a state of
	 * the orbit of the last one for which `accept`, called with that state in mem, is true. Leaves
	 * mem as it was.
	 */
	expand(way: readonly Step[], accept?: () => boolean): Step[];
	/**
	 * Calls `visit` with mem set to each state of the orbit of the state in mem. The journal must be
	 * empty. Leaves mem as it was.
	 */
	orbit(visit: () => void): void;
}

export function isReduced(machine: Machine): machine is Reduced {
	return 'inner' in machine && 'expand' in machine;
}

/** The machine as it is inside of all reductions. */
export function unreduced(machine: Machine): Machine {
	return isReduced(machine) ? unreduced(machine.inner) : machine;
}

/** Reduced.description of a machine and of those in it, the innermost first. */
export function reductionsOf(machine: Machine): string[] {
	return isReduced(machine) ? [...reductionsOf(machine.inner), machine.description] : [];
}

/** Reduced.places of a machine and of those in it. */
export function placesOf(machine: Machine): number[] {
	return isReduced(machine) ? [...placesOf(machine.inner), ...(machine.places ?? [])] : [];
}

/** Reduced.audit() of a machine and of those in it. */
export function auditAll(machine: Machine): string | undefined {
	return isReduced(machine) ? (machine.audit() ?? auditAll(machine.inner)) : undefined;
}

/** Reduced.expand() down to the unreduced machine. */
export function expandAll(
	machine: Machine,
	way: readonly Step[],
	accept?: () => boolean,
): readonly Step[] {
	return isReduced(machine) ? expandAll(machine.inner, machine.expand(way, accept), accept) : way;
}

/** Reduced.orbit() through all reductions. */
export function orbitOf(machine: Machine, visit: () => void): void {
	if (isReduced(machine)) machine.orbit(() => orbitOf(machine.inner, visit));
	else visit();
}

/** The options of a search that decide whether a state is a violation. */
type Asked = Pick<ExploreOptions, 'predicates' | 'checkTerminal' | 'stopAtFirst'>;

/**
 * The result of a search of a machine, for the unreduced machine: its steps lead to a violation of
 * the same property. If a reduction turns out not to hold, the result is incomplete. `isFinal`
 * tells, with a final state in mem, whether a violation is about that state. Leaves mem undefined.
 */
export function unfolded(
	machine: Machine,
	result: Result,
	asked: Asked,
	isFinal?: () => boolean,
): Result {
	if (!isReduced(machine)) return result;
	const { violation, trace, ...figures } = result;
	const isVoid = (detail: string): Result => ({
		...figures,
		verdict: 'incomplete',
		reason: 'reduction',
		detail,
	});
	// A path to a violation is a proof by itself, unless other results count as well.
	const unsound = violation && asked.stopAtFirst !== false ? undefined : auditAll(machine);
	if (unsound) return isVoid(unsound);
	if (!violation || !trace) return result;
	try {
		const steps = [...expandAll(machine, trace, isFinal)];
		const there = replayed(machine, steps, asked);
		if (there) return { ...result, violation: there, trace: steps };
		// A violation of a whole execution is not seen again by taking the steps.
		const detail = auditAll(machine);
		if (violation.property === 'I10' && !detail) return { ...result, trace: steps };
		return isVoid(detail ?? `without it, the way to a violation of ${violation.property} is none`);
	} catch (e) {
		if (!(e instanceof ReductionError)) throw e;
		return isVoid(auditAll(machine) ?? e.message);
	}
}

/** The violation after `steps`, of the machine inside of all reductions. */
export function replayed(
	machine: Machine,
	steps: readonly Step[],
	{ predicates = true, checkTerminal }: Asked,
): ViolationFound | undefined {
	const inner = unreduced(machine);
	const step = steps.length;
	inner.reset();
	inner.forget();
	for (const [task, choice] of steps) {
		const violation = attempt(() => inner.step(task, choice), step);
		inner.forget();
		if (violation) return violation;
	}
	const wrong = predicates ? attempt(() => inner.check(), step) : undefined;
	if (wrong) return wrong;
	if (canStep(inner)) return undefined;
	const bad = deadlockIn(inner, step) ?? checkTerminal?.(inner);
	return bad && { ...bad, step };
}

/** A reduction does not hold: an exploration with it proves nothing. */
export class ReductionError extends Error {
	constructor(message: string) {
		super(message);
		this.name = 'ReductionError';
	}
}

/** All members of a machine, also optional ones: a forgotten one does not compile. */
type EveryMember = { [K in keyof Required<Machine>]: Machine[K] };

/** All of a machine's members, for a reduction to put its own over them. */
export function delegate(inner: Machine): Machine {
	const { words, mem, tasks, regions, structs, globals, constants, operations, config } = inner;
	const { journalAddress, journalOld, journalNew, names, access, sites } = inner;
	const { hasPredicates, pieces } = inner;
	const members: EveryMember = {
		...{ words, mem, tasks, regions, structs, globals, constants, operations, config },
		...{ journalAddress, journalOld, journalNew, names, access, sites },
		...{ hasPredicates, pieces },
		reset: () => inner.reset(),
		ready: inner.ready.bind(inner),
		step: inner.step.bind(inner),
		check: inner.check.bind(inner),
		finished: () => inner.finished(),
		journalLength: inner.journalLength.bind(inner),
		undo: inner.undo.bind(inner),
		forget: inner.forget.bind(inner),
		write: inner.write.bind(inner),
		marks: () => inner.marks(),
		lockOrder: () => inner.lockOrder?.() ?? [],
		forgetLocks: () => inner.forgetLocks?.(),
		aside: (run) => inner.aside(run),
		save: (to) => inner.save(to),
		restore: (from) => inner.restore(from),
		setLogging: (on) => inner.setLogging(on),
		takeLog: () => inner.takeLog(),
		stack: (task) => inner.stack(task),
		siteOf: inner.siteOf.bind(inner),
		locate: (path) => inner.locate(path),
		read: (path) => inner.read(path),
		nameOf: (pointer) => inner.nameOf(pointer),
	};
	return members;
}
