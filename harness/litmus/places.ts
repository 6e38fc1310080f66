// SPDX-License-Identifier: GPL-2.0-only
/**
 * Checks that the condition, `locations` and the initial registers name things of the test.
 *
 * Interface: PlaceChecker
 */
import type { Constant, Location, Name, Proposition, Test } from './ast.ts';
import { INT_SIZE, PAGE_SIZE } from './constants.ts';
import { LitmusError, nearest, type Span } from './error.ts';
import { FILE_PAGES_MAX, intOf, type Layout } from './layout.ts';
import { localsOf } from './walk.ts';

const DEPTH_MAX = 100;
/** Places of every process, besides its local variables. */
const OF_ANY: readonly string[] = ['errno', 'signal', 'lost'];

export class PlaceChecker {
	readonly #test: Test;
	readonly #layout: Layout;

	constructor(test: Test, layout: Layout) {
		this.#test = test;
		this.#layout = layout;
	}

	#fail(at: Span, reason: string, help?: string): never {
		throw new LitmusError(this.#test.source, at, reason, help);
	}

	#unknown({ name, at }: Name, what: string, known: Iterable<string>): never {
		const names = [...known];
		const meant = nearest(name, names) ?? (names.length === 1 ? names[0] : undefined);
		const all = names.length === 0 ? 'there is none' : `there is ${names.slice(0, 8).join(', ')}`;
		const help = meant === undefined ? all : `did you mean "${meant}"?`;
		return this.#fail(at, `${what} "${name}"`, help);
	}

	/** A local int of a process. */
	local(index: number, register: Name): void {
		const { name, at } = register;
		const { process } = this.#layout.processes[index];
		const locals = localsOf(process);
		const local = locals.find((d) => d.name.name === name);
		if (local?.pointer) {
			this.#fail(
				at,
				`"${name}" is a pointer: addresses differ from system to system`,
				`compare it in the program: "int failed = ${name} == MAP_FAILED;"`,
			);
		}
		if (local !== undefined) return;
		if (process.params.some((p) => p.name.name === name)) {
			this.#fail(
				at,
				`"${name}" is a parameter of P${index}, not a local variable`,
				`write "${name}" alone`,
			);
		}
		const names = locals.filter((d) => !d.pointer).map((d) => d.name.name);
		this.#unknown(register, `P${index} declares no`, [...names, ...OF_ANY]);
	}

	location(location: Location): void {
		switch (location.kind) {
			case 'register': {
				const { process, name } = location;
				const { length } = this.#layout.processes;
				if (process.index >= length) {
					const last = length > 1 ? ` to P${length - 1}` : '';
					this.#fail(process.at, `there is no P${process.index}: the test has P0${last}`);
				}
				if (!OF_ANY.includes(name.name)) this.local(process.index, name);
				return;
			}
			case 'variable':
				this.#variable(location.name);
				return;
			case 'page':
				this.#page(location.file, location.page, location.int);
		}
	}

	#variable(variable: Name): void {
		const { name, at } = variable;
		const { variables, fileIndex } = this.#layout;
		if (variables.has(name)) return;
		if (fileIndex.has(name)) this.#fail(at, `"${name}" is a file`, `write "${name}[0]"`);
		this.#unknown(variable, 'there is no variable', variables.keys());
	}

	#page(file: Name, constant: Constant, int: Constant | null): void {
		const { name, at } = file;
		const { variables, fileIndex } = this.#layout;
		if (variables.has(name)) this.#fail(at, `"${name}" is a variable of one int`);
		if (!fileIndex.has(name)) this.#unknown(file, 'there is no file', fileIndex.keys());
		const page = intOf(this.#test, constant);
		if (page < 0 || page >= FILE_PAGES_MAX) {
			this.#fail(constant.at, `a file has at most ${FILE_PAGES_MAX} pages, none is ${page}`);
		}
		const which = int === null ? 0 : intOf(this.#test, int);
		if (which < 0 || which >= PAGE_SIZE / INT_SIZE)
			this.#fail(int!.at, `a page has ${PAGE_SIZE / INT_SIZE} ints, none is ${which}`);
	}

	proposition(p: Proposition, depth = 0): void {
		if (depth > DEPTH_MAX) this.#fail(p.at, 'the condition is nested too deeply');
		switch (p.kind) {
			case 'constant':
				return;
			case 'atom':
				this.location(p.location);
				intOf(this.#test, p.value);
				return;
			case 'same':
				this.location(p.left);
				this.location(p.right);
				return;
			case 'not':
				this.proposition(p.operand, depth + 1);
				return;
			case 'and':
			case 'or':
				for (const operand of p.operands) this.proposition(operand, depth + 1);
				return;
			case 'implies':
				this.proposition(p.left, depth + 1);
				this.proposition(p.right, depth + 1);
		}
	}
}
