// SPDX-License-Identifier: GPL-2.0-only
/**
 * Names of things in texts, and the meaning of numbers and names of the machine. The machine's
 * constants say which locks are of files, how wide a page is, and which states a lock has.
 *
 * Interface: Names
 */
import type { Machine } from '../engine/machine.ts';
import type { Program } from '../litmus/compile.ts';
import { SIGNAL_NAMES } from '../litmus/constants.ts';
import type { Lock } from './moments.ts';

/** The states of a lock, as the constants of this prefix name them. */
const STATE_PREFIX = 'LM_ST_';
/** What a state allows: nothing, what others may have as well, or everything. */
export type Rank = 0 | 1 | 2;

export class Names {
	readonly #constants: Machine['constants'];
	readonly #machine: Machine;
	/** each state of a lock, with what it allows */
	readonly lockStates: Readonly<Record<string, Rank>>;
	readonly #stateOf: ReadonlyMap<number, string>;
	/** page frames by their names in the machine */
	readonly #frames = new Map<string, { node: number; frame: string }>();
	/** locks of kernels by their paths */
	readonly #locks = new Map<string, string>();

	constructor(
		readonly program: Program,
		machine: Machine,
	) {
		this.#machine = machine;
		this.#constants = machine.constants;
		const { NR_NODES, NR_FRAMES, NR_FILES, LM_ST_UNLOCKED, LM_ST_EXCLUSIVE } = machine.constants;
		const states = Object.entries(machine.constants)
			.filter(([name]) => name.startsWith(STATE_PREFIX))
			.map(([name, value]): [number, string] => [value, name.slice(STATE_PREFIX.length)]);
		const rank = (state: number): Rank =>
			state === LM_ST_UNLOCKED ? 0 : state === LM_ST_EXCLUSIVE ? 2 : 1;
		this.#stateOf = new Map(states);
		this.lockStates = Object.fromEntries(states.map(([value, name]) => [name, rank(value)]));
		for (let node = 0; node < NR_NODES; node++) {
			for (let i = 0; i < NR_FRAMES; i++) this.#addFrame(node, i);
			for (let file = 0; file < NR_FILES; file++) this.#addInode(node, file);
			const lru = 'pagemap_lru_lock';
			this.#locks.set(`nodes[${node}].${lru}`, `${lru} of node ${node}`);
		}
		for (const owner of new Set(program.processes.map((p) => p.owner))) {
			const who = program.processes[owner]?.name ?? `mm ${owner}`;
			for (const lock of ['mmap_sem', 'page_table_lock'])
				this.#locks.set(`mms[${owner}].${lock}`, `${lock} of ${who}`);
		}
	}

	#addFrame(node: number, i: number): void {
		const path = `nodes[${node}].page_cachep[${i}]`;
		const frame = `page#${i}`;
		this.#frames.set(path, { node, frame });
		this.#locks.set(path, `the page lock of ${frame} on node ${node}`);
	}

	#addInode(node: number, file: number): void {
		const where = `of ${this.file(file)} on node ${node}`;
		const inode = `nodes[${node}].inodes[${file}]`;
		for (const lock of ['i_sem', 'i_alloc_sem', 'i_data.i_shared_lock'])
			this.#locks.set(`${inode}.${lock}`, `${lock.split('.').at(-1)} ${where}`);
		this.#locks.set(`ogfs_sbs[${node}].sd_inodes[${file}].i_rw_mutex`, `i_rw_mutex ${where}`);
	}

	/** A file: its name; the hidden one of a single variable has that variable's. */
	file(file: number): string {
		const { name, hidden } = this.program.files[file] ?? { name: `file ${file}`, hidden: false };
		const inside = this.program.variables.filter((v) => v.file === file);
		return hidden && inside.length === 1 ? inside[0].name : name;
	}
	/** A page of a file: the variable that is there, or `f[1]`. */
	page(file: number, index: number): string {
		if (file < 0) return 'private memory';
		const found = this.program.variables.find((v) => v.file === file && v.page === index);
		return found?.name ?? `${this.file(file)}[${index}]`;
	}
	/** A lock of the cluster, after "the lock on". */
	clusterLock({ of, which }: Lock): string {
		if (of === 'file') return this.file(which);
		if (of === 'journal') return `the journal of node ${which}`;
		return of === 'nothing' ? `nothing on the disk (${which})` : `resource group ${which}`;
	}
	lockName(lock: number): string {
		return this.clusterLock(this.lockOf(lock));
	}
	/** What a lock is of, by its number. */
	lockOf(number: number): Lock {
		const { FIRST_RGRP_LOCK, FIRST_META_LOCK, FIRST_NONDISK_LOCK } = this.#constants;
		const parts = [
			['nothing', FIRST_NONDISK_LOCK],
			['journal', FIRST_META_LOCK],
			['resource group', FIRST_RGRP_LOCK],
			['file', 0],
		] as const;
		const [of, first] = parts.find(([, start]) => number >= start)!;
		return { number, of, which: number - first };
	}
	task(machine: Machine, task: number): string {
		return this.program.processes[task]?.name ?? machine.tasks[task].name;
	}
	process(process: number): string {
		return this.program.processes[process]?.name ?? `P${process}`;
	}
	/** `nodes[0].page_cachep[2]` is `page#2`; what is no frame keeps its name. */
	frame(name: string): string {
		return this.#frames.get(name)?.frame ?? name;
	}
	/** The other way round. */
	framePath(node: number, frame: string): string {
		for (const [path, f] of this.#frames) if (f.node === node && f.frame === frame) return path;
		return frame;
	}
	nodeOfFrame(name: string): number {
		return this.#frames.get(name)?.node ?? -1;
	}
	/** The page of the virtual address space that an address is in. */
	vpage(address: number): number {
		const { PAGE_SHIFT, PAGE_SIZE } = this.#constants;
		return (address - PAGE_SIZE) >> PAGE_SHIFT;
	}
	addressOf(vpage: number): number {
		const { PAGE_SHIFT, PAGE_SIZE } = this.#constants;
		return (vpage << PAGE_SHIFT) + PAGE_SIZE;
	}
	/** SIGBUS; '' for 0. */
	signal(number: number): string {
		return number === 0 ? '' : (SIGNAL_NAMES.get(number) ?? `signal ${number}`);
	}
	/** Which page of which file is at a place of the disk; none: -1. */
	sector(sector: number): { file: number; index: number } {
		const { NR_FILES, NR_FILE_PAGES } = this.#constants;
		for (let file = 0; file < NR_FILES; file++)
			for (let index = 0; index < NR_FILE_PAGES; index++)
				if (this.sectorOf(file, index) === sector) return { file, index };
		return { file: -1, index: sector };
	}
	/** Where a page of a file is on the disk. */
	sectorOf(file: number, index: number): number {
		const { NR_RGRP_BLOCKS, NR_FILE_PAGES } = this.#constants;
		if (!NR_RGRP_BLOCKS) return file * NR_FILE_PAGES + index;
		return this.#machine.read(`ogfs_dinodes[${file}].di_map[${index}]`);
	}
	/** A state of a lock, by its number. */
	lockState(value: number): string {
		return this.#stateOf.get(value) ?? String(value);
	}
	/** How much a state of a lock allows: 0 nothing, 2 everything. */
	rank(state: string): Rank {
		return this.lockStates[state] ?? 0;
	}
	/** The name of a lock: `page_table_lock of P0`. */
	lock(path: string): string {
		return this.#locks.get(path) ?? path;
	}
}
