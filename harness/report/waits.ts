// SPDX-License-Identifier: GPL-2.0-only
/**
 * Who waits for what, held by whom. The lock words of the kernel do not say who took them; the
 * steps that changed them do.
 *
 * Interface: Ownership waitsOf SETUP
 */
import { BLOCKED, IDLE, type Machine } from '../engine/machine.ts';
import type { Held, Wait } from './model.ts';
import type { Moment } from './moments.ts';
import type { Names } from './names.ts';
import type { Snapshot } from './state.ts';

/** Who took what is locked before the first step. */
export const SETUP = 'the set-up';

/** What a task has come to and waits for, as far as an event has said so. */
interface Wanted {
	/** a lock of its kernel, by its path; or the number of a lock of the cluster */
	lock: string | number;
	/** in which function it waits, and which has called that */
	inside: string;
	caller: string;
}

/** Which task took each lock of a kernel, by its path, and what each task waits for. */
export class Ownership {
	#owners = new Map<string, Held[]>();
	#wanted = new Map<string, Wanted>();
	readonly #tasks: readonly { name: string; node: number }[];

	constructor(initial: Snapshot, names: Names, tasks: readonly { name: string; node: number }[]) {
		this.#tasks = tasks;
		for (const path of locksHeld(initial, names))
			this.#owners.set(path, [{ task: SETUP, step: 0, function: 'set-up' }]);
	}

	/** The moments of a step. */
	note(step: number, moments: readonly Moment[]): void {
		for (const m of moments) {
			if (m.kind === 'lock')
				this.#wanted.set(m.task, { lock: m.path, inside: m.inside, caller: m.function });
			else if (m.kind === 'glock-wait')
				this.#wanted.set(m.task, { lock: m.lock.number, inside: m.inside, caller: m.function });
			else if (m.kind === 'waited') this.#wanted.delete(m.task);
			else if (m.kind === 'locked')
				this.#take(m.path, { task: m.task, step, function: m.function });
			else if (m.kind === 'unlocked') this.#release(m.path, m.task);
			else if (m.kind === 'death') this.#forget(m.other);
		}
	}

	#take(path: string, held: Held): void {
		this.#wanted.delete(held.task);
		this.#owners.set(path, [...this.of(path), held]);
	}
	/** A page may be unlocked by another than it was locked by: when its transfer is over. */
	#release(path: string, task: string): void {
		const held = [...this.of(path)];
		const mine = held.findIndex((h) => h.task === task);
		held.splice(Math.max(mine, 0), 1);
		this.#owners.set(path, held);
	}
	/** All locks of a node are gone with it. */
	#forget(node: number): void {
		const dead = new Set(this.#tasks.filter((t) => t.node === node).map((t) => t.name));
		for (const [path, held] of this.#owners)
			this.#owners.set(
				path,
				held.filter((h) => !dead.has(h.task)),
			);
		for (const task of dead) this.#wanted.delete(task);
	}

	of(path: string): Held[] {
		return this.#owners.get(path) ?? [];
	}
	wantedBy(task: string): Wanted | undefined {
		return this.#wanted.get(task);
	}

	/** What is remembered, to be taken up again: for looking ahead. */
	save(): () => void {
		const [owners, wanted] = [new Map(this.#owners), new Map(this.#wanted)];
		return () => {
			this.#owners = new Map(owners);
			this.#wanted = new Map(wanted);
		};
	}
}

/** Locks of a kernel, and page locks, that are taken. */
function locksHeld(s: Snapshot, names: Names): string[] {
	const pages = s.pages.filter((p) => p.locked).map((p) => names.framePath(p.node, p.frame));
	return [...Object.keys(s.held), ...pages];
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
		const wanted = ownership.wantedBy(task);
		const waits = wanted?.inside === top.function ? wanted : undefined;
		const called = [...frames].reverse().find((f) => f.function === waits?.caller);
		const inner = (waits && called) ?? top;
		const of = objectOf(names, ownership, now, task, info.node, waits?.lock);
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
	names: Names,
	ownership: Ownership,
	now: Snapshot,
	task: string,
	node: number,
	wanted: string | number | undefined,
): Pick<Wait, 'lock' | 'object' | 'heldBy' | 'path' | 'glock'> {
	if (typeof wanted === 'string') {
		const lock = names.lock(wanted);
		return { lock, object: lock, path: wanted, heldBy: ownership.of(wanted) };
	}
	const glock = now.glocks.find((g) => g.node === node && g.waiters.some((w) => w.task === task));
	if (!glock) return { lock: '', object: '', heldBy: [] };
	const mine = glock.waiters.find((w) => w.task === task)!;
	const heldBy: Held[] = [];
	for (const [n, state] of now.manager.find((m) => m.lock === glock.lock)!.held.entries()) {
		if (names.rank(state) === 0) continue;
		const there = now.glocks.find((g) => g.node === n && g.lock === glock.lock)!;
		const note = `node ${n} has ${state}`;
		const users = there.holders.map((h) => h.task).filter((h) => h !== task);
		if (n === node && users.length === 0 && mine.state !== state) continue;
		for (const user of users) heldBy.push({ task: user, step: 0, function: '', note, node: n });
		if (users.length === 0)
			heldBy.push({ task: `node ${n}`, step: 0, function: '', note, node: n });
	}
	const object = `the glock of ${names.clusterLock(names.lockOf(glock.lock))}`;
	return { lock: `${object}, ${mine.state}`, object, heldBy, glock: glock.lock };
}
