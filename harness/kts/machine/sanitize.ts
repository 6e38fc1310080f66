// SPDX-License-Identifier: GPL-2.0-only
/**
 * Detection of use after free: for each address in a slot, the address of its "allocated" word; and
 * which pointers must be checked.
 */
import type { Field } from '../../engine/machine.ts';
import type { Layout } from './layout.ts';

interface Slots {
	cls: string;
	/** address of the first slot, number of slots, words of each */
	start: number;
	n: number;
	stride: number;
}

export class Checks {
	/** by address: the address of the "allocated" word of its slot, 0 if it is in none */
	readonly owners: Int32Array;
	/** structs that are slots, within slots, or elsewhere and not like slots */
	readonly #slots = new Set<string>();
	readonly #inSlots = new Set<string>();
	readonly #elsewhere = new Set<string>();
	readonly #pools: Slots[] = [];
	readonly #layout: Pick<Layout, 'structs' | 'globals' | 'end'>;

	constructor(layout: Pick<Layout, 'structs' | 'globals' | 'end'>) {
		this.#layout = layout;
		this.owners = new Int32Array(layout.end);
		for (const g of Object.values(layout.globals)) this.#field(g, g.offset, false);
	}

	/** The function of the generated code that checks a pointer to a struct. */
	of(cls: string): 'nz' | 'nzSlot' | 'nzAny' {
		const isSlot = this.#slots.has(cls);
		if (!isSlot && !this.#inSlots.has(cls)) return 'nz';
		const always = isSlot && !this.#inSlots.has(cls) && !this.#elsewhere.has(cls);
		return always ? 'nzSlot' : 'nzAny';
	}

	/** `page#3`, for an address in a slot. */
	slotName(address: number): string {
		const holds = ({ start, n, stride }: Slots): boolean =>
			address >= start && address < start + n * stride;
		// of pools in slots, the inner one
		const { cls, start, stride } = this.#pools.findLast(holds)!;
		return `${cls}#${Math.floor((address - start) / stride)}`;
	}

	#field(f: Field, at: number, inSlot: boolean): void {
		const { kind, cls = '', n = 1, stride = 0 } = f;
		if (kind !== 'struct' && kind !== 'structs' && kind !== 'pool') return;
		if (n === 0) return;
		if (kind === 'pool') {
			this.#slots.add(cls);
			this.#pools.push({ cls, start: at, n, stride });
		} else if (!f.guarded) (inSlot ? this.#inSlots : this.#elsewhere).add(cls);
		for (let i = 0; i < n; i++) {
			const start = at + i * stride;
			if (kind === 'pool') this.owners.fill(start, start + 1, start + stride);
			const first = kind === 'pool' ? start + 1 : start;
			for (const inner of this.#layout.structs[cls].fields)
				this.#field(inner, first + inner.offset, inSlot || kind === 'pool');
		}
	}
}
