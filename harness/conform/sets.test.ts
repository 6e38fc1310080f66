// SPDX-License-Identifier: GPL-2.0-only
/** Sets are told as combinations only if they are exactly all of them. */
import test from 'ava';
import { combinations, tellSets } from './sets.ts';

const either = [
	{ of: 'A', instead: ['a'] },
	{ of: 'B', instead: ['b', 'bb'] },
];

test('combinations: all of them, or one alternative at a time', (t) => {
	const all = combinations(['A', 'B', 'C'], either);
	t.is(all.length, 6);
	t.deepEqual(all[0], ['A', 'B', 'C']);
	t.deepEqual(
		combinations(['A', 'B', 'C'], either, 5).map((set) => set.join('')),
		['ABC', 'aBC', 'AbC', 'AbbC'],
	);
});

test('all combinations are told as choices', (t) => {
	const told = tellSets(combinations(['A', 'B', 'C'], either));
	t.deepEqual(told, {
		common: ['C'],
		choices: [
			['A', 'a'],
			['B', 'b', 'bb'],
		],
	});
	t.deepEqual(tellSets([['A', 'B']]), { common: ['A', 'B'] });
});

test('one that is missing, and they are told one by one', (t) => {
	const all = combinations(['A', 'B', 'C'], either);
	for (const gone of all.keys()) {
		const told = tellSets(all.filter((_, i) => i !== gone));
		t.is(told.choices, undefined, `without ${all[gone]}`);
		t.is(told.differences?.length, 4);
	}
	t.deepEqual(tellSets([all[0], all[5]]).differences, [{ has: ['a', 'bb'], lacks: ['A', 'B'] }]);
});
