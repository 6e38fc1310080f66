// SPDX-License-Identifier: GPL-2.0-only
/** Every mistake that has a message of its own, with the message: the place, the line, the help. */
import test from 'ava';
import { CALLS } from './calls.ts';
import { LitmusError, nearest } from './error.ts';
import { parseLitmus } from './parser.ts';

const SYSTEM_CALLS = [...CALLS]
	.filter(([, { action }]) => action.kind === 'system')
	.map(([name]) => name)
	.join(', ');

function messageOf(text: string): string {
	try {
		parseLitmus(text, 't.litmus');
	} catch (error) {
		if (error instanceof LitmusError) return error.message;
		throw error;
	}
	return 'no error';
}

interface Parts {
	header?: string;
	init?: string;
	params?: string;
	body?: string;
	end?: string;
}

/** A test of one process that is right but for the parts that are given. */
function build({ header, init, params, body, end }: Parts): string {
	const comment = header === undefined ? '' : `(*\n * ${header}\n *)\n`;
	const title = `C t\n${comment}{ ${init ?? ''} }\n`;
	return `${title}P0(${params ?? 'int *x'})\n{\n\t${body ?? '*x = 1;'}\n}\n${end ?? 'exists (x=1)'}\n`;
}

/** The part, what is underlined, the message, the help. */
function check(cases: [Parts, string, string, string?][]) {
	return (t: import('ava').ExecutionContext) => {
		for (const [parts, marked, reason, help] of cases) {
			const message = messageOf(build(parts));
			const [first, line, caret, fourth] = message.split('\n') as (string | undefined)[];
			t.is(first!.replace(/^t\.litmus:\d+:\d+: error: /, ''), reason, message);
			const from = caret!.indexOf('^');
			const under = line!.slice(from, caret!.length);
			t.is(under, marked, message);
			t.is(fourth, help === undefined ? undefined : `      = ${help}`, message);
		}
	};
}

test('the shape of a message', (t) => {
	t.is(
		messageOf(build({ body: '*x = 1;\n\tint r0 = REED_ONCE(*x);' })),
		[
			't.litmus:6:11: error: unknown call REED_ONCE()',
			'    6 |         int r0 = REED_ONCE(*x);',
			'      |                  ^~~~~~~~~',
			'      = did you mean "READ_ONCE"?',
		].join('\n'),
	);
	t.is(
		messageOf('C t\n{\n}\nP0(int *x)\n{\n\t*x = 1\n}\nexists (x=1)\n'),
		[
			't.litmus:6:8: error: expected ";" or an operator here',
			'    6 |         *x = 1',
			'      |               ^',
		].join('\n'),
	);
});

test('the shape of a file', (t) => {
	const cases: [string, string][] = [
		['', '1:1: error: expected a litmus test: "C NAME" on the first line'],
		['C\n', '1:1: error: the test has no name: expected "C NAME" on the first line'],
		[
			'X86 SB\n',
			'1:1: error: expected "C NAME" on the first line, found "X86": only tests in C can be run',
		],
		['C t\n', '2:1: error: expected "{", found the end of the file'],
		['C t\n{', '2:2: error: expected ";", "}" or a declaration, found the end of the file'],
		['C t\n(* ', '2:1: error: this comment is not closed'],
		['C t\n{ /* }', '2:3: error: this comment is not closed'],
		[
			'C t\n{}\n',
			'3:1: error: expected "exists", "~exists", "forall", "locations" or a process, found the end of the file',
		],
		['C t\n{}\nexists (true)', '3:1: error: expected a process, such as "P0(int *x) { }"'],
		[
			'C t\n{}\nP1() {}\nexists (true)',
			'3:1: error: P0 is missing: processes are P0, P1, ... without gaps',
		],
		['C t\n{}\nP0() {}\nP0() {}\nexists (true)', '4:1: error: P0 is there twice'],
		[
			'C t\n{}\nP8() {}\nexists (true)',
			'3:1: error: there is no P8: a test has at most 8 processes, P0 to P7',
		],
		[
			'C t\n{}\nP0() {\nexists (true)',
			'4:1: error: the process is not closed before the condition',
		],
		['C t\n{}\nP0() {\nP1() {}', '4:1: error: the process is not closed before the next one'],
		[
			'C t\n{}\nP0() {}\nexists (true',
			'4:13: error: expected ")", "/\\" or "\\/", found the end of the file',
		],
		[
			`C t\n${' '.repeat(70000)}`,
			'1:1: error: the file has 70004 characters: a litmus test has at most 65536',
		],
	];
	for (const [text, message] of cases) {
		t.is(messageOf(text).split('\n')[0], `t.litmus:${message}`);
	}
});

test(
	'init part',
	check([
		[
			{ init: 'x = 99999999999;' },
			'99999999999',
			'the constant 99999999999 does not fit an int (32 bits)',
		],
		[{ init: 'x = 08;' }, '08', '"08" is not an integer constant'],
		[{ init: 'x = EBADD;' }, 'EBADD', '"EBADD" is not a known constant', 'did you mean "EBADF"?'],
		[
			{ init: 'x = &y;' },
			'&',
			'pointers in memory are not supported: the value of a variable is a number',
		],
		[{ init: 'int *x;' }, '*', 'pointers in memory are not supported: a variable is an int'],
		[{ init: 'atomic_t x;' }, 'atomic_t ', '"atomic_t" is not supported: a variable is an int'],
		[{ init: 'x = 1; x = 2;' }, 'x', '"x" is declared twice', 'first in line 2'],
		[
			{ init: 'errno = 1;' },
			'errno',
			'"errno" cannot be declared: it is the error number of the last call',
		],
		[{ init: 'NULL = 1;' }, 'NULL', '"NULL" cannot be declared: it is a constant'],
		[{ init: 'file f[9];' }, '9', 'a file has 0 to 8 pages, not 9'],
		[
			{ init: 'file f[1] = {1, 2};' },
			'2',
			'"f" has 1 page and 2 values',
			'a value is the first int of a page',
		],
		[
			{ init: 'a=1;b=1;c=1;d=1;e=1;f=1;g=1;h=1;i=1;' },
			'i=1',
			'a test has at most 8 variables',
			'each is a page of one file',
		],
		[
			{ init: 'file foo[1]; int x in fooo[0];' },
			'fooo',
			'there is no file "fooo"',
			'did you mean "foo"?',
		],
		[{ init: 'int x in f[0];' }, 'f', 'there is no file "f"', 'declare it: "file f[2];"'],
		[{ init: 'file f[1]; int x in f[1];' }, '1', '"f" has 1 page, none is 1'],
		[{ init: 'file f[1]; int x in f[0]; int y in f[0];' }, 'int y in f[0]', '"x" is f[0] already'],
		[
			{ init: 'file f[1] = {1}; int x in f[0] = 2;' },
			'2',
			'f[0] has its value from the declaration of "f"',
		],
		[{ init: 'P0 on 4;' }, '4', 'there is no node 4: a machine has at most 4 nodes, 0 to 3'],
		[{ init: 'P3 on 0;' }, 'P3', 'there is no P3: the test has P0'],
		[{ init: 'P0 on 0; P0 on 1;' }, 'P0 on 1', 'P0 is placed twice'],
		[{ init: 'P0 shares P0;' }, 'P0 shares P0', 'P0 shares an address space with itself only'],
		[{ init: '0:r1 = 2;' }, 'r1', 'P0 declares no "r1"', 'there is errno, signal, lost'],
		[
			{ init: '0:x = 2;' },
			'x',
			'"x" is a parameter of P0, not a local variable',
			'write "x" alone',
		],
	]),
);

test('five processes need places', (t) => {
	const processes = [0, 1, 2, 3, 4].map((i) => `P${i}() {}\n`).join('');
	t.is(
		messageOf(`C t\n{}\n${processes}exists (true)`),
		[
			't.litmus:7:1: error: P4 would be on node 4: a machine has at most 4 nodes',
			'    7 | P4() {}',
			'      | ^~',
			'      = place it: "P4 on 0;" in the init part',
		].join('\n'),
	);
	t.is(messageOf(`C t\n{ P4 on 3; }\n${processes}exists (true)`), 'no error');
	t.regex(
		messageOf(`C t\n{ P1 shares P0; P1 on 1; }\n${processes}exists (true)`),
		/P1 shares the address space of P0, which is on node 0/,
	);
});

test('fork', (t) => {
	const end = 'P1() { int *r; }\nexists (true)';
	const cases: [init: string, body: string, reason: RegExp][] = [
		['', 'fork(P1);', /P1 is no child of P0/],
		['P1 child of P0;', '', /P0 does not call fork\(P1\)/],
		['P1 child of P0;', 'fork(P1); kill(P1, SIGUSR1);', /P1 is there when it was forked/],
		['P1 child of P0;', 'fork(P1); fork(P1);', /P1 can be forked in one place only/],
		['P1 child of P0;', 'while (1) fork(P1);', /fork\(\) cannot stand in a loop/],
		['P1 child of P0;', 'int r; fork(P1);', /"r" of P0 has another type/],
		['P1 child of P0; P1 on 1;', 'fork(P1);', /P1 is forked on node 0, where its parent is/],
		['P1 child of P0; P1 shares P0;', 'fork(P1);', /it has an address space of its own/],
		['P0 child of P1; P1 child of P0;', 'fork(P1);', /P1 is forked by itself only/],
		['P1 child of P0;', 'fork(1);', /expected a process, such as "P1"/],
	];
	for (const [init, body, reason] of cases)
		t.regex(messageOf(`C t\n{ ${init} }\nP0() { ${body} }\n${end}`), reason);
	const { process, parent } = { process: 'P1() {}', parent: 'P0() { int r = fork(P1); }' };
	t.is(messageOf(`C t\n{ P1 child of P0; }\n${parent}\n${process}\nexists (true)`), 'no error');
});

test(
	'parameters',
	check([
		[
			{ params: 'int x' },
			'int x',
			'"int x" is not a parameter: a variable is "int *x", an open file is "file x"',
		],
		[
			{ params: 'int **x' },
			'int **',
			'pointers in memory are not supported: a variable is "int *"',
		],
		[
			{ params: 'spinlock_t *x' },
			'spinlock_t *x',
			'"spinlock_t *" is not supported: a variable is "int *"',
		],
		[{ params: 'file x' }, 'x', 'the init part has no file "x"', 'declare it: "file x[1];"'],
		[{ init: 'file f;', params: 'int *f' }, 'f', '"f" is a file', 'write "file f"'],
		[{ params: 'int *x, int *x' }, 'x', '"x" is declared twice', 'first in line 3'],
	]),
);

test(
	'statements',
	check([
		[{ body: 'for (;;) ;' }, 'for', '"for" is not supported: write a while loop'],
		[{ body: 'char c;' }, 'char', '"char" is not supported: declare int or int *'],
		[
			{ body: 'ssize_t n = 1;' },
			'ssize_t n =',
			'"ssize_t" is not a type here: the types are int and int *',
		],
		[{ body: 'int a[2];' }, '[', 'arrays are not supported: the types are int and int *'],
		[{ body: 'break;' }, 'break;', '"break" outside a loop'],
		[{ body: 'return 1;' }, '1', 'a process returns nothing: only "return;" is supported'],
		[{ body: '1 + 2;' }, '1 + 2', 'this statement does nothing'],
		[
			{ body: 'while (1) ;' },
			'while (1) ;',
			'this loop neither accesses memory nor makes a call',
			'what it computes can be written down as a constant',
		],
		[{ body: 'int r0; int r0;' }, 'r0', '"r0" is declared twice', 'first in line 5'],
		[{ body: 'int mmap;' }, 'mmap', '"mmap" cannot be declared: it is a call'],
		[
			{ body: '{ int r1; } r1 = 1;' },
			'r1',
			'"r1" is declared in another block',
			'declare it before that block',
		],
		[
			{ body: 'x = 1;' },
			'x',
			'the parameter "x" cannot be changed',
			'to store into it write "*x = ...;"',
		],
		[
			{ body: '1 = 2;' },
			'1',
			'this cannot be assigned to',
			'expected a local variable, *x or p[n]',
		],
		[{ body: '@' }, '@', 'expected "}" or a statement, found "@"'],
		[
			{ body: 'int r0; if (r0 = 1) ;' },
			'=',
			'an assignment inside an expression is not supported: make it a statement',
		],
	]),
);

test(
	'expressions',
	check([
		[{ body: 'r0 = 1;' }, 'r0', '"r0" is not declared', 'declare it: "int r0;"'],
		[{ body: '*qq = 1;' }, 'qq', '"qq" is not declared', 'declare it: "int *qq;"'],
		[{ body: 'qq[0] = 1;' }, 'qq', '"qq" is not declared', 'declare it: "int *qq;"'],
		[
			{ body: 'int r0; pread(qq, &r0, 4, 0);' },
			'qq',
			'"qq" is not declared',
			'declare it: "file qq[1];" in the init part, and add "file qq" to P0(...)',
		],
		[
			{ init: 'y = 1;', body: '*y = 1;' },
			'y',
			'"y" is no parameter of this process',
			'add "int *y" to P0(...)',
		],
		[
			{ body: '*x = 5000000000;' },
			'5000000000',
			'the constant 5000000000 does not fit an int (32 bits)',
		],
		[{ body: '*x = 0x1g;' }, '0x1g', '"0x1g" is not an integer constant'],
		[
			{ body: 'int r0 = x;' },
			'x',
			'"r0" is an int, and this is a pointer',
			'to load its value write "*x"',
		],
		[{ body: 'int *p = 3;' }, '3', '"p" is a pointer, and this is an int'],
		[{ body: '*x = smp_mb();' }, 'smp_mb()', 'expected an int: this has no value'],
		[{ body: 'int r0 = **x;' }, '*x', 'expected a pointer: this is an int'],
		[
			{ body: 'int r0 = x + x;' },
			'x + x',
			'"+" does not apply to pointer and pointer',
			'pointers can be compared with == and !=, and moved by an int',
		],
		[
			{ body: 'int r0 = (int)x;' },
			'int',
			'casts are not supported: a value is an int or an int *, and stays one',
		],
		[{ body: 'int r0 = 1 / 0;' }, '0', 'division by zero'],
		[
			{ body: 'x[1] = 3;' },
			'x[1]',
			'"x" is one int',
			'more than one is a file: see docs/litmus.md',
		],
		[
			{ body: 'int r0 = *x + *x;' },
			'*x + *x',
			'two accesses in one expression: C leaves open which comes first',
			'put one of them into a local variable',
		],
		[
			{ body: 'int r0; r0 = pread(3, &r0, 4, 0) + r0;' },
			'pread(3, &r0, 4, 0) + r0',
			'"r0" is used beside the call that sets it: C leaves open which comes first',
			'make the call a statement of its own',
		],
		[
			{ body: 'int r0 = close(3) + errno;' },
			'close(3) + errno',
			'"errno" is used beside the call that sets it: C leaves open which comes first',
			'make the call a statement of its own',
		],
		[{ body: 'int r0 = &x;' }, '&x', '"&x" is only the buffer of pread() and pwrite()'],
	]),
);

test(
	'calls',
	check([
		[
			{ body: 'frobnicate();' },
			'frobnicate',
			'unknown call frobnicate()',
			`the calls are ${SYSTEM_CALLS}`,
		],
		[
			{ body: 'spin_lock(x);' },
			'spin_lock',
			'spin_lock() is not supported',
			'the processes are programs of users, with loads, stores and system calls',
		],
		[
			{ body: 'rcu_read_lock();' },
			'rcu_read_lock',
			'rcu_read_lock() is not supported',
			'the processes are programs of users, with loads, stores and system calls',
		],
		[
			{ body: 'lseek(3, 0);' },
			'lseek',
			'lseek() is not supported',
			'only the calls of docs/litmus.md can be made',
		],
		[
			{ body: 'munmap(x);' },
			'munmap(x)',
			'munmap() takes 2 arguments, not 1',
			'write "munmap(p, length)"',
		],
		[
			{ body: 'int *p = mremap(x, 4096, 8192);' },
			'mremap(x, 4096, 8192)',
			'mremap() takes 5 arguments, not 3',
			'write "mremap(p, old_length, length, flags, new_address)"',
		],
		[
			{ body: 'WRITE_ONCE(x, 1);' },
			'x',
			'expected an access to memory, such as "*x"',
			'write "WRITE_ONCE(*x, value)"',
		],
		[{ body: 'int *p = mmap(*x, 4096, 1, 1, 3, 0);' }, '*x', 'expected a pointer: this is an int'],
		[
			{ body: 'int *p = mmap(NULL, 4096, 1, 1, 3, 100);' },
			'100',
			'the offset 100 is not the start of a page: mappings begin there',
			'a page has 4096 bytes',
		],
		[{ body: 'int r = ftruncate(3, 102);' }, '102', 'the length 102 is not a whole number of ints'],
		[{ body: 'int r0; pread(3, &r0, 4, 6);' }, '6', 'the offset 6 is not the start of an int'],
		[
			{ body: 'int r0 = 1; int r = ftruncate(3, r0);' },
			'r0',
			'how long the file may become cannot be seen here',
			'say it in the header: "Bounds: NR_FILE_PAGES=2"',
		],
		[
			{ body: 'int *p = mmap(NULL, 409600, 1, 1, 3, 0);' },
			'409600',
			'a mapping of 409600 bytes: it can have at most 8 pages of 4096 bytes',
		],
		[
			{ body: 'int *p = mmap(NULL, 0, 1, 1, 3, 0);' },
			'0',
			'a mapping of 0 bytes',
			'kernels differ in what it gives',
		],
		[
			{ init: 'file f;', body: 'int d = open("f", 3);' },
			'3',
			'expected O_RDONLY, O_WRONLY or O_RDWR',
			'files are there from the start: nothing is created',
		],
		[
			{ body: 'int n; int *p = mmap(NULL, n, 1, 1, 3, 0);' },
			'n',
			'the length of a mapping is a constant',
			'the page tables are made for it',
		],
		[
			{ body: 'int r0; pread(3, &r0, 8, 0);' },
			'8',
			'the buffer is one int: expected sizeof(int)',
			'more than one int is read to, or written from, a mapping',
		],
		[
			{ body: 'int r0; pread(3, &r0, 6, 0);' },
			'6',
			'expected a constant number of bytes: 1 to 8 ints, or with O_DIRECT a page',
			'write "pread(fd, &r0, sizeof(int), offset)"',
		],
		[
			{ init: 'file f[1];', end: 'exists (f[0][1024]=1)' },
			'1024',
			'a page has 1024 ints, none is 1024',
		],
		[
			{ body: 'pread(3, 1, 4, 0);' },
			'1',
			'this is not supported as a buffer: expected the address of a local int, such as "&r0"',
			'write "pread(fd, &r0, sizeof(int), offset)"',
		],
		[
			{ body: 'pread(3, &(int){1}, 4, 0);' },
			'&(int){1}',
			'this would be lost: expected the address of a local int, such as "&r0"',
			'write "pread(fd, &r0, sizeof(int), offset)"',
		],
		[{ body: 'int *p; pread(3, &p, 4, 0);' }, 'p', 'expected a local int: "p" is a pointer'],
		[
			{ body: 'pwrite(3, &(int){1}, 4, 32768);' },
			'32768',
			'a file has at most 8 pages of 4096 bytes',
		],
		[
			{ body: 'int o; pwrite(3, &(int){1}, 4, o);' },
			'o',
			'how long the file may become cannot be seen here',
			'say it in the header: "Bounds: NR_FILE_PAGES=2"',
		],
		[
			{ body: 'int f = open("g", O_RDWR);' },
			'"g"',
			'the init part has no file "g"',
			'files are made there: "file f[1];"',
		],
		[
			{ body: 'int f = open(3, O_RDWR);' },
			'3',
			'expected the name of a file, such as "f" in quotes',
		],
		[
			{ body: 'atomic_store_explicit(x, 1, 2);' },
			'2',
			'expected a memory order, such as memory_order_relaxed',
		],
	]),
);

test(
	'condition and locations',
	check([
		[{ end: 'exists (y=1)' }, 'y', 'there is no variable "y"', 'did you mean "x"?'],
		[{ end: 'exists (1:r0=1)' }, '1', 'there is no P1: the test has P0'],
		[{ end: 'exists (0:r0=1)' }, 'r0', 'P0 declares no "r0"', 'there is errno, signal, lost'],
		[
			{ body: 'int *p = x;', end: 'exists (0:p=1)' },
			'p',
			'"p" is a pointer: addresses differ from system to system',
			'compare it in the program: "int failed = p == MAP_FAILED;"',
		],
		[
			{ end: 'exists (x=4294967296)' },
			'4294967296',
			'the constant 4294967296 does not fit an int (32 bits)',
		],
		[{ end: 'exists (x[0]=1)' }, 'x', '"x" is a variable of one int'],
		[{ init: 'file f;', end: 'exists (f=1)' }, 'f', '"f" is a file', 'write "f[0]"'],
		[{ init: 'file f;', end: 'exists (f[8]=1)' }, '8', 'a file has at most 8 pages, none is 8'],
		[{ end: 'locations [y;] exists (x=1)' }, 'y', 'there is no variable "y"', 'did you mean "x"?'],
		[
			{ end: 'filter (x=1) exists (x=1)' },
			'filter',
			'filter is not supported: say it in the condition',
		],
		[
			{ end: 'exists (x=1 /\\)' },
			')',
			'expected a condition or a location ("0:r0", "x", "f[1]"), found ")"',
		],
		[
			{ end: 'exists (x=1)\nP1() {}' },
			'P1',
			'expected "/\\", ";", "\\/" or the end of the file, found "P1"',
		],
	]),
);

test(
	'header',
	check([
		[
			{ header: 'Reslut: Never' },
			'Reslut',
			'unknown header field "Reslut"',
			'did you mean "Result"?',
		],
		[
			{ header: 'Result: Nevr' },
			'Nevr',
			'expected "Never", "Sometimes", "Always" or "PROFILE=Never", found "Nevr"',
			'did you mean "Never"?',
		],
		[{ header: 'Result: Never Always' }, 'Always', 'a second result for all profiles'],
		[
			{ header: 'Result proposed: Never' },
			'Result proposed:',
			'"Result" is not written for one profile',
			'write "Result: proposed=..."',
		],
		[{ header: 'Result:' }, 'Result:', '"Result:" says nothing'],
		[
			{ header: 'Needs: foo' },
			'foo',
			'expected a configuration symbol, found "foo"',
			'symbols are separated by blanks, equally good ones by "|": "A|B C"',
		],
		[{ header: 'Bounds: NR=x' }, 'NR=x', 'expected "NAME=NUMBER", found "NR=x"'],
	]),
);

test('the nearest word', (t) => {
	t.is(nearest('msnyc', ['mmap', 'msync', 'munmap']), 'msync');
	t.is(nearest('xyz', ['mmap', 'msync', 'munmap']), undefined);
	t.is(nearest('r1', ['r0']), undefined, 'short names are all near each other');
});
