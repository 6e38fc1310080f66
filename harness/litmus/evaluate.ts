// SPDX-License-Identifier: GPL-2.0-only
/**
 * The code of expressions. Values are in registers; there is no code for known values.
 *
 * Interface: Evaluator
 */
import {
	OP_ADD,
	OP_AND,
	OP_DIV,
	OP_EQ,
	OP_FORK,
	OP_HALT,
	OP_INV,
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
	OP_SHL,
	OP_SHR,
	OP_STORE,
	OP_SUB,
	OP_SYS,
	OP_XOR,
	SYS_MAPPED,
} from '../world/isa.ts';
import { processNumber } from './arguments.ts';
import type { Access, BinaryOp, Call, Expr } from './ast.ts';
import { CALLS } from './calls.ts';
import { Code, type Label } from './code.ts';
import { CONSTANTS, INT_SIZE, PAGE_SIZE, POINTERS } from './constants.ts';
import { fold } from './fold.ts';
import type { Layout } from './layout.ts';
import { RegisterFile } from './registers.ts';
import { SYSTEM_CALLS, type SystemCallName } from './syscalls.ts';
import { forkedBy, localsOf } from './walk.ts';

const OPERATION: Partial<Record<BinaryOp, number>> = {
	'+': OP_ADD,
	'-': OP_SUB,
	'*': OP_MUL,
	'/': OP_DIV,
	'%': OP_MOD,
	'&': OP_AND,
	'|': OP_OR,
	'^': OP_XOR,
	'<<': OP_SHL,
	'>>': OP_SHR,
	'==': OP_EQ,
	'!=': OP_NE,
	'<': OP_LT,
	'<=': OP_LE,
};
/** Comparisons with their operands exchanged. */
const EXCHANGED: Partial<Record<BinaryOp, BinaryOp>> = { '>': '<', '>=': '<=' };

/** An address: the value of a register, plus an offset in bytes. */
interface Address {
	base: number;
	offset: number;
}

export class Evaluator {
	readonly code = new Code();
	readonly registers = new RegisterFile();
	/** lines that call mmap inside a loop */
	readonly loopedMaps: number[] = [];
	/** loops around the statement */
	protected readonly loops: { again: Label; end: Label }[] = [];

	constructor(protected readonly layout: Layout) {}

	// ---- conditions

	protected jumpUnless(e: Expr, label: Label): void {
		const mark = this.registers.mark();
		const known = fold(e);
		if (known !== undefined) {
			if (known === 0) this.code.jump(label);
		} else if (e.kind === 'unary' && e.op === '!') this.#jumpIf(e.operand, label);
		else if (e.kind === 'binary' && e.op === '&&') {
			this.jumpUnless(e.left, label);
			this.jumpUnless(e.right, label);
		} else if (e.kind === 'binary' && e.op === '||') {
			const yes = this.code.label();
			this.#jumpIf(e.left, yes);
			this.jumpUnless(e.right, label);
			this.code.place(yes);
		} else this.code.jumpIfZero(this.operand(e), label);
		this.registers.release(mark);
	}

	#jumpIf(e: Expr, label: Label): void {
		if (e.kind === 'unary' && e.op === '!') this.jumpUnless(e.operand, label);
		else if (e.kind === 'binary' && e.op === '||') {
			this.#jumpIf(e.left, label);
			this.#jumpIf(e.right, label);
		} else {
			const no = this.code.label();
			this.jumpUnless(e, no);
			this.code.jump(label);
			this.code.place(no);
		}
	}

	// ---- expressions

	/** The value into a register; e may use that register itself. */
	protected into(e: Expr, register: number): void {
		const mark = this.registers.mark();
		this.operand(e, register);
		this.registers.release(mark);
	}

	/**
	 * The register with the value: `register` if one is given, otherwise that of a local, or else a
	 * temporary, allocated before those that the computation needed.
	 */
	protected operand(e: Expr, register?: number): number {
		const known = fold(e);
		if (known !== undefined) {
			const to = register ?? this.registers.take();
			this.code.emit(OP_LI, to, known);
			return to;
		}
		switch (e.kind) {
			case 'name':
				return this.#named(e.name, register);
			case 'unary': {
				const op = { '-': OP_NEG, '~': OP_INV, '!': OP_NOT, '+': OP_MOV }[e.op];
				const mark = this.registers.mark();
				const operand = this.operand(e.operand);
				const to = this.#result(mark, register);
				this.code.emit(op, to, operand);
				return to;
			}
			case 'binary':
				return e.op === '&&' || e.op === '||'
					? this.#truth(e, register)
					: this.#binary(e, register);
			case 'conditional': {
				const otherwise = this.code.label();
				const end = this.code.label();
				this.jumpUnless(e.test, otherwise);
				const to = register ?? this.registers.take();
				this.into(e.then, to);
				this.code.jump(end);
				this.code.place(otherwise);
				this.into(e.else, to);
				this.code.place(end);
				return to;
			}
			case 'deref':
			case 'index': {
				const mark = this.registers.mark();
				const { base, offset } = this.place(e);
				const to = this.#result(mark, register);
				this.code.emit(OP_LOAD, to, base, offset);
				return to;
			}
			case 'call':
				return this.#call(e, register);
			default:
				throw new Error(`${e.kind} has no value`);
		}
	}

	/** The register for a result, after the temporaries above `mark` are freed. */
	#result(mark: number, register: number | undefined): number {
		this.registers.release(mark);
		return register ?? this.registers.take();
	}

	#named(name: string, register: number | undefined): number {
		const own = this.registers.get(name);
		if (own === undefined) {
			const { base, offset } = this.#variable(name);
			return this.#sum(this.registers.mark(), base, offset, register);
		}
		if (register === undefined || register === own) return own;
		this.code.emit(OP_MOV, register, own);
		return register;
	}

	#variable(name: string): Address {
		const { file, page, offset } = this.layout.variables.get(name)!;
		return { base: this.registers.bases.get(file)!, offset: page * PAGE_SIZE + offset };
	}

	#sum(mark: number, base: number, offset: number, register: number | undefined): number {
		if (offset === 0) {
			if (register === undefined) return base;
			this.code.emit(OP_MOV, register, base);
			return register;
		}
		const own = register !== undefined && register !== base;
		const by = own ? register : this.registers.take();
		this.code.emit(OP_LI, by, offset);
		const to = this.#result(mark, register);
		this.code.emit(OP_ADD, to, base, by);
		return to;
	}

	/** A value of && or ||. */
	#truth(e: Expr, register: number | undefined): number {
		const no = this.code.label();
		const end = this.code.label();
		this.jumpUnless(e, no);
		const to = register ?? this.registers.take();
		this.code.emit(OP_LI, to, 1);
		this.code.jump(end);
		this.code.place(no);
		this.code.emit(OP_LI, to, 0);
		this.code.place(end);
		return to;
	}

	#binary(e: Extract<Expr, { kind: 'binary' }>, register: number | undefined): number {
		if (this.#isPointer(e.left) || this.#isPointer(e.right)) {
			if (e.op === '+' || e.op === '-') return this.#moved(e, register);
		}
		const mark = this.registers.mark();
		const left = this.operand(e.left);
		const right = this.operand(e.right);
		const to = this.#result(mark, register);
		this.operate(e.op, left, right, to);
		return to;
	}

	protected operate(op: BinaryOp, left: number, right: number, to: number): void {
		const exchanged = EXCHANGED[op];
		if (exchanged !== undefined) this.code.emit(OPERATION[exchanged]!, to, right, left);
		else this.code.emit(OPERATION[op]!, to, left, right);
	}

	// ---- pointers

	#isPointer(e: Expr): boolean {
		switch (e.kind) {
			case 'name':
				return (
					POINTERS.has(e.name) ||
					this.registers.pointers.has(e.name) ||
					(this.registers.get(e.name) === undefined && !CONSTANTS.has(e.name))
				);
			case 'binary':
				return (
					(e.op === '+' || e.op === '-') && (this.#isPointer(e.left) || this.#isPointer(e.right))
				);
			case 'conditional':
				return this.#isPointer(e.then);
			case 'call':
				return CALLS.get(e.callee.name)!.result === 'pointer';
			default:
				return false;
		}
	}

	/** A pointer that is the sum of a pointer and an int. */
	#moved(e: Expr, register: number | undefined): number {
		const mark = this.registers.mark();
		const { base, offset } = this.#address(e);
		return this.#sum(mark, base, offset, register);
	}

	protected place(e: Access): Address {
		if (e.kind === 'deref') return this.#address(e.pointer);
		const { pointer, index, at } = e;
		return this.#address({ kind: 'binary', op: '+', left: pointer, right: index, at });
	}

	/** The address in a pointer; known ints are added to the offset. */
	#address(e: Expr): Address {
		if (e.kind === 'name' && this.registers.get(e.name) === undefined && fold(e) === undefined) {
			return this.#variable(e.name);
		}
		if (e.kind === 'binary' && (e.op === '+' || e.op === '-')) {
			const swapped = !this.#isPointer(e.left);
			const pointer = swapped ? e.right : e.left;
			const by = swapped ? e.left : e.right;
			const known = fold(by);
			if (known !== undefined) {
				const bytes = Math.imul(known, e.op === '+' ? INT_SIZE : -INT_SIZE);
				const { base, offset } = this.#address(pointer);
				return { base, offset: (offset + bytes) | 0 };
			}
			return this.#scaled(pointer, e.op, by);
		}
		return { base: this.operand(e), offset: 0 };
	}

	#scaled(pointer: Expr, op: '+' | '-', by: Expr): Address {
		const mark = this.registers.mark();
		const { base, offset } = this.#address(pointer);
		const ints = this.operand(by);
		const bytes = this.registers.take();
		this.code.emit(OP_LI, bytes, INT_SIZE);
		this.code.emit(OP_MUL, bytes, ints, bytes);
		const to = this.#result(mark, undefined);
		this.code.emit(op === '+' ? OP_ADD : OP_SUB, to, base, bytes);
		return { base: to, offset };
	}

	// ---- calls

	/** A call or an access whose value is not used. */
	protected effect(e: Expr): void {
		if (e.kind === 'call') this.#call(e, undefined);
		else this.operand(e);
	}

	#call(e: Call, register: number | undefined): number {
		const { action, args } = CALLS.get(e.callee.name)!;
		const mark = this.registers.mark();
		if (action.kind === 'system') return this.#system(e, action.call, register);
		if (action.kind === 'fork') return this.#fork(e, register);
		if (action.kind === 'nothing') return mark;
		const place = args[0] === 'place' ? this.place(e.args[0] as Access) : this.#address(e.args[0]);
		if (action.kind === 'store') {
			this.code.emit(OP_STORE, this.operand(e.args[1]), place.base, place.offset);
			this.registers.release(mark);
			return mark;
		}
		const to = this.#result(mark, register);
		this.code.emit(OP_LOAD, to, place.base, place.offset);
		return to;
	}

	#fork(e: Call, register: number | undefined): number {
		const child = forkedBy(e)!;
		const to = register ?? this.registers.take();
		const instruction = this.code.emit(OP_FORK, child, to);
		instruction.inherited = localsOf(this.layout.processes[child].process).flatMap(
			({ name }) => this.registers.get(name.name) ?? [],
		);
		return to;
	}

	#system(e: Call, name: SystemCallName, register: number | undefined): number {
		const mark = this.registers.mark();
		const kinds = CALLS.get(e.callee.name)!.args;
		const all = kinds.length;
		const first = this.registers.mark();
		for (let i = 0; i < all; i++) this.registers.take();
		let buffer: number | undefined;
		let mapped = 0;
		e.args.forEach((arg, i) => {
			if (kinds[i] === 'tracee' || kinds[i] === 'target') {
				this.code.emit(OP_LI, first + i, processNumber(arg)!);
			} else if (arg.kind === 'string') {
				const name = kinds[i] === 'entry' ? arg.text.split('/')[0] : arg.text;
				this.code.emit(OP_LI, first + i, this.layout.fileIndex.get(name)!);
			} else if (arg.kind === 'address' || arg.kind === 'literal') {
				buffer = this.#buffer(arg);
				this.code.emit(OP_LI, first + i, buffer);
			} else {
				if (kinds[i] === 'input' || kinds[i] === 'output') mapped = SYS_MAPPED;
				this.into(arg, first + i);
			}
		});
		for (let i = e.args.length; i < all; i++) this.code.emit(OP_LI, first + i, 0);
		const to = this.#result(mark, register);
		const instruction = this.code.emit(OP_SYS, SYSTEM_CALLS[name].number | mapped, to, first);
		instruction.args = all;
		instruction.buffer = buffer;
		if (!SYSTEM_CALLS[name].returns) this.code.emit(OP_HALT);
		if (name === 'mmap' && this.loops.length > 0) this.loopedMaps.push(e.at.start.line);
		return to;
	}

	/** The register whose int pread fills, or pwrite takes. */
	#buffer(e: Extract<Expr, { kind: 'address' | 'literal' }>): number {
		if (e.kind === 'address') return this.registers.get(e.of.name)!;
		const register = this.registers.take();
		this.into(e.value, register);
		return register;
	}
}
