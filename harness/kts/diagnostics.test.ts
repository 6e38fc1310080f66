// SPDX-License-Identifier: GPL-2.0-only
/** Every rule of kernel TypeScript: a source that breaks it, and where the complaint must stand. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { type Code, LoweringError, RULES, rulesAsMarkdown } from './diagnostics.ts';
import { lower } from './lower/index.ts';

const root = path.resolve(import.meta.dirname, '../..');
const FILE = 'harness/kts/fixtures/refused.ts';
const OTHER_FILE = 'harness/kts/fixtures/refused-too.ts';
const OTHER = 'class again_t { x: number = 0; } export const again = new again_t();';
const IMPORTS = `import { ASSERT, BUG_ON, choose, config, cover, event, event_kind, ints, kmem_cache, kmem_cache_alloc, kmem_cache_free, preempt, printk, ptrs, rom, self, spawn, structs, wait_choose, wait_event, wait_idle, type bool, type int, type Cache, type Ints, type node_nr, type proc_nr, type Sleeps } from '../prelude.ts';`;
const COMMON = `
class page { count: int = 0; next: page | null = null; readonly words = ints(4); readonly pool = kmem_cache(other, 2); }
class other { count: int = 0; }
class twin { count: int = 0; }
const the_page = new page();
const the_other = new other();
const the_twin = new twin();
interface operations { open: (p: page) => int; close: ((p: page) => Sleeps) | null }
function* sleeps(): Sleeps<int> { yield* preempt(); return 1; }
function plain(): int { return the_page.count; }
function takes_other(o: other): int { return o.count; }
function changes(): int { the_page.count++; return 1; }
`;
const INIT = 'export function init(): void {}';
const EVENT = "const EVENT_X = event_kind('x', ['page', '*page'], ['n', 'node'], ['wet', 'bool']);";
const NODE = 'function node(): node_nr { return 0; } function proc(): proc_nr { return 0; }';

const QUEUE = `/** @fifo pending */ function pending(): bool { return the_page.count > 0; }
/** @fifo pending */ function more(): bool { return the_other.count > 0; }
function either(): bool { return pending() || more(); }`.replaceAll('\n', ' ');
/** `^` stands before what is refused. */
const CASES: [Code, string][] = [
	['K001', '^let jiffies: int = 0;'],
	['K001', '^enum state { A, B }'],
	['K001', '^changes();'],
	['K002', 'function f(): void { ^try { changes(); } catch { changes(); } }'],
	['K002', 'function f(): void { ^throw 1; }'],
	['K002', 'function f(): void { ^for (const k of [1]) changes(); }'],
	['K002', 'function f(): void { ^var x = 1; the_page.count = x; }'],
	['K002', 'function f(): void { for (;;) { ^a: for (;;) { if (plain()) break; } } }'],
	['K003', 'function f(): bool { return ^the_page instanceof page; }'],
	['K003', 'function f(): int { return ^the_page.next?.count!; }'],
	['K003', 'function f(): int { return ^2 ** 3; }'],
	['K003', 'function f(): int { return plain() + (^2 as int); }'],
	['K003', 'function f(): bool { return ^the_page > the_page.next!; }'],
	['K003', 'function f(): void { let i = 0; ^the_page.words[i++] += 2; }'],
	['K004', 'function f(): void { let ^x: any = 0; x = 1; the_page.count = x; }'],
	['K004', "function f(): void { const ^s = 'text'; cover('m'); s; }"],
	['K004', 'function f(^a: Ints): void {}'],
	['K004', 'function f(): void { const ^a = the_page.words; a[0] = 1; }'],
	['K004', 'class holder { readonly all = ^ptrs(3); }'],
	['K004', 'class holder { readonly all = ints<^0 | 1>(3); }'],
	['K005', 'class bad { ^get(): int { return 1; } }'],
	['K005', 'class bad { ^words = ints(3); }'],
	['K005', 'class bad ^extends page {}'],
	['K006', 'class bad { x: int = ^plain(); }'],
	['K006', 'class bad { readonly x = ints(^plain()); }'],
	[
		'K006',
		'function f(x: int): int { switch (x) { case ^plain(): return 1; default: return 0; } }',
	],
	['K007', 'export const ^again = new page();'],
	['K008', 'class ^loop { readonly inner = new loop(); }'],
	['K009', 'function f(): int { return takes_other(^the_twin); }'],
	['K009', 'function f(): void { const x: other = ^the_twin; changes(); takes_other(x); }'],
	['K009', 'function f(o: other): bool { return ^o === the_twin; }'],
	['K010', 'function f(): void { const ^g = plain; g(); }'],
	['K010', 'function f(^g: () => int): void { changes(); }'],
	[
		'K010',
		'function f(o: operations): int { const g = 1; if (^o.open === plain) return g; return 0; }',
	],
	['K011', 'function f(^n: int = 0): void {}'],
	['K011', 'function f(^...n: int[]): void {}'],
	['K011', 'function f<^T>(): void {}'],
	['K011', 'function ^f(): Sleeps<int> { return sleeps(); }'],
	[
		'K012',
		'interface more { ^open?: () => int } const m: more = { open: plain }; function f(): void { const o: more = m; o; }',
	],
	[
		'K012',
		'interface more { ^size: int } const m: more = { size: 1 }; function f(): void { const o: more = m; o; }',
	],
	[
		'K012',
		'interface more { run: () => void } const m: more = { run: ^sleeps }; function f(): void { m.run(); }',
	],
	[
		'K012',
		'const o: operations = { open: ^(p) => p.count, close: null }; function f(): int { return o.open(the_page); }',
	],
	['K013', 'function f(): void { ^sleeps(); }'],
	['K013', 'function f(): void { ^preempt(); }'],
	['K013', 'function f(o: operations): void { ^o.close!(the_page); }'],
	['K014', 'function* f(): Sleeps { ^yield { kind: "preempt", count: plain }; }'],
	['K015', 'function* f(): Sleeps<int> { return 1 + (^yield* sleeps()); }'],
	[
		'K015',
		'function* f(): Sleeps<int> { return takes_count(^yield* sleeps()); } function takes_count(x: int): int { return x; }',
	],
	['K015', 'function* f(): Sleeps { ^the_page.words[1] = yield* sleeps(); }'],
	['K016', 'function f(): void { changes(); (^() => 1); }'],
	['K016', 'function* f(): Sleeps { yield* wait_event(^() => { return true; }); }'],
	['K017', 'function* f(): Sleeps { yield* wait_event(() => ^the_page.count-- === 0); }'],
	['K017', 'function* f(): Sleeps { yield* wait_event(() => ^changes() === 0); }'],
	['K017', 'function* f(): Sleeps { yield* wait_event(() => ^self() === 0); }'],
	['K016', 'function* f(): Sleeps { yield* wait_choose(^function () { return 1; }); }'],
	['K017', 'function* f(): Sleeps<int> { return yield* wait_choose(() => ^changes()); }'],
	['K013', 'function f(): void { ^wait_choose(() => 2); }'],
	['K018', 'function* ^f(): Sleeps { yield* g(); } function* g(): Sleeps { yield* f(); }'],
	['K019', 'const pages = structs(page, 2); function f(): void { ^pages[0] = the_page; }'],
	['K020', 'function f(): void { const p = the_page.next; if (^[1][0]) changes(); p; }'],
	['K021', "const text = 'x'; function f(): void { printk(^text); }"],
	['K021', "function f(): void { ^printk('%d'); }"],
	['K021', 'function f(): void { ^ints(3); }'],
	['K026', `${EVENT} function f(): void { event(EVENT_X, ^the_twin, 1, true); }`],
	['K026', `${EVENT} ${NODE} function f(): void { event(EVENT_X, the_page, ^proc(), true); }`],
	['K026', `${EVENT} function f(): void { event(EVENT_X, the_page, ^the_page.count++, true); }`],
	['K026', `${EVENT} function f(): void { event(EVENT_X, the_page, ^changes(), true); }`],
	['K026', `${EVENT} function f(): void { const e = EVENT_X; event(^e, the_page, 1, true); }`],
	['K026', `${EVENT} const EVENT_Y = ^event_kind('x');`],
	['K026', "const ^not_an_event = event_kind('x');"],
	['K026', "const name = 'x'; const EVENT_Y = ^event_kind(name);"],
	[
		'K017',
		`${EVENT} function* f(): Sleeps { yield* wait_event(() => ^says() === 0); } function says(): int { event(EVENT_X, null, 0, true); return 0; }`,
	],
	[
		'K021',
		"function f(): void { spawn('x', 0, ^g_of(), 1); } function g_of(): (n: int) => Sleeps { return of_n; } function* of_n(_n: int): Sleeps { yield* preempt(); }",
	],
	['K022', 'function f(): int { return ^0.5; }'],
	[
		'K023',
		"function* f(): Sleeps { ^spawn('x', 0, g); yield* preempt(); } function* g(): Sleeps { yield* f(); }",
	],
	['K024', '^'],
	['K025', '/** ^@fifo sends */ function f(): void { changes(); }'],
	['K025', '/** ^@fifo send */ function* f(): Sleeps { yield* preempt(); }'],
	['K025', `${QUEUE} function* f(): Sleeps { yield* preempt(); if (^pending()) changes(); }`],
	['K025', `${QUEUE} function* f(): Sleeps { if (^either()) yield* preempt(); }`],
	[
		'K025',
		`${QUEUE} function* f(): Sleeps { yield* wait_event(() => more()); if (^pending()) changes(); }`,
	],
	[
		'K025',
		`${QUEUE} function* f(): Sleeps { yield* wait_event(() => pending()); changes(); if (^pending()) changes(); }`,
	],
	[
		'K025',
		`${QUEUE} function* f(): Sleeps { yield* wait_event(() => pending()); if (changes() > 3) while (^pending()) changes(); }`,
	],
];

function diagnose(source: string): readonly { code: string; line: number; column: number }[] {
	try {
		lower({ root, entries: [FILE], overrides: { [FILE]: source, [OTHER_FILE]: OTHER } });
		return [];
	} catch (e) {
		if (e instanceof LoweringError) return e.diagnostics;
		throw e;
	}
}

CASES.forEach(([code, marked], i) => {
	test(`${code} ${i}: ${marked.slice(0, 60)}`, (t) => {
		const entry = code === 'K024' ? 'export {};' : INIT;
		const extra = code === 'K007' ? " import './refused-too.ts';" : '';
		const before = `${IMPORTS}${extra}\n${COMMON.trim()}\n${entry}\n`;
		const column = marked.indexOf('^') + 1;
		const line = code === 'K024' ? 1 : before.split('\n').length;
		const found = diagnose(before + marked.replace('^', ''));
		const all = JSON.stringify(found, null, 1);
		t.true(
			found.some((d) => d.code === code && d.line === line && d.column === column),
			`expected ${code} at ${line}:${column}, not ${all}`,
		);
	});
});

test('what is pending may be asked in waits and directly after them', (t) => {
	const fine = [
		'function* f(): Sleeps { yield* wait_event(() => either()); if (pending()) changes(); else if (more()) changes(); }',
		'function* f(): Sleeps { const n = yield* wait_choose(() => (pending() ? 1 : 0) + 1); if (n === 0 && pending()) changes(); }',
		'function* f(): Sleeps { for (;;) { yield* wait_idle(() => !either() && plain() > 0); if (!(more() || pending())) changes(); } }',
	];
	for (const source of fine)
		t.deepEqual(diagnose(`${IMPORTS}\n${COMMON}\n${INIT}\n${QUEUE}\n${source}`), []);
});

test('a wrong number or kind of arguments of an event is refused where it stands', (t) => {
	const at = (marked: string): string[] => {
		const source = `${IMPORTS}\n${COMMON}\n${INIT}\n${EVENT}\n`;
		const line = source.split('\n').length;
		const place = (d: { line: number; column: number }) =>
			d.line === line && d.column === marked.indexOf('^') + 1;
		return diagnose(source + marked.replace('^', ''))
			.filter(place)
			.map((d) => d.code);
	};
	t.deepEqual(at('function f(): void { ^event(EVENT_X, the_page, 1); }'), ['TS2554']);
	t.deepEqual(at('function f(): void { event(EVENT_X, the_page, ^false, true); }'), ['TS2345']);
	t.deepEqual(at('function f(): void { event(^1, the_page, 1, true); }'), ['TS2345']);
});

test('an event that fits is let in', (t) => {
	const fine = [
		'function f(): void { event(EVENT_X, the_page, node(), plain() > 1); }',
		'function f(): void { event(EVENT_X, null, 1, false); }',
		'function f(): void { event(EVENT_X, the_page.next, the_page.count, true); }',
	];
	for (const source of fine)
		t.deepEqual(diagnose(`${IMPORTS}\n${COMMON}\n${INIT}\n${EVENT}\n${NODE}\n${source}`), []);
});

test('every rule has a case', (t) => {
	t.deepEqual(
		Object.keys(RULES).filter((c) => !CASES.some(([code]) => code === c)),
		[],
	);
});

test('docs/language.md lists every rule as it is', (t) => {
	const text = readFileSync(path.join(root, 'docs/language.md'), 'utf8');
	t.true(text.includes(rulesAsMarkdown()), 'replace the list by what rulesAsMarkdown() gives');
});
