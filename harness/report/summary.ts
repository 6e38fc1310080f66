// SPDX-License-Identifier: GPL-2.0-only
/**
 * A state in few words: in one line for JSON, in short lines for the columns.
 *
 * Interface: summaryOf nodeLines changedLines wrongLines clusterLine isOrphan
 */
import type { GlockState, MappingState, PageState, Snapshot } from './state.ts';
import { bits } from './wording.ts';

/** Names of files, pages and cluster locks, and what the states of locks allow. */
export interface FileNames {
	file(file: number): string;
	page(file: number, index: number): string;
	lockName(lock: number): string;
	rank(state: string): number;
}

export function summaryOf(s: Snapshot, names: FileNames): string {
	const parts = s.sizes.map((_, n) => `node ${n}: ${nodeLines(s, n, names).join(', ')}`);
	return [...parts, clusterLine(s, names)].join(' | ');
}

/** One node: its locks, cached pages, ptes and TLB entries. */
export function nodeLines(s: Snapshot, node: number, names: FileNames): string[] {
	const out: string[] = [];
	if (s.clustered)
		for (const g of s.glocks)
			if (g.node === node && (g.file >= 0 || inUse(g, names))) out.push(glockText(g, names));
	for (const p of s.pages) if (p.node === node && p.cached) out.push(pageText(s, p, names));
	for (const m of s.mappings)
		if (m.node === node && m.kind === 'pte' && m.file >= 0) out.push(mappingText(s, m, names));
	for (const m of s.mappings)
		if (m.node === node && m.kind === 'tlb' && m.frame && m.file >= 0)
			out.push(mappingText(s, m, names));
	return out;
}

/** Changes of i_size on a node, and of the locals of its programs. */
export function changedLines(
	old: Snapshot,
	now: Snapshot,
	node: number,
	names: FileNames,
): string[] {
	const sizes = now.sizes[node].flatMap((bytes, file) =>
		bytes === old.sizes[node][file] ? [] : [`i_size ${names.file(file)} = ${bytes}`],
	);
	const programs = now.programs.flatMap((p, i) => {
		if (p.node !== node) return [];
		const was = old.programs[i];
		const changed = Object.entries(p.registers).filter(([r, v]) => v !== was.registers[r]);
		const locals = changed.map(([r, v]) => `${r} = ${v}`);
		const ended = p.signal && p.signal !== was.signal ? [`ended by ${p.signal}`] : [];
		return locals.length + ended.length > 0
			? [`${p.name}: ${[...locals, ...ended].join(', ')}`]
			: [];
	});
	return [...sizes, ...programs];
}

/** A lock that protects no file is shown only if it is held or wanted. */
function inUse(g: GlockState, names: FileNames): boolean {
	return names.rank(g.state) > 0 || g.busy || g.holders.length > 0 || g.waiters.length > 0;
}

/** The lines of a node that show a mapping of a page that is not in the file. */
export function wrongLines(s: Snapshot, node: number, names: FileNames): string[] {
	return s.mappings
		.filter((m) => m.node === node && m.frame && m.file >= 0)
		.filter((m) => isOrphan(s, m) || (frameOf(s, node, m.frame)?.file ?? 0) < 0)
		.map((m) => mappingText(s, m, names));
}

function glockText(g: GlockState, names: FileNames): string {
	const marks: string[] = [];
	if (g.busy) marks.push('busy');
	if (g.demote) marks.push(`going down to ${g.demote}`);
	if (g.denied) marks.push('upgrade denied');
	const list = (verb: string, tasks: { task: string }[]) =>
		tasks.length > 0 ? [`${verb} ${tasks.map((h) => h.task).join(' ')}`] : [];
	const rest = [...marks, ...list('held by', g.holders), ...list('wanted by', g.waiters)];
	return `glock ${names.lockName(g.lock)} ${g.state}${rest.length > 0 ? ` (${rest.join(', ')})` : ''}`;
}

function pageText(s: Snapshot, p: PageState, names: FileNames): string {
	const io = s.io.find((r) => r.node === p.node && r.frame === p.frame);
	const words = [p.dirty ? 'dirty' : 'clean'];
	if (!p.uptodate) words[0] = 'not read yet';
	if (io) words.push(io.write ? 'being written' : 'being read');
	else if (p.locked) words.push('locked');
	return `cache ${names.page(p.file, p.index)}: ${p.frame} = ${contents(p)}, ${words.join(', ')}`;
}

/** The ints of a page, in braces if there are several. */
function contents({ data, ints }: PageState): string {
	return ints ? braced(ints) : String(data);
}

const braced = (ints: readonly number[]): string => `{${ints.join(', ')}}`;

export function frameOf(s: Snapshot, node: number, frame: string): PageState | undefined {
	return s.pages.find((p) => p.node === node && p.frame === frame);
}

/** A page that has left its file and is still mapped. */
function isOrphan(s: Snapshot, m: MappingState): boolean {
	const page = frameOf(s, m.node, m.frame);
	return page !== undefined && page.file >= 0 && !page.cached;
}

function mappingText(s: Snapshot, m: MappingState, names: FileNames): string {
	const head = `${m.process} ${m.kind} ${names.page(m.file, m.index)}:`;
	if (!m.frame) return `${head} none`;
	const page = frameOf(s, m.node, m.frame);
	let what = '';
	if (isOrphan(s, m)) what = ` = ${contents(page!)} ORPHAN`;
	else if (page && page.file < 0) what = ` = ${contents(page)} PRIVATE COPY`;
	return `${head} ${bits(m)} -> ${m.frame}${what}`;
}

/** What all nodes share: the lock manager's view, the disk, and what users must read. */
export function clusterLine(s: Snapshot, names: FileNames): string {
	const shown = s.clustered
		? s.manager.filter((m) => m.file >= 0 || m.held.some((state) => names.rank(state) > 0))
		: [];
	const parts = shown.map((m) => {
		const holders = m.held.flatMap((state, n) =>
			names.rank(state) === 0 ? [] : [`node ${n} ${state}`],
		);
		const waiting = m.waiting.map((w) => `node ${w.node} waits for ${w.state}`);
		const who = holders.length > 0 ? holders.join(' and ') : 'no node';
		return `lock manager: ${names.lockName(m.lock)} held by ${[who, ...waiting].join(', ')}`;
	});
	const values = (of: 'disk' | 'latest') =>
		s[of]
			.flatMap((pages, f) =>
				pages.map((v, i) => {
					const ints = s.ints?.[of][f][i];
					return `${names.page(f, i)}=${ints ? braced(ints) : v}`;
				}),
			)
			.join(' ');
	return [...parts, `disk ${values('disk')}`, `latest ${values('latest')}`].join('; ');
}
