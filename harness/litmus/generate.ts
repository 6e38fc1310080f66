// SPDX-License-Identifier: GPL-2.0-only
/**
 * The code of one process: its registers and its statements.
 *
 * Interface: Generator
 */
import { OP_HALT, OP_LOAD, OP_STORE } from '../world/isa.ts';
import type { Access, Expr, Statement } from './ast.ts';
import type { Span } from './error.ts';
import { Evaluator } from './evaluate.ts';
import type { Layout, ProcessLayout } from './layout.ts';
import { localsOf } from './walk.ts';

export class Generator extends Evaluator {
	readonly #text: string;
	readonly #self: ProcessLayout;

	constructor(text: string, layout: Layout, self: ProcessLayout) {
		super(layout);
		this.#text = text;
		this.#self = self;
		const { process } = self;
		for (const param of process.params) {
			const { name } = param.name;
			if (param.kind === 'file') {
				const file = layout.fileIndex.get(name)!;
				this.registers.descriptors.set(file, this.registers.name(name));
			} else {
				const { file } = layout.variables.get(name)!;
				if (this.registers.bases.has(file)) continue;
				this.registers.bases.set(file, this.registers.name(`&${layout.files[file].name}`));
			}
		}
		for (const { name, pointer } of localsOf(process)) {
			this.registers.name(name.name);
			if (pointer) this.registers.pointers.add(name.name);
		}
	}

	/** After the set-up: the body, and the end. */
	body(): void {
		const { process } = this.#self;
		for (const s of process.body) this.#statement(s);
		this.code.source(process.at.end.line, 'return;');
		this.code.emit(OP_HALT);
	}

	#source(at: Span): void {
		const text = this.#text.slice(at.start.offset, at.end.offset).replace(/\s+/g, ' ').trim();
		this.code.source(at.start.line, text);
	}

	// ---- statements

	#statement(s: Statement): void {
		const mark = this.registers.mark();
		switch (s.kind) {
			case 'block':
				for (const inner of s.body) this.#statement(inner);
				break;
			case 'declare':
				this.#source(s.at);
				for (const { name, init } of s.declarators) {
					if (init !== null) this.into(init, this.registers.get(name.name)!);
				}
				break;
			case 'assign':
				this.#source(s.at);
				this.#assign(s);
				break;
			case 'expression':
				this.#source(s.at);
				this.effect(s.value);
				break;
			case 'if':
				this.#branch(s);
				break;
			case 'while':
				this.#loop(s);
				break;
			case 'break':
				this.code.jump(this.loops[this.loops.length - 1].end);
				break;
			case 'continue':
				this.code.jump(this.loops[this.loops.length - 1].again);
				break;
			case 'return':
				this.#source(s.at);
				this.code.emit(OP_HALT);
				break;
			case 'empty':
				break;
		}
		this.registers.release(mark);
	}

	#assign(s: Extract<Statement, { kind: 'assign' }>): void {
		const { target, op, value } = s;
		if (target.kind === 'name') {
			const register = this.registers.get(target.name)!;
			const whole: Expr =
				op === null ? value : { kind: 'binary', op, left: target, right: value, at: s.at };
			this.into(whole, register);
			return;
		}
		const { base, offset } = this.place(target as Access);
		if (op === null) {
			this.code.emit(OP_STORE, this.operand(value), base, offset);
			return;
		}
		const old = this.registers.take();
		this.code.emit(OP_LOAD, old, base, offset);
		this.operate(op, old, this.operand(value), old);
		this.code.emit(OP_STORE, old, base, offset);
	}

	#branch(s: Extract<Statement, { kind: 'if' }>): void {
		const otherwise = this.code.label();
		const end = this.code.label();
		this.#source(s.test.at);
		this.jumpUnless(s.test, otherwise);
		this.#statement(s.then);
		if (s.else !== null) this.code.jump(end);
		this.code.place(otherwise);
		if (s.else !== null) this.#statement(s.else);
		this.code.place(end);
	}

	#loop(s: Extract<Statement, { kind: 'while' }>): void {
		const again = this.code.label();
		const end = this.code.label();
		this.loops.push({ again, end });
		this.code.place(again);
		this.#source(s.test.at);
		this.jumpUnless(s.test, end);
		this.#statement(s.body);
		this.code.jump(again);
		this.code.place(end);
		this.loops.pop();
	}
}
