// SPDX-License-Identifier: GPL-2.0-only
/**
 * What each system call does to one flat memory, for the oracle and the interpreter. A call that
 * has no meaning there says so: one that is forgotten does not compile.
 *
 * Interface: callFlat Answer
 */

import type { SystemCallName } from '../litmus/syscalls.ts';
import { type Fault, type FlatMemory, Unmodelled } from './flat.ts';

export interface Answer {
	/** a negative error number on failure; or the signal that ends the process */
	value: number | Fault;
	/** what is read into a buffer that is no memory */
	input?: number;
}

interface FlatCall {
	memory: FlatMemory;
	space: number;
	/** of a buffer that is memory, its address */
	args: readonly number[];
	/** what a buffer holds that is no memory */
	output?: number;
	/** the buffer is memory */
	mapped: boolean;
}

type Meaning = (call: FlatCall) => Answer;

function readAt({ memory, space, args, mapped }: FlatCall, offset: number): Answer {
	const [fd, address, count] = args;
	if (mapped) return { value: memory.preadTo(space, fd, address, count, offset) };
	const { result, values } = memory.pread(space, fd, count, offset);
	return { value: result, ...(values.length > 0 && { input: values[0] }) };
}

function writeAt({ memory, space, args, output, mapped }: FlatCall, offset: number): Answer {
	const [fd, address, count] = args;
	if (mapped) return { value: memory.pwriteFrom(space, fd, address, count, offset) };
	return { value: memory.pwrite(space, fd, [output ?? 0], offset) };
}

/** At the position of the open file, which moves. */
const atPosition =
	(access: (call: FlatCall, offset: number) => Answer): Meaning =>
	(call) => {
		const { memory, space, args } = call;
		const answer = access(call, memory.position(space, args[0]));
		memory.moved(space, args[0], answer.value);
		return answer;
	};

const lock: Meaning = ({ memory, space, args: [a, b] }) => ({ value: memory.mlock(space, a, b) });
const sync: Meaning = ({ memory, space, args: [fd] }) => ({ value: memory.fsync(space, fd) });

/** null: a flat memory has nothing that such a call is about. */
const MEANINGS: Record<SystemCallName, Meaning | null> = {
	exit: null,
	open: ({ memory, space, args: [a, b] }) => ({ value: memory.open(space, a, b) }),
	close: ({ memory, space, args: [fd] }) => ({ value: memory.close(space, fd) }),
	link: null,
	getdents: null,
	ftruncate: ({ memory, space, args: [a, b] }) => ({ value: memory.ftruncate(space, a, b) }),
	mmap: ({ memory, space, args: [a, b, c, d, e, f] }) => ({
		value: memory.mmap(space, a, b, c, d, e, f),
	}),
	munmap: ({ memory, space, args: [a, b] }) => ({ value: memory.munmap(space, a, b) }),
	mprotect: ({ memory, space, args: [a, b, c] }) => ({ value: memory.mprotect(space, a, b, c) }),
	mlock: lock,
	munlock: lock,
	kill: null,
	ptrace: null,
	mremap: null,
	remap_file_pages: null,
	msync: ({ memory, space, args: [a, b, c] }) => ({ value: memory.msync(space, a, b, c) }),
	fsync: sync,
	fdatasync: sync,
	pread: (call) => readAt(call, call.args[3]),
	pwrite: (call) => writeAt(call, call.args[3]),
	read: atPosition(readAt),
	write: atPosition(writeAt),
};

export function callFlat(name: SystemCallName, call: FlatCall): Answer {
	const meaning = MEANINGS[name];
	if (meaning === null) throw new Unmodelled(`a flat memory does not know ${name}()`);
	return meaning(call);
}
