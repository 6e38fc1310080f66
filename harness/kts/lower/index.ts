// SPDX-License-Identifier: GPL-2.0-only
/**
 * The lowering: from a source tree in kernel TypeScript to a plan and a template of plain code. It
 * knows no configuration; machine/ makes a machine from both.
 */
import { ts } from 'ts-morph';
import { LoweringError } from '../diagnostics.ts';
import type { Plan } from '../plan.ts';
import { type Analysed, Context, FunctionContext } from './context.ts';
import { declare } from './declarations.ts';
import { analyse } from './effects.ts';
import { fifoOf } from './fifo.ts';
import { FlowBuilder } from './flow.ts';
import { initialisers } from './initialise.ts';
import { dispatchers } from './operations.ts';
import type { ProgramInputs, Sources } from './program.ts';
import { readProgram, relative } from './program.ts';
import { plainFunction } from './statement.ts';

export interface Lowered {
	/** initialisers, as a template: functions are in the plan */
	code: string;
	meta: Plan;
	/** the program's files, relative to root */
	files: string[];
	inputs: ProgramInputs;
}

export function lower(sources: Sources): Lowered {
	const program = readProgram(sources);
	if (program.errors.length > 0) throw new LoweringError(program.errors);
	const cx = new Context(program);
	declare(cx);
	const all = new Map<string, Analysed>();
	for (const f of cx.functions.values()) {
		const fx = new FunctionContext(cx, f);
		const flow = f.sleeps ? new FlowBuilder(fx).build() : undefined;
		const code = flow ? undefined : plainFunction(fx);
		all.set(f.js, { fx, plan: functionPlan(fx, flow, code) });
	}
	entryPoints(cx);
	dispatchers(cx);
	analyse(cx, all);
	if (cx.diagnostics.length > 0) throw new LoweringError(inOrder(cx));
	const files = program.files.map((f) => relative(sources.root, f));
	return { code: initialisers(cx), meta: cx.plan, files, inputs: program.inputs };
}

function functionPlan(
	fx: FunctionContext,
	flow: ReturnType<FlowBuilder['build']> | undefined,
	code: string | undefined,
) {
	const { name, js, declaration } = fx.info;
	const { file, line } = fx.cx.position(declaration.name!);
	const fifo = fifoOf(fx.cx, declaration);
	return {
		name,
		js,
		file,
		line,
		params: declaration.parameters.length,
		...(fifo ? { fifo } : {}),
		...(code === undefined ? {} : { code }),
		...(flow ? { flow, scratch: fx.scratch } : {}),
	};
}

function inOrder(cx: Context) {
	const files = cx.program.files.map((f) => f.fileName);
	const rank = (file: string): number => files.findIndex((f) => f.endsWith(file));
	return [...cx.diagnostics].sort(
		(a, b) => rank(a.file) - rank(b.file) || a.line - b.line || a.column - b.column,
	);
}

/** The functions that the executors call, by the names that the entries export. */
const ENTRY_POINTS = ['init', 'booted', 'finished', 'check_state', 'check_end'];

function entryPoints(cx: Context): void {
	const entry: Record<string, string> = {};
	for (const file of cx.program.entries)
		for (const s of cx.checker.getExportsOfModule(cx.checker.getSymbolAtLocation(file)!)) {
			const real = s.flags & ts.SymbolFlags.Alias ? cx.checker.getAliasedSymbol(s) : s;
			const f = cx.functions.get(real);
			if (!f || !ENTRY_POINTS.includes(s.name)) continue;
			if (f.sleeps) cx.refuse(f.declaration.name!, 'K024', `${s.name}() is a function*`);
			else entry[s.name] = f.js;
		}
	if (entry.check_end && !(entry.check_state && entry.finished))
		cx.refuse(cx.program.entries[0], 'K024', 'check_end() without check_state() and finished()');
	if (!entry.init) cx.refuse(cx.program.entries[0], 'K024', 'no init() is exported');
	cx.plan.entry = { init: '', ...entry };
}
