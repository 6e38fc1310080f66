// SPDX-License-Identifier: GPL-2.0-only
/**
 * A load or a read() that returned an old value: where that value came from, and what happened to
 * the store that it should have seen.
 *
 * Interface: staleReads copiedIn
 */
import type { Told } from './causes.ts';
import type { ClaimOf, Clause } from './claims.ts';
import { type Facts, fieldsOf, intOf, type Revoke, wordIn } from './facts.ts';
import { missed } from './mappings.ts';
import type { TraceStep } from './model.ts';
import { sawIn } from './seen.ts';
import type { PageState } from './state.ts';
import { frameOf } from './summary.ts';

type Store = ClaimOf<'stored'> | ClaimOf<'became'>;

/** The frame that a value was seen in; none: it came from the disk past all caches. */
function sourceOf(f: Facts, s: TraceStep, saw: ClaimOf<'saw'>): PageState | undefined {
	const m = s.moments.find(
		(x) =>
			(x.kind === 'load' || x.kind === 'read' || x.kind === 'get-user') &&
			x.value === saw.value &&
			x.frame,
	);
	if (m?.frame) return frameOf(s.after, saw.node, m.frame);
	const page = f.cached(s.after, saw.node, saw.at);
	return page && intOf(page, saw.at.word) === saw.value ? page : undefined;
}

/** All explanations of an old value, the most specific first. */
export function* staleReads(f: Facts): Generator<Told | undefined> {
	const { last } = f;
	const saw = sawIn(f, last);
	if (!last || !saw) return;
	const therefore: Clause[] = [saw];
	const stored = f.latest(saw.at, last.step);
	yield lateWrite(f, saw);
	if (stored) {
		const r = f.revoke(stored.node, saw.at.file);
		yield bitLost(f, stored, r, therefore);
		if (r.unlocked) yield missed(f, stored.node, saw.at.file, r, [saw]);
		yield bitOverwritten(f, stored, r, therefore);
	}
	const source = sourceOf(f, last, saw);
	if (source && source.file >= 0) yield wrongPage(f, saw, source);

	if (source && source.file < 0) yield fromCopy(f, saw, source, stored);
	if (source && source.file >= 0) yield fromFrame(f, saw, source, stored);
	if (!source) yield fromDisk(f, saw, stored);
	if (stored) yield { cause: 'kept', because: [stored], therefore };
}

/** The mapping led to another page of the file. */
function wrongPage(f: Facts, saw: ClaimOf<'saw'>, source: PageState): Told | undefined {
	if (source.file === saw.at.file && source.index === saw.at.index) return undefined;
	const m = f
		.before(saw.step)
		.mappings.find((x) => x.kind === 'pte' && x.node === saw.node && x.frame === source.frame);
	const found = m && f.installed(m);
	const installed = found && f.pteOf(found);
	if (!m || !installed) return undefined;
	// The page that was there before it.
	for (const s of [...f.steps].reverse()) {
		const old = f
			.before(s.step)
			.mappings.find((x) => x.kind === 'pte' && x.process === m.process && x.vpage === m.vpage);
		const now = s.after.mappings.find(
			(x) => x.kind === 'pte' && x.process === m.process && x.vpage === m.vpage,
		);
		if (!old?.frame || old.index === source.index || now?.frame !== '') continue;
		const gone: Clause = { kind: 'unmapped', ...f.acting(s), ...fieldsOf(old) };
		const parts: Clause[] = [
			gone,
			', and then',
			{ claim: installed, form: 'past' },
			'in its place',
		];
		return { cause: 'wrong-page', because: parts, therefore: [saw] };
	}
	return { cause: 'wrong-page', because: [installed], therefore: [saw] };
}

/** A write that a dead node had handed to the disk landed after writes of other nodes. */
function lateWrite(f: Facts, saw: ClaimOf<'saw'>): Told | undefined {
	const s = f.diskSince(saw.at, saw.step);
	// A disk works for a living node, and is a task of it.
	if (!s || s.node >= 0) return undefined;
	const gone = (s.around.status ?? []).flatMap((state, n) => (state === 'ALIVE' ? [] : [n]));
	if (gone.length !== 1) return undefined;
	const value = wordIn(s.after, 'disk', saw.at);
	const late: ClaimOf<'late'> = { kind: 'late', step: s.step, node: gone[0], at: saw.at, value };
	const death = f.steps.find((x) => x.around.status?.[late.node] === 'DEAD');
	const died: Clause[] = death
		? [{ kind: 'died', step: death.step, node: late.node }, ', and']
		: [];
	// What was read from the disk before it landed is not what is there now.
	const page = saw.value === value ? undefined : f.cached(f.after(saw.step), saw.node, saw.at);
	const filled = page && f.filled(saw.node, page.frame, saw.at, saw.step);
	const read: Clause[] = filled && filled.step < s.step ? [filled, ', and'] : [];
	return { cause: 'late-write', because: [...died, ...read, late], therefore: [saw] };
}

/** A store between the two accesses with which a revoke takes a pte out. */
function bitLost(f: Facts, stored: Store, r: Revoke, therefore: Clause[]): Told | undefined {
	const cleared = f.steps.find(
		(s) =>
			s.step > stored.step &&
			s.node === stored.node &&
			s.of === 'kernel' &&
			s.moments.some((m) => m.kind === 'unmapped' && m.file === stored.at.file),
	);
	const read = cleared && f.steps.findLast((s) => s.step < cleared.step && s.task === cleared.task);
	// The two are one access, between which nothing else of the walk happens.
	if (!read || !cleared || read.step > stored.step || !r.unlocked) return undefined;
	const { at, value } = stored;
	if (f.reachedDisk(at, stored.step, value)) return undefined;
	const gone = cleared.moments.find((m) => m.kind === 'unmapped' && m.file === at.file);
	const old = f
		.before(cleared.step)
		.mappings.find((m) => m.kind === 'pte' && m.frame === gone?.frame && m.node === stored.node);
	if (!old) return undefined;
	const { node, frame, file, index, process, write, dirty } = old;
	return {
		cause: 'dirty-bit-lost',
		because: [
			stored,
			', when the revoke had read the pte and not yet cleared it, so the dirty bit of the ' +
				'store was cleared unseen:',
			{ kind: 'unmapped', ...f.acting(cleared), node, frame, file, index, process, write, dirty },
			', and',
			{ kind: 'unlocked', node: stored.node, file: at.file, step: r.unlocked, state: r.target },
			', but',
			{ kind: 'unwritten', from: stored.step, to: f.steps.length, at, value },
		],
		therefore,
	};
}

/** A pte that lost its dirty bit after a store, and not to msync. */
function bitOverwritten(f: Facts, stored: Store, r: Revoke, therefore: Clause[]): Told | undefined {
	const { at, value } = stored;
	if (!r.unlocked || f.reachedDisk(at, stored.step, value)) return undefined;
	for (const s of f.steps.slice(stored.step, r.unlocked)) {
		if (s.node !== stored.node || s.moments.some((x) => x.within !== '')) continue;
		const m = s.moments.find((x) => x.kind === 'pte-clean' && x.file === at.file);
		const old = f
			.before(s.step)
			.mappings.find((x) => x.kind === 'pte' && x.frame === m?.frame && x.node === s.node);
		if (!m || !old) continue;
		const { node, frame, file, index, process, write } = old;
		return {
			cause: 'dirty-bit-overwritten',
			because: [
				stored,
				', and then',
				{ kind: 'cleaned', ...f.acting(s), node, frame, file, index, process, write, dirty: false },
				', from what it had read before the store;',
				{ kind: 'unlocked', node, file, step: r.unlocked, state: r.target },
				', and',
				{ kind: 'unwritten', from: stored.step, to: f.steps.length, at, value },
			],
			therefore,
		};
	}
	return undefined;
}

/** What happened to a store on its way to the disk, as far as the trace shows. */
function fate(f: Facts, stored: Store, upTo: number): Clause[] {
	const { at, value, node } = stored;
	const out: Clause[] = [];
	const add = (clause: Clause) => out.push(',', clause);
	const death = f.steps.find((s) => s.step <= upTo && s.around.status?.[node] === 'DEAD');
	if (death && death.step >= stored.step) add({ kind: 'died', step: death.step, node });
	const drop = f.find(
		'dropped',
		(m) => m.node === node && m.file === at.file && m.index === at.index,
		upTo + 1,
	);
	if (drop && drop.step.step >= stored.step) {
		const { frame = '' } = drop.moment;
		const old = frameOf(f.before(drop.step.step), node, frame);
		const { file, index } = at;
		if (old) {
			const { dirty, data } = old;
			const acting = f.acting(drop.step);
			add({ kind: 'dropped', ...acting, node, frame, file, index, dirty, value: data });
		}
	}
	const r = f.revoke(node, at.file, upTo + 1);
	if (r.unlocked >= stored.step)
		add({ kind: 'unlocked', node, file: at.file, step: r.unlocked, state: r.target });
	const reached = f.reachedDisk(at, stored.step, value);
	if (reached > upTo) {
		const by = f.steps[reached - 1];
		add({ kind: 'written', ...f.acting(by), at, value });
	}
	return out;
}

/** From a frame of the page cache, or one that was there. */
function fromFrame(
	f: Facts,
	saw: ClaimOf<'saw'>,
	source: PageState,
	stored: Store | undefined,
): Told | undefined {
	const { at, node } = saw;
	const end = saw.step;
	const filled = f.filled(node, source.frame, at, end);
	const therefore: Clause[] = [saw];
	if (!stored) {
		// No task has stored: the value came from no store.
		return filled ? { cause: 'overwritten', because: [filled], therefore } : undefined;
	}
	if (filled && filled.step > stored.step) {
		if (filled.by === 'task')
			return { cause: 'overwritten', because: [stored, ', and', filled], therefore };
		const on = f.reachedDisk(at, stored.step, stored.value);
		if (on && on <= filled.step) {
			const again = f.diskSince(at, filled.step);
			if (!again || again.step < on) return undefined;
			const { value } = filled;
			const written: Clause = { kind: 'written', ...f.acting(again), at, value };
			return {
				cause: 'overwritten',
				because: [stored, ', but', written, ', and', filled],
				therefore,
			};
		}
		const { value } = stored;
		const unwritten: Clause = { kind: 'unwritten', from: stored.step, to: filled.step, at, value };
		const cause =
			f.revoke(stored.node, at.file, filled.step).unlocked >= stored.step
				? 'acknowledged-before-written'
				: 'not-on-disk';
		return {
			cause,
			because: [stored, ...fate(f, stored, filled.step), ', but', unwritten, ', and', filled],
			therefore,
		};
	}
	return kept(f, saw, source, stored, filled);
}

/** The value was there before the store, and nothing removed it. */
function kept(
	f: Facts,
	saw: ClaimOf<'saw'>,
	source: PageState,
	stored: Store,
	filled: ClaimOf<'filled'> | undefined,
): Told | undefined {
	const { at, node, value } = saw;
	const to = saw.step;
	const glock = f.glock(f.after(stored.step), node, at.file);
	const parts: Clause[] = [stored];
	if (glock && stored.node !== node)
		parts.push(', when', {
			kind: 'has',
			step: stored.step,
			node,
			file: at.file,
			state: glock.state,
		});
	if (filled) parts.push(', and', filled);
	const { frame } = source;
	if (source.cached)
		parts.push(', and', { kind: 'cached', from: stored.step, to, node, frame, at, value });
	const gone = f.find('dropped', (m) => m.node === node && m.frame === frame);
	if (!source.cached && gone) {
		const old = frameOf(f.before(gone.step.step), node, frame);
		if (!old) return undefined;
		const { file, index } = at;
		const { dirty, data } = old;
		const acting = f.acting(gone.step);
		parts.push(', and', {
			kind: 'dropped',
			...acting,
			node,
			frame,
			file,
			index,
			dirty,
			value: data,
		});
		return { cause: 'orphan', because: parts, therefore: [saw] };
	}
	return { cause: 'kept', because: parts, therefore: [saw] };
}

/** From a private copy: of a mapping that is private, or that should not be. */
function fromCopy(
	f: Facts,
	saw: ClaimOf<'saw'>,
	source: PageState,
	stored: Store | undefined,
): Told | undefined {
	const copied = copiedIn(f, saw.node, source.frame);
	if (!copied) return undefined;
	const first: Clause[] = stored ? [stored, ', and'] : [];
	return { cause: 'private-copy', because: [...first, copied], therefore: [saw] };
}

/** When a frame became a private copy of a page of a file. */
export function copiedIn(f: Facts, node: number, frame: string): ClaimOf<'copied'> | undefined {
	const cow = f.find('private', (m, s) => (m.node ?? s.node) === node && m.frame === frame);
	const found = cow?.step ?? f.find('pte', (m) => m.node === node && m.frame === frame)?.step;
	if (!found) return undefined;
	const now = found.after.mappings.find(
		(m) => m.kind === 'pte' && m.node === node && m.frame === frame,
	);
	const old = f
		.before(found.step)
		.mappings.find(
			(m) =>
				m.kind === 'pte' && m.process === now?.process && m.vpage === now.vpage && m.node === node,
		);
	if (!old?.frame) return undefined;
	return { kind: 'copied', ...f.acting(found), node, frame, original: old.frame };
}

/** From the disk, past the page cache. */
function fromDisk(f: Facts, saw: ClaimOf<'saw'>, stored: Store | undefined): Told | undefined {
	const { at, value, step } = saw;
	if (wordIn(f.after(step), 'disk', at) !== value || !stored) return undefined;
	const disk: Clause = { kind: 'disk', step, at, value };
	const page = f.cached(f.after(step), stored.node, at);
	const parts: Clause[] = [stored];
	const here =
		page && intOf(page, at.word) === stored.value ? firstCached(f, stored, page.frame) : undefined;
	if (here) parts.push(', and', here);
	parts.push(...fate(f, stored, step), ', but', disk);
	return { cause: 'not-on-disk', because: parts, therefore: [saw] };
}

/** Since when a node has the stored value in its cache. */
function firstCached(f: Facts, stored: Store, frame: string): ClaimOf<'cached'> | undefined {
	const { at, value, node } = stored;
	const is = (s: TraceStep) => {
		const p = f.cached(s.after, node, at);
		return p?.frame === frame && intOf(p, at.word) === value;
	};
	const after = f.steps.slice(stored.step - 1);
	const last = after.findLast((s) => !is(s))?.step ?? stored.step - 1;
	if (last >= f.steps.length) return undefined;
	return { kind: 'cached', from: last + 1, to: f.steps.length, node, frame, at, value };
}
