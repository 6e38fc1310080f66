// SPDX-License-Identifier: GPL-2.0-only
/**
 * docs/mail.md goes through every sentence of the mail, names scenarios that exist, and says of
 * each `vfshook check` what comes out. A sentence is known here by a few words of it.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { loadArtifact } from '../kts/artifact.ts';
import { check } from './check.ts';
import { configure } from './config.ts';
import { classics, findTests, projectRoot, readTest, suite, testId } from './scenarios.ts';

const artifact = await loadArtifact(projectRoot());
const text = readFileSync(path.join(projectRoot(), 'docs/mail.md'), 'utf8');

/** In the order of the mail; V: Vogt. */
const SENTENCES = [
	"I've set out to tackle",
	'The object is to prove',
	'This work will also provide a model',
	'The strategy for a clustered, writable mmap is simple',
	'There are two basic cluster-wide states',
	'One node may have a particular file page mapped RW',
	'If any memory access is attempted on another node',
	'put the cluster into state (B)',
	'the ownership of the exclusive will be changed',
	'V: How does this mix with normal file system operations',
	"V: For example, Node 1 has mmap'ed",
	'V: Node 2 wants to read the file',
	'V: The current code blocks until',
	'V: the shared lock would never be dropped',
	'V: How can another process',
	'V: Node 3 wants to write the file. Blocks too',
	'V: How do you distinguish',
	'V: process a has mmapped a file shared writable',
	'V: Process b on the same node reads the file',
	'V: Who decides whether the lock can be dropped and in which context',
	'More than one node in a cluster may map the same file page',
	'If any memory write operation is attempted',
	'put the cluster into state (A)',
	'This can be further simplified',
	'This sacrifices some performance',
	'Later, when I add support for the second state',
	'enabling the shared state should simply give increased performance',
	'While the above description is in terms of page granularity',
	"The above description doesn't have to change much",
	"One node may have a particular file's pages mapped RW",
	"may map the same file's pages",
	'The "necessary work" to make the transitions',
	'This work will be performed mainly by a local daemon',
	'The specific events and transitions are',
	'write fault: (do_no_page)',
	'have shared lock: attempt to upgrade',
	'If this fails',
	'invalidate all page table entries for this inode and drop the shared lock',
	'V: There is a potential race condition',
	'V: Assuming node A and node B both have a shared lock',
	'V: The lock manager denies both',
	'V: Both nodes then yield',
	'V: another node may come along and grab the lock',
	'have no lock: obtain the exclusive',
	'it must flush its dirty pages and inode state',
	'and invalidate its page table entries and cache',
	'continue as with normal do_no_page',
	'have no lock: obtain shared lock',
	'as above, and additionally',
	'write-protect any already-mapped pages',
	'now we hold exclusive or shared access',
	'continue as with normal do_no_page.',
	'If we hold shared access, the page will be mapped write-protected',
	'Release a lock: Block new page faults',
	'Invalidate any page table mappings of this file',
	'Write out any dirty pages',
	'if in shared state, there can be no dirty pages',
	'Remove all cached pages from the page cache',
	'Acknowledge to the lock manager',
	'Downgrade an exclusive lock to shared',
	'Interaction between read/write and mmap: precautions',
	'The deadlock possibility arises',
	'must be careful not to take the locks in opposite order',
	'This is rough and incomplete',
	'how the mmap is set up initially',
	'what happens on file close',
	'munmap,',
	'loss of a node',
	'My intention at this point',
	'Discussion, and/or flames welcome',
];

/** The quotations before section 8, where they are taken up again. */
const quotes = text
	.slice(0, text.indexOf('\n## 8.'))
	.split('\n')
	.filter((line) => line.startsWith('> '))
	.map((line) => line.slice(2).replace('*Vogt:*', 'V:'));

test('every sentence is there, in the order of the mail, and no quotation is longer than a line', (t) => {
	let at = 0;
	for (const sentence of SENTENCES) {
		const [, vogt, words] = /^(V: )?(.*)$/.exec(sentence) as RegExpExecArray;
		const here = quotes.findIndex(
			(q, i) => i >= at && q.includes(words) && q.startsWith('V: ') === (vogt !== undefined),
		);
		t.true(here >= at, `${sentence}: not found behind "${quotes[at - 1]}"`);
		if (here >= at) at = here + 1;
	}
	t.is(at, quotes.length, 'and nothing behind the last');
	t.deepEqual(
		[...text.matchAll(/^> .*\n> .*/gm)].map(([q]) => q),
		[],
	);
});

test('each of them is followed by what is said of it', (t) => {
	const told = text
		.slice(text.indexOf('\n## 1.'), text.indexOf('\n## 8.'))
		.split(/\n\n(?=>|## )/)
		.map((part) => part.trim());
	const MARK = /\*\*(True|Refuted as it stands|Answered|Not covered)\*\*|\*\*(True|Answered)\.\*\*/;
	const open = told.filter((part) => part.startsWith('>') && !MARK.test(part));
	// Some share what is said with the next one.
	const alone = open.filter((part) => part.split('\n').length > 1);
	t.deepEqual(
		alone.map((part) => part.split('\n')[0]),
		["> B) (Shared) More than one node in a cluster may map the same file's pages"],
	);
});

test('each scenario that it names exists, and each question of Vogt has one', (t) => {
	const numbers = [...text.matchAll(/\bS[0-9]{2,3}(?:-[a-z][a-z-]*)?\b/g)].map(([name]) => name);
	const facts = new Set(['S50']); // named as what cannot be shown
	for (const name of new Set(numbers))
		if (!facts.has(name)) t.true(findTests(name).length > 0, name);
	t.true(numbers.length > 60);
	const ids = new Set(classics().map(testId));
	for (const [, name] of text.matchAll(/`(?:classic\/)?([A-Z0-9]+\+[a-zA-Z+]+)`/g))
		t.true(ids.has(name), name);
	// A run of questions is answered together.
	for (const part of text.slice(0, text.indexOf('\n## 8.')).split(/\n\n(?=> )/)) {
		const answered = part.startsWith('> *Vogt:*') && part.includes('**Answered.**');
		if (answered) t.regex(part, /\bS[0-9]{2}|\+/, part.split('\n')[0]);
	}
});

const commands = [...text.matchAll(/`vfshook\s+check\s+([^`]+)`:\s+(verified|violated)/g)];

test('it tells of runs', (t) => {
	t.true(commands.length >= 15);
	t.true(suite().length > 0);
});

for (const [, words, verdict] of commands) {
	const [name, ...options] = words.trim().split(/\s+/);
	test.serial(`vfshook check ${[name, ...options].join(' ')}: ${verdict}`, async (t) => {
		const of = (option: string) => options.filter((_, i) => options[i - 1] === option);
		const [profile] = of('--profile');
		const configuration = configure({ profile, with: of('--with'), without: of('--without') });
		for (const file of findTests(name)) {
			const report = await check(artifact, { test: readTest(file), configuration });
			t.is(report.verdict as string, verdict, testId(file));
		}
	});
}
