// SPDX-License-Identifier: GPL-2.0-only
/**
 * Accesses, when only representatives were explored: what a task does to a word in one of them, its
 * counterparts do to the counterparts of the word in other states of the orbit. The audit of local
 * steps needs these accesses too.
 */
import { type Access, type Machine, PREDICATES, SEVERAL } from '../machine.ts';
import type { Action } from './group.ts';
import { poolsOf } from './slots.ts';

/** A column of Access. */
type Column = Uint8Array;

const columnsOf = ({ reader, writer, sender, receiver }: Access): Column[] => [
	...[reader, writer, sender, receiver],
];

/** One more task that accesses a word. */
function add(column: Column, address: number, who: number): void {
	const before = column[address];
	if (who !== 0) column[address] = before === 0 || before === who ? who : SEVERAL;
}

/** Adds all accesses under every element of the group. */
export function spreadOverGroup(access: Access, actions: readonly Action[]): void {
	for (const column of columnsOf(access)) {
		const noted = column.slice();
		for (const { to, tasks } of actions)
			for (const [a, who] of noted.entries()) {
				const isTask = who !== 0 && who !== SEVERAL && who !== PREDICATES;
				add(column, to[a], isTask ? 1 + tasks[who - 1] : who);
			}
	}
}

/** Adds all accesses to a slot for each slot of its pool. */
export function spreadOverSlots(machine: Machine): void {
	if (!machine.access) return;
	const pools = poolsOf(machine);
	for (const column of columnsOf(machine.access))
		for (const { start, n, stride } of pools)
			for (let offset = 0; offset < stride; offset++) {
				const words = Array.from({ length: n }, (_, i) => start + i * stride + offset);
				const all = new Uint8Array(1);
				for (const a of words) add(all, 0, column[a]);
				for (const a of words) column[a] = all[0];
			}
}
