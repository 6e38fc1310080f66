// SPDX-License-Identifier: GPL-2.0-only
/**
 * The inputs of an artifact: the files that the lowering read, in any folder; files that it did not
 * find; the lowering itself; the versions of the compilers and of Node.
 *
 * Interface: Inputs inputsOf areUnchanged sha256 hashOfFolders
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ProgramInputs } from './lower/program.ts';
import { projectRoot } from './root.ts';

export interface Inputs {
	/** by path relative to the root: the hash of the text */
	files: Record<string, string>;
	/** files that would be read in place of others, if they existed */
	absent: string[];
	/** the hash of the sources that lower and bundle */
	lowering: string;
	/** by name: the version */
	tools: Record<string, string>;
}

/** The sources that lower and bundle. */
const LOWERING = ['harness/kts', 'harness/engine/machine.ts'];
const COMPILERS = ['typescript', 'ts-morph', 'esbuild'];

export function inputsOf({ texts, absent }: ProgramInputs): Inputs {
	const files = [...texts].map(([f, text]) => [f, hashOfText(text)] as const);
	return {
		files: Object.fromEntries(files.sort(([a], [b]) => (a < b ? -1 : 1))),
		absent,
		lowering: hashOfFolders(projectRoot(), LOWERING),
		tools: toolsHere(),
	};
}

/** Would the sources under `root` be lowered to the same again? */
export function areUnchanged(root: string, { files, absent, lowering, tools }: Inputs): boolean {
	const isAsBefore = ([f, hash]: [string, string]): boolean => hashOfFile(root, f) === hash;
	return (
		Object.entries(toolsHere()).every(([name, version]) => tools[name] === version) &&
		!absent.some((f) => existsSync(path.join(root, f))) &&
		Object.entries(files).every(isAsBefore) &&
		lowering === hashOfFolders(projectRoot(), LOWERING)
	);
}

/**
 * The versions that an artifact depends on. None if a compiler is missing, as beside an installed
 * package: nothing can be lowered there, and only the shipped artifact can be used.
 */
export function toolsHere(): Record<string, string> {
	const versions: Record<string, string> = { node: process.versions.node };
	for (const name of COMPILERS) {
		const version = versionOf(name);
		if (version === undefined) return {};
		versions[name] = version;
	}
	return versions;
}

/** As Node would find the package, without loading it. */
function versionOf(name: string): string | undefined {
	for (let dir = projectRoot(); ; dir = path.dirname(dir)) {
		const file = path.join(dir, 'node_modules', name, 'package.json');
		if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')).version;
		if (dir === path.dirname(dir)) return undefined;
	}
}

function hashOfFile(root: string, file: string): string | undefined {
	const at = path.join(root, file);
	return existsSync(at) ? hashOfText(readFileSync(at, 'utf8')) : undefined;
}

/** The compiler drops the mark that a file may begin with. */
function hashOfText(text: string): string {
	return sha256([text.replace(/^\uFEFF/, '')]);
}

/** The hash of the source files in some folders, and of single files, without tests. */
export function hashOfFolders(root: string, folders: string[]): string {
	const texts = new Map<string, string>();
	for (const name of folders) collect(root, name, texts);
	return sha256([...texts].sort(([a], [b]) => (a < b ? -1 : 1)).flat());
}

function collect(root: string, name: string, texts: Map<string, string>): void {
	const at = path.join(root, name);
	if (!existsSync(at)) return;
	if (name.endsWith('.ts')) {
		texts.set(name, readFileSync(at, 'utf8'));
		return;
	}
	for (const e of readdirSync(at, { withFileTypes: true })) {
		const isSource = e.name.endsWith('.ts') && !e.name.endsWith('.test.ts');
		const isFolder = e.isDirectory() && e.name !== 'fixtures';
		if (isFolder || (e.isFile() && isSource)) collect(root, `${name}/${e.name}`, texts);
	}
}

export function sha256(parts: string[]): string {
	const h = createHash('sha256');
	for (const p of parts) h.update(`${p.length}:`).update(p);
	return h.digest('hex');
}
