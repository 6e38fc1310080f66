// SPDX-License-Identifier: GPL-2.0-only
/**
 * A state in few words: in one line for JSON, in short lines for the columns.
 *
 * Interface: summaryOf nodeLines clusterLine isOrphan
 */
import { bits } from './moments.ts';
import type { GlockState, MappingState, PageState, Snapshot } from './state.ts';

/** What a file and its pages are called. */
export interface FileNames {
	file(file: number): string;
	page(file: number, index: number): string;
}

export function summaryOf(s: Snapshot, names: FileNames): string {
	const nodes = [...new Set(s.glocks.map((g) => g.node))];
	const parts = nodes.map((n) => `node ${n}: ${nodeLines(s, n, names).join(', ')}`);
	return [...parts, clusterLine(s, names)].join(' | ');
}

/** One node: its locks, cached pages, ptes and TLB entries. */
export function nodeLines(s: Snapshot, node: number, names: FileNames): string[] {
	const out: string[] = [];
	for (const g of s.glocks) if (g.node === node) out.push(glockText(g, names));
	for (const p of s.pages) if (p.node === node && p.cached) out.push(pageText(s, p, names));
	for (const m of s.mappings)
		if (m.node === node && m.kind === 'pte' && m.file >= 0) out.push(mappingText(s, m, names));
	for (const m of s.mappings)
		if (m.node === node && m.kind === 'tlb' && m.frame && m.file >= 0)
			out.push(mappingText(s, m, names));
	return out;
}

function glockText(g: GlockState, names: FileNames): string {
	const marks: string[] = [];
	if (g.flags.includes('LOCK')) marks.push('busy');
	if (g.flags.includes('DEMOTE')) marks.push(`going down to ${g.demote}`);
	if (g.flags.includes('DENIED')) marks.push('upgrade denied');
	const list = (verb: string, tasks: { task: string }[]) =>
		tasks.length > 0 ? [`${verb} ${tasks.map((h) => h.task).join(' ')}`] : [];
	const rest = [...marks, ...list('held by', g.holders), ...list('wanted by', g.waiters)];
	return `glock ${names.file(g.file)} ${g.state}${rest.length > 0 ? ` (${rest.join(', ')})` : ''}`;
}

function pageText(s: Snapshot, p: PageState, names: FileNames): string {
	const io = s.io.find((r) => r.node === p.node && r.frame === p.frame);
	const words = [p.dirty ? 'dirty' : 'clean'];
	if (!p.uptodate) words[0] = 'not read yet';
	if (io) words.push(io.write ? 'being written' : 'being read');
	else if (p.locked) words.push('locked');
	return `cache ${names.page(p.file, p.index)}: ${p.frame} = ${contents(p)}, ${words.join(', ')}`;
}

/** What a page has in it: all its ints, in braces if there are several. */
function contents({ data, ints }: PageState): string {
	return ints ? braced(ints) : String(data);
}

const braced = (ints: readonly number[]): string => `{${ints.join(', ')}}`;

export function frameOf(s: Snapshot, node: number, frame: string): PageState | undefined {
	return s.pages.find((p) => p.node === node && p.frame === frame);
}

/** A page that has left its file and is still mapped. */
export function isOrphan(s: Snapshot, m: MappingState): boolean {
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
	const parts = s.manager.map((m) => {
		const holders = m.held.flatMap((state, n) =>
			state === 'UNLOCKED' ? [] : [`node ${n} ${state}`],
		);
		const waiting = m.waiting.map((w) => `node ${w.node} waits for ${w.state}`);
		const who = holders.length > 0 ? holders.join(' and ') : 'nobody';
		return `lock manager: ${names.file(m.file)} held by ${[who, ...waiting].join(', ')}`;
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
