// SPDX-License-Identifier: GPL-2.0-only
/**
 * The bytecode on one flat memory, in every interleaving: what the compiler's output means,
 * without a kernel. With the oracle, which runs the syntax tree, it tests the compiler.
 *
 * Interface: interpret
 */

import type { Program } from '../litmus/compile.ts';
import { CONSTANTS, INT_SIZE, PAGE_SIZE } from '../litmus/constants.ts';
import { callOfNumber, isMapped, SYSTEM_CALLS } from '../litmus/syscalls.ts';
import {
	FILE_DATA,
	FILE_SIZE,
	FILE_WORDS,
	LOCAL_LIMIT,
	OP_ADD,
	OP_AND,
	OP_DIV,
	OP_EQ,
	OP_HALT,
	OP_INV,
	OP_JMP,
	OP_JZ,
	OP_LE,
	OP_LI,
	OP_LOAD,
	OP_LT,
	OP_MOD,
	OP_MOV,
	OP_MUL,
	OP_NE,
	OP_NEG,
	OP_NOT,
	OP_OR,
	OP_READY,
	OP_SHL,
	OP_SHR,
	OP_STORE,
	OP_SUB,
	OP_XOR,
	PROC_ENTRY,
	PROC_MM,
	PROC_WORDS,
	REG_ERRNO,
	ROM_FILES,
	ROM_NR_FILES,
	ROM_NR_PROCS,
	ROM_PROCS,
} from '../world/isa.ts';
import { Fault, FlatMemory, shift, Unmodelled } from './flat.ts';
import { callFlat } from './flat-calls.ts';

interface Proc {
	pc: number;
	regs: number[];
	signal: number;
	space: number;
}
interface State {
	memory: FlatMemory;
	procs: Proc[];
}

/** The final states, sorted, in the order of `observed`; and how many states there were. */
export function interpret(program: Program): { finals: number[][]; states: number } {
	const { name, header } = program.test;
	if (header.dies) throw new Error(`${name}: no node dies here ("Dies:")`);
	const { rom } = program;
	if (program.processes.some(({ parent }) => parent !== null))
		throw new Error(`${program.test.name}: the interpreter does not know fork()`);
	const finals = new Map<string, number[]>();
	const seen = new Set<string>();
	const waiting: State[] = [initial(program)];
	for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
		const key = `${state.memory.key()} ${JSON.stringify(state.procs)}`;
		if (seen.has(key)) continue;
		seen.add(key);
		let ended = true;
		state.procs.forEach((proc, index) => {
			if (proc.signal !== 0 || rom[proc.pc] === OP_HALT) return;
			ended = false;
			const next = { memory: state.memory.clone(), procs: structuredClone(state.procs) };
			step(rom, next, next.procs[index]);
			waiting.push(next);
		});
		if (!ended) continue;
		const values = observe(program, state);
		finals.set(values.join(), values);
	}
	const sorted = [...finals.values()].sort((a, b) => {
		const i = a.findIndex((value, at) => value !== b[at]);
		return i < 0 ? 0 : a[i] - b[i];
	});
	return { finals: sorted, states: seen.size };
}

/** Where in its page an int is that the machine has. */
function offsetOf(config: Record<string, number>, word: number): number {
	const fromEnd = config.PAGE_WORDS - word;
	return fromEnd > config.PAGE_TAIL ? word * INT_SIZE : PAGE_SIZE - fromEnd * INT_SIZE;
}

/** After the set-up of each process, run one after the other. */
function initial({ rom, config }: Program): State {
	const files = Array.from({ length: rom[ROM_NR_FILES] }, (_, i) => {
		const at = rom[ROM_FILES] + i * FILE_WORDS;
		const data = rom[at + FILE_DATA];
		const values: number[] = [];
		const ints = new Map<number, number>();
		for (let k = 0; k < rom[at + FILE_SIZE] / PAGE_SIZE; k++) {
			values.push(rom[data + k * config.PAGE_WORDS]);
			for (let w = 1; w < config.PAGE_WORDS; w++)
				ints.set(k * PAGE_SIZE + offsetOf(config, w), rom[data + k * config.PAGE_WORDS + w]);
		}
		return { values, ints };
	});
	const processes = rom[ROM_NR_PROCS];
	const memory = new FlatMemory(files, processes);
	const procs = Array.from({ length: processes }, (_, i): Proc => {
		const at = rom[ROM_PROCS] + i * PROC_WORDS;
		const regs = new Array<number>(config.NR_REGS).fill(0);
		return { pc: rom[at + PROC_ENTRY], regs, signal: 0, space: rom[at + PROC_MM] };
	});
	const state = { memory, procs };
	for (const proc of procs) {
		local(rom, proc);
		while (rom[proc.pc] !== OP_READY) step(rom, state, proc);
		proc.pc += 4;
		local(rom, proc);
	}
	return state;
}

/** One access or call, and the computation that follows it. */
function step(rom: Int32Array, { memory }: State, proc: Proc): void {
	const [op, a, b, c] = rom.slice(proc.pc, proc.pc + 4);
	const { regs, space } = proc;
	if (op === OP_LOAD) {
		const loaded = memory.load(space, regs[b] + c);
		if (loaded instanceof Fault) proc.signal = loaded.signal;
		else regs[a] = loaded;
	} else if (op === OP_STORE) {
		proc.signal = memory.store(space, regs[b] + c, regs[a])?.signal ?? 0;
	} else {
		const result = call(memory, proc, a, c);
		if (result instanceof Fault) {
			proc.signal = result.signal;
			return;
		}
		if (result < 0) regs[REG_ERRNO] = -result;
		regs[b] = result < 0 ? -1 : result;
	}
	if (proc.signal !== 0) return;
	proc.pc += 4;
	local(rom, proc);
}

function call(memory: FlatMemory, { regs, space }: Proc, number: number, first: number) {
	const name = callOfNumber(number);
	const args = regs.slice(first, first + SYSTEM_CALLS[name].args.length);
	const mapped = isMapped(number);
	const hasBuffer = SYSTEM_CALLS[name].moves !== 'nothing' && !mapped;
	const output = hasBuffer ? regs[args[1]] : undefined;
	const { value, input } = callFlat(name, { memory, space, args, output, mapped });
	if (input !== undefined) regs[args[1]] = input;
	return value;
}

/** Up to the next access, call or end. */
function local(rom: Int32Array, proc: Proc): void {
	const { regs } = proc;
	for (let n = 0; proc.signal === 0 && rom[proc.pc] !== OP_HALT && rom[proc.pc] < OP_LOAD; n++) {
		if (n === LOCAL_LIMIT) throw new Unmodelled('more steps of its own than a program may take');
		const [op, a, b, c] = rom.slice(proc.pc, proc.pc + 4);
		proc.pc += 4;
		if (op === OP_LI) regs[a] = b;
		else if (op === OP_JMP) proc.pc = a;
		else if (op === OP_JZ) proc.pc = regs[a] === 0 ? b : proc.pc;
		else {
			const value = compute(op, regs[b], regs[c]);
			if (value === undefined) proc.signal = CONSTANTS.get('SIGFPE')!;
			else regs[a] = value;
		}
	}
}

function compute(op: number, x: number, y: number): number | undefined {
	switch (op) {
		case OP_MOV:
			return x;
		case OP_NOT:
			return Number(x === 0);
		case OP_INV:
			return ~x;
		case OP_NEG:
			return -x | 0;
		case OP_ADD:
			return (x + y) | 0;
		case OP_SUB:
			return (x - y) | 0;
		case OP_MUL:
			return Math.imul(x, y);
		case OP_DIV:
			return y === 0 || x / y > 0x7fffffff ? undefined : (x / y) | 0;
		case OP_MOD:
			return y === 0 || x / y > 0x7fffffff ? undefined : (x % y) | 0;
		case OP_AND:
			return x & y;
		case OP_OR:
			return x | y;
		case OP_XOR:
			return x ^ y;
		case OP_SHL:
			return x << shift(y);
		case OP_SHR:
			return x >> shift(y);
		case OP_EQ:
			return Number(x === y);
		case OP_NE:
			return Number(x !== y);
		case OP_LT:
			return Number(x < y);
		case OP_LE:
			return Number(x <= y);
		default:
			throw new Error(`no instruction ${op}`);
	}
}

function observe({ observed, config }: Program, { memory, procs }: State): number[] {
	return observed.map(({ place }) => {
		if (place.kind === 'page') {
			const { file, page, word } = place;
			return memory.value(file, page * PAGE_SIZE + offsetOf(config, word));
		}
		const { regs, signal } = procs[place.process];
		if (place.kind === 'lost') return 0;
		return place.kind === 'signal' ? signal : regs[place.register];
	});
}
