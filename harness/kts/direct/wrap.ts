// SPDX-License-Identifier: GPL-2.0-only
/**
 * The changes of the direct executor to the sources, so that they behave as the lowered code:
 * arithmetic wraps to 32 bits, indexes and divisors are checked, accesses to freed structs are
 * errors, and the storage of a module can be found even if it is not exported. It uses only the
 * syntax, edits the text, and moves no line.
 */
import { ts } from 'ts-morph';
import { accessTo, mayFree } from '../lower/access.ts';
import { strip } from '../lower/context.ts';

const SK = ts.SyntaxKind;

/** Names that the bundle's banner defines. */
export const HELPERS = {
	index: '__kts_index',
	divide: '__kts_divide',
	remainder: '__kts_remainder',
	storage: '__kts_storage',
	live: '__kts_live',
	store: '__kts_store',
	freed: '__kts_freed',
} as const;

/** The TypeScript to run in place of a source file. */
export function wrapSource(file: ts.SourceFile): string {
	const text = new Wrapper(file.text).text(file);
	return `${text.trimEnd()} ${storageExport(file)}\n`;
}

const COMPOUND = new Map<ts.SyntaxKind, ts.SyntaxKind>([
	[SK.PlusEqualsToken, SK.PlusToken],
	[SK.MinusEqualsToken, SK.MinusToken],
	[SK.AsteriskEqualsToken, SK.AsteriskToken],
	[SK.SlashEqualsToken, SK.SlashToken],
	[SK.PercentEqualsToken, SK.PercentToken],
	[SK.GreaterThanGreaterThanGreaterThanEqualsToken, SK.GreaterThanGreaterThanGreaterThanToken],
]);

class Wrapper {
	readonly #source: string;

	constructor(source: string) {
		this.#source = source;
	}

	/** A node's new text, with the space and the comments before it. */
	text(n: ts.Node): string {
		const lead = this.#source.slice(n.pos, n.getStart());
		const changed = this.#rewrite(n);
		return changed === undefined ? this.#copy(n) : lead + changed;
	}

	/** The same without what stands before it, on one line: for a second copy of an expression. */
	#again(n: ts.Node): string {
		return this.#bare(n).replace(/\s*\n\s*/g, ' ');
	}
	#bare(n: ts.Node): string {
		return this.text(n).slice(n.getStart() - n.pos);
	}

	#copy(n: ts.Node): string {
		let out = '';
		let at = n.pos;
		ts.forEachChild(n, (c) => {
			out += this.#source.slice(at, c.pos) + this.text(c);
			at = c.end;
		});
		return out + this.#source.slice(at, n.end);
	}

	#rewrite(n: ts.Node): string | undefined {
		if (ts.isNumericLiteral(n)) return wide(n) ? `(${n.getText()}|0)` : undefined;
		if (ts.isBinaryExpression(n)) return this.#binary(n);
		if (ts.isPrefixUnaryExpression(n)) {
			if (n.operator === SK.MinusToken && !ts.isNumericLiteral(n.operand))
				return `((-${this.#bare(n.operand)})|0)`;
			return isStep(n.operator) ? this.#step(n.operand, n.operator) : undefined;
		}
		if (ts.isPostfixUnaryExpression(n)) {
			const back = n.operator === SK.PlusPlusToken ? '-' : '+';
			return `((${this.#step(n.operand, n.operator)}${back}1)|0)`;
		}
		if (ts.isPropertyAccessExpression(n)) return this.#field(n);
		if (!ts.isElementAccessExpression(n) || n.questionDotToken) return undefined;
		const index = this.text(n.argumentExpression);
		const array = this.#again(n.expression);
		return `${this.#bare(n.expression)}[${HELPERS.index}(${array},${index})]`;
	}

	/** Code outside of functions is not checked. */
	#field(n: ts.PropertyAccessExpression): string | undefined {
		if (n.questionDotToken || !ts.findAncestor(n, ts.isFunctionDeclaration)) return undefined;
		const base = `${HELPERS.live}(${this.#bare(n.expression)},${JSON.stringify(accessTo(n))})`;
		return base + this.#source.slice(n.expression.end, n.end);
	}

	/**
	 * An assignment whose right side may free the struct of its left side: the struct is checked
	 * before and after.
	 */
	#guarded(n: ts.BinaryExpression): string | undefined {
		const left = strip(n.left);
		const isField = ts.isPropertyAccessExpression(left);
		if (!isField && !ts.isElementAccessExpression(left)) return undefined;
		if (!mayFree(n) || !ts.findAncestor(n, ts.isFunctionDeclaration)) return undefined;
		const key = isField
			? JSON.stringify(left.name.text)
			: `${HELPERS.index}(${this.#again(left.expression)},${this.#bare(left.argumentExpression)})`;
		let field: ts.Expression = left;
		while (ts.isElementAccessExpression(field)) field = strip(field.expression);
		const what = ts.isPropertyAccessExpression(field) ? accessTo(field) : '';
		const base = isField
			? `${HELPERS.live}(${this.#bare(left.expression)},${JSON.stringify(what)})`
			: this.#bare(left.expression);
		const between = this.#source.slice(n.left.end, n.right.pos);
		const sign = n.operatorToken.getText();
		const lines = between.slice(0, between.indexOf(sign));
		const value = this.#assigned(n, sign);
		return `${HELPERS.store}(${base},${key}${lines},${value},${JSON.stringify(what)})`;
	}

	/** The value of an assignment. */
	#assigned(n: ts.BinaryExpression, sign: string): string {
		const right = this.text(n.right);
		if (sign === '=') return right;
		const op = COMPOUND.get(n.operatorToken.kind);
		const left = this.#again(n.left);
		const value = op === undefined ? undefined : arithmetic(op, left, `(${right})`);
		return value ?? `(${left}${sign.slice(0, -1)}(${right}))`;
	}

	#step(x: ts.Expression, operator: ts.SyntaxKind): string {
		const op = operator === SK.PlusPlusToken ? '+' : '-';
		return `(${this.#bare(x)}=((${this.#again(x)}${op}1)|0))`;
	}

	#binary(n: ts.BinaryExpression): string | undefined {
		const op = n.operatorToken.kind;
		const compound = COMPOUND.get(op);
		const assigns = op >= SK.FirstAssignment && op <= SK.LastAssignment;
		const guarded = assigns ? this.#guarded(n) : undefined;
		if (guarded !== undefined) return guarded;
		const between = this.#source.slice(n.left.end, n.right.pos);
		const sign = n.operatorToken.getText();
		if (compound !== undefined) {
			const value = arithmetic(compound, this.#again(n.left), `(${this.text(n.right)})`);
			// the target's own line, then the operator's
			return value && `${this.#bare(n.left)}${between.replace(sign, '=')}${value}`;
		}
		// text, in what is no part of the program
		if (op === SK.PlusToken && hasText(n)) return undefined;
		const lines = between.slice(0, between.indexOf(sign));
		return arithmetic(op, this.#bare(n.left) + lines, this.text(n.right));
	}
}

function arithmetic(op: ts.SyntaxKind, a: string, b: string): string | undefined {
	switch (op) {
		case SK.PlusToken:
			return `((${a}+ ${b})|0)`;
		case SK.MinusToken:
			return `((${a}- ${b})|0)`;
		case SK.GreaterThanGreaterThanGreaterThanToken:
			return `((${a}>>>${b})|0)`;
		case SK.AsteriskToken:
			return `Math.imul(${a},${b})`;
		case SK.SlashToken:
			return `${HELPERS.divide}(${a},${b})`;
		case SK.PercentToken:
			return `${HELPERS.remainder}(${a},${b})`;
		default:
			return undefined;
	}
}

const isStep = (op: ts.SyntaxKind): boolean => op === SK.PlusPlusToken || op === SK.MinusMinusToken;

function wide(n: ts.NumericLiteral): boolean {
	const v = Number(n.text);
	return Number.isInteger(v) && v > 0x7fffffff && v <= 0xffffffff;
}

function hasText(e: ts.Node): boolean {
	if (ts.isStringLiteralLike(e) || ts.isTemplateExpression(e)) return true;
	if (ts.isParenthesizedExpression(e)) return hasText(e.expression);
	return ts.isBinaryExpression(e) && (hasText(e.left) || hasText(e.right));
}

const MAKERS = new Set(['ints', 'structs', 'ptrs', 'kmem_cache']);

/** `export const __kts_storage = () => ({ a, b });` of structs, arrays, pools and tables. */
function storageExport(file: ts.SourceFile): string {
	const made = (e: ts.Expression | undefined): boolean =>
		!!e &&
		(ts.isNewExpression(e) ||
			ts.isObjectLiteralExpression(e) ||
			(ts.isCallExpression(e) && MAKERS.has(e.expression.getText(file))));
	const names = file.statements
		.filter(ts.isVariableStatement)
		.flatMap((s) => [...s.declarationList.declarations])
		.flatMap((d) => (ts.isIdentifier(d.name) && made(d.initializer) ? [d.name.text] : []));
	return `export const ${HELPERS.storage} = () => ({${names.join(', ')}});`;
}
