// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { ogfs_symbols } from '../../ogfs/Kconfig.ts';
import { vfs_symbols } from '../../vfs/Kconfig.ts';
import { loadArtifact } from '../kts/artifact.ts';
import { REMEDIES } from './causes.ts';
import type { Claim, Clause } from './claims.ts';
import { holdsIn } from './claims-check.ts';
import { sentenceOf } from './claims-words.ts';
import { conclude } from './conclusion.ts';
import type { Trace } from './model.ts';
import { counterexample, EXCLUSIVE, programs, ROOT, SHARED, scenario } from './report.fixture.ts';

const artifact = await loadArtifact(ROOT);
const make = (
	profile: typeof EXCLUSIVE,
	off: string,
	of: { name: string; text: string } = programs.window,
): Trace => counterexample(artifact, of, profile, [off]);
/** Few traces, and many kinds of claims in them. */
const traces: Trace[] = [
	make(EXCLUSIVE, 'TRUNCATE_COUNT'),
	make(EXCLUSIVE, 'OGFS_BLOCK_FAULTS_FIRST'),
	make(EXCLUSIVE, 'INVALIDATE_MMAP_RANGE'),
	make(EXCLUSIVE, 'OGFS_REVOKE_ORDER'),
	make(EXCLUSIVE, 'TLB_FLUSH_SYNC', programs.loads),
	make(EXCLUSIVE, 'OGFS_SYNC_PAGES', programs.msync),
	make(SHARED, 'SHARED_PROT_RO', programs.loads),
	counterexample(artifact, programs.downgrade, SHARED, ['PAGE_MKWRITE'], 'noticed'),
	make(EXCLUSIVE, 'GENERIC_FILE_WRITE_NOLOCK', scenario('S85-truncate-and-write')),
];

type Data = Record<string, unknown>;
/** Other values of a field. */
function falsified(claim: Data, field: string): Data[] {
	const value = claim[field];
	const to = (other: unknown): Data => ({ ...claim, [field]: other });
	if (typeof value === 'number') return [to(value + 1), to(value - 1), to(value + 100)];
	if (typeof value === 'boolean') return [to(!value)];
	if (typeof value === 'string') return [to(`${value}x`)];
	if (Array.isArray(value)) return [to([...value, 9])];
	if (typeof value !== 'object' || value === null) return [];
	return Object.keys(value).flatMap((key) => falsified(value as Data, key).map(to));
}

test('what is claimed holds, and nothing of it when a field is another', (t) => {
	const found = new Map<string, boolean>();
	for (const trace of traces) {
		t.true(trace.claims.length > 0);
		for (const claim of trace.claims) {
			t.true(holdsIn(trace, claim), JSON.stringify(claim));
			for (const field of Object.keys(claim)) {
				if (field === 'kind') continue;
				const key = `${claim.kind}.${field}`;
				const caught = falsified(claim as unknown as Data, field).some(
					(c) => !holdsIn(trace, c as unknown as Claim),
				);
				found.set(key, (found.get(key) ?? false) || caught);
			}
		}
	}
	for (const [key, caught] of found) t.true(caught, `${key}: another value is not found`);
	t.true(new Set([...found.keys()].map((k) => k.split('.')[0])).size >= 15, 'many kinds');
});

test('a trace that does not bear a claim out gets a bare sentence, and a true one', (t) => {
	const [window] = traces;
	t.not(window.cause, 'neutral');
	// All that happened is taken out of the states; only the violation is left.
	const blank = window.steps.map((s) => ({ ...s, moments: [], stack: [], stackAfter: [] }));
	const told = conclude({ ...window, steps: blank });
	for (const claim of told.claims) t.true(holdsIn({ ...window, steps: blank }, claim));
	const { step, property, message } = window.violation;
	const nothing = {
		...window,
		aftermath: undefined,
		steps: blank.map((s) => ({ ...s, after: window.initial })),
	};
	const bare = conclude(nothing);
	t.is(bare.cause, 'neutral');
	t.deepEqual(
		bare.claims.map((c) => c.kind),
		['broken'],
	);
	t.true(bare.sentence.includes(`in step ${step}`));
	t.true(bare.sentence.toLowerCase().includes(message.toLowerCase().slice(0, 20)), property);
});

test('what joins claims says nothing by itself: no number, no name', (t) => {
	for (const trace of traces)
		for (const claim of trace.claims) {
			const words: Clause[] = [claim];
			t.regex(sentenceOf(trace, words), /\w/);
			t.notRegex(sentenceOf(trace, words), /undefined|NaN|step 0|node -1/);
		}
});

test('each symbol that is named as a remedy is there', (t) => {
	const names = [...vfs_symbols, ...ogfs_symbols].map((s) => s.name);
	const named = Object.values(REMEDIES).flat();
	t.true(named.length > 0);
	for (const name of named) t.true(names.includes(name), name);
});
