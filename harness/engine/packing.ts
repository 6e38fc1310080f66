// SPDX-License-Identifier: GPL-2.0-only
/**
 * How the words of an image are packed into few words: each in as many bits as its values need,
 * none across two packed words.
 *
 * The widths are learned. The range of a word begins with its first value, and is widened when a
 * value does not fit; older vectors are then packed again. So a width is never too narrow, whatever
 * the sources declare, and a word that never changes takes no bits.
 */
import type { CheckpointReader, CheckpointWriter } from './checkpoint.ts';
import { type Machine, Violation } from './machine.ts';
import { random } from './random.ts';

/** The place of a word that is in no region. */
export const NOWHERE = -1;

/** By address; all values less `bias` have no other bits than those of `mask`. */
export interface Fields {
	/** 32 * packed word + shift */
	place: Int32Array;
	bias: Int32Array;
	mask: Int32Array;
}

/** Values, by address: the smallest and the greatest. */
export interface Ranges {
	low: Int32Array;
	high: Int32Array;
}

const LEAST = -(2 ** 31);
const MOST = 2 ** 31 - 1;
const bitsOf = (mask: number): number => 32 - Math.clz32(mask);

/** Ones from the lowest bit on, and no value beyond the greatest number. */
function isField(bias: number, mask: number): boolean {
	if (mask === -1) return bias === 0;
	return mask >= 0 && (mask & (mask + 1)) === 0 && bias + mask <= MOST;
}

export class Packing {
	/** packed words a state; never less than it was */
	width = 1;
	readonly fields: Fields;
	/** the addresses that take bits, by place */
	order = new Int32Array(0);
	readonly #addresses: Int32Array;

	/** Of the words at `addresses`, at least `least` packed words long. */
	constructor(addresses: Int32Array, { low, high }: Ranges, least = 1) {
		this.#addresses = addresses;
		this.width = least;
		const place = new Int32Array(low.length).fill(NOWHERE);
		const bias = low.slice();
		const mask = new Int32Array(low.length);
		for (const a of addresses) {
			place[a] = 0;
			const span = high[a] - low[a];
			// a test of bits decides what fits: a field beyond the greatest number would wrap
			const wide = span > 0x7fffffff || low[a] + (span === 0 ? 0 : -1 >>> Math.clz32(span)) > MOST;
			if (wide) bias[a] = 0;
			mask[a] = wide ? -1 : span === 0 ? 0 : -1 >>> Math.clz32(span);
		}
		this.fields = { place, bias, mask };
		this.#arrange();
	}

	fits({ low, high }: Ranges): boolean {
		const { bias, mask } = this.fields;
		return this.#addresses.every(
			(a) => ((low[a] - bias[a]) & ~mask[a]) === 0 && ((high[a] - bias[a]) & ~mask[a]) === 0,
		);
	}

	/** With room for the values of other ranges as well. */
	widened(other: Ranges): Packing {
		const { bias, mask } = this.fields;
		const low = bias.slice();
		const high = bias.slice();
		for (const a of this.#addresses) {
			const wide = mask[a] === -1;
			low[a] = wide ? LEAST : Math.min(other.low[a], bias[a]);
			high[a] = wide ? MOST : Math.max(other.high[a], Math.min(bias[a] + mask[a], MOST));
		}
		return new Packing(this.#addresses, { low, high }, this.width);
	}

	save(to: CheckpointWriter): void {
		to.number(this.width);
		to.array(this.fields.bias);
		to.array(this.fields.mask);
	}
	restore(from: CheckpointReader): void {
		const { place, bias, mask } = this.fields;
		const [biasBefore, maskBefore] = [bias.slice(), mask.slice()];
		const width = from.number(1, this.#addresses.length + 1);
		from.array(bias);
		from.array(mask);
		for (let a = 0; a < bias.length; a++) {
			const fixed = place[a] === NOWHERE;
			const fits = fixed
				? bias[a] === biasBefore[a] && mask[a] === maskBefore[a]
				: isField(bias[a], mask[a]);
			from.must(fits, 'the fields of a state');
			if (!fixed) place[a] = 0;
		}
		this.width = 1;
		this.#arrange();
		from.must(this.width <= width, 'how wide a state is');
		this.width = width;
	}

	/** Of each packed word, the bits that a state may have. */
	bits(): Int32Array {
		const { place, mask } = this.fields;
		const bits = new Int32Array(this.width);
		for (const a of this.order) bits[place[a] >>> 5] |= mask[a] << (place[a] & 31);
		return bits;
	}

	/** The widest first, each into the first word that has room for it. */
	#arrange(): void {
		const { place, mask } = this.fields;
		const wanted = [...this.#addresses].filter((a) => mask[a] !== 0);
		wanted.sort((a, b) => bitsOf(mask[b]) - bitsOf(mask[a]) || a - b);
		const used: number[] = [];
		for (const a of wanted) {
			const bits = bitsOf(mask[a]);
			let w = used.findIndex((n) => n + bits <= 32);
			if (w < 0) w = used.push(0) - 1;
			place[a] = 32 * w + used[w];
			used[w] += bits;
		}
		this.width = Math.max(this.width, used.length);
		this.order = Int32Array.from(wanted.sort((a, b) => place[a] - place[b]));
	}

	/** Packs the image to `to[at ..]`. All values fit. */
	pack(image: Int32Array, to: Int32Array, at: number): void {
		const { place, bias } = this.fields;
		to.fill(0, at, at + this.width);
		for (const a of this.order)
			to[at + (place[a] >>> 5)] |= (image[a] - bias[a]) << (place[a] & 31);
	}

	/** Unpacks `from[at ..]` to an image that has the values of words without bits. */
	unpack(image: Int32Array, from: Int32Array, at: number): void {
		const { place, bias, mask } = this.fields;
		for (const a of this.order)
			image[a] = ((from[at + (place[a] >>> 5)] >>> (place[a] & 31)) & mask[a]) + bias[a];
	}
}

/** The words that can change. */
export function addressesOf({ regions }: Machine): Int32Array {
	const addresses = new Set<number>();
	for (const { start, length } of regions)
		for (let a = start; a < start + length; a++) addresses.add(a);
	return Int32Array.from(addresses).sort();
}

/** Steps of one walk at most. */
const WALK = 1000;

/**
 * The ranges of a few random walks from the state in mem, of about so many steps. Leaves the
 * machine in that state, with an empty journal.
 */
export function learn(machine: Machine, steps: number): Ranges {
	const low = machine.mem.slice();
	const high = machine.mem.slice();
	machine.aside(() => wander(machine, steps, { low, high }));
	return { low, high };
}

function wander(machine: Machine, steps: number, ranges: Ranges): void {
	const { mem } = machine;
	const initial = mem.slice();
	const pick = random(steps);
	for (let left = steps; left > 0; ) {
		left -= walk(machine, Math.min(left, WALK), pick, ranges);
		machine.forget();
		mem.set(initial);
	}
}

/**
 * One walk, to its end or of so many steps; returns how many steps it tried. Walks are short, so
 * that V8 compiles this like any function that is called often. It would compile the loop of one
 * long walk while it runs, once for each entry.
 */
function walk(
	machine: Machine,
	most: number,
	pick: (below: number) => number,
	{ low, high }: Ranges,
): number {
	const { journalAddress, journalNew } = machine;
	const tasks = machine.tasks.length;
	const able: number[] = [];
	let taken = 0;
	try {
		for (; taken < most; taken++) {
			able.length = 0;
			for (let t = 0; t < tasks; t++) if (machine.ready(t) > 0) able.push(t);
			if (able.length === 0) return taken + 1;
			const task = able[pick(able.length)];
			machine.step(task, pick(machine.ready(task)));
			for (let u = machine.journalLength() - 1; u >= 0; u--) {
				const a = journalAddress[u];
				low[a] = Math.min(low[a], journalNew[u]);
				high[a] = Math.max(high[a], journalNew[u]);
			}
			machine.forget();
		}
	} catch (e) {
		if (!(e instanceof Violation)) throw e;
	}
	return taken + 1;
}
