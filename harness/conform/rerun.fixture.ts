// SPDX-License-Identifier: GPL-2.0-only
/**
 * For tests: the steps of a schedule taken again on the compiled machine, and what is where in its
 * image after each, by the paths of its words. Nothing of harness/report is used.
 */
import { isEvent, type Machine, Violation } from '../engine/machine.ts';
import type { Step } from '../engine/result.ts';
import type { Program } from '../litmus/compile.ts';

export interface ClaimData {
	kind: string;
	[field: string]: unknown;
}
/** What a report says of a counterexample, as JSON has it. */
export interface Told {
	claims: ClaimData[];
	conclusion: string;
	schedule: readonly Step[];
	cycleFrom?: number;
	/** the steps after the last one that the conclusion speaks of */
	later: readonly Step[];
}

export interface At {
	file: number;
	index: number;
	word: number;
}
export interface Image {
	mem: Int32Array;
	/** by task: the functions that it is in, outermost first */
	stacks: string[][];
}
export interface Said {
	event: string;
	args: Readonly<Record<string, unknown>>;
	/** functions, innermost first */
	stack: readonly string[];
}
export interface Taken {
	task: number;
	violation?: Violation;
	/** it came in the middle of the step */
	aborted: boolean;
	/** events of the machine in the step */
	events: Said[];
}

/** Takes the steps, and keeps what is asked for: images, stacks, events. */
export class Rerun {
	readonly images: Image[] = [];
	readonly taken: Taken[] = [];
	/** the image that is in the memory of the machine */
	#loaded?: Image;

	constructor(
		readonly machine: Machine,
		readonly program: Program,
		readonly told: Told,
	) {
		machine.setLogging(true);
		machine.reset();
		machine.takeLog();
		this.#keep();
		for (const [task, choice] of [...told.schedule, ...told.later]) this.#take(task, choice);
		machine.setLogging(false);
	}

	#keep(): void {
		const { machine } = this;
		const stacks = machine.tasks.map((_, t) => machine.stack(t).map((f) => f.function));
		this.images.push({ mem: machine.mem.slice(), stacks });
	}

	#take(task: number, choice: number): void {
		const { machine } = this;
		let violation: Violation | undefined;
		const old = this.images.at(-1)?.stacks[task] ?? [];
		const attempt = (run: () => void) => {
			try {
				run();
			} catch (e) {
				if (!(e instanceof Violation)) throw e;
				violation = e;
			}
		};
		attempt(() => machine.step(task, choice));
		const aborted = violation !== undefined;
		const events = machine.takeLog().flatMap((e) => (isEvent(e) ? [e] : []));
		if (!aborted) attempt(() => machine.check());
		machine.takeLog();
		machine.forget();
		this.#keep();
		// A step that was cut off in its middle leaves the task where it was.
		if (aborted) this.images[this.images.length - 1].stacks[task] = old;
		this.taken.push({ task, events, aborted, ...(violation && { violation }) });
	}

	get end(): number {
		return this.told.schedule.length;
	}
	/** The value at a path after a step; undefined: the path goes through a null pointer. */
	read(step: number, path: string): number | undefined {
		const image = this.images[step];
		if (!image) return undefined;
		if (this.#loaded !== image) this.machine.mem.set(image.mem);
		this.#loaded = image;
		try {
			return this.machine.read(path);
		} catch {
			return undefined;
		}
	}
	/** The name of what a pointer points to. */
	pointed(step: number, path: string): string | undefined {
		const pointer = this.read(step, path);
		return pointer ? this.machine.nameOf(pointer) : undefined;
	}
	constant(name: string): number {
		const value = this.machine.constants[name];
		if (value === undefined) throw new Error(`no constant ${name}`);
		return value;
	}
	name(task: number): string {
		return this.program.processes[task]?.name ?? this.machine.tasks[task].name;
	}
	/** Who took a step. */
	actor(step: number): { task: string; node: number } | undefined {
		const taken = this.taken[step - 1];
		if (!taken) return undefined;
		return { task: this.name(taken.task), node: this.machine.tasks[taken.task].node };
	}
	stack(step: number, task: string): string[] {
		const t = this.machine.tasks.findIndex((_, i) => this.name(i) === task);
		return this.images[step]?.stacks[t] ?? [];
	}
	steps(from: number, to: number): number[] {
		return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
	}
}

// ---- what is where in the image ----------------------------------------------------------------

export const word = (run: Rerun, { file, index, word: w }: At): number =>
	(file * run.constant('NR_FILE_PAGES') + index) * run.constant('PAGE_WORDS') + w;
export const latest = (run: Rerun, step: number, at: At) =>
	run.read(step, `coherence.latest[${word(run, at)}]`);

/** The place of a page on the disk is fixed, or is where the inode on the disk says. */
export function onDisk(run: Rerun, step: number, at: At): number | undefined {
	if (!run.machine.constants.NR_RGRP_BLOCKS) return run.read(step, `disk.sector[${word(run, at)}]`);
	const block = run.read(step, `ogfs_dinodes[${at.file}].di_map[${at.index}]`);
	return block === undefined
		? undefined
		: run.read(step, `disk.sector[${block * run.constant('PAGE_WORDS') + at.word}]`);
}

export const framePath = (node: number, frame: string): string =>
	`nodes[${node}].page_cachep[${frame.slice('page#'.length)}]`;

export interface Frame {
	used: boolean;
	file: number;
	index: number;
	cached: boolean;
	dirty: boolean;
	uptodate: boolean;
	data(w: number): number | undefined;
}
export function frameOf(run: Rerun, step: number, node: number, frame: string): Frame {
	const p = framePath(node, frame);
	const flags = run.read(step, `${p}.flags`) ?? 0;
	return {
		used: (run.read(step, `${p}.count`) ?? 0) !== 0,
		file: run.read(step, `${p}.was`) ? (run.read(step, `${p}.was.i_ino`) ?? -1) : -1,
		index: run.read(step, `${p}.index`) ?? -1,
		cached: (run.read(step, `${p}.mapping`) ?? 0) !== 0,
		dirty: (flags & run.constant('PG_dirty')) !== 0,
		uptodate: (flags & run.constant('PG_uptodate')) !== 0,
		data: (w) => run.read(step, `${p}.data[${w}]`),
	};
}
export const isPage = (f: Frame, c: { file: number; index: number }): boolean =>
	f.used && f.file === c.file && f.index === c.index;

export interface Mapping {
	node: number;
	process: string;
	frame: string;
	file: number;
	index: number;
	write: boolean;
	dirty: boolean;
}
/** The entries of a page table, or of TLBs, as (page of memory, frame, write, dirty). */
export function entries(run: Rerun, step: number, c: Mapping, tlb: boolean) {
	const owners = c.process
		.split(',')
		.map((name) => run.program.processes.findIndex((p) => p.name === name));
	const [first] = owners;
	if (first < 0) return [];
	const base = tlb ? `cpus[${first}].tlb` : `mms[${run.program.processes[first].owner}].pgd`;
	const onNode = run.program.processes[first].node === c.node;
	const shared = owners.every(
		(o) => run.program.processes[o]?.owner === run.program.processes[first].owner,
	);
	if (!onNode || !shared) return [];
	return run.steps(0, run.constant('NR_VPAGES') - 1).map((v) => {
		const path = `${base}[${v}]`;
		const flags = tlb ? 0 : (run.read(step, `${path}.flags`) ?? 0);
		return {
			v,
			frame: run.pointed(step, `${path}.page`),
			write: tlb ? run.read(step, `${path}.write`) !== 0 : (flags & run.constant('_PAGE_RW')) !== 0,
			dirty: tlb
				? run.read(step, `${path}.dirty`) !== 0
				: (flags & run.constant('_PAGE_DIRTY')) !== 0,
		};
	});
}
export type Entry = ReturnType<typeof entries>[number];
export const same = (e: Entry, c: Mapping): boolean =>
	e.frame === framePath(c.node, c.frame) && e.write === c.write && e.dirty === c.dirty;
/** The page that a frame holds, if it is one of a file, is the one that a claim names. */
export function namesPage(run: Rerun, step: number, c: Mapping): boolean {
	const f = frameOf(run, step, c.node, c.frame);
	return f.file < 0 || (f.file === c.file && f.index === c.index);
}
export const entry = (run: Rerun, step: number, c: Mapping, tlb = false): Entry | undefined =>
	entries(run, step, c, tlb).find((e) => same(e, c));

/** The step in which an entry got its frame: what the mapping says later may be in between. */
export function mappedIn(run: Rerun, c: Mapping & { step: number }, { v, frame }: Entry): number {
	let step = c.step - 1;
	while (step > 0 && entries(run, step - 1, c, false)[v].frame === frame) step--;
	return step;
}

/** The page of which file a process has at entry v, as its mapping says. */
export function mappedPage(
	run: Rerun,
	step: number,
	process: string,
	v: number,
): { file?: number; index: number } | undefined {
	const { owner } = run.program.processes[processOf(run, process)];
	const address = (v + 1) * 4096;
	for (let p = `mms[${owner}].mmap`; run.read(step, p); p += '.vm_next') {
		const start = run.read(step, `${p}.vm_start`) ?? 0;
		const end = run.read(step, `${p}.vm_end`) ?? 0;
		if (address < start || address >= end) continue;
		const index = (run.read(step, `${p}.vm_pgoff`) ?? 0) + (address - start) / 4096;
		return { file: run.read(step, `${p}.vm_file.f_inode.i_ino`), index };
	}
	return undefined;
}

export const glock = (node: number, file: number): string =>
	`ogfs_sbs[${node}].sd_inodes[${file}].i_gl`;
export const state = (run: Rerun, step: number, node: number, file: number): string | undefined => {
	const value = run.read(step, `${glock(node, file)}.gl_state`);
	return ['UNLOCKED', 'EXCLUSIVE', 'DEFERRED', 'SHARED'].find(
		(s) => run.constant(`LM_ST_${s}`) === value,
	);
};
export const flag = (run: Rerun, step: number, node: number, file: number, name: string): boolean =>
	((run.read(step, `${glock(node, file)}.gl_flags`) ?? 0) & run.constant(name)) !== 0;
export function queue(run: Rerun, step: number, first: string): string[] {
	const out: string[] = [];
	for (let p = first; run.read(step, p); p += '.gh_next')
		out.push(run.name(run.read(step, `${p}.gh_owner`) ?? -1));
	return out;
}
export const holders = (run: Rerun, step: number, node: number, file: number): string[] =>
	queue(run, step, `${glock(node, file)}.gl_holders`);
export const waiters = (run: Rerun, step: number, node: number, file: number): string[] =>
	queue(run, step, `${glock(node, file)}.gl_waiters2`);
/** Does a node wait for a lock, or has it, or is about to have it? */
export function wants(run: Rerun, step: number, node: number, file: number): boolean {
	const gl = glock(node, file);
	if (run.read(step, `${gl}.gl_waiters2`) || run.read(step, `${gl}.gl_req_gh`)) return true;
	if (run.read(step, `${gl}.gl_holders`)) return true;
	const held = run.read(step, `lm_locks[${file}].held[${node}]`);
	const had = state(run, step, node, file);
	return (had !== undefined && had !== 'UNLOCKED') || (held ?? 0) !== 0;
}
export const statusIs = (run: Rerun, step: number, node: number, name: string): boolean =>
	run.read(step, `cluster_nodes[${node}].status`) === run.constant(name);

export interface Acting {
	step: number;
	task: string;
	node: number;
}
export const acts = (run: Rerun, c: Acting): boolean => {
	const actor = run.actor(c.step);
	return actor?.task === c.task && actor.node === c.node;
};
/** The function in which a program is as long as a system call of its lasts. */
export const SYSTEM_CALL = 'user_syscall';
/** Is it a disk that takes a step? */
export const isDisk = (run: Rerun, step: number): boolean =>
	run.machine.tasks[run.taken[step - 1].task].function === 'disk_server';
export const inside = (run: Rerun, step: number, task: string, name: string): boolean =>
	run.stack(step, task).includes(name);
export const own = (run: Rerun, c: { task: string; from: number; to: number }): number[] =>
	run.steps(c.from, c.to).filter((n) => run.actor(n)?.task === c.task);

/** A number of an instruction that a program executes when a step begins. */
export function instruction(run: Rerun, step: number, p: number): number[] {
	const pc = run.read(step - 1, `user_procs[${p}].pc`) ?? 0;
	return [...run.program.rom.slice(pc, pc + 4)];
}
export const processOf = (run: Rerun, task: string): number =>
	run.program.processes.findIndex((p) => p.name === task);

/** The file that the descriptor of a system call under way is of. */
export function calledFile(run: Rerun, step: number, p: number): number | undefined {
	const [op, , , first] = instruction(run, step, p);
	if (op !== run.constant('OP_SYS')) return undefined;
	const fd = run.read(step - 1, `user_procs[${p}].regs[${first}]`);
	return run.read(step - 1, `tasks[${p}].files.fd[${fd}].f_inode.i_ino`);
}
