// SPDX-License-Identifier: GPL-2.0-only
/**
 * Clears dead registers. Two states that differ only in such a register behave the same, and must
 * be one state for the explorer: wherever a process can be suspended, its dead registers are zero.
 * The clearing is inserted before the instruction that suspends, never between an access and its
 * result.
 *
 * Interface: clearDeadRegisters
 */
import { OP_LI, OP_READY } from '../world/isa.ts';
import { type Instruction, registersOf, successors, suspends } from './code.ts';

/**
 * `kept`: registers that are not cleared: those that the condition observes, and those that never
 * change after the set-up.
 */
export function clearDeadRegisters(
	code: readonly Instruction[],
	registers: number,
	kept: ReadonlySet<number>,
): Instruction[] {
	const live = liveBefore(code, registers);
	// The set-up has no states of its own: registers are cleared at its end.
	const ready = code.findIndex((i) => i.op === OP_READY);
	const dead = code.map((i, index) =>
		suspends(i) && index >= ready
			? Array.from({ length: registers }, (_, r) => !live[index][r] && !kept.has(r))
			: undefined,
	);
	const nonzero = nonzeroBefore(code, registers, dead);
	const out: Instruction[] = [];
	const moved: number[] = [];
	code.forEach((i, index) => {
		moved.push(out.length);
		dead[index]?.forEach((isDead, r) => {
			if (!isDead || !nonzero[index][r]) return;
			out.push({ op: OP_LI, a: r, b: 0, c: 0, line: i.line, text: i.text });
		});
		out.push(i);
	});
	// A jump to an instruction goes to the code inserted before it.
	for (const label of new Set(out.flatMap((i) => i.label ?? []))) label.at = moved[label.at];
	return out;
}

type Flags = boolean[];

/** By instruction and register: may its value be used later? */
function liveBefore(code: readonly Instruction[], registers: number): Flags[] {
	const live: Flags[] = code.map(() => new Array<boolean>(registers).fill(false));
	for (let changed = true; changed; ) {
		changed = false;
		for (let index = code.length - 1; index >= 0; index--) {
			const { uses, sets } = registersOf(code[index]);
			const before = new Array<boolean>(registers).fill(false);
			for (const next of successors(code, index)) {
				for (let r = 0; r < registers; r++) before[r] ||= live[next][r];
			}
			for (const r of sets) before[r] = false;
			for (const r of uses) before[r] = true;
			if (before.some((flag, r) => flag !== live[index][r])) {
				live[index] = before;
				changed = true;
			}
		}
	}
	return live;
}

/** By instruction and register: may it be other than zero, if dead ones are cleared? */
function nonzeroBefore(
	code: readonly Instruction[],
	registers: number,
	dead: readonly (Flags | undefined)[],
): Flags[] {
	const nonzero: Flags[] = code.map(() => new Array<boolean>(registers).fill(false));
	for (let changed = true; changed; ) {
		changed = false;
		code.forEach((i, index) => {
			const after = nonzero[index].map((flag, r) => flag && !dead[index]?.[r]);
			const { sets, may } = registersOf(i);
			for (const r of [...sets, ...may]) after[r] = !(i.op === OP_LI && i.b === 0);
			for (const next of successors(code, index)) {
				for (let r = 0; r < registers; r++) {
					if (!after[r] || nonzero[next][r]) continue;
					nonzero[next][r] = true;
					changed = true;
				}
			}
		});
	}
	return nonzero;
}
