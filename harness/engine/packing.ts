// SPDX-License-Identifier: GPL-2.0-only
/**
 * How the words of an image are packed into few words: each in as many bits as its values need,
 * none across two packed words.
 *
 * The widths are learned. A word's range begins with the value that it has at first, and is
 * widened when a value does not fit; what was packed before is then packed anew. So a width is
 * never too narrow, whatever the sources declare, and a word that never changes takes no bits.
 */
import type { CheckpointReader, CheckpointWriter } from './checkpoint.ts';
import type { Region } from './machine.ts';

/** The place of a word that is in no region. */
export const NOWHERE = -1;

/** By address; all values less `bias` have no other bits than those of `mask`. */
export interface Fields {
	/** 32 * packed word + shift */
	place: Int32Array;
	bias: Int32Array;
	mask: Int32Array;
}

const bitsOf = (mask: number): number => 32 - Math.clz32(mask);

export class Packing {
	/** packed words a state; never less than it was */
	width = 1;
	readonly fields: Fields;
	/** the addresses that take bits, by place, and where those of each packed word end */
	order = new Int32Array(0);
	ends = new Int32Array(1);
	#addresses: Int32Array;

	constructor(regions: readonly Region[], image: Int32Array) {
		const addresses = new Set<number>();
		for (const { start, length } of regions)
			for (let a = start; a < start + length; a++) addresses.add(a);
		this.#addresses = Int32Array.from(addresses).sort();
		const place = new Int32Array(image.length).fill(NOWHERE);
		for (const a of this.#addresses) place[a] = 0;
		this.fields = { place, bias: image.slice(), mask: new Int32Array(image.length) };
		this.#arrange();
	}

	/** A packing with room for the values that the image has now as well. */
	widened(image: Int32Array): Packing {
		const wider = new Packing([], image);
		const { bias, mask } = wider.fields;
		bias.set(this.fields.bias);
		mask.set(this.fields.mask);
		wider.fields.place.set(this.fields.place);
		wider.width = this.width;
		wider.#addresses = this.#addresses;
		for (const a of this.#addresses) {
			const value = image[a];
			if (((value - bias[a]) & ~mask[a]) === 0) continue;
			const low = Math.min(value, bias[a]);
			const span = Math.max(value, bias[a] + mask[a]) - low;
			const wide = span > 0x7fffffff;
			bias[a] = wide ? 0 : low;
			mask[a] = wide ? -1 : -1 >>> Math.clz32(span);
		}
		wider.#arrange();
		return wider;
	}

	save(to: CheckpointWriter): void {
		to.number(this.width);
		to.array(this.fields.bias);
		to.array(this.fields.mask);
	}
	restore(from: CheckpointReader): void {
		this.width = from.number(1, this.#addresses.length + 1);
		from.array(this.fields.bias);
		from.array(this.fields.mask);
		this.#arrange();
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
		this.ends = new Int32Array(this.width).fill(this.order.length);
		for (let i = this.order.length - 1; i >= 0; i--)
			this.ends.fill(i, 0, place[this.order[i]] >>> 5);
	}

	/** Packs the image to `to[at ..]`. All values fit. */
	pack(image: Int32Array, to: Int32Array, at: number): void {
		const { place, bias } = this.fields;
		to.fill(0, at, at + this.width);
		for (const a of this.order)
			to[at + (place[a] >>> 5)] |= (image[a] - bias[a]) << (place[a] & 31);
	}

	/** Unpacks `from[at ..]` to the image. */
	unpack(image: Int32Array, from: Int32Array, at: number): void {
		const { place, bias, mask } = this.fields;
		for (const a of this.#addresses)
			image[a] = ((from[at + (place[a] >>> 5)] >>> (place[a] & 31)) & mask[a]) + bias[a];
	}
}
