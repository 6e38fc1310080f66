// SPDX-License-Identifier: GPL-2.0-only
/**
 * The file that a search is resumed from:
 *
 *	line      "vfshook checkpoint 1"
 *	items     what the search, the machine and the set of states wrote, in this order
 *	checksum  SHA-256 of all before it, 32 bytes
 *
 * An item is a number (8 bytes) or an array (its length in bytes as a number, then its contents as
 * they are in memory). Arrays can be larger than any one Buffer: they pass through a small one.
 *
 * A file is written beside its place and then renamed, so that there is always a whole one. The
 * reader checks the checksum before it uses any item; and no item can be longer than the rest of
 * the file.
 *
 * The checksum is against accidents: anyone can make one. So the contents are checked too: numbers
 * are in range, ids exist, counts agree. A file that contradicts itself is refused. Only another
 * search could tell whether the states are those of a search: a verdict that depends on a
 * checkpoint says so.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, readSync } from 'node:fs';
import type { Budget } from './budget.ts';
import { codeOf, FileError, openRegular, replaceFile, writeAll } from './files.ts';
import { LimitReached } from './limits.ts';

/** It changes whenever the format changes. */
export const CHECKPOINT_FORMAT = 1;

const TITLE = 'vfshook checkpoint';
const LINE = `${TITLE} ${CHECKPOINT_FORMAT}\n`;
const DIGEST = 'sha256';
const DIGEST_BYTES = 32;
const CHUNK = 1 << 20;

/** A fault of a checkpoint, for the user. */
export class CheckpointError extends Error {
	constructor(message: string) {
		super(message);
		this.name = 'CheckpointError';
	}
}

/** The subject of a search, by names that the user knows. */
export type About = Record<string, string | number | boolean>;

/** What json() read, if it is an object. */
export function fieldsOf(json: unknown): Record<string, unknown> | undefined {
	const object = typeof json === 'object' && json !== null && !Array.isArray(json);
	return object ? (json as Record<string, unknown>) : undefined;
}
/** Is it a list of so many whole numbers from `low` to `high`? */
export function isList(json: unknown, length: number, low: number, high: number): json is number[] {
	return Array.isArray(json) && json.length === length && json.every((n) => isWhole(n, low, high));
}
export function isWhole(json: unknown, low = 0, high = Number.MAX_SAFE_INTEGER): json is number {
	return Number.isSafeInteger(json) && (json as number) >= low && (json as number) <= high;
}

export interface CheckpointOptions {
	about: About;
	/** where to write one when the search is stopped */
	save?: string;
	/** and from time to time */
	everySeconds?: number;
	/** the one to resume */
	resume?: string;
}

/** The result of the last attempt to write one. */
export interface CheckpointLeft {
	file: string;
	/** states in it, with which a resumed search begins */
	states: number;
	/** why it was not written */
	error?: string;
}

type Contents = Int32Array | Uint8Array | Uint16Array;
const bytesOf = (array: Contents): Uint8Array =>
	new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

export class CheckpointWriter {
	readonly #hash = createHash(DIGEST);
	readonly #chunk = Buffer.alloc(CHUNK);
	#used = 0;

	constructor(readonly fd: number) {
		this.#bytes(Buffer.from(LINE));
	}

	number(value: number): void {
		const bytes = Buffer.alloc(8);
		bytes.writeDoubleLE(value);
		this.#bytes(bytes);
	}
	array(contents: Contents): void {
		this.number(contents.byteLength);
		this.#bytes(bytesOf(contents));
	}
	/** Anything that JSON can say. */
	json(value: unknown): void {
		this.array(Buffer.from(JSON.stringify(value)));
	}
	/** Call it last, and once. */
	end(): void {
		this.#flush();
		writeAll(this.fd, this.#hash.digest());
	}

	#bytes(bytes: Uint8Array): void {
		for (let i = 0; i < bytes.length; ) {
			const n = Math.min(bytes.length - i, CHUNK - this.#used);
			this.#chunk.set(bytes.subarray(i, i + n), this.#used);
			this.#used += n;
			i += n;
			if (this.#used === CHUNK) this.#flush();
		}
	}
	#flush(): void {
		const chunk = this.#chunk.subarray(0, this.#used);
		this.#hash.update(chunk);
		writeAll(this.fd, chunk);
		this.#used = 0;
	}
}

/** Fills `to` from a position of a file on; returns how much of it. */
function readAt(fd: number, to: Uint8Array, position: number): number {
	let n = 0;
	while (n < to.length) {
		const got = readSync(fd, to, n, to.length - n, position + n);
		if (got === 0) break;
		n += got;
	}
	return n;
}

export class CheckpointReader {
	readonly #chunk = Buffer.alloc(CHUNK);
	/** of the items */
	readonly #end: number;
	#position = LINE.length;

	/** Checks the file as a whole. */
	constructor(
		readonly file: string,
		readonly fd: number,
	) {
		this.#end = fstatSync(fd).size - DIGEST_BYTES;
		this.#checkLine();
		if (this.#end < LINE.length) this.damaged();
		const hash = createHash(DIGEST);
		for (let i = 0; i < this.#end; ) {
			const chunk = this.#chunk.subarray(0, Math.min(CHUNK, this.#end - i));
			i += readAt(fd, chunk, i);
			hash.update(chunk);
		}
		const digest = Buffer.alloc(DIGEST_BYTES);
		readAt(fd, digest, this.#end);
		if (!hash.digest().equals(digest)) this.damaged();
	}

	#checkLine(): void {
		const start = Buffer.alloc(TITLE.length + 12);
		const line = start.toString('latin1', 0, readAt(this.fd, start, 0)).split('\n')[0];
		const format = /^ (\d+)$/.exec(line.slice(TITLE.length));
		if (!line.startsWith(TITLE) || !format)
			throw new CheckpointError(`${this.file} is not a checkpoint of vfshook`);
		if (Number(format[1]) !== CHECKPOINT_FORMAT)
			throw new CheckpointError(
				`${this.file} has format ${format[1]}; this vfshook reads format ${CHECKPOINT_FORMAT} only`,
			);
	}

	damaged(): never {
		throw new CheckpointError(`${this.file} is damaged or cut off`);
	}

	/** Refuses contents that no search can have written. */
	must(holds: boolean, what: string): asserts holds {
		if (!holds) throw new CheckpointError(`${this.file} contradicts itself: ${what}`);
	}

	/** The set of states does not begin with the state in mem. */
	misfit(): never {
		throw new CheckpointError(`${this.file} does not fit: it begins in another state`);
	}

	/** A whole number from `low` to `high`. */
	number(low = 0, high = Number.MAX_SAFE_INTEGER): number {
		if (this.#position + 8 > this.#end) this.damaged();
		const bytes = Buffer.alloc(8);
		readAt(this.fd, bytes, this.#position);
		this.#position += 8;
		const value = bytes.readDoubleLE();
		if (!Number.isSafeInteger(value) || value < low || value > high) this.damaged();
		return value;
	}
	/** Fills an array, which is as long as the one that was written. */
	array(contents: Contents): void {
		if (this.#length() !== contents.byteLength) this.damaged();
		this.#bytes(bytesOf(contents));
	}
	/** What was written, so many words, in `old` if that is long enough, else in what it grows to. */
	words(budget: Budget, old: Int32Array, count: number): Int32Array {
		const length = this.#length();
		if (length !== 4 * count) this.damaged();
		const words = length > old.byteLength ? budget.longer(old, length / 4) : old;
		this.#bytes(bytesOf(words.subarray(0, length / 4)));
		return words;
	}
	json(): unknown {
		const bytes = Buffer.alloc(this.#length());
		this.#bytes(bytes);
		try {
			return JSON.parse(bytes.toString());
		} catch {
			return this.damaged();
		}
	}
	/** Everything was read. */
	end(): void {
		if (this.#position !== this.#end) this.damaged();
	}

	/** Of the item that comes next, in bytes. */
	#length(): number {
		return this.number(0, Math.max(0, this.#end - this.#position - 8));
	}
	#bytes(to: Uint8Array): void {
		for (let i = 0; i < to.length; ) {
			const chunk = this.#chunk.subarray(0, Math.min(CHUNK, to.length - i));
			if (readAt(this.fd, chunk, this.#position) !== chunk.length) this.damaged();
			to.set(chunk, i);
			i += chunk.length;
			this.#position += chunk.length;
		}
	}
}

/** Throws what the file system throws; an older file is unchanged then. */
export function writeCheckpoint(file: string, write: (to: CheckpointWriter) => void): void {
	replaceFile(file, (fd) => {
		const to = new CheckpointWriter(fd);
		write(to);
		to.end();
	});
}

/** Throws CheckpointError if the file does not fit, or needs more than `memory`. */
export function readCheckpoint(file: string, read: (from: CheckpointReader) => void): void {
	let fd: number;
	try {
		fd = openRegular(file);
	} catch (e) {
		if (e instanceof FileError) throw new CheckpointError(`${file} ${e.message}`);
		throw new CheckpointError(`${file} cannot be read (${codeOf(e) ?? e})`);
	}
	try {
		const from = new CheckpointReader(file, fd);
		read(from);
		from.end();
	} catch (e) {
		if (e instanceof LimitReached)
			throw new CheckpointError(`${file} needs more memory than there may be: ${e.message}`);
		if (codeOf(e)) throw new CheckpointError(`${file} cannot be read (${codeOf(e)})`);
		throw e;
	} finally {
		closeSync(fd);
	}
}

/** Throws CheckpointError, which names all differences, if a checkpoint is not of `here`. */
export function mustBeOf(file: string, json: unknown, here: About): void {
	const there = fieldsOf(json) ?? {};
	const names = [...new Set([...Object.keys(there), ...Object.keys(here)])];
	const show = (value: unknown): string => {
		const text = String(value ?? 'nothing');
		return text.length > 20 ? `${text.slice(0, 12)}...` : text;
	};
	const differs = names
		.filter((name) => there[name] !== here[name])
		.map((name) => `${name} (${show(there[name])} there, ${show(here[name])} here)`);
	if (differs.length > 0)
		throw new CheckpointError(`${file} is of another search; what differs: ${differs.join(', ')}`);
}
