// SPDX-License-Identifier: GPL-2.0-only
/**
 * What a machine's image means to a reader of a trace: locks, pages, page tables, disk. Plain
 * JSON, so that two moments can be compared, and a trace can be read without the machine.
 *
 * Interface: Names snapshotOf Snapshot GlockState PageState MappingState ManagerState flatten
 */
import type { Machine } from '../engine/machine.ts';
import type { Program } from '../litmus/compile.ts';

export interface Holder {
	task: string;
	state: string;
}
/** A glock, as its node sees it. */
export interface GlockState {
	node: number;
	file: number;
	state: string;
	/** LOCK DEMOTE DENIED UNMAPPED */
	flags: string[];
	/** with DEMOTE: what the node may keep */
	demote: string;
	holders: Holder[];
	waiters: Holder[];
}
/** What the lock manager knows of a file. */
export interface ManagerState {
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
export interface Snapshot {
	glocks: GlockState[];
	manager: ManagerState[];
	pages: PageState[];
	mappings: MappingState[];
	/** by file, then page: its first int */
	disk: number[][];
	latest: number[][];
	/** all of them, if a page has several */
	ints?: { disk: number[][][]; latest: number[][][] };
	/** requests on their way to the disk */
	io: { node: number; write: boolean; frame: string }[];
	/** lock words that are not zero (or one, of a mutex), and truncate_counts */
	words: Record<string, number>;
}

const FLAGS = ['LOCK', 'DEMOTE', 'DENIED', 'UNMAPPED', 'XMOTE', 'DROP', 'CONVERT'];
const LISTS = ['none', 'clean', 'dirty', 'locked'];
const LOCK_STATES: Record<number, string> = {
	0: 'UNLOCKED',
	1: 'EXCLUSIVE',
	2: 'DEFERRED',
	3: 'SHARED',
};
const PAGE_BITS = { locked: 1, uptodate: 8, dirty: 16 };
const PTE_BITS = { present: 1, write: 2, dirty: 0x40 };

/** What things are called in texts. */
export class Names {
	constructor(readonly program: Program) {}

	/** A file: its name; the hidden one of a single variable has that variable's. */
	file(file: number): string {
		const { name, hidden } = this.program.files[file] ?? { name: `file ${file}`, hidden: false };
		const inside = this.program.variables.filter((v) => v.file === file);
		return hidden && inside.length === 1 ? inside[0].name : name;
	}
	/** Locks are numbered from those of the files on. */
	isFile(lock: number): boolean {
		return lock < this.program.files.length;
	}
	/** A page of a file: the variable that is there, or `f[1]`. */
	page(file: number, index: number): string {
		if (file < 0) return 'private memory';
		const found = this.program.variables.find((v) => v.file === file && v.page === index);
		return found?.name ?? `${this.file(file)}[${index}]`;
	}
	task(machine: Machine, task: number): string {
		return this.program.processes[task]?.name ?? machine.tasks[task].name;
	}
	/** `nodes[0].page_cachep[2]` is `page#2`. */
	frame(name: string): string {
		const m = /\.page_cachep\[(\d+)\]$/.exec(name);
		return m ? `page#${m[1]}` : name;
	}
	/** Text of the kernel log, with the reader's names. */
	tidy(text: string): string {
		return text
			.replace(/nodes\[\d+\]\.page_cachep\[(\d+)\]/g, 'page#$1')
			.replace(/\b(?:file|lock) (\d+)/g, (t, n) =>
				this.isFile(Number(n)) ? this.file(Number(n)) : t,
			)
			.replace(/LM_ST_/g, '');
	}
	/** The name of a lock: `page_table_lock of P0`. */
	lock(path: string): string {
		let m = /^mms\[(\d+)\]\.(\w+)$/.exec(path);
		if (m) return `${m[2]} of ${this.program.processes[Number(m[1])]?.name ?? `mm ${m[1]}`}`;
		m = /^(?:nodes|ogfs_sbs)\[(\d+)\]\.(?:sd_)?inodes\[(\d+)\]\.(?:i_data\.)?(\w+)$/.exec(path);
		if (m) return `${m[3]} of ${this.file(Number(m[2]))} on node ${m[1]}`;
		m = /^nodes\[(\d+)\]\.page_cachep\[(\d+)\]$/.exec(path);
		if (m) return `the page lock of page#${m[2]} on node ${m[1]}`;
		return path;
	}
}

/** Reads a machine. Made once for a machine, used after each step. */
export class Reader {
	private readonly bounds: Record<
		'nodes' | 'files' | 'pages' | 'procs' | 'vpages' | 'frames' | 'words',
		number
	>;
	/** a vma has vm_ahead: PGOFF_AHEAD, which symbols decide */
	private readonly ahead: boolean;
	private readonly addresses = new Map<string, number>();

	constructor(
		readonly machine: Machine,
		readonly names: Names,
	) {
		const c = machine.constants;
		const vma = machine.structs.vm_area_struct?.fields ?? [];
		this.ahead = vma.some((f) => f.name === 'vm_ahead' && (f.n ?? 0) > 0);
		this.bounds = {
			nodes: c.NR_NODES,
			files: c.NR_FILES,
			pages: c.NR_FILE_PAGES,
			procs: c.NR_PROCS,
			vpages: c.NR_VPAGES,
			frames: c.NR_FRAMES,
			words: c.PAGE_WORDS,
		};
	}

	/** A path that goes through no pointer. */
	private at(path: string): number {
		let address = this.addresses.get(path);
		if (address === undefined) {
			address = this.machine.locate(path).address;
			this.addresses.set(path, address);
		}
		return this.machine.mem[address];
	}

	snapshot(): Snapshot {
		const { nodes, files } = this.bounds;
		const each = <T>(n: number, make: (i: number) => T): T[] =>
			Array.from({ length: n }, (_, i) => make(i));
		const { pages, words } = this.bounds;
		const table = (path: string): number[][][] =>
			each(files, (f) =>
				each(pages, (p) => each(words, (w) => this.at(`${path}[${(f * pages + p) * words + w}]`))),
			);
		const first = (ints: number[][][]) => ints.map((file) => file.map(([int]) => int));
		const disk = table('disk.sector');
		const latest = table('coherence.latest');
		return {
			glocks: each(nodes, (n) => each(files, (f) => this.glock(n, f))).flat(),
			manager: each(files, (f) => this.manager(f)),
			pages: each(nodes, (n) => this.pagesOf(n)).flat(),
			mappings: [...this.ptes(), ...this.tlbs()],
			disk: first(disk),
			latest: first(latest),
			...(words > 1 && { ints: { disk, latest } }),
			io: each(nodes, (n) => this.requests(n)).flat(),
			words: this.words(),
		};
	}

	private glock(node: number, file: number): GlockState {
		const gl = `ogfs_sbs[${node}].sd_inodes[${file}].i_gl`;
		const flags = this.at(`${gl}.gl_flags`);
		return {
			node,
			file,
			state: lockState(this.at(`${gl}.gl_state`)),
			flags: FLAGS.filter((_, i) => flags & (1 << i)),
			demote: flags & 2 ? lockState(this.at(`${gl}.gl_demote_state`)) : '',
			holders: this.holders(`${gl}.gl_holders`),
			waiters: this.holders(`${gl}.gl_waiters2`),
		};
	}

	private holders(first: string): Holder[] {
		const out: Holder[] = [];
		for (let p = first; this.machine.read(p) !== 0; p += '.gh_next') {
			const task = this.names.task(this.machine, this.machine.read(`${p}.gh_owner`));
			out.push({ task, state: lockState(this.machine.read(`${p}.gh_state`)) });
		}
		return out;
	}

	private manager(file: number): ManagerState {
		const l = `lm_locks[${file}]`;
		const byNode = (make: (n: number) => string): string[] =>
			Array.from({ length: this.bounds.nodes }, (_, n) => make(n));
		return {
			file,
			held: byNode((n) => lockState(this.at(`${l}.held[${n}]`))),
			called: byNode((n) => {
				const called = this.at(`${l}.called[${n}]`);
				return called ? lockState(called - 1) : '';
			}),
			waiting: Array.from({ length: this.at(`${l}.waiting`) }, (_, i) => ({
				node: this.at(`${l}.node[${i}]`),
				state: lockState(this.at(`${l}.state[${i}]`)),
				upgrade: this.at(`${l}.upgrade[${i}]`) !== 0,
			})),
		};
	}

	private pagesOf(node: number): PageState[] {
		const out: PageState[] = [];
		const { words } = this.bounds;
		for (let i = 0; i < this.bounds.frames; i++) {
			const p = `nodes[${node}].page_cachep[${i}]`;
			if (this.at(`${p}.count`) === 0) continue;
			const flags = this.at(`${p}.flags`);
			const isOfFile = this.at(`${p}.was`) !== 0;
			out.push({
				node,
				frame: `page#${i}`,
				file: isOfFile ? this.machine.read(`${p}.was.i_ino`) : -1,
				index: this.at(`${p}.index`),
				cached: this.at(`${p}.mapping`) !== 0,
				dirty: (flags & PAGE_BITS.dirty) !== 0,
				locked: (flags & PAGE_BITS.locked) !== 0,
				uptodate: (flags & PAGE_BITS.uptodate) !== 0,
				list: LISTS[this.at(`${p}.list`)],
				data: this.at(`${p}.data[0]`),
				...(words > 1 && {
					ints: Array.from({ length: words }, (_, w) => this.at(`${p}.data[${w}]`)),
				}),
			});
		}
		return out;
	}

	/** What a page of an address space is a mapping of; without a vma, what it still maps. */
	private backing(owner: number, vpage: number, page: string): { file: number; index: number } {
		const address = (vpage + 1) << 12;
		for (let v = `mms[${owner}].mmap`; this.machine.read(v) !== 0; v += '.vm_next') {
			const start = this.machine.read(`${v}.vm_start`);
			if (address < start || address >= this.machine.read(`${v}.vm_end`)) continue;
			if (this.machine.read(`${v}.vm_file`) === 0) break;
			const ahead = this.ahead ? this.machine.read(`${v}.vm_ahead[0]`) : 0;
			return {
				file: this.machine.read(`${v}.vm_file.f_inode.i_ino`),
				index: ((address - start) >> 12) + this.machine.read(`${v}.vm_pgoff`) - ahead,
			};
		}
		if (page && this.machine.read(`${page}.was`) !== 0)
			return {
				file: this.machine.read(`${page}.was.i_ino`),
				index: this.machine.read(`${page}.index`),
			};
		return { file: -1, index: vpage };
	}

	private ptes(): MappingState[] {
		const { processes } = this.names.program;
		const owners = [...new Set(processes.map((p) => p.owner))];
		return owners.flatMap((owner) =>
			Array.from({ length: this.bounds.vpages }, (_, vpage): MappingState => {
				const pte = `mms[${owner}].pgd[${vpage}]`;
				const flags = this.at(`${pte}.flags`);
				return {
					node: processes[owner].node,
					process: processes
						.filter((p) => p.owner === owner)
						.map((p) => p.name)
						.join(','),
					kind: 'pte',
					vpage,
					...this.backing(owner, vpage, this.at(`${pte}.page`) ? `${pte}.page` : ''),
					frame: this.frame(this.at(`${pte}.page`)),
					write: (flags & PTE_BITS.write) !== 0,
					dirty: (flags & PTE_BITS.dirty) !== 0,
				};
			}),
		);
	}

	private tlbs(): MappingState[] {
		return this.names.program.processes.flatMap((process, p) =>
			Array.from({ length: this.bounds.vpages }, (_, vpage): MappingState => {
				const entry = `cpus[${p}].tlb[${vpage}]`;
				return {
					node: process.node,
					process: process.name,
					kind: 'tlb',
					vpage,
					...this.backing(process.owner, vpage, this.at(`${entry}.page`) ? `${entry}.page` : ''),
					frame: this.frame(this.at(`${entry}.page`)),
					write: this.at(`${entry}.write`) !== 0,
					dirty: this.at(`${entry}.dirty`) !== 0,
				};
			}),
		);
	}

	private frame(pointer: number): string {
		return pointer === 0 ? '' : this.names.frame(this.machine.nameOf(pointer));
	}

	private requests(node: number): Snapshot['io'] {
		const q = `nodes[${node}].request_queue`;
		return Array.from({ length: this.at(`${q}.nr`) }, (_, i) => ({
			node,
			write: this.machine.read(`${q}.queue[${i}].cmd`) === 1,
			frame: this.frame(this.machine.read(`${q}.queue[${i}].page`)),
		}));
	}

	private words(): Record<string, number> {
		const out: Record<string, number> = {};
		const add = (path: string, field: string, free = 0) => {
			const value = this.at(`${path}.${field}`);
			if (value !== free) out[path] = value;
		};
		const { nodes, files } = this.bounds;
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
				add(`${inode}.i_data.truncate_count`, 'value');
			}
		return out;
	}
}

export function lockState(value: number): string {
	return LOCK_STATES[value] ?? String(value);
}

/** Every leaf of a snapshot by its path, lists of one kind keyed by what they are about. */
export function flatten(s: Snapshot, names: Names): Map<string, string | number | boolean> {
	const out = new Map<string, string | number | boolean>();
	const put = (path: string, o: object, skip: string[]) => {
		for (const [key, value] of Object.entries(o))
			if (!skip.includes(key))
				out.set(`${path}.${key}`, typeof value === 'object' ? listText(value) : value);
	};
	for (const g of s.glocks) put(`node ${g.node}: glock ${names.file(g.file)}`, g, ['node', 'file']);
	for (const m of s.manager) put(`lock manager: ${names.file(m.file)}`, m, ['file']);
	for (const p of s.pages) put(`node ${p.node}: ${p.frame}`, p, ['node', 'frame']);
	for (const m of s.mappings)
		put(`node ${m.node}: ${m.kind} ${m.vpage + 1} of ${m.process}`, m, [
			'node',
			'process',
			'kind',
			'vpage',
		]);
	for (const [key, table] of [
		['disk', s.disk],
		['latest', s.latest],
	] as const)
		for (const [f, pages] of table.entries())
			for (const [i, value] of pages.entries()) {
				const ints = s.ints?.[key][f][i];
				out.set(`${key}: ${names.page(f, i)}`, ints ? listText(ints) : value);
			}
	for (const [path, value] of Object.entries(s.words)) out.set(names.lock(path), value);
	return out;
}

function listText(value: unknown): string {
	if (!Array.isArray(value)) return JSON.stringify(value);
	return value
		.map((v) => (typeof v === 'object' && v !== null ? Object.values(v).join(' ') : String(v)))
		.join(', ');
}
