// SPDX-License-Identifier: GPL-2.0-only
/**
 * A set of vectors of one length. They are stored in the order in which they were put in, so the
 * place of a vector is its id. A slot of the hash table has an id and as much of the vector's hash
 * as fits, so that vectors are rarely compared without need.
 */
import { type Budget, grown } from './budget.ts';
import type { CheckpointReader, CheckpointWriter } from './checkpoint.ts';
import { each } from './codec.ts';
import { LimitReached } from './limits.ts';
import { MAX_IDS, moreSlots, slotsFrom } from './tables.ts';
import { BATCH } from './visited.ts';

/** Code for vectors of one length, without loops. */
export interface VectorCode {
	copy(from: Int32Array, at: number, to: Int32Array, there: number): void;
	same(a: Int32Array, i: number, b: Int32Array, j: number): boolean;
	/** 32 bits, each of which depends on all words */
	hash(words: Int32Array, at: number): number;
	/** Finds the ids of vectors from..to of a batch; returns how many the set has then. */
	lookUp(
		slots: Int32Array,
		words: Int32Array,
		count: number,
		batch: Int32Array,
		from: number,
		to: number,
		ids: Int32Array,
	): number;
	/**
	 * The same for 0..n of a batch, in a set shared with other workers: new vectors get the ids from
	 * `next` on, which belong to this worker. Returns the first one that is left.
	 */
	lookUpShared(
		slots: Int32Array,
		words: Int32Array,
		next: number,
		batch: Int32Array,
		n: number,
		ids: Int32Array,
	): number;
	/** Fills empty slots with those of the first `count` vectors. */
	fill(slots: Int32Array, words: Int32Array, count: number): void;
	/** Are the first `count` vectors, all of which have a slot, different from each other? */
	distinct(slots: Int32Array, words: Int32Array, count: number): boolean;
}

const made = new Map<string, VectorCode>();

/** `badHash`: for tests, all hashes are equal. */
export function vectorCode(width: number, badHash = false): VectorCode {
	const key = `${width} ${badHash}`;
	let code = made.get(key);
	if (!code) made.set(key, (code = make(width, badHash)));
	return code;
}

const KEY = 0x9e3779b1;
/** An odd number for each place, so that equal words at two places do not cancel each other. */
const keyOf = (k: number | string): string =>
	typeof k === 'number' ? `${Math.imul(2 * k + 1, KEY)}` : `Math.imul(2*${k}+1,${KEY})`;

/**
 * A look-up waits for memory, since the slots of hashes are scattered. lookUp() first reads the
 * slots of all vectors of a batch, then looks them up. The waits overlap as far as the processor
 * looks ahead, some hundred instructions. So the loop that reads them does nothing else, and hashes
 * are in an array that V8 treats as a constant, without tests of type and length.
 */
function make(width: number, badHash: boolean): VectorCode {
	const sameAs = (k: number | string) => `if(a[i+${k}]!==b[j+${k}])return false;`;
	const warm = (from: string, to: string) => `
	for(let k=${from};k<${to};k++)hashes[k]=hash(batch,k*${width});
	let touched=0;
	for(let k=${from};k<${to};k++)touched^=slots[hashes[k]&mask];
	ids[${from}]=touched;`;
	const text = `'use strict';
const hashes=new Int32Array(${BATCH});
function copy(a,i,b,j){${each(width, (k) => `b[j+${k}]=a[i+${k}];`)}}
function same(a,i,b,j){${each(width, sameAs)}return true;}
function hash(a,i){
	${badHash ? 'return 0;' : ''}
	let h=${width};
	${each(width, (k) => `h=(h+Math.imul(a[i+${k}]^(a[i+${k}]>>>15),${keyOf(k)}))|0;`)}
	h=Math.imul(h^(h>>>16),0x85ebca6b);
	h=Math.imul(h^(h>>>13),0xc2b2ae35);
	return h^(h>>>16);
}
function lookUp(slots,words,count,batch,from,to,ids){
	const mask=slots.length-1;
	${warm('from', 'to')}
	for(let k=from;k<to;k++){
		const h=hashes[k];
		let i=h&mask,id=-1;
		for(let e=slots[i];e!==0;e=slots[i]){
			const known=(e&mask)-1;
			if(((e^h)&~mask)===0&&same(words,known*${width},batch,k*${width})){id=known;break;}
			i=(i+1)&mask;
		}
		if(id<0){
			id=count++;
			copy(batch,k*${width},words,id*${width});
			slots[i]=(h&~mask)|(id+1);
		}
		ids[k]=id;
	}
	return count;
}
function lookUpShared(slots,words,next,batch,n,ids){
	const mask=slots.length-1;
	${warm('0', 'n')}
	for(let k=0;k<n;k++){
		const h=hashes[k];
		for(let i=h&mask;;i=(i+1)&mask){
			let e=slots[i];
			if(e===0){
				copy(batch,k*${width},words,next*${width});
				e=Atomics.compareExchange(slots,i,0,(h&~mask)|(next+1));
				if(e===0){ids[k]=next++;break;}
			}
			const known=(e&mask)-1;
			if(((e^h)&~mask)===0&&same(words,known*${width},batch,k*${width})){ids[k]=known;break;}
		}
	}
	return next;
}
function fill(slots,words,count){
	const mask=slots.length-1;
	for(let k=0;k<count;k++){
		const h=hash(words,k*${width});
		let i=h&mask;
		while(slots[i]!==0)i=(i+1)&mask;
		slots[i]=(h&~mask)|(k+1);
	}
}
function distinct(slots,words,count){
	const mask=slots.length-1;
	for(let k=0;k<count;k++){
		const h=hash(words,k*${width});
		for(let i=h&mask;;i=(i+1)&mask){
			const e=slots[i],known=(e&mask)-1;
			if(known===k)break;
			if(((e^h)&~mask)===0&&same(words,known*${width},words,k*${width}))return false;
		}
	}
	return true;
}
return {copy,same,hash,lookUp,lookUpShared,fill,distinct};`;
	return new Function(text)() as VectorCode;
}

export interface VectorSetOptions {
	/** 2^bits slots to start with */
	bits?: number;
	maxIds?: number;
	/** for tests: all hashes are equal */
	badHash?: boolean;
}

export class VectorSet {
	count = 0;
	/** vector k is at k * width */
	words: Int32Array;
	code: VectorCode;
	#slots: Int32Array;
	readonly #maxIds: number;
	readonly #badHash: boolean;
	/** ids until the set must grow */
	#room = 0;

	constructor(
		readonly budget: Budget,
		public width: number,
		{ bits = 12, maxIds = MAX_IDS, badHash = false }: VectorSetOptions = {},
	) {
		this.#maxIds = maxIds;
		this.#badHash = badHash;
		this.code = vectorCode(width, badHash);
		this.#slots = budget.words(1 << bits);
		this.words = budget.words(width << bits);
	}

	/**
	 * Looks up the vectors from..to of a batch, in this order, and puts in those that are new:
	 * their ids are the counts from before. False if there may be no room for all of them, and
	 * nothing was done; there is room for one, or it throws.
	 */
	lookUp(batch: Int32Array, from: number, to: number, ids: Int32Array): boolean {
		const n = to - from;
		if (this.count + n > this.#room) this.#grow(n);
		if (this.count + n > this.#room) return false;
		const { code, words, count } = this;
		this.count = code.lookUp(this.#slots, words, count, batch, from, to, ids);
		return true;
	}

	/** Makes room for n more vectors if possible; for one in any case. */
	#grow(n: number): void {
		const { budget, count, width } = this;
		if (count >= this.#maxIds)
			throw new LimitReached('ids', `the set of states has used all of its ${this.#maxIds} ids`);
		const wanted = Math.min(count + n, this.#maxIds);
		const load = (): number => this.#slots.length - (this.#slots.length >>> 2);
		while (wanted > load()) this.#rehash(moreSlots(this.#slots.length, count));
		const { length } = this.words;
		if (wanted * width > length)
			this.words = budget.longer(this.words, Math.max(grown(length), wanted * width));
		this.#room = Math.min(load(), Math.floor(this.words.length / width), this.#maxIds);
	}

	#rehash(length: number): void {
		const slots = this.budget.zeros(this.#slots, length);
		this.code.fill(slots, this.words, this.count);
		this.#slots = slots;
	}

	/** Makes room for longer vectors. */
	reserve(width: number): void {
		if (this.count * width > this.words.length)
			this.words = this.budget.longer(this.words, grown(this.count * width));
	}

	/**
	 * The same states in longer vectors, for which there is room: `rewrite(words, k)` changes
	 * vector k, from the last one on.
	 */
	widen(width: number, rewrite: (words: Int32Array, k: number) => void): void {
		for (let k = this.count - 1; k >= 0; k--) rewrite(this.words, k);
		this.width = width;
		this.code = vectorCode(width, this.#badHash);
		this.#rehash(this.#slots.length);
		this.#room = Math.min(this.#room, Math.floor(this.words.length / width));
	}

	save(to: CheckpointWriter): void {
		to.number(this.count);
		to.number(this.#slots.length);
		to.array(this.words.subarray(0, this.count * this.width));
	}
	restore(from: CheckpointReader, width: number): void {
		this.count = from.number(1, this.#maxIds);
		const slots = slotsFrom(from, this.#slots.length, this.count);
		this.words = from.words(this.budget, this.words, this.count * width);
		this.width = width;
		this.code = vectorCode(width, this.#badHash);
		this.#rehash(slots);
		from.must(this.code.distinct(this.#slots, this.words, this.count), 'a state is there twice');
		this.#room = this.count;
	}
}
