// SPDX-License-Identifier: GPL-2.0-only
/**
 * From steps to what is worth a line: runs of one task, the way into the kernel and back, the log.
 *
 * Interface: rowsOf Row Item
 */
import { DETAILS, isKind, type Moment, type MomentKind, waitIn } from './moments.ts';
import type { Snapshot } from './state.ts';
import type { Place, Trace, TraceStep } from './trace.ts';

export interface Item {
	kind: 'task' | 'call' | 'log' | 'broken';
	text: string;
}
export interface Row {
	/** -1: the lock manager, or who is named in `who` */
	node: number;
	who?: string;
	from: number;
	to: number;
	items: Item[];
	/** to be shown after the row */
	state?: Snapshot;
}

/** After these a reader wants to see where things are. */
const MATTERS: MomentKind[] = [
	'pte',
	'wrprotect',
	'unmapped',
	'pte-dirty',
	'pte-clean',
	'store',
	'unlock',
	'dropped',
	'private',
	'page-dirty',
	'unmap-end',
	'protect-end',
	'disk-write',
	'late-write',
	'death',
	'size',
];
/** What goes without saying, unless everything is asked for. */
const SAID_ELSEWHERE: ReadonlySet<MomentKind> = new Set<MomentKind>([
	...DETAILS,
	'cached',
	'holds',
	'keeps',
	'waits',
	'calls',
	'cut',
	'nopage',
	'glock-wait',
	'sync',
	'sync-end',
]);
/** Accesses: said before the place in the kernel that a task has come back to. */
const ACCESSES: readonly MomentKind[] = ['fault', 'store', 'load'];

export function rowsOf(trace: Trace, full: boolean): Row[] {
	return new Rows(trace, full).all();
}

class Rows {
	readonly #rows: Row[] = [];
	/** the functions that each task was last seen in */
	readonly #seen = new Map<string, string[]>();
	readonly #said = new Map<string, string>();
	readonly #primitives: ReadonlySet<string>;
	readonly #trace: Trace;
	readonly #full: boolean;

	constructor(trace: Trace, full: boolean) {
		this.#trace = trace;
		this.#full = full;
		this.#primitives = new Set(trace.primitives);
	}

	all(): Row[] {
		const { steps } = this.#trace;
		for (let i = 0; i < steps.length; ) {
			let end = i + 1;
			while (end < steps.length && this.#joins(steps, i, end)) end++;
			this.#run(steps.slice(i, end));
			i = end;
		}
		const last = this.#rows.at(-1);
		if (last && steps.length > 0) last.state = steps.at(-1)!.after;
		return this.#rows;
	}

	/** Does a step belong to the run that began at @from? A disk's step in between is no break. */
	#joins(steps: readonly TraceStep[], from: number, i: number): boolean {
		if (this.#full) return false;
		const [a, b] = [steps[from], steps[i]];
		if (b.node !== a.node || b.step - 1 === this.#trace.cycleFrom) return false;
		if (this.#matters(steps[i - 1])) return false;
		const disk = isDisk;
		if (b.task === a.task) return true;
		if (!disk(b) || disk(a)) return false;
		const next = steps.slice(i + 1).find((s) => !disk(s) || s.node !== a.node);
		return next?.task === a.task;
	}

	/** A property that did hold before the step does not hold after it. */
	#breaks(s: TraceStep): boolean {
		const before = this.#trace.steps[s.step - 2]?.broken;
		return s.broken !== undefined && s.broken.property !== before?.property;
	}

	#matters(s: TraceStep): boolean {
		const matters = (m: Moment) =>
			MATTERS.includes(m.kind) &&
			!((m.kind === 'unmap-end' || m.kind === 'protect-end') && m.count);
		return s.moments.some(matters) || this.#breaks(s);
	}

	#run(steps: readonly TraceStep[]): void {
		const [first] = steps;
		const last = steps.at(-1)!;
		const row: Row = { node: first.node, from: first.step, to: last.step, items: [] };
		if (first.node < 0 && !isManager(first)) row.who = first.task;
		for (const step of steps)
			this.#step(step, row, step === last || this.#nextOf(steps, step) !== step.task);
		if (!this.#full && row.items.every((i) => i.kind === 'task')) return;
		if (this.#full || this.#matters(last) || last.step === this.#trace.cycleFrom)
			row.state = last.after;
		this.#rows.push(row);
	}

	#nextOf(steps: readonly TraceStep[], step: TraceStep): string | undefined {
		return steps.find((s) => s.step > step.step && !isDisk(s))?.task;
	}

	#step(step: TraceStep, row: Row, stops: boolean): void {
		const { items } = row;
		if (step.node < 0) {
			for (const { text } of this.#texts(step)) items.push({ kind: 'log', text });
			if (items.length > 0 && items[0].kind !== 'task' && this.#full)
				items.unshift({ kind: 'task', text: step.task });
			if (this.#breaks(step)) items.push({ kind: 'broken', text: `*** ${step.broken!.property}` });
			return;
		}
		const disk = isDisk(step);
		if (!disk || items.length === 0) this.#header(step, items);
		const calls: Item[] = [];
		const back = disk || this.#calls(step, calls, stops);
		const all = this.#texts(step);
		const item = ({ text }: Said): Item => ({ kind: 'log', text: `[${step.step}] ${text}` });
		const access = all.filter((t) => t.access).map(item);
		const rest = all.filter((t) => !t.access).map(item);
		for (const one of [...access, ...(back ? [...rest, ...calls] : [...calls, ...rest])])
			this.#push(items, one);
		if (this.#breaks(step)) items.push({ kind: 'broken', text: `*** ${step.broken!.property}` });
	}

	/** A way into the kernel that goes on where the one before ended is one way. */
	#push(items: Item[], item: Item): void {
		const previous = items.at(-1);
		const [first, ...rest] = item.text.split(' > ');
		const joins = previous?.kind === 'call' && item.kind === 'call' && rest.length > 0;
		if (!this.#full && joins && previous.text.split(' > ').at(-1) === first)
			previous.text += ` > ${rest.join(' > ')}`;
		else items.push(item);
	}

	#header(step: TraceStep, items: Item[]): void {
		const statement = step.source?.text ?? '';
		const source = statement && !statement.endsWith(';') ? `${statement};` : statement;
		const text = source ? `${step.task}: ${source}` : step.task;
		const again = this.#said.get('') === text && items.some((i) => i.kind === 'task');
		const sameRun = items.some((i) => i.kind === 'task' && i.text === text);
		this.#said.set('', text);
		if (!again && !sameRun) items.push({ kind: 'task', text });
	}

	/** The way from where the task was last seen to where it is now. True: it has come back. */
	#calls(step: TraceStep, items: Item[], stops: boolean): boolean {
		const isPrimitive = (f: string) => this.#primitives.has(f);
		const names = (places: readonly Place[]) =>
			places.filter((p, i) => this.#full || !isFrameOfTask(p, i)).map((p) => p.function);
		const all = names(step.stackAfter);
		const resting = stops && all.length > 0;
		const path = this.#full || resting ? all : all.filter((f) => !isPrimitive(f));
		const old = this.#seen.get(step.task) ?? names(step.stack).filter((f) => !isPrimitive(f));
		let common = 0;
		while (common < old.length && common < path.length && old[common] === path[common]) common++;
		const fresh = path.slice(common);
		this.#seen.set(
			step.task,
			all.filter((f) => !isPrimitive(f)),
		);
		const back = old.length > common;
		const at = names(step.stack)
			.filter((f) => !isPrimitive(f))
			.at(-1);
		if (path.length === 0) {
			if (at && this.#matters(step) && !step.moments.some((m) => m.kind === 'store'))
				items.push({ kind: 'call', text: at });
			return false;
		}
		if (fresh.length === 0 && !(stops && back)) return back;
		const mark = !resting ? '' : step.blocked ? ' (sleeps)' : ' ...';
		const line = [...path.slice(Math.max(0, common - 1), common), ...fresh].join(' > ');
		items.push({ kind: 'call', text: line + mark });
		return back;
	}

	/** What is said of a step: its moments, with everything also the lines of the log. */
	#texts(step: TraceStep): Said[] {
		const out: Said[] = [];
		const add = (text: string, access: boolean) => {
			if (!out.some((x) => x.text === text)) out.push({ text, access });
		};
		const asks = step.moments.some(isKind('ask', 'upgrade'));
		const wait = asks ? undefined : waitIn(step.moments, step.blocked);
		for (const m of step.moments)
			if (this.#full || m === wait || this.#shown(step, m)) add(m.text, ACCESSES.includes(m.kind));
		if (this.#full) for (const line of step.log) add(`log: ${line}`, false);
		return out;
	}

	/** Is a moment worth a line? In the lock manager's column more is. */
	#shown(step: TraceStep, m: Moment): boolean {
		if (m.kind === 'unmap-end' || m.kind === 'protect-end') return m.count === 0;
		if (m.kind === 'waits' || m.kind === 'calls') return isManager(step);
		return !SAID_ELSEWHERE.has(m.kind);
	}
}

interface Said {
	text: string;
	access: boolean;
}

const isDisk = (s: TraceStep): boolean => s.of === 'disk';
const isManager = (s: TraceStep): boolean => s.of === 'lock manager';
/** The loop of a task, and what is around the kernel, are no way into it. */
const isFrameOfTask = (p: Place, i: number): boolean => i === 0 || p.file.startsWith('harness/');
