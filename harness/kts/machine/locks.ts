// SPDX-License-Identifier: GPL-2.0-only
/**
 * The data of lock_order() of the prelude, outside the image: which locks were taken while others
 * were held, with the call trace of the first time.
 */
import type { LockArc } from '../../engine/machine.ts';

const BITS = 32;
const PREFIX = 'LOCK_';
/** Deeper than any call stack. */
const DEEPEST = 64;

export class LockOrder {
	/** by number of a bit: those that were held when it was taken */
	readonly arcs = new Int32Array(BITS);
	readonly #first = new Map<string, Pick<LockArc, 'task' | 'stack'>>();
	readonly #names: readonly string[];

	constructor(constants: Readonly<Record<string, number>>) {
		const named = Object.entries(constants).filter(([name]) => name.startsWith(PREFIX));
		this.#names = Array.from({ length: BITS }, (_, i) => {
			const found = named.find(([, value]) => value === 1 << i);
			return found ? found[0].slice(PREFIX.length) : `lock ${i}`;
		});
	}

	/** From each bit of `held` to the lock with number `to`. */
	note(held: number, to: number, task: string, stack: readonly string[]): void {
		this.arcs[to] |= held;
		for (const from of bitsOf(held)) this.#first.set(`${from} ${to}`, { task, stack });
	}

	forget(): void {
		this.arcs.fill(0);
		this.#first.clear();
	}

	/** In the order in which they were seen. */
	all(): LockArc[] {
		const order = [...this.#first.keys()];
		const arcs = [...this.arcs].flatMap((held, to) =>
			bitsOf(held).map((from) => ({
				seen: order.indexOf(`${from} ${to}`),
				held: this.#names[from],
				taken: this.#names[to],
				...(this.#first.get(`${from} ${to}`) ?? { task: '', stack: [] }),
			})),
		);
		return arcs.sort((a, b) => a.seen - b.seen).map(({ seen: _, ...arc }) => arc);
	}
}

function bitsOf(bits: number): number[] {
	return Array.from({ length: BITS }, (_, i) => i).filter((i) => bits & (1 << i));
}

/**
 * The program's functions on JavaScript's stack, innermost first; `named`: by generated name.
 * Each event of a replay asks for them, so this reads V8's frames, not a text made of them.
 */
export function functionsOnStack(named: ReadonlyMap<string, string>): string[] {
	const { prepareStackTrace, stackTraceLimit } = Error;
	Error.stackTraceLimit = DEEPEST;
	Error.prepareStackTrace = (_, frames) => frames.map((f) => f.getFunctionName());
	const { stack } = new Error() as { stack?: unknown };
	Error.prepareStackTrace = prepareStackTrace;
	Error.stackTraceLimit = stackTraceLimit;
	return (stack as (string | null)[]).flatMap((js) => named.get(js ?? '') ?? []);
}
