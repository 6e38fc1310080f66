// SPDX-License-Identifier: GPL-2.0-only
/** What a machine around a machine hands on. */
import test from 'ava';
import { delegate } from './reduction.ts';
import { peterson, toyMachine } from './toy.ts';

test('delegate() hands on each member, those that are optional too', (t) => {
	const calls: string[] = [];
	const machine = {
		...delegate(toyMachine(peterson(1))),
		lockOrder: () => [{ held: 'a', taken: 'b', task: '', stack: [] }],
		forgetLocks: () => calls.push('forgetLocks'),
	};
	const around = delegate(machine);
	around.forgetLocks?.();
	t.deepEqual(calls, ['forgetLocks']);
	t.is(around.lockOrder?.().length, 1);
	t.deepEqual(Object.keys(around).sort(), Object.keys(machine).sort());
});
