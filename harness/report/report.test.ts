// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { loadArtifact } from '../kts/artifact.ts';
import type { Cause } from './causes.ts';
import { renderColumns } from './columns.ts';
import { conclude } from './conclusion.ts';
import { explain } from './explain.ts';
import { wrap } from './layout.ts';
import { counterexample, EXCLUSIVE, programs, ROOT, SHARED, scenario } from './report.fixture.ts';
import type { Trace } from './trace.ts';

const artifact = await loadArtifact(ROOT);
const window = counterexample(artifact, scenario('S01-classic-window'), EXCLUSIVE, [
	'TRUNCATE_COUNT',
]);

const cases: [string, Trace, Cause, RegExp[]][] = [
	[
		'a pte installed after the revoke had unmapped',
		window,
		'window',
		[
			/^P0 on node 0 got its page from ->nopage in step \d+, but its pte of x was installed in step/,
			/after the revoke of x on node 0 for node 1 had looked for ptes to take out, and found none/,
			/node 0 drops the page that P0 still maps, and P0's store of 1 to x is lost/,
			/because TRUNCATE_COUNT \(do_no_page notices/,
		],
	],
	[
		'a fault that the revoke did not block',
		counterexample(artifact, programs.window, EXCLUSIVE, ['OGFS_BLOCK_FAULTS_FIRST']),
		'fault-not-blocked',
		[
			/^P0 on node 0 got the glock of x in step \d+/,
			/did not block faults yet/,
			/OGFS_BLOCK_FAULTS_FIRST/,
		],
	],
	[
		'nothing unmaps',
		counterexample(artifact, programs.window, EXCLUSIVE, ['INVALIDATE_MMAP_RANGE']),
		'not-unmapped',
		[
			/^Node 0 gave up the lock on x .* for node 1, and no pte of x was taken out/,
			/INVALIDATE_MMAP_RANGE/,
		],
	],
	[
		'a store to a private copy',
		counterexample(artifact, programs.downgrade, SHARED, ['PAGE_MKWRITE'], 'noticed'),
		'private-copy',
		[
			/^P0 got a private copy \(page#1\) of page#0 mapped in step \d+/,
			/P0's store of 2 in step \d+ went to page#1, which is a private copy, and is lost/,
		],
	],
	[
		'a writable pte under a shared lock',
		counterexample(artifact, programs.loads, SHARED, ['SHARED_PROT_RO']),
		'writable-while-shared',
		[
			/^Node 0 had the lock on x SHARED .*, but P0's pte of x was installed in step \d+ \(rw/,
			/P1 on node 1 can load 0 .* where it must load 1/,
		],
	],
	[
		'the dirty bit comes after the write-out',
		counterexample(artifact, programs.window, EXCLUSIVE, ['OGFS_REVOKE_ORDER']),
		'written-before-unmapped',
		[/^The write-out of x on node 0 \(.* came first; then the revoke of x/, /the disk had 0 for x/],
	],
	[
		'msync has the page off the list',
		counterexample(artifact, programs.msync, EXCLUSIVE, ['OGFS_SYNC_PAGES']),
		'acknowledged-before-written',
		[
			/^P0 on node 0 made page#0 \(x = 1\) dirty in step \d+, when P0 on node 0 was in msync in step/,
			/ode 0 gave up the lock on x .* for node 1, but the disk never had 1 for x/,
		],
	],
	[
		'the dirty bit is lost between the read and the clear of a pte',
		counterexample(artifact, programs.loads, EXCLUSIVE, ['TLB_FLUSH_SYNC']),
		'dirty-bit-lost',
		[
			/^P0 on node 0 stored 1 to x in step \d+, when the revoke had read the pte/,
			/P1 on node 1 loads 0 from x .* instead of 1/,
		],
	],
];

const endless = counterexample(
	artifact,
	scenario('S41-ping-pong'),
	EXCLUSIVE,
	['OGFS_GREEDY'],
	'endless',
);
cases.push([
	'two nodes take a page from each other for ever',
	endless,
	'endless',
	[/^Steps \d+ to \d+ lead back to the state before them.* without an end of P0 and P1,/],
]);

for (const [title, trace, cause, expected] of cases)
	test(`the closing sentence: ${title}`, (t) => {
		const told = conclude(trace);
		t.is(told.cause, cause);
		for (const re of expected) t.regex(told.sentence, re);
		t.regex(told.sentence, /^[^.]*(\.[^ ][^.]*)*\.$/, 'one sentence');
	});

test('a page with several ints is shown with all of them, in caches and on the disk', (t) => {
	const s57 = scenario('S57-store-behind-the-end');
	const page = renderColumns(
		counterexample(artifact, s57, EXCLUSIVE, ['PAGECACHE_ISIZE_EXTENDED']),
	);
	t.regex(page, /cache x: page#0 = \{5, 7, 0\}, dirty/);
	t.regex(page, /disk x=\{5, 6, 0\}; latest x=\{5, 0, 0\}/);
});

test('what goes on for ever is parted from the way to it, in columns and in the story', (t) => {
	const { cycleFrom = -1, steps } = endless;
	t.true(cycleFrom > 0 && cycleFrom < steps.length);
	t.deepEqual(steps.at(-1)?.after, steps[cycleFrom - 1].after, 'the cycle closes');
	for (const full of [false, true]) {
		const page = renderColumns(endless, { full });
		const parts = page.split('\n from here for ever:\n');
		t.is(parts.length, 2);
		const [stem, cycle] = parts;
		t.regex(stem, /by \d+ steps and then \d+ for ever/);
		const numbers = (text: string) => [...text.matchAll(/^ (\d+)(?:-(\d+))? /gm)];
		t.true(numbers(stem).every(([, from, to = from]) => Number(to) <= cycleFrom));
		t.is(Number(numbers(cycle)[0][1]), cycleFrom + 1);
	}
	t.regex(explain(endless), /From here for ever:/);
	const stuck = { ...endless, violation: { ...endless.violation, property: 'I10' } };
	t.regex(conclude(stuck).sentence, /^Whatever is done after step \d+, some program never ends/);
});

test('a mapping that is being cut: its ptes keep the names of their pages', (t) => {
	const s73 = scenario('S73-split-and-truncate');
	const trace = counterexample(artifact, s73, EXCLUSIVE, ['VM_PGOFF_UNDER_SHARE_LOCK']);
	const page = renderColumns(trace, { width: 100 });
	t.regex(page, /pte of f\[0\] in P0 taken out/);
	t.notRegex(page, /pte of f\[1\] in P0 taken out|page 2/);
});

test('symbols that are off are named as remedies when the request names none', (t) => {
	const { missing, ...unblamed } = window;
	t.deepEqual(missing, ['TRUNCATE_COUNT']);
	t.regex(
		conclude(unblamed).sentence,
		/any of TRUNCATE_COUNT, NOPAGEDONE or VM_DO_NO_PAGE would prevent it, and are off\.$/,
	);
});

test('a deadlock: who waits for what, held by whom', (t) => {
	const s85 = scenario('S85-truncate-and-write');
	const trace = counterexample(artifact, s85, EXCLUSIVE, ['GENERIC_FILE_WRITE_NOLOCK']);
	t.is(trace.violation.property, 'I9');
	const { cause, sentence } = conclude(trace);
	t.is(cause, 'deadlock');
	t.log(sentence);
	t.regex(sentence, /P0 waits in ogfs_glock_nq_init for the glock of f/);
	t.regex(sentence, /P1 waits in generic_file_write for i_sem of f/);
	const page = renderColumns(trace, { width: 100 });
	t.regex(page, /waits for the glock of f/);
	t.regex(page, /\*\*\* DEADLOCK \*\*\*/);
});

test('no line is wider than asked for, none ends in blanks, nothing but ASCII', (t) => {
	const three = counterexample(artifact, programs.threeNodes, EXCLUSIVE, ['TRUNCATE_COUNT']);
	for (const trace of [three, ...cases.map((c) => c[1])])
		for (const width of [80, 100, 132, 160])
			for (const full of [false, true])
				for (const line of explain(trace, { width, full }).split('\n')) {
					t.true(line.length <= width, `${width}: ${line}`);
					t.is(line, line.trimEnd());
					t.notRegex(line, /[^ -~]/);
				}
});

test('the same trace gives the same text, and a trace survives JSON', (t) => {
	const again = counterexample(artifact, scenario('S01-classic-window'), EXCLUSIVE, [
		'TRUNCATE_COUNT',
	]);
	t.deepEqual(again, window);
	const read = JSON.parse(JSON.stringify(window));
	t.deepEqual(read, window);
	t.is(explain(read), explain(window));
});

test('colour only where it is asked for, and the text is the same', (t) => {
	const plain = renderColumns(window);
	const color = renderColumns(window, { color: true });
	const esc = String.fromCharCode(27);
	t.false(plain.includes(esc));
	t.true(color.includes(`${esc}[1m`));
	const stripped = color.split(new RegExp(`${esc}\\[[\\d;]*m`)).join('');
	t.is(stripped.replace(/ +$/gm, ''), plain);
});

test('steps carry what the report promises', (t) => {
	const { steps } = window;
	t.deepEqual(
		steps.map((s) => s.step),
		steps.map((_, i) => i + 1),
	);
	const fault = steps.find((s) => s.moments.some((m) => m.kind === 'fault'))!;
	t.is(fault.task, 'P0');
	t.is(fault.source?.text, 'WRITE_ONCE(*x, 1)');
	const pte = steps.find((s) => s.moments.some((m) => m.kind === 'pte'))!;
	t.true(pte.stack.some((f) => f.function === 'do_no_page' && f.file === 'vfs/mm/memory.ts'));
	t.deepEqual(
		pte.changes.find((c) => c.path === 'node 0: pte 1 of P0.frame'),
		{
			path: 'node 0: pte 1 of P0.frame',
			before: '',
			after: 'page#0',
		},
	);
	t.regex(pte.state, /^node 0: glock x EXCLUSIVE .* P0 pte x: rw dirty -> page#0 \| node 1: /);
	t.is(steps.at(-1)!.broken?.property, 'I2');
	t.is(window.aftermath?.kind, 'store');
});

test('the classic window, as it is printed', (t) => {
	const golden = `${ROOT}harness/report/golden/S01-classic-window.txt`;
	const text = explain(window, { width: 100 });
	if (process.env.UPDATE_GOLDEN || !existsSync(golden)) writeFileSync(golden, text);
	t.is(text, readFileSync(golden, 'utf8'), 'UPDATE_GOLDEN=1 npx ava harness/report writes it anew');
});

test('a name that is too long for its column is cut behind a hyphen', (t) => {
	t.deepEqual(wrap('needed: S125-error-of-a-local, 9 steps', 20, 2), [
		'needed:',
		'  S125-error-of-a-',
		'  local, 9 steps',
	]);
	t.deepEqual(wrap('abcdefghijklmnop', 10), ['abcdefghij', 'klmnop']);
});
