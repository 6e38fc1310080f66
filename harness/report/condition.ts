// SPDX-License-Identifier: GPL-2.0-only
/**
 * Why a final value is what it is: the step that set a register, the signal or the error, the store
 * that a value came from, and what came between.
 *
 * Interface: conditionCause
 */
import type { Told } from './causes.ts';
import type { At, ClaimOf, Clause } from './claims.ts';
import { type Facts, has, wordIn } from './facts.ts';
import type { Final, TraceStep } from './model.ts';
import { sawAt } from './seen.ts';

export function conditionCause(f: Facts): Told | undefined {
	const guilty = (f.trace.finals ?? []).filter((x) => x.guilty);
	if (guilty.length === 0) return undefined;
	const because: Clause[] = [];
	for (const one of guilty) {
		const why = one.file === undefined ? resultWhy(f, one) : pageWhy(f, one);
		if (because.length > 0) because.push(';');
		because.push({ kind: 'final', name: one.name, value: one.value, text: one.text }, ...why);
	}
	return { cause: 'condition', because };
}

/** The step in which a program got a value, and what it saw there. */
function resultWhy(f: Facts, one: Final): Clause[] {
	const is = (r: { process: string; name: string }) =>
		r.process === one.process && r.name === one.result;
	const s = f.steps.findLast((x) => x.results.some(is));
	const result = s?.results.find(is);
	if (!s || !result || result.value !== one.value) return unchanged(f, one);
	const out: Clause[] = [':', { kind: 'result', step: s.step, ...result }];
	const error = s.results.find((r) => r.process === one.process && r.name === 'errno');
	if (error && one.result !== 'errno')
		out.push(', and', { kind: 'result', step: s.step, ...error });
	out.push(...withdrawn(f, s), ...seen(f, s), ...length(f, s), ...locked(f, s));
	return out;
}

/** It never changed: the program got the value that was there. */
function unchanged(f: Facts, one: Final): Clause[] {
	const last = f.steps.findLast(
		(s) =>
			s.task === one.process && s.moments.some((m) => m.kind === 'looked' && m.value === one.value),
	);
	return last ? seen(f, last, ':') : [];
}

/** A wait for a glock that a signal ended, before the program got its value. */
function withdrawn(f: Facts, upTo: TraceStep): Clause[] {
	const s = f.steps.findLast(
		(x) =>
			x.step <= upTo.step &&
			x.task === upTo.task &&
			x.moments.some((m) => m.kind === 'interrupted' && m.file !== undefined),
	);
	const file = s?.moments.find((m) => m.kind === 'interrupted')?.file;
	if (s && file !== undefined) return [', after', { kind: 'withdrew', ...f.acting(s), file }];
	return [];
}

/** What the task last read or loaded, up to a step, and which store that value came from. */
function seen(f: Facts, upTo: TraceStep, join = ', where'): Clause[] {
	const begun = f.steps.findLast(
		(s) => s.step < upTo.step && s.task === upTo.task && !has(s.stackAfter, 'system_call'),
	);
	const from = begun?.step ?? 0;
	for (const s of [...f.steps].reverse()) {
		if (s.step > upTo.step || s.step <= from || s.task !== upTo.task) continue;
		const m = s.moments.find((x) => x.kind === 'looked');
		const at = m && sawAt(m);
		if (!at || m.value === undefined) continue;
		const call = m.within !== '';
		const latest = wordIn(s.after, 'latest', at);
		const saw: ClaimOf<'saw'> = { kind: 'saw', ...f.acting(s), at, value: m.value, latest, call };
		const stored = f.latest(at, s.step);
		const right = latest === m.value;
		const out: Clause[] = [join, right ? { claim: saw, form: 'short' } : saw];
		if (right && stored) out.push(', and', stored);
		const later = f.latest(at);
		if (later && later.step > s.step) out.push(', but', later);
		return out;
	}
	return [];
}

/** A file whose i_size on the node of a step is not its size. */
function length(f: Facts, s: TraceStep): Clause[] {
	const own = f.steps.filter((x) => x.task === s.task && x.step <= s.step);
	// From where the program was last in user mode.
	const begun = own.findLast(
		(x) => x.step < s.step && x.stackAfter.at(-1)?.function === 'user_mode',
	);
	for (const { step, around, after, node } of own) {
		const { sizes } = around;
		if (step < (begun?.step ?? 1)) continue;
		for (const [file, disk] of after.diskSizes.entries()) {
			const size = after.sizes[node]?.[file];
			const users = sizes?.[file];
			if (size === undefined || size === (users ?? disk)) continue;
			if (users === undefined) return [', and', { kind: 'length', step, file, node, size, disk }];
			return [', and', { kind: 'sizes', step, file, users, node, size }];
		}
	}
	return [];
}

/** The cause of an error: the last request that the disk refused. */
function locked(f: Facts, s: TraceStep): Clause[] {
	const count = (n: number) => f.steps[n - 1]?.around.refused ?? 0;
	const refusal = f.steps.findLast((x) => x.step <= s.step && count(x.step) > count(x.step - 1));
	return refusal ? [', after', { kind: 'refused', ...f.acting(refusal) }] : [];
}

/** The store that a final value came from, and those that came after it. */
function pageWhy(f: Facts, one: Final): Clause[] {
	const at: At = { file: one.file ?? 0, index: one.index ?? 0, word: one.word ?? 0 };
	const right = wordIn(f.end, 'latest', at);
	const out: Clause[] = [];
	const latest = f.latest(at);
	const from = f.steps.findLast(
		(s) =>
			wordIn(s.after, 'latest', at) === one.value &&
			wordIn(f.before(s.step), 'latest', at) !== one.value,
	);
	const disk = f.diskSince(at, f.steps.length);
	if (right === one.value) return latest ? [':', latest] : [];
	if (from) {
		const call = from.moments.find((m) => m.kind === 'latest')?.within !== '';
		out.push(':', { kind: 'stored', ...f.acting(from), at, value: one.value, call });
	}
	if (latest) out.push(out.length > 0 ? ', but' : ':', latest);
	if (disk && wordIn(f.end, 'disk', at) === one.value)
		out.push(', and', { kind: 'written', ...f.acting(disk), at, value: one.value });
	else if (wordIn(f.end, 'disk', at) === one.value && f.steps.length > 0)
		out.push(', and', { kind: 'disk', step: f.steps.length, at, value: one.value });
	return out;
}
