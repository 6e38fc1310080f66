// SPDX-License-Identifier: GPL-2.0-only
/**
 * A sleeping function as a control-flow graph. Only some statements become blocks: those with a
 * suspension, jumps out of them, branches on a constant (so that a configuration can drop one side
 * before liveness is computed), and branches that assign a local (or liveness would keep a local
 * that both sides overwrite). The rest stays as it was written.
 */
import { ts } from 'ts-morph';
import { NAMES } from '../../engine/machine.ts';
import type { Block, End, Flow } from '../plan.ts';
import { isAssignment } from './assignment.ts';
import { constantText } from './constants.ts';
import type { FunctionContext, ValueType } from './context.ts';
import { contains, isYield, sleepsWithin, strip } from './context.ts';
import { arithmetic, condition, effect, isArithmetic, value, word } from './expression.ts';
import { kindOf, mustMatch } from './kinds.ts';
import { namesOf } from './names.ts';
import { readsOf } from './reads.ts';
import { caseValue, declared, declareParameters, refuseStatement, statement } from './statement.ts';
import { pendingStore, suspend } from './suspend.ts';

const SK = ts.SyntaxKind;

/** A value that is ready for use, and the locals that it reads. */
export interface Ready {
	js: string;
	reads: number[];
}

type Draft = { ops: Block['ops']; end?: End };

export class FlowBuilder {
	readonly blocks: Draft[] = [];
	current = 0;
	readonly #jumps: { exit: number; again?: number }[] = [];

	constructor(readonly fx: FunctionContext) {
		this.block();
	}

	build(): Flow {
		const params = declareParameters(this.fx, false).length;
		for (const s of this.fx.info.declaration.body!.statements) this.statement(s);
		const blocks = this.blocks.map(({ ops, end }) => ({
			ops,
			end: end ?? { t: 'return' as const, js: '0', reads: [] },
		}));
		return { locals: this.fx.plans, params, blocks };
	}

	// ---- blocks ---------------------------------------------------------------------------

	block(): number {
		return this.blocks.push({ ops: [] }) - 1;
	}
	/** Ends the current block, unless a jump already has, and goes on with `next`. */
	end(end: End, next?: number): void {
		this.blocks[this.current].end ??= end;
		if (next !== undefined) this.current = next;
	}
	goto(to: number, next: number): void {
		this.end({ t: 'goto', to }, next);
	}
	op(js: string, reads: number[], writes = -1): void {
		this.blocks[this.current].ops.push({ js, reads, writes });
	}
	assign(local: number, v: Ready): void {
		this.op(`${this.fx.plans[local].js}=${v.js};`, v.reads, local);
	}

	// ---- statements -----------------------------------------------------------------------

	statement(s: ts.Statement): void {
		if (this.blocks[this.current].end) this.current = this.block(); // unreachable
		if (ts.isBlock(s)) for (const x of s.statements) this.statement(x);
		else if (ts.isVariableStatement(s)) this.#variables(s.declarationList);
		else if (ts.isExpressionStatement(s)) this.expression(s.expression);
		else if (ts.isReturnStatement(s)) this.#returns(s);
		else if (!this.#mustCut(s)) {
			const js = statement(this.fx, s);
			this.op(js, readsOf(this.fx, s));
		} else this.#compound(s);
	}

	#compound(s: ts.Statement): void {
		if (ts.isIfStatement(s)) this.#ifStatement(s);
		else if (ts.isWhileStatement(s)) this.#loop(s.statement, s.expression);
		else if (ts.isForStatement(s)) this.#forStatement(s);
		else if (ts.isDoStatement(s)) this.#doStatement(s);
		else if (ts.isSwitchStatement(s)) this.#switchStatement(s);
		else if (ts.isBreakStatement(s) || ts.isContinueStatement(s)) this.#jump(s);
		else refuseStatement(this.fx, s);
	}

	#mustCut(s: ts.Statement): boolean {
		const cut = (n: ts.Node): boolean =>
			isYield(n) ||
			ts.isReturnStatement(n) ||
			(ts.isIfStatement(n) && this.#hasConstant(n.expression));
		if (contains(s, cut) || escapes(s, false, false)) return true;
		const branches = ts.isIfStatement(s) || ts.isSwitchStatement(s);
		return branches && contains(s, (n) => isAssignment(n) && this.fx.local(n.left) !== undefined);
	}

	/** Does a configuration decide a part of a condition? */
	#hasConstant(e: ts.Expression): boolean {
		const operands = (x: ts.Expression): ts.Expression[] => {
			if (ts.isParenthesizedExpression(x)) return operands(x.expression);
			if (ts.isPrefixUnaryExpression(x)) return operands(x.operand);
			const logical = ts.isBinaryExpression(x) && isLogical(x);
			return logical ? [...operands(x.left), ...operands(x.right)] : [x];
		};
		return operands(e).some((x) => constantText(this.fx.cx, x) !== undefined);
	}

	#variables(list: ts.VariableDeclarationList): void {
		for (const { d, id, type } of declared(this.fx, list)) {
			const y = d.initializer && yieldOf(d.initializer);
			const v = d.initializer && !y && this.ready(d.initializer, type);
			this.fx.declare(id, type, false);
			const local = this.fx.plans.length - 1;
			if (y) suspend(this, y, local);
			else if (v) this.assign(local, v);
		}
	}

	expression(e: ts.Expression): void {
		while (ts.isParenthesizedExpression(e)) e = e.expression;
		if (isYield(e)) {
			suspend(this, e);
			return;
		}
		const store = isAssignment(e) && e.operatorToken.kind === SK.EqualsToken ? e : undefined;
		const local = store && this.fx.local(store.left);
		if (store && local !== undefined) {
			const type = kindOf(this.fx, store.left);
			mustMatch(this.fx, store.right, type);
			const y = yieldOf(store.right);
			if (y) suspend(this, y, local);
			else this.assign(local, this.ready(store.right, type));
		} else if (store && sleepsWithin(store.right)) {
			const write = pendingStore(this, store);
			const type = kindOf(this.fx, store.left);
			mustMatch(this.fx, store.right, type);
			const v = this.ready(store.right, type, true);
			this.op(`${write.js(v.js)};`, [...write.reads, ...v.reads]);
		} else {
			const js = effect(this.fx, e);
			this.op(`${js};`, readsOf(this.fx, e));
		}
	}

	/** Evaluates an expression, suspensions within it first. */
	ready(e: ts.Expression, type: ValueType, asWord = false): Ready {
		if (!sleepsWithin(e))
			return { js: (asWord ? word : value)(this.fx, e), reads: readsOf(this.fx, e) };
		const v = this.hoist(e);
		return asWord && type.kind === 'bool' ? { ...v, js: `(${v.js}?1:0)` } : v;
	}

	/** An expression that begins with yield*. */
	hoist(e: ts.Expression): Ready {
		if (ts.isParenthesizedExpression(e) || ts.isNonNullExpression(e))
			return this.hoist(e.expression);
		if (isYield(e)) {
			const { kind, cls } = kindOf(this.fx, e);
			const more = kind === 'int' ? named(this.fx, e) : cls === undefined ? {} : { cls };
			const t = this.fx.temporary(kind === 'void' ? 'int' : kind, more);
			suspend(this, e, t);
			return { js: this.fx.plans[t].js, reads: [t] };
		}
		if (ts.isPrefixUnaryExpression(e) && e.operator === SK.ExclamationToken) {
			const v = this.hoist(e.operand);
			return { ...v, js: `!${v.js}` };
		}
		const first = ts.isBinaryExpression(e) && !sleepsWithin(e.right) && !isAssignment(e);
		const v = first ? this.#hoistLeft(e) : undefined;
		if (v) return v;
		const at = firstYield(e);
		this.fx.cx.refuse(at, 'K015', `'${at.getText().split('\n')[0].slice(0, 40)}' is not the first`);
		return { js: '0', reads: [] };
	}

	/** `(yield* f()) op right` */
	#hoistLeft(e: ts.BinaryExpression): Ready | undefined {
		const op = e.operatorToken.kind;
		const equal = op === SK.EqualsEqualsEqualsToken;
		if (!equal && op !== SK.ExclamationEqualsEqualsToken && !isArithmetic(op)) return undefined;
		const a = this.hoist(e.left);
		const reads = [...a.reads, ...readsOf(this.fx, e.right)];
		if (isArithmetic(op)) return { js: arithmetic(this.fx, e, op, e.left, a.js, e.right)!, reads };
		if (e.right.kind !== SK.NullKeyword) mustMatch(this.fx, e.left, kindOf(this.fx, e.right));
		return { js: `(${a.js}${equal ? '===' : '!=='}${value(this.fx, e.right)})`, reads };
	}

	#returns(s: ts.ReturnStatement): void {
		const type = this.fx.info.returns;
		const e = s.expression;
		if (e && !sleepsWithin(e)) mustMatch(this.fx, e, type);
		const v = e ? this.ready(e, type, true) : { js: '0', reads: [] };
		this.end({ t: 'return', ...v });
	}

	// ---- control --------------------------------------------------------------------------

	/** Ends the block with a branch; `&&` and `||` become branches of their own where it matters. */
	branch(expression: ts.Expression, yes: number, no: number): void {
		let e = expression;
		while (ts.isParenthesizedExpression(e)) e = e.expression;
		const constant = constantText(this.fx.cx, e);
		if (constant !== undefined) {
			const index = this.fx.cx.expression(constant);
			this.end({ t: 'branch', js: '', reads: [], yes, no, constant: index });
		} else if (ts.isPrefixUnaryExpression(e) && e.operator === SK.ExclamationToken) {
			this.branch(e.operand, no, yes);
		} else if (
			ts.isBinaryExpression(e) &&
			isLogical(e) &&
			(sleepsWithin(e) || this.#hasConstant(e))
		) {
			const second = this.block();
			const and = e.operatorToken.kind === SK.AmpersandAmpersandToken;
			this.branch(e.left, and ? second : yes, and ? no : second);
			this.current = second;
			this.branch(e.right, yes, no);
		} else {
			const plain = !sleepsWithin(e);
			const v = plain ? { js: condition(this.fx, e), reads: readsOf(this.fx, e) } : this.hoist(e);
			this.end({ t: 'branch', ...v, yes, no });
		}
	}

	#ifStatement(s: ts.IfStatement): void {
		const yes = this.block();
		const join = this.block();
		const no = s.elseStatement ? this.block() : join;
		this.branch(s.expression, yes, no);
		this.current = yes;
		this.statement(s.thenStatement);
		this.goto(join, no);
		if (s.elseStatement) {
			this.statement(s.elseStatement);
			this.goto(join, join);
		}
	}

	#loop(body: ts.Statement, test?: ts.Expression, next?: ts.Expression): void {
		const [head, inside, after] = [this.block(), this.block(), this.block()];
		const again = next ? this.block() : head;
		this.goto(head, head);
		if (test) this.branch(test, inside, after);
		else this.goto(inside, inside);
		this.current = inside;
		this.#within({ exit: after, again }, body);
		this.goto(again, again);
		if (next) {
			this.expression(next);
			this.goto(head, after);
		}
		this.current = after;
	}

	#forStatement(s: ts.ForStatement): void {
		const i = s.initializer;
		if (i && ts.isVariableDeclarationList(i)) this.#variables(i);
		else if (i) this.expression(i);
		this.#loop(s.statement, s.condition, s.incrementor);
	}

	#doStatement(s: ts.DoStatement): void {
		const [body, test, after] = [this.block(), this.block(), this.block()];
		this.goto(body, body);
		this.#within({ exit: after, again: test }, s.statement);
		this.goto(test, test);
		this.branch(s.expression, body, after);
		this.current = after;
	}

	#within(jump: { exit: number; again?: number }, body: ts.Statement): void {
		this.#jumps.push(jump);
		this.statement(body);
		this.#jumps.pop();
	}

	/** A chain of tests, then the clauses' code; an empty clause falls into the next. */
	#switchStatement(s: ts.SwitchStatement): void {
		const isBool = kindOf(this.fx, s.expression).kind === 'bool';
		const more = isBool ? {} : named(this.fx, s.expression);
		const t = this.fx.temporary(isBool ? 'bool' : 'int', more);
		this.assign(t, this.ready(s.expression, { kind: 'int' }));
		const clauses = s.caseBlock.clauses.map((c) => ({ c, at: this.block() }));
		const after = this.block();
		for (const { c, at } of clauses) {
			if (!ts.isCaseClause(c)) continue;
			const next = this.block();
			const js = `${this.fx.plans[t].js}===${caseValue(this.fx, c)}`;
			this.end({ t: 'branch', js, reads: [t], yes: at, no: next }, next);
		}
		this.goto(clauses.find(({ c }) => ts.isDefaultClause(c))?.at ?? after, after);
		const again = this.#jumps.findLast((j) => j.again !== undefined)?.again;
		this.#jumps.push({ exit: after, again });
		clauses.forEach(({ c, at }, i) => {
			this.current = at;
			for (const x of c.statements) this.statement(x);
			this.goto(clauses[i + 1]?.at ?? after, after);
		});
		this.#jumps.pop();
		this.current = after;
	}

	#jump(s: ts.BreakOrContinueStatement): void {
		if (s.label) refuseStatement(this.fx, s);
		const j = this.#jumps.at(-1);
		const to = ts.isBreakStatement(s) ? j?.exit : j?.again;
		if (to !== undefined) this.end({ t: 'goto', to });
	}
}

function yieldOf(e: ts.Expression): ts.YieldExpression | undefined {
	const inner = strip(e);
	return isYield(inner) ? inner : undefined;
}

/** What an int names, for a temporary that outlives a suspension. */
function named(fx: FunctionContext, e: ts.Expression): { names?: number } {
	const names = namesOf(fx.cx, e);
	return names === NAMES.PLAIN ? {} : { names };
}

function isLogical(e: ts.BinaryExpression): boolean {
	const op = e.operatorToken.kind;
	return op === SK.AmpersandAmpersandToken || op === SK.BarBarToken;
}

function firstYield(n: ts.Node): ts.Node {
	if (isYield(n)) return n;
	return ts.forEachChild(n, (c) => (sleepsWithin(c) ? firstYield(c) : undefined)) ?? n;
}

/** Does a statement jump to a place outside itself? */
function escapes(n: ts.Node, inLoop: boolean, inSwitch: boolean): boolean {
	if (ts.isBreakStatement(n)) return !inLoop && !inSwitch;
	if (ts.isContinueStatement(n)) return !inLoop;
	const loop = ts.isForStatement(n) || ts.isWhileStatement(n) || ts.isDoStatement(n);
	const l = inLoop || loop;
	const s = inSwitch || ts.isSwitchStatement(n);
	return !!ts.forEachChild(n, (c) => escapes(c, l, s) || undefined);
}
