// SPDX-License-Identifier: GPL-2.0-only
/**
 * The ints of a page that a test touches. A page of the machine has a few ints at its start and a
 * few at its end (vfs/include/asm/page.ts). This finds how many of each a test needs. If the test
 * does not show it, its header must say so: `Bounds: PAGE_WORDS=3 PAGE_TAIL=1`.
 *
 * Interface: wordsOf wordAt Words WORDS_MAX
 */
import type { Expr, Process, Test } from './ast.ts';
import { CALLS } from './calls.ts';
import { INT_SIZE, PAGE_SIZE } from './constants.ts';
import { LitmusError } from './error.ts';
import { fold } from './fold.ts';
import { intOf, type Layout } from './layout.ts';
import { observedOf } from './observe.ts';
import { localsOf, ownExpressions, partsOf, statementsIn } from './walk.ts';

/** Ints of a page that a test may touch. */
export const WORDS_MAX = 8;

export interface Words {
	/** ints of a page */
	count: number;
	/** so many of them are at its end */
	tail: number;
}

/** The number of the int at an offset; undefined: it is not modelled. */
export function wordAt({ count, tail }: Words, offset: number): number | undefined {
	const ints = (offset % PAGE_SIZE) / INT_SIZE;
	if (ints < count - tail) return ints;
	const fromEnd = PAGE_SIZE / INT_SIZE - ints;
	return fromEnd <= tail ? count - fromEnd : undefined;
}

export function wordsOf(test: Test, layout: Layout): Words {
	const { PAGE_WORDS, PAGE_TAIL } = test.header.bounds;
	if (PAGE_WORDS !== undefined) return { count: PAGE_WORDS, tail: PAGE_TAIL ?? 0 };
	return new Scan(test, layout).words();
}

class Scan {
	#head = 1;
	#tail = 0;
	/** the most that positions of open files can move, if no call is in a loop */
	#moved = 0;
	readonly #test: Test;
	readonly #layout: Layout;

	constructor(test: Test, layout: Layout) {
		this.#test = test;
		this.#layout = layout;
	}

	words(): Words {
		for (const { offset } of this.#layout.variables.values()) this.#touch(offset);
		for (const location of observedOf(this.#test))
			if (location.kind === 'page' && location.int !== null)
				this.#touch(intOf(this.#test, location.int) * INT_SIZE);
		for (const { process } of this.#layout.processes) this.#process(process);
		const count = this.#head + this.#tail;
		if (count > WORDS_MAX)
			throw new LitmusError(
				this.#test.source,
				this.#test.at,
				`the test touches ${count} ints of a page: at most ${WORDS_MAX} are modelled`,
				'use those at the start and at the end of a page',
			);
		return { count, tail: this.#tail };
	}

	/** Notes an int at an offset in bytes. */
	#touch(bytes: number): void {
		const offset = ((bytes % PAGE_SIZE) + PAGE_SIZE) % PAGE_SIZE;
		if (offset < PAGE_SIZE / 2)
			this.#head = Math.max(this.#head, Math.ceil((offset + 1) / INT_SIZE));
		else this.#tail = Math.max(this.#tail, Math.ceil((PAGE_SIZE - offset) / INT_SIZE));
	}

	#range(from: number | undefined, bytes: number | undefined): void {
		if (from === undefined || bytes === undefined || bytes >= PAGE_SIZE) return;
		for (let at = from; at < from + bytes; at += INT_SIZE) this.#touch(at);
	}

	#process(process: Process): void {
		const pointers = new Map<string, number>();
		for (const { name, pointer } of localsOf(process)) if (pointer) pointers.set(name.name, 0);
		for (const { kind, name } of process.params)
			if (kind === 'variable')
				pointers.set(name.name, this.#layout.variables.get(name.name)!.offset);
		for (const s of process.body.flatMap((outer) => [...statementsIn(outer)]))
			for (const e of ownExpressions(s)) this.#expression(e, pointers);
	}

	#expression(e: Expr, pointers: ReadonlyMap<string, number>): void {
		if (e.kind === 'index' || e.kind === 'deref' || e.kind === 'binary') {
			const bytes = distance(e, pointers);
			if (bytes !== undefined) this.#touch(bytes);
		}
		if (e.kind === 'call') this.#call(e, pointers);
		for (const part of partsOf(e)) this.#expression(part, pointers);
	}

	#call(e: Extract<Expr, { kind: 'call' }>, pointers: ReadonlyMap<string, number>): void {
		const kinds = CALLS.get(e.callee.name)?.args ?? [];
		const known = (kind: string) => {
			const arg = e.args[kinds.indexOf(kind as (typeof kinds)[number])];
			return arg === undefined ? undefined : fold(arg);
		};
		const end = known('end');
		if (end !== undefined && end % PAGE_SIZE !== 0) this.#touch(end);
		const size = known('size');
		if (size === undefined) return;
		if (kinds.includes('position')) this.#range(known('position'), size);
		else {
			this.#moved += size;
			this.#range(0, this.#moved);
		}
		const buffer = e.args[Math.max(kinds.indexOf('input'), kinds.indexOf('output'))];
		if (buffer !== undefined && buffer.kind !== 'address' && buffer.kind !== 'literal')
			this.#range(distance(buffer, pointers), size);
	}
}

/** The distance of an address from the start of a page in bytes, if it is known. */
function distance(e: Expr, pointers: ReadonlyMap<string, number>): number | undefined {
	switch (e.kind) {
		case 'name':
			return pointers.get(e.name);
		case 'deref':
			return distance(e.pointer, pointers);
		case 'index':
			return sum(distance(e.pointer, pointers), fold(e.index), 1);
		case 'binary': {
			if (e.op !== '+' && e.op !== '-') return undefined;
			const left = distance(e.left, pointers);
			if (left !== undefined) return sum(left, fold(e.right), e.op === '+' ? 1 : -1);
			return e.op === '+' ? sum(distance(e.right, pointers), fold(e.left), 1) : undefined;
		}
		default:
			return undefined;
	}
}

function sum(base: number | undefined, ints: number | undefined, sign: number): number | undefined {
	return base === undefined || ints === undefined ? undefined : base + sign * ints * INT_SIZE;
}
