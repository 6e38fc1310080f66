// SPDX-License-Identifier: GPL-2.0-only
/**
 * What a step did, in the reader's terms: told by the kernel log and by what changed.
 *
 * Interface: momentsOf Moment
 */
import type { GlockState, MappingState, Names, PageState, Snapshot } from './state.ts';

export type MomentKind =
	| 'fault'
	| 'store'
	| 'load'
	| 'read'
	| 'write'
	| 'pte' // a pte was installed
	| 'wrprotect' // a pte lost its write bit
	| 'pte-dirty' // a pte became dirty
	| 'pte-clean'
	| 'unmapped' // a pte was taken out
	| 'nothing-unmapped' // it looked for ptes and found none
	| 'called' // another node wants the lock
	| 'blocked-faults' // GLF_LOCK set for a demotion
	| 'unmap' // begins to take ptes out
	| 'protect' // begins to write-protect
	| 'writeout' // a page goes to the disk's queue
	| 'disk-write'
	| 'disk-read'
	| 'page-dirty'
	| 'dropped' // a page leaves the page cache
	| 'cached'
	| 'unlock' // the lock is given up
	| 'state' // the node has the lock in another state
	| 'ask'
	| 'granted' // by the lock manager
	| 'request' // taken in by the lock manager
	| 'denied'
	| 'holds' // a task has the glock
	| 'lets-go'
	| 'private'
	| 'death' // of a node
	| 'fenced'
	| 'other';

export interface Moment {
	kind: MomentKind;
	text: string;
	node?: number;
	process?: string;
	file?: number;
	index?: number;
	/** which int of the page */
	word?: number;
	frame?: string;
	value?: number;
}

interface Context {
	task: string;
	source?: string;
	log: readonly string[];
	before: Snapshot;
	after: Snapshot;
	names: Names;
	/** functions on the stack before and after the step */
	stack: readonly string[];
	stackAfter: readonly string[];
}

export function momentsOf(c: Context): Moment[] {
	const said = logged(c);
	// All that a node has is gone with it.
	if (said.some(({ kind }) => kind === 'death')) return said;
	const changed = mapped(c);
	return [...said, ...changed, ...fruitless(c, changed), ...paged(c), ...locked(c), ...managed(c)];
}

const PATTERNS: [RegExp, MomentKind][] = [
	[/^page fault:/, 'fault'],
	[/^node \d+ dies/, 'death'],
	[/^node \d+ is fenced/, 'fenced'],
	[/^store: page \d+ := (?<value>-?\d+)/, 'store'],
	[/^load: page \d+ is (?<value>-?\d+)/, 'load'],
	[/^handle_callback:/, 'called'],
	[/^ogfs_inval_pte:/, 'unmap'],
	[/^ogfs_wrprotect_pte:/, 'protect'],
	[/^block_write_full_page:/, 'writeout'],
	[/^disk: page \d+ := (?<value>-?\d+)/, 'disk-write'],
	[/^disk: page \d+ read, (?<value>-?\d+)/, 'disk-read'],
	[/^lm_unlock:/, 'unlock'],
	[/^lm_(lock|upgrade):/, 'ask'],
	[/^lm: .* granted to node/, 'granted'],
	[/^lm: .* denied/, 'denied'],
	[/^glock:/, 'state'],
	[/^break_cow:/, 'private'],
];

function logged({ task, source, log, before, after, names }: Context): Moment[] {
	const out: Moment[] = [];
	for (const line of log) {
		const match = PATTERNS.map(([re, kind]) => ({ m: re.exec(line), kind })).find((x) => x.m);
		if (!match) continue;
		const { m, kind } = match;
		const node = /nodes\[(\d+)\]/.exec(line)?.[1];
		const frame = /page_cachep\[\d+\]/.test(line)
			? names.frame(/nodes\S*\]/.exec(line)![0])
			: undefined;
		const value = m!.groups?.value;
		const vpage = /^(?:store|load|page fault): page (\d+)/.exec(line)?.[1];
		const mapping =
			vpage &&
			[...after.mappings, ...before.mappings].find(
				(x) => x.vpage === Number(vpage) - 1 && x.process.split(',').includes(task),
			);
		const place = mapping || undefined;
		const lock = Number(/\b(?:file|lock) (\d+)/.exec(line)?.[1] ?? Number.NaN);
		const file = names.isFile(lock) ? lock : undefined;
		const what = place ? names.page(place.file, place.index) : '';
		const texts: Partial<Record<MomentKind, string>> = {
			fault: `fault on ${what}${source ? `: ${source}` : ''}`,
			store: `store ${what} := ${value} into ${frame}`,
			load: `load ${what} gives ${value}, from ${frame}`,
		};
		out.push({
			kind,
			text: texts[kind] ?? names.tidy(line),
			...(node !== undefined && { node: Number(node) }),
			...(place && { node: place.node, file: place.file, index: place.index, process: task }),
			...(file !== undefined && { file }),
			...(frame && { frame }),
			...(value !== undefined && { value: Number(value) }),
		});
	}
	return out;
}

const mappingKey = (m: MappingState): string => `${m.kind} ${m.process} ${m.vpage}`;
export const bits = (m: { write: boolean; dirty: boolean }): string =>
	(m.write ? 'rw' : 'ro') + (m.dirty ? ' dirty' : '');

function mapped({ before, after, names }: Context): Moment[] {
	const out: Moment[] = [];
	const old = new Map(before.mappings.map((m) => [mappingKey(m), m]));
	for (const m of after.mappings) {
		const o = old.get(mappingKey(m));
		if (!o || m.kind === 'tlb') continue;
		const { node, process, file, index } = m;
		const what = names.page(m.file, m.index);
		const add = (kind: MomentKind, text: string, frame: string) =>
			out.push({ kind, text, node, process, file, index, frame });
		if (m.frame !== o.frame) {
			if (o.frame && !m.frame)
				add(
					'unmapped',
					`pte of ${what} in ${process} taken out (${bits(o)} -> ${o.frame})`,
					o.frame,
				);
			if (m.frame) add('pte', `pte of ${what} in ${process}: ${bits(m)} -> ${m.frame}`, m.frame);
		} else if (m.frame) {
			if (o.write && !m.write)
				add('wrprotect', `pte of ${what} in ${process} write-protected`, m.frame);
			if (!o.write && m.write)
				add('pte', `pte of ${what} in ${process}: ${bits(m)} -> ${m.frame}`, m.frame);
			else if (!o.dirty && m.dirty)
				add('pte-dirty', `pte of ${what} in ${process} becomes dirty`, m.frame);
			else if (o.dirty && !m.dirty && m.write)
				add('pte-clean', `pte of ${what} in ${process} becomes clean`, m.frame);
		}
	}
	return out;
}

function paged({ before, after, names }: Context): Moment[] {
	const out: Moment[] = [];
	const key = (p: PageState) => `${p.node} ${p.frame}`;
	const olds = new Map(before.pages.map((p) => [key(p), p]));
	const news = new Map(after.pages.map((p) => [key(p), p]));
	const add = (kind: MomentKind, text: string, p: PageState) =>
		out.push({
			kind,
			text,
			node: p.node,
			file: p.file,
			index: p.index,
			frame: p.frame,
			value: p.data,
		});
	for (const p of after.pages) {
		const o = olds.get(key(p));
		const what = names.page(p.file, p.index);
		if (p.cached && !o?.cached) add('cached', `${p.frame} is ${what} in the page cache`, p);
		if (p.dirty && !o?.dirty) add('page-dirty', `${p.frame} (${what}) becomes dirty`, p);
	}
	for (const o of before.pages) {
		const p = news.get(key(o));
		if (!o.cached || (p?.cached && p.file === o.file)) continue;
		const kept = p && p.file === o.file ? ', still referenced' : '';
		add('dropped', `${o.frame} (${names.page(o.file, o.index)}) leaves the page cache${kept}`, o);
	}
	return out;
}

function locked({ before, after, names }: Context): Moment[] {
	const out: Moment[] = [];
	after.glocks.forEach((g: GlockState, i) => {
		const o = before.glocks[i];
		const at = { node: g.node, file: g.file };
		const busy = (x: GlockState) => x.flags.includes('LOCK');
		if (busy(g) && !busy(o) && g.flags.includes('DEMOTE'))
			out.push({
				kind: 'blocked-faults',
				text: `revoke of ${names.file(g.file)} begins: faults wait`,
				...at,
			});
		const had = o.holders.map((h) => h.task);
		const has = g.holders.map((h) => h.task);
		for (const task of has)
			if (!had.includes(task))
				out.push({
					kind: 'holds',
					text: `${task} has the glock of ${names.file(g.file)}`,
					process: task,
					...at,
				});
		for (const task of had)
			if (!has.includes(task))
				out.push({
					kind: 'lets-go',
					text: `${task} lets the glock of ${names.file(g.file)} go`,
					process: task,
					...at,
				});
	});
	return out;
}

function managed({ before, after, names }: Context): Moment[] {
	const out: Moment[] = [];
	after.manager.forEach((m, i) => {
		const o = before.manager[i];
		const file = names.file(m.file);
		m.held.forEach((state, node) => {
			if (rank(state) >= rank(o.held[node])) return;
			out.push({
				kind: 'request',
				text: `lm: node ${node} keeps ${file} ${state}`,
				node,
				file: m.file,
			});
		});
		for (const w of m.waiting)
			if (!o.waiting.some((x) => x.node === w.node))
				out.push({
					kind: 'request',
					text: `lm: node ${w.node} waits for ${file}, ${w.state}`,
					node: w.node,
					file: m.file,
				});
		m.called.forEach((state, node) => {
			if (state && o.called[node] !== state)
				out.push({
					kind: 'request',
					text: `lm: calls node ${node}: ${file} down to ${state}`,
					node,
					file: m.file,
				});
		});
	});
	return out;
}

const rank = (state: string): number => ['UNLOCKED', 'SHARED', 'EXCLUSIVE'].indexOf(state);

const WALKS: Record<string, string> = {
	zap_page_range: 'found no pte to take out',
	wrprotect_page_range: 'found no pte to write-protect',
};

/** A walk over a page table has ended, and there was nothing to do. */
function fruitless({ stack, stackAfter }: Context, changed: Moment[]): Moment[] {
	if (changed.some((m) => m.kind === 'unmapped' || m.kind === 'wrprotect')) return [];
	for (const [walk, text] of Object.entries(WALKS))
		if (stack.includes(walk) && !stackAfter.includes(walk) && !stack.includes('tlb_remove_page'))
			return [{ kind: 'nothing-unmapped', text }];
	return [];
}
