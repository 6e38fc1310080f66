// SPDX-License-Identifier: GPL-2.0-only
/** Reads the functions of vfs/ from their sources, with the TypeScript parser. */
import path from 'node:path';
import { type FunctionDeclaration, Node, Project, type SourceFile, SyntaxKind } from 'ts-morph';
import { ASSERTIONS, callEvent, type Event, LOCKS, returnEvent } from './events.ts';
import { type Condition, type Item, type Port, type PortFunction, portHash } from './port.ts';

const UNKNOWN: Condition = { unknown: true };

/** System calls of 2.6, and failures by choice, which a machine has when its test asks for them. */
const FEATURES = new Set(['REMAP_FILE_PAGES', 'FAIL_ALLOC']);

/** Names of page flags as the kernel's macros have them. */
function flagNames(text: string): string[] {
	return [...text.matchAll(/\bPG_(\w+)/g)].map(([, flag]) => flag[0].toUpperCase() + flag.slice(1));
}

/** The macros of the kernel that an expression over page.flags stands for. */
function flagEvents(operator: string, right: string): string[] {
	const names = flagNames(right);
	if (operator === '|=') return names.map((n) => `SetPage${n}`);
	if (operator === '&=') return names.map((n) => `ClearPage${n}`);
	if (operator === '&') return names.map((n) => (n === 'Uptodate' ? 'Page_Uptodate' : `Page${n}`));
	return [];
}

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

class Reader {
	/** constants that symbols decide */
	readonly #constants: ReadonlyMap<string, Node>;
	#items: Item[] = [];

	constructor(constants: ReadonlyMap<string, Node>) {
		this.#constants = constants;
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

	#event(event: Event, tail = false): void {
		this.#items.push(tail ? { event, tail: true } : { event });
	}

	/** Parts that run under a condition: divided only if symbols decide it. */
	#when(c: Condition, then: Node | undefined, other: Node | undefined): void {
		if (!onSymbols(c)) {
			if (then) this.#any(then);
			if (other) this.#any(other);
			return;
		}
		this.#items.push({
			when: c,
			yes: then ? this.#apart(() => this.#any(then)) : [],
			no: other ? this.#apart(() => this.#any(other)) : [],
			yesStops: stops(then),
			noStops: stops(other),
		});
	}

	/** Reads a condition, and says what it depends on. */
	#condition(node: Node): Condition {
		if (Node.isParenthesizedExpression(node)) return this.#condition(node.getExpression());
		if (Node.isNumericLiteral(node)) return { number: Number(node.getLiteralValue()) };
		if (node.getKind() === SyntaxKind.TrueKeyword) return { number: 1 };
		if (node.getKind() === SyntaxKind.FalseKeyword) return { number: 0 };
		if (Node.isIdentifier(node)) {
			const name = node.getText();
			if (name.startsWith('CONFIG_')) return { symbol: name.slice('CONFIG_'.length) };
			if (FEATURES.has(name)) return { symbol: name };
			const constant = this.#constants.get(name);
			return constant ? this.#condition(constant) : UNKNOWN;
		}
		if (
			Node.isPrefixUnaryExpression(node) &&
			node.getOperatorToken() === SyntaxKind.ExclamationToken
		)
			return { not: this.#condition(node.getOperand()) };
		if (!Node.isBinaryExpression(node)) {
			this.#any(node);
			return UNKNOWN;
		}
		const operator = node.getOperatorToken().getText();
		if (operator === '&&' || operator === '||') {
			const left = this.#condition(node.getLeft());
			let right = UNKNOWN;
			const items = this.#apart(() => {
				right = this.#condition(node.getRight());
			});
			const and = operator === '&&';
			const more = { yesStops: false, noStops: false };
			if (!onSymbols(left)) this.#items.push(...items);
			else if (and) this.#items.push({ when: left, yes: items, no: [], ...more });
			else this.#items.push({ when: left, yes: [], no: items, ...more });
			return and ? { and: [left, right] } : { or: [left, right] };
		}
		if (/^([!=]==|[<>]=?)$/.test(operator)) {
			const left = this.#condition(node.getLeft());
			const right = this.#condition(node.getRight());
			return { compare: operator, left, right };
		}
		this.#any(node);
		return UNKNOWN;
	}

	#call(node: Node, tail = false): void {
		if (!Node.isCallExpression(node)) return;
		const callee = node.getExpression();
		const name = callee.getText();
		if (ASSERTIONS.has(name)) return;
		for (const arg of node.getArguments()) this.#any(arg);
		const line = node.getStartLineNumber();
		if (Node.isIdentifier(callee)) {
			const lock = LOCKS.has(name) ? this.#lockName(node.getArguments()[0]) : undefined;
			this.#event(callEvent(name, lock, line), tail);
			return;
		}
		const member = lastName(callee);
		if (member) this.#event(callEvent(`->${member}`, undefined, line), tail);
	}

	/** The name of a lock, behind a local variable if need be. */
	#lockName(node: Node | undefined): string | undefined {
		const name = lastName(node);
		if (!node || !name || !Node.isIdentifier(node)) return name;
		const holder = node.getFirstAncestor(Node.isFunctionDeclaration);
		const variable = holder?.getVariableDeclaration(name);
		return lastName(variable?.getInitializer()) ?? name;
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
		if (!left.getText().endsWith('.flags')) return;
		for (const name of flagEvents(operator, right.getText()))
			this.#event({ kind: 'call', name, line: node.getStartLineNumber() });
	}

	#any(node: Node): void {
		if (Node.isArrowFunction(node) || Node.isTypeNode(node)) return;
		if (Node.isCallExpression(node)) this.#call(node);
		else if (Node.isBinaryExpression(node)) this.#binary(node);
		else if (Node.isIfStatement(node))
			this.#when(
				this.#condition(node.getExpression()),
				node.getThenStatement(),
				node.getElseStatement(),
			);
		else if (Node.isConditionalExpression(node))
			this.#when(this.#condition(node.getCondition()), node.getWhenTrue(), node.getWhenFalse());
		else if (Node.isForStatement(node)) {
			const parts = [node.getInitializer(), node.getCondition(), node.getStatement()];
			for (const part of [...parts, node.getIncrementor()]) if (part) this.#any(part);
		} else if (Node.isReturnStatement(node)) {
			const call = callOf(node.getExpression());
			if (call) this.#call(call, true);
			else if (node.getExpression()) this.#any(node.getExpression()!);
			this.#event(returnEvent(node.getStartLineNumber()));
		} else for (const child of node.forEachChildAsArray()) this.#any(child);
	}
}

/** The constants of all files whose value depends on symbols. */
function constantsOf(sources: readonly SourceFile[]): Map<string, Node> {
	const found = new Map<string, Node>();
	for (const source of sources)
		for (const declaration of source.getVariableDeclarations()) {
			const value = declaration.getInitializer();
			if (!value || Node.isCallExpression(value)) continue;
			if (/\bCONFIG_\w+/.test(value.getText())) found.set(declaration.getName(), value);
		}
	return found;
}

/** A function's own comment; the one at the head of the file is none. */
function commentOf(f: FunctionDeclaration, head: number) {
	const doc = f
		.getJsDocs()
		.filter((d) => d.getStart() > head)
		.at(-1);
	const line = doc?.getStartLineNumber() ?? f.getStartLineNumber();
	return { comment: doc?.getText() ?? '', commentLine: line };
}

/** The functions of some sources; `base` is what their paths are told from. */
export function readSources(sources: readonly SourceFile[], base: string): Omit<Port, 'hash'> {
	const constants = constantsOf(sources);
	const functions: PortFunction[] = [];
	const headers: Port['headers'] = {};
	for (const source of sources) {
		const file = path.posix.relative(base, source.getFilePath());
		const header = /\/\*\*[\s\S]*?\*\//.exec(source.getFullText());
		headers[file] = { comment: header?.[0] ?? '', line: 2 };
		for (const f of source.getFunctions()) {
			const body = f.getBody();
			if (!body) continue;
			functions.push({
				name: f.getName() ?? '',
				file,
				line: f.getStartLineNumber(),
				exported: f.isExported(),
				...commentOf(f, header?.index ?? -1),
				items: new Reader(constants).read(body),
			});
		}
	}
	return { headers, functions };
}

/** The port in the sources under `root`. */
export function readPort(root: string): Port {
	const project = new Project({ skipAddingFilesFromTsConfig: true, skipLoadingLibFiles: true });
	const pattern = [path.join(root, 'vfs/**/*.ts'), `!${path.join(root, 'vfs/**/*.test.ts')}`];
	const sources = project.addSourceFilesAtPaths(pattern);
	sources.sort((a, b) => (a.getFilePath() < b.getFilePath() ? -1 : 1));
	return { hash: portHash(root), ...readSources(sources, root) };
}
