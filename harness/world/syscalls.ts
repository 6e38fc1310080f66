// SPDX-License-Identifier: GPL-2.0-only
/**
 * The system calls of user programs, a table of operations for each (the entry of arch/i386/kernel/
 * entry.S and its sys_call_table). An entry takes the arguments from the registers of the program,
 * and informs the oracles of the machine. A call through the table takes no stack frame.
 */
import { sys_ptrace } from '../../vfs/arch/i386/kernel/ptrace.ts';
import { sys_fdatasync, sys_fsync } from '../../vfs/fs/buffer.ts';
import { sys_link } from '../../vfs/fs/namei.ts';
import { sys_close, sys_ftruncate, sys_open } from '../../vfs/fs/open.ts';
import { sys_pread, sys_pwrite, sys_read, sys_write } from '../../vfs/fs/read_write.ts';
import { sys_getdents } from '../../vfs/fs/readdir.ts';
import { PAGE_SHIFT } from '../../vfs/include/asm/page.ts';
import { MAPPED_BUFFERS } from '../../vfs/include/linux/bounds.ts';
import { current } from '../../vfs/include/linux/sched.ts';
import { sys_exit } from '../../vfs/kernel/exit.ts';
import { sys_kill } from '../../vfs/kernel/signal.ts';
import { sys_remap_file_pages } from '../../vfs/mm/fremap.ts';
import { sys_mlock, sys_munlock } from '../../vfs/mm/mlock.ts';
import { sys_mmap2, sys_munmap } from '../../vfs/mm/mmap.ts';
import { sys_mprotect } from '../../vfs/mm/mprotect.ts';
import { sys_mremap } from '../../vfs/mm/mremap.ts';
import { sys_msync } from '../../vfs/mm/msync.ts';
import { type int, type Sleeps, self } from '../kts/prelude.ts';
import { mappings_changed, pages_remapped } from './coherence.ts';
import { fsync_called, fsync_returns, msync_called } from './durability.ts';
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
	SYS_getdents_mapped,
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
import type { user_proc } from './program.ts';

/** A system call: its arguments are in registers from @first on; the result is as in the kernel. */
export interface system_call {
	enter: (proc: user_proc, first: int) => Sleeps<int>;
}

/** Argument @i of a system call. */
function argument(proc: user_proc, first: int, i: int): int {
	return proc.regs[first + i];
}

function* enter_exit(proc: user_proc, first: int): Sleeps<int> {
	return yield* sys_exit(argument(proc, first, 0));
}
export const exit_call: system_call = { enter: enter_exit };

function* enter_open(proc: user_proc, first: int): Sleeps<int> {
	return yield* sys_open(argument(proc, first, 0), argument(proc, first, 1));
}
export const open_call: system_call = { enter: enter_open };

function* enter_close(proc: user_proc, first: int): Sleeps<int> {
	return yield* sys_close(argument(proc, first, 0));
}
export const close_call: system_call = { enter: enter_close };

function* enter_link(proc: user_proc, first: int): Sleeps<int> {
	return yield* sys_link(argument(proc, first, 0), argument(proc, first, 1));
}
export const link_call: system_call = { enter: enter_link };

function* enter_fsync(proc: user_proc, first: int): Sleeps<int> {
	fsync_called(self(), argument(proc, first, 0));
	const ret = yield* sys_fsync(argument(proc, first, 0));
	fsync_returns(self(), ret);
	return ret;
}
export const fsync_call: system_call = { enter: enter_fsync };

function* enter_fdatasync(proc: user_proc, first: int): Sleeps<int> {
	fsync_called(self(), argument(proc, first, 0));
	const ret = yield* sys_fdatasync(argument(proc, first, 0));
	fsync_returns(self(), ret);
	return ret;
}
export const fdatasync_call: system_call = { enter: enter_fdatasync };

function* enter_msync(proc: user_proc, first: int): Sleeps<int> {
	const length = argument(proc, first, 1);
	const flags = argument(proc, first, 2);
	msync_called(self(), argument(proc, first, 0), length, flags);
	const ret = yield* sys_msync(argument(proc, first, 0), length, flags);
	fsync_returns(self(), ret);
	return ret;
}
export const msync_call: system_call = { enter: enter_msync };

function* enter_munmap(proc: user_proc, first: int): Sleeps<int> {
	const a = argument(proc, first, 0);
	const ret = yield* sys_munmap(a, argument(proc, first, 1));
	mappings_changed(current().mm!, a, argument(proc, first, 1));
	return ret;
}
export const munmap_call: system_call = { enter: enter_munmap };

function* enter_ftruncate(proc: user_proc, first: int): Sleeps<int> {
	return yield* sys_ftruncate(argument(proc, first, 0), argument(proc, first, 1));
}
export const ftruncate_call: system_call = { enter: enter_ftruncate };

function* enter_mprotect(proc: user_proc, first: int): Sleeps<int> {
	return yield* sys_mprotect(
		argument(proc, first, 0),
		argument(proc, first, 1),
		argument(proc, first, 2),
	);
}
export const mprotect_call: system_call = { enter: enter_mprotect };

function* enter_mlock(proc: user_proc, first: int): Sleeps<int> {
	return yield* sys_mlock(argument(proc, first, 0), argument(proc, first, 1));
}
export const mlock_call: system_call = { enter: enter_mlock };

function* enter_munlock(proc: user_proc, first: int): Sleeps<int> {
	return yield* sys_munlock(argument(proc, first, 0), argument(proc, first, 1));
}
export const munlock_call: system_call = { enter: enter_munlock };

function* enter_kill(proc: user_proc, first: int): Sleeps<int> {
	return sys_kill(argument(proc, first, 0), argument(proc, first, 1));
}
export const kill_call: system_call = { enter: enter_kill };

function* enter_ptrace(proc: user_proc, first: int): Sleeps<int> {
	return yield* sys_ptrace(
		argument(proc, first, 0),
		argument(proc, first, 1),
		argument(proc, first, 2),
	);
}
export const ptrace_call: system_call = { enter: enter_ptrace };

function* enter_remap_file_pages(proc: user_proc, first: int): Sleeps<int> {
	const a = argument(proc, first, 0);
	const length = argument(proc, first, 1);
	const pgoff = argument(proc, first, 3);
	const prot = argument(proc, first, 2);
	const flags = argument(proc, first, 4);
	const ret = yield* sys_remap_file_pages(a, length, prot, pgoff, flags);
	if (ret === 0) pages_remapped(current().mm!, a, length, pgoff);
	return ret;
}
export const remap_file_pages_call: system_call = { enter: enter_remap_file_pages };

function* enter_mremap(proc: user_proc, first: int): Sleeps<int> {
	const a = argument(proc, first, 0);
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
export const mremap_call: system_call = { enter: enter_mremap };

function* enter_mmap(proc: user_proc, first: int): Sleeps<int> {
	const length = argument(proc, first, 1);
	const ret = yield* sys_mmap2(
		argument(proc, first, 0),
		length,
		argument(proc, first, 2),
		argument(proc, first, 3),
		argument(proc, first, 4),
		argument(proc, first, 5) >> PAGE_SHIFT,
	);
	if (ret > 0) mappings_changed(current().mm!, ret, length);
	return ret;
}
export const mmap_call: system_call = { enter: enter_mmap };

function* enter_pread(proc: user_proc, first: int): Sleeps<int> {
	const n = yield* sys_pread(
		argument(proc, first, 0),
		argument(proc, first, 2),
		argument(proc, first, 3),
	);
	if (n > 0) proc.regs[argument(proc, first, 1)] = current().ubuf;
	current().ubuf = 0;
	return n;
}
export const pread_call: system_call = { enter: enter_pread };

function* enter_pwrite(proc: user_proc, first: int): Sleeps<int> {
	current().ubuf = proc.regs[argument(proc, first, 1)];
	const n = yield* sys_pwrite(
		argument(proc, first, 0),
		argument(proc, first, 2),
		argument(proc, first, 3),
	);
	current().ubuf = 0;
	return n;
}
export const pwrite_call: system_call = { enter: enter_pwrite };

function* enter_read(proc: user_proc, first: int): Sleeps<int> {
	const n = yield* sys_read(argument(proc, first, 0), argument(proc, first, 2));
	if (n > 0) proc.regs[argument(proc, first, 1)] = current().ubuf;
	current().ubuf = 0;
	return n;
}
export const read_call: system_call = { enter: enter_read };

function* enter_write(proc: user_proc, first: int): Sleeps<int> {
	current().ubuf = proc.regs[argument(proc, first, 1)];
	const n = yield* sys_write(argument(proc, first, 0), argument(proc, first, 2));
	current().ubuf = 0;
	return n;
}
export const write_call: system_call = { enter: enter_write };

function* enter_getdents(proc: user_proc, first: int): Sleeps<int> {
	const n = yield* sys_getdents(argument(proc, first, 0), argument(proc, first, 2));
	if (n > 0) proc.regs[argument(proc, first, 1)] = current().ubuf;
	current().ubuf = 0;
	return n;
}
export const getdents_call: system_call = { enter: enter_getdents };

/** The buffer of a system call is at an address. 0 means none: NULL is any other of page 0. */
function mapped_buffer(address: int): void {
	current().uaddr = address === 0 ? 4 : address;
}

function* enter_pread_mapped(proc: user_proc, first: int): Sleeps<int> {
	mapped_buffer(argument(proc, first, 1));
	const n = yield* sys_pread(
		argument(proc, first, 0),
		argument(proc, first, 2),
		argument(proc, first, 3),
	);
	current().uaddr = 0;
	return n;
}
export const pread_mapped_call: system_call = { enter: enter_pread_mapped };

function* enter_pwrite_mapped(proc: user_proc, first: int): Sleeps<int> {
	mapped_buffer(argument(proc, first, 1));
	const n = yield* sys_pwrite(
		argument(proc, first, 0),
		argument(proc, first, 2),
		argument(proc, first, 3),
	);
	current().uaddr = 0;
	return n;
}
export const pwrite_mapped_call: system_call = { enter: enter_pwrite_mapped };

function* enter_read_mapped(proc: user_proc, first: int): Sleeps<int> {
	mapped_buffer(argument(proc, first, 1));
	const n = yield* sys_read(argument(proc, first, 0), argument(proc, first, 2));
	current().uaddr = 0;
	return n;
}
export const read_mapped_call: system_call = { enter: enter_read_mapped };

function* enter_write_mapped(proc: user_proc, first: int): Sleeps<int> {
	mapped_buffer(argument(proc, first, 1));
	const n = yield* sys_write(argument(proc, first, 0), argument(proc, first, 2));
	current().uaddr = 0;
	return n;
}
export const write_mapped_call: system_call = { enter: enter_write_mapped };

function* enter_getdents_mapped(proc: user_proc, first: int): Sleeps<int> {
	mapped_buffer(argument(proc, first, 1));
	const n = yield* sys_getdents(argument(proc, first, 0), argument(proc, first, 2));
	current().uaddr = 0;
	return n;
}
export const getdents_mapped_call: system_call = { enter: enter_getdents_mapped };

/**
 * sys_call - the table of system calls
 * @nr: SYS_*
 *
 * Calls that a test does not make are not named here, and so are not part of its machine.
 *
 * Return: the entry of the call; null: there is no call of that number.
 */
export function sys_call(nr: int): system_call | null {
	if (CALL_exit && nr === SYS_exit) return exit_call;
	if (CALL_read && nr === SYS_read) return read_call;
	if (CALL_write && nr === SYS_write) return write_call;
	if (CALL_open && nr === SYS_open) return open_call;
	if (CALL_close && nr === SYS_close) return close_call;
	if (CALL_link && nr === SYS_link) return link_call;
	if (CALL_ptrace && nr === SYS_ptrace) return ptrace_call;
	if (CALL_kill && nr === SYS_kill) return kill_call;
	if (CALL_munmap && nr === SYS_munmap) return munmap_call;
	if (CALL_ftruncate && nr === SYS_ftruncate) return ftruncate_call;
	if (CALL_fsync && nr === SYS_fsync) return fsync_call;
	if (CALL_mprotect && nr === SYS_mprotect) return mprotect_call;
	if (CALL_getdents && nr === SYS_getdents) return getdents_call;
	if (CALL_msync && nr === SYS_msync) return msync_call;
	if (CALL_fdatasync && nr === SYS_fdatasync) return fdatasync_call;
	if (CALL_mlock && nr === SYS_mlock) return mlock_call;
	if (CALL_munlock && nr === SYS_munlock) return munlock_call;
	if (CALL_mremap && nr === SYS_mremap) return mremap_call;
	if (CALL_pread && nr === SYS_pread) return pread_call;
	if (CALL_pwrite && nr === SYS_pwrite) return pwrite_call;
	if (CALL_mmap && nr === SYS_mmap) return mmap_call;
	if (CALL_remap_file_pages && nr === SYS_remap_file_pages) return remap_file_pages_call;
	if (CALL_read && MAPPED_BUFFERS && nr === SYS_read_mapped) return read_mapped_call;
	if (CALL_write && MAPPED_BUFFERS && nr === SYS_write_mapped) return write_mapped_call;
	if (CALL_pread && MAPPED_BUFFERS && nr === SYS_pread_mapped) return pread_mapped_call;
	if (CALL_pwrite && MAPPED_BUFFERS && nr === SYS_pwrite_mapped) return pwrite_mapped_call;
	if (CALL_getdents && MAPPED_BUFFERS && nr === SYS_getdents_mapped) return getdents_mapped_call;
	return null;
}
