// SPDX-License-Identifier: GPL-2.0-only
/**
 * Accesses: the additions of a machine that was made with `track`. Its code is another text of the
 * same template; a machine without tracking has none of this.
 */
import { ACCESS, type Access, PREDICATES, SEVERAL } from '../../engine/machine.ts';
import type { Fifo, FunctionPlan } from '../plan.ts';

/** Most tasks that the columns can distinguish. */
const MOST_TASKS = PREDICATES - 1;

/** The interface for the generated code, which provides `as`. */
export interface TrackingHost extends Access {
	/** addresses from here on are stacks: only their task accesses them */
	readonly stacks: number;
	/** sets the accessing party: 1 + task, PREDICATES, or 0: not noted */
	as(who: number): void;
}

/**
 * R reads a word, N notes that one is written. `how`: 1 within a function that sends, 2 within one
 * that receives. Predicates only read, in any function.
 */
export const TRACKING = `
const track=host.tracking,{reader,writer,sender,receiver,stacks:STACKS}=track;
var who=0,how=0;
track.as=n=>{who=n;how=0;};
function touch(a,kind){
if(who===0||a>=STACKS)return;
const fifo=how!==0&&who!==${PREDICATES};
const column=fifo?how===1?sender:receiver:kind===${ACCESS.READ}?reader:writer,o=column[a];
if(o!==who)column[a]=o===0?who:${SEVERAL};
if(track.note!==null)track.note[a]|=fifo?how===1?${ACCESS.SEND}:${ACCESS.RECEIVE}:kind;}
function R(a){touch(a,${ACCESS.READ});return mem[a];}
function N(a){touch(a,${ACCESS.WRITE});}
`;

const HOW: Record<Fifo, number> = { send: 1, receive: 2, pending: 2 };

/** The template with a wrapper around each function that is marked `@fifo`. */
export function withFifos(template: string, functions: readonly { plan: FunctionPlan }[]): string {
	let out = template;
	for (const { plan } of functions) {
		const { js, params, fifo } = plan;
		if (!fifo) continue;
		const formal = Array.from({ length: params }, (_, i) => `a${i}`).join(',');
		const inner = `${js}$inner`;
		const call = `const h=how;how=${HOW[fifo]};const r=${inner}(${formal});how=h;return r;`;
		out = out.replace(`function ${js}(`, () => `function ${inner}(`);
		out += `\nfunction ${js}(${formal}){${call}}`;
	}
	return out;
}

export class Tracker implements TrackingHost {
	readonly reader: Uint8Array;
	readonly writer: Uint8Array;
	readonly sender: Uint8Array;
	readonly receiver: Uint8Array;
	note: Uint8Array | null = null;
	/** while set, nothing is noted */
	paused = false;
	as: (who: number) => void = () => {};

	constructor(
		readonly stacks: number,
		words: number,
		tasks: number,
	) {
		if (tasks > MOST_TASKS)
			throw new Error(`${tasks} tasks: accesses are told apart for at most ${MOST_TASKS}`);
		this.reader = new Uint8Array(words);
		this.writer = new Uint8Array(words);
		this.sender = new Uint8Array(words);
		this.receiver = new Uint8Array(words);
	}

	clear(): void {
		for (const column of [this.reader, this.writer, this.sender, this.receiver]) column.fill(0);
	}

	/** Runs `run`, noted under `who`. */
	noting<R>(who: number, run: () => R): R {
		this.as(this.paused ? 0 : who);
		try {
			return run();
		} finally {
			this.as(0);
		}
	}
}
