// SPDX-License-Identifier: GPL-2.0-only
/**
 * A test as text, in one canonical form, from which the parser reads the same test. The hash of a
 * test is that of this text without its name and its comments, so two files have the same hash if
 * and only if their contents are the same.
 *
 * The text may be longer than the file, and so than a file may be: up to PRINTED_MOST times.
 *
 * Interface: printTest printExpression printCondition hashTest
 */
import { createHash } from 'node:crypto';
import type {
	BinaryOp,
	Constant,
	Expr,
	InitItem,
	Location,
	Parameter,
	Process,
	Proposition,
	Statement,
	Test,
} from './ast.ts';
import { constantValue } from './constants.ts';
import { printHeader } from './header.ts';

export function printTest(test: Test): string {
	const title = [`C ${test.name}`];
	for (const quote of test.quotes) title.push(`"${quote}"`);
	for (const { key, value } of test.info) title.push(`${key}=${value}`);
	const header = printHeader(test.header);
	return `${title.join('\n')}\n\n${header === '' ? '' : `${header}\n`}${printBody(test)}`;
}

/** The hash of everything that decides the outcome: 32 hexadecimal digits. */
export function hashTest(test: Test): string {
	return createHash('md5').update(printBody(test)).digest('hex');
}

function printBody(test: Test): string {
	const init = test.init.map((item) => `\t${printInit(item)};\n`).join('');
	const parts = [test.init.length === 0 ? '{}\n' : `{\n${init}}\n`];
	for (const process of test.processes) parts.push(printProcess(process));
	const locations = test.locations.map((location) => `${printLocation(location)};`).join(' ');
	const asked = test.locations.length === 0 ? '' : `locations [${locations}]\n`;
	return `${parts.join('\n')}\n${asked}${printCondition(test)}\n`;
}

/** Numbers in decimal, names as they are. */
function printConstant({ text }: Pick<Constant, 'text'>): string {
	const value = /^-?[0-9]/.test(text) ? constantValue(text) : undefined;
	// What fits no int but with a minus before it is in decimal already.
	return value === undefined || Number.isNaN(value) ? text : String(value);
}

/** The int of a page; the first has no name. */
function printInt(int: Constant | null): string {
	return int === null || constantValue(int.text) === 0 ? '' : `[${printConstant(int)}]`;
}

function printInit(item: InitItem): string {
	const given = (value: Constant | null) => (value === null ? '' : ` = ${printConstant(value)}`);
	switch (item.kind) {
		case 'variable':
			return `${item.typed ? 'int ' : ''}${item.name.name}${given(item.value)}`;
		case 'placed': {
			const place = `${item.file.name}[${printConstant(item.page)}]${printInt(item.int)}`;
			return `int ${item.name.name} in ${place}${given(item.value)}`;
		}
		case 'register':
			return `${item.process.index}:${item.name.name}${given(item.value)}`;
		case 'file': {
			const pages = item.pages === null ? '' : `[${printConstant(item.pages)}]`;
			const values = item.values?.map(printConstant).join(', ');
			return `file ${item.name.name}${pages}${values === undefined ? '' : ` = {${values}}`}`;
		}
		case 'dir': {
			const entries = item.entries.map(({ name }) => name).join(', ');
			return `dir ${item.name.name}${entries === '' ? '' : ` = {${entries}}`}`;
		}
		case 'node':
			return `P${item.process.index} on ${printConstant(item.node)}`;
		case 'child':
			return `P${item.process.index} child of P${item.parent.index}`;
		case 'shares':
			return `P${item.process.index} shares P${item.owner.index}`;
	}
}

// ---- processes

function printProcess({ index, params, body }: Process): string {
	const lines = body.flatMap((s) => printStatement(s, 1));
	return `P${index}(${params.map(printParameter).join(', ')})\n{\n${lines.join('')}}\n`;
}

function printParameter({ kind, qualifiers, name }: Parameter): string {
	if (kind === 'file') return [...qualifiers, 'file', name.name].join(' ');
	const type = qualifiers.includes('atomic_int') ? 'atomic_int' : 'int';
	const before = qualifiers.filter((q) => q !== 'atomic_int').map((q) => `${q} `);
	return `${before.join('')}${type} *${name.name}`;
}

/** A printed test is at most so many times as long: each `;` gets a line, with tabs. */
export const PRINTED_MOST = 16;
const TABS_MOST = 8;
const tabs = (depth: number): string => '\t'.repeat(Math.min(depth, TABS_MOST));

/** Its lines, each with its newline. */
function printStatement(s: Statement, depth: number): string[] {
	const indent = tabs(depth);
	const line = (text: string) => [`${indent}${text}\n`];
	switch (s.kind) {
		case 'empty':
			return line(';');
		case 'break':
		case 'continue':
		case 'return':
			return line(`${s.kind};`);
		case 'expression':
			return line(`${printExpression(s.value)};`);
		case 'assign': {
			const target = printExpression(s.target);
			return line(`${target} ${s.op ?? ''}= ${printExpression(s.value)};`);
		}
		case 'declare': {
			const list = s.declarators.map(({ name, pointer, init }) => {
				const value = init === null ? '' : ` = ${printExpression(init)}`;
				return `${pointer ? '*' : ''}${name.name}${value}`;
			});
			return line(`int ${list.join(', ')};`);
		}
		case 'block': {
			const body = s.body.flatMap((inner) => printStatement(inner, depth + 1));
			return [...line('{'), ...body, ...line('}')];
		}
		case 'while':
			return [
				...line(`while (${printExpression(s.test)})`),
				...printStatement(s.body, s.body.kind === 'block' ? depth : depth + 1),
			];
		case 'if':
			return printIf(s, depth);
	}
}

function printIf(s: Extract<Statement, { kind: 'if' }>, depth: number): string[] {
	const indent = tabs(depth);
	const inner = (part: Statement) =>
		printStatement(part, part.kind === 'block' ? depth : depth + 1);
	const lines = [`${indent}if (${printExpression(s.test)})\n`, ...inner(s.then)];
	if (s.else !== null) lines.push(`${indent}else\n`, ...inner(s.else));
	return lines;
}

// ---- expressions

const LEVELS: readonly (readonly BinaryOp[])[] = [
	['||'],
	['&&'],
	['|'],
	['^'],
	['&'],
	['==', '!='],
	['<', '<=', '>', '>='],
	['<<', '>>'],
	['+', '-'],
	['*', '/', '%'],
];
const CONDITIONAL = 0;
const UNARY = LEVELS.length + 1;
const POSTFIX = UNARY + 1;

function levelOf(e: Expr): number {
	switch (e.kind) {
		case 'conditional':
			return CONDITIONAL;
		case 'binary':
			return LEVELS.findIndex((ops) => ops.includes(e.op)) + 1;
		case 'unary':
		case 'deref':
		case 'address':
		case 'literal':
			return UNARY;
		default:
			return POSTFIX;
	}
}

export function printExpression(e: Expr): string {
	switch (e.kind) {
		case 'int':
			return printConstant(e);
		case 'string':
			return `"${e.text}"`;
		case 'name':
			return e.name;
		case 'sizeof':
			return 'sizeof(int)';
		case 'unary': {
			const operand = at(e.operand, UNARY);
			return e.op + (operand.startsWith(e.op) ? `(${operand})` : operand);
		}
		case 'binary': {
			const level = levelOf(e);
			return `${at(e.left, level)} ${e.op} ${at(e.right, level + 1)}`;
		}
		case 'conditional': {
			const [then, other] = [printExpression(e.then), printExpression(e.else)];
			return `${at(e.test, CONDITIONAL + 1)} ? ${then} : ${other}`;
		}
		case 'deref':
			return `*${at(e.pointer, UNARY)}`;
		case 'index':
			return `${at(e.pointer, POSTFIX)}[${printExpression(e.index)}]`;
		case 'address':
			return `&${e.of.name}`;
		case 'literal':
			return `&(int){${printExpression(e.value)}}`;
		case 'call':
			return `${e.callee.name}(${e.args.map(printExpression).join(', ')})`;
	}
}

/** In parentheses if its precedence is lower than its place needs. */
function at(e: Expr, level: number): string {
	return levelOf(e) < level ? `(${printExpression(e)})` : printExpression(e);
}

// ---- locations and condition

function printLocation(location: Location): string {
	switch (location.kind) {
		case 'register':
			return `${location.process.index}:${location.name.name}`;
		case 'variable':
			return `[${location.name.name}]`;
		case 'page':
			return `${location.file.name}[${printConstant(location.page)}]${printInt(location.int)}`;
	}
}

/** As herd7 prints it: `exists (0:r0=1 /\ [x]=2)`. */
export function printCondition(test: Test): string {
	return `${test.quantifier} (${printProposition(test.condition, 'top')})`;
}

type Above = 'top' | 'or' | 'and' | 'implies';

/** The parentheses are those of herd7: and inside or has none, everything else does. */
function printProposition(p: Proposition, above: Above): string {
	switch (p.kind) {
		case 'constant':
			return String(p.value);
		case 'atom':
			return `${printLocation(p.location)}=${printConstant(p.value)}`;
		case 'same':
			return `${printLocation(p.left)}=${printLocation(p.right)}`;
		case 'not':
			return `not (${printProposition(p.operand, 'top')})`;
		case 'and':
		case 'or': {
			const sign = p.kind === 'and' ? ' /\\ ' : ' \\/ ';
			const text = p.operands.map((operand) => printProposition(operand, p.kind)).join(sign);
			const bare = above === 'top' || (above === 'or' && p.kind === 'and');
			return bare ? text : `(${text})`;
		}
		case 'implies': {
			const left = printProposition(p.left, 'implies');
			const text = `${left} => ${printProposition(p.right, 'implies')}`;
			return above === 'top' ? text : `(${text})`;
		}
	}
}
