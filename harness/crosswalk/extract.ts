// SPDX-License-Identifier: GPL-2.0-only
/** Reads the functions of vfs/ from their sources, with the TypeScript parser. */
import path from 'node:path';
import { type FunctionDeclaration, Node, Project, type SourceFile } from 'ts-morph';
import { type Port, type PortFunction, portHash } from './port.ts';
import { localsOf, Reader } from './read-port.ts';

/** The constants of all files whose value depends on symbols. */
export function constantsOf(sources: readonly SourceFile[]): Map<string, Node> {
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
	const names = new Set<string>();
	for (const source of sources) {
		const file = path.posix.relative(base, source.getFilePath());
		const header = /\/\*\*[\s\S]*?\*\//.exec(source.getFullText());
		headers[file] = { comment: header?.[0] ?? '', line: 2 };
		const code = source.getFullText().replace(/\/\*[\s\S]*?\*\/|\/\/.*$|'[^'\n]*'/gm, ' ');
		for (const [word] of code.matchAll(/\b[A-Za-z_]\w*\b/g)) names.add(word);
		for (const f of source.getFunctions()) {
			const body = f.getBody();
			if (!body) continue;
			functions.push({
				name: f.getName() ?? '',
				file,
				line: f.getStartLineNumber(),
				exported: f.isExported(),
				...commentOf(f, header?.index ?? -1),
				items: new Reader(constants, f).read(body),
				locals: [...localsOf(f).keys()],
			});
		}
	}
	return { headers, functions, names: [...names].sort() };
}

/** The sources of the port under `root`. */
export function portSources(root: string): SourceFile[] {
	const project = new Project({ skipAddingFilesFromTsConfig: true, skipLoadingLibFiles: true });
	const pattern = [path.join(root, 'vfs/**/*.ts'), `!${path.join(root, 'vfs/**/*.test.ts')}`];
	const sources = project.addSourceFilesAtPaths(pattern);
	return sources.sort((a, b) => (a.getFilePath() < b.getFilePath() ? -1 : 1));
}

/** The port in the sources under `root`. */
export function readPort(root: string): Port {
	const sources = portSources(root);
	return { hash: portHash(root), ...readSources(sources, root) };
}
