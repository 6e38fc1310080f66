// SPDX-License-Identifier: GPL-2.0-only
/** A write of a file opened with O_SYNC waits for the disk, unless it ended in an error. */
import test from 'ava';
import { loadArtifact } from '../kts/artifact.ts';
import { parseLitmus } from '../litmus/parser.ts';
import { check } from './check.ts';
import { configure, PROFILES } from './config.ts';
import { projectRoot } from './scenarios.ts';

const artifact = await loadArtifact(projectRoot());

/** Writes two ints over the boundary of two pages, from a buffer of so many pages. */
const text = (pages: number, ret: number): string => `C osync
(*
 * Result: verified
 * Exercises: write: O_SYNC
 *)
{
	file f[2];
}
P0()
{
	int *p = mmap(NULL, ${4096 * pages}, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open("f", O_WRONLY | O_SYNC);
	int n = pwrite(fd, p + 1023, 2 * sizeof(int), 4092);
}
~exists (~0:n=${ret})
`;

for (const { name: profile } of PROFILES) {
	const verdictOf = async (pages: number, ret: number): Promise<string> => {
		const parsed = parseLitmus(text(pages, ret), 't.litmus');
		const report = await check(artifact, { test: parsed, configuration: configure({ profile }) });
		return report.verdict;
	};
	test(`${profile}: all is written`, async (t) => {
		t.is(await verdictOf(2, 8), 'verified');
	});
	test(`${profile}: an error after the first page`, async (t) => {
		t.is(await verdictOf(1, 4), 'vacuous');
	});
}
