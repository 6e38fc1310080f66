// SPDX-License-Identifier: GPL-2.0-only
/**
 * The files that a command is given, and those that it leaves.
 *
 * What is read is a regular file of a bounded size: a device or a FIFO would be waited for, or
 * have no end. What is written is a new file beside its place, with a name that cannot be guessed,
 * which then takes the place of the old one: a full disk costs nothing that was there, no link is
 * followed, and two processes with one file do not meet.
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

/** Why a file cannot be used, in words that stand behind its name. */
export class FileError extends Error {
	constructor(message: string) {
		super(message);
		this.name = 'FileError';
	}
}

/** `ENOSPC` and the like; undefined if it is no error of the file system. */
export function codeOf(e: unknown): string | undefined {
	const error = e as NodeJS.ErrnoException;
	return error?.syscall === undefined ? undefined : error.code;
}

/** Runs what asks the file system; its errors become FileErrors that begin with `what`. */
function told<T>(what: string, run: () => T): T {
	try {
		return run();
	} catch (e) {
		const code = codeOf(e);
		if (code === undefined) throw e;
		throw new FileError(`${what} (${code})`);
	}
}

/** The bytes of a regular file of at most `most`. The size that it says it has is not believed. */
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

/** Opens a regular file to read it. A FIFO that has no writer is not waited for. */
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
 * What `write` writes takes the place of a file. Throws what the file system throws; what was
 * there before is still there then, and nothing else.
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

/** How much of a file is looked at, to see of which kind it is. */
const HEAD = 200;

/**
 * Better told before a search than after it: throws FileError if replaceFile() would fail, or
 * would replace something that is no file of this kind, which has `begins` near its beginning.
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
