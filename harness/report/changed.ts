// SPDX-License-Identifier: GPL-2.0-only
/**
 * The moments of a step that come from what it changed: ptes, pages, holders of glocks, the state
 * of the lock manager, sizes.
 *
 * Interface: changed
 */
import type { Moment } from './moments.ts';
import type { GlockState, MappingState, PageState } from './state.ts';
import type { Make, Setting } from './told.ts';

export function changed(at: Setting, make: Make): Moment[] {
	return [
		...mapped(at, make),
		...paged(at, make),
		...locked(at, make),
		...managed(at, make),
		...sized(at, make),
	];
}

const mappingKey = (m: MappingState): string => `${m.kind} ${m.process} ${m.vpage}`;

function mapped({ before, after }: Setting, make: Make): Moment[] {
	const old = new Map(before.mappings.map((m) => [mappingKey(m), m]));
	return after.mappings.flatMap((m) => {
		const o = old.get(mappingKey(m));
		return o && m.kind === 'pte' ? pteMoments(o, m, make) : [];
	});
}

function pteMoments(o: MappingState, m: MappingState, make: Make): Moment[] {
	const { node, process, file, index } = m;
	const at = { node, process, file, index };
	const now = { ...at, frame: m.frame, write: m.write, dirty: m.dirty };
	if (m.frame !== o.frame) {
		const out: Moment[] = [];
		const was = { ...at, frame: o.frame, write: o.write, dirty: o.dirty };
		if (o.frame && !m.frame) out.push(make('unmapped', was));
		if (m.frame) out.push(make('pte', now));
		return out;
	}
	if (!m.frame) return [];
	const out: Moment[] = [];
	const one = { ...at, frame: m.frame };
	if (o.write && !m.write) out.push(make('wrprotect', one));
	if (!o.write && m.write) out.push(make('pte', now));
	else if (!o.dirty && m.dirty) out.push(make('pte-dirty', one));
	else if (o.dirty && !m.dirty && m.write) out.push(make('pte-clean', one));
	return out;
}

function paged({ before, after }: Setting, make: Make): Moment[] {
	const out: Moment[] = [];
	const key = (p: PageState) => `${p.node} ${p.frame}`;
	const olds = new Map(before.pages.map((p) => [key(p), p]));
	const news = new Map(after.pages.map((p) => [key(p), p]));
	const of = ({ node, file, index, frame, data }: PageState) => ({
		node,
		file,
		index,
		frame,
		value: data,
	});
	for (const p of after.pages) {
		const o = olds.get(key(p));
		if (p.cached && !o?.cached) out.push(make('cached', of(p)));
		if (p.dirty && !o?.dirty) out.push(make('page-dirty', of(p)));
	}
	for (const o of before.pages) {
		const p = news.get(key(o));
		if (!o.cached || (p?.cached && p.file === o.file)) continue;
		out.push(make('dropped', of(o)));
	}
	return out;
}

/** Holders of glocks. */
function locked({ before, after, names }: Setting, make: Make): Moment[] {
	const tasks = (g: GlockState | undefined) => g?.holders.map((h) => h.task) ?? [];
	return after.glocks.flatMap((g, i) => {
		const [had, has] = [tasks(before.glocks[i]), tasks(g)];
		const lock = names.lockOf(g.lock);
		const at = { node: g.node, lock, ...(lock.of === 'file' && { file: lock.which }) };
		const some = (kind: 'holds' | 'lets-go', who: string[], not: string[]) =>
			who.filter((t) => !not.includes(t)).map((task) => make(kind, { ...at, task }));
		return [...some('holds', has, had), ...some('lets-go', had, has)];
	});
}

/** The state of the lock manager. */
function managed({ before, after, names }: Setting, make: Make): Moment[] {
	return after.manager.flatMap((m, i) => {
		const o = before.manager[i];
		const lock = names.lockOf(m.lock);
		const at = { lock, ...(lock.of === 'file' && { file: lock.which }) };
		const out: Moment[] = [];
		for (const [other, state] of m.held.entries())
			if (names.rank(state) < names.rank(o.held[other]))
				out.push(make('keeps', { ...at, other, state }));
		for (const { node: other, state } of m.waiting)
			if (!o.waiting.some((x) => x.node === other))
				out.push(make('waits', { ...at, other, state }));
		for (const [other, to] of m.called.entries())
			if (to && o.called[other] !== to) out.push(make('calls', { ...at, other, to }));
		return out;
	});
}

/** i_size of files on nodes. */
function sized({ before, after }: Setting, make: Make): Moment[] {
	return after.sizes.flatMap((sizes, node) =>
		sizes.flatMap((bytes, file) => {
			const was = before.sizes[node][file];
			return was === bytes ? [] : [make('size', { node, file, was, bytes })];
		}),
	);
}
