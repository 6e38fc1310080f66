// SPDX-License-Identifier: GPL-2.0-only
/**
 * Configurations: profiles, the symbols of the command line, and what cannot be combined.
 *
 * Interface: symbols PROFILES configure describeOff UsageError
 */

import { ogfs_symbols } from '../../ogfs/Kconfig.ts';
import { type KconfigSymbol, vfs_symbols } from '../../vfs/Kconfig.ts';
import { nearest } from '../litmus/error.ts';
import { MODULES } from '../litmus/header.ts';
import { type Bound, boundOf, outOfRange, settable } from './bounds.ts';

/** An error of the command line: exit status 2. */
export class UsageError extends Error {
	constructor(message: string) {
		super(message);
		this.name = 'UsageError';
	}
}

export const symbols: readonly KconfigSymbol[] = [...vfs_symbols, ...ogfs_symbols];
const byName = new Map(symbols.map((s) => [s.name, s]));

export interface Profile {
	name: string;
	title: string;
	/** symbols that are on */
	on: readonly string[];
}

const FILE_SYSTEM = [
	'OGFS_BLOCK_FAULTS_FIRST',
	'OGFS_REVOKE_ORDER',
	'OGFS_DROP_LAST',
	'OGFS_DROP_BEFORE_UNLOCK',
	'OGFS_IDLE_UNMAP',
	'OGFS_RECURSION',
	'OGFS_DEFERRED',
	'OGFS_FENCING',
	'OGFS_RECOVERY_GATE',
	'OGFS_ORDERED_DATA',
	'OGFS_REFRESH_INODE',
	'OGFS_BOTH_SHARE_LISTS',
	'OGFS_SYNC_PAGES',
	'OGFS_GREEDY',
	'OGFS_ALLOC_REQUIRED',
	'OGFS_ALLOC_ERROR',
	'OGFS_FSYNC',
	'OGFS_DEPEND_SYNC',
	'OGFS_CONVERT',
	'OGFS_UNINTERRUPTIBLE',
	'OGFS_GFP_NOFS',
];
const EXCLUSIVE = [
	'TRUNCATE_COUNT',
	'INVALIDATE_MMAP_RANGE',
	'EVEN_COWS',
	'FORK_CHILD_AFTER_PARENT',
	'MREMAP_LINK_FIRST',
	'SPLIT_UNDER_SHARE_LOCK',
	'I_MMAP_NONLINEAR',
	'POPULATE_RECHECK',
	'NOFAULT_COPY',
	'TRUNCATE_BARRIERS',
	'TRUNCATE_WMB',
	'DIO_WAIT',
	'INVALIDATE_PAGES2_UNMAP',
	'TLB_FLUSH_SYNC',
	'SET_ACCESS_FLAGS',
	'MUNMAP_ZAP_FIRST',
	'VM_PGOFF_UNDER_SHARE_LOCK',
	'GENERIC_FILE_WRITE_NOLOCK',
	'PAGECACHE_ISIZE_EXTENDED',
	'ZERO_NEW_BUFFERS',
	'SWAP_RECHECK',
	'READ_ISIZE',
	'TRUNCATE_KEEPS_UPTODATE',
	'NOPAGE_ISIZE',
	'DIRECT_IO_NOLOCK',
	'DIRTY_AFTER_FLUSH',
	'DIRTY_BY_PAGE',
	'OGFS_TRUNCATE_COWS',
	...FILE_SYSTEM,
];
/** Symbols that hold for 2.4.22, and not for some later kernels. */
const LINUX_2_4 = ['FORK_CHILD_AFTER_PARENT', 'SPLIT_UNDER_SHARE_LOCK', 'DIRTY_AFTER_FLUSH'];
/** 2.6.0, which puts a forked child before its parent. */
const LINUX_2_6_0 = [
	'TRUNCATE_COUNT',
	'INVALIDATE_MMAP_RANGE',
	'SPLIT_UNDER_SHARE_LOCK',
	'TRUNCATE_BARRIERS',
	'TLB_FLUSH_SYNC',
	'MUNMAP_ZAP_FIRST',
	'VM_PGOFF_UNDER_SHARE_LOCK',
	'GENERIC_FILE_WRITE_NOLOCK',
	'MSYNC_ASYNC_MARKS',
	'DIRTY_BY_PAGE',
];
const LINUX_2_6_9 = [
	...LINUX_2_6_0,
	'EVEN_COWS',
	'FORK_CHILD_AFTER_PARENT',
	'MREMAP_LINK_FIRST',
	'I_MMAP_NONLINEAR',
	'SET_ACCESS_FLAGS',
	'READPAGE_ISIZE',
	'DIRECT_IO_NOLOCK',
	'PAGECACHE_TAGS',
	'MAYBE_MKWRITE',
	'MMAP_LOCKED',
];
const SHARED = [
	'PAGE_MKWRITE',
	'SHARED_PROT_RO',
	'WRPROTECT_MAPPING_RANGE',
	'OGFS_SHARED',
	'OGFS_GREEDY_FLOOR',
];
/** In mainline, the locked page that ->fault returns replaced the counter and the second look. */
const IN_MAINLINE: Record<string, string> = {
	TRUNCATE_COUNT: 'NOPAGE_LOCKED',
	NOPAGE_ISIZE: 'NOPAGE_LOCKED',
	POPULATE_RECHECK: 'OGFS_POPULATE_LOCKED',
};
const MAINLINE = [
	...new Set(EXCLUSIVE.map((name) => IN_MAINLINE[name] ?? name)),
	'AOP_TRUNCATED_PAGE',
	'TRUNCATE_UNMAP_TWICE',
	'OGFS_READPAGE_WAIT',
	'MSYNC_ASYNC_MARKS',
	'PAGECACHE_TAGS',
	'MMAP_LOCKED',
	...SHARED,
];

export const PROFILES: readonly Profile[] = [
	{
		name: 'linux-2.4.22',
		title: 'no change to the kernel; the file system does its part',
		on: [...LINUX_2_4, ...FILE_SYSTEM, 'OGFS_SYNC_BUFFERS'],
	},
	{
		name: 'linux-2.6.0',
		title: 'the changes merged by December 2003; the file system does its part',
		on: [...LINUX_2_6_0, ...FILE_SYSTEM],
	},
	{
		name: 'linux-2.6.9',
		title: 'the changes merged by October 2004; the file system does its part',
		on: [...LINUX_2_6_9, ...FILE_SYSTEM],
	},
	{
		name: 'mainline',
		title: 'each change in the form that was merged in the end; nodes share a file read-only',
		on: MAINLINE,
	},
	{
		name: 'proposed',
		title: 'the changes for exclusive-only locking, the first step of the mail',
		on: EXCLUSIVE,
	},
	{
		name: 'proposed-shared',
		title: 'the same and state B: nodes share a file read-only',
		on: [...EXCLUSIVE, ...SHARED],
	},
];

export interface Choice {
	profile?: string;
	with?: readonly string[];
	without?: readonly string[];
	/** NAME=VALUE */
	set?: readonly string[];
}

export interface Configuration {
	profile: string;
	/** every symbol, 0 or 1 */
	symbols: Record<string, number>;
	/** sizes of the machine that were asked for: NR_NODES, SMP */
	bounds: Record<string, number>;
}

export function profileOf(name: string): Profile {
	const found = PROFILES.find((p) => p.name === name);
	if (found) return found;
	const names = PROFILES.map((p) => p.name);
	throw new UsageError(
		`unknown profile '${name}'${suggestion(name, names)}; profiles: ${names.join(', ')}`,
	);
}

export function suggestion(word: string, candidates: Iterable<string>): string {
	const meant = nearest(word, candidates);
	return meant === undefined ? '' : `; did you mean '${meant}'?`;
}

/**
 * The symbol that a word of the command line names: by its name, or by its number in the list of
 * hooks (H1), which several may share. Throws UsageError.
 */
export function symbolNamed(word: string): KconfigSymbol {
	const found = byName.get(word);
	if (found) return found;
	const numbered = symbols.filter(({ hook }) => hook === word);
	if (numbered.length === 1) return numbered[0];
	if (numbered.length > 1)
		throw new UsageError(
			`${word} is the number of ${numbered.length} symbols: ${numbered.map((s) => s.name).join(', ')}; name one of them`,
		);
	const known = [...byName.keys(), ...symbols.map(({ hook }) => hook)];
	throw new UsageError(`unknown symbol '${word}'${suggestion(word, known)} (vfshook list symbols)`);
}

const isSymbol = (word: string): boolean => symbols.some((s) => s.name === word || s.hook === word);

/** The configuration of a profile and the options of the command line. */
export function configure(choice: Choice): Configuration {
	const profile = profileOf(choice.profile ?? 'proposed');
	const on = Object.fromEntries(symbols.map((s) => [s.name, profile.on.includes(s.name) ? 1 : 0]));
	const asked = new Map<string, number>();
	const ask = (word: string, value: number): void => {
		const { name } = symbolNamed(word);
		const before = asked.get(name);
		if (before !== undefined && before !== value)
			throw new UsageError(`${name} is switched both on and off`);
		asked.set(name, value);
		on[name] = value;
	};
	for (const name of choice.with ?? []) ask(name, 1);
	for (const name of choice.without ?? []) ask(name, 0);
	const bounds: Record<string, number> = {};
	for (const text of choice.set ?? []) setOne(text, ask, bounds);
	refuseImpossible(on);
	if (bounds.CUT && bounds.SMP === 0)
		throw new UsageError('CUT=all is for several processors: it does not go with SMP=0');
	return { profile: profile.name, symbols: on, bounds };
}

function setOne(
	text: string,
	ask: (name: string, value: number) => void,
	bounds: Record<string, number>,
): void {
	const module = /^LOCK_MODULE=([a-z]+)$/.exec(text);
	if (module) {
		bounds.LOCK_MODULE = moduleNumber(module[1]);
		return;
	}
	if (text === 'CUT=all') {
		bounds.CUT = 1;
		return;
	}
	const match = /^([A-Za-z][A-Za-z0-9_]*)=(-?[0-9]{1,9})$/.exec(text);
	if (!match) throw new UsageError(`--set needs NAME=NUMBER, such as NR_NODES=3, not '${text}'`);
	const [, name, digits] = match;
	const value = Number(digits);
	if (isSymbol(name)) {
		if (value !== 0 && value !== 1) throw new UsageError(`${name} is 0 or 1, not ${value}`);
		ask(name, value);
		return;
	}
	const sizes = settable('--set');
	if (!sizes.includes(name)) {
		const elsewhere = boundOf(name);
		if (elsewhere) throw new UsageError(`--set: ${name} ${whereElse(elsewhere)}`);
		const names = [...sizes, ...byName.keys()];
		throw new UsageError(
			`--set: unknown name '${name}'${suggestion(name, names)}; besides symbols: ${sizes.join(', ')}`,
		);
	}
	const wrong = outOfRange(name, value);
	if (wrong) throw new UsageError(wrong);
	bounds[name] = value;
}

/** Where a bound is set that cannot be set here. */
export function whereElse({ where, field }: Bound): string {
	if (field) return `is set by "${field}" in the header of the test`;
	if (where === 'Bounds:') return 'is set in the header of the test, by "Bounds:"';
	if (where === '--set') return 'is set by --set';
	return where === 'test' ? 'follows from the test, and cannot be set' : 'cannot be set';
}

function moduleNumber(name: string): number {
	const number = MODULES.indexOf(name);
	if (number >= 0) return number;
	throw new UsageError(
		`unknown lock module '${name}'${suggestion(name, MODULES)}; modules: ${MODULES.join(', ')}`,
	);
}

/** Each tells the file system when to release the lock of a fault. */
const EXCLUDING = ['NOPAGEDONE', 'VM_DO_NO_PAGE'];

/** Can these symbols be on together? */
export function isPossible(on: Readonly<Record<string, number>>): boolean {
	return !EXCLUDING.every((name) => on[name]);
}

function refuseImpossible(on: Record<string, number>): void {
	if (isPossible(on)) return;
	throw new UsageError(
		`${EXCLUDING.join(' and ')} cannot both be on: each tells the file system when to release the lock of a fault, and it would be released twice; switch one off with --without`,
	);
}

/** Is it an unchanged profile? Tests expect verdicts of these only. */
export function isProfile({ profile, symbols: made, bounds }: Configuration): boolean {
	const { on } = profileOf(profile);
	const same = symbols.every(({ name }) => on.includes(name) === (made[name] === 1));
	return same && Object.keys(bounds).length === 0;
}

/** The symbols of a profile that a configuration has switched off. */
export function switchedOff(config: Configuration): string[] {
	return profileOf(config.profile).on.filter((name) => !config.symbols[name]);
}
