// SPDX-License-Identifier: GPL-2.0-only
/**
 * From ways between representatives back to ways of the machine itself, step by step. Each state
 * of an orbit has a step into the orbits that the others step into; so a way can be followed from
 * the initial state on, and its length stays.
 */
import type { Machine } from '../machine.ts';
import { ReductionError } from '../reduction.ts';
import type { Step } from '../result.ts';
import { violationIn } from '../result.ts';
import type { Image } from './image.ts';

const NO_STEP = 'the machine is not symmetric: no step leads to where the representative goes';

function equal(mem: Int32Array, other: Int32Array): boolean {
	for (let a = 0; a < mem.length; a++) if (mem[a] !== other[a]) return false;
	return true;
}

/** The first step after which `matches` is true, with what it threw; mem is as before. */
function find(machine: Machine, matches: (property: string | undefined) => boolean): Step {
	for (let t = 0; t < machine.tasks.length; t++) {
		const choices = machine.ready(t);
		for (let c = 0; c < choices; c++) {
			const found = matches(violationIn(() => machine.step(t, c))?.property);
			machine.undo();
			if (found) return [t, c];
		}
	}
	throw new ReductionError(NO_STEP);
}

function take(machine: Machine, [task, choice]: Step): string | undefined {
	const violation = violationIn(() => machine.step(task, choice));
	machine.forget();
	return violation?.property;
}

/** The steps of `inner` that follow those of `reduced` from its initial state on. */
export function lifted(
	reduced: Machine,
	inner: Machine,
	image: Image,
	way: readonly Step[],
): Step[] {
	const { mem } = inner;
	reduced.reset();
	reduced.forget();
	const representative = mem.slice();
	inner.reset();
	inner.forget();
	const here = mem.slice();
	return way.map((step) => {
		mem.set(representative);
		const violated = take(reduced, step);
		representative.set(mem);
		mem.set(here);
		const found = find(inner, (property) => {
			if (property !== undefined || violated !== undefined) return property === violated;
			image.settle();
			return equal(mem, representative);
		});
		take(inner, found);
		here.set(mem);
		return found;
	});
}

/**
 * Steps of `inner` to the state that an element makes of the one that `way` leads to. The
 * element must leave the initial state as it is.
 */
export function renamed(
	inner: Machine,
	image: Image,
	way: readonly Step[],
	element: number,
): Step[] {
	const { mem } = inner;
	inner.reset();
	inner.forget();
	const from = mem.slice();
	const here = mem.slice();
	const target = mem.slice();
	return way.map((step) => {
		mem.set(from);
		take(inner, step);
		from.set(mem);
		image.rename(element);
		target.set(mem);
		inner.forget();
		mem.set(here);
		const found = find(inner, (property) => property === undefined && equal(mem, target));
		take(inner, found);
		here.set(mem);
		return found;
	});
}
