// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { type Automorphism, automorphismsOf, dataRegisters } from './automorphisms.ts';
import { compile } from './compile.ts';
import { parseLitmus } from './parser.ts';

/** The permutations, and what they do to nodes and values, in short. */
function found(text: string, nodes?: number): string[] {
	const program = compile(parseLitmus(text));
	const short = ({ nodes: n, procs, values }: Automorphism) =>
		[n, procs, values].map((list) => list.join('')).join('/');
	return automorphismsOf(program, nodes ?? program.config.NR_NODES).map(short);
}

const test2 = (p0: string, p1: string, init = 'int x = 0;') => `C two
{ ${init} }
P0(int *x) { ${p0} }
P1(int *x) { ${p1} }
exists (x=1)
`;

test('two processes that do the same, and that store different values', (t) => {
	const same = 'WRITE_ONCE(*x, 1); int r0 = READ_ONCE(*x);';
	t.deepEqual(found(test2(same, same)), ['01/01/', '10/10/']);
	const other = 'WRITE_ONCE(*x, 2); int r0 = READ_ONCE(*x);';
	t.deepEqual(found(test2(same, other)), ['01/01/', '10/10/021']);
	t.deepEqual(found(test2(same, other, 'int x = 1;')), ['01/01/'], 'the value is there at first');
	t.deepEqual(found(test2(same, 'int r0 = READ_ONCE(*x);')), ['01/01/']);
});

test('values that are compared or computed with stay as they are', (t) => {
	const spin = (n: number) => `WRITE_ONCE(*x, ${n}); while (READ_ONCE(*x) == 0) { }`;
	t.deepEqual(found(test2(spin(1), spin(1))), ['01/01/', '10/10/']);
	t.deepEqual(found(test2(spin(1), spin(2))), ['01/01/']);
	const add = (n: number) => `int r0 = READ_ONCE(*x); r0 = r0 + ${n}; WRITE_ONCE(*x, r0);`;
	t.deepEqual(found(test2(add(1), add(2))), ['01/01/']);
	t.deepEqual(found(test2(add(1), add(1))), ['01/01/', '10/10/']);
});

test('three nodes that store values of their own, two processes a node', (t) => {
	const three = `C three
{ int x = 0; }
P0(int *x) { WRITE_ONCE(*x, 1); }
P1(int *x) { WRITE_ONCE(*x, 2); }
P2(int *x) { WRITE_ONCE(*x, 3); }
exists (x=1)
`;
	t.is(found(three).length, 6);
	t.true(found(three).includes('120/120/0231'));
	const pairs = `C pairs
{ int x = 0; P0 on 0; P1 on 0; P2 on 1; P3 on 1; }
P0(int *x) { WRITE_ONCE(*x, 1); }
P1(int *x) { int r0 = READ_ONCE(*x); }
P2(int *x) { WRITE_ONCE(*x, 2); }
P3(int *x) { int r0 = READ_ONCE(*x); }
exists (x=1)
`;
	t.deepEqual(found(pairs), ['01/0123/', '10/2301/021']);
});

test('nodes without processes may change places', (t) => {
	const one = 'C one\n{ int x = 0; }\nP0(int *x) { WRITE_ONCE(*x, 1); }\nexists (x=1)\n';
	t.deepEqual(found(one), ['0/0/']);
	t.deepEqual(found(one, 3), ['012/0/', '021/0/']);
	t.deepEqual(found(one, 4), ['0123/0/', '0213/0/', '0231/0/']);
});

test('code of the body goes to the same place of the other body', (t) => {
	const program = compile(parseLitmus(test2('WRITE_ONCE(*x, 1);', 'WRITE_ONCE(*x, 2);')));
	const [, swap] = automorphismsOf(program, 2);
	const [p0, p1] = program.processes;
	t.is(swap.code[p0.end - 4], p1.end - 4);
	t.is(swap.code[p1.end - 8], p0.end - 8);
	t.is(swap.code[p0.entry], p0.entry);
	t.deepEqual(
		[...swap.code].sort((a, b) => a - b),
		[...program.rom.keys()],
	);
});

test('data registers: loaded, stored and observed, nothing else', (t) => {
	const program = compile(
		parseLitmus(
			test2('int r0 = READ_ONCE(*x); int r1 = READ_ONCE(*x); if (r1) { WRITE_ONCE(*x, r0); }', ''),
		),
	);
	const [{ registers }] = program.processes;
	const names = [...dataRegisters(program.processes[0])].map((r) => registers[r]);
	t.true(names.includes('r0'));
	t.false(names.includes('r1'));
	t.false(names.includes('errno'));
});
