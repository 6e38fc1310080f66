// SPDX-License-Identifier: GPL-2.0-only
/** Three kinds of symbols, and the numbers that name them. */
import test from 'ava';
import { configure, symbolNamed, symbols } from './config.ts';
import { findTests, testId } from './scenarios.ts';

test('what a file system must do is a duty, and what is exported to it an interface', (t) => {
	for (const { name, kind, side, files } of symbols) {
		t.is(kind === 'duty', side === 'FS', name);
		if (side === 'VM' && files.includes('vfs/kernel/ksyms.ts')) t.is(kind, 'interface', name);
	}
	for (const kind of ['interface', 'repair', 'duty']) t.true(symbols.some((s) => s.kind === kind));
});

test('a number does what the name does', (t) => {
	t.is(symbolNamed('H1').name, 'TRUNCATE_COUNT');
	t.is(symbolNamed('TRUNCATE_COUNT').name, 'TRUNCATE_COUNT');
	t.is(symbolNamed('B').name, 'OGFS_SHARED');
	const without = configure({ without: ['TRUNCATE_COUNT'] });
	t.deepEqual(configure({ without: ['H1'] }), without);
	t.deepEqual(configure({ set: ['H1=0'] }), without);
	t.deepEqual(configure({ with: ['H6'] }), configure({ with: ['PAGE_MKWRITE'] }));
	t.throws(() => configure({ with: ['H1'], without: ['TRUNCATE_COUNT'] }), { message: /both/ });
	for (const { name, hook } of symbols) {
		const same = symbols.filter((s) => s.hook === hook);
		if (same.length === 1) t.is(symbolNamed(hook).name, name);
		else
			t.throws(() => symbolNamed(hook), {
				message: new RegExp(same.map((s) => s.name).join(', ')),
			});
	}
	t.throws(() => symbolNamed('H99'), { message: /unknown symbol 'H99'/ });
});

test('a test is found by its number and the words behind it', (t) => {
	t.deepEqual(findTests('S42-failed').map(testId), ['S42-failed-copy']);
	t.deepEqual(findTests('S15-vogt-race').map(testId), ['S15-vogt-race']);
	t.is(findTests('S15-vogt').length, 2);
	t.throws(() => findTests('S42-fail'), { message: /unknown scenario/ });
});
