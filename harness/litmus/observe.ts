// SPDX-License-Identifier: GPL-2.0-only
/**
 * The places that a test observes: those of the condition and of `locations`, each once, in the
 * order of herd7: registers by process, then variables, then pages.
 *
 * Interface: observedOf locationName holds valueText
 */
import type { Location, Proposition, Test } from './ast.ts';
import { ERRNO_NAMES, SIGNAL_NAMES } from './constants.ts';
import { intOf } from './layout.ts';

/** Its name as it is printed in states: `0:r0`, `[x]`, `f[1]`, `f[1][3]`. */
export function locationName(test: Test, location: Location): string {
	switch (location.kind) {
		case 'register':
			return `${location.process.index}:${location.name.name}`;
		case 'variable':
			return `[${location.name.name}]`;
		case 'page':
			return `${location.file.name}[${intOf(test, location.page)}]${intName(test, location)}`;
	}
}

/** The int of the page; the first has no name. */
function intName(test: Test, { int }: Extract<Location, { kind: 'page' }>): string {
	const which = int === null ? 0 : intOf(test, int);
	return which === 0 ? '' : `[${which}]`;
}

const RANK = { register: 0, variable: 1, page: 2 };

export function observedOf(test: Test): Location[] {
	const found = new Map<string, Location>();
	const add = (location: Location) => {
		const name = locationName(test, location);
		if (!found.has(name)) found.set(name, location);
	};
	for (const location of test.locations) add(location);
	const visit = (p: Proposition): void => {
		if (p.kind === 'atom') add(p.location);
		else if (p.kind === 'not') visit(p.operand);
		else if (p.kind === 'and' || p.kind === 'or') for (const one of p.operands) visit(one);
		else if (p.kind === 'implies') {
			visit(p.left);
			visit(p.right);
		} else if (p.kind === 'same') {
			add(p.left);
			add(p.right);
		}
	};
	visit(test.condition);
	return [...found]
		.sort(([nameA, a], [nameB, b]) => {
			if (a.kind !== b.kind) return RANK[a.kind] - RANK[b.kind];
			if (a.kind === 'register' && b.kind === 'register') {
				const order = a.process.index - b.process.index;
				if (order !== 0) return order;
			}
			return natural(nameA, nameB);
		})
		.map(([, location]) => location);
}

/** `r2` before `r10`. */
function natural(a: string, b: string): number {
	const split = (s: string) => s.match(/\d+|\D+/g) ?? [];
	const [left, right] = [split(a), split(b)];
	for (let i = 0; i < Math.min(left.length, right.length); i++) {
		if (left[i] === right[i]) continue;
		const [x, y] = [Number(left[i]), Number(right[i])];
		if (!Number.isNaN(x) && !Number.isNaN(y) && x !== y) return x - y;
		return left[i] < right[i] ? -1 : 1;
	}
	return left.length - right.length;
}

/**
 * Error numbers and signals have names that are the same on every system; other values are ints.
 */
export function valueText(location: Location, value: number): string {
	if (location.kind !== 'register') return String(value);
	if (location.name.name === 'errno') return ERRNO_NAMES.get(value) ?? String(value);
	if (location.name.name === 'signal') return SIGNAL_NAMES.get(value) ?? String(value);
	return String(value);
}

/** Is it true in a final state? */
export function holds(test: Test, p: Proposition, value: (location: Location) => number): boolean {
	switch (p.kind) {
		case 'constant':
			return p.value;
		case 'atom':
			return value(p.location) === intOf(test, p.value);
		case 'same':
			return value(p.left) === value(p.right);
		case 'not':
			return !holds(test, p.operand, value);
		case 'and':
			return p.operands.every((operand) => holds(test, operand, value));
		case 'or':
			return p.operands.some((operand) => holds(test, operand, value));
		case 'implies':
			return !holds(test, p.left, value) || holds(test, p.right, value);
	}
}
