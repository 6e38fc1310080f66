// SPDX-License-Identifier: GPL-2.0-only
/** What a program saw that it must not have seen. Interface: sawIn sawAt */
import type { At, ClaimOf } from './claims.ts';
import { type Facts, wordIn } from './facts.ts';
import type { TraceStep } from './model.ts';
import type { Moment } from './moments.ts';

/** The int of a file that a moment is about. */
export function sawAt(m: Moment): At | undefined {
	const { file, index, word = 0 } = m;
	return file === undefined || file < 0 || index === undefined ? undefined : { file, index, word };
}

/** What a step read or loaded that is not what it must have been. */
export function sawIn(f: Facts, s: TraceStep | undefined): ClaimOf<'saw'> | undefined {
	for (const m of s?.moments ?? []) {
		const at = m.kind === 'looked' ? sawAt(m) : undefined;
		if (!s || !at || m.value === undefined) continue;
		const latest = wordIn(s.after, 'latest', at);
		if (m.value === latest) continue;
		const direct = s.of === 'disk';
		const call = direct || m.within !== '';
		const saw = { kind: 'saw' as const, ...f.acting(s), at, value: m.value, latest, call };
		return direct ? { ...saw, direct } : saw;
	}
	return undefined;
}
