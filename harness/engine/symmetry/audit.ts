// SPDX-License-Identifier: GPL-2.0-only
/**
 * A test of symmetry on states that were visited: the image of a state under an element of the
 * group must be able to take the same steps, violate the same predicates, and lead into the same
 * orbits.
 */
import { type CheckpointReader, type CheckpointWriter, isList } from '../checkpoint.ts';
import type { Machine } from '../machine.ts';
import { random } from '../random.ts';
import type { Reduced } from '../reduction.ts';
import { violationIn } from '../result.ts';
import type { Image } from './image.ts';

/** Images kept; elements of the group that each is tried with. */
const KEPT = 512;
const ELEMENTS = 2;

/** A sample of the images, spread evenly. */
export class Samples {
	readonly images: Int32Array[] = [];
	#passed = 0;
	#next = 0;
	#stride = 1;

	pass(mem: Int32Array): void {
		if (this.#passed++ !== this.#next) return;
		if (this.images.length === KEPT) {
			for (let i = 0; i < KEPT / 2; i++) this.images[i] = this.images[2 * i];
			this.images.length = KEPT / 2;
			this.#stride *= 2;
		}
		this.images.push(mem.slice());
		this.#next += this.#stride;
	}

	save(to: CheckpointWriter): void {
		for (const n of [this.#passed, this.#next, this.#stride]) to.number(n);
		to.json(this.images.map((image) => [...image]));
	}
	/** Of images of so many words. */
	restore(from: CheckpointReader, words: number): void {
		this.#passed = from.number();
		this.#next = from.number();
		this.#stride = from.number(1);
		const images = from.json();
		from.must(Array.isArray(images) && images.length <= KEPT, 'its samples');
		for (const image of images)
			from.must(isList(image, words, -(2 ** 31), 2 ** 31 - 1), 'one of its samples');
		this.images.splice(0, KEPT, ...images.map((image) => Int32Array.from(image)));
	}
}

/** The result of a step: the property that it violates, or a representative. */
type Outcome = string | Int32Array;

interface Behaviour {
	finished: boolean;
	/** what check() throws */
	violated: string;
	/** by task */
	ready: number[];
	outcomes: Outcome[][];
}

/** In the state in mem, which need not be a representative. */
function behaviourIn({ inner: machine }: Reduced, image: Image): Behaviour {
	const ready = machine.tasks.map((_, t) => machine.ready(t));
	return {
		finished: machine.finished(),
		violated: violationIn(() => machine.check())?.property ?? '',
		ready,
		outcomes: ready.map((choices, t) =>
			Array.from({ length: Math.max(0, choices) }, (_, c): Outcome => {
				const violation = violationIn(() => machine.step(t, c));
				if (!violation) image.settle();
				const outcome = violation?.property ?? machine.mem.slice();
				machine.undo();
				return outcome;
			}),
		),
	};
}

/** Where two images differ, in words. */
function placeOf({ regions }: Machine, a: Int32Array, b: Int32Array): string {
	const at = a.findIndex((word, i) => word !== b[i]);
	const region = regions.find(({ start, length }) => at >= start && at < start + length);
	return region ? `word ${at - region.start} of ${region.name}` : `word ${at}`;
}

function same(a: Outcome, b: Outcome): boolean {
	if (typeof a === 'string' || typeof b === 'string') return a === b;
	return a.every((word, i) => word === b[i]);
}

/** How the outcomes of a task's steps differ from those of its counterpart. */
function difference(machine: Machine, mine: Outcome[], others: Outcome[]): string | undefined {
	const left = [...others];
	for (const outcome of mine) {
		const i = left.findIndex((other) => same(outcome, other));
		if (i < 0) {
			const other = left.find((o) => typeof o !== 'string');
			if (typeof outcome === 'string') return `only one of them violates ${outcome}`;
			return other ? `they differ in ${placeOf(machine, outcome, other)}` : 'only one violates';
		}
		left.splice(i, 1);
	}
	return undefined;
}

/** How the behaviour of the renamed state differs; undefined: not at all. */
function compare(
	machine: Machine,
	mine: Behaviour,
	others: Behaviour,
	taskMap: Int32Array,
): string | undefined {
	if (mine.finished !== others.finished) return 'only in one of them all programs have ended';
	if (mine.violated !== others.violated)
		return `one violates ${mine.violated || 'nothing'}, the other ${others.violated || 'nothing'}`;
	for (const [t, { name }] of machine.tasks.entries()) {
		const counterpart = taskMap[t];
		const pair = `${name} and ${machine.tasks[counterpart].name}`;
		if (mine.ready[t] !== others.ready[counterpart])
			return `${pair} have ${mine.ready[t]} and ${others.ready[counterpart]} steps`;
		const what = difference(machine, mine.outcomes[t], others.outcomes[counterpart]);
		if (what) return `after a step of ${pair} ${what}`;
	}
	return undefined;
}

/** Reduced.audit() of a symmetric machine. */
export function audited(reduced: Reduced, image: Image, { images }: Samples): string | undefined {
	if (image.slots?.dangling)
		return 'slots of a pool are not interchangeable: a pointer leads to a free one';
	const pick = random(1);
	for (const sample of [...images]) {
		reduced.mem.set(sample);
		const mine = behaviourIn(reduced, image);
		for (let i = 0; i < ELEMENTS; i++) {
			const element = pick(image.actions.length);
			reduced.mem.set(sample);
			image.rename(element);
			image.slots?.shuffle(pick);
			reduced.forget();
			const what = compare(
				reduced,
				mine,
				behaviourIn(reduced, image),
				image.actions[element].tasks,
			);
			if (what) return `the machine is not symmetric: in a state and its renaming, ${what}`;
		}
	}
	return undefined;
}
