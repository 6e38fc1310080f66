// SPDX-License-Identifier: GPL-2.0-only
/**
 * Reads a function of vfs/: its events, with the conditions under which each runs, in the form that
 * read-c.ts gives those of C.
 *
 * Interface: Reader localsOf
 */
import { type BinaryExpression, type IfStatement, Node, SyntaxKind } from 'ts-morph';
import {
	ASSERTIONS,
	callEvent,
	type Event,
	fixed,
	ifEvent,
	LOCKS,
	loopEvent,
	ownEvent,
	type Passed,
	returnEvent,
	setEvent,
} from './events.ts';
import type { Condition, Item } from './port.ts';
import {
	atomsOf,
	called,
	named,
	namesIn,
	numbered,
	operation,
	passedOf,
	type Term,
	textOf,
} from './terms.ts';

const UNKNOWN: Condition = { unknown: true };

/** System calls of 2.6, and failures by choice, which a machine has when its test asks for them. */
const FEATURES = new Set(['REMAP_FILE_PAGES', 'FAIL_ALLOC']);

/** Names of page flags as the kernel's macros have them. */
function flagNames(text: string): string[] {
	return [...text.matchAll(/\bPG_(\w+)/g)].map(([, flag]) => flag[0].toUpperCase() + flag.slice(1));
}

/** Functions of the kernel for bits of a pte: to set one, to clear one, to ask for one. */
const PTE_BITS: Readonly<Record<string, readonly [set: string, clear: string, ask: string]>> = {
	_PAGE_RW: ['pte_mkwrite', 'pte_wrprotect', 'pte_write'],
	_PAGE_DIRTY: ['pte_mkdirty', 'pte_mkclean', 'pte_dirty'],
};

/** The functions of the kernel that an operation on the bits of a page or of a pte stands for. */
function bitEvents(operator: string, right: string): string[] {
	const flags = flagNames(right);
	const bits = [...right.matchAll(/\b_PAGE_(RW|DIRTY)\b/g)].map((m) => PTE_BITS[m[0]]);
	const clears = /~/.test(right);
	if (operator === '|=' || operator === '|')
		return [...flags.map((n) => `SetPage${n}`), ...bits.map((b) => b[0])];
	if (operator === '&=' || (operator === '&' && clears))
		return [...flags.map((n) => `ClearPage${n}`), ...bits.map((b) => b[1])];
	if (operator === '&')
		return [
			...flags.map((n) => (n === 'Uptodate' ? 'Page_Uptodate' : `Page${n}`)),
			...bits.map((b) => b[2]),
		];
	return [];
}

/** Is this `_PAGE_RW | _PAGE_DIRTY`, by itself? */
function ofConstants(node: Node): boolean {
	if (Node.isBinaryExpression(node))
		return ofConstants(node.getLeft()) && ofConstants(node.getRight());
	return Node.isIdentifier(node) && /^_?[A-Z]+_\w+$/.test(node.getText());
}

const negated = (ids: readonly number[]): number[] => ids.map((id) => -id);

/** Does this condition depend on a symbol? */
function onSymbols(c: Condition): boolean {
	if ('symbol' in c) return true;
	if ('not' in c) return onSymbols(c.not);
	if ('and' in c) return c.and.some(onSymbols);
	if ('or' in c) return c.or.some(onSymbols);
	if ('compare' in c) return onSymbols(c.left) || onSymbols(c.right);
	return false;
}

/** The last name in an expression: of `mm.page_table_lock`, page_table_lock. */
function lastName(node: Node | undefined): string | undefined {
	if (!node) return undefined;
	if (Node.isPropertyAccessExpression(node)) return node.getName();
	if (Node.isIdentifier(node)) return node.getText();
	if (Node.isCallExpression(node) || Node.isElementAccessExpression(node))
		return lastName(node.getExpression());
	if (Node.isNonNullExpression(node) || Node.isParenthesizedExpression(node))
		return lastName(node.getExpression());
	return undefined;
}

/** Does nothing run on from the end of this statement? */
function stops(node: Node | undefined): boolean {
	if (!node) return false;
	if (Node.isBlock(node)) return stops(node.getStatements().at(-1));
	if (Node.isIfStatement(node))
		return stops(node.getThenStatement()) && stops(node.getElseStatement());
	return (
		Node.isReturnStatement(node) || Node.isContinueStatement(node) || Node.isBreakStatement(node)
	);
}

/** The call that an expression is, if it is one. */
function callOf(node: Node | undefined): Node | undefined {
	if (!node) return undefined;
	if (Node.isYieldExpression(node) || Node.isParenthesizedExpression(node))
		return callOf(node.getExpression());
	return Node.isCallExpression(node) ? node : undefined;
}

/** Names of parameters and variables of a function; one for a field has the field's. */
export function localsOf(f: Node): Map<string, string> {
	const found = new Map<string, string>();
	for (const p of f.getDescendantsOfKind(SyntaxKind.Parameter)) found.set(p.getName(), p.getName());
	for (const v of f.getDescendantsOfKind(SyntaxKind.VariableDeclaration)) {
		const fixed = v.getVariableStatement()?.getDeclarationKind() === 'const';
		let value: Node | undefined = v.getInitializer();
		while (Node.isNonNullExpression(value)) value = value.getExpression();
		const field = fixed && Node.isPropertyAccessExpression(value) ? value.getName() : undefined;
		found.set(v.getName(), field ?? v.getName());
	}
	return found;
}

/** `if (a || b) return` and the like: the jump. */
function onlyJump(node: Node): Node | undefined {
	if (Node.isBlock(node)) {
		const inside = node.getStatements();
		return inside.length === 1 ? onlyJump(inside[0]) : undefined;
	}
	return Node.isReturnStatement(node) ? node : undefined;
}

function bare(node: Node): Node {
	return Node.isParenthesizedExpression(node) || Node.isNonNullExpression(node)
		? bare(node.getExpression())
		: node;
}

/** What a condition depends on of symbols, and the ids of what must hold for it to hold. */
interface Asked {
	on: Condition;
	ids: number[];
}

const nothing: Asked = { on: UNKNOWN, ids: [] };

export class Reader {
	/** constants that symbols decide */
	readonly #constants: ReadonlyMap<string, Node>;
	readonly #locals: ReadonlyMap<string, string>;
	#items: Item[] = [];
	#guards: readonly number[] = [];
	#rest: readonly number[] = [];
	#ids = 0;

	constructor(constants: ReadonlyMap<string, Node>, f: Node) {
		this.#constants = constants;
		this.#locals = localsOf(f);
	}

	read(body: Node): Item[] {
		return this.#apart(() => this.#any(body));
	}

	/** What a part does, by itself. */
	#apart(part: () => void): Item[] {
		const outer = this.#items;
		this.#items = [];
		part();
		const items = this.#items;
		this.#items = outer;
		return items;
	}

	/** Runs a part under more conditions. */
	#under(ids: readonly number[], part: () => void): void {
		const before = this.#guards;
		this.#guards = [...before, ...ids];
		part();
		this.#guards = before;
	}

	#event(event: Event, tail = false): void {
		const guarded = {
			...event,
			...(this.#guards.length > 0 && { guards: this.#guards }),
			...(this.#rest.length > 0 && { rest: this.#rest }),
		};
		this.#items.push(tail ? { event: guarded, tail: true } : { event: guarded });
	}

	/** Parts that run under a condition: divided only if symbols decide it. */
	#when({ on, ids }: Asked, then: Node | undefined, other: Node | undefined): void {
		const yes = () => then && this.#under(ids, () => this.#statement(then));
		const no = () => other && this.#under(negated(ids), () => this.#statement(other));
		if (!onSymbols(on)) {
			yes();
			no();
			return;
		}
		this.#items.push({
			when: on,
			yes: this.#apart(yes),
			no: this.#apart(no),
			yesStops: stops(then),
			noStops: stops(other),
		});
	}

	/** An expression as a term. */
	#term(outer: Node | undefined): Term {
		if (!outer) return numbered(0);
		const node = bare(outer);
		const kind = node.getKind();
		if (kind === SyntaxKind.NullKeyword || kind === SyntaxKind.FalseKeyword) return numbered(0);
		if (kind === SyntaxKind.TrueKeyword) return numbered(1);
		if (Node.isIdentifier(node)) return named(this.#locals.get(node.getText()) ?? node.getText());
		if (Node.isNumericLiteral(node)) return numbered(Number(node.getLiteralValue()));
		if (Node.isPropertyAccessExpression(node)) return named(node.getName());
		if (Node.isElementAccessExpression(node) || Node.isAsExpression(node))
			return this.#term(node.getExpression());
		if (Node.isYieldExpression(node)) return this.#term(node.getExpression());
		if (Node.isCallExpression(node)) return called(lastName(node.getExpression()) ?? '');
		if (Node.isPostfixUnaryExpression(node)) return this.#term(node.getOperand());
		if (Node.isPrefixUnaryExpression(node)) {
			const operator = node.getText()[0];
			if (/^(\+\+|--)/.test(node.getText())) return this.#term(node.getOperand());
			return operation(operator, this.#term(node.getOperand()));
		}
		if (Node.isConditionalExpression(node)) {
			const parts = [node.getCondition(), node.getWhenTrue(), node.getWhenFalse()];
			return operation('?', ...parts.map((part) => this.#term(part)));
		}
		if (Node.isBinaryExpression(node)) {
			const operator = node
				.getOperatorToken()
				.getText()
				.replace(/^([!=]=)=$/, '$1');
			if (operator === '=') return this.#term(node.getLeft());
			return operation(operator, this.#term(node.getLeft()), this.#term(node.getRight()));
		}
		return named(node.getText());
	}

	#passed(node: Node | undefined): Passed {
		return passedOf(this.#term(node), (name) => this.#locals.has(name));
	}

	#names(term: Term): string[] {
		return namesIn(term).filter((name) => !this.#locals.has(name));
	}

	/** Reads what a condition asks that is no operation of logic. */
	#asks(node: Node, sense: boolean): Asked {
		if (Node.isBinaryExpression(node) && node.getOperatorToken().getText() === '&') {
			const names = bitEvents('&', node.getRight().getText());
			if (names.length > 0) return { on: UNKNOWN, ids: this.#bits(node, names, sense) };
		}
		if (Node.isCallExpression(node) && !ASSERTIONS.has(node.getExpression().getText())) {
			const id = ++this.#ids;
			this.#call(node, false, id);
			return { on: UNKNOWN, ids: [sense ? id : -id] };
		}
		this.#any(node);
		const ids = atomsOf(this.#term(node), sense).map(({ term, text, sense: holds }) => {
			const id = ++this.#ids;
			const like = `if ${textOf(term, (name) => this.#locals.has(name))}`;
			this.#event({ ...ifEvent(text, this.#names(term), node.getStartLineNumber()), like, id });
			return holds ? id : -id;
		});
		return { on: UNKNOWN, ids };
	}

	/** `page.flags & (PG_a | PG_b)`: PageA or PageB. */
	#bits(node: Node, names: readonly string[], sense: boolean): number[] {
		return names.map((name) => {
			const id = ++this.#ids;
			this.#event({ kind: 'call', name, line: node.getStartLineNumber(), id });
			return sense ? id : -id;
		});
	}

	/** Reads a condition, and says what it depends on. */
	#condition(outer: Node, sense = true): Asked {
		const node = bare(outer);
		if (Node.isNumericLiteral(node))
			return { on: { number: Number(node.getLiteralValue()) }, ids: [] };
		if (node.getKind() === SyntaxKind.TrueKeyword) return { on: { number: 1 }, ids: [] };
		if (node.getKind() === SyntaxKind.FalseKeyword) return { on: { number: 0 }, ids: [] };
		if (Node.isYieldExpression(node) && node.getExpression())
			return this.#condition(node.getExpression()!, sense);
		if (Node.isIdentifier(node)) {
			const name = node.getText();
			if (name.startsWith('CONFIG_'))
				return { on: { symbol: name.slice('CONFIG_'.length) }, ids: [] };
			if (FEATURES.has(name)) return { on: { symbol: name }, ids: [] };
			const constant = this.#constants.get(name);
			return constant ? this.#condition(constant, sense) : this.#asks(node, sense);
		}
		if (Node.isPrefixUnaryExpression(node) && node.getText().startsWith('!')) {
			const { on, ids } = this.#condition(node.getOperand(), !sense);
			return { on: { not: on }, ids };
		}
		if (!Node.isBinaryExpression(node)) return this.#asks(node, sense);
		const operator = node.getOperatorToken().getText();
		if (operator === '&&' || operator === '||') return this.#logic(node, operator, sense);
		if (!/^([!=]==|[<>]=?)$/.test(operator)) return this.#asks(node, sense);
		const right = bare(node.getRight());
		const zero = /^(null|0)$/.test(right.getText());
		const left = this.#silent(() => this.#condition(node.getLeft()).on);
		const other = this.#silent(() => this.#condition(right).on);
		const on: Condition = { compare: operator, left, right: other };
		if (onSymbols(on)) return { on, ids: [] };
		if (zero && /^[!=]==$/.test(operator))
			return {
				on: UNKNOWN,
				ids: this.#condition(node.getLeft(), (operator === '!==') === sense).ids,
			};
		return this.#asks(node, sense);
	}

	/** What a part says, without its events. */
	#silent<T>(part: () => T): T {
		let value: T | undefined;
		const ids = this.#ids;
		this.#apart(() => {
			value = part();
		});
		this.#ids = ids;
		return value as T;
	}

	#logic(node: BinaryExpression, operator: '&&' | '||', sense: boolean): Asked {
		const and = operator === '&&';
		const left = this.#condition(node.getLeft(), sense);
		let right = nothing;
		const first = and === sense ? left.ids : negated(left.ids);
		const items = this.#apart(() =>
			this.#under(first, () => {
				right = this.#condition(node.getRight(), sense);
			}),
		);
		const more = { yesStops: false, noStops: false };
		if (!onSymbols(left.on)) this.#items.push(...items);
		else if (and) this.#items.push({ when: left.on, yes: items, no: [], ...more });
		else this.#items.push({ when: left.on, yes: [], no: items, ...more });
		const both: [Condition, Condition] = [left.on, right.on];
		return { on: and ? { and: both } : { or: both }, ids: [...left.ids, ...right.ids] };
	}

	#call(node: Node, tail = false, id?: number): void {
		if (!Node.isCallExpression(node)) return;
		const callee = node.getExpression();
		const name = callee.getText();
		if (ASSERTIONS.has(name)) return;
		const list = node.getArguments();
		for (const arg of list) this.#any(arg);
		const line = node.getStartLineNumber();
		const more = id === undefined ? {} : { id };
		const args = list.map((arg) => this.#passed(arg));
		if (Node.isIdentifier(callee)) {
			const lock = LOCKS.has(name) ? this.#lockName(list[0]) : undefined;
			const what = lock ? [this.#object(list[0])] : args;
			this.#event({ ...callEvent(name, lock, line), ...more, args: what }, tail);
			return;
		}
		const member = lastName(callee);
		if (member) this.#event({ ...callEvent(`->${member}`, undefined, line), ...more, args }, tail);
	}

	/** Of `vma.vm_mm.page_table_lock`, vm_mm. */
	#object(node: Node | undefined): Passed {
		return Node.isPropertyAccessExpression(node) ? this.#passed(node.getExpression()) : fixed('');
	}

	/** The name of a lock, behind a local variable if need be. */
	#lockName(node: Node | undefined): string | undefined {
		const name = lastName(node);
		if (!node || !name || !Node.isIdentifier(node)) return name;
		const holder = node.getFirstAncestor(Node.isFunctionDeclaration);
		const variable = holder?.getVariableDeclaration(name);
		return lastName(variable?.getInitializer()) ?? name;
	}

	#assign(left: Node, operator: string, value: Passed, line: number): void {
		let target = bare(left);
		while (Node.isElementAccessExpression(target)) target = bare(target.getExpression());
		if (Node.isPropertyAccessExpression(target))
			this.#event(setEvent(textOf(this.#term(target)), operator, value, line));
		else this.#event(ownEvent(`${target.getText()} ${operator}`, line, value));
	}

	#binary(node: Node): void {
		if (!Node.isBinaryExpression(node)) return;
		const operator = node.getOperatorToken().getText();
		if (operator === '&&' || operator === '||') {
			this.#condition(node);
			return;
		}
		const assigns = operator.endsWith('=') && !/^([!=]==|[<>]=)$/.test(operator);
		const [left, right] = [node.getLeft(), node.getRight()];
		for (const part of assigns ? [right, left] : [left, right]) this.#any(part);
		const line = node.getStartLineNumber();
		const names = ofConstants(node) ? [] : bitEvents(operator, right.getText());
		for (const name of names) this.#event({ kind: 'call', name, line });
		if (assigns && names.length === 0) this.#assign(left, operator, this.#passed(right), line);
	}

	/** Statements in a row: what stands behind one that goes away runs only if that did not. */
	#block(statements: readonly Node[]): void {
		const before = this.#guards;
		for (const statement of statements)
			if (Node.isIfStatement(statement)) this.#guards = [...this.#guards, ...this.#if(statement)];
			else this.#any(statement);
		this.#guards = before;
	}

	#statement(node: Node): void {
		if (Node.isBlock(node)) this.#block(node.getStatements());
		else if (Node.isIfStatement(node)) this.#if(node);
		else this.#any(node);
	}

	/** Reads an `if`, and returns what holds behind it. */
	#if(node: IfStatement): number[] {
		const [yes, no] = [node.getThenStatement(), node.getElseStatement()];
		const jump = no ? undefined : onlyJump(yes);
		if (jump && !this.#ofSymbols(node.getExpression()))
			return this.#jumps(node.getExpression(), jump);
		const asked = this.#condition(node.getExpression());
		this.#when(asked, yes, no);
		if (stops(yes)) return negated(asked.ids);
		return no && stops(no) ? asked.ids : [];
	}

	#ofSymbols(node: Node): boolean {
		return onSymbols(this.#silent(() => this.#condition(node).on));
	}

	/** `if (a || b) return` is `if (a) return; if (b) return`. */
	#jumps(outer: Node, jump: Node): number[] {
		const node = bare(outer);
		if (Node.isBinaryExpression(node) && node.getOperatorToken().getText() === '||') {
			const first = this.#jumps(node.getLeft(), jump);
			const second: number[] = [];
			const before = this.#rest;
			this.#rest = [...before, ...first];
			second.push(...this.#jumps(node.getRight(), jump));
			this.#rest = before;
			return [...first, ...second];
		}
		const { ids } = this.#condition(node);
		this.#under(ids, () => this.#any(jump));
		return negated(ids);
	}

	#loop(node: Node, condition: Node | undefined, parts: readonly (Node | undefined)[]): void {
		const loop = ++this.#ids;
		this.#event({ ...loopEvent(node.getStartLineNumber()), id: loop });
		let asked = nothing;
		this.#under([loop], () => {
			if (condition) asked = this.#condition(condition);
		});
		this.#under([loop, ...asked.ids], () => {
			for (const part of parts) if (part) this.#statement(part);
		});
	}

	#any(node: Node): void {
		if (Node.isTypeNode(node)) return;
		// of a wait: what follows runs when it holds
		if (Node.isArrowFunction(node)) this.#condition(node.getBody());
		else if (Node.isCallExpression(node)) this.#call(node);
		else if (Node.isBinaryExpression(node)) this.#binary(node);
		else if (Node.isBlock(node)) this.#block(node.getStatements());
		else if (Node.isIfStatement(node)) this.#if(node);
		else if (Node.isConditionalExpression(node))
			this.#when(this.#condition(node.getCondition()), node.getWhenTrue(), node.getWhenFalse());
		else if (Node.isContinueStatement(node) || Node.isBreakStatement(node))
			this.#event(ownEvent(node.getText(), node.getStartLineNumber()));
		else if (Node.isVariableDeclaration(node)) {
			const value = node.getInitializer();
			if (value) this.#any(value);
			const line = node.getStartLineNumber();
			if (value) this.#event(ownEvent(`${node.getName()} =`, line, this.#passed(value)));
		} else if (Node.isForStatement(node)) {
			if (node.getInitializer()) this.#any(node.getInitializer()!);
			this.#loop(node, node.getCondition(), [node.getStatement(), node.getIncrementor()]);
		} else if (Node.isWhileStatement(node) || Node.isDoStatement(node))
			this.#loop(node, node.getExpression(), [node.getStatement()]);
		else if (Node.isForOfStatement(node)) {
			this.#any(node.getExpression());
			this.#loop(node, undefined, [node.getStatement()]);
		} else if (Node.isPrefixUnaryExpression(node) || Node.isPostfixUnaryExpression(node)) {
			this.#any(node.getOperand());
			const text = node.getText();
			const step = text.includes('++') ? '+=' : text.includes('--') ? '-=' : undefined;
			if (step) this.#assign(node.getOperand(), step, fixed('1'), node.getStartLineNumber());
		} else if (Node.isReturnStatement(node)) {
			const value = node.getExpression();
			const call = callOf(value);
			if (call) this.#call(call, true);
			else if (value) this.#any(value);
			const args = value ? [this.#passed(value)] : [];
			this.#event({ ...returnEvent(node.getStartLineNumber()), args });
		} else for (const child of node.forEachChildAsArray()) this.#any(child);
	}
}
