// SPDX-License-Identifier: GPL-2.0-only
/** The direct executor's objects in a machine's layout: the place of each in the image. */
import type { Field, Machine } from '../../engine/machine.ts';

type IsPool = (v: unknown) => v is { slots: object[]; used: boolean[] };

/**
 * A word of the image, and where the object graph keeps it. Objects live as long as the program.
 */
interface Slot {
	owner: Record<string | number, unknown>;
	key: string | number;
	at: number;
}

/** The globals of a running program, as words and names of a machine's layout. */
export class ObjectGraph {
	readonly #addresses = new Map<unknown, number>([[null, 0]]);
	readonly #names = new Map<unknown, string>([[null, 'null']]);
	readonly #slots: Slot[] = [];
	/** addresses of words that are always 1 */
	readonly #guards: number[] = [];
	readonly #machine: Machine;
	readonly #isPool: IsPool;

	constructor(machine: Machine, storage: Record<string, unknown>, isPool: IsPool) {
		this.#machine = machine;
		this.#isPool = isPool;
		machine.operations.forEach((name, id) => {
			if (id === 0) return;
			this.#addresses.set(storage[name], id);
			this.#names.set(storage[name], name);
		});
		for (const g of Object.values(machine.globals)) this.#field(g, storage, g.offset, g.name);
	}

	nameOf(v: unknown): string {
		return this.#names.get(v) ?? String(v);
	}

	words(): Int32Array {
		const out = new Int32Array(this.#machine.words);
		for (const at of this.#guards) out[at] = 1;
		for (const { owner, key, at } of this.#slots) {
			const v = owner[key];
			out[at] = typeof v === 'number' ? v : typeof v === 'boolean' ? Number(v) : this.#word(v, key);
		}
		return out;
	}

	/** A pointer or a table. */
	#word(v: unknown, key: string | number): number {
		const word = this.#addresses.get(v);
		if (word === undefined) throw new Error(`'${key}' holds what is no word: ${String(v)}`);
		return word;
	}

	#field(f: Field, owner: Slot['owner'], at: number, name: string): void {
		const v = owner[f.name] as Slot['owner'];
		if (f.guarded) this.#guards.push(at - 1);
		if (f.kind === 'struct') this.#struct(f, v, at, name);
		else if (f.kind === 'pool') this.#pool(f, v, at, name);
		else if (f.n === undefined) this.#slots.push({ owner, key: f.name, at });
		else
			for (let i = 0; i < f.n; i++)
				if (f.kind !== 'structs') this.#slots.push({ owner: v, key: i, at: at + i });
				else this.#struct(f, v[i] as Slot['owner'], at + i * f.stride!, `${name}[${i}]`);
	}

	#struct(f: Field, v: Slot['owner'], at: number, name: string): void {
		this.#addresses.set(v, at);
		this.#names.set(v, name);
		for (const g of this.#machine.structs[f.cls!].fields)
			this.#field(g, v, at + g.offset, `${name}.${g.name}`);
	}

	#pool(f: Field, v: unknown, at: number, name: string): void {
		if (!this.#isPool(v)) throw new Error(`'${f.name}' is no pool`);
		const used = v.used as unknown as Slot['owner'];
		for (let i = 0; i < f.n!; i++) {
			const slot = at + i * f.stride!;
			this.#slots.push({ owner: used, key: i, at: slot });
			this.#struct(f, v.slots[i] as Slot['owner'], slot + 1, `${name}[${i}]`);
		}
	}
}
