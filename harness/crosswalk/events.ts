// SPDX-License-Identifier: GPL-2.0-only
/**
 * What is compared of a function: the calls that it makes, the locks that it takes and lets go,
 * and the returns before its end, in the order in which they are written. Names are made alike
 * here, so that C and the port can be held against each other.
 */

/** A value: as text, as text with every local variable as $, and those variables. */
export interface Passed {
	text: string;
	like: string;
	locals: readonly string[];
}

/** A value that no variable is in. */
export const fixed = (text: string): Passed => ({ text, like: text, locals: [] });

/** A thing that a function does. */
export interface Event {
	/**
	 * `if`: a condition; `set`: an assignment to a field; `loop`: the begin of a loop; `own`: what is
	 * not compared, of the port: jumps, and variables
	 */
	kind: 'call' | 'lock' | 'return' | 'if' | 'set' | 'loop' | 'own';
	/** `do_no_page`, `->nopage`, `spin_lock page_table_lock`, `return`, `if VM_SHARED`, `set rss` */
	name: string;
	/** of a condition: its name with every local variable as $ */
	like?: string;
	/** where, from 1 */
	line: number;
	/** by which others name it as their condition */
	id?: number;
	/** under which conditions it runs, by their ids; negative: when that does not hold */
	guards?: readonly number[];
	/** conditions under which a statement before it went away, so that it runs if they do not hold */
	rest?: readonly number[];
	/** what is passed, assigned, returned; the object of a lock */
	args?: readonly Passed[];
	/** fields, constants and functions that it is made of: the other side must know them */
	names?: readonly string[];
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

export function loopEvent(line: number): Event {
	return { kind: 'loop', name: 'loop', line };
}

/** A jump, or a value that a variable gets. */
export function ownEvent(name: string, line: number, value?: Passed): Event {
	return { kind: 'own', name, line, ...(value && { args: [value] }) };
}

/** What a condition asks. */
export function ifEvent(text: string, names: readonly string[], line: number): Event {
	return { kind: 'if', name: `if ${text}`, line, names };
}

/** An assignment. */
export function setEvent(field: string, operator: string, value: Passed, line: number): Event {
	const args = [{ ...value, text: operator + value.text, like: operator + value.like }];
	return { kind: 'set', name: `set ${field}`, line, args, names: [field] };
}

/** Functions of the kernel that are a word, read. */
export const READS: ReadonlySet<string> = new Set([
	...['atomic_read', 'i_size_read', 'page_count', 'swap_count'],
]);

/** Functions of the kernel that write a word, and the assignment that each is. */
export const WRITES: ReadonlyMap<string, string> = new Map([
	['atomic_inc', '+='],
	['atomic_dec', '-='],
	['atomic_dec_and_test', '-='],
	['i_size_write', '='],
]);

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

/** Calls by which properties and the validator of locking see what happens: they change nothing. */
export const MARKS: ReadonlySet<string> = new Set([
	...['event', 'lock_acquire', 'lock_acquired', 'lock_release', 'lockdep_sys_exit'],
	...['->copied_out', '->copied_in', '->poked', '->truncating', '->truncated'],
	...['->cut_found', '->direct_written', '->user_load', '->user_store'],
]);
