// SPDX-License-Identifier: GPL-2.0-only
/** What the suite says of an edit, with one scenario. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { findTests } from '../conform/scenarios.ts';
import { loadFacts } from './facts.ts';
import { Suite } from './killed.ts';
import { Bench } from './measure.ts';
import { symbolsOf } from './symbols.ts';

const root = path.resolve(fileURLToPath(new URL('../..', import.meta.url)));

test('an edit that changes a verdict, one that changes none, and one that is not executed', async (t) => {
	const bench = new Bench(root, loadFacts(root), (version) => symbolsOf(version));
	const named = (name: string) => bench.port.functions.find((f) => f.name === name)!;
	const edit = (name: string, what: string, by: string) => {
		const from = bench.declaration(named(name)).getText().indexOf(what);
		t.true(from > 0, what);
		const to = from + what.length;
		const made = { class: 'call deleted', from, to, by, line: 1, symbol: false } as const;
		return { function: named(name), edit: made, findings: [] };
	};
	const functions = ['do_no_page', 'unmap_kiobuf'].map(named);
	const options = { profiles: ['proposed'], maxStates: 5000, maxSeconds: 60 };
	const suite = await Suite.open(root, bench, functions, { ...options, tests: findTests('S01') });
	t.is(suite.size, 1);
	const kills = await suite.outcome(
		edit('do_no_page', 'yield* spin_lock(mm.page_table_lock);', ';'),
	);
	t.deepEqual(kills, { what: 'killed', by: 'S01-classic-window, proposed' });
	const same = await suite.outcome(
		edit('do_no_page', "printk('do_no_page: pte of %d maps %p', address, new_page);", ';'),
	);
	t.deepEqual(same, { what: 'survived', by: '1 scenarios have the same verdict' });
	const none = await suite.outcome(edit('unmap_kiobuf', 'iobuf.nr_pages = 0;', ';'));
	t.is(none.what, 'executed by none');
});
