// SPDX-License-Identifier: GPL-2.0-only
/**
 * Everything that a process contains, in the order of the text.
 *
 * Interface: statementsIn ownExpressions expressionsIn partsOf callsOf forkedBy namesIn localsOf
 */
import type { Call, Declarator, Expr, Process, Statement } from './ast.ts';

/** A statement and those inside it. */
export function* statementsIn(s: Statement): Generator<Statement> {
	yield s;
	if (s.kind === 'block') for (const inner of s.body) yield* statementsIn(inner);
	else if (s.kind === 'while') yield* statementsIn(s.body);
	else if (s.kind === 'if') {
		yield* statementsIn(s.then);
		if (s.else !== null) yield* statementsIn(s.else);
	}
}

/** The expressions that a statement has itself, not those of the statements inside it. */
export function ownExpressions(s: Statement): Expr[] {
	switch (s.kind) {
		case 'declare':
			return s.declarators.flatMap((d) => d.init ?? []);
		case 'assign':
			return [s.target, s.value];
		case 'expression':
			return [s.value];
		case 'if':
		case 'while':
			return [s.test];
		default:
			return [];
	}
}

/** An expression and those inside it. */
export function* expressionsIn(e: Expr): Generator<Expr> {
	yield e;
	for (const part of partsOf(e)) yield* expressionsIn(part);
}

/** The expressions that an expression is made of. */
export function partsOf(e: Expr): Expr[] {
	switch (e.kind) {
		case 'unary':
			return [e.operand];
		case 'binary':
			return [e.left, e.right];
		case 'conditional':
			return [e.test, e.then, e.else];
		case 'deref':
			return [e.pointer];
		case 'index':
			return [e.pointer, e.index];
		case 'literal':
			return [e.value];
		case 'call':
			return e.args;
		default:
			return [];
	}
}

/** The calls of a process to a function of that name. */
export function callsOf(process: Process, name: string): Call[] {
	const found: Call[] = [];
	for (const s of process.body.flatMap((outer) => [...statementsIn(outer)])) {
		for (const e of ownExpressions(s).flatMap((outer) => [...expressionsIn(outer)])) {
			if (e.kind === 'call' && e.callee.name === name) found.push(e);
		}
	}
	return found;
}

/** The number of the process that a call to fork() names. */
export function forkedBy({ args }: Call): number | undefined {
	const [e] = args;
	const digits = e?.kind === 'name' ? /^P([0-9]+)$/.exec(e.name)?.[1] : undefined;
	return digits === undefined ? undefined : Number(digits);
}

/** Does a process name this constant? */
export function namesIn(process: Process, name: string): boolean {
	return process.body
		.flatMap((outer) => [...statementsIn(outer)])
		.flatMap((s) => ownExpressions(s).flatMap((outer) => [...expressionsIn(outer)]))
		.some((e) => e.kind === 'name' && e.name === name);
}

/** The local variables of a process, in the order of their declaration. */
export function localsOf(process: Process): Declarator[] {
	return process.body
		.flatMap((outer) => [...statementsIn(outer)])
		.flatMap((s) => (s.kind === 'declare' ? s.declarators : []));
}
