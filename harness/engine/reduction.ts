// SPDX-License-Identifier: GPL-2.0-only
/**
 * What the reductions have in common. A reduction is a machine around a machine: it has the same
 * interface and fewer states, so that searches and stores know nothing of it.
 */
import { type Machine, Violation } from './machine.ts';
import { deadlockIn, type Step, type ViolationFound } from './result.ts';

export interface Reduced extends Machine {
	/** the machine that it is around; it may be a reduction as well */
	readonly inner: Machine;
	/** `symmetry of order 6`: what was applied, for reports */
	readonly description: string;
	/**
	 * To be called when an exploration is over: why its result is void, undefined if nothing was
	 * found. Leaves mem anywhere.
	 */
	audit(): string | undefined;
	/**
	 * The steps of the inner machine that a way of this one stands for. Its last step may violate
	 * something; then that of the answer violates the same property. Otherwise, with `accept`, the
	 * way ends in one of the states that the last one stands for in which `accept` is true; it is
	 * asked with that state in mem. Leaves mem as it was.
	 */
	expand(way: readonly Step[], accept?: () => boolean): Step[];
	/**
	 * Calls `visit` with each state in mem that the one in mem stands for. The journal must be
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

/**
 * A violation that was found in a reduced machine, in the words of the unreduced one, where
 * `steps` lead to it: the tasks of a deadlock are others.
 */
export function violationAt(
	machine: Machine,
	steps: readonly Step[],
	found: ViolationFound,
): ViolationFound {
	if (found.property !== 'I9') return { ...found, step: steps.length };
	machine.reset();
	machine.forget();
	for (const [task, choice] of steps) {
		machine.step(task, choice);
		machine.forget();
	}
	return deadlockIn(machine, steps.length) ?? { ...found, step: steps.length };
}

/** All of a machine's members, for a reduction to put its own over them. */
export function delegate(inner: Machine): Machine {
	const { words, mem, tasks, regions, structs, globals, constants, operations, config } = inner;
	const { journalAddress, journalOld, journalNew, names, access } = inner;
	return {
		...{ words, mem, tasks, regions, structs, globals, constants, operations, config },
		...{ journalAddress, journalOld, journalNew, names, access },
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
		save: (to) => inner.save(to),
		restore: (from) => inner.restore(from),
		setLogging: (on) => inner.setLogging(on),
		takeLog: () => inner.takeLog(),
		stack: (task) => inner.stack(task),
		locate: (path) => inner.locate(path),
		read: (path) => inner.read(path),
		nameOf: (pointer) => inner.nameOf(pointer),
	};
}

/** What a step comes to: nothing, or the violation that it throws. */
export function violationIn(run: () => void): Violation | undefined {
	try {
		run();
		return undefined;
	} catch (e) {
		if (e instanceof Violation) return e;
		throw e;
	}
}
