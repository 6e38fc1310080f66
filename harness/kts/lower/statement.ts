// SPDX-License-Identifier: GPL-2.0-only
/** Statements without suspension, one for one in the generated code; and plain functions. */
import { ts } from 'ts-morph';
import { constantText, constantToken, neededFor, sureFor } from './constants.ts';
import type { FunctionContext, ValueType } from './context.ts';
import { chosen, condition, effect, value } from './expression.ts';
import { kindOfDeclaration, mustMatch } from './kinds.ts';

const SK = ts.SyntaxKind;

export function statement(fx: FunctionContext, s: ts.Statement): string {
	if (ts.isBlock(s)) return `{${statements(fx, s.statements)}}`;
	if (ts.isEmptyStatement(s)) return ';';
	if (ts.isVariableStatement(s)) return `${variables(fx, s.declarationList)};`;
	if (ts.isExpressionStatement(s)) return `${effect(fx, s.expression)};`;
	if (ts.isIfStatement(s)) return ifStatement(fx, s);
	if (ts.isWhileStatement(s)) return whileStatement(fx, s);
	if (ts.isDoStatement(s))
		return `do${body(fx, s.statement)}while(${condition(fx, s.expression)});`;
	if (ts.isForStatement(s)) return forStatement(fx, s);
	if (ts.isSwitchStatement(s)) return switchStatement(fx, s);
	if (ts.isReturnStatement(s)) return returnStatement(fx, s);
	if (ts.isBreakStatement(s) || ts.isContinueStatement(s)) {
		if (s.label) fx.cx.refuse(s, 'K002', `label '${s.label.text}'`);
		return ts.isBreakStatement(s) ? 'break;' : 'continue;';
	}
	refuseStatement(fx, s);
	return '';
}

/** Code after an `if` that certainly leaves, in a configuration, is dropped. */
function statements(fx: FunctionContext, list: readonly ts.Statement[], from = 0): string {
	if (from === list.length) return '';
	const s = list[from];
	const text = statement(fx, s);
	const rest = statements(fx, list, from + 1);
	const sure =
		rest && ts.isIfStatement(s) && leaves(s.thenStatement) ? sureFor(fx.cx, s.expression) : '';
	if (!sure || !ts.isIfStatement(s)) return text + rest;
	return chosen(fx, sure, text, text + rest);
}

/** Does nothing come after a statement? */
function leaves(s: ts.Statement): boolean {
	if (ts.isBlock(s))
		return s.statements.length > 0 && leaves(s.statements[s.statements.length - 1]);
	return ts.isReturnStatement(s) || ts.isBreakStatement(s) || ts.isContinueStatement(s);
}

export function refuseStatement(fx: FunctionContext, s: ts.Statement): void {
	fx.cx.refuse(s, 'K002', `'${s.getText().split('\n')[0].slice(0, 40)}' (${SK[s.kind]})`);
}

const body = (fx: FunctionContext, s: ts.Statement): string => `{${statement(fx, s)}}`;

function ifStatement(fx: FunctionContext, s: ts.IfStatement): string {
	const yes = body(fx, s.thenStatement);
	const no = s.elseStatement && body(fx, s.elseStatement);
	const constant = constantText(fx.cx, s.expression);
	if (constant !== undefined) return chosen(fx, constant, yes, no ?? '');
	const test = condition(fx, s.expression);
	const needed = neededFor(fx.cx, s.expression);
	if (needed === undefined) return `if(${test})${yes}${no ? `else${no}` : ''}`;
	return chosen(fx, needed, `if(${test})${yes}${no ? 'else' : ''}`, `${test};`) + (no ?? '');
}

function whileStatement(fx: FunctionContext, s: ts.WhileStatement): string {
	const test = condition(fx, s.expression);
	const loop = `while(${test})${body(fx, s.statement)}`;
	const needed = neededFor(fx.cx, s.expression);
	return needed === undefined ? loop : chosen(fx, needed, loop, `${test};`);
}

function forStatement(fx: FunctionContext, s: ts.ForStatement): string {
	const i = s.initializer;
	const start = !i ? '' : ts.isVariableDeclarationList(i) ? variables(fx, i) : effect(fx, i);
	const test = s.condition ? condition(fx, s.condition) : '';
	const next = s.incrementor ? effect(fx, s.incrementor) : '';
	return `for(${start};${test};${next})${body(fx, s.statement)}`;
}

function switchStatement(fx: FunctionContext, s: ts.SwitchStatement): string {
	const clauses = s.caseBlock.clauses.map((c) => {
		const label = ts.isCaseClause(c) ? `case ${caseValue(fx, c)}:` : 'default:';
		return label + statements(fx, c.statements);
	});
	return `switch(${value(fx, s.expression)}){${clauses.join('')}}`;
}

export function caseValue(fx: FunctionContext, c: ts.CaseClause): string {
	const token = constantToken(fx.cx, c.expression);
	if (token === undefined)
		fx.cx.refuse(c.expression, 'K006', `case '${c.expression.getText()}' is no constant`);
	return token ?? '0';
}

function returnStatement(fx: FunctionContext, s: ts.ReturnStatement): string {
	if (!s.expression) return 'return;';
	mustMatch(fx, s.expression, fx.info.returns);
	return `return ${value(fx, s.expression)};`;
}

/** The declarations of a list that the language allows, with the kind of each. */
export function declared(
	fx: FunctionContext,
	list: ts.VariableDeclarationList,
): { d: ts.VariableDeclaration; id: ts.Identifier; type: ValueType }[] {
	if (!(list.flags & ts.NodeFlags.BlockScoped))
		fx.cx.refuse(list, 'K002', 'var', 'use let or const');
	return list.declarations.flatMap((d) => {
		const id = d.name;
		if (!ts.isIdentifier(id)) {
			fx.cx.refuse(d, 'K002', 'a pattern', 'declare one local at a time');
			return [];
		}
		const type = kindOfDeclaration(fx.cx, id);
		if (['ints', 'structs', 'ptrs', 'pool'].includes(type.kind))
			fx.cx.refuse(id, 'K004', `'${id.text}' is an array or a pool`);
		if (d.initializer) mustMatch(fx, d.initializer, type);
		return [{ d, id, type }];
	});
}

function variables(fx: FunctionContext, list: ts.VariableDeclarationList): string {
	const all = declared(fx, list).map(({ d, id, type }) => {
		const v = d.initializer ? value(fx, d.initializer) : type.kind === 'bool' ? 'false' : '0';
		return `${fx.declare(id, type, true).js}=${v}`;
	});
	return `let ${all.join(',')}`;
}

/** A plain function in the generated code. */
export function plainFunction(fx: FunctionContext): string {
	const { declaration, js } = fx.info;
	const params = declareParameters(fx, true);
	const text = statements(fx, declaration.body!.statements);
	return `function ${js}(${params.join(',')}){${scratchText(fx)}${text}}`;
}

export function declareParameters(fx: FunctionContext, inner: boolean): string[] {
	return fx.info.declaration.parameters.map((p, i) => {
		const id = p.name as ts.Identifier;
		return fx.declare(id, fx.info.parameters[i], inner).js;
	});
}

function scratchText(fx: FunctionContext): string {
	const names = Array.from({ length: fx.scratch }, (_, i) => `s$$${i}=0`);
	return names.length > 0 ? `let ${names.join(',')};` : '';
}
