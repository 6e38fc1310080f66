// SPDX-License-Identifier: GPL-2.0-only
/**
 * The files that a command reads and writes.
 *
 * It reads only regular files of a bounded size: a device or a FIFO may block, or have no end. It
 * writes a new file beside the place, with a name that cannot be guessed, and renames it to the old
 * one: a full disk destroys nothing, no link is followed, and two processes with one file do not
 * disturb each other.
 *
 * Interface: readBounded openRegular replaceFile writeAll mustBeReplaceable FileError codeOf
 */
import { randomBytes } from 'node:crypto';
import {
	accessSync,
	closeSync,
	constants,
	fchmodSync,
	fstatSync,
	fsyncSync,
	lstatSync,
	openSync,
	readSync,
	renameSync,
	rmSync,
	type Stats,
	writeSync,
} from 'node:fs';
import path from 'node:path';

/** Why a file cannot be used, as words to print after its name. */
export class FileError extends Error {
	constructor(message: string) {
		super(message);
		this.name = 'FileError';
	}
}

/** `ENOSPC` and the like; undefined if it is not an error of the file system. */
export function codeOf(e: unknown): string | undefined {
	const error = e as NodeJS.ErrnoException;
	return error?.syscall === undefined ? undefined : error.code;
}

/** Runs an operation of the file system; its errors become FileErrors that begin with `what`. */
function told<T>(what: string, run: () => T): T {
	try {
		return run();
	} catch (e) {
		const code = codeOf(e);
		if (code === undefined) throw e;
		throw new FileError(`${what} (${code})`);
	}
}

/** The bytes of a regular file of at most `most` bytes. The size from stat is not trusted. */
export function readBounded(file: string, most: number): Buffer {
	return told('cannot be read', () => {
		const fd = openRegular(file);
		try {
			return readAll(fd, most);
		} finally {
			closeSync(fd);
		}
	});
}

/** Opens a regular file to read it. It does not wait for the writer of a FIFO. */
export function openRegular(file: string): number {
	const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
	if (fstatSync(fd).isFile()) return fd;
	closeSync(fd);
	throw new FileError('is not a regular file');
}

const CHUNK = 1 << 16;

function readAll(fd: number, most: number): Buffer {
	const parts: Buffer[] = [];
	let length = 0;
	for (;;) {
		const part = Buffer.allocUnsafe(CHUNK);
		const n = readSync(fd, part);
		if (n === 0) return Buffer.concat(parts);
		length += n;
		if (length > most) throw new FileError(`has more than ${most} bytes`);
		parts.push(part.subarray(0, n));
	}
}

function statIfThere(file: string): Stats | undefined {
	return lstatSync(file, { throwIfNoEntry: false });
}

/** Where a file is until it is complete. */
function openBeside(file: string): { fd: number; part: string } {
	const name = `.vfshook-${randomBytes(12).toString('hex')}.part`;
	const part = path.join(path.dirname(file), name);
	const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
	return { fd: openSync(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666), part };
}

/**
 * Replaces a file by what `write` writes. Throws what the file system throws; the old file is
 * unchanged then, and no other is left.
 */
export function replaceFile(file: string, write: (fd: number) => void): void {
	const { fd, part } = openBeside(file);
	try {
		try {
			write(fd);
			const before = statIfThere(file);
			if (before?.isFile()) fchmodSync(fd, before.mode & 0o777);
			fsyncSync(fd);
		} finally {
			closeSync(fd);
		}
		renameSync(part, file);
	} catch (e) {
		rmSync(part, { force: true });
		throw e;
	}
}

export function writeAll(fd: number, bytes: Uint8Array): void {
	for (let i = 0; i < bytes.length; ) i += writeSync(fd, bytes, i);
}

/** How much of a file is read to find its kind. */
const HEAD = 200;

/**
 * A check before a search: throws FileError if replaceFile() would fail, or would replace a file of
 * another kind. A file of this kind has `begins` near its beginning.
 */
export function mustBeReplaceable(file: string, begins: string): void {
	const there = told('cannot be written', () => statIfThere(file));
	if (there?.isSymbolicLink())
		throw new FileError('is a symbolic link, which is not followed; name the file itself');
	if (there && !there.isFile()) throw new FileError('is not a regular file');
	told('cannot be written', () => {
		if (there) accessSync(file, constants.W_OK);
		const { fd, part } = openBeside(file);
		closeSync(fd);
		rmSync(part);
	});
	if (!there) return;
	const start = told('cannot be read', () => readHead(file));
	if (start !== '' && !start.includes(begins))
		throw new FileError('exists already, and is something else; name another file');
}

function readHead(file: string): string {
	const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
	try {
		const start = Buffer.alloc(HEAD);
		return start.toString('latin1', 0, readSync(fd, start));
	} finally {
		closeSync(fd);
	}
}
