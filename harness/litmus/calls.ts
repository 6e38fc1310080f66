// SPDX-License-Identifier: GPL-2.0-only
/**
 * The calls that programs may make: arguments and action of each, and messages for calls that are
 * known but not supported.
 *
 * Interface: CALLS CallSignature ArgumentKind CallAction whyNot
 */
import { SYSTEM_CALLS, type SystemCall, type SystemCallName } from './syscalls.ts';

/**
 * What an argument must be:
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
	/** orders accesses, which are in order anyway */
	| { kind: 'nothing' }
	| { kind: 'system'; call: SystemCallName }
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
	call('fork(P1)', ['process'], 'int', { kind: 'fork' }),
	...(Object.entries(SYSTEM_CALLS) as [SystemCallName, SystemCall][]).map(
		([name, { usage, args, result, optional }]) =>
			call(usage, args, result, { kind: 'system', call: name }, optional),
	),
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

/** Why a known call is not supported; undefined for an unknown one. */
export function whyNot(name: string): string | undefined {
	if (UNIX.has(name)) return 'only the calls of docs/litmus.md can be made';
	if (KERNEL.test(name)) {
		return 'the processes are programs of users, with loads, stores and system calls';
	}
	return undefined;
}
