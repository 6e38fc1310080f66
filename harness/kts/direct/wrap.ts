// SPDX-License-Identifier: GPL-2.0-only
/**
 * What the direct executor changes in the sources, so that they mean what the lowering makes of
 * them: arithmetic wraps to 32 bits, indexes and divisors are checked, and a module's storage can be
 * found even if it is not exported. It looks at the syntax alone.
 */
import { ts } from 'ts-morph';

const SK = ts.SyntaxKind;

/** Names that the bundle's banner defines. */
export const HELPERS = {
	index: '__kts_index',
	divide: '__kts_divide',
	remainder: '__kts_remainder',
	storage: '__kts_storage',
} as const;

/** The JavaScript of a source file, with an inline source map that keeps every line. */
export function wrapSource(file: string, text: string, isPrelude: boolean): string {
	const out = ts.transpileModule(text, {
		fileName: file,
		compilerOptions: {
			target: ts.ScriptTarget.ES2022,
			module: ts.ModuleKind.ESNext,
			verbatimModuleSyntax: true,
			inlineSourceMap: true,
			inlineSources: true,
		},
		transformers: isPrelude ? {} : { before: [transformer] },
	});
	return out.outputText;
}

const transformer: ts.TransformerFactory<ts.SourceFile> = (context) => (file) => {
	const f = context.factory;
	const visit = (n: ts.Node): ts.Node => {
		const inner = ts.visitEachChild(n, visit, context);
		return rewrite(f, n, inner) ?? inner;
	};
	const out = ts.visitEachChild(file, visit, context);
	return f.updateSourceFile(out, [...out.statements, storageExport(f, file)]);
};

/** `n` is the node as written, `x` the same with its children rewritten. */
function rewrite(f: ts.NodeFactory, n: ts.Node, x: ts.Node): ts.Node | undefined {
	if (ts.isNumericLiteral(n)) return wideLiteral(f, n);
	if (ts.isBinaryExpression(n) && ts.isBinaryExpression(x)) return binary(f, n, x);
	if (ts.isPrefixUnaryExpression(x)) {
		if (x.operator === SK.PlusPlusToken || x.operator === SK.MinusMinusToken)
			return f.createParenthesizedExpression(stepped(f, x.operand, x.operator));
		if (x.operator === SK.MinusToken) return wrapped(f, x);
	}
	if (ts.isPostfixUnaryExpression(x)) {
		const back = x.operator === SK.PlusPlusToken ? SK.MinusToken : SK.PlusToken;
		const next = f.createParenthesizedExpression(stepped(f, x.operand, x.operator));
		return wrapped(f, f.createBinaryExpression(next, back, f.createNumericLiteral(1)));
	}
	if (ts.isElementAccessExpression(n) && ts.isElementAccessExpression(x)) {
		const args = [x.expression, x.argumentExpression];
		return f.updateElementAccessExpression(x, x.expression, helper(f, HELPERS.index, args));
	}
	return undefined;
}

function helper(f: ts.NodeFactory, name: string, args: ts.Expression[]): ts.Expression {
	return f.createCallExpression(f.createIdentifier(name), undefined, args);
}

function wrapped(f: ts.NodeFactory, e: ts.Expression): ts.Expression {
	const inner = f.createParenthesizedExpression(e);
	return f.createParenthesizedExpression(
		f.createBinaryExpression(inner, SK.BarToken, f.createNumericLiteral(0)),
	);
}

function wideLiteral(f: ts.NodeFactory, n: ts.NumericLiteral): ts.Expression | undefined {
	const v = Number(n.text);
	return Number.isInteger(v) && v > 0x7fffffff && v <= 0xffffffff ? wrapped(f, n) : undefined;
}

/** ++x as an assignment whose value is the new one. */
function stepped(f: ts.NodeFactory, x: ts.Expression, op: ts.SyntaxKind): ts.Expression {
	const plus = op === SK.PlusPlusToken ? SK.PlusToken : SK.MinusToken;
	const next = f.createBinaryExpression(x, plus, f.createNumericLiteral(1));
	return f.createBinaryExpression(x, SK.EqualsToken, wrapped(f, next));
}

const ASSIGNED = new Map<ts.SyntaxKind, ts.BinaryOperator>([
	[SK.PlusEqualsToken, SK.PlusToken],
	[SK.MinusEqualsToken, SK.MinusToken],
	[SK.AsteriskEqualsToken, SK.AsteriskToken],
	[SK.SlashEqualsToken, SK.SlashToken],
	[SK.PercentEqualsToken, SK.PercentToken],
	[SK.GreaterThanGreaterThanGreaterThanEqualsToken, SK.GreaterThanGreaterThanGreaterThanToken],
]);

function binary(
	f: ts.NodeFactory,
	n: ts.BinaryExpression,
	x: ts.BinaryExpression,
): ts.Expression | undefined {
	const assigned = ASSIGNED.get(n.operatorToken.kind);
	if (assigned === undefined) return arithmetic(f, n, x.operatorToken.kind, x.left, x.right);
	const value = arithmetic(f, n, assigned, x.left, x.right);
	return value && f.createBinaryExpression(x.left, SK.EqualsToken, value);
}

function arithmetic(
	f: ts.NodeFactory,
	n: ts.BinaryExpression,
	op: ts.SyntaxKind,
	a: ts.Expression,
	b: ts.Expression,
): ts.Expression | undefined {
	switch (op) {
		case SK.PlusToken:
			// text, in what is no part of the program
			if (hasText(n)) return undefined;
			return wrapped(f, f.createBinaryExpression(a, op, b));
		case SK.MinusToken:
		case SK.GreaterThanGreaterThanGreaterThanToken:
			return wrapped(f, f.createBinaryExpression(a, op, b));
		case SK.AsteriskToken:
			return helper(f, 'Math.imul', [a, b]);
		case SK.SlashToken:
			return helper(f, HELPERS.divide, [a, b]);
		case SK.PercentToken:
			return helper(f, HELPERS.remainder, [a, b]);
		default:
			return undefined;
	}
}

function hasText(e: ts.Node): boolean {
	if (ts.isStringLiteralLike(e) || ts.isTemplateExpression(e)) return true;
	if (ts.isParenthesizedExpression(e)) return hasText(e.expression);
	return ts.isBinaryExpression(e) && (hasText(e.left) || hasText(e.right));
}

const MAKERS = new Set(['ints', 'structs', 'ptrs', 'kmem_cache']);

/** `export const __kts_storage = () => ({ a, b })` of structs, arrays, pools and tables. */
function storageExport(f: ts.NodeFactory, file: ts.SourceFile): ts.Statement {
	const made = (e: ts.Expression | undefined): boolean =>
		!!e &&
		(ts.isNewExpression(e) ||
			ts.isObjectLiteralExpression(e) ||
			(ts.isCallExpression(e) && MAKERS.has(e.expression.getText(file))));
	const names = file.statements
		.filter(ts.isVariableStatement)
		.flatMap((s) => [...s.declarationList.declarations])
		.flatMap((d) => (ts.isIdentifier(d.name) && made(d.initializer) ? [d.name.text] : []));
	const object = f.createObjectLiteralExpression(
		names.map((name) => f.createShorthandPropertyAssignment(name)),
	);
	const get = f.createArrowFunction(
		undefined,
		undefined,
		[],
		undefined,
		undefined,
		f.createParenthesizedExpression(object),
	);
	const declaration = f.createVariableDeclaration(HELPERS.storage, undefined, undefined, get);
	return f.createVariableStatement(
		[f.createModifier(SK.ExportKeyword)],
		f.createVariableDeclarationList([declaration], ts.NodeFlags.Const),
	);
}
