// SPDX-License-Identifier: GPL-2.0-only
/**
 * Types and side effects of expressions. A value is an int or a pointer to int. C leaves the
 * order of the operands of most operators open, so an expression may contain several accesses
 * only where C orders them (&&, ||, ?:, or one needs the value of the other): a test has one
 * meaning, here and on a real system.
 *
 * Interface: ExpressionChecker accesses
 */
import { SHIFT_MAX } from '../world/isa.ts';
import { ArgumentChecker } from './arguments.ts';
import type { Access, Call, Expr, Name, Parameter, Process, Statement, Test } from './ast.ts';
import { CALLS, whyNot } from './calls.ts';
import { CONSTANTS, constantValue, POINTERS } from './constants.ts';
import { type Effects, none, type SymbolTable } from './effects.ts';
import { LitmusError, nearest, type Span } from './error.ts';
import { arithmetic, fold, isShift } from './fold.ts';
import { type Layout, shortened } from './layout.ts';
import { expressionsIn } from './walk.ts';

type Type = 'int' | 'pointer' | 'void';
interface Checked {
	type: Type;
	effects: Effects;
}

const DEPTH_MAX = 100;

export class ExpressionChecker {
	#depth = 0;
	readonly #args: ArgumentChecker;
	readonly #test: Test;
	readonly #layout: Layout;
	readonly #process: Process;
	readonly #symbols: SymbolTable;
	readonly #declared: ReadonlyMap<string, Span>;

	constructor(
		test: Test,
		layout: Layout,
		process: Process,
		symbols: SymbolTable,
		declared: ReadonlyMap<string, Span>,
	) {
		this.#test = test;
		this.#layout = layout;
		this.#process = process;
		this.#symbols = symbols;
		this.#declared = declared;
		this.#args = new ArgumentChecker(test, layout, symbols, this);
	}

	get processIndex(): number {
		return this.#process.index;
	}

	fail(at: Span, reason: string, help?: string): never {
		throw new LitmusError(this.#test.source, at, reason, help);
	}

	checkParameter({ kind, name }: Parameter): void {
		const isFile = this.#layout.fileIndex.has(name.name);
		if (kind === 'file' && !isFile) {
			const meant = nearest(name.name, this.#layout.fileIndex.keys());
			const help = meant === undefined ? `declare it: "file ${name.name}[1];"` : undefined;
			this.fail(
				name.at,
				`the init part has no file "${name.name}"`,
				help ?? `did you mean "${meant}"?`,
			);
		}
		if (kind === 'variable' && isFile) {
			this.fail(name.at, `"${name.name}" is a file`, `write "file ${name.name}"`);
		}
	}

	/** The value of an `if` or a `while`. */
	condition(e: Expr): Effects {
		return this.scalar(e).effects;
	}

	initializer(e: Expr, pointer: boolean, name: Name): void {
		this.#assignable(pointer ? 'pointer' : 'int', this.#check(e).type, e, name.name);
	}

	statement(e: Expr): Effects {
		return this.#check(e).effects;
	}

	assignment(s: Extract<Statement, { kind: 'assign' }>): void {
		const { target, op, value } = s;
		if (target.kind === 'name') {
			const type = this.#assigned(target.name, target.at);
			const checked =
				op === null
					? this.#check(value)
					: this.#check({ kind: 'binary', op, left: target, right: value, at: s.at });
			this.#assignable(type, checked.type, value, target.name);
			return;
		}
		if (target.kind !== 'deref' && target.kind !== 'index') {
			this.fail(target.at, 'this cannot be assigned to', 'expected a local variable, *x or p[n]');
		}
		const place = this.access(target);
		const right =
			op === null
				? this.int(value)
				: this.int({ kind: 'binary', op, left: target, right: value, at: s.at });
		// In `*p op= v` the address is found once; in `*p = v` it and v come in any order.
		if (op === null) this.#unordered([place.address, right.effects], s.at);
	}

	#assigned(name: string, at: Span): Type {
		const symbol = this.#symbols.get(name);
		if (symbol?.kind === 'local') return symbol.pointer ? 'pointer' : 'int';
		if (name === 'errno') return 'int';
		if (symbol !== undefined) {
			this.fail(
				at,
				`the parameter "${name}" cannot be changed`,
				symbol.kind === 'variable' ? `to store into it write "*${name} = ...;"` : undefined,
			);
		}
		return this.unknownName(name, at);
	}

	#assignable(to: Type, from: Type, value: Expr, name: string): void {
		if (to === from) return;
		if (to === 'pointer' && from === 'int' && fold(value) === 0) return;
		const what = { int: 'an int', pointer: 'a pointer', void: 'nothing' };
		this.fail(
			value.at,
			`"${name}" is ${what[to]}, and this is ${what[from]}`,
			from === 'pointer' &&
				value.kind === 'name' &&
				this.#symbols.get(value.name)?.kind === 'variable'
				? `to load its value write "*${value.name}"`
				: undefined,
		);
	}

	// ---- expressions

	#check(e: Expr): Checked {
		if (++this.#depth > DEPTH_MAX) this.fail(e.at, 'this expression is nested too deeply');
		const checked = this.#checkKind(e);
		this.#depth--;
		return checked;
	}

	#checkKind(e: Expr): Checked {
		switch (e.kind) {
			case 'int':
				return this.#literal(e.text, e.at);
			case 'sizeof':
				return { type: 'int', effects: none() };
			case 'string':
				return this.fail(e.at, 'a string is only the name of a file, for open() and link()');
			case 'name':
				return this.#name(e.name, e.at);
			case 'unary': {
				if (e.op === '-' && e.operand.kind === 'int') {
					return this.#literal(`-${e.operand.text}`, e.at);
				}
				const operand = e.op === '!' ? this.scalar(e.operand) : this.int(e.operand);
				return { type: 'int', effects: operand.effects };
			}
			case 'binary':
				return this.#binary(e);
			case 'conditional':
				return this.#conditional(e);
			case 'deref':
			case 'index':
				return { type: 'int', effects: this.access(e).effects };
			case 'address':
				return this.fail(e.at, `"&${e.of.name}" is only the buffer of pread() and pwrite()`);
			case 'literal':
				return this.fail(e.at, '"&(int){...}" is only the buffer of pwrite()');
			case 'call':
				return this.#call(e);
		}
	}

	#literal(text: string, at: Span): Checked {
		if (Number.isNaN(constantValue(text) ?? Number.NaN)) {
			this.fail(at, `the constant ${shortened(text)} does not fit an int (32 bits)`);
		}
		return { type: 'int', effects: none() };
	}

	int(e: Expr): Checked {
		const checked = this.#check(e);
		if (checked.type === 'int') return checked;
		const found = checked.type === 'void' ? 'this has no value' : 'this is a pointer';
		const isVariable = e.kind === 'name' && this.#symbols.get(e.name)?.kind === 'variable';
		return this.fail(
			e.at,
			`expected an int: ${found}`,
			isVariable ? `to load its value write "*${e.name}"` : undefined,
		);
	}

	pointer(e: Expr): Checked {
		if (e.kind === 'name' && !this.isKnown(e.name)) this.unknownName(e.name, e.at, 'int *');
		const checked = this.#check(e);
		if (checked.type === 'pointer') return checked;
		const what = checked.type === 'void' ? 'this has no value' : 'this is an int';
		return this.fail(e.at, `expected a pointer: ${what}`);
	}

	scalar(e: Expr): Checked {
		const checked = this.#check(e);
		if (checked.type === 'void') this.fail(e.at, 'expected a value: this has none');
		return checked;
	}

	isKnown(name: string): boolean {
		const constant = name === 'errno' || CONSTANTS.has(name) || POINTERS.has(name);
		return constant || this.#symbols.has(name);
	}

	#name(name: string, at: Span): Checked {
		const symbol = this.#symbols.get(name);
		const effects = none();
		effects.reads.add(name);
		if (symbol?.kind === 'local') return { type: symbol.pointer ? 'pointer' : 'int', effects };
		if (symbol?.kind === 'variable') return { type: 'pointer', effects: none() };
		if (symbol?.kind === 'file') return { type: 'int', effects: none() };
		if (name === 'errno') return { type: 'int', effects };
		if (CONSTANTS.has(name)) return { type: 'int', effects: none() };
		if (POINTERS.has(name)) return { type: 'pointer', effects: none() };
		return this.unknownName(name, at);
	}

	/** `as`: the expected kind. */
	unknownName(name: string, at: Span, as: 'int ' | 'int *' | 'file ' = 'int '): never {
		const is = (what: string, help: string): never => this.fail(at, `"${name}" is ${what}`, help);
		if (CALLS.has(name)) is('a call', `write "${CALLS.get(name)!.usage}"`);
		if (this.#declared.has(name)) is('declared in another block', 'declare it before that block');
		const { fileIndex, variables } = this.#layout;
		const params = `P${this.#process.index}(...)`;
		if (fileIndex.has(name)) is('no parameter of this process', `add "file ${name}" to ${params}`);
		if (variables.has(name)) is('no parameter of this process', `add "int *${name}" to ${params}`);
		const meant = nearest(name, [...this.#symbols.keys(), ...CONSTANTS.keys(), ...POINTERS.keys()]);
		const declare =
			as === 'file '
				? `declare it: "file ${name}[1];" in the init part, and add "file ${name}" to ${params}`
				: `declare it: "${as}${name};"`;
		const help = meant === undefined ? declare : `did you mean "${meant}"?`;
		return this.fail(at, `"${name}" is not declared`, help);
	}

	#binary(e: Extract<Expr, { kind: 'binary' }>): Checked {
		const { op } = e;
		if (op === '&&' || op === '||') {
			const effects = [this.scalar(e.left).effects, this.scalar(e.right).effects];
			return { type: 'int', effects: union(effects) };
		}
		const left = this.scalar(e.left);
		const right = this.scalar(e.right);
		const effects = this.#unordered([left.effects, right.effects], e.at);
		if (left.type === 'int' && right.type === 'int') {
			this.#divides(e);
			this.#shifts(e);
			return { type: 'int', effects };
		}
		const offsets = op === '+' || (op === '-' && right.type === 'int');
		if (offsets && left.type !== right.type) return { type: 'pointer', effects };
		const equality = op === '==' || op === '!=';
		const null_ = (t: Type, o: Expr) => t === 'pointer' || fold(o) === 0;
		if (equality && null_(left.type, e.left) && null_(right.type, e.right)) {
			return { type: 'int', effects };
		}
		return this.fail(
			e.at,
			`"${op}" does not apply to ${left.type} and ${right.type}`,
			'pointers can be compared with == and !=, and moved by an int',
		);
	}

	#divides(e: Extract<Expr, { kind: 'binary' }>): void {
		const right = fold(e.right);
		if (right === undefined || (e.op !== '/' && e.op !== '%')) return;
		const left = fold(e.left) ?? 1;
		if (arithmetic(e.op, left, right) === undefined) {
			this.fail(e.right.at, right === 0 ? 'division by zero' : 'the quotient does not fit an int');
		}
	}

	#shifts({ op, right }: Extract<Expr, { kind: 'binary' }>): void {
		const bits = op === '<<' || op === '>>' ? fold(right) : undefined;
		if (bits === undefined || isShift(bits)) return;
		this.fail(
			right.at,
			`a shift by ${bits} bits: C does not define what it gives`,
			`an int has 32 bits: shift it by 0 to ${SHIFT_MAX}`,
		);
	}

	#conditional(e: Extract<Expr, { kind: 'conditional' }>): Checked {
		const test = this.scalar(e.test);
		const then = this.scalar(e.then);
		const other = this.scalar(e.else);
		if (then.type !== other.type) {
			this.fail(e.at, `"?:" chooses between ${then.type} and ${other.type}`);
		}
		return { type: then.type, effects: union([test.effects, then.effects, other.effects]) };
	}

	/** `*p` and `p[n]`; `address` are the effects of finding the address. */
	access(e: Access): { effects: Effects; address: Effects } {
		const address = this.#address(e);
		this.aligned(e);
		return { effects: { ...address, access: true }, address };
	}

	#address(e: Access): Effects {
		if (e.kind === 'deref') return this.pointer(e.pointer).effects;
		const pointer = this.pointer(e.pointer).effects;
		return this.#unordered([pointer, this.int(e.index).effects], e.at);
	}

	/** A variable is one int. */
	aligned(e: Access): void {
		const base = e.kind === 'deref' ? ({ kind: 'int', text: '0', at: e.at } as const) : e.index;
		const { variable, ints } = this.#moved(e.pointer, fold(base));
		if (ints === undefined || ints === 0 || variable === undefined) return;
		this.fail(e.at, `"${variable}" is one int`, 'more than one is a file: see docs/litmus.md');
	}

	/** The distance of a pointer from the start of a mapping, if it is known. */
	#moved(e: Expr, more: number | undefined): { variable?: string; ints?: number } {
		if (e.kind === 'name') {
			const variable = this.#symbols.get(e.name)?.kind === 'variable' ? e.name : undefined;
			return { variable, ints: more };
		}
		if (e.kind === 'binary' && (e.op === '+' || e.op === '-')) {
			const swapped = e.op === '+' && fold(e.left) !== undefined;
			const by = fold(swapped ? e.left : e.right);
			const sum =
				by === undefined || more === undefined ? undefined : more + (e.op === '+' ? by : -by);
			return this.#moved(swapped ? e.right : e.left, sum);
		}
		return {};
	}

	// ---- calls

	#call(e: Call): Checked {
		const name = e.callee.name;
		const signature = CALLS.get(name);
		if (signature === undefined) return this.#unknownCall(e);
		const wants = signature.args.length;
		if (e.args.length > wants || e.args.length < wants - signature.optional) {
			this.fail(
				e.at,
				`${name}() takes ${wants === 1 ? '1 argument' : `${wants} arguments`}, not ${e.args.length}`,
				`write "${signature.usage}"`,
			);
		}
		const names = signature.usage.slice(name.length + 1, -1).split(', ');
		for (const [i, arg] of e.args.entries())
			if (names[i] === 'fd' && arg.kind === 'name' && !this.isKnown(arg.name))
				this.unknownName(arg.name, arg.at, 'file ');
		const effects = e.args.map((arg, i) => this.#args.check(arg, signature.args[i], signature));
		const buffer = Math.max(signature.args.indexOf('input'), signature.args.indexOf('output'));
		if (buffer >= 0) this.#args.fits(e.args[buffer], e.args[signature.args.indexOf('size')]);
		if (signature.args[1] === 'entry') this.#args.sameName(e.args[0], e.args[1]);
		const all = this.#unordered(effects, e.at);
		if (signature.action.kind !== 'nothing') all.access = true;
		if (signature.action.kind === 'system') all.writes.add('errno');
		const input = e.args[signature.args.indexOf('input')];
		if (input?.kind === 'address') all.writes.add(input.of.name);
		return { type: signature.result, effects: all };
	}

	#unknownCall({ callee }: Call): never {
		const { name, at } = callee;
		const meant = nearest(name, CALLS.keys());
		const why = whyNot(name);
		if (why !== undefined && meant === undefined) {
			this.fail(at, `${name}() is not supported`, why);
		}
		if (this.#symbols.has(name)) this.fail(at, `"${name}" is not a function`);
		const help = meant === undefined ? `the calls are ${listed()}` : `did you mean "${meant}"?`;
		return this.fail(
			at,
			why === undefined ? `unknown call ${name}()` : `${name}() is not supported`,
			help,
		);
	}

	/** Refuses operands whose order matters and is open in C. */
	#unordered(operands: readonly Effects[], at: Span): Effects {
		if (operands.filter((o) => o.access).length > 1) {
			this.fail(
				at,
				'two accesses in one expression: C leaves open which comes first',
				'put one of them into a local variable',
			);
		}
		for (const one of operands) {
			for (const other of operands) {
				const both = one === other ? undefined : [...one.writes].find((n) => other.reads.has(n));
				if (both !== undefined) {
					this.fail(
						at,
						`"${both}" is used beside the call that sets it: C leaves open which comes first`,
						'make the call a statement of its own',
					);
				}
			}
		}
		return union(operands);
	}
}

/** Does evaluating it access memory or make a call? */
export function accesses(e: Expr): boolean {
	for (const part of expressionsIn(e)) {
		if (part.kind === 'deref' || part.kind === 'index') return true;
		if (part.kind === 'call' && CALLS.get(part.callee.name)?.action.kind !== 'nothing') return true;
	}
	return false;
}

function union(all: readonly Effects[]): Effects {
	return {
		access: all.some((e) => e.access),
		reads: new Set(all.flatMap((e) => [...e.reads])),
		writes: new Set(all.flatMap((e) => [...e.writes])),
	};
}

function listed(): string {
	return [...CALLS]
		.filter(([, c]) => c.action.kind === 'system')
		.map(([name]) => name)
		.join(', ');
}
