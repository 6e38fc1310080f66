// SPDX-License-Identifier: GPL-2.0-only
/**
 * The plan: what the lowering knows about a program before any configuration is chosen. It is
 * plain JSON, the `meta` of an Artifact. machine/ turns a plan and a configuration into a
 * machine.
 *
 * Generated JavaScript is a template. It has a token for everything that a configuration decides:
 *   @x12@         the value of constant expression 12       @b12@   the same, as true or false
 *   @nPATH@       number of elements of an array            @ePATH@ words from one to the next
 *   @sSTRUCT@     size of a struct
 *   @kSTRUCT@     the function that checks pointers to a struct, machine/sanitize.ts
 *   @kSTRUCT,P,T@ the pointer P to a struct, checked: trap T; P is a local
 *   @iPATH,I,T@   the index I of an array, checked: trap T; I is a local or a number
 *   @(@A@)@       the word at address A: an element of mem, or R(A) where accesses are tracked
 *   @!@           nothing, or N(a); where accesses are tracked
 *   @+REF,REF@    a sum of static distances: gNAME the address of a global, oSTRUCT.FIELD the
 *                 offset of a field
 *   @?12@A@:@B@.@ A where constant expression 12 is true, else B; either may be empty
 * and for the references of a piece of code, to find what a configuration leaves of it:
 *   @>NAME@       NAME: a function that is called there
 *   @*NAME@       NAME: a function that a task is started with
 *   @#12@         12: the id of an operations table
 *   @~12@         nothing: use 12 of what the kernel has only with some symbols; a REF may end so
 *   @=PATH@       nothing: the field is assigned there
 * where PATH is STRUCT.FIELD or the name of a global.
 */
import type { Kind, LogSite, SourcePosition, TrapSite } from '../engine/machine.ts';

export type IndexedBy = 'node' | 'proc' | 'task';

/** A struct's field, or a global. */
export interface FieldPlan {
	name: string;
	kind: Kind;
	cls?: string;
	/** index of the constant expression that is the array's length */
	length?: number;
	/** its length is NR_NODES, NR_PROCS or NR_TASKS: element i belongs to node, program, task i */
	indexedBy?: IndexedBy;
	/** what an int, or each of an array of ints, names: one of NAMES, where it is not PLAIN */
	names?: number;
	/** initial value (a template), where it may be other than 0 */
	initial?: string;
}

export interface StructPlan {
	name: string;
	fields: FieldPlan[];
}

export interface ConstantPlan {
	name: string;
	/** a JavaScript expression over config() and the constants before it */
	js: string;
	bool: boolean;
}

export interface LocalPlan {
	/** as in the source; temporaries have none */
	name: string;
	js: string;
	kind: Kind;
	cls?: string;
	/** what it names: one of NAMES, where its kind does not say it */
	names?: number;
	/** declared within a piece of straight code: never saved */
	inner?: true;
}

/** A piece of straight code. Locals are named by their index in the function. */
export interface Op {
	js: string;
	reads: number[];
	/** the local that it certainly overwrites, or -1 */
	writes: number;
}

export type LeafKind = 'wait' | 'idle' | 'preempt' | 'choose';

/** How a basic block ends. */
export type End =
	| { t: 'goto'; to: number }
	| { t: 'branch'; js: string; reads: number[]; yes: number; no: number; constant?: number }
	| { t: 'return'; js: string; reads: number[] }
	/**
	 * `js` is the condition of a wait, or a number of choices: of a wait that `counts`, of choose()
	 */
	| ({ t: 'leaf'; kind: LeafKind; counts?: true; js: string; result: number } & Suspension)
	/** `callee` is called as `callee(before fp, 0, 0, args)` */
	| ({ t: 'call'; callee: string; before: string; args: string; result: number } & Suspension);

interface Suspension {
	reads: number[];
	next: number;
	at: SourcePosition;
}

export interface Block {
	ops: Op[];
	end: End;
}

/** The control-flow graph of a sleeping function. Block 0 is its entry. */
export interface Flow {
	locals: LocalPlan[];
	/** the first locals are the parameters */
	params: number;
	blocks: Block[];
}

/** An end of a queue: what a function's comment says with `@fifo`. */
export type Fifo = 'send' | 'receive' | 'pending';

export interface FunctionPlan extends SourcePosition {
	/** as in the source */
	name: string;
	/** in the generated code */
	js: string;
	params: number;
	fifo?: Fifo;
	/** a plain function's text */
	code?: string;
	flow?: Flow;
	/** variables that its code needs besides the locals */
	scratch?: number;
}

export interface OperationsPlan {
	name: string;
	iface: string;
	/** uses that its entries are; `when`: the constant expression with which it has the entry */
	fills?: { use: number; when?: number }[];
}

/** Where a module uses what the kernel has only with some symbols. */
export interface UsePlan extends SourcePosition {
	/** a function, OPERATIONS.member or STRUCT.field */
	name: string;
	/** `on`: the constant expression that the symbol is */
	needs: readonly { symbol: string; on: number }[];
}

/** A call through a table, or a test whether a table has an operation. */
export interface DispatchPlan {
	asks: boolean;
	sleeps: boolean;
	/** of the operation */
	params: number;
	/**
	 * the tables that have it: id, function, how many parameters that takes, and with which constant
	 * expression, if not always
	 */
	cases: { id: number; callee: string; params: number; when?: number }[];
}

export interface Plan {
	/** `js` is the default, an expression over the constants before */
	config: { name: string; js: string }[];
	constants: ConstantPlan[];
	/** anonymous constant expressions, over the constants */
	expressions: string[];
	structs: StructPlan[];
	globals: FieldPlan[];
	/** tables by id - 1 */
	operations: OperationsPlan[];
	functions: FunctionPlan[];
	/** by name in generated code */
	dispatch: Record<string, DispatchPlan>;
	/** `access`: what is said of a struct that was freed, lower/access.ts */
	traps: (TrapSite & { access?: string })[];
	logs: (LogSite & { args: { kind: Kind; cls?: string }[] })[];
	marks: string[];
	/** marks that the name of a function is put behind */
	callerMarks: string[];
	uses: UsePlan[];
	/** structs on which reset_struct() is called */
	resets: string[];
	/** the entry's exports, with their names in generated code */
	entry: {
		init: string;
		booted?: string;
		finished?: string;
		check_state?: string;
		check_end?: string;
	};
}

export const KINDS_EMBEDDED: ReadonlySet<Kind> = new Set<Kind>([
	'struct',
	'ints',
	'structs',
	'ptrs',
	'pool',
]);
