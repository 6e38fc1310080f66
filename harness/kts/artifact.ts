// SPDX-License-Identifier: GPL-2.0-only
/**
 * Artifacts: made of a source tree once, and found again by the hash of what went in. Reading one
 * loads neither TypeScript nor esbuild.
 */
import { createHash } from 'node:crypto';
import {
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { Artifact } from '../engine/machine.ts';

/** Changes with the meaning of Artifact.code and meta. */
const FORMAT = 2;
const SOURCES = ['vfs', 'ogfs', 'harness/world', 'harness/properties', 'harness/kts'];
const KEPT = 16;
const ENTRIES = ['harness/world/index.ts'];

/** Lowers and bundles the sources under `root`. Throws LoweringError when they are refused. */
export async function buildArtifact(
	root: string,
	overrides: Record<string, string> = {},
	entries: string[] = ENTRIES,
): Promise<Artifact> {
	const { lower } = await import('./lower/index.ts');
	const { bundle } = await import('./direct/bundle.ts');
	const { code, meta, files } = lower({ root, entries, overrides });
	const direct = await bundle({ root, entries, overrides, files });
	return { format: FORMAT, hash: hashOf(root, entries, overrides), code, meta, direct };
}

/** The artifact of the sources as they are: shipped, cached, or made now. */
export async function loadArtifact(root: string, entries: string[] = ENTRIES): Promise<Artifact> {
	const hash = hashOf(root, entries);
	const cache = path.join(root, 'node_modules/.cache/vfshook', `${hash}.json`);
	for (const file of [path.join(root, 'dist/kernel.json'), cache]) {
		const found = readArtifact(file, hash);
		if (found) return found;
	}
	const made = await buildArtifact(root, {}, entries);
	try {
		saveArtifact(cache, made);
		prune(path.dirname(cache));
	} catch {
		// a tree that cannot be written to works, if slowly
	}
	return made;
}

/** Writes an artifact so that a reader sees all of it or nothing. */
export function saveArtifact(file: string, artifact: Artifact): void {
	mkdirSync(path.dirname(file), { recursive: true });
	const part = `${file}.${process.pid}`;
	writeFileSync(part, JSON.stringify({ sum: sumOf(artifact), artifact }));
	renameSync(part, file);
}

/** Keeps the newest of the cached files. */
function prune(dir: string): void {
	const age = (f: string): number => statSync(path.join(dir, f)).mtimeMs;
	const files = readdirSync(dir).sort((a, b) => age(b) - age(a));
	for (const f of files.slice(KEPT)) rmSync(path.join(dir, f), { force: true });
}

/** Reads what saveArtifact() wrote; undefined unless it is whole and of these sources. */
export function readArtifact(file: string, hash: string): Artifact | undefined {
	if (!existsSync(file)) return undefined;
	try {
		const { sum, artifact } = JSON.parse(readFileSync(file, 'utf8'));
		const right = artifact.format === FORMAT && artifact.hash === hash;
		return right && sum === sumOf(artifact) ? artifact : undefined;
	} catch {
		return undefined;
	}
}

function sumOf({ code, meta, direct }: Artifact): string {
	return sha256([code, JSON.stringify(meta), direct]);
}

/** Of every source file, and of what lowers them. */
export function hashOf(
	root: string,
	entries: string[] = ENTRIES,
	overrides: Record<string, string> = {},
): string {
	const texts = sourcesIn(root, SOURCES);
	for (const e of entries)
		if (existsSync(path.join(root, e))) texts.set(e, readFileSync(path.join(root, e), 'utf8'));
	for (const [f, t] of Object.entries(overrides)) texts.set(f, t);
	return sha256([String(FORMAT), ...entries, ...inOrder(texts)]);
}

/** Of the source files in some folders, tests left out. */
export function hashOfFolders(root: string, folders: string[]): string {
	return sha256(inOrder(sourcesIn(root, folders)));
}

function sourcesIn(root: string, folders: string[]): Map<string, string> {
	const texts = new Map<string, string>();
	for (const dir of folders) collect(root, dir, texts);
	return texts;
}
/** Names and texts in turn. */
function inOrder(texts: Map<string, string>): string[] {
	return [...texts].sort(([a], [b]) => (a < b ? -1 : 1)).flat();
}

function collect(root: string, dir: string, texts: Map<string, string>): void {
	const at = path.join(root, dir);
	if (!existsSync(at)) return;
	for (const e of readdirSync(at, { withFileTypes: true })) {
		const name = `${dir}/${e.name}`;
		const source = e.name.endsWith('.ts') && !e.name.endsWith('.test.ts');
		if (e.isDirectory() && e.name !== 'fixtures') collect(root, name, texts);
		else if (e.isFile() && source) texts.set(name, readFileSync(path.join(root, name), 'utf8'));
	}
}

function sha256(parts: string[]): string {
	const h = createHash('sha256');
	for (const p of parts) h.update(`${p.length}:`).update(p);
	return h.digest('hex');
}
