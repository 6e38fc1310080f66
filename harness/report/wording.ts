// SPDX-License-Identifier: GPL-2.0-only
/**
 * A moment in words, as the columns show it, made from its fields. No code reads these texts.
 *
 * Interface: textOf bits
 */
import type { Lock, Moment, MomentKind, MomentOf } from './moments.ts';

/** Names of files, pages and locks. */
export interface Wording {
	file(file: number): string;
	page(file: number, index: number): string;
	clusterLock(lock: Lock): string;
}
type Text<K extends MomentKind> = (m: MomentOf<K>, n: Wording, source?: string) => string;

export const bits = (m: { write: boolean; dirty: boolean }): string =>
	(m.write ? 'rw' : 'ro') + (m.dirty ? ' dirty' : '');

const page = (m: { file?: number; index?: number }, n: Wording): string =>
	n.page(m.file ?? -1, m.index ?? 0);
/** An int of a page; the first has the name of the page. */
const int = (m: { file?: number; index?: number; word?: number }, n: Wording): string =>
	`${page(m, n)}${m.word ? ` (int ${m.word})` : ''}`;
const lockOn = (m: { lock: Lock }, n: Wording): string => `the lock on ${n.clusterLock(m.lock)}`;
const some = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;
const pteOf = (m: { file: number; index: number; process: string }, n: Wording): string =>
	`pte of ${page(m, n)} in ${m.process}`;

const TEXTS: { [K in MomentKind]: Text<K> } = {
	fault: (m, n, source) =>
		`fault on ${page(m, n)}${m.kernel ? ' in a copy' : ''}${source ? `: ${source}` : ''}`,
	load: (m, n) => `load ${int(m, n)} gives ${m.value}, from ${m.frame}`,
	store: (m, n) => `store ${int(m, n)} := ${m.value} into ${m.frame}`,
	'get-user': (m, n) => `copy from ${int(m, n)}: ${m.value}, from ${m.frame}`,
	'put-user': (m, n) => `copy to ${int(m, n)} := ${m.value} into ${m.frame}`,
	'copy-failed': () => 'the copy ends at what cannot be accessed',
	read: (m, n) => `read ${int(m, n)} gives ${m.value}, from ${m.frame}`,
	write: (m, n) => `write ${int(m, n)} := ${m.value} into ${m.frame}`,
	poke: (m, n) => `ptrace ${int(m, n)} := ${m.value} into ${m.frame}`,
	latest: (m, n) => `from now on ${int(m, n)} must be read as ${m.value}`,
	looked: (m, n) => `${int(m, n)} gives ${m.value}, the latest is ${m.latest}`,
	syscall: (m) => `calls ${m.call}()`,
	'syscall-done': (m) => `${m.call}() returns ${m.result}`,
	fork: (m) => `${m.program} is forked`,
	'signal-sent': (m) => `sends ${m.signal} to ${m.program}`,
	signal: (m) => `gets ${m.signal}`,

	nopage: (m, n) =>
		m.frame ? `->nopage gives ${m.frame} for ${page(m, n)}` : `->nopage gives no ${page(m, n)}`,
	mkwrite: (m, n) => `->page_mkwrite ${m.allowed ? 'allows' : 'refuses'} a store to ${page(m, n)}`,
	populate: (m, n) => `->populate has ${m.frame} (${page(m, n)})`,
	'fault-retried': (m, n) => `the file was unmapped meanwhile: ${m.frame} (${page(m, n)}) released`,
	'size-early': (m, n) => `i_size of ${n.file(m.file)} is loaded early: ${m.bytes}`,
	private: (m) => `${m.frame} is a private copy of ${m.copied}`,
	pte: (m, n) => `${pteOf(m, n)}: ${bits(m)} -> ${m.frame}`,
	unmapped: (m, n) => `${pteOf(m, n)} taken out (${bits(m)} -> ${m.frame})`,
	wrprotect: (m, n) => `${pteOf(m, n)} write-protected`,
	'pte-dirty': (m, n) => `${pteOf(m, n)} becomes dirty`,
	'pte-clean': (m, n) => `${pteOf(m, n)} becomes clean`,
	unmap: (m, n) =>
		`takes out the ptes of ${n.file(m.file)}${m.truncate ? ', from its end on' : ''}`,
	'unmap-end': (m) =>
		m.count === 0 ? 'found no pte to take out' : `has taken out ${some(m.count, 'pte')}`,
	protect: (m, n) => `write-protects the ptes of ${n.file(m.file)}`,
	'protect-end': (m) =>
		m.count === 0 ? 'found no pte to write-protect' : `has write-protected ${some(m.count, 'pte')}`,
	cached: (m, n) => `${m.frame} is ${page(m, n)} in the page cache`,
	dropped: (m, n) => `${m.frame} (${page(m, n)}) leaves the page cache`,
	'page-dirty': (m, n) => `${m.frame} (${page(m, n)}) becomes dirty`,
	'store-lost': (m, n) => `${m.frame} has left its file (${page(m, n)}): what was stored is lost`,
	cut: (m, n) => `${m.frame} (${page(m, n)}) is cut off`,
	size: (m, n) => `i_size of ${n.file(m.file)}: ${m.was} -> ${m.bytes}`,

	anonymous: (m) => `${m.frame} is new memory`,
	'swap-out': (m, n) =>
		m.slot
			? `memory is short: ${m.frame} goes to slot ${m.slot} of the swap area`
			: `memory is short: the pte of ${page(m, n)} (${m.frame}) is dropped`,
	'swap-in': (m) => `${m.frame} is back from the swap area`,
	'reclaim-write': (m, n) => `memory is short: ${m.frame} (${page(m, n)}) is written out`,
	'reclaim-free': (m, n) => `memory is short: ${m.frame} (${page(m, n)}) is freed`,
	'no-memory': (m) => `no memory for ${m.function}()`,

	writeout: (m, n) => `hands ${m.frame} (${page(m, n)}) to the disk`,
	'disk-write': (m, n) => `disk: ${int(m, n)} := ${m.value}${m.direct ? ', direct' : ''}`,
	'disk-read': (m, n) => `disk: ${int(m, n)} read, ${m.value}${m.direct ? ', direct' : ''}`,
	'disk-error': (m, n) => `disk: error ${m.store ? 'writing' : 'reading'} ${page(m, n)}`,
	'late-write': (m, n) => `disk: ${int(m, n)} := ${m.value}, a late write of node ${m.other}`,
	'swap-write': (m) => `swap: slot ${m.slot} := ${m.value}`,
	'swap-read': (m) => `swap: slot ${m.slot} read, ${m.value}`,
	'inode-logged': (m, n) => `journal of node ${m.other}: ${n.file(m.file)} has ${m.bytes} bytes`,
	'inode-written': (m, n) => `disk: ${n.file(m.file)} has ${m.bytes} bytes`,
	'block-given': (m, n) => `${n.file(m.file)} is given block ${m.block}`,
	'block-freed': (m, n) => `${n.file(m.file)} gives block ${m.block} back`,
	'no-space': (m, n) => `no block is free for ${n.file(m.file)}`,
	link: (m, n) => `${n.file(m.file)} has an entry of ${n.file(m.index)}`,

	lock: (m) => `waits for ${m.name}`,
	locked: (m) => `takes ${m.name}`,
	waited: (m) => `has waited for ${m.name}`,
	unlocked: (m) => `releases ${m.name}`,

	passed: () => 'lets other tasks run',

	'glock-wait': (m, n) => `waits for ${lockOn(m, n)}, ${m.state}`,
	interrupted: (m, n) => `a signal ends the wait for ${lockOn(m, n)}`,
	holds: (m, n) => `${m.task} has the glock of ${n.clusterLock(m.lock)}`,
	'lets-go': (m, n) => `${m.task} releases the glock of ${n.clusterLock(m.lock)}`,
	state: (m, n) => `${lockOn(m, n)} is ${m.state} here`,
	called: (m, n) => `told to go down to ${m.to} on ${n.clusterLock(m.lock)}`,
	idle: (m, n) =>
		`${lockOn(m, n)} is idle and given up${m.manager ? ': the lock manager is short of memory' : ''}`,
	'blocked-faults': (m, n) => `revoke of ${n.clusterLock(m.lock)} begins: faults wait`,
	greedy: (m, n) => `a fault keeps ${lockOn(m, n)} for ${some(m.count, 'quantum')}`,
	'greedy-end': (m, n) => `the time of ${lockOn(m, n)} is over`,
	sync: (m, n) => `writes out ${n.file(m.file)}`,
	'sync-end': (m, n) => `has written out ${n.file(m.file)}`,
	pinned: (m, n) => `waits for transfers that have ${some(m.count, 'page')} of ${n.file(m.file)}`,
	ask: (m, n) => `asks for ${lockOn(m, n)}, ${m.state}`,
	upgrade: (m, n) => `asks to upgrade ${lockOn(m, n)}, ${m.from} to ${m.to}`,
	unlock: (m, n) => `gives up ${lockOn(m, n)}, down to ${m.to}`,
	cancel: (m, n) => `takes back its request for ${lockOn(m, n)}`,
	granted: (m, n) => `${n.clusterLock(m.lock)} granted to node ${m.other}, ${m.state}`,
	denied: (m, n) => `upgrade of node ${m.other} on ${n.clusterLock(m.lock)} denied`,
	taken: (m, n) => `${n.clusterLock(m.lock)} taken away from node ${m.other}, which converts`,
	droplocks: (m) => `node ${m.other} must give up idle locks`,
	keeps: (m, n) => `node ${m.other} keeps ${n.clusterLock(m.lock)} ${m.state}`,
	waits: (m, n) => `node ${m.other} waits for ${n.clusterLock(m.lock)}, ${m.state}`,
	calls: (m, n) => `calls node ${m.other}: ${n.clusterLock(m.lock)} down to ${m.to}`,

	death: (m) => `node ${m.other} dies`,
	fenced: (m) => `node ${m.other} is fenced off the disk`,
	lost: (m) => `the cluster knows that node ${m.other} is dead`,
	'recovery-wanted': (m) => `told to replay the journal of node ${m.other}`,
	recovery: (m) => `replays the journal of node ${m.other}`,
	'journal-clean': (m) => `the journal of node ${m.other} is clean`,
	'recovery-done': (m) => `recovery of node ${m.other}: ${m.outcome}`,
};

export function textOf(m: Moment, names: Wording, source?: string): string {
	return (TEXTS[m.kind] as Text<MomentKind>)(m as never, names, source);
}
