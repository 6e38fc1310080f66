// SPDX-License-Identifier: GPL-2.0-only
/** Header comments: sentences and fields, in the kernel's manner and in ours. */
import test from 'ava';
import type { Header } from './ast.ts';
import { emptyHeader, printHeader } from './header.ts';
import { parseLitmus } from './parser.ts';

function headerOf(comment: string, before = ''): Header {
	const text = `${before}C t\n${comment}\n{}\nP0(int *x) {}\nexists (x=1)\n`;
	return parseLitmus(text).header;
}

test('no comment, no header', (t) => {
	t.deepEqual(headerOf(''), emptyHeader());
	t.deepEqual(headerOf('/* in C */ // and this'), emptyHeader());
	t.is(printHeader(emptyHeader()), '');
});

test('all fields', (t) => {
	const header = headerOf(`(*
 * Can it happen? Note: it can: see below.
 *
 * Result: proposed=Never proposed-shared=Never
 *         linux-2.4.22=violated
 * Progress: proposed=violated
 * Needs: TRUNCATE_COUNT|NOPAGEDONE|VM_DO_NO_PAGE OGFS_BLOCK_FAULTS_FIRST
 * Needs proposed-shared: PAGE_MKWRITE
 * ProgressNeeds proposed: OGFS_GREEDY
 * Exercises: fault: write; revoke: to UNLOCKED;
 * Source: P. McKenney, linux-kernel,
 *         May 2003
 * Source: another one
 * Bounds: NR_FILE_PAGES=3 NR_X=0
 *
 * The end.
 *)`);
	t.deepEqual(header, {
		text: 'Can it happen? Note: it can: see below.\n\nThe end.',
		results: { proposed: 'Never', 'proposed-shared': 'Never', 'linux-2.4.22': 'violated' },
		progress: { proposed: 'violated' },
		modules: [],
		needs: [
			{
				profile: '*',
				groups: [['TRUNCATE_COUNT', 'NOPAGEDONE', 'VM_DO_NO_PAGE'], ['OGFS_BLOCK_FAULTS_FIRST']],
			},
			{ profile: 'proposed-shared', groups: [['PAGE_MKWRITE']] },
			{ profile: 'proposed', groups: [['OGFS_GREEDY']], progress: true },
		],
		exercises: ['fault: write', 'revoke: to UNLOCKED'],
		source: ['P. McKenney, linux-kernel, May 2003', 'another one'],
		bounds: { NR_FILE_PAGES: 3, NR_X: 0 },
	});
	t.deepEqual(headerOf(printHeader(header)), header);
});

test('one result for all profiles, others for some', (t) => {
	t.deepEqual(headerOf('(* Result: Never *)').results, { '*': 'Never' });
	t.deepEqual(headerOf('(* Result: Never mainline=Sometimes *)').results, {
		'*': 'Never',
		mainline: 'Sometimes',
	});
	t.deepEqual(headerOf('(*\n * Result: DEADLOCK\n *)').results, { '*': 'DEADLOCK' });
});

test('comments in other places', (t) => {
	t.is(headerOf('', '(* SPDX *)\n\n').text, '', 'before the test: not about it');
	t.is(headerOf('(* one *)\n(* two *)').text, 'one\n\ntwo');
	t.is(headerOf('(* without stars\n   on its lines *)').text, 'without stars\non its lines');
	t.is(headerOf('(* a (* nested *) one *)').text, 'a (* nested *) one');
});

test('nodes that may die', (t) => {
	const headerOf = (line: string) => parseLitmus(text(line)).header;
	const text = (line: string) =>
		`C t\n(*\n * ${line}\n *)\n{ int x = 0; }\nP0(int *x) { int r0 = *x; }\nexists (0:lost=1)\n`;
	t.deepEqual(headerOf('Dies: N1').dies, { most: 1, nodes: [1] });
	t.deepEqual(headerOf('Dies: 2 of N2 N0').dies, { most: 2, nodes: [0, 2] });
	t.is(headerOf('Result: Never').dies, undefined);
	t.throws(() => headerOf('Dies: P1'), { message: /expected a node, N0 to N3, found "P1"/ });
});
