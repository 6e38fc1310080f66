// SPDX-License-Identifier: GPL-2.0-only
/**
 * The constants that programs may name, with the values of Linux on i386, and the page size.
 *
 * Interface: PAGE_SIZE INT_SIZE CONSTANTS POINTERS ERRNO_NAMES SIGNAL_NAMES constantValue
 */

export const PAGE_SIZE = 4096;
export const INT_SIZE = 4;

const ERRNO: Record<string, number> = {
	EPERM: 1,
	ENOENT: 2,
	ESRCH: 3,
	EINTR: 4,
	EIO: 5,
	EBADF: 9,
	EAGAIN: 11,
	ENOMEM: 12,
	EACCES: 13,
	EFAULT: 14,
	EBUSY: 16,
	EEXIST: 17,
	ENODEV: 19,
	ENOTDIR: 20,
	EISDIR: 21,
	EINVAL: 22,
	ENFILE: 23,
	EMFILE: 24,
	ETXTBSY: 26,
	EFBIG: 27,
	ENOSPC: 28,
	ESPIPE: 29,
	EROFS: 30,
	EDEADLK: 35,
	ENOSYS: 38,
	EOVERFLOW: 75,
	ESTALE: 116,
	EDQUOT: 122,
};

const SIGNALS: Record<string, number> = {
	SIGBUS: 7,
	SIGFPE: 8,
	SIGKILL: 9,
	SIGUSR1: 10,
	SIGSEGV: 11,
	SIGTERM: 15,
};

/** Integer constants. */
export const CONSTANTS: ReadonlyMap<string, number> = new Map(
	Object.entries({
		PROT_NONE: 0,
		PROT_READ: 1,
		PROT_WRITE: 2,
		PROT_EXEC: 4,
		MAP_SHARED: 1,
		MAP_PRIVATE: 2,
		MAP_FIXED: 0x10,
		MAP_ANONYMOUS: 0x20,
		MAP_ANON: 0x20,
		MAP_LOCKED: 0x2000,
		MAP_NONBLOCK: 0x10000,
		MREMAP_MAYMOVE: 1,
		MREMAP_FIXED: 2,
		MS_ASYNC: 1,
		MS_INVALIDATE: 2,
		MS_SYNC: 4,
		O_RDONLY: 0,
		O_WRONLY: 1,
		O_RDWR: 2,
		O_APPEND: 0x400,
		O_SYNC: 0x1000,
		O_DIRECT: 0x4000,
		PAGE_SIZE,
		...ERRNO,
		...SIGNALS,
	}),
);

/** Constants that are pointers. */
export const POINTERS: ReadonlyMap<string, number> = new Map([
	['NULL', 0],
	['MAP_FAILED', -1],
]);

export const ERRNO_NAMES: ReadonlyMap<number, string> = invert(ERRNO);
export const SIGNAL_NAMES: ReadonlyMap<number, string> = invert(SIGNALS);

function invert(table: Record<string, number>): Map<number, string> {
	return new Map(Object.entries(table).map(([name, value]) => [value, name]));
}

/** The value of a constant; undefined if it is not one, NaN if it does not fit an int. */
export function constantValue(text: string): number | undefined {
	if (!/^-?[0-9]/.test(text)) return CONSTANTS.get(text);
	const negative = text.startsWith('-');
	const digits = negative ? text.slice(1) : text;
	// A leading zero means octal, as in C.
	const octal = /^0[0-7]+$/.test(digits);
	if (/^0[0-9]/.test(digits) && !octal) return Number.NaN;
	const magnitude = BigInt(octal ? `0o${digits.slice(1)}` : digits);
	const value = negative ? -magnitude : magnitude;
	return value >= -(2n ** 31n) && value < 2n ** 31n ? Number(value) : Number.NaN;
}
