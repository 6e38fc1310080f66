// SPDX-License-Identifier: GPL-2.0-only
/**
 * Expressions of C and of the port in one form, so that what a condition asks, what is assigned and
 * what is passed can be compared. Of `mapping->host->i_size` and `inode.i_size` the last name is
 * kept; casts, addresses and dereferences are left out.
 *
 * Interface: Term named called numbered operation textOf passedOf namesIn atomsOf
 */

import type { Passed } from './events.ts';

/** An expression. */
export type Term =
	| { name: string }
	| { call: string }
	| { number: number }
	| { operator: string; parts: readonly Term[] };

export const named = (name: string): Term => {
	const number = NUMBERS.get(name);
	return number === undefined ? { name: CONSTANTS.get(name) ?? name } : { number };
};
export const numbered = (number: number): Term => ({ number });
export const called = (call: string): Term => ({ call });
export const operation = (operator: string, ...parts: Term[]): Term => {
	const [part] = parts;
	if (operator === '-' && parts.length === 1 && 'number' in part) return { number: -part.number };
	return { operator, parts };
};

/** One thing under two names. */
const CONSTANTS: ReadonlyMap<string, string> = new Map([
	['PAGE_CACHE_SIZE', 'PAGE_SIZE'],
	['PAGE_CACHE_SHIFT', 'PAGE_SHIFT'],
	['PAGE_CACHE_MASK', 'PAGE_MASK'],
	['i_mapping', 'i_data'],
	['LIST_DIRTY', 'dirty_pages'],
	['LIST_CLEAN', 'clean_pages'],
	['LIST_LOCKED', 'locked_pages'],
	// what a function says in the end has many names
	...['err', 'ret', 'retval', 'status', 'result'].map((n): [string, string] => [n, 'error']),
]);

/** What do_no_page() and the like return, before 2.6 gave it names. */
const NUMBERS: ReadonlyMap<string, number> = new Map([
	['VM_FAULT_OOM', -1],
	['VM_FAULT_SIGBUS', 0],
	['VM_FAULT_MINOR', 1],
	['VM_FAULT_MAJOR', 2],
]);

const COMMUTES = new Set(['+', '*', '&', '|', '^', '==', '&&', '||']);

/** An expression as text; what means the same is written in the same way, as far as this goes. */
export function textOf(term: Term, isLocal: (name: string) => boolean = () => false): string {
	if ('name' in term) return isLocal(term.name) ? '$' : term.name;
	if ('call' in term) return `${term.call}()`;
	if ('number' in term) return String(term.number);
	const { operator } = term;
	let parts = term.parts.map((part) =>
		'parts' in part ? `(${textOf(part, isLocal)})` : textOf(part, isLocal),
	);
	if (parts.length === 1) return `${operator}${parts[0]}`;
	if (COMMUTES.has(operator)) parts = parts.sort();
	return parts.join(operator);
}

/** A value, for what is passed, assigned or returned. */
export function passedOf(term: Term, isLocal: (name: string) => boolean): Passed {
	return {
		text: textOf(term),
		like: textOf(term, isLocal),
		locals: namesIn(term).filter(isLocal),
	};
}

/** All names in an expression. */
export function namesIn(term: Term, found: string[] = []): string[] {
	if ('name' in term) found.push(term.name);
	else if ('call' in term) found.push(term.call);
	else if ('parts' in term) for (const part of term.parts) namesIn(part, found);
	return found;
}

/** A thing that a condition asks; `sense` is true if the condition is likelier when it holds. */
export interface Atom {
	term: Term;
	text: string;
	sense: boolean;
}

const zero = (term: Term): boolean => 'number' in term && term.number === 0;
const isFlag = (term: Term): boolean =>
	'name' in term
		? /^_?[A-Z][A-Z0-9_]*$/.test(term.name)
		: 'parts' in term && term.parts.every(isFlag);

/** What an expression asks that is no operation of logic. */
function asked(term: Term, sense: boolean): Atom {
	if ('parts' in term && term.operator === '&') {
		// a flag says by itself of which word it is
		const flag = term.parts.find(isFlag);
		if (flag) return { term, text: textOf(flag), sense };
	}
	return { term, text: textOf(term), sense };
}

/** Two values that are compared: less(a, b) or equal(a, b), in one sense or the other. */
function compared(operator: string, a: Term, b: Term, sense: boolean): Atom[] {
	const less = (x: Term, y: Term, s: boolean): Atom[] => [
		{ term: operation('<', x, y), text: textOf(operation('<', x, y)), sense: s },
	];
	switch (operator) {
		case '<':
			return less(a, b, sense);
		case '>':
			// of a count: is there any?
			return zero(b) && !('parts' in a) ? atomsOf(a, sense) : less(b, a, sense);
		case '>=':
			return less(a, b, !sense);
		case '<=':
			return less(b, a, !sense);
		default: {
			const equal = operator.startsWith('=') === sense;
			if (zero(b)) return atomsOf(a, !equal);
			if (zero(a)) return atomsOf(b, !equal);
			const term = operation('==', a, b);
			return [{ term, text: textOf(term), sense: equal }];
		}
	}
}

/** The things that a condition asks, in order, each with its sense. */
export function atomsOf(term: Term, sense = true): Atom[] {
	if ('number' in term) return [];
	if (!('parts' in term)) return [asked(term, sense)];
	const { operator, parts } = term;
	if (operator === '!' && parts.length === 1) return atomsOf(parts[0], !sense);
	if (operator === '&&' || operator === '||') return parts.flatMap((part) => atomsOf(part, sense));
	if (parts.length === 2 && /^([!=]==?|[<>]=?)$/.test(operator))
		return compared(operator, parts[0], parts[1], sense);
	return [asked(term, sense)];
}
