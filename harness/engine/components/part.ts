// SPDX-License-Identifier: GPL-2.0-only
/**
 * A part of the image: some of its words, whose contents are interned. Equal contents have one id;
 * ids count up from 0.
 */
import { mixed } from '../tables.ts';

const FIRST_SLOTS = 64;

export class Part {
	size = 0;
	/** contents k are at k * addresses.length */
	#data: Int32Array<ArrayBuffer>;
	#hashes = new Int32Array(FIRST_SLOTS / 2);
	/** ids + 1; 0: empty */
	#slots = new Int32Array(FIRST_SLOTS);

	constructor(
		readonly name: string,
		/** of its words, in the image */
		readonly addresses: Int32Array,
	) {
		this.#data = new Int32Array((FIRST_SLOTS / 2) * addresses.length);
	}

	get bytes(): number {
		return this.#data.byteLength + this.#hashes.byteLength + this.#slots.byteLength;
	}

	/** The id of what an image has there. */
	intern(image: Int32Array): number {
		const hash = this.#hashOf(image);
		const mask = this.#slots.length - 1;
		let i = hash & mask;
		for (let id = this.#slots[i] - 1; id >= 0; id = this.#slots[i] - 1) {
			if (this.#hashes[id] === hash && this.#isIn(image, id)) return id;
			i = (i + 1) & mask;
		}
		const id = this.size++;
		if (id === this.#hashes.length) this.#grow();
		this.#hashes[id] = hash;
		const at = id * this.addresses.length;
		for (let k = 0; k < this.addresses.length; k++) this.#data[at + k] = image[this.addresses[k]];
		this.#enter(id);
		return id;
	}

	/** Puts contents into an image. */
	load(id: number, image: Int32Array): void {
		const { addresses } = this;
		const data = this.#data;
		const at = id * addresses.length;
		for (let k = 0; k < addresses.length; k++) image[addresses[k]] = data[at + k];
	}

	#hashOf(image: Int32Array): number {
		const { addresses } = this;
		let sum = 0;
		for (let k = 0; k < addresses.length; k++)
			sum = Math.imul(sum, 0x01000193) ^ image[addresses[k]];
		return mixed(sum);
	}

	#isIn(image: Int32Array, id: number): boolean {
		const { addresses } = this;
		const data = this.#data;
		const at = id * addresses.length;
		for (let k = 0; k < addresses.length; k++)
			if (image[addresses[k]] !== data[at + k]) return false;
		return true;
	}

	#enter(id: number): void {
		const mask = this.#slots.length - 1;
		let i = this.#hashes[id] & mask;
		while (this.#slots[i] !== 0) i = (i + 1) & mask;
		this.#slots[i] = id + 1;
	}

	#grow(): void {
		const room = 2 * this.#hashes.length;
		this.#data = longer(this.#data, room * this.addresses.length);
		this.#hashes = longer(this.#hashes, room);
		this.#slots = new Int32Array(2 * room);
		for (let id = 0; id < this.size - 1; id++) this.#enter(id);
	}
}

/** The same words, and `fill` behind them. */
export function longer(old: Int32Array, length: number, fill = 0): Int32Array<ArrayBuffer> {
	const words = new Int32Array(length);
	words.set(old);
	if (fill !== 0) words.fill(fill, old.length);
	return words;
}
