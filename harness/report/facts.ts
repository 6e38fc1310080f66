// SPDX-License-Identifier: GPL-2.0-only
/**
 * Questions to a trace: when was this pte installed, when did the revoke unmap, what became of a
 * store.
 *
 * Interface: Facts Revoke
 */
import type { Moment, MomentKind } from './moments.ts';
import type { MappingState, PageState, Snapshot } from './state.ts';
import { frameOf } from './summary.ts';
import type { Trace, TraceStep } from './trace.ts';

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
	dropped: number;
	/** what it went down to */
	target: string;
	/** nodes that wait for the lock */
	wantedBy: number[];
}
export interface Found {
	step: TraceStep;
	moment: Moment;
}

/** What ->nopage may be. */
const NOPAGES = ['ogfs_nopage', 'ogfs_sharewrite_nopage', 'filemap_nopage'];
const UNMAPPERS = ['ogfs_inval_pte', 'ogfs_wrprotect_pte'];

export class Facts {
	constructor(readonly trace: Trace) {}

	get last(): TraceStep | undefined {
		return this.trace.steps.at(-1);
	}
	get end(): Snapshot {
		return this.last?.after ?? this.trace.initial;
	}
	page(file: number, index: number): string {
		if (file < 0) return 'private memory';
		return this.trace.files[file]?.pages[index] ?? `page ${index} of file ${file}`;
	}
	file(file: number): string {
		return this.trace.files[file]?.name ?? `file ${file}`;
	}
	nodeOf(task: string): number {
		return this.trace.tasks.find((t) => t.name === task)?.node ?? -1;
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

	/** Ptes and TLB entries that map a page of a file where the node's lock does not allow it. */
	badMappings(): MappingState[] {
		return this.end.mappings.filter((m) => {
			const page = m.frame && frameOf(this.end, m.node, m.frame);
			if (!page || page.file < 0) return false;
			const state = this.glock(m.node, page.file).state;
			return state === 'UNLOCKED' || (state === 'SHARED' && (m.write || m.dirty)) || !page.cached;
		});
	}
	glock(node: number, file: number) {
		return this.end.glocks.find((g) => g.node === node && g.file === file)!;
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
				sharesProcess(x.process!, m.process),
		);
	}

	/** When the fault that installed a pte got its page from ->nopage. */
	nopageReturned(process: string, before: number): number {
		return Math.max(...NOPAGES.map((name) => this.left(name, process, before)));
	}
	/** The last step before another in which a task came back from a function. */
	left(name: string, task: string, before = Infinity): number {
		let found = 0;
		for (const s of this.trace.steps)
			if (s.task === task && s.step < before && has(s.stack, name) && !has(s.stackAfter, name))
				found = s.step;
		return found;
	}

	revoke(node: number, file: number, before = Infinity): Revoke {
		const at = (kind: MomentKind, end = before) =>
			this.find(
				kind,
				(m, s) => (m.node ?? s.node) === node && (m.file === undefined || m.file === file),
				end,
			)?.step.step ?? 0;
		const called = at('called');
		const daemon = this.trace.steps.filter(
			(s) => s.node === node && s.task.startsWith('glockd') && s.step >= called && s.step < before,
		);
		const phase = (names: string[]) => {
			const inside = daemon.filter((s) =>
				names.some((n) => has(s.stack, n) || has(s.stackAfter, n)),
			);
			return [inside[0]?.step ?? 0, inside.at(-1)?.step ?? 0];
		};
		const [unmap, unmapEnd] = called ? phase(UNMAPPERS) : [0, 0];
		const [sync, syncEnd] = called ? phase(['sync_inode']) : [0, 0];
		const unlock = this.find('unlock', (m, s) => s.node === node && m.file === file, before);
		const since = (n: number) => (called > 0 && n >= called ? n : 0);
		const waiting = this.end.manager.find((m) => m.file === file)!;
		const wantedBy = waiting.waiting.map((w) => w.node).filter((n) => n !== node);
		for (const [n, state] of waiting.held.entries())
			if (n !== node && state !== 'UNLOCKED' && !wantedBy.includes(n)) wantedBy.push(n);
		return {
			called,
			blocked: since(at('blocked-faults')),
			unmap,
			unmapEnd,
			sync,
			syncEnd,
			unlocked: since(unlock?.step.step ?? 0),
			dropped: since(at('dropped')),
			target: /down to (\w+)/.exec(unlock?.moment.text ?? '')?.[1] ?? 'UNLOCKED',
			wantedBy,
		};
	}

	/** A dirty page where the node's lock does not allow one. */
	dirtyPage(): PageState | undefined {
		return this.end.pages.find(
			(p) => p.file >= 0 && p.cached && p.dirty && this.glock(p.node, p.file).state !== 'EXCLUSIVE',
		);
	}

	/** The step in which a page of a file got the value that users must read now. */
	latestStore(file: number, index: number): TraceStep | undefined {
		let before = this.trace.initial;
		let found: TraceStep | undefined;
		for (const s of this.trace.steps) {
			const stored = s.moments.some(
				(m) => m.kind === 'store' && m.file === file && m.index === index,
			);
			if (s.after.latest[file][index] !== before.latest[file][index] || (stored && !s.broken))
				found = s;
			before = s.after;
		}
		return found;
	}
	/** Did the disk get a page after a step? */
	reachedDisk(file: number, index: number, after: number, value: number): number {
		return (
			this.trace.steps.find(
				(s) =>
					s.step > after &&
					s.after.disk[file][index] === value &&
					s.moments.some((m) => m.kind === 'disk-write'),
			)?.step ?? 0
		);
	}
}

export function has(stack: readonly { function: string }[], name: string): boolean {
	return stack.some((f) => f.function === name);
}
function sharesProcess(a: string, b: string): boolean {
	return a.split(',').some((x) => b.split(',').includes(x));
}
