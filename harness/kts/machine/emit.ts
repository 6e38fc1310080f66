// SPDX-License-Identifier: GPL-2.0-only
/**
 * The code of a sleeping function: one switch in a loop. `f(fp, pc, r, ...parameters)` is called
 * with pc = 0, and resumed with pc = the number of a suspension and r = the value that it waited
 * for. It saves its own frame only when it is suspended:
 *
 *   frame = [site, live locals...]      a callee's frame begins right after it
 *
 * Cases 1..n are the suspensions; higher ones are blocks with several jumps to them.
 */
import { NAMES, type Site } from '../../engine/machine.ts';
import type { End, FunctionPlan, LocalPlan } from '../plan.ts';
import type { FoldedFlow } from './liveness.ts';
import { type Places, resident } from './resident.ts';

export interface SiteEntry extends Site {
	/** the function's name in generated code */
	js: string;
	/** the case that resumes it */
	pc: number;
	/** what the live locals name: NAMES */
	contents: number[];
	/** of a call: where to look for the callees */
	callee?: string;
}

export interface EmittedFunction {
	code: string;
	sites: SiteEntry[];
	/** conditions: `function(fp, pc)` gives what ready() says, for the sites that need it */
	ready?: string;
}

/** What a local or a field names: one of NAMES. */
export function contentOf({ kind, names }: Pick<LocalPlan, 'kind' | 'names'>): number {
	return names ?? (kind === 'ptr' || kind === 'ptrs' ? NAMES.POINTER : NAMES.PLAIN);
}

type Suspended = End & { t: 'leaf' | 'call' };

/** `firstSite`: the number of its first site, in the machine's table. */
export function emit(
	plan: FunctionPlan,
	folded: FoldedFlow,
	firstSite: number,
	spawned: boolean,
): EmittedFunction {
	const last = emitted.get(folded);
	if (last && last.firstSite === firstSite && last.spawned === spawned) return last.out;
	const out = new Emitter(plan, folded, firstSite, spawned).emit();
	emitted.set(folded, { firstSite, spawned, out });
	return out;
}

/** The last code of a function: in most configurations it is the same. */
const emitted = new WeakMap<
	FoldedFlow,
	{ firstSite: number; spawned: boolean; out: EmittedFunction }
>();

class Emitter {
	readonly #sites: SiteEntry[] = [];
	readonly #cases: string[] = [];
	readonly #ready: string[] = [];
	readonly #labels = new Map<number, number>();
	readonly #todo: number[] = [];
	readonly #locals: LocalPlan[];
	readonly #resident: Map<number, Places>;
	#nextLabel: number;

	constructor(
		readonly plan: FunctionPlan,
		readonly folded: FoldedFlow,
		readonly firstSite: number,
		readonly spawned: boolean,
	) {
		this.#locals = folded.flow.locals;
		this.#resident = resident(folded);
		this.#nextLabel = folded.saved.size + (spawned ? 1 : 0) + 1;
	}

	emit(): EmittedFunction {
		const { plan, folded } = this;
		const entry = this.#goto(0);
		if (this.spawned) this.#cases.unshift(this.#start());
		this.#cases.unshift(`case 0:${entry}`);
		for (let b = this.#todo.shift(); b !== undefined; b = this.#todo.shift())
			this.#cases.push(`case ${this.#labels.get(b)}:${this.#block(b)}`);
		const params = this.#locals.slice(0, folded.flow.params).map((l) => `,${l.js}`);
		const head = `function ${plan.js}(fp,pc,r${params.join('')})`;
		const loop = `for(;;)switch(pc){${this.#cases.join('\n')}\ndefault:lost('${plan.js}',pc);}`;
		return {
			code: `${head}{${this.#variables()}${loop}}`,
			sites: this.#sites,
			...(this.#ready.length > 0 && {
				ready: `function ready${plan.js}(fp,pc){switch(pc){${this.#ready.join('\n')}}return 1;}`,
			}),
		};
	}

	/** Declares the locals; JavaScript keeps them while the function runs. */
	#variables(): string {
		const scratch = Array.from({ length: this.plan.scratch ?? 0 }, (_, i) => `s$$${i}=0`);
		const locals = this.#locals
			.slice(this.folded.flow.params)
			.filter((l) => !l.inner)
			.map((l) => `${l.js}=${l.kind === 'bool' ? 'false' : '0'}`);
		const all = [...scratch, ...locals];
		return all.length > 0 ? `let ${all.join(',')};` : '';
	}

	/** Where spawn() leaves a task: its parameters are in the frame. */
	#start(): string {
		const { plan, folded } = this;
		const live = [...folded.liveIn[0]].filter((l) => l < folded.flow.params).sort((a, b) => a - b);
		const at = { file: plan.file, line: plan.line };
		const pc = this.#site('start', live, at);
		// goes on with the entry: case 0 is entered from here as well
		return `case ${pc}:${this.#restore(live, live)}pc=0;continue;`;
	}

	#site(
		kind: Site['kind'],
		live: number[],
		{ file, line }: { file: string; line: number },
		callee?: string,
	): number {
		const pc = this.#sites.length + 1;
		const locals = live.map((l) => {
			const { name, kind, cls } = this.#locals[l];
			return { name, kind, ...(cls ? { cls } : {}) };
		});
		const { name, js } = this.plan;
		const contents = live.map((l) => contentOf(this.#locals[l]));
		this.#sites.push({ file, line, function: name, kind, live: locals, js, pc, callee, contents });
		return pc;
	}

	/** Goes on with a block: in place if nothing else leads there. */
	#goto(b: number): string {
		if (this.folded.edges[b] === 1) return this.#block(b);
		if (!this.#labels.has(b)) {
			this.#labels.set(b, this.#nextLabel++);
			this.#todo.push(b);
		}
		return `pc=${this.#labels.get(b)};continue;`;
	}

	#block(b: number): string {
		const { ops, end } = this.folded.blocks[b];
		const text = ops.map((o) => o.js).join('');
		if (end.t === 'goto') return text + this.#goto(end.to);
		if (end.t === 'return') return `${text}return ${end.js};`;
		if (end.t === 'branch')
			return `${text}if(${end.js}){${this.#goto(end.yes)}}${this.#goto(end.no)}`;
		return text + (end.t === 'leaf' ? this.#leaf(b, end) : this.#call(b, end));
	}

	/** Always suspends; the next step resumes here, with the choice in r. */
	#leaf(b: number, end: Suspended & { t: 'leaf' }): string {
		const live = this.folded.saved.get(b)!;
		const pc = this.#site(end.kind, live, end.at);
		this.#condition(pc, end, live);
		const after = this.#restore(live, this.#needed(end)) + this.#take(end);
		this.#cases.push(`case ${pc}:${after}${this.#goto(end.next)}`);
		return `${this.#save(b, pc, live)}susp=1;top=fp+${live.length + 1};return 0;`;
	}

	/**
	 * A call that returns at once goes on after the case of the resumption: both have the callee's
	 * value in r.
	 */
	#call(b: number, end: Suspended & { t: 'call' }): string {
		const live = this.folded.saved.get(b)!;
		const pc = this.#site('call', live, end.at, end.callee);
		const label = this.#nextLabel++;
		const at = live.length + 1;
		this.#cases.push(
			`case ${pc}:${this.#restore(live, this.#needed(end))}\ncase ${label}:${this.#take(end)}${this.#goto(end.next)}`,
		);
		const call = `r=${end.callee}(${end.before}fp+${at},0,0${end.args});`;
		return `${call}if(susp!==0){${this.#save(b, pc, live)}return 0;}pc=${label};continue;`;
	}

	#needed(end: Suspended): number[] {
		return [...this.folded.liveIn[end.next]].filter((l) => l !== end.result);
	}

	/** Stores the suspension's value in its local, if that is used. */
	#take(end: Suspended): string {
		if (end.result < 0 || !this.folded.liveIn[end.next].has(end.result)) return '';
		const { js, kind } = this.#locals[end.result];
		return `${js}=r${kind === 'bool' ? '!==0' : ''};`;
	}

	/** Writes the frame of the suspension that ends block b. */
	#save(b: number, pc: number, live: number[]): string {
		const there = this.#resident.get(b)!;
		const words = live.map((l, i) => {
			if (there.get(l) === i + 1) return '';
			const { js, kind } = this.#locals[l];
			return `W(fp+${i + 1},${kind === 'bool' ? `${js}?1:0` : js});`;
		});
		return `W(fp,${this.firstSite + pc - 1});${words.join('')}`;
	}

	#restore(live: number[], wanted: Iterable<number>): string {
		const set = new Set(wanted);
		return live
			.map((l, i) => (set.has(l) ? `${this.#locals[l].js}=${this.#fromFrame(l, i)};` : ''))
			.join('');
	}

	#fromFrame(l: number, i: number): string {
		return `mem[fp+${i + 1}]${this.#locals[l].kind === 'bool' ? '!==0' : ''}`;
	}

	#condition(pc: number, end: Suspended & { t: 'leaf' }, live: number[]): void {
		if (end.kind === 'preempt') return;
		const reads = live.flatMap((l, i) =>
			end.reads.includes(l) ? `const ${this.#locals[l].js}=${this.#fromFrame(l, i)};` : [],
		);
		const no = end.kind === 'idle' ? -1 : 0;
		const counted = no === 0 ? end.js : `${end.js}||${no}`;
		const says = end.counts || end.kind === 'choose' ? counted : `${end.js}?1:${no}`;
		this.#ready.push(`case ${pc}:{${reads.join('')}return ${says};}`);
	}
}
