// SPDX-License-Identifier: GPL-2.0-only
/**
 * Rules over the files of harness/ and what they import: no file imports itself by way of others,
 * nothing is exported for nothing, nothing stands among the program that only tests need, and
 * private members are written one way. house.test.ts runs each, and breaks each.
 *
 * Interface: fileCircles deadExports testOnlyFiles privateMembers
 */
import { Node, SyntaxKind } from 'ts-morph';
import { type Finding, importsOf, isTest, type Rule, sources, type Tree } from './structure.ts';

/**
 * Files that import one another because what they do is recursive. vfs/ and ogfs/ are not looked
 * at: there a file calls another and is called by it, as in C.
 */
const RECURSIVE: readonly ReadonlySet<string>[] = [
	// an expression has a place, a call, an event and an assignment in it, and each of those
	// expressions
	new Set(
		['assignment', 'call', 'event', 'expression', 'place'].map(
			(name) => `harness/kts/lower/${name}.ts`,
		),
	),
	// the kind of a parameter may be an operations table, whose members have parameters, and whose
	// entries depend on constants
	new Set(
		['constants', 'exports', 'kinds', 'operations'].map((name) => `harness/kts/lower/${name}.ts`),
	),
];

interface Arrow {
	to: string;
	line: number;
}

/** What each file imports that is there when the program runs. */
function arrowsOf(tree: Tree): Map<string, Arrow[]> {
	const arrows = new Map<string, Arrow[]>();
	for (const [file, , source] of sources(tree, /^harness\//))
		if (!isTest(file))
			arrows.set(
				file,
				importsOf(file, source).filter(({ types, started }) => !types && !started),
			);
	return arrows;
}

function reachedFrom(arrows: ReadonlyMap<string, readonly Arrow[]>, roots: readonly string[]) {
	const reached = new Set(roots);
	for (const file of reached) for (const { to } of arrows.get(file) ?? []) reached.add(to);
	return reached;
}

export const fileCircles: Rule = (tree) => {
	const arrows = arrowsOf(tree);
	const together = (a: string, b: string) => RECURSIVE.some((set) => set.has(a) && set.has(b));
	return [...arrows].flatMap(([file, targets]) =>
		targets
			.filter(({ to }) => !together(file, to) && reachedFrom(arrows, [to]).has(file))
			.map(({ to, line }) => ({
				file,
				line,
				what: `imports ${to}, which comes back to it`,
				fix: 'move what both need below both',
			})),
	);
};

/** What is started, or lowered, by its name. */
const ROOTS = [
	'harness/bench/bench.ts',
	'harness/bench/twin/twin.ts',
	'harness/cli/build.ts',
	'harness/cli/vfshook.ts',
	'harness/conform/worker.ts',
	'harness/crosswalk/measure-run.ts',
	'harness/fuzz/nightly.ts',
	'harness/index.ts',
	'harness/world/index.ts',
	'harness/world/lm_clients.ts',
];

/** Where the tests have what they need. */
const TESTING = /^harness\/testing\//;

export const testOnlyFiles: Rule = (tree) => {
	const all = new Map<string, Arrow[]>();
	for (const [file, , source] of sources(tree, /^harness\//))
		if (!isTest(file)) all.set(file, importsOf(file, source));
	const reached = reachedFrom(all, ROOTS);
	return [...all.keys()]
		.filter((file) => !reached.has(file) && !TESTING.test(file))
		.map((file) => ({
			file,
			line: 1,
			what: 'is reached by tests at most',
			fix: 'move it to harness/testing/, name it among the ROOTS, or remove it',
		}));
};

/** Files whose exports are found by their names: by the lowering, or by users of the package. */
const BY_NAME = new Set([
	'harness/bench/twin/twin.ts',
	'harness/index.ts',
	'harness/kts/prelude.ts',
]);

/** Code that is lowered: its globals are found by their names. */
const LOWERED = /^harness\/(world|properties)\//;

function exportedValues(tree: Tree): { file: string; name: string; line: number }[] {
	return [...sources(tree, /^harness\//)].flatMap(([file, , source]) => {
		if (isTest(file) || BY_NAME.has(file) || LOWERED.test(file)) return [];
		const at = (node: Node, name = '') => ({ file, name, line: node.getStartLineNumber() });
		return source.getStatements().flatMap((s) => {
			if (!Node.isExportable(s) || !s.isExported()) return [];
			if (Node.isVariableStatement(s)) return s.getDeclarations().map((d) => at(d, d.getName()));
			const named = Node.isFunctionDeclaration(s) || Node.isClassDeclaration(s);
			return named ? [at(s, s.getName())] : [];
		});
	});
}

export const deadExports: Rule = (tree) => {
	const used = new Set<string>();
	for (const [file, , source] of sources(tree, /^(harness|vfs|ogfs)\//))
		for (const { to, names } of importsOf(file, source))
			for (const name of names ?? ['*']) used.add(`${to} ${name}`);
	return exportedValues(tree)
		.filter(({ file, name }) => !used.has(`${file} ${name}`) && !used.has(`${file} *`))
		.map(({ file, name, line }) => ({
			file,
			line,
			what: `exports ${name}, which no other file imports`,
			fix: 'take "export" away, or the code',
		}));
};

export const privateMembers: Rule = (tree) =>
	[...sources(tree, /^harness\//)].flatMap(([file, , source]): Finding[] =>
		source
			.getDescendantsOfKind(SyntaxKind.PrivateKeyword)
			// there is no other way to write a constructor that is private
			.filter((node) => !Node.isConstructorDeclaration(node.getParent()))
			.map((node) => ({
				file,
				line: node.getStartLineNumber(),
				what: 'has a private member that others can reach when the program runs',
				fix: 'write #name',
			})),
	);
