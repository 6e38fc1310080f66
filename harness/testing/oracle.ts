// SPDX-License-Identifier: GPL-2.0-only
/**
 * An independent answer to what a test may end in: runs the syntax tree, not the bytecode, on one
 * flat memory, in every interleaving of its accesses and calls. Slow and simple: to reach a state
 * it runs the programs again from the start.
 *
 * Interface: oracle
 */

import type { Access, Call, Expr, Statement, Test } from '../litmus/ast.ts';
import { CALLS } from '../litmus/calls.ts';
import { CONSTANTS, constantValue, INT_SIZE, PAGE_SIZE, POINTERS } from '../litmus/constants.ts';
import { type Layout, layoutOf, type ProcessLayout } from '../litmus/layout.ts';
import { observedOf } from '../litmus/observe.ts';
import type { SystemCallName } from '../litmus/syscalls.ts';
import { localsOf } from '../litmus/walk.ts';
import { LOCAL_LIMIT } from '../world/isa.ts';
import { Fault, FlatMemory, shift, Unmodelled } from './flat.ts';
import { callFlat } from './flat-calls.ts';

const STATES_MAX = 200_000;

/**
 * The final states, sorted; the values are those of observedOf(). A state from which not all
 * processes can end is none.
 */
export function oracle(test: Test): number[][] {
	if (test.header.dies) throw new Error(`${test.name}: no node dies here ("Dies:")`);
	const layout = layoutOf(test);
	if (layout.processes.some(({ parent }) => parent !== null))
		throw new Error(`${test.name}: the oracle does not know fork()`);
	const params = layout.processes.flatMap(({ process }) => process.params);
	if (params.some(({ qualifiers }) => qualifiers.includes('MAP_PRIVATE')))
		throw new Error(`${test.name}: the oracle does not know variables that are mapped privately`);
	const finals = new Map<string, number[]>();
	const seen = new Set<string>();
	const waiting: number[][] = [[]];
	for (let schedule = waiting.pop(); schedule !== undefined; schedule = waiting.pop()) {
		const run = new Run(test, layout, schedule);
		const key = run.key();
		if (seen.has(key)) continue;
		if (seen.add(key).size > STATES_MAX) throw new Error(`${test.name}: too many states`);
		const running = run.running();
		for (const process of running) waiting.push([...schedule, process]);
		if (running.length === 0) {
			const values = run.observed();
			finals.set(values.join(), values);
		}
	}
	return [...finals.values()].sort((a, b) => {
		const i = a.findIndex((value, at) => value !== b[at]);
		return i < 0 ? 0 : a[i] - b[i];
	});
}

/** What a process wants to do next to what it shares with others. */
type Request =
	| { kind: 'load'; address: number }
	| { kind: 'store'; address: number; value: number }
	| { kind: 'call'; name: SystemCallName; args: number[]; output?: number; mapped: boolean }
	/** no step: here a loop begins again, what was before is in the locals only */
	| { kind: 'loop' };

interface Answer {
	value: number;
	/** what pread puts into its buffer */
	input?: number;
}

type Thread = Generator<Request, void, Answer>;

/** The programs after a schedule: a list of the processes that made the steps, in order. */
class Run {
	readonly #memory: FlatMemory;
	readonly #threads: Process[];
	readonly #test: Test;
	readonly #layout: Layout;

	constructor(test: Test, layout: Layout, schedule: readonly number[]) {
		this.#test = test;
		this.#layout = layout;
		this.#memory = new FlatMemory(layout.files, layout.processes.length);
		const spaces = layout.processes.map(() => new Map<string, number>());
		this.#threads = layout.processes.map((p) => {
			const names = spaces[p.owner];
			for (const { kind, name } of p.process.params) {
				if (names.has(name.name)) continue;
				names.set(name.name, this.#parameter(p.owner, kind, name.name));
			}
			return new Process(p, names, layout.fileIndex);
		});
		for (const thread of this.#threads) thread.start();
		for (const index of schedule) this.#step(this.#threads[index]);
	}

	/** A mapped variable's address, an open file's descriptor. */
	#parameter(space: number, kind: 'variable' | 'file', name: string): number {
		const memory = this.#memory;
		const layout = this.#layout;
		const readWrite = CONSTANTS.get('O_RDWR')!;
		if (kind === 'file') return memory.open(space, layout.fileIndex.get(name)!, readWrite);
		const { file, page, offset } = layout.variables.get(name)!;
		const fd = memory.open(space, file, readWrite);
		const address = memory.mmap(space, 0, PAGE_SIZE, 3, 1, fd, page * PAGE_SIZE);
		memory.close(space, fd);
		return address + offset;
	}

	#step(thread: Process): void {
		const request = thread.request!;
		const space = thread.owner;
		if (request.kind === 'load') {
			const loaded = this.#memory.load(space, request.address);
			if (loaded instanceof Fault) thread.kill(loaded.signal);
			else thread.advance({ value: loaded });
		} else if (request.kind === 'store') {
			const fault = this.#memory.store(space, request.address, request.value);
			if (fault !== null) thread.kill(fault.signal);
			else thread.advance({ value: 0 });
		} else if (request.kind === 'call') {
			const { name, ...rest } = request;
			const answer = callFlat(name, { memory: this.#memory, space, ...rest });
			if (answer.value instanceof Fault) thread.kill(answer.value.signal);
			else thread.advance({ ...answer, value: answer.value });
		}
	}

	running(): number[] {
		return this.#threads.flatMap((thread, index) => (thread.request === null ? [] : [index]));
	}

	key(): string {
		return `${this.#memory.key()} ${this.#threads.map((thread) => thread.key()).join(' ')}`;
	}

	observed(): number[] {
		return observedOf(this.#test).map((location) => {
			if (location.kind === 'register') {
				return this.#threads[location.process.index].final(location.name.name);
			}
			if (location.kind === 'variable') {
				const { file, page, offset } = this.#layout.variables.get(location.name.name)!;
				return this.#memory.value(file, page * PAGE_SIZE + offset);
			}
			const file = this.#layout.fileIndex.get(location.file.name)!;
			const int = location.int === null ? 0 : constantValue(location.int.text)!;
			const page = constantValue(location.page.text)!;
			return this.#memory.value(file, page * PAGE_SIZE + int * INT_SIZE);
		});
	}
}

class Jump {
	constructor(readonly kind: 'break' | 'continue' | 'return') {}
}

/** One process: its locals, and how far it is. */
class Process {
	request: Exclude<Request, { kind: 'loop' }> | null = null;
	readonly owner: number;
	readonly #locals = new Map<string, number>();
	readonly #pointers: Set<string>;
	readonly #variables: Set<string>;
	#signal = 0;
	#thread: Thread | undefined;
	/** where it was last known exactly, and what it learned since then */
	#history: string[] = [];
	readonly #self: ProcessLayout;
	readonly #names: ReadonlyMap<string, number>;
	readonly #files: ReadonlyMap<string, number>;

	constructor(
		self: ProcessLayout,
		/** of variables the addresses, of files the descriptors */
		names: ReadonlyMap<string, number>,
		files: ReadonlyMap<string, number>,
	) {
		this.#self = self;
		this.#names = names;
		this.#files = files;
		this.owner = self.owner;
		const { process } = self;
		const pointers = localsOf(process).filter((d) => d.pointer);
		this.#pointers = new Set(pointers.map((d) => d.name.name));
		const variables = process.params.filter((p) => p.kind === 'variable');
		this.#variables = new Set(variables.map((p) => p.name.name));
		for (const [name, value] of self.registers) this.#locals.set(name, value);
	}

	start(): void {
		this.#thread = this.#body();
		this.#settle({ value: 0 });
	}

	advance(answer: Answer): void {
		this.#history.push(`${answer.value}/${answer.input ?? ''}`);
		this.#settle(answer);
	}

	/** Runs on to the next request, or to the end. */
	#settle(answer: Answer): void {
		try {
			let next = this.#thread!.next(answer);
			for (let n = 0; next.done !== true && next.value.kind === 'loop'; n++) {
				if (n === LOCAL_LIMIT) throw new Unmodelled('a loop that makes no access');
				next = this.#thread!.next({ value: 0 });
			}
			this.request = next.done === true ? null : (next.value as Process['request']);
		} catch (error) {
			if (!(error instanceof Fault)) throw error;
			this.kill(error.signal);
		}
	}

	kill(signal: number): void {
		this.#signal = signal;
		this.request = null;
		this.#history.push(`signal ${signal}`);
	}

	key(): string {
		return this.request === null
			? `ended ${this.#signal} ${JSON.stringify([...this.#locals].sort())}`
			: this.#history.join();
	}

	final(name: string): number {
		if (name === 'lost') return 0;
		return name === 'signal' ? this.#signal : (this.#locals.get(name) ?? 0);
	}

	*#body(): Thread {
		yield* this.#block(this.#self.process.body);
	}

	// ---- statements

	*#block(body: readonly Statement[]): Generator<Request, Jump | null, Answer> {
		for (const s of body) {
			const jump = yield* this.#statement(s);
			if (jump !== null) return jump;
		}
		return null;
	}

	*#statement(s: Statement): Generator<Request, Jump | null, Answer> {
		switch (s.kind) {
			case 'block':
				return yield* this.#block(s.body);
			case 'declare':
				for (const { name, init } of s.declarators) {
					if (init !== null) this.#locals.set(name.name, yield* this.#value(init));
				}
				return null;
			case 'assign':
				yield* this.#assign(s);
				return null;
			case 'expression':
				yield* this.#value(s.value);
				return null;
			case 'if':
				if ((yield* this.#value(s.test)) !== 0) return yield* this.#statement(s.then);
				return s.else === null ? null : yield* this.#statement(s.else);
			case 'while':
				return yield* this.#loop(s);
			case 'empty':
				return null;
			default:
				return new Jump(s.kind);
		}
	}

	*#loop(s: Extract<Statement, { kind: 'while' }>): Generator<Request, Jump | null, Answer> {
		for (;;) {
			this.#history = [`loop ${s.at.start.offset}`, JSON.stringify([...this.#locals].sort())];
			yield { kind: 'loop' };
			if ((yield* this.#value(s.test)) === 0) return null;
			const jump = yield* this.#statement(s.body);
			if (jump?.kind === 'return') return jump;
			if (jump?.kind === 'break') return null;
		}
	}

	*#assign(s: Extract<Statement, { kind: 'assign' }>): Generator<Request, void, Answer> {
		const { target, op, value } = s;
		if (target.kind === 'name') {
			const right = yield* this.#value(value);
			const old = this.#locals.get(target.name) ?? 0;
			const scale = this.#isPointer(target) ? 4 : 1;
			this.#locals.set(target.name, op === null ? right : compute(op, old, right * scale));
			return;
		}
		const address = yield* this.#address(target as Access);
		if (op === null) {
			yield { kind: 'store', address, value: yield* this.#value(value) };
			return;
		}
		const { value: old } = yield { kind: 'load', address };
		yield { kind: 'store', address, value: compute(op, old, yield* this.#value(value)) };
	}

	// ---- expressions

	#isPointer(e: Expr): boolean {
		switch (e.kind) {
			case 'name':
				return POINTERS.has(e.name) || this.#pointers.has(e.name) || this.#variables.has(e.name);
			case 'binary':
				return '+-'.includes(e.op) && (this.#isPointer(e.left) || this.#isPointer(e.right));
			case 'conditional':
				return this.#isPointer(e.then) || this.#isPointer(e.else);
			case 'call':
				return e.callee.name === 'mmap';
			default:
				return false;
		}
	}

	*#value(e: Expr): Generator<Request, number, Answer> {
		switch (e.kind) {
			case 'int':
				return Number.isNaN(constantValue(e.text)) ? -(2 ** 31) : constantValue(e.text)!;
			case 'sizeof':
				return 4;
			case 'name':
				return this.#named(e.name);
			case 'unary': {
				const v = yield* this.#value(e.operand);
				if (e.op === '!') return v === 0 ? 1 : 0;
				if (e.op === '~') return ~v;
				return e.op === '-' ? (0 - v) | 0 : v;
			}
			case 'binary':
				return yield* this.#binary(e);
			case 'conditional':
				return yield* this.#value((yield* this.#value(e.test)) !== 0 ? e.then : e.else);
			case 'deref':
			case 'index':
				return (yield { kind: 'load', address: yield* this.#address(e) }).value;
			case 'call':
				return yield* this.#call(e);
			default:
				throw new Error(`the oracle does not know the value of "${e.kind}"`);
		}
	}

	#named(name: string): number {
		const local = this.#locals.get(name) ?? this.#names.get(name);
		return local ?? CONSTANTS.get(name) ?? POINTERS.get(name) ?? 0;
	}

	*#binary(e: Extract<Expr, { kind: 'binary' }>): Generator<Request, number, Answer> {
		const left = yield* this.#value(e.left);
		if (e.op === '&&' && left === 0) return 0;
		if (e.op === '||' && left !== 0) return 1;
		const right = yield* this.#value(e.right);
		if (e.op === '&&' || e.op === '||') return right === 0 ? 0 : 1;
		const moves = e.op === '+' || e.op === '-';
		if (moves && this.#isPointer(e.left)) return compute(e.op, left, right * 4);
		if (moves && this.#isPointer(e.right)) return compute(e.op, left * 4, right);
		return compute(e.op, left, right);
	}

	*#address(e: Access): Generator<Request, number, Answer> {
		const pointer = yield* this.#value(e.pointer);
		return e.kind === 'deref' ? pointer : (pointer + 4 * (yield* this.#value(e.index))) | 0;
	}

	*#call(e: Call): Generator<Request, number, Answer> {
		const { name } = e.callee;
		const [place, value] = e.args;
		if (/^(READ_ONCE|smp_load_acquire|atomic_load)/.test(name)) {
			return (yield { kind: 'load', address: yield* this.#target(place) }).value;
		}
		if (/^(WRITE_ONCE|smp_store|atomic_store)/.test(name)) {
			const address = yield* this.#target(place);
			yield { kind: 'store', address, value: yield* this.#value(value) };
			return 0;
		}
		if (/^(smp_[rw]?mb|barrier|atomic_thread_fence)$/.test(name)) return 0;
		return yield* this.#system(e);
	}

	/** The address that READ_ONCE(*x) and smp_load_acquire(x) mean. */
	*#target(e: Expr): Generator<Request, number, Answer> {
		if (e.kind === 'deref' || e.kind === 'index') return yield* this.#address(e);
		return yield* this.#value(e);
	}

	*#system(e: Call): Generator<Request, number, Answer> {
		const args: number[] = [];
		let output: number | undefined;
		let buffer: string | undefined;
		const { args: kinds, action } = CALLS.get(e.callee.name)!;
		if (action.kind !== 'system') throw new Unmodelled(`${e.callee.name}() is no system call`);
		const mapped = e.args.some(
			({ kind }, i) => /^(in|out)put$/.test(kinds[i]) && kind !== 'address' && kind !== 'literal',
		);
		for (const arg of e.args) {
			if (arg.kind === 'string') args.push(this.#files.get(arg.text)!);
			else if (arg.kind === 'literal') {
				output = yield* this.#value(arg.value);
				args.push(0);
			} else if (arg.kind === 'address') {
				buffer = arg.of.name;
				output = this.#locals.get(buffer) ?? 0;
				args.push(0);
			} else args.push(yield* this.#value(arg));
		}
		const { value, input } = yield { kind: 'call', name: action.call, args, output, mapped };
		if (input !== undefined) this.#locals.set(buffer!, input);
		if (value >= 0) return value;
		this.#locals.set('errno', -value);
		return -1;
	}
}

/** 32-bit arithmetic. */
function compute(op: string, a: number, b: number): number {
	const whole = (value: bigint) => Number(BigInt.asIntN(32, value));
	const [x, y] = [BigInt(a | 0), BigInt(b | 0)];
	switch (op) {
		case '+':
			return whole(x + y);
		case '-':
			return whole(x - y);
		case '*':
			return whole(x * y);
		case '/':
		case '%': {
			const quotient = y === 0n ? 2n ** 31n : x / y;
			if (quotient === 2n ** 31n) throw new Fault(CONSTANTS.get('SIGFPE')!);
			return whole(op === '/' ? quotient : x - quotient * y);
		}
		case '<<':
			return whole(x << BigInt(shift(b | 0)));
		case '>>':
			return whole(x >> BigInt(shift(b | 0)));
		case '&':
			return whole(x & y);
		case '|':
			return whole(x | y);
		case '^':
			return whole(x ^ y);
		case '==':
			return Number(x === y);
		case '!=':
			return Number(x !== y);
		case '<':
			return Number(x < y);
		case '<=':
			return Number(x <= y);
		case '>':
			return Number(x > y);
		case '>=':
			return Number(x >= y);
		default:
			throw new Error(`the oracle does not know "${op}"`);
	}
}
