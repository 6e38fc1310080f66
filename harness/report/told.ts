// SPDX-License-Identifier: GPL-2.0-only
/**
 * From the events of a step to its moments. A walk over page tables, or a write-out, is several
 * steps long: what a task has begun is remembered until it ends.
 *
 * Interface: Teller
 */
import type { LogEvent } from '../engine/machine.ts';
import type { EventArguments, EventName } from './events.ts';
import type { Fields, Moment, MomentKind, MomentOf } from './moments.ts';
import type { Names } from './names.ts';
import type { MappingState, PageState, Snapshot } from './state.ts';
import { textOf } from './wording.ts';

/** The task of a step, and the states before and after it. */
export interface Setting {
	task: string;
	node: number;
	step: number;
	/** the statement of the program */
	source?: string;
	before: Snapshot;
	after: Snapshot;
	names: Names;
}

/** What a task is in the middle of. */
interface Doing {
	within: string;
	walk?: { file: number; truncate: boolean; since: number; count: number };
	sync?: { file: number; since: number };
}

/** The fields of a kind, as a teller hands them out. */
export type FieldsOf<K extends MomentKind> = Omit<
	MomentOf<K>,
	'kind' | 'text' | 'node' | 'task' | 'within'
> & {
	node?: number;
	task?: string;
};
export type Make = <K extends MomentKind>(kind: K, fields: FieldsOf<K>) => Moment;

/** Makes moments of a step. */
function maker(at: Setting, within: string): Make {
	return (kind, fields) => {
		const { node = at.node, task = at.task, ...rest } = fields;
		const moment = { kind, text: '', node, task, within, ...rest } as unknown as Moment;
		return { ...moment, text: textOf(moment, at.names, at.source) };
	};
}

interface Scene extends Setting {
	doing: Doing;
	make: Make;
	/** the functions that were being executed, innermost first */
	stack: readonly string[];
}
type Told<N extends EventName> = (e: EventArguments<N>, c: Scene) => Moment | undefined;

const EVENTS: { [N in EventName]: Told<N> } = {
	fault: (e, c) => c.make('fault', { ...placeAt(c, e.address), store: e.write, kernel: e.kernel }),
	load: (e, c) => c.make('load', access(c, e)),
	store: (e, c) => c.make('store', access(c, e)),
	get_user: (e, c) => c.make('get-user', access(c, e)),
	put_user: (e, c) => c.make('put-user', access(c, e)),
	poke: (e, c) => c.make('poke', { ...ofPage(c, e.page), word: e.word, value: e.value }),
	copy_failed: (_, c) => c.make('copy-failed', {}),
	read: (e, c) => c.make('read', { ...ofPage(c, e.page), word: e.word, value: e.value }),
	write: (e, c) => c.make('write', { ...ofPage(c, e.page), word: e.word, value: e.value }),
	latest: (e, c) => c.make('latest', e),
	looked: (e, c) => c.make('looked', e),
	syscall: ({ call }, c) => {
		c.doing.within = call;
		return c.make('syscall', { call });
	},
	syscall_done: (e, c) => {
		c.doing.within = '';
		return c.make('syscall-done', e);
	},
	fork: ({ process }, c) => c.make('fork', { program: c.names.process(process) }),
	signal_sent: ({ signal, process }, c) =>
		c.make('signal-sent', { signal, program: c.names.process(process) }),
	signal: ({ signal }, c) => c.make('signal', { signal }),

	nopage: (e, c) => {
		const page = ofPage(c, e.page);
		return c.make('nopage', { ...placeAt(c, e.address), frame: page.file < 0 ? '' : page.frame });
	},
	mkwrite: (e, c) => c.make('mkwrite', { ...ofPage(c, e.page), allowed: e.status === 0 }),
	populate: (e, c) => c.make('populate', ofPage(c, e.page)),
	fault_retried: (e, c) => c.make('fault-retried', ofPage(c, e.page)),
	size_early: (e, c) => c.make('size-early', e),
	private_copy: (e, c) => {
		const of = ofPage(c, e.of);
		return c.make('private', { ...of, frame: c.names.frame(e.page), copied: of.frame });
	},
	unmap: ({ file, truncate }, c) => {
		c.doing.walk = { file, truncate, since: c.step, count: 0 };
		return c.make('unmap', { file, truncate });
	},
	unmap_done: (_, c) => {
		const { walk } = c.doing;
		c.doing.walk = undefined;
		return walk && c.make('unmap-end', walk);
	},
	protect: ({ file }, c) => {
		c.doing.walk = { file, truncate: false, since: c.step, count: 0 };
		return c.make('protect', { file });
	},
	protect_done: (_, c) => {
		const { walk } = c.doing;
		c.doing.walk = undefined;
		return walk && c.make('protect-end', { file: walk.file, count: walk.count, since: walk.since });
	},
	store_lost: (e, c) => c.make('store-lost', ofPage(c, e.page)),
	truncate_page: (e, c) => c.make('cut', ofPage(c, e.page)),

	anonymous: (e, c) => c.make('anonymous', { frame: c.names.frame(e.page) }),
	swap_out: (e, c) => c.make('swap-out', { ...ofPage(c, e.page), slot: e.slot }),
	swap_in: (e, c) => c.make('swap-in', { frame: c.names.frame(e.page) }),
	reclaim_write: (e, c) => c.make('reclaim-write', ofPage(c, e.page)),
	reclaim_free: (e, c) => c.make('reclaim-free', ofPage(c, e.page)),
	no_memory: (e, c) => c.make('no-memory', { function: c.stack[e.depth] ?? '' }),

	writeout: (e, c) => c.make('writeout', ofPage(c, e.page)),
	disk_write: (e, c) => c.make('disk-write', transfer(c, e)),
	disk_read: (e, c) => c.make('disk-read', transfer(c, e)),
	disk_error: (e, c) => c.make('disk-error', { ...c.names.sector(e.sector), store: e.write }),
	late_write: (e, c) =>
		c.make('late-write', {
			...c.names.sector(e.sector),
			word: e.word,
			value: e.value,
			other: e.node,
		}),
	swap_write: (e, c) => c.make('swap-write', swapped(c, e)),
	swap_read: (e, c) => c.make('swap-read', swapped(c, e)),
	inode_logged: (e, c) =>
		c.make('inode-logged', { file: e.file, bytes: e.bytes, other: e.journal }),
	inode_written: (e, c) => c.make('inode-written', e),
	block_given: (e, c) => c.make('block-given', e),
	block_freed: (e, c) => c.make('block-freed', e),
	no_space: (e, c) => c.make('no-space', e),
	link: (e, c) => c.make('link', { file: e.directory, index: e.file }),

	lock: ({ lock }, c) => c.make('lock', { path: lock, name: c.names.lock(lock), ...callers(c) }),
	locked: ({ lock }, c) =>
		c.make('locked', { path: lock, name: c.names.lock(lock), ...callers(c) }),
	waited: ({ lock }, c) =>
		c.make('waited', { path: lock, name: c.names.lock(lock), ...callers(c) }),
	unlocked: ({ lock }, c) =>
		c.make('unlocked', { path: lock, name: c.names.lock(lock), ...callers(c) }),

	passed: (_, c) => c.make('passed', callers(c)),

	glock_wait: (e, c) =>
		c.make('glock-wait', { ...ofLock(c, e.lock), state: e.state, ...callers(c) }),
	glock_interrupted: (e, c) => c.make('interrupted', ofLock(c, e.lock)),
	glock_state: (e, c) => c.make('state', { ...ofLock(c, e.lock), state: e.state }),
	glock_wanted: (e, c) => c.make('called', { ...ofLock(c, e.lock), to: e.to }),
	glock_idle: (e, c) => c.make('idle', { ...ofLock(c, e.lock), manager: e.manager }),
	revoke: (e, c) => c.make('blocked-faults', { ...ofLock(c, e.lock), to: e.to }),
	greedy: (e, c) => c.make('greedy', { ...ofLock(c, e.lock), count: e.quanta }),
	greedy_done: (e, c) => c.make('greedy-end', ofLock(c, e.lock)),
	sync: ({ file }, c) => {
		c.doing.sync = { file, since: c.step };
		return c.make('sync', { file });
	},
	sync_done: (_, c) => {
		const { sync } = c.doing;
		c.doing.sync = undefined;
		return sync && c.make('sync-end', sync);
	},
	pinned: (e, c) => c.make('pinned', { file: e.file, count: e.pages }),
	lm_ask: (e, c) => c.make('ask', { ...ofLock(c, e.lock), state: e.state }),
	lm_upgrade: (e, c) => c.make('upgrade', { ...ofLock(c, e.lock), from: e.from, to: e.to }),
	lm_unlock: (e, c) => c.make('unlock', { ...ofLock(c, e.lock), to: e.to }),
	lm_cancel: (e, c) => c.make('cancel', ofLock(c, e.lock)),
	lm_granted: (e, c) => c.make('granted', { ...ofLock(c, e.lock), other: e.node, state: e.state }),
	lm_denied: (e, c) => c.make('denied', { ...ofLock(c, e.lock), other: e.node }),
	lm_taken: (e, c) => c.make('taken', { ...ofLock(c, e.lock), other: e.node }),
	lm_droplocks: (e, c) => c.make('droplocks', { other: e.node }),

	death: (e, c) => c.make('death', { other: e.node }),
	fenced: (e, c) => c.make('fenced', { other: e.node }),
	node_lost: (e, c) => c.make('lost', { other: e.node }),
	recovery_wanted: (e, c) => c.make('recovery-wanted', { other: e.journal }),
	recovery: (e, c) => c.make('recovery', { other: e.journal }),
	journal_clean: (e, c) => c.make('journal-clean', { other: e.journal }),
	recovery_done: (e, c) => c.make('recovery-done', { other: e.journal, outcome: e.result }),
};

/** Makes the moments of one step after the other. */
export class Teller {
	#doing = new Map<string, Doing>();

	/** What @task is in the middle of. */
	#of(task: string): Doing {
		const known = this.#doing.get(task) ?? { within: '' };
		this.#doing.set(task, known);
		return known;
	}

	/** The moments of a step; @changed makes those that come from what changed. */
	tell(
		at: Setting,
		events: readonly LogEvent[],
		changed: (at: Setting, make: Make) => Moment[],
	): Moment[] {
		const doing = this.#of(at.task);
		// a dead node loses all that it has
		const dies = events.some((e) => e.event === 'death');
		const begun = events.find((e) => e.event === 'syscall');
		const within = doing.within || String(begun?.args.call ?? '');
		const differences = dies ? [] : changed(at, maker(at, within));
		const walked = new Map<number, number>();
		for (const m of differences)
			if (m.kind === 'unmapped' || m.kind === 'wrprotect')
				walked.set(m.file, (walked.get(m.file) ?? 0) + 1);
		/** A walk counts what it does in each of its steps; its end says the number. */
		const count = (): void => {
			if (!doing.walk) return;
			doing.walk.count += walked.get(doing.walk.file) ?? 0;
			walked.delete(doing.walk.file);
		};
		count();
		const said: Moment[] = [];
		for (const e of events) {
			const scene = { ...at, doing, stack: e.stack, make: maker(at, doing.within) };
			const told = EVENTS[e.event as EventName] as Told<EventName>;
			const moment = told(e.args as never, scene);
			if (moment) said.push(moment);
			count();
		}
		// a call returns when all is done
		const end = said.findIndex((m) => m.kind === 'syscall-done');
		said.splice(end < 0 ? said.length : end, 0, ...differences);
		return said;
	}

	/** For looking ahead: the result restores the present state. */
	save(): () => void {
		const kept = new Map([...this.#doing].map(([task, d]) => [task, structuredClone(d)]));
		return () => {
			this.#doing = new Map([...kept].map(([task, d]) => [task, structuredClone(d)]));
		};
	}
}

// ---- what events are about --------------------------------------------------------------------

/** What an address of the task that runs is a mapping of. */
function mappingAt(c: Scene, address: number): MappingState | undefined {
	const vpage = c.names.vpage(address);
	const here = (m: MappingState) =>
		m.kind === 'pte' && m.vpage === vpage && m.process.split(',').includes(c.task);
	return c.after.mappings.find(here) ?? c.before.mappings.find(here);
}

function placeAt(c: Scene, address: number): { file: number; index: number } {
	const found = mappingAt(c, address);
	return { file: found?.file ?? -1, index: found?.index ?? c.names.vpage(address) };
}

function frameIn(c: Scene, name: string): { frame: string; page?: PageState } {
	const frame = c.names.frame(name);
	const node = c.names.nodeOfFrame(name);
	const is = (p: PageState) => p.node === node && p.frame === frame;
	return { frame, page: c.after.pages.find(is) ?? c.before.pages.find(is) };
}

/** The page of a file that a frame is, or was. */
function ofPage(c: Scene, name: string): { file: number; index: number; frame: string } {
	const { frame, page } = frameIn(c, name);
	return { file: page?.file ?? -1, index: page?.index ?? 0, frame };
}

function access(
	c: Scene,
	e: { address: number; page: string; word: number; value: number },
): Pick<Fields, 'file' | 'index' | 'word' | 'value' | 'frame'> {
	return { ...placeAt(c, e.address), word: e.word, value: e.value, frame: c.names.frame(e.page) };
}

/** A direct transfer is for the file at that place of the disk. */
function transfer(
	c: Scene,
	e: { sector: number; word: number; value: number; page: string; direct: boolean },
): Pick<Fields, 'file' | 'index' | 'word' | 'value' | 'frame' | 'direct'> {
	const { frame, file, index } = ofPage(c, e.page);
	const place = e.direct || file < 0 ? c.names.sector(e.sector) : { file, index };
	return { ...place, word: e.word, value: e.value, frame, direct: e.direct };
}

function swapped(c: Scene, e: { slot: number; page: string }) {
	const { frame, page } = frameIn(c, e.page);
	return { slot: e.slot, frame, value: page?.data ?? 0 };
}

function ofLock(c: Scene, number: number) {
	const lock = c.names.lockOf(number);
	return lock.of === 'file' ? { lock, file: lock.which } : { lock };
}

/** The function in which it happened, and its caller. */
const callers = ({ stack }: Scene) => ({ inside: stack[0] ?? '', function: stack[1] ?? '' });
