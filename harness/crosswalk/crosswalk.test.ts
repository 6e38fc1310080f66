// SPDX-License-Identifier: GPL-2.0-only
/** The comparison, with a kernel and a port of a few lines each. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { Project } from 'ts-morph';
import { crosswalk, type Report } from './crosswalk.ts';
import { CrosswalkError } from './events.ts';
import { readSources } from './extract.ts';
import { KernelTree } from './kernel.ts';
import type { Symbols } from './port.ts';
import { figures, findingsOf, reportJson, reportText } from './report.ts';

const root = mkdtempSync(path.join(tmpdir(), 'crosswalk-'));
test.after.always(() => rmSync(root, { recursive: true, force: true }));
let made = 0;

/** A kernel tree with some files. */
function tree(files: Record<string, string>, version = '2.4.22'): Promise<KernelTree> {
	const dir = path.join(root, `tree${made++}`);
	const [a, b, c] = version.split('.');
	const makefile = `VERSION = ${a}\nPATCHLEVEL = ${b}\nSUBLEVEL = ${c}\nEXTRAVERSION =\n`;
	for (const [name, text] of Object.entries({ Makefile: makefile, 'mm/empty.c': '', ...files })) {
		mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
		writeFileSync(path.join(dir, name), text);
	}
	return KernelTree.open(dir);
}

test('what is no text, no file or no C is told, and not waited for', async (t) => {
	const deep = (open: string, close: string) =>
		`#if ${open.repeat(20_000)}1${close.repeat(20_000)}\n#endif\n`;
	for (const [text, message] of [
		[deep('(', ')'), /mm\/x\.c: is nested too deeply/],
		[deep('!', ''), /nested too deeply/],
		[`int f(void) ${'{'.repeat(20_000)}${'}'.repeat(20_000)}`, /nested too deeply/],
		['\0ELF', /is no text/],
		[' '.repeat((1 << 20) + 1), /more than 1048576 bytes/],
	] as const) {
		const made = await tree({ 'mm/x.c': text });
		t.throws(() => made.functions('mm/x.c'), { instanceOf: CrosswalkError, message });
	}
	const made = await tree({ 'mm/x.c/inside': '' });
	const error = t.throws(() => made.functions('mm/x.c'), { instanceOf: CrosswalkError });
	t.regex(error.message, /is not a regular file/);
	symlinkSync('nowhere', path.join(made.dir, 'mm/gone.c'));
	t.is(made.functions('mm/gone.c'), undefined);
});

const HEAD = '// SPDX-License-Identifier: GPL-2.0-only\n/** mm/x.c of 2.4.22. */\n';

function port(files: Record<string, string>) {
	const project = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true });
	const sources = Object.entries(files).map(([name, text]) =>
		project.createSourceFile(`/${name}`, text),
	);
	return { hash: '', ...readSources(sources, '/') };
}

/** Compares one file with another. */
async function compare(c: string, ts: string, symbols: Symbols = { SMP: 1 }): Promise<Report> {
	const text = ts.startsWith('//') ? ts : HEAD + ts;
	return crosswalk(await tree({ 'mm/x.c': c }), port({ 'vfs/mm/x.ts': text }), symbols, symbols);
}
const told = (report: Report): string[] =>
	findingsOf(report).map(({ file, line, what }) => `${file}:${line}: ${what}`);

const C = `int f(struct mm *mm)
{
	spin_lock(&mm->page_table_lock);
	if (!a(mm))
		goto out;
	b(mm);
	spin_unlock(&mm->page_table_lock);
	return c(mm);
out:
	spin_unlock(&mm->page_table_lock);
	return 0;
}
`;
const SAME = `function* f(mm) {
	yield* spin_lock(mm.page_table_lock);
	if (!a(mm)) {
		spin_unlock(mm.page_table_lock);
		return 0;
	}
	b(mm);
	spin_unlock(mm.page_table_lock);
	return yield* c(mm);
}
`;

test('the same calls, locks and returns: nothing to say', async (t) => {
	const report = await compare(C, SAME);
	t.deepEqual(told(report), []);
	t.like(figures(report), { found: 1, compared: 1, both: 7, onlyC: 0, onlyPort: 0 });
});

test('what one of them has is told with both places and with what to write', async (t) => {
	const report = await compare(C, SAME.replace('\tb(mm);\n', '\td(mm);\n'));
	t.deepEqual(told(report), [
		'vfs/mm/x.ts:3: f() lacks "b" of mm/x.c:6',
		'vfs/mm/x.ts:9: f() has "d", mm/x.c:1 has not',
	]);
	t.regex(findingsOf(report)[0].fix, /write "- b: reason" under Differs:/);
	t.is(figures(report).undeclared, 2);
	t.regex(reportText(report, true), /^ {5}6 {9}- b +UNDECLARED$/m);
});

test('two locks in another order are a difference', async (t) => {
	const c = 'void f(void) { spin_lock(&m->i_shared_lock); spin_lock(&mm->page_table_lock); }';
	const ts =
		'function* f() { yield* spin_lock(mm.page_table_lock); yield* spin_lock(m.i_shared_lock); }';
	t.is(told(await compare(c, ts)).length, 2);
});

test('a lock that is not let go on one way out is a difference', async (t) => {
	const report = await compare(C, SAME.replace('\t\tspin_unlock(mm.page_table_lock);\n', ''));
	t.is(told(report).length, 1);
	t.regex(told(report)[0], /lacks "spin_unlock page_table_lock"/);
});

const declaring = (...entries: string[]): string =>
	`/**\n * f - does it\n *\n * Differs:\n${entries.map((e) => ` *   ${e}\n`).join('')} */\n`;

test('declared differences, each with its reason', async (t) => {
	const c = 'void f(void) { a(); b(); c(); d(); e(); g(); }';
	const ts = 'function f() { c(); a(); h(); q(); g(); }';
	const doc = declaring(
		...['- b: not needed', '~ c: before a, since', '    nobody can tell', '+ h: asks first'],
		...['d -> q: its name here', '- e: not needed'],
	);
	const report = await compare(c, doc + ts);
	t.deepEqual(told(report), []);
	const document = JSON.stringify(reportJson(report));
	t.true(document.includes('"reason":"before a, since nobody can tell"'));
});

test('a difference that is none any more fails, and so does one without a reason', async (t) => {
	const ts = `${declaring('- b: gone', '+ z: nowhere', '- a')}function f() { a(); }`;
	t.deepEqual(told(await compare('void f(void) { a(); b(); }', ts)), [
		"vfs/mm/x.ts:9: '- a' is declared without a reason",
		"vfs/mm/x.ts:8: '+ z' is declared, and is no difference of f()",
		"vfs/mm/x.ts:9: '- a' is declared, and is no difference of f()",
	]);
	const prose = `${declaring('it is not the same')}function f() { a(); }`;
	t.regex(told(await compare('void f(void) { a(); }', prose))[0], /declares no difference/);
});

test('an entry stands for one row, or for as many as it says', async (t) => {
	const c = 'void f(void) { a(); b(); a(); c(); a(); }';
	const of = async (entry: string) =>
		told(await compare(c, `${declaring(entry)}function f() { b(); c(); }`));
	t.deepEqual(await of('- a x3: no such thing'), []);
	t.deepEqual(await of('- a: no such thing'), [
		...['vfs/mm/x.ts:9: f() lacks "a" of mm/x.c:1', 'vfs/mm/x.ts:9: f() lacks "a" of mm/x.c:1'],
	]);
	t.deepEqual(await of('- a x4: no such thing'), [
		"vfs/mm/x.ts:7: '- a' is declared for 4 of f(), and there are 3",
	]);
	t.regex((await of('- a x0: no such thing'))[0], /declares no difference/);
});

test('what is moved stands for one row of each side', async (t) => {
	const c = 'void f(void) { a(); b(); b(); c(); d(); }';
	const ts = 'function f() { a(); c(); d(); b(); b(); }';
	const report = (entry: string) => compare(c, declaring(entry) + ts);
	t.deepEqual(told(await report('~ b x2: behind d')), []);
	t.is(told(await report('~ b: behind d')).length, 2);
	t.is(told(await report('~ b x3: behind d')).length, 1);
});

test('what a symbol that is off adds may be declared', async (t) => {
	const ts = `${declaring('+ b: CONFIG_X')}function f() { a(); if (CONFIG_X) b(); }`;
	t.deepEqual(told(await compare('void f(void) { a(); }', ts)), []);
	t.is(told(await compare('void f(void) { a(); b(); }', ts, { X: 1 })).length, 0);
});

test('what a file declares holds for its functions, and one of them must need it', async (t) => {
	const head = (entry: string) =>
		`// SPDX-License-Identifier: GPL-2.0-only\n/**\n * mm/x.c of 2.4.22.\n *\n * Differs:\n *   ${entry}\n */\n`;
	const c = 'void f(void) { a(); b(); }\nvoid g(void) { c(); }';
	const ts = 'function f() { a(); }\nfunction g() { c(); }';
	t.deepEqual(told(await compare(c, head('- b: for no function') + ts)), []);
	const twice = 'void f(void) { a(); b(); }\nvoid g(void) { b(); c(); }';
	t.deepEqual(told(await compare(twice, head('- b x2: for no function') + ts)), []);
	t.regex(
		told(await compare(twice, head('- b: for no function') + ts))[0],
		/'- b' is declared for 1 of the functions of the file, and there are 2/,
	);
	t.regex(
		told(await compare(c, head('- b, x: why') + ts))[0],
		/'- x' .* of the functions of the file/,
	);
});

test('a helper of C that the port has in its place; a body that is another', async (t) => {
	const c = `static inline void lock_vma_mappings(struct vma *vma)
{ if (vma->file) spin_lock(&vma->file->i_shared_lock); }
void f(void) { lock_vma_mappings(vma); a(); }
void g(void) { b(); }`;
	const ts = `${declaring('= lock_vma_mappings: one line')}function* f() { if (vma.file) yield* spin_lock(vma.file.i_shared_lock); a(); }
${declaring('! assembler')}function g() { z(); }`;
	const report = await compare(c, ts);
	t.deepEqual(told(report), []);
	t.like(figures(report), { found: 2, compared: 1, otherBody: 1 });
});

test('functions of the port alone count where they are called', async (t) => {
	const helper =
		'/**\n * Source: none: part of f()\n */\nfunction* rest(x) { if (x) return 1; b(); return c(); }\n';
	const ts = `${helper}function* f() { a(); return yield* rest(1); }`;
	t.deepEqual(
		told(await compare('int f(int x) { a(); if (x) return 1; b(); return c(); }', ts)),
		[],
	);
});

test('a function that is not there fails, and says where it is if it is', async (t) => {
	const missing = await compare('void g(void) { }', 'function f() {}');
	t.deepEqual(told(missing), ['vfs/mm/x.ts:3: f() is not in mm/x.c of 2.4.22']);
	const moved = crosswalk(
		await tree({ 'mm/x.c': '', 'mm/y.c': 'void f(void) { a(); }' }),
		port({ 'vfs/mm/x.ts': `${HEAD}function f() { a(); }` }),
		{},
		{},
	);
	t.regex(findingsOf(moved)[0].fix, /it is in mm\/y\.c: write "Source: mm\/y\.c"/);
	const right = await compare(
		'#define old(x) do { a(x); } while (0)\n',
		'/**\n * f - x\n *\n * Source: as old\n */\nfunction f() { a(); }',
	);
	t.deepEqual(told(right), []);
	t.is(figures(right).macros, 1);
});

test('what a symbol adds is not there; what it takes away is', async (t) => {
	const c = 'int f(void) { a(); if (x) b(); return c(); }';
	const ts = `const ON = CONFIG_Y && !CONFIG_SMP;
function* f() {
	if (CONFIG_X) return yield* other();
	a();
	if (!CONFIG_X && x) b();
	else if (CONFIG_X) d();
	if (ON || (CONFIG_Z === 1 && w())) e();
	const y = CONFIG_SMP ? c() : g();
	return y;
}`;
	t.deepEqual(told(await compare(c, ts)), []);
	const on = await compare('int f(void) { return other(); }', ts, { SMP: 1, X: 1 });
	t.deepEqual(told(on), []);
});

const ASKS = `int f(struct page *page, int n)
{
	if (n >= page->index)
		return -EIO;
	if (!page->mapping)
		a(page, n);
	else
		page->count--;
	spin_lock(&page->mapping->lock);
	return 0;
}`;
const ASKED = `function f(page, n) {
	if (n >= page.index) return -EIO;
	if (page.mapping) page.count--;
	else a(page, n);
	yield* spin_lock(page.mapping.lock);
	return 0;
}`;

test('conditions, values and assignments, in either order of the branches', async (t) => {
	const swapped = ASKED.replace(
		'page.count--;\n\telse a(page, n)',
		'a(page, n); else page.count--',
	);
	const moved = declaring('~ set count: the branches stand the other way round');
	t.deepEqual(told(await compare(ASKS, moved + ASKED)), []);
	const of = async (what: string, by: string): Promise<string> => {
		const ts = ASKED.replace(what, by);
		t.not(ts, ASKED);
		return told(await compare(ASKS, moved + ts)).join('\n');
	};
	t.regex(told(await compare(ASKS, swapped)).join('\n'), /"a" under mapping, .* under !mapping/);
	t.regex(await of('n >= page', 'n > page'), /lacks "if n<index"/);
	t.regex(await of('-EIO', '-EINVAL'), /"return" with -EINVAL, .* with -EIO/);
	t.regex(await of('page.count--', 'page.count++'), /lacks "set count"/);
	t.regex(await of('page.count--', 'b(page.count)'), /lacks "set count"/);
	t.regex(await of('a(page, n)', 'a(n, page)'), /"a" with n, .* with page/);
	t.regex(await of('(page.mapping.lock)', '(page.lock)'), /"spin_lock lock" with page, .* mapping/);
	t.regex(await of('if (n >= page.index) return -EIO;', 'b(page.index);'), /lacks "if n<index"/);
	t.regex(await of('if (page.mapping)', 'if (page.index)'), /lacks "if mapping"/);
});

test('what is declared for what only one side does holds for its condition', async (t) => {
	const c = 'void f(int x) { if (x) { while (next(x)) b(); return; } a(); }';
	const entry = declaring('- next, b: not needed');
	t.deepEqual(told(await compare(c, `${entry}function f(x) { a(); }`)), []);
	t.is(told(await compare(c, 'function f(x) { a(); }')).length, 5);
});

test('page flags by their macros', async (t) => {
	const c =
		'void f(struct page *page) { if (PageError(page)) ClearPageDirty(page); SetPageUptodate(page); }';
	const ts = `function f(page) {
	if (page.flags & PG_error) page.flags &= ~PG_dirty;
	page.flags |= PG_uptodate;
}`;
	t.deepEqual(told(await compare(c, ts)), []);
});

test('a function of another version is left to a tree of that version', async (t) => {
	const ts = `${HEAD}/**\n * f - x\n *\n * Source: mm/y.c, 2.6.0 to 2.6.9\n */\nfunction f() { a(); }\nfunction g() {}`;
	const files = { 'mm/x.c': 'void g(void) {}', 'mm/y.c': 'void f(void) { b(); }' };
	const sources = port({ 'vfs/mm/x.ts': ts });
	const old = crosswalk(await tree(files), sources, {}, {});
	t.deepEqual(told(old), []);
	t.is(figures(old).otherVersion, 1);
	t.is(told(crosswalk(await tree(files, '2.6.9'), sources, {}, {})).length, 2);
	const odd = await tree(files, '2.2.26');
	t.throws(() => crosswalk(odd, sources, {}, {}), {
		instanceOf: CrosswalkError,
		message: /2\.2\.26/,
	});
	t.throws(() => crosswalk(odd, sources, {}, {}, ['h']), { message: /unknown function 'h'/ });
});

test('what the grammar makes nothing of is told', async (t) => {
	const report = await compare('void f(void) { a() b) ( ; }', 'function f() { a(); }');
	t.regex(told(report)[0], /^mm\/x\.c:1: the grammar makes nothing/);
});

test('no kernel tree: a message, no stack', async (t) => {
	const no = (dir: string, message: RegExp) =>
		t.throwsAsync(KernelTree.open(dir), { instanceOf: CrosswalkError, message });
	await no(path.join(root, 'nowhere'), /no such directory/);
	await no(root, /no kernel tree: it has no Makefile/);
	const dir = path.join(root, 'bare');
	mkdirSync(dir);
	writeFileSync(path.join(dir, 'Makefile'), 'all:\n\ttrue\n');
	await no(dir, /does not say VERSION/);
	writeFileSync(path.join(dir, 'Makefile'), 'VERSION = 2\nPATCHLEVEL = 4\nSUBLEVEL = 22\n');
	await no(dir, /no mm\//);
	await no(path.join(dir, 'Makefile'), /no directory/);
});

test('symbols that give a function the form of a later kernel: it is compared with that one', async (t) => {
	const sources = port({
		'vfs/mm/x.ts': `${HEAD}function f() { if (CONFIG_B) b(); else a(); }\nfunction g() { c(); }`,
	});
	const old = await tree({ 'mm/x.c': 'void f(void) { a(); }\nvoid g(void) { c(); }' });
	const later = await tree({ 'mm/x.c': 'void f(void) { b(); }\nvoid g(void) { d(); }' }, '2.6.9');
	const other = await tree({ 'mm/x.c': 'void f(void) { e(); }' }, '2.6.9');
	const gone = await tree({ 'mm/y.c': 'void f(void) { b(); }' }, '2.6.9');
	const apart = (report: Report) => report.results.map((r) => r.apart);
	const on = { B: 1 };
	t.deepEqual(told(crosswalk(old, sources, {}, {})), []);
	t.deepEqual(apart(crosswalk(old, sources, {}, {})), [undefined, undefined]);
	t.deepEqual(apart(crosswalk(old, sources, on, {})), ['of 2.6.9', undefined]);
	t.deepEqual(apart(crosswalk(later, sources, on, {})), [undefined, 'of 2.4.22']);
	t.deepEqual(told(crosswalk(later, sources, on, {})), []);
	t.deepEqual(told(crosswalk(other, sources, on, {})), [
		'vfs/mm/x.ts:3: f() lacks "e" of mm/x.c:1',
		'vfs/mm/x.ts:3: f() has "b", mm/x.c:1 has not',
	]);
	const [missing] = findingsOf(crosswalk(gone, sources, on, {}));
	t.is(missing.fix, 'say in harness/crosswalk/forms.ts where it is: mm/y.c');
});
