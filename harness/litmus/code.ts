// SPDX-License-Identifier: GPL-2.0-only
/**
 * Instructions before they have addresses, as the code generator emits them, and functions for the
 * passes: which registers an instruction reads and sets, whether it can be suspended, where it
 * jumps.
 *
 * Interface: Code Instruction Label registersOf suspends successors
 */
import {
	OP_ADD,
	OP_CHILD,
	OP_FORK,
	OP_HALT,
	OP_INHERIT,
	OP_JMP,
	OP_JZ,
	OP_LE,
	OP_LI,
	OP_LOAD,
	OP_MOV,
	OP_NEG,
	OP_READY,
	OP_STORE,
	OP_SYS,
	REG_ERRNO,
} from '../world/isa.ts';
import { fillsBuffer } from './syscalls.ts';

/** A place in the code: the index of the instruction after it, once that is known. */
export interface Label {
	at: number;
}

export interface Instruction {
	op: number;
	a: number;
	b: number;
	c: number;
	/** JMP and JZ: where to */
	label?: Label;
	/** SYS: number of arguments, and the register whose int is read or written */
	args?: number;
	buffer?: number;
	/** FORK: registers that the child begins with */
	inherited?: number[];
	/** the source: line, and the text of the statement */
	line: number;
	text: string;
}

/** A list of instructions that grows at its end. */
export class Code {
	readonly instructions: Instruction[] = [];
	#line = 0;
	#text = '';

	/** Code emitted from now on belongs to this part of the source. */
	source(line: number, text: string): void {
		this.#line = line;
		this.#text = text;
	}

	emit(op: number, a = 0, b = 0, c = 0): Instruction {
		const instruction: Instruction = { op, a, b, c, line: this.#line, text: this.#text };
		this.instructions.push(instruction);
		return instruction;
	}

	label(): Label {
		return { at: -1 };
	}

	/** Places the label before the next instruction. */
	place(label: Label): void {
		label.at = this.instructions.length;
	}

	jump(label: Label): void {
		this.emit(OP_JMP).label = label;
	}

	jumpIfZero(register: number, label: Label): void {
		this.emit(OP_JZ, register).label = label;
	}
}

export interface Registers {
	uses: number[];
	/** set in any case */
	sets: number[];
	/** set, or left as they are */
	may: number[];
}

export function registersOf(i: Instruction): Registers {
	switch (i.op) {
		case OP_FORK:
			return { uses: i.inherited ?? [], sets: [i.b], may: [REG_ERRNO] };
		case OP_LI:
		case OP_INHERIT:
			return { uses: [], sets: [i.a], may: [] };
		case OP_JZ:
			return { uses: [i.a], sets: [], may: [] };
		case OP_LOAD:
			return { uses: [i.b], sets: [i.a], may: [] };
		case OP_STORE:
			return { uses: [i.a, i.b], sets: [], may: [] };
		case OP_SYS: {
			const uses = Array.from({ length: i.args ?? 0 }, (_, n) => i.c + n);
			const may = [REG_ERRNO];
			if (i.buffer !== undefined) (fillsBuffer(i.a) ? may : uses).push(i.buffer);
			return { uses, sets: [i.b], may };
		}
	}
	if (i.op >= OP_MOV && i.op <= OP_NEG) return { uses: [i.b], sets: [i.a], may: [] };
	if (i.op >= OP_ADD && i.op <= OP_LE) return { uses: [i.b, i.c], sets: [i.a], may: [] };
	return { uses: [], sets: [], may: [] };
}

/** Can other tasks run before this instruction? */
export function suspends(i: Instruction): boolean {
	return (
		i.op === OP_LOAD ||
		i.op === OP_STORE ||
		i.op === OP_SYS ||
		i.op === OP_FORK ||
		i.op === OP_CHILD ||
		i.op === OP_READY ||
		i.op === OP_HALT
	);
}

/** The indices of the instructions that can run next. */
export function successors(code: readonly Instruction[], index: number): number[] {
	const i = code[index];
	if (i.op === OP_HALT) return [];
	if (i.op === OP_JMP) return [i.label!.at];
	return i.op === OP_JZ ? [index + 1, i.label!.at] : [index + 1];
}
