// SPDX-License-Identifier: GPL-2.0-only
/**
 * The functions of vfs/, as far as they are compared. Read from the sources once, when the package
 * is built; like the lowered kernel, what lies in dist/ counts as long as the sources are those
 * that it was made of.
 */
import { hashOfFolders } from '../kts/inputs.ts';
import type { Event } from './events.ts';

/** A condition, as far as it depends on symbols. */
export type Condition =
	| { symbol: string }
	| { number: number }
	| { not: Condition }
	| { and: [Condition, Condition] }
	| { or: [Condition, Condition] }
	| { compare: string; left: Condition; right: Condition }
	| { unknown: true };

/** What a function does: events, and parts that are there under a condition. */
export type Item =
	| { event: Event /** what it returns is returned */; tail?: true }
	| { when: Condition; yes: Item[]; no: Item[]; yesStops: boolean; noStops: boolean };

export interface PortFunction {
	name: string;
	file: string;
	/** from 1 */
	line: number;
	exported: boolean;
	/** the comment above it, and the line on which that begins */
	comment: string;
	commentLine: number;
	items: Item[];
	/** names of its parameters and variables */
	locals: string[];
}

export interface Port {
	hash: string;
	/** the comment at the head of each file */
	headers: Record<string, { comment: string; line: number }>;
	functions: PortFunction[];
	/** all words of its sources: what it has no name for it cannot ask */
	names: string[];
}

/** Changes with the meaning of Port. */
const FORMAT = 2;

export const portHash = (root: string): string =>
	`${FORMAT}-${hashOfFolders(root, ['vfs', 'harness/crosswalk'])}`;

/** Values of symbols; those that are not named are 0. */
export type Symbols = Readonly<Record<string, number>>;

/** Its value, unless it depends on more than symbols. */
export function decide(c: Condition, symbols: Symbols): number | undefined {
	if ('symbol' in c) return symbols[c.symbol] ?? 0;
	if ('number' in c) return c.number;
	if ('not' in c) {
		const value = decide(c.not, symbols);
		return value === undefined ? undefined : Number(!value);
	}
	if ('and' in c || 'or' in c) {
		const [a, b] = ('and' in c ? c.and : c.or).map((part) => decide(part, symbols));
		const decisive = 'and' in c ? 0 : 1;
		if ([a, b].some((v) => v !== undefined && Number(v !== 0) === decisive)) return decisive;
		return a === undefined || b === undefined ? undefined : 1 - decisive;
	}
	if ('compare' in c) {
		const [a, b] = [decide(c.left, symbols), decide(c.right, symbols)];
		if (a === undefined || b === undefined) return undefined;
		const by: Record<string, boolean> = {
			...{ '===': a === b, '!==': a !== b, '<': a < b, '>': a > b, '<=': a <= b, '>=': a >= b },
		};
		return Number(by[c.compare] ?? 0);
	}
	return undefined;
}
