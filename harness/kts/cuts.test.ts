// SPDX-License-Identifier: GPL-2.0-only
/** Where the cuts stand, and that the lists of what is not cut name what there is. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { ATOMIC, ATOMIC_UNCUT, cutSources, cutText, SECTIONS } from './cuts.ts';
import { projectRoot } from './root.ts';

const sources = cutSources(projectRoot());
const textOf = (file: string): string => readFileSync(path.join(projectRoot(), file), 'utf8');
const all = Object.keys(sources).map(textOf).join('\n');

/** The body of a function of the sources, without its comments. */
function bodyOf(name: string): string {
	const at = all.search(new RegExp(`function\\* ${name}\\(`));
	return at < 0 ? '' : all.slice(at, all.indexOf('\n}\n', at));
}

const cut = (body: string): string =>
	cutText('vfs/mm/x.ts', `function* f(page: page): Sleeps {\n${body}\n}\n`);
const cutsIn = (text: string): number => text.split('yield* preempt(); ').length - 1;

test('a cut stands before what tasks share, and only there', (t) => {
	t.is(cutsIn(cut('	page.flags |= 1;\n	let n = 0;\n	n = n + 1;')), 1);
	t.is(cutsIn(cut('	if (page.count === 1) page.count--;')), 2);
	t.is(cutsIn(cut("	cover('x');\n	printk('%p', page.flags);")), 0);
	t.is(cutsIn(cut('	yield* lock_page(page);')), 0, 'it begins with a cut');
	t.is(cutsIn(cut('	yield* down(page.sem);')), 1, 'it does not');
	t.is(cutsIn(cut('	if (page_trace.ops) page_trace.ops.truncated(page, 0);')), 0);
	t.is(cutsIn(cut('	wait(() => page.flags === 0);')), 1, 'a condition is not cut');
});

test('under pagecache_lock there is none, up to the reference', (t) => {
	const text = cut(
		'	yield* pagecache_step();\n	const p = page.list;\n	if (!p) return;\n	page_cache_get(p);\n	p.flags = 1;',
	);
	t.is(cutsIn(text), 1);
	t.true(text.includes('yield* preempt(); p.flags'));
});

test('lines keep their numbers', (t) => {
	for (const [file, text] of Object.entries(sources))
		t.is(text.split('\n').length, textOf(file).split('\n').length, file);
});

test('what is not cut is there', (t) => {
	for (const name of [...ATOMIC, ...ATOMIC_UNCUT]) t.not(bodyOf(name), '', name);
	for (const [name, { from, to }] of Object.entries(SECTIONS)) {
		const lines = bodyOf(name).split('\n');
		const begins = lines.findIndex((l) => l.trim().startsWith(from));
		t.true(begins > 0, `${name}: ${from}`);
		t.true(
			lines.slice(begins + 1).some((l) => l.trim().startsWith(to)),
			`${name}: ${to}`,
		);
	}
});
