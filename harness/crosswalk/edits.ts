// SPDX-License-Identifier: GPL-2.0-only
/**
 * Systematic edits of a function of the port, one at a time, to measure what notices them. An edit
 * replaces a piece of the function's text.
 *
 * Interface: Edit CLASSES editsOf edited
 */
import { type FunctionDeclaration, Node, SyntaxKind } from 'ts-morph';
import { ASSERTIONS, LOCKS, MARKS } from './events.ts';

export const CLASSES = [
	...(['lock deleted', 'call deleted', 'return deleted', 'jump deleted'] as const),
	...(['neighbours swapped', 'condition negated', 'part of a condition dropped'] as const),
	...(['comparison shifted', 'constant changed', 'arguments exchanged'] as const),
	...(['assignment dropped'] as const),
] as const;

export interface Edit {
	class: (typeof CLASSES)[number];
	/** from where to where in the function's text */
	from: number;
	to: number;
	by: string;
	/** in the file, from 1 */
	line: number;
	/** the code is there only with a symbol */
	symbol: boolean;
}

/** Constants that can stand for one another, by how they begin. */
const FAMILY = /^-?(VM|PG|PROT|MAP|_PAGE|VM_FAULT|E|LIST|FMODE)_?[A-Z_a-z]+$/;
const OTHERS: Readonly<Record<string, readonly [string, string]>> = {
	VM_FAULT: ['VM_FAULT_OOM', 'VM_FAULT_SIGBUS'],
	VM: ['VM_SHARED', 'VM_WRITE'],
	PG: ['PG_dirty', 'PG_uptodate'],
	PROT: ['PROT_READ', 'PROT_WRITE'],
	MAP: ['MAP_SHARED', 'MAP_FIXED'],
	_PAGE: ['_PAGE_RW', '_PAGE_DIRTY'],
	E: ['EIO', 'EINVAL'],
	LIST: ['LIST_DIRTY', 'LIST_CLEAN'],
	FMODE: ['FMODE_READ', 'FMODE_WRITE'],
};

function otherConstant(name: string): string | undefined {
	const family = FAMILY.exec(name)?.[1];
	if (!family || (family === 'E' && !/^E[A-Z]{3,}$/.test(name))) return undefined;
	const key = name.startsWith('VM_FAULT') ? 'VM_FAULT' : family;
	return OTHERS[key]?.find((n) => n !== name);
}

/** Marks, messages and assertions, of which nothing is compared. */
function isMark(node: Node): boolean {
	const call = Node.isExpressionStatement(node) ? node.getExpression() : node;
	if (!Node.isCallExpression(call)) return false;
	const name = call.getExpression().getText();
	return ASSERTIONS.has(name) || name.startsWith('page_trace.') || MARKS.has(name);
}

/** Is this there only with a symbol, or not at all, in a machine without any? */
function ofSymbol(node: Node): boolean {
	return node
		.getAncestors()
		.some(
			(a) =>
				(Node.isIfStatement(a) || Node.isConditionalExpression(a) || Node.isBinaryExpression(a)) &&
				/\b(CONFIG_(?!SMP\b)|I_SIZE_EARLY|page_trace)\w*/.test(
					(Node.isIfStatement(a)
						? a.getExpression()
						: Node.isConditionalExpression(a)
							? a.getCondition()
							: a
					).getText(),
				),
		);
}

/** The call that a statement is. */
function callName(node: Node): string | undefined {
	let inner: Node | undefined = Node.isExpressionStatement(node) ? node.getExpression() : undefined;
	if (Node.isYieldExpression(inner)) inner = inner.getExpression();
	return Node.isCallExpression(inner) ? inner.getExpression().getText() : undefined;
}

/** All edits of a function. */
export function editsOf(f: FunctionDeclaration): Edit[] {
	const edits: Edit[] = [];
	const base = f.getStart();
	const body = f.getBodyOrThrow();
	const add: Add = (what, node, by, last = node) => {
		edits.push({
			class: what,
			from: node.getStart() - base,
			to: last.getEnd() - base,
			by,
			line: node.getStartLineNumber(),
			symbol: ofSymbol(node) || /\bCONFIG_(?!SMP\b)/.test(node.getText()),
		});
	};
	const condition = (node: Node): void => {
		if (Node.isNumericLiteral(node) || /^(true|false)$/.test(node.getText())) return;
		add('condition negated', node, `!(${node.getText()})`);
	};
	const visit = (node: Node): void => {
		if (isMark(node)) return;
		statement(node, add);
		if (Node.isIfStatement(node) || Node.isWhileStatement(node)) condition(node.getExpression());
		if (Node.isConditionalExpression(node)) condition(node.getCondition());
		if (Node.isForStatement(node) && node.getCondition()) condition(node.getCondition()!);
		expression(node, add);
		for (const child of node.forEachChildAsArray()) visit(child);
	};
	visit(body);
	for (const block of [body, ...body.getDescendantsOfKind(SyntaxKind.Block)])
		if (Node.isBlock(block)) swaps(block.getStatements(), add);
	return edits;
}

type Add = (what: Edit['class'], node: Node, by: string, last?: Node) => void;

function statement(node: Node, add: Add): void {
	if (Node.isReturnStatement(node)) {
		const holder = node.getParent();
		const last = Node.isBlock(holder) && Node.isFunctionDeclaration(holder.getParent());
		if (!last) add('return deleted', node, ';');
	} else if (Node.isContinueStatement(node) || Node.isBreakStatement(node)) {
		add('jump deleted', node, ';');
	} else if (Node.isExpressionStatement(node)) {
		const name = callName(node);
		const inner = node.getExpression();
		if (name !== undefined) add(LOCKS.has(name) ? 'lock deleted' : 'call deleted', node, ';');
		else if (
			/^(?:[\w.!]+(?:\[[^\]]*\])?)*\.\w+(?:\[[^\]]*\])?!?\s*(?:[-+|&]?=|\+\+|--)/.test(
				inner.getText(),
			)
		)
			add('assignment dropped', node, ';');
	}
}

const SHIFTED: Readonly<Record<string, string>> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' };

function expression(node: Node, add: Add): void {
	if (Node.isBinaryExpression(node)) {
		const operator = node.getOperatorToken().getText();
		if (operator === '&&' || operator === '||') {
			add('part of a condition dropped', node, node.getLeft().getText());
			add('part of a condition dropped', node, node.getRight().getText());
		}
		if (SHIFTED[operator]) add('comparison shifted', node.getOperatorToken(), SHIFTED[operator]);
	} else if (Node.isCallExpression(node)) {
		const [a, b, ...more] = node.getArguments().map((n) => n.getText());
		if (b !== undefined && a !== b)
			add(
				'arguments exchanged',
				node,
				`${node.getExpression().getText()}(${[b, a, ...more].join(', ')})`,
			);
	} else if (Node.isIdentifier(node)) {
		const other = otherConstant(node.getText());
		if (other) add('constant changed', node, other);
	}
}

/** Simple statements that stand beside each other. */
function swaps(statements: readonly Node[], add: Add): void {
	const simple = (n: Node) => Node.isExpressionStatement(n) && !isMark(n);
	const kept = statements.filter((n) => !isMark(n));
	for (let i = 0; i + 1 < kept.length; i++) {
		const [a, b] = [kept[i], kept[i + 1]];
		if (!simple(a) || !simple(b) || a.getText() === b.getText()) continue;
		const between = a.getSourceFile().getFullText().slice(a.getEnd(), b.getStart());
		add('neighbours swapped', a, `${b.getText()}${between}${a.getText()}`, b);
	}
}

/** The text of a function with an edit. */
export function edited(text: string, { from, to, by }: Edit): string {
	return text.slice(0, from) + by + text.slice(to);
}
