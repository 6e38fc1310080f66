// SPDX-License-Identifier: GPL-2.0-only
/**
 * What the kernels print is for people: with other words in each message, every explanation is
 * the same.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { buildMutant, loadArtifact } from '../kts/artifact.ts';
import { checkedIn } from '../testing/structure.ts';
import { explain } from './explain.ts';
import { EXCLUSIVE, programs, ROOT, SHARED, scenario, search, tell } from './report.fixture.ts';

const CALL = /(printk\(\s*')((?:[^'\\\n]|\\.)*)(')/g;
const DIRECTIVE = /(%(?:d|p|\{\w+\}))/;

/** Other words; what is filled in stays where it is. */
function reworded(format: string): string {
	const parts = format.split(DIRECTIVE);
	return parts.map((part, i) => (i % 2 === 1 ? part : part.replace(/\w+/g, 'zz'))).join('');
}

let messages = 0;
const overrides: Record<string, string> = {};
for (const file of checkedIn().files.keys()) {
	if (!/^(vfs|ogfs|harness\/world)\/.*\.ts$/.test(file) || file.endsWith('.test.ts')) continue;
	const text = readFileSync(path.join(ROOT, file), 'utf8');
	const other = text.replace(CALL, (_, call: string, format: string, end: string) => {
		messages++;
		return `${call}${reworded(format)}${end}`;
	});
	if (other !== text) overrides[file] = other;
}

type Search = Parameters<typeof search> extends [unknown, ...infer R] ? R : never;
const CASES: Search[] = [
	[scenario('S01-classic-window'), EXCLUSIVE, ['TRUNCATE_COUNT']],
	[programs.downgrade, SHARED, ['PAGE_MKWRITE'], 'noticed'],
	[programs.msync, EXCLUSIVE, ['OGFS_SYNC_PAGES']],
	[scenario('S07-counter-without-barrier'), EXCLUSIVE, ['TRUNCATE_BARRIERS']],
	[scenario('S40-block-reused-on-another-node'), EXCLUSIVE, ['OGFS_DEPEND_SYNC']],
	[scenario('S85-truncate-and-write'), EXCLUSIVE, ['GENERIC_FILE_WRITE_NOLOCK']],
	[scenario('S101-death-of-the-recovering-node'), EXCLUSIVE, ['OGFS_RECOVERY_GATE']],
];

test('other words in every message of the kernels change no explanation', async (t) => {
	t.true(messages > 50, `${messages} messages`);
	const plain = await loadArtifact(ROOT);
	const other = await buildMutant(ROOT, overrides);
	for (const [litmus, profile, off, which] of CASES) {
		const found = search(plain, litmus, profile, off, which);
		const a = tell(plain, found);
		const b = tell(other, found);
		const log = (trace: typeof a) => trace.steps.flatMap((s) => s.log);
		t.is(log(a).length, log(b).length);
		t.notDeepEqual(log(a), log(b), 'the words are others');
		t.true(log(b).every((line) => !/\b(page|lock|file|node)\b/.test(line)));
		for (const width of [80, 120])
			t.is(explain(b, { width }), explain(a, { width }), `${litmus.name} without ${off}`);
		const without = (trace: typeof a) => trace.steps.map(({ log: _, ...step }) => step);
		t.deepEqual(without(b), without(a));
	}
});
