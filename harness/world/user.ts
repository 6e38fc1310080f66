// SPDX-License-Identifier: GPL-2.0-only
/**
 * User programs: the interpreter of the bytecode in isa.ts. Every access to memory and every
 * system call is a step of its own, which ends at the first suspension in the kernel. Computation
 * in registers belongs to the step before.
 */

import {
	do_page_fault,
	mmu_error_code,
	mmu_translate,
	PF_USER,
} from '../../vfs/arch/i386/mm/fault.ts';
import { PAGE_MASK, PAGE_SHIFT, page_word } from '../../vfs/include/asm/page.ts';
import { tlb_evict } from '../../vfs/include/asm/tlb.ts';
import {
	GREEDY,
	MAPPED_BUFFERS,
	PAGE_WORDS,
	SIGNALS,
	TLB_EVICT,
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
import { do_fork } from '../../vfs/kernel/fork.ts';
import { lockdep_sys_exit } from '../../vfs/kernel/lockdep.ts';
import {
	ASSERT,
	BUG_ON,
	type bool,
	cover,
	event,
	type int,
	preempt,
	printk,
	type proc_nr,
	rom,
	type Sleeps,
	wait_event,
	wait_idle,
} from '../kts/prelude.ts';
import { address_space_copied, user_loaded, user_stored } from './coherence.ts';
import {
	CALL_fork,
	CALL_ptrace,
	LOCAL_LIMIT,
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
	SHIFT_MAX,
	SYS_MAPPED,
} from './isa.ts';
import { access_ends, access_faults, access_repeats } from './overtake.ts';
import { type user_proc, user_procs } from './program.ts';
import { setup_ended, world } from './setup.ts';
import { sys_call } from './syscalls.ts';

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
			ASSERT(
				'LIMIT',
				y >= 0 && y <= SHIFT_MAX,
				'a shift by a number of bits that C does not define',
			);
			return x << y;
		case OP_SHR:
			ASSERT(
				'LIMIT',
				y >= 0 && y <= SHIFT_MAX,
				'a shift by a number of bits that C does not define',
			);
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
	ASSERT('LIMIT', false, 'a program takes more than 10000 steps of its own between two accesses');
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
		user_loaded(task.mm!, address, page, value);
	}
	return true;
}

/**
 * The return to user mode, or an interrupt there: the program takes a signal (do_signal() of
 * arch/i386/kernel/signal.c). A signal with a handler is over then, others end the program.
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

/** In user mode, before the next access: a traced program stops here. */
function* user_mode(proc: user_proc): Sleeps {
	if (CALL_ptrace) {
		const task = current();
		task.user_mode = true;
		yield* wait_event(() => !task.ptrace);
		task.user_mode = false;
	} else if (TLB_EVICT) {
		yield* tlb_evict(current().cpu!);
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

/** OP_SYS: the call, and what libc makes of its result. */
function* user_syscall(proc: user_proc): Sleeps {
	const nr = rom(proc.pc + 1);
	const result = rom(proc.pc + 2);
	const entry = sys_call(nr);
	BUG_ON(!entry, 'unknown system call');
	event(EVENT_SYSCALL, nr & ~SYS_MAPPED);
	let ret = yield* entry!.enter(proc, rom(proc.pc + 3));
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

/** OP_FORK: the child begins with the locals that it inherits from the parent. */
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
 * Its mappings and descriptors stay when it has ended, unless it calls exit(). A process counts as
 * ended until it is forked.
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
