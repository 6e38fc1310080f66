// SPDX-License-Identifier: GPL-2.0-only
/**
 * Artifacts: made from a source tree once, and reused as long as no input has changed. Reading one
 * loads neither TypeScript nor esbuild.
 *
 * The inputs of an artifact (inputs.ts) decide whether it may be reused. Its hash is that of the
 * generated code: traces and checkpoints name it, and a changed comment changes no machine.
 */
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
import { areUnchanged, type Inputs, inputsOf, sha256, toolsHere } from './inputs.ts';
import type { Sources } from './lower/program.ts';

/** Changes with the meaning of Artifact.code and meta. */
const FORMAT = 3;
const KEPT = 16;
const ENTRIES = ['harness/world/index.ts'];

/** Lowers and bundles the sources under `root`. Throws LoweringError when they are refused. */
export async function buildArtifact(
	root: string,
	overrides: Record<string, string> = {},
	entries: string[] = ENTRIES,
	checked: Sources['checked'] = 'all',
): Promise<Artifact> {
	const { lower } = await import('./lower/index.ts');
	const { bundle } = await import('./direct/bundle.ts');
	const { code, meta, files, inputs } = lower({ root, entries, overrides, checked });
	// the same texts, since a file may be saved meanwhile
	const read = Object.fromEntries(inputs.texts);
	const direct = await bundle({ root, entries, overrides: read, files });
	const hash = hashOfCode(code, meta);
	return { format: FORMAT, hash, inputs: inputsOf(inputs), code, meta, direct };
}

/**
 * The same with something changed within functions, of a tree that compiles: TypeScript checks the
 * changed files alone, and spares 40% of the work.
 */
export function buildMutant(root: string, overrides: Record<string, string>): Promise<Artifact> {
	return buildArtifact(root, overrides, ENTRIES, 'overrides');
}

/** The artifact of the sources as they are: shipped, cached, or made now. */
export async function loadArtifact(root: string, entries: string[] = ENTRIES): Promise<Artifact> {
	const shipped = path.join(root, 'dist/kernel.json');
	const name = sha256([JSON.stringify([FORMAT, entries, toolsHere()])]);
	const cache = path.join(root, 'node_modules/.cache/vfshook', `${name}.json`);
	for (const file of isDefault(entries) ? [shipped, cache] : [cache]) {
		const found = readArtifact(file, root);
		if (found) return found;
	}
	const made = await buildArtifact(root, {}, entries);
	try {
		saveArtifact(cache, made);
		prune(path.dirname(cache));
	} catch {
		// without write access it works, but slowly
	}
	return made;
}

/**
 * The same with a cut wherever another processor could come in (cuts.ts): kept beside it, for as
 * long as the sources that it was made of are unchanged.
 */
export async function loadCutArtifact(root: string): Promise<Artifact> {
	const name = sha256([JSON.stringify([FORMAT, 'cuts', toolsHere()])]);
	const cache = path.join(root, 'node_modules/.cache/vfshook', `${name}.json`);
	const found = readArtifact(cache, root);
	if (found) return found;
	const { cutSources } = await import('./cuts.ts');
	const { inputs } = await loadArtifact(root);
	const made = { ...(await buildArtifact(root, cutSources(root))), inputs };
	try {
		saveArtifact(cache, made);
		prune(path.dirname(cache));
	} catch {
		// as above
	}
	return made;
}

const isDefault = (entries: string[]): boolean => entries.join() === ENTRIES.join();

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

/**
 * Reads what saveArtifact() wrote; undefined unless it is whole, and its inputs are those under
 * `root` now.
 */
export function readArtifact(file: string, root: string): Artifact | undefined {
	if (!existsSync(file)) return undefined;
	try {
		const { sum, artifact } = JSON.parse(readFileSync(file, 'utf8'));
		const right = artifact.format === FORMAT && areUnchanged(root, artifact.inputs as Inputs);
		return right && sum === sumOf(artifact) ? artifact : undefined;
	} catch {
		return undefined;
	}
}

function sumOf({ hash, inputs, code, meta, direct }: Artifact): string {
	return sha256([hash, JSON.stringify(inputs), code, JSON.stringify(meta), direct]);
}

/** Line numbers of the sources are not part of a machine. */
function hashOfCode(code: string, meta: unknown): string {
	const withoutLines = (key: string, value: unknown): unknown =>
		key === 'line' && typeof value === 'number' ? undefined : value;
	return sha256([String(FORMAT), code, JSON.stringify(meta, withoutLines)]);
}
