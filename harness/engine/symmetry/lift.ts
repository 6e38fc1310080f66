// SPDX-License-Identifier: GPL-2.0-only
/**
 * From paths of representatives to paths of the machine itself, step by step. All states of an
 * orbit have steps into the same orbits, so a path can be followed from the initial state on, with
 * the same length.
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

/** The steps of `inner` that correspond to those of `reduced`, from the initial state on. */
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
 * Steps of `inner` to the image, under an element, of the state at the end of `way`. The element
 * must not change the initial state.
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
