// SPDX-License-Identifier: GPL-2.0-only
/**
 * The bytecode of user programs: what harness/litmus compiles a litmus test to, and what
 * user_process() in user.ts interprets. It is read-only memory of the machine (rom), so that every
 * test runs on one lowered kernel.
 *
 *   word 0  number of files          word 2  offset of the file table
 *   word 1  number of processes      word 3  offset of the process table
 *   a file      FILE_*: size in bytes, offset of its initial contents (PAGE_WORDS ints a page);
 *               of a directory: one int, a bit for each file that it has an entry of
 *   a process   PROC_*: node, index of the process whose address space it uses (itself: its own),
 *               offset of its first instruction
 *   an instruction: op a b c. r[] are the process's registers; r[REG_ERRNO] is errno. Jump targets
 *               are rom offsets. A page has PAGE_WORDS ints (page_word() in asm/page.ts): LOAD and
 *               STORE elsewhere end the exploration with LIMIT.
 */
import { config, type int } from '../kts/prelude.ts';

export const ROM_NR_FILES: int = 0;
export const ROM_NR_PROCS: int = 1;
export const ROM_FILES: int = 2;
export const ROM_PROCS: int = 3;

export const FILE_SIZE: int = 0;
export const FILE_DATA: int = 1;
export const FILE_WORDS: int = 2;

export const PROC_NODE: int = 0;
export const PROC_MM: int = 1;
export const PROC_ENTRY: int = 2;
export const PROC_WORDS: int = 3;

export const REG_ERRNO: int = 0;

/** Instructions that a program may execute between two accesses or calls; more are a LIMIT. */
export const LOCAL_LIMIT: int = 10000;
/** A shift by less than 0 or more than this is a LIMIT: its result is undefined in C. */
export const SHIFT_MAX: int = 31;

/** the program ends; its mappings and descriptors stay until every program has ended */
export const OP_HALT: int = 0;
/** r[a] = b */
export const OP_LI: int = 1;
/** r[a] = r[b] */
export const OP_MOV: int = 2;
/** r[a] = !r[b], ~r[b], -r[b] */
export const OP_NOT: int = 3;
export const OP_INV: int = 4;
export const OP_NEG: int = 5;
/** r[a] = r[b] op r[c]; 32 bits, wrapping; division by zero ends the program with SIGFPE */
export const OP_ADD: int = 8;
export const OP_SUB: int = 9;
export const OP_MUL: int = 10;
export const OP_DIV: int = 11;
export const OP_MOD: int = 12;
export const OP_AND: int = 13;
export const OP_OR: int = 14;
export const OP_XOR: int = 15;
export const OP_SHL: int = 16;
export const OP_SHR: int = 17;
export const OP_EQ: int = 18;
export const OP_NE: int = 19;
export const OP_LT: int = 20;
export const OP_LE: int = 21;
/** pc = a */
export const OP_JMP: int = 24;
/** if r[a] is zero: pc = b */
export const OP_JZ: int = 25;
/** r[a] = *(int *)(r[b] + c) */
export const OP_LOAD: int = 32;
/** *(int *)(r[b] + c) = r[a] */
export const OP_STORE: int = 33;
/** r[b] = syscall a with arguments r[c], r[c + 1], ...; -1 and errno on failure, as in libc */
export const OP_SYS: int = 34;
/** r[b] = fork() of process a, which then runs; -1 and errno on failure */
export const OP_FORK: int = 36;
/**
 * the first instruction of a forked process, which counts as ended until the fork. a instructions
 * OP_INHERIT follow, then its program
 */
export const OP_CHILD: int = 37;
/** at the fork: r[a] = r[b] of the parent */
export const OP_INHERIT: int = 38;
/** the end of the set-up, which runs by a fixed schedule before the first state */
export const OP_READY: int = 35;

/**
 * The system calls of a test, a bit for each: others are not part of the machine. The compiler of
 * tests sets it; the default is all.
 */
export const CALLS: int = config('CALLS', -1);
/** OP_FORK */
export const CALL_fork: int = CALLS & 0x20000;
/**
 * System calls: their i386 numbers, and their bits. harness/litmus/syscalls.ts describes each,
 * syscalls.ts here implements them.
 */
/** exit(status): the task ends, and its mappings and descriptors with it; OP_HALT follows */
export const SYS_exit: int = 1;
export const CALL_exit: int = CALLS & 0x8000;
/** read(fd, register that receives the int, 4) */
export const SYS_read: int = 3;
export const CALL_read: int = CALLS & 0x2000000;
/** write(fd, register that holds the int, 4) */
export const SYS_write: int = 4;
export const CALL_write: int = CALLS & 0x4000000;
/** open(file index in the file table, O_* flags) */
export const SYS_open: int = 5;
export const CALL_open: int = CALLS & 0x1;
/** close(fd) */
export const SYS_close: int = 6;
export const CALL_close: int = CALLS & 0x2;
/** link(file index, index of the directory) */
export const SYS_link: int = 9;
export const CALL_link: int = CALLS & 0x200;
/** ptrace(process, address, int): attach, PTRACE_POKEDATA, detach */
export const SYS_ptrace: int = 26;
export const CALL_ptrace: int = CALLS & 0x400000;
/** kill(process, SIG*) */
export const SYS_kill: int = 37;
export const CALL_kill: int = CALLS & 0x20000000;
/** munmap(addr, length) */
export const SYS_munmap: int = 91;
export const CALL_munmap: int = CALLS & 0x4;
/** ftruncate(fd, length) */
export const SYS_ftruncate: int = 93;
export const CALL_ftruncate: int = CALLS & 0x1000000;
/** fsync(fd) */
export const SYS_fsync: int = 118;
export const CALL_fsync: int = CALLS & 0x80;
/** mprotect(addr, length, PROT_*) */
export const SYS_mprotect: int = 125;
export const CALL_mprotect: int = CALLS & 0x10000;
/** getdents(fd, register that receives the int, bytes) */
export const SYS_getdents: int = 141;
export const CALL_getdents: int = CALLS & 0x400;
/** msync(addr, length, MS_* flags) */
export const SYS_msync: int = 144;
export const CALL_msync: int = CALLS & 0x8;
/** fdatasync(fd) */
export const SYS_fdatasync: int = 148;
export const CALL_fdatasync: int = CALLS & 0x100;
/** mlock(addr, length) */
export const SYS_mlock: int = 150;
export const CALL_mlock: int = CALLS & 0x100000;
/** munlock(addr, length) */
export const SYS_munlock: int = 151;
export const CALL_munlock: int = CALLS & 0x200000;
/** mremap(addr, old length, length, MREMAP_* flags, new addr) */
export const SYS_mremap: int = 163;
export const CALL_mremap: int = CALLS & 0x40000;
/** pread(fd, register that receives the int, 4, offset) */
export const SYS_pread: int = 180;
export const CALL_pread: int = CALLS & 0x10;
/** pwrite(fd, register that holds the int, 4, offset) */
export const SYS_pwrite: int = 181;
export const CALL_pwrite: int = CALLS & 0x20;
/** mmap(addr, length, PROT_*, MAP_*, fd, offset): the address, MAP_FAILED (-1) with errno */
export const SYS_mmap: int = 192;
export const CALL_mmap: int = CALLS & 0x40;
/** remap_file_pages(addr, length, 0, page of the file, 0 or MAP_NONBLOCK), of 2.6 */
export const SYS_remap_file_pages: int = 257;
export const CALL_remap_file_pages: int = CALLS & 0x80000;
/** for calls with a buffer: with this bit the argument is an address, not a register */
export const SYS_MAPPED: int = 0x1000;
export const SYS_read_mapped: int = SYS_read | SYS_MAPPED;
export const SYS_write_mapped: int = SYS_write | SYS_MAPPED;
export const SYS_pread_mapped: int = SYS_pread | SYS_MAPPED;
export const SYS_pwrite_mapped: int = SYS_pwrite | SYS_MAPPED;
export const SYS_getdents_mapped: int = SYS_getdents | SYS_MAPPED;
