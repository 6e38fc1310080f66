// SPDX-License-Identifier: GPL-2.0-only
/** What the machine gets: read-only memory in the format of isa.ts, bounds, and names. */
import test from 'ava';
import * as isa from '../world/isa.ts';
import { compile, type Program } from './compile.ts';
import { finalReader } from './final.ts';
import { parseLitmus } from './parser.ts';

function program(init: string, processes: string[], end = 'exists (true)'): Program {
	const bodies = processes.map((body, index) => `P${index}${body}`).join('\n');
	return compile(parseLitmus(`C t\n{ ${init} }\n${bodies}\n${end}\n`, 't.litmus'));
}

const NAMES = new Map(
	Object.entries(isa).flatMap(([name, value]) =>
		name.startsWith('OP_') ? [[value, name.slice(3)] as const] : [],
	),
);

/** The instructions of a process after its set-up. */
function code({ rom, processes }: Program, index: number): string[] {
	const { entry, end } = processes[index];
	const lines: string[] = [];
	for (let pc = entry; pc < end; pc += 4) {
		const [op, ...operands] = rom.slice(pc, pc + 4);
		const target = op === isa.OP_JMP ? operands[0] : op === isa.OP_JZ ? operands[1] : undefined;
		const shown = operands.map((o) =>
			o === target ? `pc${o > pc ? '+' : ''}${(o - pc) / 4}` : String(o),
		);
		lines.push([NAMES.get(op), ...shown].join(' '));
	}
	return lines.slice(lines.indexOf('READY 0 0 0') + 1);
}

test('the tables of the rom', (t) => {
	const { rom, processes, files, variables } = program(
		'int y = 7; file f[2] = {3, -4}; file g[0]; int w in f[1]; P1 on 3; P2 shares P1;',
		['(int *x) {}', '(int *y, file g) {}', '(int *w) {}'],
	);
	const [nrFiles, nrProcs, fileTable, procTable] = rom;
	t.is(nrFiles, 3);
	t.is(nrProcs, 3);
	const file = (i: number) => {
		const [size, data] = rom.slice(fileTable + i * isa.FILE_WORDS);
		return [...rom.slice(data, data + size / 4096)];
	};
	t.deepEqual([file(0), file(1), file(2)], [[7, 0], [3, -4], []]);
	const table = [0, 1, 2].map((i) => rom.slice(procTable + i * isa.PROC_WORDS));
	t.deepEqual(
		table.map((row) => [row[isa.PROC_NODE], row[isa.PROC_MM], row[isa.PROC_ENTRY]]),
		processes.map((p) => [p.node, p.owner, p.entry]),
	);
	t.deepEqual(
		processes.map((p) => [p.node, p.owner]),
		[
			[0, 0],
			[3, 1],
			[3, 1],
		],
	);
	t.deepEqual(
		files.map((f) => [f.name, f.hidden, f.pages]),
		[
			['vars', true, 2],
			['f', false, 2],
			['g', false, 0],
		],
	);
	t.deepEqual(variables, [
		{ name: 'y', file: 0, page: 0, offset: 0 },
		{ name: 'x', file: 0, page: 1, offset: 0 },
		{ name: 'w', file: 1, page: 1, offset: 0 },
	]);
});

test('plain programs are short', (t) => {
	const p = program(
		'',
		['(int *x, int *y) { WRITE_ONCE(*x, 1); int r0 = READ_ONCE(*y); }'],
		'exists (0:r0=1)',
	);
	t.deepEqual(p.processes[0].registers, ['errno', '&vars', 'r0']);
	t.deepEqual(code(p, 0), ['LI 3 1 0', 'STORE 3 1 0', 'LI 3 0 0', 'LOAD 2 1 4096', 'HALT 0 0 0']);
});

test('branches and loops', (t) => {
	const p = program('', ['(int *x) { while (READ_ONCE(*x) == 0) ; if (*x) *x = 2; else *x = 3; }']);
	t.deepEqual(code(p, 0), [
		'LI 2 0 0',
		'LOAD 2 1 0',
		'LI 3 0 0',
		'EQ 2 2 3',
		'JZ 2 pc+2 0',
		'JMP pc-5 0 0',
		'LI 2 0 0',
		'LOAD 2 1 0',
		'JZ 2 pc+4 0',
		'LI 2 2 0',
		'STORE 2 1 0',
		'JMP pc+3 0 0',
		'LI 2 3 0',
		'STORE 2 1 0',
		'LI 2 0 0',
		'HALT 0 0 0',
	]);
});

test('registers that no program will read are zero where others may run', (t) => {
	const body = '(int *x) { int r0 = *x; *x = r0 + 1; *x = 5; }';
	t.deepEqual(code(program('', [body]), 0), [
		'LOAD 2 1 0',
		'LI 3 1 0',
		'ADD 3 2 3',
		'LI 2 0 0',
		'STORE 3 1 0',
		'LI 3 5 0',
		'STORE 3 1 0',
		'LI 3 0 0',
		'HALT 0 0 0',
	]);
	const observed = code(program('', [body], 'exists (0:r0=1)'), 0);
	t.false(observed.includes('LI 2 0 0'), 'unless it is asked for at the end');
	const errors = '(int *x) { close(9); *x = 1; }';
	t.true(code(program('', [errors]), 0).includes('LI 0 0 0'), 'errno is a register as others');
	t.false(code(program('', [errors], 'exists (0:errno=0)'), 0).includes('LI 0 0 0'));
});

test('threads find what the owner of their address space has set up', (t) => {
	const p = program('file f[2]; file g[1]; int w in g[0]; P1 shares P0; 1:r = 4;', [
		'(int *x, file g) {}',
		'(int *w, int *x, file f) { int r; int *p = w; *p = *x; close(f); *x = r; }',
	]);
	const { entry } = p.processes[1];
	const setup: string[] = [];
	for (let pc = entry; p.rom[pc] !== isa.OP_READY; pc += 4) {
		setup.push(`${p.processes[1].registers[p.rom[pc + 1]]} = ${p.rom[pc + 2]}`);
	}
	// vars is mapped and closed first; then f is opened, then g, which is mapped, too.
	t.deepEqual(setup, ['&g = 8192', '&vars = 4096', 'f = 0', 'r = 4']);
});

test('a process that is forked has the address space and the locals of its parent', (t) => {
	const p = program('file f[1]; int w in f[0]; P1 child of P0; 1:s = 4;', [
		'(int *x) { int r = 1; int q = fork(P1); *x = r; }',
		'(int *w, int *x) { int s; int r; *w = r + s; }',
	]);
	const [parent, child] = p.processes;
	t.deepEqual([child.node, child.owner, child.parent], [0, 1, 0]);
	const at = (k: number) => [...p.rom.slice(child.entry + 4 * k, child.entry + 4 * k + 3)];
	const r = [child, parent].map(({ registers }) => registers.indexOf('r'));
	t.deepEqual(at(0), [isa.OP_CHILD, 1, 0]);
	t.deepEqual(at(1), [isa.OP_INHERIT, ...r]);
	t.deepEqual(at(2), [isa.OP_LI, child.registers.indexOf('&f'), 8192]);
	const fork = parent.instructions.find(({ op }) => op === isa.OP_FORK)!;
	t.deepEqual([fork.a, fork.inherited], [1, [r[1]]]);
	t.truthy(p.features.CALLS & isa.CALL_fork);
});

test('the machine is made as large as the test needs it', (t) => {
	const small = program('', ['(int *x) { *x = 1; }', '(int *x) { *x = 2; }']);
	t.deepEqual(small.config, {
		NR_NODES: 2,
		NR_FILES: 1,
		NR_FILE_PAGES: 1,
		PAGE_WORDS: 1,
		PAGE_TAIL: 0,
		NR_PROCS: 2,
		NR_REGS: small.config.NR_REGS,
		NR_VPAGES: 1,
		NR_VMAS: 1,
		NR_FDS: 1,
	});
	const map = (pages: number) => `mmap(NULL, ${pages * 4096}, PROT_READ, MAP_SHARED, f, 0);`;
	const large = program('file f[1]; int z; P2 shares P0; P1 on 3;', [
		`(int *x, file f) { int *p = ${map(3)} munmap(p + 1024, 4096); }`,
		`(file f) { pwrite(f, &(int){1}, sizeof(int), 5 * 4096); int d = open("f", O_RDONLY); }`,
		`(file f) { int *p = ${map(1)} while (*p) { p = ${map(2)} } }`,
	]);
	const { NR_NODES, NR_FILES, NR_FILE_PAGES, NR_VPAGES, NR_VMAS, NR_FDS } = large.config;
	t.deepEqual([NR_NODES, NR_FILES], [4, 2]);
	t.is(NR_FILE_PAGES, 6, 'what pwrite can make of it');
	t.is(NR_VPAGES, 2 + 3 + 1 + 2, 'all that the threads of one address space map');
	t.is(NR_VMAS, 1 + 3 + 1 + 1, 'unmapping the middle leaves two, and takes one in hand');
	t.is(NR_FDS, 2, 'a mapping holds its file open');
	t.deepEqual(large.notes, ['P2 maps in a loop (line 5): room is made for one mapping of it']);
});

test('a page has the ints that the test touches', (t) => {
	const words = (init: string, body: string, end = 'exists (f[0]=1)') => {
		const text = `C t\n{ file f[2]; ${init} }\nP0(file f) { ${body} }\n${end}\n`;
		const { config } = compile(parseLitmus(text));
		return [config.PAGE_WORDS, config.PAGE_TAIL];
	};
	t.deepEqual(words('', 'int *p; p[1024] = 1;'), [1, 0]);
	t.deepEqual(words('', 'int *p; p[1] = 1;'), [2, 0]);
	t.deepEqual(words('', 'int *p; *(p + 1023) = *(2 + p);'), [4, 1]);
	t.deepEqual(words('int x in f[1][3];', ''), [4, 0]);
	t.deepEqual(words('', '', 'exists (f[1][1022]=0)'), [3, 2]);
	t.deepEqual(words('', 'ftruncate(f, 4100);'), [2, 0]);
	t.deepEqual(words('', 'int *p; pread(f, p, 8, 4092);'), [3, 1]);
	const { rom } = compile(
		parseLitmus('C t\n{ file f[2] = {3, 4}; int x in f[1][1] = 5; }\nP0() {}\nexists (x=5)'),
	);
	const data = rom[rom[isa.ROM_FILES] + isa.FILE_DATA];
	t.deepEqual([...rom.slice(data, data + 4)], [3, 0, 4, 5]);
});

test('bounds of the header come last', (t) => {
	const text = 'C t\n(* Bounds: NR_FILE_PAGES=5 NR_REVOKES=2 *)\n{}\nP0(int *x) {}\nexists (x=1)\n';
	const { config } = compile(parseLitmus(text));
	t.is(config.NR_FILE_PAGES, 5);
	t.is(config.NR_REVOKES, 2);
});

test('instructions know their lines, and places their names', (t) => {
	const text =
		'C t\n{ file f[2]; }\nP0(int *x, file f)\n{\n\tint r = *x;\n\tif (*x ==\n\t    1)\n\t\tclose(f);\n}\n' +
		'exists (0:r=1 /\\ x=1 /\\ f[1]=2 /\\ 0:errno=0 /\\ 0:signal=0)\n';
	const p = compile(parseLitmus(text));
	const lines = new Set([...p.origins.values()].map(({ line, text }) => `${line} ${text}`));
	t.deepEqual(
		[...lines],
		['3 P0: set-up', '5 int r = *x;', '6 *x == 1', '8 close(f)', '9 return;'],
	);
	t.deepEqual(
		p.observed.map(({ name, place }) => [name, place]),
		[
			['0:errno', { kind: 'register', process: 0, register: 0 }],
			['0:r', { kind: 'register', process: 0, register: 3 }],
			['0:signal', { kind: 'signal', process: 0 }],
			['[x]', { kind: 'page', file: 0, page: 0, word: 0 }],
			['f[1]', { kind: 'page', file: 1, page: 1, word: 0 }],
		],
	);
	const paths: string[] = [];
	const machine = {
		mem: Int32Array.from([10, 11, 12]),
		locate: (path: string) => ({ address: paths.push(path) - 1 }),
	};
	const read = finalReader(machine as never, p, (_machine, file, page) => 100 * file + page);
	t.deepEqual(read(), [10, 11, 12, 0, 101]);
	t.deepEqual(paths, ['user_procs[0].regs[0]', 'user_procs[0].regs[3]', 'user_procs[0].signal']);
});
