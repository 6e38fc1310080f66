// SPDX-License-Identifier: GPL-2.0-only
/**
 * From a checked test to the input of the machine: read-only memory with the files and the programs
 * (the format is harness/world/isa.ts), the sizes that the machine needs, and the map from
 * registers, pages and instructions back to the names in the test.
 *
 * Interface: compile Program ObservedPlace CompiledProcess INSTRUCTION_WORDS
 */
import {
	CALL_fork,
	FILE_DATA,
	FILE_SIZE,
	FILE_WORDS,
	OP_FORK,
	OP_JMP,
	OP_SYS,
	PROC_ENTRY,
	PROC_MM,
	PROC_NODE,
	PROC_WORDS,
	ROM_FILES,
	ROM_NR_FILES,
	ROM_NR_PROCS,
	ROM_PROCS,
} from '../world/isa.ts';
import type { Call, Header, Location, Test } from './ast.ts';
import { checkBlocks } from './blocks.ts';
import type { Instruction } from './code.ts';
import { CONSTANTS, INT_SIZE, PAGE_SIZE } from './constants.ts';
import { fold } from './fold.ts';
import { Generator } from './generate.ts';
import { MODULES } from './header.ts';
import { intOf, type Layout, layoutOf, type ProcessLayout, pagesOf } from './layout.ts';
import { clearDeadRegisters } from './liveness.ts';
import { locationName, observedOf } from './observe.ts';
import { type AddressSpace, addressSpaces, emitSetup } from './setup.ts';
import {
	callOfNumber,
	type Feature,
	isMapped,
	SYSTEM_CALLS,
	type SystemCallName,
} from './syscalls.ts';
import { callsOf, localsOf, namesIn } from './walk.ts';
import { type Words, wordAt, wordsOf } from './words.ts';

export interface ObservedPlace {
	/** as printed: `0:r0`, `[x]`, `f[1]` */
	name: string;
	location: Location;
	place:
		| { kind: 'register'; process: number; register: number }
		| { kind: 'signal'; process: number }
		| { kind: 'lost'; process: number }
		| { kind: 'page'; file: number; page: number; word: number };
}

export interface CompiledProcess {
	/** `P0` */
	name: string;
	node: number;
	/** index of the process whose address space it uses */
	owner: number;
	/** index of the process that forks it, or null */
	parent: number | null;
	/** the name of each register, if it has one */
	registers: string[];
	/** the start of its first instruction in the rom, and the end of its last */
	entry: number;
	end: number;
	instructions: readonly Instruction[];
}

/** Where an instruction comes from. */
export interface Origin {
	process: number;
	/** line in the file */
	line: number;
	/** the statement or the condition */
	text: string;
}

export interface Program {
	test: Test;
	rom: Int32Array;
	/** sizes that the test needs, and bounds of the header: NR_NODES and so on */
	config: Record<string, number>;
	/** sizes that the test needs, whatever its header says */
	needed: Record<string, number>;
	/** features that the test uses or not, other than bounds */
	features: Record<string, number>;
	processes: CompiledProcess[];
	files: { name: string; hidden: boolean; pages: number }[];
	variables: { name: string; file: number; page: number; offset: number }[];
	observed: ObservedPlace[];
	/** by offset in the rom */
	origins: ReadonlyMap<number, Origin>;
	/** remarks on the bounds, for a reader of the result */
	notes: string[];
}

export interface CompileOptions {
	/** insert the clearing of dead registers (the default) */
	clear?: boolean;
}

const MAP_FIXED = CONSTANTS.get('MAP_FIXED')!;

/** Words of an instruction in the rom. */
export const INSTRUCTION_WORDS = 4;

export function compile(test: Test, options: CompileOptions = {}): Program {
	const layout = layoutOf(test);
	const spaces = addressSpaces(layout);
	const generators = layout.processes.map((self) => new Generator(test.source.text, layout, self));
	generators.forEach((generator, index) => {
		const self = layout.processes[index];
		const inherited = inheritedBy(self, generator, generators);
		emitSetup(generator, layout, self, index, spaces.get(self.space)!, inherited);
		generator.body();
	});
	const words = wordsOf(test, layout);
	const observed = observedOf(test).map((l) => placeOf(test, layout, words, generators, l));
	const programs = generators.map((generator, index) =>
		options.clear === false
			? generator.code.instructions
			: clearDeadRegisters(
					generator.code.instructions,
					generator.registers.count,
					keptRegisters(generator, observed, index),
				),
	);
	const { rom, entries, origins } = assemble(layout, words, programs);
	const needed = sizes(test, layout, words, spaces, generators);
	const config = {
		...needed,
		...deathsOf(test.header),
		...overtakenOf(test.header),
		...moduleOf(test),
		...test.header.bounds,
	};
	const features = featuresOf(test, layout, words, programs.flat());
	checkBlocks(test, layout, { config, features });
	return {
		test,
		rom,
		config,
		needed,
		features,
		processes: layout.processes.map(({ node, owner, parent }, index) => ({
			name: `P${index}`,
			node,
			owner,
			parent,
			registers: generators[index].registers.names,
			entry: entries[index],
			end: entries[index] + programs[index].length * INSTRUCTION_WORDS,
			instructions: programs[index],
		})),
		files: layout.files.map((f) => ({ name: f.name, hidden: f.hidden, pages: f.values.length })),
		variables: [...layout.variables.values()],
		observed,
		origins,
		notes: generators.flatMap(({ loopedMaps }, index) =>
			loopedMaps.map(
				(line) => `P${index} maps in a loop (line ${line}): room is made for one mapping of it`,
			),
		),
	};
}

/** The lock module that a test is for, if not the central lock manager. */
function moduleOf({ header }: Test): Record<string, number> {
	const [first = 'central'] = header.modules;
	return first === 'central' ? {} : { LOCK_MODULE: MODULES.indexOf(first) };
}

/** The locals that a forked process inherits: registers, its own and the parent's. */
function inheritedBy(
	{ process, parent }: ProcessLayout,
	{ registers }: Generator,
	generators: readonly Generator[],
): [number, number][] {
	if (parent === null) return [];
	return localsOf(process).flatMap(({ name }): [number, number][] => {
		const theirs = generators[parent].registers.get(name.name);
		return theirs === undefined ? [] : [[registers.get(name.name)!, theirs]];
	});
}

function placeOf(
	test: Test,
	layout: Layout,
	words: Words,
	generators: readonly Generator[],
	location: Location,
): ObservedPlace {
	const name = locationName(test, location);
	switch (location.kind) {
		case 'variable': {
			const { file, page, offset } = layout.variables.get(location.name.name)!;
			const word = wordAt(words, offset) ?? 0;
			return { name, location, place: { kind: 'page', file, page, word } };
		}
		case 'page': {
			const file = layout.fileIndex.get(location.file.name)!;
			const page = intOf(test, location.page);
			const int = location.int === null ? 0 : intOf(test, location.int);
			const word = wordAt(words, int * INT_SIZE) ?? 0;
			return { name, location, place: { kind: 'page', file, page, word } };
		}
		case 'register': {
			const process = location.process.index;
			const kind = location.name.name;
			if (kind === 'signal' || kind === 'lost') {
				return { name, location, place: { kind, process } };
			}
			const register = generators[process].registers.get(location.name.name)!;
			return { name, location, place: { kind: 'register', process, register } };
		}
	}
}

/** Registers that are observed at the end, and those that only the set-up sets. */
function keptRegisters(
	{ registers }: Generator,
	observed: readonly ObservedPlace[],
	process: number,
): Set<number> {
	const kept = new Set([...registers.bases.values(), ...registers.descriptors.values()]);
	for (const { place } of observed) {
		if (place.kind === 'register' && place.process === process) kept.add(place.register);
	}
	return kept;
}

function assemble(
	layout: Layout,
	{ count, tail }: Words,
	programs: readonly (readonly Instruction[])[],
): { rom: Int32Array; entries: number[]; origins: Map<number, Origin> } {
	const words: number[] = [];
	words[ROM_NR_FILES] = layout.files.length;
	words[ROM_NR_PROCS] = programs.length;
	const files = ROM_PROCS + 1;
	words[ROM_FILES] = files;
	let data = files + layout.files.length * FILE_WORDS;
	layout.files.forEach(({ values, ints, entries }, index) => {
		const at = files + index * FILE_WORDS;
		words[at + FILE_SIZE] = values.length * PAGE_SIZE;
		words[at + FILE_DATA] = data;
		if (entries !== null) words[data++] = entries.reduce((bits, i) => bits | (1 << i), 0);
		for (const value of values) {
			words[data] = value;
			for (let w = 1; w < count; w++) words[data + w] = 0;
			data += count;
		}
		for (const [at, value] of ints) {
			const word = wordAt({ count, tail }, at);
			const page = Math.floor(at / PAGE_SIZE);
			if (word !== undefined) words[data - (values.length - page) * count + word] = value;
		}
	});
	const processes = data;
	words[ROM_PROCS] = processes;
	let entry = processes + programs.length * PROC_WORDS;
	const entries: number[] = [];
	const origins = new Map<number, Origin>();
	programs.forEach((program, index) => {
		const at = processes + index * PROC_WORDS;
		words[at + PROC_NODE] = layout.processes[index].node;
		words[at + PROC_MM] = layout.processes[index].owner;
		words[at + PROC_ENTRY] = entry;
		entries.push(entry);
		const start = entry;
		for (const i of program) {
			const { op, a, b, c } = encoded(i, start);
			words[entry] = op;
			words[entry + 1] = a;
			words[entry + 2] = b;
			words[entry + 3] = c;
			origins.set(entry, { process: index, line: i.line, text: i.text });
			entry += INSTRUCTION_WORDS;
		}
	});
	return { rom: Int32Array.from(words), entries, origins };
}

/** Jump targets become offsets in the rom. */
function encoded(i: Instruction, start: number): { op: number; a: number; b: number; c: number } {
	if (i.label === undefined) return i;
	const target = start + i.label.at * INSTRUCTION_WORDS;
	return i.op === OP_JMP ? { ...i, a: target } : { ...i, b: target };
}

/** The system calls of a program, not counting its set-up. */
function callsMade(program: readonly Instruction[]): Set<SystemCallName> {
	return new Set(program.flatMap(({ op, a }) => (op === OP_SYS ? [callOfNumber(a)] : [])));
}

/** The bits of the system calls that are made. */
function bitsOf(program: readonly Instruction[]): number {
	const forks = program.some(({ op }) => op === OP_FORK) ? CALL_fork : 0;
	return [...callsMade(program)].reduce((bits, name) => bits | SYSTEM_CALLS[name].bit, forks);
}

/** The features that the calls need. */
function featuresOfCalls(program: readonly Instruction[], processes: number) {
	const needed = [...callsMade(program)].flatMap((name): readonly Feature[] => {
		return SYSTEM_CALLS[name].features;
	});
	return Object.fromEntries(needed.map((f) => [f, f === 'NR_KIOBUFS' ? processes : 1]));
}

/** Features that are not bounds: the calls, and what they need. */
function featuresOf(
	test: Test,
	layout: Layout,
	words: Words,
	program: readonly Instruction[],
): Record<string, number> {
	const features: Record<string, number> = {
		CALLS: bitsOf(program),
		...featuresOfCalls(program, layout.processes.length),
	};
	const params = layout.processes.flatMap((p) => p.process.params);
	const calls = (name: string) => layout.processes.some((p) => callsOf(p.process, name).length > 0);
	const names = (name: string) => layout.processes.some((p) => namesIn(p.process, name));
	if (names('MAP_LOCKED')) features.MLOCK = 1;
	if (!layout.processes.some((p) => callsOf(p.process, 'mmap').some(isFixed)))
		features.MMAP_FIXED = 0;
	// With several ints a page has an end of file in it as soon as a file grows.
	const grows = words.count > 1 && (calls('pwrite') || calls('write'));
	if (grows || test.header.bounds.NR_RGRP_BLOCKS) features.TRUNCATES = 1;
	const copies = params.some((p) => p.qualifiers.includes('MAP_PRIVATE'));
	if (names('MAP_PRIVATE') || copies) features.PRIVATE_COPIES = 1;
	const directories = layout.files.reduce(
		(bits, { entries }, index) => bits | (entries === null ? 0 : 1 << index),
		0,
	);
	if (directories) features.DIRS = directories;
	if (program.some(({ op, a }) => op === OP_SYS && isMapped(a))) features.MAPPED_BUFFERS = 1;
	const direct = names('O_DIRECT') || params.some((p) => p.qualifiers.includes('O_DIRECT'));
	if (direct) features.DIRECT_IO = 1;
	if (direct) features.NR_KIOBUFS = layout.processes.length;
	if (names('O_APPEND') || names('O_SYNC')) features.OPEN_FLAGS = 1;
	return features;
}

/** How often an access may be overtaken: OVERTAKEN is one more, since 0 means no bound. */
function overtakenOf({ overtaken }: Header): Record<string, number> {
	return overtaken === undefined ? {} : { OVERTAKEN: overtaken + 1 };
}

/** Nodes that may die: how many, and a bit for each. */
function deathsOf({ dies }: Header): Record<string, number> {
	if (!dies) return {};
	return { DEATHS: dies.most, MORTAL: dies.nodes.reduce((bits, n) => bits | (1 << n), 0) };
}

/** May this call of mmap() take the place of other mappings? */
function isFixed({ args }: Call): boolean {
	const flags = fold(args[3]);
	return flags === undefined || (flags & MAP_FIXED) !== 0;
}

function sizes(
	test: Test,
	layout: Layout,
	words: Words,
	spaces: ReadonlyMap<number, AddressSpace>,
	generators: readonly Generator[],
): Record<string, number> {
	const constantOf = (e: Parameters<typeof fold>[0]) => fold(e) ?? 0;
	let pages = 1;
	for (const { values } of layout.files) pages = Math.max(pages, values.length);
	for (const { process } of layout.processes) {
		for (const { args } of callsOf(process, 'pwrite')) {
			const end = constantOf(args[3]) + Math.max(INT_SIZE, constantOf(args[2]));
			pages = Math.max(pages, pagesOf(end));
		}
		for (const { args } of callsOf(process, 'ftruncate')) {
			pages = Math.max(pages, pagesOf(constantOf(args[1])));
		}
	}
	for (const location of observedOf(test)) {
		if (location.kind === 'page') pages = Math.max(pages, intOf(test, location.page) + 1);
	}
	let virtualPages = 1;
	let mappings = 1;
	let descriptors = 1;
	for (const { owner, order, mapped, pages: mappedPages } of spaces.values()) {
		const group = layout.processes.filter((p) => p.space === owner).map((p) => p.process);
		const maps = group.flatMap((p) => callsOf(p, 'mmap'));
		const lengths = maps.map(({ args }) => pagesOf(constantOf(args[1])));
		const largest = Math.max(
			0,
			...lengths,
			...[...mapped.keys()].map((f) => layout.files[f].values.length),
		);
		const calls = (name: string) => group.flatMap((p) => callsOf(p, name)).length;
		// Unmapping the middle of a mapping leaves two. Meanwhile the kernel needs one more.
		const unmaps = calls('munmap') + calls('mremap') + maps.filter(isFixed).length;
		const changes = calls('mprotect') + calls('mlock') + calls('munlock');
		const splits = (largest < 3 ? 0 : unmaps) + Math.max(0, Math.min(2, largest - 1)) * changes;
		const moves = group.flatMap((p) => callsOf(p, 'mremap'));
		lengths.push(...moves.map(({ args }) => pagesOf(constantOf(args[2]))));
		const spare = Math.min(1, unmaps) + moves.length;
		virtualPages = Math.max(
			virtualPages,
			lengths.reduce((sum, n) => sum + n, mappedPages),
		);
		mappings = Math.max(mappings, mapped.size + maps.length + splits + spare);
		// A mapping holds its open file even when the descriptor is closed.
		const opens = group.flatMap((p) => callsOf(p, 'open')).length;
		descriptors = Math.max(descriptors, order.length + opens);
	}
	return {
		NR_NODES: Math.max(...layout.processes.map((p) => p.node)) + 1,
		NR_FILES: Math.max(1, layout.files.length),
		NR_FILE_PAGES: pages,
		PAGE_WORDS: words.count,
		PAGE_TAIL: words.tail,
		NR_PROCS: layout.processes.length,
		NR_REGS: Math.max(...generators.map((g) => g.registers.count)),
		NR_VPAGES: virtualPages,
		NR_VMAS: mappings,
		NR_FDS: descriptors,
	};
}
