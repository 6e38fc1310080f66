// SPDX-License-Identifier: GPL-2.0-only
/** What a program sees of a violation in the end. Interface: outcome laterOf */
import type { At, ClaimOf, Clause } from './claims.ts';
import type { Facts } from './facts.ts';
import { sawIn } from './seen.ts';
import { frameOf } from './summary.ts';

/** What the last step of a trace shows. */
export function outcome(f: Facts): Clause[] | undefined {
	const { last } = f;
	if (!last) return undefined;
	const saw = sawIn(f, last);
	if (saw) {
		const stored = f.latest(saw.at);
		return stored?.kind === 'stored' && stored.value === saw.latest
			? [saw, ',', { claim: stored, form: 'past' }]
			: [saw];
	}
	const lost = lostIn(f);
	if (lost) return [lost];
	const guilty = (f.trace.finals ?? []).filter((x) => x.guilty);
	if (guilty.length > 0)
		return guilty.flatMap(({ name, value, text }, i): Clause[] => [
			...(i > 0 ? [', and'] : []),
			{ kind: 'final', name, value, text },
		]);
	return f.trace.violation.step === last.step ? [brokenIn(f)] : undefined;
}

const STORES: readonly string[] = ['store', 'put-user', 'poke'];

/** A store that went to a page that is not the file's. */
export function lostIn(f: Facts): ClaimOf<'lost'> | undefined {
	const { last } = f;
	const m = last?.moments.find((x) => STORES.includes(x.kind));
	if (!last || m?.frame === undefined || m.file === undefined || m.value === undefined)
		return undefined;
	const page = frameOf(last.after, last.node, m.frame);
	if (!page || (page.file >= 0 && page.cached)) return undefined;
	const at: At = { file: m.file, index: m.index ?? 0, word: m.word ?? 0 };
	const { frame, value } = m;
	return { kind: 'lost', ...f.acting(last), at, value, frame, private: page.file < 0 };
}

/** The violation itself. */
export function brokenIn(f: Facts): ClaimOf<'broken'> {
	const { property, message, step } = f.trace.violation;
	const s = f.steps[step - 1] ?? f.last;
	const name = f.trace.violation.place?.function;
	const where = name ? { function: name } : {};
	const { task = '', node = -1 } = s ?? {};
	return { kind: 'broken', step, task, node, property, message, ...where };
}

/** What a program can tell later, if all tasks go on. */
export function laterOf(f: Facts): Clause[] | undefined {
	const a = f.trace.aftermath;
	if (a?.file === undefined || a.index === undefined || a.value === undefined) return undefined;
	if (a.kind === 'other') return undefined;
	const { steps, task, node, kind, value, latest, storedBy, direct, private: own } = a;
	return [
		{
			kind: 'later',
			steps,
			task,
			node,
			access: kind,
			at: { file: a.file, index: a.index, word: a.word ?? 0 },
			value,
			...(latest !== undefined && kind !== 'store' && { latest }),
			...(storedBy !== undefined && kind !== 'store' && { storedBy }),
			...(own !== undefined && { private: own }),
			...(direct && { direct }),
		},
	];
}
