// SPDX-License-Identifier: GPL-2.0-only
/**
 * How the report comes to know what happened: from events, fields and the machine's constants. It
 * reads no text, and has no copies of what the kernels define.
 */
import { Node, SyntaxKind } from 'ts-morph';
import { type Finding, type Rule, sources, type Tree } from './structure.ts';

const REPORT = /^harness\/report\/(?!.*(\.test|\.fixture)\.ts$)/;
const KERNELS = /^(vfs|ogfs)\//;
/** Names of constants, of which the report has no copies. */
const CONSTANTS = /^_?(LM_ST|GLF|PG|PAGE|LIST)_[A-Za-z]+$/;
/**
 * Where lines are broken and words put together a text is looked at: as a text. The names of
 * classes of locks say which is taken second.
 */
const LAYOUT = ['layout.ts', 'prose.ts', 'explain.ts', 'splat.ts'];
const named = (files: readonly string[], file: string): boolean =>
	files.some((f) => file === `harness/report/${f}`);

/** No regular expression looks at a message, or at the text of a moment. */
export const reportReadsNoText: Rule = (tree) =>
	[...sources(tree, REPORT)].flatMap(([file, , source]) => {
		if (named(LAYOUT, file)) return [];
		const literals = source.getDescendantsOfKind(SyntaxKind.RegularExpressionLiteral);
		const made = source
			.getDescendantsOfKind(SyntaxKind.NewExpression)
			.filter((n) => n.getExpression().getText() === 'RegExp');
		return [...literals, ...made].map((n) => ({
			file,
			line: n.getStartLineNumber(),
			what: `${n.getText()} looks at a text`,
			fix: 'use an event, or a field of a moment',
		}));
	});

/** The kernels' constants and functions, as strings or numbers of the report's own. */
export const reportCopiesNothing: Rule = (tree) => {
	const { states, functions } = namesOfKernels(tree);
	return [...sources(tree, REPORT)].flatMap(([file, , source]) => {
		const found: Finding[] = [];
		source.forEachDescendant((n) => {
			const text = Node.isStringLiteral(n) ? n.getLiteralValue() : undefined;
			const copied =
				Node.isIdentifier(n) && CONSTANTS.test(n.getText()) && !isRead(n)
					? n.getText()
					: text !== undefined && (states.has(text) || functions.has(text))
						? text
						: undefined;
			if (copied !== undefined)
				found.push({
					file,
					line: n.getStartLineNumber(),
					what: `'${copied}' is a name of the kernels`,
					fix: 'read it from machine.constants, or use an event',
				});
		});
		return found;
	});
};

/** `constants.NAME`, or NAME taken out of constants. */
function isRead(n: Node): boolean {
	const parent = n.getParent();
	if (Node.isPropertyAccessExpression(parent)) return parent.getNameNode() === n;
	const declaration = n.getFirstAncestorByKind(SyntaxKind.VariableDeclaration);
	const from = declaration?.getInitializer()?.getText() ?? '';
	if (from.endsWith('onstants')) return true;
	// where it was taken out, it may be used
	const text = n.getText();
	return n
		.getSourceFile()
		.getDescendantsOfKind(SyntaxKind.BindingElement)
		.some((b) => b.getName() === text);
}

/** Of the states of locks and the flags of glocks the ends of their names; functions of a file. */
function namesOfKernels(tree: Tree): { states: Set<string>; functions: Set<string> } {
	const states = new Set<string>();
	const functions = new Set<string>();
	for (const [, , source] of sources(tree, KERNELS)) {
		for (const f of source.getFunctions()) {
			const name = f.getName() ?? '';
			// a word of English may be the name of a function
			if (name.includes('_')) functions.add(name);
		}
		for (const v of source.getVariableDeclarations()) {
			const tail = /^(?:LM_ST|GLF)_(\w+)$/.exec(v.getName())?.[1];
			if (tail) states.add(tail);
		}
	}
	return { states, functions };
}
