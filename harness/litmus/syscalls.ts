// SPDX-License-Identifier: GPL-2.0-only
/**
 * The system calls that programs may make, each once. What a call does is in
 * harness/world/syscalls.ts for the machine, and in flat-calls.ts for the oracle and the
 * interpreter. Numbers and bits are constants of the machine, in isa.ts.
 *
 * A call that is missing in one of the four does not compile.
 *
 * Interface: SYSTEM_CALLS SystemCall SystemCallName Feature callOfNumber isMapped
 *   fillsBuffer
 */
import * as isa from '../world/isa.ts';
import type * as machine from '../world/syscalls.ts';
import type { ArgumentKind } from './calls.ts';

/** Features of a machine that only some calls need; NR_KIOBUFS: one for each program. */
export type Feature =
	| 'FILE_POS'
	| 'MLOCK'
	| 'NR_KIOBUFS'
	| 'PRIVATE_COPIES'
	| 'REMAP_FILE_PAGES'
	| 'SIGNALS'
	| 'TRUNCATES';

export interface SystemCall {
	/** on i386, and the bit in CALLS */
	number: number;
	bit: number;
	/** for messages; the name before the parenthesis is that of the call in a test */
	usage: string;
	args: readonly ArgumentKind[];
	/** arguments at the end that may be left out, and then are 0 */
	optional: number;
	result: 'int' | 'pointer' | 'void';
	features: readonly Feature[];
	/** what it moves between a file and its buffer: ints of the file, or entries */
	moves: 'nothing' | 'ints' | 'entries';
	/** the program goes on with the next instruction */
	returns: boolean;
}

export const SYSTEM_CALLS = {
	exit: {
		number: isa.SYS_exit,
		bit: isa.CALL_exit,
		usage: 'exit(status)',
		args: ['int'],
		optional: 0,
		result: 'void',
		features: [],
		moves: 'nothing',
		returns: false,
	},
	open: {
		number: isa.SYS_open,
		bit: isa.CALL_open,
		usage: 'open("f", flags)',
		args: ['path', 'mode'],
		optional: 0,
		result: 'int',
		features: [],
		moves: 'nothing',
		returns: true,
	},
	close: {
		number: isa.SYS_close,
		bit: isa.CALL_close,
		usage: 'close(fd)',
		args: ['int'],
		optional: 0,
		result: 'int',
		features: [],
		moves: 'nothing',
		returns: true,
	},
	link: {
		number: isa.SYS_link,
		bit: isa.CALL_link,
		usage: 'link("f", "d/f")',
		args: ['path', 'entry'],
		optional: 0,
		result: 'int',
		features: [],
		moves: 'nothing',
		returns: true,
	},
	getdents: {
		number: isa.SYS_getdents,
		bit: isa.CALL_getdents,
		usage: 'getdents(fd, p, length)',
		args: ['int', 'input', 'size'],
		optional: 0,
		result: 'int',
		features: ['FILE_POS'],
		moves: 'entries',
		returns: true,
	},
	ftruncate: {
		number: isa.SYS_ftruncate,
		bit: isa.CALL_ftruncate,
		usage: 'ftruncate(fd, length)',
		args: ['int', 'end'],
		optional: 0,
		result: 'int',
		features: ['TRUNCATES'],
		moves: 'nothing',
		returns: true,
	},
	mmap: {
		number: isa.SYS_mmap,
		bit: isa.CALL_mmap,
		usage: 'mmap(NULL, length, prot, flags, fd, offset)',
		args: ['hint', 'length', 'int', 'int', 'int', 'offset'],
		optional: 0,
		result: 'pointer',
		features: [],
		moves: 'nothing',
		returns: true,
	},
	munmap: {
		number: isa.SYS_munmap,
		bit: isa.CALL_munmap,
		usage: 'munmap(p, length)',
		args: ['pointer', 'int'],
		optional: 0,
		result: 'int',
		features: [],
		moves: 'nothing',
		returns: true,
	},
	mprotect: {
		number: isa.SYS_mprotect,
		bit: isa.CALL_mprotect,
		usage: 'mprotect(p, length, prot)',
		args: ['pointer', 'int', 'int'],
		optional: 0,
		result: 'int',
		features: [],
		moves: 'nothing',
		returns: true,
	},
	mlock: {
		number: isa.SYS_mlock,
		bit: isa.CALL_mlock,
		usage: 'mlock(p, length)',
		args: ['pointer', 'int'],
		optional: 0,
		result: 'int',
		features: ['MLOCK'],
		moves: 'nothing',
		returns: true,
	},
	munlock: {
		number: isa.SYS_munlock,
		bit: isa.CALL_munlock,
		usage: 'munlock(p, length)',
		args: ['pointer', 'int'],
		optional: 0,
		result: 'int',
		features: [],
		moves: 'nothing',
		returns: true,
	},
	kill: {
		number: isa.SYS_kill,
		bit: isa.CALL_kill,
		usage: 'kill(P1, SIGUSR1)',
		args: ['target', 'int'],
		optional: 0,
		result: 'int',
		features: ['SIGNALS'],
		moves: 'nothing',
		returns: true,
	},
	ptrace: {
		number: isa.SYS_ptrace,
		bit: isa.CALL_ptrace,
		usage: 'ptrace_poke(P1, p, value)',
		args: ['tracee', 'pointer', 'int'],
		optional: 0,
		result: 'int',
		features: ['PRIVATE_COPIES', 'NR_KIOBUFS'],
		moves: 'nothing',
		returns: true,
	},
	mremap: {
		number: isa.SYS_mremap,
		bit: isa.CALL_mremap,
		usage: 'mremap(p, old_length, length, flags, new_address)',
		args: ['pointer', 'int', 'length', 'int', 'pointer'],
		optional: 1,
		result: 'pointer',
		features: [],
		moves: 'nothing',
		returns: true,
	},
	remap_file_pages: {
		number: isa.SYS_remap_file_pages,
		bit: isa.CALL_remap_file_pages,
		usage: 'remap_file_pages(p, length, 0, page, flags)',
		args: ['pointer', 'int', 'int', 'int', 'int'],
		optional: 0,
		result: 'int',
		features: ['REMAP_FILE_PAGES'],
		moves: 'nothing',
		returns: true,
	},
	msync: {
		number: isa.SYS_msync,
		bit: isa.CALL_msync,
		usage: 'msync(p, length, flags)',
		args: ['pointer', 'int', 'int'],
		optional: 0,
		result: 'int',
		features: [],
		moves: 'nothing',
		returns: true,
	},
	fsync: {
		number: isa.SYS_fsync,
		bit: isa.CALL_fsync,
		usage: 'fsync(fd)',
		args: ['int'],
		optional: 0,
		result: 'int',
		features: [],
		moves: 'nothing',
		returns: true,
	},
	fdatasync: {
		number: isa.SYS_fdatasync,
		bit: isa.CALL_fdatasync,
		usage: 'fdatasync(fd)',
		args: ['int'],
		optional: 0,
		result: 'int',
		features: [],
		moves: 'nothing',
		returns: true,
	},
	pread: {
		number: isa.SYS_pread,
		bit: isa.CALL_pread,
		usage: 'pread(fd, &r0, sizeof(int), offset)',
		args: ['int', 'input', 'size', 'position'],
		optional: 0,
		result: 'int',
		features: [],
		moves: 'ints',
		returns: true,
	},
	pwrite: {
		number: isa.SYS_pwrite,
		bit: isa.CALL_pwrite,
		usage: 'pwrite(fd, &(int){value}, sizeof(int), offset)',
		args: ['int', 'output', 'size', 'position'],
		optional: 0,
		result: 'int',
		features: [],
		moves: 'ints',
		returns: true,
	},
	read: {
		number: isa.SYS_read,
		bit: isa.CALL_read,
		usage: 'read(fd, &r0, sizeof(int))',
		args: ['int', 'input', 'size'],
		optional: 0,
		result: 'int',
		features: ['FILE_POS'],
		moves: 'ints',
		returns: true,
	},
	write: {
		number: isa.SYS_write,
		bit: isa.CALL_write,
		usage: 'write(fd, &(int){value}, sizeof(int))',
		args: ['int', 'output', 'size'],
		optional: 0,
		result: 'int',
		features: ['FILE_POS'],
		moves: 'ints',
		returns: true,
	},
} as const satisfies Record<string, SystemCall>;

export type SystemCallName = keyof typeof SYSTEM_CALLS;

/** Nothing is missing if this is never. */
type Empty<Missing extends never> = Missing;
type After<Prefix extends string, Name> = Name extends `${Prefix}${infer Rest}` ? Rest : never;
type Numbered = Exclude<After<'SYS_', keyof typeof isa>, 'MAPPED' | `${string}_mapped`>;
type WithBit = Exclude<After<'CALL_', keyof typeof isa>, 'fork'>;
type Entered = keyof typeof machine extends infer Name
	? Name extends `${infer Call}_call`
		? Call
		: never
	: never;

/** Each number and bit of isa.ts, and each entry of the machine, is of a call here; and back. */
export type Complete = [
	Empty<Exclude<Numbered | WithBit, SystemCallName>>,
	Empty<Exclude<Exclude<Entered, `${string}_mapped` | 'sys'>, SystemCallName>>,
	Empty<Exclude<SystemCallName, Entered>>,
];

const byNumber = new Map<number, SystemCallName>(
	(Object.keys(SYSTEM_CALLS) as SystemCallName[]).map((name) => [SYSTEM_CALLS[name].number, name]),
);

/** Is the buffer of the call an address, not a register? */
export const isMapped = (number: number): boolean => (number & isa.SYS_MAPPED) !== 0;

/** Does the call set the int in its buffer? */
export function fillsBuffer(number: number): boolean {
	const args: readonly ArgumentKind[] = SYSTEM_CALLS[callOfNumber(number)].args;
	return args.includes('input');
}

/** The call of an instruction OP_SYS, with either kind of buffer. */
export function callOfNumber(number: number): SystemCallName {
	const name = byNumber.get(number & ~isa.SYS_MAPPED);
	if (name === undefined) throw new Error(`no system call ${number}`);
	return name;
}
