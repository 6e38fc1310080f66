// SPDX-License-Identifier: GPL-2.0-only
/**
 * The syntax tree of a litmus file, as the parser builds it and the printer prints it. `at` is the
 * place of a node in the text; all other members are its contents.
 */
import type { Source, Span } from './error.ts';

export interface Name {
	name: string;
	at: Span;
}
/** A constant of the init part or of the condition: a number, or the name of one (`EBADF`). */
export interface Constant {
	text: string;
	at: Span;
}

export type Expr =
	| { kind: 'int'; text: string; at: Span }
	| { kind: 'string'; text: string; at: Span }
	/** a local, a parameter, errno, or a constant of the headers */
	| { kind: 'name'; name: string; at: Span }
	| { kind: 'sizeof'; at: Span }
	| { kind: 'unary'; op: UnaryOp; operand: Expr; at: Span }
	| { kind: 'binary'; op: BinaryOp; left: Expr; right: Expr; at: Span }
	| { kind: 'conditional'; test: Expr; then: Expr; else: Expr; at: Span }
	/** `*pointer` */
	| { kind: 'deref'; pointer: Expr; at: Span }
	/** `pointer[index]` */
	| { kind: 'index'; pointer: Expr; index: Expr; at: Span }
	/** `&r0`: the buffer of pread and pwrite */
	| { kind: 'address'; of: Name; at: Span }
	/** `&(int){value}`: the buffer of pwrite */
	| { kind: 'literal'; value: Expr; at: Span }
	| { kind: 'call'; callee: Name; args: Expr[]; at: Span };
export type UnaryOp = '-' | '+' | '~' | '!';
// biome-ignore format: in order of precedence
export type BinaryOp =
	| '*' | '/' | '%' | '+' | '-' | '<<' | '>>' | '<' | '<=' | '>' | '>=' | '==' | '!='
	| '&' | '^' | '|' | '&&' | '||';

export type Call = Extract<Expr, { kind: 'call' }>;
export type Access = Extract<Expr, { kind: 'deref' | 'index' }>;

export interface Declarator {
	name: Name;
	/** `int *name` */
	pointer: boolean;
	init: Expr | null;
}
export type Statement =
	| { kind: 'declare'; declarators: Declarator[]; at: Span }
	/** `target = value;`, `target op= value;` */
	| { kind: 'assign'; target: Expr; op: BinaryOp | null; value: Expr; at: Span }
	| { kind: 'expression'; value: Expr; at: Span }
	| { kind: 'if'; test: Expr; then: Statement; else: Statement | null; at: Span }
	| { kind: 'while'; test: Expr; body: Statement; at: Span }
	| { kind: 'block'; body: Statement[]; at: Span }
	| { kind: 'break' | 'continue' | 'return' | 'empty'; at: Span };

/** `int *x` is a variable, `file f` an open descriptor. */
export interface Parameter {
	kind: 'variable' | 'file';
	/** `volatile`, `const`, as written; `atomic_int` for the C11 type; `O_DIRECT` of a file */
	qualifiers: string[];
	name: Name;
	at: Span;
}
export interface Process {
	index: number;
	params: Parameter[];
	body: Statement[];
	at: Span;
	/** of `P0` alone */
	nameAt: Span;
}

export interface ProcessName {
	index: number;
	at: Span;
}
export type InitItem =
	/** `x = 1;` `int x;` */
	| { kind: 'variable'; name: Name; typed: boolean; value: Constant | null; at: Span }
	/** `int x in f[1] = 1;` `int x in f[1][3];` */
	| {
			kind: 'placed';
			name: Name;
			file: Name;
			page: Constant;
			int: Constant | null;
			value: Constant | null;
			at: Span;
	  }
	/** `0:r0 = 1;` */
	| { kind: 'register'; process: ProcessName; name: Name; value: Constant; at: Span }
	/** `file f[2] = {1, 0};` */
	| { kind: 'file'; name: Name; pages: Constant | null; values: Constant[] | null; at: Span }
	/** `dir d = {f, g}`: a directory, and the files that it has entries of */
	| { kind: 'dir'; name: Name; entries: Name[]; at: Span }
	/** `P0 on 1;` */
	| { kind: 'node'; process: ProcessName; node: Constant; at: Span }
	/** `P1 child of P0;` */
	| { kind: 'child'; process: ProcessName; parent: ProcessName; at: Span }
	/** `P1 shares P0;` */
	| { kind: 'shares'; process: ProcessName; owner: ProcessName; at: Span };

/** A place whose final value is observed. */
export type Location =
	/** `0:r0`; also `0:errno` and `0:signal` */
	| { kind: 'register'; process: ProcessName; name: Name; at: Span }
	/** `x`, `[x]` */
	| { kind: 'variable'; name: Name; at: Span }
	/** `f[1]` `f[1][3]` */
	| { kind: 'page'; file: Name; page: Constant; int: Constant | null; at: Span };

export type Proposition =
	| { kind: 'constant'; value: boolean; at: Span }
	| { kind: 'atom'; location: Location; value: Constant; at: Span }
	/** `0:r0 = 1:r1` */
	| { kind: 'same'; left: Location; right: Location; at: Span }
	| { kind: 'not'; operand: Proposition; at: Span }
	| { kind: 'and' | 'or'; operands: Proposition[]; at: Span }
	| { kind: 'implies'; left: Proposition; right: Proposition; at: Span };

export type Quantifier = 'exists' | '~exists' | 'forall';

export type Expectation =
	| 'Never'
	| 'Sometimes'
	| 'Always'
	| 'Maybe'
	| 'DEADLOCK'
	| 'verified'
	| 'violated'
	| 'vacuous';

/** The fields of the header comment, and its sentences. */
export interface Header {
	/** the sentences, a line a line */
	text: string;
	/** by profile; `*`: every profile that is not named */
	results: Record<string, Expectation>;
	/** the same for `check --progress` */
	progress: Record<string, Expectation>;
	/** symbols that decide the test: of each group at least one is needed; some for progress only */
	needs: { profile: string; groups: string[][]; progress?: true }[];
	/** coverage marks without which a verdict is vacuous */
	exercises: string[];
	source: string[];
	/** configuration of the machine, for this test */
	bounds: Record<string, number>;
	/** nodes that may die, and how many of them at most */
	/** how often an access may lose the lock of its file, at most, before it is done */
	overtaken?: number;
	dies?: { most: number; nodes: number[] };
	/** lock modules that it is for; a plain run takes the first; none: all that apply */
	modules: string[];
	/** why its verdict does not count for a profile */
	outside?: string;
}

/** A word of a header field that names something, with its place. */
export interface Said {
	/** of which field */
	field: string;
	kind: 'profile' | 'symbol' | 'mark' | 'bound' | 'node' | 'deaths' | 'module';
	text: string;
	/** of a bound, a node, or a number of deaths */
	value?: number;
	at: Span;
}

export interface Test {
	name: string;
	/** quoted strings after the name, such as the cycle from which diy made the test */
	quotes: string[];
	/** `Key=value` lines between the name and the init part */
	info: { key: string; value: string }[];
	header: Header;
	/** names in the header; conform/header.ts checks that they exist */
	said: Said[];
	init: InitItem[];
	processes: Process[];
	locations: Location[];
	quantifier: Quantifier;
	condition: Proposition;
	/** the place of the condition */
	at: Span;
	source: Source;
}
