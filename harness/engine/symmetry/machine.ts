// SPDX-License-Identifier: GPL-2.0-only
/**
 * Reduction by symmetry: a machine whose states are representatives of orbits. After each step of
 * the machine inside, the image is made the smallest of its orbit by further journalled writes.
 *
 * Any choice of a representative is sound if the elements are automorphisms: they map steps to
 * steps, and keep the results of the properties. That follows from the types of words in the
 * sources (docs/engine.md), and audit() tests it on states that were visited. If an element also
 * leaves the initial state as it is, which the constructor checks, it maps reachable states to
 * reachable ones.
 */
import type { Machine } from '../machine.ts';
import { delegate, type Reduced, ReductionError } from '../reduction.ts';
import type { Step } from '../result.ts';
import { spreadOverGroup, spreadOverSlots } from './access.ts';
import { audited, Samples } from './audit.ts';
import { Contents } from './contents.ts';
import { type Action, actionOf, type Element, generated } from './group.ts';
import { Image } from './image.ts';
import { lifted, renamed } from './lift.ts';
import { Slots } from './slots.ts';

export interface Symmetry {
	/** what generates the group */
	generators: readonly Element[];
	/** addresses of words that are plain here, whatever their types in the sources */
	plain?: readonly number[];
	/** the slots of a pool are interchangeable: see slots.ts */
	slots?: boolean;
	/**
	 * Elements may change the initial state. The same orbits are reachable, but perhaps not every
	 * state of the orbit of a final one: orbit() throws.
	 */
	anyStart?: boolean;
}

export interface Symmetric extends Reduced {
	/** elements of the group; with 1 there is no reduction */
	readonly order: number;
	/** why generators were left out: where each changes the initial state */
	readonly dropped: readonly string[];
}

/**
 * The machine up to a symmetry. Generators that change the initial state are left out. Throws if
 * the machine has no names, or a generator is not a renaming of its tasks.
 */
export function symmetric(
	inner: Machine,
	{ generators, plain = [], slots = false, anyStart = false }: Symmetry,
): Symmetric {
	const { names } = inner;
	if (!names) throw new Error('a machine without names has no symmetry');
	inner.reset();
	inner.forget();
	const contents = new Contents(inner, names, plain);
	const dropped: string[] = [];
	const kept = generators.filter((element) => {
		if (anyStart) return true;
		const why = changeOf(inner, actionOf(inner, element), contents);
		if (why !== undefined) dropped.push(why);
		return why === undefined;
	});
	const group = generated(names, kept).map((element) => actionOf(inner, element));
	const inOrder = slots ? new Slots(inner, names, contents) : undefined;
	const image = new Image(inner, group, contents, inOrder);
	const order = image.actions.length;
	const samples = new Samples();
	const machine: Symmetric = {
		...delegate(inner),
		inner,
		order,
		dropped,
		description: [
			...(generators.length > 0 || !slots
				? [order === 1 ? 'no symmetry' : `symmetry of order ${order}`]
				: []),
			...(slots ? ['slots in order'] : []),
		].join(', '),
		reset() {
			inner.reset();
			image.settle();
		},
		step(task, choice) {
			samples.pass(inner.mem);
			inner.step(task, choice);
			image.settle(true);
		},
		save(to) {
			inner.save(to);
			samples.save(to);
		},
		restore(from) {
			inner.restore(from);
			samples.restore(from, inner.words);
		},
		audit() {
			if (inner.access) {
				if (slots) spreadOverSlots(inner);
				spreadOverGroup(inner.access, image.actions);
			}
			return audited(machine, image, samples);
		},
		expand: (way, accept) => expanded(machine, image, way, accept),
		orbit(visit) {
			if (anyStart) throw new Error('an orbit may have states that are not reachable');
			orbit(inner, image, visit);
		},
	};
	return machine;
}

/** Where an element changes the initial state, which is in mem; undefined: it does not. */
function changeOf(machine: Machine, action: Action, contents: Contents): string | undefined {
	contents.update();
	const at = machine.mem.findIndex((word, a) => contents.under(action, a) !== word);
	if (at < 0) return undefined;
	const region = machine.regions.find((r) => at >= r.start && at < r.start + r.length);
	return region ? `word ${at - region.start} of ${region.name}` : `word ${at}`;
}

/** Visits each state of the orbit once. */
function orbit(inner: Machine, image: Image, visit: () => void): void {
	const seen = new Set<string>();
	for (let element = 0; element < image.actions.length; element++) {
		image.rename(element);
		const key = inner.mem.join();
		if (!seen.has(key)) visit();
		seen.add(key);
		inner.undo();
	}
}

function expanded(
	machine: Symmetric,
	image: Image,
	way: readonly Step[],
	accept: (() => boolean) | undefined,
): Step[] {
	const { inner } = machine;
	const before = inner.mem.slice();
	try {
		const steps = lifted(machine, inner, image, way);
		if (!accept || accept()) return steps;
		for (let element = 1; element < image.actions.length; element++) {
			image.rename(element);
			const accepted = accept();
			inner.undo();
			if (accepted) return renamed(inner, image, steps, element);
		}
		throw new ReductionError('no state of the orbit is the expected one');
	} finally {
		inner.forget();
		inner.mem.set(before);
	}
}
