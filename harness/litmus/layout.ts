// SPDX-License-Identifier: GPL-2.0-only
/**
 * The layout of a test: the file and page of each variable, the node and the address space of each
 * process, the initial contents of the files. Refuses what cannot be placed.
 *
 * Interface: layoutOf Layout FileLayout VariableLayout ProcessLayout, and the limits
 */
import type { Constant, InitItem, Name, Process, ProcessName, Test } from './ast.ts';
import { CALLS } from './calls.ts';
import { CONSTANTS, constantValue, INT_SIZE, PAGE_SIZE, POINTERS } from './constants.ts';
import { LitmusError, nearest, type Span } from './error.ts';

const NODES_MAX = 4;
const PROCESSES_MAX = 8;
export const FILE_PAGES_MAX = 8;
/** The hidden file whose pages are the variables that the init part does not place. */
const VARIABLES_FILE = 'vars';

export interface FileLayout {
	/** `vars` for the hidden one */
	name: string;
	hidden: boolean;
	/** the first int of each page */
	values: number[];
	/** others that are not 0, by offset in the file */
	ints: Map<number, number>;
	/** of a directory: the indices of the files in it; null: not a directory */
	entries: number[] | null;
}
export interface VariableLayout {
	name: string;
	/** index of its file */
	file: number;
	page: number;
	/** bytes from the start of the page */
	offset: number;
}
export interface ProcessLayout {
	process: Process;
	node: number;
	/** index of the process that owns its address space and descriptors: itself, or another */
	owner: number;
	/** index of the process that forks it; null: it exists from the start */
	parent: number | null;
	/** index of the process whose set-up made the mappings of its address space */
	space: number;
	/** initial values of its locals */
	registers: Map<string, number>;
}
export interface Layout {
	files: FileLayout[];
	variables: Map<string, VariableLayout>;
	processes: ProcessLayout[];
	/** index of the file with that name in the program */
	fileIndex: Map<string, number>;
}

type Item<K extends InitItem['kind']> = Extract<InitItem, { kind: K }>;

export function layoutOf(test: Test): Layout {
	return new Builder(test).build();
}

class Builder {
	readonly #files: FileLayout[] = [];
	readonly #fileIndex = new Map<string, number>();
	readonly #variables = new Map<string, VariableLayout>();
	readonly #names = new Map<string, Name>();
	readonly #test: Test;

	constructor(test: Test) {
		this.#test = test;
	}

	build(): Layout {
		const processes = this.#orderedProcesses();
		this.#placeFiles();
		this.#placeDirectories();
		this.#placeVariables(processes);
		const placed = this.#placeProcesses(processes);
		const files = this.#files;
		const variables = this.#variables;
		const fileIndex = this.#fileIndex;
		return { files, variables, processes: placed, fileIndex };
	}

	#fail(at: Span, reason: string, help?: string): never {
		throw new LitmusError(this.#test.source, at, reason, help);
	}

	#items<K extends InitItem['kind']>(kind: K): Item<K>[] {
		return this.#test.init.filter((item): item is Item<K> => item.kind === kind);
	}

	#int(constant: Constant): number {
		return intOf(this.#test, constant);
	}

	/** Each name means one thing. */
	#declare(name: Name): void {
		const taken = reserved(name.name);
		if (taken !== undefined)
			this.#fail(name.at, `"${name.name}" cannot be declared: it is ${taken}`);
		const before = this.#names.get(name.name);
		if (before !== undefined) {
			this.#fail(
				name.at,
				`"${name.name}" is declared twice`,
				`first in line ${before.at.start.line}`,
			);
		}
		this.#names.set(name.name, name);
	}

	#orderedProcesses(): Process[] {
		const { processes } = this.#test;
		const sorted: Process[] = [];
		for (const p of processes) {
			if (p.index >= PROCESSES_MAX) {
				this.#fail(
					p.nameAt,
					`there is no P${p.index}: a test has at most ${PROCESSES_MAX} processes, P0 to P${PROCESSES_MAX - 1}`,
				);
			}
			if (sorted[p.index] !== undefined) this.#fail(p.nameAt, `P${p.index} is there twice`);
			sorted[p.index] = p;
		}
		for (let i = 0; i < sorted.length; i++) {
			if (sorted[i] === undefined) {
				const at = processes[processes.length - 1].nameAt;
				this.#fail(at, `P${i} is missing: processes are P0, P1, ... without gaps`);
			}
		}
		if (sorted.length === 0)
			this.#fail(this.#test.at, 'expected a process, such as "P0(int *x) { }"');
		return sorted;
	}

	#placeFiles(): void {
		for (const item of this.#items('file')) {
			this.#declare(item.name);
			const values = (item.values ?? []).map((v) => this.#int(v));
			const pages = item.pages === null ? Math.max(1, values.length) : this.#int(item.pages);
			if (pages < 0 || pages > FILE_PAGES_MAX) {
				const at = item.pages?.at ?? item.at;
				this.#fail(at, `a file has 0 to ${FILE_PAGES_MAX} pages, not ${pages}`);
			}
			if (values.length > pages) {
				this.#fail(
					item.values![pages].at,
					`"${item.name.name}" has ${counted(pages)} and ${values.length} values`,
					'a value is the first int of a page',
				);
			}
			while (values.length < pages) values.push(0);
			this.#files.push(fileOf(item.name.name, values));
		}
	}

	/** Places directories after the files. */
	#placeDirectories(): void {
		const { dies, bounds } = this.#test.header;
		for (const item of this.#items('dir')) {
			this.#declare(item.name);
			if (dies) this.#fail(item.at, 'the journal has no directories: not with "Dies:"');
			if (bounds.LOCAL_FS) this.#fail(item.at, 'a local file system has no directories here');
			const entries: number[] = [];
			this.#files.push({ ...fileOf(item.name.name, []), entries });
		}
	}

	/** The initial entries of directories. */
	#placeEntries(): void {
		for (const item of this.#items('dir')) {
			const entries = this.#files[this.#fileIndex.get(item.name.name)!].entries!;
			for (const { name, at } of item.entries) {
				const index = this.#fileIndex.get(name);
				if (index === undefined || this.#files[index].entries !== null)
					this.#fail(at, `"${name}" is no file: a directory has entries of files`);
				if (entries.includes(index)) this.#fail(at, `"${name}" is in "${item.name.name}" twice`);
				entries.push(index);
			}
		}
	}

	#placeVariables(processes: readonly Process[]): void {
		const hidden: number[] = [];
		const taken = new Map<string, string>();
		const given = new Map<FileLayout, number>();
		for (const item of this.#items('file')) {
			const file = this.#files.find((f) => f.name === item.name.name)!;
			given.set(file, item.values?.length ?? 0);
		}
		const waiting: { name: string; page: number }[] = [];
		const hide = (name: string, value: number, at: Span) => {
			if (hidden.length === FILE_PAGES_MAX) {
				this.#fail(
					at,
					`a test has at most ${FILE_PAGES_MAX} variables`,
					'each is a page of one file',
				);
			}
			waiting.push({ name, page: hidden.length });
			hidden.push(value);
		};
		const placed: Item<'placed'>[] = [];
		for (const item of this.#test.init) {
			if (item.kind === 'variable') {
				this.#declare(item.name);
				hide(item.name.name, item.value === null ? 0 : this.#int(item.value), item.at);
			} else if (item.kind === 'placed') {
				this.#declare(item.name);
				placed.push(item);
			}
		}
		for (const param of processes.flatMap((p) => p.params)) {
			if (param.kind !== 'variable' || this.#names.has(param.name.name)) continue;
			this.#declare(param.name);
			hide(param.name.name, 0, param.at);
		}
		if (hidden.length > 0) {
			this.#files.unshift({ ...fileOf(VARIABLES_FILE, hidden), hidden: true });
			for (const { name, page } of waiting)
				this.#variables.set(name, { name, file: 0, page, offset: 0 });
		}
		this.#files.forEach((file, index) => {
			if (!file.hidden) this.#fileIndex.set(file.name, index);
		});
		this.#placeEntries();
		for (const item of placed) this.#placeInFile(item, taken, given);
	}

	#placeInFile(
		item: Item<'placed'>,
		taken: Map<string, string>,
		given: ReadonlyMap<FileLayout, number>,
	): void {
		const index = this.#fileIndex.get(item.file.name);
		if (index === undefined) {
			const meant = nearest(item.file.name, this.#fileIndex.keys());
			this.#fail(
				item.file.at,
				`there is no file "${item.file.name}"`,
				meant === undefined ? 'declare it: "file f[2];"' : `did you mean "${meant}"?`,
			);
		}
		const file = this.#files[index];
		const page = this.#int(item.page);
		if (page < 0 || page >= file.values.length) {
			this.#fail(
				item.page.at,
				`"${file.name}" has ${counted(file.values.length)}, none is ${page}`,
			);
		}
		const int = this.#intIn(item.int);
		const place = `${file.name}[${page}]${int === 0 ? '' : `[${int}]`}`;
		const other = taken.get(place);
		if (other !== undefined) this.#fail(item.at, `"${other}" is ${place} already`);
		taken.set(place, item.name.name);
		if (item.value !== null && int !== 0)
			file.ints.set(page * PAGE_SIZE + int * INT_SIZE, this.#int(item.value));
		else if (item.value !== null) {
			if (page < given.get(file)!) {
				this.#fail(item.value.at, `${place} has its value from the declaration of "${file.name}"`);
			}
			file.values[page] = this.#int(item.value);
		}
		const offset = int * INT_SIZE;
		this.#variables.set(item.name.name, { name: item.name.name, file: index, page, offset });
	}

	/** The number of an int in its page. */
	#intIn(constant: Constant | null): number {
		if (constant === null) return 0;
		const int = this.#int(constant);
		if (int >= 0 && int < PAGE_SIZE / INT_SIZE) return int;
		return this.#fail(constant.at, `a page has ${PAGE_SIZE / INT_SIZE} ints, none is ${int}`);
	}

	#placeProcesses(processes: readonly Process[]): ProcessLayout[] {
		const nodes = new Map<number, Item<'node'>>();
		const owners = new Map<number, Item<'shares'>>();
		const parents = this.#parents(processes);
		for (const item of this.#items('node')) {
			this.#existing(item.process, processes);
			if (nodes.has(item.process.index)) {
				this.#fail(item.at, `P${item.process.index} is placed twice`);
			}
			const node = this.#int(item.node);
			if (node < 0 || node >= NODES_MAX) {
				this.#fail(
					item.node.at,
					`there is no node ${node}: a machine has at most ${NODES_MAX} nodes, 0 to ${NODES_MAX - 1}`,
				);
			}
			nodes.set(item.process.index, item);
		}
		for (const item of this.#items('shares')) {
			this.#existing(item.process, processes);
			this.#existing(item.owner, processes);
			if (owners.has(item.process.index)) {
				this.#fail(item.at, `P${item.process.index} shares two address spaces`);
			}
			for (const { index } of [item.process, item.owner])
				if (parents.has(index))
					this.#fail(item.at, `P${index} is forked: it has an address space of its own`);
			owners.set(item.process.index, item);
		}
		const placed = processes.map((process, index): ProcessLayout => {
			const owner = this.#ownerOf(index, owners);
			let space = owner;
			for (let p = parents.get(space); p; p = parents.get(space))
				space = this.#ownerOf(p.parent.index, owners);
			const explicit = nodes.get(space);
			const node = explicit === undefined ? space : this.#int(explicit.node);
			const own = nodes.get(index);
			if (own !== undefined && this.#int(own.node) !== node) {
				this.#fail(
					own.at,
					parents.has(index)
						? `P${index} is forked on node ${node}, where its parent is`
						: `P${index} shares the address space of P${owner}, which is on node ${node}`,
				);
			}
			if (node >= NODES_MAX) {
				this.#fail(
					process.nameAt,
					`P${index} would be on node ${node}: a machine has at most ${NODES_MAX} nodes`,
					`place it: "P${index} on 0;" in the init part`,
				);
			}
			const parent = parents.get(index)?.parent.index ?? null;
			return { process, node, owner, parent, space, registers: new Map() };
		});
		for (const item of this.#items('register')) {
			this.#existing(item.process, processes);
			const { registers } = placed[item.process.index];
			if (registers.has(item.name.name)) {
				this.#fail(item.at, `${item.process.index}:${item.name.name} has two initial values`);
			}
			registers.set(item.name.name, this.#int(item.value));
		}
		return placed;
	}

	/** The parent of each child. */
	#parents(processes: readonly Process[]): Map<number, Item<'child'>> {
		const parents = new Map<number, Item<'child'>>();
		for (const item of this.#items('child')) {
			this.#existing(item.process, processes);
			this.#existing(item.parent, processes);
			const { index } = item.process;
			if (parents.has(index)) this.#fail(item.at, `P${index} is forked by two processes`);
			parents.set(index, item);
			for (let p: Item<'child'> | undefined = item; p; p = parents.get(p.parent.index))
				if (p.parent.index === index) this.#fail(item.at, `P${index} is forked by itself only`);
		}
		return parents;
	}

	#existing(name: ProcessName, processes: readonly Process[]): void {
		if (name.index < processes.length) return;
		const last = processes.length - 1;
		this.#fail(
			name.at,
			`there is no P${name.index}: the test has P0${last > 0 ? ` to P${last}` : ''}`,
		);
	}

	#ownerOf(index: number, owners: ReadonlyMap<number, Item<'shares'>>): number {
		let owner = index;
		for (let steps = 0; owners.has(owner); steps++) {
			if (steps > owners.size) {
				this.#fail(owners.get(index)!.at, `P${index} shares an address space with itself only`);
			}
			owner = owners.get(owner)!.owner.index;
		}
		return owner;
	}
}

function fileOf(name: string, values: number[]): FileLayout {
	return { name, hidden: false, values, ints: new Map(), entries: null };
}

/** The fixed meaning of a name; undefined if it is free. */
export function reserved(name: string): string | undefined {
	if (name === 'errno') return 'the error number of the last call';
	if (name === 'signal') return 'the signal that ended a process, in the condition';
	if (name === 'lost') return 'whether the node of a process died, in the condition';
	if (name === VARIABLES_FILE) return 'the file of the variables';
	if (CALLS.has(name)) return 'a call';
	return CONSTANTS.has(name) || POINTERS.has(name) ? 'a constant' : undefined;
}

/** The value of a constant in the init part or in the condition. */
export function intOf(test: Test, constant: Constant): number {
	const value = constantValue(constant.text);
	if (value === undefined) {
		const meant = nearest(constant.text, CONSTANTS.keys());
		throw new LitmusError(
			test.source,
			constant.at,
			`"${constant.text}" is not a known constant`,
			meant === undefined
				? 'expected a number, or the name of an error'
				: `did you mean "${meant}"?`,
		);
	}
	if (Number.isNaN(value)) {
		const reason = `the constant ${shortened(constant.text)} does not fit an int (32 bits)`;
		throw new LitmusError(test.source, constant.at, reason);
	}
	return value;
}

export function shortened(text: string): string {
	return text.length > 24 ? `${text.slice(0, 24)}...` : text;
}

/** How many pages a mapping of that length has. */
export function pagesOf(length: number): number {
	return Math.ceil(length / PAGE_SIZE);
}

function counted(pages: number): string {
	return pages === 1 ? '1 page' : `${pages} pages`;
}
