// SPDX-License-Identifier: GPL-2.0-only
/**
 * The symmetries of a test: permutations of its processes, with those of the nodes and of the
 * stored values that go with them, under which its programs are the same, instruction by
 * instruction. The set-up is not considered here: the caller compares the initial state.
 *
 * Interface: automorphismsOf dataRegisters Automorphism
 */
import {
	CALL_getdents,
	CALL_kill,
	CALL_ptrace,
	FILE_DATA,
	FILE_SIZE,
	FILE_WORDS,
	OP_JMP,
	OP_JZ,
	OP_LI,
	OP_LOAD,
	OP_MOV,
	OP_READY,
	OP_STORE,
	OP_SYS,
	ROM_FILES,
} from '../world/isa.ts';
import { type Instruction, registersOf } from './code.ts';
import { type CompiledProcess, INSTRUCTION_WORDS, type Program } from './compile.ts';
import { PAGE_SIZE } from './constants.ts';
import { callOfNumber, SYSTEM_CALLS } from './syscalls.ts';

export interface Automorphism {
	/** node n becomes nodes[n], process p becomes procs[p] */
	nodes: number[];
	procs: number[];
	/** the map of stored values; values beyond the end stay as they are */
	values: number[];
	/** the same for places in the rom */
	code: number[];
}

/** Most automorphisms that are returned. */
const MOST = 1024;
/** Larger values are not renamed. */
const LARGEST_VALUE = 4096;

/**
 * Registers of a process with values that are only loaded, stored or observed: never used in a
 * computation, a comparison, a jump, as an address or as an argument of a system call.
 */
export function dataRegisters({ instructions }: CompiledProcess): Set<number> {
	const body = bodyOf(instructions);
	const mixed = new Set<number>([0]);
	const all = new Set<number>();
	const copies: [number, number][] = [];
	for (const i of body) {
		const { uses, sets, may } = registersOf(i);
		for (const r of [...uses, ...sets, ...may]) all.add(r);
		if (i.op === OP_LI) continue;
		if (i.op === OP_MOV) copies.push([i.a, i.b]);
		else if (i.op === OP_LOAD || i.op === OP_STORE) mixed.add(i.b);
		else
			for (const r of [...uses, ...sets, ...may])
				if (i.op !== OP_SYS || r !== bufferOf(i)) mixed.add(r);
	}
	// A copy has the same value in both registers.
	for (let before = -1; before !== mixed.size; ) {
		before = mixed.size;
		for (const [a, b] of copies)
			if (mixed.has(a) || mixed.has(b)) {
				mixed.add(a);
				mixed.add(b);
			}
	}
	return new Set([...all].filter((r) => !mixed.has(r)));
}

/** The register whose int a read fills or a write takes: a value, as memory holds it. */
function bufferOf(i: Instruction): number | undefined {
	return SYSTEM_CALLS[callOfNumber(i.a)].moves === 'ints' ? i.buffer : undefined;
}

/** What runs after the set-up. */
function bodyOf(instructions: readonly Instruction[]): readonly Instruction[] {
	return instructions.slice(startOf(instructions));
}
function startOf(instructions: readonly Instruction[]): number {
	return instructions.findIndex(({ op }) => op === OP_READY) + 1;
}

/** Do values go from memory to a register used in a computation, or the other way? */
function computesWithValues(process: CompiledProcess): boolean {
	const data = dataRegisters(process);
	return bodyOf(process.instructions).some((i) => {
		if (i.op === OP_LOAD || i.op === OP_STORE) return !data.has(i.a);
		const buffer = i.op === OP_SYS ? bufferOf(i) : undefined;
		return buffer !== undefined && !data.has(buffer);
	});
}

/** A partial map that stays one-to-one; set() returns false otherwise. */
class Pairs {
	readonly #forth = new Map<number, number>();
	readonly #back = new Map<number, number>();

	add(from: number, to: number): boolean {
		const known = this.#forth.get(from);
		if (known !== undefined || this.#back.has(to)) return known === to;
		this.#forth.set(from, to);
		this.#back.set(to, from);
		return true;
	}
	get(from: number): number | undefined {
		return this.#forth.get(from);
	}
	/** As a list; values outside of it stay as they are. */
	list(length: number): number[] {
		return Array.from({ length }, (_, i) => this.#forth.get(i) ?? i);
	}
	entries(): [number, number][] {
		return [...this.#forth];
	}
}

/** Are the bodies the same but for values in data registers, and which values go with which? */
function matched(p: CompiledProcess, q: CompiledProcess, values: Pairs): boolean {
	const data = dataRegisters(p);
	const [mine, others] = [bodyOf(p.instructions), bodyOf(q.instructions)];
	const [start, otherStart] = [startOf(p.instructions), startOf(q.instructions)];
	if (mine.length !== others.length) return false;
	return mine.every((i, k) => {
		const j = others[k];
		if (i.op !== j.op || i.a !== j.a || i.c !== j.c || i.buffer !== j.buffer) return false;
		if (i.op === OP_JMP || i.op === OP_JZ) return i.label!.at - start === j.label!.at - otherStart;
		if (i.op === OP_LI && data.has(i.a)) return values.add(i.b, j.b);
		return i.b === j.b;
	});
}

/**
 * Symmetries of a test on a machine of so many nodes, including the identity; at most MOST. An
 * exchange of two nodes without processes is one.
 */
export function automorphismsOf(program: Program, nodes: number): Automorphism[] {
	const { processes } = program;
	const count = processes.length;
	// A process that another program names would have to be renamed there.
	const named = program.features.CALLS & (CALL_ptrace | CALL_kill);
	// Kernels store the numbers of files.
	const fixedValues =
		(program.features.CALLS & CALL_getdents) !== 0 || processes.some(computesWithValues);
	// Forks are not considered: such a test has only the identity.
	const forks = processes.some(({ parent }) => parent !== null);
	const like = processes.map((p) =>
		processes.map((q) => (p === q || !forks) && matched(p, q, new Pairs())),
	);
	const found: Automorphism[] = [];
	const procs: number[] = [];
	const extend = (): void => {
		const p = procs.length;
		if (found.length >= MOST) return;
		if (p === count) {
			found.push(...completed(program, nodes, procs, fixedValues));
			return;
		}
		for (let q = 0; q < count; q++) {
			if (procs.includes(q) || !like[p][q] || (named && p !== q)) continue;
			procs.push(q);
			if (placed(processes, procs)) extend();
			procs.pop();
		}
	};
	extend();
	return found.slice(0, MOST);
}

/** Do the processes so far agree on their nodes and on whose address space they use? */
function placed(processes: readonly CompiledProcess[], procs: readonly number[]): boolean {
	const where = new Pairs();
	return procs.every((q, p) => {
		const owner = procs[processes[p].owner];
		return (
			where.add(processes[p].node, processes[q].node) &&
			(owner === undefined || owner === processes[q].owner)
		);
	});
}

/** The automorphisms with this permutation of processes: several, if nodes have no processes. */
function completed(
	program: Program,
	nodes: number,
	procs: readonly number[],
	fixedValues: boolean,
): Automorphism[] {
	const { processes, rom } = program;
	const values = valuesUnder(program, procs, fixedValues);
	if (!values) return [];
	const code = Array.from(rom, (_, i) => i);
	const where = new Pairs();
	for (const [p, q] of procs.entries()) {
		const [from, to] = [processes[p], processes[q]];
		where.add(from.node, to.node);
		const [start, otherStart] = [startOf(from.instructions), startOf(to.instructions)];
		for (let k = start; k < from.instructions.length; k++)
			code[from.entry + k * INSTRUCTION_WORDS] =
				to.entry + (k - start + otherStart) * INSTRUCTION_WORDS;
	}
	const used = new Set(processes.map(({ node }) => node));
	const idle = Array.from({ length: nodes }, (_, n) => n).filter((n) => !used.has(n));
	// An exchange of two and a cycle of all generate all permutations.
	const orders = [idle];
	if (idle.length > 1) orders.push([idle[1], idle[0], ...idle.slice(2)]);
	if (idle.length > 2) orders.push([...idle.slice(1), idle[0]]);
	return orders.map((order) => {
		const all = where.list(nodes);
		for (const [i, n] of idle.entries()) all[n] = order[i];
		return { nodes: all, procs: [...procs], values, code };
	});
}

/** The initial contents of the files. */
function initialValues({ rom, files, config }: Program): number[] {
	return files.flatMap((_, i) => {
		const entry = rom[ROM_FILES] + i * FILE_WORDS;
		const ints = (rom[entry + FILE_SIZE] / PAGE_SIZE) * config.PAGE_WORDS;
		return [...rom.subarray(rom[entry + FILE_DATA], rom[entry + FILE_DATA] + ints)];
	});
}

/** The map of values; undefined: there is none. */
function valuesUnder(
	program: Program,
	procs: readonly number[],
	fixedValues: boolean,
): number[] | undefined {
	const { processes } = program;
	const values = new Pairs();
	// A value that is never stored is there from the start, or is the zero of a cleared register.
	values.add(0, 0);
	for (const value of initialValues(program)) values.add(value, value);
	if (!procs.every((q, p) => matched(processes[p], processes[q], values))) return undefined;
	const moved = values.entries().filter(([from, to]) => from !== to);
	if (moved.length === 0) return [];
	if (fixedValues || moved.some(([v]) => v < 0 || v > LARGEST_VALUE)) return undefined;
	return values.list(Math.max(...moved.flat()) + 1);
}
