// SPDX-License-Identifier: GPL-2.0-only
/** The whole code of a machine, and the tables that its driver reads. */
import { EVERYTHING } from '../../engine/machine.ts';
import type { FunctionPlan, Plan } from '../plan.ts';
import { DRIVER, RUNTIME } from './driver.ts';
import type { SiteEntry } from './emit.ts';
import { emit } from './emit.ts';
import type { Layout } from './layout.ts';
import { calleesOf, casesOf, type Reached, reach } from './reach.ts';
import { resetters } from './reset.ts';
import { TRACKING, withFifos } from './tracking.ts';
import { refuseUnknown } from './unknown.ts';

export interface Generated {
	code: string;
	/** by number; 0 is no site */
	sites: SiteEntry[];
	/** deepest stack of each sleeping function, in words; how many frames at most */
	stackWords: Map<string, number>;
	depth: number;
	reached: Reached;
	/** those of them that sleep: a function's number is its place here */
	sleeping: FunctionPlan[];
}

/** `track`: the code records accesses. */
export function generate(plan: Plan, template: string, layout: Layout, track: boolean): Generated {
	const reached = reach(plan, layout.values.expressions);
	refuseUnknown(plan, reached);
	const { functions, spawned } = reached;
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
	const sleeping = functions.flatMap(({ plan: f, flow }) => (flow ? [{ f, flow }] : []));
	const code: string[] = [];
	const ask: string[] = [];
	sleeping.forEach(({ f, flow }, i) => {
		const out = emit(f, flow, sites.length, spawned.has(f.js));
		sites.push(...out.sites);
		code.push(out.code);
		if (!out.ready) return;
		code.push(out.ready);
		ask.push(`case ${i}:return ready${f.js}(fp,pc);`);
	});
	const plain = functions.flatMap((f) => (f.code === undefined ? [] : [f.code])).join('\n');
	const names = sleeping.map(({ f }) => f);
	const parts = [
		RUNTIME,
		track ? TRACKING + withFifos(plain, functions) : plain,
		...[...reached.dispatch].map((name) => dispatcherText(plan, reached, name)),
		template,
		resetters(plan, reached.assigned),
		...code,
		resumeText(names),
		`function ask(f,fp,pc){switch(f){${ask.join('')}}return 1;}`,
		entryText(plan),
		DRIVER,
	];
	const text = layout.resolve(parts.join('\n'), track);
	return { code: text, sites, reached, sleeping: names, ...stacks(plan, reached, names, sites) };
}

function resumeText(sleeping: FunctionPlan[]): string {
	const cases = sleeping.map(
		(f, i) => `case ${i}:return ${f.js}(fp,pc,r${',0'.repeat(f.params)});`,
	);
	return `function resume(f,fp,pc,r){switch(f){${cases.join('\n')}}lost('resume',f);}`;
}

/** k is the trap for a null operation, o the table's id. */
function dispatcherText(plan: Plan, reached: Reached, name: string): string {
	const { asks, sleeps, params } = plan.dispatch[name];
	const live = casesOf(plan, reached, name);
	if (asks) {
		const yes = live.map((c) => `case ${c.id}:`).join('');
		return `function ${name}(o){${yes ? `switch(o){${yes}return true;}` : ''}return false;}`;
	}
	const formal = Array.from({ length: params }, (_, i) => `a${i}`);
	const arms = live.map((c) => {
		const args = [...(sleeps ? ['fp', '0', '0'] : []), ...formal.slice(0, c.params)];
		return `case ${c.id}:return ${c.callee}(${args.join(',')});`;
	});
	const all = ['k', 'o', ...(sleeps ? ['fp', 'pc', 'r'] : []), ...formal];
	return `function ${name}(${all.join(',')}){switch(o){${arms.join('')}}trap(k);}`;
}

function entryText({ entry }: Plan): string {
	const { init, booted, finished, check_state, check_end } = entry;
	return [
		`const init=${init};`,
		`const booted=${booted ?? 'null'};`,
		`const finished=${finished ?? 'null'};`,
		`const checkState=${check_state ?? 'null'},checkEnd=${check_end ?? 'null'};`,
		check_state
			? `function check(){${check_end ? `if(finished())checkEnd(${EVERYTHING});` : ''}checkState(${EVERYTHING});}`
			: 'function check(){}',
	].join('');
}

/** The tables of sites as the driver reads them: one typed array a column. */
export function siteTables({ sites, sleeping }: Generated): Record<string, Int32Array> {
	const names = sleeping.map((f) => f.js);
	const column = (of: (s: SiteEntry) => number): Int32Array => Int32Array.from(sites, of);
	const asking = ['wait', 'idle', 'choose'];
	return {
		functionOf: column((s) => names.indexOf(s.js)),
		caseOf: column((s) => s.pc),
		sizeOf: column((s) => s.live.length + 1),
		isCall: column((s) => (s.kind === 'call' ? 1 : 0)),
		asks: column((s) => (asking.includes(s.kind) ? 1 : 0)),
	};
}

function stacks(
	plan: Plan,
	reached: Reached,
	sleeping: FunctionPlan[],
	sites: readonly SiteEntry[],
): { stackWords: Map<string, number>; depth: number } {
	const words = new Map<string, number>();
	const frames = new Map<string, number>();
	const bySource = new Map(sleeping.map((f) => [f.js, sites.filter((s) => s.js === f.js)]));
	// recursion was refused when the program was lowered
	const measure = (js: string): void => {
		if (words.has(js)) return;
		let [w, n] = [1, 1];
		for (const s of bySource.get(js) ?? []) {
			const here = s.live.length + 1;
			const through = s.callee !== undefined && s.callee in plan.dispatch;
			const callees = through ? calleesOf(plan, reached, s.callee!) : s.callee ? [s.callee] : [];
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
