// SPDX-License-Identifier: GPL-2.0-only
/**
 * Is a claim so? Answered from the states and the steps of the trace alone, one question for each
 * kind of claim: nothing that the analysis has found before is taken for granted.
 *
 * Interface: holdsIn
 */
import type { At, Claim, ClaimKind, ClaimOf } from './claims.ts';
import type { Trace, TraceStep } from './model.ts';
import type { Moment, MomentKind } from './moments.ts';
import type { GlockState, MappingState, PageState, Snapshot } from './state.ts';

export function holdsIn(trace: Trace, claim: Claim): boolean {
	const check = CHECKS[claim.kind] as (t: View, c: Claim) => boolean;
	return check(new View(trace), claim);
}

/** A trace as the questions see it. */
class View {
	constructor(readonly trace: Trace) {}

	/** Its states are those after the steps; before the first there is the initial one. */
	step(n: number): TraceStep | undefined {
		return this.trace.steps[n - 1];
	}
	before(n: number): Snapshot {
		return this.trace.steps[n - 2]?.after ?? this.trace.initial;
	}
	after(n: number): Snapshot | undefined {
		return this.trace.steps[n - 1]?.after;
	}
	get end(): Snapshot {
		return this.trace.steps.at(-1)?.after ?? this.trace.initial;
	}
	/** The step that a claim is about, if it was taken by who is said to. */
	by(c: { step: number; task: string; node: number }): TraceStep | undefined {
		const s = this.step(c.step);
		return s?.task === c.task && s.node === c.node ? s : undefined;
	}
	/** Is something so after each step of a range? */
	all({ from, to }: { from: number; to: number }, is: (s: TraceStep) => boolean): boolean {
		const { steps } = this.trace;
		return from >= 1 && from <= to && to <= steps.length && steps.slice(from - 1, to).every(is);
	}
}

const valueIn = (s: Snapshot | undefined, of: 'disk' | 'latest', at: At): number | undefined =>
	s?.ints
		? s.ints[of][at.file]?.[at.index]?.[at.word]
		: at.word
			? undefined
			: s?.[of][at.file]?.[at.index];

const intOf = (p: PageState, word: number): number | undefined =>
	p.ints ? p.ints[word] : word ? undefined : p.data;

interface Where {
	node: number;
	frame: string;
	file: number;
	index: number;
}
const pageIn = (s: Snapshot | undefined, c: Where): PageState | undefined =>
	s?.pages.find(
		(p) => p.node === c.node && p.frame === c.frame && p.file === c.file && p.index === c.index,
	);
const frameIn = (s: Snapshot | undefined, node: number, frame: string): PageState | undefined =>
	s?.pages.find((p) => p.node === node && p.frame === frame);
const glockIn = (s: Snapshot | undefined, node: number, file: number): GlockState | undefined =>
	s?.glocks.find((g) => g.node === node && g.file === file);

type Mapped = Where & { process: string; write: boolean; dirty: boolean };
/** The entry of one page table (or TLB) for one place. */
const entriesIn = (s: Snapshot | undefined, c: Mapped, of: string): MappingState[] =>
	s?.mappings.filter((m) => m.kind === of && m.node === c.node && m.process === c.process) ?? [];
const maps = (m: MappingState, c: Mapped): boolean =>
	m.frame === c.frame &&
	m.file === c.file &&
	m.index === c.index &&
	m.write === c.write &&
	m.dirty === c.dirty;

const STORES: readonly string[] = ['store', 'put-user', 'poke'];
/** The moments that tell of a hook that has returned. */
const HOOK_KINDS: Record<string, MomentKind> = {
	'->nopage': 'nopage',
	'->populate': 'populate',
	'->page_mkwrite': 'mkwrite',
};

type Checks = { [K in ClaimKind]: (v: View, c: ClaimOf<K>) => boolean };

const CHECKS: Checks = {
	stored: (v, c) => {
		const s = v.by(c);
		const m = s?.moments.find((x) => x.kind === 'latest' && isAt(x, c.at) && x.value === c.value);
		if (!m || valueIn(s?.after, 'latest', c.at) !== c.value) return false;
		return c.call === (m.within !== '');
	},
	became: (v, c) => {
		const s = v.by(c);
		const old = valueIn(v.before(c.step), 'latest', c.at);
		return s !== undefined && valueIn(s.after, 'latest', c.at) === c.value && old !== c.value;
	},
	saw: (v, c) => {
		const s = v.by(c);
		const call = s?.of === 'disk' || s?.moments.find((m) => m.kind === 'looked')?.within !== '';
		const is = (m: Moment) => isAt(m, c.at) && m.value === c.value && c.call === call;
		const said = s?.moments.some((m) => m.kind === 'looked' && is(m));
		const direct = (s?.of === 'disk') === (c.direct === true);
		return said === true && direct && valueIn(s?.after, 'latest', c.at) === c.latest;
	},
	behind: (v, c) => {
		const s = v.by(c);
		const kind = c.store ? 'store' : 'load';
		const said = s?.moments.some((m) => m.kind === kind && isAt(m, c.at));
		return said === true && s?.around.sizes?.[c.at.file] === c.size;
	},
	lost: (v, c) => {
		const s = v.by(c);
		const m = s?.moments.find(
			(x) => STORES.includes(x.kind) && isAt(x, c.at) && x.value === c.value,
		);
		const page = m && frameIn(s?.after, c.node, c.frame);
		if (m?.frame !== c.frame || !page) return false;
		return c.private ? page.file < 0 : page.file >= 0 && !page.cached;
	},
	filled: (v, c) => {
		const s = v.by(c);
		const page = s && pageIn(s.after, { ...c, ...c.at });
		const before = pageIn(v.before(c.step), { ...c, ...c.at });
		if (!page || intOf(page, c.at.word) !== c.value) return false;
		if (before && intOf(before, c.at.word) === c.value && before.uptodate === page.uptodate)
			return false;
		return c.by === 'task' || (s.of === 'disk' && valueIn(s.after, 'disk', c.at) === c.value);
	},
	cached: (v, c) =>
		v.all(c, ({ after }) => {
			const page = pageIn(after, { ...c, ...c.at });
			return page?.cached === true && intOf(page, c.at.word) === c.value;
		}),
	written: (v, c) => {
		const s = v.by(c);
		const old = valueIn(v.before(c.step), 'disk', c.at);
		return s !== undefined && valueIn(s.after, 'disk', c.at) === c.value && old !== c.value;
	},
	late: (v, c) => {
		const s = v.step(c.step);
		const dead = statusBefore(v, c.step, c.node) !== 'ALIVE';
		const old = valueIn(v.before(c.step), 'disk', c.at);
		return (
			dead && s?.of === 'fate' && valueIn(s.after, 'disk', c.at) === c.value && old !== c.value
		);
	},
	disk: (v, c) => valueIn(v.after(c.step), 'disk', c.at) === c.value,
	unwritten: (v, c) =>
		valueIn(v.after(c.from), 'latest', c.at) === c.value &&
		v.all(c, ({ after }) => valueIn(after, 'disk', c.at) !== c.value),
	full: (v, c) => v.by(c)?.moments.some((m) => m.kind === 'no-space' && m.file === c.file) === true,
	block: (v, c) => {
		const has = (n: number) => v.step(n)?.around.blocks?.[c.file]?.[c.index] === c.block;
		const { since, step } = c;
		return since >= 1 && since <= step && has(since) && has(step) && !has(since - 1);
	},
	refused: (v, c) => {
		const count = v.by(c)?.around.refused ?? 0;
		return count > (v.step(c.step - 1)?.around.refused ?? 0);
	},

	installed: (v, c) => {
		const s = v.by(c);
		const now = s && entriesIn(s.after, c, 'pte').find((m) => maps(m, c));
		if (!now) return false;
		const old = entriesIn(v.before(c.step), c, 'pte').find((m) => m.vpage === now.vpage);
		return old?.frame !== c.frame || (!old.write && c.write);
	},
	mapped: (v, c) => entriesIn(v.after(c.step), c, c.of).some((m) => maps(m, c)),
	unmapped: (v, c) => {
		const s = v.by(c);
		const old = entriesIn(v.before(c.step), c, 'pte').find((m) => maps(m, c));
		const now = entriesIn(s?.after, c, 'pte').find((m) => m.vpage === old?.vpage);
		return s !== undefined && old !== undefined && now?.frame === '';
	},
	cleaned: (v, c) => {
		const s = v.by(c);
		const old = entriesIn(v.before(c.step), c, 'pte').find((m) => maps(m, { ...c, dirty: true }));
		const now = entriesIn(s?.after, c, 'pte').find((m) => m.vpage === old?.vpage);
		return s !== undefined && !c.dirty && now?.frame === c.frame && !now.dirty;
	},
	spared: (v, c) =>
		v.after(c.to)?.mappings.some((m) => isPteOf(m, c)) === true &&
		v.all(c, ({ step, after }) =>
			v.before(step).mappings.every((old) => {
				if (!isPteOf(old, c)) return true;
				return after.mappings.some((m) => sameEntry(m, old) && m.frame !== '');
			}),
		),
	dirtied: (v, c) => {
		const s = v.by(c);
		const page = pageIn(s?.after, c);
		return page?.dirty === true && page.data === c.value && !pageIn(v.before(c.step), c)?.dirty;
	},
	copied: (v, c) => {
		const s = v.by(c);
		const entries = (at: Snapshot) =>
			at.mappings.filter((m) => m.kind === 'pte' && m.node === c.node);
		const old = entries(v.before(c.step)).find((m) => m.frame === c.original);
		const now = old && s && entries(s.after).find((m) => sameEntry(m, old));
		return now?.frame === c.frame && (frameIn(s?.after, c.node, c.frame)?.file ?? 0) < 0;
	},
	dropped: (v, c) => {
		const s = v.by(c);
		const old = pageIn(v.before(c.step), c);
		if (!s || !old?.cached || old.data !== c.value || old.dirty !== c.dirty) return false;
		return !pageIn(s.after, c)?.cached;
	},

	returned: (v, c) =>
		v.by(c)?.moments.some((m) => m.kind === HOOK_KINDS[c.hook] && m.frame === c.frame) === true,
	during: (v, c) => v.by(c)?.moments.some((m) => m.within === c.call) === true,
	wroteOut: (v, c) => {
		const ends = v.by({ ...c, step: c.to })?.moments;
		return (
			ends?.some((m) => m.kind === 'sync-end' && m.file === c.file && m.since === c.from) === true
		);
	},
	walked: (v, c) => {
		const own = v.trace.steps.filter(
			(s) => s.task === c.task && s.step >= c.from && s.step <= c.to,
		);
		const kind = c.protect ? 'protect-end' : 'unmap-end';
		const ends = v.by({ ...c, step: c.to })?.moments;
		if (!ends?.some((m) => m.kind === kind && m.file === c.file && m.since === c.from))
			return false;
		let found = 0;
		for (const s of own)
			for (const old of v.before(s.step).mappings) {
				if (old.kind !== 'pte' || old.node !== c.node || old.file !== c.file || !old.frame)
					continue;
				const now = s.after.mappings.find((m) => sameEntry(m, old));
				if (c.protect ? old.write && !now?.write : !now?.frame) found++;
			}
		const { to: step, file, wanted: nodes } = c;
		return found === c.found && (nodes.length === 0 || wants(v, { step, file, nodes }));
	},

	called: (v, c) => {
		const now = glockIn(v.after(c.step), c.node, c.file);
		const old = glockIn(v.before(c.step), c.node, c.file);
		return now?.demote === c.state && old?.demote !== c.state;
	},
	wanted: (v, c) => c.nodes.length > 0 && wants(v, c),
	blocked: (v, c) => {
		const busy = (g: GlockState | undefined) => g?.busy === true;
		const now = glockIn(v.after(c.step), c.node, c.file);
		return busy(now) && !busy(glockIn(v.before(c.step), c.node, c.file));
	},
	unlocked: (v, c) => {
		const s = v.step(c.step);
		if (s?.node !== c.node) return false;
		const old = glockIn(v.before(c.step), c.node, c.file)?.state ?? '';
		const now = glockIn(s.after, c.node, c.file)?.state ?? '';
		const rank = (state: string) => v.trace.lockStates[state] ?? 0;
		const drops = s.moments.some(
			(m) => m.kind === 'unlock' && m.file === c.file && m.to === c.state,
		);
		return (now === c.state && rank(now) < rank(old)) || (drops && old !== c.state);
	},
	has: (v, c) => glockIn(v.after(c.step), c.node, c.file)?.state === c.state,
	took: (v, c) => {
		const there = v.trace.tasks.some((t) => t.name === c.task && t.node === c.node);
		const holds = (s: Snapshot | undefined) =>
			glockIn(s, c.node, c.file)?.holders.some((h) => h.task === c.task) === true;
		return there && holds(v.after(c.step)) && !holds(v.before(c.step));
	},
	withdrew: (v, c) =>
		v.by(c)?.moments.some((m) => m.kind === 'interrupted' && m.file === c.file) === true,
	overtaken: (v, c) => {
		const p = v.trace.tasks.findIndex((t) => t.name === c.process);
		const count = (n: number) => v.step(n)?.around.overtaken?.[p] ?? 0;
		return v.by(c) !== undefined && count(c.step) === c.count && count(c.step - 1) === c.count - 1;
	},

	died: (v, c) =>
		statusAfter(v, c.step, c.node) === 'DEAD' && statusBefore(v, c.step, c.node) === 'ALIVE',

	result: (v, c) =>
		v
			.step(c.step)
			?.results.some(
				(r) =>
					r.process === c.process && r.name === c.name && r.value === c.value && r.text === c.text,
			) === true,
	final: (v, c) =>
		v.trace.finals?.some((f) => f.name === c.name && f.value === c.value && f.text === c.text) ===
		true,
	resized: (v, c) => {
		const old = v.step(c.step - 1)?.around.sizes?.[c.file];
		return v.by(c)?.around.sizes?.[c.file] === c.size && old !== c.size;
	},
	length: (v, c) => {
		const now = v.after(c.step);
		return now?.sizes[c.node]?.[c.file] === c.size && now.diskSizes[c.file] === c.disk;
	},
	sizes: (v, c) => {
		const s = v.step(c.step);
		const size = c.node === 'disk' ? s?.after.diskSizes[c.file] : s?.after.sizes[c.node]?.[c.file];
		return s?.around.sizes?.[c.file] === c.users && size === c.size;
	},

	waits: (v, c) =>
		v.trace.waits.some(
			(w) =>
				w.task === c.task &&
				w.node === c.node &&
				w.caller === c.function &&
				w.lock === c.lock &&
				w.path === c.path &&
				w.glock === c.glock,
		),
	holds: (v, c) => {
		const held = v.trace.waits.flatMap((w) =>
			w.lock === c.lock && w.path === c.path ? w.heldBy : [],
		);
		const known = held.some((h) => h.task === c.task && h.step === c.step);
		const s = v.step(c.step);
		if (!known || (c.step > 0 && s?.task !== c.task)) return false;
		const takes = (m: Moment) =>
			m.kind === 'locked' && m.path === c.path && m.function === c.function;
		return c.function === '' || s?.moments.some(takes) === true;
	},
	grip: (v, c) => {
		const held = v.end.manager.find((m) => m.lock === c.lock)?.held[c.node];
		const glock = v.end.glocks.find((g) => g.node === c.node && g.lock === c.lock);
		const holders = glock?.holders.map((h) => h.task) ?? [];
		return held === c.state && c.tasks.every((t) => holders.includes(t));
	},

	broken: (v, c) => {
		const { violation } = v.trace;
		if (c.function !== undefined && violation.place?.function !== c.function) return false;
		const s = v.by(c);
		const found = violation.step === c.step ? violation : undefined;
		const is = (b: { property: string; message: string } | undefined) =>
			b?.property === c.property && b.message === c.message;
		return s !== undefined && (is(found) || is(s.broken));
	},
	cycle: (v, c) =>
		v.trace.cycleFrom === c.from - 1 &&
		v.trace.steps.length === c.to &&
		c.starving.every((t) => !ended(v.trace, t)),
	endless: (v, c) => v.trace.violation.property === 'I10' && v.trace.steps.length === c.step,
	later: (v, c) => {
		const a = v.trace.aftermath;
		return (
			a?.steps === c.steps &&
			a.task === c.task &&
			a.node === c.node &&
			a.kind === c.access &&
			a.value === c.value &&
			a.file === c.at.file &&
			a.index === c.at.index &&
			(a.word ?? 0) === c.at.word &&
			(c.latest === undefined || a.latest === c.latest) &&
			(c.storedBy === undefined || a.storedBy === c.storedBy) &&
			(a.private === true) === (c.private === true) &&
			(a.direct === true) === (c.direct === true)
		);
	},
};

function wants(v: View, c: { step: number; file: number; nodes: readonly number[] }): boolean {
	const manager = v.after(c.step)?.manager.find((m) => m.file === c.file);
	return c.nodes.every(
		(n) =>
			manager?.waiting.some((w) => w.node === n) ||
			(v.trace.lockStates[manager?.held[n] ?? ''] ?? 0) > 0,
	);
}
const isAt = (m: { file?: number; index?: number; word?: number }, at: At): boolean =>
	m.file === at.file && m.index === at.index && (m.word ?? 0) === at.word;
const isPteOf = (m: MappingState, c: { node: number; file: number }): boolean =>
	m.kind === 'pte' && m.node === c.node && m.file === c.file && m.frame !== '';
const sameEntry = (a: MappingState, b: MappingState): boolean =>
	a.kind === b.kind && a.node === b.node && a.process === b.process && a.vpage === b.vpage;
const statusAfter = (v: View, step: number, node: number): string | undefined =>
	v.step(step)?.around.status?.[node];
/** Before the first step all are alive. */
const statusBefore = (v: View, step: number, node: number): string | undefined =>
	step === 1 ? 'ALIVE' : statusAfter(v, step - 1, node);
const ended = (trace: Trace, process: string): boolean =>
	trace.steps.flatMap((s) => s.results).findLast((r) => r.process === process && r.name === 'ended')
		?.value === 1;
