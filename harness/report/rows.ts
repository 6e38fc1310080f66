// SPDX-License-Identifier: GPL-2.0-only
/**
 * From steps to what is worth a line: runs of one task, the way into the kernel and back, the log.
 *
 * Interface: rowsOf Row Item
 */
import type { Moment, MomentKind } from './moments.ts';
import type { Snapshot } from './state.ts';
import type { Trace, TraceStep } from './trace.ts';
import { isPrimitive } from './waits.ts';

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
	'nothing-unmapped',
	'disk-write',
];
/** What goes without saying, unless everything is asked for. */
const SAID_ELSEWHERE: MomentKind[] = ['cached', 'holds', 'state', 'request'];
/** Log lines that a moment tells better. */
const TOLD = [/^page fault:/, /^store:/, /^load:/, /^do_no_page: pte/, /^truncate_inode_pages:/];
const HIDDEN = [
	'user_process',
	'user_access',
	'user_syscall',
	'system_call',
	'ogfs_glockd',
	'disk_server',
	'lm_server',
	'setup',
];

export function rowsOf(trace: Trace, full: boolean): Row[] {
	return new Rows(trace, full).all();
}

class Rows {
	private readonly rows: Row[] = [];
	/** the functions that each task was last seen in */
	private readonly seen = new Map<string, string[]>();
	private readonly said = new Map<string, string>();

	constructor(
		private readonly trace: Trace,
		private readonly full: boolean,
	) {}

	all(): Row[] {
		const { steps } = this.trace;
		for (let i = 0; i < steps.length; ) {
			let end = i + 1;
			while (end < steps.length && this.joins(steps, i, end)) end++;
			this.run(steps.slice(i, end));
			i = end;
		}
		const last = this.rows.at(-1);
		if (last && steps.length > 0) last.state = steps.at(-1)!.after;
		return this.rows;
	}

	/** Does a step belong to the run that began at @from? A disk's step in between is no break. */
	private joins(steps: readonly TraceStep[], from: number, i: number): boolean {
		if (this.full) return false;
		const [a, b] = [steps[from], steps[i]];
		if (b.node !== a.node || b.step - 1 === this.trace.cycleFrom) return false;
		if (this.matters(steps[i - 1])) return false;
		const disk = (s: TraceStep) => s.task.startsWith('disk');
		if (b.task === a.task) return true;
		if (!disk(b) || disk(a)) return false;
		const next = steps.slice(i + 1).find((s) => !disk(s) || s.node !== a.node);
		return next?.task === a.task;
	}

	/** A property that did hold before the step does not hold after it. */
	private breaks(s: TraceStep): boolean {
		const before = this.trace.steps[s.step - 2]?.broken;
		return s.broken !== undefined && s.broken.property !== before?.property;
	}

	private matters(s: TraceStep): boolean {
		return s.moments.some((m) => MATTERS.includes(m.kind)) || this.breaks(s);
	}

	private run(steps: readonly TraceStep[]): void {
		const [first] = steps;
		const last = steps.at(-1)!;
		const row: Row = { node: first.node, from: first.step, to: last.step, items: [] };
		if (first.node < 0 && !first.task.startsWith('lm')) row.who = first.task;
		for (const step of steps)
			this.step(step, row, step === last || this.nextOf(steps, step) !== step.task);
		if (row.items.length === 0) return;
		if (this.full || this.matters(last) || last.step === this.trace.cycleFrom)
			row.state = last.after;
		this.rows.push(row);
	}

	private nextOf(steps: readonly TraceStep[], step: TraceStep): string | undefined {
		return steps.find((s) => s.step > step.step && !s.task.startsWith('disk'))?.task;
	}

	private step(step: TraceStep, row: Row, stops: boolean): void {
		const { items } = row;
		if (step.node < 0) {
			for (const text of this.texts(step))
				items.push({ kind: 'log', text: text.replace(/^lm: /, '') });
			if (items.length > 0 && items[0].kind !== 'task' && this.full)
				items.unshift({ kind: 'task', text: step.task });
			return;
		}
		const disk = step.task.startsWith('disk');
		if (!disk || items.length === 0) this.header(step, items);
		const calls: Item[] = [];
		const back = disk || this.calls(step, calls, stops);
		const texts = this.texts(step).map(
			(text): Item => ({ kind: 'log', text: `[${step.step}] ${text}` }),
		);
		// what a task said on its way back comes before the place that it came back to
		const access = texts.filter((t) => /^\[\d+\] (fault on|store|load) /.test(t.text));
		const rest = texts.filter((t) => !access.includes(t));
		for (const item of [...access, ...(back ? [...rest, ...calls] : [...calls, ...rest])])
			this.push(items, item);
		if (this.breaks(step)) items.push({ kind: 'broken', text: `*** ${step.broken!.property}` });
	}

	/** A way into the kernel that goes on where the one before ended is one way. */
	private push(items: Item[], item: Item): void {
		const previous = items.at(-1);
		const [first, ...rest] = item.text.split(' > ');
		const joins = previous?.kind === 'call' && item.kind === 'call' && rest.length > 0;
		if (!this.full && joins && previous.text.split(' > ').at(-1) === first)
			previous.text += ` > ${rest.join(' > ')}`;
		else items.push(item);
	}

	private header(step: TraceStep, items: Item[]): void {
		const source = step.source ? `${step.source.text.replace(/;$/, '')};` : '';
		const text = source ? `${step.task}: ${source}` : step.task;
		const again = this.said.get('') === text && items.some((i) => i.kind === 'task');
		const sameRun = items.some((i) => i.kind === 'task' && i.text === text);
		this.said.set('', text);
		if (!again && !sameRun) items.push({ kind: 'task', text });
	}

	/** The way from where the task was last seen to where it is now. True: it has come back. */
	private calls(step: TraceStep, items: Item[], stops: boolean): boolean {
		const names = (places: readonly { function: string }[]) =>
			places.map((p) => p.function).filter((f) => this.full || !HIDDEN.includes(f));
		const all = names(step.stackAfter);
		const resting = stops && all.length > 0;
		const path = this.full || resting ? all : all.filter((f) => !isPrimitive(f));
		const old = this.seen.get(step.task) ?? names(step.stack).filter((f) => !isPrimitive(f));
		let common = 0;
		while (common < old.length && common < path.length && old[common] === path[common]) common++;
		const fresh = path.slice(common);
		this.seen.set(
			step.task,
			all.filter((f) => !isPrimitive(f)),
		);
		const back = old.length > common;
		const at = names(step.stack)
			.filter((f) => !isPrimitive(f))
			.at(-1);
		if (path.length === 0) {
			if (at && this.matters(step) && !step.moments.some((m) => m.kind === 'store'))
				items.push({ kind: 'call', text: at });
			return false;
		}
		if (fresh.length === 0 && !(stops && back)) return back;
		const mark = !resting ? '' : step.blocked ? ' (sleeps)' : ' ...';
		const line = [...path.slice(Math.max(0, common - 1), common), ...fresh].join(' > ');
		items.push({ kind: 'call', text: line + mark });
		return back;
	}

	private texts(step: TraceStep): string[] {
		const out: string[] = [];
		const add = (text: string) => {
			if (!out.includes(text)) out.push(text);
		};
		const shown = (m: Moment) =>
			this.full || step.node < 0 || !SAID_ELSEWHERE.includes(m.kind) || m.kind === 'state';
		const moments = step.moments.filter(shown);
		const asks = step.moments.some((m) => m.kind === 'ask');
		const told = (l: string) =>
			TOLD.some((re) => re.test(l)) || (asks && /^ogfs_glock_nq:/.test(l));
		const lines = step.log.filter((l) => this.full || !told(l));
		if (step.node >= 0) {
			for (const m of moments) add(m.text);
			if (this.full) for (const l of lines) add(this.tidy(l));
			else for (const l of lines) if (!this.covered(l, moments)) add(this.tidy(l));
		} else {
			for (const m of moments) if (!/keeps/.test(m.text) || this.full) add(m.text);
		}
		return out;
	}

	private covered(line: string, moments: readonly Moment[]): boolean {
		return moments.some((m) => m.text === this.tidy(line));
	}
	private tidy(line: string): string {
		return line
			.replace(/nodes\[\d+\]\.page_cachep\[(\d+)\]/g, 'page#$1')
			.replace(/\b(?:file|lock) (\d+)/g, (text, n) => this.trace.files[Number(n)]?.name ?? text)
			.replace(/LM_ST_/g, '');
	}
}
