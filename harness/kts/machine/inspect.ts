// SPDX-License-Identifier: GPL-2.0-only
/** Reads an image: paths to addresses, addresses to paths, and the log. */
import type { Field, LogEvent, LogLine, Struct } from '../../engine/machine.ts';
import type { Plan } from '../plan.ts';
import type { Layout } from './layout.ts';
import { eventArguments, formatLog } from './log.ts';

export interface Located {
	address: number;
	field: Field;
}

export class Inspector {
	#names: Map<number, { name: string; cls: string }[]> | undefined;
	readonly #plan: Plan;
	readonly #layout: Layout;
	readonly #mem: Int32Array;

	constructor(plan: Plan, layout: Layout, mem: Int32Array) {
		this.#plan = plan;
		this.#layout = layout;
		this.#mem = mem;
	}

	locate(path: string): Located {
		const parts = path.match(/[A-Za-z_$][\w$]*|\[\d+\]|./g) ?? [];
		const global = this.#layout.globals[parts[0] ?? ''];
		if (!global) throw new Error(`'${path}': no global is named '${parts[0] ?? ''}'`);
		let here: Located = { address: global.offset, field: global };
		for (let i = 1; i < parts.length; i++) {
			const p = parts[i];
			if (p === '.') continue;
			here = p.startsWith('[')
				? this.#element(path, here, Number(p.slice(1, -1)))
				: this.#member(path, here, p);
		}
		return here;
	}

	#element(path: string, { address, field }: Located, i: number): Located {
		const kinds = { ints: 'int', ptrs: 'ptr', structs: 'struct', pool: 'struct' } as const;
		const kind = kinds[field.kind as keyof typeof kinds];
		if (!kind) throw new Error(`'${path}': '${field.name}' is no array`);
		if (i >= field.n!) throw new Error(`'${path}': '${field.name}' has ${field.n} elements`);
		const at = address + i * field.stride! + (field.kind === 'pool' ? 1 : 0);
		const size = kind === 'struct' ? this.#layout.structs[field.cls!].size : 1;
		const name = `${field.name}[${i}]`;
		return { address: at, field: { name, kind, offset: at, size, cls: field.cls } };
	}

	/** Of an embedded struct, or of what a pointer points to now. */
	#member(path: string, { address, field }: Located, name: string): Located {
		const struct: Struct | undefined = this.#layout.structs[field.cls ?? ''];
		const base = field.kind === 'ptr' ? this.#mem[address] : address;
		if (!struct || (field.kind !== 'struct' && field.kind !== 'ptr'))
			throw new Error(`'${path}': '${field.name}' is no struct`);
		if (base === 0) throw new Error(`'${path}': '${field.name}' is null`);
		const f = struct.fields.find((x) => x.name === name);
		if (f) return { address: base + f.offset, field: f };
		const known = struct.fields.map((x) => x.name).join(' ');
		throw new Error(`'${path}': struct ${struct.name} has no '${name}'; it has ${known}`);
	}

	/** With `cls`, the struct of that class at the address; otherwise the outermost one. */
	nameOf(pointer: number, cls?: string): string {
		if (pointer === 0) return 'null';
		this.#names ??= this.#allNames();
		const all = this.#names.get(pointer) ?? [];
		const found = all.find((x) => x.cls === cls) ?? all[0];
		return found?.name ?? `0x${pointer.toString(16)}`;
	}

	#allNames(): Map<number, { name: string; cls: string }[]> {
		const out = new Map<number, { name: string; cls: string }[]>();
		const struct = (cls: string, at: number, name: string): void => {
			const list = out.get(at) ?? [];
			list.push({ name, cls });
			out.set(at, list);
			for (const f of this.#layout.structs[cls].fields)
				field(f, at + f.offset, `${name}.${f.name}`);
		};
		const field = (f: Field, at: number, name: string): void => {
			if (f.kind === 'struct') struct(f.cls!, at, name);
			const slot = f.kind === 'pool' ? 1 : 0;
			if (f.kind !== 'structs' && f.kind !== 'pool') return;
			for (let i = 0; i < f.n!; i++) struct(f.cls!, at + slot + i * f.stride!, `${name}[${i}]`);
		};
		for (const g of Object.values(this.#layout.globals)) field(g, g.offset, g.name);
		return out;
	}

	/** The entry of the log of a printk() or an event(). */
	logged(site: number, args: readonly number[]): LogLine | Omit<LogEvent, 'stack'> {
		const log = this.#plan.logs[site];
		const { file, line, event } = log;
		const name = (v: unknown, i: number): string => {
			const { kind, cls } = log.args[i];
			const table = kind === 'ops' && v !== 0;
			return table ? this.#plan.operations[Number(v) - 1].name : this.nameOf(Number(v), cls);
		};
		const { constants } = this.#layout.values;
		if (event)
			return { event: event.name, args: eventArguments(event, args, name, constants), file, line };
		return { text: formatLog(log.format, args, name, constants), file, line };
	}
}
