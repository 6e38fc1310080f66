// SPDX-License-Identifier: GPL-2.0-only
/**
 * Ptes and TLB entries that should not be there: when they came, and why the revoke that should
 * have taken them out missed them.
 *
 * Interface: mappingCauses missed consequence
 */
import type { Told } from './causes.ts';
import type { Clause } from './claims.ts';
import type { Facts, Found, Revoke } from './facts.ts';
import { laterOf, outcome } from './outcome.ts';
import type { MappingState } from './state.ts';
import { frameOf } from './summary.ts';

/** Explanations of the worst mapping of the last state. */
export function* mappingCauses(f: Facts): Generator<Told | undefined> {
	const bad = f.badMappings();
	const m = bad.find((x) => x.kind === 'pte') ?? bad[0];
	const found = m && f.installed(m);
	if (!m || !found) return;
	const revoke = f.revoke(m.node, m.file);
	if (m.kind === 'tlb') {
		yield staleTlb(f, m, revoke);
		return;
	}
	const task = found.step.task;
	const holds = f.find('holds', (x) => x.task === task && x.file === m.file, found.step.step);
	const began = holds?.step.step ?? 0;
	const over = revoke.unlocked > 0 && began > revoke.unlocked;
	if (!revoke.called || over) yield writableWhileShared(f, m, found);
	else if (!revoke.unmap) yield notUnmapped(f, m, revoke, found);
	else if (found.step.step > revoke.unmapEnd) yield window(f, m, revoke, found, began);
	else yield missed(f, m.node, m.file, revoke);
	yield orphan(f, m, found);
	yield stillThere(f, m, found);
}

/** The pte came after the revoke had gone through the page tables. */
function window(
	f: Facts,
	m: MappingState,
	r: Revoke,
	found: Found,
	began: number,
): Told | undefined {
	const { task, node, step } = found.step;
	const installed = f.pteOf(found);
	const walked = f.walk(m.node, m.file, r);
	if (!installed || !walked) return undefined;
	const therefore = consequence(f, m, r);
	const late = r.blocked === 0 || r.blocked > r.unmapEnd;
	if (late && began > r.unmap) {
		const took: Clause = { kind: 'took', step: began, task, node, file: m.file };
		const blocked: Clause[] = r.blocked
			? [{ kind: 'blocked', step: r.blocked, node: m.node, file: m.file }]
			: [];
		return {
			cause: 'fault-not-blocked',
			because: [
				took,
				', when the revoke had begun to unmap, and did not block faults yet',
				...(blocked.length > 0 ? ['(', ...blocked, ')'] : []),
				', and',
				{ claim: installed, form: 'past' },
				', after',
				walked,
			],
			therefore,
		};
	}
	const returned = f.returned(task, installed.frame, step);
	if (!returned) return undefined;
	return {
		cause: 'window',
		because: [returned, ', but', { claim: installed, form: 'past' }, ', after', walked],
		therefore,
	};
}

/** A pte that was there before a revoke unmapped, and after it. */
export function missed(
	f: Facts,
	node: number,
	file: number,
	r: Revoke,
	after?: Clause[],
): Told | undefined {
	const walked = f.walk(node, file, r);
	if (!walked) return undefined;
	const end = f.after(r.unmapEnd);
	const candidates = end.mappings.filter(
		(x) =>
			x.node === node &&
			x.kind === 'pte' &&
			x.frame &&
			x.file === file &&
			(x.write || !walked.protect) &&
			end.pages.some((p) => p.node === node && p.frame === x.frame && p.file === file),
	);
	for (const m of candidates) {
		const found = f.installed(m);
		// A program of the node that changes its mappings meanwhile.
		const why: Clause[] = [];
		const busy = f.steps.findLast(
			(s) =>
				s.step <= r.unmapEnd &&
				s.node === node &&
				s.of === 'program' &&
				s.moments.some((x) => x.within !== ''),
		);
		const call = busy?.moments.find((x) => x.within !== '')?.within;
		if (busy && call) why.push(', and', { kind: 'during', ...f.acting(busy), call });
		const installed = found && f.pteOf(found);
		const came: Clause[] = installed ? [', and', installed] : [];
		return {
			cause: 'mapping-missed',
			because: [
				walked,
				', and did not come to',
				{ claim: f.mappedClaim(m, r.unmapEnd), form: 'noun' },
				...came,
				...why,
			],
			therefore: after ?? outcome(f) ?? consequence(f, m, r),
		};
	}
	return undefined;
}

function notUnmapped(f: Facts, m: MappingState, r: Revoke, found: Found): Told | undefined {
	const installed = f.pteOf(found);
	if (!r.unlocked || !installed) return undefined;
	const { node, file } = m;
	const untaken: Clause[] = [
		', and',
		{ kind: 'spared', from: r.called, to: r.unlocked, node, file },
	];
	return {
		cause: 'not-unmapped',
		because: [
			{ kind: 'unlocked', node, file, step: r.unlocked, state: r.target },
			...wantedFor(f, node, file, r.unlocked),
			...untaken,
			':',
			installed,
			', and',
			{ claim: f.mappedClaim(m, f.steps.length), form: 'short' },
		],
		therefore: consequence(f, m, r),
	};
}

function writableWhileShared(f: Facts, m: MappingState, found: Found): Told | undefined {
	const installed = f.pteOf(found);
	const state = f.glock(f.end, m.node, m.file)?.state;
	if (!installed || state === undefined || f.rank(state) !== 1 || !m.write) return undefined;
	const { node, file } = m;
	return {
		cause: 'writable-while-shared',
		because: [{ kind: 'has', step: f.steps.length, node, file, state }, ', but', installed],
		therefore: laterOf(f) ?? ['it can be stored through without a fault'],
		remedies: m.dirty ? ['PAGE_MKWRITE'] : ['SHARED_PROT_RO'],
	};
}

function staleTlb(f: Facts, m: MappingState, r: Revoke): Told | undefined {
	const walked = f.walk(m.node, m.file, r);
	if (!walked) return undefined;
	return {
		cause: 'stale-tlb',
		because: [walked, ', but', f.mappedClaim(m, f.steps.length)],
		therefore: consequence(f, m, r),
	};
}

/** Its page has left the cache, and the pte is still there. */
function orphan(f: Facts, m: MappingState, found: Found): Told | undefined {
	const { node, frame } = m;
	const installed = f.pteOf(found);
	const drop = f.find('dropped', (x) => x.node === node && x.frame === frame);
	const old = drop && frame ? frameOf(f.before(drop.step.step), node, frame) : undefined;
	if (!installed || !drop || !old || !frame) return undefined;
	const { file, index, dirty, data: value } = old;
	const page = { node, frame, file, index, dirty, value };
	return {
		cause: 'orphan',
		because: [
			installed,
			', and',
			{ claim: f.mappedClaim(m, f.steps.length), form: 'short' },
			', but',
			{ kind: 'dropped', ...f.acting(drop.step), ...page },
		],
		therefore: consequence(f, m),
	};
}

/** No revoke explains it: when it came, and what its node has. */
function stillThere(f: Facts, m: MappingState, found: Found): Told | undefined {
	const installed = f.pteOf(found);
	const state = f.glock(f.end, m.node, m.file)?.state;
	if (!installed || state === undefined) return undefined;
	const step = f.steps.length;
	return {
		cause: 'not-unmapped',
		because: [
			installed,
			', and',
			{ claim: f.mappedClaim(m, step), form: 'short' },
			', when',
			{ kind: 'has', step, node: m.node, file: m.file, state },
		],
		therefore: consequence(f, m),
	};
}

export function wantedFor(f: Facts, node: number, file: number, step: number): Clause[] {
	const nodes = f.wanting(node, file, step);
	return nodes.length > 0 ? [{ claim: { kind: 'wanted', step, file, nodes }, form: 'short' }] : [];
}

/** What a mapping that should not be there leads to. */
function consequence(f: Facts, m: MappingState, r?: Revoke): Clause[] {
	const later = laterOf(f);
	if (later) return later;
	if (f.trace.violation.property === 'DATA') return outcome(f) ?? [];
	const use = m.write ? 'can be loaded and stored through' : 'can be loaded through';
	const others: Clause[] = r ? wantedFor(f, m.node, m.file, r.unlocked || r.unmapEnd) : [];
	const whom = others.length > 0 ? [...others, 'as well'] : [];
	return ['the mapping', use, 'while the file changes elsewhere', ...whom];
}
