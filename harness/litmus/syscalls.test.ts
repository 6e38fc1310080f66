// SPDX-License-Identifier: GPL-2.0-only
/** What the types of the table of system calls cannot say. */
import test from 'ava';
import { SYS_MAPPED } from '../world/isa.ts';
import * as machine from '../world/syscalls.ts';
import { whyNot } from './calls.ts';
import { callOfNumber, SYSTEM_CALLS, type SystemCallName } from './syscalls.ts';

const entries: Record<string, unknown> = { ...machine };
const names = Object.keys(SYSTEM_CALLS) as SystemCallName[];

test('the machine enters each call under its number, with either kind of buffer', (t) => {
	for (const name of names) {
		const { number, moves } = SYSTEM_CALLS[name];
		t.true(machine.sys_call(number) === entries[`${name}_call`], name);
		t.is(callOfNumber(number), name);
		// MAPPED_BUFFERS is off unless a test asks for it
		t.is(machine.sys_call(number | SYS_MAPPED), null, name);
		t.is(`${name}_mapped_call` in entries, moves !== 'nothing', name);
	}
	t.is(machine.sys_call(0), null);
	t.throws(() => callOfNumber(0), { message: 'no system call 0' });
});

test('each call has a number and a bit of its own', (t) => {
	t.is(new Set(names.map((name) => SYSTEM_CALLS[name].number)).size, names.length);
	const bits = names.map((name) => SYSTEM_CALLS[name].bit);
	t.is(new Set(bits).size, names.length);
	for (const bit of bits) t.is(bit & (bit - 1), 0);
});

test('no call is said to be missing', (t) => {
	for (const name of names) t.notRegex(whyNot(name) ?? '', /only the calls/, name);
	t.regex(whyNot('lseek') ?? '', /only the calls/);
});
