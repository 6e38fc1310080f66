// SPDX-License-Identifier: GPL-2.0-only
/**
 * The set-up of a process, which runs before the first state: it opens the files of its parameters
 * and maps those with its variables, each file once and as a whole. For threads the owner of the
 * address space does it; the order kept here gives the addresses.
 *
 * In an empty address space mmap() gives ascending addresses without gaps from MMAP_BASE, and
 * open() gives the lowest free descriptor, from FIRST_FD: the machine and the compiler agree on
 * that.
 *
 * Interface: addressSpaces AddressSpace emitSetup MMAP_BASE FIRST_FD
 */
import {
	OP_CHILD,
	OP_INHERIT,
	OP_LI,
	OP_MOV,
	OP_READY,
	OP_SYS,
	SYS_close,
	SYS_mmap,
	SYS_open,
} from '../world/isa.ts';
import { CONSTANTS, PAGE_SIZE } from './constants.ts';
import type { Generator } from './generate.ts';
import type { Layout, ProcessLayout } from './layout.ts';

const MMAP_BASE = PAGE_SIZE;
const FIRST_FD = 0;

const constant = (name: string): number => CONSTANTS.get(name)!;

/** The address space of processes when their bodies begin. */
export interface AddressSpace {
	/** index of the process that makes it; forked processes get a copy */
	owner: number;
	/** files in the order in which the owner opens them */
	order: number[];
	/** by file: address of its mapping, descriptor that stays open */
	mapped: Map<number, number>;
	open: Map<number, number>;
	/** files that are opened with O_DIRECT */
	direct: Set<number>;
	/** files that are mapped MAP_PRIVATE */
	isPrivate: Set<number>;
	/** mapped pages */
	pages: number;
}

export function addressSpaces(layout: Layout): Map<number, AddressSpace> {
	const spaces = new Map<number, AddressSpace>();
	for (const { space } of layout.processes) {
		if (!spaces.has(space)) spaces.set(space, addressSpace(layout, space));
	}
	return spaces;
}

function addressSpace(layout: Layout, owner: number): AddressSpace {
	const params = layout.processes.filter((p) => p.space === owner).flatMap((p) => p.process.params);
	const opened = new Set<number>();
	const mappings = new Set<number>();
	const direct = new Set<number>();
	const isPrivate = new Set<number>();
	for (const { kind, name, qualifiers } of params) {
		if (qualifiers.includes('O_DIRECT')) direct.add(layout.fileIndex.get(name.name)!);
		if (kind === 'file') opened.add(layout.fileIndex.get(name.name)!);
		else mappings.add(layout.variables.get(name.name)!.file);
		if (qualifiers.includes('MAP_PRIVATE')) isPrivate.add(layout.variables.get(name.name)!.file);
	}
	const ascending = (files: Iterable<number>) => [...files].sort((a, b) => a - b);
	// Descriptors that are closed again come first, so they leave no gap.
	const closed = ascending(mappings).filter((file) => !opened.has(file));
	const space: AddressSpace = {
		owner,
		order: [...closed, ...ascending(opened)],
		mapped: new Map(),
		open: new Map(),
		direct,
		isPrivate,
		pages: 0,
	};
	for (const file of space.order) {
		if (opened.has(file)) space.open.set(file, FIRST_FD + space.open.size);
		if (!mappings.has(file)) continue;
		space.mapped.set(file, MMAP_BASE + space.pages * PAGE_SIZE);
		space.pages += layout.files[file].values.length;
	}
	return space;
}

export function emitSetup(
	generator: Generator,
	layout: Layout,
	self: ProcessLayout,
	index: number,
	space: AddressSpace,
	/** of a forked process: its locals that begin as those of its parent */
	inherited: readonly [own: number, parents: number][],
): void {
	const { code, registers } = generator;
	const { process } = self;
	code.source(process.nameAt.start.line, `P${process.index}: set-up`);
	if (self.parent !== null) emitInherited(generator, inherited);
	if (space.owner === index) emitFiles(generator, layout, space);
	else {
		for (const [file, register] of registers.bases) {
			code.emit(OP_LI, register, space.mapped.get(file));
		}
		for (const [file, register] of registers.descriptors) {
			code.emit(OP_LI, register, space.open.get(file));
		}
	}
	for (const [name, value] of self.registers) {
		if (value !== 0) code.emit(OP_LI, registers.get(name), value);
	}
	if (self.parent === null) code.emit(OP_READY);
}

function emitInherited({ code }: Generator, inherited: readonly [number, number][]): void {
	code.emit(OP_CHILD, inherited.length);
	for (const [own, parents] of inherited) code.emit(OP_INHERIT, own, parents);
}

function emitFiles(generator: Generator, layout: Layout, space: AddressSpace): void {
	const { registers } = generator;
	for (const file of space.order) {
		const mark = registers.mark();
		const descriptor = registers.descriptors.get(file) ?? registers.take();
		const flags = space.direct.has(file) ? constant('O_DIRECT') : 0;
		const mode = constant(layout.files[file].entries === null ? 'O_RDWR' : 'O_RDONLY');
		emitCall(generator, SYS_open, [file, mode | flags], descriptor);
		if (space.mapped.has(file)) {
			const length = layout.files[file].values.length * PAGE_SIZE;
			const sharing = space.isPrivate.has(file) ? 'MAP_PRIVATE' : 'MAP_SHARED';
			const protection = constant('PROT_READ') | constant('PROT_WRITE');
			emitCall(
				generator,
				SYS_mmap,
				[0, length, protection, constant(sharing), { register: descriptor }, 0],
				registers.bases.get(file),
			);
		}
		if (!space.open.has(file)) emitCall(generator, SYS_close, [{ register: descriptor }]);
		registers.release(mark);
	}
}

function emitCall(
	{ code, registers }: Generator,
	number: number,
	args: readonly (number | { register: number })[],
	result?: number,
): void {
	const mark = registers.mark();
	const first = args.map(() => registers.take())[0];
	args.forEach((arg, i) => {
		if (typeof arg === 'number') code.emit(OP_LI, first + i, arg);
		else code.emit(OP_MOV, first + i, arg.register);
	});
	registers.release(mark);
	code.emit(OP_SYS, number, result ?? first, first).args = args.length;
}
