// SPDX-License-Identifier: GPL-2.0-only
/**
 * States that are wrong before a program can tell, and broken promises of system calls: pages that
 * are dirty, cached or different where the lock does not allow it, lost stores, data that fsync()
 * did not write to the disk.
 *
 * Interface: stateCauses
 */
import type { Told } from './causes.ts';
import type { At, ClaimOf, Clause } from './claims.ts';
import { type Facts, fieldsOf, intOf, type Revoke, wordIn } from './facts.ts';
import { wantedFor } from './mappings.ts';
import type { TraceStep } from './model.ts';
import { brokenIn, laterOf, lostIn, outcome } from './outcome.ts';
import { copiedIn } from './stale.ts';
import type { PageState } from './state.ts';
import { frameOf } from './summary.ts';

export function* stateCauses(f: Facts): Generator<Told | undefined> {
	const { property } = f.trace.violation;
	if (property === 'BUG') yield noBlock(f);
	yield behindTheEnd(f);
	yield lostStore(f);
	if (property === 'I3' || property === 'BUG') yield* dirtyPage(f);
	if (property === 'SYNC') yield* unsynced(f);
	if (property === 'I5') yield cachedWithoutLock(f);
	if (property === 'I6') yield different(f);
	if (property === 'I7') yield copyGone(f);
	if (property === 'BLOCK') yield sharedBlock(f);
	if (property === 'OVERTAKEN') yield overtaken(f);
}

// ---- stores that go elsewhere, or nowhere ------------------------------------------------------

function lostStore(f: Facts): Told | undefined {
	const lost = lostIn(f);
	if (!lost || f.trace.violation.property !== 'DATA') return undefined;
	const { node, frame, at } = lost;
	if (lost.private) {
		const copied = copiedIn(f, node, frame);
		if (!copied) return undefined;
		return { cause: 'private-copy', because: [copied], therefore: [lost] };
	}
	const drop = f.find('dropped', (m) => m.node === node && m.frame === frame);
	const mapping = f
		.before(lost.step)
		.mappings.find((m) => m.node === node && m.frame === frame && m.kind === 'pte');
	const found = mapping && f.installed(mapping);
	const installed = found && f.pteOf(found);
	const old = drop && frameOf(f.before(drop.step.step), node, frame);
	if (!drop || !old) return undefined;
	const { file, index } = at;
	const { dirty, data } = old;
	const acting = f.acting(drop.step);
	const gone: Clause = { kind: 'dropped', ...acting, node, frame, file, index, dirty, value: data };
	const came: Clause[] = installed ? [installed, ', and'] : [];
	return { cause: 'orphan', because: [...came, gone], therefore: [lost] };
}

/** A load or a store where the file has ended. */
function behindTheEnd(f: Facts): Told | undefined {
	const { last } = f;
	const m = last?.moments.find((x) => x.kind === 'load' || x.kind === 'store');
	const sizes = last?.around.sizes;
	if (!last || !sizes || m?.file === undefined || m.file < 0 || m.index === undefined)
		return undefined;
	const at: At = { file: m.file, index: m.index, word: m.word ?? 0 };
	const size = sizes[at.file];
	// A page counts as cut when the file ends before it.
	if (f.trace.violation.property !== 'DATA' || m.index * f.trace.pageSize < size) return undefined;
	const behind: Clause = { kind: 'behind', ...f.acting(last), at, size, store: m.kind === 'store' };
	const mapping = f
		.before(last.step)
		.mappings.find((x) => x.node === last.node && x.frame === m.frame && x.kind === 'pte');
	const found = mapping && f.installed(mapping);
	const installed = found && f.pteOf(found);
	const cut = f.steps.findLast(
		(s) => s.around.sizes?.[at.file] === size && sizeBefore(f, s.step, at.file) !== size,
	);
	if (!installed || !cut) return undefined;
	return {
		cause: 'behind-the-end',
		because: [{ kind: 'resized', ...f.acting(cut), file: at.file, size }, ', and', installed],
		therefore: [behind],
	};
}

const sizeBefore = (f: Facts, step: number, file: number): number | undefined =>
	f.steps[step - 2]?.around.sizes?.[file];

/** No block was free, and no task noticed. */
function noBlock(f: Facts): Told | undefined {
	const found = f.find('no-space', () => true);
	const { last } = f;
	if (!last) return undefined;
	const because: Clause[] = [];
	if (found && found.moment.file !== undefined)
		because.push({ kind: 'full', ...f.acting(found.step), file: found.moment.file });
	// A page with a store in it, of which the disk has no block.
	const dirty = f.find('page-dirty', (m) => m.file !== undefined && m.file >= 0);
	const m = dirty?.moment;
	if (dirty && m?.file !== undefined && m.index !== undefined && m.frame && !found) {
		const stored = f.latest({ file: m.file, index: m.index, word: 0 });
		const { node = -1, frame, file, index } = m;
		const page = frameOf(dirty.step.after, node, frame);
		if (stored) because.push(stored, ', and');
		if (page)
			because.push({
				kind: 'dirtied',
				...f.acting(dirty.step),
				node,
				frame,
				file,
				index,
				value: page.data,
			});
	}
	if (because.length === 0) return undefined;
	return { cause: 'no-block', because, therefore: [brokenIn(f)] };
}

// ---- pages -------------------------------------------------------------------------------------

function* dirtyPage(f: Facts): Generator<Told | undefined> {
	const page = f.dirtyPage();
	if (!page) return;
	const { node, frame, file, index } = page;
	const at: At = { file, index, word: 0 };
	const found = f.find('page-dirty', (m) => m.node === node && m.frame === frame);
	const r = f.revoke(node, file);
	if (!found) return;
	const old = frameOf(found.step.after, node, frame);
	if (!old) return;
	const acting = f.acting(found.step);
	const dirtied: ClaimOf<'dirtied'> = {
		kind: 'dirtied',
		...acting,
		node,
		frame,
		file,
		index,
		value: old.data,
	};
	const end = f.steps.length;
	const disk: Clause = { kind: 'disk', step: end, at, value: wordIn(f.end, 'disk', at) };
	const therefore: Clause[] = laterOf(f) ?? [...readers(f, page, r), disk];
	if (r.sync > 0 && r.unmap >= r.syncEnd && dirtied.step >= r.unmap && r.unlocked)
		yield writtenFirst(f, dirtied, r, therefore);
	const call = found.moment.within;
	if (call !== '' && r.unlocked) yield msynced(f, dirtied, r, call, therefore);
	yield {
		cause: 'acknowledged-before-written',
		because: [
			dirtied,
			', and',
			r.unlocked
				? { kind: 'unlocked', node, file, step: r.unlocked, state: r.target }
				: { kind: 'has', node, file, step: end, state: f.glock(f.end, node, file)?.state ?? '' },
		],
		therefore,
	};
}

const readers = (f: Facts, page: PageState, r: Revoke): Clause[] => {
	const nodes = f.wanting(page.node, page.file, r.unlocked || f.steps.length);
	const step = r.unlocked || f.steps.length;
	return nodes.length > 0 ? [{ kind: 'wanted', step, file: page.file, nodes }, ', and'] : [];
};

function writtenFirst(
	f: Facts,
	dirtied: ClaimOf<'dirtied'>,
	r: Revoke,
	therefore: Clause[],
): Told | undefined {
	const { node, file } = dirtied;
	const walked = f.walk(node, file, r);
	if (!walked) return undefined;
	const task = r.task;
	const from = r.sync;
	return {
		cause: 'written-before-unmapped',
		because: [
			{ kind: 'wroteOut', task, node, file, from, to: r.syncEnd },
			'came first; then',
			walked,
			', so that',
			dirtied,
			'when the write-out was over, and',
			{ kind: 'unlocked', node, file, step: r.unlocked, state: r.target },
		],
		therefore: [
			'what was stored through the pte in between does not reach the disk:',
			...therefore,
		],
	};
}

function msynced(
	f: Facts,
	dirtied: ClaimOf<'dirtied'>,
	r: Revoke,
	call: string,
	therefore: Clause[],
): Told {
	const { node, file, index, value, step, task: by } = dirtied;
	const { task, sync: from } = r;
	const at: At = { file, index, word: 0 };
	return {
		cause: 'acknowledged-before-written',
		because: [
			dirtied,
			', when',
			{ kind: 'during', task: by, node, step, call },
			', and',
			{ kind: 'wroteOut', task, node, file, from, to: r.syncEnd },
			'did not write it;',
			{ kind: 'unlocked', node, file, step: r.unlocked, state: r.target },
			...wantedFor(f, node, file, r.unlocked),
			', but',
			{ kind: 'unwritten', from: dirtied.step, to: r.unlocked, at, value },
		],
		therefore,
	};
}

function cachedWithoutLock(f: Facts): Told | undefined {
	const step = f.steps.length;
	const p = f.end.pages.find(
		(x) => x.cached && x.file >= 0 && f.rank(f.glock(f.end, x.node, x.file)?.state) === 0,
	);
	if (!p) return undefined;
	const { node, frame, file, index } = p;
	const at: At = { file, index, word: 0 };
	const r = f.revoke(node, file);
	const lock: Clause = r.unlocked
		? { kind: 'unlocked', node, file, step: r.unlocked, state: r.target }
		: { kind: 'has', node, file, step, state: f.nothing };
	return {
		cause: 'cached-without-lock',
		because: [
			lock,
			', but',
			{ kind: 'cached', from: step, to: step, node, frame, at, value: p.data },
		],
		therefore: outcome(f) && [
			'it will use the page when it has the lock again, though another node may have changed the file',
		],
	};
}

function different(f: Facts): Told | undefined {
	const step = f.steps.length;
	for (const p of f.end.pages) {
		const { node, frame, file, index, data } = p;
		const at: At = { file, index, word: 0 };
		const state = f.glock(f.end, node, file)?.state ?? '';
		if (!p.cached || file < 0 || f.rank(state) !== 1) continue;
		const disk = wordIn(f.end, 'disk', at);
		if (disk === data) continue;
		return {
			cause: 'shared-and-different',
			because: [
				{ kind: 'has', node, file, step, state },
				'and',
				{ kind: 'cached', from: step, to: step, node, frame, at, value: data },
				', but',
				{ kind: 'disk', step, at, value: disk },
			],
			therefore: laterOf(f) ?? ['another node that shares it reads another value'],
		};
	}
	return undefined;
}

/** A task took away a private copy of a program. */
function copyGone(f: Facts): Told | undefined {
	for (const s of [...f.steps].reverse()) {
		const gone = f.before(s.step).mappings.find((old) => {
			if (old.kind !== 'pte' || !old.frame || old.node !== f.last?.node) return false;
			const page = frameOf(f.before(s.step), old.node, old.frame);
			const now = s.after.mappings.find(
				(m) => m.kind === 'pte' && m.process === old.process && m.vpage === old.vpage,
			);
			return page !== undefined && page.file < 0 && now?.frame === '';
		});
		if (!gone) continue;
		const copied = copiedIn(f, gone.node, gone.frame);
		const first: Clause[] = copied ? [copied, ', and'] : [];
		return {
			cause: 'private-copy',
			because: [...first, { kind: 'unmapped', ...f.acting(s), ...fieldsOf(gone) }],
			therefore: [brokenIn(f)],
		};
	}
	return undefined;
}

/** Two files have the same block of the disk. */
function sharedBlock(f: Facts): Told | undefined {
	const step = f.steps.length;
	const owners = new Map<number, ClaimOf<'block'>[]>();
	for (const [file, pages] of (f.last?.around.blocks ?? []).entries())
		for (const [index, block] of pages.entries()) {
			const has = (s: TraceStep) => s.around.blocks?.[file]?.[index] === block;
			const since = (f.steps.findLast((s) => !has(s))?.step ?? 0) + 1;
			const claim: ClaimOf<'block'> = { kind: 'block', step, file, index, block, since };
			if (block >= 0) owners.set(block, [...(owners.get(block) ?? []), claim]);
		}
	const two = [...owners.values()].find((list) => list.length > 1);
	if (!two) return undefined;
	const old = two.find((c) => c.since === 1);
	const fresh = two.find((c) => c.since > 1);
	if (!fresh) return undefined;
	const other = two.find((c) => c !== fresh) ?? old;
	return {
		cause: 'block-of-two',
		because: [fresh, ...(other ? [', and', { claim: other, form: 'short' as const }] : [])],
		therefore: [brokenIn(f)],
	};
}

/** How often the node lost the lock. */
function overtaken(f: Facts): Told | undefined {
	const because: Clause[] = [];
	const p = f.last?.around.overtaken?.findIndex((n, i) => n > (countBefore(f, i) ?? 0)) ?? -1;
	if (p < 0) return undefined;
	const process = f.trace.tasks[p].name;
	for (const s of f.steps) {
		const count = s.around.overtaken?.[p] ?? 0;
		const old = f.steps[s.step - 2]?.around.overtaken?.[p] ?? 0;
		if (count === 0) because.length = 0;
		if (count !== old + 1) continue;
		if (because.length > 0) because.push(', and');
		because.push({ kind: 'overtaken', ...f.acting(s), process, count });
	}
	return { cause: 'overtaken', because, therefore: [brokenIn(f)] };
}
const countBefore = (f: Facts, p: number): number | undefined =>
	f.steps.at(-2)?.around.overtaken?.[p];

// ---- fsync() and msync() -----------------------------------------------------------------------

function* unsynced(f: Facts): Generator<Told | undefined> {
	const { last } = f;
	if (!last) return;
	const broken: Clause = {
		kind: 'broken',
		...f.acting(last),
		property: 'SYNC',
		message: f.trace.violation.message,
	};
	for (const [file, pages] of f.end.latest.entries())
		for (const index of pages.keys())
			for (const word of (f.end.ints?.latest[file][index] ?? [0]).keys()) {
				const at: At = { file, index, word };
				const value = wordIn(f.end, 'latest', at);
				const stored = f.latest(at);
				if (!stored) continue;
				const sizes = last.around.sizes;
				const short = sizes && f.end.diskSizes[file] !== sizes[file];
				if (wordIn(f.end, 'disk', at) === value && !short) continue;
				const on: Clause =
					wordIn(f.end, 'disk', at) === value && sizes
						? {
								kind: 'sizes',
								step: last.step,
								file,
								users: sizes[file],
								node: 'disk',
								size: f.end.diskSizes[file],
							}
						: { kind: 'unwritten', from: stored.step, to: last.step, at, value };
				const page = f.cached(f.end, stored.node, at);
				const there: Clause[] =
					page && intOf(page, word) === value
						? [
								', and',
								{
									kind: 'cached',
									from: last.step,
									to: last.step,
									node: stored.node,
									frame: page.frame,
									at,
									value,
								},
							]
						: [];
				yield {
					cause: 'not-synced',
					because: [stored, ...there, ', but', on],
					therefore: [broken],
				};
			}
}
