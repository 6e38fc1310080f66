// SPDX-License-Identifier: GPL-2.0-only
/**
 * The shared state of the lowering: the program's declarations by symbol, the plan in the making,
 * and the list of diagnostics.
 */
import { ts } from 'ts-morph';
import type { Kind, SourcePosition } from '../../engine/machine.ts';
import type { Code, Diagnostic } from '../diagnostics.ts';
import { RULES } from '../diagnostics.ts';
import type { FieldPlan, FunctionPlan, LocalPlan, Plan, StructPlan } from '../plan.ts';
import type { Exports } from './exports.ts';
import type { Program } from './program.ts';
import { relative } from './program.ts';

/** The type of an expression's value; 'void': none. */
export interface ValueType {
	kind: Kind | 'void';
	/** a pointer's struct, an operations table's interface */
	cls?: string;
	/** of ints: one of NAMES, where it is not PLAIN */
	names?: number;
}

export interface FunctionInfo {
	name: string;
	js: string;
	sleeps: boolean;
	declaration: ts.FunctionDeclaration;
	returns: ValueType;
	parameters: ValueType[];
}

/** A member of an operations interface. */
export interface Operation {
	name: string;
	sleeps: boolean;
	nullable: boolean;
	parameters: ValueType[];
	returns: ValueType;
}
/** A function of a member of a table; `when`: the constant expression that chooses it. */
export interface Entry {
	f: FunctionInfo;
	when?: string;
}

export interface OperationsInterface {
	name: string;
	members: Map<string, Operation>;
	/** tables of this interface: id, and of each member what it may be */
	tables: { id: number; entries: Map<string, Entry[]> }[];
}

/** The callee of a call. */
export type Callee =
	| { t: 'function'; f: FunctionInfo }
	| { t: 'operation'; op: Operation; iface: string; table: ts.Expression }
	| { t: 'prelude'; name: string };

/** Those of the program's own code. */
export type CodeCallee = Exclude<Callee, { t: 'prelude' }>;

export class Context {
	readonly diagnostics: Diagnostic[] = [];
	readonly functions = new Map<ts.Symbol, FunctionInfo>();
	readonly classes = new Map<ts.Symbol, ts.ClassDeclaration>();
	readonly structs = new Map<string, StructPlan>();
	/** every const at top level, whether lowered code can use it or not */
	readonly consts = new Map<ts.Symbol, ts.VariableDeclaration>();
	readonly globals = new Map<ts.Symbol, FieldPlan>();
	readonly interfaces = new Map<ts.Symbol, OperationsInterface>();
	readonly interfaceNames = new Map<string, OperationsInterface>();
	/** ids of operations tables */
	readonly tables = new Map<ts.Symbol, number>();
	/** constants by symbol: their name, or undefined if it is not a constant */
	readonly constants = new Map<ts.Symbol, string | undefined>();
	readonly names = new Map<string, ts.Node>();
	readonly #expressionIndex = new Map<string, number>();
	readonly exports: Exports[] = [];
	/** sleeping functions that are started by spawn() */
	readonly spawned = new Set<string>();
	readonly plan: Plan = {
		config: [],
		constants: [],
		expressions: [],
		structs: [],
		globals: [],
		operations: [],
		functions: [],
		dispatch: {},
		traps: [],
		logs: [],
		marks: [],
		callerMarks: [],
		uses: [],
		resets: [],
		entry: { init: '' },
	};

	constructor(readonly program: Program) {}

	get checker(): ts.TypeChecker {
		return this.program.checker;
	}

	position(n: ts.Node): SourcePosition & { column: number } {
		const f = n.getSourceFile();
		const p = f.getLineAndCharacterOfPosition(n.getStart());
		return { file: relative(this.program.root, f), line: p.line + 1, column: p.character + 1 };
	}

	/** Adds a diagnostic, once for each place and code. */
	refuse(n: ts.Node, code: Code, message: string, fix: string = RULES[code].fix): void {
		const d = { ...this.position(n), code, message, fix };
		const same = (x: Diagnostic): boolean =>
			x.code === code && x.file === d.file && x.line === d.line && x.column === d.column;
		if (!this.diagnostics.some(same)) this.diagnostics.push(d);
	}

	/** The symbol of a name, through imports. */
	symbol(n: ts.Node): ts.Symbol | undefined {
		const parent = n.parent;
		const s =
			parent && ts.isShorthandPropertyAssignment(parent)
				? this.checker.getShorthandAssignmentValueSymbol(parent)
				: this.checker.getSymbolAtLocation(n);
		return s && s.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(s) : s;
	}

	/** The name of the prelude in an expression, if it is one. */
	preludeName(n: ts.Node): string | undefined {
		if (!ts.isIdentifier(n)) return undefined;
		const s = this.symbol(n);
		return s && this.isPrelude(s) ? s.name : undefined;
	}

	isPrelude(s: ts.Symbol): boolean {
		return !!s.declarations?.some((d) => d.getSourceFile() === this.program.prelude);
	}

	/** Top-level names are program-wide: paths, traces and %{PREFIX} use them. */
	claim(id: ts.Identifier): void {
		const other = this.names.get(id.text);
		if (other === id) return;
		if (other) {
			const p = this.position(other);
			this.refuse(id, 'K007', `'${id.text}' is also declared in ${p.file}:${p.line}`);
		} else this.names.set(id.text, id);
	}

	/** A constant expression as a token, or as the literal that it is. */
	token(text: string, bool: boolean): string {
		if (text === 'true' || text === 'false') return bool ? text : String(Number(text === 'true'));
		if (!bool && /^\d+$/.test(text)) return text;
		return `@${bool ? 'b' : 'x'}${this.expression(text)}@`;
	}

	expression(text: string): number {
		let i = this.#expressionIndex.get(text);
		if (i === undefined) {
			i = this.plan.expressions.push(text) - 1;
			this.#expressionIndex.set(text, i);
		}
		return i;
	}
}

/** The state while one function is lowered. */
export class FunctionContext {
	readonly locals = new Map<ts.Symbol, number>();
	readonly plans: LocalPlan[] = [];
	readonly calls = new Set<string>();
	readonly callSites: { at: ts.CallExpression; callee: CodeCallee }[] = [];
	readonly assigns = new Set<string>();
	/** its effect besides assignments: the reason why no wait condition may call it */
	effect: string | undefined;
	spawns: ts.Node | undefined;
	/** variables of the generated code that hold an address within one expression */
	scratch = 0;

	constructor(
		readonly cx: Context,
		readonly info: FunctionInfo,
	) {}

	declare(id: ts.Identifier, type: ValueType, inner: boolean): LocalPlan {
		const kind = type.kind === 'void' ? 'ptr' : type.kind;
		const plan = this.#add({ ...type, name: id.text, js: id.text, kind });
		if (inner) plan.inner = true;
		this.locals.set(this.cx.symbol(id)!, this.plans.length - 1);
		return plan;
	}

	temporary(kind: Kind, more: Omit<ValueType, 'kind'> = {}): number {
		this.#add({ ...more, name: '', js: 't', kind });
		return this.plans.length - 1;
	}

	/** Every local has a name of its own in the generated code; no name there ends in $ and digits. */
	#add(plan: LocalPlan): LocalPlan {
		plan.js += `$${this.plans.length}`;
		this.plans.push(plan);
		return plan;
	}

	scratchName(): string {
		return `s$$${this.scratch++}`;
	}

	local(n: ts.Node): number | undefined {
		const s = ts.isIdentifier(n) ? this.cx.symbol(n) : undefined;
		return s && this.locals.get(s);
	}

	trap(n: ts.Node, property: string, message: string, access?: string): number {
		const { file, line } = this.cx.position(n);
		const site = { file, line, property, message, function: this.info.name };
		return this.cx.plan.traps.push(access === undefined ? site : { ...site, access }) - 1;
	}
}

/** Without the parentheses and the `!` around it. */
export function strip(e: ts.Expression): ts.Expression {
	while (ts.isParenthesizedExpression(e) || ts.isNonNullExpression(e)) e = e.expression;
	return e;
}

/** Whether a node, or one within it, satisfies `p`. */
export function contains(n: ts.Node, p: (n: ts.Node) => boolean): boolean {
	return p(n) || !!ts.forEachChild(n, (c) => contains(c, p) || undefined);
}

export const isYield = (n: ts.Node): n is ts.YieldExpression =>
	n.kind === ts.SyntaxKind.YieldExpression;
export const sleepsWithin = (n: ts.Node): boolean => contains(n, isYield);

/** A function that has been lowered. */
export interface Analysed {
	fx: FunctionContext;
	plan: FunctionPlan;
}
