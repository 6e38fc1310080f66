// SPDX-License-Identifier: GPL-2.0-only
/**
 * The simplest machine that litmus tests can run on: one flat memory, every access and every call
 * one step, no caches, no nodes. What it allows is what sequential consistency allows. The oracle
 * and the tests of the compiler run on it; it shares nothing with the machine of harness/world.
 *
 * Interface: FlatMemory Fault Unmodelled shift
 */
import { CONSTANTS, INT_SIZE, PAGE_SIZE } from '../litmus/constants.ts';
import { isShift } from '../litmus/fold.ts';

const constant = (name: string): number => CONSTANTS.get(name)!;
const PROT_READ = constant('PROT_READ');
const PROT_WRITE = constant('PROT_WRITE');
const O_ACCMODE = 3;
const PAGE_INTS = PAGE_SIZE / INT_SIZE;

/** Zeros are not kept, so that equal memories are equal. */
function set(ints: Record<number, number>, at: number, value: number): void {
	if (value === 0) delete ints[at];
	else ints[at] = value;
}

/** A signal that ends the process that made the access. */
export class Fault {
	constructor(readonly signal: number) {}
}

/** A program does what the machine does not model: no final state says what it ends in. */
export class Unmodelled extends Error {
	override readonly name = 'Unmodelled';
}

/** A number of bits to shift by. */
export function shift(bits: number): number {
	if (isShift(bits)) return bits;
	throw new Unmodelled(`a shift by ${bits} bits: C does not define what it gives`);
}

/** What a call says whose buffer cannot be accessed. */
function copyFailed(fault: Fault): number | Fault {
	return fault.signal === constant('SIGSEGV') ? -constant('EFAULT') : fault;
}

/** By number, from the start of a page or of a file; what is not there is 0. */
type Ints = Record<number, number>;
interface File {
	size: number;
	ints: Ints;
}
interface Mapping {
	file: number;
	page: number;
	protection: number;
	/** MAP_PRIVATE; its own ints after the first store */
	isPrivate: boolean;
	copy: Ints | null;
	/** a shared mapping of a file that is open for writing */
	mayWrite: boolean;
}
interface Open {
	file: number;
	mode: number;
	position: number;
}
interface Space {
	/** by number of the virtual page */
	mapped: Record<number, Mapping>;
	descriptors: (Open | null)[];
}

export class FlatMemory {
	#files: File[];
	#spaces: Space[];

	/** Files by their pages and other ints, and so many address spaces, all empty. */
	constructor(
		files: readonly { values: readonly number[]; ints: ReadonlyMap<number, number> }[],
		spaces: number,
	) {
		this.#files = files.map(({ values, ints }) => {
			const file: File = { size: values.length * PAGE_SIZE, ints: {} };
			values.forEach((value, page) => {
				set(file.ints, page * PAGE_INTS, value);
			});
			for (const [at, value] of ints) set(file.ints, at / INT_SIZE, value);
			return file;
		});
		this.#spaces = Array.from({ length: spaces }, () => ({ mapped: {}, descriptors: [] }));
	}

	clone(): FlatMemory {
		const copy = new FlatMemory([], 0);
		copy.#files = structuredClone(this.#files);
		copy.#spaces = structuredClone(this.#spaces);
		return copy;
	}

	/** Equal for equal memories. */
	key(): string {
		return JSON.stringify([this.#files, this.#spaces]);
	}

	/** The int at an offset in a file. */
	value(file: number, offset: number): number {
		return this.#files[file].ints[offset / INT_SIZE] ?? 0;
	}

	/** No program owns what is behind the end of a file. */
	#put(file: number, offset: number, value: number): void {
		if (offset < this.#files[file].size) set(this.#files[file].ints, offset / INT_SIZE, value);
	}

	// ---- accesses

	load(space: number, address: number): number | Fault {
		const at = this.#find(space, address, PROT_READ);
		if (at instanceof Fault) return at;
		const offset = address % PAGE_SIZE;
		return at.copy === null
			? this.value(at.file, at.page * PAGE_SIZE + offset)
			: (at.copy[offset / INT_SIZE] ?? 0);
	}

	store(space: number, address: number, value: number): Fault | null {
		const at = this.#find(space, address, PROT_WRITE);
		if (at instanceof Fault) return at;
		const offset = address % PAGE_SIZE;
		if (!at.isPrivate) this.#put(at.file, at.page * PAGE_SIZE + offset, value);
		else {
			at.copy ??= this.#page(at.file, at.page);
			set(at.copy, offset / INT_SIZE, value);
		}
		return null;
	}

	/** A copy of a page of a file. */
	#page(file: number, page: number): Ints {
		const copy: Ints = {};
		for (const [at, value] of Object.entries(this.#files[file].ints)) {
			const int = Number(at) - page * PAGE_INTS;
			if (int >= 0 && int < PAGE_INTS) copy[int] = value;
		}
		return copy;
	}

	#find(space: number, address: number, access: number): Mapping | Fault {
		const at = this.#spaces[space].mapped[Math.floor(address / PAGE_SIZE)];
		if (at === undefined || (at.protection & access) === 0) return new Fault(constant('SIGSEGV'));
		if (address % INT_SIZE !== 0) throw new Error(`an access inside an int: ${address}`);
		const outside = at.page * PAGE_SIZE >= this.#files[at.file].size;
		return outside ? new Fault(constant('SIGBUS')) : at;
	}

	// ---- calls: a negative error number on failure

	open(space: number, file: number, flags: number): number {
		if ((flags & ~O_ACCMODE) !== 0 || flags === O_ACCMODE) return -constant('EINVAL');
		const { descriptors } = this.#spaces[space];
		const free = descriptors.indexOf(null);
		const fd = free < 0 ? descriptors.length : free;
		descriptors[fd] = { file, mode: flags, position: 0 };
		return fd;
	}

	close(space: number, fd: number): number {
		if (this.#descriptor(space, fd) === null) return -constant('EBADF');
		this.#spaces[space].descriptors[fd] = null;
		return 0;
	}

	/** What is cut off is gone, private copies of it included. */
	ftruncate(space: number, fd: number, length: number): number {
		if (length < 0) return -constant('EINVAL');
		const file = this.#descriptor(space, fd);
		if (file === null) return -constant('EBADF');
		if (file.mode === constant('O_RDONLY')) return -constant('EINVAL');
		this.#files[file.file].size = length;
		const { ints } = this.#files[file.file];
		for (const at of Object.keys(ints))
			if (Number(at) * INT_SIZE >= length) delete ints[Number(at)];
		for (const { mapped } of this.#spaces) {
			for (const mapping of Object.values(mapped)) {
				if (mapping.file === file.file && mapping.page * PAGE_SIZE >= length) mapping.copy = null;
			}
		}
		return 0;
	}

	fsync(space: number, fd: number): number {
		return this.#descriptor(space, fd) === null ? -constant('EBADF') : 0;
	}

	#descriptor(space: number, fd: number): Open | null {
		return this.#spaces[space].descriptors[fd] ?? null;
	}

	/** Bytes read, or an error; and the ints. */
	pread(
		space: number,
		fd: number,
		count: number,
		offset: number,
	): { result: number; values: number[] } {
		const none = (result: number) => ({ result, values: [] });
		const file = this.#descriptor(space, fd);
		if (file === null || file.mode === constant('O_WRONLY')) return none(-constant('EBADF'));
		if (offset < 0) return none(-constant('EINVAL'));
		const result = Math.max(0, Math.min(count, this.#files[file.file].size - offset));
		const at = Array.from({ length: result / INT_SIZE }, (_, i) => offset + i * INT_SIZE);
		return { result, values: at.map((o) => this.value(file.file, o)) };
	}

	pwrite(space: number, fd: number, values: readonly number[], offset: number): number {
		const file = this.#descriptor(space, fd);
		if (file === null || file.mode === constant('O_RDONLY')) return -constant('EBADF');
		if (offset < 0) return -constant('EINVAL');
		const end = offset + values.length * INT_SIZE;
		this.#files[file.file].size = Math.max(this.#files[file.file].size, end);
		values.forEach((value, i) => {
			this.#put(file.file, offset + i * INT_SIZE, value);
		});
		return end - offset;
	}

	/** Where read and write begin; of what is not open, anywhere. */
	position(space: number, fd: number): number {
		return this.#descriptor(space, fd)?.position ?? 0;
	}

	/** What read or write returns: the position moves by it. */
	moved<T extends number | Fault>(space: number, fd: number, result: T): T {
		const open = this.#descriptor(space, fd);
		if (open !== null && typeof result === 'number' && result > 0) open.position += result;
		return result;
	}

	/** pread into memory: the signal of an access behind the end of a file is sent as well. */
	preadTo(
		space: number,
		fd: number,
		address: number,
		count: number,
		offset: number,
	): number | Fault {
		const { result, values } = this.pread(space, fd, count, offset);
		for (const [i, value] of values.entries()) {
			const fault = this.store(space, address + i * INT_SIZE, value);
			if (fault === null) continue;
			const failed = copyFailed(fault);
			return i === 0 || failed instanceof Fault ? failed : i * INT_SIZE;
		}
		return result;
	}

	/** Page by page; what could not be copied of one is written as 0. */
	pwriteFrom(
		space: number,
		fd: number,
		address: number,
		count: number,
		offset: number,
	): number | Fault {
		let written = 0;
		while (written < count) {
			const at = offset + written;
			const bytes = Math.min(count - written, PAGE_SIZE - (at % PAGE_SIZE));
			const values: number[] = [];
			let failed: Fault | null = null;
			for (let i = 0; i < bytes; i += INT_SIZE) {
				const value: number | Fault = failed === null ? this.load(space, address + written + i) : 0;
				if (value instanceof Fault) failed = value;
				values.push(value instanceof Fault ? 0 : value);
			}
			const result = this.pwrite(space, fd, values, at);
			if (result < 0) return result;
			if (failed !== null) {
				const error = copyFailed(failed);
				return written === 0 || error instanceof Fault ? error : written;
			}
			written += bytes;
		}
		return written;
	}

	mmap(
		space: number,
		address: number,
		length: number,
		protection: number,
		flags: number,
		fd: number,
		offset: number,
	): number {
		const type = flags & 3;
		const anonymous = (flags & constant('MAP_ANONYMOUS')) !== 0;
		const pages = Math.ceil(length / PAGE_SIZE);
		const open = anonymous ? null : this.#descriptor(space, fd);
		if (!anonymous && open === null) return -constant('EBADF');
		if (pages <= 0 || offset < 0 || offset % PAGE_SIZE !== 0) return -constant('EINVAL');
		if (type !== constant('MAP_SHARED') && type !== constant('MAP_PRIVATE')) {
			return -constant('EINVAL');
		}
		const isPrivate = type === constant('MAP_PRIVATE');
		if (open !== null) {
			const writes = !isPrivate && (protection & PROT_WRITE) !== 0;
			if (open.mode === constant('O_WRONLY')) return -constant('EACCES');
			if (writes && open.mode === constant('O_RDONLY')) return -constant('EACCES');
		}
		const file = open?.file ?? this.#files.push({ size: pages * PAGE_SIZE, ints: {} }) - 1;
		const fixed = (flags & constant('MAP_FIXED')) !== 0;
		if (fixed && address % PAGE_SIZE !== 0) return -constant('EINVAL');
		const first = fixed ? address / PAGE_SIZE : this.#free(space, pages, address);
		const mayWrite = open === null || open.mode === constant('O_RDWR');
		for (let i = 0; i < pages; i++) {
			const page = offset / PAGE_SIZE + i;
			const mapping = { file, page, protection, isPrivate, copy: null, mayWrite };
			this.#spaces[space].mapped[first + i] = mapping;
		}
		return first * PAGE_SIZE;
	}

	/** The run of free pages at an address, if there is one, or else the lowest. */
	#free(space: number, pages: number, address: number): number {
		const { mapped } = this.#spaces[space];
		const wanted = Math.ceil(address / PAGE_SIZE);
		if (wanted > 0 && Array.from({ length: pages }, (_, i) => mapped[wanted + i]).every((m) => !m))
			return wanted;
		for (let first = 1; ; first++) {
			if (Array.from({ length: pages }, (_, i) => mapped[first + i]).every((m) => !m)) return first;
		}
	}

	munmap(space: number, address: number, length: number): number {
		if (address % PAGE_SIZE !== 0 || length <= 0) return -constant('EINVAL');
		for (let at = address; at < address + length; at += PAGE_SIZE) {
			delete this.#spaces[space].mapped[at / PAGE_SIZE];
		}
		return 0;
	}

	mprotect(space: number, address: number, length: number, protection: number): number {
		const end = address + Math.ceil(length / PAGE_SIZE) * PAGE_SIZE;
		if (address % PAGE_SIZE !== 0 || end < address) return -constant('EINVAL');
		if ((protection & ~7) !== 0) return -constant('EINVAL');
		for (let at = address; at < end; at += PAGE_SIZE) {
			const mapping = this.#spaces[space].mapped[at / PAGE_SIZE];
			if (mapping === undefined) return -constant('ENOMEM');
			const writes = (protection & PROT_WRITE) !== 0 && !mapping.isPrivate;
			if (writes && !mapping.mayWrite) return -constant('EACCES');
			mapping.protection = protection;
		}
		return 0;
	}

	/** mlock and munlock: what is mapped stays as it is. */
	mlock(space: number, address: number, length: number): number {
		for (let at = address - (address % PAGE_SIZE); at < address + length; at += PAGE_SIZE) {
			if (this.#spaces[space].mapped[at / PAGE_SIZE] === undefined) return -constant('ENOMEM');
		}
		return 0;
	}

	msync(space: number, address: number, length: number, flags: number): number {
		const { MS_ASYNC, MS_SYNC } = { MS_ASYNC: constant('MS_ASYNC'), MS_SYNC: constant('MS_SYNC') };
		const known = MS_ASYNC | MS_SYNC | constant('MS_INVALIDATE');
		const both = (flags & MS_ASYNC) !== 0 && (flags & MS_SYNC) !== 0;
		if (address % PAGE_SIZE !== 0 || (flags & ~known) !== 0 || both) return -constant('EINVAL');
		for (let at = address; at < address + length; at += PAGE_SIZE) {
			if (this.#spaces[space].mapped[at / PAGE_SIZE] === undefined) return -constant('ENOMEM');
		}
		return 0;
	}
}
