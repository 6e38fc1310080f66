// SPDX-License-Identifier: GPL-2.0-only
/** The whole code of a machine, and the tables that its driver reads. */
import type { FunctionPlan, Plan } from '../plan.ts';
import { DRIVER, RUNTIME } from './driver.ts';
import type { SiteEntry } from './emit.ts';
import { emit } from './emit.ts';
import type { Layout } from './layout.ts';
import { fold } from './liveness.ts';
import { TRACKING, withFifos } from './tracking.ts';

export interface Generated {
	code: string;
	/** by number; 0 is no site */
	sites: SiteEntry[];
	/** deepest stack of each sleeping function, in words; how many frames at most */
	stackWords: Map<string, number>;
	depth: number;
}

/** `track`: the code notes who touches what. */
export function generate(plan: Plan, template: string, layout: Layout, track: boolean): Generated {
	const none: SiteEntry = {
		...{
			file: '',
			line: 0,
			function: '',
			kind: 'start' as const,
			live: [],
			js: '',
			pc: 0,
			contents: [],
		},
	};
	const sites = [none];
	const sleeping = plan.functions.filter((f) => f.flow);
	const code: string[] = [];
	const ask: string[] = [];
	sleeping.forEach((f, i) => {
		const folded = fold(f.flow!, layout.values.expressions);
		const out = emit(f, folded, sites.length, plan.spawned.includes(f.js));
		sites.push(...out.sites);
		code.push(out.code);
		if (!out.ready) return;
		code.push(out.ready);
		ask.push(`case ${i}:return ready${f.js}(fp,pc);`);
	});
	const parts = [
		RUNTIME,
		track ? TRACKING + withFifos(template, plan.functions) : template,
		...code,
		resumeText(sleeping),
		`function ask(f,fp,pc){switch(f){${ask.join('')}}return 1;}`,
		entryText(plan),
		DRIVER,
	];
	return { code: layout.resolve(parts.join('\n'), track), sites, ...stacks(plan, sleeping, sites) };
}

function resumeText(sleeping: FunctionPlan[]): string {
	const cases = sleeping.map(
		(f, i) => `case ${i}:return ${f.js}(fp,pc,r${',0'.repeat(f.params)});`,
	);
	return `function resume(f,fp,pc,r){switch(f){${cases.join('\n')}}lost('resume',f);}`;
}

function entryText({ entry }: Plan): string {
	const { init, booted, finished, check_state } = entry;
	return [
		`const init=${init};`,
		`const booted=${booted ?? 'null'};`,
		`const finished=${finished ?? 'null'};`,
		`const check=${check_state ?? '()=>{}'};`,
	].join('');
}

/** The tables of sites as the driver reads them: one typed array a column. */
export function siteTables(plan: Plan, sites: readonly SiteEntry[]): Record<string, Int32Array> {
	const sleeping = plan.functions.filter((f) => f.flow).map((f) => f.js);
	const column = (of: (s: SiteEntry) => number): Int32Array => Int32Array.from(sites, of);
	const asking = ['wait', 'idle', 'choose'];
	return {
		functionOf: column((s) => sleeping.indexOf(s.js)),
		caseOf: column((s) => s.pc),
		sizeOf: column((s) => s.live.length + 1),
		isCall: column((s) => (s.kind === 'call' ? 1 : 0)),
		asks: column((s) => (asking.includes(s.kind) ? 1 : 0)),
	};
}

function stacks(
	plan: Plan,
	sleeping: FunctionPlan[],
	sites: readonly SiteEntry[],
): { stackWords: Map<string, number>; depth: number } {
	const words = new Map<string, number>();
	const frames = new Map<string, number>();
	const bySource = new Map(sleeping.map((f) => [f.js, sites.filter((s) => s.js === f.js)]));
	// circles were refused when the program was lowered
	const measure = (js: string): void => {
		if (words.has(js)) return;
		let [w, n] = [1, 1];
		for (const s of bySource.get(js) ?? []) {
			const here = s.live.length + 1;
			const callees = s.callee ? (plan.dispatch[s.callee] ?? [s.callee]) : [];
			w = Math.max(w, here);
			for (const c of callees) {
				measure(c);
				w = Math.max(w, here + words.get(c)!);
				n = Math.max(n, 1 + frames.get(c)!);
			}
		}
		words.set(js, w);
		frames.set(js, n);
	};
	for (const f of sleeping) measure(f.js);
	return { stackWords: words, depth: Math.max(1, ...frames.values()) };
}
