// SPDX-License-Identifier: GPL-2.0-only
/**
 * What is compared of a function: the calls that it makes, the locks that it takes and lets go,
 * and the returns before its end, in the order in which they are written. Names are made alike
 * here, so that C and the port can be held against each other.
 */

/** A thing that a function does. */
export interface Event {
	kind: 'call' | 'lock' | 'return';
	/** `do_no_page`, `->nopage`, `spin_lock page_table_lock`, `return` */
	name: string;
	/** where, from 1 */
	line: number;
}

/** Something is wrong with what the command was given: no fault of the port. */
export class CrosswalkError extends Error {
	override name = 'CrosswalkError';
}

const irq = (name: string): [string, string][] =>
	['', '_irq', '_bh', '_irqsave', '_irqrestore'].map((more) => [`${name}${more}`, name]);

/** Functions that take or let go a lock, and what each is called here. */
export const LOCKS: ReadonlyMap<string, string> = new Map([
	...['spin_lock', 'spin_unlock', 'read_lock', 'read_unlock', 'write_lock'].flatMap(irq),
	...irq('write_unlock'),
	['spin_lock_nested', 'spin_lock'],
	['spin_unlock_nested', 'spin_unlock'],
	...['spin_trylock', 'down', 'down_interruptible', 'down_trylock', 'up'].map(same),
	...['down_read', 'up_read', 'down_write', 'up_write', 'downgrade_write'].map(same),
	...['down_read_trylock', 'down_write_trylock'].map(same),
]);

function same(name: string): [string, string] {
	return [name, name];
}

/** Names that are one and the same operation. */
const ALIASES: ReadonlyMap<string, string> = new Map([
	['get_page', 'page_cache_get'],
	['unlock_page', 'UnlockPage'],
	['page_cache_alloc', 'alloc_page'],
	['page_cache_free', '__free_page'],
	['PageUptodate', 'Page_Uptodate'],
	['wait_on_page_locked', 'wait_on_page'],
]);

/** The event that a call is; `lock` is the last name in the call's first argument. */
export function callEvent(name: string, lock: string | undefined, line: number): Event {
	const operation = LOCKS.get(name);
	if (operation && lock) return { kind: 'lock', name: `${operation} ${lock}`, line };
	return { kind: 'call', name: ALIASES.get(name) ?? name, line };
}

export function returnEvent(line: number): Event {
	return { kind: 'return', name: 'return', line };
}

/** Assertions and messages: neither they nor what they ask is an event, in C or in the port. */
export const ASSERTIONS = new Set([
	...['ASSERT', 'BUG', 'BUG_ON', 'PAGE_BUG', 'WARN_ON', 'cover', 'printk', 'might_sleep'],
	...['pte_ERROR', 'pmd_ERROR', 'pgd_ERROR', 'vm_validate_enough'],
]);

/**
 * Returns that nothing stands between are one; the last one, behind which nothing stands, is no
 * early one.
 */
export function earlyReturns(events: readonly Event[]): Event[] {
	const kept = events.filter(
		(e, i) => e.kind !== 'return' || (i + 1 < events.length && events[i + 1].kind !== 'return'),
	);
	return kept;
}
