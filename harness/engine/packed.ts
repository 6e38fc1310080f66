// SPDX-License-Identifier: GPL-2.0-only
/**
 * The image of a machine as a packed vector, and back. The vector after a step is that of the state
 * before it, with the bits of the words in the journal flipped.
 */

import type { CheckpointReader, CheckpointWriter } from './checkpoint.ts';
import { type Codec, codecOf } from './codec.ts';
import type { Machine } from './machine.ts';
import { addressesOf, learn, NOWHERE, Packing } from './packing.ts';
import { unreduced } from './reduction.ts';
import { type VectorCode, vectorCode } from './vectors.ts';
import { constantWords } from './words.ts';

/** Steps of the random walks that the first widths are learned from. */
const LOOK = 500;
/**
 * After so many states, long random walks check the widths of the fields. This is done early: other
 * fields need other code, and V8 must optimise the search again. Later, it also takes longer to
 * pack all states again.
 */
export const LOOK_AGAIN = 1 << 8;
/** Steps of these walks after so many states. */
export const stepsAfter = (states: number): number => Math.min(32 * states, 1 << 13);

export class PackedImage {
	/** the vector of mem after the last load() or keep() */
	base!: Int32Array;
	code!: VectorCode;
	readonly #machine: Machine;
	readonly #mem: Int32Array;
	/** state 0 */
	readonly #initial: Int32Array;
	readonly #journalAddress: Int32Array;
	#packing!: Packing;
	#codec!: Codec;

	constructor(machine: Machine) {
		this.#machine = machine;
		this.#mem = machine.mem;
		this.#journalAddress = machine.journalAddress;
		this.#initial = machine.mem.slice();
		this.#begin(new Packing(addressesOf(machine), learn(unreduced(machine), LOOK)));
	}

	/** packed words a state */
	get width(): number {
		return this.#packing.width;
	}
	get packing(): Packing {
		return this.#packing;
	}

	/** The vector of mem to `to[at ..]`. False if a value does not fit. */
	encode(to: Int32Array, at: number): boolean {
		return this.#codec.encode(to, at) || this.#fits();
	}

	/** Does mem fit? */
	#fits(): boolean {
		const length = this.#machine.journalLength();
		const { place, bias, mask } = this.#packing.fields;
		for (let u = 0; u < length; u++) {
			const a = this.#journalAddress[u];
			if (place[a] === NOWHERE) throw new Error(`word ${a} was written but is in no region`);
			if (((this.#mem[a] - bias[a]) & ~mask[a]) !== 0) return false;
		}
		return true;
	}

	/** Unpacks a vector to mem. */
	load(from: Int32Array, start: number): void {
		this.#codec.load(from, start);
	}

	/** Keeps mem; this is its vector. */
	keep(vector: Int32Array, at: number): void {
		this.code.copy(vector, at, this.base, 0);
	}

	/**
	 * A packing for adopt() that also fits mem and the states of random walks of so many steps;
	 * undefined if all of them fit already.
	 */
	wider(steps: number): Packing | undefined {
		const machine = this.#machine;
		const mem = this.#mem;
		const now = { low: mem.slice(), high: mem.slice() };
		const writes = machine.journalLength();
		const addresses = machine.journalAddress.slice(0, writes);
		const values = machine.journalNew.slice(0, writes);
		machine.undo();
		const here = mem.slice();
		mem.set(this.#initial);
		const ahead = learn(unreduced(machine), steps);
		mem.set(here);
		addresses.forEach((a, i) => void machine.write(a, values[i]));
		const packing = this.#packing;
		if (packing.fits(now) && packing.fits(ahead)) return undefined;
		return packing.widened(now).widened(ahead);
	}

	/**
	 * Changes to a packing. The result is a function for the vectors packed before: it packs one
	 * again, from `words[from ..]` to `words[to ..]`.
	 */
	adopt(packing: Packing): (words: Int32Array, from: number, to: number) => void {
		const before = this.#packing;
		// a word without bits has had one value so far
		const image = before.fields.bias.slice();
		before.unpack(image, this.base, 0);
		this.#use(packing);
		packing.pack(image, this.base, 0);
		return (words, from, to) => {
			before.unpack(image, words, from);
			packing.pack(image, words, to);
		};
	}

	/** Packs mem, which is state 0. */
	#begin(packing: Packing): void {
		this.#use(packing);
		packing.pack(this.#mem, this.base, 0);
	}

	#use(packing: Packing): void {
		this.#packing = packing;
		this.code = vectorCode(packing.width);
		this.base = constantWords(packing.width);
		this.#codec = codecOf(this.#machine, packing, this.base);
	}

	save(to: CheckpointWriter): void {
		this.#packing.save(to);
	}
	/** mem is state 0, as in the constructor. */
	restore(from: CheckpointReader): void {
		this.#packing.restore(from);
		const first = { low: this.#initial, high: this.#initial };
		from.must(this.#packing.fits(first), 'its first state has no room');
		this.#begin(this.#packing);
	}
	/** Vectors, each so many words behind the one before it, have no bits but those of fields. */
	mustBeVectors(from: CheckpointReader, words: Int32Array, start: number, step: number): void {
		const bits = this.#packing.bits();
		const { width } = this;
		for (let at = start; at < words.length; at += step)
			for (let w = 0; w < width; w++)
				from.must((words[at + w] & ~bits[w]) === 0, 'a state has bits beside its fields');
	}
	/** The image that a vector stands for. */
	unpacked(words: Int32Array, at: number): Int32Array {
		const image = this.#initial.slice();
		const { place, bias, mask } = this.#packing.fields;
		for (let a = 0; a < image.length; a++)
			if (place[a] !== NOWHERE && mask[a] === 0) image[a] = bias[a];
		this.#packing.unpack(image, words, at);
		return image;
	}
}
