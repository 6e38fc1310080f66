// SPDX-License-Identifier: GPL-2.0-only
/** What is read of C: small functions, written for this. */
import test from 'ava';
import { type Event, earlyReturns } from './events.ts';
import { eventsOf, flowOf, type Place, usualPlaces } from './flow.ts';
import { children, parserOfC } from './grammar.ts';
import { parseKernelC, preprocess } from './preprocess.ts';

/** The events of the one function in a text. */
async function all(text: string, places: Record<string, Place> = {}): Promise<Event[]> {
	const root = parseKernelC(await parserOfC(), text);
	const f = children(root).find((node) => node.type === 'function_definition');
	const flow = flowOf(f!);
	const chosen = new Map([...usualPlaces(flow), ...Object.entries(places)]);
	return eventsOf(flow, chosen);
}

/** The names of its calls, locks and early returns. */
async function read(text: string, places: Record<string, Place> = {}): Promise<string[]> {
	const events = earlyReturns(await all(text, places));
	return events.filter(({ kind }) => !/^(if|set|loop)$/.test(kind)).map(({ name }) => name);
}

test('calls in the order in which they run, arguments first', async (t) => {
	t.deepEqual(await read('int f(void) { a(b(), c(d())); return e(); }'), [
		...['b', 'd', 'c', 'a', 'e'],
	]);
	t.deepEqual(await read('void f(void) { for (a(); b(); c()) d(); }'), ['a', 'b', 'd', 'c']);
	t.deepEqual(await read('void f(void) { do a(); while (b()); x[a()] = c(); }'), [
		...['a', 'b', 'c', 'a'],
	]);
});

test('locks go by the last name of what is locked', async (t) => {
	const text = `void f(struct mm *mm) {
		spin_lock_irqsave(&mm->page_table_lock, flags);
		down(&vma->vm_file->f_dentry->d_inode->i_sem);
		spinlock_t *lock = &mm->page_table_lock; spin_unlock(lock);
		spin_lock(&hash_locks[i]); read_unlock(&big);
	}`;
	t.deepEqual(await read(text), [
		...[
			'spin_lock page_table_lock',
			'down i_sem',
			'spin_unlock page_table_lock',
			'spin_lock hash_locks',
			'read_unlock big',
		],
	]);
});

test('calls through operations, macros that only wrap, assertions', async (t) => {
	const text = `void f(void) {
		if (likely(vma->vm_ops->nopage(vma, a()))) (*filler)(data);
		BUG_ON(busy()); printk("%d", number());
		if (!PageLocked(page)) BUG();
		if (ready()) { b(); }
	}`;
	t.deepEqual(await read(text), ['a', '->nopage', '->filler', 'ready', 'b']);
	const variable =
		'int f(int (*actor)(int)) { int (*read)(int) = file->f_op->read; actor(read(1)); }';
	t.deepEqual(await read(variable), ['->read', '->actor']);
});

test('early returns: one for each condition, none for the last', async (t) => {
	t.deepEqual(await read('int f(int a) { if (a) return 1; if (!a) return 2; b(); return 0; }'), [
		...['return', 'return', 'b'],
	]);
	t.deepEqual(await read('int f(int a) { if (a || c()) return 1; b(); return 0; }'), [
		...['return', 'c', 'return', 'b'],
	]);
	t.deepEqual(await read('int f(int a) { b(); if (a) return 1; return 0; }'), ['b']);
});

const GOTOS = `int f(int a) {
	if (a) goto no;
	b();
	if (c()) goto no;
	return 0;
no:
	d();
	return 1;
}`;

test('a goto to what nothing runs into is followed', async (t) => {
	t.deepEqual(await read(GOTOS), ['d', 'return', 'b', 'c', 'd']);
	t.deepEqual(await read(GOTOS, { no: 'first' }), ['d', 'return', 'b', 'c']);
	t.deepEqual(await read(GOTOS, { no: 'exit' }), ['return', 'b', 'c', 'return', 'd']);
	t.deepEqual(await read(GOTOS, { no: 'skip' }), ['b', 'c', 'return', 'd']);
});

test('a goto to the common end is an early return, or repeats it', async (t) => {
	const text = 'int f(int a) { if (a) goto out; b(); out: up(&sem); return 0; }';
	t.deepEqual(await read(text), ['return', 'b', 'up sem']);
	t.deepEqual(await read(text, { out: 'each' }), ['up sem', 'return', 'b', 'up sem']);
});

test('conditions, assignments and loops, and what runs under them', async (t) => {
	const text = `int f(struct page *page, int n) {
		if (!page || page_count(page) > n) return -1;
		while ((n = next(n)) != 0)
			if (page->flags & VM_A) { page->index++; a(); } else b();
		atomic_inc(&page->count);
		if (NULL == page->mapping) c();
		return 0;
	}`;
	const events = await all(text);
	const names = new Map(events.map(({ id, name }) => [id ?? 0, name]));
	const under = ({ guards = [], rest = [] }: Event) =>
		[...guards, ...rest].map((id) => `${id < 0 ? '!' : ''}${names.get(Math.abs(id))}`);
	t.deepEqual(
		events.map((e) => [e.name, ...under(e)].join(' ')),
		[
			'if page',
			'return !if page',
			'if n<count if page',
			'return if n<count if page',
			'loop if page !if n<count',
			'next loop if page !if n<count',
			'if n loop if page !if n<count',
			'if VM_A loop if n if page !if n<count',
			'set index loop if n if VM_A if page !if n<count',
			'a loop if n if VM_A if page !if n<count',
			'b loop if n !if VM_A if page !if n<count',
			'set count if page !if n<count',
			'if mapping if page !if n<count',
			'c !if mapping if page !if n<count',
			'return if page !if n<count',
		],
	);
	t.deepEqual(events.find((e) => e.name === 'set count')?.args?.[0].text, '+=1');
});

test('gotos back and loops end what is followed', async (t) => {
	const text = `int f(void) {
	again:
		for (;;) {
			if (a()) goto busy;
			b();
			continue;
		busy:
			c();
			if (d()) goto again;
		}
	}`;
	t.deepEqual(await read(text), ['a', 'c', 'd', 'b']);
});

test('one configuration is read: processors, no high memory', async (t) => {
	const text = `#ifndef CONFIG_SMP
void f(void) { alone(); }
#elif defined(CONFIG_HIGHMEM) || 0
void f(void) { high(); }
#else
void f(void) {
#if BITS_PER_LONG == 32 && \\
	defined(CONFIG_SMP) /* both */
	a();
#endif
#ifdef CONFIG_HIGHMEM
	if (high(
#else
	if (low(
#endif
		)) b();
}
#endif
`;
	t.deepEqual(await read(text), ['a', 'low', 'b']);
	const seen = preprocess(await parserOfC(), text);
	t.is(seen.length, text.length);
	t.is(
		seen.split('\n').findIndex((l) => l.includes('a();')),
		8,
	);
});

test('comments in macros', async (t) => {
	const text = '#define f(x) do {\\\n\t/* first */\\\n\ta(x); /* then */ b(x);\\\n} while (0)\n';
	const root = parseKernelC(await parserOfC(), text);
	t.is(children(root)[0].type, 'preproc_function_def');
	t.regex(children(root)[0].text, /a\(x\);[\s\\]*b\(x\);/);
});

test('directives in comments and strings are none', async (t) => {
	const text = `void f(void) { /*
#if 0
*/ a("\\
#if 0", '"'); // "
	b(); }`;
	t.deepEqual(await read(text), ['a', 'b']);
});

test('words of the kernel and types as arguments are no obstacle', async (t) => {
	const text = `asmlinkage ssize_t f(const char __user *buf) {
		struct page *page = list_entry(entry, struct page, list);
		list_for_each(entry, head) { a(page); }
		asm volatile("lock; incl %0" : "=m" (x));
		return 0;
	}`;
	t.deepEqual(await read(text), ['list_entry', 'a']);
	const root = parseKernelC(await parserOfC(), text);
	t.false(root.descendantsOfType('ERROR').length > 0);
});
