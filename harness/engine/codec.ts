// SPDX-License-Identifier: GPL-2.0-only
/**
 * Code that packs the images of one machine in one way, and unpacks them. It is generated for each
 * packing: V8 then treats the arrays that it closes over as constants. So it neither checks their
 * type nor loads their address at each use, which would take longer than the packing.
 */
import type { Machine } from './machine.ts';
import type { Packing } from './packing.ts';

export interface Codec {
	/**
	 * To `to[at ..]`: `base` with the changes of the journal. False if a value may not fit.
	 *
	 * A word may be written more than once: bits of an earlier value outside its field are flipped
	 * twice, when it is written and when it is overwritten.
	 */
	encode(to: Int32Array, at: number): boolean;
	/** Copies `from[start ..]` to `base`, and unpacks it to mem. */
	load(from: Int32Array, start: number): void;
}

/** Code for longer vectors has loops or calls: V8 does not optimise functions of any size. */
const UNROLLED = 24;

/** The text of `f(k)` for each k below a width: a loop, or without one. */
export function each(width: number, f: (k: number | string) => string): string {
	if (width > UNROLLED) return `for(let k=0;k<${width};k++){${f('k')}}`;
	return Array.from({ length: width }, (_, k) => f(k)).join('');
}

/** Codecs so far. The same text twice would be the same code, without constants. */
let codecs = 0;

/**
 * Without loops: all fields of a word that differs are written, which takes less time than to find
 * out which of them do.
 */
function loadText({ order, width, fields: { place, bias, mask } }: Packing): string {
	const fields = Array.from({ length: width }, (): string[] => []);
	for (const a of order)
		fields[place[a] >>> 5].push(`mem[${a}]=(is>>>${place[a] & 31}&${mask[a]})+(${bias[a]});`);
	const apart = width > UNROLLED;
	const unpack = (w: number): string => (apart ? `word${w}(is);` : fields[w].join(''));
	const words = fields.map(
		(_, w) => `is=from[start+${w}];if(is!==base[${w}]){base[${w}]=is;${unpack(w)}}`,
	);
	const functions = apart ? fields.map((set, w) => `function word${w}(is){${set.join('')}}`) : [];
	return `${functions.join('\n')}\nfunction load(from,start){let is=0;${words.join('\n')}}`;
}

/** `base`: the vector of mem when the journal is empty. */
export function codecOf(machine: Machine, packing: Packing, base: Int32Array): Codec {
	const { mem, journalAddress, journalOld, journalNew, journalLength } = machine;
	const { fields, width } = packing;
	const text = `'use strict';
const {mem,journalAddress,journalOld,journalNew,journalLength,place,bias,mask,base}=host;
function encode(to,at){
	${each(width, (k) => `to[at+${k}]=base[${k}];`)}
	let beyond=0;
	for(let u=journalLength()-1;u>=0;u--){
		const a=journalAddress[u],b=bias[a],v=journalNew[u]-b,p=place[a];
		beyond|=(v&~mask[a])|(p>>31);
		to[at+(p>>>5)]^=(v^(journalOld[u]-b))<<(p&31);
	}
	return beyond===0;
}
${loadText(packing)}
return {encode,load};
// ${codecs++}`;
	const host = { mem, journalAddress, journalOld, journalNew, journalLength };
	return new Function('host', text)({ ...host, ...fields, base }) as Codec;
}
