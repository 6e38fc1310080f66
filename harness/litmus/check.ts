// SPDX-License-Identifier: GPL-2.0-only
/**
 * Rules for a test besides its grammar: names are declared once and before their use; init part and
 * condition name things that exist. Bodies are checked statement by statement here, their
 * expressions in types.ts.
 *
 * Interface: check
 */
import type { Process, Statement, Test } from './ast.ts';
import type { Effects, SymbolTable } from './effects.ts';
import { LitmusError, type Span } from './error.ts';
import { fold } from './fold.ts';
import { type Layout, layoutOf, reserved } from './layout.ts';
import { PlaceChecker } from './places.ts';
import { accesses, ExpressionChecker } from './types.ts';
import { callsOf, forkedBy, localsOf, ownExpressions, statementsIn } from './walk.ts';

const DEPTH_MAX = 100;

/** Throws LitmusError for the first error. */
export function check(test: Test): void {
	const layout = layoutOf(test);
	for (const { process } of layout.processes) new BodyChecker(test, layout, process).run();
	checkForks(test, layout);
	const places = new PlaceChecker(test, layout);
	for (const item of test.init) {
		if (item.kind === 'register') places.local(item.process.index, item.name);
	}
	for (const location of test.locations) places.location(location);
	places.proposition(test.condition);
}

/** Each child is forked once: there is one task for it, and it begins with its parent's locals. */
function checkForks(test: Test, layout: Layout): void {
	const fail = (at: Span, reason: string): never => {
		throw new LitmusError(test.source, at, reason);
	};
	for (const item of test.init) {
		if (item.kind !== 'child') continue;
		const [child, parent] = [item.process.index, item.parent.index];
		const { process } = layout.processes[parent];
		const calls = callsOf(process, 'fork').filter((e) => forkedBy(e) === child);
		if (calls.length === 0) fail(item.at, `P${parent} does not call fork(P${child})`);
		if (calls.length > 1) fail(calls[1].at, `P${child} can be forked in one place only`);
		for (const s of process.body.flatMap((outer) => [...statementsIn(outer)]))
			if (s.kind === 'while' && s.at.start.offset < calls[0].at.start.offset)
				if (calls[0].at.start.offset < s.at.end.offset)
					fail(calls[0].at, `P${child} is there once: fork() cannot stand in a loop`);
		for (const own of localsOf(layout.processes[child].process)) {
			const other = localsOf(process).find((d) => d.name.name === own.name.name);
			if (other !== undefined && other.pointer !== own.pointer)
				fail(own.name.at, `"${own.name.name}" of P${parent} has another type`);
		}
	}
}

class BodyChecker {
	readonly #symbols: SymbolTable = new Map();
	readonly #expressions: ExpressionChecker;
	/** every local declared so far, also in blocks that are closed */
	readonly #declared = new Map<string, Span>();
	#loops = 0;
	readonly #test: Test;
	readonly #process: Process;

	constructor(test: Test, layout: Layout, process: Process) {
		this.#test = test;
		this.#process = process;
		this.#expressions = new ExpressionChecker(test, layout, process, this.#symbols, this.#declared);
	}

	run(): void {
		for (const param of this.#process.params) {
			const { name, at } = param.name;
			this.#declare(name, at);
			this.#symbols.set(name, { kind: param.kind });
			this.#expressions.checkParameter(param);
		}
		this.#block(this.#process.body, 0);
	}

	#fail(at: Span, reason: string, help?: string): never {
		throw new LitmusError(this.#test.source, at, reason, help);
	}

	#declare(name: string, at: Span): void {
		const taken = reserved(name);
		if (taken !== undefined) this.#fail(at, `"${name}" cannot be declared: it is ${taken}`);
		const before = this.#declared.get(name);
		if (before !== undefined) {
			this.#fail(at, `"${name}" is declared twice`, `first in line ${before.start.line}`);
		}
		this.#declared.set(name, at);
	}

	#block(body: readonly Statement[], depth: number): void {
		const outer = new Map(this.#symbols);
		for (const s of body) this.#statement(s, depth);
		for (const name of [...this.#symbols.keys()]) if (!outer.has(name)) this.#symbols.delete(name);
	}

	#statement(s: Statement, depth: number): void {
		if (depth > DEPTH_MAX) this.#fail(s.at, 'statements are nested too deeply');
		switch (s.kind) {
			case 'block':
				this.#block(s.body, depth + 1);
				return;
			case 'declare':
				this.#declaration(s);
				return;
			case 'assign':
				this.#expressions.assignment(s);
				return;
			case 'expression': {
				const effects = this.#expressions.statement(s.value);
				if (!effects.access && s.value.kind !== 'call') {
					this.#fail(s.at, 'this statement does nothing');
				}
				return;
			}
			case 'if':
				this.#expressions.condition(s.test);
				this.#block([s.then], depth + 1);
				if (s.else !== null) this.#block([s.else], depth + 1);
				return;
			case 'while': {
				const effects = this.#expressions.condition(s.test);
				this.#loops++;
				this.#block([s.body], depth + 1);
				this.#loops--;
				this.#mustAccess(s, effects);
				return;
			}
			case 'break':
			case 'continue':
				if (this.#loops === 0) this.#fail(s.at, `"${s.kind}" outside a loop`);
				return;
			case 'return':
			case 'empty':
				return;
		}
	}

	#declaration(s: Extract<Statement, { kind: 'declare' }>): void {
		for (const { name, pointer, init } of s.declarators) {
			// In C the name is visible in its own initializer, where it has no value yet.
			if (init !== null) this.#expressions.initializer(init, pointer, name);
			this.#declare(name.name, name.at);
			this.#symbols.set(name.name, { kind: 'local', pointer });
		}
	}

	/** A loop without an access would never let other tasks run. */
	#mustAccess(s: Extract<Statement, { kind: 'while' }>, effects: Effects): void {
		if (effects.access || fold(s.test) === 0 || touches(s.body)) return;
		this.#fail(
			s.at,
			'this loop neither accesses memory nor makes a call',
			'what it computes can be written down as a constant',
		);
	}
}

function touches(body: Statement): boolean {
	return [...statementsIn(body)].some((s) => ownExpressions(s).some(accesses));
}
