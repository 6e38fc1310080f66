// SPDX-License-Identifier: GPL-2.0-only
/** include/asm-i386/errno.h and signal.h of 2.4.22: the numbers that a program can see. */
import type { int } from '../../../harness/kts/prelude.ts';

export const EPERM: int = 1;
export const ENOENT: int = 2;
export const ESRCH: int = 3;
export const EINTR: int = 4;
export const EIO: int = 5;
export const ENOEXEC: int = 8;
export const EBADF: int = 9;
export const EAGAIN: int = 11;
export const ENOMEM: int = 12;
export const EACCES: int = 13;
export const EFAULT: int = 14;
export const ENOTBLK: int = 15;
export const EBUSY: int = 16;
export const EEXIST: int = 17;
export const ENODEV: int = 19;
export const ENOTDIR: int = 20;
export const EISDIR: int = 21;
export const EINVAL: int = 22;
export const ENFILE: int = 23;
export const EMFILE: int = 24;
export const EFBIG: int = 27;
export const ENOSPC: int = 28;
export const ENOSYS: int = 38;
/** of a system call: a signal has ended it before it did anything; no program sees it */
export const ERESTARTSYS: int = 512;

export const SIGBUS: int = 7;
export const SIGFPE: int = 8;
export const SIGKILL: int = 9;
/** every program has a handler for it, which does nothing */
export const SIGUSR1: int = 10;
export const SIGSEGV: int = 11;
export const SIGTERM: int = 15;
