// SPDX-License-Identifier: GPL-2.0-only
/**
 * The calls that programs may make: what each takes, what it is, and what to say about those that
 * are known and not supported.
 *
 * Interface: CALLS CALL_BITS CallSignature ArgumentKind CallAction whyNot
 */
import {
	CALL_close,
	CALL_exit,
	CALL_fdatasync,
	CALL_fsync,
	CALL_ftruncate,
	CALL_getdents,
	CALL_kill,
	CALL_link,
	CALL_mlock,
	CALL_mmap,
	CALL_mprotect,
	CALL_mremap,
	CALL_msync,
	CALL_munlock,
	CALL_munmap,
	CALL_open,
	CALL_pread,
	CALL_ptrace,
	CALL_pwrite,
	CALL_read,
	CALL_remap_file_pages,
	CALL_write,
	SYS_close,
	SYS_exit,
	SYS_fdatasync,
	SYS_fsync,
	SYS_ftruncate,
	SYS_getdents,
	SYS_kill,
	SYS_link,
	SYS_mlock,
	SYS_mmap,
	SYS_mprotect,
	SYS_mremap,
	SYS_msync,
	SYS_munlock,
	SYS_munmap,
	SYS_open,
	SYS_pread,
	SYS_ptrace,
	SYS_pwrite,
	SYS_read,
	SYS_remap_file_pages,
	SYS_write,
} from '../world/isa.ts';

/**
 * What an argument has to be:
 *   place    `*x`, `p[1024]`               input   `&r0`: the int that pread fills
 *   pointer  an address                    output  `&r0` or `&(int){1}`: the int that pwrite takes
 *   int      a number                      size    of a buffer: bytes, a constant
 *   hint     NULL, or where to map         offset  into a file: a whole number of pages
 *   position in a file: whole ints         end     of a file: a constant, whole ints
 *   length   of a mapping: a constant      path    the name of a file of the init part, quoted
 *   entry    `"d/f"`: a directory of the init part, and a file of it
 *   mode     O_RDONLY, O_WRONLY or O_RDWR        order   memory_order_relaxed ...
 *   process  `P1`: a process that the init part calls a child of this one
 *   tracee   `P1`: another process of the same node
 *   target   `P1`: the same, and one that was not forked
 */
export type ArgumentKind =
	| 'place'
	| 'pointer'
	| 'int'
	| 'hint'
	| 'length'
	| 'input'
	| 'output'
	| 'size'
	| 'offset'
	| 'position'
	| 'end'
	| 'path'
	| 'entry'
	| 'mode'
	| 'order'
	| 'process'
	| 'tracee'
	| 'target';

export type CallAction =
	| { kind: 'load' }
	| { kind: 'store' }
	/** orders accesses that are in order anyway */
	| { kind: 'nothing' }
	| { kind: 'system'; number: number }
	| { kind: 'fork' };

export interface CallSignature {
	args: readonly ArgumentKind[];
	/** for messages */
	usage: string;
	result: 'int' | 'pointer' | 'void';
	action: CallAction;
	/** arguments at the end that may be left out, and then are 0 */
	optional: number;
}

const system = (number: number): CallAction => ({ kind: 'system', number });
const load: CallAction = { kind: 'load' };
const store: CallAction = { kind: 'store' };
const nothing: CallAction = { kind: 'nothing' };

function call(
	usage: string,
	args: readonly ArgumentKind[],
	result: CallSignature['result'],
	action: CallAction,
	optional = 0,
): [string, CallSignature] {
	return [usage.slice(0, usage.indexOf('(')), { args, usage, result, action, optional }];
}

export const CALLS: ReadonlyMap<string, CallSignature> = new Map([
	call('READ_ONCE(*x)', ['place'], 'int', load),
	call('WRITE_ONCE(*x, value)', ['place', 'int'], 'void', store),
	call('smp_load_acquire(x)', ['pointer'], 'int', load),
	call('smp_store_release(x, value)', ['pointer', 'int'], 'void', store),
	call('smp_store_mb(*x, value)', ['place', 'int'], 'void', store),
	call('atomic_load(x)', ['pointer'], 'int', load),
	call('atomic_store(x, value)', ['pointer', 'int'], 'void', store),
	call('atomic_load_explicit(x, order)', ['pointer', 'order'], 'int', load),
	call('atomic_store_explicit(x, value, order)', ['pointer', 'int', 'order'], 'void', store),
	call('smp_mb()', [], 'void', nothing),
	call('smp_rmb()', [], 'void', nothing),
	call('smp_wmb()', [], 'void', nothing),
	call('barrier()', [], 'void', nothing),
	call('atomic_thread_fence(order)', ['order'], 'void', nothing),
	call('exit(status)', ['int'], 'void', system(SYS_exit)),
	call('fork(P1)', ['process'], 'int', { kind: 'fork' }),
	call('open("f", flags)', ['path', 'mode'], 'int', system(SYS_open)),
	call('close(fd)', ['int'], 'int', system(SYS_close)),
	call('link("f", "d/f")', ['path', 'entry'], 'int', system(SYS_link)),
	call('getdents(fd, p, length)', ['int', 'input', 'size'], 'int', system(SYS_getdents)),
	call('ftruncate(fd, length)', ['int', 'end'], 'int', system(SYS_ftruncate)),
	call(
		'mmap(NULL, length, prot, flags, fd, offset)',
		['hint', 'length', 'int', 'int', 'int', 'offset'],
		'pointer',
		system(SYS_mmap),
	),
	call('munmap(p, length)', ['pointer', 'int'], 'int', system(SYS_munmap)),
	call('mprotect(p, length, prot)', ['pointer', 'int', 'int'], 'int', system(SYS_mprotect)),
	call('mlock(p, length)', ['pointer', 'int'], 'int', system(SYS_mlock)),
	call('munlock(p, length)', ['pointer', 'int'], 'int', system(SYS_munlock)),
	call('kill(P1, SIGUSR1)', ['target', 'int'], 'int', system(SYS_kill)),
	call('ptrace_poke(P1, p, value)', ['tracee', 'pointer', 'int'], 'int', system(SYS_ptrace)),
	call(
		'mremap(p, old_length, length, flags, new_address)',
		['pointer', 'int', 'length', 'int', 'pointer'],
		'pointer',
		system(SYS_mremap),
		1,
	),
	call(
		'remap_file_pages(p, length, 0, page, flags)',
		['pointer', 'int', 'int', 'int', 'int'],
		'int',
		system(SYS_remap_file_pages),
	),
	call('msync(p, length, flags)', ['pointer', 'int', 'int'], 'int', system(SYS_msync)),
	call('fsync(fd)', ['int'], 'int', system(SYS_fsync)),
	call('fdatasync(fd)', ['int'], 'int', system(SYS_fdatasync)),
	call(
		'pread(fd, &r0, sizeof(int), offset)',
		['int', 'input', 'size', 'position'],
		'int',
		system(SYS_pread),
	),
	call(
		'pwrite(fd, &(int){value}, sizeof(int), offset)',
		['int', 'output', 'size', 'position'],
		'int',
		system(SYS_pwrite),
	),
	call('read(fd, &r0, sizeof(int))', ['int', 'input', 'size'], 'int', system(SYS_read)),
	call(
		'write(fd, &(int){value}, sizeof(int))',
		['int', 'output', 'size'],
		'int',
		system(SYS_write),
	),
]);

/** By the number of a system call: its bit in the configuration of the machine, CALLS. */
export const CALL_BITS: ReadonlyMap<number, number> = new Map([
	[SYS_exit, CALL_exit],
	[SYS_open, CALL_open],
	[SYS_close, CALL_close],
	[SYS_link, CALL_link],
	[SYS_getdents, CALL_getdents],
	[SYS_munmap, CALL_munmap],
	[SYS_msync, CALL_msync],
	[SYS_fsync, CALL_fsync],
	[SYS_fdatasync, CALL_fdatasync],
	[SYS_pread, CALL_pread],
	[SYS_pwrite, CALL_pwrite],
	[SYS_read, CALL_read],
	[SYS_write, CALL_write],
	[SYS_mmap, CALL_mmap],
	[SYS_ftruncate, CALL_ftruncate],
	[SYS_mprotect, CALL_mprotect],
	[SYS_mlock, CALL_mlock],
	[SYS_munlock, CALL_munlock],
	[SYS_kill, CALL_kill],
	[SYS_ptrace, CALL_ptrace],
	[SYS_mremap, CALL_mremap],
	[SYS_remap_file_pages, CALL_remap_file_pages],
]);

export const MEMORY_ORDERS: readonly string[] = [
	'memory_order_relaxed',
	'memory_order_consume',
	'memory_order_acquire',
	'memory_order_release',
	'memory_order_acq_rel',
	'memory_order_seq_cst',
];

const KERNEL =
	/^(spin|raw_spin|read|write|mutex|down|up|rcu|srcu|synchronize|call_rcu|atomic|xchg|cmpxchg|try_cmpxchg|lock|unlock|smp|rtnl)(_|$)/;
const UNIX = new Set(
	(
		'lseek truncate madvise ' +
		'vfork clone wait waitpid creat unlink rename readdir stat fstat dup dup2 ' +
		'fcntl flock ioctl readv writev preadv pwritev sendfile splice _exit signal sleep ' +
		'usleep sched_yield pthread_create printf perror memcpy memset malloc free'
	).split(' '),
);

/** Why a call that one may expect is not there; undefined for a call that nobody knows. */
export function whyNot(name: string): string | undefined {
	if (UNIX.has(name)) return 'only the calls of docs/litmus.md can be made';
	if (KERNEL.test(name)) {
		return 'the processes are programs of users, with loads, stores and system calls';
	}
	return undefined;
}
