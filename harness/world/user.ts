// SPDX-License-Identifier: GPL-2.0-only
/**
 * User programs: the interpreter of the bytecode in isa.ts. Every access to memory and every
 * system call is a step of its own, which ends where the kernel first lets others in; what a
 * program computes in its registers belongs to the step before.
 */

import { sys_ptrace } from '../../vfs/arch/i386/kernel/ptrace.ts';
import {
	do_page_fault,
	mmu_error_code,
	mmu_translate,
	PF_USER,
} from '../../vfs/arch/i386/mm/fault.ts';
import { sys_fdatasync, sys_fsync } from '../../vfs/fs/buffer.ts';
import { sys_link } from '../../vfs/fs/namei.ts';
import { sys_close, sys_ftruncate, sys_open } from '../../vfs/fs/open.ts';
import { sys_pread, sys_pwrite, sys_read, sys_write } from '../../vfs/fs/read_write.ts';
import { sys_getdents } from '../../vfs/fs/readdir.ts';
import { PAGE_MASK, PAGE_SHIFT, page_word } from '../../vfs/include/asm/page.ts';
import {
	GREEDY,
	MAPPED_BUFFERS,
	NR_PROCS,
	NR_REGS,
	PAGE_WORDS,
	SIGNALS,
} from '../../vfs/include/linux/bounds.ts';
import { EINTR, ERESTARTSYS, SIGFPE, SIGUSR1 } from '../../vfs/include/linux/errno.ts';
import {
	EVENT_FAULT,
	EVENT_FORK,
	EVENT_LOAD,
	EVENT_SIGNAL,
	EVENT_STORE,
	EVENT_SYSCALL,
	EVENT_SYSCALL_DONE,
} from '../../vfs/include/linux/events.ts';
import { current, signal_pending, tasks } from '../../vfs/include/linux/sched.ts';
import { sys_exit } from '../../vfs/kernel/exit.ts';
import { do_fork } from '../../vfs/kernel/fork.ts';
import { lockdep_sys_exit } from '../../vfs/kernel/lockdep.ts';
import { sys_kill } from '../../vfs/kernel/signal.ts';
import { sys_remap_file_pages } from '../../vfs/mm/fremap.ts';
import { sys_mlock, sys_munlock } from '../../vfs/mm/mlock.ts';
import { sys_mmap2, sys_munmap } from '../../vfs/mm/mmap.ts';
import { sys_mprotect } from '../../vfs/mm/mprotect.ts';
import { sys_mremap } from '../../vfs/mm/mremap.ts';
import { sys_msync } from '../../vfs/mm/msync.ts';
import {
	ASSERT,
	BUG_ON,
	type bool,
	cover,
	event,
	type int,
	ints,
	preempt,
	printk,
	type proc_nr,
	rom,
	type rom_nr,
	type Sleeps,
	self,
	structs,
	type value_t,
	wait_event,
	wait_idle,
} from '../kts/prelude.ts';
import {
	address_space_copied,
	mappings_changed,
	pages_remapped,
	user_loaded,
	user_stored,
} from './coherence.ts';
import { fsync_called, fsync_returns, msync_called } from './durability.ts';
import {
	CALL_close,
	CALL_exit,
	CALL_fdatasync,
	CALL_fork,
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
	OP_ADD,
	OP_AND,
	OP_CHILD,
	OP_DIV,
	OP_EQ,
	OP_FORK,
	OP_HALT,
	OP_INV,
	OP_JMP,
	OP_JZ,
	OP_LE,
	OP_LI,
	OP_LOAD,
	OP_LT,
	OP_MOD,
	OP_MOV,
	OP_MUL,
	OP_NE,
	OP_NEG,
	OP_NOT,
	OP_OR,
	OP_READY,
	OP_SHL,
	OP_SHR,
	OP_STORE,
	OP_SUB,
	OP_SYS,
	OP_XOR,
	REG_ERRNO,
	SYS_close,
	SYS_exit,
	SYS_fdatasync,
	SYS_fsync,
	SYS_ftruncate,
	SYS_getdents,
	SYS_getdents_mapped,
	SYS_kill,
	SYS_link,
	SYS_MAPPED,
	SYS_mlock,
	SYS_mmap,
	SYS_mprotect,
	SYS_mremap,
	SYS_msync,
	SYS_munlock,
	SYS_munmap,
	SYS_open,
	SYS_pread,
	SYS_pread_mapped,
	SYS_ptrace,
	SYS_pwrite,
	SYS_pwrite_mapped,
	SYS_read,
	SYS_read_mapped,
	SYS_remap_file_pages,
	SYS_write,
	SYS_write_mapped,
} from './isa.ts';
import { access_ends, access_faults, access_repeats } from './overtake.ts';
import { setup_ended, world } from './setup.ts';

/** A running program. */
export class user_proc {
	pc: rom_nr = 0;
	/** values; the numbers, addresses and descriptors among them are told by the program */
	readonly regs = ints<value_t>(NR_REGS);
	/** the signal that ended it, 0: none */
	signal: int = 0;
	/** its set-up is done */
	ready: bool = false;
	ended: bool = false;
	/** its node has died: it counts as ended */
	lost: bool = false;
}
export const user_procs = structs(user_proc, NR_PROCS);

/** Instructions that a program may execute between two accesses. */
const LOCAL_LIMIT: int = 10000;

/** r[a] = r[b] op r[c]. */
function binary(op: int, x: int, y: int): int {
	switch (op) {
		case OP_ADD:
			return x + y;
		case OP_SUB:
			return x - y;
		case OP_MUL:
			return x * y;
		case OP_DIV:
			return x / y;
		case OP_MOD:
			return x % y;
		case OP_AND:
			return x & y;
		case OP_OR:
			return x | y;
		case OP_XOR:
			return x ^ y;
		case OP_SHL:
			return x << y;
		case OP_SHR:
			return x >> y;
		case OP_EQ:
			return x === y ? 1 : 0;
		case OP_NE:
			return x !== y ? 1 : 0;
		case OP_LT:
			return x < y ? 1 : 0;
		case OP_LE:
			return x <= y ? 1 : 0;
		default:
			BUG_ON(true, 'unknown instruction');
			return 0;
	}
}

/** One instruction that touches registers only. */
function execute(proc: user_proc, op: int): void {
	const a = rom(proc.pc + 1);
	const b = rom(proc.pc + 2);
	const c = rom(proc.pc + 3);
	proc.pc += 4;
	switch (op) {
		case OP_LI:
			proc.regs[a] = b;
			return;
		case OP_MOV:
			proc.regs[a] = proc.regs[b];
			return;
		case OP_NOT:
			proc.regs[a] = proc.regs[b] === 0 ? 1 : 0;
			return;
		case OP_INV:
			proc.regs[a] = ~proc.regs[b];
			return;
		case OP_NEG:
			proc.regs[a] = -proc.regs[b];
			return;
		case OP_JMP:
			proc.pc = a;
			return;
		case OP_JZ:
			if (proc.regs[a] === 0) proc.pc = b;
			return;
	}
	const y = proc.regs[c];
	if (op === OP_DIV || op === OP_MOD) {
		if (y === 0 || (y === -1 && proc.regs[b] === -2147483648)) {
			proc.signal = SIGFPE;
			return;
		}
	}
	proc.regs[a] = binary(op, proc.regs[b], y);
}

/** Runs a program up to its next access, system call or end. */
function run_local(proc: user_proc): void {
	for (let i = 0; i < LOCAL_LIMIT; i++) {
		const op = rom(proc.pc);
		if (proc.signal !== 0 || op === OP_HALT || op >= OP_LOAD) return;
		execute(proc, op);
	}
	ASSERT('LIMIT', false, 'a program computes for ever without an access');
}

/**
 * One attempt at a load or a store. True: done; false: it faults.
 */
function access(proc: user_proc, address: int, store: bool, reg: int): bool {
	const task = current();
	const page = mmu_translate(task.cpu!, address, store);
	if (!page) return false;
	if (PAGE_WORDS === 1)
		ASSERT('LIMIT', !(address & ~PAGE_MASK), 'an access inside a page is not modelled');
	else
		ASSERT('LIMIT', page_word(address) >= 0, 'an access to an int of a page that is not modelled');
	const w = PAGE_WORDS > 1 ? page_word(address) : 0;
	if (store) {
		const value = proc.regs[reg];
		page.data[w] = value;
		printk('store: page %d := %d in %p', address >> PAGE_SHIFT, value, page);
		event(EVENT_STORE, address, page, w, value);
		user_stored(task.mm!, address, page, value);
	} else {
		const value = page.data[w];
		proc.regs[reg] = value;
		printk('load: page %d is %d in %p', address >> PAGE_SHIFT, value, page);
		event(EVENT_LOAD, address, page, w, value);
		user_loaded(task.mm!, address, value);
	}
	return true;
}

/**
 * The return to user mode, or an interrupt there: a signal that was sent is taken (do_signal() of
 * arch/i386/kernel/signal.c). One that has a handler is over then, the others end the program.
 */
function do_signal(proc: user_proc): void {
	const task = current();
	if (!signal_pending(task)) return;
	printk('signal %d', task.sigpending);
	event(EVENT_SIGNAL, task.sigpending);
	if (SIGNALS && task.sigpending === SIGUSR1) {
		cover('signal: handled');
	} else {
		proc.signal = task.sigpending;
		cover('signal: ends a program');
	}
	task.sigpending = 0;
}

/** In user mode, before the next access: whoever is traced stops here. */
function* user_mode(proc: user_proc): Sleeps {
	if (CALL_ptrace) {
		const task = current();
		task.user_mode = true;
		yield* wait_event(() => !task.ptrace);
		task.user_mode = false;
	} else {
		yield* preempt();
	}
	if (SIGNALS) do_signal(proc);
}

/** OP_LOAD and OP_STORE: the instruction is executed again after each fault. */
function* user_access(proc: user_proc, store: bool): Sleeps {
	const reg = rom(proc.pc + 1);
	const address = proc.regs[rom(proc.pc + 2)] + rom(proc.pc + 3);
	while (!access(proc, address, store, reg)) {
		if (GREEDY) access_faults(address);
		const code = mmu_error_code(current().cpu!, address, store);
		printk('page fault: page %d', address >> PAGE_SHIFT);
		event(EVENT_FAULT, address, store, false);
		const signal = yield* do_page_fault(address, code | PF_USER);
		lockdep_sys_exit();
		if (signal !== 0) {
			printk('signal %d', signal);
			event(EVENT_SIGNAL, signal);
			proc.signal = signal;
			if (GREEDY) access_ends();
			return;
		}
		yield* user_mode(proc);
		if (SIGNALS && proc.signal !== 0) {
			if (GREEDY) access_ends();
			return;
		}
		if (GREEDY) access_repeats();
	}
	if (GREEDY) access_ends();
	proc.pc += 4;
}

/** Argument @i of a system call. */
function argument(proc: user_proc, first: int, i: int): int {
	return proc.regs[first + i];
}

/** The entry of the system calls (arch/i386/kernel/entry.S). */
function* system_call(proc: user_proc, nr: int, first: int): Sleeps<int> {
	const a = argument(proc, first, 0);
	if (CALL_exit && nr === SYS_exit) return yield* sys_exit(a);
	if (CALL_open && nr === SYS_open) return yield* sys_open(a, argument(proc, first, 1));
	if (CALL_close && nr === SYS_close) return yield* sys_close(a);
	if (CALL_link && nr === SYS_link) return yield* sys_link(a, argument(proc, first, 1));
	if (CALL_fsync && nr === SYS_fsync) {
		fsync_called(self(), a);
		const ret = yield* sys_fsync(a);
		fsync_returns(self(), ret);
		return ret;
	}
	if (CALL_fdatasync && nr === SYS_fdatasync) {
		fsync_called(self(), a);
		const ret = yield* sys_fdatasync(a);
		fsync_returns(self(), ret);
		return ret;
	}
	if (CALL_munmap && nr === SYS_munmap) {
		const ret = yield* sys_munmap(a, argument(proc, first, 1));
		mappings_changed(current().mm!, a, argument(proc, first, 1));
		return ret;
	}
	if (CALL_msync && nr === SYS_msync) {
		msync_called(self(), a, argument(proc, first, 1), argument(proc, first, 2));
		const ret = yield* sys_msync(a, argument(proc, first, 1), argument(proc, first, 2));
		fsync_returns(self(), ret);
		return ret;
	}
	if (CALL_ftruncate && nr === SYS_ftruncate)
		return yield* sys_ftruncate(a, argument(proc, first, 1));
	if (CALL_mprotect && nr === SYS_mprotect)
		return yield* sys_mprotect(a, argument(proc, first, 1), argument(proc, first, 2));
	if (CALL_mlock && nr === SYS_mlock) return yield* sys_mlock(a, argument(proc, first, 1));
	if (CALL_munlock && nr === SYS_munlock) return yield* sys_munlock(a, argument(proc, first, 1));
	if (CALL_kill && nr === SYS_kill) return sys_kill(a, argument(proc, first, 1));
	if (CALL_ptrace && nr === SYS_ptrace)
		return yield* sys_ptrace(a, argument(proc, first, 1), argument(proc, first, 2));
	if (CALL_remap_file_pages && nr === SYS_remap_file_pages) {
		const length = argument(proc, first, 1);
		const pgoff = argument(proc, first, 3);
		const prot = argument(proc, first, 2);
		const flags = argument(proc, first, 4);
		const ret = yield* sys_remap_file_pages(a, length, prot, pgoff, flags);
		if (ret === 0) pages_remapped(current().mm!, a, length, pgoff);
		return ret;
	}
	if (CALL_mremap && nr === SYS_mremap) {
		const length = argument(proc, first, 2);
		const flags = argument(proc, first, 3);
		const to = argument(proc, first, 4);
		const ret = yield* sys_mremap(a, argument(proc, first, 1), length, flags, to);
		if (ret > 0 && ret !== a) {
			mappings_changed(current().mm!, a, argument(proc, first, 1));
			mappings_changed(current().mm!, ret, length);
		}
		return ret;
	}
	if (CALL_mmap && nr === SYS_mmap) {
		const length = argument(proc, first, 1);
		const ret = yield* sys_mmap2(
			a,
			length,
			argument(proc, first, 2),
			argument(proc, first, 3),
			argument(proc, first, 4),
			argument(proc, first, 5) >> PAGE_SHIFT,
		);
		if (ret > 0) mappings_changed(current().mm!, ret, length);
		return ret;
	}
	if (CALL_pread && nr === SYS_pread) {
		const n = yield* sys_pread(a, argument(proc, first, 2), argument(proc, first, 3));
		if (n > 0) proc.regs[argument(proc, first, 1)] = current().ubuf;
		current().ubuf = 0;
		return n;
	}
	if (CALL_pwrite && nr === SYS_pwrite) {
		current().ubuf = proc.regs[argument(proc, first, 1)];
		const n = yield* sys_pwrite(a, argument(proc, first, 2), argument(proc, first, 3));
		current().ubuf = 0;
		return n;
	}
	if (CALL_read && nr === SYS_read) {
		const n = yield* sys_read(a, argument(proc, first, 2));
		if (n > 0) proc.regs[argument(proc, first, 1)] = current().ubuf;
		current().ubuf = 0;
		return n;
	}
	if (CALL_write && nr === SYS_write) {
		current().ubuf = proc.regs[argument(proc, first, 1)];
		const n = yield* sys_write(a, argument(proc, first, 2));
		current().ubuf = 0;
		return n;
	}
	if (CALL_read && MAPPED_BUFFERS && nr === SYS_read_mapped) {
		mapped_buffer(argument(proc, first, 1));
		const n = yield* sys_read(a, argument(proc, first, 2));
		current().uaddr = 0;
		return n;
	}
	if (CALL_write && MAPPED_BUFFERS && nr === SYS_write_mapped) {
		mapped_buffer(argument(proc, first, 1));
		const n = yield* sys_write(a, argument(proc, first, 2));
		current().uaddr = 0;
		return n;
	}
	if (MAPPED_BUFFERS && nr === SYS_pread_mapped) {
		mapped_buffer(argument(proc, first, 1));
		const n = yield* sys_pread(a, argument(proc, first, 2), argument(proc, first, 3));
		current().uaddr = 0;
		return n;
	}
	if (MAPPED_BUFFERS && nr === SYS_pwrite_mapped) {
		mapped_buffer(argument(proc, first, 1));
		const n = yield* sys_pwrite(a, argument(proc, first, 2), argument(proc, first, 3));
		current().uaddr = 0;
		return n;
	}
	if (CALL_getdents && nr === SYS_getdents) {
		const n = yield* sys_getdents(a, argument(proc, first, 2));
		if (n > 0) proc.regs[argument(proc, first, 1)] = current().ubuf;
		current().ubuf = 0;
		return n;
	}
	if (CALL_getdents && MAPPED_BUFFERS && nr === SYS_getdents_mapped) {
		mapped_buffer(argument(proc, first, 1));
		const n = yield* sys_getdents(a, argument(proc, first, 2));
		current().uaddr = 0;
		return n;
	}
	BUG_ON(true, 'unknown system call');
	return 0;
}

/** The buffer of a system call is at an address. 0 means none: NULL is any other of page 0. */
function mapped_buffer(address: int): void {
	current().uaddr = address === 0 ? 4 : address;
}

/** OP_SYS: the call, and what libc makes of its result. */
function* user_syscall(proc: user_proc): Sleeps {
	const nr = rom(proc.pc + 1);
	const result = rom(proc.pc + 2);
	event(EVENT_SYSCALL, nr & ~SYS_MAPPED);
	let ret = yield* system_call(proc, nr, rom(proc.pc + 3));
	event(EVENT_SYSCALL_DONE, rom(proc.pc + 1) & ~SYS_MAPPED, ret);
	lockdep_sys_exit();
	if (MAPPED_BUFFERS || SIGNALS) {
		do_signal(proc);
		if (proc.signal !== 0) return;
	}
	if (SIGNALS && ret === -ERESTARTSYS) {
		cover('signal: a system call is interrupted');
		ret = -EINTR;
	}
	if (ret < 0 && ret >= -4095) {
		proc.regs[REG_ERRNO] = -ret;
		proc.regs[result] = -1;
	} else {
		proc.regs[result] = ret;
	}
	proc.pc += 4;
}

/** OP_FORK: the child begins with the locals that it has of the parent. */
function* user_fork(proc: user_proc): Sleeps {
	const p = rom(proc.pc + 1);
	const result = rom(proc.pc + 2);
	const child = user_procs[p];
	const ret = yield* do_fork(tasks[p]);
	lockdep_sys_exit();
	if (ret === 0) {
		address_space_copied(current().mm!, tasks[p].mm!);
		const inherited = rom(child.pc + 1);
		for (let i = 1; i <= inherited; i++)
			child.regs[rom(child.pc + 4 * i + 1)] = proc.regs[rom(child.pc + 4 * i + 2)];
		child.pc += 4 * (inherited + 1);
		run_local(child);
		child.ended = false;
		proc.regs[result] = p + 1;
		event(EVENT_FORK, p);
	} else {
		proc.regs[REG_ERRNO] = -ret;
		proc.regs[result] = -1;
	}
	proc.pc += 4;
}

/**
 * user_process - a program, from its first instruction to its last
 * @p: number of the program
 *
 * Its mappings and descriptors stay when it has ended, unless it calls exit(). A process that is
 * forked counts as ended until it is.
 */
export function* user_process(p: proc_nr): Sleeps {
	const proc = user_procs[p];
	for (;;) {
		run_local(proc);
		if (rom(proc.pc) === OP_READY) {
			proc.pc += 4;
			setup_ended();
			proc.ready = true;
			run_local(proc);
			if (CALL_ptrace) tasks[p].user_mode = true;
			yield* wait_event(() => world.booted && !(CALL_ptrace && tasks[p].ptrace));
			if (CALL_ptrace) tasks[p].user_mode = false;
		} else if (CALL_fork && rom(proc.pc) === OP_CHILD) {
			proc.ended = true;
			yield* wait_idle(() => !proc.ended);
		} else if (rom(proc.pc) !== OP_HALT && proc.signal === 0) {
			yield* user_mode(proc);
		}
		const op = rom(proc.pc);
		if (proc.signal !== 0 || op === OP_HALT) break;
		if (CALL_fork && op === OP_FORK) yield* user_fork(proc);
		else if (op === OP_SYS) yield* user_syscall(proc);
		else yield* user_access(proc, op === OP_STORE);
	}
	if (CALL_ptrace) tasks[p].user_mode = true;
	proc.ended = true;
}
