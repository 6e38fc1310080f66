// SPDX-License-Identifier: GPL-2.0-only
/**
 * A machine's image as a reader of a trace needs it: locks, pages, page tables, disk. Plain JSON,
 * so that two states can be compared, and a trace can be read without the machine.
 *
 * Interface: Reader Snapshot GlockState PageState MappingState ManagerState
 */
import type { Machine } from '../engine/machine.ts';
import type { Names } from './names.ts';

export interface Holder {
	task: string;
	state: string;
}
/** A glock, as its node sees it. */
export interface GlockState {
	node: number;
	/** its number; the file that it is of, -1: of none */
	lock: number;
	file: number;
	state: string;
	/** the names of the bits that are set */
	flags: string[];
	/** the daemon, or a request, is at work on it: no task gets it */
	busy: boolean;
	/** an upgrade was denied */
	denied: boolean;
	/** what the node must go down to; '': no node wants it */
	demote: string;
	holders: Holder[];
	waiters: Holder[];
}
/** What the lock manager knows of a lock. */
export interface ManagerState {
	lock: number;
	/** the file that it is of, -1: of none */
	file: number;
	/** by node */
	held: string[];
	/** by node: what it was asked to go down to, or '' */
	called: string[];
	waiting: { node: number; state: string; upgrade: boolean }[];
}
/** A page frame in use. */
export interface PageState {
	node: number;
	/** `page#0`: a frame of its node, also when it holds another page later */
	frame: string;
	/** the file whose page cache it is in or was in; -1: a private copy, or anonymous memory */
	file: number;
	index: number;
	cached: boolean;
	dirty: boolean;
	locked: boolean;
	uptodate: boolean;
	list: string;
	/** its first int */
	data: number;
	/** all of them, if a page has several */
	ints?: number[];
}
/** A pte, or what a processor's TLB remembers of one. */
export interface MappingState {
	node: number;
	/** a pte: those that share the page table; a TLB entry: the one that runs on the processor */
	process: string;
	kind: 'pte' | 'tlb';
	/** page of the virtual address space */
	vpage: number;
	/** what the mapping is of; -1: nothing */
	file: number;
	index: number;
	/** '': none */
	frame: string;
	write: boolean;
	dirty: boolean;
}
/** A program: what is in its locals, and the signal that has ended it, or ''. */
export interface ProgramState {
	name: string;
	node: number;
	registers: Record<string, number>;
	signal: string;
}
export interface Snapshot {
	/** false: the files are of one node, which has no locks and no lock manager */
	clustered: boolean;
	/** those of files by node and file, then the others */
	glocks: GlockState[];
	manager: ManagerState[];
	pages: PageState[];
	mappings: MappingState[];
	/** by file, then page: its first int */
	disk: number[][];
	latest: number[][];
	/** all of them, if a page has several */
	ints?: { disk: number[][][]; latest: number[][][] };
	/** by node, then file: i_size; by file: what the disk says */
	sizes: number[][];
	diskSizes: number[];
	programs: ProgramState[];
	/** requests on their way to the disk */
	io: { node: number; write: boolean; frame: string }[];
	/** by path, of each lock of a kernel that is held (pages apart) its word */
	held: Record<string, number>;
	/** by node, then file */
	truncateCounts: number[][];
}

/** Reads a machine. Made once for a machine, used after each step. */
export class Reader {
	readonly #bounds: Record<
		'nodes' | 'files' | 'locks' | 'pages' | 'procs' | 'vpages' | 'frames' | 'words',
		number
	>;
	readonly #constants: Machine['constants'];
	/** a vma has vm_ahead: PGOFF_AHEAD, which symbols decide */
	readonly #ahead: boolean;
	readonly #addresses = new Map<string, number>();

	constructor(
		readonly machine: Machine,
		readonly names: Names,
	) {
		const c = machine.constants;
		this.#constants = c;
		const vma = machine.structs.vm_area_struct?.fields ?? [];
		this.#ahead = vma.some((f) => f.name === 'vm_ahead' && (f.n ?? 0) > 0);
		this.#bounds = {
			nodes: c.NR_NODES,
			files: c.NR_FILES,
			locks: c.NR_LOCKS,
			pages: c.NR_FILE_PAGES,
			procs: c.NR_PROCS,
			vpages: c.NR_VPAGES,
			frames: c.NR_FRAMES,
			words: c.PAGE_WORDS,
		};
	}

	/** A path that goes through no pointer. */
	#at(path: string): number {
		let address = this.#addresses.get(path);
		if (address === undefined) {
			address = this.machine.locate(path).address;
			this.#addresses.set(path, address);
		}
		return this.machine.mem[address];
	}

	snapshot(): Snapshot {
		const { nodes, files } = this.#bounds;
		const each = <T>(n: number, make: (i: number) => T): T[] =>
			Array.from({ length: n }, (_, i) => make(i));
		const { pages, words, locks } = this.#bounds;
		const table = (path: string, place: (file: number, page: number) => number): number[][][] =>
			each(files, (f) =>
				each(pages, (p) => each(words, (w) => this.#at(`${path}[${place(f, p) * words + w}]`))),
			);
		const first = (ints: number[][][]) => ints.map((file) => file.map(([int]) => int));
		const disk = table('disk.sector', (f, p) => this.names.sectorOf(f, p));
		const latest = table('coherence.latest', (f, p) => f * pages + p);
		const others = each(locks - files, (i) => files + i);
		return {
			clustered: !this.#constants.LOCAL_FS,
			glocks: [
				...each(nodes, (n) => each(files, (f) => this.#glock(n, f))).flat(),
				...each(nodes, (n) => others.map((lock) => this.#glock(n, lock))).flat(),
			],
			manager: each(locks, (lock) => this.#manager(lock)),
			pages: each(nodes, (n) => this.#pagesOf(n)).flat(),
			mappings: [...this.#ptes(), ...this.#tlbs()],
			disk: first(disk),
			latest: first(latest),
			...(words > 1 && { ints: { disk, latest } }),
			sizes: each(nodes, (n) => each(files, (f) => this.#at(`nodes[${n}].inodes[${f}].i_size`))),
			diskSizes: each(files, (f) => this.#at(`ogfs_dinodes[${f}].di_size`)),
			programs: this.#programs(),
			io: each(nodes, (n) => this.#requests(n)).flat(),
			...this.#words(),
		};
	}

	#glock(node: number, lock: number): GlockState {
		const { files } = this.#bounds;
		const c = this.#constants;
		const sb = `ogfs_sbs[${node}]`;
		const gl = lock < files ? `${sb}.sd_inodes[${lock}].i_gl` : `${sb}.sd_glocks[${lock - files}]`;
		const flags = this.#at(`${gl}.gl_flags`);
		return {
			node,
			lock,
			file: this.#fileOf(lock),
			state: this.names.lockState(this.#at(`${gl}.gl_state`)),
			flags: bitNames(c, 'GLF_', flags),
			busy: (flags & c.GLF_LOCK) !== 0,
			denied: (flags & c.GLF_DENIED) !== 0,
			demote: flags & c.GLF_DEMOTE ? this.names.lockState(this.#at(`${gl}.gl_demote_state`)) : '',
			holders: this.#holders(`${gl}.gl_holders`),
			waiters: this.#holders(`${gl}.gl_waiters2`),
		};
	}

	#fileOf(lock: number): number {
		const { of, which } = this.names.lockOf(lock);
		return of === 'file' ? which : -1;
	}

	/** Locals with names; not errno, nor the addresses and descriptors of the set-up. */
	#programs(): ProgramState[] {
		const { processes, variables, files } = this.names.program;
		const known = new Set(['errno', ...variables.map((v) => v.name), ...files.map((f) => f.name)]);
		return processes.map(({ name, node, registers }, p) => ({
			name,
			node,
			registers: Object.fromEntries(
				[...registers.entries()]
					.filter(([, local]) => local && !known.has(local))
					.map(([r, local]) => [local, this.#at(`user_procs[${p}].regs[${r}]`)]),
			),
			signal: this.names.signal(this.#at(`user_procs[${p}].signal`)),
		}));
	}

	#holders(first: string): Holder[] {
		const out: Holder[] = [];
		for (let p = first; this.machine.read(p) !== 0; p += '.gh_next') {
			const task = this.names.task(this.machine, this.machine.read(`${p}.gh_owner`));
			out.push({ task, state: this.names.lockState(this.machine.read(`${p}.gh_state`)) });
		}
		return out;
	}

	#manager(lock: number): ManagerState {
		const l = `lm_locks[${lock}]`;
		const byNode = (make: (n: number) => string): string[] =>
			Array.from({ length: this.#bounds.nodes }, (_, n) => make(n));
		return {
			lock,
			file: this.#fileOf(lock),
			held: byNode((n) => this.names.lockState(this.#at(`${l}.held[${n}]`))),
			called: byNode((n) => {
				const called = this.#at(`${l}.called[${n}]`);
				return called ? this.names.lockState(called - 1) : '';
			}),
			waiting: Array.from({ length: this.#at(`${l}.waiting`) }, (_, i) => ({
				node: this.#at(`${l}.node[${i}]`),
				state: this.names.lockState(this.#at(`${l}.state[${i}]`)),
				upgrade: this.#at(`${l}.upgrade[${i}]`) !== 0,
			})),
		};
	}

	#pagesOf(node: number): PageState[] {
		const out: PageState[] = [];
		const { words } = this.#bounds;
		const c = this.#constants;
		for (let i = 0; i < this.#bounds.frames; i++) {
			const p = `nodes[${node}].page_cachep[${i}]`;
			if (this.#at(`${p}.count`) === 0) continue;
			const flags = this.#at(`${p}.flags`);
			const isOfFile = this.#at(`${p}.was`) !== 0;
			out.push({
				node,
				frame: `page#${i}`,
				file: isOfFile ? this.machine.read(`${p}.was.i_ino`) : -1,
				index: this.#at(`${p}.index`),
				cached: this.#at(`${p}.mapping`) !== 0,
				dirty: (flags & c.PG_dirty) !== 0,
				locked: (flags & c.PG_locked) !== 0,
				uptodate: (flags & c.PG_uptodate) !== 0,
				list: nameOfValue(c, 'LIST_', this.#at(`${p}.list`)).toLowerCase(),
				data: this.#at(`${p}.data[0]`),
				...(words > 1 && {
					ints: Array.from({ length: words }, (_, w) => this.#at(`${p}.data[${w}]`)),
				}),
			});
		}
		return out;
	}

	/** What a page of an address space is a mapping of; without a vma, what it still maps. */
	#backing(owner: number, vpage: number, page: string): { file: number; index: number } {
		const { PAGE_SHIFT } = this.#constants;
		const address = this.names.addressOf(vpage);
		// remap_file_pages() has put another page there than the mapping says: the page knows.
		if (page && this.machine.read(`${page}.was`) !== 0)
			return {
				file: this.machine.read(`${page}.was.i_ino`),
				index: this.machine.read(`${page}.index`),
			};
		for (let v = `mms[${owner}].mmap`; this.machine.read(v) !== 0; v += '.vm_next') {
			const start = this.machine.read(`${v}.vm_start`);
			if (address < start || address >= this.machine.read(`${v}.vm_end`)) continue;
			if (this.machine.read(`${v}.vm_file`) === 0) break;
			const ahead = this.#ahead ? this.machine.read(`${v}.vm_ahead[0]`) : 0;
			return {
				file: this.machine.read(`${v}.vm_file.f_inode.i_ino`),
				index: ((address - start) >> PAGE_SHIFT) + this.machine.read(`${v}.vm_pgoff`) - ahead,
			};
		}
		return { file: -1, index: vpage };
	}

	#ptes(): MappingState[] {
		const { processes } = this.names.program;
		const owners = [...new Set(processes.map((p) => p.owner))];
		const c = this.#constants;
		return owners.flatMap((owner) =>
			Array.from({ length: this.#bounds.vpages }, (_, vpage): MappingState => {
				const pte = `mms[${owner}].pgd[${vpage}]`;
				const flags = this.#at(`${pte}.flags`);
				return {
					node: processes[owner].node,
					process: processes
						.filter((p) => p.owner === owner)
						.map((p) => p.name)
						.join(','),
					kind: 'pte',
					vpage,
					...this.#backing(owner, vpage, this.#at(`${pte}.page`) ? `${pte}.page` : ''),
					frame: this.#frame(this.#at(`${pte}.page`)),
					write: (flags & c._PAGE_RW) !== 0,
					dirty: (flags & c._PAGE_DIRTY) !== 0,
				};
			}),
		);
	}

	#tlbs(): MappingState[] {
		return this.names.program.processes.flatMap((process, p) =>
			Array.from({ length: this.#bounds.vpages }, (_, vpage): MappingState => {
				const entry = `cpus[${p}].tlb[${vpage}]`;
				return {
					node: process.node,
					process: process.name,
					kind: 'tlb',
					vpage,
					...this.#backing(process.owner, vpage, this.#at(`${entry}.page`) ? `${entry}.page` : ''),
					frame: this.#frame(this.#at(`${entry}.page`)),
					write: this.#at(`${entry}.write`) !== 0,
					dirty: this.#at(`${entry}.dirty`) !== 0,
				};
			}),
		);
	}

	#frame(pointer: number): string {
		return pointer === 0 ? '' : this.names.frame(this.machine.nameOf(pointer));
	}

	#requests(node: number): Snapshot['io'] {
		const q = `nodes[${node}].request_queue`;
		return Array.from({ length: this.#at(`${q}.nr`) }, (_, i) => ({
			node,
			write: (this.machine.read(`${q}.queue[${i}].cmd`) & this.#constants.WRITE) !== 0,
			frame: this.#frame(this.machine.read(`${q}.queue[${i}].page`)),
		}));
	}

	#words(): Pick<Snapshot, 'held' | 'truncateCounts'> {
		const held: Record<string, number> = {};
		const add = (path: string, field: string, free = 0) => {
			const value = this.#at(`${path}.${field}`);
			if (value !== free) held[path] = value;
		};
		const { nodes, files } = this.#bounds;
		for (const owner of new Set(this.names.program.processes.map((p) => p.owner))) {
			add(`mms[${owner}].mmap_sem`, 'activity');
			add(`mms[${owner}].page_table_lock`, 'locked');
		}
		for (let n = 0; n < nodes; n++)
			for (let f = 0; f < files; f++) {
				const inode = `nodes[${n}].inodes[${f}]`;
				add(`${inode}.i_sem`, 'count', 1);
				add(`ogfs_sbs[${n}].sd_inodes[${f}].i_rw_mutex`, 'activity');
				add(`${inode}.i_data.i_shared_lock`, 'locked');
			}
		const truncateCounts = Array.from({ length: nodes }, (_, n) =>
			Array.from({ length: files }, (_, f) =>
				this.#at(`nodes[${n}].inodes[${f}].i_data.truncate_count.value`),
			),
		);
		return { held, truncateCounts };
	}
}

/** The constant with a prefix that has a value, without the prefix. */
function nameOfValue(constants: Machine['constants'], prefix: string, value: number): string {
	const has = ([name, v]: [string, number]) => v === value && name.startsWith(prefix);
	return Object.entries(constants).find(has)?.[0].slice(prefix.length) ?? String(value);
}

/** The constants with a prefix whose bit is set, without the prefix. */
function bitNames(constants: Machine['constants'], prefix: string, bits: number): string[] {
	return Object.entries(constants)
		.filter(([name, bit]) => name.startsWith(prefix) && (bits & bit) !== 0)
		.map(([name]) => name.slice(prefix.length));
}
