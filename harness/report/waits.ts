// SPDX-License-Identifier: GPL-2.0-only
/**
 * Who waits for what, held by whom. The lock words of the kernel do not say who took them; the
 * steps that changed them do.
 *
 * Interface: Ownership Taking waitsOf lockOf
 */
import { BLOCKED, type Frame, IDLE, type Machine } from '../engine/machine.ts';
import type { Held, Wait } from './model.ts';
import type { Names, Snapshot } from './state.ts';

const PRIMITIVES = [
	'spin_lock',
	'down',
	'down_read',
	'down_write',
	'lock_page',
	'wait_on_page',
	'pagecache_step',
	'alloc_page',
	'glock_wait_internal',
];
export const isPrimitive = (name: string): boolean => PRIMITIVES.includes(name);

/** Who took what is locked before the first step. */
export const SETUP = 'the set-up';

/** A task is about to take a lock: the path of its word, and the function that wants it. */
export interface Taking {
	path: string;
	function: string;
}

/** The lock that a frame of a primitive is about. */
export function lockOf(machine: Machine, top: Frame): string | undefined {
	const local = top.locals.find((l) => ['lock', 'sem', 'page'].includes(l.name));
	return isPrimitive(top.function) && local ? machine.nameOf(local.value) : undefined;
}

/** Which task took each lock, by the path of its word. */
export class Ownership {
	private readonly owners = new Map<string, Held[]>();

	constructor(initial: Snapshot) {
		for (const path of lockWords(initial).keys())
			this.owners.set(path, [{ task: SETUP, step: 0, function: 'set-up' }]);
	}

	/**
	 * Task @task took a step between two snapshots. The function that took a lock is only known of a
	 * task that had waited for it, or for its turn, in a primitive: a step goes through many.
	 */
	note(task: string, step: number, before: Snapshot, after: Snapshot, taking?: Taking): void {
		const [old, now] = [lockWords(before), lockWords(after)];
		for (const path of new Set([...old.keys(), ...now.keys()])) {
			const [b, a] = [Math.abs(old.get(path) ?? 0), Math.abs(now.get(path) ?? 0)];
			const held = this.owners.get(path) ?? [];
			const where = taking?.path === path ? taking.function : '';
			if (a > b) held.push({ task, step, function: where });
			else if (a < b) {
				const mine = held.findIndex((h) => h.task === task);
				held.splice(Math.max(mine, 0), 1);
			}
			this.owners.set(path, held);
		}
	}
	of(path: string): Held[] {
		return this.owners.get(path) ?? [];
	}
}

/** Lock words, and page locks, that are taken. */
function lockWords(s: Snapshot): Map<string, number> {
	const out = new Map<string, number>();
	for (const [path, value] of Object.entries(s.words))
		if (!path.endsWith('truncate_count')) out.set(path, path.endsWith('i_sem') ? 1 - value : value);
	for (const p of s.pages)
		if (p.locked) out.set(`nodes[${p.node}].page_cachep[${p.frame.slice(5)}]`, 1);
	return out;
}

/** Every task that cannot go on. */
export function waitsOf(
	machine: Machine,
	names: Names,
	ownership: Ownership,
	now: Snapshot,
): Wait[] {
	const out: Wait[] = [];
	for (const [t, info] of machine.tasks.entries()) {
		const ready = machine.ready(t);
		if (ready !== BLOCKED && ready !== IDLE) continue;
		const frames = machine.stack(t);
		const top = frames.at(-1);
		if (!top) continue;
		const task = names.task(machine, t);
		const inner = [...frames].reverse().find((f) => !isPrimitive(f.function)) ?? top;
		const of = objectOf(machine, names, ownership, now, task, info.node, top);
		out.push({
			task,
			node: info.node,
			function: top.function,
			caller: inner.function,
			file: inner.file,
			line: inner.line,
			idle: ready === IDLE,
			stack: frames.map((f) => f.function),
			...of,
		});
	}
	return out;
}

function objectOf(
	machine: Machine,
	names: Names,
	ownership: Ownership,
	now: Snapshot,
	task: string,
	node: number,
	top: Frame,
): Pick<Wait, 'lock' | 'heldBy' | 'glock' | 'path'> {
	const path = lockOf(machine, top);
	if (path) return { lock: names.lock(path), path, heldBy: ownership.of(path) };
	const glock = now.glocks.find((g) => g.node === node && g.waiters.some((w) => w.task === task));
	if (!glock) return { lock: '', heldBy: [] };
	const mine = glock.waiters.find((w) => w.task === task)!;
	const heldBy: Held[] = [];
	for (const [n, state] of now.manager.find((m) => m.file === glock.file)!.held.entries()) {
		if (state === 'UNLOCKED') continue;
		const there = now.glocks.find((g) => g.node === n && g.file === glock.file)!;
		const daemon = machine.tasks.find((t) => t.node === n && t.function === 'ogfs_glockd')!.name;
		const note = `node ${n} has ${state}`;
		const users = there.holders.map((h) => h.task).filter((h) => h !== task);
		if (n === node && users.length === 0 && mine.state !== state) continue;
		for (const user of users) heldBy.push({ task: user, step: 0, function: '', note, node: n });
		if (users.length === 0) heldBy.push({ task: daemon, step: 0, function: '', note, node: n });
	}
	const lock = `the glock of ${names.file(glock.file)}, ${mine.state}`;
	return { lock, heldBy, glock: glock.file };
}
