// SPDX-License-Identifier: GPL-2.0-only
/**
 * Questions to a trace: when was this pte installed, when did the revoke unmap, which task stored
 * this value, did it reach the disk, where does a value come from.
 *
 * Interface: Facts Revoke wordIn intOf has
 */
import type { At, ClaimOf } from './claims.ts';
import type { Trace, TraceStep } from './model.ts';
import type { Moment, MomentKind } from './moments.ts';
import type { GlockState, MappingState, PageState, Snapshot } from './state.ts';
import { frameOf } from './summary.ts';

/** The last revoke of a file on a node, by step numbers; 0: that did not happen. */
export interface Revoke {
	called: number;
	/** GLF_LOCK was set: new faults wait */
	blocked: number;
	/** ptes are taken out or write-protected, from and to */
	unmap: number;
	unmapEnd: number;
	/** write-out, from and to */
	sync: number;
	syncEnd: number;
	unlocked: number;
	/** the daemon that does it */
	task: string;
	/** what it went down to */
	target: string;
	/** nodes that wait for the lock while it is under way, or when it ends */
	wantedBy: number[];
}
export interface Found {
	step: TraceStep;
	moment: Moment;
}

/** The hooks that a fault, or remap_file_pages(), gets its page from, by their moments. */
const HOOKS: Partial<Record<MomentKind, string>> = {
	mkwrite: '->page_mkwrite',
	populate: '->populate',
	nopage: '->nopage',
};

export const wordIn = (s: Snapshot, of: 'disk' | 'latest', { file, index, word }: At): number =>
	s.ints?.[of][file]?.[index]?.[word] ?? s[of][file]?.[index];
export const intOf = (p: PageState, word: number): number => p.ints?.[word] ?? p.data;
export const has = (stack: readonly { function: string }[], name: string): boolean =>
	stack.some((f) => f.function === name);
const sharesProcess = (a: string, b: string): boolean =>
	a.split(',').some((x) => b.split(',').includes(x));

export class Facts {
	constructor(readonly trace: Trace) {}

	get steps(): readonly TraceStep[] {
		return this.trace.steps;
	}
	get last(): TraceStep | undefined {
		return this.trace.steps.at(-1);
	}
	get end(): Snapshot {
		return this.last?.after ?? this.trace.initial;
	}
	before(step: number): Snapshot {
		return this.trace.steps[step - 2]?.after ?? this.trace.initial;
	}
	after(step: number): Snapshot {
		return this.trace.steps[step - 1]?.after ?? this.trace.initial;
	}
	/** What a state of a lock allows: 0 nothing, 1 as others, 2 everything. */
	rank(state: string | undefined): number {
		return this.trace.lockStates[state ?? ''] ?? 0;
	}
	/** The state that allows nothing. */
	get nothing(): string {
		const states = Object.entries(this.trace.lockStates);
		return states.find(([, rank]) => rank === 0)?.[0] ?? '';
	}
	acting({ step, task, node }: TraceStep): { step: number; task: string; node: number } {
		return { step, task, node };
	}
	glock(s: Snapshot, node: number, file: number): GlockState | undefined {
		return s.glocks.find((g) => g.node === node && g.file === file);
	}

	/** The last moment of a kind before a step (all steps: none given). */
	find(
		kind: MomentKind,
		which: (m: Moment, s: TraceStep) => boolean,
		before = Infinity,
	): Found | undefined {
		for (const step of [...this.trace.steps].reverse()) {
			if (step.step >= before) continue;
			const moment = step.moments.find((m) => m.kind === kind && which(m, step));
			if (moment) return { step, moment };
		}
		return undefined;
	}

	// ---- values --------------------------------------------------------------------------------

	/** The store, or other step, that made the latest value of an int; before a step, if given. */
	latest(at: At, before = Infinity): ClaimOf<'stored'> | ClaimOf<'became'> | undefined {
		const is = (s: TraceStep) =>
			s.step < before &&
			wordIn(s.after, 'latest', at) !== wordIn(this.before(s.step), 'latest', at);
		const s = this.steps.findLast(is);
		if (!s) return undefined;
		const value = wordIn(s.after, 'latest', at);
		const said = s.moments.find(
			(m) =>
				m.kind === 'latest' && m.file === at.file && m.index === at.index && m.word === at.word,
		);
		if (said?.value !== value) return { kind: 'became', ...this.acting(s), at, value };
		return { kind: 'stored', ...this.acting(s), at, value, call: said.within !== '' };
	}

	/** The page of a file that a node has in its cache. */
	cached(s: Snapshot, node: number, { file, index }: Omit<At, 'word'>): PageState | undefined {
		return s.pages.find((p) => p.node === node && p.cached && p.file === file && p.index === index);
	}

	/** The step in which a frame got what it has of an int; before a step. */
	filled(node: number, frame: string, at: At, upTo: number): ClaimOf<'filled'> | undefined {
		const page = (s: Snapshot) => {
			const p = frameOf(s, node, frame);
			return p && p.file === at.file && p.index === at.index ? p : undefined;
		};
		const now = page(this.after(upTo));
		if (!now) return undefined;
		const value = intOf(now, at.word);
		for (let n = upTo; n >= 1; n--) {
			const [old, fresh] = [page(this.before(n)), page(this.after(n))];
			if (!fresh || intOf(fresh, at.word) !== value) return undefined;
			if (old && intOf(old, at.word) === value && old.uptodate === fresh.uptodate) continue;
			const s = this.steps[n - 1];
			const by = s.of === 'disk' ? 'disk' : 'task';
			return { kind: 'filled', ...this.acting(s), node, at, frame, value, by };
		}
		return undefined;
	}

	/** The last step, up to another, in which the disk got what it has of an int. */
	diskSince(at: At, upTo: number): TraceStep | undefined {
		return this.steps.findLast(
			(s) =>
				s.step <= upTo && wordIn(s.after, 'disk', at) !== wordIn(this.before(s.step), 'disk', at),
		);
	}
	/** The first step after another in which the disk has a value. */
	reachedDisk(at: At, after: number, value: number): number {
		const found = this.steps.find((s) => s.step >= after && wordIn(s.after, 'disk', at) === value);
		return found?.step ?? 0;
	}

	// ---- page tables ---------------------------------------------------------------------------

	/** Ptes and TLB entries that map a page of a file where the node's lock does not allow it. */
	badMappings(): MappingState[] {
		return this.end.mappings.filter((m) => {
			const page = m.frame && frameOf(this.end, m.node, m.frame);
			if (!page || page.file < 0) return false;
			const state = this.glock(this.end, m.node, page.file)?.state;
			const rank = this.rank(state);
			return rank === 0 || (rank === 1 && (m.write || m.dirty)) || !page.cached;
		});
	}

	/** When the pte behind a mapping got its page (and, `write`, became writable). */
	installed(m: MappingState): Found | undefined {
		return this.find(
			'pte',
			(x) =>
				x.node === m.node &&
				x.frame === m.frame &&
				x.file === m.file &&
				x.index === m.index &&
				sharesProcess(x.process ?? '', m.process),
		);
	}
	/** The pte that a moment has installed, as it is after its step. */
	pteOf({ step, moment }: Found): ClaimOf<'installed'> | undefined {
		const m = step.after.mappings.find(
			(x) =>
				x.kind === 'pte' &&
				x.node === moment.node &&
				x.frame === moment.frame &&
				x.file === moment.file &&
				x.index === moment.index &&
				sharesProcess(x.process, moment.process ?? ''),
		);
		return m && { kind: 'installed', ...fieldsOf(m), ...this.acting(step) };
	}
	mappedClaim(m: MappingState, step: number): ClaimOf<'mapped'> {
		return { kind: 'mapped', ...fieldsOf(m), of: m.kind, step };
	}

	/** The hook that a task got the page from that it maps in a step: the last that returned it. */
	returned(task: string, frame: string, upTo: number): ClaimOf<'returned'> | undefined {
		for (const s of [...this.steps].reverse()) {
			if (s.task !== task || s.step > upTo) continue;
			for (const m of s.moments) {
				const hook = HOOKS[m.kind];
				if (hook && m.frame === frame) return { kind: 'returned', ...this.acting(s), hook, frame };
			}
		}
		return undefined;
	}
	/** The last step before another in which a task came back from a function. */
	left(name: string, task: string, before = Infinity): TraceStep | undefined {
		return this.steps.findLast(
			(s) => s.task === task && s.step < before && has(s.stack, name) && !has(s.stackAfter, name),
		);
	}

	// ---- revokes -------------------------------------------------------------------------------

	revoke(node: number, file: number, before = Infinity): Revoke {
		const at = (kind: MomentKind): number =>
			this.find(
				kind,
				(m, s) => (m.node ?? s.node) === node && (m.file === undefined || m.file === file),
				before,
			)?.step.step ?? 0;
		const called = at('called');

		const own = this.steps.filter(
			(s) => s.node === node && s.step >= called && s.step < before && s.of !== 'program',
		);
		/** The last walk, or write-out, that was begun since the node was called, if it has ended. */
		const phase = (...kinds: MomentKind[]): [number, number] => {
			for (const s of called ? own.toReversed() : [])
				for (const m of s.moments)
					if (kinds.includes(m.kind) && m.file === file && m.since !== undefined)
						return [m.since, s.step];
			return [0, 0];
		};
		const [unmap, unmapEnd] = phase('unmap-end', 'protect-end');
		const [sync, syncEnd] = phase('sync-end');
		const since = (n: number) => (called > 0 && n >= called ? n : 0);
		const unlock = this.find('unlock', (m, s) => s.node === node && m.file === file, before);
		const unlocked = since(unlock?.step.step ?? 0);
		const target = (unlocked && unlock?.moment.to) || this.nothing;
		return {
			called,
			blocked: since(at('blocked-faults')),
			unmap,
			unmapEnd,
			sync,
			syncEnd,
			unlocked,
			task: own.find((s) => s.step === (unmap || sync || unlocked))?.task ?? `glockd/${node}`,
			target,
			wantedBy: this.wanting(node, file, unlocked || unmapEnd || called),
		};
	}

	/** Other nodes that wait for a lock after a step, or have it. */
	wanting(node: number, file: number, step: number): number[] {
		const manager = this.after(step).manager.find((m) => m.file === file);
		if (!manager || step === 0) return [];
		const waiting = manager.waiting.map((w) => w.node);
		const holding = manager.held.flatMap((state, n) => (this.rank(state) === 0 ? [] : [n]));
		return [...new Set([...waiting, ...holding])].filter((n) => n !== node);
	}

	/** The walk of a revoke over the page tables, with what it did. */
	walk(node: number, file: number, r: Revoke): ClaimOf<'walked'> | undefined {
		if (!r.unmap) return undefined;
		const own = this.steps.filter(
			(s) => s.task === r.task && s.step >= r.unmap && s.step <= r.unmapEnd,
		);
		const protect = own.some((s) =>
			s.moments.some((m) => m.kind === 'protect' || m.kind === 'protect-end'),
		);
		let found = 0;
		for (const s of own)
			for (const m of s.moments)
				if (m.node === node && m.file === file && m.kind === (protect ? 'wrprotect' : 'unmapped'))
					found++;
		const wanted = this.wanting(node, file, r.unmapEnd);
		const { unmap: from, unmapEnd: to, task } = r;
		return { kind: 'walked', from, to, task, node, file, protect, found, wanted };
	}

	/** A dirty page where the node's lock does not allow one. */
	dirtyPage(): PageState | undefined {
		return this.end.pages.find(
			(p) =>
				p.file >= 0 &&
				p.cached &&
				p.dirty &&
				this.rank(this.glock(this.end, p.node, p.file)?.state) < 2,
		);
	}
}

export function fieldsOf(m: MappingState) {
	const { node, frame, file, index, process, write, dirty } = m;
	return { node, frame, file, index, process, write, dirty };
}
